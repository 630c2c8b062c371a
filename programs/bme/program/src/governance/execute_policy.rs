use {
    crate::{Result, dollars, epochs::minting, lanes},
    joule_bme_interface::{
        BmeError,
        event::PolicyChanged,
        instruction::ExecutePolicy,
        state::{Average, CHANGE_WINDOW, EpochTerms, Lane, Network, PolicyChange, source},
    },
    joule_common::{AccountView, account, event, guard, guard::require, now, token},
    joule_math::{Seconds, Timestamp},
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
    if network.source == source::MINT {
        let supply = token::mint(a.mint, &network.token_program)?.supply;
        let all = supply.plus(minting::promised(network)?)?;
        require(all <= change.policy.max_supply, BmeError::MintHasSupplyOverMaximum)?;
    }

    let (old, new) = (network.policy, change.policy);
    if network.takes_dollars == 1 {
        dollars::require_no_circle(&EpochTerms::of(&new, new.weights()), network.dollar_premium, network.dollar_cut)?;
    }
    let other_source = !guard::eq(&old.price_receiver, &new.price_receiver) || old.feed_id != new.feed_id;
    if other_source || change.reset_average == 1 {
        // Prices published before are still refused.
        network.average = Average { value: 0, moved_at: Timestamp::default(), bid: 0, is_silent: 0, ..network.average };
        network.ask = 0;
    }
    network.policy = new;
    let weights = new.weights();
    let is_paid = |(lane, weight): (&Lane, &u16)| lane.shard_count == 0 || *weight > 0;
    require(network.lanes.iter().zip(&weights).all(is_paid), BmeError::LaneInUse)?;
    let goes_on = old.lane_weights == new.lane_weights && guard::eq(&old.weigher, &new.weigher);
    let weights = if goes_on { lanes::within_band(&network.weights(), &new)? } else { weights };
    lanes::set_weights(network, weights);
    network.policy_version += 1;
    bring_end_nearer(network, now);

    event::emit(&PolicyChanged {
        header: PolicyChanged::header(*a.network.address(), event::next(&mut network.sequence)?),
        index: change.index,
        policy_version: network.policy_version,
    });
    drop(change);
    account::close(a.policy_change, a.rent_receiver)?;
    Ok(())
}

/// Where epochs become shorter, the open one ends with the first of the new periods, counted from its beginning, that is not over:
/// a slip of the length lasts no longer than it takes to mend it.
fn bring_end_nearer(network: &mut Network, now: Timestamp) {
    let (length, period) = (network.terms.own_duration.0 as u64, network.policy.epoch_duration.0.max(1) as u64);
    let left = network.epoch_ends_at.since(now);
    // It may not have begun yet.
    let passed = length.saturating_sub(left);
    let shorter = (passed / period + 1) * period;
    if shorter < length {
        network.epoch_ends_at = Timestamp(network.epoch_ends_at.0 - (length - shorter) as i64);
        network.terms.own_duration = Seconds(shorter as u32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_ends_with_the_new_period_that_is_not_over() {
        let ends = |passed: i64, period| {
            let mut network = Network { epoch_ends_at: Timestamp(1_000), ..Default::default() };
            (network.terms.own_duration, network.terms.duration) = (Seconds(100), Seconds(100));
            network.policy.epoch_duration = Seconds(period);
            bring_end_nearer(&mut network, Timestamp(900 + passed));
            assert_eq!(network.epoch_ends_at.0 - 900, network.terms.own_duration.0 as i64);
            network.terms.own_duration.0
        };
        assert_eq!([ends(0, 10), ends(9, 10), ends(10, 10), ends(89, 10)], [10, 10, 20, 90]);
        assert_eq!([ends(90, 10), ends(99, 10), ends(90, 30), ends(50, 100), ends(50, 700)], [100; 5], "never later");
        assert_eq!([ends(-1, 30), ends(-5_000, 30)], [30; 2], "one that has not begun is as long as a new one");
    }
}
