//! Posting ids ([`Job::posting_id`](crate::state::Job::posting_id)): no two jobs at one address have the same id, whatever pays
//! for them, and even if the account was closed in between.
//!
//! An id starts with the second of the posting. A job that is posted in the account of an older one gets a higher id than that. A
//! job cannot be closed before the seconds of its id have passed, so a new account at the same address starts with a higher id. The terms
//! of a market are numbered so as well ([`Market::terms_version`](crate::state::Market::terms_version)).

use joule_math::{Overflow, Timestamp};

const IDS_PER_SECOND: i64 = 1 << 20;

/// The first id of a second.
#[inline(always)]
pub fn first(now: Timestamp) -> Result<u64, Overflow> {
    Ok(now.0.checked_mul(IDS_PER_SECOND).ok_or(Overflow)? as u64)
}

/// The id that follows `last` in the same account, if the present second starts with `first`.
#[inline(always)]
pub fn next(first: u64, last: u64) -> Result<u64, Overflow> {
    Ok(last.checked_add(1).ok_or(Overflow)?.max(first))
}

/// How many ids of its second were given before it, if they were all of one account.
#[inline(always)]
pub fn count(id: u64) -> u64 {
    id % IDS_PER_SECOND as u64
}

/// When the id was given, or the last one before it in the same account.
#[inline(always)]
pub fn posted_at(id: u64) -> Timestamp {
    Timestamp(id as i64 / IDS_PER_SECOND)
}

/// Whether every account that is opened from `now` on gets a higher id than `last`.
#[inline(always)]
pub fn is_past(last: u64, now: Timestamp) -> bool {
    last < now.0.saturating_mul(IDS_PER_SECOND) as u64
}
