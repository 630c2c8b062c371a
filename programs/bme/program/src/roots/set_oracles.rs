use {
    crate::{Result, roots},
    joule_bme_interface::{
        event::OraclesChanged,
        instruction::SetOracles,
        state::{Network, OracleSet},
    },
    joule_common::{AccountView, account, event, guard, in_range},
};

/// See [`SetOracles`]. Needs no delay of its own: whatever they publish has one.
pub fn set_oracles(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = SetOracles::parse(accounts, data)?;
    guard::authority(a.authority, &account::keep::<Network>(a.network)?.authority)?;
    let set = account::keep_mut::<OracleSet>(a.oracle_set)?;
    guard::network(&set.network, a.network.address())?;
    let oracles = args.oracles;
    let count = roots::count(&oracles)?;
    in_range!(args.threshold <= count && (args.threshold > 0 || count == 0), "threshold")?;
    set.oracles = oracles;
    set.oracle_count = count;
    set.threshold = args.threshold;
    set.generation += 1;

    event::emit(&OraclesChanged {
        header: OraclesChanged::header(*a.oracle_set.address(), event::next(&mut set.sequence)?),
        generation: set.generation,
        oracle_count: count as u64,
        threshold: args.threshold as u64,
    });
    Ok(())
}
