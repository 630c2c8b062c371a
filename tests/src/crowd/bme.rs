//! Users, spenders, providers, keepers, the authority, oracles and thieves, under prices that walk, crash and jump, with
//! pauses, skipped epochs, revoked spenders and roots that shrink.

use {
    super::{Noted, Random},
    crate::{
        Network, World,
        fixture::{TOKEN, price_update, reward_tree},
    },
    joule_bme_interface::{
        ID, event,
        instruction::*,
        price_update::PriceUpdate,
        state::{
            BurnShard, CreditAccount, Epoch, Network as NetworkState, OracleSet, ProviderWork, RootClaim, WorkShard,
        },
    },
    joule_interface::{Address, TOKEN_PROGRAM},
    joule_math::{Bps, Credits, Seconds, Tokens},
    solana_keypair::Keypair,
    solana_program::instruction::AccountMeta,
    solana_signer::Signer,
    std::collections::BTreeSet,
};

const JOB: Address = Address::new_from_array([9; 32]);
const DAY: u64 = 86_400;
const CLIENTS: usize = 3;
const SPENDERS: usize = 3;
const PROVIDERS: usize = 3;
const CLAIMANTS: usize = 2;
const HOUR: u64 = 3_600;

struct Client {
    key: Keypair,
    source: Address,
    credits: Address,
}

struct Provider {
    key: Keypair,
    work: Address,
    wallet: Address,
}

/// Them all.
pub struct Market {
    random: Random,
    chain: Noted,
    network: Network,
    clients: [Client; CLIENTS],
    spenders: [(Keypair, Address); SPENDERS],
    providers: [Provider; PROVIDERS],
    claimants: [(Keypair, Address); CLAIMANTS],
    oracle: Keypair,
    price: i64,
    /// What each claimant has ever earned, by the last root and at most, by root.
    earned: Vec<[u64; CLAIMANTS]>,
    most_earned: [u64; CLAIMANTS],
    epochs: BTreeSet<u64>,
}

impl Market {
    fn watched(&self) -> Vec<Address> {
        let network = &self.network;
        let mut all = vec![network.address, network.mint, network.oracle_set()];
        for shard in [0, 1] {
            all.extend([network.burn_shard(shard), network.burn_vault(shard), network.work_shard(shard)]);
        }
        all.extend(self.clients.iter().flat_map(|client| [client.source, client.credits]));
        all.extend(self.providers.iter().flat_map(|provider| [provider.work, provider.wallet]));
        all.extend(self.claimants.iter().flat_map(|(key, wallet)| [network.root_claim(key.pubkey()), *wallet]));
        all.extend([network.reward_vault(), network.root_vault(), network.stakers, network.treasury]);
        all
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
            buy.data[0] = BuyCreditsExactOut::<()>::DISCRIMINANT;
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
        let last =
            self.chain.read::<BurnShard>(self.network.burn_shard(shard)).published.max(self.state().average.published);
        let outcome = self.chain.attempt(if exact { "buy exactly" } else { "buy" }, buy, &[&key]);
        if older {
            self.publish();
        }
        let Some(receipt) = outcome else { return };
        // Never more credits than the tokens were worth.
        let event: event::CreditsBought = receipt.event(ID);
        assert!(event.published >= last, "at a price that is older than one that was used");
        assert!(self.chain.world.now().since(event.published) <= 60, "at a price that is too old");
        let worth = event.tokens.0 as u128 * self.price as u128 / 10u128.pow(8 + 9 - 6);
        assert!(event.credits.0 as u128 <= worth, "{event:?} at {}", self.price);
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
        let consume = ConsumeCredits {
            spender_authority: authority.pubkey(),
            spender,
            network: self.network.address,
            credit_account: self.clients[c].credits,
            provider_work: self.providers[p].work,
            work_shard: self.network.work_shard(shard),
        }
        .instruction(&ConsumeCreditsArgs { amount: Credits(amount), reference: JOB });
        self.chain.attempt("consume", consume, &[&authority]);
    }

    fn burn(&mut self, shard: u8) {
        let burn = BurnTokens {
            network: self.network.address,
            burn_shard: self.network.burn_shard(shard),
            burn_vault: self.network.burn_vault(shard),
            mint: self.network.mint,
            token_program: TOKEN_PROGRAM,
        };
        self.chain.attempt("burn", burn.instruction(&BurnTokensArgs {}), &[]);
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
        let seconds = match self.random.below(30) {
            0 => 3 * DAY,
            1..5 => 7 * HOUR,
            5..20 => HOUR,
            _ => self.random.below(300),
        };
        self.chain.world.pass(seconds);
        self.publish();
    }

    fn close(&mut self) {
        let network = self.state();
        // The one that is being closed, or the open one; a wrong one now and then.
        let index = network.open_epoch.saturating_sub(network.closing as u64 + self.random.below(8) / 7);
        let shards: &[u8] = match self.random.below(4) {
            0 => &[0],
            1 => &[1],
            _ => &[0, 1],
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
        if let (true, Some(&epoch)) = (self.random.below(3) == 0, chosen.first()) {
            let accrue = AccrueWork { provider_work: provider.work, epoch: self.network.epoch(epoch) };
            self.chain.attempt("accrue", accrue.instruction(&AccrueWorkArgs {}), &[]);
            return;
        }
        let mut claim = ClaimEpochs {
            provider: provider.key.pubkey(),
            network: self.network.address,
            provider_work: provider.work,
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
                let pause = Pause { by: guardian.pubkey(), network }.instruction(&PauseArgs {});
                self.chain.attempt("pause", pause, &[&guardian]);
            }
            1..4 => {
                let resume = Resume { authority: authority.pubkey(), network }.instruction(&ResumeArgs {});
                self.chain.attempt("resume", resume, &[&authority]);
            }
            4 if self.random.below(4) == 0 => {
                // Its place is taken by another, as long as there are places.
                let grace = self.random.below(12 * HOUR) as u32;
                let revoke = self.network.revoke_spender_instruction(spender, grace);
                self.chain.attempt("revoke", revoke, &[&authority]);
                if self.state().spenders < 16 && self.random.below(2) == 0 {
                    let key = self.chain.world.user();
                    let spender = self.network.add_spender(&self.chain.world, key.pubkey());
                    self.chain.note(network);
                    self.spenders[s] = (key, spender);
                }
            }
            4..9 => {
                let restore = RestoreSpender { authority: authority.pubkey(), network, spender };
                self.chain.attempt("restore", restore.instruction(&RestoreSpenderArgs {}), &[&authority]);
            }
            9..12 => {
                let limit = [0, 5_000_000, 50_000_000][self.random.place(3)];
                let limit = self.network.limit_spender_instruction(spender, limit);
                self.chain.attempt("limit", limit, &[&authority]);
            }
            _ => self.change_policy(),
        }
    }

    /// Proposes a policy, and most times lets it come into force.
    fn change_policy(&mut self) {
        let authority = self.network.authority.insecure_clone();
        let state = self.state();
        let mut policy = state.policy;
        match self.random.below(6) {
            0 => policy.payout = Bps([0, 9_000, 12_000][self.random.place(3)]),
            1 => policy.remint_cap = Tokens(self.random.below(40 * TOKEN)),
            2 => policy.breaker_tokens = Tokens(self.random.below(100 * TOKEN)),
            3 => policy.initial_emission = Tokens(self.random.below(100 * TOKEN)),
            4 => policy.providers_share = Bps(self.random.below(9_001) as u16),
            _ => policy.max_supply = Tokens(policy.max_supply.0 - self.random.below(TOKEN)),
        }
        policy.stakers_share = policy.stakers_share.min(Bps(10_000 - policy.providers_share.0));
        let propose = self.network.propose_change_instruction(&self.chain.world, state.changes, policy);
        self.chain.attempt("propose", propose, &[&authority]);
        if self.random.below(4) > 0 {
            self.chain.world.pass(2 * HOUR);
            self.publish();
            let execute = self.network.execute_change_instruction(&self.chain.world, state.changes);
            self.chain.attempt("execute", execute, &[]);
        }
    }

    /// Whoever earned tokens sells them to who needs credits.
    fn trade(&mut self, c: usize) {
        let to = self.clients[c].source;
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
            self.chain.attempt("trade", transfer.unwrap(), &[&key]).expect("a transfer of what is there");
        }
    }

    fn reclaim(&mut self, c: usize, s: usize) {
        let client = &self.clients[c];
        let reclaim =
            ReclaimCredits { owner: client.key.pubkey(), spender: self.spenders[s].1, credit_account: client.credits };
        let key = client.key.insecure_clone();
        self.chain.attempt("reclaim", reclaim.instruction(&ReclaimCreditsArgs {}), &[&key]);
    }

    fn roots(&mut self) {
        let set: OracleSet = self.chain.read(self.network.oracle_set());
        let guardian = self.network.guardian.insecure_clone();
        let newest = set.roots.saturating_sub(1);
        match self.random.below(20) {
            0..3 => {
                // Totals grow, and now and then they shrink.
                let last = self.earned.last().copied().unwrap_or_default();
                let mut grow = |total: u64| match self.random.below(6) {
                    0 => total - total / 10,
                    _ => total + self.random.below(2 * TOKEN),
                };
                let earned = last.map(&mut grow);
                let leaves: Vec<_> = self.claimants.iter().map(|(key, _)| key.pubkey()).zip(earned).collect();
                let (root, _) = reward_tree(&self.network, &leaves);
                let oracle = self.oracle.insecure_clone();
                let total = earned.iter().sum();
                let publish =
                    self.network.publish_root_instruction(&self.chain.world, oracle.pubkey(), set.roots, root, total);
                self.chain.attempt("publish", publish, &[&oracle]).expect("an oracle publishes");
                self.earned.push(earned);
            }
            3 => {
                let strike = self.network.strike_root_instruction(&self.chain.world, guardian.pubkey(), newest);
                self.chain.attempt("strike", strike, &[&guardian]);
            }
            4..7 => {
                let activate = self.network.activate_root_instruction(newest);
                if self.chain.attempt("activate", activate, &[]).is_some() {
                    let earned = self.earned[newest as usize];
                    self.most_earned = std::array::from_fn(|i| self.most_earned[i].max(earned[i]));
                }
            }
            7..11 => {
                let fund = self.network.fund_roots_instruction(set.active.saturating_sub(1));
                self.chain.attempt("fund", fund, &[]);
            }
            11 => {
                let close = self.network.close_root_instruction(&self.chain.world, set.active.saturating_sub(2));
                self.chain.attempt("close a root", close, &[]);
            }
            _ => {
                let index = if self.random.below(4) == 0 { newest } else { set.active.saturating_sub(1) };
                let Some(&earned) = self.earned.get(index as usize) else { return };
                let who = self.random.place(CLAIMANTS);
                let leaves: Vec<_> = self.claimants.iter().map(|(key, _)| key.pubkey()).zip(earned).collect();
                let (_, mut proofs) = reward_tree(&self.network, &leaves);
                // Now and then with another's leaf, or with a larger total.
                let place = if self.random.below(5) == 0 { self.random.place(CLAIMANTS) } else { who };
                let mut leaf = proofs.swap_remove(place);
                leaf.total += (self.random.below(10) == 0) as u64;
                let honest = place == who && leaf.total == earned[who];
                let (key, wallet) = (self.claimants[who].0.insecure_clone(), self.claimants[who].1);
                let claim = self.network.claim_root_instruction(key.pubkey(), index, &leaf, wallet);
                let paid = self.chain.attempt("claim from a root", claim, &[&key]).is_some();
                assert!(honest || !paid, "a forged leaf was paid");
            }
        }
    }
}

impl super::Crowd for Market {
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
        "restore",
        "limit",
        "propose",
        "execute",
        "reclaim",
        "publish",
        "strike",
        "activate",
        "fund",
        "close a root",
        "claim from a root",
    ];

    fn new(mut world: World, random: Random) -> Self {
        let keys: [Keypair; CLIENTS] = std::array::from_fn(|_| world.user());
        let (network, sources) = Network::new(&mut world, &keys.each_ref().map(|key| key.pubkey()));
        let mut sources = sources.into_iter();
        let clients = keys.map(|key| {
            let credits = network.open_credit_account(&world, key.pubkey());
            Client { key, source: sources.next().unwrap(), credits }
        });
        let spenders = std::array::from_fn(|_| {
            let key = world.user();
            let spender = network.add_spender(&world, key.pubkey());
            (key, spender)
        });
        let providers = std::array::from_fn(|_| {
            let key = world.user();
            let work = network.open_provider_work(&world, key.pubkey());
            let wallet = world.token_account(network.mint, key.pubkey());
            Provider { key, work, wallet }
        });
        let oracle = world.user();
        let open = network.open_roots_instruction(&world);
        world.ok(&[open, network.set_oracles_instruction(&[oracle.pubkey()], 1)], &[&network.authority]);
        let claimants = std::array::from_fn(|_| {
            let key = world.user();
            world.ok(&[network.open_root_claim_instruction(&world, key.pubkey())], &[]);
            let wallet = world.token_account(network.mint, key.pubkey());
            (key, wallet)
        });
        let mut state: NetworkState = world.read(network.address);
        let policy = &mut state.policy;
        policy.epoch_duration = Seconds(6 * HOUR as u32);
        policy.remint_cap = Tokens(20 * TOKEN);
        policy.initial_emission = Tokens(50 * TOKEN);
        policy.decay_step = 20;
        policy.max_supply = Tokens(4_000 * TOKEN);
        policy.breaker_tokens = Tokens(70 * TOKEN);
        policy.breaker_share = Bps(300);
        policy.breaker_window = Seconds(5 * HOUR as u32);
        policy.band = Bps(2_000);
        world.forge(network.address, &state);
        let mut market = Self {
            random,
            chain: Noted::new(world),
            network,
            clients,
            spenders,
            providers,
            claimants,
            oracle,
            price: 250_000_000,
            earned: vec![],
            most_earned: [0; CLAIMANTS],
            epochs: BTreeSet::new(),
        };
        for address in market.watched() {
            market.chain.note(address);
        }
        market
    }

    /// One action, and whether it was taken.
    fn act(&mut self) {
        let random = &mut self.random;
        let (c, s, p) = (random.place(CLIENTS), random.place(SPENDERS), random.place(PROVIDERS));
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
            88 => self.reclaim(c, s),
            89 => self.trade(c),
            _ => self.roots(),
        }
    }

    /// Section by section what the design promises.
    fn check(&self) {
        let network = self.state();
        let supply = {
            let data = &self.chain.account(self.network.mint).unwrap().data;
            u64::from_le_bytes(data[36..44].try_into().unwrap()) as u128
        };
        let burn_shards = [0, 1].map(|shard| self.chain.read::<BurnShard>(self.network.burn_shard(shard)));
        let work_shards = [0, 1].map(|shard| self.chain.read::<WorkShard>(self.network.work_shard(shard)));
        let accounts = self.clients.each_ref().map(|client| self.chain.read::<CreditAccount>(client.credits));
        let providers = self.providers.each_ref().map(|provider| self.chain.read::<ProviderWork>(provider.work));
        let set: OracleSet = self.chain.read(self.network.oracle_set());
        let claims = self
            .claimants
            .each_ref()
            .map(|(key, _)| self.chain.read::<RootClaim>(self.network.root_claim(key.pubkey())).claimed.0);
        let epochs: Vec<Epoch> = self.epochs.iter().map(|&index| self.chain.read(self.network.epoch(index))).collect();
        let sum = |amounts: &mut dyn Iterator<Item = u64>| amounts.map(u128::from).sum::<u128>();

        // Credits: what was issued is free, locked or consumed, and every one of them was bought.
        for account in &accounts {
            let held = sum(&mut account.locked.iter().map(|locked| locked.0));
            assert_eq!(account.issued.0 as u128, account.balance.0 as u128 + held + account.consumed.0 as u128);
        }
        let issued = sum(&mut accounts.iter().map(|account| account.issued.0));
        assert_eq!(issued, sum(&mut burn_shards.iter().map(|shard| shard.issued.0)));

        // Tokens: what was received is burned or waits to be; what exists was there or was minted, and was not burned.
        for (index, shard) in (0..).zip(&burn_shards) {
            let waiting = self.chain.tokens(self.network.burn_vault(index));
            assert_eq!(shard.received.0 as u128, shard.burned.0 as u128 + waiting);
        }
        let burned = sum(&mut burn_shards.iter().map(|shard| shard.burned.0));
        assert_eq!(supply, network.initial_supply.0 as u128 + network.minted.get() - burned);
        let vaults =
            [self.network.reward_vault(), self.network.root_vault(), self.network.stakers, self.network.treasury];
        let wallets = vaults
            .into_iter()
            .chain([0, 1].map(|shard| self.network.burn_vault(shard)))
            .chain(self.clients.iter().map(|client| client.source))
            .chain(self.providers.iter().map(|provider| provider.wallet))
            .chain(self.claimants.iter().map(|(_, wallet)| *wallet));
        assert_eq!(supply, wallets.map(|wallet| self.chain.tokens(wallet)).sum::<u128>());

        // Minting: for epochs no more than was scheduled and given back, and never beyond the maximum.
        let deferred = network.deferred.sum().unwrap().0 as u128;
        let for_epochs = network.minted.get() - set.minted.0 as u128;
        assert!(for_epochs + deferred <= network.scheduled.get() + network.reminted.get());
        assert!(network.reminted.get() <= network.burned_seen.get() && network.burned_seen.get() <= burned);
        assert!(supply + deferred <= network.policy.max_supply.0 as u128);
        assert!(network.breaker.minted <= network.breaker.limit);

        // Work: what was consumed is the providers', and the shards'; each epoch pays at most what it minted.
        let consumed = sum(&mut accounts.iter().map(|account| account.consumed.0));
        assert_eq!(consumed, sum(&mut providers.iter().map(|provider| provider.total.0)));
        assert_eq!(consumed, sum(&mut work_shards.iter().map(|shard| shard.total.0)));
        let unaccrued = sum(&mut providers.iter().flat_map(|provider| provider.work.map(|entry| entry.credits.0)));
        let unfolded = sum(&mut work_shards.iter().flat_map(|shard| shard.work.map(|entry| entry.credits.0)));
        let unpaid = sum(&mut epochs.iter().map(|epoch| epoch.worked.0 - epoch.accrued_work.0));
        assert_eq!(unaccrued, unfolded + unpaid, "work is never lost");
        for epoch in &epochs {
            assert!(epoch.accrued <= epoch.emission && epoch.accrued_work <= epoch.worked);
        }

        // The vaults: what providers have not claimed is there, or waits for the breaker; to the unit.
        let owed = sum(&mut providers.iter().map(|provider| provider.accrued.0))
            + sum(&mut epochs.iter().map(|epoch| epoch.emission.0 - epoch.accrued.0))
            + network.carried.0 as u128;
        assert_eq!(self.chain.tokens(self.network.reward_vault()) + network.deferred.providers.0 as u128, owed);
        assert_eq!(self.chain.tokens(self.network.root_vault()), set.minted.0 as u128 - sum(&mut claims.into_iter()));
        for (claimed, most) in claims.iter().zip(self.most_earned) {
            assert!(*claimed <= most, "a claimant got {claimed} of {most}");
        }
    }

    fn chain(&self) -> &Noted {
        &self.chain
    }

    fn into_chain(self) -> Noted {
        self.chain
    }

    fn random(&self) -> &Random {
        &self.random
    }
}
