use {
    crate::{
        Result,
        halts::KnownHalts,
        jobs::ending,
        money::payment::{self, Obstacle},
        usage::{self, signature},
    },
    joule_common::{AccountView, account, event, guard::require, now},
    joule_escrow_interface::{EscrowError, event::VoucherRedeemed, instruction::RedeemVoucher, state::Job},
};

/// See [`RedeemVoucher`]. Works while the network is paused: it pays what is owed.
#[inline(never)]
pub fn redeem_voucher(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = RedeemVoucher::parse(accounts, data)?;
    let job = account::keep_mut::<Job>(a.job)?;
    let now = now()?;
    let obstacle = payment::check(&a.payment, job, Some(a.caller), args.max_amount, now)?;
    require(obstacle != Obstacle::Revoked, EscrowError::SpenderClosed)?;

    let signed = signature::read(a.instructions_sysvar, args.verify_index, args.signature_number)?;
    if !usage::redeem(job, a.job.address(), &signed, now, &KnownHalts(a.halt_clock, now))? {
        return Ok(());
    }
    let mut payout = ending::settle(job, args.max_amount, now)?;
    ending::keep_frozen(job, &mut payout, obstacle, a.payment.fee_payee)?;
    payment::pay(&a.payment, job, a.job.address(), &payout, now)?;

    event::emit(&VoucherRedeemed {
        header: VoucherRedeemed::header(*a.job.address(), event::next(&mut job.sequence)?),
        units: job.units,
        paid: payout.pay,
        earned: job.earned,
        held: job.held,
    });
    Ok(())
}
