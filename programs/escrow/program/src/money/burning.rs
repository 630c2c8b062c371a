//! Burning a part of what a client holds, so that nobody has it.

use {
    crate::{
        Result,
        engagement::Order,
        money::{
            check_deposit,
            funding::{in_credits, is_revoked, require_funding, signs_by_seeds},
        },
    },
    joule_bme_interface::instruction::{ConsumeCredits, ConsumeCreditsArgs},
    joule_common::{AccountView, account, guard, guard::require, token},
    joule_escrow_interface::{EscrowError, instruction::BurnAccounts, pda, state::Deposit},
    joule_interface::{Address, Fault},
    joule_math::{Amount, Bps, Credits, Timestamp, Tokens},
};

/// The accounts of an instruction that burns.
pub type Burning<'a> = BurnAccounts<&'a AccountView>;

/// What jobs and panels on these terms hold can be burned: tokens that are not wrapped SOL, or credits for whose fee there is a
/// receiver. Credits were bought with burned tokens already; nobody in the job may have them, so they go where the fee goes.
#[inline(always)]
pub fn require_burnable(mint: &Address, fee_share: Bps) -> Result<()> {
    if in_credits(mint) {
        return require(fee_share != Bps(0), EscrowError::FeeRequired);
    }
    Ok(require(!token::is_native(mint), Fault::MintNotAllowed)?)
}

/// The accounts are those of the order. Returns whether the network revoked this program's right to its credits.
#[inline(always)]
pub fn check(accounts: &Burning, order: &impl Order, now: Timestamp) -> Result<bool> {
    require_funding(order, accounts.funding_account)?;
    if !in_credits(order.mint()) {
        return Ok(false);
    }
    guard::program(accounts.payment_program, &joule_bme_interface::ID)?;
    signs_by_seeds(accounts.escrow_authority)?;
    guard::network(order.network(), accounts.network.address())?;
    is_revoked(order, accounts.spender, now)
}

/// Burns `amount`.
#[inline(never)]
pub fn burn(accounts: &Burning, order: &impl Order, reference: &Address, amount: Amount, now: Timestamp) -> Result<()> {
    if in_credits(order.mint()) {
        let is_receiver = guard::eq(accounts.fee_payee_or_mint.address(), &order.terms().fee_payee);
        require(is_receiver, EscrowError::FeeRequired)?;
        let bump = [order.authority_bump()];
        let seeds = pda::authority::signer(order.network(), &bump);
        ConsumeCredits {
            spender_authority: accounts.escrow_authority,
            spender: accounts.spender,
            network: accounts.network,
            credit_account: accounts.funding_account,
            provider_work: accounts.fee_payee_or_mint,
            work_shard: accounts.work_shard_or_vault,
        }
        .invoke_signed(
            &ConsumeCreditsArgs { amount: Credits(amount.0), reference: *reference, worked_at: now },
            &[(&seeds).into()],
        )?;
        return Ok(());
    }
    let (vault, mint, program) = (accounts.work_shard_or_vault, accounts.fee_payee_or_mint, accounts.payment_program);
    // Kept: the deposit only signs the call below.
    let deposit = account::keep_mut::<Deposit>(accounts.funding_account)?;
    check_deposit(deposit, vault, mint, program)?;
    deposit.held = deposit.held.minus(amount)?;
    let (bump, decimals) = ([deposit.header.bump], deposit.decimals);
    let seeds = pda::deposit::signer(&deposit.client, &deposit.mint, &bump);
    let owner = accounts.funding_account;
    Ok(token::burn(program, vault, mint, owner, Tokens(amount.0), decimals, &[(&seeds).into()])?)
}
