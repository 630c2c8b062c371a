use {
    crate::{Result, work},
    joule_bme_interface::{
        BmeError,
        event::WorkAccrued,
        instruction::{AccrueWork, AccrueWorkArgs},
        state::{Epoch, ProviderWork},
    },
    joule_common::{AccountView, account, event, guard, guard::require},
    joule_math::{Tokens, mul_div_floor},
};

/// See [`AccrueWork`].
pub fn accrue_work(accounts: &[AccountView], _: &AccrueWorkArgs) -> Result<()> {
    let (a, _) = AccrueWork::parse(accounts)?;
    let mut provider_work = account::load_mut::<ProviderWork>(a.provider_work)?;
    let mut epoch = account::load_mut::<Epoch>(a.epoch)?;
    guard::network(&epoch.network, &provider_work.network)?;
    require(epoch.settled == 1, BmeError::EpochUnsettled)?;

    let work = work::take(&mut provider_work, epoch.index);
    require(!work.is_zero(), BmeError::NoWork)?;
    let tokens = Tokens(mul_div_floor(epoch.emission.0, work.0, epoch.worked.0)?);
    epoch.accrued_work = epoch.accrued_work.plus(work)?;
    epoch.accrued = epoch.accrued.plus(tokens)?;
    provider_work.accrued = provider_work.accrued.plus(tokens)?;

    event::emit(&WorkAccrued {
        header: WorkAccrued::header(*a.provider_work.address(), event::next(&mut provider_work.sequence)?),
        epoch: epoch.index,
        work,
        tokens,
    });
    Ok(())
}
