//! Locks and their multiplier.

use {
    super::*,
    joule_keeper::{
        due::Settings,
        keeper::{Keeper, Limits},
    },
    joule_tests::keeping::{Faults, Local},
    std::collections::BTreeSet,
};

#[test]
fn a_lock_multiplies_the_weight_and_keeps_the_stake() {
    let story = Story::with_stake();
    let owner = &[&story.delegator][..];
    let receipt = story.world.ok(&[story.lock_stake(&story.theirs, 365)], owner);
    let ends = story.world.now().after(Seconds(365 * DAY as u32)).unwrap();
    let event: event::LockChanged = receipt.event(ID);
    assert_eq!((event.owner, event.lock_ends_at, event.multiplier), (story.theirs.owner, ends, 40_000));
    let delegation = story.delegation(&story.theirs);
    assert_eq!((delegation.lock_ends_at, delegation.multiplier), (ends, Bps(40_000)));
    assert_eq!(delegation.weight, U128::new((50 * TOKEN) as u128));
    let weight = Weight(75 * TOKEN);
    assert_eq!((story.provider().weight(), story.rewards().total_weight), (Ok(weight), weight));

    let leaving = &[&story.payer, &story.delegator][..];
    story.world.fails(story.unstake(SHARES), leaving, StakeError::Locked);
    story.world.fails(story.end_lock(&story.theirs), &[], StakeError::Locked);
    story.world.pass(365 * DAY - 1);
    story.world.fails(story.unstake(SHARES), leaving, StakeError::Locked);
    story.world.pass(1);
    let receipt = story.world.ok(&[story.unstake(SHARES)], leaving);
    assert_eq!(receipt.event::<event::LockChanged>(ID).lock_ends_at, Timestamp(0));
    assert_eq!(story.delegation(&story.theirs).weight, U128::new((49 * TOKEN / 4) as u128));
}

#[test]
fn rewards_follow_the_multiplier() {
    let story = Story::with_stake();
    let fund = story.fund(300 * TOKEN);
    story.world.ok(&[story.lock_stake(&story.theirs, 365), fund], &[&story.delegator]);
    story.world.pass(WEEK);
    story.world.ok(&[story.claim(&story.theirs)], &[&story.delegator]);
    // 200 of 300, less a tenth.
    assert_eq!(story.world.tokens(story.theirs.tokens), 650 * TOKEN + 180 * TOKEN - 1);
}

#[test]
fn a_lock_only_gets_longer() {
    let story = Story::with_stake();
    let owner = &[&story.delegator][..];
    for days in [0, 13, 366, 49_000] {
        assert_eq!(story.world.out_of_range(story.lock_stake(&story.theirs, days), owner), "lock_period");
    }
    story.world.ok(&[story.lock_stake(&story.theirs, 30)], owner);
    story.world.fails(story.lock_stake(&story.theirs, 29), owner, StakeError::LockTooShort);
    story.world.pass(10 * DAY);
    story.world.fails(story.lock_stake(&story.theirs, 19), owner, StakeError::LockTooShort);
    story.world.ok(&[story.lock_stake(&story.theirs, 20)], owner);
}

#[test]
fn stake_added_to_a_lock_is_locked_as_long() {
    let story = Story::with_stake();
    let owner = &[&story.delegator][..];
    story.world.ok(&[story.lock_stake(&story.theirs, 365)], owner);
    story.world.pass(364 * DAY);
    let receipt = story.world.ok(&[story.delegate(100 * TOKEN)], owner);
    let ends = story.world.now().after(Seconds(365 * DAY as u32)).unwrap();
    let event: event::LockChanged = receipt.event(ID);
    assert_eq!((event.owner, event.lock_ends_at, event.multiplier), (story.theirs.owner, ends, 40_000));
    assert_eq!(story.delegation(&story.theirs).lock_ends_at, ends);
    assert_eq!(story.delegation(&story.theirs).weight, U128::new((150 * TOKEN) as u128));
}

#[test]
fn anyone_ends_a_lock_whose_time_has_passed() {
    let story = Story::with_stake();
    story.world.ok(&[story.lock_stake(&story.theirs, 14)], &[&story.delegator]);
    story.world.ok(&[story.lock_stake(&story.own, 131)], &[&story.authority]);
    assert_eq!(story.rewards().total_weight.0, 250 * TOKEN / 4);
    story.world.pass(131 * DAY);
    story.world.ok(&[story.end_lock(&story.own)], &[]);
    assert_eq!(story.delegation(&story.own).lock_ends_at, Timestamp(0));
    assert_eq!(story.rewards().total_weight.0, 150 * TOKEN / 4);
}

#[test]
fn a_tombstone_voids_locks() {
    let story = Story::with_stake();
    story.world.ok(&[story.lock_stake(&story.theirs, 365)], &[&story.delegator]);
    story.slashed(15 * TOKEN, sentence::TOMBSTONE);
    story.world.ok(&[story.unstake(u64::MAX)], &[&story.payer, &story.delegator]);
    let again = story.lock_stake(&story.own, 365);
    story.world.fails(again, &[&story.authority], StakeError::ProviderNotActive);
    story.check();
}

#[test]
fn a_lock_of_own_stake_holds_what_no_job_holds() {
    let story = Story::with_stake();
    let own = |amount| {
        let ticket = story.pool.next_ticket(&story.world, &story.own);
        story.pool.unstake_instruction(&story.world, &story.own, ticket, amount)
    };
    let authority = &[&story.authority][..];
    let other = Address::new_from_array([8; 32]);
    story.world.ok(&[story.lock(30 * TOKEN), story.lock_stake(&story.own, 365)], &story.bonding());
    // A bond would be the way out: to a client of one's own.
    story.world.fails(story.lock_for(other, 1), &story.bonding(), StakeError::InsufficientStake);
    // 70 weigh four times, what a job holds once.
    assert_eq!(story.provider().weight(), Ok(Weight(70 * TOKEN + 30 * TOKEN / 4 + 50 * TOKEN / 4)));
    // What a job gives back is free, and so is what comes later.
    story.world.ok(&[story.release(), story.stake(10 * TOKEN)], &[&story.slashing, &story.authority]);
    story.world.fails(own(40 * TOKEN + 1), authority, StakeError::Locked);
    story.world.fails(story.lock_for(other, 40 * TOKEN + 1), &story.bonding(), StakeError::InsufficientStake);
    story.world.ok(&[story.lock_for(other, 25 * TOKEN), own(u64::MAX)], &story.bonding());
    story.world.fails(own(u64::MAX), authority, StakeError::Locked);
    assert_eq!(story.provider().own, Tokens(70 * TOKEN));
    story.world.pass(365 * DAY);
    story.world.ok(&[story.end_lock(&story.own), story.lock(70 * TOKEN)], &story.bonding());
    story.check();
}

#[test]
fn stake_that_was_locked_backs_no_job_of_its_owner() {
    // The delegator runs a provider of its own, and moves its locked stake there.
    let story = Story::with_stake();
    let provider = story.pool.register(&story.world, &story.delegator);
    let to = story.pool.open_delegation(&story.world, provider, story.delegator.pubkey(), story.theirs.tokens);
    let stake = story.pool.stake_instruction(&to, 10 * TOKEN);
    story.world.ok(&[story.lock_stake(&story.theirs, 365), stake.clone()], &[&story.delegator]);
    story.world.ok(&[story.set_commission(1_001)], &[&story.authority]);
    let signers = &[&story.payer, &story.delegator][..];
    story.world.ok(&[story.redelegate(u64::MAX, &to)], signers);
    story.world.pass(WEEK);
    story.world.ok(&[story.settle(&to), stake], &[&story.delegator]);
    story.world.pass(1);
    let authority = story.delegator.insecure_clone();
    let theirs = Story { provider, authority, own: to, ..story };
    assert_eq!(theirs.provider().own, Tokens(70 * TOKEN));
    theirs.world.fails(theirs.lock(20 * TOKEN + 1), &theirs.bonding(), StakeError::InsufficientStake);
    theirs.world.ok(&[theirs.lock(20 * TOKEN)], &theirs.bonding());
}

#[test]
fn a_lock_that_ends_in_the_same_second_lends_no_weight() {
    let mut story = Story::with_stake();
    let (_, _, to) = story.sibling();
    let owner = &[&story.delegator][..];
    story.world.ok(&[story.pool.stake_instruction(&to, 1), story.lock_stake(&to, 365)], owner);
    story.world.pass(351 * DAY);
    story.world.ok(&[story.lock_stake(&story.theirs, 14)], owner);
    assert_eq!(story.delegation(&story.theirs).lock_ends_at, story.delegation(&to).lock_ends_at);
    story.world.ok(&[story.set_commission(1_001)], &[&story.authority]);
    story.world.ok(&[story.redelegate(u64::MAX, &to)], &[&story.payer, &story.delegator]);
    story.world.pass(WEEK);
    story.world.ok(&[story.settle(&to)], &[]);
    let ends = story.world.now().after(Seconds(365 * DAY as u32)).unwrap();
    assert_eq!((story.delegation(&to).lock_ends_at, story.delegation(&to).multiplier), (ends, Bps(40_000)));
}

/// Who breaks its lock has a provider of its own, whose other delegators have a unit, and lets a slash take that unit: then the
/// provider cannot take the stake that is on its way.
#[test]
fn locked_stake_does_not_leave_by_a_provider_that_cannot_take_it() {
    let mut story = Story::with_stake();
    let (authority, sibling, to) = story.sibling();
    story.world.ok(&[story.lock_stake(&story.theirs, 365)], &[&story.delegator]);
    let ends = story.delegation(&story.theirs).lock_ends_at;
    story.world.ok(&[story.set_commission(1_001)], &[&story.authority]);
    story.world.ok(&[story.redelegate(u64::MAX, &to)], &[&story.payer, &story.delegator]);
    let friend = story.pool.open_delegation(&story.world, sibling, story.own.owner, story.own.tokens);
    let leave = story.pool.unstake_instruction(&story.world, &friend, story.pool.ticket(&friend, 0), 20 * TOKEN);
    story.world.ok(&[story.pool.stake_instruction(&friend, 20 * TOKEN + 1), leave], &[&story.authority]);
    let (settle, stop, withdraw) = (story.settle(&to), story.stop(&to), story.withdraw());
    let owner = story.delegator.insecure_clone();

    let new = Story { provider: sibling, authority, ..story };
    new.slashed(5 * TOKEN, sentence::FINE);
    assert_eq!((new.provider().delegated.tokens, new.provider().delegated.price), (Tokens(0), 0));
    new.world.pass(WEEK);
    let world = &new.world;
    world.ok(std::slice::from_ref(&settle), &[]);
    world.fails(withdraw, &[&owner], StakeError::Redelegating);
    world.fails(stop.clone(), &[&owner], StakeError::Locked);
    assert_eq!((new.delegation(&to).incoming_count, new.provider().incoming), (1, Weight(50 * TOKEN / 4)));
    // It arrives once whoever has nothing there has left, which anyone sees to.
    world.ok(&[new.close_delegation(&friend), settle], &[]);
    let there = new.delegation(&to);
    assert_eq!((there.lock_ends_at, there.shares), (ends, U128::new((50 * TOKEN) as u128)));
}

/// The same once the lock is over.
#[test]
fn stake_whose_lock_is_over_leaves_by_a_provider_that_cannot_take_it() {
    let mut story = Story::with_stake();
    let (_, _, to) = story.sibling();
    story.world.ok(&[story.lock_stake(&story.theirs, 14)], &[&story.delegator]);
    story.world.ok(&[story.set_commission(1_001)], &[&story.authority]);
    story.world.ok(&[story.redelegate(u64::MAX, &to)], &[&story.payer, &story.delegator]);
    let mut other: Provider = story.world.read(to.provider);
    other.delegated = Pot { tokens: Tokens(0), price: 0, shares: U128::new(1) };
    story.world.forge(to.provider, &other);
    story.world.pass(14 * DAY - 1);
    story.world.ok(&[story.settle(&to)], &[]);
    story.world.fails(story.withdraw(), &[&story.delegator], StakeError::Redelegating);
    // A keeper does not pay for that in vain.
    let key = story.world.user();
    let completes = |world: &World| {
        let networks = Some(BTreeSet::from([story.network.address]));
        let (key, settings) = (key.insecure_clone(), Settings { networks, ..Settings::default() });
        let mut keeper = Keeper::new(Local::new(world, Faults::default(), 1), key, settings, Limits::default(), |_| {});
        let (_, due, _) = keeper.read().expect("a chain that answers");
        due.iter().any(|due| due.name.1 == "CompleteRedelegation")
    };
    assert!(!completes(&story.world));
    story.world.pass(1);
    assert!(completes(&story.world));
    story.world.ok(&[story.settle(&to), story.withdraw()], &[&story.delegator]);
    assert_eq!(story.world.tokens(story.theirs.tokens), 1_000 * TOKEN);
}

/// An announcement of a change that is worse for backers.
fn announce(story: &mut Story) {
    let rival = story.world.user();
    let add = story.pool.add_slasher_instruction(&story.world, &story.network, rival.pubkey());
    story.world.ok(&[add], &[&story.network.authority]);
}

#[test]
fn a_lock_made_after_an_announcement_holds() {
    let mut story = Story::with_stake();
    let (_, _, to) = story.sibling();
    story.world.ok(&[story.lock_stake(&story.theirs, 365)], &[&story.delegator]);
    story.world.pass(2 * DAY);
    announce(&mut story);
    story.world.pass(1);
    let leaving = &[&story.payer, &story.delegator][..];
    let (world, ticket) = (&story.world, story.pool.next_ticket(&story.world, &story.own));
    world.ok(&[story.lock_stake(&story.own, 365)], &[&story.authority]);
    let own = story.pool.unstake_instruction(world, &story.own, ticket, TOKEN);
    world.fails(own, &[&story.authority], StakeError::Locked);
    // One that is older does not, until it starts again.
    world.ok(&[story.unstake(TOKEN)], leaving);
    world.ok(&[story.delegate(TOKEN)], &[&story.delegator]);
    world.fails(story.unstake(TOKEN), leaving, StakeError::Locked);
    // Nor does stake leave by a redelegation.
    world.ok(&[story.set_commission(1_001)], &[&story.authority]);
    let mut redelegate = story.redelegate(TOKEN, &to);
    redelegate.accounts[5].pubkey = story.pool.ticket(&story.theirs, 1);
    world.ok(&[redelegate], leaving);
    let mut stop = story.stop(&to);
    stop.accounts[5].pubkey = story.pool.ticket(&story.theirs, 1);
    world.fails(stop, &[&story.delegator], StakeError::Locked);
}

#[test]
fn nobody_else_takes_a_backer_s_exit() {
    let mut story = Story::with_stake();
    let (_, _, to) = story.sibling();
    let owner = &[&story.delegator][..];
    story.world.ok(&[story.pool.stake_instruction(&to, TOKEN), story.lock_stake(&to, 365)], owner);
    story.world.ok(&[story.lock_stake(&story.theirs, 300)], owner);
    story.world.ok(&[story.set_commission(1_001)], &[&story.authority]);
    story.world.ok(&[story.redelegate(10 * TOKEN, &to)], &[&story.payer, &story.delegator]);
    let ends = story.delegation(&to).lock_ends_at;
    story.world.pass(WEEK);
    announce(&mut story);
    story.world.pass(1);
    // Arriving would start the lock again, after the announcement: it waits.
    story.world.ok(&[story.settle(&to)], &[]);
    assert_eq!((story.delegation(&to).lock_ends_at, story.delegation(&to).incoming_count), (ends, 1));
    story.world.ok(&[story.stop(&to)], &[&story.delegator]);
    story.world.ok(&[story.withdraw()], &[&story.delegator]);
    let ticket = story.pool.next_ticket(&story.world, &to);
    story.world.ok(&[story.pool.unstake_instruction(&story.world, &to, ticket, TOKEN)], &[&story.delegator]);
}

/// Whoever announces completes a redelegation first, so that its owner's lock starts again.
#[test]
fn nobody_takes_a_backer_s_exit_in_the_second_of_the_announcement() {
    let mut story = Story::with_stake();
    let (_, _, to) = story.sibling();
    let owner = &[&story.delegator][..];
    story.world.ok(&[story.pool.stake_instruction(&to, TOKEN), story.lock_stake(&to, 365)], owner);
    story.world.ok(&[story.lock_stake(&story.theirs, 300)], owner);
    story.world.ok(&[story.set_commission(1_001)], &[&story.authority]);
    story.world.ok(&[story.redelegate(10 * TOKEN, &to)], &[&story.payer, &story.delegator]);
    story.world.pass(WEEK);
    story.world.ok(&[story.settle(&to)], &[]);
    let restarted = story.delegation(&to).lock_ends_at;
    announce(&mut story);
    assert_eq!(restarted.0, story.world.now().0 + 365 * DAY as i64);
    let ticket = story.pool.next_ticket(&story.world, &to);
    story.world.ok(&[story.pool.unstake_instruction(&story.world, &to, ticket, TOKEN)], &[&story.delegator]);
}

#[test]
fn locking_checks_its_accounts() {
    let mut story = Story::with_stake();
    let stranger = story.stranger();
    let (_, sibling, their_sibling) = story.sibling();
    let (world, owner) = (&story.world, &[&story.delegator][..]);
    let lock = || story.lock_stake(&story.theirs, 30);
    world.fails(unsigned(lock(), 0), &[], StakeError::MissingSigner);
    world.fails(swap(lock(), 0, story.own.owner), &[&story.authority], StakeError::Unauthorized);
    let end = story.end_lock(&story.theirs);
    for (instruction, first, owner) in [(lock(), 1, owner), (end, 0, &[][..])] {
        let with = || instruction.clone();
        for index in [first + 1, first + 2, first + 3] {
            world.fails(read_only(with(), index), owner, StakeError::NotWritable);
        }
        world.fails(swap(with(), first, stranger.pool.address), owner, StakeError::WrongPool);
        world.fails(swap(with(), first + 1, sibling), owner, StakeError::WrongProvider);
        world.fails(swap(with(), first + 1, stranger.provider), owner, StakeError::WrongPool);
        world.fails(swap(with(), first + 2, their_sibling.delegation), owner, StakeError::WrongProvider);
        world.fails(swap(with(), first + 3, stranger.pool.rewards), owner, StakeError::WrongAddress);
    }
    world.ok(&[lock()], owner);
}

#[test]
fn a_locked_backer_of_a_jailed_provider_moves_with_the_rest_of_its_lock() {
    let mut story = Story::with_stake();
    let (_, _, to) = story.sibling();
    story.world.ok(&[story.lock_stake(&story.theirs, 365)], &[&story.delegator]);
    let ends = story.delegation(&story.theirs).lock_ends_at;
    story.world.fails(story.redelegate(10 * TOKEN, &to), &[&story.payer, &story.delegator], StakeError::Locked);
    story.slashed(15 * TOKEN, sentence::JAIL);
    story.world.fails(story.unstake(TOKEN), &[&story.payer, &story.delegator], StakeError::Locked);
    let receipt = story.world.ok(&[story.redelegate(10 * TOKEN, &to)], &[&story.payer, &story.delegator]);
    let event: event::LockChanged = receipt.event(ID);
    assert_eq!((event.header.source, event.lock_ends_at), (to.provider, ends));
    assert_eq!((story.delegation(&to).lock_ends_at, story.delegation(&to).multiplier), (ends, Bps(40_000)));
    // It cannot be made to leave instead.
    story.world.fails(story.stop(&to), &[&story.delegator], StakeError::Locked);
    story.world.pass(WEEK);
    story.world.ok(&[story.settle(&to)], &[]);
    let there = story.delegation(&to);
    assert_eq!((there.lock_ends_at, there.shares), (ends, U128::new((10 * TOKEN) as u128)));
    // To where its owner's stake would be locked without being locked as long, it does not go.
    let (_, _, other) = story.sibling();
    story.world.ok(&[story.pool.stake_instruction(&other, TOKEN)], &[&story.delegator]);
    story.world.fails(story.redelegate(TOKEN, &other), &[&story.payer, &story.delegator], StakeError::LockTooShort);
    // Nor where a shorter lock runs, though nothing is in it.
    let (_, _, other) = story.sibling();
    story.world.ok(&[story.lock_stake(&other, 14)], &[&story.delegator]);
    story.world.fails(story.redelegate(TOKEN, &other), &[&story.payer, &story.delegator], StakeError::LockTooShort);
}

#[test]
fn a_locked_backer_moves_when_the_commission_is_to_rise() {
    let mut story = Story::with_stake();
    let (_, _, to) = story.sibling();
    story.world.ok(&[story.lock_stake(&story.theirs, 365)], &[&story.delegator]);
    story.world.ok(&[story.set_commission(500)], &[&story.authority]);
    let signers = &[&story.payer, &story.delegator][..];
    story.world.fails(story.redelegate(TOKEN, &to), signers, StakeError::Locked);
    story.world.ok(&[story.set_commission(1_001)], &[&story.authority]);
    story.world.ok(&[story.redelegate(TOKEN, &to)], signers);
}
