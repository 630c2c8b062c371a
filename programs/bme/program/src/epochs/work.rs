//! Where worked-off credits are counted until their epoch pays for them.

use {
    crate::Result,
    joule_bme_interface::{
        BmeError,
        state::{EpochWork, ProviderWork, Spender, WORK_RING, WorkShard},
    },
    joule_math::Credits,
};

/// Counts a provider's work of `epoch`.
#[inline(always)]
pub fn record(provider: &mut ProviderWork, epoch: u64, credits: Credits) -> Result<()> {
    let entry = entry_mut(provider, epoch);
    if entry.epoch != epoch {
        if !entry.credits.is_zero() {
            return Err(BmeError::RingFull);
        }
        entry.epoch = epoch;
    }
    entry.credits = entry.credits.plus(credits)?;
    provider.total_work = provider.total_work.plus(credits)?;
    Ok(())
}

/// Counts the same work in a shard.
#[inline(always)]
pub fn record_in_shard(shard: &mut WorkShard, epoch: u64, credits: Credits) -> Result<()> {
    let entry = shard_entry_mut(shard, epoch);
    if entry.epoch != epoch {
        // An epoch is folded before the one after the next opens, so nothing is left of the entry's old one.
        *entry = EpochWork { epoch, credits: Credits::ZERO };
    }
    entry.credits = entry.credits.plus(credits)?;
    shard.total_work = shard.total_work.plus(credits)?;
    Ok(())
}

/// Counts what a spender with a limit consumes of `epoch` in this shard, one of `shards`.
#[inline(always)]
pub fn spend(shard: &mut WorkShard, spender: &Spender, epoch: u64, shards: u8, credits: Credits) -> Result<()> {
    if spender.epoch_limit.is_zero() {
        return Ok(());
    }
    if shard.spent_epoch != epoch {
        shard.spent_epoch = epoch;
        shard.spent = Default::default();
    }
    let spent = shard.spent.get_mut(spender.id as usize).ok_or(BmeError::TooManySpenders)?;
    *spent = spent.plus(credits)?;
    if spent.0 > spender.epoch_limit.0 / shards.max(1) as u64 {
        return Err(BmeError::SpenderLimitReached);
    }
    Ok(())
}

/// Takes a provider's work of `epoch` out of its ring; none is zero.
pub fn take(provider: &mut ProviderWork, epoch: u64) -> Credits {
    take_entry(entry_mut(provider, epoch), epoch)
}

/// Takes a shard's work of `epoch` out; none is zero.
pub fn take_from_shard(shard: &mut WorkShard, epoch: u64) -> Credits {
    take_entry(shard_entry_mut(shard, epoch), epoch)
}

fn take_entry(entry: &mut EpochWork, epoch: u64) -> Credits {
    if entry.epoch != epoch {
        return Credits::ZERO;
    }
    core::mem::take(&mut entry.credits)
}

#[inline(always)]
fn entry_mut(provider: &mut ProviderWork, epoch: u64) -> &mut EpochWork {
    &mut provider.work[epoch as usize % WORK_RING]
}

#[inline(always)]
fn shard_entry_mut(shard: &mut WorkShard, epoch: u64) -> &mut EpochWork {
    &mut shard.work[epoch as usize % 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_parted_among_the_shards_and_anew_each_epoch() {
        let spender = Spender { epoch_limit: Credits(100), id: 3, ..Default::default() };
        let mut shard = WorkShard::default();
        let mut try_spend = |spender: &Spender, epoch, credits| {
            let before = shard;
            spend(&mut shard, spender, epoch, 4, Credits(credits)).inspect_err(|_| shard = before)
        };
        assert_eq!(try_spend(&spender, 0, 25), Ok(()));
        assert_eq!(try_spend(&spender, 0, 1), Err(BmeError::SpenderLimitReached));
        assert_eq!(try_spend(&Spender { id: 4, ..spender }, 0, 25), Ok(()));
        assert_eq!(try_spend(&spender, 1, 26), Err(BmeError::SpenderLimitReached));
        assert_eq!(try_spend(&spender, 1, 20), Ok(()));
        assert_eq!(try_spend(&Spender { epoch_limit: Credits(0), ..spender }, 1, u64::MAX), Ok(()));
        assert_eq!(try_spend(&spender, 1, 5), Ok(()));
        assert_eq!(try_spend(&spender, 1, u64::MAX), Err(BmeError::Overflow));
    }

    #[test]
    fn a_ring_keeps_eight_epochs() {
        let mut provider = ProviderWork::default();
        for epoch in 0..8 {
            record(&mut provider, epoch, Credits(epoch + 1)).unwrap();
        }
        assert_eq!(record(&mut provider, 8, Credits(1)), Err(BmeError::RingFull));
        assert_eq!((take(&mut provider, 9), take(&mut provider, 0)), (Credits(0), Credits(1)));
        record(&mut provider, 8, Credits(1)).unwrap();
        assert_eq!((take(&mut provider, 0), take(&mut provider, 8)), (Credits(0), Credits(1)));
        assert_eq!(provider.total_work, Credits(37));
    }
}
