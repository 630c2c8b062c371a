//! Slashing: proposals, their limits and their end; jail.
//!
//! Between proposal and decision what is leaving is paid but for the part that is proposed to be taken of it, and the provider's
//! part of that cannot be bonded: a fault's stake is still there when its time comes.
//!
//! Limits, each in a window: of a slasher in tokens; of a slasher in parts of a provider's stake, so that no slasher uses up what
//! another can propose. The parts of all slashers are together at most the pool's limit. A sentence without amount uses nothing
//! of these, and is counted by itself. Each slasher has a few proposals pending for a provider at a time, each of at least the
//! pool's smallest amount.

pub(crate) mod execute_slash;
pub(crate) mod expire_slash;
pub(crate) mod propose_slash;
pub(crate) mod settle_slashed;
pub(crate) mod unjail;
pub(crate) mod veto_slash;

pub use {execute_slash::execute, propose_slash::propose, unjail::leave_jail};

use {
    crate::{Result, staking::pots},
    joule_common::{AccountView, event, guard::require},
    joule_interface::Fault,
    joule_math::Tokens,
    joule_stake_interface::{
        StakeError,
        event::{SlashClosed, StatusChanged},
        state::{Provider, Slash, Slasher},
    },
};

/// The slasher has the right.
#[inline(always)]
pub fn has_right(slasher: &Slasher, right: u8) -> Result<()> {
    require(slasher.rights & right != 0, StakeError::MissingRight)
}

/// A proposal is no longer pending. Returns what was withheld for it of those who left since.
#[inline(always)]
pub fn drop_slash(provider: &mut Provider, slash: &Slash) -> Result<Tokens> {
    let withheld = pots::take_withheld(provider, slash)?;
    provider.slash_pending = provider.slash_pending.minus(slash.amount)?;
    provider.pending_slash_count = provider.pending_slash_count.checked_sub(1).ok_or(Fault::Overflow)?;
    if let Some(pending) = provider.pending_slashes.get_mut((slash.slot as usize).wrapping_sub(1)) {
        *pending = pending.saturating_sub(1);
    }
    if provider.pending_slash_count == 0 {
        // What rounding left.
        provider.withheld_liable = Tokens::ZERO;
    }
    Ok(withheld)
}

/// Logs that a proposal was vetoed or has expired.
#[inline(always)]
fn emit_slash_closed(
    provider: &mut Provider,
    address: &AccountView,
    slash: &AccountView,
    amount: Tokens,
    vetoed: bool,
) -> Result<()> {
    event::emit(&SlashClosed {
        header: SlashClosed::header(*address.address(), event::next(&mut provider.sequence)?),
        slash: *slash.address(),
        amount,
        vetoed: vetoed as u64,
    });
    Ok(())
}

/// Logs that the provider was jailed, unjailed or tombstoned.
#[inline(always)]
fn emit_status_changed(provider: &mut Provider, address: &AccountView) -> Result<()> {
    event::emit(&StatusChanged {
        header: StatusChanged::header(*address.address(), event::next(&mut provider.sequence)?),
        status: provider.status as u64,
        jail_ends_at: provider.jail_ends_at,
    });
    Ok(())
}
