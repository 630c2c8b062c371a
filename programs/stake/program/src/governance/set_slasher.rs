use {
    crate::{Result, accounts::in_pool, governance},
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, guard, now},
    joule_stake_interface::{
        instruction::SetSlasher,
        state::{Pool, Slasher},
    },
};

/// See [`SetSlasher`].
#[inline(never)]
pub fn set_slasher(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = SetSlasher::parse(accounts, data)?;
    let network = account::keep::<Network>(a.network)?;
    guard::authority(a.authority, &network.authority)?;
    let pool = account::keep_mut::<Pool>(a.pool)?;
    guard::network(&pool.network, a.network.address())?;
    let slasher = account::keep_mut::<Slasher>(a.slasher)?;
    in_pool(&slasher.pool, a.pool.address())?;

    let delay = network.policy.change_delay;
    governance::grant(pool, slasher, args.rights, args.window_limit, args.slash_share, delay, now()?)?;
    governance::emit_slasher_changed(pool, a.pool, slasher, a.slasher)
}
