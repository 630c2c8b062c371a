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
//! | price, a cluster's hour | 0.40 dollars; 2 dollars a machine | assumptions |

use {
    crate::month::{Act, DAYS, HOUR, Month, PRICE, Plan, number},
    joule_escrow_interface::{
        EscrowError,
        state::{Job as JobState, Terms, issuer_power},
    },
    joule_identity_interface::state::Node,
    joule_math::{Amount, Bps, Seconds, Timestamp, Tokens},
    joule_stake_interface::state::PoolPolicy,
    joule_tests::fixture::{
        Backer, Deposit, Job, Machine, Market, Pool, Tree, Voucher, add_class, create_registry, usual_terms,
    },
    solana_keypair::Keypair,
    solana_signer::Signer,
};

const H100: u32 = 1;
/// Base units of USDC a second: 2 dollars an hour.
const SECOND: u64 = 555;

struct Device {
    key: Keypair,
    own: Backer,
    machine: Machine,
    dollars: joule_interface::Address,
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
    let market = Market::unborn(&month.network, &month.pool, 0, terms).paid_in(&coin);
    month.pool.add_slasher(&month.world, &month.network, market.authority);
    let create = market.create_naming_instruction(&month.world, &month.network, issuer_power::FREEZE);
    month.world.ok(&[create], &[&month.network.authority]);

    // Four devices of eight H100, each with 8,000 IO of its own and as much of a co-staker; and one that pretends.
    let devices: Vec<Device> = (0..5)
        .map(|number| {
            let key = month.world.user();
            let own = month.stake(&key, 8_000);
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

    let (mut jobs, mut hours, mut by_lists, mut refused) = (0u64, 0, 0, 0);
    for day in 0..DAYS {
        // A cluster of three machines for twelve hours.
        let cluster: Vec<Job> = (0..3)
            .map(|place| {
                let device = &devices[(day as usize + place) % 4];
                jobs += 1;
                let job = market.job(client.pubkey(), jobs, device.key.pubkey(), device.dollars);
                Job { node: device.machine.node(), ..job }
            })
            .collect();
        let key = |job: &Job| &devices.iter().find(|device| device.key.pubkey() == job.provider).expect("a device").key;
        let posts: Vec<_> =
            cluster.iter().map(|job| market.post_instruction(&month.world, job, (12 * HOUR) as u32)).collect();
        month.send(&posts, &[&client]);
        for job in &cluster {
            let start = market.start_instruction(&month.world, job);
            month.send(&[start], &[key(job)]);
        }
        month.world.run(12 * HOUR);
        for job in &cluster {
            let keeper = month.world.payer().pubkey();
            month.send(&[market.finish_instruction(job, keeper, [0; 32])], &[]);
            let state: JobState = month.world.read(job.address);
            let cost = SECOND * 12 * HOUR;
            assert_eq!(state.paid.0 + state.fee_paid.0, cost);
            assert!(state.fee_paid.0.abs_diff(cost * 225 / 10_000) <= 1, "{state:?}");
            month.send(&[market.close_job_instruction(&month.world, job)], &[]);
            month.paid_directly += cost as f64 / 1e6;
            month.note_dollars(state.paid.0 as f64 / 1e6);
            hours += 12;
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
            jobs += 1;
            let job = market.job(client.pubkey(), jobs, devices[4].key.pubkey(), devices[4].dollars);
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
    month.fact("machine hours", number(hours as f64));
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
        differs: "not used in this month: dollars for credits, with an auction that burns IO. One fee, of the supplier's side",
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
        here: "jobs that are posted in one transaction",
        differs: "not used in this month: gangs, whose machines start all or none (`PostGang`)",
    },
    Act {
        what: "Inference",
        today: "by an API, by tokens",
        here: "by the request, paid by vouchers (`PostUsageJob`); not used in this month",
        differs: "none",
    },
    Act {
        what: "Who cheats",
        today: "proof of work each hour; block rewards are withheld, stake is slashed",
        here: "a machine that pretends loses the verifier's word: no job takes it, no list names it",
        differs: "none",
    },
];
