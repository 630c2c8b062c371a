//! Aethir.
//!
//! | number | here | source |
//! |---|---|---|
//! | ATH ever | 42,000,000,000, fixed | 15 % of it are 6,300,000,000: docs.zoofi.io/active-vaults/aethir-checker-node-vault, after docs.aethir.com/aethir-tokenomics |
//! | checkers' part | 6,300,000,000 over 1,460 days from June 2024: 4,315,068 a day | the same |
//! | of it | two thirds for tasks, one third for who was there 95 % of the time | docs.aethir.com/checker-guide, How do Checker Nodes Work |
//! | held back | earnings are free after 180 days, or a quarter of them after 30; here all of them over 30, evenly | docs.aethir.com/checker-guide, Claim & Withdraw, as changed in October 2024 |
//! | signs of life | one a minute; here one in two hours | docs.aethir.com, Slashing Mechanism; two hours for a short test |
//! | penalty of a reserved machine that is down | a third of its stake, and the period's fee goes back; for deceit all of it | docs.aethir.com, Slashing Mechanism |
//! | a machine's stake | value of the GPU times a coefficient: here 30,000 ATH | docs.aethir.com, Staking as Cloud Host; the amount is an assumption |
//! | price, a machine's hour, fee | 0.03 dollars; 67 ATH; a fifth | assumptions |
//!
//! A page without a date is as it was read in November 2026.

use {
    crate::month::{Act, DAY, DAYS, HOUR, Month, PRICE, Plan, number},
    joule_escrow_interface::state::{Job as JobState, Terms},
    joule_identity_interface::{
        IdentityError,
        instruction::{PunishAttestor, PunishAttestorArgs},
        state::Policy as Rules,
    },
    joule_interface::SYSTEM_PROGRAM,
    joule_math::{Amount, Bps, Seconds, Timestamp, Tokens},
    joule_stake_interface::{
        instruction::{AddSlasher, AddSlasherArgs, ExecuteSlash, ExecuteSlashArgs},
        pda,
        state::{PoolPolicy, Provider, Slasher, rights, sentence},
    },
    joule_tests::fixture::{
        Backer, Deposit, Job, Machine, Market, Pool, Tree, Voucher, add_class, create_registry_instruction, policy,
        usual_terms,
    },
    solana_keypair::Keypair,
    solana_signer::Signer,
};

const GPU: u32 = 1;
/// Base units a second: 67 ATH an hour.
const SECOND: u64 = 1_861_111;
const BEAT: u64 = 2 * HOUR;
/// Six days and a half.
const RESERVED: u64 = 156 * HOUR;

struct Host {
    key: Keypair,
    own: Backer,
    machine: Machine,
}

#[test]
fn a_month() {
    let plan = Plan {
        name: "aethir",
        symbol: "ATH",
        decimals: 8,
        supply: 35_700_000_000,
        reserve: 6_300_000_000,
        price: PRICE * 3 / 100,
        programs: &[],
    };
    let ath = |whole: u64| Tokens(whole * 100_000_000);
    // What leaves is held for as long as a statement can be punished.
    let rules = PoolPolicy { unbonding_period: Seconds(14 * 86_400), ..Pool::rules() };
    let mut month = Month::new(plan, rules, |policy, _| {
        policy.initial_emission = ath(4_315_068);
        (policy.decay_share, policy.max_supply) = (Bps(0), ath(42_000_000_000));
        policy.roots_share = Bps::WHOLE;
        // What a list says opens over 30 days: the rest of it is held back.
        policy.root_opening_period = Seconds((30 * DAY) as u32);
    });
    month.open_roots(2);
    // Checkers are attestors with a bond.
    let rules = Rules {
        pool: month.pool.address,
        attestor_bond: ath(10_000),
        max_attestation_period: Seconds(7 * 86_400),
        ..policy(&month.network)
    };
    let create = create_registry_instruction(&month.world, &month.network, rules);
    month.world.ok(&[create], &[&month.network.authority]);
    add_class(&month.world, &month.network, GPU, 2);
    let mut tree = Tree::new(&month.world, &month.network, 14, 64, 0).0;
    let add = AddSlasher {
        payer: month.world.payer().pubkey(),
        authority: month.network.authority.pubkey(),
        network: month.network.address,
        pool: month.pool.address,
        slasher_authority: tree.registry,
        slasher: month.pool.slasher(tree.registry),
        system_program: SYSTEM_PROGRAM,
    };
    let args = AddSlasherArgs { rights: rights::ALL, window_limit: Slasher::NO_LIMIT, slash_share: Bps(2_500) };
    month.world.ok(&[add.instruction(&args)], &[&month.network.authority]);
    let checkers: Vec<Voucher> = (0..4)
        .map(|id| {
            let key = month.world.user();
            let own = month.stake(&key, 40_000);
            month.claimant();
            Voucher { key, id: id + 1, provider: own.provider }
        })
        .collect();
    // Stake that came in this second does not count yet.
    month.world.run(60);
    for checker in &checkers {
        let add = tree.add_attestor_instruction(&month.network, checker.key.pubkey(), checker.provider, 1);
        month.world.ok(&[add], &[&month.network.authority]);
    }

    let tenant = month.world.user();
    let wallet = month.wallet(tenant.pubkey(), 2_000_000);
    let treasury_owner = month.world.user();
    let treasury = month.wallet(treasury_owner.pubkey(), 0);
    let terms = Terms {
        price: Amount(SECOND),
        min_duration: Seconds(BEAT as u32),
        max_duration: Seconds(30 * 86_400),
        heartbeat_interval: Seconds(BEAT as u32),
        min_availability: Bps(9_900),
        shortfall_penalty: Bps(500),
        heartbeat_penalty: Bps(5_000),
        bond_amount: ath(30_000),
        failure_penalty: Bps(3_333),
        fee_share: Bps(2_000),
        fee_payee: treasury,
        is_service: 1,
        class: GPU,
        reports: 1,
        whole_job_fee: 9,
        ..usual_terms()
    };
    let market = Market::unborn(&month.network, &month.pool, 0, terms).paid_in(&month.mint);
    month.network.add_spender(&month.world, market.authority);
    month.pool.add_slasher(&month.world, &month.network, market.authority);
    let market = market.create(&month.world, &month.network);
    let deposit = Deposit::of(tenant.pubkey(), market.mint, market.token_program);
    let fund = deposit.deposit_instruction(tenant.pubkey(), wallet, ath(1_000_000).0);
    month.send(&[deposit.open_instruction(&month.world), fund], &[&tenant]);

    let hosts: Vec<Host> = (0..3)
        .map(|number| {
            let key = month.world.user();
            let own = month.stake(&key, 100_000);
            let machine = tree.mint(&month.world, &month.network, key.pubkey(), &format!("gpu {number}")).0;
            tree.reserve(&month.world, key.pubkey(), &tree.specification(&machine));
            let activate = tree.activate_instruction(&month.world, &machine, key.pubkey(), GPU);
            month.send(&[activate], &[&key]);
            Host { key, own, machine }
        })
        .collect();

    month.settle_in();
    let (mut by_lists, mut claimed, mut penalties, mut leases) = (0, 0, 0, 0);
    let mut running: Vec<(Job, usize)> = vec![];
    let (mut seized, mut until) = (Tokens(0), Timestamp(0));
    for day in 0..DAYS {
        // Once a week checkers look at every machine, and vouch for it until the next.
        if day % 7 == 0 {
            until = Timestamp(month.world.now().0 + 6 * 86_400);
            for (place, host) in hosts.iter().enumerate() {
                for checker in &checkers[place % 2..place % 2 + 2] {
                    let attest = tree.attest_instruction(&month.world, checker, &host.machine, until);
                    month.send(&[attest], &[&checker.key]);
                }
            }
        }
        // The first checker vouched in the second week for a machine that was not there.
        if day == 8 {
            let liar = &checkers[0];
            let before: Provider = month.world.read(liar.provider);
            let slash = pda::slash::find(&liar.provider, &before.slash_count.to_le_bytes()).0;
            let punish = PunishAttestor {
                payer: month.world.payer().pubkey(),
                authority: month.network.authority.pubkey(),
                network: month.network.address,
                registry: tree.registry,
                statement: liar.statement(&hosts[0].machine, until),
                pool: month.pool.address,
                slasher: month.pool.slasher(tree.registry),
                provider: liar.provider,
                slash,
                stake_program: joule_stake_interface::ID,
                system_program: SYSTEM_PROGRAM,
            };
            let args = PunishAttestorArgs { amount: ath(10_000), evidence: [0xbb; 32], sentence: sentence::FINE };
            let authority = month.network.authority.insecure_clone();
            month.send(&[punish.instruction(&args)], &[&authority]);
            // Each statement is punished once.
            let again = pda::slash::find(&liar.provider, &(before.slash_count + 1).to_le_bytes()).0;
            let twice = PunishAttestor { slash: again, ..punish };
            month.world.fails(twice.instruction(&args), &[&authority], IdentityError::AlreadyPunished);
        }
        if day == 10 {
            let liar = &checkers[0];
            let before: Provider = month.world.read(liar.provider);
            let slash = pda::slash::find(&liar.provider, &(before.slash_count - 1).to_le_bytes()).0;
            let execute = ExecuteSlash {
                pool: month.pool.address,
                provider: liar.provider,
                slash,
                rewards: month.pool.rewards,
                rent_receiver: month.world.payer().pubkey(),
            };
            month.send(&[execute.instruction(&ExecuteSlashArgs {})], &[]);
            let settle = month.pool.settle_slashed_instruction(liar.provider, joule_stake_interface::ID);
            month.burning(|month| drop(month.send(&[settle], &[])));
            let after: Provider = month.world.read(liar.provider);
            assert_eq!(before.own.0 - after.own.0, ath(10_000).0);
        }
        // A tenant reserves all machines for a week.
        if day % 7 == 0 && day < 28 {
            for (place, host) in hosts.iter().enumerate() {
                leases += 1;
                let job = market.job(tenant.pubkey(), leases, host.key.pubkey(), host.own.tokens);
                let job = Job { node: host.machine.node(), ..job };
                market.post(&month.world, &tenant, &job, RESERVED as u32);
                let start = market.start_instruction(&month.world, &job);
                month.send(&[start], &[&host.key]);
                running.push((job, place));
            }
        }
        // Signs of life. The third machine is down for twelve hours of the seventeenth day.
        loop {
            let hour = month.time_of_day() / HOUR;
            let down = day == 16 && (6..=18).contains(&hour);
            for (job, place) in running.iter().filter(|(_, place)| !down || *place != 2) {
                if month.world.now() < month.world.read::<JobState>(job.address).ends_at {
                    month.send(&[market.heartbeat_instruction(job)], &[&hosts[*place].key]);
                }
            }
            if month.time_of_day() + BEAT >= DAY {
                break;
            }
            month.world.run(BEAT);
        }
        if day % 7 == 6 && day < 28 {
            for (job, place) in std::mem::take(&mut running) {
                let keeper = month.world.payer().pubkey();
                month.send(&[market.finish_instruction(&job, keeper, [0; 32])], &[]);
                let state: JobState = month.world.read(job.address);
                let settle = market.settle_bond_instruction(&job, wallet);
                month.send(&[settle], &[]);
                month.send(&[market.close_job_instruction(&month.world, &job)], &[]);
                let cost = SECOND * RESERVED;
                if (place, day) == (2, 20) {
                    assert!(state.paid.0 + state.fee_paid.0 < cost && !state.penalty.is_zero(), "{state:?}");
                    (penalties, seized) = (penalties + state.penalty.0, state.bond_to_seize);
                } else {
                    assert_eq!(state.paid.0 + state.fee_paid.0, cost, "in full: {state:?}");
                }
                month.note_income(state.paid.0);
                month.paid_directly += month.dollars(state.paid.0 + state.fee_paid.0);
            }
        }
        if day == 29 {
            claimed += month.claim_open();
        }
        month.end_day().expect("an epoch a day");
        if day % 7 == 6 {
            claimed += month.claim_open();
            // The liar has no part in the second week.
            let tasks = if day == 13 { [0, 50, 50, 25] } else { [25, 50, 50, 25] };
            by_lists += month.share_budget_over_time(&tasks);
        }
    }
    assert!(penalties > 0, "who was down is paid less");
    // Four lists of a week each, which are active for 23, 16, 9 and 2 of 30 days less the hour of their delay.
    let open = claimed as f64 / by_lists as f64;
    assert!((open - 50.0 / 120.0).abs() < 0.01, "what is not open yet is held back: {open}");
    month.fact("reserved weeks", leases);
    month.fact("withheld from who was down", format!("{} ATH", number(month.whole(penalties))));
    month.fact("seized of its bond for the tenant", format!("{} ATH", number(month.whole(seized.0))));
    month.fact("checkers' rewards by lists", format!("{} ATH", number(month.whole(by_lists))));
    month.fact("of them, held back at the end", format!("{} ATH", number(month.whole(by_lists - claimed))));
    month.fact("treasury", format!("{} ATH", number(month.whole(month.world.tokens(treasury)))));
    month.end("Aethir", ACTS);
}

const ACTS: &[Act] = &[
    Act {
        what: "Supply",
        today: "42,000,000,000 ATH, fixed, with 18 decimals; 15 % for checkers over four years",
        here: "a network with a reserve of 6,300,000,000, 8 decimals",
        differs: "with nine decimals 42,000,000,000 do not fit into 2^63",
    },
    Act {
        what: "Checkers",
        today: "licences as NFTs; a wrong or missing check costs rewards",
        here: "attestors with a bond: machines serve their class while two vouch; a wrong statement is punished by a slash, once",
        differs: "16 attestors or so in a registry, not 91,759 licences; who checks what is agreed off chain",
    },
    Act {
        what: "Reserved capacity",
        today: "a reserved machine that is down loses a third of its stake, the fee of the period goes back",
        here: "a service with heartbeats: a part of the pay for each hundredth below 99 %, half of the price of each missed heartbeat, then the bond",
        differs: "in proportion to the time that it was down, not a third at once",
    },
    Act {
        what: "Stake of hosts",
        today: "by the GPU's value, set monthly",
        here: "`bond_amount` of the market of its class",
        differs: "a bond for each job",
    },
    Act {
        what: "Rewards",
        today: "base and bonus; what is earned is held back for 180 days, and three quarters of it are lost by who takes it after 30",
        here: "weekly reward roots by tasks, `root_opening_period` 30 days: each day a thirtieth of a list opens for who is in it",
        differs: "30 days at most, evenly; nobody takes it sooner for less. What has not opened can be stopped by the guardian, for all of a list alone",
    },
    Act {
        what: "Who cheats",
        today: "a checker that reports wrongly is banned for a month; a host that deceives loses three times as much",
        here: "a liar loses its bond, after a day in which it can be vetoed",
        differs: "none",
    },
];
