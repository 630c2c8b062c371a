use {
    crate::{
        Result,
        jobs::ending::emit_job_ended,
        matching::auction,
        money::funding::{Funding, require_funding},
    },
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, event, guard, now},
    joule_escrow_interface::{
        event::JobAwarded,
        instruction::AwardJob,
        state::{Job, job_state},
    },
};

/// See [`AwardJob`]. Works while the network is paused: the bids were taken before.
pub fn award_job(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = AwardJob::parse(accounts, data)?;
    let job = account::keep_mut::<Job>(a.job)?;
    require_funding(job, a.funding_account)?;
    guard::network(&job.network, a.network.address())?;
    let now = now()?;

    let ended_at = job.deadline_at;
    let refunded = auction::award(job, now)?;
    let paused = account::keep::<Network>(a.network)?.paused_up_to(now);
    job.earlier_pauses_duration = auction::earlier_pauses(job.earlier_pauses_duration, paused, now.since(ended_at));
    Funding::new(a.funding_account, &a.credits).refund(job, a.job.address(), refunded, now)?;

    if job.state == job_state::CANCELLED {
        return emit_job_ended(a.job.address(), job);
    }
    event::emit(&JobAwarded {
        header: JobAwarded::header(*a.job.address(), event::next(&mut job.sequence)?),
        provider: job.provider,
        refunded,
        deadline_at: job.deadline_at,
    });
    Ok(())
}
