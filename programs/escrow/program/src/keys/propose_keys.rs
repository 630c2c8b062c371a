use {
    crate::{
        Result,
        keys::{check_parties, emit_changed, managed},
    },
    joule_common::{AccountView, now},
    joule_escrow_interface::instruction::ProposeKeys,
};

/// See [`ProposeKeys`].
#[inline(never)]
pub fn propose_keys(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = ProposeKeys::parse(accounts, data)?;
    let keys = managed(a.keys, a.manager)?;
    let (manager, payee, recovery) = (args.next_manager, args.next_payee, args.next_recovery);
    check_parties(a.keys, &manager, &payee)?;

    (keys.next_manager, keys.next_payee, keys.next_recovery) = (manager, payee, recovery);
    keys.executable_at = now()?.after(keys.change_delay)?;

    emit_changed(a.keys, keys)
}
