//! The state machine of a panel in `escrow`: who is in it, what each said and when, and who therefore is paid, in lists.

use {
    crate::Random,
    joule_escrow::{
        halts::NoHalts,
        money::payment::Payout,
        verification::panels::panel::{self, Order},
    },
    joule_escrow_interface::state::{
        NONE, Panel, Replica, Terms, Verification, outcome, panel_state, pricing, replica_state,
    },
    joule_interface::Address,
    joule_math::{Amount, Bps, Seconds, Timestamp, Tokens},
};

const START: i64 = 1_790_000_000;
const ADDRESS: Address = Address::new_from_array([0xBA; 32]);
const WAIT: i64 = 100;
const WORK: i64 = 80;
const START_WINDOW: i64 = 40;
const REVEAL: i64 = 60;

#[derive(Clone, Debug, Default)]
struct Member {
    provider: u64,
    node: u64,
    owner: u64,
    acknowledged: bool,
    /// What it committed to, and with which salt.
    committed: Option<(u8, u8)>,
    revealed: Option<u8>,
    /// What it was paid, the fee included.
    paid: u128,
    bonded: bool,
}

#[derive(Clone)]
struct Reference {
    terms: Terms,
    verification: Verification,
    price: u128,
    places: usize,
    /// By place.
    members: Vec<Option<Member>>,
    refilled: bool,
    /// To be burned, and burned.
    penalty: u128,
    burned: u128,
    state: u8,
    /// Until when all may join, commit, reveal.
    until: i64,
    right: Option<u8>,
    paid: u128,
    fee: u128,
    refunded: u128,
}

fn who(number: u64) -> Address {
    if number == 0 { NONE } else { Address::new_from_array([number as u8; 32]) }
}

fn hash(of: u8) -> [u8; 32] {
    [of; 32]
}

/// What a replica commits to, as the panel's page says it.
fn commitment(posting_id: u64, provider: &Address, salt: [u8; 32], result: [u8; 32]) -> [u8; 32] {
    let mut bytes = b"replica".to_vec();
    bytes.extend(ADDRESS.as_ref());
    bytes.extend(posting_id.to_le_bytes());
    bytes.extend(provider.as_ref());
    bytes.extend(salt);
    bytes.extend(result);
    joule_common::sha256(&[&bytes])
}

impl Reference {
    fn deposit(&self) -> u128 {
        (self.price + self.client_penalty()) * self.places as u128
    }

    fn client_penalty(&self) -> u128 {
        if self.terms.bond_amount == Tokens(0) {
            0
        } else {
            self.price * self.terms.no_start_penalty.0 as u128 / 10_000
        }
    }

    fn held(&self) -> u128 {
        self.deposit() - self.paid - self.fee - self.burned - self.refunded
    }

    fn there(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().flatten()
    }

    /// How it is at `now`: the time to commit passes without anybody's doing.
    fn at(&self, now: i64) -> (u8, i64) {
        match self.state {
            panel_state::COMMITTING if now > self.until => (panel_state::REVEALING, self.until + REVEAL),
            state => (state, self.until),
        }
    }

    fn votes(&self, result: u8) -> usize {
        self.there().filter(|member| member.revealed == Some(result)).count()
    }

    /// How many have the most frequent result.
    fn most(&self) -> usize {
        (1..=u8::MAX).map(|result| self.votes(result)).max().unwrap_or(0)
    }

    /// The result of more than half of all.
    fn agreed(&self) -> Option<u8> {
        (1..=u8::MAX).find(|result| 2 * self.votes(*result) > self.places)
    }

    /// What a member is due once it is decided.
    fn due(&self, member: &Member) -> u128 {
        match (self.state, member.revealed) {
            (panel_state::AGREED, result) if result == self.right => self.price,
            (panel_state::DIVIDED, Some(result)) if self.votes(result) == self.most() => {
                self.price * self.verification.no_quorum_pay.0 as u128 / 10_000
            }
            _ => 0,
        }
    }

    /// What a member loses of its bond, and what is said of it.
    fn verdict(&self, member: &Member) -> (u128, u8) {
        let part = |bps: Bps| self.terms.bond_amount.0 as u128 * bps.0 as u128 / 10_000;
        match (self.state, member.revealed) {
            (panel_state::CANCELLED, _) => (0, outcome::NONE),
            (panel_state::DISSOLVED, _) if member.acknowledged => (0, outcome::NONE),
            (panel_state::DISSOLVED, _) => (part(self.terms.no_start_penalty), outcome::NONE),
            (_, None) => (part(self.verification.no_reveal_penalty), outcome::FAILED),
            (panel_state::AGREED, result) if result == self.right => (0, outcome::DELIVERED),
            (panel_state::AGREED, _) => (part(self.verification.minority_penalty), outcome::DISPUTED),
            _ => (0, outcome::NONE),
        }
    }
}

fn post(random: &mut Random) -> (Panel, Reference) {
    let places = 3 + random.below(13);
    let mut bps = || Bps(random.below(10_001) as u16);
    let verification = Verification {
        min_replicas: 3,
        max_replicas: 15,
        reveal_window: Seconds(REVEAL as u32),
        minority_penalty: bps(),
        no_reveal_penalty: bps(),
        no_quorum_pay: bps(),
        ..Verification::default()
    };
    let (fee_share, no_start_penalty) = (bps(), bps());
    let bonded = !random.one_in(4);
    let terms = Terms {
        fee_share,
        no_start_penalty,
        start_window: Seconds(START_WINDOW as u32),
        price: Amount(u64::MAX / 32),
        bond_amount: Tokens(if bonded { random.amount(1_000) } else { 0 }),
        pricing: pricing::FIXED,
        reports: random.below(2) as u8,
        min_duration: Seconds(1),
        max_duration: Seconds(1_000),
        wait_window: Seconds(WAIT as u32),
        ..Terms::default()
    };
    let price = if random.one_in(3) { terms.price.0 } else { 1 + random.below(1_000) };
    let order = Order { price: Amount(price), duration: Seconds(WORK as u32), replicas: places as u8 };
    let deposit = panel::cost(&terms, &verification, &order).expect("such panels are offered");
    let mut panel = Panel { client: who(200), posting_id: random.below(1_000), ..Panel::default() };
    panel::post(&mut panel, &terms, &verification, &order, deposit, Timestamp(START)).expect("it fits");
    let reference = Reference {
        terms,
        verification,
        price: price as u128,
        places: places as usize,
        members: vec![None; places as usize],
        refilled: false,
        penalty: 0,
        burned: 0,
        state: panel_state::JOINING,
        until: START + WAIT,
        right: None,
        paid: 0,
        fee: 0,
        refunded: 0,
    };
    (panel, reference)
}

/// One step; whether it was done, and whether it should have been.
fn step(panel: &mut Panel, is: &mut Reference, now: i64, random: &mut Random) -> (bool, bool) {
    use panel_state::*;
    let time = Timestamp(now);
    let (state, until) = is.at(now);
    let place = random.place(is.places);
    let often: &[u64] = match state {
        JOINING => &[0, 1, 2, 0, 1, 2, 12],
        ACKNOWLEDGING => &[13, 13, 13, 13, 14, 10],
        COMMITTING => &[4],
        REVEALING => &[7, 7, 7, 9],
        _ => &[11, 11, 15],
    };
    let choice = if random.one_in(6) { random.below(16) } else { often[random.place(often.len())] };
    let there = is.members[place].is_some();
    match choice {
        0..4 => {
            let member = Member {
                provider: 1 + random.below(24),
                node: random.below(40),
                owner: random.below(40),
                bonded: random.one_in(2),
                ..Member::default()
            };
            // The client is no replica of its own panel, by itself or by its machine.
            let client = if random.one_in(8) { 200 } else { member.provider };
            let member = Member { provider: client, ..member };
            let same = |a: u64, b: u64| a != 0 && a == b;
            let there = is.there().any(|other| {
                same(other.provider, member.provider)
                    || same(other.node, member.node)
                    || same(other.owner, member.owner)
            });
            let may = state == JOINING && now <= until && !there && client != 200;
            let replica = Replica {
                provider: who(member.provider),
                node: who(member.node),
                owner: who(member.owner),
                bond: if member.bonded { who(250) } else { NONE },
                ..Replica::default()
            };
            let done = panel::join(panel, replica, time).is_ok();
            if may {
                *is.members.iter_mut().find(|place| place.is_none()).expect("room") = Some(member);
                if is.there().count() == is.places {
                    (is.state, is.until) = (ACKNOWLEDGING, now + START_WINDOW);
                }
            }
            (done, may)
        }
        _ if !there && choice < 9 => {
            let done = panel::replica_at(panel, place as u8).is_ok();
            (done, false)
        }
        4..7 => {
            let (result, salt) = (1 + random.below(3) as u8, random.below(256) as u8);
            let member = is.members[place].as_mut().expect("there");
            let may = state == COMMITTING && now <= until && member.committed.is_none();
            let bytes = commitment(panel.posting_id, &who(member.provider), hash(salt), hash(result));
            let done = panel::commit(panel, place as u8, &bytes, time, &NoHalts).is_ok();
            if may {
                member.committed = Some((result, salt));
                if is.there().all(|member| member.committed.is_some()) {
                    (is.state, is.until) = (REVEALING, is.until + REVEAL);
                }
            }
            (done, may)
        }
        7 | 8 => {
            let known = is.members[place].as_ref().and_then(|member| member.committed);
            let committed_by = |place: usize| is.members[place].as_ref().and_then(|member| member.committed);
            // Another's result cannot be shown, nor another than was committed to.
            let (result, salt) = match (random.below(6), known) {
                (0, _) => (random.below(4) as u8, random.below(256) as u8),
                (1, _) => committed_by(random.place(is.places)).unwrap_or_default(),
                _ => known.unwrap_or_default(),
            };
            let unseen = is.members[place].as_ref().is_some_and(|member| member.revealed.is_none());
            let own = known == Some((result, salt)) && unseen;
            let may = state == REVEALING && now <= until && own && result != 0;
            let shown = panel::reveal(panel, &ADDRESS, place as u8, &hash(result), &hash(salt), time, &NoHalts);
            if may {
                is.members[place].as_mut().expect("there").revealed = Some(result);
                (is.state, is.until) = (state, until);
            }
            (shown.is_ok(), may)
        }
        9 => {
            let all = |member: &Member| member.revealed.is_some() || member.committed.is_none();
            let may = state == REVEALING && (is.there().all(all) || now > until);
            let back = panel::tally(panel, time, &NoHalts);
            if may {
                is.right = is.agreed();
                is.state = if is.right.is_some() { AGREED } else { DIVIDED };
                let kept: u128 = is.there().map(|member| is.due(member)).sum();
                is.refunded = is.deposit() - kept - is.penalty - is.burned;
            }
            assert!(!may || back.is_ok_and(|back| back.0 as u128 == is.refunded), "given back");
            (back.is_ok(), may)
        }
        10 => {
            let by_client = random.one_in(6);
            let missing = is.there().filter(|member| !member.acknowledged).count() as u128;
            let may = match state {
                JOINING => by_client || now > until,
                ACKNOWLEDGING => now > until && (by_client || is.refilled || now > until + WAIT),
                _ => false,
            };
            let back = panel::cancel(panel, by_client, time, &NoHalts);
            if may {
                if state == ACKNOWLEDGING {
                    is.penalty += missing * is.client_penalty();
                }
                (is.refunded, is.state) =
                    (is.deposit() - is.penalty - is.burned, if state == JOINING { CANCELLED } else { DISSOLVED });
            }
            assert!(!may || back.is_ok_and(|back| back.0 as u128 == is.refunded), "given back");
            (back.is_ok(), may)
        }
        11 => {
            let most = if random.one_in(3) { random.below(1_000) } else { u64::MAX };
            let Some(member) = &is.members[place] else {
                return (panel::pay(panel, place as u8, Amount(most)).is_ok(), false);
            };
            let (due, was) = (is.due(member), member.paid);
            let may = was < due;
            let (fee, most) = (due * is.terms.fee_share.0 as u128 / 10_000, most as u128);
            let pay = (due - fee).saturating_sub(was).min(most);
            let fee_now = if was + pay >= due - fee { (due - was - pay).min(most) } else { 0 };
            let paid = panel::pay(panel, place as u8, Amount(most as u64));
            if may {
                is.members[place].as_mut().expect("there").paid += pay + fee_now;
                (is.paid, is.fee) = (is.paid + pay, is.fee + fee_now);
            }
            let given = |paid: Payout| (paid.pay.0 as u128, paid.fee.0 as u128) == (pay, fee_now);
            assert!(!may || paid.is_ok_and(given), "paid");
            (paid.is_ok(), may)
        }
        12 => {
            let may = state == JOINING && there;
            let done = panel::replica_at(panel, place as u8).is_ok() && panel::require_can_leave(panel).is_ok();
            if done {
                panel::leave(panel, place as u8);
            }
            if may {
                is.members[place] = None;
            }
            (done, may)
        }
        13 => {
            let unsaid = is.members[place].as_ref().is_some_and(|member| !member.acknowledged);
            let may = state == ACKNOWLEDGING && now <= until && unsaid;
            let done = panel::acknowledge(panel, place as u8, time, &NoHalts).is_ok();
            if may {
                is.members[place].as_mut().expect("there").acknowledged = true;
                if is.there().all(|member| member.acknowledged) {
                    (is.state, is.until) = (COMMITTING, now + WORK);
                }
            }
            (done, may)
        }
        14 => {
            let unsaid = is.members[place].as_ref().is_some_and(|member| !member.acknowledged);
            let may = state == ACKNOWLEDGING && now > until && !is.refilled && unsaid;
            let done = panel::require_removable(panel, place as u8, time, &NoHalts).is_ok();
            if done {
                panel::remove(panel, place as u8, time).expect("it fits");
            }
            if may {
                is.members[place] = None;
                is.penalty += is.client_penalty();
                if is.there().all(|member| member.acknowledged) {
                    (is.state, is.until, is.refilled) = (JOINING, now + WAIT, true);
                }
            }
            (done, may)
        }
        _ => {
            let most = random.below(1_000);
            let burned = is.penalty.min(most as u128);
            let given = panel::burn_penalty(panel, Amount(most), false).expect("it fits");
            assert_eq!(given.0 as u128, burned);
            (is.burned, is.penalty) = (is.burned + burned, is.penalty - burned);
            (true, true)
        }
    }
}

fn check(panel: &Panel, is: &Reference) {
    let parts =
        [panel.deposited, panel.paid, panel.fee_paid, panel.burned, panel.penalty_owed, panel.refunded, panel.held];
    let ours = [is.deposit(), is.paid, is.fee, is.burned, is.penalty, is.refunded, is.held()];
    assert_eq!(parts.map(|part| part.0 as u128), ours);
    assert_eq!((panel.state, panel.joined_count as usize), (is.state, is.there().count()));
    let acknowledged = is.there().filter(|member| member.acknowledged).count();
    assert_eq!((panel.acknowledged_count as usize, panel.refilled == 1), (acknowledged, is.refilled));
    if panel.state < panel_state::AGREED {
        assert_eq!(panel.deadline_at.0, is.until);
        return;
    }
    let pending = |member: &Member| member.bonded || is.verdict(member).1 != outcome::NONE && is.terms.reports != 0;
    assert_eq!(panel.unsettled_count as usize, is.there().filter(|member| pending(member)).count());
    for (replica, member) in panel.replicas.iter().zip(&is.members) {
        let Some(member) = member else {
            assert_eq!(replica.state, replica_state::EMPTY);
            continue;
        };
        let (seize, outcome) = panel::verdict(panel, replica);
        assert_eq!((seize.0 as u128, outcome), is.verdict(member), "{member:?} of {:?}", is.members);
        assert_eq!(replica.state == replica_state::REVEALED, member.revealed.is_some());
        assert_eq!(replica.owed.0 as u128, is.due(member) - member.paid);
    }
    let unpaid = is.there().filter(|member| member.paid < is.due(member)).count();
    assert_eq!(panel.unpaid_count as usize, unpaid);
    if let Some(right) = is.right {
        assert_eq!(panel.result, hash(right));
    }
}

/// One panel of at most `steps` steps, which ends sooner when the choices do. Returns how many were tried, and done.
pub fn episode(random: &mut Random, steps: u64) -> (u64, u64) {
    let (mut panel, mut is) = post(random);
    check(&panel, &is);
    let (mut now, mut taken) = (START, 0);
    for tried in 0..steps {
        if random.is_spent() {
            return (tried, taken);
        }
        let over = panel.state >= panel_state::AGREED && panel.held.is_zero();
        // Mostly in time; at the ends of windows, to the second.
        now = match random.below(30) {
            0 => now + random.below(40) as i64,
            1 => now.max(is.at(now).1 + random.below(3) as i64 - 1),
            _ => now,
        };
        let before = (panel, is.clone());
        let (done, may) = step(&mut panel, &mut is, now, random);
        assert_eq!(done, may, "{} members at {now}, in state {}", is.there().count(), before.1.state);
        if done {
            taken += 1;
        } else {
            // What fails on chain changes nothing.
            (panel, is) = before;
        }
        check(&panel, &is);
        if over {
            return (tried + 1, taken);
        }
    }
    (steps, taken)
}
