//! Buying credits.

use super::*;

#[test]
fn credits_are_bought_at_the_low_side_of_the_price() {
    let story = Story::new();
    let receipt = story.world.ok(&[story.buy(100 * TOKEN)], &[&story.client]);

    // Spot less confidence is 2.49 dollars, the average less its confidence 2.495: the lower counts.
    let account = story.credit_account();
    assert_eq!((account.balance, account.issued), (Credits(249_000_000), Credits(249_000_000)));
    assert_eq!(story.world.tokens(story.network.burn_vault(0)), 100 * TOKEN);
    let shard: BurnShard = story.world.read(story.network.burn_shard(0));
    assert_eq!((shard.issued, shard.received), (Credits(249_000_000), Tokens(100 * TOKEN)));
    assert_eq!(shard.published_at, story.world.now());

    let event: event::CreditsBought = receipt.event(ID);
    assert_eq!((event.header.source, event.header.sequence), (story.credits, 1));
    assert_eq!((event.tokens, event.credits, event.price), (Tokens(100 * TOKEN), Credits(249_000_000), 249_000_000));
    for shared in [story.network.address, story.network.mint] {
        assert!(!receipt.writable.contains(&shared), "buying must not write what all users share");
    }
}

#[test]
fn a_lower_average_counts_as_well() {
    let mut story = Story::new();
    let now = story.world.now().0;
    story
        .world
        .set_price(story.network.price, &PriceUpdate { ema_price: 200_000_000, ema_conf: 0, ..price_update(now) });
    story.world.ok(&[story.buy(TOKEN)], &[&story.client]);
    assert_eq!(story.credit_account().balance, Credits(2_000_000));
}

#[test]
fn anyone_may_buy_for_another() {
    let mut story = Story::new();
    let friend = story.world.user();
    let theirs = story.network.open_credit_account(&story.world, friend.pubkey());
    let buy = story.network.buy_instruction(story.client.pubkey(), story.source, theirs, TOKEN);
    story.world.ok(&[buy], &[&story.client]);
    assert_eq!(story.world.read::<CreditAccount>(theirs).balance, Credits(2_490_000));
    assert_eq!(story.credit_account().balance, Credits(0));
}

#[test]
fn buying_checks_its_accounts() {
    let mut story = Story::new();
    let stranger = story.stranger();
    let buy = || story.buy(TOKEN);
    let (world, network) = (&story.world, &story.network);
    let client = &[&story.client][..];
    let their_credits = stranger.open_credit_account(world, story.client.pubkey());

    world.fails(unsigned(buy(), 0), &[], BmeError::MissingSigner);
    for index in [2, 3, 4, 5] {
        world.fails(read_only(buy(), index), client, BmeError::NotWritable);
    }
    world.fails(swap(buy(), 1, network.price), client, BmeError::WrongOwner);
    world.fails(swap(buy(), 1, network.burn_shard(0)), client, BmeError::WrongAccountType);
    world.fails(swap(buy(), 1, stranger.address), client, BmeError::WrongAddress);
    world.fails(swap(buy(), 2, their_credits), client, BmeError::WrongNetwork);
    world.fails(swap(buy(), 2, network.work_shard(0)), client, BmeError::WrongAccountType);
    world.fails(swap(buy(), 2, network.burn_shard(0)), client, BmeError::WrongAccountType);
    world.fails(swap(buy(), 4, stranger.burn_shard(0)), client, BmeError::WrongNetwork);
    world.fails(swap(buy(), 4, network.work_shard(0)), client, BmeError::WrongAccountType);
    world.fails(swap(buy(), 5, network.burn_vault(1)), client, BmeError::WrongAddress);
    world.fails(swap(buy(), 6, stranger.mint), client, BmeError::WrongAddress);
    world.fails(swap(buy(), 8, TOKEN_2022_PROGRAM), client, BmeError::WrongTokenProgram);
    world.fails(swap(buy(), 8, SYSTEM_PROGRAM), client, BmeError::WrongTokenProgram);
    let mut short = buy();
    short.accounts.truncate(8);
    world.fails(short, client, BmeError::NotEnoughAccounts);
}

#[test]
fn the_vault_cannot_pay_itself() {
    let story = Story::new();
    // The network would have to sign; only the program can make it, and never as a buyer.
    let buy = swap(story.buy(TOKEN), 3, story.network.burn_vault(0));
    assert!(story.world.send(&[buy], &[&story.client]).is_err());
}

#[test]
fn slippage_and_dust_are_refused() {
    let story = Story::new();
    let mut buy = story.buy(100 * TOKEN);
    buy.data[9..17].copy_from_slice(&249_000_001u64.to_le_bytes());
    story.world.fails(buy.clone(), &[&story.client], BmeError::Slippage);
    buy.data[9..17].copy_from_slice(&249_000_000u64.to_le_bytes());
    story.world.ok(&[buy], &[&story.client]);
    // A base unit is worth less than a micro-dollar.
    story.world.fails(story.buy(1), &[&story.client], BmeError::ZeroAmount);
    story.world.fails(story.buy(0), &[&story.client], BmeError::ZeroAmount);
}

#[test]
fn instruction_data_is_exact() {
    let story = Story::new();
    let mut buy = story.buy(TOKEN);
    buy.data.push(0);
    story.world.fails(buy.clone(), &[&story.client], BmeError::InvalidArguments);
    buy.data.truncate(16);
    story.world.fails(buy.clone(), &[&story.client], BmeError::InvalidArguments);
    buy.data.clear();
    story.world.fails(buy.clone(), &[&story.client], BmeError::UnknownInstruction);
    buy.data.push(255);
    story.world.fails(buy, &[&story.client], BmeError::UnknownInstruction);
}

#[test]
fn a_paused_network_sells_and_locks_nothing_but_gives_back_and_settles() {
    let mut story = Story::with_locked();
    story.edit_network(|network| network.paused = 1);
    story.world.fails(story.buy(TOKEN), &[&story.client], BmeError::Paused);
    story.world.fails(story.lock(1), &[&story.client, &story.spending], BmeError::Paused);
    story.world.ok(&[story.unlock(1), story.consume(1), story.burn()], &[&story.spending]);
}

#[test]
fn exactly_the_credits_asked_for() {
    let story = Story::new();
    // 2.49 dollars a token: 100 dollars cost 40.160642571 tokens, rounded up.
    let receipt = story.world.ok(&[story.exact_out(40_160_642_571, 100_000_000)], &[&story.client]);
    let event: event::CreditsBought = receipt.event(ID);
    assert_eq!((event.tokens, event.credits), (Tokens(40_160_642_571), Credits(100_000_000)));
    assert_eq!(story.credit_account().balance, Credits(100_000_000));
    assert_eq!(story.world.tokens(story.source), 1_000 * TOKEN - 40_160_642_571, "the rest stays with the buyer");
    for shared in [story.network.address, story.network.mint] {
        assert!(!receipt.writable.contains(&shared), "buying must not write what all users share");
    }
    story.world.fails(story.exact_out(40_160_642_570, 100_000_000), &[&story.client], BmeError::Slippage);
    story.world.fails(story.exact_out(u64::MAX, 0), &[&story.client], BmeError::ZeroAmount);
    story.world.fails(story.exact_out(u64::MAX, u64::MAX), &[&story.client], BmeError::Overflow);
    // The smallest amount costs something.
    story.world.ok(&[story.exact_out(402, 1)], &[&story.client]);
}

#[test]
fn buying_exactly_checks_as_much() {
    let mut story = Story::new();
    let stranger = story.stranger();
    let (world, network, buy) = (&story.world, &story.network, || story.exact_out(u64::MAX, 1_000_000));
    let client = &[&story.client][..];
    world.fails(unsigned(buy(), 0), &[], BmeError::MissingSigner);
    for index in [2, 3, 4, 5] {
        world.fails(read_only(buy(), index), client, BmeError::NotWritable);
    }
    world.fails(swap(buy(), 1, stranger.address), client, BmeError::WrongAddress);
    world.fails(swap(buy(), 4, stranger.burn_shard(0)), client, BmeError::WrongNetwork);
    world.fails(swap(buy(), 5, network.burn_vault(1)), client, BmeError::WrongAddress);
    world.fails(swap(buy(), 7, network.mint), client, BmeError::WrongPriceOwner);
    world.fails(swap(buy(), 8, TOKEN_2022_PROGRAM), client, BmeError::WrongTokenProgram);
    story.edit_network(|network| network.paused = 1);
    story.world.fails(story.exact_out(u64::MAX, 1), &[&story.client], BmeError::Paused);
}

#[test]
fn nobody_pays_out_of_anothers_account() {
    let mut story = Story::new();
    let thief = story.world.user();
    let credits = story.network.open_credit_account(&story.world, thief.pubkey());
    let buy = story.network.buy_instruction(thief.pubkey(), story.source, credits, TOKEN);
    assert!(story.world.send(&[buy], &[&thief]).is_err(), "the token program refuses who is not the owner");
    assert_eq!(story.world.tokens(story.source), 1_000 * TOKEN);
}
