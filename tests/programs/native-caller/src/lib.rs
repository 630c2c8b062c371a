//! A treasury that pays for compute, on plain `solana-program`. Its address, derived from its authority's, owns credits in
//! `bme` and is the client of jobs in `escrow`. `anchor-caller` is the same on Anchor: names, order and accounts are alike.
//!
//! Joule's interface crates build an `Instruction`; it is called like any other, with `invoke` or `invoke_signed`.
#![forbid(unsafe_code)]

use {
    borsh::{BorshDeserialize, BorshSerialize},
    joule_bme_interface::instruction::{BuyCredits, BuyCreditsArgs},
    joule_escrow_interface::{
        instruction::{
            AcceptJob, AcceptJobArgs, CancelJob, CancelJobArgs, CreditAccounts, PaymentAccounts, PostJob, PostJobArgs,
        },
        state::{Job, Market, job_state, matching},
    },
    joule_interface::Account,
    joule_math::{Amount, Credits, Seconds, Tokens},
    solana_program::{
        account_info::AccountInfo,
        entrypoint::ProgramResult,
        program::{invoke, invoke_signed},
        program_error::ProgramError,
        pubkey::Pubkey,
        rent::Rent,
        sysvar::Sysvar,
    },
    solana_system_interface::instruction::{allocate, assign, transfer},
};

/// The program.
pub const ID: Pubkey = Pubkey::from_str_const("JouLeNativeCaLLer11111111111111111111111111");
/// First seed of a treasury's address; the other is its authority.
pub const TREASURY: &[u8] = b"treasury";

/// The program's only kind of account.
#[derive(BorshDeserialize, BorshSerialize, Clone, Debug, Default, PartialEq, Eq)]
pub struct Treasury {
    /// Who spends what it owns.
    pub authority: Pubkey,
    /// Jobs accepted.
    pub accepted: u64,
    /// Jobs cancelled.
    pub cancelled: u64,
    /// Credits that the accepted jobs cost, in micro-dollars.
    pub spent: u64,
    /// Bump seed of its address.
    pub bump: u8,
}

/// Bytes of a [`Treasury`].
const SIZE: usize = 32 + 3 * 8 + 1;

/// Arguments of [`Call::BuyAndPost`].
#[derive(BorshDeserialize, BorshSerialize, Clone, Debug)]
pub struct BuyAndPostArgs {
    /// Tokens to spend on credits, base units.
    pub tokens: u64,
    /// Fewest credits to accept for them, micro-dollars.
    pub min_credits: u64,
    /// A number that the treasury has no other job at.
    pub nonce: u64,
    /// Version of the market's terms that the authority saw.
    pub terms_version: u64,
    /// Who is to work.
    pub provider: Pubkey,
    /// Content hash of what is to be done.
    pub definition: [u8; 32],
    /// Length, seconds.
    pub duration: u32,
}

/// Instructions.
#[derive(BorshDeserialize, BorshSerialize, Clone, Debug)]
pub enum Call {
    /// Opens a treasury.
    Open,
    /// Buys credits for the treasury with its authority's tokens, and posts a job that the treasury pays for.
    BuyAndPost(BuyAndPostArgs),
    /// Accepts a job that was delivered; cancels one that has not started. The treasury counts both.
    AcceptOrCancel,
}

/// Errors.
#[derive(Clone, Copy, Debug)]
#[repr(u32)]
pub enum CallerError {
    /// The treasury is another authority's.
    NotYours,
    /// The job is another client's.
    WrongClient,
    /// The job is neither to be accepted nor to be cancelled.
    NothingToDecide,
}

impl From<CallerError> for ProgramError {
    fn from(error: CallerError) -> Self {
        Self::Custom(error as u32)
    }
}

#[cfg(target_os = "solana")]
solana_program::entrypoint!(process);

/// From an instruction's bytes to its function.
pub fn process(program: &Pubkey, accounts: &[AccountInfo], data: &[u8]) -> ProgramResult {
    match Call::try_from_slice(data)? {
        Call::Open => open(program, accounts),
        Call::BuyAndPost(args) => buy_and_post(program, accounts, args),
        Call::AcceptOrCancel => accept_or_cancel(program, accounts),
    }
}

fn open(program: &Pubkey, accounts: &[AccountInfo]) -> ProgramResult {
    let [authority, treasury, _system_program] = accounts else { return Err(ProgramError::NotEnoughAccountKeys) };
    if !authority.is_signer {
        return Err(ProgramError::MissingRequiredSignature);
    }
    let (address, bump) = Pubkey::find_program_address(&[TREASURY, authority.key.as_ref()], program);
    if *treasury.key != address {
        return Err(ProgramError::InvalidSeeds);
    }
    let signer: &[&[u8]] = &[TREASURY, authority.key.as_ref(), &[bump]];
    // `create_account` refuses an address that somebody sent lamports to.
    let missing = Rent::get()?.minimum_balance(SIZE).saturating_sub(treasury.lamports());
    invoke(&transfer(authority.key, treasury.key, missing), accounts)?;
    invoke_signed(&allocate(treasury.key, SIZE as u64), accounts, &[signer])?;
    invoke_signed(&assign(treasury.key, program), accounts, &[signer])?;
    save(treasury, &Treasury { authority: *authority.key, bump, ..Treasury::default() })
}

fn buy_and_post(program: &Pubkey, accounts: &[AccountInfo], args: BuyAndPostArgs) -> ProgramResult {
    let [
        authority,
        treasury,
        network,
        credit_account,
        source,
        burn_shard,
        burn_vault,
        mint,
        price_update,
        token_program,
        market,
        job,
        spender,
        escrow_authority,
        bme_program,
        _escrow_program,
        system_program,
    ] = accounts
    else {
        return Err(ProgramError::NotEnoughAccountKeys);
    };
    let state = load(program, authority, treasury)?;
    let price = read::<Market>(market)?.terms.price;

    // The authority signed the transaction, and with it this call.
    // #region buy
    let buy = BuyCredits {
        buyer: *authority.key,
        network: *network.key,
        credit_account: *credit_account.key,
        source: *source.key,
        burn_shard: *burn_shard.key,
        burn_vault: *burn_vault.key,
        mint: *mint.key,
        price_update: *price_update.key,
        token_program: *token_program.key,
    }
    .instruction(&BuyCreditsArgs { tokens: Tokens(args.tokens), min_credits: Credits(args.min_credits) });
    invoke(&buy, accounts)?;
    // #endregion

    // #region post
    let post = PostJob {
        payer: *authority.key,
        client: *treasury.key,
        market: *market.key,
        job: *job.key,
        network: *network.key,
        funding_account: *credit_account.key,
        // An optional account that is left out is the program's own.
        queue: joule_escrow_interface::ID,
        credits: CreditAccounts {
            spender: *spender.key,
            escrow_authority: *escrow_authority.key,
            bme_program: *bme_program.key,
        },
        system_program: *system_program.key,
    }
    .instruction(&PostJobArgs {
        nonce: args.nonce,
        terms_version: args.terms_version,
        price,
        provider: args.provider,
        definition: args.definition,
        duration: Seconds(args.duration),
        matching: matching::DIRECT,
    });
    invoke_signed(&post, accounts, &[&[TREASURY, authority.key.as_ref(), &[state.bump]]])
    // #endregion
}

fn accept_or_cancel(program: &Pubkey, accounts: &[AccountInfo]) -> ProgramResult {
    let [
        authority,
        treasury,
        network,
        credit_account,
        job,
        payee,
        work_shard,
        spender,
        escrow_authority,
        bme_program,
        _escrow_program,
    ] = accounts
    else {
        return Err(ProgramError::NotEnoughAccountKeys);
    };
    let mut state = load(program, authority, treasury)?;

    // #region accept-or-cancel
    let seen = read::<Job>(job)?;
    if seen.client != *treasury.key {
        return Err(CallerError::WrongClient.into());
    }
    let decision = match seen.state {
        job_state::DELIVERED => AcceptJob {
            caller: *treasury.key,
            job: *job.key,
            payment: PaymentAccounts {
                network: *network.key,
                funding_account: *credit_account.key,
                payee: *payee.key,
                work_shard_or_vault: *work_shard.key,
                spender_or_mint: *spender.key,
                escrow_authority: *escrow_authority.key,
                payment_program: *bme_program.key,
                // Left out: a market that asks for a fee needs it.
                fee_payee: joule_escrow_interface::ID,
            },
            // Left out: a client is not late.
            halt_clock: joule_escrow_interface::ID,
        }
        .instruction(&AcceptJobArgs { max_amount: Amount::MAX }),
        job_state::POSTED => CancelJob {
            caller: *treasury.key,
            job: *job.key,
            network: *network.key,
            funding_account: *credit_account.key,
            credits: CreditAccounts {
                spender: *spender.key,
                escrow_authority: *escrow_authority.key,
                bme_program: *bme_program.key,
            },
            queue: joule_escrow_interface::ID,
            halt_clock: joule_escrow_interface::ID,
        }
        .instruction(&CancelJobArgs {}),
        _ => return Err(CallerError::NothingToDecide.into()),
    };
    invoke_signed(&decision, accounts, &[&[TREASURY, authority.key.as_ref(), &[state.bump]]])?;
    // #endregion

    // #region count
    let ended = read::<Job>(job)?;
    if ended.state == job_state::CANCELLED {
        state.cancelled += 1;
    } else {
        state.accepted += 1;
        state.spent += ended.earned.0;
    }
    save(treasury, &state)
    // #endregion
}

/// A copy of an account of one of Joule's programs.
// #region read
fn read<T: Account>(info: &AccountInfo) -> Result<T, ProgramError> {
    let data = info.try_borrow_data()?;
    T::read(info.owner, &data).copied().ok_or(ProgramError::InvalidAccountData)
}
// #endregion

fn load(program: &Pubkey, authority: &AccountInfo, treasury: &AccountInfo) -> Result<Treasury, ProgramError> {
    if !authority.is_signer {
        return Err(ProgramError::MissingRequiredSignature);
    }
    if treasury.owner != program {
        return Err(ProgramError::InvalidAccountOwner);
    }
    let state = Treasury::try_from_slice(&treasury.try_borrow_data()?)?;
    if state.authority != *authority.key {
        return Err(CallerError::NotYours.into());
    }
    Ok(state)
}

fn save(treasury: &AccountInfo, state: &Treasury) -> ProgramResult {
    Ok(state.serialize(&mut &mut treasury.try_borrow_mut_data()?[..])?)
}
