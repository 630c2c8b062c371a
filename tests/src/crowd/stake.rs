//! Providers, those who back them, a slasher who is honest one day and not the next, and whoever passes by.
//!
//! What an action does to whom is compared with exact fractions in `joule-models`; here it is the instructions, their
//! accounts and the real token program that must keep everything together.

use {
    super::{Noted, Random},
    crate::{
        Network, World,
        fixture::{Backer, Pool, TOKEN},
        world::swap,
    },
    joule_interface::{Address, SYSTEM_PROGRAM, TOKEN_PROGRAM},
    joule_math::{Bps, Seconds, Shares, Tokens},
    joule_stake_interface::{
        ID, event,
        instruction::*,
        pda,
        state::{Bond, Delegation, Provider, Rewards, Rules, Slash, Unbonding, seizure, sentence},
    },
    solana_keypair::Keypair,
    solana_signer::Signer,
};

const JOB: Address = Address::new_from_array([9; 32]);
const EVIDENCE: [u8; 32] = [0xe1; 32];
const DAY: u64 = 86_400;
const PROVIDERS: usize = 2;
/// The providers' authorities come first.
const OWNERS: usize = 4;
const HOUR: u64 = 3_600;

struct Ticket {
    address: Address,
    owner: usize,
    provider: usize,
    /// Where a redelegation goes.
    target: Option<usize>,
}

/// Them all.
pub struct Stakers {
    random: Random,
    chain: Noted,
    network: Network,
    pool: Pool,
    owners: [Keypair; OWNERS],
    wallets: [Address; OWNERS],
    providers: [Address; PROVIDERS],
    backers: [[Backer; OWNERS]; PROVIDERS],
    slashing: Keypair,
    slasher: Address,
    client: Keypair,
    client_tokens: Address,
    tickets: Vec<Ticket>,
    bonds: Vec<(usize, Address)>,
    slashes: Vec<(usize, Address)>,
    jobs: u64,
}

impl Stakers {
    fn provider(&self, p: usize) -> Provider {
        self.chain.read(self.providers[p])
    }

    fn delegation(&self, p: usize, o: usize) -> Delegation {
        self.chain.read(self.backers[p][o].delegation)
    }

    fn stake(&mut self, p: usize, o: usize) {
        let amount = self.random.amount(500 * TOKEN);
        let stake = self.pool.stake_instruction(&self.backers[p][o], amount);
        let key = self.owners[o].insecure_clone();
        if let Some(receipt) = self.chain.attempt("stake", stake, &[&key]) {
            assert_eq!(receipt.event::<event::Staked>(ID).tokens, Tokens(amount));
        }
    }

    /// Some, or all, of a delegation's shares.
    fn shares(&mut self, p: usize, o: usize) -> u64 {
        let shares = self.delegation(p, o).shares.0;
        match self.random.below(4) {
            0 => shares,
            _ => self.random.below(shares.saturating_add(2)),
        }
    }

    fn unstake(&mut self, p: usize, o: usize) {
        let (shares, pot) = (self.shares(p, o), self.provider(p).active);
        let backer = self.backers[p][o];
        let address = self.pool.ticket(&backer, self.delegation(p, o).tickets);
        let unstake = self.pool.unstake_instruction(&self.chain.world, &backer, address, shares);
        let key = self.owners[o].insecure_clone();
        let Some(receipt) = self.chain.attempt("unstake", unstake, &[&key]) else { return };
        let out = receipt.event::<event::Unstaked>(ID).tokens.0;
        assert!(out as u128 * pot.shares.0 as u128 <= shares as u128 * pot.tokens.0 as u128, "more than its part");
        self.tickets.push(Ticket { address, owner: o, provider: p, target: None });
    }

    fn redelegate(&mut self, p: usize, o: usize) {
        let (shares, to) = (self.shares(p, o), 1 - p);
        let (from, target) = (self.backers[p][o], self.backers[to][o]);
        let address = self.pool.ticket(&from, self.delegation(p, o).tickets);
        let redelegate = Redelegate {
            payer: self.chain.world.payer().pubkey(),
            owner: from.owner,
            pool: self.pool.address,
            provider: from.provider,
            delegation: from.delegation,
            unbonding: address,
            system_program: SYSTEM_PROGRAM,
            rewards: self.pool.rewards,
            new_provider: target.provider,
            target: target.delegation,
        }
        .instruction(&RedelegateArgs { shares: Shares(shares) });
        let key = self.owners[o].insecure_clone();
        if self.chain.attempt("redelegate", redelegate, &[&key]).is_some() {
            self.tickets.push(Ticket { address, owner: o, provider: p, target: Some(to) });
        }
    }

    /// What a ticket can lead to.
    fn leave(&mut self) {
        if self.tickets.is_empty() {
            return;
        }
        let index = self.random.place(self.tickets.len());
        let Ticket { address, owner: o, provider: p, target } = self.tickets[index];
        let (backer, key) = (self.backers[p][o], self.owners[o].insecure_clone());
        let (pool, payer) = (self.pool, self.chain.world.payer().pubkey());
        let there = target.map(|to| self.backers[to][o]);
        match (self.random.below(4), there) {
            (0, None) => {
                let cancel = CancelUnstake {
                    owner: backer.owner,
                    pool: pool.address,
                    provider: backer.provider,
                    delegation: backer.delegation,
                    unbonding: address,
                    rent_receiver: payer,
                    rewards: pool.rewards,
                };
                self.chain.attempt("cancel", cancel.instruction(&CancelUnstakeArgs {}), &[&key]);
            }
            (0, Some(there)) => {
                let stop = StopRedelegation {
                    owner: backer.owner,
                    pool: pool.address,
                    rewards: pool.rewards,
                    new_provider: there.provider,
                    target: there.delegation,
                    unbonding: address,
                };
                if self.chain.attempt("stop", stop.instruction(&StopRedelegationArgs {}), &[&key]).is_some() {
                    self.tickets[index].target = None;
                }
            }
            (_, Some(there)) => {
                let settle = SettleRedelegation {
                    pool: pool.address,
                    provider: backer.provider,
                    unbonding: address,
                    rewards: pool.rewards,
                    new_provider: there.provider,
                    target: there.delegation,
                    rent_receiver: payer,
                };
                self.chain.attempt("settle", settle.instruction(&SettleRedelegationArgs {}), &[]);
            }
            (_, None) => {
                let (pot, ticket) = (self.provider(p).unbonding, self.chain.read::<Unbonding>(address));
                let before = self.chain.tokens(self.wallets[o]);
                let withdraw = pool.withdraw_instruction(&self.chain.world, &backer, address);
                if self.chain.attempt("withdraw", withdraw, &[&key]).is_some() {
                    let out = self.chain.tokens(self.wallets[o]) - before;
                    assert!(ticket.ripe <= self.chain.world.now(), "before its time");
                    assert!(
                        out * pot.shares.0 as u128 <= ticket.shares.0 as u128 * pot.tokens.0 as u128,
                        "more than its part"
                    );
                }
            }
        }
        self.chain.note(address);
        if self.chain.account(address).is_none() {
            self.tickets.swap_remove(index);
        }
    }

    fn lock_bond(&mut self, p: usize) {
        self.jobs += 1;
        let mut job = [0; 32];
        job[..8].copy_from_slice(&self.jobs.to_le_bytes());
        let job = Address::new_from_array(job);
        let bond = pda::bond::find(&self.providers[p], &job).0;
        let amount = self.random.amount(100 * TOKEN);
        let (authority, slashing) = (self.owners[p].insecure_clone(), self.slashing.insecure_clone());
        if !self.bonds.is_empty() && self.random.below(4) == 0 {
            let index = self.random.place(self.bonds.len());
            let (other, released) = self.bonds[index];
            let swap = SwapBond {
                authority: authority.pubkey(),
                slasher_authority: slashing.pubkey(),
                slasher: self.slasher,
                network: self.network.address,
                pool: self.pool.address,
                provider: self.providers[p],
                bond,
                system_program: SYSTEM_PROGRAM,
                released_provider: self.providers[other],
                released,
                rent_receiver: self.chain.world.payer().pubkey(),
                payer: self.chain.world.payer().pubkey(),
            }
            .instruction(&SwapBondArgs { job, amount: Tokens(amount), client: self.client.pubkey() });
            if self.chain.attempt("swap a bond", swap, &[&authority, &slashing]).is_some() {
                assert_ne!(other, p, "a provider does not take its own place");
                self.bonds[index] = (p, bond);
            }
            return;
        }
        let lock = LockBond {
            payer: self.chain.world.payer().pubkey(),
            authority: authority.pubkey(),
            slasher_authority: slashing.pubkey(),
            slasher: self.slasher,
            network: self.network.address,
            pool: self.pool.address,
            provider: self.providers[p],
            bond,
            system_program: SYSTEM_PROGRAM,
        }
        .instruction(&LockBondArgs { job, amount: Tokens(amount), client: self.client.pubkey() });
        if self.chain.attempt("lock a bond", lock, &[&authority, &slashing]).is_some() {
            self.bonds.push((p, bond));
        }
    }

    fn end_bond(&mut self) {
        if self.bonds.is_empty() {
            return;
        }
        let index = self.random.place(self.bonds.len());
        let (p, bond) = self.bonds[index];
        let slashing = self.slashing.insecure_clone();
        if self.random.below(2) == 0 {
            let amount = self.random.below(self.chain.read::<Bond>(bond).amount.0 + 2);
            let (to, receiver) = match self.random.below(3) {
                0 => (seizure::CLIENT, self.client_tokens),
                1 => (seizure::TREASURY, self.network.treasury),
                _ => (seizure::BURN, self.pool.mint),
            };
            let seize = SeizeBond {
                slasher_authority: slashing.pubkey(),
                slasher: self.slasher,
                pool: self.pool.address,
                provider: self.providers[p],
                bond,
                vault: self.pool.vault,
                receiver,
                mint: self.pool.mint,
                token_program: TOKEN_PROGRAM,
            }
            .instruction(&SeizeBondArgs { amount: Tokens(amount), to });
            self.chain.attempt("seize", seize, &[&slashing]);
            return;
        }
        let release = ReleaseBond {
            slasher_authority: slashing.pubkey(),
            slasher: self.slasher,
            provider: self.providers[p],
            bond,
            rent_receiver: self.chain.world.payer().pubkey(),
        };
        let release = release.instruction(&ReleaseBondArgs { report: self.random.below(5) as u8 });
        self.chain.attempt("release", release, &[&slashing]).expect("a bond can always be released");
        self.bonds.swap_remove(index);
    }

    fn propose(&mut self, p: usize) {
        let provider = self.provider(p);
        let slash = pda::slash::find(&self.providers[p], &provider.slashes.to_le_bytes()).0;
        // Mostly a little, now and then all.
        let part = [1, 2, 10, 50, 200][self.random.place(5)];
        let amount = self.random.below(provider.stake().unwrap().0 / part + 2);
        let sentence = match self.random.below(400) {
            0 => sentence::TOMBSTONE,
            1..80 => sentence::JAIL,
            _ => sentence::FINE,
        };
        let slashing = self.slashing.insecure_clone();
        let propose = ProposeSlash {
            payer: self.chain.world.payer().pubkey(),
            slasher_authority: slashing.pubkey(),
            slasher: self.slasher,
            pool: self.pool.address,
            provider: self.providers[p],
            slash,
            system_program: SYSTEM_PROGRAM,
        }
        .instruction(&ProposeSlashArgs { amount: Tokens(amount), evidence: EVIDENCE, sentence });
        if self.chain.attempt("propose", propose, &[&slashing]).is_some() {
            self.slashes.push((p, slash));
        }
    }

    fn decide(&mut self) {
        if self.slashes.is_empty() {
            return;
        }
        let index = self.random.place(self.slashes.len());
        let (p, slash) = self.slashes[index];
        let (provider, payer) = (self.providers[p], self.chain.world.payer().pubkey());
        match self.random.below(8) {
            0 => {
                let authority = self.network.authority.insecure_clone();
                let veto = VetoSlash {
                    authority: authority.pubkey(),
                    network: self.network.address,
                    pool: self.pool.address,
                    provider,
                    slash,
                    rent_receiver: payer,
                };
                self.chain.attempt("veto", veto.instruction(&VetoSlashArgs {}), &[&authority]);
            }
            1..4 => {
                let expire = ExpireSlash { provider, slash, rent_receiver: payer };
                self.chain.attempt("expire", expire.instruction(&ExpireSlashArgs {}), &[]);
            }
            _ => {
                let execute = ExecuteSlash {
                    pool: self.pool.address,
                    provider,
                    slash,
                    rewards: self.pool.rewards,
                    vault: self.pool.vault,
                    treasury: self.network.treasury,
                    mint: self.pool.mint,
                    token_program: TOKEN_PROGRAM,
                    rent_receiver: payer,
                };
                self.chain.attempt("execute", execute.instruction(&ExecuteSlashArgs {}), &[]);
            }
        }
        self.chain.note(slash);
        if self.chain.account(slash).is_none() {
            self.slashes.swap_remove(index);
        }
    }

    fn fund(&mut self, o: usize) {
        let amount = self.random.amount(50 * TOKEN);
        let key = self.owners[o].insecure_clone();
        let fund = FundRewards {
            funder: key.pubkey(),
            pool: self.pool.address,
            rewards: self.pool.rewards,
            source: self.wallets[o],
            vault: self.pool.vault,
            mint: self.pool.mint,
            token_program: TOKEN_PROGRAM,
        };
        self.chain.attempt("fund", fund.instruction(&FundRewardsArgs { amount: Tokens(amount) }), &[&key]);
    }

    fn claim(&mut self, p: usize, o: usize) {
        let (backer, pool, key) = (self.backers[p][o], self.pool, self.owners[o].insecure_clone());
        match self.random.below(5) {
            0 if o == p => {
                let claim = ClaimCommission {
                    authority: key.pubkey(),
                    pool: pool.address,
                    provider: backer.provider,
                    rewards: pool.rewards,
                    vault: pool.vault,
                    destination: backer.tokens,
                    mint: pool.mint,
                    token_program: TOKEN_PROGRAM,
                };
                self.chain.attempt("claim commission", claim.instruction(&ClaimCommissionArgs {}), &[&key]);
            }
            0..3 => {
                let compound = CompoundRewards {
                    owner: backer.owner,
                    pool: pool.address,
                    provider: backer.provider,
                    delegation: backer.delegation,
                    rewards: pool.rewards,
                };
                self.chain.attempt("compound", compound.instruction(&CompoundRewardsArgs {}), &[&key]);
            }
            _ => {
                let claim = ClaimRewards {
                    owner: backer.owner,
                    pool: pool.address,
                    provider: backer.provider,
                    delegation: backer.delegation,
                    rewards: pool.rewards,
                    vault: pool.vault,
                    destination: backer.tokens,
                    mint: pool.mint,
                    token_program: TOKEN_PROGRAM,
                };
                self.chain.attempt("claim", claim.instruction(&ClaimRewardsArgs {}), &[&key]);
            }
        }
    }

    /// What a provider does for itself, and what is said of it. One that is out for good is replaced by nobody: the
    /// other goes on.
    fn provide(&mut self, p: usize) {
        let (key, provider, pool) = (self.owners[p].insecure_clone(), self.providers[p], self.pool);
        match self.random.below(3) {
            0 => {
                let unjail = Unjail { authority: key.pubkey(), pool: pool.address, provider, rewards: pool.rewards };
                self.chain.attempt("unjail", unjail.instruction(&UnjailArgs {}), &[&key]);
            }
            1 => {
                let commission = Bps(self.random.below(11_000) as u16);
                let set =
                    SetCommission { authority: key.pubkey(), pool: pool.address, provider, rewards: pool.rewards };
                self.chain.attempt("set a commission", set.instruction(&SetCommissionArgs { commission }), &[&key]);
            }
            _ => {
                let slashing = self.slashing.insecure_clone();
                let outcome = self.random.below(5) as u8;
                let report = ReportJob { slasher_authority: slashing.pubkey(), slasher: self.slasher, provider };
                self.chain.attempt("report", report.instruction(&ReportJobArgs { job: JOB, outcome }), &[&slashing]);
            }
        }
    }

    fn lock(&mut self, p: usize, o: usize) {
        let (backer, key) = (self.backers[p][o], self.owners[o].insecure_clone());
        let duration = Seconds((13 + self.random.below(8)) as u32 * DAY as u32);
        let lock = LockStake {
            owner: backer.owner,
            pool: self.pool.address,
            provider: backer.provider,
            delegation: backer.delegation,
            rewards: self.pool.rewards,
        };
        self.chain.attempt("lock", lock.instruction(&LockStakeArgs { duration }), &[&key]);
    }

    fn refresh(&mut self, p: usize, o: usize) {
        let (backer, pool) = (self.backers[p][o], self.pool);
        if self.random.below(2) == 0 {
            let end = EndLock {
                pool: pool.address,
                provider: backer.provider,
                delegation: backer.delegation,
                rewards: pool.rewards,
            };
            self.chain.attempt("end a lock", end.instruction(&EndLockArgs {}), &[]);
        } else {
            let refresh = RefreshProvider { pool: pool.address, provider: backer.provider, rewards: pool.rewards };
            self.chain.attempt("refresh", refresh.instruction(&RefreshProviderArgs {}), &[]);
        }
    }

    fn pass_time(&mut self) {
        let seconds = match self.random.below(20) {
            0 => 20 * DAY,
            1..7 => DAY,
            7..12 => 3 * HOUR,
            _ => self.random.below(300),
        };
        self.chain.world.pass(seconds);
    }
}

impl super::Crowd for Stakers {
    const ACTIONS: &'static [&'static str] = &[
        "stake",
        "unstake",
        "redelegate",
        "cancel",
        "stop",
        "settle",
        "withdraw",
        "lock a bond",
        "seize",
        "release",
        "propose",
        "veto",
        "expire",
        "execute",
        "fund",
        "claim",
        "compound",
        "claim commission",
        "set a commission",
        "unjail",
        "report",
        "lock",
        "end a lock",
        "refresh",
    ];

    fn new(mut world: World, random: Random) -> Self {
        let owners: [Keypair; OWNERS] = std::array::from_fn(|_| world.user());
        let (slashing, client) = (world.user(), world.user());
        let mint = world.mint();
        let wallets = owners.each_ref().map(|owner| {
            let wallet = world.token_account(mint.address, owner.pubkey());
            world.mint_to(&mint, wallet, 10_000_000 * TOKEN);
            wallet
        });
        let client_tokens = world.token_account(mint.address, client.pubkey());
        let network = Network::of_mint(&mut world, mint);
        let pool = Pool::unborn(&network, network.mint, TOKEN_PROGRAM);
        let day = Seconds(DAY as u32);
        let rules = Rules {
            min_self_stake: Tokens(TOKEN),
            unbonding: Seconds(3 * day.0),
            reward_period: day,
            commission_delay: Seconds(HOUR as u32),
            slash_delay: Seconds(2 * HOUR as u32),
            slash_expiry: day,
            slash_window: day,
            jail: Seconds(6 * HOUR as u32),
            slash_limit: Bps(10_000),
            ..Pool::rules()
        };
        let create = swap(pool.create_instruction(&world, &network, rules), 9, network.treasury);
        world.ok(&[create], &[&network.authority]);
        let providers = std::array::from_fn(|p| pool.register(&world, &owners[p]));
        let backers = providers.map(|provider| {
            std::array::from_fn(|o| pool.open_delegation(&world, provider, owners[o].pubkey(), wallets[o]))
        });
        let slasher = pool.add_slasher(&world, &network, slashing.pubkey());
        let mut crowd = Self {
            random,
            chain: Noted::new(world),
            network,
            pool,
            owners,
            wallets,
            providers,
            backers,
            slashing,
            slasher,
            client,
            client_tokens,
            tickets: vec![],
            bonds: vec![],
            slashes: vec![],
            jobs: 0,
        };
        let delegations = crowd.backers.iter().flatten().map(|backer| backer.delegation);
        let watched: Vec<_> =
            [pool.address, pool.rewards, pool.vault, pool.mint, crowd.network.treasury, client_tokens]
                .into_iter()
                .chain(wallets)
                .chain(providers)
                .chain(delegations)
                .collect();
        for address in watched {
            crowd.chain.note(address);
        }
        crowd
    }

    fn act(&mut self) {
        let (p, o) = (self.random.place(PROVIDERS), self.random.place(OWNERS));
        match self.random.below(100) {
            0..15 => self.stake(p, o),
            15..26 => self.unstake(p, o),
            26..33 => self.redelegate(p, o),
            33..48 => self.leave(),
            48..54 => self.lock_bond(p),
            54..60 => self.end_bond(),
            60..62 => self.propose(p),
            62..70 => self.decide(),
            70..73 => self.fund(o),
            73..80 => self.claim(p, o),
            80..86 => self.provide(p),
            86 => self.lock(p, o),
            87..89 => self.refresh(p, o),
            _ => self.pass_time(),
        }
    }

    /// Section by section what the design promises.
    fn check(&self) {
        let rewards: Rewards = self.chain.read(self.pool.rewards);
        let sum = |amounts: &mut dyn Iterator<Item = u64>| amounts.map(u128::from).sum::<u128>();
        let providers: [Provider; PROVIDERS] = std::array::from_fn(|p| self.provider(p));
        let tickets: Vec<(usize, Unbonding)> =
            self.tickets.iter().map(|ticket| (ticket.provider, self.chain.read(ticket.address))).collect();

        // The vault is what all have, to the unit, and no token was made or lost on the way.
        let held = sum(&mut providers.iter().map(|provider| provider.stake().unwrap().0));
        assert_eq!(self.chain.tokens(self.pool.vault), held + rewards.unclaimed.0 as u128);
        let places = [self.pool.vault, self.network.treasury, self.client_tokens].into_iter().chain(self.wallets);
        let data = &self.chain.account(self.pool.mint).unwrap().data;
        let supply = u64::from_le_bytes(data[36..44].try_into().unwrap()) as u128;
        assert_eq!(supply, places.map(|place| self.chain.tokens(place)).sum::<u128>());

        for (p, provider) in providers.iter().enumerate() {
            let delegations: [Delegation; OWNERS] = std::array::from_fn(|o| self.delegation(p, o));
            assert_eq!(provider.active.shares.0 as u128, sum(&mut delegations.iter().map(|d| d.shares.0)));
            assert_eq!(provider.self_shares, delegations[p].shares);
            assert_eq!(provider.delegated.0 as u128, sum(&mut delegations.iter().map(|d| d.weight.0)));
            let leaving = tickets.iter().filter(|(of, ticket)| *of == p && ticket.era == provider.era);
            assert_eq!(provider.unbonding.shares.0 as u128, sum(&mut leaving.map(|(_, ticket)| ticket.shares.0)));
            for pot in [provider.active, provider.unbonding] {
                assert!(!pot.shares.is_zero() || pot.tokens.is_zero(), "tokens of nobody");
            }
            // What backs running jobs is there.
            let bonds = self.bonds.iter().filter(|(of, _)| *of == p);
            let bonded = sum(&mut bonds.map(|(_, bond)| self.chain.read::<Bond>(*bond).amount.0));
            assert_eq!(provider.bonded.0 as u128, bonded);
            assert!(provider.bonded <= provider.active.tokens);
            let slashes = self.slashes.iter().filter(|(of, _)| *of == p);
            let pending = sum(&mut slashes.clone().map(|(_, slash)| self.chain.read::<Slash>(*slash).amount.0));
            assert_eq!((provider.pending.0 as u128, provider.pending_slashes as usize), (pending, slashes.count()));
        }
        assert_eq!(rewards.weight.0 as u128, sum(&mut providers.iter().map(|provider| provider.weight.0)));
        // All claims together are covered: whole tokens of what each has accrued, and what is still to arrive.
        let accrued = (0..PROVIDERS).flat_map(|p| (0..OWNERS).map(move |o| (p, o)));
        let claims = accrued.map(|(p, o)| self.delegation(p, o).accrued.get() >> 64).sum::<u128>()
            + providers.iter().map(|provider| provider.commission_accrued.get() >> 64).sum::<u128>();
        assert!(claims + rewards.left.0 as u128 <= rewards.unclaimed.0 as u128);
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
