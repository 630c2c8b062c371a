use {
    crate::{Result, instructions::guardian, policy},
    joule_common::{AccountView, account, guard},
    joule_identity_interface::{
        instruction::{CancelPolicy, CancelPolicyArgs},
        state::Registry,
    },
};

/// See [`CancelPolicy`].
#[inline(never)]
pub fn cancel_policy(accounts: &[AccountView], _: &CancelPolicyArgs) -> Result<()> {
    let (a, _) = CancelPolicy::parse(accounts)?;
    guardian(a.authority, a.network)?;
    let registry = account::keep_mut::<Registry>(a.registry)?;
    guard::network(&registry.network, a.network.address())?;

    let waiting = policy::cancel(registry)?;
    policy::proposed(a.registry, registry, waiting)
}
