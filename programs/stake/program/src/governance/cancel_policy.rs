use {
    crate::{
        Result,
        accounts::{in_pool, paid_by},
    },
    joule_bme_interface::state::{CHANGE_WINDOW, Network},
    joule_common::{AccountView, account, event, guard, now},
    joule_math::Seconds,
    joule_stake_interface::{
        event::PolicyCancelled,
        instruction::CancelPolicy,
        state::{PolicyChange, Pool},
    },
};

/// See [`CancelPolicy`].
#[inline(never)]
pub fn cancel_policy(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = CancelPolicy::parse(accounts, data)?;
    let network = account::keep::<Network>(a.network)?;
    let pool = account::keep_mut::<Pool>(a.pool)?;
    guard::network(&pool.network, a.network.address())?;
    let change = account::load::<PolicyChange>(a.policy_change)?;
    in_pool(&change.pool, a.pool.address())?;
    paid_by(&change.payer, a.rent_receiver)?;
    // What nobody can execute is in the way of the next.
    if now()? <= change.executable_at.after(CHANGE_WINDOW)? {
        guard::authority(a.authority, &network.authority)?;
    }

    pool.next_unbonding_period = Seconds(0);
    event::emit(&PolicyCancelled {
        header: PolicyCancelled::header(*a.pool.address(), event::next(&mut pool.sequence)?),
    });
    drop(change);
    account::close(a.policy_change, a.rent_receiver)?;
    Ok(())
}
