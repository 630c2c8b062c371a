use {
    crate::{
        Result,
        keys::{emit_changed, limits, managed},
    },
    joule_common::{AccountView, guard::require},
    joule_escrow_interface::{EscrowError, instruction::SetBondLimit},
};

/// See [`SetBondLimit`]. Works while networks are paused: it only limits.
#[inline(never)]
pub fn set_bond_limit(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = SetBondLimit::parse(accounts, data)?;
    let keys = managed(a.keys, a.manager)?;
    // A limit can be taken back even if its account is gone.
    if args.limit != 0 {
        require(limits::at_risk(a.account, a.keys.address())?.is_some(), EscrowError::WrongProvider)?;
    }

    limits::set(&mut keys.limits, a.account.address(), args.limit)?;

    emit_changed(a.keys, keys)
}
