use {
    crate::{Result, instructions::network_authority},
    joule_common::{AccountView, account, guard},
    joule_identity_interface::{
        instruction::{CreateRegistry, CreateRegistryArgs},
        pda,
        state::Registry,
    },
};

/// See [`CreateRegistry`].
pub fn create_registry(accounts: &[AccountView], _: &CreateRegistryArgs) -> Result<()> {
    let (a, _) = CreateRegistry::parse(accounts)?;
    guard::system_program(a.system_program)?;
    network_authority(a.authority, a.network)?;

    let seeds = pda::registry::seeds(a.network.address());
    let mut registry = account::create::<Registry>(a.payer, a.registry, &seeds)?;
    registry.network = *a.network.address();
    Ok(())
}
