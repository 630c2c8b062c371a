use {
    crate::{
        Result,
        accounts::{in_pool, slasher},
        slashing,
    },
    joule_common::{AccountView, account, event, now},
    joule_interface::Fault,
    joule_stake_interface::{
        event::JobReported,
        instruction::ReportJob,
        state::{Provider, rights},
    },
};

/// See [`ReportJob`]. Works while the network is paused: it settles.
#[inline(never)]
pub fn report_job(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = ReportJob::parse(accounts, data)?;
    let slasher = slasher(a.slasher, a.slasher_authority)?;
    slashing::has_right(slasher, rights::REPORT)?;
    let provider = account::keep_mut::<Provider>(a.provider)?;
    in_pool(&provider.pool, &slasher.pool)?;
    let now = now()?;

    provider.reputation.count(args.outcome, args.weight, now).ok_or(Fault::InvalidParameter)?;

    event::emit(&JobReported {
        header: JobReported::header(*a.provider.address(), event::next(&mut provider.sequence)?),
        job: args.job,
        outcome: args.outcome as u32,
        weight: args.weight,
        reliability: provider.reliability(now).0 as u64,
    });
    Ok(())
}
