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
    let (&discriminator, data) = data.split_first().ok_or(Fault::UnknownInstruction)?;
    match discriminator {
        Heartbeat::<()>::DISCRIMINATOR => heartbeat(accounts, parse(data)?),
        BidJob::<()>::DISCRIMINATOR => with_tail(accounts, data, bid_job),
        SettleJob::<()>::DISCRIMINATOR => settle_job(accounts, parse(data)?),
        PostJob::<()>::DISCRIMINATOR => with_tail(accounts, data, post_job),
        StartJob::<()>::DISCRIMINATOR => with_tail(accounts, data, start_job),
        StartJobWithBond::<()>::DISCRIMINATOR => with_tail(accounts, data, start_job_with_bond),
        FinishJob::<()>::DISCRIMINATOR => finish_job(accounts, parse(data)?),
        DeliverJob::<()>::DISCRIMINATOR => deliver_job(accounts, parse(data)?),
        AcceptJob::<()>::DISCRIMINATOR => accept_job(accounts, parse(data)?),
        SettleBond::<()>::DISCRIMINATOR => settle_bond(accounts, parse(data)?),
        BidJobWithBond::<()>::DISCRIMINATOR => with_tail(accounts, data, bid_job_with_bond),
        CloseJob::<()>::DISCRIMINATOR => close_job(accounts, parse(data)?),
        _ => other(discriminator, accounts, data),
    }
}

/// What is rarer: fewer comparisons for the others.
#[inline(never)]
fn other(discriminator: u8, accounts: &[AccountView], data: &[u8]) -> Result<()> {
    use instructions::*;
    match discriminator {
        RejectJob::<()>::DISCRIMINATOR => reject_job(accounts, parse(data)?),
        ResolveJob::<()>::DISCRIMINATOR => resolve_job(accounts, parse(data)?),
        CancelJob::<()>::DISCRIMINATOR => cancel_job(accounts, parse(data)?),
        ExtendJob::<()>::DISCRIMINATOR => extend_job(accounts, parse(data)?),
        AwardJob::<()>::DISCRIMINATOR => award_job(accounts, parse(data)?),
        JoinQueue::<()>::DISCRIMINATOR => with_tail(accounts, data, join_queue),
        LeaveQueue::<()>::DISCRIMINATOR => leave_queue(accounts, parse(data)?),
        SweepQueue::<()>::DISCRIMINATOR => sweep_queue(accounts, parse(data)?),
        DepositTokens::<()>::DISCRIMINATOR => deposit_tokens(accounts, parse(data)?),
        WithdrawTokens::<()>::DISCRIMINATOR => withdraw_tokens(accounts, parse(data)?),
        CreateMarket::<()>::DISCRIMINATOR => create_market(accounts, parse(data)?),
        SetMarket::<()>::DISCRIMINATOR => set_market(accounts, parse(data)?),
        CloseMarket::<()>::DISCRIMINATOR => close_market(accounts, parse(data)?),
        CreateQueue::<()>::DISCRIMINATOR => create_queue(accounts, parse(data)?),
        GrowQueue::<()>::DISCRIMINATOR => grow_queue(accounts, parse(data)?),
        CloseQueue::<()>::DISCRIMINATOR => close_queue(accounts, parse(data)?),
        CloseWaitingProvider::<()>::DISCRIMINATOR => close_waiting_provider(accounts, parse(data)?),
        OpenDeposit::<()>::DISCRIMINATOR => open_deposit(accounts, parse(data)?),
        CloseDeposit::<()>::DISCRIMINATOR => close_deposit(accounts, parse(data)?),
        CreateVerification::<()>::DISCRIMINATOR => create_verification(accounts, parse(data)?),
        SetMarketVerification::<()>::DISCRIMINATOR => set_market_verification(accounts, parse(data)?),
        DeliverTrace::<()>::DISCRIMINATOR => deliver_trace(accounts, parse(data)?),
        ChallengeResult::<()>::DISCRIMINATOR => challenge_result(accounts, parse(data)?),
        StartGame::<()>::DISCRIMINATOR => start_game(accounts, parse(data)?),
        OpenSubtree::<()>::DISCRIMINATOR => with_tail(accounts, data, open_subtree),
        ChooseSubtree::<()>::DISCRIMINATOR => choose_subtree(accounts, parse(data)?),
        ShowStates::<()>::DISCRIMINATOR => with_tail(accounts, data, show_states),
        ProveStep::<()>::DISCRIMINATOR => {
            let (args, witness) = ProveStepArgs::split(data).ok_or(Fault::InvalidArguments)?;
            prove_step(accounts, args, witness)
        }
        DecideStep::<()>::DISCRIMINATOR => decide_step(accounts, parse(data)?),
        TimeOutGame::<()>::DISCRIMINATOR => time_out_game(accounts, parse(data)?),
        SettleGame::<()>::DISCRIMINATOR => settle_game(accounts, parse(data)?),
        CloseGame::<()>::DISCRIMINATOR => close_game(accounts, parse(data)?),
        CloseTrace::<()>::DISCRIMINATOR => close_trace(accounts, parse(data)?),
        ProposeGameSlash::<()>::DISCRIMINATOR => propose_game_slash(accounts, parse(data)?),
        PostPanel::<()>::DISCRIMINATOR => post_panel(accounts, parse(data)?),
        JoinPanel::<()>::DISCRIMINATOR => with_tail(accounts, data, join_panel),
        CommitResult::<()>::DISCRIMINATOR => commit_result(accounts, parse(data)?),
        RevealResult::<()>::DISCRIMINATOR => reveal_result(accounts, parse(data)?),
        TallyPanel::<()>::DISCRIMINATOR => tally_panel(accounts, parse(data)?),
        PayReplica::<()>::DISCRIMINATOR => pay_replica(accounts, parse(data)?),
        SettleReplica::<()>::DISCRIMINATOR => settle_replica(accounts, parse(data)?),
        CancelPanel::<()>::DISCRIMINATOR => cancel_panel(accounts, parse(data)?),
        ClosePanel::<()>::DISCRIMINATOR => close_panel(accounts, parse(data)?),
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
