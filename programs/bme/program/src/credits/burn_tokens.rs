use {
    crate::{Result, source::Payment},
    joule_bme_interface::{
        event::TokensBurned,
        instruction::BurnTokens,
        state::{BurnShard, Network},
    },
    joule_common::{AccountView, account, event, guard, guard::require, token},
    joule_interface::Fault,
    joule_math::Tokens,
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

    let (source, owner, mint, reserve_vault) = (a.burn_vault, a.network, a.mint, a.reserve_vault);
    let payment = Payment { source, owner, mint, reserve_vault, token_program: &token_program };
    let is_returned = payment.take(network, true, amount)?;
    let (tokens, returned) = if is_returned { (Tokens::ZERO, amount) } else { (amount, Tokens::ZERO) };
    shard.burned = shard.burned.plus(tokens)?;
    shard.returned = shard.returned.plus(returned)?;

    event::emit(&TokensBurned {
        header: TokensBurned::header(*a.burn_shard.address(), event::next(&mut shard.sequence)?),
        tokens,
        returned,
    });
    Ok(())
}
