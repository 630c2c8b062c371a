//! What pays for jobs: accounts that instructions share, deposits, and payment while a job runs.

use {
    joule_interface::{accounts, instruction},
    joule_math::Amount,
};

accounts! {
    /// This program's right to spend credits, if the job is paid in credits.
    pub struct CreditAccounts {
        /// This program's spender in the network, if the job is paid in credits; the deposit's vault, if tokens are to be held of which the
        /// issuer may take ([`issuer_power::TAKE`](crate::state::issuer_power::TAKE)), or if an assigned job is cancelled after its deadline
        /// and the issuer may take or freeze them ([`issuer_power::FREEZE`](crate::state::issuer_power::FREEZE)).
        spender: [optional],
        /// This program's authority in the network, if the job is paid in credits.
        escrow_authority: [optional],
        /// `bme`, if the job is paid in credits.
        bme_program: [optional],
    }
}

accounts! {
    /// What pays a provider. If the job is paid in credits, the accounts belong to `bme`; else to the token program.
    pub struct PaymentAccounts {
        /// The network, if the job is paid in credits.
        network: [optional],
        /// What pays for the job: the client's credits, or its deposit.
        funding_account: [writable],
        /// What the provider is paid into: its work in `bme` in the market's lane, or a token account of its own, its associated
        /// one unless it called.
        payee: [writable],
        /// Any work shard of the market's lane, or the deposit's vault.
        work_shard_or_vault: [writable],
        /// This program's spender, or the mint.
        spender_or_mint: [],
        /// This program's authority in the network, if the job is paid in credits.
        escrow_authority: [optional],
        /// `bme`, or the mint's token program.
        payment_program: [],
        /// The account that receives the fee, if the terms ask for one.
        fee_payee: [writable, optional],
    }
}

accounts! {
    /// What burns a part of what a client holds. If it is held in credits, the accounts belong to `bme`; else to the token program.
    pub struct BurnAccounts {
        /// The network, if credits are held.
        network: [optional],
        /// What holds: the client's credits, or its deposit.
        funding_account: [writable],
        /// Any work shard of the market's lane, or the deposit's vault.
        work_shard_or_vault: [writable],
        /// The `ProviderWork` that receives the fee, or the mint.
        fee_payee_or_mint: [writable],
        /// This program's spender, if credits are held.
        spender: [optional],
        /// This program's authority in the network, if credits are held.
        escrow_authority: [optional],
        /// `bme`, or the mint's token program.
        payment_program: [],
    }
}

instruction! {
    /// Pays the provider what it has earned up to now, or what an ended job still owes. Anyone may call, at any time. If nothing is
    /// due, the instruction succeeds without an effect: others may have settled first, and a batch must not fail for that. What the
    /// issuer of the token froze is passed over: to a frozen payee only the fee is paid, to a frozen receiver of the fee only the pay.
    /// If that leaves nothing of the first job, which owes, it fails with `NothingPaid`, unless `max_amount` is below `u64::MAX`.
    pub SettleJob(SettleJobArgs) = 16 {
        accounts {
            /// The job.
            job: [writable],
            ..payment: PaymentAccounts,
        }
        remaining {
            /// Another job of the same funding account and provider. All are paid in one transfer.
            jobs: [writable],
        }
        args {
            /// Most to pay to the provider, and most to pay as the fee, now, for each job. The rest stays owed. Usually `u64::MAX`; less if the
            /// network limits how many credits can be consumed at once.
            max_amount: Amount,
        }
    }
}

instruction! {
    /// Puts tokens into a deposit. Afterwards its free tokens are what its vault holds beyond what jobs hold, so tokens that were sent to
    /// the vault directly count as well, and those that the mint's issuer took are missing; with an `amount` of zero only those do. If
    /// more was taken than was free, what is put in fills that gap first. Anyone may pay, for any client.
    pub DepositTokens(DepositTokensArgs) = 13 {
        accounts {
            /// Owner of `source`.
            authority: [signer],
            /// The deposit.
            deposit: [writable],
            /// Token account that pays.
            source: [writable],
            /// The deposit's vault.
            vault: [writable],
            /// The mint.
            mint: [],
            /// The mint's token program.
            token_program: [],
        }
        args {
            /// Tokens to put in.
            amount: Amount,
        }
    }
}

instruction! {
    /// Withdraws tokens that no job holds from a deposit. The client signs. If the mint's issuer took tokens out of the vault, they are
    /// missing here first.
    pub WithdrawTokens(WithdrawTokensArgs) = 14 {
        accounts {
            /// The client.
            client: [signer],
            /// The deposit.
            deposit: [writable],
            /// Token account that receives.
            destination: [writable],
            /// The deposit's vault.
            vault: [writable],
            /// The mint.
            mint: [],
            /// The mint's token program.
            token_program: [],
        }
        args {
            /// Tokens to withdraw.
            amount: Amount,
        }
    }
}

instruction! {
    /// Opens a client's deposit in a mint, with a vault of its own. Anyone may pay the rent. The mint belongs to Token or Token-2022. If
    /// its issuer may freeze, tax, stop or take tokens, the client names that, and signs: so it names it for every posting from this
    /// deposit.
    pub OpenDeposit(OpenDepositArgs) = 39 {
        accounts {
            /// Pays the rent.
            payer: [signer, writable],
            /// The client; signs if the mint's issuer has powers.
            client: [may_sign],
            /// The deposit to create.
            deposit: [writable],
            /// Its vault to create.
            vault: [writable],
            /// The mint.
            mint: [],
            /// The mint's token program.
            token_program: [],
            /// System program.
            system_program: [],
        }
        args {
            /// What the mint's issuer may do, a sum of [`issuer_power`](crate::state::issuer_power): at least what it can. Zero: the mint has
            /// no such authority or extension.
            issuer_powers: u8,
        }
    }
}

instruction! {
    /// Closes an empty deposit and its vault. The client signs. Refused in the second in which it was opened.
    pub CloseDeposit(CloseDepositArgs) = 40 {
        accounts {
            /// The client.
            client: [signer],
            /// The deposit.
            deposit: [writable],
            /// Its vault.
            vault: [writable],
            /// The mint's token program.
            token_program: [],
            /// Whoever paid the rent of both, and gets it back.
            rent_receiver: [writable],
        }
        args {}
    }
}
