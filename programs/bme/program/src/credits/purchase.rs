//! What both ways of buying have in common.

use {
    crate::{
        Result, credits,
        price::{self, BidPrice},
    },
    joule_bme_interface::{
        event::CreditsBought,
        instruction::BuyCredits,
        state::{BurnShard, CreditAccount, Network},
    },
    joule_common::{AccountView, account, event, guard, now, token},
    joule_math::{Credits, Tokens},
};

/// What a buyer asks for.
pub trait Order {
    /// How many tokens to take at the price.
    fn tokens(&self, price: &BidPrice, decimals: u8) -> Result<Tokens>;
    /// How many credits to issue for those that arrived.
    fn credits(&self, price: &BidPrice, decimals: u8, received: Tokens) -> Result<Credits>;
}

/// Takes tokens from the buyer and issues credits for them.
#[inline(always)]
pub fn purchase(a: &BuyCredits<&AccountView>, order: &impl Order) -> Result<()> {
    let network = account::keep::<Network>(a.network)?;
    network.require_unpaused()?;
    guard::address(a.mint, &network.mint)?;
    let token_program = token::Stored::new(a.token_program, &network.token_program)?;

    let shard = account::keep_mut::<BurnShard>(a.burn_shard)?;
    guard::network(&shard.network, a.network.address())?;
    guard::address(a.burn_vault, &shard.vault)?;
    let credit_account = account::keep_mut::<CreditAccount>(a.credit_account)?;
    guard::network(&credit_account.network, a.network.address())?;

    let now = now()?;
    let mut price = price::read(network, a.price_update, now)?;
    price::require_in_band(network, &price)?;
    let average = &network.average;
    price::no_better_than(&mut price, average.published_at, average.bid, average.exponent)?;
    price::no_better_than(&mut price, shard.published_at, shard.bid, shard.exponent)?;

    let received = token::Transfer {
        source: a.source,
        mint: a.mint,
        destination: a.burn_vault,
        authority: a.buyer,
        token_program: &token_program,
    }
    .invoke_measured(order.tokens(&price, network.decimals)?, network.decimals, &[])?;
    let credits = order.credits(&price, network.decimals, received)?;

    if price.published >= shard.published_at {
        shard.published_at = price.published;
        shard.bid = price.value;
        shard.exponent = price.exponent;
    }
    shard.received = shard.received.plus(received)?;
    shard.issued = shard.issued.plus(credits)?;
    credits::issue(credit_account, credits, received)?;
    if network.is_idle(now) {
        credits::note_idle(credit_account, network, received, now)?;
    }

    event::emit(&CreditsBought {
        header: CreditsBought::header(*a.credit_account.address(), event::next(&mut credit_account.sequence)?),
        burn_shard: *a.burn_shard.address(),
        tokens: received,
        credits,
        price: price.value,
        published_at: price.published,
    });
    Ok(())
}
