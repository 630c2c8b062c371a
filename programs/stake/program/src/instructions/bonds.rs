//! Places for bonds: opened and closed.

use {
    crate::{Result, instructions::is_free, instructions::paid_by},
    joule_common::{AccountView, account, guard, guard::require},
    joule_stake_interface::{
        StakeError,
        instruction::{CloseBond, CloseBondArgs, OpenBond, OpenBondArgs},
        pda,
        state::{Bond, Provider},
    },
};

/// See [`OpenBond`].
#[inline(never)]
pub fn open_bond(accounts: &[AccountView], args: &OpenBondArgs) -> Result<()> {
    let (a, _) = OpenBond::parse(accounts)?;
    guard::system_program(a.system_program)?;
    account::keep::<Provider>(a.provider)?;

    let seeds = pda::bond::seeds(a.provider.address(), &args.bond_id);
    let mut bond = account::create::<Bond>(a.payer, a.bond, &seeds)?;
    bond.provider = *a.provider.address();
    bond.payer = *a.payer.address();
    bond.reusable = 1;
    Ok(())
}

/// See [`CloseBond`].
#[inline(never)]
pub fn close_bond(accounts: &[AccountView], _: &CloseBondArgs) -> Result<()> {
    let (a, _) = CloseBond::parse(accounts)?;
    let bond = account::load::<Bond>(a.bond)?;
    paid_by(&bond.payer, a.payer)?;
    require(is_free(&bond), StakeError::BondInUse)?;
    drop(bond);
    account::close(a.bond, a.payer)?;
    Ok(())
}
