use {
    crate::{Result, markets::terms},
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, guard, guard::require, token},
    joule_escrow_interface::{
        EscrowError, ID,
        instruction::CreateVerification,
        pda,
        state::{NONE, Verification, verification_kind},
    },
    joule_interface::Fault,
};

/// See [`CreateVerification`].
#[inline(never)]
pub fn create_verification(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = CreateVerification::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    guard::authority(a.authority, &account::load::<Network>(a.network)?.authority)?;
    guard::token_program(a.token_program)?;
    token::mint(a.dispute_bond_mint, a.token_program.address())?;
    token::require_harmless(a.dispute_bond_mint)?;
    // The token programs do not burn wrapped SOL: a game over it would never be settled.
    require(!token::is_native(a.dispute_bond_mint.address()), Fault::MintNotAllowed)?;
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
        verifier_slot: 0,
        move_window: args.move_window,
        decision_window: args.decision_window,
        reveal_window: args.reveal_window,
        bond_penalty: args.bond_penalty,
        minority_penalty: args.minority_penalty,
        no_reveal_penalty: args.no_reveal_penalty,
        no_quorum_pay: args.no_quorum_pay,
        min_replicas: args.min_replicas,
        max_replicas: args.max_replicas,
        games_per_slash: args.games_per_slash,
        kind: verification_kind::DISPUTES,
        reserved: [0; 32],
    };
    Ok(())
}
