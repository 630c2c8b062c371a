use {
    crate::{Result, policy},
    joule_common::{AccountView, account, now},
    joule_identity_interface::{instruction::ExecutePolicy, state::Registry},
};

/// See [`ExecutePolicy`].
#[inline(never)]
pub fn execute_policy(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = ExecutePolicy::parse(accounts, data)?;
    let registry = account::keep_mut::<Registry>(a.registry)?;

    policy::execute(registry, now()?)?;
    policy::changed(a.registry, registry)
}
