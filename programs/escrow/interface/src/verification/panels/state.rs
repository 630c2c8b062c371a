//! A panel and its replicas.

use {
    crate::state::{MAX_REPLICAS, Terms},
    joule_interface::{Address, Header, account, constants, layout},
    joule_math::{Amount, Bps, Seconds, Timestamp},
};

layout! {
    /// One of the providers that do the same work in a [`Panel`].
    #[repr(C)]
    pub struct Replica {
        /// The provider's authority.
        pub provider: Address,
        /// The node that it runs on; zero if the terms ask for none.
        pub node: Address,
        /// Owner of the node; zero if the terms ask for none.
        pub owner: Address,
        /// The bond in `stake`; zero: none, or settled.
        pub bond: Address,
        /// Commitment to the result ([`panel::commitment`](crate::panel::commitment)), which only this provider can open.
        pub commitment: [u8; 32],
        /// Content hash of the result.
        pub result: [u8; 32],
        /// What it is still to be paid, and then the fee on it. Part of [`Panel::held`].
        pub owed: Amount,
        /// One of [`replica_state`].
        pub state: u8,
        /// Index of the first replica that revealed the same result.
        pub result_group: u8,
        /// How many replicas revealed this result; counted at the first of them.
        pub votes: u8,
        /// 1 until its bond and its report are settled with `stake`.
        pub bond_unsettled: u8,
        /// 1 once the fee on what it is still owed is paid: its token account was frozen, so the fee came first.
        pub fee_paid: u8,
        /// Zero.
        pub reserved: [u8; 3],
    }
}

constants! {
    /// Values of [`Replica::state`].
    pub mod replica_state {
        /// No provider has this place.
        pub const EMPTY: u8 = 0;
        /// Has joined, and has not acknowledged the input.
        pub const JOINED: u8 = 1;
        /// Has acknowledged that it holds the input.
        pub const ACKNOWLEDGED: u8 = 2;
        /// Has committed to a result that is still secret.
        pub const COMMITTED: u8 = 3;
        /// Has revealed its result.
        pub const REVEALED: u8 = 4;
    }
}

constants! {
    /// Values of [`Panel::state`].
    pub mod panel_state {
        /// Providers may join, and leave.
        pub const JOINING: u8 = 1;
        /// All replicas have joined; they acknowledge that they hold the input.
        pub const ACKNOWLEDGING: u8 = 2;
        /// All replicas hold the input; they work, and commit to their results.
        pub const COMMITTING: u8 = 3;
        /// Replicas reveal their results.
        pub const REVEALING: u8 = 4;
        /// One result had a quorum.
        pub const AGREED: u8 = 5;
        /// No result had a quorum.
        pub const DIVIDED: u8 = 6;
        /// Replicas were missing at the deadline, or the client cancelled before.
        pub const CANCELLED: u8 = 7;
        /// Replicas did not acknowledge the input.
        pub const DISSOLVED: u8 = 8;
    }
}

account! {
    /// A job that several providers do. A result that more than half of them have counts.
    /// `deposited = paid + fee_paid + burned + refunded + held`, always; `held = 0` once everybody is paid and all penalties are burned.
    pub struct Panel: discriminator 9, size 3_840 {
        /// Discriminator 9.
        pub header: Header,
        /// Market.
        pub market: Address,
        /// Network.
        pub network: Address,
        /// Who pays.
        pub client: Address,
        /// What pays: the client's `CreditAccount` in `bme`, or its [`Deposit`](crate::state::Deposit).
        pub funding_account: Address,
        /// What it is paid in; zero: credits.
        pub mint: Address,
        /// Stake pool of the providers; zero: none.
        pub pool: Address,
        /// Whoever paid the rent.
        pub payer: Address,
        /// Content hash of the work.
        pub definition: [u8; 32],
        /// The panel's result, once it agreed.
        pub result: [u8; 32],
        /// Terms at posting.
        pub terms: Terms,
        /// Price of each replica with the right result.
        pub price: Amount,
        /// What the client put in.
        pub deposited: Amount,
        /// Paid to providers.
        pub paid: Amount,
        /// Paid as the fee.
        pub fee_paid: Amount,
        /// Burned of the client's money for replicas that did not acknowledge the input.
        pub burned: Amount,
        /// Part of `held` that is to be burned for such replicas.
        pub penalty_owed: Amount,
        /// Given back to the client.
        pub refunded: Amount,
        /// What the panel still holds.
        pub held: Amount,
        /// When the present state's time is over. Halts of the chain move it, but not the time to join.
        pub deadline_at: Timestamp,
        /// Id of the posting: no two panels of a funding account have the same.
        pub posting_id: u64,
        /// Counts this account's events.
        pub sequence: u64,
        /// Time to commit, from when all replicas hold the input.
        pub duration: Seconds,
        /// [`Verification::reveal_window`](crate::state::Verification::reveal_window).
        pub reveal_window: Seconds,
        /// [`Verification::minority_penalty`](crate::state::Verification::minority_penalty).
        pub minority_penalty: Bps,
        /// [`Verification::no_reveal_penalty`](crate::state::Verification::no_reveal_penalty).
        pub no_reveal_penalty: Bps,
        /// [`Verification::no_quorum_pay`](crate::state::Verification::no_quorum_pay).
        pub no_quorum_pay: Bps,
        /// One of [`panel_state`].
        pub state: u8,
        /// Replicas that the client asked for.
        pub replica_count: u8,
        /// Replicas that are in it now.
        pub joined_count: u8,
        /// Replicas that have acknowledged the input.
        pub acknowledged_count: u8,
        /// Replicas that committed.
        pub committed_count: u8,
        /// Replicas that revealed.
        pub revealed_count: u8,
        /// Once agreed: index of the first replica with the right result.
        pub winning_group: u8,
        /// Once decided: replicas that are not paid yet.
        pub unpaid_count: u8,
        /// Replicas that are not settled with `stake` yet.
        pub unsettled_count: u8,
        /// Copied from the market.
        pub authority_bump: u8,
        /// Number of the spender in `bme` that locked its credits: one that was added again has no right to them.
        pub spender_number: u16,
        /// 1 once replicas were removed and others could join: that happens once.
        pub refilled: u8,
        /// The lane whose work it is, if it is paid in credits; copied from the market.
        pub lane: u8,
        /// Copied from the market: what a keeper gets for each thing that it ends, lamports.
        pub tip: u32,
        /// Bits of the tips that keepers took ([`panel_tip`](crate::state::panel_tip)).
        pub tips_taken: u64,
        /// Zero.
        pub reserved: [u8; 104],
        /// The replicas. A replica keeps its index.
        pub replicas: [Replica; MAX_REPLICAS],
    }
}

impl Panel {
    /// How many equal results are believed: more than half of the replicas.
    #[inline]
    pub fn quorum(&self) -> u8 {
        self.replica_count / 2 + 1
    }

    /// The replicas that are in it, with their indexes.
    #[inline]
    pub fn present(&self) -> impl Iterator<Item = (usize, &Replica)> {
        self.replicas.iter().enumerate().filter(|(_, replica)| replica.state != replica_state::EMPTY)
    }
}
