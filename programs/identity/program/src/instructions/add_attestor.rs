use {
    crate::{
        Result, attestors,
        instructions::{is_bonded, registry_of},
    },
    joule_common::{AccountView, account, guard, guard::require, in_range, now},
    joule_identity_interface::{ID, IdentityError, instruction::AddAttestor, state::Attestor},
    joule_interface::Address,
    joule_stake_interface::state::Provider,
};

/// See [`AddAttestor`].
#[inline(never)]
pub fn add_attestor(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = AddAttestor::parse(accounts, data)?;
    let registry = registry_of(a.authority, a.network, a.registry)?;
    let authority = *a.attestor.address();
    in_range!(args.weight != 0, "weight")?;
    in_range!(authority != Address::default(), "attestor")?;
    let mut provider = Address::default();
    if !registry.policy.attestor_bond.is_zero() {
        require(guard::present(a.provider, &ID), IdentityError::NotBonded)?;
        let stake = account::keep::<Provider>(a.provider)?;
        require(guard::eq(&stake.authority, &authority), IdentityError::WrongProvider)?;
        require(is_bonded(stake, &registry.policy, now()?), IdentityError::NotBonded)?;
        provider = *a.provider.address();
    }

    let attestor = Attestor { authority, provider, id: 0, weight: args.weight, bonded: 1, reserved: 0 };
    let attestor = attestors::add(registry, attestor)?;
    attestors::changed(a.registry, registry, &attestor)
}
