//! io.net.
//!
//! | number | here | source |
//! |---|---|---|
//! | IO at first, ever | 500,000,000, 800,000,000 | docs.io.net/docs/io-tokenomics, read in November 2026 |
//! | emission | 8 % in the first year, 1.02 % less each month: 109,589 a day | the same (hourly there, daily here) |
//! | who gets it | 95 % enterprise machines, 5 % the community's, by multiplier | docs.io.net/docs/proposed-device-block-reward-multiplier, June 2025 |
//! | stake of a device | 200 IO times its multiplier for each GPU; eight H100: 16,000 | docs.io.net/docs/io-staking |
//! | leaving | 14 days | the same |
//! | fees | 0.25 % of each side and 2 % for USDC: 2.25 % of a supplier | docs.io.net/docs/io-tokenomics |
//! | price; a machine's hour in a cluster | 0.40 dollars; 2 dollars | assumptions |
//! | a token of inference; a bond in a cluster | 0.00001 dollars; 500 IO, a fifth of it lost by failing | assumptions |
//!
//! A page without a date is as it was read in November 2026.

use {
    crate::month::{Act, DAYS, HOUR, Month, PRICE, Plan, number},
    joule_escrow_interface::{
        EscrowError,
        state::{Job as JobState, Terms, gang_state, issuer_power, matching, outcome, scheme},
        voucher::verify_instruction,
    },
    joule_identity_interface::state::Node,
    joule_math::{Amount, Bps, Seconds, Timestamp, Tokens},
    joule_stake_interface::state::PoolPolicy,
    joule_tests::fixture::{
        Backer, Deposit, Gang, Job, Machine, Market, Pool, Tree, Voucher, add_class, by_usage, create_registry,
        usual_terms, voucher_for,
    },
    solana_keypair::Keypair,
    solana_signer::Signer,
};

const H100: u32 = 1;
/// Base units of USDC a second: 2 dollars an hour.
const SECOND: u64 = 555;
/// Machines of a cluster, and its hours a day.
const SIZE: usize = 3;
const HOURS: u64 = 12;
/// On that day one of them dies after its heartbeat of that hour.
const FAILURE: u64 = 12;
const FAILED_AT: u64 = 4;
/// Tokens of inference that an agent's key signs for on a day.
const REQUESTED: u64 = 200_000;
/// Where in a transaction its first instruction stands: behind its limits.
const FIRST: u8 = 1;

struct Device {
    key: Keypair,
    own: Backer,
    machine: Machine,
    dollars: joule_interface::Address,
}

/// A client of clusters, who pays in dollars.
struct Renter {
    market: Market,
    key: Keypair,
    jobs: u64,
}

impl Renter {
    /// Its next job, as a place of a gang on the device.
    fn place(&mut self, gang: &Gang, device: &Device) -> Job {
        self.jobs += 1;
        let place = gang.place(&self.market, self.jobs, device.key.pubkey(), device.dollars);
        Job { node: device.machine.node(), ..place }
    }

    /// The device takes the place.
    fn join(&self, month: &mut Month, gang: &Gang, job: &Job, device: &Device) {
        let join = gang.join_instruction(&month.world, &self.market, job);
        month.send(&[join], &[&device.key]);
    }

    /// A keeper ends the place: its job as it was left.
    fn settle(&self, month: &mut Month, gang: &Gang, job: &Job) -> JobState {
        let keeper = month.world.payer().pubkey();
        month.send(&[gang.settle_instruction(&self.market, job, keeper)], &[]);
        let state: JobState = month.world.read(job.address);
        let bond = self.market.settle_bond_instruction(job, self.market.staked.0);
        month.burning(|month| drop(month.send(&[bond], &[])));
        month.send(&[self.market.close_job_instruction(&month.world, job)], &[]);
        let cost = state.paid.0 + state.fee_paid.0;
        assert!(state.fee_paid.0.abs_diff(cost * 225 / 10_000) <= 1, "{state:?}");
        month.paid_directly += cost as f64 / 1e6;
        month.note_dollars(state.paid.0 as f64 / 1e6);
        state
    }

    /// A cluster works for twelve hours, all of its machines or none. `fails`: the first of them dies, is shown to be dead, and the
    /// spare takes its place. Returns the machine hours.
    fn cluster(&mut self, month: &mut Month, number: u64, devices: &[&Device], fails: bool) -> f64 {
        let gang = Gang::of(self.key.pubkey(), number);
        let (together, spare) = devices.split_at(SIZE);
        let mut places: Vec<(Job, &Device)> =
            together.iter().map(|device| (self.place(&gang, device), *device)).collect();
        let jobs: Vec<Job> = places.iter().map(|(job, _)| *job).collect();
        let post = gang.post_instruction(&month.world, &self.market, SIZE as u8, (HOURS * HOUR) as u32);
        month.send(&[post], &[&self.key]);
        month.send(&[gang.places_instruction(&month.world, &self.market, &jobs)], &[&self.key]);
        for (job, device) in &places {
            self.join(month, &gang, job, device);
        }
        let mut seconds = 0;
        for hour in 1..HOURS {
            month.world.run(HOUR);
            let is_dead = fails && (FAILED_AT + 1..=FAILED_AT + 3).contains(&hour);
            for (job, device) in &places[is_dead as usize..] {
                month.send(&[gang.heartbeat_instruction(job)], &[&device.key]);
            }
            if is_dead && hour == FAILED_AT + 3 {
                // Three heartbeats are missing, and a second more: anyone shows it. It is paid until an hour after its last one.
                month.world.run(1);
                let (job, _) = places.remove(0);
                let keeper = month.world.payer().pubkey();
                month.send(&[gang.take_out_instruction(&self.market, keeper, &job)], &[]);
                let state = self.settle(month, &gang, &job);
                assert_eq!((state.outcome, state.earned.0), (outcome::FAILED, (FAILED_AT + 1) * HOUR * SECOND));
                seconds += (FAILED_AT + 1) * HOUR;
                let job = self.place(&gang, spare[0]);
                month.send(&[gang.places_instruction(&month.world, &self.market, &[job])], &[&self.key]);
                self.join(month, &gang, &job, spare[0]);
                places.push((job, spare[0]));
            }
        }
        month.world.run(HOUR);
        for (job, _) in &places {
            let state = self.settle(month, &gang, job);
            assert_eq!(state.outcome, outcome::DELIVERED);
            seconds += state.earned.0 / SECOND;
        }
        assert_eq!(gang.state(&month.world).state, gang_state::FINISHED);
        month.send(&[gang.close_instruction(&month.world)], &[]);
        seconds as f64 / HOUR as f64
    }
}

#[test]
fn a_month() {
    let plan = Plan {
        name: "io_net",
        symbol: "IO",
        decimals: 8,
        supply: 500_000_000,
        reserve: 0,
        price: PRICE * 40 / 100,
        programs: &[],
    };
    let io = |whole: u64| Tokens(whole * 100_000_000);
    let rules = PoolPolicy { unbonding_period: Seconds(14 * 86_400), ..Pool::rules() };
    let mut month = Month::new(plan, rules, |policy, _| {
        policy.initial_emission = io(109_589);
        (policy.decay_step, policy.decay_share) = (30, Bps(102));
        policy.max_supply = io(800_000_000);
        policy.roots_share = Bps::WHOLE;
    });
    month.open_roots(2);
    // Machines that a verifier has seen.
    create_registry(&month.world, &month.network);
    add_class(&month.world, &month.network, H100, 1);
    let mut tree = Tree::new(&month.world, &month.network, 14, 64, 0).0;
    let verifier = month.world.user();
    let provider = joule_identity_interface::ID;
    let add = tree.add_attestor_instruction(&month.network, verifier.pubkey(), provider, 1);
    month.world.ok(&[add], &[&month.network.authority]);
    let verifier = Voucher { key: verifier, id: 1, provider };

    // Dollars, whose issuer can freeze accounts.
    let coin = month.world.classic_dollar();
    let treasury_owner = month.world.user();
    let treasury = month.world.associated_account(coin.address, treasury_owner.pubkey());
    let client = month.world.user();
    let wallet = month.world.associated_account(coin.address, client.pubkey());
    month.world.mint_to(&coin, wallet, 10_000_000_000);
    let deposit = Deposit::of(client.pubkey(), coin.address, coin.token_program);
    let open = deposit.open_naming_instruction(&month.world, issuer_power::FREEZE);
    let fund = deposit.deposit_instruction(client.pubkey(), wallet, 9_000_000_000);
    month.send(&[open, fund], &[&client]);
    let terms = Terms {
        price: Amount(SECOND),
        min_self_stake: io(8_000),
        class: H100,
        max_duration: Seconds(30 * 86_400),
        fee_share: Bps(225),
        fee_payee: treasury,
        ..usual_terms()
    };
    let clusters = Terms {
        matching: matching::DIRECT | matching::GANG,
        bond_amount: io(500),
        failure_penalty: Bps(2_000),
        heartbeat_interval: Seconds(HOUR as u32),
        min_duration: Seconds(HOUR as u32),
        reports: 1,
        ..terms
    };
    let inference = Terms { price: Amount(10), ..by_usage(terms) };
    let [market, clusters, inference] = [(0, terms), (1, clusters), (2, inference)]
        .map(|(number, terms)| Market::unborn(&month.network, &month.pool, number, terms).paid_in(&coin));
    month.pool.add_slasher(&month.world, &month.network, market.authority);
    for market in [&market, &clusters, &inference] {
        let create = market.create_naming_instruction(&month.world, &month.network, issuer_power::FREEZE);
        month.world.ok(&[create], &[&month.network.authority]);
    }

    // Four devices of eight H100, each with 9,000 IO of its own, a bond included, and 8,000 of a co-staker; and one that pretends.
    let devices: Vec<Device> = (0..5)
        .map(|number| {
            let key = month.world.user();
            let own = month.stake(&key, 9_000);
            let machine = tree.mint(&month.world, &month.network, key.pubkey(), &format!("8x H100 {number}")).0;
            tree.reserve(&month.world, key.pubkey(), &tree.specification(&machine));
            let activate = tree.activate_instruction(&month.world, &machine, key.pubkey(), H100);
            month.send(&[activate], &[&key]);
            let dollars = month.world.associated_account(coin.address, key.pubkey());
            month.claimant();
            let until = Timestamp(month.world.now().0 + 60 * 86_400);
            let attest = tree.attest_instruction(&month.world, &verifier, &machine, until);
            month.send(&[attest], &[&verifier.key]);
            Device { key, own, machine, dollars }
        })
        .collect();
    month.settle_in();
    let co_stakers: Vec<Keypair> = (0..4).map(|_| month.world.user()).collect();
    for (who, key) in co_stakers.iter().enumerate() {
        month.delegate(key, devices[who].own.provider, 8_000);
    }

    // An agent, which has a key and nothing else: its owner posted a job of a month that names the key.
    let agent = Keypair::new();
    let requests = inference.job(client.pubkey(), 1_000, devices[0].key.pubkey(), devices[0].dollars);
    let requests = Job { node: devices[0].machine.node(), ..requests };
    let (length, most) = ((28 * 24 * HOUR) as u32, 28 * REQUESTED + 100_000);
    let session = (scheme::ED25519, agent.pubkey().to_bytes());
    let post = inference.post_usage_instruction(&month.world, &requests, length, most, session);
    month.send(&[post], &[&client]);
    let start = inference.start_instruction(&month.world, &requests);
    month.send(&[start], &[&devices[0].key]);

    let mut renter = Renter { market: clusters, key: client.insecure_clone(), jobs: 0 };
    let (mut hours, mut by_lists, mut refused, mut vouchers) = (0.0, 0, 0, 0);
    for day in 0..DAYS {
        let together: Vec<&Device> = (0..4).map(|place| &devices[(day as usize + place) % 4]).collect();
        hours += renter.cluster(&mut month, day, &together, day == FAILURE);
        // Of a week's requests the last voucher says it all.
        if day % 7 == 6 {
            let voucher = voucher_for(&agent, &month.world, &requests, (day + 1) * REQUESTED);
            let redeem = inference.redeem_instruction(&requests, month.world.payer().pubkey(), FIRST, 0);
            let before: JobState = month.world.read(requests.address);
            month.send(&[verify_instruction(&[voucher]), redeem], &[]);
            let state: JobState = month.world.read(requests.address);
            month.paid_directly += (state.earned.0 - before.earned.0) as f64 / 1e6;
            month.note_dollars((state.paid.0 - before.paid.0) as f64 / 1e6);
            vouchers += 1;
        }
        if day == 29 {
            let keeper = month.world.payer().pubkey();
            month.send(&[inference.finish_instruction(&requests, keeper, [0; 32])], &[]);
            let state: JobState = month.world.read(requests.address);
            assert_eq!((state.earned.0, state.refunded.0), (28 * REQUESTED * 10, 100_000 * 10));
            month.send(&[inference.close_job_instruction(&month.world, &requests)], &[]);
        }
        // The verifier finds that the fifth is no H100: what it vouched ends, and no job takes it any more.
        if day == 5 {
            let strike = tree.strike_instruction(&month.world, &month.network, &devices[4].machine, verifier.id);
            let authority = month.network.authority.insecure_clone();
            month.send(&[strike], &[&authority]);
            let node: Node = month.world.read(devices[4].machine.node());
            assert!(!node.serves(H100, month.world.now()));
        }
        if day == 6 {
            let job = market.job(client.pubkey(), 2_000, devices[4].key.pubkey(), devices[4].dollars);
            let job = Job { node: devices[4].machine.node(), ..job };
            market.post(&month.world, &client, &job, HOUR as u32);
            let start = market.start_instruction(&month.world, &job);
            month.world.fails(start, &[&devices[4].key], EscrowError::WrongNode);
            month.send(&[market.cancel_instruction(&job, client.pubkey())], &[&client]);
            refused += 1;
        }
        month.end_day().expect("an epoch a day");
        if day % 7 == 6 {
            // By multiplier and uptime: four of the enterprise pool, which has 95 %; nothing for who pretended.
            by_lists += month.share_budget(&[25, 25, 25, 25, 0]);
        }
    }
    let treasury = month.world.tokens(treasury);
    month.fact("machine hours", number(hours));
    month.fact("tokens of inference, vouchers redeemed", format!("{}, {vouchers}", number((28 * REQUESTED) as f64)));
    month.fact("fees, for the treasury", format!("{} USDC", number(treasury as f64 / 1e6)));
    month.fact("block rewards by lists", format!("{} IO", number(month.whole(by_lists))));
    month.fact("jobs refused to who pretended", refused);
    month.end("io.net", ACTS);
}

const ACTS: &[Act] = &[
    Act {
        what: "Paying",
        today: "USDC or IO; suppliers can hold dollars",
        here: "a market paid in USDC: pay goes to the supplier's own account",
        differs: "none; what the issuer can do is named by market and deposit",
    },
    Act {
        what: "Fees",
        today: "0.25 % of each side, 2 % for USDC; revenue buys and burns IO",
        here: "`fee_share` 2.25 % to the treasury",
        differs: "one fee, of the supplier's side. What the treasury does with its USDC is its own: an auction burns tokens for dollars that bought credits, and here dollars go to suppliers",
    },
    Act {
        what: "Block rewards",
        today: "hourly, 8 % a year falling by 1.02 % a month, by device",
        here: "the same schedule daily, all of it by weekly reward roots; `decay_step` 30, `decay_share` 1.02 %",
        differs: "the schedule ends by `max_supply`, as there",
    },
    Act {
        what: "Stake",
        today: "200 IO times the multiplier a GPU, 14 days to leave, co-stakers",
        here: "`min_self_stake` of the class's market, `unbonding_period` 14 days; a co-staker delegates",
        differs: "only own stake counts for the minimum, so a co-staker cannot bring the whole of it; many co-stakers a device",
    },
    Act {
        what: "Clusters",
        today: "machines that start together",
        here: "gangs: all machines start, or none does. One that died was shown by its missing heartbeats, lost a fifth of its bond, and a spare took its place",
        differs: "the clock of the others stands until it does; 64 machines at most",
    },
    Act {
        what: "Inference",
        today: "by an API, by tokens",
        here: "by the token of inference: an agent with nothing but a key signs vouchers, and the last of each week is redeemed (`PostUsageJob`)",
        differs: "its owner names the key and the most that it spends",
    },
    Act {
        what: "Who cheats",
        today: "proof of work each hour; block rewards are withheld, stake is slashed",
        here: "a machine that pretends loses the verifier's word: no job takes it, no list names it",
        differs: "none",
    },
];
