use {
    crate::{
        Result,
        accounts::{of_provider, paid_by},
        slashing,
        staking::pots,
    },
    joule_common::{AccountView, account, event, guard, guard::require, in_range, now},
    joule_interface::{Address, Fault, SYSTEM_PROGRAM, bytemuck},
    joule_math::{Timestamp, Tokens},
    joule_stake_interface::{
        StakeError,
        event::BondReleased,
        instruction::ReleaseBond,
        state::{Bond, BondReport, Provider, ProviderStub, Slasher, outcome, rights},
    },
};

/// See [`ReleaseBond`]. Works while the network is paused: it gives back.
#[inline(never)]
pub fn release_bond(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, _, reports) = ReleaseBond::parse(accounts, data)?;
    if !reports.is_empty() {
        return release_all(accounts, data);
    }
    // A provider that was closed leaves bonds of nothing behind: all of each was seized, and its slasher did not release it.
    let Ok(provider) = account::keep_mut::<Provider>(a.provider) else { return release_all(accounts, data) };
    let (outcome, weight) = (args.outcome, args.weight);
    // Counted before the bond's own checks, which a failed transaction undoes: one branch less.
    check_signer(&a, outcome != outcome::NONE, || {
        Ok(in_range!(provider.reputation.count(outcome, weight, now()?).is_some(), "outcome")?)
    })?;
    let (job, amount) = release(provider, a.provider, a.bond, a.slasher, a.rent_receiver)?;

    emit_released(&a, (outcome, weight), &mut provider.sequence, job, amount)
}

/// Releases several, or of a provider that was closed. The arguments are the report of the first, and those of the others follow.
#[inline(never)]
fn release_all(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, _, more, _) = ReleaseBond::parse(accounts, data)?;
    let (reports, rest) = data.as_chunks::<{ size_of::<BondReport>() }>();
    require(rest.is_empty() && reports.len() == 1 + more.len(), Fault::InvalidArguments)?;
    let reports = reports.iter().map(bytemuck::cast_ref::<_, BondReport>);
    let is_reported = reports.clone().any(|report| report.outcome != outcome::NONE);
    check_signer(&a, is_reported, || Ok(()))?;
    let now = if is_reported { now()? } else { Timestamp(0) };

    let mut provider = account::keep_mut::<Provider>(a.provider).ok();
    let (reputation, sequence) = match &mut provider {
        Some(provider) => (&mut provider.reputation, &mut provider.sequence),
        None => {
            let stub = account::keep_mut::<ProviderStub>(a.provider)?;
            (&mut stub.reputation, &mut stub.sequence)
        }
    };
    let mut sum = Tokens::ZERO;
    for (index, report) in reports.enumerate() {
        let bond = if index == 0 { a.bond } else { &more[index - 1] };
        require(bond.is_writable(), Fault::NotWritable)?;
        let (job, amount) = free(a.provider, bond, a.slasher, a.rent_receiver)?;
        sum = sum.plus(amount)?;
        if report.outcome != outcome::NONE {
            in_range!(reputation.count(report.outcome, report.weight, now).is_some(), "outcome")?;
        }
        emit_released(&a, (report.outcome, report.weight), sequence, job, amount)?;
    }
    match provider {
        Some(provider) => pots::release(provider, sum),
        None => Ok(require(sum.is_zero(), Fault::WrongAccountType)?),
    }
}

/// Who signed may release what the slasher locked, and report, if anything is reported: then `report` follows.
#[inline(always)]
fn check_signer(a: &ReleaseBond<&AccountView>, is_reported: bool, report: impl FnOnce() -> Result<()>) -> Result<()> {
    match account::keep::<Slasher>(a.slasher) {
        Ok(slasher) => {
            if !guard::eq(a.slasher_authority.address(), &slasher.authority) {
                // Not at once, not even by its provider: a right that is taken and given back in one transaction would free it.
                let is_free = slasher.rights & rights::BOND == 0 && now()? >= slasher.bonds_free_at;
                require(is_free && !is_reported, Fault::Unauthorized)?;
            }
            if is_reported {
                slashing::has_right(slasher, rights::REPORT)?;
                report()?;
            }
            Ok(())
        }
        Err(fault) => require_closed(a.slasher, is_reported, fault),
    }
}

#[inline(always)]
fn emit_released(
    a: &ReleaseBond<&AccountView>,
    (outcome, weight): (u8, u32),
    sequence: &mut u64,
    job: Address,
    amount: Tokens,
) -> Result<()> {
    event::emit(&BondReleased {
        header: BondReleased::header(*a.provider.address(), event::next(sequence)?),
        job,
        amount,
        outcome: outcome as u32,
        weight,
    });
    Ok(())
}

/// There is no slasher any more: it was closed, which it is only when anyone could release what it held.
#[cold]
#[inline(never)]
fn require_closed(slasher: &AccountView, is_reported: bool, fault: Fault) -> Result<()> {
    require(guard::eq(slasher.owner(), &SYSTEM_PROGRAM), fault)?;
    require(!is_reported, StakeError::MissingRight)
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
