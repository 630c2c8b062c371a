//! Locked stake votes: on the weights of a network's lanes, which this program writes as the policy's weigher, and in SPL
//! Governance, by its voter-weight add-in interface.
//!
//! An example on the interface crates alone: a delegation and its provider are read from their bytes, the weights are written by a
//! call. What a vote counts is decided in [`votes`], which knows no accounts.
//!
//! A vote on lanes counts stake whose lock began before the open epoch did, and ends no sooner than it: whoever sees the work of an
//! epoch cannot lock stake for it any more, and no stake votes twice.
#![forbid(unsafe_code)]

mod accounts;
pub mod instruction;
mod instructions;
pub mod pda;
pub mod record;
pub mod state;
pub mod votes;

use joule_interface::{Fault, errors, pinocchio::AccountView};

/// The program.
pub const ID: joule_interface::Address =
    joule_interface::Address::from_str_const("JouLeVoter111111111111111111111111111111111");

errors! {
    /// Errors of the voter.
    pub enum VoterError = 13000 {
        NotLocked = 13100 => "the stake's lock began after the epoch did, or ends before it does, or it is too short: lock the stake for longer, before the next epoch begins",
        LockVoid = 13101 => "the provider is out for good, and locks on its stake are void: redelegate the stake",
        WrongDelegation = 13102 => "the delegation is another owner's or provider's, or the provider is of another pool: pass a delegation with its own provider",
        VotingClosed = 13103 => "votes on this epoch are closed: vote once the next epoch is open",
        VotingOpen = 13104 => "votes on this epoch are still open: weigh in the last part of the epoch, when they are closed",
        NoVotes = 13105 => "nobody voted in this epoch: the weights stay as they are",
        InvalidVote = 13106 => "a vote names no lane, or counts for nothing: give one lane a part, and lock more stake",
        UnbondingTooShort = 13107 => "stake could leave and come back within an epoch: the pool's unbonding period must be as long as an epoch",
        NotAscending = 13108 => "delegations are not in ascending order of their addresses, or one is without its provider: sort them, each followed by its provider",
        VoteCounts = 13109 => "the vote counts in the open epoch: close it in the next one",
        NoRealm = 13110 => "the council has no realm: open one with a realm of SPL Governance",
    }
}

/// Result of a step of the program.
pub type Result<T> = core::result::Result<T, VoterError>;

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
        Open::DISCRIMINATOR => instructions::open(accounts, data),
        CastVote::DISCRIMINATOR => instructions::cast_vote(accounts, data),
        Weigh::DISCRIMINATOR => instructions::weigh(accounts, data),
        CloseVote::DISCRIMINATOR => instructions::close_vote(accounts, data),
        CreateRecord::DISCRIMINATOR => instructions::create_record(accounts, data),
        UpdateRecord::DISCRIMINATOR => instructions::update_record(accounts, data),
        _ => Err(Fault::UnknownInstruction.into()),
    }
}
