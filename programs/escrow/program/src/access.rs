//! Who may work in a market.

use {
    crate::Result,
    joule_common::{AccountView, account, guard, guard::require},
    joule_escrow_interface::{
        EscrowError, ID, merkle,
        state::{NONE, Terms},
    },
    joule_interface::{Address, Fault},
    joule_math::{Bps, Timestamp, Tokens},
    joule_stake_interface::state::{Pool, Provider, status},
    solana_program::hash::hashv,
};

/// One who wants to work: its key, and what it stands in.
pub struct Applicant<'a> {
    /// Authority of the provider.
    pub authority: &'a Address,
    /// The pool.
    pub pool: &'a AccountView,
    /// The provider in the pool.
    pub provider: &'a AccountView,
    /// Its place among those that the market allows.
    pub place: u32,
    /// The hashes beside the path from there.
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
        let provider = self.of_pool()?;
        require(is_eligible(&provider, pool, terms, now), EscrowError::ProviderNotEligible)
    }

    /// The same of one whose bond is locked, where the terms ask for one: that the provider is its own, of that pool, active and
    /// with the pool's least stake, and that the network is not paused, `stake` checks.
    #[inline(always)]
    pub fn check_beside_stake(&self, terms: &Terms, pool: &Address, now: Timestamp) -> Result<()> {
        self.is_allowed(terms)?;
        require(guard::eq(self.pool.address(), pool), EscrowError::WrongPool)?;
        if terms.min_self_stake.is_zero() && terms.min_reliability == Bps(0) {
            return Ok(());
        }
        let provider = self.of_pool()?;
        require(has_standing(&provider, terms.min_self_stake, terms, now), EscrowError::ProviderNotEligible)
    }

    /// It is among those that the market allows.
    #[inline(always)]
    fn is_allowed(&self, terms: &Terms) -> Result<()> {
        if guard::eq(&Address::new_from_array(terms.allowed_root), &NONE) {
            // What is not asked for is not there.
            return Ok(require(self.proof.is_empty(), Fault::InvalidArguments)?);
        }
        let proof = bytemuck::try_cast_slice(self.proof).map_err(|_| EscrowError::NotAllowed)?;
        let leaf = merkle::leaf(sha256, self.authority);
        require(merkle::root(sha256, leaf, self.place, proof) == Some(terms.allowed_root), EscrowError::NotAllowed)
    }

    /// Its provider in the pool.
    #[inline(always)]
    fn of_pool(&self) -> Result<account::Ref<'_, Provider>> {
        let provider = account::load::<Provider>(self.provider)?;
        require(guard::eq(&provider.pool, self.pool.address()), EscrowError::WrongPool)?;
        require(guard::eq(&provider.authority, self.authority), EscrowError::WrongProvider)?;
        Ok(provider)
    }
}

/// The provider is active, with the stake and the reliability that the terms ask for.
#[inline(always)]
pub fn is_eligible(provider: &Provider, pool: &Pool, terms: &Terms, now: Timestamp) -> bool {
    provider.status == status::ACTIVE
        && has_standing(provider, pool.policy.min_self_stake.max(terms.min_self_stake), terms, now)
}

/// The provider has so much stake of its own, and the reliability that the terms ask for.
#[inline(always)]
fn has_standing(provider: &Provider, own: Tokens, terms: &Terms, now: Timestamp) -> bool {
    provider.has_own(own, now) && (terms.min_reliability == Bps(0) || provider.reliability(now) >= terms.min_reliability)
}

fn sha256(parts: &[&[u8]]) -> merkle::Hash {
    hashv(parts).to_bytes()
}
