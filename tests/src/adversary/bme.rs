//! A network that burns tokens for credits. Honest are B, who buys credits and has H work, and now and then P; H, a provider; and S, a
//! spender, that locks and consumes what an owner asks for. The coalition is K, who buys credits, P, a provider, and X, who passes by.
//! Epochs are closed by whoever likes: at the end by anyone.

use {
    super::{Act, Balance, Gene, Scene, Stage, pass_to},
    crate::{
        Network, Receipt,
        fixture::{DOLLAR, DOLLAR_FEED, Dollars, TOKEN, price_update},
    },
    joule_bme_interface::{
        ID,
        instruction::*,
        pda,
        price_update::{ACCOUNT_SIZE, PriceUpdate},
        state::{CreditAccount, Epoch, EpochTerms, Network as NetworkState},
    },
    joule_interface::{Address, Instruction, TOKEN_PROGRAM},
    joule_math::{Bps, Credits},
    solana_account::Account,
    solana_keypair::Keypair,
    solana_program::instruction::AccountMeta,
    solana_signer::Signer,
};

const B: usize = 0;
const H: usize = 1;
const K: usize = 2;
const P: usize = 3;
const X: usize = 4;
const NAMES: [&str; 5] = ["B", "H", "K", "P", "X"];
const DAY: i64 = 86_400;
const PRICE: i64 = 250_000_000;
const DUST: i128 = 10_000;
/// Everybody's dollars.
const DOLLARS: u64 = 1_000 * DOLLAR;
const REFERENCE: Address = Address::new_from_array([9; 32]);

#[derive(Clone)]
struct Memory {
    price: i64,
    /// Tokens that B paid for what P worked off, at most.
    paid: f64,
    /// When X sells tokens for dollars again; nothing if it does no more.
    sells_at: Option<i64>,
}

/// See the module.
pub struct Burning {
    stage: Stage,
    network: Network,
    keys: Vec<Keypair>,
    wallets: Vec<Address>,
    spender: (Keypair, Address),
    had: Vec<u64>,
    /// Where the network takes dollars, with everybody's.
    dollars: Option<(Dollars, Vec<Address>)>,
    memory: Memory,
}

impl Burning {
    fn with(dollars: bool) -> Self {
        let mut world = Stage::chain();
        let keys: Vec<Keypair> = NAMES.iter().map(|_| world.user()).collect();
        let holders: Vec<Address> = keys.iter().map(|key| key.pubkey()).collect();
        let (network, wallets) = Network::new(&mut world, &holders);
        let spending = world.user();
        let spender = network.add_spender(&world, spending.pubkey());
        for who in [B, K] {
            network.open_credit_account(&world, holders[who]);
        }
        for who in [H, P] {
            network.open_provider_work(&world, holders[who]);
        }
        let dollars = dollars.then(|| {
            // Dollars, work and sales give back less than was paid in.
            let mut state: NetworkState = world.read(network.address);
            state.policy.payout_share = Bps(6_000);
            state.terms = EpochTerms::of(&state.policy, state.weights());
            world.forge(network.address, &state);
            let dollars = Dollars::new(&mut world, &network);
            let wallets: Vec<Address> =
                holders.iter().map(|holder| dollars.wallet(&mut world, *holder, DOLLARS)).collect();
            network.refresh_price(&mut world);
            dollars.publish(&mut world, 100_000_000);
            (dollars, wallets)
        });
        let coalition: Vec<Keypair> = [K, P, X].map(|who| keys[who].insecure_clone()).into();
        let credits = |who: usize| pda::credit_account::find(&network.address, &holders[who]).0;
        let mut pretenders = vec![
            wallets[X],
            holders[X],
            wallets[P],
            holders[P],
            credits(K),
            pda::provider_work::find(&network.address, &holders[P], &[0]).0,
            network.burn_vault(0),
            network.burn_vault(1),
            network.burn_shard(1),
            network.work_shard(1),
            network.reward_vault(),
            ID,
        ];
        if let Some((dollars, wallets)) = &dollars {
            pretenders.extend([wallets[X], dollars.vault(0), dollars.auction_vault(), dollars.treasury]);
        }
        let stage = Stage::new(world, &network, coalition, pretenders);
        let had = wallets.iter().map(|wallet| stage.tokens(*wallet)).collect();
        let memory = Memory { price: PRICE, paid: 0.0, sells_at: Some(0) };
        Self { stage, network, keys, wallets, spender: (spending, spender), had, dollars, memory }
    }

    fn credits(&self, who: usize) -> Address {
        pda::credit_account::find(&self.network.address, &self.keys[who].pubkey()).0
    }

    fn work_of(&self, who: usize) -> Address {
        pda::provider_work::find(&self.network.address, &self.keys[who].pubkey(), &[0]).0
    }

    /// The price is published now.
    fn publish(&mut self) {
        let (now, price) = (self.stage.now(), self.memory.price);
        let update = PriceUpdate { price, conf: price as u64 / 200, ema_price: price, ..price_update(now) };
        let mut data = bytemuck::bytes_of(&update).to_vec();
        data.resize(ACCOUNT_SIZE, 0);
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

    fn lock(&self, who: usize, amount: u64) -> Instruction {
        LockCredits {
            owner: self.keys[who].pubkey(),
            spender_authority: self.spender.0.pubkey(),
            spender: self.spender.1,
            network: self.network.address,
            credit_account: self.credits(who),
        }
        .instruction(&LockCreditsArgs { amount: Credits(amount), reference: REFERENCE })
    }

    fn consume(&self, who: usize, provider: usize, amount: u64, shard: u8) -> Instruction {
        ConsumeCredits {
            spender_authority: self.spender.0.pubkey(),
            spender: self.spender.1,
            network: self.network.address,
            credit_account: self.credits(who),
            provider_work: self.work_of(provider),
            work_shard: self.network.work_shard(shard),
        }
        .instruction(&ConsumeCreditsArgs {
            amount: Credits(amount),
            reference: REFERENCE,
            worked_at: self.stage.world.now(),
        })
    }

    fn state(&self) -> NetworkState {
        self.stage.find(self.network.address).expect("the network is there")
    }

    fn close(&self, behind: u64) -> Instruction {
        let network = self.state();
        let index = network.open_epoch.saturating_sub(network.closing as u64 + behind);
        self.network.close_instruction(&self.stage.world, index, &[0, 1])
    }

    /// Claims of at most five epochs, from one on.
    fn claim(&self, who: usize, from: u64) -> Instruction {
        let mut claim = ClaimEpochs {
            provider: self.keys[who].pubkey(),
            network: self.network.address,
            provider_work: self.work_of(who),
            reward_vault: self.network.reward_vault(),
            destination: self.wallets[who],
            mint: self.network.mint,
            token_program: TOKEN_PROGRAM,
        }
        .instruction(&ClaimEpochsArgs {});
        let mut there: Vec<_> = self.stage.all::<Epoch>();
        there.sort_by_key(|(_, epoch)| epoch.index);
        let there = there.into_iter().filter(|(_, epoch)| epoch.index >= from).map(|(address, _)| address).take(5);
        claim.accounts.extend(there.map(|epoch| AccountMeta::new(epoch, false)));
        claim
    }

    fn act_named(&mut self, name: &str, gene: &Gene) -> Option<Act> {
        let network = self.network.address;
        let shard = gene.b % 2;
        let tokens = |amount: u64| format!("{:.9} tokens", amount as f64 / TOKEN as f64);
        let spending = self.spender.0.insecure_clone();
        let k: CreditAccount = self.stage.find(self.credits(K)).unwrap_or_default();
        let locked: u64 = k.locked.iter().map(|locked| locked.0).sum();
        Some(match name {
            "buy" => {
                let amount = gene.amount(100 * TOKEN, self.stage.tokens(self.wallets[K]));
                Act::new(format!("K burns {} for credits", tokens(amount)), self.buy(K, amount, shard))
            }
            "buy exactly" => {
                let amount = gene.amount(250_000_000, 1_000_000_000);
                let mut buy = self.buy(K, 0, shard);
                buy.data[0] = BuyCreditsExactOut::DISCRIMINATOR;
                buy.data[1..9].copy_from_slice(&u64::MAX.to_le_bytes());
                buy.data[9..17].copy_from_slice(&amount.to_le_bytes());
                Act::new(format!("K buys {amount} credits"), buy)
            }
            "lock" => {
                let amount = gene.amount(k.balance.0, k.balance.0);
                Act::new(format!("K has {amount} credits locked"), self.lock(K, amount))
                    .with(&[&spending, &self.keys[K]])
            }
            "unlock" => {
                let amount = gene.amount(locked, locked);
                let unlock = UnlockCredits {
                    spender_authority: spending.pubkey(),
                    spender: self.spender.1,
                    credit_account: self.credits(K),
                };
                let unlock = unlock.instruction(&UnlockCreditsArgs { amount: Credits(amount), reference: REFERENCE });
                Act::new(format!("K has {amount} credits unlocked"), unlock).with(&[&spending])
            }
            "work" => {
                let amount = gene.amount(locked, locked);
                let provider = *gene.first(&[P, H])?;
                let text = format!("{} works off {amount} credits of K's", NAMES[provider]);
                Act::new(text, self.consume(K, provider, amount, shard)).with(&[&spending])
            }
            "see B hire" => {
                let provider = *gene.first(&[H, P])?;
                let amount = gene.amount(50 * TOKEN, 50 * TOKEN).clamp(TOKEN / 1_000, 100 * TOKEN);
                let text = format!("B burns {} for credits, which {} works off", tokens(amount), NAMES[provider]);
                Act::new(text, self.buy(B, amount, shard)).with(&[&self.keys[B]])
            }
            "see the price move" => {
                let by = 5_000 + gene.x as i64 * 40;
                self.memory.price = (PRICE * by / 10_000).max(1);
                self.publish();
                let update = self.network.update_average_instruction();
                Act::new(format!("the price is {} now", self.memory.price), update)
            }
            "update the average" => Act::new("the average is updated", self.network.update_average_instruction()),
            "burn" => Act::new(format!("shard {shard} is burned"), self.network.burn_instruction(shard)),
            "close an epoch" => Act::new("an epoch is closed", self.close(gene.b as u64 / 200)),
            "accrue" => {
                let who = *gene.first(&[P, H])?;
                let last = self.state().open_epoch;
                let epoch = self.network.epoch(last.saturating_sub(1 + gene.b as u64 % 8));
                let accrue = AccrueWork { provider_work: self.work_of(who), epoch };
                Act::new(format!("the work of {} is accrued", NAMES[who]), accrue.instruction(&AccrueWorkArgs {}))
            }
            "claim" => {
                let who = *gene.first(&[P, H])?;
                Act::new(format!("{} claims", NAMES[who]), self.claim(who, gene.b as u64 % 16))
            }
            "sweep" => {
                let epoch = gene.b as u64 % 16;
                Act::new(format!("epoch {epoch} is swept"), self.network.sweep_instruction(&self.stage.world, epoch))
            }
            "mint what was deferred" => {
                Act::new("what was deferred is minted", self.network.mint_deferred_instruction())
            }
            "give up credits" => {
                let amount = gene.amount(k.balance.0, k.balance.0);
                let give = GiveUpCredits {
                    owner: self.keys[K].pubkey(),
                    network,
                    credit_account: self.credits(K),
                    destination: self.wallets[K],
                    mint: self.network.mint,
                    token_program: TOKEN_PROGRAM,
                    reserve_vault: self.network.reserve_vault(),
                };
                let give = give.instruction(&GiveUpCreditsArgs { amount: Credits(amount) });
                Act::new(format!("K gives {amount} credits up"), give)
            }
            "reclaim credits" => {
                let owner = self.keys[K].pubkey();
                let reclaim = ReclaimCredits { owner, network, credit_account: self.credits(K) };
                Act::new("K reclaims credits", reclaim.instruction(&ReclaimCreditsArgs {}))
            }
            "close credits" => {
                let who = *gene.first(&[K, B])?;
                let close = self.network.close_credit_account_instruction(&self.stage.world, self.keys[who].pubkey());
                Act::new(format!("{} closes its credits", NAMES[who]), close)
            }
            "close work" => {
                let who = *gene.first(&[P, H])?;
                let close = self.network.close_provider_work_instruction(&self.stage.world, self.keys[who].pubkey());
                Act::new(format!("{} closes its record of work", NAMES[who]), close)
            }
            "send tokens to a vault" => {
                let amount = gene.amount(10 * TOKEN, 10 * TOKEN);
                let vault = *gene.first(&[self.network.burn_vault(shard), self.network.reward_vault()])?;
                let send = self.network.transfer_instruction(self.wallets[K], vault, &self.keys[K], amount);
                Act::new(format!("K sends {} to {vault}", tokens(amount)), send)
            }
            _ => return None,
        })
    }

    /// What B bought is worked off at once.
    fn hired(&mut self, gene: &Gene) -> u64 {
        let b: CreditAccount = self.stage.find(self.credits(B)).unwrap_or_default();
        let both = [self.lock(B, b.balance.0), self.consume(B, [H, P][gene.a as usize % 2], b.balance.0, gene.b % 2)];
        let (spending, owner) = (self.spender.0.insecure_clone(), self.keys[B].insecure_clone());
        let done = self.stage.transact(&both, &[&spending, &owner]).is_ok();
        if done && gene.a % 2 == 1 { b.tokens.0 } else { 0 }
    }

    fn send(&mut self, instruction: Instruction, who: Option<usize>) -> bool {
        let key = who.map(|who| self.keys[who].insecure_clone());
        self.stage.attempt(instruction, &key.iter().collect::<Vec<_>>())
    }
}

impl Scene for Burning {
    const NAME: &'static str = "bme";
    const HALTS: bool = true;
    const MOVES: &'static [&'static str] = &[
        "buy",
        "buy exactly",
        "lock",
        "unlock",
        "work",
        "see B hire",
        "see the price move",
        "update the average",
        "burn",
        "close an epoch",
        "accrue",
        "claim",
        "sweep",
        "mint what was deferred",
        "give up credits",
        "reclaim credits",
        "close credits",
        "close work",
        "send tokens to a vault",
    ];

    fn new() -> Self {
        Self::with(false)
    }

    fn stage(&mut self) -> &mut Stage {
        &mut self.stage
    }

    fn reset(&mut self) {
        self.stage.reset();
        self.memory = Memory { price: PRICE, paid: 0.0, sells_at: Some(0) };
    }

    fn act(&mut self, gene: &Gene) -> Option<Act> {
        self.act_named(gene.name::<Self>(), gene)
    }

    fn respond(&mut self, genes: &[Gene], _: &Receipt) {
        for gene in genes.iter().filter(|gene| gene.name::<Self>() == "see B hire") {
            self.memory.paid += self.hired(gene) as f64;
        }
    }

    fn wake(&mut self) -> Option<i64> {
        None
    }

    fn pass(&mut self, _: i64, _: i64) {}

    fn work(&mut self) {}

    fn wind_up(&mut self) {
        let now = self.stage.now();
        pass_to(self, now + 3 * DAY);
        self.publish();
        self.send(self.network.update_average_instruction(), None);
        for shard in [0, 1] {
            self.send(self.network.burn_instruction(shard), None);
        }
        for _ in 0..150 {
            let network = self.state();
            let is_over = self.stage.now() < network.epoch_ends_at.0 && network.closing == 0;
            if is_over {
                break;
            }
            // Without work all of them are passed over at once.
            let over = (self.stage.now() - network.epoch_ends_at.0).max(0) / DAY;
            let last = network.open_epoch + over as u64;
            let all = self.network.close_instruction(&self.stage.world, last, &[0, 1]);
            let is_passed = network.closing == 0 && over > 0 && self.send(all, None);
            let close = self.close(0);
            if !is_passed && !self.send(close, None) {
                break;
            }
        }
        let mut there: Vec<_> = self.stage.all::<Epoch>();
        there.sort_by_key(|(_, epoch)| epoch.index);
        for who in [P, H] {
            for some in there.chunks(5) {
                let mut claim = self.claim(who, u64::MAX - 40);
                claim.accounts.extend(some.iter().map(|(epoch, _)| AccountMeta::new(*epoch, false)));
                self.send(claim, Some(who));
            }
        }
        self.send(self.network.mint_deferred_instruction(), None);
    }

    fn balances(&mut self) -> Vec<Balance> {
        let has = |who: &[usize]| who.iter().map(|&who| self.stage.tokens(self.wallets[who])).sum::<u64>();
        let had = |who: &[usize]| who.iter().map(|&who| self.had[who]).sum::<u64>();
        let all = [K, P, X];
        vec![
            Balance {
                who: "the coalition",
                promise: "all that self-dealing returns is at most what it burned; B's pay for work is besides",
                amounts: [had(&all), has(&all)],
                promised: had(&all) as i128 + self.memory.paid as i128,
                coalition: true,
                slack: DUST,
            },
            Balance {
                who: "H",
                promise: "nobody takes tokens that are somebody's",
                amounts: [had(&[H]), has(&[H])],
                promised: had(&[H]) as i128,
                coalition: false,
                slack: 0,
            },
            self.stage.rent(),
        ]
    }
}

/// The same network, where credits are sold for dollars and the dollars for tokens that burn. The price stays. B pays in dollars.
pub struct Selling(Burning);

impl Selling {
    fn dollars(&self) -> &(Dollars, Vec<Address>) {
        self.0.dollars.as_ref().expect("the network takes dollars")
    }

    /// Prices are published now, as they always are.
    fn publish(&mut self) {
        self.0.publish();
        let (now, price) = (self.0.stage.now(), 100_000_000);
        let exact = PriceUpdate { price, conf: 0, ema_price: price, ema_conf: 0, ..price_update(now) };
        let mut data = bytemuck::bytes_of(&PriceUpdate { feed_id: DOLLAR_FEED, ..exact }).to_vec();
        data.resize(ACCOUNT_SIZE, 0);
        let address = self.dollars().0.price;
        let before = self.0.stage.accounts.get(&address).cloned().unwrap_or_default();
        self.0.stage.put(address, Account { data, ..before });
    }

    /// Dollars that customers paid, and nobody has brought tokens for.
    fn unsold(&self) -> u64 {
        let dollars = &self.dollars().0;
        [dollars.vault(0), dollars.vault(1), dollars.auction_vault()]
            .map(|vault| self.0.stage.tokens(vault))
            .iter()
            .sum()
    }

    /// X sells as many tokens as there are dollars for, as anybody would.
    fn arbitrage(&mut self) {
        self.publish();
        self.0.send(self.0.network.update_average_instruction(), None);
        for shard in [0, 1] {
            let fold = self.dollars().0.fold_instruction(shard);
            self.0.send(fold, None);
        }
        let (dollars, wallets) = self.dollars();
        let there = self.0.stage.tokens(dollars.auction_vault());
        let tokens = (there as u128 * TOKEN as u128 * 100_000_000 / (PRICE as u128 * DOLLAR as u128)) as u64;
        let tokens = tokens.min(self.0.stage.tokens(self.0.wallets[X]));
        let accounts = (self.0.wallets[X], wallets[X]);
        let sell = |part: u64| {
            dollars.sell_instruction(&self.0.network, self.0.keys[X].pubkey(), accounts, tokens / 10 * part)
        };
        for sell in [sell(9), sell(4), sell(1)] {
            if self.0.send(sell, Some(X)) {
                return;
            }
        }
    }

    /// Dollars that some tokens are worth.
    fn worth(tokens: u64) -> u64 {
        (tokens as u128 * PRICE as u128 * DOLLAR as u128 / 100_000_000 / TOKEN as u128) as u64
    }
}

impl Scene for Selling {
    const NAME: &'static str = "dollars";
    const HALTS: bool = true;
    const MOVES: &'static [&'static str] = &[
        "buy",
        "buy with dollars",
        "sell tokens",
        "sell no more",
        "fold",
        "send dollars to a vault",
        "lock",
        "unlock",
        "work",
        "see B hire",
        "see prices published",
        "burn",
        "close an epoch",
        "accrue",
        "claim",
        "sweep",
        "mint what was deferred",
        "give up credits",
        "close credits",
        "close work",
    ];

    fn new() -> Self {
        Self(Burning::with(true))
    }

    fn stage(&mut self) -> &mut Stage {
        &mut self.0.stage
    }

    fn reset(&mut self) {
        self.0.reset();
    }

    fn act(&mut self, gene: &Gene) -> Option<Act> {
        let name = gene.name::<Self>();
        let of = |amount: u64| format!("{:.6} dollars", amount as f64 / DOLLAR as f64);
        let (dollars, wallets) = self.dollars();
        let network = &self.0.network;
        let buy = |who: usize, amount: u64| {
            let accounts = (wallets[who], self.0.credits(who));
            dollars.buy_instruction(network, self.0.keys[who].pubkey(), accounts, amount)
        };
        Some(match name {
            "buy with dollars" => {
                let amount = gene.amount(200 * DOLLAR, DOLLARS);
                Act::new(format!("K buys credits for {}", of(amount)), buy(K, amount))
            }
            "see B hire" => {
                let amount = gene.amount(100 * DOLLAR, 100 * DOLLAR).clamp(DOLLAR / 100, 200 * DOLLAR);
                let text = format!("B buys credits for {}, which are worked off", of(amount));
                Act::new(text, buy(B, amount)).with(&[&self.0.keys[B]])
            }
            "sell tokens" => {
                let who = *gene.first(&[K, P, X])?;
                let amount = gene.amount(100 * TOKEN, self.0.stage.tokens(self.0.wallets[who]));
                let accounts = (self.0.wallets[who], wallets[*gene.second(&[who, X])?]);
                let sell = dollars.sell_instruction(network, self.0.keys[who].pubkey(), accounts, amount);
                Act::new(format!("{} sells {:.9} tokens", NAMES[who], amount as f64 / TOKEN as f64), sell)
            }
            "sell no more" => {
                let sells = gene.a % 2 == 1;
                let now = self.0.stage.now();
                self.0.memory.sells_at = sells.then_some(now);
                self.0.stage.aside(if sells { "X sells tokens as anybody would" } else { "X sells no more" })
            }
            "fold" => Act::new("dollars go to the auction", dollars.fold_instruction(gene.b % 2)),
            "send dollars to a vault" => {
                let vault = *gene.first(&[dollars.auction_vault(), dollars.vault(0), dollars.vault(1)])?;
                let amount = gene.amount(50 * DOLLAR, DOLLARS);
                let send = spl_token_interface::instruction::transfer_checked;
                let (mint, owner) = (&dollars.mint, self.0.keys[K].pubkey());
                let send = send(&mint.token_program, &wallets[K], &mint.address, &vault, &owner, &[], amount, 6);
                Act::new(format!("K sends {} to {vault}", of(amount)), send.ok()?)
            }
            "see prices published" => {
                self.publish();
                Act::new("prices are published, as ever", self.0.network.update_average_instruction())
            }
            _ => return self.0.act_named(name, gene),
        })
    }

    fn respond(&mut self, genes: &[Gene], _: &Receipt) {
        for gene in genes.iter().filter(|gene| gene.name::<Self>() == "see B hire") {
            self.0.memory.paid += self.0.hired(gene) as f64;
        }
    }

    fn wake(&mut self) -> Option<i64> {
        // Somebody who watches the auction comes when there are dollars, and some hours later again.
        let there = self.unsold();
        self.0.memory.sells_at.filter(|_| there > DOLLAR)
    }

    fn pass(&mut self, _: i64, _: i64) {}

    fn work(&mut self) {
        let now = self.0.stage.now();
        if self.0.memory.sells_at.is_some_and(|at| at <= now) {
            self.0.memory.sells_at = Some(now + 5 * 3_600);
            self.arbitrage();
        }
    }

    fn wind_up(&mut self) {
        self.publish();
        for shard in [0, 1] {
            let fold = self.dollars().0.fold_instruction(shard);
            self.0.send(fold, None);
        }
        self.0.wind_up();
    }

    fn balances(&mut self) -> Vec<Balance> {
        let (dollars, wallets) = self.dollars();
        let all = [K, P, X];
        let dollars_of = |who: usize| self.0.stage.tokens(wallets[who]);
        let worth = |who: usize| Self::worth(self.0.stage.tokens(self.0.wallets[who]));
        let had: u64 = all.iter().map(|&who| Self::worth(self.0.had[who]) + DOLLARS).sum();
        let has: u64 = all.iter().map(|&who| worth(who) + dollars_of(who)).sum();
        // Who sells gets at most the premium; B's work is paid besides.
        let sold = all.iter().map(|&who| dollars_of(who).saturating_sub(DOLLARS)).sum::<u64>() as i128;
        let premium = sold * dollars.policy().premium.0 as i128 / 10_000;
        let paid = Self::worth(self.0.memory.paid as u64) as i128;
        let mut balances = vec![Balance {
            who: "the coalition",
            promise: "buying for dollars, selling for dollars and working for itself returns what it put in, and a premium",
            amounts: [had, has],
            promised: had as i128 + premium + paid,
            coalition: true,
            slack: DUST,
        }];
        balances.extend(self.0.balances().into_iter().skip(1));
        balances
    }
}
