use {
    crate::{Result, spenders},
    joule_bme_interface::{
        instruction::RevokeSpender,
        state::{MAX_GRACE, MIN_GRACE, Network, Spender},
    },
    joule_common::{AccountView, account, guard, in_range, now},
    joule_math::Timestamp,
};

/// See [`RevokeSpender`].
pub fn revoke_spender(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = RevokeSpender::parse(accounts, data)?;
    guard::authority(a.authority, &account::keep::<Network>(a.network)?.authority)?;
    let spender = account::keep_mut::<Spender>(a.spender)?;
    guard::network(&spender.network, a.network.address())?;
    in_range!((MIN_GRACE..=MAX_GRACE).contains(&{ args.grace_period }), "grace_period")?;

    let closes = now()?.after(args.grace_period)?;
    let revoked = spender.closes_at != Timestamp::default();
    spender.closes_at = if revoked { closes.min(spender.closes_at) } else { closes };
    spenders::emit_changed(a.spender, spender)
}
