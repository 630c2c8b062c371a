//! A mandate.

use {
    joule_interface::{Address, Header, account, constants},
    joule_math::{Amount, Seconds, Timestamp, mul_div_ceil, mul_div_floor},
};

constants! {
    /// Most markets that a mandate names.
    pub const MAX_MANDATE_MARKETS: usize = 4;
}

account! {
    /// What a delegate may do for an owner: post, extend, accept, reject, stop and cancel jobs, out of one funding account of the owner, in
    /// the markets that are named, within limits. The owner is the client of these jobs: what comes back goes to its account. The delegate
    /// withdraws nothing, and touches no other job.
    ///
    /// It may spend `limit` at once, and again as much in each `window` (a bucket that fills evenly, so that there is no edge of a window
    /// to wait for), and `total` in all. What a job did not need is given back to both once the job is over (`SettleMandate`).
    pub struct Mandate: discriminator 11, size 352 {
        /// Discriminator 11.
        pub header: Header,
        /// Whose money it is.
        pub owner: Address,
        /// Who may spend it.
        pub delegate: Address,
        /// What pays: the owner's `CreditAccount` in `bme`, or its [`Deposit`](crate::state::Deposit). Limits are in its unit.
        pub funding_account: Address,
        /// Whoever paid the rent.
        pub payer: Address,
        /// The markets, then zeros.
        pub markets: [Address; MAX_MANDATE_MARKETS],
        /// [`Job::mandate_id`](crate::state::Job::mandate_id) of its jobs: the second in which it was opened, times 65,536, plus its index.
        /// No other mandate of the owner ever has it.
        pub id: u64,
        /// Most to spend at once, and in each `window`.
        pub limit: Amount,
        /// Most to spend in all.
        pub total: Amount,
        /// Spent of `total`: what its jobs were posted with, less what they gave back.
        pub spent: Amount,
        /// Spent of `limit`, at `used_at`.
        pub used: Amount,
        /// When `used` was computed.
        pub used_at: Timestamp,
        /// Last second in which the delegate may do anything.
        pub expires_at: Timestamp,
        /// In so many seconds `limit` is there again.
        pub window: Seconds,
        /// Zero.
        pub reserved: [u8; 28],
    }
}

impl Mandate {
    /// The id of one that is opened at `now`.
    #[inline]
    pub fn id_of(now: Timestamp, index: u16) -> u64 {
        (now.0 as u64) << 16 | index as u64
    }

    /// Its index, a seed of its address.
    #[inline]
    pub fn index_of(id: u64) -> u16 {
        id as u16
    }

    /// When it was opened.
    #[inline]
    pub fn opened_at(&self) -> Timestamp {
        Timestamp((self.id >> 16) as i64)
    }

    /// What is spent of `limit` at `now`: less each second, to nothing after `window`.
    #[inline]
    pub fn used_at(&self, now: Timestamp) -> Amount {
        let (elapsed, window) = (now.since(self.used_at), self.window.0 as u64);
        if elapsed >= window {
            return Amount::ZERO;
        }
        // `elapsed` is below `window`, so it is less than `limit`.
        let filled = mul_div_floor(self.limit.0, elapsed, window).unwrap_or_default();
        if self.used.0 > filled { Amount(self.used.0 - filled) } else { Amount::ZERO }
    }

    /// What the delegate can spend at `now`.
    #[inline]
    pub fn available(&self, now: Timestamp) -> Amount {
        let once = self.limit.0.saturating_sub(self.used_at(now).0);
        Amount(once.min(self.total.0.saturating_sub(self.spent.0)))
    }

    /// How much of `limit` fills by itself in `seconds`, rounded up.
    #[inline]
    pub fn filled_in(&self, seconds: u64) -> Amount {
        let window = self.window.0 as u64;
        if seconds >= window {
            return self.limit;
        }
        Amount(mul_div_ceil(self.limit.0, seconds, window).unwrap_or(self.limit.0))
    }
}
