use {
    crate::Result,
    joule_bme_interface::{
        event::TokensBurned,
        instruction::BurnTokens,
        pda,
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
    let waiting = Tokens(shard.received.0.saturating_sub(shard.burned.0));
    let amount = token::vault_balance(a.burn_vault)?.min(waiting);
    require(!amount.is_zero(), Fault::ZeroAmount)?;

    let bump = [network.header.bump];
    let seeds = pda::network::signer(&network.mint, &bump);
    token::burn(&token_program, a.burn_vault, a.mint, a.network, amount, network.decimals, &[(&seeds).into()])?;
    shard.burned = shard.burned.plus(amount)?;
    network.burned = U128::new(network.burned.get() + amount.0 as u128);
    let part = Tokens(network.policy.remint_share.of_floor(amount.0)?);
    network.remintable = Tokens(network.remintable.0.saturating_add(part.0));

    event::emit(&TokensBurned {
        header: TokensBurned::header(*a.burn_shard.address(), event::next(&mut shard.sequence)?),
        tokens: amount,
    });
    Ok(())
}
