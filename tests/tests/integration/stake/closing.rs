//! Providers that are closed, and come back.

use super::*;

fn close(story: &Story) -> Instruction {
    CloseProvider {
        authority: story.authority.pubkey(),
        pool: story.pool.address,
        provider: story.provider,
        rewards: story.pool.rewards,
        rent_receiver: story.world.payer().pubkey(),
    }
    .instruction(&CloseProviderArgs {})
}

/// Nothing is behind the provider any more, but its delegations are open.
fn left() -> Story {
    let story = Story::with_stake();
    let world = &story.world;
    world.ok(&[story.report(outcome::DELIVERED)], &[&story.slashing]);
    story.slashed(30 * TOKEN, sentence::FINE);
    world.fails(close(&story), &[&story.authority], StakeError::NotEmpty);
    world.ok(&[story.unstake(u64::MAX)], &[&story.payer, &story.delegator]);
    let ticket = story.pool.next_ticket(world, &story.own);
    world.ok(&[story.pool.unstake_instruction(world, &story.own, ticket, u64::MAX)], &[&story.authority]);
    world.pass(WEEK);
    world.fails(close(&story), &[&story.authority], StakeError::NotEmpty);
    world.ok(&[story.withdraw()], &[&story.delegator]);
    world.ok(&[story.pool.withdraw_instruction(world, &story.own, ticket)], &[&story.authority]);
    // What was slashed is still to be settled.
    world.fails(close(&story), &[&story.authority], StakeError::NotEmpty);
    world.ok(&[story.settle_slashed()], &[]);
    story
}

#[test]
fn a_provider_is_closed_into_a_stub_and_comes_back_with_its_record() {
    let story = left();
    let (world, authority) = (&story.world, &[&story.authority][..]);
    // Delegations could hold rewards. What is worth nothing, anyone closes.
    world.fails(close(&story), authority, StakeError::NotEmpty);
    world.ok(&[story.close_delegation(&story.theirs), story.close_delegation(&story.own)], &[]);
    let (before, lamports) = (story.provider(), world.lamports(world.payer().pubkey()));
    let receipt = world.ok(&[close(&story)], authority);
    let event: event::ProviderClosed = receipt.event(ID);
    assert_eq!((event.pool, event.authority), (story.pool.address, story.authority.pubkey()));
    assert_eq!(event.header.sequence, before.sequence + 1);
    let stub: ProviderStub = world.read(story.provider);
    assert_eq!((stub.pool, stub.authority, stub.sequence), (before.pool, before.authority, before.sequence + 1));
    assert_eq!((stub.slash_count, stub.ticket_base, stub.reputation), (1, 1, before.reputation));
    let rent = world.rent(ProviderStub::SIZE);
    assert_eq!(world.lamports(story.provider), rent);
    assert!(world.lamports(world.payer().pubkey()) > lamports, "its rent came back");

    // It is no provider, but it answers for jobs that were running without a bond.
    world.fails(story.pool.open_delegation_instruction(world, &story.theirs), &[], StakeError::WrongAccountType);
    world.fails(story.lock(TOKEN), &story.bonding(), StakeError::WrongAccountType);
    world.fails(close(&story), authority, StakeError::WrongAccountType);
    let receipt = world.ok(&[story.report(outcome::FAILED)], &[&story.slashing]);
    assert_eq!(receipt.event::<event::JobReported>(ID).header.sequence, before.sequence + 2);

    // Registered again, nothing was forgotten.
    story.pool.register(world, &story.authority);
    let after = story.provider();
    assert_eq!((after.slash_count, after.ticket_base, after.sequence), (1, 1, before.sequence + 3));
    assert_eq!((after.reputation.delivered, after.reputation.failed), (1, 1));
    assert_eq!((after.status, after.commission, after.own), (status::ACTIVE, Bps(1_000), Tokens(0)));
    world.fails(
        story.pool.register_instruction(world, story.authority.pubkey()),
        authority,
        StakeError::AlreadyInitialized,
    );
    story.pool.open_delegation(world, story.provider, story.own.owner, story.own.tokens);
    world.ok(&[story.stake(TOKEN)], authority);
    story.check();
}

#[test]
fn closing_a_provider_checks_its_accounts_and_its_sentence() {
    let mut story = left();
    let stranger = story.stranger();
    story.world.ok(&[story.close_delegation(&story.theirs), story.close_delegation(&story.own)], &[]);
    let authority = story.authority.insecure_clone();
    let authority = &[&authority][..];
    let world = &story.world;
    world.fails(unsigned(close(&story), 0), &[], StakeError::MissingSigner);
    world.fails(swap(close(&story), 0, story.theirs.owner), &[&story.delegator], StakeError::Unauthorized);
    world.fails(swap(close(&story), 1, stranger.pool.address), authority, StakeError::WrongAddress);
    world.fails(swap(close(&story), 2, stranger.provider), authority, StakeError::WrongPool);
    world.fails(swap(close(&story), 2, story.pool.address), authority, StakeError::WrongAccountType);
    world.fails(swap(close(&story), 3, stranger.pool.rewards), authority, StakeError::WrongAddress);
    world.fails(swap(close(&story), 4, story.own.owner), authority, StakeError::WrongPayer);
    for index in [2, 3] {
        world.fails(read_only(close(&story), index), authority, StakeError::NotWritable);
    }
    let provider = story.provider();
    // A sentence does not go with the account.
    for status in [status::JAILED, status::TOMBSTONED] {
        story.world.forge(story.provider, &Provider { status, ..provider });
        story.world.fails(close(&story), authority, StakeError::ProviderNotActive);
    }
    story.world.forge(story.provider, &provider);
    story.world.ok(&[close(&story)], authority);
}
