//! Where worked-off credits are counted until their epoch pays for them.

use {
    crate::Result,
    joule_bme_interface::{
        BmeError,
        state::{EpochWork, ProviderWork, WORK_RING, WorkShard},
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
    provider.total = provider.total.plus(credits)?;
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
    shard.total = shard.total.plus(credits)?;
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
