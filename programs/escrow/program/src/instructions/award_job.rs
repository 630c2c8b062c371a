use {
    crate::{
        Result, job,
        purse::{Purse, ended, of_job},
    },
    joule_common::{AccountView, account, event, now},
    joule_escrow_interface::{
        event::JobAwarded,
        instruction::AwardJob,
        state::{Job, job_state},
    },
};

/// See [`AwardJob`]. Works while the network is paused: bids were taken before.
pub fn award_job(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = AwardJob::parse(accounts, data)?;
    let job = account::keep_mut::<Job>(a.job)?;
    of_job(job, a.funding_account)?;
    let now = now()?;

    let refunded = job::award(job, now)?;
    let purse =
        Purse { purse: a.funding_account, spender: a.spender, authority: a.escrow_authority, program: a.bme_program };
    purse.give_back(job, a.job.address(), refunded, now)?;

    let sequence = event::next(&mut job.sequence)?;
    if job.state == job_state::CANCELLED {
        event::emit(&ended(job, a.job.address(), sequence));
        return Ok(());
    }
    event::emit(&JobAwarded {
        header: JobAwarded::header(*a.job.address(), sequence),
        provider: job.provider,
        refunded,
        deadline_at: job.deadline_at,
    });
    Ok(())
}
