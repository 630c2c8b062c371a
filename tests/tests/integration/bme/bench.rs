//! What each instruction costs.

use {
    super::*,
    joule_bme_interface::{merkle, state::MAX_ORACLES},
    joule_tests::{
        bench::Table,
        fixture::{Leaf, Upkeep, sha256},
    },
};

#[test]
fn bench() {
    let mut story = Story::new();
    let mut table = Table::new("bme", ID);
    story.edit_policy(|policy| policy.lane_limits[0] = Credits(1_000_000));
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
    let approve = |approved| story.network.approve_spender_instruction(story.client.pubkey(), story.spender, approved);
    table.row("ApproveSpender", &story.world.ok(&[approve(true)], client));
    let alone = swap(story.lock(1), 0, story.spending.pubkey());
    table.row("LockCredits (by a spender that was approved)", &story.world.ok(&[alone], spending));
    story.world.ok(&[approve(false)], client);
    table.row("UnlockCredits", &story.world.ok(&[story.unlock(1)], spending));
    story.world.ok(&[story.consume(1)], spending);
    let consume = story.world.ok(&[story.consume(1)], spending);
    table.row("ConsumeCredits", &consume);
    // Of an account that holds a million dollars, a hundred thousand at once: their tokens' product needs 128 bits.
    let usual = story.credit_account();
    let mut rich = usual;
    let million = 1_000_000_000_000;
    rich.issued = Credits(rich.issued.0 + million);
    rich.locked[0] = Credits(rich.locked[0].0 + million);
    rich.tokens = Tokens(rich.tokens.0 + 400_700 * TOKEN);
    story.world.forge(story.credits, &rich);
    let wide = story.world.ok(&[story.consume(million / 10 + 1)], spending);
    table.row("ConsumeCredits, a hundred thousand dollars of a million", &wide);
    story.world.forge(story.credits, &usual);
    story.world.ok(&[story.consume(1)], spending);
    let burn = BurnCredits { owner: story.client.pubkey(), credit_account: story.credits };
    let burn = burn.instruction(&BurnCreditsArgs { amount: Credits(1), reference: JOB });
    table.row("BurnCredits", &story.world.ok(&[burn], client));
    table.row("BurnTokens", &story.world.ok(&[story.burn()], &[]));
    let upkeep = Upkeep::unborn(&mut story.world, &story.network);
    {
        let Story { world, network, source, client, .. } = &story;
        let authority: &[&Keypair] = &[&network.authority];
        let update = network.update_average_instruction();
        table.row("SetUpkeep", &world.ok(&[upkeep.set_instruction(world, network, 1_000, TOKEN)], authority));
        let chore = upkeep.chore_instruction(network, 0, &update, (0, 1), (TOKEN, 60));
        table.row("SetChore", &world.ok(&[chore], authority));
        world.ok(&[network.transfer_instruction(*source, upkeep.vault, client, 10 * TOKEN)], &[client]);
        table.row("ForwardTreasury", &world.ok(&[upkeep.forward_instruction(network)], &[]));
    }
    story.world.pass(61);
    story.network.refresh_price(&mut story.world);
    let tip = upkeep.tip_instruction(&story.network, 0, story.source);
    let update = story.network.update_average_instruction();
    table.row("TakeChoreTip, and UpdateAverage", &story.world.ok(&[tip, update], &[]));
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
    let revoke = story.network.revoke_spender_instruction(story.spender, 30 * DAY as u32);
    table.row("RevokeSpender", &story.world.ok(&[revoke], &[&story.network.authority]));
    story.world.pass(30 * DAY);
    let close = story.network.close_spender_instruction(&story.world, story.spender);
    table.row("CloseSpender", &story.world.ok(&[close], &[]));
    table.row("ReclaimCredits", &story.world.ok(&[story.reclaim()], &[&story.client]));
    // A root of a million claimants.
    let (oracle, claimant) = (story.world.user(), story.world.user());
    let wallet = story.world.token_account(story.network.mint, claimant.pubkey());
    story.network.open_roots(&mut story.world, &[oracle.pubkey()], 1, 1_000);
    let (world, network) = (&story.world, &story.network);
    world.ok(&[network.open_root_claim_instruction(world, claimant.pubkey())], &[]);
    let proof: Vec<merkle::Hash> = (0..20).map(|level| [level; 32]).collect();
    let leaf = merkle::leaf(sha256, &network.address, &claimant.pubkey(), 0, 5);
    let root = merkle::root(sha256, leaf, 0xf_0f0f, &proof).unwrap();
    world.ok(&[network.publish_root_instruction(world, oracle.pubkey(), 0, root, [0, 5])], &[&oracle]);
    world.pass(3_600);
    table.row("ActivateRoot", &world.ok(&[network.activate_root_instruction(0)], &[]));
    world.pass(3_600);
    table.row("FundRoots", &world.ok(&[network.fund_roots_instruction(0)], &[]));
    let leaf = Leaf { previous_total: 0, total: 5, index: 0xf_0f0f, proof };
    let claim = network.claim_root_instruction(claimant.pubkey(), 0, &leaf, wallet);
    table.row("ClaimRoot, a proof of 20", &world.ok(&[claim], &[&claimant]));
    machines::claimed(&mut table);
    longest(&mut table);
    widest(&mut table);
    with_reserve(&mut table);
    with_dollars(&mut table, buy.units());
    rules(&mut table);
    set_up(&mut table);
    table.check();

    for (name, receipt, most) in [("buy", &buy, 800), ("lock", &lock, 260), ("consume", &consume, 475)] {
        let computed = receipt.computed_units(ID);
        eprintln!("{name}: {computed}");
        assert!(computed < most, "{name}: {computed}");
    }
}

/// Credits for dollars, and tokens for these.
fn with_dollars(table: &mut Table, of_buying_with_tokens: u64) {
    let mut fiat = dollars::Fiat::new();
    let (client, seller) = (fiat.story.client.insecure_clone(), fiat.seller.insecure_clone());
    // A first time pays for what is zero; the second is the usual one.
    fiat.bought(100_000_000);
    let buy = fiat.story.world.ok(&[fiat.buy(100_000_000)], &[&client]);
    table.row("BuyCreditsWithDollars", &buy);
    let rich = fiat.story.world.ok(&[fiat.buy(1_000_000_000)], &[&client]);
    table.row("BuyCreditsWithDollars, a thousand dollars", &rich);
    table.row("FoldDollars", &fiat.story.world.ok(&[fiat.fold()], &[]));
    fiat.pass(DAY);
    fiat.story.world.ok(&[fiat.sell(TOKEN)], &[&seller]);
    table.row("SellTokens", &fiat.story.world.ok(&[fiat.sell(TOKEN)], &[&seller]));
    let authority = fiat.story.network.authority.insecure_clone();
    let add = fiat.dollars.add_shard_instruction(&fiat.story.world, &fiat.story.network, 2);
    table.row("AddDollarShard", &fiat.story.world.ok(&[add], &[&authority]));
    fiat.story.network.close_what_ended(&fiat.story.world);
    let propose = fiat.dollars.propose_instruction(&authority, fiat.dollars.policy());
    table.row("ProposeDollarPolicy", &fiat.story.world.ok(&[propose], &[&authority]));
    fiat.dollars.wait(&fiat.story.world, &fiat.story.network);
    table.row("ExecuteDollarPolicy", &fiat.story.world.ok(&[fiat.dollars.execute_instruction()], &[]));
    let fiat = dollars::Fiat::unopened(Story::safe(), |world| world.classic_dollar());
    let open = fiat.dollars.open_instruction(&fiat.story.world, &fiat.story.network, fiat.dollars.policy());
    table.row("OpenAuction", &fiat.story.world.ok(&[open], &[&fiat.story.network.authority]));

    let (of_buying, computed) = (buy.units(), buy.computed_units(ID));
    eprintln!("buy with dollars: {computed}, {of_buying} in all");
    assert!(
        of_buying * 10 <= of_buying_with_tokens * 11,
        "{of_buying} is more than a tenth above {of_buying_with_tokens}"
    );
}

/// As many epochs, shards, oracles and levels of a proof as a call can have.
fn longest(table: &mut Table) {
    let mut story = Story::new();
    let destination = {
        let provider = story.provider.pubkey();
        story.world.token_account(story.network.mint, provider)
    };
    let (both, spending): (&[&Keypair], &[&Keypair]) = (&[&story.client, &story.spending], &[&story.spending]);
    let (world, network) = (&story.world, &story.network);
    world.ok(&[story.buy(100 * TOKEN)], &[&story.client]);
    world.ok(&[story.lock(200_000_000)], both);
    for epoch in 0..WORK_RING as u64 {
        world.ok(&[story.consume(1_000_000)], spending);
        world.pass(DAY);
        world.ok(&[story.close(epoch)], &[]);
    }
    let claim = story.claim_epochs(destination, &(0..WORK_RING as u64).collect::<Vec<_>>());
    table.row("ClaimEpochs, eight", &world.ok(&[claim], &[&story.provider]));

    for shard in 2..16 {
        network.add_shard(world, shard);
    }
    let revoke = network.revoke_spender_instruction(story.spender, 30 * DAY as u32);
    world.ok(&[revoke], &[&network.authority]);
    let revoked = world.ok(&[story.consume(2_000_001)], spending);
    table.row("ConsumeCredits, of a revoked spender", &revoked);
    world.pass(DAY);
    let close = network.close_instruction(world, WORK_RING as u64, &(0..16).collect::<Vec<_>>());
    table.row("CloseEpoch, sixteen shards", &world.ok(&[close], &[]));
    table.row("AccrueWork, half of it waits", &world.ok(&[story.accrue(WORK_RING as u64)], &[]));
    // Every lane with a weight, a weigher that moves all, and what one of them would have had to be divided among the others.
    story.edit_network(|network| {
        network.policy.lane_limits = [Credits(0); 16];
        network.policy.lane_weights = core::array::from_fn(|lane| 5_000 + 7 * lane as u16);
        (network.policy.weigher, network.policy.lane_speed) = (network.authority, Bps(5_000));
        network.policy.lane_band = Bps(5_000);
        (0..16).for_each(|lane| network.lanes[lane].weight = network.policy.lane_weights[lane]);
        network.terms = EpochTerms::of(&network.policy, network.weights());
    });
    let (world, network) = (&story.world, &story.network);
    let weigh = WeighLanes { weigher: network.authority.pubkey(), network: network.address };
    let weigh = weigh.instruction(&WeighLanesArgs { weights: [3_000; 16] });
    table.row("WeighLanes, sixteen", &world.ok(&[weigh], &[&network.authority]));
    world.pass(DAY);
    let close = network.close_instruction(world, WORK_RING as u64 + 1, &(0..16).collect::<Vec<_>>());
    table.row("CloseEpoch, sixteen shards and lanes", &world.ok(&[close], &[]));

    let oracles: [Keypair; MAX_ORACLES] = core::array::from_fn(|_| story.world.key());
    let claimant = story.world.key();
    let wallet = story.world.token_account(story.network.mint, claimant.pubkey());
    let (world, network) = (&story.world, &story.network);
    table.row("OpenRoots", &world.ok(&[network.open_roots_instruction(world)], &[&network.authority]));
    let set = network.set_oracles_instruction(&oracles.each_ref().map(|oracle| oracle.pubkey()), MAX_ORACLES as u8);
    table.row("SetOracles, sixteen", &world.ok(&[set], &[&network.authority]));
    world.pass(7_200);
    table.row("ExecuteOracles, sixteen", &world.ok(&[network.execute_oracles_instruction()], &[]));
    story.edit_network(|network| network.roots.free = Tokens(1_000));
    let (world, network) = (&story.world, &story.network);
    let open = network.open_root_claim_instruction(world, claimant.pubkey());
    table.row("OpenRootClaim", &world.ok(&[open], &[]));
    // What fits into a transaction without a table of addresses.
    let proof: Vec<merkle::Hash> = (0..21).map(|level| [level; 32]).collect();
    let leaf = merkle::leaf(sha256, &network.address, &claimant.pubkey(), 0, 5);
    let root = merkle::root(sha256, leaf, 0, &proof).unwrap();
    let last = &oracles[MAX_ORACLES - 1];
    let publish = network.publish_root_instruction(world, last.pubkey(), 0, root, [0, 5]);
    table.row("PublishRoot, by the last of sixteen", &world.ok(&[publish], &[last]));
    for oracle in &oracles[..MAX_ORACLES - 2] {
        world.ok(&[network.approve_root_instruction(oracle.pubkey(), 0)], &[oracle]);
    }
    let oracle = &oracles[MAX_ORACLES - 2];
    let approve = network.approve_root_instruction(oracle.pubkey(), 0);
    table.row("ApproveRoot, the last of sixteen", &world.ok(&[approve], &[oracle]));
    world.pass(3_600);
    world.ok(&[network.activate_root_instruction(0)], &[]);
    world.pass(3_600);
    world.ok(&[network.fund_roots_instruction(0)], &[]);
    let leaf = Leaf { previous_total: 0, total: 5, index: 0, proof };
    let claim = network.claim_root_instruction(claimant.pubkey(), 0, &leaf, wallet);
    table.row("ClaimRoot, a proof of 21", &world.ok(&[claim], &[&claimant]));
    for index in 1..3 {
        world.ok(&[network.publish_root_instruction(world, last.pubkey(), index, [1; 32], [5, 9])], &[last]);
    }
    let veto = network.veto_root_instruction(world, network.guardian.pubkey(), 1);
    table.row("VetoRoot", &world.ok(&[veto], &[&network.guardian]));
    table.row("CloseRoot, all of it claimed", &world.ok(&[network.close_root_instruction(world, 0)], &[]));
}

/// A token of Token-2022, and amounts whose products do not fit into a word.
fn widest(table: &mut Table) {
    let mut world = World::new();
    let mint = world.mint_of(TOKEN_2022_PROGRAM);
    let client = world.user();
    let source = world.token_account(mint.address, client.pubkey());
    world.mint_to(&mint, source, 10_000_000 * TOKEN);
    let network = Network::of_mint(&mut world, mint);
    network.add_shard(&world, 0);
    network.refresh_price(&mut world);
    let credits = network.open_credit_account(&world, client.pubkey());
    let buy = network.buy_instruction(client.pubkey(), source, credits, 1_000_000 * TOKEN);
    table.row("BuyCredits, a million of a token of Token-2022, the first", &world.ok(&[buy], &[&client]));
    let mut exact = network.buy_instruction(client.pubkey(), source, credits, 0);
    let args = BuyCreditsExactOutArgs { max_tokens: Tokens(u64::MAX), credits: Credits(1_000_000_000_000) };
    exact.data = [&[BuyCreditsExactOut::DISCRIMINATOR], bytemuck::bytes_of(&args)].concat();
    table.row("BuyCreditsExactOut, likewise", &world.ok(&[exact], &[&client]));
    table.row("BurnTokens, of Token-2022", &world.ok(&[network.burn_instruction(0)], &[]));
    let far = |price| PriceUpdate { price, ema_price: price, ..price_update(world.now().0) };
    let (high, higher) = (far(1 << 60), far((1 << 60) + (1 << 59)));
    let mut forged: NetworkState = world.read(network.address);
    forged.average.value = 1 << 60;
    world.forge(network.address, &forged);
    world.set_price(network.price, &high);
    world.ok(&[network.update_average_instruction()], &[]);
    world.pass(1_800);
    world.set_price(network.price, &PriceUpdate { publish_time: world.now().0, ..higher });
    table.row("UpdateAverage, over 64 bits", &world.ok(&[network.update_average_instruction()], &[]));
}

/// Where nobody mints.
fn with_reserve(table: &mut Table) {
    let mut story = reserve::on_reserve(TOKEN_PROGRAM, 1_000 * TOKEN);
    story.edit_policy(|policy| policy.payments_to_reserve = 1);
    table.row("BurnTokens, back to the reserve", &story.world.ok(&[story.burn()], &[]));
    story.world.ok(&[story.consume(1_000_000)], &[&story.spending]);
    story.world.pass(DAY);
    table.row("CloseEpoch of a reserve, two shards", &story.world.ok(&[story.close(0)], &[]));
}

/// What the authority and the guardian do.
fn rules(table: &mut Table) {
    let story = Story::new();
    let (world, network) = (&story.world, &story.network);
    let (authority, guardian) = (&network.authority, &network.guardian);
    let mut row = |name: &str, instruction: Instruction, signers: &[&Keypair]| {
        let receipt = world.ok(&[instruction], signers);
        table.row(name, &receipt);
    };
    let policy = story.state().policy;
    row("ProposePolicy", governance::change(&story, 0, policy), &[authority]);
    row("CancelPolicy", governance::cancel(&story, 0), &[authority]);
    world.ok(&[governance::change(&story, 1, policy)], &[authority]);
    world.pass(policy.change_delay.0 as u64);
    row("ExecutePolicy", governance::execute(&story, 1), &[]);
    row("Pause", governance::pause(&story, guardian.pubkey()), &[guardian]);
    row("Resume", governance::resume(&story, authority.pubkey()), &[authority]);
    let revoke = network.revoke_spender_instruction(story.spender, 30 * DAY as u32);
    world.ok(&[revoke], &[authority]);
    row("RestoreSpender", network.restore_spender_instruction(story.spender), &[authority]);
    row("ProposeAuthority", governance::propose(&story, guardian.pubkey()), &[authority]);
    row("AcceptAuthority", governance::accept(&story, guardian.pubkey()), &[guardian]);
}

/// What is done once.
fn set_up(table: &mut Table) {
    let mut world = World::new();
    let (mint, client) = (world.mint(), world.user());
    let network = Network::unborn(&mut world, &mint);
    let create = network.create_instruction(&world, mint.authority.pubkey());
    table.row("CreateNetwork", &world.ok(&[create], &[&network.authority, &mint.authority]));
    let add = network.add_shard_instruction(&world, 0);
    table.row("AddShard", &world.ok(&[add], &[&network.authority]));
    network.add_shard(&world, 1);
    let close = network.close_shard_instruction(&world, 1, 0);
    table.row("CloseShard", &world.ok(&[close], &[&network.authority]));
    let (payer, authority) = (world.payer().pubkey(), network.authority.pubkey());
    let add = AddSpender {
        payer,
        authority,
        network: network.address,
        spender_authority: client.pubkey(),
        spender: network.spender(client.pubkey()),
        system_program: SYSTEM_PROGRAM,
    };
    let add = add.instruction(&AddSpenderArgs { lane: 0 });
    table.row("AddSpender", &world.ok(&[add], &[&network.authority]));
    let open = OpenCreditAccount {
        payer,
        network: network.address,
        owner: client.pubkey(),
        credit_account: pda::credit_account::find(&network.address, &client.pubkey()).0,
        system_program: SYSTEM_PROGRAM,
    };
    table.row("OpenCreditAccount", &world.ok(&[open.instruction(&OpenCreditAccountArgs {})], &[]));
    let open = OpenProviderWork {
        payer,
        network: network.address,
        provider: client.pubkey(),
        provider_work: pda::provider_work::find(&network.address, &client.pubkey(), &[0]).0,
        system_program: SYSTEM_PROGRAM,
    };
    table.row("OpenProviderWork", &world.ok(&[open.instruction(&OpenProviderWorkArgs { lane: 0 })], &[]));
    world.ok(&[network.open_root_claim_instruction(&world, client.pubkey())], &[]);
    world.pass(1);
    let close = network.close_credit_account_instruction(&world, client.pubkey());
    table.row("CloseCreditAccount", &world.ok(&[close], &[&client]));
    let close = network.close_provider_work_instruction(&world, client.pubkey());
    table.row("CloseProviderWork", &world.ok(&[close], &[&client]));
    let close = network.close_root_claim_instruction(&world, client.pubkey());
    table.row("CloseRootClaim", &world.ok(&[close], &[&client]));
    // An epoch that the breaker stops, then what it held back.
    let mut state: NetworkState = world.read(network.address);
    (state.policy.breaker_tokens, state.policy.breaker_window) = (Tokens(1), Seconds(3_600));
    (state.policy.vouched, state.terms.vouched) = (1, 1);
    world.forge(network.address, &state);
    network.refresh_price(&mut world);
    world.pass(DAY);
    let close = network.close_instruction(&world, 0, &[0]);
    table.row("CloseEpoch, one shard, held back by the breaker", &world.ok(&[close], &[]));
    state = world.read(network.address);
    state.policy.breaker_tokens = Tokens(0);
    world.forge(network.address, &state);
    // The limit of the window that is open stays.
    world.pass(DAY);
    table.row("MintDeferred", &world.ok(&[network.mint_deferred_instruction()], &[]));
}
