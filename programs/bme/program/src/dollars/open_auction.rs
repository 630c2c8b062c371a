use {
    crate::{Result, dollars},
    joule_bme_interface::{
        BmeError, ID,
        instruction::OpenAuction,
        pda,
        state::{Auction, DOLLAR_DECIMALS, Network},
    },
    joule_common::{AccountView, account, guard, guard::require, in_range, issuer, token},
    joule_interface::Fault,
};

/// See [`OpenAuction`].
pub fn open_auction(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = OpenAuction::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    guard::token_program(a.token_program)?;
    let network = account::keep::<Network>(a.network)?;
    guard::authority(a.authority, &network.authority)?;
    let (policy, address) = (args.policy, a.network.address());
    let mint = token::mint(a.dollar_mint, a.token_program.address())?;
    in_range!(mint.decimals == DOLLAR_DECIMALS, "decimals")?;
    // What is shown as another amount than it is, the feed prices by what is shown.
    token::require_unscaled(a.dollar_mint)?;
    // Its own token would be sold for itself.
    require(!guard::eq(a.dollar_mint.address(), &network.mint), Fault::MintNotAllowed)?;
    let issuer_powers = issuer::powers(a.dollar_mint)?;
    require(issuer_powers & !args.issuer_powers == 0, BmeError::PowersNotNamed)?;
    dollars::check(&policy)?;
    dollars::check_treasury(&policy, address, a.dollar_mint.address(), a.treasury)?;
    dollars::require_no_circle_now(network, &policy)?;

    let (length, seeds) = (issuer::vault_len(a.dollar_mint)?, pda::auction_vault::seeds(address));
    let (mint, program) = (a.dollar_mint, a.token_program);
    token::create_vault_of(length, a.payer, a.auction_vault, &seeds, &ID, mint, address, program)?;
    let mut auction = account::create::<Auction>(a.payer, a.auction, &pda::auction::seeds(address))?;
    auction.network = *address;
    auction.mint = *a.dollar_mint.address();
    auction.token_program = *a.token_program.address();
    auction.vault = *a.auction_vault.address();
    auction.payer = *a.payer.address();
    auction.issuer_powers = issuer_powers;
    dollars::propose(network, &mut auction, policy)?;
    dollars::emit_changed(a.auction, &mut auction)
}
