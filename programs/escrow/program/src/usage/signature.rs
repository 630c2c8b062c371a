//! Which voucher an instruction of the transaction verifies. If its signature is wrong, the transaction fails as a whole; here is checked
//! that it is that signature, of that key, over that voucher. `voucher` in the interface says how the instruction is laid out.

use {
    crate::Result,
    joule_common::{AccountView, guard, transaction},
    joule_escrow_interface::{
        EscrowError,
        state::{Voucher, scheme},
        voucher::{ED25519_PROGRAM, OFFSETS, SECP256R1_PROGRAM, SIGNATURE, START, key_size},
    },
    joule_interface::Address,
};

/// A voucher whose signature was verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signed<'a> {
    /// Whose signature.
    pub key: &'a [u8; 32],
    /// One of [`scheme`].
    pub scheme: u8,
    /// What was signed.
    pub voucher: &'a Voucher,
}

/// The voucher whose signature is the `number`th of the transaction's instruction `index`.
#[inline(always)]
pub fn read(sysvar: &AccountView, index: u8, number: u8) -> Result<Signed<'_>> {
    let found = transaction::instruction(sysvar, index)?;
    found.and_then(|sent| parse(sent.program, sent.data, index, number)).ok_or(EscrowError::NotVerifiedHere)
}

/// Takes an instruction of a program that verifies signatures apart; `None` if it is of another program, or lies otherwise than it should.
/// The parts of a signature are looked for nowhere: they are at their place in this instruction, or it is not taken.
#[inline(always)]
pub fn parse<'a>(program: &Address, data: &'a [u8], index: u8, number: u8) -> Option<Signed<'a>> {
    let is_ed25519 = guard::eq(program, &ED25519_PROGRAM);
    if !is_ed25519 && !guard::eq(program, &SECP256R1_PROGRAM) {
        return None;
    }
    let key_size = key_size(is_ed25519);
    let size = key_size + SIGNATURE + size_of::<Voucher>();
    let (count, number) = (*data.first()? as usize, number as usize);
    if number >= count || data.len() != START + (OFFSETS + size) * count {
        return None;
    }
    let place = START + OFFSETS * count + size * number;
    let (offsets, _) = data.get(START + OFFSETS * number..)?.split_first_chunk::<OFFSETS>()?;
    let offset = |of: usize| u16::from_le_bytes([offsets[2 * of], offsets[2 * of + 1]]) as usize;
    let is_here = |of: usize| offset(of) == u16::MAX as usize || offset(of) == index as usize;
    let is_laid_out = offset(0) == place + key_size
        && offset(2) == place
        && offset(4) == place + key_size + SIGNATURE
        && offset(5) == size_of::<Voucher>();
    if !(is_laid_out && is_here(1) && is_here(3) && is_here(6)) {
        return None;
    }
    let (key, message) = data.get(place..place + size)?.split_at_checked(key_size)?;
    let (&kind, key) = if is_ed25519 { (&scheme::ED25519, key) } else { key.split_first()? };
    let message = message.get(SIGNATURE..)?;
    Some(Signed { key: key.try_into().ok()?, scheme: kind, voucher: bytemuck::try_from_bytes(message).ok()? })
}
