//! What each instruction does.

mod board;
mod crank;
mod members;
mod publish;
mod vote;

pub use {
    board::{close_board, open_board},
    crank::{abandon, begin_epoch, score},
    members::{enroll, set_miner},
    publish::publish,
    vote::{commit, reveal},
};

use joule_bme_interface::merkle::Hash;

/// SHA-256: on chain the system call.
fn sha256(parts: &[&[u8]]) -> Hash {
    solana_program::hash::hashv(parts).to_bytes()
}
