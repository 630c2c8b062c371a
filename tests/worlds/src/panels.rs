//! Panels of `escrow`: a client, two providers that do what they promised, two that do anything, and anyone. Three replicas.

use {
    crate::{
        Scope,
        search::{Key, World, next_instant},
    },
    joule_common::sha256,
    joule_escrow::{
        halts::NoHalts,
        verification::panels::panel::{self, Order},
    },
    joule_escrow_interface::{
        panel::commitment,
        state::{Panel, Replica, Terms, Verification, outcome, panel_state, pricing, replica_state},
    },
    joule_interface::Address,
    joule_math::{Amount, Bps, Seconds, Timestamp, Tokens},
    std::fmt,
};

const START: i64 = 1_000;
const PLACES: usize = 3;
const PRICE: u64 = 5;
const BOND: u64 = 10;
const TRUTH: u8 = 1;
/// Providers 0 and 1 are honest.
const HONEST: u8 = 2;
const PROVIDERS: u8 = 4;

fn who(number: u8) -> Address {
    Address::new_from_array([number + 1; 32])
}

/// What happened to each provider.
#[derive(Clone, Copy, Debug, Default, Hash)]
struct Facts {
    /// Burned of its bonds, and paid to it, the fee included.
    lost: [u64; PROVIDERS as usize],
    paid: [u64; PROVIDERS as usize],
    /// It was in time with all that was its move.
    was_silent: [bool; PROVIDERS as usize],
    /// Part of `lost` because the input was not acknowledged.
    lost_unacknowledged: u64,
    refunded: u64,
    burned: u64,
    /// How often places were free again.
    refills: u8,
}

/// A panel.
#[derive(Clone)]
pub struct Panels {
    panel: Panel,
    now: i64,
    /// Only these may be silent or lie; if the client is one of them it may cancel.
    with_client: bool,
    /// What each place committed to.
    said: [u8; PLACES],
    is: Facts,
}

/// A move.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Move {
    /// Time passes until then.
    Wait(i64),
    /// A provider joins.
    Join(u8),
    /// The replica at this place leaves.
    Leave(u8),
    /// The replica says that it holds the input.
    Acknowledge(u8),
    /// Anyone removes a replica that did not say so.
    Remove(u8),
    /// A replica commits to a result.
    Commit(u8, u8),
    /// A replica opens its commitment, or shows another result.
    Reveal(u8, bool),
    /// Anyone counts.
    Tally,
    /// By the client, or anyone.
    Cancel(bool),
    /// Anyone pays a replica: all, or a part.
    Pay(u8, bool),
    /// Anyone burns what is to be burned.
    Burn,
}

impl fmt::Display for Move {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Wait(until) => write!(f, "time passes until second {}", until - START),
            Self::Join(0 | 1) => write!(f, "an honest provider joins: {self:?}"),
            other => write!(f, "{other:?}"),
        }
    }
}

impl Panels {
    fn new(terms: Terms, with_client: bool) -> Self {
        let verification = Verification {
            min_replicas: 3,
            max_replicas: 15,
            reveal_window: Seconds(3),
            minority_penalty: Bps(2_000),
            no_reveal_penalty: Bps(5_000),
            no_quorum_pay: Bps(2_000),
            ..Verification::default()
        };
        let order = Order { price: Amount(PRICE), duration: Seconds(3), replicas: PLACES as u8 };
        let deposit = panel::cost(&terms, &verification, &order).expect("such panels are offered");
        let mut panel = Panel { client: who(200), posting_id: 1, ..Panel::default() };
        panel::post(&mut panel, &terms, &verification, &order, deposit, Timestamp(START)).expect("it fits");
        Self { panel, now: START, with_client, said: [0; PLACES], is: Facts::default() }
    }

    fn provider(&self, place: u8) -> Option<u8> {
        let replica = &self.panel.replicas[place as usize];
        (replica.state != replica_state::EMPTY).then(|| replica.provider.as_array()[0] - 1)
    }

    /// The state as it is at this time: when the time to commit is over, it is the time to reveal.
    fn reveals(&self) -> bool {
        let panel = &self.panel;
        panel.state == panel_state::REVEALING
            || panel.state == panel_state::COMMITTING && self.now > panel.deadline_at.0
    }

    fn deadline(&self) -> i64 {
        let panel = &self.panel;
        let passed = panel.state == panel_state::COMMITTING && self.now > panel.deadline_at.0;
        panel.deadline_at.0 + if passed { panel.reveal_window.0 as i64 } else { 0 }
    }

    /// An honest provider whose move it is makes it before its time is over: does this wait leave one behind?
    fn leaves_behind(&self, until: i64, provider: u8) -> bool {
        let places = (0..PLACES as u8).filter(|place| self.provider(*place) == Some(provider));
        let mut moves = places.flat_map(|place| self.due(place));
        until > self.deadline() && moves.any(|_| true)
    }

    /// What the replica at a place can do now to keep its promise.
    fn due(&self, place: u8) -> Option<Move> {
        let replica = &self.panel.replicas[place as usize];
        match replica.state {
            replica_state::JOINED if self.panel.state == panel_state::ACKNOWLEDGING => Some(Move::Acknowledge(place)),
            replica_state::ACKNOWLEDGED if self.panel.state == panel_state::COMMITTING && !self.reveals() => {
                Some(Move::Commit(place, TRUTH))
            }
            replica_state::COMMITTED if self.reveals() => Some(Move::Reveal(place, true)),
            _ => None,
        }
    }

    fn would(&self, one: Move) -> bool {
        self.clone().make(&one) == Ok(true)
    }

    /// What follows for a bond is settled by `stake`: noted when the verdict is final.
    fn settle(&mut self, place: u8) {
        let (lost, _) = panel::verdict(&self.panel, &self.panel.replicas[place as usize]);
        if let Some(provider) = self.provider(place) {
            self.is.lost[provider as usize] += lost.0;
            let states = [panel_state::ACKNOWLEDGING, panel_state::DISSOLVED];
            self.is.lost_unacknowledged += if states.contains(&self.panel.state) { lost.0 } else { 0 };
        }
    }

    fn settle_all(&mut self) {
        (0..PLACES as u8).for_each(|place| self.settle(place));
    }

    fn books(&self) -> Result<(), String> {
        let (panel, is) = (&self.panel, &self.is);
        let parts = [panel.paid, panel.fee_paid, panel.burned, panel.refunded, panel.held].map(|part| part.0);
        if panel.deposited.0 != parts.iter().sum::<u64>() {
            return Err(format!("the books do not balance: {} is not {parts:?}", panel.deposited.0));
        }
        let paid: u64 = is.paid.iter().sum();
        if [paid, is.burned, is.refunded] != [panel.paid.0 + panel.fee_paid.0, panel.burned.0, panel.refunded.0] {
            return Err("what was given is booked otherwise".into());
        }
        let owed: u64 = panel.replicas.iter().map(|replica| replica.owed.0).sum();
        let unpaid = panel.replicas.iter().filter(|replica| !replica.owed.is_zero()).count();
        if panel::is_decided(panel) && panel.held.0 != owed + panel.penalty_owed.0
            || unpaid != panel.unpaid_count as usize
        {
            return Err(format!("{} are held for {owed} and {}", panel.held.0, panel.penalty_owed.0));
        }
        let count = |state: u8| panel.replicas.iter().filter(|replica| replica.state >= state).count();
        let counts = [panel.joined_count, panel.acknowledged_count, panel.committed_count, panel.revealed_count];
        let counted =
            [replica_state::JOINED, replica_state::ACKNOWLEDGED, replica_state::COMMITTED, replica_state::REVEALED]
                .map(count);
        if counts.map(usize::from) != counted {
            return Err(format!(
                "there are {counted:?} that joined, acknowledged, committed, revealed, not {counts:?}"
            ));
        }
        Ok(())
    }

    /// An honest replica loses nothing if it had the input, but where fewer than half of the replicas are honest.
    fn of_honest(&self) -> Result<(), String> {
        let (panel, is) = (&self.panel, &self.is);
        let there = (0..PLACES as u8).filter_map(|place| self.provider(place));
        let (honest, others): (Vec<u8>, Vec<u8>) =
            there.partition(|one| *one < HONEST && !is.was_silent[*one as usize]);
        let (honest, others) = (honest.len(), others.len());
        for provider in 0..HONEST {
            if is.was_silent[provider as usize] {
                continue;
            }
            let lost = is.lost[provider as usize];
            if lost > 0 && honest > others {
                return Err(format!("honest provider {provider} loses {lost} of its bond, and is in the majority"));
            }
            let most = BOND * 2_000 / 10_000;
            if lost > most {
                return Err(format!("honest provider {provider} loses {lost}, more than who is outvoted"));
            }
            let place = (0..PLACES as u8).find(|place| self.provider(*place) == Some(provider));
            let Some(place) = place else { continue };
            let replica = &panel.replicas[place as usize];
            if panel.state != panel_state::AGREED && panel.state != panel_state::DIVIDED {
                continue;
            }
            let due = is.paid[provider as usize] + replica.owed.0;
            if honest > others && due != PRICE {
                return Err(format!("honest provider {provider}, in the majority, is due {due}, not {PRICE}"));
            }
        }
        if panel.state == panel_state::AGREED && honest > others && panel.result != [TRUTH; 32] {
            return Err("a lie of fewer than half is believed".into());
        }
        Ok(())
    }

    /// The client pays for results, and burns no more than others lose with it.
    fn of_client(&self) -> Result<(), String> {
        let (panel, is) = (&self.panel, &self.is);
        // For each part of a bond that burns because nobody knows who withheld the input, the same part of the client's money does.
        let burned = panel.burned.0 + panel.penalty_owed.0;
        if burned * BOND != is.lost_unacknowledged * PRICE {
            return Err(format!("{burned} of the client's money burn, and {} of bonds", is.lost_unacknowledged));
        }
        if !panel::is_decided(panel) {
            return Ok(());
        }
        let (paid, owed) = (is.paid.iter().sum::<u64>(), panel.replicas.iter().map(|one| one.owed.0).sum::<u64>());
        let kept = panel.deposited.0 - is.refunded;
        if kept != paid + owed + panel.burned.0 + panel.penalty_owed.0 {
            return Err(format!("of {kept} that the client does not get back some are nowhere"));
        }
        let most = match panel.state {
            panel_state::AGREED => panel.votes_won() * PRICE,
            panel_state::DIVIDED => panel.revealed_count as u64 * PRICE * 2_000 / 10_000,
            _ => 0,
        };
        if paid + owed > most {
            return Err(format!("the client pays {} for results that are worth {most}", paid + owed));
        }
        if panel.state == panel_state::CANCELLED && burned > 0 && panel.refilled == 0 {
            return Err("a panel that nobody joined burns the client's money".into());
        }
        Ok(())
    }
}

/// What a panel says of its result.
trait Won {
    fn votes_won(&self) -> u64;
}

impl Won for Panel {
    fn votes_won(&self) -> u64 {
        let same = |replica: &&Replica| replica.state == replica_state::REVEALED && replica.result == self.result;
        self.replicas.iter().filter(same).count() as u64
    }
}

impl World for Panels {
    type Move = Move;

    fn moves(&self, moves: &mut Vec<Move>) {
        let panel = &self.panel;
        let deadline = self.deadline();
        let more = deadline + panel.terms.wait_window.0 as i64;
        let times: &[i64] = match panel.state {
            panel_state::ACKNOWLEDGING => &[deadline, more],
            state if state < panel_state::AGREED => &[deadline],
            _ => &[],
        };
        moves.extend(next_instant(self.now, times.iter().copied()).map(Move::Wait));
        moves.extend([Move::Tally, Move::Cancel(false)]);
        if self.with_client {
            moves.push(Move::Cancel(true));
        }
        if panel.state == panel_state::JOINING {
            // Of two that are alike the first joins first.
            let there = |provider: u8| (0..PLACES as u8).any(|place| self.provider(place) == Some(provider));
            moves.extend([0, HONEST].into_iter().map(|first| Move::Join(first + there(first) as u8)));
        }
        if !panel.penalty_owed.is_zero() {
            moves.push(Move::Burn);
        }
        for place in 0..PLACES as u8 {
            let Some(provider) = self.provider(place) else { continue };
            match panel.state {
                panel_state::JOINING if provider >= HONEST => moves.push(Move::Leave(place)),
                panel_state::ACKNOWLEDGING => moves.extend([Move::Acknowledge(place), Move::Remove(place)]),
                panel_state::COMMITTING | panel_state::REVEALING => {
                    moves.push(Move::Commit(place, TRUTH));
                    if provider >= HONEST {
                        moves.push(Move::Commit(place, 2));
                    }
                    moves.extend([Move::Reveal(place, true), Move::Reveal(place, false)]);
                }
                state if state >= panel_state::AGREED => {
                    moves.extend([Move::Pay(place, true), Move::Pay(place, false)])
                }
                _ => {}
            }
        }
    }

    fn is_crank(one: &Move) -> bool {
        matches!(
            one,
            Move::Wait(_) | Move::Tally | Move::Cancel(false) | Move::Remove(_) | Move::Pay(_, true) | Move::Burn
        )
    }

    fn make(&mut self, one: &Move) -> Result<bool, String> {
        let (panel, now) = (&mut self.panel, Timestamp(self.now));
        let done = match *one {
            Move::Wait(until) => {
                for provider in 0..PROVIDERS {
                    if self.leaves_behind(until, provider) {
                        self.is.was_silent[provider as usize] = true;
                    }
                }
                self.now = until;
                true
            }
            Move::Join(provider) => {
                let replica = Replica { provider: who(provider), bond: who(50 + provider), ..Replica::default() };
                panel::join(panel, replica, now).is_ok()
            }
            Move::Leave(place) => {
                let may = panel::replica_at(panel, place).is_ok() && panel::require_can_leave(panel).is_ok();
                if may {
                    self.settle(place);
                    panel::leave(&mut self.panel, place);
                }
                may
            }
            Move::Acknowledge(place) => panel::acknowledge(panel, place, now, &NoHalts).is_ok(),
            Move::Remove(place) => {
                let may = panel::require_removable(panel, place, now, &NoHalts).is_ok();
                if may {
                    self.settle(place);
                    panel::remove(&mut self.panel, place, now).map_err(|error| format!("not removed: {error}"))?;
                    self.is.refills += (self.panel.state == panel_state::JOINING) as u8;
                }
                may
            }
            Move::Commit(place, result) => {
                let provider = &panel.replicas[place as usize].provider;
                let hash = commitment(sha256, &who(60), panel.posting_id, provider, &[place; 32], &[result; 32]);
                let done = panel::commit(panel, place, &hash, now, &NoHalts).is_ok();
                if done {
                    self.said[place as usize] = result;
                }
                done
            }
            Move::Reveal(place, own) => {
                let said = self.said[place as usize];
                let result = if own { said } else { 3 - said };
                let shown = panel::reveal(panel, &who(60), place, &[result; 32], &[place; 32], now, &NoHalts).is_ok();
                if shown && !own {
                    return Err("a result is shown that was not committed to".into());
                }
                shown
            }
            Move::Tally => {
                let refund = panel::tally(panel, now, &NoHalts).ok();
                self.is.refunded += refund.map_or(0, |refund| refund.0);
                if refund.is_some() {
                    self.settle_all();
                }
                refund.is_some()
            }
            Move::Cancel(by_client) => {
                let refund = panel::cancel(panel, by_client, now, &NoHalts).ok();
                self.is.refunded += refund.map_or(0, |refund| refund.0);
                if refund.is_some() {
                    self.settle_all();
                }
                refund.is_some()
            }
            Move::Pay(place, all) => {
                let provider = self.provider(place).expect("there") as usize;
                let most = if all { Amount::MAX } else { Amount(2) };
                let payout = panel::pay(&mut self.panel, place, most).ok();
                self.is.paid[provider] += payout.map_or(0, |payout| payout.pay.0 + payout.fee.0);
                payout.is_some()
            }
            Move::Burn => {
                let burned = panel::burn_penalty(panel, Amount::MAX, false).ok();
                self.is.burned += burned.map_or(0, |burned| burned.0);
                burned.is_some()
            }
        };
        Ok(done)
    }

    fn check(&self) -> Result<(), String> {
        self.books()?;
        self.of_honest()?;
        self.of_client()?;
        if self.is.refills > 1 {
            return Err("places are free a second time".into());
        }
        let over = self.panel.deadline_at.0 + self.panel.terms.wait_window.0 as i64;
        if self.panel.state == panel_state::ACKNOWLEDGING && self.now > over && !self.would(Move::Cancel(false)) {
            return Err("nobody waits any more, and anyone cannot dissolve it".into());
        }
        // Who is in time is not refused.
        if self.now <= self.deadline() {
            for place in 0..PLACES as u8 {
                if let Some(one) = self.due(place).filter(|one| !self.would(*one)) {
                    return Err(format!("in its time {one} is refused"));
                }
            }
        }
        for replica in &self.panel.replicas {
            let (_, said) = panel::verdict(&self.panel, replica);
            let told_truth = replica.state == replica_state::REVEALED && replica.result == self.panel.result;
            if self.panel.state == panel_state::AGREED && told_truth != (said == outcome::DELIVERED) {
                return Err("who has the panel's result, and only who has it, delivered".into());
            }
        }
        Ok(())
    }

    fn is_over(&self) -> bool {
        panel::is_decided(&self.panel) && self.panel.held.is_zero()
    }

    fn write(&self, key: &mut Key) {
        let bytes = bytemuck::bytes_of(&self.panel);
        let replicas = &self.panel.replicas[..PLACES];
        // The rest of the places is empty.
        let head = bytes.len() - size_of_val(&self.panel.replicas);
        key.add(&bytes[..head]);
        replicas.iter().for_each(|replica| key.account(replica));
        key.add(&(self.is, self.said));
        key.add(&if self.is_over() { 0 } else { self.now });
    }

    fn tell(&self) -> String {
        let (panel, is) = (&self.panel, &self.is);
        let state = match panel.state {
            panel_state::JOINING => "JOINING",
            panel_state::ACKNOWLEDGING => "ACKNOWLEDGING",
            panel_state::COMMITTING => "COMMITTING",
            panel_state::REVEALING => "REVEALING",
            panel_state::AGREED => "AGREED",
            panel_state::DIVIDED => "DIVIDED",
            panel_state::CANCELLED => "CANCELLED",
            _ => "DISSOLVED",
        };
        format!(
            "second {}: {state}, deadline {}; places {:?}, held {}, refunded {}, burned {}, to burn {}, paid {:?}, lost of \
             bonds {:?}",
            self.now - START,
            panel.deadline_at.0 - START,
            [0, 1, 2].map(|place| self.provider(place)),
            panel.held.0,
            is.refunded,
            is.burned,
            panel.penalty_owed.0,
            is.paid,
            is.lost,
        )
    }
}

/// Panels with and without a client that belongs to the two that do anything, with and without bonds.
pub fn starts(scope: Scope) -> Vec<Panels> {
    let terms = Terms {
        price: Amount(PRICE),
        bond_amount: Tokens(BOND),
        pricing: pricing::FIXED,
        fee_share: Bps(2_000),
        no_start_penalty: Bps(2_000),
        min_duration: Seconds(1),
        max_duration: Seconds(10),
        wait_window: Seconds(3),
        start_window: Seconds(3),
        reports: 1,
        ..Terms::default()
    };
    let bare = Terms { bond_amount: Tokens(0), ..terms };
    let mut starts = vec![Panels::new(terms, true), Panels::new(terms, false)];
    if scope == Scope::Large {
        starts.push(Panels::new(bare, true));
    }
    starts
}

/// Moves from a start.
pub fn depth(scope: Scope) -> u32 {
    match scope {
        Scope::Small => 16,
        Scope::Large => 20,
    }
}
