//! The rules of auctions. The auction lies in the job itself: `provider` and `price` are the best bid so far.

use {
    crate::{Result, jobs::ending::refund_all},
    joule_common::{guard, guard::require},
    joule_escrow_interface::{
        EscrowError,
        state::{Job, NONE, job_state},
    },
    joule_interface::Address,
    joule_math::{Amount, Seconds, Timestamp},
};

/// Takes a bid. The caller checks the bidder, and whose bond is held.
#[inline(always)]
pub fn bid(job: &mut Job, provider: &Address, price: Amount, now: Timestamp) -> Result<()> {
    require(job.state == job_state::BIDDING, EscrowError::WrongJobState)?;
    require(now <= job.deadline_at, EscrowError::TooLate)?;
    require(!price.is_zero(), EscrowError::PriceOutOfRange)?;
    let first = guard::eq(&job.provider, &NONE);
    let step = if first { 0 } else { job.terms.bid_step.of_ceil(job.price.0)?.max(1) };
    require(price.0 <= job.price.0.saturating_sub(step), EscrowError::BidTooHigh)?;
    let extended = now.after(job.terms.bid_extension)?;

    job.deadline_at = job.deadline_at.max(extended);
    job.price = price;
    job.provider = *provider;
    Ok(())
}

/// How long the network was paused before an auction ended that is awarded `later`: of `in_all` up to now, and `when_posted` up to its
/// posting. Nobody noted when pauses in between were: they count for the provider, whose time to start they would extend. Who awards at
/// once leaves nothing open.
#[inline(always)]
pub fn earlier_pauses(when_posted: Seconds, in_all: Seconds, later: u64) -> Seconds {
    let since_posted = in_all.0.saturating_sub(when_posted.0);
    Seconds(in_all.0 - since_posted.min(later.min(u32::MAX as u64) as u32))
}

/// Ends an auction. The best bidder's time to start runs from the auction's end, whenever this is called. Returns what goes back to
/// the client.
#[inline(always)]
pub fn award(job: &mut Job, now: Timestamp) -> Result<Amount> {
    require(job.state == job_state::BIDDING, EscrowError::WrongJobState)?;
    require(now > job.deadline_at, EscrowError::TooEarly)?;
    if guard::eq(&job.provider, &NONE) {
        return Ok(refund_all(job));
    }
    let cost = job.whole_cost()?;
    let refund = job.held.minus(cost)?;
    job.deadline_at = job.deadline_at.after(job.terms.start_window)?;

    job.held = cost;
    job.refunded = refund;
    job.state = job_state::ASSIGNED;
    Ok(refund)
}
