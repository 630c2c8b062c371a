//! The rules of a panel. After each step `deposited = paid + fee_paid + burned + refunded + held`, and `held` is what replicas are
//! owed, what is to be burned, and, until the panel is decided, the rest.
//!
//! A step that fails changes nothing. The instructions check who may take a step; the rules check state, time, votes and money.
//!
//! No penalty goes to a party. Nobody can know whether a replica that did not acknowledge the input was asleep or never got it, so
//! what that costs is burned in equal parts of its bond and of its price, which the client holds for that. Without bonds it costs
//! nothing.

use {
    crate::{
        Result,
        engagement::ReplicaEngagement,
        halts::{Halts, before, is_past},
        money::payment::Payout,
    },
    joule_common::{guard, guard::require, sha256},
    joule_escrow_interface::{
        EscrowError, panel,
        state::{NONE, Panel, Replica, Terms, Verification, outcome, panel_state, pricing, replica_state},
        trace::Hash,
    },
    joule_interface::{Address, Fault},
    joule_math::{Amount, Bps, Seconds, Timestamp, Tokens},
};

/// What a client orders.
pub struct Order {
    /// Price of each replica.
    pub price: Amount,
    /// Time for the work.
    pub duration: Seconds,
    /// Number of replicas.
    pub replicas: u8,
}

/// What a panel costs at most: each replica its price, and what is burned if the replica does not acknowledge the input and another
/// takes its place.
#[inline(always)]
pub fn cost(terms: &Terms, verification: &Verification, order: &Order) -> Result<Amount> {
    let range = verification.min_replicas..=verification.max_replicas;
    let offered = verification.min_replicas != 0 && range.contains(&order.replicas);
    require(offered && terms.pricing == pricing::FIXED, EscrowError::PanelsNotOffered)?;
    let durations = terms.min_duration..=terms.max_duration;
    require(durations.contains(&order.duration), EscrowError::DurationOutOfRange)?;
    require((Amount(1)..=terms.price).contains(&order.price), EscrowError::PriceOutOfRange)?;
    Ok(order.price.plus(client_penalty(terms, order.price)?)?.times(order.replicas as u64)?)
}

/// Fills a new panel.
#[inline(always)]
pub fn post(
    panel: &mut Panel,
    terms: &Terms,
    verification: &Verification,
    order: &Order,
    deposit: Amount,
    now: Timestamp,
) -> Result<()> {
    panel.deadline_at = now.after(terms.wait_window)?;
    panel.terms = *terms;
    panel.price = order.price;
    panel.deposited = deposit;
    panel.held = deposit;
    panel.duration = order.duration;
    panel.replica_count = order.replicas;
    panel.reveal_window = verification.reveal_window;
    panel.minority_penalty = verification.minority_penalty;
    panel.no_reveal_penalty = verification.no_reveal_penalty;
    panel.no_quorum_pay = verification.no_quorum_pay;
    panel.state = panel_state::JOINING;
    Ok(())
}

/// Whether the time of the panel's state is over, and `more` time after it. Halts since its begin do not count. Nobody is late to
/// join, so halts do not move the time for that.
#[inline(always)]
fn is_over(panel: &Panel, more: Seconds, now: Timestamp, halts: &impl Halts) -> Result<bool> {
    let deadline_at = panel.deadline_at.after(more)?;
    let set_at = match panel.state {
        panel_state::ACKNOWLEDGING => before(panel.deadline_at, panel.terms.start_window),
        panel_state::COMMITTING => before(panel.deadline_at, panel.duration),
        // Halts in the time to commit moved that time, and so the time to reveal after it.
        panel_state::REVEALING => before(before(panel.deadline_at, panel.reveal_window), panel.duration),
        _ => return Ok(now > deadline_at),
    };
    is_past(halts, set_at, deadline_at, now)
}

/// Adds a replica, with its node and the node's owner if there is one. When all have joined, they acknowledge the input.
#[inline(always)]
pub fn join(panel: &mut Panel, replica: Replica, now: Timestamp) -> Result<()> {
    require(panel.state == panel_state::JOINING, EscrowError::WrongPanelState)?;
    require(now <= panel.deadline_at, EscrowError::TooLate)?;
    let same = |a: &Address, b: &Address| !guard::eq(a, &NONE) && guard::eq(a, b);
    let there = panel.present().any(|(_, other)| {
        same(&other.provider, &replica.provider)
            || same(&other.node, &replica.node)
            || same(&other.owner, &replica.owner)
    });
    let is_client = same(&panel.client, &replica.provider) || same(&panel.client, &replica.owner);
    require(!there && !is_client, EscrowError::AlreadyJoined)?;
    let is_full = panel.joined_count + 1 == panel.replica_count;
    let deadline_at = if is_full { now.after(panel.terms.start_window)? } else { panel.deadline_at };
    let places = panel.replicas.iter_mut().take(panel.replica_count as usize);
    let mut empty = places.filter(|place| place.state == replica_state::EMPTY);
    *empty.next().ok_or(EscrowError::WrongPanelState)? = Replica { state: replica_state::JOINED, ..replica };

    panel.joined_count += 1;
    panel.deadline_at = deadline_at;
    if is_full {
        panel.state = panel_state::ACKNOWLEDGING;
    }
    Ok(())
}

/// The replica that is at this index now.
#[inline(always)]
pub fn replica_at(panel: &Panel, replica: u8) -> Result<&Replica> {
    let one = panel.replicas.get(replica as usize).ok_or(EscrowError::WrongReplica)?;
    require(one.state != replica_state::EMPTY, EscrowError::WrongReplica)?;
    Ok(one)
}

/// The replica belongs to this provider.
#[inline(always)]
pub fn require_provider(panel: &Panel, replica: u8, provider: &Address) -> Result<()> {
    require(guard::eq(&replica_at(panel, replica)?.provider, provider), EscrowError::WrongReplica)
}

/// A replica may leave while others are awaited.
#[inline(always)]
pub fn require_can_leave(panel: &Panel) -> Result<()> {
    require(panel.state == panel_state::JOINING, EscrowError::WrongPanelState)
}

/// Takes out a replica that leaves. Its bond is settled.
#[inline(always)]
pub fn leave(panel: &mut Panel, replica: u8) {
    let place = &mut panel.replicas[replica as usize];
    panel.acknowledged_count -= (place.state == replica_state::ACKNOWLEDGED) as u8;
    panel.joined_count -= 1;
    *place = Replica::default();
}

/// Notes that a replica holds the input. The time to commit begins with the last one.
#[inline(always)]
pub fn acknowledge(panel: &mut Panel, replica: u8, now: Timestamp, halts: &impl Halts) -> Result<()> {
    require(panel.state == panel_state::ACKNOWLEDGING, EscrowError::WrongPanelState)?;
    require(!is_over(panel, Seconds(0), now, halts)?, EscrowError::TooLate)?;
    require(panel.replicas[replica as usize].state == replica_state::JOINED, EscrowError::WrongReplica)?;
    let is_last = panel.acknowledged_count + 1 == panel.replica_count;
    let deadline_at = if is_last { now.after(panel.duration)? } else { panel.deadline_at };

    panel.replicas[replica as usize].state = replica_state::ACKNOWLEDGED;
    panel.acknowledged_count += 1;
    panel.deadline_at = deadline_at;
    if is_last {
        panel.state = panel_state::COMMITTING;
    }
    Ok(())
}

/// A replica that did not acknowledge the input in time can be removed, so that another takes its place.
#[inline(always)]
pub fn require_removable(panel: &Panel, replica: u8, now: Timestamp, halts: &impl Halts) -> Result<()> {
    let waits = panel.state == panel_state::ACKNOWLEDGING && panel.refilled == 0;
    require(waits, EscrowError::WrongPanelState)?;
    require(is_over(panel, Seconds(0), now, halts)?, EscrowError::TooEarly)?;
    require(replica_at(panel, replica)?.state == replica_state::JOINED, EscrowError::WrongReplica)
}

/// Takes out a replica that can be removed, and books what is burned of the client's money for it. Its bond is settled. With the last
/// of them, others may join.
#[inline(always)]
pub fn remove(panel: &mut Panel, replica: u8, now: Timestamp) -> Result<()> {
    let penalty_owed = panel.penalty_owed.plus(client_penalty(&panel.terms, panel.price)?)?;
    let deadline_at = now.after(panel.terms.wait_window)?;

    panel.penalty_owed = penalty_owed;
    panel.replicas[replica as usize] = Replica::default();
    panel.joined_count -= 1;
    if panel.joined_count == panel.acknowledged_count {
        panel.deadline_at = deadline_at;
        panel.refilled = 1;
        panel.state = panel_state::JOINING;
    }
    Ok(())
}

/// What is burned of the client's money for a replica that did not acknowledge the input. Who has no bond loses nothing by that, so
/// nothing is burned there: strangers would burn it for fun.
#[inline(always)]
pub fn client_penalty(terms: &Terms, price: Amount) -> Result<Amount> {
    if terms.bond_amount.is_zero() {
        return Ok(Amount::ZERO);
    }
    Ok(Amount(terms.no_start_penalty.of_floor(price.0)?))
}

/// Takes a replica's commitment.
#[inline(always)]
pub fn commit(panel: &mut Panel, replica: u8, commitment: &Hash, now: Timestamp, halts: &impl Halts) -> Result<()> {
    require(panel.state == panel_state::COMMITTING, EscrowError::WrongPanelState)?;
    require(!is_over(panel, Seconds(0), now, halts)?, EscrowError::TooLate)?;
    let replica = &mut panel.replicas[replica as usize];
    require(replica.state == replica_state::ACKNOWLEDGED, EscrowError::WrongReplica)?;

    replica.commitment = *commitment;
    replica.state = replica_state::COMMITTED;
    panel.committed_count += 1;
    if panel.committed_count == panel.replica_count {
        // The time to reveal runs from the deadline to commit, so a replica that plans with that deadline is not late.
        begin_to_reveal(panel)?;
    }
    Ok(())
}

#[inline(always)]
fn begin_to_reveal(panel: &mut Panel) -> Result<()> {
    panel.deadline_at = panel.deadline_at.after(panel.reveal_window)?;
    panel.state = panel_state::REVEALING;
    Ok(())
}

/// Goes on to revealing once the time to commit is over. No instruction is needed for that.
#[inline(always)]
fn pass_time(panel: &mut Panel, now: Timestamp, halts: &impl Halts) -> Result<()> {
    if panel.state == panel_state::COMMITTING && is_over(panel, Seconds(0), now, halts)? {
        begin_to_reveal(panel)?;
    }
    Ok(())
}

/// Opens a replica's commitment, and counts its result.
#[inline(always)]
pub fn reveal(
    panel: &mut Panel,
    address: &Address,
    replica: u8,
    result: &Hash,
    salt: &Hash,
    now: Timestamp,
    halts: &impl Halts,
) -> Result<()> {
    pass_time(panel, now, halts)?;
    require(panel.state == panel_state::REVEALING, EscrowError::WrongPanelState)?;
    require(!is_over(panel, Seconds(0), now, halts)?, EscrowError::TooLate)?;
    require(*result != [0; 32], EscrowError::ResultRequired)?;
    let index = replica as usize;
    let own = &panel.replicas[index];
    require(own.state == replica_state::COMMITTED, EscrowError::WrongReplica)?;
    let opened = panel::commitment(sha256, address, panel.posting_id, &own.provider, salt, result);
    require(opened == own.commitment, EscrowError::WrongReveal)?;

    let same = |other: &&Replica| other.state == replica_state::REVEALED && other.result == *result;
    let first = panel.replicas.iter().find(same);
    let group = first.map_or(index, |first| first.result_group as usize);
    let own = &mut panel.replicas[index];
    own.result = *result;
    own.state = replica_state::REVEALED;
    own.result_group = group as u8;
    panel.replicas[group].votes += 1;
    panel.revealed_count += 1;
    Ok(())
}

/// Decides the panel. Returns what goes back to the client.
#[inline(always)]
pub fn tally(panel: &mut Panel, now: Timestamp, halts: &impl Halts) -> Result<Amount> {
    pass_time(panel, now, halts)?;
    require(panel.state == panel_state::REVEALING, EscrowError::WrongPanelState)?;
    let all_revealed = panel.revealed_count == panel.committed_count;
    require(all_revealed || is_over(panel, Seconds(0), now, halts)?, EscrowError::TooEarly)?;
    let (mut best, mut votes) = (0, 0);
    for (index, replica) in panel.replicas.iter().enumerate() {
        if replica.votes > votes {
            (best, votes) = (index, replica.votes);
        }
    }
    // More than half of all replicas: no other group can be as large.
    let agreed = votes >= panel.quorum();
    panel.state = if agreed { panel_state::AGREED } else { panel_state::DIVIDED };
    if agreed {
        panel.winning_group = best as u8;
        panel.result = panel.replicas[best].result;
    }

    // Whoever learns results pays for them. Without a quorum, all groups that are as large as any are paid for.
    let due = due_each(panel)?;
    let mut kept = panel.penalty_owed;
    for index in 0..panel.replica_count as usize {
        let replica = panel.replicas[index];
        let is_of_most =
            replica.state == replica_state::REVEALED && panel.replicas[replica.result_group as usize].votes == votes;
        if is_of_most && !due.is_zero() {
            kept = kept.plus(due)?;
            panel.replicas[index].owed = due;
            panel.unpaid_count += 1;
        }
    }
    let refund = panel.held.minus(kept)?;
    panel.refunded = panel.refunded.plus(refund)?;
    panel.held = kept;
    mark_bonds_unsettled(panel);
    Ok(refund)
}

/// What each replica of a largest group of a decided panel is due, the fee included.
#[inline(always)]
fn due_each(panel: &Panel) -> Result<Amount> {
    if panel.state == panel_state::AGREED {
        return Ok(panel.price);
    }
    Ok(Amount(panel.no_quorum_pay.of_floor(panel.price.0)?))
}

/// Cancels or dissolves the panel. Returns what goes back to the client.
#[inline(always)]
pub fn cancel(panel: &mut Panel, by_client: bool, now: Timestamp, halts: &impl Halts) -> Result<Amount> {
    let is_late = is_over(panel, Seconds(0), now, halts)?;
    match panel.state {
        panel_state::JOINING => {
            require(by_client || is_late, EscrowError::TooEarly)?;
            panel.state = panel_state::CANCELLED;
        }
        panel_state::ACKNOWLEDGING => {
            let may = by_client || panel.refilled == 1 || is_over(panel, panel.terms.wait_window, now, halts)?;
            require(is_late && may, EscrowError::TooEarly)?;
            let missing = panel.joined_count.saturating_sub(panel.acknowledged_count);
            let penalty = client_penalty(&panel.terms, panel.price)?.times(missing as u64)?;
            panel.penalty_owed = panel.penalty_owed.plus(penalty)?;
            panel.state = panel_state::DISSOLVED;
        }
        _ => return Err(EscrowError::WrongPanelState),
    }
    give_back(panel)
}

/// Whether the panel ends without fault once the network revoked the right to its credits. Not while results are revealed: who knows those
/// of others would withhold its own for nothing.
#[inline(always)]
pub fn is_before_results(panel: &Panel) -> bool {
    panel.state < panel_state::REVEALING
}

/// Ends a panel before there are results, because the network revoked the right to its credits: nobody is paid for it, and nobody is at
/// fault. Returns what goes back to the client.
#[inline(always)]
pub fn revoke(panel: &mut Panel) -> Result<Amount> {
    require(is_before_results(panel), EscrowError::WrongPanelState)?;
    panel.state = panel_state::CANCELLED;
    give_back(panel)
}

/// Books what a panel gives back that ended without a decision.
fn give_back(panel: &mut Panel) -> Result<Amount> {
    let refund = panel.held.minus(panel.penalty_owed)?;
    panel.refunded = panel.refunded.plus(refund)?;
    panel.held = panel.penalty_owed;
    mark_bonds_unsettled(panel);
    Ok(refund)
}

fn mark_bonds_unsettled(panel: &mut Panel) {
    for index in 0..panel.replica_count {
        let replica = &panel.replicas[index as usize];
        if replica.state == replica_state::EMPTY {
            continue;
        }
        let (_, outcome) = verdict(panel, replica);
        let pending = replica.bond != NONE || (outcome != outcome::NONE && panel.terms.reports_outcome());
        panel.replicas[index as usize].bond_unsettled = pending as u8;
        panel.unsettled_count += pending as u8;
    }
}

/// Whether the verdict on each replica is final.
#[inline(always)]
pub fn is_decided(panel: &Panel) -> bool {
    panel.state >= panel_state::AGREED
}

/// What follows for a replica: the part of its bond to burn, and the outcome to report.
pub fn verdict(panel: &Panel, replica: &Replica) -> (Tokens, u8) {
    let part = |part: Bps| Tokens(part.of_floor(panel.terms.bond_amount.0).unwrap_or(0));
    match (panel.state, replica.state) {
        (panel_state::JOINING | panel_state::CANCELLED, _) => (Tokens::ZERO, outcome::NONE),
        // The client may have withheld the input: nothing is said of the provider.
        (panel_state::ACKNOWLEDGING | panel_state::DISSOLVED, replica_state::JOINED) => {
            (part(panel.terms.no_start_penalty), outcome::NONE)
        }
        (panel_state::ACKNOWLEDGING | panel_state::DISSOLVED, _) => (Tokens::ZERO, outcome::NONE),
        (panel_state::AGREED, replica_state::REVEALED) if replica.result_group == panel.winning_group => {
            (Tokens::ZERO, outcome::DELIVERED)
        }
        (panel_state::AGREED, replica_state::REVEALED) => (part(panel.minority_penalty), outcome::DISPUTED),
        (_, replica_state::REVEALED) => (Tokens::ZERO, outcome::NONE),
        _ => (part(panel.no_reveal_penalty), outcome::FAILED),
    }
}

/// The panel owes the replica something.
#[inline(always)]
pub fn require_payable(panel: &Panel, replica: u8) -> Result<()> {
    require(!replica_at(panel, replica)?.owed.is_zero(), EscrowError::WrongReplica)
}

/// Pays a replica what it is owed, and then the fee on it: at most `max_amount` of each.
#[inline(always)]
pub fn pay(panel: &mut Panel, replica: u8, max_amount: Amount) -> Result<Payout> {
    require_payable(panel, replica)?;
    let Replica { owed, fee_paid, .. } = panel.replicas[replica as usize];
    let fee = Amount(panel.terms.fee_share.of_floor(due_each(panel)?.0)?);
    let fee_owed = if fee_paid == 1 { Amount::ZERO } else { owed.min(fee) };
    let pay_owed = owed.minus(fee_owed)?;
    let pay = pay_owed.min(max_amount);
    let fee = if pay == pay_owed { fee_owed.min(max_amount) } else { Amount::ZERO };

    settle_owed(panel, replica, pay.plus(fee)?)?;
    panel.paid = panel.paid.plus(pay)?;
    panel.fee_paid = panel.fee_paid.plus(fee)?;
    Ok(Payout { pay, fee, refund: Amount::ZERO })
}

/// Undoes the payment of a replica's fee: it stays owed, because the token's issuer froze its receiver.
pub fn keep_fee(panel: &mut Panel, replica: u8, payout: &mut Payout) -> Result<()> {
    let fee = core::mem::take(&mut payout.fee);
    panel.fee_paid = panel.fee_paid.minus(fee)?;
    owe_again(panel, replica, fee)
}

/// Undoes the payment of a replica: it stays owed, because the token's issuer froze its account. The fee does not wait for that, but
/// is paid as a whole or not at all: a part of it could not be told from the pay.
pub fn keep_pay(panel: &mut Panel, replica: u8, payout: &mut Payout) -> Result<()> {
    if !panel.replicas[replica as usize].owed.is_zero() {
        keep_fee(panel, replica, payout)?;
    }
    let pay = core::mem::take(&mut payout.pay);
    panel.paid = panel.paid.minus(pay)?;
    panel.replicas[replica as usize].fee_paid |= !payout.fee.is_zero() as u8;
    owe_again(panel, replica, pay)
}

fn owe_again(panel: &mut Panel, replica: u8, amount: Amount) -> Result<()> {
    let owed = &mut panel.replicas[replica as usize].owed;
    panel.unpaid_count += (owed.is_zero() && !amount.is_zero()) as u8;
    *owed = owed.plus(amount)?;
    panel.held = panel.held.plus(amount)?;
    Ok(())
}

/// Writes off what a replica is owed: the network revoked the right to the client's credits, who reclaims them in `bme`.
#[inline(always)]
pub fn write_off(panel: &mut Panel, replica: u8) -> Result<()> {
    let owed = panel.replicas[replica as usize].owed;
    settle_owed(panel, replica, owed)?;
    panel.refunded = panel.refunded.plus(owed)?;
    Ok(())
}

#[inline(always)]
fn settle_owed(panel: &mut Panel, replica: u8, amount: Amount) -> Result<()> {
    let owed = panel.replicas[replica as usize].owed.minus(amount)?;
    panel.held = panel.held.minus(amount)?;
    panel.replicas[replica as usize].owed = owed;
    if owed.is_zero() {
        panel.unpaid_count = panel.unpaid_count.checked_sub(1).ok_or(Fault::Overflow)?;
    }
    Ok(())
}

/// Books what is burned of the client's money: at most `max_amount`; if the right to it was `revoked`, all of it goes back. Returns
/// what is to be burned.
#[inline(always)]
pub fn burn_penalty(panel: &mut Panel, max_amount: Amount, revoked: bool) -> Result<Amount> {
    let amount = if revoked { panel.penalty_owed } else { panel.penalty_owed.min(max_amount) };
    panel.penalty_owed = panel.penalty_owed.minus(amount)?;
    panel.held = panel.held.minus(amount)?;
    if revoked {
        panel.refunded = panel.refunded.plus(amount)?;
        return Ok(Amount::ZERO);
    }
    panel.burned = panel.burned.plus(amount)?;
    Ok(amount)
}

/// A replica's part in the panel, for payment and collateral.
#[inline(always)]
pub fn engagement(panel: &Panel, replica: u8) -> Result<ReplicaEngagement<'_>> {
    let replica = replica_at(panel, replica)?;
    let (bond_to_seize, outcome) = verdict(panel, replica);
    Ok(ReplicaEngagement { panel, replica, bond_to_seize, outcome })
}

#[cfg(test)]
mod tests {
    use {super::*, crate::halts::NoHalts, joule_math::Bps, proptest::prelude::*};

    const NOW: Timestamp = Timestamp(1_790_000_000);

    fn acknowledge(panel: &mut Panel, replica: u8, now: Timestamp) -> Result<()> {
        super::acknowledge(panel, replica, now, &NoHalts)
    }
    fn require_removable(panel: &Panel, replica: u8, now: Timestamp) -> Result<()> {
        super::require_removable(panel, replica, now, &NoHalts)
    }
    fn commit(panel: &mut Panel, replica: u8, commitment: &Hash, now: Timestamp) -> Result<()> {
        super::commit(panel, replica, commitment, now, &NoHalts)
    }
    fn reveal(
        panel: &mut Panel,
        address: &Address,
        replica: u8,
        result: &Hash,
        salt: &Hash,
        now: Timestamp,
    ) -> Result<()> {
        super::reveal(panel, address, replica, result, salt, now, &NoHalts)
    }
    fn tally(panel: &mut Panel, now: Timestamp) -> Result<Amount> {
        super::tally(panel, now, &NoHalts)
    }
    fn cancel(panel: &mut Panel, by_client: bool, now: Timestamp) -> Result<Amount> {
        super::cancel(panel, by_client, now, &NoHalts)
    }
    const ADDRESS: Address = Address::new_from_array([1; 32]);

    fn who(number: usize) -> Address {
        Address::new_from_array([10 + number as u8; 32])
    }

    fn verification() -> Verification {
        Verification {
            min_replicas: 3,
            max_replicas: 15,
            reveal_window: Seconds(100),
            minority_penalty: Bps(2_500),
            no_reveal_penalty: Bps(5_000),
            no_quorum_pay: Bps(1_000),
            ..Verification::default()
        }
    }

    fn terms() -> Terms {
        Terms {
            price: Amount(1_000),
            bond_amount: Tokens(1_000),
            pricing: pricing::FIXED,
            min_duration: Seconds(10),
            max_duration: Seconds(1_000),
            wait_window: Seconds(50),
            start_window: Seconds(20),
            no_start_penalty: Bps(2_000),
            fee_share: Bps(333),
            reports: 1,
            ..Terms::default()
        }
    }

    fn posted(replicas: u8) -> Panel {
        let order = Order { price: Amount(999), duration: Seconds(60), replicas };
        let deposit = cost(&terms(), &verification(), &order).unwrap();
        let mut panel = Panel { client: who(200), ..Panel::default() };
        post(&mut panel, &terms(), &verification(), &order, deposit, NOW).unwrap();
        panel
    }

    fn replica(number: usize) -> Replica {
        Replica { provider: who(number), bond: who(100 + number), ..Replica::default() }
    }

    fn joined(replicas: u8) -> Panel {
        let mut panel = posted(replicas);
        (0..replicas as usize).for_each(|number| join(&mut panel, replica(number), NOW).unwrap());
        assert_eq!((panel.state, panel.deadline_at.0), (panel_state::ACKNOWLEDGING, NOW.0 + 20));
        panel
    }

    fn full(replicas: u8) -> Panel {
        let mut panel = joined(replicas);
        (0..replicas).for_each(|number| acknowledge(&mut panel, number, NOW).unwrap());
        assert_eq!(panel.state, panel_state::COMMITTING);
        panel
    }

    fn hide(panel: &Panel, index: usize, result: u8) -> Hash {
        panel::commitment(
            sha256,
            &ADDRESS,
            panel.posting_id,
            &panel.replicas[index].provider,
            &[index as u8; 32],
            &[result; 32],
        )
    }

    #[track_caller]
    fn check(panel: &Panel) {
        assert_eq!(
            panel.deposited.0,
            panel.paid.0 + panel.fee_paid.0 + panel.burned.0 + panel.refunded.0 + panel.held.0
        );
        let owed: u64 = panel.replicas.iter().map(|replica| replica.owed.0).sum();
        assert!(!is_decided(panel) || panel.held.0 == owed + panel.penalty_owed.0);
    }

    /// 0: commits to nothing; 1: does not reveal; others: this result.
    fn decided(results: &[u8]) -> Panel {
        let mut panel = full(results.len() as u8);
        for (index, &result) in results.iter().enumerate().filter(|(_, result)| **result > 0) {
            let commitment = hide(&panel, index, result);
            commit(&mut panel, index as u8, &commitment, NOW).unwrap();
        }
        let late = Timestamp(NOW.0 + 61);
        for (index, &result) in results.iter().enumerate().filter(|(_, result)| **result > 1) {
            reveal(&mut panel, &ADDRESS, index as u8, &[result; 32], &[index as u8; 32], late).unwrap();
        }
        tally(&mut panel, Timestamp(NOW.0 + 200)).unwrap();
        check(&panel);
        panel
    }

    #[test]
    fn more_than_half_of_the_places_are_believed() {
        let (agreed, divided) = (panel_state::AGREED, panel_state::DIVIDED);
        // How many are paid; without a quorum a tenth of the price.
        for (results, state, paid) in [
            (&[5, 5, 5][..], agreed, 3),
            (&[5, 6, 5], agreed, 2),
            (&[5, 6, 7], divided, 3),
            (&[5, 6, 5, 6], divided, 4),
            (&[5, 6, 5, 5], agreed, 3),
            (&[5, 6, 5, 6, 7], divided, 4),
            (&[5, 6, 5, 6, 6], agreed, 3),
            (&[0, 0, 0], divided, 0),
            (&[1, 1, 1], divided, 0),
            (&[0, 1, 5], divided, 1),
            (&[0, 5, 5], agreed, 2),
            (&[2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 14, 15], divided, 2),
            (&[2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 9, 9, 9, 9, 9], agreed, 8),
        ] {
            let panel = decided(results);
            let each = if state == agreed { 999 } else { 99 };
            assert_eq!((panel.state, panel.held), (state, Amount(each * paid)), "{results:?}");
            assert_eq!(panel.unpaid_count as u64, paid);
        }
    }

    #[test]
    fn silence_costs_more_than_error() {
        let panel = decided(&[5, 6, 5, 5, 1]);
        let verdicts: Vec<_> = (0..5).map(|index| verdict(&panel, &panel.replicas[index])).collect();
        let (right, wrong, silent) =
            ((Tokens(0), outcome::DELIVERED), (Tokens(250), outcome::DISPUTED), (Tokens(500), outcome::FAILED));
        assert_eq!(verdicts, [right, wrong, right, right, silent]);
        let panel = decided(&[5, 6, 7, 0, 1]);
        let verdicts: Vec<_> = (0..5).map(|index| verdict(&panel, &panel.replicas[index])).collect();
        let none = (Tokens(0), outcome::NONE);
        assert_eq!(verdicts, [none, none, none, silent, silent]);
        assert_eq!(panel.unsettled_count, 5);
    }

    #[test]
    fn nobody_joins_a_panel_twice() {
        let mut panel = posted(5);
        let node = |number: usize, node: u8, owner: u8| Replica {
            node: who(50 + node as usize),
            owner: who(80 + owner as usize),
            ..replica(number)
        };
        join(&mut panel, node(0, 0, 0), NOW).unwrap();
        let taken = Err(EscrowError::AlreadyJoined);
        for again in [node(0, 1, 1), node(1, 0, 1), node(1, 1, 0), Replica { provider: who(200), ..node(1, 1, 1) }] {
            assert_eq!(join(&mut panel, again, NOW), taken);
        }
        assert_eq!(join(&mut panel, Replica { owner: who(200), ..node(1, 1, 1) }, NOW), taken);
        assert_eq!(join(&mut panel, node(1, 1, 1), Timestamp(NOW.0 + 51)), Err(EscrowError::TooLate));
        join(&mut panel, node(1, 1, 1), Timestamp(NOW.0 + 50)).unwrap();
        assert_eq!(cancel(&mut panel, false, Timestamp(NOW.0 + 50)), Err(EscrowError::TooEarly));
        assert_eq!(cancel(&mut { panel }, true, NOW), Ok(Amount(5 * (999 + 199))));
        assert_eq!(cancel(&mut panel, false, Timestamp(NOW.0 + 51)), Ok(Amount(5 * (999 + 199))));
        assert_eq!((verdict(&panel, &panel.replicas[0]), panel.unsettled_count), ((Tokens(0), outcome::NONE), 2));
        check(&panel);
        assert_eq!(join(&mut panel, node(2, 2, 2), NOW), Err(EscrowError::WrongPanelState));
    }

    #[test]
    fn results_are_hidden_until_all_have_one() {
        let mut panel = full(3);
        assert_eq!(join(&mut panel, replica(4), NOW), Err(EscrowError::WrongPanelState));
        assert_eq!(cancel(&mut panel, true, NOW), Err(EscrowError::WrongPanelState));
        let hidden: Vec<Hash> = (0..3).map(|index| hide(&panel, index, 5)).collect();
        let salt = |index: u8| [index; 32];
        let opened = |panel: &mut Panel, index: u8, result: u8, number: u8, now| {
            reveal(panel, &ADDRESS, index, &[result; 32], &salt(number), now)
        };
        commit(&mut panel, 0, &hidden[0], NOW).unwrap();
        assert_eq!(commit(&mut panel, 0, &hidden[0], NOW), Err(EscrowError::WrongReplica));
        assert_eq!(opened(&mut panel, 0, 5, 0, NOW), Err(EscrowError::WrongPanelState));
        assert_eq!(tally(&mut panel, NOW), Err(EscrowError::WrongPanelState));
        // A copy cannot be opened.
        commit(&mut panel, 1, &hidden[0], Timestamp(NOW.0 + 60)).unwrap();
        assert_eq!(commit(&mut { panel }, 2, &hidden[2], Timestamp(NOW.0 + 61)), Err(EscrowError::TooLate));
        let mut late = panel;
        commit(&mut panel, 2, &hidden[2], NOW).unwrap();
        assert_eq!(panel.state, panel_state::REVEALING);
        assert_eq!(opened(&mut panel, 1, 5, 0, NOW), Err(EscrowError::WrongReveal));
        assert_eq!(opened(&mut panel, 0, 6, 0, NOW), Err(EscrowError::WrongReveal));
        assert_eq!(opened(&mut panel, 0, 5, 1, NOW), Err(EscrowError::WrongReveal));
        assert_eq!(opened(&mut panel, 0, 0, 0, NOW), Err(EscrowError::ResultRequired));
        opened(&mut panel, 0, 5, 0, NOW).unwrap();
        assert_eq!(opened(&mut panel, 0, 5, 0, NOW), Err(EscrowError::WrongReplica));
        assert_eq!(tally(&mut panel, Timestamp(NOW.0 + 160)), Err(EscrowError::TooEarly));
        assert_eq!(opened(&mut panel, 2, 5, 2, Timestamp(NOW.0 + 161)), Err(EscrowError::TooLate));
        opened(&mut panel, 2, 5, 2, Timestamp(NOW.0 + 160)).unwrap();
        assert_eq!(tally(&mut panel, Timestamp(NOW.0 + 161)), Ok(Amount(999 + 3 * 199)));
        assert_eq!(tally(&mut panel, NOW), Err(EscrowError::WrongPanelState));
        assert_eq!(pay(&mut panel, 1, Amount::MAX), Err(EscrowError::WrongReplica));
        assert_eq!(pay(&mut panel, 3, Amount::MAX), Err(EscrowError::WrongReplica));
        // As much at once as is allowed; the fee last.
        let parts = |pay, fee| Ok(Payout { pay: Amount(pay), fee: Amount(fee), refund: Amount(0) });
        assert_eq!(pay(&mut panel, 0, Amount(0)), parts(0, 0));
        assert_eq!(pay(&mut panel, 0, Amount(900)), parts(900, 0));
        check(&panel);
        assert_eq!(pay(&mut panel, 0, Amount(66)), parts(66, 33));
        assert_eq!(pay(&mut panel, 0, Amount::MAX), Err(EscrowError::WrongReplica));
        assert_eq!(pay(&mut panel, 2, Amount(965)), parts(965, 0));
        check(&panel);
        write_off(&mut panel, 2).unwrap();
        check(&panel);
        assert_eq!((panel.held, panel.unpaid_count), (Amount(0), 0));
        // Who committed may reveal when the time of the others has passed.
        opened(&mut late, 0, 5, 0, Timestamp(NOW.0 + 160)).unwrap();
        assert_eq!(opened(&mut late, 1, 5, 1, Timestamp(NOW.0 + 161)), Err(EscrowError::TooLate));
    }

    #[test]
    fn what_is_frozen_stays_owed_and_a_fee_is_paid_once() {
        let mut panel = decided(&[5, 5, 5]);
        let parts = |pay, fee| Payout { pay: Amount(pay), fee: Amount(fee), refund: Amount(0) };
        // Its account: the fee is paid, once; the pay waits.
        for fee in [33, 0] {
            let mut payout = pay(&mut panel, 0, Amount::MAX).unwrap();
            assert_eq!(payout, parts(966, fee));
            keep_pay(&mut panel, 0, &mut payout).unwrap();
            assert_eq!(payout, parts(0, fee));
            assert_eq!((panel.replicas[0].owed, panel.fee_paid, panel.unpaid_count), (Amount(966), Amount(33), 3));
            check(&panel);
        }
        assert_eq!(pay(&mut panel, 0, Amount::MAX), Ok(parts(966, 0)));
        // The fee's.
        let mut payout = pay(&mut panel, 1, Amount::MAX).unwrap();
        keep_fee(&mut panel, 1, &mut payout).unwrap();
        assert_eq!((payout, panel.replicas[1].owed, panel.unpaid_count), (parts(966, 0), Amount(33), 2));
        check(&panel);
        assert_eq!(pay(&mut panel, 1, Amount::MAX), Ok(parts(0, 33)));
        // A part of a fee could not be told from the pay: it waits as well.
        assert_eq!(pay(&mut panel, 2, Amount(950)), Ok(parts(950, 0)));
        let mut payout = pay(&mut panel, 2, Amount(20)).unwrap();
        assert_eq!(payout, parts(16, 20));
        keep_pay(&mut panel, 2, &mut payout).unwrap();
        assert_eq!((payout, panel.replicas[2].owed), (parts(0, 0), Amount(49)));
        check(&panel);
        assert_eq!(pay(&mut panel, 2, Amount::MAX), Ok(parts(16, 33)));
        check(&panel);
        assert_eq!((panel.paid, panel.fee_paid, panel.unpaid_count), (Amount(3 * 966), Amount(3 * 33), 0));
    }

    #[test]
    fn a_matching_that_the_market_does_not_offer_is_refused() {
        let order = |price, duration, replicas| Order { price: Amount(price), duration: Seconds(duration), replicas };
        let cost_of = |order: Order| cost(&terms(), &verification(), &order);
        let refused = Err(EscrowError::PanelsNotOffered);
        assert_eq!(cost_of(order(10, 60, 2)), refused);
        assert_eq!(cost_of(order(10, 60, 16)), refused);
        assert_eq!(cost_of(order(0, 60, 3)), Err(EscrowError::PriceOutOfRange));
        assert_eq!(cost_of(order(1_001, 60, 3)), Err(EscrowError::PriceOutOfRange));
        assert_eq!(cost_of(order(10, 9, 3)), Err(EscrowError::DurationOutOfRange));
        assert_eq!(cost_of(order(10, 60, 15)), Ok(Amount(180)));
        // Nothing burns where nobody has a bond.
        let without_bond = Terms { bond_amount: Tokens(0), ..terms() };
        assert_eq!(cost(&without_bond, &verification(), &order(10, 60, 15)), Ok(Amount(150)));
        let usual = order(10, 60, 3);
        assert_eq!(cost(&terms(), &Verification { min_replicas: 0, ..verification() }, &usual), refused);
        assert_eq!(cost(&Terms { pricing: pricing::METERED, ..terms() }, &verification(), &usual), refused);
    }

    #[test]
    fn who_does_not_acknowledge_loses_its_place_once() {
        let late = Timestamp(NOW.0 + 21);
        let wrong_state = Err(EscrowError::WrongPanelState);
        let mut panel = joined(3);
        assert_eq!(commit(&mut panel, 0, &[1; 32], NOW), wrong_state);
        acknowledge(&mut panel, 1, Timestamp(NOW.0 + 20)).unwrap();
        assert_eq!(acknowledge(&mut panel, 1, NOW), Err(EscrowError::WrongReplica));
        assert_eq!(acknowledge(&mut panel, 0, late), Err(EscrowError::TooLate));
        assert_eq!(require_can_leave(&panel), wrong_state);
        assert_eq!(require_removable(&panel, 0, Timestamp(NOW.0 + 20)), Err(EscrowError::TooEarly));
        assert_eq!(require_removable(&panel, 1, late), Err(EscrowError::WrongReplica));
        assert_eq!(require_removable(&panel, 3, late), Err(EscrowError::WrongReplica));
        assert_eq!(cancel(&mut { panel }, true, Timestamp(NOW.0 + 20)), Err(EscrowError::TooEarly));
        assert_eq!(cancel(&mut { panel }, false, Timestamp(NOW.0 + 70)), Err(EscrowError::TooEarly));
        // Its client gives up, or nobody removes them: two parts of its money burn, and two of bonds.
        let mut stuck = panel;
        assert_eq!(cancel(&mut { panel }, true, late), Ok(Amount(3 * (999 + 199) - 2 * 199)));
        cancel(&mut stuck, false, Timestamp(NOW.0 + 71)).unwrap();
        check(&stuck);
        assert_eq!((stuck.state, stuck.penalty_owed), (panel_state::DISSOLVED, Amount(398)));
        let none = (Tokens(0), outcome::NONE);
        let lost = (Tokens(200), outcome::NONE);
        assert_eq!([0, 1, 2].map(|index| verdict(&stuck, &stuck.replicas[index])), [lost, none, lost]);
        // Or others take their places.
        for index in [0, 2] {
            require_removable(&panel, index, late).unwrap();
            assert_eq!(verdict(&panel, &panel.replicas[index as usize]), lost);
            assert_eq!(join(&mut panel, replica(7), late), wrong_state);
            remove(&mut panel, index, late).unwrap();
        }
        assert_eq!((panel.state, panel.deadline_at.0, panel.refilled), (panel_state::JOINING, late.0 + 50, 1));
        assert_eq!(join(&mut panel, replica(1), late), Err(EscrowError::AlreadyJoined));
        join(&mut panel, replica(7), late).unwrap();
        require_can_leave(&panel).unwrap();
        leave(&mut { panel }, 1);
        join(&mut panel, replica(8), late).unwrap();
        assert_eq!([0, 1, 2].map(|index| panel.replicas[index].provider), [who(7), who(1), who(8)]);
        acknowledge(&mut panel, 0, late).unwrap();
        // Once: then the panel dissolves.
        let later = Timestamp(late.0 + 21);
        assert_eq!(require_removable(&panel, 2, later), wrong_state);
        let mut dissolved = panel;
        assert_eq!(cancel(&mut dissolved, false, Timestamp(late.0 + 20)), Err(EscrowError::TooEarly));
        cancel(&mut dissolved, false, later).unwrap();
        assert_eq!((dissolved.penalty_owed, dissolved.unsettled_count), (Amount(597), 3));
        assert_eq!(burn_penalty(&mut dissolved, Amount(500), false), Ok(Amount(500)));
        check(&dissolved);
        assert_eq!(burn_penalty(&mut { dissolved }, Amount(500), true), Ok(Amount(0)));
        assert_eq!(burn_penalty(&mut dissolved, Amount(500), false), Ok(Amount(97)));
        check(&dissolved);
        assert_eq!((dissolved.held, dissolved.burned), (Amount(0), Amount(597)));
        // Or all hold the input, and all of them can be paid.
        acknowledge(&mut panel, 2, late).unwrap();
        assert_eq!((panel.state, panel.deadline_at.0), (panel_state::COMMITTING, late.0 + 60));
        for index in 0..3 {
            let commitment = hide(&panel, index, 5);
            commit(&mut panel, index as u8, &commitment, late).unwrap();
        }
        for index in 0..3 {
            reveal(&mut panel, &ADDRESS, index, &[5; 32], &[index; 32], late).unwrap();
        }
        assert_eq!(tally(&mut panel, late), Ok(Amount(199)));
        check(&panel);
        assert_eq!((panel.unpaid_count, panel.held), (3, Amount(3 * 999 + 398)));
    }

    proptest! {
        /// Honest replicas that are the most are paid and lose nothing, whatever the others do, and every unit is somewhere.
        #[test]
        fn a_replica_in_the_majority_loses_nothing(
            others in prop::collection::vec(0u8..5, 0..7), more in 1usize..4, turn in 0usize..15,
        ) {
            let mut results = others.clone();
            results.extend(vec![9; others.len() + more]);
            while results.len() < 3 { results.push(9); }
            results.truncate(2 * others.len() + more.min(15 - 2 * others.len()));
            while results.len() < 3 { results.push(9); }
            let honest = results.iter().filter(|result| **result == 9).count();
            let turn = turn % results.len();
            results.rotate_left(turn);
            let mut panel = decided(&results);
            prop_assert_eq!(panel.state, panel_state::AGREED);
            prop_assert_eq!(panel.result, [9; 32]);
            for (index, &result) in results.iter().enumerate() {
                let (seize, _) = verdict(&panel, &panel.replicas[index]);
                prop_assert_eq!(result == 9, seize == Tokens(0));
                prop_assert_eq!(result == 9, pay(&mut panel, index as u8, Amount::MAX).is_ok());
                check(&panel);
            }
            prop_assert_eq!((panel.held, panel.unpaid_count), (Amount(0), 0));
            prop_assert_eq!(panel.paid.0 + panel.fee_paid.0, 999 * honest as u64);
        }
    }
}
