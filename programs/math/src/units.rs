//! Units as types: adding tokens to credits does not compile.

use {
    crate::{Overflow, Result, mul_div_ceil, mul_div_floor},
    bytemuck::{Pod, Zeroable},
    core::fmt,
};

macro_rules! unit {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Pod, Zeroable)]
        #[repr(transparent)]
        pub struct $name(pub $inner);

        impl $name {
            /// Nothing.
            pub const ZERO: Self = Self(0);
            /// The largest amount.
            pub const MAX: Self = Self(<$inner>::MAX);

            /// Sum, or [`Overflow`].
            #[inline(always)]
            pub const fn plus(self, other: Self) -> Result<Self> {
                match self.0.checked_add(other.0) {
                    Some(sum) => Ok(Self(sum)),
                    None => Err(Overflow),
                }
            }

            /// Difference, or [`Overflow`] when `other` is larger.
            #[inline(always)]
            pub const fn minus(self, other: Self) -> Result<Self> {
                match self.0.checked_sub(other.0) {
                    Some(difference) => Ok(Self(difference)),
                    None => Err(Overflow),
                }
            }

            /// Whether this is nothing.
            #[inline(always)]
            pub const fn is_zero(self) -> bool {
                self.0 == 0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!("{} ", stringify!($name)), self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

unit! {
    /// Base units of a token.
    Tokens(u64)
}
unit! {
    /// Credits: micro-dollars (1,000,000 are one US dollar).
    Credits(u64)
}
unit! {
    /// What a job is paid in: credits, or base units of its mint.
    Amount(u64)
}
unit! {
    /// A part in rewards: tokens times the multiplier of their lock, over the highest multiplier, four.
    Weight(u64)
}
unit! {
    /// A length of time.
    Seconds(u32)
}
unit! {
    /// A ratio in basis points: 10,000 are the whole.
    Bps(u16)
}

impl Bps {
    /// The whole.
    pub const WHOLE: Self = Self(10_000);

    /// This part of `amount`, rounded down.
    #[inline]
    pub fn of_floor(self, amount: u64) -> Result<u64> {
        mul_div_floor(amount, self.0 as u64, Self::WHOLE.0 as u64)
    }

    /// This part of `amount`, rounded up.
    #[inline]
    pub fn of_ceil(self, amount: u64) -> Result<u64> {
        mul_div_ceil(amount, self.0 as u64, Self::WHOLE.0 as u64)
    }
}

impl Amount {
    /// What `seconds` at this price per second cost.
    #[inline]
    pub const fn times(self, seconds: u64) -> Result<Self> {
        match self.0.checked_mul(seconds) {
            Some(product) => Ok(Self(product)),
            None => Err(Overflow),
        }
    }
}

/// A moment: Unix seconds, as the `Clock` sysvar gives them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Pod, Zeroable)]
#[repr(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// This moment and `seconds` more.
    #[inline(always)]
    pub const fn after(self, seconds: Seconds) -> Result<Self> {
        let moment = self.0.wrapping_add(seconds.0 as i64);
        // Nothing below zero was added. One comparison; the compiler takes three for a checked sum of signed numbers.
        if moment < self.0 { Err(Overflow) } else { Ok(Self(moment)) }
    }

    /// Seconds from `earlier` to this moment; none when `earlier` is later.
    #[inline(always)]
    pub const fn since(self, earlier: Self) -> u64 {
        if self.0 > earlier.0 { self.0.wrapping_sub(earlier.0) as u64 } else { 0 }
    }
}

/// A 128-bit integer with the alignment of bytes: `u128` has another alignment on the host than in the SVM.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Pod, Zeroable)]
#[repr(transparent)]
pub struct U128([u8; 16]);

impl U128 {
    /// From a native integer.
    #[inline(always)]
    pub const fn new(value: u128) -> Self {
        Self(value.to_le_bytes())
    }

    /// To a native integer.
    #[inline(always)]
    pub const fn get(self) -> u128 {
        u128::from_le_bytes(self.0)
    }
}

impl fmt::Debug for U128 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_and_differences_are_checked() {
        assert_eq!(Tokens(2).plus(Tokens(3)), Ok(Tokens(5)));
        assert_eq!(Tokens::MAX.plus(Tokens(1)), Err(Overflow));
        assert_eq!(Tokens(2).minus(Tokens(3)), Err(Overflow));
    }

    #[test]
    fn basis_points_round_as_named() {
        assert_eq!(Bps(1).of_floor(9_999), Ok(0));
        assert_eq!(Bps(1).of_ceil(1), Ok(1));
        assert_eq!(Bps::WHOLE.of_floor(u64::MAX), Ok(u64::MAX));
    }

    #[test]
    fn time_before_counts_as_none() {
        assert_eq!(Timestamp(5).since(Timestamp(9)), 0);
        assert_eq!(Timestamp(9).since(Timestamp(5)), 4);
        assert_eq!(Timestamp(i64::MAX).since(Timestamp(i64::MIN)), u64::MAX);
        assert_eq!(Timestamp(i64::MAX).after(Seconds(1)), Err(Overflow));
    }

    #[test]
    fn wide_integers_have_the_alignment_of_bytes() {
        assert_eq!(core::mem::align_of::<U128>(), 1);
        assert_eq!(U128::new(u128::MAX - 7).get(), u128::MAX - 7);
    }
}
