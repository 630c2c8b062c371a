//! The places of a registry's attestors.

use {
    crate::Result,
    joule_common::{AccountView, event, guard::require},
    joule_identity_interface::{
        IdentityError,
        event::AttestorChanged,
        state::{Attestor, Registry},
    },
    joule_interface::{Address, Fault},
};

/// Where the attestor of that number is.
pub fn place(registry: &Registry, id: u32) -> Result<usize> {
    let place = registry.attestors.iter().position(|attestor| id != 0 && attestor.id == id);
    place.ok_or(IdentityError::UnknownAttestor)
}

/// Gives a new one a place and the next number.
pub fn add(registry: &mut Registry, attestor: Attestor) -> Result<Attestor> {
    let none = Address::default();
    let listed = registry.attestors.iter().any(|other| {
        other.authority == attestor.authority || (other.provider == attestor.provider && other.provider != none)
    });
    require(!listed, IdentityError::AttestorListed)?;
    let place = registry.attestors.iter().position(|other| other.id == 0);
    let place = place.ok_or(IdentityError::TooManyAttestors)?;
    registry.attestor_count = registry.attestor_count.checked_add(1).ok_or(Fault::Overflow)?;
    registry.attestors[place] = Attestor { id: registry.attestor_count, ..attestor };
    Ok(registry.attestors[place])
}

/// Tells of an attestor that was added, removed or looked at.
pub fn changed(view: &AccountView, registry: &mut Registry, attestor: &Attestor) -> Result<()> {
    event::emit(&AttestorChanged {
        header: AttestorChanged::header(*view.address(), event::next(&mut registry.sequence)?),
        authority: attestor.authority,
        provider: attestor.provider,
        id: attestor.id as u64,
        weight: if attestor.bonded == 1 { attestor.weight as u64 } else { 0 },
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use {super::*, joule_identity_interface::state::MAX_ATTESTORS};

    fn attestor(authority: u8, provider: u8) -> Attestor {
        let [authority, provider] = [authority, provider].map(|byte| Address::new_from_array([byte; 32]));
        Attestor { authority, provider, weight: 1, bonded: 1, ..Attestor::default() }
    }

    #[test]
    fn numbers_are_never_used_again() {
        let mut registry = Registry::default();
        for number in 1..=MAX_ATTESTORS as u8 {
            assert_eq!(add(&mut registry, attestor(number, 0)).unwrap().id, number as u32);
        }
        assert_eq!(add(&mut registry, attestor(99, 0)), Err(IdentityError::TooManyAttestors));
        let place = place(&registry, 7).unwrap();
        registry.attestors[place] = Attestor::default();
        assert_eq!(super::place(&registry, 7), Err(IdentityError::UnknownAttestor));
        assert_eq!(add(&mut registry, attestor(99, 0)).unwrap().id, MAX_ATTESTORS as u32 + 1);
        assert_eq!(super::place(&registry, 0), Err(IdentityError::UnknownAttestor));
        assert_eq!(registry.attestor(0), None);
        registry.attestors[0] = Attestor::default();
        registry.attestor_count = u32::MAX;
        assert_eq!(add(&mut registry, attestor(98, 0)), Err(IdentityError::Overflow));
    }

    #[test]
    fn nobody_is_listed_twice() {
        let mut registry = Registry::default();
        add(&mut registry, attestor(1, 2)).unwrap();
        for twice in [attestor(1, 2), attestor(1, 3), attestor(3, 2)] {
            assert_eq!(add(&mut registry, twice), Err(IdentityError::AttestorListed));
        }
        // Without a bond there are no providers to be the same.
        add(&mut registry, attestor(3, 0)).unwrap();
        add(&mut registry, attestor(4, 0)).unwrap();
    }
}
