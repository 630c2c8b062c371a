//! What the emission pays those who work for themselves: client, provider, spender, stakers, treasury and keeper are one. The
//! page of `bme` has these numbers in its table of attacks.

use {super::*, crate::bme::dollars::Fiat};

/// What a whole day of self-dealing returned, to everybody who takes a part of the emission, and what was burned for it.
fn self_dealing(story: &Story, credits: u64, epoch: u64) -> (u64, u64) {
    let network = &story.network;
    let theirs = || [network.reward_vault(), network.stakers, network.treasury].map(|view| story.world.tokens(view));
    let before = theirs().iter().sum::<u64>();
    let carried: event::CreditsConsumed = story.world.ok(&[story.consume(credits)], &[&story.spending]).event(ID);
    story.world.pass(DAY);
    story.world.ok(&[story.close(epoch)], &[]);
    (theirs().iter().sum::<u64>() - before, carried.tokens.0)
}

#[test]
fn an_epoch_returns_no_more_than_was_burned_for_its_work() {
    let story = Story::safe();
    story.world.ok(&[story.buy(100 * TOKEN)], &[&story.client]);
    story.world.ok(&[story.lock(249_000_000)], &[&story.client, &story.spending]);
    // All credits for 100 tokens, then one micro-dollar: what was burned for them, of a schedule of 1,000 a day.
    let (returned, burned) = self_dealing(&story, 248_999_999, 0);
    assert_eq!((returned, burned), (99_999_999_598, 99_999_999_598));
    assert_eq!(story.epoch(0).emission, Tokens(69_999_999_718));
    let (returned, burned) = self_dealing(&story, 1, 1);
    assert_eq!((returned, burned), (402, 402), "the last credit takes the rest");
    assert_eq!(story.world.supply(story.network.mint), 1_000 * TOKEN + 100 * TOKEN, "what waits to be burned");
}

#[test]
fn an_epoch_bought_in_its_last_second_pays_nothing_of_others() {
    let mut story = Story::safe();
    let honest = story.world.user();
    let theirs = story.network.open_provider_work(&story.world, honest.pubkey());
    story.world.ok(&[story.buy(100 * TOKEN)], &[&story.client]);
    story.world.ok(&[story.lock(249_000_000)], &[&story.client, &story.spending]);
    // The honest provider works off 10 tokens; in the last second somebody buys, works and closes at once.
    let consume = swap(story.consume(24_900_000), 4, theirs);
    story.world.ok(&[consume], &[&story.spending]);
    let ends = story.state().epoch_ends_at;
    story.world.set_time(Timestamp(ends.0 - 1));
    story.world.ok(&[story.consume(214_140_000)], &[&story.spending]);
    story.world.set_time(ends);
    story.world.ok(&[story.close(0), story.accrue(0), swap(story.accrue(0), 0, theirs)], &[]);
    let accrued = [story.work, theirs].map(|work| story.world.read::<ProviderWork>(work).accrued);
    // 86 burned return 60.2 to their provider, and 86 in all; the honest one has what it would have had alone.
    assert_eq!(accrued, [Tokens(60_200_000_000), Tokens(7_000_000_000)]);
}

#[test]
fn credits_that_were_bought_dear_are_not_paid_out_of_others() {
    let mut story = Story::safe();
    let honest = story.world.user();
    let theirs = story.network.open_provider_work(&story.world, honest.pubkey());
    story.world.ok(&[story.buy(100 * TOKEN)], &[&story.client]);
    story.world.ok(&[story.lock(249_000_000)], &[&story.client, &story.spending]);
    // The price halves; an honest client pays twice as many tokens for the same work.
    let client = story.world.user();
    let source = story.world.token_account(story.network.mint, client.pubkey());
    story.world.ok(
        &[spl_token_interface::instruction::transfer(
            &TOKEN_PROGRAM,
            &story.source,
            &source,
            &story.client.pubkey(),
            &[],
            200 * TOKEN,
        )
        .unwrap()],
        &[&story.client],
    );
    let credits = story.network.open_credit_account(&story.world, client.pubkey());
    story.publish(125_000_000);
    story.edit_network(|network| network.average.value = 125_000_000);
    let buy = story.network.buy_instruction(client.pubkey(), source, credits, 200 * TOKEN);
    let lock = swap(swap(story.lock(249_000_000), 0, client.pubkey()), 4, credits);
    story.world.ok(&[buy, lock], &[&client, &story.spending]);
    let consume = swap(swap(story.consume(249_000_000), 3, credits), 4, theirs);
    story.world.ok(&[story.consume(249_000_000), consume], &[&story.spending]);
    story.world.pass(DAY);
    story.world.ok(&[story.close(0), story.accrue(0), swap(story.accrue(0), 0, theirs)], &[]);
    let epoch = story.epoch(0);
    // As much work, half the tokens: 100 of 299.2.
    assert_eq!((epoch.worked, epoch.tokens), (Credits(498_000_000), Tokens(299_200_000_000)));
    let accrued = [story.work, theirs].map(|work| story.world.read::<ProviderWork>(work).accrued);
    assert_eq!(accrued, [Tokens(70 * TOKEN), Tokens(139_440_000_000)]);
}

/// Credits of 25 dollars are bought when a token costs 2.50, with tokens or with dollars, and worked off for oneself when it costs 25,
/// beside ten times as much work for a client who pays that.
#[test]
fn credits_that_were_bought_cheap_take_nothing_of_others() {
    for in_dollars in [false, true] {
        let mut fiat = Fiat::new();
        fiat.story.edit_policy(|policy| policy.initial_emission = Tokens(100_000 * TOKEN));
        let honest = fiat.story.world.user();
        let theirs = fiat.story.network.open_provider_work(&fiat.story.world, honest.pubkey());
        let story = &fiat.story;
        let buy = if in_dollars { fiat.buy(26_000_000) } else { story.buy(10 * TOKEN) };
        story.world.ok(&[buy], &[&story.client]);
        let old = story.credit_account();

        let story = &mut fiat.story;
        story.publish(2_500_000_000);
        story.edit_network(|network| {
            network.ask = 2_500_000_000;
            (network.average.value, network.average.bid) = (2_500_000_000, 2_500_000_000);
        });
        let client = story.world.user();
        let source = story.world.token_account(story.network.mint, client.pubkey());
        let give = story.network.transfer_instruction(story.source, source, &story.client, 10 * TOKEN);
        let credits = story.network.open_credit_account(&story.world, client.pubkey());
        let buy = story.network.buy_instruction(client.pubkey(), source, credits, 10 * TOKEN);
        let lock = swap(swap(story.lock(250_000_000), 0, client.pubkey()), 4, credits);
        let consume = swap(swap(story.consume(250_000_000), 3, credits), 4, theirs);
        story.world.ok(&[give], &[&story.client]);
        story.world.ok(&[buy, lock, consume], &[&client, &story.spending]);
        let work = [story.lock(old.balance.0), story.consume(old.balance.0)];
        let receipt = story.world.ok(&work, &[&story.client, &story.spending]);
        // As many tokens as its dollars buy now, rounded up; what was paid for them besides is nobody's.
        let worth = old.balance.0 * TOKEN / 25_000_000;
        assert_eq!(receipt.event::<event::CreditsConsumed>(ID).tokens, Tokens(worth));
        let account = story.credit_account();
        assert_eq!((account.tokens, account.burned_tokens), (Tokens(0), Tokens(old.tokens.0 - worth)));

        let (index, ends) = (story.state().open_epoch, story.state().epoch_ends_at);
        story.world.set_time(ends);
        story.publish(2_500_000_000);
        story.world.ok(&[story.network.update_average_instruction(), story.close(index)], &[]);
        story.world.ok(&[story.accrue(index), swap(story.accrue(index), 0, theirs)], &[]);
        let accrued = [story.work, theirs].map(|work| story.world.read::<ProviderWork>(work).accrued.0);
        // 60 % of the dollars of each: before, 82 dollars each.
        let most = [old.balance.0, 250_000_000].map(|dollars| dollars * 6 * TOKEN / 250_000_000);
        assert!(accrued.iter().zip(most).all(|(is, most)| *is <= most && is + 2 > most), "{accrued:?} of {most:?}");
    }
}

#[test]
fn a_lagging_average_returns_no_more_than_was_burned() {
    let mut story = Story::safe();
    story.edit_policy(|policy| policy.payout_share = Bps::WHOLE);
    story.world.ok(&[story.buy(100 * TOKEN)], &[&story.client]);
    story.world.ok(&[story.lock(249_000_000)], &[&story.client, &story.spending]);
    story.world.ok(&[story.consume(249_000_000)], &[&story.spending]);
    story.world.pass(DAY);
    story.network.refresh_price(&mut story.world);
    // The average is behind: what was bought for 100 tokens is worth 111 by it.
    story.edit_network(|network| network.average.value = 223_700_000);
    story.world.ok(&[story.close(0)], &[]);
    let epoch = story.epoch(0);
    let returned = epoch.emission.0 + epoch.stakers_emission.0 + epoch.treasury_emission.0;
    assert_eq!((returned, epoch.tokens), (100 * TOKEN, Tokens(100 * TOKEN)));
}

#[test]
fn an_epoch_without_work_mints_nothing_that_nobody_vouches_for() {
    let story = Story::safe();
    story.world.pass(3 * DAY);
    story.world.ok(&[story.close(2)], &[]);
    assert_eq!(story.state().minted.get(), 0);
    assert_eq!(story.world.tokens(story.network.stakers), 0);
}

#[test]
fn a_payout_above_the_whole_needs_the_operators_word() {
    let story = Story::safe();
    let mut policy = story.state().policy;
    policy.payout_share = Bps(11_000);
    let propose = |policy| story.network.propose_policy_instruction(&story.world, 0, policy);
    story.world.fails(propose(policy), &[&story.network.authority], BmeError::InvalidParameter);
    policy.vouched = 2;
    story.world.fails(propose(policy), &[&story.network.authority], BmeError::InvalidParameter);
    policy.vouched = 1;
    story.world.ok(&[propose(policy)], &[&story.network.authority]);
}

#[test]
fn a_change_of_policy_reaches_no_epoch_that_began_before_it() {
    let story = Story::with_work();
    let authority = &story.network.authority;
    let mut policy = story.state().policy;
    (policy.epoch_duration, policy.initial_emission) = (Seconds(7 * DAY as u32), Tokens(7_000 * TOKEN));
    story.world.ok(&[story.network.propose_policy_instruction(&story.world, 0, policy)], &[authority]);
    story.world.pass(7_200);
    // The epoch has ended: it, and those that should have begun, are settled first.
    let execute = || story.network.execute_policy_instruction(&story.world, 0);
    story.world.fails(execute(), &[], BmeError::EpochEnded);
    story.world.ok(&[story.close(0)], &[]);
    assert_eq!(story.epoch(0).emission, Tokens(700 * TOKEN));

    // The second epoch began by days, and pays a day; the third is a week, and pays a week.
    story.world.ok(&[execute(), story.consume(1_000)], &[&story.spending]);
    let ends = story.state().epoch_ends_at;
    story.world.set_time(ends);
    story.world.ok(&[story.consume(1_000), story.close(1)], &[&story.spending]);
    assert_eq!(story.epoch(1).emission, Tokens(700 * TOKEN));
    let state = story.state();
    assert_eq!((state.epoch_ends_at, state.schedule_position), (Timestamp(ends.0 + 7 * DAY as i64), 2 * DAY));
    story.world.set_time(state.epoch_ends_at);
    story.world.ok(&[story.close(2)], &[]);
    assert_eq!((story.epoch(2).emission, story.epoch(2).worked), (Tokens(4_900 * TOKEN), Credits(1_000)));
    assert_eq!(story.state().schedule_position, 9 * DAY);
}

/// A slip: epochs of 30 days. The change that mends it lets the open one end on the third day, and it pays three days.
#[test]
fn a_change_brings_the_end_of_an_epoch_nearer_and_it_pays_for_its_time() {
    let mut story = Story::with_locked();
    let right = story.state().policy;
    story.edit_policy(|policy| {
        (policy.epoch_duration, policy.initial_emission) = (Seconds(30 * DAY as u32), Tokens(30_000 * TOKEN));
        policy.roots_share = Bps(1_000);
    });
    story.edit_network(|network| network.epoch_ends_at = Timestamp(network.epoch_ends_at.0 + 29 * DAY as i64));
    let began = Timestamp(story.state().epoch_ends_at.0 - 30 * DAY as i64);
    let policy = Policy { epoch_duration: Seconds(DAY as u32), ..right };
    let propose = story.network.propose_policy_instruction(&story.world, 0, policy);
    story.world.ok(&[propose], &[&story.network.authority]);
    story.world.ok(&[story.consume(1_000)], &[&story.spending]);
    story.world.pass(2 * DAY + DAY / 2);
    story.world.ok(&[story.network.execute_policy_instruction(&story.world, 0)], &[]);
    let end = Timestamp(began.0 + 3 * DAY as i64);
    assert_eq!(story.state().epoch_ends_at, end);
    story.world.set_time(Timestamp(end.0 - 1));
    story.world.fails(story.close(0), &[], BmeError::EpochOpen);
    story.world.set_time(end);
    // It is closed by itself: those after it have other terms.
    story.world.fails(story.close(1), &[], BmeError::EpochOpen);
    story.world.ok(&[story.close(0)], &[]);
    let epoch = story.epoch(0);
    assert_eq!((epoch.emission, epoch.roots_emission), (Tokens(1_890 * TOKEN), Tokens(300 * TOKEN)));
    let state = story.state();
    assert_eq!((state.schedule_position, state.scheduled.get()), (3 * DAY, 3_000 * TOKEN as u128));
    assert_eq!(
        (state.epoch_ends_at, state.terms),
        (Timestamp(end.0 + DAY as i64), EpochTerms::of(&policy, policy.weights()))
    );
    story.world.ok(&[story.consume(1_000)], &[&story.spending]);
    story.world.set_time(state.epoch_ends_at);
    story.world.ok(&[story.close(1)], &[]);
    assert_eq!((story.epoch(1).first_period, story.epoch(1).emission), (3, Tokens(700 * TOKEN)));
}

#[test]
fn the_schedule_keeps_its_place_when_the_length_of_its_periods_changes() {
    let mut story = Story::with_locked();
    // A year of days has passed, so what is left is half; now by weeks.
    story.edit_network(|network| network.schedule_position = 365 * DAY);
    story.edit_policy(|policy| {
        (policy.epoch_duration, policy.decay_step) = (Seconds(7 * DAY as u32), 52);
        policy.initial_emission = Tokens(7_000 * TOKEN);
    });
    story.world.ok(&[story.consume(1_000)], &[&story.spending]);
    story.world.pass(7 * DAY);
    story.world.ok(&[story.close(0)], &[]);
    assert_eq!((story.epoch(0).first_period, story.epoch(0).emission), (52, Tokens(2_450 * TOKEN)));
}

// Credits without a payee

#[test]
fn credits_are_burned_for_no_provider() {
    let story = Story::with_credits();
    let burn = |amount| {
        BurnCredits { owner: story.client.pubkey(), credit_account: story.credits }
            .instruction(&BurnCreditsArgs { amount: Credits(amount), reference: JOB })
    };
    let owner: &[&Keypair] = &[&story.client];
    story.world.fails(burn(0), owner, BmeError::ZeroAmount);
    story.world.fails(burn(249_000_001), owner, BmeError::InsufficientCredits);
    story.world.fails(unsigned(burn(1), 0), &[], BmeError::MissingSigner);
    story.world.fails(swap(burn(1), 0, story.spending.pubkey()), &[&story.spending], BmeError::Unauthorized);
    story.world.fails(swap(burn(1), 1, story.work), owner, BmeError::WrongAccountType);
    story.world.fails(read_only(burn(1), 1), owner, BmeError::NotWritable);
    let event: event::CreditsBurned = story.world.ok(&[burn(24_900_000)], owner).event(ID);
    assert_eq!((event.amount, event.tokens, event.reference), (Credits(24_900_000), Tokens(10 * TOKEN), JOB));
    let account = story.credit_account();
    assert_eq!((account.balance, account.tokens), (Credits(224_100_000), Tokens(90 * TOKEN)));
    assert_eq!((account.burned, account.burned_tokens), (Credits(24_900_000), Tokens(10 * TOKEN)));
    // What is locked is not the owner's to burn.
    story.world.ok(&[story.lock(224_100_000)], &[&story.client, &story.spending]);
    story.world.fails(burn(1), owner, BmeError::InsufficientCredits);
}
