use {
    crate::{Result, governance::policy},
    joule_bme_interface::{
        instruction::SetChore,
        state::{Chore, MIN_CHORE_INTERVAL, Network, Upkeep},
    },
    joule_common::{AccountView, account, guard, in_range, now},
    joule_interface::Fault,
};

/// See [`SetChore`].
#[inline(never)]
pub fn set_chore(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = SetChore::parse(accounts, data)?;
    guard::authority(a.authority, &account::load::<Network>(a.network)?.authority)?;
    let mut upkeep = account::load_mut::<Upkeep>(a.upkeep)?;
    guard::network(&upkeep.network, a.network.address())?;
    let chore = upkeep.chores.get_mut(args.index as usize).ok_or(Fault::InvalidParameter)?;
    if { args.tip }.is_zero() {
        *chore = Chore::default();
        return Ok(());
    }
    in_range!((MIN_CHORE_INTERVAL..=policy::MONTH).contains(&{ args.interval }), "interval")?;
    in_range!((1..=8).contains(&args.data_length), "data_length")?;

    *chore = Chore {
        program: args.program,
        account: args.account,
        tip: args.tip,
        paid_at: now()?,
        interval: args.interval,
        place: args.place,
        data_length: args.data_length,
        data: args.data,
        ..Chore::default()
    };
    Ok(())
}
