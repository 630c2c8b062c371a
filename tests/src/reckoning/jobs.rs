//! What jobs pay, by the sentences of escrow's page on money, service levels and reservations.

use {
    super::{Transition, Verdict, hold, part},
    joule_escrow_interface::state::{self as escrow, NONE, job_state, matching, outcome, pricing},
};

/// What a job can cost after an award, without what it holds for hand-backs.
fn cost(job: &escrow::Job) -> u128 {
    let reserve = if is_returnable(job) { price_of(job, shortest(job)) * escrow::MAX_HAND_BACKS as u128 } else { 0 };
    (job.deposited.0 - job.refunded.0) as u128 - reserve
}

/// A queued job whose terms ask for a bond and a fee can be handed back, unless units are paid.
fn is_returnable(job: &escrow::Job) -> bool {
    let terms = &job.terms;
    let both = terms.fee_share.0 != 0 && terms.bond_amount.0 != 0;
    job.matching == matching::QUEUE && both && terms.pricing != pricing::USAGE
}

/// Ten seconds, or the shortest job if that is shorter.
fn shortest(job: &escrow::Job) -> u64 {
    job.terms.min_duration.0.min(10) as u64
}

/// The price of so many seconds: of a fixed price or of units that part of all, rounded up.
fn price_of(job: &escrow::Job, seconds: u64) -> u128 {
    let (seconds, whole, price) =
        (seconds.min(job.duration.0 as u64) as u128, job.duration.0 as u128, job.price.0 as u128);
    match job.terms.pricing {
        pricing::FIXED => (price * seconds).div_ceil(whole),
        pricing::USAGE => (price * job.max_units as u128 * seconds).div_ceil(whole).max(price),
        _ => price * seconds,
    }
}

/// As large a part of its bond as the price of its shortest time is of all.
pub(super) fn shortest_of_bond(job: &escrow::Job) -> u128 {
    (job.terms.bond_amount.0 as u128 * price_of(job, shortest(job))).div_ceil(cost(job).max(1))
}

/// What the heartbeats missed cost: of the price of one interval, for each.
fn missed(job: &escrow::Job, count: u64) -> u128 {
    let interval = job.terms.heartbeat_interval.0 as u128;
    let price = match job.terms.pricing {
        pricing::FIXED => job.price.0 as u128 * interval / (job.duration.0 as u128).max(1),
        _ => job.price.0 as u128 * interval,
    };
    price * job.terms.heartbeat_penalty.0 as u128 / 10_000 * count as u128
}

/// What its hand-backs cost, which goes where the fee goes.
fn lost(job: &escrow::Job) -> u64 {
    let each = if job.hand_backs == 0 { 0 } else { price_of(job, shortest(job)) as u64 };
    each * job.hand_backs as u64
}

impl Transition<'_> {
    /// What a job that stops is due, and what it loses of its bond. Halts, beacons and revoked rights have rules of their own.
    pub(super) fn stops(&self, was: &escrow::Job, is: &escrow::Job) -> Verdict {
        use job_state::*;
        let ends = was.state == RUNNING && [DELIVERED, FINISHED, OWING].contains(&is.state);
        let terms = &was.terms;
        let fixed = terms.pricing == pricing::FIXED;
        let is_same = was.posting_id == is.posting_id && was.hand_backs == is.hand_backs;
        if !ends || !is_same || terms.pricing == pricing::USAGE || was.on_beacon == 1 || self.knows_halts() {
            return Ok(());
        }
        let until = self.now.min(was.ends_at);
        // Without an outcome: a client stopped it, or nobody is at fault.
        let stopped = is.outcome == outcome::NONE;
        if stopped && (self.is_cut_off(was) || was.verification_kind == escrow::verification_kind::PROOF) {
            return Ok(());
        }
        let (lasted, interval) = (until.since(was.started_at), terms.heartbeat_interval.0 as u64);
        let gap = until.since(was.last_heartbeat_at);
        let is_late = interval != 0 && gap > interval;
        let down = was.downtime + if is_late { gap - interval } else { 0 };
        let count = was.missed_heartbeats as u64 + if is_late { (gap - 1) / interval } else { 0 };
        hold((is.downtime, is.missed_heartbeats as u64) == (down, count), "a job's last silence counts otherwise")?;
        let ran = lasted.saturating_sub(down);
        let delivered = [outcome::DELIVERED, outcome::LATE].contains(&is.outcome);
        let (price, least) = (was.price.0 as u128, shortest(was));
        let mut pay = match (fixed, stopped) {
            (true, true) => price_of(was, lasted.max(least)),
            (true, false) => price * delivered as u128,
            (false, true) if lasted < least => price * least as u128,
            (false, _) => price * ran as u128,
        };
        if stopped && was.lead_period.0 != 0 && was.notice_given == 0 {
            let fee = (cost(was) * was.cancellation_fee.0 as u128).div_ceil(10_000);
            pay = pay.max(if interval != 0 && lasted != 0 { fee * ran as u128 / lasted as u128 } else { fee });
        }
        let available = if lasted == 0 { 10_000 } else { ran as u128 * 10_000 / lasted as u128 };
        let short = (terms.min_availability.0 as u128).saturating_sub(available);
        let share = (terms.shortfall_penalty.0 as u128 * short / 100).min(10_000);
        let after_time = fixed && delivered && self.now > was.ends_at;
        let late = if after_time { pay * terms.late_penalty.0 as u128 / 10_000 } else { 0 };
        let penalty = missed(was, count) + pay * share / 10_000 + late;
        let due = pay.saturating_sub(penalty).max(was.earned.0 as u128);
        hold(is.amount_due.0 as u128 == due, "a job that stopped is due another amount")?;
        let deducted = pay.saturating_sub(due);
        hold(is.pending_penalty.0 as u128 == deducted, "a job that stopped loses another penalty")?;
        let well = if short != 0 || after_time { outcome::LATE } else { outcome::DELIVERED };
        hold(!delivered || is.outcome == well, "a job went otherwise than it says")?;
        let bond = terms.bond_amount.0 as u128;
        let mut seized = bond * penalty.saturating_sub(deducted).min(cost(was)) / cost(was).max(1);
        if is.outcome == outcome::FAILED {
            let leaves = if was.lead_period.0 == 0 { 0 } else { self.leaving(was) };
            seized += (part(bond as u64, terms.failure_penalty) as u128).max(leaves);
        }
        let seized = if was.bond == NONE { 0 } else { seized.min(bond) };
        hold(is.bond_to_seize.0 as u128 == seized, "another part of a bond stands for what a job lacks")?;
        self.closes(is, is.amount_due.0)
    }

    /// A delivered result that is accepted is paid as it was due.
    pub(super) fn accepted(&self, was: &escrow::Job, is: &escrow::Job) -> Verdict {
        use job_state::*;
        if was.state != DELIVERED || ![FINISHED, OWING].contains(&is.state) || self.is_cut_off(was) {
            return Ok(());
        }
        let same = (is.amount_due, is.bond_to_seize, is.outcome) == (was.amount_due, was.bond_to_seize, was.outcome);
        hold(same, "a job was accepted otherwise than it was delivered")?;
        self.closes(is, was.amount_due.0)
    }

    /// The books of a job that pays for what it earned: no more than its fee leaves, and as a fee no more than that part.
    fn closes(&self, is: &escrow::Job, due: u64) -> Verdict {
        if ![job_state::FINISHED, job_state::OWING].contains(&is.state) || self.is_cut_off(is) {
            return Ok(());
        }
        hold(is.earned.0 == due, "a job earned another amount than was due")?;
        hold(is.penalty == is.pending_penalty, "another penalty goes back than was lost")?;
        let reports = is.outcome != outcome::NONE && is.terms.reports & escrow::report::OUTCOME != 0;
        let is_open = is.bond != NONE || reports;
        hold(is.bond_unsettled == is_open as u8, "a bond or a report of a job that ended is forgotten, or made up")?;
        let fee = part(due, is.terms.fee_share);
        let lost = lost(is);
        hold(is.paid.0 <= due - fee && is.fee_paid.0 <= fee + lost, "a job pays more than it earned")?;
        let owed = (due + lost) - is.paid.0 - is.fee_paid.0;
        hold(is.held.0 == owed, "a job that ended holds another amount than it owes")
    }

    /// A client that cancels what a provider was given pays for the time since then, from ten seconds to sixty; of a reservation at least its part.
    pub(super) fn given_up(&self, was: &escrow::Job, is: &escrow::Job) -> Verdict {
        use job_state::*;
        if was.state != ASSIGNED || ![OWING, FINISHED].contains(&is.state) || was.hand_backs != 0 {
            return Ok(());
        }
        let assigned_at = was.deadline_at.0 - was.terms.start_window.0 as i64;
        let waited = (self.now.0 - assigned_at).clamp(0, 60) as u64;
        let pay = price_of(was, waited.max(shortest(was)));
        let lead = was.lead_period.0 as u128;
        let part = if lead == 0 {
            0
        } else {
            let passed = lead.saturating_sub((assigned_at - self.now.0).max(0) as u128);
            (cost(was) * was.cancellation_fee.0 as u128 * passed).div_ceil(10_000 * lead)
        };
        let owed = pay.max(part).min(was.held.0 as u128);
        hold(is.earned.0 as u128 == owed, "who cancels what was given to a provider pays another amount")
    }

    /// What a running job has earned: the price of the seconds that heartbeats cover, less what was missed, and nothing while it can be handed back.
    pub(super) fn earns(&self, was: &escrow::Job, is: &escrow::Job) -> Verdict {
        let runs = was.state == job_state::RUNNING && is.state == job_state::RUNNING;
        if !runs || is.earned == was.earned {
            return Ok(());
        }
        if was.terms.pricing == pricing::USAGE {
            let more = (is.units - was.units) as u128 * was.price.0 as u128;
            let exact = is.earned.0 as u128 == is.units as u128 * is.price.0 as u128;
            return hold(more != 0 && exact, "a voucher says another amount");
        }
        hold(was.terms.pricing == pricing::METERED, "a fixed price was earned before its end")?;
        let in_minute = self.now.since(was.started_at) <= escrow::HAND_BACK_WINDOW.0 as u64;
        hold(!is_returnable(was) || !in_minute, "a job earned that can be handed back")?;
        let interval = was.terms.heartbeat_interval.0 as i64;
        let mut until = self.now.0.min(was.ends_at.0);
        if interval != 0 {
            until = until.min(was.last_heartbeat_at.0 + interval);
        }
        let ran = ((until - was.started_at.0).max(0) as u64).saturating_sub(was.downtime);
        let pay = (was.price.0 as u128 * ran as u128).saturating_sub(missed(was, was.missed_heartbeats as u64));
        hold(is.earned.0 as u128 == pay.max(was.earned.0 as u128), "a running job earned another amount")
    }

    /// What leaving a reservation costs at this second, of the bond.
    fn leaving(&self, was: &escrow::Job) -> u128 {
        let (bond, lead) = (was.terms.bond_amount.0 as u128, was.lead_period.0 as u128);
        let starts_at = was.deadline_at.0 - was.terms.start_window.0 as i64;
        let passed = lead.saturating_sub((starts_at - self.now.0).max(0) as u128);
        let line = (bond * was.cancellation_fee.0 as u128 * passed).div_ceil(10_000 * lead.max(1));
        line.max(shortest_of_bond(was).min(bond))
    }
}
