//! Hivemapper.
//!
//! | number | here | source |
//! |---|---|---|
//! | most HONEY ever | 10,000,000,000 | docs.hivemapper.com/honey-token/what-is-honey, read in November 2026 |
//! | for contributors | 40 % of it | the same |
//! | reminted of what is burned for map credits | 25 %, at most 500,000 HONEY a week; the rest is gone | MIP-15, docs.hivemapper.com/welcome/network-governance/mip-15, April 2024 |
//! | a map credit | 0.0075 dollars | MIP-19, docs.hivemapper.com/welcome/network-governance/mip-19, in force since January 2025 |
//! | rewards | weekly | docs.hivemapper.com/honey-token/earning-honey |
//! | minted for map progress, a week | 2,000,000 HONEY | assumption: the documents give no amount in tokens |
//! | HONEY in accounts, price, map credits a week | 6,000,000,000; 0.01 dollars; 600,000 and 1,200,000, in the third week twelve times as many | assumptions |
//!
//! A page without a date is as it was read in November 2026.

use {
    crate::month::{Act, DAYS, HOUR, Month, PRICE, Plan, number},
    joule_bme_interface::BmeError,
    joule_math::{Bps, Seconds, Tokens},
    joule_tests::fixture::Pool,
};

const WEEK: u64 = 7;
/// Micro-dollars.
const MAP_CREDIT: u64 = 7_500;

#[test]
fn a_month() {
    let plan = Plan {
        name: "hivemapper",
        symbol: "HONEY",
        decimals: 9,
        supply: 6_000_000_000,
        reserve: 0,
        price: PRICE / 100,
        programs: &[],
    };
    let honey = |whole: u64| Tokens(whole * 1_000_000_000);
    let mut month = Month::new(plan, Pool::rules(), |policy, _| {
        policy.epoch_duration = Seconds((WEEK * 86_400) as u32);
        // 10,000,000,000 with nine decimals is more than the 2^63 base units that a network can have.
        policy.max_supply = honey(9_223_372_036);
        policy.initial_emission = honey(2_000_000);
        policy.roots_share = Bps::WHOLE;
        (policy.providers_share, policy.stakers_share) = (Bps::WHOLE, Bps(0));
        (policy.remint_share, policy.remint_cap) = (Bps(2_500), honey(500_000));
    });
    month.open_roots(2);
    let developers = [month.customer(30_000_000), month.customer(60_000_000)];
    let drivers: Vec<usize> = (0..6).map(|_| month.claimant()).collect();
    // Whose imagery is bought has a record of work besides.
    let sellers: Vec<usize> = (0..3).map(|_| month.worker(0)).collect();
    let api = month.dispatcher(0);

    let mut week = 0;
    let (mut capped, mut refused) = (0, 0);
    for _ in 0..DAYS {
        // Credits of a day's maps: three quarters are burned for nobody, a quarter is work of those who made the maps.
        for (developer, credits) in developers.iter().zip([600_000, 1_200_000]) {
            // In the third week a large customer comes.
            let credits = if week == 2 { 12 * credits } else { credits };
            let cost = credits * MAP_CREDIT / WEEK;
            month.buy(developer, cost);
            month.burn(developer, cost - cost / 4);
            for (seller, part) in sellers.iter().zip([5, 3, 2]) {
                month.work(&api, developer, *seller, cost / 4 * part / 10);
            }
        }
        let Some(epoch) = month.end_day() else { continue };
        let burned_in_week = epoch.tokens.0 * 4;
        let expected = (burned_in_week / 4).min(honey(500_000).0);
        assert!(epoch.emission.0.abs_diff(expected) < honey(1).0, "a quarter, and no more than the cap: {epoch:?}");
        capped += (epoch.emission.0 < epoch.tokens.0 - honey(1).0) as u32;
        week += 1;
        // One of the oracles counts the same drive twice. The other does not approve.
        if week == 2 {
            let budget = month.budget();
            let wrong = month.publish(&[budget / 6 * 2, budget / 6, budget / 6, budget / 6, budget / 6, 0]);
            month.world.run(HOUR);
            let activate = month.network.activate_root_instruction(wrong);
            month.world.fails(activate, &[], BmeError::RootNotActivatable);
            refused += 1;
        }
        // Map progress of a week: what each driver covered.
        let given = month.share_budget(&[40, 25, 15, 10, 6, 4]);
        assert!(honey(2_000_000).0 - given < drivers.len() as u64, "all of a week's rewards");
    }
    assert_eq!((week, capped, refused), (4, 1, 1));
    month.fact("weeks in which the cap held", capped);
    month.fact("map credits burned", number(month.state().burned.get() as f64 / 1e9 * 0.01 / 0.0075));
    month.end("Hivemapper", ACTS);
}

const ACTS: &[Act] = &[
    Act {
        what: "Map credits",
        today: "0.0075 dollars each, bought by burning HONEY, not transferable",
        here: "credits of `bme`, a micro-dollar each; 7,500 are a map credit",
        differs: "none",
    },
    Act {
        what: "Use of the map",
        today: "75 % of the HONEY is gone, 25 % is reminted for contributors, at most 500,000 a week",
        here: "`BurnCredits` for three quarters; a quarter is work of those whose imagery it was; `remint_share` 25 %, `remint_cap` 500,000, weekly epochs",
        differs: "the reminted part needs work of somebody: if all credits were burned for nobody, it would be nobody's",
    },
    Act {
        what: "Map progress",
        today: "the foundation reckons each week's rewards and mints them",
        here: "weekly reward roots of two oracles within a budget, which the schedule fills",
        differs: "the amount of a week follows the schedule, not the progress of the map; a claimant signs",
    },
    Act {
        what: "Most tokens",
        today: "10,000,000,000 HONEY with nine decimals",
        here: "9,223,372,036",
        differs: "`max_supply` ends at 2^63 base units",
    },
    Act {
        what: "Who cheats",
        today: "the foundation removes it",
        here: "an oracle counts a drive twice: without the other's approval its root never becomes active",
        differs: "no single key decides",
    },
];
