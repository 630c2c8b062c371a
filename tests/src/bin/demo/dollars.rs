//! The scene of a customer with dollars only: credits at a fiat price, and the token is burned all the same.

use {
    super::{Demo, Line},
    joule_bme_interface::{
        instruction::*,
        state::{Auction, DollarShard, EpochTerms, Network as NetworkState, ProviderWork},
    },
    joule_math::Bps,
    joule_tests::{
        Network,
        fixture::{DOLLAR, Dollars, TOKEN},
    },
    solana_signer::Signer,
};

/// Plays it. Returns its books.
pub fn play(demo: &mut Demo) -> Vec<Line> {
    let world = &mut demo.world;
    let [trader, customer, provider, dispatcher] = std::array::from_fn(|_| world.user());
    let (network, wallets) = Network::new(world, &[trader.pubkey()]);
    // Providers' income is at most 60 % of the dollars worked, so that no circle of dollars pays.
    let mut state: NetworkState = world.read(network.address);
    state.policy.payout_share = Bps(6_000);
    state.terms = EpochTerms::of(&state.policy, state.weights());
    world.forge(network.address, &state);
    let usdc = world.classic_dollar();
    let dollars = Dollars::of_mint(world, &network, usdc);
    let purse = dollars.wallet(world, customer.pubkey(), 500 * DOLLAR);
    let till = dollars.wallet(world, trader.pubkey(), 0);
    let earned = world.token_account(network.mint, provider.pubkey());
    demo.tokens.extend([("trader's wallet", wallets[0]), ("provider's pay in tokens", earned)]);
    demo.dollars.extend([
        ("customer's dollars", purse),
        ("trader's dollars", till),
        ("dollar vault", dollars.vault(0)),
        ("auction's vault", dollars.auction_vault()),
        ("treasury's dollars", dollars.treasury),
    ]);
    demo.balances = demo.read_balances();

    let open = dollars.open_instruction(&demo.world, &network, dollars.policy());
    let add = dollars.add_shard_instruction(&demo.world, &network, 0);
    demo.step(
        "A founder",
        "proposes an auction: 1,000 dollars a day for tokens, which are burned; 3 % for the treasury",
        &[open, add],
        &[&network.authority],
    );
    dollars.wait(&demo.world, &network);
    demo.step("A keeper", "puts it into force when the epoch is over", &[dollars.execute_instruction()], &[]);
    network.refresh_price(&mut demo.world);
    dollars.publish(&mut demo.world, 100_000_000);
    let credit_account = network.open_credit_account(&demo.world, customer.pubkey());
    let provider_work = network.open_provider_work(&demo.world, provider.pubkey());
    network.add_spender(&demo.world, dispatcher.pubkey());
    let buy = dollars.buy_instruction(&network, customer.pubkey(), (purse, credit_account), 500 * DOLLAR);
    demo.step("A customer with dollars only", "buys credits for 500 dollars", &[buy], &[&customer]);

    demo.dispatch(&network, [&customer, &dispatcher], [credit_account, provider_work], 485 * DOLLAR);
    let fold = dollars.fold_instruction(0);
    demo.step("A keeper", "sends the dollars on to the auction, and the treasury its part", &[fold], &[]);

    let supply = demo.world.supply(network.mint);
    demo.world.pass(43_200);
    let fresh = |demo: &mut Demo| {
        network.refresh_price(&mut demo.world);
        dollars.publish(&mut demo.world, 100_000_000);
    };
    fresh(demo);
    let sell = |tokens| dollars.sell_instruction(&network, trader.pubkey(), (wallets[0], till), tokens);
    let early = sell(100 * TOKEN);
    demo.step("A trader", "sells 100 tokens half a day later, at 5.5 % below the price", &[early], &[&trader]);
    demo.world.pass(43_200);
    fresh(demo);
    let late = sell(90 * TOKEN);
    demo.step("The trader", "sells 90 more after another half day, at 2.3 % below it", &[late], &[&trader]);
    let close = network.close_instruction(&demo.world, 1, &[0, 1]);
    demo.step("A keeper", "closes the epoch: 60 % of the dollars worked are for providers", &[close], &[]);
    let accrue = AccrueWork { provider_work, epoch: network.epoch(1) }.instruction(&AccrueWorkArgs {});
    let claim = network.claim_rewards_instruction(provider.pubkey(), earned);
    demo.step("The provider", "claims its part", &[accrue, claim], &[&provider]);

    let world = &demo.world;
    let auction: Auction = world.read(dollars.auction());
    let shard: DollarShard = world.read(dollars.shard(0));
    let state: NetworkState = world.read(network.address);
    let in_vaults = world.tokens(dollars.vault(0)) + world.tokens(dollars.auction_vault());
    let claimed = world.read::<ProviderWork>(provider_work).claimed.0;
    vec![
        Line {
            name: "Dollars",
            left: ("received", shard.received.0),
            right: ("in vaults + paid for tokens + the treasury's", in_vaults + auction.paid.0 + auction.cut_paid.0),
        },
        Line {
            name: "Credits for dollars",
            left: ("issued", shard.issued.0),
            right: ("dollars received, less the cut", shard.received.0 - auction.cut_paid.0),
        },
        Line {
            name: "Tokens for dollars",
            left: ("burned", auction.tokens.get() as u64),
            right: ("gone from the supply", supply + state.minted.get() as u64 - world.supply(network.mint)),
        },
        Line {
            name: "Trader",
            left: ("paid by the auction", auction.paid.0),
            right: ("in the wallet", world.tokens(till)),
        },
        Line {
            name: "Provider paid by dollars",
            left: ("claimed", claimed),
            right: ("in the wallet", world.tokens(earned)),
        },
    ]
}
