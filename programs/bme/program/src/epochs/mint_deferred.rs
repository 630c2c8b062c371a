use {
    crate::{Result, epochs::minting::Destinations},
    joule_bme_interface::{BmeError, instruction::MintDeferred, state::Network},
    joule_common::{AccountView, account, guard::require, now, token},
};

/// See [`MintDeferred`].
pub fn mint_deferred(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = MintDeferred::parse(accounts, data)?;
    let network = account::keep_mut::<Network>(a.network)?;
    let destinations = Destinations {
        network: a.network,
        mint: a.mint,
        reward_vault: a.reward_vault,
        stakers: a.stakers,
        treasury: a.treasury,
        token_program: a.token_program,
    };
    destinations.check(network)?;
    require(!network.deferred.sum()?.is_zero(), BmeError::NothingToClaim)?;

    let supply = token::mint(a.mint, &network.token_program)?.supply;
    let minted = destinations.mint_deferred(network, supply, now()?)?;
    require(!minted.is_zero(), BmeError::BreakerHolds)
}
