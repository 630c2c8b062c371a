use {
    crate::{
        Result,
        instructions::{in_registry, registry_of},
    },
    joule_common::{AccountView, account, event, guard::require, now},
    joule_identity_interface::{IdentityError, event::ClassRetired, instruction::RetireClass, state::Class},
};

/// See [`RetireClass`].
#[inline(never)]
pub fn retire_class(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = RetireClass::parse(accounts, data)?;
    let registry = registry_of(a.authority, a.network, a.registry)?;
    let class = account::keep_mut::<Class>(a.class)?;
    in_registry(&class.registry, a.registry.address())?;
    require(class.retired == 0, IdentityError::ClassRetired)?;

    (class.retired, class.retired_at) = (1, now()?);

    event::emit(&ClassRetired {
        header: ClassRetired::header(*a.registry.address(), event::next(&mut registry.sequence)?),
        id: class.id as u64,
    });
    Ok(())
}
