use {
    crate::{Result, accounts::in_pool},
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_interface::{Account, Fault},
    joule_math::Bps,
    joule_stake_interface::{
        ID, StakeError,
        event::{CommissionChanged, ProviderRegistered},
        instruction::RegisterProvider,
        pda,
        state::{Pool, Provider, ProviderStub, status},
    },
};

/// See [`RegisterProvider`].
#[inline(never)]
pub fn register_provider(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = RegisterProvider::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    let pool = account::keep_mut::<Pool>(a.pool)?;
    let commission = args.commission;
    require(commission <= pool.policy.max_commission, StakeError::CommissionTooHigh)?;

    let is_closed = guard::eq(a.provider.owner(), &ID) && a.provider.data_len() == ProviderStub::SIZE;
    let mut provider = if is_closed {
        let stub = *account::load::<ProviderStub>(a.provider)?;
        in_pool(&stub.pool, a.pool.address())?;
        guard::authority(a.authority, &stub.authority)?;
        require(stub.status != status::TOMBSTONED, StakeError::ProviderNotActive)?;
        account::grow(a.payer, a.provider, Provider::SIZE - ProviderStub::SIZE)?;
        let mut provider = account::convert::<ProviderStub, Provider>(a.provider)?;
        provider.sequence = stub.sequence;
        provider.slash_count = stub.slash_count;
        provider.ticket_base = stub.ticket_base;
        provider.reputation = stub.reputation;
        provider.commission = stub.commission;
        provider
    } else {
        let seeds = pda::provider::seeds(a.pool.address(), a.authority.address());
        account::create::<Provider>(a.payer, a.provider, &seeds)?
    };
    pool.provider_count = pool.provider_count.checked_add(1).ok_or(Fault::Overflow)?;
    provider.pool = *a.pool.address();
    provider.authority = *a.authority.address();
    provider.payer = *a.payer.address();
    provider.status = status::ACTIVE;
    provider.own_multiplier = Bps::WHOLE;
    // Whoever stakes with a provider that came back saw its former commission: a rise has the same notice and step as ever.
    let rises = is_closed && commission > provider.commission;
    if rises {
        let rise = commission.0 - provider.commission.0;
        require(rise <= pool.policy.max_commission_step.0, StakeError::CommissionStepTooLarge)?;
        provider.next_commission = commission;
        provider.next_commission_at = now()?.after(pool.policy.commission_delay)?;
    } else {
        provider.commission = commission;
    }

    event::emit(&ProviderRegistered {
        header: ProviderRegistered::header(*a.provider.address(), event::next(&mut provider.sequence)?),
        pool: provider.pool,
        authority: provider.authority,
    });
    if rises {
        event::emit(&CommissionChanged {
            header: CommissionChanged::header(*a.provider.address(), event::next(&mut provider.sequence)?),
            commission: commission.0 as u64,
            effective_at: provider.next_commission_at,
        });
    }
    Ok(())
}
