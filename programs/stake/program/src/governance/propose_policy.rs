use {
    crate::{
        Result,
        accounts::{NONE, treasury},
        governance,
    },
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, event, guard, now},
    joule_interface::Address,
    joule_stake_interface::{
        event::PolicyProposed,
        instruction::ProposePolicy,
        pda,
        state::{PolicyChange, Pool},
    },
};

/// See [`ProposePolicy`].
#[inline(never)]
pub fn propose_policy(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = ProposePolicy::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    let network = account::keep::<Network>(a.network)?;
    guard::authority(a.authority, &network.authority)?;
    let pool = account::keep_mut::<Pool>(a.pool)?;
    guard::network(&pool.network, a.network.address())?;
    let policy = args.policy;
    governance::check(&policy)?;
    let treasury = treasury(a.treasury, &pool.mint, a.pool.address())?;
    governance::check_burned(&policy, &pool.mint, &treasury)?;

    let (now, delay) = (now()?, network.policy.change_delay);
    let is_worse = governance::is_worse(&policy, &pool.policy) || gives_to(&treasury, &pool.treasury);
    pool.next_unbonding_period = policy.unbonding_period;
    let executable_at =
        if is_worse && now >= pool.setup_ends_at { governance::announce(pool, delay, now)? } else { now.after(delay)? };
    let mut change =
        account::create::<PolicyChange>(a.payer, a.policy_change, &pda::policy_change::seeds(a.pool.address()))?;
    change.pool = *a.pool.address();
    change.payer = *a.payer.address();
    change.treasury = treasury;
    change.executable_at = executable_at;
    change.policy = policy;

    event::emit(&PolicyProposed {
        header: PolicyProposed::header(*a.pool.address(), event::next(&mut pool.sequence)?),
        executable_at,
    });
    Ok(())
}

/// What is slashed is somebody's income that was nobody's, or another's: a reason to slash.
fn gives_to(new: &Address, old: &Address) -> bool {
    !guard::eq(new, &NONE) && !guard::eq(new, old)
}
