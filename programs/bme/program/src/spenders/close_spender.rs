use {
    crate::Result,
    joule_bme_interface::{
        BmeError,
        event::SpenderClosed,
        instruction::CloseSpender,
        state::{Network, Spender},
    },
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_math::Timestamp,
};

/// See [`CloseSpender`].
pub fn close_spender(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = CloseSpender::parse(accounts, data)?;
    let network = account::keep_mut::<Network>(a.network)?;
    let spender = account::load::<Spender>(a.spender)?;
    guard::network(&spender.network, a.network.address())?;
    guard::address(a.rent_receiver, &spender.payer)?;
    require(spender.closes_at != Timestamp::default() && now()? >= spender.closes_at, BmeError::SpenderNotClosed)?;

    network.spender_places &= !(1 << spender.id);
    event::emit(&SpenderClosed {
        header: SpenderClosed::header(*a.network.address(), event::next(&mut network.sequence)?),
        authority: spender.authority,
        id: spender.id as u64,
        number: spender.number as u64,
    });
    drop(spender);
    account::close(a.spender, a.rent_receiver)?;
    Ok(())
}
