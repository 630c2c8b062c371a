//! `median-feed`: a price account in Pyth's layout, which `bme` reads.

use {
    joule_bme_interface::{
        BmeError, ID as BME,
        event::CreditsBought,
        price_update::{ACCOUNT_SIZE, PriceUpdate},
        state::Network as NetworkState,
    },
    joule_interface::{Address, Instruction, SYSTEM_PROGRAM, bytemuck},
    joule_math::{Bps, Seconds, Timestamp},
    joule_tests::{
        Network, Receipt, World,
        fixture::{FEED, PYTH_RECEIVER, TOKEN, price_update},
        world::{read_only, swap},
    },
    median_feed::{
        FeedError, ID,
        instruction::*,
        median::MAX_PRICE,
        pda,
        state::{Feed, Settings, Source},
    },
    solana_account::Account,
    solana_keypair::Keypair,
    solana_signer::Signer,
    solana_system_interface::instruction::transfer,
};

const DAY: u64 = 86_400;
/// Two dollars and a half, in units of 10^-8.
const PRICE: u64 = 250_000_000;

fn settings() -> Settings {
    Settings {
        max_age: Seconds(60),
        average_period: Seconds(3_600),
        speed: Bps(1_000),
        min_confidence: Bps(10),
        min_reports: 2,
        reserved: [0; 3],
    }
}

fn signed(signer: &Keypair) -> Source {
    Source { key: signer.pubkey(), receiver: Address::default() }
}

/// A feed of three signers.
struct Story {
    world: World,
    authority: Keypair,
    signers: [Keypair; 3],
    feed: Address,
    price: Address,
}

impl Story {
    fn new() -> Self {
        let mut world = World::with(&[("median_feed", ID)]);
        let authority = world.user();
        let signers = [world.user(), world.user(), world.user()];
        let feed = pda::feed::find(&authority.pubkey(), &[0; 8]).0;
        let price = pda::price::find(&feed).0;
        let story = Self { world, authority, signers, feed, price };
        story.world.ok(&[story.open(&story.sources())], &[&story.authority]);
        story
    }

    fn sources(&self) -> [Source; 3] {
        [0, 1, 2].map(|signer| signed(&self.signers[signer]))
    }

    fn open(&self, sources: &[Source]) -> Instruction {
        Open {
            payer: self.world.payer().pubkey(),
            authority: self.authority.pubkey(),
            feed: self.feed,
            price: self.price,
            system_program: SYSTEM_PROGRAM,
        }
        .instruction_with(
            &OpenArgs { id: 0, exponent: -8, change_delay: Seconds(7_200), settings: settings() },
            bytemuck::cast_slice(sources),
        )
    }

    fn report_instruction(&self, signer: &Keypair, price: u64, ago: i64) -> Instruction {
        let observed_at = Timestamp(self.world.now().0 - ago);
        Report { reporter: signer.pubkey(), feed: self.feed, price: self.price }.instruction(&ReportArgs {
            price,
            conf: 0,
            observed_at,
        })
    }

    fn report(&self, signer: usize, price: u64) -> Receipt {
        let signer = &self.signers[signer];
        self.world.ok(&[self.report_instruction(signer, price, 0)], &[signer])
    }

    /// All report these prices, a second after the last time.
    fn report_all(&self, prices: [u64; 3]) {
        self.world.pass(1);
        (0..3).zip(prices).for_each(|(signer, price)| drop(self.report(signer, price)));
    }

    fn pull(&self, price_update: Address) -> Instruction {
        Pull { feed: self.feed, price: self.price, price_update }.instruction(&PullArgs {})
    }

    fn propose(&self, sources: &[Source]) -> Instruction {
        Propose { authority: self.authority.pubkey(), feed: self.feed }
            .instruction_with(&ProposeArgs { settings: settings() }, bytemuck::cast_slice(sources))
    }

    fn execute(&self) -> Instruction {
        Execute { feed: self.feed }.instruction(&ExecuteArgs {})
    }

    fn remove(&self, source: Source) -> Instruction {
        Remove { authority: self.authority.pubkey(), feed: self.feed }.instruction(&RemoveArgs { source })
    }

    fn hand_over(&self, successor: Address) -> Instruction {
        HandOver { authority: self.authority.pubkey(), feed: self.feed, successor }.instruction(&HandOverArgs {})
    }

    fn close(&self) -> Instruction {
        Close { feed: self.feed, price: self.price, rent_receiver: self.world.payer().pubkey() }
            .instruction(&CloseArgs {})
    }

    fn update(&self) -> PriceUpdate {
        let data = self.world.account(self.price).expect("the price account is there").data;
        assert_eq!(data.len(), ACCOUNT_SIZE);
        bytemuck::pod_read_unaligned(&data[..ACCOUNT_SIZE - 1])
    }

    fn published(&self) -> (i64, u64) {
        let update = self.update();
        (update.price, update.conf)
    }

    /// A network that believes this feed, a client with tokens, and its credits.
    fn network(&mut self, pinned: bool) -> (Network, Keypair, Address, Address) {
        let client = self.world.user();
        let mint = self.world.mint();
        let source = self.world.token_account(mint.address, client.pubkey());
        self.world.mint_to(&mint, source, 1_000 * TOKEN);
        let mut network = Network::unborn(&mut self.world, &mint);
        network.price = self.price;
        let mut create = network.create_instruction(&self.world, mint.authority.pubkey());
        // The policy is written as the network's authority would write it.
        let args = &mut create.data[1..];
        let args: &mut joule_bme_interface::instruction::CreateNetworkArgs = bytemuck::from_bytes_mut(args);
        let mut policy = args.policy;
        policy.price_receiver = ID;
        policy.feed_id = *self.feed.as_array();
        policy.price_account = if pinned { self.price } else { Address::default() };
        args.policy = policy;
        self.world.ok(&[create], &[&network.authority, &mint.authority]);
        network.add_shard(&self.world, 0);
        let credits = network.open_credit_account(&self.world, client.pubkey());
        (network, client, source, credits)
    }
}

#[test]
fn the_median_of_fresh_reports_is_the_price() {
    let story = Story::new();
    let update = story.update();
    assert_eq!(({ update.price }, { update.publish_time }), (0, 0), "stale until the first price");
    story.report(0, PRICE);
    assert_eq!(story.published(), (0, 0), "one of three");
    story.world.pass(10);
    story.report(2, PRICE + 200_000);
    // Of two the middle. Their interval is a tenth of a percent at least: 250,100.
    assert_eq!(story.published(), (PRICE as i64 + 100_000, 250_100));
    let now = story.world.now().0;
    assert_eq!({ story.update().publish_time }, now - 10, "the older of the two");
    story.world.pass(1);
    story.report(1, 900_000_000);
    // 2.502 is the middle now, as far as a second lets the price move.
    assert_eq!({ story.update().publish_time }, now);
    let update = story.update();
    assert_eq!(({ update.feed_id }, { update.exponent }, { update.verification }), (*story.feed.as_array(), -8, 1));
    assert_eq!({ update.prev_publish_time }, now - 10);
    let feed: Feed = story.world.read(story.feed);
    assert_eq!((feed.price, feed.conf), (update.price as u64, update.conf));
    assert!(feed.price > PRICE + 100_000 && feed.price < PRICE + 120_000, "{}", feed.price);
}

#[test]
fn one_of_three_moves_nothing() {
    let story = Story::new();
    story.report_all([PRICE, PRICE, PRICE]);
    for lie in [1, MAX_PRICE] {
        story.report_all([PRICE, lie, PRICE]);
        assert_eq!(story.published(), (PRICE as i64, PRICE / 1_000));
    }
    // Silence of the others gives the price to nobody.
    story.world.pass(61);
    story.report(1, 1);
    assert_eq!(story.published().0, PRICE as i64);
}

#[test]
fn only_sources_report_and_only_what_is_new() {
    let mut story = Story::new();
    let stranger = story.world.user();
    let strange = story.report_instruction(&stranger, PRICE, 0);
    story.world.fails(strange, &[&stranger], FeedError::NoSource);
    let mut unsigned = story.report_instruction(&story.signers[0], PRICE, 0);
    unsigned.accounts[0].is_signer = false;
    story.world.fails(unsigned, &[], FeedError::MissingSigner);
    let signer = &story.signers[0];
    let says = |price, ago| story.report_instruction(signer, price, ago);
    for (instruction, error) in [
        (says(0, 0), FeedError::InvalidReport),
        (says(MAX_PRICE + 1, 0), FeedError::InvalidReport),
        (says(PRICE, 61), FeedError::TooOld),
        (says(PRICE, -31), FeedError::FromTheFuture),
        (read_only(says(PRICE, 0), 1), FeedError::NotWritable),
        (read_only(says(PRICE, 0), 2), FeedError::NotWritable),
        (swap(says(PRICE, 0), 1, story.price), FeedError::WrongAccountType),
        (swap(says(PRICE, 0), 2, story.feed), FeedError::WrongAddress),
    ] {
        story.world.fails(instruction, &[signer], error);
    }
    story.world.ok(&[says(PRICE, 60)], &[signer]);
    story.world.fails(says(PRICE, 60), &[signer], FeedError::NotNewer);
    story.world.ok(&[says(PRICE, -30)], &[signer]);
    story.world.fails(says(PRICE, -30), &[signer], FeedError::NotNewer);
}

#[test]
fn other_feeds_are_sources() {
    let mut story = Story::new();
    let pyth = Source { key: Address::new_from_array(FEED), receiver: PYTH_RECEIVER };
    let sources = [signed(&story.signers[0]), pyth];
    story.world.ok(&[story.propose(&sources)], &[&story.authority]);
    story.world.pass(7_200);
    story.world.ok(&[story.execute()], &[]);
    let account = story.world.address();
    let now = story.world.now().0;
    story.world.set_price(account, &price_update(now));
    story.world.ok(&[story.pull(account)], &[]);
    story.report(0, PRICE + 10_000);
    // One cent each way, as Pyth says, and half of the difference.
    assert_eq!(story.published(), (PRICE as i64 + 5_000, 1_005_000));
    story.world.fails(story.pull(account), &[], FeedError::NotNewer);

    let fresh = price_update(now + 5);
    story.world.pass(5);
    for (update, error) in [
        (PriceUpdate { feed_id: [1; 32], ..fresh }, FeedError::NoSource),
        (PriceUpdate { verification: 0, ..fresh }, FeedError::InvalidPriceAccount),
        (PriceUpdate { discriminator: [0; 8], ..fresh }, FeedError::InvalidPriceAccount),
        (PriceUpdate { price: -1, ..fresh }, FeedError::InvalidReport),
        (PriceUpdate { publish_time: now - 60, ..fresh }, FeedError::TooOld),
        (PriceUpdate { publish_time: i64::MAX, ..fresh }, FeedError::FromTheFuture),
    ] {
        story.world.set_price(account, &update);
        story.world.fails(story.pull(account), &[], error);
    }
    // The same bytes of another owner, and of another length.
    story.world.set_price(account, &fresh);
    let right = story.world.account(account).unwrap();
    story.world.set_account(account, Account { owner: BME, ..right.clone() });
    story.world.fails(story.pull(account), &[], FeedError::NoSource);
    // Nor is a signer one whose address stands in an account of the System program's.
    let forged = PriceUpdate { feed_id: *story.signers[0].pubkey().as_array(), ..fresh };
    story.world.set_price(account, &forged);
    let forged = story.world.account(account).unwrap();
    story.world.set_account(account, Account { owner: SYSTEM_PROGRAM, ..forged });
    story.world.fails(story.pull(account), &[], FeedError::InvalidPriceAccount);
    story.world.set_price(account, &fresh);
    let longer = [&right.data[..], &[0]].concat();
    story.world.set_account(account, Account { data: longer, ..right });
    story.world.fails(story.pull(account), &[], FeedError::InvalidPriceAccount);
    // Of its own price a feed makes no other.
    let own = [signed(&story.signers[0]), Source { key: story.feed, receiver: ID }];
    story.world.fails(story.propose(&own), &[&story.authority], FeedError::InvalidSources);
}

#[test]
fn other_sources_wait_and_stopping_does_not() {
    let mut story = Story::new();
    let thief = story.world.user();
    let theirs = [signed(&thief)];
    let one = Settings { min_reports: 1, ..settings() };
    let propose = |authority: Address| {
        Propose { authority, feed: story.feed }
            .instruction_with(&ProposeArgs { settings: one }, bytemuck::cast_slice(&theirs))
    };
    story.world.fails(propose(thief.pubkey()), &[&thief], FeedError::Unauthorized);
    story.world.fails(story.execute(), &[], FeedError::NothingProposed);
    story.world.ok(&[propose(story.authority.pubkey())], &[&story.authority]);
    story.world.pass(7_199);
    story.world.fails(story.execute(), &[], FeedError::NotReady);
    story.world.fails(story.close(), &[], FeedError::NothingProposed);
    story.world.pass(1 + 14 * DAY);
    story.world.ok(&[story.execute()], &[]);
    story.world.fails(story.execute(), &[], FeedError::NothingProposed);

    // Back again; and a proposal that nobody executed ends.
    story.world.ok(&[story.propose(&story.sources())], &[&story.authority]);
    story.world.pass(7_200);
    story.world.ok(&[story.execute()], &[]);
    story.world.ok(&[propose(story.authority.pubkey())], &[&story.authority]);
    story.world.pass(7_200 + 14 * DAY + 1);
    story.world.fails(story.execute(), &[], FeedError::Expired);

    // At once: but the two that are left are still two that must agree.
    story.report_all([PRICE, PRICE, PRICE]);
    let first = signed(&story.signers[0]);
    story.world.fails(swap(story.remove(first), 0, thief.pubkey()), &[&thief], FeedError::Unauthorized);
    story.world.ok(&[story.remove(first)], &[&story.authority]);
    story.world.fails(story.remove(first), &[&story.authority], FeedError::NoSource);
    story.world.ok(&[story.remove(signed(&story.signers[1]))], &[&story.authority]);
    story.world.pass(1);
    let before = story.published();
    story.report(2, 2 * PRICE);
    assert_eq!(story.published(), before);
}

#[test]
fn it_is_closed_as_slowly_as_it_is_changed() {
    let story = Story::new();
    story.world.fails(story.close(), &[], FeedError::NothingProposed);
    story.world.ok(&[story.propose(&[])], &[&story.authority]);
    story.world.fails(story.execute(), &[], FeedError::NothingProposed);
    story.world.fails(story.close(), &[], FeedError::NotReady);
    story.world.pass(7_200);
    story.world.fails(swap(story.close(), 2, story.feed), &[], FeedError::WrongAddress);
    story.world.fails(swap(story.close(), 1, story.feed), &[], FeedError::WrongAddress);
    story.world.ok(&[story.close()], &[]);
    assert_eq!((story.world.account(story.feed), story.world.account(story.price)), (None, None));
    story.world.ok(&[story.open(&story.sources())], &[&story.authority]);
}

#[test]
fn without_an_authority_it_stays_as_it_is() {
    let mut story = Story::new();
    let next = story.world.user();
    let mut alone = story.hand_over(next.pubkey());
    alone.accounts[2].is_signer = false;
    story.world.fails(alone, &[&story.authority], FeedError::MissingSigner);
    story.world.ok(&[story.hand_over(next.pubkey())], &[&story.authority, &next]);
    story.world.fails(story.propose(&story.sources()), &[&story.authority], FeedError::Unauthorized);
    story.world.ok(&[swap(story.propose(&[]), 0, next.pubkey())], &[&next]);
    story.world.ok(&[swap(story.hand_over(ID), 0, next.pubkey())], &[&next]);
    for left in [story.execute(), story.close()] {
        story.world.fails(left, &[], FeedError::NothingProposed);
    }
    story.world.fails(swap(story.propose(&[]), 0, next.pubkey()), &[&next], FeedError::Final);
    let remove = swap(story.remove(signed(&story.signers[0])), 0, next.pubkey());
    story.world.fails(remove, &[&next], FeedError::Final);
    story.report_all([PRICE; 3]);
    assert_eq!(story.published().0, PRICE as i64);
}

#[test]
fn a_feed_is_opened_within_its_ranges_and_once() {
    let mut story = Story::new();
    let sources = story.sources();
    story.world.fails(story.open(&sources), &[&story.authority], FeedError::AlreadyInitialized);
    let other = story.world.user();
    let feed = pda::feed::find(&other.pubkey(), &[0; 8]).0;
    let open = |args: OpenArgs, tail: &[u8]| {
        Open {
            payer: story.world.payer().pubkey(),
            authority: other.pubkey(),
            feed,
            price: pda::price::find(&feed).0,
            system_program: SYSTEM_PROGRAM,
        }
        .instruction_with(&args, tail)
    };
    let right = OpenArgs { id: 0, exponent: -8, change_delay: Seconds(3_600), settings: settings() };
    let tail: &[u8] = bytemuck::cast_slice(&sources);
    for (args, tail, error) in [
        (OpenArgs { exponent: 1, ..right }, tail, FeedError::InvalidParameter),
        (OpenArgs { exponent: -13, ..right }, tail, FeedError::InvalidParameter),
        (OpenArgs { change_delay: Seconds(3_599), ..right }, tail, FeedError::InvalidParameter),
        (OpenArgs { change_delay: Seconds(30 * 86_400 + 1), ..right }, tail, FeedError::InvalidParameter),
        (OpenArgs { settings: Settings { speed: Bps(0), ..settings() }, ..right }, tail, FeedError::InvalidParameter),
        (OpenArgs { settings: Settings { min_reports: 1, ..settings() }, ..right }, tail, FeedError::InvalidSources),
        (right, &tail[..64], FeedError::InvalidSources),
        (right, &tail[..63], FeedError::InvalidArguments),
        (OpenArgs { id: 1, ..right }, tail, FeedError::WrongAddress),
    ] {
        story.world.fails(open(args, tail), &[&other], error);
    }
    story.world.fails(swap(open(right, tail), 3, feed), &[&other], FeedError::WrongAddress);
    // Lamports that somebody sent there hinder nobody.
    let payer = story.world.payer().pubkey();
    story.world.ok(&[transfer(&payer, &feed, 1_000_000), open(right, tail)], &[&other]);
}

// As the price of a network

#[test]
fn a_network_sells_at_its_price() {
    for pinned in [true, false] {
        let mut story = Story::new();
        let (network, client, source, credits) = story.network(pinned);
        let buy = || network.buy_instruction(client.pubkey(), source, credits, TOKEN);
        let average = || network.update_average_instruction();
        story.world.fails(average(), &[], BmeError::PartialPrice);
        story.report_all([PRICE - 100_000, PRICE, PRICE + 100_000]);
        story.world.ok(&[average()], &[]);
        // Published as soon as two had reported: the middle between them.
        assert_eq!(story.world.read::<NetworkState>(network.address).average.value, 249_950_000);
        let bought: CreditsBought = story.world.ok(&[buy()], &[&client]).event(BME);
        // Less the confidence, a tenth of a percent. The moving average's is a unit more, rounded up.
        assert_eq!((bought.price, bought.credits.0), (249_950_000 - 249_950 - 1, 2_497_000));

        // The market falls by a tenth within a minute: the price follows by a 600th, and sells nothing in between.
        story.world.pass(60);
        story.report_all([PRICE / 10 * 9; 3]);
        story.world.fails(buy(), &[&client], BmeError::UncertainPrice);
        // It comes back to what is within the network's two percent: sold at no more than the median.
        story.world.pass(60);
        story.report_all([PRICE / 1_000 * 985; 3]);
        let bought: CreditsBought = story.world.ok(&[buy()], &[&client]).event(BME);
        assert!(bought.price <= PRICE / 1_000 * 985, "{}", bought.price);

        // Silence: nothing is sold, whatever the others' price account says.
        story.world.pass(61);
        story.world.fails(buy(), &[&client], BmeError::StalePrice);
        let another = story.world.address();
        let now = story.world.now().0;
        story.world.set_price(another, &PriceUpdate { feed_id: *story.feed.as_array(), ..price_update(now) });
        story.world.fails(swap(buy(), 7, another), &[&client], BmeError::WrongPriceOwner);
    }
}

/// Anyone can open a feed. Its price has the feed's address as its id, so that a network takes it for no other.
#[test]
fn another_feed_of_the_program_is_not_the_networks() {
    let mut story = Story::new();
    let (network, client, source, credits) = story.network(false);
    story.report_all([PRICE; 3]);
    story.world.ok(&[network.update_average_instruction()], &[]);
    let thief = story.world.user();
    let feed = pda::feed::find(&thief.pubkey(), &[0; 8]).0;
    let price = pda::price::find(&feed).0;
    let open = Open {
        payer: story.world.payer().pubkey(),
        authority: thief.pubkey(),
        feed,
        price,
        system_program: SYSTEM_PROGRAM,
    };
    let one = Settings { min_reports: 1, ..settings() };
    let args = OpenArgs { id: 0, exponent: -8, change_delay: Seconds(3_600), settings: one };
    let open = open.instruction_with(&args, bytemuck::cast_slice(&[signed(&thief)]));
    let observed_at = story.world.now();
    let report = Report { reporter: thief.pubkey(), feed, price }.instruction(&ReportArgs {
        price: 2 * PRICE,
        conf: 0,
        observed_at,
    });
    story.world.ok(&[open, report], &[&thief]);
    let buy = network.buy_instruction(client.pubkey(), source, credits, TOKEN);
    story.world.fails(swap(buy.clone(), 7, price), &[&client], BmeError::WrongFeed);
    // Nor is the feed itself a price account.
    story.world.fails(swap(buy, 7, story.feed), &[&client], BmeError::InvalidPriceAccount);
}

/// The figures of the program's page: `cargo test -p joule-tests --test networks median_feed::what_it_costs -- --nocapture`.
#[test]
fn what_it_costs() {
    let mut world = World::with(&[("median_feed", ID)]);
    let authority = world.user();
    let signers: Vec<_> = (0..16).map(|_| world.user()).collect();
    let feed = pda::feed::find(&authority.pubkey(), &[0; 8]).0;
    let price = pda::price::find(&feed).0;
    let sources: Vec<_> = signers.iter().map(signed).collect();
    for count in [3, 16] {
        let settings = Settings { min_reports: count as u8 / 2 + 1, ..settings() };
        let feed_of = |id: u64| pda::feed::find(&authority.pubkey(), &id.to_le_bytes()).0;
        let (feed, price) = if count == 3 { (feed, price) } else { (feed_of(1), pda::price::find(&feed_of(1)).0) };
        let open = Open {
            payer: world.payer().pubkey(),
            authority: authority.pubkey(),
            feed,
            price,
            system_program: SYSTEM_PROGRAM,
        };
        let id = (count != 3) as u64;
        let args = OpenArgs { id, exponent: -8, change_delay: Seconds(3_600), settings };
        world.ok(&[open.instruction_with(&args, bytemuck::cast_slice(&sources[..count]))], &[&authority]);
        let mut most = 0;
        for round in 0..3 {
            world.pass(1);
            for (place, signer) in signers[..count].iter().enumerate() {
                let observed_at = world.now();
                let price_now = PRICE + (place as u64 * 7 + round) % 11 * 1_000;
                let report = Report { reporter: signer.pubkey(), feed, price }.instruction(&ReportArgs {
                    price: price_now,
                    conf: 1_000,
                    observed_at,
                });
                most = most.max(world.ok(&[report], &[signer]).units());
            }
        }
        println!("Report of {count} sources, with a price: at most {most} compute units");
        assert!(most < if count == 3 { 1_400 } else { 4_200 }, "{most}");
    }
}
