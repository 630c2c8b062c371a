//! The clock of a running job: started, kept alive by heartbeats, extended, stopped.

use {
    crate::{
        Result,
        halts::{Halts, is_past, set_at},
        jobs::ending::price_of_leaving,
    },
    joule_bme_interface::state::Network,
    joule_common::{guard, guard::require},
    joule_escrow_interface::{
        EscrowError,
        state::{Job, NONE, job_state, matching, outcome, pricing},
    },
    joule_interface::Fault,
    joule_math::{Amount, Bps, Seconds, Timestamp, Tokens, mul_div_floor},
};

/// How a job stops.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// With a result, or at the end of its time.
    Delivered,
    /// By its client.
    Stopped,
    /// Without what was agreed.
    Failed,
    /// Because the network revoked the right to the job's credits: nobody's fault.
    Revoked,
    /// Because its gang stopped before its time: not the provider's fault, whose own penalties stay.
    Unfinished,
}

/// By how much the network's pauses up to `now` extend a provider's time to start. The network is the job's. A pause that began
/// after that time adds no more than it lasts, so who was late stays late. A reserved job was promised for a time, and starts in a pause as
/// well: nobody knows afterwards which pauses fell into its time to start.
#[inline(never)]
pub fn pauses(job: &Job, network: &Network, now: Timestamp) -> Seconds {
    if job.is_reserved() {
        return Seconds(0);
    }
    Seconds(network.paused_up_to(now).0.saturating_sub(job.earlier_pauses_duration.0))
}

/// Whether the deadline of the job's state is that of a provider to start.
#[inline(always)]
fn has_provider(job: &Job) -> bool {
    job.state == job_state::ASSIGNED || (job.state == job_state::POSTED && job.matching == matching::DIRECT)
}

/// Whether the deadline of a job that has not started has passed. That of a provider moves by `pauses` of the network, and by halts
/// of the chain since it was set.
#[inline(always)]
pub fn is_start_past(job: &Job, pauses: Seconds, now: Timestamp, halts: &impl Halts) -> Result<bool> {
    if now <= job.deadline_at {
        return Ok(false);
    }
    if !has_provider(job) {
        return Ok(true);
    }
    is_past(halts, set_at(job, job.terms.start_window), job.deadline_at.after(pauses)?, now)
}

/// The last second up to `now` in which a provider may start.
#[inline(always)]
pub fn last_start(job: &Job, pauses: Seconds, now: Timestamp, halts: &impl Halts) -> Result<Timestamp> {
    let deadline_at = job.deadline_at.after(pauses)?;
    if now <= deadline_at {
        return Ok(now);
    }
    Ok(now.min(halts.moved(set_at(job, job.terms.start_window), deadline_at)?))
}

/// When it is decided at the latest what a job pays whose time is over at `ends_at`: delivered late, rejected in the last second, and so
/// judged.
#[inline(always)]
pub fn decided_at(job: &Job, ends_at: Timestamp) -> Result<Timestamp> {
    let terms = &job.terms;
    let last = ends_at.after(terms.late_window)?;
    if terms.acceptance_window == Seconds(0) {
        return Ok(last);
    }
    Ok(last.after(terms.acceptance_window)?.after(terms.arbitration_window)?)
}

/// The same for a job that has not started, if it starts as soon as it may: at `now`, or a reserved job at its time.
#[inline(never)]
pub fn decided_if_started(job: &Job, now: Timestamp) -> Result<Timestamp> {
    let started_at = if job.is_reserved() { now.max(job.starts_at()) } else { now };
    decided_at(job, started_at.after(job.duration)?)
}

/// Starts the clock.
#[inline(always)]
pub fn start(job: &mut Job, pauses: Seconds, now: Timestamp, halts: &impl Halts) -> Result<()> {
    require(matches!(job.state, job_state::POSTED | job_state::ASSIGNED), EscrowError::WrongJobState)?;
    require(!is_start_past(job, pauses, now, halts)?, EscrowError::TooLate)?;
    if job.is_reserved() {
        require_its_time(job, now)?;
    }
    let ends_at = now.after(job.duration)?;
    // No deadline of a running job may overflow.
    ends_at.after(job.terms.late_window)?;

    job.started_at = now;
    job.last_heartbeat_at = now;
    job.ends_at = ends_at;
    job.state = job_state::RUNNING;
    Ok(())
}

/// A reserved job's time has come.
#[cold]
#[inline(never)]
fn require_its_time(job: &Job, now: Timestamp) -> Result<()> {
    require(now >= job.starts_at(), EscrowError::StartsLater)
}

/// Takes a heartbeat.
#[inline(always)]
pub fn heartbeat(job: &mut Job, now: Timestamp) -> Result<()> {
    require(job.state == job_state::RUNNING, EscrowError::WrongJobState)?;
    // One measure: else each would hide what the other shows.
    require(job.on_beacon == 0, EscrowError::OnBeacon)?;
    let until = now.min(job.ends_at);
    if until.since(job.last_heartbeat_at) > job.terms.heartbeat_interval.0 as u64 {
        return late_heartbeat(job, until);
    }
    job.last_heartbeat_at = until;
    Ok(())
}

/// Takes a heartbeat that is late, or that nobody asks for.
#[cold]
#[inline(never)]
fn late_heartbeat(job: &mut Job, until: Timestamp) -> Result<()> {
    count_downtime(job, until)
}

/// Extends the job. Returns the price of the added time.
#[inline(always)]
pub fn extend(job: &mut Job, seconds: Seconds, now: Timestamp) -> Result<Amount> {
    require(job.state == job_state::RUNNING, EscrowError::WrongJobState)?;
    require(now < job.ends_at, EscrowError::TooLate)?;
    require(job.notice_given == 0, EscrowError::NoticeAlreadyGiven)?;
    require(seconds != Seconds(0), Fault::ZeroAmount)?;
    let ends_at = job.ends_at.after(seconds)?;
    let lasts = ends_at.since(job.started_at);
    require(lasts <= job.terms.max_duration.0 as u64, EscrowError::DurationOutOfRange)?;
    ends_at.after(job.terms.late_window)?;
    let metered = job.terms.pricing == pricing::METERED;
    let added = if metered { job.price.times(seconds.0 as u64)? } else { Amount::ZERO };
    let (deposited, held) = (job.deposited.plus(added)?, job.held.plus(added)?);

    // A fixed price stays the price of the time that was agreed at the start: an extension is more time to deliver, and a client
    // that stops later does not pay less for it. So of units.
    if metered {
        job.duration = job.duration.plus(seconds)?;
    }
    job.deposited = deposited;
    job.held = held;
    job.ends_at = ends_at;
    Ok(added)
}

/// Takes the notice of a service's provider: its time is over earlier. Below the shortest time there is no end but quitting.
#[inline(always)]
pub fn give_notice(job: &mut Job, now: Timestamp) -> Result<()> {
    require(job.state == job_state::RUNNING, EscrowError::WrongJobState)?;
    require(job.terms.notice_minutes != 0, EscrowError::NoticeNotOffered)?;
    require(now < job.ends_at, EscrowError::TooLate)?;
    require(job.notice_given == 0, EscrowError::NoticeAlreadyGiven)?;
    let ends_at = now.after(job.terms.notice_period())?.max(job.started_at.after(job.terms.min_duration)?);

    job.ends_at = job.ends_at.min(ends_at);
    job.notice_given = 1;
    Ok(())
}

/// Counts the downtime and the heartbeats missed from the last heartbeat to `until`. What a beacon knows of that time is read before.
#[inline(always)]
pub fn count_downtime(job: &mut Job, until: Timestamp) -> Result<()> {
    let interval = job.terms.heartbeat_interval.0 as u64;
    let gap = until.since(job.last_heartbeat_at);
    if interval != 0 && gap > interval {
        require(job.on_beacon == 0, EscrowError::BeaconUnread)?;
        count_silence(job, gap);
    }
    // The clock does not go back, and the end of the job's time not behind a heartbeat.
    job.last_heartbeat_at = until;
    Ok(())
}

/// Counts so many seconds from one heartbeat to the next, or to the end, where the terms ask for heartbeats.
#[inline(always)]
pub fn count_silence(job: &mut Job, gap: u64) {
    let interval = (job.terms.heartbeat_interval.0 as u64).max(1);
    if gap > interval {
        let missed = ((gap - 1) / interval).min(u32::MAX as u64) as u32;
        job.downtime = job.downtime.saturating_add(gap - interval);
        job.missed_heartbeats = job.missed_heartbeats.saturating_add(missed);
    }
}

/// Stops the clock, and computes what the provider will have earned, the penalties on its pay, and the part of its bond to seize.
#[inline(always)]
pub fn stop_clock(job: &mut Job, ending: Ending, now: Timestamp, halts: &impl Halts) -> Result<()> {
    let until = now.min(job.ends_at);
    count_downtime(job, until)?;
    if job.downtime != 0 {
        forgive_halts(job, halts.between(job.started_at, until)?);
    }
    let is_result = job.terms.pricing == pricing::FIXED && ending == Ending::Delivered;
    let late = is_result && is_past(halts, job.started_at, job.ends_at, now)?;
    fix_dues(job, ending, now, until, late)
}

/// What a job that stopped at `until` earned and lost. `late`: its result, of a fixed price, came after its time.
#[inline(never)]
fn fix_dues(job: &mut Job, ending: Ending, now: Timestamp, until: Timestamp, late: bool) -> Result<()> {
    let lasted = until.since(job.started_at);
    let ran = lasted.saturating_sub(job.downtime);
    let fixed = job.terms.pricing == pricing::FIXED;
    let mut pay = match ending {
        _ if job.terms.pricing == pricing::METERED => {
            let least = job.terms.min_paid_duration().0 as u64;
            let is_too_short = ending == Ending::Stopped && lasted < least;
            job.price.times(if is_too_short { least } else { ran })?
        }
        // What vouchers will say beyond it is added when they are redeemed.
        _ if !fixed => job.earned.max(if ending == Ending::Stopped { job.least_usage()? } else { Amount::ZERO }),
        Ending::Delivered => job.price,
        Ending::Stopped => job.stopped_price(now)?,
        Ending::Failed | Ending::Revoked | Ending::Unfinished => Amount::ZERO,
    };
    if job.is_reserved() && ending == Ending::Stopped {
        pay = pay.max(job.least_of_reservation(ran, lasted)?);
    }
    let shortfall = shortfall(job, ran, lasted)?;

    let mut penalty = job.missed_penalty().0;
    if shortfall != 0 {
        let part = (job.terms.shortfall_penalty.0 as u64 * shortfall as u64 / 100).min(10_000);
        penalty = penalty.saturating_add(Bps(part as u16).of_floor(pay.0)?);
    }
    if late {
        penalty = penalty.saturating_add(job.terms.late_penalty.of_floor(pay.0)?);
    }
    // What was paid stays paid, though a beacon that forgot when a gap was may count more afterwards. The bond covers penalties that the
    // unpaid pay does not cover.
    let due = job.earned.max(Amount(pay.0.saturating_sub(penalty)));
    let deducted = Amount(pay.0.saturating_sub(due.0));
    if !guard::eq(&job.bond, &NONE) && ending != Ending::Revoked {
        let bond = job.terms.bond_amount.0;
        let mut seize = if penalty > deducted.0 { part_for(job, penalty.wrapping_sub(deducted.0))? } else { 0 };
        if ending == Ending::Failed {
            // Who starts a reserved job to quit it loses no less than who cancels it.
            let penalty = job.terms.failure_penalty.of_floor(bond)?;
            seize = seize.saturating_add(penalty.max(price_of_leaving(job, now)?.0));
        }
        job.bond_to_seize = Tokens(seize.min(bond));
    }

    job.stopped_at = until;
    job.amount_due = due;
    job.pending_penalty = deducted;
    job.outcome = match ending {
        Ending::Failed => outcome::FAILED,
        Ending::Revoked | Ending::Unfinished => outcome::NONE,
        // A client that stops its own provider's jobs would make a reputation of nothing.
        Ending::Stopped => outcome::NONE,
        _ if shortfall != 0 || late => outcome::LATE,
        _ => outcome::DELIVERED,
    };
    Ok(())
}

/// The part of the bond that stands for a penalty which the pay does not cover. The bond is in another token. It stands for what the job can
/// cost after an award, so the same part of it is seized.
#[cold]
#[inline(never)]
fn part_for(job: &Job, uncovered: u64) -> Result<u64> {
    let cost = job.cost()?.0;
    Ok(mul_div_floor(job.terms.bond_amount.0, uncovered.min(cost), cost)?)
}

/// Time in which the chain made no slots was nobody's downtime.
#[inline(never)]
fn forgive_halts(job: &mut Job, halted: u64) {
    let missed = halted.div_ceil((job.terms.heartbeat_interval.0 as u64).max(1));
    job.downtime = job.downtime.saturating_sub(halted);
    job.missed_heartbeats = job.missed_heartbeats.saturating_sub(missed.min(u32::MAX as u64) as u32);
}

/// By how many basis points of its time the job was less available than the terms ask for.
#[inline(always)]
fn shortfall(job: &Job, ran: u64, lasted: u64) -> Result<u16> {
    if job.terms.min_availability == Bps(0) || lasted == 0 {
        return Ok(0);
    }
    let available = mul_div_floor(ran, Bps::WHOLE.0 as u64, lasted)? as u16;
    Ok(job.terms.min_availability.0.saturating_sub(available))
}
