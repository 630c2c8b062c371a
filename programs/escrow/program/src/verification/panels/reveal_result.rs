use {
    crate::{Result, halts::KnownHalts, verification::panels::panel},
    joule_common::{AccountView, account, event, now},
    joule_escrow_interface::{event::ReplicaRevealed, instruction::RevealResult, state::Panel},
};

/// See [`RevealResult`]. Works while the network is paused: running work goes on.
pub fn reveal_result(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = RevealResult::parse(accounts, data)?;
    let mut panel = account::load_mut::<Panel>(a.panel)?;
    panel::require_provider(&panel, args.replica, a.provider_authority.address())?;

    let now = now()?;
    let halts = KnownHalts(a.halt_clock, now);
    panel::reveal(&mut panel, a.panel.address(), args.replica, &args.result, &args.salt, now, &halts)?;

    event::emit(&ReplicaRevealed {
        header: ReplicaRevealed::header(*a.panel.address(), event::next(&mut panel.sequence)?),
        provider: *a.provider_authority.address(),
        result: args.result,
    });
    Ok(())
}
