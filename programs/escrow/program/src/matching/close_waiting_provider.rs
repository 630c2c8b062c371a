use {
    crate::{Result, matching::queue::Ring},
    joule_common::{AccountView, account, guard, guard::require},
    joule_escrow_interface::{
        EscrowError,
        instruction::CloseWaitingProvider,
        pda,
        state::{Queue, WaitingProvider},
    },
    joule_interface::SYSTEM_PROGRAM,
};

/// See [`CloseWaitingProvider`].
#[inline(never)]
pub fn close_waiting_provider(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = CloseWaitingProvider::parse(accounts, data)?;
    let waiting = account::load::<WaitingProvider>(a.waiting_provider)?;
    guard::authority(a.provider_authority, &waiting.provider)?;
    require(guard::eq(a.rent_receiver.address(), &waiting.payer), EscrowError::WrongPayer)?;
    if guard::eq(a.queue.owner(), &SYSTEM_PROGRAM) {
        guard::address(a.queue, &pda::queue::find(&waiting.market).0)?;
    } else {
        let mut bytes = account::load_bytes_mut::<Queue>(a.queue)?;
        let ring = Ring::of(&mut bytes)?;
        require(guard::eq(&ring.queue.market, &waiting.market), EscrowError::WrongMarket)?;
        require(!ring.waits(waiting.slot, &waiting.provider, waiting.wait_id), EscrowError::AlreadyWaiting)?;
    }

    drop(waiting);
    Ok(account::close(a.waiting_provider, a.rent_receiver)?)
}
