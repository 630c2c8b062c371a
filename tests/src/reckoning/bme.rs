//! `bme`: each account is reckoned as a whole from what happened around it. What nothing explains is as it was.

use {
    super::{
        NEVER, Transition, Verdict, hold, later, part, part_up, supply,
        whole::{equal, equal_but},
    },
    crate::books::{Accounts, read},
    joule_bme_interface::{price_update::PriceUpdate, state::*},
    joule_interface::{Address, TOKEN_2022_PROGRAM, TOKEN_PROGRAM, bytemuck},
    joule_math::{
        Bps, Credits, MintLimit, MintWindow, Schedule, Seconds, Timestamp, Tokens, U128, average, demand,
        divide_by_weights,
    },
    std::collections::BTreeMap,
};

const LANES: usize = MAX_LANES as usize;

/// What a token account of this mint holds.
fn held(accounts: &Accounts, address: &Address, mint: &Address) -> Option<u64> {
    let account = accounts.get(address)?;
    let is_one = [TOKEN_PROGRAM, TOKEN_2022_PROGRAM].contains(&account.owner) && account.data.len() >= 165;
    let is_its = is_one && account.data[..32] == *mint.as_array();
    is_its.then(|| u64::from_le_bytes(account.data[64..72].try_into().unwrap()))
}

fn add(wide: &mut U128, amount: u64) {
    *wide = U128::new(wide.get() + amount as u128);
}

/// A part of an amount by what is its part of a whole, rounded down.
fn of(amount: u64, share: u64, whole: u64) -> u64 {
    (amount as u128 * share as u128 / whole.max(1) as u128) as u64
}

fn slot(epoch: u64) -> usize {
    epoch as usize % WORK_RING
}

/// A price as a call reads it.
struct Quote {
    spot: u64,
    low: u64,
    high: u64,
    exponent: i32,
    published: Timestamp,
}

impl Quote {
    fn one(&self) -> u128 {
        10u128.pow(self.exponent.unsigned_abs())
    }
}

/// Dollars, in credits, of tokens at a price of that power of ten, as a fraction.
fn worth(tokens: u64, price: u64, exponent: i32, decimals: u8) -> (u128, u128) {
    let (mut above, mut below) = (tokens as u128 * price as u128, 1u128);
    let shift = exponent + 6 - decimals as i32;
    if shift >= 0 {
        above = above.saturating_mul(10u128.pow(shift as u32))
    } else {
        below = 10u128.pow(-shift as u32)
    }
    (above, below)
}

/// Credits for tokens, rounded down.
fn bought(tokens: u64, price: u64, exponent: i32, decimals: u8) -> u64 {
    let (above, below) = worth(tokens, price, exponent, decimals);
    (above / below).min(u64::MAX as u128) as u64
}

/// What an epoch gives, when it is settled, and what it leaves of its network.
struct Settled {
    network: Network,
    epoch: Epoch,
}

impl Transition<'_> {
    // ---- Prices.

    /// The one price of this feed that the call was given.
    fn quote(&self, network: &Network, feed: &[u8; 32]) -> Option<Quote> {
        let given = self.before.values().filter(|account| account.owner == network.policy.price_receiver);
        let updates = given.filter_map(|account| account.data.get(..size_of::<PriceUpdate>()));
        let mut updates = updates.map(bytemuck::pod_read_unaligned::<PriceUpdate>).filter(|one| one.feed_id == *feed);
        let update = updates.next().filter(|_| updates.next().is_none())?;
        let (price, ema) = ({ update.price } as u64, { update.ema_price } as u64);
        let (conf, ema_conf) = ({ update.conf }, { update.ema_conf });
        Some(Quote {
            spot: price,
            low: price.checked_sub(conf)?.min(ema.saturating_sub(ema_conf)),
            high: price.saturating_add(conf).max(ema.saturating_add(ema_conf)),
            exponent: update.exponent,
            published: Timestamp(update.publish_time),
        })
    }

    /// The lower of what is asked and of the newest that was used, if this one is older.
    fn no_better(low: u64, quote: &Quote, newest: (Timestamp, u64)) -> u64 {
        if quote.published < newest.0 { low.min(newest.1) } else { low }
    }

    /// Prices that a call was given are as new as the network asks: the stablecoin's of the last minute.
    fn prices_are_new(&self, network: &Address) -> Verdict {
        let Some(network) = self.find::<Network>(network) else { return Ok(()) };
        let age = |seconds: Seconds| self.now.0 - seconds.0 as i64;
        let max_age = network.policy.max_price_age;
        for account in self.before.values().filter(|account| account.owner == network.policy.price_receiver) {
            let Some(bytes) = account.data.get(..size_of::<PriceUpdate>()) else { continue };
            let update: PriceUpdate = bytemuck::pod_read_unaligned(bytes);
            if update.feed_id == network.policy.feed_id {
                hold(update.publish_time >= age(max_age), "a price that is too old")?;
            } else if update.feed_id == network.dollar_feed_id {
                let age = age(max_age.min(MAX_DOLLAR_AGE));
                hold(update.publish_time >= age, "a dollar that is too old")?;
            }
        }
        Ok(())
    }

    // ---- Credits.

    fn spender_at(&self, network: &Address, place: usize, number: u16) -> Option<&Spender> {
        let all = self.before.values().chain(self.others.values()).filter_map(read::<Spender>);
        { all }.find(|one| one.network == *network && one.id as usize == place && one.number == number)
    }

    /// Credits come from tokens or dollars that came, go where they are locked, and leave with their part of the tokens.
    pub(super) fn reckon_credits(&self, _: &Address, before: Option<&CreditAccount>, is: &CreditAccount) -> Verdict {
        let now = self.now;
        let Some(was) = before else {
            let (network, owner, payer) = (is.network, is.owner, is.payer);
            return equal(&CreditAccount { network, owner, payer, opened_at: now, ..Default::default() }, is);
        };
        let mut e = *was;
        let network = self.find::<Network>(&was.network);
        let is_paused = network.is_some_and(|network| network.paused != 0);
        for place in 0..MAX_SPENDERS as usize {
            if is.locked_for[place] != was.locked_for[place] {
                let taker = self.spender_at(&was.network, place, is.locked_for[place]);
                hold(taker.is_some(), "a place of locked credits went to nobody")?;
                e.locked_for[place] = is.locked_for[place];
                e.balance.0 += e.locked[place].0;
                e.locked[place] = Credits(0);
                e.approved_spenders &= !(1 << place);
            }
            let is_approved = |of: u16| of >> place & 1 == 1;
            let in_force = || {
                let one = self.spender_at(&was.network, place, e.locked_for[place]);
                one.is_none_or(|one| one.closes_at == NEVER)
            };
            if is_approved(is.approved_spenders) != is_approved(e.approved_spenders) {
                hold(!is_approved(is.approved_spenders) || in_force(), "a spender was approved that is revoked")?;
                e.approved_spenders ^= 1 << place;
            }
            if is.locked[place] > e.locked[place] {
                hold(!is_paused, "credits were locked while the network is paused")?;
                hold(in_force(), "credits were locked for a spender that is revoked")?;
            }
        }
        let issued = is.issued.0.checked_sub(was.issued.0).ok_or("credits that were issued are forgotten")?;
        let consumed = is.consumed.0.checked_sub(was.consumed.0).ok_or("credits that were consumed are forgotten")?;
        let burned = is.burned.0.checked_sub(was.burned.0).ok_or("credits that were burned are forgotten")?;
        let sum = |locked: &[Credits; MAX_SPENDERS as usize]| locked.iter().map(|one| one.0 as i128).sum::<i128>();
        let free =
            e.balance.0 as i128 + issued as i128 - (sum(&is.locked) - sum(&e.locked)) - (consumed + burned) as i128;
        hold(free == is.balance.0 as i128, "free credits are not what was left of them")?;
        if consumed > 0 {
            let fell = (0..MAX_SPENDERS as usize).filter(|place| is.locked[*place] < was.locked[*place]);
            let ended = { fell }.any(|place| {
                let one = self.spender_at(&was.network, place, was.locked_for[place]);
                one.is_some_and(|one| one.closes_at != NEVER && now >= one.closes_at)
            });
            hold(!ended, "a spender consumed after its end")?;
        }
        (e.balance, e.locked) = (is.balance, is.locked);
        (e.issued, e.consumed, e.burned) = (is.issued, is.consumed, is.burned);
        let mut came = 0;
        if issued > 0 {
            hold(!is_paused, "credits were bought while the network is paused")?;
            came += self.changes::<BurnShard>().map(|(_, was, is)| is.received.0 - was.received.0).sum::<u64>();
            came += self.changes::<DollarShard>().map(|(_, was, is)| is.tokens.0 - was.tokens.0).sum::<u64>();
            if let Some(network) = network.filter(|network| is_idle(network, now)) {
                let kept = if is_idle(network, was.idle_bought_at) { was.idle_tokens.0 } else { 0 };
                (e.idle_tokens, e.idle_bought_at) = (Tokens(kept + came), now);
            }
        }
        e.tokens = Tokens(was.tokens.0 + came);
        let used = consumed + burned;
        if used > 0 {
            let unused = was.issued.0 - was.consumed.0 - was.burned.0;
            let exact = if used >= unused { was.tokens.0 } else { of(was.tokens.0, used, unused) };
            let carried = e.tokens.0.checked_sub(is.tokens.0).ok_or("tokens came that nobody paid")?;
            // A job's end is several consumptions, each rounded down.
            let steps = if burned > 0 || used >= unused { 0 } else { 4 };
            hold(carried <= exact && carried + steps >= exact, "credits carry another part of the tokens")?;
            e.tokens = is.tokens;
            let worked = self.changes::<WorkShard>().map(|(_, was, is)| is.total_tokens.0 - was.total_tokens.0);
            let worked: u64 = if consumed > 0 { worked.sum() } else { 0 };
            let lost = carried.checked_sub(worked).ok_or("work carries more tokens than its credits")?;
            e.burned_tokens.0 += lost;
            if let Some(network) = network.filter(|_| consumed > 0) {
                let most = no_more_than_worth(network, consumed, carried);
                hold(worked <= most + steps && worked + steps >= most, "work carries other tokens than it is worth")?;
            }
        }
        equal(&e, is)
    }

    /// Of what was paid, the newest price stays; what is there is burned, or returned as the open epoch's policy says.
    pub(super) fn reckon_burn_shard(&self, _: &Address, before: Option<&BurnShard>, is: &BurnShard) -> Verdict {
        let Some(was) = before else {
            let (network, vault, payer, index) = (is.network, is.vault, is.payer, is.index);
            return equal(&BurnShard { network, vault, payer, index, ..Default::default() }, is);
        };
        let mut e = *was;
        if let Some((_, other)) = self.gone::<BurnShard>().find(|(_, other)| other.network == was.network) {
            e.issued.0 += other.issued.0;
            e.received.0 += other.received.0;
            e.burned.0 += other.burned.0;
            e.returned.0 += other.returned.0;
            if other.published_at > was.published_at {
                (e.published_at, e.bid, e.exponent) = (other.published_at, other.bid, other.exponent);
            }
            return equal(&e, is);
        }
        let network = self.find::<Network>(&was.network);
        if is.issued == was.issued {
            let out = is.burned.0 + is.returned.0 - was.burned.0 - was.returned.0;
            let waiting = was.received.0.saturating_sub(was.burned.0 + was.returned.0);
            let there = network.and_then(|network| held(self.before, &was.vault, &network.mint));
            hold(there.is_none_or(|there| out == there.min(waiting)), "another amount was burned than waits")?;
            if let Some(before) = network {
                let returns = before.terms.payments_to_reserve == 1;
                hold(
                    if returns { is.burned == was.burned } else { is.returned == was.returned },
                    "tokens went elsewhere",
                )?;
            }
            (e.burned, e.returned) = (is.burned, is.returned);
            return equal(&e, is);
        }
        self.prices_are_new(&was.network)?;
        (e.issued, e.received) = (is.issued, is.received);
        let Some((network, quote)) = network.and_then(|one| Some((one, self.quote(one, &one.policy.feed_id)?))) else {
            return equal_but(&e, is, &["published_at", "bid", "exponent"]);
        };
        let newest = &network.average;
        let price = Self::no_better(quote.low, &quote, (newest.published_at, newest.bid));
        let price = Self::no_better(price, &quote, (was.published_at, was.bid));
        let (credits, tokens) = (is.issued.0 - was.issued.0, is.received.0 - was.received.0);
        let all = |tokens| bought(tokens, price, quote.exponent, network.decimals);
        let fits = credits == all(tokens) || credits < all(tokens) && credits > all(tokens - 1);
        hold(fits, "credits at another price than tokens are worth")?;
        if quote.published >= was.published_at {
            (e.published_at, e.bid, e.exponent) = (quote.published, price, quote.exponent);
        }
        equal(&e, is)
    }

    // ---- Work.

    /// What was added to a ring of work, by epoch.
    fn added(was: &[EpochWork; WORK_RING], is: &[EpochWork; WORK_RING], sums: &mut BTreeMap<u64, (u64, u64)>) {
        for (was, is) in was.iter().zip(is).filter(|(was, is)| was != is) {
            let old = if was.epoch == is.epoch { *was } else { EpochWork::default() };
            if is.credits > old.credits {
                let sum = sums.entry(is.epoch).or_default();
                *sum = (sum.0 + is.credits.0 - old.credits.0, sum.1 + is.tokens.0 - old.tokens.0);
            }
        }
    }

    /// Work counts in its epoch's entry, for its provider as in a shard of its lane; it leaves the shard when it is folded.
    pub(super) fn reckon_work_shard(&self, _: &Address, before: Option<&WorkShard>, is: &WorkShard) -> Verdict {
        let Some(was) = before else {
            let (network, index, lane) = (is.network, is.index, is.lane);
            return equal(&WorkShard { network, index, lane, ..Default::default() }, is);
        };
        let mut e = *was;
        if let Some((_, other)) = self.gone::<WorkShard>().find(|(_, one)| one.network == was.network) {
            for work in other.work.iter().filter(|work| work.credits.0 > 0) {
                let entry = &mut e.work[slot(work.epoch)];
                if entry.epoch != work.epoch {
                    *entry = EpochWork { epoch: work.epoch, ..Default::default() };
                }
                entry.credits.0 += work.credits.0;
                entry.tokens.0 += work.tokens.0;
            }
            e.total_work.0 += other.total_work.0;
            e.total_tokens.0 += other.total_tokens.0;
            return equal(&e, is);
        }
        if is.total_work == was.total_work {
            // Folded, if anything.
            let folds = self.there::<Epoch>().filter(|(_, epoch)| epoch.network == was.network);
            for (address, epoch) in folds.filter(|(_, epoch)| epoch.folded >> was.index & 1 == 1) {
                let before = self.was::<Epoch>(address).map_or(0, |epoch| epoch.folded);
                let entry = &mut e.work[slot(epoch.index)];
                if before >> was.index & 1 == 0 && entry.epoch == epoch.index {
                    *entry = EpochWork { epoch: epoch.index, ..Default::default() };
                }
            }
            return equal(&e, is);
        }
        let mut counted = BTreeMap::new();
        for (_, was, is) in self.changes::<WorkShard>().filter(|(_, one, _)| one.lane == was.lane) {
            Self::added(&was.work, &is.work, &mut counted);
        }
        let mut done = BTreeMap::new();
        for (_, was, is) in self.changes::<ProviderWork>().filter(|(_, one, _)| one.lane == was.lane) {
            Self::added(&was.work, &is.work, &mut done);
        }
        hold(counted == done, "a shard counts other work than was done")?;
        if let Some(network) = self.find::<Network>(&was.network) {
            let open = network.open_epoch..=network.open_epoch + MAX_LATE_PERIODS;
            hold(
                counted.keys().all(|epoch| open.contains(epoch)),
                "work counts in an epoch that is closed, or far away",
            )?;
        }
        let mut own = BTreeMap::new();
        Self::added(&was.work, &is.work, &mut own);
        for (epoch, (credits, tokens)) in own {
            let entry = &mut e.work[slot(epoch)];
            if entry.epoch != epoch {
                hold(entry.credits.0 == 0, "work that was not folded is forgotten")?;
                *entry = EpochWork { epoch, ..Default::default() };
            }
            entry.credits.0 += credits;
            entry.tokens.0 += tokens;
            e.total_work.0 += credits;
            e.total_tokens.0 += tokens;
        }
        equal(&e, is)
    }

    /// A provider is paid for each epoch by its part of what the epoch counts of its lane, once; the rest waits for the next.
    pub(super) fn reckon_provider_work(
        &self,
        _: &Address,
        before: Option<&ProviderWork>,
        is: &ProviderWork,
    ) -> Verdict {
        let Some(was) = before else {
            let (network, provider, payer, lane) = (is.network, is.provider, is.payer, is.lane);
            return equal(&ProviderWork { network, provider, payer, lane, ..Default::default() }, is);
        };
        let mut e = *was;
        let mut epochs: Vec<_> = self.changes::<Epoch>().filter(|(_, epoch, _)| epoch.network == was.network).collect();
        epochs.sort_by_key(|(_, epoch, _)| epoch.index);
        for (_, epoch, became) in epochs {
            hold(epoch.is_settled == 1, "work was paid by an epoch that is not settled")?;
            let entry = &mut e.work[slot(epoch.index)];
            let mut taken = EpochWork { epoch: epoch.index, ..Default::default() };
            if entry.epoch == epoch.index {
                (taken, *entry) = (*entry, taken);
            }
            if e.waiting.epoch == epoch.index {
                taken.credits.0 += e.waiting.credits.0;
                taken.tokens.0 += e.waiting.tokens.0;
                e.waiting = EpochWork::default();
            }
            let lane = &epoch.lanes[was.lane as usize];
            let until =
                |counted: u64, whole: u64, sum: u64| if counted == whole { sum } else { of(counted, sum, whole) };
            let credits = |sum| until(lane.counted.0, lane.credits.0, sum);
            let tokens = |sum| until(lane.counted_tokens.0, lane.tokens.0, sum);
            let all = (lane.settled.0 + taken.credits.0, lane.settled_tokens.0 + taken.tokens.0);
            let paid = (credits(all.0) - credits(lane.settled.0), tokens(all.1) - tokens(lane.settled_tokens.0));
            let gets = match epoch.terms.vouched {
                1 => of(lane.emission.0, paid.0, lane.counted.0),
                _ => of(lane.emission.0, paid.1, lane.counted_tokens.0),
            };
            if paid.0 < taken.credits.0 {
                let rest = (Credits(taken.credits.0 - paid.0), Tokens(taken.tokens.0 - paid.1));
                e.waiting = EpochWork { epoch: epoch.index + 1, credits: rest.0, tokens: rest.1 };
            }
            e.accrued.0 += gets;
            let mut x = *epoch;
            let lane = &mut x.lanes[was.lane as usize];
            (lane.settled, lane.settled_tokens) = (Credits(all.0), Tokens(all.1));
            x.accrued.0 += gets;
            x.accrued_work.0 += taken.credits.0;
            equal(&x, became)?;
        }
        // Of nothing that waits, the epoch says nothing.
        if e.waiting.credits.0 == 0 && is.waiting.credits.0 == 0 {
            e.waiting = is.waiting;
        }
        let claimed = is.claimed.0 - was.claimed.0;
        if let Some(network) = self.find::<Network>(&was.network).filter(|_| claimed > 0) {
            let there = held(self.before, &network.reward_vault, &network.mint).unwrap_or(u64::MAX);
            hold(claimed == e.accrued.0.min(there), "another amount was claimed than is due and there")?;
        }
        e.accrued.0 = e.accrued.0.checked_sub(claimed).ok_or("more was claimed than is due")?;
        e.claimed = is.claimed;
        let mut added = BTreeMap::new();
        Self::added(&e.work, &is.work, &mut added);
        for (epoch, (credits, tokens)) in added {
            let entry = &mut e.work[slot(epoch)];
            if entry.epoch != epoch {
                hold(entry.credits.0 == 0, "work that was not paid is forgotten")?;
                *entry = EpochWork { epoch, ..Default::default() };
            }
            entry.credits.0 += credits;
            entry.tokens.0 += tokens;
            e.total_work.0 += credits;
        }
        equal(&e, is)
    }

    // ---- Epochs.

    /// An epoch begins by the terms and the place in the schedule of its network; its lanes' work is the shards'; then it is settled.
    pub(super) fn reckon_epoch(&self, address: &Address, before: Option<&Epoch>, is: &Epoch) -> Verdict {
        if before.is_some_and(|was| was.is_settled == 1) {
            let paid = self.changes::<ProviderWork>().next().is_some();
            return hold(paid || before == Some(is), "a settled epoch changed");
        }
        let Some(network) = self.was::<Network>(&is.network) else { return Ok(()) };
        let Some(settled) = self.close(address, network, is)? else { return Ok(()) };
        equal(&settled.epoch, is)
    }

    /// What a call of `CloseEpoch` makes of an epoch that is not settled yet, and of its network.
    fn close(&self, address: &Address, network: &Network, is: &Epoch) -> Result<Option<Settled>, &'static str> {
        let mut n = *network;
        let mut e = match self.was::<Epoch>(address) {
            Some(was) => *was,
            None => {
                let Some(passed) = is.index.checked_sub(n.open_epoch) else { return Err("an epoch was closed again") };
                hold(n.closing == 0, "an epoch was closed before the last was settled")?;
                let duration = n.policy.epoch_duration.0 as i64;
                let ended_at = Timestamp(n.epoch_ends_at.0 + passed as i64 * duration);
                hold(self.now >= ended_at, "an epoch was closed before its end")?;
                let begins = Epoch {
                    header: is.header,
                    network: is.network,
                    payer: is.payer,
                    index: is.index,
                    ended_at,
                    closed_at: self.now,
                    first_period: n.schedule_position / n.terms.duration.0.max(1) as u64,
                    periods: passed + 1,
                    terms: n.terms,
                    ..Default::default()
                };
                if passed > 0 {
                    let same = n.terms == EpochTerms::of(&n.policy, n.weights());
                    let none = n.lanes.iter().all(|lane| lane.waiting.0 == 0);
                    hold(same && none, "epochs were passed over that cannot be")?;
                    let works =
                        self.before.values().filter_map(read::<WorkShard>).filter(|one| one.network == is.network);
                    let is_passed = |work: &EpochWork| work.epoch >= n.open_epoch && work.epoch < is.index;
                    let work = { works }.any(|one| one.work.iter().any(|work| is_passed(work) && work.credits.0 > 0));
                    hold(!work, "epochs with work were passed over")?;
                }
                n.schedule_position += n.terms.own_duration.0 as u64 + passed * duration as u64;
                n.open_epoch = is.index + 1;
                n.epoch_ends_at = Timestamp(ended_at.0 + duration);
                n.closing = 1;
                n.terms = EpochTerms::of(&n.policy, n.weights());
                begins
            }
        };
        let new = is.folded & !e.folded;
        hold(is.folded | e.folded == is.folded, "a shard was folded again")?;
        for shard in self.before.values().filter_map(read::<WorkShard>).filter(|shard| shard.network == is.network) {
            let work = shard.work[slot(is.index)];
            if new >> shard.index & 1 == 1 {
                e.folded |= 1 << shard.index;
                if work.epoch == is.index {
                    let lane = &mut e.lanes[shard.lane as usize];
                    lane.credits.0 += work.credits.0;
                    lane.tokens.0 += work.tokens.0;
                }
            }
        }
        hold(e.folded == is.folded, "a shard was folded that was not given")?;
        if e.folded.count_ones() < n.shard_count as u32 {
            return Ok(Some(Settled { network: n, epoch: e }));
        }
        self.settle(n, e, is).map(Some)
    }

    /// Tokens that can be issued, and those of which the breaker's share is one.
    fn stock(&self, network: &Network) -> Option<(u64, u64)> {
        if network.source == source::RESERVE {
            return held(self.before, &network.reserve_vault, &network.mint).map(|held| (held, held));
        }
        let supply = self.before.get(&network.mint).or_else(|| self.others.get(&network.mint)).and_then(supply)?;
        Some((network.policy.max_supply.0.saturating_sub(supply), supply))
    }

    /// Each lane is given its part by weight, no more than was burned for what is counted of its work, and no more for providers
    /// than the payout's part of its dollars; what lanes without work would have had is kept for them for one epoch.
    fn settle(&self, mut n: Network, mut e: Epoch, is: &Epoch) -> Result<Settled, &'static str> {
        let Some((left, _)) = self.stock(&n) else { return Ok(Settled { network: n, epoch: *is }) };
        let terms = e.terms;
        let (vouched, decimals) = (terms.vouched == 1, n.decimals);
        for place in 0..LANES {
            let (work, lane, limit) = (&mut e.lanes[place], &mut n.lanes[place], terms.lane_limits[place].0);
            work.credits.0 += lane.waiting.0;
            lane.waiting = Credits(0);
            if work.credits.0 == 0 {
                continue;
            }
            work.tokens.0 += lane.waiting_tokens.0;
            work.counted = Credits(if limit == 0 { work.credits.0 } else { work.credits.0.min(limit) });
            let is_all = work.counted == work.credits;
            let tokens = if is_all { work.tokens.0 } else { of(work.tokens.0, work.counted.0, work.credits.0) };
            work.counted_tokens = Tokens(tokens);
            lane.waiting = Credits(work.credits.0 - work.counted.0);
            lane.waiting_tokens = Tokens(work.tokens.0 - tokens);
            e.worked.0 += work.counted.0;
            e.tokens.0 += tokens;
            e.waiting.0 += lane.waiting.0;
        }
        if e.worked.0 > 0 {
            (n.last_worked_at, n.refundable) = (e.ended_at, Tokens(0));
        }
        let own = |whole: u64| {
            let (own, all) = (terms.own_duration.0 as u64, terms.duration.0 as u64);
            if own >= all { whole } else { of(whole, own, all) }
        };
        let initial = Tokens(own(terms.initial_emission.0));
        let schedule = Schedule { initial, decay: terms.decay_share, step: terms.decay_step };
        let between = |from, to| schedule.between(from, to).map(|tokens| tokens.0).map_err(|_| "a schedule overflows");
        let last = e.first_period + e.periods - 1;
        let (idle, now) = (between(e.first_period, last)?, between(last, last + 1)?);
        let (idle_roots, now_roots) = (part(idle, terms.roots_share), part(now, terms.roots_share));
        let promised = |n: &Network| {
            let roots = (n.roots.free.0 + n.roots.owed.0).saturating_sub(n.roots.in_vault.0);
            let waits = n.deferred.providers.0 + n.deferred.stakers.0 + n.deferred.treasury.0;
            waits + n.refundable.0 + roots
        };
        let mut room = left.saturating_sub(promised(&n));
        e.roots_emission = Tokens((now_roots + idle_roots).min(room));
        room -= e.roots_emission.0;
        let price = self.price_of_work(&mut n, &mut e)?;
        let dollars = |worked: Credits, share: Bps| match price {
            None => None,
            _ if worked.0 == 0 => Some(0),
            Some(None) => vouched.then_some(0),
            Some(Some((price, exponent))) => {
                demand(worked, share, price, exponent, decimals).ok().map(|tokens| tokens.0)
            }
        };
        let scheduled = (now - now_roots).min(room);
        let cap = own(terms.remint_cap.0);
        let remintable = n.remintable.0.min(cap).min(room - scheduled);
        let scheduled = divide_by_weights(Tokens(scheduled), &terms.lane_weights);
        let remintable = divide_by_weights(Tokens(remintable), &terms.lane_weights);
        let works = e.lanes.map(|lane| lane.counted.0 > 0);
        let mut working = terms.lane_weights;
        working.iter_mut().zip(works).for_each(|(weight, works)| *weight *= works as u16);
        let others_work = working.iter().any(|weight| *weight > 0);
        let mut released = 0;
        if others_work {
            for place in (0..LANES).filter(|place| !works[*place]) {
                released += std::mem::take(&mut n.lanes[place].kept.0);
            }
        }
        let released = divide_by_weights(Tokens(released), &working);
        let (mut carried, mut given_carried, mut reminted, mut topped_up) = (n.carried.0, 0, 0, 0);
        // Providers', stakers' and the treasury's, by lane.
        let mut parts = [[0u64; 3]; LANES];
        for place in 0..LANES {
            if !works[place] && terms.lane_weights[place] == 0 {
                continue;
            }
            let work = &mut e.lanes[place];
            let dust = match (works[place], vouched) {
                (false, _) => 0,
                (_, true) => carried,
                _ => carried.min(work.counted_tokens.0),
            };
            (carried, work.emission, given_carried) = (carried - dust, Tokens(dust), given_carried + dust);
            let most = if vouched { room } else { room.min(work.counted_tokens.0 - dust) };
            let bound = dollars(work.counted, terms.payout_share);
            let all = (scheduled[place].0 + if works[place] { remintable[place].0 } else { 0 }).min(most);
            let for_providers = |bound: u64| match terms.providers_share.0 {
                0 => bound as u128,
                share => bound as u128 * 10_000 / share as u128,
            };
            let mut total = bound.map_or(all, |bound| (all as u128).min(for_providers(bound)) as u64);
            if terms.surplus_to_stakers == 1 && works[place] {
                total = total.max(scheduled[place].0.min(most));
            }
            let (mut providers, mut stakers) = (part(total, terms.providers_share), part(total, terms.stakers_share));
            let treasury = total - providers - stakers;
            let surplus = providers.saturating_sub(bound.unwrap_or(u64::MAX));
            (providers, stakers) = (providers - surplus, stakers + surplus);
            if !works[place] {
                providers = 0;
                if others_work {
                    n.lanes[place].kept = Tokens(part(scheduled[place].0, terms.providers_share));
                }
            }
            reminted += total.saturating_sub(scheduled[place].0);
            room -= providers + stakers + treasury;
            parts[place] = [providers, stakers, treasury];
        }
        for place in 0..LANES {
            let (work, parts) = (&mut e.lanes[place], &mut parts[place]);
            if works[place] {
                let mut most = room;
                if !vouched {
                    most = most.min(work.counted_tokens.0 - work.emission.0 - parts.iter().sum::<u64>());
                }
                let open = dollars(work.counted, terms.payout_share).unwrap_or(u64::MAX) - parts[0];
                let kept = (std::mem::take(&mut n.lanes[place].kept.0) + released[place].0).min(open).min(most);
                (parts[0], most) = (parts[0] + kept, most - kept);
                let mut top_up = 0;
                if let (Some(Some(_)), Some(floor)) = (price, dollars(work.counted, terms.payout_floor)) {
                    top_up = floor.saturating_sub(parts[0]).min(most);
                    parts[0] += top_up;
                }
                room -= kept + top_up;
                topped_up += top_up;
            }
            work.emission.0 += parts[0];
        }
        let sum = |who: usize| parts.iter().map(|parts| parts[who]).sum::<u64>();
        let given = sum(0) + sum(1) + sum(2);
        let pays_idle = vouched && terms.payout_share.0 == 0;
        // What is left of the room, as it was before lanes were given anything.
        let before = left.saturating_sub(promised(&n)) - e.roots_emission.0;
        let for_idle = if pays_idle { (idle - idle_roots).min(before - given) } else { 0 };
        let idle_stakers = part(for_idle, terms.stakers_share);
        let idle_treasury = for_idle - part(for_idle, terms.providers_share) - idle_stakers;
        let pays = |account: &Address, said: Tokens| {
            let is_there = held(self.before, account, &n.mint).is_some();
            is_there && (n.source == source::MINT || said.0 > 0)
        };
        let payable = |pays: bool, amount: u64| Tokens(if pays { amount } else { 0 });
        e.stakers_emission = payable(pays(&n.policy.stakers_token_account, is.stakers_emission), sum(1) + idle_stakers);
        e.treasury_emission =
            payable(pays(&n.policy.treasury_token_account, is.treasury_emission), sum(2) + idle_treasury);
        (e.carried, e.emission, e.is_settled) = (Tokens(given_carried), Tokens(sum(0) + given_carried), 1);
        n.remintable.0 -= reminted;
        add(&mut n.reminted, reminted);
        add(&mut n.topped_up, topped_up);
        n.scheduled = U128::new(n.scheduled.get() + now as u128 + idle as u128);
        n.carried.0 -= given_carried;
        n.roots.free.0 += e.roots_emission.0;
        n.closing = 0;
        n.deferred.providers.0 += sum(0);
        n.deferred.stakers.0 += e.stakers_emission.0;
        n.deferred.treasury.0 += e.treasury_emission.0;
        if let Some(late) = (e.ended_at.since(n.last_worked_at)).checked_sub(IDLE_PERIOD.0 as u64) {
            let passed = (late / terms.duration.0.max(1) as u64).min(e.periods - 1);
            let scheduled = between(last - passed, last)? + now;
            let rest = scheduled - part(scheduled, terms.roots_share);
            let unpaid = if pays_idle { part(rest, terms.providers_share) } else { rest };
            n.refundable.0 += unpaid.min(left.saturating_sub(promised(&n)));
        }
        Ok(Settled { network: n, epoch: e })
    }

    /// The price at which an epoch's work is valued, where the policy holds income to dollars: of an average of the last hour; at the
    /// upper end of the band when the oracle is silent; none if there never was one.
    fn price_of_work(&self, n: &mut Network, e: &mut Epoch) -> Result<Option<Option<(u64, i32)>>, &'static str> {
        if e.terms.payout_share.0 == 0 {
            return Ok(None);
        }
        if e.worked.0 == 0 {
            return Ok(Some(None));
        }
        let newest = n.average;
        let value = if n.takes_dollars == 1 && newest.value != 0 { newest.value.max(n.ask) } else { newest.value };
        let silence = self.now.since(newest.published_at);
        let mut price = Some(value).filter(|value| *value != 0);
        if value == 0 || silence > MAX_AVERAGE_AGE.0 as u64 {
            let is_named = n.policy.price_account != Address::default();
            let grace = if is_named { PRICE_GRACE } else { UNPINNED_PRICE_GRACE };
            let waited = newest.is_silent == 1 || self.now.since(e.ended_at) >= grace.0 as u64;
            hold(waited && (is_named || silence >= grace.0 as u64), "an epoch did not wait for a price")?;
            n.average.is_silent = 1;
            let band = if n.policy.max_deviation.0 == 0 { Bps(5_000) } else { n.policy.max_deviation };
            price = price.map(|value| value.saturating_add(part_up(value, band)));
        }
        if let Some(price) = price {
            (e.price, e.exponent) = (price, newest.exponent);
        }
        Ok(Some(price.map(|price| (price, newest.exponent))))
    }

    // ---- What is minted.

    /// How much of what is wanted the breaker lets pass now; its window turns when its time is over.
    fn pass(&self, n: &mut Network, for_roots: bool, wanted: u64, whole: u64) -> u64 {
        let (epochs, roots) = (n.breaker, n.roots_breaker);
        let all = |one: Tokens, other: Tokens| Tokens(one.0.saturating_add(other.0));
        let present = MintWindow {
            ends_at: epochs.ends_at,
            minted: all(epochs.minted, roots.minted),
            limit: all(epochs.limit, roots.limit),
        };
        let (policy, terms) = (&n.policy, &n.terms);
        let period = terms.duration.0.max(1) as u64;
        let from = n.schedule_position / period;
        let schedule = Schedule { initial: terms.initial_emission, decay: terms.decay_share, step: terms.decay_step };
        let periods = (policy.breaker_window.0 as u64).div_ceil(period);
        let scheduled = schedule.between(from, from.saturating_add(periods)).map_or(u64::MAX, |tokens| tokens.0);
        let limit =
            MintLimit { tokens: policy.breaker_tokens, share: policy.breaker_share, length: policy.breaker_window };
        let next = limit.window(present, self.now, Tokens(whole.max(scheduled)));
        if next != present {
            let unminted = (n.roots.free.0 + n.roots.owed.0).saturating_sub(n.roots.in_vault.0);
            let waits = n.deferred.providers.0 + n.deferred.stakers.0 + n.deferred.treasury.0 + n.refundable.0;
            let share = match policy.roots_share.0 {
                0 if unminted == 0 => 0,
                0 => 1_000,
                share if waits > 0 => share.min(9_000),
                share => share,
            };
            let of_roots =
                if next.limit == Tokens::MAX { Tokens::MAX } else { Tokens(part_up(next.limit.0, Bps(share))) };
            let rest = if next.limit == Tokens::MAX { Tokens::MAX } else { Tokens(next.limit.0 - of_roots.0) };
            let window = |limit| Breaker { ends_at: next.ends_at, minted: Tokens(0), limit };
            (n.roots_breaker, n.breaker) = (window(of_roots), window(rest));
        }
        let breaker = if for_roots { &mut n.roots_breaker } else { &mut n.breaker };
        let passed = wanted.min(breaker.limit.0.saturating_sub(breaker.minted.0));
        breaker.minted.0 += passed;
        passed
    }

    /// Issues what waits, providers' first, as far as it is there and the breaker lets it pass. `None` if it cannot be told who can
    /// be paid.
    fn mint_deferred(&self, n: &mut Network) -> Option<()> {
        let (left, whole) = self.stock(n)?;
        let accounts = [n.reward_vault, n.policy.stakers_token_account, n.policy.treasury_token_account];
        let waits = [n.deferred.providers.0, n.deferred.stakers.0, n.deferred.treasury.0];
        // Who could refuse a transfer is told by extensions.
        let is_plain = |account: &Address| self.before.get(account).is_none_or(|account| account.data.len() == 165);
        if n.source == source::RESERVE && !accounts.iter().all(is_plain) {
            return None;
        }
        // One that is frozen has to wait.
        let can =
            |account: &Address| held(self.before, account, &n.mint).is_some() && self.before[account].data[108] == 1;
        let mut wanted = [0; 3];
        for place in 0..3 {
            wanted[place] = if can(&accounts[place]) { waits[place] } else { 0 };
        }
        let passed = self.pass(n, false, wanted.iter().sum::<u64>().min(left), whole);
        let mut rest = passed;
        for wanted in &mut wanted {
            *wanted = (*wanted).min(rest);
            rest -= *wanted;
        }
        n.deferred.providers.0 -= wanted[0];
        n.deferred.stakers.0 -= wanted[1];
        n.deferred.treasury.0 -= wanted[2];
        add(&mut n.minted, passed);
        Some(())
    }

    // ---- The network.

    /// A network begins as its policy says, and changes by what happens around it.
    pub(super) fn reckon_network(&self, address: &Address, before: Option<&Network>, is: &Network) -> Verdict {
        let now = self.now;
        let Some(was) = before else {
            let mut e = Network { ..*is };
            let weights = is.policy.weights();
            e.lanes = Default::default();
            e.lanes.iter_mut().zip(weights).for_each(|(lane, weight)| lane.weight = weight);
            e.terms = EpochTerms::of(&is.policy, weights);
            e.epoch_ends_at = later(is.last_worked_at, is.policy.epoch_duration);
            let mut fresh =
                Network { lanes: e.lanes, terms: e.terms, epoch_ends_at: e.epoch_ends_at, ..Default::default() };
            (fresh.authority, fresh.mint, fresh.token_program) = (is.authority, is.mint, is.token_program);
            (fresh.reward_vault, fresh.policy, fresh.decimals) = (is.reward_vault, is.policy, is.decimals);
            (fresh.source, fresh.last_worked_at) = (is.source, is.last_worked_at);
            if is.source == source::RESERVE {
                (fresh.reserve_vault, fresh.founder) = (is.reserve_vault, is.authority);
            } else {
                fresh.initial_supply =
                    Tokens(self.before.get(&is.mint).and_then(supply).unwrap_or(is.initial_supply.0));
            }
            return equal(&fresh, is);
        };
        let mut e = *was;
        let signed = |who: &Address| self.signers.contains(who);
        let mut but: Vec<&str> = vec![];
        // Who governs.
        if is.authority != was.authority {
            hold(
                is.authority == was.pending_authority && signed(&is.authority),
                "another authority than was proposed",
            )?;
            (e.authority, e.pending_authority) = (was.pending_authority, Address::default());
        } else if is.pending_authority != was.pending_authority {
            hold(signed(&was.authority), "a successor that the authority did not name")?;
            e.pending_authority = is.pending_authority;
        }
        // Pauses.
        let is_paused = (was.paused, is.paused);
        if is_paused == (1, 0) {
            let passed = now.since(was.paused_at).min(u32::MAX as u64) as u32;
            e.paused_duration = Seconds(was.paused_duration.0.saturating_add(passed));
            (e.paused, e.paused_at, e.pause_ends_at) = (0, NEVER, NEVER);
            e.guardian_pauses_at = later(now, MAX_PAUSE);
        } else if is_paused == (0, 1) || is_paused == (1, 1) && is.pause_ends_at != was.pause_ends_at {
            let guardian = was.paused == 0 && now >= was.guardian_pauses_at && signed(&was.policy.guardian);
            hold(guardian || signed(&was.authority), "a pause too soon, or by another")?;
            if was.paused == 0 {
                e.paused_at = now;
            }
            (e.paused, e.pause_ends_at) = (1, later(now, MAX_PAUSE));
        }
        // Spenders.
        if is.spender_count != was.spender_count {
            let place = was.spender_places.trailing_ones();
            let mut spenders = self.there::<Spender>().map(|(_, spender)| spender);
            let new = spenders.find(|one| one.network == *address && one.number == was.spender_count);
            hold(new.is_some_and(|one| one.id as u32 == place), "a spender has another place than the first free one")?;
            e.spender_places |= 1 << place;
            e.spender_numbers[place as usize] = was.spender_count;
            e.spender_count += 1;
        }
        for (_, spender) in self.gone::<Spender>().filter(|(_, spender)| spender.network == *address) {
            hold(spender.closes_at != NEVER && now >= spender.closes_at, "a spender was closed before its end")?;
            e.spender_places &= !(1 << spender.id);
        }
        // Shards.
        if is.shard_count > was.shard_count {
            hold(was.closing == 0, "a shard was added while an epoch is being closed")?;
            let mut works = self.there::<WorkShard>().map(|(_, work)| work);
            let new = works.find(|one| one.network == *address && one.index == was.shard_count);
            let lane = new.ok_or("a shard was added that is not there")?.lane as usize;
            hold(was.lanes[lane].weight > 0, "a shard of a lane without a weight")?;
            e.shard_count += 1;
            e.lanes[lane].shard_count += 1;
        }
        for (_, work) in self.gone::<WorkShard>().filter(|(_, work)| work.network == *address) {
            hold(was.closing == 0 && work.index + 1 == was.shard_count, "a shard was closed that is in use")?;
            e.shard_count -= 1;
            e.lanes[work.lane as usize].shard_count -= 1;
        }
        // Changes of policy.
        if is.change_count != was.change_count {
            e.change_count += 1;
        }
        if is.policy_version != was.policy_version {
            self.executed(address, was, &mut e)?;
        }
        if is.weighed_epoch != was.weighed_epoch {
            hold(now < was.epoch_ends_at && signed(&was.policy.weigher), "lanes were weighed after the epoch's end")?;
            hold(was.weighed_epoch <= was.open_epoch, "lanes were weighed twice in an epoch")?;
            e.weighed_epoch = was.open_epoch + 1;
            // How far is told by what was named.
            e.lanes.iter_mut().zip(is.lanes).for_each(|(lane, is)| lane.weight = is.weight);
        }
        // The average.
        let heard = |network: &Network| (Average { is_silent: 0, ..network.average }, network.ask);
        let is_average_moved = is.policy_version == was.policy_version && heard(is) != heard(was);
        if is_average_moved || is.average.is_silent < was.average.is_silent && is.policy_version == was.policy_version {
            match self.quote(was, &was.policy.feed_id) {
                Some(quote) => self.follow(was, &quote, &mut e)?,
                None => but.extend(["average", "ask"]),
            }
        }
        // What was burned or came back.
        let burned = self
            .changes::<BurnShard>()
            .map(|(_, was, is)| (is.burned.0 - was.burned.0, is.returned.0 - was.returned.0));
        let sold = self.changes::<Auction>().map(|(_, was, is)| {
            let (all, back) = (is.tokens.get() - was.tokens.get(), is.returned.get() - was.returned.get());
            ((all - back) as u64, back as u64)
        });
        let closes_shard = self.gone::<BurnShard>().next().is_some();
        for (burned, returned) in burned.chain(sold).filter(|_| !closes_shard) {
            add(&mut e.burned, burned);
            add(&mut e.returned, returned);
            let back = part(burned + returned, was.policy.remint_share);
            e.remintable.0 = e.remintable.0.saturating_add(back);
        }
        self.credits_given_up(is, was, &mut e)?;
        self.roots_of(address, was, &mut e)?;
        // Epochs.
        let closes = self.there::<Epoch>().map(|(address, epoch)| (*address, *epoch)).find(|(at, epoch)| {
            let is_new = is.open_epoch != was.open_epoch && epoch.index + 1 == is.open_epoch;
            let unsettled = self.was::<Epoch>(at).is_some_and(|epoch| epoch.is_settled == 0);
            epoch.network == *address && (is_new || unsettled)
        });
        if let Some((at, epoch)) = closes {
            if let Some(settled) = self.close(&at, was, &epoch)? {
                e = Network { sequence: e.sequence, ..settled.network };
                if epoch.is_settled == 1 && self.mint_deferred(&mut e).is_none() {
                    but.extend(["deferred", "minted", "breaker", "roots_breaker"]);
                }
            }
        } else if is.deferred != was.deferred && self.mint_deferred(&mut e).is_none() {
            but.extend(["deferred", "minted", "breaker", "roots_breaker"]);
        }
        for (_, epoch) in self.gone::<Epoch>().filter(|(_, epoch)| epoch.network == *address) {
            let all = epoch.worked.0 + epoch.waiting.0;
            hold(epoch.is_settled == 1 && epoch.accrued_work.0 == all, "an epoch was swept that is not paid out")?;
            e.carried.0 += epoch.emission.0 - epoch.accrued.0;
        }
        self.dollars_of(address, was, &mut e);
        equal_but(&e, is, &but)
    }

    /// A policy comes into force in its time, on the policy that it was made for, while the open epoch runs.
    fn executed(&self, address: &Address, was: &Network, e: &mut Network) -> Verdict {
        let now = self.now;
        let change = self.gone::<PolicyChange>().map(|(_, change)| change).find(|change| change.network == *address);
        let change = change.ok_or("a policy in force that nobody proposed")?;
        let in_time = now >= change.executable_at && now <= later(change.executable_at, CHANGE_WINDOW);
        hold(in_time && change.base_policy_version == was.policy_version, "a policy in force out of its time")?;
        hold(now < was.epoch_ends_at, "a policy in force once the epoch has ended")?;
        let (old, new) = (&was.policy, &change.policy);
        e.policy = *new;
        e.policy_version += 1;
        let is_other = old.price_receiver != new.price_receiver || old.feed_id != new.feed_id;
        if is_other || change.reset_average == 1 {
            e.average = Average { value: 0, moved_at: NEVER, bid: 0, is_silent: 0, ..was.average };
            e.ask = 0;
        }
        let goes_on = old.lane_weights == new.lane_weights && old.weigher == new.weigher;
        let weights = new.weights();
        for (lane, weight) in e.lanes.iter_mut().zip(weights) {
            let band = part(weight as u64, new.lane_band) as u16;
            let low = (weight - band).max(weight.min(1));
            lane.weight = if goes_on { lane.weight.clamp(low, weight + band) } else { weight };
            hold(lane.shard_count == 0 || weight > 0, "a lane with shards lost its weight")?;
        }
        let (length, period) = (was.terms.own_duration.0 as u64, new.epoch_duration.0 as u64);
        let passed = length.saturating_sub(was.epoch_ends_at.since(now));
        let shorter = (passed / period + 1) * period;
        if shorter < length {
            e.epoch_ends_at = Timestamp(was.epoch_ends_at.0 - (length - shorter) as i64);
            e.terms.own_duration = Seconds(shorter as u32);
        }
        Ok(())
    }

    /// The average follows the price at its speed, from the first one on.
    fn follow(&self, was: &Network, quote: &Quote, e: &mut Network) -> Verdict {
        let average = &mut e.average;
        hold(quote.published >= average.published_at, "an average follows a price that is older than the last")?;
        if average.value == 0 {
            (average.value, average.moved_at) = (quote.spot, self.now);
        } else {
            let value = average::rescale(average.value, average.exponent, quote.exponent).unwrap_or(average.value);
            let elapsed = self.now.since(average.moved_at);
            let (next, unused) = average::follow(value, quote.spot, was.policy.average_speed, elapsed);
            (average.value, average.moved_at) = (next, Timestamp(self.now.0 - unused as i64));
        }
        (average.exponent, average.published_at, average.bid) = (quote.exponent, quote.published, quote.low);
        average.is_silent = 0;
        e.ask = quote.high;
        Ok(())
    }

    /// Credits are given up for what is set aside, once it is known that nobody worked for long.
    fn credits_given_up(&self, is: &Network, was: &Network, e: &mut Network) -> Verdict {
        let burns = |(_, was, is): &(&Address, &CreditAccount, &CreditAccount)| is.burned > was.burned;
        let Some((_, old, new)) = self.changes::<CreditAccount>().find(burns).filter(|_| is.minted != was.minted)
        else {
            return Ok(());
        };
        let is_known = was.closing == 0 && self.now < was.epoch_ends_at;
        hold(is_known && is_idle(was, self.now), "credits were given up while others may have worked")?;
        let tokens = new.burned_tokens.0 - old.burned_tokens.0;
        hold(tokens <= was.refundable.0, "more was given back than is set aside")?;
        let not_back = if is_idle(was, old.idle_bought_at) { old.idle_tokens } else { Tokens(0) };
        hold(new.tokens >= not_back, "what was paid while nobody worked was given back")?;
        let whole = self.stock(was).map(|(_, whole)| whole).ok_or("no mint")?;
        hold(self.pass(e, false, tokens, whole) == tokens, "more was given back than the breaker lets pass")?;
        e.refundable.0 -= tokens;
        e.remintable.0 = e.remintable.0.saturating_sub(part_up(tokens, was.policy.remint_share));
        add(&mut e.minted, tokens);
        Ok(())
    }

    /// What roots are given leaves the budget; what opens is minted, but for what lies in the vault; what nobody claimed comes back.
    fn roots_of(&self, address: &Address, was: &Network, e: &mut Network) -> Verdict {
        for (_, old, new) in self.changes::<RewardRoot>().filter(|(_, root, _)| root.network == *address) {
            let all = new.total.0 - new.previous_total.0;
            if old.activated_at == NEVER && new.activated_at != NEVER {
                e.roots.free.0 = e.roots.free.0.checked_sub(all).ok_or("a root was given more than the budget has")?;
                e.roots.owed.0 += all;
            }
            if old.is_stopped < new.is_stopped {
                e.roots.owed.0 -= all - old.opened.0;
            }
            let opens = new.opened.0 - old.opened.0;
            if opens > 0 {
                let period = old.opening_period.0 as u64;
                let passed = self.now.since(old.activated_at);
                let openable = if passed >= period { all } else { of(all, passed, period) } - old.opened.0;
                let in_vault = openable.min(was.roots.in_vault.0);
                let whole = self.stock(was).map(|(_, whole)| whole).ok_or("no mint")?;
                let minted = self.pass(e, true, openable - in_vault, whole);
                hold(opens == in_vault + minted, "another part of a root opened")?;
                e.roots.in_vault.0 -= in_vault;
                e.roots.owed.0 -= opens;
                add(&mut e.minted, minted);
            }
        }
        for (_, root) in self.gone::<RewardRoot>().filter(|(_, root)| root.network == *address) {
            e.roots.free.0 += root.opened.0 - root.claimed.0;
            e.roots.in_vault.0 += root.opened.0 - root.claimed.0;
        }
        Ok(())
    }

    /// What the network repeats of its auction.
    fn dollars_of(&self, address: &Address, was: &Network, e: &mut Network) {
        let mut auctions = self.changes::<Auction>().filter(|(_, auction, _)| auction.network == *address);
        let Some((_, old, new)) = auctions.next() else { return };
        let is_executed = old.executable_at != NEVER && new.executable_at == NEVER;
        if is_executed {
            let policy = &old.proposed_policy;
            e.takes_dollars = 1;
            (e.dollar_feed_id, e.dollar_price_account) = (policy.feed_id, policy.price_account);
            (e.dollar_cut, e.dollar_premium) = (policy.cut, policy.premium);
        }
        let is_counted = is_executed
            || new.shard_count != old.shard_count
            || (new.received, new.paid, new.cut_paid, new.unsold) != (old.received, old.paid, old.cut_paid, old.unsold);
        if is_counted || was.dollar_shard_limit == Tokens(0) {
            let most = new.policy.limit.0 as u128 * new.policy.max_unwanted as u128;
            let left = most.saturating_sub(new.unsold.0 as u128) as u64;
            e.dollar_shard_limit = Tokens(left / new.shard_count.max(1) as u64);
        }
    }

    // ---- Who may, and what waits.

    /// A spender begins without an end; the authority gives it one, sooner than before or not at all.
    pub(super) fn reckon_spender(&self, _: &Address, before: Option<&Spender>, is: &Spender) -> Verdict {
        let network = self.find::<Network>(&is.network);
        let Some(was) = before else {
            let (network, authority, payer) = (is.network, is.authority, is.payer);
            let (number, id, lane) = (is.number, is.id, is.lane);
            return equal(&Spender { network, authority, payer, number, id, lane, ..Default::default() }, is);
        };
        let mut e = *was;
        if is.closes_at != was.closes_at {
            let signed = network.is_none_or(|network| self.signers.contains(&network.authority));
            hold(signed, "a spender's end was set by another")?;
            if is.closes_at == NEVER {
                hold(self.now < was.closes_at, "a spender was restored after its end")?;
            } else {
                let grace = later(self.now, MIN_GRACE)..=later(self.now, MAX_GRACE);
                let sooner = was.closes_at == NEVER || is.closes_at < was.closes_at;
                hold(sooner && grace.contains(&is.closes_at), "a spender ends at another time than it may")?;
            }
            e.closes_at = is.closes_at;
        }
        equal(&e, is)
    }

    /// What is proposed waits as long as the network says.
    pub(super) fn reckon_policy_change(
        &self,
        _: &Address,
        before: Option<&PolicyChange>,
        is: &PolicyChange,
    ) -> Verdict {
        if let Some(was) = before {
            return equal(was, is);
        }
        let Some(network) = self.was::<Network>(&is.network) else { return Ok(()) };
        let mut e = PolicyChange { network: is.network, payer: is.payer, policy: is.policy, ..Default::default() };
        (e.index, e.base_policy_version, e.reset_average) =
            (network.change_count, network.policy_version, is.reset_average);
        e.executable_at = later(self.now, network.policy.change_delay);
        hold(is.policy.max_supply <= network.policy.max_supply, "a maximum supply that rises")?;
        equal(&e, is)
    }

    /// Oracles change as proposed, in their time; nobody is named at once; roots are counted.
    pub(super) fn reckon_oracles(&self, _: &Address, before: Option<&OracleSet>, is: &OracleSet) -> Verdict {
        let Some(was) = before else {
            return equal(&OracleSet { network: is.network, vault: is.vault, ..Default::default() }, is);
        };
        let (mut e, now) = (*was, self.now);
        let forget = |e: &mut OracleSet| {
            (e.proposed_oracles, e.proposed_count, e.proposed_threshold) = Default::default();
            e.executable_at = NEVER;
            e.generation += 1;
        };
        if is.generation != was.generation {
            if is.oracle_count == 0 {
                (e.oracles, e.oracle_count, e.threshold) = Default::default();
            } else {
                let due = was.executable_at != NEVER && now >= was.executable_at;
                hold(due && now <= later(was.executable_at, CHANGE_WINDOW), "oracles took office out of their time")?;
                (e.oracles, e.oracle_count) = (was.proposed_oracles, was.proposed_count);
                e.threshold = was.proposed_threshold;
            }
            forget(&mut e);
        } else if proposed(is) != proposed(was) {
            (e.proposed_oracles, e.proposed_count, e.proposed_threshold) =
                (is.proposed_oracles, is.proposed_count, is.proposed_threshold);
            let named = is.proposed_oracles.iter().take_while(|oracle| **oracle != Address::default()).count();
            hold(named == is.proposed_count as usize && is.proposed_threshold as usize <= named, "other oracles")?;
            let network = self.find::<Network>(&was.network);
            e.executable_at = network.map_or(is.executable_at, |network| later(now, network.policy.change_delay));
        }
        if is.root_count != was.root_count {
            e.root_count += 1;
        }
        for (_, old, new) in self.changes::<RewardRoot>().filter(|(_, root, _)| root.network == was.network) {
            if old.activated_at == NEVER && new.activated_at != NEVER {
                (e.active_root, e.active_count, e.total) = (new.index + 1, was.active_count + 1, new.total);
            }
            let supplies = (self.find::<Network>(&was.network)).map(|network| network.mint);
            if new.opened > old.opened && supplies.is_some() {
                let network = self.changes::<Network>().find(|(at, ..)| **at == was.network);
                e.minted.0 += network.map_or(0, |(_, was, is)| (is.minted.get() - was.minted.get()) as u64);
            }
        }
        equal(&e, is)
    }

    /// A root begins with an oracle's approval, ripens with enough of them, and pays what it adds.
    pub(super) fn reckon_root(&self, _: &Address, before: Option<&RewardRoot>, is: &RewardRoot) -> Verdict {
        let now = self.now;
        let set = self.before.values().chain(self.others.values()).filter_map(read::<OracleSet>);
        let set = { set }.find(|set| set.network == is.network);
        let network = self.find::<Network>(&is.network);
        let mut e = before.copied().unwrap_or_default();
        if before.is_none() {
            (e.header, e.network, e.payer, e.root) = (is.header, is.network, is.payer, is.root);
            (e.previous_total, e.total, e.published_at) = (is.previous_total, is.total, now);
            if let Some(set) = set {
                (e.index, e.generation) = (set.root_count, set.generation);
            }
            hold(is.total > is.previous_total, "a root that adds nothing")?;
        }
        let Some((set, network)) = set.zip(network) else { return Ok(()) };
        let is_late = now > later(e.published_at, ROOT_LIFETIME);
        let is_outdated = is_late || e.generation != set.generation || e.index < set.active_root;
        let new = is.approvals & !e.approvals;
        if is.approvals != e.approvals {
            let place = new.trailing_zeros() as usize;
            let is_one = new.count_ones() == 1 && is.approvals & e.approvals == e.approvals;
            let signed =
                set.oracles[..set.oracle_count as usize].get(place).is_some_and(|who| self.signers.contains(who));
            hold(is_one && signed, "a root approved by none of its oracles")?;
            hold(e.generation == set.generation, "a root approved by other oracles than published it")?;
            e.approvals |= new;
            let enough = set.threshold > 0 && e.approvals.count_ones() >= set.threshold as u32;
            if enough && e.activatable_at == NEVER {
                e.activatable_at = later(now, network.policy.root_delay);
            }
        }
        if is.activated_at != e.activated_at {
            let ripe = e.activatable_at != NEVER && now >= e.activatable_at;
            hold(ripe && !is_outdated, "a root became active that is not ripe, or outdated")?;
            hold(e.previous_total == set.total, "a root adds to another total")?;
            (e.activated_at, e.opened_at, e.number) = (now, now, set.active_count + 1);
            e.opening_period = network.policy.root_opening_period;
        }
        if is.opened != e.opened {
            hold(e.is_stopped == 0 && e.activated_at != NEVER, "a root opened that is stopped, or not active")?;
            // How much is the network's to say.
            (e.opened, e.opened_at) = (is.opened, now);
        }
        if is.is_stopped != e.is_stopped {
            let may = [network.authority, network.policy.guardian].iter().any(|who| self.signers.contains(who));
            let unopened = e.total.0 - e.previous_total.0 - e.opened.0;
            hold(may && unopened > 0 && e.activated_at != NEVER, "a root was stopped that cannot be, or by another")?;
            e.is_stopped = 1;
        }
        if is.claimed != e.claimed {
            let paid = self.changes::<RootClaim>().map(|(_, was, is)| is.claimed.0 - was.claimed.0).sum::<u64>();
            e.claimed.0 += paid;
            hold(e.claimed <= e.opened, "more of a root was claimed than is open")?;
        }
        equal(&e, is)
    }

    /// A root that ends: outdated and never active; or all open and claimed, or left for long; or vetoed before it was active.
    pub(super) fn root_ends(&self, was: &RewardRoot) -> Verdict {
        let set = self.before.values().chain(self.others.values()).filter_map(read::<OracleSet>);
        let set = { set }.find(|set| set.network == was.network);
        let Some((set, network)) = set.zip(self.find::<Network>(&was.network)) else { return Ok(()) };
        let now = self.now;
        if was.activated_at == NEVER {
            let is_late = now > later(was.published_at, ROOT_LIFETIME);
            let is_outdated = is_late || was.generation != set.generation || was.index < set.active_root;
            let vetoes = [network.authority, network.policy.guardian].iter().any(|who| self.signers.contains(who));
            return hold(is_outdated || vetoes, "a root was closed that may become active");
        }
        let is_open = was.is_stopped == 1 || was.opened.0 == was.total.0 - was.previous_total.0;
        let is_left = was.claimed == was.opened || now.since(was.opened_at) >= ROOT_CLAIM_PERIOD.0 as u64;
        hold(is_open && is_left, "a root was closed that still pays")
    }

    /// What roots paid a claimant is counted by root, in the place of the one eight before.
    pub(super) fn reckon_root_claim(&self, _: &Address, before: Option<&RootClaim>, is: &RootClaim) -> Verdict {
        let Some(was) = before else {
            let (network, claimant, payer) = (is.network, is.claimant, is.payer);
            return equal(&RootClaim { network, claimant, payer, ..Default::default() }, is);
        };
        let mut e = *was;
        let roots = self.changes::<RewardRoot>().filter(|(_, root, _)| root.network == was.network);
        for (_, old, new) in roots.filter(|(_, old, new)| new.claimed > old.claimed) {
            let paid = new.claimed.0 - old.claimed.0;
            let payment = &mut e.payments[old.number as usize % CLAIM_RING];
            hold(payment.root <= old.number, "a root paid after a later one that has its place")?;
            if payment.root < old.number {
                *payment = RootPayment { root: old.number, paid: Tokens(0) };
            }
            payment.paid.0 += paid;
            e.claimed.0 += paid;
        }
        equal(&e, is)
    }

    // ---- Keepers.

    /// Of what came in, the share is kept, up to the limit, and the rest is due; a chore begins its time anew when it is set or paid.
    pub(super) fn reckon_upkeep(&self, _: &Address, before: Option<&Upkeep>, is: &Upkeep) -> Verdict {
        let network = self.find::<Network>(&is.network);
        let Some(network) = network else { return Ok(()) };
        let mut e = before.copied().unwrap_or_default();
        if before.is_none() {
            (e.header, e.network, e.treasury, e.vault, e.payer) =
                (is.header, is.network, is.treasury, is.vault, is.payer);
            (e.token_program, e.decimals) = (network.token_program, network.decimals);
        }
        let is_chore_set =
            |(was, is): (&Chore, &Chore)| Chore { paid_at: NEVER, ..*was } != Chore { paid_at: NEVER, ..*is };
        let sets_chore = e.chores.iter().zip(&is.chores).any(is_chore_set);
        let paid = is.paid.0 - e.paid.0;
        if !sets_chore && let Some(there) = held(self.before, &e.vault, &network.mint) {
            let came = there.saturating_sub(e.kept.0 + e.amount_due.0);
            let kept = part(came, e.keeper_share).min(e.max_kept.0.saturating_sub(e.kept.0));
            // To set a chore counts nothing.
            if (is.kept, is.amount_due, is.paid) != (e.kept, e.amount_due, e.paid) {
                e.kept.0 += kept;
                e.amount_due.0 += came - kept;
            }
            let left = held(self.after, &e.vault, &network.mint).unwrap_or_default();
            let out = there - left.min(there) - paid.min(there - left.min(there));
            if out > 0 {
                hold(out == e.amount_due.0, "another amount was forwarded than is due")?;
                e.amount_due = Tokens(0);
            }
            if paid > 0 {
                e.kept.0 = e.kept.0.checked_sub(paid).ok_or("a tip of more than is kept")?;
                e.paid.0 += paid;
            }
        }
        (e.keeper_share, e.max_kept) = (is.keeper_share, is.max_kept);
        let mut tips = vec![];
        for (was, is) in e.chores.iter_mut().zip(&is.chores) {
            if is.paid_at == was.paid_at && !is_chore_set((&*was, is)) {
                continue;
            }
            if is.tip.0 == 0 {
                *was = Chore::default();
                continue;
            }
            if !is_chore_set((&*was, is)) && paid > 0 {
                tips.push(was.tip.0);
            }
            *was = Chore { paid_at: self.now, ..*is };
        }
        // A chore that is set as it was begins anew as well.
        hold(paid == 0 || tips.len() == 1 && paid <= tips[0], "a tip that no chore has")?;
        equal(&e, is)
    }

    // ---- Dollars.

    /// An auction sells by its policy: what came, what was paid, how far it is filled. A policy takes force in its time.
    pub(super) fn reckon_auction(&self, _: &Address, before: Option<&Auction>, is: &Auction) -> Verdict {
        let now = self.now;
        let Some(network) = self.find::<Network>(&is.network) else { return Ok(()) };
        let waits = || {
            let period = network.policy.epoch_duration.0.max(1) as i64;
            let over = now.0 - network.epoch_ends_at.0;
            let periods = if over < 0 { 0 } else { over / period + 1 };
            later(now, network.policy.change_delay).max(Timestamp(network.epoch_ends_at.0 + periods * period))
        };
        let mut e = before.copied().unwrap_or_default();
        if before.is_none() {
            (e.header, e.network, e.mint, e.token_program) = (is.header, is.network, is.mint, is.token_program);
            (e.vault, e.payer, e.issuer_powers) = (is.vault, is.payer, is.issuer_powers);
            let policy = &is.proposed_policy;
            (e.proposed_policy, e.executable_at) = (*policy, waits());
            return equal_but(&e, is, &["policy", "level", "leaked_at"]);
        }
        let was = e;
        if is.policy != was.policy || was.executable_at != NEVER && is.executable_at == NEVER {
            let due = was.executable_at != NEVER && now >= was.executable_at;
            hold(due && now <= later(was.executable_at, CHANGE_WINDOW), "a dollar policy in force out of its time")?;
            hold(
                now < network.epoch_ends_at && network.closing == 0,
                "a dollar policy in force before its epoch ended",
            )?;
            let rules = |policy: &DollarPolicy| (policy.limit, policy.window, policy.max_discount, policy.premium);
            e.policy = was.proposed_policy;
            if rules(&e.policy) != rules(&was.policy) {
                (e.level, e.leaked_at) = (e.policy.limit, now);
            }
            (e.proposed_policy, e.executable_at) = (DollarPolicy::default(), NEVER);
        } else if (is.proposed_policy, is.executable_at) != (was.proposed_policy, was.executable_at) {
            (e.proposed_policy, e.executable_at) = (is.proposed_policy, waits());
        }
        let new =
            self.there::<DollarShard>().any(|(_, one)| one.network == was.network && one.index == was.shard_count);
        if is.shard_count != was.shard_count {
            hold(new, "a dollar shard was counted that is not there")?;
            e.shard_count += 1;
        }
        let mut folds = self.changes::<DollarShard>().filter(|(_, one, _)| one.network == was.network);
        let vault = |accounts: &Accounts| held(accounts, &was.vault, &was.mint);
        let (Some(had), Some(has)) = (vault(self.before), vault(self.after)) else { return equal(&e, is) };
        let count_unsold = |e: &mut Auction, there: u64| {
            let counted = e.received.0 - e.paid.0 - e.cut_paid.0;
            e.unsold = Tokens(counted.min(there).saturating_sub(e.cut_due.0));
        };
        let tokens = is.tokens.get() - was.tokens.get();
        if tokens > 0 {
            hold(network.paused == 0, "tokens were sold while the network is paused")?;
            self.prices_are_new(&was.network)?;
            count_unsold(&mut e, had);
            let paid = is.paid.0 - was.paid.0;
            hold(had - has == paid, "dollars left that nobody booked")?;
            self.sold(network, &was, &mut e, tokens as u64, paid)?;
            e.paid = is.paid;
            e.unsold.0 = e.unsold.0.checked_sub(paid).ok_or("dollars were paid that are not there")?;
            e.tokens = is.tokens;
            let returns = network.terms.payments_to_reserve == 1;
            add(&mut e.returned, if returns { tokens as u64 } else { 0 });
            (e.published_at, e.bid, e.exponent) = match self.quote(network, &network.policy.feed_id) {
                Some(quote) if quote.published >= was.published_at => {
                    let newest = &network.average;
                    let low = Self::no_better(quote.low, &quote, (newest.published_at, newest.bid));
                    let low = Self::no_better(low, &quote, (was.published_at, was.bid));
                    (quote.published, low, quote.exponent)
                }
                Some(_) => (was.published_at, was.bid, was.exponent),
                None => (is.published_at, is.bid, is.exponent),
            };
            return equal(&e, is);
        }
        let is_folded =
            (is.received, is.cut_paid, is.unsold, is.cut_due) != (was.received, was.cut_paid, was.unsold, was.cut_due);
        if is_folded {
            let folded =
                folds.next().map_or((0, 0), |(_, was, is)| (is.folded.0 - was.folded.0, was.cut_due.0 - is.cut_due.0));
            let arrived = is.received.0 - was.received.0;
            hold(arrived <= folded.0 && folded.1 <= arrived, "an auction received another amount than was folded")?;
            e.received = is.received;
            e.cut_due.0 += folded.1;
            let out = had + arrived - has;
            let counted = e.received.0 - e.paid.0 - e.cut_paid.0;
            let most = e.cut_due.0.min(counted).min(had + arrived);
            hold(out == 0 || out == most, "the treasury was paid another part than is due")?;
            e.cut_due.0 -= out;
            e.cut_paid.0 += out;
            count_unsold(&mut e, has);
        }

        equal(&e, is)
    }

    /// What tokens are worth at the cheapest price, in dollars at their dearest; and what the auction pays for that, as far as it is filled.
    fn sold(&self, network: &Network, was: &Auction, e: &mut Auction, tokens: u64, paid: u64) -> Verdict {
        let quotes = (self.quote(network, &network.policy.feed_id), self.quote(network, &network.dollar_feed_id));
        let (limit, window) = (was.policy.limit.0 as u128, was.policy.window.0 as u128);
        let leaked = limit * self.now.since(was.leaked_at) as u128 / window.max(1);
        let level = (was.level.0 as u128).saturating_sub(leaked) as u64;
        let (Some(quote), Some(dollar)) = quotes else { return Ok(()) };
        let newest = &network.average;
        let low = Self::no_better(quote.low, &quote, (newest.published_at, newest.bid));
        let low = Self::no_better(low, &quote, (was.published_at, was.bid));
        let average = average::rescale(newest.value, newest.exponent, quote.exponent).unwrap_or(u64::MAX);
        let worth = bought(tokens, low.min(average), quote.exponent, network.decimals);
        let worth = (worth as u128 * dollar.one() / dollar.high.max(1) as u128) as u64;
        let (whole, premium) = (10_000u128, was.policy.premium.0 as u128);
        let slope = was.policy.max_discount.0 as u128 + premium;
        let most = 2 * limit * (whole + premium) - slope * (2 * level as u128 + worth as u128);
        let pays = worth as u128 * most / (2 * limit * whole);
        hold(paid as u128 == pays, "tokens were sold for another amount than the auction pays")?;
        (e.level, e.leaked_at) = (Tokens(level + worth), self.now);
        Ok(())
    }

    /// Dollars come for credits, less the treasury's part; and go on to the auction, as far as they are there.
    pub(super) fn reckon_dollar_shard(&self, _: &Address, before: Option<&DollarShard>, is: &DollarShard) -> Verdict {
        let Some(was) = before else {
            let (network, vault, token_program) = (is.network, is.vault, is.token_program);
            let (payer, index) = (is.payer, is.index);
            return equal(&DollarShard { network, vault, token_program, payer, index, ..Default::default() }, is);
        };
        let mut e = *was;
        let Some(network) = self.find::<Network>(&was.network) else { return Ok(()) };
        let there = |accounts: &Accounts| {
            accounts
                .get(&was.vault)
                .and_then(|one| one.data.get(64..72))
                .map(|bytes| u64::from_le_bytes(bytes.try_into().unwrap()))
        };
        let Some((had, has)) = there(self.before).zip(there(self.after)) else { return Ok(()) };
        if is.received == was.received {
            let unfolded = was.received.0 - was.folded.0;
            let amount = unfolded.min(had);
            e.missing = Tokens(unfolded - amount);
            e.folded.0 += amount;
            let auctions = self.changes::<Auction>().map(|(_, was, is)| is.received.0 - was.received.0).sum::<u64>();
            e.cut_due.0 -= was.cut_due.0.min(auctions);
            return equal(&e, is);
        }
        hold(network.paused == 0 && network.takes_dollars == 1, "credits were sold for dollars that nobody takes")?;
        self.prices_are_new(&was.network)?;
        let dollars = has - had;
        let cut = part_up(dollars, network.dollar_cut);
        e.received.0 += dollars;
        let waits = e.received.0 - e.folded.0 - e.missing.0;
        hold(waits <= network.dollar_shard_limit.0, "more dollars wait than anybody wants")?;
        e.cut_due.0 += cut;
        let credits = is.issued.0 - was.issued.0;
        e.issued = is.issued;
        let quotes = (self.quote(network, &network.policy.feed_id), self.quote(network, &network.dollar_feed_id));
        let (Some(quote), Some(_)) = quotes else {
            return equal_but(&e, is, &["published_at", "ask", "exponent", "tokens"]);
        };
        // A credit for a micro-dollar at most, less where the stablecoin's own price is lower.
        let dollar = self.dollar_low(network);
        let one = 10u128.pow(dollar.1.unsigned_abs());
        let most = ((dollars - cut) as u128 * (dollar.0 as u128).min(one) / one) as u64;
        hold(credits == most, "other credits than dollars are worth")?;
        let newest = &network.average;
        let mut ask = quote.high;
        for (published, other) in [(newest.published_at, network.ask), (was.published_at, was.ask)] {
            ask = if quote.published < published { ask.max(other) } else { ask };
        }
        let dear = ask.max(newest.value);
        let dear = dear.saturating_add(part_up(dear, network.dollar_premium));
        let tokens = Credits(credits).to_tokens_floor(dear, quote.exponent, network.decimals).unwrap_or(Tokens::MAX);
        e.tokens.0 += tokens.0;
        if quote.published >= was.published_at {
            (e.published_at, e.ask, e.exponent) = (quote.published, ask, quote.exponent);
        }
        equal(&e, is)
    }

    /// The stablecoin's spot less its confidence, and its power of ten.
    fn dollar_low(&self, network: &Network) -> (u64, i32) {
        let updates = self.before.values().filter(|account| account.owner == network.policy.price_receiver);
        let updates = updates.filter_map(|account| account.data.get(..size_of::<PriceUpdate>()));
        let mut updates = updates.map(bytemuck::pod_read_unaligned::<PriceUpdate>);
        let update = updates.find(|one| one.feed_id == network.dollar_feed_id);
        update.map_or((0, 0), |one| (({ one.price } as u64).saturating_sub(one.conf), one.exponent))
    }
}

/// What is proposed, and from when it can take office.
fn proposed(set: &OracleSet) -> ([Address; MAX_ORACLES], u8, u8, Timestamp) {
    (set.proposed_oracles, set.proposed_count, set.proposed_threshold, set.executable_at)
}

/// No epoch has had work for long, at that time.
fn is_idle(network: &Network, at: Timestamp) -> bool {
    at.since(network.last_worked_at) >= IDLE_PERIOD.0 as u64
}

/// Where providers are paid by dollars, work carries no more than it is worth, at the lower of the average and of the newest price.
fn no_more_than_worth(network: &Network, work: u64, tokens: u64) -> u64 {
    let (terms, newest) = (&network.terms, &network.average);
    if terms.payout_share.0 == 0 || terms.vouched == 1 || newest.value == 0 {
        return tokens;
    }
    let price = if newest.bid == 0 { newest.value } else { newest.value.min(newest.bid) };
    let most = Credits(work).to_tokens_ceil(price, newest.exponent, network.decimals).unwrap_or(Tokens::MAX);
    tokens.min(most.0)
}
