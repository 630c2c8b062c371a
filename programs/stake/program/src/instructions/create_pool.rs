use {
    crate::Result,
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, guard, guard::require, token},
    joule_interface::Fault,
    joule_math::Seconds,
    joule_stake_interface::{
        ID,
        instruction::{CreatePool, CreatePoolArgs},
        pda,
        state::Pool,
    },
};

const HOUR: Seconds = Seconds(3_600);
const YEAR: Seconds = Seconds(365 * 86_400);

/// See [`CreatePool`].
pub fn create_pool(accounts: &[AccountView], args: &CreatePoolArgs) -> Result<()> {
    let (a, _) = CreatePool::parse(accounts)?;
    guard::token_program(a.token_program)?;
    guard::system_program(a.system_program)?;
    guard::authority(a.authority, &account::load::<Network>(a.network)?.authority)?;
    let mint = token::mint(a.mint, a.token_program.address())?;
    token::require_harmless(a.mint)?;
    let unbonding = args.unbonding;
    require((HOUR..=YEAR).contains(&unbonding), Fault::InvalidParameter)?;

    let seeds = pda::vault::seeds(a.pool.address());
    token::create_vault(a.payer, a.vault, &seeds, &ID, a.mint, a.pool.address(), a.token_program)?;

    let seeds = pda::pool::seeds(a.network.address(), a.mint.address());
    let mut pool = account::create::<Pool>(a.payer, a.pool, &seeds)?;
    pool.network = *a.network.address();
    pool.mint = *a.mint.address();
    pool.vault = *a.vault.address();
    pool.token_program = *a.token_program.address();
    pool.min_self_stake = args.min_self_stake;
    pool.unbonding = unbonding;
    pool.decimals = mint.decimals;
    Ok(())
}
