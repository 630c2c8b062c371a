//! What each instruction costs.

use {
    super::*,
    joule_bme_interface::merkle,
    joule_tests::{
        bench::Table,
        fixture::{Leaf, sha256},
    },
};

#[test]
fn bench() {
    let mut story = Story::new();
    let mut table = Table::new("bme", ID);
    let (both, spending): (&[&Keypair], &[&Keypair]) = (&[&story.client, &story.spending], &[&story.spending]);
    let destination = {
        let provider = story.provider.pubkey();
        story.world.token_account(story.network.mint, provider)
    };
    let client = &[&story.client][..];

    // A first time pays for what is zero; the second is the usual one.
    story.world.ok(&[story.buy(TOKEN)], client);
    let buy = story.world.ok(&[story.buy(TOKEN)], client);
    table.row("BuyCredits", &buy);
    table.row("BuyCreditsExactOut", &story.world.ok(&[story.exact_out(u64::MAX, 1_000_000)], client));
    let lock = story.world.ok(&[story.lock(1_000_000)], both);
    table.row("LockCredits", &lock);
    table.row("UnlockCredits", &story.world.ok(&[story.unlock(1)], spending));
    story.world.ok(&[story.consume(1)], spending);
    let consume = story.world.ok(&[story.consume(1)], spending);
    table.row("ConsumeCredits", &consume);
    let limit = story.network.limit_spender_instruction(story.spender, 1_000_000);
    table.row("LimitSpender", &story.world.ok(&[limit], &[&story.network.authority]));
    story.world.ok(&[story.consume(1)], spending);
    let limited = story.world.ok(&[story.consume(1)], spending);
    table.row("ConsumeCredits, of a spender with a limit", &limited);
    table.row("BurnTokens", &story.world.ok(&[story.burn()], &[]));
    table.row("UpdateAverage", &story.world.ok(&[story.network.update_average_instruction()], &[]));
    story.world.pass(DAY);
    table.row("CloseEpoch, two shards", &story.world.ok(&[story.close(0)], &[]));
    table.row("AccrueWork", &story.world.ok(&[story.accrue(0)], &[]));
    table.row("ClaimRewards", &story.world.ok(&[story.claim(destination)], &[&story.provider]));
    table.row("SweepEpoch", &story.world.ok(&[story.network.sweep_instruction(&story.world, 0)], &[]));
    for epoch in 1..4 {
        story.world.ok(&[story.consume(1)], spending);
        story.world.pass(DAY);
        story.world.ok(&[story.close(epoch)], &[]);
    }
    let claim = story.claim_epochs(destination, &[1, 2, 3]);
    table.row("ClaimEpochs, three", &story.world.ok(&[claim], &[&story.provider]));
    let revoke = story.network.revoke_spender_instruction(story.spender, 0);
    table.row("RevokeSpender", &story.world.ok(&[revoke], &[&story.network.authority]));
    table.row("ReclaimCredits", &story.world.ok(&[story.reclaim()], &[&story.client]));
    // A root of a million claimants.
    let (oracle, claimant) = (story.world.user(), story.world.user());
    let wallet = story.world.token_account(story.network.mint, claimant.pubkey());
    let (world, network) = (&story.world, &story.network);
    let open = [network.open_roots_instruction(world), network.set_oracles_instruction(&[oracle.pubkey()], 1)];
    world.ok(&open, &[&network.authority]);
    world.ok(&[network.open_root_claim_instruction(world, claimant.pubkey())], &[]);
    let proof: Vec<merkle::Hash> = (0..20).map(|level| [level; 32]).collect();
    let leaf = merkle::leaf(sha256, &network.address, &claimant.pubkey(), 5);
    let root = merkle::root(sha256, leaf, 0xf_0f0f, &proof).unwrap();
    world.ok(&[network.publish_root_instruction(world, oracle.pubkey(), 0, root, 5)], &[&oracle]);
    world.pass(3_600);
    table.row("ActivateRoot", &world.ok(&[network.activate_root_instruction(0)], &[]));
    table.row("FundRoots", &world.ok(&[network.fund_roots_instruction(0)], &[]));
    let leaf = Leaf { total: 5, index: 0xf_0f0f, proof };
    let claim = network.claim_root_instruction(claimant.pubkey(), 0, &leaf, wallet);
    table.row("ClaimRoot, a proof of 20", &world.ok(&[claim], &[&claimant]));
    table.check();

    for (name, receipt, most) in
        [("buy", &buy, 800), ("lock", &lock, 260), ("consume", &consume, 400), ("limited", &limited, 420)]
    {
        let computed = receipt.computed_units(ID);
        eprintln!("{name}: {computed}");
        assert!(computed < most, "{name}: {computed}");
    }
}
