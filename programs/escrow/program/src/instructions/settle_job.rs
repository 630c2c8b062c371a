use {
    crate::{
        Result,
        job::{self, Payout},
        payment,
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

/// See [`SettleJob`]. Works while the network is paused: it settles.
pub fn settle_job(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, more, ..) = SettleJob::parse(accounts, data)?;
    let payment = payment!(a);
    let now = now()?;
    let (most, fee_payee) = (args.max_amount, a.fee_payee);
    let job = account::keep_mut::<Job>(a.job)?;
    let closed = payment.check(job, now)?;

    let mut total = settle(a.job, job, most, fee_payee, closed, now)?;
    for view in more {
        require(view.is_writable(), Fault::NotWritable)?;
        let other = &mut *account::load_mut::<Job>(view)?;
        require(guard::eq(&other.funding_account, &job.funding_account), EscrowError::WrongClient)?;
        require(guard::eq(&other.provider, &job.provider), EscrowError::WrongProvider)?;
        let paid = settle(view, other, most, fee_payee, closed, now)?;
        total = Payout { pay: total.pay.plus(paid.pay)?, fee: total.fee.plus(paid.fee)?, ..total };
    }
    if total == Payout::default() {
        return Ok(());
    }
    payment.make(job, a.job.address(), &total)
}

#[inline(always)]
fn settle(
    view: &AccountView,
    job: &mut Job,
    most: Amount,
    fee_payee: &AccountView,
    closed: bool,
    now: Timestamp,
) -> Result<Payout> {
    let mut payout = job::settle(job, most, now)?;
    if closed {
        require(job.state != job_state::RUNNING, EscrowError::SpenderClosed)?;
        job::forgo(job, payout)?;
        payout = Payout::default();
    } else if payout == Payout::default() {
        return Ok(payout);
    }
    // Jobs that are paid together may have fees that go apart.
    let fee_to = guard::eq(fee_payee.address(), &job.terms.fee_payee);
    require(payout.fee.is_zero() || fee_to, EscrowError::FeeRequired)?;

    event::emit(&JobSettled {
        header: JobSettled::header(*view.address(), event::next(&mut job.sequence)?),
        paid: payout.pay,
        held: job.held,
    });
    Ok(payout)
}
