use {
    crate::{Result, spenders},
    joule_bme_interface::{
        BmeError,
        instruction::AddSpender,
        pda,
        state::{MAX_SPENDERS, Network, Spender},
    },
    joule_common::{AccountView, account, guard, guard::require},
};

/// See [`AddSpender`].
pub fn add_spender(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = AddSpender::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    let network = account::keep_mut::<Network>(a.network)?;
    guard::authority(a.authority, &network.authority)?;
    require(network.spender_count < MAX_SPENDERS, BmeError::TooManySpenders)?;

    let seeds = pda::spender::seeds(a.network.address(), a.spender_authority.address());
    let mut spender = account::create::<Spender>(a.payer, a.spender, &seeds)?;
    spender.network = *a.network.address();
    spender.authority = *a.spender_authority.address();
    spender.id = network.spender_count;
    spender.epoch_limit = args.epoch_limit;
    network.spender_count += 1;
    spenders::emit_changed(a.spender, &mut spender)
}
