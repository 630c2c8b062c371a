//! Dispute bonds: held by the deposits of those that can lose them.

use {
    crate::Result,
    joule_common::{AccountView, account, guard, guard::require, token},
    joule_escrow_interface::{
        EscrowError, pda,
        state::{Deposit, Verification},
    },
    joule_interface::{Address, Fault},
    joule_math::{Amount, Tokens},
};

/// Holds a dispute bond of `owner`, who signed.
#[inline(always)]
pub fn hold(view: &AccountView, owner: &AccountView, terms: &Verification) -> Result<()> {
    let mut deposit = account::load_mut::<Deposit>(view)?;
    require(guard::eq(&deposit.client, owner.address()), EscrowError::WrongClient)?;
    require(guard::eq(&deposit.mint, &terms.dispute_bond_mint), Fault::WrongMint)?;
    deposit.free = deposit.free.minus(terms.dispute_bond).map_err(|_| EscrowError::InsufficientFunds)?;
    deposit.held = deposit.held.plus(terms.dispute_bond)?;
    Ok(())
}

/// Gives a dispute bond back.
#[inline(always)]
pub fn release(view: &AccountView, named: &Address, amount: Amount) -> Result<()> {
    guard::address(view, named)?;
    let mut deposit = account::load_mut::<Deposit>(view)?;
    deposit.held = deposit.held.minus(amount)?;
    deposit.free = deposit.free.plus(amount)?;
    Ok(())
}

/// The half of a dispute bond lost by play that is for those who won. The other half, rounded up, is burned.
#[inline(always)]
pub fn shared_half(dispute_bond: Amount) -> Amount {
    Amount(dispute_bond.0 / 2)
}

/// What burns or moves lost dispute bonds: a deposit that holds them, and its vault.
pub struct Holder<'a> {
    /// The deposit.
    pub deposit: &'a AccountView,
    /// Its vault.
    pub vault: &'a AccountView,
    /// Their mint.
    pub mint: &'a AccountView,
    /// Its token program.
    pub token_program: &'a AccountView,
}

impl Holder<'_> {
    /// Burns `burned` of what the deposit holds, and moves `moved` to another deposit and its vault, free or held there. The caller checks
    /// that the deposits are those of the game.
    #[inline(never)]
    pub fn pay(&self, burned: Amount, moved: Amount, to: (&AccountView, &AccountView), stays_held: bool) -> Result<()> {
        let mut deposit = account::load_mut::<Deposit>(self.deposit)?;
        guard::address(self.vault, &deposit.vault)?;
        require(guard::eq(self.mint.address(), &deposit.mint), Fault::WrongMint)?;
        require(guard::eq(self.token_program.address(), &deposit.token_program), Fault::WrongTokenProgram)?;
        deposit.held = deposit.held.minus(burned.plus(moved)?)?;
        let (client, mint, bump, decimals) = (deposit.client, deposit.mint, [deposit.header.bump], deposit.decimals);
        drop(deposit);
        if !moved.is_zero() {
            let mut receiver = account::load_mut::<Deposit>(to.0)?;
            guard::address(to.1, &receiver.vault)?;
            let sum = if stays_held { &mut receiver.held } else { &mut receiver.free };
            *sum = sum.plus(moved)?;
        }

        let seeds = pda::deposit::signer(&client, &mint, &bump);
        let signers = &[(&seeds).into()];
        if !moved.is_zero() {
            token::Transfer {
                source: self.vault,
                mint: self.mint,
                destination: to.1,
                authority: self.deposit,
                token_program: self.token_program,
            }
            .invoke_signed(Tokens(moved.0), decimals, signers)?;
        }
        if !burned.is_zero() {
            let (program, vault, owner) = (self.token_program, self.vault, self.deposit);
            token::burn(program, vault, self.mint, owner, Tokens(burned.0), decimals, signers)?;
        }
        Ok(())
    }
}
