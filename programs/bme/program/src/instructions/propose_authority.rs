use {
    crate::Result,
    joule_bme_interface::{
        event::AuthorityProposed,
        instruction::{ProposeAuthority, ProposeAuthorityArgs},
        state::Network,
    },
    joule_common::{AccountView, account, event, guard},
};

/// See [`ProposeAuthority`].
pub fn propose_authority(accounts: &[AccountView], args: &ProposeAuthorityArgs) -> Result<()> {
    let (a, _) = ProposeAuthority::parse(accounts)?;
    let network = account::keep_mut::<Network>(a.network)?;
    guard::authority(a.authority, &network.authority)?;
    network.pending_authority = args.proposed;

    event::emit(&AuthorityProposed {
        header: AuthorityProposed::header(*a.network.address(), event::next(&mut network.sequence)?),
        proposed: args.proposed,
    });
    Ok(())
}
