use {
    crate::{Result, attestors, instructions::is_bonded},
    joule_common::{AccountView, account, guard, guard::require},
    joule_identity_interface::{IdentityError, instruction::RefreshAttestor, state::Registry},
    joule_stake_interface::state::Provider,
};

/// See [`RefreshAttestor`].
#[inline(never)]
pub fn refresh_attestor(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = RefreshAttestor::parse(accounts, data)?;
    let registry = account::keep_mut::<Registry>(a.registry)?;
    let place = attestors::place(registry, args.attestor)?;
    let attestor = &registry.attestors[place];
    require(guard::eq(a.provider.address(), &attestor.provider), IdentityError::WrongProvider)?;

    let policy = &registry.policy;
    // One that has no provider names the zero address, which is none.
    let bonded =
        policy.attestor_bond.is_zero() || account::keep::<Provider>(a.provider).is_ok_and(|it| is_bonded(it, policy));
    registry.attestors[place].bonded = bonded as u8;

    let attestor = registry.attestors[place];
    attestors::changed(a.registry, registry, &attestor)
}
