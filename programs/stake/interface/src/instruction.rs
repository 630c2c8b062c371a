//! Instructions. Discriminators: users 0 to 15, cranks and authorities 16 to 31, set-up from 32.
//!
//! Who stakes, leaves, claims or slashes writes the pool's [`Rewards`](crate::state::Rewards), and so do they one after
//! the other in a pool, as they do at its vault; bonds and reports, which jobs wait for, do not.

use {
    crate::{pda, state::PoolPolicy},
    joule_interface::{Address, instruction},
    joule_math::{Bps, Seconds, Shares, Tokens},
};

instruction! {
    /// Takes part of a provider's free stake as collateral for a job. The provider and the slasher, which needs the right
    /// [`BOND`](crate::state::rights::BOND), sign. Refused while the network is paused.
    ///
    /// `bond` is one of three: a free place that was opened with [`OpenBond`], which costs no more than this; an account of
    /// [`Bond`](crate::state::Bond)'s size that the System program made for this program in the same transaction, wherever it
    /// lies; or the address of a new one for the job, which costs most. The last two are closed with the job. The provider's own
    /// stake, as its shares are worth now, must reach the pool's minimum. What is proposed to be slashed is not free.
    pub LockBond(LockBondArgs) = 0 {
        accounts {
            /// The provider's authority.
            authority: [signer],
            /// Authority of the slasher.
            slasher_authority: [signer],
            /// The slasher.
            slasher: [] = pda::slasher(authority: slasher_authority),
            /// The network.
            network: [],
            /// The pool.
            pool: [],
            /// The provider.
            provider: [writable] = pda::provider(authority: authority),
            /// The bond to fill, or to create.
            bond: [writable],
            /// System program.
            system_program: [],
            /// Pays the bond's rent, or paid it, where it is no place.
            payer: [signer, writable],
        }
        args {
            /// The job.
            job: Address,
            /// How much.
            amount: Tokens,
            /// Who owns the token accounts to which it may be seized.
            client: Address,
        }
    }
}
instruction! {
    /// Gives a job's collateral back to the provider, and closes the bond if it was made for the job.
    ///
    /// It says how the job went as well, which [`ReportJob`] does otherwise: then the slasher needs the right
    /// [`REPORT`](crate::state::rights::REPORT).
    ///
    /// Where the slasher has lost its right to bonds, the provider's authority signs instead of it, and reports nothing: what a
    /// slasher that is gone has locked does not stay locked.
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
            /// Who paid the bond's rent, and gets it back if it is closed.
            rent_receiver: [writable],
        }
        args {
            /// One of [`outcome`](crate::state::outcome).
            outcome: u8,
        }
    }
}
instruction! {
    /// Locks one bond and releases another of the same slasher, for less than [`LockBond`] and [`ReleaseBond`]: a job goes from
    /// one provider to another. What they ask for holds here. Reports nothing.
    pub SwapBond(SwapBondArgs) = 26 {
        accounts {
            /// The provider's authority.
            authority: [signer],
            /// Authority of the slasher.
            slasher_authority: [signer],
            /// The slasher.
            slasher: [] = pda::slasher(authority: slasher_authority),
            /// The network.
            network: [],
            /// The pool.
            pool: [],
            /// The provider.
            provider: [writable] = pda::provider(authority: authority),
            /// The bond to fill, or to create.
            bond: [writable],
            /// System program.
            system_program: [],
            /// The provider whose bond is released. Another than the first.
            released_provider: [writable],
            /// Its bond.
            released_bond: [writable],
            /// Who paid that bond's rent, and gets it back if it is closed.
            rent_receiver: [writable],
            /// Pays the first bond's rent, or paid it, where it is no place.
            payer: [signer, writable],
        }
        args {
            /// The job.
            job: Address,
            /// How much.
            amount: Tokens,
            /// Who owns the token accounts to which it may be seized.
            client: Address,
        }
    }
}
instruction! {
    /// Puts tokens behind a provider: buys shares of its active pot. Tokens are counted as the vault receives them.
    /// Refused while the network is paused, and of a provider that is out for good.
    ///
    /// A lock that is running starts again, or the last day of a long one would weigh as much as its whole.
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
            /// The pool's rewards.
            rewards: [writable],
        }
        args {
            /// Tokens to stake.
            amount: Tokens,
        }
    }
}
instruction! {
    /// Moves shares from the active pot to the unbonding pot, into a new ticket. What backs running jobs cannot leave, nor
    /// what is locked.
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
            ticket: [writable] = pda::ticket(index: ticket_index),
            /// System program.
            system_program: [],
            /// The pool's rewards.
            rewards: [writable],
        }
        args {
            /// Shares to take out.
            shares: Shares,
        }
    }
}
instruction! {
    /// Pays out a ripe ticket and closes it. A ticket that slashing left worth nothing is closed all the same. Waits for
    /// proposed slashes to be decided.
    ///
    /// The owner signs, and chooses where to; anyone else may pay the owner's own token accounts.
    pub Withdraw(WithdrawArgs) = 4 {
        accounts {
            /// Owner of the ticket; signs, or owns the destination.
            owner: [may_sign],
            /// The pool.
            pool: [],
            /// The provider.
            provider: [writable],
            /// The ticket.
            ticket: [writable],
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
    /// Takes part or all of a job's collateral, to where its terms say. What is left stays locked until it is released;
    /// a bond that is made for the job stays open until then. The slasher that locked it signs.
    pub SeizeBond(SeizeBondArgs) = 5 {
        accounts {
            /// Authority of the slasher.
            slasher_authority: [signer],
            /// The slasher that locked it.
            slasher: [] = pda::slasher(authority: slasher_authority),
            /// The pool.
            pool: [],
            /// The provider.
            provider: [writable],
            /// The bond.
            bond: [writable],
            /// The pool's vault.
            vault: [writable],
            /// Token account of the client, or the treasury; or the mint, where it is burned.
            receiver: [writable],
            /// The pool's mint.
            mint: [],
            /// The mint's token program.
            token_program: [],
        }
        args {
            /// How much.
            amount: Tokens,
            /// One of [`seizure`](crate::state::seizure).
            destination: u8,
        }
    }
}
instruction! {
    /// Says how a job went: counts in the provider's reputation. The slasher needs the right
    /// [`REPORT`](crate::state::rights::REPORT).
    pub ReportJob(ReportJobArgs) = 6 {
        accounts {
            /// Authority of the slasher.
            slasher_authority: [signer],
            /// The slasher.
            slasher: [],
            /// The provider.
            provider: [writable],
        }
        args {
            /// The job: appears in the event.
            job: Address,
            /// One of [`outcome`](crate::state::outcome), but not `NONE`.
            outcome: u8,
        }
    }
}
instruction! {
    /// Takes stake that is leaving back into the active pot, ripe or not, and closes the ticket. A running lock starts
    /// again.
    pub CancelUnstake(CancelUnstakeArgs) = 7 {
        accounts {
            /// Owner of the delegation.
            owner: [signer],
            /// The pool.
            pool: [],
            /// The provider.
            provider: [writable],
            /// The owner's delegation.
            delegation: [writable],
            /// The ticket.
            ticket: [writable] = pda::ticket(index: ticket_index),
            /// Who paid the ticket's rent, and gets it back.
            rent_receiver: [writable],
            /// The pool's rewards.
            rewards: [writable],
        }
        args {}
    }
}
instruction! {
    /// Moves shares to another provider without a gap in rewards. They leave the active pot for a ticket, and stay as long
    /// in the reach of the old provider's slashes as if they left the pool; meanwhile they count in the weight of the
    /// owner's delegation to the new one, but back nothing there. [`CompleteRedelegation`] completes it.
    pub Redelegate(RedelegateArgs) = 8 {
        accounts {
            /// Pays the ticket's rent.
            payer: [signer, writable],
            /// Owner of the delegation.
            owner: [signer],
            /// The pool.
            pool: [],
            /// The provider that it leaves.
            provider: [writable],
            /// The owner's delegation to it.
            delegation: [writable],
            /// The ticket to create.
            ticket: [writable] = pda::ticket(index: ticket_index),
            /// System program.
            system_program: [],
            /// The pool's rewards.
            rewards: [writable],
            /// The provider that it goes to.
            new_provider: [writable],
            /// The owner's delegation to that.
            new_delegation: [writable] = pda::delegation(provider: new_provider),
        }
        args {
            /// Shares to move.
            shares: Shares,
        }
    }
}
instruction! {
    /// Locks a delegation for 14 to 365 days: its weight in rewards is multiplied by 1 to 4, and its stake cannot leave
    /// before. A running lock can only be made to end later.
    pub LockStake(LockStakeArgs) = 9 {
        accounts {
            /// Owner of the delegation.
            owner: [signer],
            /// The pool.
            pool: [],
            /// The provider.
            provider: [writable],
            /// The owner's delegation.
            delegation: [writable],
            /// The pool's rewards.
            rewards: [writable],
        }
        args {
            /// From now.
            lock_period: Seconds,
        }
    }
}
instruction! {
    /// Pays a delegation's rewards.
    pub ClaimRewards(ClaimRewardsArgs) = 10 {
        accounts {
            /// Owner of the delegation.
            owner: [signer],
            /// The pool.
            pool: [],
            /// The provider.
            provider: [writable],
            /// The owner's delegation.
            delegation: [writable],
            /// The pool's rewards.
            rewards: [writable],
            /// The pool's vault.
            vault: [writable],
            /// Any token account that the owner chooses.
            destination: [writable],
            /// The pool's mint.
            mint: [],
            /// The mint's token program.
            token_program: [],
        }
        args {}
    }
}
instruction! {
    /// Stakes a delegation's rewards. No token moves: the vault holds them already. A running lock starts again.
    pub CompoundRewards(CompoundRewardsArgs) = 11 {
        accounts {
            /// Owner of the delegation.
            owner: [signer],
            /// The pool.
            pool: [],
            /// The provider.
            provider: [writable],
            /// The owner's delegation.
            delegation: [writable],
            /// The pool's rewards.
            rewards: [writable],
        }
        args {}
    }
}
instruction! {
    /// Pays the provider's commission.
    pub ClaimCommission(ClaimCommissionArgs) = 12 {
        accounts {
            /// The provider's authority.
            authority: [signer],
            /// The pool.
            pool: [],
            /// The provider.
            provider: [writable] = pda::provider(authority: authority),
            /// The pool's rewards.
            rewards: [writable],
            /// The pool's vault.
            vault: [writable],
            /// Any token account that the authority chooses.
            destination: [writable],
            /// The pool's mint.
            mint: [],
            /// The mint's token program.
            token_program: [],
        }
        args {}
    }
}
instruction! {
    /// Changes the provider's commission, after the pool's delay and by no more than the pool's step. A change that waits is
    /// replaced, and waits again.
    pub SetCommission(SetCommissionArgs) = 13 {
        accounts {
            /// The provider's authority.
            authority: [signer],
            /// The pool.
            pool: [],
            /// The provider.
            provider: [writable] = pda::provider(authority: authority),
            /// The pool's rewards.
            rewards: [writable],
        }
        args {
            /// The new one.
            commission: Bps,
        }
    }
}
instruction! {
    /// Lets a jailed provider take jobs and earn again, once its time has passed.
    pub Unjail(UnjailArgs) = 14 {
        accounts {
            /// The provider's authority.
            authority: [signer],
            /// The pool.
            pool: [],
            /// The provider.
            provider: [writable] = pda::provider(authority: authority),
            /// The pool's rewards.
            rewards: [writable],
        }
        args {}
    }
}
instruction! {
    /// Proposes to slash a provider. The slasher needs the right [`SLASH`](crate::state::rights::SLASH). The amount counts
    /// towards what it may propose in a window, and what may be proposed of the provider's stake; what is vetoed counts all
    /// the same. While a proposal waits, nothing of it can be bonded, and nothing leaves the provider's unbonding pot.
    pub ProposeSlash(ProposeSlashArgs) = 15 {
        accounts {
            /// Pays the proposal's rent.
            payer: [signer, writable],
            /// Authority of the slasher.
            slasher_authority: [signer],
            /// The slasher.
            slasher: [writable] = pda::slasher(authority: slasher_authority),
            /// The pool.
            pool: [],
            /// The provider.
            provider: [writable],
            /// The proposal to create.
            slash: [writable] = pda::slash(index: slash_index),
            /// System program.
            system_program: [],
        }
        args {
            /// How much.
            amount: Tokens,
            /// Hash of the evidence.
            evidence: [u8; 32],
            /// One of [`sentence`](crate::state::sentence).
            sentence: u8,
        }
    }
}
instruction! {
    /// Gives tokens to everyone who stakes: they arrive evenly over the pool's reward period, so that nothing is gained by
    /// coming just before. Anyone may. Time does not pass while nobody stakes.
    ///
    /// What is still on its way arrives together with the new, over the mean of both times, each by its tokens: a small
    /// funding delays nothing.
    pub FundRewards(FundRewardsArgs) = 16 {
        accounts {
            /// Owner of the tokens.
            funder: [signer],
            /// The pool.
            pool: [],
            /// The pool's rewards.
            rewards: [writable],
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
            /// How much.
            amount: Tokens,
        }
    }
}
instruction! {
    /// Funds the rewards with all that a token account of the pool's holds: where bme's emission for stakers goes. Anyone may
    /// call.
    pub CollectRewards(CollectRewardsArgs) = 17 {
        accounts {
            /// The pool.
            pool: [],
            /// The pool's rewards.
            rewards: [writable],
            /// Any token account that the pool owns, but the vault.
            source: [writable],
            /// The pool's vault.
            vault: [writable],
            /// The pool's mint.
            mint: [],
            /// The mint's token program.
            token_program: [],
        }
        args {}
    }
}
instruction! {
    /// Completes a redelegation whose ticket is ripe: buys shares of the new provider with what it is worth. One that is not
    /// ripe, or waits for a slash to be decided, is weighed again, by what slashing left of it. Anyone may call.
    pub CompleteRedelegation(CompleteRedelegationArgs) = 18 {
        accounts {
            /// The pool.
            pool: [],
            /// The provider that it leaves.
            provider: [writable],
            /// The ticket.
            ticket: [writable],
            /// The pool's rewards.
            rewards: [writable],
            /// The provider that it goes to.
            new_provider: [writable],
            /// The owner's delegation to that.
            new_delegation: [writable],
            /// Who paid the ticket's rent, and gets it back.
            rent_receiver: [writable],
        }
        args {}
    }
}
instruction! {
    /// Ends a lock whose time has passed: the weight is multiplied no more. Anyone may call, and whoever shares rewards with
    /// it gains.
    pub EndLock(EndLockArgs) = 19 {
        accounts {
            /// The pool.
            pool: [],
            /// The provider.
            provider: [writable],
            /// The owner's delegation.
            delegation: [writable],
            /// The pool's rewards.
            rewards: [writable],
        }
        args {}
    }
}
instruction! {
    /// Brings a provider's weight and commission up to date: after a bond was seized, which writes no rewards. Anyone may
    /// call.
    pub RefreshProvider(RefreshProviderArgs) = 20 {
        accounts {
            /// The pool.
            pool: [],
            /// The provider.
            provider: [writable],
            /// The pool's rewards.
            rewards: [writable],
        }
        args {}
    }
}
instruction! {
    /// Executes a proposed slash when its delay has passed: from both pots, as each holds, never what running jobs hold. What
    /// these hold back stays proposed until it expires. Carries out the sentence. What is taken is burned, or the treasury's,
    /// by the pool's parameters. Anyone may call. However many delegators there are, their shares are worth less.
    pub ExecuteSlash(ExecuteSlashArgs) = 21 {
        accounts {
            /// The pool.
            pool: [],
            /// The provider.
            provider: [writable],
            /// The proposal; closed when nothing is left of it.
            slash: [writable],
            /// The pool's rewards.
            rewards: [writable],
            /// The pool's vault.
            vault: [writable],
            /// The pool's treasury; absent where it has none.
            treasury: [writable, optional],
            /// The pool's mint.
            mint: [writable],
            /// The mint's token program.
            token_program: [],
            /// Who paid the proposal's rent, and gets it back.
            rent_receiver: [writable],
        }
        args {}
    }
}
instruction! {
    /// Strikes a proposed slash, and closes it. The network's authority or guardian.
    pub VetoSlash(VetoSlashArgs) = 22 {
        accounts {
            /// The network's authority or guardian.
            authority: [signer],
            /// The network.
            network: [],
            /// The pool.
            pool: [],
            /// The provider.
            provider: [writable],
            /// The proposal.
            slash: [writable],
            /// Who paid the proposal's rent, and gets it back.
            rent_receiver: [writable],
        }
        args {}
    }
}
instruction! {
    /// Closes a proposed slash that was not executed in time. Anyone may call.
    pub ExpireSlash(ExpireSlashArgs) = 23 {
        accounts {
            /// The provider.
            provider: [writable],
            /// The proposal.
            slash: [writable],
            /// Who paid the proposal's rent, and gets it back.
            rent_receiver: [writable],
        }
        args {}
    }
}
instruction! {
    /// Makes a redelegation's ticket an ordinary one: it leaves the pool instead. When the new provider cannot take it.
    pub StopRedelegation(StopRedelegationArgs) = 24 {
        accounts {
            /// Owner of the ticket.
            owner: [signer],
            /// The pool.
            pool: [],
            /// The pool's rewards.
            rewards: [writable],
            /// The provider that it went to.
            new_provider: [writable],
            /// The owner's delegation to that.
            new_delegation: [writable] = pda::delegation(provider: new_provider),
            /// The ticket.
            ticket: [writable],
        }
        args {}
    }
}
instruction! {
    /// Creates a network's pool for a mint, and its rewards. A mint that could take, freeze, tax or hide tokens is refused.
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
            /// Its rewards to create.
            rewards: [writable],
            /// Token account of the mint that receives what is slashed and not burned; absent: all is burned.
            treasury: [optional],
        }
        args {
            /// Its rules.
            policy: PoolPolicy,
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
            provider: [writable] = pda::provider(authority: authority),
            /// System program.
            system_program: [],
        }
        args {
            /// Its part of its delegators' rewards: at most what the pool allows.
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
    /// Gives an authority rights over a pool's stake.
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
            slasher: [writable] = pda::slasher(authority: slasher_authority),
            /// System program.
            system_program: [],
        }
        args {
            /// Sum of [`rights`](crate::state::rights).
            rights: u8,
            /// Most that it may propose to slash in a window.
            window_limit: Tokens,
        }
    }
}
instruction! {
    /// Changes or takes a slasher's rights. What it has locked it still releases; without the right to bonds, providers
    /// do.
    pub SetSlasher(SetSlasherArgs) = 36 {
        accounts {
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [],
            /// The pool.
            pool: [],
            /// The slasher.
            slasher: [writable] = pda::slasher(authority: slasher_authority),
        }
        args {
            /// Sum of [`rights`](crate::state::rights).
            rights: u8,
            /// Most that it may propose to slash in a window.
            window_limit: Tokens,
        }
    }
}
instruction! {
    /// Opens a place for bonds of a provider, which jobs fill one after the other. Anyone may pay for it.
    pub OpenBond(OpenBondArgs) = 37 {
        accounts {
            /// Pays the rent.
            payer: [signer, writable],
            /// The provider.
            provider: [],
            /// The bond to create.
            bond: [writable] = pda::bond(job: bond_id),
            /// System program.
            system_program: [],
        }
        args {
            /// Any, in the place of the job in its address.
            bond_id: Address,
        }
    }
}
instruction! {
    /// Closes a free place for bonds.
    pub CloseBond(CloseBondArgs) = 38 {
        accounts {
            /// Who paid the rent, and gets it back.
            payer: [signer, writable],
            /// The bond.
            bond: [writable],
        }
        args {}
    }
}
instruction! {
    /// Closes a delegation whose shares are worth nothing, and which has no rewards; what rounding or slashing left of shares
    /// is given up to the others.
    pub CloseDelegation(CloseDelegationArgs) = 39 {
        accounts {
            /// Owner of the delegation.
            owner: [signer],
            /// The pool.
            pool: [],
            /// The provider.
            provider: [writable],
            /// The owner's delegation.
            delegation: [writable],
            /// The pool's rewards.
            rewards: [writable],
            /// Who paid the rent, and gets it back.
            rent_receiver: [writable],
        }
        args {}
    }
}
instruction! {
    /// Queues new rules for a pool. Anyone may execute them when the network's `change_delay` has run out, and for 14 days.
    /// One change can wait at a time.
    pub ProposePolicy(ProposePolicyArgs) = 40 {
        accounts {
            /// Pays the rent.
            payer: [signer, writable],
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [],
            /// The pool.
            pool: [writable],
            /// The change to create.
            policy_change: [writable],
            /// System program.
            system_program: [],
            /// Token account of the mint that is to receive what is slashed and not burned; absent: all is burned.
            treasury: [optional],
        }
        args {
            /// All of the new rules.
            policy: PoolPolicy,
        }
    }
}
instruction! {
    /// Makes the queued rules the pool's. Anyone may call.
    pub ExecutePolicy(ExecutePolicyArgs) = 25 {
        accounts {
            /// The pool.
            pool: [writable],
            /// The change; it is closed.
            policy_change: [writable],
            /// Who paid its rent.
            rent_receiver: [writable],
        }
        args {}
    }
}
instruction! {
    /// Withdraws the queued rules.
    pub CancelPolicy(CancelPolicyArgs) = 41 {
        accounts {
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [],
            /// The pool.
            pool: [writable],
            /// The change; it is closed.
            policy_change: [writable],
            /// Who paid its rent.
            rent_receiver: [writable],
        }
        args {}
    }
}
