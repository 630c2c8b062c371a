//! What is promised, reckoned beside the program: from what was paid and worked, and when.

use {
    super::*,
    crate::adversary::Balance,
    joule_bme_interface::{
        ID,
        event::{CreditsBought, CreditsConsumed, CreditsGivenUp, EpochSettled, PolicyChanged, RootClaimed, RootClosed},
        state::{CHANGE_WINDOW, IDLE_PERIOD, MAX_PAUSE},
    },
    std::collections::BTreeSet,
};

/// Units that rounding may leave, of all that happens in a sequence.
const DUST: i128 = 10_000;

/// Promises that are kept or broken at once.
const PROMISES: [&str; 19] = [
    "work for which credits were locked is paid for",
    "cranks close each epoch in time",
    "closed epochs are swept, once all is accrued",
    "a change waits as long as was announced",
    "nobody pauses for longer than fourteen days",
    "what a root adds opens evenly",
    "roots add no more than their part of the schedule",
    "a window mints no more than its limit, and ends when it said so",
    "no more is promised than there is",
    "no more is minted than was scheduled, and given back of what was paid",
    "what is sent to a vault counts as paid by nobody",
    "what is paid goes where the epoch's policy says",
    "weights move once an epoch",
    "emission goes where somebody can move it",
    "tokens that are paid while nobody works are not given back",
    "each window, those who are owed get a part",
    "who has a price buys",
    "a founder's mint is taken",
    "owners of credits that nobody takes have their tokens back",
];

#[derive(Clone, Copy, Debug, Default)]
struct Work {
    lane: u8,
    /// 0: H. 1: the coalition.
    whose: usize,
    credits: u64,
    tokens: u64,
}

/// A window of the breaker.
#[derive(Clone, Copy, Debug)]
struct Window {
    ends_at: i64,
    limit: u64,
    /// What was minted before it.
    before: u128,
}

/// What has been seen, and what follows of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    /// Since when H and P earn what oracles state.
    pub began: i64,
    broken: BTreeMap<&'static str, u64>,
    /// B's credits, and the tokens of its work for H and for others.
    b_credits: i128,
    b_tokens: [u64; 2],
    b_work: [u64; 2],
    /// Of the open epoch: its number, when it began, its terms, weights, and the version of the policy.
    open: u64,
    open_since: i64,
    terms: EpochTerms,
    weights: [u16; 16],
    version: u64,
    all_terms: BTreeMap<u64, EpochTerms>,
    /// Of all epochs before this one it is known what they pay.
    settled: u64,
    work: BTreeMap<u64, Vec<Work>>,
    /// By lane, and whose: credits and tokens.
    waiting: [[[u64; 2]; 2]; 2],
    to_accrue: [[BTreeSet<u64>; 2]; 2],
    /// Tokens that H and the coalition earned by work.
    due: [u64; 2],
    scheduled: u64,
    paid: u64,
    /// When the last epoch with work ended.
    last_worked: i64,
    old_tokens: u64,
    old_at_first: u64,
    given_up: u64,
    /// Roots: by the schedule, given back, given; what each side got; what H may claim; what others stated.
    budget: u64,
    added: u64,
    active: BTreeSet<u64>,
    claimed: [u64; 2],
    roots_due: [u64; 2],
    /// Of roots that were stopped, or are not open yet: what H does not get.
    lost: BTreeMap<u64, u64>,
    stated_by_others: u64,
    /// The breaker's windows, and all that was minted: for epochs, and for roots.
    windows: [Option<Window>; 2],
    minted: [u128; 2],
    burned: [u128; 2],
    oracles: Vec<Address>,
    proposed: Option<(Vec<Address>, i64)>,
    changes: BTreeMap<u64, i64>,
    pub paused_since: Option<i64>,
    pause_ended: Option<i64>,
    /// Since when nobody published a price, if an epoch has waited for one.
    waited: Option<i64>,
    /// Something is owed that the breaker will hold for long.
    is_held: bool,
}

impl Known {
    /// A promise is broken, by so much.
    pub fn note(&mut self, promise: &'static str, by: u64) {
        debug_assert!(PROMISES.contains(&promise), "{promise}");
        let broken = self.broken.entry(promise).or_default();
        *broken = by.max(*broken);
    }

    /// The first epoch that is not settled and has work.
    pub fn first_with_work(&self) -> Option<u64> {
        let waits = self.waiting.as_flattened().iter().any(|[credits, _]| *credits > 0);
        if waits { Some(self.settled) } else { self.work.range(self.settled..).next().map(|(epoch, _)| *epoch) }
    }

    /// Settled epochs in which somebody may have work that is not accrued.
    pub fn to_accrue(&self, who: usize, lane: u8) -> Vec<u64> {
        self.to_accrue[lane as usize][(who != H) as usize].iter().copied().collect()
    }

    pub fn accrued(&mut self, who: usize, lane: u8, epochs: &[u64]) {
        let set = &mut self.to_accrue[lane as usize][(who != H) as usize];
        set.retain(|epoch| !epochs.contains(epoch));
    }
}

impl Town {
    /// Everybody has arrived.
    pub(super) fn begin(&mut self) {
        let (network, now) = (self.state(), self.stage.now());
        let set: Option<OracleSet> = self.stage.find(self.network.oracle_set());
        let (b, k) = (self.owned(B), self.owned(K));
        let known = &mut self.memory.known;
        *known = Known {
            began: now - 2 * DAY,
            budget: network.roots.free.0,
            scheduled: network.roots.free.0,
            b_credits: b.balance.0 as i128,
            open: network.open_epoch,
            settled: network.open_epoch,
            open_since: network.epoch_ends_at.0 - network.terms.own_duration.0 as i64,
            terms: network.terms,
            weights: network.weights(),
            version: network.policy_version,
            last_worked: network.last_worked_at.0,
            old_tokens: k.tokens.0,
            old_at_first: k.tokens.0,
            paid: b.tokens.0 + k.tokens.0,
            minted: [network.minted.get(), 0],
            oracles: set.map(|set| set.oracles.to_vec()).unwrap_or_default(),
            ..Known::default()
        };
        known.all_terms.insert(network.open_epoch, network.terms);
    }

    /// Looks at what a transaction did.
    pub(super) fn watch(&mut self, receipt: &Receipt) {
        let mut known = std::mem::take(&mut self.memory.known);
        self.watch_credits(&mut known, receipt);
        let begins = self.watch_epochs(&mut known, receipt);
        if matches!(self.kind, Kind::Roots | Kind::Reserve) {
            self.watch_roots(&mut known, receipt);
        }
        self.watch_tokens(&mut known, begins);
        self.memory.known = known;
    }

    fn watch_credits(&self, known: &mut Known, receipt: &Receipt) {
        let now = self.stage.now();
        let is_idle = now - known.last_worked >= IDLE_PERIOD.0 as i64;
        for event in receipt.events::<CreditsBought>(ID) {
            known.paid += event.tokens.0;
            if event.header.source == self.credits(B) {
                known.b_credits += event.credits.0 as i128;
            } else if !is_idle {
                known.old_tokens += event.tokens.0;
            }
        }
        let spenders = self.stage.all::<Spender>();
        for event in receipt.events::<CreditsConsumed>(ID) {
            let spender = spenders.iter().find(|(_, spender)| spender.id as u64 == event.spender);
            let Some((_, spender)) = spender else { continue };
            let whose = (event.provider != self.keys[H].pubkey()) as usize;
            let (credits, tokens) = (event.amount.0, event.tokens.0);
            let work = Work { lane: spender.lane % 2, whose, credits, tokens };
            known.work.entry(event.epoch).or_default().push(work);
            let is_honest = self.spending.iter().any(|key| key.pubkey() == spender.authority);
            if event.header.source == self.credits(B) && is_honest {
                known.b_credits -= credits as i128;
                known.b_tokens[whose] += tokens;
                known.b_work[whose] += credits;
            }
        }
        for event in receipt.events::<CreditsGivenUp>(ID) {
            if event.header.source != self.credits(B) {
                known.given_up += event.tokens.0;
                let too_many = known.given_up.saturating_sub(known.old_tokens);
                if too_many > 0 {
                    known.note("tokens that are paid while nobody works are not given back", too_many);
                }
            }
        }
    }

    /// Whether an epoch began.
    fn watch_epochs(&self, known: &mut Known, receipt: &Receipt) -> bool {
        let (network, now) = (self.state(), self.stage.now());
        for (_, change) in self.stage.all::<PolicyChange>() {
            let announced = now + network.policy.change_delay.0 as i64;
            known.changes.entry(change.index).or_insert(announced);
        }
        for event in receipt.events::<PolicyChanged>(ID) {
            let from = known.changes.get(&event.index).copied().unwrap_or(now);
            // It was seen when it was proposed, or in the same transaction.
            if now < from || now > from + CHANGE_WINDOW.0 as i64 {
                known.note("a change waits as long as was announced", (from - now).unsigned_abs());
            }
        }
        if network.policy_version != known.version {
            for account in [network.policy.stakers_token_account, network.policy.treasury_token_account] {
                let owner = self.stage.accounts.get(&account).and_then(|account| account.data.get(32..64));
                let owner = owner.and_then(|owner| Address::try_from(owner).ok()).unwrap_or_default();
                if !owner.is_on_curve() {
                    known.note("emission goes where somebody can move it", 1);
                }
            }
        }
        let is_new = network.open_epoch != known.open;
        if is_new {
            let since = network.epoch_ends_at.0 - network.terms.own_duration.0 as i64;
            let (passed, terms) = ((since - known.open_since).max(0) as u128, known.terms);
            let scheduled = terms.initial_emission.0 as u128 * passed / terms.duration.0 as u128;
            known.scheduled += scheduled as u64;
            known.budget += (scheduled * terms.roots_share.0 as u128 / 10_000) as u64;
            (known.open, known.open_since, known.terms) = (network.open_epoch, since, network.terms);
            known.all_terms.insert(known.open, known.terms);
        }
        if is_new || network.policy_version != known.version {
            (known.weights, known.version) = (network.weights(), network.policy_version);
        }
        for (lane, (weight, before)) in network.weights().into_iter().zip(known.weights).enumerate() {
            let policy = network.policy.weights()[lane] as f64;
            let band = policy * network.policy.lane_band.0 as f64 / 10_000.0;
            let farthest = (policy + band - before as f64).abs().max((policy - band - before as f64).abs());
            let step = (farthest * network.policy.lane_speed.0 as f64 / 10_000.0).ceil() as u16;
            if weight.abs_diff(before) > step {
                known.note("weights move once an epoch", (weight.abs_diff(before) - step) as u64);
            }
        }
        let until = network.open_epoch - network.closing as u64;
        while known.settled < until {
            let epoch = known.settled;
            known.settled += 1;
            self.settle(known, receipt, epoch);
        }
        match (network.paused, known.paused_since) {
            (1, None) => {
                known.paused_since = Some(now);
                // A guardian that pauses waits for as long after each pause.
                let early = known.pause_ended.map_or(0, |ended| ended + MAX_PAUSE.0 as i64 - now);
                if early > 0 {
                    known.note("nobody pauses for longer than fourteen days", early as u64);
                }
            }
            (0, Some(_)) => (known.paused_since, known.pause_ended) = (None, Some(now)),
            _ => {}
        }
        if let Some(since) = known.paused_since {
            let longer = (now - since).saturating_sub(MAX_PAUSE.0 as i64);
            if longer > HOUR {
                known.note("nobody pauses for longer than fourteen days", longer as u64);
            }
        }
        is_new
    }

    /// An epoch has decided what it pays.
    fn settle(&self, known: &mut Known, receipt: &Receipt, index: u64) {
        let work = known.work.remove(&index).unwrap_or_default();
        let terms = known.all_terms.range(..=index).next_back().map(|(_, terms)| *terms).unwrap_or_default();
        let epoch: Option<Epoch> = self.stage.find(self.epoch(index));
        // It may be swept in the same transaction. In kinds that ask for it all work is in one lane.
        let swept = receipt.events::<EpochSettled>(ID).into_iter().find(|event| event.epoch == index);
        let emission = |lane: usize| match (&epoch, &swept) {
            (Some(epoch), _) => epoch.lanes[lane].emission.0,
            (None, Some(event)) => event.providers.0,
            _ => 0,
        };
        let mut any = false;
        for lane in 0..2 {
            let mut sums = known.waiting[lane];
            for work in work.iter().filter(|work| work.lane as usize == lane) {
                sums[work.whose][0] += work.credits;
                sums[work.whose][1] += work.tokens;
            }
            let [credits, tokens] = [0, 1].map(|which| sums[0][which] as u128 + sums[1][which] as u128);
            known.waiting[lane] = [[0; 2]; 2];
            if credits == 0 {
                continue;
            }
            any = true;
            let limit = terms.lane_limits[lane].0 as u128;
            let counted = if limit == 0 { credits } else { credits.min(limit) };
            for whose in [0, 1] {
                let [own, own_tokens] = sums[whose].map(u128::from);
                if own == 0 {
                    continue;
                }
                known.to_accrue[lane][whose].insert(index);
                let (paid, paid_tokens) = (own * counted / credits, own_tokens * counted / credits);
                known.waiting[lane][whose] = [(own - paid) as u64, (own_tokens - paid_tokens) as u64];
                let due = match self.kind {
                    Kind::Lanes | Kind::Average => paid_tokens * terms.providers_share.0 as u128 / 10_000,
                    Kind::Roots | Kind::Reserve | Kind::Little | Kind::Idle => {
                        emission(lane) as u128 * paid_tokens / (tokens * counted / credits).max(1)
                    }
                    Kind::Payout => {
                        // Of tokens at two dollars and a half; under silence, at the upper end of the band.
                        let silent = self.memory.silent_since.is_some_and(|since| self.stage.now() - since > HOUR);
                        let price = if silent { 3_750_000 } else { 2_500_000 };
                        paid * terms.payout_share.0 as u128 / 10_000 * TOKEN as u128 / price
                    }
                };
                known.due[whose] += due as u64;
            }
        }
        if any {
            known.waited = self.memory.silent_since.filter(|since| self.stage.now() - since > HOUR);
            known.last_worked = known.last_worked.max(epoch.map_or(self.stage.now(), |epoch| epoch.ended_at.0));
        }
    }

    fn watch_roots(&self, known: &mut Known, receipt: &Receipt) {
        let (network, now) = (self.state(), self.stage.now());
        let Some(set) = self.stage.find::<OracleSet>(self.network.oracle_set()) else { return };
        let proposed = set.proposed_oracles.to_vec();
        if set.executable_at.0 != 0 && known.proposed.as_ref().is_none_or(|(before, _)| *before != proposed) {
            known.proposed = Some((proposed, now + network.policy.change_delay.0 as i64));
        }
        if set.oracles[..] != known.oracles[..] {
            let named = set.oracles.to_vec();
            let from = known.proposed.as_ref().filter(|(proposed, _)| *proposed == named).map(|(_, from)| *from);
            if set.oracle_count > 0 && now < from.unwrap_or(now + 1) {
                known.note("a change waits as long as was announced", (from.unwrap_or(now + 1) - now) as u64);
            }
            known.oracles = named;
        }
        for event in receipt.events::<RootClosed>(ID) {
            known.budget += event.unclaimed.0;
        }
        for (_, root) in self.stage.all::<RewardRoot>() {
            if root.activated_at == Timestamp(0) {
                continue;
            }
            let addition = root.total.0 - root.previous_total.0;
            let stated = self.memory.stated.get(&root.index);
            if known.active.insert(root.index) {
                known.added += addition;
                match stated {
                    Some(stated) => known.roots_due = [0, 1].map(|side| known.roots_due[side].max(stated[side][1])),
                    None => known.stated_by_others += addition,
                }
            }
            if let Some(stated) = stated {
                let own = (stated[0][1] - stated[0][0]) as u128;
                known.lost.insert(root.index, (own - own * root.opened.0 as u128 / addition as u128) as u64);
            }
            let passed = (now - root.activated_at.0) as u128;
            let open = (addition as u128 * passed / root.opening_period.0.max(1) as u128).min(addition as u128) as u64;
            if root.opened.0 > open {
                known.note("what a root adds opens evenly", root.opened.0 - open);
            }
        }
        // What is left to give, and what was given.
        let over = (network.roots.free.0 + known.added).saturating_sub(known.budget);
        if over > 1_000 {
            known.note("roots add no more than their part of the schedule", over);
        }
        let claim_of_h = self.network.root_claim(self.keys[H].pubkey());
        for event in receipt.events::<RootClaimed>(ID) {
            known.claimed[(event.header.source != claim_of_h) as usize] += event.tokens.0;
        }
    }

    fn watch_tokens(&self, known: &mut Known, begins: bool) {
        let (network, now) = (self.state(), self.stage.now());
        let for_roots = self.stage.find::<OracleSet>(self.network.oracle_set()).map_or(0, |set| set.minted.0 as u128);
        let all = network.minted.get();
        let minted = [all - for_roots, for_roots];
        for (part, breaker) in [network.breaker, network.roots_breaker].into_iter().enumerate() {
            match known.windows[part].filter(|window| now < window.ends_at) {
                Some(window) => {
                    let over = (minted[part] - window.before).saturating_sub(window.limit as u128);
                    if over > 0 {
                        let promise = "a window mints no more than its limit, and ends when it said so";
                        known.note(promise, over.min(u64::MAX as u128) as u64);
                    }
                }
                None if breaker.ends_at.0 > now => {
                    let (ends_at, limit, before) = (breaker.ends_at.0, breaker.limit.0, known.minted[part]);
                    known.windows[part] = Some(Window { ends_at, limit, before });
                }
                None => {}
            }
        }
        known.minted = minted;
        let promised = [
            network.deferred.providers,
            network.deferred.stakers,
            network.deferred.treasury,
            network.refundable,
            Tokens((network.roots.free.0 + network.roots.owed.0).saturating_sub(network.roots.in_vault.0)),
        ];
        let promised: u64 = promised.iter().map(|amount| amount.0).sum();
        let there = match self.kind {
            Kind::Reserve | Kind::Little => self.stage.tokens(self.network.reserve_vault()),
            _ => network.policy.max_supply.0.saturating_sub(self.supply()),
        };
        if promised > there {
            known.note("no more is promised than there is", promised - there);
        }
        if !matches!(self.kind, Kind::Idle | Kind::Payout) {
            let pays_back = matches!(self.kind, Kind::Reserve | Kind::Little);
            let share = if pays_back { network.policy.remint_share.0 } else { 0 };
            let back = known.paid as u128 * share as u128 / 10_000 + 1_000;
            let most = known.scheduled as u128 + back;
            let promise = "no more is minted than was scheduled, and given back of what was paid";
            let given_back = network.reminted.get() + network.remintable.0.min(network.policy.remint_cap.0) as u128;
            let over = given_back.saturating_sub(back);
            let early = network.scheduled.get().saturating_sub(known.scheduled as u128 + 1_000);
            if over.max(early) > 0 {
                known.note(promise, over.max(early) as u64);
            }
            if all > most {
                known.note(promise, (all - most) as u64);
            }
        }
        let burned = [network.burned.get(), network.returned.get()];
        if burned[0] + burned[1] > known.paid as u128 {
            let over = burned[0] + burned[1] - known.paid as u128;
            known.note("what is sent to a vault counts as paid by nobody", over as u64);
        }
        // In a transaction in which an epoch began, nobody knows what was swept before.
        let other = 1 - known.terms.payments_to_reserve as usize;
        if !begins && burned[other] > known.burned[other] {
            let by = (burned[other] - known.burned[other]) as u64;
            known.note("what is paid goes where the epoch's policy says", by);
        }
        known.burned = burned;
    }

    fn supply(&self) -> u64 {
        let data = self.stage.accounts.get(&self.network.mint).map(|account| account.data.clone()).unwrap_or_default();
        data.get(36..44).map_or(0, |bytes| u64::from_le_bytes(bytes.try_into().expect("eight bytes")))
    }

    /// Everything comes to its end.
    pub(super) fn wind_up(&mut self) {
        // The authority has ended any.
        let known = &mut self.memory.known;
        let pause = known.paused_since.take().map_or(0, |since| self.stage.now() - since);
        if pause > MAX_PAUSE.0 as i64 + DAY {
            known.note("nobody pauses for longer than fourteen days", pause as u64);
        }
        let last = self.memory.jobs.iter().map(|job| job.due).max().unwrap_or_default();
        let until = last.max(self.stage.now()) + DAY + HOUR;
        self.run_to(until);
        self.memory.follows_until = i64::MAX;
        let shards = self.state().shard_count;
        for shard in 0..shards {
            self.crank(self.network.burn_instruction(shard));
        }
        if self.kind == Kind::Average {
            return self.wind_up_average();
        }
        // Of an oracle that is silent for long, nobody waits for more than six hours.
        self.close_ended();
        for _ in 0..4 {
            if self.memory.known.first_with_work().is_none() {
                break;
            }
            let ends_at = self.state().epoch_ends_at.0;
            self.run_to(ends_at.max(self.stage.now()));
            self.close_ended();
        }
        self.tend_roots(&[P, H]);
        [P, H].into_iter().for_each(|who| self.claim_all(who));
        self.wind_up_windows();
        self.tend_roots(&[P, H]);
        [P, H].into_iter().for_each(|who| self.claim_all(who));
        self.wind_up_epochs();
        if self.kind == Kind::Idle {
            self.wind_up_idle();
        }
    }

    fn run_to(&mut self, to: i64) {
        for _ in 0..100 {
            let now = self.stage.now();
            if now >= to {
                return;
            }
            let next = self.wake().map_or(to, |wake| wake.clamp(now + 1, to));
            self.stage.set_time(Timestamp(next));
            self.publish();
            self.work();
        }
        self.stage.set_time(Timestamp(to));
    }

    /// What the breaker holds back is minted, window by window, and what was given to roots opens.
    fn wind_up_windows(&mut self) {
        for _ in 0..if self.kind == Kind::Little { 4 } else { 24 } {
            let network = self.state();
            let owed: u64 = network.deferred.sum().expect("a sum").0;
            if owed == 0 && !self.opens() {
                return;
            }
            let window = network.breaker.ends_at.0.max(self.stage.now() + 12 * HOUR);
            self.stage.set_time(Timestamp(window));
            self.tend_roots(&[]);
            let before = self.state();
            let owed = before.deferred.sum().expect("a sum").0;
            if owed == 0 {
                continue;
            }
            let mint = self.mint_deferred();
            self.crank(mint);
            let after = self.state();
            let limit = after.breaker.limit.0.saturating_add(after.roots_breaker.limit.0) as u128;
            let part = limit - (limit * after.policy.roots_share.0 as u128).div_ceil(10_000);
            let is_reserve = matches!(self.kind, Kind::Reserve | Kind::Little);
            let held = if is_reserve { self.stage.tokens(self.network.reserve_vault()) } else { owed };
            let payable = before.deferred.providers.0.min(held) as u128;
            let part = part.clamp(1, payable.max(1));
            let known = &self.memory.known;
            let got = known.minted[0] - known.windows[0].map_or(0, |window| window.before);
            if payable > 0 && got < part && after.deferred.providers.0 > 0 {
                self.memory.known.note("each window, those who are owed get a part", (part - got) as u64);
            }
        }
        self.memory.known.is_held = true;
    }

    fn wind_up_epochs(&mut self) {
        let mut all: Vec<_> = self.stage.all::<Epoch>().iter().map(|(_, epoch)| (epoch.index, epoch.payer)).collect();
        all.sort();
        let waits = self.memory.known.first_with_work();
        let mut left = 0;
        for (epoch, payer) in all {
            for (who, lane) in [(H, 0), (P, 0), (H, 1), (P, 1)] {
                let accrue = self.accrue(who, lane, epoch);
                if self.memory.known.to_accrue(who, lane).contains(&epoch) {
                    self.send(&[accrue], &[]);
                }
            }
            let mut sweep = self.network.sweep_instruction(&self.stage.world, epoch);
            // Whoever closed it paid.
            sweep.accounts[2].pubkey = payer;
            if !self.send(&[sweep], &[]) && waits.is_none() {
                left += 1;
            }
        }
        if left > 0 {
            self.memory.known.note("closed epochs are swept, once all is accrued", left);
        }
    }

    /// Owners of credits have waited for half a year, and then until enough is set aside for all of them.
    fn wind_up_idle(&mut self) {
        let b = self.owned(B);
        let free = b.balance.0;
        let per_day = self.state().policy.initial_emission.0.max(1);
        let all = b.tokens.0 + self.memory.known.old_tokens;
        let days = IDLE_PERIOD.0 as i64 / DAY + 2 + (all / per_day) as i64;
        let since = self.memory.known.last_worked.max(self.state().last_worked_at.0);
        self.memory.keeper_at = i64::MAX;
        self.run_to(since + days * DAY + HOUR);
        self.close_ended();
        // What anybody paid for them since then is not given back.
        let late = if b.idle_bought_at.0 >= since + IDLE_PERIOD.0 as i64 { b.idle_tokens.0 } else { 0 };
        let credits = (free + b.locked.iter().map(|locked| locked.0).sum::<u64>()) as u128;
        let most = credits * b.tokens.0.saturating_sub(late) as u128 / b.tokens.0.max(1) as u128;
        let free = if late == 0 { free } else { free.min((most as u64).saturating_sub(1)) };
        if free > 0 && b.tokens.0 > 0 {
            let give = moves::give_up(self, B, free);
            let had = self.stage.tokens(self.wallets[B]);
            self.send_by(give, B);
            let back = self.stage.tokens(self.wallets[B]) - had;
            let due = b.tokens.0 as u128 * free as u128 / credits;
            if (back as u128) < due {
                let promise = "owners of credits that nobody takes have their tokens back";
                self.memory.known.note(promise, due as u64 - back);
            }
            self.memory.known.b_credits -= free as i128;
        }
    }

    /// The average is updated once an hour, until it must have come near the price.
    fn wind_up_average(&mut self) {
        let (value, price) = (self.state().average.value as f64, self.memory.price as f64);
        let ratio = (price / value).max(value / price);
        let hours = ((ratio / 1.2).ln() / 1.1f64.ln()).max(0.0).ceil() as i64 + 3;
        for _ in 0..hours {
            let next = self.stage.now() + HOUR;
            self.run_to(next);
            self.publish();
            self.send(&[self.network.update_average_instruction()], &[]);
        }
        let buy = self.buy(B, 100 * TOKEN, 0);
        if !self.send_by(buy, B) {
            self.memory.known.note("who has a price buys", 1);
        }
    }

    /// What everybody has, and what was promised.
    pub(super) fn balances(&self) -> Vec<Balance> {
        let known = &self.memory.known;
        let tokens = |who: &[usize]| who.iter().map(|&who| self.stage.tokens(self.wallets[who])).sum::<u64>();
        let treasury = self.stage.tokens(self.network.treasury);
        let (has, had) = (tokens(&COALITION) + treasury, COALITION.iter().map(|&who| self.had[who]).sum::<u64>());
        let of_b = match self.kind {
            Kind::Lanes => known.b_tokens[1] + known.b_tokens[0] * 5 / 10 + 1_000,
            Kind::Payout => {
                let all = known.b_work[0] as u128 + known.b_work[1] as u128;
                (all * TOKEN as u128 / 2_500_000 * 6 / 7) as u64
            }
            _ => known.b_tokens[0] + known.b_tokens[1],
        };
        let roots = known.roots_due[1] + known.stated_by_others;
        // What its credits carried when all began.
        let old = known.old_at_first;
        let h_due = if known.is_held {
            known.claimed[0]
        } else {
            known.due[0] + known.roots_due[0].saturating_sub(known.lost.values().sum::<u64>() + 1_000)
        };
        let records = self.stage.all::<ProviderWork>();
        let of_p = records.iter().filter(|(_, work)| work.provider != self.keys[H].pubkey());
        let earned: u64 = of_p.map(|(_, work)| work.accrued.0 + work.claimed.0).sum();
        let b = self.owned(B);
        let b_has = b.balance.0 + b.locked.iter().map(|locked| locked.0).sum::<u64>();
        let mut balances = vec![
            Balance {
                who: "the coalition",
                promise: "what it works for itself returns what it burned at most; B's pay for work, and roots, are besides",
                amounts: [had, has],
                promised: had as i128 + of_b as i128 + roots as i128 + old as i128,
                coalition: true,
                slack: DUST,
            },
            Balance {
                who: "H",
                promise: "who works is paid its part of what was burned for it, and what oracles stated",
                amounts: [self.had[H], self.stage.tokens(self.wallets[H])],
                promised: self.had[H] as i128 + h_due as i128,
                coalition: false,
                slack: DUST,
            },
            Balance {
                who: "P",
                promise: "nobody is paid more for work than its part, nor before others",
                amounts: [0, earned],
                promised: known.due[1] as i128,
                coalition: true,
                slack: DUST,
            },
            Balance {
                who: "P, by roots",
                promise: "roots pay what oracles stated, once",
                amounts: [0, known.claimed[1]],
                promised: roots as i128,
                coalition: true,
                slack: 0,
            },
            Balance {
                who: "B",
                promise: "credits are used by those for whom they were locked",
                amounts: [0, b_has],
                promised: known.b_credits,
                coalition: false,
                slack: 0,
            },
            self.stage.rent(),
        ];
        balances.extend(PROMISES.map(|promise| Balance {
            who: "the network",
            promise,
            amounts: [0, known.broken.get(promise).copied().unwrap_or_default()],
            promised: 0,
            coalition: true,
            slack: 0,
        }));
        balances
    }

    /// An epoch is not closed although its time is up.
    pub(super) fn refused_to_close(&mut self, epoch: u64) {
        let now = self.stage.now();
        let ended = self.state().epoch_ends_at.0;
        if let (Kind::Payout, Some(since)) = (self.kind, self.memory.silent_since) {
            // The first waits for six hours, once nobody has published a price for an hour; those after it do not.
            let waits = self.memory.known.waited != Some(since);
            if now - since <= HOUR || waits && now - ended < 6 * HOUR {
                return;
            }
        }
        self.memory.known.note("cranks close each epoch in time", 1 + epoch);
    }
}
