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

/// Who bought it has a day to go on with it, where it stands: also in a class that takes no more machines.
#[test]
fn a_lost_machine_waits_a_day_for_its_new_owner() {
    let (story, machine, sold, buyer) = sold();
    let world = &story.world;
    world.ok(&[setup::retire_class(&story, CLASS)], &story.authority());
    let (challenge, close) = (story.tree.challenge_instruction(&sold, false), story.deactivate(&machine));
    world.pass(DAY);
    let at_once = world.send(&[challenge.clone(), close.clone()], &[]).unwrap_err();
    assert_eq!(at_once.code(), Some(IdentityError::NotLost as u32));
    world.ok(std::slice::from_ref(&challenge), &[]);
    assert_eq!(story.node(&machine).synced_at, world.now());
    world.pass(DAY - 1);
    world.fails(close.clone(), &[], IdentityError::NotLost);
    // Who sold it proves nothing.
    story.no_such_leaf(story.deactivate_signed(&machine), &[&story.owner]);
    let sync = || signed(story.tree.sync_instruction(&sold, OPERATOR, CLASS), "owner");
    world.ok(&[sync()], &[&buyer]);
    assert!(story.node(&machine).serves(CLASS, world.now()));
}

/// Who challenges it again does not put off its end, and who has its leaf need not wait.
#[test]
fn a_lost_machine_is_closed_after_a_day() {
    let (mut story, machine, sold, buyer) = sold();
    story.world.ok(&[story.tree.challenge_instruction(&sold, false)], &[]);
    let lost_at = story.world.now();
    story.world.pass(DAY - 1);
    story.world.ok(&[story.tree.challenge_instruction(&sold, false)], &[]);
    assert_eq!(story.node(&machine).synced_at, lost_at);
    story.world.fails(story.deactivate(&machine), &[], IdentityError::NotLost);
    story.world.pass(1);
    story.world.ok(&[story.deactivate(&machine)], &[]);

    // Given back before anyone synced it: its owner leaves with it, and keeps the specification.
    let specification = story.tree.specification(&machine);
    story.world.ok(&[story.tree.activate_instruction(&story.world, &sold, OPERATOR, CLASS)], &[&buyer]);
    let other = story.world.user();
    let away = story.transfer(&sold, &buyer, &other);
    story.world.ok(&[story.tree.challenge_instruction(&away, false)], &[]);
    let back = story.transfer(&away, &other, &buyer);
    story.world.ok(&[story.deactivate_signed(&back)], &[&buyer]);
    let claim: SpecificationClaim = story.world.read(story.tree.claim(&specification));
    assert_eq!((claim.owner, claim.node), (buyer.pubkey(), Address::default()));
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

    // And closed: the rent returns. The specification waits for its machine for a time, and is free then.
    let specification = story.tree.specification(&machine);
    let payer = story.world.user();
    for address in [machine.node(), story.tree.claim(&specification)] {
        paid_by(&mut story, address, &payer);
    }
    story.world.pass(LOST_DELAY.0 as u64);
    let before = story.world.lamports(payer.pubkey());
    let rent = story.world.lamports(machine.node());
    let close = swap(story.deactivate(&machine), "node_payer", payer.pubkey());
    let receipt = story.world.ok(&[close], &[]);
    assert_eq!(story.world.lamports(payer.pubkey()), before + rent);
    assert!(story.world.account(machine.node()).is_none());
    let event: event::SpecificationReserved = receipt.event(ID);
    let until = Timestamp(story.world.now().0 + RESERVATION_PERIOD.0 as i64);
    assert_eq!((event.specification, event.owner, event.node), (specification, Address::default(), machine.node()));
    assert_eq!(event.reservation_ends_at, until);
    let claim: SpecificationClaim = story.world.read(story.tree.claim(&specification));
    assert_eq!((claim.owner, claim.node, claim.reservation_ends_at), (Address::default(), machine.node(), until));
    let release = || swap(story.release(&specification), "payer", payer.pubkey());
    story.world.pass(RESERVATION_PERIOD.0 as u64 - 1);
    story.world.fails(release(), &[], IdentityError::ReservationNotEnded);
    story.world.pass(1);
    let (before, rent) = (story.world.lamports(payer.pubkey()), story.world.lamports(story.tree.claim(&specification)));
    story.world.ok(&[release()], &[]);
    assert_eq!(story.world.lamports(payer.pubkey()), before + rent);
    assert!(story.world.account(story.tree.claim(&specification)).is_none());
}

/// As if this one had paid an account's rent.
fn paid_by(story: &mut Story, address: Address, payer: &Keypair) {
    let mut account = story.world.account(address).unwrap();
    let old = story.world.payer().pubkey();
    let at = account.data.windows(32).position(|bytes| bytes == old.as_ref()).expect("who paid");
    account.data[at..at + 32].copy_from_slice(payer.pubkey().as_ref());
    story.world.set_account(address, account);
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
    assert_eq!(story.world.out_of_range(neither, &[]), "is_burned");

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
    let to_be = Machine { asset, owner: story.owner.pubkey(), nonce: 1, metadata: metadata("second"), second: None };
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
    world.fails(swap(end(), "node_payer", stranger.pubkey()), owner, IdentityError::WrongPayer);
    let receipt = world.ok(&[end()], owner);
    let event: event::NodeDeactivated = receipt.event(ID);
    assert_eq!((event.header.source, event.header.sequence, event.owner), (machine.node(), 2, machine.owner));
    assert!(world.account(machine.node()).is_none());
    // Its specification is reserved for its owner.
    let specification = story.tree.specification(&machine);
    let claim: SpecificationClaim = world.read(story.tree.claim(&specification));
    assert_eq!((claim.owner, claim.node), (machine.owner, Address::default()));
    world.ok(&[story.activate(&machine)], owner);
    world.fails(story.release(&specification), &[], IdentityError::NotReserved);
    world.ok(&[end()], owner);

    // Who releases it at once gets the rent back.
    let release = |by: Address| story.tree.release_instruction(world, by, &specification);
    checks_its_shape(world, &signed(release(machine.owner), "authority"), owner);
    world.fails(release(machine.owner), &[], IdentityError::ReservationNotEnded);
    world.fails(signed(release(stranger.pubkey()), "authority"), &[&stranger], IdentityError::ReservationNotEnded);
    let wrong = swap(release(machine.owner), "payer", stranger.pubkey());
    world.fails(signed(wrong, "authority"), owner, IdentityError::WrongPayer);
    let wrong = swap(release(machine.owner), "specification_claim", story.tree.address);
    world.fails(signed(wrong, "authority"), owner, IdentityError::WrongAccountType);
    world.ok(&[signed(release(machine.owner), "authority")], owner);
    assert!(world.account(story.tree.claim(&specification)).is_none());
}

/// Whoever sold a machine, and whoever passes by, gets neither its specification nor a word in what becomes of it.
#[test]
fn who_sold_a_machine_changes_nothing_of_it() {
    let (story, machine, sold, buyer) = sold();
    let (world, owner) = (&story.world, &[&story.owner][..]);
    let change = story.change_specification(&machine, [0x77; 32], CLASS);
    story.no_such_leaf(change, owner);
    story.no_such_leaf(story.change_specification(&machine, story.tree.specification(&machine), VOUCHED), owner);
    story.no_such_leaf(story.tree.set_operator_instruction(&machine, NEW_OPERATOR), owner);
    story.no_such_leaf(story.deactivate_signed(&machine), owner);
    // The buyer is not the node's owner yet: it must sync first.
    let early = story.deactivate_signed(&sold);
    world.fails(early, &[&buyer], IdentityError::Unauthorized);
    let sync = signed(story.tree.sync_instruction(&sold, NEW_OPERATOR, CLASS), "owner");
    world.ok(&[sync, story.deactivate_signed(&sold)], &[&buyer]);
}

/// A stranger knows the specification, has committed to it for long, and takes a machine out of service that was sold.
#[test]
fn a_lost_machines_specification_waits_for_it() {
    let (mut story, machine, sold, buyer) = sold();
    let (stranger, specification) = (story.world.user(), story.tree.specification(&machine));
    let squatter = story.tree.mint(&story.world, &story.network, stranger.pubkey(), "squatter").0;
    let world = &story.world;
    let (challenge, close) = (story.tree.challenge_instruction(&sold, false), story.deactivate(&machine));
    world.ok(&[challenge], &[]);
    world.pass(LOST_DELAY.0 as u64 - 60);
    world.ok(&[story.tree.commit_instruction(world, stranger.pubkey(), &specification)], &[]);
    world.pass(60);
    let reserve = || story.tree.reserve_instruction(world, stranger.pubkey(), &specification);
    let take = || {
        let activate = story.tree.activate_instruction(world, &squatter, OPERATOR, CLASS);
        swap(activate, "specification_claim", story.tree.claim(&specification))
    };
    let at_once = world.send(&[close.clone(), reserve(), take()], &[&stranger]).unwrap_err();
    assert_eq!(at_once.code(), Some(IdentityError::SpecificationTaken as u32));
    let at_once = world.send(&[close.clone(), take()], &[&stranger]).unwrap_err();
    assert_eq!(at_once.code(), Some(IdentityError::SpecificationTaken as u32));
    world.ok(&[close], &[]);
    world.fails(take(), &[&stranger], IdentityError::SpecificationTaken);
    world.fails(reserve(), &[], IdentityError::SpecificationTaken);
    let release = signed(story.tree.release_instruction(world, stranger.pubkey(), &specification), "authority");
    world.fails(release, &[&stranger], IdentityError::ReservationNotEnded);
    // The seller, whose machine it was, no more than the stranger.
    let mine = signed(story.tree.release_instruction(world, machine.owner, &specification), "authority");
    world.fails(mine, &[&story.owner], IdentityError::ReservationNotEnded);
    // The buyer needs no commitment: it is its machine's.
    world.pass(20 * DAY);
    world.ok(&[story.tree.activate_instruction(world, &sold, OPERATOR, CLASS)], &[&buyer]);
    assert_eq!(story.node(&machine).specification, specification);
}

/// A machine that came back with another specification does not answer for the old one.
#[test]
fn a_claim_that_is_not_in_use_stands_for_no_machine() {
    let (story, machine, sold, buyer) = sold();
    let (world, old) = (&story.world, story.tree.specification(&machine));
    world.ok(&[story.tree.challenge_instruction(&sold, false)], &[]);
    world.pass(LOST_DELAY.0 as u64);
    world.ok(&[story.deactivate(&machine)], &[]);
    world.ok(&[story.activate_as(&sold, [0x77; 32])], &[&buyer]);
    let with_old = |instruction, name| swap(instruction, name, story.tree.claim(&old));
    let leave = with_old(story.deactivate_signed(&sold), "specification_claim");
    world.fails(leave, &[&buyer], IdentityError::WrongClaim);
    let change = with_old(story.change_specification(&sold, [0x78; 32], CLASS), "old_specification_claim");
    world.fails(change, &[&buyer], IdentityError::WrongClaim);
    let revoke = with_old(story.revoke(&machine), "specification_claim");
    world.fails(revoke, &story.authority(), IdentityError::WrongClaim);
    // It may still change to it: it is reserved for it.
    let back = story.change_specification(&sold, old, CLASS);
    world.ok(&[back], &[&buyer]);
    let claim: SpecificationClaim = world.read(story.tree.claim(&[0x77; 32]));
    assert_eq!((claim.owner, claim.node), (buyer.pubkey(), Address::default()));
}

/// Who sees a specification revealed is a minute too late.
#[test]
fn a_specification_is_reserved_by_who_committed_first() {
    let mut story = Story::new();
    let (thief, owner) = (story.world.user(), story.owner.pubkey());
    let (_, theirs) = story.stranger();
    let (world, tree, specification) = (&story.world, &story.tree, [0x77; 32]);
    let commit = |by| tree.commit_instruction(world, by, &specification);
    let reveal = |by| tree.reserve_instruction(world, by, &specification);
    world.fails(reveal(owner), &[], IdentityError::WrongOwner);
    checks_its_shape(world, &commit(owner), &[]);
    world.fails(swap(commit(owner), "commitment", OPERATOR), &[], IdentityError::WrongAddress);
    world.fails(swap(commit(owner), "system_program", TOKEN_PROGRAM), &[], IdentityError::WrongProgram);
    world.ok(&[commit(owner)], &[]);
    world.fails(commit(owner), &[], IdentityError::AlreadyInitialized);
    world.pass(59);
    world.fails(reveal(owner), &[], IdentityError::CommitmentNotReady);
    world.pass(1);
    // Here the thief sees it: its own commitment comes too late, and this one is for its owner alone.
    let late = world.send(&[commit(thief.pubkey()), reveal(thief.pubkey())], &[]).unwrap_err();
    assert_eq!(late.code(), Some(IdentityError::CommitmentNotReady as u32));
    let args = |change: fn(&mut ReserveSpecificationArgs)| with_args(reveal(owner), change);
    world.fails(args(|args| args.owner = OPERATOR), &[], IdentityError::WrongCommitment);
    world.fails(args(|args| args.salt[0] ^= 1), &[], IdentityError::WrongCommitment);
    world.fails(args(|args| args.specification[0] ^= 1), &[], IdentityError::WrongCommitment);
    assert_eq!(world.out_of_range(args(|args| args.owner = Address::default()), &[]), "owner");
    world.fails(swap(reveal(owner), "registry", theirs.registry), &[], IdentityError::WrongCommitment);
    world.fails(swap(reveal(owner), "registry", tree.address), &[], IdentityError::WrongAccountType);
    world.fails(swap(reveal(owner), "commitment", tree.address), &[], IdentityError::WrongAccountType);
    world.fails(swap(reveal(owner), "commitment_payer", OPERATOR), &[], IdentityError::WrongPayer);
    world.fails(swap(reveal(owner), "specification_claim", OPERATOR), &[], IdentityError::WrongAddress);
    world.fails(swap(reveal(owner), "system_program", TOKEN_PROGRAM), &[], IdentityError::WrongProgram);
    checks_its_shape(world, &reveal(owner), &[]);
    let receipt = world.ok(&[reveal(owner)], &[]);
    let event: event::SpecificationReserved = receipt.event(ID);
    assert_eq!((event.header.source, event.header.sequence), (tree.claim(&specification), 1));
    assert_eq!((event.specification, event.owner, event.node), (specification, owner, Address::default()));
    world.fails(reveal(owner), &[], IdentityError::WrongOwner);
    world.ok(&[commit(thief.pubkey())], &[]);
    world.pass(60);
    world.fails(reveal(thief.pubkey()), &[], IdentityError::SpecificationTaken);

    // The machine is put into service by its owner, and by nobody else.
    let thiefs = story.tree.mint(&story.world, &story.network, thief.pubkey(), "thief's").0;
    let machine = story.mint("machine");
    let world = &story.world;
    let take = swap(
        story.tree.activate_instruction(world, &thiefs, OPERATOR, CLASS),
        "specification_claim",
        story.tree.claim(&specification),
    );
    world.fails(take, &[&thief], IdentityError::SpecificationTaken);
    world.ok(&[story.activate_as(&machine, specification)], &[&story.owner]);
}

#[test]
fn a_commitment_has_an_end() {
    let story = Story::new();
    let (world, tree, owner) = (&story.world, &story.tree, story.owner.pubkey());
    let close = || tree.close_commitment_instruction(world, owner, &[7; 32]);
    world.ok(&[tree.commit_instruction(world, owner, &[7; 32])], &[]);
    world.pass(DAY - 1);
    world.fails(close(), &[], IdentityError::CommitmentNotExpired);
    world.pass(1);
    world.fails(tree.reserve_instruction(world, owner, &[7; 32]), &[], IdentityError::CommitmentExpired);
    world.fails(swap(close(), "payer", owner), &[], IdentityError::WrongPayer);
    world.fails(swap(close(), "commitment", tree.address), &[], IdentityError::WrongAccountType);
    checks_its_shape(world, &close(), &[]);
    let commitment = close().accounts[0].pubkey;
    world.ok(&[close()], &[]);
    assert!(world.account(commitment).is_none());
    // And may be made again.
    tree.reserve(world, owner, &[7; 32]);
}

/// Who reserves another's specification without a machine cannot be revoked: the network sets it free.
#[test]
fn the_network_releases_what_is_reserved() {
    let mut story = Story::new();
    let (stranger, theirs) = story.stranger();
    let owner = story.owner.pubkey();
    let (world, tree) = (&story.world, &story.tree);
    tree.reserve(world, owner, &[7; 32]);
    let release = |authority: &Keypair, network, registry| {
        let release = swap(tree.release_instruction(world, authority.pubkey(), &[7; 32]), "network", network);
        signed(swap(release, "registry", registry), "authority")
    };
    let (own, network) = (&story.network.authority, story.network.address);
    let by_them = release(&stranger.authority, stranger.address, theirs.registry);
    world.fails(by_them, &[&stranger.authority], IdentityError::WrongRegistry);
    let mixed = release(&stranger.authority, stranger.address, tree.registry);
    world.fails(mixed, &[&stranger.authority], IdentityError::WrongNetwork);
    let usurped = release(&stranger.authority, network, tree.registry);
    world.fails(usurped, &[&stranger.authority], IdentityError::Unauthorized);
    let unsigned = unsigned(release(own, network, tree.registry), "authority");
    world.fails(unsigned, &[], IdentityError::MissingSigner);
    world.ok(&[release(own, network, tree.registry)], &[own]);
    assert!(world.account(tree.claim(&[7; 32])).is_none());
}

#[test]
fn an_owner_names_the_operator() {
    let (mut story, machine, thief) = with_buyer();
    let set = |by: Address| {
        let set = story.tree.set_operator_instruction(&machine, NEW_OPERATOR);
        swap(set, "owner", by)
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
    world.fails(swap(change(), "specification_claim", machine.node()), owner, IdentityError::WrongAccountType);
    let unreserved = swap(change(), "specification_claim", story.tree.claim(&[0x78; 32]));
    world.fails(unreserved, owner, IdentityError::WrongOwner);
    let twice = swap(change(), "specification_claim", story.tree.claim(&old));
    world.fails(twice, owner, IdentityError::DuplicateAccount);

    let receipt = world.ok(&[change()], owner);
    let event: event::SpecificationChanged = receipt.event(ID);
    assert_eq!((event.specification, event.class, event.version), (new, VOUCHED as u64, 2));
    let node = story.node(&machine);
    assert_eq!((node.specification, node.version, node.class_expires_at), (new, 2, NEVER));
    assert_eq!(world.read::<SpecificationClaim>(story.tree.claim(&new)).node, machine.node());
    // The old one is reserved for its owner.
    let claim: SpecificationClaim = world.read(story.tree.claim(&old));
    assert_eq!((claim.owner, claim.node), (machine.owner, Address::default()));
    let event: event::SpecificationReserved = receipt.event(ID);
    assert_eq!((event.specification, event.owner), (old, machine.owner));
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
    // Nor if it says that it is this machine's: it is of another specification.
    let claim: SpecificationClaim = story.world.read(others);
    story.world.forge(others, &SpecificationClaim { node: machine.node(), ..claim });
    let change = story.change_specification(&machine, [0x77; 32], CLASS);
    story.world.fails(swap(change, "old_specification_claim", others), &[&story.owner], IdentityError::WrongClaim);
}

/// A program owns a machine: it signs for it by its seeds, also where an account need not sign.
#[test]
fn a_program_owns_a_machine() {
    let mut story = Story::in_world(World::with(&[("machine_owner", machine_owner::ID)]), DEPTH, BUFFER, 0);
    let program = Address::find_program_address(&[machine_owner::OWNER], &machine_owner::ID).0;
    let machine = story.tree.mint(&story.world, &story.network, program, "a program's").0;
    let by_program = |mut instruction: Instruction| {
        for account in instruction.accounts.iter_mut().filter(|account| account.pubkey == program) {
            account.is_signer = false;
        }
        instruction.accounts.push(AccountMeta::new_readonly(ID, false));
        Instruction { program_id: machine_owner::ID, ..instruction }
    };
    story.world.ok(&[by_program(story.activate(&machine))], &[]);
    assert_eq!(story.node(&machine).owner, program);
    // Bought from the program, and back: a sync by a new owner asks for its signature.
    let mut node = story.node(&machine);
    node.owner = story.owner.pubkey();
    story.world.forge(machine.node(), &node);
    let sync = || story.tree.sync_instruction(&machine, NEW_OPERATOR, CLASS);
    story.world.fails(sync(), &[], IdentityError::MissingSigner);
    story.world.ok(&[by_program(sync())], &[]);
    assert_eq!((story.node(&machine).owner, story.node(&machine).operator), (program, NEW_OPERATOR));
    story.world.fails(story.deactivate(&machine), &[], IdentityError::NotLost);
    story.world.ok(&[by_program(story.deactivate_signed(&machine))], &[]);
    assert!(story.world.account(machine.node()).is_none());
    let specification = story.tree.specification(&machine);
    let release = || story.tree.release_instruction(&story.world, program, &specification);
    story.world.fails(release(), &[], IdentityError::ReservationNotEnded);
    story.world.ok(&[by_program(release())], &[]);
}
