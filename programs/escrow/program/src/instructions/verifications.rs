//! Ways to verify results: created, and set for a market.

use {
    crate::{Result, instructions::markets::say, terms},
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, guard, guard::require, token},
    joule_escrow_interface::{
        EscrowError, ID,
        instruction::{CreateVerification, CreateVerificationArgs, SetMarketVerification, SetMarketVerificationArgs},
        pda,
        state::{Market, NONE, Verification},
    },
    joule_interface::Fault,
};

/// See [`CreateVerification`].
#[inline(never)]
pub fn create_verification(accounts: &[AccountView], args: &CreateVerificationArgs) -> Result<()> {
    let (a, _) = CreateVerification::parse(accounts)?;
    guard::system_program(a.system_program)?;
    guard::authority(a.authority, &account::load::<Network>(a.network)?.authority)?;
    guard::token_program(a.token_program)?;
    token::mint(a.dispute_bond_mint, a.token_program.address())?;
    token::require_harmless(a.dispute_bond_mint)?;
    let verifier = if guard::present(a.verifier, &ID) {
        require(a.verifier.executable(), EscrowError::WrongVerifier)?;
        *a.verifier.address()
    } else {
        NONE
    };
    terms::check_verification(args, &verifier)?;

    let id = args.id.to_le_bytes();
    let seeds = pda::verification::seeds(a.network.address(), &id);
    let mut verification = account::create::<Verification>(a.payer, a.verification, &seeds)?;
    *verification = Verification {
        header: verification.header,
        network: *a.network.address(),
        id: args.id,
        verifier,
        dispute_bond_mint: *a.dispute_bond_mint.address(),
        dispute_bond: args.dispute_bond,
        slash_amount: args.slash_amount,
        move_window: args.move_window,
        decision_window: args.decision_window,
        reveal_window: args.reveal_window,
        burned_share: args.burned_share,
        bond_penalty: args.bond_penalty,
        minority_penalty: args.minority_penalty,
        no_reveal_penalty: args.no_reveal_penalty,
        min_replicas: args.min_replicas,
        max_replicas: args.max_replicas,
        min_quorum: args.min_quorum,
        games_per_slash: args.games_per_slash,
        reserved: [0; 40],
    };
    Ok(())
}

/// See [`SetMarketVerification`].
#[inline(never)]
pub fn set_market_verification(accounts: &[AccountView], _: &SetMarketVerificationArgs) -> Result<()> {
    let (a, _) = SetMarketVerification::parse(accounts)?;
    guard::authority(a.authority, &account::load::<Network>(a.network)?.authority)?;
    let mut market = account::load_mut::<Market>(a.market)?;
    guard::network(&market.network, a.network.address())?;
    let verification = if guard::present(a.verification, &ID) {
        guard::network(&account::load::<Verification>(a.verification)?.network, a.network.address())?;
        *a.verification.address()
    } else {
        NONE
    };
    terms::check_verifiable(&market.terms, &verification)?;

    market.verification = verification;
    market.terms_version = market.terms_version.checked_add(1).ok_or(Fault::Overflow)?;
    say(a.market, &market);
    Ok(())
}
