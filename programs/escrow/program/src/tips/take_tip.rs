use {
    crate::{Result, tips},
    joule_common::{AccountView, account, guard, guard::require, now, transaction::Transaction},
    joule_escrow_interface::{EscrowError, instruction::TakeTip, state::Job},
    joule_interface::Account as _,
};

/// See [`TakeTip`]. Works while the network is paused: what it pays for does.
#[inline(never)]
pub fn take_tip(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = TakeTip::parse(accounts, data)?;
    let job = account::keep_mut::<Job>(a.job)?;
    let parties = [&job.client, &job.provider, &job.payer];
    require(!parties.into_iter().any(|party| guard::eq(a.keeper.address(), party)), EscrowError::OwnTip)?;
    let transaction = Transaction::of(a.instructions_sysvar)?;
    let next = transaction.next().ok_or(EscrowError::NoTipDue)?;
    let kind = tips::due(job, a.job.address(), &next, now()?)?;
    // The rent stays.
    let advanced = a.job.lamports().saturating_sub(account::rent(Job::SIZE)?);
    let tip = advanced.min(job.tip as u64);
    require(tip != 0, EscrowError::NoTipDue)?;

    job.tips_taken |= kind;
    Ok(account::pay(a.job, a.keeper, tip)?)
}
