//! Where a network's tokens come from, its mint or its reserve; and where those go that it is paid.

use {
    crate::Result,
    joule_bme_interface::{
        pda,
        state::{Network, source},
    },
    joule_common::{AccountView, Seed, guard, guard::require, token},
    joule_interface::{Address, Fault},
    joule_math::{Tokens, U128},
};

/// The seeds of a network's address.
#[inline(always)]
pub fn seeds<'a>(source: u8, mint: &'a Address, founder: &'a Address) -> [&'a [u8]; 3] {
    if source == source::RESERVE {
        return pda::reserve_network::seeds(mint, founder);
    }
    let [prefix, mint] = pda::network::seeds(mint);
    // An empty seed adds nothing to an address.
    [prefix, mint, &[]]
}

/// The seeds with which a network signs; `bump` is its own.
#[inline(always)]
pub fn signer<'a>(network: &'a Network, bump: &'a [u8; 1]) -> [Seed<'a>; 4] {
    let [prefix, mint, founder] = seeds(network.source, &network.mint, &network.founder);
    [prefix.into(), mint.into(), founder.into(), bump.into()]
}

/// What issues a network's tokens: the network with its mint or its reserve.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// The network.
    pub network: &'a AccountView,
    mint: &'a AccountView,
    reserve_vault: &'a AccountView,
    token_program: token::Stored<'a>,
}

/// How much there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stock {
    /// Tokens that can be issued: up to the maximum supply, or all that the reserve holds.
    pub left: Tokens,
    /// What the breaker's share is a share of: the supply, or what the reserve holds.
    pub whole: Tokens,
}

impl<'a> Source<'a> {
    /// The accounts are the network's.
    pub fn new(
        state: &Network,
        network: &'a AccountView,
        mint: &'a AccountView,
        reserve_vault: &'a AccountView,
        token_program: &'a AccountView,
    ) -> Result<Self> {
        guard::address(mint, &state.mint)?;
        if state.source == source::RESERVE {
            guard::address(reserve_vault, &state.reserve_vault)?;
        }
        let token_program = token::Stored::new(token_program, &state.token_program)?;
        Ok(Self { network, mint, reserve_vault, token_program })
    }

    /// How much there is now. Of a network with a reserve, the supply says nothing.
    pub fn stock(&self, state: &Network) -> Result<Stock> {
        if state.source == source::RESERVE {
            let held = token::vault_balance(self.reserve_vault)?;
            return Ok(Stock { left: held, whole: held });
        }
        let supply = token::mint(self.mint, &state.token_program)?.supply;
        Ok(Stock { left: Tokens(state.policy.max_supply.0.saturating_sub(supply.0)), whole: supply })
    }

    /// Mints the amount, or takes it from the reserve.
    pub fn issue(&self, state: &Network, destination: &AccountView, amount: Tokens) -> Result<()> {
        let bump = [state.header.bump];
        let (seeds, decimals, token_program) = (signer(state, &bump), state.decimals, &self.token_program);
        let signers = [(&seeds).into()];
        if state.source == source::MINT {
            let network = self.network;
            return Ok(token::mint_to(token_program, self.mint, destination, network, amount, decimals, &signers)?);
        }
        // Paying the reserve out of itself would write off what is owed.
        require(!guard::eq(destination.address(), self.reserve_vault.address()), Fault::DuplicateAccount)?;
        token::Transfer {
            source: self.reserve_vault,
            mint: self.mint,
            destination,
            authority: self.network,
            token_program,
        }
        .invoke_signed(amount, decimals, &signers)?;
        Ok(())
    }
}

/// Tokens that a network is paid, for credits or for dollars.
pub struct Payment<'a> {
    /// Where they are.
    pub source: &'a AccountView,
    /// Who owns that: a signer, or the network.
    pub owner: &'a AccountView,
    /// The network's token.
    pub mint: &'a AccountView,
    /// Vault of its reserve, if it has one.
    pub reserve_vault: &'a AccountView,
    /// The token's program.
    pub token_program: &'a token::Stored<'a>,
}

impl Payment<'_> {
    /// Burns them, or returns them to the reserve: by the policy with which the open epoch began, so that a change tells whom it reaches:
    /// what is paid in later epochs. Whether they returned.
    pub fn take(&self, network: &mut Network, is_of_network: bool, amount: Tokens) -> Result<bool> {
        let Self { source, owner: authority, mint, reserve_vault: destination, token_program } = *self;
        let (bump, decimals) = ([network.header.bump], network.decimals);
        let seeds = signer(network, &bump);
        let signers = [(&seeds).into()];
        let signers = if is_of_network { &signers[..] } else { &[] };
        let is_returned = network.terms.payments_to_reserve == 1;
        if is_returned {
            guard::address(destination, &network.reserve_vault)?;
            token::Transfer { source, mint, destination, authority, token_program }
                .invoke_signed(amount, decimals, signers)?;
            network.returned = U128::new(network.returned.get() + amount.0 as u128);
        } else {
            token::burn(token_program, source, mint, authority, amount, decimals, signers)?;
            network.burned = U128::new(network.burned.get() + amount.0 as u128);
        }
        let part = network.policy.remint_share.of_floor(amount.0)?;
        network.remintable = Tokens(network.remintable.0.saturating_add(part));
        Ok(is_returned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_seed_adds_nothing_to_an_address() {
        let [mint, founder] = [Address::new_from_array([1; 32]), Address::new_from_array([2; 32])];
        let of = |source| Address::find_program_address(&seeds(source, &mint, &founder), &joule_bme_interface::ID);
        assert_eq!(of(source::MINT), pda::network::find(&mint));
        assert_eq!(of(source::RESERVE), pda::reserve_network::find(&mint, &founder));
    }
}
