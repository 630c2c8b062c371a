use {
    crate::{
        Result,
        money::payment::{self, Obstacle, Payout},
        verification::panels::panel,
    },
    joule_common::{AccountView, account, event, guard::require, now},
    joule_escrow_interface::{EscrowError, event::ReplicaPaid, instruction::PayReplica, state::Panel},
    joule_math::Amount,
};

/// See [`PayReplica`]. Works while the network is paused: it pays what is owed.
#[inline(never)]
pub fn pay_replica(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = PayReplica::parse(accounts, data)?;
    let panel = &mut *account::load_mut::<Panel>(a.panel)?;
    panel::require_payable(panel, args.replica)?;
    let engagement = panel::engagement(panel, args.replica)?;
    let now = now()?;
    let obstacle = payment::check(&a.payment, &engagement, None, args.max_amount, now)?;

    let provider = engagement.replica.provider;
    let mut paid = Amount::ZERO;
    if obstacle == Obstacle::Revoked {
        panel::write_off(panel, args.replica)?;
    } else {
        let mut payout = panel::pay(panel, args.replica, args.max_amount)?;
        if !payout.fee.is_zero() && payment::is_fee_frozen(panel, a.payment.fee_payee) {
            panel::keep_fee(panel, args.replica, &mut payout)?;
        }
        if obstacle == Obstacle::Frozen {
            panel::keep_pay(panel, args.replica, &mut payout)?;
        }
        // As of a job: no tip is for nothing.
        require(payout != Payout::default() || { args.max_amount } < Amount::MAX, EscrowError::NothingPaid)?;
        paid = payout.pay;
        payment::pay(&a.payment, panel, a.panel.address(), &payout, now)?;
    }

    event::emit(&ReplicaPaid {
        header: ReplicaPaid::header(*a.panel.address(), event::next(&mut panel.sequence)?),
        provider,
        paid,
    });
    Ok(())
}
