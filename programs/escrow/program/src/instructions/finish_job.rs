use {
    crate::{
        Result,
        instructions::conclude,
        job::{self, By},
        payment,
    },
    joule_common::{AccountView, account, guard, guard::require, now},
    joule_escrow_interface::{EscrowError, instruction::FinishJob, state::Job},
};

/// See [`FinishJob`]. Works while the network is paused: it settles and gives back.
pub fn finish_job(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = FinishJob::parse(accounts, data)?;
    let payment = payment!(a);
    let job = account::keep_mut::<Job>(a.job)?;
    let now = now()?;
    let closed = payment.check(job, now)?;
    let (caller, has_result) = (a.caller.address(), args.result != [0; 32]);
    let by = if guard::eq(caller, &job.provider) {
        // A metered job needs none: what is paid is its time.
        if has_result { By::Result } else { By::Provider }
    } else {
        require(!has_result, EscrowError::ResultByProviderOnly)?;
        match guard::eq(caller, &job.client) {
            true => By::Client,
            false if closed => By::Closed,
            false => By::Anyone,
        }
    };

    let payout = job::finish(job, by, args.max_amount, now)?;
    job.result = args.result;
    conclude(a.job.address(), job, &payment, payout, closed)
}
