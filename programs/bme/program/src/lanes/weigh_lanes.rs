use {
    crate::{Result, lanes},
    joule_bme_interface::{BmeError, event::LanesWeighed, instruction::WeighLanes, state::Network},
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_interface::{Address, Fault},
};

/// See [`WeighLanes`]. The epoch that is open is paid by the weights with which it began.
pub fn weigh_lanes(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = WeighLanes::parse(accounts, data)?;
    let network = account::keep_mut::<Network>(a.network)?;
    guard::require(!guard::eq(&network.policy.weigher, &Address::default()), Fault::Unauthorized)?;
    guard::authority(a.weigher, &network.policy.weigher)?;
    // Once it has ended, the work of the epochs after it may be known already.
    require(now()? < network.epoch_ends_at, BmeError::EpochEnded)?;
    let epoch = network.open_epoch;
    require(network.weighed_epoch <= epoch, BmeError::AlreadyWeighed)?;
    network.weighed_epoch = epoch + 1;
    let weights = lanes::next_weights(&network.weights(), &{ args.weights }, &network.policy)?;
    lanes::set_weights(network, weights);

    event::emit(&LanesWeighed {
        header: LanesWeighed::header(*a.network.address(), event::next(&mut network.sequence)?),
        epoch,
        weights,
    });
    Ok(())
}
