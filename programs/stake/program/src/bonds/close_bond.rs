use {
    crate::{
        Result,
        accounts::{is_free, paid_by},
    },
    joule_common::{AccountView, account, guard::require},
    joule_stake_interface::{StakeError, instruction::CloseBond, state::Bond},
};

/// See [`CloseBond`].
#[inline(never)]
pub fn close_bond(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = CloseBond::parse(accounts, data)?;
    let bond = account::load::<Bond>(a.bond)?;
    paid_by(&bond.payer, a.payer)?;
    require(is_free(&bond), StakeError::BondInUse)?;
    drop(bond);
    account::close(a.bond, a.payer)?;
    Ok(())
}
