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
    // The provider answers for two thirds of it.
    assert_eq!(provider.available(), Ok(Tokens(80 * TOKEN)));

    story.world.pass(DAY - 1);
    story.world.fails(story.execute(0), &[], StakeError::SlashNotExecutable);
    story.world.pass(1);
    let supply = story.world.supply(story.pool.mint);
    let receipt = story.world.ok(&[story.execute(0)], &[]);
    let event: event::Slashed = receipt.event(ID);
    assert_eq!((event.own, event.delegated), (Tokens(20 * TOKEN), Tokens(10 * TOKEN)));
    assert_eq!((event.unbonding, event.lien), (Tokens(0), Tokens(0)));
    let receipt = story.world.ok(&[story.settle_slashed()], &[]);
    let event: event::SlashSettled = receipt.event(ID);
    assert_eq!((event.burned, event.paid, event.due), (Tokens(30 * TOKEN / 4), Tokens(30 * TOKEN * 3 / 4), Tokens(0)));
    assert_eq!(story.world.supply(story.pool.mint), supply - 30 * TOKEN / 4);
    assert_eq!(story.world.tokens(story.network.treasury), 30 * TOKEN * 3 / 4);
    story.world.fails(story.settle_slashed(), &[], StakeError::NothingSlashed);
    let provider = story.provider();
    assert_eq!((provider.slash_pending, provider.pending_slash_count), (Tokens(0), 0));
    // Each backer has lost a fifth.
    assert_eq!((provider.own, provider.delegated.tokens), (Tokens(80 * TOKEN), Tokens(40 * TOKEN)));
    assert_eq!(provider.delegated.shares, U128::new((50 * TOKEN) as u128));
    assert_eq!(story.delegation(&story.theirs).worth(&provider), Ok(Tokens(40 * TOKEN - 1)));
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
    // Withdrawable, and still there when the slash is.
    let receipt = story.world.ok(&[story.execute(0)], &[]);
    let event: event::Slashed = receipt.event(ID);
    assert_eq!((event.own, event.unbonding), (Tokens(50 * TOKEN), Tokens(25 * TOKEN)));
    story.world.ok(&[story.withdraw()], &[&story.delegator]);
    assert_eq!(story.world.tokens(story.theirs.tokens), 975 * TOKEN);
    story.check();
}

#[test]
fn a_proposal_holds_back_what_it_may_take_and_no_more() {
    let mut story = Story::with_stake();
    let associated = story.associated(story.delegator.pubkey());
    let delegator = &[&story.delegator][..];
    story.world.ok(&[story.unstake(50 * SHARES)], &[&story.payer, &story.delegator]);
    story.world.pass(WEEK);
    let proposing = &story.proposing()[..];
    story.world.ok(&[story.propose(1, sentence::FINE)], proposing);
    // Who waits for the decision gets all: a stranger does not choose for the owner.
    let by_anyone = swap(unsigned(story.withdraw(), 0), 5, associated);
    story.world.fails(by_anyone.clone(), &[], StakeError::SlashPending);
    let receipt = story.world.ok(&[story.withdraw()], delegator);
    let event: event::Withdrawn = receipt.event(ID);
    assert_eq!((event.tokens, event.withheld), (Tokens(50 * TOKEN - 1), Tokens(1)));
    let provider = story.provider();
    assert_eq!((provider.withheld.tokens, provider.withheld_liable), (Tokens(1), Tokens(1)));
    assert_eq!(provider.pending(), Tokens(0), "the unit is withheld");
    story.check();
    // It answers for that, comes back into no stake, and waits.
    story.world.fails(story.withdraw(), delegator, StakeError::SlashPending);
    story.world.fails(story.cancel(), delegator, StakeError::SlashPending);
    story.world.ok(&[story.veto(0)], &[&story.network.authority]);
    story.world.ok(&[by_anyone], &[]);
    assert_eq!(story.world.tokens(associated), 1);
    assert_eq!(story.world.account(story.ticket()), None);
    assert_eq!(story.provider().withheld.tokens, Tokens(0));
    story.check();
}

#[test]
fn who_stays_pays_no_more_because_others_left() {
    let story = Story::with_stake();
    let delegator = &[&story.delegator][..];
    for tokens in [30, 20] {
        story.world.ok(&[story.unstake(tokens * SHARES)], &[&story.payer, &story.delegator]);
    }
    story.world.pass(WEEK);
    let proposing = &story.proposing()[..];
    // Of 150 a fifth, then another tenth.
    story.world.ok(&[story.propose(30 * TOKEN, sentence::FINE)], proposing);
    let receipt = story.world.ok(&[story.withdraw()], delegator);
    let event: event::Withdrawn = receipt.event(ID);
    assert_eq!((event.tokens, event.withheld), (Tokens(24 * TOKEN), Tokens(6 * TOKEN)));
    story.world.ok(&[story.propose(15 * TOKEN, sentence::FINE)], proposing);
    let receipt = story.world.ok(&[story.withdraw_ticket(1)], delegator);
    let event: event::Withdrawn = receipt.event(ID);
    // 24 are still to come from 120, and 15 more.
    assert_eq!((event.tokens, event.withheld), (Tokens(13_500_000_000), Tokens(6_500_000_000)));
    story.check();
    story.world.pass(DAY);
    let receipt = story.world.ok(&[story.execute(0)], &[]);
    let event: event::Slashed = receipt.event(ID);
    assert_eq!(event.own, Tokens(20 * TOKEN + 1), "a fifth of 100, and the odd unit");
    assert_eq!((event.delegated, event.unbonding), (Tokens(0), Tokens(0)));
    assert_eq!(event.withheld, Tokens(10 * TOKEN - 1), "a fifth of 50");
    story.check();
    // The second is vetoed: what was withheld for it is free.
    story.world.ok(&[story.veto(1)], &[&story.network.authority]);
    let before = story.world.tokens(story.theirs.tokens);
    story.world.ok(&[story.withdraw(), story.withdraw_ticket(1)], delegator);
    assert_eq!(story.world.tokens(story.theirs.tokens) - before, 2_500_000_001);
    assert_eq!(story.provider().withheld.tokens, Tokens(0));
    assert_eq!(story.provider().slashed, Tokens(30 * TOKEN));
    story.check();
}

/// A part of what is withheld, taken out before the last decision, left its loss to the others.
#[test]
fn who_withdraws_again_and_again_leaves_no_loss_to_others() {
    let story = Story::with_stake();
    let (world, delegator) = (&story.world, &[&story.delegator][..]);
    let tickets = || [story.withdraw_ticket(0), story.withdraw_ticket(1)];
    for _ in 0..2 {
        world.ok(&[story.unstake(20 * SHARES)], &[&story.payer, &story.delegator]);
    }
    world.pass(WEEK);
    // Of 150 a fifth, and another tenth.
    for tokens in [30, 15] {
        world.ok(&[story.propose(tokens * TOKEN, sentence::FINE)], &story.proposing());
    }
    world.ok(&tickets(), delegator);
    assert_eq!(world.tokens(story.theirs.tokens), (950 + 28) * TOKEN);
    assert_eq!(story.provider().withheld.tokens, Tokens(12 * TOKEN));
    world.ok(&[story.veto(0)], &[&story.network.authority]);
    for ticket in tickets() {
        world.fails(ticket, delegator, StakeError::SlashPending);
    }
    world.pass(DAY);
    let event: event::Slashed = world.ok(&[story.execute(1)], &[]).event(ID);
    assert_eq!(event.withheld, Tokens(4 * TOKEN - 1));
    let [first, second] = tickets();
    let event: event::Withdrawn = world.ok(&[first], delegator).event(ID);
    assert_eq!((event.tokens, event.withheld), (Tokens(4 * TOKEN), Tokens(0)));
    let event: event::Withdrawn = world.ok(&[second], delegator).event(ID);
    assert_eq!((event.tokens, event.withheld), (Tokens(4 * TOKEN + 1), Tokens(0)));
    story.check();
}

#[test]
fn what_is_withheld_waits_no_longer_than_for_its_own_proposals() {
    const HOUR: u64 = 3_600;
    let story = Story::with_stake();
    let (world, delegator) = (&story.world, &[&story.delegator][..]);
    for _ in 0..2 {
        world.ok(&[story.unstake(20 * SHARES)], &[&story.payer, &story.delegator]);
    }
    world.pass(WEEK);
    world.ok(&[story.propose(30 * TOKEN, sentence::FINE)], &story.proposing());
    let event: event::Withdrawn = world.ok(&[story.withdraw()], delegator).event(ID);
    assert_eq!((event.tokens, event.withheld), (Tokens(16 * TOKEN), Tokens(4 * TOKEN)));
    world.pass(HOUR);
    // Of the 130 that stay, 26 are proposed already.
    world.ok(&[story.propose(13 * TOKEN, sentence::FINE)], &story.proposing());
    let event: event::Withdrawn = world.ok(&[story.withdraw_ticket(1)], delegator).event(ID);
    assert_eq!((event.tokens, event.withheld), (Tokens(14 * TOKEN), Tokens(6 * TOKEN)));
    world.ok(&[story.veto(0)], &[&story.network.authority]);
    assert_eq!(story.provider().withheld_liable, Tokens(2 * TOKEN + 1));
    // A day and a week after the ticket was paid, all that was proposed by then has ended.
    world.pass(DAY + WEEK - HOUR - 1);
    world.fails(story.withdraw(), delegator, StakeError::SlashPending);
    world.pass(1);
    let event: event::Withdrawn = world.ok(&[story.withdraw()], delegator).event(ID);
    assert_eq!((event.tokens, event.withheld), (Tokens(4 * TOKEN), Tokens(0)));
    world.fails(story.withdraw_ticket(1), delegator, StakeError::SlashPending);
    story.check();
    let event: event::Slashed = world.ok(&[story.execute(1)], &[]).event(ID);
    assert_eq!(event.withheld, Tokens(2 * TOKEN - 1));
    let event: event::Withdrawn = world.ok(&[story.withdraw_ticket(1)], delegator).event(ID);
    assert_eq!((event.tokens, event.withheld), (Tokens(4 * TOKEN + 1), Tokens(0)));
    story.check();
}

#[test]
fn who_comes_after_all_have_left_can_leave_as_well() {
    let story = Story::new();
    let (world, delegator) = (&story.world, &[&story.delegator][..]);
    let proposing = &story.proposing()[..];
    let fund = [story.delegate(20 * TOKEN), story.unstake(20 * SHARES)];
    world.ok(&fund, &[&story.payer, &story.delegator]);
    world.pass(WEEK);
    world.ok(&[story.propose(2 * TOKEN, sentence::FINE)], proposing);
    let event: event::Withdrawn = world.ok(&[story.withdraw()], delegator).event(ID);
    assert_eq!((event.tokens, event.withheld), (Tokens(18 * TOKEN), Tokens(2 * TOKEN)));
    // Nobody stays. Others come, and leave in part while more is proposed.
    world.ok(&[story.delegate(40 * TOKEN)], delegator);
    world.ok(&[story.unstake(10 * SHARES)], &[&story.payer, &story.delegator]);
    world.pass(WEEK);
    world.ok(&[story.propose(4 * TOKEN, sentence::FINE)], proposing);
    let event: event::Withdrawn = world.ok(&[story.withdraw_ticket(1)], delegator).event(ID);
    assert_eq!((event.tokens, event.withheld), (Tokens(9 * TOKEN), Tokens(TOKEN)));
    story.check();
    // What was proposed before they came is not theirs.
    let event: event::Slashed = world.ok(&[story.execute(0)], &[]).event(ID);
    assert_eq!((event.delegated, event.withheld), (Tokens(0), Tokens(2 * TOKEN)));
    world.pass(DAY);
    let event: event::Slashed = world.ok(&[story.execute(1)], &[]).event(ID);
    assert_eq!((event.delegated, event.withheld), (Tokens(3 * TOKEN), Tokens(TOKEN)));
    story.check();
}

#[test]
fn proposals_that_may_take_all_hold_all_back() {
    let mut story = Story::with_stake();
    let mut state: PoolState = story.world.read(story.pool.address);
    state.policy.slash_limit = Bps::WHOLE;
    story.world.forge(story.pool.address, &state);
    story.world.ok(&[story.unstake(50 * SHARES)], &[&story.payer, &story.delegator]);
    story.world.pass(WEEK);
    let all = grant(&story, story.slasher, rights::ALL, u64::MAX, 10_000);
    story.world.ok(&[all], &[&story.network.authority]);
    story.world.pass(30 * DAY);
    story.world.ok(&[story.propose(150 * TOKEN, sentence::FINE)], &story.proposing());
    story.world.fails(story.withdraw(), &[&story.delegator], StakeError::SlashPending);
    // A sentence alone holds nothing back.
    story.world.ok(&[story.veto(0)], &[&story.network.authority]);
    story.world.ok(&[story.propose(0, sentence::JAIL)], &story.proposing());
    story.world.ok(&[story.withdraw()], &[&story.delegator]);
    assert_eq!(story.world.account(story.ticket()), None);
    story.check();
}

#[test]
fn a_slasher_has_a_few_proposals_pending_and_none_below_the_smallest() {
    let mut story = Story::with_stake();
    let mut state: PoolState = story.world.read(story.pool.address);
    state.policy.min_slash = Tokens(TOKEN);
    story.world.forge(story.pool.address, &state);
    let proposing = &story.proposing()[..];
    story.world.fails(story.propose(TOKEN - 1, sentence::FINE), proposing, StakeError::SlashTooSmall);
    for _ in 0..MAX_PENDING_SLASHES {
        story.world.ok(&[story.propose(TOKEN, sentence::FINE)], proposing);
        story.world.pass(1);
    }
    story.world.fails(story.propose(TOKEN, sentence::FINE), proposing, StakeError::TooManyProposals);
    story.world.fails(story.propose(0, sentence::JAIL), proposing, StakeError::TooManyProposals);
    story.world.ok(&[story.veto(0)], &[&story.network.authority]);
    story.world.ok(&[story.propose(0, sentence::JAIL)], proposing);
    story.check();
}

#[test]
fn a_provider_smaller_than_the_smallest_slash_is_fined_all_the_same() {
    let mut story = Story::with_stake();
    let mut state: PoolState = story.world.read(story.pool.address);
    state.policy.min_slash = Tokens(76 * TOKEN);
    story.world.forge(story.pool.address, &state);
    let proposing = &story.proposing()[..];
    // Half of 150 is all that a window allows.
    for amount in [1, 75 * TOKEN - 1] {
        story.world.fails(story.propose(amount, sentence::FINE), proposing, StakeError::SlashTooSmall);
    }
    story.world.fails(story.propose(75 * TOKEN + 1, sentence::FINE), proposing, StakeError::SlashLimitReached);
    story.world.ok(&[story.propose(75 * TOKEN, sentence::FINE)], proposing);
    story.world.fails(story.propose(1, sentence::FINE), proposing, StakeError::SlashLimitReached);
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
    assert_eq!(story.provider().active_stake().unwrap(), Tokens(75 * TOKEN));
    story.world.fails(story.propose(1, sentence::FINE), proposing, StakeError::SlashLimitReached);
    story.world.pass(29 * DAY);
    story.world.fails(story.propose(37 * TOKEN + TOKEN, sentence::FINE), proposing, StakeError::SlashLimitReached);
    story.world.ok(&[story.propose(37 * TOKEN + TOKEN / 2, sentence::FINE)], proposing);
    story.check();
}

#[test]
fn a_slasher_has_a_limit_of_its_own() {
    let mut story = Story::with_stake();
    let slasher: Slasher = story.world.read(story.slasher);
    // Its limits are counted at its place.
    story.world.forge(story.slasher, &Slasher { slot: 0, ..slasher });
    story.world.fails(story.propose(1, sentence::FINE), &story.proposing(), StakeError::MissingRight);
    story.world.forge(story.slasher, &slasher);
    let proposing = &story.proposing()[..];
    // Zero is nothing.
    story.world.ok(&[story.set_slasher(rights::SLASH, 0)], &[&story.network.authority]);
    story.world.fails(story.propose(1, sentence::FINE), proposing, StakeError::SlasherLimitReached);
    story.world.ok(&[story.set_slasher(rights::SLASH, 10 * TOKEN)], &[&story.network.authority]);
    story.world.fails(story.propose(10 * TOKEN + 1, sentence::FINE), proposing, StakeError::SlasherLimitReached);
    story.world.ok(&[story.propose(6 * TOKEN, sentence::FINE)], proposing);
    // What is vetoed counts all the same, or a slasher could hold up withdrawals for ever.
    story.world.ok(&[story.veto(0)], &[&story.network.authority]);
    story.world.fails(story.propose(4 * TOKEN + 1, sentence::FINE), proposing, StakeError::SlasherLimitReached);
    story.world.ok(&[story.propose(4 * TOKEN, sentence::FINE)], proposing);
    story.world.pass(30 * DAY);
    story.world.ok(&[story.propose(10 * TOKEN, sentence::FINE)], proposing);
    story.world.ok(&[story.set_slasher(rights::BOND | rights::REPORT, u64::MAX)], &[&story.network.authority]);
    story.world.fails(story.propose(1, sentence::FINE), proposing, StakeError::MissingRight);
}

/// What gives the slasher these rights and limits.
fn grant(story: &Story, slasher: Address, to: u8, window_limit: u64, slash_share: u16) -> Instruction {
    SetSlasher {
        authority: story.network.authority.pubkey(),
        network: story.network.address,
        pool: story.pool.address,
        slasher,
    }
    .instruction(&SetSlasherArgs { rights: to, window_limit: Tokens(window_limit), slash_share: Bps(slash_share) })
}

#[test]
fn no_slasher_uses_up_what_another_can_propose() {
    let mut story = Story::with_stake();
    let rival = story.world.user();
    let theirs = story.pool.add_slasher(&story.world, &story.network, rival.pubkey());
    let authority = &[&story.network.authority][..];
    // All parts together are the pool's limit.
    let more = grant(&story, theirs, rights::SLASH, u64::MAX, 1);
    story.world.fails(more, authority, StakeError::InvalidParameter);
    let without = grant(&story, theirs, rights::BOND, 0, 1);
    story.world.fails(without, authority, StakeError::InvalidParameter);
    let parts = [
        grant(&story, story.slasher, rights::SLASH, u64::MAX, 4_000),
        grant(&story, theirs, rights::SLASH, u64::MAX, 1_000),
    ];
    story.world.ok(&parts, authority);
    let by_rival = |amount| swap(swap(story.propose(amount, sentence::FINE), 1, rival.pubkey()), 2, theirs);
    let (ours, others) = (&story.proposing()[..], &[&story.payer, &rival][..]);
    story.world.ok(&[by_rival(15 * TOKEN)], others);
    story.world.fails(by_rival(1), others, StakeError::SlashLimitReached);
    story.world.ok(&[story.propose(60 * TOKEN, sentence::FINE)], ours);
    story.world.fails(story.propose(1, sentence::FINE), ours, StakeError::SlashLimitReached);
}

#[test]
fn a_used_up_window_shields_neither_stake_that_came_since_nor_from_sentences() {
    // Twenty tokens, of which ten are proposed and vetoed; then a thousand come.
    let story = Story::new();
    let (world, proposing) = (&story.world, &story.proposing()[..]);
    world.ok(&[story.stake(20 * TOKEN)], &[&story.authority]);
    world.ok(&[story.propose(10 * TOKEN, sentence::FINE)], proposing);
    world.ok(&[story.veto(0)], &[&story.network.authority]);
    world.fails(story.propose(1, sentence::FINE), proposing, StakeError::SlashLimitReached);
    world.ok(&[story.delegate(1_000 * TOKEN)], &[&story.delegator]);
    world.ok(&[story.propose(500 * TOKEN, sentence::FINE)], proposing);
    world.fails(story.propose(1, sentence::FINE), proposing, StakeError::SlashLimitReached);
    // A sentence needs no amount, and has a count of its own.
    world.fails(story.propose(0, sentence::FINE), proposing, StakeError::ZeroAmount);
    world.ok(&[story.propose(0, sentence::JAIL)], proposing);
    world.ok(&[story.propose(0, sentence::TOMBSTONE)], proposing);
    world.pass(DAY);
    world.ok(&[story.execute(2)], &[]);
    assert_eq!(story.provider().status, status::JAILED);
}

#[test]
fn sentences_are_counted_in_a_window() {
    let story = Story::with_stake();
    let proposing = &story.proposing()[..];
    for _ in 0..3 {
        story.world.ok(&[story.propose(0, sentence::JAIL)], proposing);
    }
    story.world.fails(story.propose(0, sentence::JAIL), proposing, StakeError::SlashLimitReached);
    story.world.pass(30 * DAY);
    story.world.ok(&[story.propose(0, sentence::JAIL)], proposing);
}

#[test]
fn a_new_slasher_and_a_raised_limit_wait_until_all_can_have_left() {
    let mut story = Story::with_stake();
    let rival = story.world.user();
    story.world.ok(&[story.lock_stake(&story.theirs, 365)], &[&story.delegator]);
    story.world.pass(2 * DAY);
    let authority = &[&story.network.authority][..];
    let theirs = story.pool.slasher(rival.pubkey());
    let add = story.pool.add_slasher_instruction(&story.world, &story.network, rival.pubkey());
    let event: event::SlasherChanged = story.world.ok(&[add], authority).event(ID);
    let active_at = story.world.read::<Slasher>(theirs).active_at;
    assert_eq!((event.header.source, event.slasher, event.active_at), (story.pool.address, theirs, active_at));
    assert_eq!((event.rights, event.window_limit), (rights::ALL as u32, Tokens(u64::MAX)));
    let delay = story.world.read::<NetworkState>(story.network.address).policy.change_delay.0 as i64;
    let wait = delay.max((WEEK + DAY) as i64);
    assert_eq!(active_at.0, story.world.now().0 + wait);
    // From the announcement locked stake can leave.
    story.world.ok(&[story.unstake(10 * TOKEN)], &[&story.payer, &story.delegator]);
    let by_rival = |sentence| swap(swap(story.propose(0, sentence), 1, rival.pubkey()), 2, theirs);
    let others = &[&story.payer, &rival][..];
    story.world.pass(wait as u64 - 1);
    story.world.fails(by_rival(sentence::JAIL), others, StakeError::SlasherNotActive);
    story.world.pass(1);
    story.world.ok(&[by_rival(sentence::JAIL)], others);
    story.world.fails(story.unstake(10 * TOKEN), &[&story.payer, &story.delegator], StakeError::Locked);
    // Less is at once; more waits.
    story.world.ok(&[grant(&story, story.slasher, rights::ALL, 50 * TOKEN, 3_000)], authority);
    story.world.ok(&[story.propose(TOKEN, sentence::FINE)], &story.proposing());
    story.world.ok(&[grant(&story, story.slasher, rights::ALL, 50 * TOKEN, 3_001)], authority);
    story.world.fails(story.propose(TOKEN, sentence::FINE), &story.proposing(), StakeError::SlasherNotActive);
}

#[test]
fn a_pool_has_eight_slashers_that_can_propose() {
    let mut story = Story::new();
    let keys: Vec<Keypair> = (0..8).map(|_| story.world.user()).collect();
    for key in &keys[..7] {
        story.pool.add_slasher(&story.world, &story.network, key.pubkey());
    }
    let add = story.pool.add_slasher_instruction(&story.world, &story.network, keys[7].pubkey());
    let authority = &[&story.network.authority][..];
    story.world.fails(add.clone(), authority, StakeError::TooManySlashers);
    let less = grant(&story, story.pool.slasher(keys[3].pubkey()), rights::REPORT, 0, 0);
    story.world.ok(&[less, add], authority);
    assert_eq!(story.world.read::<Slasher>(story.pool.slasher(keys[7].pubkey())).slot, 5);
}

#[test]
fn a_place_that_was_freed_is_not_the_next() {
    // What a slasher proposed in a window stays counted at its place.
    let mut story = Story::new();
    let keys: Vec<Keypair> = (0..2).map(|_| story.world.user()).collect();
    let [first, second] = [0, 1].map(|key: usize| story.pool.slasher(keys[key].pubkey()));
    story.pool.add_slasher(&story.world, &story.network, keys[0].pubkey());
    let authority = &[&story.network.authority][..];
    story.world.ok(&[grant(&story, first, rights::REPORT, 0, 0)], authority);
    story.pool.add_slasher(&story.world, &story.network, keys[1].pubkey());
    assert_eq!(story.world.read::<Slasher>(second).slot, 3);
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
    assert_eq!(
        (story.provider().active_stake().unwrap(), story.provider().status),
        (Tokens(150 * TOKEN), status::ACTIVE)
    );
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
fn a_slash_of_bonded_tokens_is_a_lien_that_is_collected_when_the_bond_ends() {
    // 80 of the provider's 100 are bonded.
    let story = Story::with_bond();
    story.world.ok(&[story.propose(75 * TOKEN, sentence::JAIL)], &story.proposing());
    let other = Address::new_from_array([8; 32]);
    story.world.fails(story.lock_for(other, 1), &story.bonding(), StakeError::InsufficientStake);
    story.world.pass(DAY);
    let receipt = story.world.ok(&[story.execute(0)], &[]);
    let event: event::Slashed = receipt.event(ID);
    assert_eq!((event.own, event.delegated), (Tokens(50 * TOKEN), Tokens(25 * TOKEN)));
    assert_eq!(event.lien, Tokens(30 * TOKEN));
    let status: event::StatusChanged = receipt.event(ID);
    assert_eq!((status.status, status.jail_ends_at), (2, story.world.now().after(Seconds(2 * DAY as u32)).unwrap()));
    // It is no proposal any more.
    assert_eq!(story.world.account(story.slash(0)), None);
    let provider = story.provider();
    assert_eq!((provider.slash_pending, provider.pending_slash_count), (Tokens(0), 0));
    assert_eq!((provider.own, provider.bonded, provider.lien), (Tokens(0), Tokens(80 * TOKEN), Tokens(30 * TOKEN)));
    assert_eq!((provider.own_stake(), provider.slashed), (Ok(Tokens(50 * TOKEN)), Tokens(45 * TOKEN)));
    // In jail it takes no jobs; nor would it with tokens that a lien waits for.
    story.world.fails(story.lock_for(other, 1), &story.bonding(), StakeError::ProviderNotActive);
    story.world.pass(2 * DAY);
    story.world.ok(&[story.unjail(), story.stake(50 * TOKEN)], &[&story.authority]);
    story.world.fails(story.lock_for(other, 1), &story.bonding(), StakeError::InsufficientStake);
    story.world.ok(&[story.release()], &[&story.slashing]);
    let provider = story.provider();
    assert_eq!((provider.own, provider.bonded, provider.lien), (Tokens(100 * TOKEN), Tokens(0), Tokens(0)));
    assert_eq!(provider.slashed, Tokens(75 * TOKEN));
    story.world.ok(&[story.settle_slashed(), story.lock_for(other, 1)], &story.bonding());
    story.check();
}

#[test]
fn a_lien_is_taken_before_the_client_s_part() {
    let story = Story::with_bond();
    story.slashed(75 * TOKEN, sentence::FINE);
    // 30 of 80: of 40 that are seized, 15.
    let receipt = story.world.ok(&[story.seize(40 * TOKEN, seizure::CLIENT, ID)], &[&story.slashing]);
    let event: event::BondSeized = receipt.event(ID);
    assert_eq!((event.amount, event.lien), (Tokens(40 * TOKEN), Tokens(15 * TOKEN)));
    assert_eq!((story.provider().lien, story.provider().unbonding.tokens), (Tokens(15 * TOKEN), Tokens(25 * TOKEN)));
    story.world.ok(&[story.release()], &[&story.slashing]);
    let provider = story.provider();
    assert_eq!((provider.own, provider.lien, provider.slashed), (Tokens(25 * TOKEN), Tokens(0), Tokens(75 * TOKEN)));
    story.check();
}

#[test]
fn what_was_seized_for_a_client_stays_liable() {
    let story = Story::with_bond();
    story.world.ok(&[story.seize(80 * TOKEN, seizure::CLIENT, ID), story.release()], &[&story.slashing]);
    // The fault is found a day later: the client was the provider itself.
    story.world.pass(DAY);
    let receipt = story.slashed(75 * TOKEN, sentence::FINE);
    let event: event::Slashed = receipt.event(ID);
    assert_eq!((event.own, event.delegated), (Tokens(10 * TOKEN), Tokens(25 * TOKEN)));
    assert_eq!(event.unbonding, Tokens(40 * TOKEN));
    story.world.pass(WEEK);
    story.world.ok(&[story.withdraw_seized()], &[&story.client]);
    assert_eq!(story.world.tokens(story.client_tokens), 40 * TOKEN);
    story.check();
}

/// Also in what was proposed before the bond was locked: what the provider kept free for that is less needed then, and stays its own.
#[test]
fn what_was_seized_for_a_client_shares_in_what_is_decided_after() {
    let story = Story::with_stake();
    // Half of all.
    story.world.ok(&[story.propose(75 * TOKEN, sentence::FINE)], &story.proposing());
    story.world.ok(&[story.lock(40 * TOKEN)], &story.bonding());
    story.world.ok(&[story.seize(40 * TOKEN, seizure::CLIENT, ID), story.release()], &[&story.slashing]);
    story.world.pass(DAY);
    let receipt = story.world.ok(&[story.execute(0)], &[]);
    let event: event::Slashed = receipt.event(ID);
    assert_eq!((event.own, event.lien), (Tokens(30 * TOKEN), Tokens(0)));
    assert_eq!((event.unbonding, event.delegated), (Tokens(20 * TOKEN), Tokens(25 * TOKEN)));
    story.world.pass(WEEK);
    story.world.ok(&[story.withdraw_seized()], &[&story.client]);
    assert_eq!(story.world.tokens(story.client_tokens), 20 * TOKEN);
    story.check();
}

#[test]
fn a_provider_cannot_take_its_delegators_stake_through_jobs_with_itself() {
    // As often as it likes, with its own client.
    let story = Story::with_stake();
    for job in 0..10 {
        let job = Address::new_from_array([100 + job; 32]);
        story.world.ok(&[story.lock_for(job, 10 * TOKEN)], &story.bonding());
        let seize = swap(story.seize(10 * TOKEN, seizure::CLIENT, ID), 4, story.bond(job));
        story.world.ok(&[seize, swap(story.release(), 3, story.bond(job))], &[&story.slashing]);
    }
    let again = story.lock_for(Address::new_from_array([200; 32]), 1);
    story.world.fails(again, &story.bonding(), StakeError::SelfStakeTooLow);
    assert_eq!(story.provider().delegated, pot(50 * TOKEN));
    let receipt = story.world.ok(&[story.unstake(u64::MAX)], &[&story.payer, &story.delegator]);
    assert_eq!(receipt.event::<event::Unstaked>(ID).tokens, Tokens(50 * TOKEN));
    story.check();
}

#[test]
fn what_is_leaving_pays_its_part_whatever_is_bonded() {
    // The provider has 1,000: 990 leave, 10 are bonded.
    let story = Story::new();
    story.world.ok(&[story.stake(1_000 * TOKEN)], &[&story.authority]);
    story.world.pass(1);
    story.world.ok(&[story.lock(10 * TOKEN)], &story.bonding());
    let ticket = story.pool.next_ticket(&story.world, &story.own);
    let unstake = story.pool.unstake_instruction(&story.world, &story.own, ticket, 990 * TOKEN);
    story.world.ok(&[unstake], &[&story.authority]);
    let receipt = story.slashed(500 * TOKEN, sentence::FINE);
    let event: event::Slashed = receipt.event(ID);
    assert_eq!((event.own, event.unbonding, event.lien), (Tokens(5 * TOKEN), Tokens(495 * TOKEN), Tokens(5 * TOKEN)));
    story.world.pass(WEEK);
    story.world.ok(&[story.pool.withdraw_instruction(&story.world, &story.own, ticket)], &[&story.authority]);
    assert_eq!(story.world.tokens(story.own.tokens), 495 * TOKEN);
    story.check();
}

#[test]
fn leaving_depends_on_nothing_that_was_slashed_before() {
    // Whoever left before was slashed to nearly nothing, time and again; later delegators leave all the same.
    let mut story = Story::with_stake();
    let mut pool: PoolState = story.world.read(story.pool.address);
    (pool.policy.slash_limit, pool.policy.slash_window) = (Bps::WHOLE, Seconds(3_600));
    story.world.forge(story.pool.address, &pool);
    let mut slasher: Slasher = story.world.read(story.slasher);
    slasher.slash_share = Bps::WHOLE;
    story.world.forge(story.slasher, &slasher);
    for round in 0..5 {
        let all = story.provider().stake().unwrap().0;
        story.slashed(all - 1_000, sentence::FINE);
        let own = [story.stake(10 * TOKEN)];
        story.world.ok(&own, &[&story.authority]);
        let ticket = story.pool.next_ticket(&story.world, &story.own);
        let unstake = story.pool.unstake_instruction(&story.world, &story.own, ticket, 7 * TOKEN);
        story.world.ok(&[unstake], &[&story.authority]);
        assert_eq!(story.world.read::<UnbondingTicket>(ticket).part.tokens, Tokens(7 * TOKEN), "{round}");
        story.check();
    }
    let before = story.world.tokens(story.own.tokens);
    story.world.pass(WEEK);
    let last = story.pool.ticket(&story.own, 4);
    story.world.ok(&[story.pool.withdraw_instruction(&story.world, &story.own, last)], &[&story.authority]);
    assert_eq!(story.world.tokens(story.own.tokens) - before, 7 * TOKEN);
}

#[test]
fn a_slash_of_a_provider_without_stake_takes_nothing_and_sentences_all_the_same() {
    let story = Story::with_stake();
    let ticket = story.pool.next_ticket(&story.world, &story.own);
    let own = story.pool.unstake_instruction(&story.world, &story.own, ticket, u64::MAX);
    story.world.ok(&[own, story.unstake(u64::MAX)], &[&story.authority, &story.payer, &story.delegator]);
    story.world.ok(&[story.propose(10 * TOKEN, sentence::JAIL)], &story.proposing());
    story.world.pass(DAY);
    // What is leaving answers.
    let receipt = story.world.ok(&[story.execute(0)], &[]);
    let event: event::Slashed = receipt.event(ID);
    assert_eq!((event.own, event.delegated, event.unbonding), (Tokens(0), Tokens(0), Tokens(10 * TOKEN)));
    assert_eq!(story.provider().status, status::JAILED);
    story.world.pass(WEEK);
    story.world.ok(&[story.withdraw()], &[&story.delegator]);
    let mine = story.pool.withdraw_instruction(&story.world, &story.own, ticket);
    story.world.ok(&[mine], &[&story.authority]);
    story.world.pass(30 * DAY);
    // Nothing of nothing can be proposed, but a sentence.
    story.world.fails(story.propose(1, sentence::FINE), &story.proposing(), StakeError::SlashLimitReached);
    let receipt = story.slashed(0, sentence::TOMBSTONE);
    assert_eq!(receipt.event::<event::Slashed>(ID).own, Tokens(0));
    assert_eq!(story.provider().status, status::TOMBSTONED);
    story.check();
}

#[test]
fn a_pool_without_treasury_burns_and_a_treasury_that_cannot_be_paid_stops_nothing() {
    let mut story = Story::with_stake();
    let supply = story.world.supply(story.pool.mint);
    let treasury = story.world.account(story.network.treasury).unwrap();
    story.world.set_account(story.network.treasury, Default::default());
    story.slashed(40 * TOKEN, sentence::FINE);
    assert!(story.world.send(&[story.settle_slashed()], &[]).is_err());
    // Its part waits, the other is burned; and it is paid when it can be.
    let without = || story.pool.settle_slashed_instruction(story.provider, ID);
    let receipt = story.world.ok(&[without()], &[]);
    let event: event::SlashSettled = receipt.event(ID);
    assert_eq!((event.burned, event.paid, event.due), (Tokens(10 * TOKEN), Tokens(0), Tokens(30 * TOKEN)));
    story.world.fails(without(), &[], StakeError::NothingSlashed);
    story.check();
    let settle = story.settle_slashed();
    let elsewhere = swap(settle.clone(), 5, story.theirs.tokens);
    story.world.fails(elsewhere, &[], StakeError::WrongAddress);
    story.world.set_account(story.network.treasury, treasury);
    story.world.ok(&[settle], &[]);
    assert_eq!(story.world.tokens(story.network.treasury), 30 * TOKEN);
    let mut pool: PoolState = story.world.read(story.pool.address);
    pool.treasury = Address::default();
    story.world.forge(story.pool.address, &pool);
    story.slashed(8 * TOKEN, sentence::FINE);
    story.world.ok(&[story.settle_slashed()], &[]);
    assert_eq!(story.world.supply(story.pool.mint), supply - 18 * TOKEN);
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
    story.world.ok(&[story.unstake(u64::MAX)], &[&story.payer, &story.delegator]);
    story.slashed(TOKEN, sentence::JAIL);
    assert_eq!(story.provider().status, status::TOMBSTONED);
    story.check();
}

#[test]
fn a_pot_slashed_to_nearly_nothing_starts_again_when_its_owners_have_left() {
    let mut story = Story::with_stake();
    let mut pool: PoolState = story.world.read(story.pool.address);
    pool.policy.slash_limit = Bps::WHOLE;
    story.world.forge(story.pool.address, &pool);
    let mut slasher: Slasher = story.world.read(story.slasher);
    slasher.slash_share = Bps::WHOLE;
    story.world.forge(story.slasher, &slasher);
    story.slashed(150 * TOKEN - 3, sentence::FINE);
    let (world, theirs) = (&story.world, &[&story.delegator][..]);
    // Of three units one is the delegators'.
    assert!(story.provider().delegated.tokens <= Tokens(1));
    world.fails(story.delegate(900 * TOKEN), theirs, StakeError::PotWornOut);
    // The provider's own stake knows no price.
    world.ok(&[story.stake(100 * TOKEN)], &[&story.authority]);
    if story.provider().delegated.tokens == Tokens(1) {
        world.ok(&[story.unstake(u64::MAX)], &[&story.payer, &story.delegator]);
    } else {
        // What is worth nothing, anyone closes: the pot does not wait for who is absent.
        world.ok(&[story.close_delegation(&story.theirs)], &[]);
        story.pool.open_delegation(world, story.provider, story.theirs.owner, story.theirs.tokens);
    }
    world.ok(&[story.delegate(900 * TOKEN)], theirs);
    assert_eq!(story.provider().delegated, pot(900 * TOKEN));
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
    assert_eq!(world.out_of_range(story.propose(1, 3), signers), "sentence");
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
    for index in [1, 2, 3, 4] {
        world.fails(read_only(execute(), index), &[], StakeError::NotWritable);
    }
    world.fails(swap(execute(), 0, stranger.pool.address), &[], StakeError::WrongPool);
    world.fails(swap(execute(), 1, stranger.provider), &[], StakeError::WrongPool);
    world.fails(swap(execute(), 1, sibling), &[], StakeError::WrongProvider);
    world.fails(swap(execute(), 2, story.pool.address), &[], StakeError::WrongAccountType);
    world.fails(swap(execute(), 3, stranger.pool.rewards), &[], StakeError::WrongAddress);
    world.fails(swap(execute(), 4, story.theirs.owner), &[], StakeError::WrongPayer);

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
    let settle = || story.settle_slashed();
    for index in [1, 2, 3, 5] {
        world.fails(read_only(settle(), index), &[], StakeError::NotWritable);
    }
    let of_stranger = swap(swap(settle(), 2, stranger.pool.vault), 3, stranger.pool.mint);
    world.fails(swap(of_stranger, 0, stranger.pool.address), &[], StakeError::WrongPool);
    world.fails(swap(settle(), 1, stranger.provider), &[], StakeError::WrongPool);
    world.fails(swap(settle(), 2, stranger.pool.vault), &[], StakeError::WrongAddress);
    world.fails(swap(settle(), 3, stranger.pool.mint), &[], StakeError::WrongAddress);
    world.fails(swap(settle(), 4, TOKEN_2022_PROGRAM), &[], StakeError::WrongTokenProgram);
    world.ok(&[settle()], &[]);
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
    let mut slasher: Slasher = story.world.read(story.slasher);
    slasher.slash_share = Bps::WHOLE;
    story.world.forge(story.slasher, &slasher);
    story.world.ok(&[story.unstake(2)], &[&story.payer, &story.delegator]);
    story.slashed(150 * TOKEN, sentence::FINE);
    assert_eq!((story.provider().unbonding.tokens, story.provider().unbonding.scale), (Tokens(0), 4));
    story.check();

    // The pot fills again, with another's tokens.
    story.world.ok(&[story.stake(100_000)], &[&story.authority]);
    let ticket = story.pool.next_ticket(&story.world, &story.own);
    let unstake = story.pool.unstake_instruction(&story.world, &story.own, ticket, 50_000);
    story.world.ok(&[unstake], &[&story.authority]);
    story.world.pass(WEEK);
    let before = story.world.tokens(story.theirs.tokens);
    let receipt = story.world.ok(&[story.withdraw()], &[&story.delegator]);
    assert_eq!(receipt.event::<event::Withdrawn>(ID).tokens, Tokens(0));
    assert_eq!((story.world.tokens(story.theirs.tokens), story.provider().unbonding.tokens), (before, Tokens(50_000)));
    story.check();
}
