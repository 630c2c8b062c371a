//! Instructions. Discriminators: users 0 to 15, cranks 16 to 31, set-up from 32, dollars from 65, keepers from 75.

use {
    crate::{
        pda,
        state::{DollarPolicy, MAX_LANES, MAX_ORACLES, Policy},
    },
    joule_interface::{Address, accounts, instruction},
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
            credit_account: [writable] = pda::credit_account(owner: buyer),
            /// Token account that pays.
            source: [writable],
            /// Any burn shard of the network.
            burn_shard: [writable] = pda::burn_shard(index: burn_shard_index),
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
    /// Sets credits of the owner aside for the spender. Both sign. A spender that the owner approved ([`ApproveSpender`]) needs no
    /// signature of the owner: it passes its authority in both places.
    pub LockCredits(LockCreditsArgs) = 1 {
        accounts {
            /// Owner of the credits; the authority of the spender, if the owner approved it.
            owner: [signer],
            /// Authority of the spender.
            spender_authority: [signer],
            /// The spender.
            spender: [] = pda::spender(authority: spender_authority, lane: lane),
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
    /// Lets a spender lock the owner's credits without the owner's signature, or forbids it again, at once. The owner signs. The approval
    /// ends with the spender: another one in its place has none. What such a spender does with it is up to its program: `escrow` spends
    /// within the mandates that the owner opened, and not otherwise.
    pub ApproveSpender(ApproveSpenderArgs) = 80 {
        accounts {
            /// Owner of the credits.
            owner: [signer],
            /// The spender.
            spender: [],
            /// The owner's credits.
            credit_account: [writable],
        }
        args {
            /// 1 to approve, 0 to end it.
            approved: u8,
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
    /// Turns locked credits into a provider's work in the spender's lane, with the tokens that they carry: of the open epoch, or of
    /// a later one if that should be open by now. What is beyond the lane's limit waits for later epochs, each of which pays for
    /// the same part of it and of new work.
    ///
    /// Writes no account that all users share: callers spread themselves over the work shards.
    pub ConsumeCredits(ConsumeCreditsArgs) = 3 {
        accounts {
            /// Authority of the spender.
            spender_authority: [signer],
            /// The spender.
            spender: [] = pda::spender(authority: spender_authority, lane: lane),
            /// The network.
            network: [],
            /// The owner's credits.
            credit_account: [writable],
            /// The provider's work in the lane.
            provider_work: [writable],
            /// Any work shard of the lane.
            work_shard: [writable] = pda::work_shard(index: work_shard_index),
        }
        args {
            /// How many.
            amount: Credits,
            /// What they were locked for: appears in the event.
            reference: Address,
            /// Now, by the spender's reading of the `Clock`: tells the epoch. Believed, as the spender is: of the epochs that
            /// are not closed it can name any, and each pays by its own policy and work.
            worked_at: Timestamp,
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
            provider_work: [writable] = pda::provider_work(lane: lane),
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
    /// Issues exactly `credits`, for as many tokens as they cost at the price of [`BuyCredits`], rounded up. Anyone may buy for
    /// any owner. Writes no account that all users share.
    pub BuyCreditsExactOut(BuyCreditsExactOutArgs) = 5 {
        accounts {
            /// Owner of the tokens.
            buyer: [signer],
            /// The network.
            network: [],
            /// Receives the credits.
            credit_account: [writable] = pda::credit_account(owner: buyer),
            /// Token account that pays.
            source: [writable],
            /// Any burn shard of the network.
            burn_shard: [writable] = pda::burn_shard(index: burn_shard_index),
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
            /// Most tokens to spend, base units.
            max_tokens: Tokens,
            /// Credits to receive.
            credits: Credits,
        }
    }
}
instruction! {
    /// Accrues a provider's work of several settled epochs, the remaining accounts, and pays all that it has accrued.
    /// Epochs in which it has no work are passed over.
    pub ClaimEpochs(ClaimEpochsArgs) = 6 {
        accounts {
            /// The provider.
            provider: [signer],
            /// The network.
            network: [],
            /// The provider's work.
            provider_work: [writable] = pda::provider_work(lane: lane),
            /// The network's reward vault.
            reward_vault: [writable],
            /// Any token account that the provider chooses.
            destination: [writable],
            /// The network's token.
            mint: [],
            /// The mint's token program.
            token_program: [],
        }
        remaining {
            /// A settled epoch.
            epochs: [writable],
        }
        args {}
    }
}
instruction! {
    /// Gives an owner back all that is locked for spenders that are closed: see [`CloseSpender`].
    pub ReclaimCredits(ReclaimCreditsArgs) = 7 {
        accounts {
            /// Owner of the credits.
            owner: [signer],
            /// The network.
            network: [],
            /// The owner's credits.
            credit_account: [writable],
        }
        args {}
    }
}
instruction! {
    /// Burns free credits of the owner, for no provider: an onboarding fee, a use of the network's data. The tokens that they
    /// carried are nobody's; what the policy gives back of burned tokens can still return to other providers.
    pub BurnCredits(BurnCreditsArgs) = 9 {
        accounts {
            /// Owner of the credits.
            owner: [signer],
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
    /// Gives free credits up for the tokens that they carry, once no epoch has had work for
    /// [`IDLE_PERIOD`](crate::state::IDLE_PERIOD): the owner gets what was paid for them, at no price, out of what epochs since
    /// then did not pay to providers. Tokens that were paid while the network was idle are not given back before it has worked
    /// again. Refused while epochs that have ended are not closed.
    pub GiveUpCredits(GiveUpCreditsArgs) = 10 {
        accounts {
            /// Owner of the credits.
            owner: [signer],
            /// The network.
            network: [writable],
            /// The owner's credits.
            credit_account: [writable],
            /// The network's token.
            mint: [writable],
            /// Any token account that the owner chooses.
            destination: [writable],
            /// The mint's token program.
            token_program: [],
            /// Vault of the network's reserve, if it has one.
            reserve_vault: [writable, optional],
        }
        args {
            /// How many.
            amount: Credits,
        }
    }
}
instruction! {
    /// Closes an owner's account in which no credits are, free or locked; the rent goes to whoever paid it. Opened again, it begins
    /// with nothing. Refused in the second in which it was opened.
    pub CloseCreditAccount(CloseCreditAccountArgs) = 11 {
        accounts {
            /// Owner of the account.
            owner: [signer],
            /// The account; it is closed.
            credit_account: [writable],
            /// Who paid its rent.
            rent_receiver: [writable],
        }
        args {}
    }
}
instruction! {
    /// Closes a provider's record in which no work waits to be accrued, and no tokens to be claimed; the rent goes to whoever paid
    /// it. Until somebody opens it again, nothing can be paid to the provider: spenders keep what they owe it.
    pub CloseProviderWork(CloseProviderWorkArgs) = 12 {
        accounts {
            /// The provider.
            provider: [signer],
            /// Its record; it is closed.
            provider_work: [writable],
            /// Who paid its rent.
            rent_receiver: [writable],
        }
        args {}
    }
}
instruction! {
    /// Closes a claimant's record that no root has paid by; the rent goes to whoever paid it. One that a root has paid by stays:
    /// without it the root would pay again.
    pub CloseRootClaim(CloseRootClaimArgs) = 13 {
        accounts {
            /// The claimant, or who paid the rent.
            closer: [signer],
            /// Its record; it is closed.
            root_claim: [writable],
            /// Who paid its rent.
            rent_receiver: [writable],
        }
        args {}
    }
}
accounts! {
    /// A reward root, and what it pays out of and into.
    pub struct RootAccounts {
        /// The network.
        network: [],
        /// The network's oracles.
        oracle_set: [],
        /// An active root.
        reward_root: [writable] = pda::reward_root(index: root),
        /// What the claimant was paid.
        root_claim: [writable],
        /// Vault of the roots.
        root_vault: [writable],
        /// Any token account that whoever signs chooses.
        destination: [writable],
        /// The network's token.
        mint: [],
        /// The mint's token program.
        token_program: [],
    }
}
instruction! {
    /// Pays a claimant its part of what has opened of an active root, by its part of what the root adds, less what the root paid
    /// it before. As long as a root is not closed it pays, however many came after it.
    ///
    /// A claimant that is owed by several roots claims from the oldest first: once the [`CLAIM_RING`](crate::state::CLAIM_RING)th
    /// root after it has paid, a root pays this claimant no longer.
    ///
    /// See [`crate::merkle`] for leaves and nodes. A proof of more than 20 hashes needs a version 1 transaction.
    pub ClaimRoot(ClaimRootArgs) = 8 {
        accounts {
            /// Who claims.
            claimant: [signer],
            ..root: RootAccounts,
        }
        args {
            /// What the leaf says: earned by the root before.
            previous_total: Tokens,
            /// What the leaf says: ever earned.
            total: Tokens,
            /// Index of the leaf.
            index: u32,
        }
        tail {
            /// The sibling hashes from the leaf up, at most 32.
            proof: [[u8; 32]],
        }
    }
}
instruction! {
    /// Pays what roots say that a machine earned to whoever its NFT belongs to: the claimant of the leaf is the machine's `Node` of
    /// `identity`, so that income follows the NFT. The rest is as in [`ClaimRoot`].
    ///
    /// Its leaf must have been proved within [`NODE_PROOF_AGE`](crate::state::NODE_PROOF_AGE): call `SyncNode` before, in the same
    /// transaction or in one before it. Who buys a machine calls `SyncNode` in the transaction that buys: from then on it is
    /// the buyer who claims, also what was earned before.
    pub ClaimNodeRoot(ClaimNodeRootArgs) = 81 {
        accounts {
            /// The NFT's owner, as last proved.
            owner: [signer],
            /// The machine: the claimant.
            node: [],
            ..root: RootAccounts,
        }
        args {
            /// What the leaf says: earned by the root before.
            previous_total: Tokens,
            /// What the leaf says: ever earned.
            total: Tokens,
            /// Index of the leaf.
            index: u32,
        }
        tail {
            /// The sibling hashes from the leaf up, at most 32.
            proof: [[u8; 32]],
        }
    }
}
instruction! {
    /// Burns what a burn shard received for credits, or sends it to the reserve, if the policy with which the open epoch began says
    /// so; and notes the part that epochs may give back. What else was sent to its vault stays there. Anyone may call.
    pub BurnTokens(BurnTokensArgs) = 16 {
        accounts {
            /// The network.
            network: [writable],
            /// The shard.
            burn_shard: [writable] = pda::burn_shard(index: burn_shard_index),
            /// Its vault.
            burn_vault: [writable],
            /// The network's token.
            mint: [writable],
            /// The mint's token program.
            token_program: [],
            /// Vault of the network's reserve, if it has one.
            reserve_vault: [writable, optional],
        }
        args {}
    }
}
instruction! {
    /// Closes the open epoch once it has ended, and folds work shards into it. Anyone may call, with any of the shards, as
    /// often as it takes; the call that folds the last one mints the emission.
    ///
    /// Work never waits: with the first call the next epoch is open. If several have ended, each is closed by itself and pays
    /// for its own work. Those without work can be passed over: name the first epoch with work, or the last that has ended,
    /// and pass all shards in one call. Without a shard it is refused. What the breaker does not let pass is minted by [`MintDeferred`].
    ///
    /// Where the policy has a payout, the average price must be one of the last hour: see [`UpdateAverage`]. If the oracle is
    /// silent, the epoch closes all the same, at the last average and the side of the band on which the least is minted: a
    /// [`PRICE_GRACE`](crate::state::PRICE_GRACE) after its end where the policy names the price account, an
    /// [`UNPINNED_PRICE_GRACE`](crate::state::UNPINNED_PRICE_GRACE) where it does not.
    pub CloseEpoch(CloseEpochArgs) = 17 {
        accounts {
            /// Pays the epoch's rent.
            payer: [signer, writable],
            /// The network.
            network: [writable],
            /// The epoch; the first call creates it.
            epoch: [writable] = pda::epoch(index: epoch),
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
            /// The price account that the policy names. Looked at only where the average is too old; any account will do
            /// where the policy names none.
            price_update: [],
            /// Vault of the network's reserve, if it has one.
            reserve_vault: [writable, optional],
        }
        remaining {
            /// A work shard of the network that is not folded into the epoch yet.
            work_shards: [writable],
        }
        args {
            /// Which epoch to close: the one that is being closed, the open one, or a later one that has ended.
            epoch: u64,
        }
    }
}
instruction! {
    /// Turns a provider's work of a settled epoch into tokens: its part of the emission is that of the tokens carried by its
    /// credits or, where the operator vouches for every job, of its credits; rounded down. Anyone may call.
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
    /// Moves the network's slow average towards the price: at most by the policy's speed, an hour's worth at most. The first
    /// price is where it begins. Anyone may call.
    pub UpdateAverage(UpdateAverageArgs) = 19 {
        accounts {
            /// The network.
            network: [writable],
            /// Pyth price update of the network's feed.
            price_update: [],
        }
        args {}
    }
}
instruction! {
    /// Mints, or takes from the reserve, what settled epochs decided and the breaker held back, as far as it lets it pass now: providers first. Anyone may
    /// call.
    pub MintDeferred(MintDeferredArgs) = 20 {
        accounts {
            /// The network.
            network: [writable],
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
            /// Vault of the network's reserve, if it has one.
            reserve_vault: [writable, optional],
        }
        args {}
    }
}
instruction! {
    /// Closes an epoch whose work is all accrued: what rounding left of its emission goes to the next epoch's providers, and
    /// the rent to whoever paid it. Anyone may call.
    pub SweepEpoch(SweepEpochArgs) = 21 {
        accounts {
            /// The network.
            network: [writable],
            /// The epoch.
            epoch: [writable],
            /// Who paid its rent.
            rent_receiver: [writable],
        }
        args {}
    }
}
instruction! {
    /// Makes a queued policy the network's. Anyone may call, once its delay has run out and for 14 days, while the open epoch
    /// has not ended. That epoch is still settled by the policy that it began with; if epochs become shorter, it ends with the first
    /// of the new periods that is not over, and pays for its time. A change of feed or receiver forgets the average.
    pub ExecutePolicy(ExecutePolicyArgs) = 22 {
        accounts {
            /// The network.
            network: [writable],
            /// The change; it is closed.
            policy_change: [writable] = pda::policy_change(index: change_index),
            /// Who paid its rent.
            rent_receiver: [writable],
            /// The network's token.
            mint: [],
        }
        args {}
    }
}
instruction! {
    /// Makes a root that ripened unchallenged active: takes what it adds out of the budget of the roots, from now on to open
    /// evenly over the policy's `root_opening_period`. It must add to the total of the newest active root, and no more than the
    /// budget holds. Anyone may call.
    pub ActivateRoot(ActivateRootArgs) = 23 {
        accounts {
            /// The network.
            network: [writable],
            /// The network's oracles.
            oracle_set: [writable],
            /// The root.
            reward_root: [writable] = pda::reward_root(index: reward_root_index),
        }
        args {}
    }
}
instruction! {
    /// Opens what time lets open of an active root, and mints it, as far as the roots' part of the breaker lets it pass; the
    /// rest waits. Tokens that roots which ended left in the vault are used first. Anyone may call.
    pub FundRoots(FundRootsArgs) = 24 {
        accounts {
            /// The network.
            network: [writable],
            /// The network's oracles.
            oracle_set: [writable],
            /// An active root.
            reward_root: [writable] = pda::reward_root(index: reward_root_index),
            /// Vault of the roots.
            root_vault: [writable],
            /// The network's token.
            mint: [writable],
            /// The mint's token program.
            token_program: [],
            /// Vault of the network's reserve, if it has one.
            reserve_vault: [writable, optional],
        }
        args {}
    }
}
instruction! {
    /// Closes a root that has come to its end; the rent goes to whoever paid it. A pending one: once it is outdated, or
    /// [`ROOT_LIFETIME`](crate::state::ROOT_LIFETIME) after its publication. An active one: once it is opened, or stopped, and
    /// either all of that is claimed, or the last opening is
    /// [`ROOT_CLAIM_PERIOD`](crate::state::ROOT_CLAIM_PERIOD) ago; what is unclaimed goes back to the budget. Anyone may call.
    pub CloseRoot(CloseRootArgs) = 25 {
        accounts {
            /// The network.
            network: [writable],
            /// The network's oracles.
            oracle_set: [writable],
            /// The root.
            reward_root: [writable],
            /// Who paid its rent.
            rent_receiver: [writable],
        }
        args {}
    }
}
instruction! {
    /// Makes the proposed oracles the network's, once their delay has run out and for 14 days. Pending roots of those before are
    /// outdated; active ones stay. Anyone may call.
    pub ExecuteOracles(ExecuteOraclesArgs) = 26 {
        accounts {
            /// The network's oracles.
            oracle_set: [writable],
        }
        args {}
    }
}
instruction! {
    /// Closes a revoked spender whose time has run out; the rent goes to whoever paid it. What is locked for it is its owners'
    /// again ([`ReclaimCredits`]), its place another spender's, and its authority may be added again. Anyone may call.
    pub CloseSpender(CloseSpenderArgs) = 27 {
        accounts {
            /// The network.
            network: [writable],
            /// The spender.
            spender: [writable] = pda::spender(authority: spender_authority, lane: lane),
            /// Who paid its rent.
            rent_receiver: [writable],
        }
        args {}
    }
}
instruction! {
    /// Creates a network for a mint, whose mint authority passes to it: one that exists, or one that was created in the same
    /// transaction. If the mint authority or the network's address is also the freeze authority, nobody is from then on: what is
    /// frozen stays so, so thaw it before. A mint with another freeze authority, or with a Token-2022 extension that could take,
    /// freeze, tax or hide tokens, is refused, and so is one of less than [`MIN_DECIMALS`](crate::state::MIN_DECIMALS).
    ///
    /// With a reserve ([`source`](crate::state::source)) nobody can mint the token, the network included: its address is that of
    /// [`pda::reserve_network`], of the mint and the authority that creates it. Anyone fills the reserve by a transfer.
    pub CreateNetwork(CreateNetworkArgs) = 32 {
        accounts {
            /// Pays the rent.
            payer: [signer, writable],
            /// Authority of the new network.
            authority: [signer],
            /// Present authority of the mint. With a reserve: who may freeze, or anyone if nobody may.
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
            /// The vault of the reserve to create, if there is to be one.
            reserve_vault: [writable, optional],
        }
        args {
            /// Start of the first epoch: from now to 30 days ahead, since nothing is minted before the first epoch's end.
            starts_at: Timestamp,
            /// The policy. Its `stakers` and `treasury` are the accounts passed.
            policy: Policy,
            /// Where the tokens come from: one of [`source`](crate::state::source).
            source: u8,
        }
    }
}
instruction! {
    /// Adds a burn shard with its vault, and a work shard of a lane, of the next index.
    pub AddShard(AddShardArgs) = 33 {
        accounts {
            /// Pays the rent.
            payer: [signer, writable],
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [writable],
            /// The burn shard to create.
            burn_shard: [writable] = pda::burn_shard(index: shard),
            /// Its vault to create.
            burn_vault: [writable],
            /// The work shard to create.
            work_shard: [writable] = pda::work_shard(index: shard),
            /// The network's token.
            mint: [],
            /// The mint's token program.
            token_program: [],
            /// System program.
            system_program: [],
        }
        args {
            /// The lane that the work shard is of, from 0.
            lane: u8,
        }
    }
}
instruction! {
    /// Closes the network's newest shard: burn shard, vault and work shard. What they count and hold goes to others of the network,
    /// the work to one of the same lane, so that nobody has to wait for it to be empty. The last shard of a lane stays, and so do
    /// those that are older: credits in use must find one. Refused while an epoch is being closed.
    pub CloseShard(CloseShardArgs) = 61 {
        accounts {
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [writable],
            /// The newest burn shard; it is closed.
            burn_shard: [writable] = pda::burn_shard(index: shard),
            /// Its vault; it is closed.
            burn_vault: [writable],
            /// The newest work shard; it is closed.
            work_shard: [writable] = pda::work_shard(index: shard),
            /// Any other burn shard.
            to_burn_shard: [writable],
            /// Its vault.
            to_burn_vault: [writable],
            /// Another work shard of the same lane.
            to_work_shard: [writable],
            /// The network's token.
            mint: [],
            /// The mint's token program.
            token_program: [],
            /// Who paid the rent, and gets it back.
            rent_receiver: [writable],
        }
        args {}
    }
}
instruction! {
    /// Allows an authority to lock and consume credits, for work in a lane.
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
            spender: [writable] = pda::spender(authority: spender_authority, lane: lane),
            /// System program.
            system_program: [],
        }
        args {
            /// Which lane, from 0: it has a weight and a work shard.
            lane: u8,
        }
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
    /// Opens a provider's record of work in a lane. Anyone may open it for any provider.
    pub OpenProviderWork(OpenProviderWorkArgs) = 36 {
        accounts {
            /// Pays the rent.
            payer: [signer, writable],
            /// The network.
            network: [],
            /// The provider.
            provider: [],
            /// The record to create.
            provider_work: [writable] = pda::provider_work(lane: lane),
            /// System program.
            system_program: [],
        }
        args {
            /// Which lane, from 0.
            lane: u8,
        }
    }
}
instruction! {
    /// Names who may become the network's authority; zero takes it back.
    pub ProposeAuthority(ProposeAuthorityArgs) = 37 {
        accounts {
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [writable],
        }
        args {
            /// The successor.
            proposed: Address,
        }
    }
}
instruction! {
    /// Makes the proposed successor the network's authority.
    pub AcceptAuthority(AcceptAuthorityArgs) = 38 {
        accounts {
            /// The successor.
            successor: [signer],
            /// The network.
            network: [writable],
        }
        args {}
    }
}
instruction! {
    /// Stops deposits and new work, for 14 days. Withdrawals, settlements and cranks go on. The authority may pause again before
    /// or after that; the guardian only once the network was not paused for 14 days.
    pub Pause(PauseArgs) = 39 {
        accounts {
            /// Guardian or authority.
            authority_or_guardian: [signer],
            /// The network.
            network: [writable],
        }
        args {}
    }
}
instruction! {
    /// Ends a pause: the authority at any time, anyone from `pause_ends_at`.
    pub Resume(ResumeArgs) = 40 {
        accounts {
            /// Authority of the network; anyone from `pause_ends_at`.
            signer: [signer],
            /// The network.
            network: [writable],
        }
        args {}
    }
}
instruction! {
    /// Queues a policy. It may be executed when the present policy's delay has run out, and is void once another one is.
    pub ProposePolicy(ProposePolicyArgs) = 41 {
        accounts {
            /// Pays the rent.
            payer: [signer, writable],
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [writable],
            /// The change to create.
            policy_change: [writable] = pda::policy_change(index: change_index),
            /// Token account for the stakers' part.
            stakers: [],
            /// Token account for the treasury's part.
            treasury: [],
            /// System program.
            system_program: [],
        }
        args {
            /// The whole new policy.
            policy: Policy,
            /// 1 to forget the average.
            reset_average: u8,
        }
    }
}
instruction! {
    /// Withdraws a queued change: the authority at any time, anyone once it is expired or outdated.
    pub CancelPolicy(CancelPolicyArgs) = 42 {
        accounts {
            /// Authority of the network; anyone once the change cannot be executed any more.
            signer: [signer],
            /// The network.
            network: [writable],
            /// The change; it is closed.
            policy_change: [writable] = pda::policy_change(index: change_index),
            /// Who paid its rent.
            rent_receiver: [writable],
        }
        args {}
    }
}
instruction! {
    /// Revokes a spender: nothing more is locked for it. What is locked it may consume and unlock for `grace_period` more
    /// seconds; then anyone closes it ([`CloseSpender`]), and owners reclaim. A second revocation can only bring the end nearer.
    pub RevokeSpender(RevokeSpenderArgs) = 44 {
        accounts {
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [],
            /// The spender.
            spender: [writable] = pda::spender(authority: spender_authority, lane: lane),
        }
        args {
            /// Time to settle what runs: 30 days, the longest that a job waits for a verdict, to 90 days.
            grace_period: Seconds,
        }
    }
}
instruction! {
    /// Takes a revocation back before its end.
    pub RestoreSpender(RestoreSpenderArgs) = 45 {
        accounts {
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [],
            /// The spender.
            spender: [writable] = pda::spender(authority: spender_authority, lane: lane),
        }
        args {}
    }
}
instruction! {
    /// Creates the network's set of oracles, empty, and the vault of its reward roots.
    pub OpenRoots(OpenRootsArgs) = 46 {
        accounts {
            /// Pays the rent.
            payer: [signer, writable],
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [],
            /// The set to create.
            oracle_set: [writable],
            /// Its vault to create.
            root_vault: [writable],
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
    /// Proposes other oracles, instead of any that were proposed before: they replace the present ones by [`ExecuteOracles`],
    /// once the policy's `change_delay` has run out. To name none takes effect at once, and outdates all pending roots.
    pub SetOracles(SetOraclesArgs) = 47 {
        accounts {
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [],
            /// The network's oracles.
            oracle_set: [writable],
        }
        args {
            /// The oracles: different ones, then zeros.
            oracles: [Address; MAX_ORACLES],
            /// How many must approve a root; zero if none is to be published.
            threshold: u8,
        }
    }
}
instruction! {
    /// Publishes a root, approved by the oracle that signs.
    pub PublishRoot(PublishRootArgs) = 48 {
        accounts {
            /// Pays the rent.
            payer: [signer, writable],
            /// An oracle.
            oracle: [signer],
            /// The network.
            network: [],
            /// The network's oracles.
            oracle_set: [writable],
            /// The root to create.
            reward_root: [writable] = pda::reward_root(index: reward_root_index),
            /// System program.
            system_program: [],
        }
        args {
            /// The root.
            root: [u8; 32],
            /// Sum of all leaves' previous totals: the total of the newest active root when this one becomes active.
            previous_total: Tokens,
            /// Sum of all leaves' totals: more than that.
            total: Tokens,
        }
    }
}
instruction! {
    /// Approves a root. With the last approval that the threshold asks for, the challenge delay begins.
    pub ApproveRoot(ApproveRootArgs) = 49 {
        accounts {
            /// An oracle.
            oracle: [signer],
            /// The network.
            network: [],
            /// The network's oracles.
            oracle_set: [writable],
            /// The root.
            reward_root: [writable] = pda::reward_root(index: reward_root_index),
        }
        args {}
    }
}
instruction! {
    /// Closes a root that is not active yet, or stops an active one. Of that, what has opened is paid to its claimants as before;
    /// what has not never opens, and is nobody's: neither claimants nor later roots get it. What of it lay in the vault is opened for
    /// what epochs give later, in place of new tokens.
    pub VetoRoot(VetoRootArgs) = 50 {
        accounts {
            /// Guardian or authority.
            authority_or_guardian: [signer],
            /// The network.
            network: [writable],
            /// The network's oracles.
            oracle_set: [writable],
            /// The root.
            reward_root: [writable] = pda::reward_root(index: reward_root_index),
            /// Who paid its rent.
            rent_receiver: [writable],
        }
        args {}
    }
}
instruction! {
    /// Opens a claimant's record of what roots paid it. Anyone may open it for any claimant.
    pub OpenRootClaim(OpenRootClaimArgs) = 51 {
        accounts {
            /// Pays the rent.
            payer: [signer, writable],
            /// The network.
            network: [],
            /// The claimant.
            claimant: [],
            /// The record to create.
            root_claim: [writable],
            /// System program.
            system_program: [],
        }
        args {}
    }
}
instruction! {
    /// Moves the weights of the lanes, within `lane_band` of the policy's, by `lane_speed` of the way to those that the weigher
    /// names: once an epoch, for the epochs after it.
    pub WeighLanes(WeighLanesArgs) = 60 {
        accounts {
            /// The policy's weigher.
            weigher: [signer],
            /// The network.
            network: [writable],
        }
        args {
            /// Weights to move to, by lane; what is out of the band counts as its end.
            weights: [u16; MAX_LANES as usize],
        }
    }
}
instruction! {
    /// Sets which part of the treasury's tokens is kept for keepers, and how much at most; the first time it creates the account. The
    /// network's authority signs. For tokens to come in, name the upkeep's associated token account as the policy's
    /// `treasury_token_account`: that takes a change of policy, and its delay.
    pub SetUpkeep(SetUpkeepArgs) = 75 {
        accounts {
            /// Pays the rent, if it is created.
            payer: [signer, writable],
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [],
            /// The upkeep.
            upkeep: [writable] = pda::upkeep(),
            /// Its associated token account.
            vault: [],
            /// Token account that gets the rest: of the network's mint, a key's or the associated one of a program's address.
            treasury: [],
            /// The mint's token program.
            token_program: [],
            /// System program.
            system_program: [],
        }
        args {
            /// Most that is kept, base units. What is above it already stays.
            max_kept: Tokens,
            /// Part of what comes in that is kept, basis points: up to [`MAX_KEEPER_SHARE`](crate::state::MAX_KEEPER_SHARE).
            keeper_share: Bps,
        }
    }
}
instruction! {
    /// Sets one of the things that keepers are paid for. The network's authority signs. It is paid for the first time when its interval
    /// has passed.
    pub SetChore(SetChoreArgs) = 76 {
        accounts {
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [],
            /// The upkeep.
            upkeep: [writable],
        }
        args {
            /// Whose instruction it is.
            program: Address,
            /// An account that it must name.
            account: Address,
            /// What is paid for it, base units; zero: nothing, and the rest of the arguments counts no more.
            tip: Tokens,
            /// It is paid for again when so long has passed: from [`MIN_CHORE_INTERVAL`](crate::state::MIN_CHORE_INTERVAL) to 30 days.
            interval: Seconds,
            /// How the instruction's data begin: its discriminator, and arguments where others would do nothing.
            data: [u8; 8],
            /// How many bytes of `data` count: 1 to 8.
            data_length: u8,
            /// Where it names the account: 0 is its first.
            place: u8,
            /// Which chore: below [`MAX_CHORES`](crate::state::MAX_CHORES).
            index: u8,
        }
    }
}
instruction! {
    /// Counts what came into an upkeep's vault, keeps the keepers' part, and sends the rest to the treasury. Anyone may call, at any
    /// time.
    pub ForwardTreasury(ForwardTreasuryArgs) = 77 {
        accounts {
            /// The upkeep.
            upkeep: [writable],
            /// Its associated token account.
            vault: [writable],
            /// The treasury.
            treasury: [writable],
            /// The network's token.
            mint: [],
            /// The mint's token program.
            token_program: [],
        }
        args {}
    }
}
instruction! {
    /// Pays a keeper for a chore: for what the next instruction of the transaction does. If that fails, so does the transaction, and
    /// nothing is paid. The tip is the same at any time once the chore's interval has passed since it was paid for last.
    pub TakeChoreTip(TakeChoreTipArgs) = 78 {
        accounts {
            /// The upkeep.
            upkeep: [writable],
            /// Its associated token account.
            vault: [writable],
            /// Token account that gets the tip.
            destination: [writable],
            /// The network's token.
            mint: [],
            /// The mint's token program.
            token_program: [],
            /// The instructions sysvar.
            instructions_sysvar: [],
        }
        args {
            /// Which chore the next instruction does.
            index: u8,
        }
    }
}
instruction! {
    /// Gives dollars to a dollar shard and issues credits for what is left after the treasury's cut: one for a micro-dollar at most, and
    /// less where the stablecoin's own feed says less. The credits carry as many tokens as they buy at the dearest of the feed's high
    /// side, `max(price + conf, ema_price + ema_conf)`, and the network's average, times one and the auction's premium. Anyone may buy
    /// for any owner.
    ///
    /// Writes no account that all users share: callers spread themselves over the dollar shards.
    pub BuyCreditsWithDollars(BuyCreditsWithDollarsArgs) = 65 {
        accounts {
            /// Owner of the dollars.
            buyer: [signer],
            /// The network.
            network: [],
            /// Receives the credits.
            credit_account: [writable] = pda::credit_account(owner: buyer),
            /// Token account that pays.
            source: [writable],
            /// Any dollar shard of the network.
            dollar_shard: [writable] = pda::dollar_shard(index: dollar_shard_index),
            /// The shard's vault.
            dollar_vault: [writable],
            /// The stablecoin.
            dollar_mint: [],
            /// Pyth price update of the network's feed.
            price_update: [],
            /// Pyth price update of the stablecoin's feed.
            dollar_price_update: [],
            /// The stablecoin's token program.
            token_program: [],
        }
        args {
            /// Dollars to spend, base units.
            dollars: Tokens,
            /// Fewest credits to accept.
            min_credits: Credits,
        }
    }
}
instruction! {
    /// Buys tokens for the auction's dollars and burns them at once, or sends them to the reserve, if the policy with which the open
    /// epoch began says so. Anyone may sell.
    ///
    /// The price is the lowest of spot and average of the feed, each less its confidence, and of the network's own average. Of it the
    /// seller gets `1 + premium - (max_discount + premium) * level / limit`, which changes while the sale fills the auction: the
    /// level rises by what the tokens are worth, and falls by a limit each window. So a sale in parts pays no more than one at once.
    pub SellTokens(SellTokensArgs) = 66 {
        accounts {
            /// Owner of the tokens.
            seller: [signer],
            /// The network.
            network: [writable],
            /// Its auction.
            auction: [writable],
            /// Token account that the tokens come from.
            source: [writable],
            /// Any token account of the stablecoin that the seller chooses.
            destination: [writable],
            /// The auction's vault.
            auction_vault: [writable],
            /// The network's token.
            mint: [writable],
            /// The stablecoin.
            dollar_mint: [],
            /// Pyth price update of the network's feed.
            price_update: [],
            /// Pyth price update of the stablecoin's feed.
            dollar_price_update: [],
            /// The token's program.
            token_program: [],
            /// The stablecoin's token program.
            dollar_token_program: [],
            /// Vault of the network's reserve, if it has one.
            reserve_vault: [writable, optional],
        }
        args {
            /// Tokens to sell, base units.
            tokens: Tokens,
            /// Fewest dollars to accept, base units.
            min_dollars: Tokens,
        }
    }
}
instruction! {
    /// Sends a shard's dollars on to the auction, and pays the treasury its part, if its account can be paid. Counts again what there
    /// is for sellers. Anyone may call.
    pub FoldDollars(FoldDollarsArgs) = 67 {
        accounts {
            /// The network.
            network: [writable],
            /// Its auction.
            auction: [writable],
            /// The auction's vault.
            auction_vault: [writable],
            /// The shard.
            dollar_shard: [writable] = pda::dollar_shard(index: dollar_shard_index),
            /// Its vault.
            dollar_vault: [writable],
            /// The treasury's account of the stablecoin.
            treasury: [writable],
            /// The stablecoin.
            dollar_mint: [],
            /// The stablecoin's token program.
            token_program: [],
        }
        args {}
    }
}
instruction! {
    /// Proposes to sell credits for dollars: creates a network's auction, and the vault of that. The policy comes into force by
    /// [`ExecuteDollarPolicy`], after the network's `change_delay`, once the open epoch is over and closed; until then nothing is sold. The
    /// stablecoin has [`DOLLAR_DECIMALS`](crate::state::DOLLAR_DECIMALS), and its issuer no powers but those that are named. Refused
    /// where a circle of dollars, work, emission and sale would pay.
    pub OpenAuction(OpenAuctionArgs) = 68 {
        accounts {
            /// Pays the rent.
            payer: [signer, writable],
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [],
            /// The auction to create.
            auction: [writable],
            /// Its vault to create.
            auction_vault: [writable],
            /// The stablecoin.
            dollar_mint: [],
            /// Token account of it that receives the cut.
            treasury: [],
            /// The stablecoin's token program.
            token_program: [],
            /// System program.
            system_program: [],
        }
        args {
            /// How it sells. Its `treasury` is the account passed.
            policy: DollarPolicy,
            /// What the issuer may do, as bits of `issuer_power` of `escrow`: all that it may at least.
            issuer_powers: u8,
        }
    }
}
instruction! {
    /// Adds a dollar shard with its vault, of the next index.
    pub AddDollarShard(AddDollarShardArgs) = 69 {
        accounts {
            /// Pays the rent.
            payer: [signer, writable],
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [writable],
            /// Its auction.
            auction: [writable],
            /// The shard to create.
            dollar_shard: [writable] = pda::dollar_shard(index: shard),
            /// Its vault to create.
            dollar_vault: [writable],
            /// The stablecoin.
            dollar_mint: [],
            /// The stablecoin's token program.
            token_program: [],
            /// System program.
            system_program: [],
        }
        args {}
    }
}
instruction! {
    /// Proposes another way to sell credits for dollars, instead of any that was proposed before: it waits the network's `change_delay`,
    /// and until the open epoch is over and closed. Who proposes the policy that is in force withdraws what was proposed.
    pub ProposeDollarPolicy(ProposeDollarPolicyArgs) = 70 {
        accounts {
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [],
            /// Its auction.
            auction: [writable],
            /// Token account of the stablecoin that receives the cut.
            treasury: [],
        }
        args {
            /// The whole new policy.
            policy: DollarPolicy,
        }
    }
}
instruction! {
    /// Puts what was proposed into force, once the network's delay has run out and for 14 days. With another limit, window,
    /// discount or premium the auction begins again at its highest discount. Refused while an epoch that has ended is not closed, and where a circle of dollars, work, emission and sale would pay.
    /// Anyone may call.
    pub ExecuteDollarPolicy(ExecuteDollarPolicyArgs) = 71 {
        accounts {
            /// The network.
            network: [writable],
            /// Its auction.
            auction: [writable],
        }
        args {}
    }
}
