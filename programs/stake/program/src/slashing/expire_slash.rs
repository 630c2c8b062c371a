use {
    crate::{
        Result,
        accounts::{of_provider, paid_by},
        slashing,
    },
    joule_common::{AccountView, account, event, guard::require, now},
    joule_stake_interface::{
        StakeError,
        event::SlashClosed,
        instruction::ExpireSlash,
        state::{Provider, Slash},
    },
};

/// See [`ExpireSlash`].
#[inline(never)]
pub fn expire_slash(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = ExpireSlash::parse(accounts, data)?;
    let provider = account::keep_mut::<Provider>(a.provider)?;
    let slash = account::load::<Slash>(a.slash)?;
    of_provider(&slash.provider, a.provider)?;
    paid_by(&slash.payer, a.rent_receiver)?;
    require(now()? >= slash.expires_at, StakeError::SlashNotExpired)?;

    slashing::drop_slash(provider, &slash)?;
    let amount = slash.amount;
    drop(slash);
    account::close(a.slash, a.rent_receiver)?;

    event::emit(&SlashClosed {
        header: SlashClosed::header(*a.provider.address(), event::next(&mut provider.sequence)?),
        slash: *a.slash.address(),
        amount,
        vetoed: 0,
    });
    Ok(())
}
