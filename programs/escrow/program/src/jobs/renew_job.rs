use {
    crate::{Result, jobs::post_job},
    joule_common::{AccountView, account, guard, guard::require},
    joule_escrow_interface::{
        EscrowError,
        instruction::{PostJob, PostJobArgs, RenewJob},
        state::{Job, Market, NONE, matching},
    },
};

/// See [`RenewJob`].
#[inline(never)]
pub fn renew_job(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, rest, _) = RenewJob::parse(accounts, data)?;
    let post = {
        let job = account::load::<Job>(a.job)?;
        require({ args.posting_id } == job.posting_id, EscrowError::PostingChanged)?;
        require(guard::eq(&job.market, a.market.address()), EscrowError::WrongMarket)?;
        // Of a job that was assigned, the provider is not the client's choice.
        let provider = if job.matching == matching::DIRECT { job.provider } else { NONE };
        // In a queue there is one price.
        let is_queued = job.matching == matching::QUEUE;
        let price = if is_queued { account::load::<Market>(a.market)?.terms.price } else { job.price };
        PostJobArgs {
            nonce: 0,
            terms_version: args.terms_version,
            price,
            provider,
            definition: job.definition,
            duration: job.duration,
            matching: job.matching,
        }
    };
    // Who paid the account's rent gets it back as before; `payer` adds what keepers took of the advance for their tips.
    let RenewJob { payer, client, market, job, network, funding_account, queue, credits, system_program } = a;
    let accounts = PostJob { payer, client, market, job, network, funding_account, queue, credits, system_program };
    post_job::post(&accounts, &post, rest, &[])
}
