use {
    crate::Result,
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, guard, guard::require, now, token},
    joule_interface::Fault,
    joule_math::{Bps, Seconds},
    joule_stake_interface::{
        ID,
        instruction::{CreatePool, CreatePoolArgs},
        pda,
        state::{Pool, Rewards},
    },
};

const HOUR: Seconds = Seconds(3_600);
const YEAR: Seconds = Seconds(365 * 86_400);

/// See [`CreatePool`].
#[inline(never)]
pub fn create_pool(accounts: &[AccountView], args: &CreatePoolArgs) -> Result<()> {
    let (a, _) = CreatePool::parse(accounts)?;
    guard::token_program(a.token_program)?;
    guard::system_program(a.system_program)?;
    guard::authority(a.authority, &account::load::<Network>(a.network)?.authority)?;
    let mint = token::mint(a.mint, a.token_program.address())?;
    token::require_harmless(a.mint)?;
    check_parameters(args)?;
    let has_treasury = guard::present(a.treasury, &ID);
    if has_treasury {
        token::balance(a.treasury, a.mint.address())?;
        // Slashed tokens would be nobody's there.
        require(!guard::eq(&token::load(a.treasury)?.owner, a.pool.address()), Fault::WrongTokenOwner)?;
    }

    let seeds = pda::vault::seeds(a.pool.address());
    token::create_vault(a.payer, a.vault, &seeds, &ID, a.mint, a.pool.address(), a.token_program)?;

    let seeds = pda::rewards::seeds(a.pool.address());
    let mut rewards = account::create::<Rewards>(a.payer, a.rewards, &seeds)?;
    rewards.pool = *a.pool.address();
    rewards.updated = now()?;

    let seeds = pda::pool::seeds(a.network.address(), a.mint.address());
    let mut pool = account::create::<Pool>(a.payer, a.pool, &seeds)?;
    pool.network = *a.network.address();
    pool.mint = *a.mint.address();
    pool.vault = *a.vault.address();
    pool.token_program = *a.token_program.address();
    pool.min_self_stake = args.min_self_stake;
    pool.unbonding = args.unbonding;
    pool.decimals = mint.decimals;
    if has_treasury {
        pool.treasury = *a.treasury.address();
    }
    pool.rewards = *a.rewards.address();
    pool.reward_period = args.reward_period;
    pool.commission_delay = args.commission_delay;
    pool.slash_delay = args.slash_delay;
    pool.slash_expiry = args.slash_expiry;
    pool.slash_window = args.slash_window;
    pool.jail = args.jail;
    pool.max_commission = args.max_commission;
    pool.max_commission_step = args.max_commission_step;
    pool.slash_limit = args.slash_limit;
    pool.slash_burned = args.slash_burned;
    Ok(())
}

/// The ranges that the arguments' documentation gives.
fn check_parameters(args: &CreatePoolArgs) -> Result<()> {
    let lengths = [args.unbonding, args.reward_period, args.slash_expiry, args.slash_window];
    // A fault that is found when its stake begins to leave must be decided before it has left.
    let (delays, parts) = (
        [(args.slash_delay, args.unbonding), (args.commission_delay, YEAR), (args.jail, YEAR)],
        [args.max_commission, args.max_commission_step, args.slash_limit, args.slash_burned],
    );
    require(
        lengths.iter().all(|length| (HOUR..=YEAR).contains(length))
            && delays.iter().all(|(delay, most)| delay <= most)
            && parts.iter().all(|part| *part <= Bps::WHOLE),
        Fault::InvalidParameter.into(),
    )
}
