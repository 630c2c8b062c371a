//! Games over delivered results.

use {
    super::*,
    joule_escrow_interface::{
        instruction::CreateVerificationArgs,
        state::{EVIDENCE, MAX_GAMES_PER_SLASH, Market as MarketState, Trace, Verification, game_phase},
        trace::Hash,
        verifier::statement,
    },
    joule_interface::TOKEN_2022_PROGRAM,
    joule_math::Timestamp,
    joule_stake_interface::state::Slash,
    joule_tests::fixture::{Challenge, Identity, Run, Verified, defined, usual_verification},
    solana_account::Account,
    solana_program::instruction::{AccountMeta, InstructionError},
    solana_transaction_error::TransactionError,
    verifier::Machine,
};

pub(super) const DISPUTE_BOND: u64 = 10 * TOKEN;
/// What is burned of a dispute bond that is lost by play; the rest is for those who won by play.
const HALF: u64 = DISPUTE_BOND / 2;
pub(super) const HOARD: u64 = 100 * TOKEN;
const STEPS: u64 = 37;
/// What a job's provider has at stake besides its dispute bond.
const BOND: u64 = TOKEN;

/// A market whose results are verified, and everybody's dispute bonds. The client and `someone` may challenge; `payer` is the arbiter.
pub(super) struct Court {
    pub(super) story: Story,
    pub(super) market: Market,
    pub(super) verified: Verified,
    pub(super) dispute_bonds: NewMint,
    pub(super) truth: Run,
}

impl Court {
    pub(super) fn new() -> Self {
        Self::with(VERIFIER.1, TOKEN_PROGRAM)
    }

    pub(super) fn with(verifier: Address, token_program: Address) -> Self {
        Self::of(verifier, token_program, Story::token_market)
    }

    fn of(verifier: Address, token_program: Address, market: fn(&Story, Terms) -> Market) -> Self {
        let mut story = Story::new();
        let dispute_bonds = story.world.mint_of(token_program);
        let terms = accepted(story.payer.pubkey(), Terms { bond_amount: Tokens(BOND), reports: 1, ..usual_terms() });
        let market = market(&story, terms);
        let mint = (dispute_bonds.address, token_program);
        let args = CreateVerificationArgs { id: 1, ..usual_verification() };
        let verified = Verified::create(&story.world, &story.network, verifier, mint, args);
        story.world.ok(&[verified.set_instruction(&story.network, &market)], &[&story.network.authority]);
        let court = Self { story, market, verified, dispute_bonds, truth: Run::of(Machine::new(5, STEPS)) };
        for owner in [
            court.story.client.pubkey(),
            court.story.someone.pubkey(),
            court.story.workers[0].key.pubkey(),
            court.story.workers[1].key.pubkey(),
        ] {
            court.endow(owner);
        }
        court
    }

    /// Opens a deposit with a hundred tokens.
    fn endow(&self, owner: Address) {
        let deposit = self.verified.deposit(owner);
        self.story.world.ok(&[deposit.open_instruction(&self.story.world)], &[]);
        self.top_up(owner);
    }

    /// A hundred tokens more.
    pub(super) fn top_up(&self, owner: Address) {
        let deposit = self.verified.deposit(owner);
        let authority = &self.dispute_bonds.authority;
        let mut mint_to = spl_token_interface::instruction::mint_to(
            &TOKEN_PROGRAM,
            &self.dispute_bonds.address,
            &deposit.vault,
            &authority.pubkey(),
            &[],
            HOARD,
        )
        .unwrap();
        mint_to.program_id = self.dispute_bonds.token_program;
        let count = deposit.deposit_instruction(self.story.payer.pubkey(), deposit.vault, 0);
        self.story.world.ok(&[mint_to, count], &[authority, &self.story.payer]);
    }

    pub(super) fn world(&self) -> &World {
        &self.story.world
    }

    /// A job for the first worker, to do what `definition` says. Its shortest time has passed.
    pub(super) fn running(&self, definition: Hash) -> Job {
        let job = self.started(definition);
        self.world().pass(10);
        job
    }

    /// The same at its start.
    pub(super) fn started(&self, definition: Hash) -> Job {
        let job = self.story.unposted(&self.market);
        let post = self.story.post(&self.market, &job, HOUR);
        self.world().ok(&[defined(post, definition)], &self.story.posting());
        self.story.start(&self.market, &job);
        job
    }

    pub(super) fn deliver(&self, job: &Job, run: &Run, result: Hash) -> Receipt {
        let deliver = self.verified.deliver_instruction(self.world(), job, run, result);
        self.world().ok(&[deliver], &[self.story.key(job)])
    }

    /// A job that was delivered with this run.
    pub(super) fn delivered(&self, run: &Run) -> Job {
        let job = self.running(self.truth.states[0]);
        self.deliver(&job, run, run.result());
        job
    }

    pub(super) fn challenge(&self, job: &Job, challenger: &Keypair, claim: u8) -> Challenge {
        let trace: Trace = self.world().read(self.verified.trace(self.world(), job));
        let game = self.verified.challenge(self.world(), job, challenger.pubkey(), trace.games_opened);
        self.world().ok(&[game.open_instruction(claim)], &[challenger]);
        game
    }

    /// A game in which the challenger has gone to state `wrong`, as far as it can.
    pub(super) fn played(&self, run: &Run, challenger: &Keypair, wrong: u32) -> (Job, Challenge) {
        let job = self.delivered(run);
        let game = self.challenge(&job, challenger, statement::STEP);
        self.play(&game, run, challenger, wrong);
        (job, game)
    }

    pub(super) fn play(&self, game: &Challenge, run: &Run, challenger: &Keypair, wrong: u32) {
        while game.state(self.world()).phase == game_phase::OPEN {
            self.provider_moves(game, run);
            let state = game.state(self.world());
            let level = state.subtree_level - state.levels();
            let choice = (wrong >> level) - (state.subtree_index << state.levels());
            self.world().ok(&[game.choose_instruction(choice as u8)], &[challenger]);
        }
    }

    pub(super) fn provider_moves(&self, game: &Challenge, run: &Run) -> Receipt {
        let instruction = game.provider_moves(&game.state(self.world()), run).expect("its move");
        self.world().ok(&[instruction], &self.signers(game.provider, game.phase(self.world())))
    }

    fn signers(&self, provider: Address, phase: u8) -> Vec<&Keypair> {
        if phase == game_phase::PROVE { vec![] } else { vec![self.worker(provider)] }
    }

    pub(super) fn worker(&self, provider: Address) -> &Keypair {
        let worker = self.story.workers.iter().find(|worker| worker.key.pubkey() == provider);
        &worker.expect("one of the workers").key
    }

    pub(super) fn settle(&self, game: &Challenge) -> Receipt {
        self.world().ok(&[game.settle_instruction()], &[])
    }

    /// Free and held of somebody's deposit for dispute bonds, which lies in its vault.
    pub(super) fn dispute_bonds(&self, owner: Address) -> (u64, u64) {
        let deposit = self.verified.deposit(owner);
        let state: DepositState = self.world().read(deposit.address);
        assert_eq!(self.world().tokens(deposit.vault), state.free.0 + state.held.0);
        (state.free.0, state.held.0)
    }

    fn worker_wagers(&self) -> (u64, u64) {
        self.dispute_bonds(self.story.workers[0].key.pubkey())
    }

    /// Ends everything by cranks alone, and checks that nothing is left.
    pub(super) fn clear(&self, job: &Job, games: &[Challenge]) {
        let (world, story) = (self.world(), &self.story);
        let someone = story.someone.pubkey();
        world.pass(40 * 86_400);
        if story.job(job).state == job_state::REJECTED {
            world.ok(&[self.market.resolve_instruction(job, someone, 0, 0)], &[&story.someone]);
        } else {
            world.ok(&[self.market.accept_instruction(job, someone)], &[&story.someone]);
        }
        let trace = self.verified.trace(world, job);
        for game in games.iter().filter(|game| game.state(world).unpaid == 1) {
            world.fails(self.verified.close_trace_instruction(trace, job), &[], EscrowError::ChallengerUnpaid);
            world.fails(game.close_instruction(), &[], EscrowError::ChallengerUnpaid);
            world.ok(&[game.pay_instruction()], &[]);
            world.fails(game.pay_instruction(), &[], EscrowError::WrongPhase);
        }
        world.ok(&[self.verified.close_trace_instruction(trace, job)], &[]);
        assert!(world.account(trace).is_none());
        for game in games {
            world.ok(&[game.close_instruction()], &[]);
            assert!(world.account(game.address).is_none());
        }
        story.settle_bond(&self.market, job);
        let state = story.job(job);
        let out = state.paid.0 + state.fee_paid.0 + state.penalty.0 + state.refunded.0;
        assert_eq!((state.deposited.0, state.held.0), (out, 0));
    }
}

trait Phase {
    fn phase(&self, world: &World) -> u8;
}

impl Phase for Challenge {
    fn phase(&self, world: &World) -> u8 {
        self.state(world).phase
    }
}

/// Two games that providers lost who were silent.
fn two_lost(court: &Court) -> [Address; 2] {
    [(); 2].map(|()| {
        let job = court.delivered(&court.truth.cheated(4));
        let game = court.challenge(&job, &court.story.client, statement::STEP);
        court.world().pass(3_601);
        court.world().ok(&[game.time_out_instruction()], &[]);
        court.settle(&game);
        game.address
    })
}

#[test]
fn the_hot_key_of_an_identity_holds_dispute_bonds_up_to_its_limit() {
    let mut court = Court::new();
    let identity = Identity::new(&mut court.story.world);
    court.endow(identity.address);
    let jobs = [(); 2].map(|()| court.delivered(&court.truth.cheated(20)));
    let (world, hot) = (court.world(), &[&identity.hot][..]);
    let challenge = |job: &Job| {
        let game = court.verified.challenge(world, job, identity.address, 0);
        identity.by(&identity.hot, game.open_instruction(statement::STEP))
    };
    world.fails(challenge(&jobs[0]), hot, EscrowError::BondLimitReached);
    let limit = identity.limit_instruction(court.verified.deposit(identity.address).address, DISPUTE_BOND);
    world.ok(&[limit], &[&identity.manager]);
    world.ok(&[challenge(&jobs[0])], hot);
    assert_eq!(court.dispute_bonds(identity.address), (HOARD - DISPUTE_BOND, DISPUTE_BOND));
    world.fails(challenge(&jobs[1]), hot, EscrowError::BondLimitReached);
    // It moves no money itself.
    let take = court.verified.deposit(identity.address).withdraw_instruction(court.story.wallet, 1);
    world.fails(identity.by(&identity.hot, take), hot, EscrowError::NotPermitted);
}

#[test]
fn a_wrong_step_is_found_and_its_provider_loses() {
    for token_program in [TOKEN_PROGRAM, TOKEN_2022_PROGRAM] {
        let court = Court::with(VERIFIER.1, token_program);
        let (world, story) = (court.world(), &court.story);
        let client = &story.client;
        let job = court.running(court.truth.states[0]);
        let run = court.truth.cheated(20);
        let receipt = court.deliver(&job, &run, run.result());
        let delivered: event::TraceDelivered = receipt.event(ID);
        assert_eq!((delivered.steps, delivered.root, delivered.job), (STEPS, run.root(), job.address));
        assert_eq!(delivered.deadline_at, Timestamp(world.now().0 + 3_600));
        assert_eq!(court.worker_wagers(), (HOARD - DISPUTE_BOND, DISPUTE_BOND));

        let game = court.verified.challenge(world, &job, client.pubkey(), 0);
        let receipt = world.ok(&[game.open_instruction(statement::STEP)], &[client]);
        assert_eq!(receipt.event::<event::ResultChallenged>(ID).game, game.address);
        let moved: event::GameMoved = receipt.event(ID);
        assert_eq!((moved.phase, moved.subtree_level), (game_phase::OPEN as u64, 6));
        assert_eq!(story.job(&job).state, job_state::CHALLENGED);
        assert_eq!(court.dispute_bonds(client.pubkey()), (HOARD - DISPUTE_BOND, DISPUTE_BOND));
        // The client cannot accept, nor reject, nor anybody after the time.
        world.fails(court.market.accept_instruction(&job, client.pubkey()), &[client], EscrowError::WrongJobState);
        world.fails(court.market.close_job_instruction(world, &job), &[], EscrowError::WrongJobState);

        court.play(&game, &run, client, 20);
        court.provider_moves(&game, &run);
        let state = game.state(world);
        assert_eq!((state.phase, state.subtree_index, state.move_count), (game_phase::PROVE, 20, 6));
        assert_eq!((state.before, state.after), (run.states[19], run.states[20]));
        // It cannot prove what is not so.
        let prove = game.prove_instruction(&court.truth.machines[19].bytes(), &[]);
        world.fails(prove, &[], EscrowError::NotProven);
        world.fails(game.settle_instruction(), &[], EscrowError::GameNotOver);
        world.pass(3_601);
        world.ok(&[game.time_out_instruction()], &[]);
        let settled: event::GameSettled = court.settle(&game).event(ID);
        assert_eq!((settled.shared.0, settled.burned.0), (HALF, HALF));
        assert_eq!(court.worker_wagers(), (HOARD - DISPUTE_BOND, HALF));
        assert_eq!(court.dispute_bonds(client.pubkey()), (HOARD - DISPUTE_BOND, DISPUTE_BOND));
        let paid: event::ChallengerPaid = world.ok(&[game.pay_instruction()], &[]).event(ID);
        assert_eq!(paid.share.0, HALF);
        assert_eq!(court.worker_wagers(), (HOARD - DISPUTE_BOND, 0));
        assert_eq!(court.dispute_bonds(client.pubkey()), (HOARD + HALF, 0));
        assert_eq!(world.supply(court.dispute_bonds.address), 4 * HOARD - HALF);
        world.fails(game.settle_instruction(), &[], EscrowError::WrongPhase);
        // The arbiter has no say any more.
        let resolve = court.market.resolve_instruction(&job, story.payer.pubkey(), 10_000, 0);
        world.ok(&[resolve], &[&story.payer]);
        let state = story.job(&job);
        assert_eq!((state.paid, state.outcome, state.bond_to_seize), (Amount(0), outcome::DISPUTED, Tokens(BOND / 2)));
        let before = story.staked(0).unbonding.tokens;
        story.settle_bond(&court.market, &job);
        // It is the client's ticket.
        assert_eq!(story.staked(0).unbonding.tokens, Tokens(before.0 + BOND / 2));
        assert_eq!(story.staked(0).reputation.disputed, 1);
    }
}

#[test]
fn a_right_result_is_proved_and_its_challenger_loses() {
    let court = Court::new();
    let (world, story) = (court.world(), &court.story);
    let someone = &story.someone;
    let (job, game) = court.played(&court.truth, someone, 11);
    court.provider_moves(&game, &court.truth);
    court.provider_moves(&game, &court.truth);
    assert_eq!(game.phase(world), game_phase::PROVIDER_WON);
    court.settle(&game);
    assert_eq!(court.dispute_bonds(someone.pubkey()), (HOARD - DISPUTE_BOND, 0));
    assert_eq!(court.worker_wagers(), (HOARD - DISPUTE_BOND, DISPUTE_BOND + HALF));
    assert_eq!(story.job(&job).state, job_state::DELIVERED);
    // Its time goes on: others may still challenge it, and later anybody has it paid.
    let more = court.challenge(&job, &story.client, statement::END);
    court.provider_moves(&more, &court.truth);
    court.settle(&more);
    court.clear(&job, &[game, more]);
    assert_eq!(court.worker_wagers(), (HOARD + 2 * HALF, 0));
    assert_eq!(story.job(&job).paid, Amount(TOKEN));
}

#[test]
fn dispute_bonds_are_independent_of_the_payment_mint() {
    let in_credits = |story: &Story, terms: Terms| story.credit_market(Terms { price: Amount(5_000_000), ..terms });
    let court = Court::of(VERIFIER.1, TOKEN_PROGRAM, in_credits);
    let (world, story) = (court.world(), &court.story);
    let someone = &story.someone;
    let cheat = court.truth.cheated(5);
    let (job, game) = court.played(&cheat, someone, 5);
    court.provider_moves(&game, &cheat);
    assert_eq!(story.credit_account().locked[0], Credits(5_000_000));
    world.pass(3_601);
    world.ok(&[game.time_out_instruction()], &[]);
    court.settle(&game);
    court.clear(&job, &[game]);
    let account = story.credit_account();
    assert_eq!((account.locked[0], account.consumed, account.balance), (Credits(0), Credits(0), Credits(CREDITS)));
    assert_eq!(court.dispute_bonds(someone.pubkey()), (HOARD + HALF, 0));

    let (job, game) = court.played(&court.truth, someone, 5);
    court.provider_moves(&game, &court.truth);
    court.provider_moves(&game, &court.truth);
    court.settle(&game);
    court.clear(&job, &[game]);
    let account = story.credit_account();
    assert_eq!((account.locked[0], account.consumed), (Credits(0), Credits(5_000_000)));
    assert_eq!(court.worker_wagers(), (HOARD - DISPUTE_BOND + HALF, 0));
}

#[test]
fn the_side_that_misses_its_move_loses() {
    let court = Court::new();
    let (world, story) = (court.world(), &court.story);
    let someone = &story.someone;
    let run = &court.truth;
    // How far it goes before somebody falls silent, and who wins.
    let lost = game_phase::CHALLENGER_WON;
    for (moves, winner) in [(0, lost), (1, game_phase::PROVIDER_WON), (2, lost), (4, lost), (5, lost)] {
        let job = court.delivered(run);
        let game = court.challenge(&job, someone, statement::STEP);
        for _ in 0..moves {
            let state = game.state(world);
            if state.phase == game_phase::CHOOSE {
                let level = state.subtree_level - state.levels();
                let choice = (15 >> level) - (state.subtree_index << state.levels());
                world.ok(&[game.choose_instruction(choice as u8)], &[someone]);
            } else {
                court.provider_moves(&game, run);
            }
        }
        world.fails(game.time_out_instruction(), &[], EscrowError::TooEarly);
        world.pass(3_600);
        world.fails(game.time_out_instruction(), &[], EscrowError::TooEarly);
        world.pass(1);
        // Too late for the move.
        let state = game.state(world);
        let (instruction, signer) = match game.provider_moves(&state, run) {
            Some(instruction) => (instruction, court.signers(game.provider, state.phase)),
            None => (game.choose_instruction(0), vec![someone]),
        };
        world.fails(instruction, &signer, EscrowError::TooLate);
        world.ok(&[game.time_out_instruction()], &[]);
        assert_eq!(game.phase(world), winner, "{moves}");
        world.fails(game.time_out_instruction(), &[], EscrowError::WrongPhase);
        court.settle(&game);
        court.clear(&job, &[game]);
    }
}

#[test]
fn the_job_says_what_the_first_and_the_last_state_are() {
    let court = Court::new();
    let (world, story) = (court.world(), &court.story);
    let client = &story.client;
    // Another input.
    let other = Run::of(Machine::new(6, STEPS));
    let (_, game) = court.played(&other, client, 0);
    assert_eq!(game.phase(world), game_phase::CHALLENGER_WON);
    court.settle(&game);
    // The right input, challenged.
    let (job, game) = court.played(&court.truth, client, 0);
    assert_eq!(game.phase(world), game_phase::PROVIDER_WON);
    court.settle(&game);
    court.clear(&job, &[game]);
    // The right trace, and another result.
    let job = court.running(court.truth.states[0]);
    court.deliver(&job, &court.truth, [9; 32]);
    let game = court.challenge(&job, client, statement::STEP);
    court.play(&game, &court.truth, client, STEPS as u32);
    assert_eq!(game.phase(world), game_phase::CHALLENGER_WON);
    court.settle(&game);
    court.clear(&job, &[game]);
    // A run that stops before its end.
    let short = court.truth.cut(29);
    let job = court.delivered(&short);
    let game = court.challenge(&job, client, statement::END);
    world.fails(game.provider_moves(&game.state(world), &short).unwrap(), &[], EscrowError::NotProven);
    world.pass(3_601);
    world.ok(&[game.time_out_instruction()], &[]);
    court.settle(&game);
    court.clear(&job, &[game]);
}

#[test]
fn the_arbiter_decides_where_there_is_no_verifier() {
    let court = Court::with(ID, TOKEN_PROGRAM);
    let (world, story) = (court.world(), &court.story);
    let (client, arbiter) = (&story.client, &story.payer);
    let free = || court.dispute_bonds(client.pubkey()).0;
    for (valid, change) in [(1, -(DISPUTE_BOND as i64)), (0, HALF as i64)] {
        let before = free() as i64;
        let (job, game) = court.played(&court.truth, client, 11);
        world.fails(game.decide_instruction(arbiter.pubkey(), valid), &[arbiter], EscrowError::WrongPhase);
        court.provider_moves(&game, &court.truth);
        world.fails(game.decide_instruction(client.pubkey(), valid), &[client], EscrowError::Unauthorized);
        let unsigned = unsigned(game.decide_instruction(arbiter.pubkey(), valid), 0);
        world.fails(unsigned, &[], EscrowError::MissingSigner);
        world.fails(game.decide_instruction(arbiter.pubkey(), 2), &[arbiter], EscrowError::InvalidParameter);
        world.fails(game.prove_instruction(&[], &[]), &[], EscrowError::WrongVerifier);
        world.ok(&[game.decide_instruction(arbiter.pubkey(), valid)], &[arbiter]);
        court.settle(&game);
        court.clear(&job, &[game]);
        assert_eq!(free() as i64 - before, change);
    }
    // It does not: nobody loses a dispute bond, and the terms' default verdict counts.
    let before = (free(), court.worker_wagers());
    let (job, game) = court.played(&court.truth, client, 11);
    court.provider_moves(&game, &court.truth);
    let second = court.challenge(&job, &story.someone, statement::END);
    world.pass(86_401);
    world.fails(game.decide_instruction(arbiter.pubkey(), 1), &[arbiter], EscrowError::TooLate);
    world.ok(&[game.time_out_instruction()], &[]);
    assert_eq!(game.phase(world), game_phase::UNDECIDED);
    // The other game's arbiter is silent as well.
    court.settle(&game);
    assert_eq!(story.job(&job).state, job_state::CHALLENGED);
    world.ok(&[second.time_out_instruction()], &[]);
    court.settle(&second);
    assert_eq!(second.phase(world), game_phase::UNDECIDED);
    court.clear(&job, &[game, second]);
    assert_eq!((free(), court.worker_wagers()), before);
    assert_eq!(story.job(&job).paid, Amount(TOKEN / 2));
}

/// Issue: a friend opened game 0 against his own false result, lost by silence and closed it in the same transaction: the honest
/// challenge was moot, the evidence gone, and two convictions cost 2 tokens.
#[test]
fn a_friend_that_plays_first_hides_nothing() {
    let court = Court::new();
    let (world, story) = (court.world(), &court.story);
    let (client, friend) = (&story.client, &story.someone);
    let run = court.truth.cheated(30);
    let job = court.delivered(&run);
    let staged = court.challenge(&job, friend, statement::STEP);
    let honest = court.challenge(&job, client, statement::STEP);
    assert_eq!(honest.phase(world), game_phase::OPEN);
    court.play(&honest, &run, client, 30);
    court.provider_moves(&honest, &run);
    world.pass(3_601);
    // The friend's game is evidence: it stays, whoever asks.
    let end = [staged.time_out_instruction(), staged.settle_instruction(), staged.close_instruction()];
    let failure = world.send(&end, &[]).unwrap_err();
    assert_eq!(failure.code(), Some(EscrowError::TooEarly as u32));
    world.ok(&end[..2], &[]);
    assert_eq!((staged.state(world).is_evidence, staged.state(world).ended_by_silence), (1, 1));
    // The job's verdict is there, and nobody challenges any more; the other game goes on.
    assert_eq!(story.job(&job).state, job_state::REJECTED);
    let late = court.verified.challenge(world, &job, friend.pubkey(), 2);
    world.fails(late.open_instruction(0), &[friend], EscrowError::WrongJobState);
    assert_eq!(honest.phase(world), game_phase::PROVE);
    assert_eq!(court.worker_wagers(), (HOARD - DISPUTE_BOND, DISPUTE_BOND));
    let trace = court.verified.trace(world, &job);
    world.ok(&[court.market.resolve_instruction(&job, friend.pubkey(), 0, 0)], &[friend]);
    world.fails(court.verified.close_trace_instruction(trace, &job), &[], EscrowError::GameNotOver);
    world.ok(&[honest.time_out_instruction()], &[]);
    court.settle(&honest);
    // One false result is one conviction. As a game was lost by silence, all of the dispute bond burned.
    assert_eq!(honest.state(world).is_evidence, 0);
    assert_eq!(court.worker_wagers(), (HOARD - DISPUTE_BOND, 0));
    world.ok(&[honest.pay_instruction()], &[]);
    assert_eq!(court.dispute_bonds(client.pubkey()), (HOARD, 0));
    assert_eq!(court.dispute_bonds(friend.pubkey()), (HOARD, 0));
    assert_eq!(world.supply(court.dispute_bonds.address), 4 * HOARD - DISPUTE_BOND);
    world.ok(&[court.verified.close_trace_instruction(trace, &job), honest.close_instruction()], &[]);
}

#[test]
fn what_is_lost_by_play_is_divided_among_all_who_win_by_play() {
    let court = Court::new();
    let (world, story) = (court.world(), &court.story);
    let (client, someone, other) = (&story.client, &story.someone, &story.workers[1].key);
    let run = court.truth.cheated(30);
    let job = court.delivered(&run);
    let games = [client, someone, other, someone].map(|challenger| court.challenge(&job, challenger, statement::STEP));
    // One challenges the wrong step and loses by play, one is silent, two win.
    for (game, challenger, wrong) in [(0, client, 30), (1, someone, 30), (2, other, 7)] {
        court.play(&games[game], &run, challenger, wrong);
        court.provider_moves(&games[game], &run);
    }
    court.provider_moves(&games[2], &run);
    court.provider_moves(&games[3], &run);
    let settled: event::GameSettled = court.settle(&games[2]).event(ID);
    assert_eq!((settled.shared.0, settled.burned.0), (HALF, HALF));
    assert_eq!(court.dispute_bonds(other.pubkey()), (HOARD - DISPUTE_BOND, 0));
    assert_eq!(court.worker_wagers(), (HOARD - DISPUTE_BOND, DISPUTE_BOND + HALF));
    world.pass(3_601);
    for game in [0, 1, 3] {
        world.ok(&[games[game].time_out_instruction()], &[]);
    }
    let settled: event::GameSettled = court.settle(&games[3]).event(ID);
    assert_eq!((settled.shared.0, settled.burned.0), (0, DISPUTE_BOND));
    assert_eq!(story.job(&job).state, job_state::CHALLENGED);
    court.settle(&games[0]);
    assert_eq!(story.job(&job).state, job_state::REJECTED);
    world.fails(games[0].pay_instruction(), &[], EscrowError::GameNotOver);
    // The two share the halves of the provider and of the one that lost by play.
    let settled: event::GameSettled = court.settle(&games[1]).event(ID);
    assert_eq!((settled.shared.0, settled.burned.0), (HALF, HALF));
    let evidence = games.map(|game| game.state(world).is_evidence);
    assert_eq!(evidence, [1, 0, 0, 0]);
    court.clear(&job, &games);
    assert_eq!(court.dispute_bonds(client.pubkey()), (HOARD + HALF, 0));
    assert_eq!(court.dispute_bonds(someone.pubkey()), (HOARD + HALF - DISPUTE_BOND, 0));
    assert_eq!(court.worker_wagers(), (HOARD - DISPUTE_BOND, 0));
}

/// Issue: a hundred staged games held the honest one off for 75 days.
#[test]
fn a_hundred_challengers_hold_nobody_off() {
    let court = Court::new();
    let (world, story) = (court.world(), &court.story);
    let (client, friend) = (&story.client, &story.someone);
    (0..10).for_each(|_| court.top_up(friend.pubkey()));
    let terms: Verification = world.read(court.verified.address);
    let run = court.truth.cheated(30);
    let job = court.delivered(&run);
    let first_at = world.now();
    let staged: Vec<Challenge> = (0..99).map(|_| court.challenge(&job, friend, statement::STEP)).collect();
    // The honest one comes at the very end of the time to challenge; the staged games are as slow as they can be.
    world.pass(3_600);
    staged.iter().for_each(|game| drop(court.provider_moves(game, &run)));
    let honest = court.challenge(&job, client, statement::STEP);
    // Every move at its last second.
    while !honest.state(world).is_decided() {
        world.pass(3_600);
        let state = honest.state(world);
        match honest.provider_moves(&state, &run) {
            Some(_) if state.phase == game_phase::PROVE => {
                world.pass(1);
                world.ok(&[honest.time_out_instruction()], &[]);
            }
            Some(_) => drop(court.provider_moves(&honest, &run)),
            None => {
                let level = state.subtree_level - state.levels();
                let choice = (30 >> level) - (state.subtree_index << state.levels());
                world.ok(&[honest.choose_instruction(choice as u8)], &[client]);
            }
        }
    }
    court.settle(&honest);
    assert_eq!(story.job(&job).state, job_state::REJECTED);
    // All that a window allows, and one second after it.
    let longest = terms.longest_dispute(Seconds(3_600), STEPS as u32);
    assert_eq!(longest, 3_600 + 6 * 3_600);
    assert_eq!(world.now().since(first_at), longest + 1);
    // The staged ones were over long before.
    for game in &staged {
        world.ok(&[game.time_out_instruction()], &[]);
        court.settle(game);
    }
    assert!(court.verified.trace(world, &job) == honest.trace);
    court.clear(&job, std::slice::from_ref(&honest));
    // Who staged them paid for each; nothing of it is the provider's.
    assert_eq!(court.dispute_bonds(friend.pubkey()), (11 * HOARD - 99 * DISPUTE_BOND, 0));
    assert_eq!(court.worker_wagers(), (HOARD - DISPUTE_BOND, 0));
    assert_eq!(court.dispute_bonds(client.pubkey()), (HOARD + HALF, 0));
}

/// Issue: a slash for up to 255 games was accepted, and no transaction holds so many.
#[test]
fn as_many_games_as_a_slash_may_ask_for_fit_a_transaction() {
    let court = Court::new();
    let (world, story) = (court.world(), &court.story);
    let (network, authority) = (&story.network, &story.network.authority);
    let args = CreateVerificationArgs { id: 8, games_per_slash: MAX_GAMES_PER_SLASH, ..usual_verification() };
    let mint = (court.dispute_bonds.address, TOKEN_PROGRAM);
    let too_many = CreateVerificationArgs { games_per_slash: MAX_GAMES_PER_SLASH + 1, ..args };
    let create = Verified::unborn(network, VERIFIER.1, mint, too_many).create_instruction(world, network);
    world.fails(create, &[authority], EscrowError::InvalidParameter);
    let verified = Verified::create(world, network, VERIFIER.1, mint, args);
    world.ok(&[verified.set_instruction(network, &court.market)], &[authority]);
    let court = Court { verified, ..court };
    let (world, story) = (court.world(), &court.story);
    let worker = story.workers[0].key.pubkey();
    (0..2).for_each(|_| court.top_up(worker));
    let games: Vec<Address> = (0..MAX_GAMES_PER_SLASH)
        .map(|_| {
            let job = court.delivered(&court.truth.cheated(4));
            let game = court.challenge(&job, &story.client, statement::STEP);
            world.pass(3_601);
            world.ok(&[game.time_out_instruction(), game.settle_instruction()], &[]);
            game.address
        })
        .collect();
    let provider = story.workers[0].own.provider;
    let slash = joule_stake_interface::pda::slash::find(&provider, &0u64.to_le_bytes()).0;
    let propose = verified.propose_game_slash_instruction(world, &court.market, provider, slash, &games);
    // With the limit of compute units, and a payer of the fee besides the proposal's.
    let bytes = super::game_costs::bytes(&propose) + 64 + 32 + 32 + 8;
    assert!(bytes <= 1_232, "{bytes}");
    world.ok(&[propose], &[]);
    assert_eq!(world.read::<Slash>(slash).amount, Tokens(7 * TOKEN));
}

#[test]
fn a_verifier_is_believed_about_this_claim_in_this_call_alone() {
    let court = Court::with(LIAR.1, TOKEN_PROGRAM);
    let (world, story) = (court.world(), &court.story);
    let client = &story.client;
    let program = |address| AccountMeta::new_readonly(address, false);
    let honest = program(VERIFIER.1);
    let job = court.delivered(&court.truth);
    let game = court.challenge(&job, client, statement::END);
    let last = court.truth.machines[STEPS as usize].bytes();
    let refused = |witness: &[u8], accounts: &[AccountMeta]| {
        let mut prove = game.prove_instruction(witness, accounts);
        world.fails(prove.clone(), &[], EscrowError::NotProven);
        // Nor what was returned before, in the same transaction, by the right program.
        let mut claim = joule_escrow_interface::verifier::Statement {
            kind: statement::END,
            definition: court.truth.states[0],
            index: STEPS as u32,
            before: court.truth.result(),
            after: [0; 32],
        };
        claim.index = STEPS as u32;
        let question = [&[0], bytemuck::bytes_of(&claim), &[liar::AGREE][..]].concat();
        let before = Instruction { program_id: LIAR.1, accounts: vec![], data: question };
        prove.accounts.iter_mut().for_each(|meta| meta.is_signer = false);
        let failure = world.send(&[before, prove], &[]).unwrap_err();
        assert_eq!(failure.code(), Some(EscrowError::NotProven as u32), "{failure:?}");
    };
    refused(&[liar::SILENT], &[]);
    refused(&[liar::ANOTHER], &[]);
    refused(&[liar::LONG], &[]);
    refused(&[liar::SHORT], &[]);
    // The right answer to the right question, by another program.
    refused(&[&[liar::ASK], &last[..]].concat(), std::slice::from_ref(&honest));
    assert!(world.send(&[game.prove_instruction(&[liar::FAIL], &[])], &[]).is_err());
    // It calls others, but not who called it.
    let back = world.send(&[game.prove_instruction(&[liar::ASK], &[program(ID)])], &[]).unwrap_err();
    let reenters = TransactionError::InstructionError(1, InstructionError::ReentrancyNotAllowed);
    assert_eq!(back.error, reenters);
    // Another program in its place.
    let other = swap(game.prove_instruction(&last, &[]), 1, VERIFIER.1);
    world.fails(other, &[], EscrowError::WrongVerifier);
    // Whatever its caller may do, it may not.
    let powers =
        [AccountMeta::new(client.pubkey(), true), AccountMeta::new(game.deposits[1].vault, false), honest.clone()];
    assert_eq!(game.phase(world), game_phase::PROVE);
    let too_many: Vec<AccountMeta> = (0..33).map(|_| honest.clone()).collect();
    world.fails(game.prove_instruction(&[liar::AGREE], &too_many), &[], EscrowError::InvalidArguments);
    world.ok(&[game.prove_instruction(&[liar::LOOK], &powers)], &[client]);
    assert_eq!(game.phase(world), game_phase::PROVIDER_WON);
    court.settle(&game);
    court.clear(&job, &[game]);
}

#[test]
fn moves_are_checked() {
    let court = Court::new();
    let (world, story) = (court.world(), &court.story);
    let (client, someone) = (&story.client, &story.someone);
    let provider = &story.workers[0].key;
    let run = &court.truth;
    let job = court.delivered(run);
    let game = court.challenge(&job, client, statement::STEP);
    let nodes = run.below(&game.state(world));
    let show = game.nodes_instruction(&nodes);
    world.fails(swap(show.clone(), 0, someone.pubkey()), &[someone], EscrowError::Unauthorized);
    world.fails(unsigned(show.clone(), 0), &[], EscrowError::MissingSigner);
    world.fails(read_only(show.clone(), 1), &[provider], EscrowError::NotWritable);
    world.fails(swap(show.clone(), 1, game.trace), &[provider], EscrowError::WrongAccountType);
    world.fails(game.nodes_instruction(&nodes[1..]), &[provider], EscrowError::InvalidArguments);
    let mut odd = show.clone();
    odd.data.pop();
    world.fails(odd, &[provider], EscrowError::InvalidArguments);
    let mut others = nodes.clone();
    others.swap(3, 4);
    world.fails(game.nodes_instruction(&others), &[provider], EscrowError::WrongSubtrees);
    world.fails(game.choose_instruction(0), &[client], EscrowError::WrongPhase);
    world.fails(game.show_instruction([0; 32], [0; 32], &[]), &[provider], EscrowError::WrongPhase);
    world.fails(game.prove_instruction(&[], &[]), &[], EscrowError::WrongPhase);
    world.ok(&[show], &[provider]);
    world.fails(game.nodes_instruction(&nodes), &[provider], EscrowError::WrongPhase);
    let choose = game.choose_instruction(9);
    world.fails(swap(choose.clone(), 0, someone.pubkey()), &[someone], EscrowError::Unauthorized);
    world.fails(unsigned(choose.clone(), 0), &[], EscrowError::MissingSigner);
    world.fails(read_only(choose.clone(), 1), &[client], EscrowError::NotWritable);
    // 37 is the last state: the tenth of sixteen nodes four above them.
    world.fails(game.choose_instruction(10), &[client], EscrowError::InvalidParameter);
    world.fails(game.choose_instruction(16), &[client], EscrowError::InvalidParameter);
    world.ok(&[choose], &[client]);
    // The nodes of another place.
    world.fails(game.nodes_instruction(&nodes[..4]), &[provider], EscrowError::WrongSubtrees);
    let state = game.state(world);
    world.ok(&[game.nodes_instruction(&run.below(&state))], &[provider]);
    world.fails(game.choose_instruction(2), &[client], EscrowError::InvalidParameter);
    world.ok(&[game.choose_instruction(0)], &[client]);
    let state = game.state(world);
    assert_eq!((state.phase, state.subtree_index, state.left_level), (game_phase::SHOW, 36, 2));
    let (before, after, proof) = run.shown(&state);
    let states = &run.states;
    let show = game.show_instruction(before, after, &proof);
    world.fails(swap(show.clone(), 0, someone.pubkey()), &[someone], EscrowError::Unauthorized);
    world.fails(unsigned(show.clone(), 0), &[], EscrowError::MissingSigner);
    world.fails(read_only(show.clone(), 1), &[provider], EscrowError::NotWritable);
    for (before, after) in [(states[34], after), (before, states[35]), (after, before)] {
        world.fails(game.show_instruction(before, after, &proof), &[provider], EscrowError::WrongStates);
    }
    world.fails(game.show_instruction(before, after, &proof[..1]), &[provider], EscrowError::WrongStates);
    let long = [&proof[..], &[[0; 32]]].concat();
    world.fails(game.show_instruction(before, after, &long), &[provider], EscrowError::WrongStates);
    world.ok(&[show], &[provider]);
    let prove = game.prove_instruction(&run.witness(&game.state(world)), &[]);
    world.fails(read_only(prove.clone(), 0), &[], EscrowError::NotWritable);
    // The witness of another step.
    world.fails(game.prove_instruction(&run.machines[34].bytes(), &[]), &[], EscrowError::NotProven);
    world.fails(game.decide_instruction(story.payer.pubkey(), 1), &[&story.payer], EscrowError::WrongVerifier);
    world.ok(std::slice::from_ref(&prove), &[]);
    world.fails(prove, &[], EscrowError::WrongPhase);
    world.fails(read_only(game.time_out_instruction(), 0), &[], EscrowError::NotWritable);

    // Settling pays the game's own, from and to nobody else's.
    let settle = game.settle_instruction();
    let (mine, other) = (court.verified.deposit(someone.pubkey()), &story.deposit);
    for (index, address, error) in [
        (0, game.trace, EscrowError::WrongAccountType),
        (1, court.verified.trace(world, &court.delivered(run)), EscrowError::WrongGame),
        (2, court.delivered(run).address, EscrowError::WrongTrace),
        (3, mine.address, EscrowError::WrongAddress),
        (4, mine.address, EscrowError::WrongAddress),
        (5, mine.vault, EscrowError::WrongAddress),
        (6, mine.vault, EscrowError::WrongAddress),
        (7, other.mint, EscrowError::WrongMint),
        (8, TOKEN_2022_PROGRAM, EscrowError::WrongTokenProgram),
    ] {
        world.fails(swap(settle.clone(), index, address), &[], error);
    }
    for index in 0..8 {
        world.fails(read_only(settle.clone(), index), &[], EscrowError::NotWritable);
    }
    world.fails(game.close_instruction(), &[], EscrowError::GameNotOver);
    world.ok(&[settle], &[]);

    let close = game.close_instruction();
    world.fails(swap(close.clone(), 1, someone.pubkey()), &[], EscrowError::WrongPayer);
    world.fails(read_only(close.clone(), 0), &[], EscrowError::NotWritable);
    world.fails(read_only(close.clone(), 1), &[], EscrowError::NotWritable);
    world.ok(&[close], &[]);

    let close = court.verified.close_trace_instruction(game.trace, &job);
    world.fails(close.clone(), &[], EscrowError::WrongJobState);
    world.ok(&[court.market.accept_instruction(&job, client.pubkey())], &[client]);
    world.fails(swap(close.clone(), 1, court.delivered(run).address), &[], EscrowError::WrongTrace);
    world.fails(swap(close.clone(), 2, mine.address), &[], EscrowError::WrongAddress);
    world.fails(swap(close.clone(), 3, someone.pubkey()), &[], EscrowError::WrongPayer);
    for index in [0, 2, 3] {
        world.fails(read_only(close.clone(), index), &[], EscrowError::NotWritable);
    }
    world.ok(&[close], &[]);
}

#[test]
fn a_closed_or_reposted_job_keeps_no_trace() {
    let court = Court::new();
    let (world, story) = (court.world(), &court.story);
    let job = court.delivered(&court.truth);
    let trace = court.verified.trace(world, &job);
    world.ok(&[court.market.accept_instruction(&job, job.client)], &[&story.client]);
    story.settle_bond(&court.market, &job);
    court.market.post(world, &story.client, &job, HOUR);
    story.start(&court.market, &job);
    world.pass(10);
    court.deliver(&job, &court.truth, court.truth.result());
    let anew = court.verified.trace(world, &job);
    assert_ne!(anew, trace);
    assert_eq!(court.worker_wagers(), (HOARD - 2 * DISPUTE_BOND, 2 * DISPUTE_BOND));
    // A challenge of what is not there any more.
    let mut game = court.verified.challenge(world, &job, story.client.pubkey(), 0);
    game.trace = trace;
    world.fails(game.open_instruction(0), &[&story.client], EscrowError::WrongTrace);
    world.ok(&[court.verified.close_trace_instruction(trace, &job)], &[]);
    world.fails(court.verified.close_trace_instruction(anew, &job), &[], EscrowError::WrongJobState);
    world.ok(&[court.market.accept_instruction(&job, job.client)], &[&story.client]);
    story.settle_bond(&court.market, &job);
    let close = swap(court.market.close_job_instruction(world, &job), 1, story.payer.pubkey());
    world.pass(1);
    world.ok(&[close], &[]);
    world.ok(&[court.verified.close_trace_instruction(anew, &job)], &[]);
    assert_eq!(court.worker_wagers(), (HOARD, 0));
}

/// Issue: the client made another account at the closed job's address, of which it has the key, and the provider's dispute bond never
/// came back.
#[test]
fn who_has_a_closed_jobs_address_keeps_no_dispute_bond() {
    let mut court = Court::new();
    for (owner, size) in [(VERIFIER.1, 0), (ID, 0), (ID, JobState::SIZE)] {
        let job = court.delivered(&court.truth);
        let (world, story) = (court.world(), &court.story);
        let trace = court.verified.trace(world, &job);
        world.ok(&[court.market.accept_instruction(&job, job.client)], &[&story.client]);
        story.settle_bond(&court.market, &job);
        let close = swap(court.market.close_job_instruction(world, &job), 1, story.payer.pubkey());
        world.pass(1);
        world.ok(&[close], &[]);
        let lamports = world.rent(size);
        court
            .story
            .world
            .set_account(job.address, Account { lamports, data: vec![0; size], owner, ..Account::default() });
        court.world().ok(&[court.verified.close_trace_instruction(trace, &job)], &[]);
        assert_eq!(court.worker_wagers(), (HOARD, 0));
    }
}

/// Two jobs that are posted in one second have one number.
#[test]
fn a_challenge_is_of_its_own_jobs_trace() {
    let mut court = Court::new();
    let (job, other) = (court.delivered(&court.truth), court.delivered(&court.truth));
    let theirs = court.verified.trace(court.world(), &other);
    let (state, posting_id): (Trace, _) = (court.world().read(theirs), court.story.job(&job).posting_id);
    court.story.world.forge(theirs, &Trace { posting_id, ..state });
    let client = &court.story.client;
    let open = court.verified.challenge(court.world(), &job, client.pubkey(), 0).open_instruction(statement::STEP);
    court.world().fails(swap(open, 3, theirs), &[client], EscrowError::WrongTrace);
}

#[test]
fn delivering_and_challenging_are_checked() {
    let court = Court::new();
    let (world, story) = (court.world(), &court.story);
    let (client, someone, provider) = (&story.client, &story.someone, &story.workers[0].key);
    let run = &court.truth;
    let job = court.running(run.states[0]);
    let verified = &court.verified;
    world.fails(court.market.deliver_instruction(&job, RESULT), &[provider], EscrowError::TraceRequired);
    let deliver = verified.deliver_instruction(world, &job, run, run.result());
    let none = verified.deliver_instruction(world, &job, run, NO_RESULT);
    world.fails(none, &[provider], EscrowError::ResultRequired);
    let steps = |steps: u32| {
        let mut deliver = deliver.clone();
        let end = deliver.data.len();
        deliver.data[end - 4..].copy_from_slice(&steps.to_le_bytes());
        deliver
    };
    for wrong in [0, (1 << 31) + 1, u32::MAX] {
        world.fails(steps(wrong), &[provider], EscrowError::InvalidParameter);
    }
    let theirs = verified.deposit(client.pubkey()).address;
    let poor = Verified { mint: story.mint.address, ..*verified }.deposit(provider.pubkey());
    world.ok(&[poor.open_instruction(world)], &[]);
    let args = CreateVerificationArgs { id: 2, ..usual_verification() };
    let mint = (court.dispute_bonds.address, TOKEN_PROGRAM);
    let other = Verified::create(world, &story.network, VERIFIER.1, mint, args);
    for (index, address, error) in [
        (2, story.deposit.address, EscrowError::WrongAccountType),
        (3, other.address, EscrowError::WrongVerification),
        (4, theirs, EscrowError::WrongClient),
        (4, poor.address, EscrowError::WrongMint),
        (5, someone.pubkey(), EscrowError::WrongAddress),
        (6, someone.pubkey(), EscrowError::WrongProgram),
    ] {
        world.fails(swap(deliver.clone(), index, address), &[provider], error);
    }
    world.fails(swap(deliver.clone(), 1, someone.pubkey()), &[provider, someone], EscrowError::Unauthorized);
    let paid = swap(deliver.clone(), 0, someone.pubkey());
    world.fails(unsigned(paid, 1), &[someone], EscrowError::MissingSigner);
    for index in [2, 4, 5] {
        world.fails(read_only(deliver.clone(), index), &[provider], EscrowError::NotWritable);
    }
    world.ok(std::slice::from_ref(&deliver), &[provider]);
    world.fails(deliver, &[provider], EscrowError::WrongJobState);
    world.fails(court.market.reject_instruction(&job), &[client], EscrowError::ChallengeInstead);

    let game = verified.challenge(world, &job, someone.pubkey(), 0);
    let open = game.open_instruction(statement::STEP);
    world.fails(game.open_instruction(2), &[someone], EscrowError::InvalidParameter);
    let own = verified.challenge(world, &job, provider.pubkey(), 0);
    world.fails(own.open_instruction(0), &[provider], EscrowError::OwnResult);
    let elsewhere = court.delivered(run);
    for (index, address, error) in [
        (2, elsewhere.address, EscrowError::WrongTrace),
        (3, verified.trace(world, &elsewhere), EscrowError::WrongTrace),
        (4, other.address, EscrowError::WrongVerification),
        (5, theirs, EscrowError::WrongClient),
        (6, someone.pubkey(), EscrowError::WrongAddress),
        (7, someone.pubkey(), EscrowError::WrongProgram),
    ] {
        world.fails(swap(open.clone(), index, address), &[someone], error);
    }
    let paid = swap(open.clone(), 0, client.pubkey());
    world.fails(unsigned(paid, 1), &[client], EscrowError::MissingSigner);
    for index in [2, 3, 5, 6] {
        world.fails(read_only(open.clone(), index), &[someone], EscrowError::NotWritable);
    }
    // Who has not the dispute bond cannot challenge, nor deliver.
    let rich = verified.deposit(someone.pubkey());
    let mint = court.dispute_bonds.address;
    let wallet = {
        let address = story.world.key();
        let space = 165;
        let create = solana_system_interface::instruction::create_account(
            &world.payer().pubkey(),
            &address.pubkey(),
            world.rent(space),
            space as u64,
            &TOKEN_PROGRAM,
        );
        let owner = someone.pubkey();
        let initialize =
            spl_token_interface::instruction::initialize_account3(&TOKEN_PROGRAM, &address.pubkey(), &mint, &owner)
                .unwrap();
        world.ok(&[create, initialize], &[&address]);
        address.pubkey()
    };
    world.ok(&[rich.withdraw_instruction(wallet, HOARD - DISPUTE_BOND + 1)], &[someone]);
    world.fails(open.clone(), &[someone], EscrowError::InsufficientFunds);
    world.ok(&[rich.deposit_instruction(someone.pubkey(), wallet, 1)], &[someone]);
    world.ok(&[open], &[someone]);
    // What is held is not there to be taken out.
    world.fails(rich.withdraw_instruction(wallet, 1), &[someone], EscrowError::InsufficientFunds);
    world.ok(&[court.market.accept_instruction(&elsewhere, client.pubkey())], &[client]);
    let over = verified.challenge(world, &elsewhere, client.pubkey(), 0);
    world.fails(over.open_instruction(0), &[client], EscrowError::WrongJobState);

    // Where nothing is verified.
    let plain = story.token_market(accepted(story.payer.pubkey(), usual_terms()));
    let job = story.running(&plain);
    let deliver = verified.deliver_instruction(world, &job, run, run.result());
    world.fails(deliver, &[provider], EscrowError::NotVerified);
}

#[test]
fn verifications_are_checked() {
    let court = Court::new();
    let (world, story) = (court.world(), &court.story);
    let (network, authority, someone) = (&story.network, &story.network.authority, &story.someone);
    let mint = (court.dispute_bonds.address, TOKEN_PROGRAM);
    let args = |change: &dyn Fn(&mut CreateVerificationArgs)| {
        let mut args = CreateVerificationArgs { id: 7, ..usual_verification() };
        change(&mut args);
        Verified::unborn(network, VERIFIER.1, mint, args)
    };
    let changes: [&dyn Fn(&mut CreateVerificationArgs); 17] = [
        &|args| args.dispute_bond = Amount(0),
        &|args| args.move_window = Seconds(59),
        &|args| args.move_window = Seconds(7 * 86_400 + 1),
        &|args| args.bond_penalty = Bps(10_001),
        &|args| args.no_reveal_penalty = Bps(10_001),
        &|args| args.no_reveal_penalty = args.minority_penalty,
        &|args| args.min_replicas = 2,
        &|args| args.max_replicas = 16,
        &|args| args.max_replicas = 2,
        &|args| args.no_quorum_pay = Bps(0),
        &|args| args.no_quorum_pay = Bps(10_001),
        &|args| args.reveal_window = Seconds(59),
        &|args| args.reveal_window = Seconds(7 * 86_400 + 1),
        &|args| args.games_per_slash = 0,
        &|args| args.slash_amount = Tokens(0),
        &|args| args.minority_penalty = Bps(10_001),
        // Also where no panels are taken.
        &|args| (args.min_replicas, args.minority_penalty) = (0, Bps(10_001)),
    ];
    for change in changes {
        let create = args(change).create_instruction(world, network);
        world.fails(create, &[authority], EscrowError::InvalidParameter);
    }
    // Without a verifier the arbiter has some time.
    for window in [59, 30 * 86_400 + 1] {
        let judged = Verified { verifier: ID, ..args(&|args| args.decision_window = Seconds(window)) };
        world.fails(judged.create_instruction(world, network), &[authority], EscrowError::InvalidParameter);
    }
    let usual = args(&|_| {});
    let create = usual.create_instruction(world, network);
    for (index, address, error) in [
        (3, someone.pubkey(), EscrowError::WrongAddress),
        (4, someone.pubkey(), EscrowError::WrongTokenProgram),
        (5, someone.pubkey(), EscrowError::WrongTokenProgram),
        (6, someone.pubkey(), EscrowError::WrongVerifier),
        (7, someone.pubkey(), EscrowError::WrongProgram),
    ] {
        world.fails(swap(create.clone(), index, address), &[authority], error);
    }
    world.fails(swap(create.clone(), 1, someone.pubkey()), &[someone], EscrowError::Unauthorized);
    world.fails(unsigned(create.clone(), 1), &[], EscrowError::MissingSigner);
    world.ok(std::slice::from_ref(&create), &[authority]);
    world.fails(create, &[authority], EscrowError::AlreadyInitialized);
    let state: Verification = world.read(usual.address);
    assert_eq!(
        (state.network, state.verifier, state.dispute_bond),
        (network.address, VERIFIER.1, Amount(DISPUTE_BOND))
    );

    let set = usual.set_instruction(network, &court.market);
    world.fails(swap(set.clone(), 0, someone.pubkey()), &[someone], EscrowError::Unauthorized);
    world.fails(unsigned(set.clone(), 0), &[], EscrowError::MissingSigner);
    world.fails(read_only(set.clone(), 2), &[authority], EscrowError::NotWritable);
    world.fails(swap(set.clone(), 3, court.market.address), &[authority], EscrowError::WrongAccountType);
    let before: MarketState = world.read(court.market.address);
    world.ok(&[set], &[authority]);
    let after: MarketState = world.read(court.market.address);
    assert_eq!((after.terms_version, after.verification), (before.terms_version + 1, usual.address));
    // Issue: with neither a verifier nor an arbiter anyone turned a result into the default verdict.
    let judged = Verified { verifier: ID, ..args(&|args| args.id = 9) };
    world.ok(&[judged.create_instruction(world, network)], &[authority]);
    let unjudged = story.token_market(Terms { arbiter: NONE, ..court.market.terms });
    world.fails(judged.set_instruction(network, &unjudged), &[authority], EscrowError::ArbiterRequired);
    world.ok(&[usual.set_instruction(network, &unjudged)], &[authority]);
    world.ok(&[judged.set_instruction(network, &court.market)], &[authority]);
    let change = court.market.set_instruction(network, Terms { arbiter: NONE, ..court.market.terms }, 0);
    world.fails(change.clone(), &[authority], EscrowError::ArbiterRequired);
    world.ok(&[usual.set_instruction(network, &court.market)], &[authority]);
    world.ok(&[change], &[authority]);
    // Jobs that were posted keep theirs; markets of another kind have none.
    let metered = story.token_market(usual_terms());
    world.fails(usual.set_instruction(network, &metered), &[authority], EscrowError::InvalidParameter);
    let at_once = story.token_market(Terms { pricing: pricing::FIXED, ..usual_terms() });
    world.fails(usual.set_instruction(network, &at_once), &[authority], EscrowError::InvalidParameter);
    let change = court.market.set_instruction(network, usual_terms(), 0);
    world.fails(change, &[authority], EscrowError::InvalidParameter);
    let nothing = swap(usual.set_instruction(network, &court.market), 3, ID);
    world.ok(&[nothing], &[authority]);
    assert_eq!(world.read::<MarketState>(court.market.address).verification, NONE);
}

#[test]
fn lost_games_are_evidence_for_a_slash() {
    let court = Court::new();
    let (world, story) = (court.world(), &court.story);
    let (client, someone) = (&story.client, &story.someone);
    let lost = || {
        let job = court.delivered(&court.truth.cheated(4));
        let game = court.challenge(&job, client, statement::STEP);
        world.pass(3_601);
        world.ok(&[game.time_out_instruction()], &[]);
        (job, game)
    };
    let provider = story.workers[0].own.provider;
    let slash = joule_stake_interface::pda::slash::find(&provider, &0u64.to_le_bytes()).0;
    let (first, second, third) = (lost(), lost(), lost());
    let propose =
        |games: &[Address]| court.verified.propose_game_slash_instruction(world, &court.market, provider, slash, games);
    let games = [first.1.address, second.1.address];
    world.fails(propose(&games), &[], EscrowError::NotEnoughLostGames);
    for (_, game) in [first, second, third] {
        court.settle(&game);
    }
    let good = propose(&games);
    world.fails(propose(&games[..1]), &[], EscrowError::NotEnoughLostGames);
    world.fails(propose(&[games[0], games[0]]), &[], EscrowError::NotEnoughLostGames);
    world.fails(propose(&[games[0], games[1], third.1.address]), &[], EscrowError::NotEnoughLostGames);
    let won = court.challenge(&court.delivered(&court.truth), client, statement::END);
    court.provider_moves(&won, &court.truth);
    court.settle(&won);
    world.fails(propose(&[games[0], won.address]), &[], EscrowError::NotEnoughLostGames);
    let args = CreateVerificationArgs { id: 3, ..usual_verification() };
    let mint = (court.dispute_bonds.address, TOKEN_PROGRAM);
    let other = Verified::create(world, &story.network, VERIFIER.1, mint, args);
    world.fails(swap(good.clone(), 1, other.address), &[], EscrowError::WrongVerification);
    world.fails(swap(good.clone(), 2, story.network.address), &[], EscrowError::WrongPool);
    world.fails(swap(good.clone(), 3, story.workers[1].own.provider), &[], EscrowError::WrongProvider);
    world.fails(swap(good.clone(), 7, joule_bme_interface::ID), &[], EscrowError::WrongProgram);
    world.fails(read_only(good.clone(), 9), &[], EscrowError::NotWritable);
    let signs = {
        let mut signs = swap(good.clone(), 5, someone.pubkey());
        signs.accounts[5].is_signer = true;
        signs
    };
    world.fails(signs, &[someone], EscrowError::WrongAddress);
    // Until then nobody makes away with the evidence, its challenger included.
    world.fails(second.1.close_instruction(), &[], EscrowError::TooEarly);
    world.ok(std::slice::from_ref(&good), &[]);
    world.ok(&[second.1.close_instruction()], &[]);
    let state: Slash = world.read(slash);
    assert_eq!(state.amount, Tokens(7 * TOKEN));
    let hash = |parts: &[&[u8]]| joule_tests::fixture::sha256(parts);
    let evidence = hash(&[&hash(&[&[0; 32], games[0].as_ref()]), games[1].as_ref()]);
    assert_eq!(state.evidence, evidence);
    world.fails(propose(&[games[0], third.1.address]), &[], EscrowError::NotEnoughLostGames);
    world.set_time(third.1.state(world).settled_at.after(EVIDENCE).unwrap());
    world.fails(third.1.close_instruction(), &[], EscrowError::TooEarly);
    world.pass(1);
    world.ok(&[third.1.close_instruction()], &[]);
}

/// Issue: a convicted provider cited its own games while its own job held all of its stake. Asked for 7, the slash took
/// nothing, and the evidence was used up.
#[test]
fn evidence_that_a_provider_cites_itself_takes_what_its_own_job_holds() {
    use joule_stake_interface::{
        event::Slashed,
        instruction::{ExecuteSlash, ExecuteSlashArgs},
        pda::slash,
    };
    // The job fails before the slash is executed, with all of its bond for a client who is a friend; or it goes on.
    for ends_before in [true, false] {
        let court = Court::new();
        let (world, story) = (court.world(), &court.story);
        let games = two_lost(&court);
        let all = story.staked(0).own;
        let market = story.token_market(Terms { bond_amount: all, failure_penalty: Bps::WHOLE, ..usual_terms() });
        let job = story.running(&market);
        let (provider, pool) = (story.workers[0].own.provider, story.pool);
        let before = story.staked(0);
        assert_eq!((before.own, before.bonded.0), (Tokens(0), all.0 + 2 * BOND));

        let slash = slash::find(&provider, &0u64.to_le_bytes()).0;
        let cite = court.verified.propose_game_slash_instruction(world, &court.market, provider, slash, &games);
        world.ok(&[cite], &[]);
        let quit = || {
            world.ok(&[market.finish_instruction(&job, job.provider, NO_RESULT)], &[story.key(&job)]);
            story.settled(&market, &job)
        };
        if ends_before {
            assert_eq!(quit().0, all);
        }
        world.pass(86_400);
        let execute = ExecuteSlash {
            pool: pool.address,
            provider,
            slash,
            rewards: pool.rewards,
            rent_receiver: world.payer().pubkey(),
        };
        let receipt = world.ok(&[execute.instruction(&ExecuteSlashArgs {})], &[]);
        let taken: Slashed = receipt.event(joule_stake_interface::ID);
        assert_eq!(taken.own.0 + taken.unbonding.0, 7 * TOKEN, "all that was asked for");
        if ends_before {
            // The friend's ticket pays its part, and the other bonds theirs, once they end.
            assert_eq!(story.staked(0).unbonding.tokens.0, all.0 - taken.unbonding.0);
            assert_eq!((taken.lien, taken.own.0), (taken.own, (7 * TOKEN * 2 * BOND).div_ceil(all.0 + 2 * BOND)));
        } else {
            assert_eq!((taken.own, taken.lien), (Tokens(7 * TOKEN), Tokens(7 * TOKEN)), "it waits as a lien");
            // The job served its time, and its bond comes back: less what waits.
            assert_eq!(quit().0, Tokens(0));
            let after = story.staked(0);
            assert_eq!((after.lien, after.slashed), (Tokens(0), Tokens(7 * TOKEN)));
            assert_eq!(after.own.0, all.0 - 7 * TOKEN);
        }
    }
}

#[test]
fn a_pause_and_a_provider_without_a_deposit_hold_nobody_up() {
    let mut court = Court::new();
    let run = court.truth.cheated(9);
    let job = court.running(run.states[0]);
    court.story.set_pause(1);
    court.deliver(&job, &run, run.result());
    let game = court.challenge(&job, &court.story.someone, statement::STEP);
    court.play(&game, &run, &court.story.someone, 9);
    let world = court.world();
    world.pass(3_601);
    world.ok(&[game.time_out_instruction()], &[]);
    court.settle(&game);
    // The provider takes out what it has left, and closes its deposit.
    let provider = court.story.workers[0].key.pubkey();
    let deposit = court.verified.deposit(provider);
    court.story.world.set_account(deposit.address, Account::default());
    court.clear(&job, &[game]);
}

/// Neither provider nor challenger, nor the key that signs for the challenger.
#[test]
fn who_pays_for_a_trace_and_who_pays_for_a_game_get_their_rent_back() {
    let mut court = Court::new();
    let [payer, other]: [Keypair; 2] = std::array::from_fn(|_| court.story.world.user());
    let identity = Identity::new(&mut court.story.world);
    court.endow(identity.address);
    let (world, run) = (court.world(), court.truth.cheated(20));
    let limit = identity.limit_instruction(court.verified.deposit(identity.address).address, DISPUTE_BOND);
    world.ok(&[limit], &[&identity.manager]);
    let job = court.running(court.truth.states[0]);
    let deliver = court.verified.deliver_instruction(world, &job, &run, run.result());
    world.ok(&[swap_named(deliver, "payer", other.pubkey())], &[&other, court.story.key(&job)]);
    let address = court.verified.trace(world, &job);
    let trace: Trace = world.read(address);
    assert_eq!((trace.provider, trace.payer), (job.provider, other.pubkey()));

    let game = court.verified.challenge(world, &job, identity.address, 0);
    let open = swap_named(game.open_instruction(statement::STEP), "payer", payer.pubkey());
    world.ok(&[identity.by(&identity.hot, open)], &[&identity.hot, &payer]);
    let state = game.state(world);
    let parties = (job.provider, identity.address, payer.pubkey());
    assert_eq!((state.provider, state.challenger, state.payer), parties);
    world.pass(3_601);
    world.ok(&[game.time_out_instruction()], &[]);
    court.settle(&game);
    let close = court.verified.close_trace_instruction(address, &job);
    world.closes(swap_named(close, "rent_receiver", other.pubkey()), &[], address, other.pubkey());
    world.set_time(game.state(world).settled_at.after(EVIDENCE).unwrap());
    world.pass(1);
    let close = swap_named(game.close_instruction(), "rent_receiver", payer.pubkey());
    world.closes(close, &[], game.address, payer.pubkey());
}

/// Neither who paid for the pool, for the provider's account or for the slasher's, nor a challenger.
#[test]
fn who_pays_for_a_slash_by_lost_games_gets_its_rent_back() {
    let mut court = Court::new();
    let payer = court.story.world.user();
    let (world, story) = (court.world(), &court.story);
    let games = two_lost(&court);
    let provider = story.workers[0].own.provider;
    let address = joule_stake_interface::pda::slash::find(&provider, &0u64.to_le_bytes()).0;
    let propose = court.verified.propose_game_slash_instruction(world, &court.market, provider, address, &games);
    world.ok(&[swap_named(propose, "payer", payer.pubkey())], &[&payer]);
    let slash: Slash = world.read(address);
    assert_eq!((slash.provider, slash.slasher, slash.payer), (provider, court.market.slasher, payer.pubkey()));
    let authority = &story.network.authority;
    let veto = story.pool.veto_slash_instruction(authority.pubkey(), address, &slash);
    world.closes(swap_named(veto, "rent_receiver", payer.pubkey()), &[authority], address, payer.pubkey());
}

/// The time to challenge, to move, and to decide; and of a dispute bond that is lost by play half goes to who wins, whatever part of the
/// job's bond a lie costs.
#[test]
fn each_time_of_a_dispute_is_its_own() {
    let court = Court::new();
    let terms = Terms { wait_window: Seconds(1_000), acceptance_window: Seconds(2_000), ..court.market.terms };
    let market = court.story.token_market(terms);
    let usual = usual_verification();
    let args = CreateVerificationArgs {
        id: 2,
        move_window: Seconds(700),
        decision_window: Seconds(5_000),
        bond_penalty: Bps(3_000),
        ..usual
    };
    let mint = (court.dispute_bonds.address, TOKEN_PROGRAM);
    let verified = Verified::create(&court.story.world, &court.story.network, ID, mint, args);
    let court = Court { market, verified, ..court };
    let (world, story) = (court.world(), &court.story);
    world.ok(&[verified.set_instruction(&story.network, &market)], &[&story.network.authority]);
    let within = |seconds| world.now().after(Seconds(seconds)).unwrap();

    let job = court.running(court.truth.states[0]);
    let run = court.truth.cheated(4);
    let delivered: event::TraceDelivered = court.deliver(&job, &run, run.result()).event(ID);
    let trace: Trace = world.read(verified.trace(world, &job));
    assert_eq!([delivered.deadline_at, trace.left_at, story.job(&job).deadline_at], [within(2_000); 3]);
    world.pass(7);
    let game = court.challenge(&job, &story.client, statement::STEP);
    assert_eq!((game.state(world).deadline_at, game.state(world).move_window), (within(700), Seconds(700)));
    let end = court.challenge(&job, &story.someone, statement::END);
    assert_eq!((end.state(world).deadline_at, end.state(world).decision_window), (within(5_000), Seconds(5_000)));
    let arbiter = &story.payer;
    world.ok(&[end.decide_instruction(arbiter.pubkey(), 1)], &[arbiter]);
    let settled: event::GameSettled = court.settle(&end).event(ID);
    assert_eq!((settled.shared, settled.burned), (Amount(HALF), Amount(HALF)));
}
