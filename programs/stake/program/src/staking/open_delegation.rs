use {
    crate::{Result, staking::create_delegation},
    joule_common::{AccountView, account, guard},
    joule_stake_interface::{instruction::OpenDelegation, state::Provider},
};

/// See [`OpenDelegation`].
#[inline(never)]
pub fn open_delegation(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = OpenDelegation::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    let provider = account::keep_mut::<Provider>(a.provider)?;

    create_delegation(a.payer, a.delegation, provider, a.provider, a.owner.address())?;
    Ok(())
}
