use {
    crate::Result,
    joule_bme_interface::{
        BmeError,
        event::RewardsClaimed,
        instruction::{ClaimRewards, ClaimRewardsArgs},
        pda,
        state::{Network, ProviderWork},
    },
    joule_common::{AccountView, account, event, guard, guard::require, token},
    joule_interface::Fault,
    joule_math::Tokens,
};

/// See [`ClaimRewards`]. Works while the network is paused: it pays out.
pub fn claim_rewards(accounts: &[AccountView], _: &ClaimRewardsArgs) -> Result<()> {
    let (a, _) = ClaimRewards::parse(accounts)?;
    let network = account::load::<Network>(a.network)?;
    guard::address(a.reward_vault, &network.reward_vault)?;
    guard::address(a.mint, &network.mint)?;
    require(guard::eq(a.token_program.address(), &network.token_program), Fault::WrongTokenProgram)?;
    let mut provider_work = account::load_mut::<ProviderWork>(a.provider_work)?;
    guard::network(&provider_work.network, a.network.address())?;
    guard::authority(a.provider, &provider_work.provider)?;
    // Paying the vault out of itself would write the claim off.
    require(!guard::eq(a.destination.address(), a.reward_vault.address()), Fault::DuplicateAccount)?;

    let tokens = core::mem::replace(&mut provider_work.accrued, Tokens::ZERO);
    require(!tokens.is_zero(), BmeError::NothingToClaim)?;
    provider_work.claimed = provider_work.claimed.plus(tokens)?;

    let bump = [network.header.bump];
    let seeds = pda::network::signer(&network.mint, &bump);
    token::Transfer {
        source: a.reward_vault,
        mint: a.mint,
        destination: a.destination,
        authority: a.network,
        token_program: a.token_program,
    }
    .invoke_signed(tokens, network.decimals, &[(&seeds).into()])?;

    event::emit(&RewardsClaimed {
        header: RewardsClaimed::header(*a.provider_work.address(), event::next(&mut provider_work.sequence)?),
        destination: *a.destination.address(),
        tokens,
    });
    Ok(())
}
