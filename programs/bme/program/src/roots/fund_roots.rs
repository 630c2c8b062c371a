use {
    crate::{
        Result,
        epochs::{breaker, minting},
        roots,
    },
    joule_bme_interface::{
        BmeError,
        event::RootsFunded,
        instruction::FundRoots,
        pda,
        state::{Network, OracleSet, RewardRoot},
    },
    joule_common::{AccountView, account, event, guard, guard::require, now, token},
    joule_math::{Tokens, U128},
};

/// See [`FundRoots`].
pub fn fund_roots(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = FundRoots::parse(accounts, data)?;
    let network = account::keep_mut::<Network>(a.network)?;
    guard::address(a.mint, &network.mint)?;
    let token_program = token::Stored::new(a.token_program, &network.token_program)?;
    let set = account::keep_mut::<OracleSet>(a.oracle_set)?;
    guard::network(&set.network, a.network.address())?;
    guard::address(a.root_vault, &set.vault)?;
    let root = account::keep::<RewardRoot>(a.reward_root)?;
    guard::network(&root.network, a.network.address())?;
    roots::require_active(set, root)?;

    // A root that says less than was minted already mints nothing.
    let owed = Tokens(root.total.0.saturating_sub(set.minted.0));
    require(!owed.is_zero(), BmeError::NothingToClaim)?;
    let supply = token::mint(a.mint, &network.token_program)?.supply;
    let wanted = owed.min(minting::room(network, supply)?);
    let tokens = breaker::take(network, wanted, now()?, supply)?;
    require(!tokens.is_zero(), BmeError::BreakerHolds)?;
    set.minted = set.minted.plus(tokens)?;
    network.minted = U128::new(network.minted.get() + tokens.0 as u128);

    event::emit(&RootsFunded {
        header: RootsFunded::header(*a.oracle_set.address(), event::next(&mut set.sequence)?),
        tokens,
        minted: set.minted,
    });
    let (mint, bump, decimals) = (network.mint, [network.header.bump], network.decimals);
    let seeds = pda::network::signer(&mint, &bump);
    token::mint_to(&token_program, a.mint, a.root_vault, a.network, tokens, decimals, &[(&seeds).into()])?;
    Ok(())
}
