//! Every instruction on a job in every state, in time and late: `tests/golden/escrow_states.md`.

use {
    super::*,
    joule_escrow_interface::{
        state::scheme,
        voucher::{Voucher, verify_instruction},
    },
    joule_tests::{fixture::signed, golden},
    std::fmt::Write,
};

const LATE: u64 = 3 * 86_400;

struct Stage {
    story: Story,
    /// Metered, paid as soon as it ends.
    metered: Market,
    /// At a fixed price, with results that can be rejected.
    fixed: Market,
    /// By the unit.
    units: Market,
}

/// Signs for units.
fn session() -> Keypair {
    Keypair::new_from_array([0x5e; 32])
}

impl Stage {
    fn new() -> Self {
        let story = Story::new();
        let terms = Terms { price: Amount(100), bond_amount: Tokens(8), reports: 1, ..usual_terms() };
        let metered = story.token_market(terms).with_queue(&story.world, 100);
        let fixed = accepted(story.someone.pubkey(), Terms { price: Amount(1_000), ..terms });
        let fixed = Terms { price: Amount(1_000), ..fixed };
        let fixed = story.token_market(fixed).with_queue(&story.world, 100);
        let units = story.token_market(by_usage(terms)).with_queue(&story.world, 100);
        Self { story, metered, fixed, units }
    }

    fn unposted(&self, market: &Market, matching: u8) -> (Market, Job) {
        (*market, Job { matching, ..self.story.unposted(market) })
    }

    fn posted(&self, market: &Market, matching: u8) -> (Market, Job) {
        let (market, job) = self.unposted(market, matching);
        market.post(&self.story.world, &self.story.client, &job, HOUR);
        (market, job)
    }

    fn awarded(&self) -> (Market, Job) {
        let (market, job) = self.bid();
        self.story.world.pass(HOUR as u64 + 1);
        self.story.world.ok(&[market.award_instruction(&job)], &[]);
        (market, job)
    }

    fn bid(&self) -> (Market, Job) {
        let (market, job) = self.posted(&self.fixed, matching::AUCTION);
        let bid = market.bid_instruction(&self.story.world, &job, 900, None);
        self.story.world.ok(&[bid], &[self.story.key(&job)]);
        (market, job)
    }

    fn running(&self, market: &Market) -> (Market, Job) {
        let (market, job) = self.posted(market, matching::DIRECT);
        self.story.start(&market, &job);
        self.story.world.pass(60);
        (market, job)
    }

    fn used(&self) -> (Market, Job) {
        let (market, job) = self.unposted(&self.units, matching::DIRECT);
        let posted_by = (scheme::ED25519, session().pubkey().to_bytes());
        let post = market.post_usage_instruction(&self.story.world, &job, HOUR, 100, posted_by);
        self.story.world.ok(&[post], &[&self.story.client]);
        self.story.start(&market, &job);
        self.story.world.pass(60);
        (market, job)
    }

    fn redeeming(&self) -> (Market, Job) {
        let (market, job) = self.used();
        let finish = market.finish_instruction(&job, job.client, NO_RESULT);
        self.story.world.ok(&[finish], &[&self.story.client]);
        (market, job)
    }

    /// It starts an hour later.
    fn offered(&self) -> (Market, Job) {
        let (market, job) = self.posted(&self.metered, matching::DIRECT);
        let starts_at = self.story.world.now().0 + HOUR as i64;
        let offer = market.offer_instruction(&job, starts_at, HOUR, 5_000);
        self.story.world.ok(&[offer], &[&self.story.client]);
        (market, job)
    }

    fn reserved(&self) -> (Market, Job) {
        let (market, job) = self.offered();
        let take = market.take_instruction(&self.story.world, &job);
        self.story.world.ok(&[take], &[self.story.key(&job)]);
        (market, job)
    }

    fn delivered(&self) -> (Market, Job) {
        let (market, job) = self.running(&self.fixed);
        self.story.world.ok(&[market.deliver_instruction(&job, RESULT)], &[self.story.key(&job)]);
        (market, job)
    }

    fn rejected(&self) -> (Market, Job) {
        let (market, job) = self.delivered();
        self.story.world.ok(&[market.reject_instruction(&job)], &[&self.story.client]);
        (market, job)
    }

    fn owing(&self) -> (Market, Job) {
        let (market, job) = self.delivered();
        let mut accept = market.accept_instruction(&job, job.client);
        accept.data[1..9].copy_from_slice(&1u64.to_le_bytes());
        self.story.world.ok(&[accept], &[&self.story.client]);
        assert_eq!(self.story.job(&job).state, job_state::OWING);
        (market, job)
    }

    fn finished(&self) -> (Market, Job) {
        let (market, job) = self.running(&self.metered);
        let finish = market.finish_instruction(&job, job.provider, RESULT);
        self.story.world.ok(&[finish], &[self.story.key(&job)]);
        (market, job)
    }

    fn over(&self) -> (Market, Job) {
        let (market, job) = self.finished();
        self.story.settle_bond(&market, &job);
        (market, job)
    }

    fn cancelled(&self) -> (Market, Job) {
        let (market, job) = self.posted(&self.metered, matching::DIRECT);
        self.story.world.ok(&[market.cancel_instruction(&job, job.client)], &[&self.story.client]);
        (market, job)
    }

    fn closed(&self) -> (Market, Job) {
        let (market, job) = self.cancelled();
        self.story.world.pass(1);
        self.story.world.ok(&[market.close_job_instruction(&self.story.world, &job)], &[]);
        (market, job)
    }
}

type Make = fn(&Stage) -> (Market, Job);
type Act = fn(&Story, &Market, &Job) -> Instruction;

const STATES: [(&str, Make); 20] = [
    ("not posted", |stage| stage.unposted(&stage.metered, matching::DIRECT)),
    ("posted, direct", |stage| stage.posted(&stage.metered, matching::DIRECT)),
    ("posted, queue", |stage| stage.posted(&stage.metered, matching::QUEUE)),
    ("bidding, no bid", |stage| stage.posted(&stage.metered, matching::AUCTION)),
    ("bidding", Stage::bid),
    ("assigned", Stage::awarded),
    ("offered", Stage::offered),
    ("reserved", Stage::reserved),
    ("running, metered", |stage| stage.running(&stage.metered)),
    ("running, fixed", |stage| stage.running(&stage.fixed)),
    ("running, units", Stage::used),
    ("redeeming", Stage::redeeming),
    ("delivered", Stage::delivered),
    ("rejected", Stage::rejected),
    ("owing", Stage::owing),
    ("finished", Stage::finished),
    ("finished, bond settled", Stage::over),
    ("cancelled", Stage::cancelled),
    ("closed", Stage::closed),
    ("posted anew", |stage| {
        let (market, job) = stage.over();
        market.post(&stage.story.world, &stage.story.client, &job, HOUR);
        (market, job)
    }),
];

const ACTS: [(&str, Act); 29] = [
    ("post", |story, market, job| market.post_instruction(&story.world, job, HOUR)),
    ("bid", |story, market, job| {
        let best = story.world.account(job.address).map(|_| story.job(job)).filter(|state| state.bond != NONE);
        let bidder = story.by(market, job, 1);
        market.bid_instruction(&story.world, &bidder, 90, best.map(|_| job))
    }),
    ("award", |_, market, job| market.award_instruction(job)),
    ("offer ahead", |story, market, job| market.offer_instruction(job, story.world.now().0 + HOUR as i64, HOUR, 5_000)),
    ("take", |story, market, job| market.take_instruction(&story.world, job)),
    ("start", |story, market, job| market.start_instruction(&story.world, job)),
    ("heartbeat", |_, market, job| market.heartbeat_instruction(job)),
    ("settle", |_, market, job| market.settle_instruction(job)),
    ("extend", |_, market, job| market.extend_instruction(job, 60)),
    ("give notice", |_, market, job| market.notice_instruction(job)),
    ("hand back", |_, market, job| market.hand_back_instruction(job)),
    ("finish: provider, result", |_, market, job| market.finish_instruction(job, job.provider, RESULT)),
    ("finish: provider", |_, market, job| market.finish_instruction(job, job.provider, NO_RESULT)),
    ("finish: client", |_, market, job| market.finish_instruction(job, job.client, NO_RESULT)),
    ("finish: anyone", |story, market, job| market.finish_instruction(job, story.someone.pubkey(), NO_RESULT)),
    ("deliver", |_, market, job| market.deliver_instruction(job, RESULT)),
    ("accept: client", |_, market, job| market.accept_instruction(job, job.client)),
    ("accept: anyone", |story, market, job| market.accept_instruction(job, story.someone.pubkey())),
    ("reject", |_, market, job| market.reject_instruction(job)),
    ("resolve: arbiter", |story, market, job| market.resolve_instruction(job, story.someone.pubkey(), 1, 1)),
    ("resolve: anyone", |story, market, job| market.resolve_instruction(job, story.payer.pubkey(), 1, 1)),
    ("cancel: client", |_, market, job| market.cancel_instruction(job, job.client)),
    ("cancel: provider", |_, market, job| market.cancel_instruction(job, job.provider)),
    ("cancel: anyone", |story, market, job| market.cancel_instruction(job, story.someone.pubkey())),
    ("settle the bond", |story, market, job| {
        let mut settle = market.settle_bond_instruction(job, story.network_wallet);
        if story.world.account(job.address).is_none_or(|_| story.job(job).bond == NONE) {
            for meta in &mut settle.accounts[5..] {
                (meta.pubkey, meta.is_writable) = (ID, false);
            }
        }
        settle
    }),
    ("close", |story, market, job| market.close_job_instruction(&story.world, job)),
    (REDEEM, |story, market, job| market.redeem_instruction(job, story.someone.pubkey(), 1, 0)),
    ("add units", |_, market, job| market.add_units_instruction(job, 1)),
    ("replace the key", |_, market, job| market.replace_key_instruction(job, (scheme::ED25519, [1; 32]))),
];
/// What needs an instruction before it, which verifies a voucher.
const REDEEM: &str = "redeem a voucher";

fn verify(story: &Story, job: &Job) -> Instruction {
    let state = story.world.account(job.address).map_or(JobState::default(), |_| story.job(job));
    verify_instruction(&[signed(&session(), Voucher::of(&job.address, &state, 5))])
}

#[test]
fn every_instruction_in_every_state_works_or_says_why_not() {
    let stage = Stage::new();
    let story = &stage.story;
    let world = &story.world;
    let keys = [&story.client, &story.someone, &story.payer, &story.workers[0].key, &story.workers[1].key];
    let mut text = String::from(
        "# What may happen to a job\n\nBy state and instruction, in time and three days late: `ok`, or the error. Paid in \
        tokens, with a bond and reports; \"metered\" is paid as it ends, \"fixed\" has a result that can be rejected.\n",
    );
    for (state, make) in STATES {
        write!(text, "\n## {state}\n\n| instruction | in time | late |\n|---|---|---|\n").unwrap();
        for (name, act) in ACTS {
            let cell = |late: bool| {
                let (market, job) = make(&stage);
                world.pass(if late { LATE } else { 0 });
                let instruction = act(story, &market, &job);
                let signs = |key: &&Keypair| {
                    instruction.accounts.iter().any(|meta| meta.is_signer && meta.pubkey == key.pubkey())
                };
                let signers: Vec<&Keypair> = keys.into_iter().filter(signs).collect();
                let first = (name == REDEEM).then(|| verify(story, &job));
                let sent: Vec<_> = first.into_iter().chain([instruction.clone()]).collect();
                let result = match world.send(&sent, &signers) {
                    Ok(_) => "ok".into(),
                    Err(failure) => {
                        let code = failure.code().unwrap_or_else(|| panic!("{state}, {name}: {failure:?}"));
                        let error = EscrowError::ALL.iter().find(|error| error.code == code);
                        error.map_or_else(|| panic!("{state}, {name}: {failure:?}"), |error| error.name.to_string())
                    }
                };
                // The queue is as before for the next.
                if job.matching == matching::QUEUE {
                    world.pass(LATE);
                    world.ok(&[market.sweep_instruction(100, &[])], &[]);
                }
                result
            };
            let (early, late) = (cell(false), cell(true));
            writeln!(text, "| {name} | {early} | {late} |").unwrap();
        }
    }
    golden::compare("escrow_states.md", &text);
}
