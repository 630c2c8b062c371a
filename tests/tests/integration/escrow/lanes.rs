//! Markets in more than one lane of a network: whose work their jobs are, and who pays for them.

use {
    super::*,
    joule_bme_interface::{
        BmeError,
        instruction::{AccrueWork, AccrueWorkArgs},
        state::{Epoch, EpochTerms, Network as NetworkState, Spender},
    },
    joule_escrow_interface::state::{Panel as PanelState, panel_state},
    joule_tests::fixture::{Mandate, Panel, Verified, usual_verification},
};

/// A network of two lanes, 3 to 1, with a market, a spender and a work shard in each, and the first worker's record in both.
struct Lanes {
    story: Story,
    markets: [Market; 2],
    works: [Address; 2],
}

impl Lanes {
    fn new() -> Self {
        let mut story = Story::new();
        let mut state: NetworkState = story.world.read(story.network.address);
        for (lane, weight) in [300, 100].into_iter().enumerate() {
            (state.policy.lane_weights[lane], state.lanes[lane].weight) = (weight, weight);
        }
        state.terms = EpochTerms::of(&state.policy, state.weights());
        story.world.forge(story.network.address, &state);
        let (network, world) = (&story.network, &story.world);
        let unborn = |id, lane| Market::unborn(network, &story.pool, id, usual_terms()).in_lane(network, lane);
        let add = [
            network.add_lane_shard_instruction(world, 2, 1),
            network.add_spender_instruction(world, unborn(0, 1).authority, 1),
        ];
        world.ok(&add, &[&network.authority]);
        let other_work = network.open_lane_work(world, story.workers[0].key.pubkey(), 1);
        let markets = [0, 1].map(|lane| unborn(story.number(), lane).create(world, network));
        let works = [story.workers[0].work, other_work];
        Self { story, markets, works }
    }

    /// A job of the lane's market.
    fn unposted(&self, lane: usize) -> Job {
        self.unposted_in(&self.markets[lane], lane)
    }

    /// A job of this market, which is of the lane.
    fn unposted_in(&self, market: &Market, lane: usize) -> Job {
        let job = self.story.unposted(market);
        let shard = self.story.network.work_shard([0, 2][lane]);
        Job { payee: self.works[lane], work_shard_or_vault: shard, ..job }
    }

    fn running(&self, lane: usize) -> Job {
        let (story, market, job) = (&self.story, &self.markets[lane], self.unposted(lane));
        story.world.ok(&[story.post(market, &job, HOUR)], &story.posting());
        story.start(market, &job);
        job
    }

    fn finish(&self, lane: usize, job: &Job) -> Instruction {
        self.markets[lane].finish_instruction(job, job.client, NO_RESULT)
    }

    fn paid(&self, job: &Job) -> (u64, u64) {
        let state = self.story.job(job);
        assert!(state.is_over());
        (state.paid.0, state.refunded.0)
    }
}

#[test]
fn each_lane_pays_the_jobs_of_its_market() {
    let mut it = Lanes::new();
    // So that the lanes' parts are those of their weights.
    it.story.network.vouch(&mut it.story.world);
    let (story, world) = (&it.story, &it.story.world);
    let lanes = [0, 1].map(|lane| world.read::<joule_escrow_interface::state::Market>(it.markets[lane].address).lane);
    assert_eq!(lanes, [0, 1], "the spender's");
    let jobs = [it.running(0), it.running(1)];
    assert_eq!(jobs.map(|job| story.job(&job).lane), [0, 1]);
    assert_eq!(jobs.map(|job| story.job(&job).spender_number), [0, 1]);
    // Ten times as much work in the lane that is given a third of the other's.
    for (lane, seconds) in [(0, 100), (1, 900)] {
        world.pass(seconds);
        world.ok(&[it.finish(lane, &jobs[lane])], &[&story.client]);
    }
    assert_eq!(jobs.map(|job| it.paid(&job).0), [100 * PRICE, 1_000 * PRICE]);
    assert_eq!(it.works.map(|work| world.read::<ProviderWork>(work).total_work.0), [100 * PRICE, 1_000 * PRICE]);
    world.pass(86_400);
    world.ok(&[story.network.close_instruction(world, 0, &[0, 1, 2])], &[]);
    let epoch: Epoch = world.read(story.network.epoch(0));
    assert_eq!([0, 1].map(|lane| epoch.lanes[lane].counted.0), [100 * PRICE, 1_000 * PRICE]);
    let emissions = [0, 1].map(|lane| epoch.lanes[lane].emission.0);
    assert!(emissions[1] > 0 && emissions[0] == 3 * emissions[1], "by weight: {emissions:?}");
    for (work, emission) in it.works.into_iter().zip(emissions) {
        let accrue = AccrueWork { provider_work: work, epoch: story.network.epoch(0) };
        world.ok(&[accrue.instruction(&AccrueWorkArgs {})], &[]);
        assert_eq!(world.read::<ProviderWork>(work).accrued, Tokens(emission), "of its own lane");
    }
}

#[test]
fn a_market_takes_jobs_of_its_lane_alone() {
    let it = Lanes::new();
    let (story, world) = (&it.story, &it.story.world);
    let spender = |lane: usize| it.markets[lane].spender;
    for (lane, other) in [(0, 1), (1, 0)] {
        let market = &it.markets[lane];
        let post = swap(story.post(market, &it.unposted(lane), HOUR), 7, spender(other));
        world.fails(post, &story.posting(), EscrowError::WrongLane);
        let job = it.unposted(lane);
        world.ok(&[story.post(market, &job, HOUR)], &story.posting());
        let start = swap(market.start_instruction(world, &job), 7, spender(other));
        world.fails(start, &[story.key(&job)], EscrowError::SpenderClosed);
        story.start(market, &job);
        world.pass(60);
        let settle = || market.settle_instruction(&job);
        world.fails(swap(settle(), 5, spender(other)), &[], EscrowError::WrongAddress);
        world.fails(swap(settle(), 3, it.works[other]), &[], BmeError::WrongLane);
        world.fails(swap(settle(), 4, story.network.work_shard([0, 2][other])), &[], BmeError::WrongLane);
        let extend = swap(market.extend_instruction(&job, 60), 4, spender(other));
        world.fails(extend, &[&story.client], EscrowError::SpenderClosed);
        world.ok(&[settle(), it.finish(lane, &job)], &[&story.client]);
        assert_eq!(it.paid(&job).0, 60 * PRICE);
    }
}

/// The same for what a delegate posts and extends, with approval of both spenders.
#[test]
fn a_delegate_pays_in_the_lane_of_the_market_alone() {
    let it = Lanes::new();
    let Story { world, network, client, someone, credits, .. } = &it.story;
    let spender = |lane: usize| it.markets[lane].spender;
    for (lane, other) in [(0, 1), (1, 0)] {
        let market = &it.markets[lane];
        let mandate = Mandate::of(client.pubkey(), someone.pubkey(), lane as u16);
        let args = mandate.args(world, *credits, market.address, 10 * COST, 10 * COST);
        world.ok(&[mandate.open_instruction(world, &args)], &[client]);
        world.ok(&[network.approve_spender_instruction(client.pubkey(), spender(lane), true)], &[client]);
        if lane == 0 {
            world.ok(&[network.approve_spender_instruction(client.pubkey(), spender(other), true)], &[client]);
        }
        let job = it.unposted(lane);
        let post = || mandate.by(it.story.post(market, &job, HOUR));
        let signers: &[&Keypair] = &[&it.story.payer, someone];
        world.fails(swap(post(), 7, spender(other)), signers, EscrowError::WrongLane);
        world.ok(&[post()], signers);
        it.story.start(market, &job);
        world.pass(60);
        let extend = || mandate.by(market.extend_instruction(&job, 60));
        world.fails(swap(extend(), 4, spender(other)), &[someone], EscrowError::SpenderClosed);
        world.ok(&[extend()], &[someone]);
    }
}

#[test]
fn a_fees_receiver_is_of_the_markets_lane() {
    let mut it = Lanes::new();
    let elsewhere = Network::new(&mut it.story.world, &[]).0;
    let (story, world, network) = (&it.story, &it.story.world, &it.story.network);
    let authority: &[&Keypair] = &[&network.authority];
    let treasury = story.someone.pubkey();
    let of_another =
        Terms { fee_share: Bps(1_000), fee_payee: elsewhere.open_provider_work(world, treasury), ..usual_terms() };
    let set = it.markets[0].set_instruction(network, of_another, 0);
    world.fails(set, authority, EscrowError::WrongNetwork);
    let receivers = [network.open_provider_work(world, treasury), network.open_lane_work(world, treasury, 1)];
    let terms = |lane: usize| Terms { fee_share: Bps(1_000), fee_payee: receivers[lane], ..usual_terms() };
    for (lane, other) in [(0, 1), (1, 0)] {
        let market = |terms| Market::unborn(network, &story.pool, story.number(), terms).in_lane(network, lane as u8);
        world.fails(market(terms(other)).create_instruction(world, network), authority, EscrowError::WrongLane);
        let set = it.markets[lane].set_instruction(network, terms(other), 0);
        world.fails(set, authority, EscrowError::WrongLane);
        world.ok(&[it.markets[lane].set_instruction(network, terms(lane), 0)], authority);
        let market = market(terms(lane)).create(world, network);
        let job = it.unposted_in(&market, lane);
        world.ok(&[story.post(&market, &job, HOUR)], &story.posting());
        story.start(&market, &job);
        world.pass(100);
        world.ok(&[market.finish_instruction(&job, job.client, NO_RESULT)], &[&story.client]);
        assert_eq!(world.read::<ProviderWork>(receivers[lane]).total_work, Credits(10 * PRICE));
        assert_eq!(it.paid(&job).0, 90 * PRICE);
    }
}

/// The network takes the right in one lane away: the jobs of the other go on, whoever would have it otherwise.
#[test]
fn a_lane_whose_spender_is_closed_ends_its_own_jobs_alone() {
    let mut it = Lanes::new();
    let jobs = [it.running(0), it.running(1)];
    let revoked = it.markets[1].spender;
    it.story.world.pass(100);
    it.story.network.revoke_soon(&mut it.story.world, revoked, 0);
    let (story, world, network) = (&it.story, &it.story.world, &it.story.network);
    let (client, someone): (&[&Keypair], &[&Keypair]) = (&[&story.client], &[&story.someone]);
    let ends = |lane: usize| it.markets[lane].finish_instruction(&jobs[lane], story.someone.pubkey(), NO_RESULT);
    let told = |lane: usize| swap(ends(lane), 6, it.markets[1 - lane].spender);
    let refused = || {
        world.fails(told(0), someone, EscrowError::WrongAddress);
        world.fails(told(1), someone, EscrowError::WrongAddress);
        world.fails(ends(0), someone, EscrowError::TooEarly);
        let cancel = swap(it.markets[0].settle_instruction(&jobs[0]), 5, revoked);
        world.fails(cancel, &[], EscrowError::WrongAddress);
    };
    refused();
    world.fails(it.markets[1].settle_instruction(&jobs[1]), &[], EscrowError::SpenderClosed);
    let post = || story.post(&it.markets[1], &it.unposted(1), HOUR);
    world.fails(post(), &story.posting(), BmeError::SpenderRevoked);
    world.ok(&[network.close_spender_instruction(world, revoked)], &[]);
    refused();
    world.fails(post(), &story.posting(), BmeError::WrongOwner);
    let market = Market::unborn(network, &story.pool, story.number(), usual_terms()).in_lane(network, 1);
    world.fails(market.create_instruction(world, network), &[&network.authority], EscrowError::WrongOwner);
    // Its own job ends, and pays nothing more; the other's is paid.
    world.ok(&[ends(1)], someone);
    assert_eq!(it.paid(&jobs[1]), (0, COST));
    world.ok(&[it.finish(0, &jobs[0])], client);
    assert_eq!(it.paid(&jobs[0]), (100 * PRICE, COST - 100 * PRICE));
    // Added again, it serves the same market.
    world.ok(&[network.add_spender_instruction(world, it.markets[1].authority, 1)], &[&network.authority]);
    assert_eq!(world.read::<Spender>(revoked).number, 2);
    let job = it.running(1);
    world.pass(100);
    world.ok(&[it.finish(1, &job)], client);
    assert_eq!(it.paid(&job).0, 100 * PRICE);
}

#[test]
fn a_panel_is_work_of_its_markets_lane() {
    let mut it = Lanes::new();
    let (story, world, network) = (&it.story, &it.story.world, &it.story.network);
    let authority: &[&Keypair] = &[&network.authority];
    let terms = Terms { price: Amount(1_000_000), ..panels::usual() };
    let unborn = Market::unborn(network, &story.pool, story.number(), terms);
    let market = unborn.in_lane(network, 1).create(world, network);
    let verified = Verified::create(world, network, ID, (network.mint, network.token_program), usual_verification());
    world.ok(&[verified.set_instruction(network, &market)], authority);
    let panel = Panel::of(&market, story.client.pubkey(), story.number());
    let post = || panel.post_instruction(world, &verified, 3);
    world.fails(swap(post(), 7, it.markets[0].spender), &[&story.client], EscrowError::WrongLane);
    world.ok(&[post()], &[&story.client]);
    let state: PanelState = world.read(panel.address);
    assert_eq!((state.lane, state.spender_number), (1, 1));
    // Its right ends with its lane's spender, and no other tells of it.
    it.story.network.revoke_soon(&mut it.story.world, market.spender, 0);
    let (story, world) = (&it.story, &it.story.world);
    world.ok(&[story.network.close_spender_instruction(world, market.spender)], &[]);
    let cancel = || panel.cancel_instruction(story.client.pubkey());
    world.fails(swap(cancel(), 3, it.markets[0].spender), &[&story.client], EscrowError::WrongAddress);
    world.ok(&[cancel()], &[&story.client]);
    let state: PanelState = world.read(panel.address);
    assert_eq!((state.state, state.refunded), (panel_state::CANCELLED, state.deposited));
}

/// Nobody else's account delays a job: as in tokens, the provider gets the fee.
#[test]
fn a_fees_receiver_without_its_record_does_without_its_fee() {
    let story = Story::new();
    let (world, network, treasury) = (&story.world, &story.network, &story.someone);
    let receiver = network.open_provider_work(world, treasury.pubkey());
    let market = story.credit_market(Terms { fee_share: Bps(1_000), fee_payee: receiver, ..usual_terms() });
    let [first, second] = [story.running(&market), story.running(&market)];
    let close = || network.close_provider_work_instruction(world, treasury.pubkey());
    let work = || world.read::<ProviderWork>(first.payee).total_work.0;
    world.pass(100);
    world.ok(&[close(), market.finish_instruction(&first, first.client, NO_RESULT)], &[treasury, &story.client]);
    let state = story.job(&first);
    assert_eq!(
        (state.state, state.paid, state.fee_paid),
        (job_state::FINISHED, Amount(90 * PRICE), Amount(10 * PRICE))
    );
    assert_eq!(work(), 100 * PRICE, "the fee as well");
    // Another account in its place does not take it, and is not asked.
    let settled = swap(market.finish_instruction(&second, second.client, NO_RESULT), 9, story.workers[1].work);
    world.fails(settled, &[&story.client], EscrowError::FeeRequired);
    // Whoever opens it again pays it.
    network.open_provider_work(world, treasury.pubkey());
    world.ok(&[market.finish_instruction(&second, second.client, NO_RESULT)], &[&story.client]);
    assert_eq!((work(), world.read::<ProviderWork>(receiver).total_work.0), (190 * PRICE, 10 * PRICE));
    let account = story.credit_account();
    assert_eq!((account.locked[0], account.consumed), (Credits(0), Credits(200 * PRICE)));
}
