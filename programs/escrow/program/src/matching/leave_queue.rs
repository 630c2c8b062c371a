use {
    crate::{Result, matching::queue::Ring},
    joule_common::{AccountView, account, guard, guard::require},
    joule_escrow_interface::{
        EscrowError,
        instruction::LeaveQueue,
        state::{Queue, WaitingProvider},
    },
};

/// See [`LeaveQueue`]. Works while the network is paused: it takes no work.
pub fn leave_queue(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = LeaveQueue::parse(accounts, data)?;
    let waiting = account::load::<WaitingProvider>(a.waiting_provider)?;
    guard::authority(a.provider_authority, &waiting.provider)?;
    let mut bytes = account::load_bytes_mut::<Queue>(a.queue)?;
    let mut ring = Ring::of(&mut bytes)?;
    require(guard::eq(&ring.queue.market, &waiting.market), EscrowError::WrongMarket)?;

    require(ring.leave(waiting.slot, &waiting.provider, waiting.wait_id), EscrowError::NotWaiting)
}
