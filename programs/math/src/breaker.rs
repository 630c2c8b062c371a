//! The breaker: what may be minted in one window of time.

use crate::{Bps, Result, Seconds, Timestamp, Tokens};

/// Most that may be minted in a window: the lower of the limits that are set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MintLimit {
    /// In tokens; zero sets no limit.
    pub tokens: Tokens,
    /// Of the larger of the supply at the window's first minting and what is scheduled for a window, but at least a unit; zero
    /// sets no limit.
    pub share: Bps,
    /// Length of a window. Windows lie on a fixed grid.
    pub length: Seconds,
}

/// One window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MintWindow {
    /// When its time is over: by the length that it began with, whatever that has become since.
    pub ends_at: Timestamp,
    /// Minted in it.
    pub minted: Tokens,
    /// Most that may be.
    pub limit: Tokens,
}

impl MintLimit {
    /// The window of `now`: the one given, or a fresh one if its time is over. `base` is what the share is taken of.
    pub fn window(&self, window: MintWindow, now: Timestamp, base: Tokens) -> MintWindow {
        let now = now.0.max(0);
        if now < window.ends_at.0 {
            return window;
        }
        let length = self.length.0.max(1) as i64;
        let ends_at = Timestamp((now / length).saturating_add(1).saturating_mul(length));
        let by_tokens = if self.tokens.is_zero() { Tokens::MAX } else { self.tokens };
        let by_share = match self.share {
            Bps(0) => Tokens::MAX,
            share => Tokens(share.of_floor(base.0).unwrap_or(u64::MAX).max(1)),
        };
        MintWindow { ends_at, minted: Tokens::ZERO, limit: by_tokens.min(by_share) }
    }
}

impl MintWindow {
    /// Takes as much of `wanted` as the window still lets pass.
    pub fn take(&mut self, wanted: Tokens) -> Result<Tokens> {
        let passed = wanted.min(Tokens(self.limit.0.saturating_sub(self.minted.0)));
        self.minted = self.minted.plus(passed)?;
        Ok(passed)
    }
}

#[cfg(test)]
mod tests {
    use {super::*, proptest::prelude::*};

    const LIMIT: MintLimit = MintLimit { tokens: Tokens(100), share: Bps(1_000), length: Seconds(60) };

    #[test]
    fn the_lower_limit_counts() {
        let limit = |limit: MintLimit, supply| limit.window(MintWindow::default(), Timestamp(0), Tokens(supply)).limit;
        assert_eq!(limit(LIMIT, 900), Tokens(90));
        assert_eq!(limit(LIMIT, 2_000), Tokens(100));
        assert_eq!((limit(LIMIT, 0), limit(LIMIT, 9)), (Tokens(1), Tokens(1)), "a part of little lets something pass");
        assert_eq!(limit(MintLimit { tokens: Tokens(0), ..LIMIT }, 2_000), Tokens(200));
        assert_eq!(limit(MintLimit { share: Bps(0), ..LIMIT }, 2_000), Tokens(100));
        assert_eq!(limit(MintLimit { tokens: Tokens(0), share: Bps(0), ..LIMIT }, 2_000), Tokens::MAX);
    }

    #[test]
    fn an_amount_above_the_limit_waits_for_the_next_window() {
        let mut window = LIMIT.window(MintWindow::default(), Timestamp(119), Tokens(2_000));
        assert_eq!(window.take(Tokens(60)), Ok(Tokens(60)));
        assert_eq!(window.take(Tokens(60)), Ok(Tokens(40)));
        assert_eq!(window.take(Tokens(60)), Ok(Tokens(0)));
        assert_eq!(LIMIT.window(window, Timestamp(60), Tokens(9)), window, "the supply of its beginning counts");
        let mut next = LIMIT.window(window, Timestamp(120), Tokens(2_000));
        assert_eq!(next.take(Tokens(20)), Ok(Tokens(20)));
        assert_eq!(LIMIT.window(window, Timestamp(-5), Tokens(2_000)), window, "nor does one come back");
        assert_eq!(LIMIT.window(MintWindow::default(), Timestamp(119), Tokens(2_000)).ends_at, Timestamp(120));
    }

    /// With another length a new window began at once, and let as much pass again; or the present one went on for longer.
    #[test]
    fn a_window_is_as_long_as_when_it_began() {
        let mut window = LIMIT.window(MintWindow::default(), Timestamp(119), Tokens(2_000));
        assert_eq!(window.take(Tokens(100)), Ok(Tokens(100)));
        for length in [1, 59, 61, 119, 3_600] {
            let other = MintLimit { length: Seconds(length), ..LIMIT };
            assert_eq!(other.window(window, Timestamp(119), Tokens(2_000)), window);
            let next = other.window(window, Timestamp(120), Tokens(2_000));
            assert_eq!((next.minted, next.limit), (Tokens(0), Tokens(100)));
            assert!(next.ends_at > Timestamp(120) && next.ends_at.0 <= 120 + length as i64);
        }
    }

    proptest! {
        #[test]
        fn a_window_never_lets_more_pass(
            tokens in 1u64.., share in 1u16.., supply in 1u64..,
            steps in proptest::collection::vec((0i64..200, any::<u64>()), 1..50),
        ) {
            let rule = MintLimit { tokens: Tokens(tokens), share: Bps(share), length: Seconds(60) };
            let (mut now, mut window, mut passed) = (0, MintWindow::default(), 0u128);
            for (seconds, wanted) in steps {
                now += seconds;
                let before = window.ends_at;
                window = rule.window(window, Timestamp(now), Tokens(supply));
                if window.ends_at != before { passed = 0; }
                passed += window.take(Tokens(wanted)).unwrap().0 as u128;
                prop_assert!(passed <= tokens as u128);
                prop_assert!(passed <= (supply as u128 * share as u128 / 10_000).max(1) || share as u128 * supply as u128 / 10_000 > u64::MAX as u128);
            }
        }
    }
}
