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

// Limits and revocation

#[test]
fn a_spenders_limit_is_parted_among_the_shards() {
    let story = Story::with_locked();
    let authority: &[&Keypair] = &[&story.network.authority];
    let receipt = story.world.ok(&[story.network.set_spender_limit_instruction(story.spender, 200)], authority);
    let event: event::SpenderChanged = receipt.event(ID);
    assert_eq!((event.epoch_limit, event.id, event.header.sequence), (Credits(200), 0, 2));

    let at = |shard, amount| swap(story.consume(amount), 5, story.network.work_shard(shard));
    let spending: &[&Keypair] = &[&story.spending];
    story.world.fails(at(0, 101), spending, BmeError::SpenderLimitReached);
    story.world.ok(&[at(0, 60), at(0, 40), at(1, 100)], spending);
    for shard in [0, 1] {
        story.world.fails(at(shard, 1), spending, BmeError::SpenderLimitReached);
    }
    // What is locked is not lost: it is given back, or consumed in the next epoch.
    story.world.ok(&[story.unlock(10)], spending);
    story.world.pass(DAY);
    story.world.ok(&[story.close(0), at(0, 100)], spending);
    story.world.ok(&[story.network.set_spender_limit_instruction(story.spender, 0)], authority);
    story.world.ok(&[at(0, 1_000)], spending);
}

#[test]
fn a_revoked_spender_settles_what_runs_then_owners_take_the_rest_back() {
    let story = Story::with_locked();
    let both: &[&Keypair] = &[&story.client, &story.spending];
    story.world.fails(story.reclaim(), &[&story.client], BmeError::SpenderNotClosed);

    let revoke = story.network.revoke_spender_instruction(story.spender, 600);
    let receipt = story.world.ok(&[revoke], &[&story.network.authority]);
    let event: event::SpenderChanged = receipt.event(ID);
    assert_eq!(event.closes_at, Timestamp(story.world.now().0 + 600));
    story.world.ok(&[story.unlock(1_000_000)], &[&story.spending]);
    story.world.fails(story.lock(1), both, BmeError::SpenderRevoked);
    story.world.pass(599);
    story.world.ok(&[story.consume(100_000_000)], &[&story.spending]);
    story.world.fails(story.reclaim(), &[&story.client], BmeError::SpenderNotClosed);
    story.world.pass(1);
    story.world.fails(story.consume(1), &[&story.spending], BmeError::SpenderRevoked);
    story.world.ok(&[story.unlock(1_000_000)], &[&story.spending]);

    let receipt = story.world.ok(&[story.reclaim()], &[&story.client]);
    let event: event::CreditsReclaimed = receipt.event(ID);
    assert_eq!((event.amount, event.spender), (Credits(147_000_000), 0));
    let account = story.credit_account();
    assert_eq!((account.balance, account.consumed), (Credits(149_000_000), Credits(100_000_000)));
    story.world.fails(story.reclaim(), &[&story.client], BmeError::ZeroAmount);
    story.world.fails(story.unlock(1), &[&story.spending], BmeError::InsufficientCredits);
}

#[test]
fn a_revocation_can_be_hastened_and_until_its_end_taken_back() {
    let story = Story::with_locked();
    let (network, authority) = (&story.network, &[&story.network.authority][..]);
    let revoke = |grace| network.revoke_spender_instruction(story.spender, grace);
    let restore = || {
        RestoreSpender { authority: network.authority.pubkey(), network: network.address, spender: story.spender }
            .instruction(&RestoreSpenderArgs {})
    };
    let closes = || story.world.read::<Spender>(story.spender).closes_at;
    let now = story.world.now().0;
    story.world.out_of_range(revoke(30 * 86_400 + 1), authority, "grace_period");
    story.world.ok(&[revoke(600)], authority);
    story.world.ok(&[revoke(900)], authority);
    assert_eq!(closes(), Timestamp(now + 600), "no later than was said");
    story.world.ok(&[restore()], authority);
    assert_eq!(closes(), Timestamp(0));
    story.world.ok(&[story.consume(1)], &[&story.spending]);
    story.world.ok(&[revoke(30 * 86_400), revoke(0)], authority);
    assert_eq!(closes(), Timestamp(now));
    story.world.fails(restore(), authority, BmeError::SpenderRevoked);
    story.world.fails(story.consume(1), &[&story.spending], BmeError::SpenderRevoked);
    story.world.ok(&[story.reclaim()], &[&story.client]);
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
    let restore =
        RestoreSpender { authority: network.authority.pubkey(), network: network.address, spender: story.spender };
    for instruction in [
        network.set_spender_limit_instruction(story.spender, 1),
        network.revoke_spender_instruction(story.spender, 1),
        restore.instruction(&RestoreSpenderArgs {}),
    ] {
        world.fails(unsigned(instruction.clone(), 0), &[], BmeError::MissingSigner);
        world.fails(swap(instruction.clone(), 0, thief.pubkey()), &[&thief], BmeError::Unauthorized);
        world.fails(swap(instruction.clone(), 1, stranger.address), authority, BmeError::Unauthorized);
        world.fails(swap(instruction.clone(), 2, theirs), authority, BmeError::WrongNetwork);
        world.fails(swap(instruction.clone(), 2, story.work), authority, BmeError::WrongAccountType);
        world.fails(read_only(instruction, 2), authority, BmeError::NotWritable);
    }

    world.ok(&[network.revoke_spender_instruction(story.spender, 0)], authority);
    let reclaim = || story.reclaim();
    world.fails(unsigned(reclaim(), 0), &[], BmeError::MissingSigner);
    world.fails(swap(reclaim(), 0, thief.pubkey()), &[&thief], BmeError::Unauthorized);
    world.fails(swap(swap(reclaim(), 0, thief.pubkey()), 2, stolen), &[&thief], BmeError::ZeroAmount);
    world.fails(swap(reclaim(), 1, theirs), &[&story.client], BmeError::WrongNetwork);
    world.fails(swap(reclaim(), 1, story.work), &[&story.client], BmeError::WrongAccountType);
    world.fails(swap(reclaim(), 2, story.work), &[&story.client], BmeError::WrongAccountType);
    world.fails(read_only(reclaim(), 2), &[&story.client], BmeError::NotWritable);
    story.edit_network(|network| network.paused = 1);
    story.world.ok(&[story.reclaim()], &[&story.client]);
}
