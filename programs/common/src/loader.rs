//! Whether the code of a program can change.

use {
    crate::{AccountView, guard},
    joule_interface::{Address, Fault},
};

/// Loader of programs that nobody can change.
const LOADER_2: Address = Address::from_str_const("BPFLoader2111111111111111111111111111111111");
/// Loader of programs that an upgrade authority can change, until it is given up.
const UPGRADEABLE: Address = Address::from_str_const("BPFLoaderUpgradeab1e11111111111111111111111");
/// Kinds of that loader's accounts, their first four bytes.
const PROGRAM: u32 = 2;
const PROGRAM_DATA: u32 = 3;
/// What ProgramData says behind its slot if there is no upgrade authority.
const NO_AUTHORITY: u8 = 0;

/// The slot in which the program's code, which nobody can change any more, was deployed last, by its ProgramData account; zero if its
/// loader never changes any. `None` if the code is gone, if it has an upgrade authority, or if the loader is not one of these two.
/// Code with an authority changes at anyone's word: the loader extends it, as of the present slot, without the authority's signature.
pub fn deployed_at(program: &AccountView, data: &AccountView) -> Result<Option<u64>, Fault> {
    if guard::eq(program.owner(), &LOADER_2) {
        return Ok(Some(0));
    }
    if !guard::eq(program.owner(), &UPGRADEABLE) {
        return Ok(None);
    }
    let bytes = program.try_borrow().map_err(|_| Fault::DuplicateAccount)?;
    let Some((kind, rest)) = bytes.split_first_chunk::<4>() else { return Ok(None) };
    let Some(named) = rest.first_chunk::<32>().filter(|_| u32::from_le_bytes(*kind) == PROGRAM) else {
        return Ok(None);
    };
    guard::address(data, &Address::new_from_array(*named))?;
    if !guard::eq(data.owner(), &UPGRADEABLE) {
        return Ok(None);
    }
    let bytes = data.try_borrow().map_err(|_| Fault::DuplicateAccount)?;
    let Some((kind, rest)) = bytes.split_first_chunk::<4>() else { return Ok(None) };
    let Some((slot, rest)) = rest.split_first_chunk::<8>() else { return Ok(None) };
    let is_final = u32::from_le_bytes(*kind) == PROGRAM_DATA && rest.first() == Some(&NO_AUTHORITY);
    Ok(is_final.then(|| u64::from_le_bytes(*slot)))
}
