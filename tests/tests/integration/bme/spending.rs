//! Locking, giving back and consuming credits.

use super::*;

#[test]
fn credits_are_locked_given_back_and_consumed() {
    let story = Story::with_credits();
    let both: &[&Keypair] = &[&story.client, &story.spending];
    let receipt = story.world.ok(&[story.lock(100)], both);
    let event: event::CreditsLocked = receipt.event(ID);
    assert_eq!((event.reference, event.amount, event.header.sequence), (JOB, Credits(100), 2));

    let receipt = story.world.ok(&[story.unlock(30)], &[&story.spending]);
    let event: event::CreditsUnlocked = receipt.event(ID);
    assert_eq!((event.reference, event.amount, event.header.sequence), (JOB, Credits(30), 3));

    let receipt = story.world.ok(&[story.consume(70)], &[&story.spending]);
    let event: event::CreditsConsumed = receipt.event(ID);
    assert_eq!((event.reference, event.amount, event.header.sequence), (JOB, Credits(70), 4));
    assert_eq!((event.provider, event.epoch), (story.provider.pubkey(), 0));
    for shared in [story.network.address, story.network.mint, story.spender] {
        assert!(!receipt.writable.contains(&shared), "consuming must not write what all users share");
    }

    let account = story.credit_account();
    assert_eq!((account.balance, account.consumed), (Credits(248_999_930), Credits(70)));
    assert_eq!(account.locked, [Credits(0); 16]);
    let work: ProviderWork = story.world.read(story.work);
    assert_eq!((work.work[0].credits, work.total_work), (Credits(70), Credits(70)));
    let shard: WorkShard = story.world.read(story.network.work_shard(0));
    assert_eq!((shard.work[0].credits, shard.total_work), (Credits(70), Credits(70)));
}

#[test]
fn no_more_than_the_balance_is_taken() {
    let story = Story::with_credits();
    let both: &[&Keypair] = &[&story.client, &story.spending];
    for amount in [249_000_001, u64::MAX] {
        story.world.fails(story.lock(amount), both, BmeError::InsufficientCredits);
    }
    story.world.fails(story.lock(0), both, BmeError::ZeroAmount);
    story.world.ok(&[story.lock(249_000_000)], both);
    for amount in [249_000_001, u64::MAX] {
        story.world.fails(story.unlock(amount), &[&story.spending], BmeError::InsufficientCredits);
        story.world.fails(story.consume(amount), &[&story.spending], BmeError::InsufficientCredits);
    }
    story.world.fails(story.unlock(0), &[&story.spending], BmeError::ZeroAmount);
    story.world.fails(story.consume(0), &[&story.spending], BmeError::ZeroAmount);
}

#[test]
fn a_spender_reaches_only_what_was_locked_for_it() {
    let mut story = Story::with_locked();
    let rival = story.world.user();
    let theirs = story.network.add_spender(&story.world, rival.pubkey());
    let as_rival = |instruction| swap(swap(instruction, 0, rival.pubkey()), 1, theirs);
    story.world.fails(as_rival(story.unlock(1)), &[&rival], BmeError::InsufficientCredits);
    story.world.fails(as_rival(story.consume(1)), &[&rival], BmeError::InsufficientCredits);
    assert_eq!(story.world.read::<Spender>(theirs).id, 1);
    // Nor with another's account and its own signature.
    story.world.fails(swap(story.consume(1), 0, rival.pubkey()), &[&rival], BmeError::Unauthorized);
    story.world.fails(swap(story.unlock(1), 0, rival.pubkey()), &[&rival], BmeError::Unauthorized);
}

#[test]
fn locking_checks_its_accounts() {
    let mut story = Story::with_credits();
    let stranger = story.stranger();
    let their_spender = stranger.add_spender(&story.world, story.spending.pubkey());
    let other = story.world.user();
    let others = story.network.open_credit_account(&story.world, other.pubkey());
    let their_credits = stranger.open_credit_account(&story.world, story.client.pubkey());
    let (world, lock) = (&story.world, || story.lock(1));
    let both: &[&Keypair] = &[&story.client, &story.spending];

    world.fails(unsigned(lock(), 0), &[&story.spending], BmeError::MissingSigner);
    world.fails(unsigned(lock(), 1), &[&story.client], BmeError::MissingSigner);
    world.fails(read_only(lock(), 4), both, BmeError::NotWritable);
    world.fails(swap(lock(), 0, other.pubkey()), &[&other, &story.spending], BmeError::Unauthorized);
    world.fails(swap(lock(), 1, other.pubkey()), &[&story.client, &other], BmeError::Unauthorized);
    world.fails(swap(lock(), 2, their_spender), both, BmeError::WrongNetwork);
    world.fails(swap(lock(), 2, story.work), both, BmeError::WrongAccountType);
    world.fails(swap(lock(), 2, story.source), both, BmeError::WrongOwner);
    world.fails(swap(lock(), 3, stranger.address), both, BmeError::WrongNetwork);
    world.fails(swap(lock(), 4, others), both, BmeError::Unauthorized);
    world.fails(swap(lock(), 4, their_credits), both, BmeError::WrongNetwork);
    world.fails(swap(lock(), 4, story.work), both, BmeError::WrongAccountType);
}

#[test]
fn a_spender_that_was_approved_locks_alone() {
    let mut story = Story::with_credits();
    let rival = story.world.user();
    let theirs = story.network.add_spender(&story.world, rival.pubkey());
    let client = story.client.pubkey();
    let stranger = story.stranger();
    let their_spender = stranger.add_spender(&story.world, story.spending.pubkey());
    let (world, network) = (&story.world, &story.network);
    let alone = || swap(story.lock(7), 0, story.spending.pubkey());
    let approve = |spender, approved| network.approve_spender_instruction(client, spender, approved);
    world.fails(alone(), &[&story.spending], BmeError::SpenderNotApproved);
    let another = swap(approve(story.spender, true), 0, rival.pubkey());
    world.fails(another, &[&rival], BmeError::Unauthorized);
    world.fails(unsigned(approve(story.spender, true), 0), &[], BmeError::MissingSigner);
    world.fails(approve(their_spender, true), &[&story.client], BmeError::WrongNetwork);
    let mut wrong = approve(story.spender, true);
    wrong.data[1] = 2;
    assert_eq!(world.out_of_range(wrong, &[&story.client]), "approved");

    world.ok(&[approve(story.spender, true)], &[&story.client]);
    world.ok(&[alone()], &[&story.spending]);
    // Only this one, for itself.
    let as_rival = swap(swap(swap(alone(), 0, rival.pubkey()), 1, rival.pubkey()), 2, theirs);
    world.fails(as_rival, &[&rival], BmeError::SpenderNotApproved);
    world.fails(swap(alone(), 0, rival.pubkey()), &[&rival, &story.spending], BmeError::Unauthorized);
    world.ok(&[approve(story.spender, false)], &[&story.client]);
    world.fails(alone(), &[&story.spending], BmeError::SpenderNotApproved);
    assert_eq!(story.credit_account().locked[0], Credits(7));
}

/// Neither does one that is approved leave its approval to the next in its place, nor does an approval touch what is locked.
#[test]
fn an_approval_ends_with_its_spender() {
    let mut story = Story::with_locked();
    let client = story.client.pubkey();
    let locked = story.credit_account().locked[0];
    let approve = |story: &Story, approved| {
        let approve = story.network.approve_spender_instruction(client, story.spender, approved);
        story.world.ok(&[approve], &[&story.client])
    };
    approve(&story, true);
    approve(&story, false);
    approve(&story, true);
    assert_eq!(story.credit_account().locked[0], locked);
    story.network.revoke_soon(&mut story.world, story.spender, 0);
    let again = story.network.approve_spender_instruction(client, story.spender, true);
    story.world.fails(again, &[&story.client], BmeError::SpenderRevoked);
    approve(&story, false);
    let balance = story.credit_account().balance;
    story.world.forge(story.credits, &CreditAccount { approved_spenders: 1, ..story.credit_account() });
    story.world.ok(&[story.network.close_spender_instruction(&story.world, story.spender)], &[]);
    story.network.add_spender(&story.world, story.spending.pubkey());
    assert_eq!(story.world.read::<Spender>(story.spender).id, 0, "in the same place");
    let alone = || swap(story.lock(7), 0, story.spending.pubkey());
    story.world.fails(alone(), &[&story.spending], BmeError::SpenderNotApproved);
    // The owner's signature makes the place its own, without the approval.
    story.world.ok(&[story.lock(1)], &[&story.client, &story.spending]);
    assert_eq!(story.credit_account().approved_spenders, 0);
    story.world.fails(alone(), &[&story.spending], BmeError::SpenderNotApproved);
    let receipt = approve(&story, true);
    assert_eq!(receipt.events::<event::CreditsReclaimed>(ID).len(), 0, "that was free before");
    story.world.ok(&[alone()], &[&story.spending]);
    let account = story.credit_account();
    assert_eq!((account.balance, account.locked[0]), (Credits(balance.0 + locked.0 - 8), Credits(8)));
}

#[test]
fn giving_back_and_consuming_check_their_accounts() {
    let mut story = Story::with_locked();
    let stranger = story.stranger();
    let their_spender = stranger.add_spender(&story.world, story.spending.pubkey());
    let their_credits = stranger.open_credit_account(&story.world, story.client.pubkey());
    let their_work = stranger.open_provider_work(&story.world, story.provider.pubkey());
    let (world, network) = (&story.world, &story.network);
    let signer: &[&Keypair] = &[&story.spending];

    let unlock = || story.unlock(1);
    world.fails(unsigned(unlock(), 0), &[], BmeError::MissingSigner);
    world.fails(read_only(unlock(), 2), signer, BmeError::NotWritable);
    world.fails(swap(unlock(), 1, their_spender), signer, BmeError::WrongNetwork);
    world.fails(swap(unlock(), 2, their_credits), signer, BmeError::WrongNetwork);
    world.fails(swap(unlock(), 2, story.source), signer, BmeError::WrongOwner);

    let consume = || story.consume(1);
    world.fails(unsigned(consume(), 0), &[], BmeError::MissingSigner);
    for index in [3, 4, 5] {
        world.fails(read_only(consume(), index), signer, BmeError::NotWritable);
    }
    world.fails(swap(consume(), 1, their_spender), signer, BmeError::WrongNetwork);
    world.fails(swap(consume(), 2, stranger.address), signer, BmeError::WrongNetwork);
    world.fails(swap(consume(), 3, their_credits), signer, BmeError::WrongNetwork);
    world.fails(swap(consume(), 4, their_work), signer, BmeError::WrongNetwork);
    world.fails(swap(consume(), 4, network.work_shard(0)), signer, BmeError::WrongAccountType);
    world.fails(swap(consume(), 5, stranger.work_shard(0)), signer, BmeError::WrongNetwork);
    world.fails(swap(consume(), 5, network.burn_shard(0)), signer, BmeError::WrongAccountType);
}

// Revocation

const GRACE: u32 = 30 * 86_400;

/// A revocation without grace, and a reclaim in the same transaction, paid a provider nothing for its hour.
#[test]
fn a_revocation_leaves_time_to_settle_what_runs() {
    let story = Story::with_locked();
    let authority = &story.network.authority;
    let revoke = |grace| story.network.revoke_spender_instruction(story.spender, grace);
    let close = || story.network.close_spender_instruction(&story.world, story.spender);
    // One that nobody revoked is not closed.
    story.world.fails(close(), &[], BmeError::SpenderNotClosed);
    for grace in [0, GRACE - 1, 90 * 86_400 + 1, u32::MAX] {
        assert_eq!(story.world.out_of_range(revoke(grace), &[authority]), "grace_period");
    }
    story.world.ok(&[revoke(90 * 86_400), revoke(GRACE)], &[authority]);
    story.world.fails(close(), &[], BmeError::SpenderNotClosed);
    story.world.fails(story.reclaim(), &[&story.client], BmeError::SpenderNotClosed);
    story.world.pass(GRACE as u64 - 1);
    story.world.ok(&[story.consume(100_000_000)], &[&story.spending]);
}

#[test]
fn a_revoked_spender_settles_what_runs_then_owners_take_the_rest_back() {
    let mut story = Story::with_locked();
    let both = [story.client.insecure_clone(), story.spending.insecure_clone()];
    let both: &[&Keypair] = &[&both[0], &both[1]];
    story.world.fails(story.reclaim(), &[&story.client], BmeError::SpenderNotClosed);

    let revoke = story.network.revoke_spender_instruction(story.spender, GRACE);
    let receipt = story.world.ok(&[revoke], &[&story.network.authority]);
    let event: event::SpenderChanged = receipt.event(ID);
    assert_eq!(event.closes_at, Timestamp(story.world.now().0 + GRACE as i64));
    story.world.ok(&[story.unlock(1_000_000)], &[&story.spending]);
    story.world.fails(story.lock(1), both, BmeError::SpenderRevoked);
    story.world.pass(GRACE as u64 - 1);
    story.world.ok(&[story.consume(100_000_000)], &[&story.spending]);
    let close = || story.network.close_spender_instruction(&story.world, story.spender);
    story.world.fails(close(), &[], BmeError::SpenderNotClosed);
    story.world.pass(1);
    story.world.fails(story.consume(1), &[&story.spending], BmeError::SpenderRevoked);
    story.world.ok(&[story.unlock(1_000_000)], &[&story.spending]);
    story.world.fails(story.reclaim(), &[&story.client], BmeError::SpenderNotClosed);

    let payer = story.world.payer().pubkey();
    let (before, rent) = (story.world.lamports(payer), story.world.lamports(story.spender));
    let receipt = story.world.ok(&[close()], &[]);
    let event: event::SpenderClosed = receipt.event(ID);
    assert_eq!((event.authority, event.id, event.number), (story.spending.pubkey(), 0, 0));
    assert_eq!(story.world.lamports(payer), before + rent - 5_000);
    let receipt = story.world.ok(&[story.reclaim()], &[&story.client]);
    let event: event::CreditsReclaimed = receipt.event(ID);
    assert_eq!((event.amount, event.spender), (Credits(147_000_000), 0));
    let account = story.credit_account();
    assert_eq!((account.balance, account.consumed), (Credits(149_000_000), Credits(100_000_000)));
    story.world.fails(story.reclaim(), &[&story.client], BmeError::SpenderNotClosed);
    story.world.fails(story.unlock(1), &[&story.spending], BmeError::WrongOwner);
    story.edit_network(|network| network.paused = 1);
    story.world.fails(story.reclaim(), &[&story.client], BmeError::SpenderNotClosed);
}

/// Added again, it has no right to what it had locked before.
#[test]
fn a_spender_can_be_added_again() {
    let mut story = Story::with_locked();
    let [client, spending] = [&story.client, &story.spending].map(|key| key.insecure_clone());
    let both: &[&Keypair] = &[&client, &spending];
    story.network.revoke_soon(&mut story.world, story.spender, 0);
    let key = story.spending.pubkey();
    story.world.fails(
        story.network.add_spender_instruction(&story.world, key, 0),
        &[&story.network.authority],
        BmeError::AlreadyInitialized,
    );
    let close = story.network.close_spender_instruction(&story.world, story.spender);
    story.world.ok(&[close, story.network.add_spender_instruction(&story.world, key, 0)], &[&story.network.authority]);
    let spender: Spender = story.world.read(story.spender);
    assert_eq!((spender.id, spender.number, spender.closes_at), (0, 1, Timestamp(0)));
    story.world.fails(story.unlock(1), &[&spending], BmeError::InsufficientCredits);
    story.world.fails(story.consume(1), &[&spending], BmeError::InsufficientCredits);
    // The first lock for it frees what the former one held.
    let receipt = story.world.ok(&[story.lock(200_000_000), story.consume(1_000_000)], both);
    let event: event::CreditsReclaimed = receipt.event(ID);
    assert_eq!((event.amount, event.spender, event.header.sequence), (Credits(249_000_000), 0, 3));
    let account = story.credit_account();
    assert_eq!(
        (account.balance, account.locked[0], account.locked_for[0]),
        (Credits(49_000_000), Credits(199_000_000), 1)
    );
    story.world.fails(story.reclaim(), &[&client], BmeError::SpenderNotClosed);
}

/// Sixteen were a lifetime.
#[test]
fn a_place_that_was_closed_is_anothers() {
    let mut story = Story::with_locked();
    let spenders: Vec<_> = (1..16).map(|_| story.network.add_spender(&story.world, story.world.address())).collect();
    let authority = story.network.authority.insecure_clone();
    let key = story.world.user();
    story.world.fails(
        story.network.add_spender_instruction(&story.world, key.pubkey(), 0),
        &[&authority],
        BmeError::TooManySpenders,
    );
    for closed in [story.spender, spenders[6]] {
        story.network.revoke_soon(&mut story.world, closed, 0);
        let close = story.network.close_spender_instruction(&story.world, closed);
        story.world.ok(&[close], &[]);
    }
    let next = story.network.add_spender(&story.world, key.pubkey());
    let other = story.network.add_spender(&story.world, story.world.address());
    let [next_state, other] = [next, other].map(|spender| story.world.read::<Spender>(spender));
    assert_eq!((next_state.id, next_state.number, other.id, other.number), (0, 16, 7, 17));
    // What the former spender left is its owner's, and none of the new one's.
    let theirs = swap(swap(story.consume(1), 0, key.pubkey()), 1, next);
    story.world.fails(theirs, &[&key], BmeError::InsufficientCredits);
    story.world.ok(&[story.reclaim()], &[&story.client]);
    assert_eq!(story.credit_account().balance, Credits(249_000_000));
}

#[test]
fn a_revocation_can_be_hastened_and_until_its_end_taken_back() {
    let mut story = Story::with_locked();
    let authority = story.network.authority.insecure_clone();
    let authority: &[&Keypair] = &[&authority];
    let restore = || story.network.restore_spender_instruction(story.spender);
    let revoke = |grace| story.network.revoke_spender_instruction(story.spender, grace);
    let closes = || story.world.read::<Spender>(story.spender).closes_at;
    let now = story.world.now().0;
    story.world.ok(&[revoke(GRACE)], authority);
    story.world.ok(&[revoke(GRACE + 300)], authority);
    assert_eq!(closes(), Timestamp(now + GRACE as i64), "no later than was said");
    story.world.ok(&[restore()], authority);
    assert_eq!(closes(), Timestamp(0));
    story.world.ok(&[story.consume(1)], &[&story.spending]);
    story.world.ok(&[revoke(GRACE + 300), revoke(GRACE)], authority);
    assert_eq!(closes(), Timestamp(now + GRACE as i64));
    let restore = restore();
    story.network.revoke_soon(&mut story.world, story.spender, 0);
    story.world.fails(restore, authority, BmeError::SpenderRevoked);
    story.world.fails(story.consume(1), &[&story.spending], BmeError::SpenderRevoked);
}

#[test]
fn limits_revocations_and_reclaims_check_their_accounts() {
    let mut story = Story::with_locked();
    let stranger = story.stranger();
    let theirs = stranger.add_spender(&story.world, story.spending.pubkey());
    let thief = story.world.user();
    let stolen = story.network.open_credit_account(&story.world, thief.pubkey());
    let (world, network) = (&story.world, &story.network);
    let authority: &[&Keypair] = &[&network.authority];
    let restore = network.restore_spender_instruction(story.spender);
    for instruction in [network.revoke_spender_instruction(story.spender, GRACE), restore] {
        world.fails(unsigned(instruction.clone(), 0), &[], BmeError::MissingSigner);
        world.fails(swap(instruction.clone(), 0, thief.pubkey()), &[&thief], BmeError::Unauthorized);
        world.fails(swap(instruction.clone(), 1, stranger.address), authority, BmeError::Unauthorized);
        world.fails(swap(instruction.clone(), 2, theirs), authority, BmeError::WrongNetwork);
        world.fails(swap(instruction.clone(), 2, story.work), authority, BmeError::WrongAccountType);
        world.fails(read_only(instruction, 2), authority, BmeError::NotWritable);
    }

    story.network.revoke_soon(&mut story.world, story.spender, 0);
    let (world, network) = (&story.world, &story.network);
    let close = || network.close_spender_instruction(world, story.spender);
    world.fails(swap(close(), 0, stranger.address), &[], BmeError::WrongNetwork);
    world.fails(swap(close(), 1, story.work), &[], BmeError::WrongAccountType);
    world.fails(swap(close(), 2, thief.pubkey()), &[], BmeError::WrongAddress);
    for index in [0, 1] {
        world.fails(read_only(close(), index), &[], BmeError::NotWritable);
    }
    world.ok(&[close()], &[]);
    let reclaim = || story.reclaim();
    world.fails(unsigned(reclaim(), 0), &[], BmeError::MissingSigner);
    world.fails(swap(reclaim(), 0, thief.pubkey()), &[&thief], BmeError::Unauthorized);
    world.fails(swap(swap(reclaim(), 0, thief.pubkey()), 2, stolen), &[&thief], BmeError::SpenderNotClosed);
    world.fails(swap(reclaim(), 1, stranger.address), &[&story.client], BmeError::WrongNetwork);
    world.fails(swap(reclaim(), 1, story.work), &[&story.client], BmeError::WrongAccountType);
    world.fails(swap(reclaim(), 2, story.work), &[&story.client], BmeError::WrongAccountType);
    world.fails(read_only(reclaim(), 2), &[&story.client], BmeError::NotWritable);
    story.edit_network(|network| network.paused = 1);
    story.world.ok(&[story.reclaim()], &[&story.client]);
}

// Credits that nobody takes any more

pub fn give_up(story: &Story, amount: u64) -> Instruction {
    GiveUpCredits {
        owner: story.client.pubkey(),
        network: story.network.address,
        credit_account: story.credits,
        mint: story.network.mint,
        destination: story.source,
        token_program: story.network.token_program,
        reserve_vault: story.network.reserve_vault(),
    }
    .instruction(&GiveUpCreditsArgs { amount: Credits(amount) })
}

/// Never more than was burned for them: at a fallen price they would be an option on the emission.
#[test]
fn credits_that_nobody_takes_are_given_up_for_what_they_cost() {
    let mut story = Story::with_credits();
    let owner = story.client.insecure_clone();
    story.edit_policy(|policy| policy.initial_emission = Tokens(100 * TOKEN));
    // 70 a day are providers' part; the price does not matter.
    story.publish(1_000);
    story.world.pass(180 * DAY);
    story.world.fails(give_up(&story, 1), &[&owner], BmeError::NetworkNotIdle);
    story.world.ok(&[story.close(178)], &[]);
    story.world.fails(give_up(&story, 1), &[&owner], BmeError::NetworkNotIdle);
    assert_eq!(story.state().refundable, Tokens(0), "idle for a day too short");
    story.world.ok(&[story.close(179)], &[]);
    assert_eq!(story.state().refundable, Tokens(70 * TOKEN));
    story.world.fails(give_up(&story, 249_000_000), &[&owner], BmeError::NotSetAside);
    let before = story.world.tokens(story.source);
    let receipt = story.world.ok(&[give_up(&story, 124_500_000)], &[&owner]);
    let event: event::CreditsGivenUp = receipt.event(ID);
    assert_eq!((event.amount, event.tokens), (Credits(124_500_000), Tokens(50 * TOKEN)));
    assert_eq!((story.world.tokens(story.source), story.state().refundable), (before + 50 * TOKEN, Tokens(20 * TOKEN)));
    story.world.fails(give_up(&story, 124_500_000), &[&owner], BmeError::NotSetAside);
    let account = story.credit_account();
    story.world.forge(story.credits, &CreditAccount { tokens: Tokens(1), ..account });
    story.world.fails(give_up(&story, 1), &[&owner], BmeError::ZeroAmount);
    story.world.forge(story.credits, &account);
    story.world.pass(DAY);
    story.world.ok(&[story.close(180), give_up(&story, 124_500_000)], &[&owner]);
    let account = story.credit_account();
    assert_eq!((account.balance, account.burned, account.tokens), (Credits(0), Credits(249_000_000), Tokens(0)));
    story.world.fails(give_up(&story, 1), &[&owner], BmeError::InsufficientCredits);
}

/// Of twenty days passed over in one call, one day's was set aside.
#[test]
fn a_keeper_who_sleeps_sets_as_much_aside() {
    let set_aside = |vouched, closed: &[u64]| {
        let mut story = Story::with_credits();
        story.edit_policy(|policy| {
            (policy.initial_emission, policy.vouched) = (Tokens(100 * TOKEN), vouched);
            policy.roots_share = Bps(1_000);
        });
        story.world.pass(200 * DAY);
        for &epoch in closed {
            story.world.ok(&[story.close(epoch)], &[]);
        }
        let state = story.state();
        assert_eq!(state.scheduled.get(), 200 * 100 * TOKEN as u128);
        state.refundable.0
    };
    let by_days: Vec<u64> = (178..200).collect();
    for (vouched, refundable) in [(1, 21 * 63 * TOKEN), (0, 21 * 90 * TOKEN)] {
        assert_eq!([set_aside(vouched, &[199]), set_aside(vouched, &by_days)], [refundable; 2]);
    }
}

/// A stranger bought with borrowed tokens, gave up and had them back, in one transaction; owners found nothing set aside.
#[test]
fn tokens_paid_while_the_network_is_idle_are_not_given_back() {
    let mut story = Story::with_credits();
    let owner = story.client.insecure_clone();
    let stranger = story.world.user();
    let source = story.world.token_account(story.network.mint, stranger.pubkey());
    let lend = spl_token_interface::instruction::transfer(
        &TOKEN_PROGRAM,
        &story.source,
        &source,
        &owner.pubkey(),
        &[],
        100 * TOKEN,
    );
    story.world.ok(&[lend.unwrap()], &[&owner]);
    let credits = story.network.open_credit_account(&story.world, stranger.pubkey());
    story.world.ok(&[story.burn()], &[]);
    let remintable = story.state().remintable;
    assert_ne!(remintable, Tokens(0));
    // The epoch of the last work is closed after the purchase, and the network was idle for as long all the same.
    story.world.ok(&[story.lock(24_900_000)], &[&owner, &story.spending]);
    story.world.ok(&[story.consume(24_900_000)], &[&story.spending]);
    story.world.pass(182 * DAY);
    story.network.refresh_price(&mut story.world);
    let buy = story.network.buy_instruction(stranger.pubkey(), source, credits, 100 * TOKEN);
    let theirs = swap(swap(swap(give_up(&story, 249_000), 0, stranger.pubkey()), 2, credits), 4, source);
    story.world.ok(&[buy, story.close(0), story.close(181)], &[&stranger]);
    story.world.fails(theirs.clone(), &[&stranger], BmeError::NotSetAside);
    // An owner gives up what it had, and not what it bought since.
    story.world.ok(&[story.buy(10 * TOKEN)], &[&owner]);
    story.world.fails(give_up(&story, 224_101_000), &[&owner], BmeError::NotSetAside);
    story.world.ok(&[give_up(&story, 224_100_000)], &[&owner]);
    assert_eq!(story.state().remintable, Tokens(remintable.0 - 90 * TOKEN), "nor is it given back to others");
    // Once the network has worked again, they count as all others.
    story.world.ok(&[story.lock(1_000), story.consume(1_000)], &[&owner, &story.spending]);
    story.world.pass(DAY);
    story.world.ok(&[story.close(182)], &[]);
    story.world.pass(181 * DAY);
    story.world.ok(&[story.close(363), theirs], &[&stranger]);
}

#[test]
fn work_ends_the_giving_up() {
    let mut story = Story::with_locked();
    let owner = story.client.insecure_clone();
    story.world.pass(180 * DAY);
    story.world.ok(&[story.close(179), story.unlock(100_000_000)], &[&story.spending]);
    story.edit_policy(|policy| policy.breaker_tokens = Tokens(1));
    story.edit_network(|network| network.breaker = Default::default());
    story.world.fails(give_up(&story, 100_000_000), &[&owner], BmeError::BreakerHolds);
    story.edit_policy(|policy| policy.breaker_tokens = Tokens(0));
    story.world.ok(&[story.consume(1)], &[&story.spending]);
    story.world.pass(DAY);
    story.world.ok(&[story.close(180)], &[]);
    assert_eq!(story.state().refundable, Tokens(0));
    story.world.fails(give_up(&story, 1), &[&owner], BmeError::NetworkNotIdle);
}

#[test]
fn giving_up_checks_its_accounts() {
    let mut story = Story::with_credits();
    let stranger = story.stranger();
    let thief = story.world.user();
    story.world.pass(180 * DAY);
    story.world.ok(&[story.close(179)], &[]);
    let (world, owner) = (&story.world, &[&story.client][..]);
    let give_up = || give_up(&story, 1_000);
    world.fails(unsigned(give_up(), 0), &[], BmeError::MissingSigner);
    world.fails(swap(give_up(), 0, thief.pubkey()), &[&thief], BmeError::Unauthorized);
    for index in [1, 2, 3, 4] {
        world.fails(read_only(give_up(), index), owner, BmeError::NotWritable);
    }
    world.fails(swap(give_up(), 1, stranger.address), owner, BmeError::WrongAddress);
    world.fails(swap(swap(give_up(), 1, stranger.address), 3, stranger.mint), owner, BmeError::WrongNetwork);
    world.fails(swap(give_up(), 2, story.work), owner, BmeError::WrongAccountType);
    world.fails(swap(give_up(), 3, stranger.mint), owner, BmeError::WrongAddress);
    world.fails(swap(give_up(), 5, TOKEN_2022_PROGRAM), owner, BmeError::WrongTokenProgram);
    world.ok(&[give_up()], owner);
}
