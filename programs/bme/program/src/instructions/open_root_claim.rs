use {
    crate::Result,
    joule_bme_interface::{
        instruction::{OpenRootClaim, OpenRootClaimArgs},
        pda,
        state::{Network, RootClaim},
    },
    joule_common::{AccountView, account, guard},
};

/// See [`OpenRootClaim`].
pub fn open_root_claim(accounts: &[AccountView], _: &OpenRootClaimArgs) -> Result<()> {
    let (a, _) = OpenRootClaim::parse(accounts)?;
    guard::system_program(a.system_program)?;
    account::keep::<Network>(a.network)?;

    let seeds = pda::root_claim::seeds(a.network.address(), a.claimant.address());
    let mut claim = account::create::<RootClaim>(a.payer, a.root_claim, &seeds)?;
    claim.network = *a.network.address();
    claim.claimant = *a.claimant.address();
    Ok(())
}
