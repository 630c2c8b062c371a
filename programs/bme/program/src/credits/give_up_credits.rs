use {
    crate::{
        Result, credits,
        epochs::breaker::{self, Kind},
        source::Source,
    },
    joule_bme_interface::{
        BmeError,
        event::CreditsGivenUp,
        instruction::GiveUpCredits,
        state::{CreditAccount, Network},
    },
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_interface::Fault,
    joule_math::{Tokens, U128},
};

/// See [`GiveUpCredits`]. Works while the network is paused: it gives back. Never more than was burned for the credits: at
/// today's price they would be an option on the emission.
pub fn give_up_credits(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = GiveUpCredits::parse(accounts, data)?;
    let network = account::keep_mut::<Network>(a.network)?;
    let source = Source::new(network, a.network, a.mint, a.reserve_vault, a.token_program)?;
    let credit_account = account::keep_mut::<CreditAccount>(a.credit_account)?;
    guard::network(&credit_account.network, a.network.address())?;
    guard::authority(a.owner, &credit_account.owner)?;
    let now = now()?;
    // Of work, only the open epoch's is not known yet.
    let is_known = network.closing == 0 && now < network.epoch_ends_at;
    require(is_known && network.is_idle(now), BmeError::NetworkNotIdle)?;
    let amount = args.amount;
    let tokens = credits::burn(credit_account, amount)?;
    require(!tokens.is_zero(), Fault::ZeroAmount)?;
    let is_set_aside = tokens <= network.refundable;
    require(
        is_set_aside && credit_account.tokens >= credits::not_given_back(credit_account, network),
        BmeError::NotSetAside,
    )?;
    let whole = source.stock(network)?.whole;
    require(breaker::take(network, Kind::Epochs, tokens, now, whole)? == tokens, BmeError::BreakerHolds)?;
    network.refundable = network.refundable.minus(tokens)?;
    // What has been given back to who burned it is not given back to others as well.
    let part = network.policy.remint_share.of_ceil(tokens.0)?;
    network.remintable = Tokens(network.remintable.0.saturating_sub(part));
    network.minted = U128::new(network.minted.get() + tokens.0 as u128);

    event::emit(&CreditsGivenUp {
        header: CreditsGivenUp::header(*a.credit_account.address(), event::next(&mut credit_account.sequence)?),
        amount,
        tokens,
        destination: *a.destination.address(),
    });
    source.issue(network, a.destination, tokens)
}
