//! Grass.
//!
//! | number | here | source |
//! |---|---|---|
//! | GRASS ever | 1,000,000,000, fixed | grass-foundation.gitbook.io/grass-docs, GRASS Tokenomics, by tokenradar.ai/tokens/grass/tokenomics, read in November 2026 |
//! | future incentives, router rewards | 170,000,000 and 30,000,000 | the same |
//! | unbonding | 7 days | the same; cantina.xyz's specification of the staking program |
//! | a router's commission | a fixed part, such as 10 % | cantina.xyz's specification |
//! | slashing | by hand, by a multisig, in steps of 10,000 GRASS | cantina.xyz's specification; grass-docs, GRASS |
//! | released | over four years: 136,986 GRASS a day | assumption |
//! | price, data sold a week | 0.50 dollars, 70,000 dollars | assumptions |
//!
//! A page without a date is as it was read in November 2026.

use {
    crate::{
        month::{Act, DAYS, DOLLAR, HOUR, Month, PRICE, Plan, number},
        prover::{Prover, bytes_of, definition_of, small},
    },
    joule_bme_interface::merkle,
    joule_escrow_interface::{
        EscrowError, proof,
        state::{Job as JobState, Terms, job_state},
    },
    joule_interface::SYSTEM_PROGRAM,
    joule_math::{Amount, Bps, Tokens},
    joule_stake_interface::{
        instruction::*,
        pda,
        state::{Provider, Slasher, rights, sentence},
    },
    joule_tests::fixture::{
        Deposit, GROTH16, Market, Pool, Provable, accepted, defined, reward_tree, sha256, usual_terms,
    },
    solana_keypair::Keypair,
    solana_signer::Signer,
};

const WEEK: u64 = 7;

#[test]
fn a_month() {
    let plan = Plan {
        name: "grass",
        symbol: "GRASS",
        decimals: 9,
        supply: 800_000_000,
        reserve: 200_000_000,
        price: PRICE / 2,
        programs: &[GROTH16],
    };
    let grass = |whole: u64| Tokens(whole * 1_000_000_000);
    let mut month = Month::new(plan, Pool::rules(), |policy, _| {
        policy.initial_emission = grass(136_986);
        (policy.decay_share, policy.max_supply) = (Bps(0), grass(1_000_000_000));
        // 170 of 200 for those who share their bandwidth, the rest for who stakes with routers.
        policy.roots_share = Bps(8_500);
        (policy.providers_share, policy.stakers_share, policy.vouched) = (Bps(0), Bps::WHOLE, 1);
        // What data costs goes back to the reserve.
        policy.payments_to_reserve = 1;
    });
    month.open_roots(2);
    let homes: Vec<usize> = (0..8).map(|_| month.claimant()).collect();
    // Two routers, and who stakes with them.
    let routers = [month.world.user(), month.world.user()];
    let own = [0, 1].map(|router: usize| month.stake(&routers[router], 100_000));
    let owners: [Keypair; 4] = std::array::from_fn(|_| month.world.user());
    let stakes: Vec<_> =
        owners.iter().enumerate().map(|(who, owner)| month.delegate(owner, own[who % 2].provider, 500_000)).collect();
    month.settle_in();
    // The multisig that slashes.
    let multisig = month.world.user();
    let slasher = month.pool.slasher(multisig.pubkey());
    let add = AddSlasher {
        payer: month.world.payer().pubkey(),
        authority: month.network.authority.pubkey(),
        network: month.network.address,
        pool: month.pool.address,
        slasher_authority: multisig.pubkey(),
        slasher,
        system_program: SYSTEM_PROGRAM,
    };
    let args = AddSlasherArgs { rights: rights::ALL, window_limit: Slasher::NO_LIMIT, slash_share: Bps(2_500) };
    month.world.ok(&[add.instruction(&args)], &[&month.network.authority]);
    // Who buys data, and data sets as jobs: the result is the root over the records.
    let buyer = month.customer(1_000_000);
    let wallet = month.wallet(buyer.key.pubkey(), 200_000);
    let terms = Terms {
        price: Amount(grass(10_000).0),
        bond_amount: grass(5_000),
        ..accepted(buyer.key.pubkey(), usual_terms())
    };
    let market = Market::unborn(&month.network, &month.pool, 0, terms).paid_in(&month.mint);
    month.network.add_spender(&month.world, market.authority);
    month.pool.add_slasher(&month.world, &month.network, market.authority);
    let market = market.create(&month.world, &month.network);
    // Where there is a circuit, a proof ends the job.
    let proved = Market::unborn(&month.network, &month.pool, 1, terms).paid_in(&month.mint);
    let proved = proved.create(&month.world, &month.network);
    let provable = Provable::unborn(&month.network, 1, GROTH16.1);
    provable.upgraded_by(&mut month.world, None);
    let create = provable.create_instruction(&month.world, &month.network);
    let set = provable.set_instruction(&month.network, &proved);
    month.world.ok(&[create, set], &[&month.network.authority]);
    let prover = Prover::new();
    let deposit = Deposit::of(buyer.key.pubkey(), market.mint, market.token_program);
    let fund = deposit.deposit_instruction(buyer.key.pubkey(), wallet, grass(150_000).0);
    month.send(&[deposit.open_instruction(&month.world), fund], &[&buyer.key]);

    let (mut by_lists, mut sets, mut proofs, mut slashed) = (0, 0, 0, 0);
    for day in 0..DAYS {
        // Scraping of a day is paid in credits that are used up for nobody.
        month.buy(&buyer, 10_000 * DOLLAR);
        month.burn(&buyer, 10_000 * DOLLAR);
        if day % WEEK == 2 {
            // A data set of a thousand records: anyone who has a record can show that it is in there.
            let router = (day / WEEK % 2) as usize;
            let records: Vec<_> = (0..1_000u64).map(|record| (month.network.address, [record, record * day])).collect();
            let (root, leaves) = reward_tree(&month.network, &records);
            let key = routers[router].insecure_clone();
            let job = market.job(buyer.key.pubkey(), day, key.pubkey(), own[router].tokens);
            market.post(&month.world, &buyer.key, &job, (10 * HOUR) as u32);
            let start = market.start_instruction(&month.world, &job);
            month.send(&[start], &[&key]);
            month.world.run(6 * HOUR);
            month.send(&[market.deliver_instruction(&job, root)], &[&key]);
            let shown = &leaves[777];
            let record = merkle::leaf(sha256, &month.network.address, &month.network.address, 777, 777 * day);
            let state: JobState = month.world.read(job.address);
            assert_eq!(merkle::root(sha256, record, shown.index, &shown.proof), Some(state.result));
            month.send(&[market.accept_instruction(&job, buyer.key.pubkey())], &[&buyer.key]);
            let settle = market.settle_bond_instruction(&job, wallet);
            let close = market.close_job_instruction(&month.world, &job);
            month.send(&[settle, close], &[]);
            month.note_income(grass(10_000).0);
            month.paid_directly += month.dollars(grass(10_000).0);
            sets += 1;
        }
        if day % WEEK == 4 {
            // What has a circuit is proved: paid at once, and its buyer accepts nothing.
            let (router, number) = ((day / WEEK % 2) as usize, day);
            let key = routers[router].insecure_clone();
            let job = proved.job(buyer.key.pubkey(), day, key.pubkey(), own[router].tokens);
            let post = proved.post_instruction(&month.world, &job, (10 * HOUR) as u32);
            month.send(&[defined(post, definition_of(number))], &[&buyer.key]);
            let start = proved.start_instruction(&month.world, &job);
            month.send(&[start], &[&key]);
            month.world.run(HOUR);
            let state: JobState = month.world.read(job.address);
            let deliver = |result: u64| {
                let [definition, result] = [state.definition, small(result)];
                let binding =
                    proof::binding(sha256, &job.address, state.posting_id, &state.provider, &definition, &result);
                let proof = prover.prove(binding, definition, small(number));
                provable.deliver_instruction(&proved, &job, result, &bytes_of(&proof))
            };
            month.world.fails(deliver(number + 1), &[&key], EscrowError::NotProven);
            month.send(&[deliver(number)], &[&key]);
            let state: JobState = month.world.read(job.address);
            assert_eq!((state.state, state.paid.0), (job_state::FINISHED, grass(10_000).0));
            let settle = proved.settle_bond_instruction(&job, wallet);
            let close = proved.close_job_instruction(&month.world, &job);
            month.send(&[settle, close], &[]);
            month.note_income(grass(10_000).0);
            month.paid_directly += month.dollars(grass(10_000).0);
            proofs += 1;
        }
        if day == 11 {
            // A router reports traffic that was not there. The multisig slashes 10,000; who stakes with it loses as well.
            let provider = own[1].provider;
            let before: Provider = month.world.read(provider);
            let index = before.slash_count;
            let slash = pda::slash::find(&provider, &index.to_le_bytes()).0;
            let propose = ProposeSlash {
                payer: month.world.payer().pubkey(),
                slasher_authority: multisig.pubkey(),
                slasher,
                pool: month.pool.address,
                provider,
                slash,
                system_program: SYSTEM_PROGRAM,
            };
            let args = ProposeSlashArgs { amount: grass(10_000), evidence: [0xe1; 32], sentence: sentence::JAIL };
            month.send(&[propose.instruction(&args)], &[&multisig]);
        }
        if day == 13 {
            let provider = own[1].provider;
            let before: Provider = month.world.read(provider);
            let slash = pda::slash::find(&provider, &(before.slash_count - 1).to_le_bytes()).0;
            let execute = ExecuteSlash {
                pool: month.pool.address,
                provider,
                slash,
                rewards: month.pool.rewards,
                rent_receiver: month.world.payer().pubkey(),
            };
            month.send(&[execute.instruction(&ExecuteSlashArgs {})], &[]);
            let after: Provider = month.world.read(provider);
            assert_eq!(
                before.own.0 + before.delegated.tokens.0 - after.own.0 - after.delegated.tokens.0,
                grass(10_000).0
            );
            slashed = after.slashed.0;
            // There is no treasury: all of it is burned, or waits for one.
            let settle = month.pool.settle_slashed_instruction(provider, joule_stake_interface::ID);
            month.burning(|month| drop(month.send(&[settle], &[])));
        }
        if day == 16 {
            let unjail = Unjail {
                authority: routers[1].pubkey(),
                pool: month.pool.address,
                provider: own[1].provider,
                rewards: month.pool.rewards,
            };
            month.send(&[unjail.instruction(&UnjailArgs {})], &[&routers[1]]);
        }
        month.end_day().expect("an epoch a day");
        if day % WEEK == 6 {
            month.collect();
            by_lists += month.share_budget(&[20, 18, 15, 13, 12, 10, 7, 5]);
        }
    }
    let mut earned = vec![];
    for (who, backer) in stakes.iter().enumerate() {
        earned.push(month.claim_stake(&owners[who], backer));
    }
    assert!(earned[0] > earned[1], "the cheat's delegators lost a part, and its time in jail: {earned:?}");
    assert_eq!(homes.len(), 8);
    month.fact("paid by lists", format!("{} GRASS", number(month.whole(by_lists))));
    month.fact("data sets with a root", sets);
    month.fact("jobs that a validity proof ended", proofs);
    month.fact("slashed of the router", format!("{} GRASS", number(month.whole(slashed))));
    month.fact("rewards of a delegator, of one of the cheat's", {
        format!("{} and {} GRASS", number(month.whole(earned[0])), number(month.whole(earned[1])))
    });
    month.end("Grass", ACTS);
}

const ACTS: &[Act] = &[
    Act {
        what: "Supply",
        today: "1,000,000,000 GRASS, fixed; 200,000,000 of them for nodes and routers",
        here: "a network with a reserve of 200,000,000",
        differs: "none",
    },
    Act {
        what: "Rewards of nodes",
        today: "points, turned into GRASS by the foundation",
        here: "weekly reward roots of two oracles, 85 % of the schedule",
        differs: "on chain, with a delay in which the guardian can stop them",
    },
    Act {
        what: "Revenue",
        today: "turned into GRASS for those who made it possible",
        here: "data is paid in credits, whose GRASS goes back to the reserve",
        differs: "it comes to who works with the schedule, not at once",
    },
    Act {
        what: "Provenance",
        today: "roots of what was scraped, with proofs by a rollup",
        here: "a data set is a job: its result is the root over its records, its router is bonded, its buyer can reject it",
        differs: "one job a week ends by a validity proof instead (`DeliverProof`), of the circuit of the tests: one for what was scraped is its own work",
    },
    Act {
        what: "Routers",
        today: "stake is delegated to routers, seven days to leave, a commission",
        here: "`stake`: the same",
        differs: "none",
    },
    Act {
        what: "Slashing",
        today: "a multisig, by hand",
        here: "a slasher proposes, a day later anyone executes; authority and guardian can veto; limits in a window",
        differs: "delegators have a day to see it; what is slashed cannot be taken by the slasher",
    },
    Act {
        what: "Stakers' part",
        today: "3 % of the supply",
        here: "`stakers_share` all of what the roots leave: 15 % of the schedule",
        differs: "none",
    },
];
