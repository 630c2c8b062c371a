use {
    crate::Result,
    joule_common::{AccountView, account, event, guard, guard::require, token},
    joule_escrow_interface::{EscrowError, event::PaidOut, instruction::PayOut, pda, state::Keys},
    joule_interface::Fault,
};

/// See [`PayOut`]. Works while networks are paused: it pays out.
#[inline(never)]
pub fn pay_out(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = PayOut::parse(accounts, data)?;
    let keys = account::keep_mut::<Keys>(a.keys)?;
    let decimals = token::mint(a.mint, a.token_program.address())?.decimals;
    require(guard::eq(&token::load(a.source)?.owner, a.keys.address()), Fault::WrongTokenOwner)?;
    let tokens = token::balance(a.source, a.mint.address())?;
    require(!tokens.is_zero(), Fault::ZeroAmount)?;
    let (payee, destination) = (&keys.payee, a.destination.address());
    let is_payees = token::is_associated(destination, payee, a.mint.address(), a.token_program.address());
    // Its owner can hand it to another.
    require(is_payees && guard::eq(&token::load(a.destination)?.owner, payee), EscrowError::WrongDestination)?;

    let (id, bump) = (keys.id.to_le_bytes(), [keys.header.bump]);
    let seeds = pda::keys::signer(&keys.opened_by, &id, &bump);
    let transfer = token::Transfer {
        source: a.source,
        mint: a.mint,
        destination: a.destination,
        authority: a.keys,
        token_program: a.token_program,
    };
    transfer.invoke_signed(tokens, decimals, &[(&seeds).into()])?;

    event::emit(&PaidOut {
        header: PaidOut::header(*a.keys.address(), event::next(&mut keys.sequence)?),
        payee: *payee,
        mint: *a.mint.address(),
        tokens,
    });
    Ok(())
}
