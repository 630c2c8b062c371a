use {
    crate::{
        Result,
        accounts::{in_pool, of_provider, paid_by},
        slashing,
    },
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, event, guard},
    joule_stake_interface::{
        event::SlashClosed,
        instruction::VetoSlash,
        state::{Pool, Provider, Slash},
    },
};

/// See [`VetoSlash`].
#[inline(never)]
pub fn veto_slash(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = VetoSlash::parse(accounts, data)?;
    let network = account::keep::<Network>(a.network)?;
    if !guard::eq(a.authority.address(), &network.policy.guardian) {
        guard::authority(a.authority, &network.authority)?;
    }
    guard::network(&account::keep::<Pool>(a.pool)?.network, a.network.address())?;
    let provider = account::keep_mut::<Provider>(a.provider)?;
    in_pool(&provider.pool, a.pool.address())?;
    let slash = account::load::<Slash>(a.slash)?;
    of_provider(&slash.provider, a.provider)?;
    paid_by(&slash.payer, a.rent_receiver)?;

    slashing::drop_slash(provider, &slash)?;
    let amount = slash.amount;
    drop(slash);
    account::close(a.slash, a.rent_receiver)?;

    event::emit(&SlashClosed {
        header: SlashClosed::header(*a.provider.address(), event::next(&mut provider.sequence)?),
        slash: *a.slash.address(),
        amount,
        vetoed: 1,
    });
    Ok(())
}
