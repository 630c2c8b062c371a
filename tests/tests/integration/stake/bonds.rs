//! Collateral of jobs.

use {super::*, joule_interface::AccountMeta};

#[test]
fn a_job_locks_collateral() {
    let story = Story::with_stake();
    let receipt = story.world.ok(&[story.lock(80 * TOKEN)], &story.bonding());
    let provider = story.provider();
    assert_eq!((provider.bonded, provider.active_stake().unwrap()), (Tokens(80 * TOKEN), Tokens(150 * TOKEN)));
    let bond: Bond = story.world.read(story.bond(JOB));
    assert_eq!((bond.provider, bond.job, bond.slasher), (story.provider, JOB, story.slasher));
    assert_eq!((bond.payer, bond.amount), (story.payer.pubkey(), Tokens(80 * TOKEN)));

    let event: event::BondLocked = receipt.event(ID);
    assert_eq!((event.header.source, event.header.sequence), (story.provider, 4));
    assert_eq!((event.job, event.amount), (JOB, Tokens(80 * TOKEN)));
    for shared in [story.network.address, story.pool.address, story.pool.vault, story.slasher] {
        assert!(!receipt.writable.contains(&shared), "a bond must not write what all providers share");
    }
}

#[test]
fn bonds_take_what_is_free_and_no_more() {
    let story = Story::with_bond();
    let (world, signers) = (&story.world, &story.bonding());
    let other = Address::new_from_array([8; 32]);
    world.fails(story.lock_for(other, 0), signers, StakeError::ZeroAmount);
    for amount in [20 * TOKEN + 1, u64::MAX] {
        world.fails(story.lock_for(other, amount), signers, StakeError::InsufficientStake);
    }
    world.ok(&[story.lock_for(other, 20 * TOKEN)], signers);
    assert_eq!(story.provider().bonded, Tokens(100 * TOKEN));
    world.fails(story.lock_for(Address::new_from_array([7; 32]), 1), signers, StakeError::InsufficientStake);
}

#[test]
fn locking_checks_its_accounts() {
    let mut story = Story::with_stake();
    let stranger = story.stranger();
    let (_, sibling, _) = story.sibling();
    let thief = story.world.user();
    let lock = || story.lock(TOKEN);
    let (world, signers) = (&story.world, &story.bonding()[..]);
    let (payer, authority, slashing) = (&story.payer, &story.authority, &story.slashing);

    world.fails(unsigned(lock(), 8), &[authority, slashing], StakeError::MissingSigner);
    world.fails(unsigned(lock(), 0), &[payer, slashing], StakeError::MissingSigner);
    world.fails(unsigned(lock(), 1), &[payer, authority], StakeError::MissingSigner);
    world.fails(swap(lock(), 0, thief.pubkey()), &[payer, &thief, slashing], StakeError::Unauthorized);
    world.fails(swap(lock(), 1, thief.pubkey()), &[payer, authority, &thief], StakeError::Unauthorized);
    for index in [5, 6, 8] {
        world.fails(read_only(lock(), index), signers, StakeError::NotWritable);
    }
    world.fails(swap(lock(), 2, stranger.slasher), signers, StakeError::WrongPool);
    world.fails(swap(lock(), 2, story.pool.address), signers, StakeError::WrongAccountType);
    world.fails(swap(lock(), 2, story.network.address), signers, StakeError::WrongOwner);
    world.fails(swap(lock(), 3, stranger.network.address), signers, StakeError::WrongNetwork);
    world.fails(swap(lock(), 3, story.network.burn_shard(0)), signers, StakeError::WrongAccountType);
    world.fails(swap(lock(), 3, story.pool.address), signers, StakeError::WrongOwner);
    world.fails(swap(lock(), 4, stranger.pool.address), signers, StakeError::WrongNetwork);
    world.fails(swap(lock(), 4, story.slasher), signers, StakeError::WrongAccountType);
    world.fails(swap(lock(), 4, story.network.address), signers, StakeError::WrongOwner);
    world.fails(swap(lock(), 5, stranger.provider), signers, StakeError::WrongPool);
    world.fails(swap(lock(), 5, sibling), signers, StakeError::Unauthorized);
    world.fails(swap(lock(), 5, story.pool.address), signers, StakeError::WrongAccountType);
    world.fails(swap(lock(), 5, story.network.address), signers, StakeError::WrongOwner);
    world.fails(swap(lock(), 6, story.bond(Address::default())), signers, StakeError::WrongAddress);
    world.fails(swap(lock(), 6, story.provider), signers, StakeError::WrongAccountType);
    world.fails(swap(lock(), 7, TOKEN_PROGRAM), signers, StakeError::WrongProgram);

    // A slasher of the stranger's whole pool does not reach this provider.
    let mixed = swap(swap(lock(), 2, stranger.slasher), 3, stranger.network.address);
    world.fails(swap(mixed, 4, stranger.pool.address), signers, StakeError::WrongPool);
    world.ok(&[lock()], signers);
    world.fails(lock(), signers, StakeError::BondInUse);
}

#[test]
fn a_provider_without_enough_stake_of_its_own_takes_no_jobs() {
    let story = Story::new();
    let signers = &story.bonding()[..];
    story.world.ok(&[story.delegate(500 * TOKEN)], &[&story.delegator]);
    story.world.fails(story.lock(TOKEN), signers, StakeError::SelfStakeTooLow);
    story.world.ok(&[story.stake(10 * TOKEN - 1)], &[&story.authority]);
    story.world.fails(story.lock(TOKEN), signers, StakeError::SelfStakeTooLow);
    story.world.ok(&[story.stake(1)], &[&story.authority]);
    // Not in the second in which it came.
    story.world.fails(story.lock(TOKEN), signers, StakeError::SelfStakeTooLow);
    story.world.pass(1);
    story.world.ok(&[story.lock(TOKEN)], signers);
    // What no job holds can leave, and then the provider takes no new job.
    let ticket = story.pool.next_ticket(&story.world, &story.own);
    let unstake = story.pool.unstake_instruction(&story.world, &story.own, ticket, 1_000);
    story.world.ok(&[unstake], &[&story.authority]);
    story.world.fails(story.lock_for(story.slasher, TOKEN), signers, StakeError::SelfStakeTooLow);
}

#[test]
fn only_an_active_provider_takes_jobs() {
    let mut story = Story::with_stake();
    story.edit_provider(|provider| provider.status = 0);
    story.world.fails(story.lock(TOKEN), &story.bonding(), StakeError::ProviderNotActive);
    story.edit_provider(|provider| provider.status = status::ACTIVE);
    story.world.ok(&[story.lock(TOKEN)], &story.bonding());
}

#[test]
fn a_bond_is_released_once() {
    let story = Story::with_bond();
    let lamports = story.world.lamports(story.payer.pubkey());
    let slashing = &[&story.slashing][..];
    // The second fails in one transaction, where the account's bytes are still there, and later.
    let failure = story.world.send(&[story.release(), story.release()], slashing).unwrap_err();
    assert_eq!(failure.code(), Some(StakeError::WrongOwner as u32));

    let receipt = story.world.ok(&[story.release()], slashing);
    assert_eq!((story.provider().bonded, story.provider().active_stake().unwrap()), (Tokens(0), Tokens(150 * TOKEN)));
    assert_eq!(story.world.account(story.bond(JOB)), None);
    assert_eq!(story.world.lamports(story.payer.pubkey()), lamports + story.world.rent(Bond::SIZE));
    let event: event::BondReleased = receipt.event(ID);
    assert_eq!((event.header.source, event.header.sequence), (story.provider, 5));
    assert_eq!((event.job, event.amount), (JOB, Tokens(80 * TOKEN)));

    story.world.fails(story.release(), slashing, StakeError::WrongOwner);
    story.world.ok(&[story.lock(100 * TOKEN), story.release()], &story.bonding());
}

#[test]
fn releasing_checks_its_accounts() {
    let mut story = Story::with_bond();
    let (_, sibling, _) = story.sibling();
    let thief = story.world.user();
    let rival = story.pool.add_slasher(&story.world, &story.network, thief.pubkey());
    let release = || story.release();
    let (world, slashing) = (&story.world, &[&story.slashing][..]);

    world.fails(unsigned(release(), 0), &[], StakeError::MissingSigner);
    world.fails(swap(release(), 0, thief.pubkey()), &[&thief], StakeError::Unauthorized);
    for index in [2, 3, 4] {
        world.fails(read_only(release(), index), slashing, StakeError::NotWritable);
    }
    let by_rival = swap(swap(release(), 0, thief.pubkey()), 1, rival);
    world.fails(by_rival, &[&thief], StakeError::WrongSlasher);
    world.fails(swap(release(), 1, story.pool.address), slashing, StakeError::WrongAccountType);
    world.fails(swap(release(), 2, sibling), slashing, StakeError::WrongProvider);
    world.fails(swap(release(), 2, story.pool.address), slashing, StakeError::WrongAccountType);
    world.fails(swap(release(), 2, story.network.address), slashing, StakeError::WrongOwner);
    world.fails(swap(release(), 3, story.theirs.delegation), slashing, StakeError::WrongAccountType);
    world.fails(swap(release(), 3, story.network.address), slashing, StakeError::WrongOwner);
    world.fails(swap(release(), 4, thief.pubkey()), slashing, StakeError::WrongPayer);
    world.fails(swap(release(), 4, story.bond(JOB)), slashing, StakeError::WrongPayer);
    world.ok(&[release()], slashing);
}

// Places for bonds

/// The address of a place that the payer opened.
fn opened(story: &Story) -> Address {
    let name = Address::new_from_array([1; 32]);
    let open = story.pool.open_bond_instruction(&story.world, story.provider, name);
    story.world.ok(&[swap(open, 0, story.payer.pubkey())], &[&story.payer]);
    story.bond(name)
}

#[test]
fn a_reusable_bond_secures_one_job_after_another() {
    let story = Story::with_stake();
    let place = opened(&story);
    let lamports = story.world.lamports(story.payer.pubkey());
    let in_place = |job: u8, amount| swap(story.lock_for(Address::new_from_array([job; 32]), amount), 6, place);
    let release = || swap(story.release(), 3, place);
    for job in 2..5 {
        story.world.ok(&[in_place(job, 80 * TOKEN)], &story.bonding());
        let bond: Bond = story.world.read(place);
        assert_eq!((bond.job, bond.amount), (Address::new_from_array([job; 32]), Tokens(80 * TOKEN)));
        story.world.fails(in_place(9, TOKEN), &story.bonding(), StakeError::BondInUse);
        story.world.fails(close(&story, place), &[&story.payer], StakeError::BondInUse);
        let receipt = story.world.ok(&[release()], &[&story.slashing]);
        assert_eq!(receipt.event::<event::BondReleased>(ID).job, Address::new_from_array([job; 32]));
        assert_eq!(story.provider().bonded, Tokens(0));
        story.world.fails(release(), &[&story.slashing], StakeError::WrongSlasher);
    }
    assert_eq!(story.world.lamports(story.payer.pubkey()), lamports);
    story.world.ok(&[close(&story, place)], &[&story.payer]);
    assert_eq!(story.world.lamports(story.payer.pubkey()), lamports + story.world.rent(Bond::SIZE));
}

fn close(story: &Story, bond: Address) -> Instruction {
    CloseBond { payer: story.payer.pubkey(), bond }.instruction(&CloseBondArgs {})
}

#[test]
fn opening_and_closing_reusable_bonds_checks_their_accounts() {
    let mut story = Story::with_stake();
    let (_, sibling, _) = story.sibling();
    let stranger = story.stranger();
    let name = Address::new_from_array([1; 32]);
    let payer = &[&story.payer][..];
    let open = || swap(story.pool.open_bond_instruction(&story.world, story.provider, name), 0, story.payer.pubkey());
    let world = &story.world;
    world.fails(unsigned(open(), 0), &[], StakeError::MissingSigner);
    for index in [0, 2] {
        world.fails(read_only(open(), index), payer, StakeError::NotWritable);
    }
    world.fails(swap(open(), 1, sibling), payer, StakeError::WrongAddress);
    world.fails(swap(open(), 1, story.pool.address), payer, StakeError::WrongAccountType);
    world.fails(swap(open(), 2, story.bond(JOB)), payer, StakeError::WrongAddress);
    world.fails(swap(open(), 3, TOKEN_PROGRAM), payer, StakeError::WrongProgram);
    world.ok(&[open()], payer);
    world.fails(open(), payer, StakeError::AlreadyInitialized);
    let place = story.bond(name);
    // Another's place.
    let theirs = stranger.pool.open_bond_instruction(world, stranger.provider, name);
    world.ok(&[theirs], &[]);
    let elsewhere = pda::bond::find(&stranger.provider, &name).0;
    world.fails(swap(story.lock(TOKEN), 6, elsewhere), &story.bonding(), StakeError::WrongProvider);

    world.fails(unsigned(close(&story, place), 0), &[], StakeError::MissingSigner);
    let by_client = swap(close(&story, place), 0, story.client.pubkey());
    world.fails(by_client, &[&story.client], StakeError::WrongPayer);
    world.fails(swap(close(&story, place), 1, story.provider), payer, StakeError::WrongAccountType);
    for index in [0, 1] {
        world.fails(read_only(close(&story, place), index), payer, StakeError::NotWritable);
    }
    // One that was made for a job is not free before it is released.
    world.ok(&[story.lock(TOKEN)], &story.bonding());
    world.fails(close(&story, story.bond(JOB)), payer, StakeError::BondInUse);
}

#[test]
fn a_bond_can_use_an_account_that_was_created_before() {
    let story = Story::with_stake();
    let (world, signers) = (&story.world, &story.bonding()[..]);
    let lock = |bond: Address| swap(story.lock(80 * TOKEN), 6, bond);
    let make = |number: u64, size: usize, owner: Address| {
        let (address, make) = world.make_instruction(number, size, owner);
        world.ok(&[make], &[]);
        address
    };
    let theirs = make(1, Bond::SIZE, joule_bme_interface::ID);
    world.fails(lock(theirs), signers, StakeError::WrongAddress);
    for size in [Bond::SIZE - 8, Bond::SIZE + 8] {
        world.fails(lock(make(size as u64, size, ID)), signers, StakeError::WrongAccountType);
    }
    let (bond, make) = world.make_instruction(2, Bond::SIZE, ID);
    world.ok(&[make, lock(bond)], signers);
    let state: Bond = world.read(bond);
    assert_eq!((state.provider, state.job, state.slasher), (story.provider, JOB, story.slasher));
    assert_eq!((state.payer, state.amount, state.reusable), (story.payer.pubkey(), Tokens(80 * TOKEN), 0));
    assert_eq!(state.client, story.client.pubkey());
    world.fails(lock(bond), signers, StakeError::InsufficientStake);
    world.fails(swap(story.lock(TOKEN), 6, bond), signers, StakeError::BondInUse);
    let lamports = world.lamports(story.payer.pubkey());
    world.ok(&[swap(story.release(), 3, bond)], &[&story.slashing]);
    assert_eq!((world.account(bond), story.provider().bonded), (None, Tokens(0)));
    assert_eq!(world.lamports(story.payer.pubkey()), lamports + world.rent(Bond::SIZE));
}

#[test]
fn a_bond_does_not_begin_in_an_account_that_vanishes_or_signs() {
    let mut story = Story::with_stake();
    let blank = |lamports| solana_account::Account {
        lamports,
        data: vec![0; Bond::SIZE],
        owner: ID,
        ..solana_account::Account::default()
    };
    let rent = story.world.rent(Bond::SIZE);
    let bond = story.world.address();
    // Without its rent it would be gone with the transaction, and what it holds held for ever.
    for lamports in [1, rent - 1] {
        story.world.set_account(bond, blank(lamports));
        story.world.fails(swap(story.lock(TOKEN), 6, bond), &story.bonding(), StakeError::NotRentExempt);
    }
    story.world.set_account(bond, blank(rent));
    story.world.ok(&[swap(story.lock(TOKEN), 6, bond)], &story.bonding());
    // Of a party that signs: nobody could close it.
    for party in [story.payer.pubkey(), story.authority.pubkey(), story.slashing.pubkey()] {
        let before = story.world.account(party).unwrap();
        story.world.set_account(party, blank(100 * rent));
        story.world.fails(swap(story.lock(TOKEN), 6, party), &story.bonding(), StakeError::DuplicateAccount);
        story.world.set_account(party, before);
    }
}

#[test]
fn releasing_a_bond_reports_the_jobs_outcome() {
    let story = Story::with_bond();
    let (world, slashing) = (&story.world, &[&story.slashing][..]);
    let release = |report: u8| {
        let mut release = story.release();
        release.data[1] = report;
        release
    };
    for unknown in [5, u8::MAX] {
        world.fails(release(unknown), slashing, StakeError::InvalidParameter);
    }
    world.ok(&[story.set_slasher(rights::BOND, 0)], &[&story.network.authority]);
    world.fails(release(outcome::LATE), slashing, StakeError::MissingRight);
    // Nobody reports of itself.
    world.ok(&[story.set_slasher(rights::REPORT, 0)], &[&story.network.authority]);
    let by_provider = |report| swap(release(report), 0, story.authority.pubkey());
    world.fails(by_provider(outcome::DELIVERED), &[&story.authority], StakeError::Unauthorized);
    let receipt = world.ok(&[release(outcome::LATE)], slashing);
    let event: event::BondReleased = receipt.event(ID);
    assert_eq!((event.job, event.amount, event.outcome), (JOB, Tokens(80 * TOKEN), outcome::LATE as u32));
    let reputation = story.provider().reputation;
    assert_eq!((reputation.late, reputation.reported_at.0), (1, world.now().0 / 86_400 * 86_400));
    assert_eq!((story.provider().bonded, world.account(story.bond(JOB))), (Tokens(0), None));
}

/// What releases the bonds of several jobs at once, with a report of each.
fn release_together(story: &Story, jobs: &[(Address, u8, u32)]) -> Instruction {
    let ((job, outcome, weight), more) = jobs.split_first().expect("at least one");
    let mut release = swap(story.release(), 3, story.bond(*job));
    release.data = [&[ReleaseBond::<Address>::DISCRIMINATOR, *outcome][..], &weight.to_le_bytes()].concat();
    for (job, outcome, weight) in more {
        release.accounts.push(AccountMeta::new(story.bond(*job), false));
        release.data.extend([&[*outcome][..], &weight.to_le_bytes()].concat());
    }
    release
}

/// All of what is done with one bond after the other, and nothing twice.
#[test]
fn bonds_are_released_together_as_one_after_the_other() {
    let jobs = [1, 2, 3].map(|job| Address::new_from_array([job; 32]));
    let reports = [
        (jobs[0], outcome::DELIVERED, WHOLE_JOB),
        (jobs[1], outcome::NONE, 7),
        (jobs[2], outcome::LATE, WHOLE_JOB / 2),
    ];
    let [together, alone] = [true, false].map(|together| {
        let mut story = Story::with_stake();
        for job in jobs {
            story.world.ok(&[story.lock_for(job, 10 * TOKEN)], &story.bonding());
        }
        // A slash takes a part of what jobs hold.
        story.edit_provider(|provider| provider.lien = Tokens(15 * TOKEN));
        let lamports = story.world.lamports(story.payer.pubkey());
        let calls: Vec<Instruction> = if together {
            vec![release_together(&story, &reports)]
        } else {
            reports.iter().map(|report| release_together(&story, &[*report])).collect()
        };
        let receipt = story.world.ok(&calls, &[&story.slashing]);
        let came_back = story.world.lamports(story.payer.pubkey()) - lamports;
        assert_eq!(came_back, 3 * story.world.rent(Bond::SIZE));
        assert_eq!(jobs.map(|job| story.world.account(story.bond(job))), [None, None, None]);
        let events = receipt.events::<event::BondReleased>(ID);
        let said =
            |event: &event::BondReleased| (event.header.sequence, event.job, event.amount, event.outcome, event.weight);
        let provider = story.provider();
        (events.iter().map(said).collect::<Vec<_>>(), Provider { pool: story.pool.address, ..provider })
    });
    let (events, provider) = &together;
    assert_eq!(events.len(), 3);
    assert_eq!((provider.bonded, provider.lien, provider.slashed), (Tokens(0), Tokens(0), Tokens(15 * TOKEN)));
    assert_eq!((provider.reputation.delivered, provider.reputation.late), (1, 1));
    assert_eq!(together, alone);
}

#[test]
fn of_bonds_that_are_released_together_one_that_cannot_be_keeps_all() {
    let mut story = Story::with_stake();
    let [one, two, foreign] = [1, 2, 3].map(|job| Address::new_from_array([job; 32]));
    let rival = story.world.user();
    let rivals = story.pool.add_slasher(&story.world, &story.network, rival.pubkey());
    for job in [one, two] {
        story.world.ok(&[story.lock_for(job, 10 * TOKEN)], &story.bonding());
    }
    let by_rival = swap(swap(story.lock_for(foreign, 10 * TOKEN), 1, rival.pubkey()), 2, rivals);
    story.world.ok(&[by_rival], &[&story.payer, &story.authority, &rival]);
    let (world, slashing) = (&story.world, &[&story.slashing][..]);
    let before = story.provider();
    let plain = |job| (job, outcome::NONE, 0);
    let both = || release_together(&story, &[plain(one), plain(two)]);
    let last = both().accounts.len() - 1;

    world.fails(release_together(&story, &[plain(one), plain(foreign)]), slashing, StakeError::WrongSlasher);
    // Twice the same: it is gone, or free, at its second turn.
    world.fails(release_together(&story, &[plain(one), plain(one)]), slashing, StakeError::WrongOwner);
    world.fails(swap(both(), last, story.provider), slashing, StakeError::WrongAccountType);
    world.fails(read_only(both(), last), slashing, StakeError::NotWritable);
    world.fails(swap(both(), 4, story.client.pubkey()), slashing, StakeError::WrongPayer);
    let unknown = release_together(&story, &[plain(one), (two, 5, 0)]);
    world.fails(unknown, slashing, StakeError::InvalidParameter);
    for cut in [1, 4] {
        let mut short = both();
        short.data.truncate(short.data.len() - cut);
        world.fails(short, slashing, StakeError::InvalidArguments);
    }
    let mut missing = both();
    missing.accounts.pop();
    world.fails(missing, slashing, StakeError::InvalidArguments);
    let mut without_report = both();
    without_report.accounts.push(AccountMeta::new(story.bond(foreign), false));
    world.fails(without_report, slashing, StakeError::InvalidArguments);
    world.fails(unsigned(both(), 0), &[], StakeError::MissingSigner);
    world.fails(swap(both(), 0, rival.pubkey()), &[&rival], StakeError::Unauthorized);
    // The report of any of them needs the right.
    world.ok(&[story.set_slasher(rights::BOND, 0)], &[&story.network.authority]);
    let reported = release_together(&story, &[plain(one), (two, outcome::FAILED, WHOLE_JOB)]);
    world.fails(reported, slashing, StakeError::MissingRight);
    assert_eq!(story.provider(), before);
    world.ok(&[both()], slashing);
    assert_eq!(story.provider().bonded, Tokens(10 * TOKEN));
}

/// By anyone, an unbonding period after its slasher lost the right to bonds: and nothing is reported.
#[test]
fn bonds_of_a_dismissed_slasher_are_released_together_by_anyone() {
    let story = Story::with_stake();
    let jobs = [1, 2].map(|job| Address::new_from_array([job; 32]));
    for job in jobs {
        story.world.ok(&[story.lock_for(job, 10 * TOKEN)], &story.bonding());
    }
    let (world, client) = (&story.world, &story.client);
    let by_anyone = |reports: [u8; 2]| {
        let all = [(jobs[0], reports[0], 0), (jobs[1], reports[1], 0)];
        swap(release_together(&story, &all), 0, client.pubkey())
    };
    world.ok(&[story.set_slasher(rights::REPORT, 0)], &[&story.network.authority]);
    world.fails(by_anyone([0, 0]), &[client], StakeError::Unauthorized);
    world.pass(WEEK);
    for reports in [[outcome::DELIVERED, 0], [0, outcome::DELIVERED]] {
        world.fails(by_anyone(reports), &[client], StakeError::Unauthorized);
    }
    world.ok(&[by_anyone([0, 0])], &[client]);
    assert_eq!((story.provider().bonded, story.provider().reputation.delivered), (Tokens(0), 0));
}

#[test]
fn one_bond_is_locked_for_another() {
    let mut story = Story::with_bond();
    let stranger = story.stranger();
    let (key, sibling, _) = story.sibling();
    let mut state: Provider = story.world.read(sibling);
    state.own = Tokens(50 * TOKEN);
    story.world.forge(sibling, &state);
    let rival = story.world.user();
    let rivals = story.pool.add_slasher(&story.world, &story.network, rival.pubkey());
    let swapped = || story.swap_bond(30 * TOKEN, &key, sibling);
    let (world, payer, slashing) = (&story.world, &story.payer, &story.slashing);
    let signers = &[payer, &key, slashing][..];

    // What is locked is checked as by `LockBond`.
    for (index, left) in [(0, [payer, slashing]), (1, [payer, &key]), (11, [&key, slashing])] {
        world.fails(unsigned(swapped(), index), &left, StakeError::MissingSigner);
    }
    for index in [5, 6, 8, 9] {
        world.fails(read_only(swapped(), index), signers, StakeError::NotWritable);
    }
    let of_two = swap(swapped(), 10, rival.pubkey());
    for index in [10, 11] {
        world.fails(read_only(of_two.clone(), index), signers, StakeError::NotWritable);
    }
    world.fails(swap(swapped(), 0, rival.pubkey()), &[payer, &rival, slashing], StakeError::Unauthorized);
    world.fails(swap(swapped(), 1, rival.pubkey()), &[payer, &key, &rival], StakeError::Unauthorized);
    world.fails(swap(swapped(), 2, stranger.slasher), signers, StakeError::WrongPool);
    world.fails(swap(swapped(), 3, stranger.network.address), signers, StakeError::WrongNetwork);
    world.fails(swap(swapped(), 4, stranger.pool.address), signers, StakeError::WrongNetwork);
    world.fails(swap(swapped(), 5, stranger.provider), signers, StakeError::WrongPool);
    world.fails(swap(swapped(), 6, story.bond(JOB)), signers, StakeError::WrongProvider);
    world.fails(swap(swapped(), 7, TOKEN_PROGRAM), signers, StakeError::WrongProgram);
    world.fails(story.swap_bond(50 * TOKEN + 1, &key, sibling), signers, StakeError::InsufficientStake);
    // What is released, as by `ReleaseBond`.
    world.fails(swap(swapped(), 8, sibling), signers, StakeError::DuplicateAccount);
    world.fails(swap(swapped(), 8, stranger.provider), signers, StakeError::WrongProvider);
    world.fails(swap(swapped(), 8, story.pool.address), signers, StakeError::WrongAccountType);
    world.fails(swap(swapped(), 9, story.theirs.delegation), signers, StakeError::WrongAccountType);
    world.fails(swap(swapped(), 10, rival.pubkey()), signers, StakeError::WrongPayer);
    let by_rival = swap(swap(swapped(), 1, rival.pubkey()), 2, rivals);
    world.fails(by_rival, &[payer, &key, &rival], StakeError::WrongSlasher);
    world.ok(&[story.set_slasher(rights::REPORT, 0)], &[&story.network.authority]);
    world.fails(swapped(), signers, StakeError::MissingRight);
    world.ok(&[story.set_slasher(rights::BOND, 0)], &[&story.network.authority]);

    let receipt = world.ok(&[swapped()], signers);
    let event: event::BondSwapped = receipt.event(ID);
    assert_eq!((event.header.source, event.job, event.amount), (sibling, JOB, Tokens(30 * TOKEN)));
    assert_eq!((event.released_provider, event.released_amount), (story.provider, Tokens(80 * TOKEN)));
    let other: Provider = world.read(sibling);
    assert_eq!((story.provider().bonded, other.bonded), (Tokens(0), Tokens(30 * TOKEN)));
    assert_eq!(world.account(story.bond(JOB)), None);
    let bond: Bond = world.read(pda::bond::find(&sibling, &JOB).0);
    assert_eq!((bond.provider, bond.job, bond.amount, bond.payer), (sibling, JOB, Tokens(30 * TOKEN), payer.pubkey()));

    let mut network: NetworkState = world.read(story.network.address);
    network.paused = 1;
    story.world.forge(story.network.address, &network);
    story.world.fails(
        story.swap_bond(TOKEN, &key, sibling),
        &[&story.payer, &key, &story.slashing],
        StakeError::Paused,
    );
}

/// Each by another, for another client's other job; and the provider has one more bond.
#[test]
fn who_paid_for_each_of_two_bonds_gets_its_rent_back() {
    let mut story = Story::with_bond();
    let (key, sibling, _) = story.sibling();
    let mut state: Provider = story.world.read(sibling);
    state.own = Tokens(50 * TOKEN);
    story.world.forge(sibling, &state);
    let [payer, client] = [story.world.user(), story.world.user()];
    let [job, third] = [story.world.address(), story.world.address()];
    let (world, first, client) = (&story.world, story.payer.pubkey(), client.pubkey());
    world.ok(&[story.lock_for(third, 20 * TOKEN)], &story.bonding());
    let address = pda::bond::find(&sibling, &job).0;
    let mut swapped = swap_named(story.swap_bond(TOKEN, &key, sibling), "payer", payer.pubkey());
    swapped = swap_named(swapped, "bond", address);
    swapped.data[1..].copy_from_slice(bytemuck::bytes_of(&SwapBondArgs { job, amount: Tokens(30 * TOKEN), client }));
    let receipt = world.closes(swapped, &[&payer, &key, &story.slashing], story.bond(JOB), first);
    let event: event::BondSwapped = receipt.event(ID);
    assert_eq!((event.job, event.released_amount), (job, Tokens(80 * TOKEN)));
    let bond: Bond = world.read(address);
    assert_eq!((bond.provider, bond.payer, bond.job, bond.client), (sibling, payer.pubkey(), job, client));
    let release = story.pool.release_bond_instruction(story.slashing.pubkey(), address, &bond, (0, WHOLE_JOB));
    world.closes(release, &[&story.slashing], address, payer.pubkey());
}

// Seizing

#[test]
fn a_bond_is_seized_to_where_its_terms_say() {
    let story = Story::with_bond();
    let (world, slashing) = (&story.world, &[&story.slashing][..]);
    let supply = world.supply(story.pool.mint);
    let receipt = world.ok(&[story.seize(30 * TOKEN, seizure::CLIENT, ID)], slashing);
    let event: event::BondSeized = receipt.event(ID);
    assert_eq!((event.job, event.amount, event.receiver), (JOB, Tokens(30 * TOKEN), story.bond(JOB)));
    assert_eq!(event.destination, seizure::CLIENT as u64);
    assert_eq!(world.tokens(story.client_tokens), 0, "the client waits");
    let provider = story.provider();
    assert_eq!((provider.bonded, provider.unbonding.tokens), (Tokens(50 * TOKEN), Tokens(30 * TOKEN)));
    for shared in [story.network.address, story.pool.address, story.pool.rewards, story.slasher, story.pool.mint] {
        assert!(!receipt.writable.contains(&shared), "seizing must not write what all providers share");
    }
    let receipt = world.ok(&[story.seize(20 * TOKEN, seizure::TREASURY, ID)], slashing);
    let event: event::BondSeized = receipt.event(ID);
    assert_eq!((event.destination, event.receiver), (seizure::TREASURY as u64, story.network.treasury));
    // No treasury keeps a job from its end: it is paid later.
    assert_eq!((world.tokens(story.network.treasury), story.provider().treasury_due), (0, Tokens(20 * TOKEN)));
    world.ok(&[story.settle_slashed()], &[]);
    assert_eq!(world.tokens(story.network.treasury), 20 * TOKEN);
    world.ok(&[story.seize(20 * TOKEN, seizure::BURN, story.pool.mint)], slashing);
    assert_eq!(world.supply(story.pool.mint), supply - 20 * TOKEN);
    story.check();
    let too_much = story.seize(10 * TOKEN + 1, seizure::BURN, story.pool.mint);
    world.fails(too_much, slashing, StakeError::WrongBond);
    world.ok(&[story.release()], slashing);
    assert_eq!((story.provider().bonded, story.provider().own), (Tokens(0), Tokens(30 * TOKEN)));
    // The provider alone has paid.
    assert_eq!(story.provider().delegated, pot(50 * TOKEN));
    story.check();
}

#[test]
fn what_is_seized_for_a_client_is_the_client_s_after_the_unbonding_period() {
    let mut story = Story::with_bond();
    let associated = story.associated(story.client.pubkey());
    let stranger = story.stranger();
    let (_, sibling, _) = story.sibling();
    let world = &story.world;
    world.fails(story.withdraw_seized(), &[&story.client], StakeError::NothingSeized);
    world.ok(&[story.seize(30 * TOKEN, seizure::CLIENT, ID), story.release()], &[&story.slashing]);
    assert_eq!(story.provider().own, Tokens(70 * TOKEN));
    let withdraw = || story.withdraw_seized();
    let client = &[&story.client][..];
    world.fails(withdraw(), client, StakeError::NotWithdrawable);
    world.pass(WEEK);
    world.ok(&[story.propose(TOKEN, sentence::FINE)], &story.proposing());
    world.fails(swap(unsigned(withdraw(), 0), 5, associated), &[], StakeError::SlashPending);
    world.ok(&[story.veto(0)], &[&story.network.authority]);
    world.fails(swap(withdraw(), 0, story.own.owner), &[&story.authority], StakeError::Unauthorized);
    // Without the client's signature, only to where the client has its tokens.
    world.fails(unsigned(withdraw(), 0), &[], StakeError::WrongReceiver);
    for index in [2, 3, 4, 5, 8] {
        world.fails(read_only(withdraw(), index), client, StakeError::NotWritable);
    }
    world.fails(swap(withdraw(), 1, stranger.pool.address), client, StakeError::WrongAddress);
    world.fails(swap(withdraw(), 2, stranger.provider), client, StakeError::WrongPool);
    world.fails(swap(withdraw(), 2, sibling), client, StakeError::WrongProvider);
    world.fails(swap(withdraw(), 3, story.provider), client, StakeError::WrongAccountType);
    world.fails(swap(withdraw(), 4, stranger.pool.vault), client, StakeError::WrongAddress);
    world.fails(swap(withdraw(), 6, stranger.pool.mint), client, StakeError::WrongAddress);
    world.fails(swap(withdraw(), 7, TOKEN_2022_PROGRAM), client, StakeError::WrongTokenProgram);
    world.fails(swap(withdraw(), 8, story.theirs.owner), client, StakeError::WrongPayer);
    let receipt = world.ok(&[swap(unsigned(withdraw(), 0), 5, associated)], &[]);
    let event: event::SeizedWithdrawn = receipt.event(ID);
    assert_eq!((event.bond, event.client), (story.bond(JOB), story.client.pubkey()));
    assert_eq!((event.tokens, world.tokens(associated)), (Tokens(30 * TOKEN), 30 * TOKEN));
    assert_eq!(world.account(story.bond(JOB)), None);
    story.check();
}

#[test]
fn what_was_seized_of_a_reusable_bond_waits_for_its_client_and_then_it_is_free() {
    let story = Story::with_stake();
    let place = opened(&story);
    let in_place = |mut instruction: Instruction| {
        let of_job = instruction.accounts.iter_mut().filter(|meta| meta.pubkey == story.bond(JOB));
        of_job.for_each(|meta| meta.pubkey = place);
        instruction
    };
    let world = &story.world;
    world.ok(&[in_place(story.lock(80 * TOKEN))], &story.bonding());
    world.ok(&[in_place(story.seize(30 * TOKEN, seizure::CLIENT, ID))], &[&story.slashing]);
    world.ok(&[in_place(story.release())], &[&story.slashing]);
    let bond: Bond = world.read(place);
    assert_eq!((bond.client, bond.slasher), (story.client.pubkey(), Address::default()));
    world.fails(in_place(story.lock(TOKEN)), &story.bonding(), StakeError::BondInUse);
    world.fails(close(&story, place), &[&story.payer], StakeError::BondInUse);
    world.pass(WEEK);
    world.ok(&[in_place(story.withdraw_seized())], &[&story.client]);
    assert_eq!(world.tokens(story.client_tokens), 30 * TOKEN);
    assert_eq!(world.read::<Bond>(place).client, Address::default());
    world.ok(&[in_place(story.lock(TOKEN)), in_place(story.release())], &story.bonding());
    world.ok(&[close(&story, place)], &[&story.payer]);
    story.check();
}

#[test]
fn a_proposal_holds_back_of_a_client_what_it_may_take_and_no_more() {
    let story = Story::with_bond();
    let (world, client) = (&story.world, &[&story.client][..]);
    world.ok(&[story.seize(30 * TOKEN, seizure::CLIENT, ID)], &[&story.slashing]);
    world.pass(WEEK);
    world.ok(&[story.propose(15 * TOKEN, sentence::FINE)], &story.proposing());
    // As long as the job holds the bond, more can be seized.
    world.fails(story.withdraw_seized(), client, StakeError::SlashPending);
    world.ok(&[story.release()], &[&story.slashing]);
    let receipt = world.ok(&[story.withdraw_seized()], client);
    let event: event::SeizedWithdrawn = receipt.event(ID);
    // A tenth of all that there is.
    assert_eq!((event.tokens, event.withheld), (Tokens(27 * TOKEN), Tokens(3 * TOKEN)));
    story.check();
    world.fails(story.withdraw_seized(), client, StakeError::SlashPending);
    world.pass(DAY);
    let receipt = world.ok(&[story.execute(0)], &[]);
    let event: event::Slashed = receipt.event(ID);
    // The provider pays the odd unit.
    let taken = (event.own, event.delegated, event.withheld);
    assert_eq!(taken, (Tokens(7 * TOKEN + 1), Tokens(5 * TOKEN), Tokens(3 * TOKEN - 1)));
    world.ok(&[story.withdraw_seized()], client);
    assert_eq!((world.tokens(story.client_tokens), world.account(story.bond(JOB))), (27 * TOKEN + 1, None));
    story.check();
}

#[test]
fn a_bond_is_seized_whole_and_then_released() {
    let story = Story::with_bond();
    let slashing = &[&story.slashing][..];
    story.world.ok(&[story.seize(80 * TOKEN, seizure::CLIENT, ID)], slashing);
    let again = story.seize(1, seizure::CLIENT, ID);
    story.world.fails(again, slashing, StakeError::WrongBond);
    story.world.fails(story.lock(TOKEN), &story.bonding(), StakeError::BondInUse);
    story.world.ok(&[story.release()], slashing);
    // The bond is the client's ticket until it is withdrawn.
    story.world.fails(story.lock(TOKEN), &story.bonding(), StakeError::BondInUse);
    story.world.pass(WEEK);
    story.world.ok(&[story.withdraw_seized()], &[&story.client]);
    story.world.ok(&[story.lock(TOKEN)], &story.bonding());
    story.check();
}

#[test]
fn seizing_checks_its_accounts_and_receivers() {
    let mut story = Story::with_bond();
    let stranger = story.stranger();
    let (_, sibling, _) = story.sibling();
    let rival = story.world.user();
    let rivals = story.pool.add_slasher(&story.world, &story.network, rival.pubkey());
    let seize = || story.seize(TOKEN, seizure::CLIENT, ID);
    let (world, slashing) = (&story.world, &[&story.slashing][..]);
    world.fails(unsigned(seize(), 0), &[], StakeError::MissingSigner);
    world.fails(swap(seize(), 0, story.own.owner), &[&story.authority], StakeError::Unauthorized);
    for index in [3, 4, 5, 6] {
        let burn = story.seize(TOKEN, seizure::BURN, story.pool.mint);
        world.fails(read_only(burn, index), slashing, StakeError::NotWritable);
    }
    let by_rival = swap(swap(seize(), 0, rival.pubkey()), 1, rivals);
    world.fails(by_rival, &[&rival], StakeError::WrongSlasher);
    world.fails(swap(seize(), 2, stranger.pool.address), slashing, StakeError::WrongAddress);
    world.fails(swap(seize(), 3, stranger.provider), slashing, StakeError::WrongPool);
    world.fails(swap(seize(), 3, sibling), slashing, StakeError::WrongProvider);
    world.fails(swap(seize(), 4, story.provider), slashing, StakeError::WrongAccountType);
    world.fails(swap(seize(), 5, stranger.pool.vault), slashing, StakeError::WrongAddress);
    world.fails(swap(seize(), 7, stranger.pool.mint), slashing, StakeError::WrongAddress);
    world.fails(swap(seize(), 8, TOKEN_2022_PROGRAM), slashing, StakeError::WrongTokenProgram);
    for receiver in [ID, story.client_tokens] {
        world.fails(story.seize(TOKEN, seizure::BURN, receiver), slashing, StakeError::WrongReceiver);
    }
    world.fails(story.seize(TOKEN, 3, ID), slashing, StakeError::InvalidParameter);
    world.fails(story.seize(0, seizure::CLIENT, ID), slashing, StakeError::ZeroAmount);
    world.fails(story.seize(u64::MAX, seizure::CLIENT, ID), slashing, StakeError::WrongBond);

    world.ok(&[story.set_slasher(rights::SLASH | rights::REPORT, 0)], &[&story.network.authority]);
    world.fails(seize(), slashing, StakeError::MissingRight);
    let other = Address::new_from_array([8; 32]);
    world.fails(story.lock_for(other, TOKEN), &story.bonding(), StakeError::MissingRight);
    world.ok(&[story.set_slasher(rights::BOND, 0)], &[&story.network.authority]);
    world.ok(&[seize()], slashing);
    let mut pool: PoolState = world.read(story.pool.address);
    pool.treasury = Address::default();
    story.world.forge(story.pool.address, &pool);
    let for_treasury = story.seize(TOKEN, seizure::TREASURY, ID);
    story.world.fails(for_treasury, &[&story.slashing], StakeError::WrongReceiver);
}

#[test]
fn a_right_that_is_taken_and_given_back_frees_no_bond() {
    let story = Story::with_bond();
    let by_provider = || swap(story.release(), 0, story.authority.pubkey());
    let (authority, provider) = (&story.network.authority, &story.authority);
    story.world.fails(by_provider(), &[provider], StakeError::Unauthorized);
    let taken = story.set_slasher(0, 0);
    let failure = story.world.send(&[taken.clone(), by_provider()], &[authority, provider]).unwrap_err();
    assert_eq!(failure.code(), Some(StakeError::Unauthorized as u32));
    story.world.ok(&[taken], &[authority]);
    story.world.pass(WEEK - 1);
    story.world.fails(by_provider(), &[provider], StakeError::Unauthorized);
    story.world.pass(1);
    story.world.ok(&[by_provider()], &[provider]);
    assert_eq!(story.provider().bonded, Tokens(0));
    story.check();
}

#[test]
fn bonds_of_a_removed_slasher_come_back_though_the_providers_key_is_lost() {
    let story = Story::with_bond();
    let (world, stranger) = (&story.world, &[&story.delegator][..]);
    let by_anyone = || swap(story.release(), 0, story.delegator.pubkey());
    world.fails(by_anyone(), stranger, StakeError::Unauthorized);
    world.ok(&[story.set_slasher(0, 0)], &[&story.network.authority]);
    world.pass(WEEK - 1);
    world.fails(by_anyone(), stranger, StakeError::Unauthorized);
    world.pass(1);
    world.ok(&[by_anyone()], stranger);
    assert_eq!((story.provider().own, story.provider().bonded), (Tokens(100 * TOKEN), Tokens(0)));
    story.check();
}
