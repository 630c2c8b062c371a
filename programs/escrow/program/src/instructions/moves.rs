//! The moves of a game. They write the game alone.

use {
    crate::{Result, game},
    joule_common::{AccountView, account, ask, event, guard, guard::require, now},
    joule_escrow_interface::{
        EscrowError,
        event::GameMoved,
        instruction::{
            ChooseNode, ChooseNodeArgs, DecideStep, DecideStepArgs, OpenNode, OpenNodeArgs, ProveStep, ProveStepArgs,
            ShowStates, ShowStatesArgs, StartGame, StartGameArgs, TimeOutGame, TimeOutGameArgs,
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
        index: game.index,
        level: game.level,
        deadline: game.deadline,
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
    require(game.number == trace.current, EscrowError::GameOpen)?;
    game::start(&mut game, &trace.root, now()?)?;
    moved(a.game, &mut game)
}

/// See [`OpenNode`].
pub fn open_node(accounts: &[AccountView], _: &OpenNodeArgs, tail: &[u8]) -> Result<()> {
    let (a, _) = OpenNode::parse(accounts)?;
    let mut game = account::load_mut::<Game>(a.game)?;
    guard::authority(a.provider_authority, &game.provider)?;
    game::open(&mut game, hashes(tail)?, now()?)?;
    moved(a.game, &mut game)
}

/// See [`ChooseNode`].
pub fn choose_node(accounts: &[AccountView], args: &ChooseNodeArgs) -> Result<()> {
    let (a, _) = ChooseNode::parse(accounts)?;
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
    require(ask::answers(&game.verifier, &question, shown, &answer)?, EscrowError::NoAnswer)?;

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
