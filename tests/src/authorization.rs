//! Who may change what, and when: judged from what an account was and is, whatever instruction did it. What only one party
//! may give is given only if that party signed; what has its time does not happen before or after it.

mod dates;

use {
    crate::{
        books::{Accounts, read, read_queue},
        example::PROGRAMS,
    },
    joule_bme_interface::state as bme,
    joule_escrow_interface::state::{self as escrow, NONE, job_state, pricing},
    joule_identity_interface::state as identity,
    joule_interface::{Address, TOKEN_2022_PROGRAM, TOKEN_PROGRAM},
    joule_math::{Bps, Timestamp, Tokens, Weight, weight_at_price_floor},
    joule_stake_interface::state as stake,
    solana_account::Account,
    std::{cell::RefCell, collections::BTreeMap},
};

/// What was done, and by whom.
pub struct Transition<'a> {
    /// Accounts as they were: at least those that changed, and those that were given.
    pub before: &'a Accounts,
    /// Accounts as they are.
    pub after: &'a Accounts,
    /// Whatever else is known, to look things up.
    pub others: &'a Accounts,
    /// Who signed.
    pub signers: &'a [Address],
    /// When.
    pub now: Timestamp,
}

pub(crate) type Verdict = Result<(), &'static str>;

pub(crate) fn hold(holds: bool, what: &'static str) -> Verdict {
    if holds { Ok(()) } else { Err(what) }
}

impl Transition<'_> {
    /// No rule was broken by what became of these accounts.
    pub fn check<'k>(&self, changed: impl IntoIterator<Item = &'k Address>) -> Result<(), String> {
        self.each(changed, |address, before, after| self.one(address, before, after))
    }

    /// What became of these accounts in amounts and dates is what it should be.
    pub fn check_amounts<'k>(&'k self, changed: impl IntoIterator<Item = &'k Address>) -> Result<(), String> {
        self.each(changed, |address, before, after| self.reckon(address, before, after))
    }

    /// The same of those that are reckoned whole and were given: what should have changed did. Not where a stranger gives what he likes.
    pub fn check_missing_amounts(&self) -> Result<(), String> {
        let whole = [joule_bme_interface::ID, joule_stake_interface::ID, joule_identity_interface::ID];
        let given = self.before.iter().filter(|(_, account)| whole.contains(&account.owner)).map(|(key, _)| key);
        self.check_amounts(given)
    }

    fn each<'k>(
        &self,
        changed: impl IntoIterator<Item = &'k Address>,
        rule: impl Fn(&Address, Option<&Account>, Option<&Account>) -> Verdict,
    ) -> Result<(), String> {
        for address in changed {
            let (before, after) = (self.before.get(address), self.after.get(address));
            rule(address, before, after).map_err(|rule| {
                format!("{rule}: {address}, {} at {}, signed by {:?}", name(before.or(after)), self.now.0, self.signers)
            })?;
        }
        Ok(())
    }

    /// One that has a key signed. What only has an address is spoken for by a program.
    fn by(&self, who: &Address) -> bool {
        self.signers.contains(who) || !has_key(who)
    }

    /// As it was, if it was there or is given.
    pub(crate) fn find<T: joule_interface::Account>(&self, address: &Address) -> Option<&T> {
        let known = self.before.get(address).or_else(|| self.after.get(address)).or_else(|| self.others.get(address));
        known.and_then(read::<T>)
    }

    fn one(&self, address: &Address, before: Option<&Account>, after: Option<&Account>) -> Verdict {
        if let (Some(before), Some(after)) = (before, after) {
            self.tokens(before, after)?;
        }
        if let (Some(before), None) = (before, after) {
            self.rent(before)?;
        }
        macro_rules! rule {
            ($($kind:ty: $rule:ident),* $(,)?) => {
                $({
                    let (before, after) = (before.and_then(read::<$kind>), after.and_then(read::<$kind>));
                    if before.is_some() || after.is_some() {
                        return self.$rule(address, before, after);
                    }
                })*
            };
        }
        rule! {
            escrow::Job: job,
            escrow::Deposit: deposit,
            escrow::Mandate: mandate,
            escrow::Beacon: beacon,
            escrow::Game: game,
            escrow::Panel: panel,
            escrow::Gang: gang,
            escrow::Trace: trace,
            escrow::Market: market,
            escrow::Keys: keys,
            bme::CreditAccount: credits,
            bme::Network: network,
            bme::ProviderWork: work,
            bme::RootClaim: root_claim,
            bme::BurnShard: burn_shard,
            bme::WorkShard: work_shard,
            bme::Auction: auction,
            bme::DollarShard: dollar_shard,
            bme::Upkeep: upkeep,
            stake::Delegation: delegation,
            stake::UnbondingTicket: ticket,
            stake::Provider: provider,
            stake::Slash: slash,
            stake::Bond: bond,
            stake::Pool: pool,
            stake::PolicyChange: policy_change,
            stake::Slasher: slasher,
            identity::Registry: registry,
            identity::Node: node,
            identity::Tree: tree,
            identity::SpecificationClaim: claim,
            identity::Statement: statement,
        }
        Ok(())
    }

    /// A wallet pays only what its owner, or whom the owner named, signs for.
    fn tokens(&self, before: &Account, after: &Account) -> Verdict {
        if !is_token(before) || !is_token(after) {
            return Ok(());
        }
        let place = |at: usize| Address::new_from_array(before.data[at..at + 32].try_into().unwrap());
        let owner = place(32);
        if let Some(keys) = self.find::<escrow::Keys>(&owner) {
            let may = self.signers.contains(&keys.manager) || self.is_paid(&keys.payee, &place(0));
            return hold(amount(after) >= amount(before) || may, "an identity's tokens went to another than its payee");
        }
        let may = self.by(&owner) || before.data[72] == 1 && self.by(&place(76));
        hold(amount(after) >= amount(before) || may, "tokens left without their owner")
    }

    /// Some token account of `owner` and `mint` has more.
    fn is_paid(&self, owner: &Address, mint: &Address) -> bool {
        let is_theirs = |account: &Account| {
            is_token(account) && account.data[..32] == *mint.as_array() && account.data[32..64] == *owner.as_array()
        };
        let has_more = |(address, after): (&Address, &Account)| {
            is_theirs(after) && self.before.get(address).is_some_and(|before| amount(after) > amount(before))
        };
        self.after.iter().any(has_more)
    }

    /// Hot key and limits are the manager's; manager, payee and recovery key change as was announced, and not before.
    fn keys(&self, _: &Address, before: Option<&escrow::Keys>, after: Option<&escrow::Keys>) -> Verdict {
        let Some(is) = after else { return hold(false, "keys were closed") };
        let Some(was) = before else {
            return hold(self.by(&is.manager) && is.opened_by == is.manager, "keys that their manager did not open");
        };
        hold((was.opened_by, was.id, was.change_delay) == (is.opened_by, is.id, is.change_delay), "other keys")?;
        let manager = self.by(&was.manager);
        let hot = |keys: &escrow::Keys| (keys.hot_key, keys.rights, keys.window);
        let limits = |keys: &escrow::Keys| keys.limits.map(|place| (place.account, place.limit));
        hold(manager || hot(was) == hot(is), "a hot key that the manager did not name")?;
        hold(manager || limits(was) == limits(is), "a limit that the manager did not set")?;
        let used = |keys: &escrow::Keys| keys.limits.map(|place| (place.window_started_at, place.used));
        hold(manager || self.by(&was.hot_key) || used(was) == used(is), "bonded by another than the hot key")?;
        let within = |place: &escrow::BondLimit| place.used <= place.limit || manager;
        hold(used(was) == used(is) || is.limits.iter().all(within), "bonded above the limit")?;
        let parties = |keys: &escrow::Keys| (keys.manager, keys.payee, keys.recovery);
        let waits = was.executable_at != Timestamp(0);
        if parties(was) != parties(is) {
            let announced = (was.next_manager, was.next_payee, was.next_recovery) == parties(is);
            return hold(
                waits && announced && self.now >= was.executable_at,
                "other keys than announced, or too early",
            );
        }
        if was.executable_at == is.executable_at {
            return Ok(());
        }
        if is.executable_at == Timestamp(0) {
            let executed = (was.next_manager, was.next_payee, was.next_recovery) == parties(is);
            let may = manager || self.by(&was.recovery) || executed && self.now >= was.executable_at;
            return hold(may, "a change of keys was cancelled by another");
        }
        let waits_long = is.executable_at.0 == self.now.0 + is.change_delay.0 as i64;
        hold(manager && waits_long, "a change of keys that does not wait, or is not the manager's")
    }

    /// What an account cost comes back to whoever paid for it, as it names them.
    fn rent(&self, before: &Account) -> Verdict {
        let Some(program) = PROGRAMS.iter().find(|program| program.id == before.owner) else { return Ok(()) };
        let kind = before.data.first().copied().unwrap_or_default();
        let layout = program.accounts.iter().find(|(of, _)| *of == kind).map(|(_, layout)| layout);
        let Some(field) = layout.and_then(|layout| layout.fields.iter().find(|field| field.name == "payer")) else {
            return Ok(());
        };
        let payer = Address::new_from_array(before.data[field.offset..field.offset + 32].try_into().unwrap());
        let lamports = |accounts: &Accounts| accounts.get(&payer).map_or(0, |account| account.lamports);
        // One who signs may have paid for something else with it.
        let back = self.signers.contains(&payer) || lamports(self.after) > lamports(self.before);
        hold(back, "the rent did not come back to who paid it")
    }

    fn job(&self, address: &Address, before: Option<&escrow::Job>, after: Option<&escrow::Job>) -> Verdict {
        let now = self.now;
        let (Some(was), Some(is)) = (before, after) else {
            if let Some(is) = after {
                return self.posted(is);
            }
            return hold(before.is_none_or(|job| job.is_over()), "a job was closed that is not over");
        };
        if self.before.get(address) == self.after.get(address) {
            // It could have been changed, and was not: one that was passed over. What is said is then said of others' provider.
            let of_another = |whose| self.changed_jobs().any(|(was, _)| was.provider == whose);
            let is_own = |whose| whose == was.provider || of_another(whose);
            return hold(self.said_of().all(is_own), "a job was held against another than its provider");
        }
        hold(self.said_of().all(|whose| whose == was.provider), "a job was held against another than its provider")?;
        if was.bond_unsettled > is.bond_unsettled {
            let settled = self.changed_jobs().filter(|(was, is)| was.bond_unsettled > is.bond_unsettled).count();
            hold(self.reports() <= settled as u64, "more was reported than jobs were settled")?;
        }
        if was.posting_id != is.posting_id {
            if was.hand_backs < is.hand_backs {
                return self.handed_back(was, is);
            }
            // To its mandate it may give back in the same instruction.
            let over = was.has_ended() && was.bond_unsettled == 0 && was.on_beacon == 0;
            hold(over, "a job was posted anew that is not over")?;
            return self.posted(is);
        }
        let whose = |job: &escrow::Job| {
            (job.client, job.funding_account, job.mint, job.market, job.pool, job.network, job.payer)
        };
        hold(whose(was) == whose(is), "a job became another's")?;
        hold(is.paid >= was.paid && is.fee_paid >= was.fee_paid, "a job's pay was taken back")?;
        let lamports = |accounts: &Accounts| accounts.get(address).map_or(0, |account| account.lamports);
        let fell = lamports(self.before).saturating_sub(lamports(self.after));
        let tips = (is.tips_taken & !was.tips_taken).count_ones() as u64;
        hold(was.tips_taken & !is.tips_taken == 0, "a job's tip can be taken again")?;
        hold(was.tip == is.tip && fell <= tips * was.tip as u64, "lamports left a job, but not as a tip")?;
        if is.paid > was.paid && !self.signers.contains(&was.provider) {
            hold(self.paid_where_known(was), "paid into an account of which the provider need not know")?;
        }
        let (gap, interval) = (is.last_heartbeat_at.since(was.last_heartbeat_at), is.terms.heartbeat_interval.0 as u64);
        let unseen = if interval == 0 || was.started_at != is.started_at { 0 } else { gap.saturating_sub(interval) };
        let halted = self.knows_halts();
        let is_read = self.is_read(was, is) || self.is_member_read(address, was, is);
        let is_seen = is_read || is.downtime >= was.downtime + unseen;
        hold(halted || is_seen, "time for which no heartbeat stands counts as worked")?;
        let mut terms = is.terms;
        if was.state == job_state::CHALLENGED {
            (terms.default_pay, terms.default_bond_penalty) = (was.terms.default_pay, was.terms.default_bond_penalty);
        }
        hold(terms == was.terms, "a job's terms changed")?;
        let (client, worker) = (self.by(&was.client) || self.by_delegate(was), self.by(&is.provider));
        let in_time = now.0 <= was.deadline_at.0 + self.pauses(was, is) as i64;
        // How far a halt moves a deadline is the models' to say.
        let (late, in_time) = (!in_time || halted, in_time || halted);
        let enough = now.since(was.started_at) >= was.terms.min_duration.0 as u64;
        let early = !enough || was.terms.is_service == 1 && now < was.ends_at;
        let fixed = was.terms.pricing == pricing::FIXED;
        let last = Timestamp(was.ends_at.0 + if fixed { was.terms.late_window.0 as i64 } else { 0 });
        let up = halted || if fixed { now > last } else { now >= last };
        use job_state::*;
        let by_usage = was.terms.pricing == pricing::USAGE;
        let ended_at = if was.state == REDEEMING { was.stopped_at } else { was.ends_at };
        let window_past = halted || now.0 > ended_at.0 + was.terms.late_window.0 as i64;
        if by_usage {
            self.units(was, is, client, halted || !window_past)?;
        } else {
            hold(was.max_units == is.max_units && is.units == 0, "units of a job that has none")?;
        }
        let reserved = was.is_reserved();
        let offer = |job: &escrow::Job| (job.lead_period, job.cancellation_fee);
        hold(offer(was) == offer(is) || is.state == OFFERED, "a reservation became another")?;
        if !matches!(was.state, POSTED | BIDDING | GANG | OFFERED) {
            hold(is.provider == was.provider, "a job's provider was replaced")?;
        }
        match (was.state, is.state) {
            (BIDDING, BIDDING) => {
                let step = was.terms.bid_step.of_ceil(was.price.0).unwrap_or(u64::MAX).max(1);
                let most = if was.provider == NONE { was.price.0 } else { was.price.0.saturating_sub(step) };
                hold(in_time, "a bid after its time")?;
                hold(worker, "a bid that its provider did not make")?;
                hold(is.price.0 <= most, "a bid that does not beat the last")
            }
            (POSTED | BIDDING, OFFERED) => {
                hold(client, "a job was offered ahead without its client")?;
                hold(in_time && !reserved && is.is_reserved(), "an offer after its time")?;
                hold(was.provider == is.provider && was.bond == is.bond, "a job was offered ahead that somebody has")?;
                let most = now.0 + escrow::MAX_LEAD.0 as i64;
                hold((now.0 + 1..=most).contains(&is.starts_at().0), "an offer for no time that may be")
            }
            (OFFERED, ASSIGNED) => {
                hold(worker && is.bond != NONE, "a reservation that its provider did not take with its bond")?;
                let free = was.matching == escrow::matching::AUCTION;
                hold(free || was.provider == is.provider, "another provider took a reservation")?;
                hold(now <= was.starts_at() && is.starts_at() == was.starts_at(), "a reservation for another time")
            }
            (OFFERED, CANCELLED) => {
                hold(client || now > was.starts_at(), "an offer was cancelled before its time")?;
                hold(is.bond_to_seize.is_zero(), "an offer that nobody took cost a bond")
            }
            (BIDDING, ASSIGNED) => hold(late && is.provider == was.provider, "an early end of an auction"),
            (BIDDING, CANCELLED) => {
                hold(client || late && was.provider == NONE, "an auction was cancelled that is not the caller's")
            }
            (POSTED | ASSIGNED, RUNNING) => {
                hold(worker, "a start that the provider did not sign")?;
                let free = was.provider == NONE || was.hand_backs > 0;
                hold(free || was.provider == is.provider, "another provider started")?;
                hold(in_time, "a late start")?;
                hold(!reserved || now >= was.starts_at(), "a reserved job ran before its time")
            }
            (POSTED | ASSIGNED, CANCELLED) => {
                // Anyone, if it was removed from its queue.
                let waits = was.state == POSTED && was.matching == escrow::matching::QUEUE;
                let leaves = worker && reserved && now < was.starts_at();
                let may = client || late || leaves || waits && !self.waits(address, was);
                hold(may, "a job was cancelled before its time")?;
                let paused = !reserved && self.is_paused(&was.network);
                // What was only announced can be taken back.
                let cut_off = self.is_cut_off(was) || !reserved && self.may_not_start(was, now);
                let excused = was.state == POSTED || paused || cut_off;
                let pays = |part: u64| is.bond_to_seize.0 >= part;
                let bond = was.terms.bond_amount.0;
                let left = leaves && pays(self.price_of_leaving(was, bond).max(1));
                hold(excused || late || left, "an assigned job was cancelled for nothing")?;
                let failed = is.outcome == escrow::outcome::FAILED;
                // Who is late could have started before.
                let could = !self.may_not_start(was, now.min(was.deadline_at));
                hold(!failed || could, "a provider failed that may not start")?;
                let price = self.price_of_leaving(was, bond);
                hold(!failed || was.bond == NONE || pays(price), "who did not start lost less than who leaves")
            }
            (POSTED, OWING) => {
                hold(client || late || !self.waits(address, was), "a job was cancelled before its time")?;
                hold(was.hand_backs > 0 && is.earned.is_zero(), "a job owes that never ran")
            }
            (ASSIGNED, OWING | FINISHED) => {
                hold(client, "an assigned job was given up without its client")?;
                let paid = was.terms.min_duration.0.min(10) as u128;
                let (price, whole) = (was.price.0 as u128, was.duration.0 as u128);
                let least = match was.terms.pricing {
                    pricing::FIXED => (price * paid).div_ceil(whole),
                    pricing::USAGE => (price * was.max_units as u128 * paid).div_ceil(whole),
                    _ => price * paid,
                };
                let least = least.max(self.price_of_leaving(was, was.held.0) as u128);
                hold(is.earned.0 as u128 >= least.min(was.held.0 as u128), "an assigned job was cancelled for less")
            }
            (RUNNING, RUNNING) => {
                hold(is.ends_at <= was.ends_at || client, "a job was extended without its client")?;
                let shortest = was.started_at.0 + was.terms.min_duration.0 as i64;
                let notice = (now.0 + was.terms.notice_period().0 as i64).max(shortest).min(was.ends_at.0);
                let noticed = worker && was.terms.notice_minutes != 0 && is.ends_at.0 == notice;
                hold(is.ends_at >= was.ends_at || noticed, "a job became shorter without a notice")?;
                hold(!fixed || is.duration == was.duration, "a fixed price is that of another time")?;
                let silence = |job: &escrow::Job| (job.last_heartbeat_at, job.downtime, job.missed_heartbeats);
                hold(silence(is) == silence(was) || worker || is_read, "another's heartbeat")?;
                let joins = worker && was.started_at == now && was.terms.offers_beacon();
                hold(is.on_beacon == was.on_beacon || is.on_beacon == 1 && joins, "another's beacon")?;
                hold(is.node == was.node || is.on_beacon > was.on_beacon, "a job went to another machine")
            }
            (RUNNING, DELIVERED) => {
                self.bond_covers(was, is)?;
                hold(worker, "a delivery that the provider did not sign")?;
                hold(!early, "a result before its time")?;
                hold(halted || !fixed || now <= last, "a delivery after its time")
            }
            (RUNNING, REDEEMING) => {
                self.bond_covers(was, is)?;
                hold(by_usage && (up || worker || client), "units were ended by one who may not")?;
                hold(!early || is.result == [0; 32], "a result before its time")?;
                hold(is.held == was.held, "a job whose vouchers are redeemed paid something back")
            }
            (RUNNING, FINISHED | OWING) if by_usage => {
                hold(window_past || self.is_cut_off(was), "units were ended without time to redeem them")
            }
            (REDEEMING, FINISHED | OWING) => {
                hold(window_past || worker || self.is_cut_off(was), "a provider's time to redeem was taken")
            }
            (RUNNING, FINISHED | OWING) => {
                self.bond_covers(was, is)?;
                let stopped = client && (!fixed || now <= was.ends_at);
                let with_result = is.result != [0; 32] && !self.is_cut_off(was);
                // A proof may come at any time. If its verifier was changed, anyone ends the job, without fault.
                let proved = was.verification_kind == escrow::verification_kind::PROOF;
                let excused = proved && is.paid == was.paid && is.outcome == escrow::outcome::NONE;
                hold(!early || !with_result || proved, "a result before its time")?;
                let may = up || worker || stopped || self.is_cut_off(was) || excused;
                hold(may, "a job was ended by one who may not")?;
                let holds = client && !worker && !up && !self.is_cut_off(was) && !excused && was.notice_given == 0;
                let measured = was.terms.heartbeat_interval.0 != 0;
                let fee = was.cost().and_then(|cost| was.cancellation_fee.of_floor(cost.0)).unwrap_or(u64::MAX);
                hold(!holds || measured || is.earned.0 >= fee, "a reserved job was stopped for less than its fee")
            }
            (DELIVERED, FINISHED | OWING) => hold(client || late, "a result was accepted for its client"),
            (DELIVERED, REJECTED) => {
                hold(client, "a result was rejected by another than its client")?;
                hold(in_time, "a result was rejected too late")
            }
            (DELIVERED, CHALLENGED) => hold(in_time, "a result was challenged too late"),
            (REJECTED, FINISHED | OWING) => {
                if !late {
                    return hold(self.by(&was.terms.arbiter), "a verdict that the arbiter did not sign");
                }
                // After a halt both may be right: the arbiter's verdict, and that of the terms.
                if in_time && self.signers.contains(&was.terms.arbiter) {
                    return Ok(());
                }
                let open = was.amount_due.0 - was.earned.0;
                let default = was.terms.default_pay.of_floor(open).unwrap_or(u64::MAX);
                // Where the right to pay ended, all of it goes back.
                let forgone = is.mint == NONE && self.is_cut_off(was);
                let gone = is.paid.0 + is.fee_paid.0 + is.held.0;
                // Hand-backs cost what they cost.
                let lost = was.rejection_stake.0 + was.lost_by_hand_backs().map_or(u64::MAX, |lost| lost.0);
                hold(forgone || gone == is.earned.0 + lost, "a silent arbiter gave a stake back")?;
                hold(forgone || is.earned.0 - was.earned.0 == default, "another verdict than the default")
            }
            (GANG, _) => self.place(address, was, is),
            (OWING, FINISHED) | (CHALLENGED, DELIVERED | REJECTED) => Ok(()),
            (one, other) => hold(one == other, "a job went where none may"),
        }
    }

    /// Units are redeemed in time, up to what is held; the client alone adds some, and replaces the key that signs for them.
    fn units(&self, was: &escrow::Job, is: &escrow::Job, client: bool, in_time: bool) -> Verdict {
        let whole = is.price.0 as u128 * is.max_units as u128;
        hold(is.units >= was.units && is.units <= is.max_units, "units that nobody holds money for")?;
        hold(is.units == was.units || in_time, "a voucher after its time")?;
        hold(is.earned.0 as u128 <= whole, "more was earned than units cost")?;
        hold(
            is.max_units == was.max_units || is.max_units > was.max_units && client,
            "units that the client did not add",
        )?;
        let keys = |job: &escrow::Job| (job.session_scheme, job.session_key);
        if keys(was) == keys(is) && was.previous_key == is.previous_key {
            return Ok(());
        }
        hold(client, "another replaced the client's key")?;
        let kept = (is.previous_scheme, is.previous_key) == keys(was);
        let window = was.terms.late_window.0 as i64;
        hold(kept && is.previous_key_ends_at.0 == self.now.0 + window, "what the old key signed is worth nothing")?;
        let free = was.previous_key == [0; 32] || self.now > was.previous_key_ends_at;
        hold(free, "what the key before the old one signed is worth nothing")
    }

    /// In time, by its provider, who did not do so before, and at a price to both.
    fn handed_back(&self, was: &escrow::Job, is: &escrow::Job) -> Verdict {
        use job_state::*;
        hold(was.state == RUNNING && was.can_be_handed_back(self.now), "a job was handed back that cannot be")?;
        hold(self.by(&was.provider), "a job was handed back without its provider")?;
        hold(
            !was.handed_back_by.contains(&is.handed_back_by[was.hand_backs as usize % 2]) || is.hand_backs == 3,
            "twice handed back by one",
        )?;
        let lost = is.lost_by_hand_backs().map_or(u64::MAX, |lost| lost.0);
        hold(
            is.hand_backs == was.hand_backs + 1 && lost > 0 && is.held.0 >= lost,
            "a hand-back cost its client nothing",
        )?;
        let is_his = |one: &&stake::Provider| one.authority == was.provider && one.pool == was.pool;
        let own = |accounts: &Accounts| {
            let found = accounts.values().filter_map(read::<stake::Provider>).find(is_his);
            found.map_or(0, |one| one.own.0 + one.bonded.0)
        };
        let cut_off = own(self.after) == own(self.before);
        hold(
            own(self.after) < own(self.before) || cut_off && self.has_no_right(was),
            "a hand-back cost its provider nothing",
        )?;
        let is_free = is.bond == NONE && is.on_beacon == 0 && is.node == NONE;
        hold(matches!(is.state, POSTED | OWING) && is_free, "a job that was handed back is not free")
    }

    /// Whether the queue holds the job.
    fn waits(&self, address: &Address, job: &escrow::Job) -> bool {
        let is_of = |account: &&Account| read_queue(account).is_some_and(|queue| queue.market == job.market);
        self.before.values().find(is_of).is_some_and(|queue| {
            let (head, entries) = (size_of::<escrow::Queue>(), size_of::<escrow::QueueEntry>());
            let start = head + entries * job.queue_slot as usize;
            let posting = job.posting_id.to_le_bytes();
            queue.data.get(start..start + 40) == Some(&[address.as_ref(), &posting].concat()[..])
        })
    }

    /// By how much pauses of the network extend the time to start. One that goes on does so for the provider alone.
    fn pauses(&self, was: &escrow::Job, is: &escrow::Job) -> u32 {
        let is_direct = was.state == job_state::POSTED && was.matching == escrow::matching::DIRECT;
        let Some(network) = self.after.get(&was.network).and_then(read::<bme::Network>) else { return 0 };
        if was.state != job_state::ASSIGNED && !is_direct || was.is_reserved() {
            return 0;
        }
        let starts = is.state == job_state::RUNNING;
        let paused = if starts { network.paused_up_to(self.now) } else { network.paused_duration };
        paused.0.saturating_sub(was.earlier_pauses_duration.0)
    }

    /// This program may not seize bonds in the job's pool.
    fn has_no_right(&self, job: &escrow::Job) -> bool {
        let slashers = self.before.values().filter_map(read::<stake::Slasher>);
        slashers.into_iter().any(|slasher| slasher.pool == job.pool && slasher.rights & stake::rights::BOND == 0)
    }

    fn posted(&self, job: &escrow::Job) -> Verdict {
        use job_state::*;
        hold(self.by(&job.client) || self.by_delegate(job), "a job that its client did not post")?;
        hold(
            matches!(job.state, POSTED | BIDDING | ASSIGNED | GANG) && job.held == job.deposited,
            "a job that began otherwise",
        )
    }

    /// A place of a gang is taken and left by its member, and settled as its gang says.
    fn place(&self, address: &Address, was: &escrow::Job, is: &escrow::Job) -> Verdict {
        use escrow::gang_state::*;
        let Some(gang) = self.gang_of(address) else {
            return Err("a place that no gang has was moved");
        };
        let never = Timestamp::default();
        if was.provider != is.provider {
            let one = if was.provider == NONE { is.provider } else { was.provider };
            hold(was.provider == NONE || is.provider == NONE, "a member was replaced")?;
            hold(self.by(&one), "a place was taken or left without its member")?;
            hold(matches!(gang.state, FILLING | BROKEN), "a place of a full gang was taken or left")?;
            return hold(self.now <= gang.deadline_at && is.state == was.state, "a place was taken or left too late");
        }
        let after = gang_among(self.after, address);
        let ended = after.as_ref().unwrap_or(&gang).has_ended() || gang.has_ended();
        let over = ended || gang.state == RUNNING && gang.is_time_over(self.now);
        let began = was.started_at == never && is.started_at != never;
        let beat = is.last_heartbeat_at != was.last_heartbeat_at && !began;
        let goes_on = is.state == job_state::GANG && is.stopped_at == never;
        hold(!beat || !goes_on || was.on_beacon == 1 || self.by(&was.provider), "another's heartbeat")?;
        hold(!beat || was.on_beacon == 0 || self.is_member_read(address, was, is), "a member's beacon said otherwise")?;
        let (client, worker) = (self.by(&was.client), self.by(&was.provider));
        let silence = escrow::MAX_SILENT_INTERVALS * was.terms.heartbeat_interval.0 as u64;
        let last = if was.started_at == never { gang.started_at } else { was.last_heartbeat_at };
        // Of the beats that its beacon remembers, those in time.
        let beats = self.beacon_of(was).into_iter().flat_map(|beacon| {
            let ends = beacon.gaps.iter().flat_map(|gap| [gap.began_at, gap.ended_at]);
            ends.chain([beacon.last_beat_at])
        });
        let in_time = |at: &Timestamp| {
            (gang.stopped_at == never || *at <= gang.stopped_at) && gang.clock_at(*at) < gang.ends_at()
        };
        let last = beats.filter(in_time).map(|at| gang.clock_at(at)).fold(last, Timestamp::max);
        let silent = gang.clock(self.now).since(last) > silence;
        let out = was.stopped_at == never && is.stopped_at != never;
        let may = over || client || worker || silent || self.is_cut_off(was);
        hold(!out || may, "a member was taken out by one who may not")?;
        let failed = is.outcome == escrow::outcome::FAILED && was.outcome != is.outcome;
        hold(!failed || silent || worker, "a member failed that was alive")?;
        let cut_off = was.mint == NONE && self.is_escrows_revoked(was);
        hold(!failed || !cut_off, "a member failed whose credits were revoked")?;
        let no_bond = is.bond_to_seize.is_zero() || is.missed_heartbeats != 0;
        hold(!out || !client || worker || silent || over || no_bond, "a dismissal cost a bond")?;
        if out {
            self.bond_covers(was, is)?;
        }
        let is_substitute = was.deadline_at.0 - was.terms.wait_window.0 as i64 >= gang.started_at.0;
        let began_now = is_substitute && was.started_at == gang.clock(self.now);
        let waits = gang.state == BROKEN && self.now <= gang.deadline_at && was.started_at != never;
        hold(!out || !worker || !waits || !began_now || !no_bond, "a substitute came and left for nothing")?;
        if is.state == job_state::GANG {
            return Ok(());
        }
        hold(over || was.stopped_at != never || self.is_cut_off(was), "a place was settled before its gang ended")?;
        hold(after.is_none(), "a gang has a place that is settled")?;
        let earned = is.earned.0 == 0 || was.provider != NONE;
        hold(earned, "a place paid for which nobody worked")
    }

    fn gang(&self, _: &Address, before: Option<&escrow::Gang>, after: Option<&escrow::Gang>) -> Verdict {
        use escrow::gang_state::*;
        let (was, is) = match (before, after) {
            (Some(was), Some(is)) => (was, is),
            (None, Some(is)) => {
                return hold(self.by(&is.client) && is.state == FILLING, "a gang that its client did not post");
            }
            (Some(was), None) => return hold(was.has_ended() && was.posted == 0, "a gang was closed that is not over"),
            (None, None) => return Ok(()),
        };
        let order = |gang: &escrow::Gang| {
            let asks = (gang.price, gang.duration, gang.size, gang.owner, gang.site);
            (gang.client, gang.market, gang.network, gang.payer, asks)
        };
        hold(order(was) == order(is), "a gang became another")?;
        hold(is.joined <= is.posted && is.posted <= is.size, "a gang has more members than places")?;
        hold(is.posted <= was.posted || self.by(&is.client), "a place that its client did not post")?;
        hold((is.state == RUNNING) <= (is.joined == is.size), "a gang runs without all of its members")?;
        let (client, late) = (self.by(&was.client), self.now > was.deadline_at);
        let stood = if (was.state, is.state) == (BROKEN, RUNNING) { self.now.since(was.stopped_at) } else { 0 };
        hold(is.stood == was.stood + stood, "a gang's clock stood for another time")?;
        let last = |gang: &escrow::Gang| (gang.last_stopped_at, gang.resumed_at);
        let resumes = (was.state, is.state) == (BROKEN, RUNNING);
        let stops = if resumes { (was.stopped_at, self.now) } else { last(was) };
        hold(last(is) == stops, "a gang's clock stood at another time")?;
        let began = (was.state, is.state) == (FILLING, RUNNING);
        let started_at = if began { self.now } else { was.started_at };
        hold(is.started_at == started_at, "a gang began at another time")?;
        let times = |gang: &escrow::Gang| (gang.deadline_at, gang.stopped_at, gang.stopped_by);
        match (was.state, is.state) {
            (one, other) if one == other => hold(times(was) == times(is), "a gang's clock was set"),
            (FILLING | BROKEN, RUNNING) => hold(!late, "a gang was full too late"),
            (FILLING, DISSOLVED) => hold(late || client && was.joined == 0, "a gang was dissolved in its time"),
            (FILLING, CANCELLED) => hold(client && !late, "a gang was cancelled without its client"),
            (RUNNING, BROKEN) => hold(is.joined < was.joined, "a gang broke that lacks nobody"),
            (RUNNING, STOPPED) => hold(client && !was.is_time_over(self.now), "a gang was stopped without its client"),
            (RUNNING, FINISHED) => hold(was.is_time_over(self.now), "a gang was over before its time"),
            (BROKEN, STOPPED) => hold(client || late, "a gang that lacks a member was stopped in its time"),
            _ => Err("a gang went where none may"),
        }
    }

    /// What left a game or a trace in lamports is tips, each of which is taken once.
    fn only_tips_left(&self, address: &Address, tip: (u32, u32), taken: (u8, u8)) -> Verdict {
        let lamports = |accounts: &Accounts| accounts.get(address).map_or(0, |account| account.lamports);
        let fell = lamports(self.before).saturating_sub(lamports(self.after));
        let tips = (taken.1 & !taken.0).count_ones() as u64;
        hold(taken.0 & !taken.1 == 0, "a game's tip can be taken again")?;
        hold(tip.0 == tip.1 && fell <= tips * tip.0 as u64, "lamports left a game, but not as a tip")
    }

    fn game(&self, address: &Address, before: Option<&escrow::Game>, after: Option<&escrow::Game>) -> Verdict {
        use escrow::game_phase::*;
        let (Some(was), Some(is)) = (before, after) else {
            let Some(was) = before else {
                return after.map_or(Ok(()), |game| hold(self.by(&game.challenger), "another's game"));
            };
            let is_evidence = was.is_evidence == 1 && was.used_as_evidence == 0;
            hold(was.unpaid == 0, "a game was closed whose challenger is not paid")?;
            hold(was.settled_at != Timestamp::default(), "a game was closed that is not settled")?;
            let kept = was.settled_at.0.saturating_add(escrow::EVIDENCE.0 as i64);
            return hold(!is_evidence || self.now.0 > kept, "evidence was made away with");
        };
        self.only_tips_left(address, (was.tip, is.tip), (was.tips_taken, is.tips_taken))?;
        // How far a halt moves a deadline is the program's tests to say.
        let halted = self.knows_halts();
        let (late, in_time) = (self.now > was.deadline_at || halted, self.now <= was.deadline_at || halted);
        if is.move_count != was.move_count {
            hold(in_time, "a move after its time")?;
        }
        let mover = match was.phase {
            OPEN | SHOW => self.by(&was.provider),
            CHOOSE => self.by(&was.challenger),
            PROVE if was.verifier == NONE => self.by(&was.arbiter),
            _ => true,
        };
        hold(was.phase == is.phase || mover || late, "a move that was another's")?;
        hold(was.is_decided() || !is.is_decided() || is.move_count != was.move_count || late, "over too early")?;
        hold(!was.is_decided() || is.phase == was.phase, "a game was decided again")?;
        hold(was.settled_at == Timestamp::default() || is.settled_at == was.settled_at, "a game was settled twice")
    }

    fn trace(&self, address: &Address, before: Option<&escrow::Trace>, after: Option<&escrow::Trace>) -> Verdict {
        match (before, after) {
            (Some(was), Some(is)) => self.only_tips_left(address, (was.tip, is.tip), (was.tips_taken, is.tips_taken)),
            (None, Some(is)) => hold(self.by(&is.provider), "another's trace"),
            (Some(was), None) => {
                hold(was.unsettled_games + was.unpaid_winners == 0, "a trace was closed with games over it")
            }
            _ => Ok(()),
        }
    }

    fn panel(&self, address: &Address, before: Option<&escrow::Panel>, after: Option<&escrow::Panel>) -> Verdict {
        use escrow::panel_state::*;
        let (was, is) = match (before, after) {
            (Some(was), Some(is)) if was.posting_id == is.posting_id => (was, is),
            (_, Some(is)) => {
                return hold(self.by(&is.client) && is.state == JOINING, "a panel that its client did not post");
            }
            (Some(was), None) => {
                let over = was.state >= AGREED && was.unsettled_count == 0 && was.held.is_zero();
                return hold(over, "a panel was closed that is not over");
            }
            (None, None) => return Ok(()),
        };
        let lamports = |accounts: &Accounts| accounts.get(address).map_or(0, |account| account.lamports);
        let fell = lamports(self.before).saturating_sub(lamports(self.after));
        let tips = (is.tips_taken & !was.tips_taken).count_ones() as u64;
        hold(was.tips_taken & !is.tips_taken == 0, "a panel's tip can be taken again")?;
        hold(was.tip == is.tip && fell <= tips * was.tip as u64, "lamports left a panel, but not as a tip")?;
        let settled = was.replicas.iter().zip(&is.replicas).find(|(was, is)| was.bond_unsettled > is.bond_unsettled);
        let whose = settled.map(|(was, _)| was.provider);
        hold(self.said_of().all(|of| Some(of) == whose), "a replica was held against another than its provider")?;
        let out = |panel: &escrow::Panel| panel.paid.0 + panel.fee_paid.0;
        let halted = self.knows_halts();
        let (late, in_time) = (self.now > was.deadline_at || halted, self.now <= was.deadline_at || halted);
        let owed = |panel: &escrow::Panel| panel.replicas.iter().map(|one| one.owed.0).sum::<u64>();
        let decided = was.state >= AGREED;
        hold(out(is) == out(was) || decided && out(is) - out(was) <= owed(was) - owed(is), "a replica was paid twice")?;
        hold(is.burned.0 - was.burned.0 <= was.penalty_owed.0, "more was burned than is owed")?;
        let may_be_removed = was.state == ACKNOWLEDGING && late;
        for (was, is) in was.replicas.iter().zip(&is.replicas) {
            use escrow::replica_state::*;
            let (moved, is_out) = (was.state != is.state, is.state == EMPTY);
            let own = self.by(if is_out { &was.provider } else { &is.provider });
            let removed = is_out && may_be_removed && was.state == JOINED;
            hold(!moved || own || removed, "a replica's move that was another's")?;
            hold(!moved || is_out || is.state == REVEALED || in_time, "a replica's move after its time")?;
            hold(is_out || was.commitment == is.commitment || was.state == ACKNOWLEDGED, "another commitment")?;
        }
        let revoked = was.mint == NONE && self.is_revoked(&was.network, was.lane, was.spender_number);
        match (was.state, is.state) {
            (JOINING, CANCELLED) => {
                hold(self.by(&was.client) || late || revoked, "a panel was cancelled before its time")
            }
            (ACKNOWLEDGING | COMMITTING, CANCELLED) => hold(revoked, "a panel was cancelled that had begun"),
            (ACKNOWLEDGING, JOINING | DISSOLVED) => hold(late, "replicas lost their places before their time"),
            (COMMITTING, REVEALING) => {
                hold(is.committed_count == is.replica_count || late, "results were shown while others could commit")
            }
            (REVEALING, AGREED | DIVIDED) => {
                hold(was.revealed_count == was.committed_count || late, "votes were counted before all could vote")
            }
            _ => Ok(()),
        }
    }

    /// Somebody ticked the halt clock: halts may move deadlines.
    pub(crate) fn knows_halts(&self) -> bool {
        self.after.values().filter_map(read::<escrow::HaltClock>).next().is_some()
    }

    /// Jobs that are there before and after, and changed.
    fn changed_jobs(&self) -> impl Iterator<Item = (&escrow::Job, &escrow::Job)> {
        self.before.iter().filter_map(|(address, before)| {
            let after = self.after.get(address).filter(|after| *after != before)?;
            Some((read::<escrow::Job>(before)?, read::<escrow::Job>(after)?))
        })
    }

    /// How many reports of providers were counted.
    fn reports(&self) -> u64 {
        let counted = |account| {
            let of = read::<stake::Provider>(account)?.reputation;
            Some([of.delivered, of.late, of.failed, of.disputed].map(u64::from).iter().sum::<u64>())
        };
        let added = |(address, before)| Some(counted(self.after.get(address)?)?.saturating_sub(counted(before)?));
        self.before.iter().filter_map(added).sum()
    }

    /// Providers of whom something was reported.
    fn said_of(&self) -> impl Iterator<Item = Address> {
        let before = |address| self.before.get(address).and_then(read::<stake::Provider>);
        let after =
            self.after.iter().filter_map(|(address, account)| Some((address, read::<stake::Provider>(account)?)));
        let changed =
            after.filter(move |(address, is)| before(address).is_some_and(|was| was.reputation != is.reputation));
        changed.map(|(_, provider)| provider.authority)
    }

    /// What pay does not cover of the heartbeats missed, the bond covers: in the proportion of what the job can cost.
    fn bond_covers(&self, was: &escrow::Job, is: &escrow::Job) -> Verdict {
        let cost = (was.deposited.0 - was.refunded.0) as u128;
        let uncovered = (is.missed_penalty().0.saturating_sub(is.pending_penalty.0) as u128).min(cost);
        let least = was.terms.bond_amount.0 as u128 * uncovered / cost.max(1);
        let bonded = was.bond != NONE && !self.is_cut_off(was);
        hold(!bonded || is.bond_to_seize.0 as u128 >= least, "a bond stands for less than the job's cost")
    }

    /// The network is paused.
    fn is_paused(&self, network: &Address) -> bool {
        self.after.get(network).and_then(read::<bme::Network>).is_some_and(|network| network.paused != 0)
    }

    /// What leaving a reserved job costs now, by straight lines: of `amount`.
    fn price_of_leaving(&self, job: &escrow::Job, amount: u64) -> u64 {
        let lead = job.lead_period.0 as i128;
        if lead == 0 {
            return 0;
        }
        let passed = (lead - (job.starts_at().0 - self.now.0).max(0) as i128).max(0);
        let whole = amount as i128 * job.cancellation_fee.0 as i128;
        (whole * passed / lead / 10_000) as u64
    }

    /// If it started as soon as it may, what it pays might be known only once its own right to credits is gone.
    fn may_not_start(&self, job: &escrow::Job, now: Timestamp) -> bool {
        let starts_at = if job.is_reserved() { now.max(job.starts_at()) } else { now };
        let judged = if job.terms.acceptance_window.0 == 0 { 0 } else { job.terms.arbitration_window.0 };
        let windows = [job.duration.0, job.terms.late_window.0, job.terms.acceptance_window.0, judged];
        let last = starts_at.0 + windows.iter().map(|window| *window as i64).sum::<i64>();
        let ends = |one: bme::Spender| {
            let is_its_own = one.network == job.network && one.number == job.spender_number;
            is_its_own && one.closes_at != Timestamp::default() && last >= one.closes_at.0
        };
        job.mint == NONE && self.before.values().filter_map(read::<bme::Spender>).any(|one| ends(*one))
    }

    /// Its network took the right to pay in credits away.
    pub(crate) fn is_cut_off(&self, job: &escrow::Job) -> bool {
        job.mint == NONE && self.is_revoked(&job.network, job.lane, job.spender_number)
    }

    /// The same, and of no other program's spender in the lane.
    fn is_escrows_revoked(&self, job: &escrow::Job) -> bool {
        let authority = joule_escrow_interface::pda::authority::find(&job.network).0;
        let mut own = self.before.values().filter_map(read::<bme::Spender>).filter(|one| one.authority == authority);
        own.any(|one| {
            let is_over = one.closes_at != Timestamp::default() && self.now >= one.closes_at;
            one.lane == job.lane && (is_over || one.number != job.spender_number)
        })
    }

    /// The network took this right away: of the spender with this number in the lane.
    fn is_revoked(&self, network: &Address, lane: u8, number: u16) -> bool {
        let mut spenders = self.before.values().chain(self.after.values()).filter_map(read::<bme::Spender>).peekable();
        // Nothing is left of a spender that is closed.
        let is_closed = spenders.peek().is_none();
        is_closed
            || spenders.into_iter().any(|spender| {
                let is_over = spender.closes_at != Timestamp::default() && self.now >= spender.closes_at;
                let is_of_its_lane = spender.network == *network && spender.lane == lane;
                is_of_its_lane && (is_over || spender.number != number)
            })
    }

    /// Tokens of a job's provider came into its associated token account only, and as a fee.
    fn paid_where_known(&self, job: &escrow::Job) -> bool {
        self.after.iter().filter(|(_, account)| is_token(account)).all(|(address, account)| {
            let owned = account.data[32..64] == job.provider.to_bytes();
            let came = self.before.get(address).is_some_and(|was| is_token(was) && amount(account) > amount(was));
            !owned || !came || *address == job.terms.fee_payee || *address == associated(&job.provider, account)
        })
    }

    fn deposit(&self, address: &Address, before: Option<&escrow::Deposit>, after: Option<&escrow::Deposit>) -> Verdict {
        let Some(was) = before else { return Ok(()) };
        let free = after.map_or(0, |deposit| deposit.free.0);
        // What the mint's issuer took out of the vault is missing, whoever notes it.
        let there = self.after.get(&was.vault).filter(|vault| is_token(vault)).map_or(u64::MAX, amount);
        let was_taken = there < was.free.0.saturating_add(was.held.0) && free == there.saturating_sub(was.held.0);
        let used = free < was.free.0 && !was_taken && !self.by(&was.client);
        let charged = used && after.is_some() && self.charged(address, &was.client, was.free.0 - free);
        hold(!used || charged, "a deposit was used without its client")?;
        hold(after.is_some() || was.held.is_zero(), "a deposit was closed that holds something")
    }

    /// Mandates whose delegate signed in time.
    fn delegated(&self) -> impl Iterator<Item = &escrow::Mandate> {
        let mandates = self.before.values().filter_map(read::<escrow::Mandate>);
        mandates.into_iter().filter(|mandate| self.by(&mandate.delegate) && self.now <= mandate.expires_at)
    }

    /// The delegate of the mandate under which the job was posted signed for its client.
    fn by_delegate(&self, job: &escrow::Job) -> bool {
        self.delegated().any(|mandate| {
            mandate.owner == job.client
                && mandate.id == job.mandate_id
                && mandate.funding_account == job.funding_account
                && mandate.markets.contains(&job.market)
        })
    }

    /// As much as left the funding account was charged to a mandate over it.
    fn charged(&self, account: &Address, owner: &Address, amount: u64) -> bool {
        let of_account = self.delegated().filter(|one| one.funding_account == *account && one.owner == *owner);
        let spent = of_account.map(|was| {
            let mandates = self.after.values().filter_map(read::<escrow::Mandate>);
            let is = mandates.into_iter().find(|is| is.owner == was.owner && is.id == was.id);
            is.map_or(0, |is| is.spent.0.saturating_sub(was.spent.0))
        });
        spent.sum::<u64>() >= amount || self.restores()
    }

    /// A job gave back to its mandate what it did not need: that may be spent again in the same instruction.
    fn restores(&self) -> bool {
        self.before.iter().any(|(address, account)| {
            let is = self.after.get(address).and_then(read::<escrow::Job>);
            read::<escrow::Job>(account).zip(is).is_some_and(|(was, is)| {
                was.has_ended() && !was.mandate_charged.is_zero() && was.posting_id != is.posting_id
            })
        })
    }

    fn mandate(&self, _: &Address, before: Option<&escrow::Mandate>, after: Option<&escrow::Mandate>) -> Verdict {
        let (Some(was), Some(is)) = (before, after) else {
            if let Some(is) = after {
                return hold(self.by(&is.owner) && is.spent.is_zero(), "a mandate that its owner did not open");
            }
            return hold(
                before.is_none_or(|was| self.by(&was.owner) || self.now > was.expires_at),
                "a mandate was closed before its time",
            );
        };
        let gives = |one: &escrow::Mandate| {
            let what = (one.funding_account, one.markets, one.limit, one.total, one.window, one.expires_at);
            (one.owner, one.delegate, one.payer, one.id, what)
        };
        hold(gives(was) == gives(is), "a mandate changed")?;
        let spends = is.spent > was.spent || is.used_at(self.now) > was.used_at(self.now);
        let delegate = self.by(&is.delegate) && self.now <= is.expires_at;
        hold(!spends || delegate, "a mandate was spent by another than its delegate")?;
        hold(is.spent <= is.total && is.used <= is.limit, "a delegate spent more than its mandate allows")
    }

    fn gang_of(&self, place: &Address) -> Option<escrow::Gang> {
        // A heartbeat does not write it.
        gang_among(self.before, place).or_else(|| gang_among(self.others, place))
    }

    /// The beacon that a job is on. Reading does not write it.
    fn beacon_of(&self, job: &escrow::Job) -> Option<&escrow::Beacon> {
        let address = joule_escrow_interface::pda::beacon::find(&job.provider, &job.node).0;
        let is_its = |one: &&escrow::Beacon| one.provider == job.provider && one.node == job.node;
        // Of another tenant it is not where it is derived.
        let given = || self.before.values().filter_map(read::<escrow::Beacon>).find(is_its);
        self.find::<escrow::Beacon>(&address).or_else(given).filter(|_| job.on_beacon == 1)
    }

    /// Of a member of a gang no silence that its own beacon remembers counts as worked.
    fn is_member_read(&self, address: &Address, was: &escrow::Job, is: &escrow::Job) -> bool {
        let (Some(gang), Some(beacon)) = (self.gang_of(address), self.beacon_of(was)) else { return false };
        if was.state != job_state::GANG || is.last_heartbeat_at > gang.clock(self.now) {
            return false;
        }
        let began = was.started_at == Timestamp::default();
        let from = if began { gang.started_at } else { was.last_heartbeat_at };
        let interval = beacon.interval.0 as u64;
        let late = |began: Timestamp, ended: Timestamp| {
            let (began, ended) = (gang.clock_at(began).max(from), ended.min(is.last_heartbeat_at));
            ended.since(began).saturating_sub(interval)
        };
        let remembered = beacon.gaps.iter().map(|gap| late(gap.began_at, gang.clock_at(gap.ended_at)));
        let open = late(beacon.last_beat_at, is.last_heartbeat_at);
        // Halts are nobody's downtime.
        self.knows_halts() || is.downtime >= was.downtime + remembered.sum::<u64>() + open
    }

    /// Its own beacon says of a running job what it says now.
    fn is_read(&self, was: &escrow::Job, is: &escrow::Job) -> bool {
        let runs = was.state == job_state::RUNNING && is.state == job_state::RUNNING;
        // What was read once its time was over is final.
        let is_open = was.last_heartbeat_at < was.ends_at;
        self.beacon_of(was).filter(|_| runs && is_open).is_some_and(|beacon| {
            let until = self.now.min(was.ends_at);
            let sums = beacon.sums_at(until);
            let (downtime, missed) = (is.downtime + was.beacon_downtime, is.missed_heartbeats + was.beacon_missed);
            // No time is left open but an interval, and none at the end.
            let shown = beacon.last_beat_at.0.max(until.0 - beacon.interval.0 as i64).min(until.0);
            let shown = if until == was.ends_at { until.0 } else { shown };
            (downtime, missed, is.last_heartbeat_at.0) == (sums.downtime, sums.missed, shown)
        })
    }

    fn beacon(&self, _: &Address, before: Option<&escrow::Beacon>, after: Option<&escrow::Beacon>) -> Verdict {
        let (Some(was), Some(is)) = (before, after) else {
            if let Some(is) = after {
                let is_new = is.jobs == 0 && is.downtime == 0 && is.last_beat_at == self.now;
                return hold(self.by(&is.provider) && is_new, "a beacon that its provider did not open");
            }
            return hold(
                before.is_none_or(|was| {
                    let is_left = self.now.since(was.last_beat_at) > escrow::BEACON_CLOSING_DELAY.0 as u64;
                    was.jobs == 0 && (self.by(&was.provider) || is_left)
                }),
                "a beacon was closed that is in use",
            );
        };
        let of = |one: &escrow::Beacon| {
            (one.provider, one.node, one.payer, one.machine_key, one.interval, one.class, one.capacity)
        };
        hold(of(was) == of(is), "a beacon became another's")?;
        let same = (was.last_beat_at, was.downtime, was.missed, was.gaps)
            == (is.last_beat_at, is.downtime, is.missed, is.gaps);
        let may_beat = self.by(&is.provider) || self.by(&is.machine_key);
        hold(same || may_beat && is.last_beat_at == self.now, "another's beat")?;
        let silent = self.now.since(was.last_beat_at).saturating_sub(was.interval.0 as u64);
        hold(same || is.downtime == was.downtime + silent, "a beacon forgot its silence")?;
        let gap = escrow::Gap { began_at: was.last_beat_at, ended_at: self.now };
        hold(same || silent == 0 || is.gaps.contains(&gap), "a beacon forgot when it was silent")?;
        let on = |account: Option<&Account>| {
            let job = account.and_then(read::<escrow::Job>);
            job.is_some_and(|job| job.on_beacon == 1 && job.provider == is.provider && job.node == is.node) as i64
        };
        // Of the jobs that were written: what `before` lacks stayed as it is.
        let joined: i64 = self.before.iter().map(|(job, was)| on(self.after.get(job)) - on(Some(was))).sum();
        let is_counted = is.jobs as i64 - was.jobs as i64 == joined && is.jobs <= is.capacity;
        hold(is_counted, "a beacon has another number of jobs")
    }

    fn market(&self, _: &Address, before: Option<&escrow::Market>, after: Option<&escrow::Market>) -> Verdict {
        let same = |was: &escrow::Market, is: &escrow::Market| {
            (was.terms, was.closed, was.verification, was.terms_version, was.lane, was.tip)
                == (is.terms, is.closed, is.verification, is.terms_version, is.lane, is.tip)
        };
        if before.zip(after).is_some_and(|(was, is)| same(was, is)) {
            return Ok(());
        }
        let network = before.or(after).map(|market| market.network).unwrap_or_default();
        hold(self.by_authority(&network), "a market was changed by another than its network")
    }

    fn by_authority(&self, network: &Address) -> bool {
        self.find::<bme::Network>(network).is_none_or(|network| self.by(&network.authority))
    }

    fn is_authority_of(&self, network: &Address) -> bool {
        self.find::<bme::Network>(network).is_some_and(|network| self.by(&network.authority))
    }

    fn by_guardian(&self, network: &Address) -> bool {
        self.find::<bme::Network>(network).is_none_or(|network| self.by(&network.policy.guardian))
    }

    fn credits(
        &self,
        address: &Address,
        before: Option<&bme::CreditAccount>,
        after: Option<&bme::CreditAccount>,
    ) -> Verdict {
        let Some(was) = before else { return Ok(()) };
        let Some(is) = after else {
            let is_empty = was.balance.is_zero() && was.locked.iter().all(|locked| locked.is_zero());
            return hold(is_empty && self.by(&was.owner) && was.opened_at < self.now, "credits are gone");
        };
        let approved = || {
            // It is only read, so it may be among the others.
            let spenders = self.before.values().chain(self.others.values()).filter_map(read::<bme::Spender>);
            let mut approved = spenders.filter(|spender| was.approves(spender));
            let used = was.balance.0.saturating_sub(is.balance.0);
            approved.any(|spender| {
                spender.network == was.network
                    && (self.signers.contains(&spender.authority)
                        || !has_key(&spender.authority) && self.charged(address, &was.owner, used))
            })
        };
        let may = is.balance >= was.balance || self.by(&was.owner) || approved();
        hold(may, "credits were used without their owner")?;
        let approves_more = is.approved_spenders & !was.approved_spenders != 0;
        hold(!approves_more || self.by(&was.owner), "a spender was approved by another than the owner")?;
        for slot in 0..was.locked.len() {
            let fell = is.locked[slot] < was.locked[slot];
            if !fell {
                continue;
            }
            let is_its_own = |id: usize, number: u16| id == slot && number == was.locked_for[slot];
            let spender = (self.before.values().chain(self.after.values()).filter_map(read::<bme::Spender>))
                .find(|spender| spender.network == was.network && is_its_own(spender.id as usize, spender.number));
            if let Some(spender) = spender {
                hold(self.by(&spender.authority), "locked credits moved without their spender")?;
            } else if let Some(network) = self.find::<bme::Network>(&was.network) {
                let is_closed =
                    network.spender_places & 1 << slot == 0 || !is_its_own(slot, network.spender_numbers[slot]);
                hold(is_closed && self.by(&was.owner), "credits were taken back from a spender in force")?;
            }
        }
        Ok(())
    }

    fn network(&self, address: &Address, before: Option<&bme::Network>, after: Option<&bme::Network>) -> Verdict {
        let (Some(was), Some(is)) = (before, after) else { return hold(before.is_none(), "a network is gone") };
        let comes_from = |network: &bme::Network| (network.source, network.reserve_vault, network.founder);
        hold(comes_from(is) == comes_from(was), "a network's tokens come from elsewhere")?;
        if is.policy != was.policy {
            let changes = self.before.values().filter_map(read::<bme::PolicyChange>);
            let due = changes.into_iter().any(|change| {
                change.network == *address && change.executable_at <= self.now && change.policy == is.policy
            });
            hold(due, "parameters changed before their time")?;
        }
        let weighed = is.weights() == was.weights() || is.policy != was.policy || self.by(&was.policy.weigher);
        hold(weighed, "lanes were weighed by one who may not")?;
        let guarded = self.by(&was.authority) || self.by(&was.policy.guardian);
        hold(is.paused <= was.paused || guarded, "paused by one who may not")?;
        let is_over = self.now >= was.pause_ends_at;
        hold(is.paused >= was.paused || is_over || self.by(&was.authority), "resumed by one who may not")
    }

    fn upkeep(&self, _: &Address, before: Option<&bme::Upkeep>, after: Option<&bme::Upkeep>) -> Verdict {
        let Some(was) = before else { return Ok(()) };
        let Some(is) = after else { return Err("an upkeep is gone") };
        let whose = |upkeep: &bme::Upkeep| (upkeep.network, upkeep.treasury, upkeep.vault, upkeep.payer);
        hold(whose(is) == whose(was), "an upkeep became another's")?;
        let authority = self.by_authority(&was.network);
        let set = |upkeep: &bme::Upkeep| (upkeep.keeper_share, upkeep.max_kept);
        hold(set(is) == set(was) || authority, "a share was set by another than its network")?;
        let paid = is.paid.0.checked_sub(was.paid.0).ok_or("what keepers got was forgotten")?;
        hold(is.kept.0 + paid >= was.kept.0, "what is kept for keepers went elsewhere")?;
        let unpaid = |chore: &bme::Chore| bme::Chore { paid_at: Timestamp::default(), ..*chore };
        for (was, is) in was.chores.iter().zip(&is.chores) {
            hold(authority || unpaid(was) == unpaid(is), "a chore was set by another than its network")?;
            let waited = self.now.0 > was.paid_at.0.saturating_add(was.interval.0 as i64);
            hold(authority || was.paid_at == is.paid_at || waited, "a chore was paid for before its time")?;
        }
        Ok(())
    }

    fn work(&self, _: &Address, before: Option<&bme::ProviderWork>, after: Option<&bme::ProviderWork>) -> Verdict {
        let Some(was) = before else { return Ok(()) };
        let Some(is) = after else {
            let is_empty =
                was.accrued.is_zero() && was.work.iter().chain([&was.waiting]).all(|work| work.credits.is_zero());
            return hold(is_empty && self.by(&was.provider), "work is gone");
        };
        hold(is.claimed == was.claimed || self.by(&was.provider), "rewards were claimed by another")
    }

    /// What roots have paid is never forgotten.
    fn root_claim(&self, _: &Address, before: Option<&bme::RootClaim>, after: Option<&bme::RootClaim>) -> Verdict {
        let Some(was) = before else { return Ok(()) };
        let Some(is) = after else {
            let by_either = self.by(&was.claimant) || self.by(&was.payer);
            return hold(was.claimed.is_zero() && by_either, "what roots have paid is forgotten");
        };
        hold(is.claimed >= was.claimed, "what roots have paid is forgotten")?;
        // What a machine earned is its owner's.
        let claimant = self.find::<identity::Node>(&was.claimant).map_or(was.claimant, |node| node.owner);
        hold(is.claimed == was.claimed || self.by(&claimant), "rewards were claimed by another")
    }

    fn burn_shard(&self, _: &Address, before: Option<&bme::BurnShard>, after: Option<&bme::BurnShard>) -> Verdict {
        let is_gone = before.filter(|_| after.is_none());
        hold(is_gone.is_none_or(|was| self.by_authority(&was.network)), "a shard was closed by another")
    }

    /// Dollars leave an auction for tokens, or for its treasury.
    fn auction(&self, _: &Address, before: Option<&bme::Auction>, after: Option<&bme::Auction>) -> Verdict {
        let Some(is) = after else { return hold(before.is_none(), "an auction is gone") };
        let Some(was) = before else {
            return hold(self.by_authority(&is.network), "an auction was opened by another than its network");
        };
        let of = |auction: &bme::Auction| (auction.network, auction.mint, auction.vault, auction.token_program);
        hold(of(is) == of(was), "an auction became another's")?;
        let is_due = was.executable_at != Timestamp::default() && self.now >= was.executable_at;
        if is.policy != was.policy {
            hold(is_due && is.policy == was.proposed_policy, "dollars are sold otherwise before the time")?;
        }
        let proposed = |auction: &bme::Auction| (auction.proposed_policy, auction.executable_at);
        let may = self.by_authority(&was.network) || is_due && is.executable_at == Timestamp::default();
        hold(proposed(is) == proposed(was) || may, "a change was proposed by another")?;
        let may = is.shard_count == was.shard_count || self.by_authority(&was.network);
        hold(may, "a shard was added by another")?;
        hold(is.paid == was.paid || is.tokens.get() > was.tokens.get(), "dollars were paid for nothing")?;
        let vault = |accounts: &Accounts| accounts.get(&was.vault).filter(|one| is_token(one)).map(amount);
        let Some((old, new)) = vault(self.before).zip(vault(self.after)) else { return Ok(()) };
        let booked =
            |auction: &bme::Auction| auction.received.0 as i128 - auction.paid.0 as i128 - auction.cut_paid.0 as i128;
        hold(old as i128 - new as i128 <= booked(was) - booked(is), "dollars left, and nobody booked it")
    }

    fn dollar_shard(
        &self,
        _: &Address,
        before: Option<&bme::DollarShard>,
        after: Option<&bme::DollarShard>,
    ) -> Verdict {
        let Some(is) = after else { return hold(before.is_none(), "a shard is gone") };
        let Some(was) = before else { return hold(self.by_authority(&is.network), "a shard was added by another") };
        hold(is.folded <= is.received && is.received >= was.received, "a shard forgot dollars")?;
        let paid = is.received.0 - was.received.0;
        hold(is.issued.0 - was.issued.0 <= paid, "more credits than dollars")
    }

    /// The work of a shard that is closed is another's of its lane.
    fn work_shard(&self, _: &Address, before: Option<&bme::WorkShard>, after: Option<&bme::WorkShard>) -> Verdict {
        let Some(was) = before.filter(|_| after.is_none()) else { return Ok(()) };
        hold(self.by_authority(&was.network), "a shard was closed by another")?;
        let shards = self.after.values().filter_map(read::<bme::WorkShard>);
        let of_lane = shards.into_iter().filter(|shard| (shard.network, shard.lane) == (was.network, was.lane));
        let mut heirs = of_lane.filter(|shard| shard.total_work >= was.total_work);
        hold(heirs.next().is_some(), "work went with its shard")
    }

    fn delegation(
        &self,
        _: &Address,
        before: Option<&stake::Delegation>,
        after: Option<&stake::Delegation>,
    ) -> Verdict {
        after.map_or(Ok(()), |is| self.locked_until(before, is))?;
        let Some(was) = before else { return Ok(()) };
        if let Some(is) = after.filter(|is| is.weight != was.weight) {
            let provider = self.after.get(&is.provider).and_then(read::<stake::Provider>);
            hold(
                provider.is_none_or(|provider| is.reward_index == provider.reward_index),
                "weighed anew before it has what it earned",
            )?;
            hold(is.multiplier == Bps::WHOLE || self.now < is.lock_ends_at, "weighed by a lock that has ended")?;
        }
        let shares = after.map_or(0, |delegation| delegation.shares.get());
        // Anyone closes what is worth nothing.
        let worth = self.before.get(&was.provider).and_then(read::<stake::Provider>).map(|one| was.worth(one));
        let is_worthless = after.is_none() && worth.is_none_or(|worth| worth == Ok(Tokens::ZERO));
        hold(shares >= was.shares.get() || self.by(&was.owner) || is_worthless, "stake left without its owner")
    }

    fn stake_of(&self, accounts: &Accounts, provider: &Address) -> Option<u128> {
        let provider = accounts.get(provider).and_then(read::<stake::Provider>)?;
        provider.stake().ok().map(|stake| stake.0 as u128)
    }

    /// A provider's stake became less, as far as is known.
    fn has_lost(&self, provider: &Address) -> bool {
        self.stake_of(self.after, provider) < self.stake_of(self.before, provider)
    }

    fn ticket(
        &self,
        _: &Address,
        before: Option<&stake::UnbondingTicket>,
        after: Option<&stake::UnbondingTicket>,
    ) -> Verdict {
        if let Some(is) = after {
            self.leaves_at(before, is)?;
            let target = self.find::<stake::Delegation>(&is.new_delegation);
            let pool = |provider: &Address| self.find::<stake::Provider>(provider).map(|provider| provider.pool);
            if let Some((from, to)) = target.and_then(|target| pool(&is.provider).zip(pool(&target.provider))) {
                hold(from == to, "stake goes to another pool")?;
            }
            return hold(before.is_some() || self.by(&is.owner), "stake leaves without its owner");
        }
        let Some(was) = before else { return Ok(()) };
        let is_due = was.part.withheld != 0 || self.now >= was.withdrawable_at;
        hold(is_due || !self.has_lost(&was.provider), "stake left before its time")
    }

    fn provider(
        &self,
        address: &Address,
        before: Option<&stake::Provider>,
        after: Option<&stake::Provider>,
    ) -> Verdict {
        let (Some(was), Some(is)) = (before, after) else {
            let stub = |accounts: &Accounts| accounts.get(address).and_then(read::<stake::ProviderStub>).copied();
            let record = |one: &stake::Provider| (one.reputation, one.slash_count, one.ticket_base, one.status);
            let kept = |stub: stake::ProviderStub| (stub.reputation, stub.slash_count, stub.ticket_base, stub.status);
            if let Some(was) = before {
                hold(self.by(&was.authority), "a provider was closed by another")?;
                return hold(stub(self.after).map(kept) == Some(record(was)), "a record was forgotten");
            }
            let before = self.before.get(address).and_then(read::<stake::ProviderStub>);
            before.zip(after).map_or(Ok(()), |(stub, is)| self.comes_back(stub, is))?;
            let before = stub(self.before).map(kept);
            return hold(before.is_none_or(|before| after.map(record) == Some(before)), "a record was forgotten");
        };
        self.notices(was, is)?;
        if is.weight() != was.weight() {
            let mut rewards = self.after.values().filter_map(read::<stake::Rewards>);
            let own = rewards.find(|rewards| rewards.pool == is.pool);
            hold(
                own.is_none_or(|own| is.pool_reward_index == own.reward_index),
                "weighed anew before it has what it earned",
            )?;
        }
        // What seizes a bond has no part in rewards: whoever likes refreshes the provider then.
        let settles = self.before.values().filter_map(read::<stake::Rewards>).any(|rewards| rewards.pool == is.pool);
        let counts = |one: &stake::Provider| {
            (one.own_stake(), one.delegated, one.delegated_weight, one.incoming, one.own_multiplier, one.status)
        };
        if settles && counts(is) != counts(was) {
            let pot = weight_at_price_floor(is.delegated_weight.get(), is.delegated.price).unwrap_or_default();
            let all = [is.present_own_weight().unwrap_or_default(), pot, is.incoming];
            let earns = is.status == stake::status::ACTIVE;
            let weights = if earns { all } else { [Weight::ZERO; 3] };
            hold([is.own_weight, is.pot_weight, is.incoming_weight] == weights, "not weighed as it is")?;
        }
        if is.bonded > was.bonded {
            hold(self.by(&was.authority), "bonded without its signature")?;
            let free = was.available().map_or(0, |available| available.0);
            hold(is.bonded.0 - was.bonded.0 <= free, "bonded beyond what is free")?;
        }
        let slashed = |one: &stake::Provider| one.slashed.0 as u128 + one.treasury_due.0 as u128;
        let own = |one: &stake::Provider| one.own.0 as u128 + one.bonded.0 as u128;
        let took = slashed(is) > slashed(was) || is.lien > was.lien;
        // Jobs take what is bonded.
        let spoken_for = self.by(&was.authority) || took || is.bonded < was.bonded;
        hold(own(is) >= own(was) || spoken_for, "own stake left without its provider")?;
        if slashed(is) < slashed(was) {
            let Some(pool) = self.find::<stake::Pool>(&is.pool) else { return Ok(()) };
            let elsewhere = self.after.iter().filter(|(address, _)| **address != pool.treasury);
            let mut got = elsewhere.filter(|(address, account)| {
                let before = self.before.get(address).filter(|before| is_token(before) && is_token(account));
                before.is_some_and(|before| amount(account) > amount(before))
            });
            hold(got.next().is_none(), "what was slashed went elsewhere")?;
        }
        if was.status == stake::status::JAILED && is.status == stake::status::ACTIVE {
            hold(self.now >= was.jail_ends_at && self.by(&was.authority), "out of jail before its time")?;
        }
        hold(was.status != stake::status::TOMBSTONED || is.status == was.status, "back from being out for good")
    }

    fn slash(&self, _: &Address, before: Option<&stake::Slash>, after: Option<&stake::Slash>) -> Verdict {
        let slasher = |slash: &stake::Slash| {
            self.find::<stake::Slasher>(&slash.slasher).is_none_or(|slasher| self.by(&slasher.authority))
        };
        let Some(was) = before else {
            hold(after.is_none_or(slasher), "a slash that no slasher proposed")?;
            return after.map_or(Ok(()), |is| self.proposed(is));
        };
        let in_time = was.executable_at <= self.now && self.now < was.expires_at;
        if !self.has_lost(&was.provider) {
            return Ok(());
        }
        hold(in_time, "slashed out of its time")?;
        let pots = |accounts: &Accounts| {
            let provider = accounts.get(&was.provider).and_then(read::<stake::Provider>);
            provider.map_or((0, 0, 0), |one| {
                let own = one.own_stake().unwrap_or_default();
                (own.0 as i128, one.delegated.tokens.0 as i128, one.unbonding.tokens.0 as i128)
            })
        };
        let ((own, stays, leaves), (own_left, stay, leave)) = (pots(self.before), pots(self.after));
        let uneven = (stays - stay) * leaves - (leaves - leave) * stays;
        hold(uneven.abs() <= stays + leaves, "who leaves lost another part than who stays")?;
        // The provider pays the odd unit.
        let (others, lost) = (stays + leaves, stays + leaves - stay - leave);
        let more = (own - own_left) * others - lost * own;
        hold((0..=own + others).contains(&more), "the provider lost another part than its delegators")
    }

    fn bond(&self, _: &Address, before: Option<&stake::Bond>, after: Option<&stake::Bond>) -> Verdict {
        let slasher = |bond: &stake::Bond| {
            self.find::<stake::Slasher>(&bond.slasher).is_none_or(|slasher| {
                // Without the right to bonds, they are only given back.
                self.by(&slasher.authority)
                    || slasher.rights & stake::rights::BOND == 0 && !self.has_lost(&bond.provider)
            })
        };
        before.zip(after).map_or(Ok(()), |(was, is)| self.seized_at(was, is))?;
        if let Some(was) = before.filter(|bond| bond.seized.price != 0) {
            let is_left = after.is_some_and(|bond| bond.seized.price != 0);
            let is_due = was.seized.withheld != 0 || self.now >= was.withdrawable_at;
            hold(is_left || is_due, "seized tokens left before their time")?;
        }
        let amount = |bond: Option<&stake::Bond>| bond.map_or(0, |bond| bond.amount.0);
        let bond = before.filter(|bond| bond.amount.0 != 0).or(after);
        hold(amount(before) == amount(after) || bond.is_none_or(slasher), "a bond moved without its slasher")
    }

    fn pool(&self, address: &Address, before: Option<&stake::Pool>, after: Option<&stake::Pool>) -> Verdict {
        let (Some(was), Some(is)) = (before, after) else {
            let Some(was) = before else { return after.map_or(Ok(()), |is| self.rules(address, None, is)) };
            hold(self.by_authority(&was.network), "a pool was closed by another")?;
            let all = || self.before.values().chain(self.others.values());
            let has_provider = all().filter_map(read::<stake::Provider>).any(|provider| provider.pool == *address);
            let has_slasher = all().filter_map(read::<stake::Slasher>).any(|slasher| slasher.pool == *address);
            return hold(!has_provider && !has_slasher, "a pool was closed that is in use");
        };
        self.rules(address, Some(was), is)
    }

    fn slasher(&self, _: &Address, before: Option<&stake::Slasher>, after: Option<&stake::Slasher>) -> Verdict {
        if let Some(is) = after {
            return self.grants(before, is);
        }
        let Some(was) = before else { return Ok(()) };
        let is_over = was.rights == 0 && self.now >= was.bonds_free_at;
        hold(is_over, "a slasher was closed that has rights, or had them not long ago")
    }

    fn registry(
        &self,
        _: &Address,
        before: Option<&identity::Registry>,
        after: Option<&identity::Registry>,
    ) -> Verdict {
        let (Some(was), Some(is)) = (before, after) else {
            let by_its_network = before.is_none_or(|was| self.by_authority(&was.network));
            return hold(by_its_network, "a registry is gone");
        };
        if is.policy != was.policy {
            let due = was.next_policy_at != Timestamp::default() && was.next_policy_at <= self.now;
            hold(due && is.policy == was.next_policy, "a policy in force before its time")?;
        }
        let network = self.find::<bme::Network>(&was.network);
        if is.next_policy_at > was.next_policy_at {
            hold(self.by_authority(&was.network), "a policy that its network did not propose")?;
            let delay = network.map_or(0, |network| network.policy.change_delay.0);
            hold(is.next_policy_at.0 >= self.now.0 + delay as i64, "a policy that does not wait")?;
        }
        let who = |registry: &identity::Registry| {
            registry.attestors.map(|attestor| (attestor.id, attestor.authority, attestor.weight))
        };
        hold(
            who(is) == who(was) || self.signers.iter().any(|_| self.by_authority(&was.network)),
            "attestors changed by another",
        )
    }

    fn node(&self, _: &Address, before: Option<&identity::Node>, after: Option<&identity::Node>) -> Verdict {
        use identity::status::{LOST, REVOKED, SUSPENDED};
        let Some(is) = after else {
            let Some(was) = before else { return Ok(()) };
            return hold(
                self.by(&was.owner) || was.status & LOST != 0,
                "a machine was taken out of service by another",
            );
        };
        let Some(was) = before else {
            return hold(self.by(&is.owner), "a machine was put into service by another than its owner");
        };
        let decided = |node: &identity::Node| node.status & (SUSPENDED | REVOKED);
        self.standing(is)?;
        let suspended = decided(is) == decided(was) | SUSPENDED && self.by_guardian(&was.network);
        let over = decided(was) == SUSPENDED && decided(is) == 0 && self.now >= was.suspension_ends_at;
        hold(
            decided(is) == decided(was) || suspended || over || self.by_authority(&was.network),
            "a machine's status changed by another",
        )?;
        let waited = decided(was) == 0 && self.now >= was.guardian_suspends_at;
        hold(
            is.suspension_ends_at <= was.suspension_ends_at || waited || self.by_authority(&was.network),
            "a suspension was prolonged by the guardian",
        )?;
        hold(is.site == was.site || self.by(&was.owner), "a site that the owner did not state")?;
        let renewed = is.version > was.version;
        hold(is.site == was.site || renewed, "another site that attestors vouched for")?;
        if is.owner == was.owner {
            hold(is.operator == was.operator || self.by(&was.owner), "an operator that the owner did not name")?;
        }
        for word in is.attestations.iter().filter(|word| word.attestor != 0) {
            // One that is taken back ends earlier.
            let known =
                was.attestations.iter().any(|old| old.attestor == word.attestor && old.expires_at >= word.expires_at);
            if known {
                continue;
            }
            let Some(registry) = self.find::<identity::Registry>(&is.registry) else { continue };
            let attestor = registry.attestor(word.attestor);
            hold(
                attestor.is_some_and(|attestor| self.by(&attestor.authority)),
                "a word that the attestor did not give",
            )?;
            let latest = self.now.0 + registry.policy.max_attestation_period.0 as i64;
            hold(
                self.now < word.expires_at && word.expires_at.0 <= latest,
                "a word for longer than the registry allows",
            )?;
        }
        Ok(())
    }

    /// A machine stands as long as enough vouch for it, by its own registry's class.
    fn standing(&self, node: &identity::Node) -> Verdict {
        let live = || node.attestations.iter().filter(|word| word.attestor != 0 && word.expires_at > self.now);
        let counts_once = |id: u32| live().filter(|word| word.attestor == id).count() == 1;
        hold(live().all(|word| counts_once(word.attestor)), "an attestor counts twice")?;
        let classes = self.others.values().filter_map(read::<identity::Class>);
        let mut own = classes.filter(|class| class.registry == node.registry && class.id == node.class);
        let Some(class) = own.next().filter(|class| class.threshold != 0) else { return Ok(()) };
        let words = || node.attestations.iter().filter(|word| word.attestor != 0);
        let weight =
            |at: Timestamp| words().filter(|word| word.expires_at >= at).map(|word| word.weight as u64).sum::<u64>();
        let until = words().map(|word| word.expires_at).filter(|at| weight(*at) >= class.threshold as u64).max();
        let most = until.unwrap_or(Timestamp(i64::MIN));
        hold(node.class_expires_at <= self.now.max(most), "a machine stands for which not enough vouch")
    }

    /// What is reserved for somebody is taken by nobody else.
    fn claim(
        &self,
        _: &Address,
        before: Option<&identity::SpecificationClaim>,
        after: Option<&identity::SpecificationClaim>,
    ) -> Verdict {
        let Some(was) = before else { return Ok(()) };
        let reserved = was.reservation_ends_at != Timestamp::default();
        let Some(is) = after else {
            let free = reserved && (self.by(&was.owner) || self.now >= was.reservation_ends_at);
            let by_operator = match self.find::<identity::Registry>(&was.registry) {
                Some(registry) => self.by_authority(&registry.network),
                // The call does not name it: then it names the network.
                None => self.before.keys().any(|key| self.is_authority_of(key)),
            };
            return hold(free || by_operator, "a specification was set free by another");
        };
        if reserved {
            let same = (is.node, is.owner, is.reservation_ends_at) == (was.node, was.owner, was.reservation_ends_at);
            return hold(same || was.node == is.node || self.by(&was.owner), "a reserved specification was taken");
        }
        hold(is.node == was.node || is.node == Address::default(), "a specification went to another machine")
    }

    /// What was said stays until its time is over, and stake answers for it as long.
    fn statement(
        &self,
        _: &Address,
        before: Option<&identity::Statement>,
        after: Option<&identity::Statement>,
    ) -> Verdict {
        let Some(was) = before else {
            let provider = after.and_then(|is| self.find::<stake::Provider>(&is.provider));
            let pool = provider.and_then(|provider| self.find::<stake::Pool>(&provider.pool));
            let (Some(is), Some(pool)) = (after, pool) else { return Ok(()) };
            let answers_until = self.now.0 + pool.policy.unbonding_period.0 as i64;
            return hold(is.liability_ends_at.0 <= answers_until, "a statement outlasts the stake that answers for it");
        };
        let Some(is) = after else {
            return hold(self.now >= was.liability_ends_at, "a statement is gone before its time");
        };
        let same = identity::Statement { punished: was.punished, ..*is } == *was;
        hold(same && is.punished >= was.punished, "a statement changed")?;
        let network = self.find::<identity::Registry>(&was.registry).map(|registry| registry.network);
        hold(
            is.punished == was.punished || network.is_some_and(|network| self.by_authority(&network)),
            "an attestor was punished by another",
        )
    }

    fn tree(&self, address: &Address, before: Option<&identity::Tree>, after: Option<&identity::Tree>) -> Verdict {
        let (Some(was), Some(is)) = (before, after) else {
            let by_its_network = before.is_none_or(|was| self.by_authority(&was.network));
            return hold(by_its_network, "a tree is gone");
        };
        let Some(registry) = self.find::<identity::Registry>(&was.registry) else { return Ok(()) };
        if is.minted_count > was.minted_count {
            let minter = registry.policy.minter;
            hold(minter == Address::default() || self.by(&minter), "a machine that the minter did not mint")?;
        }
        let lamports = |accounts: &Accounts, of| accounts.get(of).map_or(0, |account: &Account| account.lamports);
        let fell = lamports(self.before, address).saturating_sub(lamports(self.after, address));
        let receiver = &registry.policy.fee_receiver;
        let got = lamports(self.after, receiver).saturating_sub(lamports(self.before, receiver));
        hold(fell == 0 || got > 0 || self.signers.contains(receiver), "fees went elsewhere")
    }
}

/// The gang among these accounts of which the job is a place.
fn gang_among(accounts: &Accounts, place: &Address) -> Option<escrow::Gang> {
    let has_it = |gang: &&escrow::Gang| gang.places.iter().any(|one| one.job == *place);
    accounts.values().filter_map(read::<escrow::Gang>).find(has_it).copied()
}

fn is_token(account: &Account) -> bool {
    [TOKEN_PROGRAM, TOKEN_2022_PROGRAM].contains(&account.owner) && account.data.len() >= 165
}

/// Address of the owner's associated token account, for the mint of another account.
fn associated(owner: &Address, like: &Account) -> Address {
    const PROGRAM: Address = Address::from_str_const("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL");
    Address::find_program_address(&[owner.as_ref(), like.owner.as_ref(), &like.data[..32]], &PROGRAM).0
}

/// Tokens of a token account.
fn amount(account: &Account) -> u64 {
    u64::from_le_bytes(account.data[64..72].try_into().unwrap())
}

/// What an account is, for a reader.
fn name(account: Option<&Account>) -> String {
    let known = account.and_then(|account| {
        let program = PROGRAMS.iter().find(|program| program.id == account.owner)?;
        let kind = program.accounts.iter().find(|(kind, _)| Some(kind) == account.data.first())?;
        Some(format!("a {} of {}", kind.1.name, program.name))
    });
    known.unwrap_or_else(|| "an account".into())
}

/// Somebody can have its key.
fn has_key(address: &Address) -> bool {
    thread_local! {
        static KNOWN: RefCell<BTreeMap<Address, bool>> = const { RefCell::new(BTreeMap::new()) };
    }
    KNOWN.with_borrow_mut(|known| *known.entry(*address).or_insert_with(|| address.is_on_curve()))
}
