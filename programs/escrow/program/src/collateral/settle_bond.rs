use {
    crate::{Result, collateral::settlement},
    joule_common::{AccountView, account, guard::require},
    joule_escrow_interface::{
        EscrowError,
        instruction::SettleBond,
        state::{Job, NONE, job_state},
    },
};

/// See [`SettleBond`]. Works while the network is paused: it settles and gives back.
pub fn settle_bond(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = SettleBond::parse(accounts, data)?;
    let job = account::keep_mut::<Job>(a.job)?;
    require(job.has_ended() || job.state == job_state::OWING, EscrowError::WrongJobState)?;
    if job.bond_unsettled == 0 {
        return Ok(());
    }
    settlement::settle(&a.settlement, job, a.job.address())?;

    job.bond = NONE;
    job.bond_unsettled = 0;
    Ok(())
}
