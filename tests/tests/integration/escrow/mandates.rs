//! Mandates: a delegate posts and keeps jobs for an owner, within limits, and never holds the money.

use {
    super::*,
    joule_escrow_interface::{
        instruction::OpenMandateArgs,
        state::{HAND_BACK_WINDOW, Mandate as MandateState, scheme},
    },
    joule_interface::TOKEN_2022_PROGRAM,
    joule_math::Timestamp,
    joule_tests::fixture::UNIT_PRICE,
};

const DAY: u64 = 86_400;
/// Where the funding account stands in PostJob.
const FUNDING: usize = 5;

/// The usual story; `someone` is the delegate of a mandate of the client in one market.
struct Delegated {
    story: Story,
    market: Market,
    mandate: Mandate,
    funding: Address,
}

impl Delegated {
    /// It may spend so many hours' cost a day, and in all.
    fn new(credits: bool, terms: Terms, limit: u64, total: u64) -> Self {
        Self::of(Story::new(), credits, terms, limit, total)
    }

    /// The same in another story.
    fn of(story: Story, credits: bool, terms: Terms, limit: u64, total: u64) -> Self {
        let market = if credits { story.credit_market(terms) } else { story.token_market(terms) };
        let mandate = Mandate::of(story.client.pubkey(), story.someone.pubkey(), 0);
        let funding = if credits { story.credits } else { story.deposit.address };
        let delegated = Self { story, market, mandate, funding };
        delegated.open(&delegated.args(limit, total));
        if credits {
            delegated.approve(true);
        }
        // One that was opened in this second cannot be closed.
        delegated.story.world.pass(1);
        delegated
    }

    fn args(&self, limit: u64, total: u64) -> OpenMandateArgs {
        self.mandate.args(&self.story.world, self.funding, self.market.address, limit * COST, total * COST)
    }

    fn open(&self, args: &OpenMandateArgs) {
        self.story.world.ok(&[self.mandate.open_instruction(&self.story.world, args)], &[&self.story.client]);
    }

    fn approve(&self, approved: bool) {
        let Story { world, network, client, .. } = &self.story;
        world.ok(&[network.approve_spender_instruction(client.pubkey(), self.market.spender, approved)], &[client]);
    }

    fn close(&self) {
        let owner = &self.story.client;
        self.story.world.ok(&[self.mandate.close_instruction(&self.story.world, owner.pubkey())], &[owner]);
    }

    /// What posts a job for an hour, as the delegate sends it.
    fn post(&self, job: &Job) -> Instruction {
        self.mandate.by(self.story.post(&self.market, job, HOUR))
    }

    /// Who signs for it.
    fn posting(&self) -> [&Keypair; 2] {
        [&self.story.payer, &self.story.someone]
    }

    fn posted(&self) -> Job {
        let job = self.story.unposted(&self.market);
        self.story.world.ok(&[self.post(&job)], &self.posting());
        job
    }

    fn running(&self) -> Job {
        let job = self.posted();
        self.story.start(&self.market, &job);
        job
    }

    /// The instruction of the client, sent by the delegate.
    fn does(&self, instruction: Instruction) {
        self.story.world.ok(&[self.mandate.by(instruction)], &[&self.story.someone]);
    }

    fn fails<E>(&self, instruction: Instruction, error: E)
    where
        E: Into<solana_program::program_error::ProgramError> + std::fmt::Debug,
    {
        self.story.world.fails(self.mandate.by(instruction), &[&self.story.someone], error);
    }

    fn refuses(&self, job: &Job, error: EscrowError) {
        self.story.world.fails(self.post(job), &self.posting(), error);
    }

    fn cancel(&self, job: &Job) -> Instruction {
        self.market.cancel_instruction(job, job.client)
    }

    fn settle(&self, jobs: &[Job]) {
        self.story.world.ok(&[self.mandate.settle_instruction(jobs)], &[]);
    }

    fn state(&self) -> MandateState {
        self.story.world.read(self.mandate.address)
    }

    /// Spent of the total, and of the limit now.
    fn spent(&self) -> (u64, u64) {
        let state = self.state();
        (state.spent.0, state.used_at(self.story.world.now()).0)
    }
}

#[test]
fn a_delegate_posts_extends_stops_and_cancels_with_the_owners_money() {
    for credits in [true, false] {
        let it = Delegated::new(credits, usual_terms(), 10, 100);
        let (story, market) = (&it.story, &it.market);
        let [stopped, cancelled] = [it.running(), it.posted()];
        let state = story.job(&stopped);
        assert_eq!((state.client, state.payer), (story.client.pubkey(), story.payer.pubkey()));
        assert_eq!((state.mandate_id, state.mandate_charged), (it.state().id, Amount(COST)));
        assert_eq!(it.spent(), (2 * COST, 2 * COST));
        it.does(market.extend_instruction(&stopped, 60));
        assert_eq!(it.spent().0, 2 * COST + 60 * PRICE);
        it.does(it.cancel(&cancelled));
        story.world.pass(100);
        it.does(market.finish_instruction(&stopped, stopped.client, NO_RESULT));
        // All that comes back is the owner's, and the mandate may spend it again.
        story.check(&[stopped, cancelled]);
        it.settle(&[stopped, cancelled]);
        assert_eq!(it.spent().0, 100 * PRICE);
        assert_eq!(story.job(&stopped).mandate_charged, Amount(0));
        it.settle(&[stopped, cancelled]);
        assert_eq!(it.spent().0, 100 * PRICE, "once");
        story.world.ok(&[swap(market.close_job_instruction(&story.world, &cancelled), 1, story.payer.pubkey())], &[]);
    }
}

/// The client's own are not its business, and keep none of the others from going on.
#[test]
fn a_delegate_ends_and_accepts_many_jobs_of_its_mandate_at_once() {
    let passed_over = |receipt: &Receipt| {
        let events = receipt.events::<event::JobPassedOver>(ID);
        events.iter().map(|event| (event.header.source, event.error)).collect::<Vec<_>>()
    };
    let wrong = EscrowError::WrongMandate as u32;
    let it = Delegated::new(false, usual_terms(), 10, 100);
    let (story, market) = (&it.story, &it.market);
    let (jobs, own) = ([it.running(), it.running()], story.running(market));
    story.world.pass(100);
    let all = [own, jobs[0], jobs[1]].map(|job| (job, NO_RESULT));
    let finish = it.mandate.by(market.finish_all_instruction(&all, own.client, u64::MAX));
    let receipt = story.world.ok(&[finish], &[&story.someone]);
    assert_eq!(passed_over(&receipt), [(own.address, wrong)]);
    assert!(jobs.iter().all(|job| story.job(job).paid == Amount(100 * PRICE)));
    assert_eq!(story.job(&own).state, job_state::RUNNING);

    let terms = Terms { price: Amount(10 * PRICE), ..accepted(Address::new_from_array([9; 32]), usual_terms()) };
    let it = Delegated::new(false, terms, 10, 100);
    let (story, market) = (&it.story, &it.market);
    let (jobs, own) = ([it.running(), it.running()], story.running(market));
    story.world.pass(100);
    let all = [jobs[0], own, jobs[1]].map(|job| (job, RESULT));
    story.world.ok(&[market.deliver_all_instruction(&all)], &[story.key(&own)]);
    let accept = market.accept_all_instruction(&all.map(|(job, _)| job), story.someone.pubkey(), u64::MAX);
    // Without the mandate in its place it is anyone's, and too early.
    story.world.fails(accept.clone(), &[&story.someone], EscrowError::TooEarly);
    let place = accept.accounts.len() - 3;
    let receipt = story.world.ok(&[swap(accept, place, it.mandate.address)], &[&story.someone]);
    assert_eq!(passed_over(&receipt), [(own.address, wrong)]);
    assert!(jobs.iter().all(|job| story.job(job).paid == Amount(10 * PRICE)));
    assert_eq!(story.job(&own).state, job_state::DELIVERED);
}

#[test]
fn a_delegate_accepts_and_rejects_and_what_it_stakes_counts() {
    for credits in [true, false] {
        let world_terms = |story: &Story, fee| Terms {
            fee_share: Bps(100),
            fee_payee: fee,
            price: Amount(COST),
            rejection_stake: Bps(5_000),
            default_bond_penalty: Bps(0),
            ..accepted(story.payer.pubkey(), usual_terms())
        };
        let story = Story::new();
        let fee = if credits { story.workers[1].work } else { story.treasury };
        let terms = world_terms(&story, fee);
        let price = terms.price.0;
        let market = if credits { story.credit_market(terms) } else { story.token_market(terms) };
        let mandate = Mandate::of(story.client.pubkey(), story.someone.pubkey(), 7);
        let funding = if credits { story.credits } else { story.deposit.address };
        let it = Delegated { story, market, mandate, funding };
        // Two jobs, and what one rejection stakes, but for a unit.
        it.open(&mandate.args(&it.story.world, funding, market.address, 3 * price, 2 * price + price / 2));
        if credits {
            it.approve(true);
        }
        let deliver = |job: &Job| {
            it.story.world.pass(10);
            it.story.world.ok(&[market.deliver_instruction(job, RESULT)], &[it.story.key(job)]);
        };
        let [good, bad] = [it.running(), it.running()];
        [good, bad].iter().for_each(deliver);
        // Whoever sends it without the delegate is nobody.
        it.story.world.fails(
            market.accept_instruction(&good, it.story.someone.pubkey()),
            &[&it.story.someone],
            EscrowError::TooEarly,
        );
        it.does(market.accept_instruction(&good, good.client));
        it.does(market.reject_instruction(&bad));
        assert_eq!(it.state().spent, Amount(2 * price + price / 2));
        assert_eq!(it.story.job(&bad).mandate_charged, Amount(price + price / 2));
        let world = &it.story.world;
        world.ok(&[market.resolve_instruction(&bad, it.story.payer.pubkey(), 5_000, 0)], &[&it.story.payer]);
        it.settle(&[good, bad]);
        // The provider of the bad one got half, and half of the stake is lost.
        let (good, bad) = (it.story.job(&good), it.story.job(&bad));
        assert_eq!((good.paid.0 + good.fee_paid.0, bad.paid.0 + bad.fee_paid.0), (price, price / 2 + price / 4));
        assert_eq!(it.state().spent.0, price + price / 2 + price / 4);
        // A stake that the limits do not leave is not staked.
        it.close();
        world.pass(1);
        it.open(&mandate.args(world, funding, market.address, price + price / 2 - 10_000, 9 * price));
        let job = it.running();
        deliver(&job);
        it.fails(market.reject_instruction(&job), EscrowError::MandateExceeded);
        // The owner itself may.
        world.ok(&[market.reject_instruction(&job)], &[&it.story.client]);
    }
}

#[test]
fn limits_hold_for_all_that_is_spent() {
    let it = Delegated::new(false, usual_terms(), 3, 5);
    let (story, market) = (&it.story, &it.market);
    let world = &story.world;
    let [first, _, _] = [it.running(), it.posted(), it.posted()];
    it.refuses(&story.unposted(market), EscrowError::MandateExceeded);
    it.fails(market.extend_instruction(&first, 1), EscrowError::MandateExceeded);
    // A third of the day gives a third of the limit, in the second in which it is over; two at once are two.
    world.pass(DAY / 3 - 1);
    let two = [story.unposted(market), story.unposted(market)];
    let both = || it.mandate.by(swap(market.post_many_instruction(world, &two, HOUR, PRICE), 0, story.payer.pubkey()));
    it.refuses(&two[0], EscrowError::MandateExceeded);
    world.pass(1);
    world.fails(both(), &it.posting(), EscrowError::MandateExceeded);
    world.ok(&[it.post(&two[0])], &it.posting());
    assert_eq!(it.spent(), (4 * COST, 3 * COST));
    // The total holds, whatever has filled.
    world.pass(DAY);
    assert_eq!(it.spent().1, 0);
    let two = [two[1], story.unposted(market)];
    let both = || it.mandate.by(swap(market.post_many_instruction(world, &two, HOUR, PRICE), 0, story.payer.pubkey()));
    world.fails(both(), &it.posting(), EscrowError::MandateExceeded);
    world.ok(&[it.post(&two[0])], &it.posting());
    assert_eq!(it.spent(), (5 * COST, COST));
    it.refuses(&two[1], EscrowError::MandateExceeded);
    // What comes back is there again, once the job has given it back.
    it.settle(&[two[0]]);
    it.does(it.cancel(&two[0]));
    it.refuses(&two[1], EscrowError::MandateExceeded);
    it.settle(&[two[0]]);
    world.ok(&[it.post(&two[1])], &it.posting());
    assert_eq!(it.spent(), (5 * COST, COST));
}

#[test]
fn several_jobs_are_posted_at_once_under_a_mandate() {
    let it = Delegated::new(true, usual_terms(), 3, 3);
    let jobs = [0; 3].map(|_| it.story.unposted(&it.market));
    let post = it.market.post_many_instruction(&it.story.world, &jobs, HOUR, PRICE);
    it.story.world.ok(&[it.mandate.by(swap(post, 0, it.story.payer.pubkey()))], &it.posting());
    assert_eq!(it.spent(), (3 * COST, 3 * COST));
    for job in jobs {
        let state = it.story.job(&job);
        assert_eq!((state.client, state.mandate_charged), (it.story.client.pubkey(), Amount(COST)));
    }
    it.story.check(&jobs);
}

#[test]
fn a_delegate_touches_nothing_else() {
    let it = Delegated::new(false, usual_terms(), 10, 100);
    let (story, market) = (&it.story, &it.market);
    let world = &story.world;
    let [own, running] = [story.posted(market), story.running(market)];
    it.fails(it.cancel(&own), EscrowError::WrongMandate);
    it.fails(market.extend_instruction(&running, 60), EscrowError::WrongMandate);
    it.fails(market.finish_instruction(&running, running.client, NO_RESULT), EscrowError::WrongMandate);
    // Nor a job of another mandate that it has.
    let other = Mandate::of(story.client.pubkey(), story.someone.pubkey(), 1);
    let args = other.args(world, it.funding, market.address, COST, COST);
    world.ok(&[other.open_instruction(world, &args)], &[&story.client]);
    let job = it.running();
    world.fails(other.by(market.extend_instruction(&job, 60)), &[&story.someone], EscrowError::WrongMandate);
    world.fails(other.by(it.cancel(&job)), &[&story.someone], EscrowError::WrongMandate);
    // A mandate is its delegate's alone, and is to be passed.
    let rival = &story.payer;
    let as_rival = |instruction: Instruction| swap(it.mandate.by(instruction), 0, rival.pubkey());
    world.fails(as_rival(market.extend_instruction(&job, 60)), &[rival], EscrowError::WrongMandate);
    world.fails(as_rival(market.finish_instruction(&job, job.client, NO_RESULT)), &[rival], EscrowError::WrongMandate);
    let post = swap(it.post(&story.unposted(market)), 1, rival.pubkey());
    world.fails(post, &[rival], EscrowError::WrongMandate);
    let alone = |mut instruction: Instruction| {
        instruction.accounts.pop();
        instruction
    };
    world.fails(alone(it.post(&story.unposted(market))), &it.posting(), EscrowError::WrongClient);
    let extend = it.mandate.by(market.extend_instruction(&job, 60));
    world.fails(alone(extend.clone()), &[&story.someone], EscrowError::Unauthorized);
    world.fails(read_only(extend, 7), &[&story.someone], EscrowError::NotWritable);
    let post = it.post(&story.unposted(market));
    world.fails(read_only(post.clone(), 11), &it.posting(), EscrowError::NotWritable);
    // Definitions are as many as the other jobs.
    let longer = |instruction: &Instruction, bytes: usize| {
        let mut longer = instruction.clone();
        longer.data.extend(vec![1; bytes]);
        longer
    };
    for bytes in [1, 64] {
        world.fails(longer(&post, bytes), &it.posting(), EscrowError::InvalidArguments);
    }
    for bytes in [1, 32, 64] {
        let own = story.post(market, &story.unposted(market), HOUR);
        world.fails(longer(&own, bytes), &story.posting(), EscrowError::InvalidArguments);
    }
    // It posts where it may, out of what it may.
    let elsewhere = story.token_market(usual_terms());
    let there = it.mandate.by(story.post(&elsewhere, &story.unposted(&elsewhere), HOUR));
    world.fails(there, &it.posting(), EscrowError::MarketNotNamed);
    world.fails(swap(post, FUNDING, story.credits), &it.posting(), EscrowError::WrongOwner);
    // Nor out of another account of the owner's, whose unit the limits do not count in: in a new account or in one of its own jobs.
    let other = Mandate::of(story.client.pubkey(), story.someone.pubkey(), 2);
    let args = other.args(world, story.credits, market.address, COST, COST);
    world.ok(&[other.open_instruction(world, &args)], &[&story.client]);
    let by_other = |job: &Job| other.by(story.post(market, job, HOUR));
    world.fails(by_other(&story.unposted(market)), &it.posting(), EscrowError::MarketNotNamed);
    let (address, make) = world.make_instruction(1, JobState::SIZE, ID);
    let made = Job { address, ..story.unposted(market) };
    let failure = world.send(&[make, by_other(&made)], &it.posting()).expect_err("another account pays");
    assert_eq!(failure.code(), Some(EscrowError::MarketNotNamed as u32));
    let ended = it.posted();
    it.does(it.cancel(&ended));
    world.fails(by_other(&ended), &it.posting(), EscrowError::WrongMandate);
    // It withdraws nothing.
    let take = swap(story.deposit.withdraw_instruction(story.wallet, 1), 0, story.someone.pubkey());
    world.fails(take.clone(), &[&story.someone], EscrowError::Unauthorized);
    world.fails(it.mandate.by(take), &[&story.someone], EscrowError::Unauthorized);
}

#[test]
fn nobody_opens_a_mandate_over_anothers_money() {
    for credits in [true, false] {
        let it = Delegated::new(credits, usual_terms(), 10, 100);
        let (story, market) = (&it.story, &it.market);
        let thief = &story.someone;
        let mandate = Mandate::of(thief.pubkey(), thief.pubkey(), 0);
        let args = mandate.args(&story.world, it.funding, market.address, COST, COST);
        story.world.ok(&[mandate.open_instruction(&story.world, &args)], &[thief]);
        let post = swap(story.post(market, &story.unposted(market), HOUR), 1, thief.pubkey());
        story.world.fails(mandate.by(post), &it.posting(), EscrowError::WrongClient);
    }
}

#[test]
fn credits_are_spent_as_long_as_their_owner_approves() {
    let it = Delegated::new(true, usual_terms(), 10, 100);
    let job = it.running();
    it.approve(false);
    let post = it.post(&it.story.unposted(&it.market));
    it.story.world.fails(post.clone(), &it.posting(), joule_bme_interface::BmeError::SpenderNotApproved);
    it.fails(it.market.extend_instruction(&job, 60), joule_bme_interface::BmeError::SpenderNotApproved);
    it.approve(true);
    it.story.world.ok(&[post], &it.posting());
    it.does(it.market.extend_instruction(&job, 60));
}

#[test]
fn a_mandate_ends_at_once_and_what_runs_goes_on() {
    let it = Delegated::new(false, usual_terms(), 10, 100);
    let (story, market) = (&it.story, &it.market);
    let world = &story.world;
    let job = it.running();
    let close = |caller: &Keypair| it.mandate.close_instruction(world, caller.pubkey());
    world.fails(close(&story.someone), &[&story.someone], EscrowError::TooEarly);
    world.fails(swap(close(&story.client), 2, story.someone.pubkey()), &[&story.client], EscrowError::WrongPayer);
    it.close();
    assert_eq!(world.account(it.mandate.address), None);
    it.fails(market.extend_instruction(&job, 60), EscrowError::WrongOwner);
    it.fails(market.finish_instruction(&job, job.client, NO_RESULT), EscrowError::WrongOwner);
    it.refuses(&story.unposted(market), EscrowError::WrongOwner);
    // Another at the same address has nothing of it.
    it.open(&it.args(1, 1));
    world.fails(close(&story.client), &[&story.client], EscrowError::TooEarly);
    it.fails(market.extend_instruction(&job, 60), EscrowError::WrongMandate);
    world.pass(100);
    world.ok(&[market.finish_instruction(&job, job.client, NO_RESULT)], &[&story.client]);
    let close_job = || swap(market.close_job_instruction(world, &job), 1, story.payer.pubkey());
    world.fails(close_job(), &[], EscrowError::MandateUnsettled);
    let other = Mandate::of(story.client.pubkey(), story.someone.pubkey(), 1);
    world.fails(other.settle_instruction(&[job]), &[], EscrowError::WrongMandate);
    let spent = it.posted();
    it.settle(&[job]);
    assert_eq!(it.spent().0, COST, "nothing of the earlier one's");
    world.ok(&[close_job()], &[]);
    // Where there is none any more, the job is released as well.
    it.does(it.cancel(&spent));
    it.close();
    world.fails(other.settle_instruction(&[spent]), &[], EscrowError::WrongMandate);
    it.settle(&[spent]);
    assert_eq!(story.job(&spent).mandate_charged, Amount(0));
}

#[test]
fn a_mandate_expires() {
    let it = Delegated::new(false, usual_terms(), 10, 100);
    let (story, market) = (&it.story, &it.market);
    let world = &story.world;
    let end = it.state().expires_at;
    world.set_time(Timestamp(end.0 - 10));
    let [job, waits] = [it.running(), it.posted()];
    world.set_time(end);
    it.does(market.extend_instruction(&job, 60));
    let last = it.posted();
    let close = it.mandate.close_instruction(world, story.payer.pubkey());
    world.fails(close.clone(), &[&story.payer], EscrowError::TooEarly);
    world.pass(1);
    it.refuses(&story.unposted(market), EscrowError::MandateExpired);
    it.fails(market.extend_instruction(&job, 60), EscrowError::MandateExpired);
    it.fails(market.finish_instruction(&job, job.client, NO_RESULT), EscrowError::MandateExpired);
    it.fails(it.cancel(&waits), EscrowError::MandateExpired);
    // Anyone closes it.
    world.ok(&[close], &[&story.payer]);
    world.ok(&[it.cancel(&last)], &[&story.client]);
}

#[test]
fn a_delegate_replaces_jobs_of_its_mandate_alone() {
    let it = Delegated::new(false, usual_terms(), 1, 1);
    let (story, market) = (&it.story, &it.market);
    let world = &story.world;
    let own = story.posted(market);
    world.ok(&[it.cancel(&own)], &[&story.client]);
    it.refuses(&own, EscrowError::WrongMandate);
    let job = it.posted();
    it.refuses(&job, EscrowError::WrongJobState);
    it.refuses(&story.unposted(market), EscrowError::MandateExceeded);
    it.does(it.cancel(&job));
    // Posting gives back what the job before it did not need.
    world.ok(&[it.post(&job)], &it.posting());
    assert_eq!((it.spent(), story.job(&job).mandate_charged), ((COST, COST), Amount(COST)));
    it.does(it.cancel(&job));
    let other = Mandate::of(story.client.pubkey(), story.someone.pubkey(), 1);
    let args = other.args(world, it.funding, market.address, COST, COST);
    world.ok(&[other.open_instruction(world, &args)], &[&story.client]);
    world.fails(other.by(story.post(market, &job, HOUR)), &it.posting(), EscrowError::WrongMandate);
    // The client itself waits until the mandate has got back what is its own.
    world.fails(story.post(market, &job, HOUR), &story.posting(), EscrowError::WrongJobState);
    it.settle(&[job]);
    world.ok(&[story.post(market, &job, HOUR)], &story.posting());
    assert_eq!((story.job(&job).mandate_id, it.spent()), (0, (0, 0)));
    it.fails(it.cancel(&job), EscrowError::WrongMandate);
}

/// Whoever has the delegate's key cancels all that was posted in a month, and has no more than a day's limit of it.
#[test]
fn what_old_jobs_give_back_does_not_fill_the_limit_again() {
    let it = Delegated::new(false, usual_terms(), 2, 100);
    let world = &it.story.world;
    let old = [it.posted(), it.posted()];
    world.pass(DAY);
    let new = [it.posted(), it.posted()];
    for job in old.iter().chain(&new) {
        it.does(it.cancel(job));
    }
    it.settle(&old);
    assert_eq!(it.spent(), (2 * COST, 2 * COST));
    it.refuses(&it.story.unposted(&it.market), EscrowError::MandateExceeded);
    it.settle(&new);
    assert_eq!(it.spent(), (0, 0));
    // Of what has filled in part, the rest.
    let job = it.posted();
    world.pass(DAY / 8);
    it.posted();
    it.does(it.cancel(&job));
    assert_eq!(it.spent().1, COST - COST / 4 + COST);
    it.settle(&[job]);
    assert_eq!(it.spent().1, COST);
}

/// A hand-back moves the time of the posting, as if the job were new.
#[test]
fn a_job_that_was_handed_back_fills_no_limit() {
    let story = Story::new();
    let terms = Terms { fee_share: Bps(100), fee_payee: story.treasury, bond_amount: Tokens(BOND), ..usual_terms() };
    let market = story.token_market(terms).with_queue(&story.world, 8);
    let mandate = Mandate::of(story.client.pubkey(), story.someone.pubkey(), 0);
    let it = Delegated { funding: story.deposit.address, story, market, mandate };
    it.open(&it.args(2, 2));
    let world = &it.story.world;
    let job = Job { matching: matching::QUEUE, ..it.story.unposted(&market) };
    world.ok(&[it.post(&job)], &it.posting());
    world.pass(DAY / 48);
    it.story.start(&market, &job);
    world.ok(&[market.hand_back_instruction(&job)], &[it.story.key(&job)]);
    assert!(it.story.job(&job).started_at == Timestamp(0) && HAND_BACK_WINDOW == Seconds(60));
    let before = it.spent();
    it.does(it.cancel(&job));
    world.ok(&[market.settle_instruction(&job)], &[]);
    it.settle(&[job]);
    // What the hand-back cost is spent.
    assert_eq!(it.spent(), (10 * PRICE, before.1));
}

/// A provider that refuses a unit of pay keeps no more of a mandate than that unit.
#[test]
fn a_job_that_still_owes_gives_back_what_it_does_not() {
    let mut it = Delegated::of(Story::with(TOKEN_2022_PROGRAM), false, usual_terms(), 1, 1);
    let (job, market) = (it.running(), it.market);
    it.story.world.ask_for_memos(job.payee);
    it.story.world.pass(60);
    it.refuses(&it.story.unposted(&market), EscrowError::MandateExceeded);
    it.settle(&[job]);
    assert_eq!(it.spent().0, COST, "it runs");
    it.does(market.finish_instruction(&job, job.client, NO_RESULT));
    assert_eq!(it.story.job(&job).state, job_state::OWING);
    for _ in 0..2 {
        it.settle(&[job]);
        assert_eq!((it.spent().0, it.story.job(&job).mandate_charged), (60 * PRICE, Amount(0)));
    }
    assert_eq!(it.story.job(&job).state, job_state::OWING);
    let next = it.story.unposted(&market);
    let post = it.mandate.by(it.story.post(&market, &next, HOUR - 61));
    it.story.world.ok(&[post], &it.posting());
    it.story.check(&[job, next]);
}

#[test]
fn what_the_owner_adds_is_not_the_mandates() {
    let it = Delegated::new(false, usual_terms(), 1, 1);
    let world = &it.story.world;
    let job = it.running();
    world.ok(&[it.market.extend_instruction(&job, HOUR)], &[&it.story.client]);
    assert_eq!(it.story.job(&job).mandate_charged, Amount(COST));
    world.pass(10);
    it.does(it.market.finish_instruction(&job, job.client, NO_RESULT));
    it.settle(&[job]);
    // Of the limit, by rounding against the delegate, all but a unit.
    assert_eq!((it.spent(), it.state().available(world.now())), ((0, 1), Amount(COST - 1)));
}

#[test]
fn a_mandate_is_opened_by_its_owner_within_ranges() {
    let it = Delegated::new(false, usual_terms(), 1, 1);
    let (world, owner) = (&it.story.world, &it.story.client);
    let other = Mandate::of(owner.pubkey(), it.story.someone.pubkey(), u16::MAX);
    let usual = || other.args(world, it.funding, it.market.address, COST, COST);
    let open = |args: OpenMandateArgs| other.open_instruction(world, &args);
    for (field, args) in [
        ("delegate", OpenMandateArgs { delegate: NONE, ..usual() }),
        ("markets", OpenMandateArgs { markets: [NONE; 4], ..usual() }),
        ("limit", OpenMandateArgs { limit: Amount(0), ..usual() }),
        ("total", OpenMandateArgs { total: Amount(0), ..usual() }),
        ("window", OpenMandateArgs { window: Seconds(0), ..usual() }),
        ("window", OpenMandateArgs { window: Seconds(365 * 86_400 + 1), ..usual() }),
        ("expires_at", OpenMandateArgs { expires_at: Timestamp(world.now().0 - 1), ..usual() }),
    ] {
        assert_eq!(world.out_of_range(open(args), &[owner]), field);
    }
    world.fails(unsigned(open(usual()), 1), &[], EscrowError::MissingSigner);
    world.fails(swap(open(usual()), 2, it.mandate.address), &[owner], EscrowError::WrongAddress);
    world.fails(it.mandate.open_instruction(world, &it.args(1, 1)), &[owner], EscrowError::AlreadyInitialized);
    let args = OpenMandateArgs {
        markets: [world.payer().pubkey(), NONE, it.market.address, NONE],
        window: Seconds(365 * 86_400),
        expires_at: world.now(),
        ..usual()
    };
    world.ok(&[open(args)], &[owner]);
    let state: MandateState = world.read(other.address);
    assert_eq!((state.opened_at(), MandateState::index_of(state.id)), (world.now(), u16::MAX));
    let job = it.story.unposted(&it.market);
    world.ok(&[other.by(it.story.post(&it.market, &job, HOUR))], &it.posting());
}

#[test]
fn a_job_that_is_over_is_renewed_in_place() {
    for credits in [true, false] {
        let it = Delegated::new(credits, usual_terms(), 10, 100);
        let (story, market) = (&it.story, &it.market);
        let world = &story.world;
        let job = it.running();
        let before = story.job(&job);
        let renew = || market.renew_instruction(world, &job);
        it.fails(renew(), EscrowError::WrongJobState);
        world.pass(HOUR as u64);
        world.ok(&[market.finish_instruction(&job, job.provider, RESULT)], &[story.key(&job)]);
        let seen = renew();
        let elsewhere = if credits { story.credit_market(usual_terms()) } else { story.token_market(usual_terms()) };
        it.fails(swap(renew(), 2, elsewhere.address), EscrowError::WrongMarket);
        world.fails(unsigned(renew(), 1), &[], EscrowError::MissingSigner);
        if !credits {
            let anothers = swap(renew(), 1, story.someone.pubkey());
            world.fails(anothers, &[&story.someone], EscrowError::WrongClient);
        }
        it.does(renew());
        let is = story.job(&job);
        let what = |job: &JobState| (job.client, job.provider, job.definition, job.duration, job.price, job.mandate_id);
        assert_eq!((what(&is), is.state), (what(&before), job_state::POSTED));
        assert_eq!((is.payer, is.deposited, is.result), (story.payer.pubkey(), Amount(COST), NO_RESULT));
        assert_eq!(it.spent().0, 2 * COST);
        it.does(it.cancel(&job));
        it.fails(seen, EscrowError::PostingChanged);
        // By the client itself, once the mandate has what is its own.
        world.fails(renew(), &[&story.client], EscrowError::WrongJobState);
        it.settle(&[job]);
        world.ok(&[renew()], &[&story.client]);
        assert_eq!((story.job(&job).mandate_id, it.spent().0), (0, COST));
        story.start(market, &job);
    }
}

/// At the market's price, by any provider; on terms that the client saw.
#[test]
fn a_queued_job_is_renewed_at_the_markets_price() {
    let story = Story::new();
    let market = story.token_market(usual_terms()).with_queue(&story.world, 4);
    let world = &story.world;
    let job = Job { matching: matching::QUEUE, ..story.unposted(&market) };
    world.ok(&[story.post(&market, &job, HOUR)], &story.posting());
    story.start(&market, &job);
    world.pass(HOUR as u64);
    world.ok(&[market.finish_instruction(&job, job.provider, RESULT)], &[story.key(&job)]);
    let seen = market.renew_instruction(world, &job);
    let dearer = Terms { price: Amount(2 * PRICE), ..usual_terms() };
    world.ok(&[market.set_instruction(&story.network, dearer, 0)], &[&story.network.authority]);
    world.fails(seen, &[&story.client], EscrowError::TermsChanged);
    world.ok(&[market.renew_instruction(world, &job)], &[&story.client]);
    let state = story.job(&job);
    assert_eq!((state.state, state.provider, state.deposited), (job_state::POSTED, NONE, Amount(2 * COST)));
}

/// Ids count openings, and two owners open theirs in the same second.
#[test]
fn a_mandate_of_another_owner_with_the_same_id_is_another() {
    let it = Delegated::new(false, usual_terms(), 10, 100);
    let (world, thief) = (&it.story.world, &it.story.someone);
    it.close();
    it.open(&it.args(10, 100));
    let other = Mandate::of(thief.pubkey(), thief.pubkey(), 0);
    let args = other.args(world, it.funding, it.market.address, COST, COST);
    world.ok(&[other.open_instruction(world, &args)], &[thief]);
    assert_eq!(world.read::<MandateState>(other.address).id, it.state().id);
    let job = it.posted();
    let cancel = swap(other.by(it.cancel(&job)), 0, thief.pubkey());
    world.fails(cancel, &[thief], EscrowError::WrongMandate);
    // Nor does it replace one: the money is not the thief's, and with money of its own it replaces no job of others.
    it.does(it.cancel(&job));
    let post = swap(other.by(it.story.post(&it.market, &job, HOUR)), 1, thief.pubkey());
    world.fails(post.clone(), &it.posting(), EscrowError::WrongClient);
    let rich = &it.story.workers[1].key;
    let mint = &it.story.mint;
    let deposit = Deposit::of(rich.pubkey(), mint.address, mint.token_program);
    let put_in = deposit.deposit_instruction(it.story.client.pubkey(), it.story.wallet, 2 * COST);
    world.ok(&[deposit.open_instruction(world), put_in], &[&it.story.client]);
    let own = Mandate::of(rich.pubkey(), rich.pubkey(), 0);
    let args = own.args(world, deposit.address, it.market.address, COST, COST);
    world.ok(&[own.open_instruction(world, &args)], &[rich]);
    assert_eq!(world.read::<MandateState>(own.address).id, it.state().id);
    let by_rich = |job: &Job| {
        swap(swap(own.by(it.story.post(&it.market, job, HOUR)), 1, rich.pubkey()), FUNDING, deposit.address)
    };
    world.fails(by_rich(&job), &[&it.story.payer, rich], EscrowError::WrongClient);
    assert_eq!(it.story.job(&job).mandate_charged, Amount(COST), "it waits for its own mandate");
}

/// Each job is charged when it is posted, after the one before it in its account gave back what is left of it.
#[test]
fn several_jobs_are_replaced_within_what_each_gives_back() {
    let it = Delegated::new(false, usual_terms(), 2, 2);
    let world = &it.story.world;
    let jobs = [it.posted(), it.posted()];
    let both = || {
        let post = it.market.post_many_instruction(world, &jobs, HOUR, PRICE);
        it.mandate.by(swap(post, 0, it.story.payer.pubkey()))
    };
    it.does(it.cancel(&jobs[0]));
    world.fails(both(), &it.posting(), EscrowError::WrongJobState);
    it.does(it.cancel(&jobs[1]));
    world.ok(&[both()], &it.posting());
    assert_eq!(it.spent(), (2 * COST, 2 * COST));
    assert!(jobs.iter().all(|job| it.story.job(job).mandate_charged == Amount(COST)));
    it.refuses(&it.story.unposted(&it.market), EscrowError::MandateExceeded);
}

#[test]
fn a_delegate_buys_units_for_an_owner() {
    for credits in [true, false] {
        let it = Delegated::new(credits, by_usage(usual_terms()), 2, 100);
        let (story, market, world) = (&it.story, &it.market, &it.story.world);
        let key = |secret: u8| (scheme::ED25519, [secret; 32]);
        let job = story.unposted(market);
        let post = |units| {
            let post = market.post_usage_instruction(world, &job, HOUR, units, key(1));
            swap(it.mandate.by(post), 0, story.payer.pubkey())
        };
        let most = 2 * COST / UNIT_PRICE;
        world.fails(post(most + 1), &it.posting(), EscrowError::MandateExceeded);
        world.ok(&[post(1_000)], &it.posting());
        let cost = 1_000 * UNIT_PRICE;
        assert_eq!((story.job(&job).client, it.spent().0), (story.client.pubkey(), cost));
        story.start(market, &job);
        it.fails(market.add_units_instruction(&job, most), EscrowError::MandateExceeded);
        it.does(market.add_units_instruction(&job, 10));
        assert_eq!((story.job(&job).max_units, it.spent().0), (1_010, cost + 10 * UNIT_PRICE));
        it.does(market.replace_key_instruction(&job, key(2)));
        assert_eq!(story.job(&job).session_key, [2; 32]);
        // Nobody else does any of it.
        let stranger = &story.workers[1].key;
        for other in [market.add_units_instruction(&job, 1), market.replace_key_instruction(&job, key(3))] {
            let alone = swap(other.clone(), 0, stranger.pubkey());
            world.fails(alone, &[stranger], EscrowError::from(joule_interface::Fault::Unauthorized));
            let with = swap(it.mandate.by(other), 0, stranger.pubkey());
            world.fails(with, &[stranger], EscrowError::WrongMandate);
        }
        it.does(market.finish_instruction(&job, job.client, NO_RESULT));
        world.pass(3_601);
        world.ok(&[market.finish_instruction(&job, job.provider, NO_RESULT)], &[story.key(&job)]);
        it.settle(&[job]);
        // What ten seconds of all units cost, and nothing else, was spent.
        assert_eq!(it.spent().0, story.job(&job).earned.0);
        assert_eq!(story.job(&job).mandate_charged, Amount(0));
    }
}
