//! Whose leaf it is: what activation believes.

use super::*;

#[test]
fn a_canopy_shortens_proofs() {
    let mut story = Story::with(14, 64, 10);
    let (first, second) = (story.mint("first"), story.mint("second"));
    assert_eq!(story.tree.proof(&first).len(), 4);
    story.world.ok(&[story.activate(&first)], &[&story.owner]);
    // Who does not know of the canopy sends the whole proof.
    story.tree.canopy = 0;
    assert_eq!(story.tree.proof(&second).len(), 14);
    story.world.ok(&[story.activate(&second)], &[&story.owner]);
}

#[test]
fn a_proof_survives_later_changes() {
    let mut story = Story::with(14, 64, 0);
    let (machine, other) = (story.mint("first"), story.mint("other"));
    let (root, activate) = (story.tree.root(), story.activate(&machine));
    let buyer = story.world.user();
    let owner = story.owner.insecure_clone();
    for _ in 0..3 {
        story.mint("later");
    }
    let other = story.transfer(&other, &owner, &buyer);
    story.burn(&other, &buyer);
    assert_ne!(root, story.tree.root());
    story.world.ok(&[activate], &[&story.owner]);
}

#[test]
fn a_root_that_the_buffer_forgot_proves_nothing() {
    let mut story = Story::with(5, 8, 0);
    let machine = story.mint("first");
    let activate = story.activate(&machine);
    // Every later mint changes another node of the first leaf's proof; then more than the buffer remembers.
    for _ in 0..16 {
        story.mint("later");
    }
    story.no_such_leaf(activate, &[&story.owner]);
    story.world.ok(&[story.activate(&machine)], &[&story.owner]);
}

#[test]
fn a_delegate_stands_in_the_leaf() {
    let story = Story::new();
    let delegate = Address::new_from_array([0xde; 32]);
    let metadata = metadata("delegated");
    story.world.ok(&[swap(story.mint_instruction(&metadata), "leaf_delegate", delegate)], &story.authority());
    let owner = story.owner.pubkey();
    let machine = Machine { asset: pda::asset(&story.tree.merkle_tree, 0), owner, nonce: 0, metadata, second: None };
    let leaf = LeafSchema::V1 {
        id: machine.asset,
        owner,
        delegate,
        nonce: 0,
        data_hash: hash_metadata(&machine.metadata).unwrap(),
        creator_hash: hash_creators(&[]),
    };
    let activate = with_only_leaf(story.activate(&machine), leaf.hash());
    story.no_such_leaf(activate.clone(), &[&story.owner]);
    story.world.ok(&[swap(activate, "leaf_delegate", delegate)], &[&story.owner]);
}

#[test]
fn lamports_at_an_address_do_not_stop_its_creation() {
    let (mut story, machine) = Story::with_machine();
    let claim = story.tree.claim(&story.tree.specification(&machine));
    for (address, size) in [(machine.node(), size_of::<Node>()), (claim, size_of::<SpecificationClaim>())] {
        story.world.set_account(address, Account { lamports: 1, ..Account::default() });
        assert!(story.world.rent(size) > 1);
    }
    story.world.ok(&[story.activate(&machine)], &[&story.owner]);
    assert_eq!(story.world.lamports(machine.node()), story.world.rent(size_of::<Node>()));
    assert_eq!(story.world.lamports(claim), story.world.rent(size_of::<SpecificationClaim>()));
}

#[test]
fn a_leaf_is_its_present_owners() {
    let (mut story, machine) = Story::with_machine();
    let buyer = story.world.user();
    let before = story.activate(&machine);
    let owner = story.owner.insecure_clone();
    let sold = story.transfer(&machine, &owner, &buyer);

    story.no_such_leaf(before, &[&story.owner]);
    story.no_such_leaf(story.activate(&machine), &[&story.owner]);
    // What the seller reserved stays the seller's.
    story.world.fails(story.activate(&sold), &[&buyer], IdentityError::SpecificationTaken);
    story.world.ok(&[story.activate_as(&sold, [0x77; 32])], &[&buyer]);
    assert_eq!(story.node(&machine).owner, buyer.pubkey());
}

#[test]
fn a_burned_machine_is_gone() {
    let (mut story, machine) = Story::with_machine();
    let activate = story.activate(&machine);
    let owner = story.owner.insecure_clone();
    story.burn(&machine, &owner);
    story.no_such_leaf(activate.clone(), &[&story.owner]);
    story.no_such_leaf(story.activate(&machine), &[&story.owner]);
    story.no_such_leaf(with_only_leaf(activate, EMPTY), &[&story.owner]);
}

#[test]
fn nobody_activates_anothers_machine() {
    let (mut story, machine) = Story::with_machine();
    let thief = story.world.user();
    let activate = || story.activate(&machine);
    story.world.fails(unsigned(activate(), "owner"), &[], IdentityError::MissingSigner);
    let stolen = swap(activate(), "owner", thief.pubkey());
    story.no_such_leaf(stolen.clone(), &[&thief]);
    story.no_such_leaf(swap(stolen, "leaf_delegate", thief.pubkey()), &[&thief]);
}

#[test]
fn a_proof_proves_one_leaf() {
    let (mut story, machine) = Story::with_machine();
    let other = story.mint("other");
    let activate = || story.activate(&machine);
    let owner = &[&story.owner][..];
    // Each of what a leaf is made of counts.
    story.no_such_leaf(activating(activate(), |args| args.data_hash[0] ^= 1), owner);
    story.no_such_leaf(activating(activate(), |args| args.creator_hash[0] ^= 1), owner);
    story.no_such_leaf(swap(activate(), "leaf_delegate", Address::default()), owner);
    story.no_such_leaf(activating(activate(), |args| args.nonce = 1), owner);
    // And so does the proof.
    let mut mixed = activate();
    mixed.accounts.truncate(ActivateNode::ACCOUNTS.len());
    story.no_such_leaf(mixed.clone(), owner);
    mixed.accounts.extend(story.tree.proof(&other));
    story.no_such_leaf(mixed, owner);
    story.world.ok(&[activate(), story.activate(&other)], owner);
}

/// The asset's id is not derived again, so it must be what stands in the leaf: another would be a second machine, with a
/// node of its own.
#[test]
fn the_proof_vouches_for_the_asset() {
    let (mut story, machine) = Story::with_machine();
    let other = story.mint("other");
    for asset in [other.asset, Address::default(), story.tree.merkle_tree] {
        let forged = Machine { asset, ..machine.clone() };
        story.no_such_leaf(story.activate(&forged), &[&story.owner]);
    }
    // Nor can the leaf of one tree be proved in another with the same leaves at the same places.
    let (_, foreign) = story.stranger();
    let activate = story.activate(&machine);
    story.world.fails(swap(activate, "merkle_tree", foreign.merkle_tree), &[&story.owner], IdentityError::WrongTree);
}

#[test]
fn a_leaf_of_a_foreign_tree_is_not_believed() {
    let (mut story, machine) = Story::with_machine();
    // Someone's own tree at Bubblegum, with a leaf for the same owner: it has no record, and none can be forged.
    let (foreign, payer) = (story.allocate_tree(), story.world.payer().pubkey());
    let create = CreateTreeConfigBuilder::new()
        .tree_config(pda::tree_config(&foreign))
        .merkle_tree(foreign)
        .payer(payer)
        .tree_creator(payer)
        .max_depth(DEPTH)
        .max_buffer_size(BUFFER)
        .instruction();
    let mint = MintV1Builder::new()
        .tree_config(pda::tree_config(&foreign))
        .leaf_owner(machine.owner)
        .leaf_delegate(machine.owner)
        .merkle_tree(foreign)
        .payer(payer)
        .tree_creator_or_delegate(payer)
        .metadata(metadata("imagined"))
        .instruction();
    story.world.ok(&[create, mint], &[]);
    let mut copy = Tree::unborn(&story.network, foreign, DEPTH, 0);
    let imagined = copy.minted(machine.owner, metadata("imagined"));
    let activate = copy.activate_instruction(&story.world, &imagined, OPERATOR, CLASS);
    story.world.fails(activate.clone(), &[&story.owner], IdentityError::WrongOwner);
    let mixed = swap(activate.clone(), "tree", story.tree.address);
    story.world.fails(mixed, &[&story.owner], IdentityError::WrongTree);

    // A record of another program's, with the right bytes.
    let mut record = story.tree_state();
    (record.merkle_tree, record.tree_config) = (foreign, copy.config);
    story.world.forge(copy.address, &record);
    story.edit(copy.address, |account| account.owner = TOKEN_PROGRAM);
    story.world.fails(activate, &[&story.owner], IdentityError::WrongOwner);
}

#[test]
fn a_nonce_is_that_of_a_minted_leaf() {
    let (mut story, machine) = Story::with_machine();
    story.mint("second");
    for nonce in [2, 1 << 32, u64::MAX] {
        let activate = activating(story.activate(&machine), |args| args.nonce = nonce);
        story.world.fails(activate, &[&story.owner], IdentityError::LeafIndexOutOfRange);
    }
}

#[test]
fn a_machine_is_activated_once() {
    let (story, machine) = Story::in_service(CLASS);
    story.world.fails(story.activate_as(&machine, [0x5c; 32]), &[&story.owner], IdentityError::AlreadyInitialized);
    story.world.fails(story.activate(&machine), &[&story.owner], IdentityError::SpecificationTaken);
}

#[test]
fn a_specification_is_one_machines() {
    let (mut story, machine) = Story::in_service(CLASS);
    let other = story.mint("other");
    let taken = story.tree.specification(&machine);
    let activate = swap(story.activate(&other), "specification_claim", story.tree.claim(&taken));
    story.world.fails(activate.clone(), &[&story.owner], IdentityError::SpecificationTaken);
    // When its machine has left, it is reserved for the owner, who may use it for another.
    story.world.ok(&[story.deactivate_signed(&machine)], &[&story.owner]);
    story.world.ok(&[activate], &[&story.owner]);
    assert_eq!(story.node(&other).specification, taken);
}

#[test]
fn leaves_of_the_first_schema_have_no_flags() {
    let (story, machine) = Story::with_machine();
    for flags in [1, 2, 4, 255] {
        let activate = activating(story.activate(&machine), |args| args.flags = flags);
        story.world.fails(activate, &[&story.owner], IdentityError::InvalidFlags);
    }
}

#[test]
fn activation_checks_its_accounts() {
    let (mut story, machine) = Story::with_machine();
    let (stranger, theirs) = story.stranger();
    let sibling = Tree::new(&story.world, &story.network, DEPTH, BUFFER, 0).0;
    let (world, tree, owner) = (&story.world, &story.tree, &[&story.owner][..]);
    let activate = || story.activate(&machine);
    let foreign_class = class(&theirs.registry, CLASS);
    let other = Address::new_from_array([3; 32]);

    let mut long = activate();
    long.accounts.push(AccountMeta::new_readonly(OPERATOR, false));
    world.fails(long, owner, IdentityError::ProofTooLong);
    checks_its_shape(world, &activate(), owner);
    let unpaid = unsigned(swap(activate(), "payer", stranger.authority.pubkey()), "payer");
    world.fails(unpaid, owner, IdentityError::MissingSigner);
    world.fails(swap(activate(), "network", tree.registry), owner, IdentityError::WrongOwner);
    world.fails(swap(activate(), "network", story.network.burn_shard(0)), owner, IdentityError::WrongAccountType);
    world.fails(swap(activate(), "network", stranger.address), owner, IdentityError::WrongNetwork);
    world.fails(swap(activate(), "class", stranger.address), owner, IdentityError::WrongOwner);
    world.fails(swap(activate(), "class", tree.address), owner, IdentityError::WrongAccountType);
    world.fails(swap(activate(), "class", foreign_class), owner, IdentityError::WrongRegistry);
    world.fails(swap(activate(), "tree", tree.merkle_tree), owner, IdentityError::WrongOwner);
    world.fails(swap(activate(), "tree", tree.registry), owner, IdentityError::WrongAccountType);
    world.fails(swap(activate(), "tree", theirs.address), owner, IdentityError::WrongNetwork);
    world.fails(swap(activate(), "tree", sibling.address), owner, IdentityError::LeafIndexOutOfRange);
    world.fails(swap(activate(), "merkle_tree", theirs.merkle_tree), owner, IdentityError::WrongTree);
    world.fails(swap(activate(), "node", pda::node::find(&other).0), owner, IdentityError::WrongAddress);
    let nothing = pda::node::find(&other).0;
    world.fails(swap(activate(), "specification_claim", nothing), owner, IdentityError::WrongOwner);
    let (foreign_tree, mine) = (theirs.claim(&[8; 32]), story.owner.pubkey());
    theirs.reserve(world, mine, &[8; 32]);
    world.fails(swap(activate(), "specification_claim", foreign_tree), owner, IdentityError::WrongRegistry);
    world.fails(swap(activate(), "specification_claim", tree.registry), owner, IdentityError::WrongAccountType);
    for program in [BUBBLEGUM_PROGRAM, COMPRESSION_PROGRAM_2, LOG_WRAPPER] {
        world.fails(swap(activate(), "compression_program", program), owner, IdentityError::WrongProgram);
    }
    world.fails(swap(activate(), "system_program", TOKEN_PROGRAM), owner, IdentityError::WrongProgram);

    let mut unknown = activate();
    unknown.data.truncate(0);
    world.fails(unknown.clone(), owner, IdentityError::UnknownInstruction);
    unknown.data.push(255);
    world.fails(unknown, owner, IdentityError::UnknownInstruction);

    let activate = activate();
    story.edit(story.tree.merkle_tree, |account| account.owner = TOKEN_PROGRAM);
    story.world.fails(activate, &[&story.owner], IdentityError::InvalidTree);
}
