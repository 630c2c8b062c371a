//! Jobs that are reserved ahead.

use {
    super::*,
    joule_escrow_interface::{
        event::{JobPassedOver, JobReserved},
        state::{HALT_CLOCK, tip},
    },
    joule_keeper::{
        due::Settings,
        keeper::{Keeper, Limits},
    },
    joule_tests::{
        fixture::{sha256, tick_instruction},
        keeping::{self, Faults, Local},
    },
    std::collections::BTreeSet,
};

const CLASS: u32 = 7;
const DAY: u64 = 86_400;
const AHEAD: u64 = 30 * DAY;
/// In so many seconds before the start the price of leaving rises to half of all.
const LEAD: u64 = 10 * DAY;
const FEE: u16 = 5_000;
const WINDOW: u64 = 300;
/// What ten seconds cost.
const LEAST: u64 = 10 * PRICE;

fn bonded() -> Terms {
    Terms {
        bond_amount: Tokens(BOND),
        no_start_penalty: Bps(2_000),
        failure_penalty: Bps(3_000),
        reports: 1,
        ..usual_terms()
    }
}

impl Story {
    fn now_and(&self, seconds: u64) -> Timestamp {
        Timestamp(self.world.now().0 + seconds as i64)
    }

    fn offer(&self, market: &Market, job: &Job) -> Instruction {
        market.offer_instruction(job, self.now_and(AHEAD).0, LEAD as u32, FEE)
    }

    /// Posted and offered in one transaction.
    fn offered_as(&self, market: &Market, matching: u8) -> Job {
        let job = Job { matching, ..self.unposted(market) };
        self.world.ok(&[self.post(market, &job, HOUR), self.offer(market, &job)], &self.posting());
        job
    }

    fn offered(&self, market: &Market) -> Job {
        self.offered_as(market, matching::DIRECT)
    }

    fn take(&self, market: &Market, job: &Job) -> Receipt {
        self.world.ok(&[market.take_instruction(&self.world, job)], &[self.key(job)])
    }

    fn reserved(&self, market: &Market) -> Job {
        let job = self.offered(market);
        self.take(market, &job);
        job
    }

    fn cancel(&self, market: &Market, job: &Job, caller: &Keypair) -> Receipt {
        self.world.ok(&[market.cancel_instruction(job, caller.pubkey())], &[caller])
    }

    /// To so many seconds before the start.
    fn before_start(&self, job: &Job, seconds: u64) {
        self.world.set_time(Timestamp(self.job(job).starts_at().0 - seconds as i64));
    }
}

#[test]
fn a_machine_is_reserved_ahead_and_its_clock_begins_at_its_time() {
    for credits in [false, true] {
        for kind in [matching::DIRECT, matching::AUCTION] {
            let story = Story::new();
            let market = if credits { story.credit_market(bonded()) } else { story.token_market(bonded()) };
            let world = &story.world;
            let job = Job { matching: kind, ..story.unposted(&market) };
            let starts_at = story.now_and(AHEAD);
            let post = [story.post(&market, &job, HOUR), story.offer(&market, &job)];
            let offered: JobReserved = world.ok(&post, &story.posting()).event(ID);
            let named = if kind == matching::DIRECT { job.provider } else { NONE };
            assert_eq!((offered.provider, offered.starts_at, offered.deadline_at), (named, starts_at, starts_at));
            assert_eq!((offered.lead_period, offered.cancellation_fee), (Seconds(LEAD as u32), Bps(FEE)));
            assert_eq!((offered.state, offered.header.source), (job_state::OFFERED, job.address));
            let start = || market.start_instruction(world, &job);
            let nobodys = if named == NONE { EscrowError::Unauthorized } else { EscrowError::WrongJobState };
            world.fails(start(), &[story.key(&job)], nobodys);
            let taken: JobReserved = story.take(&market, &job).event(ID);
            assert_eq!((taken.provider, taken.starts_at, taken.state), (job.provider, starts_at, job_state::ASSIGNED));
            assert_eq!(taken.deadline_at.0, starts_at.0 + WINDOW as i64);
            assert_eq!(taken.header.sequence, offered.header.sequence + 1);
            assert_eq!(story.staked(0).bonded, Tokens(BOND));
            // It is nobody else's, and nothing runs or ends before its time.
            let anyone = market.cancel_instruction(&job, story.someone.pubkey());
            story.before_start(&job, 1);
            world.fails(start(), &[story.key(&job)], EscrowError::StartsLater);
            world.fails(anyone, &[&story.someone], EscrowError::TooEarly);
            world.fails(market.settle_instruction(&job), &[], EscrowError::WrongJobState);
            world.fails(market.notice_instruction(&job), &[story.key(&job)], EscrowError::WrongJobState);
            story.before_start(&job, 0);
            // Its bond is locked already.
            let unbonded = market.start_without_bond_instruction(&job, job.posting(world));
            world.ok(&[unbonded], &[story.key(&job)]);
            assert_eq!((story.job(&job).started_at, story.job(&job).earned), (starts_at, Amount(0)));
            world.pass(HOUR as u64);
            world.ok(&[market.finish_instruction(&job, job.provider, RESULT)], &[story.key(&job)]);
            assert_eq!((story.job(&job).state, story.job(&job).paid), (job_state::FINISHED, Amount(COST)));
            assert_eq!(story.settled(&market, &job), (Tokens(0), outcome::DELIVERED));
            story.check(&[job]);
        }
    }
}

#[test]
fn leaving_costs_each_side_the_same_part_which_the_other_gets() {
    for credits in [false, true] {
        let story = Story::new();
        let market = if credits { story.credit_market(bonded()) } else { story.token_market(bonded()) };
        let world = &story.world;
        let mut all = vec![];
        // At once, half way up, and in the last second.
        for (before, cost) in [(AHEAD, LEAST), (LEAD / 2, COST / 4), (1, COST / 2)] {
            let jobs = [(); 2].map(|()| story.reserved(&market));
            story.before_start(&jobs[0], before);
            story.cancel(&market, &jobs[0], &story.client);
            let state = story.job(&jobs[0]);
            assert_eq!((state.state, state.outcome), (job_state::OWING, outcome::NONE));
            assert!(state.earned.0.abs_diff(cost) <= cost / 100_000, "{before}: {}", state.earned.0);
            world.ok(&[market.settle_instruction(&jobs[0])], &[]);
            assert_eq!((story.job(&jobs[0]).state, story.job(&jobs[0]).paid), (job_state::FINISHED, state.earned));
            assert_eq!(story.settled(&market, &jobs[0]), (Tokens(0), outcome::NONE));

            story.cancel(&market, &jobs[1], story.key(&jobs[1]));
            let state = story.job(&jobs[1]);
            assert_eq!((state.state, state.refunded), (job_state::CANCELLED, Amount(COST)));
            let (seized, reported) = story.settled(&market, &jobs[1]);
            let part = BOND as u128 * cost as u128 / COST as u128;
            assert!(seized.0.abs_diff(part as u64) <= BOND / 100_000, "{before}: {}", seized.0);
            assert_eq!((seized, reported), (state.bond_to_seize, outcome::NONE));
            assert_eq!(story.staked(0).bonded, Tokens(0));
            all.extend(jobs);
        }
        story.check(&all);
    }
}

#[test]
fn nobody_waits_for_the_start_to_leave_for_less() {
    let story = Story::new();
    let market = story.token_market(bonded());
    let world = &story.world;
    let jobs = [(); 5].map(|()| story.reserved(&market));
    let [cancelled, stopped, quit, unstarted, silent] = &jobs;
    story.before_start(cancelled, 0);
    // The provider leaves no more.
    let leave = market.cancel_instruction(unstarted, unstarted.provider);
    world.fails(leave, &[story.key(unstarted)], EscrowError::TooEarly);
    story.cancel(&market, cancelled, &story.client);
    assert_eq!(story.job(cancelled).earned, Amount(COST / 2));
    for job in [stopped, quit] {
        world.ok(&[market.start_instruction(world, job)], &[story.key(job)]);
    }
    world.pass(1);
    world.ok(&[market.finish_instruction(stopped, stopped.client, NO_RESULT)], &[&story.client]);
    assert_eq!(story.job(stopped).paid, Amount(COST / 2));
    world.ok(&[market.finish_instruction(quit, quit.provider, NO_RESULT)], &[story.key(quit)]);
    let state = story.job(quit);
    assert_eq!((state.paid, state.outcome, state.bond_to_seize), (Amount(PRICE), outcome::FAILED, Tokens(BOND / 2)));
    world.pass(WINDOW - 1);
    let cancel = |job: &Job| market.cancel_instruction(job, story.someone.pubkey());
    world.fails(cancel(unstarted), &[&story.someone], EscrowError::TooEarly);
    world.pass(1);
    world.fails(market.start_instruction(world, unstarted), &[story.key(unstarted)], EscrowError::TooLate);
    world.ok(&[cancel(unstarted)], &[&story.someone]);
    // Its provider ends it no cheaper.
    story.cancel(&market, silent, story.key(silent));
    for job in [unstarted, silent] {
        let state = story.job(job);
        assert_eq!((state.state, state.refunded), (job_state::CANCELLED, Amount(COST)));
        assert_eq!((state.outcome, state.bond_to_seize), (outcome::FAILED, Tokens(BOND / 2)));
        assert_eq!(story.settled(&market, job), (Tokens(BOND / 2), outcome::FAILED));
    }
}

/// Whoever governs the pool, with the provider, would take the right to bonds away, have the provider leave, and give it back.
#[test]
fn a_right_to_bonds_that_is_taken_and_given_back_is_no_way_out_of_a_reservation() {
    use joule_stake_interface::state::rights;
    let story = Story::new();
    let market = story.token_market(bonded());
    let [left, long] = [(); 2].map(|()| story.reserved(&market));
    let (world, authority) = (&story.world, &story.network.authority);
    let settle = |job: &Job| market.settle_bond_instruction(job, story.network_wallet);
    let [taken, given] = [0, rights::BOND | rights::REPORT].map(|rights| story.set_rights(&market, rights));
    story.before_start(&left, 1);
    let key = story.key(&left);
    let cancel = market.cancel_instruction(&left, key.pubkey());
    let at_once = [taken.clone(), cancel.clone(), settle(&left), given.clone()];
    let failure = world.send(&at_once, &[authority, key]).expect_err("a way out");
    assert_eq!(failure.code(), Some(EscrowError::RightTaken as u32));
    for job in [&left, &long] {
        world.ok(&[taken.clone(), market.cancel_instruction(job, key.pubkey())], &[authority, story.key(job)]);
        world.fails(settle(job), &[], EscrowError::RightTaken);
    }
    world.ok(&[given], &[authority]);
    let lost = story.job(&left).bond_to_seize;
    assert!(lost > Tokens(0));
    assert_eq!(story.settled(&market, &left), (lost, outcome::NONE));
    // If it stays away, no collateral does.
    world.ok(&[taken], &[authority]);
    world.pass(7 * 86_400 - 1);
    world.fails(settle(&long), &[], EscrowError::RightTaken);
    world.pass(1);
    assert_eq!(story.settled(&market, &long), (Tokens(0), outcome::NONE));
}

#[test]
fn an_offer_is_its_clients_and_is_taken_by_who_may_work_there() {
    let story = Story::new();
    let listed = joule_escrow_interface::merkle::leaf(sha256, &story.workers[0].key.pubkey());
    let terms = Terms { min_self_stake: Tokens(300 * TOKEN), allowed_root: listed, ..bonded() };
    let market = story.token_market(terms);
    let world = &story.world;
    let job = Job { matching: matching::AUCTION, ..story.unposted(&market) };
    let offer = story.offer(&market, &job);
    world.ok(&[story.post(&market, &job, HOUR)], &story.posting());
    let by_other = swap(offer.clone(), 0, story.someone.pubkey());
    world.fails(by_other, &[&story.someone], EscrowError::Unauthorized);
    let starts_now = market.offer_instruction(&job, world.now().0, 1, 1);
    assert_eq!(world.out_of_range(starts_now, &[&story.client]), "starts_at");
    let too_far = market.offer_instruction(&job, world.now().0 + 365 * 86_400 + 1, 1, 1);
    assert_eq!(world.out_of_range(too_far, &[&story.client]), "starts_at");
    let never_rises = market.offer_instruction(&job, world.now().0 + 9, 0, 1);
    assert_eq!(world.out_of_range(never_rises, &[&story.client]), "lead_period");
    let free = market.offer_instruction(&job, world.now().0 + 9, 1, 0);
    assert_eq!(world.out_of_range(free, &[&story.client]), "cancellation_fee");
    world.ok(std::slice::from_ref(&offer), &[&story.client]);
    world.fails(offer, &[&story.client], EscrowError::WrongJobState);

    let take = || market.take_instruction(world, &job);
    let rival = story.by(&market, &job, 1);
    let key = story.key(&rival);
    world.fails(market.take_instruction(world, &rival), &[key], EscrowError::NotAllowed);
    let mut other_posting = take();
    other_posting.data[1] ^= 1;
    world.fails(other_posting, &[story.key(&job)], EscrowError::PostingChanged);
    let unstake = story.pool.unstake_instruction(
        world,
        &story.workers[0].own,
        story.pool.next_ticket(world, &story.workers[0].own),
        101 * TOKEN,
    );
    let mut poor = world.send(&[unstake, take()], &[story.key(&job)]).expect_err("too little of its own");
    assert_eq!(poor.code(), Some(EscrowError::ProviderNotEligible as u32));
    // Once it has the job, what it has beside the bond is its own affair.
    world.ok(&[take()], &[story.key(&job)]);
    let direct = story.reserved(&market);
    poor = world.send(&[take()], &[story.key(&job)]).expect_err("it is taken");
    assert_eq!(poor.code(), Some(EscrowError::WrongJobState as u32));
    let ticket = story.pool.next_ticket(world, &story.workers[0].own);
    let unstake = story.pool.unstake_instruction(world, &story.workers[0].own, ticket, 101 * TOKEN);
    world.ok(&[unstake], &[story.key(&job)]);
    story.before_start(&direct, 0);
    for job in [&job, &direct] {
        story.start(&market, job);
    }

    // A job that names its provider is that one's.
    let plain = story.token_market(bonded());
    let job = story.offered(&plain);
    let rival = story.by(&plain, &job, 1);
    world.fails(plain.take_instruction(world, &rival), &[key], EscrowError::WrongProvider);
    // One that is not offered is not reserved, and one that asks for no bond not offered.
    let posted = story.posted(&plain);
    world.fails(plain.take_instruction(world, &posted), &[story.key(&posted)], EscrowError::WrongJobState);
    let unbonded = story.token_market(usual_terms());
    let posted = story.posted(&unbonded);
    world.fails(story.offer(&unbonded, &posted), &[&story.client], EscrowError::ReservationNotOffered);
    // What nobody took anyone ends.
    let cancel = plain.cancel_instruction(&job, story.someone.pubkey());
    story.before_start(&job, 0);
    world.fails(cancel.clone(), &[&story.someone], EscrowError::TooEarly);
    world.pass(1);
    world.fails(plain.take_instruction(world, &job), &[story.key(&job)], EscrowError::TooLate);
    world.ok(&[cancel], &[&story.someone]);
    assert_eq!((story.job(&job).state, story.job(&job).refunded), (job_state::CANCELLED, Amount(COST)));
}

/// Else who vouches for machines would reserve them, end what it said, and have their bonds.
#[test]
fn what_is_lost_because_nobody_vouches_for_a_machine_any_more_is_burned() {
    let mut story = Story::new();
    let market = story.token_market(Terms { class: CLASS, ..bonded() });
    let [late, left] = [(); 2].map(|()| story.offered(&market));
    let take = |story: &Story, job: &Job| market.take_instruction(&story.world, job);
    story.world.fails(take(&story, &late), &[story.key(&late)], EscrowError::NodeRequired);
    let address = story.world.address();
    let node = machine(&story.network, late.provider, CLASS, story.now_and(DAY));
    story.world.forge(address, &Node { operator: story.someone.pubkey(), ..node });
    let [late, left] = [late, left].map(|job| Job { node: address, ..job });
    story.world.fails(take(&story, &late), &[story.key(&late)], EscrowError::WrongNode);
    story.world.forge(address, &node);
    for job in [&late, &left] {
        story.take(&market, job);
    }
    story.before_start(&late, 1);
    let burns = |job: &Job, reported: u8| {
        let supply = story.world.supply(story.network.mint);
        let to_client = market.settle_bond_instruction(job, story.network_wallet);
        assert!(story.world.send(&[to_client], &[]).is_err());
        let settle = market.settle_bond_instruction(job, story.network.mint);
        let burned = settled(&story.world.ok(&[settle], &[]));
        assert_eq!(burned, (story.job(job).bond_to_seize, reported));
        assert_eq!(supply - story.world.supply(story.network.mint), burned.0.0);
        burned.0
    };
    // Who may not start would rather leave, and lose as much.
    story.cancel(&market, &left, story.key(&left));
    assert!(burns(&left, outcome::NONE) >= Tokens(BOND / 2 - BOND / 100_000));
    story.before_start(&late, 0);
    let start = market.start_instruction(&story.world, &late);
    story.world.fails(start, &[story.key(&late)], EscrowError::WrongNode);
    story.world.pass(WINDOW + 1);
    story.cancel(&market, &late, &story.client);
    assert_eq!(burns(&late, outcome::FAILED), Tokens(BOND / 2));

    // Where nobody can burn it, nobody takes such a job.
    let job = Job { node: address, ..story.offered(&market) };
    story.world.forge(address, &Node { class_expires_at: story.now_and(DAY), ..node });
    stake_wrapped_sol(&mut story.world, story.pool.address);
    let take = market.take_instruction(&story.world, &job);
    story.world.fails(take, &[story.key(&job)], EscrowError::MintNotAllowed);
}

#[test]
fn a_pause_stops_offers_from_being_taken_and_changes_nothing_else() {
    let story = Story::new();
    let market = story.token_market(bonded());
    let world = &story.world;
    let offered = story.offered(&market);
    let jobs = [(); 3].map(|()| story.reserved(&market));
    let [cancelled, started, unstarted] = &jobs;
    story.set_pause(1);
    // `stake` locks no bond.
    let take = market.take_instruction(world, &offered);
    world.fails(take, &[story.key(&offered)], joule_stake_interface::StakeError::Paused);
    // It is no way out for a client, and the machine starts.
    story.before_start(cancelled, 1);
    story.cancel(&market, cancelled, &story.client);
    assert!(story.job(cancelled).earned >= Amount(COST / 2 - PRICE));
    story.before_start(started, 0);
    story.start(&market, started);
    // Nor is it one for a provider, however long it was.
    world.pass(WINDOW + 1);
    world.fails(market.start_instruction(world, unstarted), &[story.key(unstarted)], EscrowError::TooLate);
    story.cancel(&market, unstarted, &story.someone);
    assert_eq!(story.job(unstarted).outcome, outcome::FAILED);
}

#[test]
fn a_halt_of_the_chain_moves_the_time_to_start_and_not_the_start() {
    let story = Story::new();
    let market = story.token_market(bonded());
    let world = &story.world;
    let job = story.reserved(&market);
    story.before_start(&job, 2 * DAY);
    let tick = || world.ok(&[tick_instruction(world)], &[]);
    tick();
    // One before it moves nothing.
    world.pass(DAY);
    world.run(60);
    tick();
    let starts_at = story.job(&job).starts_at();
    story.before_start(&job, 3_600);
    world.run(60);
    tick();
    // Nor does the part of one that lies before it.
    world.pass(2 * 3_600);
    let start = || market.start_without_bond_instruction(&job, job.posting(world));
    let cancel = market.cancel_instruction(&job, story.someone.pubkey());
    world.fails(cancel.clone(), &[&story.someone], EscrowError::TooEarly);
    assert_eq!(world.account(HALT_CLOCK).map(|_| story.job(&job).starts_at()), Some(starts_at));
    world.ok(&[start()], &[story.key(&job)]);
}

#[test]
fn a_right_that_ends_before_the_pay_is_known_reserves_nothing_and_is_nobodys_fault() {
    for spare in [0, 1] {
        let mut story = Story::new();
        let market = story.credit_market(bonded());
        let [offered, lapsed] = [story.offered(&market), story.reserved(&market)];
        let soon = (AHEAD as u32) + HOUR + spare;
        story.network.revoke_soon(&mut story.world, market.spender, soon);
        let world = &story.world;
        let take = market.take_instruction(world, &offered);
        if spare == 0 {
            world.fails(take, &[story.key(&offered)], EscrowError::SpenderClosed);
        } else {
            // It can start in its first second.
            world.ok(&[take], &[story.key(&offered)]);
        }
        story.before_start(&lapsed, 0);
        if spare == 0 {
            let start = market.start_instruction(world, &lapsed);
            world.fails(start, &[story.key(&lapsed)], EscrowError::SpenderClosed);
            world.pass(WINDOW + 1);
            story.cancel(&market, &lapsed, &story.someone);
            let state = story.job(&lapsed);
            assert_eq!((state.outcome, state.bond_to_seize), (outcome::NONE, Tokens(0)));
            assert_eq!((state.state, state.refunded), (job_state::CANCELLED, Amount(COST)));
        } else {
            story.start(&market, &lapsed);
        }
    }
}

/// A network that is a party would announce that it revokes the right to its credits, leave, and take that back, all in one transaction.
#[test]
fn a_revocation_that_is_announced_is_no_way_out_of_a_reservation() {
    let mut story = Story::new();
    let market = story.credit_market(bonded());
    let jobs = [(); 4].map(|()| story.reserved(&market));
    let [by_client, by_provider, late_client, late_provider] = &jobs;
    let authority = &story.network.authority;
    for (job, key) in [(by_client, &story.client), (by_provider, story.key(by_provider))] {
        let revoke = story.network.revoke_spender_instruction(market.spender, 30 * DAY as u32);
        let leave = market.cancel_instruction(job, key.pubkey());
        let restore = story.network.restore_spender_instruction(market.spender);
        story.world.ok(&[revoke, leave, restore], &[authority, key]);
    }
    assert_eq!((story.job(by_client).state, story.job(by_client).earned), (job_state::OWING, Amount(LEAST)));
    assert_eq!(story.job(by_provider).bond_to_seize, Tokens(BOND.div_ceil(360)));
    // From when on nothing can be paid any more, both leave for nothing.
    story.network.revoke_soon(&mut story.world, market.spender, DAY as u32);
    story.world.pass(DAY);
    for (job, key) in [(late_client, &story.client), (late_provider, story.key(late_provider))] {
        story.cancel(&market, job, key);
        let state = story.job(job);
        assert_eq!((state.state, state.refunded), (job_state::CANCELLED, Amount(COST)));
        assert_eq!((state.outcome, state.bond_to_seize), (outcome::NONE, Tokens(0)));
    }
}

/// Its provider may not start it, so it is not late.
#[test]
fn an_assigned_job_that_may_not_start_any_more_is_not_its_providers_failure() {
    for soon in [HOUR, 3 * HOUR] {
        let mut story = Story::new();
        let market = story.credit_market(Terms { wait_window: Seconds(60), ..bonded() });
        let jobs = [(); 2].map(|()| Job { matching: matching::AUCTION, ..story.unposted(&market) });
        for job in &jobs {
            market.post(&story.world, &story.client, job, HOUR);
            story.world.ok(&[market.bid_instruction(&story.world, job, PRICE, None)], &[story.key(job)]);
        }
        story.network.revoke_soon(&mut story.world, market.spender, soon);
        let world = &story.world;
        world.pass(61);
        for job in &jobs {
            world.ok(&[market.award_instruction(job)], &[]);
        }
        let may = soon > 2 * HOUR;
        if !may {
            world.fails(market.start_instruction(world, &jobs[0]), &[story.key(&jobs[0])], EscrowError::SpenderClosed);
        }
        // Nor does its client owe what nobody may earn.
        story.cancel(&market, &jobs[1], &story.client);
        assert_eq!(story.job(&jobs[1]).state, if may { job_state::OWING } else { job_state::CANCELLED });
        world.pass(WINDOW + 1);
        story.cancel(&market, &jobs[0], &story.someone);
        let state = story.job(&jobs[0]);
        let expected = if may { (outcome::FAILED, Tokens(BOND / 5)) } else { (outcome::NONE, Tokens(0)) };
        assert_eq!((state.outcome, state.bond_to_seize), expected);
    }
}

#[test]
fn a_delegate_reserves_with_what_its_mandate_was_charged() {
    let story = Story::new();
    let market = story.token_market(bonded());
    let world = &story.world;
    let mandates = [0, 1].map(|index| Mandate::of(story.client.pubkey(), story.someone.pubkey(), index));
    for mandate in &mandates {
        let args = mandate.args(world, story.deposit.address, market.address, COST, COST);
        world.ok(&[mandate.open_instruction(world, &args)], &[&story.client]);
    }
    let [mandate, other] = &mandates;
    let job = story.unposted(&market);
    let delegate = &[&story.someone][..];
    world.ok(&[mandate.by(market.post_instruction(world, &job, HOUR))], delegate);
    let offer = market.offer_instruction(&job, story.now_and(3_600).0, HOUR, FEE);
    world.fails(other.by(offer.clone()), delegate, EscrowError::WrongMandate);
    world.ok(&[mandate.by(offer)], delegate);
    let spent = || world.read::<joule_escrow_interface::state::Mandate>(mandate.address).spent;
    assert_eq!((spent(), story.job(&job).mandate_charged), (Amount(COST), Amount(COST)));
    story.take(&market, &job);
    story.before_start(&job, 1_800);
    world.ok(&[mandate.by(market.cancel_instruction(&job, job.client))], delegate);
    world.ok(&[market.settle_instruction(&job)], &[]);
    // What leaving cost stays spent.
    world.ok(&[mandate.settle_instruction(&[job])], &[]);
    assert_eq!(spent(), story.job(&job).paid);
    assert_eq!(spent(), Amount(COST / 4));
}

#[test]
fn a_delegate_stops_no_reserved_job_that_its_owner_extended() {
    let story = Story::new();
    let market = story.token_market(bonded());
    let world = &story.world;
    let mandate = Mandate::of(story.client.pubkey(), story.someone.pubkey(), 0);
    let args = mandate.args(world, story.deposit.address, market.address, 2 * COST, 2 * COST);
    world.ok(&[mandate.open_instruction(world, &args)], &[&story.client]);
    let delegate = &[&story.someone][..];
    let reserve = || {
        let job = story.unposted(&market);
        world.ok(&[mandate.by(market.post_instruction(world, &job, HOUR))], delegate);
        world.ok(&[mandate.by(market.offer_instruction(&job, story.now_and(3_600).0, HOUR, FEE))], delegate);
        story.take(&market, &job);
        story.before_start(&job, 0);
        story.start(&market, &job);
        job
    };
    let stop = |job, caller: &Keypair| market.finish_instruction(job, caller.pubkey(), NO_RESULT);
    // What the mandate paid for, its delegate stops.
    let job = reserve();
    world.ok(&[mandate.by(stop(&job, &story.someone))], delegate);

    // The fee would be a part of the owner's own hour as well.
    let job = reserve();
    world.ok(&[market.extend_instruction(&job, HOUR)], &[&story.client]);
    world.fails(mandate.by(stop(&job, &story.someone)), delegate, EscrowError::MandateExceeded);
    world.ok(&[stop(&job, &story.client)], &[&story.client]);
}

#[test]
fn several_jobs_at_once_pass_over_those_whose_time_has_not_come() {
    let story = Story::new();
    let market = story.token_market(bonded());
    let world = &story.world;
    let (early, later) = (story.reserved(&market), {
        story.world.pass(100);
        story.reserved(&market)
    });
    let passed_over = |receipt: &Receipt| {
        let events = receipt.events::<JobPassedOver>(ID);
        events.iter().map(|event| (event.header.source, event.error)).collect::<Vec<_>>()
    };
    story.before_start(&early, 0);
    let before = world.account(later.address);
    let both = [early, later];
    let key = story.key(&early);
    let receipt = world.ok(&[market.start_all_instruction(world, &both, 2)], &[key]);
    assert_eq!(passed_over(&receipt), [(later.address, EscrowError::StartsLater as u32)]);
    assert_eq!((story.job(&early).state, world.account(later.address)), (job_state::RUNNING, before.clone()));
    let wrong = [(later.address, EscrowError::WrongJobState as u32)];
    let receipt = world.ok(&[market.heartbeat_all_instruction(&both)], &[key]);
    assert_eq!(passed_over(&receipt), wrong);
    world.pass(50);
    let all = both.map(|job| (job, NO_RESULT));
    let finish = market.finish_all_instruction(&all, early.client, u64::MAX);
    let receipt = world.ok(&[finish], &[&story.client]);
    assert_eq!(passed_over(&receipt), wrong);
    assert_eq!((story.job(&early).paid, world.account(later.address)), (Amount(COST / 2), before));
    // Both start when both may.
    let [one, two] = [(); 2].map(|()| story.reserved(&market));
    story.before_start(&two, 0);
    let receipt = world.ok(&[market.start_all_instruction(world, &[one, two], 2)], &[key]);
    assert_eq!(passed_over(&receipt), []);
}

#[test]
fn keepers_end_what_lies_for_a_tip_and_need_not_wait_for_the_start() {
    const TIP: u32 = 5_000;
    let mut story = Story::new();
    let keeper = story.world.user().pubkey();
    let market = story.token_market(bonded());
    let world = &story.world;
    world.ok(&[market.set_tip_instruction(&story.network, TIP)], &[&story.network.authority]);
    let market = Market { terms: world.read::<joule_escrow_interface::state::Market>(market.address).terms, ..market };
    let [offered, left] = [story.offered(&market), story.reserved(&market)];
    story.cancel(&market, &left, story.key(&left));
    let settle = [market.tip_instruction(&left, keeper), market.settle_bond_instruction(&left, story.network_wallet)];
    world.run(60);
    assert_eq!(world.send(&settle, &[]).expect_err("early").code(), Some(EscrowError::NoTipDue as u32));
    world.run(1);
    world.ok(&settle, &[]);
    assert_eq!(story.job(&left).tips_taken, tip::BOND);
    let cancel =
        [market.tip_instruction(&offered, keeper), market.cancel_instruction(&offered, story.someone.pubkey())];
    world.set_time(Timestamp(story.job(&offered).deadline_at.0 + 60));
    assert_eq!(world.send(&cancel, &[&story.someone]).expect_err("early").code(), Some(EscrowError::NoTipDue as u32));
    world.run(1);
    world.ok(&cancel, &[&story.someone]);
    assert_eq!((story.job(&offered).state, story.job(&offered).tips_taken), (job_state::CANCELLED, tip::END));
}

#[test]
fn a_job_that_is_renewed_is_reserved_no_more() {
    let story = Story::new();
    let market = story.token_market(bonded());
    let world = &story.world;
    let job = story.reserved(&market);
    story.cancel(&market, &job, &story.client);
    world.ok(&[market.settle_instruction(&job)], &[]);
    story.settle_bond(&market, &job);
    world.ok(&[market.renew_instruction(world, &job)], &[&story.client]);
    let state = story.job(&job);
    assert_eq!((state.state, state.is_reserved(), state.cancellation_fee), (job_state::POSTED, false, Bps(0)));
    story.start(&market, &job);
    // And it can be reserved again.
    let again = story.reserved(&market);
    assert!(story.job(&again).is_reserved());
}

#[test]
fn a_market_that_is_closed_leaves_what_was_reserved() {
    let story = Story::new();
    let market = story.token_market(bonded());
    let [left, late] = [(); 2].map(|()| story.reserved(&market));
    story.cancel(&market, &left, story.key(&left));
    story.world.pass(1);
    // Whoever was promised something gets it, though the market is gone.
    let close = market.set_instruction(&story.network, market.terms, 1);
    let gone = market.close_instruction(&story.world, &story.network);
    story.world.ok(&[close, gone], &[&story.network.authority]);
    assert_eq!(story.settled(&market, &left), (story.job(&left).bond_to_seize, outcome::NONE));
    story.before_start(&late, 0);
    story.start(&market, &late);
    story.world.pass(HOUR as u64);
    let finish = market.finish_instruction(&late, late.provider, RESULT);
    story.world.ok(&[finish], &[story.key(&late)]);
    assert_eq!(story.job(&late).paid, Amount(COST));
}

/// In a pause, which gives the provider of a reserved job no time.
#[test]
fn the_keeper_ends_what_nobody_took_and_what_nobody_started() {
    let mut story = Story::new();
    let key = story.world.user();
    let market = story.token_market(bonded());
    let [offered, late] = [story.offered(&market), story.reserved(&market)];
    story.set_pause(1);
    let world = &story.world;
    let limits = Limits { lamports_a_day: u64::MAX, reread_every: 1, ..Limits::default() };
    let mut keeper = Keeper::new(Local::new(world, Faults::default(), 1), key, Settings::default(), limits, |_| {});
    let mut pass = || {
        let pass = keeper.pass().expect("a chain that answers");
        assert!(pass.failed.is_empty(), "{:#?}", pass.failed);
        keeping::names(&pass.done).into_iter().collect::<BTreeSet<_>>()
    };
    story.before_start(&offered, 0);
    world.run(0);
    assert!(!pass().contains(&("escrow", "CancelJob")));
    world.run(1);
    assert!(pass().contains(&("escrow", "CancelJob")));
    assert_eq!((story.job(&offered).state, story.job(&late).state), (job_state::CANCELLED, job_state::ASSIGNED));
    world.run(WINDOW);
    assert!(pass().contains(&("escrow", "CancelJob")));
    pass();
    let state = story.job(&late);
    assert_eq!((state.state, state.outcome, state.bond_unsettled), (job_state::CANCELLED, outcome::FAILED, 0));
}

/// Not its provider, nor who paid for the job or for the provider's account.
#[test]
fn who_pays_for_the_bond_of_a_reservation_gets_its_rent_back() {
    let mut story = Story::new();
    let payer = story.world.user();
    let market = story.token_market(bonded());
    let job = story.offered(&market);
    let world = &story.world;
    let take = swap_named(market.take_instruction(world, &job), "payer", payer.pubkey());
    world.ok(&[take], &[&payer, story.key(&job)]);
    assert_eq!((story.job(&job).provider, story.job(&job).payer), (job.provider, story.payer.pubkey()));
    assert_eq!(world.read::<Bond>(job.bond).payer, payer.pubkey());
    story.cancel(&market, &job, &story.client);
    let settle = market.settle_bond_instruction(&job, story.network_wallet);
    world.closes(swap_named(settle, "bond_payer", payer.pubkey()), &[], job.bond, payer.pubkey());
}
