use {
    crate::Result,
    joule_common::{AccountView, account, guard},
    joule_escrow_interface::{
        instruction::CreateQueue,
        pda,
        state::{Market, Queue},
    },
};

/// See [`CreateQueue`].
#[inline(never)]
pub fn create_queue(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = CreateQueue::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    account::load::<Market>(a.market)?;

    let mut queue = account::create::<Queue>(a.payer, a.queue, &pda::queue::seeds(a.market.address()))?;
    queue.market = *a.market.address();
    queue.payer = *a.payer.address();
    Ok(())
}
