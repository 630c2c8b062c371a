use {
    crate::Result,
    joule_bme_interface::{event::PauseChanged, instruction::Resume, state::Network},
    joule_common::{AccountView, account, event, guard, now},
    joule_math::Timestamp,
};

/// See [`Resume`].
pub fn resume(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = Resume::parse(accounts, data)?;
    let network = account::keep_mut::<Network>(a.network)?;
    guard::authority(a.authority, &network.authority)?;
    network.paused_duration = network.paused_up_to(now()?);
    network.paused_at = Timestamp::default();
    network.paused = 0;

    event::emit(&PauseChanged {
        header: PauseChanged::header(*a.network.address(), event::next(&mut network.sequence)?),
        paused: 0,
        changed_by: network.authority,
    });
    Ok(())
}
