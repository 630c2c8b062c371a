//! Spenders: programs that may lock and consume credits.

pub(crate) mod add_spender;
pub(crate) mod close_spender;
pub(crate) mod restore_spender;
pub(crate) mod revoke_spender;

use {
    crate::Result,
    joule_bme_interface::{event::SpenderChanged, state::Spender},
    joule_common::{AccountView, account, event, guard},
    joule_interface::Address,
};

/// A spender of the network whose authority signed.
#[inline(always)]
pub fn signed_by<'a>(view: &'a AccountView, authority: &AccountView, network: &Address) -> Result<&'a Spender> {
    let spender = account::keep::<Spender>(view)?;
    guard::network(&spender.network, network)?;
    guard::authority(authority, &spender.authority)?;
    Ok(spender)
}

/// Emits a spender's new state.
pub fn emit_changed(view: &AccountView, spender: &mut Spender) -> Result<()> {
    event::emit(&SpenderChanged {
        header: SpenderChanged::header(*view.address(), event::next(&mut spender.sequence)?),
        authority: spender.authority,
        id: spender.id as u64,
        number: spender.number as u64,
        lane: spender.lane as u64,
        closes_at: spender.closes_at,
    });
    Ok(())
}
