use {
    crate::{Result, epochs::minting, lanes},
    joule_bme_interface::{
        BmeError,
        event::PolicyChanged,
        instruction::ExecutePolicy,
        state::{Average, CHANGE_WINDOW, Lane, Network, PolicyChange},
    },
    joule_common::{AccountView, account, event, guard, guard::require, now, token},
    joule_math::Timestamp,
};

/// See [`ExecutePolicy`].
pub fn execute_policy(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = ExecutePolicy::parse(accounts, data)?;
    let network = account::keep_mut::<Network>(a.network)?;
    guard::address(a.mint, &network.mint)?;
    let change = account::load::<PolicyChange>(a.policy_change)?;
    guard::network(&change.network, a.network.address())?;
    guard::address(a.rent_receiver, &change.payer)?;
    let now = now()?;
    require(now >= change.executable_at, BmeError::ChangeNotReady)?;
    // Else an authority could keep changes ready for the day on which nobody looks.
    require(now <= change.executable_at.after(CHANGE_WINDOW)?, BmeError::ChangeExpired)?;
    require(change.base_policy_version == network.policy_version, BmeError::ChangeOutdated)?;
    // Epochs that should have begun already are settled by the policy of their time.
    require(now < network.epoch_ends_at, BmeError::EpochEnded)?;
    let supply = token::mint(a.mint, &network.token_program)?.supply;
    require(minting::promised(network, supply)? <= change.policy.max_supply, BmeError::MintHasSupplyOverMaximum)?;

    let (old, new) = (network.policy, change.policy);
    let other_source = !guard::eq(&old.price_receiver, &new.price_receiver) || old.feed_id != new.feed_id;
    if other_source || change.reset_average == 1 {
        // Prices published before are still refused.
        network.average = Average { value: 0, moved_at: Timestamp::default(), bid: 0, is_silent: 0, ..network.average };
    }
    network.policy = new;
    let weights = new.weights();
    let is_paid = |(lane, weight): (&Lane, &u16)| lane.shard_count == 0 || *weight > 0;
    require(network.lanes.iter().zip(&weights).all(is_paid), BmeError::LaneInUse)?;
    let goes_on = old.lane_weights == new.lane_weights && guard::eq(&old.weigher, &new.weigher);
    let weights = if goes_on { lanes::within_band(&network.weights(), &new)? } else { weights };
    lanes::set_weights(network, weights);
    network.policy_version += 1;

    event::emit(&PolicyChanged {
        header: PolicyChanged::header(*a.network.address(), event::next(&mut network.sequence)?),
        index: change.index,
        policy_version: network.policy_version,
    });
    drop(change);
    account::close(a.policy_change, a.rent_receiver)?;
    Ok(())
}
