use {
    crate::{
        Result,
        halts::KnownHalts,
        jobs::ending,
        mandates,
        money::funding::{Funding, require_funding},
    },
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_escrow_interface::{
        EscrowError,
        event::JobRejected,
        instruction::RejectJob,
        state::{Job, NONE},
    },
};

/// See [`RejectJob`]. Works while the network is paused: a running job goes on.
pub fn reject_job(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, rest, _) = RejectJob::parse(accounts, data)?;
    let job = account::keep_mut::<Job>(a.job)?;
    let now = now()?;
    let mandate = mandates::paying(job, a.client, rest, now)?;
    require(guard::eq(&job.verification, &NONE), EscrowError::ChallengeInstead)?;
    require_funding(job, a.funding_account)?;
    guard::network(&job.network, a.network.address())?;

    let stake = ending::reject(job, now, &KnownHalts(a.halt_clock, now))?;
    if !stake.is_zero() {
        let funding = Funding::new(a.funding_account, &a.credits);
        match mandate {
            None => funding.hold_more(job, a.network, a.client, stake, a.job.address())?,
            Some(mandate) => mandates::hold_more(mandate, &funding, job, a.network, stake, a.job.address(), now)?,
        }
    }

    event::emit(&JobRejected {
        header: JobRejected::header(*a.job.address(), event::next(&mut job.sequence)?),
        reasons_hash: args.reasons_hash,
        deadline_at: job.deadline_at,
    });
    Ok(())
}
