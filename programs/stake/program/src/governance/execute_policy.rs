use {
    crate::{
        Result,
        accounts::{in_pool, paid_by},
    },
    joule_bme_interface::state::CHANGE_WINDOW,
    joule_common::{AccountView, account, event, guard::require, now},
    joule_math::Seconds,
    joule_stake_interface::{
        StakeError,
        event::PolicyChanged,
        instruction::ExecutePolicy,
        state::{PolicyChange, Pool},
    },
};

/// See [`ExecutePolicy`].
#[inline(never)]
pub fn execute_policy(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = ExecutePolicy::parse(accounts, data)?;
    let pool = account::keep_mut::<Pool>(a.pool)?;
    let change = account::load::<PolicyChange>(a.policy_change)?;
    in_pool(&change.pool, a.pool.address())?;
    paid_by(&change.payer, a.rent_receiver)?;
    let now = now()?;
    require(now >= change.executable_at, StakeError::ChangeNotReady)?;
    // Else an authority could keep rules ready for the day on which nobody looks.
    require(now <= change.executable_at.after(CHANGE_WINDOW)?, StakeError::ChangeExpired)?;

    if change.policy.unbonding_period < pool.policy.unbonding_period {
        let ends_at = now.after(pool.policy.unbonding_period)?;
        pool.longer_unbonding_ends_at = pool.longer_unbonding_ends_at.max(ends_at);
    }
    pool.next_unbonding_period = Seconds(0);
    pool.policy = change.policy;
    pool.treasury = change.treasury;

    event::emit(&PolicyChanged { header: PolicyChanged::header(*a.pool.address(), event::next(&mut pool.sequence)?) });
    drop(change);
    account::close(a.policy_change, a.rent_receiver)?;
    Ok(())
}
