use {
    crate::{Result, instructions::refund_panel, panel, purse::Purse},
    joule_common::{AccountView, account, guard, now},
    joule_escrow_interface::{instruction::CancelPanel, state::Panel},
};

/// See [`CancelPanel`]. Works while the network is paused: it gives back.
#[inline(never)]
pub fn cancel_panel(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = CancelPanel::parse(accounts, data)?;
    let mut panel = account::load_mut::<Panel>(a.panel)?;
    let now = now()?;
    let by_client = guard::eq(a.caller.address(), &panel.client);
    let back = panel::cancel(&mut panel, by_client, now)?;
    let purse =
        Purse { purse: a.funding_account, spender: a.spender, authority: a.escrow_authority, program: a.bme_program };
    refund_panel(a.panel, &mut panel, &purse, back, now)
}
