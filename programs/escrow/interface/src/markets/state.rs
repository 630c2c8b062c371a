//! A market and its terms.

use {
    crate::{posting_id, state::MIN_PAID_DURATION},
    joule_interface::{Address, Header, account, constants, layout},
    joule_math::{Amount, Bps, Overflow, Seconds, Tokens},
};

layout! {
    /// What a market offers and asks for. Each job holds a copy, so a later change never touches a job that was posted. Amounts are
    /// in what the job is paid in. A length of zero disables its limit, unless its range excludes zero; lengths are seconds. Parts
    /// and penalties are basis points, zero to the whole. Without a pool, `bond_amount`, `min_self_stake`, `min_reliability` and
    /// `reports` are zero.
    #[repr(C)]
    pub struct Terms {
        /// Price of a second ([`pricing::METERED`]), of the whole job ([`pricing::FIXED`]) or of a unit ([`pricing::USAGE`]). A job that is
        /// auctioned or given to a named provider may cost less; none costs more. From 1 to what makes the longest job cost an amount.
        pub price: Amount,
        /// Collateral that the provider locks for the job, in the pool's mint; zero: none. Not zero where a metered job has a
        /// `shortfall_penalty` or a `heartbeat_penalty`: pay that was settled as it ran is out of their reach. Any amount: one that
        /// nobody has means that nobody works here until the next terms.
        pub bond_amount: Tokens,
        /// Least stake of its own that a provider needs here: any amount, likewise. The pool's minimum applies as well.
        pub min_self_stake: Tokens,
        /// Decides on results that clients reject; zero: nobody, and the default verdict counts once the window is over.
        pub arbiter: Address,
        /// Receives the fee: a token account of the mint (a key's, or the associated one of an address that a program derived), or
        /// the mint itself to burn the fee; if jobs are paid in credits, a `ProviderWork` of the network in the market's lane, which
        /// earns from the fee like a provider.
        pub fee_payee: Address,
        /// Merkle root over the providers that may work here ([`merkle`](crate::merkle)); zero: all may.
        pub allowed_root: [u8; 32],
        /// Shortest job. At least one second and one heartbeat interval. Before it has passed, no result is taken, unless it comes with
        /// a validity proof.
        pub min_duration: Seconds,
        /// Longest job, extensions included: from `min_duration` to a year, for a job holds its client's funds and its provider's bond;
        /// and short enough that its price fits in 64 bits.
        pub max_duration: Seconds,
        /// How long a job waits for a provider or is open for bids, and how long a provider waits in the queue. 1 second to 30 days.
        pub wait_window: Seconds,
        /// How long the provider of a job has to start it. 1 second to a week.
        pub start_window: Seconds,
        /// How long after its time a job at a fixed price can still be delivered, late: up to 30 days, for which its client waits. If
        /// units are paid: how long after a job's end, and after a key was replaced, vouchers are redeemed, a minute at least.
        pub late_window: Seconds,
        /// How long the client has to reject a result, up to 30 days, for which its provider waits; zero: a result is paid at once. Zero if
        /// units are paid: who signs a voucher has accepted.
        pub acceptance_window: Seconds,
        /// How long the arbiter has to decide before the default verdict counts: up to 30 days, for which both wait; with an
        /// `acceptance_window` a second at least.
        pub arbitration_window: Seconds,
        /// Longest time from one heartbeat to the next: up to `min_duration`, so that each job shows one; zero: none is asked for, and none
        /// can be if units are paid. Not zero with `GANG` matching.
        pub heartbeat_interval: Seconds,
        /// A bid in the last seconds of an auction, as many as this, moves the auction's end to this long after the bid: up to 30 days.
        pub bid_extension: Seconds,
        /// Hardware class that the provider's node must have; zero: no node is needed.
        pub class: u32,
        /// Part of the pay that is the fee: up to the whole, as all parts below.
        pub fee_share: Bps,
        /// A bid is lower than the one it beats by this part of it, and by one unit at least.
        pub bid_step: Bps,
        /// Part of its time that a job must be available, measured by heartbeats; zero without them.
        pub min_availability: Bps,
        /// Part of the pay lost for each hundredth of the time that availability is below `min_availability`.
        pub shortfall_penalty: Bps,
        /// Part of the price of a heartbeat interval lost for each heartbeat missed; zero without heartbeats.
        pub heartbeat_penalty: Bps,
        /// Part of the pay lost if the result is late.
        pub late_penalty: Bps,
        /// Part of the bond lost if the provider does not start.
        pub no_start_penalty: Bps,
        /// Part of the bond lost if the provider quits or does not deliver. Not zero with `GANG` matching.
        pub failure_penalty: Bps,
        /// Default verdict: part of the amount due that the provider gets.
        pub default_pay: Bps,
        /// Default verdict: part of the bond that is seized.
        pub default_bond_penalty: Bps,
        /// Least reliability that a provider needs, by its reputation in `stake`.
        pub min_reliability: Bps,
        /// Part of what is still due that a client stakes to reject a result; zero: nothing. The part of the stake for which the
        /// verdict is the provider's goes where the fee goes, and all of it if the arbiter stays silent. Needs a fee, is at least
        /// what `default_pay` leaves to the client, and then `default_bond_penalty` is zero: silence never pays who rejects.
        pub rejection_stake: Bps,
        /// One of [`pricing`].
        pub pricing: u8,
        /// Sum of [`matching`](crate::state::matching): how jobs may find their providers.
        pub matching: u8,
        /// Sum of [`report`]: what is reported, and by whom.
        pub reports: u8,
        /// Most waits that one provider may have in the queue at once: 1 at least, if there is a queue.
        pub max_queue_entries: u8,
        /// 1: a service, which is not paid by a fixed price, and lasts for its whole time. A provider that ends it earlier quits, unless it gave notice. 0: a
        /// batch, which ends with its result.
        pub is_service: u8,
        /// Fee that makes a whole job in the provider's reputation: 10 to this power of micro-dollars, or base units; at most 19. A job
        /// counts in proportion to its fee, a failure to the fee of its success. Without a fee, jobs count nothing.
        pub whole_job_fee: u8,
        /// Minutes of notice after which a provider may end a service, up to 65,535, 45 days; zero: it cannot give notice. Not zero of a
        /// service that is paid by the unit: nobody pays for its provider's time.
        pub notice_minutes: u16,
    }
}

constants! {
    /// Values of [`Terms::pricing`].
    pub mod pricing {
        /// By the second, for the seconds that the job ran.
        pub const METERED: u8 = 0;
        /// One price for the result.
        pub const FIXED: u8 = 1;
        /// By the unit, for the units that the client signs for: [`voucher`](crate::voucher).
        pub const USAGE: u8 = 2;
    }
}

constants! {
    /// Values of [`Terms::reports`], which is a sum of them.
    pub mod report {
        /// How jobs went is reported to `stake`.
        pub const OUTCOME: u8 = 1;
        /// A beacon of the provider may report that jobs run, in place of their own heartbeats.
        pub const BEACON: u8 = 2;
    }
}

account! {
    /// A kind of work and its terms. Read-only while jobs are posted and run.
    pub struct Market: discriminator 1, size 512 {
        /// Discriminator 1.
        pub header: Header,
        /// Network.
        pub network: Address,
        /// Seed of its address.
        pub id: u64,
        /// Stake pool of the providers; zero: none, and then there are neither bonds nor reports.
        pub pool: Address,
        /// What jobs are paid in; zero: credits.
        pub mint: Address,
        /// Whoever paid the rent.
        pub payer: Address,
        /// Number of the terms: rises with each change. No other terms of a market at this address have it, also if it was closed in between:
        /// it begins with the second of the market's creation, as a [`posting_id`](crate::posting_id).
        pub terms_version: u64,
        /// Terms of new jobs.
        pub terms: Terms,
        /// Bump of the network's [`authority`](crate::pda::authority).
        pub authority_bump: u8,
        /// 1 while the market takes no new jobs.
        pub closed: u8,
        /// How results are verified: a [`Verification`](crate::state::Verification); zero: not at all.
        pub verification: Address,
        /// 1: the verification has no verifier, so the terms must name an arbiter.
        pub needs_arbiter: u8,
        /// [`Verification::kind`](crate::state::Verification::kind) of the verification.
        pub verification_kind: u8,
        /// The lane whose work its jobs are, if they are paid in credits: that of its spender. It never changes.
        pub lane: u8,
        /// What the issuer of `mint` may do, a sum of [`issuer_power`](crate::state::issuer_power). The network's authority named all of
        /// it when the market was created.
        pub issuer_powers: u8,
        /// Zero.
        pub padding: [u8; 2],
        /// What a keeper gets for each thing that it ends because a job's parties left it lying, lamports, up to
        /// [`MAX_TIP`](crate::state::MAX_TIP). Who posts a job puts [`TIPS_A_JOB`](crate::state::TIPS_A_JOB) times as much into its
        /// account, and gets back what nobody needed.
        pub tip: u32,
        /// Zero.
        pub reserved: [u8; 124],
    }
}

impl Market {
    /// Number of its last event: 1 when it was created, and one more for each change of its terms.
    #[inline]
    pub fn sequence(&self) -> u64 {
        posting_id::count(self.terms_version) + 1
    }
}

impl Terms {
    /// Notice after which a provider may end a service.
    #[inline]
    pub fn notice_period(&self) -> Seconds {
        Seconds(self.notice_minutes as u32 * 60)
    }

    /// Whether how jobs went is reported to `stake`.
    #[inline]
    pub fn reports_outcome(&self) -> bool {
        self.reports & report::OUTCOME != 0
    }

    /// Whether a beacon may measure jobs.
    #[inline]
    pub fn offers_beacon(&self) -> bool {
        self.reports & report::BEACON != 0
    }

    /// What a client at least pays for, if it cancels an assigned job or stops a running one.
    #[inline]
    pub fn min_paid_duration(&self) -> Seconds {
        self.min_duration.min(MIN_PAID_DURATION)
    }

    /// Whether a provider may hand back a job of the queue. It needs a bond and a fee's receiver, so that both sides can pay for it. One
    /// that is paid by the unit is not handed back: its vouchers name the posting.
    #[inline]
    pub fn offers_hand_back(&self) -> bool {
        self.fee_share != Bps(0) && !self.bond_amount.is_zero() && self.pricing != pricing::USAGE
    }

    /// What a job of this length costs at `price`, if it is not paid by the unit.
    #[inline]
    pub fn cost(&self, price: Amount, duration: Seconds) -> Result<Amount, Overflow> {
        if self.pricing == pricing::FIXED { Ok(price) } else { price.times(duration.0 as u64) }
    }
}
