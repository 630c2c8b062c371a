//! Minting what settled epochs decided, as far as the breaker and the maximum supply let it pass.

use {
    crate::{
        Result,
        epochs::breaker::{self, Kind},
    },
    joule_bme_interface::{
        event::Minted,
        pda,
        state::{Network, Split},
    },
    joule_common::{AccountView, event, guard, guard::require, token},
    joule_interface::Fault,
    joule_math::{Timestamp, Tokens, U128},
};

/// Where minted tokens go.
pub struct Destinations<'a> {
    /// The network.
    pub network: &'a AccountView,
    /// Its token.
    pub mint: &'a AccountView,
    /// Its reward vault.
    pub reward_vault: &'a AccountView,
    /// Its account for stakers.
    pub stakers: &'a AccountView,
    /// Its treasury.
    pub treasury: &'a AccountView,
    /// The mint's token program.
    pub token_program: &'a AccountView,
}

impl Destinations<'_> {
    /// They are the network's.
    pub fn check(&self, network: &Network) -> Result<()> {
        guard::address(self.mint, &network.mint)?;
        guard::address(self.reward_vault, &network.reward_vault)?;
        guard::address(self.stakers, &network.policy.stakers_token_account)?;
        guard::address(self.treasury, &network.policy.treasury_token_account)?;
        require(guard::eq(self.token_program.address(), &network.token_program), Fault::WrongTokenProgram.into())
    }

    /// Whether tokens can be sent there: whoever closed their token account gets nothing, and stops nobody else.
    pub fn payable(&self, view: &AccountView, network: &Network) -> bool {
        token::balance(view, &network.mint).is_ok()
    }

    /// Mints what is deferred, providers' first. Returns what was minted.
    pub fn mint_deferred(&self, network: &mut Network, supply: Tokens, now: Timestamp) -> Result<Tokens> {
        let waiting = [
            (self.reward_vault, network.deferred.providers),
            (self.stakers, network.deferred.stakers),
            (self.treasury, network.deferred.treasury),
        ]
        .map(|(view, amount)| (view, if self.payable(view, network) { amount } else { Tokens::ZERO }));

        let room = Tokens(network.policy.max_supply.0.saturating_sub(supply.0));
        let wanted = waiting[0].1.plus(waiting[1].1)?.plus(waiting[2].1)?.min(room);
        let passed = breaker::take(network, Kind::Epochs, wanted, now, supply)?;
        if passed.is_zero() {
            return Ok(passed);
        }
        let mut left = passed;
        let [providers, stakers, treasury] = waiting.map(|(view, amount)| {
            let amount = amount.min(left);
            left = Tokens(left.0 - amount.0);
            (view, amount)
        });
        network.minted = U128::new(network.minted.get() + passed.0 as u128);
        network.deferred = Split {
            providers: network.deferred.providers.minus(providers.1)?,
            stakers: network.deferred.stakers.minus(stakers.1)?,
            treasury: network.deferred.treasury.minus(treasury.1)?,
        };
        event::emit(&Minted {
            header: Minted::header(*self.network.address(), event::next(&mut network.sequence)?),
            providers: providers.1,
            stakers: stakers.1,
            treasury: treasury.1,
            deferred: network.deferred.sum()?,
        });

        let (mint, bump, decimals) = (network.mint, [network.header.bump], network.decimals);
        let seeds = pda::network::signer(&mint, &bump);
        for (destination, amount) in [providers, stakers, treasury] {
            if !amount.is_zero() {
                let signer = [(&seeds).into()];
                token::mint_to(self.token_program, self.mint, destination, self.network, amount, decimals, &signer)?;
            }
        }
        Ok(passed)
    }
}

/// Tokens that exist, or are promised to settled epochs, to reward roots, and to owners who give credits up.
pub fn promised(network: &Network, supply: Tokens) -> Result<Tokens> {
    let deferred = network.deferred.sum()?.plus(network.refundable)?;
    Ok(supply.plus(deferred)?.plus(network.roots.unminted()?)?)
}

/// Tokens that neither exist nor are promised, under the maximum supply.
pub fn room(network: &Network, supply: Tokens) -> Result<Tokens> {
    Ok(Tokens(network.policy.max_supply.0.saturating_sub(promised(network, supply)?.0)))
}
