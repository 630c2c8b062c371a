use {
    crate::Result,
    joule_bme_interface::{event::AuthorityProposed, instruction::ProposeAuthority, state::Network},
    joule_common::{AccountView, account, event, guard},
};

/// See [`ProposeAuthority`].
pub fn propose_authority(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = ProposeAuthority::parse(accounts, data)?;
    let network = account::keep_mut::<Network>(a.network)?;
    guard::authority(a.authority, &network.authority)?;
    network.pending_authority = args.proposed;

    event::emit(&AuthorityProposed {
        header: AuthorityProposed::header(*a.network.address(), event::next(&mut network.sequence)?),
        proposed: args.proposed,
    });
    Ok(())
}
