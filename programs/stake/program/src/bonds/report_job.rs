use {
    crate::{
        Result,
        accounts::{in_pool, slasher},
        slashing,
    },
    joule_common::{AccountView, account, event, in_range, now},
    joule_interface::Account,
    joule_stake_interface::{
        event::JobReported,
        instruction::{ReportJob, ReportJobArgs},
        state::{Provider, ProviderStub, Reputation, rights},
    },
};

/// See [`ReportJob`]. Works while the network is paused: it settles.
#[inline(never)]
pub fn report_job(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = ReportJob::parse(accounts, data)?;
    let slasher = slasher(a.slasher, a.slasher_authority)?;
    slashing::has_right(slasher, rights::REPORT)?;
    // A provider that was closed while a job without a bond was running answers for it as well.
    if a.provider.data_len() == ProviderStub::SIZE {
        let stub = account::keep_mut::<ProviderStub>(a.provider)?;
        in_pool(&stub.pool, &slasher.pool)?;
        return count(a.provider, &mut stub.reputation, &mut stub.sequence, args);
    }
    let provider = account::keep_mut::<Provider>(a.provider)?;
    in_pool(&provider.pool, &slasher.pool)?;
    count(a.provider, &mut provider.reputation, &mut provider.sequence, args)
}

#[inline(always)]
fn count(address: &AccountView, reputation: &mut Reputation, sequence: &mut u64, args: &ReportJobArgs) -> Result<()> {
    let now = now()?;
    in_range!(reputation.count(args.outcome, args.weight, now).is_some(), "outcome")?;

    event::emit(&JobReported {
        header: JobReported::header(*address.address(), event::next(sequence)?),
        job: args.job,
        outcome: args.outcome as u32,
        weight: args.weight,
        reliability: reputation.reliability(now).0 as u64,
    });
    Ok(())
}
