//! Keys: who may do what for an identity.

pub(crate) mod act;
pub(crate) mod cancel_keys;
pub(crate) mod execute_keys;
pub mod limits;
pub(crate) mod open_keys;
pub(crate) mod pay_out;
pub mod permissions;
pub(crate) mod propose_keys;
pub(crate) mod set_bond_limit;
pub(crate) mod set_hot_key;

use {
    crate::Result,
    joule_common::{AccountView, account, event, guard, in_range},
    joule_escrow_interface::{
        event::KeysChanged,
        state::{Keys, NONE},
    },
    joule_interface::Address,
};

/// Keys whose manager signed.
#[inline(always)]
fn managed<'a>(keys: &'a AccountView, manager: &AccountView) -> Result<&'a mut Keys> {
    let keys = account::keep_mut::<Keys>(keys)?;
    guard::authority(manager, &keys.manager)?;
    Ok(keys)
}

/// A manager that can sign, and a payee that is somebody else than the identity: it pays to nobody out of its own accounts.
#[inline(always)]
fn check_parties(identity: &AccountView, manager: &Address, payee: &Address) -> Result<()> {
    let is_other = |party: &Address| !guard::eq(party, &NONE) && !guard::eq(party, identity.address());
    in_range!(is_other(manager), "manager")?;
    Ok(in_range!(is_other(payee), "payee")?)
}

/// Logs what the keys are now.
#[inline(never)]
fn emit_changed(identity: &AccountView, keys: &mut Keys) -> Result<()> {
    event::emit(&KeysChanged {
        header: KeysChanged::header(*identity.address(), event::next(&mut keys.sequence)?),
        manager: keys.manager,
        hot_key: keys.hot_key,
        payee: keys.payee,
        recovery: keys.recovery,
        executable_at: keys.executable_at,
        rights: keys.rights as u64,
    });
    Ok(())
}
