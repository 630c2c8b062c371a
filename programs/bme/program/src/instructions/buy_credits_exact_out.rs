use {
    crate::{Result, purchase::purchase},
    joule_bme_interface::{
        BmeError,
        instruction::{BuyCredits, BuyCreditsExactOut, BuyCreditsExactOutArgs},
    },
    joule_common::{AccountView, guard::require},
    joule_interface::Fault,
};

/// See [`BuyCreditsExactOut`].
pub fn buy_credits_exact_out(accounts: &[AccountView], args: &BuyCreditsExactOutArgs) -> Result<()> {
    let (a, _) = BuyCreditsExactOut::parse(accounts)?;
    let a = BuyCredits {
        buyer: a.buyer,
        network: a.network,
        credit_account: a.credit_account,
        source: a.source,
        burn_shard: a.burn_shard,
        burn_vault: a.burn_vault,
        mint: a.mint,
        price_update: a.price_update,
        token_program: a.token_program,
    };
    let credits = args.credits;
    require(!credits.is_zero(), Fault::ZeroAmount)?;
    purchase(
        &a,
        |price, decimals| {
            let tokens = credits.to_tokens_ceil(price.value, price.exponent, decimals)?;
            require(tokens <= { args.max_tokens }, BmeError::Slippage)?;
            Ok(tokens)
        },
        |price, decimals, received| {
            // What arrived pays for them, whatever the token did on the way.
            let paid = received.to_credits_floor(price.value, price.exponent, decimals)?;
            require(paid >= credits, BmeError::Slippage)?;
            Ok(credits)
        },
    )
}
