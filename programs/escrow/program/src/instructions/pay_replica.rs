use {
    crate::{Result, panel, payment},
    joule_common::{AccountView, account, event, now},
    joule_escrow_interface::{event::ReplicaPaid, instruction::PayReplica, state::Panel},
    joule_math::Amount,
};

/// See [`PayReplica`]. Works while the network is paused: it settles.
#[inline(never)]
pub fn pay_replica(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = PayReplica::parse(accounts, data)?;
    let payment = payment!(a);
    let mut panel = account::load_mut::<Panel>(a.panel)?;
    let payout = panel::pay(&mut panel, args.replica)?;
    let job = panel::as_job(&panel, Some(args.replica));
    let mut paid = payout.pay;
    if payment.check(&job, now()?)? {
        panel::forgo(&mut panel, payout)?;
        paid = Amount::ZERO;
    } else {
        payment.make(&job, a.panel.address(), &payout)?;
    }

    event::emit(&ReplicaPaid {
        header: ReplicaPaid::header(*a.panel.address(), event::next(&mut panel.sequence)?),
        provider: job.provider,
        paid,
    });
    Ok(())
}
