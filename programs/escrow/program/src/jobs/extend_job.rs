use {
    crate::{
        Result,
        jobs::clock,
        mandates,
        money::funding::{Funding, require_funding},
    },
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, event, guard, now},
    joule_escrow_interface::{event::JobExtended, instruction::ExtendJob, state::Job},
};

/// See [`ExtendJob`].
pub fn extend_job(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, rest, _) = ExtendJob::parse(accounts, data)?;
    let job = account::keep_mut::<Job>(a.job)?;
    let now = now()?;
    let mandate = mandates::paying(job, a.client, rest, now)?;
    require_funding(job, a.funding_account)?;
    guard::network(&job.network, a.network.address())?;
    account::load::<Network>(a.network)?.require_unpaused()?;

    let added = clock::extend(job, args.additional_duration, now)?;
    if !added.is_zero() {
        let funding = Funding::new(a.funding_account, &a.credits);
        match mandate {
            None => funding.hold_more(job, a.network, a.client, added, a.job.address())?,
            Some(mandate) => mandates::hold_more(mandate, &funding, job, a.network, added, a.job.address(), now)?,
        }
    }

    event::emit(&JobExtended {
        header: JobExtended::header(*a.job.address(), event::next(&mut job.sequence)?),
        additional_duration: args.additional_duration,
        reserved: [0; 4],
        added,
    });
    Ok(())
}
