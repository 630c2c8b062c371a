//! Accounts that several instructions take: whose they are, and what moves a pool's tokens.

use {
    crate::Result,
    joule_common::{AccountView, Seed, account, guard, guard::require, token},
    joule_interface::{Address, Fault},
    joule_math::Tokens,
    joule_stake_interface::{
        ID, StakeError, pda,
        state::{Bond, Delegation, Pool, Provider, Slasher},
    },
};

/// Nobody's address.
pub const NONE: Address = Address::new_from_array([0; 32]);

/// The account names `pool` as its pool.
#[inline(always)]
pub fn in_pool(of_account: &Address, pool: &Address) -> Result<()> {
    require(guard::eq(of_account, pool), StakeError::WrongPool)
}

/// The account names `provider` as its provider.
#[inline(always)]
pub fn of_provider(of_account: &Address, provider: &AccountView) -> Result<()> {
    require(guard::eq(of_account, provider.address()), StakeError::WrongProvider)
}

/// Who paid an account's rent gets it back.
#[inline(always)]
pub fn paid_by(payer: &Address, receiver: &AccountView) -> Result<()> {
    require(guard::eq(receiver.address(), payer), StakeError::WrongPayer)
}

/// Where slashed tokens go that are not burned: a token account of the mint; none where it is left out.
#[inline(always)]
pub fn treasury(treasury: &AccountView, mint: &Address, pool: &Address) -> Result<Address> {
    if !guard::present(treasury, &ID) {
        return Ok(NONE);
    }
    token::require_reachable(treasury, mint)?;
    // Slashed tokens would be nobody's in an account of the pool's own.
    require(!guard::eq(&token::load(treasury)?.owner, pool), Fault::WrongTokenOwner)?;
    Ok(*treasury.address())
}

/// A provider of the pool, and the pool's rewards.
#[inline(always)]
pub fn provider_of<'a>(
    pool: &Pool,
    address: &AccountView,
    provider: &'a AccountView,
    rewards: &AccountView,
) -> Result<&'a mut Provider> {
    let provider = account::keep_mut::<Provider>(provider)?;
    in_pool(&provider.pool, address.address())?;
    guard::address(rewards, &pool.rewards)?;
    Ok(provider)
}

/// `owner`'s delegation to `provider`.
#[inline(always)]
pub fn delegation_of<'a>(
    delegation: &'a AccountView,
    provider: &AccountView,
    owner: &AccountView,
) -> Result<&'a mut Delegation> {
    let delegation = account::keep_mut::<Delegation>(delegation)?;
    of_provider(&delegation.provider, provider)?;
    guard::authority(owner, &delegation.owner)?;
    Ok(delegation)
}

/// A slasher whose authority signed.
#[inline(always)]
pub fn slasher<'a>(view: &'a AccountView, authority: &AccountView) -> Result<&'a Slasher> {
    let slasher = account::keep::<Slasher>(view)?;
    guard::authority(authority, &slasher.authority)?;
    Ok(slasher)
}

/// No job holds the bond, and nothing of it waits for a client. A bond of which all was seized is its job's until it is released.
#[inline(always)]
pub fn is_free(bond: &Bond) -> bool {
    guard::eq(&bond.slasher, &NONE) && bond.seized.price == 0
}

/// What moves a pool's tokens.
pub struct Vault<'a> {
    address: &'a AccountView,
    pool: &'a Pool,
    vault: &'a AccountView,
    mint: &'a AccountView,
    token_program: token::Stored<'a>,
}

impl<'a> Vault<'a> {
    /// The accounts are the pool's.
    #[inline(always)]
    pub fn of(
        address: &'a AccountView,
        pool: &'a Pool,
        vault: &'a AccountView,
        mint: &'a AccountView,
        token_program: &'a AccountView,
    ) -> Result<Self> {
        guard::address(vault, &pool.vault)?;
        guard::address(mint, &pool.mint)?;
        let token_program = token::Stored::new(token_program, &pool.token_program)?;
        Ok(Self { address, pool, vault, mint, token_program })
    }

    /// Moves tokens of `authority` into the vault; returns what came in. The pool signs if they are its own.
    #[inline(always)]
    pub fn receive(&self, source: &AccountView, authority: &AccountView, amount: Tokens) -> Result<Tokens> {
        let transfer = token::Transfer {
            source,
            mint: self.mint,
            destination: self.vault,
            authority,
            token_program: &self.token_program,
        };
        if guard::eq(authority.address(), self.address.address()) {
            let bump = [self.pool.header.bump];
            Ok(transfer.invoke_measured(amount, self.pool.decimals, &[(&self.seeds(&bump)).into()])?)
        } else {
            Ok(transfer.invoke_measured(amount, self.pool.decimals, &[])?)
        }
    }

    /// The account is the owner's associated token account: the only one to which anyone can pay for the owner.
    #[inline(never)]
    pub fn is_associated(&self, account: &AccountView, owner: &Address) -> Result<()> {
        let (mint, token_program) = (&self.pool.mint, &self.pool.token_program);
        require(token::is_associated(account.address(), owner, mint, token_program), StakeError::WrongReceiver)?;
        // Its owner can hand it to another.
        Ok(require(guard::eq(&token::load(account)?.owner, owner), Fault::WrongTokenOwner)?)
    }

    /// Pays out of the vault.
    #[inline(always)]
    pub fn pay(&self, destination: &AccountView, amount: Tokens) -> Result<()> {
        // Paying the vault out of itself would write the tokens off.
        require(!guard::eq(destination.address(), self.vault.address()), Fault::DuplicateAccount)?;
        let transfer = token::Transfer {
            source: self.vault,
            mint: self.mint,
            destination,
            authority: self.address,
            token_program: &self.token_program,
        };
        let bump = [self.pool.header.bump];
        Ok(transfer.invoke_signed(amount, self.pool.decimals, &[(&self.seeds(&bump)).into()])?)
    }

    /// Burns tokens of the vault.
    #[inline(always)]
    pub fn burn(&self, amount: Tokens) -> Result<()> {
        let bump = [self.pool.header.bump];
        let (seeds, decimals) = (self.seeds(&bump), self.pool.decimals);
        let signers = &[(&seeds).into()];
        Ok(token::burn(&self.token_program, self.vault, self.mint, self.address, amount, decimals, signers)?)
    }

    /// Closes the vault, which is empty; its rent goes to `receiver`.
    #[inline(always)]
    pub fn close(&self, token_program: &AccountView, receiver: &AccountView) -> Result<()> {
        let bump = [self.pool.header.bump];
        let seeds = self.seeds(&bump);
        Ok(token::close(token_program, self.vault, receiver, self.address, &[(&seeds).into()])?)
    }

    /// What the pool signs by.
    #[inline(always)]
    pub fn seeds<'b>(&'b self, bump: &'b [u8; 1]) -> [Seed<'b>; 4] {
        pda::pool::signer(&self.pool.network, &self.pool.mint, bump)
    }
}
