//! Who may work in a market.

use {
    crate::Result,
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, guard, guard::require, sha256},
    joule_escrow_interface::{
        EscrowError, ID, merkle,
        state::{NONE, Terms},
    },
    joule_interface::{Address, Fault},
    joule_math::{Bps, Timestamp, Tokens},
    joule_stake_interface::state::{Pool, Provider, status},
};

/// The network is not paused. The caller checks that it is the right one.
#[inline(always)]
pub fn require_unpaused(network: &AccountView) -> Result<()> {
    Ok(account::keep::<Network>(network)?.require_unpaused()?)
}

/// A provider that wants to work.
pub struct Applicant<'a> {
    /// Authority of the provider.
    pub authority: &'a Address,
    /// The pool.
    pub pool: &'a AccountView,
    /// The provider in the pool.
    pub provider: &'a AccountView,
    /// Its index among the providers that the market allows.
    pub allowed_index: u32,
    /// The Merkle proof for that index.
    pub proof: &'a [u8],
}

impl Applicant<'_> {
    /// It may work on these terms in a market of `pool`.
    #[inline(always)]
    pub fn check(&self, terms: &Terms, pool: &Address, now: Timestamp) -> Result<()> {
        self.is_allowed(terms)?;
        if guard::eq(pool, &NONE) {
            return Ok(());
        }
        require(guard::present(self.pool, &ID) && guard::present(self.provider, &ID), EscrowError::StakeRequired)?;
        require(guard::eq(self.pool.address(), pool), EscrowError::WrongPool)?;
        let pool = account::keep::<Pool>(self.pool)?;
        let provider = self.in_pool()?;
        require(is_eligible(&provider, pool, terms, now), EscrowError::ProviderNotEligible)
    }

    /// The same for a provider whose bond is locked in this instruction. `stake` then checks that the provider belongs to the
    /// authority and to the pool, is active, has the pool's least stake, and that the network is not paused.
    #[inline(always)]
    pub fn check_beside_stake(&self, terms: &Terms, pool: &Address, now: Timestamp) -> Result<()> {
        self.is_allowed(terms)?;
        require(guard::eq(self.pool.address(), pool), EscrowError::WrongPool)?;
        if terms.min_self_stake.is_zero() && terms.min_reliability == Bps(0) {
            return Ok(());
        }
        let provider = self.in_pool()?;
        require(meets(&provider, terms.min_self_stake, terms, now), EscrowError::ProviderNotEligible)
    }

    /// The market allows it.
    #[inline(always)]
    fn is_allowed(&self, terms: &Terms) -> Result<()> {
        if guard::eq(&Address::new_from_array(terms.allowed_root), &NONE) {
            // No market asks for a proof that it does not read.
            return Ok(require(self.proof.is_empty(), Fault::InvalidArguments)?);
        }
        self.is_proved(&terms.allowed_root)
    }

    /// It is one of those of this root.
    #[cold]
    #[inline(never)]
    fn is_proved(&self, allowed_root: &[u8; 32]) -> Result<()> {
        let proof = bytemuck::try_cast_slice(self.proof).map_err(|_| EscrowError::NotAllowed)?;
        let leaf = merkle::leaf(sha256, self.authority);
        let root = merkle::root(sha256, leaf, self.allowed_index, proof);
        require(root == Some(*allowed_root), EscrowError::NotAllowed)
    }

    /// Its provider in the pool.
    #[inline(always)]
    fn in_pool(&self) -> Result<account::Ref<'_, Provider>> {
        let provider = account::load::<Provider>(self.provider)?;
        require(guard::eq(&provider.pool, self.pool.address()), EscrowError::WrongPool)?;
        require(guard::eq(&provider.authority, self.authority), EscrowError::WrongProvider)?;
        Ok(provider)
    }
}

/// Whether the provider is active, with the stake and the reliability that the pool and the terms ask for.
#[inline(always)]
pub fn is_eligible(provider: &Provider, pool: &Pool, terms: &Terms, now: Timestamp) -> bool {
    provider.status == status::ACTIVE
        && meets(provider, pool.policy.min_self_stake.max(terms.min_self_stake), terms, now)
}

/// Whether the provider has `self_stake`, and the reliability that the terms ask for.
#[inline(always)]
fn meets(provider: &Provider, self_stake: Tokens, terms: &Terms, now: Timestamp) -> bool {
    provider.has_own(self_stake, now)
        && (terms.min_reliability == Bps(0) || provider.reliability(now) >= terms.min_reliability)
}
