use {
    crate::{
        Result, dollars, price,
        source::{self, Payment},
    },
    joule_bme_interface::{
        BmeError,
        event::TokensSold,
        instruction::SellTokens,
        state::{Auction, DOLLAR_DECIMALS, Network},
    },
    joule_common::{AccountView, account, event, guard, guard::require, now, token},
    joule_interface::Fault,
    joule_math::{Tokens, U128, average, mul_div_floor},
};

/// See [`SellTokens`]. Not while the network is paused: nobody is owed a sale, and a guardian who sees a wrong price stops it.
pub fn sell_tokens(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = SellTokens::parse(accounts, data)?;
    let network = account::keep_mut::<Network>(a.network)?;
    network.require_unpaused()?;
    let auction = account::keep_mut::<Auction>(a.auction)?;
    guard::network(&auction.network, a.network.address())?;
    guard::address(a.auction_vault, &auction.vault)?;
    guard::address(a.mint, &network.mint)?;
    guard::address(a.dollar_mint, &auction.mint)?;
    let token_program = token::Stored::new(a.token_program, &network.token_program)?;
    let dollar_program = token::Stored::new(a.dollar_token_program, &auction.token_program)?;
    // Dollars that are paid to the vault itself would be nobody's.
    require(!guard::eq(a.destination.address(), a.auction_vault.address()), Fault::DuplicateAccount)?;
    let (now, tokens) = (now()?, args.tokens);
    require(!tokens.is_zero(), Fault::ZeroAmount)?;

    let mut price = price::read(network, a.price_update, now)?;
    price::require_in_band(network, &price)?;
    let newest = network.average;
    price::no_better_than(&mut price, newest.published_at, newest.bid, newest.exponent)?;
    price::no_better_than(&mut price, auction.published_at, auction.bid, auction.exponent)?;
    // Work is valued at no less than the average: who sold what it was paid at more would gain by how slow that is.
    require(newest.value != 0, BmeError::NoAverage)?;
    let cheap = price.value.min(average::rescale(newest.value, newest.exponent, price.exponent)?);
    let dollar = price::read_dollar(network, a.dollar_price_update, now)?;
    // Dollars at their dearest, as credits were sold for them at their cheapest.
    let worth = tokens.to_credits_floor(cheap, price.exponent, network.decimals)?;
    let worth = Tokens(mul_div_floor(worth.0, dollar.one()?, price::high(a.dollar_price_update)?)?);
    require(!worth.is_zero(), Fault::ZeroAmount)?;

    let rules = dollars::rules(&auction.policy);
    let level = rules.level_after(auction.level, now.since(auction.leaked_at));
    let paid = rules.payment_floor(level, worth).map_err(|_| BmeError::AuctionFilled)?;
    dollars::count_unsold(auction, token::vault_balance(a.auction_vault)?)?;
    require(paid <= auction.unsold, BmeError::AuctionFilled)?;
    require(!paid.is_zero(), Fault::ZeroAmount)?;
    auction.level = level.plus(worth)?;
    auction.leaked_at = now;
    if price.published >= auction.published_at {
        auction.published_at = price.published;
        auction.bid = price.value;
        auction.exponent = price.exponent;
    }
    auction.paid = auction.paid.plus(paid)?;
    auction.unsold = auction.unsold.minus(paid)?;
    dollars::limit_shards(network, auction);
    auction.tokens = U128::new(auction.tokens.get() + tokens.0 as u128);

    let (source, owner, mint, reserve_vault) = (a.source, a.seller, a.mint, a.reserve_vault);
    let payment = Payment { source, owner, mint, reserve_vault, token_program: &token_program };
    let is_returned = payment.take(network, false, tokens)?;
    if is_returned {
        auction.returned = U128::new(auction.returned.get() + tokens.0 as u128);
    }

    let bump = [network.header.bump];
    let seeds = source::signer(network, &bump);
    let before = token::balance(a.destination, &auction.mint)?;
    let (source, destination, authority) = (a.auction_vault, a.destination, a.network);
    token::Transfer { source, mint: a.dollar_mint, destination, authority, token_program: &dollar_program }
        .invoke_signed(paid, DOLLAR_DECIMALS, &[(&seeds).into()])?;
    let arrived = token::balance(a.destination, &auction.mint)?.minus(before)?;
    require(arrived >= { args.min_dollars }, BmeError::Slippage)?;

    event::emit(&TokensSold {
        header: TokensSold::header(*a.auction.address(), event::next(&mut auction.sequence)?),
        seller: *a.seller.address(),
        tokens,
        is_returned: is_returned as u64,
        worth,
        dollars: paid,
        price: cheap,
        published_at: price.published,
    });
    Ok(())
}
