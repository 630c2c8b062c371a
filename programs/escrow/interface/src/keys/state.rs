//! Keys of an identity.

use {
    crate::state::MAX_LIMITS,
    joule_interface::{Address, Header, account, constants, layout},
    joule_math::{Seconds, Timestamp},
};

layout! {
    /// How much of one account the hot key may put at risk in a window.
    #[repr(C)]
    pub struct BondLimit {
        /// The identity's `Provider` in `stake`, or its deposit for dispute bonds; zero: this place is free.
        pub account: Address,
        /// Most that jobs and disputes may hold of it in a window, base units.
        pub limit: u64,
        /// Start of the window.
        pub window_started_at: Timestamp,
        /// What they held when the window began, and what the hot key bonded since, base units.
        pub used: u64,
    }
}

account! {
    /// An identity: its address is the provider, the claimant or the attestor. No key signs for that address; this program does, for
    /// whoever this account names, and only for what that one may do ([`Act`](crate::instruction::Act)). So a key that is lost or
    /// stolen is replaced, and nothing moves.
    ///
    /// - The **manager** is kept cold. It replaces the hot key at once, and alone takes stake out.
    /// - The **hot key** works: it takes jobs, beats, delivers, attests. It moves no money but into bonds, within limits.
    /// - The **payee** gets all that the identity earns, and all stake that comes back, by anyone's call
    ///   ([`PayOut`](crate::instruction::PayOut)).
    /// - The **recovery key** can only cancel a change of manager, payee and recovery key, while it waits.
    pub struct Keys: discriminator 20, size 640 {
        /// Discriminator 20.
        pub header: Header,
        /// The manager.
        pub manager: Address,
        /// The hot key; zero: none.
        pub hot_key: Address,
        /// Owner of the token accounts that are paid: the associated one of each mint.
        pub payee: Address,
        /// The recovery key; zero: none.
        pub recovery: Address,
        /// The manager that a waiting change names.
        pub next_manager: Address,
        /// The payee that it names.
        pub next_payee: Address,
        /// The recovery key that it names.
        pub next_recovery: Address,
        /// From when anyone can execute the change; 0: none waits.
        pub executable_at: Timestamp,
        /// Seed of this address: the manager that opened it. It has no right any more once another is manager.
        pub opened_by: Address,
        /// Seed of this address: the number that this manager gave it.
        pub id: u64,
        /// Paid the rent.
        pub payer: Address,
        /// Counts this account's events.
        pub sequence: u64,
        /// How long a change waits, seconds: 1 hour to 1 year.
        pub change_delay: Seconds,
        /// Length of the windows in which bonds are limited, seconds: 1 hour to 1 year; 0 while there is no hot key.
        pub window: Seconds,
        /// What the hot key may do, a sum of [`hot_right`].
        pub rights: u8,
        /// Zero.
        pub reserved0: [u8; 7],
        /// What the hot key may bond.
        pub limits: [BondLimit; MAX_LIMITS],
        /// Zero.
        pub reserved: [u8; 80],
    }
}

constants! {
    /// Values of [`Keys::rights`].
    pub mod hot_right {
        /// Takes jobs, in queues, auctions and panels; beats, delivers, finishes; plays games.
        pub const WORK: u8 = 1;
        /// Attests in `identity`, and takes its word back.
        pub const ATTEST: u8 = 2;
        /// All of them.
        pub const ALL: u8 = 3;
    }
}
