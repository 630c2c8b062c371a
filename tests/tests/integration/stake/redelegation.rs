//! Moving stake to another provider.

use super::*;

/// The delegator's 50 tokens on their way from the story's provider to another, which has nothing else.
fn moving() -> (Story, Keypair, Backer) {
    let mut story = Story::with_stake();
    let (authority, _, to) = story.sibling();
    story.world.ok(&[story.redelegate(50 * SHARES, &to)], &[&story.payer, &story.delegator]);
    (story, authority, to)
}

/// Weight on its way to the provider of a delegation.
fn incoming(story: &Story, to: &Backer) -> u64 {
    story.world.read::<Provider>(to.provider).incoming.0
}

#[test]
fn stake_that_moves_is_liable_where_it_was_and_earns_where_it_goes() {
    let mut story = Story::with_stake();
    let (_, _, to) = story.sibling();
    let receipt = story.world.ok(&[story.redelegate(50 * SHARES, &to)], &[&story.payer, &story.delegator]);
    let event: event::Redelegated = receipt.event(ID);
    assert_eq!(
        (event.header.source, event.owner, event.new_provider),
        (story.provider, story.theirs.owner, to.provider)
    );
    let weight = Weight(50 * TOKEN / 4);
    assert_eq!((event.tokens, event.weight), (Tokens(50 * TOKEN), weight));
    let ticket: UnbondingTicket = story.world.read(story.ticket());
    assert_eq!((ticket.new_delegation, ticket.weight, ticket.part.tokens), (to.delegation, weight, Tokens(50 * TOKEN)));
    assert_eq!(story.provider().unbonding.tokens, Tokens(50 * TOKEN));
    // The other has the weight, and nothing to bond.
    let other: Provider = story.world.read(to.provider);
    assert_eq!((other.weight(), other.delegated, other.available()), (Ok(weight), Pot::default(), Ok(Tokens(0))));
    assert_eq!(story.rewards().total_weight.0, 150 * TOKEN / 4);
    let waits = [story.withdraw(), story.cancel()];
    for instruction in waits {
        story.world.fails(instruction, &[&story.delegator], StakeError::Redelegating);
    }

    story.world.ok(&[story.fund(150 * TOKEN)], &[&story.delegator]);
    story.world.pass(WEEK);
    let receipt = story.world.ok(&[story.settle(&to)], &[]);
    let event: event::RedelegationCompleted = receipt.event(ID);
    assert_eq!((event.tokens, event.weight.0), (Tokens(50 * TOKEN), 0));
    assert_eq!(story.world.account(story.ticket()), None);
    let other: Provider = story.world.read(to.provider);
    assert_eq!((other.weight(), other.delegated), (Ok(weight), pot(50 * TOKEN)));
    let delegation = story.delegation(&to);
    assert_eq!((delegation.shares, delegation.incoming_count), (U128::new((50 * TOKEN) as u128), 0));
    // No gap: a third of the week's rewards, less a tenth.
    story.world.ok(&[story.claim(&to)], &[&story.delegator]);
    assert_eq!(story.world.tokens(story.theirs.tokens), 800 * TOKEN + 45 * TOKEN - 1);
    assert_eq!(story.provider().unbonding.tokens, Tokens(0));
}

#[test]
fn a_slash_after_a_redelegation_reaches_it_at_the_old_provider_only() {
    let (story, _, to) = moving();
    let world = &story.world;
    world.pass(WEEK - DAY);
    world.ok(&[story.propose(75 * TOKEN, sentence::FINE)], &story.proposing());
    world.pass(DAY);
    // Ripe, and waiting for the decision.
    world.ok(&[story.settle(&to)], &[]);
    assert_eq!(incoming(&story, &to), 50 * TOKEN / 4);
    world.ok(&[story.execute(0)], &[]);
    world.ok(&[story.settle(&to)], &[]);
    assert_eq!(world.read::<Provider>(to.provider).active_stake().unwrap(), Tokens(25 * TOKEN));

    // The new provider's fault finds nothing of what is still on its way.
    let (story, authority, to) = moving();
    let new = Story { provider: to.provider, authority, ..story };
    new.world.fails(new.propose(1, sentence::FINE), &new.proposing(), StakeError::SlashLimitReached);
}

#[test]
fn stake_slashed_on_its_way_weighs_less_after_a_refresh() {
    let (story, _, to) = moving();
    story.slashed(75 * TOKEN, sentence::FINE);
    assert_eq!(incoming(&story, &to), 50 * TOKEN / 4);
    let receipt = story.world.ok(&[story.settle(&to)], &[]);
    let event: event::RedelegationCompleted = receipt.event(ID);
    assert_eq!((event.tokens, event.weight.0), (Tokens(0), 25 * TOKEN / 4));
    assert_eq!(incoming(&story, &to), 25 * TOKEN / 4);
    assert_eq!(story.world.read::<Provider>(to.provider).weight(), Ok(Weight(25 * TOKEN / 4)));
    story.world.pass(WEEK);
    story.world.ok(&[story.settle(&to)], &[]);
    assert_eq!(story.delegation(&to).weight, U128::new((25 * TOKEN / 4) as u128));
}

#[test]
fn a_ticket_slashed_to_nothing_is_closed_by_settling() {
    let (mut story, _, to) = moving();
    story.edit_provider(|provider| {
        provider.unbonding.tokens = Tokens(0);
        provider.unbonding.scale = 4;
    });
    story.world.pass(WEEK);
    story.world.ok(&[story.settle(&to)], &[]);
    assert_eq!(story.world.account(story.ticket()), None);
    assert_eq!((incoming(&story, &to), story.delegation(&to).weight), (0, U128::new(0)));
}

#[test]
fn a_redelegation_can_be_stopped() {
    let (story, _, to) = moving();
    story.world.ok(&[story.stop(&to)], &[&story.delegator]);
    assert_eq!((incoming(&story, &to), story.delegation(&to).incoming_count), (0, 0));
    story.world.fails(story.settle(&to), &[], StakeError::WrongNewDelegation);
    story.world.fails(story.stop(&to), &[&story.delegator], StakeError::WrongNewDelegation);
    story.world.pass(WEEK);
    story.world.ok(&[story.withdraw()], &[&story.delegator]);
    assert_eq!(story.world.tokens(story.theirs.tokens), 1_000 * TOKEN);
    story.check();
}

#[test]
fn what_the_new_provider_cannot_take_leaves_the_pool() {
    let (mut story, _, to) = moving();
    let mut other: Provider = story.world.read(to.provider);
    other.status = status::TOMBSTONED;
    story.world.forge(to.provider, &other);
    story.world.pass(WEEK);
    let receipt = story.world.ok(&[story.settle(&to)], &[]);
    let event: event::RedelegationStopped = receipt.event(ID);
    assert_eq!((event.owner, event.ticket), (to.owner, story.ticket()));
    assert_eq!(receipt.events::<event::RedelegationCompleted>(ID).len(), 0);
    assert_eq!(story.world.read::<UnbondingTicket>(story.ticket()).new_delegation, Address::default());
    story.world.ok(&[story.withdraw()], &[&story.delegator]);
    assert_eq!(story.world.tokens(story.theirs.tokens), 1_000 * TOKEN);
    story.check();
}

#[test]
fn tokens_on_their_way_count_as_tokens_whatever_the_other_pot_is_worth() {
    // The other provider's delegators lost all but a unit.
    let mut story = Story::with_stake();
    let (authority, sibling, to) = story.sibling();
    let whale = story.pool.open_delegation(&story.world, sibling, authority.pubkey(), story.own.tokens);
    let _ = whale;
    story.world.ok(&[story.pool.stake_instruction(&to, 100 * TOKEN)], &[&story.delegator]);
    let mut other: Provider = story.world.read(to.provider);
    (other.delegated.tokens, other.delegated.price) = (Tokens(1), PRICE_ONE / (100 * TOKEN));
    story.world.forge(to.provider, &other);
    story.world.fails(story.redelegate(500_000, &to), &[&story.payer, &story.delegator], StakeError::PotWornOut);
    // Above the lowest price a pot takes stake, and it counts as what it is.
    (other.delegated.tokens, other.delegated.price) = (Tokens(TOKEN), PRICE_ONE / 100);
    story.world.forge(to.provider, &other);
    story.world.ok(&[story.redelegate(500_000, &to)], &[&story.payer, &story.delegator]);
    assert_eq!(incoming(&story, &to), 500_000 / 4);
}

#[test]
fn a_ticket_that_is_due_is_closed_by_one_completion() {
    // What is worth less than a unit of the other pot's shares, over and over: each call closes it or changes nothing.
    let mut story = Story::with_stake();
    let (_, _, to) = story.sibling();
    story.world.ok(&[story.redelegate(1, &to)], &[&story.payer, &story.delegator]);
    story.world.pass(WEEK);
    story.world.ok(&[story.settle(&to)], &[]);
    assert_eq!(story.world.account(story.ticket()), None);
    story.world.fails(story.settle(&to), &[], StakeError::WrongOwner);
    assert_eq!(story.provider().unbonding.ticket_count, 0);
}

#[test]
fn a_ticket_slashed_on_its_way_has_earned_only_by_what_is_left() {
    let (story, _, to) = moving();
    story.world.ok(&[story.fund(150 * TOKEN)], &[&story.delegator]);
    // Half of everything, a day later; nobody weighs the ticket again.
    story.slashed(75 * TOKEN, sentence::FINE);
    story.world.pass(WEEK);
    story.world.ok(&[story.settle(&to)], &[]);
    story.world.ok(&[story.claim(&to)], &[&story.delegator]);
    let earned = story.world.tokens(story.theirs.tokens) - 800 * TOKEN;
    // A third for a day, then half of all weight that is left, on half of its tokens, less a tenth: at most so much.
    assert!(earned <= 45 * TOKEN / 2 + 15 * TOKEN, "{earned}");
}

#[test]
fn locks_and_redelegations_keep_apart() {
    let mut story = Story::with_stake();
    let (_, _, to) = story.sibling();
    let (world, owner) = (&story.world, &[&story.delegator][..]);
    let signers = &[&story.payer, &story.delegator][..];
    world.ok(&[story.lock_stake(&to, 14)], owner);
    world.fails(story.redelegate(50 * SHARES, &to), signers, StakeError::Locked);
    world.pass(14 * DAY);
    world.ok(&[story.redelegate(25 * SHARES, &to)], signers);
    world.fails(story.lock_stake(&to, 14), owner, StakeError::IncomingStake);
    world.fails(story.close_delegation(&to), &[], StakeError::NotEmpty);
    world.ok(&[story.lock_stake(&story.theirs, 14)], owner);
    world.fails(story.redelegate(25 * SHARES, &to), signers, StakeError::Locked);
}

#[test]
fn stake_moves_only_to_providers_that_take_jobs() {
    let mut story = Story::with_stake();
    let (_, _, to) = story.sibling();
    for status in [status::JAILED, status::TOMBSTONED] {
        let mut other: Provider = story.world.read(to.provider);
        other.status = status;
        story.world.forge(to.provider, &other);
        let redelegate = story.redelegate(SHARES, &to);
        story.world.fails(redelegate, &[&story.payer, &story.delegator], StakeError::ProviderNotActive);
    }
}

#[test]
fn stake_does_not_arrive_where_a_slash_is_proposed() {
    let mut story = Story::with_stake();
    let (authority, _, to) = story.sibling();
    story.world.ok(&[story.pool.stake_instruction(&to, 100 * TOKEN)], &[&story.delegator]);
    story.world.ok(&[story.redelegate(50 * TOKEN, &to)], &[&story.payer, &story.delegator]);
    story.world.pass(WEEK - 1);
    let settle = story.settle(&to);
    let new = Story { provider: to.provider, authority, ..story };
    new.world.ok(&[new.propose(40 * TOKEN, sentence::FINE)], &new.proposing());
    new.world.pass(DAY);
    // It was not there when the fault was found.
    new.world.ok(std::slice::from_ref(&settle), &[]);
    assert_eq!((incoming(&new, &to), new.provider().delegated.tokens), (50 * TOKEN / 4, Tokens(100 * TOKEN)));
    new.world.ok(&[new.execute(0), settle], &[]);
    assert_eq!((incoming(&new, &to), new.provider().delegated.tokens), (0, Tokens(110 * TOKEN)));
}

#[test]
fn own_stake_of_a_provider_in_jail_earns_nowhere() {
    let mut story = Story::with_stake();
    let (_, sibling, _) = story.sibling();
    let to = story.pool.open_delegation(&story.world, sibling, story.own.owner, story.own.tokens);
    let redelegate = |amount| {
        let ticket = story.pool.next_ticket(&story.world, &story.own);
        let redelegate = swap(swap(story.redelegate(amount, &to), 1, story.own.owner), 4, story.own.delegation);
        swap(redelegate, 5, ticket)
    };
    let signers = &[&story.payer, &story.authority][..];
    story.world.ok(&[redelegate(TOKEN)], signers);
    // Nor does it leave to earn elsewhere once the sentence is proposed.
    story.world.ok(&[story.propose(0, sentence::JAIL)], &story.proposing());
    story.world.fails(redelegate(TOKEN), signers, StakeError::SlashPending);
    story.world.pass(DAY);
    story.world.ok(&[story.execute(0)], &[]);
    story.world.fails(redelegate(TOKEN), signers, StakeError::ProviderNotActive);
    let ticket = story.pool.next_ticket(&story.world, &story.own);
    let unstake = story.pool.unstake_instruction(&story.world, &story.own, ticket, TOKEN);
    story.world.ok(&[unstake], &[&story.authority]);
}

#[test]
fn a_provider_has_no_commission_of_what_is_not_there() {
    // The provider with a commission of a tenth, and a third of the rewards on their way to it.
    for (there, commission) in [(true, 5 * TOKEN), (false, 0)] {
        let (mut story, authority, to) = moving();
        if !there {
            story.edit_provider(|provider| {
                provider.unbonding.tokens = Tokens(0);
                provider.unbonding.scale = 4;
            });
        }
        story.world.ok(&[story.fund(150 * TOKEN)], &[&story.delegator]);
        story.world.pass(WEEK);
        story.world.ok(&[story.settle(&to)], &[]);
        let new: Provider = story.world.read(to.provider);
        let accrued = (new.commission_accrued.get() >> 64) as u64;
        assert!(accrued <= commission && accrued + 2 > commission, "{accrued}");
        let _ = authority;
        let back = if there { 0 } else { 50 * TOKEN };
        let undistributed = story.rewards().undistributed.0;
        assert!(undistributed <= back && undistributed + 2 > back, "{undistributed}");
    }
}

#[test]
fn redelegating_checks_its_accounts() {
    let mut story = Story::with_stake();
    let stranger = story.stranger();
    let (other, sibling, to) = story.sibling();
    let (_, third, _) = story.sibling();
    let theirs = story.pool.open_delegation(&story.world, sibling, other.pubkey(), story.own.tokens);
    let redelegate = || story.redelegate(20 * SHARES, &to);
    let (world, payer, owner) = (&story.world, &story.payer, &story.delegator);
    let signers = &[payer, owner][..];
    world.fails(unsigned(redelegate(), 0), &[owner], StakeError::MissingSigner);
    world.fails(unsigned(redelegate(), 1), &[payer], StakeError::MissingSigner);
    world.fails(swap(redelegate(), 1, story.own.owner), &[payer, &story.authority], StakeError::Unauthorized);
    for index in [0, 3, 4, 5, 7, 8, 9] {
        world.fails(read_only(redelegate(), index), signers, StakeError::NotWritable);
    }
    world.fails(swap(redelegate(), 2, stranger.pool.address), signers, StakeError::WrongPool);
    world.fails(swap(redelegate(), 3, stranger.provider), signers, StakeError::WrongPool);
    world.fails(swap(redelegate(), 3, sibling), signers, StakeError::WrongProvider);
    world.fails(swap(redelegate(), 4, story.own.delegation), signers, StakeError::Unauthorized);
    world.fails(swap(redelegate(), 4, to.delegation), signers, StakeError::WrongProvider);
    world.fails(swap(redelegate(), 5, story.pool.ticket(&story.theirs, 1)), signers, StakeError::WrongAddress);
    world.fails(swap(redelegate(), 6, TOKEN_PROGRAM), signers, StakeError::WrongProgram);
    world.fails(swap(redelegate(), 7, stranger.pool.rewards), signers, StakeError::WrongAddress);
    world.fails(swap(redelegate(), 8, stranger.provider), signers, StakeError::WrongPool);
    world.fails(swap(redelegate(), 9, theirs.delegation), signers, StakeError::Unauthorized);
    world.fails(swap(redelegate(), 9, story.own.delegation), signers, StakeError::WrongProvider);
    // To where it is.
    world.fails(story.redelegate(SHARES, &story.theirs), signers, StakeError::DuplicateAccount);
    for shares in [50 * SHARES + 1, u64::MAX - 1] {
        world.fails(story.redelegate(shares, &to), signers, StakeError::InsufficientShares);
    }
    world.fails(story.redelegate(0, &to), signers, StakeError::ZeroAmount);
    world.ok(&[redelegate()], signers);

    let settle = || story.settle(&to);
    for index in [1, 2, 3, 4, 5, 6] {
        world.fails(read_only(settle(), index), &[], StakeError::NotWritable);
    }
    world.fails(swap(settle(), 0, stranger.pool.address), &[], StakeError::WrongPool);
    world.fails(swap(settle(), 1, stranger.provider), &[], StakeError::WrongPool);
    world.fails(swap(settle(), 1, sibling), &[], StakeError::WrongProvider);
    world.fails(swap(settle(), 2, story.theirs.delegation), &[], StakeError::WrongAccountType);
    world.fails(swap(settle(), 3, stranger.pool.rewards), &[], StakeError::WrongAddress);
    world.fails(swap(settle(), 4, stranger.provider), &[], StakeError::WrongPool);
    world.fails(swap(settle(), 4, third), &[], StakeError::WrongProvider);
    world.fails(swap(settle(), 5, theirs.delegation), &[], StakeError::WrongNewDelegation);
    world.fails(swap(settle(), 6, story.theirs.owner), &[], StakeError::WrongPayer);

    let stop = || story.stop(&to);
    world.fails(unsigned(stop(), 0), &[], StakeError::MissingSigner);
    world.fails(swap(stop(), 0, story.own.owner), &[&story.authority], StakeError::Unauthorized);
    for index in [2, 3, 4, 5] {
        world.fails(read_only(stop(), index), &[owner], StakeError::NotWritable);
    }
    world.fails(swap(stop(), 1, stranger.pool.address), &[owner], StakeError::WrongPool);
    world.fails(swap(stop(), 2, stranger.pool.rewards), &[owner], StakeError::WrongAddress);
    world.fails(swap(stop(), 3, story.provider), &[owner], StakeError::WrongProvider);
    world.fails(swap(stop(), 4, story.theirs.delegation), &[owner], StakeError::WrongProvider);
    world.fails(swap(stop(), 5, to.delegation), &[owner], StakeError::WrongAccountType);
    world.ok(&[stop()], &[owner]);
}

/// Not with all that is on its way out.
#[test]
fn a_redelegation_completes_with_its_own_tokens() {
    let mut story = Story::with_stake();
    let (_, _, to) = story.sibling();
    let (world, signers) = (&story.world, &[&story.payer, &story.delegator][..]);
    world.ok(&[story.redelegate(20 * SHARES, &to)], signers);
    world.ok(&[story.unstake(7 * SHARES)], signers);
    world.pass(WEEK);
    let completed: event::RedelegationCompleted = world.ok(&[story.settle(&to)], &[]).event(ID);
    assert_eq!((completed.owner, completed.tokens), (to.owner, Tokens(20 * TOKEN)));
    assert_eq!(story.provider().unbonding.tokens, Tokens(7 * TOKEN));
    assert_eq!(world.read::<Provider>(to.provider).delegated, pot(20 * TOKEN));
}
