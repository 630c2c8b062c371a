//! A job.

use {
    crate::state::{HAND_BACK_WINDOW, MAX_HAND_BACKS, REACTION_WINDOW, Terms, matching, pricing},
    joule_interface::{Address, Header, account, constants},
    joule_math::{Amount, Bps, Overflow, Seconds, Timestamp, Tokens, mul_div_ceil, mul_div_floor},
};

constants! {
    /// Values of [`Job::state`].
    pub mod job_state {
        /// Waits for its named provider, or in the queue.
        pub const POSTED: u8 = 1;
        /// Open for bids.
        pub const BIDDING: u8 = 2;
        /// Has a provider, which has yet to start. A reserved job starts at a later time ([`Job::starts_at`]).
        pub const ASSIGNED: u8 = 3;
        /// Runs.
        pub const RUNNING: u8 = 4;
        /// Has a result, which the client may reject.
        pub const DELIVERED: u8 = 5;
        /// Has a result that the client rejected: waits for the arbiter.
        pub const REJECTED: u8 = 6;
        /// Ended, but not all that is owed to the provider and as the fee is paid yet.
        pub const OWING: u8 = 7;
        /// Ended; everything is paid or refunded.
        pub const FINISHED: u8 = 8;
        /// Ended without a start; everything is refunded. A job that a client cancels after it was assigned is `OWING` instead.
        pub const CANCELLED: u8 = 9;
        /// Has a result that is challenged: a [`Game`](crate::state::Game) decides on it.
        pub const CHALLENGED: u8 = 10;
        /// Ended, and is paid by the unit: until the deadline its provider redeems its last voucher.
        pub const REDEEMING: u8 = 11;
        /// A place of a [`Gang`](crate::state::Gang), which alone moves it. Nobody has it while `provider` is zero; its member is out once it
        /// has stopped.
        pub const GANG: u8 = 12;
        /// Offered to start at a later time: waits for a provider that takes it.
        pub const OFFERED: u8 = 13;
    }
}

constants! {
    /// Values of [`Job::outcome`]: what is reported to `stake`. `stake` reports the same values.
    pub mod outcome {
        /// Nothing to report.
        pub const NONE: u8 = 0;
        /// As agreed.
        pub const DELIVERED: u8 = 1;
        /// Delivered late, or less available than agreed.
        pub const LATE: u8 = 2;
        /// Not started, not delivered, or given up.
        pub const FAILED: u8 = 3;
        /// Rejected, and the provider did not get all of its pay; or the provider lost a game.
        pub const DISPUTED: u8 = 4;
    }
}

account! {
    /// A job: who works for whom, on which terms, and what was paid.
    /// `deposited = paid + fee_paid + penalty + refunded + held`, always; `held = 0` once it is finished or cancelled.
    ///
    /// It holds a copy of all terms and of what payment needs, so that an instruction on a job reads no market. The rent goes back
    /// to whoever paid it. A job that is over can be replaced by a new one in the same account, which saves creating one. No
    /// instruction derives a job's address again, so it may lie at any address.
    pub struct Job: discriminator 2, size 960 {
        /// Discriminator 2.
        pub header: Header,
        /// Market.
        pub market: Address,
        /// Network.
        pub network: Address,
        /// Who pays.
        pub client: Address,
        /// Who works; in an auction, the best bidder so far; while a job waits that was handed back, who did so last; zero while nobody
        /// is known.
        pub provider: Address,
        /// What pays: the client's `CreditAccount` in `bme`, or its [`Deposit`](crate::state::Deposit).
        pub funding_account: Address,
        /// What it is paid in; zero: credits.
        pub mint: Address,
        /// Stake pool of the provider; zero: none.
        pub pool: Address,
        /// The bond in `stake`; zero while there is none.
        pub bond: Address,
        /// The node that it runs on; zero if the terms ask for none, and it is on no beacon of one.
        pub node: Address,
        /// Whoever paid the rent.
        pub payer: Address,
        /// Content hash of the work.
        pub definition: [u8; 32],
        /// Content hash of the result; zero until there is one.
        pub result: [u8; 32],
        /// Terms at posting.
        pub terms: Terms,
        /// Agreed price, as [`Terms::price`]; while bids are taken, the lowest bid so far.
        pub price: Amount,
        /// What the client put in.
        pub deposited: Amount,
        /// Paid to the provider.
        pub paid: Amount,
        /// Paid as the fee.
        pub fee_paid: Amount,
        /// Deducted from the pay as penalties, and given back to the client.
        pub penalty: Amount,
        /// Given back to the client because it was not needed.
        pub refunded: Amount,
        /// What the job still holds.
        pub held: Amount,
        /// What the provider has earned, the fee included: never less than what was paid.
        pub earned: Amount,
        /// Once delivered: what the provider will have earned if the client does not reject.
        pub amount_due: Amount,
        /// Once delivered: what will be deducted from the pay.
        pub pending_penalty: Amount,
        /// Part of the bond to seize, in the pool's mint.
        pub bond_to_seize: Tokens,
        /// When the present state's time is over: to find a provider, to bid, to take what is offered, to start, to reject, to decide.
        /// Halts of the chain move it, and of a provider's time to start pauses of the network, unless the job is reserved.
        pub deadline_at: Timestamp,
        /// When it started.
        pub started_at: Timestamp,
        /// When its time is over.
        pub ends_at: Timestamp,
        /// When it stopped.
        pub stopped_at: Timestamp,
        /// When the last heartbeat came. Of a job on a beacon, as of when that was read: the last beat, but no more than an interval
        /// before then.
        pub last_heartbeat_at: Timestamp,
        /// Seconds by which heartbeats came late.
        pub downtime: u64,
        /// Counts this account's events.
        pub sequence: u64,
        /// Id of the posting ([`posting_id`](crate::posting_id)): no two jobs at one address have the same.
        pub posting_id: u64,
        /// Length that the price is for.
        pub duration: Seconds,
        /// Heartbeats missed.
        pub missed_heartbeats: u32,
        /// Slot of the queue in which it waits.
        pub queue_slot: u32,
        /// One of [`job_state`].
        pub state: u8,
        /// One of [`matching`](crate::state::matching).
        pub matching: u8,
        /// One of [`outcome`].
        pub outcome: u8,
        /// Copied from the market.
        pub authority_bump: u8,
        /// 1 once the job ended, until its bond and its report are settled with `stake`.
        pub bond_unsettled: u8,
        /// How its result is verified: a [`Verification`](crate::state::Verification); zero: not at all.
        pub verification: Address,
        /// [`Verification::kind`](crate::state::Verification::kind) of its verification.
        pub verification_kind: u8,
        /// Number of the spender in `bme` that locked its credits: one that was added again has no right to them.
        pub spender_number: u16,
        /// Length of the network's pauses before the provider's time to start began. Later pauses extend that time; `deadline_at`
        /// stays as it was set.
        pub earlier_pauses_duration: Seconds,
        /// What the client staked to reject the result, part of `deposited`.
        pub rejection_stake: Amount,
        /// Who handed it back: the first eight bytes of the providers' addresses.
        pub handed_back_by: [u64; 2],
        /// 1 once its provider gave notice: the job cannot be extended any more.
        pub notice_given: u8,
        /// How often it was handed back.
        pub hand_backs: u8,
        /// The lane whose work it is, if it is paid in credits; copied from the market.
        pub lane: u8,
        /// Sum of [`tip`](crate::state::tip): the tips that keepers took for this posting.
        pub tips_taken: u8,
        /// Copied from the market: what a keeper gets for each thing that it ends, lamports.
        pub tip: u32,
        /// [`Mandate::id`](crate::state::Mandate::id) of the client's mandate under which it was posted; zero: the client signed itself.
        pub mandate_id: u64,
        /// What the mandate was charged with for it, until the job is over and `SettleMandate` gives back what it did not need.
        pub mandate_charged: Amount,
        /// How `session_key` signs: one of [`scheme`](crate::state::scheme).
        pub session_scheme: u8,
        /// How `previous_key` signs, likewise.
        pub previous_scheme: u8,
        /// What it costs from the start on to cancel a reserved job: part of what it can cost for the client, of the bond for the
        /// provider. Zero if it is not reserved, as `lead_period`.
        pub cancellation_fee: Bps,
        /// How long before the start of a reserved job that part begins to rise.
        pub lead_period: Seconds,
        /// Most units that vouchers can say; zero if the job is not paid by the unit, as all that follows.
        pub max_units: u64,
        /// Units that redeemed vouchers said: at most `max_units`.
        pub units: u64,
        /// Chain of its vouchers, as its client says: the first eight bytes of the genesis hash.
        pub chain: u64,
        /// Until when vouchers of `previous_key` can be redeemed. Halts of the chain move it.
        pub previous_key_ends_at: Timestamp,
        /// Key that signs vouchers.
        pub session_key: [u8; 32],
        /// The key before it; zero: none.
        pub previous_key: [u8; 32],
        /// Sums of its [`Beacon`](crate::state::Beacon) when it joined that: seconds by which beats came late.
        pub beacon_downtime: u64,
        /// Likewise, beats missed.
        pub beacon_missed: u32,
        /// 1 from when it joins the beacon of `provider` and `node` until it leaves that.
        pub on_beacon: u8,
        /// Zero.
        pub reserved: [u8; 3],
    }
}

impl Job {
    /// Whether it holds no money any more, and never will.
    #[inline]
    pub fn has_ended(&self) -> bool {
        matches!(self.state, job_state::FINISHED | job_state::CANCELLED)
    }

    /// Whether nothing comes back to its client any more, but what is written off: it ended, though it may still owe.
    #[inline]
    pub fn has_given_back(&self) -> bool {
        self.has_ended() || self.state == job_state::OWING
    }

    /// Whether it can be closed, or replaced by a new job.
    #[inline]
    pub fn is_over(&self) -> bool {
        self.has_ended() && self.bond_unsettled == 0 && self.mandate_charged.is_zero() && self.on_beacon == 0
    }

    /// What its mandate gets back once it has given back what it did not need: what came back to the client, up to what the mandate was charged with. The client may
    /// have added money of its own, which counts as spent first.
    #[inline]
    pub fn mandate_refund(&self) -> Amount {
        Amount(self.refunded.0.saturating_add(self.penalty.0)).min(self.mandate_charged)
    }

    /// Seconds up to `now` that count as run: those that heartbeats cover.
    #[inline]
    pub fn ran(&self, now: Timestamp) -> u64 {
        let mut until = now.min(self.ends_at);
        if self.terms.heartbeat_interval != Seconds(0) {
            // Time beyond the next due heartbeat counts only once that heartbeat has arrived.
            until =
                until.min(Timestamp(self.last_heartbeat_at.0.saturating_add(self.terms.heartbeat_interval.0 as i64)));
        }
        until.since(self.started_at).saturating_sub(self.downtime)
    }

    /// What the heartbeats missed so far cost the provider.
    #[inline]
    pub fn missed_penalty(&self) -> Amount {
        if self.missed_heartbeats == 0 {
            return Amount::ZERO;
        }
        let interval = self.terms.heartbeat_interval.0 as u64;
        let price = if self.terms.pricing == pricing::FIXED {
            mul_div_floor(self.price.0, interval, self.duration.0 as u64).unwrap_or(self.price.0)
        } else {
            self.price.0.saturating_mul(interval)
        };
        let each = self.terms.heartbeat_penalty.of_floor(price).unwrap_or(price);
        Amount(each.saturating_mul(self.missed_heartbeats as u64))
    }

    /// What it can cost, after an award.
    #[inline]
    pub fn cost(&self) -> Result<Amount, Overflow> {
        self.deposited.minus(self.refunded)?.minus(self.hand_back_reserve()?)
    }

    /// Whether the provider of a running job may hand it back at `now`.
    #[inline]
    pub fn can_be_handed_back(&self, now: Timestamp) -> bool {
        self.is_returnable() && now.since(self.started_at) <= HAND_BACK_WINDOW.0 as u64
    }

    /// Whether it is of a queue, and its terms let providers hand it back.
    #[inline]
    fn is_returnable(&self) -> bool {
        self.matching == matching::QUEUE && self.terms.offers_hand_back()
    }

    /// What a hand-back costs the client: the price of [`Terms::min_paid_duration`].
    #[inline]
    pub fn hand_back_price(&self) -> Result<Amount, Overflow> {
        self.price_of(self.terms.min_paid_duration().0 as u64)
    }

    /// What it holds beside its cost, for hand-backs.
    #[inline]
    pub fn hand_back_reserve(&self) -> Result<Amount, Overflow> {
        if self.is_returnable() { self.hand_back_price()?.times(MAX_HAND_BACKS as u64) } else { Ok(Amount::ZERO) }
    }

    /// What its hand-backs have cost: it goes where the fee goes.
    #[inline]
    pub fn lost_by_hand_backs(&self) -> Result<Amount, Overflow> {
        if self.hand_backs == 0 { Ok(Amount::ZERO) } else { self.hand_back_price()?.times(self.hand_backs as u64) }
    }

    /// What the provider of a running job has earned up to `now`, the fee included. A fixed price is earned at the end only, units when
    /// their voucher is redeemed, and nothing while the job can be handed back.
    #[inline]
    pub fn earned_at(&self, now: Timestamp) -> Result<Amount, Overflow> {
        if self.terms.pricing == pricing::FIXED {
            return Ok(Amount::ZERO);
        }
        if self.terms.pricing == pricing::USAGE || self.can_be_handed_back(now) {
            return Ok(self.earned);
        }
        let pay = self.price.times(self.ran(now))?;
        Ok(self.earned.max(Amount(pay.0.saturating_sub(self.missed_penalty().0))))
    }

    /// The fee on `earned`.
    #[inline]
    pub fn fee_of(&self, earned: Amount) -> Result<Amount, Overflow> {
        if self.terms.fee_share == Bps(0) {
            Ok(Amount::ZERO)
        } else {
            Ok(Amount(self.terms.fee_share.of_floor(earned.0)?))
        }
    }

    /// What the provider is still to be paid of `earned`.
    #[inline]
    pub fn payable(&self, earned: Amount) -> Result<Amount, Overflow> {
        earned.minus(self.fee_of(earned)?)?.minus(self.paid)
    }

    /// What a client pays that stops a job at a fixed price at `now`: the part that has passed of the time that was agreed at the
    /// start, rounded up.
    #[inline]
    pub fn stopped_price(&self, now: Timestamp) -> Result<Amount, Overflow> {
        let elapsed = now.min(self.ends_at).since(self.started_at);
        self.price_of(elapsed.max(self.terms.min_paid_duration().0 as u64))
    }

    /// What a client pays at least that stops a job which is paid by the unit: it took the provider's time.
    #[inline]
    pub fn least_usage(&self) -> Result<Amount, Overflow> {
        self.price_of(self.terms.min_paid_duration().0 as u64)
    }

    /// What the job costs at most at the agreed price.
    #[inline]
    pub fn whole_cost(&self) -> Result<Amount, Overflow> {
        if self.terms.pricing == pricing::USAGE {
            return self.price.times(self.max_units);
        }
        self.terms.cost(self.price, self.duration)
    }

    /// What a client pays that cancels an assigned job at `now`, before its provider's time to start is over.
    #[inline]
    pub fn cancellation_pay(&self, now: Timestamp) -> Result<Amount, Overflow> {
        let assigned_at = Timestamp(self.deadline_at.0.saturating_sub(self.terms.start_window.0 as i64));
        let elapsed = now.since(assigned_at).min(REACTION_WINDOW.0 as u64);
        let pay = self.price_of(elapsed.max(self.terms.min_paid_duration().0 as u64))?;
        Ok(pay.max(Amount(self.cancellation_part(self.cost()?.0, now)?)))
    }

    /// Whether it was offered to start at a later time.
    #[inline]
    pub fn is_reserved(&self) -> bool {
        self.lead_period != Seconds(0)
    }

    /// Whether what is seized of its bond is burned: a member of a gang may be its client's friend, and whoever vouches for the class of a
    /// machine can keep a job from starting, so that its provider leaves or fails, and may be its client.
    #[inline]
    pub fn burns_bond(&self) -> bool {
        let is_unstarted = self.started_at == Timestamp::default();
        self.matching == matching::GANG || self.terms.class != 0 && is_unstarted && !self.bond_to_seize.is_zero()
    }

    /// From when on a reserved job that waits for its start can be started.
    #[inline]
    pub fn starts_at(&self) -> Timestamp {
        match self.state {
            job_state::OFFERED => self.deadline_at,
            _ => Timestamp(self.deadline_at.0.saturating_sub(self.terms.start_window.0 as i64)),
        }
    }

    /// The part of `amount` that it costs at `now` to cancel a reserved job that waits for its start, rounded up: nothing before the last
    /// `lead_period`, then evenly more, and `cancellation_fee` from the start on. Nothing of a job that is not reserved.
    #[inline(never)]
    pub fn cancellation_part(&self, amount: u64, now: Timestamp) -> Result<u64, Overflow> {
        if !self.is_reserved() {
            return Ok(0);
        }
        let lead = self.lead_period.0 as u64;
        let passed = lead.saturating_sub(self.starts_at().since(now));
        mul_div_ceil(amount, self.cancellation_fee.0 as u64 * passed, Bps::WHOLE.0 as u64 * lead)
    }

    /// What a client pays at least that stops a reserved job: else it would stop it instead of cancelling. Only for the part of the time in
    /// which its provider was there, if heartbeats measure that, and nothing once its provider gave notice.
    #[inline(never)]
    pub fn least_of_reservation(&self, ran: u64, lasted: u64) -> Result<Amount, Overflow> {
        if self.notice_given != 0 {
            return Ok(Amount::ZERO);
        }
        let least = self.cancellation_fee.of_ceil(self.cost()?.0)?;
        let measured = self.terms.heartbeat_interval != Seconds(0) && lasted != 0;
        Ok(Amount(if measured { mul_div_floor(least, ran, lasted)? } else { least }))
    }

    /// The price of `seconds` of the agreed time; if units are paid, that part of the price of all, and of one at least: else a job of one
    /// unit over a year would take a provider's turn for nothing.
    #[inline]
    fn price_of(&self, seconds: u64) -> Result<Amount, Overflow> {
        let seconds = seconds.min(self.duration.0 as u64);
        let whole = match self.terms.pricing {
            pricing::FIXED => self.price,
            pricing::USAGE => self.price.times(self.max_units)?,
            _ => return self.price.times(seconds),
        };
        let part = Amount(mul_div_ceil(whole.0, seconds, self.duration.0 as u64)?);
        Ok(if self.terms.pricing == pricing::USAGE { part.max(self.price) } else { part })
    }
}
