//! How much, and from when: what a call writes as an amount or a date is reckoned anew here, from what was there before, by the
//! sentences of the programs' pages and not by their functions. Nothing here knows an instruction: what an account became says which
//! rule holds.

mod jobs;

use {
    crate::{
        authorization::{Transition, Verdict, hold},
        books::{Accounts, read},
    },
    joule_bme_interface::{price_update::PriceUpdate, state as bme},
    joule_escrow_interface::{
        posting_id,
        state::{self as escrow, NONE, job_state, matching, pricing},
    },
    joule_identity_interface::state as identity,
    joule_interface::Address,
    joule_math::{Bps, Seconds, Timestamp},
    joule_stake_interface::state as stake,
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

/// Of a bond, as large a part as the shortest paid time is of the job's.
fn shortest(job: &escrow::Job) -> u64 {
    let least = job.terms.min_duration.0.min(escrow::MIN_PAID_DURATION.0).min(job.duration.0) as u128;
    (job.terms.bond_amount.0 as u128 * least).div_ceil(job.duration.0.max(1) as u128) as u64 + 1
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
            bme::Network: dates_of_network,
            bme::Epoch: dates_of_epoch,
            bme::OracleSet: dates_of_oracles,
            bme::RewardRoot: dates_of_root,
            bme::DollarShard: prices_of_dollars,
            bme::Auction: prices_of_auction,
            stake::Pool: dates_of_pool,
            stake::Provider: amounts_of_provider,
            stake::Slash: dates_of_slash,
            stake::UnbondingTicket: dates_of_ticket,
            stake::Slasher: dates_of_slasher,
            identity::Node: dates_of_node,
            identity::Statement: what_was_said,
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
        let least = shortest(was);
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

    /// Epochs end on a grid, however late somebody closes one.
    fn dates_of_network(&self, _: &Address, before: Option<&bme::Network>, is: &bme::Network) -> Verdict {
        let Some(was) = before else { return Ok(()) };
        if is.open_epoch == was.open_epoch {
            return hold(is.epoch_ends_at <= was.epoch_ends_at, "an epoch became longer");
        }
        let periods = (is.open_epoch - was.open_epoch) as i64;
        let end = was.epoch_ends_at.0 + periods * was.policy.epoch_duration.0 as i64;
        hold(is.epoch_ends_at.0 == end, "an epoch ends at another time")
    }

    fn dates_of_epoch(&self, _: &Address, before: Option<&bme::Epoch>, is: &bme::Epoch) -> Verdict {
        if let Some(was) = before {
            let dates = |epoch: &bme::Epoch| (epoch.ended_at, epoch.closed_at, epoch.periods);
            return hold(dates(was) == dates(is), "an epoch's time changed");
        }
        let Some(network) = self.before.get(&is.network).and_then(read::<bme::Network>) else { return Ok(()) };
        let late = (is.periods as i64 - 1) * network.policy.epoch_duration.0 as i64;
        let ended_at = Timestamp(network.epoch_ends_at.0 + late);
        hold((is.ended_at, is.closed_at) == (ended_at, self.now), "an epoch ended at another time")
    }

    /// Oracles that were proposed take office once.
    fn dates_of_oracles(&self, _: &Address, before: Option<&bme::OracleSet>, is: &bme::OracleSet) -> Verdict {
        let Some(was) = before else { return Ok(()) };
        let waits = (is.executable_at, is.proposed_count) == (was.executable_at, was.proposed_count);
        if is.generation != was.generation {
            let none = is.executable_at == NEVER && is.proposed_count == 0 && is.proposed_threshold == 0;
            return hold(none, "oracles took office, and still wait");
        }
        let Some(network) = self.find::<bme::Network>(&is.network).filter(|_| !waits) else { return Ok(()) };
        let from = later(self.now, network.policy.change_delay);
        hold(is.executable_at == from, "oracles wait for another time")
    }

    /// A root ripens from its last approval that is needed, opens from its activation, and can be claimed from when something opened.
    fn dates_of_root(&self, _: &Address, before: Option<&bme::RewardRoot>, is: &bme::RewardRoot) -> Verdict {
        let was = before.copied().unwrap_or_default();
        if is.activatable_at != was.activatable_at
            && let Some(network) = self.find::<bme::Network>(&is.network)
        {
            let from = later(self.now, network.policy.root_delay);
            hold(is.activatable_at == from, "a root ripens at another time")?;
        }
        let activated = is.activated_at != was.activated_at;
        hold(!activated || is.activated_at == self.now, "a root became active at another time")?;
        let opens = is.opened > was.opened || activated;
        hold(!opens || is.opened_at == self.now, "a root opened at another time")?;
        if is.opened > was.opened {
            let all = (is.total.0 - is.previous_total.0) as u128;
            let (passed, period) = (self.now.since(is.activated_at) as u128, is.opening_period.0 as u128);
            let most = if passed >= period { all } else { all * passed / period };
            hold(is.opened.0 as u128 <= most, "more of a root is open than its time lets")?;
        }
        Ok(())
    }

    fn prices_of_dollars(&self, _: &Address, before: Option<&bme::DollarShard>, is: &bme::DollarShard) -> Verdict {
        let sold = before.is_some_and(|was| is.issued > was.issued);
        if sold { self.prices_are_new(&is.network) } else { Ok(()) }
    }

    fn prices_of_auction(&self, _: &Address, before: Option<&bme::Auction>, is: &bme::Auction) -> Verdict {
        let Some(was) = before else { return Ok(()) };
        if is.paid == was.paid {
            return Ok(());
        }
        self.prices_are_new(&is.network)?;
        // What the auction's discount comes back by is time, whatever was sold before.
        let (limit, window) = (was.policy.limit.0 as u128, was.policy.window.0 as u128);
        let leaked = limit * self.now.since(was.leaked_at) as u128 / window.max(1);
        let level = (was.level.0 as u128).saturating_sub(leaked);
        // Tokens are worth no more than what was paid for them at the highest discount.
        let paid = (is.paid.0 - was.paid.0 + 1) as u128;
        let worth = (paid * 10_000).div_ceil(10_000 - was.policy.max_discount.0 as u128) + 1;
        hold(is.level.0 as u128 <= level + worth && is.leaked_at == self.now, "an auction's level is of another time")
    }

    /// Prices that a call was given are as new as the network asks: the stablecoin's of the last minute.
    fn prices_are_new(&self, network: &Address) -> Verdict {
        let Some(network) = self.find::<bme::Network>(network) else { return Ok(()) };
        let age = |seconds: Seconds| self.now.0 - seconds.0 as i64;
        let max_age = network.policy.max_price_age;
        for account in self.before.values().filter(|account| account.owner == network.policy.price_receiver) {
            let Some(bytes) = account.data.get(..size_of::<PriceUpdate>()) else { continue };
            let update: PriceUpdate = bytemuck::pod_read_unaligned(bytes);
            if update.feed_id == network.policy.feed_id {
                hold(update.publish_time >= age(max_age), "a price that is too old")?;
            } else if update.feed_id == network.dollar_feed_id {
                let age = age(max_age.min(bme::MAX_DOLLAR_AGE));
                hold(update.publish_time >= age, "a dollar that is too old")?;
            }
        }
        Ok(())
    }

    /// Who leaves by the longer time is waited for by the longer time.
    fn dates_of_pool(&self, _: &Address, before: Option<&stake::Pool>, is: &stake::Pool) -> Verdict {
        let Some(was) = before else { return Ok(()) };
        let (old, new) = (was.policy.unbonding_period, is.policy.unbonding_period);
        let ends_at = if new < old {
            was.longer_unbonding_ends_at.max(later(self.now, old))
        } else {
            was.longer_unbonding_ends_at
        };
        hold(is.longer_unbonding_ends_at == ends_at, "who leaves by the longer time is forgotten")
    }

    fn amounts_of_provider(&self, _: &Address, before: Option<&stake::Provider>, is: &stake::Provider) -> Verdict {
        let Some(pool) = self.find::<stake::Pool>(&is.pool) else { return Ok(()) };
        let Some(was) = before else { return Ok(()) };
        let (now, policy) = (self.now, &pool.policy);
        if is.next_commission_at != was.next_commission_at && is.next_commission_at != NEVER {
            hold(is.next_commission_at == later(now, policy.commission_delay), "a commission from another time")?;
            let step = is.next_commission.0.abs_diff(is.commission.0);
            hold(step <= policy.max_commission_step.0, "a commission moves by more than a step")?;
        }
        if is.commission != was.commission {
            let due = was.next_commission_at != NEVER && now >= was.next_commission_at;
            hold(due && is.commission == was.next_commission, "another commission than was announced")?;
        }
        if is.jail_ends_at != was.jail_ends_at {
            let until = was.jail_ends_at.max(later(now, policy.jail_period));
            hold(is.jail_ends_at == until, "jail for another time")?;
        }
        if is.window_started_at != was.window_started_at {
            hold(is.window_started_at == now && is.window_stake == was.stake().unwrap_or_default(), "another window")?;
            let counted = is.window_sentences.iter().map(|count| *count as u32).sum::<u32>();
            hold(counted <= 1, "a window counts what was before it")?;
        }
        self.amounts_of_slashed(pool, was, is)
    }

    /// Of what was slashed, the policy's part is burned, once, and all the rest is the treasury's.
    fn amounts_of_slashed(&self, pool: &stake::Pool, was: &stake::Provider, is: &stake::Provider) -> Verdict {
        if is.slashed >= was.slashed && is.treasury_due >= was.treasury_due {
            return Ok(());
        }
        let supplies = |accounts: &Accounts| accounts.get(&pool.mint).and_then(supply);
        let Some((old, new)) = supplies(self.before).zip(supplies(self.after)) else { return Ok(()) };
        let slashed = was.slashed.0 - is.slashed.0;
        let none = pool.treasury == Address::default();
        let burned = if none { slashed + was.treasury_due.0 } else { part_up(slashed, pool.policy.slash_burned_share) };
        hold(old - new == burned, "another part of what was slashed was burned")
    }

    fn dates_of_slash(&self, _: &Address, before: Option<&stake::Slash>, is: &stake::Slash) -> Verdict {
        let provider = self.find::<stake::Provider>(&is.provider);
        let pool = provider.and_then(|provider| self.find::<stake::Pool>(&provider.pool));
        let Some(pool) = pool.filter(|_| before.is_none()) else { return Ok(()) };
        let from = later(self.now, pool.policy.slash_delay);
        let dates = (from, later(from, pool.policy.slash_execution_window));
        hold((is.executable_at, is.expires_at) == dates, "a slash has another time")
    }

    /// What leaves is due after the unbonding period; what is withheld, once every slash that is proposed now has expired.
    fn dates_of_ticket(
        &self,
        _: &Address,
        before: Option<&stake::UnbondingTicket>,
        is: &stake::UnbondingTicket,
    ) -> Verdict {
        let provider = self.find::<stake::Provider>(&is.provider);
        let pool = provider.and_then(|provider| self.find::<stake::Pool>(&provider.pool));
        let Some(policy) = pool.map(|pool| pool.policy) else { return Ok(()) };
        let Some(was) = before else {
            let due = later(self.now, policy.unbonding_period);
            hold(is.withdrawable_at == due, "a ticket is due at another time")?;
            return self.begins_by_what_is_there(is);
        };
        let withheld = was.part.withheld == 0 && is.part.withheld != 0;
        let until = later(later(self.now, policy.slash_delay), policy.slash_execution_window);
        let due = if withheld { until } else { was.withdrawable_at };
        hold(is.withdrawable_at == due, "a ticket is due at another time")
    }

    /// A ticket on its way earns from now on: by its new provider's indexes.
    fn begins_by_what_is_there(&self, is: &stake::UnbondingTicket) -> Verdict {
        let target = self.after.get(&is.new_delegation).and_then(read::<stake::Delegation>);
        let to = target.and_then(|target| self.after.get(&target.provider)).and_then(read::<stake::Provider>);
        let Some(to) = to else { return Ok(()) };
        let indexes = (to.incoming_index, to.incoming_commission_index);
        hold((is.reward_index, is.commission_index) == indexes, "a ticket earns what came before it")
    }

    fn dates_of_slasher(&self, _: &Address, before: Option<&stake::Slasher>, is: &stake::Slasher) -> Verdict {
        let Some(was) = before else { return Ok(()) };
        let Some(pool) = self.find::<stake::Pool>(&is.pool) else { return Ok(()) };
        let loses = was.rights & stake::rights::BOND != 0 && is.rights & stake::rights::BOND == 0;
        let free_at = if loses { later(self.now, pool.policy.unbonding_period) } else { was.bonds_free_at };
        hold(is.bonds_free_at == free_at, "bonds are free at another time")
    }

    /// A guardian's suspension lasts its period; once it is over, he waits as long; what is lost is not in service.
    fn dates_of_node(&self, _: &Address, before: Option<&identity::Node>, is: &identity::Node) -> Verdict {
        use identity::{SUSPENSION_PERIOD, status::*};
        hold(is.status & LOST == 0 || is.status & ACTIVE == 0, "a lost machine is in service")?;
        hold(is.status & (SUSPENDED | REVOKED) == 0 || is.status & ACTIVE == 0, "a blocked machine is in service")?;
        let Some(was) = before else { return Ok(()) };
        let (set, cleared) = (is.suspension_ends_at > was.suspension_ends_at, was.status & !is.status & SUSPENDED != 0);
        hold(!set || is.suspension_ends_at == later(self.now, SUSPENSION_PERIOD), "suspended for another time")?;
        let again = if cleared { later(self.now, SUSPENSION_PERIOD) } else { was.guardian_suspends_at };
        hold(is.guardian_suspends_at == again, "a guardian waits for another time")?;
        let synced = is.synced_at == was.synced_at || is.synced_at == self.now;
        hold(synced, "a machine was looked at at another time")?;
        let lost_before = was.status & is.status & LOST != 0;
        hold(!lost_before || is.synced_at == was.synced_at, "a lost machine is lost anew")
    }

    /// A statement says what the machine is, and the stake answers to the end.
    fn what_was_said(&self, _: &Address, before: Option<&identity::Statement>, is: &identity::Statement) -> Verdict {
        if let Some(was) = before {
            let is_punished = was.punished == 0 && is.punished == 1;
            return hold(!is_punished || self.now < was.liability_ends_at, "an attestor was punished too late");
        }
        let Some(node) = self.find::<identity::Node>(&is.node) else { return Ok(()) };
        let machine = (node.registry, node.owner, node.specification, node.site, node.class);
        let said = (is.registry, is.owner, is.specification, is.site, is.class);
        hold(machine == said, "a statement is about another machine")?;
        let Some(registry) = self.find::<identity::Registry>(&is.registry) else { return Ok(()) };
        let until = later(is.expires_at, registry.policy.liability_period);
        let attestor = registry.attestors.iter().find(|one| one.id == is.attestor);
        let bond = (is.bond, Some(is.provider)) == (registry.policy.attestor_bond, attestor.map(|one| one.provider));
        hold(is.liability_ends_at == until && bond, "stake answers for another time or amount")
    }
}
