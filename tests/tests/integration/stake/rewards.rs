//! Rewards: funded, streamed, shared, claimed and compounded.

use super::*;

/// A second's part of a funding of 604,800 tokens.
fn after(story: &Story, seconds: u64) {
    story.world.pass(seconds);
}

/// The story, whose delegator gives `tokens` as rewards.
fn funded(tokens: u64) -> Story {
    let story = Story::with_stake();
    story.world.ok(&[story.fund(tokens)], &[&story.delegator]);
    story
}

#[test]
fn rewards_arrive_over_the_period_by_weight_after_commission() {
    let story = funded(300 * TOKEN);
    let rewards = story.rewards();
    assert_eq!((rewards.undistributed, rewards.unclaimed), (Tokens(300 * TOKEN), Tokens(300 * TOKEN)));
    assert_eq!((rewards.distribution_period, rewards.total_weight.0), (Seconds(WEEK as u32), 150 * TOKEN / 4));
    assert_eq!(story.provider().weight(), Ok(Weight(150 * TOKEN / 4)));

    // Nothing has arrived in the second of the funding.
    story.world.fails(story.claim(&story.theirs), &[&story.delegator], StakeError::NoRewards);
    after(&story, WEEK / 2);
    // A third of half of 300, less a tenth: 45; rounded down.
    let receipt = story.world.ok(&[story.claim(&story.theirs)], &[&story.delegator]);
    let event: event::RewardsClaimed = receipt.event(ID);
    assert_eq!((event.owner, event.compounded), (story.theirs.owner, 0));
    assert_eq!(event.tokens, Tokens(45 * TOKEN - 1));
    assert_eq!(story.world.tokens(story.theirs.tokens), 650 * TOKEN + 45 * TOKEN - 1);
    story.world.fails(story.claim(&story.theirs), &[&story.delegator], StakeError::NoRewards);
    story.check();

    after(&story, WEEK);
    story.world.ok(&[story.claim(&story.own)], &[&story.authority]);
    assert_eq!(story.world.tokens(story.own.tokens), 900 * TOKEN + 200 * TOKEN);
    let receipt = story.world.ok(&[story.claim_commission()], &[&story.authority]);
    assert_eq!(receipt.event::<event::CommissionClaimed>(ID).tokens, Tokens(10 * TOKEN));
    story.world.ok(&[story.claim(&story.theirs)], &[&story.delegator]);
    story.world.fails(story.claim_commission(), &[&story.authority], StakeError::NoRewards);
    // All but the rounding of one.
    assert!(story.rewards().unclaimed <= Tokens(2), "{:?}", story.rewards());
    assert_eq!(story.rewards().undistributed, Tokens(0));
    story.check();
}

#[test]
fn rewards_are_staked() {
    let story = funded(300 * TOKEN);
    after(&story, WEEK);
    let receipt = story.world.ok(&[story.compound(&story.theirs)], &[&story.delegator]);
    let event: event::RewardsClaimed = receipt.event(ID);
    assert_eq!((event.tokens, event.compounded), (Tokens(90 * TOKEN - 1), 1));
    let provider = story.provider();
    assert_eq!(provider.active_stake().unwrap(), Tokens(240 * TOKEN - 1));
    assert_eq!(story.delegation(&story.theirs).shares, U128::new((140 * TOKEN - 1) as u128));
    let weight = Weight((240 * TOKEN - 1) / 4);
    assert_eq!((provider.weight(), story.rewards().total_weight), (Ok(weight), weight));
    story.world.fails(story.compound(&story.theirs), &[&story.delegator], StakeError::NoRewards);
    story.check();
}

#[test]
fn rewards_wait_while_nobody_stakes() {
    let story = Story::new();
    story.world.ok(&[story.fund(70 * TOKEN)], &[&story.delegator]);
    after(&story, 52 * WEEK);
    story.world.ok(&[story.stake(100 * TOKEN)], &[&story.authority]);
    story.world.fails(story.claim(&story.own), &[&story.authority], StakeError::NoRewards);
    assert_eq!(story.rewards().undistributed, Tokens(70 * TOKEN));
    after(&story, DAY);
    story.world.ok(&[story.claim(&story.own)], &[&story.authority]);
    // A seventh: of its own stake the provider pays no commission.
    assert_eq!(story.world.tokens(story.own.tokens), 900 * TOKEN + 10 * TOKEN - 1);
    // And again when everybody has left.
    let ticket = story.pool.next_ticket(&story.world, &story.own);
    story
        .world
        .ok(&[story.pool.unstake_instruction(&story.world, &story.own, ticket, 100 * SHARES)], &[&story.authority]);
    after(&story, 52 * WEEK);
    story.world.ok(&[story.refresh()], &[]);
    assert_eq!(
        (story.rewards().undistributed, story.rewards().distribution_period),
        (Tokens(60 * TOKEN), Seconds(6 * DAY as u32))
    );
    story.check();
}

#[test]
fn coming_just_before_a_funding_gains_nothing() {
    let story = Story::with_stake();
    let world = &story.world;
    // Of 850 more for one block.
    world.ok(&[story.delegate(800 * TOKEN), story.fund(100 * TOKEN)], &[&story.delegator]);
    world.pass(1);
    world.ok(&[story.unstake(850 * SHARES)], &[&story.payer, &story.delegator]);
    world.ok(&[story.claim(&story.theirs)], &[&story.delegator]);
    // A second of a week.
    let gained = world.tokens(story.theirs.tokens) - 50 * TOKEN;
    assert!(gained <= 100 * TOKEN / WEEK, "{gained}");
    story.check();
}

#[test]
fn a_later_funding_joins_what_is_left() {
    let story = funded(100 * TOKEN);
    after(&story, WEEK / 2);
    let receipt = story.world.ok(&[story.fund(50 * TOKEN)], &[&story.delegator]);
    let event: event::RewardsFunded = receipt.event(ID);
    assert_eq!((event.header.source, event.header.sequence), (story.pool.rewards, 2));
    assert_eq!((event.tokens, event.undistributed), (Tokens(50 * TOKEN), Tokens(100 * TOKEN)));
    // Half at half a week, half at a week.
    assert_eq!(event.distribution_period, WEEK * 3 / 4);
    // A unit delays nothing.
    story.world.ok(&[story.fund(1)], &[&story.delegator]);
    assert_eq!(story.rewards().distribution_period, Seconds(WEEK as u32 * 3 / 4));
}

#[test]
fn bme_s_emission_for_stakers_becomes_rewards() {
    let mut story = Story::with_stake();
    // Any account of the pool's address. A network names the associated one as its stakers' account.
    let inbox = story.world.token_account(story.pool.mint, story.pool.address);
    let foreign = story.world.token_account(story.pool.mint, story.delegator.pubkey());
    let transfer = |to| {
        let owner = story.delegator.pubkey();
        spl_token_interface::instruction::transfer(&TOKEN_PROGRAM, &story.theirs.tokens, to, &owner, &[], 70 * TOKEN)
            .unwrap()
    };
    let world = &story.world;
    world.fails(story.collect(inbox), &[], StakeError::ZeroAmount);
    world.ok(&[transfer(&inbox), transfer(&foreign)], &[&story.delegator]);
    token_program_refuses(world, story.collect(foreign), &[], token_error::OWNER_MISMATCH);
    // Stakers' tokens are in the vault: it is no source, and nothing of it becomes rewards.
    let failure = world.send(&[story.collect(story.pool.vault)], &[]).unwrap_err();
    assert_eq!(failure.code(), Some(StakeError::ZeroAmount as u32), "{failure:?}");
    let receipt = world.ok(&[story.collect(inbox)], &[]);
    assert_eq!(receipt.event::<event::RewardsFunded>(ID).tokens, Tokens(70 * TOKEN));
    assert_eq!((world.tokens(inbox), story.rewards().undistributed), (0, Tokens(70 * TOKEN)));
    story.check();
}

#[test]
fn a_provider_in_jail_earns_nothing() {
    let story = funded(70 * TOKEN);
    story.slashed(15 * TOKEN, sentence::JAIL);
    // The day until then.
    assert_eq!((story.provider().weight(), story.rewards().total_weight), (Ok(Weight(0)), Weight(0)));
    assert_eq!(story.rewards().undistributed, Tokens(60 * TOKEN));
    after(&story, 2 * DAY);
    story.world.ok(&[story.unjail()], &[&story.authority]);
    assert_eq!(story.rewards().undistributed, Tokens(60 * TOKEN));
    assert_eq!(story.rewards().total_weight.0, 135 * TOKEN / 4 - 1);
    after(&story, 6 * DAY);
    story.world.ok(&[story.claim(&story.theirs)], &[&story.delegator]);
    assert_eq!(story.world.tokens(story.theirs.tokens), 880 * TOKEN + 21 * TOKEN - 2);
    story.check();
}

#[test]
fn seized_stake_earns_nothing_and_what_it_accrued_goes_back() {
    let story = Story::with_bond();
    story.world.ok(&[story.fund(70 * TOKEN)], &[&story.delegator]);
    story.world.ok(&[story.seize(80 * TOKEN, seizure::BURN, story.pool.mint)], &[&story.slashing]);
    assert_eq!(story.provider().weight(), Ok(Weight(150 * TOKEN / 4)), "seizing writes no rewards");
    story.world.pass(DAY);
    story.world.ok(&[story.refresh()], &[]);
    let weight = Weight(70 * TOKEN / 4);
    assert_eq!((story.provider().weight(), story.rewards().total_weight), (Ok(weight), weight));
    // Of ten tokens that arrived, 80 parts of 150 were on tokens that are not there.
    let back = 10 * TOKEN * 80 / 150;
    assert_eq!(story.rewards().undistributed, Tokens(60 * TOKEN + back));
    story.world.ok(&[story.claim(&story.own)], &[&story.authority]);
    let own = story.world.tokens(story.own.tokens) - 900 * TOKEN;
    assert!(own <= 10 * TOKEN * 20 / 150 && own + 2 > 10 * TOKEN * 20 / 150, "{own}");
    story.check();
}

#[test]
fn a_lock_on_stake_that_was_seized_weighs_nothing() {
    // Borrowed, locked for a year, and taken out by a seizure to oneself, in one second: no job holds what is locked.
    let story = Story::with_stake();
    let bonding = &story.bonding()[..];
    story.world.ok(&[story.lock(80 * TOKEN)], bonding);
    story.world.ok(&[story.lock_stake(&story.own, 365), story.fund(70 * TOKEN)], &[&story.authority, &story.delegator]);
    let again = story.lock_for(Address::new_from_array([8; 32]), 20 * TOKEN);
    story.world.fails(again, bonding, StakeError::InsufficientStake);
    story.world.ok(&[story.seize(80 * TOKEN, seizure::CLIENT, ID)], &[&story.slashing]);
    story.world.pass(WEEK);
    story.world.ok(&[story.refresh()], &[]);
    // 20 weigh four times, as long as they are there.
    assert_eq!(story.rewards().total_weight, Weight(20 * TOKEN + 50 * TOKEN / 4));
    story.world.ok(&[story.claim(&story.own)], &[&story.authority]);
    let own = story.world.tokens(story.own.tokens) - 900 * TOKEN;
    // Of all weight that there was when the rewards arrived.
    let most = 70 * TOKEN * (4 * 20) / (4 * 20 + 80 + 50);
    assert!(own <= most && own + 2 > most, "{own}");
    // All of it comes to those who have tokens there.
    story.world.pass(2 * WEEK);
    let claims = [story.claim(&story.theirs), story.claim(&story.own), story.claim_commission()];
    story.world.ok(&claims, &[&story.delegator, &story.authority]);
    assert!(story.rewards().unclaimed.0 < 3, "{:?}", story.rewards());
    story.check();
}

#[test]
fn amounts_of_nothing_and_of_more_than_there_is_are_refused() {
    let story = Story::with_stake();
    story.world.fails(story.fund(0), &[&story.delegator], StakeError::ZeroAmount);
    let code = token_error::INSUFFICIENT_FUNDS;
    for amount in [950 * TOKEN + 1, u64::MAX] {
        token_program_refuses(&story.world, story.fund(amount), &[&story.delegator], code);
    }
    story.world.ok(&[story.fund(950 * TOKEN)], &[&story.delegator]);
}

#[test]
fn funding_and_collecting_check_their_accounts() {
    let mut story = Story::with_stake();
    let stranger = story.stranger();
    let fund = || story.fund(TOKEN);
    let (world, owner) = (&story.world, &[&story.delegator][..]);
    world.fails(unsigned(fund(), 0), &[], StakeError::MissingSigner);
    for index in [2, 3, 4] {
        world.fails(read_only(fund(), index), owner, StakeError::NotWritable);
    }
    world.fails(swap(fund(), 1, stranger.pool.address), owner, StakeError::WrongAddress);
    world.fails(swap(fund(), 1, story.slasher), owner, StakeError::WrongAccountType);
    world.fails(swap(fund(), 2, stranger.pool.rewards), owner, StakeError::WrongAddress);
    world.fails(swap(fund(), 4, stranger.pool.vault), owner, StakeError::WrongAddress);
    world.fails(swap(fund(), 5, stranger.pool.mint), owner, StakeError::WrongAddress);
    world.fails(swap(fund(), 6, TOKEN_2022_PROGRAM), owner, StakeError::WrongTokenProgram);
    token_program_refuses(world, swap(fund(), 3, story.own.tokens), owner, token_error::OWNER_MISMATCH);
    token_program_refuses(world, swap(fund(), 3, story.pool.vault), owner, token_error::OWNER_MISMATCH);

    let collect = || story.collect(story.theirs.tokens);
    for index in [1, 2, 3] {
        world.fails(read_only(collect(), index), &[], StakeError::NotWritable);
    }
    world.fails(swap(collect(), 0, stranger.pool.address), &[], StakeError::WrongAddress);
    world.fails(swap(collect(), 1, stranger.pool.rewards), &[], StakeError::WrongAddress);
    world.fails(swap(collect(), 2, stranger.pool.vault), &[], StakeError::WrongMint);
    world.fails(swap(collect(), 3, stranger.pool.vault), &[], StakeError::WrongAddress);
    world.fails(swap(collect(), 4, stranger.pool.mint), &[], StakeError::WrongAddress);
    world.fails(swap(collect(), 5, TOKEN_2022_PROGRAM), &[], StakeError::WrongTokenProgram);
}

#[test]
fn claiming_and_compounding_check_their_accounts() {
    let mut story = funded(300 * TOKEN);
    let stranger = story.stranger();
    let (_, sibling, their_sibling) = story.sibling();
    after(&story, WEEK);
    let (world, owner) = (&story.world, &[&story.delegator][..]);
    for instruction in [story.claim(&story.theirs), story.compound(&story.theirs)] {
        let with = || instruction.clone();
        world.fails(unsigned(with(), 0), &[], StakeError::MissingSigner);
        world.fails(swap(with(), 0, story.own.owner), &[&story.authority], StakeError::Unauthorized);
        for index in [2, 3, 4] {
            world.fails(read_only(with(), index), owner, StakeError::NotWritable);
        }
        world.fails(swap(with(), 1, story.slasher), owner, StakeError::WrongAccountType);
        world.fails(swap(with(), 2, stranger.provider), owner, StakeError::WrongPool);
        world.fails(swap(with(), 2, sibling), owner, StakeError::WrongProvider);
        world.fails(swap(with(), 3, their_sibling.delegation), owner, StakeError::WrongProvider);
        world.fails(swap(with(), 3, story.own.delegation), owner, StakeError::Unauthorized);
        world.fails(swap(with(), 4, stranger.pool.rewards), owner, StakeError::WrongAddress);
    }
    world.fails(swap(story.compound(&story.theirs), 1, stranger.pool.address), owner, StakeError::WrongPool);

    let authority = &[&story.authority][..];
    world.fails(unsigned(story.claim_commission(), 0), &[], StakeError::MissingSigner);
    world.fails(swap(story.claim_commission(), 0, story.theirs.owner), owner, StakeError::Unauthorized);
    for (claim, first, signers) in [(story.claim(&story.theirs), 5, owner), (story.claim_commission(), 4, authority)] {
        let with = || claim.clone();
        for index in [first, first + 1] {
            world.fails(read_only(with(), index), signers, StakeError::NotWritable);
        }
        world.fails(swap(with(), 1, stranger.pool.address), signers, StakeError::WrongAddress);
        world.fails(swap(with(), first, stranger.pool.vault), signers, StakeError::WrongAddress);
        world.fails(swap(with(), first + 1, story.pool.vault), signers, StakeError::DuplicateAccount);
        world.fails(swap(with(), first + 2, stranger.pool.mint), signers, StakeError::WrongAddress);
        world.fails(swap(with(), first + 3, TOKEN_2022_PROGRAM), signers, StakeError::WrongTokenProgram);
        world.ok(&[with()], signers);
    }
    world.fails(swap(story.refresh(), 1, stranger.provider), &[], StakeError::WrongPool);
    world.fails(swap(story.refresh(), 2, stranger.pool.rewards), &[], StakeError::WrongAddress);
    world.fails(read_only(story.refresh(), 1), &[], StakeError::NotWritable);
    world.fails(read_only(story.refresh(), 2), &[], StakeError::NotWritable);
}

/// Not all that was collected until then.
#[test]
fn what_is_collected_later_is_told_by_itself() {
    let mut story = Story::with_stake();
    let inbox = story.world.token_account(story.pool.mint, story.pool.address);
    for amount in [70 * TOKEN, 3 * TOKEN] {
        let bring = story.network.transfer_instruction(story.theirs.tokens, inbox, &story.delegator, amount);
        let receipt = story.world.ok(&[bring, story.collect(inbox)], &[&story.delegator]);
        let funded: event::RewardsFunded = receipt.event(ID);
        assert_eq!((funded.tokens, funded.undistributed), (Tokens(amount), story.rewards().undistributed));
    }
    assert_eq!(story.rewards().undistributed, Tokens(73 * TOKEN));
    story.check();
}
