//! Time in which the chain made no slots is nobody's fault: deadlines of parties move by it, and it is nobody's downtime. The halt
//! clock is read only where somebody would be judged late.

pub(crate) mod tick_clock;

use {
    crate::Result,
    joule_common::{AccountView, account, guard, guard::require, slot},
    joule_escrow_interface::{
        EscrowError,
        state::{HALT_CLOCK, HaltClock, Job},
    },
    joule_interface::SYSTEM_PROGRAM,
    joule_math::{Seconds, Timestamp},
};

/// Halts of the chain, as far as they are known.
pub trait Halts {
    /// Seconds of halts between two times.
    fn between(&self, from: Timestamp, to: Timestamp) -> Result<u64>;
    /// A deadline that was set at `set_at`, moved by the halts that began before it.
    fn moved(&self, set_at: Timestamp, deadline_at: Timestamp) -> Result<Timestamp>;
}

/// A chain without halts.
pub struct NoHalts;

impl Halts for NoHalts {
    fn between(&self, _: Timestamp, _: Timestamp) -> Result<u64> {
        Ok(0)
    }
    fn moved(&self, _: Timestamp, deadline_at: Timestamp) -> Result<Timestamp> {
        Ok(deadline_at)
    }
}

/// The halt clock that an instruction was given, at its time.
pub struct KnownHalts<'a>(pub &'a AccountView, pub Timestamp);

impl KnownHalts<'_> {
    /// The clock, and the present slot; `None` if nobody has ticked it yet.
    #[inline(always)]
    fn read(&self) -> Result<Option<(account::Ref<'_, HaltClock>, u64)>> {
        require(guard::eq(self.0.address(), &HALT_CLOCK), EscrowError::HaltClockRequired)?;
        if guard::eq(self.0.owner(), &SYSTEM_PROGRAM) {
            return Ok(None);
        }
        Ok(Some((account::load::<HaltClock>(self.0)?, slot()?)))
    }
}

impl Halts for KnownHalts<'_> {
    #[inline(never)]
    fn between(&self, from: Timestamp, to: Timestamp) -> Result<u64> {
        Ok(self.read()?.map_or(0, |(clock, slot)| clock.between(from, to, self.1, slot)))
    }
    #[inline(never)]
    fn moved(&self, set_at: Timestamp, deadline_at: Timestamp) -> Result<Timestamp> {
        let Some((clock, slot)) = self.read()? else { return Ok(deadline_at) };
        Ok(clock.moved(set_at, deadline_at, self.1, slot)?)
    }
}

/// Whether a deadline that was set at `set_at` has passed, halts not counted.
#[inline(always)]
pub fn is_past(halts: &impl Halts, set_at: Timestamp, deadline_at: Timestamp, now: Timestamp) -> Result<bool> {
    Ok(now > deadline_at && now > halts.moved(set_at, deadline_at)?)
}

/// Whether the deadline of the job's state, which was set a `window` before, has passed, halts not counted.
#[inline(always)]
pub fn is_window_past(halts: &impl Halts, job: &Job, window: Seconds, now: Timestamp) -> Result<bool> {
    is_past(halts, set_at(job, window), job.deadline_at, now)
}

/// When the deadline of the job's state was set, a `window` before it.
#[inline(always)]
pub fn set_at(job: &Job, window: Seconds) -> Timestamp {
    before(job.deadline_at, window)
}

/// So long before a deadline.
#[inline(always)]
pub fn before(deadline_at: Timestamp, window: Seconds) -> Timestamp {
    let before = deadline_at.0.wrapping_sub(window.0 as i64);
    Timestamp(if before > deadline_at.0 { i64::MIN } else { before })
}
