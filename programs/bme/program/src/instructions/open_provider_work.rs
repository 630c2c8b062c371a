use {
    crate::Result,
    joule_bme_interface::{
        instruction::{OpenProviderWork, OpenProviderWorkArgs},
        pda,
        state::{Network, ProviderWork},
    },
    joule_common::{AccountView, account, guard},
};

/// See [`OpenProviderWork`].
pub fn open_provider_work(accounts: &[AccountView], _: &OpenProviderWorkArgs) -> Result<()> {
    let (a, _) = OpenProviderWork::parse(accounts)?;
    guard::system_program(a.system_program)?;
    account::keep::<Network>(a.network)?;

    let seeds = pda::provider_work::seeds(a.network.address(), a.provider.address());
    let mut provider_work = account::create::<ProviderWork>(a.payer, a.provider_work, &seeds)?;
    provider_work.network = *a.network.address();
    provider_work.provider = *a.provider.address();
    Ok(())
}
