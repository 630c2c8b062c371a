//! How jobs find providers: by queue or by auction. A job that names its provider needs no match.

pub mod auction;
pub(crate) mod award_job;
pub(crate) mod bid_job;
pub(crate) mod bid_job_with_bond;
pub(crate) mod close_queue;
pub(crate) mod close_waiting_provider;
pub(crate) mod create_queue;
pub(crate) mod grow_queue;
pub(crate) mod join_queue;
pub(crate) mod leave_queue;
pub mod queue;
pub(crate) mod sweep_queue;
