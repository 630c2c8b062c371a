//! Unstaking and withdrawing.

use super::*;

#[test]
fn unstaking_moves_tokens_into_a_ticket() {
    let story = Story::with_stake();
    let (ticket, payer) = (story.ticket(), story.payer.pubkey());
    let lamports = story.world.lamports(payer);
    let receipt = story.world.ok(&[story.unstake(20 * SHARES)], &[&story.payer, &story.delegator]);

    let provider = story.provider();
    assert_eq!((provider.own, provider.delegated), (Tokens(100 * TOKEN), pot(30 * TOKEN)));
    assert_eq!((provider.unbonding.tokens, provider.unbonding.ticket_count), (Tokens(20 * TOKEN), 1));
    let delegation: Delegation = story.world.read(story.theirs.delegation);
    assert_eq!((delegation.shares, delegation.ticket_count), (U128::new((30 * SHARES) as u128), 1));
    let ripe = story.world.now().after(Seconds(WEEK as u32)).unwrap();
    let state: UnbondingTicket = story.world.read(ticket);
    assert_eq!((state.provider, state.owner, state.payer), (story.provider, story.theirs.owner, payer));
    assert_eq!((state.part.tokens, state.withdrawable_at), (Tokens(20 * TOKEN), ripe));
    assert_eq!(story.world.lamports(payer), lamports - story.world.rent(UnbondingTicket::SIZE));
    story.check();

    let event: event::Unstaked = receipt.event(ID);
    assert_eq!((event.header.source, event.header.sequence), (story.provider, 4));
    assert_eq!((event.owner, event.ticket, event.withdrawable_at), (story.theirs.owner, ticket, ripe));
    assert_eq!(event.tokens, Tokens(20 * TOKEN));
    assert!(!receipt.writable.contains(&story.pool.address), "leaving must not write the pool");
}

#[test]
fn the_provider_s_own_stake_leaves_as_well() {
    let story = Story::with_stake();
    let ticket = story.pool.next_ticket(&story.world, &story.own);
    let unstake = story.pool.unstake_instruction(&story.world, &story.own, ticket, 60 * SHARES);
    story.world.ok(&[unstake], &[&story.authority]);
    assert_eq!(story.provider().own, Tokens(40 * TOKEN));
    assert_eq!(story.provider().active_stake().unwrap(), Tokens(90 * TOKEN));
    story.check();
}

#[test]
fn each_ticket_has_an_address_of_its_own() {
    let story = Story::with_ticket();
    let signers = &[&story.payer, &story.delegator][..];
    story.world.fails(swap(story.unstake(SHARES), 5, story.ticket()), signers, StakeError::WrongAddress);
    story.world.ok(&[story.unstake(SHARES)], signers);
    // The number of a ticket that was paid out is not given again.
    story.world.ok(&[story.withdraw()], &[&story.delegator]);
    story.world.fails(swap(story.unstake(SHARES), 5, story.ticket()), signers, StakeError::WrongAddress);
    story.world.ok(&[story.unstake(SHARES)], signers);
    assert_eq!(story.world.read::<Delegation>(story.theirs.delegation).ticket_count, 3);
}

#[test]
fn a_ticket_is_created_once() {
    let mut story = Story::with_ticket();
    // As if the count had been lost.
    let mut delegation: Delegation = story.world.read(story.theirs.delegation);
    delegation.ticket_count = 0;
    story.world.forge(story.theirs.delegation, &delegation);
    story.world.fails(story.unstake(SHARES), &[&story.payer, &story.delegator], StakeError::AlreadyInitialized);
    delegation.ticket_count = u64::MAX;
    story.world.forge(story.theirs.delegation, &delegation);
    story.world.fails(story.unstake(SHARES), &[&story.payer, &story.delegator], StakeError::Overflow);
}

#[test]
fn unstaking_checks_its_accounts() {
    let mut story = Story::with_stake();
    let stranger = story.stranger();
    let (_, sibling, their_sibling) = story.sibling();
    let unstake = || story.unstake(20 * SHARES);
    let (world, payer, owner) = (&story.world, &story.payer, &story.delegator);
    let signers = &[payer, owner][..];

    world.fails(unsigned(unstake(), 0), &[owner], StakeError::MissingSigner);
    world.fails(unsigned(unstake(), 1), &[payer], StakeError::MissingSigner);
    world.fails(swap(unstake(), 1, story.own.owner), &[payer, &story.authority], StakeError::Unauthorized);
    for index in [0, 3, 4, 5, 7] {
        world.fails(read_only(unstake(), index), signers, StakeError::NotWritable);
    }
    world.fails(swap(unstake(), 2, stranger.pool.address), signers, StakeError::WrongPool);
    world.fails(swap(unstake(), 2, story.slasher), signers, StakeError::WrongAccountType);
    world.fails(swap(unstake(), 2, story.network.address), signers, StakeError::WrongOwner);
    world.fails(swap(unstake(), 3, stranger.provider), signers, StakeError::WrongPool);
    world.fails(swap(unstake(), 3, sibling), signers, StakeError::WrongProvider);
    world.fails(swap(unstake(), 3, story.pool.address), signers, StakeError::WrongAccountType);
    world.fails(swap(unstake(), 3, story.network.address), signers, StakeError::WrongOwner);
    world.fails(swap(unstake(), 4, their_sibling.delegation), signers, StakeError::WrongProvider);
    world.fails(swap(unstake(), 4, story.own.delegation), signers, StakeError::Unauthorized);
    world.fails(swap(unstake(), 4, story.provider), signers, StakeError::WrongAccountType);
    world.fails(swap(unstake(), 4, story.network.address), signers, StakeError::WrongOwner);
    world.fails(swap(unstake(), 5, story.pool.ticket(&story.theirs, 1)), signers, StakeError::WrongAddress);
    world.fails(swap(unstake(), 5, story.pool.ticket(&story.own, 0)), signers, StakeError::WrongAddress);
    world.fails(swap(unstake(), 6, TOKEN_PROGRAM), signers, StakeError::WrongProgram);
    world.fails(swap(unstake(), 7, stranger.pool.rewards), signers, StakeError::WrongAddress);
    world.ok(&[unstake()], signers);
}

#[test]
fn unstaking_checks_its_amount() {
    let story = Story::with_stake();
    let signers = &[&story.payer, &story.delegator][..];
    for amount in [50 * TOKEN + 1, u64::MAX - 1] {
        story.world.fails(story.unstake(amount), signers, StakeError::InsufficientShares);
    }
    story.world.fails(story.unstake(0), signers, StakeError::ZeroAmount);
    story.world.ok(&[story.unstake(20 * TOKEN)], signers);
    // All of it.
    let receipt = story.world.ok(&[story.unstake(u64::MAX)], signers);
    assert_eq!(receipt.event::<event::Unstaked>(ID).tokens, Tokens(30 * TOKEN));
    assert_eq!(story.provider().delegated.tokens, Tokens(0));
    story.check();
}

#[test]
fn time_that_does_not_fit_is_an_overflow() {
    let story = Story::with_stake();
    story.world.set_time(Timestamp(i64::MAX));
    story.world.fails(story.unstake(SHARES), &[&story.payer, &story.delegator], StakeError::Overflow);
}

#[test]
fn what_jobs_hold_stays_and_delegators_are_free_to_go() {
    // 80 of the provider's 100 are bonded.
    let story = Story::with_bond();
    let own = |amount| {
        let ticket = story.pool.next_ticket(&story.world, &story.own);
        story.pool.unstake_instruction(&story.world, &story.own, ticket, amount)
    };
    let authority = &[&story.authority][..];
    story.world.fails(own(20 * TOKEN + 1), authority, StakeError::InsufficientStake);
    story.world.ok(&[own(20 * TOKEN)], authority);
    story.world.fails(own(1), authority, StakeError::InsufficientStake);
    story.world.ok(&[story.unstake(u64::MAX)], &[&story.payer, &story.delegator]);
    story.world.ok(&[story.release()], &[&story.slashing]);
    let receipt = story.world.ok(&[own(u64::MAX)], authority);
    assert_eq!(receipt.event::<event::Unstaked>(ID).tokens, Tokens(80 * TOKEN));
    story.check();
}

#[test]
fn what_a_proposed_slash_may_take_of_own_stake_does_not_leave() {
    let story = Story::with_stake();
    let own = |amount| {
        let ticket = story.pool.next_ticket(&story.world, &story.own);
        story.pool.unstake_instruction(&story.world, &story.own, ticket, amount)
    };
    let authority = &[&story.authority][..];
    // Half of all: 50 of the provider's 100.
    story.world.ok(&[story.propose(75 * TOKEN, sentence::FINE)], &story.proposing());
    story.world.fails(own(50 * TOKEN + 1), authority, StakeError::SlashPending);
    story.world.ok(&[story.lock(40 * TOKEN), own(u64::MAX)], &story.bonding());
    assert_eq!(story.provider().own, Tokens(50 * TOKEN));
    // What is leaving answers for its part, so more can leave, but never what the slash is to take of bonds otherwise.
    story.world.fails(own(10 * TOKEN), authority, StakeError::SlashPending);
    while story.world.send(&[own(u64::MAX)], authority).is_ok() {}
    story.world.fails(own(u64::MAX), authority, StakeError::SlashPending);
    // So the new job's client gets all of its bond.
    story.world.pass(DAY);
    story.world.ok(&[story.execute(0)], &[]);
    assert_eq!((story.provider().lien, story.provider().bonded), (Tokens(0), Tokens(40 * TOKEN)));
    story.check();
}

#[test]
fn a_withdrawable_ticket_is_paid_and_closed() {
    let story = Story::with_stake();
    story.world.ok(&[story.unstake(20 * SHARES)], &[&story.payer, &story.delegator]);
    story.world.pass(WEEK - 1);
    story.world.fails(story.withdraw(), &[&story.delegator], StakeError::NotWithdrawable);
    story.world.pass(1);

    let lamports = story.world.lamports(story.payer.pubkey());
    let receipt = story.world.ok(&[story.withdraw()], &[&story.delegator]);
    assert_eq!(story.world.tokens(story.theirs.tokens), 970 * TOKEN);
    assert_eq!(story.provider().unbonding.tokens, Tokens(0));
    assert_eq!(story.world.account(story.ticket()), None);
    assert_eq!(story.world.lamports(story.payer.pubkey()), lamports + story.world.rent(UnbondingTicket::SIZE));
    story.check();

    let event: event::Withdrawn = receipt.event(ID);
    assert_eq!((event.header.source, event.header.sequence), (story.provider, 5));
    assert_eq!((event.owner, event.ticket), (story.theirs.owner, story.ticket()));
    assert_eq!(event.tokens, Tokens(20 * TOKEN));
    assert!(!receipt.writable.contains(&story.pool.address), "paying out must not write the pool");
}

#[test]
fn a_ticket_is_paid_once() {
    let story = Story::with_ticket();
    // Neither in one transaction, where the account's bytes are still there, nor later.
    let failure = story.world.send(&[story.withdraw(), story.withdraw()], &[&story.delegator]).unwrap_err();
    assert_eq!(failure.code(), Some(StakeError::WrongOwner as u32));
    story.world.ok(&[story.withdraw()], &[&story.delegator]);
    story.world.fails(story.withdraw(), &[&story.delegator], StakeError::WrongOwner);
}

#[test]
fn withdrawing_checks_its_accounts() {
    let mut story = Story::with_ticket();
    let stranger = story.stranger();
    let (_, sibling, _) = story.sibling();
    let (foreign, elsewhere) = (
        story.world.token_account(stranger.network.mint, story.delegator.pubkey()),
        story.world.token_account(story.network.mint, story.world.address()),
    );
    let ticket = story.pool.next_ticket(&story.world, &story.own);
    let unstake = story.pool.unstake_instruction(&story.world, &story.own, ticket, SHARES);
    story.world.ok(&[unstake], &[&story.authority]);
    let withdraw = || story.withdraw();
    let (world, owner) = (&story.world, &[&story.delegator][..]);

    // Without the owner's signature it goes to the owner's associated account only, not even to another of the owner's.
    for other in [elsewhere, story.own.tokens, story.theirs.tokens] {
        world.fails(swap(unsigned(withdraw(), 0), 5, other), &[], StakeError::WrongReceiver);
    }
    world.fails(swap(withdraw(), 0, story.own.owner), &[&story.authority], StakeError::Unauthorized);
    for index in [2, 3, 4, 5, 8] {
        world.fails(read_only(withdraw(), index), owner, StakeError::NotWritable);
    }
    world.fails(swap(withdraw(), 1, stranger.pool.address), owner, StakeError::WrongAddress);
    world.fails(swap(withdraw(), 1, story.slasher), owner, StakeError::WrongAccountType);
    world.fails(swap(withdraw(), 1, story.network.address), owner, StakeError::WrongOwner);
    world.fails(swap(withdraw(), 2, stranger.provider), owner, StakeError::WrongPool);
    world.fails(swap(withdraw(), 2, sibling), owner, StakeError::WrongProvider);
    world.fails(swap(withdraw(), 2, story.pool.address), owner, StakeError::WrongAccountType);
    world.fails(swap(withdraw(), 2, story.network.address), owner, StakeError::WrongOwner);
    world.fails(swap(withdraw(), 3, ticket), owner, StakeError::Unauthorized);
    world.fails(swap(withdraw(), 3, story.theirs.delegation), owner, StakeError::WrongAccountType);
    world.fails(swap(withdraw(), 3, story.network.address), owner, StakeError::WrongOwner);
    world.fails(swap(withdraw(), 4, stranger.pool.vault), owner, StakeError::WrongAddress);
    world.fails(swap(withdraw(), 4, story.own.tokens), owner, StakeError::WrongAddress);
    world.fails(swap(withdraw(), 5, story.pool.vault), owner, StakeError::DuplicateAccount);
    world.fails(swap(withdraw(), 6, stranger.network.mint), owner, StakeError::WrongAddress);
    world.fails(swap(withdraw(), 7, TOKEN_2022_PROGRAM), owner, StakeError::WrongTokenProgram);
    world.fails(swap(withdraw(), 7, SYSTEM_PROGRAM), owner, StakeError::WrongTokenProgram);
    world.fails(swap(withdraw(), 8, story.theirs.owner), owner, StakeError::WrongPayer);
    world.fails(swap(withdraw(), 8, story.ticket()), owner, StakeError::WrongPayer);

    // Another pool, whole, cannot pay the ticket.
    let mixed = stranger.pool.withdraw_instruction(world, &Backer { tokens: foreign, ..story.theirs }, story.ticket());
    world.fails(mixed, owner, StakeError::WrongPool);
    token_program_refuses(world, swap(withdraw(), 5, foreign), owner, token_error::MINT_MISMATCH);
    // Where to is the owner's choice.
    world.ok(&[swap(withdraw(), 5, elsewhere)], owner);
    assert_eq!(world.tokens(elsewhere), 20 * TOKEN);
}

#[test]
fn a_ticket_that_was_slashed_to_nothing_is_closed_all_the_same() {
    let mut story = Story::with_ticket();
    // What slashing will do.
    story.edit_provider(|provider| provider.unbonding.tokens = Tokens::ZERO);
    story.world.ok(&[story.withdraw()], &[&story.delegator]);
    assert_eq!(story.world.tokens(story.theirs.tokens), 950 * TOKEN);
    assert_eq!(story.provider().unbonding.tokens, Tokens(0));
    assert_eq!(story.world.account(story.ticket()), None);
}

// Staying after all

#[test]
fn stake_that_is_leaving_can_come_back() {
    for story in [Story::with_ticket(), Story::with_ticket()] {
        let lamports = story.world.lamports(story.payer.pubkey());
        let receipt = story.world.ok(&[story.cancel()], &[&story.delegator]);
        let event: event::UnstakeCancelled = receipt.event(ID);
        assert_eq!((event.owner, event.ticket), (story.theirs.owner, story.ticket()));
        assert_eq!(event.tokens, Tokens(20 * TOKEN));
        assert_eq!(story.world.lamports(story.payer.pubkey()), lamports + story.world.rent(UnbondingTicket::SIZE));
        assert_eq!(story.delegation(&story.theirs).weight, U128::new((50 * TOKEN / 4) as u128));
        assert_eq!(story.provider().unbonding.tokens, Tokens(0));
        story.world.fails(story.cancel(), &[&story.delegator], StakeError::WrongOwner);
        story.world.fails(story.withdraw(), &[&story.delegator], StakeError::WrongOwner);
        story.check();
    }
}

#[test]
fn coming_back_into_a_lock_starts_it_again() {
    let story = Story::with_ticket();
    let owner = &[&story.delegator][..];
    story.world.ok(&[story.lock_stake(&story.theirs, 20)], owner);
    story.world.pass(19 * DAY);
    story.world.ok(&[story.cancel()], owner);
    let ends = story.world.now().after(Seconds(20 * DAY as u32)).unwrap();
    assert_eq!(story.delegation(&story.theirs).lock_ends_at, ends);
}

#[test]
fn cancelling_checks_its_accounts() {
    let mut story = Story::with_ticket();
    let stranger = story.stranger();
    let (_, sibling, their_sibling) = story.sibling();
    let ticket = story.pool.next_ticket(&story.world, &story.own);
    let unstake = story.pool.unstake_instruction(&story.world, &story.own, ticket, SHARES);
    story.world.ok(&[unstake], &[&story.authority]);
    let cancel = || story.cancel();
    let (world, owner) = (&story.world, &[&story.delegator][..]);
    world.fails(unsigned(cancel(), 0), &[], StakeError::MissingSigner);
    world.fails(swap(cancel(), 0, story.own.owner), &[&story.authority], StakeError::Unauthorized);
    for index in [2, 3, 4, 5, 6] {
        world.fails(read_only(cancel(), index), owner, StakeError::NotWritable);
    }
    world.fails(swap(cancel(), 1, stranger.pool.address), owner, StakeError::WrongPool);
    world.fails(swap(cancel(), 2, sibling), owner, StakeError::WrongProvider);
    world.fails(swap(cancel(), 3, their_sibling.delegation), owner, StakeError::WrongProvider);
    // A ticket of one provider is no claim on another's pot, though both are its owner's.
    let elsewhere = swap(swap(cancel(), 2, sibling), 3, their_sibling.delegation);
    world.fails(elsewhere, owner, StakeError::WrongProvider);
    world.fails(swap(cancel(), 4, ticket), owner, StakeError::Unauthorized);
    world.fails(swap(cancel(), 5, story.theirs.owner), owner, StakeError::WrongPayer);
    world.fails(swap(cancel(), 6, stranger.pool.rewards), owner, StakeError::WrongAddress);
    world.ok(&[cancel()], owner);
}

#[test]
fn anyone_can_pay_a_withdrawable_ticket_to_its_owners_associated_account() {
    let mut story = Story::with_ticket();
    let associated = story.associated(story.theirs.owner);
    let withdraw = || swap(unsigned(story.withdraw(), 0), 5, associated);
    // An owner can hand its associated account to another; then it is not paid.
    let mut given_away = story.world.account(associated).unwrap();
    let account = given_away.clone();
    given_away.data[32..64].copy_from_slice(story.own.owner.as_ref());
    let withdraw = withdraw();
    story.world.set_account(associated, given_away);
    story.world.fails(withdraw.clone(), &[], StakeError::WrongTokenOwner);
    story.world.set_account(associated, account);
    story.world.ok(&[withdraw], &[]);
    assert_eq!(story.world.tokens(associated), 20 * TOKEN);
    story.check();
}

/// What jobs hold of own stake is behind the delegation as well, and what rounding left in a pot is its last owner's.
#[test]
fn a_delegation_is_open_as_long_as_anything_is_behind_it() {
    let mut story = Story::with_stake();
    let provider = story.provider();
    story.world.fails(story.close_delegation(&story.own), &[], StakeError::NotEmpty);
    story.world.forge(story.provider, &Provider { own: Tokens(0), bonded: provider.own, ..provider });
    story.world.fails(story.close_delegation(&story.own), &[], StakeError::NotEmpty);
    let delegated = Pot { tokens: Tokens(1), price: 1, ..provider.delegated };
    story.world.forge(story.provider, &Provider { delegated, ..provider });
    assert_eq!(story.delegation(&story.theirs).worth(&story.provider()), Ok(Tokens(0)));
    story.world.fails(story.close_delegation(&story.theirs), &[], StakeError::NotEmpty);
}

#[test]
fn an_empty_delegation_is_closed() {
    let mut story = Story::with_stake();
    let stranger = story.stranger();
    let (_, sibling, their_sibling) = story.sibling();
    let close = || story.close_delegation(&story.theirs);
    let (world, owner) = (&story.world, &[&story.delegator][..]);
    world.fails(close(), &[], StakeError::NotEmpty);
    world.ok(&[story.fund(70 * TOKEN)], owner);
    world.pass(DAY);
    world.ok(&[story.unstake(50 * TOKEN - 1)], &[&story.payer, &story.delegator]);
    world.fails(close(), &[], StakeError::NotEmpty);
    world.ok(&[story.unstake(1)], &[&story.payer, &story.delegator]);
    world.fails(close(), &[], StakeError::NotEmpty);
    world.ok(&[story.claim(&story.theirs)], owner);
    world.fails(swap(close(), 0, story.own.owner), &[], StakeError::WrongAddress);
    for index in [2, 3, 4] {
        world.fails(read_only(close(), index), &[], StakeError::NotWritable);
    }
    let owner = &[][..];
    world.fails(swap(close(), 1, stranger.pool.address), owner, StakeError::WrongPool);
    world.fails(swap(close(), 2, sibling), owner, StakeError::WrongProvider);
    world.fails(swap(close(), 3, their_sibling.delegation), owner, StakeError::WrongProvider);
    world.fails(swap(close(), 4, stranger.pool.rewards), owner, StakeError::WrongAddress);
    world.fails(swap(close(), 5, story.theirs.owner), owner, StakeError::WrongPayer);
    // It is worth nothing: anyone closes it, for who paid its rent.
    world.ok(&[close()], owner);
    let owner = &[&story.delegator][..];
    assert_eq!(world.account(story.theirs.delegation), None);
    assert_eq!(story.provider().delegated.shares, U128::new(0));
    // It can be opened again, with its tickets still out: new ones have other addresses.
    story.pool.open_delegation(world, story.provider, story.theirs.owner, story.theirs.tokens);
    world.ok(&[story.delegate(TOKEN)], owner);
    assert_eq!(story.delegation(&story.theirs).ticket_count, 2);
    world.ok(&[story.unstake(TOKEN)], &[&story.payer, &story.delegator]);
    story.check();
}
