use {
    crate::{
        Result,
        markets::access::is_eligible,
        matching::queue::{Ring, wait_id},
    },
    joule_common::{AccountView, account, guard, guard::require, now},
    joule_escrow_interface::{
        EscrowError, ID,
        instruction::SweepQueue,
        state::{Job, Market, NONE, Queue, QueueEntry, side},
    },
    joule_interface::Account,
    joule_math::Timestamp,
    joule_stake_interface::state::{Pool, Provider, ProviderStub},
};

/// See [`SweepQueue`]. Works while the network is paused: it takes no work.
pub fn sweep_queue(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, evidence, _) = SweepQueue::parse(accounts, data)?;
    let market = account::load::<Market>(a.market)?;
    let mut bytes = account::load_bytes_mut::<Queue>(a.queue)?;
    let mut ring = Ring::of(&mut bytes)?;
    require(guard::eq(&ring.queue.market, a.market.address()), EscrowError::WrongMarket)?;
    let now = now()?;
    let mut evidence = evidence.iter();

    for _ in 0..args.max_entries {
        let Some(first) = ring.head() else { break };
        let waits = !guard::eq(&first.occupant, &NONE) && now <= first.expires_at;
        let providers = ring.queue.side == side::PROVIDERS;
        let remains = waits
            && if providers {
                wait_id::series_of(first.posting_or_wait_id) == wait_id::series(&market)
                    && !is_ineligible(&market, &first, a.pool, evidence.next(), now)?
            } else {
                !is_outdated(&market, &first, evidence.next())?
            };
        if remains {
            break;
        }
        ring.drop_first();
    }
    Ok(())
}

/// Whether the evidence, the job itself, shows that the job waits on terms that are not the market's any more.
#[inline(always)]
fn is_outdated(market: &Market, first: &QueueEntry, evidence: Option<&AccountView>) -> Result<bool> {
    let Some(evidence) = evidence else { return Ok(false) };
    require(guard::eq(evidence.address(), &first.occupant), EscrowError::NotFirstInQueue)?;
    let job = account::load::<Job>(evidence)?;
    Ok(job.posting_id != first.posting_or_wait_id || job.terms != market.terms)
}

/// Whether the evidence shows that the provider that waits may not work in the market: one that was closed may not.
#[inline(always)]
fn is_ineligible(
    market: &Market,
    first: &QueueEntry,
    pool: &AccountView,
    evidence: Option<&AccountView>,
    now: Timestamp,
) -> Result<bool> {
    let Some(evidence) = evidence else { return Ok(false) };
    require(guard::present(pool, &ID), EscrowError::StakeRequired)?;
    require(guard::eq(pool.address(), &market.pool), EscrowError::WrongPool)?;
    let is_waiting = |of_pool, authority| {
        require(guard::eq(of_pool, pool.address()), EscrowError::WrongPool)?;
        require(guard::eq(authority, &first.occupant), EscrowError::WrongProvider)
    };
    if evidence.data_len() == ProviderStub::SIZE {
        let stub = account::load::<ProviderStub>(evidence)?;
        is_waiting(&stub.pool, &stub.authority)?;
        return Ok(true);
    }
    let provider = account::load::<Provider>(evidence)?;
    is_waiting(&provider.pool, &provider.authority)?;
    Ok(!is_eligible(&provider, &*account::load::<Pool>(pool)?, &market.terms, now))
}
