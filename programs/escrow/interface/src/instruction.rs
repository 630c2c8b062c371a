//! Instructions. Discriminants: users 0 to 15, cranks 16 to 31, set-up from 32.

use {
    crate::state::Terms,
    joule_interface::{Address, instruction},
    joule_math::Seconds,
};

instruction! {
    /// Posts a job for a named provider and locks what it may cost: `price * duration` credits of the client. Refused
    /// while the network is paused.
    pub PostJob(PostJobArgs) = 0 {
        accounts {
            /// Pays the job's rent.
            payer: [signer, writable],
            /// Owner of the credits.
            client: [signer],
            /// The market.
            market: [],
            /// The job to create.
            job: [writable],
            /// The network.
            network: [],
            /// The client's credits.
            credit_account: [writable],
            /// This program's spender.
            spender: [],
            /// This program's authority in the network.
            escrow_authority: [],
            /// `bme`.
            bme_program: [],
            /// System program.
            system_program: [],
        }
        args {
            /// A number that the client has not used yet.
            nonce: u64,
            /// Who is to work.
            provider: Address,
            /// Content hash of what is to be done.
            definition: [u8; 32],
            /// Paid length.
            duration: Seconds,
        }
    }
}
instruction! {
    /// Starts a posted job: from now on it is paid by the second. Locks the bond that the terms ask for. Refused while
    /// the network is paused.
    pub StartJob(StartJobArgs) = 1 {
        accounts {
            /// The provider; pays the bond's rent.
            provider_authority: [signer, writable],
            /// The job.
            job: [writable],
            /// The network.
            network: [],
            /// The provider's pool.
            pool: [],
            /// The provider in the pool.
            provider: [writable],
            /// The node that it runs on, where the terms ask for a class.
            node: [optional],
            /// The bond to create, where the terms ask for one.
            bond: [writable, optional],
            /// This program's slasher in the pool, where the terms ask for a bond.
            slasher: [optional],
            /// This program's authority in the network.
            escrow_authority: [],
            /// `stake`.
            stake_program: [],
            /// System program.
            system_program: [],
        }
        args {
            /// [`Job::posting`](crate::state::Job::posting) of the job that the provider saw: its client can close it and
            /// post another in its place, with other terms.
            posting: u64,
        }
    }
}
instruction! {
    /// Pays the provider what is due up to now. Anyone may call, at any time while the job runs. When nothing is due it
    /// does nothing, and does not fail: others may have settled first, and a batch must not fail for that.
    pub SettleJob(SettleJobArgs) = 16 {
        accounts {
            /// The job.
            job: [writable],
            /// The network.
            network: [],
            /// The client's credits.
            credit_account: [writable],
            /// The provider's work.
            provider_work: [writable],
            /// Any work shard of the network.
            work_shard: [writable],
            /// This program's spender.
            spender: [],
            /// This program's authority in the network.
            escrow_authority: [],
            /// `bme`.
            bme_program: [],
        }
        args {}
    }
}
instruction! {
    /// Ends a running job: pays what is due to this second, gives the rest back to the client and the bond to the
    /// provider. The provider gives the result; the client may stop the job; anyone may once its time is up.
    pub FinishJob(FinishJobArgs) = 2 {
        accounts {
            /// Client, provider, or anyone once the time is up.
            caller: [signer],
            /// The job.
            job: [writable],
            /// The network.
            network: [],
            /// The client's credits.
            credit_account: [writable],
            /// The provider's work.
            provider_work: [writable],
            /// Any work shard of the network.
            work_shard: [writable],
            /// This program's spender.
            spender: [],
            /// This program's authority in the network.
            escrow_authority: [],
            /// The provider in the pool, where there is a bond.
            provider: [writable, optional],
            /// The bond, where there is one.
            bond: [writable, optional],
            /// This program's slasher in the pool, where there is a bond.
            slasher: [optional],
            /// Who paid the bond's rent, where there is a bond.
            bond_payer: [writable, optional],
            /// `bme`.
            bme_program: [],
            /// `stake`.
            stake_program: [],
        }
        args {
            /// Content hash of the result; zero unless the provider calls.
            result: [u8; 32],
        }
    }
}
instruction! {
    /// Takes back a job that has not started: the client at any time, anyone once the time to start has passed.
    pub CancelJob(CancelJobArgs) = 3 {
        accounts {
            /// Client, or anyone once the time to start has passed.
            caller: [signer],
            /// The job.
            job: [writable],
            /// The client's credits.
            credit_account: [writable],
            /// This program's spender.
            spender: [],
            /// This program's authority in the network.
            escrow_authority: [],
            /// `bme`.
            bme_program: [],
        }
        args {}
    }
}
instruction! {
    /// Closes a job that ended. Anyone may call; the rent goes to whoever paid it.
    pub CloseJob(CloseJobArgs) = 17 {
        accounts {
            /// The job.
            job: [writable],
            /// Who paid its rent, and gets it back.
            rent_receiver: [writable],
        }
        args {}
    }
}
instruction! {
    /// Creates a market. The first of a network needs this program's spender to be there.
    pub CreateMarket(CreateMarketArgs) = 32 {
        accounts {
            /// Pays the rent.
            payer: [signer, writable],
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [],
            /// The market to create.
            market: [writable],
            /// The network's stake pool for this market.
            pool: [],
            /// This program's spender in the network.
            spender: [],
            /// This program's authority in the network.
            escrow_authority: [],
            /// System program.
            system_program: [],
        }
        args {
            /// Its number.
            id: u64,
            /// Price above zero; `0 < min_duration <= max_duration`; a start window of 1 second to 1 week;
            /// `price * max_duration` fits.
            terms: Terms,
        }
    }
}
