use {
    crate::{
        Result,
        instructions::{paid_by, reserve},
    },
    joule_common::{AccountView, account, guard, guard::require, in_range, now},
    joule_identity_interface::{
        ID, IdentityError, commitment_hash,
        instruction::ReserveSpecification,
        pda,
        state::{COMMITMENT_DELAY, COMMITMENT_WINDOW, Commitment, Registry, SpecificationClaim},
    },
    joule_interface::Address,
    solana_program::hash::hashv,
};

/// See [`ReserveSpecification`].
#[inline(never)]
pub fn reserve_specification(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = ReserveSpecification::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    account::keep::<Registry>(a.registry)?;
    // The zero address stands for none.
    in_range!(args.owner != Address::default(), "owner")?;
    let now = now()?;
    {
        let commitment = account::load::<Commitment>(a.commitment)?;
        let sha256 = |parts: &[&[u8]]| hashv(parts).to_bytes();
        let hash = commitment_hash(sha256, a.registry.address(), &args.specification, &args.owner, &args.salt);
        require(commitment.hash == hash, IdentityError::WrongCommitment)?;
        paid_by(&commitment.payer, a.commitment_payer)?;
        let committed_at = commitment.committed_at;
        require(now >= committed_at.after(COMMITMENT_DELAY)?, IdentityError::CommitmentNotReady)?;
        require(now < committed_at.after(COMMITMENT_WINDOW)?, IdentityError::CommitmentExpired)?;
    }
    if guard::eq(a.specification_claim.owner(), &ID) {
        let revoked = account::load::<SpecificationClaim>(a.specification_claim)?.revoked == 1;
        return Err(if revoked { IdentityError::SpecificationRevoked } else { IdentityError::SpecificationTaken });
    }

    let seeds = pda::specification_claim::seeds(a.registry.address(), &args.specification);
    let mut claim = account::create::<SpecificationClaim>(a.payer, a.specification_claim, &seeds)?;
    claim.registry = *a.registry.address();
    claim.payer = *a.payer.address();
    claim.specification = args.specification;
    account::close(a.commitment, a.commitment_payer)?;
    reserve(a.specification_claim, &mut claim, args.owner, Address::default(), now)
}
