use {
    crate::{Result, instructions::paid_by},
    joule_common::{AccountView, account, guard::require, now},
    joule_identity_interface::{
        IdentityError,
        instruction::CloseCommitment,
        state::{COMMITMENT_WINDOW, Commitment},
    },
};

/// See [`CloseCommitment`].
#[inline(never)]
pub fn close_commitment(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = CloseCommitment::parse(accounts, data)?;
    {
        let commitment = account::load::<Commitment>(a.commitment)?;
        paid_by(&commitment.payer, a.payer)?;
        let over = now()? >= commitment.committed_at.after(COMMITMENT_WINDOW)?;
        require(over, IdentityError::CommitmentNotExpired)?;
    }

    Ok(account::close(a.commitment, a.payer)?)
}
