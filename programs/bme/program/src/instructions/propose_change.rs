use {
    crate::{Result, policy},
    joule_bme_interface::{
        BmeError,
        event::ChangeProposed,
        instruction::{ProposeChange, ProposeChangeArgs},
        pda,
        state::{Network, ParameterChange},
    },
    joule_common::{AccountView, account, event, guard, guard::require, now, token},
    joule_interface::Fault,
};

/// See [`ProposeChange`].
pub fn propose_change(accounts: &[AccountView], args: &ProposeChangeArgs) -> Result<()> {
    let (a, _) = ProposeChange::parse(accounts)?;
    guard::system_program(a.system_program)?;
    let network = account::keep_mut::<Network>(a.network)?;
    guard::authority(a.authority, &network.authority)?;
    let policy = args.policy;
    policy::check(&policy)?;
    require(args.reset_average <= 1, Fault::InvalidParameter)?;
    require(policy.max_supply <= network.policy.max_supply, BmeError::SupplyOnlyFalls)?;
    for (account, named) in [(a.stakers, &policy.stakers), (a.treasury, &policy.treasury)] {
        guard::address(account, named)?;
        token::balance(account, &network.mint)?;
    }

    let index = network.changes;
    let executable_from = now()?.after(network.policy.change_delay)?;
    let seeds_index = index.to_le_bytes();
    let seeds = pda::change::seeds(a.network.address(), &seeds_index);
    let mut change = account::create::<ParameterChange>(a.payer, a.change, &seeds)?;
    *change = ParameterChange {
        header: change.header,
        network: *a.network.address(),
        payer: *a.payer.address(),
        index,
        base: network.policy_version,
        executable_from,
        policy,
        reset_average: args.reset_average,
        reserved: [0; 31],
    };
    network.changes += 1;

    event::emit(&ChangeProposed {
        header: ChangeProposed::header(*a.network.address(), event::next(&mut network.sequence)?),
        index,
        executable_from,
    });
    Ok(())
}
