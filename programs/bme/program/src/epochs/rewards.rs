//! From a provider's work to its tokens.

use {
    crate::{Result, epochs::work},
    joule_bme_interface::{
        BmeError,
        event::{RewardsClaimed, WorkAccrued},
        instruction::ClaimRewards,
        pda,
        state::{Epoch, EpochWork, Network, ProviderWork},
    },
    joule_common::{AccountView, account, event, guard, guard::require, token},
    joule_interface::{Address, Fault},
    joule_math::{Credits, Tokens, mul_div_floor},
};

/// Turns a provider's work of a settled epoch into tokens. Returns the work.
#[inline(never)]
pub fn accrue(address: &Address, provider_work: &mut ProviderWork, epoch: &AccountView) -> Result<Credits> {
    require(epoch.is_writable(), Fault::NotWritable)?;
    let mut epoch = account::load_mut::<Epoch>(epoch)?;
    guard::network(&epoch.network, &provider_work.network)?;
    require(epoch.is_settled == 1, BmeError::EpochUnsettled)?;

    let EpochWork { credits: work, tokens: carried, .. } = work::take(provider_work, epoch.index);
    if work.is_zero() {
        return Ok(work);
    }
    // By the tokens that were burned for it, so that nobody is paid out of what was burned for another's work. Of an operator
    // who vouches for every job, by what the jobs cost.
    let (part, of) =
        if epoch.terms.vouched == 1 { (work.0, epoch.worked.0) } else { (carried.0, epoch.tokens.0.max(1)) };
    let tokens = Tokens(mul_div_floor(epoch.emission.0, part, of)?);
    epoch.accrued_work = epoch.accrued_work.plus(work)?;
    epoch.accrued = epoch.accrued.plus(tokens)?;
    provider_work.accrued = provider_work.accrued.plus(tokens)?;

    event::emit(&WorkAccrued {
        header: WorkAccrued::header(*address, event::next(&mut provider_work.sequence)?),
        epoch: epoch.index,
        work,
        tokens,
    });
    Ok(work)
}

/// Accrues a provider's work of `epochs`, then pays what it has accrued, as far as the vault has it: what the breaker
/// still holds back stays accrued.
#[inline(always)]
pub fn claim(a: &ClaimRewards<&AccountView>, epochs: &[AccountView]) -> Result<()> {
    let network = account::keep::<Network>(a.network)?;
    guard::address(a.reward_vault, &network.reward_vault)?;
    guard::address(a.mint, &network.mint)?;
    let token_program = token::Stored::new(a.token_program, &network.token_program)?;
    let provider_work = account::keep_mut::<ProviderWork>(a.provider_work)?;
    guard::network(&provider_work.network, a.network.address())?;
    guard::authority(a.provider, &provider_work.provider)?;
    // Paying the vault out of itself would write the claim off.
    require(!guard::eq(a.destination.address(), a.reward_vault.address()), Fault::DuplicateAccount)?;
    for epoch in epochs {
        accrue(a.provider_work.address(), provider_work, epoch)?;
    }

    require(!provider_work.accrued.is_zero(), BmeError::NothingToClaim)?;
    let tokens = provider_work.accrued.min(token::vault_balance(a.reward_vault)?);
    require(!tokens.is_zero(), BmeError::BreakerHolds)?;
    provider_work.accrued = provider_work.accrued.minus(tokens)?;
    provider_work.claimed = provider_work.claimed.plus(tokens)?;

    let bump = [network.header.bump];
    let seeds = pda::network::signer(&network.mint, &bump);
    token::Transfer {
        source: a.reward_vault,
        mint: a.mint,
        destination: a.destination,
        authority: a.network,
        token_program: &token_program,
    }
    .invoke_signed(tokens, network.decimals, &[(&seeds).into()])?;

    event::emit(&RewardsClaimed {
        header: RewardsClaimed::header(*a.provider_work.address(), event::next(&mut provider_work.sequence)?),
        destination: *a.destination.address(),
        tokens,
    });
    Ok(())
}
