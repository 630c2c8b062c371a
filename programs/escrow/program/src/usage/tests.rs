use {
    super::*,
    crate::{halts::NoHalts, jobs::ending::settle},
    joule_escrow_interface::{
        state::{Terms, Voucher, outcome},
        voucher::{SignedVoucher, verify_instruction},
    },
    joule_math::{Bps, Seconds},
    proptest::prelude::*,
};

const NOW: Timestamp = Timestamp(1_790_000_000);
const ADDRESS: Address = Address::new_from_array([4; 32]);
const WINDOW: i64 = 60;
const LENGTH: i64 = 100;

/// Runs for a hundred seconds from [`NOW`]; key 1 signs.
fn running(price: u64, max_units: u64, fee: u16) -> Job {
    let terms = Terms {
        pricing: pricing::USAGE,
        price: Amount(price),
        late_window: Seconds(WINDOW as u32),
        min_duration: Seconds(10),
        fee_share: Bps(fee),
        ..Terms::default()
    };
    let whole = Amount(price * max_units);
    Job {
        terms,
        price: terms.price,
        duration: Seconds(LENGTH as u32),
        deposited: whole,
        held: whole,
        max_units,
        session_key: [1; 32],
        provider: Address::new_from_array([7; 32]),
        state: job_state::RUNNING,
        started_at: NOW,
        last_heartbeat_at: NOW,
        ends_at: Timestamp(NOW.0 + LENGTH),
        ..Job::default()
    }
}

fn redeems(job: &mut Job, key: u8, units: u64, now: Timestamp) -> Result<bool> {
    let voucher = Voucher::of(&ADDRESS, job, units);
    redeem(job, &ADDRESS, &Signed { key: &[key; 32], scheme: scheme::ED25519, voucher: &voucher }, now, &NoHalts)
}

#[track_caller]
fn check(job: &Job) {
    let out = job.paid.0 + job.fee_paid.0 + job.penalty.0 + job.refunded.0;
    assert_eq!(job.deposited.0, out + job.held.0);
    assert!(!job.has_ended() || job.held.is_zero());
}

#[test]
fn only_what_was_laid_out_is_taken_apart() {
    let voucher = Voucher { units: 9, ..Voucher::default() };
    let of = |scheme: u8, key: u8| SignedVoucher { scheme, key: [key; 32], signature: [3; 64], voucher };
    for (scheme, count) in [(scheme::ED25519, 1), (scheme::ED25519, 3), (scheme::P256_ODD, 2)] {
        let vouchers: Vec<_> = (0..count).map(|number| of(scheme, number)).collect();
        let verify = verify_instruction(&vouchers);
        for number in 0..count {
            let found = parse_all(&verify.program_id, &verify.data, number);
            assert_eq!(found, Some(([number; 32], scheme, voucher)));
        }
        assert_eq!(parse_all(&verify.program_id, &verify.data, count), None);
        // No other length.
        for length in 0..verify.data.len() {
            assert_eq!(parse_all(&verify.program_id, &verify.data[..length], 0), None);
        }
        // No other byte of what says where the parts are, but for the index of the instruction itself.
        for byte in (0..2 + 14 * count as usize).filter(|byte| *byte != 1) {
            for value in 0..=u8::MAX {
                let mut data = verify.data.clone();
                data[byte] = value;
                let taken = (0..count).all(|number| parse_all(&verify.program_id, &data, number).is_some());
                assert_eq!(taken, data == verify.data, "byte {byte}: {value}");
            }
        }
    }
}

fn parse_all(program: &Address, data: &[u8], number: u8) -> Option<([u8; 32], u8, Voucher)> {
    signature::parse(program, data, 5, number).map(|found| (*found.key, found.scheme, *found.voucher))
}

/// What a job of units should pay, told in the simplest way: by what was signed, redeemed, and when.
struct Told {
    price: u64,
    max_units: u64,
    units: u64,
    least: u64,
    ends_at: i64,
    ended_at: Option<i64>,
    closed: bool,
    /// Who signs now; who did before, and until when that counts.
    key: u8,
    before: Option<(u8, i64)>,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Redeem(u8, u64),
    Settle(u64),
    Add(u64),
    Replace(u8),
    Finish(u8),
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (1u8..5, 0u64..400).prop_map(|(key, units)| Step::Redeem(key, units)),
        2 => any::<u16>().prop_map(|most| Step::Settle(most as u64)),
        1 => (0u64..20).prop_map(Step::Add),
        2 => (1u8..5).prop_map(Step::Replace),
        1 => (0u8..5).prop_map(Step::Finish),
    ]
}

impl Told {
    fn window_open(&self, now: i64) -> bool {
        now <= self.ended_at.unwrap_or(self.ends_at) + WINDOW
    }

    fn signs(&self, key: u8, now: i64) -> bool {
        key == self.key || self.before.is_some_and(|(before, until)| before == key && now <= until)
    }

    fn earned(&self) -> u64 {
        self.least.max(self.price * self.units)
    }

    /// Whether the step is taken.
    fn take(&mut self, step: Step, now: i64) -> bool {
        let runs = self.ended_at.is_none() && !self.closed;
        match step {
            Step::Redeem(key, units) => {
                let good = !self.closed && self.window_open(now) && self.signs(key, now) && units <= self.max_units;
                self.units = if good { self.units.max(units) } else { self.units };
                good
            }
            Step::Settle(_) => !self.closed,
            Step::Add(units) => {
                let good = runs && now < self.ends_at && units != 0;
                self.max_units += if good { units } else { 0 };
                good
            }
            Step::Replace(key) => {
                let good = runs && self.before.is_none_or(|(_, until)| now > until);
                if good {
                    self.before = Some((self.key, now + WINDOW));
                    self.key = key;
                }
                good
            }
            Step::Finish(by) => {
                let over = now >= self.ends_at;
                let early = now - NOW.0 < 10;
                let good = match (by, runs) {
                    (0, true) => !early,
                    (1 | 2 | 4, true) | (1 | 4, false) => !self.closed,
                    (3, true) => over,
                    (2 | 3, false) => !self.closed && !self.window_open(now),
                    _ => false,
                };
                if !good {
                    return false;
                }
                if runs {
                    self.ended_at = Some(now.min(self.ends_at));
                    if by == 2 && !over {
                        self.least = (self.price * self.max_units * 10).div_ceil(LENGTH as u64).max(self.price);
                    }
                }
                self.closed = !runs || by == 4 || !self.window_open(now);
                true
            }
        }
    }
}

proptest! {
    #[test]
    fn units_are_paid_as_they_were_signed_for(
        price in 1u64..1_000, max_units in 1u64..300, fee in 0u16..=10_000,
        steps in prop::collection::vec((prop_oneof![0i64..4, 0i64..70], any_step()), 1..40),
    ) {
        let mut job = running(price, max_units, fee);
        let mut told = Told {
            price, max_units, units: 0, least: 0, ends_at: NOW.0 + LENGTH, ended_at: None, closed: false, key: 1, before: None,
        };
        let mut now = NOW;
        for (passed, step) in steps {
            now = Timestamp(now.0 + passed);
            let before = job;
            let by = [EndedBy::Result, EndedBy::Provider, EndedBy::Client, EndedBy::Anyone, EndedBy::Revocation];
            let taken = match step {
                Step::Redeem(key, units) => redeems(&mut job, key, units, now).is_ok(),
                // Once it is over there is nothing to settle, but what it may still owe.
                Step::Settle(most) if !told.closed => settle(&mut job, Amount(most), now).is_ok(),
                Step::Settle(_) => continue,
                Step::Add(units) => add_units(&mut job, units, now).is_ok(),
                Step::Replace(key) => replace_key(&mut job, [key; 32], scheme::ED25519, now, &NoHalts).is_ok(),
                Step::Finish(who) => finish(&mut job, by[who as usize], Amount(5_000), now, &NoHalts).is_ok(),
            };
            if !taken {
                job = before;
            }
            prop_assert_eq!(taken, told.take(step, now.0), "{:?} at {}: {:?}", step, now.0 - NOW.0, before);
            check(&job);
            prop_assert_eq!((job.units, job.earned.0, job.max_units), (told.units, told.earned(), told.max_units));
            prop_assert_eq!(told.closed, matches!(job.state, job_state::FINISHED | job_state::OWING));
            prop_assert!(job.paid <= job.earned);
        }
        // Anyone ends it.
        now = Timestamp(now.0 + 1_000);
        for _ in 0..2 {
            match job.state {
                job_state::RUNNING | job_state::REDEEMING => {
                    finish(&mut job, EndedBy::Anyone, Amount::MAX, now, &NoHalts).unwrap();
                }
                job_state::OWING => drop(settle(&mut job, Amount::MAX, now).unwrap()),
                _ => {}
            }
        }
        check(&job);
        let earned = told.earned();
        let fee = Bps(fee).of_floor(earned).unwrap();
        prop_assert_eq!((job.state, job.paid.0, job.fee_paid.0), (job_state::FINISHED, earned - fee, fee));
        prop_assert!(job.outcome != outcome::LATE);
    }
}
