//! What it costs.

use super::*;

#[test]
fn bench() {
    let mut story = Story::new();
    let (mint, someone) = (story.world.mint(), story.world.user());
    let (_, _, to) = story.sibling();
    let (world, network) = (&story.world, &story.network);
    let mut table = Table::new("stake", ID);
    let mut row = |name: &str, instruction: Instruction, signers: &[&Keypair]| {
        let receipt = world.ok(&[instruction], signers);
        table.row(name, &receipt);
        receipt.computed_units(ID)
    };

    let pool = Pool::unborn(network, mint.address, TOKEN_PROGRAM);
    let create = pool.create_instruction(world, network, Pool::rules());
    row("CreatePool", create, &[&network.authority]);
    row("ClosePool", pool.close_instruction(world, network, ID), &[&network.authority]);
    row("RegisterProvider", story.pool.register_instruction(world, someone.pubkey()), &[&someone]);
    let delegation = pda::delegation::find(&story.provider, &someone.pubkey()).0;
    let backer = Backer { owner: someone.pubkey(), provider: story.provider, delegation, tokens: story.own.tokens };
    row("OpenDelegation", story.pool.open_delegation_instruction(world, &backer), &[]);
    row("AddSlasher", story.pool.add_slasher_instruction(world, network, someone.pubkey()), &[&network.authority]);

    let many: Vec<(Address, u64)> = (0..8).map(|_| (world.address(), TOKEN)).collect();
    let funder = (story.delegator.pubkey(), story.theirs.tokens);
    let stake_for = story.pool.stake_for_instruction(world, network, funder, story.provider, &many, 14 * DAY as u32);
    row("StakeFor (eight owners, locked)", stake_for, &[&network.authority, &story.delegator]);
    row("Stake", story.stake(100 * TOKEN), &[&story.authority]);
    row("Stake (in a pot that others share)", story.delegate(50 * TOKEN), &[&story.delegator]);
    world.pass(1);
    row("LockBond (a new bond)", story.lock(80 * TOKEN), &story.bonding());
    row("ReleaseBond (and close it)", story.release(), &[&story.slashing]);
    let name = Address::new_from_array([1; 32]);
    row("OpenBond", story.pool.open_bond_instruction(world, story.provider, name), &[]);
    let place = story.bond(name);
    let lock = row("LockBond", swap(story.lock(80 * TOKEN), 6, place), &story.bonding());
    let seize = |to, receiver| swap(story.seize(TOKEN, to, receiver), 4, place);
    let seizing = row("SeizeBond (to the client)", seize(seizure::CLIENT, ID), &[&story.slashing]);
    row("SeizeBond (burned)", seize(seizure::BURN, story.pool.mint), &[&story.slashing]);
    let release = row("ReleaseBond", swap(story.release(), 3, place), &[&story.slashing]);
    world.pass(WEEK);
    row("WithdrawSeized", swap(story.withdraw_seized(), 3, place), &[&story.client]);
    row("CloseBond", CloseBond { payer: world.payer().pubkey(), bond: place }.instruction(&CloseBondArgs {}), &[]);
    row("ReportJob", story.report(outcome::DELIVERED), &[&story.slashing]);
    world.pass(3 * DAY);
    row("ReportJob (days later)", story.report(outcome::LATE), &[&story.slashing]);
    row("Unstake", story.unstake(20 * SHARES), &[&story.payer, &story.delegator]);
    world.pass(WEEK);
    row("Withdraw", story.withdraw(), &[&story.delegator]);
    row("FundRewards", story.fund(70 * TOKEN), &[&story.delegator]);
    world.pass(DAY);
    row("Stake (while rewards arrive)", story.delegate(TOKEN), &[&story.delegator]);
    world.pass(DAY);
    row("ClaimRewards", story.claim(&story.theirs), &[&story.delegator]);
    world.pass(DAY);
    row("CompoundRewards", story.compound(&story.theirs), &[&story.delegator]);
    row("ClaimCommission", story.claim_commission(), &[&story.authority]);
    row("RefreshProvider", story.refresh(), &[]);
    row("SetCommission", story.set_commission(2_000), &[&story.authority]);
    row("Redelegate", story.redelegate(SHARES, &to), &[&story.payer, &story.delegator]);
    world.pass(WEEK);
    let settle = swap(story.settle(&to), 2, story.pool.ticket(&story.theirs, 1));
    row("CompleteRedelegation", settle, &[]);
    row("LockStake", story.lock_stake(&story.theirs, 30), &[&story.delegator]);
    world.pass(30 * DAY);
    row("EndLock", story.end_lock(&story.theirs), &[]);
    row("ProposeSlash", story.propose(TOKEN, sentence::JAIL), &story.proposing());
    world.pass(DAY);
    row("ExecuteSlash", story.execute(0), &[]);
    row("SettleSlashed (burned and to the treasury)", story.settle_slashed(), &[]);
    world.pass(2 * DAY);
    row("Unjail", story.unjail(), &[&story.authority]);
    world.ok(&[story.propose(TOKEN, sentence::JAIL)], &story.proposing());
    row("VetoSlash", story.veto(1), &[&network.authority]);
    let propose = || story.pool.propose_policy_instruction(world, network, Pool::rules(), network.treasury);
    row("ProposePolicy", propose(), &[&network.authority]);
    row("CancelPolicy", story.pool.cancel_policy_instruction(world, network), &[&network.authority]);
    world.ok(&[propose()], &[&network.authority]);
    world.pass(3 * DAY);
    row("ExecutePolicy", story.pool.execute_policy_instruction(world), &[]);
    row("SetSlasher", story.set_slasher(rights::ALL, 0), &[&network.authority]);
    world.ok(&[story.set_slasher(0, 0)], &[&network.authority]);
    world.pass(30 * DAY);
    row("CloseSlasher", story.pool.close_slasher_instruction(world, story.slasher), &[]);
    table.check();

    for (name, computed, most) in [("lock", lock, 600), ("release", release, 380), ("seize", seizing, 660)] {
        eprintln!("{name}: {computed}");
        assert!(computed < most, "{name}: {computed}");
    }
}
