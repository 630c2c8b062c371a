use {
    crate::{Result, attestors, instructions::registry_of},
    joule_common::AccountView,
    joule_identity_interface::{
        instruction::{RemoveAttestor, RemoveAttestorArgs},
        state::Attestor,
    },
};

/// See [`RemoveAttestor`].
#[inline(never)]
pub fn remove_attestor(accounts: &[AccountView], args: &RemoveAttestorArgs) -> Result<()> {
    let (a, _) = RemoveAttestor::parse(accounts)?;
    let registry = registry_of(a.authority, a.network, a.registry)?;
    let place = attestors::place(registry, args.attestor)?;

    let removed = core::mem::take(&mut registry.attestors[place]);

    attestors::changed(a.registry, registry, &Attestor { bonded: 0, ..removed })
}
