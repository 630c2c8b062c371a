use {
    crate::{
        Result, beacons,
        collateral::settlement,
        jobs::ending,
        matching::queue::Ring,
        money::funding::{Funding, require_funding},
    },
    joule_common::{AccountView, account, event, guard, guard::require, now, token},
    joule_escrow_interface::{
        EscrowError,
        event::JobHandedBack,
        instruction::HandBackJob,
        pda, posting_id,
        state::{Job, Queue, QueueEntry},
    },
    joule_interface::SYSTEM_PROGRAM,
    joule_stake_interface::state::Provider,
};

/// See [`HandBackJob`]. Works while the network is paused: it ends something.
#[inline(never)]
pub fn hand_back_job(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, _, rest, _) = HandBackJob::parse(accounts, data)?;
    let job = account::keep_mut::<Job>(a.job)?;
    let provider_authority = a.provider_authority.address();
    guard::authority(a.provider_authority, &job.provider)?;
    require_funding(job, a.funding_account)?;
    let now = now()?;
    {
        // Three keys with fresh stake would cost nothing.
        let provider = account::load::<Provider>(a.settlement.provider)?;
        require(guard::eq(&provider.pool, &job.pool), EscrowError::WrongPool)?;
        require(guard::eq(&provider.authority, provider_authority), EscrowError::WrongProvider)?;
        require(provider.has_own(job.terms.bond_amount, now), EscrowError::ProviderNotEligible)?;
    }

    // Wrapped SOL cannot be burned.
    require(!token::is_native(a.settlement.mint.address()), EscrowError::HandBackNotOffered)?;

    ending::hand_back(job, now)?;
    settlement::settle(&a.settlement, job, a.job.address())?;
    if job.on_beacon != 0 {
        beacons::leave_by(job, rest)?;
    }
    ending::clear_start(job, posting_id::next(posting_id::first(now)?, job.posting_id)?);
    let slot = if ending::waits_again(job, now) { wait_again(&a, job)? } else { None };
    if let Some(slot) = slot {
        job.queue_slot = slot;
    } else {
        let refund = ending::end_handed_back(job)?;
        let (authority, program) = (a.settlement.escrow_authority, a.bme_program);
        let funding = Funding { account: a.funding_account, spender: a.spender, authority, program };
        funding.refund(job, a.job.address(), refund, now)?;
    }

    event::emit(&JobHandedBack {
        header: JobHandedBack::header(*a.job.address(), event::next(&mut job.sequence)?),
        provider: *provider_authority,
        posting_id: job.posting_id,
        hand_backs: job.hand_backs,
        state: job.state,
        reserved: [0; 6],
    });
    if slot.is_none() {
        return ending::emit_job_ended(a.job.address(), job);
    }
    Ok(())
}

/// Puts the job to the front of its market's queue. `None` if it cannot wait there: a queue that is closed holds nobody up.
#[inline(always)]
fn wait_again(a: &HandBackJob<&AccountView>, job: &Job) -> Result<Option<u32>> {
    if guard::eq(a.queue.owner(), &SYSTEM_PROGRAM) {
        guard::address(a.queue, &pda::queue::find(&job.market).0)?;
        return Ok(None);
    }
    let mut bytes = account::load_bytes_mut::<Queue>(a.queue)?;
    let mut ring = Ring::of(&mut bytes)?;
    require(guard::eq(&ring.queue.market, &job.market), EscrowError::WrongMarket)?;
    let (occupant, expires_at) = (*a.job.address(), job.deadline_at);
    Ok(ring.push_first(QueueEntry { occupant, posting_or_wait_id: job.posting_id, expires_at }))
}
