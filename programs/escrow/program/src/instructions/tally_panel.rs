use {
    crate::{Result, instructions::refund_panel, panel, purse::Purse},
    joule_common::{AccountView, account, now},
    joule_escrow_interface::{instruction::TallyPanel, state::Panel},
};

/// See [`TallyPanel`]. Works while the network is paused: it settles and gives back.
#[inline(never)]
pub fn tally_panel(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = TallyPanel::parse(accounts, data)?;
    let mut panel = account::load_mut::<Panel>(a.panel)?;
    let now = now()?;
    let back = panel::tally(&mut panel, now)?;
    let purse =
        Purse { purse: a.funding_account, spender: a.spender, authority: a.escrow_authority, program: a.bme_program };
    refund_panel(a.panel, &mut panel, &purse, back, now)
}
