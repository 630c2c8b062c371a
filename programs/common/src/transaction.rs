//! The transaction that an instruction is part of, by the instructions sysvar.

use {
    crate::{
        AccountView,
        account::{self, Ref},
        guard,
    },
    joule_interface::{Address, Fault},
    pinocchio::sysvars::instructions::{INSTRUCTIONS_ID, Instructions, IntrospectedInstruction},
};

/// The instructions of the transaction itself: those that programs call are not among them.
pub struct Transaction<'a>(Instructions<Ref<'a, [u8]>>);

/// One of them.
pub struct Sent<'a>(IntrospectedInstruction<'a>);

impl<'a> Transaction<'a> {
    /// From the instructions sysvar.
    #[inline(always)]
    pub fn of(instructions_sysvar: &'a AccountView) -> Result<Self, Fault> {
        guard::address(instructions_sysvar, &INSTRUCTIONS_ID)?;
        Instructions::try_from(instructions_sysvar).map(Self).map_err(|_| Fault::DuplicateAccount)
    }

    /// The instruction behind the one that runs, if there is one.
    #[inline(always)]
    pub fn next(&self) -> Option<Sent<'_>> {
        self.0.get_instruction_relative(1).ok().map(Sent)
    }
}

impl Sent<'_> {
    /// Its program.
    #[inline(always)]
    pub fn program(&self) -> &Address {
        self.0.get_program_id()
    }

    /// Its data.
    #[inline(always)]
    pub fn data(&self) -> &[u8] {
        self.0.get_instruction_data()
    }

    /// It names this account at a place.
    #[inline(always)]
    pub fn names(&self, place: usize, address: &Address) -> bool {
        self.0.get_instruction_account_at(place).is_ok_and(|account| guard::eq(&account.key, address))
    }
}

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
