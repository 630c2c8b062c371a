use {
    crate::{
        Result,
        upkeep::{self, Vault},
    },
    joule_bme_interface::{instruction::ForwardTreasury, state::Upkeep},
    joule_common::{AccountView, account, guard},
    joule_math::Tokens,
};

/// See [`ForwardTreasury`]. Works while the network is paused: it pays what is due.
#[inline(never)]
pub fn forward_treasury(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = ForwardTreasury::parse(accounts, data)?;
    let upkeep = account::keep_mut::<Upkeep>(a.upkeep)?;
    guard::address(a.treasury, &upkeep.treasury)?;
    let vault = Vault { address: a.upkeep, vault: a.vault, mint: a.mint, token_program: a.token_program };
    upkeep::count(upkeep, vault.check(upkeep)?)?;

    let amount = core::mem::replace(&mut upkeep.amount_due, Tokens::ZERO);
    if amount.is_zero() { Ok(()) } else { vault.pay(upkeep, a.treasury, amount) }
}
