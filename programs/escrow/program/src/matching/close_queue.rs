use {
    crate::{Result, matching::queue::Ring},
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, guard, guard::require},
    joule_escrow_interface::{
        EscrowError,
        instruction::CloseQueue,
        state::{Market, Queue},
    },
};

/// See [`CloseQueue`].
#[inline(never)]
pub fn close_queue(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = CloseQueue::parse(accounts, data)?;
    guard::authority(a.authority, &account::load::<Network>(a.network)?.authority)?;
    let market = account::load::<Market>(a.market)?;
    guard::network(&market.network, a.network.address())?;
    {
        let mut bytes = account::load_bytes_mut::<Queue>(a.queue)?;
        let ring = Ring::of(&mut bytes)?;
        require(guard::eq(&ring.queue.market, a.market.address()), EscrowError::WrongMarket)?;
        require(guard::eq(a.rent_receiver.address(), &ring.queue.payer), EscrowError::WrongPayer)?;
        require(ring.queue.waiting == 0, EscrowError::NotEmpty)?;
    }

    Ok(account::close(a.queue, a.rent_receiver)?)
}
