//! Paying providers and fees.

use {
    crate::{
        Result,
        engagement::{Engagement, Order},
        money::{
            self,
            funding::{Funding, in_credits, is_revoked, require_funding, signs_by_seeds},
        },
    },
    joule_bme_interface::{
        instruction::{ConsumeCredits, ConsumeCreditsArgs},
        state::ProviderWork,
    },
    joule_common::{
        AccountView, Signer, account, guard,
        guard::require,
        issuer::{self, cannot_refuse},
        token,
    },
    joule_escrow_interface::{EscrowError, instruction::PaymentAccounts, pda, state::Deposit},
    joule_interface::{Address, Fault},
    joule_math::{Amount, Credits, Timestamp, Tokens},
};

/// The accounts of an instruction that pays.
pub type Payment<'a> = PaymentAccounts<&'a AccountView>;

/// What leaves a job.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Payout {
    /// To the provider.
    pub pay: Amount,
    /// To the fee's receiver.
    pub fee: Amount,
    /// To the client, penalties included.
    pub refund: Amount,
}

/// What keeps a provider from being paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// Nothing.
    None,
    /// The network revoked this program's right to its credits.
    Revoked,
    /// The token's issuer froze the payee, or the provider lets it refuse transfers: what it is owed waits.
    Frozen,
}

/// The accounts are those of the engagement. `caller` signed, if anybody had to: the provider chooses where it is paid, others can
/// only pay into its associated token account. If nothing is to be paid now, where does not matter: all is booked as owed, and a
/// provider that cannot be paid delays nobody.
#[inline(never)]
pub fn check(
    accounts: &Payment,
    engagement: &impl Engagement,
    caller: Option<&AccountView>,
    max_amount: Amount,
    now: Timestamp,
) -> Result<Obstacle> {
    let pays = !max_amount.is_zero();
    require_funding(engagement, accounts.funding_account)?;
    require(engagement.has_started(), EscrowError::WrongJobState)?;
    if in_credits(engagement.mint()) {
        guard::program(accounts.payment_program, &joule_bme_interface::ID)?;
        signs_by_seeds(accounts.escrow_authority)?;
        guard::network(engagement.network(), accounts.network.address())?;
        // Anyone may settle, and must not choose who is paid.
        if pays {
            let payee = account::load::<ProviderWork>(accounts.payee)?;
            require(guard::eq(&payee.provider, engagement.provider()), EscrowError::WrongProvider)?;
        }
        let is_revoked = is_revoked(engagement, accounts.spender_or_mint, now)?;
        return Ok(if is_revoked { Obstacle::Revoked } else { Obstacle::None });
    }
    // `pay_tokens` checks vault and token program against the deposit. The token program checks the mint, and both accounts'.
    if !pays {
        return Ok(Obstacle::None);
    }
    let Ok(is_its) = token::is_owned_by(accounts.payee, engagement.provider()) else {
        return check_frozen(accounts, engagement, caller);
    };
    require(is_its, Fault::WrongTokenOwner)?;
    require_payee(accounts.payee, engagement, caller)?;
    Ok(if issuer::refuses(accounts.payee) { Obstacle::Frozen } else { Obstacle::None })
}

/// The payee is the provider's, and the token's issuer froze it.
#[cold]
#[inline(never)]
fn check_frozen(accounts: &Payment, engagement: &impl Engagement, caller: Option<&AccountView>) -> Result<Obstacle> {
    let payee = token::load_or_frozen(accounts.payee)?;
    require(guard::eq(&payee.owner, engagement.provider()), Fault::WrongTokenOwner)?;
    require_payee(accounts.payee, engagement, caller)?;
    Ok(Obstacle::Frozen)
}

/// The payee is an account of the provider's, which chooses which of them is paid. Others pay into its associated one.
#[inline(always)]
fn require_payee(payee: &AccountView, engagement: &impl Engagement, caller: Option<&AccountView>) -> Result<()> {
    let provider = engagement.provider();
    if !caller.is_some_and(|caller| guard::eq(caller.address(), provider)) {
        let is_own = token::is_associated(payee.address(), provider, engagement.mint(), payee.owner());
        require(is_own, EscrowError::WrongPayee)?;
    }
    Ok(())
}

/// The token's issuer froze the account that receives the fee: the fee waits. One that its owner closed, put an account of another
/// mint in the place of, or made refuse transfers, does without.
#[inline(never)]
pub fn is_fee_frozen(order: &impl Order, fee_payee: &AccountView) -> bool {
    let is_receiver = guard::eq(fee_payee.address(), &order.terms().fee_payee);
    is_receiver
        && token::load_or_frozen(fee_payee)
            .is_ok_and(|account| account.is_frozen() && guard::eq(&account.mint, order.mint()))
}

/// Pays the provider and the fee, and refunds the client.
#[inline(never)]
pub fn pay(accounts: &Payment, order: &impl Order, reference: &Address, payout: &Payout, now: Timestamp) -> Result<()> {
    if !in_credits(order.mint()) {
        return pay_tokens(accounts, order, payout);
    }
    let (mut pay, mut fee) = (payout.pay, payout.fee);
    if !fee.is_zero() {
        require(guard::eq(accounts.fee_payee.address(), &order.terms().fee_payee), EscrowError::FeeRequired)?;
        // As in tokens: if the fee's receiver was closed, the provider gets the fee.
        if !guard::eq(accounts.fee_payee.owner(), &joule_bme_interface::ID) {
            (pay, fee) = (pay.plus(fee)?, Amount::ZERO);
        }
    }
    if !pay.is_zero() {
        consume(accounts, order, accounts.payee, pay, reference, now)?;
    }
    if !fee.is_zero() {
        consume(accounts, order, accounts.fee_payee, fee, reference, now)?;
    }
    if payout.refund.is_zero() {
        return Ok(());
    }
    let funding = Funding {
        account: accounts.funding_account,
        spender: accounts.spender_or_mint,
        authority: accounts.escrow_authority,
        program: accounts.payment_program,
    };
    funding.unlock(order, reference, payout.refund)
}

#[inline(always)]
fn pay_tokens(accounts: &Payment, order: &impl Order, payout: &Payout) -> Result<()> {
    let vault = accounts.work_shard_or_vault;
    // Kept: the deposit only signs the calls below.
    let deposit = account::keep_mut::<Deposit>(accounts.funding_account)?;
    guard::address(vault, &deposit.vault)?;
    let token_program = token::Stored::new(accounts.payment_program, &deposit.token_program)?;
    // A payment from the vault to itself would be booked, and move nothing.
    require(!guard::eq(accounts.payee.address(), vault.address()), Fault::DuplicateAccount)?;
    let paid = payout.pay.plus(payout.fee)?;
    deposit.held = deposit.held.minus(paid.plus(payout.refund)?)?;
    // A sum over all times may exceed 64 bits, and must not keep anyone from being paid.
    deposit.paid = Amount(deposit.paid.0.wrapping_add(paid.0));
    deposit.free = deposit.free.plus(payout.refund)?;
    let (deposit, bump) = (&*deposit, [deposit.header.bump]);
    let mint = &deposit.mint;

    let seeds = pda::deposit::signer(&deposit.client, mint, &bump);
    let signers = &[(&seeds).into()];
    let mut pay = payout.pay;
    if !payout.fee.is_zero() {
        let fee_payee = &order.terms().fee_payee;
        require(guard::eq(accounts.fee_payee.address(), fee_payee), EscrowError::FeeRequired)?;
        if guard::eq(fee_payee, mint) {
            let fee = Tokens(payout.fee.0);
            let burned_from = accounts.funding_account;
            token::burn(&token_program, vault, accounts.fee_payee, burned_from, fee, deposit.decimals, signers)?;
        } else if cannot_refuse(accounts.fee_payee, mint) && !guard::eq(fee_payee, vault.address()) {
            transfer(accounts, &token_program, accounts.fee_payee, payout.fee, deposit, signers)?;
        } else {
            // If the fee's receiver was closed, the provider gets the fee: nobody can keep it from being paid.
            pay = pay.plus(payout.fee)?;
        }
    }
    if pay.is_zero() {
        return Ok(require(guard::eq(accounts.spender_or_mint.address(), mint), Fault::WrongMint)?);
    }
    transfer(accounts, &token_program, accounts.payee, pay, deposit, signers)
}

#[inline(never)]
fn transfer(
    accounts: &Payment,
    token_program: &token::Stored,
    destination: &AccountView,
    amount: Amount,
    deposit: &Deposit,
    signers: &[Signer],
) -> Result<()> {
    let (source, mint, authority) = (accounts.work_shard_or_vault, accounts.spender_or_mint, accounts.funding_account);
    money::transfer(deposit, token::Transfer { source, mint, destination, authority, token_program }, amount, signers)
}

#[inline(never)]
fn consume(
    accounts: &Payment,
    order: &impl Order,
    work: &AccountView,
    amount: Amount,
    reference: &Address,
    now: Timestamp,
) -> Result<()> {
    let bump = [order.authority_bump()];
    let seeds = pda::authority::signer(order.network(), &bump);
    ConsumeCredits {
        spender_authority: accounts.escrow_authority,
        spender: accounts.spender_or_mint,
        network: accounts.network,
        credit_account: accounts.funding_account,
        provider_work: work,
        work_shard: accounts.work_shard_or_vault,
    }
    .invoke_signed(
        &ConsumeCreditsArgs { amount: Credits(amount.0), reference: *reference, worked_at: now },
        &[(&seeds).into()],
    )?;
    Ok(())
}
