use {
    crate::{
        Result,
        keys::{emit_changed, managed, open_keys::PERIODS},
    },
    joule_common::{AccountView, in_range},
    joule_escrow_interface::{
        instruction::SetHotKey,
        state::{BondLimit, hot_right},
    },
    joule_math::Timestamp,
};

/// See [`SetHotKey`]. Works while networks are paused: a stolen key waits for nobody.
#[inline(never)]
pub fn set_hot_key(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = SetHotKey::parse(accounts, data)?;
    let keys = managed(a.keys, a.manager)?;
    let window = args.window;
    in_range!(args.rights & !hot_right::ALL == 0, "rights")?;
    in_range!(PERIODS.contains(&window), "window")?;

    keys.hot_key = args.hot_key;
    keys.rights = args.rights;
    keys.window = window;
    for limit in &mut keys.limits {
        *limit = BondLimit { window_started_at: Timestamp(i64::MIN), used: 0, ..*limit };
    }

    emit_changed(a.keys, keys)
}
