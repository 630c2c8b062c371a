use {
    crate::{
        Result,
        accounts::{Vault, delegation_of, provider_of},
        staking::{
            emit_lock_if_changed,
            positions::{Lock, Position},
        },
    },
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, event, guard, now},
    joule_stake_interface::{
        event::Staked,
        instruction::Stake,
        state::{Pool, Rewards},
    },
};

/// See [`Stake`].
#[inline(never)]
pub fn stake(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = Stake::parse(accounts, data)?;
    account::keep::<Network>(a.network)?.require_unpaused()?;
    let pool = account::keep::<Pool>(a.pool)?;
    guard::network(&pool.network, a.network.address())?;
    let vault = Vault::of(a.pool, pool, a.vault, a.mint, a.token_program)?;
    let provider = provider_of(pool, a.pool, a.provider, a.rewards)?;
    let delegation = delegation_of(a.delegation, a.provider, a.owner)?;
    let rewards = account::keep_mut::<Rewards>(a.rewards)?;

    let tokens = vault.receive(a.source, a.owner, args.amount)?;
    let lock = Lock::of(delegation);
    Position { pool, rewards, provider, delegation, now: now()? }.stake(tokens)?;

    event::emit(&Staked {
        header: Staked::header(*a.provider.address(), event::next(&mut provider.sequence)?),
        owner: delegation.owner,
        tokens,
    });
    emit_lock_if_changed(provider, a.provider, delegation, lock)
}
