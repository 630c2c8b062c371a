//! Queues and seats: created, grown, closed.

use {
    crate::{Result, queue::Ring},
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, guard, guard::require},
    joule_escrow_interface::{
        EscrowError,
        instruction::{
            CloseQueue, CloseQueueArgs, CloseWaitingProvider, CloseWaitingProviderArgs, CreateQueue, CreateQueueArgs,
            GrowQueue, GrowQueueArgs,
        },
        pda,
        state::{MAX_GROWTH, MAX_SLOTS, Market, Queue, QueueEntry, WaitingProvider},
    },
    joule_interface::{Fault, SYSTEM_PROGRAM},
};

/// See [`CreateQueue`].
#[inline(never)]
pub fn create_queue(accounts: &[AccountView], _: &CreateQueueArgs) -> Result<()> {
    let (a, _) = CreateQueue::parse(accounts)?;
    guard::system_program(a.system_program)?;
    account::load::<Market>(a.market)?;

    let mut queue = account::create::<Queue>(a.payer, a.queue, &pda::queue::seeds(a.market.address()))?;
    queue.market = *a.market.address();
    queue.payer = *a.payer.address();
    Ok(())
}

/// See [`GrowQueue`].
#[inline(never)]
pub fn grow_queue(accounts: &[AccountView], args: &GrowQueueArgs) -> Result<()> {
    let (a, _) = GrowQueue::parse(accounts)?;
    guard::system_program(a.system_program)?;
    let slots = args.slots;
    require((1..=MAX_GROWTH).contains(&slots), Fault::InvalidParameter)?;
    let all = Ring::of(&mut account::load_bytes_mut::<Queue>(a.queue)?)?.queue.slots + slots as u32;
    require(all <= MAX_SLOTS, Fault::InvalidParameter)?;

    account::grow(a.payer, a.queue, slots as usize * size_of::<QueueEntry>())?;
    let mut bytes = account::load_bytes_mut::<Queue>(a.queue)?;
    let mut ring = Ring::of(&mut bytes)?;
    ring.queue.slots = all;
    ring.widen();
    Ok(())
}

/// See [`CloseQueue`].
#[inline(never)]
pub fn close_queue(accounts: &[AccountView], _: &CloseQueueArgs) -> Result<()> {
    let (a, _) = CloseQueue::parse(accounts)?;
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

/// See [`CloseWaitingProvider`].
#[inline(never)]
pub fn close_waiting_provider(accounts: &[AccountView], _: &CloseWaitingProviderArgs) -> Result<()> {
    let (a, _) = CloseWaitingProvider::parse(accounts)?;
    let seat = account::load::<WaitingProvider>(a.waiting_provider)?;
    guard::authority(a.provider_authority, &seat.provider)?;
    require(guard::eq(a.rent_receiver.address(), &seat.payer), EscrowError::WrongPayer)?;
    if guard::eq(a.queue.owner(), &SYSTEM_PROGRAM) {
        guard::address(a.queue, &pda::queue::find(&seat.market).0)?;
    } else {
        let mut bytes = account::load_bytes_mut::<Queue>(a.queue)?;
        let ring = Ring::of(&mut bytes)?;
        require(guard::eq(&ring.queue.market, &seat.market), EscrowError::WrongMarket)?;
        require(!ring.waits(seat.slot, &seat.provider, seat.wait_id), EscrowError::AlreadyWaiting)?;
    }
    drop(seat);
    Ok(account::close(a.waiting_provider, a.rent_receiver)?)
}
