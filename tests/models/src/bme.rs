//! The state machine of `bme`: credits, the work that they become, what epochs count of it, approvals of roots. What each
//! step must do is said in sums and sets, without rings and shards' halves; so is whether it may be done at all.

use {
    crate::Random,
    joule_bme::{
        credits,
        epochs::{
            breaker::{self, Kind},
            work,
        },
        lanes, price, roots,
    },
    joule_bme_interface::state::{
        Average, CreditAccount, Epoch, EpochWork, LaneWork, MAX_LATE_PERIODS, Network, OracleSet, Policy, ProviderWork,
        RewardRoot, Spender, WORK_RING, WorkShard,
    },
    joule_interface::Address,
    joule_math::{Bps, Credits, Seconds, Timestamp, Tokens},
    std::collections::{BTreeMap, BTreeSet},
};

const OWNERS: usize = 3;
const SPENDERS: usize = 3;
const PROVIDERS: usize = 3;
const SHARDS: usize = 2;
const ORACLES: usize = 5;

#[derive(Clone, Default)]
struct Owner {
    free: u128,
    locked: [u128; SPENDERS],
    consumed: u128,
    burned: u128,
    issued: u128,
    /// Tokens paid for what is unused, and ever.
    tokens: u128,
    paid: u128,
}

impl Owner {
    /// The part of the tokens that goes with `amount` of the unused credits, of which there are as many.
    fn carry(&mut self, amount: u128) -> u128 {
        let unused = self.free + self.locked.iter().sum::<u128>();
        let carried = (self.tokens * amount.min(unused)).checked_div(unused).unwrap_or(0);
        self.tokens -= carried;
        carried
    }
}

#[derive(Clone)]
struct World {
    accounts: [CreditAccount; OWNERS],
    providers: [ProviderWork; PROVIDERS],
    shards: [WorkShard; SHARDS],
    spenders: [Spender; SPENDERS],
    network: Network,
    set: OracleSet,
    root: RewardRoot,
    now: i64,
    epoch: u64,
    /// The epoch that is being closed, and the shards that are folded.
    closing: Option<(u64, BTreeSet<usize>)>,
    epoch_account: Epoch,

    owners: [Owner; OWNERS],
    /// By provider or shard, and epoch; what was taken out is gone.
    worked: BTreeMap<(usize, u64), (u128, u128)>,
    counted: BTreeMap<(usize, u64), (u128, u128)>,
    /// What is folded of the epoch that is being closed.
    folded: (u128, u128),
    /// Beyond the limits of the epochs so far.
    waiting: (u128, u128),
    /// By provider: its work that waits for an epoch.
    waits: BTreeMap<usize, (u64, (u128, u128))>,
    /// What settled epochs count, and how much of it was paid.
    settled: BTreeMap<u64, (LaneWork, (u128, u128))>,
    approved: BTreeSet<usize>,
    ripe_since: Option<i64>,
    /// By window of the breaker.
    minted: BTreeMap<u64, u128>,
}

fn oracle(place: usize) -> Address {
    Address::new_from_array([place as u8 + 1; 32])
}

impl World {
    fn new(random: &mut Random) -> Self {
        let mut set = OracleSet {
            oracle_count: ORACLES as u8 - 1,
            threshold: random.below(ORACLES as u64) as u8,
            ..Default::default()
        };
        (0..ORACLES - 1).for_each(|place| set.oracles[place] = oracle(place));
        let policy = Policy {
            breaker_tokens: Tokens(random.below(3) * 1_000),
            breaker_share: Bps(random.below(3) as u16 * 500),
            breaker_window: Seconds(60),
            average_speed: Bps(random.below(3) as u16 * 1_000),
            ..Default::default()
        };
        let mut network = Network { policy, ..Default::default() };
        network.terms.lane_limits[0] = Credits([0, 900, 1_800][random.place(3)]);
        Self {
            accounts: Default::default(),
            providers: Default::default(),
            shards: Default::default(),
            spenders: std::array::from_fn(|id| Spender { id: id as u8, ..Default::default() }),
            network,
            set,
            root: RewardRoot::default(),
            now: 1_790_000_000,
            epoch: 0,
            closing: None,
            epoch_account: Epoch::default(),
            owners: Default::default(),
            worked: BTreeMap::new(),
            counted: BTreeMap::new(),
            folded: (0, 0),
            waiting: (0, 0),
            settled: BTreeMap::new(),
            waits: BTreeMap::new(),
            approved: BTreeSet::new(),
            ripe_since: None,
            minted: BTreeMap::new(),
        }
    }

    /// One step; whether it was done, and whether it should have been.
    fn step(&mut self, random: &mut Random) -> (bool, bool) {
        let (o, s, p, shard) =
            (random.place(OWNERS), random.place(SPENDERS), random.place(PROVIDERS), random.place(SHARDS));
        let amount = random.amount(2_000);
        let (credits_, wide) = (Credits(amount), amount as u128);
        let others: u128 = self.owners.iter().map(|owner| owner.issued).sum::<u128>() - self.owners[o].issued;
        let owner = &mut self.owners[o];
        let account = &mut self.accounts[o];
        let spender = &self.spenders[s];
        match random.below(17) {
            0..3 => {
                let fits = owner.issued + wide <= u64::MAX as u128;
                // Sums over accounts, of shards and providers, end at 18 trillion dollars: a network sells fewer.
                if fits && others + owner.issued + wide > u64::MAX as u128 {
                    return (true, true);
                }
                (owner.free, owner.issued) = (owner.free + wide, owner.issued + wide);
                let tokens = random.below(5_000);
                let fits = fits && owner.tokens + tokens as u128 <= u64::MAX as u128;
                (owner.tokens, owner.paid) = (owner.tokens + tokens as u128, owner.paid + tokens as u128);
                (credits::issue(account, credits_, Tokens(tokens)).is_ok(), fits)
            }
            3..5 => {
                let enough = wide <= owner.free;
                owner.free = owner.free.wrapping_sub(wide);
                owner.locked[s] += wide;
                (credits::lock(account, spender, credits_).is_ok(), enough)
            }
            5 => {
                let enough = wide <= owner.locked[s];
                owner.locked[s] = owner.locked[s].wrapping_sub(wide);
                owner.free += wide;
                (credits::unlock(account, spender, credits_).is_ok(), enough)
            }
            6 => {
                let all = std::mem::take(&mut owner.locked[s]);
                owner.free += all;
                (credits::reclaim(account, s as u8).is_ok_and(|given| given.0 as u128 == all), true)
            }
            7..11 => {
                // Now and then the open epoch should have been closed.
                let late = if random.below(4) == 0 { random.below(MAX_LATE_PERIODS + 1) } else { 0 };
                let epoch = self.epoch + late;
                // A ring is full when what it holds in the epoch's place is an older epoch's.
                let taken = (0..epoch).any(|old| {
                    (epoch - old).is_multiple_of(WORK_RING as u64)
                        && self.worked.get(&(p, old)).is_some_and(|work| work.0 > 0)
                });
                let may = wide <= owner.locked[s] && !taken;
                let carried = if may { owner.carry(wide) } else { 0 };
                owner.locked[s] = owner.locked[s].wrapping_sub(wide);
                owner.consumed += wide;
                for work in
                    [self.worked.entry((p, epoch)).or_default(), self.counted.entry((shard, epoch)).or_default()]
                {
                    *work = (work.0 + wide, work.1 + carried);
                }
                let (provider, in_shard) = (&mut self.providers[p], &mut self.shards[shard]);
                let done = credits::consume(account, spender, credits_).and_then(|tokens| {
                    work::record(provider, epoch, credits_, tokens)?;
                    work::record_in_shard(in_shard, epoch, credits_, tokens)?;
                    Ok(tokens)
                });
                (done.is_ok_and(|tokens| tokens.0 as u128 == carried), may)
            }
            11 => match &mut self.closing {
                None => {
                    self.closing = Some((self.epoch, BTreeSet::new()));
                    self.epoch += 1;
                    self.folded = (0, 0);
                    self.epoch_account = Epoch { terms: self.network.terms, ..Default::default() };
                    (true, true)
                }
                Some((epoch, folded)) => {
                    let taken = work::take_from_shard(&mut self.shards[shard], *epoch);
                    let lane = &mut self.epoch_account.lanes[0];
                    lane.credits = lane.credits.plus(taken.credits).unwrap();
                    lane.tokens = lane.tokens.plus(taken.tokens).unwrap();
                    let work = wide_work(taken);
                    let same = work == self.counted.remove(&(shard, *epoch)).unwrap_or_default();
                    self.folded = (self.folded.0 + work.0, self.folded.1 + work.1);
                    folded.insert(shard);
                    if folded.len() < SHARDS {
                        return (same, true);
                    }
                    let (epoch, all) = (*epoch, (self.folded.0 + self.waiting.0, self.folded.1 + self.waiting.1));
                    self.closing = None;
                    let limit = self.network.terms.lane_limits[0].0 as u128;
                    let counted = if limit == 0 { all.0 } else { all.0.min(limit) };
                    let counted = (counted, (all.1 * counted).checked_div(all.0).unwrap_or(0));
                    self.waiting = (all.0 - counted.0, all.1 - counted.1);
                    lanes::apply_limits(&mut self.network, &mut self.epoch_account).unwrap();
                    let lane = self.epoch_account.lanes[0];
                    let paid_for = (lane.counted.0 as u128, lane.counted_tokens.0 as u128);
                    let waits = &self.network.lanes[0];
                    let waits = (waits.waiting.0 as u128, waits.waiting_tokens.0 as u128);
                    self.settled.insert(epoch, (lane, (0, 0)));
                    (same && paid_for == counted && waits == self.waiting, true)
                }
            },
            12 => {
                let epoch = self.epoch.saturating_sub(random.below(2 * WORK_RING as u64));
                let waits = self.waits.get(&p).copied().filter(|(of, _)| *of == epoch);
                let older = self.worked.iter().any(|((of, other), work)| *of == p && *other < epoch && work.0 > 0)
                    || self.waits.get(&p).is_some_and(|(of, work)| *of != epoch && work.0 > 0);
                let Some((lane, paid)) = self.settled.get_mut(&epoch) else { return (true, true) };
                let provider = &mut self.providers[p];
                let taken = work::take(provider, epoch).unwrap();
                let work = wide_work(taken);
                let (own, waited) =
                    (self.worked.remove(&(p, epoch)).unwrap_or_default(), waits.map_or((0, 0), |waits| waits.1));
                let same = work == (own.0 + waited.0, own.1 + waited.1);
                if waits.is_some() {
                    self.waits.remove(&p);
                }
                if work.0 == 0 {
                    return (same, true);
                }
                let all = [lane.credits.0, lane.tokens.0, lane.counted.0, lane.counted_tokens.0].map(u128::from);
                // By the rule, each of the provider's parts is as exact as units are.
                let is_near =
                    |part: u128, work: u128, counted: u128, all: u128| (part * all).abs_diff(counted * work) <= all;
                let Ok(part) = work::pass_on(provider, lane, taken) else { return (false, !older) };
                let part = wide_work(part);
                let rest = (work.0 - part.0, work.1 - part.1);
                if rest.0 > 0 {
                    self.waits.insert(p, (epoch + 1, rest));
                }
                *paid = (paid.0 + part.0, paid.1 + part.1);
                let near = is_near(part.0, work.0, all[2], all[0]) && is_near(part.1, work.1, all[3], all[1]);
                let is_last = lane.settled == lane.credits;
                let exact = !is_last || *paid == (all[2], all[3]);
                (same && near && exact, !older || rest.0 == 0)
            }
            13 => {
                let place = random.place(ORACLES);
                let known = place < ORACLES - 1;
                let may = known && self.approved.insert(place);
                if self.set.threshold > 0 && self.approved.len() == self.set.threshold as usize && may {
                    self.ripe_since.get_or_insert(self.now);
                }
                let delay = Seconds(100);
                let done =
                    roots::approve(&self.set, &mut self.root, &oracle(place), Timestamp(self.now), delay).is_ok();
                let ripens = self.ripe_since.map_or(0, |since| since + 100);
                (done && self.root.activatable_at == Timestamp(ripens), may)
            }
            14 => {
                let supply = Tokens(100_000);
                let passed =
                    breaker::take(&mut self.network, Kind::Epochs, Tokens(amount), Timestamp(self.now), supply)
                        .unwrap()
                        .0;
                let policy = &self.network.policy;
                let by_share = policy.breaker_share.0 as u128 * supply.0 as u128 / 10_000;
                let limits = [policy.breaker_tokens.0 as u128, by_share];
                let limit = limits.into_iter().filter(|limit| *limit > 0).min().unwrap_or(u64::MAX as u128);
                let minted = self.minted.entry(self.now as u64 / 60).or_default();
                let expected = wide.min(limit - *minted);
                *minted += expected;
                (passed as u128 == expected, true)
            }
            15 => {
                let may = wide <= owner.free;
                let carried = if may { owner.carry(wide) } else { 0 };
                owner.free = owner.free.wrapping_sub(wide);
                owner.burned += wide;
                (credits::burn(account, credits_).is_ok_and(|tokens| tokens.0 as u128 == carried), may)
            }
            _ => {
                let (before, speed) = (self.network.average, self.network.policy.average_speed);
                let spot = 1 + random.below(1 << 40);
                let published = Timestamp(self.now - random.below(30) as i64);
                let bid = price::BidPrice { value: spot, spot, exponent: -8, published };
                let done = price::follow(&mut self.network.average, &bid, speed, Timestamp(self.now)).is_ok();
                let after = self.network.average;
                let most = (before.value as u128 * speed.0 as u128 / 10_000).max(1);
                let followed = before.value == 0 || before.value.abs_diff(after.value) as u128 <= most;
                assert!(!done || followed, "the average leapt");
                assert!(after == before || after.published_at == published);
                (done, before == Average::default() || published >= before.published_at)
            }
        }
    }

    fn check(&self) {
        for (account, owner) in self.accounts.iter().zip(&self.owners) {
            assert_eq!(account.balance.0 as u128, owner.free);
            assert_eq!(account.issued.0 as u128, owner.issued);
            assert_eq!(account.consumed.0 as u128, owner.consumed);
            let locked = account.locked.map(|locked| locked.0 as u128);
            assert_eq!(locked[..SPENDERS], owner.locked);
            assert!(locked[SPENDERS..].iter().all(|locked| *locked == 0));
            assert_eq!((account.burned.0 as u128, account.tokens.0 as u128), (owner.burned, owner.tokens));
            let unused = owner.free + owner.locked.iter().sum::<u128>();
            assert_eq!(owner.issued, unused + owner.consumed + owner.burned);
        }
        let work = |work: &BTreeMap<(usize, u64), (u128, u128)>, place| {
            (work.iter().filter(|((of, _), _)| *of == place))
                .fold((0, 0), |sum, (_, work)| (sum.0 + work.0, sum.1 + work.1))
        };
        let held = |ring: &[EpochWork]| {
            let sum = |amount: fn(&EpochWork) -> u64| ring.iter().map(|entry| amount(entry) as u128).sum::<u128>();
            (sum(|entry| entry.credits.0), sum(|entry| entry.tokens.0))
        };
        for (place, provider) in self.providers.iter().enumerate() {
            assert_eq!(held(&provider.work), work(&self.worked, place), "nobody loses work");
            let waits = self.waits.get(&place).map_or((0, 0), |waits| waits.1);
            assert_eq!(held(&[provider.waiting]), waits, "nor what waits");
        }
        for (place, shard) in self.shards.iter().enumerate() {
            assert_eq!(held(&shard.work), work(&self.counted, place), "no shard forgets work");
        }
        let consumed: u128 = self.owners.iter().map(|owner| owner.consumed).sum();
        assert_eq!(consumed, self.shards.iter().map(|shard| shard.total_work.0 as u128).sum::<u128>());
        assert_eq!(consumed, self.providers.iter().map(|provider| provider.total_work.0 as u128).sum::<u128>());
        let paid = self.owners.iter().map(|owner| owner.paid).sum::<u128>();
        let kept = self
            .accounts
            .iter()
            .map(|account| account.tokens.0 as u128 + account.burned_tokens.0 as u128)
            .sum::<u128>();
        let carried = self.shards.iter().map(|shard| shard.total_tokens.0 as u128).sum::<u128>();
        assert_eq!(paid, kept + carried, "no token is carried twice");
    }
}

fn wide_work(work: EpochWork) -> (u128, u128) {
    (work.credits.0 as u128, work.tokens.0 as u128)
}

/// One episode of at most `steps` steps, which ends sooner when the choices do. Returns how many were tried, and done.
pub fn episode(random: &mut Random, steps: u64) -> (u64, u64) {
    let mut world = World::new(random);
    let mut taken = 0;
    for tried in 0..steps {
        if random.is_spent() {
            return (tried, taken);
        }
        world.now += random.below(90) as i64;
        let before = world.clone();
        let (done, may) = world.step(random);
        assert_eq!(done, may, "done, and should have been");
        // What fails on chain changes nothing.
        if done {
            taken += 1;
        } else {
            world = World { now: world.now, ..before };
        }
        world.check();
    }
    (steps, taken)
}
