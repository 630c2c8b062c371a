//! Wagers: held by the deposits of who may lose them.

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

/// The account is the verification that the job names.
#[inline(always)]
pub fn verification<'a>(view: &'a AccountView, named: &Address) -> Result<account::Ref<'a, Verification>> {
    require(guard::eq(view.address(), named), EscrowError::WrongVerification)?;
    Ok(account::load::<Verification>(view)?)
}

/// Holds a wager of `owner`, who signed.
#[inline(always)]
pub fn hold(view: &AccountView, owner: &AccountView, terms: &Verification) -> Result<()> {
    let mut deposit = account::load_mut::<Deposit>(view)?;
    require(guard::eq(&deposit.client, owner.address()), EscrowError::WrongClient)?;
    require(guard::eq(&deposit.mint, &terms.dispute_bond_mint), Fault::WrongMint)?;
    deposit.free = deposit.free.minus(terms.dispute_bond).map_err(|_| EscrowError::InsufficientFunds)?;
    deposit.held = deposit.held.plus(terms.dispute_bond)?;
    Ok(())
}

/// Gives a wager back.
#[inline(always)]
pub fn give_back(view: &AccountView, named: &Address, wager: Amount) -> Result<()> {
    guard::address(view, named)?;
    let mut deposit = account::load_mut::<Deposit>(view)?;
    deposit.held = deposit.held.minus(wager)?;
    deposit.free = deposit.free.plus(wager)?;
    Ok(())
}

/// What pays a lost wager.
pub struct Forfeit<'a> {
    /// The loser's deposit, and its vault.
    pub loser: (&'a AccountView, &'a AccountView),
    /// The winner's.
    pub winner: (&'a AccountView, &'a AccountView),
    /// Their mint.
    pub mint: &'a AccountView,
    /// Its token program.
    pub token_program: &'a AccountView,
}

impl Forfeit<'_> {
    /// Pays it to the winner, but for the part that is burned. Returns both parts. That the deposits are those of the game is
    /// the caller's.
    #[inline(never)]
    pub fn pay(&self, wager: Amount, fee: Bps) -> Result<(Amount, Amount)> {
        let burned = Amount(fee.of_floor(wager.0)?);
        let won = wager.minus(burned)?;
        let mut winner = account::load_mut::<Deposit>(self.winner.0)?;
        guard::address(self.winner.1, &winner.vault)?;
        winner.free = winner.free.plus(won)?;
        drop(winner);
        let mut loser = account::load_mut::<Deposit>(self.loser.0)?;
        guard::address(self.loser.1, &loser.vault)?;
        require(guard::eq(self.mint.address(), &loser.mint), Fault::WrongMint)?;
        require(guard::eq(self.token_program.address(), &loser.token_program), Fault::WrongTokenProgram)?;
        loser.held = loser.held.minus(wager)?;
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
