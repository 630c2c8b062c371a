//! Who may change what, and how long it takes.

use super::{setup::bad_policies, *};

pub(super) fn propose(story: &Story, proposed: Address) -> Instruction {
    ProposeAuthority { authority: story.network.authority.pubkey(), network: story.network.address }
        .instruction(&ProposeAuthorityArgs { proposed })
}

pub(super) fn accept(story: &Story, successor: Address) -> Instruction {
    AcceptAuthority { successor, network: story.network.address }.instruction(&AcceptAuthorityArgs {})
}

pub(super) fn pause(story: &Story, by: Address) -> Instruction {
    Pause { authority_or_guardian: by, network: story.network.address }.instruction(&PauseArgs {})
}

pub(super) fn resume(story: &Story, signer: Address) -> Instruction {
    Resume { signer, network: story.network.address }.instruction(&ResumeArgs {})
}

pub(super) fn change(story: &Story, index: u64, policy: Policy) -> Instruction {
    story.network.propose_policy_instruction(&story.world, index, policy)
}

pub(super) fn execute(story: &Story, index: u64) -> Instruction {
    story.network.execute_policy_instruction(&story.world, index)
}

pub(super) fn cancel(story: &Story, index: u64) -> Instruction {
    CancelPolicy {
        signer: story.network.authority.pubkey(),
        network: story.network.address,
        policy_change: story.network.change(index),
        rent_receiver: story.world.payer().pubkey(),
    }
    .instruction(&CancelPolicyArgs {})
}

const DELAY: u64 = 7_200;

#[test]
fn authority_is_handed_over_in_two_steps() {
    let mut story = Story::new();
    let (successor, thief) = (story.world.user(), story.world.user());
    let authority: &[&Keypair] = &[&story.network.authority];
    story.world.fails(accept(&story, thief.pubkey()), &[&thief], BmeError::Unauthorized);
    story.world.fails(swap(propose(&story, thief.pubkey()), 0, thief.pubkey()), &[&thief], BmeError::Unauthorized);
    story.world.fails(unsigned(propose(&story, thief.pubkey()), 0), &[], BmeError::MissingSigner);
    story.world.fails(read_only(propose(&story, thief.pubkey()), 1), authority, BmeError::NotWritable);

    // Named by mistake, and taken back.
    story.world.ok(&[propose(&story, thief.pubkey()), propose(&story, Address::default())], authority);
    story.world.fails(accept(&story, thief.pubkey()), &[&thief], BmeError::Unauthorized);

    story.world.ok(&[propose(&story, successor.pubkey())], authority);
    story.world.fails(unsigned(accept(&story, successor.pubkey()), 0), &[], BmeError::MissingSigner);
    story.world.fails(accept(&story, thief.pubkey()), &[&thief], BmeError::Unauthorized);
    assert_eq!(story.state().authority, story.network.authority.pubkey(), "until it is accepted");
    let receipt = story.world.ok(&[accept(&story, successor.pubkey())], &[&successor]);
    assert_eq!(receipt.event::<event::AuthorityChanged>(ID).authority, successor.pubkey());
    assert_eq!((story.state().authority, story.state().pending_authority), (successor.pubkey(), Address::default()));
    story.world.fails(propose(&story, thief.pubkey()), authority, BmeError::Unauthorized);
    story.world.fails(accept(&story, successor.pubkey()), &[&successor], BmeError::Unauthorized);
}

#[test]
fn the_guardian_pauses_and_only_the_authority_resumes() {
    let mut story = Story::with_locked();
    let thief = story.world.user();
    let (guardian, authority) = (&story.network.guardian, &story.network.authority);
    let world = &story.world;
    world.fails(pause(&story, thief.pubkey()), &[&thief], BmeError::Unauthorized);
    world.fails(unsigned(pause(&story, guardian.pubkey()), 0), &[], BmeError::MissingSigner);
    world.fails(read_only(pause(&story, guardian.pubkey()), 1), &[guardian], BmeError::NotWritable);
    let receipt = world.ok(&[pause(&story, guardian.pubkey())], &[guardian]);
    let event: event::PauseChanged = receipt.event(ID);
    assert_eq!((event.paused, event.changed_by), (1, guardian.pubkey()));
    world.fails(story.buy(TOKEN), &[&story.client], BmeError::Paused);
    world.ok(&[story.unlock(1), story.consume(1), story.burn()], &[&story.spending]);

    world.fails(resume(&story, guardian.pubkey()), &[guardian], BmeError::Unauthorized);
    world.fails(unsigned(resume(&story, authority.pubkey()), 0), &[], BmeError::MissingSigner);
    world.fails(read_only(resume(&story, authority.pubkey()), 1), &[authority], BmeError::NotWritable);
    world.ok(&[resume(&story, authority.pubkey()), story.buy(TOKEN)], &[authority, &story.client]);
    world.ok(&[pause(&story, authority.pubkey())], &[authority]);
    assert_eq!(story.state().paused, 1);
}

/// The guardian pauses, and nobody has the authority's key any more.
#[test]
fn a_pause_ends_unless_the_authority_renews_it() {
    const PAUSE: u64 = 14 * DAY;
    let mut story = Story::with_locked();
    let someone = story.world.user();
    let (guardian, authority) = (&story.network.guardian, &story.network.authority);
    let world = &story.world;
    let by_guardian = || pause(&story, guardian.pubkey());
    let receipt = world.ok(&[by_guardian()], &[guardian]);
    assert_eq!(receipt.event::<event::PauseChanged>(ID).ends_at, Timestamp(world.now().0 + PAUSE as i64));
    world.pass(PAUSE - 1);
    world.fails(by_guardian(), &[guardian], BmeError::PauseTooSoon);
    world.fails(resume(&story, someone.pubkey()), &[&someone], BmeError::Unauthorized);
    world.pass(1);
    world.ok(&[resume(&story, someone.pubkey())], &[&someone]);
    world.fails(resume(&story, someone.pubkey()), &[&someone], BmeError::Unauthorized);
    assert_eq!((story.state().paused, story.state().paused_duration), (0, Seconds(PAUSE as u32)));
    // The guardian waits for as long; the authority does not.
    world.pass(PAUSE - 1);
    world.fails(by_guardian(), &[guardian], BmeError::PauseTooSoon);
    world.pass(1);
    world.ok(&[by_guardian()], &[guardian]);
    world.ok(&[resume(&story, authority.pubkey()), pause(&story, authority.pubkey())], &[authority]);
    world.pass(PAUSE - 1);
    world.ok(&[pause(&story, authority.pubkey())], &[authority]);
    world.pass(PAUSE - 1);
    world.fails(resume(&story, someone.pubkey()), &[&someone], BmeError::Unauthorized);
    assert_eq!(story.state().paused, 1);
}

#[test]
fn anyone_closes_a_change_that_cannot_be_executed() {
    let mut story = Story::new();
    let someone = story.world.user();
    let authority = &story.network.authority;
    let policy = story.state().policy;
    let cancel = |index| swap(cancel(&story, index), 0, someone.pubkey());
    story.world.ok(&[change(&story, 0, policy), change(&story, 1, policy)], &[authority]);
    story.world.pass(DELAY);
    story.world.fails(cancel(0), &[&someone], BmeError::Unauthorized);
    story.world.ok(&[execute(&story, 1), cancel(0)], &[&someone]);
    story.world.ok(&[change(&story, 2, policy)], &[authority]);
    story.world.pass(DELAY + 14 * DAY);
    story.world.fails(cancel(2), &[&someone], BmeError::Unauthorized);
    story.world.pass(1);
    story.world.ok(&[cancel(2)], &[&someone]);
}

/// What is minted to a vault of the network's own is nobody's.
#[test]
fn the_networks_own_vaults_receive_no_emission() {
    let mut story = Story::new();
    // Out of its associated account nobody moves tokens either.
    let associated = story.world.associated_account(story.network.mint, story.network.address);
    let authority = &story.network.authority;
    let policy = story.state().policy;
    for vault in [story.network.reward_vault(), story.network.burn_vault(0), associated] {
        for wrong in
            [Policy { stakers_token_account: vault, ..policy }, Policy { treasury_token_account: vault, ..policy }]
        {
            story.world.fails(change(&story, 0, wrong), &[authority], BmeError::WrongTokenOwner);
        }
    }
}

/// What is minted to an account of a program's address that the program does not know is nobody's.
#[test]
fn no_programs_vault_receives_emission_but_a_pool_s_associated_account_does() {
    let mut story = Story::new();
    let pool = joule_tests::fixture::Pool::new(&story.world, &story.network);
    let associated = story.world.associated_account(story.network.mint, pool.address);
    let policy = story.state().policy;
    let authority = &[&story.network.authority][..];
    let unknown = story.world.token_account(story.network.mint, pool.address);
    for receiver in [pool.vault, unknown] {
        for wrong in [
            Policy { stakers_token_account: receiver, ..policy },
            Policy { treasury_token_account: receiver, ..policy },
        ] {
            story.world.fails(change(&story, 0, wrong), authority, BmeError::WrongTokenOwner);
        }
    }
    let good = Policy { stakers_token_account: associated, ..policy };
    story.world.ok(&[change(&story, 0, good)], authority);
}

#[test]
fn a_policy_changes_when_its_delay_has_run_out() {
    let story = Story::new();
    let authority: &[&Keypair] = &[&story.network.authority];
    let policy = Policy { max_deviation: Bps(100), change_delay: Seconds(3_600), ..story.state().policy };
    let receipt = story.world.ok(&[change(&story, 0, policy)], authority);
    let event: event::PolicyProposed = receipt.event(ID);
    assert_eq!(event.executable_at, Timestamp(story.world.now().0 + DELAY as i64), "the delay that was in force");
    let queued: PolicyChange = story.world.read(story.network.change(0));
    assert_eq!((queued.policy, queued.base_policy_version), (policy, 0));

    story.world.pass(DELAY - 1);
    story.world.fails(execute(&story, 0), &[], BmeError::ChangeNotReady);
    story.world.pass(1);
    let (before, rent) = (story.world.lamports(story.world.payer().pubkey()), story.world.rent(608));
    story.world.ok(&[execute(&story, 0)], &[]);
    assert_eq!(story.state().policy, policy);
    assert_eq!(story.world.lamports(story.world.payer().pubkey()), before + rent - 5_000);
    story.world.fails(execute(&story, 0), &[], BmeError::WrongOwner);
    assert_ne!(story.state().average.value, 0, "the feed is the same");
    // From now on an hour.
    let receipt = story.world.ok(&[change(&story, 1, policy)], authority);
    assert_eq!(receipt.event::<event::PolicyProposed>(ID).executable_at, Timestamp(story.world.now().0 + 3_600));
}

#[test]
fn an_outdated_or_expired_change_is_refused() {
    let story = Story::new();
    let authority: &[&Keypair] = &[&story.network.authority];
    let policy = story.state().policy;
    story.world.ok(&[change(&story, 0, policy), change(&story, 1, policy)], authority);
    story.world.pass(DELAY);
    story.world.ok(&[execute(&story, 1)], &[]);
    story.world.fails(execute(&story, 0), &[], BmeError::ChangeOutdated);

    story.world.ok(&[change(&story, 2, policy), change(&story, 3, policy)], authority);
    story.world.pass(DELAY + 14 * DAY);
    story.world.ok(&[story.close(13), execute(&story, 2)], &[]);
    story.world.ok(&[change(&story, 4, policy)], authority);
    story.world.pass(DELAY + 14 * DAY + 1);
    story.world.fails(execute(&story, 4), &[], BmeError::ChangeExpired);
    // None of them keeps its rent.
    story.world.ok(&[cancel(&story, 0), cancel(&story, 3), cancel(&story, 4)], authority);
    assert!(story.world.account(story.network.change(4)).is_none());
}

#[test]
fn a_cancelled_change_is_gone() {
    let mut story = Story::new();
    let thief = story.world.user();
    let stranger = story.stranger();
    let authority: &[&Keypair] = &[&story.network.authority];
    story.world.ok(&[change(&story, 0, story.state().policy)], authority);
    let cancel = || cancel(&story, 0);
    story.world.fails(unsigned(cancel(), 0), &[], BmeError::MissingSigner);
    story.world.fails(swap(cancel(), 0, thief.pubkey()), &[&thief], BmeError::Unauthorized);
    story.world.fails(
        swap(swap(cancel(), 0, stranger.authority.pubkey()), 1, stranger.address),
        &[&stranger.authority],
        BmeError::WrongNetwork,
    );
    story.world.fails(swap(cancel(), 2, story.work), authority, BmeError::WrongAccountType);
    story.world.fails(swap(cancel(), 3, thief.pubkey()), authority, BmeError::WrongAddress);
    for index in [1, 2] {
        story.world.fails(read_only(cancel(), index), authority, BmeError::NotWritable);
    }
    story.world.ok(&[cancel()], authority);
    story.world.pass(DELAY);
    story.world.fails(execute(&story, 0), &[], BmeError::WrongOwner);
    assert_eq!(story.state().change_count, 1, "its number is not given again");
}

#[test]
fn proposed_policies_are_checked() {
    let mut story = Story::new();
    let thief = story.world.user();
    let stranger = story.stranger();
    let authority: &[&Keypair] = &[&story.network.authority];
    let policy = story.state().policy;
    for (name, bad) in bad_policies(policy) {
        assert_eq!(story.world.out_of_range(change(&story, 0, bad), authority), name);
    }
    let mut reset = change(&story, 0, policy);
    *reset.data.last_mut().unwrap() = 2;
    assert_eq!(story.world.out_of_range(reset, authority), "reset_average");
    let raised = Policy { max_supply: Tokens(policy.max_supply.0 + 1), ..policy };
    story.world.fails(change(&story, 0, raised), authority, BmeError::SupplyOnlyFalls);

    let change = || change(&story, 0, policy);
    story.world.fails(unsigned(change(), 1), &[], BmeError::MissingSigner);
    story.world.fails(swap(change(), 1, thief.pubkey()), &[&thief], BmeError::Unauthorized);
    for index in [2, 3] {
        story.world.fails(read_only(change(), index), authority, BmeError::NotWritable);
    }
    story.world.fails(swap(change(), 3, story.network.change(1)), authority, BmeError::WrongAddress);
    story.world.fails(swap(change(), 4, story.network.treasury), authority, BmeError::WrongAddress);
    story.world.fails(swap(change(), 6, TOKEN_PROGRAM), authority, BmeError::WrongProgram);
    let foreign = Policy { stakers_token_account: stranger.stakers, ..policy };
    story.world.fails(self::change(&story, 0, foreign), authority, BmeError::WrongMint);
    let none = Policy { treasury_token_account: story.network.address, ..policy };
    story.world.fails(self::change(&story, 0, none), authority, BmeError::InvalidTokenAccount);
}

#[test]
fn executing_checks_its_accounts_and_the_supply() {
    let mut story = Story::new();
    let stranger = story.stranger();
    let thief = story.world.user();
    let authority: &[&Keypair] = &[&story.network.authority];
    let supply = story.world.supply(story.network.mint);
    let policy = Policy { max_supply: Tokens(supply - 1), initial_emission: Tokens(1), ..story.state().policy };
    story.world.ok(&[change(&story, 0, policy)], authority);
    let fits = Policy { max_supply: Tokens(supply), ..policy };
    story.world.ok(&[change(&story, 1, fits)], authority);
    story.world.pass(DELAY);
    story.world.fails(execute(&story, 0), &[], BmeError::MintHasSupplyOverMaximum);
    let execute = || execute(&story, 1);
    for index in [0, 1] {
        story.world.fails(read_only(execute(), index), &[], BmeError::NotWritable);
    }
    story.world.fails(swap(swap(execute(), 0, stranger.address), 3, stranger.mint), &[], BmeError::WrongNetwork);
    story.world.fails(swap(execute(), 1, story.work), &[], BmeError::WrongAccountType);
    story.world.fails(swap(execute(), 2, thief.pubkey()), &[], BmeError::WrongAddress);
    story.world.fails(swap(execute(), 3, stranger.mint), &[], BmeError::WrongAddress);
    story.world.ok(&[execute()], &[]);
}

#[test]
fn another_feed_begins_another_average() {
    let mut story = Story::new();
    let authority: &[&Keypair] = &[&story.network.authority];
    let other = Policy { feed_id: [7; 32], ..story.state().policy };
    story.world.ok(&[change(&story, 0, other)], authority);
    story.world.pass(DELAY);
    story.world.ok(&[execute(&story, 0)], &[]);
    assert_eq!(story.state().average.value, 0);
    let now = story.world.now().0;
    story
        .world
        .set_price(story.network.price, &PriceUpdate { feed_id: [7; 32], price: 9_000_000_000, ..price_update(now) });
    story.world.ok(&[story.network.update_average_instruction()], &[]);
    assert_eq!(story.state().average.value, 9_000_000_000);

    // And so does a change that says so.
    let mut reset = change(&story, 1, other);
    *reset.data.last_mut().unwrap() = 1;
    story.world.ok(&[reset], &[&story.network.authority]);
    story.world.pass(DELAY);
    story.world.ok(&[execute(&story, 1)], &[]);
    assert_eq!(story.state().average.value, 0);
}
