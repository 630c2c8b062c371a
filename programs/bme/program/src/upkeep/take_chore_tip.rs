use {
    crate::{
        Result,
        upkeep::{self, Vault},
    },
    joule_bme_interface::{BmeError, instruction::TakeChoreTip, state::Upkeep},
    joule_common::{AccountView, account, guard, guard::require, now, transaction},
};

/// See [`TakeChoreTip`]. Works while the network is paused: what it pays for may.
#[inline(never)]
pub fn take_chore_tip(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = TakeChoreTip::parse(accounts, data)?;
    let upkeep = account::keep_mut::<Upkeep>(a.upkeep)?;
    let vault = Vault { address: a.upkeep, vault: a.vault, mint: a.mint, token_program: a.token_program };
    upkeep::count(upkeep, vault.check(upkeep)?)?;
    let chore = upkeep.chores.get_mut(args.index as usize).ok_or(BmeError::NoTipDue)?;
    let tip = chore.tip.min(upkeep.kept);
    require(!tip.is_zero(), BmeError::NoTipDue)?;
    let next = transaction::next(a.instructions_sysvar)?.ok_or(BmeError::NoTipDue)?;
    let does = guard::eq(next.program, &chore.program)
        && next.data.starts_with(chore.prefix())
        && next.names(chore.place as usize, &chore.account);
    require(does, BmeError::NoTipDue)?;
    let now = now()?;
    require(now > chore.paid_at.after(chore.interval)?, BmeError::NoTipDue)?;

    chore.paid_at = now;
    upkeep.kept = upkeep.kept.minus(tip)?;
    upkeep.paid = upkeep.paid.plus(tip)?;
    vault.pay(upkeep, a.destination, tip)
}
