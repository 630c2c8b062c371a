//! The state machine of a panel in `escrow`: who is in it, what each said and when, and who therefore is paid, in lists.

use {
    crate::Random,
    joule_escrow::{
        money::payment::Payout,
        verification::panels::panel::{self, Order},
    },
    joule_escrow_interface::{
        panel::commitment,
        state::{NONE, Panel, Replica, Terms, Verification, outcome, panel_state, pricing, replica_state},
    },
    joule_interface::Address,
    joule_math::{Amount, Bps, Seconds, Timestamp, Tokens},
};

const START: i64 = 1_790_000_000;
const ADDRESS: Address = Address::new_from_array([0xBA; 32]);
const WAIT: i64 = 100;
const WORK: i64 = 80;
const REVEAL: i64 = 60;

#[derive(Clone, Debug, Default)]
struct Member {
    provider: u64,
    node: u64,
    owner: u64,
    /// What it committed to, and with which salt.
    committed: Option<(u8, u8)>,
    revealed: Option<u8>,
    paid: bool,
    bonded: bool,
}

#[derive(Clone)]
struct Reference {
    terms: Terms,
    verification: Verification,
    price: u128,
    places: usize,
    quorum: usize,
    members: Vec<Member>,
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

impl Reference {
    fn deposit(&self) -> u128 {
        self.price * self.places as u128
    }

    fn held(&self) -> u128 {
        self.deposit() - self.paid - self.fee - self.refunded
    }

    /// How it is at `now`: the time to commit passes without anybody's doing.
    fn at(&self, now: i64) -> (u8, i64) {
        match self.state {
            panel_state::COMMITTING if now > self.until => (panel_state::REVEALING, self.until + REVEAL),
            state => (state, self.until),
        }
    }

    fn votes(&self, result: u8) -> usize {
        self.members.iter().filter(|member| member.revealed == Some(result)).count()
    }

    /// The result of more than of any other, if it is that of enough.
    fn agreed(&self) -> Option<u8> {
        let most = (0..=u8::MAX).max_by_key(|result| self.votes(*result))?;
        let alone = (0..=u8::MAX).filter(|result| self.votes(*result) == self.votes(most)).count() == 1;
        (alone && self.votes(most) >= self.quorum).then_some(most)
    }

    /// What a member loses of its bond, and what is said of it.
    fn verdict(&self, member: &Member) -> (u128, u8) {
        let part = |bps: Bps| self.terms.bond_amount.0 as u128 * bps.0 as u128 / 10_000;
        match (self.state, member.revealed) {
            (panel_state::CANCELLED, _) => (0, outcome::NONE),
            (_, None) => (part(self.verification.no_reveal_penalty), outcome::FAILED),
            (panel_state::AGREED, result) if result == self.right => (0, outcome::DELIVERED),
            (panel_state::AGREED, _) => (part(self.verification.minority_penalty), outcome::DISPUTED),
            _ => (0, outcome::NONE),
        }
    }
}

fn post(random: &mut Random) -> (Panel, Reference) {
    let places = 3 + random.below(13);
    let quorum = 2 + random.below(places - 1);
    let mut bps = || Bps(random.below(10_001) as u16);
    let verification = Verification {
        min_replicas: 3,
        max_replicas: 15,
        min_quorum: 2,
        reveal_window: Seconds(REVEAL as u32),
        minority_penalty: bps(),
        no_reveal_penalty: bps(),
        ..Verification::default()
    };
    let terms = Terms {
        fee_share: bps(),
        price: Amount(u64::MAX / 16),
        bond_amount: Tokens(random.amount(1_000)),
        pricing: pricing::FIXED,
        reports: random.below(2) as u8,
        min_duration: Seconds(1),
        max_duration: Seconds(1_000),
        wait_window: Seconds(WAIT as u32),
        ..Terms::default()
    };
    let price = if random.one_in(3) { terms.price.0 } else { 1 + random.below(1_000) };
    let order =
        Order { price: Amount(price), duration: Seconds(WORK as u32), replicas: places as u8, quorum: quorum as u8 };
    let deposit = panel::cost(&terms, &verification, &order).expect("such panels are offered");
    let mut panel = Panel { client: who(200), posting_id: random.below(1_000), ..Panel::default() };
    panel::post(&mut panel, &terms, &verification, &order, deposit, Timestamp(START)).expect("it fits");
    let reference = Reference {
        terms,
        verification,
        price: price as u128,
        places: places as usize,
        quorum: quorum as usize,
        members: vec![],
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
    let place = random.place(is.members.len().max(1));
    let often: &[u64] = match state {
        JOINING => &[0, 1, 2],
        COMMITTING => &[4],
        REVEALING => &[7, 7, 7, 9],
        _ => &[11],
    };
    let choice = if random.one_in(6) { random.below(12) } else { often[random.place(often.len())] };
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
            let there = is.members.iter().any(|other| {
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
                is.members.push(member);
                if is.members.len() == is.places {
                    (is.state, is.until) = (COMMITTING, now + WORK);
                }
            }
            (done, may)
        }
        _ if is.members.is_empty() => (panel::pay(panel, 0).is_ok(), false),
        4..7 => {
            let (result, salt) = (1 + random.below(3) as u8, random.below(256) as u8);
            let member = &mut is.members[place];
            let may = state == COMMITTING && now <= until && member.committed.is_none();
            let bytes = commitment(
                joule_common::sha256,
                &ADDRESS,
                panel.posting_id,
                &who(member.provider),
                &hash(salt),
                &hash(result),
            );
            let done = panel::commit(panel, place as u8, &bytes, time).is_ok();
            if may {
                member.committed = Some((result, salt));
                if is.members.iter().all(|member| member.committed.is_some()) {
                    (is.state, is.until) = (REVEALING, is.until + REVEAL);
                }
            }
            (done, may)
        }
        7 | 8 => {
            let known = is.members[place].committed;
            // Another's result cannot be shown, nor another than was committed to.
            let (result, salt) = match (random.below(6), known) {
                (0, _) => (random.below(4) as u8, random.below(256) as u8),
                (1, _) => is.members[random.place(is.members.len())].committed.unwrap_or_default(),
                _ => known.unwrap_or_default(),
            };
            let own = known == Some((result, salt)) && is.members[place].revealed.is_none();
            let may = state == REVEALING && now <= until && own && result != 0;
            let shown = panel::reveal(panel, &ADDRESS, place as u8, &hash(result), &hash(salt), time);
            if may {
                is.members[place].revealed = Some(result);
                (is.state, is.until) = (state, until);
            }
            (shown.is_ok(), may)
        }
        9 => {
            let all = |member: &Member| member.revealed.is_some() || member.committed.is_none();
            let may = state == REVEALING && (is.members.iter().all(all) || now > until);
            let back = panel::tally(panel, time);
            if may {
                is.right = is.agreed();
                let kept = is.right.map_or(0, |right| is.price * is.votes(right) as u128);
                is.refunded = is.deposit() - kept;
                is.state = if is.right.is_some() { AGREED } else { DIVIDED };
            }
            assert!(!may || back.is_ok_and(|back| back.0 as u128 == is.refunded), "given back");
            (back.is_ok(), may)
        }
        10 => {
            let by_client = random.one_in(6);
            let may = state == JOINING && (by_client || now > until);
            let back = panel::cancel(panel, by_client, time);
            if may {
                (is.refunded, is.state) = (is.deposit(), CANCELLED);
            }
            assert!(!may || back.is_ok_and(|back| back.0 as u128 == is.refunded), "given back");
            (back.is_ok(), may)
        }
        _ => {
            let fee = is.price * is.terms.fee_share.0 as u128 / 10_000;
            let member = &mut is.members[place];
            let may = is.state == AGREED && member.revealed == is.right && !member.paid;
            let paid = panel::pay(panel, place as u8);
            if may {
                member.paid = true;
                (is.paid, is.fee) = (is.paid + is.price - fee, is.fee + fee);
            }
            let given = |paid: Payout| (paid.pay.0 as u128, paid.fee.0 as u128) == (is.price - fee, fee);
            assert!(!may || paid.is_ok_and(given), "paid");
            (paid.is_ok(), may)
        }
    }
}

fn check(panel: &Panel, is: &Reference) {
    let parts = [panel.deposited, panel.paid, panel.fee_paid, panel.refunded, panel.held].map(|part| part.0 as u128);
    assert_eq!(parts, [is.deposit(), is.paid, is.fee, is.refunded, is.held()]);
    assert_eq!((panel.state, panel.joined_count as usize), (is.state, is.members.len()));
    if panel.state < panel_state::AGREED {
        assert_eq!(panel.deadline_at.0, is.until);
        return;
    }
    let pending = |member: &Member| member.bonded || is.verdict(member).1 != outcome::NONE && is.terms.reports != 0;
    assert_eq!(panel.unsettled_count as usize, is.members.iter().filter(|member| pending(member)).count());
    for (place, member) in (0u8..).zip(&is.members) {
        let (seize, outcome) = panel::verdict(panel, place);
        assert_eq!((seize.0 as u128, outcome), is.verdict(member), "{place} of {:?}", is.members);
        let state = panel.replicas[place as usize].state;
        assert_eq!(state == replica_state::REVEALED, member.revealed.is_some());
    }
    if let Some(right) = is.right {
        assert_eq!(panel.result, hash(right));
        let unpaid = is.members.iter().filter(|member| member.revealed == is.right && !member.paid).count();
        assert_eq!((panel.unpaid_count as usize, is.held()), (unpaid, is.price * unpaid as u128));
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
        let over = panel.state > panel_state::AGREED || panel.state == panel_state::AGREED && panel.unpaid_count == 0;
        // Mostly in time; at the ends of windows, to the second.
        now = match random.below(30) {
            0 => now + random.below(40) as i64,
            1 => now.max(is.at(now).1 + random.below(3) as i64 - 1),
            _ => now,
        };
        let before = (panel, is.clone());
        let (done, may) = step(&mut panel, &mut is, now, random);
        assert_eq!(done, may, "{} members at {now}, in state {}", is.members.len(), before.1.state);
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
