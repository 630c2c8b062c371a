use {
    crate::Result,
    joule_bme_interface::{BmeError, instruction::CloseProviderWork, state::ProviderWork},
    joule_common::{AccountView, account, guard, guard::require},
};

/// See [`CloseProviderWork`]. Works while the network is paused: it gives back.
pub fn close_provider_work(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = CloseProviderWork::parse(accounts, data)?;
    let work = account::load::<ProviderWork>(a.provider_work)?;
    guard::authority(a.provider, &work.provider)?;
    guard::address(a.rent_receiver, &work.payer)?;
    let has_work = work.work.iter().chain([&work.waiting]).any(|entry| !entry.credits.is_zero());
    let is_empty = work.accrued.is_zero() && !has_work;
    require(is_empty, BmeError::NotEmpty)?;

    drop(work);
    Ok(account::close(a.provider_work, a.rent_receiver)?)
}
