//! Bonds in `stake`: accounts that lock one, and the instruction that settles one.

use joule_interface::{accounts, instruction};

accounts! {
    /// What locks a bond in `stake`.
    pub struct BondAccounts {
        /// The network.
        network: [],
        /// The pool.
        pool: [],
        /// The provider in the pool.
        provider: [writable],
        /// The bond to fill or to create.
        bond: [writable],
        /// This program's slasher in the pool.
        slasher: [],
        /// This program's authority in the network.
        escrow_authority: [],
        /// `stake`.
        stake_program: [],
        /// Pays the rent of a bond that is created.
        payer: [signer, writable],
        /// System program, if a bond is created.
        system_program: [optional],
    }
}

accounts! {
    /// What settles a bond and a report with `stake`.
    pub struct SettlementAccounts {
        /// The provider in the pool.
        provider: [writable],
        /// This program's slasher in the pool.
        slasher: [],
        /// This program's authority in the network.
        escrow_authority: [],
        /// `stake`.
        stake_program: [],
        /// The bond, if there is one.
        bond: [writable, optional],
        /// Whoever paid the bond's rent, if there is a bond.
        bond_payer: [writable, optional],
        /// The pool, if a part of the bond is seized.
        pool: [optional],
        /// The pool's vault, if a part of the bond is seized.
        vault: [writable, optional],
        /// The pool's mint, if a part is burned: of a replica's or of a gang member's bond, of one for an auctioned or reserved job of a class
        /// before its start, or for a hand-back. Else left out: what is seized of a job's bond is the client's ticket, which `stake` pays.
        receiver: [writable, optional],
        /// The pool's mint, if a part of the bond is seized.
        mint: [optional],
        /// The mint's token program, if a part of the bond is seized.
        token_program: [optional],
    }
}

instruction! {
    /// Settles with `stake` what a job that ended left there: seizes the client's part of the bond, releases the rest to the
    /// provider, and reports how the job went. Anyone may call. Paying a job never waits for this. The events are those of `stake`.
    ///
    /// If the network took away this program's rights in the pool, nothing is seized or reported. The provider may then have taken
    /// its bond back itself, and nothing is released.
    ///
    /// Of more jobs of the same provider, the bonds are released by one call of `stake`. Passed over, with the event
    /// [`JobPassedOver`](crate::event::JobPassedOver), are those for which the instruction alone would fail, those of whose bond a part is to be
    /// seized, those without a bond, and those whose bond another paid the rent of; call it for each of these alone. It fails if it settles
    /// none. A keeper's tip is for one job: with more, none is due.
    pub SettleBond(SettleBondArgs) = 19 {
        accounts {
            /// The job.
            job: [writable],
            ..settlement: SettlementAccounts,
        }
        remaining {
            /// First more jobs of the provider, then the bond of each.
            jobs_and_bonds: [writable],
        }
        args {}
    }
}
