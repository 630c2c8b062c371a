//! Who mints what, where, and for how much.

use super::*;

#[test]
fn a_machine_is_minted_and_put_into_service() {
    let mut story = Story::with(14, 64, 0);
    let (machine, minted) = story.tree.mint(&story.world, &story.network, story.owner.pubkey(), "first");
    let tree = &story.tree;

    // Minting returns the asset, tells of it, and creates nothing of ours.
    assert_eq!(machine.asset, mpl_bubblegum::utils::get_asset_id(&tree.merkle_tree, 0));
    assert_eq!(minted.return_data, [&machine.asset.to_bytes()[..], &0u64.to_le_bytes()].concat());
    let event: event::NodeMinted = minted.event(ID);
    assert_eq!((event.header.source, event.header.sequence), (tree.address, 1));
    assert_eq!((event.asset, event.owner, event.nonce), (machine.asset, machine.owner, 0));
    assert_eq!((story.tree_state().capacity, story.tree_state().minted_count), (1 << 14, 1));
    let config = TreeConfig::from_bytes(&story.world.account(tree.config).unwrap().data).unwrap();
    assert_eq!((config.num_minted, config.tree_creator, config.is_public), (1, tree.registry, false));
    assert!(story.world.account(machine.node()).is_none());

    assert_eq!(tree.proof(&machine).len(), 14);
    let activated = story.world.ok(&[story.activate(&machine)], &[&story.owner]);
    let node = story.node(&machine);
    assert_eq!((node.network, node.registry), (story.network.address, tree.registry));
    assert_eq!((node.merkle_tree, node.asset, node.nonce), (tree.merkle_tree, machine.asset, 0));
    assert_eq!((node.owner, node.operator), (machine.owner, OPERATOR));
    assert_eq!((node.class, node.specification, node.version), (CLASS, tree.specification(&machine), 1));
    assert_eq!((node.status, node.synced_at, node.class_expires_at), (status::ACTIVE, story.world.now(), ALWAYS));
    assert_eq!(node.payer, story.world.payer().pubkey());
    assert_eq!(node.attestations, [Attestation::default(); MAX_ATTESTATIONS]);
    let claim: SpecificationClaim = story.world.read(tree.claim(&node.specification));
    assert_eq!((claim.node, claim.payer, claim.revoked), (machine.node(), node.payer, 0));
    let event: event::NodeActivated = activated.event(ID);
    assert_eq!((event.header.source, event.header.sequence), (machine.node(), 1));
    assert_eq!((event.owner, event.operator, event.specification), (node.owner, node.operator, node.specification));
    assert_eq!(event.class, CLASS as u64);

    // What a network's users share is read only; activations do not even meet the mints.
    for shared in [story.network.address, tree.registry, class(&tree.registry, CLASS)] {
        assert!(!minted.writable.contains(&shared) && !activated.writable.contains(&shared));
    }
    assert!(!activated.writable.contains(&tree.merkle_tree) && !activated.writable.contains(&tree.address));
}

#[test]
fn several_are_minted_in_one_transaction_to_whom_they_belong() {
    let mut story = Story::new();
    let (other, owner) = (story.world.user(), story.owner.pubkey());
    let owners = [owner, other.pubkey(), owner];
    let mints: Vec<_> = owners
        .iter()
        .map(|&owner| story.tree.mint_instruction(&story.world, &story.network, owner, &metadata("of a batch")))
        .collect();
    let receipt = story.world.ok(&mints, &story.authority());
    let machines = owners.map(|owner| story.tree.minted(owner, metadata("of a batch")));
    let events: Vec<event::NodeMinted> = receipt.events(ID);
    for ((event, machine), number) in events.iter().zip(&machines).zip(0..) {
        assert_eq!((event.nonce, event.header.sequence), (number, number + 1));
        assert_eq!((event.asset, event.owner), (machine.asset, machine.owner));
        story.world.ok(&[story.activate(machine)], &[if machine.owner == owner { &story.owner } else { &other }]);
    }
    assert_eq!(events.len(), 3);
}

#[test]
fn a_tree_fills_to_its_last_leaf_and_the_next_goes_on() {
    let mut story = Story::new();
    let machines: Vec<_> = (0..8).map(|_| story.mint("one of eight")).collect();
    let ninth = story.mint_instruction(&metadata("ninth"));
    story.world.fails(ninth, &story.authority(), IdentityError::TreeFull);
    for machine in machines {
        story.world.ok(&[story.activate(&machine)], &[&story.owner]);
    }
    let next = Tree::new(&story.world, &story.network, DEPTH, BUFFER, 0).0;
    story.tree = next;
    let ninth = story.mint("ninth");
    story.world.ok(&[story.activate(&ninth)], &[&story.owner]);
    assert_eq!((story.tree_state().index, story.registry().tree_count), (1, 2));
}

#[test]
fn a_fee_waits_in_the_tree_until_it_is_collected() {
    let mut story = Story::new();
    let receiver = Address::new_from_array([0xfe; 32]);
    let fee = 3_000_000;
    let with_fee = Policy { mint_fee: fee, fee_receiver: receiver, ..policy(&story.network) };
    story.set_policy(with_fee);
    let collect = CollectFees { registry: story.tree.registry, tree: story.tree.address, receiver };
    let collect = || collect.instruction(&CollectFeesArgs {});
    let rent = story.world.rent(size_of::<TreeState>());
    story.world.fails(collect(), &[], IdentityError::NoFees);

    let payer = story.world.user();
    for number in 1..=2 {
        let before = story.world.lamports(payer.pubkey());
        let mint = swap(story.mint_instruction(&metadata("paid")), "payer", payer.pubkey());
        story.world.ok(&[mint], &[&payer, &story.network.authority]);
        assert_eq!(story.world.lamports(payer.pubkey()), before - fee);
        assert_eq!(story.world.lamports(story.tree.address), rent + number * fee);
    }
    let (stranger, foreign) = story.stranger();
    let world = &story.world;
    checks_its_shape(world, &collect(), &[]);
    world.fails(swap(collect(), "registry", foreign.registry), &[], IdentityError::WrongRegistry);
    world.fails(swap(collect(), "registry", stranger.address), &[], IdentityError::WrongOwner);
    world.fails(swap(collect(), "tree", foreign.address), &[], IdentityError::WrongRegistry);
    world.fails(swap(collect(), "tree", foreign.registry), &[], IdentityError::WrongAccountType);
    world.fails(swap(collect(), "receiver", OPERATOR), &[], IdentityError::WrongAddress);
    let collected = world.ok(&[collect()], &[]);
    assert_eq!(world.lamports(receiver), 2 * fee);
    assert_eq!(world.lamports(story.tree.address), rent);
    let event: event::FeesCollected = collected.event(ID);
    assert_eq!((event.header.source, event.header.sequence, event.amount), (story.tree.address, 3, 2 * fee));
    world.fails(collect(), &[], IdentityError::NoFees);

    // A receiver that is the tree itself would write the fees off.
    let absurd = Policy { fee_receiver: story.tree.address, ..with_fee };
    story.set_policy(absurd);
    world.ok(&[story.mint_instruction(&metadata("paid"))], &story.authority());
    world.fails(swap(collect(), "receiver", story.tree.address), &[], IdentityError::DuplicateAccount);
}

#[test]
fn a_mint_that_fails_costs_no_fee() {
    let mut story = Story::new();
    let with_fee = Policy { mint_fee: 1_000, fee_receiver: OPERATOR, ..policy(&story.network) };
    story.set_policy(with_fee);
    let payer = story.world.user();
    let before = story.world.lamports(payer.pubkey());
    let mint = swap(story.mint_instruction(&metadata(&"n".repeat(33))), "payer", payer.pubkey());
    story.world.fails(mint, &[&payer, &story.network.authority], IdentityError::InvalidMetadata);
    assert_eq!(story.world.lamports(payer.pubkey()), before);
    let mint = swap(story.mint_instruction(&metadata("machine")), "system_program", TOKEN_PROGRAM);
    story.world.fails(mint, &story.authority(), IdentityError::WrongProgram);
}

#[test]
fn the_registry_says_who_mints() {
    let mut story = Story::new();
    let minter = story.world.user();
    let minted_by = |story: &Story, by: Address| swap(story.mint_instruction(&metadata("machine")), "minter", by);
    let policy = policy(&story.network);
    story.set_policy(Policy { minter: minter.pubkey(), ..policy });
    let by_authority = minted_by(&story, story.network.authority.pubkey());
    story.world.fails(by_authority, &story.authority(), IdentityError::Unauthorized);
    story.world.ok(&[minted_by(&story, minter.pubkey())], &[&minter]);

    let anyone = story.world.user();
    story.world.fails(minted_by(&story, anyone.pubkey()), &[&anyone], IdentityError::Unauthorized);
    story.set_policy(Policy { minter: Address::default(), mint_fee: 1_000_000, fee_receiver: OPERATOR, ..policy });
    story.world.ok(&[minted_by(&story, anyone.pubkey())], &[&anyone]);
}

#[test]
fn a_paused_network_neither_mints_nor_activates() {
    let (mut story, machine) = Story::with_machine();
    story.set_paused(1);
    let mint = story.mint_instruction(&metadata("machine"));
    story.world.fails(mint, &story.authority(), IdentityError::Paused);
    story.world.fails(story.activate(&machine), &[&story.owner], IdentityError::Paused);
    story.set_paused(0);
    story.world.ok(&[story.activate(&machine)], &[&story.owner]);
    // What brings records up to date, or ends them, goes on.
    story.set_paused(1);
    story.world.ok(&[story.tree.sync_instruction(&machine, OPERATOR, CLASS)], &[]);
    story.world.ok(&[story.deactivate_signed(&machine)], &[&story.owner]);
}

#[test]
fn only_the_registry_mints() {
    let story = Story::new();
    let authority = story.network.authority.pubkey();
    // At Bubblegum itself, not even the network's authority.
    let mint = MintV1Builder::new()
        .tree_config(story.tree.config)
        .leaf_owner(authority)
        .leaf_delegate(authority)
        .merkle_tree(story.tree.merkle_tree)
        .payer(story.world.payer().pubkey())
        .tree_creator_or_delegate(authority)
        .metadata(metadata("at the door"))
        .instruction();
    story.refused_by(BUBBLEGUM_PROGRAM, theirs::NOT_CREATOR, mint, &story.authority());
    let delegate = SetTreeDelegateBuilder::new()
        .tree_config(story.tree.config)
        .merkle_tree(story.tree.merkle_tree)
        .tree_creator(authority)
        .new_tree_delegate(authority)
        .instruction();
    assert!(story.world.send(&[delegate], &story.authority()).is_err());
}

#[test]
fn minting_checks_its_accounts() {
    let mut story = Story::new();
    let (stranger, theirs) = story.stranger();
    let sibling = Tree::new(&story.world, &story.network, DEPTH, BUFFER, 0).0;
    let (world, tree, authority) = (&story.world, &story.tree, &story.authority()[..]);
    let mint = || story.mint_instruction(&metadata("refused"));

    checks_its_shape(world, &mint(), authority);
    let unpaid = unsigned(swap(mint(), "payer", stranger.authority.pubkey()), "payer");
    world.fails(unpaid, authority, IdentityError::MissingSigner);
    let usurped = swap(mint(), "minter", stranger.authority.pubkey());
    world.fails(usurped.clone(), &[&stranger.authority], IdentityError::Unauthorized);
    world.fails(swap(mint(), "network", tree.registry), authority, IdentityError::WrongOwner);
    world.fails(swap(mint(), "network", story.network.burn_shard(0)), authority, IdentityError::WrongAccountType);
    world.fails(swap(usurped, "network", stranger.address), &[&stranger.authority], IdentityError::WrongNetwork);
    world.fails(swap(mint(), "registry", story.network.address), authority, IdentityError::WrongOwner);
    world.fails(swap(mint(), "registry", tree.address), authority, IdentityError::WrongAccountType);
    world.fails(swap(mint(), "registry", theirs.registry), authority, IdentityError::WrongNetwork);
    world.fails(swap(mint(), "tree", tree.merkle_tree), authority, IdentityError::WrongOwner);
    world.fails(swap(mint(), "tree", tree.registry), authority, IdentityError::WrongAccountType);
    world.fails(swap(mint(), "tree", theirs.address), authority, IdentityError::WrongRegistry);
    world.fails(swap(mint(), "merkle_tree", theirs.merkle_tree), authority, IdentityError::WrongTree);
    world.fails(swap(mint(), "tree_config", theirs.config), authority, IdentityError::WrongTreeConfig);
    world.fails(swap(mint(), "tree_config", sibling.config), authority, IdentityError::WrongTreeConfig);
    world.fails(swap(mint(), "bubblegum_program", COMPRESSION_PROGRAM), authority, IdentityError::WrongProgram);
    for (name, of_second) in [("compression_program", COMPRESSION_PROGRAM_2), ("log_wrapper", LOG_WRAPPER_2)] {
        world.fails(swap(mint(), name, BUBBLEGUM_PROGRAM), authority, IdentityError::WrongProgram);
        world.fails(swap(mint(), name, of_second), authority, IdentityError::WrongProgram);
    }
    world.fails(swap(mint(), "system_program", BUBBLEGUM_PROGRAM), authority, IdentityError::WrongProgram);
    assert_eq!(story.tree_state().minted_count, 0);
}

#[test]
fn a_configuration_that_is_not_the_registrys_is_refused() {
    let (mut story, _) = Story::with_machine();
    let config = story.world.account(story.tree.config).unwrap();
    type Change = fn(&mut Account);
    let cases: [(&str, Change); 10] = [
        ("of another program", |account| account.owner = TOKEN_PROGRAM),
        ("of another kind", |account| account.data[0] ^= 1),
        ("shorter", |account| account.data.truncate(95)),
        ("longer", |account| account.data.push(0)),
        ("handed over: of another creator", |account| account.data[8] ^= 1),
        ("handed over: to a delegate", |account| account.data[40] ^= 1),
        ("behind ours", |account| account.data[80] = 0),
        ("ahead of ours", |account| account.data[80] = 2),
        ("public", |account| account.data[88] = 1),
        ("of the other schema", |account| account.data[90] = 1),
    ];
    for (name, change) in cases {
        println!("{name}");
        story.world.set_account(story.tree.config, config.clone());
        story.edit(story.tree.config, change);
        let mint = story.mint_instruction(&metadata("refused"));
        story.world.fails(mint, &story.authority(), IdentityError::WrongTreeConfig);
    }
    story.world.set_account(story.tree.config, config);
    story.mint("second");
}

/// A registered tree in a world where something else stands in Bubblegum's place: nothing of Bubblegum's runs, so what it
/// would have made is written here.
pub fn tree_without_bubblegum(story: &mut Story, schema: u8, collection: Address) -> Tree {
    let merkle_tree = story.world.key().pubkey();
    let tree = Tree::unborn(&story.network, merkle_tree, DEPTH, 0);
    story.world.forge(
        tree.address,
        &TreeState {
            header: Header {
                discriminator: TreeState::DISCRIMINATOR,
                version: TreeState::VERSION,
                bump: 0,
                reserved: [0; 5],
            },
            network: tree.network,
            registry: tree.registry,
            merkle_tree,
            tree_config: tree.config,
            collection,
            capacity: 8,
            depth: DEPTH as u8,
            schema,
            ..TreeState::default()
        },
    );
    let config = TreeConfig {
        discriminator: [122, 245, 175, 248, 171, 34, 0, 207],
        tree_creator: tree.registry,
        tree_delegate: tree.registry,
        total_mint_capacity: 8,
        num_minted: 0,
        is_public: false,
        is_decompressible: DecompressibleState::Disabled,
        version: if schema == 1 { Version::V1 } else { Version::V2 },
    };
    let mut data = borsh::to_vec(&config).unwrap();
    data.resize(TreeConfig::LEN, 0);
    let account = Account { lamports: 1 << 30, data, owner: BUBBLEGUM_PROGRAM, ..Account::default() };
    story.world.set_account(tree.config, account);
    tree
}

#[test]
fn a_leaf_that_bubblegum_did_not_count_is_not_believed() {
    let mut world = World::new();
    // In Bubblegum's place, before it ever ran: a program that takes everything and does nothing.
    let idle = world.account(LOG_WRAPPER).unwrap();
    world.set_account(BUBBLEGUM_PROGRAM, idle);
    let owner = world.user();
    let network = Network::new(&mut world, &[]).0;
    create_registry(&world, &network);
    let unregistered = Tree::unborn(&network, OPERATOR, DEPTH, 0);
    let mut story = Story { world, network, tree: unregistered, owner };
    story.tree = tree_without_bubblegum(&mut story, 1, Address::default());
    let mint = story.mint_instruction(&metadata("imagined"));
    story.world.fails(mint, &story.authority(), IdentityError::WrongTreeConfig);
}

#[test]
fn metadata_has_limits() {
    let story = Story::new();
    let [a, b] = [1, 2].map(|byte| Address::new_from_array([byte; 32]));
    let payer = story.world.payer().pubkey();
    let usual = || metadata("usual");
    let collection = |verified| Some(Collection { verified, key: a });
    let creators = |creators| MetadataArgs { creators, ..usual() };
    let cases = [
        metadata(&"n".repeat(33)),
        MetadataArgs { symbol: "s".repeat(11), ..usual() },
        MetadataArgs { uri: "u".repeat(201), ..usual() },
        MetadataArgs { seller_fee_basis_points: 10_001, ..usual() },
        MetadataArgs { token_standard: None, ..usual() },
        MetadataArgs { token_standard: Some(TokenStandard::Fungible), ..usual() },
        MetadataArgs { collection: collection(true), ..usual() },
        creators(vec![creator(a, false, 99)]),
        creators(vec![creator(a, false, 50), creator(b, false, 51)]),
        creators(vec![creator(a, false, 156), creator(b, false, 200)]),
        creators(vec![creator(a, false, 50), creator(a, false, 50)]),
        creators(
            (0..6)
                .map(|i| creator(Address::new_from_array([i + 10; 32]), false, if i == 0 { 95 } else { 1 }))
                .collect(),
        ),
        creators(vec![creator(a, true, 100)]),
        // Bubblegum would take the payer's signature for this.
        creators(vec![creator(payer, true, 100)]),
    ];
    for metadata in cases {
        println!("{metadata:?}");
        story.world.fails(story.mint_instruction(&metadata), &story.authority(), IdentityError::InvalidMetadata);
    }
    let mut mint = story.mint_instruction(&usual());
    mint.data.push(0);
    story.world.fails(mint.clone(), &story.authority(), IdentityError::InvalidMetadata);
    for length in [mint.data.len() - 2, 1] {
        mint.data.truncate(length);
        story.world.fails(mint.clone(), &story.authority(), IdentityError::InvalidMetadata);
    }

    // Bubblegum takes all that is within them.
    let full = MetadataArgs {
        name: "n".repeat(32),
        symbol: "s".repeat(10),
        uri: "u".repeat(200),
        seller_fee_basis_points: 10_000,
        primary_sale_happened: true,
        edition_nonce: Some(255),
        collection: collection(false),
        uses: Some(Uses { use_method: UseMethod::Multiple, remaining: 1, total: 2 }),
        token_program_version: TokenProgramVersion::Token2022,
        creators: vec![creator(story.tree.registry, true, 60), creator(a, false, 40), creator(b, false, 0)],
        ..usual()
    };
    story.world.ok(&[story.mint_instruction(&full)], &story.authority());
    let owner = story.owner.pubkey();
    let machine =
        Machine { asset: pda::asset(&story.tree.merkle_tree, 0), owner, nonce: 0, metadata: full, second: None };
    let activate = with_only_leaf(story.activate(&machine), machine.leaf());
    story.world.ok(&[activate], &[&story.owner]);
}

/// Neither the owner nor one for another: who committed, who reserved, and who paid for the record.
#[test]
fn who_pays_for_a_reservation_and_who_pays_for_a_record_get_their_rent_back() {
    let (mut story, machine) = Story::with_machine();
    let [committed, reserved, payer]: [Keypair; 3] = std::array::from_fn(|_| story.world.user());
    let (world, tree, owner) = (&story.world, &story.tree, &story.owner);
    let specification = tree.specification(&machine);
    let commit = tree.commit_instruction(world, machine.owner, &specification);
    let commitment = commit.accounts[place(&commit, "commitment")].pubkey;
    world.ok(&[swap(commit, "payer", committed.pubkey())], &[&committed]);
    world.pass(60);
    let reserve = swap(tree.reserve_instruction(world, machine.owner, &specification), "payer", reserved.pubkey());
    let reserve = swap(reserve, "commitment_payer", committed.pubkey());
    world.closes(reserve, &[&reserved], commitment, committed.pubkey());
    let claim = || world.read::<SpecificationClaim>(tree.claim(&specification));
    assert_eq!((claim().owner, claim().payer), (machine.owner, reserved.pubkey()));

    let activate = tree.activate_instruction(world, &machine, OPERATOR, CLASS);
    world.ok(&[swap(activate, "payer", payer.pubkey())], &[&payer, owner]);
    let node = story.node(&machine);
    assert_eq!((node.owner, node.operator, node.payer), (machine.owner, OPERATOR, payer.pubkey()));
    assert_eq!((claim().node, claim().payer), (machine.node(), reserved.pubkey()));
    let leave = swap(tree.leave_instruction(world, &machine), "node_payer", payer.pubkey());
    world.closes(leave, &[owner], machine.node(), payer.pubkey());
    let release = signed(tree.release_instruction(world, machine.owner, &specification), "authority");
    let release = swap(release, "payer", reserved.pubkey());
    world.closes(release, &[owner], tree.claim(&specification), reserved.pubkey());
}
