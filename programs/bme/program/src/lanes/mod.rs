//! Lanes: what an epoch counts of each one's work, and what it gives each one.

pub(crate) mod weigh_lanes;

use {
    crate::Result,
    joule_bme_interface::state::{Epoch, EpochTerms, Lane, LaneWork, MAX_LANES, Network, Policy, Split},
    joule_math::{Bps, Credits, Tokens, demand, divide_by_weights, part_of},
};

/// A number for each lane.
type Weights = [u16; MAX_LANES as usize];

/// Gives the lanes these weights.
pub fn set_weights(network: &mut Network, weights: Weights) {
    for (lane, weight) in network.lanes.iter_mut().zip(weights) {
        lane.weight = weight;
    }
}

/// Weights that are `lane_speed` of the way from the present ones to those that the weigher names, within the policy's band.
pub fn next_weights(present: &Weights, named: &Weights, policy: &Policy) -> Result<Weights> {
    let mut next = within_band(named, policy)?;
    for (next, present) in next.iter_mut().zip(present) {
        let step = policy.lane_speed.of_ceil(next.abs_diff(*present) as u64)? as u16;
        *next = if *next < *present { *present - step } else { *present + step };
    }
    Ok(next)
}

/// These weights, as far as the policy's band lets them be. No lane of the policy's is left without any.
pub fn within_band(weights: &Weights, policy: &Policy) -> Result<Weights> {
    let mut bounded = policy.weights();
    for (bounded, weight) in bounded.iter_mut().zip(weights) {
        let band = policy.lane_band.of_floor(*bounded as u64)? as u16;
        let low = (*bounded - band).max((*bounded).min(1));
        *bounded = (*weight).clamp(low, *bounded + band);
    }
    Ok(bounded)
}

/// Decides how much of each lane's work the epoch pays for; the rest waits for the next.
pub fn apply_limits(network: &mut Network, epoch: &mut Epoch) -> Result<()> {
    let limits = epoch.terms.lane_limits;
    for ((work, lane), limit) in epoch.lanes.iter_mut().zip(&mut network.lanes).zip(limits) {
        work.credits = work.credits.plus(core::mem::take(&mut lane.waiting))?;
        if work.credits.is_zero() {
            continue;
        }
        work.tokens = work.tokens.plus(core::mem::take(&mut lane.waiting_tokens))?;
        work.counted = if limit.is_zero() { work.credits } else { work.credits.min(limit) };
        work.counted_tokens = Tokens(part_of(work.tokens.0, work.counted.0, work.credits.0));
        lane.waiting = work.credits.minus(work.counted)?;
        lane.waiting_tokens = work.tokens.minus(work.counted_tokens)?;
        epoch.worked = epoch.worked.plus(work.counted)?;
        epoch.tokens = epoch.tokens.plus(work.counted_tokens)?;
        epoch.waiting = epoch.waiting.plus(lane.waiting)?;
    }
    Ok(())
}

/// What work is worth to its providers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worth {
    /// The policy does not hold their income to it.
    Unbounded,
    /// Nobody knows.
    Unknown,
    /// Its dollars, at a price and its power of ten.
    Price(u64, i32),
}

impl Worth {
    /// Tokens that are `share` of the dollars worked; `None` sets no bound.
    ///
    /// If nobody knows what work is worth, what was burned for it bounds what it is paid, unless the operator vouches for more.
    fn demand(self, worked: Credits, terms: &EpochTerms, share: Bps, decimals: u8) -> Result<Option<Tokens>> {
        match self {
            Self::Unbounded => Ok(None),
            _ if worked.is_zero() => Ok(Some(Tokens::ZERO)),
            Self::Unknown => Ok((terms.vouched == 1).then_some(Tokens::ZERO)),
            Self::Price(price, exponent) => Ok(Some(demand(worked, share, price, exponent, decimals)?)),
        }
    }
}

/// What an epoch has for its lanes.
pub struct Budget {
    /// Scheduled, less the roots' part.
    pub scheduled: Tokens,
    /// Burned tokens that may be given back.
    pub remintable: Tokens,
    /// What rounding left of epochs that were swept.
    pub carried: Tokens,
    /// Most that may be minted.
    pub room: Tokens,
}

/// What an epoch gives its lanes together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// To mint, by who receives it.
    pub split: Split,
    /// Of what was carried on, for providers.
    pub carried: Tokens,
    /// Of what is minted: burned tokens that are given back.
    pub reminted: Tokens,
    /// Of what is minted: beyond what was scheduled and given back.
    pub topped_up: Tokens,
    /// To mint for each lane's work: together, the split.
    pub lanes: [Split; MAX_LANES as usize],
}

/// Divides a budget among the lanes by their weights, and what each is given among providers, stakers and the treasury.
///
/// Each lane is bounded by itself: without the operator's word for every job, all that is given for it, to whomever, is at
/// most what was burned for its credits, and its providers' income is held to its dollars. What a lane without work would have had
/// for providers is kept for it while others work, for one epoch, and is theirs after that.
pub fn divide(network: &mut Network, epoch: &mut Epoch, budget: Budget, worth: Worth) -> Result<Given> {
    let terms = epoch.terms;
    let (emission, decimals, vouched) = (terms.emission(), network.decimals, terms.vouched == 1);
    // Where the maximum supply leaves no room for all of it, each lane has its part of the room.
    let scheduled = budget.scheduled.min(budget.room);
    let remintable = budget.remintable.min(budget.room.minus(scheduled)?);
    let scheduled = divide_by_weights(scheduled, &terms.lane_weights);
    let remintable = divide_by_weights(remintable, &terms.lane_weights);

    let mut working_weights = terms.lane_weights;
    for (work, weight) in epoch.lanes.iter().zip(&mut working_weights) {
        *weight = if work.counted.is_zero() { 0 } else { *weight };
    }
    let others_work = working_weights.iter().any(|weight| *weight > 0);
    // What was kept for a lane that has no work now either goes to those that have.
    let mut released = Tokens::ZERO;
    if others_work {
        let idle = |(_, work): &(&mut Lane, &LaneWork)| work.counted.is_zero();
        for (lane, _) in network.lanes.iter_mut().zip(&epoch.lanes).filter(idle) {
            released = released.plus(core::mem::take(&mut lane.kept))?;
        }
    }
    let released = divide_by_weights(released, &working_weights);

    let Budget { mut carried, mut room, .. } = budget;
    let mut given = Given::default();
    for (i, (work, lane)) in epoch.lanes.iter_mut().zip(&mut network.lanes).enumerate() {
        let is_idle = work.counted.is_zero();
        if is_idle && terms.lane_weights[i] == 0 {
            continue;
        }
        let dust = match (is_idle, vouched) {
            (true, _) => Tokens::ZERO,
            (_, true) => carried,
            (_, false) => carried.min(work.counted_tokens),
        };
        (carried, work.emission) = (carried.minus(dust)?, dust);
        given.carried = given.carried.plus(dust)?;
        let most = if vouched { room } else { room.min(work.counted_tokens.minus(dust)?) };
        let bound = worth.demand(work.counted, &terms, terms.payout_share, decimals)?;
        let of_schedule = scheduled[i].min(most);
        let all = scheduled[i].plus(if is_idle { Tokens::ZERO } else { remintable[i] })?.min(most);
        let mut total = emission.bound(all, bound);
        // What is above the providers' income is the stakers', but nothing is given back for it.
        if terms.surplus_to_stakers == 1 && !is_idle {
            total = total.max(of_schedule);
        }
        let mut parts = split(&terms, total)?;
        let surplus = parts.providers.minus(parts.providers.min(bound.unwrap_or(Tokens::MAX)))?;
        parts.providers = parts.providers.minus(surplus)?;
        parts.stakers = parts.stakers.plus(surplus)?;
        if is_idle {
            parts.providers = Tokens::ZERO;
            if others_work {
                lane.kept = Tokens(terms.providers_share.of_floor(scheduled[i].0)?);
            }
        }
        given.reminted = given.reminted.plus(Tokens(total.0.saturating_sub(scheduled[i].0)))?;
        room = room.minus(parts.sum()?)?;
        given.lanes[i] = parts;
    }

    // Of what was kept, and for the floor, as much as all lanes' parts leave room for.
    for (i, (work, lane)) in epoch.lanes.iter_mut().zip(&mut network.lanes).enumerate() {
        let parts = &mut given.lanes[i];
        if !work.counted.is_zero() {
            let demand = |share| worth.demand(work.counted, &terms, share, decimals);
            let mut most = room;
            if !vouched {
                most = most.min(work.counted_tokens.minus(work.emission)?.minus(parts.sum()?)?);
            }
            let open = demand(terms.payout_share)?.unwrap_or(Tokens::MAX).minus(parts.providers)?;
            let kept = core::mem::take(&mut lane.kept).plus(released[i])?.min(open).min(most);
            (parts.providers, most) = (parts.providers.plus(kept)?, most.minus(kept)?);
            let mut top_up = Tokens::ZERO;
            if let (Worth::Price(..), Some(floor)) = (worth, demand(terms.payout_floor)?) {
                top_up = Tokens(floor.0.saturating_sub(parts.providers.0)).min(most);
                parts.providers = parts.providers.plus(top_up)?;
            }
            room = room.minus(kept)?.minus(top_up)?;
            given.topped_up = given.topped_up.plus(top_up)?;
        }
        work.emission = work.emission.plus(parts.providers)?;
        given.split = given.split.plus(parts)?;
    }
    Ok(given)
}

/// Divides an amount among providers, stakers and the treasury.
pub fn split(terms: &EpochTerms, total: Tokens) -> Result<Split> {
    let part = |share: Bps| share.of_floor(total.0).map(Tokens);
    let (providers, stakers) = (part(terms.providers_share)?, part(terms.stakers_share)?);
    Ok(Split { providers, stakers, treasury: total.minus(providers)?.minus(stakers)? })
}

#[cfg(test)]
mod tests {
    use {super::*, joule_math::Seconds, proptest::prelude::*};

    const LANES: usize = 3;

    proptest! {
        #[test]
        fn each_lane_is_bounded_by_itself(
            weights in any::<[u16; LANES]>(),
            work in any::<[(u32, u32); LANES]>(),
            kept in any::<[u16; LANES]>(),
            (scheduled, remintable, carried, room) in any::<(u32, u32, u16, u32)>(),
            (vouched, surplus, priced) in any::<(bool, bool, bool)>(),
            (providers, stakers) in (0u16..=8_000, 0u16..=2_000),
            (payout, floor) in (0u16..=10_000, 0u16..=10_000),
        ) {
            let mut network = Network { decimals: 6, ..Network::default() };
            let mut terms = EpochTerms { duration: Seconds(1), own_duration: Seconds(1), ..EpochTerms::default() };
            (terms.vouched, terms.surplus_to_stakers) = (vouched as u8, surplus as u8);
            (terms.providers_share, terms.stakers_share) = (Bps(providers), Bps(stakers));
            terms.payout_share = if priced { Bps(payout.max(1)) } else { Bps(0) };
            terms.payout_floor = if vouched && priced { Bps(floor.min(payout)) } else { Bps(0) };
            let mut epoch = Epoch { terms, ..Epoch::default() };
            for lane in 0..LANES {
                epoch.terms.lane_weights[lane] = weights[lane];
                network.lanes[lane].kept = Tokens(kept[lane] as u64);
                // No work without credits.
                let tokens = if work[lane].0 == 0 { 0 } else { work[lane].1 };
                (epoch.lanes[lane].credits, epoch.lanes[lane].tokens) = (Credits(work[lane].0 as u64), Tokens(tokens as u64));
            }
            apply_limits(&mut network, &mut epoch).unwrap();
            // A dollar and a half for a token.
            let worth = if priced { Worth::Price(150, -2) } else { Worth::Unbounded };
            let of = |amount: u32| Tokens(amount as u64);
            let budget = Budget {
                scheduled: of(scheduled),
                remintable: of(remintable),
                carried: Tokens(carried as u64),
                room: of(room),
            };
            let given = divide(&mut network, &mut epoch, budget, worth).unwrap();

            let mut sum = Split::default();
            for (parts, work) in given.lanes.iter().zip(&epoch.lanes) {
                sum = sum.plus(parts).unwrap();
                let returned = parts.sum().unwrap().0 + (work.emission.0 - parts.providers.0);
                prop_assert!(vouched || returned <= work.counted_tokens.0, "no lane returns more than its work burned");
                prop_assert!(!work.counted.is_zero() || parts.providers.is_zero(), "nobody is paid for no work");
                if let Some(most) = worth.demand(work.counted, &epoch.terms, epoch.terms.payout_share, 6).unwrap() {
                    prop_assert!(parts.providers <= most, "no income above the ceiling");
                    let least = worth.demand(work.counted, &epoch.terms, epoch.terms.payout_floor, 6).unwrap().unwrap();
                    let is_full = sum_of(&given) == room as u64;
                    prop_assert!(parts.providers >= least || is_full, "nor below the floor, as far as there is room");
                }
            }
            prop_assert_eq!(sum, given.split, "the lanes' parts are the epoch's");
            prop_assert!(sum_of(&given) <= room as u64 && given.reminted.0 <= remintable as u64);
            let kept = kept.iter().map(|kept| *kept as u64).sum::<u64>();
            let allowed = scheduled as u64 + kept + given.reminted.0 + given.topped_up.0;
            prop_assert!(sum_of(&given) <= allowed && given.carried.0 <= carried as u64);
            prop_assert!(vouched || given.topped_up.is_zero());
        }
    }

    fn sum_of(given: &Given) -> u64 {
        given.split.sum().unwrap().0
    }
}
