//! Registries, their rules, classes, attestors and trees.

use {super::*, joule_identity_interface::class_hash};

#[test]
fn a_registry_opens_with_its_policy() {
    let mut story = Story::new();
    let stranger = story.stranger().0;
    story.network = Network::new(&mut story.world, &[]).0;
    let (world, authority) = (&story.world, &story.authority()[..]);
    let policy = Policy { mint_fee: 5, fee_receiver: OPERATOR, ..policy(&story.network) };
    let create = || create_registry_instruction(world, &story.network, policy);

    checks_its_shape(world, &create(), authority);
    let unpaid = unsigned(swap(create(), "payer", stranger.authority.pubkey()), "payer");
    world.fails(unpaid, authority, IdentityError::MissingSigner);
    let usurped = swap(create(), "authority", stranger.authority.pubkey());
    world.fails(usurped, &[&stranger.authority], IdentityError::Unauthorized);
    world.fails(swap(create(), "network", story.network.mint), authority, IdentityError::WrongOwner);
    world.fails(swap(create(), "network", story.network.burn_shard(0)), authority, IdentityError::WrongAccountType);
    world.fails(swap(create(), "registry", OPERATOR), authority, IdentityError::WrongAddress);
    world.fails(swap(create(), "system_program", TOKEN_PROGRAM), authority, IdentityError::WrongProgram);
    let empty = create_registry_instruction(world, &story.network, Policy::default());
    world.fails(empty, authority, IdentityError::InvalidParameter);

    let receipt = world.ok(&[create()], authority);
    let registry: Registry = world.read(pda::registry::find(&story.network.address).0);
    assert_eq!((registry.network, registry.policy), (story.network.address, policy));
    assert_eq!((registry.tree_count, registry.class_count, registry.classes_hash), (0, 0, [0; 32]));
    assert_eq!(receipt.event::<event::PolicyChanged>(ID).policy, policy);
    world.fails(create(), authority, IdentityError::AlreadyInitialized);
}

/// With a bond in the pool, whose stake answers for a week.
fn bonded(network: &Network, pool: &Pool, bond: u64) -> Policy {
    Policy {
        pool: pool.address,
        attestor_bond: Tokens(bond),
        max_attestation_period: Seconds(5 * DAY as u32),
        liability_period: Seconds(2 * DAY as u32),
        ..policy(network)
    }
}

#[test]
fn the_policy_changes_within_its_limits() {
    let mut story = Story::new();
    let (stranger, theirs) = story.stranger();
    let pool = Pool::new(&story.world, &story.network);
    let foreign_pool = Pool::new(&story.world, &stranger);
    let (world, authority) = (&story.world, &story.authority()[..]);
    let usual = policy(&story.network);
    let bonded = bonded(&story.network, &pool, 1);
    let propose = |policy| story.propose_policy(policy);

    for (field, refused) in [
        ("max_attestation_period", Policy { max_attestation_period: Seconds(0), ..usual }),
        ("fee_receiver", Policy { mint_fee: 1, ..usual }),
        ("pool", Policy { attestor_bond: Tokens(1), ..usual }),
        ("minter", Policy { minter: Address::default(), ..usual }),
        ("max_attestation_period", Policy { max_attestation_period: Seconds(3_599), ..usual }),
        ("max_attestation_period", Policy { max_attestation_period: Seconds(730 * DAY as u32 + 1), ..usual }),
        ("liability_period", Policy { liability_period: Seconds(365 * DAY as u32 + 1), ..usual }),
        ("mint_fee", Policy { mint_fee: 100_000_000_001, fee_receiver: OPERATOR, ..usual }),
    ] {
        assert_eq!(world.out_of_range(propose(refused), authority), field);
    }
    world.fails(swap(propose(bonded), "pool", ID), authority, IdentityError::WrongAddress);
    let foreign = Policy { pool: foreign_pool.address, ..bonded };
    world.fails(propose(foreign), authority, IdentityError::WrongNetwork);
    let no_pool = Policy { pool: story.tree.registry, ..bonded };
    world.fails(propose(no_pool), authority, IdentityError::WrongOwner);
    checks_its_shape(world, &propose(usual), authority);
    let usurped = swap(propose(usual), "authority", stranger.authority.pubkey());
    world.fails(usurped.clone(), &[&stranger.authority], IdentityError::Unauthorized);
    world.fails(swap(usurped, "network", stranger.address), &[&stranger.authority], IdentityError::WrongNetwork);
    world.fails(swap(propose(usual), "network", story.tree.registry), authority, IdentityError::WrongOwner);
    world.fails(swap(propose(usual), "registry", theirs.registry), authority, IdentityError::WrongNetwork);
    world.fails(swap(propose(usual), "registry", story.tree.address), authority, IdentityError::WrongAccountType);

    for accepted in [
        Policy { max_attestation_period: Seconds(3_600), ..usual },
        Policy { max_attestation_period: Seconds(730 * DAY as u32), liability_period: Seconds(0), ..usual },
        Policy { liability_period: Seconds(365 * DAY as u32), ..usual },
        Policy { mint_fee: 100_000_000_000, fee_receiver: OPERATOR, ..usual },
    ] {
        world.ok(&[propose(accepted)], authority);
    }
    world.ok(&[cancel_policy(&story)], authority);

    // They wait, and expire.
    let (delay, window) = (7_200, 14 * DAY);
    let execute = || story.execute_policy();
    world.fails(execute(), &[], IdentityError::NoChange);
    let receipt = world.ok(&[propose(bonded)], authority);
    let event: event::PolicyProposed = receipt.event(ID);
    assert_eq!((event.policy, event.executable_at.0), (bonded, world.now().0 + delay as i64));
    assert_eq!((story.registry().policy, story.registry().next_policy), (usual, bonded));
    world.pass(delay - 1);
    world.fails(execute(), &[], IdentityError::ChangeNotReady);
    world.pass(1 + window);
    world.fails(execute(), &[], IdentityError::ChangeExpired);
    world.ok(&[propose(bonded)], authority);
    world.pass(delay + window - 1);
    checks_its_shape(world, &execute(), &[]);
    world.fails(swap(execute(), "registry", stranger.address), &[], IdentityError::WrongOwner);
    world.fails(swap(execute(), "registry", story.tree.address), &[], IdentityError::WrongAccountType);
    let receipt = world.ok(&[execute()], &[]);
    assert_eq!((story.registry().policy, receipt.event::<event::PolicyChanged>(ID).policy), (bonded, bonded));
    assert_eq!((story.registry().next_policy, story.registry().next_policy_at), (Policy::default(), Timestamp(0)));
    world.fails(execute(), &[], IdentityError::NoChange);
}

#[test]
fn a_proposed_policy_can_be_cancelled() {
    let mut story = Story::new();
    let (stranger, theirs) = story.stranger();
    let (world, authority) = (&story.world, &story.authority()[..]);
    let other = Policy { minter: OPERATOR, ..policy(&story.network) };
    let by_authority = || cancel_policy(&story);
    let cancel = |by: Address| swap(by_authority(), "authority", by);
    world.fails(by_authority(), authority, IdentityError::NoChange);
    let guardian = &story.network.guardian;
    for signer in [&story.network.authority, guardian] {
        world.ok(&[story.propose_policy(other)], authority);
        let receipt = world.ok(&[cancel(signer.pubkey())], &[signer]);
        let event: event::PolicyProposed = receipt.event(ID);
        assert_eq!((event.policy, event.executable_at), (other, Timestamp(0)));
        world.pass(7_200);
        world.fails(story.execute_policy(), &[], IdentityError::NoChange);
    }
    world.ok(&[story.propose_policy(other)], authority);
    checks_its_shape(world, &by_authority(), authority);
    world.fails(cancel(stranger.authority.pubkey()), &[&stranger.authority], IdentityError::Unauthorized);
    world.fails(swap(by_authority(), "network", story.tree.registry), authority, IdentityError::WrongOwner);
    world.fails(swap(by_authority(), "registry", theirs.registry), authority, IdentityError::WrongNetwork);
    world.fails(swap(by_authority(), "registry", story.tree.address), authority, IdentityError::WrongAccountType);
}

#[test]
fn classes_are_listed_by_a_hash() {
    let mut story = Story::new();
    let (stranger, theirs) = story.stranger();
    let (world, authority) = (&story.world, &story.authority()[..]);
    let add = || add_class_instruction(world, &story.network, u32::MAX, 2);
    checks_its_shape(world, &add(), authority);
    let usurped = swap(add(), "authority", stranger.authority.pubkey());
    world.fails(usurped.clone(), &[&stranger.authority], IdentityError::Unauthorized);
    world.fails(swap(usurped, "network", stranger.address), &[&stranger.authority], IdentityError::WrongNetwork);
    world.fails(swap(add(), "network", story.tree.registry), authority, IdentityError::WrongOwner);
    world.fails(swap(add(), "registry", theirs.registry), authority, IdentityError::WrongNetwork);
    world.fails(swap(add(), "registry", story.tree.address), authority, IdentityError::WrongAccountType);
    world.fails(swap(add(), "class", OPERATOR), authority, IdentityError::WrongAddress);
    world.fails(swap(add(), "system_program", TOKEN_PROGRAM), authority, IdentityError::WrongProgram);
    let zero = add_class_instruction(world, &story.network, 0, 0);
    assert_eq!(world.out_of_range(zero, authority), "id");
    for id in [CLASS - 1, VOUCHED] {
        // An id that is not greater might have meant another class.
        let again = add_class_instruction(world, &story.network, id, 0);
        assert_eq!(world.out_of_range(again, authority), "id");
    }

    let receipt = world.ok(&[add()], authority);
    let class: Class = world.read(class(&story.tree.registry, u32::MAX));
    let description = description("H100 SXM");
    assert_eq!((class.registry, class.id, class.threshold), (story.tree.registry, u32::MAX, 2));
    assert_eq!((class.description, class.retired), (description, 0));
    let hash = [(CLASS, 0), (VOUCHED, 3), (u32::MAX, 2)]
        .iter()
        .fold([0; 32], |before, &(id, threshold)| class_hash(sha256, &before, id, threshold, &description));
    assert_eq!((story.registry().class_count, story.registry().classes_hash), (3, hash));
    let event: event::ClassAdded = receipt.event(ID);
    assert_eq!((event.id, event.threshold, event.classes_hash), (u32::MAX as u64, 2, hash));
    assert_eq!(event.description, description);
    assert_eq!(world.out_of_range(add(), authority), "id");
}

#[test]
fn a_retired_class_takes_no_more_machines() {
    let (mut story, machine) = Story::with_machine();
    let (other, third) = (story.mint("other"), story.mint("third"));
    story.world.ok(&[story.activate(&machine), story.activate_in(&third, VOUCHED)], &[&story.owner]);
    let (stranger, theirs) = story.stranger();
    let (world, authority, owner) = (&story.world, &story.authority()[..], &[&story.owner][..]);
    let retire = || retire_class(&story, CLASS);
    checks_its_shape(world, &retire(), authority);
    let usurped = swap(retire(), "authority", stranger.authority.pubkey());
    world.fails(usurped, &[&stranger.authority], IdentityError::Unauthorized);
    world.fails(swap(retire(), "registry", theirs.registry), authority, IdentityError::WrongNetwork);
    let foreign = class(&theirs.registry, CLASS);
    world.fails(swap(retire(), "class", foreign), authority, IdentityError::WrongRegistry);
    world.fails(swap(retire(), "class", story.tree.address), authority, IdentityError::WrongAccountType);
    let receipt = world.ok(&[retire()], authority);
    assert_eq!(receipt.event::<event::ClassRetired>(ID).id, CLASS as u64);
    world.fails(retire(), authority, IdentityError::ClassRetired);

    world.fails(story.activate(&other), owner, IdentityError::ClassRetired);
    let into = story.change_specification(&third, [0x77; 32], CLASS);
    world.fails(into, owner, IdentityError::ClassRetired);
    // Those in it stay, and may become others of it.
    assert!(story.node(&machine).serves(CLASS, world.now()));
    world.ok(&[story.change_specification(&machine, [0x78; 32], CLASS)], owner);
}

#[test]
fn adding_and_removing_attestors_checks_their_accounts() {
    let mut story = Story::new();
    let (stranger, theirs) = story.stranger();
    let voucher = story.add_attestor(4);
    let (world, authority) = (&story.world, &story.authority()[..]);
    let slot = Attestor {
        authority: voucher.key.pubkey(),
        provider: Address::default(),
        id: 1,
        weight: 4,
        bonded: 1,
        reserved: 0,
    };
    assert_eq!(story.registry().attestor(1), Some(&slot));
    let add = || story.add_attestor_instruction(OPERATOR, ID, 1);
    for instruction in [add(), story.remove_attestor(1)] {
        checks_its_shape(world, &instruction, authority);
        let wrong = |name, address| swap(instruction.clone(), name, address);
        let usurped = wrong("authority", stranger.authority.pubkey());
        world.fails(usurped.clone(), &[&stranger.authority], IdentityError::Unauthorized);
        let elsewhere = swap(usurped, "network", stranger.address);
        world.fails(elsewhere, &[&stranger.authority], IdentityError::WrongNetwork);
        world.fails(wrong("registry", theirs.registry), authority, IdentityError::WrongNetwork);
        world.fails(wrong("registry", story.tree.address), authority, IdentityError::WrongAccountType);
    }
    for id in [0, 2] {
        world.fails(story.remove_attestor(id), authority, IdentityError::UnknownAttestor);
    }
    let weightless = story.add_attestor_instruction(OPERATOR, ID, 0);
    assert_eq!(world.out_of_range(weightless, authority), "weight");
    let nobody = story.add_attestor_instruction(Address::default(), ID, 1);
    assert_eq!(world.out_of_range(nobody, authority), "attestor");
    let twice = story.add_attestor_instruction(voucher.key.pubkey(), ID, 1);
    world.fails(twice, authority, IdentityError::AttestorListed);
    for _ in 1..MAX_ATTESTORS {
        story.add_attestor(1);
    }
    world.fails(add(), authority, IdentityError::TooManyAttestors);
    world.ok(&[story.remove_attestor(1), add()], authority);
    assert_eq!(story.registry().attestors[0].id, MAX_ATTESTORS as u32 + 1);
}

#[test]
fn an_attestor_needs_the_bond_from_the_start() {
    let mut world = World::new();
    let [key, other, owner] = [world.user(), world.user(), world.user()];
    let (network, tokens) = Network::new(&mut world, &[key.pubkey(), other.pubkey()]);
    create_registry(&world, &network);
    let tree = Tree::unborn(&network, OPERATOR, 1, 0);
    let story = Story { world, network, tree, owner };
    let pool = Pool::new(&story.world, &story.network);
    story.set_policy(bonded(&story.network, &pool, 100 * TOKEN));
    let (world, authority) = (&story.world, &story.authority()[..]);
    let [provider, others] = [&key, &other].map(|key| pool.register(world, key));
    let add = |key: &Keypair, provider| story.add_attestor_instruction(key.pubkey(), provider, 1);
    world.fails(add(&key, ID), authority, IdentityError::NotBonded);
    world.fails(add(&key, provider), authority, IdentityError::NotBonded);
    for (key, provider, tokens) in [(&key, provider, tokens[0]), (&other, others, tokens[1])] {
        let backer = pool.open_delegation(world, provider, key.pubkey(), tokens);
        world.ok(&[pool.stake_instruction(&backer, 100 * TOKEN)], &[key]);
        // Own stake counts from the next second.
        world.pass(1);
    }
    world.fails(add(&key, others), authority, IdentityError::WrongProvider);
    world.fails(add(&key, pool.address), authority, IdentityError::WrongAccountType);
    let receipt = world.ok(&[add(&key, provider)], authority);
    let event: event::AttestorChanged = receipt.event(ID);
    assert_eq!((event.authority, event.provider, event.id, event.weight), (key.pubkey(), provider, 1, 1));
    world.fails(add(&key, provider), authority, IdentityError::AttestorListed);
    world.ok(&[add(&other, others)], authority);
}

// Trees

#[test]
fn trees_are_counted_and_told_of() {
    let story = Story::new();
    for (count, canopy) in [(2, 0), (3, 2)] {
        let (tree, receipt) = Tree::new(&story.world, &story.network, DEPTH, BUFFER, canopy);
        let event: event::TreeRegistered = receipt.event(ID);
        assert_eq!((event.merkle_tree, event.capacity), (tree.merkle_tree, 8));
        let registry: Registry = story.world.read(tree.registry);
        assert_eq!((event.header.source, event.header.sequence), (tree.registry, registry.sequence));
        assert_eq!((registry.network, registry.tree_count), (story.network.address, count));
        let state: TreeState = story.world.read(tree.address);
        assert_eq!((state.network, state.registry), (story.network.address, tree.registry));
        assert_eq!((state.merkle_tree, state.tree_config), (tree.merkle_tree, tree.config));
        assert_eq!((state.capacity, state.minted_count, state.index), (8, 0, count - 1));
        assert_eq!((state.depth, state.schema, state.soulbound), (DEPTH as u8, 1, 0));
    }
}

#[test]
fn creating_a_tree_checks_its_accounts() {
    let mut story = Story::new();
    let (stranger, theirs) = story.stranger();
    let merkle_tree = story.allocate_tree();
    let (world, tree, authority) = (&story.world, &story.tree, &story.authority()[..]);
    let create = || story.create_tree(merkle_tree, DEPTH, BUFFER);

    checks_its_shape(world, &create(), authority);
    let unpaid = unsigned(swap(create(), "payer", stranger.authority.pubkey()), "payer");
    world.fails(unpaid, authority, IdentityError::MissingSigner);
    let usurped = swap(create(), "authority", stranger.authority.pubkey());
    world.fails(usurped.clone(), &[&stranger.authority], IdentityError::Unauthorized);
    world.fails(swap(create(), "network", tree.registry), authority, IdentityError::WrongOwner);
    world.fails(swap(create(), "network", story.network.burn_shard(0)), authority, IdentityError::WrongAccountType);
    world.fails(swap(usurped, "network", stranger.address), &[&stranger.authority], IdentityError::WrongNetwork);
    world.fails(swap(create(), "registry", theirs.registry), authority, IdentityError::WrongNetwork);
    world.fails(swap(create(), "registry", tree.address), authority, IdentityError::WrongAccountType);
    world.fails(swap(create(), "registry", merkle_tree), authority, IdentityError::WrongOwner);
    world.fails(swap(create(), "tree", pda::tree::find(&tree.address).0), authority, IdentityError::WrongAddress);
    world.fails(swap(create(), "tree_config", tree.config), authority, IdentityError::WrongTreeConfig);
    world.fails(swap(create(), "bubblegum_program", COMPRESSION_PROGRAM), authority, IdentityError::WrongProgram);
    for (name, of_second) in [("compression_program", COMPRESSION_PROGRAM_2), ("log_wrapper", LOG_WRAPPER_2)] {
        world.fails(swap(create(), name, BUBBLEGUM_PROGRAM), authority, IdentityError::WrongProgram);
        world.fails(swap(create(), name, of_second), authority, IdentityError::WrongProgram);
    }
    world.fails(swap(create(), "system_program", BUBBLEGUM_PROGRAM), authority, IdentityError::WrongProgram);

    let args = |change: fn(&mut CreateTreeArgs)| with_args(create(), change);
    world.fails(args(|args| args.schema = 0), authority, IdentityError::InvalidSchema);
    world.fails(args(|args| args.schema = 3), authority, IdentityError::InvalidSchema);
    world.fails(args(|args| args.soulbound = 1), authority, IdentityError::InvalidSchema);
    world.fails(swap(create(), "collection", OPERATOR), authority, IdentityError::InvalidSchema);
    let neither = args(|args| (args.schema, args.soulbound) = (2, 2));
    assert_eq!(world.out_of_range(neither, authority), "soulbound");
    world.ok(&[create()], authority);
}

#[test]
fn a_tree_is_registered_once() {
    let mut story = Story::new();
    let again = story.create_tree(story.tree.merkle_tree, DEPTH, BUFFER);
    story.world.fails(again, &story.authority(), IdentityError::InvalidTree);
    // Were it zero again, its registration would still stand.
    story.edit(story.tree.merkle_tree, |account| account.data.fill(0));
    let again = story.create_tree(story.tree.merkle_tree, DEPTH, BUFFER);
    story.world.fails(again, &story.authority(), IdentityError::AlreadyInitialized);
}

#[test]
fn a_tree_starts_empty_at_account_compression() {
    let mut story = Story::new();
    let foreign = story.allocate(merkle_tree_size(DEPTH, BUFFER, 0), TOKEN_PROGRAM);
    story.world.fails(story.create_tree(foreign, DEPTH, BUFFER), &story.authority(), IdentityError::InvalidTree);
    let of_second = story.allocate(merkle_tree_size(DEPTH, BUFFER, 0), COMPRESSION_PROGRAM_2);
    story.world.fails(story.create_tree(of_second, DEPTH, BUFFER), &story.authority(), IdentityError::InvalidTree);

    // Someone was faster, and made the account a tree of theirs.
    let (taken, payer) = (story.allocate_tree(), story.world.payer().pubkey());
    let take = CreateTreeConfigBuilder::new()
        .tree_config(pda::tree_config(&taken))
        .merkle_tree(taken)
        .payer(payer)
        .tree_creator(payer)
        .max_depth(DEPTH)
        .max_buffer_size(BUFFER)
        .instruction();
    story.world.ok(&[take], &[]);
    story.world.fails(story.create_tree(taken, DEPTH, BUFFER), &story.authority(), IdentityError::InvalidTree);

    let used = story.allocate_tree();
    story.edit(used, |account| account.data[55] = 1);
    story.world.fails(story.create_tree(used, DEPTH, BUFFER), &story.authority(), IdentityError::InvalidTree);
}

#[test]
fn a_tree_has_a_shape() {
    let story = Story::new();
    let size = |depth, buffer| merkle_tree_size(depth, buffer, 0);
    let create = |size, depth, buffer| story.create_tree(story.allocate(size, COMPRESSION_PROGRAM), depth, buffer);
    for (size, depth, buffer) in [
        (size(3, 8) - 1, 3, 8),
        (size(3, 8), 3, 16),
        (size(3, 8), 0, 8),
        (size(31, 8), 31, 8),
        (size(64, 8), 64, 8),
        (size(3, 8), 3, u32::MAX),
        (size(18, 64), 18, 64),
        (merkle_tree_size(24, 64, 7) - 32, 24, 64),
        (0, 3, 8),
    ] {
        story.world.fails(create(size, depth, buffer), &story.authority(), IdentityError::InvalidTreeShape);
    }
    let unknown = create(size(4, 8), 4, 8);
    story.refused_by(COMPRESSION_PROGRAM, theirs::UNKNOWN_SHAPE, unknown, &story.authority());
    let odd = create(size(3, 8) + 32, 3, 8);
    story.refused_by(COMPRESSION_PROGRAM, theirs::CANOPY_LENGTH, odd, &story.authority());
    story.world.ok(&[create(size(5, 8), 5, 8)], &story.authority());
}

/// Every pair of depth and buffer that account compression of this version knows.
#[test]
fn any_shape_that_account_compression_knows() {
    let story = Story::new();
    let shapes: [(u32, &[u32]); 11] = [
        (3, &[8]),
        (5, &[8]),
        (14, &[64, 256, 1_024, 2_048]),
        (15, &[64]),
        (16, &[64]),
        (17, &[64]),
        (18, &[64]),
        (20, &[64, 256, 1_024, 2_048]),
        (24, &[64, 256, 512, 1_024, 2_048]),
        (26, &[512, 1_024, 2_048]),
        (30, &[512, 1_024, 2_048]),
    ];
    for (depth, buffers) in shapes {
        for &buffer in buffers {
            // Bubblegum asks for a canopy of depth - 17.
            for canopy in [depth.saturating_sub(17), depth.saturating_sub(17).max(depth.min(7))] {
                let merkle_tree = story.allocate(merkle_tree_size(depth, buffer, canopy), COMPRESSION_PROGRAM);
                story.world.ok(&[story.create_tree(merkle_tree, depth, buffer)], &story.authority());
                let state: TreeState = story.world.read(pda::tree::find(&merkle_tree).0);
                assert_eq!((state.capacity, state.depth as u32), (1 << depth, depth));
            }
        }
    }
}

pub(super) fn cancel_policy(story: &Story) -> Instruction {
    CancelPolicy {
        authority: story.network.authority.pubkey(),
        network: story.network.address,
        registry: story.tree.registry,
    }
    .instruction(&CancelPolicyArgs {})
}

pub(super) fn retire_class(story: &Story, id: u32) -> Instruction {
    RetireClass {
        authority: story.network.authority.pubkey(),
        network: story.network.address,
        registry: story.tree.registry,
        class: class(&story.tree.registry, id),
    }
    .instruction(&RetireClassArgs {})
}

// Ends

fn close_class(story: &Story, id: u32) -> Instruction {
    CloseClass {
        authority: story.network.authority.pubkey(),
        network: story.network.address,
        registry: story.tree.registry,
        class: class(&story.tree.registry, id),
        payer: story.world.payer().pubkey(),
    }
    .instruction(&CloseClassArgs {})
}

pub(super) fn close_tree(story: &Story) -> Instruction {
    CloseTree {
        authority: story.network.authority.pubkey(),
        network: story.network.address,
        registry: story.tree.registry,
        tree: story.tree.address,
        payer: story.world.payer().pubkey(),
        merkle_tree: story.tree.merkle_tree,
        tree_config: story.tree.config,
        programs: BubblegumPrograms {
            bubblegum_program: BUBBLEGUM_PROGRAM,
            compression_program: COMPRESSION_PROGRAM,
            log_wrapper: LOG_WRAPPER,
            system_program: SYSTEM_PROGRAM,
        },
        fee_recipient: ID,
    }
    .instruction(&CloseTreeArgs {})
}

fn close_registry(story: &Story) -> Instruction {
    CloseRegistry {
        authority: story.network.authority.pubkey(),
        network: story.network.address,
        registry: story.tree.registry,
        payer: story.world.payer().pubkey(),
    }
    .instruction(&CloseRegistryArgs {})
}

/// What `send` brings the payer, who pays one signature and another's.
#[track_caller]
pub(super) fn brings(story: &Story, close: Instruction) -> u64 {
    let before = story.world.lamports(story.world.payer().pubkey());
    story.world.ok(&[close], &story.authority());
    let fees = 2 * 5_000;
    story.world.lamports(story.world.payer().pubkey()) + fees - before
}

#[test]
fn a_class_is_closed_long_after_it_was_retired() {
    let (mut story, machine) = Story::in_service(CLASS);
    let (stranger, theirs) = story.stranger();
    let close = || close_class(&story, CLASS);
    let (world, authority) = (&story.world, &story.authority()[..]);
    world.pass(90 * DAY);
    world.fails(close(), authority, IdentityError::ClassInUse);
    world.ok(&[retire_class(&story, CLASS)], authority);
    world.pass(90 * DAY - 1);
    world.fails(close(), authority, IdentityError::ClassInUse);
    world.pass(1);
    checks_its_shape(world, &close(), authority);
    let usurped = swap(close(), "authority", stranger.authority.pubkey());
    world.fails(usurped, &[&stranger.authority], IdentityError::Unauthorized);
    world.fails(swap(close(), "registry", theirs.registry), authority, IdentityError::WrongNetwork);
    world.fails(swap(close(), "class", class(&theirs.registry, CLASS)), authority, IdentityError::WrongRegistry);
    world.fails(swap(close(), "class", story.tree.address), authority, IdentityError::WrongAccountType);
    world.fails(swap(close(), "payer", OPERATOR), authority, IdentityError::WrongPayer);
    let rent = world.lamports(class(&story.tree.registry, CLASS));
    assert_eq!(brings(&story, close()), rent);
    assert_eq!(story.registry().open_class_count, 1);

    // Its id means nothing else later, and its machines can go.
    let again = add_class_instruction(world, &story.network, CLASS, 0);
    assert_eq!(world.out_of_range(again, authority), "id");
    assert!(story.node(&machine).serves(CLASS, world.now()));
    world.ok(&[story.refresh(&machine)], &[]);
    assert!(!story.node(&machine).serves(CLASS, world.now()));
    let specification = story.tree.specification(&machine);
    world.ok(&[story.change_specification(&machine, specification, VOUCHED)], &[&story.owner]);
    world.ok(&[story.deactivate_signed(&machine)], &[&story.owner]);
}

/// What was said of a machine ends as in any class, and a new owner takes it over.
#[test]
fn verdicts_on_machines_of_a_closed_class_go_on() {
    let (mut story, machine) = Story::in_service(VOUCHED);
    let vouchers = [3, 3, 3].map(|weight| story.add_attestor(weight));
    let buyer = story.world.user();
    let (world, authority) = (&story.world, &story.authority()[..]);
    world.ok(&[retire_class(&story, VOUCHED)], authority);
    world.pass(90 * DAY);
    for voucher in &vouchers[..2] {
        world.ok(&[story.attest(voucher, &machine, story.in_days(30))], &[&voucher.key]);
    }
    let attest = story.attest(&vouchers[2], &machine, story.in_days(30));
    let verdicts: [(Instruction, &[&Keypair]); 4] = [
        (story.refresh(&machine), &[]),
        (story.strike(&machine, vouchers[0].id), authority),
        (story.withdraw(&vouchers[1], &machine), &[&vouchers[1].key]),
        (story.tree.sync_instruction(&machine, OPERATOR, VOUCHED), &[]),
    ];
    for (verdict, signers) in &verdicts {
        world.fails(swap(verdict.clone(), "class", OPERATOR), signers, IdentityError::WrongClass);
    }
    world.ok(&[close_class(&story, VOUCHED)], authority);
    assert!(story.node(&machine).serves(VOUCHED, world.now()));
    for (verdict, signers) in verdicts {
        world.fails(swap(verdict.clone(), "class", OPERATOR), signers, IdentityError::WrongClass);
        world.ok(&[verdict], signers);
        assert_eq!(story.node(&machine).class_expires_at, NEVER);
    }
    assert_eq!(story.node(&machine).attestations, [Attestation::default(); MAX_ATTESTATIONS]);
    world.fails(attest, &[&vouchers[2].key], IdentityError::WrongOwner);

    let owner = story.owner.insecure_clone();
    let sold = story.transfer(&machine, &owner, &buyer);
    let sync = signed(story.tree.sync_instruction(&sold, OPERATOR, VOUCHED), "owner");
    story.world.ok(&[sync], &[&buyer]);
    assert_eq!((story.node(&machine).owner, story.node(&machine).class_expires_at), (buyer.pubkey(), NEVER));
    let specification = story.tree.specification(&machine);
    story.world.ok(&[story.change_specification(&sold, specification, CLASS)], &[&buyer]);
    assert!(story.node(&machine).serves(CLASS, story.world.now()));
}

/// Bubblegum closes no tree of schema 1: the record's rent comes back, as long as nobody needs it.
#[test]
fn an_empty_trees_record_is_closed() {
    let mut story = Story::new();
    let (stranger, theirs) = story.stranger();
    let sibling = Tree::new(&story.world, &story.network, DEPTH, BUFFER, 0).0;
    let (world, authority) = (&story.world, &story.authority()[..]);
    let close = || close_tree(&story);
    checks_its_shape(world, &close(), authority);
    let usurped = swap(close(), "authority", stranger.authority.pubkey());
    world.fails(usurped.clone(), &[&stranger.authority], IdentityError::Unauthorized);
    world.fails(swap(usurped, "network", stranger.address), &[&stranger.authority], IdentityError::WrongNetwork);
    world.fails(swap(close(), "tree", theirs.address), authority, IdentityError::WrongRegistry);
    world.fails(swap(close(), "tree", sibling.address), authority, IdentityError::WrongTree);
    world.fails(swap(close(), "merkle_tree", sibling.merkle_tree), authority, IdentityError::WrongTree);
    world.fails(swap(close(), "tree_config", sibling.config), authority, IdentityError::WrongTreeConfig);
    world.fails(swap(close(), "payer", OPERATOR), authority, IdentityError::WrongPayer);
    for name in ["bubblegum_program", "compression_program", "log_wrapper", "system_program"] {
        world.fails(swap(close(), name, TOKEN_PROGRAM), authority, IdentityError::WrongProgram);
    }
    let rent = world.lamports(story.tree.address);
    assert_eq!(brings(&story, close()), rent);
    assert_eq!((story.registry().open_tree_count, story.registry().tree_count), (1, 2));
    story.tree = sibling;
    story.mint("the first");
    story.world.fails(close_tree(&story), &story.authority(), IdentityError::TreeNotEmpty);
}

/// Fees are their receiver's, whoever paid the rent.
#[test]
fn a_tree_is_closed_when_its_fees_are_collected() {
    let mut story = Story::new();
    let (receiver, payer) = (story.world.user().pubkey(), story.world.payer().pubkey());
    let fee = 2_000_000;
    let pay = |tree: &Tree| solana_system_interface::instruction::transfer(&payer, &tree.address, fee);
    let sibling = Tree::new(&story.world, &story.network, DEPTH, BUFFER, 0).0;
    let rent = story.world.lamports(story.tree.address);
    // Where nobody receives fees, they are the payer's.
    story.world.ok(&[pay(&story.tree)], &[]);
    assert_eq!(brings(&story, close_tree(&story)), rent + fee);

    story.tree = sibling;
    story.set_policy(Policy { fee_receiver: receiver, ..policy(&story.network) });
    let (world, authority) = (&story.world, &story.authority()[..]);
    world.ok(&[pay(&story.tree)], &[]);
    world.fails(close_tree(&story), authority, IdentityError::TreeNotEmpty);
    let before = world.lamports(receiver);
    world.ok(&[story.tree.collect_fees_instruction(receiver), close_tree(&story)], authority);
    assert_eq!(world.lamports(receiver), before + fee);
    assert!(world.account(story.tree.address).is_none());
}

#[test]
fn a_registry_is_closed_for_good_when_it_is_empty() {
    let mut story = Story::new();
    let (stranger, theirs) = story.stranger();
    let voucher = story.add_attestor(1);
    let (world, authority) = (&story.world, &story.authority()[..]);
    let close = || close_registry(&story);
    let refused = || world.fails(close(), authority, IdentityError::RegistryInUse);
    refused();
    world.ok(&[story.remove_attestor(voucher.id)], authority);
    refused();
    world.ok(&[close_tree(&story)], authority);
    refused();
    world.ok(&[retire_class(&story, CLASS), retire_class(&story, VOUCHED)], authority);
    world.pass(90 * DAY);
    world.ok(&[close_class(&story, CLASS)], authority);
    refused();
    world.ok(&[close_class(&story, VOUCHED)], authority);
    checks_its_shape(world, &close(), authority);
    let usurped = swap(close(), "authority", stranger.authority.pubkey());
    world.fails(usurped, &[&stranger.authority], IdentityError::Unauthorized);
    world.fails(swap(close(), "registry", theirs.registry), authority, IdentityError::WrongNetwork);
    world.fails(swap(close(), "payer", OPERATOR), authority, IdentityError::WrongPayer);
    let rent = world.lamports(story.tree.registry);
    let header = world.rent(size_of::<Header>());
    assert_eq!(brings(&story, close()), rent - header);
    assert_eq!(world.account(story.tree.registry).unwrap().data.len(), size_of::<Header>());
    // No other gives the same numbers again.
    let again = create_registry_instruction(world, &story.network, policy(&story.network));
    world.fails(again, authority, IdentityError::AlreadyInitialized);
    world.fails(story.add_attestor_instruction(OPERATOR, ID, 1), authority, IdentityError::WrongAccountType);
    world.fails(close(), authority, IdentityError::WrongAccountType);
}
