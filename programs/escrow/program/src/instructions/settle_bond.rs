use {
    crate::{Result, settlement},
    joule_common::{AccountView, account, event, guard::require},
    joule_escrow_interface::{
        EscrowError,
        event::BondSettled,
        instruction::{SettleBond, SettleBondArgs},
        state::{Job, NONE, job_state},
    },
};

/// See [`SettleBond`]. Works while the network is paused: it settles and gives back.
pub fn settle_bond(accounts: &[AccountView], _: &SettleBondArgs) -> Result<()> {
    let (a, _) = SettleBond::parse(accounts)?;
    let settlement = settlement!(a);
    settlement.slashing.check()?;
    let mut job = account::load_mut::<Job>(a.job)?;
    require(job.has_ended() || job.state == job_state::OWING, EscrowError::WrongJobState)?;
    if job.pending == 0 {
        return Ok(());
    }
    let (seized, reported) = settlement.make(&job, a.job.address())?;
    job.bond = NONE;
    job.pending = 0;

    event::emit(&BondSettled {
        header: BondSettled::header(*a.job.address(), event::next(&mut job.sequence)?),
        seized,
        outcome: reported as u64,
    });
    Ok(())
}
