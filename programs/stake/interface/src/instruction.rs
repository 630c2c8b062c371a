//! Instructions. Discriminants: users 0 to 15, set-up from 32.

use {
    joule_interface::{Address, instruction},
    joule_math::{Bps, Seconds, Shares, Tokens},
};

instruction! {
    /// Takes part of a provider's free stake as collateral for a job, in a new [`Bond`](crate::state::Bond). The
    /// provider and the slasher sign. Refused while the network is paused.
    ///
    /// The provider's own stake, as its shares are worth now and rounded down, must reach the pool's minimum.
    pub LockBond(LockBondArgs) = 0 {
        accounts {
            /// Pays the bond's rent.
            payer: [signer, writable],
            /// The provider's authority.
            authority: [signer],
            /// Authority of the slasher.
            slasher_authority: [signer],
            /// The slasher.
            slasher: [],
            /// The network.
            network: [],
            /// The pool.
            pool: [],
            /// The provider.
            provider: [writable],
            /// The bond to create.
            bond: [writable],
            /// System program.
            system_program: [],
        }
        args {
            /// The job.
            job: Address,
            /// How much.
            amount: Tokens,
        }
    }
}
instruction! {
    /// Gives a job's collateral back to the provider and closes the bond.
    pub ReleaseBond(ReleaseBondArgs) = 1 {
        accounts {
            /// Authority of the slasher.
            slasher_authority: [signer],
            /// The slasher that locked it.
            slasher: [],
            /// The provider.
            provider: [writable],
            /// The bond.
            bond: [writable],
            /// Who paid the bond's rent, and gets it back.
            rent_receiver: [writable],
        }
        args {}
    }
}
instruction! {
    /// Puts tokens behind a provider: buys shares of its active pot. Tokens are counted as the vault receives them.
    /// Refused while the network is paused.
    pub Stake(StakeArgs) = 2 {
        accounts {
            /// Owner of the tokens and of the delegation.
            owner: [signer],
            /// The network.
            network: [],
            /// The pool.
            pool: [],
            /// The provider.
            provider: [writable],
            /// The owner's delegation.
            delegation: [writable],
            /// Token account that pays.
            source: [writable],
            /// The pool's vault.
            vault: [writable],
            /// The pool's mint.
            mint: [],
            /// The mint's token program.
            token_program: [],
        }
        args {
            /// Tokens to stake.
            amount: Tokens,
        }
    }
}
instruction! {
    /// Moves shares from the active pot to the unbonding pot, into a new ticket. What backs running jobs cannot leave.
    pub Unstake(UnstakeArgs) = 3 {
        accounts {
            /// Pays the ticket's rent.
            payer: [signer, writable],
            /// Owner of the delegation.
            owner: [signer],
            /// The pool.
            pool: [],
            /// The provider.
            provider: [writable],
            /// The owner's delegation.
            delegation: [writable],
            /// The ticket to create.
            unbonding: [writable],
            /// System program.
            system_program: [],
        }
        args {
            /// Shares to take out.
            shares: Shares,
        }
    }
}
instruction! {
    /// Pays out a ripe ticket and closes it. A ticket that slashing left worth nothing is closed all the same.
    pub Withdraw(WithdrawArgs) = 4 {
        accounts {
            /// Owner of the ticket.
            owner: [signer],
            /// The pool.
            pool: [],
            /// The provider.
            provider: [writable],
            /// The ticket.
            unbonding: [writable],
            /// The pool's vault.
            vault: [writable],
            /// Token account that receives.
            destination: [writable],
            /// The pool's mint.
            mint: [],
            /// The mint's token program.
            token_program: [],
            /// Who paid the ticket's rent, and gets it back.
            rent_receiver: [writable],
        }
        args {}
    }
}
instruction! {
    /// Creates a network's pool for a mint. A mint that could take, freeze, tax or hide tokens is refused.
    pub CreatePool(CreatePoolArgs) = 32 {
        accounts {
            /// Pays the rent.
            payer: [signer, writable],
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [],
            /// The pool to create.
            pool: [writable],
            /// Its vault to create.
            vault: [writable],
            /// What is staked.
            mint: [],
            /// The mint's token program.
            token_program: [],
            /// System program.
            system_program: [],
        }
        args {
            /// Least stake with which a provider may take jobs.
            min_self_stake: Tokens,
            /// How long stake stays at risk after it left: 1 hour to 1 year.
            unbonding: Seconds,
        }
    }
}
instruction! {
    /// Registers a provider.
    pub RegisterProvider(RegisterProviderArgs) = 33 {
        accounts {
            /// Pays the rent.
            payer: [signer, writable],
            /// Runs it, and takes jobs.
            authority: [signer],
            /// The pool.
            pool: [],
            /// The provider to create.
            provider: [writable],
            /// System program.
            system_program: [],
        }
        args {
            /// Its part of its delegators' rewards: at most the whole.
            commission: Bps,
        }
    }
}
instruction! {
    /// Opens an owner's delegation to a provider.
    pub OpenDelegation(OpenDelegationArgs) = 34 {
        accounts {
            /// Pays the rent.
            payer: [signer, writable],
            /// The owner.
            owner: [],
            /// The provider.
            provider: [],
            /// The delegation to create.
            delegation: [writable],
            /// System program.
            system_program: [],
        }
        args {}
    }
}
instruction! {
    /// Allows an authority to lock, release and slash a pool's stake.
    pub AddSlasher(AddSlasherArgs) = 35 {
        accounts {
            /// Pays the rent.
            payer: [signer, writable],
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [],
            /// The pool.
            pool: [],
            /// The slasher's authority.
            slasher_authority: [],
            /// The slasher to create.
            slasher: [writable],
            /// System program.
            system_program: [],
        }
        args {}
    }
}
