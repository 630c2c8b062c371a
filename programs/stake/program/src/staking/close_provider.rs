use {
    crate::{
        Result,
        accounts::{in_pool, paid_by},
        rewards,
    },
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_interface::{Account, Fault},
    joule_math::{Timestamp, Tokens, whole},
    joule_stake_interface::{
        StakeError,
        event::ProviderClosed,
        instruction::CloseProvider,
        state::{Pool, Provider, ProviderStub, Rewards, status},
    },
};

/// See [`CloseProvider`]. Works while the network is paused: no token moves.
#[inline(never)]
pub fn close_provider(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = CloseProvider::parse(accounts, data)?;
    let of_pool = account::keep_mut::<Pool>(a.pool)?;
    guard::address(a.rewards, &of_pool.rewards)?;
    let rewards = account::keep_mut::<Rewards>(a.rewards)?;
    let mut provider = account::load_mut::<Provider>(a.provider)?;
    in_pool(&provider.pool, a.pool.address())?;
    guard::authority(a.authority, &provider.authority)?;
    paid_by(&provider.payer, a.rent_receiver)?;

    close(rewards, &mut provider, now()?)?;
    of_pool.provider_count = of_pool.provider_count.checked_sub(1).ok_or(Fault::Overflow)?;
    let sequence = event::next(&mut provider.sequence)?;
    let Provider { pool, authority, sequence: last, slash_count, ticket_base, reputation, status, commission, .. } =
        *provider;
    drop(provider);
    let mut stub = account::convert::<Provider, ProviderStub>(a.provider)?;
    (stub.pool, stub.authority, stub.sequence) = (pool, authority, last);
    (stub.slash_count, stub.ticket_base, stub.reputation) = (slash_count, ticket_base, reputation);
    (stub.status, stub.commission) = (status, commission);
    drop(stub);
    account::shrink(a.provider, ProviderStub::SIZE, a.rent_receiver)?;

    event::emit(&ProviderClosed { header: ProviderClosed::header(*a.provider.address(), sequence), pool, authority });
    Ok(())
}

/// Nothing is left behind the provider, and it is not in jail. Its weight goes.
#[inline(never)]
pub fn close(rewards: &mut Rewards, provider: &mut Provider, now: Timestamp) -> Result<()> {
    // A tombstone stays with the stub; the time in jail would not.
    require(provider.status != status::JAILED, StakeError::ProviderNotActive)?;
    rewards::settle_provider(rewards, provider, now)?;
    let tokens = [
        provider.own,
        provider.bonded,
        provider.delegated.tokens,
        provider.unbonding.tokens,
        provider.withheld.tokens,
        provider.slashed,
        provider.treasury_due,
        whole(provider.own_accrued.get()).0,
        whole(provider.commission_accrued.get()).0,
    ];
    // Redelegations on their way here keep their delegation open.
    let parts = [
        provider.delegation_count,
        provider.unbonding.ticket_count,
        provider.withheld.ticket_count,
        provider.pending_slash_count as u32,
    ];
    let is_empty = tokens.iter().all(|tokens| *tokens == Tokens::ZERO) && parts == [0; 4];
    require(is_empty, StakeError::NotEmpty)?;
    rewards::reweigh_provider(rewards, provider)
}
