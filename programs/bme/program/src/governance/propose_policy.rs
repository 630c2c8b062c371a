use {
    crate::{Result, governance::policy},
    joule_bme_interface::{
        BmeError,
        event::PolicyProposed,
        instruction::ProposePolicy,
        pda,
        state::{Network, PolicyChange},
    },
    joule_common::{AccountView, account, event, guard, guard::require, in_range, now},
};

/// See [`ProposePolicy`].
pub fn propose_policy(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = ProposePolicy::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    let network = account::keep_mut::<Network>(a.network)?;
    guard::authority(a.authority, &network.authority)?;
    let policy = args.policy;
    policy::check(&policy, network.source)?;
    in_range!(args.reset_average <= 1, "reset_average")?;
    require(policy.max_supply <= network.policy.max_supply, BmeError::SupplyOnlyFalls)?;
    policy::check_destinations(&policy, a.network.address(), &network.mint, a.stakers, a.treasury)?;

    let index = network.change_count;
    let executable_from = now()?.after(network.policy.change_delay)?;
    let seeds_index = index.to_le_bytes();
    let seeds = pda::policy_change::seeds(a.network.address(), &seeds_index);
    let mut change = account::create::<PolicyChange>(a.payer, a.policy_change, &seeds)?;
    *change = PolicyChange {
        header: change.header,
        network: *a.network.address(),
        payer: *a.payer.address(),
        index,
        base_policy_version: network.policy_version,
        executable_at: executable_from,
        policy,
        reset_average: args.reset_average,
        reserved: [0; 31],
    };
    network.change_count += 1;

    event::emit(&PolicyProposed {
        header: PolicyProposed::header(*a.network.address(), event::next(&mut network.sequence)?),
        index,
        executable_at: executable_from,
    });
    Ok(())
}
