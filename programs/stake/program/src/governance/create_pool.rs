use {
    crate::{Result, accounts::treasury, governance},
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, event, guard, now, token},
    joule_stake_interface::{
        ID,
        event::PoolCreated,
        instruction::CreatePool,
        pda,
        state::{Pool, Rewards, SETUP_PERIOD},
    },
};

/// See [`CreatePool`].
#[inline(never)]
pub fn create_pool(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = CreatePool::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    guard::authority(a.authority, &account::keep::<Network>(a.network)?.authority)?;
    let mint = token::mint(a.mint, a.token_program.address())?;
    token::require_harmless(a.mint)?;
    let policy = args.policy;
    governance::check(&policy)?;
    let treasury = treasury(a.treasury, a.mint.address(), a.pool.address())?;
    governance::check_burned(&policy, a.mint.address(), &treasury)?;

    let seeds = pda::vault::seeds(a.pool.address());
    token::create_vault(a.payer, a.vault, &seeds, &ID, a.mint, a.pool.address(), a.token_program)?;

    let seeds = pda::rewards::seeds(a.pool.address());
    let mut rewards = account::create::<Rewards>(a.payer, a.rewards, &seeds)?;
    rewards.pool = *a.pool.address();
    let now = now()?;
    rewards.updated_at = now;

    let seeds = pda::pool::seeds(a.network.address(), a.mint.address());
    let mut pool = account::create::<Pool>(a.payer, a.pool, &seeds)?;
    pool.network = *a.network.address();
    pool.mint = *a.mint.address();
    pool.vault = *a.vault.address();
    pool.token_program = *a.token_program.address();
    pool.treasury = treasury;
    pool.rewards = *a.rewards.address();
    pool.policy = policy;
    pool.setup_ends_at = now.after(SETUP_PERIOD)?;
    pool.decimals = mint.decimals;
    pool.payer = *a.payer.address();

    event::emit(&PoolCreated {
        header: PoolCreated::header(*a.pool.address(), event::next(&mut pool.sequence)?),
        network: pool.network,
        mint: pool.mint,
    });
    Ok(())
}
