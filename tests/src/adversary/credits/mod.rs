//! Networks that burn tokens for credits, whole: lanes with limits, roots and their oracles, a reserve, months without work, income in
//! dollars under an oracle that falls silent. Honest are B, who buys credits; H, who works and claims of roots; the spenders S and T, each of
//! a lane; two of three oracles; and a keeper, who does what anyone may do, some hours after it is due. The coalition is K, who owns
//! credits; P, who works and claims; X, who passes by, weighs the lanes and owns the accounts of stakers and treasury; Z, a spender; and an
//! oracle. The authority does one after the other what an authority may do, and calls nobody's money its own.

mod moves;
mod promises;
mod scenes;

pub use scenes::{Averaging, Beginning, Calculating, Laning, Reserving, Resting, Rooting};

use {
    super::{Act, Gene, Stage},
    crate::{
        Network, Receipt, World,
        fixture::{Leaf, TOKEN, price_update},
    },
    joule_bme_interface::{
        instruction::*,
        pda,
        price_update::{ACCOUNT_SIZE, PriceUpdate},
        state::{
            CreditAccount, Epoch, EpochTerms, Network as NetworkState, OracleSet, PolicyChange, ProviderWork,
            RewardRoot, Spender, WorkShard,
        },
    },
    joule_interface::{Address, Instruction, TOKEN_2022_PROGRAM},
    joule_math::{Bps, Credits, Seconds, Timestamp, Tokens},
    promises::Known,
    solana_account::Account,
    solana_keypair::Keypair,
    solana_signer::Signer,
    std::{cell::RefCell, collections::BTreeMap},
};

const B: usize = 0;
const H: usize = 1;
const K: usize = 2;
const P: usize = 3;
const X: usize = 4;
const Z: usize = 5;
/// An oracle of the coalition; another, which is none yet.
const O: usize = 6;
const U: usize = 7;
const NAMES: [&str; 8] = ["B", "H", "K", "P", "X", "Z", "O", "U"];
const COALITION: [usize; 6] = [K, P, X, Z, O, U];
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;
const REFERENCE: Address = Address::new_from_array([9; 32]);
/// How long the authority lets a pause last.
const PAUSES: i64 = 6 * HOUR;
/// How long after its end the keeper closes an epoch in which somebody worked, and one without work.
const KEEPER_WAITS: i64 = 20 * HOUR;
const KEEPER_RESTS: i64 = 12 * DAY;
/// What H and P earn a day, by oracles, where no reserve is small.
const EARNED: [u64; 2] = [40 * TOKEN, 30 * TOKEN];

/// What a scene is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Two lanes, of which one has a limit; spenders, shards and weights change.
    Lanes,
    /// Oracles, a breaker, policies that change.
    Roots,
    /// A reserve, into which payments go.
    Reserve,
    /// The same, of a network that has just begun: a reserve of next to nothing, no schedule, and a narrow breaker.
    Little,
    /// Nobody has worked for half a year.
    Idle,
    /// The operator vouches, and income is in dollars.
    Payout,
    /// A cheap token, whose price moves.
    Average,
}

/// Work that was agreed on: at `due` the spender has it paid for.
#[derive(Clone, Copy, Debug)]
struct Job {
    owner: usize,
    provider: usize,
    lane: u8,
    amount: u64,
    due: i64,
}

/// What oracles state: for H and P, what they had earned by the root before, and with this one.
type Stated = [[u64; 2]; 2];

#[derive(Clone, Debug, Default)]
struct Memory {
    price: i64,
    published_at: i64,
    /// Which account X replaces when it does what anyone may, and by which.
    tends_with: Option<(u8, u8)>,
    /// Since when nobody publishes a price.
    silent_since: Option<i64>,
    jobs: Vec<Job>,
    /// When the keeper tries again.
    keeper_at: i64,
    roots_at: i64,
    /// X lets the average follow so often, in seconds.
    follows: Option<i64>,
    followed_at: i64,
    follows_until: i64,
    /// Of honest oracles' roots: what they state.
    stated: BTreeMap<u64, Stated>,
    /// Roots that H has claimed something of, and what he could not claim any more.
    known: Known,
}

/// A network, and its people.
struct Town {
    kind: Kind,
    stage: Stage,
    network: Network,
    keys: Vec<Keypair>,
    wallets: Vec<Address>,
    /// The spenders of the two lanes.
    spending: [Keypair; 2],
    oracles: [Keypair; 2],
    founders: Vec<Network>,
    minters: Vec<Keypair>,
    had: Vec<u64>,
    first: Memory,
    memory: Memory,
    epochs: RefCell<BTreeMap<u64, Address>>,
}

impl Town {
    fn new(kind: Kind) -> Self {
        let mut world = Stage::chain();
        let keys: Vec<Keypair> = NAMES.iter().map(|_| world.user()).collect();
        let holders: Vec<Address> = keys.iter().map(|key| key.pubkey()).collect();
        let (mut network, wallets) = match kind {
            Kind::Reserve => Network::with_reserve(&mut world, TOKEN_2022_PROGRAM, &holders, 50 * TOKEN),
            Kind::Little => Network::with_reserve(&mut world, TOKEN_2022_PROGRAM, &holders, 1),
            _ => Network::new(&mut world, &holders),
        };
        (network.stakers, network.treasury) = (wallets[X], world.token_account(network.mint, holders[X]));
        // A vault of some other program's.
        let somebodys = Address::find_program_address(&[b"vault"], &holders[X]).0;
        let vault = world.token_account(network.mint, somebodys);
        set_policy(&mut world, &network, kind, &holders);
        let spending = [world.user(), world.user()];
        let lanes: &[u8] = if kind == Kind::Lanes { &[0, 1] } else { &[0] };
        if kind == Kind::Lanes {
            for shard in [2, 3] {
                world.ok(&[network.add_lane_shard_instruction(&world, shard, 1)], &[&network.authority]);
            }
            let add = network.add_spender_instruction(&world, holders[Z], 1);
            world.ok(&[add], &[&network.authority]);
        }
        for &lane in lanes {
            let add = network.add_spender_instruction(&world, spending[lane as usize].pubkey(), lane);
            world.ok(&[add], &[&network.authority]);
            for who in [H, P] {
                network.open_lane_work(&world, holders[who], lane);
            }
        }
        for who in [B, K, X] {
            network.open_credit_account(&world, holders[who]);
        }
        let oracles = [world.user(), world.user()];
        if matches!(kind, Kind::Roots | Kind::Reserve) {
            let named = [oracles[0].pubkey(), oracles[1].pubkey(), holders[O]];
            let budget = if kind == Kind::Roots { 600 * TOKEN } else { 10 * TOKEN };
            network.open_roots(&mut world, &named, 2, budget);
            for who in [H, P] {
                world.ok(&[network.open_root_claim_instruction(&world, holders[who])], &[]);
            }
        }
        let (founders, minters) = if kind == Kind::Lanes { found(&mut world) } else { Default::default() };
        let price = if kind == Kind::Average { 100 } else { 250_000_000 };
        let coalition: Vec<Keypair> = COALITION.map(|who| keys[who].insecure_clone()).into();
        let credits = |who: usize| pda::credit_account::find(&network.address, &holders[who]).0;
        let pretenders = vec![
            wallets[X],
            holders[X],
            wallets[P],
            holders[P],
            credits(K),
            pda::provider_work::find(&network.address, &holders[P], &[0]).0,
            network.burn_vault(0),
            network.burn_vault(1),
            network.work_shard(1),
            network.work_shard(2),
            network.reward_vault(),
            network.price,
            vault,
            joule_bme_interface::ID,
        ];
        let memory = Memory { price, ..Memory::default() };
        publish_to(&mut world, &network, price);
        if kind == Kind::Average {
            // The first price is the average.
            let mut state: NetworkState = world.read(network.address);
            state.average = Default::default();
            world.forge(network.address, &state);
        }
        world.ok(&[network.update_average_instruction()], &[]);
        if !matches!(kind, Kind::Idle | Kind::Average | Kind::Little) {
            world.ok(&[network.buy_instruction(holders[K], wallets[K], credits(K), 100 * TOKEN)], &[&keys[K]]);
        }
        if kind == Kind::Idle {
            // B and K have credits for which nobody works; for 174 days.
            for (who, tokens) in [(B, 70 * TOKEN), (K, 20 * TOKEN)] {
                world.ok(&[network.buy_instruction(holders[who], wallets[who], credits(who), tokens)], &[&keys[who]]);
            }
            world.run(174 * DAY as u64);
            let state: NetworkState = world.read(network.address);
            let late = world.now().since(state.epoch_ends_at) / DAY as u64;
            world.ok(&[network.close_instruction(&world, state.open_epoch + late, &[0, 1])], &[]);
        }
        let stage = Stage::new(world, &network, coalition, pretenders);
        let had = wallets.iter().map(|wallet| stage.tokens(*wallet)).collect();
        let mut town = Self {
            kind,
            stage,
            network,
            keys,
            wallets,
            spending,
            oracles,
            founders,
            minters,
            had,
            first: Memory::default(),
            memory,
            epochs: RefCell::default(),
        };
        town.begin();
        town.first = town.memory.clone();
        town
    }

    fn reset(&mut self) {
        self.stage.reset();
        self.memory = self.first.clone();
    }

    fn credits(&self, who: usize) -> Address {
        pda::credit_account::find(&self.network.address, &self.keys[who].pubkey()).0
    }

    fn owned(&self, who: usize) -> CreditAccount {
        self.stage.find(self.credits(who)).unwrap_or_default()
    }

    fn work_of(&self, who: usize, lane: u8) -> Address {
        pda::provider_work::find(&self.network.address, &self.keys[who].pubkey(), &[lane]).0
    }

    fn spender(&self, lane: u8) -> Address {
        self.network.lane_spender(self.spending[lane as usize].pubkey(), lane)
    }

    fn state(&self) -> NetworkState {
        self.stage.find(self.network.address).expect("the network is there")
    }

    fn epoch(&self, index: u64) -> Address {
        *self.epochs.borrow_mut().entry(index).or_insert_with(|| self.network.epoch(index))
    }

    /// Shards of a lane.
    fn shards(&self, lane: u8) -> Vec<u8> {
        let count = self.state().shard_count;
        let mut shards: Vec<u8> = (self.stage.all::<WorkShard>().iter())
            .filter(|(_, shard)| shard.lane == lane && shard.index < count)
            .map(|(_, shard)| shard.index)
            .collect();
        shards.sort();
        shards
    }

    /// A price is published, if somebody publishes any.
    fn publish(&mut self) {
        let (now, memory) = (self.stage.now(), &mut self.memory);
        if memory.silent_since.is_some() || now - memory.published_at < 20 {
            return;
        }
        memory.published_at = now;
        let data = price_data(memory.price, now);
        let before = self.stage.accounts.get(&self.network.price).cloned().unwrap_or_default();
        self.stage.put(self.network.price, Account { data, ..before });
    }

    fn buy(&self, who: usize, tokens: u64, shard: u8) -> Instruction {
        let key = self.keys[who].pubkey();
        let mut buy = self.network.buy_instruction(key, self.wallets[who], self.credits(who), tokens);
        buy.accounts[4].pubkey = self.network.burn_shard(shard);
        buy.accounts[5].pubkey = self.network.burn_vault(shard);
        buy
    }

    fn lock(&self, who: usize, lane: u8, amount: u64) -> Instruction {
        LockCredits {
            owner: self.keys[who].pubkey(),
            spender_authority: self.spending[lane as usize].pubkey(),
            spender: self.spender(lane),
            network: self.network.address,
            credit_account: self.credits(who),
        }
        .instruction(&LockCreditsArgs { amount: Credits(amount), reference: REFERENCE })
    }

    fn consume(&self, by: Address, owner: usize, provider: usize, lane: u8, amount: u64, pick: u8) -> Instruction {
        let shards = self.shards(lane);
        let shard = shards.get(pick as usize % shards.len().max(1)).copied().unwrap_or(0);
        ConsumeCredits {
            spender_authority: by,
            spender: self.network.lane_spender(by, lane),
            network: self.network.address,
            credit_account: self.credits(owner),
            provider_work: self.work_of(provider, lane),
            work_shard: self.network.work_shard(shard),
        }
        .instruction(&ConsumeCreditsArgs {
            amount: Credits(amount),
            reference: REFERENCE,
            worked_at: self.stage.world.now(),
        })
    }

    /// What closes that epoch, with all shards that are not counted in yet.
    fn close(&self, index: u64) -> Instruction {
        let folded = self.stage.find::<Epoch>(self.epoch(index)).map_or(0, |epoch| epoch.folded);
        let shards: Vec<u8> = (0..self.state().shard_count).filter(|shard| folded & 1 << shard == 0).collect();
        let policy = self.state().policy;
        let mut close = self.network.close_instruction(&self.stage.world, index, &shards);
        (close.accounts[5].pubkey, close.accounts[6].pubkey) =
            (policy.stakers_token_account, policy.treasury_token_account);
        close
    }

    fn mint_deferred(&self) -> Instruction {
        let policy = self.state().policy;
        let mut mint = self.network.mint_deferred_instruction();
        (mint.accounts[3].pubkey, mint.accounts[4].pubkey) =
            (policy.stakers_token_account, policy.treasury_token_account);
        mint
    }

    fn accrue(&self, who: usize, lane: u8, epoch: u64) -> Instruction {
        AccrueWork { provider_work: self.work_of(who, lane), epoch: self.epoch(epoch) }.instruction(&AccrueWorkArgs {})
    }

    fn claim(&self, who: usize, lane: u8) -> Instruction {
        let mut claim = self.network.claim_rewards_instruction(self.keys[who].pubkey(), self.wallets[who]);
        claim.accounts[2].pubkey = self.work_of(who, lane);
        claim
    }

    /// Leaves of an honest oracles' root.
    fn tree(&self, stated: &Stated) -> ([u8; 32], Vec<Leaf>) {
        let of = |(who, totals): (usize, [u64; 2])| (self.keys[who].pubkey(), totals);
        let leaves: Vec<_> = [H, P].into_iter().zip(*stated).map(of).collect();
        crate::fixture::reward_tree(&self.network, &leaves)
    }

    /// Sends what an honest party does; whether it was accepted.
    fn send(&mut self, instructions: &[Instruction], signers: &[&Keypair]) -> bool {
        let Ok(receipt) = self.stage.transact(instructions, signers) else { return false };
        self.watch(&receipt);
        true
    }

    /// Sends what anyone may send. Who tends the network may have another account stand in its place first.
    fn crank(&mut self, instruction: Instruction) -> bool {
        self.bent(&instruction) || self.send(&[instruction], &[])
    }

    fn bent(&mut self, instruction: &Instruction) -> bool {
        let Some((place, other)) = self.memory.tends_with else { return false };
        let mut bent = instruction.clone();
        let place = place as usize % bent.accounts.len();
        bent.accounts[place].pubkey = self.stage.pretenders[other as usize % self.stage.pretenders.len()];
        // It signs for nothing.
        !bent.accounts[place].is_signer && self.send(&[bent], &[])
    }

    fn send_by(&mut self, instruction: Instruction, who: usize) -> bool {
        let key = self.keys[who].insecure_clone();
        self.send(&[instruction], &[&key])
    }

    /// Epochs that have ended are closed, several without work in one call, until one is refused.
    fn close_ended(&mut self) {
        self.publish();
        for _ in 0..60 {
            let (network, now) = (self.state(), self.stage.now());
            if network.closing == 1 {
                let close = self.close(network.open_epoch - 1);
                if !self.crank(close) {
                    return self.refused_to_close(network.open_epoch - 1);
                }
                continue;
            }
            let Some(over) = now.checked_sub(network.epoch_ends_at.0).filter(|over| *over >= 0) else { return };
            let last = network.open_epoch + over as u64 / network.policy.epoch_duration.0 as u64;
            let until = self.memory.known.first_with_work().map_or(last, |first| first.clamp(network.open_epoch, last));
            let close = self.close(until);
            if self.bent(&close) {
                continue;
            }
            if self.kind == Kind::Payout && self.memory.silent_since.is_none() {
                self.publish();
                self.send(&[self.network.update_average_instruction()], &[]);
            }
            if self.send(&[close], &[]) {
                continue;
            }
            let close = self.close(network.open_epoch);
            if until == network.open_epoch || !self.crank(close) {
                return self.refused_to_close(network.open_epoch);
            }
        }
    }

    /// H takes what it has earned; with others, of the coalition.
    fn claim_all(&mut self, who: usize) {
        for lane in [0, 1] {
            let epochs = self.memory.known.to_accrue(who, lane);
            let there: Vec<u64> =
                epochs.into_iter().filter(|epoch| self.stage.accounts.contains_key(&self.epoch(*epoch))).collect();
            let all: Vec<_> = there.iter().take(8).map(|epoch| self.accrue(who, lane, *epoch)).collect();
            let key = self.keys[who].insecure_clone();
            if there.len() > 8 || all.is_empty() || !self.send(&all, &[]) {
                for epoch in &there {
                    let accrue = self.accrue(who, lane, *epoch);
                    self.send(&[accrue], &[]);
                }
            }
            self.memory.known.accrued(who, lane, &there);
            let work: Option<ProviderWork> = self.stage.find(self.work_of(who, lane));
            if work.is_some_and(|work| !work.accrued.is_zero()) {
                let claim = self.claim(who, lane);
                self.send(&[claim], &[&key]);
            }
        }
    }

    /// Roots that may become active do, what may open does, and H claims, of the oldest first.
    fn tend_roots(&mut self, whose: &[usize]) {
        let mut roots: Vec<RewardRoot> = self.stage.all::<RewardRoot>().into_iter().map(|(_, root)| root).collect();
        roots.sort_by_key(|root| root.index);
        let now = self.stage.now();
        for root in roots {
            let is_waiting = root.activated_at == Timestamp(0);
            if is_waiting {
                if root.activatable_at == Timestamp(0) || root.activatable_at.0 > now {
                    continue;
                }
                let activate = self.network.activate_root_instruction(root.index);
                if !self.send(&[activate], &[]) {
                    continue;
                }
            }
            if root.is_stopped == 0 && root.opened < Tokens(root.total.0 - root.previous_total.0) {
                let fund = self.network.fund_roots_instruction(root.index);
                self.crank(fund);
            }
            for &who in whose {
                self.claim_root(who, root.index);
            }
        }
    }

    fn claim_root(&mut self, who: usize, index: u64) -> bool {
        let Some(stated) = self.memory.stated.get(&index) else { return false };
        let leaf = &self.tree(stated).1[(who == P) as usize];
        let claim = self.network.claim_root_instruction(self.keys[who].pubkey(), index, leaf, self.wallets[who]);
        self.send_by(claim, who)
    }

    /// Honest oracles state what H and P have earned by now, beyond the root that is active; what some days will bring as well.
    fn state_earnings(&mut self, more: u64) -> bool {
        let set: OracleSet = self.stage.find(self.network.oracle_set()).expect("it is there");
        let [one, other] = [0, 1].map(|oracle| self.oracles[oracle].insecure_clone());
        let is_honest = [&one, &other].iter().all(|key| set.oracles.contains(&key.pubkey()));
        let base = match set.active_root.checked_sub(1) {
            None => [0; 2],
            Some(active) => match self.memory.stated.get(&active) {
                Some(stated) => stated.map(|[_, total]| total),
                // What others stated nobody honest adds to.
                None => return false,
            },
        };
        let days = (self.stage.now() - self.memory.known.began) as u64;
        let stated: Stated = [0, 1].map(|who| [base[who], self.earned(who) / DAY as u64 * (days + more * DAY as u64)]);
        if !is_honest || stated.iter().any(|[before, now]| now <= before) {
            return false;
        }
        let sum = |which: usize| stated.iter().map(|totals| totals[which]).sum::<u64>();
        let (root, index) = (self.tree(&stated).0, set.root_count);
        let totals = [sum(0), sum(1)];
        let network = &self.network;
        let publish = network.publish_root_instruction(&self.stage.world, one.pubkey(), index, root, totals);
        let approve = network.approve_root_instruction(other.pubkey(), index);
        self.memory.stated.insert(index, stated);
        self.send(&[publish, approve], &[&one, &other])
    }

    /// What H and P earn a day, by oracles.
    fn earned(&self, who: usize) -> u64 {
        EARNED[who] / if self.kind == Kind::Reserve { 50 } else { 1 }
    }

    /// B's new credits are locked for a job, which is paid for when it is done.
    fn hire(&mut self, owner: usize, gene: &Gene) {
        let provider = if owner == K { H } else { [H, P][gene.a as usize % 2] };
        let lane = if self.kind == Kind::Lanes { gene.a / 2 % 2 } else { 0 };
        let amount = self.owned(owner).balance.0;
        let keys = [self.spending[lane as usize].insecure_clone(), self.keys[owner].insecure_clone()];
        let lock = self.lock(owner, lane, amount);
        if owner == B && !self.send(&[lock], &[&keys[0], &keys[1]]) {
            return;
        }
        let takes = [0, 3 * HOUR, 2 * DAY, 20 * DAY][gene.b as usize / 4 % 4];
        let due = self.stage.now() + takes;
        if gene.b >= 192 {
            // It stays locked, for whatever comes.
            return;
        }
        self.memory.jobs.push(Job { owner, provider, lane, amount, due });
        self.pay_jobs();
    }

    /// What is done is paid for.
    fn pay_jobs(&mut self) {
        let now = self.stage.now();
        let due: Vec<Job> = self.memory.jobs.iter().copied().filter(|job| job.due <= now).collect();
        self.memory.jobs.retain(|job| job.due > now);
        for job in due {
            if job.provider == H && !self.stage.accounts.contains_key(&self.work_of(H, job.lane)) {
                self.reopen(H, job.lane);
            }
            let key = self.spending[job.lane as usize].insecure_clone();
            let consume = self.consume(key.pubkey(), job.owner, job.provider, job.lane, job.amount, job.due as u8);
            let mut is_paid = self.send(std::slice::from_ref(&consume), &[&key]);
            if !is_paid && self.state().epoch_ends_at.0 <= now {
                // The keeper takes its time: whoever pays closes what is over, and accrues what has its place.
                self.close_ended();
                self.claim_all(job.provider);
                is_paid = self.send(&[consume], &[&key]);
            }
            if !is_paid && job.provider == H {
                self.memory.known.note("work for which credits were locked is paid for", job.amount);
            }
        }
    }

    fn reopen(&mut self, who: usize, lane: u8) {
        let open = OpenProviderWork {
            payer: self.stage.world.payer().pubkey(),
            network: self.network.address,
            provider: self.keys[who].pubkey(),
            provider_work: self.work_of(who, lane),
            system_program: joule_interface::SYSTEM_PROGRAM,
        };
        self.send(&[open.instruction(&OpenProviderWorkArgs { lane })], &[]);
    }

    /// When the keeper closes an epoch: the first in which somebody worked, or else several at once.
    fn closes_at(&self) -> i64 {
        let (network, rests) = (self.state(), if self.kind == Kind::Roots { 3 * DAY } else { KEEPER_RESTS });
        let ahead =
            |epoch: u64| epoch.saturating_sub(network.open_epoch) as i64 * network.policy.epoch_duration.0 as i64;
        let worked = self.memory.known.first_with_work().map_or(i64::MAX, |epoch| ahead(epoch) + KEEPER_WAITS);
        (network.epoch_ends_at.0 + worked.min(rests)).max(self.memory.keeper_at)
    }

    fn has_roots(&self) -> bool {
        let is_open =
            |(_, root): &(Address, RewardRoot)| root.activatable_at != Timestamp(0) && root.claimed < root.total;
        matches!(self.kind, Kind::Roots | Kind::Reserve) && self.stage.all::<RewardRoot>().iter().any(is_open)
    }

    /// Of some root, more is still to open.
    fn opens(&self) -> bool {
        let all = self.stage.all::<RewardRoot>();
        let active =
            all.iter().map(|(_, root)| root).filter(|root| root.activatable_at != Timestamp(0) && root.is_stopped == 0);
        active.map(|root| root.total.0 - root.previous_total.0 - root.opened.0).any(|closed| closed > 0)
    }

    fn wake(&self) -> Option<i64> {
        let memory = &self.memory;
        let jobs = memory.jobs.iter().map(|job| job.due).min();
        let roots = self.has_roots().then_some(memory.roots_at);
        let follows = memory.follows.map(|seconds| memory.followed_at + seconds);
        let follows = follows.filter(|next| *next < memory.follows_until);
        let closes = self.stage.all::<Spender>().into_iter().map(|(_, spender)| spender.closes_at.0);
        let closes = closes.filter(|closes| *closes > 0).min();
        let changes = self.stage.all::<PolicyChange>().into_iter().map(|(_, change)| change.executable_at.0);
        let changes = changes.filter(|at| *at >= self.stage.now()).min();
        let pause = memory.known.paused_since.map(|since| since + PAUSES);
        [jobs, roots, follows, closes, changes, pause, Some(self.closes_at())].into_iter().flatten().min()
    }

    fn work(&mut self) {
        let now = self.stage.now();
        self.pay_jobs();
        if self.memory.follows.is_some_and(|seconds| self.memory.followed_at + seconds <= now) {
            self.memory.followed_at = now;
            self.publish();
            self.send(&[self.network.update_average_instruction()], &[]);
        }
        if self.memory.known.paused_since.is_some_and(|since| since + PAUSES <= now) {
            let authority = self.network.authority.insecure_clone();
            let resume = Resume { signer: authority.pubkey(), network: self.network.address };
            self.send(&[resume.instruction(&ResumeArgs {})], &[&authority]);
        }
        for (_, change) in self.stage.all::<PolicyChange>() {
            if change.executable_at.0 == now {
                // As soon as it can be.
                self.close_ended();
                self.send(&[self.network.execute_policy_instruction(&self.stage.world, change.index)], &[]);
            }
        }
        for (address, spender) in self.stage.all::<Spender>() {
            if spender.closes_at.0 > 0 && spender.closes_at.0 <= now {
                self.send(&[self.network.close_spender_instruction(&self.stage.world, address)], &[]);
            }
        }
        if self.closes_at() <= now {
            self.memory.keeper_at = now + 6 * HOUR;
            self.close_ended();
            [P, H].into_iter().for_each(|who| self.claim_all(who));
        }
        if self.has_roots() && self.memory.roots_at <= now {
            self.memory.roots_at = now + 12 * HOUR;
            self.tend_roots(&[P, H]);
        }
    }
}

/// The policy of a kind, as if it had been the network's for long.
fn set_policy(world: &mut World, network: &Network, kind: Kind, holders: &[Address]) {
    let mut state: NetworkState = world.read(network.address);
    let policy = &mut state.policy;
    (policy.stakers_token_account, policy.treasury_token_account) = (network.stakers, network.treasury);
    (policy.decay_share, policy.remint_cap) = (Bps(0), Tokens(0));
    match kind {
        Kind::Lanes => {
            policy.initial_emission = Tokens(20_000 * TOKEN);
            policy.lane_weights[..2].copy_from_slice(&[300, 100]);
            policy.lane_limits[1] = Credits(20_000_000);
            policy.weigher = holders[X];
            (policy.lane_band, policy.lane_speed) = (Bps(5_000), Bps(1_000));
        }
        Kind::Roots => {
            policy.initial_emission = Tokens(4_000 * TOKEN);
            policy.max_supply = Tokens(40_000 * TOKEN);
            policy.roots_share = Bps(2_500);
            policy.breaker_tokens = Tokens(300 * TOKEN);
            policy.root_opening_period = Seconds(2 * DAY as u32);
        }
        Kind::Reserve => {
            policy.initial_emission = Tokens(20 * TOKEN);
            policy.roots_share = Bps(2_000);
            (policy.remint_share, policy.remint_cap) = (Bps(5_000), Tokens(1_000_000 * TOKEN));
            policy.payments_to_reserve = 1;
            policy.breaker_share = Bps(5_000);
            policy.root_opening_period = Seconds(2 * DAY as u32);
        }
        Kind::Little => {
            policy.initial_emission = Tokens(0);
            (policy.remint_cap, policy.payments_to_reserve) = (Tokens(1_000_000 * TOKEN), 1);
            policy.breaker_share = Bps(1);
        }
        Kind::Idle => policy.initial_emission = Tokens(30 * TOKEN),
        Kind::Payout => {
            policy.vouched = 1;
            policy.payout_share = Bps(6_000);
            policy.price_account = network.price;
            policy.initial_emission = Tokens(20_000 * TOKEN);
        }
        Kind::Average => policy.max_deviation = Bps(2_000),
    }
    let weights = policy.weights();
    for (lane, weight) in state.lanes.iter_mut().zip(weights) {
        lane.weight = weight;
    }
    state.terms = EpochTerms::of(&state.policy, weights);
    world.forge(network.address, &state);
}

/// Founders whose networks are not created yet: nobody may freeze their mints, who mints may, or the network's own address may.
fn found(world: &mut World) -> (Vec<Network>, Vec<Keypair>) {
    let mut all = (vec![], vec![]);
    for who in 0..3 {
        let mint = world.mint();
        let network = Network::unborn(world, &mint);
        let mut account = world.account(mint.address).expect("it was just made");
        if who > 0 {
            let freezes = if who == 1 { mint.authority.pubkey() } else { network.address };
            account.data[46] = 1;
            account.data[50..82].copy_from_slice(freezes.as_ref());
            world.set_account(mint.address, account);
        }
        all.0.push(network);
        all.1.push(mint.authority);
    }
    all
}

fn price_data(price: i64, now: i64) -> Vec<u8> {
    let update = PriceUpdate { price, conf: price as u64 / 200, ema_price: price, ema_conf: 0, ..price_update(now) };
    let mut data = bytemuck::bytes_of(&update).to_vec();
    data.resize(ACCOUNT_SIZE, 0);
    data
}

fn publish_to(world: &mut World, network: &Network, price: i64) {
    let (data, now) = (price_data(price, world.now().0), world.now().0);
    world.set_price(network.price, &price_update(now));
    let account = world.account(network.price).expect("it was just made");
    world.set_account(network.price, Account { data, ..account });
}
