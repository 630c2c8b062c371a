use {
    crate::Result,
    joule_bme_interface::{
        BmeError,
        event::EpochSwept,
        instruction::SweepEpoch,
        state::{Epoch, Network},
    },
    joule_common::{AccountView, account, event, guard, guard::require},
};

/// See [`SweepEpoch`].
pub fn sweep_epoch(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = SweepEpoch::parse(accounts, data)?;
    let network = account::keep_mut::<Network>(a.network)?;
    let epoch = account::load::<Epoch>(a.epoch)?;
    guard::network(&epoch.network, a.network.address())?;
    guard::address(a.rent_receiver, &epoch.payer)?;
    require(epoch.is_settled == 1, BmeError::EpochUnsettled)?;
    require(epoch.accrued_work == epoch.worked.plus(epoch.waiting)?, BmeError::EpochUnclaimed)?;

    let dust = epoch.emission.minus(epoch.accrued)?;
    network.carried = network.carried.plus(dust)?;
    event::emit(&EpochSwept {
        header: EpochSwept::header(*a.network.address(), event::next(&mut network.sequence)?),
        epoch: epoch.index,
        carried: dust,
    });
    drop(epoch);
    account::close(a.epoch, a.rent_receiver)?;
    Ok(())
}
