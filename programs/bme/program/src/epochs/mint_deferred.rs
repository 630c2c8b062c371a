use {
    crate::{Result, epochs::minting::Destinations, source::Source},
    joule_bme_interface::{BmeError, instruction::MintDeferred, state::Network},
    joule_common::{AccountView, account, guard::require, now},
};

/// See [`MintDeferred`].
pub fn mint_deferred(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = MintDeferred::parse(accounts, data)?;
    let network = account::keep_mut::<Network>(a.network)?;
    let source = Source::new(network, a.network, a.mint, a.reserve_vault, a.token_program)?;
    let destinations = Destinations { source, reward_vault: a.reward_vault, stakers: a.stakers, treasury: a.treasury };
    destinations.check(network)?;
    require(!network.deferred.sum()?.is_zero(), BmeError::NothingToClaim)?;

    let stock = source.stock(network)?;
    let minted = destinations.mint_deferred(network, stock, now()?)?;
    require(!minted.is_zero(), BmeError::BreakerHolds)
}
