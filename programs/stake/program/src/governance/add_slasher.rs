use {
    crate::{Result, governance},
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, guard, now},
    joule_interface::Fault,
    joule_stake_interface::{
        instruction::AddSlasher,
        pda,
        state::{Pool, Slasher},
    },
};

/// See [`AddSlasher`].
#[inline(never)]
pub fn add_slasher(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = AddSlasher::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    let network = account::keep::<Network>(a.network)?;
    guard::authority(a.authority, &network.authority)?;
    let pool = account::keep_mut::<Pool>(a.pool)?;
    guard::network(&pool.network, a.network.address())?;

    let seeds = pda::slasher::seeds(a.pool.address(), a.slasher_authority.address());
    let mut slasher = account::create::<Slasher>(a.payer, a.slasher, &seeds)?;
    slasher.pool = *a.pool.address();
    slasher.authority = *a.slasher_authority.address();
    slasher.payer = *a.payer.address();
    pool.slasher_count = pool.slasher_count.checked_add(1).ok_or(Fault::Overflow)?;
    let delay = network.policy.change_delay;
    governance::grant(pool, &mut slasher, args.rights, args.window_limit, args.slash_share, delay, now()?)?;
    governance::emit_slasher_changed(pool, a.pool, &slasher, a.slasher)
}
