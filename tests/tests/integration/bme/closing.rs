//! Accounts that are empty are closed, and their rent returns; and shards, whatever they hold.

use super::*;

/// Time for whoever is in a second to close what it opened in it.
fn later(story: Story) -> Story {
    story.world.pass(1);
    story
}

impl Story {
    fn close_credits(&self) -> Instruction {
        self.network.close_credit_account_instruction(&self.world, self.client.pubkey())
    }

    fn close_record(&self) -> Instruction {
        self.network.close_provider_work_instruction(&self.world, self.provider.pubkey())
    }

    /// Closes an account whose rent somebody paid, who gets it back.
    #[track_caller]
    fn rent_returns(&mut self, close: Instruction, place: usize, by: &Keypair) {
        let sponsor = self.world.address();
        let account = close.accounts[place].pubkey;
        let mut state = self.world.account(account).unwrap();
        let payer = self.world.payer().pubkey();
        let at = state.data.windows(32).position(|bytes| bytes == payer.as_array()).expect("who paid is noted");
        state.data[at..at + 32].copy_from_slice(sponsor.as_array());
        let lamports = state.lamports;
        self.world.set_account(account, state);
        self.world.fails(close.clone(), &[by], BmeError::WrongAddress);
        self.world.ok(&[swap(close, 2, sponsor)], &[by]);
        assert_eq!((self.world.account(account), self.world.lamports(sponsor)), (None, lamports));
    }
}

#[test]
fn an_owner_closes_its_credits_when_there_are_none_and_their_payer_gets_the_rent() {
    let mut story = later(Story::with_credits());
    let (owner, spending) = (story.client.insecure_clone(), story.spending.insecure_clone());
    let world = &story.world;
    world.fails(story.close_credits(), &[&owner], BmeError::NotEmpty);
    world.ok(&[story.lock(249_000_000)], &[&owner, &spending]);
    assert_eq!(story.credit_account().balance, Credits(0));
    world.fails(story.close_credits(), &[&owner], BmeError::NotEmpty);
    world.ok(&[story.consume(249_000_000)], &[&spending]);
    let before = story.credit_account();
    assert_eq!(before.tokens, Tokens(0), "all that the credits carried went with them");
    // Also while the network is paused.
    world.ok(&[governance::pause(&story, story.network.guardian.pubkey())], &[&story.network.guardian]);
    let close = story.close_credits();
    story.rent_returns(close, 1, &owner);

    // It comes back with nothing, and all that is numbered by it goes on.
    story.network.open_credit_account(&story.world, owner.pubkey());
    let after = story.credit_account();
    assert_eq!((after.issued, after.consumed, after.sequence), (Credits(0), Credits(0), 0));
    assert_eq!((after.owner, after.network, after.payer), (before.owner, before.network, before.payer));
    assert!(after.number() > before.number() + 100_000);
    story.world.fails(story.close_credits(), &[&owner], BmeError::NotEmpty);
    story.world.pass(1);
    story.world.ok(&[story.close_credits()], &[&owner]);
}

/// What a closed spender left locked is the owner's. Closing must not lose it, and who gets the place has no part of it.
#[test]
fn credits_locked_for_a_closed_spender_are_taken_back_first() {
    let mut story = later(Story::with_locked());
    let owner = story.client.insecure_clone();
    story.network.revoke_soon(&mut story.world, story.spender, 0);
    let close = story.network.close_spender_instruction(&story.world, story.spender);
    story.world.ok(&[close], &[]);
    story.world.fails(story.close_credits(), &[&owner], BmeError::NotEmpty);
    story.world.ok(&[story.reclaim()], &[&owner]);
    let burn = BurnCredits { owner: owner.pubkey(), credit_account: story.credits }
        .instruction(&BurnCreditsArgs { amount: Credits(249_000_000), reference: JOB });
    story.world.ok(&[burn, story.close_credits()], &[&owner]);
    // The same authority is a spender again, with another number, and the owner is back.
    story.network.add_spender(&story.world, story.spending.pubkey());
    story.network.open_credit_account(&story.world, owner.pubkey());
    story.world.fails(story.consume(1), &[&story.spending], BmeError::InsufficientCredits);
    story.world.fails(story.unlock(1), &[&story.spending], BmeError::InsufficientCredits);
    story.world.ok(&[story.buy(TOKEN), story.lock(2_490_000)], &[&owner, &story.spending]);
    story.world.ok(&[story.consume(2_490_000)], &[&story.spending]);
}

/// Whoever forgets tokens that were paid while the network is idle has none of them.
#[test]
fn closing_forgets_no_tokens_that_are_not_given_back() {
    let story = Story::with_credits();
    let owner = &story.client;
    story.world.pass(180 * DAY);
    story.world.ok(&[story.close(179)], &[]);
    let burn = BurnCredits { owner: owner.pubkey(), credit_account: story.credits };
    let burn = burn.instruction(&BurnCreditsArgs { amount: Credits(249_000_000), reference: JOB });
    story.world.ok(&[burn, story.close_credits()], &[owner]);
    story.network.open_credit_account(&story.world, owner.pubkey());
    let account = story.credit_account();
    assert_eq!((account.tokens, account.idle_tokens), (Tokens(0), Tokens(0)));
}

#[test]
fn a_provider_closes_its_record_when_it_has_claimed_and_is_paid_once_it_is_back() {
    let mut story = Story::with_work();
    let provider = story.provider.insecure_clone();
    let destination = story.world.token_account(story.network.mint, provider.pubkey());
    let world = &story.world;
    world.fails(story.close_record(), &[&provider], BmeError::NotEmpty);
    world.ok(&[story.close(0)], &[]);
    world.fails(story.close_record(), &[&provider], BmeError::NotEmpty);
    world.ok(&[story.accrue(0)], &[]);
    world.fails(story.close_record(), &[&provider], BmeError::NotEmpty);
    world.ok(&[story.claim(destination)], &[&provider]);
    let close = story.close_record();
    story.rent_returns(close, 1, &provider);

    // Nothing is paid to it, so nothing is lost; anyone opens it again.
    let world = &story.world;
    world.fails(story.consume(1_000_000), &[&story.spending], BmeError::WrongOwner);
    assert_eq!(story.credit_account().locked[0], Credits(149_000_000));
    story.network.open_provider_work(world, provider.pubkey());
    world.fails(story.accrue(0), &[], BmeError::NoWork);
    world.fails(story.claim(destination), &[&provider], BmeError::NothingToClaim);
    world.ok(&[story.consume(1_000_000)], &[&story.spending]);
    let work: ProviderWork = world.read(story.work);
    assert_eq!((work.total_work, work.claimed), (Credits(1_000_000), Tokens(0)));
    world.ok(&[story.network.sweep_instruction(world, 0)], &[]);
}

#[test]
fn closing_checks_its_accounts() {
    let mut story = later(Story::new());
    let thief = story.world.user();
    let claimant = story.world.user();
    let (world, network) = (&story.world, &story.network);
    world.ok(&[network.open_root_claim_instruction(world, claimant.pubkey())], &[]);
    let claim = network.close_root_claim_instruction(world, claimant.pubkey());
    for (close, owner) in
        [(story.close_credits(), &story.client), (story.close_record(), &story.provider), (claim, &claimant)]
    {
        let account = close.accounts[1].pubkey;
        world.fails(unsigned(close.clone(), 0), &[], BmeError::MissingSigner);
        world.fails(swap(close.clone(), 0, thief.pubkey()), &[&thief], BmeError::Unauthorized);
        world.fails(read_only(close.clone(), 1), &[owner], BmeError::NotWritable);
        let elsewhere = swap(close.clone(), 2, network.address);
        world.fails(read_only(elsewhere, 2), &[owner], BmeError::NotWritable);
        world.fails(swap(close.clone(), 1, story.spender), &[owner], BmeError::WrongAccountType);
        world.fails(swap(close.clone(), 1, network.mint), &[owner], BmeError::WrongOwner);
        world.fails(swap(close.clone(), 2, thief.pubkey()), &[owner], BmeError::WrongAddress);
        world.fails(swap(close.clone(), 2, account), &[owner], BmeError::WrongAddress);
        world.ok(std::slice::from_ref(&close), &[owner]);
        world.fails(close, &[owner], BmeError::WrongOwner);
    }
}

impl Story {
    fn close_shard(&self) -> Instruction {
        self.network.close_shard_instruction(&self.world, 1, 0)
    }

    /// Buys for 10 tokens at shard 1, works 20 dollars off there, and sends its vault 7 units.
    fn busy(self) -> Self {
        let (world, network) = (&self.world, &self.network);
        let buy = swap(swap(self.buy(10 * TOKEN), 4, network.burn_shard(1)), 5, network.burn_vault(1));
        world.ok(&[buy], &[&self.client]);
        world.ok(&[swap(self.consume(20_000_000), 5, network.work_shard(1))], &[&self.spending]);
        let gift = spl_token_interface::instruction::transfer(
            &TOKEN_PROGRAM,
            &self.source,
            &network.burn_vault(1),
            &self.client.pubkey(),
            &[],
            7,
        );
        world.ok(&[gift.unwrap()], &[&self.client]);
        self
    }
}

#[test]
fn the_newest_shard_is_closed_while_it_is_in_use_and_nothing_of_it_is_lost() {
    let story = Story::with_locked().busy();
    let (world, network) = (&story.world, &story.network);
    world.ok(&[story.consume(10_000_000)], &[&story.spending]);
    let shard = |index: u8| -> (BurnShard, WorkShard) {
        (world.read(network.burn_shard(index)), world.read(network.work_shard(index)))
    };
    let [(zero, work_zero), (one, work_one)] = [0, 1].map(shard);
    let accounts = [network.burn_shard(1), network.burn_vault(1), network.work_shard(1)];
    let rents: u64 = accounts.iter().map(|account| world.lamports(*account)).sum();
    let (payer, vaults) = (world.payer().pubkey(), world.tokens(network.burn_vault(0)));
    assert_eq!((one.payer, world.tokens(network.burn_vault(1))), (payer, 10 * TOKEN + 7));

    let lamports = world.lamports(payer);
    world.ok(&[story.close_shard()], &[&network.authority]);
    assert!(accounts.iter().all(|account| world.account(*account).is_none()));
    assert_eq!(world.lamports(payer), lamports + rents - 2 * 5_000);
    let (is, work) = shard(0);
    assert_eq!((is.issued.0, is.received.0), (zero.issued.0 + one.issued.0, zero.received.0 + one.received.0));
    assert_eq!((work.total_work.0, work.total_work.0 - work_zero.total_work.0), (30_000_000, work_one.total_work.0));
    assert_eq!(work.total_tokens.0, work_zero.total_tokens.0 + work_one.total_tokens.0);
    assert_eq!(world.tokens(network.burn_vault(0)), vaults + 10 * TOKEN + 7);
    let state = story.state();
    assert_eq!((state.shard_count, state.lanes[0].shard_count), (1, 1));

    // What it received is burned, and no more; its work is paid for with that of its epoch.
    world.ok(&[story.burn()], &[]);
    assert_eq!((world.tokens(network.burn_vault(0)), story.state().burned.get()), (7, 110 * TOKEN as u128));
    world.pass(DAY);
    world.ok(&[network.close_instruction(world, 0, &[0]), story.accrue(0)], &[]);
    assert_eq!(story.epoch(0).worked, Credits(30_000_000));
    world.ok(&[network.sweep_instruction(world, 0)], &[]);

    // One that takes its place begins with nothing.
    network.add_shard(world, 1);
    let (one, work) = shard(1);
    assert_eq!((one.issued, one.sequence, work.total_work), (Credits(0), 0, Credits(0)));
    world.pass(DAY);
    world.ok(&[story.close(1)], &[]);
}

/// A shard's newest price, which a buyer may not fall behind, is that of the shard that goes on.
#[test]
fn a_closed_shards_price_is_not_forgotten() {
    for newer_is_closed in [true, false] {
        let mut story = Story::new();
        let at = |story: &Story, index: u8| {
            swap(swap(story.buy(TOKEN), 4, story.network.burn_shard(index)), 5, story.network.burn_vault(index))
        };
        let [older, newer] = [0, 1].map(|index: u8| if newer_is_closed { index } else { 1 - index });
        story.publish(250_000_000);
        story.world.ok(&[at(&story, older)], &[&story.client]);
        story.world.pass(5);
        story.publish(240_000_000);
        story.world.ok(&[at(&story, newer)], &[&story.client]);
        let expected: BurnShard = story.world.read(story.network.burn_shard(newer));
        story.world.ok(&[story.close_shard()], &[&story.network.authority]);
        let shard: BurnShard = story.world.read(story.network.burn_shard(0));
        assert_eq!((shard.published_at, shard.bid), (expected.published_at, expected.bid));
    }
}

#[test]
fn only_the_newest_shard_is_closed_and_never_a_lanes_last() {
    let mut story = Story::with_work();
    let authority = story.network.authority.insecure_clone();
    let (by, world) = (&[&authority][..], &story.world);
    let network = &story.network;
    let between = |from, to| network.close_shard_instruction(world, from, to);
    world.fails(between(0, 1), by, BmeError::ShardInUse);
    // Burn shard and work shard are of one number.
    world.fails(swap(between(1, 0), 4, network.work_shard(0)), by, BmeError::DuplicateAccount);
    let other_work = swap(swap(between(1, 0), 4, network.work_shard(0)), 7, network.work_shard(1));
    world.fails(other_work, by, BmeError::ShardInUse);
    let other_burn = swap(swap(between(1, 0), 2, network.burn_shard(0)), 3, network.burn_vault(0));
    let other_burn = swap(swap(other_burn, 5, network.burn_shard(1)), 6, network.burn_vault(1));
    world.fails(other_burn, by, BmeError::ShardInUse);
    // Nor is it its own heir.
    world.fails(between(1, 1), by, BmeError::DuplicateAccount);
    world.fails(swap(between(1, 0), 7, network.work_shard(1)), by, BmeError::DuplicateAccount);
    // An epoch that is being closed counts on it.
    world.ok(&[network.close_instruction(world, 0, &[0])], &[]);
    world.fails(between(1, 0), by, BmeError::ShardInUse);
    world.ok(&[network.close_instruction(world, 0, &[1])], &[]);

    // The only one of a lane stays, and with it those before it.
    story.edit_network(|network| network.lanes[1].weight = 1);
    let (world, network) = (&story.world, &story.network);
    world.ok(&[network.add_lane_shard_instruction(world, 2, 1)], by);
    let between = |from, to| network.close_shard_instruction(world, from, to);
    world.fails(between(2, 0), by, BmeError::ShardInUse);
    world.fails(between(1, 0), by, BmeError::ShardInUse);
    world.ok(&[network.add_lane_shard_instruction(world, 3, 1)], by);
    world.ok(&[swap(swap(between(3, 2), 5, network.burn_shard(0)), 6, network.burn_vault(0))], by);
    assert_eq!((story.state().shard_count, story.state().lanes[1].shard_count), (3, 1));
}

#[test]
fn closing_a_shard_checks_its_accounts() {
    let mut story = Story::new();
    let stranger = story.stranger();
    let (world, network) = (&story.world, &story.network);
    let by = &[&network.authority][..];
    let close = || story.close_shard();
    world.fails(unsigned(close(), 0), &[], BmeError::MissingSigner);
    world.fails(swap(close(), 0, story.client.pubkey()), &[&story.client], BmeError::Unauthorized);
    let of_another = swap(swap(close(), 0, stranger.authority.pubkey()), 1, stranger.address);
    world.fails(swap(of_another.clone(), 8, stranger.mint), &[&stranger.authority], BmeError::WrongNetwork);
    world.fails(of_another, &[&stranger.authority], BmeError::WrongAddress);
    for (index, theirs) in [
        (2, stranger.burn_shard(1)),
        (4, stranger.work_shard(1)),
        (5, stranger.burn_shard(0)),
        (7, stranger.work_shard(0)),
    ] {
        world.fails(swap(close(), index, theirs), by, BmeError::WrongNetwork);
        world.fails(swap(close(), index, story.credits), by, BmeError::WrongAccountType);
    }
    for (index, other) in
        [(3, network.burn_vault(0)), (6, network.burn_vault(1)), (8, stranger.mint), (10, story.source)]
    {
        world.fails(swap(close(), index, other), by, BmeError::WrongAddress);
    }
    world.fails(swap(close(), 9, TOKEN_2022_PROGRAM), by, BmeError::WrongTokenProgram);
    for index in 1..8 {
        world.fails(read_only(close(), index), by, BmeError::NotWritable);
    }
    world.ok(&[close()], by);
    world.fails(close(), by, BmeError::WrongOwner);
}

/// Why no instruction closes a network: without it nobody is paid, and nobody's credits are spent.
#[test]
fn a_network_lives_as_long_as_anything_depends_on_it() {
    let mut story = Story::with_epoch();
    let destination = story.world.token_account(story.network.mint, story.provider.pubkey());
    story.world.ok(&[story.accrue(0)], &[]);
    story.world.set_account(story.network.address, Account::default());
    let world = &story.world;
    world.fails(story.claim(destination), &[&story.provider], BmeError::WrongOwner);
    world.fails(story.consume(1_000_000), &[&story.spending], BmeError::WrongOwner);
    // The mint's authority is the network's address, which has no key: nobody creates it again.
    let mint = world.account(story.network.mint).unwrap();
    assert_eq!(mint.data[4..36], story.network.address.to_bytes());
    assert!(!story.network.address.is_on_curve());
    let create = story.network.create_instruction(world, story.client.pubkey());
    world.fails(create, &[&story.network.authority, &story.client], BmeError::WrongMintAuthority);
}
