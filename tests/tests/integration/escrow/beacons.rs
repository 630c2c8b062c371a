//! Beacons: one heartbeat for all jobs of a machine, counted for each as its own would be.

use {
    super::*,
    joule_escrow_interface::{
        instruction::{OpenBeacon, OpenBeaconArgs},
        pda,
        state::{BEACON_CLOSING_DELAY, Beacon as BeaconState, Gap, MAX_GAPS, report},
    },
    joule_identity_interface::state::{Class, Description, status},
    joule_interface::SYSTEM_PROGRAM,
    joule_keeper::{
        due::Settings,
        keeper::{Keeper, Limits},
    },
    joule_tests::{
        fixture::{Identity, tick_instruction},
        keeping::{self, Faults, Local},
    },
    std::collections::BTreeSet,
};

const CLASS: u32 = 7;
const GPUS: u16 = 8;

/// The usual story; the first worker has a beacon, and a market lets it measure jobs with a service level.
struct Shining {
    story: Story,
    market: Market,
    beacon: Beacon,
}

impl Shining {
    fn new(capacity: u16) -> Self {
        Self::on(false, Terms { bond_amount: Tokens(BOND), reports: 1, ..usual_terms() }, capacity)
    }

    fn on(credits: bool, terms: Terms, capacity: u16) -> Self {
        let story = Story::new();
        let terms = by_beacon(serviced(terms));
        let market = if credits { story.credit_market(terms) } else { story.token_market(terms) };
        let beacon = Beacon::of(story.workers[0].key.pubkey());
        story.world.ok(&[beacon.open_instruction(&story.world, capacity)], &[&story.workers[0].key]);
        Self { story, market, beacon }
    }

    fn key(&self) -> &Keypair {
        &self.story.workers[0].key
    }

    fn beat(&self) {
        self.story.world.ok(&[self.beacon.beat_instruction()], &[self.key()]);
    }

    /// So many seconds with a beat a minute.
    fn alive(&self, minutes: u64) {
        for _ in 0..minutes {
            self.story.world.pass(60);
            self.beat();
        }
    }

    /// Posts a job, starts it, and puts it on the beacon, in one transaction but for the first.
    fn started(&self) -> Job {
        let job = self.story.posted(&self.market);
        self.story.world.ok(&self.start(&job), &[self.key()]);
        job
    }

    fn start(&self, job: &Job) -> [Instruction; 2] {
        [self.market.start_instruction(&self.story.world, job), self.beacon.join_instruction(&[*job])]
    }

    fn finish(&self, job: &Job, caller: Address) -> Instruction {
        self.market.finish_instruction(job, caller, NO_RESULT)
    }

    /// Reads the beacon and ends the job, in one transaction.
    fn end(&self, job: &Job, caller: &Keypair) -> Receipt {
        let calls = [self.beacon.read_instruction(&[*job]), self.finish(job, caller.pubkey())];
        self.story.world.ok(&calls, &[caller])
    }

    fn leave(&self, jobs: &[Job]) {
        self.story.world.ok(&[self.beacon.leave_instruction(jobs)], &[]);
    }

    fn state(&self) -> BeaconState {
        self.story.world.read(self.beacon.address)
    }
}

#[test]
fn one_heartbeat_keeps_all_jobs_of_a_machine() {
    for credits in [true, false] {
        let it = Shining::on(credits, Terms { bond_amount: Tokens(BOND), reports: 1, ..usual_terms() }, 3);
        let (story, world) = (&it.story, &it.story.world);
        let jobs = [it.started(), it.started(), it.started()];
        it.alive(10);
        world.ok(&[it.beacon.read_instruction(&jobs)], &[]);
        let settle = |job: &Job| world.ok(&[it.market.settle_instruction(job)], &[]);
        for job in &jobs {
            settle(job);
            assert_eq!(story.job(job).paid, Amount(600 * PRICE));
        }
        // Silent for 90 seconds: half a minute's price for one missed, of each.
        world.pass(90);
        it.beat();
        world.ok(&[it.beacon.read_instruction(&jobs)], &[]);
        for job in &jobs {
            let state = story.job(job);
            assert_eq!((state.downtime, state.missed_heartbeats), (30, 1));
            settle(job);
            assert_eq!(story.job(job).paid, Amount((660 - 30) * PRICE));
        }
        // Silent for good: as if each had missed its own.
        world.pass(3_000);
        for job in &jobs {
            let ended: event::JobEnded = it.end(job, &story.someone).event(ID);
            let penalty = 720 * PRICE + 49 * 30 * PRICE;
            assert_eq!((ended.paid, ended.penalty), (Amount(630 * PRICE), Amount(90 * PRICE)));
            assert_eq!(ended.bond_to_seize, Tokens(BOND * (penalty - 90 * PRICE) / COST));
            assert_eq!(ended.outcome, outcome::LATE);
        }
        it.leave(&jobs);
        assert_eq!(it.state().jobs, 0);
        for job in &jobs {
            story.settle_bond(&it.market, job);
        }
        story.check(&jobs);
        for job in &jobs {
            world.ok(&[swap(it.market.close_job_instruction(world, job), 1, story.payer.pubkey())], &[]);
        }
    }
}

#[test]
fn a_beacon_counts_what_a_jobs_own_heartbeats_count() {
    let it = Shining::new(1);
    let (story, world) = (&it.story, &it.story.world);
    let own = story.posted(&it.market);
    let job = story.posted(&it.market);
    let [start, join] = it.start(&job);
    world.ok(&[it.market.start_instruction(world, &own), start, join], &[it.key()]);
    for wait in [60, 61, 3, 119, 120, 121, 60, 1, 400] {
        world.pass(wait);
        world.ok(&[it.beacon.beat_instruction(), it.market.heartbeat_instruction(&own)], &[it.key()]);
    }
    world.pass(75);
    it.end(&job, &story.client);
    world.ok(&[it.finish(&own, story.client.pubkey())], &[&story.client]);
    let (job, own) = (story.job(&job), story.job(&own));
    assert_eq!((own.downtime, own.missed_heartbeats), (1 + 59 + 60 + 61 + 340 + 15, 1 + 1 + 1 + 2 + 6 + 1));
    let told = |state: &JobState| {
        let money = (state.paid, state.penalty, state.refunded, state.bond_to_seize);
        (money, state.downtime, state.missed_heartbeats, state.last_heartbeat_at, state.outcome)
    };
    assert_eq!(told(&job), told(&own));
}

#[test]
fn what_ends_a_job_on_a_beacon_reads_it_first() {
    let it = Shining::new(4);
    let (story, world) = (&it.story, &it.story.world);
    let jobs = [it.started(), it.started(), it.started()];
    it.alive(1);
    // Within an interval of what it knows there is nothing to read.
    world.ok(&[it.finish(&jobs[0], story.client.pubkey())], &[&story.client]);
    assert_eq!(story.job(&jobs[0]).paid, Amount(60 * PRICE));
    it.alive(1);
    let client = story.client.pubkey();
    world.fails(it.finish(&jobs[1], client), &[&story.client], EscrowError::BeaconUnread);
    // It has one measure.
    world.fails(it.market.heartbeat_instruction(&jobs[1]), &[it.key()], EscrowError::OnBeacon);
    // In an earlier transaction of the same second does as well; a second later it was read too early, if the machine is silent.
    world.ok(&[it.beacon.read_instruction(&jobs[1..])], &[]);
    world.ok(&[it.finish(&jobs[1], client)], &[&story.client]);
    assert_eq!(story.job(&jobs[1]).paid, Amount(120 * PRICE));
    world.pass(61);
    world.ok(&[it.beacon.read_instruction(&jobs)], &[]);
    let state = story.job(&jobs[2]);
    assert_eq!((state.downtime, state.last_heartbeat_at), (1, Timestamp(world.now().0 - 60)));
    world.pass(1);
    world.fails(it.finish(&jobs[2], client), &[&story.client], EscrowError::BeaconUnread);
    it.end(&jobs[2], &story.client);
    let state = story.job(&jobs[2]);
    assert_eq!((state.downtime, state.earned.0 + state.penalty.0), (2, 180 * PRICE));
    // A result is the same.
    let terms = Terms { reports: report::BEACON, bond_amount: Tokens(BOND), ..serviced(usual_terms()) };
    let market = story.token_market(accepted(story.payer.pubkey(), terms));
    it.leave(&jobs);
    let job = story.posted(&market);
    let start = [market.start_instruction(world, &job), it.beacon.join_instruction(&[job])];
    world.ok(&start, &[it.key()]);
    it.alive(2);
    world.fails(market.deliver_instruction(&job, RESULT), &[it.key()], EscrowError::BeaconUnread);
    world.ok(&[it.beacon.read_instruction(&[job]), market.deliver_instruction(&job, RESULT)], &[it.key()]);
    // What was delivered has stopped.
    it.leave(&[job]);
    assert_eq!((it.state().jobs, story.job(&job).on_beacon), (0, 0));
}

#[test]
fn rest_after_a_jobs_end_is_nobodys_downtime() {
    let it = Shining::new(2);
    let (story, world) = (&it.story, &it.story.world);
    let job = it.started();
    it.alive(60);
    // The machine rests, and then works for another; nobody has looked.
    world.pass(5_000);
    let next = it.started();
    let ended_at = story.job(&job).ends_at;
    let gap = Gap { began_at: ended_at, ended_at: world.now() };
    assert_eq!((it.state().gaps[0], it.state().downtime, it.state().missed), (gap, 4_940, 83));
    it.alive(3);
    it.end(&job, &story.someone);
    let state = story.job(&job);
    assert_eq!((state.paid, state.downtime, state.stopped_at), (Amount(COST), 0, ended_at));
    assert_eq!(state.outcome, outcome::DELIVERED);
    // The other's time began behind it.
    it.end(&next, &story.client);
    assert_eq!((story.job(&next).paid, story.job(&next).downtime), (Amount(180 * PRICE), 0));
    story.check(&[job, next]);
}

#[test]
fn what_was_read_once_a_jobs_time_was_over_is_final() {
    for is_read in [true, false] {
        let it = Shining::new(2);
        let (story, world) = (&it.story, &it.story.world);
        let job = it.started();
        // Down for half an hour.
        it.alive(15);
        world.pass(1_800);
        it.beat();
        it.alive(15);
        if is_read {
            world.ok(&[it.beacon.read_instruction(&[job])], &[]);
        } else {
            // Half a minute before its end, and not afterwards.
            let early = it.started();
            it.alive(59);
            world.pass(30);
            world.ok(&[it.beacon.read_instruction(&[early])], &[]);
            world.ok(&[it.market.settle_instruction(&early)], &[]);
            assert_eq!(story.job(&early).paid, Amount((COST / PRICE - 30) * PRICE));
            world.pass(10 * HOUR as u64);
            it.beat();
            forget(&it);
            // Its beacon has forgotten that the rest was behind its end. What was paid stays paid, and it ends.
            it.end(&early, &story.someone);
            assert_eq!(story.job(&early).paid, Amount((COST / PRICE - 30) * PRICE));
            story.check(&[job, early]);
            continue;
        }
        world.ok(&[it.market.settle_instruction(&job)], &[]);
        let first = story.job(&job);
        assert_eq!((first.downtime, first.missed_heartbeats), (1_740, 29));
        forget(&it);
        // Whoever reads it again changes nothing, and nothing is stuck.
        world.ok(&[it.beacon.read_instruction(&[job])], &[]);
        assert_eq!(story.job(&job), first);
        it.end(&job, &story.client);
        let state = story.job(&job);
        assert_eq!((state.paid, state.downtime, state.missed_heartbeats), (first.paid, 1_740, 29));
        story.check(&[job]);
    }
}

/// Short silences, as many as a beacon remembers and one more.
fn forget(it: &Shining) {
    for _ in 0..=MAX_GAPS {
        it.story.world.pass(61);
        it.beat();
    }
}

#[test]
fn what_is_settled_unread_is_no_more_than_was_earned() {
    let it = Shining::new(1);
    let (story, world) = (&it.story, &it.story.world);
    let job = it.started();
    let settled = || {
        world.ok(&[it.market.settle_instruction(&job)], &[]);
        story.job(&job).paid
    };
    it.alive(10);
    // Nobody has read it: only the minute after the start is known.
    assert_eq!(settled(), Amount(60 * PRICE));
    world.ok(&[it.beacon.read_instruction(&[job])], &[]);
    assert_eq!(settled(), Amount(600 * PRICE));
    // Silent, and read again and again: a read is no heartbeat.
    for _ in 0..5 {
        world.pass(60);
        world.ok(&[it.beacon.read_instruction(&[job])], &[]);
        assert_eq!(settled(), Amount(660 * PRICE));
    }
    assert_eq!(story.job(&job).downtime, 240);
}

#[test]
fn a_beacon_takes_no_more_jobs_than_it_says() {
    let it = Shining::new(2);
    let (story, world) = (&it.story, &it.story.world);
    let jobs = [it.started(), it.started()];
    let third = story.posted(&it.market);
    let full = || world.send(&it.start(&third), &[it.key()]).unwrap_err().code();
    assert_eq!(full(), Some(EscrowError::BeaconFull as u32));
    // One that runs stays. One that has stopped has a place until it leaves.
    it.leave(&jobs);
    assert_eq!(it.state().jobs, 2);
    world.ok(&[it.finish(&jobs[0], story.client.pubkey())], &[&story.client]);
    assert_eq!(full(), Some(EscrowError::BeaconFull as u32));
    it.leave(&jobs);
    // Twice is once.
    it.leave(&jobs);
    assert_eq!(it.state().jobs, 1);
    world.ok(&it.start(&third), &[it.key()]);
    assert_eq!(it.state().jobs, 2);
    // Several that start together join together, or none.
    let more = [story.posted(&it.market), story.posted(&it.market)];
    world.ok(&[it.finish(&jobs[1], story.client.pubkey())], &[&story.client]);
    it.leave(&jobs);
    let starts = more.map(|job| it.market.start_instruction(world, &job));
    let calls = [starts[0].clone(), starts[1].clone(), it.beacon.join_instruction(&more)];
    let failure = world.send(&calls, &[it.key()]).unwrap_err();
    assert_eq!(failure.code(), Some(EscrowError::BeaconFull as u32));
    let twice = [starts[0].clone(), it.beacon.join_instruction(&[more[0], more[0]])];
    assert_eq!(world.send(&twice, &[it.key()]).unwrap_err().code(), Some(EscrowError::OnBeacon as u32));
}

/// A node of the first worker in a class of machines with eight GPUs.
fn forged(story: &mut Story) -> (Address, Node, Address, Class) {
    let [node, class, registry] = [story.world.key().pubkey(), story.world.key().pubkey(), story.world.key().pubkey()];
    let expires_at = story.world.now().after(Seconds(10 * HOUR)).unwrap();
    let state = Node { registry, ..machine(&story.network, story.workers[0].key.pubkey(), CLASS, expires_at) };
    let of_eight = Class {
        header: Header { discriminator: Class::DISCRIMINATOR, version: Class::VERSION, ..Header::default() },
        registry,
        id: CLASS,
        description: Description { gpus: GPUS, ..Description::default() },
        ..Class::default()
    };
    story.world.forge(node, &state);
    story.world.forge(class, &of_eight);
    (node, state, class, of_eight)
}

#[test]
fn a_node_takes_as_many_jobs_as_its_class_has_gpus() {
    let mut story = Story::new();
    let (node, right, class, of_eight) = forged(&mut story);
    let key = story.workers[0].key.insecure_clone();
    let beacon = Beacon::of_node(key.pubkey(), node, class);
    let open = |story: &Story, capacity| beacon.open_instruction(&story.world, capacity);
    for (wrong, of_class) in [
        (Node { operator: story.someone.pubkey(), ..right }, of_eight),
        (Node { status: status::ACTIVE | status::LOST, ..right }, of_eight),
        (Node { class_expires_at: story.world.now(), ..right }, of_eight),
        (right, Class { id: CLASS + 1, ..of_eight }),
        (right, Class { registry: node, ..of_eight }),
    ] {
        story.world.forge(node, &wrong);
        story.world.forge(class, &of_class);
        story.world.fails(open(&story, 1), &[&key], EscrowError::WrongNode);
    }
    story.world.forge(node, &right);
    story.world.forge(class, &of_eight);
    let world = &story.world;
    world.fails(swap(open(&story, 1), 4, ID), &[&key], EscrowError::WrongNode);
    assert!(world.out_of_range(open(&story, 0), &[&key]).contains("capacity"));
    assert!(world.out_of_range(open(&story, GPUS + 1), &[&key]).contains("capacity"));
    world.ok(&[open(&story, GPUS)], &[&key]);
    let state: BeaconState = world.read(beacon.address);
    assert_eq!((state.node, state.class, state.capacity), (node, CLASS, GPUS));
    // A node has one.
    world.fails(open(&story, 1), &[&key], EscrowError::AlreadyInitialized);
    // A class without GPUs is one machine.
    let (node, _, class, of_none) = forged(&mut story);
    story.world.forge(class, &Class { description: Description::default(), ..of_none });
    let beacon = Beacon::of_node(key.pubkey(), node, class);
    assert!(story.world.out_of_range(beacon.open_instruction(&story.world, 2), &[&key]).contains("capacity"));
    story.world.ok(&[beacon.open_instruction(&story.world, 1)], &[&key]);
    // Without a node nobody vouches for anything.
    let bare = Beacon::of(key.pubkey());
    for (interval, name) in [(0, "interval"), (365 * 86_400 + 1, "interval")] {
        let open = bare.open_with_instruction(&story.world, interval, 1);
        assert!(story.world.out_of_range(open, &[&key]).contains(name));
    }
    story.world.ok(&[bare.open_with_instruction(&story.world, 365 * 86_400, u16::MAX)], &[&key]);
}

#[test]
fn a_job_joins_the_beacon_of_its_machine_at_its_start() {
    let mut story = Story::new();
    let (node, state, class, _) = forged(&mut story);
    let (other, ..) = forged(&mut story);
    let (world, [first, second]) = (&story.world, &story.workers);
    let terms = by_beacon(serviced(usual_terms()));
    let terms = Terms { bond_amount: Tokens(BOND), ..terms };
    let market = story.token_market(Terms { class: CLASS, ..terms });
    let bare = story.token_market(terms);
    let silent = story.token_market(Terms { reports: 0, ..terms });
    let beacon = Beacon::of_node(first.key.pubkey(), node, class);
    let without = Beacon::of(first.key.pubkey());
    let theirs = Beacon::of(second.key.pubkey());
    world.ok(&[beacon.open_instruction(world, 3), without.open_with_instruction(world, 59, 2)], &[&first.key]);
    world.ok(&[theirs.open_instruction(world, 2)], &[&second.key]);
    let posted = |market: &Market, node| Job { node, ..story.posted(market) };
    let joined = |market: &Market, job: &Job, beacon: &Beacon, key: &Keypair| {
        let start = market.start_instruction(world, job);
        let signers: &[&Keypair] = if key == &first.key { &[&first.key] } else { &[&first.key, key] };
        world.send(&[start, beacon.join_instruction(&[*job])], signers).map(|_| ()).map_err(|failure| failure.code())
    };
    let fails = |error: EscrowError| Err(Some(error as u32));
    let job = posted(&market, other);
    // It runs on another machine, or on one that nobody vouches for.
    assert_eq!(joined(&market, &job, &beacon, &first.key), fails(EscrowError::WrongBeacon));
    assert_eq!(joined(&market, &job, &without, &first.key), fails(EscrowError::WrongBeacon));
    assert_eq!(joined(&market, &job, &theirs, &second.key), fails(EscrowError::WrongBeacon));
    let job = Job { node, ..job };
    assert_eq!(joined(&market, &job, &beacon, &first.key), Ok(()));
    assert_eq!(world.read::<JobState>(job.address).node, node);
    // No class is asked for: it notes the machine. Another interval is another beacon's.
    let job = posted(&bare, ID);
    assert_eq!(joined(&bare, &job, &without, &first.key), fails(EscrowError::WrongBeacon));
    assert_eq!(joined(&bare, &job, &theirs, &second.key), fails(EscrowError::WrongBeacon));
    assert_eq!(joined(&bare, &job, &beacon, &first.key), Ok(()));
    assert_eq!(world.read::<JobState>(job.address).node, node);
    // The terms want its own heartbeats.
    let job = posted(&silent, ID);
    assert_eq!(joined(&silent, &job, &theirs, &second.key), fails(EscrowError::BeaconNotOffered));
    // Others, later, before.
    let job = story.by(&bare, &posted(&bare, ID), 0);
    let join = |beacon: &Beacon| beacon.join_instruction(&[job]);
    world.fails(swap(join(&beacon), 0, second.key.pubkey()), &[&second.key], EscrowError::Unauthorized);
    world.fails(unsigned(join(&beacon), 0), &[], EscrowError::MissingSigner);
    world.fails(read_only(join(&beacon), 2), &[&first.key], EscrowError::NotWritable);
    world.fails(join(&beacon), &[&first.key], EscrowError::WrongJobState);
    let own = Beacon::of(first.key.pubkey());
    world.ok(&[own.close_instruction(world, first.key.pubkey())], &[&first.key]);
    world.ok(&[own.open_instruction(world, 1)], &[&first.key]);
    story.start(&bare, &job);
    world.pass(1);
    world.fails(join(&own), &[&first.key], EscrowError::TooLate);
    // The node is in another class since: what was attested of it was of the old one.
    let stronger = story.token_market(Terms { class: CLASS + 1, ..terms });
    let job = posted(&stronger, node);
    story.world.forge(node, &Node { class: CLASS + 1, ..state });
    let world = &story.world;
    let start = [stronger.start_instruction(world, &job), beacon.join_instruction(&[job])];
    // There is a place for it.
    let jobs_on: BeaconState = world.read(beacon.address);
    assert_eq!((jobs_on.jobs, jobs_on.capacity), (2, 3));
    let failure = world.send(&start, &[&story.workers[0].key]).unwrap_err();
    assert_eq!(failure.code(), Some(EscrowError::WrongBeacon as u32));
}

#[test]
fn a_beacon_stays_while_jobs_use_it() {
    let it = Shining::new(2);
    let (story, world, provider) = (&it.story, &it.story.world, it.beacon.provider);
    let close = |caller: Address| it.beacon.close_instruction(world, caller);
    let job = it.started();
    world.fails(close(provider), &[it.key()], EscrowError::BeaconInUse);
    world.fails(it.beacon.open_instruction(world, 9), &[it.key()], EscrowError::AlreadyInitialized);
    world.ok(&[it.finish(&job, story.client.pubkey())], &[&story.client]);
    story.settle_bond(&it.market, &job);
    world.fails(close(provider), &[it.key()], EscrowError::BeaconInUse);
    // Nor does the job, or its account, go while it has a place there.
    world.pass(1);
    let close_job = swap(it.market.close_job_instruction(world, &job), 1, story.payer.pubkey());
    world.fails(close_job.clone(), &[], EscrowError::OnBeacon);
    let again = || story.post(&it.market, &job, HOUR);
    world.fails(again(), &story.posting(), EscrowError::WrongJobState);
    it.leave(&[job]);
    world.ok(&[again()], &story.posting());
    let state = story.job(&job);
    assert_eq!((state.on_beacon, state.beacon_downtime, state.beacon_missed), (0, 0, 0));
    world.ok(&[it.market.cancel_instruction(&job, job.client)], &[&story.client]);
    world.pass(1);
    world.ok(&[close_job], &[]);
    // Anyone may, once it has been silent for long; the rent is who paid it's.
    world.fails(swap(close(provider), 2, story.someone.pubkey()), &[it.key()], EscrowError::WrongPayer);
    world.fails(unsigned(close(provider), 0), &[], EscrowError::MissingSigner);
    it.beat();
    world.pass(BEACON_CLOSING_DELAY.0 as u64);
    world.fails(close(story.someone.pubkey()), &[&story.someone], EscrowError::TooEarly);
    world.pass(1);
    let (before, rent) = (world.lamports(world.payer().pubkey()), world.lamports(it.beacon.address));
    world.ok(&[close(story.someone.pubkey())], &[&story.someone]);
    assert!(world.account(it.beacon.address).is_none());
    assert!(world.lamports(world.payer().pubkey()) > before && rent > 0);
    // Its provider may open another.
    world.ok(&[it.beacon.open_instruction(world, 9)], &[it.key()]);
}

#[test]
fn a_job_that_is_handed_back_leaves_its_beacon() {
    let story = Story::new();
    let (world, [first, second]) = (&story.world, &story.workers);
    let (bond_amount, fee_share) = (Tokens(BOND), Bps(100));
    let terms = Terms { bond_amount, fee_share, fee_payee: story.treasury, reports: 1, ..usual_terms() };
    let market = story.token_market(by_beacon(serviced(terms))).with_queue(world, 4);
    let [beacon, theirs] = [Beacon::of(first.key.pubkey()), Beacon::of(second.key.pubkey())];
    world.ok(&[beacon.open_instruction(world, 1)], &[&first.key]);
    world.ok(&[theirs.open_instruction(world, 1)], &[&second.key]);
    let job = Job { matching: matching::QUEUE, ..story.unposted(&market) };
    world.ok(&[story.post(&market, &job, HOUR)], &story.posting());
    world.ok(&[market.start_instruction(world, &job), beacon.join_instruction(&[job])], &[&first.key]);
    // Whoever starts it next has a beacon of its own.
    world.fails(market.hand_back_instruction(&job), &[&first.key], EscrowError::OnBeacon);
    let hand_back = beacon.hand_back_instruction(&market, &job);
    let last = hand_back.accounts.len() - 1;
    world.fails(swap(hand_back.clone(), last, theirs.address), &[&first.key], EscrowError::WrongBeacon);
    world.fails(read_only(hand_back.clone(), last), &[&first.key], EscrowError::NotWritable);
    world.ok(&[hand_back], &[&first.key]);
    let of_beacon: BeaconState = world.read(beacon.address);
    assert_eq!((of_beacon.jobs, story.job(&job).on_beacon, story.job(&job).state), (0, 0, job_state::POSTED));
    let job = story.by(&market, &job, 1);
    world.ok(&[market.start_instruction(world, &job), theirs.join_instruction(&[job])], &[&second.key]);
    world.fails(beacon.read_instruction(&[job]), &[], EscrowError::WrongBeacon);
    world.fails(beacon.leave_instruction(&[job]), &[], EscrowError::WrongBeacon);
    let of_theirs: BeaconState = world.read(theirs.address);
    assert_eq!(of_theirs.jobs, 1);
}

#[test]
fn a_machines_key_beats_and_does_nothing_else() {
    let story = Story::new();
    let (world, first) = (&story.world, &story.workers[0].key);
    let market = story.token_market(by_beacon(serviced(Terms { bond_amount: Tokens(BOND), ..usual_terms() })));
    let machine = &story.someone;
    let beacon = Beacon { machine_key: machine.pubkey(), ..Beacon::of(first.pubkey()) };
    world.ok(&[beacon.open_instruction(world, 1)], &[first]);
    world.pass(30);
    world.ok(&[beacon.beat_instruction()], &[machine]);
    assert_eq!(world.read::<BeaconState>(beacon.address).last_beat_at, world.now());
    world.pass(30);
    world.ok(&[swap(beacon.beat_instruction(), 0, first.pubkey())], &[first]);
    assert_eq!(world.read::<BeaconState>(beacon.address).last_beat_at, world.now());
    let client = &story.client;
    world.fails(swap(beacon.beat_instruction(), 0, client.pubkey()), &[client], EscrowError::Unauthorized);
    world.fails(unsigned(beacon.beat_instruction(), 0), &[], EscrowError::MissingSigner);
    world.fails(read_only(beacon.beat_instruction(), 1), &[machine], EscrowError::NotWritable);
    let job = story.posted(&market);
    let join = swap(beacon.join_instruction(&[job]), 0, machine.pubkey());
    world.fails(join, &[machine], EscrowError::Unauthorized);
    world.fails(beacon.close_instruction(world, machine.pubkey()), &[machine], EscrowError::TooEarly);
    // None was named: its provider's.
    world.ok(&[beacon.close_instruction(world, first.pubkey())], &[first]);
    let open = Beacon { machine_key: NONE, ..beacon }.open_instruction(world, 1);
    world.ok(&[open], &[first]);
    assert_eq!(world.read::<BeaconState>(beacon.address).machine_key, first.pubkey());
    world.fails(beacon.beat_instruction(), &[machine], EscrowError::Unauthorized);
    // Nobody opens one for another, or where another is derived.
    let theirs = Beacon::of(story.workers[1].key.pubkey());
    world.fails(unsigned(theirs.open_instruction(world, 1), 1), &[], EscrowError::MissingSigner);
    let open = OpenBeacon {
        payer: world.payer().pubkey(),
        provider_authority: machine.pubkey(),
        beacon: theirs.address,
        node: ID,
        class: ID,
        system_program: SYSTEM_PROGRAM,
    };
    let open = open.instruction(&OpenBeaconArgs { machine_key: NONE, interval: Seconds(60), capacity: 1 });
    world.fails(open, &[machine], EscrowError::WrongAddress);
    assert_eq!(theirs.address, pda::beacon::find(&theirs.provider, &NONE).0);
}

#[test]
fn a_beacon_goes_on_in_a_pause() {
    let it = Shining::new(1);
    let (story, world) = (&it.story, &it.story.world);
    let job = it.started();
    story.set_pause(1);
    it.alive(5);
    world.ok(&[it.beacon.read_instruction(&[job])], &[]);
    world.ok(&[it.finish(&job, story.client.pubkey())], &[&story.client]);
    it.leave(&[job]);
    assert_eq!(story.job(&job).paid, Amount(300 * PRICE));
    world.ok(&[it.beacon.close_instruction(world, it.beacon.provider)], &[it.key()]);
}

#[test]
fn a_halt_is_no_downtime_of_a_beacon() {
    let it = Shining::new(1);
    let (story, world) = (&it.story, &it.story.world);
    let job = it.started();
    world.ok(&[tick_instruction(world)], &[]);
    world.pass(1_800);
    world.run(60);
    world.ok(&[tick_instruction(world)], &[]);
    it.beat();
    world.run(30);
    it.end(&job, &story.client);
    let state = story.job(&job);
    // But for what the slots of the minute account for.
    assert_eq!((state.downtime, state.missed_heartbeats), (30, 0));
}

#[test]
fn a_hot_key_opens_a_beacon_and_puts_jobs_on_it() {
    let mut story = Story::new();
    let keys = Identity::new(&mut story.world);
    let tokens = story.world.associated_account(story.mint.address, keys.address);
    let (world, hot, client) = (&story.world, &keys.hot, &story.client);
    let terms = Terms { heartbeat_interval: Seconds(10), reports: report::BEACON, ..usual_terms() };
    let market = Market::unborn(&story.network, &story.pool, story.number(), terms);
    let market = market.paid_in(&story.mint).without_pool().create(world, &story.network);
    let job = market.job(client.pubkey(), story.number(), keys.address, tokens);
    market.post(world, client, &job, HOUR);
    let beacon = Beacon::of(keys.address);
    world.ok(&[keys.by(hot, beacon.open_with_instruction(world, 10, 1))], &[hot]);
    let start = keys.by(hot, market.start_instruction(world, &job));
    world.ok(&[start, keys.by(hot, beacon.join_instruction(&[job]))], &[hot]);
    world.pass(10);
    world.ok(&[keys.by(hot, beacon.beat_instruction())], &[hot]);
    let state: BeaconState = world.read(beacon.address);
    assert_eq!((state.jobs, state.last_beat_at), (1, world.now()));
}

#[test]
fn the_keeper_reads_a_beacon_and_takes_jobs_off() {
    let mut it = Shining::new(2);
    let key = it.story.world.user();
    let (story, world) = (&it.story, &it.story.world);
    let [job, silent] = [it.started(), it.started()];
    it.alive(60);
    world.run(HOUR as u64);
    let limits = Limits { lamports_a_day: u64::MAX, accounts_a_day: u64::MAX, reread_every: 1, ..Limits::default() };
    let mut keeper = Keeper::new(Local::new(world, Faults::default(), 1), key, Settings::default(), limits, |_| {});
    let mut sent = BTreeSet::new();
    for _ in 0..4 {
        let pass = keeper.pass().expect("a chain that answers");
        assert!(pass.failed.is_empty(), "{:#?}", pass.failed);
        sent.extend(keeping::names(&pass.done));
        world.run(30);
    }
    // It closed them as well.
    assert!([job, silent].iter().all(|job| world.account(job.address).is_none()));
    assert_eq!(world.tokens(story.workers[0].wallet), 2 * COST);
    assert!(sent.contains(&("escrow", "LeaveBeacon")) && sent.contains(&("escrow", "FinishJob")), "{sent:?}");
    assert_eq!(it.state().jobs, 0);

    // Nobody beats any more.
    let (payer, rent) = (world.payer().pubkey(), world.lamports(it.beacon.address));
    world.run(BEACON_CLOSING_DELAY.0 as u64 - HOUR as u64 - 300);
    assert!(!keeper.pass().expect("a chain that answers").done.iter().any(|(name, ..)| name.1 == "CloseBeacon"));
    world.run(600);
    let before = world.lamports(payer);
    let pass = keeper.pass().expect("a chain that answers");
    assert!(keeping::names(&pass.done).contains(&("escrow", "CloseBeacon")) && pass.failed.is_empty());
    assert!(world.account(it.beacon.address).is_none());
    assert!(world.lamports(payer) >= before + rent);
}
