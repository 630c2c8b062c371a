//! Instructions.

use {
    joule_interface::instruction,
    joule_math::{Bps, Credits, Seconds, Tokens},
};

instruction! {
    /// Opens a vault in a network, and its credit account.
    pub OpenVault(OpenVaultArgs) = 0 {
        accounts {
            /// Pays the rent.
            payer: [signer, writable],
            /// Authority of the new vault.
            authority: [signer],
            /// The network.
            network: [],
            /// The vault to create.
            vault: [writable],
            /// Its credit account to open.
            credit_account: [writable],
            /// `bme`.
            bme_program: [],
            /// System program.
            system_program: [],
        }
        args {}
    }
}
instruction! {
    /// Opens a user's account, with a limit of nothing.
    pub OpenUser(OpenUserArgs) = 1 {
        accounts {
            /// Pays the rent.
            payer: [signer, writable],
            /// The user.
            owner: [],
            /// The vault.
            vault: [],
            /// The user's account to create.
            user: [writable],
            /// System program.
            system_program: [],
        }
        args {}
    }
}
instruction! {
    /// Buys credits for the vault with a user's tokens: its limit rises by what they buy.
    pub Fund(FundArgs) = 2 {
        accounts {
            /// Owner of the tokens.
            buyer: [signer],
            /// The vault.
            vault: [writable],
            /// The user to credit.
            user: [writable],
            /// The network.
            network: [],
            /// The vault's credits.
            credit_account: [writable],
            /// Token account that pays.
            source: [writable],
            /// Any burn shard of the network.
            burn_shard: [writable],
            /// The shard's vault.
            burn_vault: [writable],
            /// The network's token.
            mint: [],
            /// Pyth price update of the network's feed.
            price_update: [],
            /// The mint's token program.
            token_program: [],
            /// `bme`.
            bme_program: [],
        }
        args {
            /// Tokens to spend.
            tokens: Tokens,
            /// Fewest credits to accept.
            min_credits: Credits,
        }
    }
}
instruction! {
    /// Posts a job for a user, whose limit is lowered by all that it may cost. The provider is looked at first.
    pub Request(RequestArgs) = 3 {
        accounts {
            /// Pays the rent.
            payer: [signer, writable],
            /// The user.
            owner: [signer],
            /// The vault.
            vault: [writable],
            /// The user's account.
            user: [writable],
            /// The request to create.
            request: [writable],
            /// The market.
            market: [],
            /// The market's stake pool.
            pool: [],
            /// The provider in the pool.
            provider: [],
            /// A machine of the provider's, where a class is asked for.
            node: [optional],
            /// The job to create.
            job: [writable],
            /// The network.
            network: [],
            /// The vault's credits.
            credit_account: [writable],
            /// `escrow`'s spender.
            spender: [],
            /// `escrow`'s authority in the network.
            escrow_authority: [],
            /// `bme`.
            bme_program: [],
            /// `escrow`.
            escrow_program: [],
            /// System program.
            system_program: [],
        }
        args {
            /// Content hash of what is to be done.
            definition: [u8; 32],
            /// Length.
            duration: Seconds,
            /// Collateral that the provider must have free.
            bond: Tokens,
            /// Least reliability of the provider.
            reliability: Bps,
            /// Class of the provider's machine; zero asks for none.
            class: u32,
        }
    }
}
instruction! {
    /// Takes back a job that has not started, and settles it.
    pub Withdraw(WithdrawArgs) = 4 {
        accounts {
            /// The user.
            owner: [signer],
            /// The vault.
            vault: [writable],
            /// The user's account.
            user: [writable],
            /// The request; it is closed.
            request: [writable],
            /// Who paid its rent.
            rent_receiver: [writable],
            /// The job.
            job: [writable],
            /// The network.
            network: [],
            /// The vault's credits.
            credit_account: [writable],
            /// `escrow`'s spender.
            spender: [],
            /// `escrow`'s authority in the network.
            escrow_authority: [],
            /// `bme`.
            bme_program: [],
            /// `escrow`.
            escrow_program: [],
        }
        args {}
    }
}
instruction! {
    /// Stops a running job without a bond, and settles it.
    pub Stop(StopArgs) = 5 {
        accounts {
            /// The user.
            owner: [signer],
            /// The vault.
            vault: [writable],
            /// The user's account.
            user: [writable],
            /// The request; it is closed.
            request: [writable],
            /// Who paid its rent.
            rent_receiver: [writable],
            /// The job.
            job: [writable],
            /// The network.
            network: [],
            /// The vault's credits.
            credit_account: [writable],
            /// The provider's work.
            provider_work: [writable],
            /// Any work shard of the market's lane.
            work_shard: [writable],
            /// `escrow`'s spender.
            spender: [],
            /// `escrow`'s authority in the network.
            escrow_authority: [],
            /// `bme`.
            bme_program: [],
            /// `escrow`.
            escrow_program: [],
            /// `escrow`'s halt clock.
            halt_clock: [],
        }
        args {}
    }
}
instruction! {
    /// Gives a user back what a job that ended did not cost. Anyone may call. Where the job is gone, nobody can say what it cost:
    /// all of it, until the vault's authority grants the rest.
    pub Settle(SettleArgs) = 6 {
        accounts {
            /// The vault.
            vault: [writable],
            /// The user's account.
            user: [writable],
            /// The request; it is closed.
            request: [writable],
            /// Who paid its rent.
            rent_receiver: [writable],
            /// The job.
            job: [],
        }
        args {}
    }
}
instruction! {
    /// Raises a user's limit by credits of the vault that nobody is promised.
    pub Grant(GrantArgs) = 7 {
        accounts {
            /// Authority of the vault.
            authority: [signer],
            /// The vault.
            vault: [writable],
            /// The user's account.
            user: [writable],
            /// The vault's credits.
            credit_account: [],
        }
        args {
            /// How many.
            credits: Credits,
        }
    }
}
instruction! {
    /// Claims what a network's reward roots say that the vault has earned, such as a rebate, for whom the vault's authority
    /// chooses.
    pub Rebate(RebateArgs) = 8 {
        accounts {
            /// Authority of the vault.
            authority: [signer],
            /// The vault.
            vault: [],
            /// The network.
            network: [],
            /// The network's oracles.
            oracle_set: [],
            /// The active root.
            reward_root: [writable],
            /// What the vault was paid.
            root_claim: [writable],
            /// Vault of the roots.
            root_vault: [writable],
            /// Token account that receives.
            destination: [writable],
            /// The network's token.
            mint: [],
            /// The mint's token program.
            token_program: [],
            /// `bme`.
            bme_program: [],
        }
        args {
            /// What the leaf says: earned by the root before.
            previous_total: Tokens,
            /// What the leaf says: ever earned.
            total: Tokens,
            /// Place of the leaf.
            index: u32,
        }
        tail {
            /// The sibling hashes from the leaf up.
            proof: [[u8; 32]],
        }
    }
}
instruction! {
    /// Closes the network's epoch, as any keeper may, so that the vault's providers are paid.
    pub Crank(CrankArgs) = 9 {
        accounts {
            /// Pays the epoch's rent.
            payer: [signer, writable],
            /// The network.
            network: [writable],
            /// The epoch.
            epoch: [writable],
            /// The network's token.
            mint: [writable],
            /// The network's reward vault.
            reward_vault: [writable],
            /// The network's account for stakers.
            stakers: [writable],
            /// The network's treasury.
            treasury: [writable],
            /// The mint's token program.
            token_program: [],
            /// System program.
            system_program: [],
            /// The network's price account.
            price_update: [],
            /// `bme`.
            bme_program: [],
        }
        remaining {
            /// A work shard of the network.
            work_shards: [writable],
        }
        args {
            /// Which epoch to close.
            epoch: u64,
        }
    }
}
