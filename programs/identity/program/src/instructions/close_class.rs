use {
    crate::{
        Result,
        instructions::{in_registry, paid_by, registry_of},
    },
    joule_common::{AccountView, account, guard::require, now},
    joule_identity_interface::{
        IdentityError,
        instruction::CloseClass,
        state::{CLASS_CLOSING_DELAY, Class},
    },
    joule_interface::Fault,
};

/// See [`CloseClass`].
#[inline(never)]
pub fn close_class(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = CloseClass::parse(accounts, data)?;
    let registry = registry_of(a.authority, a.network, a.registry)?;
    {
        let class = account::load::<Class>(a.class)?;
        in_registry(&class.registry, a.registry.address())?;
        let due = class.retired == 1 && now()? >= class.retired_at.after(CLASS_CLOSING_DELAY)?;
        require(due, IdentityError::ClassInUse)?;
        paid_by(&class.payer, a.payer)?;
    }

    registry.open_class_count = registry.open_class_count.checked_sub(1).ok_or(Fault::Overflow)?;
    Ok(account::close(a.class, a.payer)?)
}
