use {
    crate::{
        Result,
        accounts::{is_free, paid_by},
    },
    joule_common::{AccountView, account, guard::require},
    joule_stake_interface::{
        StakeError,
        instruction::{CloseBond, CloseBondArgs},
        state::Bond,
    },
};

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
