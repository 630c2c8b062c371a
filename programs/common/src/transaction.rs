//! What else is in the transaction.

use {
    crate::{AccountView, account, guard},
    joule_interface::{Address, Fault},
    pinocchio::sysvars::instructions::INSTRUCTIONS_ID,
};

/// Program and data of the transaction's instruction `index`, by the instructions sysvar; `None` if it has fewer.
///
/// The sysvar: how many instructions there are; where each begins; and of each its accounts (how many, 33 bytes each), its program, and
/// its data (how many bytes, the bytes). Numbers have two bytes.
#[inline(always)]
pub fn instruction(sysvar: &AccountView, index: u8) -> Result<Option<(&Address, &[u8])>, Fault> {
    guard::address(sysvar, &INSTRUCTIONS_ID)?;
    Ok(find(account::keep_bytes(sysvar)?, index as usize))
}

#[inline(always)]
fn find(data: &[u8], index: usize) -> Option<(&Address, &[u8])> {
    let number = |at: usize| Some(u16::from_le_bytes(*data.get(at..)?.first_chunk()?) as usize);
    if index >= number(0)? {
        return None;
    }
    let accounts = number(2 + 2 * index)?;
    let program = accounts + 2 + 33 * number(accounts)?;
    let (address, rest) = data.get(program..)?.split_first_chunk::<32>()?;
    let (length, rest) = rest.split_first_chunk()?;
    Some((bytemuck::cast_ref(address), rest.get(..u16::from_le_bytes(*length) as usize)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_are_found_and_nothing_is_read_beyond_them() {
        let program = [7; 32];
        let first = [&[1, 0][..], &[0; 33], &program, &[2, 0], &[8, 9]].concat();
        let second = [&[0, 0][..], &program, &[0, 0]].concat();
        let ends = [6, 6 + first.len() as u16];
        let head: Vec<u8> = [2, ends[0], ends[1]].iter().flat_map(|number| number.to_le_bytes()).collect();
        let whole = [head, first, second].concat();
        let program = Address::new_from_array(program);
        assert_eq!(find(&whole, 0), Some((&program, &[8, 9][..])));
        assert_eq!(find(&whole, 1), Some((&program, &[][..])));
        assert_eq!(find(&whole, 2), None);
        for length in 0..whole.len() {
            assert_eq!(find(&whole[..length], 1), None, "{length} bytes");
        }
    }
}
