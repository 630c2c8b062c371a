//! Account layouts. That of a voter's weight is SPL Governance's: see [`record`](crate::record).

use {
    joule_bme_interface::state::MAX_LANES,
    joule_interface::{Address, Header, account},
    joule_math::Seconds,
};

/// A number for each lane.
pub type Lanes<T> = [T; MAX_LANES as usize];

account! {
    /// Who votes, on what, and the votes of one epoch. Its address is the network's weigher.
    pub struct Council: discriminator 1, size 328 {
        /// Discriminator 1.
        pub header: Header,
        /// Network whose lanes it weighs.
        pub network: Address,
        /// Pool whose stake votes.
        pub pool: Address,
        /// Realm of SPL Governance in which the stake votes as well; zero: none.
        pub realm: Address,
        /// The realm's mint for which the stake votes.
        pub governing_mint: Address,
        /// Who paid the rent.
        pub payer: Address,
        /// Number among the network's councils: a seed of its address.
        pub id: u64,
        /// The epoch of the votes.
        pub epoch: u64,
        /// For how long before the epoch's end votes are closed.
        pub closing_window: Seconds,
        /// How long a lock must still last to count in SPL Governance: longer than its votes.
        pub min_lock: Seconds,
        /// How many delegations voted in the epoch.
        pub voters: u64,
        /// Sum of the votes for each lane, in weight.
        pub tally: Lanes<u64>,
    }
}

account! {
    /// What a delegation voted last.
    pub struct Vote: discriminator 2, size 152 {
        /// Discriminator 2.
        pub header: Header,
        /// Council.
        pub council: Address,
        /// Delegation whose stake voted.
        pub delegation: Address,
        /// Who paid the rent, and gets it back.
        pub payer: Address,
        /// One more than the epoch in which it voted; zero before the first vote.
        pub voted: u64,
        /// What it weighed.
        pub weight: u64,
        /// How it divided that: parts of their sum.
        pub parts: Lanes<u16>,
    }
}
