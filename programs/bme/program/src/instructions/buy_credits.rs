use {
    crate::{Result, purchase::purchase},
    joule_bme_interface::{
        BmeError,
        instruction::{BuyCredits, BuyCreditsArgs},
    },
    joule_common::{AccountView, guard::require},
    joule_interface::Fault,
};

/// See [`BuyCredits`].
pub fn buy_credits(accounts: &[AccountView], args: &BuyCreditsArgs) -> Result<()> {
    let (a, _) = BuyCredits::parse(accounts)?;
    purchase(
        &a,
        |_, _| Ok(args.tokens),
        |price, decimals, received| {
            let credits = received.to_credits_floor(price.value, price.exponent, decimals)?;
            require(!credits.is_zero(), Fault::ZeroAmount)?;
            require(credits >= { args.min_credits }, BmeError::Slippage)?;
            Ok(credits)
        },
    )
}
