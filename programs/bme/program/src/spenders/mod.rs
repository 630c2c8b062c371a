//! Spenders: programs that may lock and consume credits.

pub(crate) mod add_spender;
pub(crate) mod close_spender;
pub(crate) mod restore_spender;
pub(crate) mod revoke_spender;
pub(crate) mod set_spender_limit;

use {
    crate::Result,
    joule_bme_interface::{
        event::SpenderChanged,
        state::{MIN_SPENDER_LIMIT, Spender},
    },
    joule_common::{AccountView, account, event, guard, in_range},
    joule_interface::Address,
    joule_math::Credits,
};

/// A spender of the network whose authority signed.
#[inline(always)]
pub fn signed_by<'a>(view: &'a AccountView, authority: &AccountView, network: &Address) -> Result<&'a Spender> {
    let spender = account::keep::<Spender>(view)?;
    guard::network(&spender.network, network)?;
    guard::authority(authority, &spender.authority)?;
    Ok(spender)
}

/// A limit that lets something pass through every shard.
pub fn check_limit(limit: Credits) -> Result<()> {
    Ok(in_range!(limit >= MIN_SPENDER_LIMIT, "epoch_limit")?)
}

/// Emits a spender's new state.
pub fn emit_changed(view: &AccountView, spender: &mut Spender) -> Result<()> {
    event::emit(&SpenderChanged {
        header: SpenderChanged::header(*view.address(), event::next(&mut spender.sequence)?),
        authority: spender.authority,
        id: spender.id as u64,
        number: spender.number as u64,
        epoch_limit: spender.epoch_limit,
        closes_at: spender.closes_at,
    });
    Ok(())
}
