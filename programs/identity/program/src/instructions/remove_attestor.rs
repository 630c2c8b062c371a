use {
    crate::{Result, attestors, instructions::registry_of},
    joule_common::AccountView,
    joule_identity_interface::{instruction::RemoveAttestor, state::Attestor},
};

/// See [`RemoveAttestor`].
#[inline(never)]
pub fn remove_attestor(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = RemoveAttestor::parse(accounts, data)?;
    let registry = registry_of(a.authority, a.network, a.registry)?;
    let place = attestors::place(registry, args.attestor)?;

    let removed = core::mem::take(&mut registry.attestors[place]);

    attestors::changed(a.registry, registry, &Attestor { bonded: 0, ..removed })
}
