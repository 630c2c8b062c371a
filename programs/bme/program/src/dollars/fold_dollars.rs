use {
    crate::{Result, dollars, source},
    joule_bme_interface::{
        event::DollarsFolded,
        instruction::FoldDollars,
        state::{Auction, DOLLAR_DECIMALS, DollarShard, Network},
    },
    joule_common::{AccountView, account, event, guard, guard::require, issuer, token},
    joule_interface::Fault,
    joule_math::Tokens,
};

/// See [`FoldDollars`]. Works while the network is paused: it only finishes what buying began. What was sent to a vault and bought no
/// credits is nobody's, and stays there.
pub fn fold_dollars(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = FoldDollars::parse(accounts, data)?;
    let network = account::keep_mut::<Network>(a.network)?;
    let auction = account::keep_mut::<Auction>(a.auction)?;
    guard::network(&auction.network, a.network.address())?;
    guard::address(a.auction_vault, &auction.vault)?;
    guard::address(a.dollar_mint, &auction.mint)?;
    guard::address(a.treasury, &auction.policy.treasury)?;
    let token_program = token::Stored::new(a.token_program, &auction.token_program)?;
    let shard = account::keep_mut::<DollarShard>(a.dollar_shard)?;
    guard::network(&shard.network, a.network.address())?;
    guard::address(a.dollar_vault, &shard.vault)?;
    let (unsold_before, missing_before) = (auction.unsold, shard.missing);
    let bump = [network.header.bump];
    let seeds = source::signer(network, &bump);
    let signers = [(&seeds).into()];
    let (mint, authority, program) = (a.dollar_mint, a.network, &token_program);

    // As far as it is there: its issuer may have taken some, and may give it back.
    let unfolded = shard.received.minus(shard.folded)?;
    let amount = unfolded.min(token::vault_balance(a.dollar_vault)?);
    shard.missing = unfolded.minus(amount)?;
    let mut arrived = Tokens::ZERO;
    if !amount.is_zero() {
        let (source, destination) = (a.dollar_vault, a.auction_vault);
        let transfer = token::Transfer { source, mint, destination, authority, token_program: program };
        arrived = transfer.invoke_measured(amount, DOLLAR_DECIMALS, &signers)?;
        let cut = shard.cut_due.min(arrived);
        shard.folded = shard.folded.plus(amount)?;
        shard.cut_due = shard.cut_due.minus(cut)?;
        auction.received = auction.received.plus(arrived)?;
        auction.cut_due = auction.cut_due.plus(cut)?;
    }
    // Whoever could refuse its part waits for it, and stops nobody.
    let mut cut_paid = Tokens::ZERO;
    if issuer::cannot_refuse(a.treasury, &auction.mint) {
        let counted = auction.received.minus(auction.paid)?.minus(auction.cut_paid)?;
        cut_paid = auction.cut_due.min(counted).min(token::vault_balance(a.auction_vault)?);
        if !cut_paid.is_zero() {
            let (source, destination) = (a.auction_vault, a.treasury);
            let transfer = token::Transfer { source, mint, destination, authority, token_program: program };
            transfer.invoke_signed(cut_paid, DOLLAR_DECIMALS, &signers)?;
            auction.cut_due = auction.cut_due.minus(cut_paid)?;
            auction.cut_paid = auction.cut_paid.plus(cut_paid)?;
        }
    }
    dollars::count_unsold(auction, token::vault_balance(a.auction_vault)?)?;
    dollars::limit_shards(network, auction);
    let is_counted = auction.unsold != unsold_before || shard.missing != missing_before;
    let is_anything = !arrived.is_zero() || !cut_paid.is_zero() || is_counted;
    require(is_anything, Fault::ZeroAmount)?;

    event::emit(&DollarsFolded {
        header: DollarsFolded::header(*a.auction.address(), event::next(&mut auction.sequence)?),
        index: shard.index as u64,
        dollars: arrived,
        cut_paid,
        unsold: auction.unsold,
    });
    Ok(())
}
