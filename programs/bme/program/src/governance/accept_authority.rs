use {
    crate::Result,
    joule_bme_interface::{event::AuthorityChanged, instruction::AcceptAuthority, state::Network},
    joule_common::{AccountView, account, event, guard},
    joule_interface::Address,
};

/// See [`AcceptAuthority`]. Nobody signs as the zero address, which stands for no successor.
pub fn accept_authority(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = AcceptAuthority::parse(accounts, data)?;
    let network = account::keep_mut::<Network>(a.network)?;
    guard::authority(a.successor, &network.pending_authority)?;
    network.authority = *a.successor.address();
    network.pending_authority = Address::default();

    event::emit(&AuthorityChanged {
        header: AuthorityChanged::header(*a.network.address(), event::next(&mut network.sequence)?),
        authority: network.authority,
    });
    Ok(())
}
