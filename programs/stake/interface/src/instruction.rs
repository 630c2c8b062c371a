//! Instructions. Discriminators: users 0 to 15, cranks and authorities 16 to 31, set-up from 32, migrations from 65.
//!
//! Staking, leaving, claiming and slashing write the pool's [`Rewards`](crate::state::Rewards), so in one pool they run one
//! after the other. Bonds and reports, for which jobs wait, write only their provider and bond.

use {
    crate::{pda, state::PoolPolicy},
    joule_interface::{Address, instruction},
    joule_math::{Bps, Seconds, Tokens},
};

instruction! {
    /// Takes part of a provider's own free stake as collateral for a job. The provider signs, and the slasher, which needs the
    /// right [`BOND`](crate::state::rights::BOND). Refused while the network is paused.
    ///
    /// A bond is the provider's own money: delegated stake never backs it. The provider's own stake must reach the pool's
    /// minimum and have been there for the standing period. Tokens that are locked or that proposed slashes would take are not
    /// free, and nothing is free while an executed slash waits for tokens in other bonds.
    ///
    /// `bond` is one of three. A reusable bond ([`OpenBond`]) costs the fewest compute units. An account of
    /// [`Bond`](crate::state::Bond)'s size that the System program made for this program, at any address, rent-exempt and not one
    /// of the signers, is closed with the job. So is a new account at the job's derived address, which costs most.
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
            /// Pays the rent of a new bond, or paid it in the same transaction.
            payer: [signer, writable],
        }
        args {
            /// The job.
            job: Address,
            /// How much, base units.
            amount: Tokens,
            /// Gets what is seized for the job's client.
            client: Address,
        }
    }
}
instruction! {
    /// Gives a job's collateral back to the provider, less what executed slashes wait for. Closes the bond if it was made for the
    /// job and nothing of it was seized for the client.
    ///
    /// It can report how the job went, as [`ReportJob`] does: then the slasher needs the right
    /// [`REPORT`](crate::state::rights::REPORT).
    ///
    /// An unbonding period after the slasher has lost its right to bonds, anyone can sign instead, and reports nothing: no collateral stays
    /// locked by a slasher that was dismissed, and none gets free by a right that is taken and given back. Also once the slasher is
    /// closed. A bond of nothing can outlive its provider: it is released all the same.
    ///
    /// More bonds of the provider are released at once, if the same slasher locked them: each as if alone, but all or none.
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
        remaining {
            /// Another bond. If it is closed, its rent has the same receiver.
            bonds: [writable],
        }
        args {
            /// One of [`outcome`](crate::state::outcome).
            outcome: u8,
            /// What it counts in the provider's reputation: 65,536 is a whole job ([`WHOLE_JOB`](crate::state::WHOLE_JOB)). In
            /// proportion to what the job cost its parties for good, or to what its success would have.
            weight: u32,
        }
        tail {
            /// What is reported with each of the other bonds; as many as there are.
            reports: [BondReport],
        }
    }
}
instruction! {
    /// Locks one bond and releases another of the same slasher: a job goes from one provider to another. It costs fewer compute
    /// units than [`LockBond`] and [`ReleaseBond`], and has their conditions. Reports nothing.
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
            /// Pays the rent of a new bond, or paid it in the same transaction.
            payer: [signer, writable],
        }
        args {
            /// The job.
            job: Address,
            /// How much, base units.
            amount: Tokens,
            /// Gets what is seized for the job's client.
            client: Address,
        }
    }
}
instruction! {
    /// Puts tokens behind a provider. Of the provider's authority they are its own stake, which can back jobs; of anyone else they
    /// buy shares of its delegated pot. Refused while the network is paused, and for a provider that is out for good.
    ///
    /// A delegator's lock that is running starts again: otherwise tokens that join on its last day would weigh as if they were
    /// locked for the whole time. Own stake does not join a lock: it is to back jobs.
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
            /// Tokens to stake, base units.
            amount: Tokens,
        }
    }
}
instruction! {
    /// Moves stake to the unbonding pot, into a new ticket. Tokens that jobs hold cannot leave, nor can locked stake, except from
    /// a provider that is out for good; nor can what proposed slashes may take of the provider's own stake, until they are decided.
    /// `u64::MAX` takes all that can leave.
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
            /// How much, base units; `u64::MAX`: all of it.
            amount: Tokens,
        }
    }
}
instruction! {
    /// Pays a ticket whose time has come, and closes it, also if slashes left nothing of it.
    ///
    /// While slashes are proposed, the owner can have all but the part that they may take: the ticket stays with that part until they
    /// are decided, or `slash_delay` and `slash_execution_window` are over. Without the owner's signature nothing is paid then.
    ///
    /// If the owner signs, any token account can receive. Anyone else can only pay the owner's associated token account.
    pub Withdraw(WithdrawArgs) = 4 {
        accounts {
            /// Owner of the ticket. Signs, unless the destination is its associated token account.
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
    /// Takes part or all of a job's collateral. What is left stays locked until it is released. The slasher that locked it signs.
    ///
    /// What executed slashes wait for is taken first, in proportion. The rest is burned, is due to the treasury, which
    /// [`SettleSlashed`] pays, or becomes the client's: that stays in the provider's unbonding pot, liable to slashes, until [`WithdrawSeized`] pays it after the
    /// unbonding period. So nobody takes own stake out of reach of slashes through a job with itself.
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
            /// The mint, to burn. Absent otherwise: nothing is paid at once.
            receiver: [writable, optional],
            /// The pool's mint.
            mint: [],
            /// The mint's token program.
            token_program: [],
        }
        args {
            /// How much, base units.
            amount: Tokens,
            /// One of [`seizure`](crate::state::seizure).
            destination: u8,
        }
    }
}
instruction! {
    /// Reports how a job went, which counts in the provider's reputation. The slasher needs the right
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
            /// What it counts, as in [`ReleaseBond`].
            weight: u32,
        }
    }
}
instruction! {
    /// Takes stake that is leaving back, at any time before it is withdrawn, and closes the ticket. A delegator's running lock
    /// starts again.
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
    /// Moves stake to another provider without a gap in rewards. It goes into a ticket, and stays in reach of the old provider's
    /// slashes as long as if it left the pool. Meanwhile it earns with the new provider, by the tokens that are left of it, but
    /// backs nothing there. [`CompleteRedelegation`] completes it.
    ///
    /// A provider in jail, or of which a slash is proposed, cannot move its own stake, which would earn elsewhere while it is in jail.
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
            /// How much, base units; `u64::MAX`: all of it.
            amount: Tokens,
        }
    }
}
instruction! {
    /// Locks a delegation for 14 to 365 days. Its weight in rewards is multiplied by 1 to 4, and its stake cannot leave before the
    /// lock ends. A lock that is running can only be made to end later.
    ///
    /// Of a provider's own stake it locks what no job holds at that moment. Until the lock has ended ([`EndLock`]) no job
    /// can hold that: what a client gets of a bond leaves, and would take the lock with it. What a job gives back and what is staked
    /// later is not locked.
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
            /// From now, seconds: 14 days to 365 days, and not to end before a lock that is there.
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
    /// Stakes a delegation's rewards. No token moves: the vault holds them already. A delegator's running lock starts again.
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
            /// The new one, basis points: at most `max_commission` of the pool, and a step of at most `max_commission_step`.
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
    /// towards what the slasher can propose in a window, and towards what can be proposed of the provider's stake; so does an
    /// amount that is vetoed. While a proposal waits, the provider's part of it can neither be bonded nor unstaked, and tickets are
    /// paid but for their part of it.
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
            /// How much, base units.
            amount: Tokens,
            /// Hash of the evidence.
            evidence: [u8; 32],
            /// One of [`sentence`](crate::state::sentence).
            sentence: u8,
        }
    }
}
instruction! {
    /// Gives tokens to everyone who stakes. They arrive evenly over the pool's reward period, so nobody gains by staking just
    /// before. Anyone can fund. Time does not pass while nobody stakes.
    ///
    /// Tokens that are still on their way arrive together with the new ones, over the mean of both times, weighted by tokens: a
    /// small funding delays nothing.
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
            /// How much, base units.
            amount: Tokens,
        }
    }
}
instruction! {
    /// Funds the rewards with all tokens of a token account that the pool owns, which is where `bme` mints the emission for
    /// stakers. Anyone can call.
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
    /// Completes a redelegation whose time has come: stakes what is left of it with the new provider, and closes the ticket. If the
    /// new provider cannot take it, the ticket becomes an ordinary one, to be withdrawn, unless a lock still holds it. Before its
    /// time, while a slash of either provider is proposed, or while a lock holds what the new provider cannot take, it is only
    /// weighed again, by what slashes left of it: what it comes to answers for no fault that was found before. Anyone can call.
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
    /// Ends a lock whose time has passed: its weight is no longer multiplied. Anyone can call; all who share rewards with it gain.
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
    /// Brings a provider's weight and commission up to date. After a bond was seized, which writes no rewards, the provider has
    /// more weight than stake; it earns nothing for the difference, and this returns what the difference accrued to the pool.
    /// Anyone can call.
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
    /// Executes a proposed slash when its delay has passed, carries out the sentence, and closes the proposal. Anyone can call.
    ///
    /// The provider's own stake, its delegators and what is on its way out lose the same part. The provider pays with its free
    /// tokens first; the rest is a lien on its bonds, collected when they end. [`SettleSlashed`] burns what was taken, or pays it
    /// to the treasury.
    pub ExecuteSlash(ExecuteSlashArgs) = 21 {
        accounts {
            /// The pool.
            pool: [],
            /// The provider.
            provider: [writable],
            /// The proposal.
            slash: [writable],
            /// The pool's rewards.
            rewards: [writable],
            /// Who paid the proposal's rent, and gets it back.
            rent_receiver: [writable],
        }
        args {}
    }
}
instruction! {
    /// Burns what slashes took of a provider's stake, by the pool's policy, and pays the rest to the treasury. Anyone can call.
    /// Without the treasury's account, or if that cannot receive, its part stays due.
    pub SettleSlashed(SettleSlashedArgs) = 27 {
        accounts {
            /// The pool.
            pool: [],
            /// The provider.
            provider: [writable],
            /// The pool's vault.
            vault: [writable],
            /// The pool's mint.
            mint: [writable],
            /// The mint's token program.
            token_program: [],
            /// The pool's treasury. Absent: nothing is paid.
            treasury: [writable, optional],
        }
        args {}
    }
}
instruction! {
    /// Pays the client of a job what was seized for it, when the unbonding period is over. Closes the bond if it was made for the
    /// job and has been released; a reusable one is free again.
    ///
    /// While slashes are proposed, the client can have all but the part that they may take, once the bond is released. That part
    /// waits as in [`Withdraw`]. Without the client's signature nothing is paid then.
    ///
    /// If the client signs, any token account can receive. Anyone else can only pay the client's associated token account.
    pub WithdrawSeized(WithdrawSeizedArgs) = 28 {
        accounts {
            /// The job's client. Signs, unless the destination is its associated token account.
            client: [may_sign],
            /// The pool.
            pool: [],
            /// The provider.
            provider: [writable],
            /// The bond.
            bond: [writable],
            /// The pool's vault.
            vault: [writable],
            /// Token account that receives.
            destination: [writable],
            /// The pool's mint.
            mint: [],
            /// The mint's token program.
            token_program: [],
            /// Who paid the bond's rent, and gets it back.
            rent_receiver: [writable],
        }
        args {}
    }
}
instruction! {
    /// Vetoes a proposed slash, and closes it. The network's authority or guardian signs.
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
    /// Closes a proposed slash that was not executed in time. Anyone can call.
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
    /// Makes a redelegation's ticket an ordinary one: it leaves the pool instead.
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
            /// The provider that it leaves.
            provider: [],
        }
        args {}
    }
}
instruction! {
    /// Creates a network's pool for a mint, and its rewards. A mint that could take, freeze, tax or hide tokens is refused. A pool of
    /// wrapped SOL, which the token programs do not burn, needs a treasury and a `slash_burned_share` of zero.
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
            /// Token account of the mint that receives what is slashed and not burned: a key's, or the associated one of an address
            /// that a program derived. Absent: all is burned.
            treasury: [optional],
        }
        args {
            /// Its policy.
            policy: PoolPolicy,
        }
    }
}
instruction! {
    /// Closes a provider behind which nothing is: no stake, ticket, bond, delegation, slash or unclaimed token; not while it is in jail.
    /// What must not be forgotten stays in a [`ProviderStub`](crate::state::ProviderStub) at the same address, and
    /// [`RegisterProvider`] opens it again, unless it is out for good.
    pub CloseProvider(CloseProviderArgs) = 42 {
        accounts {
            /// The provider's authority.
            authority: [signer],
            /// The pool.
            pool: [writable],
            /// The provider.
            provider: [writable] = pda::provider(authority: authority),
            /// The pool's rewards.
            rewards: [writable],
            /// Who paid the rent, and gets back what is not needed for the stub.
            rent_receiver: [writable],
        }
        args {}
    }
}
instruction! {
    /// Registers a provider, or one again that was closed, with its reputation and the numbers of its slashes and tickets.
    pub RegisterProvider(RegisterProviderArgs) = 33 {
        accounts {
            /// Pays the rent.
            payer: [signer, writable],
            /// Runs it, and takes jobs.
            authority: [signer],
            /// The pool.
            pool: [writable],
            /// The provider to create.
            provider: [writable] = pda::provider(authority: authority),
            /// System program.
            system_program: [],
        }
        args {
            /// Its part of its delegators' rewards, basis points: at most what the pool allows. Of a provider that was closed: more than
            /// it had then is announced, as by [`SetCommission`], and less applies at once.
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
            provider: [writable],
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
            pool: [writable],
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
            /// Most that it can propose to slash in a window, base units: zero is nothing, `u64::MAX` sets no limit.
            window_limit: Tokens,
            /// Most of a provider's stake that it can propose to slash in a window, basis points: zero without the right
            /// [`SLASH`](crate::state::rights::SLASH). All slashers' together are at most the policy's `slash_limit`.
            slash_share: Bps,
        }
    }
}
instruction! {
    /// Changes or takes a slasher's rights. It can still release what it has locked; if it has lost the right to bonds, so can
    /// providers.
    pub SetSlasher(SetSlasherArgs) = 36 {
        accounts {
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [],
            /// The pool.
            pool: [writable],
            /// The slasher.
            slasher: [writable] = pda::slasher(authority: slasher_authority),
        }
        args {
            /// Sum of [`rights`](crate::state::rights).
            rights: u8,
            /// Most that it can propose to slash in a window, base units: zero is nothing, `u64::MAX` sets no limit.
            window_limit: Tokens,
            /// Most of a provider's stake that it can propose to slash in a window, basis points: zero without the right
            /// [`SLASH`](crate::state::rights::SLASH). All slashers' together are at most the policy's `slash_limit`.
            slash_share: Bps,
        }
    }
}
instruction! {
    /// Closes a slasher that has no rights any more, once the time is over in which only providers can release what it had locked,
    /// and the window of its last proposal. Anyone can call. What it still had locked is released by anyone ([`ReleaseBond`]);
    /// what it proposed goes on without it.
    pub CloseSlasher(CloseSlasherArgs) = 43 {
        accounts {
            /// The pool.
            pool: [writable],
            /// The slasher.
            slasher: [writable] = pda::slasher(authority: slasher_authority),
            /// Who paid the rent, and gets it back.
            rent_receiver: [writable],
        }
        args {}
    }
}
instruction! {
    /// Closes a pool with its rewards and its vault, when it has neither providers nor slashers and no policy waits. What is left
    /// in the vault is nobody's: what was funded while nobody staked, what rounding left, what was sent there. It goes to the
    /// pool's treasury, or is burned if there is none. Created again, the pool finds the records of its former providers.
    pub ClosePool(ClosePoolArgs) = 44 {
        accounts {
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [],
            /// The pool; it is closed.
            pool: [writable],
            /// Its vault; it is closed.
            vault: [writable],
            /// Its rewards; they are closed.
            rewards: [writable],
            /// The pool's mint.
            mint: [writable],
            /// The mint's token program.
            token_program: [],
            /// The pool's treasury. Absent: nothing is left, or it is burned.
            treasury: [writable, optional],
            /// Who paid the rent, and gets it back.
            rent_receiver: [writable],
        }
        args {}
    }
}
instruction! {
    /// Opens a reusable bond of a provider, which jobs fill one after the other. Anyone can pay for it.
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
            /// Any address: it stands for the job in the bond's address.
            bond_id: Address,
        }
    }
}
instruction! {
    /// Closes a reusable bond that no job holds.
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
    /// Closes a delegation that is worth nothing and has no rewards. Shares that slashes left worthless are given up. Anyone can call: a
    /// pot in which only they are left, or a provider that is to be closed, waits for nobody.
    pub CloseDelegation(CloseDelegationArgs) = 39 {
        accounts {
            /// Owner of the delegation.
            owner: [],
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
    /// Queues a new policy for a pool. Anyone can execute it when the network's `change_delay` is over, for 14 days. One change
    /// can wait at a time.
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
            /// Token account of the mint that is to receive what is slashed and not burned: a key's, or the associated one of an
            /// address that a program derived. Absent: all is burned.
            treasury: [optional],
        }
        args {
            /// All of the new policy.
            policy: PoolPolicy,
        }
    }
}
instruction! {
    /// Makes the queued policy the pool's. Anyone can call.
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
    /// Withdraws the queued policy. Once it cannot be executed any more, anyone can.
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
instruction! {
    /// Stakes tokens of who migrates a network for many owners at once, each in a new delegation, and locks them if a lock is named. The
    /// network's authority signs: a lock of a stranger's would bind what its owner stakes later. Refused where a delegation is there
    /// already (close an empty one before, by CloseDelegation: anyone may have opened it), for the provider's own stake, and while the
    /// network is paused.
    ///
    /// The stake is the owners' from then on, as if they had staked and locked it; neither the authority nor the funder has a power over it. The
    /// rent goes back to the payer when a delegation is closed.
    pub StakeFor(StakeForArgs) = 65 {
        accounts {
            /// Pays the rents.
            payer: [signer, writable],
            /// Authority of the network.
            authority: [signer],
            /// Owner of the tokens.
            funder: [signer],
            /// The network.
            network: [],
            /// The pool.
            pool: [],
            /// The provider.
            provider: [writable],
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
            /// System program.
            system_program: [],
        }
        remaining {
            /// The delegation to create for each owner, in their order.
            delegations: [writable],
        }
        args {
            /// How long all of it is locked, 14 to 365 days; zero: not at all.
            lock_period: Seconds,
        }
        tail {
            /// Of each delegation: its owner, 32 bytes, then its tokens in base units, 8 bytes, little-endian.
            owners_and_amounts: [[u8; 40]],
        }
    }
}
