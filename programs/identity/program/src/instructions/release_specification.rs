use {
    crate::{
        Result,
        instructions::{UNRESERVED, in_registry, network_authority, paid_by},
    },
    joule_common::{AccountView, account, guard, guard::require, now},
    joule_identity_interface::{
        ID, IdentityError,
        instruction::ReleaseSpecification,
        state::{Registry, SpecificationClaim},
    },
    joule_interface::Fault,
};

/// See [`ReleaseSpecification`].
#[inline(never)]
pub fn release_specification(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = ReleaseSpecification::parse(accounts, data)?;
    {
        let claim = account::load::<SpecificationClaim>(a.specification_claim)?;
        require(claim.reservation_ends_at != UNRESERVED, IdentityError::NotReserved)?;
        if guard::present(a.network, &ID) {
            require(a.authority.is_signer(), Fault::MissingSigner)?;
            network_authority(a.authority, a.network)?;
            in_registry(&claim.registry, a.registry.address())?;
            guard::network(&account::keep::<Registry>(a.registry)?.network, a.network.address())?;
        } else {
            let is_owner = a.authority.is_signer() && guard::eq(a.authority.address(), &claim.owner);
            require(is_owner || now()? >= claim.reservation_ends_at, IdentityError::ReservationNotEnded)?;
        }
        paid_by(&claim.payer, a.payer)?;
    }

    Ok(account::close(a.specification_claim, a.payer)?)
}
