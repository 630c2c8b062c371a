use {
    crate::Result,
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, guard},
    joule_stake_interface::{
        instruction::{AddSlasher, AddSlasherArgs},
        pda,
        state::{Pool, Slasher},
    },
};

/// See [`AddSlasher`].
pub fn add_slasher(accounts: &[AccountView], _: &AddSlasherArgs) -> Result<()> {
    let (a, _) = AddSlasher::parse(accounts)?;
    guard::system_program(a.system_program)?;
    guard::authority(a.authority, &account::load::<Network>(a.network)?.authority)?;
    guard::network(&account::load::<Pool>(a.pool)?.network, a.network.address())?;

    let seeds = pda::slasher::seeds(a.pool.address(), a.slasher_authority.address());
    let mut slasher = account::create::<Slasher>(a.payer, a.slasher, &seeds)?;
    slasher.pool = *a.pool.address();
    slasher.authority = *a.slasher_authority.address();
    Ok(())
}
