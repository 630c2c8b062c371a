//! A treasury that pays for compute, on Anchor. Its address, derived from its authority's, owns credits in `bme` and is the
//! client of jobs in `escrow`. `native-caller` is the same on plain `solana-program`: names, order and accounts are alike.
//!
//! Joule's interface crates build an `Instruction`; it is called like any other, with `invoke` or `invoke_signed`.

use {
    anchor_lang::{
        prelude::*,
        solana_program::program::{invoke, invoke_signed},
    },
    joule_bme_interface::instruction::{BuyCredits, BuyCreditsArgs},
    joule_escrow_interface::{
        instruction::{
            AcceptJob, AcceptJobArgs, CancelJob, CancelJobArgs, CreditAccounts, PaymentAccounts, PostJob, PostJobArgs,
        },
        state::{Job, Market, job_state, matching},
    },
    joule_math::{Amount, Credits, Seconds, Tokens},
};

declare_id!("JouLeAnchorCaLLer11111111111111111111111111");

/// First seed of a treasury's address; the other is its authority.
pub const TREASURY: &[u8] = b"treasury";

#[program]
pub mod anchor_caller {
    use super::*;

    /// Opens a treasury.
    pub fn open(ctx: Context<Open>) -> Result<()> {
        ctx.accounts.treasury.authority = ctx.accounts.authority.key();
        ctx.accounts.treasury.bump = ctx.bumps.treasury;
        Ok(())
    }

    /// Buys credits for the treasury with its authority's tokens, and posts a job that the treasury pays for.
    pub fn buy_and_post(ctx: Context<BuyAndPost>, args: BuyAndPostArgs) -> Result<()> {
        let a = &ctx.accounts;
        let price = read::<Market>(&a.market)?.terms.price;

        // The authority signed the transaction, and with it this call.
        // #region buy
        let buy = BuyCredits {
            buyer: a.authority.key(),
            network: a.network.key(),
            credit_account: a.credit_account.key(),
            source: a.source.key(),
            burn_shard: a.burn_shard.key(),
            burn_vault: a.burn_vault.key(),
            mint: a.mint.key(),
            price_update: a.price_update.key(),
            token_program: a.token_program.key(),
        }
        .instruction(&BuyCreditsArgs { tokens: Tokens(args.tokens), min_credits: Credits(args.min_credits) });
        invoke(&buy, &a.to_account_infos())?;
        // #endregion

        // #region post
        let post = PostJob {
            payer: a.authority.key(),
            client: a.treasury.key(),
            market: a.market.key(),
            job: a.job.key(),
            network: a.network.key(),
            funding_account: a.credit_account.key(),
            // An optional account that is left out is the program's own.
            queue: joule_escrow_interface::ID,
            credits: CreditAccounts {
                spender: a.spender.key(),
                escrow_authority: a.escrow_authority.key(),
                bme_program: a.bme_program.key(),
            },
            system_program: a.system_program.key(),
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
        let signer: &[&[u8]] = &[TREASURY, a.treasury.authority.as_ref(), &[a.treasury.bump]];
        invoke_signed(&post, &a.to_account_infos(), &[signer])?;
        // #endregion
        Ok(())
    }

    /// Accepts a job that was delivered; cancels one that has not started. The treasury counts both.
    pub fn accept_or_cancel(ctx: Context<AcceptOrCancel>) -> Result<()> {
        let a = &ctx.accounts;

        // #region accept-or-cancel
        let seen = read::<Job>(&a.job)?;
        require_keys_eq!(seen.client, a.treasury.key(), CallerError::WrongClient);
        let decision = match seen.state {
            job_state::DELIVERED => AcceptJob {
                caller: a.treasury.key(),
                job: a.job.key(),
                payment: PaymentAccounts {
                    network: a.network.key(),
                    funding_account: a.credit_account.key(),
                    payee: a.payee.key(),
                    work_shard_or_vault: a.work_shard.key(),
                    spender_or_mint: a.spender.key(),
                    escrow_authority: a.escrow_authority.key(),
                    payment_program: a.bme_program.key(),
                    // Left out: a market that asks for a fee needs it.
                    fee_payee: joule_escrow_interface::ID,
                },
                // Left out: a client is not late.
                halt_clock: joule_escrow_interface::ID,
            }
            .instruction(&AcceptJobArgs { max_amount: Amount::MAX }),
            job_state::POSTED => CancelJob {
                caller: a.treasury.key(),
                job: a.job.key(),
                network: a.network.key(),
                funding_account: a.credit_account.key(),
                credits: CreditAccounts {
                    spender: a.spender.key(),
                    escrow_authority: a.escrow_authority.key(),
                    bme_program: a.bme_program.key(),
                },
                queue: joule_escrow_interface::ID,
                halt_clock: joule_escrow_interface::ID,
            }
            .instruction(&CancelJobArgs {}),
            _ => return err!(CallerError::NothingToDecide),
        };
        let signer: &[&[u8]] = &[TREASURY, a.treasury.authority.as_ref(), &[a.treasury.bump]];
        invoke_signed(&decision, &a.to_account_infos(), &[signer])?;
        // #endregion

        // #region count
        let ended = read::<Job>(&a.job)?;
        let treasury = &mut ctx.accounts.treasury;
        if ended.state == job_state::CANCELLED {
            treasury.cancelled += 1;
        } else {
            treasury.accepted += 1;
            treasury.spent += ended.earned.0;
        }
        // #endregion
        Ok(())
    }
}

/// A copy of an account of one of Joule's programs.
// #region read
fn read<T: joule_interface::Account>(info: &AccountInfo) -> Result<T> {
    let data = info.try_borrow_data()?;
    T::read(info.owner, &data).copied().ok_or(ProgramError::InvalidAccountData.into())
}
// #endregion

/// What a treasury says.
#[account]
#[derive(InitSpace)]
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

/// Arguments of `buy_and_post`.
#[derive(AnchorSerialize, AnchorDeserialize)]
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

#[derive(Accounts)]
pub struct Open<'info> {
    #[account(mut)]
    pub authority: Signer<'info>,
    #[account(
        init,
        payer = authority,
        space = 8 + Treasury::INIT_SPACE,
        seeds = [TREASURY, authority.key().as_ref()],
        bump
    )]
    pub treasury: Account<'info, Treasury>,
    pub system_program: Program<'info, System>,
}

#[derive(Accounts)]
pub struct BuyAndPost<'info> {
    #[account(mut)]
    pub authority: Signer<'info>,
    #[account(has_one = authority @ CallerError::NotYours)]
    pub treasury: Account<'info, Treasury>,
    /// CHECK: by Joule's programs, as all that follow.
    pub network: UncheckedAccount<'info>,
    /// CHECK: as above.
    #[account(mut)]
    pub credit_account: UncheckedAccount<'info>,
    /// CHECK: as above.
    #[account(mut)]
    pub source: UncheckedAccount<'info>,
    /// CHECK: as above.
    #[account(mut)]
    pub burn_shard: UncheckedAccount<'info>,
    /// CHECK: as above.
    #[account(mut)]
    pub burn_vault: UncheckedAccount<'info>,
    /// CHECK: as above.
    pub mint: UncheckedAccount<'info>,
    /// CHECK: as above.
    pub price_update: UncheckedAccount<'info>,
    /// CHECK: as above.
    pub token_program: UncheckedAccount<'info>,
    /// CHECK: as above.
    pub market: UncheckedAccount<'info>,
    /// CHECK: as above.
    #[account(mut)]
    pub job: UncheckedAccount<'info>,
    /// CHECK: as above.
    pub spender: UncheckedAccount<'info>,
    /// CHECK: as above.
    pub escrow_authority: UncheckedAccount<'info>,
    /// CHECK: as above.
    pub bme_program: UncheckedAccount<'info>,
    /// CHECK: no other is called.
    pub escrow_program: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

#[derive(Accounts)]
pub struct AcceptOrCancel<'info> {
    pub authority: Signer<'info>,
    #[account(mut, has_one = authority @ CallerError::NotYours)]
    pub treasury: Account<'info, Treasury>,
    /// CHECK: by Joule's programs, as all that follow.
    pub network: UncheckedAccount<'info>,
    /// CHECK: as above.
    #[account(mut)]
    pub credit_account: UncheckedAccount<'info>,
    /// CHECK: as above; and read here.
    #[account(mut)]
    pub job: UncheckedAccount<'info>,
    /// CHECK: as above.
    #[account(mut)]
    pub payee: UncheckedAccount<'info>,
    /// CHECK: as above.
    #[account(mut)]
    pub work_shard: UncheckedAccount<'info>,
    /// CHECK: as above.
    pub spender: UncheckedAccount<'info>,
    /// CHECK: as above.
    pub escrow_authority: UncheckedAccount<'info>,
    /// CHECK: as above.
    pub bme_program: UncheckedAccount<'info>,
    /// CHECK: no other is called.
    pub escrow_program: UncheckedAccount<'info>,
}

/// Errors.
#[error_code]
pub enum CallerError {
    #[msg("the treasury is another authority's")]
    NotYours,
    #[msg("the job is another client's")]
    WrongClient,
    #[msg("the job is neither to be accepted nor to be cancelled")]
    NothingToDecide,
}
