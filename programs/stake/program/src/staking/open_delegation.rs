use {
    crate::Result,
    joule_common::{AccountView, account, guard},
    joule_interface::Fault,
    joule_math::Bps,
    joule_stake_interface::{
        instruction::OpenDelegation,
        pda,
        state::{Delegation, Provider},
    },
};

/// See [`OpenDelegation`].
#[inline(never)]
pub fn open_delegation(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = OpenDelegation::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    let provider = account::keep_mut::<Provider>(a.provider)?;

    let seeds = pda::delegation::seeds(a.provider.address(), a.owner.address());
    let mut delegation = account::create::<Delegation>(a.payer, a.delegation, &seeds)?;
    delegation.provider = *a.provider.address();
    delegation.owner = *a.owner.address();
    delegation.payer = *a.payer.address();
    delegation.ticket_count = provider.ticket_base;
    delegation.multiplier = Bps::WHOLE;
    provider.delegation_count = provider.delegation_count.checked_add(1).ok_or(Fault::Overflow)?;
    Ok(())
}
