use {
    crate::{
        Result,
        access::Applicant,
        queue::{Ring, tickets},
    },
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, guard, guard::require, now},
    joule_escrow_interface::{
        EscrowError, ID,
        instruction::JoinQueue,
        pda,
        state::{Market, Queue, QueueEntry, WaitingProvider, matching, side},
    },
    joule_interface::Fault,
};

/// See [`JoinQueue`].
pub fn join_queue(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, _, proof) = JoinQueue::parse(accounts, data)?;
    let market = account::load::<Market>(a.market)?;
    guard::network(&market.network, a.network.address())?;
    require(account::load::<Network>(a.network)?.paused == 0, Fault::Paused)?;
    require(market.closed == 0, EscrowError::MarketClosed)?;
    require(market.terms.matching & matching::QUEUE != 0, EscrowError::MatchingNotOffered)?;
    require(args.index < market.terms.max_queue_entries, Fault::InvalidParameter)?;
    let (authority, now) = (a.provider_authority.address(), now()?);
    let applicant = Applicant { authority, pool: a.pool, provider: a.provider, place: args.allowed_index, proof };
    applicant.check(&market.terms, &market.pool, now)?;
    let mut bytes = account::load_bytes_mut::<Queue>(a.queue)?;
    let mut ring = Ring::of(&mut bytes)?;
    require(guard::eq(&ring.queue.market, a.market.address()), EscrowError::WrongMarket)?;

    let mut seat = if guard::eq(a.waiting_provider.owner(), &ID) {
        let seat = account::load_mut::<WaitingProvider>(a.waiting_provider)?;
        require(guard::eq(&seat.market, a.market.address()), EscrowError::WrongMarket)?;
        require(guard::eq(&seat.provider, authority), EscrowError::WrongProvider)?;
        require(seat.index == args.index, Fault::InvalidParameter)?;
        require(!ring.waits(seat.slot, authority, seat.wait_id), EscrowError::AlreadyWaiting)?;
        seat
    } else {
        guard::system_program(a.system_program)?;
        let number = [args.index];
        let seeds = pda::waiting_provider::seeds(a.market.address(), authority, &number);
        let mut seat = account::create::<WaitingProvider>(a.provider_authority, a.waiting_provider, &seeds)?;
        seat.market = *a.market.address();
        seat.provider = *authority;
        seat.payer = *authority;
        seat.index = args.index;
        seat
    };
    require(ring.queue.side != side::JOBS || ring.first(now)?.is_none(), EscrowError::JobsWaiting)?;
    seat.wait_id = tickets::next(args.index, tickets::series(&market), seat.wait_id)?;
    let until = now.after(market.terms.wait_window)?;
    seat.slot = ring.push(
        side::PROVIDERS,
        QueueEntry { occupant: *authority, posting_or_wait_id: seat.wait_id, expires_at: until },
        now,
    )?;
    Ok(())
}
