use {
    crate::{Result, epochs::rewards},
    joule_bme_interface::{BmeError, instruction::AccrueWork, state::ProviderWork},
    joule_common::{AccountView, account, guard::require},
};

/// See [`AccrueWork`].
pub fn accrue_work(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = AccrueWork::parse(accounts, data)?;
    let provider_work = account::keep_mut::<ProviderWork>(a.provider_work)?;
    let work = rewards::accrue(a.provider_work.address(), provider_work, a.epoch)?;
    require(!work.is_zero(), BmeError::NoWork)
}
