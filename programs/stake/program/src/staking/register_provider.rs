use {
    crate::Result,
    joule_common::{AccountView, account, event, guard, guard::require},
    joule_stake_interface::{
        StakeError,
        event::ProviderRegistered,
        instruction::RegisterProvider,
        pda,
        state::{Pool, Provider, status},
    },
};

/// See [`RegisterProvider`].
#[inline(never)]
pub fn register_provider(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = RegisterProvider::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    let pool = account::keep::<Pool>(a.pool)?;
    let commission = args.commission;
    require(commission <= pool.policy.max_commission, StakeError::CommissionTooHigh)?;

    let seeds = pda::provider::seeds(a.pool.address(), a.authority.address());
    let mut provider = account::create::<Provider>(a.payer, a.provider, &seeds)?;
    provider.pool = *a.pool.address();
    provider.authority = *a.authority.address();
    provider.status = status::ACTIVE;
    provider.commission = commission;

    event::emit(&ProviderRegistered {
        header: ProviderRegistered::header(*a.provider.address(), event::next(&mut provider.sequence)?),
        pool: provider.pool,
        authority: provider.authority,
    });
    Ok(())
}
