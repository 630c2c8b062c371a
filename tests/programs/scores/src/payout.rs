//! What an epoch pays, and the tree that says so.
//!
//! A claimant's leaf says what it had earned here by roots that became active, and what it has with this one. Claimants who earn
//! nothing in the epoch have no leaf. Miners come first, in the order of their places, then validators.

use {
    crate::state::{Board, Miner, Validator, status},
    joule_bme_interface::merkle::{self, Hash, Sha256},
    joule_interface::Address,
    joule_math::{Overflow, Tokens, mul_div_floor},
};

/// One leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Who claims.
    pub claimant: Address,
    /// Earned by roots that became active.
    pub previous_total: Tokens,
    /// And with this one.
    pub total: Tokens,
}

/// Divides `reward` among all by ranks and dividends, and returns what that is in all: never more.
///
/// The part of a validator that did not reveal is paid to nobody: others gain nothing if it is kept from revealing.
pub fn divide(board: &mut Board, reward: Tokens) -> Result<Tokens, Overflow> {
    let for_validators = Tokens(board.parameters.validators_share.of_floor(reward.0)?);
    let for_miners = reward.minus(for_validators)?;
    let mut paid = Tokens::ZERO;
    if board.rank_sum == 0 {
        return Ok(paid);
    }
    for miner in board.miners.iter_mut().filter(|miner| miner.rank != 0) {
        miner.pending = Tokens(mul_div_floor(for_miners.0, miner.rank, board.rank_sum)?);
        paid = paid.plus(miner.pending)?;
    }
    let sum = board.dividend_sum.get();
    // As many bits as a word has.
    let shift = 64u32.saturating_sub(sum.leading_zeros());
    let sum = (sum >> shift) as u64;
    for validator in board.validators.iter_mut().filter(|validator| validator.status == status::REVEALED) {
        let part = (validator.dividend.get() >> shift) as u64;
        validator.pending = Tokens(mul_div_floor(for_validators.0, part, sum)?);
        paid = paid.plus(validator.pending)?;
    }
    Ok(paid)
}

/// The root before this one is decided: what it said counts if it became active, else it is forgotten, and its part of the budget
/// is left for later epochs.
pub fn decide(board: &mut Board, became_active: bool) -> Result<(), Overflow> {
    let miners = board.miners.iter_mut().map(|Miner { total, pending, .. }| (total, pending));
    let validators = board.validators.iter_mut().map(|Validator { total, pending, .. }| (total, pending));
    for (total, pending) in miners.chain(validators) {
        if became_active {
            *total = total.plus(*pending)?;
        }
        *pending = Tokens::ZERO;
    }
    Ok(())
}

/// The leaves, in order.
pub fn claims(board: &Board) -> impl Iterator<Item = Claim> {
    let miners = board.miners.iter().map(|miner| (&miner.claimant, miner.total, miner.pending));
    let validators = board.validators.iter().map(|validator| (&validator.claimant, validator.total, validator.pending));
    miners.chain(validators).filter(|(_, _, pending)| !pending.is_zero()).map(|(claimant, total, pending)| Claim {
        claimant: *claimant,
        previous_total: total,
        total: Tokens(total.0.saturating_add(pending.0)),
    })
}

/// The tree's lowest level: the leaves' hashes, and zeros up to a power of two.
pub fn leaves(sha256: Sha256, network: &Address, claims: impl Iterator<Item = Claim>) -> Vec<Hash> {
    // Room for all at once: on chain nothing is given back.
    let mut level = Vec::with_capacity(512);
    level.extend(claims.map(|Claim { claimant, previous_total, total }| {
        merkle::leaf(sha256, network, &claimant, previous_total.0, total.0)
    }));
    level.resize(level.len().next_power_of_two(), [0; 32]);
    level
}

/// The root above `level`; `visit` sees each level from below.
pub fn root(sha256: Sha256, mut level: Vec<Hash>, mut visit: impl FnMut(&[Hash])) -> Hash {
    while level.len() > 1 {
        visit(&level);
        let half = level.len() / 2;
        for i in 0..half {
            level[i] = merkle::node(sha256, &level[2 * i], &level[2 * i + 1]);
        }
        level.truncate(half);
    }
    level[0]
}

/// The proof of the leaf at `index` above `level`, as `ClaimRoot` wants it.
pub fn proof(sha256: Sha256, level: Vec<Hash>, index: usize) -> Vec<Hash> {
    let mut proof = vec![];
    root(sha256, level, |level| proof.push(level[(index >> proof.len()) ^ 1]));
    proof
}
