use {
    crate::Result,
    joule_bme_interface::{BmeError, instruction::CloseRootClaim, state::RootClaim},
    joule_common::{AccountView, account, guard, guard::require},
    joule_interface::Fault,
};

/// See [`CloseRootClaim`]. Works while the network is paused: it gives back.
pub fn close_root_claim(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = CloseRootClaim::parse(accounts, data)?;
    let claim = account::load::<RootClaim>(a.root_claim)?;
    let may = guard::eq(a.closer.address(), &claim.claimant) || guard::eq(a.closer.address(), &claim.payer);
    require(may, Fault::Unauthorized)?;
    guard::address(a.rent_receiver, &claim.payer)?;
    require(claim.claimed.is_zero(), BmeError::NotEmpty)?;

    drop(claim);
    Ok(account::close(a.root_claim, a.rent_receiver)?)
}
