//! What a vote counts: pure functions over accounts that were read.

use {
    crate::{
        Result, VoterError,
        accounts::require,
        state::{Council, Lanes, Vote},
    },
    joule_bme_interface::state::Network,
    joule_interface::{Address, address_eq},
    joule_math::{Timestamp, mul_div_floor, weight_floor},
    joule_stake_interface::state::{Delegation, Provider, status},
};

/// What an owner's stake weighs that was locked by `since`, and is until `until`: tokens times the lock's multiplier, over the
/// highest, four. So never more than the tokens.
pub fn stake_weight(delegation: &Delegation, provider: &Provider, since: Timestamp, until: Timestamp) -> Result<u64> {
    require(provider.status != status::TOMBSTONED, VoterError::LockVoid)?;
    // Whatever is added to locked stake starts the lock again, so all of it was locked then.
    let began_at = Timestamp(delegation.lock_ends_at.0.saturating_sub_unsigned(delegation.lock_period.0 as u64));
    let is_locked = delegation.lock_ends_at >= until && began_at <= since;
    require(is_locked, VoterError::NotLocked)?;
    let (tokens, multiplier) = if address_eq(&delegation.owner, &provider.authority) {
        // Of its own stake, what no job can take.
        (provider.locked.min(provider.own_stake()?), provider.own_multiplier)
    } else {
        (delegation.worth(provider)?, delegation.multiplier)
    };
    Ok(weight_floor(tokens, multiplier)?.0)
}

/// The delegation is the owner's, of this provider, and this one of the council's pool.
pub fn check_stake(
    council: &Council,
    owner: &Address,
    delegation: &Delegation,
    provider_address: &Address,
    provider: &Provider,
) -> Result<()> {
    let is_its = address_eq(&delegation.owner, owner)
        && address_eq(&delegation.provider, provider_address)
        && address_eq(&provider.pool, &council.pool);
    require(is_its, VoterError::WrongDelegation)
}

/// When the open epoch began.
pub fn epoch_began_at(network: &Network) -> Timestamp {
    Timestamp(network.epoch_ends_at.0.saturating_sub_unsigned(network.terms.own_duration.0 as u64))
}

/// Whether votes on the open epoch are closed.
pub fn is_closed(council: &Council, network: &Network, now: Timestamp) -> bool {
    now.0 >= network.epoch_ends_at.0.saturating_sub_unsigned(council.closing_window.0 as u64)
}

/// Counts a vote in the epoch. One of the same epoch is taken back first.
pub fn cast(council: &mut Council, vote: &mut Vote, epoch: u64, weight: u64, parts: &Lanes<u16>) -> Result<()> {
    require(weight > 0 && parts.iter().any(|part| *part > 0), VoterError::InvalidVote)?;
    if council.epoch != epoch || council.voters == 0 {
        (council.epoch, council.voters, council.tally) = (epoch, 0, Default::default());
    }
    if vote.voted == epoch + 1 {
        let divided = divide(vote.weight, &vote.parts)?;
        council.tally.iter_mut().zip(divided).for_each(|(sum, part)| *sum -= part);
    } else {
        council.voters += 1;
    }
    let divided = divide(weight, parts)?;
    council.tally.iter_mut().zip(divided).for_each(|(sum, part)| *sum += part);
    (vote.voted, vote.weight, vote.parts) = (epoch + 1, weight, *parts);
    Ok(())
}

/// A vote's weight, by lanes: each rounded down.
fn divide(weight: u64, parts: &Lanes<u16>) -> Result<Lanes<u64>> {
    let sum: u64 = parts.iter().map(|part| *part as u64).sum();
    let mut divided = Lanes::default();
    for (divided, part) in divided.iter_mut().zip(parts) {
        *divided = mul_div_floor(weight, *part as u64, sum)?;
    }
    Ok(divided)
}

/// The lanes' weights by the votes, as large together as the policy's: `bme` compares each with the policy's own.
#[inline(always)]
pub fn weights(council: &Council, policy: &Lanes<u16>) -> Result<Lanes<u16>> {
    let sum: u64 = council.tally.iter().sum();
    require(sum > 0, VoterError::NoVotes)?;
    let of_policy: u64 = policy.iter().map(|weight| *weight as u64).sum();
    let mut weights = Lanes::default();
    for (weight, votes) in weights.iter_mut().zip(council.tally) {
        *weight = mul_div_floor(votes, of_policy, sum)?.min(u16::MAX as u64) as u16;
    }
    Ok(weights)
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        joule_math::{Bps, Seconds, Tokens},
        proptest::prelude::*,
    };

    const DAY: i64 = 86_400;

    #[test]
    fn only_stake_that_was_locked_before_and_is_after_counts() {
        let provider = Provider {
            authority: Address::new_from_array([1; 32]),
            own: Tokens(100),
            locked: Tokens(60),
            own_multiplier: Bps(20_000),
            status: status::ACTIVE,
            ..Provider::default()
        };
        let own = Delegation {
            owner: provider.authority,
            lock_ends_at: Timestamp(100 * DAY),
            lock_period: Seconds(14 * DAY as u32),
            ..Delegation::default()
        };
        let weight = |since, until| stake_weight(&own, &provider, Timestamp(since), Timestamp(until));
        assert_eq!(weight(86 * DAY, 100 * DAY), Ok(30), "what is locked, doubled, over four");
        assert_eq!(weight(86 * DAY - 1, 100 * DAY), Err(VoterError::NotLocked));
        assert_eq!(weight(86 * DAY, 100 * DAY + 1), Err(VoterError::NotLocked));
        let less = Provider { own: Tokens(10), ..provider };
        assert_eq!(stake_weight(&own, &less, Timestamp(90 * DAY), Timestamp(91 * DAY)), Ok(5));
        let out = Provider { status: status::TOMBSTONED, ..provider };
        let void = stake_weight(&own, &out, Timestamp(90 * DAY), Timestamp(91 * DAY));
        assert_eq!(void, Err(VoterError::LockVoid));
        let free = Delegation { owner: provider.authority, ..Delegation::default() };
        let unlocked = stake_weight(&free, &provider, Timestamp(90 * DAY), Timestamp(91 * DAY));
        assert_eq!(unlocked, Err(VoterError::NotLocked));
    }

    proptest! {
        /// However often each votes, its last vote of the epoch counts, once.
        #[test]
        fn the_last_votes_count_once(
            steps in prop::collection::vec((0..5usize, 0..3u64, 1..1_000_000u64, prop::array::uniform16(0..50u16)), 1..60),
        ) {
            let mut council = Council::default();
            let mut votes = [Vote::default(); 5];
            let mut epoch = 0;
            for (who, later, weight, parts) in steps {
                epoch += later / 2;
                if parts.iter().all(|part| *part == 0) {
                    prop_assert_eq!(cast(&mut council, &mut votes[who], epoch, weight, &parts), Err(VoterError::InvalidVote));
                    continue;
                }
                cast(&mut council, &mut votes[who], epoch, weight, &parts).unwrap();
                let counted: Vec<_> = votes.iter().filter(|vote| vote.voted == epoch + 1).collect();
                prop_assert_eq!(council.voters as usize, counted.len());
                for lane in 0..16 {
                    let part = |vote: &&Vote| {
                        let sum: u64 = vote.parts.iter().map(|part| *part as u64).sum();
                        vote.weight * vote.parts[lane] as u64 / sum
                    };
                    prop_assert_eq!(council.tally[lane], counted.iter().map(part).sum::<u64>());
                }
            }
        }

        #[test]
        fn weights_are_as_large_together_as_the_policys(
            tally in prop::array::uniform16(0..1_000_000u64), policy in prop::array::uniform16(0..1_000u16),
        ) {
            let council = Council { tally, ..Council::default() };
            let Ok(found) = weights(&council, &policy) else {
                prop_assert!(tally.iter().all(|votes| *votes == 0));
                return Ok(());
            };
            let sum = |weights: &[u16]| weights.iter().map(|weight| *weight as u64).sum::<u64>();
            prop_assert!(sum(&found) <= sum(&policy) && sum(&found) + 16 > sum(&policy));
        }
    }

    #[test]
    fn nobodys_vote_is_no_weight() {
        assert_eq!(weights(&Council::default(), &[1; 16]), Err(VoterError::NoVotes));
        let (mut council, mut vote) = (Council::default(), Vote::default());
        assert_eq!(cast(&mut council, &mut vote, 0, 0, &[1; 16]), Err(VoterError::InvalidVote));
    }
}
