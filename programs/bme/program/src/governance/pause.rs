use {
    crate::{Result, governance},
    joule_bme_interface::{event::PauseChanged, instruction::Pause, state::Network},
    joule_common::{AccountView, account, event, now},
};

/// See [`Pause`].
pub fn pause(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = Pause::parse(accounts, data)?;
    let network = account::keep_mut::<Network>(a.network)?;
    governance::guardian_or_authority(a.authority_or_guardian, network)?;
    if network.paused == 0 {
        network.paused_at = now()?;
    }
    network.paused = 1;

    event::emit(&PauseChanged {
        header: PauseChanged::header(*a.network.address(), event::next(&mut network.sequence)?),
        paused: 1,
        changed_by: *a.authority_or_guardian.address(),
    });
    Ok(())
}
