use {
    crate::{
        Result,
        verification::games::dispute_bond::{Holder, release},
    },
    joule_common::{AccountView, account, event, guard, guard::require},
    joule_escrow_interface::{
        EscrowError,
        event::ChallengerPaid,
        instruction::PayChallenger,
        state::{Game, Trace},
    },
    joule_interface::Fault,
    joule_math::Amount,
};

/// See [`PayChallenger`]. Works while the network is paused: it pays what is owed.
#[inline(never)]
pub fn pay_challenger(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = PayChallenger::parse(accounts, data)?;
    let mut game = account::load_mut::<Game>(a.game)?;
    require(guard::eq(&game.trace, a.trace.address()), EscrowError::WrongGame)?;
    require(game.unpaid == 1, EscrowError::WrongPhase)?;
    let mut trace = account::load_mut::<Trace>(a.trace)?;
    require(trace.unsettled_games == 0, EscrowError::GameNotOver)?;
    guard::address(a.provider_deposit, &trace.deposit)?;
    guard::address(a.challenger_deposit, &game.deposit)?;

    let share = trace.share;
    trace.pot = trace.pot.minus(share)?;
    trace.unpaid_winners = trace.unpaid_winners.checked_sub(1).ok_or(Fault::Overflow)?;
    game.unpaid = 0;
    release(a.challenger_deposit, &game.deposit, game.dispute_bond)?;
    if !share.is_zero() {
        let (deposit, vault) = (a.provider_deposit, a.provider_vault);
        let holder = Holder { deposit, vault, mint: a.mint, token_program: a.token_program };
        holder.pay(Amount::ZERO, share, (a.challenger_deposit, a.challenger_vault), false)?;
    }

    event::emit(&ChallengerPaid {
        header: ChallengerPaid::header(*a.game.address(), event::next(&mut game.sequence)?),
        share,
    });
    Ok(())
}
