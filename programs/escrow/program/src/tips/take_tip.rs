use {
    crate::{Result, tips},
    joule_common::{AccountView, account, guard, guard::require, now, transaction},
    joule_escrow_interface::{EscrowError, instruction::TakeTip, state::Job},
};

/// See [`TakeTip`]. Works while the network is paused: what it pays for does.
#[inline(never)]
pub fn take_tip(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = TakeTip::parse(accounts, data)?;
    let job = account::keep_mut::<Job>(a.job)?;
    let parties = [&job.client, &job.provider, &job.payer];
    require(!parties.into_iter().any(|party| guard::eq(a.keeper.address(), party)), EscrowError::OwnTip)?;
    let next = transaction::next(a.instructions_sysvar)?.ok_or(EscrowError::NoTipDue)?;
    let kind = tips::due(job, a.job.address(), &next, now()?)?;

    job.tips_taken |= kind;
    tips::pay(a.job, a.keeper, job.tip)
}
