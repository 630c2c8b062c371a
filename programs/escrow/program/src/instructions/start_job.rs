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
pub fn start_job(accounts: &[AccountView], args: &StartJobArgs, tail: &[u8]) -> Result<()> {
    let (a, more) = StartJob::parse(accounts)?;
    let (proof, postings) = tail.split_at_checked(32 * args.hashes as usize).ok_or(Fault::InvalidArguments)?;
    require(postings.len() == 8 * more.len(), Fault::InvalidArguments)?;
    let now = now()?;
    let (view, posting) =
        if more.is_empty() { (a.job, args.posting) } else { first_of(&a, args.posting, more, postings, now)? };
    require(view.is_writable(), Fault::NotWritable)?;
    let mut job = account::load_mut::<Job>(view)?;
    require(posting == job.posting, EscrowError::PostedAnew)?;
    guard::network(&job.network, a.network.address())?;
    let (authority, assigned) = (a.provider_authority, job.state == job_state::ASSIGNED);

    job::start(&mut job, now)?;
    // What a provider was promised before the pause it may do.
    require(assigned || account::load::<Network>(a.network)?.paused == 0, Fault::Paused)?;
    if job.matching == matching::QUEUE && !assigned {
        take_first(&a, view, &job, now)?;
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
        slashing.lock(&job, view.address(), &lock)?;
        job.bond = *a.bond.address();
    }

    event::emit(&JobStarted {
        header: JobStarted::header(*view.address(), event::next(&mut job.sequence)?),
        provider: job.provider,
        ends: job.ends,
    });
    Ok(())
}

/// Which of several jobs comes first in the queue, and which posting of it the provider saw.
#[inline(never)]
fn first_of<'a>(
    a: &StartJob<&'a AccountView>,
    posting: u64,
    more: &'a [AccountView],
    postings: &[u8],
    now: Timestamp,
) -> Result<(&'a AccountView, u64)> {
    require(guard::present(a.queue, &ID), EscrowError::QueueRequired)?;
    let mut bytes = account::load_bytes_mut::<Queue>(a.queue)?;
    let first = Ring::of(&mut bytes)?.first(now)?.ok_or(EscrowError::QueueMoved)?;
    let seen = postings.chunks_exact(8).map(|bytes| bytes.try_into().map_or(0, u64::from_le_bytes));
    let mut jobs = core::iter::once((a.job, posting)).chain(more.iter().zip(seen));
    jobs.find(|(job, _)| guard::eq(job.address(), &first.who)).ok_or(EscrowError::QueueMoved)
}

/// Takes the job out of its queue, in which it must be the first.
#[inline(always)]
fn take_first(a: &StartJob<&AccountView>, view: &AccountView, job: &Job, now: Timestamp) -> Result<()> {
    require(guard::present(a.queue, &ID), EscrowError::QueueRequired)?;
    let mut bytes = account::load_bytes_mut::<Queue>(a.queue)?;
    let mut ring = Ring::of(&mut bytes)?;
    require(guard::eq(&ring.queue.market, &job.market), EscrowError::WrongMarket)?;
    let first = if ring.queue.side == side::JOBS { ring.first(now)? } else { None };
    let is_first = first.is_some_and(|first| guard::eq(&first.who, view.address()) && first.ticket == job.posting);
    require(is_first, EscrowError::QueueMoved)?;
    ring.drop_first();
    Ok(())
}
