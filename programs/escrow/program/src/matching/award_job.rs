use {
    crate::{
        Result,
        jobs::ending::emit_job_ended,
        matching::auction,
        money::funding::{Funding, require_funding},
    },
    joule_common::{AccountView, account, event, now},
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
    let now = now()?;

    let refunded = auction::award(job, now)?;
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
