//! Calls to the System program.

use {
    crate::{AccountView, Signer},
    joule_interface::{Access, Address, Fault, SYSTEM_PROGRAM, call},
};

macro_rules! call_system {
    ($data:expr, $signers:expr, [$($view:expr => $access:expr),*]) => {
        call!(&SYSTEM_PROGRAM, $data, $signers, [$($view => $access),*]).map_err(|_| Fault::CallFailed)
    };
}

/// Creates an account of `size` zero bytes, owned by `owner`, and makes it rent-exempt out of `payer`'s lamports.
///
/// Lamports that someone sent to the address before do not stop it: then it is funded, allocated and assigned in three
/// steps, which is what creation does in one.
pub fn create_account(
    payer: &AccountView,
    account: &AccountView,
    owner: &Address,
    size: usize,
    signers: &[Signer],
) -> Result<(), Fault> {
    // Since SIMD-0194 the sysvar's first word is all of it, and no fraction comes in.
    let rent = crate::account::rent(size)?;
    let mut data = [0; 52];
    data[4..12].copy_from_slice(&rent.to_le_bytes());
    data[12..20].copy_from_slice(&(size as u64).to_le_bytes());
    data[20..].copy_from_slice(owner.as_ref());
    if account.lamports() == 0 {
        return call_system!(&data, signers, [payer => Access::SIGN_AND_WRITE, account => Access::SIGN_AND_WRITE]);
    }
    let missing = rent.saturating_sub(account.lamports());
    if missing > 0 {
        transfer(payer, account, missing)?;
    }
    const ALLOCATE: u8 = 8;
    const ASSIGN: u8 = 1;
    let allocate = with_tag::<12>(ALLOCATE, &(size as u64).to_le_bytes());
    call_system!(&allocate, signers, [account => Access::SIGN_AND_WRITE])?;
    call_system!(&with_tag::<36>(ASSIGN, owner.as_ref()), signers, [account => Access::SIGN_AND_WRITE])
}

/// Moves lamports from an account that signed.
pub fn transfer(from: &AccountView, to: &AccountView, lamports: u64) -> Result<(), Fault> {
    const TRANSFER: u8 = 2;
    let data = with_tag::<12>(TRANSFER, &lamports.to_le_bytes());
    call_system!(&data, &[], [from => Access::SIGN_AND_WRITE, to => Access::WRITE])
}

/// A 32-bit little-endian tag, then `arguments`.
fn with_tag<const LEN: usize>(tag: u8, arguments: &[u8]) -> [u8; LEN] {
    let mut data = [0; LEN];
    data[0] = tag;
    data[4..].copy_from_slice(arguments);
    data
}
