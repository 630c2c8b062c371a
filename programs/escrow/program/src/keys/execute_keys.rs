use {
    crate::{
        Result,
        keys::{cancel_keys::forget, emit_changed},
    },
    joule_common::{AccountView, account, guard::require, now},
    joule_escrow_interface::{EscrowError, instruction::ExecuteKeys, state::Keys},
    joule_math::Timestamp,
};

/// See [`ExecuteKeys`].
#[inline(never)]
pub fn execute_keys(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = ExecuteKeys::parse(accounts, data)?;
    let keys = account::keep_mut::<Keys>(a.keys)?;
    require(keys.executable_at != Timestamp(0), EscrowError::NoChange)?;
    require(now()? >= keys.executable_at, EscrowError::ChangeNotReady)?;

    (keys.manager, keys.payee, keys.recovery) = (keys.next_manager, keys.next_payee, keys.next_recovery);
    forget(keys);

    emit_changed(a.keys, keys)
}
