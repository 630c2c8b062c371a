use {
    crate::{
        Result,
        markets::{access::Applicant, node},
        matching::auction,
    },
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, guard, guard::require, now},
    joule_escrow_interface::{EscrowError, instruction::BidJob, state::Job},
    joule_interface::Address,
    joule_math::Amount,
};

/// See [`BidJob`].
#[inline(never)]
pub fn bid_job(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, _, proof) = BidJob::parse(accounts, data)?;
    let authority = a.provider_authority.address();
    let bidder = Applicant { authority, pool: a.pool, provider: a.provider, allowed_index: args.allowed_index, proof };
    let (job, outbid) = bid(a.job, a.network, args.posting_id, args.price, &bidder, a.node, false)?;
    // Only the best bidder, which lowers its own bid, has its bond locked already.
    require(job.terms.bond_amount.is_zero() || guard::eq(&outbid, authority), EscrowError::StakeRequired)
}

/// Takes a bid. Returns the job, and the best bidder until now. `locks_bond`: if the terms ask for a bond, and the bidder has none
/// locked, the caller locks it next.
#[inline(always)]
pub fn bid<'a>(
    view: &'a AccountView,
    network: &AccountView,
    posting_id: u64,
    price: Amount,
    bidder: &Applicant,
    node: &AccountView,
    locks_bond: bool,
) -> Result<(&'a mut Job, Address)> {
    let job = account::keep_mut::<Job>(view)?;
    require(posting_id == job.posting_id, EscrowError::PostingChanged)?;
    guard::network(&job.network, network.address())?;
    let (now, outbid) = (now()?, job.provider);
    if locks_bond && !job.terms.bond_amount.is_zero() && !guard::eq(&outbid, bidder.authority) {
        bidder.check_beside_stake(&job.terms, &job.pool, now)?;
    } else {
        account::keep::<Network>(network)?.require_unpaused()?;
        bidder.check(&job.terms, &job.pool, now)?;
    }
    if job.terms.class != 0 {
        node::require_for_later_start(&job.terms, &job.network, bidder.authority, node, bidder.pool, now)?;
    }

    auction::bid(job, bidder.authority, price, now)?;
    Ok((job, outbid))
}
