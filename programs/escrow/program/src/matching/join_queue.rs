use {
    crate::{
        Result,
        markets::{access::Applicant, node},
        matching::queue::{Ring, wait_id},
    },
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, guard, guard::require, in_range, now},
    joule_escrow_interface::{
        EscrowError, ID,
        instruction::JoinQueue,
        pda,
        state::{Market, Queue, QueueEntry, WaitingProvider, matching, side},
    },
};

/// See [`JoinQueue`].
pub fn join_queue(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, _, proof) = JoinQueue::parse(accounts, data)?;
    let market = account::load::<Market>(a.market)?;
    guard::network(&market.network, a.network.address())?;
    account::load::<Network>(a.network)?.require_unpaused()?;
    require(market.closed == 0, EscrowError::MarketClosed)?;
    require(market.terms.matching & matching::QUEUE != 0, EscrowError::MatchingNotOffered)?;
    in_range!(args.index < market.terms.max_queue_entries, "index")?;
    let (authority, now) = (a.provider_authority.address(), now()?);
    let applicant =
        Applicant { authority, pool: a.pool, provider: a.provider, allowed_index: args.allowed_index, proof };
    applicant.check(&market.terms, &market.pool, now)?;
    node::of_class(market.terms.class, &market.network, authority, a.node, now)?;
    let mut bytes = account::load_bytes_mut::<Queue>(a.queue)?;
    let mut ring = Ring::of(&mut bytes)?;
    require(guard::eq(&ring.queue.market, a.market.address()), EscrowError::WrongMarket)?;
    require(ring.queue.side != side::JOBS || ring.first(now)?.is_none(), EscrowError::JobsWaiting)?;
    let expires_at = now.after(market.terms.wait_window)?;

    let mut waiting = if guard::eq(a.waiting_provider.owner(), &ID) {
        let waiting = account::load_mut::<WaitingProvider>(a.waiting_provider)?;
        require(guard::eq(&waiting.market, a.market.address()), EscrowError::WrongMarket)?;
        require(guard::eq(&waiting.provider, authority), EscrowError::WrongProvider)?;
        in_range!(waiting.index == args.index, "index")?;
        require(!ring.waits(waiting.slot, authority, waiting.wait_id), EscrowError::AlreadyWaiting)?;
        waiting
    } else {
        guard::system_program(a.system_program)?;
        let index = [args.index];
        let seeds = pda::waiting_provider::seeds(a.market.address(), authority, &index);
        let mut waiting = account::create::<WaitingProvider>(a.payer, a.waiting_provider, &seeds)?;
        waiting.market = *a.market.address();
        waiting.provider = *authority;
        waiting.payer = *a.payer.address();
        waiting.index = args.index;
        waiting
    };
    waiting.wait_id = wait_id::next(args.index, wait_id::series(&market), waiting.wait_id)?;
    let entry = QueueEntry { occupant: *authority, posting_or_wait_id: waiting.wait_id, expires_at };
    waiting.slot = ring.push(side::PROVIDERS, entry, now)?;
    Ok(())
}
