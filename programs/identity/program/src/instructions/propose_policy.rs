use {
    crate::{Result, instructions::registry_of, policy},
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, now},
    joule_identity_interface::instruction::ProposePolicy,
};

/// See [`ProposePolicy`].
#[inline(never)]
pub fn propose_policy(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = ProposePolicy::parse(accounts, data)?;
    let registry = registry_of(a.authority, a.network, a.registry)?;
    let delay = account::keep::<Network>(a.network)?.policy.change_delay;
    policy::check(&{ args.policy }, a.pool, a.network)?;

    policy::propose(registry, args.policy, now()?.after(delay)?);
    policy::proposed(a.registry, registry, args.policy)
}
