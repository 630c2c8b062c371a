//! What the network does to a machine.

use super::*;

#[test]
fn a_suspended_machine_waits() {
    let (mut story, machine) = Story::in_service(CLASS);
    let buyer = story.world.user();
    let receipt = story.world.ok(&[story.suspend(&machine)], &story.authority());
    let event: event::StatusChanged = receipt.event(ID);
    assert_eq!((event.header.source, event.status), (machine.node(), 4));
    assert_eq!(story.node(&machine).status, status::SUSPENDED);
    assert!(!story.node(&machine).serves(CLASS, story.world.now()));

    // Neither leaving, nor becoming another, nor a new owner, nor a challenge ends that.
    let owner = &[&story.owner][..];
    story.world.fails(story.deactivate_signed(&machine), owner, IdentityError::NodeBlocked);
    let change = story.change_specification(&machine, [0x77; 32], CLASS);
    story.world.fails(change, owner, IdentityError::NodeBlocked);
    story.world.fails(story.activate(&machine), owner, IdentityError::SpecificationTaken);
    story.world.ok(&[story.tree.sync_instruction(&machine, OPERATOR, CLASS)], &[]);
    assert_eq!(story.node(&machine).status, status::SUSPENDED);
    let seller = story.owner.insecure_clone();
    let sold = story.transfer(&machine, &seller, &buyer);
    story.world.ok(&[story.tree.challenge_instruction(&sold, false)], &[]);
    assert_eq!(story.node(&machine).status, status::SUSPENDED | status::LOST);
    story.world.fails(story.deactivate(&machine), &[], IdentityError::NodeBlocked);
    let sync = signed(story.tree.sync_instruction(&sold, OPERATOR, CLASS), "owner");
    story.world.ok(&[sync], &[&buyer]);
    assert_eq!(story.node(&machine).status, status::SUSPENDED);

    story.world.ok(&[story.reinstate(&machine)], &story.authority());
    assert!(story.node(&machine).serves(CLASS, story.world.now()));
    story.world.fails(story.reinstate(&machine), &story.authority(), IdentityError::NotBlocked);
}

#[test]
fn a_lost_machine_is_not_found_by_reinstating_it() {
    let (mut story, machine) = Story::in_service(CLASS);
    let owner = story.owner.insecure_clone();
    story.burn(&machine, &owner);
    story.world.ok(&[story.suspend(&machine)], &story.authority());
    story.world.ok(&[story.tree.challenge_instruction(&machine, true)], &[]);
    story.world.ok(&[story.reinstate(&machine)], &story.authority());
    assert_eq!(story.node(&machine).status, status::LOST);
    story.world.pass(LOST_DELAY.0 as u64);
    story.world.ok(&[story.deactivate(&machine)], &[]);
}

#[test]
fn the_guardian_suspends_and_the_authority_decides() {
    let (story, machine) = Story::in_service(CLASS);
    let guardian = &story.network.guardian;
    let by_guardian = |instruction| swap(instruction, "authority", guardian.pubkey());
    story.world.ok(&[by_guardian(story.suspend(&machine))], &[guardian]);
    let reinstate = swap(story.reinstate(&machine), "authority", guardian.pubkey());
    story.world.fails(reinstate, &[guardian], IdentityError::Unauthorized);
    story.world.fails(by_guardian(story.revoke(&machine)), &[guardian], IdentityError::Unauthorized);
    story.world.ok(&[story.revoke(&machine)], &story.authority());
}

/// Nobody waits for an authority whose key is lost, and a stolen guardian's stops no machine for good.
#[test]
fn a_suspension_ends() {
    let (story, machine) = Story::in_service(CLASS);
    let (world, guardian, owner) = (&story.world, &story.network.guardian, &[&story.owner][..]);
    let by_guardian = || swap(story.suspend(&machine), "authority", guardian.pubkey());
    let by_owner = || swap(story.reinstate(&machine), "authority", story.owner.pubkey());
    let period = SUSPENSION_PERIOD.0 as u64;
    world.fails(by_owner(), owner, IdentityError::NotBlocked);
    world.ok(&[by_guardian()], &[guardian]);
    assert_eq!(story.node(&machine).suspension_ends_at.0, world.now().0 + period as i64);
    world.pass(period - 1);
    // It does not last longer by a word of the guardian's.
    world.fails(by_guardian(), &[guardian], IdentityError::NodeBlocked);
    world.fails(by_owner(), owner, IdentityError::Unauthorized);
    world.pass(1);
    world.ok(&[by_owner()], owner);
    assert!(story.node(&machine).serves(CLASS, world.now()));
    assert_eq!(story.node(&machine).suspension_ends_at, Timestamp(0));

    // Its owner has as long to leave.
    world.pass(period - 1);
    world.fails(by_guardian(), &[guardian], IdentityError::SuspendTooSoon);
    world.pass(1);
    world.ok(&[by_guardian()], &[guardian]);
    // The authority ends it, renews it, and begins another when it likes.
    let authority = &story.authority()[..];
    world.ok(&[story.reinstate(&machine)], authority);
    world.fails(by_guardian(), &[guardian], IdentityError::SuspendTooSoon);
    world.ok(&[story.suspend(&machine)], authority);
    world.pass(period - 1);
    world.ok(&[story.suspend(&machine)], authority);
    world.pass(period - 1);
    world.fails(by_owner(), owner, IdentityError::Unauthorized);
    // Who is revoked meanwhile stays so.
    world.ok(&[story.revoke(&machine)], authority);
    world.pass(100 * period);
    world.fails(by_owner(), owner, IdentityError::Unauthorized);
    world.fails(story.suspend(&machine), authority, IdentityError::NodeBlocked);
    world.ok(&[story.reinstate(&machine)], authority);
    world.ok(&[story.deactivate_signed(&machine)], owner);
}

#[test]
fn a_revoked_machine_does_not_come_back() {
    let (mut story, machine) = Story::in_service(CLASS);
    let specification = story.tree.specification(&machine);
    story.world.ok(&[story.suspend(&machine)], &story.authority());
    story.world.ok(&[story.revoke(&machine)], &story.authority());
    assert_eq!(story.node(&machine).status, status::SUSPENDED | status::REVOKED);
    assert_eq!(story.world.read::<SpecificationClaim>(story.tree.claim(&specification)).revoked, 1);
    story.world.fails(story.revoke(&machine), &story.authority(), IdentityError::NodeBlocked);
    let owner = story.owner.insecure_clone();
    story.world.fails(story.deactivate_signed(&machine), &[&owner], IdentityError::NodeBlocked);

    // Under a new leaf, neither at activation nor by a change.
    let other = story.mint("the same again");
    let as_it_was =
        |story: &Story| swap(story.activate(&other), "specification_claim", story.tree.claim(&specification));
    story.world.fails(as_it_was(&story), &[&owner], IdentityError::SpecificationRevoked);
    story.world.ok(&[story.activate(&other)], &[&owner]);
    let change = story.change_specification(&other, specification, CLASS);
    story.world.fails(change, &[&owner], IdentityError::SpecificationRevoked);
    story.world.ok(&[story.deactivate_signed(&other)], &[&owner]);

    // Nor under its own, as another machine: burned or not.
    let disguised = story.activate_as(&machine, [0x77; 32]);
    story.world.fails(disguised, &[&owner], IdentityError::AlreadyInitialized);
    story.burn(&machine, &owner);
    story.world.ok(&[story.tree.challenge_instruction(&machine, true)], &[]);
    story.world.fails(story.deactivate(&machine), &[], IdentityError::NodeBlocked);

    // Unless the network says so.
    story.world.ok(&[story.reinstate(&machine)], &story.authority());
    assert_eq!(story.world.read::<SpecificationClaim>(story.tree.claim(&specification)).revoked, 0);
    story.world.pass(LOST_DELAY.0 as u64);
    story.world.ok(&[story.deactivate(&machine)], &[]);
    // It stays reserved for the machine that was lost, for a time.
    story.world.fails(as_it_was(&story), &[&owner], IdentityError::SpecificationTaken);
    story.world.pass(RESERVATION_PERIOD.0 as u64);
    story.world.ok(&[story.release(&specification)], &[]);
    story.reserve(owner.pubkey(), &specification);
    story.world.ok(&[as_it_was(&story)], &[&owner]);
}

/// One who took another's specification is revoked without it: it is free for the one whose it is.
#[test]
fn a_squatter_loses_the_specification_it_took() {
    let (mut story, squatter) = Story::in_service(CLASS);
    let specification = story.tree.specification(&squatter);
    let honest = story.mint("whose it is");
    let payer = story.world.user();
    let mut claim: SpecificationClaim = story.world.read(story.tree.claim(&specification));
    claim.payer = payer.pubkey();
    let lamports = story.world.lamports(story.tree.claim(&specification));
    story.world.forge(story.tree.claim(&specification), &claim);
    story.edit(story.tree.claim(&specification), |account| account.lamports = lamports);
    let before = story.world.lamports(payer.pubkey());
    let free = |free| with_args(story.revoke(&squatter), |args: &mut RevokeNodeArgs| args.free_specification = free);
    let authority = &story.authority()[..];
    assert_eq!(story.world.out_of_range(free(2), authority), "free_specification");
    story.world.fails(free(1), authority, IdentityError::WrongPayer);
    story.world.ok(&[swap(free(1), "specification_claim_payer", payer.pubkey())], authority);
    assert_eq!(story.world.lamports(payer.pubkey()), before + lamports);
    assert_eq!(story.node(&squatter).status, status::REVOKED);

    let activate = story.activate_as(&honest, specification);
    // Nor does it come back, before or after.
    story.world.fails(story.reinstate(&squatter), authority, IdentityError::WrongClaim);
    story.world.ok(&[activate], &[&story.owner]);
    story.world.fails(story.reinstate(&squatter), authority, IdentityError::WrongClaim);
    story.world.fails(story.deactivate_signed(&squatter), &[&story.owner], IdentityError::NodeBlocked);
}

#[test]
fn suspending_and_revoking_check_their_accounts() {
    let (mut story, machine) = Story::in_service(CLASS);
    let other = story.mint("other");
    story.world.ok(&[story.activate(&other)], &[&story.owner]);
    let (stranger, theirs) = story.stranger();
    let world = &story.world;
    let authority = &story.authority()[..];
    let others = story.tree.claim(&story.tree.specification(&other));
    let suspended = || {
        if story.node(&machine).status == status::ACTIVE {
            world.ok(&[story.suspend(&machine)], &story.authority());
        }
        story.reinstate(&machine)
    };
    type Make<'a> = &'a dyn Fn() -> Instruction;
    let cases: [(Make, bool); 3] =
        [(&|| story.suspend(&machine), false), (&|| story.revoke(&machine), true), (&suspended, true)];
    for (instruction, has_claim) in cases {
        checks_its_shape(world, &instruction(), authority);
        let usurped = swap(instruction(), "authority", stranger.authority.pubkey());
        world.fails(usurped.clone(), &[&stranger.authority], IdentityError::Unauthorized);
        let elsewhere = swap(usurped, "network", stranger.address);
        world.fails(elsewhere, &[&stranger.authority], IdentityError::WrongNetwork);
        world.fails(swap(instruction(), "network", story.tree.registry), authority, IdentityError::WrongOwner);
        world.fails(swap(instruction(), "node", theirs.address), authority, IdentityError::WrongAccountType);
        world.fails(swap(instruction(), "node", theirs.merkle_tree), authority, IdentityError::WrongOwner);
        if has_claim {
            world.fails(swap(instruction(), "specification_claim", others), authority, IdentityError::WrongClaim);
            world.fails(
                swap(instruction(), "specification_claim", machine.node()),
                authority,
                IdentityError::WrongAccountType,
            );
        }
    }
}
