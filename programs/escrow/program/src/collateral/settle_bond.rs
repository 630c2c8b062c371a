use {
    crate::{Result, collateral::settlement, money::funding::in_credits},
    joule_common::{AccountView, account, guard::require},
    joule_escrow_interface::{
        EscrowError,
        instruction::SettleBond,
        state::{Job, NONE, job_state},
    },
};

/// See [`SettleBond`]. Works while the network is paused: it settles and gives back.
#[inline(never)]
pub fn settle_bond(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = SettleBond::parse(accounts, data)?;
    let job = account::keep_mut::<Job>(a.job)?;
    // What is owed in credits may never be paid, if the network revokes the right to them: then the job counts nothing, and its fee is not
    // known before. What is owed in tokens is paid, whenever their issuer lets it be.
    let is_known = job.has_ended() || job.state == job_state::OWING && !in_credits(&job.mint);
    require(is_known, EscrowError::WrongJobState)?;
    if job.bond_unsettled == 0 {
        return Ok(());
    }
    settlement::settle(&a.settlement, job, a.job.address())?;

    job.bond = NONE;
    job.bond_unsettled = 0;
    Ok(())
}
