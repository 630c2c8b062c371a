//! Dispute bonds: held by the deposits of those that can lose them.

use {
    crate::Result,
    joule_common::{AccountView, account, guard, guard::require, token},
    joule_escrow_interface::{
        EscrowError, pda,
        state::{Deposit, Verification},
    },
    joule_interface::{Address, Fault},
    joule_math::{Amount, Bps, Tokens},
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

/// What pays a lost dispute bond.
pub struct LostDisputeBond<'a> {
    /// The loser's deposit, and its vault.
    pub loser: (&'a AccountView, &'a AccountView),
    /// The winner's deposit, and its vault.
    pub winner: (&'a AccountView, &'a AccountView),
    /// Their mint.
    pub mint: &'a AccountView,
    /// Its token program.
    pub token_program: &'a AccountView,
}

impl LostDisputeBond<'_> {
    /// Burns a part of it and pays the rest to the winner. Returns what the winner gets, and what is burned. The caller checks that
    /// the deposits are those of the game.
    #[inline(never)]
    pub fn pay(&self, amount: Amount, burned_share: Bps) -> Result<(Amount, Amount)> {
        let burned = Amount(burned_share.of_floor(amount.0)?);
        let won = amount.minus(burned)?;
        let mut winner = account::load_mut::<Deposit>(self.winner.0)?;
        guard::address(self.winner.1, &winner.vault)?;
        winner.free = winner.free.plus(won)?;
        drop(winner);
        let mut loser = account::load_mut::<Deposit>(self.loser.0)?;
        guard::address(self.loser.1, &loser.vault)?;
        require(guard::eq(self.mint.address(), &loser.mint), Fault::WrongMint)?;
        require(guard::eq(self.token_program.address(), &loser.token_program), Fault::WrongTokenProgram)?;
        loser.held = loser.held.minus(amount)?;
        let (client, mint, bump, decimals) = (loser.client, loser.mint, [loser.header.bump], loser.decimals);
        drop(loser);

        let seeds = pda::deposit::signer(&client, &mint, &bump);
        let signers = &[(&seeds).into()];
        if !won.is_zero() {
            token::Transfer {
                source: self.loser.1,
                mint: self.mint,
                destination: self.winner.1,
                authority: self.loser.0,
                token_program: self.token_program,
            }
            .invoke_signed(Tokens(won.0), decimals, signers)?;
        }
        if !burned.is_zero() {
            let (program, vault, owner) = (self.token_program, self.loser.1, self.loser.0);
            token::burn(program, vault, self.mint, owner, Tokens(burned.0), decimals, signers)?;
        }
        Ok((won, burned))
    }
}
