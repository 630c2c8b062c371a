//! What pays for jobs: a client's credits in `bme`, or its deposit of a mint. The same words for both.

use {
    crate::{Result, job::Payout},
    joule_bme_interface::{
        instruction::{
            ConsumeCredits, ConsumeCreditsArgs, LockCredits, LockCreditsArgs, UnlockCredits, UnlockCreditsArgs,
        },
        state::{CreditAccount, ProviderWork, Spender},
    },
    joule_common::{AccountView, Signer, account, guard, guard::require, token},
    joule_escrow_interface::{
        EscrowError, ID,
        event::JobEnded,
        pda,
        state::{Deposit, Job, NONE},
    },
    joule_interface::{Address, Fault},
    joule_math::{Amount, Credits, Timestamp, Tokens},
};

/// Whether jobs that are paid in `mint` are paid in credits.
#[inline(always)]
pub fn in_credits(mint: &Address) -> bool {
    guard::eq(mint, &NONE)
}

/// The account signs inner calls by our seeds or not at all, so it can only be our authority, which costs no
/// derivation to know. One that signed the transaction could be another spender or slasher, and move what is its own
/// in place of what the job holds.
#[inline(always)]
pub fn signs_by_seeds(authority: &AccountView) -> Result<()> {
    Ok(require(!authority.is_signer(), Fault::WrongAddress)?)
}

/// The account pays for the job.
#[inline(always)]
pub fn of_job(job: &Job, purse: &AccountView) -> Result<()> {
    require(guard::eq(purse.address(), &job.funding_account), EscrowError::WrongClient)
}

/// What holds a client's money: credits that are locked and unlocked, or the books of a deposit.
pub struct Purse<'a> {
    /// Credit account or deposit.
    pub purse: &'a AccountView,
    /// This program's spender, for credits.
    pub spender: &'a AccountView,
    /// This program's authority, for credits.
    pub authority: &'a AccountView,
    /// `bme`, for credits.
    pub program: &'a AccountView,
}

impl Purse<'_> {
    /// Accounts for credits are what they must be.
    #[inline(always)]
    fn for_credits(&self) -> Result<()> {
        guard::program(self.program, &joule_bme_interface::ID)?;
        signs_by_seeds(self.authority)
    }

    /// Holds `amount` of a client's, who signed, for jobs in `network`.
    #[inline(never)]
    pub fn hold(
        &self,
        mint: &Address,
        network: &AccountView,
        bump: u8,
        client: &AccountView,
        amount: Amount,
        reference: &Address,
    ) -> Result<()> {
        if in_credits(mint) {
            self.for_credits()?;
            let bump = [bump];
            let seeds = pda::authority::signer(network.address(), &bump);
            // It takes the client's signature, and credits only of an account that the client owns.
            LockCredits {
                owner: client,
                spender_authority: self.authority,
                spender: self.spender,
                network,
                credit_account: self.purse,
            }
            .invoke_signed(&LockCreditsArgs { amount: Credits(amount.0), reference: *reference }, &[(&seeds).into()])?;
            return Ok(());
        }
        let mut deposit = account::load_mut::<Deposit>(self.purse)?;
        require(guard::eq(&deposit.client, client.address()), EscrowError::WrongClient)?;
        require(guard::eq(&deposit.mint, mint), Fault::WrongMint)?;
        deposit.free = deposit.free.minus(amount).map_err(|_| EscrowError::InsufficientFunds)?;
        deposit.held = deposit.held.plus(amount)?;
        Ok(())
    }

    /// A number that nothing else of this client's purse has had.
    #[inline(never)]
    pub fn number(&self, mint: &Address) -> Result<u64> {
        if in_credits(mint) {
            return Ok(account::load::<CreditAccount>(self.purse)?.sequence);
        }
        let mut deposit = account::load_mut::<Deposit>(self.purse)?;
        deposit.panels_posted = deposit.panels_posted.checked_add(1).ok_or(Fault::Overflow)?;
        Ok(deposit.panels_posted)
    }

    /// Gives `amount` of what the job holds back to the client.
    #[inline(never)]
    pub fn give_back(&self, job: &Job, reference: &Address, amount: Amount, now: Timestamp) -> Result<()> {
        if !in_credits(&job.mint) {
            let deposit = account::keep_mut::<Deposit>(self.purse)?;
            deposit.held = deposit.held.minus(amount)?;
            deposit.free = deposit.free.plus(amount)?;
            return Ok(());
        }
        self.for_credits()?;
        // A right that was taken away leaves the credits to their owner, who may have taken them already.
        if amount.is_zero() || is_closed(job, self.spender, now)? {
            return Ok(());
        }
        self.unlock(job, reference, amount)
    }

    #[inline(never)]
    fn unlock(&self, job: &Job, reference: &Address, amount: Amount) -> Result<()> {
        let bump = [job.authority_bump];
        let seeds = pda::authority::signer(&job.network, &bump);
        UnlockCredits { spender_authority: self.authority, spender: self.spender, credit_account: self.purse }
            .invoke_signed(
                &UnlockCreditsArgs { amount: Credits(amount.0), reference: *reference },
                &[(&seeds).into()],
            )?;
        Ok(())
    }
}

/// Whether the network took away this program's right to the credits of the job. Others' spenders have no say.
#[inline(always)]
fn is_closed(job: &Job, spender: &AccountView, now: Timestamp) -> Result<bool> {
    let spender_state = account::keep::<Spender>(spender)?;
    if spender_state.closes_at == Timestamp::default() || now < spender_state.closes_at {
        return Ok(false);
    }
    guard::network(&spender_state.network, &job.network)?;
    let bump = [job.authority_bump];
    let [prefix, network] = pda::authority::seeds(&job.network);
    let authority = Address::create_program_address(&[prefix, network, &bump], &ID).map_err(|_| Fault::WrongAddress)?;
    require(guard::eq(&spender_state.authority, &authority), Fault::WrongAddress)?;
    Ok(true)
}

/// The accounts of an instruction that pays, as its interface names them.
pub struct Payment<'a> {
    /// Network, for credits.
    pub network: &'a AccountView,
    /// Credit account or deposit.
    pub purse: &'a AccountView,
    /// The provider's work, or its token account.
    pub payee: &'a AccountView,
    /// Work shard, or the deposit's vault.
    pub till: &'a AccountView,
    /// Spender, or the mint.
    pub means: &'a AccountView,
    /// This program's authority, for credits.
    pub authority: &'a AccountView,
    /// `bme`, or the token program.
    pub program: &'a AccountView,
    /// Where the fee goes.
    pub fee_payee: &'a AccountView,
}

/// The accounts of any instruction that pays.
#[macro_export]
macro_rules! payment {
    ($accounts:ident) => {
        $crate::purse::Payment {
            network: $accounts.network,
            purse: $accounts.funding_account,
            payee: $accounts.payee,
            till: $accounts.work_shard_or_vault,
            means: $accounts.spender_or_mint,
            authority: $accounts.escrow_authority,
            program: $accounts.payment_program,
            fee_payee: $accounts.fee_payee,
        }
    };
}

impl Payment<'_> {
    /// The accounts are the job's. Returns whether the network took away the right to its credits.
    #[inline(never)]
    pub fn check(&self, job: &Job, now: Timestamp) -> Result<bool> {
        of_job(job, self.purse)?;
        // Before it starts, nobody is known that could be paid.
        require(job.started_at != Timestamp::default(), EscrowError::WrongJobState)?;
        if in_credits(&job.mint) {
            guard::program(self.program, &joule_bme_interface::ID)?;
            signs_by_seeds(self.authority)?;
            guard::network(&job.network, self.network.address())?;
            // Anyone may settle, and must not choose who is paid.
            let payee = account::load::<ProviderWork>(self.payee)?;
            require(guard::eq(&payee.provider, &job.provider), EscrowError::WrongProvider)?;
            drop(payee);
            return is_closed(job, self.means, now);
        }
        // Mint, vault and token program are the deposit's: see `transfer`. The payee's mint the token program checks.
        require(guard::eq(&token::load(self.payee)?.owner, &job.provider), Fault::WrongTokenOwner)?;
        Ok(false)
    }

    /// Pays the provider and the fee, and gives back: of jobs like this one.
    #[inline(never)]
    pub fn make(&self, job: &Job, reference: &Address, payout: &Payout) -> Result<()> {
        if in_credits(&job.mint) {
            if !payout.pay.is_zero() {
                self.consume(job, self.payee, payout.pay, reference)?;
            }
            if !payout.fee.is_zero() {
                require(guard::eq(self.fee_payee.address(), &job.terms.fee_payee), EscrowError::FeeRequired)?;
                self.consume(job, self.fee_payee, payout.fee, reference)?;
            }
            if payout.back.is_zero() {
                return Ok(());
            }
            let Self { purse, means: spender, authority, program, .. } = *self;
            return Purse { purse, spender, authority, program }.unlock(job, reference, payout.back);
        }
        // It only signs the calls below.
        let deposit = account::keep_mut::<Deposit>(self.purse)?;
        guard::address(self.till, &deposit.vault)?;
        require(guard::eq(self.means.address(), &deposit.mint), Fault::WrongMint)?;
        let token_program = token::Stored::new(self.program, &deposit.token_program)?;
        // Paying the vault out of itself would write the tokens off.
        require(!guard::eq(self.payee.address(), self.till.address()), Fault::DuplicateAccount)?;
        let out = payout.pay.plus(payout.fee)?.plus(payout.back)?;
        deposit.held = deposit.held.minus(out)?;
        deposit.free = deposit.free.plus(payout.back)?;
        let (bump, decimals) = ([deposit.header.bump], deposit.decimals);
        let mint = &deposit.mint;

        let seeds = pda::deposit::signer(&deposit.client, mint, &bump);
        let signers = &[(&seeds).into()];
        let mut pay = payout.pay;
        if !payout.fee.is_zero() {
            let fee_to = &job.terms.fee_payee;
            require(guard::eq(self.fee_payee.address(), fee_to), EscrowError::FeeRequired)?;
            if guard::eq(fee_to, mint) {
                let fee = Tokens(payout.fee.0);
                token::burn(&token_program, self.till, self.fee_payee, self.purse, fee, decimals, signers)?;
            } else if takes_fees(self.fee_payee, mint) && !guard::eq(fee_to, self.till.address()) {
                self.transfer(&token_program, self.fee_payee, payout.fee, decimals, signers)?;
            } else {
                // Who closes the account that the fee goes to does without, and does not keep others from their pay.
                pay = pay.plus(payout.fee)?;
            }
        }
        if !pay.is_zero() {
            self.transfer(&token_program, self.payee, pay, decimals, signers)?;
        }
        Ok(())
    }

    #[inline(never)]
    fn transfer(
        &self,
        token_program: &token::Stored,
        destination: &AccountView,
        amount: Amount,
        decimals: u8,
        signers: &[Signer],
    ) -> Result<()> {
        Ok(token::Transfer { source: self.till, mint: self.means, destination, authority: self.purse, token_program }
            .invoke_signed(Tokens(amount.0), decimals, signers)?)
    }

    #[inline(never)]
    fn consume(&self, job: &Job, work: &AccountView, amount: Amount, reference: &Address) -> Result<()> {
        let bump = [job.authority_bump];
        let seeds = pda::authority::signer(&job.network, &bump);
        ConsumeCredits {
            spender_authority: self.authority,
            spender: self.means,
            network: self.network,
            credit_account: self.purse,
            provider_work: work,
            work_shard: self.till,
        }
        .invoke_signed(&ConsumeCreditsArgs { amount: Credits(amount.0), reference: *reference }, &[(&seeds).into()])?;
        Ok(())
    }
}

/// A token account of `mint` that cannot refuse what is paid into it: with no extension of its own but the immutable owner
/// that associated accounts have.
#[inline(always)]
pub fn takes_fees(account: &AccountView, mint: &Address) -> bool {
    /// 165 bytes, one that says what it is, and four for an extension without content.
    const LONGEST: usize = 170;
    account.data_len() <= LONGEST && token::balance(account, mint).is_ok()
}

/// What the event of a job's end says.
pub fn ended(job: &Job, address: &Address, sequence: u64) -> JobEnded {
    JobEnded {
        header: JobEnded::header(*address, sequence),
        state: job.state,
        outcome: job.outcome,
        reserved: [0; 6],
        paid: job.paid,
        fee_paid: job.fee_paid,
        penalty: job.penalty,
        refunded: job.refunded,
        held: job.held,
        bond_to_seize: job.bond_to_seize,
    }
}
