//! The state machine of a job in `escrow`. What it must pay is counted second by second: which of them a heartbeat stands
//! for, what each costs, what the penalties are; what each step may do is said in a table of states and times.

use {
    crate::Random,
    joule_escrow::{
        Result,
        engagement::Engagement,
        halts::NoHalts,
        jobs::{
            clock,
            ending::{self, CancelledBy, EndedBy, Excuse},
            post_job::{self, Posting},
        },
        matching::auction,
        money::payment::Payout,
    },
    joule_escrow_interface::state::{Job, NONE, Terms, job_state, matching, outcome, pricing},
    joule_interface::Address,
    joule_math::{Amount, Bps, Seconds, Timestamp, Tokens},
};

const START: i64 = 1_790_000_000;
const LONGEST: u64 = 400;
const WHOLE: u128 = 10_000;

fn provider(place: u64) -> Address {
    Address::new_from_array([place as u8 + 1; 32])
}

fn part(of: u128, bps: Bps) -> u128 {
    of * bps.0 as u128 / WHOLE
}

/// How a job stops.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Delivered,
    Stopped,
    Failed,
    Revoked,
}

#[derive(Clone)]
struct Reference {
    terms: Terms,
    kind: u8,
    state: u8,
    price: u128,
    duration: u64,
    provider: Address,
    bonded: bool,
    deadline: i64,
    started: i64,
    ends: i64,
    noticed: bool,
    /// Who handed it back.
    backs: Vec<Address>,
    /// When a heartbeat came; the start is one.
    beats: Vec<i64>,
    deposit: u128,
    /// To the provider, as the fee, taken from the pay and given back, given back besides.
    out: [u128; 4],
    earned: u128,
    due: u128,
    fine: u128,
    stake: u128,
    lost: u128,
    seize: u128,
    outcome: u8,
}

/// What a step gives to the provider, as the fee, and back.
type Given = [u128; 3];

impl Reference {
    fn fixed(&self) -> bool {
        self.terms.pricing == pricing::FIXED
    }

    fn held(&self) -> u128 {
        self.deposit - self.out.iter().sum::<u128>()
    }

    fn cost(&self, price: u128) -> u128 {
        if self.fixed() { price } else { price * self.duration as u128 }
    }

    /// Seconds from the start to `until` for which a heartbeat stands.
    fn ran(&self, until: i64) -> u128 {
        let interval = self.terms.heartbeat_interval.0 as i64;
        let stands = |second: &i64| {
            let last = self.beats.iter().filter(|beat| *beat <= second).max();
            interval == 0 || last.is_some_and(|last| second - last < interval)
        };
        (self.started..until).filter(stands).count() as u128
    }

    /// Heartbeats that did not come before `until`, when one came or the job stopped.
    fn missed(&self, until: i64) -> u128 {
        let interval = self.terms.heartbeat_interval.0 as i64;
        let mut times = self.beats.clone();
        times.push(until);
        times.sort_unstable();
        if interval == 0 {
            return 0;
        }
        let between = |pair: &[i64]| (1..).map(|k| pair[0] + k * interval).take_while(|time| *time < pair[1]).count();
        times.windows(2).map(between).sum::<usize>() as u128
    }

    fn missed_penalty(&self, until: i64) -> u128 {
        let interval = self.terms.heartbeat_interval.0 as u128;
        let each = if self.fixed() { self.price * interval / self.duration as u128 } else { self.price * interval };
        part(each, self.terms.heartbeat_penalty) * self.missed(until)
    }

    /// Of a running job, what is earned. What lies beyond the last heartbeat's time is not known yet.
    fn earned_at(&self, now: i64) -> u128 {
        if !self.fixed() && self.can_be_handed_back(now) {
            return self.earned;
        }
        let last = self.beats.iter().copied().max().unwrap_or_default();
        let pay = if self.fixed() { 0 } else { self.price * self.ran(now.min(self.ends)) };
        let penalty = if self.fixed() { 0 } else { self.missed_penalty(last) };
        self.earned.max(pay.saturating_sub(penalty))
    }

    fn is_returnable(&self) -> bool {
        self.kind == matching::QUEUE && self.terms.fee_share.0 > 0 && self.terms.bond_amount.0 > 0
    }

    fn can_be_handed_back(&self, now: i64) -> bool {
        self.is_returnable() && now - self.started <= 60
    }

    /// What it holds for hand-backs, and what they have cost.
    fn for_hand_backs(&self) -> [u128; 2] {
        let each = self.price_of(self.least());
        [if self.is_returnable() { 3 * each } else { 0 }, self.backs.len() as u128 * each]
    }

    /// Seconds that a client pays at least that stops a job, or cancels one that was assigned.
    fn least(&self) -> u128 {
        self.terms.min_duration.0.min(10) as u128
    }

    /// What `seconds` of the agreed time cost, the last one whole.
    fn price_of(&self, seconds: u128) -> u128 {
        let (seconds, duration) = (seconds.min(self.duration as u128), self.duration as u128);
        if self.fixed() { (self.price * seconds).div_ceil(duration) } else { self.price * seconds }
    }

    /// Whether a result may come.
    fn is_due(&self, now: i64) -> bool {
        let enough = now - self.started >= self.terms.min_duration.0 as i64;
        enough && (self.terms.is_service == 0 || now >= self.ends)
    }

    /// How long the network was paused since a provider's time to start began, and whether that time is not over yet.
    fn paused(&self, now: i64, random: &mut Random) -> (Seconds, bool) {
        let pauses = if random.one_in(3) { random.below(30) as u32 } else { 0 };
        let has_provider = self.state == job_state::ASSIGNED || self.kind == matching::DIRECT;
        (Seconds(pauses), now <= self.deadline + if has_provider { pauses as i64 } else { 0 })
    }

    /// Stops the clock.
    fn stop(&mut self, end: End, now: i64) {
        let (delivered, failed) = (end == End::Delivered, end == End::Failed);
        let until = now.min(self.ends);
        let (lasted, ran) = ((until - self.started) as u128, self.ran(until));
        let pay = match (self.fixed(), end) {
            (true, End::Delivered) => self.price,
            (true, End::Stopped) => self.price_of(lasted.max(self.least())),
            (true, End::Failed | End::Revoked) => 0,
            (false, End::Stopped) if lasted < self.least() => self.price_of(self.least()),
            (false, _) => self.price * ran,
        };
        let available = (ran * WHOLE).checked_div(lasted).unwrap_or(WHOLE);
        let short = (self.terms.min_availability.0 as u128).saturating_sub(available);
        let late = self.fixed() && delivered && now > self.ends;
        let for_short = (self.terms.shortfall_penalty.0 as u128 * short / 100).min(WHOLE);
        let mut penalty = self.missed_penalty(until) + part(pay, Bps(for_short as u16));
        if late {
            penalty += part(pay, self.terms.late_penalty);
        }
        self.due = self.earned.max(pay.saturating_sub(penalty));
        self.fine = pay - self.due;
        if self.bonded {
            let bond = self.terms.bond_amount.0 as u128;
            // What it can cost: an auction gave the rest back.
            let cost = self.deposit - self.out[3] - self.for_hand_backs()[0];
            let uncovered = (penalty - self.fine.min(penalty)).min(cost);
            let failure = if failed { part(bond, self.terms.failure_penalty) } else { 0 };
            self.seize = if end == End::Revoked { 0 } else { (bond * uncovered / cost + failure).min(bond) };
        }
        self.outcome = match end {
            End::Failed => outcome::FAILED,
            End::Revoked => outcome::NONE,
            End::Stopped => outcome::NONE,
            _ if short > 0 || late => outcome::LATE,
            _ => outcome::DELIVERED,
        };
        // What is never settled again never runs again.
        self.beats.push(until);
    }

    /// What the provider earned is fixed, and what the client lost of its stake: the rest is the client's.
    fn close(&mut self, earned: u128, lost: u128, most: u128) -> Given {
        (self.earned, self.lost) = (earned, lost);
        self.out[2] = self.fine;
        let lost = lost + self.for_hand_backs()[1];
        let back = self.deposit - earned - lost - self.out[3];
        self.out[3] = self.deposit - earned - lost - self.fine;
        let [pay, fee, _] = self.pay(most);
        [pay, fee, back]
    }

    /// Of what was earned the provider is paid first, then the fee.
    fn pay(&mut self, most: u128) -> Given {
        let fee = part(self.earned, self.terms.fee_share);
        let pay = (self.earned - fee - self.out[0]).min(most);
        self.out[0] += pay;
        let all = fee + self.lost + self.for_hand_backs()[1];
        let fee = if self.out[0] + fee == self.earned { (all - self.out[1]).min(most) } else { 0 };
        self.out[1] += fee;
        self.state = if self.held() == 0 { job_state::FINISHED } else { job_state::OWING };
        [pay, fee, 0]
    }

    fn give_all_back(&mut self) -> Given {
        let back = self.held();
        self.out[3] += back;
        self.state = job_state::CANCELLED;
        [0, 0, back]
    }

    /// All but what its hand-backs cost.
    fn give_rest_back(&mut self) -> Given {
        let back = self.held() - self.for_hand_backs()[1];
        self.out[3] += back;
        self.state = job_state::OWING;
        [0, 0, back]
    }

    fn pending(&self) -> bool {
        let over = matches!(self.state, job_state::OWING | job_state::FINISHED | job_state::CANCELLED);
        over && (self.bonded || self.outcome != outcome::NONE && self.terms.reports != 0)
    }
}

fn any_terms(random: &mut Random) -> Terms {
    let price = match random.below(3) {
        0 => 1 + random.below(20),
        1 => 1 + random.below(1 << 40),
        _ => u64::MAX / (2 * LONGEST + random.below(LONGEST)),
    };
    let mut bps = || Bps([0, 10_000, random.below(10_001) as u16][random.place(3)]);
    let parts: [Bps; 11] = std::array::from_fn(|_| bps());
    let seconds = |most| Seconds(if random.one_in(3) { 0 } else { random.below(most) as u32 });
    let [heartbeat_interval, late_window, acceptance_window, bid_extension] = [40, 30, 60, 30].map(seconds);
    // A service is metered.
    let pricing = random.below(2) as u8;
    let is_service = if pricing == pricing::METERED { random.below(2) as u8 } else { 0 };
    let notice_minutes = is_service as u16 * random.below(3) as u16;
    Terms {
        price: Amount(price),
        heartbeat_interval,
        late_window,
        acceptance_window,
        arbitration_window: Seconds(50),
        bid_extension,
        min_duration: Seconds(1 + random.below(20) as u32),
        is_service,
        notice_minutes,
        max_duration: Seconds(LONGEST as u32),
        wait_window: Seconds(80),
        start_window: Seconds(40),
        fee_share: parts[0],
        bid_step: parts[1],
        min_availability: parts[2],
        shortfall_penalty: parts[3],
        heartbeat_penalty: parts[4],
        late_penalty: parts[5],
        no_start_penalty: parts[6],
        failure_penalty: parts[7],
        default_pay: parts[8],
        default_bond_penalty: parts[9],
        // What is staked fits beside what the job holds.
        rejection_stake: if price > 1 << 50 { Bps(0) } else { parts[10] },
        bond_amount: Tokens(random.amount(1_000)),
        whole_job_fee: random.below(20) as u8,
        pricing,
        reports: random.below(2) as u8,
        matching: matching::DIRECT | matching::QUEUE | matching::AUCTION,
        ..Terms::default()
    }
}

fn post(random: &mut Random) -> (Job, Reference) {
    let terms = any_terms(random);
    let kind = [matching::DIRECT, matching::QUEUE, matching::AUCTION][random.place(3)];
    let named = if kind == matching::DIRECT { provider(0) } else { NONE };
    let price = if kind == matching::QUEUE { terms.price } else { Amount(1 + random.below(terms.price.0)) };
    let duration = Seconds(terms.min_duration.0 + random.below(LONGEST / 2) as u32);
    let mut job = Job { terms, matching: kind, price, provider: named, duration, ..Job::default() };
    let posting = Posting::new(&terms, kind, price, &named, (duration, 0), Timestamp(START)).expect("these terms");
    posting.fill(&mut job);
    let waits = if kind == matching::DIRECT { terms.start_window } else { terms.wait_window };
    let mut reference = Reference {
        terms,
        kind,
        state: if kind == matching::AUCTION { job_state::BIDDING } else { job_state::POSTED },
        price: price.0 as u128,
        duration: duration.0 as u64,
        provider: named,
        bonded: false,
        deadline: START + waits.0 as i64,
        started: 0,
        ends: 0,
        noticed: false,
        backs: vec![],
        beats: vec![],
        deposit: 0,
        out: [0; 4],
        earned: 0,
        due: 0,
        fine: 0,
        stake: 0,
        lost: 0,
        seize: 0,
        outcome: outcome::NONE,
    };
    reference.deposit = reference.cost(reference.price) + reference.for_hand_backs()[0];
    (job, reference)
}

/// What a step did, and what it should have done, if it should have been.
type Step = (Result<Payout>, Option<Given>);

fn step(job: &mut Job, is: &mut Reference, now: i64, random: &mut Random) -> Step {
    use job_state::*;
    let time = Timestamp(now);
    let most = if random.one_in(2) { u64::MAX } else { random.below(is.price as u64 * 2 + 1) };
    let (cap, wide) = (Amount(most), most as u128);
    let nothing = |done: Result<()>| done.map(|()| Payout::default());
    let back = |done: Result<Amount>| done.map(|refund| Payout { refund, ..Payout::default() });
    let by_other = random.one_in(2);
    let in_time = now <= is.deadline;
    let up = if is.fixed() { now > is.ends + is.terms.late_window.0 as i64 } else { now >= is.ends };
    let often: &[u64] = match is.state {
        BIDDING => &[0, 1, 2],
        POSTED | ASSIGNED => &[3, 4, 15],
        RUNNING => &[5, 6, 7, 8, 9, 11, 12, 16, 17],
        DELIVERED => &[13],
        REJECTED => &[14],
        _ => &[10, 15],
    };
    let choice = if random.one_in(4) { random.below(18) } else { often[random.place(often.len())] };
    match choice {
        0 | 1 => {
            let (who, first) = (provider(random.below(3)), is.provider == NONE);
            let price = match random.below(3) {
                0 => random.below(is.price as u64 + 2),
                _ => part(is.price, Bps(10_000 - is.terms.bid_step.0)) as u64,
            };
            let step = (is.price * is.terms.bid_step.0 as u128).div_ceil(WHOLE).max(1);
            let bound = if first { is.price } else { is.price.saturating_sub(step) };
            let may = is.state == BIDDING && in_time && price > 0 && price as u128 <= bound;
            if may {
                is.deadline = is.deadline.max(now + is.terms.bid_extension.0 as i64);
                (is.price, is.provider) = (price as u128, who);
            }
            (nothing(auction::bid(job, &who, Amount(price), time)), may.then_some([0; 3]))
        }
        2 => {
            let may = is.state == BIDDING && !in_time;
            let given = may.then(|| {
                if is.provider == NONE {
                    return is.give_all_back();
                }
                let given = is.deposit - is.cost(is.price);
                is.out[3] = given;
                is.deadline += is.terms.start_window.0 as i64;
                is.state = ASSIGNED;
                [0, 0, given]
            });
            (back(auction::award(job, time)), given)
        }
        // Who is the first in the queue, the queue says.
        3 if is.state == POSTED && is.kind == matching::QUEUE && is.backs.is_empty() => {
            (is.provider, is.deadline, is.state) = (provider(1), now + is.terms.start_window.0 as i64, ASSIGNED);
            (nothing(post_job::assign(job, &provider(1), time)), Some([0; 3]))
        }
        3..5 => {
            let (pauses, in_time) = is.paused(now, random);
            let may = matches!(is.state, POSTED | ASSIGNED) && in_time;
            if may && is.state == POSTED && is.kind == matching::QUEUE {
                is.provider = provider(random.below(4));
                job.provider = is.provider;
            }
            if may {
                (is.started, is.ends, is.state) = (now, now + is.duration as i64, RUNNING);
                is.beats = vec![now];
            }
            (nothing(clock::start(job, pauses, time, &NoHalts)), may.then_some([0; 3]))
        }
        5..8 => {
            let may = is.state == RUNNING;
            if may {
                is.beats.push(now.min(is.ends));
            }
            (nothing(clock::heartbeat(job, time)), may.then_some([0; 3]))
        }
        8 => {
            let seconds = random.below(60);
            let lasts = (is.ends - is.started) as u64 + seconds;
            let may = is.state == RUNNING && now < is.ends && !is.noticed && seconds > 0 && lasts <= LONGEST;
            if may {
                is.ends += seconds as i64;
                // A fixed price is that of the time that was agreed.
                if !is.fixed() {
                    is.deposit += is.price * seconds as u128;
                    is.duration += seconds;
                }
            }
            (nothing(clock::extend(job, Seconds(seconds as u32), time).map(drop)), may.then_some([0; 3]))
        }
        9 | 10 => {
            let given = match is.state {
                RUNNING => {
                    is.earned = is.earned_at(now);
                    let pay = (is.earned - part(is.earned, is.terms.fee_share) - is.out[0]).min(wide);
                    is.out[0] += pay;
                    Some([pay, 0, 0])
                }
                OWING => Some(is.pay(wide)),
                _ => None,
            };
            (ending::settle(job, cap, time), given)
        }
        11 => {
            let by = [EndedBy::Result, EndedBy::Provider, EndedBy::Client, EndedBy::Anyone, EndedBy::Revocation]
                [random.place(5)];
            let fixed = is.fixed();
            // Whether all that was agreed is there; nothing where the client wanted no more.
            let ending = match by {
                EndedBy::Result => {
                    let may = is.terms.acceptance_window.0 == 0 && !(fixed && up) && is.is_due(now);
                    may.then_some(End::Delivered)
                }
                EndedBy::Revocation => Some(End::Revoked),
                _ if up => Some(if fixed { End::Failed } else { End::Delivered }),
                EndedBy::Provider => Some(End::Failed),
                EndedBy::Client => (!fixed || now <= is.ends).then_some(End::Stopped),
                EndedBy::Anyone => None,
            };
            let given = ending.filter(|_| is.state == RUNNING).map(|ending| {
                is.stop(ending, now);
                is.close(is.due, 0, wide)
            });
            (ending::finish(job, by, cap, time, &NoHalts), given)
        }
        12 => {
            let may = is.state == RUNNING && is.terms.acceptance_window.0 > 0 && !(is.fixed() && up) && is.is_due(now);
            if may {
                is.stop(End::Delivered, now);
                (is.deadline, is.state) = (now + is.terms.acceptance_window.0 as i64, DELIVERED);
            }
            (nothing(ending::deliver(job, time, &NoHalts)), may.then_some([0; 3]))
        }
        13 if by_other => {
            let may = is.state == DELIVERED && in_time;
            if may {
                is.stake = ((is.due - is.earned) * is.terms.rejection_stake.0 as u128).div_ceil(WHOLE);
                is.deposit += is.stake;
                (is.deadline, is.state) = (now + is.terms.arbitration_window.0 as i64, REJECTED);
            }
            let staked = ending::reject(job, time, &NoHalts);
            assert!(!may || staked.is_ok_and(|staked| staked.0 as u128 == is.stake), "staked");
            (nothing(staked.map(drop)), may.then_some([0; 3]))
        }
        13 => {
            let by_client = random.one_in(2);
            let may = is.state == DELIVERED && (by_client || !in_time);
            let given = may.then(|| is.close(is.due, 0, wide));
            (ending::accept(job, by_client, cap, time, &NoHalts), given)
        }
        14 => {
            let verdict = (Bps(random.below(10_100) as u16), Bps(random.below(10_100) as u16));
            let (pay, bond) = if in_time { verdict } else { (is.terms.default_pay, is.terms.default_bond_penalty) };
            let possible = pay.0 <= 10_000 && bond.0 <= 10_000;
            let may = is.state == REJECTED && (by_other || !in_time) && possible;
            let given = may.then(|| {
                if is.bonded {
                    is.seize = is.seize.max(part(is.terms.bond_amount.0 as u128, bond));
                }
                if pay.0 < 10_000 {
                    is.outcome = outcome::DISPUTED;
                }
                let lost = if in_time { part(is.stake, pay) } else { is.stake };
                is.close(is.earned + part(is.due - is.earned, pay), lost, wide)
            });
            (ending::resolve(job, by_other, verdict, cap, time, &NoHalts), given)
        }
        15 if is.state == OWING && random.one_in(3) => {
            // The right to its credits ended: what it owes is the client's.
            is.out[3] += is.held();
            is.state = FINISHED;
            if matches!(is.outcome, outcome::DELIVERED | outcome::LATE) {
                is.outcome = outcome::NONE;
            }
            (nothing(ending::write_off(job, Payout::default())), Some([0; 3]))
        }
        16 => {
            let notice = is.terms.notice_minutes as i64 * 60;
            let may = is.state == RUNNING && notice > 0 && now < is.ends && !is.noticed;
            if may {
                // As long as the notice, and as the shortest job, but never longer than before.
                let shortest = is.started + is.terms.min_duration.0 as i64;
                (is.ends, is.noticed) = (is.ends.min(shortest.max(now + notice)), true);
            }
            (nothing(clock::give_notice(job, time)), may.then_some([0; 3]))
        }
        17 => {
            let may = is.state == RUNNING && is.can_be_handed_back(now) && !is.backs.contains(&is.provider);
            let done = ending::hand_back(job, time);
            if !may {
                return (nothing(done), None);
            }
            let [cost, bond] = [is.deposit - is.out[3] - is.for_hand_backs()[0], is.terms.bond_amount.0 as u128];
            let burned = (bond * is.price_of(is.least())).div_ceil(cost).min(bond);
            assert_eq!((done, job.bond_to_seize.0 as u128), (Ok(()), burned));
            ending::clear_start(job, 0);
            is.backs.push(is.provider);
            (is.bonded, is.noticed, is.state, is.started, is.ends) = (false, false, POSTED, 0, 0);
            let again = is.backs.len() < 3 && in_time;
            assert_eq!(ending::waits_again(job, time), again);
            if again && random.one_in(2) {
                return (Ok(Payout::default()), Some([0; 3]));
            }
            let given = is.give_rest_back();
            (back(ending::end_handed_back(job)), Some(given))
        }
        _ => {
            let excuse = Excuse { paused: random.one_in(3), revoked: random.one_in(3), blocked: random.one_in(3) };
            let by = [CancelledBy::Client, CancelledBy::Anyone, CancelledBy::Removal][random.place(3)];
            let by_client = by == CancelledBy::Client;
            let (pauses, in_time) = is.paused(now, random);
            let may = match is.state {
                POSTED if by == CancelledBy::Removal => true,
                POSTED | ASSIGNED => by_client || !in_time,
                BIDDING => by_client,
                _ => false,
            };
            let given = may.then(|| {
                if is.state == ASSIGNED && in_time && !excuse.paused && !excuse.revoked {
                    let passed = (now - (is.deadline - is.terms.start_window.0 as i64)).clamp(0, 60) as u128;
                    is.earned = is.price_of(passed.max(is.least())).min(is.held());
                    let given = is.held() - is.earned;
                    is.out[3] += given;
                    is.state = OWING;
                    return [0, 0, given];
                }
                if is.state == ASSIGNED && !in_time && excuse == Excuse::default() {
                    is.outcome = outcome::FAILED;
                    let lost = part(is.terms.bond_amount.0 as u128, is.terms.no_start_penalty);
                    is.seize = if is.bonded { lost } else { 0 };
                }
                if !is.backs.is_empty() {
                    return is.give_rest_back();
                }
                is.give_all_back()
            });
            (back(ending::cancel(job, by, excuse, pauses, time, &NoHalts)), given)
        }
    }
}

fn check(job: &Job, is: &Reference) {
    let parts = [job.paid, job.fee_paid, job.penalty, job.refunded].map(|part| part.0 as u128);
    assert_eq!((parts, job.held.0 as u128), (is.out, is.held()));
    assert_eq!((job.state, job.outcome, job.bond_to_seize.0 as u128), (is.state, is.outcome, is.seize));
    assert_eq!((job.bond_unsettled == 1, job.provider), (is.pending(), is.provider));
    if is.pending() {
        // In its provider's reputation it counts by its fee, or what the fee would have been.
        let went_well = matches!(job.outcome, outcome::DELIVERED | outcome::LATE);
        let cost = if is.fixed() { is.price } else { is.price * is.duration as u128 };
        let fee = part(if went_well { is.earned } else { cost }, is.terms.fee_share);
        let weight = (fee << 16) / 10u128.pow(is.terms.whole_job_fee as u32);
        assert_eq!(job.reputation_weight(), Ok(weight.min(u32::MAX as u128) as u32));
    }
    if !matches!(is.state, job_state::RUNNING | job_state::OWING | job_state::FINISHED | job_state::CANCELLED) {
        assert_eq!(job.deadline_at.0, is.deadline);
    }
    if is.state == job_state::RUNNING {
        assert_eq!((job.started_at.0, job.ends_at.0), (is.started, is.ends));
    }
    if matches!(is.state, job_state::OWING | job_state::FINISHED) {
        assert!(
            job.bond_to_seize <= job.terms.bond_amount
                && job.paid.0 as u128 + job.fee_paid.0 as u128 <= is.earned + is.lost + is.for_hand_backs()[1]
        );
    }
}

/// One job of at most `steps` steps, which ends sooner when the choices do. Returns how many were tried, and done.
pub fn episode(random: &mut Random, steps: u64) -> (u64, u64) {
    let (mut job, mut is) = post(random);
    check(&job, &is);
    let (mut now, mut taken) = (START, 0);
    for tried in 0..steps {
        if random.is_spent() {
            return (tried, taken);
        }
        // What is over stays so: one more step is enough to see it.
        let over = job.has_ended();
        now += random.below(3) as i64 * random.below(30) as i64;
        let before = (job, is.clone());
        let (done, expected) = step(&mut job, &mut is, now, random);
        let given = done.map(|payout| [payout.pay, payout.fee, payout.refund].map(|part| part.0 as u128));
        assert_eq!(given.ok(), expected, "{:?} at {now}: {:?}", before.0, done.err());
        if expected.is_some() {
            taken += 1;
        } else {
            // What fails on chain changes nothing.
            (job, is) = before;
        }
        // Whoever calls locks the bond, with a bid or at the start.
        if job.bond == NONE && job.terms.bond_amount.0 > 0 && job.provider != NONE && random.one_in(4) {
            (job.bond, is.bonded) = (provider(9), !job.has_ended() && job.state != job_state::OWING);
            if !is.bonded {
                job.bond = NONE;
            }
        }
        check(&job, &is);
        if over {
            return (tried + 1, taken);
        }
    }
    (steps, taken)
}
