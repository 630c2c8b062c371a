use {
    crate::{Result, instructions::of_provider, instructions::slasher, pots},
    joule_common::{AccountView, account, event, guard, guard::require},
    joule_stake_interface::{
        StakeError,
        event::BondReleased,
        instruction::{ReleaseBond, ReleaseBondArgs},
        state::{Bond, Provider},
    },
};

/// See [`ReleaseBond`]. Works while the network is paused: it gives back.
pub fn release_bond(accounts: &[AccountView], _: &ReleaseBondArgs) -> Result<()> {
    let (a, _) = ReleaseBond::parse(accounts)?;
    let mut provider = account::load_mut::<Provider>(a.provider)?;
    let bond = account::load::<Bond>(a.bond)?;
    of_provider(&bond.provider, a.provider)?;
    require(guard::eq(&bond.slasher, a.slasher.address()), StakeError::WrongSlasher)?;
    slasher(a.slasher, a.slasher_authority)?;
    require(guard::eq(a.rent_receiver.address(), &bond.payer), StakeError::WrongPayer)?;

    let (job, amount) = (bond.job, bond.amount);
    pots::release(&mut provider, amount)?;
    drop(bond);
    account::close(a.bond, a.rent_receiver)?;

    event::emit(&BondReleased {
        header: BondReleased::header(*a.provider.address(), event::next(&mut provider.sequence)?),
        job,
        amount,
    });
    Ok(())
}
