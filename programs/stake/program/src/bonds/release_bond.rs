use {
    crate::{
        Result,
        accounts::{of_provider, paid_by},
        slashing,
        staking::pots,
    },
    joule_common::{AccountView, account, event, guard, guard::require, in_range, now},
    joule_interface::{Address, Fault, SYSTEM_PROGRAM},
    joule_math::Tokens,
    joule_stake_interface::{
        StakeError,
        event::BondReleased,
        instruction::{ReleaseBond, ReleaseBondArgs},
        state::{Bond, Provider, ProviderStub, Reputation, Slasher, outcome, rights},
    },
};

/// See [`ReleaseBond`]. Works while the network is paused: it gives back.
#[inline(never)]
pub fn release_bond(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = ReleaseBond::parse(accounts, data)?;
    // A provider that was closed leaves bonds of nothing behind: all of each was seized, and its slasher did not release it.
    let Ok(provider) = account::keep_mut::<Provider>(a.provider) else { return release_of_stub(&a, args) };
    check_and_report(&a, args, &mut provider.reputation)?;

    let (job, amount) = release(provider, a.provider, a.bond, a.slasher, a.rent_receiver)?;

    emit_released(&a, args, &mut provider.sequence, job, amount)
}

#[cold]
#[inline(never)]
fn release_of_stub(a: &ReleaseBond<&AccountView>, args: &ReleaseBondArgs) -> Result<()> {
    let stub = account::keep_mut::<ProviderStub>(a.provider)?;
    check_and_report(a, args, &mut stub.reputation)?;

    let (job, amount) = free(a.provider, a.bond, a.slasher, a.rent_receiver)?;
    require(amount.is_zero(), Fault::WrongAccountType)?;

    emit_released(a, args, &mut stub.sequence, job, amount)
}

/// Who signed may release what the slasher locked. Counts how the job went.
#[inline(always)]
fn check_and_report(a: &ReleaseBond<&AccountView>, args: &ReleaseBondArgs, reputation: &mut Reputation) -> Result<()> {
    match account::keep::<Slasher>(a.slasher) {
        Ok(slasher) => {
            if !guard::eq(a.slasher_authority.address(), &slasher.authority) {
                // Not at once, not even by its provider: a right that is taken and given back in one transaction would free it.
                let is_free = slasher.rights & rights::BOND == 0 && now()? >= slasher.bonds_free_at;
                require(is_free && args.outcome == outcome::NONE, Fault::Unauthorized)?;
            }
            // Counted before the bond's own checks, which a failed transaction undoes: one branch less.
            if args.outcome != outcome::NONE {
                slashing::has_right(slasher, rights::REPORT)?;
                in_range!(reputation.count(args.outcome, args.weight, now()?).is_some(), "outcome")?;
            }
            Ok(())
        }
        Err(fault) => require_closed(a.slasher, args.outcome, fault),
    }
}

#[inline(always)]
fn emit_released(
    a: &ReleaseBond<&AccountView>,
    args: &ReleaseBondArgs,
    sequence: &mut u64,
    job: Address,
    amount: Tokens,
) -> Result<()> {
    event::emit(&BondReleased {
        header: BondReleased::header(*a.provider.address(), event::next(sequence)?),
        job,
        amount,
        outcome: args.outcome as u32,
        weight: args.weight,
    });
    Ok(())
}

/// There is no slasher any more: it was closed, which it is only when anyone could release what it held.
#[cold]
#[inline(never)]
fn require_closed(slasher: &AccountView, reported: u8, fault: Fault) -> Result<()> {
    require(guard::eq(slasher.owner(), &SYSTEM_PROGRAM), fault)?;
    require(reported == outcome::NONE, StakeError::MissingRight)
}

/// Releases a bond of the provider that `slasher` locked. Returns its job and its amount. The caller has checked who signed.
#[inline(always)]
pub fn release(
    provider: &mut Provider,
    address: &AccountView,
    view: &AccountView,
    slasher: &AccountView,
    rent_receiver: &AccountView,
) -> Result<(Address, Tokens)> {
    let (job, amount) = free(address, view, slasher, rent_receiver)?;
    pots::release(provider, amount)?;
    Ok((job, amount))
}

/// Frees or closes a bond of the provider that `slasher` locked. Returns its job and its amount.
#[inline(always)]
fn free(
    address: &AccountView,
    view: &AccountView,
    slasher: &AccountView,
    rent_receiver: &AccountView,
) -> Result<(Address, Tokens)> {
    let mut bond = account::load_mut::<Bond>(view)?;
    of_provider(&bond.provider, address)?;
    require(guard::eq(&bond.slasher, slasher.address()), StakeError::WrongSlasher)?;
    let (job, amount) = (bond.job, bond.amount);
    let nothing_seized = bond.seized.price == 0;
    if bond.reusable == 1 || !nothing_seized {
        let nobody = Address::new_from_array([0; 32]);
        (bond.job, bond.slasher) = (nobody, nobody);
        bond.amount = Tokens::ZERO;
        // Else it is the client's ticket now.
        if nothing_seized {
            bond.client = nobody;
        }
    } else {
        paid_by(&bond.payer, rent_receiver)?;
        drop(bond);
        account::close(view, rent_receiver)?;
    }
    Ok((job, amount))
}
