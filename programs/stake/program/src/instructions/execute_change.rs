use {
    crate::{
        Result,
        instructions::{in_pool, paid_by},
    },
    joule_bme_interface::state::CHANGE_WINDOW,
    joule_common::{AccountView, account, event, guard::require, now},
    joule_stake_interface::{
        StakeError,
        event::ChangeExecuted,
        instruction::{ExecuteChange, ExecuteChangeArgs},
        state::{Change, Pool},
    },
};

/// See [`ExecuteChange`].
#[inline(never)]
pub fn execute_change(accounts: &[AccountView], _: &ExecuteChangeArgs) -> Result<()> {
    let (a, _) = ExecuteChange::parse(accounts)?;
    let pool = account::keep_mut::<Pool>(a.pool)?;
    let change = account::load::<Change>(a.change)?;
    in_pool(&change.pool, a.pool.address())?;
    paid_by(&change.payer, a.rent_receiver)?;
    let now = now()?;
    require(now >= change.executable_from, StakeError::ChangeNotReady)?;
    // Else an authority could keep rules ready for the day on which nobody looks.
    require(now <= change.executable_from.after(CHANGE_WINDOW)?, StakeError::ChangeExpired)?;

    pool.rules = change.rules;
    pool.treasury = change.treasury;

    event::emit(&ChangeExecuted {
        header: ChangeExecuted::header(*a.pool.address(), event::next(&mut pool.sequence)?),
    });
    drop(change);
    account::close(a.change, a.rent_receiver)?;
    Ok(())
}
