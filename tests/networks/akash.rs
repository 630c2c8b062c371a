//! Akash.
//!
//! | number | here | source |
//! |---|---|---|
//! | credits | ACT, a dollar of compute that cannot be transferred, made by burning AKT; settled in AKT at the price then | AEP-76, github.com/akash-network/AEP, final since March 2026 |
//! | what pays providers | first what was burned (remint credits), then new AKT | AEP-76 |
//! | AKT | 6 decimals; about 292,000,000 | AEP-76 (decimals); market value by price: fundamentals.fyi/token/akash-network, 2026 |
//! | AKT's price | 0.676 dollars, here falling to 0.54 and rising to 0.81 | the same; the path is an assumption |
//! | leases | an auction from below; open-ended, by the block; anyone can add to the deposit | akash.network docs, escrow: leases are paid from a deposit, and bids have a deposit that comes back |
//! | most AKT ever | 388,539,008 | AKT's genesis, as its documents said before AEP-76: assumption |
//! | a lease | 1.20 dollars an hour at most, five days | assumption |
//! | bond | 100 AKT | assumption |
//!
//! A page without a date is as it was read in November 2026.

use {
    crate::month::{Act, Customer, DAYS, DOLLAR, HOUR, Month, PRICE, Plan, number},
    joule_bme_interface::state::CreditAccount,
    joule_escrow_interface::{
        EscrowError,
        state::{Job as JobState, Terms, job_state, matching, outcome},
    },
    joule_interface::Address,
    joule_math::{Amount, Bps, Seconds, Timestamp, Tokens},
    joule_tests::fixture::{Job, Market, Pool, Tree, Voucher, add_class, create_registry, usual_terms},
    solana_keypair::Keypair,
    solana_signer::Signer,
};

/// Machines of this class have the attribute that auditors sign.
const AUDITED: u32 = 1;
/// Micro-dollars a second: 1.20 dollars an hour.
const PRICE_LIMIT: u64 = 333;
const LEASE: u64 = 5 * 24 * HOUR;

struct Host {
    key: Keypair,
    worker: usize,
    node: Address,
}

#[test]
fn a_month() {
    let plan = Plan {
        name: "akash",
        symbol: "AKT",
        decimals: 6,
        supply: 292_000_000,
        reserve: 0,
        price: PRICE * 676 / 1_000,
        programs: &[],
    };
    let akt = |whole: u64| Tokens(whole * 1_000_000);
    let mut month = Month::new(plan, Pool::rules(), |policy, _| {
        // No schedule: providers get what was burned, and no more than their dollars are worth.
        policy.initial_emission = Tokens(0);
        policy.max_supply = akt(388_539_008);
        (policy.remint_share, policy.remint_cap) = (Bps::WHOLE, akt(388_539_008));
        (policy.providers_share, policy.stakers_share) = (Bps::WHOLE, Bps(0));
        policy.payout_share = Bps::WHOLE;
    });
    // Audited attributes: a class of machines for which two auditors must vouch.
    create_registry(&month.world, &month.network);
    add_class(&month.world, &month.network, AUDITED, 2);
    let mut tree = Tree::new(&month.world, &month.network, 14, 64, 0).0;
    let auditors: Vec<Voucher> = (0..2)
        .map(|id| {
            let key = month.world.user();
            let provider = joule_identity_interface::ID;
            let add = tree.add_attestor_instruction(&month.network, key.pubkey(), provider, 1);
            month.world.ok(&[add], &[&month.network.authority]);
            Voucher { key, id: id + 1, provider }
        })
        .collect();
    let terms = Terms {
        price: Amount(PRICE_LIMIT),
        matching: matching::AUCTION,
        min_duration: Seconds(HOUR as u32),
        max_duration: Seconds(30 * 86_400),
        wait_window: Seconds(HOUR as u32),
        start_window: Seconds(HOUR as u32),
        bond_amount: akt(100),
        failure_penalty: Bps(5_000),
        no_start_penalty: Bps(1_000),
        is_service: 1,
        notice_minutes: 24 * 60,
        class: AUDITED,
        ..usual_terms()
    };
    let market = Market::new(&month.world, &month.network, &month.pool, terms);

    let mut hosts: Vec<Host> = (0..3)
        .map(|number| {
            let worker = month.worker(0);
            let key = month.workers[worker].key.insecure_clone();
            month.stake(&key, 1_000);
            let machine = tree.mint(&month.world, &month.network, key.pubkey(), &format!("host {number}")).0;
            tree.reserve(&month.world, key.pubkey(), &tree.specification(&machine));
            let activate = tree.activate_instruction(&month.world, &machine, key.pubkey(), AUDITED);
            month.send(&[activate], &[&key]);
            for auditor in &auditors {
                let until = Timestamp(month.world.now().0 + 60 * 86_400);
                let attest = tree.attest_instruction(&month.world, auditor, &machine, until);
                month.send(&[attest], &[&auditor.key]);
            }
            Host { key, worker, node: machine.node() }
        })
        .collect();
    // A tenant, and its employer, who pays.
    let (tenant, sponsor) = (month.customer(0), month.customer(100_000));
    let wallet = month.wallet(tenant.key.pubkey(), 0);

    let mut nonce = 0;
    // Leases that run: the job, its host, and when it ends.
    let mut leases: Vec<(Job, usize, u64)> = vec![];
    let (mut burned_more, mut short, mut quit, mut noticed) = (0.0f64, 0.0f64, 0, 0);
    for day in 0..DAYS {
        month.world.run(6 * HOUR);
        month.price = match day {
            8..12 => month.price * 945 / 1_000,
            18..26 => month.price * 105 / 100,
            _ => month.price,
        };
        month.refresh();
        // The employer adds to the tenant's credits, in whose name only the tenant deploys.
        let dollars = if day == 0 { 200 } else { 60 };
        month.buy_for(&sponsor, tenant.credits, dollars * DOLLAR);
        if day % 2 == 0 && day < 26 {
            nonce += 1;
            let lease = lease(&mut month, &market, &tenant, &hosts, nonce);
            leases.push((lease.0, lease.1, day + 5));
        }
        // Two leases go on for a day, which their deposit covers.
        if day == 3 || day == 9 {
            let (job, _, ends) = leases.last_mut().expect("a lease");
            month.send(&[market.extend_instruction(job, 86_400)], &[&tenant.key]);
            *ends += 1;
        }
        // A provider must leave: it gives a day's notice, and keeps its bond.
        if day == 13 {
            let (job, host, ends) = &mut leases[0];
            month.send(&[market.notice_instruction(job)], &[&hosts[*host].key]);
            *ends = day + 1;
            noticed += 1;
        }
        // Another just quits: half of its bond is the tenant's.
        if day == 19 {
            let (job, host, _) = leases.remove(0);
            let key = hosts[host].key.insecure_clone();
            month.send(&[market.finish_instruction(&job, key.pubkey(), [0; 32])], &[&key]);
            let state: JobState = month.world.read(job.address);
            assert_eq!((state.outcome, state.bond_to_seize), (outcome::FAILED, Tokens(akt(50).0)));
            end(&mut month, &market, &job, wallet);
            quit += 1;
        }
        // Providers withdraw once a day.
        for (job, _, _) in &leases {
            month.send(&[market.settle_instruction(job)], &[]);
        }
        let (over, running): (Vec<_>, Vec<_>) = leases.into_iter().partition(|(_, _, ends)| *ends <= day);
        leases = running;
        for (job, _, _) in over {
            let left = month.world.read::<JobState>(job.address).ends_at.0 - month.world.now().0;
            month.world.run(left.max(0) as u64);
            let keeper = month.world.payer().pubkey();
            month.send(&[market.finish_instruction(&job, keeper, [0; 32])], &[]);
            let state: JobState = month.world.read(job.address);
            assert_eq!((state.state, state.bond_to_seize), (job_state::FINISHED, Tokens(0)), "{state:?}");
            end(&mut month, &market, &job, wallet);
        }
        let epoch = month.end_day().expect("an epoch a day");
        if epoch.worked.0 > 0 {
            // AEP-76: the dollars at the price of settlement, out of what was burned, or new.
            let theirs = epoch.worked.0 as f64 / 1e6 / (epoch.price as f64 / 1e8);
            let (ours, burned) = (month.whole(epoch.emission.0), month.whole(epoch.tokens.0));
            assert!(ours <= theirs * 1.000_001 && ours <= burned, "{ours} {theirs} {burned}");
            // In one of both bounds it ends.
            assert!((ours - theirs.min(burned)).abs() < 0.01, "{ours} {theirs} {burned}");
            (burned_more, short) = (burned_more + (burned - ours), short + (theirs - ours));
        }
    }
    hosts.retain(|host| month.world.tokens(month.workers[host.worker].wallet) > 0);
    assert_eq!(hosts.len(), 3, "all worked");
    // What work carried no more, because its dollars were worth less.
    burned_more += month.whole(month.world.read::<CreditAccount>(tenant.credits).burned_tokens.0);
    assert!(burned_more > 0.0 && short > 0.0);
    month.fact("leases, of them ended by notice, quit", format!("{nonce}, {noticed}, {quit}"));
    month.fact("burned for good, because the price rose", format!("{} AKT", number(burned_more)));
    month.fact("what Akash would have minted besides, because it fell", format!("{} AKT", number(short)));
    month.end("Akash", ACTS);
}

/// An auction: all hosts bid, the lowest has the lease and starts it. Who wins alternates.
fn lease(month: &mut Month, market: &Market, tenant: &Customer, hosts: &[Host], nonce: u64) -> (Job, usize) {
    let by = |host: usize, job: Job| {
        let work = month.workers[hosts[host].worker].work;
        Job { node: hosts[host].node, ..job.by(market, hosts[host].key.pubkey(), work) }
    };
    let job = market.job(tenant.key.pubkey(), nonce, hosts[0].key.pubkey(), month.workers[hosts[0].worker].work);
    let job = Job { matching: matching::AUCTION, ..job };
    let bids: Vec<Job> = (0..hosts.len()).map(|host| by((host + nonce as usize) % hosts.len(), job)).collect();
    let post = market.post_instruction(&month.world, &job, LEASE as u32);
    month.send(&[post], &[&tenant.key]);
    let mut before: Option<&Job> = None;
    for (round, bid) in bids.iter().enumerate() {
        let host = (round + nonce as usize) % hosts.len();
        let place = market.bid_instruction(&month.world, bid, PRICE_LIMIT - 40 * (round as u64 + 1), before);
        month.send(&[place], &[&hosts[host].key]);
        before = Some(bid);
    }
    // Higher than the best is no bid.
    let loser = (bids.len() - 2 + nonce as usize) % hosts.len();
    let worse = market.bid_instruction(&month.world, &bids[bids.len() - 2], PRICE_LIMIT, before);
    month.world.fails(worse, &[&hosts[loser].key], EscrowError::BidTooHigh);
    month.world.run(HOUR + 1);
    let winner = (bids.len() - 1 + nonce as usize) % hosts.len();
    let won = bids[bids.len() - 1];
    month.send(&[market.award_instruction(&won)], &[]);
    let start = market.start_instruction(&month.world, &won);
    month.send(&[start], &[&hosts[winner].key]);
    (won, winner)
}

/// A keeper settles the bond and closes the job.
fn end(month: &mut Month, market: &Market, job: &Job, wallet: Address) {
    let settle = market.settle_bond_instruction(job, wallet);
    let close = market.close_job_instruction(&month.world, job);
    month.send(&[settle, close], &[]);
}

const ACTS: &[Act] = &[
    Act {
        what: "Credits",
        today: "ACT, a dollar each, made by burning AKT, bound to the account",
        here: "credits of `bme`",
        differs: "a credit cannot be turned back into AKT while the network works",
    },
    Act {
        what: "Settlement",
        today: "providers get AKT worth the dollars at the price of settlement: first what was burned, then new AKT",
        here: "`payout_share` whole, `remint_share` whole, no schedule: the dollars at the average price, at most what was burned for them",
        differs: "when the price falls nobody mints the rest, so supply never grows; providers bear it. Daily, not every minute",
    },
    Act {
        what: "Leases",
        today: "auction from below, by the block, open-ended",
        here: "`AUCTION`, by the second, a service of 30 days at most, extended by its tenant",
        differs: "an end in advance, which `ExtendJob` moves",
    },
    Act {
        what: "Deposits",
        today: "anyone adds to a deployment's deposit",
        here: "anyone buys credits for the tenant",
        differs: "for the account, not for one lease",
    },
    Act {
        what: "Audited attributes",
        today: "auditors sign attributes of providers",
        here: "a class of machines for which two attestors vouch; the market asks for the class",
        differs: "the program checks it when a bid is placed",
    },
    Act {
        what: "Leaving",
        today: "a provider closes the lease at any time",
        here: "`GiveNotice`, a day before; who just quits loses half of its bond to the tenant",
        differs: "a bond, which Akash has not; a bid locks it",
    },
    Act { what: "Take rate", today: "none since AEP-76", here: "`fee_share` zero", differs: "none" },
];
