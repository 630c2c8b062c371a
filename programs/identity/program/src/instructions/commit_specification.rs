use {
    crate::Result,
    joule_common::{AccountView, account, guard, now},
    joule_identity_interface::{instruction::CommitSpecification, pda, state::Commitment},
};

/// See [`CommitSpecification`].
#[inline(never)]
pub fn commit_specification(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = CommitSpecification::parse(accounts, data)?;
    guard::system_program(a.system_program)?;

    let seeds = pda::commitment::seeds(&args.hash);
    let mut commitment = account::create::<Commitment>(a.payer, a.commitment, &seeds)?;
    commitment.payer = *a.payer.address();
    commitment.hash = args.hash;
    commitment.committed_at = now()?;
    Ok(())
}
