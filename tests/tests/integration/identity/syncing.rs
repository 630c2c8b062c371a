//! Following a leaf: sync, challenge, deactivation, operator, specification.

use super::*;

/// A machine in service, and one who wants it.
fn with_buyer() -> (Story, Machine, Keypair) {
    let (mut story, machine) = Story::in_service(CLASS);
    let buyer = story.world.user();
    (story, machine, buyer)
}

fn sold() -> (Story, Machine, Machine, Keypair) {
    let (mut story, machine, buyer) = with_buyer();
    let owner = story.owner.insecure_clone();
    let sold = story.transfer(&machine, &owner, &buyer);
    (story, machine, sold, buyer)
}

const NEW_OPERATOR: Address = Address::new_from_array([0x0c; 32]);

#[test]
fn a_new_owner_takes_a_machine_over() {
    let (mut story, machine) = Story::in_service(VOUCHED);
    let (buyer, voucher) = (story.world.user(), story.add_attestor(3));
    story.world.ok(&[story.attest(&voucher, &machine, story.in_days(30))], &[&voucher.key]);
    assert!(story.node(&machine).serves(VOUCHED, story.world.now()));
    let owner = story.owner.insecure_clone();
    let sold = story.transfer(&machine, &owner, &buyer);

    story.world.pass(60);
    let sync = || story.tree.sync_instruction(&sold, NEW_OPERATOR, VOUCHED);
    story.world.fails(sync(), &[], IdentityError::MissingSigner);
    let receipt = story.world.ok(&[signed(sync(), "owner")], &[&buyer]);
    let node = story.node(&machine);
    assert_eq!((node.owner, node.operator), (buyer.pubkey(), NEW_OPERATOR));
    assert_eq!((node.status, node.synced_at, node.version), (status::ACTIVE, story.world.now(), 2));
    // What was said was said of a machine in other hands.
    assert_eq!((node.class_expires_at, node.attestations), (NEVER, [Attestation::default(); MAX_ATTESTATIONS]));
    assert!(!node.serves(VOUCHED, story.world.now()));
    let event: event::NodeSynced = receipt.event(ID);
    assert_eq!((event.header.source, event.header.sequence), (machine.node(), 3));
    assert_eq!((event.owner, event.operator), (node.owner, node.operator));
    assert_eq!((event.version, event.status), (2, 1));
    // The old owner has nothing to say any more.
    let deactivate = signed(story.deactivate(&machine), "owner");
    story.world.fails(deactivate, &[&story.owner], IdentityError::Unauthorized);
}

#[test]
fn anyone_proves_that_nothing_changed() {
    let (story, machine) = Story::in_service(VOUCHED);
    let voucher = story.add_attestor(3);
    story.world.ok(&[story.attest(&voucher, &machine, story.in_days(30))], &[&voucher.key]);
    let before = story.node(&machine);
    story.world.pass(DAY);
    story.world.ok(&[story.tree.sync_instruction(&machine, NEW_OPERATOR, VOUCHED)], &[]);
    let expected = Node { synced_at: story.world.now(), sequence: before.sequence + 1, ..before };
    assert_eq!(story.node(&machine), expected);
    let now = story.world.now();
    assert!(before.was_synced(Seconds(DAY as u32), now) && !before.was_synced(Seconds(DAY as u32 - 1), now));
}

#[test]
fn a_sold_machine_is_taken_out_of_service_by_anyone() {
    let (story, machine, sold, buyer) = sold();
    let receipt = story.world.ok(&[story.tree.challenge_instruction(&sold, false)], &[]);
    let node = story.node(&machine);
    assert_eq!((node.status, node.owner), (status::LOST, machine.owner));
    assert!(!node.serves(CLASS, story.world.now()));
    let event: event::NodeChallenged = receipt.event(ID);
    assert_eq!((event.header.source, event.owner, event.status), (machine.node(), buyer.pubkey(), 2));
    // Until its owner proves it.
    story.world.ok(&[signed(story.tree.sync_instruction(&sold, NEW_OPERATOR, CLASS), "owner")], &[&buyer]);
    assert!(story.node(&machine).serves(CLASS, story.world.now()));
}

#[test]
fn a_burned_machine_is_taken_out_of_service_by_anyone() {
    let (mut story, machine) = Story::in_service(CLASS);
    let other = story.mint("other");
    let owner = story.owner.insecure_clone();
    story.burn(&machine, &owner);
    let old = story.tree.challenge_instruction(&machine, true);
    // Whatever else happens in the tree meanwhile.
    let buyer = story.world.user();
    story.transfer(&other, &owner, &buyer);
    let receipt = story.world.ok(&[old], &[]);
    let event: event::NodeChallenged = receipt.event(ID);
    assert_eq!((event.owner, event.status), (Address::default(), 2));
    story.no_such_leaf(story.tree.sync_instruction(&machine, OPERATOR, CLASS), &[]);

    // And closed: the rent returns, the specification is free.
    let rent = story.world.lamports(machine.node())
        + story.world.lamports(story.tree.claim(&story.tree.specification(&machine)));
    let payer = story.world.user();
    let (mut node, mut claim): (Node, SpecificationClaim) =
        (story.node(&machine), story.world.read(story.tree.claim(&story.tree.specification(&machine))));
    (node.payer, claim.payer) = (payer.pubkey(), payer.pubkey());
    let lamports = [machine.node(), story.tree.claim(&node.specification)].map(|it| story.world.lamports(it));
    story.world.forge(machine.node(), &node);
    story.world.forge(story.tree.claim(&node.specification), &claim);
    for (address, lamports) in [machine.node(), story.tree.claim(&node.specification)].into_iter().zip(lamports) {
        story.edit(address, |account| account.lamports = lamports);
    }
    let before = story.world.lamports(payer.pubkey());
    let close = swap(swap(story.deactivate(&machine), "node_payer", payer.pubkey()), "specification_claim_payer", payer.pubkey());
    story.world.ok(&[close], &[]);
    assert_eq!(story.world.lamports(payer.pubkey()), before + rent);
    assert!(story.world.account(machine.node()).is_none());
}

#[test]
fn a_challenge_proves_what_it_says() {
    let (mut story, machine, buyer) = with_buyer();
    let other = story.mint("other");
    // Nothing changed: there is no other owner, and the place is not empty.
    let challenge = |machine: &Machine, gone| story.tree.challenge_instruction(machine, gone);
    story.world.fails(challenge(&machine, false), &[], IdentityError::SameOwner);
    story.no_such_leaf(challenge(&machine, true), &[]);
    let imagined = Machine { owner: buyer.pubkey(), ..machine.clone() };
    story.no_such_leaf(challenge(&imagined, false), &[]);
    let neither = with_args(challenge(&machine, false), |args: &mut ChallengeNodeArgs| args.is_burned = 2);
    story.world.fails(neither, &[], IdentityError::InvalidParameter);

    // What happens to another leaf is not this machine's.
    let owner = story.owner.insecure_clone();
    let moved = story.transfer(&other, &owner, &buyer);
    let against = |story: &Story, gone| swap(story.tree.challenge_instruction(&moved, gone), "node", machine.node());
    story.no_such_leaf(against(&story, false), &[]);
    story.burn(&moved, &buyer);
    story.no_such_leaf(against(&story, true), &[]);
    assert_eq!(story.node(&machine).status, status::ACTIVE);
}

/// In a tree of the same registry the same place is empty: that says nothing of this machine.
#[test]
fn an_empty_leaf_of_another_tree_takes_no_machine_out_of_service() {
    let (story, machine) = Story::in_service(CLASS);
    let empty = Tree::new(&story.world, &story.network, DEPTH, BUFFER, 0).0;
    let challenge = empty.challenge_instruction(&machine, true);
    story.world.fails(challenge.clone(), &[], IdentityError::WrongTree);
    story.world.fails(swap(challenge, "tree", story.tree.address), &[], IdentityError::WrongTree);
    assert_eq!(story.node(&machine).status, status::ACTIVE);
}

/// Before it was minted, its place was empty: a root of then, which the buffer still knows, does not prove that it is now.
#[test]
fn an_empty_leaf_takes_no_machine_out_of_service() {
    let mut story = Story::new();
    story.mint("first");
    let asset = pda::asset(&story.tree.merkle_tree, 1);
    let to_be = Machine { asset, owner: story.owner.pubkey(), nonce: 1, metadata: metadata("second") };
    let (empty_before, root) = (story.tree.challenge_instruction(&to_be, true), story.tree.root());
    let machine = story.mint("second");
    assert_eq!(machine.asset, asset);
    story.world.ok(&[story.activate(&machine)], &[&story.owner]);
    story.no_such_leaf(empty_before.clone(), &[]);
    // Nor with the proof of now and the root of then, or the other way round.
    let now = story.tree.challenge_instruction(&machine, true);
    let mixed = with_args(now, |args: &mut ChallengeNodeArgs| args.root = root);
    story.no_such_leaf(mixed, &[]);
    let root = story.tree.root();
    let mixed = with_args(empty_before, |args: &mut ChallengeNodeArgs| args.root = root);
    story.no_such_leaf(mixed, &[]);
    assert_eq!(story.node(&machine).status, status::ACTIVE);
}

/// Its delegate changed, and its owner did not: there is nothing to challenge, and the proof is renewed.
#[test]
fn a_delegate_does_not_take_a_machine_out_of_service() {
    let (mut story, machine) = Story::in_service(CLASS);
    let delegate = story.world.key().pubkey();
    let delegation = mpl_bubblegum::instructions::DelegateBuilder::new()
        .tree_config(story.tree.config)
        .leaf_owner(machine.owner)
        .previous_leaf_delegate(machine.owner)
        .new_leaf_delegate(delegate)
        .merkle_tree(story.tree.merkle_tree)
        .root(story.tree.root())
        .data_hash(machine.data_hash())
        .creator_hash(machine.creator_hash())
        .nonce(machine.nonce)
        .index(machine.nonce as u32)
        .add_remaining_accounts(&story.tree.proof(&machine))
        .instruction();
    story.world.ok(&[delegation], &[&story.owner]);
    let leaf = LeafSchema::V1 {
        id: machine.asset,
        owner: machine.owner,
        delegate,
        nonce: 0,
        data_hash: machine.data_hash(),
        creator_hash: machine.creator_hash(),
    };
    story.tree.set_leaf(0, leaf.hash());
    let challenge = swap(story.tree.challenge_instruction(&machine, false), "leaf_delegate", delegate);
    story.world.fails(challenge, &[], IdentityError::SameOwner);
    let sync = story.tree.sync_instruction(&machine, OPERATOR, CLASS);
    story.no_such_leaf(sync.clone(), &[]);
    story.world.ok(&[swap(sync, "leaf_delegate", delegate)], &[]);
}

#[test]
fn syncing_and_challenging_check_their_accounts() {
    let (mut story, machine, sold, buyer) = sold();
    let (stranger, theirs) = story.stranger();
    let sibling = Tree::new(&story.world, &story.network, DEPTH, BUFFER, 0).0;
    let (world, tree) = (&story.world, &story.tree);
    let sync = || signed(story.tree.sync_instruction(&sold, OPERATOR, CLASS), "owner");
    let challenge = || story.tree.challenge_instruction(&sold, false);
    let cases: [(&dyn Fn() -> Instruction, &[&Keypair]); 2] = [(&sync, &[&buyer]), (&challenge, &[])];
    for (instruction, signers) in cases {
        let mut long = instruction();
        long.accounts.push(AccountMeta::new_readonly(OPERATOR, false));
        world.fails(long, signers, IdentityError::ProofTooLong);
        checks_its_shape(world, &instruction(), signers);
        for wrong in [theirs.address, sibling.address] {
            world.fails(swap(instruction(), "tree", wrong), signers, IdentityError::WrongTree);
        }
        world.fails(swap(instruction(), "tree", tree.registry), signers, IdentityError::WrongAccountType);
        world.fails(swap(instruction(), "tree", stranger.address), signers, IdentityError::WrongOwner);
        world.fails(swap(instruction(), "node", tree.registry), signers, IdentityError::WrongAccountType);
        world.fails(swap(instruction(), "node", stranger.address), signers, IdentityError::WrongOwner);
        let elsewhere = swap(instruction(), "merkle_tree", theirs.merkle_tree);
        world.fails(elsewhere, signers, IdentityError::WrongTree);
        for program in [BUBBLEGUM_PROGRAM, COMPRESSION_PROGRAM_2, LOG_WRAPPER] {
            let wrong = swap(instruction(), "compression_program", program);
            world.fails(wrong, signers, IdentityError::WrongProgram);
        }
    }
    let signers = &[&buyer][..];
    world.fails(swap(sync(), "class", class(&tree.registry, VOUCHED)), signers, IdentityError::WrongClass);
    world.fails(swap(sync(), "class", class(&theirs.registry, CLASS)), signers, IdentityError::WrongRegistry);
    world.fails(swap(sync(), "class", tree.registry), signers, IdentityError::WrongAccountType);
    let frozen = with_args(sync(), |args: &mut SyncNodeArgs| args.flags = 1);
    world.fails(frozen, signers, IdentityError::InvalidFlags);
    let old = signed(story.tree.sync_instruction(&machine, OPERATOR, CLASS), "owner");
    story.no_such_leaf(old, &[&story.owner]);
    world.ok(&[sync()], signers);
}

#[test]
fn an_owner_ends_it_and_may_begin_again() {
    let (mut story, machine) = Story::in_service(CLASS);
    let (stranger, other) = (story.world.user(), story.mint("other"));
    story.world.ok(&[story.activate(&other)], &[&story.owner]);
    let end = || story.deactivate_signed(&machine);
    let (world, owner) = (&story.world, &[&story.owner][..]);
    checks_its_shape(world, &end(), owner);
    world.fails(unsigned(end(), "owner"), &[], IdentityError::NotLost);
    world.fails(swap(end(), "owner", stranger.pubkey()), &[&stranger], IdentityError::Unauthorized);
    world.fails(swap(end(), "node", story.tree.address), owner, IdentityError::WrongAccountType);
    let others = story.tree.claim(&story.tree.specification(&other));
    world.fails(swap(end(), "specification_claim", others), owner, IdentityError::WrongClaim);
    world.fails(swap(end(), "specification_claim", machine.node()), owner, IdentityError::WrongAccountType);
    for payer in ["node_payer", "specification_claim_payer"] {
        world.fails(swap(end(), payer, stranger.pubkey()), owner, IdentityError::WrongPayer);
    }
    let receipt = world.ok(&[end()], owner);
    let event: event::NodeDeactivated = receipt.event(ID);
    assert_eq!((event.header.source, event.header.sequence, event.owner), (machine.node(), 2, machine.owner));
    for closed in [machine.node(), story.tree.claim(&story.tree.specification(&machine))] {
        assert!(world.account(closed).is_none());
    }
    world.ok(&[story.activate(&machine)], owner);
}

#[test]
fn an_owner_names_the_operator() {
    let (mut story, machine, thief) = with_buyer();
    let set = |by: Address| {
        SetOperator { owner: by, node: machine.node() }.instruction(&SetOperatorArgs { operator: NEW_OPERATOR })
    };
    let (world, owner) = (&story.world, &[&story.owner][..]);
    checks_its_shape(world, &set(machine.owner), owner);
    world.fails(set(thief.pubkey()), &[&thief], IdentityError::Unauthorized);
    world.fails(swap(set(machine.owner), "node", story.tree.address), owner, IdentityError::WrongAccountType);
    world.fails(swap(set(machine.owner), "node", story.network.address), owner, IdentityError::WrongOwner);
    let before = story.node(&machine);
    let receipt = world.ok(&[set(machine.owner)], owner);
    let event: event::OperatorChanged = receipt.event(ID);
    assert_eq!((event.header.source, event.operator), (machine.node(), NEW_OPERATOR));
    assert_eq!(story.node(&machine), Node { operator: NEW_OPERATOR, sequence: before.sequence + 1, ..before });

    // The operator is not the owner.
    let operator = story.world.user();
    let mut node = story.node(&machine);
    node.operator = operator.pubkey();
    story.world.forge(machine.node(), &node);
    story.world.fails(set(operator.pubkey()), &[&operator], IdentityError::Unauthorized);
}

#[test]
fn a_machine_becomes_another_and_starts_from_nothing() {
    let (mut story, machine) = Story::in_service(VOUCHED);
    let voucher = story.add_attestor(3);
    story.world.ok(&[story.attest(&voucher, &machine, story.in_days(30))], &[&voucher.key]);
    let (stranger, old) = (story.world.user(), story.node(&machine).specification);
    let (_, theirs) = story.stranger();
    let (new, attested) = ([0x77; 32], story.attest(&voucher, &machine, story.in_days(31)));
    let change = || story.change_specification(&machine, new, VOUCHED);
    let (world, owner) = (&story.world, &[&story.owner][..]);
    checks_its_shape(world, &change(), owner);
    world.fails(swap(change(), "owner", stranger.pubkey()), &[&stranger], IdentityError::Unauthorized);
    let foreign = class(&theirs.registry, VOUCHED);
    world.fails(swap(change(), "class", foreign), owner, IdentityError::WrongRegistry);
    world.fails(swap(change(), "node", story.tree.address), owner, IdentityError::WrongAccountType);
    world.fails(swap(change(), "old_specification_claim", machine.node()), owner, IdentityError::WrongAccountType);
    world.fails(swap(change(), "specification_claim", story.tree.claim(&[0x78; 32])), owner, IdentityError::WrongAddress);
    world.fails(swap(change(), "specification_claim", story.tree.claim(&old)), owner, IdentityError::SpecificationTaken);
    world.fails(swap(change(), "specification_claim_payer", stranger.pubkey()), owner, IdentityError::WrongPayer);
    world.fails(swap(change(), "system_program", TOKEN_PROGRAM), owner, IdentityError::WrongProgram);

    let receipt = world.ok(&[change()], owner);
    let event: event::SpecificationChanged = receipt.event(ID);
    assert_eq!((event.specification, event.class, event.version), (new, VOUCHED as u64, 2));
    let node = story.node(&machine);
    assert_eq!((node.specification, node.version, node.class_expires_at), (new, 2, NEVER));
    assert!(world.account(story.tree.claim(&old)).is_none());
    assert_eq!(world.read::<SpecificationClaim>(story.tree.claim(&new)).node, machine.node());
    // What an attestor signed for the old one does not count for the new.
    world.fails(attested, &[&voucher.key], IdentityError::MachineChanged);

    // Another class, the same machine.
    let (claims, payer) = (story.change_specification(&machine, new, CLASS), world.payer().pubkey());
    let lamports = world.lamports(story.tree.claim(&new));
    world.ok(&[claims], owner);
    let node = story.node(&machine);
    assert_eq!((node.class, node.version, node.class_expires_at), (CLASS, 3, ALWAYS));
    let claim: SpecificationClaim = world.read(story.tree.claim(&new));
    assert_eq!((claim.node, claim.payer), (machine.node(), payer));
    assert_eq!(world.lamports(story.tree.claim(&new)), lamports);
}

#[test]
fn anothers_claim_is_not_closed_by_a_change() {
    let (mut story, machine) = Story::in_service(CLASS);
    let other = story.mint("other");
    story.world.ok(&[story.activate(&other)], &[&story.owner]);
    let others = story.tree.claim(&story.tree.specification(&other));
    let change = story.change_specification(&machine, [0x77; 32], CLASS);
    story.world.fails(swap(change, "old_specification_claim", others), &[&story.owner], IdentityError::WrongClaim);
    // Nor taken by one.
    let taken = story.change_specification(&machine, story.tree.specification(&other), CLASS);
    story.world.fails(taken, &[&story.owner], IdentityError::SpecificationTaken);
}
