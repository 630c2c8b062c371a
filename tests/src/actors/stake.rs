//! Providers, those who back them, a slasher who is honest one day and not the next, and whoever passes by.
//!
//! What an action does to whom is compared with exact fractions in `joule-models`; here it is the instructions, their
//! accounts and the real token program that must keep everything together.

use {
    super::{Random, Shared, TrackedWorld},
    crate::{
        Network, World,
        fixture::{Backer, Pool, TOKEN},
        world::swap,
    },
    joule_interface::{Address, SYSTEM_PROGRAM, TOKEN_2022_PROGRAM},
    joule_math::{Bps, Seconds, Tokens},
    joule_stake_interface::{
        ID, event,
        instruction::*,
        pda,
        state::{
            Bond, Delegation, Pool as PoolState, PoolPolicy, Provider, Rewards, Slasher, UnbondingTicket, WHOLE_JOB,
            seizure, sentence,
        },
    },
    solana_keypair::Keypair,
    solana_signer::Signer,
    std::rc::Rc,
};

const JOB: Address = Address::new_from_array([9; 32]);
const EVIDENCE: [u8; 32] = [0xe1; 32];
const DAY: u64 = 86_400;
pub(super) const PROVIDERS: usize = 2;
/// The providers' authorities come first.
pub(super) const OWNERS: usize = 4;
const HOUR: u64 = 3_600;

struct Ticket {
    address: Address,
    owner: usize,
    provider: usize,
    /// Where a redelegation goes.
    target: Option<usize>,
}

/// A pool, and everybody's accounts there.
#[derive(Default)]
pub(super) struct Tenant {
    pub(super) pool: Pool,
    wallets: Vec<Address>,
    pub(super) providers: [Address; PROVIDERS],
    backers: [[Backer; OWNERS]; PROVIDERS],
    slasher: Address,
    client_tokens: Address,
    treasury: Address,
    tickets: Vec<Ticket>,
    bonds: Vec<(usize, Address)>,
    /// Bonds that are the client's tickets.
    seized: Vec<(usize, Address)>,
    slashes: Vec<(usize, Address)>,
}

/// Them all.
pub struct Stakers {
    pub(super) random: Random,
    pub(super) chain: Shared,
    network: Rc<Network>,
    /// The providers' authorities come first.
    owners: Vec<Keypair>,
    slashing: Keypair,
    client: Keypair,
    /// Where the next action is, and the other pool.
    pub(super) here: Tenant,
    there: Tenant,
    jobs: u64,
    /// How seldom time passes here.
    pub(super) pace: u64,
}

impl Stakers {
    /// Everybody arrives at a network, with their wallets there. The same people are in another pool of that network, whose
    /// token is of Token-2022.
    pub(super) fn arrive(world: &mut World, network: Rc<Network>, owners: Vec<Keypair>, wallets: Vec<Address>) -> Self {
        let (slashing, client) = (world.user(), world.user());
        let client_tokens = world.token_account(network.mint, client.pubkey());
        let day = Seconds(DAY as u32);
        let rules = PoolPolicy {
            min_self_stake: Tokens(TOKEN),
            unbonding_period: Seconds(3 * day.0),
            reward_period: day,
            commission_delay: Seconds(HOUR as u32),
            slash_delay: Seconds(2 * HOUR as u32),
            slash_execution_window: Seconds(3 * day.0),
            slash_window: day,
            jail_period: Seconds(6 * HOUR as u32),
            slash_limit: Bps(10_000),
            ..Pool::rules()
        };
        let open = |world: &World, pool: &Pool, treasury: Address| {
            let create = swap(pool.create_instruction(world, &network, rules), 9, treasury);
            world.ok(&[create], &[&network.authority]);
        };
        let pool = Pool::unborn(&network, network.mint, network.token_program);
        open(world, &pool, network.treasury);
        let mint = world.mint_of(TOKEN_2022_PROGRAM);
        let other = Pool::unborn(&network, mint.address, mint.token_program);
        let treasury = world.token_account(mint.address, network.authority.pubkey());
        open(world, &other, treasury);
        let other_wallets: Vec<Address> = (owners.iter())
            .map(|owner| {
                let wallet = world.token_account(mint.address, owner.pubkey());
                world.mint_to(&mint, wallet, 10_000_000 * TOKEN);
                wallet
            })
            .collect();
        let other_client = world.token_account(mint.address, client.pubkey());
        let tenant = |pool: Pool, wallets: Vec<Address>, client_tokens, treasury| {
            let providers: [Address; PROVIDERS] = std::array::from_fn(|p| pool.register(world, &owners[p]));
            let backers = providers.map(|provider| {
                std::array::from_fn(|o| pool.open_delegation(world, provider, owners[o].pubkey(), wallets[o]))
            });
            let slasher = pool.add_slasher(world, &network, slashing.pubkey());
            Tenant { pool, wallets, providers, backers, slasher, client_tokens, treasury, ..Tenant::default() }
        };
        let here = tenant(pool, wallets, client_tokens, network.treasury);
        let there = tenant(other, other_wallets, other_client, treasury);
        Self {
            random: Random::new(1),
            chain: Shared::elsewhere(),
            network,
            owners,
            slashing,
            client,
            here,
            there,
            jobs: 0,
            pace: 1,
        }
    }

    fn provider(&self, p: usize) -> Provider {
        self.chain.read(self.here.providers[p])
    }

    fn delegation(&self, p: usize, o: usize) -> Delegation {
        self.chain.read(self.here.backers[p][o].delegation)
    }

    fn stake(&mut self, p: usize, o: usize) {
        let amount = self.random.amount(500 * TOKEN);
        let stake = self.here.pool.stake_instruction(&self.here.backers[p][o], amount);
        let key = self.owners[o].insecure_clone();
        if let Some(receipt) = self.chain.attempt("stake", stake, &[&key]) {
            assert_eq!(receipt.event::<event::Staked>(ID).tokens, Tokens(amount));
        }
    }

    /// What a delegation is worth.
    fn worth(&self, p: usize, o: usize) -> u64 {
        let provider = self.provider(p);
        if o == p {
            return provider.own.0;
        }
        let delegation = self.delegation(p, o);
        if delegation.shares == provider.delegated.shares {
            // The last one's is what rounding left as well.
            return provider.delegated.tokens.0;
        }
        delegation.worth(&provider).unwrap().0
    }

    /// All that can leave: of own stake neither what a lock holds, if one does, nor what proposed slashes are to take.
    fn all(&self, p: usize, o: usize) -> [u64; 2] {
        let worth = self.worth(p, o);
        if o != p {
            return [worth; 2];
        }
        let provider = self.provider(p);
        let unslashed = if provider.slash_pending.is_zero() { worth } else { provider.unslashed().unwrap().0 };
        [worth, worth - provider.locked.0].map(|unlocked| unlocked.min(unslashed))
    }

    /// Some, or all, of what a delegation is worth.
    fn part(&mut self, p: usize, o: usize) -> u64 {
        let worth = self.worth(p, o);
        match self.random.below(4) {
            0 => u64::MAX,
            _ => self.random.below(worth.saturating_add(2)),
        }
    }

    fn unstake(&mut self, p: usize, o: usize) {
        let (amount, worth, all) = (self.part(p, o), self.worth(p, o), self.all(p, o));
        let backer = self.here.backers[p][o];
        let address = self.here.pool.ticket(&backer, self.delegation(p, o).ticket_count);
        let unstake = self.here.pool.unstake_instruction(&self.chain.world, &backer, address, amount);
        let key = self.owners[o].insecure_clone();
        let Some(receipt) = self.chain.attempt("unstake", unstake, &[&key]) else { return };
        let out = receipt.event::<event::Unstaked>(ID).tokens.0;
        assert!(if amount == u64::MAX { all.contains(&out) } else { out == amount }, "another part than was asked for");
        assert!(out <= worth, "more than its part");
        self.here.tickets.push(Ticket { address, owner: o, provider: p, target: None });
    }

    fn redelegate(&mut self, p: usize, o: usize) {
        let (amount, to) = (self.part(p, o), 1 - p);
        let (from, target) = (self.here.backers[p][o], self.here.backers[to][o]);
        let address = self.here.pool.ticket(&from, self.delegation(p, o).ticket_count);
        let redelegate = Redelegate {
            payer: self.chain.world.payer().pubkey(),
            owner: from.owner,
            pool: self.here.pool.address,
            provider: from.provider,
            delegation: from.delegation,
            ticket: address,
            system_program: SYSTEM_PROGRAM,
            rewards: self.here.pool.rewards,
            new_provider: target.provider,
            new_delegation: target.delegation,
        }
        .instruction(&RedelegateArgs { amount: Tokens(amount) });
        let key = self.owners[o].insecure_clone();
        if self.chain.attempt("redelegate", redelegate, &[&key]).is_some() {
            self.here.tickets.push(Ticket { address, owner: o, provider: p, target: Some(to) });
        }
    }

    /// What a ticket can lead to.
    fn leave(&mut self) {
        if self.here.tickets.is_empty() {
            return;
        }
        let index = self.random.place(self.here.tickets.len());
        let Ticket { address, owner: o, provider: p, target } = self.here.tickets[index];
        let (backer, key) = (self.here.backers[p][o], self.owners[o].insecure_clone());
        let (pool, payer) = (self.here.pool, self.chain.world.payer().pubkey());
        let there = target.map(|to| self.here.backers[to][o]);
        match (self.random.below(4), there) {
            (0, None) => {
                let cancel = CancelUnstake {
                    owner: backer.owner,
                    pool: pool.address,
                    provider: backer.provider,
                    delegation: backer.delegation,
                    ticket: address,
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
                    new_delegation: there.delegation,
                    ticket: address,
                    provider: backer.provider,
                };
                if self.chain.attempt("stop", stop.instruction(&StopRedelegationArgs {}), &[&key]).is_some() {
                    self.here.tickets[index].target = None;
                }
            }
            (_, Some(there)) => {
                let settle = CompleteRedelegation {
                    pool: pool.address,
                    provider: backer.provider,
                    ticket: address,
                    rewards: pool.rewards,
                    new_provider: there.provider,
                    new_delegation: there.delegation,
                    rent_receiver: payer,
                };
                self.chain.attempt("settle", settle.instruction(&CompleteRedelegationArgs {}), &[]);
                // One that the new provider cannot take leaves the pool instead.
                let there = self
                    .chain
                    .account(address)
                    .is_some_and(|_| self.chain.read::<UnbondingTicket>(address).new_delegation != Address::default());
                if !there {
                    self.here.tickets[index].target = None;
                }
            }
            (_, None) => {
                let ticket = self.chain.read::<UnbondingTicket>(address);
                let provider = self.provider(p);
                let worth = provider.worth(&ticket.part).unwrap();
                let held_back = provider.held_back(&ticket.part, worth).unwrap();
                let before = self.chain.tokens(self.here.wallets[o]);
                let withdraw = pool.withdraw_instruction(&self.chain.world, &backer, address);
                if self.chain.attempt("withdraw", withdraw, &[&key]).is_some() {
                    let out = self.chain.tokens(self.here.wallets[o]) - before;
                    let is_free = ticket.part.withheld != 0 && provider.withheld_liable.is_zero();
                    assert!(is_free || ticket.withdrawable_at <= self.chain.world.now(), "before its time");
                    assert_eq!(out, (worth.0 - held_back.0) as u128, "another part than its own");
                }
            }
        }
        self.chain.track(address);
        if self.chain.account(address).is_none() {
            self.here.tickets.swap_remove(index);
        }
    }

    fn lock_bond(&mut self, p: usize) {
        self.jobs += 1;
        let mut job = [0; 32];
        job[..8].copy_from_slice(&self.jobs.to_le_bytes());
        let job = Address::new_from_array(job);
        let bond = pda::bond::find(&self.here.providers[p], &job).0;
        let amount = self.random.amount(100 * TOKEN);
        let (authority, slashing) = (self.owners[p].insecure_clone(), self.slashing.insecure_clone());
        if !self.here.bonds.is_empty() && self.random.below(4) == 0 {
            let index = self.random.place(self.here.bonds.len());
            let (other, released) = self.here.bonds[index];
            let swap = SwapBond {
                authority: authority.pubkey(),
                slasher_authority: slashing.pubkey(),
                slasher: self.here.slasher,
                network: self.network.address,
                pool: self.here.pool.address,
                provider: self.here.providers[p],
                bond,
                system_program: SYSTEM_PROGRAM,
                released_provider: self.here.providers[other],
                released_bond: released,
                rent_receiver: self.chain.world.payer().pubkey(),
                payer: self.chain.world.payer().pubkey(),
            }
            .instruction(&SwapBondArgs { job, amount: Tokens(amount), client: self.client.pubkey() });
            if self.chain.attempt("swap a bond", swap, &[&authority, &slashing]).is_some() {
                assert_ne!(other, p, "a provider does not take its own place");
                self.here.bonds[index] = (p, bond);
            }
            return;
        }
        let lock = LockBond {
            payer: self.chain.world.payer().pubkey(),
            authority: authority.pubkey(),
            slasher_authority: slashing.pubkey(),
            slasher: self.here.slasher,
            network: self.network.address,
            pool: self.here.pool.address,
            provider: self.here.providers[p],
            bond,
            system_program: SYSTEM_PROGRAM,
        }
        .instruction(&LockBondArgs { job, amount: Tokens(amount), client: self.client.pubkey() });
        if self.chain.attempt("lock a bond", lock, &[&authority, &slashing]).is_some() {
            self.here.bonds.push((p, bond));
        }
    }

    fn end_bond(&mut self) {
        if self.here.bonds.is_empty() {
            return;
        }
        let index = self.random.place(self.here.bonds.len());
        let (p, bond) = self.here.bonds[index];
        let slashing = self.slashing.insecure_clone();
        if self.random.below(2) == 0 {
            let amount = self.random.below(self.chain.read::<Bond>(bond).amount.0 + 2);
            let (to, receiver) = match self.random.below(3) {
                0 => (seizure::CLIENT, ID),
                1 => (seizure::TREASURY, ID),
                _ => (seizure::BURN, self.here.pool.mint),
            };
            let seize = SeizeBond {
                slasher_authority: slashing.pubkey(),
                slasher: self.here.slasher,
                pool: self.here.pool.address,
                provider: self.here.providers[p],
                bond,
                vault: self.here.pool.vault,
                receiver,
                mint: self.here.pool.mint,
                token_program: self.here.pool.token_program,
            }
            .instruction(&SeizeBondArgs { amount: Tokens(amount), destination: to });
            self.chain.attempt("seize", seize, &[&slashing]);
            return;
        }
        let release = ReleaseBond {
            slasher_authority: slashing.pubkey(),
            slasher: self.here.slasher,
            provider: self.here.providers[p],
            bond,
            rent_receiver: self.chain.world.payer().pubkey(),
        };
        let release = release.instruction(&ReleaseBondArgs { outcome: self.random.below(5) as u8, weight: WHOLE_JOB });
        self.chain.attempt("release", release, &[&slashing]).expect("a bond can always be released");
        self.here.bonds.swap_remove(index);
        if self.chain.account(bond).is_some() {
            self.here.seized.push((p, bond));
        }
    }

    /// What was seized for the client, or slashed, goes where it belongs.
    fn pay_out(&mut self, p: usize) {
        let (pool, provider) = (self.here.pool, self.here.providers[p]);
        if self.here.seized.is_empty() || self.random.below(2) == 0 {
            let treasury = if self.random.below(2) == 0 { self.here.treasury } else { ID };
            self.chain.attempt("settle slashed", pool.settle_slashed_instruction(provider, treasury), &[]);
            return;
        }
        let index = self.random.place(self.here.seized.len());
        let (p, bond) = self.here.seized[index];
        let (client, payer) = (self.client.insecure_clone(), self.chain.world.payer().pubkey());
        let (state, before) = (self.provider(p), self.chain.tokens(self.here.client_tokens));
        let seized = self.chain.read::<Bond>(bond);
        let worth = state.worth(&seized.seized).unwrap();
        let held_back = state.held_back(&seized.seized, worth).unwrap();
        let tokens = self.here.client_tokens;
        let withdraw = pool.withdraw_seized_instruction(self.here.providers[p], bond, client.pubkey(), tokens, payer);
        if self.chain.attempt("withdraw what was seized", withdraw, &[&client]).is_some() {
            let is_free = seized.seized.withheld != 0 && state.withheld_liable.is_zero();
            assert!(is_free || seized.withdrawable_at <= self.chain.world.now(), "before its time");
            let due = (worth.0 - held_back.0) as u128;
            assert_eq!(self.chain.tokens(tokens) - before, due, "another part than the client's");
            if held_back.is_zero() {
                self.here.seized.swap_remove(index);
            }
        }
        self.chain.track(bond);
    }

    fn propose(&mut self, p: usize) {
        let provider = self.provider(p);
        let slash = pda::slash::find(&self.here.providers[p], &provider.slash_count.to_le_bytes()).0;
        // Mostly a little, now and then all.
        let part = [1, 2, 10, 50, 200][self.random.place(5)];
        let amount = self.random.below(provider.stake().unwrap().0 / part + 2);
        let sentence = match self.random.below(400) {
            0 => sentence::TOMBSTONE,
            1..160 => sentence::JAIL,
            _ => sentence::FINE,
        };
        let slashing = self.slashing.insecure_clone();
        let propose = ProposeSlash {
            payer: self.chain.world.payer().pubkey(),
            slasher_authority: slashing.pubkey(),
            slasher: self.here.slasher,
            pool: self.here.pool.address,
            provider: self.here.providers[p],
            slash,
            system_program: SYSTEM_PROGRAM,
        }
        .instruction(&ProposeSlashArgs { amount: Tokens(amount), evidence: EVIDENCE, sentence });
        if self.chain.attempt("propose", propose, &[&slashing]).is_some() {
            self.here.slashes.push((p, slash));
        }
    }

    fn decide(&mut self) {
        if self.here.slashes.is_empty() {
            return;
        }
        let index = self.random.place(self.here.slashes.len());
        let (p, slash) = self.here.slashes[index];
        let (provider, payer) = (self.here.providers[p], self.chain.world.payer().pubkey());
        match self.random.below(8) {
            0 => {
                let authority = self.network.authority.insecure_clone();
                let veto = VetoSlash {
                    authority: authority.pubkey(),
                    network: self.network.address,
                    pool: self.here.pool.address,
                    provider,
                    slash,
                    rent_receiver: payer,
                };
                self.chain.attempt("veto", veto.instruction(&VetoSlashArgs {}), &[&authority]);
            }
            1..3 => {
                let expire = ExpireSlash { provider, slash, rent_receiver: payer };
                self.chain.attempt("expire", expire.instruction(&ExpireSlashArgs {}), &[]);
            }
            _ => {
                let execute = ExecuteSlash {
                    pool: self.here.pool.address,
                    provider,
                    slash,
                    rewards: self.here.pool.rewards,
                    rent_receiver: payer,
                };
                self.chain.attempt("execute", execute.instruction(&ExecuteSlashArgs {}), &[]);
            }
        }
        self.chain.track(slash);
        if self.chain.account(slash).is_none() {
            self.here.slashes.swap_remove(index);
        }
    }

    fn fund(&mut self, o: usize) {
        let amount = self.random.amount(50 * TOKEN);
        let key = self.owners[o].insecure_clone();
        let fund = FundRewards {
            funder: key.pubkey(),
            pool: self.here.pool.address,
            rewards: self.here.pool.rewards,
            source: self.here.wallets[o],
            vault: self.here.pool.vault,
            mint: self.here.pool.mint,
            token_program: self.here.pool.token_program,
        };
        self.chain.attempt("fund", fund.instruction(&FundRewardsArgs { amount: Tokens(amount) }), &[&key]);
    }

    fn claim(&mut self, p: usize, o: usize) {
        let (backer, pool, key) = (self.here.backers[p][o], self.here.pool, self.owners[o].insecure_clone());
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
                    token_program: self.here.pool.token_program,
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
                    token_program: self.here.pool.token_program,
                };
                self.chain.attempt("claim", claim.instruction(&ClaimRewardsArgs {}), &[&key]);
            }
        }
    }

    /// What a provider does for itself, and what is said of it. One that is out for good is replaced by nobody: the
    /// other goes on.
    fn provide(&mut self, p: usize) {
        let (key, provider, pool) = (self.owners[p].insecure_clone(), self.here.providers[p], self.here.pool);
        match self.random.below(4) {
            0..2 => {
                let unjail = Unjail { authority: key.pubkey(), pool: pool.address, provider, rewards: pool.rewards };
                self.chain.attempt("unjail", unjail.instruction(&UnjailArgs {}), &[&key]);
            }
            2 => {
                let commission = Bps(self.random.below(11_000) as u16);
                let set =
                    SetCommission { authority: key.pubkey(), pool: pool.address, provider, rewards: pool.rewards };
                self.chain.attempt("set a commission", set.instruction(&SetCommissionArgs { commission }), &[&key]);
            }
            _ => {
                let slashing = self.slashing.insecure_clone();
                let outcome = self.random.below(5) as u8;
                let report = ReportJob { slasher_authority: slashing.pubkey(), slasher: self.here.slasher, provider };
                self.chain.attempt(
                    "report",
                    report.instruction(&ReportJobArgs { job: JOB, outcome, weight: WHOLE_JOB }),
                    &[&slashing],
                );
            }
        }
    }

    fn lock(&mut self, p: usize, o: usize) {
        let (backer, key) = (self.here.backers[p][o], self.owners[o].insecure_clone());
        let duration = Seconds((13 + self.random.below(8)) as u32 * DAY as u32);
        let lock = LockStake {
            owner: backer.owner,
            pool: self.here.pool.address,
            provider: backer.provider,
            delegation: backer.delegation,
            rewards: self.here.pool.rewards,
        };
        self.chain.attempt("lock", lock.instruction(&LockStakeArgs { lock_period: duration }), &[&key]);
    }

    fn refresh(&mut self, p: usize, o: usize) {
        let (backer, pool) = (self.here.backers[p][o], self.here.pool);
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

    /// What the network decides: rules that wait, and a second slasher, which comes and goes.
    fn govern(&mut self) {
        let (authority, pool) = (self.network.authority.insecure_clone(), self.here.pool);
        let state: PoolState = self.chain.read(pool.address);
        let second = self.second_slasher();
        let payer = self.chain.world.payer().pubkey();
        let (name, decision, signs) = match self.random.below(8) {
            0..2 => {
                let mut policy = state.policy;
                match self.random.below(4) {
                    0 => policy.unbonding_period = Seconds((2 + self.random.below(3)) as u32 * DAY as u32),
                    1 => policy.slash_delay = Seconds((1 + self.random.below(4)) as u32 * HOUR as u32),
                    2 => policy.slash_burned_share = Bps(self.random.below(10_001) as u16),
                    _ => policy.jail_period = Seconds((1 + self.random.below(9)) as u32 * HOUR as u32),
                }
                let (world, network) = (&self.chain.world, &self.network);
                ("propose rules", pool.propose_policy_instruction(world, network, policy, self.here.treasury), true)
            }
            2..4 => ("execute rules", pool.execute_policy_instruction(&self.chain.world), false),
            4 => ("cancel rules", pool.cancel_policy_instruction(&self.chain.world, &self.network), true),
            5 if self.chain.find::<Slasher>(second).is_some() => {
                ("close a slasher", pool.close_slasher_instruction(&self.chain.world, second), false)
            }
            _ => {
                let (rights, window_limit) = (self.random.below(8) as u8, Tokens(self.random.below(100) * TOKEN));
                let slash_share = Bps(0);
                let (network, slasher_authority) = (self.network.address, self.client.pubkey());
                let (authority, pool) = (authority.pubkey(), pool.address);
                match self.chain.find::<Slasher>(second) {
                    Some(_) => {
                        let set = SetSlasher { authority, network, pool, slasher: second };
                        ("set a slasher", set.instruction(&SetSlasherArgs { rights, window_limit, slash_share }), true)
                    }
                    None => {
                        let slasher = second;
                        let system_program = SYSTEM_PROGRAM;
                        let add =
                            AddSlasher { payer, authority, network, pool, slasher_authority, slasher, system_program };
                        ("add a slasher", add.instruction(&AddSlasherArgs { rights, window_limit, slash_share }), true)
                    }
                }
            }
        };
        let signers = [&authority];
        self.chain.attempt(name, decision, if signs { &signers } else { &[] });
    }

    /// The client is a slasher as well, now and then.
    fn second_slasher(&self) -> Address {
        self.here.pool.slasher(self.client.pubkey())
    }

    fn pass_time(&mut self) {
        if !self.random.one_in(self.pace) {
            return;
        }
        if self.random.below(2) == 0 {
            let random = &mut self.random;
            return self.chain.pass_to_a_deadline(random, 5 * DAY);
        }
        let seconds = match self.random.below(20) {
            0 => 20 * DAY,
            1..7 => DAY,
            7..12 => 3 * HOUR,
            _ => self.random.below(300),
        };
        self.chain.world.pass(seconds);
    }
}

impl super::Actors for Stakers {
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
        "settle slashed",
        "withdraw what was seized",
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
        "propose rules",
        "cancel rules",
        "add a slasher",
        "execute rules",
        "set a slasher",
        "close a slasher",
    ];
    const RARE: &'static [&'static str] = &["execute rules", "set a slasher", "close a slasher"];

    fn new(mut world: World, random: Random) -> Self {
        let owners: Vec<Keypair> = (0..OWNERS).map(|_| world.user()).collect();
        let mint = world.mint();
        let wallets = (owners.iter())
            .map(|owner| {
                let wallet = world.token_account(mint.address, owner.pubkey());
                world.mint_to(&mint, wallet, 10_000_000 * TOKEN);
                wallet
            })
            .collect();
        let network = Rc::new(Network::of_mint(&mut world, mint));
        let mut stakers = Self::arrive(&mut world, network, owners, wallets);
        (stakers.random, stakers.chain) = (random, Shared::new(TrackedWorld::new(world)));
        stakers
    }

    fn act(&mut self) {
        if self.random.below(5) == 0 {
            std::mem::swap(&mut self.here, &mut self.there);
        }
        let (p, o) = (self.random.place(PROVIDERS), self.random.place(OWNERS));
        match self.random.below(100) {
            0..15 => self.stake(p, o),
            15..26 => self.unstake(p, o),
            26..33 => self.redelegate(p, o),
            33..48 => self.leave(),
            48..54 => self.lock_bond(p),
            54..58 => self.end_bond(),
            58..60 => self.pay_out(p),
            60..62 => self.propose(p),
            62..70 => self.decide(),
            70..73 => self.fund(o),
            73..80 => self.claim(p, o),
            80..86 => self.provide(p),
            86 => self.lock(p, o),
            87..89 => self.refresh(p, o),
            89 => self.govern(),
            _ => self.pass_time(),
        }
    }

    /// What the books do not say: what is the providers' own, and that all claims together are covered.
    fn check(&self) {
        for here in [&self.here, &self.there] {
            let rewards: Rewards = self.chain.read(here.pool.rewards);
            let mut claims = 0;
            for p in 0..PROVIDERS {
                let provider: Provider = self.chain.read(here.providers[p]);
                let delegations = here.backers[p].map(|backer| self.chain.read::<Delegation>(backer.delegation));
                assert_eq!(delegations[p].shares.get(), 0, "own stake is no shares");
                let tickets = here.tickets.iter().filter(|ticket| ticket.provider == p);
                let tickets = tickets.map(|ticket| self.chain.read::<UnbondingTicket>(ticket.address).part);
                let bonds = here.seized.iter().chain(&here.bonds).filter(|(of, _)| *of == p);
                let seized = bonds.map(|(_, bond)| self.chain.read::<Bond>(*bond).seized);
                let parts = tickets.chain(seized.filter(|part| part.price != 0));
                let leaving: u128 = parts.map(|part| provider.worth(&part).unwrap().0 as u128).sum();
                let held = provider.unbonding.tokens.0 as u128 + provider.withheld.tokens.0 as u128;
                assert!(leaving <= held, "tickets are worth more than there is");
                // Anyone may have decided one.
                let is_there = |slash: Address| self.chain.account(slash).is_some();
                let slashes = here.slashes.iter().filter(|(of, slash)| *of == p && is_there(*slash));
                assert_eq!(provider.pending_slash_count as usize, slashes.count());
                claims += delegations.map(|delegation| delegation.accrued.get() >> 64).iter().sum::<u128>();
                claims += (provider.commission_accrued.get() >> 64) + (provider.own_accrued.get() >> 64);
            }
            // Whole tokens of what each has accrued, and what is still to arrive.
            assert!(claims + rewards.undistributed.0 as u128 <= rewards.unclaimed.0 as u128);
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
