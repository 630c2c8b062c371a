use {
    crate::{
        Result,
        instructions::{of_client, signs_by_seeds},
        job,
    },
    joule_bme_interface::instruction::{UnlockCredits, UnlockCreditsArgs},
    joule_common::{AccountView, account, event, guard, now},
    joule_escrow_interface::{
        event::JobCancelled,
        instruction::{CancelJob, CancelJobArgs},
        pda,
        state::Job,
    },
};

/// See [`CancelJob`]. Works while the network is paused: it gives back.
pub fn cancel_job(accounts: &[AccountView], _: &CancelJobArgs) -> Result<()> {
    let (a, _) = CancelJob::parse(accounts)?;
    guard::program(a.bme_program, &joule_bme_interface::ID)?;
    signs_by_seeds(a.escrow_authority)?;
    let mut job = account::load_mut::<Job>(a.job)?;
    of_client(&job, a.credit_account)?;
    let by_client = guard::eq(a.caller.address(), &job.client);

    let refunded = job::cancel(&mut job, by_client, now()?)?;

    let bump = [job.authority_bump];
    let seeds = pda::authority::signer(&job.network, &bump);
    UnlockCredits { spender_authority: a.escrow_authority, spender: a.spender, credit_account: a.credit_account }
        .invoke_signed(&UnlockCreditsArgs { amount: refunded, reference: *a.job.address() }, &[(&seeds).into()])?;

    event::emit(&JobCancelled {
        header: JobCancelled::header(*a.job.address(), event::next(&mut job.sequence)?),
        refunded,
    });
    Ok(())
}
