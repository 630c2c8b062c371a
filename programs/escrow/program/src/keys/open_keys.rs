use {
    crate::{
        Result,
        keys::{check_parties, emit_changed},
    },
    joule_common::{AccountView, account, guard, in_range},
    joule_escrow_interface::{instruction::OpenKeys, pda, state::Keys},
    joule_math::Seconds,
};

/// An hour to a year.
pub const PERIODS: core::ops::RangeInclusive<Seconds> = Seconds(3_600)..=Seconds(365 * 86_400);

/// See [`OpenKeys`]. Works while networks are paused: it belongs to none.
#[inline(never)]
pub fn open_keys(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = OpenKeys::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    let (payee, recovery, change_delay) = (args.payee, args.recovery, args.change_delay);
    check_parties(a.keys, a.manager.address(), &payee)?;
    in_range!(PERIODS.contains(&change_delay), "change_delay")?;

    let number = args.id.to_le_bytes();
    let seeds = pda::keys::seeds(a.manager.address(), &number);
    let keys = account::kept(account::create::<Keys>(a.payer, a.keys, &seeds)?);
    keys.manager = *a.manager.address();
    keys.payee = payee;
    keys.recovery = recovery;
    keys.opened_by = *a.manager.address();
    keys.id = args.id;
    keys.payer = *a.payer.address();
    keys.change_delay = change_delay;

    emit_changed(a.keys, keys)
}
