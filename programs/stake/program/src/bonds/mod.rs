//! Bonds: collateral that jobs hold, and what jobs report.

pub(crate) mod close_bond;
pub(crate) mod lock_bond;
pub(crate) mod open_bond;
pub(crate) mod release_bond;
pub(crate) mod report_job;
pub(crate) mod seize_bond;
pub(crate) mod swap_bond;
