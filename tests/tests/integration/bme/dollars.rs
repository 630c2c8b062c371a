//! Credits for dollars, and tokens for these dollars.

use {
    super::*,
    joule_bme_interface::state::{Auction, CHANGE_WINDOW, DollarPolicy, DollarShard, MAX_SHARDS},
    joule_tests::fixture::{DOLLAR, DOLLAR_FEED, Dollars, NewMint, PAXOS},
    spl_token_2022_interface::extension::ExtensionType,
};

/// A story, a stablecoin, a client with 10,000 dollars, and a seller with all the client's tokens and no dollars.
pub struct Fiat {
    pub story: Story,
    pub dollars: Dollars,
    pub wallet: Address,
    pub seller: Keypair,
    pub tokens: Address,
    pub till: Address,
}

/// Worth of a sale at the low side of the usual price, 2.49 dollars.
const PRICE: u64 = 249;

impl Fiat {
    /// Nobody vouches; providers are paid at most 60 % of the dollars worked, and have 70 % of each emission.
    pub fn new() -> Self {
        Self::of(Story::safe(), |world| world.classic_dollar())
    }

    fn of(story: Story, mint: impl FnOnce(&mut World) -> NewMint) -> Self {
        let mut fiat = Self::unopened(story, mint);
        fiat.dollars.open(&fiat.story.world, &fiat.story.network);
        fiat.refresh();
        fiat
    }

    pub fn unopened(mut story: Story, mint: impl FnOnce(&mut World) -> NewMint) -> Self {
        story.edit_policy(|policy| policy.payout_share = Bps(6_000));
        let mint = mint(&mut story.world);
        let dollars = Dollars::of_mint(&mut story.world, &story.network, mint);
        let wallet = dollars.wallet(&mut story.world, story.client.pubkey(), 10_000 * DOLLAR);
        let seller = story.world.user();
        let tokens = story.world.token_account(story.network.mint, seller.pubkey());
        let hand_over = story.network.transfer_instruction(story.source, tokens, &story.client, 900 * TOKEN);
        story.world.ok(&[hand_over], &[&story.client]);
        let till = dollars.wallet(&mut story.world, seller.pubkey(), 0);
        Self { story, dollars, wallet, seller, tokens, till }
    }

    fn refresh(&mut self) {
        self.story.network.refresh_price(&mut self.story.world);
        self.dollars.publish(&mut self.story.world, 100_000_000);
    }

    /// Time passes, and prices are as before.
    pub fn pass(&mut self, seconds: u64) {
        self.story.world.pass(seconds);
        self.refresh();
    }

    pub fn buy(&self, dollars: u64) -> Instruction {
        let accounts = (self.wallet, self.story.credits);
        self.dollars.buy_instruction(&self.story.network, self.story.client.pubkey(), accounts, dollars)
    }

    pub fn bought(&self, dollars: u64) {
        self.story.world.ok(&[self.buy(dollars)], &[&self.story.client]);
    }

    pub fn fold(&self) -> Instruction {
        self.dollars.fold_instruction(0)
    }

    pub fn sell(&self, tokens: u64) -> Instruction {
        let accounts = (self.tokens, self.till);
        self.dollars.sell_instruction(&self.story.network, self.seller.pubkey(), accounts, tokens)
    }

    /// The dollars of a sale.
    fn sold(&self, tokens: u64) -> u64 {
        let before = self.story.world.tokens(self.till);
        self.story.world.ok(&[self.sell(tokens)], &[&self.seller]);
        self.story.world.tokens(self.till) - before
    }

    /// What so many tokens are worth that are sold.
    fn worth(&self, tokens: u64) -> u64 {
        let receipt = self.story.world.ok(&[self.sell(tokens)], &[&self.seller]);
        receipt.event::<event::TokensSold>(ID).worth.0
    }

    fn auction(&self) -> Auction {
        self.dollars.state(&self.story.world)
    }

    fn shard(&self) -> DollarShard {
        self.story.world.read(self.dollars.shard(0))
    }

    fn execute(&self, policy: DollarPolicy) -> Instruction {
        let world = &self.story.world;
        let authority = &self.story.network.authority;
        world.ok(&[self.dollars.propose_instruction(authority, policy)], &[authority]);
        self.dollars.wait(world, &self.story.network);
        self.dollars.execute_instruction()
    }

    /// Dollars that were received are in vaults, at sellers, or the treasury's.
    fn check_books(&self) {
        let world = &self.story.world;
        let auction = self.auction();
        let shards = [0, 1].map(|index| world.read::<DollarShard>(self.dollars.shard(index)));
        let received: u64 = shards.iter().map(|shard| shard.received.0).sum();
        let in_shards: u64 = [0, 1].map(|index| world.tokens(self.dollars.vault(index))).iter().sum();
        let in_vaults = in_shards + world.tokens(self.dollars.auction_vault());
        assert_eq!(received, in_vaults + auction.paid.0 + auction.cut_paid.0);
        let issued: u64 = shards.iter().map(|shard| shard.issued.0).sum();
        let cut: u64 = shards.iter().map(|shard| shard.cut_due.0).sum::<u64>() + auction.cut_due.0 + auction.cut_paid.0;
        assert!(issued + cut <= received, "credits are issued for what is left after the cut");
        assert_eq!(auction.cut_paid.0, world.tokens(self.dollars.treasury));
    }
}

/// Tokens that so many credits are worth at a price.
fn carried(credits: u64, price: u64) -> u64 {
    (credits as u128 * TOKEN as u128 * 100 / price as u128) as u64
}

#[test]
fn a_dollar_buys_a_dollar_less_the_cut() {
    let fiat = Fiat::new();
    let receipt = fiat.story.world.ok(&[fiat.buy(100 * DOLLAR)], &[&fiat.story.client]);
    let account = fiat.story.credit_account();
    assert_eq!((account.balance, account.issued), (Credits(97 * DOLLAR), Credits(97 * DOLLAR)));
    // At 2.525 dollars, the average and its confidence, and 2 % more, rounded up.
    let tokens = carried(97 * DOLLAR, 257_550_000);
    assert_eq!(account.tokens, Tokens(tokens));
    let shard = fiat.shard();
    assert_eq!(
        (shard.received, shard.cut_due, shard.issued),
        (Tokens(100 * DOLLAR), Tokens(3 * DOLLAR), Credits(97 * DOLLAR))
    );
    assert_eq!((shard.tokens, shard.ask, shard.published_at), (Tokens(tokens), 252_500_000, fiat.story.world.now()));
    let event: event::CreditsBoughtWithDollars = receipt.event(ID);
    assert_eq!(event.header.source, fiat.story.credits);
    assert_eq!(
        (event.dollars, event.cut, event.credits),
        (Tokens(100 * DOLLAR), Tokens(3 * DOLLAR), Credits(97 * DOLLAR))
    );
    assert_eq!(event.tokens, Tokens(tokens));
    for shared in
        [fiat.story.network.address, fiat.story.network.mint, fiat.dollars.auction(), fiat.dollars.mint.address]
    {
        assert!(!receipt.writable.contains(&shared), "buying must not write what all users share");
    }
    fiat.check_books();
}

#[test]
fn a_stablecoin_buys_what_its_feed_says_and_never_more() {
    let mut fiat = Fiat::new();
    for (price, credits) in [(95_000_000, 92_150_000), (105_000_000, 97_000_000), (100_000_000, 97_000_000)] {
        fiat.dollars.publish(&mut fiat.story.world, price);
        let before = fiat.story.credit_account().balance.0;
        fiat.bought(100 * DOLLAR);
        assert_eq!(fiat.story.credit_account().balance.0 - before, credits, "{price}");
        fiat.story.world.pass(1);
    }
    // Its confidence counts as well.
    let mut fiat = Fiat::new();
    let dollar = PriceUpdate { price: 100_000_000, conf: 2_000_000, ..price_update(fiat.story.world.now().0) };
    fiat.story.world.set_price(fiat.dollars.price, &PriceUpdate { feed_id: DOLLAR_FEED, ..dollar });
    fiat.bought(100 * DOLLAR);
    assert_eq!(fiat.story.credit_account().balance, Credits(95_060_000));
}

/// Before it fell, a minute ago, it was a dollar: that buys and sells nothing, however old the token's price may be.
#[test]
fn a_stablecoins_price_is_of_the_last_minute() {
    let mut fiat = Fiat::new();
    fiat.bought(DOLLAR);
    fiat.story.world.ok(&[fiat.fold()], &[]);
    fiat.story.edit_network(|network| network.policy.max_price_age = Seconds(600));
    fiat.story.world.pass(60);
    fiat.story.network.refresh_price(&mut fiat.story.world);
    fiat.bought(DOLLAR);
    fiat.story.world.pass(1);
    fiat.story.network.refresh_price(&mut fiat.story.world);
    fiat.story.world.fails(fiat.buy(DOLLAR), &[&fiat.story.client], BmeError::StalePrice);
    fiat.story.world.fails(fiat.sell(TOKEN / 10), &[&fiat.seller], BmeError::StalePrice);
}

#[test]
fn sales_stop_above_so_many_limits_of_dollars_that_nobody_wanted() {
    let mut fiat = Fiat::new();
    let (world, client) = (&fiat.story.world, &[&fiat.story.client][..]);
    // Of two shards each has half of three thousand.
    assert_eq!(fiat.story.state().dollar_shard_limit, Tokens(1_500 * DOLLAR));
    world.fails(fiat.buy(1_500 * DOLLAR + 1), client, BmeError::DollarsUnwanted);
    fiat.bought(1_500 * DOLLAR);
    world.fails(fiat.buy(DOLLAR), client, BmeError::DollarsUnwanted);
    world.ok(&[fiat.fold()], &[]);
    // 1,455 wait in the auction, so that the shards have 772 and a half each.
    assert_eq!(fiat.auction().unsold, Tokens(1_455 * DOLLAR));
    world.fails(fiat.buy(772_500_001), client, BmeError::DollarsUnwanted);
    fiat.bought(772_500_000);
    world.ok(&[fiat.fold()], &[]);
    fiat.pass(86_400);
    let (world, client) = (&fiat.story.world, &[&fiat.story.client][..]);
    world.fails(fiat.buy(398 * DOLLAR), client, BmeError::DollarsUnwanted);
    // Once somebody brings tokens, they go on.
    fiat.sold(100 * TOKEN);
    fiat.bought(398 * DOLLAR);
    fiat.check_books();
    // Zero limits end them.
    fiat.story.network.close_what_ended(&fiat.story.world);
    let execute = fiat.execute(DollarPolicy { max_unwanted: 0, ..fiat.dollars.policy() });
    fiat.story.world.ok(&[execute], &[]);
    fiat.refresh();
    fiat.story.world.fails(fiat.buy(DOLLAR), &[&fiat.story.client], BmeError::DollarsUnwanted);
}

#[test]
fn buying_with_dollars_checks_its_accounts() {
    let mut fiat = Fiat::new();
    let stranger = fiat.story.stranger();
    let theirs = stranger_dollars(&mut fiat, &stranger);
    let (world, network, dollars) = (&fiat.story.world, &fiat.story.network, &fiat.dollars);
    let client = &[&fiat.story.client][..];
    let buy = || fiat.buy(DOLLAR);
    world.fails(unsigned(buy(), 0), &[], BmeError::MissingSigner);
    for index in [2, 3, 4, 5] {
        world.fails(read_only(buy(), index), client, BmeError::NotWritable);
    }
    world.fails(swap(buy(), 1, stranger.address), client, BmeError::WrongNetwork);
    world.fails(
        swap(buy(), 2, stranger.open_credit_account(world, fiat.story.client.pubkey())),
        client,
        BmeError::WrongNetwork,
    );
    world.fails(swap(buy(), 4, theirs.shard(0)), client, BmeError::WrongNetwork);
    world.fails(swap(buy(), 5, dollars.vault(1)), client, BmeError::WrongAddress);
    // The token program compares the mint with the vault's.
    assert!(world.send(&[swap(buy(), 6, network.mint)], client).is_err());
    world.fails(swap(buy(), 4, network.burn_shard(0)), client, BmeError::WrongAccountType);
    world.fails(swap(buy(), 7, dollars.price), client, BmeError::WrongFeed);
    world.fails(swap(buy(), 8, network.price), client, BmeError::WrongFeed);
    world.fails(swap(buy(), 8, network.address), client, BmeError::WrongPriceOwner);
    world.fails(swap(buy(), 9, TOKEN_2022_PROGRAM), client, BmeError::WrongTokenProgram);
    let mut slipped = buy();
    slipped.data[9..17].copy_from_slice(&970_001u64.to_le_bytes());
    world.fails(slipped, client, BmeError::Slippage);
    world.fails(fiat.buy(1), client, BmeError::ZeroAmount);
    world.fails(fiat.buy(0), client, BmeError::ZeroAmount);
    let pause = Pause { authority_or_guardian: network.guardian.pubkey(), network: network.address };
    world.ok(&[pause.instruction(&PauseArgs {})], &[&network.guardian]);
    world.fails(buy(), client, BmeError::Paused);
}

/// The auction of another network, of the same stablecoin.
fn stranger_dollars(fiat: &mut Fiat, stranger: &Network) -> Dollars {
    let mut state: NetworkState = fiat.story.world.read(stranger.address);
    state.policy.payout_share = Bps(6_000);
    state.terms = EpochTerms::of(&state.policy, state.weights());
    fiat.story.world.forge(stranger.address, &state);
    let mint = &fiat.dollars.mint;
    let mint = NewMint { authority: mint.authority.insecure_clone(), ..*mint };
    let theirs = Dollars::of_mint(&mut fiat.story.world, stranger, mint);
    theirs.open(&fiat.story.world, stranger);
    fiat.refresh();
    theirs
}

#[test]
fn a_pinned_account_is_the_only_one() {
    let mut fiat = Fiat::new();
    let other = fiat.story.world.address();
    fiat.story.edit_network(|network| network.dollar_price_account = other);
    fiat.story.world.fails(fiat.buy(DOLLAR), &[&fiat.story.client], BmeError::WrongPriceAccount);
}

#[test]
fn an_older_price_carries_no_more_tokens_than_the_newest() {
    let mut fiat = Fiat::new();
    fiat.pass(10);
    fiat.story.edit_network(|network| network.average.value = 170_000_000);
    fiat.bought(DOLLAR);
    let dear = fiat.story.credit_account().tokens.0;
    // Ten seconds before it was half as dear: who buys chooses that, and gains nothing.
    let now = fiat.story.world.now().0;
    let set = |fiat: &mut Fiat, age, price| {
        let network = fiat.story.network.price;
        let update = PriceUpdate { price, conf: 0, ema_price: price, ema_conf: 0, ..price_update(now - age) };
        fiat.story.world.set_price(network, &update);
    };
    fiat.story.edit_network(|network| network.average.published_at = Timestamp(0));
    set(&mut fiat, 9, 126_000_000);
    fiat.bought(DOLLAR);
    assert_eq!(fiat.story.credit_account().tokens.0, 2 * dear);
    set(&mut fiat, 31, 126_000_000);
    fiat.story.world.fails(fiat.buy(DOLLAR), &[&fiat.story.client], BmeError::StalePrice);
    // Further from the average than the policy allows.
    set(&mut fiat, 0, 84_000_000);
    fiat.story.world.fails(fiat.buy(DOLLAR), &[&fiat.story.client], BmeError::PriceTooFarFromAverage);
    // The newest that the average knows counts as well, at a shard that has none.
    let at_another = |fiat: &Fiat| {
        let buy = swap(fiat.buy(DOLLAR), 4, fiat.dollars.shard(1));
        swap(buy, 5, fiat.dollars.vault(1))
    };
    fiat.story.edit_network(|network| {
        (network.average.published_at, network.ask) = (Timestamp(now), 252_500_000);
    });
    set(&mut fiat, 9, 126_000_000);
    let before = fiat.story.credit_account().tokens.0;
    fiat.story.world.ok(&[at_another(&fiat)], &[&fiat.story.client]);
    assert_eq!(fiat.story.credit_account().tokens.0 - before, dear);
    set(&mut fiat, 31, 126_000_000);
    fiat.story.world.fails(at_another(&fiat), &[&fiat.story.client], BmeError::StalePrice);
    // What a former feed published says nothing of what this one's is worth, nor does a price in another unit.
    set(&mut fiat, 10, 126_000_000);
    fiat.story.edit_network(|network| network.ask = 0);
    fiat.story.world.fails(at_another(&fiat), &[&fiat.story.client], BmeError::StalePrice);
    fiat.story.edit_network(|network| network.ask = 252_500_000);
    let shard: DollarShard = fiat.story.world.read(fiat.dollars.shard(1));
    fiat.story.world.forge(fiat.dollars.shard(1), &DollarShard { exponent: shard.exponent + 1, ..shard });
    fiat.story.world.fails(at_another(&fiat), &[&fiat.story.client], BmeError::StalePrice);
}

/// A price that is wrong, and that nothing keeps within a band, makes dollars buy no more tokens than at the average.
#[test]
fn a_wrong_price_carries_no_more_tokens_than_the_average() {
    let mut fiat = Fiat::new();
    fiat.story.edit_network(|network| network.policy.max_deviation = Bps(0));
    fiat.story.publish(1_000);
    fiat.bought(100 * DOLLAR);
    assert_eq!(fiat.story.credit_account().tokens, Tokens(carried(97 * DOLLAR, 255_000_000)));
    fiat.story.edit_network(|network| network.average.exponent = -9);
    fiat.story.world.fails(fiat.buy(DOLLAR), &[&fiat.story.client], BmeError::PriceExponent);
    fiat.story.edit_network(|network| (network.average.exponent, network.average.value) = (-8, 0));
    fiat.story.world.fails(fiat.buy(DOLLAR), &[&fiat.story.client], BmeError::NoAverage);
}

/// A price of few digits: the premium is a part of it, however small it is.
#[test]
fn a_premium_on_a_price_of_few_digits_is_no_more_than_its_part() {
    let mut fiat = Fiat::new();
    let update = price_update(fiat.story.world.now().0);
    let exact = PriceUpdate { price: 1_000, conf: 0, ema_price: 1_000, ema_conf: 0, ..update };
    fiat.story.world.set_price(fiat.story.network.price, &exact);
    fiat.story.edit_network(|network| (network.average.value, network.ask) = (1_000, 1_000));
    fiat.bought(100 * DOLLAR);
    assert_eq!(fiat.story.credit_account().tokens, Tokens(carried(97 * DOLLAR, 1_020)));
}

#[test]
fn dollars_become_burns() {
    let mut fiat = Fiat::new();
    fiat.bought(1_000 * DOLLAR);
    let receipt = fiat.story.world.ok(&[fiat.fold()], &[]);
    let event: event::DollarsFolded = receipt.event(ID);
    let expected = (0, Tokens(1_000 * DOLLAR), Tokens(30 * DOLLAR), Tokens(970 * DOLLAR));
    assert_eq!((event.index, event.dollars, event.cut_paid, event.unsold), expected);
    assert_eq!(fiat.story.world.tokens(fiat.dollars.treasury), 30 * DOLLAR);
    fiat.check_books();

    // At first it is filled, and pays nothing; after half a window it pays from 4 % below the price on.
    fiat.story.world.fails(fiat.sell(TOKEN), &[&fiat.seller], BmeError::AuctionFilled);
    fiat.pass(43_200);
    let supply = fiat.story.world.supply(fiat.story.network.mint);
    let receipt = fiat.story.world.ok(&[fiat.sell(100 * TOKEN)], &[&fiat.seller]);
    let event: event::TokensSold = receipt.event(ID);
    // 249 dollars' worth, which take the level from 500 to 749: 1.02 - 0.12 * 0.6245.
    assert_eq!((event.worth, event.dollars), (Tokens(PRICE * DOLLAR), Tokens(235_319_940)));
    assert_eq!((event.tokens, event.is_returned, event.price), (Tokens(100 * TOKEN), 0, 249_000_000));
    assert_eq!(event.seller, fiat.seller.pubkey());
    assert_eq!(fiat.story.world.tokens(fiat.till), 235_319_940);
    assert_eq!(fiat.story.world.supply(fiat.story.network.mint), supply - 100 * TOKEN);
    let (network, auction) = (fiat.story.state(), fiat.auction());
    assert_eq!((network.burned.get(), network.remintable), (100 * TOKEN as u128, Tokens(100 * TOKEN)));
    assert_eq!(
        (auction.paid, auction.level, auction.tokens.get()),
        (Tokens(235_319_940), Tokens(749 * DOLLAR), 100 * TOKEN as u128)
    );
    assert_eq!(auction.unsold, Tokens(970 * DOLLAR - 235_319_940));
    fiat.check_books();
}

#[test]
fn what_is_sold_in_parts_is_paid_no_more() {
    let paid = |parts: u64| {
        let mut fiat = Fiat::new();
        fiat.bought(1_000 * DOLLAR);
        fiat.story.world.ok(&[fiat.fold()], &[]);
        fiat.pass(86_400);
        (0..parts).map(|_| fiat.sold(120 * TOKEN / parts)).sum::<u64>()
    };
    let [whole, parts] = [paid(1), paid(12)];
    assert!(parts <= whole && whole - parts < 24, "{parts} in parts, {whole} at once");
}

#[test]
fn dust_moves_it_by_dust() {
    let mut fiat = Fiat::new();
    fiat.bought(1_000 * DOLLAR);
    fiat.story.world.ok(&[fiat.fold()], &[]);
    fiat.pass(86_400);
    assert_eq!(fiat.sold(1_000), 2, "a two hundred thousandth of a cent");
    assert_eq!(fiat.auction().level, Tokens(2));
    fiat.story.world.fails(fiat.sell(400), &[&fiat.seller], BmeError::ZeroAmount);
    // Of what leaks in a second, calls take away less than a unit each.
    fiat.sold(100 * TOKEN);
    let level = fiat.auction().level.0;
    for _ in 0..10 {
        fiat.story.world.pass(1);
        fiat.sold(1_000);
    }
    let leaked = level + 20 - fiat.auction().level.0;
    assert!((115_730..=115_741).contains(&leaked), "{leaked}");
}

#[test]
fn a_wrong_price_loses_at_most_the_bucket() {
    let mut fiat = Fiat::new();
    fiat.bought(1_000 * DOLLAR);
    fiat.story.world.ok(&[fiat.fold()], &[]);
    fiat.bought(1_000 * DOLLAR);
    fiat.story.world.ok(&[fiat.fold()], &[]);
    fiat.pass(86_400);
    // A thousand times the price, and nothing that holds it back but the bucket.
    fiat.story.publish(250_000_000_000);
    fiat.story.edit_network(|network| {
        network.policy.max_deviation = Bps(0);
        network.average.value = 250_000_000_000;
    });
    fiat.story.world.fails(fiat.sell(TOKEN), &[&fiat.seller], BmeError::AuctionFilled);
    let paid = fiat.sold(TOKEN * 4 / 10);
    assert!(paid <= 1_000 * DOLLAR && fiat.auction().level == Tokens(1_000 * DOLLAR), "{paid}");
    fiat.story.world.fails(fiat.sell(TOKEN / 1_000), &[&fiat.seller], BmeError::AuctionFilled);
    fiat.check_books();
}

#[test]
fn sales_are_at_the_cheapest_price() {
    let mut fiat = Fiat::new();
    fiat.bought(1_000 * DOLLAR);
    fiat.story.world.ok(&[fiat.fold()], &[]);
    fiat.pass(86_400);
    let worth = |fiat: &Fiat| fiat.worth(TOKEN);
    assert_eq!(worth(&fiat), 2_490_000);
    // A newer one that is higher: the network's own average counts.
    fiat.story.publish(300_000_000);
    assert_eq!(worth(&fiat), 2_500_000);
    // One that is older than the newest that was used pays no more than that, though it was higher.
    fiat.story.world.pass(5);
    fiat.story.publish(200_000_000);
    assert_eq!(worth(&fiat), 2_000_000);
    let now = fiat.story.world.now().0;
    let old = PriceUpdate { price: 250_000_000, conf: 0, ema_price: 250_000_000, ema_conf: 0, ..price_update(now - 4) };
    fiat.story.world.set_price(fiat.story.network.price, &old);
    assert_eq!(worth(&fiat), 2_000_000);
    let old = PriceUpdate { publish_time: now - 31, ..old };
    fiat.story.world.set_price(fiat.story.network.price, &old);
    fiat.story.edit_network(|network| network.average.published_at = Timestamp(0));
    fiat.story.world.fails(fiat.sell(TOKEN), &[&fiat.seller], BmeError::StalePrice);
    // Without an average there is no price: work could be valued at less.
    fiat.story.publish(250_000_000);
    fiat.story.edit_network(|network| {
        (network.average.value, network.policy.max_deviation) = (0, Bps(0));
    });
    fiat.story.world.fails(fiat.sell(TOKEN), &[&fiat.seller], BmeError::NoAverage);
}

/// At the auction's first sale only the average's newest is known.
#[test]
fn a_sale_counts_the_averages_band_and_newest_price() {
    let mut fiat = Fiat::new();
    fiat.bought(1_000 * DOLLAR);
    fiat.story.world.ok(&[fiat.fold()], &[]);
    fiat.pass(86_400);
    let now = fiat.story.world.now();
    fiat.story.edit_network(|network| {
        (network.average.published_at, network.average.bid) = (now, 200_000_000);
    });
    let set = |fiat: &mut Fiat, age, price| {
        let account = fiat.story.network.price;
        let update = PriceUpdate { price, conf: 0, ema_price: price, ema_conf: 0, ..price_update(now.0 - age) };
        fiat.story.world.set_price(account, &update);
    };
    set(&mut fiat, 31, 250_000_000);
    fiat.story.world.fails(fiat.sell(TOKEN), &[&fiat.seller], BmeError::StalePrice);
    set(&mut fiat, 0, 1_000_000_000);
    fiat.story.world.fails(fiat.sell(TOKEN), &[&fiat.seller], BmeError::PriceTooFarFromAverage);
    set(&mut fiat, 9, 250_000_000);
    assert_eq!(fiat.worth(TOKEN), 2_000_000);
}

/// What an issuer took out of a shard does not wait for tokens: the shard takes as much again.
#[test]
fn dollars_that_were_taken_are_not_waited_for() {
    let mut fiat = Fiat::of(Story::safe(), |world| world.dollar_with(&PAXOS, true, "PYUSD"));
    let issuer = fiat.dollars.mint.authority.insecure_clone();
    fiat.bought(1_500 * DOLLAR);
    let thief = fiat.dollars.wallet(&mut fiat.story.world, issuer.pubkey(), 0);
    let take = fiat.dollars.mint.take_instruction(fiat.dollars.vault(0), thief, 1_500 * DOLLAR);
    fiat.story.world.ok(&[take], &[&issuer]);
    fiat.story.world.fails(fiat.buy(DOLLAR), &[&fiat.story.client], BmeError::DollarsUnwanted);
    fiat.story.world.ok(&[fiat.fold()], &[]);
    assert_eq!(fiat.shard().missing, Tokens(1_500 * DOLLAR));
    fiat.story.world.fails(fiat.fold(), &[], BmeError::ZeroAmount);
    fiat.bought(1_500 * DOLLAR);
}

#[test]
fn dollars_are_paid_at_their_dearest() {
    let mut fiat = Fiat::new();
    fiat.bought(1_000 * DOLLAR);
    fiat.story.world.ok(&[fiat.fold()], &[]);
    fiat.pass(86_400);
    for (price, worth) in [(125_000_000, 199_200_000), (99_600_000, 250_000_000)] {
        fiat.dollars.publish(&mut fiat.story.world, price);
        assert_eq!(fiat.worth(100 * TOKEN), worth);
    }
}

#[test]
fn selling_checks_its_accounts() {
    let mut fiat = Fiat::new();
    fiat.bought(1_000 * DOLLAR);
    fiat.story.world.ok(&[fiat.fold()], &[]);
    fiat.pass(86_400);
    let stranger = fiat.story.stranger();
    let theirs = stranger_dollars(&mut fiat, &stranger);
    let (world, network, dollars) = (&fiat.story.world, &fiat.story.network, &fiat.dollars);
    let seller = &[&fiat.seller][..];
    let sell = || fiat.sell(TOKEN);
    world.fails(unsigned(sell(), 0), &[], BmeError::MissingSigner);
    for index in 1..=6 {
        world.fails(read_only(sell(), index), seller, BmeError::NotWritable);
    }
    world.fails(swap(sell(), 1, stranger.address), seller, BmeError::WrongNetwork);
    world.fails(swap(sell(), 2, theirs.auction()), seller, BmeError::WrongNetwork);
    world.fails(swap(sell(), 5, dollars.vault(0)), seller, BmeError::WrongAddress);
    world.fails(swap(sell(), 4, dollars.auction_vault()), seller, BmeError::DuplicateAccount);
    world.fails(swap(sell(), 6, stranger.mint), seller, BmeError::WrongAddress);
    world.fails(swap(sell(), 7, network.mint), seller, BmeError::WrongAddress);
    world.fails(swap(sell(), 8, dollars.price), seller, BmeError::WrongFeed);
    world.fails(swap(sell(), 9, network.price), seller, BmeError::WrongFeed);
    world.fails(swap(sell(), 10, TOKEN_2022_PROGRAM), seller, BmeError::WrongTokenProgram);
    world.fails(swap(sell(), 11, TOKEN_2022_PROGRAM), seller, BmeError::WrongTokenProgram);
    let mut slipped = sell();
    slipped.data[9..17].copy_from_slice(&2_540_000u64.to_le_bytes());
    world.fails(slipped, seller, BmeError::Slippage);
    world.fails(fiat.sell(0), seller, BmeError::ZeroAmount);
    // More than the auction has, though it is all open.
    fiat.sold(350 * TOKEN);
    fiat.story.world.pass(0);
    let pause = Pause { authority_or_guardian: network.guardian.pubkey(), network: network.address };
    world.ok(&[pause.instruction(&PauseArgs {})], &[&network.guardian]);
    world.fails(sell(), seller, BmeError::Paused);
}

#[test]
fn it_pays_no_more_than_it_has() {
    let mut fiat = Fiat::new();
    fiat.bought(100 * DOLLAR);
    fiat.story.world.ok(&[fiat.fold()], &[]);
    fiat.pass(86_400);
    fiat.story.world.fails(fiat.sell(40 * TOKEN), &[&fiat.seller], BmeError::AuctionFilled);
    fiat.sold(38 * TOKEN);
    // Dollars that somebody sends to a vault bought no credits, and buy no tokens.
    let gift = fiat.dollars.mint.address;
    assert_ne!(gift, fiat.story.network.mint);
    for vault in [fiat.dollars.auction_vault(), fiat.dollars.vault(0)] {
        fiat.story.world.mint_to(&fiat.dollars.mint, vault, 500 * DOLLAR);
    }
    fiat.story.world.fails(fiat.sell(10 * TOKEN), &[&fiat.seller], BmeError::AuctionFilled);
    fiat.story.world.fails(fiat.fold(), &[], BmeError::ZeroAmount);
    // The least that is worth anything, at a discount: no dollar's smallest part is left of it.
    let auction = fiat.auction();
    let level = Tokens(auction.policy.limit.0 - 1);
    fiat.story.world.forge(fiat.dollars.auction(), &Auction { level, leaked_at: fiat.story.world.now(), ..auction });
    fiat.story.world.fails(fiat.sell(TOKEN.div_ceil(2_490_000)), &[&fiat.seller], BmeError::ZeroAmount);
}

#[test]
fn a_reserve_gets_tokens_back_if_the_policy_says_so() {
    let reserve =
        |world: &mut World, holders: &[Address]| Network::with_reserve(world, TOKEN_PROGRAM, holders, 10 * TOKEN);
    let mut fiat = Fiat::of(Story::of(reserve), |world| world.classic_dollar());
    fiat.bought(1_000 * DOLLAR);
    fiat.story.world.ok(&[fiat.fold()], &[]);
    fiat.pass(86_400);
    fiat.sold(TOKEN);
    assert_eq!((fiat.story.state().burned.get(), fiat.story.state().returned.get()), (TOKEN as u128, 0));
    fiat.story.edit_policy(|policy| policy.payments_to_reserve = 1);
    fiat.sold(TOKEN);
    assert_eq!((fiat.story.state().burned.get(), fiat.story.state().returned.get()), (TOKEN as u128, TOKEN as u128));
    assert_eq!(fiat.story.world.tokens(fiat.story.network.reserve_vault()), 11 * TOKEN);
    // To no other account.
    let other = swap(fiat.sell(TOKEN), 12, fiat.story.source);
    fiat.story.world.fails(other, &[&fiat.seller], BmeError::WrongAddress);
}

#[test]
fn mainnets_stablecoins_are_taken_and_others_are_not() {
    use ExtensionType::*;
    let paxos = |more: &'static [ExtensionType]| {
        move |world: &mut World| world.dollar_with(&[&PAXOS[..], more].concat(), true, "PYUSD")
    };
    for mint in [paxos(&[]), paxos(&[Pausable])] {
        let mut fiat = Fiat::of(Story::safe(), mint);
        fiat.bought(1_000 * DOLLAR);
        fiat.story.world.ok(&[fiat.fold()], &[]);
        fiat.pass(86_400);
        assert!(fiat.sold(100 * TOKEN) > 0);
        assert_eq!(fiat.auction().issuer_powers, 31);
        fiat.check_books();
    }
    let fiat = Fiat::unopened(Story::safe(), |world| world.classic_dollar());
    let (world, network, dollars) = (&fiat.story.world, &fiat.story.network, &fiat.dollars);
    let open = dollars.open_instruction(world, network, dollars.policy());
    let mut unnamed = open.clone();
    *unnamed.data.last_mut().unwrap() = 30;
    world.fails(unnamed, &[&network.authority], BmeError::PowersNotNamed);
    assert_eq!(world.out_of_range(swap(open, 5, network.mint), &[&network.authority]), "decimals");
}

#[test]
fn what_an_issuer_does_stops_dollars_and_not_credits() {
    let mint = |world: &mut World| world.dollar_with(&[&PAXOS[..], &[ExtensionType::Pausable]].concat(), true, "USDG");
    let mut fiat = Fiat::of(Story::safe(), mint);
    fiat.bought(1_000 * DOLLAR);
    let issuer = fiat.dollars.mint.authority.insecure_clone();
    let send = |fiat: &Fiat, call: Instruction| fiat.story.world.ok(&[call], &[&issuer]);
    // Credits that dollars bought are used whatever becomes of these.
    let uses = |fiat: &Fiat| {
        fiat.story.world.ok(&[fiat.story.lock(DOLLAR)], &[&fiat.story.client, &fiat.story.spending]);
        fiat.story.world.ok(&[fiat.story.consume(DOLLAR)], &[&fiat.story.spending]);
    };
    for vault in [fiat.dollars.vault(0), fiat.dollars.auction_vault()] {
        send(&fiat, fiat.dollars.mint.freeze_instruction(vault, true));
        assert!(fiat.story.world.send(&[fiat.fold()], &[]).is_err());
        uses(&fiat);
        send(&fiat, fiat.dollars.mint.freeze_instruction(vault, false));
    }
    send(&fiat, fiat.dollars.mint.pause_instruction(true));
    assert!(fiat.story.world.send(&[fiat.fold()], &[]).is_err());
    uses(&fiat);
    send(&fiat, fiat.dollars.mint.pause_instruction(false));
    // A treasury that is frozen waits for its part, and stops nobody.
    send(&fiat, fiat.dollars.mint.freeze_instruction(fiat.dollars.treasury, true));
    fiat.story.world.ok(&[fiat.fold()], &[]);
    assert_eq!((fiat.auction().cut_due, fiat.auction().unsold), (Tokens(30 * DOLLAR), Tokens(970 * DOLLAR)));
    send(&fiat, fiat.dollars.mint.freeze_instruction(fiat.dollars.treasury, false));
    fiat.story.world.ok(&[fiat.fold()], &[]);
    assert_eq!((fiat.auction().cut_due, fiat.auction().unsold), (Tokens(0), Tokens(970 * DOLLAR)));
    fiat.check_books();

    // What the issuer takes is taken from sellers to come: what is left goes on, here and in the shards.
    let thief = fiat.dollars.wallet(&mut fiat.story.world, issuer.pubkey(), 0);
    send(&fiat, fiat.dollars.mint.take_instruction(fiat.dollars.auction_vault(), thief, 900 * DOLLAR));
    fiat.bought(100 * DOLLAR);
    send(&fiat, fiat.dollars.mint.take_instruction(fiat.dollars.vault(0), thief, 60 * DOLLAR));
    fiat.story.world.ok(&[fiat.fold()], &[]);
    assert_eq!(fiat.auction().unsold, Tokens(107 * DOLLAR));
    uses(&fiat);
    fiat.pass(86_400);
    assert!(fiat.sold(40 * TOKEN) < 107 * DOLLAR);
    // What it gives back goes on as well.
    send(&fiat, fiat.dollars.mint.take_instruction(thief, fiat.dollars.vault(0), 60 * DOLLAR));
    fiat.story.world.ok(&[fiat.fold()], &[]);
    assert_eq!(fiat.shard().folded, Tokens(1_100 * DOLLAR));
}

#[test]
fn a_fee_that_an_issuer_begins_to_take_is_the_payers() {
    let mut fiat = Fiat::of(Story::safe(), |world| world.dollar_with(&PAXOS, true, "PYUSD"));
    fiat.story.world.set_transfer_fee(&fiat.dollars.mint, 100);
    fiat.bought(100 * DOLLAR);
    assert_eq!(fiat.story.credit_account().balance, Credits(96_030_000), "of what arrived");
    fiat.story.world.ok(&[fiat.fold()], &[]);
    assert_eq!(fiat.auction().received, Tokens(98_010_000));
    fiat.pass(86_400);
    let before = fiat.auction().paid;
    let arrived = fiat.sold(10 * TOKEN);
    assert_eq!(arrived, (fiat.auction().paid.0 - before.0) * 99 / 100);
    let mut sell = fiat.sell(TOKEN);
    sell.data[9..17].copy_from_slice(&2_520_000u64.to_le_bytes());
    fiat.story.world.fails(sell, &[&fiat.seller], BmeError::Slippage);
}

#[test]
fn an_auction_is_opened_by_the_authority_of_the_network() {
    let mut fiat = Fiat::unopened(Story::safe(), |world| world.classic_dollar());
    let stranger = fiat.story.stranger();
    let own = fiat.story.world.associated_account(fiat.dollars.mint.address, fiat.story.network.address);
    let (world, network, dollars) = (&fiat.story.world, &fiat.story.network, &fiat.dollars);
    let authority = &[&network.authority][..];
    let with = |change: &dyn Fn(&mut DollarPolicy)| {
        let mut policy = dollars.policy();
        change(&mut policy);
        dollars.open_instruction(world, network, policy)
    };
    let open = || with(&|_| ());
    world.fails(swap(open(), 1, stranger.authority.pubkey()), &[&stranger.authority], BmeError::Unauthorized);
    world.fails(unsigned(open(), 1), &[], BmeError::MissingSigner);
    world.fails(swap(open(), 6, network.treasury), authority, BmeError::WrongMint);
    world.fails(swap(open(), 3, stranger.address), authority, BmeError::WrongAddress);
    type Change = dyn Fn(&mut DollarPolicy);
    let out_of_range: [(&str, &Change); 9] = [
        ("limit", &|policy| policy.limit = Tokens(99_999_999)),
        ("limit", &|policy| policy.limit = Tokens(1_000_000_000_000_001)),
        ("window", &|policy| policy.window = Seconds(3_599)),
        ("window", &|policy| policy.window = Seconds(30 * 86_400 + 1)),
        ("max_unwanted", &|policy| policy.max_unwanted = 1_001),
        ("cut", &|policy| policy.cut = Bps(5_001)),
        ("premium", &|policy| policy.premium = Bps(501)),
        ("max_discount", &|policy| policy.max_discount = Bps(199)),
        ("max_discount", &|policy| policy.max_discount = Bps(5_001)),
    ];
    for (field, change) in out_of_range {
        assert_eq!(world.out_of_range(with(change), authority), field);
    }
    // The treasury is none of the network's own accounts.
    let vault = network.reward_vault();
    assert!(world.send(&[swap(with(&|policy| policy.treasury = vault), 6, vault)], authority).is_err());
    let other = with(&|policy| policy.treasury = network.price);
    world.fails(swap(other, 6, dollars.treasury), authority, BmeError::WrongAddress);
    let of_network = with(&|policy| policy.treasury = own);
    world.fails(swap(of_network, 6, own), authority, BmeError::WrongTokenOwner);
    // A circle would pay.
    world.fails(with(&|policy| policy.cut = Bps(1_500)), authority, BmeError::CircleWouldPay);
    let receipt = world.ok(&[open()], authority);
    let event: event::DollarPolicyChanged = receipt.event(ID);
    let executable_at = fiat.story.state().epoch_ends_at;
    assert_eq!((event.header.source, event.executable_at), (dollars.auction(), executable_at));
    let auction = fiat.auction();
    assert_eq!((auction.policy, auction.proposed_policy), (DollarPolicy::default(), dollars.policy()));
    assert_eq!((auction.mint, auction.issuer_powers), (dollars.mint.address, 1));
    assert_eq!(fiat.story.state().takes_dollars, 0);
    assert!(world.send(&[open()], authority).is_err(), "there is one");

    let add = || dollars.add_shard_instruction(world, network, 0);
    world.fails(swap(add(), 1, stranger.authority.pubkey()), &[&stranger.authority], BmeError::Unauthorized);
    world.fails(swap(add(), 2, stranger.address), &[&network.authority], BmeError::Unauthorized);
    let foreign = swap(swap(add(), 1, stranger.authority.pubkey()), 2, stranger.address);
    world.fails(foreign, &[&stranger.authority], BmeError::WrongNetwork);
    world.fails(swap(add(), 6, network.mint), authority, BmeError::WrongAddress);
    world.fails(swap(add(), 7, TOKEN_2022_PROGRAM), authority, BmeError::WrongTokenProgram);
    world.ok(&[add()], authority);
    assert!(world.send(&[add()], authority).is_err(), "there is one");
    assert_eq!((fiat.auction().shard_count, fiat.story.state().dollar_shard_limit), (1, Tokens(0)));

    dollars.wait(world, network);
    world.ok(&[dollars.execute_instruction()], &[]);
    let state = fiat.story.state();
    assert_eq!((state.dollar_feed_id, state.dollar_price_account), (DOLLAR_FEED, Address::default()));
    assert_eq!((state.takes_dollars, state.dollar_cut, state.dollar_premium), (1, Bps(300), Bps(200)));
    assert_eq!((fiat.auction().level, state.dollar_shard_limit), (Tokens(1_000 * DOLLAR), Tokens(3_000 * DOLLAR)));

    let full = Auction { shard_count: MAX_SHARDS, ..fiat.auction() };
    let add = dollars.add_shard_instruction(world, network, MAX_SHARDS);
    fiat.story.world.forge(fiat.dollars.auction(), &full);
    fiat.story.world.fails(add, &[&fiat.story.network.authority], BmeError::TooManyShards);
}

/// What is shown as another amount than it is, has no price; and a token that is sold for itself has none either.
#[test]
fn no_auction_is_for_a_scaled_dollar_or_for_the_networks_own_token() {
    let scaled = |world: &mut World| world.dollar_with(&[ExtensionType::ScaledUiAmount], false, "scaled");
    for own in [false, true] {
        let mut fiat = Fiat::unopened(Story::safe(), |world| if own { world.classic_dollar() } else { scaled(world) });
        let mint = fiat.dollars.mint.address;
        let open = fiat.dollars.open_instruction(&fiat.story.world, &fiat.story.network, fiat.dollars.policy());
        if own {
            fiat.story.edit_network(|network| network.mint = mint);
        }
        fiat.story.world.fails(open, &[&fiat.story.network.authority], BmeError::MintNotAllowed);
    }
}

/// The authority turns: it names a mint of its own a stablecoin, by that one's feed, and would share in what others worked for.
#[test]
fn an_auction_waits_and_dilutes_no_work_that_was_done() {
    let mut fiat = Fiat::unopened(Story::safe(), |world| world.classic_dollar());
    let Fiat { story, dollars, .. } = &fiat;
    let (world, network) = (&story.world, &story.network);
    let authority = &[&network.authority][..];
    let open = dollars.open_instruction(world, network, dollars.policy());
    world.pass(DAY - 1_000);
    world.ok(&[open, dollars.add_shard_instruction(world, network, 0)], authority);
    let ends_at = story.state().epoch_ends_at;
    assert_eq!(
        fiat.auction().executable_at,
        ends_at.after(Seconds(6_200)).unwrap(),
        "change_delay is longer than this epoch"
    );
    // Until then it sells nothing, and buys nothing.
    fiat.refresh();
    let world = &fiat.story.world;
    world.fails(fiat.buy(DOLLAR), &[&fiat.story.client], BmeError::DollarsUnwanted);
    assert!(world.send(&[fiat.sell(TOKEN)], &[&fiat.seller]).is_err());
    world.pass(7_199);
    world.fails(fiat.dollars.execute_instruction(), &[], BmeError::ChangeNotReady);
    world.pass(1);
    // The epoch in which it was proposed is closed first: what its work is paid is settled.
    world.fails(fiat.dollars.execute_instruction(), &[], BmeError::EpochEnded);
    fiat.story.network.close_what_ended(world);
    world.ok(&[fiat.dollars.execute_instruction()], &[]);
    fiat.refresh();
    fiat.bought(DOLLAR);

    // Another policy waits as long: it could name another feed.
    let authority = &fiat.story.network.authority;
    let propose = fiat.dollars.propose_instruction(authority, fiat.dollars.policy());
    fiat.story.world.ok(&[propose], &[authority]);
    let ends_at = fiat.story.state().epoch_ends_at;
    assert_eq!(fiat.auction().executable_at, ends_at);

    // Work that is done while nobody closes the epoch counts in a later one, which has to be over as well.
    let (world, network) = (&fiat.story.world, &fiat.story.network);
    world.pass(ends_at.since(world.now()) + DAY + 3_600);
    world.ok(&[fiat.dollars.propose_instruction(authority, fiat.dollars.policy())], &[authority]);
    assert_eq!(fiat.auction().executable_at, ends_at.after(Seconds(2 * DAY as u32)).unwrap());
    world.pass(7_200);
    network.close_what_ended(world);
    world.fails(fiat.dollars.execute_instruction(), &[], BmeError::ChangeNotReady);
}

#[test]
fn a_circle_that_would_pay_is_refused_wherever_something_changes() {
    let mut fiat = Fiat::unopened(Story::safe(), |world| world.classic_dollar());
    // What an epoch may emit beyond the dollars worked; what the open one may, though the policy is another by now.
    let changes: [&dyn Fn(&mut NetworkState); 5] = [
        &|network| network.policy.payout_share = Bps(0),
        &|network| network.policy.surplus_to_stakers = 1,
        &|network| network.policy.providers_share = Bps(6_000),
        &|network| network.terms.payout_share = Bps(7_000),
        &|network| network.terms.surplus_to_stakers = 1,
    ];
    let usual = fiat.story.state();
    for change in changes {
        fiat.story.edit_network(|network| {
            *network = usual;
            change(network);
        });
        let open = fiat.dollars.open_instruction(&fiat.story.world, &fiat.story.network, fiat.dollars.policy());
        fiat.story.world.fails(open, &[&fiat.story.network.authority], BmeError::CircleWouldPay);
    }
    fiat.story.edit_network(|network| *network = usual);
    fiat.story.edit_network(|network| network.closing = 1);
    let open = fiat.dollars.open_instruction(&fiat.story.world, &fiat.story.network, fiat.dollars.policy());
    fiat.story.world.fails(open, &[&fiat.story.network.authority], BmeError::EpochUnsettled);
    fiat.story.edit_network(|network| network.closing = 0);
    fiat.dollars.open(&fiat.story.world, &fiat.story.network);
    fiat.refresh();

    // The network's policy.
    let network = &fiat.story.network;
    for (index, payout_share) in [Bps(6_700), Bps(0)].into_iter().enumerate() {
        let policy = Policy { payout_share, ..fiat.story.state().policy };
        let propose = network.propose_policy_instruction(&fiat.story.world, index as u64, policy);
        fiat.story.world.ok(&[propose], &[&network.authority]);
        fiat.story.world.pass(7_200);
        let execute = network.execute_policy_instruction(&fiat.story.world, index as u64);
        fiat.story.world.fails(execute, &[], BmeError::CircleWouldPay);
    }
    // The auction's.
    let dear = DollarPolicy { cut: Bps(1_300), ..fiat.dollars.policy() };
    let execute = fiat.execute(dear);
    fiat.story.world.fails(execute, &[], BmeError::CircleWouldPay);
    assert_eq!(fiat.auction().policy, fiat.dollars.policy());
}

#[test]
fn a_change_waits_and_begins_at_the_highest_discount() {
    let mut fiat = Fiat::new();
    fiat.bought(1_000 * DOLLAR);
    fiat.story.world.ok(&[fiat.fold()], &[]);
    let other = fiat.story.stranger();
    fiat.pass(86_400);
    let authority = &fiat.story.network.authority;
    let better =
        DollarPolicy { premium: Bps(500), cut: Bps(0), limit: Tokens(2_000 * DOLLAR), ..fiat.dollars.policy() };
    let (world, dollars) = (&fiat.story.world, &fiat.dollars);
    world.fails(dollars.execute_instruction(), &[], BmeError::ChangeNotReady);
    fiat.story.network.close_what_ended(world);
    let propose = || dollars.propose_instruction(authority, better);
    let stranger = world.key();
    world.fails(swap(propose(), 0, stranger.pubkey()), &[&stranger], BmeError::Unauthorized);
    let foreign = swap(swap(propose(), 0, other.authority.pubkey()), 1, other.address);
    world.fails(foreign, &[&other.authority], BmeError::WrongNetwork);
    world.fails(swap(propose(), 3, fiat.story.network.treasury), &[authority], BmeError::WrongMint);
    let bad = dollars.propose_instruction(authority, DollarPolicy { premium: Bps(501), ..better });
    assert_eq!(world.out_of_range(bad, &[authority]), "premium");
    let receipt = world.ok(&[propose()], &[authority]);
    let at = fiat.story.state().epoch_ends_at;
    assert_eq!(receipt.event::<event::DollarPolicyChanged>(ID).executable_at, at);
    world.pass(at.since(world.now()) - 1);
    world.fails(dollars.execute_instruction(), &[], BmeError::ChangeNotReady);
    world.pass(1);
    fiat.story.network.close_what_ended(world);
    fiat.refresh();
    let foreign = swap(fiat.dollars.execute_instruction(), 0, other.address);
    fiat.story.world.fails(foreign, &[], BmeError::WrongNetwork);
    // Whoever executes it sells in the same transaction, and gains nothing by being the first.
    let sold = fiat.story.world.send(&[fiat.dollars.execute_instruction(), fiat.sell(TOKEN)], &[&fiat.seller]);
    assert_eq!(sold.err().and_then(|failure| failure.code()), Some(BmeError::AuctionFilled as u32));
    fiat.story.world.ok(&[fiat.dollars.execute_instruction()], &[]);
    let auction = fiat.auction();
    assert_eq!((auction.policy, auction.level), (better, Tokens(2_000 * DOLLAR)));
    assert_eq!((auction.executable_at, auction.proposed_policy), Default::default());
    let state = fiat.story.state();
    assert_eq!((state.dollar_premium, state.dollar_cut), (Bps(500), Bps(0)));
    // Another cut, and what is in force already: neither fills the auction.
    fiat.pass(3_600);
    fiat.story.network.close_what_ended(&fiat.story.world);
    for policy in [DollarPolicy { cut: Bps(1), ..better }, better, better] {
        let before = fiat.auction();
        let execute = fiat.execute(policy);
        fiat.story.world.ok(&[execute], &[]);
        let auction = fiat.auction();
        assert_eq!((auction.policy, auction.level, auction.leaked_at), (policy, before.level, before.leaked_at));
        assert_eq!(fiat.story.state().dollar_cut, policy.cut);
    }
    // One that nobody executed in time is void.
    let execute = fiat.execute(better);
    fiat.story.world.pass(CHANGE_WINDOW.0 as u64 + 1);
    fiat.story.world.fails(execute, &[], BmeError::ChangeExpired);
}

#[test]
fn folding_checks_its_accounts() {
    let mut fiat = Fiat::new();
    fiat.bought(100 * DOLLAR);
    let stranger = fiat.story.stranger();
    let theirs = stranger_dollars(&mut fiat, &stranger);
    let (world, dollars) = (&fiat.story.world, &fiat.dollars);
    let fold = || fiat.fold();
    for index in [1, 2, 3, 4, 5] {
        world.fails(read_only(fold(), index), &[], BmeError::NotWritable);
    }
    world.fails(swap(fold(), 0, stranger.address), &[], BmeError::WrongNetwork);
    world.fails(swap(fold(), 1, theirs.auction()), &[], BmeError::WrongNetwork);
    world.fails(swap(fold(), 2, dollars.vault(1)), &[], BmeError::WrongAddress);
    world.fails(swap(fold(), 3, theirs.shard(0)), &[], BmeError::WrongNetwork);
    world.fails(swap(fold(), 4, dollars.vault(1)), &[], BmeError::WrongAddress);
    world.fails(swap(fold(), 5, fiat.wallet), &[], BmeError::WrongAddress);
    world.fails(swap(fold(), 6, fiat.story.network.mint), &[], BmeError::WrongAddress);
    world.fails(swap(fold(), 7, TOKEN_2022_PROGRAM), &[], BmeError::WrongTokenProgram);
    world.fails(dollars.fold_instruction(1), &[], BmeError::ZeroAmount);
    // Works while the network is paused.
    let network = &fiat.story.network;
    let pause = Pause { authority_or_guardian: network.guardian.pubkey(), network: network.address };
    world.ok(&[pause.instruction(&PauseArgs {})], &[&network.guardian]);
    world.ok(&[fold()], &[]);
}

/// Client, provider, stakers, treasury and seller are one party: what comes back of the dollars, with the dearest prices that it can
/// find for its work and the cheapest for its credits.
#[test]
fn a_circle_of_dollars_work_emission_and_sale_loses() {
    // All of the emission that 60 % for providers makes is 85.7 % of the dollars worked.
    for rise in [0, 20] {
        let mut fiat = Fiat::new();
        fiat.story.edit_policy(|policy| {
            policy.initial_emission = Tokens(100_000 * TOKEN);
            policy.remint_share = Bps(0);
        });
        fiat.bought(1_000 * DOLLAR);
        fiat.story.world.ok(&[fiat.fold()], &[]);
        let credits = fiat.story.credit_account();
        assert_eq!(credits.balance, Credits(970 * DOLLAR));
        fiat.story.world.ok(&[fiat.story.lock(970 * DOLLAR)], &[&fiat.story.client, &fiat.story.spending]);
        fiat.story.world.ok(&[fiat.story.consume(970 * DOLLAR)], &[&fiat.story.spending]);
        fiat.story.world.pass(DAY);
        // The market rises while the average lags behind: work is valued at the newest price, if that is dearer.
        let price = 250_000_000 + 2_500_000 * rise;
        fiat.story.publish(price);
        fiat.story.world.ok(&[fiat.story.network.update_average_instruction()], &[]);
        fiat.story.world.ok(&[fiat.story.close(1)], &[]);
        let epoch = fiat.story.epoch(1);
        let emitted = epoch.emission.0 + epoch.stakers_emission.0 + epoch.treasury_emission.0;
        let by_dollars = 970 * DOLLAR as u128 * 6 * TOKEN as u128 * 100 / (7 * price as u128);
        assert!(
            emitted as u128 <= by_dollars && emitted <= credits.tokens.0,
            "{emitted} of {by_dollars}, {}",
            credits.tokens
        );
        // What providers claim and others got is sold, here by the seller.
        fiat.dollars.publish(&mut fiat.story.world, 100_000_000);
        let level = fiat.auction();
        assert_eq!(level.level, Tokens(1_000 * DOLLAR));
        let back = fiat.sold(emitted) + fiat.story.world.tokens(fiat.dollars.treasury);
        assert!(back < 920 * DOLLAR, "{back} of a thousand dollars");
    }
}

/// A provider whose client paid when tokens were cheap is paid no more than these dollars would have bought then, whoever works beside it.
#[test]
fn work_for_dollars_carries_what_they_would_have_bought() {
    let fiat = Fiat::new();
    fiat.bought(1_000 * DOLLAR);
    let carried = fiat.story.credit_account().tokens.0;
    let bought = 1_000 * DOLLAR * TOKEN / 2_525_000;
    assert!(carried < bought, "less than a market sells for as many dollars");
    fiat.story.world.ok(&[fiat.story.lock(970 * DOLLAR)], &[&fiat.story.client, &fiat.story.spending]);
    fiat.story.world.ok(&[fiat.story.consume(970 * DOLLAR)], &[&fiat.story.spending]);
    let work: WorkShard = fiat.story.world.read(fiat.story.network.work_shard(0));
    assert_eq!((work.total_work, work.total_tokens), (Credits(970 * DOLLAR), Tokens(carried)));
}

#[test]
fn tokens_paid_while_the_network_is_idle_are_not_given_back_for_dollars_either() {
    let mut fiat = Fiat::new();
    fiat.story.edit_network(|network| network.last_worked_at = Timestamp(0));
    fiat.bought(100 * DOLLAR);
    let account = fiat.story.credit_account();
    assert_eq!((account.idle_tokens, account.idle_bought_at), (account.tokens, fiat.story.world.now()));
}

/// Neither who paid for the auction and for the other shards, nor the authority.
#[test]
fn a_dollar_shard_names_who_paid_for_it() {
    let mut fiat = Fiat::new();
    let payer = fiat.story.world.user();
    let (world, network, dollars) = (&fiat.story.world, &fiat.story.network, &fiat.dollars);
    let before = world.lamports(payer.pubkey());
    let add = swap_named(dollars.add_shard_instruction(world, network, 2), "payer", payer.pubkey());
    world.ok(&[add], &[&payer, &network.authority]);
    let shards = [1, 2].map(|index| world.read::<DollarShard>(dollars.shard(index)).payer);
    assert_eq!(shards, [world.payer().pubkey(), payer.pubkey()]);
    let rent = world.lamports(dollars.shard(2)) + world.lamports(dollars.vault(2));
    assert_eq!(before - world.lamports(payer.pubkey()), rent);
}
