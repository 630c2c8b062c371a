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
        // What is not asked for is not there.
        require(self.proof.is_empty() || terms.allowed != [0; 32], Fault::InvalidArguments)?;
        if terms.allowed != [0; 32] {
            let proof = bytemuck::try_cast_slice(self.proof).map_err(|_| EscrowError::NotAllowed)?;
            let leaf = merkle::leaf(sha256, self.authority);
            require(merkle::root(sha256, leaf, self.place, proof) == Some(terms.allowed), EscrowError::NotAllowed)?;
        }
        if guard::eq(pool, &NONE) {
            return Ok(());
        }
        require(guard::present(self.pool, &ID) && guard::present(self.provider, &ID), EscrowError::StakeRequired)?;
        require(guard::eq(self.pool.address(), pool), EscrowError::WrongPool)?;
        let pool = account::load::<Pool>(self.pool)?;
        let provider = account::load::<Provider>(self.provider)?;
        require(guard::eq(&provider.pool, self.pool.address()), EscrowError::WrongPool)?;
        require(guard::eq(&provider.authority, self.authority), EscrowError::WrongProvider)?;
        require(is_eligible(&provider, &pool, terms, now), EscrowError::ProviderNotEligible)
    }
}

/// The provider is active, with the stake and the reliability that the terms ask for.
#[inline(always)]
pub fn is_eligible(provider: &Provider, pool: &Pool, terms: &Terms, now: Timestamp) -> bool {
    provider.status == status::ACTIVE
        && has_own(provider, pool.min_self_stake.max(terms.min_stake))
        && (terms.min_reliability == Bps(0) || provider.reliability(now) >= terms.min_reliability)
}

/// To have nothing at least takes no arithmetic.
#[inline(always)]
fn has_own(provider: &Provider, minimum: Tokens) -> bool {
    minimum.is_zero() || provider.has_own(minimum)
}

fn sha256(parts: &[&[u8]]) -> merkle::Hash {
    hashv(parts).to_bytes()
}
