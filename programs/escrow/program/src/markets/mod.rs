//! Markets: their terms, and who may work in them.

pub mod access;
pub(crate) mod close_market;
pub(crate) mod create_market;
pub mod node;
pub(crate) mod set_market;
pub mod terms;

use {
    crate::Result,
    joule_common::{AccountView, event, guard, guard::require},
    joule_escrow_interface::{EscrowError, event::MarketChanged, state::Market},
};

/// The market is of this network, takes jobs, and has the terms that the client saw.
#[inline(always)]
pub fn require_offer(market: &Market, network: &AccountView, terms_version: u64) -> Result<()> {
    guard::network(&market.network, network.address())?;
    require(market.closed == 0, EscrowError::MarketClosed)?;
    require(terms_version == market.terms_version, EscrowError::TermsChanged)
}

/// Emits a market's present terms.
pub fn emit_market_changed(view: &AccountView, market: &Market) {
    event::emit(&MarketChanged {
        header: MarketChanged::header(*view.address(), market.sequence()),
        terms: market.terms,
        verification: market.verification,
        closed: market.closed as u64,
    });
}
