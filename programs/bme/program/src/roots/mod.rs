//! Reward roots: who approved, what a proof proves, and what of a root is whose.

pub(crate) mod activate_root;
pub(crate) mod approve_root;
pub(crate) mod claim_node_root;
pub(crate) mod claim_root;
pub(crate) mod close_root;
pub(crate) mod close_root_claim;
pub(crate) mod execute_oracles;
pub(crate) mod fund_roots;
pub(crate) mod open_root_claim;
pub(crate) mod open_roots;
pub(crate) mod publish_root;
pub(crate) mod set_oracles;
pub(crate) mod veto_root;

use {
    crate::Result,
    joule_bme_interface::{
        BmeError,
        event::OraclesChanged,
        merkle,
        state::{CLAIM_RING, MAX_PROOF, OracleSet, ROOT_LIFETIME, RewardRoot, RootClaim, RootPayment},
    },
    joule_common::{
        AccountView, event,
        guard::{eq, require},
        in_range, sha256,
    },
    joule_interface::{Address, Fault},
    joule_math::{Seconds, Timestamp, Tokens, mul_div_floor},
};

/// Counts an oracle's approval; with the last that is needed the root begins to ripen.
pub fn approve(set: &OracleSet, root: &mut RewardRoot, oracle: &Address, now: Timestamp, delay: Seconds) -> Result<()> {
    let oracles = set.oracles.iter().take(set.oracle_count as usize);
    let place = oracles.enumerate().find_map(|(place, known)| eq(known, oracle).then_some(place));
    let bit = 1u64 << place.ok_or(BmeError::NotAnOracle)?;
    require(root.generation == set.generation, BmeError::RootOutdated)?;
    require(root.approvals & bit == 0, BmeError::AlreadyApproved)?;
    root.approvals |= bit;
    let enough = set.threshold > 0 && root.approvals.count_ones() >= set.threshold as u32;
    // Approvals beyond the threshold do not begin the delay anew.
    if enough && root.activatable_at == Timestamp::default() {
        root.activatable_at = now.after(delay)?;
    }
    Ok(())
}

/// A pending root that can never be activated.
pub fn is_outdated(set: &OracleSet, root: &RewardRoot, now: Timestamp) -> Result<bool> {
    let is_late = now > root.published_at.after(ROOT_LIFETIME)?;
    Ok(is_late || root.generation != set.generation || root.index < set.active_root)
}

/// What a leaf's claimant has of what is open of the root: its part of what the root adds. Rounded down.
pub fn entitled(root: &RewardRoot, previous_total: Tokens, total: Tokens) -> Result<Tokens> {
    let all = root.addition()?;
    let addition = Tokens(total.0.saturating_sub(previous_total.0)).min(all);
    if addition.is_zero() {
        return Ok(Tokens::ZERO);
    }
    Ok(Tokens(mul_div_floor(addition.0, root.opened.0, all.0)?))
}

/// What the active root `root` has paid a claimant: its place in the ring, cleared if an older root had it. Numbers are given
/// to active roots only, or one oracle alone, by publishing, would take the places of roots that still pay.
pub fn payment_mut(claim: &mut RootClaim, root: u64) -> Result<&mut RootPayment> {
    let payment = &mut claim.payments[root as usize % CLAIM_RING];
    require(payment.root <= root, BmeError::LaterRootPaid)?;
    if payment.root < root {
        *payment = RootPayment { root, paid: Tokens::ZERO };
    }
    Ok(payment)
}

/// Nobody is proposed any more.
pub fn forget_proposed(set: &mut OracleSet) {
    set.proposed_oracles = Default::default();
    set.proposed_count = 0;
    set.proposed_threshold = 0;
    set.executable_at = Timestamp::default();
}

/// The set has other oracles: roots of those before are outdated.
pub fn emit_changed(view: &AccountView, set: &mut OracleSet) -> Result<()> {
    set.generation += 1;
    event::emit(&OraclesChanged {
        header: OraclesChanged::header(*view.address(), event::next(&mut set.sequence)?),
        generation: set.generation,
        oracle_count: set.oracle_count as u64,
        threshold: set.threshold as u64,
    });
    Ok(())
}

/// The leaf of `claimant` and its totals is in the tree. Not inlined: what it goes round with then stays in registers.
#[inline(never)]
pub fn verify(
    root: &RewardRoot,
    claimant: &Address,
    previous_total: Tokens,
    total: Tokens,
    index: u32,
    proof: &[u8],
) -> Result<()> {
    let (proof, rest) = proof.as_chunks::<32>();
    require(rest.is_empty() && proof.len() <= MAX_PROOF, Fault::InvalidArguments)?;
    let leaf = merkle::leaf(sha256, &root.network, claimant, previous_total.0, total.0);
    require(merkle::root(sha256, leaf, index, proof) == Some(root.root), BmeError::InvalidProof)
}

/// The oracles that an instruction's fixed array names: different ones, then zeros.
pub fn count(oracles: &[Address]) -> Result<u8> {
    let nobody = Address::default();
    let count = oracles.iter().take_while(|oracle| !eq(oracle, &nobody)).count();
    let (named, empty) = oracles.split_at(count);
    let once = named.iter().enumerate().all(|(place, oracle)| !named[..place].iter().any(|other| eq(other, oracle)));
    in_range!(once && empty.iter().all(|oracle| eq(oracle, &nobody)), "oracles")?;
    Ok(count as u8)
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        joule_bme_interface::{merkle::Hash, state::MAX_ORACLES},
        std::vec::Vec,
    };

    fn key(byte: u8) -> Address {
        Address::new_from_array([byte; 32])
    }

    /// All levels of a tree over `leaves`, padded with zeros to a power of two.
    fn tree(leaves: &[Hash]) -> Vec<Vec<Hash>> {
        let mut levels = vec![leaves.to_vec()];
        levels[0].resize(leaves.len().next_power_of_two(), [0; 32]);
        while levels.last().unwrap().len() > 1 {
            let above = levels.last().unwrap().chunks(2).map(|pair| merkle::node(sha256, &pair[0], &pair[1])).collect();
            levels.push(above);
        }
        levels
    }

    fn proof(levels: &[Vec<Hash>], index: usize) -> Vec<u8> {
        let siblings = levels.iter().enumerate().take(levels.len() - 1);
        siblings.flat_map(|(height, level)| level[(index >> height) ^ 1]).collect()
    }

    #[test]
    fn every_leaf_of_trees_of_every_height_is_proved_and_no_other() {
        let network = key(1);
        for height in 0..6 {
            let leaves: Vec<_> =
                (0..1u8 << height).map(|i| merkle::leaf(sha256, &network, &key(i), 9, 100 + i as u64)).collect();
            let levels = tree(&leaves);
            let root = RewardRoot { network, root: levels.last().unwrap()[0], ..Default::default() };
            for index in 0..leaves.len() {
                let (claimant, total, path) = (key(index as u8), Tokens(100 + index as u64), proof(&levels, index));
                let verify = |claimant, total, index, path: &[u8]| {
                    super::verify(&root, &claimant, Tokens(9), total, index, path)
                };
                let place = index as u32;
                assert_eq!(verify(claimant, total, place, &path), Ok(()));
                assert_eq!(verify(claimant, Tokens(total.0 + 1), place, &path), Err(BmeError::InvalidProof));
                assert_eq!(verify(key(99), total, place, &path), Err(BmeError::InvalidProof));
                assert_eq!(verify(claimant, total, place + (1 << height), &path), Err(BmeError::InvalidProof));
                if height > 0 {
                    assert_eq!(verify(claimant, total, place ^ 1, &path), Err(BmeError::InvalidProof));
                    assert_eq!(verify(claimant, total, place, &path[32..]), Err(BmeError::InvalidProof));
                    assert_eq!(verify(claimant, total, place, &path[1..]), Err(BmeError::InvalidArguments));
                }
            }
            let other = RewardRoot { network: key(2), ..root };
            assert_eq!(
                super::verify(&other, &key(0), Tokens(9), Tokens(100), 0, &proof(&levels, 0)),
                Err(BmeError::InvalidProof)
            );
        }
    }

    #[test]
    fn proofs_reach_32_levels_and_no_further() {
        let (network, claimant) = (key(1), key(2));
        let leaf = merkle::leaf(sha256, &network, &claimant, 3, 7);
        for height in [32, 33] {
            let siblings: Vec<Hash> = (0..height).map(|level| [level; 32]).collect();
            // The last place of a full tree.
            let expected = siblings.iter().fold(leaf, |hash, sibling| merkle::node(sha256, sibling, &hash));
            let root = RewardRoot { network, root: expected, ..Default::default() };
            let outcome = verify(&root, &claimant, Tokens(3), Tokens(7), u32::MAX, &siblings.concat());
            assert_eq!(outcome, if height == 32 { Ok(()) } else { Err(BmeError::InvalidArguments) });
        }
    }

    #[test]
    fn parts_of_a_root_open_together_and_never_exceed_it() {
        let root =
            RewardRoot { previous_total: Tokens(100), total: Tokens(400), opened: Tokens(100), ..Default::default() };
        let entitled = |previous, total| entitled(&root, Tokens(previous), Tokens(total)).unwrap();
        assert_eq!((entitled(0, 150), entitled(50, 200), entitled(7, 8)), (Tokens(50), Tokens(50), Tokens(0)));
        assert_eq!((entitled(0, u64::MAX), entitled(9, 9), entitled(9, 8)), (Tokens(100), Tokens(0), Tokens(0)));
    }

    #[test]
    fn a_root_pays_a_claimant_until_one_eight_later_has() {
        let mut claim = RootClaim::default();
        for root in 1..=8 {
            payment_mut(&mut claim, root).unwrap().paid = Tokens(root);
        }
        assert_eq!(payment_mut(&mut claim, 4).unwrap().paid, Tokens(4));
        assert_eq!(payment_mut(&mut claim, 12).unwrap().paid, Tokens(0));
        assert_eq!(payment_mut(&mut claim, 4).unwrap_err(), BmeError::LaterRootPaid);
        assert_eq!(payment_mut(&mut claim, 5).unwrap().paid, Tokens(5));
    }

    #[test]
    fn a_node_is_no_leaf() {
        // A leaf's hash is taken of 81 bytes, a node's of 65: chosen so, and told apart by their first byte besides.
        let (left, right) = ([3; 32], [4; 32]);
        let node = merkle::node(sha256, &left, &right);
        let forged = merkle::leaf(sha256, &Address::new_from_array(left), &Address::new_from_array(right), 0, 0);
        assert_ne!(node, forged);
        assert_ne!(node, sha256(&[&[merkle::LEAF], &left, &right]));
    }

    #[test]
    fn approvals_are_counted_once_each() {
        let mut set = OracleSet { oracle_count: 3, threshold: 2, generation: 5, ..Default::default() };
        set.oracles[..3].copy_from_slice(&[key(1), key(2), key(3)]);
        set.oracles[3] = key(4);
        let mut root = RewardRoot { generation: 5, ..Default::default() };
        let (now, delay) = (Timestamp(100), Seconds(50));
        let mut vote = |oracle, now| approve(&set, &mut root, &key(oracle), now, delay).map(|()| root.activatable_at);
        assert_eq!(vote(4, now), Err(BmeError::NotAnOracle), "beyond the count");
        assert_eq!(vote(2, now), Ok(Timestamp(0)));
        assert_eq!(vote(2, now), Err(BmeError::AlreadyApproved));
        assert_eq!(vote(1, now), Ok(Timestamp(150)));
        assert_eq!(vote(3, Timestamp(140)), Ok(Timestamp(150)), "the delay does not begin anew");
        root.generation = 4;
        assert_eq!(approve(&set, &mut root, &key(1), now, delay), Err(BmeError::RootOutdated));
    }

    #[test]
    fn oracles_are_named_once() {
        let set = |keys: &[u8]| {
            let mut oracles = [Address::default(); MAX_ORACLES];
            keys.iter().zip(&mut oracles).for_each(|(&byte, place)| *place = key(byte));
            count(&oracles)
        };
        assert_eq!((set(&[]), set(&[1, 2, 3])), (Ok(0), Ok(3)));
        assert_eq!(set(&[1, 2, 1]), Err(BmeError::InvalidParameter));
        assert_eq!(set(&[1, 0, 2]), Err(BmeError::InvalidParameter));
        assert_eq!(set(&[7; 16]), Err(BmeError::InvalidParameter));
    }
}
