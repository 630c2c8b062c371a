//! Where worked-off credits are counted until their epoch pays for them.

use {
    crate::Result,
    joule_bme_interface::{
        BmeError,
        state::{EpochWork, LaneWork, MAX_LATE_PERIODS, Network, ProviderWork, WORK_RING, WorkShard},
    },
    joule_common::guard::require,
    joule_math::{Credits, Timestamp, Tokens, mul_div_floor},
};

/// The epoch that work done at `at` counts in: the open one, unless that should have been closed.
#[inline(always)]
pub fn epoch_at(network: &Network, at: Timestamp) -> u64 {
    if at < network.epoch_ends_at { network.open_epoch } else { late_epoch_at(network, at) }
}

#[cold]
fn late_epoch_at(network: &Network, at: Timestamp) -> u64 {
    network.open_epoch.saturating_add(late_periods(network, at).min(MAX_LATE_PERIODS))
}

/// How many periods have begun since the open epoch should have been closed.
fn late_periods(network: &Network, at: Timestamp) -> u64 {
    (at.since(network.epoch_ends_at) / period(network)).saturating_add(1)
}

/// No policy is executed while the open epoch is to be closed, so those after it are of the present length.
fn period(network: &Network) -> u64 {
    network.policy.epoch_duration.0.max(1) as u64
}

/// When the period ends in which work is done at `at`, whether or not the epochs before it were closed.
pub fn period_ends_at(network: &Network, at: Timestamp) -> Timestamp {
    let late = if at < network.epoch_ends_at { 0 } else { late_periods(network, at) };
    Timestamp(network.epoch_ends_at.0.saturating_add_unsigned(late.saturating_mul(period(network))))
}

/// Counts a provider's work of `epoch`, and the tokens that it carries.
#[inline(always)]
pub fn record(provider: &mut ProviderWork, epoch: u64, credits: Credits, tokens: Tokens) -> Result<()> {
    let entry = entry_mut(provider, epoch);
    if entry.epoch != epoch {
        if !entry.credits.is_zero() {
            return Err(BmeError::RingFull);
        }
        entry.epoch = epoch;
    }
    entry.credits = entry.credits.plus(credits)?;
    entry.tokens = entry.tokens.plus(tokens)?;
    provider.total_work = provider.total_work.plus(credits)?;
    Ok(())
}

/// Of a provider's work of an epoch, takes what the epoch pays for. The rest waits for the next.
///
/// All are paid the same part, whoever comes first: each gets the difference that it makes to a sum that is rounded down,
/// so that together they are paid exactly what the epoch counts, and pass on exactly the rest. Work that has to wait is passed on
/// from the provider's oldest epoch to the next, so that it waits for one epoch at a time, whoever accrues it.
pub fn pass_on(provider: &mut ProviderWork, lane: &mut LaneWork, work: EpochWork) -> Result<EpochWork> {
    let all = (lane.settled.plus(work.credits)?, lane.settled_tokens.plus(work.tokens)?);
    let until = |counted: u64, of: u64, sum: u64| if counted == of { Ok(sum) } else { mul_div_floor(counted, sum, of) };
    let credits = |sum: Credits| until(lane.counted.0, lane.credits.0, sum.0);
    let tokens = |sum: Tokens| until(lane.counted_tokens.0, lane.tokens.0, sum.0);
    let paid = EpochWork {
        epoch: work.epoch,
        credits: Credits(credits(all.0)? - credits(lane.settled)?),
        tokens: Tokens(tokens(all.1)? - tokens(lane.settled_tokens)?),
    };
    (lane.settled, lane.settled_tokens) = all;
    let rest = work.credits.minus(paid.credits)?;
    if !rest.is_zero() {
        let is_later = |entry: &EpochWork| entry.credits.is_zero() || entry.epoch > work.epoch;
        let is_oldest = provider.work.iter().all(is_later) && provider.waiting.credits.is_zero();
        require(is_oldest, BmeError::OldestFirst)?;
        provider.waiting = EpochWork { epoch: work.epoch + 1, credits: rest, tokens: work.tokens.minus(paid.tokens)? };
    }
    Ok(paid)
}

/// Counts the same work in a shard.
#[inline(always)]
pub fn record_in_shard(shard: &mut WorkShard, epoch: u64, credits: Credits, tokens: Tokens) -> Result<()> {
    let entry = shard_entry_mut(shard, epoch);
    if entry.epoch != epoch {
        // Epochs before the one that is being closed are folded, so nothing is left of the entry's old one.
        *entry = EpochWork { epoch, ..EpochWork::default() };
    }
    entry.credits = entry.credits.plus(credits)?;
    entry.tokens = entry.tokens.plus(tokens)?;
    shard.total_work = shard.total_work.plus(credits)?;
    shard.total_tokens = shard.total_tokens.plus(tokens)?;
    Ok(())
}

/// Counts in `shard` what another of the lane counted.
pub fn merge(shard: &mut WorkShard, other: &WorkShard) -> Result<()> {
    let total = (shard.total_work.plus(other.total_work)?, shard.total_tokens.plus(other.total_tokens)?);
    for entry in other.work.iter().filter(|entry| !entry.credits.is_zero()) {
        record_in_shard(shard, entry.epoch, entry.credits, entry.tokens)?;
    }
    (shard.total_work, shard.total_tokens) = total;
    Ok(())
}

/// Takes a provider's work of `epoch` out, that which waited for it included; none is zero.
pub fn take(provider: &mut ProviderWork, epoch: u64) -> Result<EpochWork> {
    let mut work = take_entry(entry_mut(provider, epoch), epoch);
    if provider.waiting.epoch == epoch {
        let waiting = core::mem::take(&mut provider.waiting);
        work.credits = work.credits.plus(waiting.credits)?;
        work.tokens = work.tokens.plus(waiting.tokens)?;
    }
    Ok(work)
}

/// Takes a shard's work of `epoch` out; none is zero.
pub fn take_from_shard(shard: &mut WorkShard, epoch: u64) -> EpochWork {
    take_entry(shard_entry_mut(shard, epoch), epoch)
}

fn take_entry(entry: &mut EpochWork, epoch: u64) -> EpochWork {
    if entry.epoch != epoch {
        return EpochWork { epoch, ..EpochWork::default() };
    }
    core::mem::replace(entry, EpochWork { epoch, ..EpochWork::default() })
}

/// Whether the shard has work of one of `epochs`.
pub fn has_work(shard: &WorkShard, epochs: core::ops::Range<u64>) -> bool {
    shard.work.iter().any(|entry| epochs.contains(&entry.epoch) && !entry.credits.is_zero())
}

#[inline(always)]
fn entry_mut(provider: &mut ProviderWork, epoch: u64) -> &mut EpochWork {
    &mut provider.work[epoch as usize % WORK_RING]
}

#[inline(always)]
fn shard_entry_mut(shard: &mut WorkShard, epoch: u64) -> &mut EpochWork {
    &mut shard.work[epoch as usize % WORK_RING]
}

#[cfg(test)]
mod tests {
    use {super::*, joule_math::Seconds};

    #[test]
    fn work_counts_in_the_epoch_of_its_time() {
        let mut network = Network { open_epoch: 5, epoch_ends_at: Timestamp(1_000), ..Default::default() };
        network.policy.epoch_duration = Seconds(100);
        let at = |seconds| epoch_at(&network, Timestamp(seconds));
        assert_eq!([i64::MIN, 0, 999].map(at), [5; 3], "what is closed stays closed");
        assert_eq!([1_000, 1_099, 1_100, 1_500].map(at), [6, 6, 7, 11]);
        assert_eq!([1_600, i64::MAX].map(at), [11; 2], "the ring's last");
    }

    #[test]
    fn a_shard_takes_over_what_another_counted() {
        let [mut one, mut other] = [WorkShard::default(); 2];
        record_in_shard(&mut one, 6, Credits(1), Tokens(2)).unwrap();
        record_in_shard(&mut one, 7, Credits(10), Tokens(20)).unwrap();
        record_in_shard(&mut other, 1, Credits(1_000), Tokens(2_000)).unwrap();
        assert_eq!(take_from_shard(&mut other, 1).credits, Credits(1_000));
        record_in_shard(&mut other, 7, Credits(100), Tokens(200)).unwrap();
        record_in_shard(&mut other, 9, Credits(5), Tokens(6)).unwrap();
        merge(&mut one, &other).unwrap();
        let taken = [6, 7, 8, 9, 1].map(|epoch| take_from_shard(&mut one, epoch));
        let taken = taken.map(|work| (work.credits.0, work.tokens.0));
        assert_eq!(taken, [(1, 2), (110, 220), (0, 0), (5, 6), (0, 0)]);
        assert_eq!((one.total_work, one.total_tokens), (Credits(1_116), Tokens(2_228)));
    }

    #[test]
    fn a_ring_keeps_eight_epochs() {
        let mut provider = ProviderWork::default();
        for epoch in 0..8 {
            record(&mut provider, epoch, Credits(epoch + 1), Tokens(1)).unwrap();
        }
        let taken = |provider: &mut ProviderWork, epoch| {
            let work = take(provider, epoch).unwrap();
            (work.credits.0, work.tokens.0)
        };
        assert_eq!(record(&mut provider, 8, Credits(1), Tokens(1)), Err(BmeError::RingFull));
        assert_eq!((taken(&mut provider, 9), taken(&mut provider, 0)), ((0, 0), (1, 1)));
        record(&mut provider, 8, Credits(1), Tokens(3)).unwrap();
        assert_eq!((taken(&mut provider, 0), taken(&mut provider, 8)), ((0, 0), (1, 3)));
        assert_eq!(provider.total_work, Credits(37));
    }
}
