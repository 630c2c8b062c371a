//! Beacons: one heartbeat for all jobs of a machine. A job is told what its beacon knows of it; all that is computed of it then is what is
//! computed of a job with heartbeats of its own. Each job is on the beacon of its provider and its node, of which there is one.

pub(crate) mod beat;
pub(crate) mod close_beacon;
pub(crate) mod join_beacon;
pub(crate) mod leave_beacon;
pub(crate) mod open_beacon;
pub(crate) mod read_beacon;
#[cfg(test)]
mod tests;

use {
    crate::Result,
    joule_common::{AccountView, account, guard, guard::require},
    joule_escrow_interface::{
        EscrowError,
        state::{Beacon, Job, NONE, job_state},
    },
    joule_interface::Fault,
    joule_math::Timestamp,
};

/// Puts a job on a beacon in the second of its start, after that second's beat.
#[inline(always)]
pub fn join(beacon: &mut Beacon, job: &mut Job, now: Timestamp) -> Result<()> {
    require(job.state == job_state::RUNNING, EscrowError::WrongJobState)?;
    // Before it starts, nothing is measured; after that, its own heartbeats measure it.
    require(job.started_at == now, EscrowError::TooLate)?;
    put_on(beacon, job)
}

/// Puts a member of a gang on its beacon, at joining. It has no downtime before its clock runs.
#[inline(never)]
pub fn join_member(view: &AccountView, job: &mut Job, now: Timestamp) -> Result<()> {
    require(view.is_writable(), Fault::NotWritable)?;
    let mut beacon = account::load_mut::<Beacon>(view)?;
    // Its provider signed.
    beacon.beat(now);
    put_on(&mut beacon, job)
}

/// Puts a job on the beacon of its machine.
#[inline(always)]
fn put_on(beacon: &mut Beacon, job: &mut Job) -> Result<()> {
    require(job.terms.offers_beacon(), EscrowError::BeaconNotOffered)?;
    require(job.on_beacon == 0, EscrowError::OnBeacon)?;
    let is_there = guard::eq(&job.node, &NONE) || guard::eq(&job.node, &beacon.node);
    // A node may have been opened in another class since.
    let of_class = job.terms.class == 0 || job.terms.class == beacon.class;
    let in_step = job.terms.heartbeat_interval == beacon.interval;
    require(guard::eq(&job.provider, &beacon.provider) && is_there && of_class && in_step, EscrowError::WrongBeacon)?;
    require(beacon.jobs < beacon.capacity, EscrowError::BeaconFull)?;

    beacon.jobs += 1;
    job.node = beacon.node;
    job.beacon_downtime = beacon.downtime;
    job.beacon_missed = beacon.missed;
    job.on_beacon = 1;
    Ok(())
}

/// Whether the job is on a beacon, which is this one.
#[inline(always)]
pub fn is_on(beacon: &Beacon, job: &Job) -> Result<bool> {
    if job.on_beacon == 0 {
        return Ok(false);
    }
    let is_its = guard::eq(&job.provider, &beacon.provider) && guard::eq(&job.node, &beacon.node);
    require(is_its, EscrowError::WrongBeacon)?;
    Ok(true)
}

/// Tells a running job what its beacon says of it up to `now`.
#[inline(always)]
pub fn read(beacon: &Beacon, job: &mut Job, now: Timestamp) -> Result<()> {
    if !is_on(beacon, job)? || job.state != job_state::RUNNING {
        return Ok(());
    }
    // What was read once its time was over is final: later its beacon knows less of it.
    if job.last_heartbeat_at >= job.ends_at {
        return Ok(());
    }
    let until = now.min(job.ends_at);
    let sums = beacon.sums_at(until);
    let covered = Timestamp(until.0.saturating_sub(beacon.interval.0 as i64));

    job.downtime = sums.downtime.saturating_sub(job.beacon_downtime);
    job.missed_heartbeats = sums.missed.saturating_sub(job.beacon_missed);
    // What is silent since is counted up to `until`: no more than an interval of it is left open, and nothing at the end of its time.
    let shown = beacon.last_beat_at.max(covered).min(until);
    job.last_heartbeat_at = if until == job.ends_at { until } else { shown };
    Ok(())
}

/// Takes a job off its beacon.
#[inline(always)]
fn take_off(beacon: &mut Beacon, job: &mut Job) -> Result<()> {
    beacon.jobs = beacon.jobs.checked_sub(1).ok_or(Fault::Overflow)?;
    (job.beacon_downtime, job.beacon_missed, job.on_beacon) = (0, 0, 0);
    Ok(())
}

/// Takes a job off its beacon, if it has stopped.
#[inline(always)]
pub fn leave(beacon: &mut Beacon, job: &mut Job) -> Result<()> {
    // A place of a gang is settled first.
    if !is_on(beacon, job)? || matches!(job.state, job_state::RUNNING | job_state::GANG) {
        return Ok(());
    }
    take_off(beacon, job)
}

/// Takes a job off its beacon, the last account of the instruction, because its start is undone.
#[inline(never)]
pub fn leave_by(job: &mut Job, rest: &[AccountView]) -> Result<()> {
    let [view] = rest else { return Err(EscrowError::OnBeacon) };
    require(view.is_writable(), Fault::NotWritable)?;
    let mut beacon = account::load_mut::<Beacon>(view)?;
    is_on(&beacon, job)?;
    take_off(&mut beacon, job)
}
