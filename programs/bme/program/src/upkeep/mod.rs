//! Keepers of a network: what it needs and nobody in particular does is paid for out of its treasury's part, never more than a share
//! of what the treasury got.

pub(crate) mod forward_treasury;
pub(crate) mod set_chore;
pub(crate) mod set_upkeep;
pub(crate) mod take_chore_tip;

use {
    crate::Result,
    joule_bme_interface::{pda, state::Upkeep},
    joule_common::{AccountView, guard, guard::require, token},
    joule_interface::{Address, Fault},
    joule_math::Tokens,
};

/// Counts what came in and was not counted yet: the keepers' part is kept, up to the limit, and the rest is due to the treasury.
pub fn count(upkeep: &mut Upkeep, balance: Tokens) -> Result<()> {
    let known = upkeep.kept.plus(upkeep.amount_due)?;
    let came = Tokens(balance.0.saturating_sub(known.0));
    let room = Tokens(upkeep.max_kept.0.saturating_sub(upkeep.kept.0));
    let kept = Tokens(upkeep.keeper_share.of_floor(came.0)?).min(room);
    upkeep.kept = upkeep.kept.plus(kept)?;
    upkeep.amount_due = upkeep.amount_due.plus(came.minus(kept)?)?;
    Ok(())
}

/// What moves an upkeep's tokens.
pub struct Vault<'a> {
    /// The upkeep's account.
    pub address: &'a AccountView,
    /// Its associated token account.
    pub vault: &'a AccountView,
    /// The network's token.
    pub mint: &'a AccountView,
    /// The mint's token program.
    pub token_program: &'a AccountView,
}

impl Vault<'_> {
    /// It is the upkeep's; returns its balance.
    pub fn check(&self, upkeep: &Upkeep) -> Result<Tokens> {
        guard::address(self.vault, &upkeep.vault)?;
        Ok(token::balance(self.vault, self.mint.address())?)
    }

    /// Pays out of it.
    pub fn pay(&self, upkeep: &Upkeep, destination: &AccountView, amount: Tokens) -> Result<()> {
        // It would count as come in.
        require(!guard::eq(destination.address(), self.vault.address()), Fault::DuplicateAccount)?;
        let transfer = token::Transfer {
            source: self.vault,
            mint: self.mint,
            destination,
            authority: self.address,
            token_program: &token::Stored::new(self.token_program, &upkeep.token_program)?,
        };
        let bump = [upkeep.header.bump];
        let seeds = pda::upkeep::signer(&upkeep.network, &upkeep.treasury, &bump);
        Ok(transfer.invoke_signed(amount, upkeep.decimals, &[(&seeds).into()])?)
    }
}

/// The vault is there, and is the associated token account of the upkeep.
fn require_vault(vault: &AccountView, upkeep: &Address, mint: &Address, token_program: &Address) -> Result<()> {
    token::balance(vault, mint)?;
    Ok(require(token::is_associated(vault.address(), upkeep, mint, token_program), Fault::WrongAddress)?)
}

#[cfg(test)]
mod tests {
    use {super::*, joule_math::Bps};

    /// What is kept is never more than the share of what came in, nor than the limit, and all that came is kept, due or paid.
    #[test]
    fn all_that_comes_in_is_counted_once() {
        let mut upkeep = Upkeep { keeper_share: Bps(1_000), max_kept: Tokens(15), ..Upkeep::default() };
        for (balance, kept, due) in
            [(0, 0, 0), (9, 0, 9), (109, 10, 99), (109, 10, 99), (209, 15, 194), (1_000, 15, 985)]
        {
            count(&mut upkeep, Tokens(balance)).unwrap();
            assert_eq!((upkeep.kept, upkeep.amount_due), (Tokens(kept), Tokens(due)));
        }
        // A lower limit takes nothing back, and a vault that lost tokens counts nothing.
        upkeep.max_kept = Tokens(1);
        count(&mut upkeep, Tokens(2_000)).unwrap();
        assert_eq!((upkeep.kept, upkeep.amount_due), (Tokens(15), Tokens(1_985)));
        count(&mut upkeep, Tokens(5)).unwrap();
        assert_eq!((upkeep.kept, upkeep.amount_due), (Tokens(15), Tokens(1_985)));
    }
}
