use {
    crate::{Result, matching::queue::Ring},
    joule_common::{AccountView, account, guard, in_range},
    joule_escrow_interface::{
        instruction::GrowQueue,
        state::{MAX_GROWTH, MAX_SLOTS, Queue, QueueEntry},
    },
};

/// See [`GrowQueue`].
#[inline(never)]
pub fn grow_queue(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = GrowQueue::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    let added = args.slots;
    in_range!((1..=MAX_GROWTH).contains(&added), "slots")?;
    let slots = Ring::of(&mut account::load_bytes_mut::<Queue>(a.queue)?)?.queue.slots + added as u32;
    in_range!(slots <= MAX_SLOTS, "slots")?;

    account::grow(a.payer, a.queue, added as usize * size_of::<QueueEntry>())?;
    let mut bytes = account::load_bytes_mut::<Queue>(a.queue)?;
    let mut ring = Ring::of(&mut bytes)?;
    ring.queue.slots = slots;
    ring.widen();
    Ok(())
}
