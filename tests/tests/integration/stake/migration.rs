//! Who migrates a network stakes for many owners at once.

use {super::*, joule_interface::Fault};

const YEAR: u32 = 365 * DAY as u32;

impl Story {
    /// Stakes the delegator's tokens for these owners.
    fn stake_for(&self, owners: &[(Address, u64)], lock_period: u32) -> Instruction {
        let funder = (self.delegator.pubkey(), self.theirs.tokens);
        self.pool.stake_for_instruction(&self.world, &self.network, funder, self.provider, owners, lock_period)
    }

    fn migrating(&self) -> [&Keypair; 2] {
        [&self.network.authority, &self.delegator]
    }

    fn of(&self, owner: Address) -> Delegation {
        self.world.read(pda::delegation::find(&self.provider, &owner).0)
    }
}

#[test]
fn many_owners_get_locked_stake_in_one_transaction_and_it_is_theirs() {
    let mut story = Story::with_stake();
    let owner = story.world.user();
    let others: Vec<Address> = (0..6).map(|_| story.world.address()).collect();
    let all: Vec<(Address, u64)> =
        [owner.pubkey()].into_iter().chain(others.iter().copied()).zip((1..).map(|number| number * TOKEN)).collect();
    let world = &story.world;
    let (before, pot) = (world.tokens(story.theirs.tokens), story.provider().delegated.tokens);
    let receipt = world.ok(&[story.stake_for(&all, YEAR)], &story.migrating());
    let total = 28 * TOKEN;
    assert_eq!(before - world.tokens(story.theirs.tokens), total);
    assert_eq!(story.provider().delegated.tokens, Tokens(pot.0 + total));
    let staked = receipt.events::<event::Staked>(ID);
    let locked = receipt.events::<event::LockChanged>(ID);
    let ends = world.now().after(Seconds(YEAR)).unwrap();
    for (place, (owner, amount)) in all.iter().enumerate() {
        let delegation = story.of(*owner);
        assert_eq!((staked[place].owner, staked[place].tokens), (*owner, Tokens(*amount)));
        assert_eq!((locked[place].owner, locked[place].lock_ends_at), (*owner, ends));
        assert_eq!((delegation.owner, delegation.payer), (*owner, world.payer().pubkey()));
        assert_eq!(
            (delegation.lock_ends_at, delegation.lock_period, delegation.multiplier),
            (ends, Seconds(YEAR), Bps(40_000))
        );
        assert_eq!(delegation.worth(&story.provider()), Ok(Tokens(*amount)));
    }

    // Only its owner moves it, once the lock has ended.
    let tokens = story.world.token_account(story.pool.mint, owner.pubkey());
    let (provider, delegation) = (story.provider, pda::delegation::find(&story.provider, &owner.pubkey()).0);
    let backer = Backer { owner: owner.pubkey(), provider, delegation, tokens };
    let world = &story.world;
    let ticket = story.pool.next_ticket(world, &backer);
    let leave = || story.pool.unstake_instruction(world, &backer, ticket, TOKEN);
    world.fails(leave(), &[&owner], StakeError::Locked);
    world.pass(YEAR as u64);
    for stranger in [&story.network.authority, &story.delegator] {
        world.fails(swap(leave(), 1, stranger.pubkey()), &[stranger], StakeError::from(Fault::Unauthorized));
    }
    world.ok(&[leave()], &[&owner]);
}

#[test]
fn without_a_lock_the_stake_can_leave_at_once() {
    let story = Story::with_stake();
    let owner = story.world.address();
    let receipt = story.world.ok(&[story.stake_for(&[(owner, TOKEN)], 0)], &story.migrating());
    assert!(receipt.events::<event::LockChanged>(ID).is_empty());
    let delegation = story.of(owner);
    assert_eq!((delegation.lock_ends_at, delegation.multiplier), (Timestamp(0), Bps::WHOLE));
}

/// A gift of a stranger's, with a lock, would bind what the owner stakes later, or keep it from moving stake here.
#[test]
fn nobody_is_bound_by_a_strangers_gift() {
    let story = Story::with_stake();
    let world = &story.world;
    let stranger = &story.delegator;
    let owner = world.address();
    let gift = |amount, lock| story.stake_for(&[(owner, amount)], lock);
    world.fails(swap(gift(1, YEAR), 1, stranger.pubkey()), &[stranger], StakeError::from(Fault::Unauthorized));
    world.fails(unsigned(gift(1, YEAR), 1), &[stranger], StakeError::from(Fault::MissingSigner));
    world.fails(unsigned(gift(1, YEAR), 2), &[&story.network.authority], StakeError::from(Fault::MissingSigner));
    // Not even the authority's own where stake is, or twice; nor the provider's own stake.
    let signers = story.migrating();
    let theirs = story.stake_for(&[(story.theirs.owner, TOKEN)], YEAR);
    world.fails(theirs, &signers, StakeError::from(Fault::AlreadyInitialized));
    let twice = story.stake_for(&[(owner, TOKEN), (owner, TOKEN)], YEAR);
    world.fails(twice, &signers, StakeError::from(Fault::AlreadyInitialized));
    let fresh = world.key();
    let provider = story.pool.register(world, &fresh);
    let funder = (stranger.pubkey(), story.theirs.tokens);
    let own = story.pool.stake_for_instruction(world, &story.network, funder, provider, &[(fresh.pubkey(), TOKEN)], 0);
    world.fails(own, &signers, StakeError::OwnStakeOnly);
}

#[test]
fn an_empty_delegation_that_a_stranger_opened_is_closed_before() {
    let mut story = Story::with_stake();
    let owner = story.world.address();
    let tokens = story.world.token_account(story.pool.mint, owner);
    let world = &story.world;
    let empty = story.pool.open_delegation(world, story.provider, owner, tokens);
    let stake = story.stake_for(&[(owner, TOKEN)], YEAR);
    world.fails(stake.clone(), &story.migrating(), StakeError::from(Fault::AlreadyInitialized));
    world.ok(&[story.close_delegation(&empty), stake], &story.migrating());
    assert_eq!(story.of(owner).worth(&story.provider()), Ok(Tokens(TOKEN)));
}

#[test]
fn the_list_is_whole_and_every_account_the_right_one() {
    let mut story = Story::with_stake();
    let stranger = story.stranger();
    let world = &story.world;
    let signers = story.migrating();
    let (one, two) = (world.address(), world.address());
    let whole = || story.stake_for(&[(one, TOKEN), (two, TOKEN)], 0);
    let invalid = || StakeError::from(Fault::InvalidArguments);
    let mut short = whole();
    short.data.pop();
    world.fails(short, &signers, invalid());
    let mut missing = whole();
    missing.accounts.pop();
    world.fails(missing, &signers, invalid());
    let mut more = whole();
    more.accounts.push(more.accounts[0].clone());
    world.fails(more, &signers, invalid());
    let last = whole().accounts.len() - 1;
    world.fails(read_only(whole(), last), &signers, StakeError::from(Fault::NotWritable));
    world.fails(swap(whole(), last, world.address()), &signers, StakeError::from(Fault::WrongAddress));
    // None of it happens where a part cannot.
    let zero = story.stake_for(&[(one, TOKEN), (two, 0)], 0);
    world.fails(zero, &signers, StakeError::from(Fault::ZeroAmount));
    let overflow = story.stake_for(&[(one, u64::MAX), (two, 1)], 0);
    world.fails(overflow, &signers, StakeError::from(Fault::Overflow));
    for lock in [14 * DAY as u32 - 1, YEAR + 1] {
        assert_eq!(world.out_of_range(story.stake_for(&[(one, TOKEN)], lock), &signers), "lock_period");
    }
    for (place, address, error) in [
        (3, stranger.network.address, StakeError::from(Fault::Unauthorized)),
        (4, stranger.pool.address, StakeError::from(Fault::WrongNetwork)),
        (5, stranger.provider, StakeError::WrongPool),
        (7, stranger.pool.vault, StakeError::from(Fault::WrongAddress)),
        (8, stranger.pool.mint, StakeError::from(Fault::WrongAddress)),
        (9, TOKEN_2022_PROGRAM, StakeError::from(Fault::WrongTokenProgram)),
        (10, stranger.pool.rewards, StakeError::from(Fault::WrongAddress)),
        (11, TOKEN_PROGRAM, StakeError::from(Fault::WrongProgram)),
    ] {
        world.fails(swap(whole(), place, address), &signers, error);
    }
    // The token program refuses another's tokens.
    let failure = world.send(&[swap(whole(), 6, story.own.tokens)], &signers).unwrap_err();
    assert_eq!(failure.code(), Some(token_error::OWNER_MISMATCH));
    world.ok(&[whole()], &signers);
}

#[test]
fn nothing_is_staked_for_others_while_the_network_is_paused() {
    let mut story = Story::with_stake();
    story.pause();
    let owner = story.world.address();
    let stake = story.stake_for(&[(owner, TOKEN)], 0);
    story.world.fails(stake, &story.migrating(), StakeError::from(Fault::Paused));
}

/// Neither owner, funder nor authority, nor who paid for the pool or for the provider's account.
#[test]
fn who_pays_for_others_delegations_gets_their_rent_back() {
    let story = Story::with_stake();
    let (world, payer) = (&story.world, &story.payer);
    let owners = [world.key(), world.key()];
    let all = owners.each_ref().map(|owner| (owner.pubkey(), TOKEN));
    let stake = swap_named(story.stake_for(&all, 0), "payer", payer.pubkey());
    world.ok(&[stake], &[payer, &story.network.authority, &story.delegator]);
    for owner in &owners {
        let delegation = story.of(owner.pubkey());
        assert_eq!((delegation.owner, delegation.payer), (owner.pubkey(), payer.pubkey()));
        let backer = Backer::of(story.provider, owner.pubkey(), story.theirs.tokens);
        let ticket = story.pool.next_ticket(world, &backer);
        world.ok(&[story.pool.unstake_instruction(world, &backer, ticket, TOKEN)], &[owner]);
        let close = swap_named(story.close_delegation(&backer), "rent_receiver", payer.pubkey());
        world.closes(close, &[], backer.delegation, payer.pubkey());
    }
}
