//! Dollars for credits, and tokens for these dollars. Customers pay into shards; anyone folds these into the auction; out of that dollars
//! go to whoever brings tokens, which are burned, and the cut to the treasury, and nowhere else.

pub(crate) mod add_dollar_shard;
pub(crate) mod buy_credits_with_dollars;
pub(crate) mod execute_dollar_policy;
pub(crate) mod fold_dollars;
pub(crate) mod open_auction;
pub(crate) mod propose_dollar_policy;
pub(crate) mod sell_tokens;

use {
    crate::{Result, epochs::work},
    joule_bme_interface::{
        BmeError,
        event::DollarPolicyChanged,
        state::{Auction, DollarPolicy, EpochTerms, Network},
    },
    joule_common::{AccountView, event, guard, guard::require, in_range, now, token},
    joule_interface::{Address, Fault},
    joule_math::{Bps, Seconds, Timestamp, Tokens, auction::DutchAuction},
};

const HOUR: Seconds = Seconds(3_600);
const MONTH: Seconds = Seconds(30 * 86_400);
/// A hundred dollars: of less, what a call rounds away would count.
const MIN_LIMIT: Tokens = Tokens(100_000_000);
/// A billion dollars.
const MAX_LIMIT: Tokens = Tokens(1_000_000_000_000_000);
/// With [`MAX_LIMIT`], it fits 64 bits.
const MAX_WINDOWS: u16 = 1_000;
const HALF: Bps = Bps(5_000);
const MAX_PREMIUM: Bps = Bps(500);

/// Refuses a policy outside its ranges.
pub fn check(policy: &DollarPolicy) -> Result<()> {
    in_range!((MIN_LIMIT..=MAX_LIMIT).contains(&policy.limit), "limit")?;
    in_range!((HOUR..=MONTH).contains(&policy.window), "window")?;
    in_range!(policy.max_unwanted <= MAX_WINDOWS, "max_unwanted")?;
    in_range!(policy.cut <= HALF, "cut")?;
    in_range!(policy.premium <= MAX_PREMIUM, "premium")?;
    in_range!((policy.premium..=HALF).contains(&policy.max_discount), "max_discount")?;
    Ok(())
}

/// The policy's treasury is the account passed, of the stablecoin, and none of the network's own.
pub fn check_treasury(policy: &DollarPolicy, network: &Address, mint: &Address, treasury: &AccountView) -> Result<()> {
    token::require_reachable(treasury, mint)?;
    guard::address(treasury, &policy.treasury)?;
    Ok(require(!guard::eq(&token::load(treasury)?.owner, network), Fault::WrongTokenOwner)?)
}

/// Whoever pays dollars, works for itself, and sells all parts of the emission, has no more than it paid:
/// `payout * (1 + premium) + cut <= 1`, where the payout is that of all parts, `payout_share / providers_share`. Work is valued at the
/// dearest price, and sales at the cheapest, so that prices add nothing to it.
pub fn require_no_circle(terms: &EpochTerms, premium: Bps, cut: Bps) -> Result<()> {
    // Without a payout, or with a surplus for stakers, what an epoch emits is not bounded by the dollars worked.
    let is_bounded = terms.payout_share.0 > 0 && terms.surplus_to_stakers == 0;
    let back = terms.payout_share.0 as u64 * (Bps::WHOLE.0 as u64 + premium.0 as u64);
    let left = terms.providers_share.0 as u64 * (Bps::WHOLE.0 as u64).saturating_sub(cut.0 as u64);
    require(is_bounded && back <= left, BmeError::CircleWouldPay)
}

/// The same of a network as it is: of its policy, and of the open epoch, which is settled by the policy that it began with. What one that
/// is being closed is settled by is not known here.
pub fn require_no_circle_now(network: &Network, policy: &DollarPolicy) -> Result<()> {
    require(network.closing == 0, BmeError::EpochUnsettled)?;
    for terms in [EpochTerms::of(&network.policy, network.weights()), network.terms] {
        require_no_circle(&terms, policy.premium, policy.cut)?;
    }
    Ok(())
}

/// Proposes a policy. It waits as the network's do, and until the period in which work is done now is over, and its epoch closed: whoever names a stablecoin and its
/// feed could make such dollars out of nothing, and credits that they buy share with all work what an epoch pays. So they share with none
/// that was done before.
pub fn propose(network: &Network, auction: &mut Auction, policy: DollarPolicy) -> Result<()> {
    let now = now()?;
    auction.proposed_policy = policy;
    auction.executable_at = now.after(network.policy.change_delay)?.max(work::period_ends_at(network, now));
    Ok(())
}

/// The policy counts from now on. If the auction has other rules by it, it begins at the highest discount, so that nobody gains by being
/// the first.
pub fn put_into_force(network: &mut Network, auction: &mut Auction, policy: DollarPolicy, now: Timestamp) {
    let is_other = rules(&policy) != rules(&auction.policy);
    auction.policy = policy;
    network.takes_dollars = 1;
    (network.dollar_feed_id, network.dollar_price_account) = (policy.feed_id, policy.price_account);
    (network.dollar_cut, network.dollar_premium) = (policy.cut, policy.premium);
    if is_other {
        (auction.level, auction.leaked_at) = (policy.limit, now);
    }
    limit_shards(network, auction);
}

/// The auction's rules.
pub fn rules(policy: &DollarPolicy) -> DutchAuction {
    DutchAuction {
        limit: policy.limit,
        window: policy.window,
        max_discount: policy.max_discount,
        premium: policy.premium,
    }
}

/// Counts what each shard may hold: all of it, and what waits here, stays below what the policy lets wait, without a shard that looks
/// at another.
pub fn limit_shards(network: &mut Network, auction: &Auction) {
    let most = auction.policy.limit.0 as u128 * auction.policy.max_unwanted as u128;
    let left = most.saturating_sub(auction.unsold.0 as u128) as u64;
    network.dollar_shard_limit = Tokens(left / auction.shard_count.max(1) as u64);
}

/// Counts what is there for sellers: what came and did not go, as far as it is in the vault, but for the treasury's part.
pub fn count_unsold(auction: &mut Auction, in_vault: Tokens) -> Result<()> {
    let counted = auction.received.minus(auction.paid)?.minus(auction.cut_paid)?;
    auction.unsold = Tokens(counted.min(in_vault).0.saturating_sub(auction.cut_due.0));
    Ok(())
}

/// Emits that a policy was decided, or proposed.
pub fn emit_changed(view: &AccountView, auction: &mut Auction) -> Result<()> {
    event::emit(&DollarPolicyChanged {
        header: DollarPolicyChanged::header(*view.address(), event::next(&mut auction.sequence)?),
        executable_at: auction.executable_at,
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use {super::*, proptest::prelude::*};

    proptest! {
        /// Dollars to credits to work to emission to dollars, all of one party, at one price.
        #[test]
        fn a_circle_returns_no_more_than_it_took(
            (payout, providers) in (any::<u32>(), 1_000u16..=10_000),
            (premium, cut) in (0u16..=500, 0u16..=5_000),
            dollars in 1u64..1 << 40,
        ) {
            let most = providers as u32 * (10_000 - cut as u32) / (10_000 + premium as u32);
            let terms = |payout| EpochTerms { payout_share: Bps(payout), providers_share: Bps(providers), ..Default::default() };
            let check = |payout| require_no_circle(&terms(payout), Bps(premium), Bps(cut));
            prop_assert_eq!(check(most as u16 + 1), Err(BmeError::CircleWouldPay));
            let payout = 1 + payout % most;
            prop_assert_eq!(check(payout as u16), Ok(()));
            let taken = Bps(cut).of_ceil(dollars).unwrap();
            let worked = dollars - taken;
            let to_providers = worked as u128 * payout as u128 / 10_000;
            let emitted = to_providers * 10_000 / providers as u128;
            let sold = emitted * (10_000 + premium as u128) / 10_000;
            prop_assert!(sold + taken as u128 <= dollars as u128);
        }
    }

    #[test]
    fn what_is_not_bounded_by_dollars_is_refused() {
        let terms = |payout_share, surplus_to_stakers| EpochTerms {
            payout_share: Bps(payout_share),
            providers_share: Bps(7_000),
            surplus_to_stakers,
            ..Default::default()
        };
        let check = |terms| require_no_circle(&terms, Bps(200), Bps(300));
        // 70 % of 97 %, over 1.02.
        assert_eq!([check(terms(6_656, 0)), check(terms(1, 0))], [Ok(()); 2]);
        for terms in [terms(6_657, 0), terms(0, 0), terms(1, 1)] {
            assert_eq!(check(terms), Err(BmeError::CircleWouldPay));
        }
    }
}
