use {
    crate::{Result, roots},
    joule_bme_interface::{
        event::OraclesProposed,
        instruction::SetOracles,
        state::{Network, OracleSet},
    },
    joule_common::{AccountView, account, event, guard, in_range, now},
};

/// See [`SetOracles`]. Who may say what others have earned changes in public; that nobody may is at once.
pub fn set_oracles(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = SetOracles::parse(accounts, data)?;
    let network = account::keep::<Network>(a.network)?;
    guard::authority(a.authority, &network.authority)?;
    let set = account::keep_mut::<OracleSet>(a.oracle_set)?;
    guard::network(&set.network, a.network.address())?;
    let oracles = args.oracles;
    let count = roots::count(&oracles)?;
    in_range!(args.threshold <= count && (args.threshold > 0 || count == 0), "threshold")?;

    if count == 0 {
        set.oracles = oracles;
        set.oracle_count = 0;
        set.threshold = 0;
        roots::forget_proposed(set);
        return roots::emit_changed(a.oracle_set, set);
    }
    set.proposed_oracles = oracles;
    set.proposed_count = count;
    set.proposed_threshold = args.threshold;
    set.executable_at = now()?.after(network.policy.change_delay)?;

    event::emit(&OraclesProposed {
        header: OraclesProposed::header(*a.oracle_set.address(), event::next(&mut set.sequence)?),
        executable_at: set.executable_at,
        oracle_count: count as u64,
        threshold: args.threshold as u64,
    });
    Ok(())
}
