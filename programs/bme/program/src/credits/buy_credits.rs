use {
    crate::{
        Result,
        credits::purchase::{Order, purchase},
        price::BidPrice,
    },
    joule_bme_interface::{
        BmeError,
        instruction::{BuyCredits, BuyCreditsArgs},
    },
    joule_common::{AccountView, guard::require},
    joule_interface::Fault,
    joule_math::{Credits, Tokens},
};

/// See [`BuyCredits`].
pub fn buy_credits(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = BuyCredits::parse(accounts, data)?;
    purchase(&a, args)
}

impl Order for BuyCreditsArgs {
    #[inline(always)]
    fn tokens(&self, _: &BidPrice, _: u8) -> Result<Tokens> {
        Ok(self.tokens)
    }

    #[inline(always)]
    fn credits(&self, price: &BidPrice, decimals: u8, received: Tokens) -> Result<Credits> {
        let credits = received.to_credits_floor(price.value, price.exponent, decimals)?;
        require(!credits.is_zero(), Fault::ZeroAmount)?;
        require(credits >= { self.min_credits }, BmeError::Slippage)?;
        Ok(credits)
    }
}
