//! Render.
//!
//! | number | here | source |
//! |---|---|---|
//! | emission for node operators | 6,251 RENDER a day in the first year of emissions | medium.com/render-token, "RENDER Burn Mint Equilibrium Emissions Are Live", December 2023 |
//! | shared by | the work of a period, by what its jobs cost | the same |
//! | most RENDER ever | 644,245,094: 536,870,912 and 107,374,182 | RNP-001, by know.rendernetwork.com and mexc.com/price/RENDER/tokenomics, read in November 2026 |
//! | fee | 5 % of what a job costs | RNP-006, by the same pages |
//! | availability rewards | points for uptime, within an allocation | RNP-015, github.com/rndr-network/RNPs, May 2024 |
//! | part of the emission for availability | a fifth | assumption |
//! | price, a scene | 4 dollars; 100 dollars | assumptions |
//! | tiers | the second asks for a reliability of a half | assumption: Render's tiers are by hardware and reputation |

use {
    crate::month::{Act, DAYS, DOLLAR, HOUR, Month, PRICE, Plan, number},
    joule_escrow_interface::{
        EscrowError,
        state::{Job as JobState, Terms, outcome},
    },
    joule_math::{Amount, Bps, Seconds, Tokens},
    joule_stake_interface::state::Provider,
    joule_tests::fixture::{Backer, Job, Market, Pool, accepted, usual_terms},
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
        // The schedule is paid whatever was burned, as Render does: the foundation vouches for the jobs.
        policy.vouched = 1;
        policy.roots_share = Bps(2_000);
        (policy.providers_share, policy.stakers_share) = (Bps::WHOLE, Bps(0));
    });
    month.open_roots(1);
    let artist = month.customer(100_000);
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
    for day in 0..DAYS {
        month.buy(&artist, 3 * SCENE);
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
                    scenes += 1;
                    continue;
                }
                nonce += 1;
            }
            let job = rendered(&mut month, market, &artist.key, node, nonce);
            accept(&mut month, market, &job, &artist.key, wallet);
            scenes += 1;
        }
        // Twice a month the fourth node delivers noise: the artist rejects it, the arbiter gives it nothing.
        if day == 8 || day == 22 {
            nonce += 1;
            month.buy(&artist, SCENE);
            let job = rendered(&mut month, &third, &artist.key, &nodes[3], nonce);
            month.send(&[third.reject_instruction(&job)], &[&artist.key]);
            month.send(&[third.resolve_instruction(&job, arbiter.pubkey(), 0, 10_000)], &[&arbiter]);
            let state = close(&mut month, &third, &job, wallet);
            assert_eq!((state.paid, state.outcome, state.bond_to_seize), (Amount(0), outcome::DISPUTED, render(25)));
            rejected += 1;
        }
        let epoch = month.end_day().expect("an epoch a day");
        // Four fifths of the schedule, by what was worked, whatever that was.
        assert!(epoch.emission.0.abs_diff(render(6_251).0 / 5 * 4) < 10_000, "{epoch:?}");
        if day % 7 == 6 {
            by_lists += month.share_budget(&points);
        }
    }
    let reliability = |node: &Node| month.world.read::<Provider>(node.own.provider).reputation;
    let cheat = reliability(&nodes[3]);
    assert_eq!(cheat.delivered, 0);
    let promoted = promoted.expect("in the second tier at last");
    assert!(promoted > 0, "nobody begins there");
    let fees = month.world.tokens(month.workers[treasury].wallet);
    month.fact("scenes rendered, rejected", format!("{scenes}, {rejected}"));
    month.fact("first day in the second tier", promoted + 1);
    month.fact("paid for availability", format!("{} RENDER", number(month.whole(by_lists))));
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
        here: "credits in dollars, for RENDER that is burned",
        differs: "credits are not sold for dollars: that asks for a `payout_share`, so that no epoch pays more than its dollars brought. A schedule that is paid whatever was burned has none",
    },
    Act {
        what: "Emission",
        today: "a schedule, to the nodes that worked in the period, by what their jobs cost",
        here: "`initial_emission` 6,251 a day, `vouched`: by work, whatever was burned",
        differs: "the operator's word for every job is on chain: without it no more is minted than was burned",
    },
    Act {
        what: "Availability rewards",
        today: "points for uptime, within an allocation (RNP-015)",
        here: "a fifth of the schedule by weekly reward roots",
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
