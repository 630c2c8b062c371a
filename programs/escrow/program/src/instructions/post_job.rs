use {
    crate::{Result, instructions::signs_by_seeds, job},
    joule_bme_interface::{
        instruction::{LockCredits, LockCreditsArgs},
        state::{CreditAccount, Network},
    },
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_escrow_interface::{
        event::JobPosted,
        instruction::{PostJob, PostJobArgs},
        pda,
        state::{Job, Market},
    },
    joule_interface::Fault,
};

/// See [`PostJob`].
pub fn post_job(accounts: &[AccountView], args: &PostJobArgs) -> Result<()> {
    let (a, _) = PostJob::parse(accounts)?;
    guard::system_program(a.system_program)?;
    guard::program(a.bme_program, &joule_bme_interface::ID)?;
    signs_by_seeds(a.escrow_authority)?;
    require(account::load::<Network>(a.network)?.paused == 0, Fault::Paused)?;
    let market = account::load::<Market>(a.market)?;
    guard::network(&market.network, a.network.address())?;

    let nonce = args.nonce.to_le_bytes();
    let seeds = pda::job::seeds(a.client.address(), &nonce);
    let mut job = account::create::<Job>(a.payer, a.job, &seeds)?;
    let deposit = job::post(&mut job, &market.terms, args.duration, now()?)?;
    job.market = *a.market.address();
    job.network = market.network;
    job.client = *a.client.address();
    job.provider = args.provider;
    job.credit_account = *a.credit_account.address();
    job.pool = market.pool;
    job.payer = *a.payer.address();
    job.definition = args.definition;
    job.authority_bump = market.authority_bump;

    // It takes the client's signature, and credits only of an account that the client owns.
    let bump = [market.authority_bump];
    let seeds = pda::authority::signer(&market.network, &bump);
    LockCredits {
        owner: a.client,
        spender_authority: a.escrow_authority,
        spender: a.spender,
        network: a.network,
        credit_account: a.credit_account,
    }
    .invoke_signed(&LockCreditsArgs { amount: deposit, reference: *a.job.address() }, &[(&seeds).into()])?;

    job.posting = account::load::<CreditAccount>(a.credit_account)?.sequence;

    event::emit(&JobPosted {
        header: JobPosted::header(*a.job.address(), event::next(&mut job.sequence)?),
        market: job.market,
        client: job.client,
        provider: job.provider,
        deposit,
        start_by: job.start_by,
        posting: job.posting,
    });
    Ok(())
}
