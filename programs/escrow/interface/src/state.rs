//! Account layouts. Little-endian, in place, no implicit padding; `reserved` bytes are zero.

use {
    joule_interface::{Address, Header, account, constants, layout},
    joule_math::{Credits, Overflow, Seconds, Timestamp, Tokens},
};

layout! {
    /// What a market offers; copied into each job, so that a later change never touches one that is posted.
    #[repr(C)]
    pub struct Terms {
        /// Price of a second.
        pub price: Credits,
        /// Collateral that the provider locks for the job; none is zero.
        pub bond: Tokens,
        /// Shortest job.
        pub min_duration: Seconds,
        /// Longest job.
        pub max_duration: Seconds,
        /// How long the provider has to start.
        pub start_window: Seconds,
        /// Hardware class that the provider's node must have; zero asks for no node.
        pub class: u32,
    }
}

account! {
    /// A kind of work and its terms. Read-only while jobs run.
    pub struct Market: kind 1, size 256 {
        /// Kind 1.
        pub header: Header,
        /// Network.
        pub network: Address,
        /// Its number.
        pub id: u64,
        /// Stake pool in which providers must stand.
        pub pool: Address,
        /// Spender account of this program in `bme`.
        pub spender: Address,
        /// Terms of new jobs.
        pub terms: Terms,
        /// Bump of the network's [`authority`](crate::pda::authority).
        pub authority_bump: u8,
        /// Zero.
        pub reserved: [u8; 111],
    }
}

constants! {
    /// Values of [`Job::state`].
    pub mod job_state {
        /// Waits for its provider.
        pub const POSTED: u8 = 1;
        /// Runs and is paid by the second.
        pub const RUNNING: u8 = 2;
        /// Ended; all is paid or given back.
        pub const FINISHED: u8 = 3;
        /// Never started; all is given back.
        pub const CANCELLED: u8 = 4;
    }
}

account! {
    /// A job: who works for whom, on which terms, and what was paid. `deposit = paid + refunded + held`, always; `held = 0`
    /// once it ended.
    ///
    /// 512 bytes, so that reading a job needs no other account: all terms are copied in. The rent goes back to whoever paid
    /// it.
    pub struct Job: kind 2, size 512 {
        /// Kind 2.
        pub header: Header,
        /// Market.
        pub market: Address,
        /// Network.
        pub network: Address,
        /// Who pays.
        pub client: Address,
        /// Who works.
        pub provider: Address,
        /// The client's credits in `bme`.
        pub credit_account: Address,
        /// Pool in which the provider must stand.
        pub pool: Address,
        /// The bond in `stake`; zero while there is none.
        pub bond: Address,
        /// The node that it runs on; zero where the market asks for none.
        pub node: Address,
        /// Who paid the rent.
        pub payer: Address,
        /// Content hash of what is to be done.
        pub definition: [u8; 32],
        /// Content hash of what came out; zero until then.
        pub result: [u8; 32],
        /// Terms at posting.
        pub terms: Terms,
        /// Credits locked at posting.
        pub deposit: Credits,
        /// Credits consumed for the provider.
        pub paid: Credits,
        /// Credits given back.
        pub refunded: Credits,
        /// Credits still locked.
        pub held: Credits,
        /// Until when the provider must start.
        pub start_by: Timestamp,
        /// When it started.
        pub started: Timestamp,
        /// When its time is up.
        pub ends: Timestamp,
        /// Up to when it is paid.
        pub settled: Timestamp,
        /// Counts this account's events.
        pub sequence: u64,
        /// Which posting it is, as a number may be used again: the sequence of the credit account's event that locked the
        /// deposit.
        pub posting: u64,
        /// Paid length.
        pub duration: Seconds,
        /// One of [`job_state`].
        pub state: u8,
        /// Copied from the market.
        pub authority_bump: u8,
        /// Zero.
        pub reserved: [u8; 34],
    }
}

impl Job {
    /// What the provider has earned and was not paid at `now`: whole seconds that the job ran, never more than is held.
    pub fn due(&self, now: Timestamp) -> Result<Credits, Overflow> {
        let until = now.min(self.ends);
        Ok(self.terms.price.times(until.since(self.settled))?.min(self.held))
    }
}
