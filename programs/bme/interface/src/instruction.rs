//! Instructions. Discriminants: users 0 to 15, cranks 16 to 31, set-up from 32.

use {
    joule_interface::{Address, instruction},
    joule_math::{Bps, Credits, Seconds, Timestamp, Tokens},
};

instruction! {
    /// Gives `tokens` to a burn shard and issues credits for them at the low side of the price:
    /// `min(price - conf, ema_price - ema_conf)`. Anyone may buy for any owner.
    ///
    /// Writes no account that all users share: callers spread themselves over the burn shards.
    pub BuyCredits(BuyCreditsArgs) = 0 {
        accounts {
            /// Owner of the tokens.
            buyer: [signer],
            /// The network.
            network: [],
            /// Receives the credits.
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
        }
        args {
            /// Tokens to spend, base units.
            tokens: Tokens,
            /// Fewest credits to accept.
            min_credits: Credits,
        }
    }
}
instruction! {
    /// Sets credits of the owner aside for the spender. Both sign.
    pub LockCredits(LockCreditsArgs) = 1 {
        accounts {
            /// Owner of the credits.
            owner: [signer],
            /// Authority of the spender.
            spender_authority: [signer],
            /// The spender.
            spender: [],
            /// The network.
            network: [],
            /// The owner's credits.
            credit_account: [writable],
        }
        args {
            /// How many.
            amount: Credits,
            /// What for: appears in the event.
            reference: Address,
        }
    }
}
instruction! {
    /// Gives locked credits back to their owner.
    pub UnlockCredits(UnlockCreditsArgs) = 2 {
        accounts {
            /// Authority of the spender.
            spender_authority: [signer],
            /// The spender.
            spender: [],
            /// The owner's credits.
            credit_account: [writable],
        }
        args {
            /// How many.
            amount: Credits,
            /// What they were locked for: appears in the event.
            reference: Address,
        }
    }
}
instruction! {
    /// Turns locked credits into a provider's work of the open epoch.
    ///
    /// Writes no account that all users share: callers spread themselves over the work shards.
    pub ConsumeCredits(ConsumeCreditsArgs) = 3 {
        accounts {
            /// Authority of the spender.
            spender_authority: [signer],
            /// The spender.
            spender: [],
            /// The network.
            network: [],
            /// The owner's credits.
            credit_account: [writable],
            /// The provider's work.
            provider_work: [writable],
            /// Any work shard of the network.
            work_shard: [writable],
        }
        args {
            /// How many.
            amount: Credits,
            /// What they were locked for: appears in the event.
            reference: Address,
        }
    }
}
instruction! {
    /// Pays a provider what it has accrued.
    pub ClaimRewards(ClaimRewardsArgs) = 4 {
        accounts {
            /// The provider.
            provider: [signer],
            /// The network.
            network: [],
            /// The provider's work.
            provider_work: [writable],
            /// The network's reward vault.
            reward_vault: [writable],
            /// Any token account that the provider chooses.
            destination: [writable],
            /// The network's token.
            mint: [],
            /// The mint's token program.
            token_program: [],
        }
        args {}
    }
}
instruction! {
    /// Burns what a burn shard holds. Anyone may call.
    pub BurnTokens(BurnTokensArgs) = 16 {
        accounts {
            /// The network.
            network: [],
            /// The shard.
            burn_shard: [writable],
            /// Its vault.
            burn_vault: [writable],
            /// The network's token.
            mint: [writable],
            /// The mint's token program.
            token_program: [],
        }
        args {}
    }
}
instruction! {
    /// Closes the open epoch once it has ended, and folds work shards into it. Anyone may call, with any of the shards
    /// as remaining accounts (writable), as often as it takes; the call that folds the last one mints the emission.
    ///
    /// Work never waits: with the first call the next epoch is open. One that is closed late is longer.
    pub CloseEpoch(CloseEpochArgs) = 17 {
        accounts {
            /// Pays the epoch's rent.
            payer: [signer, writable],
            /// The network.
            network: [writable],
            /// The epoch; the first call creates it.
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
        }
        args {
            /// Which epoch to close.
            epoch: u64,
        }
    }
}
instruction! {
    /// Turns a provider's work of a settled epoch into tokens: `floor(emission * work / worked)`. Anyone may call.
    pub AccrueWork(AccrueWorkArgs) = 18 {
        accounts {
            /// The provider's work.
            provider_work: [writable],
            /// The epoch.
            epoch: [writable],
        }
        args {}
    }
}
instruction! {
    /// Creates a network for a mint, whose mint authority passes to it. A mint with a freeze authority, or with a
    /// Token-2022 extension that could take, freeze, tax or hide tokens, is refused.
    pub CreateNetwork(CreateNetworkArgs) = 32 {
        accounts {
            /// Pays the rent.
            payer: [signer, writable],
            /// Authority of the new network.
            authority: [signer],
            /// Present authority of the mint.
            mint_authority: [signer],
            /// The token.
            mint: [writable],
            /// The network to create.
            network: [writable],
            /// The reward vault to create.
            reward_vault: [writable],
            /// Token account for the stakers' part.
            stakers: [],
            /// Token account for the treasury's part.
            treasury: [],
            /// The mint's token program.
            token_program: [],
            /// System program.
            system_program: [],
        }
        args {
            /// May pause.
            guardian: Address,
            /// Program that owns price accounts.
            price_receiver: Address,
            /// The one price account to accept, or zero.
            price_account: Address,
            /// Price feed.
            feed_id: [u8; 32],
            /// Start of the first epoch; not in the past.
            starts: Timestamp,
            /// Emission of the first epoch.
            initial_emission: Tokens,
            /// Maximum supply.
            max_supply: Tokens,
            /// Length of an epoch: at least an hour.
            epoch_duration: Seconds,
            /// Epochs between two steps of decay; at least 1.
            decay_step: u32,
            /// Oldest acceptable price; 1 second to 1 hour.
            max_price_age: Seconds,
            /// Decay at each step.
            decay: Bps,
            /// Widest acceptable confidence interval; 1 to 1,000.
            max_confidence: Bps,
            /// Providers' part; with the stakers' at most the whole.
            providers_share: Bps,
            /// Stakers' part.
            stakers_share: Bps,
        }
    }
}
instruction! {
    /// Adds a burn shard with its vault, and a work shard, of the next index.
    pub AddShard(AddShardArgs) = 33 {
        accounts {
            /// Pays the rent.
            payer: [signer, writable],
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [writable],
            /// The burn shard to create.
            burn_shard: [writable],
            /// Its vault to create.
            burn_vault: [writable],
            /// The work shard to create.
            work_shard: [writable],
            /// The network's token.
            mint: [],
            /// The mint's token program.
            token_program: [],
            /// System program.
            system_program: [],
        }
        args {}
    }
}
instruction! {
    /// Allows an authority to lock and consume credits.
    pub AddSpender(AddSpenderArgs) = 34 {
        accounts {
            /// Pays the rent.
            payer: [signer, writable],
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [writable],
            /// The spender's authority.
            spender_authority: [],
            /// The spender to create.
            spender: [writable],
            /// System program.
            system_program: [],
        }
        args {}
    }
}
instruction! {
    /// Opens an owner's account for credits. Anyone may open it for any owner.
    pub OpenCreditAccount(OpenCreditAccountArgs) = 35 {
        accounts {
            /// Pays the rent.
            payer: [signer, writable],
            /// The network.
            network: [],
            /// The owner.
            owner: [],
            /// The account to create.
            credit_account: [writable],
            /// System program.
            system_program: [],
        }
        args {}
    }
}
instruction! {
    /// Opens a provider's record of work. Anyone may open it for any provider.
    pub OpenProviderWork(OpenProviderWorkArgs) = 36 {
        accounts {
            /// Pays the rent.
            payer: [signer, writable],
            /// The network.
            network: [],
            /// The provider.
            provider: [],
            /// The record to create.
            provider_work: [writable],
            /// System program.
            system_program: [],
        }
        args {}
    }
}
