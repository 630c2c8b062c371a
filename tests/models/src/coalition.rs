//! What a coalition in a panel can do that has fewer than half of the replicas, with the client or without it: every way to withhold
//! the input, not to acknowledge it, to leave, to be removed and join again, to lie, to hide and to be silent, against replicas that do what they should.
//! It runs the program's own rules, and counts everybody's money before and after.

use {
    joule_escrow::{
        halts::NoHalts,
        verification::panels::panel::{self, Order},
    },
    joule_escrow_interface::{
        panel::commitment,
        state::{Panel, Replica, Terms, Verification, panel_state, pricing, replica_state},
    },
    joule_interface::Address,
    joule_math::{Amount, Bps, Seconds, Timestamp, Tokens},
    std::fmt::Write,
};

const NOW: Timestamp = Timestamp(1_790_000_000);
const ADDRESS: Address = Address::new_from_array([0xBA; 32]);
/// In thousandths of a token.
const PRICE: u64 = 1_000;
const BOND: u64 = 5_000;
const TRUTH: u8 = 1;

/// How one panel ended.
struct End {
    /// Honest replicas showed their results.
    is_known: bool,
    /// What each side has more or less than before: the client, the coalition's providers, the honest ones.
    client: i64,
    own: i64,
    honest: i64,
    /// Of the honest ones' bonds, burned; of the client's money, burned.
    bonds_burned: u64,
    money_burned: u64,
}

/// A panel that is played: which providers are the coalition's, and what left it.
struct Play {
    panel: Panel,
    now: Timestamp,
    next: u8,
    own: i64,
    honest: i64,
    bonds_burned: u64,
}

fn terms() -> Terms {
    Terms {
        price: Amount(PRICE),
        bond_amount: Tokens(BOND),
        pricing: pricing::FIXED,
        no_start_penalty: Bps(2_000),
        min_duration: Seconds(1),
        max_duration: Seconds(1_000),
        wait_window: Seconds(100),
        start_window: Seconds(100),
        ..Terms::default()
    }
}

fn verification() -> Verification {
    Verification {
        min_replicas: 3,
        max_replicas: 15,
        reveal_window: Seconds(100),
        minority_penalty: Bps(2_500),
        no_reveal_penalty: Bps(5_000),
        no_quorum_pay: Bps(2_000),
        ..Verification::default()
    }
}

/// The coalition's providers have odd first bytes.
fn is_own(replica: &Replica) -> bool {
    replica.provider.as_ref()[0] % 2 == 1
}

impl Play {
    fn new(replicas: u8) -> Self {
        let (terms, verification) = (terms(), verification());
        let order = Order { price: Amount(PRICE), duration: Seconds(100), replicas };
        let deposit = panel::cost(&terms, &verification, &order).expect("offered");
        let mut panel = Panel::default();
        panel::post(&mut panel, &terms, &verification, &order, deposit, NOW).expect("it fits");
        Self { panel, now: NOW, next: 2, own: 0, honest: 0, bonds_burned: 0 }
    }

    fn copy(&self) -> Self {
        Self { panel: self.panel, ..*self }
    }

    /// Somebody joins who was not in it before.
    fn join(&mut self, is_own: bool) {
        self.next += 2;
        let mut provider = [9; 32];
        provider[0] = self.next + is_own as u8;
        let provider = Address::new_from_array(provider);
        let replica = Replica { provider, bond: provider, ..Replica::default() };
        panel::join(&mut self.panel, replica, self.now).expect("room");
    }

    /// So many of each side hold the input and say so.
    fn acknowledge(&mut self, own: usize, honest: usize) {
        let waiting = |play: &Self, side: bool| -> Vec<u8> {
            let there =
                play.panel.present().filter(|(_, one)| one.state == replica_state::JOINED && is_own(one) == side);
            there.map(|(index, _)| index as u8).collect()
        };
        for (side, count) in [(true, own), (false, honest)] {
            for index in waiting(self, side).into_iter().take(count) {
                panel::acknowledge(&mut self.panel, index, self.now, &NoHalts).expect("in time");
            }
        }
    }

    /// Who did not acknowledge is removed.
    fn remove(&mut self) {
        self.now = Timestamp(self.panel.deadline_at.0 + 1);
        for index in 0..self.panel.replica_count {
            if panel::require_removable(&self.panel, index, self.now, &NoHalts).is_ok() {
                self.settle(index as usize);
                panel::remove(&mut self.panel, index, self.now).expect("it fits");
            }
        }
    }

    fn settle(&mut self, index: usize) {
        let replica = &self.panel.replicas[index];
        let lost = panel::verdict(&self.panel, replica).0.0;
        if is_own(replica) {
            self.own -= lost as i64;
        } else {
            self.honest -= lost as i64;
            self.bonds_burned += lost;
        }
    }

    /// All hold the input after others took places: the answers do not depend on that, so all of one kind will do.
    fn answered_alike(&self, ends: &mut Vec<End>) {
        let own = self.panel.present().filter(|(_, one)| is_own(one)).count();
        ends.extend((0..5).map(|act| self.copy().answer(&vec![act; own])));
    }

    /// How it ended, with all that follows from it.
    fn end(mut self) -> End {
        let there: Vec<usize> = self.panel.present().map(|(index, _)| index).collect();
        for index in there {
            self.settle(index);
            if !self.panel.replicas[index].owed.is_zero() {
                let payout = panel::pay(&mut self.panel, index as u8, Amount::MAX).expect("owed");
                let side = if is_own(&self.panel.replicas[index]) { &mut self.own } else { &mut self.honest };
                *side += payout.pay.0 as i64;
            }
        }
        panel::burn_penalty(&mut self.panel, Amount::MAX, false).expect("owed");
        assert!(self.panel.held.is_zero());
        let is_known = matches!(self.panel.state, panel_state::AGREED | panel_state::DIVIDED);
        assert!(!is_known || self.panel.state == panel_state::AGREED && self.panel.result == [TRUTH; 32], "a lie won");
        let client = self.panel.refunded.0 as i64 - self.panel.deposited.0 as i64;
        let money_burned = self.panel.burned.0;
        End { is_known, client, own: self.own, honest: self.honest, bonds_burned: self.bonds_burned, money_burned }
    }

    fn cancelled(mut self, by_client: bool) -> End {
        self.now = Timestamp(self.panel.deadline_at.0 + 1_000);
        panel::cancel(&mut self.panel, by_client, self.now, &NoHalts).expect("late");
        self.end()
    }

    /// All hold the input: every way in which the coalition's replicas can answer.
    fn answered(&self, ends: &mut Vec<End>) {
        let own = self.panel.present().filter(|(_, one)| is_own(one)).count();
        for truths in 0..=own {
            for lies in 0..=own - truths {
                for others in 0..=own - truths - lies {
                    for hide in 0..=own - truths - lies - others {
                        let answers = [(truths, 0), (lies, 1), (others, 2), (hide, 3)];
                        let mut acts: Vec<u8> =
                            answers.iter().flat_map(|(count, act)| std::iter::repeat_n(*act, *count)).collect();
                        acts.resize(own, 4);
                        ends.push(self.copy().answer(&acts));
                    }
                }
            }
        }
    }

    fn answer(mut self, acts: &[u8]) -> End {
        let mut acts = acts.iter();
        let mut shown = vec![];
        for index in 0..self.panel.replica_count {
            let replica = self.panel.replicas[index as usize];
            let act = if is_own(&replica) { *acts.next().expect("one each") } else { 0 };
            let result = match act {
                0 => TRUTH,
                1 => 2,
                _ => 10 + index,
            };
            if act == 4 {
                continue;
            }
            let salt = [index; 32];
            let hidden = commitment(
                joule_common::sha256,
                &ADDRESS,
                self.panel.posting_id,
                &replica.provider,
                &salt,
                &[result; 32],
            );
            panel::commit(&mut self.panel, index, &hidden, self.now, &NoHalts).expect("in time");
            if act != 3 {
                shown.push((index, result, salt));
            }
        }
        if self.panel.state == panel_state::COMMITTING {
            self.now = Timestamp(self.panel.deadline_at.0 + 1);
        }
        for (index, result, salt) in shown {
            panel::reveal(&mut self.panel, &ADDRESS, index, &[result; 32], &salt, self.now, &NoHalts).expect("its own");
        }
        self.now = Timestamp(self.now.0 + 1_000);
        panel::tally(&mut self.panel, self.now, &NoHalts).expect("late");
        self.end()
    }
}

/// All ends of a panel of so many replicas, of which so many are the coalition's. With the client in it the input may be withheld from
/// anybody; without, every honest replica has it and nobody cancels.
fn ends(replicas: u8, own: usize, with_client: bool) -> Vec<End> {
    let honest = replicas as usize - own;
    let mut ends = vec![];
    for informed in if with_client { 0..=honest } else { honest..=honest } {
        for said in 0..=own {
            let mut play = Play::new(replicas);
            (0..replicas as usize).for_each(|number| play.join(number < own));
            play.acknowledge(said, informed);
            if (said, informed) == (own, honest) {
                play.answered(&mut ends);
                continue;
            }
            if with_client {
                ends.push(play.copy().cancelled(true));
            }
            play.remove();
            // Nobody comes.
            ends.push(play.copy().cancelled(false));
            let places = replicas as usize - said - informed;
            // The coalition stays below half: what it lost it may take again.
            for again in 0..=(own - said).min(places) {
                let mut refilled = play.copy();
                (0..places).for_each(|number| refilled.join(number < again));
                let fresh = places - again;
                for informed in if with_client { 0..=fresh } else { fresh..=fresh } {
                    for said in 0..=again {
                        let mut last = refilled.copy();
                        last.acknowledge(said, informed);
                        if (said, informed) == (again, fresh) {
                            last.answered_alike(&mut ends);
                        } else {
                            ends.push(last.cancelled(false));
                        }
                    }
                }
            }
        }
    }
    ends
}

fn tokens(thousandths: i64) -> String {
    format!("{}", thousandths as f64 / 1_000.0)
}

/// The table, by number of replicas and size of the coalition. Panics if a coalition gains.
pub fn table() -> String {
    let mut text = String::from(
        "| replicas | quorum | coalition | ends tried | with the client: a result costs at least | best end without a result | most that \
         others lose, and it then | without the client: gains at most | the client then loses at most |\n\
         |---:|---:|---:|---:|---:|---:|---|---:|---:|\n",
    );
    for replicas in 3..=15u8 {
        for own in 0..=(replicas as usize - 1) / 2 {
            let with = ends(replicas, own, true);
            let without = ends(replicas, own, false);
            let honest = (replicas as usize - own) as i64;
            for end in &with {
                let coalition = end.client + end.own;
                // Others' money only ever burns, and what burns of their bonds burns of its own in the same part.
                assert!(coalition <= 0, "a coalition gains");
                assert!(end.money_burned * BOND >= end.bonds_burned * PRICE, "others burn for nothing");
                assert!(!end.is_known || coalition <= -honest * PRICE as i64, "a result for less than its price");
                assert!(!end.is_known || end.honest >= honest * PRICE as i64 - end.bonds_burned as i64);
                let is_started = end.is_known;
                assert!(is_started || end.honest == -(end.bonds_burned as i64));
            }
            for end in &without {
                assert_eq!(end.bonds_burned, 0, "who has the input loses nothing");
                assert!(end.own <= own as i64 * PRICE as i64, "more than the pay of its own work");
            }
            let cost = with.iter().filter(|end| end.is_known).map(|end| -(end.client + end.own)).min().expect("some");
            let idle = with.iter().filter(|end| !end.is_known).map(|end| end.client + end.own).max().expect("some");
            let most = with.iter().map(|end| end.bonds_burned).max().expect("some");
            let worst = with.iter().filter(|end| end.bonds_burned == most);
            let at_least = worst.map(|end| -(end.client + end.own)).min().expect("some");
            let gain = without.iter().map(|end| end.own).max().expect("some");
            let client = without.iter().filter(|end| !end.is_known).map(|end| -end.client).max().unwrap_or(0);
            writeln!(
                text,
                "| {replicas} | {} | {own} | {} | {} | {} | {}, {} | {} | {} |",
                replicas / 2 + 1,
                with.len() + without.len(),
                tokens(cost),
                tokens(idle),
                tokens(most as i64),
                tokens(at_least),
                tokens(gain),
                tokens(client),
            )
            .expect("a string");
        }
    }
    text
}
