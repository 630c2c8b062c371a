//! Tips of panels.

use {
    crate::Result,
    joule_common::{AccountView, guard::require, transaction::Sent},
    joule_escrow_interface::{
        EscrowError,
        instruction::{CancelPanel, ClosePanel, PayReplica, SettleReplica, TallyPanel},
        state::{CLOSING_TIP_DELAY, Panel, Replica, TIP_DELAY, panel_state, panel_tip},
    },
    joule_interface::Address,
    joule_math::{Seconds, Timestamp},
};

/// Puts what keepers may be paid into a panel's account: a tip to decide it, one to close it, and two for each replica.
pub fn advance(tip: u32, replicas: u8, panel: &AccountView, payer: &AccountView) -> Result<()> {
    super::advance_to_new(tip, 2 + 2 * replicas, panel, payer)
}

/// What the next instruction does: the bit of its tip, from when on one is due, and where it names the panel.
struct Step {
    bit: u8,
    due_at: Timestamp,
    place: usize,
}

/// The step that an instruction is for a panel in this state; `None` if it ends nothing, or nobody is paid for that.
fn step(panel: &Panel, discriminator: u8, arguments: &[u8]) -> Option<Step> {
    let last = panel.deadline_at;
    let after = |at: Timestamp, delay: Seconds| Timestamp(at.0.saturating_add(delay.0 as i64));
    let due_at = after(last, TIP_DELAY);
    let is_decided = panel.state >= panel_state::AGREED;
    let replica = |index: u8| panel.replicas.get(index as usize);
    match (discriminator, panel.state) {
        // The time to reveal follows that to commit without an instruction.
        (TallyPanel::DISCRIMINATOR, panel_state::COMMITTING) => {
            Some(Step { bit: panel_tip::END, due_at: after(due_at, panel.reveal_window), place: 0 })
        }
        (TallyPanel::DISCRIMINATOR, panel_state::REVEALING) => Some(Step { bit: panel_tip::END, due_at, place: 0 }),
        (CancelPanel::DISCRIMINATOR, panel_state::JOINING | panel_state::ACKNOWLEDGING) => {
            Some(Step { bit: panel_tip::END, due_at, place: 1 })
        }
        (PayReplica::DISCRIMINATOR, _) if is_decided => {
            let (most, [index]) = arguments.split_first_chunk()? else { return None };
            let pays = |replica: &&Replica| !replica.owed.is_zero() && u64::from_le_bytes(*most) == u64::MAX;
            replica(*index).filter(pays)?;
            Some(Step { bit: panel_tip::PAY + index, due_at, place: 0 })
        }
        (SettleReplica::DISCRIMINATOR, _) if is_decided => {
            let [index] = arguments else { return None };
            replica(*index).filter(|replica| replica.bond_unsettled == 1)?;
            Some(Step { bit: panel_tip::SETTLE + index, due_at, place: 0 })
        }
        (ClosePanel::DISCRIMINATOR, _) if is_decided => {
            Some(Step { bit: panel_tip::CLOSE, due_at: after(last, CLOSING_TIP_DELAY), place: 0 })
        }
        _ => None,
    }
}

/// The bit of the tip that is due at `now` for what the next instruction does with the panel.
#[inline(always)]
pub fn due(panel: &Panel, address: &Address, next: &Sent, now: Timestamp) -> Result<u64> {
    let (discriminator, arguments) = super::call(next)?;
    let step = step(panel, discriminator, arguments).ok_or(EscrowError::NoTipDue)?;
    require(next.names(step.place, address), EscrowError::NoTipDue)?;
    let bit = 1u64 << step.bit;
    require(now > step.due_at && panel.tips_taken & bit == 0, EscrowError::NoTipDue)?;
    // The client may cancel in time that a halt of the chain gave it.
    require(step.place == 0 || !next.names(0, &panel.client), EscrowError::OwnTip)?;
    Ok(bit)
}
