//! `escrow`: jobs are posted, matched, metered, paid, and verified.
//!
//! The paths that integrators use: [`instruction`], [`state`], [`event`], [`pda`], [`EscrowError`]; [`merkle`], [`trace`] and
//! [`panel`] for the hashes that clients compute; [`voucher`] for what clients sign for units; [`verifier`] for programs that decide games, and [`proof`] for those that
//! confirm proofs. The declarations lie in folders by concern.
//!
#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod beacons;
mod collateral;
mod error;
pub mod event;
mod gangs;
mod halts;
pub mod instruction;
mod jobs;
mod keys;
mod mandates;
mod markets;
mod matching;
mod money;
pub mod pda;
mod reservations;
pub mod state;
mod tips;
mod usage;
mod verification;

pub use {
    jobs::posting_id,
    keys::instruction::act_for,
    markets::merkle,
    usage::voucher,
    verification::{
        games::{trace, verifier},
        panels::commitment as panel,
        proofs::proof,
    },
};

pub use error::EscrowError;

/// The program, where [the ids](joule_interface::ids) put it.
pub const ID: joule_interface::Address = joule_interface::ids::ESCROW;

joule_interface::program! {
    /// Jobs are posted, matched, metered, paid, and verified.
    "escrow", errors EscrowError,
    types [Terms, QueueEntry, Replica, Statement, ProofStatement, Halt, BondLimit, Voucher, Place, Gap],
    accounts [Market, Deposit, Queue, WaitingProvider, Job, Verification, Trace, Game, Panel, HaltClock, Mandate, Keys, Gang, Beacon],
    pdas [authority, halt_clock, market, queue, waiting_provider, deposit, vault, job, verification, trace, game, panel, mandate, keys, gang, beacon],
    instructions {
        hot [
            Heartbeat => heartbeat,
            BidJob => bid_job,
            SettleJob => settle_job,
            PostJob => post_job,
            StartJob => start_job,
            StartJobWithBond => start_job_with_bond,
            FinishJob => finish_job,
            DeliverJob => deliver_job,
            AcceptJob => accept_job,
            SettleBond => settle_bond,
            BidJobWithBond => bid_job_with_bond,
            CloseJob => close_job,
            RedeemVoucher => redeem_voucher,
        ],
        cold [
            RejectJob => reject_job,
            ResolveJob => resolve_job,
            CancelJob => cancel_job,
            ExtendJob => extend_job,
            GiveNotice => give_notice,
            RenewJob => renew_job,
            HandBackJob => hand_back_job,
            AwardJob => award_job,
            JoinQueue => join_queue,
            LeaveQueue => leave_queue,
            SweepQueue => sweep_queue,
            DepositTokens => deposit_tokens,
            WithdrawTokens => withdraw_tokens,
            TickClock => tick_clock,
            TakeTip => take_tip,
            TakePanelTip => take_panel_tip,
            TakeGameTip => take_game_tip,
            SetTip => set_tip,
            CreateMarket => create_market,
            SetMarket => set_market,
            CloseMarket => close_market,
            CreateQueue => create_queue,
            GrowQueue => grow_queue,
            CloseQueue => close_queue,
            CloseWaitingProvider => close_waiting_provider,
            OpenDeposit => open_deposit,
            CloseDeposit => close_deposit,
            CreateVerification => create_verification,
            SetMarketVerification => set_market_verification,
            DeliverTrace => deliver_trace,
            ChallengeResult => challenge_result,
            OpenSubtree => open_subtree,
            ChooseSubtree => choose_subtree,
            ShowStates => show_states,
            ProveStep => prove_step,
            DecideStep => decide_step,
            TimeOutGame => time_out_game,
            SettleGame => settle_game,
            PayChallenger => pay_challenger,
            CloseGame => close_game,
            CloseTrace => close_trace,
            ProposeGameSlash => propose_game_slash,
            CreateProofVerification => create_proof_verification,
            DeliverProof => deliver_proof,
            PostPanel => post_panel,
            JoinPanel => join_panel,
            LeavePanel => leave_panel,
            AcknowledgeInput => acknowledge_input,
            RemoveReplica => remove_replica,
            BurnPanelPenalty => burn_panel_penalty,
            CommitResult => commit_result,
            RevealResult => reveal_result,
            TallyPanel => tally_panel,
            PayReplica => pay_replica,
            SettleReplica => settle_replica,
            CancelPanel => cancel_panel,
            ClosePanel => close_panel,
            PostUsageJob => post_usage_job,
            ReplaceSessionKey => replace_session_key,
            AddUnits => add_units,
            PostGang => post_gang,
            PostPlaces => post_places,
            JoinGang => join_gang,
            LeaveGang => leave_gang,
            StopGang => stop_gang,
            HeartbeatMember => heartbeat_member,
            SettleMember => settle_member,
            CloseGang => close_gang,
            OpenMandate => open_mandate,
            CloseMandate => close_mandate,
            SettleMandate => settle_mandate,
            Act => act,
            PayOut => pay_out,
            OpenKeys => open_keys,
            SetHotKey => set_hot_key,
            SetBondLimit => set_bond_limit,
            ProposeKeys => propose_keys,
            CancelKeys => cancel_keys,
            ExecuteKeys => execute_keys,
            OpenBeacon => open_beacon,
            Beat => beat,
            JoinBeacon => join_beacon,
            ReadBeacon => read_beacon,
            LeaveBeacon => leave_beacon,
            CloseBeacon => close_beacon,
            OfferReservation => offer_reservation,
            TakeReservation => take_reservation,
        ],
    },
    events [
        JobPosted, JobStarted, JobSettled, JobEnded, JobDelivered, JobRejected, JobAwarded, JobExtended, NoticeGiven, JobHandedBack, HaltNoted, JobPassedOver,
        TokensDeposited, TokensWithdrawn, MarketChanged,
        TraceDelivered, ResultChallenged, GameMoved, GameSettled, ChallengerPaid,
        PanelMoved, ReplicaRevealed, PanelDecided, ReplicaPaid, ReplicaSettled, PanelPenaltyBurned,
        KeysChanged, PaidOut, VoucherRedeemed, UsageEnded, SessionKeyReplaced, GangMoved, JobReserved,
    ],
    constants state,
    values [pricing, matching, side, issuer_power, job_state, outcome, game_phase, replica_state, panel_state, statement, verification_kind, tip, panel_tip, game_tip, hot_right, scheme, gang_state, stopped_by, report],
}
