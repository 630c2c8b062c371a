use {
    crate::{
        Result,
        instructions::{of_client, of_provider, signs_by_seeds},
        job,
    },
    joule_bme_interface::instruction::{ConsumeCredits, ConsumeCreditsArgs},
    joule_common::{AccountView, account, event, guard, now},
    joule_escrow_interface::{
        event::JobSettled,
        instruction::{SettleJob, SettleJobArgs},
        pda,
        state::Job,
    },
};

/// See [`SettleJob`]. Works while the network is paused: it settles.
pub fn settle_job(accounts: &[AccountView], _: &SettleJobArgs) -> Result<()> {
    let (a, _) = SettleJob::parse(accounts)?;
    guard::program(a.bme_program, &joule_bme_interface::ID)?;
    signs_by_seeds(a.escrow_authority)?;
    let mut job = account::load_mut::<Job>(a.job)?;
    guard::network(&job.network, a.network.address())?;
    of_client(&job, a.credit_account)?;
    of_provider(&job, a.provider_work)?;

    let due = job::settle(&mut job, now()?)?;
    if due.is_zero() {
        return Ok(());
    }

    let bump = [job.authority_bump];
    let seeds = pda::authority::signer(&job.network, &bump);
    ConsumeCredits {
        spender_authority: a.escrow_authority,
        spender: a.spender,
        network: a.network,
        credit_account: a.credit_account,
        provider_work: a.provider_work,
        work_shard: a.work_shard,
    }
    .invoke_signed(&ConsumeCreditsArgs { amount: due, reference: *a.job.address() }, &[(&seeds).into()])?;

    event::emit(&JobSettled {
        header: JobSettled::header(*a.job.address(), event::next(&mut job.sequence)?),
        paid: due,
        settled: job.settled,
    });
    Ok(())
}
