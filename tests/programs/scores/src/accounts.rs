//! Accounts of this program and of Joule's, by their bytes.

use {
    crate::{Result, ScoresError, state::Board},
    joule_interface::{
        Account, Address, Fault, address_eq,
        bytemuck::from_bytes_mut,
        pinocchio::{
            AccountView,
            sysvars::{Sysvar, clock::Clock},
        },
    },
    joule_math::{Timestamp, Tokens},
    joule_stake_interface::state::{Pool, Provider, status},
};

/// Holds where `fault` does not.
pub fn require(holds: bool, fault: impl Into<ScoresError>) -> Result<()> {
    if holds { Ok(()) } else { Err(fault.into()) }
}

/// That an account lies where it should.
pub fn at(view: &AccountView, address: &Address) -> Result<()> {
    require(address_eq(view.address(), address), Fault::WrongAddress)
}

/// Now, as the chain has it.
pub fn now() -> Result<Timestamp> {
    Ok(Timestamp(Clock::get()?.unix_timestamp))
}

/// An account of any of the programs whose interface is known, in place.
pub fn load<'a, T: Account>(view: &AccountView, data: &'a [u8]) -> Result<&'a T> {
    Ok(T::read(view.owner(), data).ok_or(Fault::WrongAccountType)?)
}

/// A board, to be changed in place: it is too large for the stack.
pub fn board_mut<'a>(view: &AccountView, data: &'a mut [u8]) -> Result<&'a mut Board> {
    load::<Board>(view, data)?;
    Ok(from_bytes_mut(data))
}

/// What a validator's provider has at stake in the board's pool now: its own tokens and its delegators' that have not begun to
/// leave. Stake on its way from another provider still counts there.
pub fn stake(board: &Board, pool: &AccountView, provider: &AccountView, now: Timestamp) -> Result<Tokens> {
    at(pool, &board.pool)?;
    let (pool_data, provider_data) = (pool.try_borrow()?, provider.try_borrow()?);
    let (pool, provider) = (load::<Pool>(pool, &pool_data)?, load::<Provider>(provider, &provider_data)?);
    // Stake that leaves one validator after its reveal is back too late for another's.
    require(pool.policy.unbonding_period >= board.parameters.reveal_period, ScoresError::UnbondingTooShort)?;
    let stake = provider.active_stake()?;
    let is_fit = address_eq(&provider.pool, &board.pool)
        && provider.status == status::ACTIVE
        && provider.has_own(pool.policy.min_self_stake, now)
        && !stake.is_zero();
    require(is_fit, ScoresError::ProviderUnfit)?;
    Ok(stake)
}
