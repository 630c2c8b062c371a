use {
    crate::{Result, spenders},
    joule_bme_interface::{
        BmeError,
        instruction::RestoreSpender,
        state::{Network, Spender},
    },
    joule_common::{AccountView, account, guard, guard::require, now},
    joule_math::Timestamp,
};

/// See [`RestoreSpender`]. Once owners may reclaim, what the spender believes to be locked need not be there.
pub fn restore_spender(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = RestoreSpender::parse(accounts, data)?;
    guard::authority(a.authority, &account::keep::<Network>(a.network)?.authority)?;
    let spender = account::keep_mut::<Spender>(a.spender)?;
    guard::network(&spender.network, a.network.address())?;
    require(spender.closes_at == Timestamp::default() || now()? < spender.closes_at, BmeError::SpenderRevoked)?;
    spender.closes_at = Timestamp::default();
    spenders::emit_changed(a.spender, spender)
}
