//! The breaker: how much may be minted now, and for whom.

use {
    crate::Result,
    joule_bme_interface::state::{Breaker, EpochTerms, Network},
    joule_math::{Bps, MintWindow, Timestamp, Tokens},
};

/// What tokens are minted for. Each kind has its own part of the window, so that neither takes the other's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Providers, stakers and the treasury.
    Epochs,
    /// Reward roots: the part of the window that they have of the schedule.
    Roots,
}

/// The part of roots, or of all others, that the policy gives nothing any more while they are still owed something.
const LEFT_OVER: Bps = Bps(1_000);

/// Takes as much of `wanted` as the network's breaker lets pass at `now`. Its share is one of `whole`
/// ([`Stock::whole`](crate::source::Stock::whole)).
pub fn take(network: &mut Network, kind: Kind, wanted: Tokens, now: Timestamp, whole: Tokens) -> Result<Tokens> {
    turn(network, now, whole)?;
    let breaker = match kind {
        Kind::Epochs => &mut network.breaker,
        Kind::Roots => &mut network.roots_breaker,
    };
    let mut window = MintWindow { ends_at: breaker.ends_at, minted: breaker.minted, limit: breaker.limit };
    let passed = window.take(wanted)?;
    breaker.minted = window.minted;
    Ok(passed)
}

/// Begins the window of `now`, if the present one is over.
fn turn(network: &mut Network, now: Timestamp, whole: Tokens) -> Result<()> {
    let (epochs, roots) = (network.breaker, network.roots_breaker);
    let limit = Tokens(epochs.limit.0.saturating_add(roots.limit.0));
    let minted = Tokens(epochs.minted.0.saturating_add(roots.minted.0));
    let present = MintWindow { ends_at: epochs.ends_at, minted, limit };
    // A share of a small supply, or of an empty reserve, would never let anything begin: at least of what is scheduled for a
    // window.
    let policy = &network.policy;
    // Of whole periods, however long the open epoch is: of its own, which a change of policy makes others only after it.
    let period = network.terms.duration.0.max(1) as u64;
    let periods = (policy.breaker_window.0 as u64).div_ceil(period);
    let from = network.schedule_position / period;
    let terms = EpochTerms { own_duration: network.terms.duration, ..network.terms };
    let scheduled = terms.emission().schedule.between(from, from.saturating_add(periods))?;
    let next = network.mint_limit().window(present, now, whole.max(scheduled));
    if next == present {
        return Ok(());
    }
    let share = match policy.roots_share {
        Bps(0) if network.roots.unminted()?.is_zero() => Bps(0),
        Bps(0) => LEFT_OVER,
        // As much at least for what others wait for: burned tokens that return, or credits that are given up.
        share if !network.deferred.sum()?.plus(network.refundable)?.is_zero() => share.min(Bps(10_000 - LEFT_OVER.0)),
        share => share,
    };
    let window = |limit| Breaker { ends_at: next.ends_at, minted: Tokens::ZERO, limit };
    // Without a limit, each has none.
    let roots = if next.limit == Tokens::MAX { Tokens::MAX } else { Tokens(share.of_ceil(next.limit.0)?) };
    let rest = if next.limit == Tokens::MAX { Tokens::MAX } else { next.limit.minus(roots)? };
    network.roots_breaker = window(roots);
    network.breaker = window(rest);
    Ok(())
}
