use {
    crate::{Result, instructions::treasury, rules},
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, event, guard, now},
    joule_stake_interface::{
        event::ChangeProposed,
        instruction::{ProposeChange, ProposeChangeArgs},
        pda,
        state::{Change, Pool},
    },
};

/// See [`ProposeChange`].
#[inline(never)]
pub fn propose_change(accounts: &[AccountView], args: &ProposeChangeArgs) -> Result<()> {
    let (a, _) = ProposeChange::parse(accounts)?;
    guard::system_program(a.system_program)?;
    let network = account::keep::<Network>(a.network)?;
    guard::authority(a.authority, &network.authority)?;
    let pool = account::keep_mut::<Pool>(a.pool)?;
    guard::network(&pool.network, a.network.address())?;
    let rules = args.rules;
    rules::check(&rules)?;
    let treasury = treasury(a.treasury, &pool.mint, a.pool.address())?;

    let executable_from = now()?.after(network.policy.change_delay)?;
    let mut change = account::create::<Change>(a.payer, a.change, &pda::change::seeds(a.pool.address()))?;
    change.pool = *a.pool.address();
    change.payer = *a.payer.address();
    change.treasury = treasury;
    change.executable_from = executable_from;
    change.rules = rules;

    event::emit(&ChangeProposed {
        header: ChangeProposed::header(*a.pool.address(), event::next(&mut pool.sequence)?),
        executable_from,
    });
    Ok(())
}
