use {
    crate::{Result, credits, price},
    joule_bme_interface::{
        BmeError,
        event::CreditsBought,
        instruction::{BuyCredits, BuyCreditsArgs},
        state::{BurnShard, CreditAccount, Network},
    },
    joule_common::{AccountView, account, event, guard, guard::require, now, token},
    joule_interface::Fault,
    joule_math::Tokens,
};

/// See [`BuyCredits`].
pub fn buy_credits(accounts: &[AccountView], args: &BuyCreditsArgs) -> Result<()> {
    let (a, _) = BuyCredits::parse(accounts)?;
    let network = account::load::<Network>(a.network)?;
    require(network.paused == 0, Fault::Paused)?;
    guard::address(a.mint, &network.mint)?;
    require(guard::eq(a.token_program.address(), &network.token_program), Fault::WrongTokenProgram)?;

    let mut shard = account::load_mut::<BurnShard>(a.burn_shard)?;
    guard::network(&shard.network, a.network.address())?;
    guard::address(a.burn_vault, &shard.vault)?;
    let mut credit_account = account::load_mut::<CreditAccount>(a.credit_account)?;
    guard::network(&credit_account.network, a.network.address())?;

    let price = price::read(&network, a.price_update, now()?)?;
    require(price.published >= shard.published, BmeError::StalePrice)?;

    let before = token::balance(a.burn_vault, &network.mint)?;
    token::Transfer {
        source: a.source,
        mint: a.mint,
        destination: a.burn_vault,
        authority: a.buyer,
        token_program: a.token_program,
    }
    .invoke_signed(args.tokens, network.decimals, &[])?;
    let received: Tokens = token::balance(a.burn_vault, &network.mint)?.minus(before)?;

    let credits = received.to_credits_floor(price.value, price.exponent, network.decimals)?;
    require(!credits.is_zero(), Fault::ZeroAmount)?;
    require(credits >= { args.min_credits }, BmeError::Slippage)?;

    shard.published = price.published;
    shard.received = shard.received.plus(received)?;
    shard.issued = shard.issued.plus(credits)?;
    credits::issue(&mut credit_account, credits)?;

    event::emit(&CreditsBought {
        header: CreditsBought::header(*a.credit_account.address(), event::next(&mut credit_account.sequence)?),
        burn_shard: *a.burn_shard.address(),
        tokens: received,
        credits,
        price: price.value,
        published: price.published,
    });
    Ok(())
}
