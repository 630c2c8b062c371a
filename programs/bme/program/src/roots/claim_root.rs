use {
    crate::{Result, roots, source},
    joule_bme_interface::{
        BmeError,
        event::RootClaimed,
        instruction::{ClaimRoot, ClaimRootArgs, RootAccounts},
        state::{Network, OracleSet, RewardRoot, RootClaim},
    },
    joule_common::{AccountView, account, event, guard, guard::require, token},
    joule_interface::Fault,
    joule_math::{Timestamp, Tokens},
};

/// See [`ClaimRoot`]. Works while the network is paused: it pays out.
pub fn claim_root(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, _, proof) = ClaimRoot::parse(accounts, data)?;
    pay(a.claimant, &a.root, args, proof)
}

/// Pays the claimant, for whom somebody signed who may.
#[inline(never)]
pub fn pay(claimant: &AccountView, a: &RootAccounts<&AccountView>, args: &ClaimRootArgs, proof: &[u8]) -> Result<()> {
    let network = account::keep::<Network>(a.network)?;
    guard::address(a.mint, &network.mint)?;
    let token_program = token::Stored::new(a.token_program, &network.token_program)?;
    let set = account::keep::<OracleSet>(a.oracle_set)?;
    guard::network(&set.network, a.network.address())?;
    guard::address(a.root_vault, &set.vault)?;
    let root = account::keep_mut::<RewardRoot>(a.reward_root)?;
    guard::network(&root.network, a.network.address())?;
    require(root.activated_at != Timestamp::default(), BmeError::RootNotActive)?;
    let claim = account::keep_mut::<RootClaim>(a.root_claim)?;
    guard::network(&claim.network, a.network.address())?;
    require(guard::eq(claimant.address(), &claim.claimant), Fault::Unauthorized)?;
    // Paying the vault out of itself would write the claim off.
    require(!guard::eq(a.destination.address(), a.root_vault.address()), Fault::DuplicateAccount)?;
    let (previous_total, total) = (args.previous_total, args.total);
    roots::verify(root, claimant.address(), previous_total, total, args.index, proof)?;

    let payment = roots::payment_mut(claim, root.number)?;
    let owed = Tokens(roots::entitled(root, previous_total, total)?.0.saturating_sub(payment.paid.0));
    // The leaves of a wrong root may say more than it adds; it still pays no more than it was given.
    let tokens = owed.min(root.opened.minus(root.claimed)?);
    require(!tokens.is_zero(), BmeError::NothingToClaim)?;
    payment.paid = payment.paid.plus(tokens)?;
    claim.claimed = claim.claimed.plus(tokens)?;
    root.claimed = root.claimed.plus(tokens)?;

    let bump = [network.header.bump];
    let seeds = source::signer(network, &bump);
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
