use {
    crate::{Result, upkeep},
    joule_bme_interface::{
        ID,
        instruction::SetUpkeep,
        pda,
        state::{MAX_KEEPER_SHARE, Network, Upkeep},
    },
    joule_common::{AccountView, account, guard, guard::require, in_range, token},
    joule_interface::Fault,
    joule_math::Bps,
};

/// See [`SetUpkeep`].
#[inline(never)]
pub fn set_upkeep(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = SetUpkeep::parse(accounts, data)?;
    let network = account::keep::<Network>(a.network)?;
    guard::authority(a.authority, &network.authority)?;
    in_range!({ args.keeper_share } <= Bps(MAX_KEEPER_SHARE), "keeper_share")?;
    let (mint, program) = (&network.mint, &network.token_program);
    guard::address(a.token_program, program)?;

    if !guard::eq(a.upkeep.owner(), &ID) {
        guard::system_program(a.system_program)?;
        token::require_reachable(a.treasury, mint)?;
        // Nobody takes tokens out of the network's accounts.
        require(!guard::eq(&token::load(a.treasury)?.owner, a.network.address()), Fault::WrongTokenOwner)?;
        upkeep::require_vault(a.vault, a.upkeep.address(), mint, program)?;
        let seeds = pda::upkeep::seeds(a.network.address(), a.treasury.address());
        let mut upkeep = account::create::<Upkeep>(a.payer, a.upkeep, &seeds)?;
        upkeep.network = *a.network.address();
        upkeep.treasury = *a.treasury.address();
        upkeep.vault = *a.vault.address();
        upkeep.payer = *a.payer.address();
        upkeep.token_program = *program;
        upkeep.decimals = network.decimals;
    }
    let mut upkeep = account::load_mut::<Upkeep>(a.upkeep)?;
    guard::network(&upkeep.network, a.network.address())?;
    guard::address(a.treasury, &upkeep.treasury)?;
    guard::address(a.vault, &upkeep.vault)?;
    // What came before is divided as it was.
    upkeep::count(&mut upkeep, token::balance(a.vault, mint)?)?;
    upkeep.keeper_share = args.keeper_share;
    upkeep.max_kept = args.max_kept;
    Ok(())
}
