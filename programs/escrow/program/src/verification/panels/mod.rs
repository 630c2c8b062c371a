//! Panels of several providers. `panel` holds the rules.

pub(crate) mod acknowledge_input;
pub(crate) mod burn_panel_penalty;
pub(crate) mod cancel_panel;
pub(crate) mod close_panel;
pub(crate) mod commit_result;
pub(crate) mod join_panel;
pub(crate) mod leave_panel;
pub mod panel;
pub(crate) mod pay_replica;
pub(crate) mod post_panel;
pub(crate) mod remove_replica;
pub(crate) mod reveal_result;
pub(crate) mod settle_replica;
pub(crate) mod tally_panel;

use {
    crate::{Result, collateral::settlement},
    joule_common::{AccountView, event, guard},
    joule_escrow_interface::{
        event::{PanelDecided, PanelMoved, ReplicaSettled},
        instruction::SettlementAccounts,
        state::{NONE, Panel, outcome},
    },
    joule_interface::Address,
    joule_math::Tokens,
};

/// Emits how the panel goes on.
#[inline(always)]
fn emit_panel_moved(view: &AccountView, panel: &mut Panel, provider: &Address) -> Result<()> {
    event::emit(&PanelMoved {
        header: PanelMoved::header(*view.address(), event::next(&mut panel.sequence)?),
        state: panel.state as u64,
        provider: *provider,
        deadline_at: panel.deadline_at,
    });
    Ok(())
}

/// Emits how the panel was decided.
#[inline(always)]
fn emit_panel_decided(view: &AccountView, panel: &mut Panel) -> Result<()> {
    event::emit(&PanelDecided {
        header: PanelDecided::header(*view.address(), event::next(&mut panel.sequence)?),
        state: panel.state as u64,
        result: panel.result,
        refunded: panel.refunded,
        held: panel.held,
    });
    Ok(())
}

/// Settles with `stake` what a replica left there: burns what the verdict asks for, releases the rest, and reports.
#[inline(never)]
fn settle_with_stake(
    view: &AccountView,
    panel: &mut Panel,
    replica: u8,
    accounts: &SettlementAccounts<&AccountView>,
) -> Result<()> {
    let engagement = panel::engagement(panel, replica)?;
    let provider = engagement.replica.provider;
    let is_nothing = guard::eq(&engagement.replica.bond, &NONE) && engagement.outcome == outcome::NONE;
    let (seized_amount, reported) = if is_nothing {
        (Tokens::ZERO, outcome::NONE)
    } else {
        settlement::settle(accounts, &engagement, view.address())?
    };
    panel.replicas[replica as usize].bond = NONE;
    event::emit(&ReplicaSettled {
        header: ReplicaSettled::header(*view.address(), event::next(&mut panel.sequence)?),
        provider,
        seized_amount,
        outcome: reported as u64,
    });
    Ok(())
}
