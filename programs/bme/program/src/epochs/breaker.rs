//! The breaker: how much may be minted now.

use {
    crate::Result,
    joule_bme_interface::state::{Breaker, Network},
    joule_math::{MintWindow, Timestamp, Tokens},
};

/// Takes as much of `wanted` as the network's breaker lets pass at `now`.
pub fn take(network: &mut Network, wanted: Tokens, now: Timestamp, supply: Tokens) -> Result<Tokens> {
    let Breaker { window, minted, limit } = network.breaker;
    let mut window = network.mint_limit().window(MintWindow { index: window, minted, limit }, now, supply);
    let passed = window.take(wanted)?;
    network.breaker = Breaker { window: window.index, minted: window.minted, limit: window.limit };
    Ok(passed)
}
