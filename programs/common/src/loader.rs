//! Whether the code of a program can have changed.

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

/// The slot in which the program's code was deployed last, by its ProgramData account; zero if no loader can change it. `None` if the code
/// is gone, or the loader is not one of these two. An upgrade is later than the slot of the code that it replaces: the loader refuses a
/// second one in the same slot.
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
    let slot = rest.first_chunk::<8>().filter(|_| u32::from_le_bytes(*kind) == PROGRAM_DATA);
    Ok(slot.map(|slot| u64::from_le_bytes(*slot)))
}
