use {
    crate::{
        Result,
        accounts::{Vault, of_provider, paid_by, provider_of},
        slashing,
    },
    joule_common::{AccountView, account, event, guard, now, token},
    joule_interface::Address,
    joule_math::Tokens,
    joule_stake_interface::{
        event::{Slashed, StatusChanged},
        instruction::ExecuteSlash,
        state::{Pool, Rewards, Slash},
    },
};

/// See [`ExecuteSlash`].
#[inline(never)]
pub fn execute_slash(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = ExecuteSlash::parse(accounts, data)?;
    let pool = account::keep::<Pool>(a.pool)?;
    let vault = Vault::of(a.pool, pool, a.vault, a.mint, a.token_program)?;
    let provider = provider_of(pool, a.pool, a.provider, a.rewards)?;
    let mut slash = account::load_mut::<Slash>(a.slash)?;
    of_provider(&slash.provider, a.provider)?;
    paid_by(&slash.payer, a.rent_receiver)?;
    let rewards = account::keep_mut::<Rewards>(a.rewards)?;

    let before = (provider.status, provider.jail_ends_at);
    let (active, unbonding) = slashing::execute(pool, rewards, provider, &mut slash, now()?)?;
    let left = slash.amount;
    drop(slash);
    let taken = active.plus(unbonding)?;
    let burned = burned(pool, a.treasury, taken)?;
    if !burned.is_zero() {
        vault.burn(burned)?;
    }
    if burned < taken {
        vault.pay(a.treasury, taken.minus(burned)?)?;
    }
    if left.is_zero() {
        account::close(a.slash, a.rent_receiver)?;
    }

    event::emit(&Slashed {
        header: Slashed::header(*a.provider.address(), event::next(&mut provider.sequence)?),
        slash: *a.slash.address(),
        active,
        unbonding,
        burned,
        untaken: left,
    });
    if (provider.status, provider.jail_ends_at) != before {
        event::emit(&StatusChanged {
            header: StatusChanged::header(*a.provider.address(), event::next(&mut provider.sequence)?),
            status: provider.status as u64,
            jail_ends_at: provider.jail_ends_at,
        });
    }
    Ok(())
}

/// The part of a slash that is burned. All of it where there is no treasury, or none that could receive: whoever owns
/// that cannot stop a slash.
fn burned(pool: &Pool, treasury: &AccountView, taken: Tokens) -> Result<Tokens> {
    if guard::eq(&pool.treasury, &Address::new_from_array([0; 32])) {
        return Ok(taken);
    }
    guard::address(treasury, &pool.treasury)?;
    if token::balance(treasury, &pool.mint).is_err() {
        return Ok(taken);
    }
    Ok(Tokens(pool.policy.slash_burned_share.of_floor(taken.0)?))
}
