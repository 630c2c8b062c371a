use {
    crate::{Result, price},
    joule_bme_interface::{event::AverageUpdated, instruction::UpdateAverage, state::Network},
    joule_common::{AccountView, account, event, now},
};

/// See [`UpdateAverage`]. Works while the network is paused: the market does not stop.
pub fn update_average(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = UpdateAverage::parse(accounts, data)?;
    let network = account::keep_mut::<Network>(a.network)?;
    let now = now()?;
    let price = price::read(network, a.price_update, now)?;
    let speed = network.policy.average_speed;
    price::follow(&mut network.average, &price, speed, now)?;
    network.ask = price::high(a.price_update)?;

    event::emit(&AverageUpdated {
        header: AverageUpdated::header(*a.network.address(), event::next(&mut network.sequence)?),
        price: price.spot,
        average: network.average.value,
        published_at: price.published,
    });
    Ok(())
}
