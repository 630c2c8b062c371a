//! From a provider's work to its tokens.

use {
    crate::{Result, epochs::work, source},
    joule_bme_interface::{
        BmeError,
        event::{RewardsClaimed, WorkAccrued},
        instruction::ClaimRewards,
        state::{Epoch, Network, ProviderWork},
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

    let taken = work::take(provider_work, epoch.index)?;
    if taken.credits.is_zero() {
        return Ok(taken.credits);
    }
    let vouched = epoch.terms.vouched == 1;
    let epoch = &mut *epoch;
    let lane = epoch.lanes.get_mut(provider_work.lane as usize).ok_or(BmeError::WrongLane)?;
    let paid = work::pass_on(provider_work, lane, taken)?;
    // By the tokens that were burned for it, so that nobody is paid out of what was burned for another's work. Of an operator
    // who vouches for every job, by what the jobs cost.
    let (part, of) = if vouched { (paid.credits.0, lane.counted.0) } else { (paid.tokens.0, lane.counted_tokens.0) };
    let tokens = Tokens(mul_div_floor(lane.emission.0, part, of.max(1))?);
    epoch.accrued_work = epoch.accrued_work.plus(taken.credits)?;
    epoch.accrued = epoch.accrued.plus(tokens)?;
    provider_work.accrued = provider_work.accrued.plus(tokens)?;

    event::emit(&WorkAccrued {
        header: WorkAccrued::header(*address, event::next(&mut provider_work.sequence)?),
        epoch: epoch.index,
        work: paid.credits,
        tokens,
        waiting: taken.credits.minus(paid.credits)?,
    });
    Ok(taken.credits)
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
    let seeds = source::signer(network, &bump);
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
