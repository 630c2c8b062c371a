//! Validators score miners by Yuma consensus, as Bittensor publishes it, and a reward root of `bme` pays both.
//!
//! An example for programs that call Joule's: of Joule it depends on the interface crates alone. Validators are providers of
//! a pool of `stake`, and their stake is read from their accounts' bytes. The program's address is the network's only oracle.
//! The page beside this crate has accounts, instructions, formulas and what they cost.
//!
//! [`yuma`] is the arithmetic, [`epoch`] what it does to a board, [`payout`] what is paid: all three without Solana.
//! [`instructions`] check accounts and times.
#![forbid(unsafe_code)]

mod accounts;
pub mod epoch;
pub mod instruction;
mod instructions;
pub mod payout;
pub mod pda;
pub mod state;
pub mod yuma;

use joule_interface::{Fault, errors, pinocchio::AccountView};

/// The program.
pub const ID: joule_interface::Address =
    joule_interface::Address::from_str_const("JouLeScores11111111111111111111111111111111");

errors! {
    /// Errors of the scores.
    pub enum ScoresError = 9200 {
        ParameterOutOfRange = 9300 => "a parameter of the board is out of its range: see the documentation of Parameters",
        EpochRunning = 9301 => "an epoch runs, and members change between epochs only: wait until its root is published",
        NotRested = 9302 => "members can still change: begin the epoch when the rest period has ended",
        NoEpoch = 9303 => "no epoch runs: call BeginEpoch first",
        TooEarly = 9304 => "the period for this has not begun: commit, then reveal, then score, each in its own period",
        TooLate = 9305 => "the period for this has ended: take part in the next epoch",
        ClaimantTaken = 9306 => "this key has a place on the board already, and a root pays a claimant once: use another key",
        PlaceTaken = 9307 => "the place is not free: take a free one, or, on a full board, one with the least stake and less than yours",
        NoPlace = 9308 => "the board has no such place: validators have 64, miners 256",
        NotEnrolled = 9309 => "the provider has no place on the board: call Enroll between epochs",
        ProviderUnfit = 9310 => "the provider is of another pool, jailed, without stake, or has too little of its own: stake first",
        UnbondingTooShort = 9311 => "the pool lets stake leave sooner than a reveal period ends, so it could vote twice: use a longer unbonding period",
        NotCommitted = 9312 => "the validator has committed nothing in this epoch, or has revealed already",
        WrongReveal = 9313 => "salt and weights are not those of the commitment: use the bytes that were hashed, for this board, epoch and provider",
        InvalidWeights = 9314 => "weights are 256 numbers of 16 bits at most, none for an empty place, and not all zero",
        NotScored = 9315 => "columns are left to score: call Score until it says that there are none",
        NothingToScore = 9316 => "all columns are scored: publish the epoch's root",
        NotSoleOracle = 9317 => "the board is not the network's only oracle: have the network's authority name the board's oracle address alone",
        RootPending = 9318 => "the root of the epoch before is not decided: activate it, or wait until it can be",
        BudgetTooSmall = 9319 => "the budget of the network's roots holds less than the epoch's reward: wait until bme closes an epoch, or until budget_wait has passed",
    }
}

/// Result of a step of the program.
pub type Result<T> = core::result::Result<T, ScoresError>;

#[cfg(target_os = "solana")]
mod entry {
    use joule_interface::{Address, ProgramResult, pinocchio::AccountView};

    fn process(_program: &Address, accounts: &mut [AccountView], data: &[u8]) -> ProgramResult {
        crate::process(accounts, data).map_err(Into::into)
    }
    pinocchio::program_entrypoint!(process, 64);
    pinocchio::default_allocator!();
    pinocchio::default_panic_handler!();
}

/// From an instruction's bytes to its function.
pub fn process(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    use instruction::*;
    let (&discriminator, data) = data.split_first().ok_or(Fault::UnknownInstruction)?;
    match discriminator {
        OpenBoard::DISCRIMINATOR => instructions::open_board(accounts, data),
        CloseBoard::DISCRIMINATOR => instructions::close_board(accounts, data),
        SetMiner::DISCRIMINATOR => instructions::set_miner(accounts, data),
        Enroll::DISCRIMINATOR => instructions::enroll(accounts, data),
        BeginEpoch::DISCRIMINATOR => instructions::begin_epoch(accounts, data),
        Commit::DISCRIMINATOR => instructions::commit(accounts, data),
        Reveal::DISCRIMINATOR => instructions::reveal(accounts, data),
        Score::DISCRIMINATOR => instructions::score(accounts, data),
        Publish::DISCRIMINATOR => instructions::publish(accounts, data),
        Abandon::DISCRIMINATOR => instructions::abandon(accounts, data),
        _ => Err(Fault::UnknownInstruction.into()),
    }
}
