//! The moves of a game. They write the game alone.

use {
    crate::{Result, game},
    joule_common::{AccountView, account, ask, event, guard, guard::require, now},
    joule_escrow_interface::{
        EscrowError,
        event::GameMoved,
        instruction::{
            ChooseSubtree, ChooseSubtreeArgs, DecideStep, DecideStepArgs, OpenSubtree, OpenSubtreeArgs, ProveStep,
            ProveStepArgs, ShowStates, ShowStatesArgs, StartGame, StartGameArgs, TimeOutGame, TimeOutGameArgs,
        },
        state::{Game, Trace},
        trace::Hash,
        verifier,
    },
    joule_interface::Fault,
};

/// Says what is due in the game.
#[inline(always)]
pub fn moved(view: &AccountView, game: &mut Game) -> Result<()> {
    event::emit(&GameMoved {
        header: GameMoved::header(*view.address(), event::next(&mut game.sequence)?),
        phase: game.phase as u64,
        subtree_index: game.subtree_index,
        subtree_level: game.subtree_level,
        deadline_at: game.deadline_at,
    });
    Ok(())
}

/// Hashes behind the arguments.
#[inline(always)]
fn hashes(tail: &[u8]) -> Result<&[Hash]> {
    bytemuck::try_cast_slice(tail).map_err(|_| Fault::InvalidArguments.into())
}

/// See [`StartGame`].
pub fn start_game(accounts: &[AccountView], _: &StartGameArgs) -> Result<()> {
    let (a, _) = StartGame::parse(accounts)?;
    let mut game = account::load_mut::<Game>(a.game)?;
    let trace = account::load::<Trace>(a.trace)?;
    require(guard::eq(&game.trace, a.trace.address()), EscrowError::WrongGame)?;
    require(trace.decided == 0, EscrowError::WrongPhase)?;
    require(game.number == trace.current_game, EscrowError::GameNotOver)?;
    game::start(&mut game, &trace.root, now()?)?;
    moved(a.game, &mut game)
}

/// See [`OpenSubtree`].
pub fn open_subtree(accounts: &[AccountView], _: &OpenSubtreeArgs, tail: &[u8]) -> Result<()> {
    let (a, _) = OpenSubtree::parse(accounts)?;
    let mut game = account::load_mut::<Game>(a.game)?;
    guard::authority(a.provider_authority, &game.provider)?;
    game::open(&mut game, hashes(tail)?, now()?)?;
    moved(a.game, &mut game)
}

/// See [`ChooseSubtree`].
pub fn choose_subtree(accounts: &[AccountView], args: &ChooseSubtreeArgs) -> Result<()> {
    let (a, _) = ChooseSubtree::parse(accounts)?;
    let mut game = account::load_mut::<Game>(a.game)?;
    guard::authority(a.challenger, &game.challenger)?;
    game::choose(&mut game, args.choice, now()?)?;
    moved(a.game, &mut game)
}

/// See [`ShowStates`].
pub fn show_states(accounts: &[AccountView], args: &ShowStatesArgs, tail: &[u8]) -> Result<()> {
    let (a, _) = ShowStates::parse(accounts)?;
    let mut game = account::load_mut::<Game>(a.game)?;
    guard::authority(a.provider_authority, &game.provider)?;
    game::show(&mut game, &args.before, &args.after, hashes(tail)?, now()?)?;
    moved(a.game, &mut game)
}

/// See [`ProveStep`].
#[inline(never)]
pub fn prove_step(accounts: &[AccountView], _: &ProveStepArgs, witness: &[u8]) -> Result<()> {
    let (a, shown) = ProveStep::parse(accounts)?;
    let mut game = account::load_mut::<Game>(a.game)?;
    let now = now()?;
    game::judgeable(&game, true, now)?;
    require(guard::eq(a.verifier.address(), &game.verifier), EscrowError::WrongVerifier)?;
    let asked = game::asked(&game);
    let answer = verifier::valid(game::sha256, &asked);
    let question = [&[verifier::DISCRIMINATOR], bytemuck::bytes_of(&asked), witness].concat();
    require(ask::answers(&game.verifier, &question, shown, &answer)?, EscrowError::NotProven)?;

    game::judge(&mut game, true, now)?;
    moved(a.game, &mut game)
}

/// See [`DecideStep`].
pub fn decide_step(accounts: &[AccountView], args: &DecideStepArgs) -> Result<()> {
    let (a, _) = DecideStep::parse(accounts)?;
    let mut game = account::load_mut::<Game>(a.game)?;
    guard::authority(a.arbiter, &game.arbiter)?;
    require(args.valid <= 1, Fault::InvalidParameter)?;
    let now = now()?;
    game::judgeable(&game, false, now)?;
    game::judge(&mut game, args.valid == 1, now)?;
    moved(a.game, &mut game)
}

/// See [`TimeOutGame`].
pub fn time_out_game(accounts: &[AccountView], _: &TimeOutGameArgs) -> Result<()> {
    let (a, _) = TimeOutGame::parse(accounts)?;
    let mut game = account::load_mut::<Game>(a.game)?;
    game::time_out(&mut game, now()?)?;
    moved(a.game, &mut game)
}
