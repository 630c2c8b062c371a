//! Render.
//!
//! | number | here | source |
//! |---|---|---|
//! | emission for node operators | 6,251 RENDER a day in the first year of emissions | medium.com/render-token, "RENDER Burn Mint Equilibrium Emissions Are Live", December 2023 |
//! | shared by | the work of a period, by what its jobs cost | the same |
//! | most RENDER ever | 644,245,094: 536,870,912 and 107,374,182 | RNP-001, by know.rendernetwork.com and mexc.com/price/RENDER/tokenomics, read in November 2026 |
//! | fee | 5 % of what a job costs | RNP-006, by the same pages |
//! | availability rewards | points for uptime, within an allocation | RNP-015, github.com/rndr-network/RNPs, May 2024 |
//! | part of the emission for availability, for work beyond what its frames brought | a fifth, three fifths | assumption |
//! | payment | in dollars or euros, for which RENDER is bought and burned | RNP-001; medium.com/render-token, December 2023 |
//! | the auction | 600 dollars a day, from 10 % below the price to 2 % above; 2 % of the dollars are the treasury's | assumptions |
//! | price, a scene | 4 dollars; 100 dollars | assumptions |
//! | tiers | the second asks for a reliability of a half | assumption: Render's tiers are by hardware and reputation |
//!
//! A page without a date is as it was read in November 2026.

use {
    crate::month::{Act, DAYS, DOLLAR, HOUR, Month, PRICE, Plan, number},
    joule_bme_interface::state::DollarPolicy,
    joule_escrow_interface::{
        EscrowError,
        state::{Job as JobState, Terms, outcome},
    },
    joule_math::{Amount, Bps, Seconds, Tokens},
    joule_stake_interface::state::Provider,
    joule_tests::fixture::{Backer, Dollars, Job, Market, Pool, accepted, usual_terms},
    solana_keypair::Keypair,
    solana_signer::Signer,
};

const SCENE: u64 = 100 * DOLLAR;
const FRAMES: [u8; 32] = [0xf5; 32];

struct Node {
    key: Keypair,
    own: Backer,
    worker: usize,
}

/// A scene that a node starts and delivers.
fn rendered(month: &mut Month, market: &Market, artist: &Keypair, node: &Node, nonce: u64) -> Job {
    let job = market.job(artist.pubkey(), nonce, node.key.pubkey(), month.workers[node.worker].work);
    let post = market.post_instruction(&month.world, &job, (4 * HOUR) as u32);
    month.send(&[post], &[artist]);
    let start = market.start_instruction(&month.world, &job);
    month.send(&[start], &[&node.key]);
    month.world.run(HOUR);
    month.send(&[market.deliver_instruction(&job, FRAMES)], &[&node.key]);
    job
}

#[test]
fn a_month() {
    let plan = Plan {
        name: "render",
        symbol: "RENDER",
        decimals: 8,
        supply: 533_000_000,
        reserve: 0,
        price: 4 * PRICE,
        programs: &[],
    };
    let render = |whole: u64| Tokens(whole * 100_000_000);
    let mut month = Month::new(plan, Pool::rules(), |policy, _| {
        policy.initial_emission = render(6_251);
        (policy.decay_step, policy.decay_share) = (365, Bps(3_500));
        policy.max_supply = render(644_245_094);
        // Four fifths of the schedule go by lists: for work, and for being there.
        policy.roots_share = Bps(8_000);
        (policy.providers_share, policy.stakers_share) = (Bps::WHOLE, Bps(0));
        // Whoever sells credits for dollars pays no epoch more than its dollars: less the auction's premium and the treasury's cut.
        policy.payout_share = Bps(9_600);
    });
    month.open_roots(1);
    // An auction buys the tokens that are burned for the artists' dollars.
    let stablecoin = month.world.classic_dollar();
    let dollars = Dollars::of_mint(&mut month.world, &month.network, stablecoin);
    let sales = DollarPolicy { limit: Tokens(600 * DOLLAR), cut: Bps(200), ..dollars.policy() };
    let open = dollars.open_instruction(&month.world, &month.network, sales);
    let shards = [0, 1].map(|index| dollars.add_shard_instruction(&month.world, &month.network, index));
    month.world.ok(&[open], &[&month.network.authority]);
    month.world.ok(&shards, &[&month.network.authority]);
    let seller = month.world.user();
    let (sold_from, till) =
        (month.wallet(seller.pubkey(), 10_000), dollars.wallet(&mut month.world, seller.pubkey(), 0));
    let artist = month.customer(1_000);
    let purse = dollars.wallet(&mut month.world, artist.key.pubkey(), 20_000 * DOLLAR);
    let wallet = month.wallet(artist.key.pubkey(), 0);
    let treasury = month.worker(0);
    let nodes: Vec<Node> = (0..4)
        .map(|_| {
            let worker = month.worker(0);
            let key = month.workers[worker].key.insecure_clone();
            let own = month.stake(&key, 1_000);
            month.claimant();
            Node { key, own, worker }
        })
        .collect();
    month.settle_in();
    let arbiter = month.world.user();
    let terms = Terms {
        price: Amount(SCENE),
        bond_amount: render(25),
        min_duration: Seconds(600),
        fee_share: Bps(500),
        fee_payee: month.workers[treasury].work,
        reports: 1,
        whole_job_fee: 7,
        ..accepted(arbiter.pubkey(), usual_terms())
    };
    let third = Market::new(&month.world, &month.network, &month.pool, terms);
    let tier = Terms { min_reliability: Bps(5_000), ..terms };
    let second = Market::another(&month.world, &month.network, &month.pool, 1, tier);

    let (mut scenes, mut rejected, mut promoted, mut by_lists) = (0, 0, None, 0);
    let mut nonce = 0;
    // Hours that each node was there, this week: the last only half of them.
    let points = [168u64, 168, 150, 84];
    let (mut done, mut burned, mut proceeds) = ([0u64; 4], 0, 0);
    for day in 0..DAYS {
        let cost = (3 + (day == 8 || day == 22) as u64) * SCENE;
        // The auction is in force when the epoch in which it was proposed is closed: until then RENDER buys the credits.
        if day == 0 {
            month.buy(&artist, cost);
        } else {
            if day == 1 {
                month.send(&[dollars.execute_instruction()], &[]);
            }
            month.refresh();
            dollars.publish(&mut month.world, PRICE as i64);
            let accounts = (purse, artist.credits);
            let whole = (cost * 10_000).div_ceil(9_800);
            let buy = dollars.buy_instruction(&month.network, artist.key.pubkey(), accounts, whole);
            month.send(&[buy, dollars.fold_instruction(0)], &[&artist.key]);
        }
        // Who has rendered well is taken in the better tier as soon as it may.
        for (place, node) in nodes[..3].iter().enumerate() {
            nonce += 1;
            let mut market = &third;
            if place < 2 {
                let job = second.job(artist.key.pubkey(), nonce, node.key.pubkey(), month.workers[node.worker].work);
                let post = second.post_instruction(&month.world, &job, (4 * HOUR) as u32);
                month.send(&[post], &[&artist.key]);
                let start = second.start_instruction(&month.world, &job);
                match month.world.send(&[start], &[&node.key]) {
                    Ok(_) => {
                        promoted = promoted.or(Some(day));
                        market = &second;
                    }
                    Err(failure) => assert_eq!(failure.code(), Some(EscrowError::ProviderNotEligible as u32)),
                }
                let cancel = second.cancel_instruction(&job, artist.key.pubkey());
                if market.id == third.id {
                    month.send(&[cancel], &[&artist.key]);
                    month.world.run(1);
                    month.send(&[second.close_job_instruction(&month.world, &job)], &[]);
                } else {
                    month.world.run(HOUR);
                    month.send(&[second.deliver_instruction(&job, FRAMES)], &[&node.key]);
                    accept(&mut month, &second, &job, &artist.key, wallet);
                    (scenes, done[place]) = (scenes + 1, done[place] + 1);
                    continue;
                }
                nonce += 1;
            }
            let job = rendered(&mut month, market, &artist.key, node, nonce);
            accept(&mut month, market, &job, &artist.key, wallet);
            (scenes, done[place]) = (scenes + 1, done[place] + 1);
        }
        // Twice a month the fourth node delivers noise: the artist rejects it, the arbiter gives it nothing.
        if day == 8 || day == 22 {
            nonce += 1;
            let job = rendered(&mut month, &third, &artist.key, &nodes[3], nonce);
            month.send(&[third.reject_instruction(&job)], &[&artist.key]);
            month.send(&[third.resolve_instruction(&job, arbiter.pubkey(), 0, 10_000)], &[&arbiter]);
            let state = close(&mut month, &third, &job, wallet);
            assert_eq!((state.paid, state.outcome, state.bond_to_seize), (Amount(0), outcome::DISPUTED, render(25)));
            rejected += 1;
        }
        if day > 0 {
            // In the evening somebody who has RENDER brings as much as these dollars buy. (A new auction is full, and empties in a day.)
            month.wait_until_before_midnight(HOUR);
            month.refresh();
            dollars.publish(&mut month.world, PRICE as i64);
            let (before, supply) = (month.world.tokens(till), month.world.supply(month.network.mint));
            let tokens = render(cost / DOLLAR).0 / 4 * 100 / 102;
            let sell = dollars.sell_instruction(&month.network, seller.pubkey(), (sold_from, till), tokens);
            month.send(&[sell], &[&seller]);
            assert_eq!(supply - month.world.supply(month.network.mint), tokens, "what the auction takes is burned");
            (burned, proceeds) = (burned + tokens, proceeds + month.world.tokens(till) - before);
        }
        let epoch = month.end_day().expect("an epoch a day");
        // By what was worked: 96 % of its dollars, and less than a fifth of the schedule.
        let paid = month.dollars(epoch.emission.0) / (epoch.worked.0 as f64 / DOLLAR as f64);
        assert!((paid - 0.96).abs() < 0.005 && epoch.emission.0 < render(6_251).0 / 5, "{paid} {epoch:?}");
        if day % 7 == 6 {
            // Three parts by the scenes of the week, one by the hours.
            let (hours, all) = (points.iter().sum::<u64>(), done.iter().sum::<u64>());
            let weights: Vec<u64> =
                points.iter().zip(done).map(|(points, done)| 3 * done * hours + points * all).collect();
            by_lists += month.share_budget(&weights);
            done = [0; 4];
        }
    }
    assert!(proceeds > 0 && month.world.tokens(dollars.treasury) > 0);
    let reliability = |node: &Node| month.world.read::<Provider>(node.own.provider).reputation;
    let cheat = reliability(&nodes[3]);
    assert_eq!(cheat.delivered, 0);
    let promoted = promoted.expect("in the second tier at last");
    assert!(promoted > 0, "nobody begins there");
    let fees = month.world.tokens(month.workers[treasury].wallet);
    month.fact("scenes rendered, rejected", format!("{scenes}, {rejected}"));
    month.fact("first day in the second tier", promoted + 1);
    month.fact("paid by lists, a quarter for availability", format!("{} RENDER", number(month.whole(by_lists))));
    month.fact("burned by the auction", format!("{} RENDER", number(month.whole(burned))));
    month
        .fact("a token's price there", format!("{:.3} dollars", proceeds as f64 / DOLLAR as f64 / month.whole(burned)));
    month.fact("the fee's receiver earned", format!("{} RENDER", number(month.whole(fees))));
    month.end("Render", ACTS);
}

fn accept(month: &mut Month, market: &Market, job: &Job, artist: &Keypair, wallet: joule_interface::Address) {
    month.send(&[market.accept_instruction(job, artist.pubkey())], &[artist]);
    let state = close(month, market, job, wallet);
    assert_eq!((state.paid.0, state.fee_paid.0), (SCENE / 100 * 95, SCENE / 20));
}

/// A keeper settles the bond and closes the job. Returns how it ended.
fn close(month: &mut Month, market: &Market, job: &Job, wallet: joule_interface::Address) -> JobState {
    let state = month.world.read(job.address);
    let settle = market.settle_bond_instruction(job, wallet);
    month.send(&[settle], &[]);
    month.send(&[market.close_job_instruction(&month.world, job)], &[]);
    state
}

const ACTS: &[Act] = &[
    Act {
        what: "Paying",
        today: "in dollars or euros: RENDER is bought for them and burned",
        here: "credits for a stablecoin (`BuyCreditsWithDollars`); the auction buys RENDER for it from anyone, and burns it",
        differs: "the treasury's cut of 2 % pays for the auction's premium, so that no circle pays",
    },
    Act {
        what: "Emission",
        today: "a schedule, to the nodes that worked in the period, by what their jobs cost",
        here: "by the program: 96 % of a day's dollars of work, `payout_share`. Beyond that, three fifths of the schedule of 6,251 a day by weekly reward roots, by scenes",
        differs: "a network that sells credits for dollars pays no epoch more than its dollars brought: what the schedule has beyond them goes by lists, whose oracle vouches for the jobs",
    },
    Act {
        what: "Availability rewards",
        today: "points for uptime, within an allocation (RNP-015)",
        here: "a fifth of the schedule by the same reward roots, within their budget",
        differs: "the list waits an hour, in which the guardian can strike it",
    },
    Act { what: "Fee", today: "5 % of a job", here: "`fee_share` 5 %, which earns like work", differs: "none" },
    Act {
        what: "Approval",
        today: "the artist approves frames; who cheats is removed",
        here: "a window to reject, an arbiter, a bond",
        differs: "silence accepts",
    },
    Act {
        what: "Tiers",
        today: "by hardware and reputation, which the network reckons",
        here: "markets with `min_reliability`: fees that were paid prove it",
        differs: "what is faked costs its fees",
    },
    Act {
        what: "Who cheats",
        today: "is removed by hand",
        here: "noise is rejected: no pay, the bond is the artist's",
        differs: "none",
    },
];
