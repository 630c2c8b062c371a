//! Gangs of `escrow`: two places, a provider whose machine is alive, two that do anything, a client with them, and anyone.

use {
    crate::{
        Scope,
        search::{Key, World, next_instant},
    },
    joule_escrow::{
        gangs::{self, Settled, TakenOutBy},
        halts::NoHalts,
    },
    joule_escrow_interface::state::{
        Beacon, Gang, Job, MAX_SILENT_INTERVALS, NONE, Terms, gang_state, job_state, matching, outcome,
    },
    joule_interface::Address,
    joule_math::{Amount, Bps, Seconds, Timestamp, Tokens},
    std::fmt,
};

const START: i64 = 1_000;
const SIZE: usize = 2;
const PROVIDERS: u8 = 3;
/// Provider 0 keeps its promise.
const HONEST: u8 = 0;
const PRICE: u64 = 5;
const BOND: u64 = 10;
const INTERVAL: u64 = 2;
const DURATION: u64 = 10;
/// For what a client pays at least.
const LEAST: u64 = 3;

fn who(number: u8) -> Address {
    Address::new_from_array([number + 1; 32])
}

/// A place that is posted.
#[derive(Clone)]
struct Seat {
    address: Address,
    job: Job,
    /// Who has it, and for how many seconds the clock ran since.
    provider: Option<u8>,
    ran: u64,
    /// It quit while the clock ran.
    quit: bool,
}

/// What was given to each provider, and taken from it; and what went back.
#[derive(Clone, Copy, Debug, Default, Hash)]
struct Facts {
    paid: [u64; PROVIDERS as usize],
    lost: [u64; PROVIDERS as usize],
    refunded: u64,
    deposited: u64,
    /// Seconds that the clock ran.
    clock: u64,
    posted: u8,
    /// When the honest machine was alive for the last time.
    alive_at: i64,
}

/// A gang.
#[derive(Clone)]
pub struct Gangs {
    gang: Gang,
    seats: [Option<Seat>; SIZE],
    /// Of the honest provider, if its member is on one.
    beacon: Option<Beacon>,
    now: i64,
    most: u8,
    is: Facts,
}

/// A move.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Move {
    /// Time passes until then; the honest machine is alive all along.
    Wait(i64),
    /// The client posts a place.
    Post(usize),
    /// A provider takes a place.
    Join(usize, u8),
    /// A member leaves before the gang is full.
    Leave(usize),
    /// A member says that it is alive.
    Beat(usize),
    /// A member quits.
    Quit(usize),
    /// The client takes a member out.
    Dismiss(usize),
    /// Anyone shows that a member is silent.
    Show(usize),
    /// The client ends it, or anyone.
    Stop(bool),
    /// Anyone settles a place.
    Settle(usize),
}

impl fmt::Display for Move {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Wait(until) => write!(f, "time passes until second {}", until - START),
            Self::Join(place, HONEST) => write!(f, "the honest provider takes place {place}"),
            other => write!(f, "{other:?}"),
        }
    }
}

impl Gangs {
    fn new(by_beacon: bool, most: u8) -> Self {
        let terms = Self::terms();
        let gang = Gang {
            size: SIZE as u8,
            state: gang_state::FILLING,
            duration: Seconds(DURATION as u32),
            price: terms.price,
            deadline_at: Timestamp(START + terms.wait_window.0 as i64),
            ..Gang::default()
        };
        let beacon = by_beacon.then(|| Beacon {
            provider: who(HONEST),
            interval: terms.heartbeat_interval,
            last_beat_at: Timestamp(START),
            capacity: 1,
            ..Beacon::default()
        });
        let mut world = Self {
            gang,
            seats: [None, None],
            beacon,
            now: START,
            most,
            is: Facts { alive_at: START, ..Facts::default() },
        };
        (0..SIZE).for_each(|place| assert!(world.post(place), "it is new"));
        world
    }

    fn terms() -> Terms {
        Terms {
            price: Amount(PRICE),
            bond_amount: Tokens(BOND),
            failure_penalty: Bps(5_000),
            min_duration: Seconds(LEAST as u32),
            heartbeat_interval: Seconds(INTERVAL as u32),
            wait_window: Seconds(4),
            matching: matching::GANG,
            ..Terms::default()
        }
    }

    fn time(&self) -> Timestamp {
        Timestamp(self.now)
    }

    fn seat_of(&self, provider: u8) -> Option<usize> {
        let is_in = |seat: &Seat| seat.provider == Some(provider) && seat.job.stopped_at == Timestamp::default();
        self.seats.iter().position(|seat| seat.as_ref().is_some_and(is_in))
    }

    fn runs(&self) -> bool {
        self.gang.state == gang_state::RUNNING && !self.gang.is_time_over(self.time())
    }

    fn post(&mut self, place: usize) -> bool {
        let (terms, left) = (Self::terms(), DURATION - self.is.clock);
        let address = who(100 + self.is.posted);
        let may = gangs::require_open(&self.gang, self.time()).is_ok() && left >= LEAST;
        if !may || self.seats[place].is_some() || gangs::add(&mut self.gang, &address).is_err() {
            return false;
        }
        let deposited = Amount(PRICE * left);
        let job = Job {
            terms,
            matching: matching::GANG,
            price: terms.price,
            duration: Seconds(left as u32),
            deposited,
            held: deposited,
            deadline_at: self.gang.deadline_at,
            state: job_state::GANG,
            ..Job::default()
        };
        self.seats[place] = Some(Seat { address, job, provider: None, ran: 0, quit: false });
        self.is.posted += 1;
        self.is.deposited += deposited.0;
        true
    }

    /// Where the gang has the place's job.
    fn at(&self, place: usize) -> usize {
        let address = self.seats[place].as_ref().map_or(NONE, |seat| seat.address);
        self.gang.places.iter().position(|one| one.job == address).expect("it is posted")
    }

    /// A second passes, at the end of which the honest machine says that it is alive, if it is time.
    fn pass(&mut self) -> Result<(), String> {
        let ran = self.runs();
        self.now += 1;
        if ran {
            self.is.clock += 1;
            let is_in = |seat: &&mut Seat| seat.provider.is_some() && seat.job.stopped_at == Timestamp::default();
            self.seats.iter_mut().flatten().filter(is_in).for_each(|seat| seat.ran += 1);
        }
        let Some(place) = self.seat_of(HONEST) else { return Ok(()) };
        if self.now - self.is.alive_at < INTERVAL as i64 {
            return Ok(());
        }
        let (now, gang) = (self.time(), &self.gang);
        let may = matches!(gang.state, gang_state::RUNNING | gang_state::BROKEN) && !gang.is_time_over(now);
        if let Some(beacon) = &mut self.beacon {
            beacon.beat(now);
            self.is.alive_at = self.now;
        } else if may {
            let seat = self.seats[place].as_mut().expect("it is there");
            gangs::heartbeat(gang, &mut seat.job, now)
                .map_err(|error| format!("an honest heartbeat is refused: {error}"))?;
            self.is.alive_at = self.now;
        }
        Ok(())
    }

    /// A member on a beacon is told what it says.
    fn read(&mut self, place: usize) {
        let (now, gang) = (self.time(), &self.gang);
        let Some(seat) = &mut self.seats[place] else { return };
        let is_measured = seat.provider == Some(HONEST) && seat.job.stopped_at == Timestamp::default();
        if let Some(beacon) = self.beacon.as_ref().filter(|_| is_measured && gang.started_at != Timestamp::default()) {
            gangs::begin(gang, &mut seat.job);
            gangs::read(gang, &mut seat.job, beacon, now);
        }
    }

    fn take_out(&mut self, place: usize, by: TakenOutBy) -> Result<bool, String> {
        if self.seats[place].is_none() {
            return Ok(false);
        }
        self.read(place);
        let (at, now, ran) = (self.at(place), self.time(), self.runs());
        let seat = self.seats[place].as_mut().expect("it is there");
        let done = gangs::take_out(&mut self.gang, (at, &mut seat.job), by, now, &NoHalts).is_ok();
        if done && seat.provider == Some(HONEST) && by == TakenOutBy::Anyone {
            return Err("anyone takes out a member whose machine is alive".into());
        }
        seat.quit |= done && ran && by == TakenOutBy::Member;
        Ok(done)
    }

    fn settle(&mut self, place: usize) -> Result<bool, String> {
        if self.seats[place].is_none() {
            return Ok(false);
        }
        self.read(place);
        let (at, now) = (self.at(place), self.time());
        let seat = self.seats[place].as_mut().expect("it is there");
        if gangs::is_unworked(&self.gang, &seat.job) {
            return match gangs::settle_unworked(&mut self.gang, (at, &mut seat.job), now) {
                Ok(refund) => {
                    self.is.refunded += refund.0;
                    self.close(place)?;
                    Ok(true)
                }
                Err(_) => Ok(false),
            };
        }
        gangs::begin(&self.gang, &mut seat.job);
        let settled = gangs::settle(&mut self.gang, (at, &mut seat.job), false, Amount::MAX, now, &NoHalts);
        match settled {
            Ok(Settled::Paid(payout)) => {
                let provider = seat.provider.expect("somebody worked") as usize;
                self.is.paid[provider] += payout.pay.0;
                Ok(!payout.pay.is_zero())
            }
            Ok(Settled::Ended(payout)) => {
                let provider = seat.provider.expect("somebody worked") as usize;
                self.is.paid[provider] += payout.pay.0 + payout.fee.0;
                self.is.refunded += payout.refund.0;
                self.close(place)?;
                Ok(true)
            }
            Err(_) => Ok(false),
        }
    }

    /// What a place that was settled paid, and what its bond loses, is what was promised.
    fn close(&mut self, place: usize) -> Result<(), String> {
        let seat = self.seats[place].take().expect("it is there");
        let job = &seat.job;
        // What is owed for a cancelled place is paid at once.
        let owed = job.held.0;
        let (paid, lost) = (job.paid.0 + owed, job.bond_to_seize.0);
        let parts = [paid, job.fee_paid.0, job.penalty.0, job.refunded.0];
        if job.deposited.0 != parts.iter().sum::<u64>() {
            return Err(format!("the books do not balance: {} is not {parts:?}", job.deposited.0));
        }
        let Some(provider) = seat.provider else {
            return if paid == 0 { Ok(()) } else { Err(format!("{paid} are paid to nobody")) };
        };
        self.is.paid[provider as usize] += owed;
        self.is.lost[provider as usize] += lost;
        if paid > PRICE * seat.ran.max(LEAST) {
            return Err(format!("provider {provider} is paid {paid} for {} seconds", seat.ran));
        }
        if provider == HONEST && (paid < PRICE * seat.ran || lost > 0 || job.outcome == outcome::FAILED) {
            return Err(format!("the honest provider worked {} seconds, is paid {paid}, and loses {lost}", seat.ran));
        }
        if seat.quit && lost != BOND / 2 {
            return Err(format!("who quits loses {lost}"));
        }
        Ok(())
    }
}

impl World for Gangs {
    type Move = Move;

    fn moves(&self, moves: &mut Vec<Move>) {
        let (gang, stood) = (&self.gang, self.gang.stood as i64);
        let mut times = vec![];
        if matches!(gang.state, gang_state::FILLING | gang_state::BROKEN) {
            times.push(gang.deadline_at.0);
        }
        if gang.state == gang_state::RUNNING {
            times.extend([gang.started_at.0 + LEAST as i64, gang.ends_at().0].map(|time| time + stood));
            let silent = (MAX_SILENT_INTERVALS * INTERVAL) as i64;
            let last = |seat: &Seat| seat.job.last_heartbeat_at.max(gang.started_at).0;
            let others = self.seats.iter().flatten().filter(|seat| seat.provider != Some(HONEST));
            times.extend(others.map(|seat| last(seat) + silent + stood));
        }
        moves.extend(next_instant(self.now, times).map(Move::Wait));
        moves.extend([Move::Stop(false), Move::Stop(true)]);
        for place in 0..SIZE {
            let Some(seat) = &self.seats[place] else {
                if self.is.posted < self.most {
                    moves.push(Move::Post(place));
                }
                continue;
            };
            moves.push(Move::Settle(place));
            match seat.provider {
                None => moves.extend((0..PROVIDERS).map(|provider| Move::Join(place, provider))),
                Some(provider) => {
                    moves.extend([Move::Show(place), Move::Dismiss(place)]);
                    if provider != HONEST {
                        moves.extend([Move::Beat(place), Move::Leave(place), Move::Quit(place)]);
                    }
                }
            }
        }
    }

    fn is_crank(one: &Move) -> bool {
        matches!(one, Move::Wait(_) | Move::Stop(false) | Move::Settle(_) | Move::Show(_))
    }

    fn make(&mut self, one: &Move) -> Result<bool, String> {
        let now = self.time();
        match *one {
            Move::Wait(until) => {
                while self.now < until {
                    self.pass()?;
                }
                Ok(true)
            }
            Move::Post(place) => Ok(self.post(place)),
            Move::Join(place, provider) => {
                let (at, key) = (self.at(place), who(provider));
                let Some(seat) = &mut self.seats[place] else { return Ok(false) };
                if gangs::join(&mut self.gang, (at, &mut seat.job), &key, (&key, &NONE), now).is_err() {
                    return Ok(false);
                }
                (seat.provider, seat.job.bond) = (Some(provider), who(50 + provider));
                if provider == HONEST
                    && let Some(beacon) = &mut self.beacon
                {
                    beacon.beat(now);
                    seat.job.on_beacon = 1;
                }
                // The clock begins with a beat of all.
                if provider == HONEST || self.is.clock == 0 {
                    self.is.alive_at = self.now;
                }
                Ok(true)
            }
            Move::Leave(place) => {
                let at = self.at(place);
                let Some(seat) = &mut self.seats[place] else { return Ok(false) };
                let Some(provider) = seat.provider else { return Ok(false) };
                let Ok(price) = gangs::leaving_price(&self.gang, &seat.job, now) else { return Ok(false) };
                if price.is_zero() {
                    return Err("who holds up the others leaves for nothing".into());
                }
                self.is.lost[provider as usize] += price.0;
                seat.provider = None;
                gangs::leave(&mut self.gang, (at, &mut seat.job))
                    .map_err(|error| format!("it does not leave: {error}"))?;
                Ok(true)
            }
            Move::Beat(place) => {
                let Some(seat) = &mut self.seats[place] else { return Ok(false) };
                Ok(gangs::heartbeat(&self.gang, &mut seat.job, now).is_ok())
            }
            Move::Quit(place) => self.take_out(place, TakenOutBy::Member),
            Move::Dismiss(place) => self.take_out(place, TakenOutBy::Client),
            Move::Show(place) => self.take_out(place, TakenOutBy::Anyone),
            Move::Stop(by_client) => Ok(gangs::stop(&mut self.gang, by_client, now).is_ok()),
            Move::Settle(place) => self.settle(place),
        }
    }

    fn check(&self) -> Result<(), String> {
        let (gang, is) = (&self.gang, &self.is);
        if gang.state == gang_state::RUNNING && gang.joined != gang.size {
            return Err("the clock runs, and somebody is missing".into());
        }
        if gang.started_at != Timestamp::default() {
            let shown = gang.clock(self.time()).since(gang.started_at).min(DURATION);
            if shown != is.clock {
                return Err(format!("the clock shows {shown}, and ran for {}", is.clock));
            }
        }
        let held: u64 = self.seats.iter().flatten().map(|seat| seat.job.held.0).sum();
        let paid: u64 = is.paid.iter().sum();
        if is.deposited != held + paid + is.refunded {
            return Err(format!(
                "of {} the client has back {}, {paid} are paid, {held} held",
                is.deposited, is.refunded
            ));
        }
        if is.lost[HONEST as usize] > 0 {
            return Err("the honest provider loses some of its bond".into());
        }
        Ok(())
    }

    fn is_over(&self) -> bool {
        self.gang.has_ended() && self.gang.posted == 0
    }

    fn write(&self, key: &mut Key) {
        let bytes = bytemuck::bytes_of(&self.gang);
        // The rest of the places is empty.
        let head = bytes.len() - size_of_val(&self.gang.places);
        key.add(&bytes[..head]);
        self.gang.places[..SIZE].iter().for_each(|place| key.account(place));
        for seat in self.seats.iter().flatten() {
            key.account(&seat.job);
            key.add(&(seat.provider, seat.ran, seat.quit));
        }
        if let Some(beacon) = &self.beacon {
            key.account(beacon);
        }
        key.add(&self.is);
        key.add(&if self.is_over() { 0 } else { self.now });
    }

    fn tell(&self) -> String {
        let (gang, is) = (&self.gang, &self.is);
        let state = match gang.state {
            gang_state::FILLING => "FILLING",
            gang_state::RUNNING => "RUNNING",
            gang_state::BROKEN => "BROKEN",
            gang_state::DISSOLVED => "DISSOLVED",
            gang_state::CANCELLED => "CANCELLED",
            gang_state::STOPPED => "STOPPED",
            _ => "FINISHED",
        };
        let members: Vec<Option<u8>> =
            self.seats.iter().map(|seat| seat.as_ref().and_then(|seat| seat.provider)).collect();
        format!(
            "second {}: {state}, clock {}, deadline {}; members {members:?}, paid {:?}, lost of bonds {:?}, refunded {}",
            self.now - START,
            is.clock,
            gang.deadline_at.0 - START,
            is.paid,
            is.lost,
            is.refunded,
        )
    }
}

/// The honest member sends heartbeats of its own, or is on its beacon.
pub fn starts(scope: Scope) -> Vec<Gangs> {
    let most = SIZE as u8 + if scope == Scope::Small { 1 } else { 2 };
    vec![Gangs::new(false, most), Gangs::new(true, most)]
}

/// Moves from a start.
pub fn depth(scope: Scope) -> u32 {
    match scope {
        Scope::Small => 9,
        Scope::Large => 11,
    }
}
