//! Vouchers: what a client signs for the units that it used, and the instruction that verifies its signatures.
//!
//! The programs that verify signatures tell no other program what they verified: a transaction with a wrong one fails as a whole. So
//! [`RedeemVoucher`](crate::instruction::RedeemVoucher) reads the instruction itself, and takes only one that
//! [`verify_instruction`] could have made: each signature's key, signature and message stand in that very instruction, each at
//! its place. (Instead of `0xFFFF`, "this instruction", its index in the transaction may stand.)
//!
//! ```text
//! byte 0      number of signatures, n
//! byte 1      zero
//! 14 each     where its parts are: seven u16
//! each        public key (32 bytes; secp256r1: 33), signature (64), voucher (136)
//! ```

pub use crate::state::Voucher;

use {
    crate::state::{Job, scheme},
    alloc::{vec, vec::Vec},
    joule_interface::{Address, Instruction, bytemuck},
};

/// First bytes of a voucher.
pub const DOMAIN: [u8; 16] = *b"joule voucher 1\0";
/// The program that verifies Ed25519.
pub const ED25519_PROGRAM: Address = Address::from_str_const("Ed25519SigVerify111111111111111111111111111");
/// The program that verifies secp256r1. It refuses the higher of the two `s` with which a signature is valid.
pub const SECP256R1_PROGRAM: Address = Address::from_str_const("Secp256r1SigVerify1111111111111111111111111");
/// Bytes of a signature, of either scheme.
pub const SIGNATURE: usize = 64;
/// Bytes that say where a signature's parts are.
pub const OFFSETS: usize = 14;
/// Bytes before those.
pub const START: usize = 2;

impl Voucher {
    /// The voucher for `units` of a job that has a provider.
    #[inline]
    pub fn of(address: &Address, job: &Job, units: u64) -> Self {
        let (chain, posting_id, provider) = (job.chain, job.posting_id, job.provider);
        Self { domain: DOMAIN, program: crate::ID, chain, job: *address, posting_id, provider, units }
    }

    /// The bytes to sign.
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        bytemuck::bytes_of(self)
    }
}

/// A voucher with its signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedVoucher {
    /// The session key: one of [`scheme`].
    pub scheme: u8,
    /// The session key; of secp256r1, without its first byte.
    pub key: [u8; 32],
    /// Over the voucher's bytes; of secp256r1, `r` and the lower `s`, big-endian.
    pub signature: [u8; 64],
    /// The voucher.
    pub voucher: Voucher,
}

/// Bytes of a public key where its signature is verified.
#[inline(always)]
pub const fn key_size(program_is_ed25519: bool) -> usize {
    if program_is_ed25519 { 32 } else { 33 }
}

/// What verifies the signatures of vouchers, all of one scheme: of Ed25519 as many as fit the transaction, of secp256r1
/// the runtime takes eight at most. Put it into the transaction that redeems them.
pub fn verify_instruction(vouchers: &[SignedVoucher]) -> Instruction {
    let is_ed25519 = vouchers.first().is_none_or(|first| first.scheme == scheme::ED25519);
    let key_size = key_size(is_ed25519);
    let mut data = vec![vouchers.len() as u8, 0];
    let mut place = START + OFFSETS * vouchers.len();
    for _ in vouchers {
        let (signature, message) = (place + key_size, place + key_size + SIGNATURE);
        let size = size_of::<Voucher>();
        let here = u16::MAX as usize;
        let offsets = [signature, here, place, here, message, size, here];
        data.extend(offsets.iter().flat_map(|offset| (*offset as u16).to_le_bytes()));
        place = message + size;
    }
    for signed in vouchers {
        if !is_ed25519 {
            data.push(signed.scheme);
        }
        data.extend_from_slice(&signed.key);
        data.extend_from_slice(&signed.signature);
        data.extend_from_slice(signed.voucher.bytes());
    }
    let program_id = if is_ed25519 { ED25519_PROGRAM } else { SECP256R1_PROGRAM };
    Instruction { program_id, accounts: Vec::new(), data }
}
