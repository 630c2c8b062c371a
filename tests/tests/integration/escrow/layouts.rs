//! Programs are upgraded to a second layout of one account each (`tests/second-layout`) while jobs run, and rolled back.
//! The second layout counts something in what the first reserves.

use {
    super::*,
    joule_bme_interface::BmeError,
    joule_identity_interface::state::{Node, status as node_status},
    joule_interface::Header,
    joule_stake_interface::{StakeError, state::Bond},
    std::mem::offset_of,
};

/// Where the second layouts count: heartbeats, jobs that ended, claims. Before the counter is what aligns it.
const HEARTBEATS: usize = offset_of!(JobState, reserved) + 1;
const RELEASES: usize = offset_of!(Bond, reserved) + 3;
const CLAIMS: usize = offset_of!(ProviderWork, reserved) + 3;

/// Readers first: `escrow` reads bonds, work and nodes.
const ORDER: [&str; 4] = ["joule_escrow", "joule_stake", "joule_bme", "joule_identity"];

/// A market whose jobs are paid in credits, with heartbeats, a bond and a report.
fn market(story: &Story) -> Market {
    let terms = Terms { bond_amount: Tokens(BOND), reports: 1, ..usual_terms() };
    story.credit_market(Terms { heartbeat_interval: Seconds(60), min_duration: Seconds(60), ..terms })
}

impl Story {
    /// A job that runs, with a bond that serves one job after another.
    fn running_with_a_place(&self, market: &Market, place: u8) -> Job {
        let (place, provider) = (Address::new_from_array([place; 32]), self.workers[0].own.provider);
        self.world.ok(&[self.pool.open_bond_instruction(&self.world, provider, place)], &[]);
        let bond = joule_stake_interface::pda::bond::find(&provider, &place).0;
        let job = Job { bond, ..self.posted(market) };
        self.start(market, &job);
        job
    }

    fn beat(&self, market: &Market, job: &Job) {
        self.world.ok(&[market.heartbeat_instruction(job)], &[self.key(job)]);
    }

    /// Versions of the job's accounts: its own, its bond's, its provider's work's.
    fn versions(&self, job: &Job) -> [u8; 3] {
        [job.address, job.bond, job.payee].map(|address| self.world.account(address).unwrap().data[1])
    }
}

#[test]
fn running_jobs_go_on_through_an_upgrade_to_a_second_layout() {
    let story = Story::new();
    if !story.world.can_upgrade(&ORDER) {
        return;
    }
    let (world, market) = (&story.world, market(&story));
    let jobs @ [moved, other] = [0xa0, 0xb0].map(|place| story.running_with_a_place(&market, place));
    world.pass(60);
    jobs.iter().for_each(|job| story.beat(&market, job));
    assert_eq!(story.versions(&moved), [1, 1, 1]);

    // After each upgrade the job goes on, and what the upgraded program writes becomes of the second version.
    for (name, versions) in ORDER.into_iter().zip([[2, 1, 1], [2, 1, 1], [2, 1, 2], [2, 1, 2]]) {
        world.upgrade(name);
        world.pass(60);
        story.beat(&market, &moved);
        world.ok(&[market.settle_instruction(&moved)], &[]);
        assert_eq!(story.versions(&moved), versions, "{name}");
    }
    assert_eq!(world.layout(moved.address, HEARTBEATS), (2, 4));

    // What nobody wrote is as it was, and does as well.
    assert_eq!(story.versions(&other)[..2], [1, 1]);
    world.pass(60);
    for (job, beats) in [(&moved, 4), (&other, 0)] {
        world.ok(&[market.finish_instruction(job, job.provider, RESULT)], &[story.key(job)]);
        assert_eq!(story.settled(&market, job), (Tokens(0), outcome::DELIVERED));
        assert_eq!(world.layout(job.address, HEARTBEATS), (2, beats));
        assert_eq!(world.layout(job.bond, RELEASES), (2, 1));
        let data = world.account(job.address).unwrap().data;
        let as_before: JobState = bytemuck::pod_read_unaligned(&data);
        assert_eq!((as_before.state, as_before.held), (job_state::FINISHED, Amount(0)));
        assert!(as_before.paid.0 > 0);
    }
    assert_eq!(world.layout(moved.payee, CLAIMS), (2, 0));

    // New accounts begin with the second layout, and old bonds serve new jobs.
    let job = Job { bond: other.bond, ..story.posted(&market) };
    story.start(&market, &job);
    assert_eq!(story.versions(&job), [2, 2, 2]);
    let job = story.running(&market);
    assert_eq!(story.versions(&job), [2, 2, 2]);
    // And a job's account that is used again.
    world.ok(&[story.post(&market, &Job { bond: moved.bond, ..moved }, HOUR)], &story.posting());
    assert_eq!(world.layout(moved.address, HEARTBEATS), (2, 0));
}

#[test]
fn a_rollback_is_refused_account_by_account() {
    let story = Story::new();
    if !story.world.can_upgrade(&ORDER) {
        return;
    }
    let (world, market) = (&story.world, market(&story));
    let [moved, other] = [0xa0, 0xb0].map(|place| story.running_with_a_place(&market, place));
    ORDER.iter().for_each(|name| world.upgrade(name));
    world.pass(60);
    story.beat(&market, &moved);
    let beat = |job: &Job| market.heartbeat_instruction(job);
    let finish = |job: &Job| market.finish_instruction(job, job.provider, RESULT);

    // `escrow` as it was keeps up no count of heartbeats, and does not touch who has one; the others go on.
    world.roll_back("joule_escrow");
    world.pass(60);
    let was = world.account(moved.address);
    for refused in [beat(&moved), finish(&moved), market.settle_instruction(&moved)] {
        world.fails(refused, &[story.key(&moved)], EscrowError::WrongAccountType);
    }
    assert_eq!(world.account(moved.address), was);
    world.ok(&[beat(&other)], &[story.key(&other)]);
    assert_eq!(world.layout(other.address, HEARTBEATS), (1, 0));

    // Upgraded once more, it finds what it left.
    world.upgrade("joule_escrow");
    story.beat(&market, &moved);
    assert_eq!(world.layout(moved.address, HEARTBEATS), (2, 2));

    // `bme` and `stake` likewise. The job waits for them.
    world.ok(&[market.settle_instruction(&moved)], &[]);
    assert_eq!(story.versions(&moved), [2, 1, 2]);
    world.roll_back("joule_bme");
    world.pass(60);
    story.beat(&market, &moved);
    world.fails(finish(&moved), &[story.key(&moved)], BmeError::WrongAccountType);
    world.upgrade("joule_bme");
    world.ok(&[finish(&moved)], &[story.key(&moved)]);
    story.settle_bond(&market, &moved);
    assert_eq!(world.layout(moved.bond, RELEASES), (2, 1));
    world.roll_back("joule_stake");
    let next = Job { bond: moved.bond, ..story.posted(&market) };
    let start = || market.start_instruction(world, &next);
    world.fails(start(), &[story.key(&next)], StakeError::WrongAccountType);
    world.upgrade("joule_stake");
    world.ok(&[start()], &[story.key(&next)]);

    // Programs read each other's accounts: a reader that does not know the second layout refuses as well.
    world.roll_back("joule_escrow");
    world.fails(market.settle_instruction(&other), &[], EscrowError::WrongAccountType);
    world.upgrade("joule_escrow");
    world.ok(&[market.settle_instruction(&other)], &[]);
}

#[test]
fn a_bond_whose_layout_escrow_does_not_know_is_not_taken_for_one_that_is_gone() {
    let story = Story::new();
    if !story.world.can_upgrade(&ORDER) {
        return;
    }
    let (world, market) = (&story.world, market(&story));
    // In the wrong order: `stake` writes bonds that `escrow` cannot read.
    world.upgrade("joule_stake");
    let job = story.running(&market);
    assert_eq!(story.versions(&job), [1, 2, 1]);
    let bonded = story.staked(0).bonded;
    world.pass(60);
    world.ok(&[market.finish_instruction(&job, job.provider, RESULT)], &[story.key(&job)]);
    let settle = || market.settle_bond_instruction(&job, story.network_wallet);
    world.fails(settle(), &[], EscrowError::WrongAccountType);
    assert_eq!(story.staked(0).bonded, bonded);
    world.upgrade("joule_escrow");
    world.ok(&[settle()], &[]);
    assert_eq!(story.staked(0).bonded, Tokens(0));
}

#[test]
fn a_machine_of_the_second_layout_takes_jobs_once_escrow_reads_it() {
    let mut story = Story::new();
    if !story.world.can_upgrade(&ORDER) {
        return;
    }
    const CLASS: u32 = 7;
    let market = story.token_market(Terms { class: CLASS, ..usual_terms() });
    let node = Node {
        header: Header { discriminator: Node::DISCRIMINATOR, version: 2, ..Header::default() },
        network: story.network.address,
        operator: story.workers[0].key.pubkey(),
        class: CLASS,
        status: node_status::ACTIVE,
        class_expires_at: story.world.now().after(Seconds(10)).unwrap(),
        ..Node::default()
    };
    let job = Job { node: story.world.key().pubkey(), ..story.posted(&market) };
    story.world.forge(job.node, &node);
    let start = || market.start_instruction(&story.world, &job);
    story.world.fails(start(), &[story.key(&job)], EscrowError::WrongAccountType);
    story.world.upgrade("joule_escrow");
    story.world.ok(&[start()], &[story.key(&job)]);
    assert_eq!(story.world.layout(job.node, offset_of!(Node, reserved)), (2, 0));
}
