use {
    crate::{Result, governance},
    joule_bme_interface::{
        instruction::Resume,
        state::{MAX_PAUSE, Network},
    },
    joule_common::{AccountView, account, guard, guard::require, now},
    joule_interface::Fault,
    joule_math::Timestamp,
};

/// See [`Resume`].
pub fn resume(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = Resume::parse(accounts, data)?;
    let network = account::keep_mut::<Network>(a.network)?;
    let now = now()?;
    let is_over = network.paused == 1 && now >= network.pause_ends_at;
    let may = is_over || guard::eq(a.signer.address(), &network.authority);
    require(may, Fault::Unauthorized)?;

    if network.paused == 1 {
        network.guardian_pauses_at = now.after(MAX_PAUSE)?;
    }
    network.paused_duration = network.paused_up_to(now);
    network.paused_at = Timestamp::default();
    network.pause_ends_at = Timestamp::default();
    network.paused = 0;
    governance::emit_paused(a.network, network, a.signer.address())
}
