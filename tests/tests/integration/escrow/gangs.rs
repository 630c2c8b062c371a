//! Gangs: one job on several machines, all or none.

use {
    super::*,
    joule_escrow_interface::{
        event::GangMoved,
        instruction::{Heartbeat, HeartbeatArgs},
        state::{Beacon as BeaconState, gang_state, stopped_by},
    },
    joule_identity_interface::state::{Attestation, MAX_ATTESTATIONS},
    joule_keeper::{
        due::Settings,
        keeper::{Keeper, Limits},
    },
    joule_tests::{
        fixture::{Gang, of_beacon, tick_instruction},
        keeping::{self, Faults, Local},
    },
    std::collections::BTreeSet,
};

const MINUTE: u64 = 60;
const CLASS: u32 = 9;

/// A market that offers gangs, a client with 500 tokens or 249 dollars, and five providers of 400 tokens each.
struct Crew {
    world: World,
    network: Network,
    pool: Pool,
    mint: NewMint,
    market: Market,
    client: Keypair,
    someone: Keypair,
    members: Vec<Member>,
    numbers: Cell<u64>,
}

/// A bond of fifty tokens, of which a member that fails loses a half; a heartbeat a minute.
fn ganged() -> Terms {
    Terms {
        matching: matching::GANG | matching::DIRECT,
        bond_amount: Tokens(BOND),
        failure_penalty: Bps(5_000),
        heartbeat_interval: Seconds(60),
        min_duration: Seconds(60),
        reports: 1,
        ..usual_terms()
    }
}

impl Crew {
    fn new() -> Self {
        Self::with(ganged(), false)
    }

    fn with(mut terms: Terms, credits: bool) -> Self {
        let mut world = World::new();
        let [client, someone] = std::array::from_fn(|_| world.user());
        let keys: Vec<Keypair> = (0..5).map(|_| world.user()).collect();
        let holders: Vec<Address> = [&client].into_iter().chain(&keys).map(|key| key.pubkey()).collect();
        let (network, tokens) = Network::of_program(&mut world, TOKEN_PROGRAM, &holders);
        let pool = Pool::new(&world, &network);
        let mint = world.mint_of(TOKEN_PROGRAM);
        terms.fee_share = Bps(250);
        terms.fee_payee = if credits {
            network.open_provider_work(&world, someone.pubkey())
        } else {
            world.token_account(mint.address, someone.pubkey())
        };
        let mut market = Market::unborn(&network, &pool, 0, terms);
        network.add_spender(&world, market.authority);
        pool.add_slasher(&world, &network, market.authority);
        if credits {
            let account = network.open_credit_account(&world, client.pubkey());
            world.ok(&[network.buy_instruction(client.pubkey(), tokens[0], account, 100 * TOKEN)], &[&client]);
        } else {
            market = market.paid_in(&mint);
            let deposit = Deposit::of(client.pubkey(), mint.address, TOKEN_PROGRAM);
            world.ok(&[deposit.open_instruction(&world)], &[]);
            world.mint_to(&mint, deposit.vault, FUNDS);
            world.ok(&[deposit.deposit_instruction(someone.pubkey(), deposit.vault, 0)], &[&someone]);
        }
        let market = market.create(&world, &network);
        let paid_in = (!credits).then_some(mint.address);
        let members = keys
            .into_iter()
            .zip(tokens.into_iter().skip(1))
            .map(|member| Member::staked(&mut world, &network, &pool, paid_in, member))
            .collect();
        // Own stake counts from the next second.
        world.pass(1);
        Self { world, network, pool, mint, market, client, someone, members, numbers: Cell::new(0) }
    }

    fn number(&self) -> u64 {
        self.numbers.replace(self.numbers.get() + 1)
    }

    fn unposted(&self) -> Gang {
        Gang::of(self.client.pubkey(), self.number())
    }

    /// A gang of an hour without places.
    fn posted(&self, size: u8) -> Gang {
        let gang = self.unposted();
        self.world.ok(&[gang.post_instruction(&self.world, &self.market, size, HOUR)], &[&self.client]);
        gang
    }

    /// Jobs for a gang's places: each for the member with its index.
    fn jobs(&self, gang: &Gang, members: std::ops::Range<usize>) -> Vec<Job> {
        members
            .map(|index| {
                let member = &self.members[index];
                gang.place(&self.market, self.number(), member.key.pubkey(), member.payee)
            })
            .collect()
    }

    fn places(&self, gang: &Gang, jobs: &[Job]) {
        self.world.ok(&[gang.places_instruction(&self.world, &self.market, jobs)], &[&self.client]);
    }

    /// A gang with all of its places, which nobody has taken.
    fn open(&self, size: usize) -> (Gang, Vec<Job>) {
        let gang = self.posted(size as u8);
        let jobs = self.jobs(&gang, 0..size);
        self.places(&gang, &jobs);
        (gang, jobs)
    }

    fn join(&self, gang: &Gang, job: &Job) -> GangMoved {
        let join = gang.join_instruction(&self.world, &self.market, job);
        self.world.ok(&[join], &[self.key(job)]).event(ID)
    }

    /// The member takes the place that is empty.
    fn substitute(&self, gang: &Gang, member: usize) -> Job {
        let place = self.jobs(gang, member..member + 1)[0];
        self.places(gang, &[place]);
        self.join(gang, &place);
        place
    }

    /// A gang that runs, and was not posted in this second.
    fn full(&self, size: usize) -> (Gang, Vec<Job>) {
        let (gang, jobs) = self.open(size);
        self.world.run(1);
        for job in &jobs {
            self.join(&gang, job);
        }
        (gang, jobs)
    }

    fn key(&self, job: &Job) -> &Keypair {
        let member = self.members.iter().find(|member| member.key.pubkey() == job.provider);
        &member.expect("one of the members").key
    }

    fn beat(&self, gang: &Gang, jobs: &[Job]) {
        for job in jobs {
            self.world.ok(&[gang.heartbeat_instruction(job)], &[self.key(job)]);
        }
    }

    /// Minutes pass, in which these members send their heartbeats.
    fn work(&self, gang: &Gang, jobs: &[Job], minutes: u64) {
        for _ in 0..minutes {
            self.world.run(MINUTE);
            self.beat(gang, jobs);
        }
    }

    /// Someone settles a place.
    fn settle(&self, gang: &Gang, job: &Job) -> JobState {
        let settle = gang.settle_instruction(&self.market, job, self.someone.pubkey());
        self.world.ok(&[settle], &[&self.someone]);
        self.job(job)
    }

    fn settle_fails(&self, gang: &Gang, job: &Job, error: EscrowError) {
        let settle = gang.settle_instruction(&self.market, job, self.someone.pubkey());
        self.world.fails(settle, &[&self.someone], error);
    }

    /// Settles its bond. What was taken, and what was reported.
    fn settled_bond(&self, job: &Job) -> (Tokens, u8) {
        let before = self.staked_supply();
        let settle = self.market.settle_bond_instruction(job, self.market.staked.0);
        let (seized, reported) = settled(&self.world.ok(&[settle], &[]));
        assert_eq!(before - self.staked_supply(), seized.0, "what is seized is burned");
        (seized, reported)
    }

    fn staked_supply(&self) -> u64 {
        self.world.supply(self.market.staked.0)
    }

    fn stop(&self, gang: &Gang, by: &Keypair) -> Result<Receipt, Failure> {
        self.world.send(&[gang.stop_instruction(by.pubkey())], &[by])
    }

    fn take_out(&self, gang: &Gang, job: &Job, by: &Keypair) {
        self.world.ok(&[gang.take_out_instruction(&self.market, by.pubkey(), job)], &[by]);
    }

    fn job(&self, job: &Job) -> JobState {
        self.world.read(job.address)
    }

    fn bonded(&self, member: usize) -> u64 {
        self.world.read::<Provider>(self.members[member].own.provider).bonded.0
    }

    fn set_pause(&self, paused: u8) {
        self.network.set_pause(&self.world, paused == 1);
    }

    /// All places are settled: the client has what it did not pay, nothing is held, and the gang closes.
    #[track_caller]
    fn closes(&self, gang: &Gang, jobs: &[Job]) {
        let mut out = 0;
        for job in jobs.iter().map(|job| self.job(job)) {
            assert_eq!(job.held, Amount(0));
            assert_eq!(job.deposited.0, job.paid.0 + job.fee_paid.0 + job.penalty.0 + job.refunded.0);
            out += job.paid.0 + job.fee_paid.0;
        }
        if self.market.mint != NONE {
            let deposit: DepositState = self.world.read(jobs[0].funding_account);
            assert_eq!((deposit.held.0, deposit.free.0), (0, FUNDS - out));
        } else {
            let account: CreditAccount = self.world.read(jobs[0].funding_account);
            assert_eq!((account.locked[0].0, account.balance.0), (0, CREDITS - out));
        }
        self.world.ok(&[gang.close_instruction(&self.world)], &[]);
        assert_eq!(self.world.account(gang.address), None);
    }
}

/// What posts a gang all of whose nodes `owner` owns.
fn owned(mut post: Instruction, owner: Address) -> Instruction {
    let at = post.data.len() - 64;
    post.data[at..at + 32].copy_from_slice(owner.as_array());
    post
}

/// What posts a gang all of whose nodes stand at `site`.
fn at_site(mut post: Instruction, site: [u8; 32]) -> Instruction {
    let at = post.data.len() - 32;
    post.data[at..].copy_from_slice(&site);
    post
}

#[track_caller]
fn refused(sent: Result<Receipt, Failure>, error: EscrowError) {
    let failure = sent.err().unwrap_or_else(|| panic!("succeeded, but must fail with {error:?}"));
    assert_eq!(failure.code(), Some(error as u32), "{error:?}: {failure:?}");
}

#[test]
fn no_clock_runs_before_all_have_joined_and_all_end_at_once() {
    for credits in [false, true] {
        let crew = Crew::with(ganged(), credits);
        let (gang, jobs) = crew.open(3);
        let [first, second, last] = [jobs[0], jobs[1], jobs[2]];
        crew.join(&gang, &first);
        crew.join(&gang, &second);
        assert_eq!([0, 1, 2].map(|member| crew.bonded(member)), [BOND, BOND, 0]);
        crew.world.run(10 * MINUTE);
        // Nothing is paid, nothing is due, and nobody has to send heartbeats.
        crew.settle_fails(&gang, &first, EscrowError::WrongGangState);
        crew.world.fails(gang.heartbeat_instruction(&first), &[crew.key(&first)], EscrowError::WrongGangState);
        let moved = crew.join(&gang, &last);
        assert_eq!((moved.state, moved.posted, moved.joined), (gang_state::RUNNING, 3, 3));
        assert_eq!((moved.job, moved.provider, moved.started_at), (last.address, last.provider, crew.world.now()));

        crew.work(&gang, &jobs, 30);
        let state = crew.settle(&gang, &first);
        let paid = 1_800 * PRICE - 1_800 * PRICE / 40;
        assert_eq!((state.state, state.paid.0), (job_state::GANG, paid));
        // Once more in the same second has no effect.
        assert_eq!(crew.settle(&gang, &first).sequence, state.sequence);
        crew.work(&gang, &jobs, 29);
        crew.world.run(MINUTE);
        // All ended in one second, whenever each is settled.
        for (wait, job) in [(0, &first), (50, &last), (500, &second)] {
            crew.world.run(wait);
            let state = crew.settle(&gang, job);
            assert_eq!((state.state, state.outcome), (job_state::FINISHED, outcome::DELIVERED));
            // Tips for what is left to do are counted from here.
            assert_eq!(state.deadline_at, crew.world.now());
            assert_eq!((state.paid.0 + state.fee_paid.0, state.fee_paid.0), (COST, COST / 40));
            assert_eq!(crew.settled_bond(job), (Tokens(0), outcome::DELIVERED));
        }
        assert_eq!([0, 1, 2].map(|member| crew.bonded(member)), [0; 3]);
        crew.closes(&gang, &jobs);
    }
}

#[test]
fn a_gang_that_is_not_full_in_time_is_dissolved_by_anyone_for_nothing() {
    for credits in [false, true] {
        let crew = Crew::with(ganged(), credits);
        let (gang, jobs) = crew.open(3);
        crew.join(&gang, &jobs[0]);
        crew.join(&gang, &jobs[1]);
        crew.world.run(HOUR as u64);
        refused(crew.stop(&gang, &crew.someone), EscrowError::TooEarly);
        crew.world.run(1);
        // Who is late neither makes it full nor pays for leaving it.
        let late = gang.join_instruction(&crew.world, &crew.market, &jobs[2]);
        crew.world.fails(late, &[crew.key(&jobs[2])], EscrowError::TooLate);
        let leave = gang.leave_instruction(&crew.market, &jobs[0]);
        crew.world.fails(leave, &[crew.key(&jobs[0])], EscrowError::TooLate);
        let moved: GangMoved = crew.stop(&gang, &crew.someone).expect("the deadline has passed").event(ID);
        assert_eq!((moved.state, moved.job, moved.started_at), (gang_state::DISSOLVED, NONE, Default::default()));
        refused(crew.stop(&gang, &crew.someone), EscrowError::WrongGangState);
        crew.world.fails(gang.close_instruction(&crew.world), &[], EscrowError::NotEmpty);
        for job in &jobs {
            let state = crew.settle(&gang, job);
            assert_eq!((state.state, state.refunded), (job_state::CANCELLED, state.deposited));
            assert_eq!(state.deadline_at, crew.world.now());
            crew.settle_fails(&gang, job, EscrowError::WrongJobState);
        }
        for job in &jobs[..2] {
            assert_eq!(crew.settled_bond(job), (Tokens(0), outcome::NONE));
        }
        assert_eq!([0, 1, 2].map(|member| crew.bonded(member)), [0; 3]);
        let elsewhere = swap(gang.close_instruction(&crew.world), 1, crew.someone.pubkey());
        crew.world.fails(elsewhere, &[], EscrowError::WrongPayer);
        crew.closes(&gang, &jobs);
        // The client did not wait for it: its deadline is everybody's.
        let (late, jobs) = crew.open(2);
        crew.join(&late, &jobs[0]);
        crew.world.run(HOUR as u64 + 1);
        crew.stop(&late, &crew.client).expect("the deadline has passed");
        assert_eq!(late.state(&crew.world).state, gang_state::DISSOLVED);
    }
}

#[test]
fn leaving_before_it_is_full_costs_a_part_of_the_bond_that_is_burned() {
    let crew = Crew::new();
    let (gang, jobs) = crew.open(2);
    crew.join(&gang, &jobs[0]);
    let leave = |job: &Job| gang.leave_instruction(&crew.market, job);
    // It is the member's own to leave.
    let other = Job { provider: crew.members[1].key.pubkey(), ..jobs[0] };
    crew.world.fails(leave(&other), &[&crew.members[1].key], EscrowError::Unauthorized);
    let before = crew.staked_supply();
    let moved: GangMoved = crew.world.ok(&[leave(&jobs[0])], &[crew.key(&jobs[0])]).event(ID);
    assert_eq!((moved.state, moved.posted, moved.joined), (gang_state::FILLING, 2, 0));
    // Ten seconds of an hour, rounded up.
    assert_eq!(before - crew.staked_supply(), (BOND * 10).div_ceil(HOUR as u64));
    assert_eq!(crew.bonded(0), 0);
    let state = crew.job(&jobs[0]);
    assert_eq!((state.provider, state.bond, state.bond_to_seize), (NONE, NONE, Tokens(0)));
    // The place is free: for another, and for who left.
    let another = jobs[0].by(&crew.market, crew.members[2].key.pubkey(), crew.members[2].payee);
    crew.join(&gang, &another);
    let again = jobs[1].by(&crew.market, crew.members[0].key.pubkey(), crew.members[0].payee);
    crew.join(&gang, &again);
    // Once it runs nobody leaves so.
    crew.world.fails(leave(&again), &[crew.key(&again)], EscrowError::WrongGangState);
}

#[test]
fn a_client_that_cancels_before_it_is_full_pays_who_joined() {
    for credits in [false, true] {
        let crew = Crew::with(ganged(), credits);
        let (gang, jobs) = crew.open(3);
        crew.join(&gang, &jobs[0]);
        refused(crew.stop(&gang, crew.key(&jobs[0])), EscrowError::TooEarly);
        crew.stop(&gang, &crew.client).expect("its client");
        assert_eq!(gang.state(&crew.world).state, gang_state::CANCELLED);
        let state = crew.settle(&gang, &jobs[0]);
        assert_eq!((state.state, state.held, state.outcome), (job_state::OWING, Amount(10 * PRICE), outcome::NONE));
        crew.world.ok(&[crew.market.settle_instruction(&jobs[0])], &[]);
        assert_eq!(crew.job(&jobs[0]).paid, Amount(10 * PRICE - PRICE / 4));
        assert_eq!(crew.settled_bond(&jobs[0]), (Tokens(0), outcome::NONE));
        for job in &jobs[1..] {
            assert_eq!(crew.settle(&gang, job).state, job_state::CANCELLED);
        }
        crew.closes(&gang, &jobs);
    }
    // Where nobody joined it costs nothing.
    let crew = Crew::new();
    let (gang, jobs) = crew.open(2);
    crew.stop(&gang, &crew.client).expect("its client");
    jobs.iter().for_each(|job| assert_eq!(crew.settle(&gang, job).state, job_state::CANCELLED));
    crew.closes(&gang, &jobs);
}

#[test]
fn a_client_that_stops_a_gang_pays_all_until_that_second() {
    let crew = Crew::new();
    let (gang, jobs) = crew.full(3);
    crew.work(&gang, &jobs, 2);
    refused(crew.stop(&gang, &crew.someone), EscrowError::TooEarly);
    refused(crew.stop(&gang, crew.key(&jobs[0])), EscrowError::TooEarly);
    crew.world.run(20);
    crew.stop(&gang, &crew.client).expect("its client");
    let state = gang.state(&crew.world);
    assert_eq!((state.state, state.stopped_by), (gang_state::STOPPED, stopped_by::CLIENT));
    refused(crew.stop(&gang, &crew.client), EscrowError::WrongGangState);
    crew.world.fails(gang.heartbeat_instruction(&jobs[0]), &[crew.key(&jobs[0])], EscrowError::WrongGangState);
    crew.world.run(500);
    for job in &jobs {
        let state = crew.settle(&gang, job);
        assert_eq!((state.earned, state.outcome), (Amount(140 * PRICE), outcome::NONE));
        assert_eq!(crew.settled_bond(job), (Tokens(0), outcome::NONE));
    }
    crew.closes(&gang, &jobs);

    // At least ten seconds, as of any job.
    let crew = Crew::new();
    let (gang, jobs) = crew.full(2);
    crew.stop(&gang, &crew.client).expect("its client");
    jobs.iter().for_each(|job| assert_eq!(crew.settle(&gang, job).earned, Amount(10 * PRICE)));
    // Once its time is over there is nothing to stop.
    let (gang, _) = crew.full(2);
    crew.world.run(HOUR as u64);
    refused(crew.stop(&gang, &crew.client), EscrowError::TooLate);
}

#[test]
fn anyone_shows_that_a_member_is_silent_and_what_it_loses_is_burned() {
    for credits in [false, true] {
        let crew = Crew::with(ganged(), credits);
        let (gang, jobs) = crew.full(3);
        let [silent, others] = [&jobs[..1], &jobs[1..]];
        let silent = &silent[0];
        crew.work(&gang, &jobs, 1);
        crew.work(&gang, others, 3);
        // Three intervals are not too long, and who is alive is left alone.
        let show = |job: &Job| gang.take_out_instruction(&crew.market, crew.someone.pubkey(), job);
        crew.world.fails(show(silent), &[&crew.someone], EscrowError::MemberAlive);
        crew.world.run(1);
        crew.world.fails(show(&others[0]), &[&crew.someone], EscrowError::MemberAlive);
        let receipt = crew.world.ok(&[show(silent)], &[&crew.someone]);
        let moved: GangMoved = receipt.event(ID);
        assert_eq!((moved.state, moved.joined, moved.posted), (gang_state::BROKEN, 2, 3));
        assert_eq!((moved.stopped_at, moved.provider), (crew.world.now(), silent.provider));
        crew.world.fails(show(silent), &[&crew.someone], EscrowError::WrongProvider);
        let state = crew.settle(&gang, silent);
        // An interval after its last heartbeat is paid, and no more.
        assert_eq!((state.earned, state.outcome), (Amount(120 * PRICE), outcome::FAILED));
        assert_eq!(state.refunded.0, COST - 120 * PRICE);
        assert_eq!(crew.settled_bond(silent), (Tokens(BOND / 2), outcome::FAILED));
        // The others earn until it was shown, and no second more. Nothing runs while it lacks a member.
        crew.world.run(30 * MINUTE);
        assert_eq!(crew.settle(&gang, &others[0]).earned, Amount(241 * PRICE));
        crew.stop(&gang, &crew.client).expect("its client");
        for job in others {
            let state = crew.settle(&gang, job);
            assert_eq!((state.earned, state.outcome), (Amount(241 * PRICE), outcome::NONE));
            assert_eq!(crew.settled_bond(job), (Tokens(0), outcome::NONE));
        }
        crew.closes(&gang, &jobs);
    }
}

#[test]
fn who_was_silent_when_the_clock_stopped_has_failed_whoever_stopped_it() {
    let crew = Crew::new();
    // The client stops, and nobody showed anything.
    let (gang, jobs) = crew.full(2);
    crew.work(&gang, &jobs[..1], 4);
    crew.stop(&gang, &crew.client).expect("its client");
    assert_eq!(crew.settle(&gang, &jobs[0]).outcome, outcome::NONE);
    assert_eq!(crew.settle(&gang, &jobs[1]).outcome, outcome::FAILED);
    assert_eq!(crew.settled_bond(&jobs[1]), (Tokens(BOND / 2), outcome::FAILED));
    crew.settled_bond(&jobs[0]);
    // The client dismisses its silent friend: that is no way around it.
    let (gang, jobs) = crew.full(2);
    crew.work(&gang, &jobs[..1], 4);
    crew.take_out(&gang, &jobs[1], &crew.client);
    assert_eq!(gang.state(&crew.world).stopped_by, stopped_by::MEMBER);
    assert_eq!(crew.settle(&gang, &jobs[1]).outcome, outcome::FAILED);
    assert_eq!(crew.settled_bond(&jobs[1]), (Tokens(BOND / 2), outcome::FAILED));
    // Another broke the gang: a heartbeat while it stands is no way around it either.
    let (gang, jobs) = crew.full(3);
    crew.work(&gang, &jobs[1..], 4);
    crew.take_out(&gang, &jobs[2], crew.key(&jobs[2]));
    crew.world.fails(gang.heartbeat_instruction(&jobs[0]), &[crew.key(&jobs[0])], EscrowError::TooLate);
    crew.beat(&gang, &jobs[1..2]);
    crew.world.fails(gang.heartbeat_instruction(&jobs[2]), &[crew.key(&jobs[2])], EscrowError::WrongProvider);
    crew.stop(&gang, &crew.client).expect("its client");
    assert_eq!(crew.settle(&gang, &jobs[0]).outcome, outcome::FAILED);
    assert_eq!(crew.settle(&gang, &jobs[1]).outcome, outcome::NONE);
    // Its time was over.
    let crew = Crew::new();
    let (gang, jobs) = crew.full(2);
    crew.work(&gang, &jobs, 56);
    crew.work(&gang, &jobs[..1], 3);
    crew.world.run(MINUTE);
    let show = gang.take_out_instruction(&crew.market, crew.someone.pubkey(), &jobs[1]);
    crew.world.fails(show, &[&crew.someone], EscrowError::TooLate);
    crew.world.fails(gang.heartbeat_instruction(&jobs[1]), &[crew.key(&jobs[1])], EscrowError::TooLate);
    crew.world.run(1_000);
    assert_eq!(crew.settle(&gang, &jobs[0]).outcome, outcome::DELIVERED);
    let state = crew.settle(&gang, &jobs[1]);
    assert_eq!((state.outcome, state.earned), (outcome::FAILED, Amount(57 * 60 * PRICE)));
}

#[test]
fn a_member_quits_at_a_price_and_leaves_for_nothing_while_the_clock_stands() {
    let crew = Crew::new();
    let (gang, jobs) = crew.full(3);
    crew.work(&gang, &jobs, 1);
    crew.take_out(&gang, &jobs[0], crew.key(&jobs[0]));
    let state = crew.settle(&gang, &jobs[0]);
    assert_eq!((state.earned, state.outcome), (Amount(60 * PRICE), outcome::FAILED));
    assert_eq!(crew.settled_bond(&jobs[0]), (Tokens(BOND / 2), outcome::FAILED));
    crew.world.run(300);
    // The next promised to work, and not to wait.
    crew.take_out(&gang, &jobs[1], crew.key(&jobs[1]));
    let state = crew.settle(&gang, &jobs[1]);
    assert_eq!((state.earned, state.outcome), (Amount(60 * PRICE), outcome::NONE));
    assert_eq!(crew.settled_bond(&jobs[1]), (Tokens(0), outcome::NONE));
    // The last does not wait for ever: anyone ends it, an hour after the failure.
    crew.world.run(HOUR as u64 - 300);
    refused(crew.stop(&gang, &crew.someone), EscrowError::TooEarly);
    crew.world.run(1);
    crew.stop(&gang, &crew.someone).expect("nobody came");
    assert_eq!(crew.settle(&gang, &jobs[2]).outcome, outcome::NONE);
    assert_eq!(crew.settled_bond(&jobs[2]), (Tokens(0), outcome::NONE));
    crew.closes(&gang, &jobs);
    // Nobody is taken out of a gang that ended.
    let (gang, jobs) = crew.full(2);
    crew.stop(&gang, &crew.client).expect("its client");
    let quit = gang.take_out_instruction(&crew.market, jobs[0].provider, &jobs[0]);
    crew.world.fails(quit, &[crew.key(&jobs[0])], EscrowError::WrongGangState);
}

#[test]
fn a_client_dismisses_a_member_without_a_penalty() {
    let crew = Crew::new();
    let (gang, jobs) = crew.full(3);
    crew.world.run(3);
    crew.take_out(&gang, &jobs[0], &crew.client);
    let state = crew.settle(&gang, &jobs[0]);
    assert_eq!((state.earned, state.outcome), (Amount(10 * PRICE), outcome::NONE));
    assert_eq!(crew.settled_bond(&jobs[0]), (Tokens(0), outcome::NONE));
    // It was the client's choice for the others too.
    crew.take_out(&gang, &jobs[1], crew.key(&jobs[1]));
    // Who takes the place while the clock stands, and leaves again, has not worked for it.
    let place = &crew.jobs(&gang, 3..4)[0];
    crew.places(&gang, &[*place]);
    assert_eq!(crew.settle(&gang, &jobs[1]).earned, Amount(10 * PRICE));
    let last = &crew.jobs(&gang, 4..5)[0];
    crew.places(&gang, &[*last]);
    crew.join(&gang, place);
    crew.take_out(&gang, place, crew.key(place));
    assert_eq!(crew.settle(&gang, place).earned, Amount(0));
    // It held up the others: this costs what leaving a gang costs that is not full.
    assert_eq!(crew.settled_bond(place), (Tokens((BOND * 10).div_ceil(HOUR as u64 - 3)), outcome::NONE));
    // To be dismissed costs nothing, nor does it to leave after the deadline.
    let place = &crew.substitute(&gang, 3);
    crew.take_out(&gang, place, &crew.client);
    assert_eq!(crew.settle(&gang, place).earned, Amount(10 * PRICE));
    assert_eq!(crew.settled_bond(place), (Tokens(0), outcome::NONE));
    let place = &crew.substitute(&gang, 3);
    crew.world.run(HOUR as u64 + 1);
    crew.take_out(&gang, place, crew.key(place));
    assert_eq!(crew.settle(&gang, place).earned, Amount(0));
    assert_eq!(crew.settled_bond(place), (Tokens(0), outcome::NONE));
    // Who makes it full and quits in that second has failed.
    let (gang, jobs) = crew.full(2);
    crew.world.run(3);
    crew.take_out(&gang, &jobs[0], &crew.client);
    crew.settle(&gang, &jobs[0]);
    let place = &crew.substitute(&gang, 3);
    crew.take_out(&gang, place, crew.key(place));
    assert_eq!(crew.settle(&gang, place).outcome, outcome::FAILED);
    assert_eq!(crew.settled_bond(place), (Tokens(BOND / 2), outcome::FAILED));
    // The client ends the gang in the second in which a substitute made it full: the clock did not run for that one.
    let (gang, jobs) = crew.full(2);
    crew.world.run(3);
    crew.take_out(&gang, &jobs[0], &crew.client);
    crew.settle(&gang, &jobs[0]);
    let place = &crew.substitute(&gang, 3);
    crew.stop(&gang, &crew.client).expect("its client");
    assert_eq!(crew.settle(&gang, place).earned, Amount(0));
    assert_eq!(crew.settled_bond(place), (Tokens(0), outcome::NONE));
    assert_eq!(crew.settle(&gang, &jobs[1]).earned, Amount(10 * PRICE));
    crew.settled_bond(&jobs[1]);
    // Of a member that quits, the others earn their own seconds: it cannot make the client pay for more.
    let (gang, jobs) = crew.full(2);
    crew.world.run(3);
    crew.take_out(&gang, &jobs[0], crew.key(&jobs[0]));
    crew.stop(&gang, &crew.client).expect("its client");
    assert_eq!(crew.settle(&gang, &jobs[1]).earned, Amount(3 * PRICE));
}

#[test]
fn who_takes_a_place_while_the_clock_shows_no_second_is_a_substitute() {
    for dismissed in [false, true] {
        let crew = Crew::new();
        let (gang, jobs) = crew.full(3);
        let by = if dismissed { &crew.client } else { crew.key(&jobs[0]) };
        crew.take_out(&gang, &jobs[0], by);
        // The next began with the others: it leaves for nothing, and has its shortest time if that was the client's choice.
        crew.take_out(&gang, &jobs[1], crew.key(&jobs[1]));
        let least = if dismissed { 10 } else { 0 };
        assert_eq!(crew.settle(&gang, &jobs[1]).earned, Amount(least * PRICE));
        assert_eq!(crew.settled_bond(&jobs[1]), (Tokens(0), outcome::NONE));
        crew.settle(&gang, &jobs[0]);
        let places = crew.jobs(&gang, 3..5);
        crew.places(&gang, &places);
        let place = &places[0];
        let join = gang.join_instruction(&crew.world, &crew.market, place);
        let quit = gang.take_out_instruction(&crew.market, place.provider, place);
        crew.world.ok(&[join, quit], &[crew.key(place)]);
        assert_eq!(crew.settle(&gang, place).earned, Amount(0));
        assert_eq!(crew.settled_bond(place), (Tokens((BOND * 10).div_ceil(HOUR as u64)), outcome::NONE));
    }
}

#[test]
fn a_substitute_joins_and_the_clock_goes_on() {
    for credits in [false, true] {
        let crew = Crew::with(ganged(), credits);
        let (gang, jobs) = crew.full(3);
        crew.work(&gang, &jobs, 10);
        crew.take_out(&gang, &jobs[0], crew.key(&jobs[0]));
        // The place is free once it is settled.
        let substitute = crew.jobs(&gang, 3..4)[0];
        let post = || gang.places_instruction(&crew.world, &crew.market, &[substitute]);
        crew.world.fails(post(), &[&crew.client], EscrowError::GangComplete);
        crew.settle(&gang, &jobs[0]);
        crew.settled_bond(&jobs[0]);
        crew.world.run(7 * MINUTE);
        crew.world.ok(&[post()], &[&crew.client]);
        // For the time that is left.
        let state = crew.job(&substitute);
        assert_eq!((state.duration, state.deposited), (Seconds(50 * 60), Amount(50 * 60 * PRICE)));
        // Who stayed is not silent while the clock stands.
        let show = gang.take_out_instruction(&crew.market, crew.someone.pubkey(), &jobs[1]);
        crew.world.fails(show, &[&crew.someone], EscrowError::MemberAlive);
        crew.beat(&gang, &jobs[1..]);
        let moved = crew.join(&gang, &substitute);
        assert_eq!((moved.state, moved.stood, moved.stopped_at), (gang_state::RUNNING, 420, Default::default()));
        let all = [jobs[1], jobs[2], substitute];
        crew.work(&gang, &all, 49);
        // A heartbeat says nothing of the time in which the clock stood.
        assert_eq!([0, 1, 2].map(|index| crew.job(&all[index]).downtime), [0; 3]);
        crew.world.run(59);
        assert_eq!(gang.state(&crew.world).clock(crew.world.now()).0, crew.job(&substitute).ends_at.0 - 1);
        crew.settle(&gang, &jobs[1]);
        assert_eq!(crew.job(&jobs[1]).state, job_state::GANG);
        crew.world.run(500);
        for (job, seconds) in [(&jobs[1], 3_600), (&jobs[2], 3_600), (&substitute, 3_000)] {
            let state = crew.settle(&gang, job);
            assert_eq!((state.earned.0, state.outcome), (seconds * PRICE, outcome::DELIVERED));
            assert_eq!(crew.settled_bond(job), (Tokens(0), outcome::DELIVERED));
        }
        crew.closes(&gang, &[jobs[0], jobs[1], jobs[2], substitute]);
    }
}

#[test]
fn a_break_between_two_heartbeats_costs_nobody_one() {
    let crew = Crew::with(Terms { heartbeat_penalty: Bps(10_000), ..ganged() }, false);
    let (gang, jobs) = crew.full(4);
    let (friend, others) = (jobs[3], &jobs[..3]);
    crew.work(&gang, &jobs, 1);
    // The client dismisses a friend five seconds before all send their next heartbeats.
    crew.world.run(55);
    crew.take_out(&gang, &friend, &crew.client);
    crew.settle(&gang, &friend);
    crew.world.run(5);
    crew.beat(&gang, &others[..2]);
    let substitute = crew.jobs(&gang, 4..5)[0];
    crew.places(&gang, &[substitute]);
    crew.world.run(50);
    crew.join(&gang, &substitute);
    crew.world.run(10);
    crew.beat(&gang, others);
    // Who sends one each interval misses none. Who did not while the clock stood is as silent as in any job.
    let missed = |job: &Job| (crew.job(job).downtime, crew.job(job).missed_heartbeats);
    assert_eq!([0, 1, 2].map(|index| missed(&others[index])), [(0, 0), (0, 0), (5, 1)]);
}

#[test]
fn a_member_pays_for_its_own_silences_whoever_broke_its_gang() {
    let crew = Crew::with(Terms { heartbeat_penalty: Bps(10_000), ..ganged() }, false);
    let (gang, jobs) = crew.full(4);
    crew.work(&gang, &jobs, 10);
    let late = &jobs[..2];
    for job in late {
        crew.settle(&gang, job);
    }
    for _ in 0..3 {
        crew.work(&gang, &jobs[2..], 2);
        crew.work(&gang, &jobs, 1);
    }
    crew.take_out(&gang, &jobs[3], crew.key(&jobs[3]));
    // One leaves, one stays until the client ends it: six heartbeats missed cost six minutes, of which the pay since covers three.
    crew.take_out(&gang, &late[0], crew.key(&late[0]));
    crew.stop(&gang, &crew.client).expect("its client");
    for job in late {
        let state = crew.settle(&gang, job);
        assert_eq!((state.earned, state.missed_heartbeats, state.outcome), (Amount(600 * PRICE), 6, outcome::NONE));
        assert_eq!(crew.settled_bond(job), (Tokens(BOND * 180 / HOUR as u64), outcome::NONE));
    }
    assert_eq!(crew.settle(&gang, &jobs[2]).earned, Amount(1_140 * PRICE));
    assert_eq!(crew.settled_bond(&jobs[2]), (Tokens(0), outcome::NONE));
}

#[test]
fn a_substitute_comes_in_time_and_for_a_time_that_is_worth_it() {
    let crew = Crew::new();
    let (gang, jobs) = crew.full(2);
    crew.work(&gang, &jobs, 59);
    crew.world.run(1);
    crew.take_out(&gang, &jobs[0], crew.key(&jobs[0]));
    crew.settle(&gang, &jobs[0]);
    let substitute = crew.jobs(&gang, 2..3);
    let post = |gang: &Gang, job: &[Job]| gang.places_instruction(&crew.world, &crew.market, job);
    crew.world.fails(post(&gang, &substitute), &[&crew.client], EscrowError::DurationOutOfRange);
    // After the deadline, which the failure set, nobody comes any more.
    let (gang, jobs) = crew.full(2);
    crew.take_out(&gang, &jobs[1], crew.key(&jobs[1]));
    crew.settle(&gang, &jobs[1]);
    crew.world.ok(&[post(&gang, &substitute)], &[&crew.client]);
    crew.world.run(HOUR as u64 + 1);
    let join = gang.join_instruction(&crew.world, &crew.market, &substitute[0]);
    crew.world.fails(join, &[crew.key(&substitute[0])], EscrowError::TooLate);
    // Of a gang that ended, a place that nobody took goes back.
    crew.stop(&gang, &crew.someone).expect("nobody came");
    assert_eq!(crew.settle(&gang, &substitute[0]).state, job_state::CANCELLED);
    let late = crew.jobs(&gang, 3..4);
    crew.world.fails(post(&gang, &late), &[&crew.client], EscrowError::WrongGangState);
}

#[test]
fn a_halt_of_the_chain_is_nobodys_silence() {
    let crew = Crew::new();
    let (gang, jobs) = crew.full(2);
    let tick = || drop(crew.world.ok(&[tick_instruction(&crew.world)], &[]));
    tick();
    crew.work(&gang, &jobs, 1);
    tick();
    crew.world.pass(600);
    crew.world.run(30);
    let show = gang.take_out_instruction(&crew.market, crew.someone.pubkey(), &jobs[0]);
    let without = swap(show.clone(), 3, crew.someone.pubkey());
    crew.world.fails(without, &[&crew.someone], EscrowError::HaltClockRequired);
    crew.world.fails(show.clone(), &[&crew.someone], EscrowError::MemberAlive);
    // But after it as much as before.
    crew.world.run(240);
    tick();
    crew.world.ok(&[show], &[&crew.someone]);
    assert_eq!(crew.settle(&gang, &jobs[0]).outcome, outcome::FAILED);
    // So after the clock stood.
    let crew = Crew::new();
    let (gang, jobs) = crew.full(2);
    let tick = || drop(crew.world.ok(&[tick_instruction(&crew.world)], &[]));
    crew.work(&gang, &jobs, 1);
    crew.take_out(&gang, &jobs[1], crew.key(&jobs[1]));
    crew.settle(&gang, &jobs[1]);
    crew.world.run(700);
    let substitute = crew.jobs(&gang, 2..3)[0];
    crew.places(&gang, &[substitute]);
    crew.join(&gang, &substitute);
    tick();
    crew.world.pass(600);
    crew.world.run(30);
    let show = gang.take_out_instruction(&crew.market, crew.someone.pubkey(), &jobs[0]);
    crew.world.fails(show.clone(), &[&crew.someone], EscrowError::MemberAlive);
    crew.world.run(240);
    tick();
    crew.world.ok(&[show], &[&crew.someone]);
    assert_eq!(crew.settle(&gang, &jobs[0]).outcome, outcome::FAILED);
}

/// What is staked in another pool may be worth nothing.
#[test]
fn nobody_joins_a_gang_with_the_stake_of_another_pool() {
    let mut crew = Crew::new();
    let key = crew.members[0].key.insecure_clone();
    let elsewhere = in_pool(&crew.market, &pool_elsewhere(&mut crew.world, &crew.network, &key));
    let (gang, jobs) = crew.open(2);
    let there = jobs[0].by(&elsewhere, jobs[0].provider, jobs[0].payee);
    let join = gang.join_instruction(&crew.world, &elsewhere, &there);
    crew.world.fails(join, &[&key], EscrowError::WrongPool);
}

#[test]
fn who_joins_is_checked() {
    let crew = Crew::new();
    let gang = crew.posted(3);
    let jobs = crew.jobs(&gang, 0..3);
    crew.places(&gang, &jobs[..2]);
    let join = |job: &Job| gang.join_instruction(&crew.world, &crew.market, job);
    let fails = |instruction: Instruction, job: &Job, error: EscrowError| {
        crew.world.fails(instruction, &[crew.key(job)], error);
    };
    // It could never be full.
    fails(join(&jobs[0]), &jobs[0], EscrowError::GangIncomplete);
    crew.places(&gang, &jobs[2..]);
    let mut other_posting = join(&jobs[0]);
    other_posting.data[1] ^= 1;
    fails(other_posting, &jobs[0], EscrowError::PostingChanged);
    crew.set_pause(1);
    crew.world.send(&[join(&jobs[0])], &[crew.key(&jobs[0])]).expect_err("it is paused");
    crew.set_pause(0);
    // A place of another gang, and a job of none.
    let (other, theirs) = crew.open(2);
    let foreign = other.join_instruction(&crew.world, &crew.market, &jobs[0]);
    fails(foreign, &jobs[0], EscrowError::WrongGang);
    let direct = crew.market.job(crew.client.pubkey(), crew.number(), jobs[0].provider, jobs[0].payee);
    crew.market.post(&crew.world, &crew.client, &direct, HOUR);
    fails(join(&direct), &direct, EscrowError::WrongJobState);
    crew.join(&gang, &jobs[0]);
    // One machine does not work twice in a gang, but in two gangs.
    let twice = jobs[1].by(&crew.market, jobs[0].provider, jobs[0].payee);
    fails(join(&twice), &twice, EscrowError::AlreadyJoined);
    crew.join(&other, &theirs[0]);
    // A place is taken once.
    let taken = jobs[0].by(&crew.market, jobs[1].provider, jobs[1].payee);
    fails(join(&taken), &taken, EscrowError::GangComplete);
    crew.join(&gang, &jobs[1]);
    crew.join(&gang, &jobs[2]);
    fails(join(&jobs[2]), &jobs[2], EscrowError::WrongGangState);
    // What a provider signs is for its own place.
    let heartbeat = Job { provider: jobs[1].provider, ..jobs[0] };
    fails(gang.heartbeat_instruction(&heartbeat), &heartbeat, EscrowError::Unauthorized);
    let foreign = other.heartbeat_instruction(&jobs[0]);
    fails(foreign, &jobs[0], EscrowError::WrongGang);
    let foreign = other.take_out_instruction(&crew.market, crew.client.pubkey(), &jobs[0]);
    crew.world.fails(foreign, &[&crew.client], EscrowError::WrongGang);
    let foreign = other.settle_instruction(&crew.market, &jobs[0], crew.someone.pubkey());
    crew.world.fails(foreign, &[&crew.someone], EscrowError::WrongGang);
    let foreign = other.leave_instruction(&crew.market, &jobs[0]);
    fails(foreign, &jobs[0], EscrowError::WrongGang);
}

/// What a member loses is burned, and the token programs burn no wrapped SOL.
#[test]
fn nobody_joins_a_gang_over_a_pool_of_wrapped_sol() {
    let mut crew = Crew::new();
    let (gang, jobs) = crew.open(2);
    stake_wrapped_sol(&mut crew.world, crew.pool.address);
    let join = gang.join_instruction(&crew.world, &crew.market, &jobs[0]);
    crew.world.fails(join, &[crew.key(&jobs[0])], EscrowError::MintNotAllowed);
}

#[test]
fn places_may_ask_for_a_class_and_one_owner() {
    let mut crew = Crew::with(Terms { class: CLASS, ..ganged() }, false);
    let owners = [crew.client.pubkey(), crew.someone.pubkey()];
    let nodes: Vec<Address> = (0..4).map(|_| crew.world.key().pubkey()).collect();
    for (index, (node, owner)) in nodes.iter().zip([0, 0, 1, 0]).enumerate() {
        // The last is a second machine of the first provider.
        let (operator, expires_at) =
            (crew.members[index % 3].key.pubkey(), crew.world.now().after(Seconds(HOUR)).unwrap());
        let state = machine(&crew.network, operator, CLASS, expires_at);
        crew.world.forge(*node, &Node { owner: owners[owner], ..state });
    }
    let gang = crew.unposted();
    crew.world.ok(&[owned(gang.post_instruction(&crew.world, &crew.market, 3, HOUR), owners[0])], &[&crew.client]);
    let jobs = crew.jobs(&gang, 0..3);
    crew.places(&gang, &jobs);
    let with = |job: &Job, node: usize| Job { node: nodes[node], ..*job };
    let join = |job: &Job| gang.join_instruction(&crew.world, &crew.market, job);
    crew.world.fails(join(&jobs[0]), &[crew.key(&jobs[0])], EscrowError::NodeRequired);
    crew.world.fails(join(&with(&jobs[0], 1)), &[crew.key(&jobs[0])], EscrowError::WrongNode);
    // Also for the first to come the owner is the one that the client named.
    crew.world.fails(join(&with(&jobs[2], 2)), &[crew.key(&jobs[2])], EscrowError::OwnerDiffers);
    crew.join(&gang, &with(&jobs[0], 0));
    assert_eq!(crew.job(&jobs[0]).node, nodes[0]);
    crew.world.fails(join(&with(&jobs[2], 2)), &[crew.key(&jobs[2])], EscrowError::OwnerDiffers);
    // Machines are counted, and not providers.
    let second = jobs[2].by(&crew.market, jobs[0].provider, jobs[0].payee);
    crew.world.fails(join(&with(&second, 0)), &[crew.key(&second)], EscrowError::AlreadyJoined);
    crew.join(&gang, &with(&second, 3));
    crew.join(&gang, &with(&jobs[1], 1));
    assert_eq!(gang.state(&crew.world).state, gang_state::RUNNING);
    // A gang that names none takes nodes of all.
    let gang = crew.posted(2);
    let jobs = crew.jobs(&gang, 1..3);
    crew.places(&gang, &jobs);
    crew.join(&gang, &with(&jobs[0], 1));
    crew.join(&gang, &with(&jobs[1], 2));
    assert_eq!(gang.state(&crew.world).owner, NONE);
}

#[test]
fn places_may_ask_for_one_site_that_an_attestor_vouches_for() {
    let mut crew = Crew::with(Terms { class: CLASS, ..ganged() }, false);
    let (here, there) = ([7; 32], [8; 32]);
    let in_an_hour = crew.world.now().after(Seconds(HOUR)).unwrap();
    let vouched = |weight: u32, expires_at| {
        let mut attestations = [Attestation::default(); MAX_ATTESTATIONS];
        attestations[3] = Attestation { attestor: 1, weight, expires_at, ..Attestation::default() };
        attestations
    };
    // The class needs nobody's word: the site does.
    let kinds = [
        (here, vouched(1, in_an_hour)),
        (here, vouched(1, crew.world.now())),
        (here, vouched(0, in_an_hour)),
        (there, vouched(1, in_an_hour)),
        ([0; 32], vouched(1, in_an_hour)),
    ];
    let nodes: Vec<Address> = kinds.iter().map(|_| crew.world.key().pubkey()).collect();
    let provider = crew.members[0].key.pubkey();
    let forge = |crew: &mut Crew, node: usize, operator: Address| {
        let (site, attestations) = kinds[node];
        let state = machine(&crew.network, operator, CLASS, Timestamp(i64::MAX));
        crew.world.forge(nodes[node], &Node { site, attestations, ..state });
    };
    (0..nodes.len()).for_each(|node| forge(&mut crew, node, provider));
    let gang = crew.unposted();
    let post = at_site(gang.post_instruction(&crew.world, &crew.market, 2, HOUR), here);
    crew.world.ok(&[post], &[&crew.client]);
    assert_eq!(gang.state(&crew.world).site, here);
    let jobs = crew.jobs(&gang, 0..2);
    crew.places(&gang, &jobs);
    let with = |job: &Job, node: usize| Job { node: nodes[node], ..*job };
    for node in 1..nodes.len() {
        let join = gang.join_instruction(&crew.world, &crew.market, &with(&jobs[0], node));
        crew.world.fails(join, &[crew.key(&jobs[0])], EscrowError::SiteDiffers);
    }
    crew.join(&gang, &with(&jobs[0], 0));
    // A second machine there makes it full.
    let second = crew.members[1].key.pubkey();
    let (site, attestations) = kinds[0];
    let node: Node = crew.world.read(nodes[3]);
    crew.world.forge(nodes[3], &Node { operator: second, site, attestations, ..node });
    assert_eq!(crew.join(&gang, &with(&jobs[1], 3)).state, gang_state::RUNNING);
    // A gang that names none takes machines of all sites.
    let gang = crew.posted(2);
    let jobs = crew.jobs(&gang, 0..1);
    crew.places(&gang, &jobs);
    crew.places(&gang, &crew.jobs(&gang, 1..2));
    crew.join(&gang, &with(&jobs[0], 4));
}

/// Members that a beacon may measure.
fn measured() -> Crew {
    Crew::with(by_beacon(ganged()), false)
}

impl Crew {
    /// A member's beacon, with a beat a minute.
    fn beacon(&self, member: usize, capacity: u16) -> Beacon {
        let key = &self.members[member].key;
        let beacon = Beacon::of(key.pubkey());
        self.world.ok(&[beacon.open_instruction(&self.world, capacity)], &[key]);
        beacon
    }

    /// A gang of two that runs, whose first member is on its beacon.
    fn on_beacon(&self) -> (Gang, Vec<Job>, Beacon) {
        let beacon = self.beacon(0, 1);
        let (gang, jobs) = self.open(2);
        self.world.run(1);
        self.world.ok(&[self.joins(&gang, &jobs[0], &beacon)], &[self.key(&jobs[0])]);
        self.join(&gang, &jobs[1]);
        (gang, jobs, beacon)
    }

    fn joins(&self, gang: &Gang, job: &Job, beacon: &Beacon) -> Instruction {
        of_beacon(gang.join_instruction(&self.world, &self.market, job), beacon)
    }

    fn takes_out(&self, gang: &Gang, job: &Job, by: &Keypair, beacon: &Beacon) -> Instruction {
        of_beacon(gang.take_out_instruction(&self.market, by.pubkey(), job), beacon)
    }

    fn settles(&self, gang: &Gang, job: &Job, beacon: &Beacon) -> Instruction {
        of_beacon(gang.settle_instruction(&self.market, job, self.someone.pubkey()), beacon)
    }

    /// Minutes pass, in which the machine of the first job beats, and the second's member sends its heartbeats.
    fn both_work(&self, gang: &Gang, jobs: &[Job], beacon: &Beacon, minutes: u64) {
        for _ in 0..minutes {
            self.world.run(MINUTE);
            self.world.ok(&[beacon.beat_instruction()], &[self.key(&jobs[0])]);
            self.beat(gang, &jobs[1..2]);
        }
    }
}

#[test]
fn anyone_shows_by_a_beacon_that_a_member_failed() {
    let crew = measured();
    let (gang, jobs, beacon) = crew.on_beacon();
    let [job, other] = [jobs[0], jobs[1]];
    let (key, someone) = (crew.key(&job), &crew.someone);
    let world = &crew.world;
    // One measure: else each would hide what the other shows.
    world.fails(gang.heartbeat_instruction(&job), &[key], EscrowError::OnBeacon);
    crew.both_work(&gang, &jobs, &beacon, 10);
    // Its job knows of no heartbeat since the start: its beacon does.
    let shows = || crew.takes_out(&gang, &job, someone, &beacon);
    world.fails(shows(), &[someone], EscrowError::MemberAlive);
    for unread in [gang.take_out_instruction(&crew.market, someone.pubkey(), &job), crew.settles(&gang, &job, &beacon)]
    {
        let last = unread.accounts.len() - 1;
        world.fails(swap(unread, last, ID), &[someone], EscrowError::BeaconUnread);
    }
    // Nobody's other beacon speaks for it, and its own is not closed, made anew, or left while it works.
    let theirs = crew.beacon(1, 1);
    world.fails(crew.takes_out(&gang, &job, someone, &theirs), &[someone], EscrowError::WrongBeacon);
    world.fails(crew.settles(&gang, &job, &theirs), &[someone], EscrowError::WrongBeacon);
    world.fails(beacon.close_instruction(world, key.pubkey()), &[key], EscrowError::BeaconInUse);
    world.ok(&[beacon.leave_instruction(&[job]), beacon.read_instruction(&[job])], &[]);
    assert_eq!((crew.job(&job).on_beacon, world.read::<BeaconState>(beacon.address).jobs), (1, 1));
    // What the beacon shows is paid while it works.
    world.ok(&[crew.settles(&gang, &job, &beacon)], &[someone]);
    let state = crew.job(&job);
    assert_eq!((state.downtime, state.paid.0), (0, 600 * PRICE - 600 * PRICE / 40));
    // Its machine dies. After three intervals anyone shows that.
    for _ in 0..3 {
        world.run(MINUTE);
        crew.beat(&gang, &[other]);
    }
    world.fails(shows(), &[someone], EscrowError::MemberAlive);
    world.run(1);
    let moved: GangMoved = world.ok(&[shows()], &[someone]).event(ID);
    assert_eq!((moved.state, moved.job, moved.joined), (gang_state::BROKEN, job.address, 1));
    // Who is out is measured no more, and a beat does not bring it back.
    world.run(MINUTE);
    world.ok(&[beacon.beat_instruction()], &[key]);
    let settle = gang.settle_instruction(&crew.market, &job, someone.pubkey());
    world.ok(&[settle], &[someone]);
    let state = crew.job(&job);
    assert_eq!((state.earned, state.outcome, state.downtime), (Amount(660 * PRICE), outcome::FAILED, 121));
    assert_eq!(crew.settled_bond(&job), (Tokens(BOND / 2), outcome::FAILED));
    world.fails(crew.market.close_job_instruction(world, &job), &[], EscrowError::OnBeacon);
    world.ok(&[beacon.leave_instruction(&[job])], &[]);
    world.ok(&[beacon.close_instruction(world, key.pubkey())], &[key]);
    crew.stop(&gang, &crew.client).expect("its client");
    assert_eq!(crew.settle(&gang, &other).earned, Amount(781 * PRICE));
    crew.settled_bond(&other);
    crew.closes(&gang, &jobs);
}

#[test]
fn a_machine_that_beats_again_after_the_clock_stopped_has_still_failed() {
    for (silent, fails) in [(3 * MINUTE, false), (3 * MINUTE + 1, true)] {
        let crew = measured();
        let (gang, jobs, beacon) = crew.on_beacon();
        let (job, key) = (jobs[0], crew.key(&jobs[0]));
        crew.both_work(&gang, &jobs, &beacon, 2);
        crew.world.run(silent);
        // The client, a friend of the other member, stops the gang before anyone shows the silence; the machine beats in time for its read.
        crew.stop(&gang, &crew.client).expect("its client");
        crew.world.run(1);
        crew.world.ok(&[beacon.beat_instruction()], &[key]);
        crew.world.run(MINUTE);
        crew.world.ok(&[beacon.beat_instruction(), crew.settles(&gang, &job, &beacon)], &[key, &crew.someone]);
        let expected = if fails { (Tokens(BOND / 2), outcome::FAILED) } else { (Tokens(0), outcome::NONE) };
        assert_eq!(crew.settled_bond(&job), expected);
        assert_eq!(crew.job(&job).downtime, silent - MINUTE);
    }
}

/// A beacon speaks for members by the gang's clock: rest while it stands, after its end, and while the chain stood still, is no silence.
#[test]
fn a_beacon_says_nothing_of_time_that_is_not_the_gangs() {
    let crew = measured();
    let world = &crew.world;
    let (gang, jobs, beacon) = crew.on_beacon();
    let (job, key) = (jobs[0], crew.key(&jobs[0]));
    crew.both_work(&gang, &jobs, &beacon, 10);
    // The other is dismissed. While the clock stands, the machine rests.
    crew.take_out(&gang, &jobs[1], &crew.client);
    crew.settle(&gang, &jobs[1]);
    world.run(30 * MINUTE);
    world.fails(crew.takes_out(&gang, &job, &crew.someone, &beacon), &[&crew.someone], EscrowError::MemberAlive);
    let all = [job, crew.substitute(&gang, 2)];
    crew.both_work(&gang, &all, &beacon, 49);
    // Nobody read it since. Its time is over, and it rests for a day.
    world.run(MINUTE + 86_400);
    world.ok(&[beacon.beat_instruction()], &[key]);
    world.ok(&[crew.settles(&gang, &job, &beacon)], &[&crew.someone]);
    let state = crew.job(&job);
    assert_eq!((state.outcome, state.downtime, state.earned), (outcome::DELIVERED, 0, Amount(COST)));
    world.ok(&[beacon.leave_instruction(&[job])], &[]);
    assert_eq!(crew.settled_bond(&job), (Tokens(0), outcome::DELIVERED));
}

#[test]
fn who_joins_a_gang_on_a_beacon_is_checked() {
    let crew = measured();
    let world = &crew.world;
    let beacon = crew.beacon(0, 1);
    let (gang, jobs) = crew.open(2);
    let (job, key) = (jobs[0], crew.key(&jobs[0]));
    let other = crew.beacon(1, 1);
    world.fails(crew.joins(&gang, &job, &other), &[key], EscrowError::WrongBeacon);
    let mut read_only = crew.joins(&gang, &job, &beacon);
    read_only.accounts.last_mut().expect("the beacon").is_writable = false;
    world.send(&[read_only], &[key]).expect_err("it is counted there");
    world.ok(&[crew.joins(&gang, &job, &beacon)], &[key]);
    assert_eq!((crew.job(&job).on_beacon, world.read::<BeaconState>(beacon.address).jobs), (1, 1));
    // Not in more gangs than its machine can take.
    let (second, places) = crew.open(2);
    world.fails(crew.joins(&second, &places[0], &beacon), &[key], EscrowError::BeaconFull);
    // Who leaves its place leaves its beacon.
    let leave = gang.leave_instruction(&crew.market, &job);
    world.fails(leave.clone(), &[key], EscrowError::OnBeacon);
    world.fails(of_beacon(leave.clone(), &other), &[key], EscrowError::WrongBeacon);
    world.ok(&[of_beacon(leave, &beacon)], &[key]);
    assert_eq!((crew.job(&job).on_beacon, world.read::<BeaconState>(beacon.address).jobs), (0, 0));
    world.ok(&[crew.joins(&second, &places[0], &beacon)], &[key]);
    // A gang that was never full says nothing of it.
    world.run(HOUR as u64 + 1);
    crew.stop(&second, &crew.someone).expect("the deadline has passed");
    crew.settle(&second, &places[0]);
    world.ok(&[beacon.leave_instruction(&places[..1])], &[]);
    assert_eq!(crew.settled_bond(&places[0]), (Tokens(0), outcome::NONE));
    // Terms that offer no beacon take none; nor one of another interval.
    let plain = Crew::new();
    let beacon = plain.beacon(0, 1);
    let (gang, jobs) = plain.open(2);
    let join = plain.joins(&gang, &jobs[0], &beacon);
    plain.world.fails(join, &[plain.key(&jobs[0])], EscrowError::BeaconNotOffered);
    let (gang, jobs) = crew.open(2);
    let faster = Beacon::of(crew.members[2].key.pubkey());
    let third = jobs[0].by(&crew.market, crew.members[2].key.pubkey(), crew.members[2].payee);
    world.ok(&[faster.open_with_instruction(world, 30, 1)], &[&crew.members[2].key]);
    world.fails(crew.joins(&gang, &third, &faster), &[crew.key(&third)], EscrowError::WrongBeacon);
}

#[test]
fn the_keeper_reads_the_beacons_of_members() {
    let mut crew = measured();
    let payer = crew.world.user();
    let (gang, jobs, beacon) = crew.on_beacon();
    let local = Local::new(&crew.world, Faults::default(), 1);
    let limits = Limits { lamports_a_day: u64::MAX, reread_every: 1, ..Limits::default() };
    let mut keeper = Keeper::new(local, payer, Settings::default(), limits, |_| {});
    let mut pass = |crew: &Crew| {
        let pass = keeper.pass().expect("a chain that answers");
        assert!(pass.failed.is_empty(), "{:#?}", pass.failed);
        crew.world.run(1);
        keeping::names(&pass.done)
    };
    crew.both_work(&gang, &jobs, &beacon, 10);
    assert!(!pass(&crew).contains(&("escrow", "StopGang")), "it is alive");
    for _ in 0..4 {
        crew.world.run(MINUTE);
        crew.beat(&gang, &jobs[1..]);
    }
    assert!(pass(&crew).contains(&("escrow", "StopGang")));
    for _ in 0..4 {
        pass(&crew);
    }
    let state = crew.job(&jobs[0]);
    assert_eq!((state.outcome, state.on_beacon, state.bond_unsettled), (outcome::FAILED, 0, 0));
}

#[test]
fn a_gang_is_posted_as_the_market_offers_it() {
    let crew = Crew::new();
    let world = &crew.world;
    let gang = crew.unposted();
    let post = |market: &Market, size: u8, seconds: u32| gang.post_instruction(world, market, size, seconds);
    let refuse = |instruction: Instruction, error: EscrowError| world.fails(instruction, &[&crew.client], error);
    for size in [0, 1, 65] {
        assert_eq!(world.out_of_range(post(&crew.market, size, HOUR), &[&crew.client]), "size");
    }
    let theirs = owned(post(&crew.market, 2, HOUR), crew.someone.pubkey());
    assert_eq!(world.out_of_range(theirs, &[&crew.client]), "owner");
    let there = at_site(post(&crew.market, 2, HOUR), [7; 32]);
    assert_eq!(world.out_of_range(there, &[&crew.client]), "site");
    refuse(post(&crew.market, 2, 59), EscrowError::DurationOutOfRange);
    refuse(post(&crew.market, 2, 86_401), EscrowError::DurationOutOfRange);
    for price in [0, PRICE + 1] {
        let mut post = post(&crew.market, 2, HOUR);
        post.data[17..25].copy_from_slice(&price.to_le_bytes());
        refuse(post, EscrowError::PriceOutOfRange);
    }
    let mut older = post(&crew.market, 2, HOUR);
    older.data[9] ^= 1;
    refuse(older, EscrowError::TermsChanged);
    let plain = Terms { matching: matching::DIRECT, ..ganged() };
    let plain = Market::unborn(&crew.network, &crew.pool, 1, plain).paid_in(&crew.mint).create(world, &crew.network);
    refuse(post(&plain, 2, HOUR), EscrowError::MatchingNotOffered);
    crew.set_pause(1);
    refuse(post(&crew.market, 2, HOUR), EscrowError::Paused);
    crew.set_pause(0);
    world.ok(&[plain.set_instruction(&crew.network, ganged(), 1)], &[&crew.network.authority]);
    refuse(post(&plain, 2, HOUR), EscrowError::MarketClosed);
    // Only where seconds are paid, and with a bond.
    for terms in [
        Terms { pricing: pricing::FIXED, ..ganged() },
        Terms { matching: matching::GANG, ..by_usage(Terms { bond_amount: Tokens(BOND), ..usual_terms() }) },
        Terms { bond_amount: Tokens(0), ..ganged() },
        Terms { matching: 16, ..ganged() },
    ] {
        let set = plain.set_instruction(&crew.network, terms, 0);
        assert_eq!(world.out_of_range(set, &[&crew.network.authority]), "matching");
    }
    // No other posting makes a place.
    let job = Job { matching: matching::GANG, ..crew.jobs(&gang, 0..1)[0] };
    refuse(crew.market.post_instruction(world, &job, HOUR), EscrowError::MatchingNotOffered);
}

#[test]
fn places_are_the_clients_on_the_gangs_terms() {
    let crew = Crew::new();
    let world = &crew.world;
    let gang = crew.posted(3);
    let jobs = crew.jobs(&gang, 0..4);
    let places = |jobs: &[Job]| gang.places_instruction(world, &crew.market, jobs);
    let refuse = |instruction: Instruction, error: EscrowError| world.fails(instruction, &[&crew.client], error);
    let by = swap(places(&jobs[..1]), 1, crew.someone.pubkey());
    world.fails(by, &[&crew.someone], EscrowError::WrongClient);
    let other = Market::unborn(&crew.network, &crew.pool, 1, ganged()).paid_in(&crew.mint).create(world, &crew.network);
    refuse(gang.places_instruction(world, &other, &jobs[..1]), EscrowError::WrongMarket);
    // No more than it asks for; a mandate does not reach here; and an account has one place.
    refuse(places(&jobs), EscrowError::GangComplete);
    let mut with_mandate = places(&jobs[..1]);
    with_mandate.accounts.push(with_mandate.accounts[4].clone());
    refuse(with_mandate, EscrowError::InvalidArguments);
    refuse(places(&[jobs[0], jobs[0]]), EscrowError::DuplicateAccount);
    crew.set_pause(1);
    refuse(places(&jobs[..1]), EscrowError::Paused);
    crew.set_pause(0);
    crew.places(&gang, &jobs[..1]);
    refuse(places(&jobs[..1]), EscrowError::WrongJobState);
    // One set of terms for all.
    world.ok(&[crew.market.set_instruction(&crew.network, ganged(), 0)], &[&crew.network.authority]);
    refuse(places(&jobs[1..2]), EscrowError::TermsChanged);
    // Such a gang is dissolved, and what it held comes back.
    crew.stop(&gang, &crew.client).expect("its client");
    crew.settle(&gang, &jobs[0]);
    crew.closes(&gang, &jobs[..1]);
    let gang = crew.posted(2);
    world.fails(gang.close_instruction(world), &[], EscrowError::WrongGangState);
    world.run(HOUR as u64 + 1);
    refuse(gang.places_instruction(world, &crew.market, &jobs[1..2]), EscrowError::TooLate);
    // The account of a place that is over takes the next job.
    let mut again = jobs[0];
    again.matching = matching::DIRECT;
    crew.market.post(world, &crew.client, &again, HOUR);
    assert_eq!(crew.job(&again).state, job_state::POSTED);
}

#[test]
fn nothing_but_its_gang_moves_a_place() {
    let crew = Crew::new();
    let world = &crew.world;
    let (_, waiting) = crew.open(2);
    let (_, running) = crew.full(2);
    crew.world.run(MINUTE);
    let market = &crew.market;
    let client = crew.client.pubkey();
    let refuse = |instruction: Instruction, signer: &Keypair, error: EscrowError| {
        world.fails(instruction, &[signer], error);
    };
    for job in [&waiting[0], &running[0]] {
        let key = crew.key(job);
        for caller in [&crew.client, key] {
            let finish = market.finish_instruction(job, caller.pubkey(), NO_RESULT);
            refuse(finish, caller, EscrowError::WrongJobState);
            refuse(market.cancel_instruction(job, caller.pubkey()), caller, EscrowError::WrongJobState);
        }
        let heartbeat = Heartbeat { provider_authority: job.provider, job: job.address }.instruction(&HeartbeatArgs {});
        let is_open = crew.job(job).provider == NONE;
        let by_provider = if is_open { EscrowError::Unauthorized } else { EscrowError::WrongJobState };
        refuse(heartbeat, key, by_provider);
        refuse(market.start_instruction(world, job), key, by_provider);
        refuse(market.deliver_instruction(job, RESULT), key, by_provider);
        refuse(market.extend_instruction(job, 60), &crew.client, EscrowError::WrongJobState);
        world.fails(market.settle_instruction(job), &[], EscrowError::WrongJobState);
        world.fails(market.settle_bond_instruction(job, market.staked.0), &[], EscrowError::WrongJobState);
        world.fails(market.close_job_instruction(world, job), &[], EscrowError::WrongJobState);
        refuse(market.renew_instruction(world, job), &crew.client, EscrowError::MatchingNotOffered);
        refuse(
            market.post_instruction(world, &Job { matching: matching::DIRECT, ..*job }, HOUR),
            &crew.client,
            EscrowError::WrongJobState,
        );
        assert_eq!(crew.job(job).client, client);
    }
}

#[test]
fn a_gang_whose_credits_were_revoked_ends_without_anyones_fault() {
    let mut crew = Crew::with(ganged(), true);
    let (elsewhere, _) = Network::of_program(&mut crew.world, TOKEN_PROGRAM, &[]);
    let foreign = Market::unborn(&elsewhere, &crew.pool, 0, ganged());
    elsewhere.add_spender(&crew.world, foreign.authority);
    let (other, places) = crew.open(2);
    let (settled, jobs) = crew.full(2);
    let (shown, silent) = crew.full(2);
    crew.work(&settled, &jobs, 1);
    crew.network.revoke_soon(&mut crew.world, crew.market.spender, 30);
    // Nobody joins for what may never be paid.
    let join = other.join_instruction(&crew.world, &crew.market, &places[0]);
    crew.world.fails(join, &[crew.key(&places[0])], EscrowError::SpenderClosed);
    // Nobody works for what nobody pays: all of them are silent.
    crew.world.run(30 + 4 * MINUTE);
    let state = crew.settle(&settled, &jobs[0]);
    assert_eq!((state.state, state.outcome), (job_state::FINISHED, outcome::NONE));
    assert_eq!(crew.settled_bond(&jobs[0]), (Tokens(0), outcome::NONE));
    // Who would show it has to name the spender, and does not choose which.
    let show = |gang: &Gang, job: &Job| gang.take_out_instruction(&crew.market, crew.someone.pubkey(), job);
    let with = |spender: Address| swap(show(&shown, &silent[0]), 4, spender);
    crew.world.fails(with(foreign.spender), &[&crew.someone], EscrowError::WrongNetwork);
    crew.world.fails(with(ID), &[&crew.someone], EscrowError::WrongAddress);
    // Nor has failed who quits then.
    for (gang, job, by) in [
        (&settled, &jobs[1], &crew.someone),
        (&shown, &silent[0], crew.key(&silent[0])),
        (&shown, &silent[1], &crew.someone),
    ] {
        crew.take_out(gang, job, by);
        let state = crew.settle(gang, job);
        assert_eq!((state.state, state.outcome), (job_state::FINISHED, outcome::NONE));
        assert_eq!(crew.settled_bond(job), (Tokens(0), outcome::NONE));
    }
    // Of the gang nothing is left to wait for.
    crew.stop(&settled, &crew.client).expect("its client");
    crew.world.ok(&[settled.close_instruction(&crew.world)], &[]);
}

#[test]
fn the_keeper_punishes_no_member_whose_credits_were_revoked() {
    let mut crew = Crew::with(ganged(), true);
    let key = crew.world.user();
    let (gang, jobs) = crew.full(2);
    crew.work(&gang, &jobs, 1);
    crew.network.revoke_soon(&mut crew.world, crew.market.spender, 30);
    crew.world.run(30 + 4 * MINUTE);
    let staked = || crew.world.tokens(crew.pool.vault);
    let before = staked();
    let limits = Limits { lamports_a_day: u64::MAX, accounts_a_day: u64::MAX, reread_every: 1, ..Limits::default() };
    let local = Local::new(&crew.world, Faults::default(), 1);
    let mut keeper = Keeper::new(local, key, Settings::default(), limits, |_| {});
    let mut sent = BTreeSet::new();
    for _ in 0..4 {
        let pass = keeper.pass().expect("a chain that answers");
        assert!(pass.failed.is_empty(), "{:#?}", pass.failed);
        sent.extend(keeping::names(&pass.done));
        crew.world.run(30);
    }
    assert!(!sent.contains(&("escrow", "StopGang")), "{sent:?}");
    for job in &jobs {
        let state = crew.job(job);
        assert_eq!((state.state, state.outcome), (job_state::FINISHED, outcome::NONE));
        assert_eq!((state.bond_unsettled, state.bond_to_seize), (0, Tokens(0)));
    }
    assert_eq!((staked(), [0, 1].map(|member| crew.bonded(member))), (before, [0; 2]));
}

/// Neither client nor member, nor who paid for the gang, for the market or for the client's deposit.
#[test]
fn who_pays_for_a_place_and_who_pays_for_its_bond_get_their_rent_back() {
    let mut crew = Crew::new();
    let [payer, other]: [Keypair; 2] = std::array::from_fn(|_| crew.world.user());
    let gang = crew.posted(2);
    let jobs = crew.jobs(&gang, 0..2);
    let (world, market) = (&crew.world, &crew.market);
    let post = swap_named(gang.places_instruction(world, market, &jobs), "payer", payer.pubkey());
    world.ok(&[post], &[&payer, &crew.client]);
    for job in &jobs {
        assert_eq!((crew.job(job).client, crew.job(job).payer), (crew.client.pubkey(), payer.pubkey()));
    }
    let (job, key) = (&jobs[0], crew.key(&jobs[0]));
    let join = swap_named(gang.join_instruction(world, market, job), "payer", other.pubkey());
    let joined: GangMoved = world.ok(&[join], &[&other, key]).event(ID);
    assert_eq!((joined.provider, crew.job(job).provider), (key.pubkey(), key.pubkey()));
    assert_eq!(world.read::<Bond>(job.bond).payer, other.pubkey());

    let leave = swap_named(gang.leave_instruction(market, job), "bond_payer", other.pubkey());
    let left: GangMoved = world.closes(leave, &[key], job.bond, other.pubkey()).event(ID);
    assert_eq!((left.job, left.provider), (job.address, key.pubkey()));
    crew.stop(&gang, &crew.client).expect("its client");
    world.pass(1);
    for job in &jobs {
        assert_eq!(crew.settle(&gang, job).state, job_state::CANCELLED);
        let close = swap_named(market.close_job_instruction(world, job), "rent_receiver", payer.pubkey());
        world.closes(close, &[], job.address, payer.pubkey());
    }
}

/// Not the market's price; and until the gang's deadline, not as long again.
#[test]
fn places_have_the_price_and_the_time_of_their_gang() {
    let crew = Crew::with(Terms { wait_window: Seconds(1_000), ..ganged() }, false);
    let (world, price) = (&crew.world, Amount(PRICE - 1));
    let cheaper = Market { terms: Terms { price, ..crew.market.terms }, ..crew.market };
    let gang = crew.unposted();
    let posted: GangMoved = world.ok(&[gang.post_instruction(world, &cheaper, 2, 500)], &[&crew.client]).event(ID);
    let deadline_at = world.now().after(Seconds(1_000)).unwrap();
    assert_eq!((gang.state(world).deadline_at, posted.deadline_at), (deadline_at, deadline_at));
    assert_eq!((gang.state(world).price, gang.state(world).duration), (price, Seconds(500)));
    world.pass(7);
    let jobs = crew.jobs(&gang, 0..2);
    crew.places(&gang, &jobs);
    for state in jobs.iter().map(|job| crew.job(job)) {
        assert_eq!((state.deadline_at, state.duration), (deadline_at, Seconds(500)));
        assert_eq!((state.price, state.deposited), (price, Amount(price.0 * 500)));
    }
}
