//! Users, spenders, providers, keepers, the authority, oracles and thieves, under prices that walk, crash and jump, with
//! pauses, skipped epochs, revoked spenders and roots that shrink.

use {
    super::{Random, Shared, TrackedWorld},
    crate::{
        Network, World,
        fixture::{DOLLAR, Dollars, TOKEN, price_update, reward_tree},
    },
    joule_bme_interface::{
        ID, event,
        instruction::*,
        price_update::PriceUpdate,
        state::{
            Auction, BurnShard, CreditAccount, DollarShard, Epoch, EpochTerms, Network as NetworkState, OracleSet,
            PRICE_TOLERANCE, ProviderWork, RewardRoot, RootClaim, Spender, WorkShard, source,
        },
    },
    joule_interface::{Address, TOKEN_PROGRAM},
    joule_math::{Bps, Credits, Seconds, Timestamp, Tokens, part_of},
    solana_keypair::Keypair,
    solana_program::instruction::AccountMeta,
    solana_signer::Signer,
    std::{collections::BTreeSet, rc::Rc},
};

const JOB: Address = Address::new_from_array([9; 32]);
const DAY: u64 = 86_400;
const CLIENTS: usize = 3;
const SPENDERS: usize = 3;
const PROVIDERS: usize = 3;
const CLAIMANTS: usize = 2;
const LANES: usize = 2;
/// All work shards: the last is lane 1's.
const SHARDS: [u8; 3] = [0, 1, 2];
const HOUR: u64 = 3_600;

pub(super) struct Client {
    pub(super) key: Keypair,
    pub(super) source: Address,
    pub(super) credits: Address,
}

struct Provider {
    key: Keypair,
    /// Its work, by lane.
    works: [Address; LANES],
    wallet: Address,
}

/// Them all.
pub struct Market {
    pub(super) random: Random,
    pub(super) chain: Shared,
    /// Nobody else burns the network's tokens.
    is_alone: bool,
    /// How seldom time passes here.
    pub(super) pace: u64,
    network: Rc<Network>,
    pub(super) clients: Vec<Client>,
    spenders: [(Keypair, Address); SPENDERS],
    providers: Vec<Provider>,
    claimants: [(Keypair, Address); CLAIMANTS],
    oracle: Keypair,
    price: i64,
    /// What each claimant had earned and has, by root; and what active roots added for each.
    earned: Vec<[[u64; 2]; CLAIMANTS]>,
    most_earned: [u64; CLAIMANTS],
    active: BTreeSet<u64>,
    epochs: BTreeSet<u64>,
    /// The supply when the chain began; and what people sent to the reserve, if there is one.
    first_supply: u128,
    funded: u128,
    /// Where credits are sold for dollars: what is needed for that, and each client's wallet.
    dollars: Option<(Dollars, Vec<Address>)>,
}

/// What is done besides where credits are sold for dollars.
pub const DOLLAR_ACTIONS: &[&str] =
    &["buy with dollars", "fold dollars", "propose to sell otherwise", "sell otherwise", "sell tokens"];

/// The lane of the spender `s`.
fn lane_of(s: usize) -> u8 {
    (s == SPENDERS - 1) as u8
}

impl Market {
    /// Everybody arrives at a network: clients with tokens, providers with their work and wallets.
    pub(super) fn arrive(
        world: &mut World,
        network: Rc<Network>,
        clients: Vec<(Keypair, Address)>,
        providers: Vec<(Keypair, Address, Address)>,
    ) -> Self {
        let clients = (clients.into_iter())
            .map(|(key, source)| {
                let credits = network.open_credit_account(world, key.pubkey());
                Client { key, source, credits }
            })
            .collect();
        let mut state: NetworkState = world.read(network.address);
        state.policy.lane_weights[..LANES].copy_from_slice(&[300, 100]);
        state.policy.weigher = network.authority.pubkey();
        (state.policy.lane_band, state.policy.lane_speed) = (Bps(5_000), Bps(2_500));
        (state.lanes[0].weight, state.lanes[1].weight) = (300, 100);
        state.terms = EpochTerms::of(&state.policy, state.weights());
        world.forge(network.address, &state);
        world.ok(&[network.add_lane_shard_instruction(world, SHARDS[2], 1)], &[&network.authority]);
        let spenders = std::array::from_fn(|s| {
            let key = world.user();
            let add = network.add_spender_instruction(world, key.pubkey(), lane_of(s));
            world.ok(&[add], &[&network.authority]);
            let spender = network.lane_spender(key.pubkey(), lane_of(s));
            (key, spender)
        });
        let providers = (providers.into_iter())
            .map(|(key, work, wallet)| {
                let works = [work, network.open_lane_work(world, key.pubkey(), 1)];
                Provider { key, works, wallet }
            })
            .collect::<Vec<_>>();
        let oracle = world.user();
        network.open_roots(world, &[oracle.pubkey()], 1, 0);
        network.refresh_price(world);
        let claimants = std::array::from_fn(|_| {
            let key = world.user();
            world.ok(&[network.open_root_claim_instruction(world, key.pubkey())], &[]);
            let wallet = world.token_account(network.mint, key.pubkey());
            (key, wallet)
        });
        let mut state: NetworkState = world.read(network.address);
        let policy = &mut state.policy;
        policy.epoch_duration = Seconds(6 * HOUR as u32);
        policy.remint_cap = Tokens(20 * TOKEN);
        policy.initial_emission = Tokens(50 * TOKEN);
        policy.decay_step = 20;
        policy.max_supply = Tokens(state.initial_supply.0 + 1_000 * TOKEN);
        policy.breaker_tokens = Tokens(15 * TOKEN);
        policy.breaker_share = Bps(300);
        policy.breaker_window = Seconds(5 * HOUR as u32);
        policy.roots_share = Bps(1_500);
        policy.max_deviation = Bps(2_000);
        state.terms = EpochTerms::of(&state.policy, state.weights());
        world.forge(network.address, &state);
        let mint = network.mint;
        let funded = if state.source == source::RESERVE { world.tokens(state.reserve_vault) as u128 } else { 0 };
        Self {
            random: Random::new(1),
            chain: Shared::elsewhere(),
            is_alone: false,
            pace: 1,
            network,
            clients,
            spenders,
            providers,
            claimants,
            oracle,
            price: 250_000_000,
            earned: vec![],
            most_earned: [0; CLAIMANTS],
            active: BTreeSet::new(),
            epochs: BTreeSet::new(),
            first_supply: world.supply(mint) as u128,
            funded,
            dollars: None,
        }
    }

    /// Roots become active by anyone's call, a stranger's too.
    fn note_active(&mut self) {
        let ours = self.network.address;
        let is_active = |root: &&RewardRoot| root.network == ours && root.activated_at != Timestamp::default();
        let roots = self.chain.all::<RewardRoot>().map(|(_, root)| root).filter(is_active);
        let active: Vec<u64> = roots.map(|root| root.index).collect();
        for index in active {
            if self.active.insert(index) {
                let earned = self.earned[index as usize];
                let add = |i: usize| earned[i][1].saturating_sub(earned[i][0]);
                self.most_earned = std::array::from_fn(|i| self.most_earned[i] + add(i));
            }
        }
    }

    /// The network sells credits for dollars from now on: providers are paid at most 60 % of the dollars worked.
    fn take_dollars(&mut self, world: &mut World) {
        let network = self.network.clone();
        let mut state: NetworkState = world.read(network.address);
        (state.policy.payout_share, state.policy.surplus_to_stakers) = (Bps(6_000), 0);
        state.terms = EpochTerms::of(&state.policy, state.weights());
        world.forge(network.address, &state);
        let dollars = Dollars::new(world, &network);
        let mut auction: Auction = world.read(dollars.auction());
        (auction.policy.limit, auction.policy.window) = (Tokens(100 * DOLLAR), Seconds(6 * HOUR as u32));
        auction.level = Tokens(100 * DOLLAR);
        world.forge(dollars.auction(), &auction);
        let mut state: NetworkState = world.read(network.address);
        state.dollar_shard_limit = Tokens(150 * DOLLAR);
        world.forge(network.address, &state);
        self.epochs.extend(0..state.open_epoch);
        let owners: Vec<_> = self.clients.iter().map(|client| client.key.pubkey()).collect();
        let wallets = owners.into_iter().map(|owner| dollars.wallet(world, owner, 1_000_000 * DOLLAR)).collect();
        self.dollars = Some((dollars, wallets));
    }

    /// Customers pay dollars, and whoever has tokens sells them for these.
    fn trade_dollars(&mut self, c: usize, shard: u8) {
        let Some((dollars, wallets)) = self.dollars.take() else { return };
        let (network, client) = (self.network.clone(), &self.clients[c]);
        let (key, wallet) = (client.key.insecure_clone(), wallets[c]);
        // The stablecoin is worth a dollar most times.
        let worth = 100_000_000 - [0, 0, 0, 1_000_000][self.random.place(4)];
        dollars.publish(&mut self.chain.world, worth);
        match self.random.below(8) {
            0..3 => {
                let amount = self.random.amount(50 * DOLLAR);
                let accounts = (wallet, client.credits);
                let mut buy = dollars.buy_instruction(&network, key.pubkey(), accounts, amount);
                buy.accounts[4].pubkey = dollars.shard(shard);
                buy.accounts[5].pubkey = dollars.vault(shard);
                if let Some(receipt) = self.chain.attempt("buy with dollars", buy, &[&key]) {
                    let event: event::CreditsBoughtWithDollars = receipt.event(ID);
                    assert!(event.credits.0 + event.cut.0 <= event.dollars.0, "{event:?}");
                    let tokens = event.tokens.0 as u128 * self.price as u128 / 10u128.pow(8 + 9 - 6);
                    assert!(tokens <= event.credits.0 as u128, "more tokens than a market sells: {event:?}");
                }
            }
            3 => {
                self.chain.attempt("fold dollars", dollars.fold_instruction(shard), &[]);
            }
            4 => {
                let authority = network.authority.insecure_clone();
                let mut policy = self.chain.read::<Auction>(dollars.auction()).policy;
                policy.cut = Bps(self.random.below(1_500) as u16);
                policy.premium = Bps(self.random.below(501) as u16);
                policy.max_unwanted = 1 + self.random.below(4) as u16;
                let propose = dollars.propose_instruction(&authority, policy);
                let proposed = self.chain.attempt("propose to sell otherwise", propose, &[&authority]);
                if proposed.is_some() && self.random.one_in(2) {
                    let executable_at = self.chain.read::<Auction>(dollars.auction()).executable_at;
                    self.chain.world.pass(executable_at.since(self.chain.world.now()));
                    self.publish();
                    self.close_ended();
                    self.chain.attempt("sell otherwise", dollars.execute_instruction(), &[]);
                }
            }
            _ => {
                let before: Auction = self.chain.read(dollars.auction());
                let amount = self.random.amount(20 * TOKEN);
                let sell = dollars.sell_instruction(&network, key.pubkey(), (client.source, wallet), amount);
                if let Some(receipt) = self.chain.attempt("sell tokens", sell, &[&key]) {
                    let event: event::TokensSold = receipt.event(ID);
                    // Never more than the premium above the price, nor than the limit at once.
                    let market = event.tokens.0 as u128 * self.price as u128 / 10u128.pow(8 + 9 - 6);
                    assert!(event.worth.0 as u128 * worth as u128 <= market * 100_000_000, "{event:?}");
                    assert!(event.dollars.0 <= event.worth.0 + event.worth.0 / 20, "{event:?}");
                    assert!(event.worth <= before.policy.limit && event.dollars <= before.policy.limit);
                }
            }
        }
        self.dollars = Some((dollars, wallets));
    }

    fn state(&self) -> NetworkState {
        self.chain.read(self.network.address)
    }

    fn buy(&mut self, c: usize, shard: u8) {
        let exact = self.random.below(3) == 0;
        let amount = self.random.amount(5 * TOKEN);
        let client = &self.clients[c];
        let mut buy = self.network.buy_instruction(client.key.pubkey(), client.source, client.credits, amount);
        buy.accounts[4].pubkey = self.network.burn_shard(shard);
        buy.accounts[5].pubkey = self.network.burn_vault(shard);
        if exact {
            buy.data[0] = BuyCreditsExactOut::DISCRIMINATOR;
            buy.data[1..9].copy_from_slice(&u64::MAX.to_le_bytes());
            buy.data[9..17].copy_from_slice(&(amount / 400).to_le_bytes());
        }
        let key = client.key.insecure_clone();
        // Whoever buys chooses the update, and would rather have one from before the price fell.
        let older = self.random.below(8) == 0;
        if older {
            let age = self.random.below(90) as i64;
            self.publish_as_of(age);
        }
        let last = self
            .chain
            .read::<BurnShard>(self.network.burn_shard(shard))
            .published_at
            .max(self.state().average.published_at);
        let outcome = self.chain.attempt(if exact { "buy exactly" } else { "buy" }, buy, &[&key]);
        if older {
            self.publish();
        }
        let Some(receipt) = outcome else { return };
        // Never more credits than the tokens were worth.
        let event: event::CreditsBought = receipt.event(ID);
        assert!(
            event.published_at.0 >= last.0 - PRICE_TOLERANCE.0 as i64,
            "at a price that is older than one that was used"
        );
        assert!(self.chain.world.now().since(event.published_at) <= 60, "at a price that is too old");
        // The price less its confidence: less than 0.4 % of it was never published.
        assert!(event.price <= (self.price - self.price / 250) as u64, "{event:?} at {}", self.price);
        let worth = event.tokens.0 as u128 * event.price as u128 / 10u128.pow(8 + 9 - 6);
        assert!(event.credits.0 as u128 <= worth, "{event:?}");
    }

    fn spending(&self, s: usize) -> (Keypair, Address) {
        (self.spenders[s].0.insecure_clone(), self.spenders[s].1)
    }

    fn lock(&mut self, c: usize, s: usize) {
        let amount = self.random.amount(8_000_000);
        let (authority, spender) = self.spending(s);
        let (owner, credit_account) = (self.clients[c].key.insecure_clone(), self.clients[c].credits);
        let lock = LockCredits {
            owner: owner.pubkey(),
            spender_authority: authority.pubkey(),
            spender,
            network: self.network.address,
            credit_account,
        }
        .instruction(&LockCreditsArgs { amount: Credits(amount), reference: JOB });
        self.chain.attempt("lock", lock, &[&owner, &authority]);
    }

    fn unlock(&mut self, c: usize, s: usize) {
        let amount = self.random.amount(4_000_000);
        let (authority, spender) = self.spending(s);
        let credit_account = self.clients[c].credits;
        let unlock = UnlockCredits { spender_authority: authority.pubkey(), spender, credit_account }
            .instruction(&UnlockCreditsArgs { amount: Credits(amount), reference: JOB });
        self.chain.attempt("unlock", unlock, &[&authority]);
    }

    fn consume(&mut self, c: usize, s: usize, p: usize, shard: u8) {
        let amount = self.random.amount(6_000_000);
        let (authority, spender) = self.spending(s);
        // Now and then of another lane.
        let lane = if self.random.one_in(20) { 1 - lane_of(s) } else { lane_of(s) };
        let consume = ConsumeCredits {
            spender_authority: authority.pubkey(),
            spender,
            network: self.network.address,
            credit_account: self.clients[c].credits,
            provider_work: self.providers[p].works[lane as usize],
            work_shard: self.network.work_shard(if lane == 0 { shard } else { SHARDS[2] }),
        }
        .instruction(&ConsumeCreditsArgs {
            amount: Credits(amount),
            reference: JOB,
            worked_at: self.chain.world.now(),
        });
        self.chain.attempt("consume", consume, &[&authority]);
    }

    fn burn(&mut self, shard: u8) {
        self.chain.attempt("burn", self.network.burn_instruction(shard), &[]);
    }

    fn move_price(&mut self) {
        // It walks, and drifts back to where it began; rarely it crashes or jumps.
        let drift = if self.price < 250_000_000 { 60 } else { -60 };
        let by = match self.random.below(300) {
            0 => 3_000,
            1 => 30_000,
            _ => 9_800 + self.random.below(401) as i64 + drift,
        };
        self.price = (self.price * by / 10_000).clamp(1_000, 1 << 40);
        self.publish();
        self.update_average();
    }

    fn publish(&mut self) {
        self.publish_as_of(0);
    }

    fn publish_as_of(&mut self, age: i64) {
        let now = self.chain.world.now().0 - age;
        let price = self.price;
        let update =
            PriceUpdate { price, conf: price as u64 / 200, ema_price: price, ema_conf: 0, ..price_update(now) };
        self.chain.world.set_price(self.network.price, &update);
    }

    fn update_average(&mut self) {
        let before = self.state().average.value;
        let update = self.network.update_average_instruction();
        if self.chain.attempt("update the average", update, &[]).is_some() && before != 0 {
            let after = self.state().average.value;
            assert!(before.abs_diff(after) <= before / 10 + 1, "the average leapt from {before} to {after}");
        }
    }

    fn pass_time(&mut self) {
        if !self.random.one_in(self.pace) {
            return;
        }
        if self.random.below(4) == 0 {
            let random = &mut self.random;
            self.chain.pass_to_a_deadline(random, 3 * DAY);
            return self.publish();
        }
        let seconds = match self.random.below(30) {
            0 => 3 * DAY,
            1..5 => 7 * HOUR,
            5..20 => HOUR,
            _ => self.random.below(300),
        };
        self.chain.world.pass(seconds);
        self.publish();
    }

    /// Closes what ended: before, no policy is put into force. With a payout that takes an average of the last hour.
    fn close_ended(&mut self) {
        self.update_average();
        for _ in 0..400 {
            let network = self.state();
            if self.chain.world.now() < network.epoch_ends_at && network.closing == 0 {
                return;
            }
            let index = network.open_epoch.saturating_sub(network.closing as u64);
            let folded = self.chain.find::<Epoch>(self.network.epoch(index)).map_or(0, |epoch| epoch.folded);
            let left: Vec<u8> = SHARDS.into_iter().filter(|shard| folded & 1 << shard == 0).collect();
            let close = self.network.close_instruction(&self.chain.world, index, &left);
            if self.chain.attempt("close", close, &[]).is_none() {
                return;
            }
            self.epochs.insert(index);
        }
    }

    fn close(&mut self) {
        let network = self.state();
        // The one that is being closed, or the open one; a wrong one now and then.
        let index = network.open_epoch.saturating_sub(network.closing as u64 + self.random.below(8) / 7);
        let shards: &[u8] = match self.random.below(4) {
            0 => &[0],
            1 => &[2, 1],
            _ => &SHARDS,
        };
        let close = self.network.close_instruction(&self.chain.world, index, shards);
        if self.chain.attempt("close", close, &[]).is_some() {
            self.epochs.insert(index);
        }
    }

    fn claim(&mut self, p: usize) {
        let epochs: Vec<u64> = self.epochs.iter().copied().collect();
        let some = |random: &mut Random| -> Vec<u64> {
            let start = random.place(epochs.len().max(1));
            epochs.iter().copied().skip(start).take(5).collect()
        };
        let chosen = some(&mut self.random);
        let provider = &self.providers[p];
        let work = provider.works[self.random.place(LANES)];
        if let (true, Some(&epoch)) = (self.random.below(3) == 0, chosen.first()) {
            let accrue = AccrueWork { provider_work: work, epoch: self.network.epoch(epoch) };
            self.chain.attempt("accrue", accrue.instruction(&AccrueWorkArgs {}), &[]);
            return;
        }
        let mut claim = ClaimEpochs {
            provider: provider.key.pubkey(),
            network: self.network.address,
            provider_work: work,
            reward_vault: self.network.reward_vault(),
            destination: provider.wallet,
            mint: self.network.mint,
            token_program: TOKEN_PROGRAM,
        }
        .instruction(&ClaimEpochsArgs {});
        claim.accounts.extend(chosen.iter().map(|&epoch| AccountMeta::new(self.network.epoch(epoch), false)));
        let key = provider.key.insecure_clone();
        self.chain.attempt("claim", claim, &[&key]);
    }

    fn sweep(&mut self) {
        let Some(&epoch) = self.epochs.iter().nth(self.random.place(self.epochs.len().max(1))) else { return };
        let sweep = self.network.sweep_instruction(&self.chain.world, epoch);
        if self.chain.attempt("sweep", sweep, &[]).is_some() {
            self.epochs.remove(&epoch);
            assert!(self.chain.account(self.network.epoch(epoch)).is_none());
        }
    }

    fn mint_deferred(&mut self) {
        let mint = self.network.mint_deferred_instruction();
        self.chain.attempt("mint what was deferred", mint, &[]);
    }

    fn govern(&mut self, s: usize) {
        let authority = self.network.authority.insecure_clone();
        let guardian = self.network.guardian.insecure_clone();
        let (network, spender) = (self.network.address, self.spenders[s].1);
        match self.random.below(16) {
            0 => {
                let pause = Pause { authority_or_guardian: guardian.pubkey(), network }.instruction(&PauseArgs {});
                self.chain.attempt("pause", pause, &[&guardian]);
            }
            1..4 => {
                let resume = Resume { signer: authority.pubkey(), network }.instruction(&ResumeArgs {});
                self.chain.attempt("resume", resume, &[&authority]);
            }
            4 if self.random.below(4) == 0 => {
                let grace = 30 * DAY + self.random.below(12 * HOUR);
                let revoke = self.network.revoke_spender_instruction(spender, grace as u32);
                if self.chain.attempt("revoke", revoke, &[&authority]).is_some() && self.random.below(2) == 0 {
                    // The rest of its time passes for it alone.
                    let mut state: Spender = self.chain.read(spender);
                    state.closes_at =
                        self.chain.world.now().after(Seconds(self.random.below(12 * HOUR) as u32)).unwrap();
                    self.chain.world.forge(spender, &state);
                    self.chain.track(spender);
                }
            }
            5 | 6 => {
                // One whose time has run out is closed, and the same authority, or another, is added in its place.
                let close = self.network.close_spender_instruction(&self.chain.world, spender);
                if self.chain.attempt("close a spender", close, &[]).is_some() {
                    let key = match self.random.below(2) {
                        0 => self.spenders[s].0.insecure_clone(),
                        _ => self.chain.world.user(),
                    };
                    let spender = self.network.lane_spender(key.pubkey(), lane_of(s));
                    let add = self.network.add_spender_instruction(&self.chain.world, key.pubkey(), lane_of(s));
                    self.chain.world.ok(&[add], &[&authority]);
                    self.chain.track(network);
                    self.chain.track(spender);
                    self.spenders[s] = (key, spender);
                    if self.random.below(2) == 0 {
                        (0..self.clients.len()).for_each(|c| self.reclaim(c));
                    }
                }
            }
            4..9 => {
                let restore = RestoreSpender { authority: authority.pubkey(), network, spender };
                self.chain.attempt("restore", restore.instruction(&RestoreSpenderArgs {}), &[&authority]);
            }
            9 => {
                let weights = std::array::from_fn(|_| self.random.below(700) as u16);
                let weigh =
                    WeighLanes { weigher: authority.pubkey(), network }.instruction(&WeighLanesArgs { weights });
                self.chain.attempt("weigh", weigh, &[&authority]);
            }
            _ => self.change_policy(),
        }
    }

    /// Proposes a policy, and most times lets it come into force.
    fn change_policy(&mut self) {
        let authority = self.network.authority.insecure_clone();
        let state = self.state();
        let mut policy = state.policy;
        // With dollars, what an epoch pays is bounded by these: most other changes are refused when they are to come into force.
        let is_bounded = self.dollars.is_some() && !self.random.one_in(8);
        match self.random.below(12) {
            0 | 4 | 8 if is_bounded => policy.payout_share = Bps(4_000 + self.random.below(2_001) as u16),
            10 | 11 => {
                policy.lane_limits[self.random.place(LANES)] = Credits([0, 1_000_000, 3_000_000][self.random.place(3)])
            }
            0 => policy.payout_share = Bps([0, 9_000, 10_000 + 2_000 * policy.vouched as u16][self.random.place(3)]),
            8 => {
                policy.payout_floor = Bps(policy.payout_share.0 / 2 * policy.vouched as u16);
                policy.surplus_to_stakers = self.random.below(2) as u8;
            }
            // The lanes' weights, and how far the authority may move them.
            9 => {
                policy.lane_weights[1] = 1 + self.random.below(600) as u16;
                policy.lane_band = Bps(self.random.below(10_001) as u16);
            }
            // The operator changes its mind about vouching, or about what returns.
            6 => {
                policy.vouched = self.random.below(2) as u8;
                policy.payout_floor = Bps(0);
                policy.payout_share = policy.payout_share.min(Bps(10_000));
            }
            7 => {
                policy.remint_share = Bps(self.random.below(10_001) as u16);
                policy.payments_to_reserve = self.random.below(2) as u8 * state.source;
            }
            1 => policy.remint_cap = Tokens(self.random.below(40 * TOKEN)),
            2 => policy.breaker_tokens = Tokens(self.random.below(100 * TOKEN)),
            3 => policy.initial_emission = Tokens(self.random.below(100 * TOKEN)),
            4 => policy.providers_share = Bps(self.random.below(9_001) as u16),
            _ => policy.max_supply = Tokens(policy.max_supply.0 - self.random.below(TOKEN)),
        }
        policy.stakers_share = policy.stakers_share.min(Bps(10_000 - policy.providers_share.0));
        let propose = self.network.propose_policy_instruction(&self.chain.world, state.change_count, policy);
        self.chain.attempt("propose", propose, &[&authority]);
        if self.random.below(4) > 0 {
            self.chain.world.pass(2 * HOUR);
            self.publish();
            self.close_ended();
            let execute = self.network.execute_policy_instruction(&self.chain.world, state.change_count);
            self.chain.attempt("execute", execute, &[]);
        }
    }

    /// Whoever earned tokens sells them to who needs credits; or all fund the reserve.
    fn trade(&mut self, c: usize) {
        let is_funding = self.network.source == source::RESERVE && self.random.one_in(2);
        let to = if is_funding { self.network.reserve_vault() } else { self.clients[c].source };
        let authority = &self.network.authority;
        let sellers: Vec<_> = (self.providers.iter().map(|provider| (&provider.key, provider.wallet)))
            .chain(self.claimants.iter().map(|(key, wallet)| (key, *wallet)))
            .chain([(authority, self.network.stakers), (authority, self.network.treasury)])
            .map(|(key, wallet)| (key.insecure_clone(), wallet))
            .collect();
        for (key, from) in sellers {
            let transfer = spl_token_interface::instruction::transfer(
                &TOKEN_PROGRAM,
                &from,
                &to,
                &key.pubkey(),
                &[],
                self.chain.tokens(from) as u64,
            );
            self.funded += if is_funding { self.chain.tokens(from) } else { 0 };
            self.chain.attempt("trade", transfer.unwrap(), &[&key]).expect("a transfer of what is there");
        }
    }

    fn reclaim(&mut self, c: usize) {
        let client = &self.clients[c];
        let (key, credits) = (client.key.insecure_clone(), client.credits);
        let reclaim = ReclaimCredits { owner: key.pubkey(), network: self.network.address, credit_account: credits };
        let before: CreditAccount = self.chain.read(credits);
        if self.chain.attempt("reclaim", reclaim.instruction(&ReclaimCreditsArgs {}), &[&key]).is_some() {
            let after: CreditAccount = self.chain.read(credits);
            for (_, spender) in &self.spenders {
                // Anyone may have closed one whose right has ended.
                let Some(spender) = self.chain.find::<Spender>(*spender) else { continue };
                let place = spender.id as usize;
                let is_its_own = before.locked_for[place] == spender.number;
                assert!(!is_its_own || after.locked[place] == before.locked[place], "what a spender in force holds");
            }
        }
    }

    /// Somebody closes what is empty, and comes back; now and then a client uses up before what is left of its credits.
    fn leave(&mut self, c: usize, p: usize) {
        let network = self.network.clone();
        match self.random.below(16) {
            0 => {
                let key = self.clients[c].key.insecure_clone();
                let credit_account = self.clients[c].credits;
                for s in 0..SPENDERS {
                    let (authority, spender) = self.spending(s);
                    let Some(of) = self.chain.find::<Spender>(spender) else { continue };
                    let amount = self.chain.read::<CreditAccount>(credit_account).locked[of.id as usize];
                    let unlock = UnlockCredits { spender_authority: authority.pubkey(), spender, credit_account }
                        .instruction(&UnlockCreditsArgs { amount, reference: JOB });
                    self.chain.attempt("unlock", unlock, &[&authority]);
                }
                self.reclaim(c);
                let amount = self.chain.read::<CreditAccount>(credit_account).balance;
                let burn = BurnCredits { owner: key.pubkey(), credit_account }
                    .instruction(&BurnCreditsArgs { amount, reference: JOB });
                self.chain.attempt("burn credits", burn, &[&key]);
                let number = self.chain.read::<CreditAccount>(credit_account).number();
                let close = network.close_credit_account_instruction(&self.chain.world, key.pubkey());
                if self.chain.attempt("close a credit account", close, &[&key]).is_some() {
                    network.open_credit_account(&self.chain.world, key.pubkey());
                    self.chain.track(credit_account);
                    assert!(self.chain.read::<CreditAccount>(credit_account).number() > number);
                }
            }
            1..9 => {
                let key = self.providers[p].key.insecure_clone();
                let close = network.close_provider_work_instruction(&self.chain.world, key.pubkey());
                if self.chain.attempt("close a record of work", close, &[&key]).is_some() {
                    let work = network.open_provider_work(&self.chain.world, key.pubkey());
                    self.chain.track(work);
                }
            }
            _ => {
                let key = self.claimants[self.random.place(CLAIMANTS)].0.insecure_clone();
                let close = network.close_root_claim_instruction(&self.chain.world, key.pubkey());
                if self.chain.attempt("close a claimant's record", close, &[&key]).is_some() {
                    let open = network.open_root_claim_instruction(&self.chain.world, key.pubkey());
                    self.chain.world.ok(&[open], &[]);
                    self.chain.track(network.root_claim(key.pubkey()));
                }
            }
        }
    }

    fn roots(&mut self) {
        let set: OracleSet = self.chain.read(self.network.oracle_set());
        let guardian = self.network.guardian.insecure_clone();
        let newest = set.root_count.saturating_sub(1);
        match self.random.below(20) {
            0..3 => {
                // Totals grow; now and then one shrinks, and all is stated again.
                let last = self.earned.last().copied().unwrap_or_default();
                let grow = |[_, total]: [u64; 2]| match self.random.below(6) {
                    0 => [total, total - total / 10],
                    _ => [total, total + 1 + self.random.below(2 * TOKEN)],
                };
                let earned = last.map(grow);
                let totals =
                    [set.total.0, set.total.0 + earned.iter().map(|[was, is]| is.saturating_sub(*was)).sum::<u64>()];
                let leaves: Vec<_> = self.claimants.iter().map(|(key, _)| key.pubkey()).zip(earned).collect();
                let (root, _) = reward_tree(&self.network, &leaves);
                let oracle = self.oracle.insecure_clone();
                let publish = self.network.publish_root_instruction(
                    &self.chain.world,
                    oracle.pubkey(),
                    set.root_count,
                    root,
                    totals,
                );
                if self.chain.attempt("publish", publish, &[&oracle]).is_some() {
                    self.earned.push(earned);
                }
            }
            3 => {
                let any = self.random.below(set.root_count.max(1));
                let veto = self.network.veto_root_instruction(&self.chain.world, guardian.pubkey(), any);
                self.chain.attempt("veto", veto, &[&guardian]);
            }
            4..7 => {
                let activate = self.network.activate_root_instruction(newest);
                self.chain.attempt("activate", activate, &[]);
            }
            7..11 => {
                let recent = newest.saturating_sub(self.random.below(4));
                let fund = self.network.fund_roots_instruction(recent);
                self.chain.attempt("fund", fund, &[]);
            }
            11 => {
                let any = self.random.below(set.root_count.max(1));
                let close = self.network.close_root_instruction(&self.chain.world, any);
                self.chain.attempt("close a root", close, &[]);
            }
            _ => {
                let index = newest.saturating_sub(self.random.below(6));
                let Some(&earned) = self.earned.get(index as usize) else { return };
                let who = self.random.place(CLAIMANTS);
                let leaves: Vec<_> = self.claimants.iter().map(|(key, _)| key.pubkey()).zip(earned).collect();
                let (_, mut proofs) = reward_tree(&self.network, &leaves);
                // Now and then with another's leaf, or with a larger total.
                let place = if self.random.below(5) == 0 { self.random.place(CLAIMANTS) } else { who };
                let mut leaf = proofs.swap_remove(place);
                leaf.total += (self.random.below(10) == 0) as u64;
                let honest = place == who && leaf.total == earned[who][1];
                let (key, wallet) = (self.claimants[who].0.insecure_clone(), self.claimants[who].1);
                let claim = self.network.claim_root_instruction(key.pubkey(), index, &leaf, wallet);
                let paid = self.chain.attempt("claim from a root", claim, &[&key]).is_some();
                assert!(honest || !paid, "a forged leaf was paid");
            }
        }
    }
}

impl super::Actors for Market {
    // Lanes are weighed while the open epoch runs, which in a chain whose epochs are closed late may never be.
    const ACTIONS: &'static [&'static str] = &[
        "buy",
        "buy exactly",
        "lock",
        "unlock",
        "consume",
        "burn",
        "update the average",
        "close",
        "accrue",
        "claim",
        "sweep",
        "mint what was deferred",
        "pause",
        "resume",
        "revoke",
        "close a spender",
        "restore",
        "propose",
        "execute",
        "reclaim",
        "close a credit account",
        "publish",
        "veto",
        "activate",
        "fund",
        "close a root",
        "claim from a root",
    ];
    const RARE: &'static [&'static str] =
        &["accrue", "close a claimant's record", "close a spender", "mint what was deferred", "reclaim"];

    fn new(mut world: World, mut random: Random) -> Self {
        let keys: [Keypair; CLIENTS] = std::array::from_fn(|_| world.user());
        let holders = keys.each_ref().map(|key| key.pubkey());
        // In some chains nobody mints, and a reserve pays as long as it lasts.
        let has_reserve = match &mut random {
            Random::Seed(seed) => *seed % 5 == 0,
            bytes => bytes.one_in(3),
        };
        let (network, sources) = match has_reserve {
            true => Network::with_reserve(&mut world, TOKEN_PROGRAM, &holders, 200 * TOKEN),
            false => Network::new(&mut world, &holders),
        };
        let clients = keys.into_iter().zip(sources).collect();
        let providers = (0..PROVIDERS)
            .map(|_| {
                let key = world.user();
                let work = network.open_provider_work(&world, key.pubkey());
                let wallet = world.token_account(network.mint, key.pubkey());
                (key, work, wallet)
            })
            .collect();
        let mut market = Self::arrive(&mut world, Rc::new(network), clients, providers);
        let takes_dollars = match &mut random {
            Random::Seed(seed) => *seed % 11 == 4,
            bytes => bytes.one_in(2),
        };
        if takes_dollars {
            market.take_dollars(&mut world);
        }
        (market.random, market.chain, market.is_alone) = (random, Shared::new(TrackedWorld::new(world)), true);
        market
    }

    /// One action, and whether it was taken.
    fn act(&mut self) {
        let random = &mut self.random;
        let (c, s, p) = (random.place(self.clients.len()), random.place(SPENDERS), random.place(self.providers.len()));
        let (shard, kind) = (random.below(2) as u8, random.below(100));
        match kind {
            0..12 => self.buy(c, shard),
            12..25 => self.lock(c, s),
            25..30 => self.unlock(c, s),
            30..46 => self.consume(c, s, p, shard),
            46..51 => self.burn(shard),
            51..59 => self.move_price(),
            59..67 => self.pass_time(),
            67..74 => self.close(),
            74..80 => self.claim(p),
            80..83 => self.sweep(),
            83..85 => self.mint_deferred(),
            85..88 => self.govern(s),
            88 => self.reclaim(c),
            89 => self.trade(c),
            90 => self.leave(c, p),
            91..95 if self.dollars.is_some() => self.trade_dollars(c, shard),
            _ => self.roots(),
        }
        self.note_active();
    }

    /// Section by section what the design promises.
    fn check(&self) {
        let network = self.state();
        let supply = {
            let data = &self.chain.account(self.network.mint).unwrap().data;
            u64::from_le_bytes(data[36..44].try_into().unwrap()) as u128
        };
        let ours = self.network.address;
        let providers: Vec<ProviderWork> =
            self.chain.all::<ProviderWork>().map(|(_, work)| *work).filter(|work| work.network == ours).collect();
        let work_shards = SHARDS.map(|shard| self.chain.read::<WorkShard>(self.network.work_shard(shard)));
        let set: OracleSet = self.chain.read(self.network.oracle_set());
        let claims = self
            .claimants
            .each_ref()
            .map(|(key, _)| self.chain.read::<RootClaim>(self.network.root_claim(key.pubkey())).claimed.0);
        // By what they say: to derive the address of each, after each action, took two thirds of a chain's time.
        let epochs: Vec<Epoch> =
            self.chain.all::<Epoch>().map(|(_, epoch)| *epoch).filter(|epoch| epoch.network == ours).collect();
        // A stranger may have closed or swept one.
        let has_stayed = self.chain.tampered().2 > 0;
        assert!(has_stayed || epochs.len() == self.epochs.len(), "an epoch is missing");
        let sum = |amounts: &mut dyn Iterator<Item = u64>| amounts.map(u128::from).sum::<u128>();

        // Tokens: what exists was there or was minted, and was not burned.
        let shards = [0, 1].map(|shard| self.chain.read::<BurnShard>(self.network.burn_shard(shard)));
        let burned = sum(&mut shards.iter().map(|shard| shard.burned.0));
        let returned = sum(&mut shards.iter().map(|shard| shard.returned.0));
        // And what was sold for dollars.
        let auction = self.dollars.as_ref().map(|(dollars, _)| self.chain.read::<Auction>(dollars.auction()));
        let sold_back = auction.map_or(0, |auction| auction.returned.get());
        let burned = burned + auction.map_or(0, |auction| auction.tokens.get() - sold_back);
        let returned = returned + sold_back;
        if let (Some((dollars, _)), Some(auction)) = (&self.dollars, auction) {
            let shards = [0, 1].map(|index| self.chain.read::<DollarShard>(dollars.shard(index)));
            let in_vaults = self.chain.tokens(dollars.auction_vault())
                + [0, 1].map(|index| self.chain.tokens(dollars.vault(index))).iter().sum::<u128>();
            let received = sum(&mut shards.iter().map(|shard| shard.received.0));
            assert_eq!(received, in_vaults + auction.paid.0 as u128 + auction.cut_paid.0 as u128);
            let issued = sum(&mut shards.iter().map(|shard| shard.issued.0 + shard.cut_due.0));
            assert!(issued + auction.cut_due.0 as u128 + auction.cut_paid.0 as u128 <= received);
            let most = auction.policy.limit.0 as u128 * 4;
            assert!(in_vaults <= most + 200 * DOLLAR as u128, "{in_vaults} of dollars that nobody wants");
        }
        let is_reserve = network.source == source::RESERVE;
        let minted = if is_reserve { 0 } else { network.minted.get() };
        let expected = self.first_supply + minted - burned;
        assert!(supply == expected || !self.is_alone && supply < expected, "{supply} of {expected}");

        // Minting: for epochs no more than was scheduled and given back, and never beyond the maximum.
        let deferred = network.deferred.sum().unwrap().0 as u128;
        let for_roots = network.roots.unminted().unwrap().0 as u128;
        let decided = network.scheduled.get() + network.reminted.get() + network.topped_up.get();
        assert!(network.minted.get() + deferred + for_roots <= decided);
        // Whoever burns tokens without buying credits adds nothing to what can be minted again.
        assert_eq!((network.burned.get(), network.returned.get()), (burned, returned));
        assert!(network.reminted.get() + network.remintable.0 as u128 <= burned + returned);
        let promised = deferred + for_roots + network.refundable.0 as u128;
        if is_reserve {
            // What was paid was funded before, and what is promised is there.
            let held = self.chain.tokens(network.reserve_vault);
            assert_eq!(held + network.minted.get(), self.funded + returned);
            assert!(promised <= held, "{promised} of {held}");
        } else {
            assert!(returned == 0 && supply + promised <= network.policy.max_supply.0 as u128);
        }

        // Of work that nobody vouches for, nothing returns but what was burned for it.
        for epoch in epochs.iter().filter(|epoch| epoch.terms.vouched == 0) {
            let returned = epoch.emission.0 + epoch.stakers_emission.0 + epoch.treasury_emission.0;
            assert!(returned <= epoch.tokens.0, "{returned} of {}", epoch.tokens.0);
        }

        // Work is never lost.
        let unaccrued = sum(&mut providers.iter().flat_map(|provider| {
            provider.work.map(|entry| entry.credits.0).into_iter().chain([provider.waiting.credits.0])
        }));
        let unfolded = sum(&mut work_shards.iter().flat_map(|shard| shard.work.map(|entry| entry.credits.0)));
        // What an epoch counts and has not paid, and what waits for the next.
        let unpaid = sum(&mut epochs.iter().flat_map(|epoch| {
            epoch.lanes.map(|lane| match epoch.is_settled {
                0 => lane.credits.0,
                _ => lane.counted.0 - part_of(lane.counted.0, lane.settled.0, lane.credits.0),
            })
        }));
        let waiting = sum(&mut network.lanes.iter().map(|lane| lane.waiting.0));
        assert_eq!(unaccrued, unfolded + unpaid + waiting, "work is never lost");

        // The vaults: what providers have not claimed is there, or waits for the breaker; to the unit.
        let owed = sum(&mut providers.iter().map(|provider| provider.accrued.0))
            + sum(&mut epochs.iter().map(|epoch| epoch.emission.0 - epoch.accrued.0))
            + network.carried.0 as u128;
        assert_eq!(self.chain.tokens(self.network.reward_vault()) + network.deferred.providers.0 as u128, owed);
        assert_eq!(self.chain.tokens(self.network.root_vault()), set.minted.0 as u128 - sum(&mut claims.into_iter()));
        let roots: Vec<RewardRoot> =
            self.chain.all::<RewardRoot>().map(|(_, root)| *root).filter(|root| root.network == ours).collect();
        let open = sum(&mut roots.iter().map(|root| root.opened.0 - root.claimed.0));
        assert_eq!(self.chain.tokens(self.network.root_vault()), open + network.roots.in_vault.0 as u128);
        let opening = roots.iter().filter(|root| root.activated_at != Timestamp::default() && root.is_stopped == 0);
        assert_eq!(
            network.roots.owed.0 as u128,
            sum(&mut opening.map(|root| root.addition().unwrap().0 - root.opened.0))
        );
        for (claimed, most) in claims.iter().zip(self.most_earned) {
            assert!(*claimed <= most, "a claimant got {claimed} of {most}");
        }
    }

    fn chain(&self) -> &TrackedWorld {
        &self.chain
    }

    fn into_chain(self) -> TrackedWorld {
        self.chain.into_inner()
    }

    fn random(&self) -> &Random {
        &self.random
    }
}
