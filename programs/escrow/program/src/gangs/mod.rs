//! Gangs: one job on several machines, all or none. Each place is a job, whose money and bond are those of any job; the gang has the
//! clock of all of them. Stopping it writes the gang alone, so what a member earned follows from the gang, its own heartbeats and nothing
//! else, whenever it is settled.
//!
//! A step that fails is undone with its transaction: nobody goes on after one. The instructions check who may take a step; the rules check state, time and money.

pub(crate) mod close_gang;
pub(crate) mod heartbeat_member;
pub(crate) mod join_gang;
pub(crate) mod leave_gang;
pub(crate) mod post_gang;
pub(crate) mod post_places;
pub(crate) mod settle_member;
pub(crate) mod stop_gang;
#[cfg(test)]
mod tests;

use {
    crate::{
        Result, beacons,
        halts::Halts,
        jobs::{
            clock::{Ending, count_downtime, count_silence, stop_clock},
            ending::{self, close_books, leaving_part},
        },
        money::payment::Payout,
    },
    joule_common::{AccountView, account, event, guard, guard::require},
    joule_escrow_interface::{
        EscrowError, ID,
        event::GangMoved,
        state::{Beacon, Gang, Job, MAX_SILENT_INTERVALS, NONE, Place, gang_state, job_state, stopped_by},
    },
    joule_interface::{Address, Fault},
    joule_math::{Amount, Timestamp, Tokens},
};

/// Halts of the chain, asked for by a gang's clock: seconds for which it stood count as well if the chain halted then.
struct ByClock<'a, H>(&'a H, u64);

impl<H: Halts> Halts for ByClock<'_, H> {
    fn between(&self, from: Timestamp, to: Timestamp) -> Result<u64> {
        self.0.between(from, Timestamp(to.0.saturating_add_unsigned(self.1)))
    }
    fn moved(&self, set_at: Timestamp, deadline_at: Timestamp) -> Result<Timestamp> {
        self.0.moved(set_at, deadline_at)
    }
}

/// The job is a place of the gang. Returns which.
#[inline(always)]
pub fn require_place(gang: &Gang, address: &Address, job: &Job) -> Result<usize> {
    require(job.state == job_state::GANG, EscrowError::WrongJobState)?;
    let mut places = gang.places.iter();
    places.position(|place| guard::eq(&place.job, address)).ok_or(EscrowError::WrongGang)
}

/// The place has a member that is not out.
#[inline(always)]
fn require_member(job: &Job) -> Result<()> {
    let is_in = !guard::eq(&job.provider, &NONE) && job.stopped_at == Timestamp::default();
    require(is_in, EscrowError::WrongProvider)
}

/// Whether places can be posted and taken.
#[inline(always)]
pub fn require_open(gang: &Gang, now: Timestamp) -> Result<()> {
    require(matches!(gang.state, gang_state::FILLING | gang_state::BROKEN), EscrowError::WrongGangState)?;
    require(now <= gang.deadline_at, EscrowError::TooLate)
}

/// Adds a place.
pub fn add(gang: &mut Gang, address: &Address) -> Result<()> {
    require(gang.posted < gang.size, EscrowError::GangComplete)?;
    let free = gang.places.iter().position(|place| guard::eq(&place.job, &NONE)).ok_or(EscrowError::GangComplete)?;
    gang.places[free] = Place { job: *address, machine: 0 };
    gang.posted += 1;
    Ok(())
}

/// Gives the place `at` to a provider. `machine`: what must not be in the gang twice. `owner`: of its node, if it has one.
pub fn join(
    gang: &mut Gang,
    (at, job): (usize, &mut Job),
    provider: &Address,
    (machine, owner): (&Address, &Address),
    now: Timestamp,
) -> Result<()> {
    require_open(gang, now)?;
    require(gang.posted == gang.size, EscrowError::GangIncomplete)?;
    require(guard::eq(&job.provider, &NONE), EscrowError::GangComplete)?;
    let machine = ending::first_bytes(machine);
    let is_new = gang.places.iter().all(|place| place.machine != machine);
    require(machine != 0 && is_new, EscrowError::AlreadyJoined)?;
    require(guard::eq(&gang.owner, &NONE) || guard::eq(&gang.owner, owner), EscrowError::OwnerDiffers)?;

    job.provider = *provider;
    gang.places[at].machine = machine;
    gang.joined += 1;
    if gang.state == gang_state::BROKEN {
        // The clock of the others shows this, and goes on from here.
        let at = gang.clock(now);
        (job.started_at, job.last_heartbeat_at, job.ends_at) = (at, at, gang.ends_at());
    }
    if gang.joined == gang.size {
        if gang.state == gang_state::BROKEN {
            gang.stood += now.since(gang.stopped_at);
            (gang.last_stopped_at, gang.resumed_at) = (gang.stopped_at, now);
        } else {
            gang.started_at = now;
            now.after(gang.duration)?;
        }
        gang.stopped_at = Timestamp::default();
        gang.stopped_by = stopped_by::NOBODY;
        gang.state = gang_state::RUNNING;
    }
    Ok(())
}

/// What leaving a gang costs that is not full.
pub fn leaving_price(gang: &Gang, job: &Job, now: Timestamp) -> Result<Tokens> {
    require(gang.state == gang_state::FILLING, EscrowError::WrongGangState)?;
    require(now <= gang.deadline_at, EscrowError::TooLate)?;
    leaving_part(job)
}

/// Frees the place again.
pub fn leave(gang: &mut Gang, (at, job): (usize, &mut Job)) -> Result<()> {
    (job.provider, job.bond, job.node, job.bond_to_seize) = (NONE, NONE, NONE, Tokens::ZERO);
    uncount(gang, at)
}

/// The member is counted no more.
fn uncount(gang: &mut Gang, at: usize) -> Result<()> {
    gang.places[at].machine = 0;
    gang.joined = gang.joined.checked_sub(1).ok_or(Fault::Overflow)?;
    Ok(())
}

/// A member of a gang that was full began with the others: nobody wrote its account then.
pub fn begin(gang: &Gang, job: &mut Job) {
    if job.started_at == Timestamp::default() {
        (job.started_at, job.last_heartbeat_at) = (gang.started_at, gang.started_at);
        job.ends_at = gang.ends_at();
    }
}

/// Until when the member's time counts, how long ago its last heartbeat is then, and how long that may be.
fn silence(gang: &Gang, job: &Job, now: Timestamp) -> (Timestamp, u64, u64) {
    let limit = MAX_SILENT_INTERVALS * job.terms.heartbeat_interval.0 as u64;
    let until = gang.clock(now).min(job.ends_at);
    (until, until.since(job.last_heartbeat_at), limit)
}

/// Whether the member's last heartbeat is too long ago.
fn is_silent(gang: &Gang, job: &Job, now: Timestamp, halts: &impl Halts) -> Result<bool> {
    let (until, gap, limit) = silence(gang, job, now);
    if gap <= limit {
        return Ok(false);
    }
    Ok(gap.saturating_sub(ByClock(halts, gang.stood).between(job.last_heartbeat_at, until)?) > limit)
}

/// Tells a member on a beacon what that says of it: as if each beat had been its own heartbeat.
#[inline(never)]
pub fn read_beacon(gang: &Gang, job: &mut Job, view: &AccountView, now: Timestamp) -> Result<()> {
    // Who is out is measured no more.
    if job.on_beacon == 0 || job.stopped_at != Timestamp::default() || gang.started_at == Timestamp::default() {
        return Ok(());
    }
    require(guard::present(view, &ID), EscrowError::BeaconUnread)?;
    let beacon = account::load::<Beacon>(view)?;
    require(beacons::is_on(&beacon, job)?, EscrowError::WrongBeacon)?;
    begin(gang, job);
    read(gang, job, &beacon, now);
    Ok(())
}

/// The rule of [`read_beacon`]. What lies before the last gaps that the beacon remembers, and after the last heartbeat that was read, counts as silence.
pub fn read(gang: &Gang, job: &mut Job, beacon: &Beacon, now: Timestamp) {
    let (from, ends_at) = (job.last_heartbeat_at, job.ends_at);
    let until = gang.clock(now).min(ends_at);
    let shown = |at: Timestamp| gang.clock_at(at).min(until).max(from);
    let stands = gang.stopped_at != Timestamp::default();
    // Who was silent when the clock stopped, or at the end, does not undo it afterwards.
    let is_late = |at: Timestamp| stands && at > gang.stopped_at || gang.clock_at(at) >= ends_at;

    let mut last = shown(beacon.last_beat_at);
    // The earliest second of which the beacon says something, and whether the silence before it ended too late; none once it says all.
    let mut earliest = Some((last, is_late(beacon.last_beat_at)));
    for gap in beacon.latest_gaps() {
        let (began, ended, ended_late) = (shown(gap.began_at), shown(gap.ended_at), is_late(gap.ended_at));
        if ended <= from {
            earliest = None;
            break;
        }
        if ended_late {
            last = began;
        } else {
            count_silence(job, ended.since(began));
        }
        earliest = Some((began, ended_late));
    }
    match earliest {
        // All that it remembers came afterwards.
        Some((oldest, true)) if oldest == until => last = from,
        Some((oldest, _)) => count_silence(job, oldest.since(from)),
        None => {}
    }
    job.last_heartbeat_at = last;
}

/// Takes a heartbeat, also while the clock stands: else who sends one each interval would have a longer gap once it goes on.
pub fn heartbeat(gang: &Gang, job: &mut Job, now: Timestamp) -> Result<()> {
    let stands = gang.state == gang_state::BROKEN;
    require(stands || gang.state == gang_state::RUNNING, EscrowError::WrongGangState)?;
    // One that comes later says nothing of the time until the end.
    require(!gang.is_time_over(now), EscrowError::TooLate)?;
    require_member(job)?;
    begin(gang, job);
    let (until, gap, limit) = silence(gang, job, now);
    // Who was silent when the clock stopped has failed, and does not undo it while it stands.
    require(!stands || gap <= limit, EscrowError::TooLate)?;
    count_downtime(job, until)
}

/// Ends the gang.
pub fn stop(gang: &mut Gang, by_client: bool, now: Timestamp) -> Result<()> {
    let is_past = now > gang.deadline_at;
    gang.state = match gang.state {
        gang_state::FILLING if is_past || (by_client && gang.joined == 0) => gang_state::DISSOLVED,
        gang_state::FILLING if by_client => gang_state::CANCELLED,
        gang_state::BROKEN if is_past || by_client => gang_state::STOPPED,
        gang_state::RUNNING if by_client => {
            require(!gang.is_time_over(now), EscrowError::TooLate)?;
            (gang.stopped_at, gang.stopped_by) = (now, stopped_by::CLIENT);
            gang_state::STOPPED
        }
        gang_state::FILLING | gang_state::BROKEN | gang_state::RUNNING => return Err(EscrowError::TooEarly),
        _ => return Err(EscrowError::WrongGangState),
    };
    Ok(())
}

/// Who takes a member out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakenOutBy {
    /// The member itself.
    Member,
    /// The client.
    Client,
    /// Anyone.
    Anyone,
    /// Anyone: the network revoked the right to its job's credits.
    Revocation,
}

/// Takes a member out. The clock of all stands until a substitute has joined.
pub fn take_out(
    gang: &mut Gang,
    (at, job): (usize, &mut Job),
    by: TakenOutBy,
    now: Timestamp,
    halts: &impl Halts,
) -> Result<()> {
    let runs = gang.state == gang_state::RUNNING;
    require(runs || gang.state == gang_state::BROKEN, EscrowError::WrongGangState)?;
    require(!runs || !gang.is_time_over(now), EscrowError::TooLate)?;
    require_member(job)?;
    begin(gang, job);
    let (ending, stopped_by) = if by == TakenOutBy::Revocation {
        (Ending::Revoked, stopped_by::MEMBER)
    } else if is_silent(gang, job, now, halts)? {
        (Ending::Failed, stopped_by::MEMBER)
    } else {
        match by {
            TakenOutBy::Member if runs => (Ending::Failed, stopped_by::MEMBER),
            // It promised to work, and not to wait for others.
            TakenOutBy::Member => (unfinished(gang, job, now), gang.stopped_by),
            TakenOutBy::Client => (Ending::Stopped, stopped_by::CLIENT),
            _ => return Err(EscrowError::MemberAlive),
        }
    };
    let deadline_at = now.after(job.terms.wait_window)?;
    stop_member(gang, job, ending, now, halts)?;
    // Who takes a place while the clock stands, and leaves it in time, held up the others.
    if by == TakenOutBy::Member && !runs && !has_run(gang, job, now) && now <= gang.deadline_at {
        job.bond_to_seize = leaving_part(job)?;
    }

    uncount(gang, at)?;
    if runs {
        gang.state = gang_state::BROKEN;
        (gang.stopped_at, gang.stopped_by, gang.deadline_at) = (now, stopped_by, deadline_at);
    }
    Ok(())
}

/// Stops the member's clock. Its beacon was read.
fn stop_member(gang: &Gang, job: &mut Job, ending: Ending, now: Timestamp, halts: &impl Halts) -> Result<()> {
    let (until, gap, _) = silence(gang, job, now);
    count_silence(job, gap);
    job.last_heartbeat_at = until;
    stop_clock(job, ending, gang.clock(now), &ByClock(halts, gang.stood))
}

/// Whether the member began with the gang, or its clock ran since the member joined. A substitute that joined while the clock stood has
/// neither, even in the clock's first second: its place was posted after the start, so its deadline is not before `started_at` plus
/// `wait_window`. (If a gang is posted, filled and broken in one second, all its members count as substitutes.)
fn has_run(gang: &Gang, job: &Job, now: Timestamp) -> bool {
    let earliest_of_substitutes = gang.started_at.0.saturating_add(job.terms.wait_window.0 as i64);
    job.started_at < gang.clock(now) || job.deadline_at.0 < earliest_of_substitutes
}

/// How a job ends whose gang stopped before its time, by no fault of the job's member. A client that stops it pays for the shortest paid
/// time at least, but not to a substitute that came while the clock stood.
fn unfinished(gang: &Gang, job: &Job, now: Timestamp) -> Ending {
    let by_client = gang.stopped_by == stopped_by::CLIENT;
    if by_client && has_run(gang, job, now) { Ending::Stopped } else { Ending::Unfinished }
}

/// What settling a place comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// Its member is paid for a part of its time.
    Paid(Payout),
    /// The place ends, and pays.
    Ended(Payout),
}

/// Whether nobody works for the place, or ever did: then nobody is paid for time.
#[inline(always)]
pub fn is_unworked(gang: &Gang, job: &Job) -> bool {
    guard::eq(&job.provider, &NONE) || gang.started_at == Timestamp::default()
}

/// Settles a place for which nobody worked, of a gang that ended.
pub fn settle_unworked(gang: &mut Gang, (at, job): (usize, &mut Job), now: Timestamp) -> Result<Amount> {
    note_end(gang, now);
    require(gang.has_ended(), EscrowError::WrongGangState)?;
    let is_joined = !guard::eq(&job.provider, &NONE);
    let refund = if is_joined && gang.state == gang_state::CANCELLED {
        let owed = job.hand_back_price()?;
        ending::owe(job, owed)?
    } else {
        ending::refund_all(job)
    };
    if is_joined {
        uncount(gang, at)?;
    }
    remove(gang, (at, job), now)?;
    Ok(refund)
}

/// Settles a place whose member worked.
pub fn settle(
    gang: &mut Gang,
    (at, job): (usize, &mut Job),
    revoked: bool,
    max_amount: Amount,
    now: Timestamp,
    halts: &impl Halts,
) -> Result<Settled> {
    note_end(gang, now);
    if revoked && !gang.has_ended() && job.stopped_at == Timestamp::default() {
        take_out(gang, (at, job), TakenOutBy::Revocation, now, halts)?;
    }
    if job.stopped_at == Timestamp::default() {
        if !gang.has_ended() {
            return Ok(Settled::Paid(ending::pay_earned(job, max_amount, gang.clock(now))?));
        }
        let ending = if revoked {
            Ending::Revoked
        } else if is_silent(gang, job, now, halts)? {
            Ending::Failed
        } else if gang.state == gang_state::FINISHED {
            Ending::Delivered
        } else {
            unfinished(gang, job, now)
        };
        stop_member(gang, job, ending, now, halts)?;
        uncount(gang, at)?;
    }
    remove(gang, (at, job), now)?;
    let due = job.amount_due;
    Ok(Settled::Ended(close_books(job, due, Amount::ZERO, max_amount)?))
}

/// Notes that the time of a running gang is over.
fn note_end(gang: &mut Gang, now: Timestamp) {
    if gang.state == gang_state::RUNNING && gang.is_time_over(now) {
        gang.stopped_at = Timestamp(gang.ends_at().0.saturating_add_unsigned(gang.stood));
        gang.state = gang_state::FINISHED;
    }
}

/// Forgets a place that is settled. What is left to do with its job begins now: its other times are of the gang's clock.
fn remove(gang: &mut Gang, (at, job): (usize, &mut Job), now: Timestamp) -> Result<()> {
    job.deadline_at = now;
    gang.places[at] = Place::default();
    gang.posted = gang.posted.checked_sub(1).ok_or(Fault::Overflow)?;
    Ok(())
}

/// Emits how the gang goes on.
#[inline(never)]
pub fn emit_gang_moved(view: &AccountView, gang: &mut Gang, job: &Address, provider: &Address) -> Result<()> {
    event::emit(&GangMoved {
        header: GangMoved::header(*view.address(), event::next(&mut gang.sequence)?),
        job: *job,
        provider: *provider,
        state: gang.state,
        posted: gang.posted,
        joined: gang.joined,
        reserved: [0; 5],
        deadline_at: gang.deadline_at,
        started_at: gang.started_at,
        stopped_at: gang.stopped_at,
        stood: gang.stood,
    });
    Ok(())
}
