use {
    crate::{Result, governance},
    joule_bme_interface::{
        BmeError,
        instruction::Pause,
        state::{MAX_PAUSE, Network},
    },
    joule_common::{AccountView, account, guard, guard::require, now},
};

/// See [`Pause`].
pub fn pause(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = Pause::parse(accounts, data)?;
    let network = account::keep_mut::<Network>(a.network)?;
    let signer = a.authority_or_guardian;
    governance::guardian_or_authority(signer, network)?;
    let now = now()?;
    // A guardian whose key is stolen, where nobody has the authority's, must not stop the network for good.
    let is_authority = guard::eq(signer.address(), &network.authority);
    require(is_authority || network.paused == 0 && now >= network.guardian_pauses_at, BmeError::PauseTooSoon)?;

    if network.paused == 0 {
        network.paused_at = now;
    }
    network.paused = 1;
    network.pause_ends_at = now.after(MAX_PAUSE)?;
    governance::emit_paused(a.network, network, signer.address())
}
