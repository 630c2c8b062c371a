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
        instruction::{JoinQueue, JoinQueueArgs},
        pda,
        state::{Entry, Market, Queue, Seat, matching, side},
    },
    joule_interface::Fault,
};

/// See [`JoinQueue`].
pub fn join_queue(accounts: &[AccountView], args: &JoinQueueArgs, proof: &[u8]) -> Result<()> {
    let (a, _) = JoinQueue::parse(accounts)?;
    let market = account::load::<Market>(a.market)?;
    guard::network(&market.network, a.network.address())?;
    require(account::load::<Network>(a.network)?.paused == 0, Fault::Paused)?;
    require(market.closed == 0, EscrowError::MarketClosed)?;
    require(market.terms.matching & matching::QUEUE != 0, EscrowError::MatchingNotOffered)?;
    require(args.number < market.terms.seats, Fault::InvalidParameter)?;
    let (authority, now) = (a.provider_authority.address(), now()?);
    let applicant = Applicant { authority, pool: a.pool, provider: a.provider, place: args.place, proof };
    applicant.check(&market.terms, &market.pool, now)?;
    let mut bytes = account::load_bytes_mut::<Queue>(a.queue)?;
    let mut ring = Ring::of(&mut bytes)?;
    require(guard::eq(&ring.queue.market, a.market.address()), EscrowError::WrongMarket)?;

    let mut seat = if guard::eq(a.seat.owner(), &ID) {
        let seat = account::load_mut::<Seat>(a.seat)?;
        require(guard::eq(&seat.market, a.market.address()), EscrowError::WrongMarket)?;
        require(guard::eq(&seat.provider, authority), EscrowError::WrongProvider)?;
        require(seat.number == args.number, Fault::InvalidParameter)?;
        require(!ring.waits(seat.slot, authority, seat.ticket), EscrowError::AlreadyWaiting)?;
        seat
    } else {
        guard::system_program(a.system_program)?;
        let number = [args.number];
        let seeds = pda::seat::seeds(a.market.address(), authority, &number);
        let mut seat = account::create::<Seat>(a.provider_authority, a.seat, &seeds)?;
        seat.market = *a.market.address();
        seat.provider = *authority;
        seat.payer = *authority;
        seat.number = args.number;
        seat
    };
    require(ring.queue.side != side::JOBS || ring.first(now)?.is_none(), EscrowError::JobsWaiting)?;
    seat.ticket = tickets::next(args.number, tickets::series(&market), seat.ticket)?;
    let until = now.after(market.terms.max_wait)?;
    seat.slot = ring.push(side::PROVIDERS, Entry { who: *authority, ticket: seat.ticket, until }, now)?;
    Ok(())
}
