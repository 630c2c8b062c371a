use {
    crate::{Result, instructions::in_pool, instructions::of_provider, pots},
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, event, guard, guard::require, token},
    joule_interface::Fault,
    joule_stake_interface::{
        event::Staked,
        instruction::{Stake, StakeArgs},
        state::{Delegation, Pool, Provider},
    },
};

/// See [`Stake`].
pub fn stake(accounts: &[AccountView], args: &StakeArgs) -> Result<()> {
    let (a, _) = Stake::parse(accounts)?;
    require(account::load::<Network>(a.network)?.paused == 0, Fault::Paused)?;
    let pool = account::load::<Pool>(a.pool)?;
    guard::network(&pool.network, a.network.address())?;
    guard::address(a.vault, &pool.vault)?;
    guard::address(a.mint, &pool.mint)?;
    require(guard::eq(a.token_program.address(), &pool.token_program), Fault::WrongTokenProgram)?;

    let mut provider = account::load_mut::<Provider>(a.provider)?;
    in_pool(&provider.pool, a.pool.address())?;
    let mut delegation = account::load_mut::<Delegation>(a.delegation)?;
    of_provider(&delegation.provider, a.provider)?;
    guard::authority(a.owner, &delegation.owner)?;

    let before = token::balance(a.vault, &pool.mint)?;
    token::Transfer {
        source: a.source,
        mint: a.mint,
        destination: a.vault,
        authority: a.owner,
        token_program: a.token_program,
    }
    .invoke_signed(args.amount, pool.decimals, &[])?;
    let received = token::balance(a.vault, &pool.mint)?.minus(before)?;

    let shares = pots::stake(&mut provider, &mut delegation, received)?;

    event::emit(&Staked {
        header: Staked::header(*a.provider.address(), event::next(&mut provider.sequence)?),
        owner: delegation.owner,
        tokens: received,
        shares,
    });
    Ok(())
}
