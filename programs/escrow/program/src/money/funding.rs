//! Holding a client's money for jobs, and giving it back.

use {
    crate::{Result, engagement::Order},
    joule_bme_interface::{
        instruction::{LockCredits, LockCreditsArgs, UnlockCredits, UnlockCreditsArgs},
        state::{CreditAccount, Spender},
    },
    joule_common::{AccountView, account, guard, guard::require, token},
    joule_escrow_interface::{
        EscrowError, ID,
        instruction::CreditAccounts,
        pda,
        state::{Deposit, Market, NONE, issuer_power},
    },
    joule_interface::{Address, Fault},
    joule_math::{Amount, Credits, Timestamp},
};

/// Whether jobs that are paid in `mint` are paid in credits.
#[inline(always)]
pub fn in_credits(mint: &Address) -> bool {
    guard::eq(mint, &NONE)
}

/// The account did not sign the transaction. An account that did may be another spender's or slasher's authority; the inner call
/// would then move that spender's funds. One that did not can sign the inner call only by this program's seeds, so it is this
/// program's authority, and nothing needs to be derived to know that.
#[inline(always)]
pub fn signs_by_seeds(authority: &AccountView) -> Result<()> {
    Ok(require(!authority.is_signer(), Fault::WrongAddress)?)
}

/// The account pays for the job or the panel.
#[inline(always)]
pub fn require_funding(order: &impl Order, funding_account: &AccountView) -> Result<()> {
    require(guard::eq(funding_account.address(), order.funding_account()), EscrowError::WrongClient)
}

/// A client's money: a credit account, or a deposit.
pub struct Funding<'a> {
    /// The account.
    pub account: &'a AccountView,
    /// This program's spender, if it is a credit account; its vault, if it is a deposit of which the issuer may take, or which it may
    /// freeze where that counts.
    pub spender: &'a AccountView,
    /// This program's authority, if it is a credit account.
    pub authority: &'a AccountView,
    /// `bme`, if it is a credit account.
    pub program: &'a AccountView,
}

impl<'a> Funding<'a> {
    /// From the accounts of an instruction.
    #[inline(always)]
    pub fn new(account: &'a AccountView, credits: &CreditAccounts<&'a AccountView>) -> Self {
        Self { account, spender: credits.spender, authority: credits.escrow_authority, program: credits.bme_program }
    }

    #[inline(always)]
    fn check_credit_accounts(&self) -> Result<()> {
        guard::program(self.program, &joule_bme_interface::ID)?;
        signs_by_seeds(self.authority)
    }

    /// Holds `amount` for jobs of the market. The client signed. Returns the number of the spender that locked credits; zero for a
    /// deposit.
    #[inline(never)]
    pub fn hold(
        &self,
        market: &Market,
        network: &AccountView,
        client: &AccountView,
        amount: Amount,
        reference: &Address,
    ) -> Result<u16> {
        if !in_credits(&market.mint) {
            self.hold_tokens(&market.mint, market.issuer_powers, client.address(), amount)?;
            return Ok(0);
        }
        number_in_lane(self.lock(market.authority_bump, network, client, amount, reference)?, market)
    }

    /// The same for a client that did not sign, and whose mandate allows it.
    #[cold]
    #[inline(never)]
    pub fn hold_for(
        &self,
        market: &Market,
        network: &AccountView,
        client: &Address,
        amount: Amount,
        reference: &Address,
    ) -> Result<u16> {
        if !in_credits(&market.mint) {
            self.hold_tokens(&market.mint, market.issuer_powers, client, amount)?;
            return Ok(0);
        }
        number_in_lane(self.lock_for(market.authority_bump, network, client, amount, reference)?, market)
    }

    /// The issuer left `amount` in the vault, beside what jobs hold: nobody starts a job that is to be paid with what is gone.
    #[inline(never)]
    fn require_there(&self, deposit: &Deposit, amount: Amount) -> Result<()> {
        guard::address(self.spender, &deposit.vault)?;
        let balance = Amount(token::vault_balance(self.spender)?.0);
        require(balance >= deposit.held.plus(amount)?, EscrowError::InsufficientFunds)
    }

    /// Holds more for a job. One whose right to credits was revoked gets no more from a spender that was added again.
    #[inline(never)]
    pub fn hold_more(
        &self,
        order: &impl Order,
        network: &AccountView,
        client: &AccountView,
        amount: Amount,
        reference: &Address,
    ) -> Result<()> {
        if !in_credits(order.mint()) {
            // What its market named was compared when it was posted.
            return self.hold_tokens(order.mint(), u8::MAX, client.address(), amount);
        }
        let spender = self.lock(order.authority_bump(), network, client, amount, reference)?;
        require(spender.number == order.spender_number(), EscrowError::SpenderClosed)
    }

    /// The same for a client that did not sign, and whose mandate allows it.
    #[inline(always)]
    pub fn hold_more_for(
        &self,
        order: &impl Order,
        network: &AccountView,
        client: &Address,
        amount: Amount,
        reference: &Address,
    ) -> Result<()> {
        if !in_credits(order.mint()) {
            return self.hold_tokens(order.mint(), u8::MAX, client, amount);
        }
        let spender = self.lock_for(order.authority_bump(), network, client, amount, reference)?;
        require(spender.number == order.spender_number(), EscrowError::SpenderClosed)
    }

    /// Locks credits of a client that did not sign. `bme` knows that their owner approved this program, and this program that they are
    /// the client's.
    #[cold]
    #[inline(never)]
    fn lock_for(
        &self,
        bump: u8,
        network: &AccountView,
        client: &Address,
        amount: Amount,
        reference: &Address,
    ) -> Result<&'a Spender> {
        let is_own = guard::eq(&account::load::<CreditAccount>(self.account)?.owner, client);
        require(is_own, EscrowError::WrongClient)?;
        self.lock(bump, network, self.authority, amount, reference)
    }

    /// Locks credits. Returns the spender for which they are locked.
    #[inline(always)]
    fn lock(
        &self,
        bump: u8,
        network: &AccountView,
        client: &AccountView,
        amount: Amount,
        reference: &Address,
    ) -> Result<&'a Spender> {
        self.check_credit_accounts()?;
        let bump = [bump];
        let seeds = pda::authority::signer(network.address(), &bump);
        // `bme` checks the client's signature, and that the client owns the credits; or that the owner approved this program.
        LockCredits {
            owner: client,
            spender_authority: self.authority,
            spender: self.spender,
            network,
            credit_account: self.account,
        }
        .invoke_signed(&LockCreditsArgs { amount: Credits(amount.0), reference: *reference }, &[(&seeds).into()])?;
        Ok(account::keep::<Spender>(self.spender)?)
    }

    /// Holds tokens of a deposit, for who named these powers of the mint's issuer. A deposit has others than its market if the mint was
    /// closed and made again in between: nothing could be paid out of it.
    #[inline(always)]
    fn hold_tokens(&self, mint: &Address, named: u8, client: &Address, amount: Amount) -> Result<()> {
        let mut deposit = account::load_mut::<Deposit>(self.account)?;
        require(guard::eq(&deposit.client, client), EscrowError::WrongClient)?;
        require(guard::eq(&deposit.mint, mint), Fault::WrongMint)?;
        require(deposit.issuer_powers & !named == 0, EscrowError::PowersNotNamed)?;
        if deposit.issuer_powers & issuer_power::TAKE != 0 {
            self.require_there(&deposit, amount)?;
        }
        deposit.free = deposit.free.minus(amount).map_err(|_| EscrowError::InsufficientFunds)?;
        deposit.held = deposit.held.plus(amount)?;
        Ok(())
    }

    /// A panel's posting id: a number that no other panel of this funding account has had.
    #[inline(never)]
    pub fn next_panel_id(&self, mint: &Address) -> Result<u64> {
        if in_credits(mint) {
            return Ok(account::load::<CreditAccount>(self.account)?.number());
        }
        let mut deposit = account::load_mut::<Deposit>(self.account)?;
        deposit.panels_posted = deposit.panels_posted.checked_add(1).ok_or(Fault::Overflow)?;
        Ok(deposit.panels_posted)
    }

    /// Gives `amount` of what the job or the panel holds back to the client.
    #[inline(never)]
    pub fn refund(&self, order: &impl Order, reference: &Address, amount: Amount, now: Timestamp) -> Result<()> {
        if !in_credits(order.mint()) {
            let deposit = account::keep_mut::<Deposit>(self.account)?;
            deposit.held = deposit.held.minus(amount)?;
            deposit.free = deposit.free.plus(amount)?;
            return Ok(());
        }
        self.check_credit_accounts()?;
        // Once a right is revoked, the owner reclaims the credits in `bme`, and may have done so already.
        if amount.is_zero() || is_revoked(order, self.spender, now)? {
            return Ok(());
        }
        self.unlock(order, reference, amount)
    }

    /// Whether the mint's issuer froze the vault that pays, or took of what jobs hold there; false for credits.
    #[inline(never)]
    pub fn is_blocked(&self, order: &impl Order) -> Result<bool> {
        if in_credits(order.mint()) {
            return Ok(false);
        }
        let deposit = account::load::<Deposit>(self.account)?;
        if deposit.issuer_powers & (issuer_power::FREEZE | issuer_power::TAKE) == 0 {
            return Ok(false);
        }
        guard::address(self.spender, &deposit.vault)?;
        let vault = token::load_or_frozen(self.spender)?;
        Ok(vault.is_frozen() || vault.amount < deposit.held.0)
    }

    /// Whether the network revoked this program's right to spend the job's credits; false for a deposit.
    #[inline(always)]
    pub fn is_revoked(&self, order: &impl Order, now: Timestamp) -> Result<bool> {
        Ok(in_credits(order.mint()) && is_revoked(order, self.spender, now)?)
    }

    /// Unlocks credits.
    #[inline(never)]
    pub fn unlock(&self, order: &impl Order, reference: &Address, amount: Amount) -> Result<()> {
        let bump = [order.authority_bump()];
        let seeds = pda::authority::signer(order.network(), &bump);
        UnlockCredits { spender_authority: self.authority, spender: self.spender, credit_account: self.account }
            .invoke_signed(
                &UnlockCreditsArgs { amount: Credits(amount.0), reference: *reference },
                &[(&seeds).into()],
            )?;
        Ok(())
    }
}

/// Number of the spender that locked credits for jobs of the market: one of its lane.
#[inline(always)]
fn number_in_lane(spender: &Spender, market: &Market) -> Result<u16> {
    require(spender.lane == market.lane, EscrowError::WrongLane)?;
    Ok(spender.number)
}

/// The network has not announced to revoke the right to the credits, unless it does so after `last`, when all that the job pays is
/// known. The provider that starts the job chooses the spender, and harms only itself with another one.
#[inline(always)]
pub fn require_payable(order: &impl Order, spender: &AccountView, last: Timestamp) -> Result<()> {
    let spender = account::keep::<Spender>(spender)?;
    guard::network(&spender.network, order.network())?;
    let is_open = spender.closes_at == Timestamp::default() || last < spender.closes_at;
    require(is_open && spender.number == order.spender_number(), EscrowError::SpenderClosed)
}

/// Whether the network revoked this program's right to spend the job's credits: the spender's time has run out, or it was
/// closed, and perhaps added again since. Spenders of others do not count.
#[inline(always)]
pub fn is_revoked(order: &impl Order, spender: &AccountView, now: Timestamp) -> Result<bool> {
    if guard::eq(spender.owner(), &joule_bme_interface::ID) {
        let state = account::keep::<Spender>(spender)?;
        let is_open = state.closes_at == Timestamp::default() || now < state.closes_at;
        if is_open && state.number == order.spender_number() {
            return Ok(false);
        }
    }
    require_its_own(order.network(), order.authority_bump(), order.lane(), spender)?;
    Ok(true)
}

/// The spender that gives no right any more is this program's in a network and lane.
#[cold]
#[inline(never)]
fn require_its_own(network: &Address, bump: u8, lane: u8, spender: &AccountView) -> Result<()> {
    if guard::eq(spender.owner(), &joule_bme_interface::ID) {
        let state = account::keep::<Spender>(spender)?;
        guard::network(&state.network, network)?;
        // This program has one in each lane: of another nothing follows for the job.
        let is_its_own = state.lane == lane && guard::eq(&state.authority, &authority_of(network, bump)?);
        return Ok(require(is_its_own, Fault::WrongAddress)?);
    }
    // Nothing can be said of an account that is gone but its address.
    let (authority, lane) = (authority_of(network, bump)?, [lane]);
    let seeds = joule_bme_interface::pda::spender::seeds(network, &authority, &lane);
    let closed = account::find_address(&seeds, &joule_bme_interface::ID).ok_or(Fault::WrongAddress)?.0;
    Ok(guard::address(spender, &closed)?)
}

/// As [`is_revoked`], and refuses an open spender of another network. Where `bme` is called afterwards, it does that.
#[inline(never)]
pub fn is_revoked_in_network(order: &impl Order, spender: &AccountView, now: Timestamp) -> Result<bool> {
    if guard::eq(spender.owner(), &joule_bme_interface::ID) {
        guard::network(&account::keep::<Spender>(spender)?.network, order.network())?;
    }
    is_revoked(order, spender, now)
}

/// This program's authority in a network.
#[inline(never)]
fn authority_of(network: &Address, bump: u8) -> Result<Address> {
    let bump = [bump];
    let [prefix, network] = pda::authority::seeds(network);
    Ok(Address::create_program_address(&[prefix, network, &bump], &ID).map_err(|_| Fault::WrongAddress)?)
}
