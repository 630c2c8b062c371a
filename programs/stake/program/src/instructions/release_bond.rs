use {
    crate::{Result, instructions::of_provider, instructions::paid_by, pots},
    joule_common::{AccountView, account, event, guard, guard::require},
    joule_interface::{Address, Fault},
    joule_math::Tokens,
    joule_stake_interface::{
        StakeError,
        event::BondReleased,
        instruction::{ReleaseBond, ReleaseBondArgs},
        state::{Bond, Provider, Slasher, rights},
    },
};

/// See [`ReleaseBond`]. Works while the network is paused: it gives back.
#[inline(never)]
pub fn release_bond(accounts: &[AccountView], _: &ReleaseBondArgs) -> Result<()> {
    let (a, _) = ReleaseBond::parse(accounts)?;
    let provider = account::keep_mut::<Provider>(a.provider)?;
    let mut bond = account::load_mut::<Bond>(a.bond)?;
    of_provider(&bond.provider, a.provider)?;
    require(guard::eq(&bond.slasher, a.slasher.address()), StakeError::WrongSlasher)?;
    let slasher = account::keep::<Slasher>(a.slasher)?;
    if !guard::eq(a.slasher_authority.address(), &slasher.authority) {
        require(slasher.rights & rights::BOND == 0, Fault::Unauthorized)?;
        guard::authority(a.slasher_authority, &provider.authority)?;
    }

    let (job, amount) = (bond.job, bond.amount);
    pots::release(provider, amount)?;
    if bond.standing == 1 {
        let nobody = Address::new_from_array([0; 32]);
        (bond.job, bond.slasher, bond.client, bond.treasury) = (nobody, nobody, nobody, nobody);
        bond.amount = Tokens::ZERO;
    } else {
        paid_by(&bond.payer, a.rent_receiver)?;
        drop(bond);
        account::close(a.bond, a.rent_receiver)?;
    }

    event::emit(&BondReleased {
        header: BondReleased::header(*a.provider.address(), event::next(&mut provider.sequence)?),
        job,
        amount,
    });
    Ok(())
}
