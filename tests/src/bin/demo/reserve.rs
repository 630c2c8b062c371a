//! The scene of a token that nobody can mint: a reserve pays for the work, and what the customer paid goes back there.

use {
    super::{Demo, Line},
    joule_bme_interface::{
        instruction::*,
        state::{Network as NetworkState, ProviderWork},
    },
    joule_tests::{Network, fixture::TOKEN},
    solana_signer::Signer,
};

/// Plays it. Returns its books.
pub fn play(demo: &mut Demo) -> Vec<Line> {
    let world = &mut demo.world;
    let [founder, customer, provider, dispatcher] = std::array::from_fn(|_| world.user());
    let mint = world.mint();
    let [foundation, wallet, earned] =
        [&founder, &customer, &provider].map(|owner| world.token_account(mint.address, owner.pubkey()));
    world.mint_to(&mint, foundation, 1_000 * TOKEN);
    world.mint_to(&mint, wallet, 200 * TOKEN);
    world.end_minting(&mint);
    let supply = world.supply(mint.address);
    let network = Network::unborn_with_reserve(world, &mint, founder);
    let reserve = network.reserve_vault();
    demo.tokens.extend([
        ("foundation's wallet", foundation),
        ("customer's wallet", wallet),
        ("provider's wallet", earned),
        ("reserve", reserve),
        ("its burn vault", network.burn_vault(0)),
        ("its reward vault", network.reward_vault()),
        ("its stakers' account", network.stakers),
        ("its treasury", network.treasury),
    ]);
    demo.balances = demo.read_balances();

    let mut create = network.create_instruction(&demo.world, network.authority.pubkey());
    let mut args: CreateNetworkArgs = bytemuck::pod_read_unaligned(&create.data[1..]);
    args.policy.payments_to_reserve = 1;
    create.data[1..].copy_from_slice(bytemuck::bytes_of(&args));
    let fund = network.transfer_instruction(foundation, reserve, &network.authority, 1_000 * TOKEN);
    demo.step(
        "A foundation",
        "creates a network of a token that nobody can mint, and fills its reserve with 1,000",
        &[create, fund],
        &[&network.authority],
    );
    network.add_shard(&demo.world, 0);
    network.refresh_price(&mut demo.world);
    network.add_spender(&demo.world, dispatcher.pubkey());
    let credit_account = network.open_credit_account(&demo.world, customer.pubkey());
    let provider_work = network.open_provider_work(&demo.world, provider.pubkey());
    let buy = network.buy_instruction(customer.pubkey(), wallet, credit_account, 100 * TOKEN);
    demo.step("Its customer", "buys credits for 100 tokens", &[buy], &[&customer]);
    demo.dispatch(&network, [&customer, &dispatcher], [credit_account, provider_work], 249_000_000);
    let sweep = network.burn_instruction(0);
    demo.step("A keeper", "sends what the customer paid back to the reserve", &[sweep], &[]);
    demo.world.pass(86_400);
    let close = network.close_instruction(&demo.world, 0, &[0]);
    demo.step("A keeper", "closes the epoch: the reserve pays its emission", &[close], &[]);
    let accrue = AccrueWork { provider_work, epoch: network.epoch(0) }.instruction(&AccrueWorkArgs {});
    let claim = network.claim_rewards_instruction(provider.pubkey(), earned);
    demo.step("Its provider", "claims its part", &[accrue, claim], &[&provider]);

    let world = &demo.world;
    let state: NetworkState = world.read(network.address);
    let claimed = world.read::<ProviderWork>(provider_work).claimed.0;
    vec![
        Line {
            name: "Reserve",
            left: ("sent there + back from the customer", 1_000 * TOKEN + state.returned.get() as u64),
            right: ("in the reserve + paid", world.tokens(reserve) + state.minted.get() as u64),
        },
        Line {
            name: "Fixed supply",
            left: ("before", supply),
            right: ("after, and nothing burned", world.supply(network.mint)),
        },
        Line {
            name: "Provider of the reserve's network",
            left: ("claimed", claimed),
            right: ("in the wallet", world.tokens(earned)),
        },
    ]
}
