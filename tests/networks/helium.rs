//! Helium, as HIP 149 has it.
//!
//! | number | here | source |
//! |---|---|---|
//! | emission a day | 20,548 HNT | HIP 149 (github.com/helium/HIP, June 2026); 7,500,000 a year from August 2025: docs.helium.com/tokens/hnt-token |
//! | most HNT ever | 223,000,000 | HIP 20, docs.helium.com/tokens/hnt-token |
//! | HNT on chain, reference price | 182,500,000; 0.60 dollars | HIP 149 |
//! | net emissions: of what is burned, given back a day | at most 1,643.83561643 HNT | docs.helium.com/tokens/hnt-token |
//! | deployers' income | between half of what carriers pay and three times it; above, stakers get it | HIP 149 as approved |
//! | deployers, operations, delegators | 84 %, 10 %, 6 % | HIP 149, decision 3 |
//! | weights of Mobile and IoT | 89 to 11, a mean of 30 epochs of veHNT votes | HIP 149 |
//! | Mobile's traffic and price | 97,000 GB a day at 0.10 dollars | HIP 149 |
//! | a data credit | 0.00001 dollars | docs.helium.com/tokens/data-credit |
//! | IoT's traffic | 300 dollars a day | assumption |
//! | a machine's onboarding | 10 dollars, one a day | assumption |
//! | rewards by lists of the oracles | 5 % of the schedule | assumption |
//! | price | 0.60 dollars, falls to 0.21, rises to 1.30 | assumption, so that floor and ceiling are met |
//!
//! A page without a date is as it was read in November 2026.

use {
    crate::month::{Act, DAYS, DOLLAR, HOUR, Month, PRICE, Plan, number},
    joule_identity_interface::{
        IdentityError,
        state::{COMMITMENT_DELAY, Node, status},
    },
    joule_math::{Bps, Tokens},
    joule_tests::fixture::{Pool, Tree, add_class, create_registry},
    solana_signer::Signer,
};

const MOBILE: u8 = 0;
const IOT: u8 = 1;
const CLASS: u32 = 1;

#[test]
fn a_month() {
    let plan = Plan {
        name: "helium",
        symbol: "HNT",
        decimals: 8,
        supply: 182_500_000,
        reserve: 0,
        price: PRICE * 60 / 100,
        programs: &[("voter", voter::ID)],
    };
    let hnt = |whole: u64| Tokens(whole * 100_000_000);
    let mut month = Month::new(plan, Pool::rules(), |policy, network| {
        policy.initial_emission = hnt(20_548);
        (policy.decay_step, policy.decay_share) = (730, Bps(5_000));
        policy.max_supply = hnt(223_000_000);
        (policy.remint_share, policy.remint_cap) = (Bps::WHOLE, Tokens(164_383_561_643));
        (policy.providers_share, policy.stakers_share) = (Bps(8_400), Bps(600));
        // Three times is more than a policy can say.
        (policy.vouched, policy.payout_floor, policy.payout_share) = (1, Bps(5_000), Bps(20_000));
        policy.surplus_to_stakers = 1;
        policy.roots_share = Bps(500);
        policy.lane_weights[..2].copy_from_slice(&[8_900, 1_100]);
        (policy.lane_band, policy.lane_speed) = (Bps(5_000), Bps(10_000 / 30));
        policy.weigher = Month::council_of(network);
    });
    month.add_lane(IOT);
    month.open_roots(2);
    let (carrier, lns) = (month.customer(2_000_000), month.customer(100_000));
    let [mobile, iot] = [MOBILE, IOT].map(|lane| month.dispatcher(lane));
    let deployers: Vec<usize> = (0..4).map(|_| month.worker(MOBILE)).collect();
    let gateways: Vec<usize> = (0..2).map(|_| month.worker(IOT)).collect();

    // Votes: two holders lock, the longest that they can.
    let operator = month.world.user();
    let own = month.stake(&operator, 10_000);
    let holders = [month.world.user(), month.world.user()];
    let stakes = [0, 1].map(|who| month.delegate(&holders[who], own.provider, [3_000_000, 1_000_000][who]));
    (0..2).for_each(|who| month.lock(&holders[who], &stakes[who], 365));
    month.open_council();

    // Hotspots are compressed NFTs.
    create_registry(&month.world, &month.network);
    add_class(&month.world, &month.network, CLASS, 0);
    let mut tree = Tree::new(&month.world, &month.network, 14, 64, 0).0;
    let [seller, other, buyer] = std::array::from_fn(|_| month.world.user());
    let mut hotspots = vec![];
    for (number, owner) in [&seller, &other].into_iter().enumerate() {
        let machine = tree.mint(&month.world, &month.network, owner.pubkey(), &format!("hotspot {number}")).0;
        tree.reserve(&month.world, owner.pubkey(), &tree.specification(&machine));
        let activate = tree.activate_instruction(&month.world, &machine, owner.pubkey(), CLASS);
        month.send(&[activate], &[owner]);
        month.machine(owner, machine.node());
        hotspots.push(machine);
    }
    let (sold, bought) = (month.claimants[0].wallet, month.wallet(buyer.pubkey(), 0));
    let mut earned_by_seller = 0;
    // One clones the first: the same radio, another NFT.
    let cheat = month.world.user();
    let radio = tree.specification(&hotspots[0]);
    month.send(&[tree.commit_instruction(&month.world, cheat.pubkey(), &radio)], &[]);
    month.world.run(COMMITMENT_DELAY.0 as u64);
    let clone = tree.reserve_instruction(&month.world, cheat.pubkey(), &radio);
    month.world.fails(clone, &[], IdentityError::SpecificationTaken);

    let (mut on_the_floor, mut at_the_ceiling, mut paid_by_roots) = (0, 0, 0);
    for day in 0..DAYS {
        month.world.run(6 * HOUR);
        month.price = match day {
            10..17 => month.price * 86 / 100,
            20.. => month.price * 120 / 100,
            _ => month.price,
        };
        month.refresh();
        // Traffic of a day, and a machine's fee.
        month.buy(&carrier, 9_710 * DOLLAR);
        month.buy(&lns, 300 * DOLLAR);
        month.burn(&carrier, 10 * DOLLAR);
        for (deployer, part) in deployers.iter().zip([40, 30, 20, 10]) {
            month.work(&mobile, &carrier, *deployer, 9_700 * DOLLAR * part / 100);
        }
        for gateway in &gateways {
            month.work(&iot, &lns, *gateway, 150 * DOLLAR);
        }
        // A hotspot is sold: its rewards go with the NFT.
        if day == 10 {
            month.send(&[tree.transfer_instruction(&hotspots[0], buyer.pubkey())], &[&seller]);
            hotspots[0].owner = buyer.pubkey();
            tree.set(&hotspots[0]);
            month.send(&[tree.challenge_instruction(&hotspots[0], false)], &[]);
            let lost: Node = month.world.read(hotspots[0].node());
            assert_ne!(lost.status & status::LOST, 0, "it is out of service until its owner says so");
            let mut sync = tree.sync_instruction(&hotspots[0], buyer.pubkey(), CLASS);
            sync.accounts[0].is_signer = true;
            month.send(&[sync], &[&buyer]);
            (month.claimants[0].key, month.claimants[0].wallet) = (buyer.insecure_clone(), bought);
            earned_by_seller = month.world.tokens(sold);
        }
        // Holders vote once a week; the lanes go a thirtieth of the way.
        if day % 7 == 3 {
            for (who, parts) in [[9, 1], [1, 1]].iter().enumerate() {
                month.vote(&holders[who], &stakes[who], parts);
            }
            month.weigh();
        }
        let epoch = month.end_day().expect("an epoch a day");
        let income = |tokens: u64| tokens as u128 * epoch.price as u128 * 1_000_000 / 10u128.pow(16);
        for lane in &epoch.lanes[..2] {
            let (paid, worked) = (income(lane.emission.0), lane.credits.0 as u128);
            assert!(paid * 1_001 / 1_000 >= worked / 2, "half of what was paid at least: {paid} of {worked}");
            assert!(paid <= 2 * worked * 1_001 / 1_000, "twice at most: {paid} of {worked}");
        }
        let (paid, worked) = (income(epoch.lanes[0].emission.0), epoch.lanes[0].credits.0 as u128);
        on_the_floor += (paid * 999 / 1_000 <= worked / 2) as u32;
        at_the_ceiling += (paid * 1_001 / 1_000 >= worked * 2) as u32;

        if day % 7 == 6 {
            month.collect();
            if day == 20 {
                // The first oracle gives everything to one; the guardian strikes it.
                let budget = month.budget();
                let wrong = month.publish(&[0, budget]);
                let guardian = month.network.guardian.insecure_clone();
                let veto = month.network.veto_root_instruction(&month.world, guardian.pubkey(), wrong);
                month.send(&[veto], &[&guardian]);
                month.world.run(HOUR);
                let activate = month.network.activate_root_instruction(wrong);
                assert!(month.world.send(&[activate], &[]).is_err());
            }
            let proofs: Vec<_> =
                hotspots.iter().map(|hotspot| tree.sync_instruction(hotspot, hotspot.owner, CLASS)).collect();
            paid_by_roots += month.share_budget_of_machines(&[1, 1], &proofs);
        }
    }
    assert!(earned_by_seller > 0 && month.world.tokens(bought) > 0);
    assert_eq!(month.world.tokens(sold), earned_by_seller, "nothing after the sale");
    let weights = month.state().weights();
    assert!(weights[1] > 1_100, "IoT's holders voted it up: {weights:?}");
    let topped_up = month.whole(month.state().topped_up.get() as u64);
    assert!(on_the_floor > 0 && at_the_ceiling > 0 && topped_up > 0.0);
    month.fact("days on which Mobile's income was on the floor", on_the_floor);
    month.fact("days on which it was at the ceiling", at_the_ceiling);
    month.fact("minted to keep the floor", format!("{} HNT", number(topped_up)));
    month.fact("paid by lists of the oracles", format!("{} HNT", number(month.whole(paid_by_roots))));
    month.fact("weights of the lanes after the votes", format!("{} to {}", weights[0], weights[1]));
    month.end("Helium", ACTS);
}

const ACTS: &[Act] = &[
    Act {
        what: "Data credits",
        today: "0.00001 dollars each, made by burning HNT, burned without a payee",
        here: "credits of `bme`: ten micro-dollars are a data credit. Fees are burned (`BurnCredits`); traffic is work of the deployer that carried it",
        differs: "what carriers pay is counted for deployers on chain, where Helium's oracles reckon it off chain",
    },
    Act {
        what: "Emission and net emissions",
        today: "20,548 HNT a day, halved every two years, and what was burned, at most 1,643.8 a day",
        here: "`initial_emission`, `decay_share`, `remint_share` whole, `remint_cap`",
        differs: "Helium smooths the burn over seven days; here what a day may not give back waits for later days",
    },
    Act {
        what: "Income in dollars",
        today: "half of what carriers pay at least, three times at most, the rest is the stakers'",
        here: "`payout_floor` a half, `payout_share` twice, `surplus_to_stakers`",
        differs: "three times cannot be said: `payout_share` ends at twice the dollars. The floor is bound by the maximum supply, not by what was burned in seven days",
    },
    Act {
        what: "Sub-networks",
        today: "IoT and Mobile share the emission by veHNT votes, a mean of 30 epochs",
        here: "two lanes; locked stake votes by the program `voter`, `lane_speed` a thirtieth, a band of half",
        differs: "locks of a year at most, of four years at Helium; a vote counts for one epoch, not until it is changed",
    },
    Act {
        what: "Hotspots",
        today: "compressed NFTs; the rewards are the NFT's, claimed lazily with the oracles' signatures",
        here: "compressed NFTs in `identity`; weekly reward roots name the hotspot, and whoever the NFT belongs to claims (`ClaimNodeRoot`)",
        differs: "the owner signs, and proves the leaf in the minute before; what a deployer earns by work is the key's that worked",
    },
    Act {
        what: "Operations and growth supplement",
        today: "196,000 HNT a day to a multisig for a year",
        here: "10 % of the emission is the treasury's, in place of the supplement",
        differs: "a second schedule for the treasury alone cannot be said",
    },
    Act {
        what: "Who cheats",
        today: "denylists and the oracles' judgement",
        here: "a clone of a hotspot finds its specification taken; an oracle's root that gives all to one is struck by the guardian in its delay",
        differs: "none",
    },
];
