use {
    crate::{
        Result,
        instructions::{network_authority, paid_by},
    },
    joule_common::{AccountView, account, guard, guard::require},
    joule_identity_interface::{IdentityError, instruction::CloseRegistry, state::Registry},
    joule_interface::Header,
};

/// See [`CloseRegistry`].
#[inline(never)]
pub fn close_registry(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = CloseRegistry::parse(accounts, data)?;
    network_authority(a.authority, a.network)?;
    {
        let registry = account::load::<Registry>(a.registry)?;
        guard::network(&registry.network, a.network.address())?;
        let attestors = registry.attestors.iter().any(|attestor| attestor.id != 0);
        let used = attestors || registry.open_tree_count != 0 || registry.open_class_count != 0;
        require(!used, IdentityError::RegistryInUse)?;
        paid_by(&registry.payer, a.payer)?;
    }

    Ok(account::shrink(a.registry, size_of::<Header>(), a.payer)?)
}
