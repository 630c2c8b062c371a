use {
    crate::{Result, accounts::treasury, governance},
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, event, guard, now},
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
    let rules = args.policy;
    governance::check(&rules)?;
    let treasury = treasury(a.treasury, &pool.mint, a.pool.address())?;

    let executable_from = now()?.after(network.policy.change_delay)?;
    let mut change =
        account::create::<PolicyChange>(a.payer, a.policy_change, &pda::policy_change::seeds(a.pool.address()))?;
    change.pool = *a.pool.address();
    change.payer = *a.payer.address();
    change.treasury = treasury;
    change.executable_at = executable_from;
    change.policy = rules;

    event::emit(&PolicyProposed {
        header: PolicyProposed::header(*a.pool.address(), event::next(&mut pool.sequence)?),
        executable_at: executable_from,
    });
    Ok(())
}
