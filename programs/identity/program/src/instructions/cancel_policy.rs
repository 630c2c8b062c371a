use {
    crate::{Result, instructions::guardian, policy},
    joule_common::{AccountView, account, guard},
    joule_identity_interface::{instruction::CancelPolicy, state::Registry},
};

/// See [`CancelPolicy`].
#[inline(never)]
pub fn cancel_policy(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = CancelPolicy::parse(accounts, data)?;
    guardian(a.authority, a.network)?;
    let registry = account::keep_mut::<Registry>(a.registry)?;
    guard::network(&registry.network, a.network.address())?;

    let waiting = policy::cancel(registry)?;
    policy::proposed(a.registry, registry, waiting)
}
