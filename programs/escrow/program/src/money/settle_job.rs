use {
    crate::{
        Result,
        jobs::ending,
        money::payment::{self, Obstacle, Payout},
    },
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_escrow_interface::{
        EscrowError,
        event::JobSettled,
        instruction::SettleJob,
        state::{Job, job_state},
    },
    joule_interface::Fault,
    joule_math::{Amount, Timestamp},
};

/// See [`SettleJob`]. Works while the network is paused: it pays what is owed.
#[inline(never)]
pub fn settle_job(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, more, _) = SettleJob::parse(accounts, data)?;
    let now = now()?;
    let (max_amount, fee_payee) = (args.max_amount, a.payment.fee_payee);
    let job = account::keep_mut::<Job>(a.job)?;
    let obstacle = payment::check(&a.payment, job, None, max_amount, now)?;

    let mut total = settle(a.job, job, max_amount, fee_payee, obstacle, now)?;
    if total == Payout::default() {
        require_nothing_left(job, max_amount)?;
    }
    for view in more {
        require(view.is_writable(), Fault::NotWritable)?;
        let other = &mut *account::load_mut::<Job>(view)?;
        require(guard::eq(&other.funding_account, &job.funding_account), EscrowError::WrongClient)?;
        require(guard::eq(&other.provider, &job.provider), EscrowError::WrongProvider)?;
        // What says that the right to the first job's credits lasts, or was revoked, says so of no job of another right.
        require(other.spender_number == job.spender_number, EscrowError::SpenderClosed)?;
        // Others may have settled it, and a batch must not fail for that.
        if other.has_ended() {
            continue;
        }
        let payout = settle(view, other, max_amount, fee_payee, obstacle, now)?;
        total = Payout { pay: total.pay.plus(payout.pay)?, fee: total.fee.plus(payout.fee)?, ..total };
    }
    if total == Payout::default() {
        return Ok(());
    }
    payment::pay(&a.payment, job, a.job.address(), &total, now)
}

/// A tip is for what the next instruction does to its first job. Whoever asks for less than all is told nothing by a failure.
#[cold]
#[inline(never)]
fn require_nothing_left(job: &Job, max_amount: Amount) -> Result<()> {
    require(job.state != job_state::OWING || max_amount < Amount::MAX, EscrowError::NothingPaid)
}

/// Books what one job pays now.
#[inline(always)]
fn settle(
    view: &AccountView,
    job: &mut Job,
    max_amount: Amount,
    fee_payee: &AccountView,
    obstacle: Obstacle,
    now: Timestamp,
) -> Result<Payout> {
    let payout = ending::settle(job, max_amount, now)?;
    if obstacle != Obstacle::None || !payout.fee.is_zero() {
        return settle_what_can_be_paid(view, job, payout, fee_payee, obstacle);
    }
    if payout == Payout::default() {
        return Ok(payout);
    }
    emit_job_settled(view, job, payout.pay)?;
    Ok(payout)
}

#[inline(never)]
fn settle_what_can_be_paid(
    view: &AccountView,
    job: &mut Job,
    mut payout: Payout,
    fee_payee: &AccountView,
    obstacle: Obstacle,
) -> Result<Payout> {
    if obstacle == Obstacle::Revoked {
        require(!matches!(job.state, job_state::RUNNING | job_state::REDEEMING), EscrowError::SpenderClosed)?;
        ending::write_off(job, payout)?;
        payout = Payout::default();
    } else {
        // Jobs that are paid together may have different receivers of their fees.
        let is_receiver = guard::eq(fee_payee.address(), &job.terms.fee_payee);
        require(payout.fee.is_zero() || is_receiver, EscrowError::FeeRequired)?;
        ending::keep_frozen(job, &mut payout, obstacle, fee_payee)?;
        if payout == Payout::default() {
            return Ok(payout);
        }
    }
    emit_job_settled(view, job, payout.pay)?;
    Ok(payout)
}

#[inline(always)]
pub fn emit_job_settled(view: &AccountView, job: &mut Job, paid: Amount) -> Result<()> {
    event::emit(&JobSettled {
        header: JobSettled::header(*view.address(), event::next(&mut job.sequence)?),
        paid,
        held: job.held,
    });
    Ok(())
}
