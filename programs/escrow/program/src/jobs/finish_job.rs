use {
    crate::{
        Result,
        jobs::ending::{self, EndedBy, conclude},
        money::payment,
    },
    joule_common::{AccountView, account, guard, guard::require, now},
    joule_escrow_interface::{EscrowError, instruction::FinishJob, state::Job},
};

/// See [`FinishJob`]. Works while the network is paused: it pays what is owed and refunds the rest.
pub fn finish_job(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = FinishJob::parse(accounts, data)?;
    let job = account::keep_mut::<Job>(a.job)?;
    let now = now()?;
    let revoked = payment::check(&a.payment, job, now)?;
    let (caller, has_result) = (a.caller.address(), args.result != [0; 32]);
    let by = if guard::eq(caller, &job.provider) {
        if has_result { EndedBy::Result } else { EndedBy::Provider }
    } else {
        require(!has_result, EscrowError::ResultByProviderOnly)?;
        match guard::eq(caller, &job.client) {
            true => EndedBy::Client,
            false if revoked => EndedBy::Revocation,
            false => EndedBy::Anyone,
        }
    };

    let payout = ending::finish(job, by, args.max_amount, now)?;
    job.result = args.result;
    conclude(a.job.address(), job, &a.payment, payout, revoked)
}
