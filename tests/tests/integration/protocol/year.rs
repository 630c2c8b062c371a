//! Everybody disappears in the middle of everything, but keepers, of whom nobody needs a signature.

use {
    super::{PROGRAMS, page},
    joule_bme_interface::{
        instruction::*,
        state::{
            CreditAccount, DollarPolicy, EpochTerms, Network as NetworkState, ProviderWork, Upkeep as UpkeepState,
        },
    },
    joule_escrow_interface::{
        instruction::{BurnPanelPenalty, CreateVerificationArgs, PayChallenger, PayReplica, SettleJob, SettleReplica},
        state::{
            Deposit as DepositState, Game as GameState, Job as JobState, Keys as KeysState, Panel as PanelState, Terms,
            Trace as TraceState, game_phase, game_tip, gang_state, issuer_power, job_state, matching, panel_state,
            panel_tip, tip,
        },
    },
    joule_identity_interface::{
        instruction::{CloseStatement, CloseStatementArgs},
        state::{self as machines, Policy as RegistryPolicy},
    },
    joule_interface::{Address, Instruction, SYSTEM_PROGRAM, TOKEN_2022_PROGRAM},
    joule_keeper::{
        due::{SENDS, Settings},
        keeper::{Keeper, Limits},
    },
    joule_math::{Bps, Credits, Seconds, Timestamp, Tokens},
    joule_stake_interface::{
        instruction::{
            AddSlasher, AddSlasherArgs, CloseProvider, CloseProviderArgs, CompleteRedelegation,
            CompleteRedelegationArgs, EndLock, EndLockArgs, ExecuteSlash, ExecuteSlashArgs, FundRewards,
            FundRewardsArgs, LockStake, LockStakeArgs, ProposeSlash, ProposeSlashArgs, Redelegate, RedelegateArgs,
        },
        pda,
        state::{self as stake_state, Provider, rights, sentence},
    },
    joule_tests::{
        Network, World, books,
        fixture::{
            Backer, DOLLAR, Deposit, Dollars, GROTH16, Gang, Identity, Job, Machine as Minted, Mandate, Market,
            NewMint, Panel, Pool, Provable, Run, TOKEN, Tree, Upkeep, VERIFIER, Verified, Voucher, accepted, add_class,
            create_registry_instruction, defined, hidden, policy, price_update, reward_tree, serviced,
            tick_instruction, usual_terms, usual_verification,
        },
        golden,
        keeping::{self, Faults, Local},
        world::unsigned,
    },
    solana_account::Account,
    solana_keypair::Keypair,
    solana_signer::Signer,
    std::{
        cell::Cell,
        collections::{BTreeMap, BTreeSet, VecDeque},
        fmt::Write,
    },
    verifier::Machine,
};

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;
/// What a base fee is.
const FEE: u64 = 5_000;
/// What a root adds, and what is locked for a spender that is revoked.
const ADDITION: u64 = 700 * TOKEN;
const FORGOTTEN: u64 = 1_000_000;
/// What a machine's leaf costs, lamports.
const MINT_FEE: u64 = 5_000_000;
const HEAD: &str = "\
# What is left after a year in which only keepers act

Made by the test `a_year_in_which_only_keepers_act`; see [NOTHING-STUCK.md](../../programs/NOTHING-STUCK.md).

| account | how many |
|---|---|
";
const VALUES: &str = "
What needs the signature of who is gone, base units:

| what | amount | of |
|---|---|---|
";

/// What a keeper does, one call after the other, each as soon as it succeeds.
struct Task {
    name: String,
    calls: VecDeque<Instruction>,
    /// The last is repeated until this account is gone.
    until: Option<Address>,
    /// Why the next one failed last.
    failure: String,
}

/// Whether a call may have nothing to do: what is paid or settled depends on how a job, a panel or a game ended.
fn is_optional(call: &Instruction) -> bool {
    const OPTIONAL: [u8; 5] = [
        SettleJob::DISCRIMINATOR,
        PayChallenger::DISCRIMINATOR,
        PayReplica::DISCRIMINATOR,
        SettleReplica::DISCRIMINATOR,
        BurnPanelPenalty::DISCRIMINATOR,
    ];
    call.program_id == joule_escrow_interface::ID && OPTIONAL.contains(&call.data[0])
}

/// One who works.
struct Worker {
    key: Keypair,
    own: Backer,
    work: Address,
    wallet: Address,
}

/// A network in which everything is under way. `funder` pays rents.
struct Scene {
    world: World,
    network: Network,
    pool: Pool,
    mint: NewMint,
    funder: Keypair,
    client: Keypair,
    challenger: Keypair,
    backer: Keypair,
    /// Receives the fees of trees.
    operator: Address,
    /// The client's account of the network's token.
    receiver: Address,
    credits: Address,
    workers: Vec<Worker>,
    numbers: Cell<u64>,
    tasks: Vec<Task>,
}

impl Scene {
    fn new() -> Self {
        Self::on(World::with(&[VERIFIER, GROTH16]))
    }

    fn on(mut world: World) -> Self {
        let [funder, client, challenger, backer] = std::array::from_fn(|_| world.user());
        let keys: Vec<Keypair> = (0..7).map(|_| world.user()).collect();
        let holders: Vec<Address> = [&client, &backer].into_iter().chain(&keys).map(|key| key.pubkey()).collect();
        let (network, tokens) = Network::new(&mut world, &holders);
        let upkeep = Upkeep::unborn(&mut world, &network);
        world.ok(&[upkeep.set_instruction(&world, &network, 1_000, TOKEN)], &[&network.authority]);
        let (pool, operator) = (Pool::new(&world, &network), world.address());
        let mint = world.mint_of(TOKEN_2022_PROGRAM);
        let credits = network.open_credit_account(&world, client.pubkey());
        let receiver = world.associated_account(network.mint, client.pubkey());
        let mut scene = Self {
            world,
            network,
            pool,
            mint,
            funder,
            client,
            challenger,
            backer,
            operator,
            receiver,
            credits,
            workers: vec![],
            numbers: Cell::new(1),
            tasks: vec![],
        };
        let client = scene.client.insecure_clone();
        let buy = scene.network.buy_instruction(client.pubkey(), tokens[0], credits, 100 * TOKEN);
        scene.send(&[buy], &[&client]);
        scene.endow(client.pubkey());
        scene.endow(scene.challenger.pubkey());
        for (key, tokens) in keys.into_iter().zip(&tokens[2..]) {
            scene.hire(key, *tokens);
        }
        scene.world.run(1);
        scene.oracles();
        scene.stake(tokens[1]);
        scene.machines();
        scene
    }

    fn number(&self) -> u64 {
        self.numbers.replace(self.numbers.get() + 1)
    }

    /// Sends what sets the scene; the funder pays the rents.
    #[track_caller]
    fn send(&self, instructions: &[Instruction], signers: &[&Keypair]) {
        let keeper = self.world.payer().pubkey();
        let mut instructions = instructions.to_vec();
        let metas = instructions.iter_mut().flat_map(|instruction| &mut instruction.accounts);
        let mut pays = false;
        for meta in metas.filter(|meta| meta.pubkey == keeper) {
            meta.pubkey = self.funder.pubkey();
            pays |= meta.is_signer;
        }
        let funder = pays.then_some(&self.funder);
        self.world.ok(&instructions, &signers.iter().copied().chain(funder).collect::<Vec<_>>());
    }

    /// Leaves calls to the keeper, which nobody else may have to sign. Rents go back to the funder.
    #[track_caller]
    fn leave(&mut self, name: &str, calls: Vec<Instruction>) {
        let (keeper, funder) = (self.world.payer().pubkey(), self.funder.pubkey());
        let mut calls = VecDeque::from(calls);
        for meta in calls.iter_mut().flat_map(|call| &mut call.accounts) {
            assert!(!meta.is_signer || meta.pubkey == keeper, "{name}: {} has to sign", meta.pubkey);
            if meta.pubkey == keeper && !meta.is_signer {
                meta.pubkey = funder;
            }
        }
        self.tasks.push(Task { name: name.to_owned(), calls, until: None, failure: String::new() });
    }

    /// The same, of one call until an account is gone.
    #[track_caller]
    fn leave_until(&mut self, gone: Address, name: &str, call: Instruction) {
        self.leave(name, vec![call]);
        self.tasks.last_mut().expect("it was just added").until = Some(gone);
    }

    /// A deposit with 200 tokens.
    fn endow(&mut self, owner: Address) {
        let deposit = Deposit::of(owner, self.mint.address, self.mint.token_program);
        self.send(&[deposit.open_instruction(&self.world)], &[]);
        self.world.mint_to(&self.mint, deposit.vault, 200 * TOKEN);
        let keeper = self.world.payer().pubkey();
        self.world.ok(&[deposit.deposit_instruction(keeper, deposit.vault, 0)], &[]);
    }

    /// A provider with 400 tokens of its own.
    fn hire(&mut self, key: Keypair, tokens: Address) {
        let address = key.pubkey();
        self.send(&[self.pool.register_instruction(&self.world, address)], &[&key]);
        let provider = self.pool.provider(address);
        let own = self.pool.open_delegation(&self.world, provider, address, tokens);
        self.send(&[self.pool.stake_instruction(&own, 400 * TOKEN)], &[&key]);
        let work = self.network.open_provider_work(&self.world, address);
        let wallet = self.world.associated_account(self.mint.address, address);
        self.endow(address);
        self.workers.push(Worker { key, own, work, wallet });
    }

    /// A root that two of two oracles approved, one that lacks a word, other oracles, a revoked spender for whom credits are locked,
    /// a policy that waits, and a claimant's record.
    fn oracles(&mut self) {
        let oracles: [Keypair; 2] = std::array::from_fn(|_| self.world.user());
        let addresses = oracles.each_ref().map(|key| key.pubkey());
        self.network.open_roots(&mut self.world, &addresses, 2, ADDITION);
        let claimant = self.workers[0].key.pubkey();
        let (root, _) = reward_tree(&self.network, &[(claimant, [0, ADDITION])]);
        let (world, network) = (&self.world, &self.network);
        let publish = |index| network.publish_root_instruction(world, addresses[0], index, root, [0, ADDITION]);
        self.send(&[publish(0)], &[&oracles[0]]);
        self.send(&[network.approve_root_instruction(addresses[1], 0)], &[&oracles[1]]);
        self.send(&[publish(1)], &[&oracles[0]]);
        self.send(&[network.open_root_claim_instruction(world, claimant)], &[]);
        self.send(&[network.set_oracles_instruction(&addresses[..1], 1)], &[&network.authority]);
        let terms = network.parameters(world);
        self.send(&[network.propose_policy_instruction(world, 0, terms)], &[&network.authority]);

        let spender = world.key();
        let add = AddSpender {
            payer: world.payer().pubkey(),
            authority: network.authority.pubkey(),
            network: network.address,
            spender_authority: spender.pubkey(),
            spender: network.spender(spender.pubkey()),
            system_program: SYSTEM_PROGRAM,
        };
        let address = network.spender(spender.pubkey());
        self.send(&[add.instruction(&AddSpenderArgs { lane: 0 })], &[&network.authority]);
        let lock = LockCredits {
            owner: self.client.pubkey(),
            spender_authority: spender.pubkey(),
            spender: address,
            network: network.address,
            credit_account: self.credits,
        };
        let lock = lock.instruction(&LockCreditsArgs { amount: Credits(FORGOTTEN), reference: Address::default() });
        self.send(&[lock], &[&self.client, &spender]);
        self.send(&[network.revoke_spender_instruction(address, 30 * DAY as u32)], &[&network.authority]);

        let fund = network.fund_roots_instruction(0);
        let root = vec![network.activate_root_instruction(0), fund, network.close_root_instruction(world, 0)];
        let calls = [
            ("an approved root", root),
            ("a root without a quorum", vec![network.close_root_instruction(world, 1)]),
            ("other oracles", vec![network.execute_oracles_instruction()]),
            ("a policy of the network", vec![network.execute_policy_instruction(world, 0)]),
            ("a revoked spender", vec![network.close_spender_instruction(world, address)]),
            ("tokens to burn", vec![self.network.burn_instruction(0)]),
        ];
        calls.into_iter().for_each(|(name, calls)| self.leave(name, calls));
    }

    /// A delegator with a lock, with stake that leaves, stake that moves and stake that moves to a provider that will be out; rewards on
    /// their way; slashes that jail, that put out for good and that do neither; a policy that waits; a bond that nobody holds; a
    /// closed provider; a slasher that was dismissed.
    fn stake(&mut self, tokens: Address) {
        let (world, network, pool) = (&self.world, &self.network, self.pool);
        let payer = world.payer().pubkey();
        let slashing = world.key();
        let add = AddSlasher {
            payer,
            authority: network.authority.pubkey(),
            network: network.address,
            pool: pool.address,
            slasher_authority: slashing.pubkey(),
            slasher: pool.slasher(slashing.pubkey()),
            system_program: SYSTEM_PROGRAM,
        };
        let args = AddSlasherArgs { rights: rights::ALL, window_limit: Tokens(u64::MAX), slash_share: Bps(2_500) };
        self.send(&[add.instruction(&args)], &[&network.authority]);
        let escrow = joule_tests::fixture::escrow_authority(network);
        network.add_spender(world, escrow);
        self.send(&[pool.add_slasher_instruction(world, network, escrow)], &[&network.authority]);
        self.send(
            &[pool.propose_policy_instruction(world, network, Pool::rules(), joule_stake_interface::ID)],
            &[&network.authority],
        );

        let [from, to, locked, out] = [0, 1, 3, 6].map(|worker: usize| {
            let provider = self.workers[worker].own.provider;
            pool.open_delegation(world, provider, self.backer.pubkey(), tokens)
        });
        let (backer, owner) = (&self.backer, self.backer.pubkey());
        for place in [&from, &locked, &out] {
            self.send(&[pool.stake_instruction(place, 100 * TOKEN)], &[backer]);
        }
        let lock = LockStake {
            owner,
            pool: pool.address,
            provider: locked.provider,
            delegation: locked.delegation,
            rewards: pool.rewards,
        };
        self.send(&[lock.instruction(&LockStakeArgs { lock_period: Seconds(14 * DAY as u32) })], &[backer]);
        let leaving = pool.next_ticket(world, &from);
        self.send(&[pool.unstake_instruction(world, &from, leaving, 10 * TOKEN)], &[backer]);
        let moving = pool.next_ticket(world, &from);
        let redelegate = |ticket: Address, to: &Backer| {
            Redelegate {
                payer,
                owner,
                pool: pool.address,
                provider: from.provider,
                delegation: from.delegation,
                ticket,
                system_program: SYSTEM_PROGRAM,
                rewards: pool.rewards,
                new_provider: to.provider,
                new_delegation: to.delegation,
            }
            .instruction(&RedelegateArgs { amount: Tokens(20 * TOKEN) })
        };
        self.send(&[redelegate(moving, &to)], &[backer]);
        let returning = pool.next_ticket(world, &from);
        self.send(&[redelegate(returning, &out)], &[backer]);
        let fund = FundRewards {
            funder: owner,
            pool: pool.address,
            rewards: pool.rewards,
            source: tokens,
            vault: pool.vault,
            mint: pool.mint,
            token_program: pool.token_program,
        };
        self.send(&[fund.instruction(&FundRewardsArgs { amount: Tokens(50 * TOKEN) })], &[backer]);

        let [jailed, proposed, tombstoned] = [2, 3, 6].map(|worker: usize| self.workers[worker].own.provider);
        let propose = |provider: Address, amount: u64, sentence: u8| {
            ProposeSlash {
                payer,
                slasher_authority: slashing.pubkey(),
                slasher: pool.slasher(slashing.pubkey()),
                pool: pool.address,
                provider,
                slash: pda::slash::find(&provider, &0u64.to_le_bytes()).0,
                system_program: SYSTEM_PROGRAM,
            }
            .instruction(&ProposeSlashArgs { amount: Tokens(amount), evidence: [7; 32], sentence })
        };
        self.send(&[propose(jailed, 20 * TOKEN, sentence::JAIL)], &[&slashing]);
        self.send(&[propose(proposed, 5 * TOKEN, sentence::FINE)], &[&slashing]);
        self.send(&[propose(tombstoned, 20 * TOKEN, sentence::TOMBSTONE)], &[&slashing]);
        let dismissed = world.address();
        let none = AddSlasherArgs { rights: 0, window_limit: Tokens(0), slash_share: Bps(0) };
        let add = AddSlasher { slasher_authority: dismissed, slasher: pool.slasher(dismissed), ..add };
        self.send(&[add.instruction(&none)], &[&network.authority]);
        let name = world.address();
        self.send(&[pool.open_bond_instruction(world, from.provider, name)], &[]);

        let gone = world.key();
        self.send(&[pool.register_instruction(world, gone.pubkey())], &[&gone]);
        let close = CloseProvider {
            authority: gone.pubkey(),
            pool: pool.address,
            provider: pool.provider(gone.pubkey()),
            rewards: pool.rewards,
            rent_receiver: payer,
        };
        self.send(&[close.instruction(&CloseProviderArgs {})], &[&gone]);

        let at_home = Backer { tokens: self.world.associated_account(pool.mint, owner), ..from };
        let world = &self.world;
        let execute = |provider: Address| {
            ExecuteSlash {
                pool: pool.address,
                provider,
                slash: pda::slash::find(&provider, &0u64.to_le_bytes()).0,
                rewards: pool.rewards,
                rent_receiver: payer,
            }
            .instruction(&ExecuteSlashArgs {})
        };
        let settle = |provider| pool.settle_slashed_instruction(provider, joule_stake_interface::ID);
        let complete = |ticket: Address, to: &Backer| {
            CompleteRedelegation {
                pool: pool.address,
                provider: from.provider,
                ticket,
                rewards: pool.rewards,
                new_provider: to.provider,
                new_delegation: to.delegation,
                rent_receiver: payer,
            }
            .instruction(&CompleteRedelegationArgs {})
        };
        let end_lock = EndLock {
            pool: pool.address,
            provider: locked.provider,
            delegation: locked.delegation,
            rewards: pool.rewards,
        };
        let calls = [
            ("stake that leaves", vec![unsigned(pool.withdraw_instruction(world, &at_home, leaving), 0)]),
            ("a lock", vec![end_lock.instruction(&EndLockArgs {})]),
            ("a slash with a sentence", vec![execute(jailed), settle(jailed)]),
            ("a slash", vec![execute(proposed), settle(proposed)]),
            ("a tombstone", vec![execute(tombstoned), settle(tombstoned)]),
            ("a slasher without rights", vec![pool.close_slasher_instruction(world, pool.slasher(dismissed))]),
            ("a policy of the pool", vec![pool.execute_policy_instruction(world)]),
        ];
        let completes = complete(moving, &to);
        // The new provider cannot take it: it leaves.
        let stops = complete(returning, &out);
        let returns = unsigned(pool.withdraw_instruction(world, &at_home, returning), 0);
        calls.into_iter().for_each(|(name, calls)| self.leave(name, calls));
        self.leave_until(moving, "stake that moves", completes);
        for call in [stops, returns] {
            self.leave_until(returning, "stake that moves to a provider that is out", call);
        }
    }

    /// A machine in service for which a provider vouched, one that was sold, a reservation, a commitment, fees of both machines, and a
    /// policy that waits.
    fn machines(&mut self) {
        let (world, network) = (&self.world, &self.network);
        let rules = RegistryPolicy {
            pool: self.pool.address,
            attestor_bond: Tokens(100 * TOKEN),
            max_attestation_period: Seconds(3 * DAY as u32),
            liability_period: Seconds(3 * DAY as u32),
            mint_fee: MINT_FEE,
            fee_receiver: self.operator,
            ..policy(network)
        };
        self.send(&[create_registry_instruction(world, network, rules)], &[&network.authority]);
        add_class(world, network, 7, 0);
        let mut tree = Tree::new(world, network, 3, 8, 0).0;
        let vouching = &self.workers[4];
        let provider = vouching.own.provider;
        let add = tree.add_attestor_instruction(network, vouching.key.pubkey(), provider, 1);
        self.send(&[add, tree.propose_policy_instruction(network, rules)], &[&network.authority]);
        let owner = self.backer.pubkey();
        let machines: Vec<Minted> =
            ["kept", "sold"].map(|name| tree.mint(world, network, owner, name).0).into_iter().collect();
        let [reserved, committed] = [[0x51; 32], [0x52; 32]];
        let specifications: Vec<[u8; 32]> =
            machines.iter().map(|machine| tree.specification(machine)).chain([reserved]).collect();
        for specification in &specifications {
            self.send(&[tree.commit_instruction(world, owner, specification)], &[]);
        }
        world.run(60);
        for specification in &specifications {
            self.send(&[tree.reserve_instruction(world, owner, specification)], &[]);
        }
        self.send(&[tree.commit_instruction(world, owner, &committed)], &[]);
        for machine in &machines {
            self.send(&[tree.activate_instruction(world, machine, owner, 7)], &[&self.backer]);
        }
        let voucher = Voucher { key: vouching.key.insecure_clone(), id: 1, provider };
        let expires_at = Timestamp(world.now().0 + 3 * DAY as i64);
        let statement = voucher.statement(&machines[0], expires_at);
        self.send(&[tree.attest_instruction(world, &voucher, &machines[0], expires_at)], &[&voucher.key]);
        let sold = Minted { owner: self.client.pubkey(), ..machines[1].clone() };
        self.send(&[tree.transfer_instruction(&machines[1], sold.owner)], &[&self.backer]);
        tree.set(&sold);

        let close = CloseStatement { statement, payer: world.payer().pubkey() };
        let lost = vec![
            tree.challenge_instruction(&sold, false),
            tree.deactivate_instruction(world, &machines[1]),
            tree.release_instruction(world, owner, &specifications[1]),
        ];
        let calls = [
            ("a tree's fees", vec![tree.collect_fees_instruction(self.operator)]),
            ("a sold machine", lost),
            ("a reservation", vec![tree.release_instruction(world, owner, &reserved)]),
            ("a commitment", vec![tree.close_commitment_instruction(world, owner, &committed)]),
            ("a statement", vec![close.instruction(&CloseStatementArgs {})]),
            ("a policy of the registry", vec![tree.execute_policy_instruction()]),
        ];
        calls.into_iter().for_each(|(name, calls)| self.leave(name, calls));
    }
}

/// Jobs in every state, in credits by the second and in tokens at a price.
impl Scene {
    fn market(&self, terms: Terms) -> Market {
        Market::unborn(&self.network, &self.pool, self.number(), terms)
    }

    fn in_tokens(&self, terms: Terms) -> Market {
        self.market(terms).paid_in(&self.mint).create(&self.world, &self.network)
    }

    fn unposted(&self, market: &Market, worker: usize) -> Job {
        let worker = &self.workers[worker];
        let payee = if market.mint == self.mint.address { worker.wallet } else { worker.work };
        market.job(self.client.pubkey(), self.number(), worker.key.pubkey(), payee)
    }

    fn post(&self, market: &Market, job: &Job) {
        self.send(&[market.post_instruction(&self.world, job, HOUR as u32)], &[&self.client]);
    }

    fn posted(&self, market: &Market, worker: usize) -> Job {
        let job = self.unposted(market, worker);
        self.post(market, &job);
        job
    }

    fn found_by(&self, market: &Market, worker: usize, matching: u8) -> Job {
        let job = Job { matching, ..self.unposted(market, worker) };
        self.post(market, &job);
        job
    }

    fn key(&self, job: &Job) -> &Keypair {
        &self.workers.iter().find(|worker| worker.key.pubkey() == job.provider).expect("one of the workers").key
    }

    fn running(&self, market: &Market, worker: usize) -> Job {
        let job = self.posted(market, worker);
        self.start(market, &job);
        job
    }

    fn start(&self, market: &Market, job: &Job) {
        self.send(&[market.start_instruction(&self.world, job)], &[self.key(job)]);
    }

    fn delivered(&self, market: &Market, worker: usize) -> Job {
        let job = self.running(market, worker);
        self.world.run(10);
        self.send(&[market.deliver_instruction(&job, [0xaa; 32])], &[self.key(&job)]);
        job
    }

    /// Leaves a job to the keeper, in this state: `calls` end it.
    #[track_caller]
    fn leave_job(&mut self, state: u8, market: &Market, job: &Job, calls: Vec<Instruction>) {
        assert_eq!(self.world.read::<JobState>(job.address).state, state);
        let calls = calls.into_iter().chain([
            market.settle_instruction(job),
            market.settle_bond_instruction(job, self.receiver),
            market.close_job_instruction(&self.world, job),
        ]);
        self.leave(&format!("a job in state {state}"), calls.collect());
        // What its client gets of the bond, a week after it was seized.
        let (provider, bond) = (job.staked, job.bond);
        let withdraw = self.pool.withdraw_seized_instruction(provider, bond, job.client, self.receiver, job.provider);
        self.leave_until(bond, "a bond", unsigned(withdraw, 0));
    }

    fn jobs(&mut self) {
        let keeper = self.world.payer().pubkey();
        let arbiter = self.world.key().pubkey();
        let bonded = Terms { bond_amount: Tokens(TOKEN), reports: 1, ..usual_terms() };
        let by_second = self.market(serviced(bonded)).create(&self.world, &self.network).with_queue(&self.world, 8);
        let by_result = self.in_tokens(accepted(arbiter, bonded)).with_queue(&self.world, 8);
        let cancel = |market: &Market, job: &Job| vec![market.cancel_instruction(job, keeper)];
        let finish = |market: &Market, job: &Job| vec![market.finish_instruction(job, keeper, [0; 32])];

        for market in [by_second, by_result] {
            let job = self.posted(&market, 0);
            self.leave_job(job_state::POSTED, &market, &job, cancel(&market, &job));
            let job = self.posted(&market, 0);
            self.send(&[market.cancel_instruction(&job, job.client)], &[&self.client]);
            self.leave_job(job_state::CANCELLED, &market, &job, vec![]);
            let job = self.running(&market, 0);
            self.leave_job(job_state::RUNNING, &market, &job, finish(&market, &job));
            let job = self.running(&market, 1);
            self.world.run(60);
            let stop = market.finish_instruction(&job, job.client, [0; 32]);
            self.send(&[stop], &[&self.client]);
            self.leave_job(job_state::FINISHED, &market, &job, vec![]);
            for bids in [false, true] {
                let job = self.found_by(&market, 1, matching::AUCTION);
                let mut calls = vec![market.award_instruction(&job)];
                if bids {
                    let bid = market.bid_instruction(&self.world, &job, market.terms.price.0, None);
                    self.send(&[bid], &[self.key(&job)]);
                    calls.extend(cancel(&market, &job));
                }
                self.leave_job(job_state::BIDDING, &market, &job, calls);
            }
        }
        // Jobs wait in one queue, a provider in the other.
        for worker in [0, 1] {
            let job = self.found_by(&by_second, worker, matching::QUEUE);
            self.leave_job(job_state::POSTED, &by_second, &job, cancel(&by_second, &job));
        }
        for worker in [2, 3, 5] {
            let worker = &self.workers[worker].key;
            self.send(&[by_result.join_instruction(worker.pubkey(), 0)], &[worker]);
        }
        let assigned = self.found_by(&by_result, 2, matching::QUEUE);
        self.leave_job(job_state::ASSIGNED, &by_result, &assigned, cancel(&by_result, &assigned));
        let owing = self.found_by(&by_result, 3, matching::QUEUE);
        self.send(&[by_result.cancel_instruction(&owing, owing.client)], &[&self.client]);
        self.leave_job(job_state::OWING, &by_result, &owing, vec![]);
        let sweep = by_result.sweep_instruction(8, &[]);
        self.leave("a provider in a queue", vec![sweep]);

        let mandate = Mandate::of(self.client.pubkey(), self.challenger.pubkey(), 0);
        let job = self.unposted(&by_result, 0);
        let args = mandate.args(&self.world, job.funding_account, by_result.address, TOKEN, TOKEN);
        self.send(&[mandate.open_instruction(&self.world, &args)], &[&self.client]);
        let post = mandate.by(by_result.post_instruction(&self.world, &job, HOUR as u32));
        self.send(&[post], &[&self.challenger]);
        let calls = vec![by_result.cancel_instruction(&job, keeper), mandate.settle_instruction(&[job])];
        self.leave_job(job_state::POSTED, &by_result, &job, calls);
        let close = mandate.close_instruction(&self.world, keeper);
        self.leave("a mandate", vec![close]);

        let job = self.delivered(&by_result, 0);
        self.leave_job(job_state::DELIVERED, &by_result, &job, vec![by_result.accept_instruction(&job, keeper)]);
        let job = self.delivered(&by_result, 0);
        self.send(&[by_result.reject_instruction(&job)], &[&self.client]);
        let resolve = by_result.resolve_instruction(&job, keeper, 0, 0);
        self.leave_job(job_state::REJECTED, &by_result, &job, vec![resolve]);

        let by_proof = self.in_tokens(accepted(arbiter, bonded));
        let provable = Provable::unborn(&self.network, 3, GROTH16.1);
        provable.upgraded_by(&mut self.world, None);
        self.send(&[provable.create_instruction(&self.world, &self.network)], &[&self.network.authority]);
        self.send(&[provable.set_instruction(&self.network, &by_proof)], &[&self.network.authority]);
        let job = self.running(&by_proof, 0);
        let finish = provable.finish_instruction(&by_proof, &job, keeper);
        self.leave_job(job_state::RUNNING, &by_proof, &job, vec![finish]);

        let strict = Terms { no_start_penalty: Bps(2_000), ..accepted(arbiter, bonded) };
        let verified = self.in_tokens(strict);
        let mint = (self.mint.address, self.mint.token_program);
        let args = CreateVerificationArgs { id: 1, ..usual_verification() };
        let how = Verified::unborn(&self.network, VERIFIER.1, mint, args);
        self.send(&[how.create_instruction(&self.world, &self.network)], &[&self.network.authority]);
        self.send(&[how.set_instruction(&self.network, &verified)], &[&self.network.authority]);
        self.games(&verified, &how);
        self.panels(&verified, &how);
        self.gangs();
    }

    /// A result that nobody challenged, and games in every phase: the side that is to move is gone.
    fn games(&mut self, market: &Market, how: &Verified) {
        let keeper = self.world.payer().pubkey();
        let truth = Run::of(Machine::new(5, 37));
        let mut phases = BTreeSet::new();
        for moves in 0..7 {
            let job = self.unposted(market, 0);
            let post = defined(market.post_instruction(&self.world, &job, HOUR as u32), truth.states[0]);
            self.send(&[post], &[&self.client]);
            self.start(market, &job);
            self.world.run(10);
            let (world, key) = (&self.world, self.key(&job));
            self.send(&[how.deliver_instruction(world, &job, &truth, truth.result())], &[key]);
            let close = how.close_trace_instruction(how.trace(world, &job), &job);
            let accept = market.accept_instruction(&job, keeper);
            if moves == 0 {
                self.leave_job(job_state::DELIVERED, market, &job, vec![accept]);
                self.leave("an unchallenged trace", vec![close]);
                continue;
            }
            let game = how.challenge(world, &job, self.challenger.pubkey(), 0);
            self.send(&[game.open_instruction(0)], &[&self.challenger]);
            for _ in 1..moves {
                let state = game.state(world);
                let (instruction, by) = game.provider_moves(&state, &truth).map_or_else(
                    || {
                        let level = state.subtree_level - state.levels();
                        let choice = (20 >> level) - (state.subtree_index << state.levels());
                        (game.choose_instruction(choice as u8), &self.challenger)
                    },
                    |instruction| (instruction, key),
                );
                self.send(&[instruction], &[by]);
            }
            let phase = game.state(world).phase;
            phases.insert(phase);
            let challenger_is_to_move = phase == game_phase::CHOOSE;
            let end = if challenger_is_to_move { accept } else { market.resolve_instruction(&job, keeper, 0, 0) };
            let calls = vec![game.time_out_instruction(), game.settle_instruction(), game.pay_instruction(), end];
            self.leave_job(job_state::CHALLENGED, market, &job, calls);
            self.leave(&format!("a game in phase {phase}"), vec![close, game.close_instruction()]);
            if !challenger_is_to_move {}
        }
        assert_eq!(phases, BTreeSet::from([game_phase::OPEN, game_phase::CHOOSE, game_phase::SHOW, game_phase::PROVE]));
    }

    /// Gangs of two: one lacks a member, one breaks, one works to its end. Nobody who has a part in them is there any more.
    fn gangs(&mut self) {
        let keeper = self.world.payer().pubkey();
        let terms = Terms {
            matching: matching::GANG,
            bond_amount: Tokens(TOKEN),
            failure_penalty: Bps(5_000),
            heartbeat_interval: Seconds(600),
            min_duration: Seconds(600),
            reports: 1,
            max_queue_entries: 0,
            ..usual_terms()
        };
        let market = self.in_tokens(terms);
        for state in [gang_state::FILLING, gang_state::BROKEN, gang_state::RUNNING] {
            let gang = Gang::of(self.client.pubkey(), self.number());
            self.send(&[gang.post_instruction(&self.world, &market, 2, 600)], &[&self.client]);
            let jobs = [0, 1].map(|worker: usize| {
                let (number, worker) = (self.number(), &self.workers[worker]);
                gang.place(&market, number, worker.key.pubkey(), worker.wallet)
            });
            for job in &jobs {
                self.send(&[gang.places_instruction(&self.world, &market, &[*job])], &[&self.client]);
            }
            let members = if state == gang_state::FILLING { &jobs[..1] } else { &jobs };
            for job in members {
                self.send(&[gang.join_instruction(&self.world, &market, job)], &[self.key(job)]);
            }
            self.world.run(60);
            if state == gang_state::BROKEN {
                let quit = gang.take_out_instruction(&market, jobs[0].provider, &jobs[0]);
                self.send(&[quit], &[self.key(&jobs[0])]);
            }
            assert_eq!(gang.state(&self.world).state, state);
            let mut calls = vec![];
            if state != gang_state::RUNNING {
                calls.push(gang.stop_instruction(keeper));
            }
            calls.extend(jobs.iter().map(|job| gang.settle_instruction(&market, job, keeper)));
            calls.push(gang.close_instruction(&self.world));
            for job in members {
                calls.push(market.settle_bond_instruction(job, market.staked.0));
            }
            calls.extend(jobs.iter().map(|job| market.close_job_instruction(&self.world, job)));
            self.leave(&format!("a gang in state {state}"), calls);
        }
    }

    /// Panels of three in which the client and two of the providers are gone.
    fn panels(&mut self, market: &Market, how: &Verified) {
        let keeper = self.world.payer().pubkey();
        let states =
            [panel_state::JOINING, panel_state::ACKNOWLEDGING, panel_state::COMMITTING, panel_state::REVEALING];
        for state in states {
            let panel = Panel::of(market, self.client.pubkey(), self.number());
            self.send(&[panel.post_instruction(&self.world, how, 3)], &[&self.client]);
            let world = &self.world;
            let replicas = [0, 1, 3].map(|worker: usize| {
                let worker = &self.workers[worker];
                (&worker.key, panel.replica(worker.key.pubkey(), worker.wallet))
            });
            let joined = if state == panel_state::JOINING { 1 } else { 3 };
            for (key, replica) in &replicas[..joined] {
                self.send(&[panel.join_instruction(world, replica)], &[key]);
            }
            let everybody = |done: u8| if state > done { 3 } else { (state == done) as usize };
            for (index, (key, _)) in replicas.iter().enumerate().take(everybody(panel_state::ACKNOWLEDGING)) {
                self.send(&[panel.acknowledge_instruction(key.pubkey(), index as u8)], &[key]);
            }
            for (index, (key, _)) in replicas.iter().enumerate().take(everybody(panel_state::COMMITTING)) {
                let secret = hidden(&panel.state(world), panel.address, key.pubkey(), [5; 32], [6; 32]);
                self.send(&[panel.commit_instruction(key.pubkey(), index as u8, secret)], &[key]);
            }
            if state == panel_state::REVEALING {
                let key = replicas[0].0;
                self.send(&[panel.reveal_instruction(key.pubkey(), 0, [5; 32], [6; 32])], &[key]);
            }
            assert_eq!(panel.state(world).state, state);

            let mut calls = match state {
                panel_state::JOINING => vec![],
                panel_state::ACKNOWLEDGING => {
                    [1, 2].map(|at| panel.remove_instruction(&replicas[at].1, at as u8)).into()
                }
                _ => vec![panel.tally_instruction()],
            };
            if state < panel_state::COMMITTING {
                calls.push(panel.cancel_instruction(keeper));
            }
            for (index, (_, replica)) in replicas.iter().enumerate() {
                calls.push(panel.pay_instruction(replica, index as u8));
                calls.push(panel.settle_instruction(replica, index as u8));
            }
            calls.extend([panel.burn_instruction(u64::MAX), panel.close_instruction(world)]);
            self.leave(&format!("a panel in state {state}"), calls);
        }
    }
}

/// A chain on which only a keeper is left.
struct Afterwards {
    world: World,
    network: Network,
    works: Vec<Address>,
    sent: Cell<u64>,
}

impl Afterwards {
    fn call(&self, instruction: &Instruction) -> Result<(), String> {
        self.sent.set(self.sent.get() + 1);
        let failed = self.world.send(std::slice::from_ref(instruction), &[]).err();
        failed.map_or(Ok(()), |failure| Err(format!("{:?}", failure.error)))
    }

    /// Closes what has ended of epochs, the newest first: those without work before it are passed over.
    fn close_epochs(&self) {
        let (world, network) = (&self.world, &self.network);
        loop {
            let state: NetworkState = world.read(network.address);
            let Some(late) = world.now().0.checked_sub(state.epoch_ends_at.0).filter(|late| *late >= 0) else { break };
            let newest = state.open_epoch + late as u64 / state.policy.epoch_duration.0 as u64;
            let close = |index| self.call(&network.close_instruction(world, index, &[0, 1])).map(|()| index);
            let closed = close(newest).or_else(|_| close(state.open_epoch)).expect("an epoch closes");
            for &work in &self.works {
                let accrue = AccrueWork { provider_work: work, epoch: network.epoch(closed) };
                let _ = self.call(&accrue.instruction(&AccrueWorkArgs {}));
            }
            self.call(&network.sweep_instruction(world, closed)).expect("an epoch of which all is accrued");
        }
    }

    /// Tries each task's next call.
    fn crank(&self, tasks: &mut Vec<Task>) {
        self.close_epochs();
        let is_gone = |address: Address| self.world.account(address).is_none_or(|account| account.data.is_empty());
        for task in tasks.iter_mut() {
            if let Some(address) = task.until {
                let call = task.calls.front().expect("one that is repeated");
                task.failure = self.call(call).err().unwrap_or_default();
                if is_gone(address) {
                    task.calls.clear();
                }
                continue;
            }
            while let Some(call) = task.calls.front() {
                let is_optional = is_optional(call);
                match self.call(call) {
                    Err(failure) if !is_optional => task.failure = failure,
                    _ => drop(task.calls.pop_front()),
                }
                if !is_optional {
                    break;
                }
            }
        }
        tasks.retain(|task| !task.calls.is_empty());
    }

    /// Accounts of our programs, with their program's name and their own.
    fn accounts(&self) -> BTreeMap<Address, (String, Account)> {
        let account = |address| Some((address, named(&self.world, address)?));
        self.world.touched().into_iter().filter_map(account).collect()
    }

    /// Who paid an account's rent, where it says that.
    fn payer(name: &str, account: &Account) -> Option<Address> {
        let program = PROGRAMS.iter().find(|program| program.id == account.owner)?;
        let (_, spec) = program.accounts.iter().find(|(_, spec)| name.ends_with(&format!(".{}", spec.name)))?;
        let field = spec.fields.iter().find(|field| field.name == "payer")?;
        Address::try_from(&account.data[field.offset..field.offset + 32]).ok()
    }
}

/// Issue: what is left behind comes to an end, in every program, with what is somebody's back with its owner.
#[test]
fn a_year_in_which_only_keepers_act() {
    let mut scene = Scene::new();
    scene.world.run(1);
    scene.world.ok(&[tick_instruction(&scene.world)], &[]);
    scene.jobs();
    let (by, network) = (scene.network.guardian.pubkey(), scene.network.address);
    let pause = Pause { authority_or_guardian: by, network }.instruction(&PauseArgs {});
    scene.send(&[pause], &[&scene.network.guardian]);
    let resume = Resume { signer: scene.world.payer().pubkey(), network }.instruction(&ResumeArgs {});
    scene.leave("a pause", vec![resume]);

    // Everybody is gone: of their keys, nothing is left but addresses.
    let Scene { world, network, pool, client, workers, credits, operator, mut tasks, .. } = scene;
    let (client, keeper) = (client.pubkey(), world.payer().pubkey());
    let works = workers.iter().map(|worker| worker.work).collect();
    let after = Afterwards { world, network, works, sent: Cell::new(0) };
    let (world, network) = (&after.world, &after.network);
    let before = after.accounts();
    let payers: BTreeSet<Address> =
        before.values().filter_map(|(name, account)| Afterwards::payer(name, account)).chain([keeper]).collect();
    let lamports: BTreeMap<Address, u64> = payers.iter().map(|payer| (*payer, world.lamports(*payer))).collect();

    let hours = [(48, HOUR), (40, DAY), (46, 7 * DAY)];
    for (steps, length) in hours {
        for step in 0..steps {
            world.run(length);
            // The chain halts now and then, for two hours.
            if step % 5 == 4 {
                let _ = after.call(&tick_instruction(world));
                world.pass(2 * HOUR);
            }
            let _ = after.call(&tick_instruction(world));
            after.crank(&mut tasks);
        }
    }
    let stuck: Vec<_> =
        tasks.iter().map(|task| format!("{}, {} calls: {}", task.name, task.calls.len(), task.failure)).collect();
    assert!(stuck.is_empty(), "{}", stuck.join("\n\n"));

    // Rents are back with who paid them; the keeper paid fees, and nothing else.
    let left = after.accounts();
    for (payer, had) in lamports {
        let of = |(name, account): &(&String, &Account)| Afterwards::payer(name, account) == Some(payer);
        let closed = before
            .iter()
            .filter(|(address, _)| !left.contains_key(address))
            .map(|(_, (name, account))| (name, account));
        let back: u64 = closed.filter(of).map(|(_, account)| account.lamports).sum();
        let fees = if payer == keeper { FEE * after.sent.get() } else { 0 };
        assert_eq!(world.lamports(payer), had + back - fees, "of {payer}");
    }

    // Nobody's money waits for somebody else's signature, or for nobody's.
    let all = world.touched().into_iter().filter_map(|address| Some((address, world.account(address)?))).collect();
    books::check_all(&all, &[]).unwrap();
    fn each<'a, T: joule_interface::Account + 'a>(all: &'a books::Accounts) -> impl Iterator<Item = &'a T> {
        all.values().filter_map(books::read)
    }
    let state: NetworkState = world.read(network.address);
    let account: CreditAccount = world.read(credits);
    assert_eq!(account.locked.iter().filter(|locked| !locked.is_zero()).collect::<Vec<_>>(), [&Credits(FORGOTTEN)]);
    assert_eq!((state.paused, state.roots.free, state.roots.owed), (0, Tokens(ADDITION), Tokens(0)));
    assert_eq!(world.tokens(network.burn_vault(0)) + world.tokens(network.burn_vault(1)), 0);
    assert!(each::<DepositState>(&all).all(|deposit| deposit.held.is_zero()));
    assert_eq!(world.lamports(operator), 2 * MINT_FEE);
    for provider in each::<Provider>(&all) {
        let on_their_way = [provider.bonded, provider.unbonding.tokens, provider.withheld.tokens, provider.slashed];
        assert_eq!(on_their_way, [Tokens(0); 4]);
        assert_eq!((provider.pending_slash_count, provider.unbonding.ticket_count), (0, 0));
    }

    let mut text = String::from(HEAD);
    let mut kinds = BTreeMap::<&str, usize>::new();
    left.values().for_each(|(name, _)| *kinds.entry(name).or_default() += 1);
    assert_eq!(kinds.keys().map(|kind| kind.to_string()).collect::<BTreeSet<_>>(), page::what_stays());
    kinds.iter().for_each(|(kind, count)| writeln!(text, "| {kind} | {count} |").unwrap());
    let own: u64 = each::<Provider>(&all).map(|provider| provider.own.0).sum();
    let delegated: u64 = each::<Provider>(&all).map(|provider| provider.delegated.tokens.0).sum();
    let accrued: u64 = each::<ProviderWork>(&all).map(|work| work.accrued.0).sum();
    let free = |owner: &dyn Fn(Address) -> bool| -> u64 {
        each::<DepositState>(&all).filter(|deposit| owner(deposit.client)).map(|deposit| deposit.free.0).sum()
    };
    let rows = [
        ("free credits", account.balance.0, "their owner"),
        ("credits locked for a spender that is closed", FORGOTTEN, "their owner"),
        ("work's tokens", accrued, "their providers"),
        ("tokens in the vault of the reward roots", world.tokens(network.root_vault()), "oracles"),
        ("own stake", own, "providers"),
        ("delegated stake", delegated, "delegators"),
        ("rewards", world.tokens(pool.vault) - own - delegated, "providers and delegators"),
        ("the client's deposit", free(&|owner| owner == client), "the client"),
        ("others' deposits", free(&|owner| owner != client), "providers and challengers"),
    ];
    text.push_str(VALUES);
    rows.iter().for_each(|(what, amount, whose)| writeln!(text, "| {what} | {amount} | {whose} |").unwrap());
    golden::compare("nothing_stuck.md", &text);
}

/// Sets the scene for a keeper that nobody tells anything: what needs a proof of a leaf is done before.
fn scene_for_a_keeper() -> Scene {
    let mut scene = Scene::on(World::lite_with(&[VERIFIER, GROTH16]));
    scene.world.run(1);
    scene.world.ok(&[tick_instruction(&scene.world)], &[]);
    scene.jobs();
    let (by, network) = (scene.network.guardian.pubkey(), scene.network.address);
    let pause = Pause { authority_or_guardian: by, network }.instruction(&PauseArgs {});
    scene.send(&[pause], &[&scene.network.guardian]);
    let challenge = scene.tasks.iter().find(|task| task.name == "a sold machine").expect("it is left").calls[0].clone();
    scene.world.ok(&[challenge], &[]);
    scene
}

/// Passes until one finds nothing to send.
fn work(keeper: &mut Keeper<Local>, sent: &mut BTreeSet<(&'static str, &'static str)>) {
    for round in 0.. {
        let pass = keeper.pass().expect("a chain that answers");
        // What is due and can be seen on the accounts can be done.
        assert!(pass.failed.is_empty(), "{:#?}", pass.failed);
        sent.extend(keeping::names(&pass.done));
        if pass.done.is_empty() {
            return;
        }
        assert!(round < 100, "it comes to an end: {:?}", keeping::names(&pass.done));
        keeper.chain.world.run(1);
    }
}

/// What the year does not need: `the_keeper_finds_what_is_rare`.
const RARE: [(&str, &str); 13] = [
    ("bme", "CancelPolicy"),
    ("bme", "ForwardTreasury"),
    ("bme", "MintDeferred"),
    ("bme", "UpdateAverage"),
    ("stake", "CancelPolicy"),
    ("stake", "CloseDelegation"),
    ("stake", "CollectRewards"),
    ("stake", "ExpireSlash"),
    ("stake", "ReleaseBond"),
    ("escrow", "ExecuteKeys"),
    ("identity", "RefreshAttestor"),
    ("identity", "RefreshNode"),
    ("identity", "ReinstateNode"),
];

/// What an auction needs, which nobody opens in the year: `the_keeper_sends_dollars_on`.
const OF_AUCTIONS: [(&str, &str); 2] = [("bme", "ExecuteDollarPolicy"), ("bme", "FoldDollars")];
/// Of jobs on a beacon: `the_keeper_reads_a_beacon_and_takes_jobs_off` of escrow's tests. To read one is a part of ending a job.
const OF_BEACONS: [(&str, &str); 3] = [("escrow", "CloseBeacon"), ("escrow", "LeaveBeacon"), ("escrow", "ReadBeacon")];
/// Of identities: `the_keeper_alone_brings_to_the_payee_what_an_identity_earned`, there as well.
const OF_IDENTITIES: [(&str, &str); 2] = [("escrow", "Act"), ("escrow", "PayOut")];

/// The keeper that operators run finds out by itself what is due, and leaves nothing.
#[test]
fn a_year_in_which_the_keeper_finds_out_by_itself() {
    let mut scene = scene_for_a_keeper();
    let key = scene.world.user();
    let (world, address) = (&scene.world, key.pubkey());
    let settings = Settings { least_fees: 1, ..Settings::default() };
    let limits = Limits { lamports_a_day: u64::MAX, accounts_a_day: u64::MAX, reread_every: 1, ..Limits::default() };
    let mut keeper = Keeper::new(Local::new(world, Faults::default(), 1), key, settings, limits, |_| {});
    let all = |world: &World| -> BTreeMap<Address, (String, Account)> {
        let of = |address| Some((address, named(world, address)?));
        world.touched().into_iter().filter_map(of).collect()
    };
    let before = all(world);
    let payers: BTreeSet<Address> =
        before.values().filter_map(|(name, account)| Afterwards::payer(name, account)).chain([address]).collect();
    let lamports: BTreeMap<Address, u64> = payers.iter().map(|payer| (*payer, world.lamports(*payer))).collect();

    let mut sent = BTreeSet::new();
    for (steps, length) in [(48, HOUR), (40, DAY), (46, 7 * DAY)] {
        for step in 0..steps {
            world.run(length);
            // The chain halts now and then, for two hours.
            if step % 5 == 4 {
                let pass = keeper.pass().expect("a chain that answers");
                assert!(pass.failed.is_empty(), "{:#?}", pass.failed);
                sent.extend(keeping::names(&pass.done));
                world.pass(2 * HOUR);
            }
            work(&mut keeper, &mut sent);
        }
    }
    let (_, due, pass) = keeper.read().expect("a chain that answers");
    assert!(due.is_empty() && pass.unread.is_empty(), "{due:#?}");
    let expected = SENDS.iter().flat_map(|(program, names)| names.iter().map(move |name| (*program, *name)));
    let elsewhere = [&RARE[..], &OF_AUCTIONS[..], &OF_BEACONS[..], &OF_IDENTITIES[..]].concat();
    let expected: BTreeSet<_> = expected.filter(|name| !elsewhere.contains(name)).collect();
    assert_eq!(sent, expected);

    // What stays is what the page says; rents are back with who paid them, and the keeper paid fees, and nothing else.
    let left = all(world);
    assert_eq!(left.values().map(|(name, _)| name.clone()).collect::<BTreeSet<_>>(), page::what_stays());
    let metrics = keeper.metrics();
    let confirmed = metrics.lock().unwrap().get("joule_keeper_transactions_total", Some(("outcome", "confirmed")));
    for (payer, had) in lamports {
        let closed = before.iter().filter(|(address, _)| !left.contains_key(address)).map(|(_, it)| it);
        let of_payer = closed.filter(|(name, account)| Afterwards::payer(name, account) == Some(payer));
        let back: u64 = of_payer.map(|(_, account)| account.lamports).sum();
        let fees = if payer == address { FEE * confirmed.expect("some were") as u64 } else { 0 };
        assert_eq!(world.lamports(payer), had + back - fees, "of {payer}");
    }
    let accounts = world.touched().into_iter().filter_map(|address| Some((address, world.account(address)?))).collect();
    books::check_all(&accounts, &[]).unwrap();
    let network = &scene.network;
    assert_eq!(world.tokens(network.burn_vault(0)) + world.tokens(network.burn_vault(1)), 0);
    let deposits = accounts.values().filter_map(books::read::<DepositState>);
    assert!(deposits.into_iter().all(|deposit| deposit.held.is_zero()));
    for provider in accounts.values().filter_map(books::read::<Provider>) {
        let on_their_way = [provider.bonded, provider.unbonding.tokens, provider.withheld.tokens, provider.slashed];
        assert_eq!(on_their_way, [Tokens(0); 4]);
    }
}

/// A day in which the server fails as no server does that somebody pays for: two keepers, each of which is started anew every hour,
/// leave nothing that has been due for long.
#[test]
fn a_day_of_faults_leaves_nothing_overdue() {
    let mut scene = scene_for_a_keeper();
    let keys: Vec<Keypair> = (0..2).map(|_| scene.world.user()).collect();
    let world = &scene.world;
    let settings = Settings { least_fees: 1, ..Settings::default() };
    let limits = Limits { reread_every: 1, longest_wait: 600, ..Limits::default() };
    let (mut failed, mut sent, mut expired) = (BTreeMap::<&str, u64>::new(), BTreeSet::new(), 0.0);
    for hour in 0..26 {
        let start = |(index, key): (usize, &Keypair)| {
            let chain = Local::new(world, Faults::MANY, 2 * hour + index as u64);
            Keeper::new(chain, key.insecure_clone(), settings.clone(), limits.clone(), |_| {})
        };
        let mut keepers: Vec<_> = keys.iter().enumerate().map(start).collect();
        let until = world.now().0 + HOUR as i64;
        while world.now().0 < until {
            for keeper in &mut keepers {
                // A server that does not answer at all is one for the next pass.
                if let Ok(pass) = keeper.pass() {
                    sent.extend(keeping::names(&pass.done));
                }
                world.run(30);
            }
        }
        for keeper in keepers {
            let metrics = keeper.metrics();
            let metrics = metrics.lock().unwrap();
            let of = |outcome| metrics.get("joule_keeper_transactions_total", Some(("outcome", outcome)));
            expired += of("expired").unwrap_or_default();
            keeper.chain.failed.iter().for_each(|(name, count)| *failed.entry(name).or_default() += count);
        }
    }
    // Every kind of fault was there, often.
    assert_eq!(failed.len(), 7, "{failed:?}");
    assert!(failed.values().all(|count| *count > 20) && expired > 0.0, "{failed:?} {expired}");
    assert!(sent.len() > 20, "{sent:?}");
    let mut judge =
        Keeper::new(Local::new(world, Faults::default(), 0), keys[0].insecure_clone(), settings, limits, |_| {});
    let (view, due, _) = judge.read().expect("a chain that answers");
    let late: Vec<_> = due.iter().filter(|due| view.now.since(due.since) > 1_800).collect();
    assert!(late.is_empty(), "{late:#?}");
}

/// All accounts of a kind.
fn every<T: joule_interface::Account>(world: &World) -> Vec<(Address, T)> {
    let of = |address: Address| {
        let account = world.account(address)?;
        Some((address, *T::read(&account.owner, &account.data)?))
    };
    world.touched().into_iter().filter_map(of).collect()
}

/// Puts tokens into an account that is there.
fn fill(world: &mut World, address: Address, amount: u64) {
    let mut account = world.account(address).expect("a token account");
    account.data[64..72].copy_from_slice(&amount.to_le_bytes());
    world.set_account(address, account);
}

/// States that the year does not come to are put there.
#[test]
fn the_keeper_finds_what_is_rare() {
    let mut scene = scene_for_a_keeper();
    let key = scene.world.user();
    scene.world.run(1_000);
    let published = price_update(scene.world.now().0);
    scene.world.set_price(scene.network.price, &published);
    let (now, pool) = (scene.world.now(), scene.pool);
    let (past, network) = (Timestamp(now.0 - 1), scene.network.address);
    let world = &mut scene.world;

    // Policies that nobody can execute any more, and a slash.
    for (address, change) in every::<joule_bme_interface::state::PolicyChange>(world) {
        world.forge(address, &joule_bme_interface::state::PolicyChange { base_policy_version: 99, ..change });
    }
    let expired = Timestamp(now.0 - 15 * DAY as i64);
    for (address, change) in every::<stake_state::PolicyChange>(world) {
        world.forge(address, &stake_state::PolicyChange { executable_at: expired, ..change });
    }
    let (address, slash) = every::<stake_state::Slash>(world)[0];
    world.forge(address, &stake_state::Slash { expires_at: past, ..slash });
    // Tokens that the breaker held, for stakers whose account is the pool's.
    let stakers = world.token_account(pool.mint, pool.address);
    let mut state: NetworkState = world.read(network);
    state.policy.stakers_token_account = stakers;
    state.deferred.stakers = Tokens(7);
    world.forge(network, &state);
    // A delegation that slashes left nothing of.
    let address = scene.workers[5].own.provider;
    let mut provider: Provider = world.read(address);
    let shares = joule_math::U128::new(5);
    provider.delegated = stake_state::Pot { tokens: Tokens(0), price: 1, shares };
    provider.delegation_count += 1;
    world.forge(address, &provider);
    let (owner, payer) = (world.address(), scene.funder.pubkey());
    let delegation = stake_state::Delegation { provider: address, owner, payer, shares, ..Default::default() };
    let header = joule_interface::Header { discriminator: 3, version: 1, ..Default::default() };
    let place = pda::delegation::find(&address, &owner).0;
    world.forge(place, &stake_state::Delegation { header, multiplier: Bps::WHOLE, ..delegation });
    // A job that owes credits: its bond waits until they are paid, or will never be.
    let jobs = every::<JobState>(world).into_iter();
    let mut ended = jobs.filter(|(_, job)| job.state == job_state::FINISHED && job.bond_unsettled == 1);
    let (owing, job) = ended.find(|(_, job)| job.mint == Address::default()).expect("one was stopped");
    world.forge(owing, &JobState { state: job_state::OWING, ..job });
    // Keys that were announced, and what came in for the treasury.
    let identity = Identity::new(world);
    let announced: KeysState = world.read(identity.address);
    world.forge(identity.address, &KeysState { next_manager: owner, executable_at: past, ..announced });
    let (_, upkeep) = every::<UpkeepState>(world)[0];
    let treasury = world.tokens(upkeep.treasury);
    fill(world, upkeep.vault, 100 * TOKEN);
    // A bond whose slasher was dismissed.
    let (slasher, _) = every::<stake_state::Slasher>(world).into_iter().find(|(_, it)| it.rights == 0).expect("one is");
    let bonds = every::<stake_state::Bond>(world);
    let (bond, free) = bonds.into_iter().find(|(_, bond)| bond.reusable == 1).expect("one is open");
    world.forge(bond, &stake_state::Bond { slasher, ..free });
    // An attestor whose bond is there again, a machine that it does not count for, and one whose suspension is over.
    let (address, mut registry) = every::<machines::Registry>(world)[0];
    registry.attestors[0].bonded = 0;
    world.forge(address, &registry);
    for (address, mut node) in every::<machines::Node>(world) {
        if node.status & machines::status::LOST == 0 {
            node.attestations[0].weight = 9;
        } else {
            node.status |= machines::status::SUSPENDED;
            node.suspension_ends_at = past;
        }
        world.forge(address, &node);
    }

    let prices = BTreeMap::from([(network, scene.network.price)]);
    let settings = Settings { least_fees: 1, prices, ..Settings::default() };
    let limits = Limits { reread_every: 1, ..Limits::default() };
    let mut keeper = Keeper::new(Local::new(&scene.world, Faults::default(), 1), key, settings, limits, |_| {});
    let (_, due, _) = keeper.read().expect("a chain that answers");
    let of_owing: Vec<_> = due.iter().filter(|due| due.account == owing).map(|due| due.name.1).collect();
    assert_eq!(of_owing, ["SettleJob"]);
    let mut sent = BTreeSet::new();
    // What was refreshed before that on which it depends is refreshed again, a minute later.
    work(&mut keeper, &mut sent);
    keeper.chain.world.run(60);
    work(&mut keeper, &mut sent);
    let missing: Vec<_> = RARE.iter().filter(|name| !sent.contains(*name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let (_, due, _) = keeper.read().expect("a chain that answers");
    assert!(due.is_empty(), "{due:#?}");

    let world = &scene.world;
    assert_eq!((world.tokens(stakers), world.read::<NetworkState>(network).deferred.stakers), (0, Tokens(0)));
    assert_eq!(world.read::<KeysState>(identity.address).manager, owner);
    // A tenth is kept for keepers, up to a token.
    assert_eq!((world.tokens(upkeep.vault), world.tokens(upkeep.treasury) - treasury), (TOKEN, 99 * TOKEN));
    assert!(world.account(place).is_none());
    assert_eq!(world.read::<stake_state::Bond>(bond).slasher, Address::default());
    assert_eq!(every::<machines::Registry>(world)[0].1.attestors[0].bonded, 1);
    let nodes = every::<machines::Node>(world);
    assert!(nodes.iter().all(|(_, node)| !node.is_blocked() && node.attestations[0].weight <= 1));
    assert!(world.read::<NetworkState>(network).average.published_at == now);
}

/// Dollars that were paid for credits go on to their auction, and what was announced of it comes into force.
#[test]
fn the_keeper_sends_dollars_on() {
    let mut world = World::lite();
    let [buyer, key] = std::array::from_fn(|_| world.user());
    let (network, _) = Network::new(&mut world, &[buyer.pubkey()]);
    // So that no circle of dollars pays.
    let mut state: NetworkState = world.read(network.address);
    state.policy.payout_share = Bps(6_000);
    state.terms = EpochTerms::of(&state.policy, state.weights());
    world.forge(network.address, &state);
    let dollars = Dollars::new(&mut world, &network);
    let wallet = dollars.wallet(&mut world, buyer.pubkey(), 10 * DOLLAR);
    let credits = network.open_credit_account(&world, buyer.pubkey());
    let other = DollarPolicy { cut: Bps(500), ..dollars.policy() };
    world.ok(&[dollars.propose_instruction(&network.authority, other)], &[&network.authority]);
    network.refresh_price(&mut world);
    dollars.publish(&mut world, 100_000_000);
    let buy = dollars.buy_instruction(&network, buyer.pubkey(), (wallet, credits), 10 * DOLLAR);
    world.ok(&[buy], &[&buyer]);
    dollars.wait(&world, &network);

    let (chain, settings) = (Local::new(&world, Faults::default(), 1), Settings::default());
    let mut keeper = Keeper::new(chain, key, settings, Limits::default(), |_| {});
    let mut sent = BTreeSet::new();
    work(&mut keeper, &mut sent);
    assert!(OF_AUCTIONS.iter().all(|name| sent.contains(name)), "{sent:?}");
    assert_eq!((world.tokens(dollars.vault(0)), dollars.state(&world).policy.cut), (0, Bps(500)));
    let (_, due, _) = keeper.read().expect("a chain that answers");
    assert!(due.is_empty(), "{due:#?}");
}

/// Whoever is late with a job that is paid in dollars has no excuse unless the issuer froze what pays.
#[test]
fn the_keeper_cancels_what_an_issuer_could_freeze() {
    let mut scene = Scene::on(World::lite());
    let key = scene.world.user();
    scene.mint = scene.world.classic_dollar();
    let client = scene.client.pubkey();
    let deposit = Deposit::of(client, scene.mint.address, scene.mint.token_program);
    scene.world.ok(&[deposit.open_naming_instruction(&scene.world, issuer_power::FREEZE)], &[&scene.client]);
    scene.world.mint_to(&scene.mint, deposit.vault, 200 * TOKEN);
    let payer = scene.world.payer().pubkey();
    scene.world.ok(&[deposit.deposit_instruction(payer, deposit.vault, 0)], &[]);
    let terms = accepted(scene.world.key().pubkey(), usual_terms());
    let market = scene.market(terms).paid_in(&scene.mint);
    let create = market.create_naming_instruction(&scene.world, &scene.network, issuer_power::FREEZE);
    scene.world.ok(&[create], &[&scene.network.authority]);
    let market = market.with_queue(&scene.world, 8);
    let worker = &scene.workers[2].key;
    scene.world.ok(&[market.join_instruction(worker.pubkey(), 0)], &[worker]);
    let job = scene.found_by(&market, 2, matching::QUEUE);
    assert_eq!(scene.world.read::<JobState>(job.address).state, job_state::ASSIGNED);
    scene.world.run(2 * HOUR);

    let chain = Local::new(&scene.world, Faults::default(), 1);
    let mut keeper = Keeper::new(chain, key, Settings::default(), Limits::default(), |_| {});
    let mut sent = BTreeSet::new();
    work(&mut keeper, &mut sent);
    assert!(sent.contains(&("escrow", "CancelJob")), "{sent:?}");
    assert!(scene.world.account(job.address).is_none(), "and closed");
}

/// What ends a job, and closes it, in a market with a tip; and what a network pays for the halt clock's tick.
#[test]
fn the_keeper_takes_tips() {
    const TIP: u32 = 50_000;
    let mut scene = Scene::on(World::lite());
    let key = scene.world.user();
    let market = scene.in_tokens(usual_terms());
    scene.world.ok(&[market.set_tip_instruction(&scene.network, TIP)], &[&scene.network.authority]);
    let (address, state) = every::<UpkeepState>(&scene.world)[0];
    let upkeep = Upkeep { address, vault: state.vault, treasury: state.treasury };
    let tick = tick_instruction(&scene.world);
    let chore = upkeep.chore_instruction(&scene.network, 0, &tick, (1, 1), (TOKEN / 8, 60));
    scene.world.ok(&[chore], &[&scene.network.authority]);
    fill(&mut scene.world, upkeep.vault, 100 * TOKEN);
    scene.world.ok(&[upkeep.forward_instruction(&scene.network)], &[]);
    let wallet = scene.world.associated_account(scene.network.mint, key.pubkey());
    let job = scene.posted(&market, 0);

    let address = key.pubkey();
    let mut keeper = who_waits_for_tips(&scene.world, key);
    let mut sent = BTreeSet::new();
    let state = scene.world.read::<JobState>(job.address);
    // A second too early.
    scene.world.run(state.deadline_at.0 as u64 + 60 - scene.world.now().0 as u64);
    let pass = keeper.pass().expect("a chain that answers");
    assert!(pass.done.iter().all(|done| done.1 != job.address), "{:?}", pass.done);
    scene.world.run(1);
    work(&mut keeper, &mut sent);
    let state = scene.world.read::<JobState>(job.address);
    assert_eq!((state.state, state.tips_taken), (job_state::CANCELLED, tip::END));
    scene.world.run(DAY + HOUR);
    let before = scene.world.lamports(address);
    work(&mut keeper, &mut sent);
    assert!(scene.world.account(job.address).is_none());
    // Of what it was paid for closing, fees are taken.
    let fees = scene.world.lamports(address) + 20 * FEE - before;
    assert!(fees > TIP as u64 && sent.contains(&("escrow", "CloseJob")), "{fees} {sent:?}");
    assert!(scene.world.tokens(wallet) >= TOKEN / 4 && scene.world.tokens(wallet).is_multiple_of(TOKEN / 8));
}

/// What a network pays for its queue: the keeper sweeps it when something is to be swept, with the tip before it.
#[test]
fn the_keeper_takes_the_tip_for_sweeping_a_queue() {
    let mut scene = Scene::on(World::lite());
    let key = scene.world.user();
    let market = scene.in_tokens(usual_terms()).with_queue(&scene.world, 8);
    let (address, state) = every::<UpkeepState>(&scene.world)[0];
    let upkeep = Upkeep { address, vault: state.vault, treasury: state.treasury };
    let sweep = market.sweep_instruction(256, &[]);
    let chore = upkeep.chore_instruction(&scene.network, 0, &sweep, (1, 3), (TOKEN / 8, 60));
    scene.world.ok(&[chore], &[&scene.network.authority]);
    fill(&mut scene.world, upkeep.vault, 100 * TOKEN);
    scene.world.ok(&[upkeep.forward_instruction(&scene.network)], &[]);
    let wallet = scene.world.associated_account(scene.network.mint, key.pubkey());
    scene.found_by(&market, 0, matching::QUEUE);

    let chain = Local::new(&scene.world, Faults::default(), 1);
    let mut keeper = Keeper::new(chain, key, Settings::default(), Limits::default(), |_| {});
    let mut sent = BTreeSet::new();
    scene.world.run(600);
    work(&mut keeper, &mut sent);
    assert!(!sent.contains(&("escrow", "SweepQueue")), "the job still waits: {sent:?}");
    assert_eq!(scene.world.tokens(wallet), 0);
    scene.world.run(DAY);
    work(&mut keeper, &mut sent);
    assert!(sent.contains(&("escrow", "SweepQueue")), "{sent:?}");
    assert_eq!(scene.world.tokens(wallet), TOKEN / 8);
}

/// A market whose results are verified, and which tips.
fn verified_for_tips(terms: Terms) -> (Scene, Market, Verified) {
    let scene = Scene::on(World::lite_with(&[VERIFIER, GROTH16]));
    let market = scene.in_tokens(accepted(scene.world.key().pubkey(), terms));
    let mint = (scene.mint.address, scene.mint.token_program);
    let how =
        Verified::unborn(&scene.network, VERIFIER.1, mint, CreateVerificationArgs { id: 1, ..usual_verification() });
    let tip = market.set_tip_instruction(&scene.network, 50_000);
    let [create, set] =
        [how.create_instruction(&scene.world, &scene.network), how.set_instruction(&scene.network, &market)];
    scene.send(&[create, set, tip], &[&scene.network.authority]);
    (scene, market, how)
}

/// A keeper that waits for each tip.
fn who_waits_for_tips(world: &World, key: Keypair) -> Keeper<Local<'_>> {
    let settings = Settings { wait_for_tips: Seconds(DAY as u32), ..Settings::default() };
    Keeper::new(Local::new(world, Faults::default(), 1), key, settings, Limits::default(), |_| {})
}

/// What decides a panel, pays and settles its replicas, and closes it, each once.
#[test]
fn the_keeper_takes_tips_of_panels() {
    let bonded = Terms { bond_amount: Tokens(TOKEN), no_start_penalty: Bps(2_000), ..usual_terms() };
    let (mut scene, market, how) = verified_for_tips(bonded);
    let key = scene.world.user();
    scene.panels(&market, &how);
    let mut keeper = who_waits_for_tips(&scene.world, key);
    let mut sent = BTreeSet::new();
    for _ in 0..12 {
        scene.world.run(HOUR);
        work(&mut keeper, &mut sent);
    }
    // They wait for the tip of their end.
    let panels = every::<PanelState>(&scene.world);
    assert_eq!(panels.len(), 4);
    for (_, panel) in &panels {
        let bonded = panel.replicas.iter().filter(|replica| replica.provider != Address::default()).count() as u32;
        let settled = (panel.tips_taken >> panel_tip::SETTLE).count_ones();
        assert!(panel.state >= panel_state::AGREED && panel.tips_taken & 1 << panel_tip::END != 0);
        assert_eq!(settled, bonded, "{:b}", panel.tips_taken);
    }
    scene.world.run(DAY);
    work(&mut keeper, &mut sent);
    assert!(panels.iter().all(|(address, _)| scene.world.account(*address).is_none()));
}

/// What ends a game, settles it, pays its challenger and closes it, each once; and what closes the trace.
#[test]
fn the_keeper_takes_tips_of_games() {
    let (mut scene, market, how) = verified_for_tips(usual_terms());
    let key = scene.world.user();
    scene.games(&market, &how);
    let mut keeper = who_waits_for_tips(&scene.world, key);
    let mut sent = BTreeSet::new();
    for _ in 0..6 {
        scene.world.run(HOUR);
        work(&mut keeper, &mut sent);
    }
    let games = every::<GameState>(&scene.world);
    assert_eq!(games.len(), 6);
    for (_, game) in &games {
        // It waited for each tip; who won by silence is paid by the settlement.
        let by_play = game.phase == game_phase::CHALLENGER_WON && game.ended_by_silence == 0;
        let paid = if by_play { game_tip::PAY } else { 0 };
        assert_eq!((game.unpaid, game.tips_taken), (0, game_tip::END + game_tip::SETTLE + paid));
    }
    scene.world.run(40 * DAY);
    work(&mut keeper, &mut sent);
    assert!(games.iter().all(|(address, _)| scene.world.account(*address).is_none()));
    assert!(every::<TraceState>(&scene.world).is_empty());
}

/// What is another network's is another keeper's; the halt clock and commitments are nobody's.
#[test]
fn a_keeper_serves_the_networks_that_it_is_told() {
    let mut scene = scene_for_a_keeper();
    let key = scene.world.user();
    scene.world.run(3 * DAY);
    let due = |network| {
        let settings = Settings { networks: Some(BTreeSet::from([network])), least_fees: 1, ..Settings::default() };
        let (chain, key) = (Local::new(&scene.world, Faults::default(), 1), key.insecure_clone());
        let (_, due, pass) = Keeper::new(chain, key, settings, Limits::default(), |_| {}).read().expect("an answer");
        assert!(pass.unread.is_empty());
        due.iter().map(|due| due.name.1).collect::<BTreeSet<_>>()
    };
    assert_eq!(due(scene.world.address()), BTreeSet::from(["CloseCommitment", "TickClock"]));
    assert!(due(scene.network.address).len() > 20);
}

/// A provider without a token account keeps no job from ending. It is owed, until somebody opens one.
#[test]
fn who_lacks_an_account_is_owed_until_somebody_opens_one() {
    let mut scene = scene_for_a_keeper();
    let keys = [scene.world.user(), scene.world.user()];
    let (wallet, provider) = (scene.workers[0].wallet, scene.workers[0].key.pubkey());
    scene.world.set_account(wallet, Account::default());
    let world = &scene.world;
    let owing = || {
        let jobs = every::<JobState>(world).into_iter().map(|(_, job)| job);
        jobs.filter(|job| job.state == job_state::OWING && job.provider == provider).count()
    };
    let run = |key: &Keypair, opens_accounts| {
        let networks = Some(BTreeSet::from([scene.network.address]));
        let settings = Settings { networks, least_fees: 1, opens_accounts, ..Settings::default() };
        let (chain, key) = (Local::new(world, Faults::default(), 1), key.insecure_clone());
        let limits =
            Limits { lamports_a_day: u64::MAX, accounts_a_day: u64::MAX, reread_every: 1, ..Limits::default() };
        let mut keeper = Keeper::new(chain, key, settings, limits, |_| {});
        for _ in 0..30 {
            world.run(DAY);
            work(&mut keeper, &mut BTreeSet::new());
        }
    };
    run(&keys[0], false);
    assert!(owing() > 0 && world.account(wallet).is_none());
    run(&keys[1], true);
    assert!(owing() == 0 && world.tokens(wallet) > 0);
}

/// An account of one of our programs, with its program's name and its own.
fn named(world: &World, address: Address) -> Option<(String, Account)> {
    let account = world.account(address)?;
    let program = PROGRAMS.iter().find(|program| program.id == account.owner)?;
    let (_, spec) = program.accounts.iter().find(|(discriminator, _)| account.data.first() == Some(discriminator))?;
    Some((format!("{}.{}", program.name, spec.name), account))
}
