use {
    crate::{
        Result,
        access::Applicant,
        collateral::{Lock, Slashing},
        job, node,
        queue::Ring,
    },
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_escrow_interface::{
        EscrowError, ID,
        event::JobStarted,
        instruction::{StartJob, StartJobArgs},
        state::{Job, NONE, Queue, job_state, matching, side},
    },
    joule_interface::Fault,
    joule_math::Timestamp,
};

/// See [`StartJob`].
pub fn start_job(accounts: &[AccountView], args: &StartJobArgs, proof: &[u8]) -> Result<()> {
    let (a, _) = StartJob::parse(accounts)?;
    let mut job = account::load_mut::<Job>(a.job)?;
    require({ args.posting } == job.posting, EscrowError::PostedAnew)?;
    guard::network(&job.network, a.network.address())?;
    let now = now()?;
    let (authority, assigned) = (a.provider_authority, job.state == job_state::ASSIGNED);

    job::start(&mut job, now)?;
    // What a provider was promised before the pause it may do.
    require(assigned || account::load::<Network>(a.network)?.paused == 0, Fault::Paused)?;
    if job.matching == matching::QUEUE && !assigned {
        take_first(&a, &job, now)?;
        job.provider = *authority.address();
    }
    guard::authority(authority, &job.provider)?;
    let applicant =
        Applicant { authority: authority.address(), pool: a.pool, provider: a.provider, place: args.place, proof };
    // A bidder was looked at when it bid.
    if job.matching != matching::AUCTION {
        applicant.check(&job.terms, &job.pool, now)?;
    }
    job.node = node::of_class(&job, a.node)?;
    if !job.terms.bond.is_zero() && guard::eq(&job.bond, &NONE) {
        let slashing = Slashing { slasher: a.slasher, authority: a.escrow_authority, program: a.stake_program };
        let lock = Lock {
            authority,
            network: a.network,
            pool: a.pool,
            provider: a.provider,
            bond: a.bond,
            system_program: a.system_program,
        };
        slashing.lock(&job, a.job.address(), &lock)?;
        job.bond = *a.bond.address();
    }

    event::emit(&JobStarted {
        header: JobStarted::header(*a.job.address(), event::next(&mut job.sequence)?),
        provider: job.provider,
        ends: job.ends,
    });
    Ok(())
}

/// Takes the job out of its queue, in which it must be the first.
#[inline(always)]
fn take_first(a: &StartJob<&AccountView>, job: &Job, now: Timestamp) -> Result<()> {
    require(guard::present(a.queue, &ID), EscrowError::QueueRequired)?;
    let mut bytes = account::load_bytes_mut::<Queue>(a.queue)?;
    let mut ring = Ring::of(&mut bytes)?;
    require(guard::eq(&ring.queue.market, &job.market), EscrowError::WrongMarket)?;
    let first = if ring.queue.side == side::JOBS { ring.first(now)? } else { None };
    let is_first = first.is_some_and(|first| guard::eq(&first.who, a.job.address()) && first.ticket == job.posting);
    require(is_first, EscrowError::QueueMoved)?;
    ring.drop_first();
    Ok(())
}
