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

/// In the place of an index: this very instruction.
const HERE: usize = u16::MAX as usize;

/// What says where a signature's parts are, as two words.
#[inline(always)]
fn read_words(offsets: &[u8; OFFSETS]) -> [u64; 2] {
    let word = |at: usize| u64::from_le(bytemuck::pod_read_unaligned(&offsets[at..at + 8]));
    [word(0), word(OFFSETS - 8)]
}

/// The same of these numbers, each of which fits.
#[inline(always)]
fn words([a, b, c, d, e, f, g]: [usize; 7]) -> [u64; 2] {
    let word = |[a, b, c, d]: [usize; 4]| (a | b << 16 | c << 32 | d << 48) as u64;
    [word([a, b, c, d]), word([d, e, f, g])]
}

/// The same offsets, with [`HERE`] where the instruction is named by its index.
#[cold]
#[inline(never)]
fn by_index(offsets: &[u8; OFFSETS], index: u8) -> [u8; OFFSETS] {
    let mut offsets = *offsets;
    for place in [1, 3, 6] {
        if offsets[2 * place..][..2] == [index, 0] {
            offsets[2 * place..][..2].copy_from_slice(&[0xff; 2]);
        }
    }
    offsets
}

/// Takes an instruction of a program that verifies signatures apart; `None` if it is of another program, or lies otherwise than it should.
/// The parts of a signature are looked for nowhere: they are at their place in this instruction, or it is not taken.
#[inline(always)]
pub fn parse<'a>(program: &Address, data: &'a [u8], index: u8, number: u8) -> Option<Signed<'a>> {
    if guard::eq(program, &ED25519_PROGRAM) {
        let (key, voucher) = parse_with::<{ key_size(true) }>(data, index, number)?;
        return Some(Signed { key, scheme: scheme::ED25519, voucher });
    }
    if guard::eq(program, &SECP256R1_PROGRAM) { parse_secp256r1(data, index, number) } else { None }
}

#[inline(never)]
fn parse_secp256r1(data: &[u8], index: u8, number: u8) -> Option<Signed<'_>> {
    let (key, voucher) = parse_with::<{ key_size(false) }>(data, index, number)?;
    let (&scheme, key) = key.split_first()?;
    Some(Signed { key: key.try_into().ok()?, scheme, voucher })
}

/// The key and the voucher of the `number`th signature, with keys of so many bytes.
#[inline(always)]
fn parse_with<const KEY: usize>(data: &[u8], index: u8, number: u8) -> Option<(&[u8; KEY], &Voucher)> {
    let size = KEY + SIGNATURE + size_of::<Voucher>();
    let (count, number) = (*data.first()? as usize, number as usize);
    if number >= count || data.len() != START + (OFFSETS + size) * count {
        return None;
    }
    let place = START + OFFSETS * count + size * number;
    let offsets = data.get(START + OFFSETS * number..)?.first_chunk()?;
    let (signature, message) = (place + KEY, place + KEY + SIGNATURE);
    let expected = words([signature, HERE, place, HERE, message, size_of::<Voucher>(), HERE]);
    if read_words(offsets) != expected && read_words(&by_index(offsets, index)) != expected {
        return None;
    }
    let parts = data.get(place..)?.get(..size)?;
    Some((parts.first_chunk()?, bytemuck::try_from_bytes(&parts[KEY + SIGNATURE..]).ok()?))
}
