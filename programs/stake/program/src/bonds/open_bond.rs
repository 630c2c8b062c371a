use {
    crate::Result,
    joule_common::{AccountView, account, guard},
    joule_stake_interface::{
        instruction::OpenBond,
        pda,
        state::{Bond, Provider},
    },
};

/// See [`OpenBond`].
#[inline(never)]
pub fn open_bond(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = OpenBond::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    account::keep::<Provider>(a.provider)?;

    let seeds = pda::bond::seeds(a.provider.address(), &args.bond_id);
    let mut bond = account::create::<Bond>(a.payer, a.bond, &seeds)?;
    bond.provider = *a.provider.address();
    bond.payer = *a.payer.address();
    bond.reusable = 1;
    Ok(())
}
