use {
    crate::{
        Result,
        gangs::{self, Settled, emit_gang_moved, require_place},
        halts::KnownHalts,
        jobs::ending::{conclude, emit_job_ended, keep_frozen},
        money::{
            funding::{Funding, require_funding},
            payment::{self, Obstacle, Payment, Payout},
            settle_job::emit_job_settled,
        },
    },
    joule_common::{AccountView, account, now},
    joule_escrow_interface::{
        instruction::SettleMember,
        state::{Gang, Job},
    },
    joule_math::{Amount, Timestamp},
};

/// See [`SettleMember`]. Works while the network is paused: it pays what is owed and refunds the rest.
#[inline(never)]
pub fn settle_member(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = SettleMember::parse(accounts, data)?;
    let gang = &mut *account::load_mut::<Gang>(a.gang)?;
    let job = account::keep_mut::<Job>(a.job)?;
    let at = require_place(gang, a.job.address(), job)?;
    let (now, address, provider) = (now()?, a.job.address(), job.provider);
    if gangs::is_unworked(gang, job) {
        require_funding(job, a.payment.funding_account)?;
        let refund = gangs::settle_unworked(gang, (at, job), now)?;
        give_back(&a.payment, job, a.job, refund, now)?;
        emit_job_ended(address, job)?;
        return emit_gang_moved(a.gang, gang, address, &provider);
    }
    gangs::begin(gang, job);
    gangs::read_beacon(gang, job, a.beacon, now)?;
    let obstacle = payment::check(&a.payment, job, Some(a.caller), args.max_amount, now)?;
    let (revoked, halts) = (obstacle == Obstacle::Revoked, KnownHalts(a.halt_clock, now));
    match gangs::settle(gang, (at, job), revoked, args.max_amount, now, &halts)? {
        Settled::Paid(payout) => pay_a_part(&a.payment, job, a.job, payout, obstacle, now),
        Settled::Ended(payout) => {
            conclude(address, job, &a.payment, payout, obstacle, now)?;
            emit_gang_moved(a.gang, gang, address, &provider)
        }
    }
}

/// Refunds what a place held for which nobody worked.
fn give_back(with: &Payment, job: &Job, view: &AccountView, refund: Amount, now: Timestamp) -> Result<()> {
    let (account, spender) = (with.funding_account, with.spender_or_mint);
    let funding = Funding { account, spender, authority: with.escrow_authority, program: with.payment_program };
    funding.refund(job, view.address(), refund, now)
}

/// Pays what a member that goes on has earned.
fn pay_a_part(
    with: &Payment,
    job: &mut Job,
    view: &AccountView,
    mut payout: Payout,
    obstacle: Obstacle,
    now: Timestamp,
) -> Result<()> {
    keep_frozen(job, &mut payout, obstacle, with.fee_payee)?;
    // Others may have settled it.
    if payout == Payout::default() {
        return Ok(());
    }
    payment::pay(with, job, view.address(), &payout, now)?;
    emit_job_settled(view, job, payout.pay)
}
