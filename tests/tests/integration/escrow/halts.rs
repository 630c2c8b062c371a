//! The chain halts: that is nobody's fault.

use {
    super::{games::Court, panels::Jury, *},
    joule_escrow_interface::{
        event::HaltNoted,
        state::{HALT_CLOCK, HaltClock, game_phase, panel_state},
        verifier::statement,
    },
    joule_math::Timestamp,
    joule_tests::fixture::{Challenge, Panel, Run, tick_instruction},
    verifier::Machine,
};

const HOURS: u64 = 3_600;

fn tick(story: &Story) -> Option<u64> {
    tick_in(&story.world)
}

fn tick_in(world: &World) -> Option<u64> {
    let receipt = world.ok(&[tick_instruction(world)], &[]);
    receipt.events::<HaltNoted>(ID).first().map(|event| event.length)
}

/// The chain halts. Somebody ticks before, and a minute after.
fn halt(story: &Story, seconds: u64) {
    halt_in(&story.world, seconds);
}

fn halt_in(world: &World, seconds: u64) {
    if world.account(HALT_CLOCK).is_some() {
        world.run(60);
    }
    tick_in(world);
    world.pass(seconds);
    world.run(60);
    tick_in(world);
}

/// Alive every hour of a day, at 99 % and a bond of fifty tokens.
fn watched() -> Terms {
    Terms {
        bond_amount: Tokens(BOND),
        reports: 1,
        price: Amount(1_000),
        heartbeat_interval: Seconds(HOUR),
        min_duration: Seconds(HOUR),
        failure_penalty: Bps::WHOLE,
        ..serviced(usual_terms())
    }
}

#[test]
fn the_halt_clock_notes_what_exceeds_its_slots() {
    let story = Story::new();
    let world = &story.world;
    assert_eq!(world.account(HALT_CLOCK), None);
    assert_eq!(tick(&story), None);
    world.fails(tick_instruction(world), &[], EscrowError::TooEarly);
    world.run(59);
    world.fails(tick_instruction(world), &[], EscrowError::TooEarly);
    world.run(1);
    assert_eq!(tick(&story), None);
    // The chain's clock may be wrong by half a minute.
    world.run(60);
    world.pass(54);
    assert_eq!(tick(&story), None);
    world.run(60);
    assert_eq!(tick(&story), None);
    world.run(60);
    world.pass(61);
    assert_eq!(tick(&story), Some(31));
    // Nobody pumps it: ticked at each minute of slots of half a second, or a little more, it notes nothing.
    for _ in 0..20 {
        world.run(60);
        world.pass(12);
        assert_eq!(tick(&story), None);
    }
    // What a missing tick costs: half of the time that the chain ran between the two ticks.
    world.run(2 * HOURS);
    world.pass(5 * HOURS);
    assert_eq!(tick(&story), Some(4 * HOURS));
    world.run(10 * HOURS);
    world.pass(5 * HOURS);
    assert_eq!(tick(&story), None);
    let clock: HaltClock = world.read(HALT_CLOCK);
    assert_eq!((clock.count, clock.halts[1].length, clock.ticked_at), (2, 4 * HOURS, world.now()));
    let signed = swap(tick_instruction(world), 1, story.someone.pubkey());
    world.run(60);
    world.fails(signed, &[], EscrowError::WrongAddress);
}

/// After a halt early in an epoch each slot takes a second of the chain's clock, until it has caught up.
#[test]
fn a_halt_that_the_chains_clock_catches_up_slowly_is_one_that_counts_evenly() {
    let story = Story::new();
    let world = &story.world;
    tick(&story);
    let (began, slot) = (world.now(), world.slot());
    let later = |seconds: u64| Timestamp(began.0 + seconds as i64);
    for minute in 1..=100 {
        world.set_clock(later(60 * minute), slot + 60 * minute);
        assert_eq!(tick(&story), (minute % 2 == 0).then_some(48));
    }
    let clock: HaltClock = world.read(HALT_CLOCK);
    assert_eq!((clock.count, clock.halts[0].length, clock.halts[1].length), (50, 2_400, 0));
    let (now, slot) = (world.now(), world.slot());
    let between = |from, to| clock.between(later(from), later(to), now, slot);
    assert_eq!((between(0, 6_000), between(600, 3_100), between(3_000, 9_000)), (2_400, 1_000, 1_200));
    // Two fifths of the time count for whoever came later as well, and for nobody more.
    for (set, deadline, moved) in [(0, 600, 1_000), (3_000, 3_600, 4_000), (0, 5_000, 7_400), (6_000, 6_600, 6_600)] {
        assert_eq!(clock.moved(later(set), later(deadline), now, slot), Ok(later(moved)));
    }
    // A halt after it is another one.
    halt(&story, 5 * HOURS);
    let clock: HaltClock = world.read(HALT_CLOCK);
    assert_eq!((clock.halts[0].length, clock.halts[1].length), (2_400, 5 * HOURS - 30));
}

#[test]
fn the_oldest_of_more_halts_than_it_remembers_is_forgotten() {
    let mut clock = HaltClock::default();
    for hour in 1..=40 {
        clock.tick(Timestamp(3_600 * hour), 0);
    }
    assert_eq!(
        (clock.count, clock.halts[7].ended_at, clock.halts[8].ended_at),
        (40, Timestamp(3_600 * 40), Timestamp(3_600 * 9))
    );
    assert_eq!(clock.between(Timestamp(0), Timestamp(3_600 * 40), Timestamp(3_600 * 40), 0), 32 * 3_600);
    // One after the other moves a deadline, from the oldest on.
    let moved = clock.moved(Timestamp(3_600 * 8), Timestamp(3_600 * 8 + 1), Timestamp(3_600 * 40), 0);
    assert_eq!(moved, Ok(Timestamp(3_600 * 40 + 1)));
}

#[test]
fn a_halt_takes_neither_pay_nor_bond() {
    let story = Story::new();
    let (world, market) = (&story.world, story.token_market(watched()));
    let job = story.unposted(&market);
    world.ok(&[story.post(&market, &job, 24 * HOUR)], &story.posting());
    tick(&story);
    story.start(&market, &job);
    let alive = || world.ok(&[market.heartbeat_instruction(&job)], &[story.key(&job)]);
    for hour in 0..19 {
        world.run(HOURS);
        alive();
        if hour == 9 {
            halt(&story, 5 * HOURS - 60);
            alive();
        }
    }
    let finish = market.finish_instruction(&job, story.someone.pubkey(), NO_RESULT);
    let left_out = swap(finish.clone(), finish.accounts.len() - 1, ID);
    world.fails(left_out, &[&story.someone], EscrowError::HaltClockRequired);
    world.ok(&[finish], &[&story.someone]);
    let state = story.job(&job);
    assert_eq!((state.paid, state.penalty, state.downtime), (Amount(86_400_000), Amount(0), 0));
    assert_eq!(story.settled(&market, &job), (Tokens(0), outcome::DELIVERED));
    story.check(&[job]);
}

#[test]
fn a_halt_that_nobody_ticked_yet_counts_as_well() {
    let story = Story::new();
    let terms = Terms { bond_amount: Tokens(BOND), failure_penalty: Bps::WHOLE, ..serviced(usual_terms()) };
    let (world, market) = (&story.world, story.token_market(terms));
    let [job, other] = [story.running(&market), story.running(&market)];
    tick(&story);
    world.pass(5 * HOURS);
    // The first transaction after it is that of somebody who wants it to be the provider's fault.
    world.ok(&[market.finish_instruction(&job, story.someone.pubkey(), NO_RESULT)], &[&story.someone]);
    assert_eq!((story.job(&job).paid, story.job(&job).outcome), (Amount(COST), outcome::DELIVERED));
    // Who starts after it gains no more by it than the minute until the tick: its silence is its own.
    let late = story.running(&market);
    world.run(60);
    assert_eq!(tick(&story), Some(5 * HOURS - 30));
    world.run(3 * HOURS);
    for job in [&other, &late] {
        world.ok(&[market.finish_instruction(job, story.someone.pubkey(), NO_RESULT)], &[&story.someone]);
    }
    assert_eq!((story.job(&other).paid, story.job(&other).downtime), (Amount(COST), 0));
    assert_eq!(story.job(&late).downtime, 3_600 - 60 - 60);
    story.check(&[job, other, late]);
}

#[test]
fn no_deadline_of_a_party_passes_in_a_halt() {
    let story = Story::new();
    let world = &story.world;
    let terms = Terms {
        bond_amount: Tokens(BOND),
        no_start_penalty: Bps::WHOLE,
        reports: 1,
        ..accepted(story.someone.pubkey(), usual_terms())
    };
    let market = story.token_market(terms).with_queue(world, 4);
    let worker = &story.workers[0].key;
    let anyone = || story.payer.pubkey();

    // To start.
    world.ok(&[market.join_instruction(worker.pubkey(), 0)], &[worker]);
    let job = Job { matching: matching::QUEUE, ..story.unposted(&market) };
    market.post(world, &story.client, &job, HOUR);
    let direct = story.posted(&market);
    halt(&story, 5 * HOURS);
    for job in [&job, &direct] {
        world.fails(market.cancel_instruction(job, anyone()), &[&story.payer], EscrowError::TooEarly);
        story.start(&market, job);
    }
    // To deliver: not even late.
    halt(&story, 5 * HOURS);
    world.fails(market.finish_instruction(&job, anyone(), NO_RESULT), &[&story.payer], EscrowError::TooEarly);
    world.ok(&[market.deliver_instruction(&job, RESULT)], &[worker]);
    assert_eq!((story.job(&job).outcome, story.job(&job).pending_penalty), (outcome::DELIVERED, Amount(0)));
    // To reject, and to decide.
    halt(&story, 5 * HOURS);
    world.fails(market.accept_instruction(&job, anyone()), &[&story.payer], EscrowError::TooEarly);
    world.ok(&[market.reject_instruction(&job)], &[&story.client]);
    halt(&story, 5 * HOURS);
    world.fails(market.resolve_instruction(&job, anyone(), 0, 0), &[&story.payer], EscrowError::ArbiterOnly);
    world.ok(&[market.resolve_instruction(&job, story.someone.pubkey(), 10_000, 0)], &[&story.someone]);
    assert_eq!(story.settled(&market, &job), (Tokens(0), outcome::DELIVERED));
    // They pass when the chain runs.
    world.run(2 * HOURS);
    world.ok(&[market.finish_instruction(&direct, anyone(), NO_RESULT)], &[&story.payer]);
    assert_eq!(story.job(&direct).outcome, outcome::FAILED);
    story.check(&[job, direct]);
}

/// Two jobs whose auction has just ended.
fn awarded(story: &Story, market: &Market) -> [Job; 2] {
    let world = &story.world;
    let jobs = std::array::from_fn(|_| {
        let job = Job { matching: matching::AUCTION, ..story.unposted(market) };
        market.post(world, &story.client, &job, HOUR);
        world.ok(&[market.bid_instruction(world, &job, PRICE, None)], &[story.key(&job)]);
        job
    });
    tick(story);
    world.run(HOURS + 1);
    world.ok(&jobs.map(|job: Job| market.award_instruction(&job)), &[]);
    tick(story);
    jobs
}

#[test]
fn a_pause_makes_no_earlier_halt_forgotten() {
    let story = Story::new();
    let world = &story.world;
    let terms = Terms { bond_amount: Tokens(BOND), no_start_penalty: Bps::WHOLE, reports: 1, ..usual_terms() };
    let market = story.token_market(terms);
    let jobs = awarded(&story, &market);
    // First the chain stands still, then the network.
    halt(&story, 5 * HOURS);
    story.set_pause(1);
    world.run(2 * HOURS);
    story.set_pause(0);
    world.fails(market.cancel_instruction(&jobs[0], story.someone.pubkey()), &[&story.someone], EscrowError::TooEarly);
    let start = market.start_without_bond_instruction(&jobs[0], jobs[0].posting(world));
    world.ok(&[start], &[story.key(&jobs[0])]);
    // Both move the time to start, and neither ends it: five minutes that the chain ran, and the half minutes that are no halt.
    world.run(4 * 60);
    world.ok(&[market.cancel_instruction(&jobs[1], story.someone.pubkey())], &[&story.someone]);
    assert_eq!(story.job(&jobs[1]).outcome, outcome::FAILED);
    story.check(&jobs);
}

#[test]
fn a_pause_is_an_excuse_if_it_began_in_time_that_halts_and_pauses_had_moved() {
    let story = Story::new();
    let (world, anyone) = (&story.world, story.someone.pubkey());
    let terms = Terms { bond_amount: Tokens(BOND), no_start_penalty: Bps::WHOLE, reports: 1, ..usual_terms() };
    let market = story.token_market(terms);
    let cancelled = |job: &Job, outcome: u8| {
        world.ok(&[market.cancel_instruction(job, anyone)], &[&story.someone]);
        assert_eq!((story.job(job).state, story.job(job).outcome), (job_state::CANCELLED, outcome));
    };
    let [after_halt, client] = awarded(&story, &market);
    halt(&story, 5 * HOURS);
    story.set_pause(1);
    // In a pause nobody pays for what cannot go on.
    world.ok(&[market.cancel_instruction(&client, client.client)], &[&story.client]);
    assert_eq!((story.job(&client).state, story.job(&client).earned), (job_state::CANCELLED, Amount(0)));
    world.run(HOURS);
    cancelled(&after_halt, outcome::NONE);
    story.set_pause(0);

    let [after_pause, late] = awarded(&story, &market);
    story.set_pause(1);
    world.run(600);
    story.set_pause(0);
    world.run(200);
    story.set_pause(1);
    world.run(200);
    cancelled(&after_pause, outcome::NONE);
    story.set_pause(0);
    world.run(101);
    // This one began too late.
    story.set_pause(1);
    cancelled(&late, outcome::FAILED);
    story.check(&[after_halt, client, after_pause, late]);
}

/// The time to start runs from the auction's end, and a pause moves it, whenever somebody awards the job.
#[test]
fn a_pause_before_an_award_extends_the_time_to_start_as_well() {
    let story = Story::new();
    let (world, anyone) = (&story.world, story.someone.pubkey());
    let terms = Terms { bond_amount: Tokens(BOND), no_start_penalty: Bps::WHOLE, reports: 1, ..usual_terms() };
    let market = story.token_market(terms);
    let jobs: [Job; 3] = std::array::from_fn(|_| {
        let job = Job { matching: matching::AUCTION, ..story.unposted(&market) };
        market.post(world, &story.client, &job, HOUR);
        world.ok(&[market.bid_instruction(world, &job, PRICE, None)], &[story.key(&job)]);
        job
    });
    tick(&story);
    // A pause while bids are taken moves nothing: the time to start begins behind it.
    story.set_pause(1);
    world.run(600);
    story.set_pause(0);
    world.run(HOURS - 600 + 1);
    world.ok(&[market.award_instruction(&jobs[0])], &[]);
    story.set_pause(1);
    world.run(200);
    // One is awarded in the pause, one behind it.
    world.ok(&[market.award_instruction(&jobs[1])], &[]);
    world.run(200);
    story.set_pause(0);
    world.ok(&[market.award_instruction(&jobs[2])], &[]);
    let cancel = |job: &Job| market.cancel_instruction(job, anyone);
    world.run(299);
    for job in &jobs {
        world.fails(cancel(job), &[&story.someone], EscrowError::TooEarly);
    }
    world.run(2);
    for job in &jobs {
        world.ok(&[cancel(job)], &[&story.someone]);
        assert_eq!(story.job(job).outcome, outcome::FAILED);
    }
    story.check(&jobs);
}

/// A job over whose result a game is played, by somebody who disagrees from state 20 on.
fn contested(court: &Court, run: &Run, claim: u8) -> Challenge {
    let job = court.started(run.states[0]);
    court.world().run(10);
    court.deliver(&job, run, run.result());
    court.challenge(&job, &court.story.someone, claim)
}

#[test]
fn no_move_of_a_game_is_late_for_a_halt() {
    let court = Court::new();
    let (world, someone) = (court.world(), &court.story.someone);
    let run = Run::of(Machine::new(5, 37));
    let game = contested(&court, &run, statement::STEP);
    let time_out = || game.time_out_instruction();
    while !game.state(world).is_decided() {
        halt_in(world, 5 * HOURS);
        world.fails(swap(time_out(), 1, ID), &[], EscrowError::HaltClockRequired);
        world.fails(time_out(), &[], EscrowError::TooEarly);
        let state = game.state(world);
        if state.phase == game_phase::CHOOSE {
            let level = state.subtree_level - state.levels();
            let choice = (20 >> level) - (state.subtree_index << state.levels());
            world.ok(&[game.choose_instruction(choice as u8)], &[someone]);
        } else {
            court.provider_moves(&game, &run);
        }
    }
    assert_eq!(game.state(world).phase, game_phase::PROVIDER_WON);
    // Its time passes when the chain runs.
    let game = contested(&court, &run, statement::STEP);
    halt_in(world, 5 * HOURS);
    world.run(HOURS);
    let late = game.provider_moves(&game.state(world), &run).expect("the provider is to move");
    world.fails(late, &[&court.story.workers[0].key], EscrowError::TooLate);
    world.ok(&[game.time_out_instruction()], &[]);
    assert_eq!(game.state(world).phase, game_phase::CHALLENGER_WON);
    // An arbiter has its time as well.
    let judged = Court::with(ID, TOKEN_PROGRAM);
    let game = contested(&judged, &run, statement::END);
    let (world, arbiter) = (judged.world(), &judged.story.payer);
    halt_in(world, 5 * HOURS);
    world.fails(game.time_out_instruction(), &[], EscrowError::TooEarly);
    world.ok(&[game.decide_instruction(arbiter.pubkey(), 1)], &[arbiter]);
    assert_eq!(game.state(world).phase, game_phase::PROVIDER_WON);
}

#[test]
fn no_replica_of_a_panel_is_late_for_a_halt() {
    let jury = Jury::strict();
    let (world, client) = (&jury.world, &jury.client);
    let key = |member: usize| [&jury.members[member].key];
    let found = [5; 32];
    // To acknowledge.
    let panel = jury.joined(3);
    halt_in(world, 5 * HOURS);
    let remove = |panel: &Panel| panel.remove_instruction(&jury.replica(panel, 0), 0);
    let left_out = swap(remove(&panel), remove(&panel).accounts.len() - 1, ID);
    world.fails(left_out, &[], EscrowError::HaltClockRequired);
    world.fails(remove(&panel), &[], EscrowError::TooEarly);
    world.fails(panel.cancel_instruction(client.pubkey()), &[client], EscrowError::TooEarly);
    (0..3).for_each(|member| drop(jury.acknowledge(&panel, member as usize, member)));
    // To commit.
    world.ok(&[jury.commit(&panel, 0, found)], &key(0));
    halt_in(world, 5 * HOURS);
    world.fails(jury.reveal(&panel, 0, found), &key(0), EscrowError::WrongPanelState);
    world.fails(panel.tally_instruction(), &[], EscrowError::WrongPanelState);
    world.ok(&[jury.commit(&panel, 1, found)], &key(1));
    world.run(HOURS);
    world.fails(jury.commit(&panel, 2, found), &key(2), EscrowError::TooLate);
    // To reveal: counted from the time to commit as the halt moved it.
    world.ok(&[jury.reveal(&panel, 0, found)], &key(0));
    halt_in(world, 5 * HOURS);
    world.fails(panel.tally_instruction(), &[], EscrowError::TooEarly);
    world.ok(&[jury.reveal(&panel, 1, found)], &key(1));
    world.ok(&[panel.tally_instruction()], &[]);
    assert_eq!(panel.state(world).state, panel_state::AGREED);
    // Their time passes when the chain runs.
    let panel = jury.joined(3);
    halt_in(world, 5 * HOURS);
    world.run(HOURS);
    world.ok(&[remove(&panel)], &[]);
}
