//! Nosana.
//!
//! | number | here | source |
//! |---|---|---|
//! | NOS ever | 100,000,000, nobody mints more | docs.nosana.io/tokenomics/metrics, read in November 2026 |
//! | for nodes | 20,000,000 over 24 months: 27,397 a day | the same |
//! | locks | 14 to 365 days; xNOS is NOS times (seconds / 10,512,000 + 1), 1.1 to 4 times | docs.nosana.io/programs/staking |
//! | network fee | a tenth of a job's price, for stakers | `JOB_FEE_FRACTION = 10` in the source of nosana-jobs; docs.nosana.io/protocols/jobs |
//! | a market | a price, a time limit, a least stake of a node, a queue of jobs or of nodes | docs.nosana.io/protocols/jobs |
//! | price of a GPU, of NOS | 0.000048 NOS a second, 0.17 an hour; 0.50 dollars | assumptions |
//! | least stake of a node, its bond for a job | 50 NOS, 5 NOS | assumptions |
//!
//! A page without a date is as it was read in November 2026.

use {
    crate::month::{Act, DAYS, HOUR, Month, PRICE, Plan, number},
    joule_escrow_interface::{
        EscrowError,
        instruction::OpenMandateArgs,
        state::{Job as JobState, Terms, job_state, matching},
    },
    joule_interface::{Address, Instruction},
    joule_math::{Amount, Bps, Seconds, Timestamp, Tokens},
    joule_tests::fixture::{Backer, Deposit, Job, Mandate, Market, Pool, usual_terms},
    solana_keypair::Keypair,
    solana_signer::Signer,
};

const RESULT: [u8; 32] = [0xaa; 32];
/// Base units a second.
const SECOND: u64 = 48;

struct Node {
    key: Keypair,
    own: Backer,
}

/// A GPU market, its nodes and its client.
struct Gpus {
    market: Market,
    nodes: Vec<Node>,
    client: Keypair,
    /// The client's NOS: what is seized of a bond is paid out there.
    wallet: Address,
    /// Who renews the client's jobs, within limits.
    server: Keypair,
    mandate: Mandate,
    jobs: u64,
}

impl Gpus {
    /// A job of so many hours that is not posted yet.
    fn unposted(&mut self) -> Job {
        self.jobs += 1;
        let Node { key, own } = &self.nodes[0];
        let job = self.market.job(self.client.pubkey(), self.jobs, key.pubkey(), own.tokens);
        Job { matching: matching::QUEUE, ..job }
    }

    /// A job of so many hours is queued: if a node waits, it is that one's.
    fn post(&mut self, month: &mut Month, hours: u64) -> Job {
        let job = self.unposted();
        let post = self.market.post_instruction(&month.world, &job, (hours * HOUR) as u32);
        month.send(&[post], &[&self.client]);
        job
    }

    /// What posts the same without the client, under its mandate.
    fn renewal(&self, month: &Month, job: &Job, hours: u64) -> Instruction {
        self.mandate.by(self.market.post_instruction(&month.world, job, (hours * HOUR) as u32))
    }

    fn renew(&mut self, month: &mut Month, hours: u64) -> Job {
        let job = self.unposted();
        let post = self.renewal(month, &job, hours);
        month.send(&[post], &[&self.server]);
        job
    }

    fn by(&self, job: Job, node: usize) -> Job {
        job.by(&self.market, self.nodes[node].key.pubkey(), self.nodes[node].own.tokens)
    }

    fn start(&self, month: &mut Month, job: &Job, node: usize) {
        let start = self.market.start_instruction(&month.world, job);
        month.send(&[start], &[&self.nodes[node].key]);
    }

    fn wait(&self, month: &mut Month, node: usize) {
        let key = &self.nodes[node].key;
        month.send(&[self.market.join_instruction(key.pubkey(), 0)], &[key]);
    }

    /// The keeper settles the bond and closes the job. Returns how it ended.
    fn close(&self, month: &mut Month, job: &Job) -> JobState {
        let state: JobState = month.world.read(job.address);
        if state.mandate_id != 0 {
            month.send(&[self.mandate.settle_instruction(std::slice::from_ref(job))], &[]);
        }
        let settle = self.market.settle_bond_instruction(job, self.wallet);
        let close = self.market.close_job_instruction(&month.world, job);
        month.send(&[settle, close], &[]);
        month.note_income(state.paid.0);
        month.paid_directly += month.dollars(state.paid.0 + state.fee_paid.0);
        state
    }
}

#[test]
fn a_month() {
    let plan = Plan {
        name: "nosana",
        symbol: "NOS",
        decimals: 6,
        supply: 80_000_000,
        reserve: 20_000_000,
        price: PRICE / 2,
        programs: &[],
    };
    let nos = |whole: u64| Tokens(whole * 1_000_000);
    let mut month = Month::new(plan, Pool::rules(), |policy, _| {
        policy.initial_emission = nos(27_397);
        (policy.decay_share, policy.max_supply) = (Bps(0), nos(100_000_000));
        // Jobs are paid in NOS, not in credits: the reserve pays nodes by what they did, by lists.
        policy.roots_share = Bps::WHOLE;
        policy.payments_to_reserve = 1;
    });
    month.open_roots(1);
    let terms = Terms {
        price: Amount(SECOND),
        min_duration: Seconds(HOUR as u32 / 2),
        heartbeat_interval: Seconds(HOUR as u32 / 2),
        min_availability: Bps(9_000),
        shortfall_penalty: Bps(1_000),
        heartbeat_penalty: Bps(5_000),
        bond_amount: nos(5),
        min_self_stake: nos(50),
        no_start_penalty: Bps(1_000),
        failure_penalty: Bps::WHOLE,
        fee_share: Bps(1_000),
        fee_payee: month.network.stakers,
        wait_window: Seconds(86_400),
        reports: 1,
        whole_job_fee: 4,
        ..usual_terms()
    };
    let market = Market::unborn(&month.network, &month.pool, 0, terms).paid_in(&month.mint);
    month.network.add_spender(&month.world, market.authority);
    month.pool.add_slasher(&month.world, &month.network, market.authority);
    let market = market.create(&month.world, &month.network).with_queue(&month.world, 16);

    let client = month.world.user();
    let wallet = month.wallet(client.pubkey(), 10_000);
    let deposit = Deposit::of(client.pubkey(), market.mint, market.token_program);
    let fund = deposit.deposit_instruction(client.pubkey(), wallet, nos(5_000).0);
    month.send(&[deposit.open_instruction(&month.world), fund], &[&client]);
    // The client's server may renew three jobs a day with the client's money, and take none of it.
    let server = month.world.user();
    let mandate = Mandate::of(client.pubkey(), server.pubkey(), 0);
    let most = SECOND * 6 * HOUR * 101 / 100;
    let limits = mandate.args(&month.world, deposit.address, market.address, 3 * most, 60 * most);
    let limits = OpenMandateArgs { expires_at: Timestamp(month.world.now().0 + 40 * 86_400), ..limits };
    month.send(&[mandate.open_instruction(&month.world, &limits)], &[&client]);
    let mut gpus = Gpus { market, nodes: vec![], client, wallet, server, mandate, jobs: 0 };
    for _ in 0..4 {
        let key = month.world.user();
        let own = month.stake(&key, 1_000);
        gpus.nodes.push(Node { key, own });
        month.claimant();
    }
    month.settle_in();
    // Two stakers: the shortest lock and the longest, of as many NOS.
    let stakers = [month.world.user(), month.world.user()];
    let stakes = [0, 1].map(|who| month.delegate(&stakers[who], gpus.nodes[0].own.provider, 100_000));
    month.lock(&stakers[0], &stakes[0], 45);
    month.lock(&stakers[1], &stakes[1], 365);

    let mut by_lists = 0;
    let (mut done, mut failed) = ([0u64; 4], 0);
    for day in 0..DAYS {
        // On even days nodes wait for jobs, on odd ones jobs for nodes. Nodes 0 to 2 work.
        let jobs: Vec<Job> = if day % 2 == 0 {
            (0..3).for_each(|node| gpus.wait(&mut month, node));
            (0..3).map(|_| gpus.post(&mut month, 6)).collect()
        } else {
            (0..3).map(|_| gpus.renew(&mut month, 6)).collect()
        };
        if day == 3 {
            // A fourth is above the mandate's limit.
            let job = gpus.unposted();
            let more = gpus.renewal(&month, &job, 6);
            month.world.fails(more, &[&gpus.server], EscrowError::MandateExceeded);
        }
        let jobs: Vec<Job> = jobs.into_iter().enumerate().map(|(node, job)| gpus.by(job, node)).collect();
        for (node, job) in jobs.iter().enumerate() {
            let state: JobState = month.world.read(job.address);
            assert_eq!(state.state, if day % 2 == 0 { job_state::ASSIGNED } else { job_state::POSTED });
            gpus.start(&mut month, job, node);
        }
        // Once a week the fourth node takes a job and is never heard of again.
        let lost = (day % 7 == 5).then(|| {
            let job = gpus.post(&mut month, 6);
            let job = gpus.by(job, 3);
            gpus.start(&mut month, &job, 3);
            job
        });
        for _ in 0..12 {
            month.world.run(HOUR / 2);
            for (node, job) in jobs.iter().enumerate() {
                month.send(&[market.heartbeat_instruction(job)], &[&gpus.nodes[node].key]);
            }
        }
        for (node, job) in jobs.iter().enumerate() {
            let key = gpus.nodes[node].key.insecure_clone();
            month.send(&[market.finish_instruction(job, key.pubkey(), RESULT)], &[&key]);
            let state = gpus.close(&mut month, job);
            let (cost, fee) = (SECOND * 6 * HOUR, SECOND * 6 * HOUR / 10);
            assert_eq!((state.paid.0, state.fee_paid.0), (cost - fee, fee), "a tenth is the stakers'");
            done[node] += 1;
        }
        if let Some(job) = lost {
            let keeper = month.world.payer().insecure_clone();
            month.send(&[market.finish_instruction(&job, keeper.pubkey(), [0; 32])], &[]);
            let state = gpus.close(&mut month, &job);
            assert_eq!(state.paid, Amount(0), "who shows no sign of life is not paid");
            assert!(state.bond_to_seize > Tokens(0), "and loses of its bond: {state:?}");
            failed += 1;
        }
        month.collect();
        month.end_day().expect("an epoch a day");
        if day % 7 == 6 {
            by_lists += month.share_budget(&done);
            done = [0; 4];
        }
    }
    // Four times the weight, four times the rewards. (The first's lock is 45 days: 1.4 times.)
    let mut earned = vec![];
    for (who, backer) in stakes.iter().enumerate() {
        earned.push(month.claim_stake(&stakers[who], backer));
    }
    let ratio = earned[1] as f64 / earned[0] as f64;
    assert!(ratio > 2.5 && ratio < 3.2, "4 to {}: {earned:?}", 1.0 + 3.0 * 31.0 / 351.0);
    month.fact("jobs done, of nodes that waited and of jobs that waited", format!("{} and {}", 3 * 15, 3 * 15));
    month.fact("jobs of the node that vanished", failed);
    month.fact("paid by the reserve by lists", format!("{} NOS", number(month.whole(by_lists))));
    month.fact("rewards of a year's lock, of those of 45 days", format!("{ratio:.3}"));
    month.end("Nosana", ACTS);
}

const ACTS: &[Act] = &[
    Act {
        what: "Supply",
        today: "100,000,000 NOS, nobody mints; 20,000,000 for nodes over two years",
        here: "a network with a reserve of 20,000,000: `initial_emission` 27,397 a day, no decay; nobody takes it out but by the policy",
        differs: "none",
    },
    Act {
        what: "GPU markets",
        today: "a queue in which jobs wait for nodes, or nodes for jobs; a price a second",
        here: "the same in `escrow`: `QUEUE`, `JoinQueue`, a price a second",
        differs: "a bond and heartbeats besides: a node that vanishes is not paid and loses of its bond",
    },
    Act {
        what: "Fee",
        today: "a tenth above the price, to stakers",
        here: "`fee_share` 10 % into the pool's rewards (`CollectRewards`)",
        differs: "the tenth is part of the price, not above it",
    },
    Act {
        what: "Locks",
        today: "xNOS: 14 to 365 days, 1.1 to 4 times",
        here: "`LockStake`: 14 to 365 days, 1 to 4 times",
        differs: "1 instead of 1.1 at 14 days",
    },
    Act {
        what: "Rewards of nodes",
        today: "monthly lists of the team",
        here: "weekly reward roots out of the reserve",
        differs: "a guardian can stop a wrong list",
    },
    Act {
        what: "Jobs that are renewed",
        today: "the client's server extends or posts again",
        here: "a mandate: the client's server posts three jobs a day with the client's money, and can take none of it",
        differs: "the server holds no money",
    },
    Act {
        what: "Who cheats",
        today: "a node that vanishes lets the job time out",
        here: "no pay, its bond is seized, its reputation falls",
        differs: "the client's loss of time is paid",
    },
];
