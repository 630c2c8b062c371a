use {
    crate::{Result, instructions::network_authority, policy},
    joule_common::{AccountView, account, guard},
    joule_identity_interface::{instruction::CreateRegistry, pda, state::Registry},
};

/// See [`CreateRegistry`].
#[inline(never)]
pub fn create_registry(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = CreateRegistry::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    network_authority(a.authority, a.network)?;
    policy::check(&{ args.policy }, a.pool, a.network)?;

    let seeds = pda::registry::seeds(a.network.address());
    let mut registry = account::create::<Registry>(a.payer, a.registry, &seeds)?;
    registry.network = *a.network.address();
    registry.policy = args.policy;
    registry.payer = *a.payer.address();
    policy::changed(a.registry, &mut registry)
}
