//! `escrow`, the program. Its interface documents what it does. A folder holds each concern: its rules, and one file for each of
//! its instructions: accounts taken apart, checks, effect, event.
#![forbid(unsafe_code)]

pub mod beacons;
pub mod collateral;
pub mod engagement;
pub mod gangs;
pub mod halts;
pub mod jobs;
pub mod keys;
pub mod mandates;
pub mod markets;
pub mod matching;
pub mod money;
pub mod reservations;
pub mod tips;
pub mod usage;
pub mod verification;

/// The instructions, each from the folder of its concern, and the dispatch to them.
pub mod instructions {
    pub(crate) use crate::{
        beacons::{beat, close_beacon, join_beacon, leave_beacon, open_beacon, read_beacon},
        collateral::settle_bond,
        gangs::{
            close_gang, heartbeat_member, join_gang, leave_gang, post_gang, post_places, settle_member, stop_gang,
        },
        halts::tick_clock,
        jobs::{
            accept_job, cancel_job, close_job, deliver_job, extend_job, finish_job, give_notice, hand_back_job,
            heartbeat, post_job, reject_job, renew_job, resolve_job, start_job, start_job_with_bond,
        },
        keys::{act, cancel_keys, execute_keys, open_keys, pay_out, propose_keys, set_bond_limit, set_hot_key},
        mandates::{close_mandate, open_mandate, settle_mandate},
        markets::{close_market, create_market, set_market},
        matching::{
            award_job, bid_job, bid_job_with_bond, close_queue, close_waiting_provider, create_queue, grow_queue,
            join_queue, leave_queue, sweep_queue,
        },
        money::{close_deposit, deposit_tokens, open_deposit, settle_job, withdraw_tokens},
        reservations::{offer_reservation, take_reservation},
        tips::{set_tip, take_game_tip, take_panel_tip, take_tip},
        usage::{add_units, post_usage_job, redeem_voucher, replace_session_key},
        verification::{
            create_verification,
            games::{
                challenge_result, choose_subtree, close_game, close_trace, decide_step, deliver_trace, open_subtree,
                pay_challenger, propose_game_slash, prove_step, settle_game, show_states, time_out_game,
            },
            panels::{
                acknowledge_input, burn_panel_penalty, cancel_panel, close_panel, commit_result, join_panel,
                leave_panel, pay_replica, post_panel, remove_replica, reveal_result, settle_replica, tally_panel,
            },
            proofs::{create_proof_verification, deliver_proof},
            set_market_verification,
        },
    };

    joule_interface::dispatch!(joule_escrow_interface);
}

use joule_escrow_interface::EscrowError;

joule_common::entrypoint!(crate::instructions::process, joule_escrow_interface);

/// Result of a step of the program.
pub type Result<T> = core::result::Result<T, EscrowError>;
