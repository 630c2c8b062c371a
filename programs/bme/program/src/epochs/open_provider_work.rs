use {
    crate::Result,
    joule_bme_interface::{
        instruction::OpenProviderWork,
        pda,
        state::{MAX_LANES, Network, ProviderWork},
    },
    joule_common::{AccountView, account, guard, in_range},
};

/// See [`OpenProviderWork`].
pub fn open_provider_work(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = OpenProviderWork::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    account::keep::<Network>(a.network)?;
    in_range!(args.lane < MAX_LANES, "lane")?;

    let lane = [args.lane];
    let seeds = pda::provider_work::seeds(a.network.address(), a.provider.address(), &lane);
    let mut provider_work = account::create::<ProviderWork>(a.payer, a.provider_work, &seeds)?;
    provider_work.network = *a.network.address();
    provider_work.provider = *a.provider.address();
    provider_work.lane = args.lane;
    provider_work.payer = *a.payer.address();
    Ok(())
}
