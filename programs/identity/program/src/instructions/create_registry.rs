use {
    crate::{
        Result,
        instructions::{
            network_authority,
            set_policy::{check_policy, policy_changed},
        },
    },
    joule_common::{AccountView, account, guard},
    joule_identity_interface::{
        instruction::{CreateRegistry, CreateRegistryArgs},
        pda,
        state::Registry,
    },
};

/// See [`CreateRegistry`].
#[inline(never)]
pub fn create_registry(accounts: &[AccountView], args: &CreateRegistryArgs) -> Result<()> {
    let (a, _) = CreateRegistry::parse(accounts)?;
    guard::system_program(a.system_program)?;
    network_authority(a.authority, a.network)?;
    let policy = args.policy;
    check_policy(&policy, a.pool, a.network)?;

    let seeds = pda::registry::seeds(a.network.address());
    let mut registry = account::create::<Registry>(a.payer, a.registry, &seeds)?;
    registry.network = *a.network.address();
    registry.policy = policy;
    policy_changed(a.registry, &mut registry)
}
