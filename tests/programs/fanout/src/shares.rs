//! Whose the income is: pure functions over a fanout and a balance.
//!
//! The fixed amounts of a period are due when it begins. What comes in covers what is due, in the order of the receivers; the rest
//! is shared. Each receiver's share is rounded down over all that was ever shared, not over each time: whoever calls more often
//! gains or costs nobody anything.

use {
    crate::{
        FanoutError, Result,
        accounts::require,
        instruction::Share,
        state::{Fanout, MAX_RECEIVERS, Receiver},
    },
    joule_interface::{Address, Fault},
    joule_math::{Seconds, Timestamp, Tokens},
};

/// Largest share.
pub const MAX_SHARE: u32 = 10_000;
/// Shortest period.
pub const MIN_PERIOD: Seconds = Seconds(60);
/// Longest period.
pub const MAX_PERIOD: Seconds = Seconds(366 * 86_400);

/// Books what came in since the last time. `balance` is the token account's.
pub fn book(fanout: &mut Fanout, balance: Tokens, now: Timestamp) -> Result<()> {
    accrue(fanout, now);
    let Fanout { receivers, count, booked, .. } = fanout;
    let receivers = &mut receivers[..*count as usize];
    let mut income = balance.0.saturating_sub(booked.0);

    for receiver in receivers.iter_mut() {
        let covered = receiver.due.0.min(income);
        receiver.due = Tokens(receiver.due.0 - covered);
        receiver.owed = receiver.owed.plus(Tokens(covered))?;
        *booked = booked.plus(Tokens(covered))?;
        income -= covered;
    }
    let sum = sum_of_shares(receivers);
    if sum == 0 {
        // Nobody's yet: it waits for fixed amounts, or for other receivers.
        return Ok(());
    }
    *booked = booked.plus(Tokens(income))?;
    let (each, rest) = (income / sum, income % sum);
    for receiver in receivers {
        let share = receiver.share as u64;
        // Below 160,000 * 10,001.
        let numerator = rest * share + receiver.remainder as u64;
        receiver.owed = receiver.owed.plus(Tokens(each * share + numerator / sum))?;
        receiver.remainder = (numerator % sum) as u32;
    }
    Ok(())
}

/// Makes the fixed amounts due of the periods that have begun.
fn accrue(fanout: &mut Fanout, now: Timestamp) {
    let period = fanout.period.0 as u64;
    if period == 0 || now < fanout.next_due_at {
        return;
    }
    let begun = now.since(fanout.next_due_at) / period + 1;
    fanout.next_due_at = Timestamp(fanout.next_due_at.0.saturating_add_unsigned(begun.saturating_mul(period)));
    for receiver in &mut fanout.receivers[..fanout.count as usize] {
        receiver.due = Tokens(receiver.due.0.saturating_add(receiver.fixed.0.saturating_mul(begun)));
    }
}

/// Sum of all shares: at most 160,000.
fn sum_of_shares(receivers: &[Receiver]) -> u64 {
    receivers.iter().map(|receiver| receiver.share as u64).sum()
}

/// Of what is booked, what is less than a base unit for each receiver: together whole base units.
pub fn dust(fanout: &Fanout) -> Tokens {
    let receivers = fanout.receivers();
    let remainders: u64 = receivers.iter().map(|receiver| receiver.remainder as u64).sum();
    Tokens(remainders / sum_of_shares(receivers).max(1))
}

/// Names the receivers from now on; `account_of` knows where each is paid. All that came in was booked before.
///
/// A receiver that stays keeps what is due to it, if it still has a fixed amount; the first fixed amount of another is due at once.
pub fn set(
    fanout: &mut Fanout,
    own: &Address,
    shares: &[Share],
    period: Seconds,
    now: Timestamp,
    account_of: impl Fn(&Address) -> Address,
) -> Result<()> {
    check(own, shares, period)?;
    // What is less than a base unit for each is shared with what comes in next.
    fanout.booked = fanout.booked.minus(dust(fanout))?;
    let mut receivers = Vec::with_capacity(2 * MAX_RECEIVERS);
    for named in shares {
        let Share { receiver, fixed, share } = *named;
        let before = fanout.receivers().iter().find(|before| before.address == receiver);
        let mut next = before.copied().unwrap_or_else(|| Receiver {
            address: receiver,
            account: account_of(&receiver),
            ..Receiver::default()
        });
        if fixed.is_zero() || next.fixed.is_zero() {
            next.due = fixed;
        }
        (next.fixed, next.share, next.remainder) = (fixed, share, 0);
        receivers.push(next);
    }
    for left in fanout.receivers() {
        let is_named = receivers.iter().any(|receiver| receiver.address == left.address);
        if !is_named && !left.owed.is_zero() {
            receivers.push(Receiver { share: 0, remainder: 0, fixed: Tokens(0), due: Tokens(0), ..*left });
        }
    }
    if receivers.len() > MAX_RECEIVERS {
        return Err(FanoutError::TooManyReceivers);
    }
    fanout.next_due_at = match (fanout.period, period) {
        (_, Seconds(0)) => Timestamp(0),
        (Seconds(0), _) => now.after(period)?,
        _ => fanout.next_due_at.min(now.after(period)?),
    };
    fanout.period = period;
    fanout.count = receivers.len() as u8;
    fanout.receivers.fill(Receiver::default());
    fanout.receivers[..receivers.len()].copy_from_slice(&receivers);
    Ok(())
}

fn check(own: &Address, shares: &[Share], period: Seconds) -> Result<()> {
    require(shares.len() <= MAX_RECEIVERS, FanoutError::TooManyReceivers)?;
    let is_period = period.0 == 0 || (MIN_PERIOD..=MAX_PERIOD).contains(&period);
    require(is_period, Fault::InvalidParameter)?;
    for (index, named) in shares.iter().enumerate() {
        let Share { receiver, fixed, share } = *named;
        require(receiver != Address::default() && receiver != *own, FanoutError::InvalidReceiver)?;
        require(shares[..index].iter().all(|other| { other.receiver } != receiver), FanoutError::ReceiverTwice)?;
        require(share <= MAX_SHARE && (share > 0 || !fixed.is_zero()), FanoutError::InvalidShare)?;
        require(fixed.is_zero() || period.0 > 0, FanoutError::NoPeriod)?;
    }
    Ok(())
}

/// Takes what a receiver is owed out of the books. Nothing if it is owed nothing.
pub fn take(fanout: &mut Fanout, index: usize) -> Result<Tokens> {
    let receiver = &mut fanout.receivers[index];
    let owed = core::mem::take(&mut receiver.owed);
    receiver.paid = Tokens(receiver.paid.0.wrapping_add(owed.0));
    fanout.booked = fanout.booked.minus(owed)?;
    Ok(owed)
}

#[cfg(test)]
mod tests {
    use {super::*, proptest::prelude::*};

    const OWN: Address = Address::new_from_array([0xff; 32]);

    fn address(number: u8) -> Address {
        Address::new_from_array([number; 32])
    }

    fn named(number: u8, fixed: u64, share: u32) -> Share {
        Share { receiver: address(number), fixed: Tokens(fixed), share }
    }

    /// What a fanout must do, said as plainly as possible: fractions of what was ever shared, and a clock that looks at each
    /// period.
    #[derive(Default)]
    struct Reference {
        balance: u128,
        period: u64,
        next: i64,
        people: Vec<Person>,
        /// What is booked for those that were paid in full, or left.
        gone: Vec<Person>,
    }

    #[derive(Clone, Default)]
    struct Person {
        number: u8,
        fixed: u128,
        share: u128,
        due: u128,
        /// Owed before the present shares began, by fixed amounts, and paid since.
        other: u128,
        /// Shared with all since the present shares began.
        shared: u128,
        paid: u128,
    }

    impl Person {
        fn owed(&self, sum: u128) -> u128 {
            let by_share = (self.shared * self.share).checked_div(sum).unwrap_or(0);
            self.other + by_share - self.paid
        }
    }

    impl Reference {
        fn sum(&self) -> u128 {
            self.people.iter().map(|person| person.share).sum()
        }

        fn book(&mut self, now: i64) {
            while self.period > 0 && now >= self.next {
                self.next += self.period as i64;
                let most = u64::MAX as u128;
                self.people.iter_mut().for_each(|person| person.due = (person.due + person.fixed).min(most));
            }
            let sum = self.sum();
            // All that is booked, by what each has had and is to have.
            let shared = self.people.first().map_or(0, |person| person.shared);
            let all = || self.people.iter().chain(&self.gone);
            let others: u128 = all().map(|person| person.other).sum();
            let paid: u128 = all().map(|person| person.paid).sum();
            let booked = others + if sum == 0 { 0 } else { shared } - paid;
            let mut income = self.balance - booked;
            for person in &mut self.people {
                let covered = person.due.min(income);
                (person.due, person.other, income) = (person.due - covered, person.other + covered, income - covered);
            }
            if sum > 0 {
                self.people.iter_mut().for_each(|person| person.shared += income);
            }
        }

        fn set(&mut self, shares: &[Share], period: u64, now: i64) {
            let sum = self.sum();
            let mut before: Vec<Person> = self.people.drain(..).chain(self.gone.drain(..)).collect();
            for person in &mut before {
                let owed = person.owed(sum);
                (person.other, person.shared, person.paid) = (owed, 0, 0);
            }
            for named in shares {
                let (fixed, number) = ({ named.fixed }.0 as u128, named.receiver.as_array()[0]);
                let place = before.iter().position(|person| person.number == number);
                let mut person = place.map_or(Person { number, ..Person::default() }, |place| before.remove(place));
                if fixed == 0 || person.fixed == 0 {
                    person.due = fixed;
                }
                (person.fixed, person.share) = (fixed, named.share as u128);
                self.people.push(person);
            }
            let left = before.into_iter().filter(|person| person.other > 0);
            self.gone = left.map(|person| Person { fixed: 0, share: 0, due: 0, ..person }).collect();
            self.next = match (self.period, period) {
                (_, 0) => 0,
                (0, _) => now + period as i64,
                _ => self.next.min(now + period as i64),
            };
            self.period = period;
        }
    }

    #[derive(Clone, Debug)]
    enum Step {
        Receive(u64),
        Wait(u32),
        Pay(u8),
        Set(Vec<(u8, u64, u32)>, u32),
        Book,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let share = (1u8..24, prop_oneof![Just(0u64), 1..1_000u64, any::<u64>()], 0..=MAX_SHARE);
        let step = prop_oneof![
            4 => prop_oneof![0..5u64, 0..1_000_000u64, any::<u64>()].prop_map(Step::Receive),
            3 => (0..100_000u32).prop_map(Step::Wait),
            3 => any::<u8>().prop_map(Step::Pay),
            1 => (prop::collection::vec(share, 0..8), 60..100_000u32).prop_map(|(shares, period)| Step::Set(shares, period)),
            3 => Just(Step::Book),
        ];
        prop::collection::vec(step, 1..60)
    }

    proptest! {
        /// Whatever happens, each is owed what the reference says, and the books are the balance's.
        #[test]
        fn agrees_with_the_reference(steps in steps()) {
            let (mut fanout, mut plain, mut now) = (Fanout::default(), Reference::default(), 1_000);
            for step in steps {
                match step {
                    Step::Receive(amount) => {
                        let room = u64::MAX as u128 - plain.balance;
                        plain.balance += (amount as u128).min(room);
                    }
                    Step::Wait(seconds) => now += seconds as i64,
                    Step::Book => {}
                    Step::Set(shares, period) => {
                        let mut all: Vec<Share> = vec![];
                        for (number, fixed, share) in shares {
                            if (fixed > 0 || share > 0) && all.iter().all(|other| { other.receiver } != address(number)) {
                                all.push(named(number, fixed, share));
                            }
                        }
                        book(&mut fanout, Tokens(plain.balance as u64), Timestamp(now)).unwrap();
                        plain.book(now);
                        let before = fanout;
                        match set(&mut fanout, &OWN, &all, Seconds(period), Timestamp(now), |address| *address) {
                            Ok(()) => plain.set(&all, period as u64, now),
                            Err(error) => {
                                prop_assert_eq!(error, FanoutError::TooManyReceivers);
                                fanout = before;
                            }
                        }
                    }
                    Step::Pay(which) if fanout.count > 0 => {
                        let index = (which % fanout.count) as usize;
                        book(&mut fanout, Tokens(plain.balance as u64), Timestamp(now)).unwrap();
                        plain.book(now);
                        let number = fanout.receivers[index].address.as_array()[0];
                        let paid = take(&mut fanout, index).unwrap().0 as u128;
                        let mut all = plain.people.iter_mut().chain(&mut plain.gone);
                        let person = all.find(|person| person.number == number).unwrap();
                        person.paid += paid;
                        plain.balance -= paid;
                    }
                    Step::Pay(_) => {}
                }
                book(&mut fanout, Tokens(plain.balance as u64), Timestamp(now)).unwrap();
                plain.book(now);
                let sum = plain.sum();
                let mut owed = 0;
                for receiver in fanout.receivers() {
                    let mut all = plain.people.iter().chain(&plain.gone);
                    let person = all.find(|person| person.number == receiver.address.as_array()[0]).unwrap();
                    prop_assert_eq!(receiver.owed.0 as u128, person.owed(sum));
                    prop_assert_eq!(receiver.due.0 as u128, person.due);
                    owed += receiver.owed.0;
                }
                prop_assert_eq!(fanout.booked.0, owed + dust(&fanout).0);
                prop_assert!(fanout.booked.0 as u128 <= plain.balance);
                if sum > 0 {
                    prop_assert_eq!(fanout.booked.0 as u128, plain.balance, "nothing is nobody's");
                }
            }
        }

        /// One booking of all gives what many of the parts give, whoever chooses when.
        #[test]
        fn calling_more_often_changes_nothing(
            parts in prop::collection::vec(0..1_000u64, 1..40), shares in prop::collection::vec(1..=MAX_SHARE, 1..16),
        ) {
            let shares: Vec<_> = (1..).zip(shares).map(|(number, share)| named(number, 0, share)).collect();
            let mut often = Fanout::default();
            set(&mut often, &OWN, &shares, Seconds(0), Timestamp(0), |address| *address).unwrap();
            let (mut once, mut balance) = (often, 0);
            for part in parts {
                balance += part;
                book(&mut often, Tokens(balance), Timestamp(0)).unwrap();
            }
            book(&mut once, Tokens(balance), Timestamp(0)).unwrap();
            prop_assert_eq!(often, once);
        }
    }

    #[test]
    fn fixed_amounts_come_first_in_order() {
        let mut fanout = Fanout::default();
        let shares = [named(1, 100, 0), named(2, 50, 1), named(3, 0, 1)];
        set(&mut fanout, &OWN, &shares, Seconds(60), Timestamp(0), |address| *address).unwrap();
        let owed = |fanout: &Fanout| [0, 1, 2].map(|index| fanout.receivers[index].owed.0);
        book(&mut fanout, Tokens(120), Timestamp(0)).unwrap();
        assert_eq!(owed(&fanout), [100, 20, 0]);
        book(&mut fanout, Tokens(160), Timestamp(59)).unwrap();
        assert_eq!(owed(&fanout), [100, 55, 5]);
        // Two periods have begun; nothing came in. What comes later is theirs first.
        book(&mut fanout, Tokens(160), Timestamp(120)).unwrap();
        assert_eq!([fanout.receivers[0].due.0, fanout.receivers[1].due.0], [200, 100]);
        book(&mut fanout, Tokens(470), Timestamp(120)).unwrap();
        assert_eq!(owed(&fanout), [300, 160, 10]);
        assert_eq!(fanout.next_due_at, Timestamp(180));
    }

    #[test]
    fn without_shares_the_rest_waits() {
        let mut fanout = Fanout::default();
        set(&mut fanout, &OWN, &[named(1, 10, 0)], Seconds(60), Timestamp(0), |address| *address).unwrap();
        book(&mut fanout, Tokens(25), Timestamp(0)).unwrap();
        assert_eq!((fanout.booked, fanout.receivers[0].owed), (Tokens(10), Tokens(10)));
        book(&mut fanout, Tokens(25), Timestamp(60)).unwrap();
        assert_eq!((fanout.booked, fanout.receivers[0].owed), (Tokens(20), Tokens(20)));
        set(&mut fanout, &OWN, &[named(2, 0, 1)], Seconds(0), Timestamp(60), |address| *address).unwrap();
        book(&mut fanout, Tokens(25), Timestamp(99)).unwrap();
        assert_eq!([fanout.receivers[0].owed, fanout.receivers[1].owed], [Tokens(5), Tokens(20)]);
    }

    /// Paid on the last second of a period and on the first of the next: what an authority changes gives nobody a period twice.
    #[test]
    fn a_change_makes_nothing_due_again() {
        let mut fanout = Fanout::default();
        let set_fixed = |fanout: &mut Fanout, fixed, period, now| {
            set(fanout, &OWN, &[named(1, fixed, 0)], Seconds(period), Timestamp(now), |address| *address).unwrap();
        };
        set_fixed(&mut fanout, 100, 1_000, 0);
        book(&mut fanout, Tokens(100), Timestamp(0)).unwrap();
        assert_eq!(fanout.receivers[0].due, Tokens(0));
        set_fixed(&mut fanout, 150, 1_000, 500);
        assert_eq!((fanout.receivers[0].due, fanout.next_due_at), (Tokens(0), Timestamp(1_000)));
        set_fixed(&mut fanout, 150, 60, 500);
        assert_eq!(fanout.next_due_at, Timestamp(560));
        set_fixed(&mut fanout, 150, 1_000, 501);
        assert_eq!(fanout.next_due_at, Timestamp(560), "the running period");
    }

    #[test]
    fn receivers_are_in_their_ranges() {
        let own = Address::new_from_array([9; 32]);
        let try_set = |shares: &[Share], period| {
            set(&mut Fanout::default(), &own, shares, Seconds(period), Timestamp(0), |address| *address)
        };
        use FanoutError::*;
        assert_eq!(try_set(&[named(0, 0, 1)], 0), Err(InvalidReceiver));
        assert_eq!(try_set(&[named(9, 0, 1)], 0), Err(InvalidReceiver));
        assert_eq!(try_set(&[named(1, 0, 1), named(2, 0, 1), named(1, 0, 1)], 0), Err(ReceiverTwice));
        assert_eq!(try_set(&[named(1, 0, MAX_SHARE + 1)], 0), Err(InvalidShare));
        assert_eq!(try_set(&[named(1, 0, 0)], 0), Err(InvalidShare));
        assert_eq!(try_set(&[named(1, 1, 0)], 0), Err(NoPeriod));
        for (period, is_right) in [(59, false), (60, true), (366 * 86_400, true), (366 * 86_400 + 1, false)] {
            let expected = if is_right { Ok(()) } else { Err(InvalidParameter) };
            assert_eq!(try_set(&[named(1, 1, 0)], period), expected, "{period}");
        }
        let many: Vec<_> = (10..27).map(|number| named(number, 0, 1)).collect();
        assert_eq!((try_set(&many, 0), try_set(&many[1..], 0)), (Err(TooManyReceivers), Ok(())));
        assert_eq!(try_set(&[], 0), Ok(()));
    }

    #[test]
    fn the_largest_amounts_fit() {
        let mut fanout = Fanout::default();
        let shares: Vec<_> = (1..=16).map(|number| named(number, u64::MAX, MAX_SHARE)).collect();
        set(&mut fanout, &OWN, &shares, MAX_PERIOD, Timestamp(0), |address| *address).unwrap();
        book(&mut fanout, Tokens(u64::MAX), Timestamp(i64::MAX)).unwrap();
        assert_eq!((fanout.receivers[0].owed, fanout.booked), (Tokens(u64::MAX), Tokens(u64::MAX)));
        assert_eq!(take(&mut fanout, 0), Ok(Tokens(u64::MAX)));
        set(&mut fanout, &OWN, &[named(1, 0, 1), named(2, 0, MAX_SHARE)], Seconds(0), Timestamp(0), |address| *address)
            .unwrap();
        book(&mut fanout, Tokens(u64::MAX), Timestamp(i64::MAX)).unwrap();
        assert_eq!(fanout.receivers[0].owed.0 + fanout.receivers[1].owed.0 + dust(&fanout).0, u64::MAX);
    }
}
