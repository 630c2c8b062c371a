//! Slashing, jail, tombstone.

use super::*;

#[test]
fn a_proposal_waits_and_is_executed_once() {
    let story = Story::with_stake();
    let lamports = story.world.lamports(story.payer.pubkey());
    let receipt = story.world.ok(&[story.propose(30 * TOKEN, sentence::FINE)], &story.proposing());
    let ready = story.world.now().after(Seconds(DAY as u32)).unwrap();
    let expires = ready.after(Seconds(WEEK as u32)).unwrap();
    let event: event::SlashProposed = receipt.event(ID);
    assert_eq!((event.slash, event.slasher, event.evidence), (story.slash(0), story.slasher, EVIDENCE));
    assert_eq!(
        (event.amount, event.executable_at, event.expires_at, event.sentence),
        (Tokens(30 * TOKEN), ready, expires, 0)
    );
    let state: Slash = story.world.read(story.slash(0));
    assert_eq!((state.provider, state.slasher, state.payer), (story.provider, story.slasher, story.payer.pubkey()));
    assert_eq!((state.amount, state.evidence, state.index), (Tokens(30 * TOKEN), EVIDENCE, 0));
    let provider = story.provider();
    assert_eq!(
        (provider.slash_pending, provider.pending_slash_count, provider.slash_count),
        (Tokens(30 * TOKEN), 1, 1)
    );
    assert_eq!(provider.available(), Tokens(120 * TOKEN));

    story.world.pass(DAY - 1);
    story.world.fails(story.execute(0), &[], StakeError::SlashNotExecutable);
    story.world.pass(1);
    let supply = story.world.supply(story.pool.mint);
    let receipt = story.world.ok(&[story.execute(0)], &[]);
    let event: event::Slashed = receipt.event(ID);
    assert_eq!((event.active, event.unbonding, event.untaken), (Tokens(30 * TOKEN), Tokens(0), Tokens(0)));
    assert_eq!(event.burned, Tokens(30 * TOKEN / 4));
    assert_eq!(story.world.supply(story.pool.mint), supply - 30 * TOKEN / 4);
    assert_eq!(story.world.tokens(story.network.treasury), 30 * TOKEN * 3 / 4);
    let provider = story.provider();
    assert_eq!((provider.slash_pending, provider.pending_slash_count), (Tokens(0), 0));
    // Each backer has lost a fifth.
    assert_eq!(provider.active, Pot { tokens: Tokens(120 * TOKEN), shares: Shares(150 * SHARES) });
    assert_eq!(story.world.lamports(story.payer.pubkey()), lamports);
    story.world.fails(story.execute(0), &[], StakeError::WrongOwner);
    story.check();
}

#[test]
fn a_slash_reaches_what_is_leaving() {
    let story = Story::with_stake();
    story.world.ok(&[story.unstake(50 * SHARES)], &[&story.payer, &story.delegator]);
    story.world.pass(WEEK - DAY);
    story.world.ok(&[story.propose(75 * TOKEN, sentence::FINE)], &story.proposing());
    story.world.pass(DAY);
    // Ripe, and still there when the slash is.
    story.world.fails(story.withdraw(), &[&story.delegator], StakeError::SlashPending);
    let receipt = story.world.ok(&[story.execute(0)], &[]);
    let event: event::Slashed = receipt.event(ID);
    assert_eq!((event.active, event.unbonding), (Tokens(50 * TOKEN), Tokens(25 * TOKEN)));
    story.world.ok(&[story.withdraw()], &[&story.delegator]);
    assert_eq!(story.world.tokens(story.theirs.tokens), 975 * TOKEN);
    story.check();
}

#[test]
fn two_slashes_in_one_window_take_no_more_than_its_limit() {
    let story = Story::with_stake();
    let proposing = &story.proposing()[..];
    // Half of 150.
    story.world.fails(story.propose(75 * TOKEN + 1, sentence::FINE), proposing, StakeError::SlashLimitReached);
    story.world.ok(&[story.propose(50 * TOKEN, sentence::FINE)], proposing);
    story.world.fails(story.propose(25 * TOKEN + 1, sentence::FINE), proposing, StakeError::SlashLimitReached);
    story.world.ok(&[story.propose(25 * TOKEN, sentence::FINE)], proposing);
    story.world.fails(story.propose(1, sentence::FINE), proposing, StakeError::SlashLimitReached);
    story.world.pass(DAY);
    // In whichever order.
    story.world.ok(&[story.execute(1), story.execute(0)], &[]);
    assert_eq!(story.provider().active.tokens, Tokens(75 * TOKEN));
    story.world.fails(story.propose(1, sentence::FINE), proposing, StakeError::SlashLimitReached);
    story.world.pass(29 * DAY);
    story.world.fails(story.propose(37 * TOKEN + TOKEN, sentence::FINE), proposing, StakeError::SlashLimitReached);
    story.world.ok(&[story.propose(37 * TOKEN + TOKEN / 2, sentence::FINE)], proposing);
    story.check();
}

#[test]
fn a_slasher_has_a_limit_of_its_own() {
    let mut story = Story::with_stake();
    let rival = story.world.user();
    let theirs = story.pool.add_slasher(&story.world, &story.network, rival.pubkey());
    story.world.ok(&[story.set_slasher(rights::SLASH, 10 * TOKEN)], &[&story.network.authority]);
    let proposing = &story.proposing()[..];
    story.world.fails(story.propose(10 * TOKEN + 1, sentence::FINE), proposing, StakeError::SlasherLimitReached);
    story.world.ok(&[story.propose(6 * TOKEN, sentence::FINE)], proposing);
    // What is vetoed counts all the same, or a slasher could hold up withdrawals for ever.
    story.world.ok(&[story.veto(0)], &[&story.network.authority]);
    story.world.fails(story.propose(4 * TOKEN + 1, sentence::FINE), proposing, StakeError::SlasherLimitReached);
    story.world.ok(&[story.propose(4 * TOKEN, sentence::FINE)], proposing);
    let by_rival = swap(swap(story.propose(20 * TOKEN, sentence::FINE), 1, rival.pubkey()), 2, theirs);
    story.world.ok(&[by_rival], &[&story.payer, &rival]);
    story.world.pass(30 * DAY);
    story.world.ok(&[story.propose(10 * TOKEN, sentence::FINE)], proposing);
    story.world.ok(&[story.set_slasher(rights::BOND | rights::REPORT, u64::MAX)], &[&story.network.authority]);
    story.world.fails(story.propose(1, sentence::FINE), proposing, StakeError::MissingRight);
}

#[test]
fn a_veto_closes_a_proposed_slash() {
    let mut story = Story::with_stake();
    let mut state: NetworkState = story.world.read(story.network.address);
    let guardian = story.world.user();
    state.policy.guardian = guardian.pubkey();
    story.world.forge(story.network.address, &state);
    for _ in 0..2 {
        story.world.ok(&[story.propose(10 * TOKEN, sentence::TOMBSTONE)], &story.proposing());
    }
    let world = &story.world;
    world.fails(swap(story.veto(0), 0, story.slashing.pubkey()), &[&story.slashing], StakeError::Unauthorized);
    let lamports = world.lamports(story.payer.pubkey());
    let receipt = world.ok(&[story.veto(0)], &[&story.network.authority]);
    let event: event::SlashClosed = receipt.event(ID);
    assert_eq!((event.slash, event.amount, event.vetoed), (story.slash(0), Tokens(10 * TOKEN), 1));
    assert_eq!(world.lamports(story.payer.pubkey()), lamports + world.rent(Slash::SIZE));
    // Late, and by the guardian.
    world.pass(2 * DAY);
    world.ok(&[swap(story.veto(1), 0, guardian.pubkey())], &[&guardian]);
    assert_eq!((story.provider().slash_pending, story.provider().pending_slash_count), (Tokens(0), 0));
    assert_eq!((story.provider().active.tokens, story.provider().status), (Tokens(150 * TOKEN), status::ACTIVE));
    world.fails(story.execute(0), &[], StakeError::WrongOwner);
    world.fails(story.veto(0), &[&story.network.authority], StakeError::WrongOwner);
}

#[test]
fn a_proposal_expires() {
    let story = Story::with_stake();
    story.world.ok(&[story.propose(10 * TOKEN, sentence::JAIL)], &story.proposing());
    story.world.pass(DAY + WEEK - 1);
    story.world.fails(story.expire(0), &[], StakeError::SlashNotExpired);
    story.world.pass(1);
    story.world.fails(story.execute(0), &[], StakeError::SlashExpired);
    let receipt = story.world.ok(&[story.expire(0)], &[]);
    assert_eq!(receipt.event::<event::SlashClosed>(ID).vetoed, 0);
    assert_eq!((story.provider().slash_pending, story.provider().pending_slash_count), (Tokens(0), 0));
    assert_eq!(story.provider().status, status::ACTIVE);
    story.check();
}

#[test]
fn jobs_collateral_is_slashed_when_they_are_over() {
    // 120 of 150 are bonded.
    let story = Story::with_bond();
    story.world.ok(&[story.propose(75 * TOKEN, sentence::JAIL)], &story.proposing());
    let other = Address::new_from_array([8; 32]);
    story.world.fails(story.lock_for(other, 1), &story.bonding(), StakeError::InsufficientStake);
    story.world.pass(DAY);
    let receipt = story.world.ok(&[story.execute(0)], &[]);
    let event: event::Slashed = receipt.event(ID);
    assert_eq!((event.active, event.untaken), (Tokens(30 * TOKEN), Tokens(45 * TOKEN)));
    let status: event::StatusChanged = receipt.event(ID);
    assert_eq!((status.status, status.jail_ends_at), (2, story.world.now().after(Seconds(2 * DAY as u32)).unwrap()));
    assert_eq!((story.provider().bonded, story.provider().slash_pending), (Tokens(120 * TOKEN), Tokens(45 * TOKEN)));
    // In jail it takes no jobs, and those that it has are backed as before.
    story.world.fails(story.lock_for(other, 1), &story.bonding(), StakeError::ProviderNotActive);
    story.world.ok(&[story.release()], &[&story.slashing]);
    let receipt = story.world.ok(&[story.execute(0)], &[]);
    let event: event::Slashed = receipt.event(ID);
    assert_eq!((event.active, event.untaken), (Tokens(45 * TOKEN), Tokens(0)));
    assert!(receipt.events::<event::StatusChanged>(ID).is_empty(), "a sentence is carried out once");
    assert_eq!(story.world.account(story.slash(0)), None);
    story.check();
}

#[test]
fn a_slash_of_an_empty_pot_takes_nothing_and_sentences_all_the_same() {
    let story = Story::with_bond();
    story.world.ok(&[story.propose(10 * TOKEN, sentence::TOMBSTONE)], &story.proposing());
    story.world.ok(&[story.seize(120 * TOKEN, seizure::BURN, story.pool.mint)], &[&story.slashing]);
    story.world.ok(&[story.release()], &[&story.slashing]);
    story.world.pass(DAY);
    story.world.ok(&[story.execute(0)], &[]);
    assert_eq!(story.provider().active.tokens, Tokens(20 * TOKEN));
    assert_eq!(story.provider().status, status::TOMBSTONED);

    let mut story = Story::with_stake();
    story.world.ok(&[story.propose(10 * TOKEN, sentence::JAIL)], &story.proposing());
    let drained = story.provider().active.tokens.0;
    story.edit_provider(|provider| provider.active.tokens = Tokens(0));
    story.world.pass(DAY);
    let receipt = story.world.ok(&[story.execute(0)], &[]);
    let event: event::Slashed = receipt.event(ID);
    assert_eq!((event.active, event.unbonding, event.burned, event.untaken), Default::default());
    assert_eq!(story.provider().status, status::JAILED);
    assert_eq!(story.world.tokens(story.pool.vault), drained);
    // Nothing of nothing may be proposed.
    story.world.pass(30 * DAY);
    story.world.fails(story.propose(1, sentence::FINE), &story.proposing(), StakeError::SlashLimitReached);
}

#[test]
fn a_pool_without_treasury_burns_and_a_lost_treasury_stops_nothing() {
    let mut story = Story::with_stake();
    let supply = story.world.supply(story.pool.mint);
    story.world.set_account(story.network.treasury, Default::default());
    let receipt = story.slashed(40 * TOKEN, sentence::FINE);
    assert_eq!(receipt.event::<event::Slashed>(ID).burned, Tokens(40 * TOKEN));
    let mut pool: PoolState = story.world.read(story.pool.address);
    pool.treasury = Address::default();
    story.world.forge(story.pool.address, &pool);
    story.world.ok(&[story.propose(8 * TOKEN, sentence::FINE)], &story.proposing());
    story.world.pass(DAY);
    let receipt = story.world.ok(&[swap(story.execute(1), 5, ID)], &[]);
    assert_eq!(receipt.event::<event::Slashed>(ID).burned, Tokens(8 * TOKEN));
    assert_eq!(story.world.supply(story.pool.mint), supply - 48 * TOKEN);
    story.check();
}

#[test]
fn jail_has_a_cool_down_and_a_tombstone_no_end() {
    let story = Story::with_stake();
    let authority = &[&story.authority][..];
    story.world.fails(story.unjail(), authority, StakeError::NotJailed);
    story.slashed(15 * TOKEN, sentence::JAIL);
    story.world.fails(story.lock(TOKEN), &story.bonding(), StakeError::ProviderNotActive);
    story.world.pass(2 * DAY - 1);
    story.world.fails(story.unjail(), authority, StakeError::StillJailed);
    story.world.pass(1);
    let receipt = story.world.ok(&[story.unjail()], authority);
    assert_eq!(receipt.event::<event::StatusChanged>(ID).status, status::ACTIVE as u64);
    story.world.ok(&[story.lock(TOKEN), story.release()], &story.bonding());
    // Whoever stays may stake more meanwhile, and leave.
    story.slashed(15 * TOKEN, sentence::TOMBSTONE);
    story.world.pass(52 * WEEK);
    story.world.fails(story.unjail(), authority, StakeError::NotJailed);
    story.world.fails(story.stake(TOKEN), authority, StakeError::ProviderNotActive);
    story.world.ok(&[story.unstake(50 * SHARES)], &[&story.payer, &story.delegator]);
    story.slashed(TOKEN, sentence::JAIL);
    assert_eq!(story.provider().status, status::TOMBSTONED);
    story.check();
}

#[test]
fn a_provider_slashed_to_nothing_can_start_again() {
    let mut story = Story::with_stake();
    story.edit_provider(|provider| provider.active.tokens = Tokens(2));
    let mut vault = story.world.account(story.pool.vault).unwrap();
    vault.data[64..72].copy_from_slice(&2u64.to_le_bytes());
    story.world.set_account(story.pool.vault, vault);
    let (world, theirs, own) = (&story.world, &[&story.delegator][..], &[&story.authority][..]);
    // 50 of 150 shares of two units: nothing. New tokens would buy more shares than can be counted.
    world.fails(story.unstake(50 * SHARES), &[&story.payer, &story.delegator], StakeError::ZeroAmount);
    world.fails(story.delegate(900 * TOKEN), theirs, StakeError::Overflow);
    let lamports = world.lamports(world.payer().pubkey());
    world.ok(&[story.close_delegation(&story.theirs)], theirs);
    assert!(world.lamports(world.payer().pubkey()) > lamports);
    world.fails(story.close_delegation(&story.own), own, StakeError::NotEmpty);
    let ticket = story.pool.next_ticket(world, &story.own);
    world.ok(&[story.pool.unstake_instruction(world, &story.own, ticket, 100 * SHARES)], own);
    assert_eq!(story.provider().active, Pot::default());
    world.ok(&[story.stake(900 * TOKEN)], own);
    assert_eq!(story.provider().active.shares, Shares(900 * SHARES));
    story.check();
}

#[test]
fn proposing_checks_its_accounts_and_amounts() {
    let mut story = Story::with_stake();
    let stranger = story.stranger();
    let propose = || story.propose(10 * TOKEN, sentence::FINE);
    let (world, signers) = (&story.world, &story.proposing()[..]);
    world.fails(unsigned(propose(), 0), &[&story.slashing], StakeError::MissingSigner);
    world.fails(unsigned(propose(), 1), &[&story.payer], StakeError::MissingSigner);
    let by_authority = &[&story.payer, &story.authority][..];
    world.fails(swap(propose(), 1, story.authority.pubkey()), by_authority, StakeError::Unauthorized);
    for index in [0, 2, 4, 5] {
        world.fails(read_only(propose(), index), signers, StakeError::NotWritable);
    }
    world.fails(swap(propose(), 2, stranger.slasher), signers, StakeError::WrongPool);
    world.fails(swap(propose(), 2, story.pool.address), signers, StakeError::WrongAccountType);
    world.fails(swap(propose(), 3, stranger.pool.address), signers, StakeError::WrongPool);
    world.fails(swap(propose(), 4, stranger.provider), signers, StakeError::WrongPool);
    world.fails(swap(propose(), 5, story.slash(1)), signers, StakeError::WrongAddress);
    world.fails(swap(propose(), 6, TOKEN_PROGRAM), signers, StakeError::WrongProgram);
    world.fails(story.propose(0, sentence::FINE), signers, StakeError::ZeroAmount);
    world.fails(story.propose(u64::MAX, sentence::FINE), signers, StakeError::SlashLimitReached);
    world.fails(story.propose(1, 3), signers, StakeError::InvalidParameter);
    world.ok(&[propose()], signers);
    world.fails(story.propose(u64::MAX, sentence::FINE), signers, StakeError::Overflow);
}

#[test]
fn executing_checks_its_accounts() {
    let mut story = Story::with_stake();
    let stranger = story.stranger();
    let (_, sibling, _) = story.sibling();
    let world = &story.world;
    world.ok(&[story.propose(10 * TOKEN, sentence::JAIL)], &story.proposing());
    world.pass(DAY);
    let execute = || story.execute(0);
    for index in [1, 2, 3, 4, 5, 6, 8] {
        world.fails(read_only(execute(), index), &[], StakeError::NotWritable);
    }
    world.fails(swap(execute(), 0, stranger.pool.address), &[], StakeError::WrongAddress);
    world.fails(swap(execute(), 1, stranger.provider), &[], StakeError::WrongPool);
    world.fails(swap(execute(), 1, sibling), &[], StakeError::WrongProvider);
    world.fails(swap(execute(), 2, story.pool.address), &[], StakeError::WrongAccountType);
    world.fails(swap(execute(), 3, stranger.pool.rewards), &[], StakeError::WrongAddress);
    world.fails(swap(execute(), 4, stranger.pool.vault), &[], StakeError::WrongAddress);
    world.fails(swap(execute(), 5, story.theirs.tokens), &[], StakeError::WrongAddress);
    world.fails(swap(execute(), 5, ID), &[], StakeError::WrongAddress);
    world.fails(swap(execute(), 6, stranger.pool.mint), &[], StakeError::WrongAddress);
    world.fails(swap(execute(), 7, TOKEN_2022_PROGRAM), &[], StakeError::WrongTokenProgram);
    world.fails(swap(execute(), 8, story.theirs.owner), &[], StakeError::WrongPayer);

    let authority = &[&story.network.authority][..];
    let veto = || story.veto(0);
    world.fails(unsigned(veto(), 0), &[], StakeError::MissingSigner);
    for index in [3, 4, 5] {
        world.fails(read_only(veto(), index), authority, StakeError::NotWritable);
    }
    world.fails(swap(veto(), 1, stranger.network.address), authority, StakeError::Unauthorized);
    world.fails(swap(veto(), 2, stranger.pool.address), authority, StakeError::WrongNetwork);
    world.fails(swap(veto(), 3, stranger.provider), authority, StakeError::WrongPool);
    world.fails(swap(veto(), 3, sibling), authority, StakeError::WrongProvider);
    world.fails(swap(veto(), 4, story.pool.address), authority, StakeError::WrongAccountType);
    world.fails(swap(veto(), 5, story.theirs.owner), authority, StakeError::WrongPayer);

    world.fails(swap(story.expire(0), 0, sibling), &[], StakeError::WrongProvider);
    world.fails(swap(story.expire(0), 1, story.pool.address), &[], StakeError::WrongAccountType);
    world.fails(swap(story.expire(0), 2, story.theirs.owner), &[], StakeError::WrongPayer);
    for index in [0, 1, 2] {
        world.fails(read_only(story.expire(0), index), &[], StakeError::NotWritable);
    }
    world.ok(&[execute()], &[]);
    world.pass(2 * DAY);
    let unjail = || story.unjail();
    let own = &[&story.authority][..];
    world.fails(unsigned(unjail(), 0), &[], StakeError::MissingSigner);
    world.fails(swap(unjail(), 0, story.theirs.owner), &[&story.delegator], StakeError::Unauthorized);
    world.fails(swap(unjail(), 1, stranger.pool.address), own, StakeError::WrongPool);
    world.fails(swap(unjail(), 2, stranger.provider), own, StakeError::WrongPool);
    world.fails(swap(unjail(), 3, stranger.pool.rewards), own, StakeError::WrongAddress);
    for index in [2, 3] {
        world.fails(read_only(unjail(), index), own, StakeError::NotWritable);
    }
    world.ok(&[unjail()], own);
}

#[test]
fn a_ticket_slashed_to_nothing_has_no_claim_on_what_others_take_out_later() {
    let mut story = Story::with_stake();
    let mut pool: PoolState = story.world.read(story.pool.address);
    pool.policy.slash_limit = Bps::WHOLE;
    story.world.forge(story.pool.address, &pool);
    // Two units are on their way out; a slash of all but ten rounds them away.
    story.world.ok(&[story.unstake(2_000)], &[&story.payer, &story.delegator]);
    assert_eq!(story.provider().unbonding.tokens, Tokens(2));
    story.slashed(150 * TOKEN - 10, sentence::FINE);
    assert_eq!((story.provider().unbonding, story.provider().era), (Pot::default(), 1));
    assert_eq!(story.provider().active.tokens, Tokens(10));
    story.check();

    // The pot fills again, with another's tokens, of whose shares two thousand are worth two units as well.
    story.world.ok(&[story.stake(100_000)], &[&story.authority]);
    let ticket = story.pool.next_ticket(&story.world, &story.own);
    let shares = story.delegation(&story.own).shares.0 / 2;
    let unstake = story.pool.unstake_instruction(&story.world, &story.own, ticket, shares);
    story.world.ok(&[unstake], &[&story.authority]);
    let pot = story.provider().unbonding;
    assert!(pot.tokens > Tokens(40_000));
    story.world.pass(WEEK);
    let before = story.world.tokens(story.theirs.tokens);
    let receipt = story.world.ok(&[story.withdraw()], &[&story.delegator]);
    assert_eq!(receipt.event::<event::Withdrawn>(ID).tokens, Tokens(0));
    assert_eq!((story.world.tokens(story.theirs.tokens), story.provider().unbonding), (before, pot));
    story.check();
}
