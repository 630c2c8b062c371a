//! `escrow`: jobs are posted, matched, metered, settled. Modules as in `bme`'s interface.
#![no_std]
#![forbid(unsafe_code)]

mod error;
pub mod event;
pub mod instruction;
pub mod pda;
pub mod state;

pub use error::EscrowError;

/// The program.
pub const ID: joule_interface::Address =
    joule_interface::Address::from_str_const("JouLeEscrow11111111111111111111111111111111");

joule_interface::program! {
    /// Jobs are posted, matched, metered, settled.
    "escrow", errors EscrowError,
    types [Terms],
    accounts [Market, Job],
    pdas [authority, market, job],
    instructions [PostJob, StartJob, SettleJob, FinishJob, CancelJob, CloseJob, CreateMarket],
    events [JobPosted, JobStarted, JobSettled, JobFinished, JobCancelled],
    values [job_state],
}
