//! Deposits, credits, fees, and batches.

use {
    super::*,
    joule_bme_interface::{
        instruction::{ReclaimCredits, ReclaimCreditsArgs},
        state::Spender,
    },
    joule_interface::TOKEN_2022_PROGRAM,
};

#[test]
fn a_deposit_counts_what_its_vault_received() {
    for token_program in [TOKEN_PROGRAM, TOKEN_2022_PROGRAM] {
        let story = Story::with(token_program);
        let (world, deposit) = (&story.world, story.deposit);
        let state = story.deposit_state();
        assert_eq!((state.client, state.mint, state.vault), (deposit.client, deposit.mint, deposit.vault));
        assert_eq!((state.free, state.held, state.decimals), (Amount(FUNDS), Amount(0), 9));
        let put = |amount| deposit.deposit_instruction(deposit.client, story.wallet, amount);
        let take = |amount| deposit.withdraw_instruction(story.wallet, amount);
        let put_in: event::TokensDeposited = world.ok(&[put(7)], &[&story.client]).event(ID);
        assert_eq!((put_in.amount, put_in.free), (Amount(7), Amount(FUNDS + 7)));
        // What someone sent there counts at the next deposit, or without one.
        let mut send = spl_token_interface::instruction::transfer(
            &TOKEN_PROGRAM,
            &story.wallet,
            &deposit.vault,
            &deposit.client,
            &[],
            11,
        )
        .unwrap();
        send.program_id = token_program;
        world.ok(&[send.clone()], &[&story.client]);
        world.ok(&[put(0)], &[&story.client]);
        assert_eq!(story.deposit_state().free, Amount(FUNDS + 18));
        world.fails(put(0), &[&story.client], EscrowError::ZeroAmount);
        world.fails(take(0), &[&story.client], EscrowError::ZeroAmount);
        world.fails(take(FUNDS + 19), &[&story.client], EscrowError::InsufficientFunds);
        world.fails(take(u64::MAX), &[&story.client], EscrowError::InsufficientFunds);
        let taken: event::TokensWithdrawn = world.ok(&[take(FUNDS + 17)], &[&story.client]).event(ID);
        assert_eq!((taken.amount, taken.free), (Amount(FUNDS + 17), Amount(1)));
        world.pass(1);
        world.fails(deposit.close_instruction(world), &[&story.client], EscrowError::NotEmpty);
        // What came by a plain transfer keeps it open as well.
        world.ok(&[take(1), send.clone()], &[&story.client]);
        world.fails(deposit.close_instruction(world), &[&story.client], EscrowError::NotEmpty);
        world.ok(&[put(0), take(11), deposit.close_instruction(world)], &[&story.client]);
        assert_eq!((world.account(deposit.address), world.account(deposit.vault)), (None, None));
        // Opened again, it numbers panels on; it cannot be closed at once, or it might not.
        world.ok(&[deposit.open_instruction(world)], &[]);
        assert!(story.deposit_state().panels_posted > state.panels_posted + 1_000_000);
        world.fails(deposit.close_instruction(world), &[&story.client], EscrowError::TooEarly);
        world.fails(deposit.open_instruction(world), &[], EscrowError::AlreadyInitialized);
    }
}

#[test]
fn the_largest_amounts_are_held_and_paid_to_the_unit() {
    let mut story = Story::new();
    let mint = story.world.mint();
    let source = story.world.token_account(mint.address, story.client.pubkey());
    let payee = story.world.associated_account(mint.address, story.workers[0].key.pubkey());
    let treasury = story.world.token_account(mint.address, story.someone.pubkey());
    story.world.mint_to(&mint, source, u64::MAX);
    let deposit = Deposit::of(story.client.pubkey(), mint.address, mint.token_program);
    let world = &story.world;
    let put_in = deposit.deposit_instruction(story.client.pubkey(), source, u64::MAX);
    world.ok(&[deposit.open_instruction(world), put_in], &[&story.client]);
    let fee = Terms { fee_share: Bps(9_999), fee_payee: treasury, ..usual_terms() };
    let whole = Terms {
        price: Amount(u64::MAX),
        pricing: pricing::FIXED,
        late_window: Seconds(9),
        late_penalty: Bps::WHOLE,
        ..fee
    };
    let by_second = Terms {
        price: Amount(u64::MAX / 3_600),
        max_duration: Seconds(3_600),
        ..serviced(Terms { bond_amount: Tokens(BOND), ..fee })
    };
    let cases = [
        (whole, 60, RESULT),
        (whole, HOUR as u64 + 9, RESULT),
        (by_second, 60, RESULT),
        (by_second, 3_599, NO_RESULT),
        (by_second, u32::MAX as u64, NO_RESULT),
    ];
    for (terms, seconds, result) in cases {
        let market = Market::unborn(&story.network, &story.pool, story.number(), terms);
        let market = market.paid_in(&mint).create(world, &story.network);
        let job = market.job(story.client.pubkey(), story.number(), story.workers[0].key.pubkey(), payee);
        market.post(world, &story.client, &job, HOUR);
        assert!(story.job(&job).deposited.0 > u64::MAX - 3_600);
        story.start(&market, &job);
        world.pass(seconds);
        let (by, key) = if result == RESULT { (job.provider, story.key(&job)) } else { (job.client, &story.client) };
        world.ok(&[market.finish_instruction(&job, by, result)], &[key]);
        let state = story.job(&job);
        let sum = state.paid.0 + state.fee_paid.0 + state.penalty.0 + state.refunded.0;
        assert_eq!((state.state, state.deposited.0), (job_state::FINISHED, sum));
        let out = [payee, treasury].map(|account| world.tokens(account));
        assert_eq!(out, [state.paid.0, state.fee_paid.0]);
        assert_eq!(world.tokens(deposit.vault), u64::MAX - out[0] - out[1]);
        for (account, key) in [(payee, &story.workers[0].key), (treasury, &story.someone)] {
            if world.tokens(account) != 0 {
                let back = deposit.deposit_instruction(key.pubkey(), account, world.tokens(account));
                world.ok(&[back], &[key]);
            }
        }
        assert_eq!(world.read::<DepositState>(deposit.address).free, Amount(u64::MAX));
    }
}

#[test]
fn held_tokens_can_neither_be_withdrawn_nor_held_twice() {
    let story = Story::new();
    let market = story.token_market(Terms { price: Amount(TOKEN), pricing: pricing::FIXED, ..usual_terms() });
    let jobs: Vec<Job> = (0..500).map(|_| story.unposted(&market)).collect();
    for jobs in jobs.chunks(20) {
        story.world.ok(&[market.post_many_instruction(&story.world, jobs, HOUR, TOKEN)], &[&story.client]);
    }
    let state = story.deposit_state();
    assert_eq!((state.free, state.held), (Amount(0), Amount(FUNDS)));
    let one_more = story.unposted(&market);
    let post = market.post_instruction(&story.world, &one_more, HOUR);
    story.world.fails(post, &[&story.client], EscrowError::InsufficientFunds);
    let take = story.deposit.withdraw_instruction(story.wallet, 1);
    story.world.fails(take.clone(), &[&story.client], EscrowError::InsufficientFunds);
    story.world.fails(swap(take, 0, story.someone.pubkey()), &[&story.someone], EscrowError::Unauthorized);
    story.world.pass(1);
    let close = story.deposit.close_instruction(&story.world);
    story.world.fails(close, &[&story.client], EscrowError::NotEmpty);
    story.world.ok(&[market.cancel_instruction(&jobs[7], jobs[7].client)], &[&story.client]);
    story.world.ok(&[story.deposit.withdraw_instruction(story.wallet, TOKEN)], &[&story.client]);
    assert_eq!(story.world.tokens(story.deposit.vault), FUNDS - TOKEN);
}

/// What an issuer took is owed all the same.
#[test]
fn a_deposit_with_an_empty_vault_is_not_closed_while_it_owes() {
    let mut story = Story::new();
    let deposit = Deposit::of(story.someone.pubkey(), story.mint.address, TOKEN_PROGRAM);
    story.world.ok(&[deposit.open_instruction(&story.world)], &[]);
    story.world.pass(1);
    let state: DepositState = story.world.read(deposit.address);
    for (free, held) in [(1, 0), (0, 1)] {
        let (free, held) = (Amount(free), Amount(held));
        story.world.forge(deposit.address, &DepositState { free, held, ..state });
        let close = deposit.close_instruction(&story.world);
        story.world.fails(close, &[&story.someone], EscrowError::NotEmpty);
    }
}

#[test]
fn a_mint_that_could_take_what_a_deposit_holds_is_refused() {
    let mut story = Story::new();
    let freezable = story.world.mint();
    // Byte 46 says whether there is a freeze authority.
    let mut account = story.world.account(freezable.address).unwrap();
    account.data[46] = 1;
    story.world.set_account(freezable.address, account);
    let deposit = Deposit::of(story.client.pubkey(), freezable.address, freezable.token_program);
    story.world.fails(deposit.open_instruction(&story.world), &[], EscrowError::PowersNotNamed);
    let market = Market::unborn(&story.network, &story.pool, 70, usual_terms()).paid_in(&freezable);
    let create = market.create_instruction(&story.world, &story.network);
    story.world.fails(create, &[&story.network.authority], EscrowError::PowersNotNamed);
}

#[test]
fn the_fee_goes_where_the_terms_say() {
    let story = Story::new();
    let world = &story.world;
    let treasury_work = story.network.open_provider_work(world, story.someone.pubkey());
    let with_fee = |fee_to| Terms { fee_share: Bps(250), fee_payee: fee_to, ..usual_terms() };
    let mut jobs = vec![];
    for fee_to in [story.treasury, story.mint.address, treasury_work] {
        let in_credits = fee_to == treasury_work;
        let terms = with_fee(fee_to);
        let market = if in_credits { story.credit_market(terms) } else { story.token_market(terms) };
        let supply = world.supply(story.mint.address);
        let treasury = world.tokens(story.treasury);
        let job = story.running(&market);
        world.pass(1_001);
        world.ok(&[market.settle_instruction(&job)], &[]);
        // While it runs, its part of the fee is held.
        let state = story.job(&job);
        assert_eq!((state.paid, state.fee_paid), (Amount(1_001 * PRICE - 1_001 * PRICE / 40), Amount(0)));
        world.pass(HOUR as u64);
        let finish = market.finish_instruction(&job, story.someone.pubkey(), NO_RESULT);
        let ended: event::JobEnded = world.ok(&[finish], &[&story.someone]).event(ID);
        let fee = COST / 40;
        assert_eq!((ended.paid, ended.fee_paid, ended.held), (Amount(COST - fee), Amount(fee), Amount(0)));
        let (burned, received) = (supply - world.supply(story.mint.address), world.tokens(story.treasury) - treasury);
        match fee_to {
            to if to == story.treasury => assert_eq!((burned, received), (0, fee)),
            to if to == story.mint.address => assert_eq!((burned, received), (fee, 0)),
            _ => assert_eq!(world.read::<ProviderWork>(treasury_work).total_work, Credits(fee)),
        }
        jobs.push(job);
    }
    story.check(&jobs);
}

/// What comes into a vault, or into another account of a program's address that the program does not know, is nobody's.
#[test]
fn no_programs_vault_receives_a_fee() {
    let mut story = Story::new();
    let associated = story.world.associated_account(story.mint.address, story.pool.address);
    let unknown = story.world.token_account(story.mint.address, story.pool.address);
    let market = story.token_market(usual_terms());
    for (fee_payee, is_right) in [(story.deposit.vault, false), (unknown, false), (associated, true)] {
        let set = market.set_instruction(&story.network, Terms { fee_share: Bps(250), fee_payee, ..usual_terms() }, 0);
        if is_right {
            story.world.ok(&[set], &[&story.network.authority]);
        } else {
            story.world.fails(set, &[&story.network.authority], EscrowError::WrongTokenOwner);
        }
    }
}

#[test]
fn a_treasury_that_is_gone_does_without_its_fee() {
    let mut story = Story::new();
    let market = story.token_market(Terms { fee_share: Bps(1_000), fee_payee: story.treasury, ..usual_terms() });
    let job = story.running(&market);
    story.world.pass(HOUR as u64);
    story.world.set_account(story.treasury, Default::default());
    let finish = market.finish_instruction(&job, story.someone.pubkey(), NO_RESULT);
    story.world.ok(&[finish], &[&story.someone]);
    assert_eq!(story.world.tokens(job.payee), COST);
    story.check(&[job]);
}

#[test]
fn a_treasury_that_could_refuse_its_fee_does_without() {
    let mut story = Story::with(TOKEN_2022_PROGRAM);
    let market = story.token_market(Terms { fee_share: Bps(1_000), fee_payee: story.treasury, ..usual_terms() });
    let job = story.running(&market);
    story.world.pass(HOUR as u64);
    // Its owner asks for a memo with each transfer.
    story.world.ask_for_memos(story.treasury);
    let again = Market { id: 90, ..market }.set_instruction(&story.network, market.terms, 0);
    story.world.fails(again, &[&story.network.authority], EscrowError::InvalidTokenAccount);
    let finish = market.finish_instruction(&job, story.someone.pubkey(), NO_RESULT);
    story.world.ok(&[finish], &[&story.someone]);
    assert_eq!(story.world.tokens(job.payee), COST);
    story.check(&[job]);
}

/// Its pay waits, and nothing else: neither the fee, nor the refund, nor what follows.
#[test]
fn a_provider_whose_account_refuses_its_pay_delays_its_own_pay_alone() {
    let mut story = Story::with(TOKEN_2022_PROGRAM);
    let market = story.token_market(Terms { fee_share: Bps(1_000), fee_payee: story.treasury, ..usual_terms() });
    let jobs = [story.running(&market), story.running(&market)];
    story.world.pass(HOUR as u64 / 2);
    let plain = story.world.account(jobs[0].payee).expect("it is there");
    story.world.ask_for_memos(jobs[0].payee);
    // By anyone, and by the provider itself.
    let stop = market.finish_instruction(&jobs[0], jobs[0].client, NO_RESULT);
    story.world.ok(&[stop], &[&story.client]);
    let quit = market.finish_instruction(&jobs[1], jobs[1].provider, RESULT);
    story.world.ok(&[quit], &[story.key(&jobs[1])]);
    let fee = COST / 2 / 10;
    for job in &jobs {
        let state = story.job(job);
        assert_eq!((state.state, state.paid, state.fee_paid.0), (job_state::OWING, Amount(0), fee));
        assert_eq!((state.refunded.0, state.held.0), (COST / 2, COST / 2 - fee));
    }
    assert_eq!((story.world.tokens(story.treasury), story.world.tokens(jobs[0].payee)), (2 * fee, 0));
    let settle = market.settle_many_instruction(&jobs, u64::MAX);
    story.world.fails(settle, &[], EscrowError::NothingPaid);
    // It asks for no memos any more.
    story.world.set_account(jobs[0].payee, plain);
    story.world.ok(&[market.settle_many_instruction(&jobs, u64::MAX)], &[]);
    assert_eq!(story.world.tokens(jobs[0].payee), 2 * (COST / 2 - fee));
    assert_eq!(story.job(&jobs[1]).state, job_state::FINISHED);
    story.check(&jobs);
}

#[test]
fn many_jobs_are_posted_and_paid_at_once() {
    for credits in [true, false] {
        let story = Story::new();
        let terms = Terms { price: Amount(1_000), ..usual_terms() };
        let market = if credits { story.credit_market(terms) } else { story.token_market(terms) };
        let jobs: Vec<Job> = (0..6).map(|_| story.unposted(&market)).collect();
        let post = market.post_many_instruction(&story.world, &jobs, HOUR, 1_000);
        let last = post.accounts.len() - 1;
        story.world.fails(read_only(post.clone(), last), &[&story.client], EscrowError::NotWritable);
        let receipt = story.world.ok(&[post], &[&story.client]);
        let posted: Vec<event::JobPosted> = receipt.events(ID);
        assert_eq!(
            posted.iter().map(|event| event.header.source).collect::<Vec<_>>(),
            jobs.iter().map(|job| job.address).collect::<Vec<_>>()
        );
        let definitions: Vec<[u8; 32]> = jobs.iter().map(|job| story.job(job).definition).collect();
        assert_eq!((definitions[0], definitions[1..].to_vec()), ([0xde; 32], vec![[0xdf; 32]; 5]));
        story.check(&jobs);
        for job in &jobs {
            story.start(&market, job);
        }
        story.world.pass(60);
        let other = story.by(&market, &story.unposted(&market), 1);
        market.post(&story.world, &story.client, &other, HOUR);
        story.start(&market, &other);
        // One transfer for all of them; a job twice is paid once.
        let mut twice = jobs.clone();
        twice.push(jobs[2]);
        let settle = market.settle_many_instruction(&twice, u64::MAX);
        let receipt = story.world.ok(&[settle], &[]);
        assert_eq!(receipt.calls.iter().filter(|call| call.depth == 2).count(), 1);
        assert_eq!(receipt.events::<event::JobSettled>(ID).len(), 6);
        for job in &jobs {
            assert_eq!(story.job(job).paid, Amount(60_000));
        }
        let with = |job: Job| market.settle_many_instruction(&[jobs[0], job], u64::MAX);
        story.world.fails(with(other), &[], EscrowError::WrongProvider);
        story.world.fails(read_only(with(jobs[1]), 9), &[], EscrowError::NotWritable);
        let foreign = story.running(&if credits { story.token_market(terms) } else { story.credit_market(terms) });
        story.world.fails(with(foreign), &[], EscrowError::WrongClient);
        let all: Vec<Job> = jobs.into_iter().chain([other, foreign]).collect();
        story.check(&all);
    }
}

#[test]
fn a_job_that_ended_is_posted_again_in_its_account() {
    let story = Story::new();
    let (world, market) = (&story.world, story.token_market(usual_terms()));
    let job = story.posted(&market);
    let seen = market.start_instruction(world, &job);
    world.ok(&[market.cancel_instruction(&job, job.client)], &[&story.client]);
    let before = story.job(&job);
    world.ok(&[story.post(&market, &job, 60)], &story.posting());
    let state = story.job(&job);
    assert_eq!((state.payer, state.sequence), (story.payer.pubkey(), before.sequence + 1));
    assert_eq!((state.deposited, state.started_at, state.result), (Amount(60 * PRICE), Default::default(), [0; 32]));
    assert!(state.posting_id > before.posting_id);
    // The provider starts the job that it saw.
    world.fails(seen, &[story.key(&job)], EscrowError::PostingChanged);
    story.start(&market, &job);
    story.check(&[job]);
}

#[test]
fn a_job_can_use_an_account_that_was_created_before() {
    let story = Story::new();
    let world = &story.world;
    for market in [story.token_market(usual_terms()), story.credit_market(usual_terms())] {
        let (job, make) = story.unposted(&market).made_before(world);
        let post = |address: Address| swap(story.post(&market, &job, HOUR), 3, address);
        let make_one = |size: usize, owner: Address| {
            let (address, make) = world.make_instruction(story.number(), size, owner);
            world.ok(&[make], &[]);
            address
        };
        let theirs = make_one(JobState::SIZE, joule_stake_interface::ID);
        world.fails(post(theirs), &story.posting(), EscrowError::WrongAddress);
        for size in [JobState::SIZE - 8, JobState::SIZE + 8] {
            world.fails(post(make_one(size, ID)), &story.posting(), EscrowError::WrongAccountType);
        }
        world.fails(post(market.address), &story.posting(), EscrowError::WrongAccountType);

        world.ok(&[make, post(job.address)], &story.posting());
        let state = story.job(&job);
        assert_eq!((state.payer, state.client, state.sequence), (story.payer.pubkey(), job.client, 1));
        assert_eq!((state.state, state.deposited, state.held), (job_state::POSTED, Amount(COST), Amount(COST)));
        world.fails(post(job.address), &story.posting(), EscrowError::WrongJobState);
        let job = story.by(&market, &job, 0);
        story.start(&market, &job);
        world.pass(HOUR as u64);
        let finish = market.finish_instruction(&job, job.provider, RESULT);
        world.ok(&[finish], &[story.key(&job)]);
        assert_eq!(story.job(&job).paid, Amount(COST));
        let lamports = world.lamports(story.payer.pubkey());
        world.ok(&[swap(market.close_job_instruction(world, &job), 1, story.payer.pubkey())], &[]);
        assert_eq!(world.account(job.address), None);
        assert_eq!(world.lamports(story.payer.pubkey()), lamports + world.rent(JobState::SIZE));
    }
}

#[test]
fn a_stranger_pays_a_provider_only_where_it_looks() {
    let mut story = Story::new();
    let provider = story.workers[0].key.pubkey();
    // A token account of the provider's that the provider does not know of.
    let hidden = story.world.token_account(story.mint.address, provider);
    let fixed = accepted(story.someone.pubkey(), usual_terms());
    let (metered, fixed) = (story.token_market(usual_terms()), story.token_market(fixed));
    let world = &story.world;
    let elsewhere = |job: &Job| Job { payee: hidden, ..*job };
    let refused = EscrowError::WrongPayee;
    let job = story.running(&metered);
    world.pass(60);
    world.fails(metered.settle_instruction(&elsewhere(&job)), &[], refused);
    let by_client = metered.finish_instruction(&elsewhere(&job), job.client, NO_RESULT);
    world.fails(by_client, &[&story.client], refused);
    // Nor has anyone its pay wait for an account that is frozen.
    let thawed = world.account(hidden).expect("it is there");
    let mut frozen = thawed.clone();
    frozen.data[108] = 2;
    story.world.set_account(hidden, frozen);
    story.world.fails(metered.settle_instruction(&elsewhere(&job)), &[], refused);
    story.world.set_account(hidden, thawed);
    // Its own it may name, and nobody else's.
    let theirs = story.workers[1].wallet;
    let thawed = story.world.account(theirs).expect("it is there");
    let mut frozen = thawed.clone();
    frozen.data[108] = 2;
    story.world.set_account(theirs, frozen);
    let by_provider = metered.finish_instruction(&Job { payee: theirs, ..job }, job.provider, NO_RESULT);
    story.world.fails(by_provider, &[story.key(&job)], EscrowError::WrongTokenOwner);
    story.world.set_account(theirs, thawed);
    let world = &story.world;
    world.ok(&[metered.settle_instruction(&job)], &[]);
    assert_eq!(world.tokens(job.payee), 60 * PRICE);
    // The provider itself is paid where it likes.
    let by_provider = metered.finish_instruction(&elsewhere(&job), job.provider, NO_RESULT);
    world.pass(60);
    world.ok(&[by_provider], &[story.key(&job)]);
    assert_eq!(world.tokens(hidden), 60 * PRICE);
    let first = job;
    let job = story.running(&fixed);
    world.pass(60);
    world.ok(&[fixed.deliver_instruction(&job, RESULT)], &[story.key(&job)]);
    let accept = fixed.accept_instruction(&elsewhere(&job), job.client);
    world.fails(accept, &[&story.client], refused);
    world.ok(&[fixed.accept_instruction(&job, job.client)], &[&story.client]);
    story.check(&[first, job]);
}

#[test]
fn a_provider_that_cannot_be_paid_delays_nobody() {
    let mut story = Story::new();
    for market in [story.token_market(usual_terms()), story.credit_market(usual_terms())] {
        let job = story.running(&market);
        story.world.pass(60);
        let payee = story.world.account(job.payee).unwrap();
        story.world.set_account(job.payee, Default::default());
        let world = &story.world;
        let mut finish = market.finish_instruction(&job, job.client, NO_RESULT);
        assert!(world.send(std::slice::from_ref(&finish), &[&story.client]).is_err());
        // Most to pay now: nothing. It is booked as owed, and the client has the rest.
        finish.data[33..41].fill(0);
        world.ok(&[finish], &[&story.client]);
        let state = story.job(&job);
        assert_eq!(
            (state.state, state.held, state.refunded),
            (job_state::OWING, Amount(60 * PRICE), Amount(COST - 60 * PRICE))
        );
        story.world.set_account(job.payee, payee);
        story.world.ok(&[market.settle_instruction(&job)], &[]);
        assert_eq!((story.job(&job).state, story.job(&job).paid), (job_state::FINISHED, Amount(60 * PRICE)));
    }
}

#[test]
fn a_party_is_no_job() {
    let mut story = Story::new();
    let market = story.token_market(usual_terms());
    let (job, make) = story.unposted(&market).made_before(&story.world);
    story.world.ok(&[make], &[]);
    let blank = story.world.account(job.address).unwrap();
    for party in [story.client.pubkey(), job.provider] {
        let before = story.world.account(party).unwrap();
        story.world.set_account(party, blank.clone());
        let post = story.post(&market, &Job { address: party, ..job }, HOUR);
        story.world.fails(post, &story.posting(), EscrowError::DuplicateAccount);
        story.world.set_account(party, before);
    }
}

#[test]
fn no_two_postings_at_one_address_have_the_same_number() {
    let story = Story::new();
    let world = &story.world;
    let [tokens, credits] = [story.token_market(usual_terms()), story.credit_market(usual_terms())];
    let (job, make) = story.unposted(&tokens).made_before(world);
    // The same account, which another funding account pays for.
    let other = Job { address: job.address, ..story.unposted(&credits) };
    let post = |market: &Market, job: &Job| swap(story.post(market, job, HOUR), 0, world.payer().pubkey());
    world.ok(&[make.clone(), post(&tokens, &job)], &[&story.client]);
    let seen = tokens.start_instruction(world, &job);
    let mut last = story.job(&job).posting_id;
    let cancel = |market: &Market, job: &Job| market.cancel_instruction(job, job.client);
    // Posted anew, in the same second or later, it has the next.
    for _ in 0..3 {
        world.ok(&[cancel(&tokens, &job), post(&tokens, &job)], &[&story.client]);
        let posting = story.job(&job).posting_id;
        assert!(posting > last);
        last = posting;
    }
    world.ok(&[cancel(&tokens, &job)], &[&story.client]);
    world.fails(post(&credits, &other), &[&story.client], EscrowError::WrongClient);
    // It is not closed in the second in which it was posted, or it could be made again with a number that was.
    let close = || tokens.close_job_instruction(world, &job);
    world.fails(close(), &[], EscrowError::TooEarly);
    world.pass(1);
    world.ok(&[close(), make, post(&credits, &other)], &[&story.client]);
    assert!(story.job(&other).posting_id > last);
    world.fails(seen, &[story.key(&job)], EscrowError::PostingChanged);
}

#[test]
fn a_job_in_revoked_credits_is_paid_by_nobody() {
    let mut story = Story::new();
    let market = story.credit_market(usual_terms());
    let [running, posted, owing] = [story.running(&market), story.posted(&market), story.running(&market)];
    story.world.pass(100);
    let limit = |most: u64| {
        let mut finish = market.finish_instruction(&owing, owing.client, NO_RESULT);
        finish.data[33..41].copy_from_slice(&most.to_le_bytes());
        finish
    };
    story.world.ok(&[limit(5)], &[&story.client]);
    assert_eq!((story.job(&owing).state, story.job(&owing).paid), (job_state::OWING, Amount(5)));
    story.network.revoke_soon(&mut story.world, market.spender, 50);
    let world = &story.world;
    // In the time of grace it goes on.
    world.pass(49);
    world.ok(&[market.settle_instruction(&running)], &[]);
    let finish = market.finish_instruction(&running, story.someone.pubkey(), NO_RESULT);
    world.fails(finish.clone(), &[&story.someone], EscrowError::TooEarly);
    world.pass(1);
    world.fails(market.settle_instruction(&running), &[], EscrowError::SpenderClosed);
    let reclaim =
        ReclaimCredits { owner: story.client.pubkey(), network: story.network.address, credit_account: story.credits }
            .instruction(&ReclaimCreditsArgs {});
    world.ok(&[story.network.close_spender_instruction(world, market.spender), reclaim], &[&story.client]);
    // Of a spender that is gone its address tells whose it was.
    let other = swap(finish.clone(), 6, story.network.spender(world.address()));
    world.fails(other, &[&story.someone], EscrowError::WrongAddress);
    world.ok(&[finish], &[&story.someone]);
    world.ok(&[market.settle_instruction(&owing)], &[]);
    world.ok(&[market.cancel_instruction(&posted, posted.client)], &[&story.client]);
    for (job, paid) in [(running, 149 * PRICE), (posted, 0), (owing, 5)] {
        let state = story.job(&job);
        assert!(state.is_over());
        assert_eq!((state.paid, state.refunded), (Amount(paid), Amount(COST - paid)));
    }
    let account = story.credit_account();
    assert_eq!((account.locked[0], account.consumed), (Credits(0), Credits(149 * PRICE + 5)));
}

/// The network takes the right away and gives it again: what is locked anew is for new jobs alone.
#[test]
fn a_right_that_is_given_again_pays_no_older_job() {
    let mut story = Story::new();
    let market = story.credit_market(usual_terms());
    let [old, owed] = [story.running(&market), story.running(&market)];
    story.world.pass(100);
    let owing = |story: &Story, job: &Job| {
        let mut finish = market.finish_instruction(job, job.client, NO_RESULT);
        finish.data[33..41].copy_from_slice(&5u64.to_le_bytes());
        story.world.ok(&[finish], &[&story.client]);
        assert_eq!(story.job(job).state, job_state::OWING);
    };
    owing(&story, &owed);
    let authority = story.world.read::<Spender>(market.spender).authority;
    story.network.revoke_soon(&mut story.world, market.spender, 0);
    story.world.ok(&[story.network.close_spender_instruction(&story.world, market.spender)], &[]);
    story.network.add_spender(&story.world, authority);
    let [new, good] = [story.running(&market), story.running(&market)];
    story.world.pass(100);
    owing(&story, &good);
    let world = &story.world;
    // Nor together with others: the old is not paid out of what the new has locked, and no good one is written off for it.
    for jobs in [[new, old], [new, owed], [good, old], [good, owed], [old, new], [owed, new], [owed, good]] {
        world.fails(market.settle_many_instruction(&jobs, u64::MAX), &[], EscrowError::SpenderClosed);
    }
    assert_eq!((story.job(&old).spender_number, story.job(&new).spender_number), (0, 1));
    world.fails(market.settle_instruction(&old), &[], EscrowError::SpenderClosed);
    world.fails(market.extend_instruction(&old, 60), &[&story.client], EscrowError::SpenderClosed);
    world.ok(&[market.finish_instruction(&old, story.someone.pubkey(), NO_RESULT)], &[&story.someone]);
    assert_eq!((story.job(&old).paid, story.job(&old).refunded), (Amount(0), Amount(COST)));
    let account = story.credit_account();
    let due = 100 * PRICE - 5;
    assert_eq!((account.consumed, account.locked[0]), (Credits(10), Credits(COST + due)));
    world.ok(&[market.settle_many_instruction(&[new, good], u64::MAX), market.settle_instruction(&owed)], &[]);
    assert_eq!((story.job(&new).paid, story.job(&good).paid), (Amount(100 * PRICE), Amount(100 * PRICE)));
    assert_eq!((story.job(&owed).paid, story.job(&owed).refunded), (Amount(5), Amount(COST - 5)));
}

#[test]
fn a_revoked_right_of_another_program_ends_no_job() {
    let mut story = Story::new();
    let market = story.credit_market(usual_terms());
    let job = story.running(&market);
    story.world.pass(100);
    let rival = story.world.user();
    let spender = story.network.add_spender(&story.world, rival.pubkey());
    story.network.revoke_soon(&mut story.world, spender, 0);
    let finish = swap(market.finish_instruction(&job, job.client, NO_RESULT), 6, spender);
    story.world.fails(finish, &[&story.client], EscrowError::WrongAddress);
    // Nor does a market lock credits for it.
    let unborn = Market { spender, ..Market::unborn(&story.network, &story.pool, story.number(), usual_terms()) };
    let create = unborn.create_instruction(&story.world, &story.network);
    story.world.fails(create, &[&story.network.authority], EscrowError::WrongAddress);
    // Nor one of another network.
    let other = Network::new(&mut story.world, &[]).0;
    let theirs = other.add_spender(&story.world, rival.pubkey());
    other.revoke_soon(&mut story.world, theirs, 0);
    let finish = swap(market.finish_instruction(&job, job.client, NO_RESULT), 6, theirs);
    story.world.fails(finish, &[&story.client], EscrowError::WrongNetwork);
}

#[test]
fn a_signer_in_place_of_the_program_moves_nothing() {
    let mut story = Story::new();
    let market = story.credit_market(usual_terms());
    let job = story.running(&market);
    story.world.pass(60);
    let rival = story.world.user();
    let spender = story.network.add_spender(&story.world, rival.pubkey());
    for (instruction, spender_index, authority) in [
        (market.settle_instruction(&job), 5, 6),
        (market.finish_instruction(&job, job.client, NO_RESULT), 6, 7),
        (market.extend_instruction(&job, 60), 4, 5),
        (market.post_instruction(&story.world, &story.unposted(&market), HOUR), 7, 8),
    ] {
        let mut theirs = swap(swap(instruction, spender_index, spender), authority, rival.pubkey());
        theirs.accounts[authority].is_signer = true;
        let client = theirs.accounts.iter().any(|meta| meta.is_signer && meta.pubkey == job.client);
        let signers = [&rival, &story.client];
        story.world.fails(theirs, &signers[..1 + client as usize], EscrowError::WrongAddress);
    }
}

/// A provider that closed its record of work cannot be paid now: that delays nobody, and loses it nothing.
#[test]
fn a_provider_without_its_record_of_work_is_owed_its_pay() {
    let story = Story::new();
    let market = story.credit_market(usual_terms());
    let job = story.running(&market);
    let (world, network, key) = (&story.world, &story.network, story.key(&job));
    world.pass(100);
    world.ok(&[network.close_provider_work_instruction(world, key.pubkey())], &[key]);
    let finish = market.finish_instruction(&job, job.client, NO_RESULT);
    world.fails(finish.clone(), &[&story.client], EscrowError::WrongOwner);
    let mut pay_later = finish;
    pay_later.data[33..41].copy_from_slice(&0u64.to_le_bytes());
    world.ok(&[pay_later], &[&story.client]);
    assert_eq!((story.job(&job).state, story.job(&job).held), (job_state::OWING, Amount(100 * PRICE)));
    world.fails(market.settle_instruction(&job), &[], EscrowError::WrongOwner);
    network.open_provider_work(world, key.pubkey());
    world.ok(&[market.settle_instruction(&job)], &[]);
    assert_eq!((story.job(&job).state, story.job(&job).paid), (job_state::FINISHED, Amount(100 * PRICE)));
}

/// What is beyond the lane's limit waits in bme; the job ends.
#[test]
fn a_limit_on_credits_holds_no_job_up() {
    let mut story = Story::new();
    let mut network: joule_bme_interface::state::Network = story.world.read(story.network.address);
    network.terms.lane_limits[0] = Credits(1_000_000);
    story.world.forge(story.network.address, &network);
    let terms = Terms { price: Amount(1_000_000), ..usual_terms() };
    let (world, market) = (&story.world, story.credit_market(terms));
    let job = story.unposted(&market);
    world.ok(&[story.post(&market, &job, 200)], &story.posting());
    world.ok(&[market.start_instruction(world, &job)], &[story.key(&job)]);
    world.pass(100);
    // Whoever ends it may have it paid in parts.
    let mut finish = market.finish_instruction(&job, job.client, NO_RESULT);
    finish.data[33..41].copy_from_slice(&32_000_000u64.to_le_bytes());
    world.ok(&[finish], &[&story.client]);
    let state = story.job(&job);
    assert_eq!((state.state, state.paid, state.held), (job_state::OWING, Amount(32_000_000), Amount(68_000_000)));
    // What is not owed is free at once.
    assert_eq!(story.credit_account().balance, Credits(CREDITS - 100_000_000));
    let settle = |most, shard| swap(market.settle_many_instruction(&[job], most), 4, story.network.work_shard(shard));
    world.ok(&[settle(32_000_000, 1)], &[]);
    world.ok(&[settle(u64::MAX, 0)], &[]);
    assert_eq!((story.job(&job).state, story.job(&job).paid), (job_state::FINISHED, Amount(100_000_000)));
    story.check(&[job]);
}

#[test]
fn a_client_without_credits_posts_nothing() {
    let story = Story::new();
    let market = story.credit_market(usual_terms());
    let job = story.unposted(&market);
    let seconds = (CREDITS / PRICE) as u32;
    let refused = joule_bme_interface::BmeError::InsufficientCredits;
    story.world.fails(story.post(&market, &job, seconds + 1), &story.posting(), refused);
    story.world.ok(&[story.post(&market, &job, seconds)], &story.posting());
    story.check(&[job]);
}

/// A stranger could otherwise make a provider's batches fail, one by one.
#[test]
fn a_batch_passes_over_what_others_settled() {
    let story = Story::new();
    let market = story.token_market(usual_terms());
    let jobs = [story.running(&market), story.running(&market)];
    story.world.pass(HOUR as u64);
    for job in &jobs {
        let mut finish = market.finish_instruction(job, job.provider, RESULT);
        finish.data[33..41].fill(0);
        story.world.ok(&[finish], &[story.key(job)]);
    }
    story.world.ok(&[market.settle_instruction(&jobs[1])], &[]);
    assert_eq!(jobs.map(|job| story.job(&job).state), [job_state::OWING, job_state::FINISHED]);
    story.world.ok(&[market.settle_many_instruction(&jobs, u64::MAX)], &[]);
    assert_eq!(jobs.map(|job| story.job(&job).state), [job_state::FINISHED; 2]);
    assert_eq!(story.world.tokens(jobs[0].payee), 2 * COST);
}
