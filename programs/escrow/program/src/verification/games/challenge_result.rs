use {
    crate::{
        Result,
        halts::{KnownHalts, is_window_past},
        tips,
        verification::{
            games::{dispute_bond, emit_game_moved, game},
            load_verification,
        },
    },
    joule_common::{AccountView, account, event, guard, guard::require, in_range, now},
    joule_escrow_interface::{
        EscrowError,
        event::ResultChallenged,
        instruction::ChallengeResult,
        pda,
        state::{Game, Job, NONE, Trace, job_state},
        verifier::statement,
    },
    joule_interface::Fault,
};

/// See [`ChallengeResult`]. Works while the network is paused: it settles a dispute.
#[inline(never)]
pub fn challenge_result(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = ChallengeResult::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    let now = now()?;
    let mut job = account::load_mut::<Job>(a.job)?;
    require(matches!(job.state, job_state::DELIVERED | job_state::CHALLENGED), EscrowError::WrongJobState)?;
    let halts = KnownHalts(a.halt_clock, now);
    require(!is_window_past(&halts, &job, job.terms.acceptance_window, now)?, EscrowError::TooLate)?;
    let mut trace = account::load_mut::<Trace>(a.trace)?;
    require(guard::eq(&trace.job, a.job.address()) && trace.posting_id == job.posting_id, EscrowError::WrongTrace)?;
    require(!guard::eq(a.challenger.address(), &job.provider), EscrowError::OwnResult)?;
    in_range!(args.statement_kind <= statement::END, "statement_kind")?;
    let terms = load_verification(a.verification, &job.verification)?;

    dispute_bond::hold(a.deposit, a.challenger, &terms)?;
    let number = trace.games_opened;
    trace.games_opened = number.checked_add(1).ok_or(Fault::Overflow)?;
    trace.unsettled_games = trace.unsettled_games.checked_add(1).ok_or(Fault::Overflow)?;
    job.state = job_state::CHALLENGED;
    let seed = number.to_le_bytes();
    let seeds = pda::game::seeds(a.trace.address(), &seed);
    let mut game = account::create::<Game>(a.payer, a.game, &seeds)?;
    if job.tip != 0 {
        // An account that is borrowed cannot be paid into.
        drop(game);
        tips::game::advance(job.tip, a.game, a.payer)?;
        game = account::load_mut::<Game>(a.game)?;
    }
    game.tip = job.tip;
    game.trace = *a.trace.address();
    game.job = *a.job.address();
    game.provider = job.provider;
    game.challenger = *a.challenger.address();
    game.deposit = *a.deposit.address();
    game.payer = *a.payer.address();
    game.verifier = terms.verifier;
    game.arbiter = job.terms.arbiter;
    game.verification = job.verification;
    game.pool = job.pool;
    game.definition = job.definition;
    game.result = job.result;
    game.dispute_bond = terms.dispute_bond;
    game.number = number;
    game.steps = trace.steps;
    game.move_window = terms.move_window;
    game.decision_window = terms.decision_window;
    game.bond_penalty = terms.bond_penalty;
    game.statement_kind = args.statement_kind;
    game.is_evidence = (terms.games_per_slash != 0 && job.pool != NONE) as u8;

    event::emit(&ResultChallenged {
        header: ResultChallenged::header(*a.trace.address(), event::next(&mut trace.sequence)?),
        game: *a.game.address(),
        challenger: game.challenger,
        number: number as u64,
    });
    game::start(&mut game, &trace.root, now)?;
    emit_game_moved(a.game, &mut game)
}
