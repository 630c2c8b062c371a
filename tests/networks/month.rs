//! A month in the life of a network that exists, on Joule's ELFs in LiteSVM: what its customers, providers, keepers and one
//! who cheats do, day by day, and what has become of every token at the end.
//!
//! A scenario has a file of its own, named after its network. Its header says where each number is from; a number without a
//! source is an assumption. Populations are small, amounts are the network's.

use {
    joule_bme_interface::{
        instruction::*,
        pda,
        state::{
            BurnShard, CreditAccount, DollarShard, Epoch, MAX_LANES, MAX_SHARDS, Network as NetworkState, OracleSet,
            Policy, source,
        },
    },
    joule_chart::{Line, Panel, Scale},
    joule_interface::{Address, Instruction, SYSTEM_PROGRAM, TOKEN_PROGRAM, bytemuck},
    joule_math::{Bps, Credits, Seconds, Tokens},
    joule_stake_interface::{
        instruction::{
            ClaimRewards as StakeRewards, ClaimRewardsArgs as StakeRewardsArgs, CollectRewards, CollectRewardsArgs,
            LockStake, LockStakeArgs,
        },
        state::PoolPolicy,
    },
    joule_tests::{
        Network, Receipt, World,
        books::{self, Accounts},
        fixture::{Backer, Leaf, NewMint, Pool, price_update, reward_tree},
        golden,
    },
    serde_json::json,
    solana_keypair::Keypair,
    solana_program::{instruction::AccountMeta, program_pack::Pack},
    solana_signer::Signer,
    solana_system_interface::instruction::create_account,
    spl_token_interface::{instruction as token, state::Mint},
    std::{fmt::Write, fs, path::PathBuf},
    voter::instruction as votes,
};

/// Seconds.
pub const HOUR: u64 = 3_600;
/// Seconds.
pub const DAY: u64 = 24 * HOUR;
/// Length of a month.
pub const DAYS: u64 = 30;
/// One dollar of credits.
pub const DOLLAR: u64 = 1_000_000;
/// One dollar of a price.
pub const PRICE: u64 = 100_000_000;

/// What a network begins with.
#[derive(Clone, Copy)]
pub struct Plan {
    /// Its name, as its file has it.
    pub name: &'static str,
    /// Its token.
    pub symbol: &'static str,
    /// Decimals of the token.
    pub decimals: u8,
    /// Whole tokens that others hold.
    pub supply: u64,
    /// Whole tokens in the reserve; zero: the network mints.
    pub reserve: u64,
    /// A token's price, 10^-8 dollars.
    pub price: u64,
    /// Programs beside Joule's.
    pub programs: &'static [(&'static str, Address)],
}

/// One thing that a network is known for.
pub struct Act {
    /// What.
    pub what: &'static str,
    /// What the network does today.
    pub today: &'static str,
    /// How it runs here.
    pub here: &'static str,
    /// What differs.
    pub differs: &'static str,
}

/// Who buys.
pub struct Customer {
    /// Its key.
    pub key: Keypair,
    /// Its tokens.
    pub wallet: Address,
    /// Its credits.
    pub credits: Address,
}

/// Who works for credits.
pub struct Worker {
    /// Its key.
    pub key: Keypair,
    /// Its tokens.
    pub wallet: Address,
    /// Its record of work.
    pub work: Address,
    /// The lane that it works in.
    pub lane: u8,
}

/// Who is paid by roots.
pub struct Claimant {
    /// Its key; of a machine, its owner's.
    pub key: Keypair,
    /// The machine, if it is one.
    pub node: Option<Address>,
    /// Its tokens.
    pub wallet: Address,
    earned: u64,
}

/// A root that opens over time.
struct Opening {
    index: u64,
    leaves: Vec<Leaf>,
}

/// A day, in tokens and dollars.
struct Point {
    supply: f64,
    burned: f64,
    income: f64,
    work: f64,
}

/// A network in its month.
pub struct Month {
    /// What it began with.
    pub plan: Plan,
    /// The chain.
    pub world: World,
    /// The network.
    pub network: Network,
    /// Its token.
    pub mint: NewMint,
    /// The pool of its token.
    pub pool: Pool,
    /// Who works for credits.
    pub workers: Vec<Worker>,
    /// Who is paid by roots.
    pub claimants: Vec<Claimant>,
    /// A token's price, 10^-8 dollars.
    pub price: u64,
    /// Base units that were burned, but not for credits.
    pub burned_elsewhere: u64,
    /// Dollars paid in a token or a stablecoin, not in credits, since the day began.
    pub paid_directly: f64,
    earned_dollars: f64,
    bank: (Keypair, Address),
    began_at: i64,
    customers: Vec<Address>,
    oracles: Vec<Keypair>,
    openings: Vec<Opening>,
    lanes: Vec<u8>,
    supply: u64,
    earned: u64,
    transactions: u64,
    points: Vec<Point>,
    facts: Vec<(String, String)>,
}

impl Month {
    /// A network by this policy, with the pool, shard 0 and a price; the stakers' part is the pool's.
    pub fn new(plan: Plan, rules: PoolPolicy, change: impl FnOnce(&mut Policy, &Network)) -> Self {
        let mut world = World::lite_with(plan.programs);
        let (bank, mint) = (world.user(), mint(&mut world, plan.decimals));
        let unit = 10u64.pow(plan.decimals as u32);
        let held = world.token_account(mint.address, bank.pubkey());
        let supply = (plan.supply + plan.reserve) * unit;
        world.mint_to(&mint, held, supply);
        let mut network = if plan.reserve > 0 {
            world.end_minting(&mint);
            let founder = world.user();
            Network::unborn_with_reserve(&mut world, &mint, founder)
        } else {
            Network::unborn(&mut world, &mint)
        };
        let pool = Pool::unborn(&network, mint.address, mint.token_program);
        network.stakers = world.associated_account(mint.address, pool.address);
        let authority = if network.source == source::MINT { &mint.authority } else { &network.authority };
        let mut create = network.create_instruction(&world, authority.pubkey());
        let args: &mut CreateNetworkArgs = bytemuck::from_bytes_mut(&mut create.data[1..]);
        let mut policy = args.policy;
        // Prices move by at most a fifth a day here.
        (policy.max_deviation, policy.average_speed) = (Bps(5_000), Bps(1_000));
        change(&mut policy, &network);
        args.policy = policy;
        world.ok(&[create], &[&network.authority, authority]);
        let began_at = world.now().0;
        network.add_shard(&world, 0);
        world.ok(&[pool.create_instruction(&world, &network, rules)], &[&network.authority]);
        let price = plan.price;
        let mut month = Self {
            plan,
            world,
            network,
            mint,
            pool,
            workers: vec![],
            claimants: vec![],
            price,
            burned_elsewhere: 0,
            paid_directly: 0.0,
            earned_dollars: 0.0,
            bank: (bank, held),
            began_at,
            customers: vec![],
            oracles: vec![],
            openings: vec![],
            lanes: vec![0],
            supply,
            earned: 0,
            transactions: 0,
            points: vec![],
            facts: vec![],
        };
        if month.plan.reserve > 0 {
            month.give(month.network.reserve_vault(), month.plan.reserve * unit);
        }
        month.refresh();
        month
    }

    // Numbers

    /// Base units of so many tokens.
    pub fn units(&self, whole: u64) -> u64 {
        whole * 10u64.pow(self.plan.decimals as u32)
    }

    /// Tokens of so many base units.
    pub fn whole(&self, units: u64) -> f64 {
        units as f64 / self.units(1) as f64
    }

    /// Dollars that so many base units are worth now.
    pub fn dollars(&self, units: u64) -> f64 {
        self.whole(units) * self.price as f64 / PRICE as f64
    }

    /// The network now.
    pub fn state(&self) -> NetworkState {
        self.world.read(self.network.address)
    }

    /// What reward roots may be given.
    pub fn budget(&self) -> u64 {
        self.state().roots.free.0
    }

    /// The day that is under way, from zero.
    pub fn day(&self) -> u64 {
        self.points.len() as u64
    }

    // People

    /// Sends what must succeed.
    #[track_caller]
    pub fn send(&mut self, instructions: &[Instruction], signers: &[&Keypair]) -> Receipt {
        self.transactions += 1;
        self.world.ok(instructions, signers)
    }

    /// Base units from those that others hold.
    pub fn give(&mut self, to: Address, amount: u64) {
        let (owner, from) = (self.bank.0.insecure_clone(), self.bank.1);
        let transfer = token::transfer_checked(
            &TOKEN_PROGRAM,
            &from,
            &self.network.mint,
            &to,
            &owner.pubkey(),
            &[],
            amount,
            self.plan.decimals,
        );
        self.world.ok(&[transfer.expect("a transfer")], &[&owner]);
    }

    /// A token account with so many tokens.
    pub fn wallet(&mut self, owner: Address, whole: u64) -> Address {
        let wallet = self.world.token_account(self.network.mint, owner);
        self.give(wallet, self.units(whole));
        wallet
    }

    /// A customer with so many tokens.
    pub fn customer(&mut self, whole: u64) -> Customer {
        let key = self.world.user();
        let wallet = self.wallet(key.pubkey(), whole);
        let credits = self.network.open_credit_account(&self.world, key.pubkey());
        self.customers.push(credits);
        Customer { key, wallet, credits }
    }

    /// Who works in a lane: its place.
    pub fn worker(&mut self, lane: u8) -> usize {
        let key = self.world.user();
        self.works(key, lane)
    }

    /// Who has this key works in a lane: its place.
    pub fn works(&mut self, key: Keypair, lane: u8) -> usize {
        let wallet = self.wallet(key.pubkey(), 0);
        let work = self.network.open_lane_work(&self.world, key.pubkey(), lane);
        self.workers.push(Worker { key, wallet, work, lane });
        self.workers.len() - 1
    }

    /// A provider of the pool, with so many tokens of its own at stake.
    pub fn stake(&mut self, key: &Keypair, whole: u64) -> Backer {
        // Where anyone may pay it.
        let tokens = self.world.associated_account(self.network.mint, key.pubkey());
        self.give(tokens, self.units(whole));
        let provider = self.pool.register(&self.world, key);
        let backer = self.pool.open_delegation(&self.world, provider, key.pubkey(), tokens);
        self.send(&[self.pool.stake_instruction(&backer, self.units(whole))], &[key]);
        backer
    }

    /// Who stakes with a provider.
    pub fn delegate(&mut self, key: &Keypair, provider: Address, whole: u64) -> Backer {
        let tokens = self.wallet(key.pubkey(), whole);
        let backer = self.pool.open_delegation(&self.world, provider, key.pubkey(), tokens);
        self.send(&[self.pool.stake_instruction(&backer, self.units(whole))], &[key]);
        backer
    }

    /// Locks stake for so many days.
    pub fn lock(&mut self, key: &Keypair, backer: &Backer, days: u64) {
        let lock = LockStake {
            owner: backer.owner,
            pool: self.pool.address,
            provider: backer.provider,
            delegation: backer.delegation,
            rewards: self.pool.rewards,
        };
        let lock = lock.instruction(&LockStakeArgs { lock_period: Seconds((days * DAY) as u32) });
        self.send(&[lock], &[key]);
    }

    /// Claims what stake earned; returns how much.
    pub fn claim_stake(&mut self, key: &Keypair, backer: &Backer) -> u64 {
        let before = self.world.tokens(backer.tokens);
        let claim = StakeRewards {
            owner: backer.owner,
            pool: self.pool.address,
            provider: backer.provider,
            delegation: backer.delegation,
            rewards: self.pool.rewards,
            vault: self.pool.vault,
            destination: backer.tokens,
            mint: self.network.mint,
            token_program: self.network.token_program,
        };
        self.send(&[claim.instruction(&StakeRewardsArgs {})], &[key]);
        self.world.tokens(backer.tokens) - before
    }

    /// One more lane, with a shard.
    pub fn add_lane(&mut self, lane: u8) {
        let index = self.lanes.len() as u8;
        let add = self.network.add_lane_shard_instruction(&self.world, index, lane);
        self.world.ok(&[add], &[&self.network.authority]);
        self.lanes.push(lane);
    }

    /// Who counts work of a lane.
    pub fn dispatcher(&mut self, lane: u8) -> Keypair {
        let key = self.world.user();
        let add = self.network.add_spender_instruction(&self.world, key.pubkey(), lane);
        self.world.ok(&[add], &[&self.network.authority]);
        key
    }

    // Votes

    /// Who weighs the lanes of a network by votes: the program `voter`.
    pub fn council_of(network: &Network) -> Address {
        voter::pda::council::find(&network.address, &[0; 8]).0
    }

    /// Opens it. Stake that is locked for a week at least votes, until an hour before the epoch ends.
    pub fn open_council(&mut self) {
        let open = votes::Open {
            payer: self.world.payer().pubkey(),
            authority: self.network.authority.pubkey(),
            network: self.network.address,
            pool: self.pool.address,
            council: Self::council_of(&self.network),
            system_program: SYSTEM_PROGRAM,
        }
        .instruction(&votes::OpenArgs {
            id: 0,
            closing_window: Seconds(HOUR as u32),
            min_lock: Seconds((7 * DAY) as u32),
            realm: self.world.address(),
            governing_mint: self.network.mint,
        });
        let authority = self.network.authority.insecure_clone();
        self.send(&[open], &[&authority]);
    }

    /// A holder votes for the first lanes by these parts, in the open epoch.
    pub fn vote(&mut self, holder: &Keypair, stake: &Backer, parts: &[u16]) {
        let council = Self::council_of(&self.network);
        let mut lanes = [0; MAX_LANES as usize];
        lanes[..parts.len()].copy_from_slice(parts);
        let vote = votes::CastVote {
            payer: self.world.payer().pubkey(),
            owner: holder.pubkey(),
            council,
            vote: voter::pda::vote::find(&council, &stake.delegation).0,
            network: self.network.address,
            pool: self.pool.address,
            delegation: stake.delegation,
            provider: stake.provider,
            system_program: SYSTEM_PROGRAM,
        };
        self.send(&[vote.instruction(&votes::CastVoteArgs { parts: lanes })], &[holder]);
    }

    /// In the epoch's last hour anyone has the votes weigh the lanes.
    pub fn weigh(&mut self) {
        self.wait_until_before_midnight(HOUR);
        let (council, network) = (Self::council_of(&self.network), self.network.address);
        let weigh = votes::Weigh { council, network, bme_program: joule_bme_interface::ID };
        self.send(&[weigh.instruction(&votes::WeighArgs {})], &[]);
    }

    // Credits

    /// Buys credits for an owner at the price of this second, which a keeper publishes.
    pub fn buy_for(&mut self, buyer: &Customer, credits: Address, amount: u64) {
        self.refresh();
        let buy = BuyCreditsExactOut {
            buyer: buyer.key.pubkey(),
            network: self.network.address,
            credit_account: credits,
            source: buyer.wallet,
            burn_shard: self.network.burn_shard(0),
            burn_vault: self.network.burn_vault(0),
            mint: self.network.mint,
            price_update: self.network.price,
            token_program: self.network.token_program,
        };
        let args = BuyCreditsExactOutArgs { max_tokens: Tokens(u64::MAX), credits: Credits(amount) };
        self.send(&[buy.instruction(&args)], &[&buyer.key]);
    }

    /// The same for itself.
    pub fn buy(&mut self, buyer: &Customer, amount: u64) {
        self.buy_for(buyer, buyer.credits, amount);
    }

    /// Burns credits, for no provider.
    pub fn burn(&mut self, customer: &Customer, amount: u64) {
        let burn = BurnCredits { owner: customer.key.pubkey(), credit_account: customer.credits };
        self.send(
            &[burn.instruction(&BurnCreditsArgs { amount: Credits(amount), reference: Address::default() })],
            &[&customer.key],
        );
    }

    /// Counts work of a worker that a customer pays.
    pub fn work(&mut self, dispatcher: &Keypair, customer: &Customer, worker: usize, amount: u64) {
        let Worker { work, lane, .. } = self.workers[worker];
        let spender = self.network.lane_spender(dispatcher.pubkey(), lane);
        let shard = self.lanes.iter().position(|of| *of == lane).expect("the lane has a shard") as u8;
        let (network, amount) = (self.network.address, Credits(amount));
        let reference = self.network.address;
        let lock = LockCredits {
            owner: customer.key.pubkey(),
            spender_authority: dispatcher.pubkey(),
            spender,
            network,
            credit_account: customer.credits,
        }
        .instruction(&LockCreditsArgs { amount, reference });
        let consume = ConsumeCredits {
            spender_authority: dispatcher.pubkey(),
            spender,
            network,
            credit_account: customer.credits,
            provider_work: work,
            work_shard: self.network.work_shard(shard),
        }
        .instruction(&ConsumeCreditsArgs { amount, reference, worked_at: self.world.now() });
        self.send(&[lock, consume], &[&customer.key, dispatcher]);
    }

    /// Does what burns tokens that nobody bought credits with, and notes how many.
    pub fn burning(&mut self, act: impl FnOnce(&mut Self)) {
        let before = self.world.supply(self.network.mint);
        act(self);
        self.burned_elsewhere += before - self.world.supply(self.network.mint);
    }

    // Roots

    /// Opens reward roots with so many oracles, all of whom must approve.
    pub fn open_roots(&mut self, oracles: usize) {
        let oracles: Vec<Keypair> = (0..oracles).map(|_| self.world.user()).collect();
        let addresses: Vec<Address> = oracles.iter().map(|oracle| oracle.pubkey()).collect();
        self.open_roots_of(&addresses);
        self.oracles = oracles;
    }

    /// The same with these oracles.
    pub fn open_roots_of(&mut self, oracles: &[Address]) {
        let open = self.network.open_roots_instruction(&self.world);
        let set = self.network.set_oracles_instruction(oracles, oracles.len() as u8);
        self.world.ok(&[open, set], &[&self.network.authority]);
        self.world.run(2 * HOUR);
        self.world.ok(&[self.network.execute_oracles_instruction()], &[]);
    }

    /// Who is paid by roots: its place.
    pub fn claimant(&mut self) -> usize {
        let key = self.world.user();
        self.add_claimant(key, None)
    }

    /// A machine that is paid by roots, to whoever its NFT belongs to: its place.
    pub fn machine(&mut self, owner: &Keypair, node: Address) -> usize {
        self.add_claimant(owner.insecure_clone(), Some(node))
    }

    fn add_claimant(&mut self, key: Keypair, node: Option<Address>) -> usize {
        let wallet = self.wallet(key.pubkey(), 0);
        let claimant = node.unwrap_or(key.pubkey());
        let open = self.network.open_root_claim_instruction(&self.world, claimant);
        self.world.ok(&[open], &[]);
        self.claimants.push(Claimant { key, node, wallet, earned: 0 });
        self.claimants.len() - 1
    }

    /// Number of the next root.
    pub fn next_root(&self) -> u64 {
        self.world.read::<OracleSet>(self.network.oracle_set()).root_count
    }

    /// What the tree of a root says: each claimant's total before and after it, and what it adds.
    fn tree(&self, parts: &[u64]) -> ([u8; 32], Vec<Leaf>, [u64; 2]) {
        let earned: Vec<(Address, [u64; 2])> = self
            .claimants
            .iter()
            .zip(parts)
            .map(|(one, part)| (one.node.unwrap_or(one.key.pubkey()), [one.earned, one.earned + part]))
            .collect();
        let totals = [0, 1].map(|at| earned.iter().map(|(_, totals)| totals[at]).sum());
        let (root, leaves) = reward_tree(&self.network, &earned);
        (root, leaves, totals)
    }

    /// The first oracle publishes a root that gives each claimant its part, base units; no other has approved it.
    pub fn publish(&mut self, parts: &[u64]) -> u64 {
        let (index, (root, _, totals)) = (self.next_root(), self.tree(parts));
        let oracle = self.oracles[0].insecure_clone();
        let publish = self.network.publish_root_instruction(&self.world, oracle.pubkey(), index, root, totals);
        self.send(&[publish], &[&oracle]);
        index
    }

    /// The other oracles approve a root.
    pub fn approve(&mut self, index: u64) {
        for oracle in self.oracles[1..].iter().map(Keypair::insecure_clone).collect::<Vec<_>>() {
            self.send(&[self.network.approve_root_instruction(oracle.pubkey(), index)], &[&oracle]);
        }
    }

    /// Shares the whole budget of the roots by weights, one a claimant: published, approved, active, opened, claimed, in two hours.
    /// Returns what it gave.
    pub fn share_budget(&mut self, weights: &[u64]) -> u64 {
        self.share_budget_of_machines(weights, &[])
    }

    /// The same where the claimants are machines: with what proves each one's leaf.
    pub fn share_budget_of_machines(&mut self, weights: &[u64], proofs: &[Instruction]) -> u64 {
        let parts = self.parts(weights);
        let leaves = self.tree(&parts).1;
        let index = self.publish(&parts);
        self.approve(index);
        self.open_root(index);
        for (place, part) in parts.iter().enumerate().filter(|(_, part)| **part > 0) {
            let Claimant { key, node, wallet, .. } = &self.claimants[place];
            let (key, wallet, leaf) = (key.insecure_clone(), *wallet, &leaves[place]);
            let owner = key.pubkey();
            let claim = match node {
                None => vec![self.network.claim_root_instruction(owner, index, leaf, wallet)],
                Some(node) => {
                    let claim = self.network.claim_node_root_instruction([owner, *node], index, leaf, wallet);
                    vec![proofs[place].clone(), claim]
                }
            };
            let before = self.world.tokens(wallet);
            self.send(&claim, &[&key]);
            assert_eq!(self.world.tokens(wallet) - before, *part, "a claimant gets its part");
            self.claimants[place].earned += part;
            self.earned += part;
        }
        self.send(&[self.network.close_root_instruction(&self.world, index)], &[]);
        parts.iter().sum()
    }

    /// The whole budget of the roots by weights.
    fn parts(&self, weights: &[u64]) -> Vec<u64> {
        let (budget, all) = (self.budget() as u128, weights.iter().sum::<u64>() as u128);
        weights.iter().map(|weight| (budget * *weight as u128 / all) as u64).collect()
    }

    /// Shares the whole budget of the roots by weights, one a claimant: published, approved and active in an hour, it opens over the
    /// policy's period. Returns what it gave; [`Self::claim_open`] pays it.
    pub fn share_budget_over_time(&mut self, weights: &[u64]) -> u64 {
        let parts = self.parts(weights);
        let leaves = self.tree(&parts).1;
        let index = self.publish(&parts);
        self.approve(index);
        self.activate_root(index);
        self.claimants.iter_mut().zip(&parts).for_each(|(claimant, part)| claimant.earned += part);
        self.openings.push(Opening { index, leaves });
        parts.iter().sum()
    }

    /// Each claimant claims what has opened of the roots that open over time. Returns how much that was.
    pub fn claim_open(&mut self) -> u64 {
        let mut paid = 0;
        for Opening { index, leaves } in std::mem::take(&mut self.openings) {
            self.send(&[self.network.fund_roots_instruction(index)], &[]);
            for (place, leaf) in leaves.iter().enumerate().filter(|(_, leaf)| leaf.total > leaf.previous_total) {
                let Claimant { key, wallet, .. } = &self.claimants[place];
                let (key, wallet) = (key.insecure_clone(), *wallet);
                let before = self.world.tokens(wallet);
                self.send(&[self.network.claim_root_instruction(key.pubkey(), index, leaf, wallet)], &[&key]);
                paid += self.world.tokens(wallet) - before;
            }
            self.openings.push(Opening { index, leaves });
        }
        self.earned += paid;
        paid
    }

    /// A root waits out its delay, and becomes active.
    fn activate_root(&mut self, index: u64) {
        self.world.run(HOUR);
        self.send(&[self.network.activate_root_instruction(index)], &[]);
    }

    /// A root waits out its delay, becomes active, and opens.
    pub fn open_root(&mut self, index: u64) {
        self.activate_root(index);
        self.world.run(HOUR);
        self.send(&[self.network.fund_roots_instruction(index)], &[]);
    }

    /// Notes tokens that somebody earned otherwise today.
    pub fn note_income(&mut self, tokens: u64) {
        self.earned += tokens;
    }

    /// Notes dollars that somebody earned today.
    pub fn note_dollars(&mut self, dollars: f64) {
        self.earned_dollars += dollars;
    }

    // Time

    /// Lets a minute pass: stake does not count in the second in which it came.
    pub fn settle_in(&self) {
        self.world.run(60);
    }

    /// Seconds since the day began.
    pub fn time_of_day(&self) -> u64 {
        DAY - (self.midnight() - self.world.now().0) as u64
    }

    /// A keeper publishes the price, and lets the average follow it.
    pub fn refresh(&mut self) {
        let (price, now) = (self.price as i64, self.world.now().0);
        let conf = self.price / 1_000;
        let (ema_price, ema_conf) = (price, conf);
        let update =
            joule_bme_interface::price_update::PriceUpdate { price, conf, ema_price, ema_conf, ..price_update(now) };
        self.world.set_price(self.network.price, &update);
        self.world.ok(&[self.network.update_average_instruction()], &[]);
    }

    /// Lets time pass until so many seconds before the day ends.
    pub fn wait_until_before_midnight(&self, seconds: u64) {
        let left = self.midnight() - self.world.now().0 - seconds as i64;
        self.world.run(u64::try_from(left).expect("what is done in a day fits into it"));
    }

    fn midnight(&self) -> i64 {
        self.began_at + (self.day() + 1) as i64 * DAY as i64
    }

    /// The day ends. Once the epoch has, a keeper burns what was paid and closes it, and each worker claims: returns the epoch
    /// then, as it was before it was swept.
    pub fn end_day(&mut self) -> Option<Epoch> {
        let (index, ends_at) = (self.state().open_epoch, self.state().epoch_ends_at);
        self.wait_until_before_midnight(0);
        self.refresh();
        let mut epoch = None;
        let mut worked = self.paid_directly;
        self.paid_directly = 0.0;
        if self.world.now() >= ends_at {
            for shard in 0..self.lanes.len() as u8 {
                if self.world.tokens(self.network.burn_vault(shard)) > 0 {
                    self.send(&[self.network.burn_instruction(shard)], &[]);
                }
            }
            let shards: Vec<u8> = (0..self.lanes.len() as u8).collect();
            self.send(&[self.network.close_instruction(&self.world, index, &shards)], &[]);
            let closed: Epoch = self.world.read(self.network.epoch(index));
            worked += closed.worked.0 as f64 / DOLLAR as f64;
            self.claim(index);
            self.send(&[self.network.sweep_instruction(&self.world, index)], &[]);
            epoch = Some(closed);
        }
        let (state, earned) = (self.state(), std::mem::take(&mut self.earned));
        let point = Point {
            supply: self.whole(self.world.supply(self.network.mint)),
            burned: self.whole(state.burned.get() as u64 + state.returned.get() as u64 + self.burned_elsewhere),
            income: self.dollars(earned) + std::mem::take(&mut self.earned_dollars),
            work: worked,
        };
        self.points.push(point);
        epoch
    }

    /// Each worker claims what it earned in an epoch.
    fn claim(&mut self, epoch: u64) {
        for place in 0..self.workers.len() {
            let worker = &self.workers[place];
            let (key, wallet) = (worker.key.insecure_clone(), worker.wallet);
            let mut claim = ClaimEpochs {
                provider: key.pubkey(),
                network: self.network.address,
                provider_work: worker.work,
                reward_vault: self.network.reward_vault(),
                destination: wallet,
                mint: self.network.mint,
                token_program: self.network.token_program,
            }
            .instruction(&ClaimEpochsArgs {});
            claim.accounts.push(AccountMeta::new(self.network.epoch(epoch), false));
            let before = self.world.tokens(wallet);
            // Who did not work has nothing to claim.
            if self.world.send(&[claim], &[&key]).is_ok() {
                self.transactions += 1;
                self.earned += self.world.tokens(wallet) - before;
            }
        }
    }

    /// What the emission gave the stakers goes to the pool's rewards.
    pub fn collect(&mut self) {
        let collect = CollectRewards {
            pool: self.pool.address,
            rewards: self.pool.rewards,
            source: self.network.stakers,
            vault: self.pool.vault,
            mint: self.network.mint,
            token_program: self.network.token_program,
        };
        self.send(&[collect.instruction(&CollectRewardsArgs {})], &[]);
    }

    // The end

    /// Says something of the month.
    pub fn fact(&mut self, name: &str, value: impl std::fmt::Display) {
        self.facts.push((name.to_owned(), value.to_string()));
    }

    /// The books balance; the report is the committed one.
    pub fn end(mut self, title: &str, acts: &[Act]) {
        assert_eq!(self.points.len() as u64, DAYS, "a month");
        let all: Accounts =
            self.world.touched().into_iter().filter_map(|at| Some((at, self.world.account(at)?))).collect();
        books::check_all(&all, &[]).unwrap();
        let (state, supply) = (self.state(), self.world.supply(self.network.mint));
        let minted = if state.source == source::MINT { state.minted.get() as u64 } else { 0 };
        let burned = state.burned.get() as u64;
        let expected = self.supply + minted - burned - self.burned_elsewhere;
        assert_eq!(supply, expected, "supply = before + minted - burned");
        if state.source == source::RESERVE {
            let reserve = self.world.tokens(self.network.reserve_vault());
            let there = self.units(self.plan.reserve) + state.returned.get() as u64 - state.minted.get() as u64;
            assert_eq!(reserve, there, "the reserve = what was put in + what came back - what it paid");
        }
        let mut left = 0;
        for credits in &self.customers {
            let account: CreditAccount = self.world.read(*credits);
            left += account.balance.0 + account.locked.iter().map(|locked| locked.0).sum::<u64>();
        }
        let shards =
            (0..self.lanes.len() as u8).map(|shard| self.world.read::<BurnShard>(self.network.burn_shard(shard)));
        let for_dollars = (0..MAX_SHARDS)
            .map(|index| pda::dollar_shard::find(&self.network.address, &[index]).0)
            .take_while(|shard| self.world.account(*shard).is_some())
            .map(|shard| self.world.read::<DollarShard>(shard).issued.0);
        let issued = shards.map(|shard| shard.issued.0).chain(for_dollars).sum::<u64>();

        let symbol = self.plan.symbol;
        let tokens = |units: u64| format!("{} {symbol}", number(self.whole(units)));
        let dollars = |amount: f64| format!("{} dollars", number(amount));
        let income: f64 = self.points.iter().map(|point| point.income).sum();
        let work: f64 = self.points.iter().map(|point| point.work).sum();
        let mut figures = vec![
            ("supply before".to_owned(), tokens(self.supply)),
            ("supply after".to_owned(), tokens(supply)),
            ("minted, or paid by the reserve".to_owned(), tokens(state.minted.get() as u64)),
            ("burned for credits, or back in the reserve".to_owned(), tokens(burned + state.returned.get() as u64)),
            ("of it, given back".to_owned(), tokens(state.reminted.get() as u64)),
            ("burned otherwise".to_owned(), tokens(self.burned_elsewhere)),
            ("credits sold".to_owned(), dollars(issued as f64 / DOLLAR as f64)),
            ("of them, not used".to_owned(), dollars(left as f64 / DOLLAR as f64)),
            ("work".to_owned(), dollars(work)),
            ("income of who works, at the day's price".to_owned(), dollars(income)),
            ("transactions".to_owned(), number(self.transactions as f64)),
        ];
        figures.append(&mut self.facts);
        self.report(title, acts, &figures);
    }

    fn report(&self, title: &str, acts: &[Act], figures: &[(String, String)]) {
        let name = self.plan.name;
        let mut text = format!(
            "# {title}: a month on Joule\n\nMade by the test `{name}::a_month`. Where the numbers are from: the header of \
             [{name}.rs](../../networks/{name}.rs).\n\n| what | today | here | what differs |\n|---|---|---|---|\n"
        );
        for Act { what, today, here, differs } in acts {
            writeln!(text, "| {what} | {today} | {here} | {differs} |").unwrap();
        }
        text.push_str("\n| the month | |\n|---|---|\n");
        for (name, value) in figures {
            writeln!(text, "| {name} | {value} |").unwrap();
        }
        writeln!(text, "\n![{title}]({name}.svg)").unwrap();
        let svg = self.chart(title);
        if let Some(folder) = std::env::var_os("JOULE_NETWORKS").map(PathBuf::from) {
            let acts: Vec<_> = acts
                .iter()
                .map(|act| json!({ "what": act.what, "today": act.today, "here": act.here, "differs": act.differs }))
                .collect();
            let days: Vec<_> = self
                .points
                .iter()
                .map(
                    |day| json!({ "supply": day.supply, "burned": day.burned, "income": day.income, "work": day.work }),
                )
                .collect();
            let figures: serde_json::Map<_, _> =
                figures.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
            let report = json!({ "network": name, "title": title, "acts": acts, "figures": figures, "days": days });
            fs::create_dir_all(&folder).expect("the folder can be made");
            for (ending, text) in [("md", &text), ("svg", &svg), ("json", &format!("{report:#}\n"))] {
                fs::write(folder.join(name).with_added_extension(ending), text).expect("a report can be written");
            }
        }
        golden::compare(&format!("networks/{name}.md"), &text);
        golden::compare(&format!("networks/{name}.svg"), &svg);
    }

    fn chart(&self, title: &str) -> String {
        let symbol = self.plan.symbol;
        let panel = |name: &str, unit: &str, value: fn(&Point) -> f64, scale: f64| Panel {
            title: name.to_owned(),
            scale: Scale::Linear,
            x: "days".into(),
            y: unit.to_owned(),
            lines: vec![Line {
                name: title.to_owned(),
                points: (1u32..).zip(&self.points).map(|(day, point)| (day as f64, value(point) / scale)).collect(),
            }],
        };
        let panels = [
            panel("Supply", &format!("millions of {symbol}"), |point| point.supply, 1e6),
            panel("Burned so far", symbol, |point| point.burned, 1.0),
            panel("Income of who works, a day", "dollars", |point| point.income, 1.0),
            panel("Work, a day", "dollars", |point| point.work, 1.0),
        ];
        joule_chart::draw(
            &format!("{title}: a month on Joule"),
            "On the real programs, by the network's public numbers",
            &panels,
        )
    }
}

/// A number for people: no decimals above a hundred, commas above a thousand.
pub fn number(value: f64) -> String {
    if value.abs() < 100.0 {
        let text = format!("{value:.4}");
        return text.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    let digits = format!("{:.0}", value.abs());
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if value < 0.0 { format!("-{text}") } else { text }
}

/// A mint of the classic program with so many decimals.
fn mint(world: &mut World, decimals: u8) -> NewMint {
    let (mint, authority) = (world.key(), world.user());
    let payer = world.payer().pubkey();
    let create = create_account(&payer, &mint.pubkey(), world.rent(Mint::LEN), Mint::LEN as u64, &TOKEN_PROGRAM);
    let initialize = token::initialize_mint2(&TOKEN_PROGRAM, &mint.pubkey(), &authority.pubkey(), None, decimals);
    world.ok(&[create, initialize.expect("an instruction")], &[&mint]);
    NewMint { address: mint.pubkey(), authority, token_program: TOKEN_PROGRAM }
}
