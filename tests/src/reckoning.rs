//! How much, and from when: what a call writes as an amount or a date is reckoned anew here, from what was there before, by the
//! sentences of the programs' pages and not by their functions. Nothing here knows an instruction: what an account became says which
//! rule holds.

mod bme;
mod identity;
mod jobs;
mod stake;
mod whole;

use {
    crate::{
        authorization::{Transition, Verdict, hold},
        books::read,
    },
    joule_bme_interface::state as bme_state,
    joule_escrow_interface::{
        posting_id,
        state::{self as escrow, NONE, job_state, matching, pricing},
    },
    joule_identity_interface::state as identity_state,
    joule_interface::Address,
    joule_math::{Bps, Seconds, Timestamp},
    joule_stake_interface::state as stake_state,
    solana_account::Account,
};

const NEVER: Timestamp = Timestamp(0);

fn later(at: Timestamp, period: Seconds) -> Timestamp {
    Timestamp(at.0 + period.0 as i64)
}

/// A part, rounded down.
fn part(of: u64, share: Bps) -> u64 {
    (of as u128 * share.0 as u128 / 10_000) as u64
}

/// A part, rounded up.
fn part_up(of: u64, share: Bps) -> u64 {
    (of as u128 * share.0 as u128).div_ceil(10_000) as u64
}

/// Tokens that exist of a mint.
fn supply(account: &Account) -> Option<u64> {
    let bytes = account.data.get(36..44)?;
    Some(u64::from_le_bytes(bytes.try_into().unwrap()))
}

impl Transition<'_> {
    /// Amounts and dates of one account.
    pub(crate) fn reckon(&self, address: &Address, before: Option<&Account>, after: Option<&Account>) -> Verdict {
        macro_rules! rule {
            ($($kind:ty: $rule:ident),* $(,)?) => {
                $({
                    let (before, after) = (before.and_then(read::<$kind>), after.and_then(read::<$kind>));
                    if let Some(is) = after {
                        return self.$rule(address, before, is);
                    }
                })*
            };
        }
        rule! {
            escrow::Job: dates_of_job,
            escrow::Panel: dates_of_panel,
            escrow::Game: dates_of_game,
            escrow::Gang: dates_of_gang,
            escrow::Mandate: amounts_of_mandate,
            bme_state::Network: reckon_network,
            bme_state::CreditAccount: reckon_credits,
            bme_state::BurnShard: reckon_burn_shard,
            bme_state::WorkShard: reckon_work_shard,
            bme_state::ProviderWork: reckon_provider_work,
            bme_state::Epoch: reckon_epoch,
            bme_state::Spender: reckon_spender,
            bme_state::PolicyChange: reckon_policy_change,
            bme_state::OracleSet: reckon_oracles,
            bme_state::RewardRoot: reckon_root,
            bme_state::RootClaim: reckon_root_claim,
            bme_state::Upkeep: reckon_upkeep,
            bme_state::Auction: reckon_auction,
            bme_state::DollarShard: reckon_dollar_shard,
            stake_state::Pool: reckon_pool,
            stake_state::PolicyChange: reckon_rules,
            stake_state::Rewards: reckon_rewards,
            stake_state::Provider: reckon_provider,
            stake_state::ProviderStub: reckon_stub,
            stake_state::Delegation: reckon_delegation,
            stake_state::UnbondingTicket: reckon_ticket,
            stake_state::Slasher: reckon_slasher,
            stake_state::Bond: reckon_bond,
            stake_state::Slash: reckon_slash,
            identity_state::Registry: reckon_registry,
            identity_state::Class: reckon_class,
            identity_state::Tree: reckon_tree,
            identity_state::Node: reckon_node,
            identity_state::SpecificationClaim: reckon_claim,
            identity_state::Commitment: reckon_commitment,
            identity_state::Statement: reckon_statement,
        }
        macro_rules! end {
            ($($kind:ty: $rule:ident),* $(,)?) => {
                $(if let Some(was) = before.and_then(read::<$kind>) {
                    return self.$rule(was);
                })*
            };
        }
        end! {
            bme_state::RewardRoot: root_ends,
            stake_state::Slasher: slasher_ends,
            stake_state::Slash: slash_ends,
            identity_state::Class: class_ends,
            identity_state::Node: node_ends,
            identity_state::Commitment: commitment_ends,
            identity_state::Statement: statement_ends,
        }
        Ok(())
    }

    /// By how much a job's deadline is set is in its terms, and from when is what happened to it.
    fn dates_of_job(&self, _: &Address, before: Option<&escrow::Job>, is: &escrow::Job) -> Verdict {
        use job_state::*;
        let (now, terms) = (self.now, &is.terms);
        let Some(was) = before.filter(|was| was.posting_id == is.posting_id) else {
            return match before {
                Some(was) if was.hand_backs < is.hand_backs => Ok(()),
                _ => self.reckon_posting(is),
            };
        };
        if was == is {
            return Ok(());
        }
        self.charge_of_job(was, is)?;
        if was.state == GANG {
            return Ok(());
        }
        self.earns(was, is)?;
        self.stops(was, is)?;
        self.accepted(was, is)?;
        self.given_up(was, is)?;
        let deadline =
            |at: Timestamp, window| hold(is.deadline_at == later(at, window), "a deadline from another time");
        match (was.state, is.state) {
            (BIDDING, BIDDING) if was.price != is.price => {
                let end = was.deadline_at.max(later(now, terms.bid_extension));
                hold(is.deadline_at == end, "a bid moved the end of its auction from another time")?;
            }
            (BIDDING | OFFERED, ASSIGNED) => deadline(was.deadline_at, terms.start_window)?,
            (POSTED | ASSIGNED, RUNNING) => {
                let begins = [is.started_at, is.last_heartbeat_at];
                hold(begins == [now; 2] && is.ends_at == later(now, is.duration), "a job's time is another")?;
            }
            (RUNNING, DELIVERED) => deadline(now, terms.acceptance_window)?,
            (DELIVERED, REJECTED) => {
                deadline(now, terms.arbitration_window)?;
                let stake = part_up(was.amount_due.0 - was.earned.0, terms.rejection_stake);
                let more = [is.deposited.0 - was.deposited.0, is.held.0 - was.held.0, is.rejection_stake.0];
                hold(more == [stake; 3], "a rejection costs another stake")?;
            }
            (RUNNING, REDEEMING) => deadline(now.min(was.ends_at), terms.late_window)?,
            (RUNNING, RUNNING) => {
                let more = is.ends_at.0 - was.ends_at.0;
                if more > 0 {
                    let lasts = (is.ends_at.0 - is.started_at.0) as u64;
                    hold(lasts <= terms.max_duration.0 as u64, "a job lasts longer than its market lets it")?;
                }
                let metered = terms.pricing == pricing::METERED;
                let time = if metered { more.max(0) as u128 } else { 0 };
                let units = (is.max_units - was.max_units) as u128;
                let price = is.price.0 as u128 * (time + units);
                let paid_in = (is.deposited.0 - was.deposited.0) as u128;
                hold(paid_in == price, "more time or units at another price")?;
            }
            _ => {}
        }
        if was.state == RUNNING && is.state != RUNNING {
            hold(is.stopped_at == now.min(was.ends_at), "a job stopped at another time")?;
            self.ends_in_time(was, is)?;
        }
        if was.state == ASSIGNED && is.bond_to_seize != was.bond_to_seize {
            self.price_of_a_bond(was, is)?;
        }
        if is.state == FINISHED && was.state != FINISHED && was.state != GANG {
            let fee = part(is.earned.0, terms.fee_share);
            let lost = is.lost_by_hand_backs().map_or(0, |lost| lost.0) + is.rejection_stake.0;
            let most = fee + lost;
            hold(is.fee_paid.0 <= most, "a fee of more than its share")?;
        }
        Ok(())
    }

    /// A new posting holds what it can cost, and waits for as long as its market says.
    fn reckon_posting(&self, is: &escrow::Job) -> Verdict {
        use job_state::*;
        let terms = &is.terms;
        if is.state == GANG {
            return Ok(());
        }
        let assigned = is.state == ASSIGNED || is.matching == matching::DIRECT;
        let window = if assigned { terms.start_window } else { terms.wait_window };
        hold(is.deadline_at == later(self.now, window), "a job waits for another time")?;
        let (price, duration) = (is.price.0 as u128, is.duration.0 as u128);
        let cost = match terms.pricing {
            pricing::FIXED => price,
            pricing::USAGE => price * is.max_units as u128,
            _ => price * duration,
        };
        let returnable = is.matching == matching::QUEUE
            && terms.fee_share != Bps(0)
            && !terms.bond_amount.is_zero()
            && terms.pricing != pricing::USAGE;
        let least = terms.min_duration.0.min(escrow::MIN_PAID_DURATION.0).min(is.duration.0) as u128;
        let each = if terms.pricing == pricing::FIXED { (price * least).div_ceil(duration) } else { price * least };
        let reserve = if returnable { each * escrow::MAX_HAND_BACKS as u128 } else { 0 };
        hold(is.deposited.0 as u128 == cost + reserve, "a job holds another amount than it can cost")?;
        let charged = if is.mandate_id == 0 { 0 } else { is.deposited.0 };
        hold(is.mandate_charged.0 == charged, "a posting is charged otherwise than it costs")
    }

    /// What a delegate adds is charged, and what was charged comes back to the mandate that it was charged to.
    fn charge_of_job(&self, was: &escrow::Job, is: &escrow::Job) -> Verdict {
        let added = is.deposited.0 - was.deposited.0;
        let charged = is.mandate_charged.0 as i128 - was.mandate_charged.0 as i128;
        let by_client = self.signers.contains(&was.client);
        if added > 0 && was.mandate_id != 0 && !by_client {
            hold(charged == added as i128, "what a delegate added is not charged to its mandate")?;
        }
        if charged >= 0 {
            return Ok(());
        }
        hold(is.mandate_charged.is_zero() && is.has_given_back(), "a part of what was charged was forgotten")?;
        let all = || self.before.iter().chain(self.others.iter());
        let is_its = |one: &escrow::Mandate| one.owner == was.client && one.id == was.mandate_id;
        let index = (was.mandate_id as u16).to_le_bytes();
        let place = joule_escrow_interface::pda::mandate::find(&was.client, &index).0;
        let own = self.before.values().filter_map(read::<escrow::Mandate>).any(is_its);
        let is_left = all().any(|(at, account)| *at == place && read::<escrow::Mandate>(account).is_some_and(is_its));
        let given = self.before.iter().filter(|(_, account)| read::<escrow::Mandate>(account).is_some());
        let is_another = { given }.any(|(at, _)| *at != place);
        hold(own || !is_left && !is_another, "what was charged to a mandate was forgotten with another")
    }

    /// Whom nobody was late for by the halts that are known is not judged late.
    fn ends_in_time(&self, was: &escrow::Job, is: &escrow::Job) -> Verdict {
        let failed = is.outcome == escrow::outcome::FAILED;
        let fixed = was.terms.pricing == pricing::FIXED;
        let parties = [&was.client, &was.provider];
        if !failed || !fixed || parties.iter().any(|party| self.signers.contains(party)) {
            return Ok(());
        }
        let last = later(was.ends_at, was.terms.late_window);
        hold(self.now > self.moved(was.started_at, last), "a job failed in time that a halt gave it")
    }

    /// A deadline, moved by the halts that are known, each by what of it came after the deadline was set. Of slow ones, nothing.
    fn moved(&self, set_at: Timestamp, deadline_at: Timestamp) -> Timestamp {
        let clocks = self.after.values().chain(self.others.values()).filter_map(read::<escrow::HaltClock>);
        let mut halts: Vec<escrow::Halt> = clocks.into_iter().flat_map(|clock| clock.halts).collect();
        halts.sort_by_key(|halt| halt.began_at);
        halts.dedup_by_key(|halt| halt.began_at);
        let mut moved = deadline_at.0;
        for halt in halts.iter().filter(|halt| halt.length != 0) {
            let lasted = (halt.ended_at.0 - halt.began_at.0) as u64;
            let is_slow = halt.length < lasted / 2;
            if halt.began_at.0 <= moved && !is_slow {
                let passed = (halt.ended_at.0 - halt.began_at.0.max(set_at.0)).max(0) as u64;
                moved += halt.length.min(passed) as i64;
            }
        }
        Timestamp(moved)
    }

    /// What a provider loses that leaves a reservation, or does not start: by straight lines, up to the start and not beyond.
    fn price_of_a_bond(&self, was: &escrow::Job, is: &escrow::Job) -> Verdict {
        let bond = was.terms.bond_amount.0 as u128;
        let starts_at = was.deadline_at.0 - was.terms.start_window.0 as i64;
        let lead = was.lead_period.0 as i64;
        if lead == 0 {
            let penalty = part(bond as u64, was.terms.no_start_penalty);
            return hold(is.bond_to_seize.0 == penalty, "not to start costs another part of the bond");
        }
        let passed = (lead - (starts_at - self.now.0).max(0)).max(0) as u128;
        let line = (bond * was.cancellation_fee.0 as u128 * passed).div_ceil(10_000 * lead as u128) as u64;
        let early = part_up(bond as u64, was.cancellation_fee).max(line);
        let late = part(bond as u64, was.terms.no_start_penalty);
        hold(is.bond_to_seize.0 >= line, "a reservation was left for less")?;
        let least = jobs::shortest_of_bond(was) as u64;
        let most = if self.now.0 < starts_at { line.max(least) } else { early.max(late).max(least) };
        hold(is.bond_to_seize.0 <= most, "a reservation was left for more")
    }

    fn dates_of_panel(&self, _: &Address, before: Option<&escrow::Panel>, is: &escrow::Panel) -> Verdict {
        use escrow::{panel_state::*, replica_state};
        let (now, terms) = (self.now, &is.terms);
        let has_bond = !terms.bond_amount.is_zero();
        let penalty = if has_bond { part(is.price.0, terms.no_start_penalty) } else { 0 };
        let deadline = |at: Timestamp, window| {
            hold(is.deadline_at == later(at, window), "a panel's deadline is from another time")
        };
        let Some(was) = before.filter(|was| was.posting_id == is.posting_id) else {
            let cost = (is.price.0 + penalty) * is.replica_count as u64;
            hold(is.deposited.0 == cost, "a panel holds another amount than it can cost")?;
            return deadline(now, terms.wait_window);
        };
        match (was.state, is.state) {
            (JOINING, ACKNOWLEDGING) => deadline(now, terms.start_window)?,
            (ACKNOWLEDGING, JOINING) => deadline(now, terms.wait_window)?,
            (ACKNOWLEDGING, COMMITTING) => deadline(now, is.duration)?,
            (COMMITTING, REVEALING | AGREED | DIVIDED) => deadline(was.deadline_at, is.reveal_window)?,
            (one, other) if one == other => hold(is.deadline_at == was.deadline_at, "a panel's deadline moved")?,
            _ => {}
        }
        let silent = |panel: &escrow::Panel| {
            panel.replicas.iter().filter(|one| one.state == replica_state::JOINED).count() as u64
        };
        if was.state == ACKNOWLEDGING {
            let out = match is.state {
                DISSOLVED => silent(was),
                ACKNOWLEDGING | JOINING => {
                    silent(was).saturating_sub(silent(is)) * (is.joined_count < was.joined_count) as u64
                }
                _ => 0,
            };
            let more = is.penalty_owed.0 - was.penalty_owed.0;
            hold(more == penalty * out, "another amount is burned for who did not acknowledge the input")?;
        }
        let due = match is.state {
            AGREED => is.price.0,
            DIVIDED => part(is.price.0, is.no_quorum_pay),
            _ => return Ok(()),
        };
        for (was_one, one) in was.replicas.iter().zip(&is.replicas) {
            if was.state < AGREED {
                hold([0, due].contains(&one.owed.0), "a replica is owed another amount")?;
            } else if was_one.owed != one.owed && one.owed.is_zero() && one.fee_paid == 0 {
                let out = is.paid.0 + is.fee_paid.0 - was.paid.0 - was.fee_paid.0;
                let fee = part(due, terms.fee_share).min(was_one.owed.0);
                let goes = out == was_one.owed.0 && was_one.fee_paid == 0;
                hold(!goes || is.fee_paid.0 - was.fee_paid.0 == fee, "a replica's fee is of another amount")?;
            }
        }
        Ok(())
    }

    fn dates_of_game(&self, _: &Address, before: Option<&escrow::Game>, is: &escrow::Game) -> Verdict {
        use escrow::game_phase::*;
        if before.is_some_and(|was| was.move_count == is.move_count) {
            return hold(before.is_none_or(|was| was.deadline_at == is.deadline_at), "a game's time was set");
        }
        let window = match is.phase {
            OPEN | CHOOSE | SHOW => is.move_window,
            PROVE if is.verifier != NONE => is.move_window,
            PROVE => is.decision_window,
            _ => Seconds(0),
        };
        hold(is.deadline_at == later(self.now, window), "a move has another time")
    }

    /// A place holds a machine as long as it has a member. The clock stops now, or when all its time has run.
    fn dates_of_gang(&self, _: &Address, before: Option<&escrow::Gang>, is: &escrow::Gang) -> Verdict {
        use escrow::gang_state::*;
        let members = is.places.iter().filter(|place| place.machine != 0).count();
        hold(members == is.joined as usize, "a gang holds another number of machines than it has members")?;
        let Some(was) = before else { return Ok(()) };
        let stopped_at = match (was.state, is.state) {
            (RUNNING, BROKEN | STOPPED) => self.now,
            (RUNNING, FINISHED) => Timestamp(was.started_at.0 + was.duration.0 as i64 + was.stood as i64),
            (BROKEN, RUNNING) | (FILLING, _) => NEVER,
            _ => was.stopped_at,
        };
        hold(is.stopped_at == stopped_at, "a gang stopped at another time")?;
        let jobs = self.before.values().filter_map(read::<escrow::Job>);
        let own = { jobs }.find(|job| job.market == is.market && job.state == job_state::GANG);
        if let (Some(job), (RUNNING, BROKEN)) = (own, (was.state, is.state)) {
            let until = later(self.now, job.terms.wait_window);
            hold(is.deadline_at == until, "a gang that lacks a member waits for another time")?;
        }
        Ok(())
    }

    /// What a mandate spent, and what came back to it: reckoned from the jobs that were charged.
    fn amounts_of_mandate(&self, _: &Address, before: Option<&escrow::Mandate>, is: &escrow::Mandate) -> Verdict {
        let Some(was) = before.filter(|was| was.id == is.id) else { return Ok(()) };
        let own = |job: &&escrow::Job| job.mandate_id == was.id && job.client == was.owner;
        let (mut spent, mut used) = (was.spent.0, self.still_used(was));
        let (mut refunds, mut charges) = (0, 0);
        for (address, account) in self.after.iter() {
            let old = self.before.get(address).and_then(read::<escrow::Job>).filter(own);
            let new = read::<escrow::Job>(account).filter(own);
            let is_same = old.zip(new).is_some_and(|(old, new)| old.posting_id == new.posting_id);
            let charged = |job: Option<&escrow::Job>| job.map_or(0, |job| job.mandate_charged.0);
            let kept = if is_same { charged(new) >= charged(old) } else { charged(old) == 0 };
            if let Some(job) = old.filter(|_| !kept) {
                let back = (job.refunded.0 + job.penalty.0).min(job.mandate_charged.0);
                refunds += back;
                spent = spent.saturating_sub(back);
                if job.hand_backs == 0 {
                    let held_for = self.now.since(posting_id::posted_at(job.posting_id)) as u128;
                    let window = was.window.0 as u128;
                    let filled = (was.limit.0 as u128 * held_for.min(window)).div_ceil(window) as u64;
                    used = used.saturating_sub(back.saturating_sub(filled));
                }
            }
            let before = if is_same && kept { charged(old) } else { 0 };
            charges += charged(new) - before.min(charged(new));
        }
        hold(is.spent.0 == spent + charges, "a mandate spent another amount than its jobs were charged")?;
        if refunds == 0 && charges == 0 {
            return Ok(());
        }
        // Several of both in turn: between them nothing falls below zero.
        let exact = self.still_used(is) == used + charges;
        hold(exact || refunds != 0 && charges != 0, "another part of a mandate's limit is used")
    }

    /// What is left of a limit's use: it fills evenly.
    fn still_used(&self, mandate: &escrow::Mandate) -> u64 {
        let (elapsed, window) = (self.now.since(mandate.used_at) as u128, mandate.window.0 as u128);
        let filled = mandate.limit.0 as u128 * elapsed.min(window) / window;
        if elapsed >= window { 0 } else { mandate.used.0.saturating_sub(filled as u64) }
    }
}
