//! Which accounts a keeper looks for.

use {
    joule_bme_interface as bme, joule_escrow_interface as escrow,
    joule_escrow_interface::state::{BEACON_CLOSING_DELAY, Beacon, Job, job_state},
    joule_identity_interface as identity,
    joule_interface::{Account, Address, Layout},
    joule_math::Timestamp,
    joule_stake_interface as stake,
    std::mem::offset_of,
};

/// What `getProgramAccounts` is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scan {
    /// The program's name, and the account's.
    pub name: (&'static str, &'static str),
    /// The program.
    pub program: Address,
    /// First byte of the accounts.
    pub discriminator: u8,
    /// Bytes of the accounts; `None`: as many as they have.
    pub size: Option<usize>,
    /// Where they say their network, if they do.
    pub network: Option<usize>,
    /// The part that tells whether an account can be due, offset and length; `None`: all of it is read.
    pub slice: Option<(usize, usize)>,
}

const fn offset(fields: &[joule_interface::FieldSpec], name: &str) -> Option<usize> {
    let mut index = 0;
    while index < fields.len() {
        if is_same(fields[index].name, name) {
            return Some(fields[index].offset);
        }
        index += 1;
    }
    None
}

const fn is_same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut index = 0;
    while index < a.len() {
        if a[index] != b[index] {
            return false;
        }
        index += 1;
    }
    true
}

const fn of<T: Account + Layout>(program: &'static str) -> Scan {
    let spec = T::SPEC;
    Scan {
        name: (program, spec.name),
        program: T::PROGRAM,
        discriminator: T::DISCRIMINATOR,
        size: if spec.tail.is_none() { Some(spec.size) } else { None },
        network: offset(spec.fields, "network"),
        slice: None,
    }
}

/// From a job's deadline to its state, with the times between.
const JOB_FROM: usize = offset_of!(Job, deadline_at);
const JOB_LENGTH: usize = offset_of!(Job, bond_unsettled) + 1 - JOB_FROM;

/// From a beacon's last beat to the number of its jobs.
const BEACON_FROM: usize = offset_of!(Beacon, last_beat_at);
const BEACON_LENGTH: usize = offset_of!(Beacon, jobs) + size_of::<u16>() - BEACON_FROM;

/// Everything that a keeper looks for. Other accounts are read where these name them.
pub const SCANS: [Scan; 36] = [
    of::<bme::state::Network>("bme"),
    of::<bme::state::BurnShard>("bme"),
    of::<bme::state::WorkShard>("bme"),
    of::<bme::state::DollarShard>("bme"),
    of::<bme::state::Auction>("bme"),
    of::<bme::state::Upkeep>("bme"),
    of::<bme::state::ProviderWork>("bme"),
    of::<bme::state::Epoch>("bme"),
    of::<bme::state::Spender>("bme"),
    of::<bme::state::PolicyChange>("bme"),
    of::<bme::state::OracleSet>("bme"),
    of::<bme::state::RewardRoot>("bme"),
    of::<stake::state::Pool>("stake"),
    of::<stake::state::PolicyChange>("stake"),
    of::<stake::state::Provider>("stake"),
    of::<stake::state::Delegation>("stake"),
    of::<stake::state::UnbondingTicket>("stake"),
    of::<stake::state::Slasher>("stake"),
    of::<stake::state::Bond>("stake"),
    of::<stake::state::Slash>("stake"),
    of::<escrow::state::Market>("escrow"),
    of::<escrow::state::Queue>("escrow"),
    Scan { slice: Some((JOB_FROM, JOB_LENGTH)), ..of::<Job>("escrow") },
    of::<escrow::state::Mandate>("escrow"),
    of::<escrow::state::Keys>("escrow"),
    of::<escrow::state::Trace>("escrow"),
    of::<escrow::state::Game>("escrow"),
    of::<escrow::state::Panel>("escrow"),
    of::<escrow::state::Gang>("escrow"),
    Scan { slice: Some((BEACON_FROM, BEACON_LENGTH)), ..of::<Beacon>("escrow") },
    of::<identity::state::Registry>("identity"),
    of::<identity::state::Tree>("identity"),
    of::<identity::state::Node>("identity"),
    of::<identity::state::SpecificationClaim>("identity"),
    of::<identity::state::Commitment>("identity"),
    of::<identity::state::Statement>("identity"),
];

/// Whether the slice of an account of this kind says that the rest is to be read.
pub fn may_be_due(scan: &Scan, address: &Address, slice: &[u8], now: Timestamp, pass: u64, reread_every: u64) -> bool {
    match scan.name.1 {
        "Beacon" => beacon_may_be_due(slice, now),
        _ => job_may_be_due(address, slice, now, pass, reread_every),
    }
}

fn beacon_may_be_due(slice: &[u8], now: Timestamp) -> bool {
    let last_beat_at = slice.first_chunk().map_or(i64::MIN, |bytes| i64::from_le_bytes(*bytes));
    let is_free = slice.last_chunk().is_none_or(|bytes| u16::from_le_bytes(*bytes) == 0);
    is_free && now.since(Timestamp(last_beat_at)) > BEACON_CLOSING_DELAY.0 as u64
}

/// A job that runs or waits in a queue, and whose time is not over,
/// is read in one of `reread_every` passes: its right to credits may have ended, it has earned something, or it left the queue.
fn job_may_be_due(address: &Address, slice: &[u8], now: Timestamp, pass: u64, reread_every: u64) -> bool {
    let time = |offset: usize| {
        let bytes = slice.get(offset - JOB_FROM..offset - JOB_FROM + 8).and_then(|bytes| bytes.try_into().ok());
        bytes.map_or(i64::MIN, i64::from_le_bytes)
    };
    let Some(&state) = slice.get(offset_of!(Job, state) - JOB_FROM) else { return true };
    let turn = address.as_array().first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
    let is_its_turn = turn.wrapping_add(pass).is_multiple_of(reread_every.max(1));
    let is_late = now.0 >= time(offset_of!(Job, deadline_at));
    match state {
        job_state::RUNNING => is_its_turn || now.0 >= time(offset_of!(Job, ends_at)),
        job_state::POSTED => is_its_turn || is_late,
        // A game decides on it.
        job_state::CHALLENGED => false,
        job_state::BIDDING | job_state::OFFERED | job_state::ASSIGNED | job_state::DELIVERED | job_state::REJECTED => {
            is_late
        }
        _ => true,
    }
}
