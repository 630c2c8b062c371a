use {
    crate::{
        Result,
        credits::purchase::{Order, purchase},
        price::BidPrice,
    },
    joule_bme_interface::{
        BmeError,
        instruction::{BuyCredits, BuyCreditsExactOut, BuyCreditsExactOutArgs},
    },
    joule_common::{AccountView, guard::require},
    joule_interface::Fault,
    joule_math::{Credits, Tokens},
};

/// See [`BuyCreditsExactOut`].
pub fn buy_credits_exact_out(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = BuyCreditsExactOut::parse(accounts, data)?;
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
    require(!{ args.credits }.is_zero(), Fault::ZeroAmount)?;
    purchase(&a, args)
}

impl Order for BuyCreditsExactOutArgs {
    #[inline(always)]
    fn tokens(&self, price: &BidPrice, decimals: u8) -> Result<Tokens> {
        let tokens = { self.credits }.to_tokens_ceil(price.value, price.exponent, decimals)?;
        require(tokens <= { self.max_tokens }, BmeError::Slippage)?;
        Ok(tokens)
    }

    #[inline(always)]
    fn credits(&self, price: &BidPrice, decimals: u8, received: Tokens) -> Result<Credits> {
        // What arrived pays for them, whatever the token did on the way.
        let paid = received.to_credits_floor(price.value, price.exponent, decimals)?;
        require(paid >= { self.credits }, BmeError::Slippage)?;
        Ok(self.credits)
    }
}
