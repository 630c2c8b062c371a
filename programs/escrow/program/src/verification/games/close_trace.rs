use {
    crate::{Result, verification::games::dispute_bond},
    joule_common::{AccountView, account, guard, guard::require},
    joule_escrow_interface::{
        EscrowError,
        instruction::CloseTrace,
        state::{Job, Trace, job_state},
    },
};

/// See [`CloseTrace`]. Works while the network is paused: it gives back.
pub fn close_trace(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = CloseTrace::parse(accounts, data)?;
    let trace = account::load::<Trace>(a.trace)?;
    require(guard::eq(&trace.job, a.job.address()), EscrowError::WrongTrace)?;
    require(guard::eq(a.rent_receiver.address(), &trace.payer), EscrowError::WrongPayer)?;
    require(trace.unsettled_games == 0, EscrowError::GameNotOver)?;
    require(trace.unpaid_winners == 0, EscrowError::ChallengerUnpaid)?;
    // Only a job that is there waits for its trace. Once it is closed, its client may do with the address what it likes.
    if account::exists::<Job>(a.job) {
        let job = account::load::<Job>(a.job)?;
        let waits = matches!(job.state, job_state::DELIVERED | job_state::CHALLENGED);
        require(job.posting_id != trace.posting_id || !waits, EscrowError::WrongJobState)?;
    }

    // If the dispute bond was lost, the deposit may be closed.
    let released = trace.dispute_bond.plus(trace.pot)?;
    if !released.is_zero() {
        dispute_bond::release(a.deposit, &trace.deposit, released)?;
    }
    drop(trace);
    Ok(account::close(a.trace, a.rent_receiver)?)
}
