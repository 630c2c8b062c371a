//! Calls to the System program.

use {
    crate::{AccountView, Signer},
    joule_interface::{Address, Fault, SYSTEM_PROGRAM},
    pinocchio::{
        cpi::invoke_signed,
        instruction::{InstructionAccount, InstructionView},
    },
    solana_program::{rent::Rent, sysvar::Sysvar},
};

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
    let rent = Rent::get().map_err(|_| Fault::CallFailed)?.minimum_balance(size);
    let mut data = [0; 52];
    data[4..12].copy_from_slice(&rent.to_le_bytes());
    data[12..20].copy_from_slice(&(size as u64).to_le_bytes());
    data[20..].copy_from_slice(owner.as_ref());
    let (account_key, payer_key) = (account.address(), payer.address());
    if account.lamports() == 0 {
        return call(
            &data,
            &[InstructionAccount::writable_signer(payer_key), InstructionAccount::writable_signer(account_key)],
            &[payer, account],
            signers,
        );
    }
    let missing = rent.saturating_sub(account.lamports());
    if missing > 0 {
        transfer(payer, account, missing)?;
    }
    const ALLOCATE: u8 = 8;
    const ASSIGN: u8 = 1;
    let created = InstructionAccount::writable_signer(account_key);
    call(
        &with_tag::<12>(ALLOCATE, &(size as u64).to_le_bytes()),
        core::slice::from_ref(&created),
        &[account],
        signers,
    )?;
    call(&with_tag::<36>(ASSIGN, owner.as_ref()), core::slice::from_ref(&created), &[account], signers)
}

/// Moves lamports from an account that signed.
pub fn transfer(from: &AccountView, to: &AccountView, lamports: u64) -> Result<(), Fault> {
    const TRANSFER: u8 = 2;
    call(
        &with_tag::<12>(TRANSFER, &lamports.to_le_bytes()),
        &[InstructionAccount::writable_signer(from.address()), InstructionAccount::writable(to.address())],
        &[from, to],
        &[],
    )
}

/// A 32-bit little-endian tag, then `arguments`.
fn with_tag<const LEN: usize>(tag: u8, arguments: &[u8]) -> [u8; LEN] {
    let mut data = [0; LEN];
    data[0] = tag;
    data[4..].copy_from_slice(arguments);
    data
}

#[inline(always)]
fn call<const N: usize>(
    data: &[u8],
    accounts: &[InstructionAccount],
    views: &[&AccountView; N],
    signers: &[Signer],
) -> Result<(), Fault> {
    invoke_signed(&InstructionView { program_id: &SYSTEM_PROGRAM, accounts, data }, views, signers)
        .map_err(|_| Fault::CallFailed)
}
