use {
    crate::{
        Result,
        instructions::{NONE, of_client, of_provider, signs_by_seeds},
        job,
    },
    joule_bme_interface::instruction::{ConsumeCredits, ConsumeCreditsArgs, UnlockCredits, UnlockCreditsArgs},
    joule_common::{AccountView, Signer, account, event, guard, guard::require, now},
    joule_escrow_interface::{
        EscrowError, ID,
        event::JobFinished,
        instruction::{FinishJob, FinishJobArgs},
        pda,
        state::Job,
    },
    joule_stake_interface::instruction::{ReleaseBond, ReleaseBondArgs},
};

/// See [`FinishJob`]. Works while the network is paused: it settles and gives back.
pub fn finish_job(accounts: &[AccountView], args: &FinishJobArgs) -> Result<()> {
    let (a, _) = FinishJob::parse(accounts)?;
    guard::program(a.bme_program, &joule_bme_interface::ID)?;
    guard::program(a.stake_program, &joule_stake_interface::ID)?;
    signs_by_seeds(a.escrow_authority)?;
    let mut job = account::load_mut::<Job>(a.job)?;
    guard::network(&job.network, a.network.address())?;
    of_client(&job, a.credit_account)?;
    of_provider(&job, a.provider_work)?;
    let by_provider = guard::eq(a.caller.address(), &job.provider);
    let by_party = by_provider || guard::eq(a.caller.address(), &job.client);
    require(by_provider || args.result == [0; 32], EscrowError::ResultByProviderOnly)?;

    let (due, rest) = job::finish(&mut job, by_party, now()?)?;
    job.result = args.result;
    let bond = core::mem::replace(&mut job.bond, NONE);

    let reference = *a.job.address();
    let bump = [job.authority_bump];
    let seeds = pda::authority::signer(&job.network, &bump);
    let signers = [(&seeds).into()];
    if !due.is_zero() {
        ConsumeCredits {
            spender_authority: a.escrow_authority,
            spender: a.spender,
            network: a.network,
            credit_account: a.credit_account,
            provider_work: a.provider_work,
            work_shard: a.work_shard,
        }
        .invoke_signed(&ConsumeCreditsArgs { amount: due, reference }, &signers)?;
    }
    if !rest.is_zero() {
        UnlockCredits { spender_authority: a.escrow_authority, spender: a.spender, credit_account: a.credit_account }
            .invoke_signed(&UnlockCreditsArgs { amount: rest, reference }, &signers)?;
    }
    if !guard::eq(&bond, &NONE) {
        let accounts = [a.provider, a.bond, a.slasher, a.bond_payer];
        require(accounts.iter().all(|view| guard::present(view, &ID)), EscrowError::BondRequired)?;
        require(guard::eq(a.bond.address(), &bond), EscrowError::WrongBond)?;
        release_bond(&a, &signers)?;
    }

    event::emit(&JobFinished {
        header: JobFinished::header(reference, event::next(&mut job.sequence)?),
        result: job.result,
        paid: job.paid,
        refunded: job.refunded,
    });
    Ok(())
}

/// Gives the provider its collateral back. Whose it is, and who paid its rent, `stake` knows.
#[inline(always)]
fn release_bond(a: &FinishJob<&AccountView>, signers: &[Signer]) -> Result<()> {
    ReleaseBond {
        slasher_authority: a.escrow_authority,
        slasher: a.slasher,
        provider: a.provider,
        bond: a.bond,
        rent_receiver: a.bond_payer,
    }
    .invoke_signed(&ReleaseBondArgs {}, signers)?;
    Ok(())
}
