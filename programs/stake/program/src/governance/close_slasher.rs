use {
    crate::{
        Result,
        accounts::{in_pool, paid_by},
    },
    joule_common::{AccountView, account, guard::require, now},
    joule_interface::Fault,
    joule_stake_interface::{
        StakeError,
        instruction::CloseSlasher,
        state::{Pool, Slasher},
    },
};

/// See [`CloseSlasher`].
#[inline(never)]
pub fn close_slasher(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = CloseSlasher::parse(accounts, data)?;
    let pool = account::keep_mut::<Pool>(a.pool)?;
    let slasher = account::load::<Slasher>(a.slasher)?;
    in_pool(&slasher.pool, a.pool.address())?;
    paid_by(&slasher.payer, a.rent_receiver)?;
    let now = now()?;
    // Added again, it begins without what it proposed in this window.
    let window_ends_at = slasher.window_started_at.after(pool.policy.slash_window)?;
    let is_over = slasher.rights == 0 && now >= slasher.bonds_free_at && now >= window_ends_at;
    require(is_over, StakeError::SlasherInUse)?;

    pool.slasher_count = pool.slasher_count.checked_sub(1).ok_or(Fault::Overflow)?;
    drop(slasher);
    account::close(a.slasher, a.rent_receiver)?;
    Ok(())
}
