//! Results that are verified: by a proof, by games over one result, or by panels that compare several.

pub(crate) mod create_verification;
pub mod games;
pub mod panels;
pub mod proofs;
pub(crate) mod set_market_verification;

use {
    crate::Result,
    joule_common::{AccountView, account, guard, guard::require},
    joule_escrow_interface::{EscrowError, state::Verification},
    joule_interface::Address,
};

/// The account is the verification that the job or the market names.
#[inline(always)]
pub fn load_verification<'a>(view: &'a AccountView, named: &Address) -> Result<account::Ref<'a, Verification>> {
    require(guard::eq(view.address(), named), EscrowError::WrongVerification)?;
    Ok(account::load::<Verification>(view)?)
}
