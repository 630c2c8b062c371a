//! The transaction that an instruction is part of, by the instructions sysvar.

use {
    crate::{AccountView, account, guard},
    joule_interface::{Address, Fault, INSTRUCTIONS_SYSVAR},
};

/// One of the transaction's instructions: those that programs call are not among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent<'a> {
    /// Its program.
    pub program: &'a Address,
    /// Its data.
    pub data: &'a [u8],
    /// Its accounts, [`ACCOUNT`] bytes each: flags, address.
    accounts: &'a [u8],
}

const ACCOUNT: usize = 1 + 32;

impl Sent<'_> {
    /// How many accounts it has.
    #[inline(always)]
    pub fn count(&self) -> usize {
        self.accounts.len() / ACCOUNT
    }

    /// It names this account at a place.
    #[inline(always)]
    pub fn names(&self, place: usize, address: &Address) -> bool {
        let account = self.accounts.chunks_exact(ACCOUNT).nth(place).and_then(|account| account.last_chunk::<32>());
        account.is_some_and(|account| guard::eq(bytemuck::cast_ref(account), address))
    }
}

/// The instruction behind the one that runs, if there is one, by the instructions sysvar.
#[inline(always)]
pub fn next(sysvar: &AccountView) -> Result<Option<Sent<'_>>, Fault> {
    let data = read(sysvar)?;
    let running = data.last_chunk().map(|last| u16::from_le_bytes(*last) as usize);
    Ok(running.and_then(|running| find(data, running + 1)))
}

/// The transaction's instruction `index`, by the instructions sysvar; `None` if it has fewer.
#[inline(always)]
pub fn instruction(sysvar: &AccountView, index: u8) -> Result<Option<Sent<'_>>, Fault> {
    Ok(find(read(sysvar)?, index as usize))
}

#[inline(always)]
fn read(sysvar: &AccountView) -> Result<&[u8], Fault> {
    guard::address(sysvar, &INSTRUCTIONS_SYSVAR)?;
    account::keep_bytes(sysvar)
}

/// The sysvar: how many instructions there are; where each begins; of each its accounts (how many, [`ACCOUNT`] bytes each), its
/// program, and its data (how many bytes, the bytes); and last, which of them runs. Numbers have two bytes.
#[inline(always)]
fn find(data: &[u8], index: usize) -> Option<Sent<'_>> {
    let number = |at: usize| Some(u16::from_le_bytes(*data.get(at..)?.first_chunk()?) as usize);
    if index >= number(0)? {
        return None;
    }
    let start = number(2 + 2 * index)?;
    let (accounts, rest) = data.get(start + 2..)?.split_at_checked(ACCOUNT * number(start)?)?;
    let (address, rest) = rest.split_first_chunk::<32>()?;
    let (length, rest) = rest.split_first_chunk()?;
    let data = rest.get(..u16::from_le_bytes(*length) as usize)?;
    Some(Sent { program: bytemuck::cast_ref(address), data, accounts })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_are_found_and_nothing_is_read_beyond_them() {
        let [program, one, two] = [7, 1, 2].map(|byte| Address::new_from_array([byte; 32]));
        let accounts = [&[3][..], one.as_array(), &[0], two.as_array()].concat();
        let first = [&[2, 0][..], &accounts, program.as_array(), &[2, 0], &[8, 9]].concat();
        let second = [&[0, 0][..], program.as_array(), &[0, 0]].concat();
        let ends = [6, 6 + first.len() as u16];
        let head: Vec<u8> = [2, ends[0], ends[1]].iter().flat_map(|number| number.to_le_bytes()).collect();
        let whole = [head, first, second].concat();
        let found = find(&whole, 0).unwrap();
        assert_eq!((found.program, found.data), (&program, &[8, 9][..]));
        let names = |place, address| found.names(place, address);
        assert_eq!(found.count(), 2);
        assert_eq!([names(0, &one), names(1, &two), names(1, &one), names(2, &two)], [true, true, false, false]);
        assert_eq!(find(&whole, 1), Some(Sent { program: &program, data: &[], accounts: &[] }));
        assert_eq!(find(&whole, 2), None);
        for length in 0..whole.len() {
            assert_eq!(find(&whole[..length], 1), None, "{length} bytes");
        }
    }
}
