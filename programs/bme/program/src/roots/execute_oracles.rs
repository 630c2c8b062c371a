use {
    crate::{Result, roots},
    joule_bme_interface::{
        BmeError,
        instruction::ExecuteOracles,
        state::{CHANGE_WINDOW, OracleSet},
    },
    joule_common::{AccountView, account, guard::require, now},
    joule_math::Timestamp,
};

/// See [`ExecuteOracles`].
pub fn execute_oracles(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = ExecuteOracles::parse(accounts, data)?;
    let set = account::keep_mut::<OracleSet>(a.oracle_set)?;
    let now = now()?;
    require(set.executable_at != Timestamp::default() && now >= set.executable_at, BmeError::ChangeNotReady)?;
    // Else an authority could keep oracles ready for the day on which nobody looks.
    require(now <= set.executable_at.after(CHANGE_WINDOW)?, BmeError::ChangeExpired)?;

    set.oracles = set.proposed_oracles;
    set.oracle_count = set.proposed_count;
    set.threshold = set.proposed_threshold;
    roots::forget_proposed(set);
    roots::emit_changed(a.oracle_set, set)
}
