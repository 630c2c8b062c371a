//! Closing epochs, accruing and claiming.

use super::*;

#[test]
fn an_epoch_mints_its_schedule_once_and_pays_by_work() {
    let mut story = Story::with_work();
    let before = story.world.supply(story.network.mint);
    let receipt = story.world.ok(&[story.network.close_instruction(&story.world, 0, &[0, 1])], &[]);
    let event: event::EpochSettled = receipt.event(ID);
    assert_eq!((event.epoch, event.worked), (0, Credits(100_000_000)));
    assert_eq!(
        (event.providers, event.stakers, event.treasury),
        (Tokens(700 * TOKEN), Tokens(200 * TOKEN), Tokens(100 * TOKEN))
    );
    assert_eq!(story.world.supply(story.network.mint), before + 1_000 * TOKEN);
    assert_eq!(story.world.tokens(story.network.reward_vault()), 700 * TOKEN);
    assert_eq!(story.world.tokens(story.network.stakers), 200 * TOKEN);
    assert_eq!(story.world.tokens(story.network.treasury), 100 * TOKEN);

    story.world.ok(&[story.accrue(0)], &[]);
    let destination = story.world.token_account(story.network.mint, story.provider.pubkey());
    let receipt = story.world.ok(&[story.claim(destination)], &[&story.provider]);
    let event: event::RewardsClaimed = receipt.event(ID);
    assert_eq!((event.tokens, event.destination), (Tokens(700 * TOKEN), destination));
    assert_eq!(story.world.tokens(destination), 700 * TOKEN);
    assert_eq!(story.world.tokens(story.network.reward_vault()), 0);
    let work: ProviderWork = story.world.read(story.work);
    assert_eq!((work.accrued, work.claimed), (Tokens(0), Tokens(700 * TOKEN)));

    story.world.fails(story.accrue(0), &[], BmeError::NoWork);
    story.world.fails(story.claim(destination), &[&story.provider], BmeError::NothingToClaim);
}

#[test]
fn shards_are_folded_in_any_number_of_steps_and_each_once() {
    let story = Story::with_work();
    let close = |shards: &[u8]| story.network.close_instruction(&story.world, 0, shards);
    // Each call folds something, or keepers would be paid for nothing.
    story.world.fails(close(&[]), &[], BmeError::EpochUnsettled);
    story.world.ok(&[close(&[1])], &[]);
    story.world.fails(close(&[]), &[], BmeError::EpochUnsettled);
    assert_eq!(story.world.read::<Epoch>(story.network.epoch(0)).is_settled, 0);
    story.world.fails(close(&[1]), &[], BmeError::AlreadyFolded);
    story.world.fails(story.accrue(0), &[], BmeError::EpochUnsettled);

    // Work goes on, in the next epoch.
    story.world.ok(&[story.consume(5)], &[&story.spending]);
    let work: ProviderWork = story.world.read(story.work);
    assert_eq!((work.work[1].epoch, work.work[1].credits), (1, Credits(5)));
    // The next cannot be closed before this one is settled, nor shards be added.
    story.world.pass(DAY);
    story.world.fails(story.network.close_instruction(&story.world, 1, &[0]), &[], BmeError::EpochUnsettled);
    story.world.fails(
        story.network.add_shard_instruction(&story.world, 2),
        &[&story.network.authority],
        BmeError::EpochUnsettled,
    );

    story.world.ok(&[close(&[0])], &[]);
    let epoch: Epoch = story.world.read(story.network.epoch(0));
    assert_eq!((epoch.is_settled, epoch.worked), (1, Credits(100_000_000)));
    story.world.fails(close(&[]), &[], BmeError::WrongEpoch);
    story.world.fails(close(&[0]), &[], BmeError::WrongEpoch);

    story.world.ok(&[story.network.close_instruction(&story.world, 1, &[0])], &[]);
    story.world.fails(swap(close(&[1]), 2, story.network.epoch(1)), &[], BmeError::WrongEpoch);
    story.world.ok(&[story.network.close_instruction(&story.world, 1, &[1])], &[]);
    assert_eq!(story.world.read::<Epoch>(story.network.epoch(1)).worked, Credits(5));
}

#[test]
fn an_epoch_closes_at_its_end_and_not_a_second_before() {
    let story = Story::with_locked();
    let ends = story.world.read::<NetworkState>(story.network.address).epoch_ends_at;
    let close = || story.network.close_instruction(&story.world, 0, &[0, 1]);
    story.world.set_time(Timestamp(ends.0 - 1));
    story.world.fails(close(), &[], BmeError::EpochOpen);
    story.world.set_time(ends);
    story.world.ok(&[close()], &[]);
    assert_eq!(story.world.read::<NetworkState>(story.network.address).epoch_ends_at, Timestamp(ends.0 + DAY as i64));
}

#[test]
fn missed_ends_are_passed_over_on_the_same_grid() {
    let story = Story::with_locked();
    let ends = story.state().epoch_ends_at;
    let close = |epoch, shards: &[u8]| story.network.close_instruction(&story.world, epoch, shards);
    story.world.set_time(Timestamp(ends.0 + 3 * DAY as i64 - 1));
    story.world.fails(close(3, &[0, 1]), &[], BmeError::EpochOpen);
    story.world.fails(close(u64::MAX, &[0, 1]), &[], BmeError::EpochOpen);
    story.world.set_time(Timestamp(ends.0 + 3 * DAY as i64));
    story.world.fails(close(3, &[0]), &[], BmeError::EpochHasWork);
    story.world.fails(close(3, &[0, 0]), &[], BmeError::EpochHasWork);
    story.world.ok(&[close(3, &[0, 1])], &[]);
    let network = story.state();
    assert_eq!((network.open_epoch, network.epoch_ends_at), (4, Timestamp(ends.0 + 4 * DAY as i64)));
    assert_eq!(network.schedule_position, 4 * DAY);
    // Stakers and the treasury, who need no work, get what the four epochs would have given them.
    assert_eq!(story.world.tokens(story.network.stakers), 4 * 200 * TOKEN);
    assert_eq!(story.world.tokens(story.network.treasury), 4 * 100 * TOKEN);
    assert_eq!((story.epoch(3).first_period, story.epoch(3).periods), (0, 4));
}

#[test]
fn an_epoch_with_work_is_not_passed_over() {
    let mut story = Story::with_work();
    let stranger = story.stranger();
    story.world.pass(2 * DAY);
    story.world.fails(story.close(2), &[], BmeError::EpochHasWork);
    story.world.fails(swap(story.close(2), 11, stranger.work_shard(0)), &[], BmeError::WrongNetwork);
    story.world.ok(&[story.close(0)], &[]);
    // The epoch after it began by other terms: it is settled by itself.
    story.edit_network(|network| network.policy.decay_step += 1);
    story.world.fails(story.close(2), &[], BmeError::EpochHasWork);
    story.world.ok(&[story.close(1)], &[]);
    story.world.ok(&[story.close(2)], &[]);
}

#[test]
fn without_work_providers_get_nothing_and_nothing_is_stuck() {
    let story = Story::with_locked();
    story.world.pass(DAY);
    story.world.ok(&[story.network.close_instruction(&story.world, 0, &[0, 1])], &[]);
    assert_eq!(story.world.tokens(story.network.reward_vault()), 0);
    assert_eq!(story.world.tokens(story.network.stakers), 200 * TOKEN);
}

#[test]
fn emission_stops_at_the_maximum_supply() {
    let mut story = Story::with_work();
    let supply = story.world.supply(story.network.mint);
    story.edit_policy(|policy| policy.max_supply = Tokens(supply + 10));
    story.world.ok(&[story.network.close_instruction(&story.world, 0, &[0, 1])], &[]);
    assert_eq!(story.world.supply(story.network.mint), supply + 10);
    let epoch: Epoch = story.world.read(story.network.epoch(0));
    assert_eq!((epoch.emission, epoch.stakers_emission, epoch.treasury_emission), (Tokens(7), Tokens(2), Tokens(1)));
}

#[test]
fn a_closed_treasury_stops_nobody() {
    let story = Story::with_work();
    let authority = &story.network.authority;
    let close_account = spl_token_interface::instruction::close_account(
        &TOKEN_PROGRAM,
        &story.network.treasury,
        &authority.pubkey(),
        &authority.pubkey(),
        &[],
    )
    .unwrap();
    story.world.ok(&[close_account], &[authority]);
    story.world.ok(&[story.network.close_instruction(&story.world, 0, &[0, 1])], &[]);
    let epoch: Epoch = story.world.read(story.network.epoch(0));
    assert_eq!((epoch.emission, epoch.treasury_emission), (Tokens(700 * TOKEN), Tokens(0)));
}

#[test]
fn closing_checks_its_accounts() {
    let mut story = Story::with_work();
    let stranger = story.stranger();
    let (world, network) = (&story.world, &story.network);
    let close = || network.close_instruction(world, 0, &[0, 1]);

    for index in 1..7 {
        world.fails(read_only(close(), index), &[], BmeError::NotWritable);
    }
    world.fails(swap(close(), 1, stranger.address), &[], BmeError::WrongAddress);
    world.fails(swap(close(), 1, story.work), &[], BmeError::WrongAccountType);
    world.fails(swap(close(), 2, network.epoch(1)), &[], BmeError::WrongAddress);
    world.fails(swap(close(), 3, stranger.mint), &[], BmeError::WrongAddress);
    world.fails(swap(close(), 4, network.burn_vault(0)), &[], BmeError::WrongAddress);
    world.fails(swap(close(), 5, network.treasury), &[], BmeError::WrongAddress);
    world.fails(swap(close(), 6, network.stakers), &[], BmeError::WrongAddress);
    world.fails(swap(close(), 7, TOKEN_2022_PROGRAM), &[], BmeError::WrongTokenProgram);
    world.fails(swap(close(), 8, TOKEN_PROGRAM), &[], BmeError::WrongProgram);
    world.fails(swap(close(), 11, stranger.work_shard(0)), &[], BmeError::WrongNetwork);
    world.fails(swap(close(), 11, network.work_shard(1)), &[], BmeError::AlreadyFolded);
    world.fails(swap(close(), 11, network.burn_shard(0)), &[], BmeError::WrongAccountType);
    world.fails(read_only(close(), 11), &[], BmeError::NotWritable);
    world.fails(network.close_instruction(world, 1, &[0, 1]), &[], BmeError::EpochOpen);

    world.ok(&[network.close_instruction(world, 0, &[0])], &[]);
    // Another network's epoch, of the same number, in the same state.
    let mut theirs: Epoch = world.read(network.epoch(0));
    theirs.network = stranger.address;
    let [fold, settle] = [&[1][..], &[]].map(|shards| network.close_instruction(world, 0, shards));
    let other = story.world.address();
    story.world.forge(other, &theirs);
    story.world.fails(swap(fold, 2, other), &[], BmeError::WrongNetwork);
    // That network has more shards: of these, as many are folded as there are here.
    theirs.folded = 0b11;
    story.world.forge(other, &theirs);
    story.world.fails(swap(settle, 2, other), &[], BmeError::WrongNetwork);
}

#[test]
fn work_is_kept_for_as_long_as_the_ring_and_a_full_ring_refuses_more() {
    let mut story = Story::with_locked();
    for epoch in 0..WORK_RING as u64 {
        story.world.ok(&[story.consume(1_000)], &[&story.spending]);
        story.world.pass(DAY);
        story.world.ok(&[story.network.close_instruction(&story.world, epoch, &[0, 1])], &[]);
    }
    story.world.fails(story.consume(1), &[&story.spending], BmeError::RingFull);
    // Anyone makes room; nothing is lost, however late.
    story.world.ok(&[story.accrue(0)], &[]);
    story.world.ok(&[story.consume(1)], &[&story.spending]);
    for epoch in 1..WORK_RING as u64 {
        story.world.ok(&[story.accrue(epoch)], &[]);
    }
    let destination = story.world.token_account(story.network.mint, story.provider.pubkey());
    story.world.ok(&[story.claim(destination)], &[&story.provider]);
    assert_eq!(story.world.tokens(destination), 8 * 700 * TOKEN);
}

#[test]
fn emission_is_split_by_work_and_rounded_down() {
    let mut story = Story::with_locked();
    let second = story.world.user();
    let theirs = story.network.open_provider_work(&story.world, second.pubkey());
    let consume = swap(swap(story.consume(2), 4, theirs), 5, story.network.work_shard(1));
    story.world.ok(&[story.consume(1), consume], &[&story.spending]);
    story.world.pass(DAY);
    story.world.ok(&[story.network.close_instruction(&story.world, 0, &[0, 1])], &[]);
    story.world.ok(&[story.accrue(0), swap(story.accrue(0), 0, theirs)], &[]);
    let (first, second): (ProviderWork, ProviderWork) = (story.world.read(story.work), story.world.read(theirs));
    assert_eq!((first.accrued, second.accrued), (Tokens(233_333_333_333), Tokens(466_666_666_666)));
    let epoch: Epoch = story.world.read(story.network.epoch(0));
    assert_eq!((epoch.accrued, epoch.accrued_work), (Tokens(699_999_999_999), Credits(3)));
}

#[test]
fn accruing_and_claiming_check_their_accounts() {
    let mut story = Story::with_epoch();
    let stranger = story.stranger();
    let their_work = stranger.open_provider_work(&story.world, story.provider.pubkey());
    let thief = story.world.user();
    let (mint, owner) = (story.network.mint, story.provider.pubkey());
    let destination = story.world.token_account(mint, owner);
    let foreign = story.world.token_account(stranger.mint, owner);
    let world = &story.world;

    for index in [0, 1] {
        world.fails(read_only(story.accrue(0), index), &[], BmeError::NotWritable);
    }
    world.fails(swap(story.accrue(0), 0, their_work), &[], BmeError::WrongNetwork);
    world.fails(swap(story.accrue(0), 0, story.network.epoch(0)), &[], BmeError::WrongAccountType);
    world.fails(swap(story.accrue(0), 1, story.work), &[], BmeError::WrongAccountType);
    world.fails(swap(story.accrue(0), 1, story.source), &[], BmeError::WrongOwner);
    world.ok(&[story.accrue(0)], &[]);

    let claim = || story.claim(destination);
    let provider: &[&Keypair] = &[&story.provider];
    world.fails(unsigned(claim(), 0), &[], BmeError::MissingSigner);
    world.fails(swap(claim(), 0, thief.pubkey()), &[&thief], BmeError::Unauthorized);
    for index in [2, 3, 4] {
        world.fails(read_only(claim(), index), provider, BmeError::NotWritable);
    }
    world.fails(swap(claim(), 1, stranger.address), provider, BmeError::WrongAddress);
    world.fails(swap(claim(), 2, their_work), provider, BmeError::WrongNetwork);
    world.fails(swap(claim(), 3, story.network.burn_vault(0)), provider, BmeError::WrongAddress);
    world.fails(swap(claim(), 4, story.network.reward_vault()), provider, BmeError::DuplicateAccount);
    world.fails(swap(claim(), 5, stranger.mint), provider, BmeError::WrongAddress);
    world.fails(swap(claim(), 6, TOKEN_2022_PROGRAM), provider, BmeError::WrongTokenProgram);
    assert!(world.send(&[swap(claim(), 4, foreign)], provider).is_err(), "the token program refuses another mint");
    world.ok(&[claim()], provider);
}

// Catching up

#[test]
fn a_keeper_who_sleeps_changes_nobodys_total() {
    let total = |closes_in_time: bool| {
        let mut story = Story::with_locked();
        story.edit_policy(|policy| policy.decay_step = 2);
        let second = story.world.user();
        let theirs = story.network.open_provider_work(&story.world, second.pubkey());
        let mut open = 0;
        // Work of both, of one, of none, of the other, of both.
        for (day, (ours, others)) in [(30, 10), (20, 0), (0, 0), (0, 5), (10, 30)].into_iter().enumerate() {
            for (work, amount) in [(story.work, ours), (theirs, others)] {
                if amount > 0 {
                    story.world.ok(&[swap(story.consume(amount), 4, work)], &[&story.spending]);
                }
            }
            story.world.pass(DAY);
            if closes_in_time {
                story.world.ok(&[story.close(day as u64)], &[]);
                open += 1;
            }
        }
        for day in open..5 {
            // The third is without work: the fourth passes it over.
            if day != 2 {
                story.world.ok(&[story.close(day)], &[]);
            }
        }
        for epoch in [0, 1, 3, 4] {
            for work in [story.work, theirs] {
                story.world.send(&[swap(story.accrue(epoch), 0, work)], &[]).ok();
            }
        }
        let state = story.state();
        assert_eq!((state.open_epoch, state.schedule_position), (5, 5 * DAY));
        let accrued = [story.work, theirs].map(|work| story.world.read::<ProviderWork>(work).accrued.0);
        let others = [story.network.stakers, story.network.treasury].map(|account| story.world.tokens(account));
        (accrued, others, state.scheduled.get())
    };
    let in_time = total(true);
    // 1,000 a day twice, 500 twice, 250: providers' 70 % of the days with work.
    assert_eq!(in_time.0, [(525 + 700) * TOKEN + 43_750_000_000, (175 + 350) * TOKEN + 131_250_000_000]);
    assert_eq!(total(false), in_time);
}

/// An epoch without work earned nothing in dollars: thirty that were passed over were paid the schedule all the same.
#[test]
fn a_payout_holds_for_epochs_that_are_passed_over() {
    let minted = |closed: &[u64]| {
        let mut story = Story::new();
        story.edit_policy(|policy| policy.payout_share = Bps(9_000));
        story.world.pass(3 * DAY);
        story.network.refresh_price(&mut story.world);
        for &epoch in closed {
            story.world.ok(&[story.close(epoch)], &[]);
        }
        let others = [story.network.stakers, story.network.treasury].map(|account| story.world.tokens(account));
        (story.state().minted.get(), others)
    };
    assert_eq!(minted(&[2]), (0, [0; 2]));
    assert_eq!(minted(&[0, 1, 2]), (0, [0; 2]));
}

#[test]
fn work_of_a_time_that_no_ring_holds_counts_in_its_last_epoch() {
    let story = Story::with_locked();
    story.world.pass(31 * DAY);
    story.world.ok(&[story.consume(1)], &[&story.spending]);
    let work: ProviderWork = story.world.read(story.work);
    assert_eq!((work.work[6].epoch, work.work[6].credits), (6, Credits(1)));
    story.world.fails(story.close(30), &[], BmeError::EpochHasWork);
    // One micro-dollar of work takes a day's emission, and not those of the 31 days in which nobody closed.
    story.world.ok(&[story.close(6)], &[]);
    assert_eq!(story.epoch(6).emission, Tokens(700 * TOKEN));
}

#[test]
fn centuries_are_caught_up_with_for_the_price_of_a_day() {
    let story = Story::with_work();
    let day = story.world.ok(&[story.close(0)], &[]).units();
    let days = 200 * 365;
    story.world.pass(days * DAY);
    let centuries = story.world.ok(&[story.close(days)], &[]).units();
    assert!(centuries < day + 7_000, "{centuries} against {day}");
    // All that the schedule ever holds: 365 * 2,000 tokens, less what rounding never reaches.
    let scheduled = story.state().scheduled.get();
    assert!((730_000 * TOKEN as u128 - 1_000..=730_000 * TOKEN as u128).contains(&scheduled), "{scheduled}");
}

// Remint and demand

#[test]
fn burned_tokens_are_given_back_in_later_epochs_too() {
    let mut story = Story::with_locked();
    story.edit_policy(|policy| {
        policy.initial_emission = Tokens(0);
        policy.remint_cap = Tokens(30 * TOKEN);
        policy.remint_share = Bps(8_000);
    });
    story.world.ok(&[story.burn()], &[]);
    assert_eq!(story.state().remintable, Tokens(80 * TOKEN));
    // Nothing is worked on Monday: what was burned waits.
    story.world.pass(DAY);
    story.world.ok(&[story.close(0)], &[]);
    let mut minted = vec![];
    for epoch in 1..5 {
        story.world.ok(&[story.consume(10_000_000)], &[&story.spending]);
        story.world.pass(DAY);
        let event: event::EpochSettled = story.world.ok(&[story.close(epoch)], &[]).event(ID);
        assert_eq!(event.scheduled, Tokens(0));
        minted.push((event.reminted.0 / TOKEN, event.providers.0 / TOKEN));
    }
    assert_eq!(minted, [(30, 21), (30, 21), (20, 14), (0, 0)], "the cap a day, and the share in all");
    let state = story.state();
    assert_eq!((state.reminted.get(), state.burned.get()), (80 * TOKEN as u128, 100 * TOKEN as u128));
    assert_eq!(story.world.supply(story.network.mint), 980 * TOKEN);
}

#[test]
fn what_is_burned_without_buying_credits_is_never_given_back() {
    let mut story = Story::with_locked();
    story.edit_policy(|policy| policy.remint_cap = Tokens(1_000 * TOKEN));
    let burn = spl_token_interface::instruction::burn(
        &TOKEN_PROGRAM,
        &story.source,
        &story.network.mint,
        &story.client.pubkey(),
        &[],
        50 * TOKEN,
    );
    story.world.ok(&[burn.unwrap()], &[&story.client]);
    assert_eq!(story.state().remintable, Tokens(0));
    story.world.ok(&[story.burn()], &[]);
    assert_eq!((story.state().remintable, story.state().burned.get()), (Tokens(100 * TOKEN), 100 * TOKEN as u128));
}

#[test]
fn demand_holds_income_in_dollars() {
    let mut story = Story::with_locked();
    story.edit_policy(|policy| policy.payout_share = Bps(9_000));
    story.world.ok(&[story.consume(100_000_000)], &[&story.spending]);
    story.world.pass(DAY);
    // Without an average of the last hour it is not known what a dollar is.
    story.world.fails(story.close(0), &[], BmeError::NoAverage);
    story.network.refresh_price(&mut story.world);
    story.world.ok(&[story.close(0)], &[]);
    let epoch = story.epoch(0);
    // 90 dollars at 2.50 are 36 tokens; they are 70 % of what is minted.
    assert_eq!((epoch.emission, epoch.price, epoch.exponent), (Tokens(36 * TOKEN - 1), 250_000_000, -8));
    assert_eq!(story.state().minted.get(), 51_428_571_428);

    // A crash of the price cannot raise it above the schedule.
    story.world.ok(&[story.consume(100_000_000)], &[&story.spending]);
    story.world.pass(DAY);
    story.network.refresh_price(&mut story.world);
    story.edit_network(|network| network.average.value = 1);
    story.world.ok(&[story.close(1)], &[]);
    assert_eq!(story.epoch(1).emission, Tokens(700 * TOKEN));
}

// The breaker

#[test]
fn emission_that_the_breaker_holds_back_is_minted_later() {
    let mut story = Story::with_work();
    story.edit_policy(|policy| policy.breaker_tokens = Tokens(600 * TOKEN));
    // Windows lie on a grid of days; the epochs on another.
    let window = story.world.now().0 / DAY as i64 * DAY as i64 + DAY as i64;
    story.world.set_time(Timestamp(window));
    let supply = story.world.supply(story.network.mint);
    let receipt = story.world.ok(&[story.close(0)], &[]);
    let event: event::Minted = receipt.event(ID);
    assert_eq!((event.providers, event.stakers, event.deferred), (Tokens(600 * TOKEN), Tokens(0), Tokens(400 * TOKEN)));
    assert_eq!(story.world.supply(story.network.mint), supply + 600 * TOKEN);

    // The provider takes what is there; the rest stays accrued.
    let destination = story.world.token_account(story.network.mint, story.provider.pubkey());
    story.world.ok(&[story.claim_epochs(destination, &[0])], &[&story.provider]);
    assert_eq!(story.world.tokens(destination), 600 * TOKEN);
    assert_eq!(story.world.read::<ProviderWork>(story.work).accrued, Tokens(100 * TOKEN));
    story.world.fails(story.claim(destination), &[&story.provider], BmeError::BreakerHolds);
    let mint = story.network.mint_deferred_instruction();
    story.world.fails(mint.clone(), &[], BmeError::BreakerHolds);
    story.world.set_time(Timestamp(window + DAY as i64 - 1));
    story.world.fails(mint.clone(), &[], BmeError::BreakerHolds);

    story.world.set_time(Timestamp(window + DAY as i64));
    story.world.ok(std::slice::from_ref(&mint), &[]);
    story.world.ok(&[story.claim(destination)], &[&story.provider]);
    assert_eq!(story.world.tokens(destination), 700 * TOKEN);
    assert_eq!(story.world.tokens(story.network.stakers), 200 * TOKEN);
    assert_eq!(story.world.tokens(story.network.treasury), 100 * TOKEN);
    story.world.fails(mint, &[], BmeError::NothingToClaim);
    assert_eq!(story.world.supply(story.network.mint), supply + 1_000 * TOKEN);
}

/// Roots had the whole window, and what was burned returned to nobody.
#[test]
fn roots_that_have_the_whole_schedule_leave_others_a_part_of_the_window() {
    let mut story = Story::with_locked();
    story.edit_policy(|policy| {
        policy.roots_share = Bps::WHOLE;
        policy.remint_cap = Tokens(30 * TOKEN);
        policy.breaker_tokens = Tokens(100 * TOKEN);
    });
    story.world.ok(&[story.burn(), story.consume(10_000_000)], &[&story.spending]);
    story.world.pass(DAY);
    story.world.ok(&[story.close(0)], &[]);
    let state = story.state();
    assert_eq!((state.minted.get(), state.deferred.sum()), (10 * TOKEN as u128, Ok(Tokens(20 * TOKEN))));
    assert_eq!((state.breaker.limit, state.roots_breaker.limit), (Tokens(10 * TOKEN), Tokens(90 * TOKEN)));
}

#[test]
fn the_breaker_knows_parts_of_the_supply() {
    let mut story = Story::with_work();
    story.edit_policy(|policy| policy.breaker_share = Bps(1_000));
    story.world.ok(&[story.close(0)], &[]);
    assert_eq!(story.state().minted.get(), 100 * TOKEN as u128);
    assert_eq!(story.state().breaker.limit, Tokens(100 * TOKEN));
}

/// A share of nine units was nothing, and one of none was no limit, then nothing.
#[test]
fn a_breakers_share_of_a_small_supply_lets_the_schedule_pass() {
    let mut story = Story::with_locked();
    story.edit_policy(|policy| policy.breaker_share = Bps(1_000));
    let mut mint = story.world.account(story.network.mint).unwrap();
    for supply in [9u64, 0] {
        mint.data[36..44].copy_from_slice(&supply.to_le_bytes());
        story.world.set_account(story.network.mint, mint.clone());
        story.edit_network(|network| {
            network.breaker = Default::default();
            network.initial_supply = Tokens(supply);
            network.minted = Default::default();
        });
        story.world.pass(DAY);
        let epoch = story.state().open_epoch;
        story.world.ok(&[story.close(epoch)], &[]);
        assert_eq!(story.state().breaker.limit, Tokens(100 * TOKEN));
        assert_eq!(story.state().minted.get(), 100 * TOKEN as u128);
        story.edit_network(|network| network.deferred = Default::default());
    }
}

/// The schedule of the open epoch was counted in periods of the policy that comes after it: of an hour, a window had 24 days' share.
#[test]
fn a_window_counts_the_periods_of_the_open_epoch() {
    let mut story = Story::with_work();
    story.edit_policy(|policy| policy.breaker_share = Bps(1_000));
    story.edit_network(|network| {
        // A change of policy was executed: the open epoch is of a day all the same.
        network.policy.epoch_duration = Seconds(3_600);
        network.policy.initial_emission = Tokens(TOKEN);
        network.initial_supply = Tokens(0);
    });
    let mut mint = story.world.account(story.network.mint).unwrap();
    mint.data[36..44].copy_from_slice(&0u64.to_le_bytes());
    story.world.set_account(story.network.mint, mint);
    let destination = story.network.stakers;
    let take = |story: &mut Story| {
        story.edit_network(|network| {
            network.deferred.stakers = Tokens(5_000 * TOKEN);
            (network.minted, network.breaker, network.roots_breaker) = Default::default();
        });
        let before = story.world.tokens(destination);
        story.world.ok(&[story.network.mint_deferred_instruction()], &[]);
        story.world.tokens(destination) - before
    };
    assert_eq!(take(&mut story), 100 * TOKEN, "a tenth of a day's schedule");
}

/// A change of the window's length began a new one at once, which let as much pass again.
#[test]
fn a_change_of_its_length_begins_no_new_window() {
    let mut story = Story::with_work();
    story.edit_policy(|policy| policy.breaker_tokens = Tokens(600 * TOKEN));
    story.world.ok(&[story.close(0)], &[]);
    assert_eq!(story.state().minted.get(), 600 * TOKEN as u128);
    let ends_at = story.state().breaker.ends_at;
    assert_eq!(ends_at.0, (story.world.now().0 / DAY as i64 + 1) * DAY as i64);
    for length in [3_600, 30 * DAY as u32] {
        story.edit_network(|network| network.policy.breaker_window = Seconds(length));
        story.world.fails(story.network.mint_deferred_instruction(), &[], BmeError::BreakerHolds);
    }
    story.world.set_time(ends_at);
    story.world.ok(&[story.network.mint_deferred_instruction()], &[]);
    assert!(story.state().breaker.ends_at.0 > ends_at.0 + 86_400);
}

#[test]
fn an_epoch_closes_while_the_oracle_is_silent() {
    const HOUR: u64 = 3_600;
    let mut story = Story::with_locked();
    let price = story.network.price;
    story.edit_policy(|policy| {
        policy.payout_share = Bps(9_000);
        policy.price_account = price;
    });
    story.world.ok(&[story.consume(100_000_000)], &[&story.spending]);
    story.world.pass(DAY + 6 * HOUR - 1);
    story.world.fails(story.close(0), &[], BmeError::NoAverage);
    story.world.pass(1);
    // Not where the closer leaves it out, or it has a price.
    let other = story.world.address();
    story.world.fails(swap(story.close(0), 9, other), &[], BmeError::WrongPriceAccount);
    let now = story.world.now().0;
    story.world.set_price(price, &price_update(now - HOUR as i64));
    story.world.fails(story.close(0), &[], BmeError::NoAverage);
    // 90 dollars at 3.75, the upper end of a band of half around 2.50.
    story.world.set_price(price, &price_update(now - HOUR as i64 - 1));
    story.world.ok(&[story.close(0)], &[]);
    assert_eq!((story.epoch(0).price, story.epoch(0).emission), (375_000_000, Tokens(23_999_999_999)));
}

/// Any account will do then; but days must have passed in which nobody brought a price.
#[test]
fn an_epoch_closes_in_silence_where_the_policy_names_no_price_account() {
    let mut story = Story::with_locked();
    story.edit_policy(|policy| policy.payout_share = Bps(9_000));
    story.world.ok(&[story.consume(10_000_000)], &[&story.spending]);
    story.world.pass(8 * DAY - 1);
    let other = story.world.address();
    story.world.fails(swap(story.close(0), 9, other), &[], BmeError::NoAverage);
    story.world.pass(1);
    story.world.ok(&[swap(story.close(0), 9, other)], &[]);
    assert_eq!(story.epoch(0).price, 375_000_000);
}

/// Each epoch waited for a price, so that the open one had always ended: no policy could name another oracle.
#[test]
fn a_dead_oracle_is_replaced_while_people_work() {
    for (is_pinned, duration) in [(false, DAY), (true, 3_600)] {
        let mut story = Story::with_locked();
        let price = story.network.price;
        story.edit_policy(|policy| {
            (policy.payout_share, policy.epoch_duration) = (Bps(9_000), Seconds(duration as u32));
            policy.price_account = if is_pinned { price } else { Address::default() };
        });
        // There is work in every epoch, and each is closed as soon as may be.
        let work_and_close = |story: &Story| {
            story.world.ok(&[story.consume(1_000_000)], &[&story.spending]);
            story.world.pass(1);
            let epoch = || story.state().open_epoch;
            while story.world.send(&[story.close(epoch())], &[]).is_ok() {
                story.world.send(&[story.accrue(epoch() - 1)], &[]).ok();
            }
        };
        let first = story.state().epoch_ends_at.0;
        for epoch in 0..9 {
            story.world.set_time(Timestamp(first - 1 + epoch * duration as i64));
            work_and_close(&story);
        }
        let policy = Policy { feed_id: [8; 32], ..story.state().policy };
        let propose = story.network.propose_policy_instruction(&story.world, 0, policy);
        story.world.ok(&[propose], &[&story.network.authority]);
        story.world.pass(7_200);
        work_and_close(&story);
        story.world.ok(&[story.network.execute_policy_instruction(&story.world, 0)], &[]);
        let average = story.state().average;
        assert_eq!((average.value, average.is_silent), (0, 0), "of the other oracle nobody has waited in vain");
    }
}

/// Without any average nobody knows what work is worth: what was burned for it bounds it, or nothing is paid.
#[test]
fn an_epoch_closes_without_any_price() {
    for (vouched, paid) in [(1, 0), (0, 40_160_642_570)] {
        let mut story = Story::with_locked();
        story.edit_policy(|policy| {
            policy.payout_share = Bps(9_000);
            policy.vouched = vouched;
        });
        story.edit_network(|network| network.average.value = 0);
        story.world.ok(&[story.consume(100_000_000)], &[&story.spending]);
        story.world.pass(8 * DAY);
        story.world.ok(&[story.close(0)], &[]);
        let epoch = story.epoch(0);
        let all = epoch.emission.0 + epoch.stakers_emission.0 + epoch.treasury_emission.0;
        assert_eq!((epoch.price, all), (0, paid));
    }
}

#[test]
fn minting_later_checks_its_accounts() {
    let mut story = Story::with_work();
    story.edit_policy(|policy| policy.breaker_tokens = Tokens(1));
    story.world.ok(&[story.close(0)], &[]);
    let stranger = story.stranger();
    let (world, mint) = (&story.world, || story.network.mint_deferred_instruction());
    for index in 0..5 {
        world.fails(read_only(mint(), index), &[], BmeError::NotWritable);
    }
    world.fails(swap(mint(), 0, stranger.address), &[], BmeError::WrongAddress);
    world.fails(swap(mint(), 0, story.work), &[], BmeError::WrongAccountType);
    for (index, other) in [(1, stranger.mint), (2, story.source), (3, story.network.treasury), (4, story.source)] {
        world.fails(swap(mint(), index, other), &[], BmeError::WrongAddress);
    }
    world.fails(swap(mint(), 5, TOKEN_2022_PROGRAM), &[], BmeError::WrongTokenProgram);
}

// Several epochs, and what is left of them

#[test]
fn several_epochs_are_claimed_at_once() {
    let mut story = Story::with_epoch();
    for epoch in 1..4 {
        // Nothing is worked in the third.
        if epoch != 2 {
            story.world.ok(&[story.consume(10)], &[&story.spending]);
        }
        story.world.pass(DAY);
        story.world.ok(&[story.close(epoch)], &[]);
    }
    let destination = story.world.token_account(story.network.mint, story.provider.pubkey());
    let provider: &[&Keypair] = &[&story.provider];
    let mut foreign = story.claim_epochs(destination, &[0]);
    foreign.accounts.push(AccountMeta::new(story.source, false));
    story.world.fails(foreign, provider, BmeError::WrongOwner);
    let mut fixed = story.claim_epochs(destination, &[0]);
    fixed.accounts.last_mut().unwrap().is_writable = false;
    story.world.fails(fixed, provider, BmeError::NotWritable);

    let receipt = story.world.ok(&[story.claim_epochs(destination, &[0, 1, 2, 3, 1])], provider);
    assert_eq!(receipt.events::<event::WorkAccrued>(ID).len(), 3);
    assert_eq!(story.world.tokens(destination), 3 * 700 * TOKEN);
    story.world.fails(story.claim_epochs(destination, &[0, 1, 3]), provider, BmeError::NothingToClaim);
}

#[test]
fn rounding_dust_is_carried_on_and_the_rent_returns() {
    let mut story = Story::with_locked();
    let second = story.world.user();
    let theirs = story.network.open_provider_work(&story.world, second.pubkey());
    let consume = swap(story.consume(2), 4, theirs);
    story.world.ok(&[story.consume(1), consume], &[&story.spending]);
    story.world.pass(DAY);
    let payer = story.world.payer().pubkey();
    let sweep = || story.network.sweep_instruction(&story.world, 0);
    story.world.ok(&[story.network.close_instruction(&story.world, 0, &[0])], &[]);
    story.world.fails(sweep(), &[], BmeError::EpochUnsettled);
    story.world.ok(&[story.network.close_instruction(&story.world, 0, &[1])], &[]);
    story.world.ok(&[story.accrue(0)], &[]);
    story.world.fails(sweep(), &[], BmeError::EpochUnclaimed);
    story.world.ok(&[swap(story.accrue(0), 0, theirs)], &[]);

    story.world.fails(read_only(sweep(), 1), &[], BmeError::NotWritable);
    story.world.fails(swap(sweep(), 2, second.pubkey()), &[], BmeError::WrongAddress);
    story.world.fails(swap(sweep(), 1, story.work), &[], BmeError::WrongAccountType);
    let (before, rent) = (story.world.lamports(payer), story.world.lamports(story.network.epoch(0)));
    let receipt = story.world.ok(&[sweep()], &[]);
    assert_eq!(receipt.event::<event::EpochSwept>(ID).carried, Tokens(1));
    assert!(story.world.account(story.network.epoch(0)).is_none());
    let fee = before + rent - story.world.lamports(payer);
    assert_eq!(fee, 5_000, "a signature's fee");
    assert_eq!(story.state().carried, Tokens(1));
    story.world.fails(sweep(), &[], BmeError::WrongOwner);

    // An epoch without work carries it further, one with work pays it.
    story.world.pass(DAY);
    story.world.ok(&[story.close(1)], &[]);
    assert_eq!((story.state().carried, story.epoch(1).emission), (Tokens(1), Tokens(0)));
    story.world.ok(&[story.consume(1)], &[&story.spending]);
    story.world.pass(DAY);
    story.world.ok(&[story.close(2)], &[]);
    let epoch = story.epoch(2);
    assert_eq!((story.state().carried, epoch.carried, epoch.emission), (Tokens(0), Tokens(1), Tokens(700 * TOKEN + 1)));
}

#[test]
fn another_networks_epoch_is_not_swept_here() {
    let mut story = Story::with_epoch();
    let stranger = story.stranger();
    let sweep = swap(story.network.sweep_instruction(&story.world, 0), 0, stranger.address);
    story.world.fails(sweep, &[], BmeError::WrongNetwork);
}
