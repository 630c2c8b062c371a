use {
    crate::{Result, attestors, instructions::is_bonded},
    joule_common::{AccountView, account, guard, guard::require, now},
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

    let (policy, now) = (&registry.policy, now()?);
    // One that has no provider names the zero address, which is none.
    let bonded = policy.attestor_bond.is_zero()
        || (account::exists::<Provider>(a.provider) && is_bonded(account::keep::<Provider>(a.provider)?, policy, now));
    registry.attestors[place].bonded = bonded as u8;

    let attestor = registry.attestors[place];
    attestors::changed(a.registry, registry, &attestor)
}
