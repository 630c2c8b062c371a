use {
    crate::{
        Result, job,
        purse::{Purse, of_job},
    },
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_escrow_interface::{event::JobExtended, instruction::ExtendJob, state::Job},
    joule_interface::Fault,
};

/// See [`ExtendJob`].
pub fn extend_job(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = ExtendJob::parse(accounts, data)?;
    let job = account::keep_mut::<Job>(a.job)?;
    guard::authority(a.client, &job.client)?;
    of_job(job, a.funding_account)?;
    guard::network(&job.network, a.network.address())?;
    require(account::load::<Network>(a.network)?.paused == 0, Fault::Paused)?;

    let added = job::extend(job, args.additional_duration, now()?)?;
    if !added.is_zero() {
        let purse = Purse {
            purse: a.funding_account,
            spender: a.spender,
            authority: a.escrow_authority,
            program: a.bme_program,
        };
        purse.hold(&job.mint, a.network, job.authority_bump, a.client, added, a.job.address())?;
    }

    event::emit(&JobExtended {
        header: JobExtended::header(*a.job.address(), event::next(&mut job.sequence)?),
        additional_duration: args.additional_duration,
        reserved: [0; 4],
        added,
    });
    Ok(())
}
