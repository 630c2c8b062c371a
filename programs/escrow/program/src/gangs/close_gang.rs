use {
    crate::Result,
    joule_common::{AccountView, account, guard, guard::require},
    joule_escrow_interface::{EscrowError, instruction::CloseGang, state::Gang},
};

/// See [`CloseGang`]. Works while the network is paused: it gives back.
#[inline(never)]
pub fn close_gang(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = CloseGang::parse(accounts, data)?;
    let gang = account::load::<Gang>(a.gang)?;
    require(gang.has_ended(), EscrowError::WrongGangState)?;
    require(gang.posted == 0, EscrowError::NotEmpty)?;
    require(guard::eq(a.rent_receiver.address(), &gang.payer), EscrowError::WrongPayer)?;

    drop(gang);
    Ok(account::close(a.gang, a.rent_receiver)?)
}
