//! Lanes: what an epoch counts of each one's work, and what it gives each one.

pub(crate) mod set_lane_limit;
pub(crate) mod weigh_lanes;

use {
    crate::Result,
    joule_bme_interface::state::{Epoch, EpochTerms, MAX_LANES, Network, Policy, Split},
    joule_math::{Bps, Credits, Tokens, demand, divide_by_weights, part_of},
};

/// A number for each lane.
type Weights = [u16; MAX_LANES as usize];

/// Gives the lanes these weights.
pub fn weigh(network: &mut Network, weights: Weights) {
    for (lane, weight) in network.lanes.iter_mut().zip(weights) {
        lane.weight = weight;
    }
}

/// Weights that are `lane_speed` of the way from the present ones to those that the weigher names, within the policy's band.
pub fn moved(present: &Weights, named: &Weights, policy: &Policy) -> Result<Weights> {
    let mut next = policy.weights();
    for ((next, present), named) in next.iter_mut().zip(present).zip(named) {
        let band = policy.lane_band.of_floor(*next as u64)? as u16;
        // A lane of the policy's never ends.
        let low = (*next - band).max((*next).min(1));
        let target = (*named).clamp(low, *next + band);
        let step = policy.lane_speed.of_ceil(target.abs_diff(*present) as u64)? as u16;
        *next = if target < *present { *present - step } else { *present + step };
    }
    Ok(next)
}

/// Decides how much of each lane's work the epoch pays for; the rest waits for the next.
pub fn count(network: &mut Network, epoch: &mut Epoch) -> Result<()> {
    for (work, lane) in epoch.lanes.iter_mut().zip(&mut network.lanes) {
        work.credits = work.credits.plus(core::mem::take(&mut lane.waiting))?;
        if work.credits.is_zero() {
            continue;
        }
        work.tokens = work.tokens.plus(core::mem::take(&mut lane.waiting_tokens))?;
        work.counted = if lane.limit.is_zero() { work.credits } else { work.credits.min(lane.limit) };
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
}

/// Divides a budget among the lanes by their weights, and what each is given among providers, stakers and the treasury.
///
/// Each lane is bounded by itself: without the operator's word for every job, all that is given for it, to whomever, is at
/// most what was burned for its credits, and its providers' income is held to its dollars. What a lane without work would have had
/// for providers is kept for it while others work, for one epoch, and is theirs after that.
pub fn divide(network: &mut Network, epoch: &mut Epoch, budget: Budget, worth: Worth) -> Result<Given> {
    let terms = epoch.terms;
    let (emission, decimals, vouched) = (terms.emission(), network.decimals, terms.vouched == 1);
    let has_work = !epoch.worked.is_zero();
    // Where the maximum supply leaves no room for all of it, each lane has its part of the room.
    let scheduled = budget.scheduled.min(budget.room);
    let remintable = budget.remintable.min(budget.room.minus(scheduled)?);
    let scheduled = divide_by_weights(scheduled, &terms.lane_weights);
    let remintable = divide_by_weights(remintable, &terms.lane_weights);

    // What was kept for a lane that has no work now either goes to those that have.
    let mut released = Tokens::ZERO;
    let mut working = terms.lane_weights;
    if has_work {
        for ((lane, work), weight) in network.lanes.iter_mut().zip(&epoch.lanes).zip(&mut working) {
            if work.counted.is_zero() {
                released = released.plus(core::mem::take(&mut lane.kept))?;
                *weight = 0;
            }
        }
    }
    let released = divide_by_weights(released, &working);

    let Budget { mut carried, mut room, .. } = budget;
    let mut given = Given::default();
    for (i, (work, lane)) in epoch.lanes.iter_mut().zip(&mut network.lanes).enumerate() {
        let is_idle = work.counted.is_zero();
        if is_idle && terms.lane_weights[i] == 0 {
            continue;
        }
        let dust = if is_idle {
            Tokens::ZERO
        } else if vouched {
            carried
        } else {
            carried.min(work.counted_tokens)
        };
        let most = if vouched { room } else { room.min(work.counted_tokens.minus(dust)?) };
        let demand = |share| worth.demand(work.counted, &terms, share, decimals);
        let bound = demand(terms.payout_share)?;
        let all = scheduled[i].plus(if is_idle { Tokens::ZERO } else { remintable[i] })?.min(most);
        let total = if terms.surplus_to_stakers == 1 && !is_idle { all } else { emission.bound(all, bound) };
        let mut split = split(&terms, total)?;
        let above = split.providers.minus(split.providers.min(bound.unwrap_or(Tokens::MAX)))?;
        split.providers = split.providers.minus(above)?;
        split.stakers = split.stakers.plus(above)?;

        let mut top_up = Tokens::ZERO;
        if is_idle {
            if has_work {
                lane.kept = Tokens(terms.providers_share.of_floor(scheduled[i].0)?);
            }
            split.providers = Tokens::ZERO;
        } else {
            // Of what was kept, as much as the same bounds leave.
            let kept = core::mem::take(&mut lane.kept).plus(released[i])?.min(most.minus(split.sum()?)?);
            let open = bound.unwrap_or(Tokens::MAX).minus(split.providers)?;
            split.providers = split.providers.plus(kept.min(open))?;
            if let (Worth::Price(..), Some(floor)) = (worth, demand(terms.payout_floor)?) {
                let lacking = Tokens(floor.0.saturating_sub(split.providers.0));
                top_up = lacking.min(most.minus(split.sum()?)?);
                split.providers = split.providers.plus(top_up)?;
            }
        }

        work.emission = split.providers.plus(dust)?;
        carried = carried.minus(dust)?;
        room = room.minus(split.sum()?)?;
        let sum = &mut given.split;
        sum.providers = sum.providers.plus(split.providers)?;
        sum.stakers = sum.stakers.plus(split.stakers)?;
        sum.treasury = sum.treasury.plus(split.treasury)?;
        given.carried = given.carried.plus(dust)?;
        given.reminted = given.reminted.plus(Tokens(total.0.saturating_sub(scheduled[i].0)))?;
        given.topped_up = given.topped_up.plus(top_up)?;
    }
    Ok(given)
}

/// Divides an amount among providers, stakers and the treasury.
pub fn split(terms: &EpochTerms, total: Tokens) -> Result<Split> {
    let part = |share: Bps| share.of_floor(total.0).map(Tokens);
    let (providers, stakers) = (part(terms.providers_share)?, part(terms.stakers_share)?);
    Ok(Split { providers, stakers, treasury: total.minus(providers)?.minus(stakers)? })
}
