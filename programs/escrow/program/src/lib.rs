//! `escrow`, the program. What it does is documented in its interface; how, in one file for each instruction.
#![forbid(unsafe_code)]

pub mod access;
pub mod collateral;
pub mod game;
pub mod instructions;
pub mod job;
pub mod node;
pub mod panel;
pub mod purse;
pub mod queue;
pub mod terms;
pub mod wager;

use {
    joule_common::{AccountView, entrypoint},
    joule_escrow_interface::{EscrowError, instruction::*},
    joule_interface::{Args, Fault, parse},
};

entrypoint!(crate::process);

/// Result of a step of the program.
pub type Result<T> = core::result::Result<T, EscrowError>;

/// From an instruction's bytes to its file. What every job goes through comes first: the fewest comparisons.
pub fn process(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    use instructions::*;
    let (&discriminant, data) = data.split_first().ok_or(Fault::UnknownInstruction)?;
    match discriminant {
        Heartbeat::<()>::DISCRIMINANT => heartbeat(accounts, parse(data)?),
        BidJob::<()>::DISCRIMINANT => with_tail(accounts, data, bid_job),
        SettleJob::<()>::DISCRIMINANT => settle_job(accounts, parse(data)?),
        PostJob::<()>::DISCRIMINANT => with_tail(accounts, data, post_job),
        StartJob::<()>::DISCRIMINANT => with_tail(accounts, data, start_job),
        StartBonded::<()>::DISCRIMINANT => with_tail(accounts, data, start_bonded),
        FinishJob::<()>::DISCRIMINANT => finish_job(accounts, parse(data)?),
        DeliverJob::<()>::DISCRIMINANT => deliver_job(accounts, parse(data)?),
        AcceptJob::<()>::DISCRIMINANT => accept_job(accounts, parse(data)?),
        SettleBond::<()>::DISCRIMINANT => settle_bond(accounts, parse(data)?),
        BidBonded::<()>::DISCRIMINANT => with_tail(accounts, data, bid_bonded),
        CloseJob::<()>::DISCRIMINANT => close_job(accounts, parse(data)?),
        _ => other(discriminant, accounts, data),
    }
}

/// What is rarer: fewer comparisons for the others.
#[inline(never)]
fn other(discriminant: u8, accounts: &[AccountView], data: &[u8]) -> Result<()> {
    use instructions::*;
    match discriminant {
        RejectJob::<()>::DISCRIMINANT => reject_job(accounts, parse(data)?),
        ResolveJob::<()>::DISCRIMINANT => resolve_job(accounts, parse(data)?),
        CancelJob::<()>::DISCRIMINANT => cancel_job(accounts, parse(data)?),
        ExtendJob::<()>::DISCRIMINANT => extend_job(accounts, parse(data)?),
        AwardJob::<()>::DISCRIMINANT => award_job(accounts, parse(data)?),
        JoinQueue::<()>::DISCRIMINANT => with_tail(accounts, data, join_queue),
        LeaveQueue::<()>::DISCRIMINANT => leave_queue(accounts, parse(data)?),
        SweepQueue::<()>::DISCRIMINANT => sweep_queue(accounts, parse(data)?),
        DepositTokens::<()>::DISCRIMINANT => deposit_tokens(accounts, parse(data)?),
        WithdrawTokens::<()>::DISCRIMINANT => withdraw_tokens(accounts, parse(data)?),
        CreateMarket::<()>::DISCRIMINANT => create_market(accounts, parse(data)?),
        SetMarket::<()>::DISCRIMINANT => set_market(accounts, parse(data)?),
        CloseMarket::<()>::DISCRIMINANT => close_market(accounts, parse(data)?),
        CreateQueue::<()>::DISCRIMINANT => create_queue(accounts, parse(data)?),
        GrowQueue::<()>::DISCRIMINANT => grow_queue(accounts, parse(data)?),
        CloseQueue::<()>::DISCRIMINANT => close_queue(accounts, parse(data)?),
        CloseSeat::<()>::DISCRIMINANT => close_seat(accounts, parse(data)?),
        OpenDeposit::<()>::DISCRIMINANT => open_deposit(accounts, parse(data)?),
        CloseDeposit::<()>::DISCRIMINANT => close_deposit(accounts, parse(data)?),
        CreateVerification::<()>::DISCRIMINANT => create_verification(accounts, parse(data)?),
        SetVerification::<()>::DISCRIMINANT => set_verification(accounts, parse(data)?),
        DeliverTrace::<()>::DISCRIMINANT => deliver_trace(accounts, parse(data)?),
        ChallengeResult::<()>::DISCRIMINANT => challenge_result(accounts, parse(data)?),
        StartGame::<()>::DISCRIMINANT => start_game(accounts, parse(data)?),
        OpenNode::<()>::DISCRIMINANT => with_tail(accounts, data, open_node),
        ChooseNode::<()>::DISCRIMINANT => choose_node(accounts, parse(data)?),
        ShowStates::<()>::DISCRIMINANT => with_tail(accounts, data, show_states),
        ProveStep::<()>::DISCRIMINANT => {
            let (args, witness) = ProveStepArgs::split(data).ok_or(Fault::InvalidArguments)?;
            prove_step(accounts, args, witness)
        }
        DecideStep::<()>::DISCRIMINANT => decide_step(accounts, parse(data)?),
        TimeOutGame::<()>::DISCRIMINANT => time_out_game(accounts, parse(data)?),
        SettleGame::<()>::DISCRIMINANT => settle_game(accounts, parse(data)?),
        CloseGame::<()>::DISCRIMINANT => close_game(accounts, parse(data)?),
        CloseTrace::<()>::DISCRIMINANT => close_trace(accounts, parse(data)?),
        CiteGames::<()>::DISCRIMINANT => cite_games(accounts, parse(data)?),
        PostPanel::<()>::DISCRIMINANT => post_panel(accounts, parse(data)?),
        JoinPanel::<()>::DISCRIMINANT => with_tail(accounts, data, join_panel),
        CommitResult::<()>::DISCRIMINANT => commit_result(accounts, parse(data)?),
        RevealResult::<()>::DISCRIMINANT => reveal_result(accounts, parse(data)?),
        TallyPanel::<()>::DISCRIMINANT => tally_panel(accounts, parse(data)?),
        PayReplica::<()>::DISCRIMINANT => pay_replica(accounts, parse(data)?),
        SettleReplica::<()>::DISCRIMINANT => settle_replica(accounts, parse(data)?),
        CancelPanel::<()>::DISCRIMINANT => cancel_panel(accounts, parse(data)?),
        ClosePanel::<()>::DISCRIMINANT => close_panel(accounts, parse(data)?),
        _ => Err(Fault::UnknownInstruction.into()),
    }
}

/// Arguments, and bytes behind them.
#[inline(always)]
fn with_tail<A: Args>(
    accounts: &[AccountView],
    data: &[u8],
    instruction: impl FnOnce(&[AccountView], &A, &[u8]) -> Result<()>,
) -> Result<()> {
    let (args, tail) = A::split(data).ok_or(Fault::InvalidArguments)?;
    instruction(accounts, args, tail)
}
