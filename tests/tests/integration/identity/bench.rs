//! What it costs.

use super::*;

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
    for (name, depth, buffer, canopy) in [("depth 14, no canopy", 14, 64, 0), ("depth 14, a canopy of 10", 14, 64, 10)]
    {
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
        if canopy != 0 {
            rest(&mut story, &mut table, &sold, &buyer, &voucher);
        }
    }
    let with_fee = Policy { fee: 1_000_000, fee_receiver: story.owner.pubkey(), ..policy };
    story.set_policy(with_fee);
    let mint = story.mint_instruction(&metadata("machine"));
    table.row("MintNode (with a fee)", &story.world.ok(&[mint], &story.authority()));
    let collect =
        CollectFees { registry: story.tree.registry, tree: story.tree.address, receiver: story.owner.pubkey() };
    table.row("CollectFees", &story.world.ok(&[collect.instruction(&CollectFeesArgs {})], &[]));
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
    let set = SetOperator { owner: owner.pubkey(), node: machine.node() };
    row("SetOperator", set.instruction(&SetOperatorArgs { operator: OPERATOR }), &[owner]);
    row("Attest", story.attest(voucher, machine, story.in_days(9)), &[&voucher.key]);
    row("RefreshNode", story.refresh(machine), &[]);
    row("WithdrawAttestation", story.withdraw(voucher, machine), &[&voucher.key]);
    row("ChangeSpecification", story.change_specification(machine, [7; 32], VOUCHED), &[owner]);
    row("SuspendNode", story.suspend(machine), &authority);
    row("RevokeNode", story.revoke(machine), &authority);
    row("ReinstateNode", story.reinstate(machine), &authority);
    row("DeactivateNode", story.deactivate_signed(machine), &[owner]);
    row("RemoveAttestor", story.remove_attestor(voucher.id), &authority);
}
