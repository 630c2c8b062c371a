//! `escrow`: jobs are posted, matched, metered, settled. Modules as in `bme`'s interface.
#![no_std]
#![forbid(unsafe_code)]

mod error;
pub mod event;
pub mod instruction;
pub mod merkle;
pub mod panel;
pub mod pda;
pub mod state;
pub mod trace;
pub mod verifier;

pub use error::EscrowError;

/// The program.
pub const ID: joule_interface::Address =
    joule_interface::Address::from_str_const("JouLeEscrow11111111111111111111111111111111");

joule_interface::program! {
    /// Jobs are posted, matched, metered, settled.
    "escrow", errors EscrowError,
    types [Terms, QueueEntry, Replica, Statement],
    accounts [Market, Deposit, Queue, WaitingProvider, Job, Verification, Trace, Game, Panel],
    pdas [authority, market, queue, waiting_provider, deposit, vault, job, verification, trace, game, panel],
    instructions [
        PostJob, StartJob, StartJobWithBond, Heartbeat, FinishJob, DeliverJob, AcceptJob, RejectJob, ResolveJob, CancelJob, ExtendJob,
        BidJob, BidJobWithBond, JoinQueue, LeaveQueue, DepositTokens, WithdrawTokens, SettleJob, CloseJob, AwardJob, SettleBond, SweepQueue,
        CreateMarket, SetMarket, CloseMarket, CreateQueue, GrowQueue, CloseQueue, CloseWaitingProvider, OpenDeposit, CloseDeposit,
        CreateVerification, SetMarketVerification, DeliverTrace, ChallengeResult, StartGame, OpenSubtree, ChooseSubtree, ShowStates,
        ProveStep, DecideStep, TimeOutGame, SettleGame, CloseGame, CloseTrace, ProposeGameSlash, PostPanel, JoinPanel, CommitResult, RevealResult, TallyPanel,
        PayReplica, SettleReplica, CancelPanel, ClosePanel,
    ],
    events [
        JobPosted, JobStarted, JobSettled, JobEnded, JobDelivered, JobRejected, JobAwarded, JobExtended,
        TokensDeposited, TokensWithdrawn, MarketChanged,
        TraceDelivered, ResultChallenged, GameMoved, GameSettled,
        PanelMoved, ReplicaRevealed, PanelDecided, ReplicaPaid, ReplicaSettled,
    ],
    constants state,
    values [pricing, matching, side, job_state, outcome, game_phase, replica_state, panel_state, statement],
}
