use {
    crate::{Result, credits, price},
    joule_bme_interface::{
        BmeError,
        event::CreditsBoughtWithDollars,
        instruction::BuyCreditsWithDollars,
        state::{CreditAccount, DOLLAR_DECIMALS, DollarShard, Network},
    },
    joule_common::{AccountView, account, event, guard, guard::require, now, token},
    joule_interface::Fault,
    joule_math::{Bps, Credits, Tokens, average, part_of},
};

const WHOLE: u64 = Bps::WHOLE.0 as u64;

/// A part of an amount, rounded up: of whole ten thousands first, so that nothing leaves 64 bits.
#[inline(always)]
#[expect(clippy::manual_div_ceil, reason = "it asks for the rest, and the product is below a hundred million")]
fn part_ceil(amount: u64, part: Bps) -> u64 {
    let part = part.0 as u64;
    amount / WHOLE * part + (amount % WHOLE * part + WHOLE - 1) / WHOLE
}

/// See [`BuyCreditsWithDollars`]. What is the auction's is read from the network and the shard, which repeat it.
pub fn buy_credits_with_dollars(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = BuyCreditsWithDollars::parse(accounts, data)?;
    let network = account::keep::<Network>(a.network)?;
    network.require_unpaused()?;
    require(network.takes_dollars == 1, BmeError::DollarsUnwanted)?;
    let shard = account::keep_mut::<DollarShard>(a.dollar_shard)?;
    guard::network(&shard.network, a.network.address())?;
    guard::address(a.dollar_vault, &shard.vault)?;
    let token_program = token::Stored::new(a.token_program, &shard.token_program)?;
    let credit_account = account::keep_mut::<CreditAccount>(a.credit_account)?;
    guard::network(&credit_account.network, a.network.address())?;

    let now = now()?;
    let (price, ask) = price::read_with_ask(network, a.price_update, now)?;
    let (average, band) = (&network.average, network.policy.max_deviation);
    require(average.value != 0, BmeError::NoAverage)?;
    require(average.exponent == price.exponent, BmeError::PriceExponent)?;
    require(band.0 == 0 || average::within(average.value, price.spot, band), BmeError::PriceTooFarFromAverage)?;
    let ask = price::no_lower_than(&price, ask, (average.published_at, network.ask, average.exponent))?;
    let ask = price::no_lower_than(&price, ask, (shard.published_at, shard.ask, shard.exponent))?;
    let dollar = price::read_dollar(network, a.dollar_price_update, now)?;

    // The token program compares the mint with the vault's.
    let dollars = token::Transfer {
        source: a.source,
        mint: a.dollar_mint,
        destination: a.dollar_vault,
        authority: a.buyer,
        token_program: &token_program,
    }
    .invoke_measured(args.dollars, DOLLAR_DECIMALS, &[])?;
    let cut = Tokens(part_ceil(dollars.0, network.dollar_cut));
    let credits = Credits(part_of(dollars.minus(cut)?.0, dollar.value, dollar.one()?));
    require(!credits.is_zero(), Fault::ZeroAmount)?;
    require(credits >= { args.min_credits }, BmeError::Slippage)?;
    // At the average if that is dearer: a price that is wrong carries no more. The premium as well, or credits that are given up would
    // return more than was paid for them.
    let dear = ask.max(average.value);
    let dear = dear.saturating_add(part_ceil(dear, network.dollar_premium));
    let tokens = credits.to_tokens_floor(dear, price.exponent, network.decimals)?;

    if price.published >= shard.published_at {
        shard.published_at = price.published;
        shard.ask = ask;
        shard.exponent = price.exponent;
    }
    shard.received = shard.received.plus(dollars)?;
    let waiting = shard.received.minus(shard.folded)?.minus(shard.missing)?;
    require(waiting <= network.dollar_shard_limit, BmeError::DollarsUnwanted)?;
    shard.cut_due = shard.cut_due.plus(cut)?;
    shard.issued = shard.issued.plus(credits)?;
    shard.tokens = shard.tokens.plus(tokens)?;
    credits::issue(credit_account, credits, tokens)?;
    if network.is_idle(now) {
        credits::note_idle(credit_account, network, tokens, now)?;
    }

    event::emit(&CreditsBoughtWithDollars {
        header: CreditsBoughtWithDollars::header(
            *a.credit_account.address(),
            event::next(&mut credit_account.sequence)?,
        ),
        dollars,
        cut,
        credits,
        tokens,
    });
    Ok(())
}
