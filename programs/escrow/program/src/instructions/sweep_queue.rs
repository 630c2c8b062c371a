use {
    crate::{
        Result,
        access::is_eligible,
        queue::{Ring, tickets},
    },
    joule_common::{AccountView, account, guard, guard::require, now},
    joule_escrow_interface::{
        EscrowError, ID,
        instruction::SweepQueue,
        state::{Market, NONE, Queue, QueueEntry, side},
    },
    joule_math::Timestamp,
    joule_stake_interface::state::{Pool, Provider},
};

/// See [`SweepQueue`]. Works while the network is paused: it takes no work.
pub fn sweep_queue(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, shown, ..) = SweepQueue::parse(accounts, data)?;
    let market = account::load::<Market>(a.market)?;
    let mut bytes = account::load_bytes_mut::<Queue>(a.queue)?;
    let mut ring = Ring::of(&mut bytes)?;
    require(guard::eq(&ring.queue.market, a.market.address()), EscrowError::WrongMarket)?;
    let now = now()?;
    let mut shown = shown.iter();

    for _ in 0..args.max_entries {
        let Some(first) = ring.head() else { break };
        let waits = first.occupant != NONE && now <= first.expires_at;
        let providers = ring.queue.side == side::PROVIDERS;
        let outdated = providers && tickets::series_of(first.posting_or_wait_id) != tickets::series(&market);
        if waits && !outdated && !(providers && may_not_work(&market, &first, a.pool, shown.next(), now)?) {
            break;
        }
        ring.drop_first();
    }
    Ok(())
}

/// The account that is shown says that the provider who waits may not work here.
#[inline(always)]
fn may_not_work(
    market: &Market,
    first: &QueueEntry,
    pool: &AccountView,
    shown: Option<&AccountView>,
    now: Timestamp,
) -> Result<bool> {
    let Some(shown) = shown else { return Ok(false) };
    require(guard::present(pool, &ID), EscrowError::StakeRequired)?;
    require(guard::eq(pool.address(), &market.pool), EscrowError::WrongPool)?;
    let provider = account::load::<Provider>(shown)?;
    require(guard::eq(&provider.pool, pool.address()), EscrowError::WrongPool)?;
    require(guard::eq(&provider.authority, &first.occupant), EscrowError::WrongProvider)?;
    Ok(!is_eligible(&provider, &*account::load::<Pool>(pool)?, &market.terms, now))
}
