//! Minting, or taking from the reserve, what settled epochs decided, as far as the breaker and what there is let it pass.

use {
    crate::{
        Result,
        epochs::breaker::{self, Kind},
        source::{Source, Stock},
    },
    joule_bme_interface::{
        event::Minted,
        state::{Network, Split, source},
    },
    joule_common::{AccountView, event, guard, issuer, token},
    joule_math::{Timestamp, Tokens, U128},
};

/// Where tokens come from, and where they go.
pub struct Destinations<'a> {
    /// What issues them.
    pub source: Source<'a>,
    /// The network's reward vault.
    pub reward_vault: &'a AccountView,
    /// Its account for stakers.
    pub stakers: &'a AccountView,
    /// Its treasury.
    pub treasury: &'a AccountView,
}

impl Destinations<'_> {
    /// They are the network's.
    pub fn check(&self, network: &Network) -> Result<()> {
        guard::address(self.reward_vault, &network.reward_vault)?;
        guard::address(self.stakers, &network.policy.stakers_token_account)?;
        guard::address(self.treasury, &network.policy.treasury_token_account)?;
        Ok(())
    }

    /// Whether tokens can be sent there: whoever closed their token account, or could refuse the transfer by which a reserve pays, gets
    /// nothing, and stops nobody else.
    pub fn payable(&self, view: &AccountView, network: &Network) -> bool {
        match network.source {
            source::RESERVE => issuer::cannot_refuse(view, &network.mint),
            _ => token::balance(view, &network.mint).is_ok(),
        }
    }

    /// Issues what is deferred, providers' first. Returns how much.
    pub fn mint_deferred(&self, network: &mut Network, stock: Stock, now: Timestamp) -> Result<Tokens> {
        let waiting = [
            (self.reward_vault, network.deferred.providers),
            (self.stakers, network.deferred.stakers),
            (self.treasury, network.deferred.treasury),
        ]
        .map(|(view, amount)| (view, if self.payable(view, network) { amount } else { Tokens::ZERO }));

        let wanted = waiting[0].1.plus(waiting[1].1)?.plus(waiting[2].1)?.min(stock.left);
        let passed = breaker::take(network, Kind::Epochs, wanted, now, stock.whole)?;
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
            header: Minted::header(*self.source.network.address(), event::next(&mut network.sequence)?),
            providers: providers.1,
            stakers: stakers.1,
            treasury: treasury.1,
            deferred: network.deferred.sum()?,
        });

        for (destination, amount) in [providers, stakers, treasury] {
            if !amount.is_zero() {
                self.source.issue(network, destination, amount)?;
            }
        }
        Ok(passed)
    }
}

/// Tokens that are promised to settled epochs, to reward roots, and to owners who give credits up.
pub fn promised(network: &Network) -> Result<Tokens> {
    Ok(network.deferred.sum()?.plus(network.refundable)?.plus(network.roots.unminted()?)?)
}

/// Of the tokens that could be issued, those that are not promised.
pub fn room(network: &Network, stock: Stock) -> Result<Tokens> {
    Ok(Tokens(stock.left.0.saturating_sub(promised(network)?.0)))
}
