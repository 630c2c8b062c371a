use {
    crate::Result,
    joule_bme_interface::{
        BmeError,
        event::ChangeExecuted,
        instruction::{ExecuteChange, ExecuteChangeArgs},
        state::{Average, CHANGE_WINDOW, Network, ParameterChange},
    },
    joule_common::{AccountView, account, event, guard, guard::require, now, token},
    joule_math::Timestamp,
};

/// See [`ExecuteChange`].
pub fn execute_change(accounts: &[AccountView], _: &ExecuteChangeArgs) -> Result<()> {
    let (a, _) = ExecuteChange::parse(accounts)?;
    let network = account::keep_mut::<Network>(a.network)?;
    guard::address(a.mint, &network.mint)?;
    let change = account::load::<ParameterChange>(a.change)?;
    guard::network(&change.network, a.network.address())?;
    guard::address(a.rent_receiver, &change.payer)?;
    let now = now()?;
    require(now >= change.executable_from, BmeError::ChangeNotReady)?;
    // Else an authority could keep changes ready for the day on which nobody looks.
    require(now <= change.executable_from.after(CHANGE_WINDOW)?, BmeError::ChangeExpired)?;
    require(change.base == network.policy_version, BmeError::ChangeOutdated)?;
    let supply = token::mint(a.mint, &network.token_program)?.supply;
    let promised = supply.plus(network.deferred.sum()?)?;
    require(promised <= change.policy.max_supply, BmeError::MintHasSupplyOverMaximum)?;

    let (old, new) = (network.policy, change.policy);
    let other_source = !guard::eq(&old.price_receiver, &new.price_receiver) || old.feed_id != new.feed_id;
    if other_source || change.reset_average == 1 {
        // Prices published before are still refused.
        network.average = Average { value: 0, moved: Timestamp::default(), ..network.average };
    }
    network.policy = new;
    network.policy_version += 1;

    event::emit(&ChangeExecuted {
        header: ChangeExecuted::header(*a.network.address(), event::next(&mut network.sequence)?),
        index: change.index,
        policy_version: network.policy_version,
    });
    drop(change);
    account::close(a.change, a.rent_receiver)?;
    Ok(())
}
