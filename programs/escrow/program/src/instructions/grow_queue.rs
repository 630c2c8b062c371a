use {
    crate::{Result, queue::Ring},
    joule_common::{AccountView, account, guard, guard::require},
    joule_escrow_interface::{
        instruction::GrowQueue,
        state::{MAX_GROWTH, MAX_SLOTS, Queue, QueueEntry},
    },
    joule_interface::Fault,
};

/// See [`GrowQueue`].
#[inline(never)]
pub fn grow_queue(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = GrowQueue::parse(accounts, data)?;
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
