//! Instructions.

use {
    joule_interface::{Address, instruction, layout},
    joule_math::{Seconds, Tokens},
};

layout! {
    /// A receiver, as the authority names it.
    #[repr(C, packed)]
    pub struct Share {
        /// The receiver: a wallet, or a program's address.
        pub receiver: Address,
        /// What it gets each period before anything is shared, base units.
        pub fixed: Tokens,
        /// Its share of the rest: 0 to 10,000, as a part of the sum of all shares.
        pub share: u32,
    }
}

instruction! {
    /// Opens a fanout without receivers. Its income arrives in its associated token account, which anyone creates.
    pub Open(OpenArgs) = 0 {
        accounts {
            /// Pays the rent.
            payer: [signer, writable],
            /// Authority of the new fanout.
            authority: [signer],
            /// The fanout to create.
            fanout: [writable],
            /// Mint of the income: without a Token-2022 extension that takes, taxes, hides or stops tokens.
            mint: [],
            /// System program.
            system_program: [],
        }
        args {
            /// Number among the authority's fanouts of the mint.
            id: u64,
        }
    }
}
instruction! {
    /// Names the receivers, and what each one gets, from now on. All that came in until now is shared as it was before; a receiver
    /// that is left out stays until it was paid what it is owed.
    pub SetReceivers(SetReceiversArgs) = 1 {
        accounts {
            /// Authority of the fanout.
            authority: [signer],
            /// The fanout.
            fanout: [writable],
            /// Its token account.
            income: [],
        }
        args {
            /// Length of a period, 60 seconds to 366 days; zero without fixed amounts. The running period ends no later than it
            /// would have.
            period: Seconds,
        }
        tail {
            /// All receivers, at most 16.
            shares: [Share],
        }
    }
}
instruction! {
    /// Shares what came in, and pays receivers what they are owed. Anyone may call. A receiver whose token account is gone, frozen,
    /// another's or one that can refuse tokens is passed over: what it is owed is kept for it.
    pub Distribute(DistributeArgs) = 2 {
        accounts {
            /// The fanout.
            fanout: [writable],
            /// Its token account.
            income: [writable],
            /// The mint.
            mint: [],
            /// The mint's token program.
            token_program: [],
        }
        remaining {
            /// A receiver's associated token account.
            accounts: [writable],
        }
        args {}
    }
}
instruction! {
    /// Shares what came in, and pays a receiver into any token account that it chooses.
    pub Claim(ClaimArgs) = 3 {
        accounts {
            /// The receiver.
            receiver: [signer],
            /// The fanout.
            fanout: [writable],
            /// Its token account.
            income: [writable],
            /// Token account that receives.
            destination: [writable],
            /// The mint.
            mint: [],
            /// The mint's token program.
            token_program: [],
        }
        args {}
    }
}
instruction! {
    /// Claims from `bme` what the fanout's own record of work has earned, as fees of a market that is paid in credits, into the
    /// fanout's token account. Anyone may call.
    pub CollectRewards(CollectRewardsArgs) = 4 {
        accounts {
            /// The fanout.
            fanout: [],
            /// Its token account.
            income: [writable],
            /// The network.
            network: [],
            /// The fanout's work.
            provider_work: [writable],
            /// The network's reward vault.
            reward_vault: [writable],
            /// The network's token: the mint of the income.
            mint: [],
            /// The mint's token program.
            token_program: [],
            /// `bme`.
            bme_program: [],
        }
        remaining {
            /// A settled epoch that the fanout has work of.
            epochs: [writable],
        }
        args {}
    }
}
instruction! {
    /// Gives the authority to another, who signs as well; or to nobody, for good.
    pub HandOver(HandOverArgs) = 5 {
        accounts {
            /// Authority of the fanout.
            authority: [signer],
            /// The fanout.
            fanout: [writable],
            /// The next authority; left out: nobody can change the fanout any more.
            successor: [signer, optional],
        }
        args {}
    }
}
instruction! {
    /// Closes a fanout that owes nobody anything, and its token account. What is left, nobody's or less than a base unit of
    /// somebody's, goes to whom the authority chooses.
    pub Close(CloseArgs) = 6 {
        accounts {
            /// Authority of the fanout.
            authority: [signer],
            /// The fanout.
            fanout: [writable],
            /// Its token account, which need not exist.
            income: [writable],
            /// Token account that receives what is left. Unused if nothing is.
            destination: [writable],
            /// Who paid the rent: gets it, and that of the token account.
            rent_receiver: [writable],
            /// The mint.
            mint: [],
            /// The mint's token program.
            token_program: [],
        }
        args {}
    }
}
