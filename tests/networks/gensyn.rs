//! Gensyn.
//!
//! | number | here | source |
//! |---|---|---|
//! | AI ever | 10,000,000,000, fixed | ownyourmind.ai/projects/gensyn and yellow.com/asset/ai, read in November 2026 |
//! | fee | 0.5 % of what is paid, of which 70 % are burned | the same; here all of it is burned |
//! | disputes | refereed delegation: two parts of a run are compared down to one operation, which a referee repeats | Verde, arXiv 2502.19405, February 2025; blog.gensyn.ai/verde-verification-system-in-production |
//! | price | 0.05 dollars | assumption |
//! | a training job, its bond, a dispute bond | 20,000, 10,000 and 2,000 AI | assumptions |
//! | a small job | 300 AI for each of three | assumption |
//! | a second in a gang, a bond for it | 1 and 5,000 AI | assumptions |
//!
//! A page without a date is as it was read in November 2026.

use {
    crate::month::{Act, DAYS, HOUR, Month, PRICE, Plan, number},
    joule_escrow_interface::{
        instruction::CreateVerificationArgs,
        state::{Game, Job as JobState, Terms, game_phase, matching, outcome},
        verifier::statement,
    },
    joule_interface::Address,
    joule_math::{Amount, Bps, Seconds, Tokens},
    joule_tests::fixture::{
        Backer, Deposit, Gang, Job, Market, Panel, Pool, Run, VERIFIER, Verified, accepted, defined, hidden,
        usual_terms, usual_verification,
    },
    solana_keypair::Keypair,
    solana_signer::Signer,
    verifier::Machine,
};

const STEPS: u64 = 200;

struct Trainer {
    key: Keypair,
    own: Backer,
}

/// The market of training jobs, the market of small ones, and everybody in them.
struct Training {
    big: Market,
    small: Market,
    gangs: Market,
    verified: Verified,
    client: Keypair,
    /// What is seized of a bond is paid out there.
    wallet: Address,
    trainers: Vec<Trainer>,
    watcher: Keypair,
    jobs: u64,
}

impl Training {
    /// A training job that a trainer starts and delivers, as this run.
    fn delivered(&mut self, month: &mut Month, trainer: usize, truth: &Run, run: &Run) -> Job {
        self.jobs += 1;
        let Trainer { key, own } = &self.trainers[trainer];
        let job = self.big.job(self.client.pubkey(), self.jobs, key.pubkey(), own.tokens);
        let post = defined(self.big.post_instruction(&month.world, &job, (12 * HOUR) as u32), truth.states[0]);
        month.send(&[post], &[&self.client]);
        let start = self.big.start_instruction(&month.world, &job);
        month.send(&[start], &[key]);
        month.world.run(2 * HOUR);
        let deliver = self.verified.deliver_instruction(&month.world, &job, run, run.result());
        month.send(&[deliver], &[key]);
        job
    }

    /// Plays a game over what a trainer delivered as `run` and a challenger has as `other`, to its end: its moves.
    fn dispute(&self, month: &mut Month, job: &Job, challenger: &Keypair, runs: [&Run; 2]) -> (Game, u32) {
        let trainer = self.trainers.iter().find(|trainer| trainer.key.pubkey() == job.provider).expect("a trainer");
        let game = self.verified.challenge(&month.world, job, challenger.pubkey(), 0);
        month.send(&[game.open_instruction(statement::STEP)], &[challenger]);
        let mut moves = 0;
        loop {
            let state = game.state(&month.world);
            match state.phase {
                game_phase::OPEN | game_phase::SHOW => {
                    let answer = game.provider_moves(&state, runs[0]).expect("its move");
                    month.send(&[answer], &[&trainer.key]);
                }
                game_phase::CHOOSE => {
                    month.send(&[game.choose_instruction(runs[1].differs(&state))], &[challenger]);
                }
                // The step is proved, if it can be.
                game_phase::PROVE => {
                    let prove = game.provider_moves(&state, runs[0]).expect("a verifier decides");
                    if month.world.send(&[prove], &[&trainer.key]).is_err() {
                        month.world.run(HOUR + 1);
                        month.send(&[game.time_out_instruction()], &[]);
                    }
                }
                _ => break,
            }
            moves += 1;
        }
        let state = game.state(&month.world);
        month.burning(|month| drop(month.send(&[game.settle_instruction()], &[])));
        if state.phase == game_phase::CHALLENGER_WON {
            month.send(&[game.pay_instruction()], &[]);
        }
        (state, moves)
    }

    /// A keeper settles the bond, closes the trace and the job.
    fn close(&self, month: &mut Month, job: &Job) -> JobState {
        let state: JobState = month.world.read(job.address);
        let trace = self.verified.trace(&month.world, job);
        let settle = self.big.settle_bond_instruction(job, self.wallet);
        let close =
            [self.verified.close_trace_instruction(trace, job), self.big.close_job_instruction(&month.world, job)];
        month.send(&[settle], &[]);
        month.send(&close, &[]);
        month.note_income(state.paid.0);
        month.paid_directly += month.dollars(state.paid.0 + state.fee_paid.0);
        state
    }

    /// The three train one model together for six hours. `quits`: the last of them does so after two, and the client ends it. Returns
    /// what was paid.
    fn gang(&mut self, month: &mut Month, number: u64, quits: bool) -> u64 {
        let gang = Gang::of(self.client.pubkey(), number);
        let jobs: Vec<Job> = self
            .trainers
            .iter()
            .map(|Trainer { key, own }| {
                self.jobs += 1;
                gang.place(&self.gangs, self.jobs, key.pubkey(), own.tokens)
            })
            .collect();
        let post = gang.post_instruction(&month.world, &self.gangs, jobs.len() as u8, (6 * HOUR) as u32);
        month.send(&[post], &[&self.client]);
        month.send(&[gang.places_instruction(&month.world, &self.gangs, &jobs)], &[&self.client]);
        for (job, trainer) in jobs.iter().zip(&self.trainers) {
            let join = gang.join_instruction(&month.world, &self.gangs, job);
            month.send(&[join], &[&trainer.key]);
        }
        for hour in 1..=6 {
            month.world.run(HOUR);
            if quits && hour == 2 {
                let (job, trainer) = (&jobs[2], &self.trainers[2]);
                let quit = gang.take_out_instruction(&self.gangs, trainer.key.pubkey(), job);
                month.send(&[quit], &[&trainer.key]);
                month.send(&[gang.stop_instruction(self.client.pubkey())], &[&self.client]);
                break;
            }
            for (job, trainer) in jobs.iter().zip(&self.trainers).filter(|_| hour < 6) {
                month.send(&[gang.heartbeat_instruction(job)], &[&trainer.key]);
            }
        }
        let mut paid = 0;
        for (index, job) in jobs.iter().enumerate() {
            let keeper = month.world.payer().pubkey();
            let settle = gang.settle_instruction(&self.gangs, job, keeper);
            let bond = self.gangs.settle_bond_instruction(job, self.gangs.staked.0);
            month.burning(|month| drop(month.send(&[settle], &[])));
            month.burning(|month| drop(month.send(&[bond], &[])));
            let state: JobState = month.world.read(job.address);
            let expected = match (quits, index) {
                (false, _) => (outcome::DELIVERED, 6),
                (true, 2) => (outcome::FAILED, 2),
                (true, _) => (outcome::NONE, 2),
            };
            assert_eq!((state.outcome, state.earned.0 / state.price.0 / HOUR), expected);
            month.send(&[self.gangs.close_job_instruction(&month.world, job)], &[]);
            month.note_income(state.paid.0);
            month.paid_directly += month.dollars(state.paid.0 + state.fee_paid.0);
            paid += state.paid.0;
        }
        month.send(&[gang.close_instruction(&month.world)], &[]);
        paid
    }

    /// A small job of three, each of whom finds this: what was paid.
    fn panel(&mut self, month: &mut Month, results: [u8; 3]) -> u64 {
        self.jobs += 1;
        let panel = Panel::of(&self.small, self.client.pubkey(), self.jobs);
        let post = panel.post_instruction(&month.world, &self.verified, 3);
        month.send(&[post], &[&self.client]);
        let replica = |who: usize| panel.replica(self.trainers[who].key.pubkey(), self.trainers[who].own.tokens);
        let keys: Vec<Keypair> = self.trainers.iter().map(|trainer| trainer.key.insecure_clone()).collect();
        for (who, key) in keys.iter().enumerate() {
            let join = panel.join_instruction(&month.world, &replica(who));
            month.send(&[join], &[key]);
        }
        for (who, key) in keys.iter().enumerate() {
            month.send(&[panel.acknowledge_instruction(key.pubkey(), who as u8)], &[key]);
        }
        for (who, key) in keys.iter().enumerate() {
            let state = panel.state(&month.world);
            let salt = [who as u8 + 1; 32];
            let commitment = hidden(&state, panel.address, key.pubkey(), [results[who]; 32], salt);
            month.send(&[panel.commit_instruction(key.pubkey(), who as u8, commitment)], &[key]);
        }
        for (who, key) in keys.iter().enumerate() {
            let reveal = panel.reveal_instruction(key.pubkey(), who as u8, [results[who]; 32], [who as u8 + 1; 32]);
            month.send(&[reveal], &[key]);
        }
        month.send(&[panel.tally_instruction()], &[]);
        for who in 0..keys.len() {
            let owed = panel.state(&month.world).replicas[who].owed;
            if !owed.is_zero() {
                month.burning(|month| drop(month.send(&[panel.pay_instruction(&replica(who), who as u8)], &[])));
            }
            month.burning(|month| drop(month.send(&[panel.settle_instruction(&replica(who), who as u8)], &[])));
        }
        let state = panel.state(&month.world);
        month.send(&[panel.close_instruction(&month.world)], &[]);
        month.note_income(state.paid.0);
        month.paid_directly += month.dollars(state.paid.0 + state.fee_paid.0);
        state.paid.0
    }
}

#[test]
fn a_month() {
    let plan = Plan {
        name: "gensyn",
        symbol: "AI",
        decimals: 8,
        supply: 9_990_000_000,
        reserve: 10_000_000,
        price: PRICE / 20,
        programs: &[VERIFIER],
    };
    let ai = |whole: u64| Tokens(whole * 100_000_000);
    let mut month = Month::new(plan, Pool::rules(), |policy, _| {
        // Nothing is emitted: jobs are paid in AI.
        policy.initial_emission = Tokens(0);
        policy.max_supply = ai(10_000_000_000);
    });
    let client = month.world.user();
    let wallet = month.wallet(client.pubkey(), 2_000_000);
    let arbiter = client.pubkey();
    let terms = Terms {
        price: Amount(ai(20_000).0),
        bond_amount: ai(10_000),
        min_duration: Seconds(HOUR as u32),
        fee_share: Bps(50),
        // The mint as receiver: the fee is burned.
        fee_payee: month.network.mint,
        ..accepted(arbiter, Terms { reports: 1, whole_job_fee: 9, ..usual_terms() })
    };
    let big = Market::unborn(&month.network, &month.pool, 0, terms).paid_in(&month.mint);
    month.network.add_spender(&month.world, big.authority);
    month.pool.add_slasher(&month.world, &month.network, big.authority);
    let small_terms = Terms { price: Amount(ai(300).0), bond_amount: ai(600), ..terms };
    let small = Market::unborn(&month.network, &month.pool, 1, small_terms).paid_in(&month.mint);
    // By the second, with a heartbeat an hour.
    let gang_terms = Terms {
        price: Amount(ai(1).0),
        matching: matching::GANG,
        bond_amount: ai(5_000),
        failure_penalty: Bps(2_000),
        heartbeat_interval: Seconds(HOUR as u32),
        min_duration: Seconds(HOUR as u32),
        reports: 1,
        fee_share: Bps(50),
        fee_payee: month.network.mint,
        ..usual_terms()
    };
    let gangs = Market::unborn(&month.network, &month.pool, 2, gang_terms).paid_in(&month.mint);
    let [big, small, gangs] = [big, small, gangs].map(|market| market.create(&month.world, &month.network));
    let rules =
        CreateVerificationArgs { dispute_bond: Amount(ai(2_000).0), slash_amount: ai(3_000), ..usual_verification() };
    let mint = (month.network.mint, month.network.token_program);
    let verified = Verified::create(&month.world, &month.network, VERIFIER.1, mint, rules);
    for market in [&big, &small] {
        let set = verified.set_instruction(&month.network, market);
        month.world.ok(&[set], &[&month.network.authority]);
    }
    let trainers: Vec<Trainer> = (0..3)
        .map(|_| {
            let key = month.world.user();
            let own = month.stake(&key, 100_000);
            Trainer { key, own }
        })
        .collect();
    month.settle_in();
    let watcher = month.world.user();
    // Who can be in a dispute has a deposit for its bond.
    let parties: Vec<Keypair> =
        trainers.iter().map(|trainer| &trainer.key).chain([&client, &watcher]).map(Keypair::insecure_clone).collect();
    for party in &parties {
        let deposit: Deposit = verified.deposit(party.pubkey());
        let whole = if party.pubkey() == client.pubkey() { 1_000_000 } else { 20_000 };
        let tokens = month.wallet(party.pubkey(), whole);
        let fund = deposit.deposit_instruction(party.pubkey(), tokens, ai(whole).0);
        month.send(&[deposit.open_instruction(&month.world), fund], &[party]);
    }
    let mut training = Training { big, small, gangs, verified, client, wallet, trainers, watcher, jobs: 0 };

    let (mut trained, mut disputed, mut moves, mut paid_in_panels, mut paid_in_gangs) = (0, 0, 0, 0, 0);
    for day in 0..DAYS {
        let truth = Run::of(Machine::new(7 + day, STEPS));
        match day {
            // One delivers what it did not compute. The watcher, who ran it too, finds the step.
            10 => {
                let lie = truth.cheated(120);
                let job = training.delivered(&mut month, 2, &truth, &lie);
                let watcher = training.watcher.insecure_clone();
                let (game, turns) = training.dispute(&mut month, &job, &watcher, [&lie, &truth]);
                assert_eq!((game.phase, game.subtree_index), (game_phase::CHALLENGER_WON, 120));
                let anyone = training.client.pubkey();
                let resolve = training.big.resolve_instruction(&job, anyone, 0, 0);
                month.send(&[resolve], &[&training.client]);
                let state = training.close(&mut month, &job);
                assert_eq!((state.paid, state.bond_to_seize), (Amount(0), ai(5_000)), "{state:?}");
                (disputed, moves) = (disputed + 1, moves + turns);
            }
            // One challenges what is right, and loses its dispute bond.
            20 => {
                let lie = truth.cheated(60);
                let job = training.delivered(&mut month, 0, &truth, &truth);
                let watcher = training.watcher.insecure_clone();
                let (game, turns) = training.dispute(&mut month, &job, &watcher, [&truth, &lie]);
                assert_eq!(game.phase, game_phase::PROVIDER_WON);
                let accept = training.big.accept_instruction(&job, training.client.pubkey());
                month.burning(|month| drop(month.send(&[accept], &[&training.client])));
                let state = training.close(&mut month, &job);
                assert_eq!((state.paid.0, state.fee_paid.0), (ai(19_900).0, ai(100).0));
                (disputed, moves, trained) = (disputed + 1, moves + turns, trained + 1);
            }
            // Every third day a model is trained; nobody challenges it, and its time runs out.
            _ if day % 3 == 0 => {
                let job = training.delivered(&mut month, (day / 3 % 3) as usize, &truth, &truth);
                month.world.run(2 * HOUR);
                let keeper = month.world.payer().pubkey();
                let accept = training.big.accept_instruction(&job, keeper);
                month.burning(|month| drop(month.send(&[accept], &[])));
                let state = training.close(&mut month, &job);
                assert_eq!((state.paid.0, state.fee_paid.0), (ai(19_900).0, ai(100).0));
                trained += 1;
            }
            // On the 8th, 17th and 26th day all three train one model, and on the 17th one of them quits.
            8 | 17 | 26 => {
                paid_in_gangs += training.gang(&mut month, day, day == 17);
                trained += (day != 17) as u64;
            }
            // On the others three do a small job; on the 13th and 25th one of them finds something else.
            _ => {
                let odd = if day == 13 || day == 25 { 6 } else { 5 };
                let paid = training.panel(&mut month, [5, 5, odd]);
                let agreed = if odd == 5 { 3 } else { 2 };
                assert_eq!(paid, agreed * ai(300).0 * 995 / 1_000);
                paid_in_panels += paid;
            }
        }
        month.end_day().expect("an epoch a day");
    }
    let burned = month.burned_elsewhere;
    month.fact("models trained", trained);
    month.fact("disputes, moves in them", format!("{disputed}, {moves}"));
    month.fact("paid in panels", format!("{} AI", number(month.whole(paid_in_panels))));
    month.fact("paid in gangs", format!("{} AI", number(month.whole(paid_in_gangs))));
    month.fact("fees, dispute bonds and penalties burned", format!("{} AI", number(month.whole(burned))));
    month.end("Gensyn", ACTS);
}

const ACTS: &[Act] = &[
    Act {
        what: "Verde",
        today: "two trainers disagree: phases find the step, then the operator, and a referee repeats it",
        here: "`DeliverTrace` commits to all states; a challenger bisects them in 16ths to one step, which a verifier program repeats on chain",
        differs: "one phase; the step must fit into a transaction of Solana, so a verifier of operators of a real model is its own work",
    },
    Act {
        what: "Small jobs",
        today: "several run the same",
        here: "panels of three: commit, reveal, more than half must agree; who differs loses a quarter of its bond",
        differs: "none",
    },
    Act {
        what: "Fee",
        today: "0.5 %, of which 70 % are burned, 29 % the treasury's",
        here: "`fee_share` 0.5 %, the mint as its receiver: all is burned",
        differs: "one receiver; `fanout` shares what a treasury receives, but burns nothing",
    },
    Act {
        what: "Supply",
        today: "10,000,000,000 AI, fixed, with 18 decimals",
        here: "a network with a reserve, 8 decimals",
        differs: "with nine decimals 10,000,000,000 do not fit into 2^63",
    },
    Act {
        what: "A gang that trains",
        today: "RL Swarm and clusters",
        here: "a gang of three by the second: its clock starts when all have joined. One that quit lost a fifth of its bond, which is burned; the others were paid their seconds",
        differs: "no result of a gang is challenged: its client watches it, and stops it",
    },
    Act {
        what: "Who cheats",
        today: "loses its stake",
        here: "a wrong trace: found at its first wrong step, half of the bond to the client, the dispute bond to the challenger and burned. A wrong challenge: its bond is lost. A wrong result in a panel: a part of its bond is burned",
        differs: "none",
    },
];
