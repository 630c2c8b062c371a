use {
    crate::{Result, instructions::registry_of, policy},
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, now},
    joule_identity_interface::instruction::{ProposePolicy, ProposePolicyArgs},
};

/// See [`ProposePolicy`].
#[inline(never)]
pub fn propose_policy(accounts: &[AccountView], args: &ProposePolicyArgs) -> Result<()> {
    let (a, _) = ProposePolicy::parse(accounts)?;
    let registry = registry_of(a.authority, a.network, a.registry)?;
    let delay = account::keep::<Network>(a.network)?.policy.change_delay;
    policy::check(&{ args.policy }, a.pool, a.network)?;

    policy::propose(registry, args.policy, now()?.after(delay)?);
    policy::proposed(a.registry, registry, args.policy)
}
