//! Providers that are closed, and come back; slashers and pools that are closed.

use super::*;

/// Of a signature.
const FEE: u64 = 5_000;

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
    left_behind(|_| ())
}

/// The same, after `before` while there was stake.
fn left_behind(before: impl Fn(&Story)) -> Story {
    let story = Story::with_stake();
    before(&story);
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
    let mut story = left();
    let stranger = story.stranger();
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

    // It comes back to its own pool, by its own authority.
    let register = |by: &Keypair| swap(story.pool.register_instruction(world, by.pubkey()), 3, story.provider);
    world.fails(register(&story.delegator), &[&story.delegator], StakeError::Unauthorized);
    let elsewhere = swap(register(&story.authority), 2, stranger.pool.address);
    world.fails(elsewhere, authority, StakeError::WrongPool);

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

/// Whoever saw its commission, and stakes when it is back, has the same notice of a rise as everybody.
#[test]
fn a_provider_that_comes_back_announces_a_higher_commission() {
    let story = left();
    let (world, authority) = (&story.world, &[&story.authority][..]);
    let register = |commission: u16| {
        let mut register = story.pool.register_instruction(world, story.authority.pubkey());
        register.data[1..3].copy_from_slice(&commission.to_le_bytes());
        register
    };
    world.ok(&[story.close_delegation(&story.theirs), story.close_delegation(&story.own)], &[]);
    // One that was announced, and is not in force, is forgotten.
    world.ok(&[story.set_commission(2_000), close(&story)], authority);
    assert_eq!(world.read::<ProviderStub>(story.provider).commission, Bps(1_000));
    world.fails(register(3_001), authority, StakeError::CommissionStepTooLarge);
    world.fails(register(10_001), authority, StakeError::CommissionTooHigh);
    let receipt = world.ok(&[register(3_000)], authority);
    let announced: event::CommissionChanged = receipt.event(ID);
    let effective_at = Timestamp(world.now().0 + 3 * DAY as i64);
    assert_eq!((announced.commission, announced.effective_at), (3_000, effective_at));
    let provider = story.provider();
    assert_eq!((provider.commission, provider.next_commission), (Bps(1_000), Bps(3_000)));
    assert_eq!((provider.next_commission_at, provider.sequence), (effective_at, announced.header.sequence));
    // Closed again before it is in force, nothing is gained; less applies at once.
    world.pass(2 * DAY);
    world.ok(&[close(&story), register(3_000)], authority);
    assert_eq!(story.provider().next_commission_at, Timestamp(world.now().0 + 3 * DAY as i64));
    world.ok(&[close(&story), register(500)], authority);
    assert_eq!((story.provider().commission, story.provider().next_commission_at), (Bps(500), Timestamp(0)));
}

/// The rent of a bond that another slasher holds would be lost until the provider comes back.
#[test]
fn a_bond_of_nothing_is_released_after_its_provider_was_closed() {
    // All of it was seized, and the slasher never released it.
    let story = left_behind(|story| {
        story.world.ok(&[story.lock(TOKEN)], &story.bonding());
        story.world.ok(&[story.seize(TOKEN, seizure::BURN, story.pool.mint)], &[&story.slashing]);
    });
    let (world, authority) = (&story.world, &[&story.authority][..]);
    world.ok(&[story.close_delegation(&story.theirs), story.close_delegation(&story.own)], &[]);
    world.ok(&[close(&story)], authority);
    let stub: ProviderStub = world.read(story.provider);
    world.fails(swap(story.release(), 0, story.payer.pubkey()), &[&story.payer], StakeError::Unauthorized);
    let (payer, lamports) = (story.payer.pubkey(), world.lamports(story.bond(JOB)));
    let before = world.lamports(payer);
    let released: event::BondReleased = world.ok(&[story.release()], &[&story.slashing]).event(ID);
    assert_eq!((released.amount, released.header.sequence), (Tokens(0), stub.sequence + 1));
    assert_eq!((world.account(story.bond(JOB)), world.lamports(payer)), (None, before + lamports));
    // What was reported with it stays in the record.
    let after: ProviderStub = world.read(story.provider);
    let reported = |stub: &ProviderStub| stub.reputation.delivered + stub.reputation.failed;
    assert_eq!(reported(&after), reported(&stub) + (released.outcome != 0) as u32);
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
    // The time in jail does not go with the account.
    story.world.forge(story.provider, &Provider { status: status::JAILED, ..provider });
    story.world.fails(close(&story), authority, StakeError::ProviderNotActive);
    story.world.forge(story.provider, &provider);
    story.world.ok(&[close(&story)], authority);
}

/// Its rent would be lost for ever, and with it that of its pool.
#[test]
fn a_tombstone_outlives_its_provider() {
    let mut story = left();
    let authority = story.authority.insecure_clone();
    let sentenced = Provider { status: status::TOMBSTONED, ..story.provider() };
    story.world.forge(story.provider, &sentenced);
    let world = &story.world;
    world.ok(&[story.close_delegation(&story.theirs), story.close_delegation(&story.own)], &[]);
    world.ok(&[close(&story)], &[&authority]);
    let stub: ProviderStub = world.read(story.provider);
    assert_eq!((stub.status, stub.slash_count), (status::TOMBSTONED, sentenced.slash_count));
    assert_eq!(world.read::<PoolState>(story.pool.address).provider_count, 0);
    let register = story.pool.register_instruction(world, authority.pubkey());
    world.fails(register, &[&authority], StakeError::ProviderNotActive);
    // Its jobs are reported of it all the same.
    world.ok(&[story.report(outcome::FAILED)], &[&story.slashing]);
}

impl Story {
    fn close_slasher(&self) -> Instruction {
        self.pool.close_slasher_instruction(&self.world, self.slasher)
    }

    fn close_pool(&self) -> Instruction {
        self.pool.close_instruction(&self.world, &self.network, self.network.treasury)
    }

    fn governs(&self) -> [&Keypair; 1] {
        [&self.network.authority]
    }
}

#[test]
fn a_dismissed_slasher_is_closed_by_anyone_and_what_it_held_is_given_back() {
    let mut story = Story::with_bond();
    let passer_by = story.world.user();
    let world = &story.world;
    world.fails(story.close_slasher(), &[], StakeError::SlasherInUse);
    // One right is enough to stay.
    for right in [rights::REPORT, rights::SLASH, rights::BOND] {
        world.ok(&[story.set_slasher(right, 0)], &story.governs());
        world.pass(60 * DAY);
        world.fails(story.close_slasher(), &[], StakeError::SlasherInUse);
    }
    world.ok(&[story.set_slasher(0, 0)], &story.governs());
    world.fails(story.close_slasher(), &[], StakeError::SlasherInUse);
    world.pass(WEEK - 1);
    world.fails(story.close_slasher(), &[], StakeError::SlasherInUse);
    world.pass(1);
    let (payer, lamports) = (world.payer().pubkey(), world.lamports(story.slasher));
    assert_eq!(lamports, world.rent(Slasher::SIZE));
    world.fails(swap(story.close_slasher(), 2, story.payer.pubkey()), &[], StakeError::WrongPayer);
    let before = world.lamports(payer);
    world.ok(&[story.close_slasher()], &[]);
    assert_eq!((world.account(story.slasher), world.lamports(payer)), (None, before + lamports - FEE));

    // Nobody seizes what it held, nobody locks more, and anyone gives it back: to its provider.
    let slashing = &[&story.slashing][..];
    world.fails(story.seize(TOKEN, seizure::BURN, story.pool.mint), slashing, StakeError::WrongOwner);
    world.fails(story.lock_for(Address::new_from_array([8; 32]), TOKEN), &story.bonding(), StakeError::WrongOwner);
    let release = |outcome: u8| {
        ReleaseBond {
            slasher_authority: passer_by.pubkey(),
            slasher: story.slasher,
            provider: story.provider,
            bond: story.bond(JOB),
            rent_receiver: story.payer.pubkey(),
        }
        .instruction(&ReleaseBondArgs { outcome, weight: WHOLE_JOB })
    };
    world.fails(release(outcome::DELIVERED), &[&passer_by], StakeError::MissingRight);
    // No other address stands for the closed one.
    world.fails(swap(release(0), 1, passer_by.pubkey()), &[&passer_by], StakeError::WrongSlasher);
    let own = story.provider().own;
    world.ok(&[release(0)], &[&passer_by]);
    assert_eq!((story.provider().bonded, story.provider().own), (Tokens(0), Tokens(own.0 + 80 * TOKEN)));
    assert_eq!(world.account(story.bond(JOB)), None);
    story.check();
}

/// What it held is its own again if it is added again, and what it proposed before is decided.
#[test]
fn a_closed_slasher_is_added_again_and_begins_with_nothing() {
    let story = Story::with_bond();
    let world = &story.world;
    world.ok(&[story.propose(10 * TOKEN, sentence::FINE)], &story.proposing());
    world.ok(&[story.set_slasher(0, 0)], &story.governs());
    world.pass(DAY);
    world.ok(&[story.execute(0)], &[]);
    // As long as the window of its last proposal runs, what it proposed counts.
    world.pass(29 * DAY - 1);
    world.fails(story.close_slasher(), &[], StakeError::SlasherInUse);
    world.pass(1);
    world.ok(&[story.close_slasher()], &[]);
    let add = story.pool.add_slasher_instruction(world, &story.network, story.slashing.pubkey());
    world.ok(&[add], &story.governs());
    let slasher: Slasher = world.read(story.slasher);
    assert!(slasher.active_at >= world.now().after(Seconds(8 * DAY as u32)).unwrap(), "as any other");
    assert_eq!(world.read::<PoolState>(story.pool.address).slasher_count, 1);
    world.ok(&[story.release()], &[&story.slashing]);
    story.check();
}

#[test]
fn closing_a_slasher_checks_its_accounts() {
    let mut story = Story::new();
    let stranger = story.stranger();
    let world = &story.world;
    world.ok(&[story.set_slasher(0, 0)], &story.governs());
    world.pass(WEEK);
    world.fails(swap(story.close_slasher(), 0, stranger.pool.address), &[], StakeError::WrongPool);
    world.fails(swap(story.close_slasher(), 1, stranger.slasher), &[], StakeError::WrongPool);
    world.fails(swap(story.close_slasher(), 1, story.provider), &[], StakeError::WrongAccountType);
    world.fails(swap(story.close_slasher(), 2, story.slasher), &[], StakeError::WrongPayer);
    for index in [0, 1] {
        world.fails(read_only(story.close_slasher(), index), &[], StakeError::NotWritable);
    }
    world.ok(&[story.close_slasher()], &[]);
    world.fails(story.close_slasher(), &[], StakeError::WrongOwner);
}

/// All that was in the pool is gone, but for rewards that came when nobody staked, and what somebody sent to its vault.
fn deserted() -> Story {
    let story = left();
    let world = &story.world;
    world.ok(&[story.close_delegation(&story.theirs), story.close_delegation(&story.own)], &[]);
    world.fails(story.close_pool(), &story.governs(), StakeError::PoolInUse);
    world.ok(&[close(&story)], &[&story.authority]);
    world.fails(story.close_pool(), &story.governs(), StakeError::PoolInUse);
    world.ok(&[story.set_slasher(0, 0)], &story.governs());
    world.pass(60 * DAY);
    world.ok(&[story.close_slasher()], &[]);
    world.ok(&[story.fund(3 * TOKEN)], &[&story.delegator]);
    let state: PoolState = world.read(story.pool.address);
    assert_eq!((state.provider_count, state.slasher_count, state.payer), (0, 0, world.payer().pubkey()));
    story
}

#[test]
fn a_pool_in_which_nobody_is_left_is_closed_and_its_rent_returns() {
    let story = deserted();
    let (world, pool) = (&story.world, story.pool);
    // Not under a policy that waits, which would be in force in a new one.
    let rules = PoolPolicy { min_self_stake: Tokens(1), ..Pool::rules() };
    let propose = pool.propose_policy_instruction(world, &story.network, rules, story.network.treasury);
    world.ok(&[propose], &story.governs());
    world.fails(story.close_pool(), &story.governs(), StakeError::PoolInUse);
    world.ok(&[pool.cancel_policy_instruction(world, &story.network)], &story.governs());

    let accounts = [pool.address, pool.vault, pool.rewards];
    let rents: u64 = accounts.iter().map(|account| world.lamports(*account)).sum();
    let (payer, treasury) = (world.payer().pubkey(), story.network.treasury);
    let (before, had, left) = (world.lamports(payer), world.tokens(treasury), world.tokens(pool.vault));
    assert!(left >= 3 * TOKEN);
    world.ok(&[story.close_pool()], &story.governs());
    assert!(accounts.iter().all(|account| world.account(*account).is_none()));
    assert_eq!(world.lamports(payer), before + rents - 2 * FEE);
    assert_eq!(world.tokens(treasury), had + left);

    // What a provider did is not forgotten with the pool.
    let stub: ProviderStub = world.read(story.provider);
    world.ok(&[swap(pool.create_instruction(world, &story.network, Pool::rules()), 9, treasury)], &story.governs());
    pool.register(world, &story.authority);
    let again = story.provider();
    assert_eq!((again.slash_count, again.reputation), (stub.slash_count, stub.reputation));
    assert_eq!(world.read::<PoolState>(pool.address).provider_count, 1);
    world.fails(story.close_pool(), &story.governs(), StakeError::PoolInUse);
}

#[test]
fn what_is_left_of_a_pool_without_a_treasury_is_burned() {
    let mut story = deserted();
    let state: PoolState = story.world.read(story.pool.address);
    story.world.forge(story.pool.address, &PoolState { treasury: Address::default(), ..state });
    let world = &story.world;
    let (supply, left) = (world.supply(story.pool.mint), world.tokens(story.pool.vault));
    world.ok(&[swap(story.close_pool(), 7, ID)], &story.governs());
    assert_eq!(world.supply(story.pool.mint), supply - left);
}

#[test]
fn closing_a_pool_checks_its_accounts() {
    let mut story = deserted();
    let stranger = story.stranger();
    let (world, governs) = (&story.world, &story.governs()[..]);
    let close = || story.close_pool();
    world.fails(unsigned(close(), 0), &[], StakeError::MissingSigner);
    world.fails(swap(close(), 0, story.delegator.pubkey()), &[&story.delegator], StakeError::Unauthorized);
    let of_another = swap(swap(close(), 0, stranger.network.authority.pubkey()), 1, stranger.network.address);
    world.fails(of_another, &[&stranger.network.authority], StakeError::WrongNetwork);
    world.fails(swap(close(), 2, stranger.pool.address), governs, StakeError::WrongNetwork);
    world.fails(swap(close(), 3, stranger.pool.vault), governs, StakeError::WrongAddress);
    world.fails(swap(close(), 4, stranger.pool.rewards), governs, StakeError::WrongAddress);
    world.fails(swap(close(), 5, stranger.pool.mint), governs, StakeError::WrongAddress);
    world.fails(swap(close(), 6, TOKEN_2022_PROGRAM), governs, StakeError::WrongTokenProgram);
    world.fails(swap(close(), 7, story.theirs.tokens), governs, StakeError::WrongAddress);
    world.fails(swap(close(), 8, story.own.owner), governs, StakeError::WrongPayer);
    for index in [2, 3, 4, 5, 7] {
        world.fails(read_only(close(), index), governs, StakeError::NotWritable);
    }
    world.ok(&[close()], governs);
    world.fails(close(), governs, StakeError::WrongOwner);
}
