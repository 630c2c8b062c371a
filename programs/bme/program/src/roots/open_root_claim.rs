use {
    crate::Result,
    joule_bme_interface::{
        instruction::OpenRootClaim,
        pda,
        state::{Network, RootClaim},
    },
    joule_common::{AccountView, account, guard},
};

/// See [`OpenRootClaim`].
pub fn open_root_claim(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = OpenRootClaim::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    account::keep::<Network>(a.network)?;

    let seeds = pda::root_claim::seeds(a.network.address(), a.claimant.address());
    let mut claim = account::create::<RootClaim>(a.payer, a.root_claim, &seeds)?;
    claim.network = *a.network.address();
    claim.claimant = *a.claimant.address();
    claim.payer = *a.payer.address();
    Ok(())
}
