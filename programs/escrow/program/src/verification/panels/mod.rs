//! Panels of several providers. `panel` holds the rules.

pub(crate) mod cancel_panel;
pub(crate) mod close_panel;
pub(crate) mod commit_result;
pub(crate) mod join_panel;
pub mod panel;
pub(crate) mod pay_replica;
pub(crate) mod post_panel;
pub(crate) mod reveal_result;
pub(crate) mod settle_replica;
pub(crate) mod tally_panel;

use {
    crate::Result,
    joule_common::{AccountView, event},
    joule_escrow_interface::{
        event::{PanelDecided, PanelMoved},
        state::Panel,
    },
    joule_interface::Address,
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
