//! What it costs. ControlLeaf is missing: it calls Bubblegum's second generation, whose program cannot be had.

use super::{
    attesting::{BOND, Bonded},
    schema_2::{COLLECTION, Second},
    *,
};

#[test]
fn bench() {
    let mut story = Story::new();
    let mut table = Table::new("identity", ID);
    let without_registry = Network::new(&mut story.world, &[]).0;
    let network = std::mem::replace(&mut story.network, without_registry);
    let create = create_registry_instruction(&story.world, &story.network, policy(&story.network));
    table.row("CreateRegistry", &story.world.ok(&[create], &story.authority()));
    story.network = network;
    let policy = policy(&story.network);
    table.row("ProposePolicy", &story.world.ok(&[story.propose_policy(policy)], &story.authority()));
    story.world.pass(7_200);
    table.row("ExecutePolicy", &story.world.ok(&[story.execute_policy()], &[]));
    let add = add_class_instruction(&story.world, &story.network, 9, 1);
    table.row("AddClass", &story.world.ok(&[add], &story.authority()));
    let voucher = story.add_attestor(3);
    let add = story.add_attestor_instruction(OPERATOR, ID, 1);
    table.row("AddAttestor", &story.world.ok(&[add], &story.authority()));
    let buyer = story.world.user();
    // The last has the longest proof that fits into a transaction without a table of addresses.
    let shapes = [
        ("depth 14, no canopy", 14, 64, 0),
        ("depth 14, a canopy of 10", 14, 64, 10),
        ("depth 16, no canopy", 16, 64, 0),
    ];
    for (name, depth, buffer, canopy) in shapes {
        let merkle_tree = story.allocate(merkle_tree_size(depth, buffer, canopy), COMPRESSION_PROGRAM);
        let create = story.create_tree(merkle_tree, depth, buffer);
        table.row(&format!("CreateTree ({name})"), &story.world.ok(&[create], &story.authority()));
        story.tree = Tree::new(&story.world, &story.network, depth, buffer, canopy).0;
        let owner = story.owner.pubkey();
        let (machine, minted) = story.tree.mint(&story.world, &story.network, owner, "machine");
        table.row(&format!("MintNode ({name})"), &minted);
        let proof = story.tree.proof(&machine).len();
        let activate = story.activate_in(&machine, VOUCHED);
        table.row(&format!("ActivateNode (proof of {proof})"), &story.world.ok(&[activate], &[&story.owner]));
        let sync = story.tree.sync_instruction(&machine, OPERATOR, VOUCHED);
        table.row(&format!("SyncNode (proof of {proof})"), &story.world.ok(&[sync], &[]));
        let seller = story.owner.insecure_clone();
        let sold = story.transfer(&machine, &seller, &buyer);
        let challenge = story.tree.challenge_instruction(&sold, false);
        table.row(&format!("ChallengeNode (proof of {proof})"), &story.world.ok(&[challenge], &[]));
        let sync = signed(story.tree.sync_instruction(&sold, OPERATOR, VOUCHED), "owner");
        table.row(&format!("SyncNode (a new owner, proof of {proof})"), &story.world.ok(&[sync], &[&buyer]));
        if canopy == 10 {
            rest(&mut story, &mut table, &sold, &buyer, &voucher);
        }
    }
    let with_fee = Policy { mint_fee: 1_000_000, fee_receiver: story.owner.pubkey(), ..policy };
    story.set_policy(with_fee);
    let mint = story.mint_instruction(&metadata("machine"));
    table.row("MintNode (with a fee)", &story.world.ok(&[mint], &story.authority()));
    let collect =
        CollectFees { registry: story.tree.registry, tree: story.tree.address, receiver: story.owner.pubkey() };
    table.row("CollectFees", &story.world.ok(&[collect.instruction(&CollectFeesArgs {})], &[]));
    let longest = MetadataArgs {
        // Beyond ASCII the bytes are looked at one by one.
        name: "\u{e9}".repeat(16),
        symbol: "\u{e9}".repeat(5),
        uri: "\u{e9}".repeat(100),
        creators: (1..=5).map(|byte| creator(Address::new_from_array([byte; 32]), false, 20)).collect(),
        ..metadata("")
    };
    story.world.ok(&[story.propose_policy(policy)], &story.authority());
    table.row("CancelPolicy", &story.world.ok(&[setup::cancel_policy(&story)], &story.authority()));
    let mint = story.mint_instruction(&longest);
    table.row("MintNode (the longest metadata, with a fee)", &story.world.ok(&[mint], &story.authority()));
    let retire = setup::retire_class(&story, CLASS);
    table.row("RetireClass", &story.world.ok(&[retire], &story.authority()));
    many(&mut table);
    bonded(&mut table);
    second(&mut table);
    table.check();
}

/// What needs no proof.
fn rest(story: &mut Story, table: &mut Table, machine: &Machine, owner: &Keypair, voucher: &Voucher) {
    let authority = story.authority();
    let world = &story.world;
    let mut row = |name: &str, instruction: Instruction, signers: &[&Keypair]| -> Receipt {
        let receipt = world.ok(&[instruction], signers);
        table.row(name, &receipt);
        receipt
    };
    row("SetOperator (proof of 4)", story.tree.set_operator_instruction(machine, OPERATOR), &[owner]);
    row("Attest", story.attest(voucher, machine, story.in_days(9)), &[&voucher.key]);
    row("RefreshNode", story.refresh(machine), &[]);
    row("WithdrawAttestation", story.withdraw(voucher, machine), &[&voucher.key]);
    row("CommitSpecification", story.tree.commit_instruction(world, owner.pubkey(), &[7; 32]), &[]);
    world.pass(60);
    row("ReserveSpecification", story.tree.reserve_instruction(world, owner.pubkey(), &[7; 32]), &[]);
    row("ChangeSpecification (proof of 4)", story.change_specification(machine, [7; 32], VOUCHED), &[owner]);
    row("SuspendNode", story.suspend(machine), &authority);
    row("RevokeNode", story.revoke(machine), &authority);
    row("ReinstateNode", story.reinstate(machine), &authority);
    row("DeactivateNode (proof of 4)", story.deactivate_signed(machine), &[owner]);
    row(
        "ReleaseSpecification",
        signed(story.tree.release_instruction(world, owner.pubkey(), &[7; 32]), "authority"),
        &[owner],
    );
    row("RemoveAttestor", story.remove_attestor(voucher.id), &authority);
}

/// As many attestors and attestations as there can be.
fn many(table: &mut Table) {
    let (story, machine) = Story::in_service(VOUCHED);
    let world = &story.world;
    let vouchers: Vec<_> = (1..MAX_ATTESTORS).map(|_| story.add_attestor(1)).collect();
    let last = world.key();
    let add = story.add_attestor_instruction(last.pubkey(), ID, 1);
    table.row("AddAttestor (the last of 32)", &world.ok(&[add], &story.authority()));
    let last = Voucher { key: last, id: MAX_ATTESTORS as u32, provider: ID };
    for (day, voucher) in vouchers.iter().rev().take(MAX_ATTESTATIONS - 1).enumerate() {
        let attest = story.attest(voucher, &machine, story.in_days(day as u64 + 1));
        world.ok(&[attest], &[&voucher.key]);
    }
    let attest = story.attest(&last, &machine, story.in_days(20));
    table.row("Attest (the last of 8, by the last of 32)", &world.ok(&[attest], &[&last.key]));
    table.row("RefreshNode (8, by the last of 32)", &world.ok(&[story.refresh(&machine)], &[]));
    let withdraw = story.withdraw(&last, &machine);
    table.row("WithdrawAttestation (the last of 8, by the last of 32)", &world.ok(&[withdraw], &[&last.key]));
    let remove = story.remove_attestor(last.id);
    table.row("RemoveAttestor (the last of 32)", &world.ok(&[remove], &story.authority()));
}

/// Attestors with a bond in a pool.
fn bonded(table: &mut Table) {
    let bonded = Bonded::new();
    let (story, pool) = (&bonded.story, &bonded.pool);
    let world = &story.world;
    table.row("Attest (with a bond)", &world.ok(&[bonded.attest()], &[&bonded.voucher.key]));
    table.row("RefreshAttestor", &world.ok(&[bonded.look()], &[]));
    pool.add_slasher(world, &story.network, story.tree.registry);
    table.row("StrikeAttestation", &world.ok(&[story.strike(&bonded.machine, 1)], &story.authority()));
    table.row("PunishAttestor", &world.ok(&[bonded.punish(BOND)], &story.authority()));
}

/// The second schema.
fn second(table: &mut Table) {
    let mut second = Second::new(COLLECTION, 0, 0);
    let machine = second.mint(0);
    let activate = second.activate(&machine, 0);
    let world = &second.story.world;
    table.row("ActivateNode (schema 2, proof of 3)", &world.ok(&[activate], &[&second.story.owner]));
    table.row("SyncNode (schema 2, proof of 3)", &world.ok(&[second.sync(&machine, 0)], &[]));
}
