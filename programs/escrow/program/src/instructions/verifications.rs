//! Ways to verify results: created, and set for a market.

use {
    crate::{Result, instructions::markets::say, terms},
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, guard, guard::require, token},
    joule_escrow_interface::{
        EscrowError, ID,
        instruction::{CreateVerification, CreateVerificationArgs, SetVerification, SetVerificationArgs},
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
    token::mint(a.wager_mint, a.token_program.address())?;
    token::require_harmless(a.wager_mint)?;
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
        wager_mint: *a.wager_mint.address(),
        wager: args.wager,
        slash: args.slash,
        move_window: args.move_window,
        judge_window: args.judge_window,
        reveal_window: args.reveal_window,
        fee: args.fee,
        forfeit: args.forfeit,
        minority_penalty: args.minority_penalty,
        silence_penalty: args.silence_penalty,
        min_replicas: args.min_replicas,
        max_replicas: args.max_replicas,
        min_quorum: args.min_quorum,
        slash_games: args.slash_games,
        reserved: [0; 40],
    };
    Ok(())
}

/// See [`SetVerification`].
#[inline(never)]
pub fn set_verification(accounts: &[AccountView], _: &SetVerificationArgs) -> Result<()> {
    let (a, _) = SetVerification::parse(accounts)?;
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
    market.version = market.version.checked_add(1).ok_or(Fault::Overflow)?;
    say(a.market, &market);
    Ok(())
}
