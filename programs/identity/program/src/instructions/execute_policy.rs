use {
    crate::{Result, policy},
    joule_common::{AccountView, account, now},
    joule_identity_interface::{
        instruction::{ExecutePolicy, ExecutePolicyArgs},
        state::Registry,
    },
};

/// See [`ExecutePolicy`].
#[inline(never)]
pub fn execute_policy(accounts: &[AccountView], _: &ExecutePolicyArgs) -> Result<()> {
    let (a, _) = ExecutePolicy::parse(accounts)?;
    let registry = account::keep_mut::<Registry>(a.registry)?;

    policy::execute(registry, now()?)?;
    policy::changed(a.registry, registry)
}
