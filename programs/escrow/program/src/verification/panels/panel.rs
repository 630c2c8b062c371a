//! The rules of a panel. After each step `deposited = paid + fee_paid + refunded + held`.
//!
//! A step that fails changes nothing. The instructions check who may take a step; the rules check state, time, votes and money.

use {
    crate::{Result, engagement::ReplicaEngagement, money::payment::Payout},
    joule_common::{guard, guard::require, sha256},
    joule_escrow_interface::{
        EscrowError, panel,
        state::{NONE, Panel, Replica, Terms, Verification, outcome, panel_state, pricing, replica_state},
        trace::Hash,
    },
    joule_interface::{Address, Fault},
    joule_math::{Amount, Seconds, Timestamp, Tokens},
};

/// What a client orders.
pub struct Order {
    /// Price of each replica.
    pub price: Amount,
    /// Time for the work.
    pub duration: Seconds,
    /// Number of replicas.
    pub replicas: u8,
    /// Number of equal results that are believed.
    pub quorum: u8,
}

/// What a panel costs at most.
#[inline(always)]
pub fn cost(terms: &Terms, verification: &Verification, order: &Order) -> Result<Amount> {
    let range = verification.min_replicas..=verification.max_replicas;
    let offered = verification.min_replicas != 0
        && range.contains(&order.replicas)
        && (verification.min_quorum..=order.replicas).contains(&order.quorum);
    require(offered && terms.pricing == pricing::FIXED, EscrowError::PanelsNotOffered)?;
    let durations = terms.min_duration..=terms.max_duration;
    require(durations.contains(&order.duration), EscrowError::DurationOutOfRange)?;
    require((Amount(1)..=terms.price).contains(&order.price), EscrowError::PriceOutOfRange)?;
    Ok(order.price.times(order.replicas as u64)?)
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
    panel.quorum = order.quorum;
    panel.reveal_window = verification.reveal_window;
    panel.minority_penalty = verification.minority_penalty;
    panel.no_reveal_penalty = verification.no_reveal_penalty;
    panel.state = panel_state::JOINING;
    Ok(())
}

/// Adds a replica, with its node and the node's owner if there is one. The work begins with the last replica.
#[inline(always)]
pub fn join(panel: &mut Panel, replica: Replica, now: Timestamp) -> Result<()> {
    require(panel.state == panel_state::JOINING, EscrowError::WrongPanelState)?;
    require(now <= panel.deadline_at, EscrowError::TooLate)?;
    let same = |a: &Address, b: &Address| !guard::eq(a, &NONE) && guard::eq(a, b);
    let there = panel.replicas[..panel.joined_count as usize].iter().any(|other| {
        same(&other.provider, &replica.provider)
            || same(&other.node, &replica.node)
            || same(&other.owner, &replica.owner)
    });
    let is_client = same(&panel.client, &replica.provider) || same(&panel.client, &replica.owner);
    require(!there && !is_client, EscrowError::AlreadyJoined)?;

    panel.replicas[panel.joined_count as usize] = Replica { state: replica_state::JOINED, ..replica };
    panel.joined_count += 1;
    if panel.joined_count == panel.replica_count {
        panel.deadline_at = now.after(panel.duration)?;
        panel.state = panel_state::COMMITTING;
    }
    Ok(())
}

/// The replica belongs to this provider.
#[inline(always)]
pub fn require_provider(panel: &Panel, replica: u8, provider: &Address) -> Result<()> {
    let replica =
        panel.replicas[..panel.joined_count as usize].get(replica as usize).ok_or(EscrowError::WrongReplica)?;
    require(guard::eq(&replica.provider, provider), EscrowError::WrongReplica)
}

/// Takes a replica's commitment.
#[inline(always)]
pub fn commit(panel: &mut Panel, replica: u8, commitment: &Hash, now: Timestamp) -> Result<()> {
    require(panel.state == panel_state::COMMITTING, EscrowError::WrongPanelState)?;
    require(now <= panel.deadline_at, EscrowError::TooLate)?;
    let replica = &mut panel.replicas[replica as usize];
    require(replica.state == replica_state::JOINED, EscrowError::WrongReplica)?;

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
fn pass_time(panel: &mut Panel, now: Timestamp) -> Result<()> {
    if panel.state == panel_state::COMMITTING && now > panel.deadline_at {
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
) -> Result<()> {
    pass_time(panel, now)?;
    require(panel.state == panel_state::REVEALING, EscrowError::WrongPanelState)?;
    require(now <= panel.deadline_at, EscrowError::TooLate)?;
    require(*result != [0; 32], EscrowError::ResultRequired)?;
    let index = replica as usize;
    let own = &panel.replicas[index];
    require(own.state == replica_state::COMMITTED, EscrowError::WrongReplica)?;
    let opened = panel::commitment(sha256, address, panel.posting_id, &own.provider, salt, result);
    require(opened == own.commitment, EscrowError::WrongReveal)?;

    let same = |other: &&Replica| other.state == replica_state::REVEALED && other.result == *result;
    let first = panel.replicas[..panel.joined_count as usize].iter().find(same);
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
pub fn tally(panel: &mut Panel, now: Timestamp) -> Result<Amount> {
    pass_time(panel, now)?;
    require(panel.state == panel_state::REVEALING, EscrowError::WrongPanelState)?;
    require(panel.revealed_count == panel.committed_count || now > panel.deadline_at, EscrowError::TooEarly)?;
    let (mut best, mut votes, mut tied) = (0, 0, false);
    for (index, replica) in panel.replicas[..panel.joined_count as usize].iter().enumerate() {
        if replica.votes > votes {
            (best, votes, tied) = (index, replica.votes, false);
        } else if replica.votes == votes {
            tied = true;
        }
    }
    let agreed = votes >= panel.quorum && !tied;
    let kept = if agreed { panel.price.times(votes as u64)? } else { Amount::ZERO };
    let refund = panel.held.minus(kept)?;

    panel.refunded = panel.refunded.plus(refund)?;
    panel.held = kept;
    panel.state = if agreed { panel_state::AGREED } else { panel_state::DIVIDED };
    if agreed {
        panel.winning_group = best as u8;
        panel.unpaid_count = votes;
        panel.result = panel.replicas[best].result;
    }
    mark_bonds_unsettled(panel);
    Ok(refund)
}

/// Cancels the panel. Returns what goes back to the client.
#[inline(always)]
pub fn cancel(panel: &mut Panel, by_client: bool, now: Timestamp) -> Result<Amount> {
    require(panel.state == panel_state::JOINING, EscrowError::WrongPanelState)?;
    require(by_client || now > panel.deadline_at, EscrowError::TooEarly)?;
    let refund = core::mem::replace(&mut panel.held, Amount::ZERO);
    panel.refunded = panel.refunded.plus(refund)?;
    panel.state = panel_state::CANCELLED;
    mark_bonds_unsettled(panel);
    Ok(refund)
}

fn mark_bonds_unsettled(panel: &mut Panel) {
    for index in 0..panel.joined_count {
        let (_, outcome) = verdict(panel, index);
        let bonded = panel.replicas[index as usize].bond != NONE;
        let pending = bonded || (outcome != outcome::NONE && panel.terms.reports != 0);
        panel.replicas[index as usize].bond_unsettled = pending as u8;
        panel.unsettled_count += pending as u8;
    }
}

/// Whether the verdict on each replica is final.
#[inline(always)]
pub fn is_decided(panel: &Panel) -> bool {
    panel.state >= panel_state::AGREED
}

/// Whether the replica has the panel's result.
#[inline(always)]
fn is_right(panel: &Panel, replica: &Replica) -> bool {
    panel.state == panel_state::AGREED
        && replica.state == replica_state::REVEALED
        && replica.result_group == panel.winning_group
}

/// What follows for a replica of a decided panel: the part of its bond to seize, and the outcome to report.
pub fn verdict(panel: &Panel, replica: u8) -> (Tokens, u8) {
    let replica = &panel.replicas[replica as usize];
    let part = |part: joule_math::Bps| Tokens(part.of_floor(panel.terms.bond_amount.0).unwrap_or(0));
    match (panel.state, replica.state) {
        (panel_state::CANCELLED, _) => (Tokens::ZERO, outcome::NONE),
        (panel_state::AGREED, replica_state::REVEALED) if is_right(panel, replica) => {
            (Tokens::ZERO, outcome::DELIVERED)
        }
        (panel_state::AGREED, replica_state::REVEALED) => (part(panel.minority_penalty), outcome::DISPUTED),
        (_, replica_state::REVEALED) => (Tokens::ZERO, outcome::NONE),
        _ => (part(panel.no_reveal_penalty), outcome::FAILED),
    }
}

/// The replica has the right result, and is not paid yet.
#[inline(always)]
pub fn require_payable(panel: &Panel, replica: u8) -> Result<()> {
    let one = panel.replicas[..panel.joined_count as usize].get(replica as usize).ok_or(EscrowError::WrongReplica)?;
    require(is_right(panel, one) && one.paid == 0, EscrowError::WrongReplica)
}

/// Pays a replica with the right result.
#[inline(always)]
pub fn pay(panel: &mut Panel, replica: u8) -> Result<Payout> {
    require_payable(panel, replica)?;
    let fee = Amount(panel.terms.fee_share.of_floor(panel.price.0)?);
    let pay = panel.price.minus(fee)?;

    panel.held = panel.held.minus(panel.price)?;
    panel.paid = panel.paid.plus(pay)?;
    panel.fee_paid = panel.fee_paid.plus(fee)?;
    panel.unpaid_count = panel.unpaid_count.checked_sub(1).ok_or(Fault::Overflow)?;
    panel.replicas[replica as usize].paid = 1;
    Ok(Payout { pay, fee, refund: Amount::ZERO })
}

/// Undoes a payment that cannot be made: the network revoked the right to the credits, and the client reclaims them in `bme`.
#[inline(always)]
pub fn write_off(panel: &mut Panel, payout: Payout) -> Result<()> {
    panel.paid = panel.paid.minus(payout.pay)?;
    panel.fee_paid = panel.fee_paid.minus(payout.fee)?;
    panel.refunded = panel.refunded.plus(payout.pay)?.plus(payout.fee)?;
    Ok(())
}

/// A replica's part in the panel, for payment and collateral.
#[inline(always)]
pub fn engagement(panel: &Panel, replica: u8) -> Result<ReplicaEngagement<'_>> {
    let (bond_to_seize, outcome) = verdict(panel, replica);
    let replica = panel.replicas.get(replica as usize).ok_or(EscrowError::WrongReplica)?;
    Ok(ReplicaEngagement { panel, replica, bond_to_seize, outcome })
}

#[cfg(test)]
mod tests {
    use {super::*, joule_math::Bps, proptest::prelude::*};

    const NOW: Timestamp = Timestamp(1_790_000_000);
    const ADDRESS: Address = Address::new_from_array([1; 32]);

    fn who(number: usize) -> Address {
        Address::new_from_array([10 + number as u8; 32])
    }

    fn verification() -> Verification {
        Verification {
            min_replicas: 3,
            max_replicas: 15,
            min_quorum: 2,
            reveal_window: Seconds(100),
            minority_penalty: Bps(2_500),
            no_reveal_penalty: Bps(5_000),
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
            fee_share: Bps(333),
            reports: 1,
            ..Terms::default()
        }
    }

    fn posted(replicas: u8, quorum: u8) -> Panel {
        let order = Order { price: Amount(999), duration: Seconds(60), replicas, quorum };
        let deposit = cost(&terms(), &verification(), &order).unwrap();
        let mut panel = Panel { client: who(200), ..Panel::default() };
        post(&mut panel, &terms(), &verification(), &order, deposit, NOW).unwrap();
        panel
    }

    fn replica(number: usize) -> Replica {
        Replica { provider: who(number), bond: who(100 + number), ..Replica::default() }
    }

    fn full(replicas: u8, quorum: u8) -> Panel {
        let mut panel = posted(replicas, quorum);
        (0..replicas as usize).for_each(|number| join(&mut panel, replica(number), NOW).unwrap());
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
        assert_eq!(panel.deposited.0, panel.paid.0 + panel.fee_paid.0 + panel.refunded.0 + panel.held.0);
    }

    /// 0: commits to nothing; 1: does not reveal; others: this result.
    fn decided(results: &[u8], quorum: u8) -> Panel {
        let mut panel = full(results.len() as u8, quorum);
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
    fn a_majority_wins_and_a_tie_does_not() {
        let (agreed, divided) = (panel_state::AGREED, panel_state::DIVIDED);
        for (results, quorum, state, held) in [
            (&[5, 5, 5][..], 2, agreed, 3),
            (&[5, 6, 5], 2, agreed, 2),
            (&[5, 6, 5], 3, divided, 0),
            (&[5, 6, 7], 2, divided, 0),
            (&[5, 6, 5, 6], 2, divided, 0),
            (&[5, 6, 5, 6, 7], 2, divided, 0),
            (&[5, 6, 5, 6, 6], 2, agreed, 3),
            (&[6, 6, 5, 5, 5], 3, agreed, 3),
            (&[0, 0, 0], 2, divided, 0),
            (&[1, 1, 1], 2, divided, 0),
            (&[0, 1, 5], 2, divided, 0),
            (&[0, 5, 5], 2, agreed, 2),
            (&[2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 14, 15], 2, agreed, 2),
        ] {
            let panel = decided(results, quorum);
            assert_eq!((panel.state, panel.held), (state, Amount(999 * held)), "{results:?}");
            assert_eq!(panel.unpaid_count as u64, held);
        }
    }

    #[test]
    fn silence_costs_more_than_error() {
        let panel = decided(&[5, 6, 5, 0, 1], 2);
        let verdicts: Vec<_> = (0..5).map(|index| verdict(&panel, index)).collect();
        let (right, wrong, silent) =
            ((Tokens(0), outcome::DELIVERED), (Tokens(250), outcome::DISPUTED), (Tokens(500), outcome::FAILED));
        assert_eq!(verdicts, [right, wrong, right, silent, silent]);
        let panel = decided(&[5, 6, 7, 0, 1], 2);
        let verdicts: Vec<_> = (0..5).map(|index| verdict(&panel, index)).collect();
        let none = (Tokens(0), outcome::NONE);
        assert_eq!(verdicts, [none, none, none, silent, silent]);
        assert_eq!(panel.unsettled_count, 5);
    }

    #[test]
    fn nobody_joins_a_panel_twice() {
        let mut panel = posted(5, 3);
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
        assert_eq!(cancel(&mut { panel }, true, NOW), Ok(Amount(5 * 999)));
        assert_eq!(cancel(&mut panel, false, Timestamp(NOW.0 + 51)), Ok(Amount(5 * 999)));
        assert_eq!((verdict(&panel, 0), panel.unsettled_count), ((Tokens(0), outcome::NONE), 2));
        check(&panel);
        assert_eq!(join(&mut panel, node(2, 2, 2), NOW), Err(EscrowError::WrongPanelState));
    }

    #[test]
    fn results_are_hidden_until_all_have_one() {
        let mut panel = full(3, 2);
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
        assert_eq!(tally(&mut panel, Timestamp(NOW.0 + 161)), Ok(Amount(999)));
        assert_eq!(tally(&mut panel, NOW), Err(EscrowError::WrongPanelState));
        assert_eq!(pay(&mut panel, 1), Err(EscrowError::WrongReplica));
        assert_eq!(pay(&mut panel, 3), Err(EscrowError::WrongReplica));
        assert_eq!(pay(&mut panel, 0).unwrap(), Payout { pay: Amount(966), fee: Amount(33), refund: Amount(0) });
        assert_eq!(pay(&mut panel, 0), Err(EscrowError::WrongReplica));
        let payout = pay(&mut panel, 2).unwrap();
        check(&panel);
        write_off(&mut panel, payout).unwrap();
        check(&panel);
        assert_eq!((panel.held, panel.unpaid_count), (Amount(0), 0));
        // Who committed may reveal when the time of the others has passed.
        opened(&mut late, 0, 5, 0, Timestamp(NOW.0 + 160)).unwrap();
        assert_eq!(opened(&mut late, 1, 5, 1, Timestamp(NOW.0 + 161)), Err(EscrowError::TooLate));
    }

    #[test]
    fn a_matching_that_the_market_does_not_offer_is_refused() {
        let order = |price, duration, replicas, quorum| Order {
            price: Amount(price),
            duration: Seconds(duration),
            replicas,
            quorum,
        };
        let cost_of = |order: Order| cost(&terms(), &verification(), &order);
        let refused = Err(EscrowError::PanelsNotOffered);
        assert_eq!(cost_of(order(10, 60, 2, 2)), refused);
        assert_eq!(cost_of(order(10, 60, 16, 2)), refused);
        assert_eq!(cost_of(order(10, 60, 3, 1)), refused);
        assert_eq!(cost_of(order(10, 60, 3, 4)), refused);
        assert_eq!(cost_of(order(0, 60, 3, 2)), Err(EscrowError::PriceOutOfRange));
        assert_eq!(cost_of(order(1_001, 60, 3, 2)), Err(EscrowError::PriceOutOfRange));
        assert_eq!(cost_of(order(10, 9, 3, 2)), Err(EscrowError::DurationOutOfRange));
        assert_eq!(cost_of(order(10, 60, 15, 15)), Ok(Amount(150)));
        let usual = order(10, 60, 3, 2);
        assert_eq!(cost(&terms(), &Verification { min_replicas: 0, ..verification() }, &usual), refused);
        assert_eq!(cost(&Terms { pricing: pricing::METERED, ..terms() }, &verification(), &usual), refused);
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
            results.truncate(15);
            let honest = results.iter().filter(|result| **result == 9).count();
            let turn = turn % results.len();
            results.rotate_left(turn);
            let mut panel = decided(&results, 2);
            prop_assert_eq!(panel.state, panel_state::AGREED);
            prop_assert_eq!(panel.result, [9; 32]);
            for (index, &result) in results.iter().enumerate() {
                let (seize, _) = verdict(&panel, index as u8);
                prop_assert_eq!(result == 9, seize == Tokens(0));
                prop_assert_eq!(result == 9, pay(&mut panel, index as u8).is_ok());
                check(&panel);
            }
            prop_assert_eq!((panel.held, panel.unpaid_count), (Amount(0), 0));
            prop_assert_eq!(panel.paid.0 + panel.fee_paid.0, 999 * honest as u64);
        }
    }
}
