//! What a market asks for, and who may do what.

use {
    super::*,
    joule_escrow_interface::{
        instruction::{SetMarketArgs, StartJob},
        merkle,
        state::Market as MarketState,
    },
    joule_tests::fixture::sha256,
};

const CLASS: u32 = 7;

#[test]
fn a_job_is_posted_as_the_market_offers_it() {
    let story = Story::new();
    let only_queue = Terms { matching: matching::QUEUE, ..usual_terms() };
    let (world, market) = (&story.world, story.token_market(usual_terms()).with_queue(&story.world, 3));
    let job = story.unposted(&market);
    for seconds in [0, 9, 86_401, u32::MAX] {
        world.fails(story.post(&market, &job, seconds), &story.posting(), EscrowError::DurationOutOfRange);
    }
    let at = |job: &Job, price| market.post_at_instruction(world, job, 60, price);
    for price in [0, PRICE + 1, u64::MAX] {
        world.fails(at(&job, price), &[&story.client], EscrowError::PriceOutOfRange);
    }
    // Each of them fits, and all of them together do not.
    let dearest = Terms { price: Amount(u64::MAX / 2), pricing: pricing::FIXED, ..usual_terms() };
    let dear = story.token_market(dearest);
    let three = [story.unposted(&dear), story.unposted(&dear), story.unposted(&dear)];
    let post = dear.post_many_instruction(world, &three, 60, u64::MAX / 2);
    world.fails(post, &[&story.client], EscrowError::Overflow);
    // The queue works at the market's price alone.
    let queued = Job { matching: matching::QUEUE, ..job };
    world.fails(at(&queued, PRICE - 1), &[&story.client], EscrowError::PriceOutOfRange);
    for kind in [0, 3, 8, 255] {
        let mut other = at(&job, PRICE);
        *other.data.last_mut().unwrap() = kind;
        world.fails(other, &[&story.client], EscrowError::MatchingNotOffered);
    }
    let queue_only = story.token_market(only_queue);
    let direct = story.unposted(&queue_only);
    world.fails(story.post(&queue_only, &direct, 60), &story.posting(), EscrowError::MatchingNotOffered);
    // Who is named must be, and nobody else.
    let mut nobody = at(&job, PRICE);
    nobody.data[25..57].fill(0);
    world.fails(nobody, &[&story.client], EscrowError::WrongProvider);
    let mut somebody = at(&queued, PRICE);
    somebody.data[25..57].fill(1);
    world.fails(somebody, &[&story.client], EscrowError::WrongProvider);
    world.ok(&[at(&job, 1)], &[&story.client]);
    assert_eq!(story.job(&job).deposited, Amount(60));
}

#[test]
fn a_change_of_the_market_touches_no_job_that_is_posted() {
    let story = Story::new();
    let (world, market) = (&story.world, story.token_market(usual_terms()));
    let job = story.running(&market);
    let seen = world.read::<MarketState>(market.address).terms_version;
    let post = story.post(&market, &story.unposted(&market), HOUR);
    let dearer = Terms { price: Amount(2 * PRICE), ..usual_terms() };
    let receipt = world.ok(&[market.set_instruction(&story.network, dearer, 0)], &[&story.network.authority]);
    let set: event::MarketChanged = receipt.event(ID);
    assert_eq!((set.header.source, set.header.sequence, set.terms, set.closed), (market.address, 2, dearer, 0));
    // A client pays no price that it did not see.
    world.fails(post, &story.posting(), EscrowError::TermsChanged);
    let state: MarketState = world.read(market.address);
    assert_eq!((state.terms_version, state.terms, state.closed), (seen + 1, dearer, 0));
    world.pass(60);
    world.ok(&[market.settle_instruction(&job)], &[]);
    assert_eq!(story.job(&job).paid, Amount(60 * PRICE));
    world.ok(&[market.set_instruction(&story.network, dearer, 1)], &[&story.network.authority]);
    let post = story.post(&market, &story.unposted(&market), HOUR);
    world.fails(post, &story.posting(), EscrowError::MarketClosed);
    world.fails(
        market.set_instruction(&story.network, dearer, 2),
        &[&story.network.authority],
        EscrowError::InvalidParameter,
    );
    // Jobs outlive it.
    world.ok(&[market.close_instruction(world, &story.network)], &[&story.network.authority]);
    world.ok(&[market.finish_instruction(&job, job.client, NO_RESULT)], &[&story.client]);
    story.check(&[job]);
}

/// Who signed for the terms of a market that is gone signed for no others at its address.
#[test]
fn a_market_that_is_created_again_has_other_numbers_of_terms() {
    let story = Story::new();
    let (world, market) = (&story.world, story.token_market(usual_terms()));
    let authority = &story.network.authority;
    let post = story.post(&market, &story.unposted(&market), HOUR);
    let taken = Terms { fee_share: Bps::WHOLE, fee_payee: story.treasury, ..usual_terms() };
    let again = Market { terms: taken, ..market }.create_instruction(world, &story.network);
    let both = [market.close_instruction(world, &story.network), again];
    // In the second in which it was created it stays: its next number could be one that it had.
    world.fails(both[0].clone(), &[authority], EscrowError::TooEarly);
    world.pass(1);
    let before: MarketState = world.read(market.address);
    let created: event::MarketChanged = world.ok(&both, &[authority]).event(ID);
    assert_eq!((created.header.sequence, created.terms), (1, taken));
    let after: MarketState = world.read(market.address);
    assert_eq!(after.terms, taken);
    assert!(after.terms_version > before.terms_version);
    world.fails(post, &story.posting(), EscrowError::TermsChanged);
}

#[test]
fn terms_are_within_their_ranges() {
    let story = Story::new();
    let (world, market) = (&story.world, story.token_market(usual_terms()));
    let set = |terms| {
        let mut set = market.set_instruction(&story.network, terms, 0);
        set.data = [&[set.data[0]][..], bytemuck::bytes_of(&SetMarketArgs { terms, closed: 0 })].concat();
        world.send(&[set], &[&story.network.authority])
    };
    let usual = usual_terms();
    let level = serviced(Terms { bond_amount: Tokens(1), ..usual });
    let result = accepted(NONE, usual);
    let ganged = Terms {
        matching: matching::GANG,
        bond_amount: Tokens(1),
        heartbeat_interval: Seconds(10),
        failure_penalty: Bps(1),
        ..usual
    };
    let month = Seconds(30 * 86_400);
    let longer = Seconds(month.0 + 1);
    let over = Bps(10_001);
    let wrong = [
        Terms { price: Amount(0), ..usual },
        Terms { price: Amount(u64::MAX / 86_400 + 1), ..usual },
        Terms { min_duration: Seconds(0), ..usual },
        Terms { min_duration: Seconds(86_401), ..usual },
        Terms { min_duration: Seconds(59), ..level },
        Terms { max_duration: Seconds(9), ..usual },
        // Of 136 years was the longest, in which a bond of one's own held what others had lent.
        Terms { pricing: pricing::FIXED, max_duration: Seconds(365 * 86_400 + 1), ..usual },
        Terms { wait_window: Seconds(0), ..usual },
        Terms { wait_window: longer, ..usual },
        Terms { start_window: Seconds(0), ..usual },
        Terms { start_window: Seconds(7 * 86_400 + 1), ..usual },
        Terms { late_window: longer, ..usual },
        Terms { acceptance_window: longer, ..result },
        Terms { arbitration_window: Seconds(0), ..result },
        Terms { arbitration_window: longer, ..result },
        Terms { bid_extension: longer, ..usual },
        Terms { heartbeat_interval: Seconds(0), ..level },
        Terms { heartbeat_interval: Seconds(0), min_availability: Bps(0), ..level },
        Terms { heartbeat_interval: Seconds(0), heartbeat_penalty: Bps(0), ..level },
        Terms { min_availability: over, ..level },
        Terms { shortfall_penalty: over, ..level },
        Terms { heartbeat_penalty: over, ..level },
        // Anyone settles a job just before an outage: penalties on what is paid as it runs need a bond.
        Terms { bond_amount: Tokens(0), ..level },
        Terms { bond_amount: Tokens(0), heartbeat_penalty: Bps(0), ..level },
        Terms { bond_amount: Tokens(0), shortfall_penalty: Bps(0), ..level },
        Terms { fee_share: over, fee_payee: story.treasury, ..usual },
        Terms { fee_share: Bps(1), ..usual },
        Terms { fee_payee: story.treasury, ..usual },
        Terms { bid_step: over, ..usual },
        Terms { late_penalty: over, ..usual },
        Terms { no_start_penalty: over, ..usual },
        Terms { failure_penalty: over, ..usual },
        Terms { default_pay: over, ..usual },
        Terms { default_bond_penalty: over, ..usual },
        Terms { min_reliability: over, ..usual },
        Terms { pricing: 3, late_window: Seconds(60), ..usual },
        // Units: a minute at least to redeem the last voucher, nothing to accept, no time that is watched.
        Terms { pricing: pricing::USAGE, late_window: Seconds(59), ..usual },
        Terms { acceptance_window: Seconds(1), arbitration_window: Seconds(1), ..by_usage(usual) },
        Terms { heartbeat_interval: Seconds(10), ..by_usage(usual) },
        Terms { notice_minutes: 0, ..by_usage(usual) },
        Terms { matching: 0, ..usual },
        Terms { matching: 8, ..usual },
        // Gangs: a member that is dead can be shown, and quitting has a price.
        Terms { heartbeat_interval: Seconds(0), ..ganged },
        Terms { failure_penalty: Bps(0), ..ganged },
        Terms { bond_amount: Tokens(0), ..ganged },
        Terms { reports: 2, ..usual },
        Terms { max_queue_entries: 0, ..usual },
        Terms { is_service: 2, ..usual },
        Terms { is_service: 1, pricing: pricing::FIXED, ..usual },
        Terms { whole_job_fee: 20, ..usual },
    ];
    for (number, terms) in wrong.into_iter().enumerate() {
        let code = set(terms).expect_err("terms outside their ranges").code();
        assert_eq!(code, Some(EscrowError::InvalidParameter as u32), "terms {number}");
    }
    let right = [
        Terms { price: Amount(1), min_duration: Seconds(1), max_duration: Seconds(1), ..usual },
        Terms { price: Amount(u64::MAX), pricing: pricing::FIXED, max_duration: Seconds(365 * 86_400), ..usual },
        Terms { price: Amount(u64::MAX / 86_400), ..usual },
        Terms { wait_window: month, start_window: Seconds(7 * 86_400), late_window: month, ..usual },
        Terms { acceptance_window: month, arbitration_window: month, bid_extension: month, ..result },
        Terms { min_duration: Seconds(60), ..level },
        Terms { bond_amount: Tokens(0), shortfall_penalty: Bps(0), heartbeat_penalty: Bps(0), ..level },
        Terms { bond_amount: Tokens(0), pricing: pricing::FIXED, ..level },
        Terms { price: Amount(u64::MAX), late_window: Seconds(60), ..by_usage(usual) },
        Terms { is_service: 0, notice_minutes: 0, ..by_usage(usual) },
        Terms { fee_share: Bps::WHOLE, fee_payee: story.treasury, ..usual },
        Terms { max_queue_entries: 0, matching: matching::DIRECT, ..usual },
        ganged,
        Terms { bond_amount: Tokens(u64::MAX), min_self_stake: Tokens(u64::MAX), class: u32::MAX, ..usual },
    ];
    for (number, terms) in right.into_iter().enumerate() {
        set(terms).unwrap_or_else(|failure| panic!("terms {number}: {failure:?}"));
    }
    // Without a pool there is nothing to ask of it.
    let bare = Market::unborn(&story.network, &story.pool, 60, usual).paid_in(&story.mint).without_pool();
    for terms in [
        Terms { bond_amount: Tokens(1), ..usual },
        Terms { reports: 1, ..usual },
        Terms { reports: 3, heartbeat_interval: Seconds(10), ..usual },
        Terms { min_self_stake: Tokens(1), ..usual },
        Terms { min_reliability: Bps(1), ..usual },
    ] {
        let create = Market { terms, ..bare }.create_instruction(world, &story.network);
        world.fails(create, &[&story.network.authority], EscrowError::InvalidParameter);
    }
    // But that a beacon measures its jobs.
    let bare = Market { terms: Terms { reports: 2, heartbeat_interval: Seconds(10), ..usual }, ..bare };
    let bare = bare.create(world, &story.network);
    let job = Job { provider: story.someone.pubkey(), ..story.unposted(&bare) };
    world.ok(&[story.post(&bare, &job, HOUR)], &story.posting());
    world.ok(&[bare.start_instruction(world, &job)], &[&story.someone]);
    let create = Market { id: 60, ..bare }.create_instruction(world, &story.network);
    world.fails(create, &[&story.network.authority], EscrowError::AlreadyInitialized);
}

/// A field, what sets it, the least and the most that it may be, and the other terms.
type Range = (&'static str, fn(&mut Terms, u64), u64, u64, Terms);

#[test]
fn every_number_of_the_terms_has_two_bounds() {
    const WEEK: u64 = 7 * 86_400;
    const MONTH: u64 = 30 * 86_400;
    const WHOLE: u64 = 10_000;
    let story = Story::new();
    let market = story.token_market(usual_terms());
    let usual = usual_terms();
    let level = serviced(Terms { bond_amount: Tokens(1), ..usual });
    let result = accepted(NONE, usual);
    let fee = Terms { fee_share: Bps(250), fee_payee: story.treasury, ..usual };
    let staked = Terms { default_bond_penalty: Bps(0), fee_share: Bps(250), fee_payee: story.treasury, ..result };
    let ranges: Vec<Range> = vec![
        ("price", |terms, value| terms.price = Amount(value), 1, u64::MAX / 86_400, usual),
        ("bond_amount", |terms, value| terms.bond_amount = Tokens(value), 0, u64::MAX, usual),
        ("min_self_stake", |terms, value| terms.min_self_stake = Tokens(value), 0, u64::MAX, usual),
        ("min_duration", |terms, value| terms.min_duration = Seconds(value as u32), 1, 86_400, usual),
        ("max_duration", |terms, value| terms.max_duration = Seconds(value as u32), 10, 365 * 86_400, usual),
        ("wait_window", |terms, value| terms.wait_window = Seconds(value as u32), 1, MONTH, usual),
        ("start_window", |terms, value| terms.start_window = Seconds(value as u32), 1, WEEK, usual),
        ("late_window", |terms, value| terms.late_window = Seconds(value as u32), 0, MONTH, usual),
        ("acceptance_window", |terms, value| terms.acceptance_window = Seconds(value as u32), 0, MONTH, result),
        ("arbitration_window", |terms, value| terms.arbitration_window = Seconds(value as u32), 1, MONTH, result),
        ("heartbeat_interval", |terms, value| terms.heartbeat_interval = Seconds(value as u32), 1, 60, level),
        ("bid_extension", |terms, value| terms.bid_extension = Seconds(value as u32), 0, MONTH, usual),
        ("class", |terms, value| terms.class = value as u32, 0, u32::MAX as u64, usual),
        ("fee_share", |terms, value| terms.fee_share = Bps(value as u16), 1, WHOLE, fee),
        ("bid_step", |terms, value| terms.bid_step = Bps(value as u16), 0, WHOLE, usual),
        ("min_availability", |terms, value| terms.min_availability = Bps(value as u16), 0, WHOLE, level),
        ("shortfall_penalty", |terms, value| terms.shortfall_penalty = Bps(value as u16), 0, WHOLE, level),
        ("heartbeat_penalty", |terms, value| terms.heartbeat_penalty = Bps(value as u16), 0, WHOLE, level),
        ("late_penalty", |terms, value| terms.late_penalty = Bps(value as u16), 0, WHOLE, usual),
        ("no_start_penalty", |terms, value| terms.no_start_penalty = Bps(value as u16), 0, WHOLE, usual),
        ("failure_penalty", |terms, value| terms.failure_penalty = Bps(value as u16), 0, WHOLE, usual),
        ("default_pay", |terms, value| terms.default_pay = Bps(value as u16), 0, WHOLE, result),
        ("default_bond_penalty", |terms, value| terms.default_bond_penalty = Bps(value as u16), 0, WHOLE, result),
        ("min_reliability", |terms, value| terms.min_reliability = Bps(value as u16), 0, WHOLE, usual),
        // As much at least as the default verdict leaves to the client, or nothing.
        ("rejection_stake", |terms, value| terms.rejection_stake = Bps(value as u16), 5_000, WHOLE, staked),
        ("pricing", |terms, value| terms.pricing = value as u8, 0, 2, Terms { late_window: Seconds(60), ..usual }),
        ("matching", |terms, value| terms.matching = value as u8, 1, 7, usual),
        ("reports", |terms, value| terms.reports = value as u8, 0, 3, level),
        ("max_queue_entries", |terms, value| terms.max_queue_entries = value as u8, 1, u8::MAX as u64, usual),
        ("is_service", |terms, value| terms.is_service = value as u8, 0, 1, usual),
        ("whole_job_fee", |terms, value| terms.whole_job_fee = value as u8, 0, 19, usual),
        (
            "notice_minutes",
            |terms, value| terms.notice_minutes = value as u16,
            0,
            u16::MAX as u64,
            Terms { is_service: 1, ..usual },
        ),
    ];
    let fields = <Terms as joule_interface::Layout>::SPEC.fields;
    for field in fields.iter().filter(|field| field.size < 32) {
        let range = ranges.iter().find(|(name, ..)| *name == field.name);
        let (_, _, _, most, _) = range.unwrap_or_else(|| panic!("{} has no bounds", field.name));
        assert!(field.size == 8 || *most < 1 << (8 * field.size), "{}", field.name);
    }
    let set = |range: &Range, value: u64| {
        let (name, set, _, _, mut terms) = *range;
        set(&mut terms, value);
        let sent = story.world.send(&[market.set_instruction(&story.network, terms, 0)], &[&story.network.authority]);
        sent.map_err(|failure| format!("{name} may not be {value}: {:?}", failure.code()))
    };
    let size = |name: &str| fields.iter().find(|field| field.name == name).expect("a field").size;
    for range in &ranges {
        let (name, _, least, most, _) = range;
        set(range, *least).unwrap();
        set(range, *most).unwrap();
        let wider = least.checked_sub(1).into_iter().chain(most.checked_add(1));
        for value in wider.filter(|value| size(name) == 8 || *value < 1 << (8 * size(name))) {
            let refused = set(range, value).expect_err(name);
            assert!(refused.ends_with(&format!("{:?}", Some(EscrowError::InvalidParameter as u32))), "{refused}");
        }
    }
}

#[test]
fn providers_need_the_stake_and_the_reliability_that_is_asked_for() {
    let mut story = Story::new();
    let dear = story.token_market(Terms { min_self_stake: Tokens(400 * TOKEN + 1), ..usual_terms() });
    let fair = story.token_market(Terms { min_self_stake: Tokens(400 * TOKEN), ..usual_terms() });
    let trusted = story.token_market(Terms { min_reliability: Bps(1_999), ..usual_terms() });
    let start = |story: &Story, market: &Market| {
        let job = story.posted(market);
        story.world.send(&[market.start_instruction(&story.world, &job)], &[story.key(&job)])
    };
    let refused = Some(EscrowError::ProviderNotEligible as u32);
    assert_eq!(start(&story, &dear).unwrap_err().code(), refused);
    start(&story, &fair).unwrap();
    // One job of the last instant, of one and the four that everybody is imagined to have failed: a fifth.
    assert_eq!(start(&story, &trusted).unwrap_err().code(), refused);
    let mut state = story.staked(0);
    state.reputation.count(joule_stake_interface::state::outcome::DELIVERED, 65_536, story.world.now());
    story.world.forge(story.workers[0].own.provider, &state);
    start(&story, &trusted).unwrap();
    for status in [joule_stake_interface::state::status::JAILED, joule_stake_interface::state::status::TOMBSTONED] {
        story.world.forge(story.workers[0].own.provider, &Provider { status, ..state });
        assert_eq!(start(&story, &fair).unwrap_err().code(), refused);
    }
}

#[test]
fn a_job_with_a_bond_is_not_started_without_one() {
    let story = Story::new();
    let market = story.token_market(Terms { bond_amount: Tokens(BOND), ..usual_terms() });
    let job = story.posted(&market);
    let start = market.start_without_bond_instruction(&job, job.posting(&story.world));
    story.world.fails(start, &[story.key(&job)], EscrowError::StakeRequired);
    story.start(&market, &job);
    assert_eq!(story.staked(0).bonded, Tokens(BOND));
    // One that asks for none is started either way.
    let market = story.token_market(usual_terms());
    let job = story.posted(&market);
    let bonded = Market { terms: Terms { bond_amount: Tokens(BOND), ..market.terms }, ..market };
    story.start(&bonded, &job);
    assert_eq!((story.staked(0).bonded, story.job(&job).bond), (Tokens(BOND), NONE));
}

#[test]
fn locking_a_bond_checks_the_markets_terms() {
    use joule_stake_interface::{StakeError, state::status};
    let mut story = Story::new();
    let bonded = Terms { bond_amount: Tokens(BOND), ..usual_terms() };
    let own = Tokens(400 * TOKEN);
    let markets = [
        (Terms { min_self_stake: own, ..bonded }, None),
        (Terms { min_self_stake: Tokens(own.0 + 1), ..bonded }, Some(EscrowError::ProviderNotEligible)),
        (Terms { min_reliability: Bps(1), ..bonded }, Some(EscrowError::ProviderNotEligible)),
    ];
    for (terms, refused) in markets {
        let market = story.token_market(terms);
        let [direct, auction] = [matching::DIRECT, matching::AUCTION].map(|matching| {
            let job = Job { matching, ..story.unposted(&market) };
            market.post(&story.world, &story.client, &job, HOUR);
            job
        });
        let start = market.start_instruction(&story.world, &direct);
        let bid = market.bid_instruction(&story.world, &auction, PRICE, None);
        for instruction in [start, bid] {
            let code = story.world.send(&[instruction], &[story.key(&direct)]).map_err(|failure| failure.code());
            assert_eq!(code.err(), refused.map(|error| Some(error as u32)));
        }
    }
    // The rest `stake` asks.
    let market = story.token_market(bonded);
    let jobs = [matching::DIRECT, matching::AUCTION].map(|matching| {
        let job = Job { matching, ..story.unposted(&market) };
        market.post(&story.world, &story.client, &job, HOUR);
        job
    });
    let starts = |story: &Story| {
        let start = market.start_instruction(&story.world, &jobs[0]);
        [start, market.bid_instruction(&story.world, &jobs[1], PRICE, None)]
            .map(|instruction| {
                story.world.send(&[instruction], &[story.key(&jobs[0])]).map_err(|failure| failure.code())
            })
            .map(|outcome| outcome.err())
    };
    story.set_pause(1);
    assert_eq!(starts(&story), [Some(Some(StakeError::Paused as u32)); 2]);
    story.set_pause(0);
    let state = story.staked(0);
    for status in [status::JAILED, status::TOMBSTONED] {
        story.world.forge(story.workers[0].own.provider, &Provider { status, ..state });
        assert_eq!(starts(&story), [Some(Some(StakeError::ProviderNotActive as u32)); 2]);
    }
    story.world.forge(story.workers[0].own.provider, &state);
    assert_eq!(starts(&story), [None; 2]);
}

/// What is staked in another pool may be worth nothing.
#[test]
fn nobody_works_with_the_stake_of_another_pool() {
    let mut story = Story::new();
    let key = story.workers[0].key.insecure_clone();
    let pool = pool_elsewhere(&mut story.world, &story.network, &key);
    let bonded = story.token_market(Terms { bond_amount: Tokens(BOND), ..usual_terms() });
    let auction = Job { matching: matching::AUCTION, ..story.unposted(&bonded) };
    bonded.post(&story.world, &story.client, &auction, HOUR);
    let (elsewhere, direct) = (in_pool(&bonded, &pool), story.posted(&bonded));
    let there = |job: &Job| job.by(&elsewhere, job.provider, job.payee);
    let world = &story.world;
    let start = elsewhere.start_instruction(world, &there(&direct));
    world.fails(start, &[&key], EscrowError::WrongPool);
    let bid = elsewhere.bid_instruction(world, &there(&auction), PRICE, None);
    world.fails(bid, &[&key], EscrowError::WrongPool);
    // Nor with that of its own, of which another's provider of the same key is shown.
    let plain = story.token_market(usual_terms());
    let job = story.posted(&plain);
    let start = plain.start_instruction(world, &Job { staked: there(&job).staked, ..job });
    world.fails(start, &[&key], EscrowError::WrongPool);
    story.start(&bonded, &direct);
}

#[test]
fn only_the_providers_on_the_list_may_work() {
    let story = Story::new();
    let outsider = Address::new_from_array([1; 32]);
    let [first, second] = story.workers.each_ref().map(|worker| &worker.key);
    let leaves = [first.pubkey(), outsider].map(|provider| merkle::leaf(sha256, &provider));
    let market =
        story.token_market(Terms { allowed_root: merkle::node(sha256, &leaves[0], &leaves[1]), ..usual_terms() });
    let market = market.with_queue(&story.world, 3);
    let with = |mut instruction: Instruction, place: u32, proof: &[u8]| {
        // The place is the last of the arguments, or, to start, the last but two.
        let mut end = instruction.data.len();
        if instruction.data[0] == StartJob::DISCRIMINATOR {
            end -= 2;
            instruction.data[end] = (proof.len() / 32) as u8;
        }
        instruction.data[end - 4..end].copy_from_slice(&place.to_le_bytes());
        instruction.data.extend_from_slice(proof);
        instruction
    };
    let job = story.posted(&market);
    let start = || market.start_instruction(&story.world, &job);
    for (place, proof) in [(0, &[][..]), (1, &leaves[1]), (2, &leaves[1]), (0, &leaves[0])] {
        story.world.fails(with(start(), place, proof), &[first], EscrowError::NotAllowed);
    }
    story.world.ok(&[with(start(), 0, &leaves[1])], &[first]);
    let join = |key: &Keypair| with(market.join_instruction(key.pubkey(), 0), 0, &leaves[1]);
    story.world.fails(join(second), &[second], EscrowError::NotAllowed);
    story.world.ok(&[join(first)], &[first]);
    let auctioned = Job { matching: matching::AUCTION, ..story.unposted(&market) };
    market.post(&story.world, &story.client, &auctioned, HOUR);
    let theirs = story.by(&market, &auctioned, 1);
    let bid = |job: &Job| with(market.bid_instruction(&story.world, job, PRICE, None), 0, &leaves[1]);
    story.world.fails(bid(&theirs), &[second], EscrowError::NotAllowed);
    story.world.ok(&[bid(&auctioned)], &[first]);
}

#[test]
fn a_class_asks_for_a_node_of_the_provider() {
    let mut story = Story::new();
    let market = story.token_market(Terms { class: CLASS, ..usual_terms() });
    let node = story.world.key().pubkey();
    let expires_at = story.world.now().after(Seconds(10)).unwrap();
    let right = machine(&story.network, story.workers[0].key.pubkey(), CLASS, expires_at);
    let job = story.posted(&market);
    story.world.fails(market.start_instruction(&story.world, &job), &[story.key(&job)], EscrowError::NodeRequired);
    let job = Job { node, ..job };
    for wrong in [
        Node { network: node, ..right },
        Node { operator: story.someone.pubkey(), ..right },
        Node { class: CLASS + 1, ..right },
        Node { status: 0, ..right },
        Node { class_expires_at: story.world.now(), ..right },
    ] {
        story.world.forge(node, &wrong);
        story.world.fails(market.start_instruction(&story.world, &job), &[story.key(&job)], EscrowError::WrongNode);
    }
    story.world.forge(node, &right);
    story.start(&market, &job);
    assert_eq!(story.job(&job).node, node);
}

#[test]
fn a_paused_network_takes_no_work_but_settles_and_gives_back() {
    let story = Story::new();
    let market = story.token_market(usual_terms()).with_queue(&story.world, 3);
    let fixed = story.token_market(accepted(story.someone.pubkey(), usual_terms()));
    let [posted, running] = [story.posted(&market), story.running(&market)];
    let [delivering, rejected] = [story.running(&fixed), story.running(&fixed)];
    let auctioned = Job { matching: matching::AUCTION, ..story.unposted(&market) };
    market.post(&story.world, &story.client, &auctioned, HOUR);
    let assigned = Job { matching: matching::QUEUE, ..story.unposted(&market) };
    let first = story.workers[0].key.insecure_clone();
    story.world.ok(&[market.join_instruction(first.pubkey(), 0)], &[&first]);
    market.post(&story.world, &story.client, &assigned, HOUR);
    let unposted = story.unposted(&market);
    let no_work = [
        (story.post(&market, &unposted, HOUR), &story.posting()[..]),
        (market.start_instruction(&story.world, &posted), &[&first]),
        (market.bid_instruction(&story.world, &auctioned, PRICE, None), &[&first]),
        (market.join_instruction(first.pubkey(), 0), &[&first]),
        (market.extend_instruction(&running, 60), &[&story.client]),
    ]
    .map(|(instruction, signers)| (instruction, signers.iter().map(|key| key.insecure_clone()).collect::<Vec<_>>()));
    story.set_pause(1);
    for (instruction, signers) in no_work {
        let signers: Vec<&Keypair> = signers.iter().collect();
        story.world.fails(instruction, &signers, EscrowError::Paused);
    }
    let world = &story.world;
    world.pass(60);
    // What was promised before is kept, and all else goes on.
    story.start(&market, &assigned);
    world.ok(&[market.heartbeat_instruction(&running), market.settle_instruction(&running)], &[&first]);
    for job in [&delivering, &rejected] {
        world.ok(&[fixed.deliver_instruction(job, RESULT)], &[&first]);
    }
    world.ok(&[fixed.accept_instruction(&delivering, delivering.client)], &[&story.client]);
    world.ok(&[fixed.reject_instruction(&rejected)], &[&story.client]);
    world.ok(&[fixed.resolve_instruction(&rejected, story.someone.pubkey(), 0, 0)], &[&story.someone]);
    world.ok(&[market.finish_instruction(&running, running.client, NO_RESULT)], &[&story.client]);
    world.ok(&[market.cancel_instruction(&posted, posted.client)], &[&story.client]);
    world.ok(&[market.cancel_instruction(&auctioned, auctioned.client)], &[&story.client]);
    world.ok(&[story.deposit.withdraw_instruction(story.wallet, 1)], &[&story.client]);
    world.ok(&[story.deposit.deposit_instruction(story.client.pubkey(), story.wallet, 1)], &[&story.client]);
    story.check(&[posted, running, delivering, rejected, auctioned, assigned]);
}

#[test]
fn a_client_adds_time_up_to_the_longest() {
    for credits in [true, false] {
        let story = Story::new();
        let market = if credits { story.credit_market(usual_terms()) } else { story.token_market(usual_terms()) };
        let (world, job) = (&story.world, story.unposted(&market));
        market.post(world, &story.client, &job, 60);
        story.start(&market, &job);
        let extend = |seconds| market.extend_instruction(&job, seconds);
        let client = &[&story.client][..];
        world.fails(extend(0), client, EscrowError::ZeroAmount);
        world.fails(extend(86_341), client, EscrowError::DurationOutOfRange);
        world.fails(swap(extend(1), 0, story.someone.pubkey()), &[&story.someone], EscrowError::Unauthorized);
        world.pass(59);
        let extended: event::JobExtended = world.ok(&[extend(40)], client).event(ID);
        assert_eq!((extended.additional_duration, extended.added), (Seconds(40), Amount(40 * PRICE)));
        world.pass(40);
        let by_anyone = market.finish_instruction(&job, story.someone.pubkey(), NO_RESULT);
        world.fails(by_anyone.clone(), &[&story.someone], EscrowError::TooEarly);
        world.pass(1);
        world.fails(extend(1), client, EscrowError::TooLate);
        let mut theirs = by_anyone.clone();
        theirs.data[1] = 1;
        world.fails(theirs, &[&story.someone], EscrowError::ResultByProviderOnly);
        world.ok(&[by_anyone], &[&story.someone]);
        assert_eq!(story.job(&job).paid, Amount(100 * PRICE));
        story.check(&[job]);
    }
}

#[test]
fn instruction_data_is_exact() {
    let story = Story::new();
    let market = story.token_market(usual_terms());
    let job = story.running(&market);
    let with = |change: fn(&mut Vec<u8>)| {
        let mut settle = market.settle_instruction(&job);
        change(&mut settle.data);
        settle
    };
    story.world.fails(with(|data| data.push(0)), &[], EscrowError::InvalidArguments);
    story.world.fails(with(|data| data.truncate(8)), &[], EscrowError::InvalidArguments);
    story.world.fails(with(|data| data.clear()), &[], EscrowError::UnknownInstruction);
    story.world.fails(with(|data| data[0] = 255), &[], EscrowError::UnknownInstruction);
    // Behind the arguments stand whole proofs and numbers.
    let job = story.posted(&market);
    let mut start = market.start_instruction(&story.world, &job);
    start.data.push(0);
    story.world.fails(start, &[story.key(&job)], EscrowError::InvalidArguments);
}
