//! Keepers are paid for what parties left lying.

use {
    super::{
        games::Court,
        panels::{Act, Jury},
        *,
    },
    joule_escrow_interface::{
        state::{
            CLOSING_TIP_DELAY, EVIDENCE, Game as GameState, MAX_TIP, Panel as PanelState, TIP_DELAY, TIPS_A_GAME,
            TIPS_A_JOB, Trace, game_phase, game_tip, panel_state, scheme, tip,
        },
        verifier::statement,
    },
    joule_interface::{Fault, ProgramError, SYSTEM_PROGRAM, TOKEN_2022_PROGRAM},
    joule_math::Timestamp,
    joule_tests::fixture::Panel,
    solana_program::instruction::InstructionError,
    solana_transaction_error::TransactionError,
};

const TIP: u32 = 12_000;
/// What a job's account holds beside the rent.
const ADVANCE: u64 = TIPS_A_JOB as u64 * TIP as u64;
const RENT_OF: usize = JobState::SIZE;

impl Story {
    /// A market whose jobs have tips.
    fn tipped(&self, market: Market) -> Market {
        self.world.ok(&[market.set_tip_instruction(&self.network, TIP)], &[&self.network.authority]);
        market
    }

    /// What a keeper has.
    fn earned(&self, keeper: Address) -> u64 {
        self.world.lamports(keeper)
    }

    /// A keeper that has what an account needs to be there.
    fn keeper(&mut self) -> Address {
        let keeper = self.world.address();
        let lamports = self.world.rent(0);
        self.world.set_account(keeper, solana_account::Account { lamports, ..Default::default() });
        keeper
    }

    fn close(&self, job: &Job) -> Instruction {
        let close = Market::unborn(&self.network, &self.pool, 0, usual_terms()).close_job_instruction(&self.world, job);
        swap(close, 1, self.payer.pubkey())
    }

    /// What must fail with this error; nothing comes of it.
    #[track_caller]
    fn refused<E: Into<ProgramError>>(&self, instructions: &[Instruction], signers: &[&Keypair], error: E) {
        refused(&self.world, instructions, signers, error);
    }
}

#[track_caller]
fn refused<E: Into<ProgramError>>(world: &World, instructions: &[Instruction], signers: &[&Keypair], error: E) {
    let ProgramError::Custom(code) = error.into() else { panic!("no error of a program") };
    let failure = world.send(instructions, signers).expect_err("it must fail");
    assert_eq!(failure.code(), Some(code), "{:?}\n{}", failure.error, failure.logs.join("\n"));
}

#[test]
fn a_keeper_is_paid_for_what_parties_left_lying_and_the_rest_goes_back() {
    for credits in [true, false] {
        let mut story = Story::new();
        let keeper = story.keeper();
        let terms = Terms { bond_amount: Tokens(BOND), reports: 1, ..usual_terms() };
        let market = story.tipped(if credits { story.credit_market(terms) } else { story.token_market(terms) });
        let world = &story.world;
        let (rent, paid_before) = (world.rent(RENT_OF), world.lamports(story.payer.pubkey()));
        let job = story.running(&market);
        assert_eq!((story.job(&job).tip, world.lamports(job.address)), (TIP, rent + ADVANCE));
        assert_eq!(world.lamports(story.payer.pubkey()), paid_before - rent - ADVANCE);
        let before = story.earned(keeper);
        let tip = market.tip_instruction(&job, keeper);
        let caller = || story.someone.pubkey();
        let finish = || [tip.clone(), market.finish_instruction(&job, caller(), NO_RESULT)];
        world.run(HOUR as u64);
        // Anyone may end it now, but the parties come first.
        world.run(60);
        story.refused(&finish(), &[&story.someone], EscrowError::NoTipDue);
        world.run(1);
        world.ok(&finish(), &[&story.someone]);
        assert_eq!((story.job(&job).state, story.job(&job).tips_taken), (job_state::FINISHED, tip::END));
        assert_eq!(story.earned(keeper) - before, TIP as u64);

        let settle = market.settle_bond_instruction(&job, story.network_wallet);
        world.ok(&[tip.clone(), settle.clone()], &[]);
        assert_eq!((story.job(&job).bond_unsettled, story.job(&job).tips_taken), (0, tip::END + tip::BOND));
        // Nothing is left to settle.
        story.refused(&[tip.clone(), settle], &[], EscrowError::NoTipDue);
        let close = [tip.clone(), story.close(&job)];
        story.refused(&close, &[], EscrowError::NoTipDue);
        let last = story.job(&job).stopped_at.max(story.job(&job).deadline_at);
        world.set_time(Timestamp(last.0 + CLOSING_TIP_DELAY.0 as i64));
        story.refused(&close, &[], EscrowError::NoTipDue);
        world.pass(1);
        world.ok(&close, &[]);
        assert_eq!(story.earned(keeper) - before, 3 * TIP as u64);
        assert_eq!(world.account(job.address), None);
        // There was no auction to award, and that tip goes back with the rent.
        assert_eq!(world.lamports(story.payer.pubkey()), paid_before - 3 * TIP as u64);
    }
}

/// Noticing the end of a job of units ends nothing: its provider then has time to redeem vouchers.
#[test]
fn a_job_of_units_is_ended_for_a_tip_once_its_vouchers_had_their_time() {
    for stopped in [false, true] {
        let mut story = Story::new();
        let keeper = story.keeper();
        let market = story.tipped(story.token_market(by_usage(usual_terms())));
        let (world, session) = (&story.world, story.world.key());
        let job = story.unposted(&market);
        let by = (scheme::ED25519, session.pubkey().to_bytes());
        world.ok(&[market.post_usage_instruction(world, &job, HOUR, 1_000, by)], &[&story.client]);
        story.start(&market, &job);
        let finish = || {
            [market.tip_instruction(&job, keeper), market.finish_instruction(&job, story.someone.pubkey(), NO_RESULT)]
        };
        let before = story.earned(keeper);
        let mut ends_at = story.job(&job).ends_at.0;
        if stopped {
            world.ok(&[market.finish_instruction(&job, job.client, NO_RESULT)], &[&story.client]);
            ends_at = story.job(&job).stopped_at.0;
        }
        world.run((ends_at - world.now().0) as u64 + 61);
        story.refused(&finish(), &[&story.someone], EscrowError::NoTipDue);
        let window = story.job(&job).terms.late_window.0 as i64;
        world.run((ends_at + window + 60 - world.now().0) as u64);
        story.refused(&finish(), &[&story.someone], EscrowError::NoTipDue);
        world.run(1);
        world.ok(&finish(), &[&story.someone]);
        assert_eq!((story.job(&job).has_ended(), story.job(&job).tips_taken), (true, tip::END));
        assert_eq!(story.earned(keeper) - before, TIP as u64);
    }
}

#[test]
fn what_parties_end_in_time_costs_no_tip() {
    let story = Story::new();
    let market = story.tipped(story.token_market(usual_terms()));
    let world = &story.world;
    let paid_before = world.lamports(story.payer.pubkey());
    let job = story.running(&market);
    world.pass(HOUR as u64);
    world.ok(&[market.finish_instruction(&job, job.provider, RESULT)], &[story.key(&job)]);
    world.ok(&[story.close(&job)], &[]);
    assert_eq!(world.lamports(story.payer.pubkey()), paid_before);
}

/// A result at a fixed price is in time until its late window is over: no keeper is first at what follows it.
#[test]
fn what_follows_a_late_result_is_left_to_the_parties_as_long() {
    let mut story = Story::new();
    let keeper = story.keeper();
    let terms = Terms {
        bond_amount: Tokens(BOND),
        reports: 1,
        acceptance_window: Seconds(0),
        late_window: Seconds(600),
        ..accepted(NONE, usual_terms())
    };
    let market = story.tipped(story.token_market(terms));
    let job = story.running(&market);
    let world = &story.world;
    world.run(HOUR as u64 + 300);
    world.ok(&[market.finish_instruction(&job, job.provider, RESULT)], &[story.key(&job)]);
    assert_eq!(story.job(&job).state, job_state::FINISHED);
    let settle = [market.tip_instruction(&job, keeper), market.settle_bond_instruction(&job, story.network_wallet)];
    story.refused(&settle, &[], EscrowError::NoTipDue);
    world.run(360);
    story.refused(&settle, &[], EscrowError::NoTipDue);
    world.run(1);
    world.ok(&settle, &[]);
    let close = [market.tip_instruction(&job, keeper), story.close(&job)];
    world.set_time(Timestamp(story.job(&job).ends_at.0 + 600 + CLOSING_TIP_DELAY.0 as i64));
    story.refused(&close, &[], EscrowError::NoTipDue);
    world.pass(1);
    world.ok(&close, &[]);
}

#[test]
fn an_auction_is_awarded_and_a_job_that_nobody_starts_cancelled_for_a_tip_each() {
    let mut story = Story::new();
    let keeper = story.keeper();
    let market = story.tipped(story.token_market(usual_terms()));
    let world = &story.world;
    let job = Job { matching: matching::AUCTION, ..story.unposted(&market) };
    world.ok(&[story.post(&market, &job, HOUR)], &story.posting());
    world.ok(&[market.bid_instruction(world, &job, PRICE, None)], &[story.key(&job)]);
    let before = story.earned(keeper);
    let tip = market.tip_instruction(&job, keeper);
    world.run(3_600 + 60);
    let award = [tip.clone(), market.award_instruction(&job)];
    story.refused(&award, &[], EscrowError::NoTipDue);
    world.run(1);
    world.ok(&award, &[]);
    assert_eq!((story.job(&job).state, story.job(&job).tips_taken), (job_state::ASSIGNED, tip::AWARD));
    let cancel = [tip.clone(), market.cancel_instruction(&job, story.someone.pubkey())];
    // The time to start counts from the end of the auction.
    world.set_time(Timestamp(story.job(&job).deadline_at.0 + 60));
    story.refused(&cancel, &[&story.someone], EscrowError::NoTipDue);
    world.run(1);
    world.ok(&cancel, &[&story.someone]);
    assert_eq!((story.job(&job).state, story.job(&job).tips_taken), (job_state::CANCELLED, tip::AWARD + tip::END));
    assert_eq!(story.earned(keeper) - before, 2 * TIP as u64);
}

#[test]
fn a_delivered_and_a_rejected_job_are_decided_for_a_tip() {
    let mut story = Story::new();
    let keeper = story.keeper();
    let arbiter = story.someone.pubkey();
    let market = story.tipped(story.token_market(accepted(arbiter, usual_terms())));
    let world = &story.world;
    let before = story.earned(keeper);
    let anyone = story.payer.pubkey();
    for rejected in [false, true] {
        let job = story.running(&market);
        world.run(10);
        world.ok(&[market.deliver_instruction(&job, RESULT)], &[story.key(&job)]);
        let (window, ends) = if rejected {
            world.ok(&[market.reject_instruction(&job)], &[&story.client]);
            (7_200, market.resolve_instruction(&job, anyone, 0, 0))
        } else {
            (3_600, market.accept_instruction(&job, anyone))
        };
        let ends = [market.tip_instruction(&job, keeper), ends];
        world.run(window + 60);
        story.refused(&ends, &[&story.payer], EscrowError::NoTipDue);
        world.run(1);
        world.ok(&ends, &[&story.payer]);
        assert_eq!(story.job(&job).state, job_state::FINISHED);
    }
    assert_eq!(story.earned(keeper) - before, 2 * TIP as u64);
}

/// A keeper that books an end as owed, or pays in parts, has one tip for all.
#[test]
fn each_thing_is_paid_for_once_and_an_end_only_if_it_pays() {
    let mut story = Story::new();
    let keeper = story.keeper();
    let market = story.tipped(story.token_market(usual_terms()));
    let world = &story.world;
    let job = story.running(&market);
    let before = story.earned(keeper);
    let tip = market.tip_instruction(&job, keeper);
    world.run(HOUR as u64 + 61);
    let (caller, signers) = (story.someone.pubkey(), [&story.someone]);
    let finish = market.finish_instruction(&job, caller, NO_RESULT);
    let with_most = |instruction: &Instruction, most: u64| {
        let mut instruction = instruction.clone();
        let at = instruction.data.len() - 8;
        instruction.data[at..].copy_from_slice(&most.to_le_bytes());
        instruction
    };
    for most in [0, 1, u64::MAX - 1] {
        story.refused(&[tip.clone(), with_most(&finish, most)], &signers, EscrowError::NoTipDue);
    }
    story.refused(&[tip.clone(), tip.clone(), finish.clone()], &signers, EscrowError::NoTipDue);
    // What it owes is fetched for the same tip, in one piece.
    world.ok(&[with_most(&finish, 0)], &signers);
    assert_eq!(story.job(&job).state, job_state::OWING);
    let settle = market.settle_instruction(&job);
    story.refused(&[tip.clone(), with_most(&settle, 0)], &[], EscrowError::NoTipDue);
    world.ok(&[with_most(&settle, 5)], &[]);
    world.ok(&[tip.clone(), settle.clone()], &[]);
    assert_eq!((story.job(&job).state, story.earned(keeper) - before), (job_state::FINISHED, TIP as u64));
    story.refused(&[tip.clone(), settle], &[], EscrowError::NoTipDue);

    // Once its end was paid for, what it still owes is not.
    let job = story.running(&market);
    let tip = market.tip_instruction(&job, keeper);
    world.run(HOUR as u64 + 61);
    let mut state = story.job(&job);
    state.tips_taken = tip::END;
    story.world.forge(job.address, &state);
    let finish = market.finish_instruction(&job, caller, NO_RESULT);
    story.refused(&[tip, finish], &[&story.someone], EscrowError::NoTipDue);
}

/// What cannot be paid would have earned its tip by an instruction that does nothing.
#[test]
fn a_settlement_that_pays_nobody_fails_if_it_is_asked_for_all() {
    let mut story = Story::with(TOKEN_2022_PROGRAM);
    let keeper = story.keeper();
    let market = story.tipped(story.token_market(usual_terms()));
    let (job, other) = (story.running(&market), story.running(&market));
    story.world.run(60);
    let plain = story.world.account(job.payee).expect("it is there");
    story.world.ask_for_memos(job.payee);
    for job in [&job, &other] {
        let stop = market.finish_instruction(job, job.client, NO_RESULT);
        story.world.ok(&[stop], &[&story.client]);
        assert_eq!(story.job(job).state, job_state::OWING);
    }
    story.world.run(HOUR as u64 + 61);
    let tip = market.tip_instruction(&job, keeper);
    let settle = |jobs: &[Job], most| market.settle_many_instruction(jobs, most);
    for jobs in [&[job][..], &[job, other]] {
        let both = [tip.clone(), settle(jobs, u64::MAX)];
        story.refused(&both, &[], EscrowError::NothingPaid);
        story.refused(&[settle(jobs, u64::MAX)], &[], EscrowError::NothingPaid);
        // Who asks for less, as whoever books an end does, is told nothing by a failure.
        story.world.ok(&[settle(jobs, u64::MAX - 1)], &[]);
    }
    assert_eq!((story.job(&job).state, story.job(&job).tips_taken), (job_state::OWING, 0));
    // Once it can be paid, the tip is there.
    story.world.set_account(job.payee, plain);
    story.world.ok(&[tip, settle(&[job, other], u64::MAX)], &[]);
    assert_eq!((story.job(&job).state, story.job(&job).tips_taken), (job_state::FINISHED, tip::END));
}

#[test]
fn a_partial_payment_of_a_running_job_earns_no_tip() {
    let mut story = Story::new();
    let keeper = story.keeper();
    let market = story.tipped(story.token_market(usual_terms()));
    let job = story.running(&market);
    story.world.run(HOUR as u64 + 61);
    let both = [market.tip_instruction(&job, keeper), market.settle_instruction(&job)];
    story.refused(&both, &[], EscrowError::NoTipDue);
}

#[test]
fn parties_get_no_tip_and_nobody_gets_one_for_what_a_party_does() {
    let mut story = Story::new();
    let keeper = story.keeper();
    let arbiter = story.someone.pubkey();
    let market = story.tipped(story.token_market(usual_terms()));
    let judged = story.tipped(story.token_market(accepted(arbiter, usual_terms())));
    let (job, open) = (story.running(&market), story.running(&judged));
    let world = &story.world;
    world.run(10);
    world.ok(&[judged.deliver_instruction(&open, RESULT)], &[story.key(&open)]);
    world.ok(&[judged.reject_instruction(&open)], &[&story.client]);
    world.run(2 * HOUR as u64 + 61);
    let finish = |caller| market.finish_instruction(&job, caller, NO_RESULT);
    for party in [story.client.pubkey(), job.provider, story.payer.pubkey()] {
        let own = [market.tip_instruction(&job, party), finish(story.someone.pubkey())];
        story.refused(&own, &[&story.someone], EscrowError::OwnTip);
    }
    for party in [&story.client, story.key(&job)] {
        let by_party = [market.tip_instruction(&job, keeper), finish(party.pubkey())];
        story.refused(&by_party, &[party], EscrowError::OwnTip);
    }
    let by_arbiter = [judged.tip_instruction(&open, keeper), judged.resolve_instruction(&open, arbiter, 0, 0)];
    story.refused(&by_arbiter, &[&story.someone], EscrowError::OwnTip);
}

#[test]
fn a_tip_is_for_the_next_instruction_on_the_same_job() {
    let mut story = Story::new();
    let keeper = story.keeper();
    let market = story.tipped(story.token_market(usual_terms()));
    let (job, other) = (story.running(&market), story.running(&market));
    let world = &story.world;
    world.run(HOUR as u64 + 61);
    let tip = market.tip_instruction(&job, keeper);
    let (caller, signers) = (story.someone.pubkey(), [&story.someone]);
    let finish = |job: &Job| market.finish_instruction(job, caller, NO_RESULT);
    let tick = joule_tests::fixture::tick_instruction(world);
    // Alone; after it; before that of another job; with another between; before what does not end this state.
    story.refused(std::slice::from_ref(&tip), &[], EscrowError::NoTipDue);
    story.refused(&[finish(&job), tip.clone()], &signers, EscrowError::NoTipDue);
    story.refused(&[tip.clone(), finish(&other)], &signers, EscrowError::NoTipDue);
    story.refused(&[tip.clone(), tick, finish(&job)], &signers, EscrowError::NoTipDue);
    story.refused(&[tip.clone(), market.accept_instruction(&job, caller)], &signers, EscrowError::NoTipDue);
    story.refused(&[tip.clone(), market.heartbeat_instruction(&job)], &[story.key(&job)], EscrowError::NoTipDue);
    // The same bytes for another program: System has no such instruction, but it is not asked.
    let foreign = Instruction { program_id: joule_interface::SYSTEM_PROGRAM, ..finish(&job) };
    story.refused(&[tip.clone(), foreign], &signers, EscrowError::NoTipDue);
    // The job is named, but not as the job.
    let mut swapped = finish(&other);
    swapped.accounts.push(solana_program::instruction::AccountMeta::new(job.address, false));
    story.refused(&[tip.clone(), swapped], &signers, EscrowError::NoTipDue);
    // Not the sysvar; another kind of account; a keeper that is the job, or read-only.
    let wrong = |instruction: Instruction, error: Fault| {
        story.refused(&[instruction, finish(&job)], &signers, EscrowError::from(error));
    };
    wrong(swap(tip.clone(), 2, world.address()), Fault::WrongAddress);
    wrong(swap(tip.clone(), 0, market.address), Fault::WrongAccountType);
    wrong(swap(tip.clone(), 1, job.address), Fault::DuplicateAccount);
    wrong(read_only(tip.clone(), 1), Fault::NotWritable);
    world.ok(&[tip, finish(&job)], &signers);
}

#[test]
fn the_rent_stays_and_a_job_without_an_advance_has_no_tip() {
    let mut story = Story::new();
    let keeper = story.keeper();
    let market = story.tipped(story.token_market(usual_terms()));
    let job = story.running(&market);
    let rent = story.world.rent(RENT_OF);
    story.world.run(HOUR as u64 + 61);
    let both =
        [market.tip_instruction(&job, keeper), market.finish_instruction(&job, story.someone.pubkey(), NO_RESULT)];
    for (left, expected) in [(0, None), (5_000, Some(5_000))] {
        let account = story.world.account(job.address).unwrap();
        story.world.set_account(job.address, solana_account::Account { lamports: rent + left, ..account });
        let before = story.earned(keeper);
        match expected {
            None => story.refused(&both, &[&story.someone], EscrowError::NoTipDue),
            Some(tip) => {
                story.world.ok(&both, &[&story.someone]);
                assert_eq!((story.earned(keeper) - before, story.world.lamports(job.address)), (tip, rent));
            }
        }
    }
    let plain = story.token_market(usual_terms());
    let job = story.running(&plain);
    assert_eq!(story.world.lamports(job.address), rent);
    story.world.run(HOUR as u64 + 61);
    let finish = plain.finish_instruction(&job, story.someone.pubkey(), NO_RESULT);
    story.refused(&[plain.tip_instruction(&job, keeper), finish], &[&story.someone], EscrowError::NoTipDue);
}

/// Wherever a job lies, its account holds the advance when it is posted.
#[test]
fn who_posts_advances_what_is_missing() {
    let mut story = Story::new();
    let keeper = story.keeper();
    let market = story.tipped(story.token_market(usual_terms()));
    let world = &story.world;
    let full = world.rent(RENT_OF) + ADVANCE;
    // In an account that the System program made.
    let (made, make) = story.unposted(&market).made_before(world);
    world.ok(&[make, story.post(&market, &made, HOUR)], &story.posting());
    assert_eq!(world.lamports(made.address), full);
    // Two at once, where they are derived.
    let first = story.unposted(&market);
    let second = Job { nonce: first.nonce + 1, ..first };
    let second = Job {
        address: joule_escrow_interface::pda::job::find(&first.funding_account, &second.nonce.to_le_bytes()).0,
        ..second
    };
    let post = swap(market.post_many_instruction(world, &[first, second], HOUR, PRICE), 0, story.payer.pubkey());
    world.ok(&[post], &story.posting());
    assert_eq!([world.lamports(first.address), world.lamports(second.address)], [full; 2]);
    // Again, in the account of one that a keeper ended.
    world.run(300 + 61);
    let cancel = market.cancel_instruction(&first, story.someone.pubkey());
    world.ok(&[market.tip_instruction(&first, keeper), cancel], &[&story.someone]);
    assert_eq!(world.lamports(first.address), full - TIP as u64);
    let post = story.post(&market, &first, HOUR);
    story.refused(&[swap(post.clone(), 10, ID)], &story.posting(), EscrowError::from(Fault::WrongProgram));
    world.ok(&[post], &story.posting());
    assert_eq!((world.lamports(first.address), story.job(&first).tips_taken), (full, 0));
    // Whoever renews it pays what is missing likewise.
    world.run(300 + 61);
    let cancel = market.cancel_instruction(&first, story.someone.pubkey());
    world.ok(&[market.tip_instruction(&first, keeper), cancel], &[&story.someone]);
    let renew = market.renew_instruction(world, &first);
    story.refused(&[swap(renew.clone(), 10, ID)], &[&story.client], EscrowError::from(Fault::WrongProgram));
    world.ok(&[renew], &[&story.client]);
    assert_eq!((world.lamports(first.address), story.job(&first).tips_taken), (full, 0));
}

#[test]
fn no_authority_sets_the_tip_of_another_networks_market() {
    let mut story = Story::new();
    let market = story.token_market(usual_terms());
    let other = Network::new(&mut story.world, &[]).0;
    let set = market.set_tip_instruction(&other, 1);
    story.world.fails(set, &[&other.authority], EscrowError::from(Fault::WrongNetwork));
}

#[test]
fn the_authority_sets_the_tip_and_who_posts_has_seen_it() {
    let story = Story::new();
    let market = story.token_market(usual_terms());
    let (world, authority) = (&story.world, &story.network.authority);
    let set = |tip| market.set_tip_instruction(&story.network, tip);
    world.fails(swap(set(1), 0, story.client.pubkey()), &[&story.client], EscrowError::from(Fault::Unauthorized));
    assert_eq!(world.out_of_range(set(MAX_TIP + 1), &[authority]), "tip");
    let stale = story.post(&market, &story.unposted(&market), HOUR);
    let receipt = world.ok(&[set(MAX_TIP)], &[authority]);
    let changed: event::MarketChanged = receipt.event(ID);
    assert_eq!(changed.header.sequence, 2);
    world.fails(stale, &story.posting(), EscrowError::TermsChanged);
    let job = story.posted(&market);
    assert_eq!(story.job(&job).tip, MAX_TIP);
    world.ok(&[set(0)], &[authority]);
    // A posted job keeps its tip.
    assert_eq!(story.job(&job).tip, MAX_TIP);
    assert_eq!(story.job(&story.posted(&market)).tip, 0);
}

/// A jury whose panels have tips.
fn tipped() -> Jury {
    let jury = Jury::usual();
    jury.world.ok(&[jury.market.set_tip_instruction(&jury.network, TIP)], &[&jury.network.authority]);
    jury
}

fn tips_of(panel: &Panel, world: &World) -> u64 {
    (world.lamports(panel.address) - world.rent(PanelState::SIZE)) / TIP as u64
}

#[test]
fn a_panel_is_decided_paid_settled_and_closed_for_a_tip_each() {
    let jury = tipped();
    let world = &jury.world;
    let panel = jury.full(3);
    // One to decide it, one to close it, and two for each replica.
    assert_eq!(tips_of(&panel, world), 8);
    for member in 0..3 {
        world.ok(&[jury.commit(&panel, member, [5; 32])], &[&jury.members[member].key]);
    }
    for member in 0..2 {
        world.ok(&[jury.reveal(&panel, member, [5; 32])], &[&jury.members[member].key]);
    }
    let keeper = jury.someone.pubkey();
    let before = world.lamports(keeper);
    let tip = panel.tip_instruction(keeper);
    let no = |instruction: Instruction| refused(world, &[tip.clone(), instruction], &[], EscrowError::NoTipDue);
    let last = panel.state(world).deadline_at;
    let due = Timestamp(last.0 + TIP_DELAY.0 as i64);
    let pay = |index: usize| panel.pay_instruction(&jury.replica(&panel, index), index as u8);
    let settle = |index: usize| panel.settle_instruction(&jury.replica(&panel, index), index as u8);
    world.set_time(due);
    no(panel.tally_instruction());
    world.pass(1);
    no(pay(0));
    for party in [jury.client.pubkey(), jury.members[1].key.pubkey(), world.payer().pubkey()] {
        let own = [panel.tip_instruction(party), panel.tally_instruction()];
        refused(world, &own, &[], EscrowError::OwnTip);
    }
    refused(world, &[tip.clone(), tip.clone(), panel.tally_instruction()], &[], EscrowError::NoTipDue);
    refused(world, &[panel.tally_instruction(), tip.clone()], &[], EscrowError::NoTipDue);
    world.ok(&[tip.clone(), panel.tally_instruction()], &[]);
    assert_eq!(panel.state(world).state, panel_state::AGREED);
    no(panel.tally_instruction());

    for index in 0..2 {
        no(panel.pay_part_instruction(&jury.replica(&panel, index), index as u8, u64::MAX - 1));
        world.ok(&[tip.clone(), pay(index)], &[]);
        no(pay(index));
    }
    // Whoever did not reveal is owed nothing.
    no(pay(2));
    for index in 0..3 {
        world.ok(&[tip.clone(), settle(index)], &[]);
        no(settle(index));
    }
    world.set_time(Timestamp(last.0 + CLOSING_TIP_DELAY.0 as i64));
    no(panel.close_instruction(world));
    world.pass(1);
    assert_eq!(tips_of(&panel, world), 2);
    world.ok(&[tip.clone(), panel.close_instruction(world)], &[]);
    assert_eq!(world.lamports(keeper) - before, 7 * TIP as u64);
}

#[test]
fn a_panel_that_nobody_joins_or_that_falls_silent_is_ended_for_a_tip() {
    let jury = tipped();
    let world = &jury.world;
    let (keeper, anyone) = (jury.someone.pubkey(), [&jury.someone]);
    let panel = jury.posted(3);
    let tip = panel.tip_instruction(keeper);
    let last = panel.state(world).deadline_at;
    world.set_time(Timestamp(last.0 + TIP_DELAY.0 as i64));
    refused(world, &[tip.clone(), panel.cancel_instruction(keeper)], &anyone, EscrowError::NoTipDue);
    world.pass(1);
    let by_client = [tip.clone(), panel.cancel_instruction(jury.client.pubkey())];
    refused(world, &by_client, &[&jury.client], EscrowError::OwnTip);
    let other = jury.posted(3);
    refused(world, &[tip.clone(), other.cancel_instruction(keeper)], &anyone, EscrowError::NoTipDue);
    world.ok(&[tip.clone(), panel.cancel_instruction(keeper)], &anyone);
    assert_eq!((panel.state(world).state, tips_of(&panel, world)), (panel_state::CANCELLED, 7));

    // Nobody commits: the time to reveal follows by itself.
    let panel = jury.full(3);
    let tip = panel.tip_instruction(keeper);
    let state = panel.state(world);
    assert_eq!(state.state, panel_state::COMMITTING);
    let last = state.deadline_at.0 + state.reveal_window.0 as i64;
    world.set_time(Timestamp(last + TIP_DELAY.0 as i64));
    refused(world, &[tip.clone(), panel.tally_instruction()], &[], EscrowError::NoTipDue);
    world.pass(1);
    world.ok(&[tip, panel.tally_instruction()], &[]);
    assert_eq!(panel.state(world).state, panel_state::DIVIDED);
}

#[test]
fn a_replica_that_cannot_be_paid_earns_no_tip() {
    let mut jury = Jury::usual_of(TOKEN_2022_PROGRAM);
    jury.world.ok(&[jury.market.set_tip_instruction(&jury.network, TIP)], &[&jury.network.authority]);
    let panel = jury.decided(&[Act::Finds(5); 3]);
    let last = panel.state(&jury.world).deadline_at;
    jury.world.set_time(Timestamp(last.0 + TIP_DELAY.0 as i64 + 1));
    let replica = jury.replica(&panel, 0);
    let plain = jury.world.account(replica.payee).expect("it is there");
    jury.world.ask_for_memos(replica.payee);
    let tip = panel.tip_instruction(jury.someone.pubkey());
    let pay = panel.pay_instruction(&replica, 0);
    refused(&jury.world, &[tip.clone(), pay.clone()], &[], EscrowError::NothingPaid);
    jury.world.ok(&[panel.pay_part_instruction(&replica, 0, u64::MAX - 1)], &[]);
    assert_eq!(panel.state(&jury.world).tips_taken, 0);
    jury.world.set_account(replica.payee, plain);
    jury.world.ok(&[tip, pay], &[]);
}

#[test]
fn a_panel_of_a_market_without_tips_advances_none() {
    let jury = Jury::usual();
    let panel = jury.decided(&[Act::Finds(5); 3]);
    jury.world.pass(86_400);
    assert_eq!(tips_of(&panel, &jury.world), 0);
    let pay = panel.pay_instruction(&jury.replica(&panel, 0), 0);
    refused(&jury.world, &[panel.tip_instruction(jury.someone.pubkey()), pay], &[], EscrowError::NoTipDue);
}

/// A fee that was frozen when a replica was paid is paid later, for no second tip.
#[test]
fn the_fee_of_a_replica_that_waited_earns_no_second_tip() {
    let mut jury = tipped();
    let owner = jury.world.address();
    let treasury = jury.world.associated_account(jury.market.mint, owner);
    jury.market.terms = Terms { fee_share: Bps(1_000), fee_payee: treasury, ..jury.market.terms };
    let set = jury.market.set_instruction(&jury.network, jury.market.terms, 0);
    jury.world.ok(&[set], &[&jury.network.authority]);
    let panel = jury.decided(&[Act::Finds(5); 3]);
    let last = panel.state(&jury.world).deadline_at;
    jury.world.set_time(Timestamp(last.0 + TIP_DELAY.0 as i64 + 1));
    let thawed = jury.world.account(treasury).expect("it is there");
    let mut frozen = thawed.clone();
    frozen.data[108] = 2;
    let pay = [panel.tip_instruction(jury.someone.pubkey()), panel.pay_instruction(&jury.replica(&panel, 0), 0)];
    jury.world.set_account(treasury, frozen);
    jury.world.ok(&pay, &[]);
    jury.world.set_account(treasury, thawed);
    refused(&jury.world, &pay, &[], EscrowError::NoTipDue);
    jury.world.ok(&pay[1..], &[]);
}

/// The tip is refused, while the account is another program's, and while it is of a version that is not read.
#[track_caller]
fn pays_only_as_it_is(world: &mut World, address: Address, instructions: &[Instruction], signers: &[&Keypair]) {
    let account = world.account(address).expect("it is there");
    let foreign = solana_account::Account { owner: SYSTEM_PROGRAM, ..account.clone() };
    let mut of_version = account.clone();
    of_version.data[1] = u8::MAX;
    for (other, error) in [(foreign, EscrowError::WrongOwner), (of_version, EscrowError::WrongAccountType)] {
        world.set_account(address, other);
        let failure = world.send(instructions, signers).expect_err("it must fail");
        // By the tip's instruction, which comes after that of the budget, and not by what follows.
        let refused = InstructionError::Custom(error as u32);
        assert_eq!(failure.error, TransactionError::InstructionError(1, refused), "{}", failure.logs.join("\n"));
    }
    world.set_account(address, account);
    world.ok(instructions, signers);
}

#[test]
fn what_is_no_account_of_ours_pays_no_tip() {
    let mut story = Story::new();
    let keeper = story.keeper();
    let market = story.tipped(story.token_market(usual_terms()));
    let job = story.running(&market);
    story.world.run(HOUR as u64 + 61);
    let finish = market.finish_instruction(&job, story.someone.pubkey(), NO_RESULT);
    let finish = [market.tip_instruction(&job, keeper), finish];
    pays_only_as_it_is(&mut story.world, job.address, &finish, &[&story.someone]);

    let mut jury = tipped();
    let panel = jury.posted(3);
    let last = panel.state(&jury.world).deadline_at;
    jury.world.set_time(Timestamp(last.0 + TIP_DELAY.0 as i64 + 1));
    let keeper = jury.someone.pubkey();
    let cancel = [panel.tip_instruction(keeper), panel.cancel_instruction(keeper)];
    pays_only_as_it_is(&mut jury.world, panel.address, &cancel, &[&jury.someone]);

    let mut court = tipped_court();
    let keeper = court.story.someone.pubkey();
    let job = court.delivered(&court.truth);
    let trace = court.verified.trace(court.world(), &job);
    let (tip, close) =
        (court.verified.trace_tip_instruction(trace, keeper), court.verified.close_trace_instruction(trace, &job));
    let until = court.story.job(&job).deadline_at;
    court.world().set_time(Timestamp(until.0 + CLOSING_TIP_DELAY.0 as i64 + 1));
    let accept = court.market.accept_instruction(&job, keeper);
    court.world().ok(&[accept], &[&court.story.someone]);
    pays_only_as_it_is(&mut court.story.world, trace, &[tip, close], &[]);
}

/// A court whose games have tips.
fn tipped_court() -> Court {
    let court = Court::new();
    let set = court.market.set_tip_instruction(&court.story.network, TIP);
    court.world().ok(&[set], &[&court.story.network.authority]);
    court
}

/// Tips that are left in an account.
fn tips_in(world: &World, address: Address, size: usize) -> u64 {
    (world.lamports(address) - world.rent(size)) / TIP as u64
}

#[test]
fn a_game_is_ended_settled_paid_and_closed_for_a_tip_each() {
    let court = tipped_court();
    let (world, story) = (court.world(), &court.story);
    let cheat = court.truth.cheated(20);
    let (job, game) = court.played(&cheat, &story.client, 20);
    let challengers = world.lamports(game.challenger);
    court.provider_moves(&game, &cheat);
    let trace = court.verified.trace(world, &job);
    let left = || (tips_in(world, game.address, GameState::SIZE), tips_in(world, trace, Trace::SIZE));
    assert_eq!(left(), (TIPS_A_GAME as u64, 1));
    let keeper = story.someone.pubkey();
    let before = world.lamports(keeper);
    let tip = game.tip_instruction(keeper);
    let no = |instruction: Instruction| refused(world, &[tip.clone(), instruction], &[], EscrowError::NoTipDue);
    let at = |time: Timestamp, delays: u32| world.set_time(Timestamp(time.0 + delays as i64));

    at(game.state(world).deadline_at, TIP_DELAY.0);
    no(game.time_out_instruction());
    world.pass(1);
    for other in [game.settle_instruction(), game.pay_instruction(), game.close_instruction()] {
        no(other);
    }
    for party in [game.provider, game.challenger] {
        refused(world, &[game.tip_instruction(party), game.time_out_instruction()], &[], EscrowError::OwnTip);
    }
    refused(world, &[tip.clone(), tip.clone(), game.time_out_instruction()], &[], EscrowError::NoTipDue);
    refused(world, &[game.time_out_instruction(), tip.clone()], &[], EscrowError::NoTipDue);
    no(swap(game.time_out_instruction(), 0, trace));
    no(Instruction { program_id: SYSTEM_PROGRAM, ..game.time_out_instruction() });
    world.ok(&[tip.clone(), game.time_out_instruction()], &[]);
    assert_eq!((game.state(world).phase, game.state(world).tips_taken), (game_phase::CHALLENGER_WON, game_tip::END));
    no(game.time_out_instruction());
    world.ok(&[tip.clone(), game.settle_instruction()], &[]);
    no(game.settle_instruction());

    let settled_at = game.state(world).settled_at;
    at(settled_at, TIP_DELAY.0);
    no(game.pay_instruction());
    world.pass(1);
    no(game.close_instruction());
    world.ok(&[tip.clone(), game.pay_instruction()], &[]);
    no(game.pay_instruction());
    // It is evidence: free 30 days later, and for a day its payer comes first.
    at(settled_at, EVIDENCE.0 + CLOSING_TIP_DELAY.0);
    no(game.close_instruction());
    world.pass(1);
    assert_eq!(left(), (1, 1));
    world.ok(&[tip, game.close_instruction()], &[]);
    assert_eq!(world.account(game.address), None);
    assert_eq!(world.lamports(keeper) - before, 4 * TIP as u64);
    assert_eq!(world.lamports(game.challenger), challengers + world.rent(GameState::SIZE));

    // The trace.
    world.ok(&[court.market.resolve_instruction(&job, keeper, 0, 0)], &[&story.someone]);
    let close = court.verified.close_trace_instruction(trace, &job);
    let tip = |keeper| court.verified.trace_tip_instruction(trace, keeper);
    refused(world, &[tip(job.provider), close.clone()], &[], EscrowError::OwnTip);
    refused(world, &[tip(keeper), tip(keeper), close.clone()], &[], EscrowError::NoTipDue);
    refused(world, &[tip(keeper), court.market.settle_instruction(&job)], &[], EscrowError::NoTipDue);
    world.ok(&[tip(keeper), close], &[]);
    assert_eq!(world.lamports(keeper) - before, 5 * TIP as u64);
}

/// What nobody took goes back with the rent.
#[test]
fn a_trace_and_a_game_that_is_no_evidence_are_closed_for_a_tip_after_a_day() {
    let court = tipped_court();
    let (world, story) = (court.world(), &court.story);
    let keeper = story.someone.pubkey();
    let job = court.delivered(&court.truth);
    let providers = world.lamports(job.provider);
    let trace = court.verified.trace(world, &job);
    let tip = court.verified.trace_tip_instruction(trace, keeper);
    let close = court.verified.close_trace_instruction(trace, &job);
    let rejected_until = story.job(&job).deadline_at;
    assert_eq!(world.read::<Trace>(trace).left_at, rejected_until);
    let game = court.challenge(&job, &story.client, statement::STEP);
    court.provider_moves(&game, &court.truth);
    // The challenger does not move: the provider wins, and the game is no evidence.
    world.pass(3_601);
    let challengers = world.lamports(game.challenger);
    world.ok(&[game.time_out_instruction(), game.settle_instruction()], &[]);
    let settled_at = game.state(world).settled_at;
    assert_eq!(world.read::<Trace>(trace).left_at, settled_at);
    world.ok(&[court.market.accept_instruction(&job, keeper)], &[&story.someone]);
    let closes = [[tip, close], [game.tip_instruction(keeper), game.close_instruction()]];
    world.set_time(Timestamp(settled_at.0 + CLOSING_TIP_DELAY.0 as i64));
    for closing in &closes {
        refused(world, closing, &[], EscrowError::NoTipDue);
    }
    world.pass(1);
    for closing in &closes {
        world.ok(closing, &[]);
    }
    assert_eq!(world.lamports(job.provider), providers + world.rent(Trace::SIZE));
    let back = world.rent(GameState::SIZE) + 3 * TIP as u64;
    assert_eq!(world.lamports(game.challenger), challengers + back);
}

#[test]
fn a_game_over_a_job_without_a_tip_advances_none() {
    let court = Court::new();
    let (world, story) = (court.world(), &court.story);
    let (job, game) = court.played(&court.truth, &story.client, 11);
    let trace = court.verified.trace(world, &job);
    assert_eq!(world.lamports(game.address), world.rent(GameState::SIZE));
    assert_eq!(world.lamports(trace), world.rent(Trace::SIZE));
    world.pass(86_400);
    let tip = game.tip_instruction(story.someone.pubkey());
    refused(world, &[tip.clone(), game.time_out_instruction()], &[], EscrowError::NoTipDue);
    let other = swap(tip.clone(), 0, job.address);
    refused(world, &[other, game.time_out_instruction()], &[], EscrowError::from(Fault::WrongAccountType));
    let foreign = swap(tip, 0, story.client.pubkey());
    refused(world, &[foreign, game.time_out_instruction()], &[], EscrowError::from(Fault::WrongOwner));
}
