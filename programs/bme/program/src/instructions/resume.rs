use {
    crate::Result,
    joule_bme_interface::{
        event::PauseChanged,
        instruction::{Resume, ResumeArgs},
        state::Network,
    },
    joule_common::{AccountView, account, event, guard},
};

/// See [`Resume`].
pub fn resume(accounts: &[AccountView], _: &ResumeArgs) -> Result<()> {
    let (a, _) = Resume::parse(accounts)?;
    let network = account::keep_mut::<Network>(a.network)?;
    guard::authority(a.authority, &network.authority)?;
    network.paused = 0;

    event::emit(&PauseChanged {
        header: PauseChanged::header(*a.network.address(), event::next(&mut network.sequence)?),
        paused: 0,
        changed_by: network.authority,
    });
    Ok(())
}
