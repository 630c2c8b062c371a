//! What touches `escrow`: how a job is posted, taken back and stopped, and what came of it.

use {
    crate::{
        Result, VaultError,
        accounts::{read, require},
        instruction::{Request, RequestArgs, Stop, Withdraw},
    },
    joule_escrow_interface::{
        ID,
        instruction::{
            CancelJob, CancelJobArgs, CreditAccounts, FinishJob, FinishJobArgs, PaymentAccounts, PostJob, PostJobArgs,
        },
        state::{Job, Market, NONE, job_state, matching},
    },
    joule_identity_interface::state::Node,
    joule_interface::{
        Address, Fault, address_eq,
        pinocchio::{
            AccountView,
            cpi::Signer,
            sysvars::{Sysvar, clock::Clock},
        },
    },
    joule_math::{Amount, Credits, Timestamp},
    joule_stake_interface::state::{Pool, Provider},
};

/// That the provider is one of the market's pool, may take a job of such a bond, and is as reliable as asked; and that its
/// machine is of the class. Returns who it is. All of it is in the accounts' bytes.
// #region look-at-the-provider
pub fn provider(a: &Request<&AccountView>, args: &RequestArgs) -> Result<Address> {
    let market = read::<Market>(a.market)?;
    require(address_eq(&market.pool, a.pool.address()), VaultError::ProviderUnfit)?;
    let pool = read::<Pool>(a.pool)?;
    let provider = read::<Provider>(a.provider)?;
    require(address_eq(&provider.pool, a.pool.address()), VaultError::ProviderUnfit)?;
    let now = Timestamp(Clock::get()?.unix_timestamp);
    require(provider.takes_jobs(&pool, args.bond, now), VaultError::ProviderUnfit)?;
    require(provider.reliability(now) >= { args.reliability }, VaultError::ProviderUnfit)?;
    if args.class != 0 {
        let node = read::<Node>(a.node)?;
        let fit = node.serves(args.class, now)
            && address_eq(&node.network, &market.network)
            && address_eq(&node.operator, &provider.authority);
        require(fit, VaultError::MachineUnfit)?;
    }
    Ok(provider.authority)
}
// #endregion

/// Posts a job as the vault. Returns what it may cost, and which posting it is.
// #region post
pub fn post(
    a: &Request<&AccountView>,
    args: &RequestArgs,
    nonce: u64,
    provider: Address,
    vault: &[Signer],
) -> Result<(Credits, u64)> {
    let market = read::<Market>(a.market)?;
    // The vault has credits, and no tokens.
    require(market.mint == NONE, VaultError::ProviderUnfit)?;
    PostJob {
        payer: a.payer,
        client: a.vault,
        market: a.market,
        job: a.job,
        network: a.network,
        funding_account: a.credit_account,
        // An optional account that is left out is the program's own.
        queue: a.escrow_program,
        credits: CreditAccounts {
            spender: a.spender,
            escrow_authority: a.escrow_authority,
            bme_program: a.bme_program,
        },
        system_program: a.system_program,
    }
    .invoke_signed(
        &PostJobArgs {
            nonce,
            terms_version: market.terms_version,
            price: market.terms.price,
            provider,
            definition: args.definition,
            duration: args.duration,
            matching: matching::DIRECT,
        },
        vault,
    )?;
    let job = read::<Job>(a.job)?;
    Ok((Credits(job.deposited.0), job.posting_id))
}
// #endregion

/// Takes a job back as its client.
pub fn cancel(a: &Withdraw<&AccountView>, vault: &[Signer]) -> Result<()> {
    CancelJob {
        caller: a.vault,
        job: a.job,
        network: a.network,
        funding_account: a.credit_account,
        credits: CreditAccounts {
            spender: a.spender,
            escrow_authority: a.escrow_authority,
            bme_program: a.bme_program,
        },
        queue: a.escrow_program,
        halt_clock: a.escrow_program,
    }
    .invoke_signed(&CancelJobArgs {}, vault)?;
    Ok(())
}

/// Stops a job as its client.
pub fn finish(a: &Stop<&AccountView>, vault: &[Signer]) -> Result<()> {
    FinishJob {
        caller: a.vault,
        job: a.job,
        payment: PaymentAccounts {
            network: a.network,
            funding_account: a.credit_account,
            payee: a.provider_work,
            work_shard_or_vault: a.work_shard,
            spender_or_mint: a.spender,
            escrow_authority: a.escrow_authority,
            payment_program: a.bme_program,
            fee_payee: a.escrow_program,
        },
        halt_clock: a.halt_clock,
    }
    .invoke_signed(&FinishJobArgs { result: [0; 32], max_amount: Amount::MAX }, vault)?;
    Ok(())
}

/// What a job gave back; `None` where it is gone, or another was posted in its place.
// #region refunded
pub fn refunded(view: &AccountView, posting: u64) -> Result<Option<Credits>> {
    if !address_eq(view.owner(), &ID) {
        return Ok(None);
    }
    let job = read::<Job>(view)?;
    if job.posting_id != posting {
        return Ok(None);
    }
    require(matches!(job.state, job_state::FINISHED | job_state::CANCELLED), VaultError::StillOpen)?;
    // A penalty is given back as well.
    Ok(Some(Credits(job.refunded.plus(job.penalty)?.0)))
}
// #endregion

/// That it is `escrow` which is called: what signs as the vault goes nowhere else.
pub fn is_escrow(view: &AccountView) -> Result<()> {
    require(address_eq(view.address(), &ID), Fault::WrongProgram)
}
