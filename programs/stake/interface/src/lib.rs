//! `stake`: providers and their delegators put tokens at risk.
//!
//! A provider's backers own shares of its pots: the active one earns and backs jobs, the unbonding one waits to leave
//! and is still at risk. Modules as in `bme`'s interface.
#![no_std]
#![forbid(unsafe_code)]

mod error;
pub mod event;
pub mod instruction;
pub mod pda;
pub mod state;

pub use error::StakeError;

/// The program.
pub const ID: joule_interface::Address =
    joule_interface::Address::from_str_const("JouLeStake111111111111111111111111111111111");

joule_interface::program! {
    "stake", errors StakeError,
    types [Pot],
    accounts [Pool, Provider, Delegation, Unbonding, Slasher, Bond],
    pdas [pool, vault, provider, delegation, unbonding, slasher, bond],
    instructions [LockBond, ReleaseBond, Stake, Unstake, Withdraw, CreatePool, RegisterProvider, OpenDelegation, AddSlasher],
    events [ProviderRegistered, Staked, Unstaked, Withdrawn, BondLocked, BondReleased],
}
