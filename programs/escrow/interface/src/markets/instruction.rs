//! Markets and their terms.

use {crate::state::Terms, joule_interface::instruction};

instruction! {
    /// Creates a market. The network's authority signs. A market that is paid in credits needs this program to be a spender in the
    /// network. Bonds and reports need this program to be a slasher in the pool.
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
            /// The network's stake pool for this market, if it has one.
            pool: [optional],
            /// What jobs are paid in; left out for credits.
            mint: [optional],
            /// The mint's token program; left out for credits.
            token_program: [optional],
            /// This program's spender in the network, if jobs are paid in credits: its lane is the market's.
            spender: [optional],
            /// System program.
            system_program: [],
            /// The account that receives the fee, if there is one.
            fee_payee: [optional],
        }
        args {
            /// Seed of the market's address: a number that the network chooses.
            id: u64,
            /// Terms of its jobs, in the ranges that [`Terms`] documents. The price of the longest job must fit in 64 bits.
            terms: Terms,
            /// What the issuer of the mint may do, a sum of [`issuer_power`](crate::state::issuer_power): at least what it can. Zero: the
            /// mint has no such authority or extension.
            issuer_powers: u8,
        }
    }
}

instruction! {
    /// Changes a market's terms for jobs that are posted from now on, or closes it to new jobs. The network's authority signs.
    pub SetMarket(SetMarketArgs) = 33 {
        accounts {
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [],
            /// The market.
            market: [writable],
            /// The account that receives the fee, if there is one.
            fee_payee: [optional],
        }
        args {
            /// The new terms.
            terms: Terms,
            /// 1: the market takes no new jobs.
            closed: u8,
        }
    }
}

instruction! {
    /// Closes a market's account. The network's authority signs. Its jobs go on, because they hold their terms. Its queue, if it
    /// has one, must be closed first. Not in the second in which it was created ([`TooEarly`](crate::EscrowError::TooEarly)).
    pub CloseMarket(CloseMarketArgs) = 34 {
        accounts {
            /// Authority of the network.
            authority: [signer],
            /// The network.
            network: [],
            /// The market.
            market: [writable],
            /// The address of its queue, which must have no account.
            queue: [],
            /// Whoever paid the rent, and gets it back.
            rent_receiver: [writable],
        }
        args {}
    }
}
