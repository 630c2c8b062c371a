//! One file for each instruction: its accounts taken apart, checks, effect, event.

mod cancel_job;
mod close_job;
mod create_market;
mod finish_job;
mod post_job;
mod settle_job;
mod start_job;

pub use {
    cancel_job::cancel_job, close_job::close_job, create_market::create_market, finish_job::finish_job,
    post_job::post_job, settle_job::settle_job, start_job::start_job,
};

use {
    crate::Result,
    joule_bme_interface::state::ProviderWork,
    joule_common::{AccountView, account, guard, guard::require},
    joule_escrow_interface::{EscrowError, state::Job},
    joule_interface::{Address, Fault},
};

/// In place of an address that is not there.
const NONE: Address = Address::new_from_array([0; 32]);

/// The account signs inner calls by our seeds or not at all, so it can only be our authority, which costs no
/// derivation to know. One that signed the transaction could be another spender or slasher, and move what is its own
/// in place of what the job holds.
#[inline(always)]
fn signs_by_seeds(authority: &AccountView) -> Result<()> {
    Ok(require(!authority.is_signer(), Fault::WrongAddress)?)
}

/// The account holds the job's client's credits.
#[inline(always)]
fn of_client(job: &Job, credit_account: &AccountView) -> Result<()> {
    require(guard::eq(credit_account.address(), &job.credit_account), EscrowError::WrongClient)
}

/// The account counts the job's provider's work: anyone may settle, and must not choose who is paid.
#[inline(always)]
fn of_provider(job: &Job, provider_work: &AccountView) -> Result<()> {
    let provider_work = account::load::<ProviderWork>(provider_work)?;
    require(guard::eq(&provider_work.provider, &job.provider), EscrowError::WrongProvider)
}
