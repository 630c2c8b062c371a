//! Jobs: posted, started, metered, delivered, ended. `clock` and `ending` hold the rules; each step that fails changes nothing. The
//! instructions check who may take a step; the rules check time, state and money.

pub(crate) mod accept_job;
pub mod batch;
pub(crate) mod cancel_job;
pub mod clock;
pub(crate) mod close_job;
pub(crate) mod deliver_job;
pub mod ending;
pub(crate) mod extend_job;
pub(crate) mod finish_job;
pub(crate) mod give_notice;
pub(crate) mod hand_back_job;
pub(crate) mod heartbeat;
pub mod post_job;
pub(crate) mod reject_job;
pub(crate) mod renew_job;
pub(crate) mod resolve_job;
pub(crate) mod start_job;
pub(crate) mod start_job_with_bond;
#[cfg(test)]
mod tests;
