//! What a keeper asks of a chain.

use {
    crate::scan::Scan,
    joule_interface::Address,
    joule_math::Timestamp,
    solana_account::Account,
    solana_hash::Hash,
    solana_signature::Signature,
    solana_transaction::Transaction,
    std::{fmt, time::Duration},
};

/// Why a question was not answered. Nothing follows for what was asked for: a transaction may have been sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The server is asked too much.
    Busy,
    /// No answer, or none that makes sense.
    Lost(String),
    /// The server says no; asking again does not help.
    Refused(String),
}

impl Fault {
    /// Its name in metrics.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::Lost(_) => "lost",
            Self::Refused(_) => "refused",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy => f.write_str("the server is busy"),
            Self::Lost(why) => write!(f, "no answer: {why}"),
            Self::Refused(why) => write!(f, "refused: {why}"),
        }
    }
}

/// What a transaction would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Simulation {
    /// Why it would fail, and at which of its instructions, if that is known.
    pub failure: Option<(Option<usize>, String)>,
    /// Compute units that it uses.
    pub units: u64,
    /// Lamports that its payer would spend, the fee with them, if the server says it.
    pub spent: Option<u64>,
    /// Lamports that its payer would have left, if the server says it.
    pub balance: Option<u64>,
}

/// A recent blockhash, and the height of the last block in which a transaction with it can land.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recent {
    /// The hash.
    pub blockhash: Hash,
    /// The height.
    pub last_height: u64,
}

/// What became of a transaction, as far as it is known: nothing, or whether it succeeded.
pub type Status = Option<Result<(), String>>;

/// A chain, and the time that a keeper waits. Every answer may be old or missing.
pub trait Chain {
    /// The chain's time and slot.
    fn time(&mut self) -> Result<(Timestamp, u64), Fault>;
    /// Accounts of a kind; if it says so, only a slice of each. Of one network, if the accounts say theirs.
    fn scan(&mut self, scan: &Scan, network: Option<&Address>) -> Result<Vec<(Address, Account)>, Fault>;
    /// Accounts at these addresses, [`HEAD`] bytes of each, at most [`MOST`] at once.
    fn accounts(&mut self, addresses: &[Address]) -> Result<Vec<Option<Account>>, Fault>;
    /// A recent blockhash.
    fn recent(&mut self) -> Result<Recent, Fault>;
    /// Height of the newest block.
    fn height(&mut self) -> Result<u64, Fault>;
    /// What a transaction would do, whatever its blockhash and its signatures.
    fn simulate(&mut self, transaction: &Transaction) -> Result<Simulation, Fault>;
    /// Sends a transaction, which may have been sent before.
    fn send(&mut self, transaction: &Transaction) -> Result<(), Fault>;
    /// What became of transactions.
    fn statuses(&mut self, signatures: &[Signature]) -> Result<Vec<Status>, Fault>;
    /// What others paid lately for these accounts, micro-lamports for a compute unit.
    fn price(&mut self, accounts: &[Address]) -> Result<u64, Fault>;
    /// Waits.
    fn wait(&mut self, time: Duration);
}

/// Bytes of an account that are read where others name it. All of Joule's fit.
pub const HEAD: usize = 4_096;
/// Most accounts that are asked for at once.
pub const MOST: usize = 100;
