//! Jobs of `escrow`: a client, two providers, an arbiter, and anyone.
//!
//! What is checked is counted besides, from who did what and when: money by what each step gave out, time by the moves.

use {
    crate::{
        Scope,
        search::{Key, World, next_instant},
    },
    joule_escrow::{
        halts::Halts,
        jobs::{
            clock,
            ending::{self, CancelledBy, EndedBy, Excuse},
            post_job::{self, Posting},
        },
        markets::terms,
        matching::auction,
        money::payment::Payout,
        reservations,
    },
    joule_escrow_interface::{
        EscrowError,
        instruction::OfferReservationArgs,
        state::{
            HAND_BACK_WINDOW, HaltClock, Job, MAX_HAND_BACKS, MIN_PAID_DURATION, NONE, REACTION_WINDOW, Terms,
            job_state, matching, outcome, pricing, verification_kind,
        },
    },
    joule_interface::Address,
    joule_math::{Amount, Bps, Seconds, Timestamp, Tokens},
    std::fmt,
};

const START: i64 = 1_000;
/// In so many seconds before its start the price of leaving a reservation rises.
const LEAD: u32 = 4;

fn who(number: u8) -> Address {
    Address::new_from_array([number + 1; 32])
}

/// Who stopped the clock, and how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
enum End {
    #[default]
    None,
    Result,
    Quit,
    ByClient,
    TimeUp,
    Revoked,
}

/// Who gave the verdict, and which part of the pay is the provider's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
enum Verdict {
    #[default]
    None,
    OfArbiter(u16),
    OfSilence,
}

/// What happened, as anyone could note it.
#[derive(Clone, Copy, Debug, Default, Hash)]
struct Facts {
    /// Put in by the client, given to providers, to the fee's receiver, and back.
    put_in: u64,
    pay: u64,
    fee: u64,
    back: u64,
    assigned_at: i64,
    started_at: i64,
    stopped_at: i64,
    last_beat: i64,
    /// The chain halted since, so that is as much later.
    has_halted: bool,
    /// Seconds for which a heartbeat stood.
    covered: i64,
    /// A heartbeat was late.
    was_late: bool,
    end: End,
    verdict: Verdict,
    /// Staked to reject.
    stake: u64,
    /// Due when it was rejected.
    due: u64,
    was_delivered_late: bool,
    hand_backs: u8,
    /// By whom, a bit each.
    handed_back_by: u8,
    /// When it is over, once notice was given.
    noticed_end: i64,
    /// The client cancelled after it was assigned, in its provider's time.
    cancelled: bool,
    /// What a reservation was to cost then, whoever left it.
    leaving: u64,
}

/// How long the chain halts, if it does. Less than half a minute would be no halt.
const HALT: i64 = 40;

/// The halt clock, ticked in the second before the halt and in the first after it.
struct Known {
    clock: HaltClock,
    now: Timestamp,
    slot: u64,
}

impl Halts for Known {
    fn between(&self, from: Timestamp, to: Timestamp) -> Result<u64, EscrowError> {
        Ok(self.clock.between(from, to, self.now, self.slot))
    }
    fn moved(&self, set_at: Timestamp, deadline_at: Timestamp) -> Result<Timestamp, EscrowError> {
        Ok(self.clock.moved(set_at, deadline_at, self.now, self.slot)?)
    }
}

/// A job.
#[derive(Clone)]
pub struct Jobs {
    job: Job,
    now: i64,
    /// When the chain halts, once somebody thinks so; zero: it does not. -1: it may.
    halted_at: i64,
    is: Facts,
}

/// A move.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Move {
    /// Time passes until then.
    Wait(i64),
    /// The chain halts: time passes, and nobody can do anything.
    Halt,
    /// A provider bids.
    Bid(u8, u64),
    /// Anyone ends the auction.
    Award,
    /// The provider that waited in the queue is given the job.
    Assign,
    /// The client offers that it starts some seconds later.
    Offer(u32),
    /// A provider takes that.
    Take(u8),
    /// A provider starts.
    Start(u8),
    /// The provider's heartbeat.
    Beat,
    /// The client extends the job.
    Extend(u32),
    /// The provider gives notice.
    Notice,
    /// Anyone pays what is owed: all of it, or a part.
    Settle(bool),
    /// It ends.
    Finish(EndedBy, bool),
    /// The provider delivers.
    Deliver,
    /// The provider proves its result.
    Prove,
    /// By the client, or anyone.
    Accept(bool, bool),
    /// By the client.
    Reject,
    /// By the arbiter.
    Judge(u16, u16),
    /// Anyone asks for the default verdict.
    Resolve,
    /// It is cancelled.
    Cancel(CancelledBy),
    /// The provider hands it back; there is room in the queue.
    HandBack(bool),
    /// What is owed is written off: the right to the credits was revoked.
    WriteOff,
}

impl fmt::Display for Move {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Wait(until) => write!(f, "time passes until second {}", until - START),
            Self::Bid(provider, price) => write!(f, "provider {provider} bids {price}"),
            other => write!(f, "{other:?}"),
        }
    }
}

fn done<T, E>(result: Result<T, E>) -> Option<T> {
    result.ok()
}

impl Jobs {
    fn new(terms: Terms, kind: u8, price: u64, duration: u32) -> Self {
        terms::check(&terms, &who(100)).expect("terms that a market may have");
        let named = if kind == matching::DIRECT { who(0) } else { NONE };
        let (price, duration, now) = (Amount(price), Seconds(duration), Timestamp(START));
        let posting = Posting::new(&terms, kind, price, &named, (duration, 0), now).expect("such jobs are offered");
        let mut job = Job { terms, matching: kind, price, provider: named, duration, ..Job::default() };
        posting.fill(&mut job);
        Self { job, now: START, halted_at: 0, is: Facts { put_in: job.deposited.0, ..Facts::default() } }
    }

    /// The halts as they are known.
    fn halts(&self) -> Known {
        let mut clock = HaltClock { ticked_at: Timestamp(START), ..HaltClock::default() };
        if self.halted_at > 0 {
            clock.ticked_at = Timestamp(self.halted_at);
            clock.ticked_slot = 1_000;
            // Noted by the tick after it.
            clock.tick(Timestamp(self.halted_at + HALT), 1_000);
        }
        let slots = (self.now - clock.ticked_at.0).max(0) as u64 * 1_000 / 600 + 1;
        Known { slot: clock.ticked_slot + slots, clock, now: Timestamp(self.now) }
    }

    /// A party's deadline, whose time began at `since`, moves by what of the halt lies after that.
    fn moved(&self, since: i64, deadline: i64) -> i64 {
        let moves = self.halted_at > 0 && self.halted_at <= deadline;
        deadline + if moves { (self.halted_at + HALT - since).clamp(0, HALT) } else { 0 }
    }

    /// It is the time of whoever is to move.
    fn is_in_time(&self) -> bool {
        let terms = &self.job.terms;
        let window = match self.job.state {
            job_state::POSTED if self.job.matching == matching::DIRECT => terms.start_window,
            job_state::ASSIGNED => terms.start_window,
            job_state::DELIVERED => terms.acceptance_window,
            job_state::REJECTED => terms.arbitration_window,
            _ => return self.now <= self.job.deadline_at.0,
        };
        let deadline = self.job.deadline_at.0;
        self.now <= self.moved(deadline - window.0 as i64, deadline)
    }

    fn is_fixed(&self) -> bool {
        self.job.terms.pricing == pricing::FIXED
    }

    /// What so many seconds of the agreed time cost, rounded up.
    fn price_of(&self, seconds: i64) -> u64 {
        let seconds = (seconds.max(0) as u64).min(self.job.duration.0 as u64);
        let price = self.job.price.0;
        if self.is_fixed() { (price * seconds).div_ceil(self.job.duration.0 as u64) } else { price * seconds }
    }

    /// The least that is paid for a start, or for an assignment.
    fn least(&self) -> i64 {
        self.job.terms.min_duration.min(MIN_PAID_DURATION).0 as i64
    }

    fn provider(&self) -> u8 {
        self.job.provider.as_array()[0].wrapping_sub(1)
    }

    /// Whoever starts or bids locks a bond, if the terms ask for one.
    fn lock(&mut self) {
        if !self.job.terms.bond_amount.is_zero() {
            self.job.bond = who(50 + self.provider());
        }
    }

    /// What it costs now to leave a reservation, of `amount`: half of all at its start, and evenly less before that.
    fn price_of_leaving(&self, amount: u64) -> u64 {
        let job = &self.job;
        if job.lead_period == Seconds(0) {
            return 0;
        }
        let left = (job.starts_at().0 - self.now).max(0);
        let passed = (LEAD as i64 - left).max(0) as u64;
        (amount * passed).div_ceil(2 * LEAD as u64)
    }

    /// What a reserved job costs at least that runs, and that its client stops.
    fn reserved_price(&self) -> u64 {
        if self.job.lead_period == Seconds(0) || self.is.noticed_end != 0 {
            return 0;
        }
        self.is.put_in.div_ceil(2)
    }

    /// Of the seconds since the last heartbeat those that count: as many as there are before the next is due, and a halt.
    fn since_beat(&self, until: i64) -> i64 {
        let until = until.min(self.job.ends_at.0);
        let halt = if self.is.has_halted { HALT } else { 0 };
        let halted = (until - self.halted_at).clamp(0, halt);
        let alive = (until - (self.is.last_beat - halt) - halted).max(0);
        let interval = self.job.terms.heartbeat_interval.0 as i64;
        halted + if interval == 0 { alive } else { alive.min(interval) }
    }

    fn cover(&mut self, until: i64) {
        self.is.covered += self.since_beat(until);
        self.is.last_beat = until.min(self.job.ends_at.0);
        self.is.has_halted = false;
    }

    fn stop(&mut self, end: End) {
        self.cover(self.now);
        self.is.stopped_at = self.now.min(self.job.ends_at.0);
        self.is.end = end;
    }

    fn give(&mut self, payout: Payout) {
        self.is.pay += payout.pay.0;
        self.is.fee += payout.fee.0;
        self.is.back += payout.refund.0;
    }

    /// The provider did all that it promised: it started in time, beat in time, and did not quit.
    fn is_honest(&self) -> bool {
        self.is.started_at != 0 && !self.is.was_late && self.is.end != End::Quit
    }

    /// Whether a move would be accepted now.
    fn would(&self, one: Move) -> bool {
        self.clone().make(&one) == Ok(true)
    }

    /// In each second either the party may move, or anyone may go on: never both, never none.
    fn turns(&self) -> Result<(), String> {
        let job = &self.job;
        let (party, anyone) = match job.state {
            job_state::POSTED if job.matching == matching::DIRECT => {
                (Move::Start(0), Move::Cancel(CancelledBy::Anyone))
            }
            job_state::POSTED => (Move::Start(1), Move::Cancel(CancelledBy::Anyone)),
            job_state::OFFERED => (Move::Take(0), Move::Cancel(CancelledBy::Anyone)),
            job_state::ASSIGNED if job.is_reserved() && self.now < job.starts_at().0 => {
                (Move::Cancel(CancelledBy::Provider), Move::Start(self.provider()))
            }
            job_state::ASSIGNED => (Move::Start(self.provider()), Move::Cancel(CancelledBy::Anyone)),
            job_state::BIDDING if job.price.0 > 1 => (Move::Bid(1 - self.provider().min(1), 1), Move::Award),
            // Before the shortest time nobody can do more than quit or stop.
            job_state::RUNNING
                if self.is_fixed() && self.now - self.is.started_at >= job.terms.min_duration.0 as i64 =>
            {
                let is_rejectable = job.terms.acceptance_window.0 != 0;
                let party = if is_rejectable { Move::Deliver } else { Move::Finish(EndedBy::Result, true) };
                (party, Move::Finish(EndedBy::Anyone, true))
            }
            job_state::DELIVERED => (Move::Reject, Move::Accept(false, false)),
            // What the arbiter says later is no verdict.
            job_state::REJECTED if !self.is_in_time() => (Move::Reject, Move::Resolve),
            job_state::REJECTED => (Move::Judge(10_000, 0), Move::Resolve),
            _ => return Ok(()),
        };
        match (self.would(party), self.would(anyone)) {
            (true, true) => Err(format!("both {party} and {anyone} are accepted in the same second")),
            (false, false) => Err(format!("neither {party} nor {anyone} is accepted")),
            _ => Ok(()),
        }
    }

    /// Every unit is somewhere, and where it went is booked.
    fn books(&self) -> Result<(), String> {
        let (job, is) = (&self.job, &self.is);
        let parts = [job.paid, job.fee_paid, job.penalty, job.refunded, job.held].map(|part| part.0);
        if job.deposited.0 != parts.iter().sum::<u64>() {
            return Err(format!("the books do not balance: {} is not {parts:?}", job.deposited.0));
        }
        let given = [is.put_in, is.pay, is.fee, is.back];
        if given != [job.deposited.0, job.paid.0, job.fee_paid.0, job.penalty.0 + job.refunded.0] {
            return Err(format!("put in, paid, fee and given back were {given:?}, and are booked otherwise"));
        }
        if job.has_ended() && !job.held.is_zero() {
            return Err("it ended, and still holds money".into());
        }
        if job.bond_to_seize > job.terms.bond_amount || job.bond == NONE && !job.bond_to_seize.is_zero() {
            return Err(format!(
                "{} of the bond are to be seized, of {}",
                job.bond_to_seize.0, job.terms.bond_amount.0
            ));
        }
        Ok(())
    }

    /// What the client may lose at most, whatever the others do.
    fn of_client(&self) -> Result<(), String> {
        let (job, is) = (&self.job, &self.is);
        let hand_backs = self.price_of(self.least()) * is.hand_backs as u64;
        let until = if is.end == End::None { self.now.min(job.ends_at.0) } else { is.stopped_at };
        let lasted = until - is.started_at;
        let work = match (is.end, self.is_fixed()) {
            _ if is.cancelled => {
                let waited = (self.now - is.assigned_at).min(REACTION_WINDOW.0 as i64);
                self.price_of(waited.max(self.least())).max(is.leaving)
            }
            _ if is.started_at == 0 => 0,
            (End::None | End::Quit | End::TimeUp | End::Revoked, true) => 0,
            (End::ByClient, true) => self.price_of(lasted.max(self.least())),
            (End::Result, true) => job.price.0,
            (End::ByClient, false) if lasted < self.least() => self.price_of(self.least()),
            // A halt forgives as many seconds of downtime, whenever that was.
            (_, false) if self.halted_at > 0 => job.price.0 * lasted as u64,
            // Only seconds for which a heartbeat stood are paid.
            (End::None, false) => job.price.0 * (is.covered + self.since_beat(self.now)) as u64,
            (_, false) => job.price.0 * is.covered as u64,
        };
        let work = if is.end == End::ByClient { work.max(self.reserved_price()) } else { work };
        let work = match is.verdict {
            Verdict::OfArbiter(share) if self.is_fixed() => work * share as u64 / 10_000,
            _ => work,
        };
        let lost = match is.verdict {
            Verdict::None => 0,
            Verdict::OfArbiter(share) => is.stake * share as u64 / 10_000,
            Verdict::OfSilence => is.stake,
        };
        let most = work + lost + hand_backs;
        if is.pay + is.fee > most {
            return Err(format!("the client pays {} for what is worth {most} at most", is.pay + is.fee));
        }
        // Nor is anything kept from it at the end.
        if job.has_ended() && is.put_in - is.back > most {
            return Err(format!("the client gets {} of {} back, and owes {most} at most", is.back, is.put_in));
        }
        Ok(())
    }

    /// What the fee's receiver gets at least: its part of the pay, and what the client lost.
    fn of_fee(&self) -> Result<(), String> {
        let (job, is) = (&self.job, &self.is);
        let lost = match is.verdict {
            Verdict::None => 0,
            Verdict::OfArbiter(share) => is.stake * share as u64 / 10_000,
            Verdict::OfSilence => is.stake,
        };
        let hand_backs = self.price_of(self.least()) * is.hand_backs as u64;
        let least = job.terms.fee_share.0 as u64 * job.earned.0 / 10_000 + lost + hand_backs;
        if job.state == job_state::FINISHED && is.end != End::Revoked && !self.is_written_off() && is.fee < least {
            return Err(format!("the fee is {}, not {least}", is.fee));
        }
        Ok(())
    }

    /// What a provider gets at least that did all it promised, whatever the others do.
    fn of_provider(&self) -> Result<(), String> {
        let (job, is) = (&self.job, &self.is);
        let over = matches!(job.state, job_state::OWING | job_state::FINISHED);
        if is.cancelled && over {
            let waited = (self.now - is.assigned_at).clamp(0, REACTION_WINDOW.0 as i64);
            let least = self.price_of(self.least().min(waited.max(self.least()))).max(is.leaving);
            if job.earned.0 < least.min(job.deposited.0) {
                return Err(format!("who was sent away earned {}, not {least}", job.earned.0));
            }
        }
        if !self.is_honest() || is.end == End::None {
            return Ok(());
        }
        let judged = is.verdict != Verdict::None;
        let is_late = self.is_fixed() && is.end == End::Result && is.was_delivered_late;
        let failed = self.is_fixed() && is.end == End::TimeUp;
        if !judged && !is_late && !failed {
            if !job.bond_to_seize.is_zero() {
                return Err(format!("who did all that it promised loses {} of its bond", job.bond_to_seize.0));
            }
            if !job.penalty.is_zero() || matches!(job.outcome, outcome::FAILED | outcome::LATE | outcome::DISPUTED) {
                return Err("who did all that it promised is punished, or ill spoken of".into());
            }
        }
        if !over || is.end == End::Revoked || failed || is_late {
            return Ok(());
        }
        let lasted = is.stopped_at - is.started_at;
        let whole = match (self.is_fixed(), is.end) {
            (true, End::ByClient) => self.price_of(lasted.max(self.least())).max(self.reserved_price()),
            (true, _) => job.price.0,
            (false, End::ByClient) => {
                let time = job.price.0 * lasted.max(self.least().min(job.duration.0 as i64)) as u64;
                time.max(self.reserved_price())
            }
            (false, _) => job.price.0 * lasted as u64,
        };
        let least = match is.verdict {
            Verdict::None => whole,
            Verdict::OfArbiter(share) => whole * share as u64 / 10_000,
            Verdict::OfSilence => whole * job.terms.default_pay.0 as u64 / 10_000,
        };
        if job.earned.0 < least {
            return Err(format!("who did all that it promised earned {} of {least}", job.earned.0));
        }
        let fee = job.terms.fee_share.0 as u64 * job.earned.0 / 10_000;
        let was_paid = job.state == job_state::FINISHED && is.pay + fee < job.earned.0;
        if was_paid && is.end != End::Revoked && !self.is_written_off() {
            return Err(format!("it was paid {} of {}", is.pay, job.earned.0 - fee));
        }
        Ok(())
    }

    fn is_written_off(&self) -> bool {
        // Only moves of anyone after a revocation do that: then not even the fee was paid.
        self.job.spender_number == u16::MAX
    }

    /// Silence of the arbiter never pays who rejects.
    fn of_silence(&self) -> Result<(), String> {
        let (job, is) = (&self.job, &self.is);
        let staked = job.terms.rejection_stake != Bps(0) && is.verdict == Verdict::OfSilence;
        let cost = is.put_in.saturating_sub(is.back);
        if staked && job.state == job_state::FINISHED && !self.is_written_off() && cost < is.due {
            return Err(format!("who rejects and waits pays {cost}, and {} were due", is.due));
        }
        Ok(())
    }
}

impl World for Jobs {
    type Move = Move;

    fn moves(&self, moves: &mut Vec<Move>) {
        use job_state::*;
        let job = &self.job;
        let deadline = job.deadline_at.0;
        let at = |from: i64, seconds: u32| from + seconds as i64;
        let times: &[i64] = match job.state {
            POSTED | BIDDING | OFFERED | DELIVERED | REJECTED => &[deadline, self.moved(START, deadline)],
            ASSIGNED if job.is_reserved() && self.now < job.starts_at().0 => {
                &[job.starts_at().0 - LEAD as i64, job.starts_at().0 - LEAD as i64 / 2, job.starts_at().0]
            }
            ASSIGNED => &[deadline, self.moved(START, deadline), at(self.is.assigned_at, 10)],
            RUNNING => &[
                job.ends_at.0,
                at(job.ends_at.0, job.terms.late_window.0),
                self.moved(self.is.started_at, job.ends_at.0),
                self.moved(self.is.started_at, at(job.ends_at.0, job.terms.late_window.0)),
                at(self.is.started_at, job.terms.min_duration.0),
                if job.terms.heartbeat_interval.0 == 0 {
                    0
                } else {
                    at(self.is.last_beat, job.terms.heartbeat_interval.0)
                },
                if job.can_be_handed_back(Timestamp(self.is.started_at)) {
                    at(self.is.started_at, HAND_BACK_WINDOW.0)
                } else {
                    0
                },
                // A job that is handed back may wait as long as it could before.
                if job.matching == matching::QUEUE { deadline } else { 0 },
            ],
            _ => &[],
        };
        moves.extend(next_instant(self.now, times.iter().copied()).map(Move::Wait));
        if self.halted_at == -1 && !job.has_ended() {
            moves.push(Move::Halt);
        }
        match job.state {
            POSTED => {
                let queued = job.matching == matching::QUEUE;
                moves.extend((0..1 + queued as u8).map(Move::Start));
                let by = [CancelledBy::Client, CancelledBy::Anyone, CancelledBy::Removal];
                moves.extend(by.into_iter().take(2 + queued as usize).map(Move::Cancel));
            }
            BIDDING => {
                for price in 1..=job.price.0 {
                    moves.extend([Move::Bid(0, price), Move::Bid(1, price)]);
                }
                moves.extend([Move::Award, Move::Cancel(CancelledBy::Client), Move::Cancel(CancelledBy::Anyone)]);
            }
            OFFERED => moves.extend([
                Move::Take(0),
                Move::Take(1),
                Move::Start(0),
                Move::Cancel(CancelledBy::Client),
                Move::Cancel(CancelledBy::Anyone),
            ]),
            ASSIGNED => {
                moves.extend([
                    Move::Start(self.provider()),
                    Move::Cancel(CancelledBy::Client),
                    Move::Cancel(CancelledBy::Anyone),
                ]);
                if job.is_reserved() {
                    moves.push(Move::Cancel(CancelledBy::Provider));
                }
            }
            RUNNING => {
                moves.extend([Move::Beat, Move::Extend(1), Move::Notice, Move::Settle(true), Move::Settle(false)]);
                for by in [EndedBy::Result, EndedBy::Provider, EndedBy::Client, EndedBy::Anyone] {
                    moves.extend([Move::Finish(by, true), Move::Finish(by, false)]);
                }
                moves.extend([Move::Finish(EndedBy::Revocation, true), Move::Deliver]);
                moves.extend([Move::HandBack(true), Move::HandBack(false)]);
                if job.verification_kind == verification_kind::PROOF {
                    moves.push(Move::Prove);
                }
            }
            DELIVERED => moves.extend([
                Move::Accept(true, true),
                Move::Accept(true, false),
                Move::Accept(false, true),
                Move::Accept(false, false),
                Move::Reject,
            ]),
            REJECTED => {
                moves.push(Move::Resolve);
                for pay in [0, 5_000, 10_000] {
                    moves.extend([Move::Judge(pay, 0), Move::Judge(pay, 10_000)]);
                }
            }
            OWING => moves.extend([Move::Settle(true), Move::Settle(false), Move::WriteOff]),
            // It is over: nothing is accepted any more.
            _ => moves.extend([
                Move::Settle(true),
                Move::Start(0),
                Move::Finish(EndedBy::Anyone, true),
                Move::Accept(true, true),
                Move::Cancel(CancelledBy::Client),
                Move::Resolve,
                Move::Award,
            ]),
        }
    }

    fn is_crank(one: &Move) -> bool {
        matches!(
            one,
            Move::Wait(_)
                | Move::Award
                | Move::Settle(true)
                | Move::Finish(EndedBy::Anyone, true)
                | Move::Accept(false, true)
                | Move::Resolve
                | Move::Cancel(CancelledBy::Anyone)
        )
    }

    fn make(&mut self, one: &Move) -> Result<bool, String> {
        let (halts, in_time) = (self.halts(), self.is_in_time());
        let ends_at = self.moved(self.is.started_at, self.job.ends_at.0);
        let last = self.moved(self.is.started_at, self.job.ends_at.0 + self.job.terms.late_window.0 as i64);
        let (job, now) = (&mut self.job, Timestamp(self.now));
        // What an instruction pays at most, if it does not pay all: a third of what there is.
        let part = Amount(job.deposited.0 / 3 + 1);
        let cap = |all: bool| if all { Amount::MAX } else { part };
        let none = Seconds(0);
        let was_over = job.has_ended();
        let (state, was_assigned) = (job.state, job.state == job_state::ASSIGNED);
        let given = match *one {
            Move::Wait(until) => {
                let interval = job.terms.heartbeat_interval.0 as i64;
                if state == job_state::RUNNING && interval != 0 {
                    self.is.was_late |= until.min(job.ends_at.0) - self.is.last_beat > interval;
                }
                self.now = until;
                return Ok(true);
            }
            Move::Halt => {
                self.halted_at = self.now;
                self.now += HALT;
                if state == job_state::RUNNING {
                    // It is nobody's downtime.
                    self.is.has_halted = true;
                    self.is.last_beat += HALT;
                }
                return Ok(true);
            }
            Move::Bid(provider, price) => {
                let bid = done(auction::bid(job, &who(provider), Amount(price), now)).map(|()| Payout::default());
                if bid.is_some() {
                    self.lock();
                }
                bid
            }
            Move::Award => {
                let end = job.deadline_at.0;
                let refund = done(auction::award(job, now));
                if job.state == job_state::ASSIGNED {
                    self.is.assigned_at = end;
                }
                refund.map(|refund| Payout { refund, ..Payout::default() })
            }
            Move::Assign => {
                self.is.assigned_at = self.now;
                done(post_job::assign(job, &who(0), now)).map(|()| Payout::default())
            }
            Move::Offer(ahead) => {
                let starts_at = Timestamp(self.now + ahead as i64);
                let args = OfferReservationArgs { starts_at, lead_period: Seconds(LEAD), cancellation_fee: Bps(5_000) };
                done(reservations::offer(job, &args, now)).map(|()| Payout::default())
            }
            Move::Take(provider) => {
                let taken = done(reservations::take(job, &who(provider), now));
                if taken.is_some() {
                    self.is.assigned_at = job.starts_at().0;
                    self.lock();
                }
                taken.map(|()| Payout::default())
            }
            Move::Start(provider) => {
                if job.is_reserved()
                    && self.now < job.starts_at().0
                    && clock::start(&mut { *job }, none, now, &halts).is_ok()
                {
                    return Err("a reserved job runs before its time".into());
                }
                let taken = state == job_state::POSTED;
                let started = done(clock::start(job, none, now, &halts));
                if started.is_some() {
                    if taken {
                        job.provider = who(provider);
                    }
                    if job.bond == NONE {
                        self.lock();
                    }
                    (self.is.started_at, self.is.last_beat) = (self.now, self.now);
                    (self.is.covered, self.is.was_late, self.is.has_halted) = (0, false, false);
                }
                started.map(|()| Payout::default())
            }
            Move::Beat => {
                let beat = done(clock::heartbeat(job, now));
                if beat.is_some() {
                    self.cover(self.now);
                }
                beat.map(|()| Payout::default())
            }
            Move::Extend(seconds) => {
                let added = done(clock::extend(job, Seconds(seconds), now));
                self.is.put_in += added.map_or(0, |added| added.0);
                added.map(|_| Payout::default())
            }
            Move::Notice => {
                let given = done(clock::give_notice(job, now));
                if given.is_some() {
                    self.is.noticed_end = job.ends_at.0;
                }
                given.map(|()| Payout::default())
            }
            Move::Settle(all) => done(ending::settle(job, cap(all), now)),
            Move::Finish(by, all) => {
                let is_over = job.ends_at <= now;
                let mut payout = done(ending::finish(job, by, cap(all), now, &halts));
                if let Some(given) = payout {
                    let end = match by {
                        EndedBy::Result => End::Result,
                        EndedBy::Revocation => End::Revoked,
                        _ if job.terms.pricing == pricing::METERED && is_over => End::TimeUp,
                        EndedBy::Provider if now.0 <= last => End::Quit,
                        EndedBy::Client if !is_over || now == job.ends_at => End::ByClient,
                        _ => End::TimeUp,
                    };
                    if by == EndedBy::Revocation {
                        done(ending::write_off(job, given)).ok_or("what is owed cannot be written off")?;
                        self.is.back += given.refund.0;
                        payout = Some(Payout::default());
                        self.is.back = job.penalty.0 + job.refunded.0;
                    }
                    if end == End::Result && now.0 > ends_at {
                        self.is.was_delivered_late = true;
                    }
                    self.stop(end);
                }
                payout
            }
            Move::Deliver => {
                let delivered = done(ending::deliver(job, now, &halts));
                if delivered.is_some() {
                    if now.0 > ends_at {
                        self.is.was_delivered_late = true;
                    }
                    self.stop(End::Result);
                }
                delivered.map(|()| Payout::default())
            }
            Move::Prove => {
                let payout = done(ending::prove(job, Amount::MAX, now, &halts));
                if payout.is_some() {
                    if now.0 > ends_at {
                        self.is.was_delivered_late = true;
                    }
                    self.stop(End::Result);
                }
                payout
            }
            Move::Accept(by_client, all) => done(ending::accept(job, by_client, cap(all), now, &halts)),
            Move::Reject => {
                let staked = done(ending::reject(job, now, &halts));
                if let Some(stake) = staked {
                    (self.is.stake, self.is.put_in) = (stake.0, self.is.put_in + stake.0);
                    self.is.due = job.amount_due.0;
                }
                staked.map(|_| Payout::default())
            }
            Move::Judge(pay, bond) => {
                let payout = done(ending::resolve(job, true, (Bps(pay), Bps(bond)), Amount::MAX, now, &halts));
                self.is.verdict = if in_time { Verdict::OfArbiter(pay) } else { Verdict::OfSilence };
                payout
            }
            Move::Resolve => {
                let payout = done(ending::resolve(job, false, (Bps(0), Bps(10_000)), Amount::MAX, now, &halts));
                self.is.verdict = Verdict::OfSilence;
                payout
            }
            Move::Cancel(by) => {
                let (cost, bond) = (self.is.put_in, self.job.terms.bond_amount.0);
                let [leaving, part] = [cost, bond].map(|amount| self.price_of_leaving(amount));
                let started = self.is.assigned_at <= self.now;
                let job = &mut self.job;
                let refund = done(ending::cancel(job, by, Excuse::default(), none, now, &halts));
                self.is.cancelled |= refund.is_some() && was_assigned && job.state == job_state::OWING && in_time;
                if refund.is_some() && was_assigned && job.is_reserved() {
                    self.is.leaving = leaving;
                    let leaves = by == CancelledBy::Provider && !started;
                    let lost = job.bond_to_seize.0;
                    if leaves && !(part.max(1)..=part.max(bond)).contains(&lost) {
                        return Err(format!("who leaves a reservation loses {lost} of {bond}, not {part}"));
                    }
                    if job.outcome == outcome::FAILED && lost < part {
                        return Err(format!("who does not start loses {lost}, and who leaves {part}"));
                    }
                }
                refund.map(|refund| Payout { refund, ..Payout::default() })
            }
            Move::HandBack(room) => {
                if done(ending::hand_back(job, now)).is_none() {
                    return Ok(false);
                }
                let (bond, seized, by) = (job.terms.bond_amount.0, job.bond_to_seize.0, 1 << self.provider());
                if self.is.handed_back_by & by != 0 {
                    return Err("a provider hands the same job back twice".into());
                }
                self.is.handed_back_by |= by;
                let job = &mut self.job;
                ending::clear_start(job, 0);
                self.is.hand_backs += 1;
                (self.is.started_at, self.is.last_beat, self.is.covered, self.is.noticed_end) = (0, 0, 0, 0);
                self.is.was_late = false;
                let job = &mut self.job;
                let waits = ending::waits_again(job, now) && room;
                let refund = if waits { Some(Amount::ZERO) } else { done(ending::end_handed_back(job)) };
                let refund = refund.ok_or("a job that was handed back does not end")?;
                // The same part on both sides.
                let cost = self.job.price.0 * if self.is_fixed() { 1 } else { self.job.duration.0 as u64 };
                let lost = self.price_of(self.least());
                if seized * cost < bond.min(seized + 1) * lost.min(cost) && seized < bond || seized == 0 {
                    return Err(format!("{seized} of {bond} are burned, where the client loses {lost} of {cost}"));
                }
                Some(Payout { refund, ..Payout::default() })
            }
            Move::WriteOff => {
                let was = job.penalty.0 + job.refunded.0;
                let written = done(ending::write_off(job, Payout::default()));
                job.spender_number = u16::MAX;
                let refund = Amount(job.penalty.0 + job.refunded.0 - was);
                written.map(|()| Payout { refund, ..Payout::default() })
            }
        };
        let Some(given) = given else { return Ok(false) };
        if was_over {
            return Err(format!("it was over, and {one} was accepted"));
        }
        self.give(given);
        Ok(true)
    }

    fn check(&self) -> Result<(), String> {
        self.books()?;
        self.of_client()?;
        self.of_provider()?;
        self.of_silence()?;
        self.of_fee()?;
        let cut = self.job.hand_backs != self.is.hand_backs || self.is.hand_backs > MAX_HAND_BACKS;
        if cut {
            return Err("hand-backs are counted wrongly".into());
        }
        if self.is.noticed_end != 0 && self.job.ends_at.0 != self.is.noticed_end {
            return Err("who gave notice has to work longer".into());
        }
        self.turns()
    }

    fn is_over(&self) -> bool {
        self.job.has_ended()
    }

    fn write(&self, key: &mut Key) {
        key.account(&self.job);
        key.add(&(&self.is, self.halted_at));
        // When it is over, time does not matter.
        key.add(&if self.is_over() { 0 } else { self.now });
    }

    fn tell(&self) -> String {
        let (job, is) = (&self.job, &self.is);
        let state = match job.state {
            job_state::POSTED => "POSTED",
            job_state::BIDDING => "BIDDING",
            job_state::ASSIGNED => "ASSIGNED",
            job_state::OFFERED => "OFFERED",
            job_state::RUNNING => "RUNNING",
            job_state::DELIVERED => "DELIVERED",
            job_state::REJECTED => "REJECTED",
            job_state::OWING => "OWING",
            job_state::FINISHED => "FINISHED",
            _ => "CANCELLED",
        };
        format!(
            "second {}: {state}, price {}, deadline {}, ends {}; put in {}, paid {}, fee {}, back {}, held {}, earned {}, \
             bond to seize {} of {}",
            self.now - START,
            job.price.0,
            job.deadline_at.0 - START,
            if job.ends_at.0 == 0 { 0 } else { job.ends_at.0 - START },
            is.put_in,
            is.pay,
            is.fee,
            is.back,
            job.held.0,
            job.earned.0,
            job.bond_to_seize.0,
            job.terms.bond_amount.0,
        )
    }
}

/// All kinds of jobs.
pub fn starts(scope: Scope) -> Vec<Jobs> {
    let base = Terms {
        price: Amount(3),
        bond_amount: Tokens(20),
        fee_payee: who(90),
        min_duration: Seconds(2),
        max_duration: Seconds(8),
        wait_window: Seconds(4),
        start_window: Seconds(4),
        fee_share: Bps(2_500),
        no_start_penalty: Bps(2_000),
        failure_penalty: Bps(5_000),
        matching: matching::DIRECT | matching::QUEUE | matching::AUCTION,
        max_queue_entries: 1,
        reports: 1,
        ..Terms::default()
    };
    let beating = Terms {
        heartbeat_interval: Seconds(2),
        min_availability: Bps(9_000),
        shortfall_penalty: Bps(300),
        heartbeat_penalty: Bps(5_000),
        ..base
    };
    let judged = Terms {
        acceptance_window: Seconds(3),
        arbitration_window: Seconds(3),
        default_pay: Bps(5_000),
        rejection_stake: Bps(5_000),
        ..base
    };
    let fixed =
        Terms { pricing: pricing::FIXED, price: Amount(9), late_window: Seconds(2), late_penalty: Bps(2_000), ..base };
    let fixed_judged = Terms {
        pricing: pricing::FIXED,
        price: Amount(9),
        late_window: Seconds(2),
        default_bond_penalty: Bps(1_000),
        default_pay: Bps(2_000),
        rejection_stake: Bps(0),
        ..judged
    };
    let service = Terms { is_service: 1, notice_minutes: 1, max_duration: Seconds(70), ..base };
    let long = Terms { max_duration: Seconds(70), min_duration: Seconds(2), ..base };
    let mut proved = Jobs::new(fixed_judged, matching::DIRECT, 9, 6);
    proved.job.verification_kind = verification_kind::PROOF;
    let mut assigned = Jobs::new(base, matching::QUEUE, 3, 6);
    assigned.make(&Move::Assign).expect("assigned");
    let ahead = |terms: Terms, kind: u8, price: u64| {
        let mut job = Jobs::new(terms, kind, price, 6);
        job.make(&Move::Offer(6)).expect("offered");
        job
    };
    let bare = Terms { bond_amount: Tokens(0), fee_share: Bps(0), fee_payee: NONE, failure_penalty: Bps(0), ..base };
    let halting = |start: Jobs| Jobs { halted_at: -1, ..start };
    let mut starts = vec![
        halting(Jobs::new(beating, matching::DIRECT, 3, 6)),
        halting(Jobs::new(fixed_judged, matching::DIRECT, 9, 6)),
        Jobs::new(beating, matching::DIRECT, 3, 6),
        Jobs::new(judged, matching::DIRECT, 2, 5),
        Jobs::new(fixed, matching::DIRECT, 9, 6),
        Jobs::new(fixed_judged, matching::DIRECT, 9, 6),
        Jobs::new(Terms { bid_step: Bps(3_000), bid_extension: Seconds(2), ..fixed }, matching::AUCTION, 9, 6),
        Jobs::new(bare, matching::DIRECT, 3, 6),
        Jobs::new(service, matching::DIRECT, 1, 66),
        Jobs::new(long, matching::QUEUE, 3, 64),
        Jobs::new(Terms { wait_window: Seconds(70), ..fixed }, matching::QUEUE, 9, 6),
        halting(assigned.clone()),
        halting(ahead(base, matching::DIRECT, 3)),
        ahead(beating, matching::DIRECT, 3),
        ahead(fixed, matching::AUCTION, 9),
        assigned,
        proved,
    ];
    if scope == Scope::Large {
        starts.extend([
            Jobs::new(
                Terms { heartbeat_interval: Seconds(3), min_duration: Seconds(3), ..beating },
                matching::DIRECT,
                3,
                8,
            ),
            Jobs::new(Terms { heartbeat_interval: Seconds(2), ..fixed_judged }, matching::DIRECT, 9, 6),
            Jobs::new(Terms { heartbeat_interval: Seconds(2), ..judged }, matching::DIRECT, 3, 6),
            Jobs::new(Terms { bid_step: Bps(1), bid_extension: Seconds(1), ..beating }, matching::AUCTION, 3, 4),
            Jobs::new(
                Terms { acceptance_window: Seconds(2), arbitration_window: Seconds(2), ..long },
                matching::QUEUE,
                3,
                62,
            ),
        ]);
    }
    starts
}

/// Moves from a start.
pub fn depth(scope: Scope) -> u32 {
    match scope {
        Scope::Small => 12,
        Scope::Large => 18,
    }
}
