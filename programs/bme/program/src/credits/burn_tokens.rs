use {
    crate::{Result, source},
    joule_bme_interface::{
        event::TokensBurned,
        instruction::BurnTokens,
        state::{BurnShard, Network},
    },
    joule_common::{AccountView, account, event, guard, guard::require, token},
    joule_interface::Fault,
    joule_math::{Tokens, U128},
};

/// See [`BurnTokens`]. Works while the network is paused: it only finishes what buying began.
pub fn burn_tokens(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = BurnTokens::parse(accounts, data)?;
    let network = account::keep_mut::<Network>(a.network)?;
    guard::address(a.mint, &network.mint)?;
    let token_program = token::Stored::new(a.token_program, &network.token_program)?;
    let shard = account::keep_mut::<BurnShard>(a.burn_shard)?;
    guard::network(&shard.network, a.network.address())?;
    guard::address(a.burn_vault, &shard.vault)?;
    // What was sent to the vault and bought no credits is nobody's: it stays there, and nothing returns for it.
    let waiting = Tokens(shard.received.0.saturating_sub(shard.burned.plus(shard.returned)?.0));
    let amount = token::vault_balance(a.burn_vault)?.min(waiting);
    require(!amount.is_zero(), Fault::ZeroAmount)?;

    let bump = [network.header.bump];
    let (seeds, decimals) = (source::signer(network, &bump), network.decimals);
    let signers = [(&seeds).into()];
    // By the policy with which the open epoch began, so that a change tells whom it reaches: what is paid in later epochs.
    let is_returned = network.terms.payments_to_reserve == 1;
    if is_returned {
        guard::address(a.reserve_vault, &network.reserve_vault)?;
        token::Transfer {
            source: a.burn_vault,
            mint: a.mint,
            destination: a.reserve_vault,
            authority: a.network,
            token_program: &token_program,
        }
        .invoke_signed(amount, decimals, &signers)?;
        shard.returned = shard.returned.plus(amount)?;
        network.returned = U128::new(network.returned.get() + amount.0 as u128);
    } else {
        token::burn(&token_program, a.burn_vault, a.mint, a.network, amount, decimals, &signers)?;
        shard.burned = shard.burned.plus(amount)?;
        network.burned = U128::new(network.burned.get() + amount.0 as u128);
    }
    let part = Tokens(network.policy.remint_share.of_floor(amount.0)?);
    network.remintable = Tokens(network.remintable.0.saturating_add(part.0));

    event::emit(&TokensBurned {
        header: TokensBurned::header(*a.burn_shard.address(), event::next(&mut shard.sequence)?),
        tokens: if is_returned { Tokens::ZERO } else { amount },
        returned: if is_returned { amount } else { Tokens::ZERO },
    });
    Ok(())
}
