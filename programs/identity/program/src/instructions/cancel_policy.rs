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
    let mut registry = account::load_mut::<Registry>(a.registry)?;
    guard::network(&registry.network, a.network.address())?;

    let waiting = policy::cancel(&mut registry)?;
    policy::proposed(a.registry, &mut registry, waiting)
}
