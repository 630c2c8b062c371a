use {
    crate::{Result, keys::emit_changed},
    joule_common::{AccountView, account, guard, guard::require},
    joule_escrow_interface::{
        EscrowError,
        instruction::CancelKeys,
        state::{Keys, NONE},
    },
    joule_interface::Fault,
    joule_math::Timestamp,
};

/// See [`CancelKeys`].
#[inline(never)]
pub fn cancel_keys(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = CancelKeys::parse(accounts, data)?;
    let keys = account::keep_mut::<Keys>(a.keys)?;
    let may = [&keys.manager, &keys.recovery].iter().any(|party| guard::eq(a.authority.address(), party));
    require(may, Fault::Unauthorized)?;
    require(keys.executable_at != Timestamp(0), EscrowError::NoChange)?;

    forget(keys);

    emit_changed(a.keys, keys)
}

/// No change waits any more.
#[inline(always)]
pub fn forget(keys: &mut Keys) {
    (keys.next_manager, keys.next_payee, keys.next_recovery) = (NONE, NONE, NONE);
    keys.executable_at = Timestamp(0);
}
