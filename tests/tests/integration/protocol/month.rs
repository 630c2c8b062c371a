//! A month in which nobody but a keeper does what anyone may do, and the keeper does nothing that it is not paid for: each of its
//! transactions has a tip. Parties fetch what is theirs.

use {
    joule_bme_interface::{
        instruction::{AccrueWork, AccrueWorkArgs},
        state::{Epoch, Network as NetworkState, ProviderWork, Upkeep as UpkeepState},
    },
    joule_escrow_interface::{
        ID,
        state::{HALT_CLOCK, HaltClock, Job as JobState, Terms, job_state},
    },
    joule_interface::{Account as _, Address, Instruction},
    joule_math::{Amount, Tokens},
    joule_tests::{
        Network, World,
        fixture::{Job, Market, Pool, TOKEN, Upkeep, accepted, tick_instruction, usual_terms},
    },
    solana_keypair::Keypair,
    solana_signer::Signer,
};

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;
const DAYS: u64 = 30;
/// Lamports for each thing that parties of a job leave: what a transaction costs, four times.
const TIP: u32 = 20_000;
/// Tokens for each chore of the network.
const CHORE: u64 = TOKEN / 100;
/// How often the keeper looks.
const LOOK: u64 = 6 * HOUR;

struct Month {
    world: World,
    network: Network,
    pool: Pool,
    upkeep: Upkeep,
    client: Keypair,
    worker: Keypair,
    /// The worker's record of work.
    work: Address,
    keeper: Keypair,
    /// The keeper's tokens.
    wallet: Address,
    source: Address,
    credits: Address,
    /// The client's, of what is staked: what a bond seized would be paid to.
    receiver: Address,
    jobs: Vec<(Market, Job)>,
    /// What the keeper sent.
    sent: u64,
    posted: u64,
}

impl Month {
    fn new() -> Self {
        let mut world = World::new();
        let [client, worker, keeper] = std::array::from_fn(|_| world.user());
        let (mut network, tokens) = Network::new(&mut world, &[client.pubkey(), worker.pubkey()]);
        network.vouch(&mut world);
        let upkeep = Upkeep::unborn(&mut world, &network);
        world.ok(&[upkeep.set_instruction(&world, &network, 1_000, 1_000 * TOKEN)], &[&network.authority]);
        // As a change of policy that waited long ago would have.
        let mut state: NetworkState = world.read(network.address);
        state.policy.treasury_token_account = upkeep.vault;
        world.forge(network.address, &state);
        network.treasury = upkeep.vault;
        let credits = network.open_credit_account(&world, client.pubkey());
        let work = network.open_provider_work(&world, worker.pubkey());
        let pool = Pool::new(&world, &network);
        let staked = pool.register(&world, &worker);
        let own = pool.open_delegation(&world, staked, worker.pubkey(), tokens[1]);
        world.ok(&[pool.stake_instruction(&own, 400 * TOKEN)], &[&worker]);
        let wallet = world.token_account(network.mint, keeper.pubkey());
        // The clock of the deployment is there: whoever ticks it first pays its rent for good.
        world.ok(&[tick_instruction(&world)], &[]);
        // Before the first epoch has brought something, somebody has to: a share of it is for keepers.
        world.ok(&[network.transfer_instruction(tokens[0], upkeep.vault, &client, 10 * TOKEN)], &[&client]);
        world.pass(1);
        let [source, receiver] = [tokens[0], tokens[0]];
        let month = Self {
            world,
            network,
            pool,
            upkeep,
            client,
            worker,
            work,
            keeper,
            wallet,
            source,
            credits,
            receiver,
            jobs: vec![],
            sent: 0,
            posted: 0,
        };
        for (index, (chore, place, interval)) in month.chores(0).into_iter().enumerate() {
            let set = month.upkeep.chore_instruction(
                &month.network,
                index as u8,
                &chore,
                (place, 1),
                (CHORE, interval as u32),
            );
            month.world.ok(&[set], &[&month.network.authority]);
        }
        month
    }

    fn state(&self) -> NetworkState {
        self.world.read(self.network.address)
    }

    /// What the network pays for: the instruction as it is sent while `epoch` is open, where it names its account, and how often.
    fn chores(&self, epoch: u64) -> Vec<(Instruction, u8, u64)> {
        let network = &self.network;
        let mut tick = tick_instruction(&self.world);
        tick.accounts[0].pubkey = self.keeper.pubkey();
        let mut close = network.close_instruction(&self.world, epoch, &[0, 1]);
        close.accounts[0].pubkey = self.keeper.pubkey();
        vec![
            // Each call folds a shard: a minute, so that who folds one of many does not leave the others unpaid.
            (close, 1, 60),
            (network.burn_instruction(0), 1, DAY - HOUR),
            (network.burn_instruction(1), 1, DAY - HOUR),
            (tick, 1, LOOK - HOUR),
            (network.update_average_instruction(), 0, LOOK - HOUR),
            (self.sweep(), 0, DAY / 2),
        ]
    }

    /// The epochs that are closed and not swept.
    fn closed_epochs(&self) -> impl Iterator<Item = u64> + '_ {
        (0..self.state().open_epoch).filter(|epoch| self.world.account(self.network.epoch(*epoch)).is_some())
    }

    /// What sweeps the oldest of them: its rent comes back to the keeper, who paid it.
    fn sweep(&self) -> Instruction {
        let oldest = self.closed_epochs().next().unwrap_or_default();
        let mut sweep = self.network.sweep_instruction(&self.world, oldest);
        sweep.accounts[2].pubkey = self.keeper.pubkey();
        sweep
    }

    /// What accrues the worker's oldest work: a record that is full takes no more, and whoever pays into it makes room.
    fn accrue(&self) -> Option<Instruction> {
        let work: ProviderWork = self.world.read(self.work);
        let open = self.state().open_epoch;
        let oldest = work
            .work
            .iter()
            .filter(|work| !work.credits.is_zero() && work.epoch < open)
            .map(|work| work.epoch)
            .min()?;
        let epoch = self.network.epoch(oldest);
        Some(AccrueWork { provider_work: self.work, epoch }.instruction(&AccrueWorkArgs {}))
    }

    /// The client buys, and posts three jobs: one that nobody starts, one that runs, one that is delivered.
    fn day(&mut self, markets: &[Market; 2]) {
        let Self { world, network, client, worker, .. } = self;
        network.refresh_price(world);
        world.ok(&[network.buy_instruction(client.pubkey(), self.source, self.credits, 2 * TOKEN)], &[client]);
        for (kind, market) in [&markets[0], &markets[0], &markets[1]].into_iter().enumerate() {
            let job = market.job(client.pubkey(), self.posted, worker.pubkey(), self.work);
            self.posted += 1;
            world.ok(&[market.post_instruction(world, &job, 3_600)], &[client]);
            if kind > 0 {
                world.ok(&[market.start_instruction(world, &job)], &[worker]);
            }
            if kind == 2 {
                world.run(60);
                world.ok(&[market.deliver_instruction(&job, [7; 32])], &[worker]);
            }
            self.jobs.push((*market, job));
        }
    }

    /// The keeper sends something with its tip before it. It pays the fee, and is paid more.
    fn paid(&mut self, before: Option<Instruction>, tip: Instruction, what: Instruction) -> bool {
        let signs = what.accounts.iter().any(|meta| meta.is_signer);
        let signers: &[&Keypair] = if signs { &[&self.keeper] } else { &[] };
        let all: Vec<Instruction> = before.into_iter().chain([tip, what]).collect();
        let is_sent = self.world.send(&all, signers).is_ok();
        self.sent += is_sent as u64;
        is_sent
    }

    /// What a job's state asks of anyone, once its time is over.
    fn left(&self, market: &Market, job: &Job) -> Option<Instruction> {
        let state: JobState = self.world.read(job.address);
        let keeper = self.keeper.pubkey();
        Some(match state.state {
            job_state::POSTED | job_state::ASSIGNED => market.cancel_instruction(job, keeper),
            job_state::RUNNING => market.finish_instruction(job, keeper, [0; 32]),
            job_state::DELIVERED => market.accept_instruction(job, keeper),
            job_state::OWING => market.settle_instruction(job),
            _ if state.bond_unsettled == 1 => market.settle_bond_instruction(job, self.receiver),
            job_state::FINISHED | job_state::CANCELLED => market.close_job_instruction(&self.world, job),
            _ => return None,
        })
    }

    /// The keeper looks at everything, and sends what pays.
    fn look(&mut self) {
        let open = self.state().open_epoch;
        for (index, (chore, ..)) in self.chores(open).into_iter().enumerate() {
            let tip = self.upkeep.tip_instruction(&self.network, index as u8, self.wallet);
            self.paid(None, tip, chore);
        }
        for (market, job) in self.jobs.clone() {
            while self.world.account(job.address).is_some_and(|account| account.owner == ID) {
                let Some(what) = self.left(&market, &job) else { break };
                let tip = market.tip_instruction(&job, self.keeper.pubkey());
                let accrue = self.accrue();
                if !self.paid(None, tip.clone(), what.clone()) && (accrue.is_none() || !self.paid(accrue, tip, what)) {
                    break;
                }
            }
        }
        let world = &self.world;
        self.jobs.retain(|(_, job)| world.account(job.address).is_some());
    }
}

#[test]
fn a_keeper_that_only_does_what_pays_keeps_a_network_alive_for_a_month() {
    let mut month = Month::new();
    let arbiter = month.world.address();
    let bonded = |terms| Terms { bond_amount: Tokens(TOKEN), reports: 1, price: Amount(100), ..terms };
    let markets = [
        Market::new(&month.world, &month.network, &month.pool, bonded(usual_terms())),
        Market::another(&month.world, &month.network, &month.pool, 1, bonded(accepted(arbiter, usual_terms()))),
    ];
    for market in &markets {
        month.world.ok(&[market.set_tip_instruction(&month.network, TIP)], &[&month.network.authority]);
    }
    let began = month.world.lamports(month.keeper.pubkey());
    for _ in 0..DAYS {
        month.day(&markets);
        for _ in 0..DAY / LOOK {
            month.world.run(LOOK);
            month.network.refresh_price(&mut month.world);
            month.look();
            // Each epoch is closed when it is over, or at the next look.
            let state = month.state();
            assert!(month.world.now().0 < state.epoch_ends_at.0 + LOOK as i64, "an epoch waits");
        }
        let clock: HaltClock = month.world.read(HALT_CLOCK);
        assert!(month.world.now().since(clock.ticked_at) <= LOOK, "the halt clock was not ticked");
    }
    // Every job that is older than two days is closed, with its bond settled and its money where it belongs.
    assert!(month.jobs.len() <= 6, "{} jobs are left of {}", month.jobs.len(), month.posted);
    assert!(month.state().open_epoch >= DAYS - 2);
    // What buyers paid is burned, but for the last day's.
    assert!(month.world.tokens(month.network.burn_vault(0)) <= 2 * TOKEN);
    assert!(month.state().burned.get() >= ((DAYS - 1) * 2 * TOKEN) as u128);
    // It was paid for all that it sent: in lamports what jobs' payers advanced, in tokens a share of what the treasury got.
    let rents = month.closed_epochs().count() as u64 * month.world.rent(Epoch::SIZE);
    let lamports = month.world.lamports(month.keeper.pubkey()) + rents - began;
    let tokens = month.world.tokens(month.wallet);
    let upkeep: UpkeepState = month.world.read(month.upkeep.address);
    assert_eq!(upkeep.paid, Tokens(tokens));
    assert_eq!((lamports % TIP as u64, tokens % CHORE), (0, 0));
    let (for_jobs, for_chores) = (lamports / TIP as u64, tokens / CHORE);
    assert_eq!(for_jobs + for_chores, month.sent);
    // Three things of most of three jobs a day, and six chores, some of them four times.
    assert!(for_jobs >= (DAYS - 2) * 8 && for_chores >= DAYS * 6, "{for_jobs} tips of jobs, {for_chores} of chores");
    month.world.ok(&[month.upkeep.forward_instruction(&month.network)], &[]);
    let upkeep: UpkeepState = month.world.read(month.upkeep.address);
    let to_treasury = month.world.tokens(month.upkeep.treasury);
    let got = to_treasury + upkeep.kept.0 + upkeep.paid.0;
    assert!(upkeep.paid.0 <= got / 10, "keepers got {} of {got}", upkeep.paid.0);
}
