use {
    crate::Result,
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, guard, guard::require},
    joule_interface::Fault,
    joule_stake_interface::{
        instruction::AddSlasher,
        pda,
        state::{Pool, Slasher, rights},
    },
};

/// See [`AddSlasher`].
#[inline(never)]
pub fn add_slasher(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = AddSlasher::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    guard::authority(a.authority, &account::keep::<Network>(a.network)?.authority)?;
    guard::network(&account::keep::<Pool>(a.pool)?.network, a.network.address())?;
    check_rights(args.rights)?;

    let seeds = pda::slasher::seeds(a.pool.address(), a.slasher_authority.address());
    let mut slasher = account::create::<Slasher>(a.payer, a.slasher, &seeds)?;
    slasher.pool = *a.pool.address();
    slasher.authority = *a.slasher_authority.address();
    slasher.rights = args.rights;
    slasher.window_limit = args.window_limit;
    Ok(())
}

/// There are no other rights.
pub(super) fn check_rights(sum: u8) -> Result<()> {
    Ok(require(sum & !rights::ALL == 0, Fault::InvalidParameter)?)
}
