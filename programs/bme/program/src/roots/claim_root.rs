use {
    crate::{Result, roots},
    joule_bme_interface::{
        BmeError,
        event::RootClaimed,
        instruction::ClaimRoot,
        pda,
        state::{Network, OracleSet, RewardRoot, RootClaim},
    },
    joule_common::{AccountView, account, event, guard, guard::require, token},
    joule_interface::Fault,
    joule_math::Tokens,
};

/// See [`ClaimRoot`]. Works while the network is paused: it pays out.
pub fn claim_root(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, _, proof) = ClaimRoot::parse(accounts, data)?;
    let network = account::keep::<Network>(a.network)?;
    guard::address(a.mint, &network.mint)?;
    let token_program = token::Stored::new(a.token_program, &network.token_program)?;
    let set = account::keep::<OracleSet>(a.oracle_set)?;
    guard::network(&set.network, a.network.address())?;
    guard::address(a.root_vault, &set.vault)?;
    let root = account::keep::<RewardRoot>(a.reward_root)?;
    guard::network(&root.network, a.network.address())?;
    roots::require_active(set, root)?;
    let claim = account::keep_mut::<RootClaim>(a.root_claim)?;
    guard::network(&claim.network, a.network.address())?;
    guard::authority(a.claimant, &claim.claimant)?;
    // Paying the vault out of itself would write the claim off.
    require(!guard::eq(a.destination.address(), a.root_vault.address()), Fault::DuplicateAccount)?;
    roots::verify(root, a.claimant.address(), args.total, args.index, proof)?;

    // A later root may say less than was paid.
    let owed = Tokens({ args.total }.0.saturating_sub(claim.claimed.0));
    require(!owed.is_zero(), BmeError::NothingToClaim)?;
    let tokens = owed.min(token::vault_balance(a.root_vault)?);
    require(!tokens.is_zero(), BmeError::BreakerHolds)?;
    claim.claimed = claim.claimed.plus(tokens)?;

    let bump = [network.header.bump];
    let seeds = pda::network::signer(&network.mint, &bump);
    token::Transfer {
        source: a.root_vault,
        mint: a.mint,
        destination: a.destination,
        authority: a.network,
        token_program: &token_program,
    }
    .invoke_signed(tokens, network.decimals, &[(&seeds).into()])?;

    event::emit(&RootClaimed {
        header: RootClaimed::header(*a.root_claim.address(), event::next(&mut claim.sequence)?),
        destination: *a.destination.address(),
        tokens,
        claimed: claim.claimed,
    });
    Ok(())
}
