use {
    crate::{
        Result,
        accounts::{NONE, Vault, in_pool},
    },
    joule_common::{AccountView, account, event, guard, guard::require},
    joule_math::Tokens,
    joule_stake_interface::{
        ID, StakeError,
        event::SlashSettled,
        instruction::SettleSlashed,
        state::{Pool, Provider},
    },
};

/// See [`SettleSlashed`]. Works while the network is paused: no token comes in.
#[inline(never)]
pub fn settle_slashed(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = SettleSlashed::parse(accounts, data)?;
    let pool = account::keep::<Pool>(a.pool)?;
    let vault = Vault::of(a.pool, pool, a.vault, a.mint, a.token_program)?;
    let provider = account::keep_mut::<Provider>(a.provider)?;
    in_pool(&provider.pool, a.pool.address())?;
    let has_treasury = !guard::eq(&pool.treasury, &NONE);
    let pays = has_treasury && guard::present(a.treasury, &ID);
    if pays {
        guard::address(a.treasury, &pool.treasury)?;
    }

    // Rounded up, so that many small settlements burn no less than one large one.
    let slashed = core::mem::take(&mut provider.slashed);
    let mut burned = if has_treasury { Tokens(pool.policy.slash_burned_share.of_ceil(slashed.0)?) } else { slashed };
    let mut due = provider.treasury_due.plus(slashed.minus(burned)?)?;
    if !has_treasury {
        burned = burned.plus(core::mem::take(&mut due))?;
    }
    let paid = if pays { core::mem::take(&mut due) } else { Tokens::ZERO };
    provider.treasury_due = due;
    require(!burned.is_zero() || !paid.is_zero(), StakeError::NothingSlashed)?;
    if !burned.is_zero() {
        vault.burn(burned)?;
    }
    if !paid.is_zero() {
        vault.pay(a.treasury, paid)?;
    }

    event::emit(&SlashSettled {
        header: SlashSettled::header(*a.provider.address(), event::next(&mut provider.sequence)?),
        burned,
        paid,
        due,
    });
    Ok(())
}
