//! What a client of a token market sends: its deposit pays for jobs in tokens of the market's mint. A program is a client in the
//! same way, by an address of its own: it passes these instructions to `invoke_signed`.
use {
    joule_escrow_interface::{
        ID,
        instruction::{
            AcceptJob, AcceptJobArgs, CreditAccounts, DepositTokens, DepositTokensArgs, ExtendJob, ExtendJobArgs,
            OpenDeposit, OpenDepositArgs, PaymentAccounts, RejectJob, RejectJobArgs, WithdrawTokens,
            WithdrawTokensArgs,
        },
        pda,
        state::HALT_CLOCK,
    },
    joule_interface::{Address, Instruction, SYSTEM_PROGRAM, TOKEN_PROGRAM},
    joule_math::{Amount, Seconds},
};

// #region token-market
/// A client and the market that it uses.
pub struct Client {
    /// A wallet's, or a program's own.
    pub address: Address,
    /// The market's network.
    pub network: Address,
    /// What the market's jobs are paid in.
    pub mint: Address,
}

/// Jobs that are paid in tokens need no accounts of `bme`: what is left out is `escrow`'s own id.
pub const NO_CREDITS: CreditAccounts = CreditAccounts { spender: ID, escrow_authority: ID, bme_program: ID };

impl Client {
    /// One deposit in each mint serves all markets.
    pub fn deposit(&self) -> Address {
        pda::deposit::find(&self.address, &self.mint).0
    }

    /// Where its tokens are.
    pub fn vault(&self) -> Address {
        pda::vault::find(&self.deposit()).0
    }

    /// `payer` pays the rent, and is named in the deposit: closing it gives the rent back to whoever that is.
    pub fn open(&self, payer: Address) -> Instruction {
        OpenDeposit {
            payer,
            client: self.address,
            deposit: self.deposit(),
            vault: self.vault(),
            mint: self.mint,
            token_program: TOKEN_PROGRAM,
            system_program: SYSTEM_PROGRAM,
        }
        .instruction(&OpenDepositArgs { issuer_powers: 0 })
    }

    /// `authority` owns `source`: anyone can fill a deposit.
    pub fn fill(&self, authority: Address, source: Address, amount: Amount) -> Instruction {
        DepositTokens {
            authority,
            deposit: self.deposit(),
            vault: self.vault(),
            source,
            mint: self.mint,
            token_program: TOKEN_PROGRAM,
        }
        .instruction(&DepositTokensArgs { amount })
    }

    /// What no job holds, to any token account.
    pub fn withdraw(&self, destination: Address, amount: Amount) -> Instruction {
        WithdrawTokens {
            client: self.address,
            deposit: self.deposit(),
            vault: self.vault(),
            destination,
            mint: self.mint,
            token_program: TOKEN_PROGRAM,
        }
        .instruction(&WithdrawTokensArgs { amount })
    }
    // #endregion

    // #region extend
    /// Adds time to a running job; at a metered price, the deposit holds more.
    pub fn extend(&self, job: Address, additional_duration: Seconds) -> Instruction {
        ExtendJob {
            client: self.address,
            job,
            network: self.network,
            funding_account: self.deposit(),
            credits: NO_CREDITS,
        }
        .instruction(&ExtendJobArgs { additional_duration })
    }
    // #endregion

    // #region accept
    /// Pays for a delivered result at once. `payee`: the associated token account of the provider's authority; anyone creates it.
    pub fn accept(&self, job: Address, payee: Address) -> Instruction {
        AcceptJob {
            caller: self.address,
            job,
            payment: PaymentAccounts {
                network: ID,
                funding_account: self.deposit(),
                payee,
                work_shard_or_vault: self.vault(),
                spender_or_mint: self.mint,
                escrow_authority: ID,
                payment_program: TOKEN_PROGRAM,
                fee_payee: ID, // or `fee_payee` of the terms
            },
            halt_clock: HALT_CLOCK,
        }
        .instruction(&AcceptJobArgs { max_amount: Amount::MAX })
    }
    // #endregion

    // #region reject
    /// Hands a delivered result to the market's arbiter; holds the terms' `rejection_stake` until the verdict.
    pub fn reject(&self, job: Address, reasons_hash: [u8; 32]) -> Instruction {
        RejectJob {
            client: self.address,
            job,
            network: self.network,
            funding_account: self.deposit(),
            credits: NO_CREDITS,
            halt_clock: HALT_CLOCK,
        }
        .instruction(&RejectJobArgs { reasons_hash })
    }
    // #endregion
}

#[allow(dead_code, reason = "tests use what is above")]
fn main() {
    let [address, network, mint, job] = [1, 2, 3, 4].map(|byte| Address::new_from_array([byte; 32]));
    let client = Client { address, network, mint };
    for built in
        [client.open(address), client.extend(job, Seconds(600)), client.reject(job, [9; 32]), client.accept(job, mint)]
    {
        assert_eq!(built.program_id, ID);
    }
}
