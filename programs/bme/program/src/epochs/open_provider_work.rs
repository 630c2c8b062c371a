use {
    crate::Result,
    joule_bme_interface::{
        instruction::OpenProviderWork,
        pda,
        state::{Network, ProviderWork},
    },
    joule_common::{AccountView, account, guard},
};

/// See [`OpenProviderWork`].
pub fn open_provider_work(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = OpenProviderWork::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    account::keep::<Network>(a.network)?;

    let seeds = pda::provider_work::seeds(a.network.address(), a.provider.address());
    let mut provider_work = account::create::<ProviderWork>(a.payer, a.provider_work, &seeds)?;
    provider_work.network = *a.network.address();
    provider_work.provider = *a.provider.address();
    provider_work.payer = *a.payer.address();
    Ok(())
}
