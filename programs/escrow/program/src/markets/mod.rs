//! Markets: their terms, and who may work in them.

pub mod access;
pub(crate) mod close_market;
pub(crate) mod create_market;
pub mod node;
pub(crate) mod set_market;
pub mod terms;

use {
    joule_common::{AccountView, event},
    joule_escrow_interface::{event::MarketChanged, state::Market},
};

/// Emits a market's present terms.
pub fn emit_market_changed(view: &AccountView, market: &Market) {
    event::emit(&MarketChanged {
        header: MarketChanged::header(*view.address(), market.terms_version),
        terms: market.terms,
        verification: market.verification,
        closed: market.closed as u64,
    });
}
