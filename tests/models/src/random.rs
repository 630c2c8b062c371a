//! Numbers for randomized tests: from a seed, the same in every run; or from a fuzzer's bytes, which it can then change
//! one choice at a time.

/// Where a randomized test's choices come from.
pub enum Random {
    /// xorshift64*.
    Seed(u64),
    /// Bytes, from the first; zeros when they are used up.
    Bytes(std::vec::IntoIter<u8>),
}

impl Random {
    /// Choices that a seed decides.
    pub fn new(seed: u64) -> Self {
        // Its one fixed point is zero.
        Self::Seed(seed.max(1))
    }

    /// Choices that are read from bytes.
    pub fn bytes(bytes: &[u8]) -> Self {
        Self::Bytes(Vec::from(bytes).into_iter())
    }

    /// Bytes are used up. A seed never is.
    pub fn is_spent(&self) -> bool {
        matches!(self, Self::Bytes(bytes) if bytes.len() == 0)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        match self {
            Self::Seed(state) => {
                *state ^= *state >> 12;
                *state ^= *state << 25;
                *state ^= *state >> 27;
                state.wrapping_mul(0x2545_f491_4f6c_dd1d)
            }
            Self::Bytes(_) => self.read(8),
        }
    }

    fn read(&mut self, count: u32) -> u64 {
        let Self::Bytes(bytes) = self else { unreachable!("a seed is not read from") };
        (0..count).fold(0, |number, _| number << 8 | bytes.next().unwrap_or(0) as u64)
    }

    /// A number below `end`. Out of as few bytes as hold it, so that most changes to a fuzzer's bytes change a choice.
    pub fn below(&mut self, end: u64) -> u64 {
        match self {
            Self::Seed(_) => self.number() % end,
            Self::Bytes(_) => self.read((u64::BITS - (end - 1).leading_zeros()).div_ceil(8)) % end,
        }
    }

    /// An index below `end`.
    pub fn place(&mut self, end: usize) -> usize {
        self.below(end as u64) as usize
    }

    /// Once in so many times.
    pub fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// Mostly up to `usual`, sometimes of any size, sometimes nothing.
    pub fn amount(&mut self, usual: u64) -> u64 {
        match self.below(20) {
            0 => self.number(),
            1 => 0,
            _ => self.below(usual) + 1,
        }
    }

    /// Any number, near the ends of its range and powers of two more often than not: there carries happen.
    pub fn edge(&mut self) -> u64 {
        match self.below(4) {
            0 => self.number(),
            1 => self.below(1 << 20),
            _ => (1u64 << self.below(64)).wrapping_add(self.below(5)).wrapping_sub(2),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_choices() {
        let mut random = Random::bytes(&[7, 1, 2, 9]);
        assert_eq!((random.below(5), random.below(1_000), random.below(1)), (2, 258, 0));
        assert!(!random.is_spent());
        assert_eq!((random.number(), random.number()), (9 << 56, 0));
        assert!(random.is_spent() && !Random::new(0).is_spent());
    }
}
