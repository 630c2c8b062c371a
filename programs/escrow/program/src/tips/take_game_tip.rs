use {
    crate::{
        Result,
        tips::{self, game},
    },
    joule_common::{AccountView, account, now, transaction},
    joule_escrow_interface::{
        EscrowError,
        instruction::TakeGameTip,
        state::{Game, Trace},
    },
};

/// See [`TakeGameTip`]. Works while the network is paused: what it pays for does.
#[inline(never)]
pub fn take_game_tip(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = TakeGameTip::parse(accounts, data)?;
    let (view, address, keeper) = (a.game_or_trace, a.game_or_trace.address(), a.keeper.address());
    let next = transaction::next(a.instructions_sysvar)?.ok_or(EscrowError::NoTipDue)?;
    let now = now()?;
    let tip = if account::exists::<Trace>(view) {
        let trace = account::keep_mut::<Trace>(view)?;
        trace.tips_taken |= game::due_of_trace(trace, address, keeper, &next, now)?;
        trace.tip
    } else {
        let game = account::keep_mut::<Game>(view)?;
        game.tips_taken |= game::due(game, address, keeper, &next, now)?;
        game.tip
    };
    tips::pay(view, a.keeper, tip)
}
