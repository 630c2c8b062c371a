//! Tips: whoever ends what a party left lying is paid out of what the job's payer advanced. The instructions that end something know
//! nothing of it: [`take_tip`] looks at the next instruction of the transaction, and at the state that it is about to end. So a tip is
//! for a change that certainly happens, once, and no other instruction costs a unit more.

pub mod game;
pub mod panel;
pub(crate) mod set_tip;
pub(crate) mod take_game_tip;
pub(crate) mod take_panel_tip;
pub(crate) mod take_tip;

use {
    crate::Result,
    joule_common::{AccountView, account, guard, guard::require, system, transaction::Sent},
    joule_escrow_interface::{
        EscrowError, ID,
        instruction::{
            AcceptJob, AwardJob, CancelJob, CloseJob, FinishJob, FinishJobArgs, ResolveJob, SettleBond, SettleJob,
        },
        state::{CLOSING_TIP_DELAY, Job, TIP_DELAY, TIPS_A_JOB, job_state, pricing, tip},
    },
    joule_interface::{AccountSpec, Address},
    joule_math::Timestamp,
};

/// Puts what keepers may be paid into a job's account, as far as it is not there beside the rent.
pub fn advance(tip: u32, job: &AccountView, payer: &AccountView, system_program: &AccountView) -> Result<()> {
    let missing = missing(job, TIPS_A_JOB as u64 * tip as u64)?;
    if missing == 0 {
        return Ok(());
    }
    guard::system_program(system_program)?;
    Ok(system::transfer(payer, job, missing)?)
}

/// The same, so many tips, into an account that was just created.
#[inline(never)]
fn advance_to_new(tip: u32, tips: u8, view: &AccountView, payer: &AccountView) -> Result<()> {
    let missing = missing(view, tips as u64 * tip as u64)?;
    if missing == 0 { Ok(()) } else { Ok(system::transfer(payer, view, missing)?) }
}

/// Lamports that an account has too few to hold an advance beside its rent.
#[inline(never)]
fn missing(view: &AccountView, advance: u64) -> Result<u64> {
    Ok(account::rent(view.data_len())?.saturating_add(advance).saturating_sub(view.lamports()))
}

/// Pays a tip out of an account, as far as it was advanced: the rent stays.
fn pay(view: &AccountView, keeper: &AccountView, tip: u32) -> Result<()> {
    let advanced = view.lamports().saturating_sub(account::rent(view.data_len())?);
    let tip = advanced.min(tip as u64);
    require(tip != 0, EscrowError::NoTipDue)?;
    Ok(account::pay(view, keeper, tip)?)
}

/// What the next instruction does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// One of [`tip`].
    pub kind: u8,
    /// From when on a tip is due.
    pub due_at: Timestamp,
    /// Where it names the job.
    job: usize,
    /// It has a caller, first among its accounts, and whether it is a party decides what it may do.
    has_caller: bool,
    /// It pays the provider, up to the amount that its data end with.
    pays: bool,
    /// Most accounts that it has if it is about one job. One about several passes over those that it would fail for, so its tip would be
    /// for nothing.
    max_accounts: usize,
    /// Most bytes of arguments, likewise.
    max_arguments: usize,
}

/// The step that an instruction is for a job in this state; `None` if it does not end it, or nobody is paid for that.
pub fn step(job: &Job, discriminator: u8) -> Option<Step> {
    // Of units as well: an end before that only begins the provider's time to redeem.
    let late = if job.terms.pricing == pricing::METERED { 0 } else { job.terms.late_window.0 as i64 };
    // What came when its time was over was in time for as long as that is.
    let stopped_at = job.stopped_at.0.saturating_add(if job.stopped_at == job.ends_at { late } else { 0 });
    let last = job.deadline_at.max(Timestamp(stopped_at));
    let (kind, left_at, delay, (place, has_caller)) = match (discriminator, job.state) {
        (AwardJob::DISCRIMINATOR, job_state::BIDDING) => {
            (tip::AWARD, job.deadline_at, TIP_DELAY, const { places(AwardJob::ACCOUNTS) })
        }
        (CancelJob::DISCRIMINATOR, job_state::POSTED | job_state::ASSIGNED | job_state::OFFERED) => {
            (tip::END, job.deadline_at, TIP_DELAY, const { places(CancelJob::ACCOUNTS) })
        }
        (FinishJob::DISCRIMINATOR, job_state::RUNNING) => {
            (tip::END, Timestamp(job.ends_at.0.saturating_add(late)), TIP_DELAY, const { places(FinishJob::ACCOUNTS) })
        }
        (FinishJob::DISCRIMINATOR, job_state::REDEEMING) => {
            (tip::END, job.deadline_at, TIP_DELAY, const { places(FinishJob::ACCOUNTS) })
        }
        (AcceptJob::DISCRIMINATOR, job_state::DELIVERED) => {
            (tip::END, job.deadline_at, TIP_DELAY, const { places(AcceptJob::ACCOUNTS) })
        }
        (ResolveJob::DISCRIMINATOR, job_state::REJECTED) => {
            (tip::END, last, TIP_DELAY, const { places(ResolveJob::ACCOUNTS) })
        }
        (SettleJob::DISCRIMINATOR, job_state::OWING) => {
            (tip::END, last, TIP_DELAY, const { places(SettleJob::ACCOUNTS) })
        }
        (SettleBond::DISCRIMINATOR, job_state::OWING | job_state::FINISHED | job_state::CANCELLED)
            if job.bond_unsettled == 1 =>
        {
            (tip::BOND, last, TIP_DELAY, const { places(SettleBond::ACCOUNTS) })
        }
        (CloseJob::DISCRIMINATOR, _) if job.is_over() => {
            (tip::CLOSE, last, CLOSING_TIP_DELAY, const { places(CloseJob::ACCOUNTS) })
        }
        _ => return None,
    };
    let (max_accounts, max_arguments) = match discriminator {
        // Others may stand behind its own, but the results of more jobs say how many.
        FinishJob::DISCRIMINATOR => (usize::MAX, size_of::<FinishJobArgs>()),
        // One more is a mandate.
        AcceptJob::DISCRIMINATOR => (AcceptJob::ACCOUNTS.len() + 1, usize::MAX),
        SettleBond::DISCRIMINATOR => (SettleBond::ACCOUNTS.len(), usize::MAX),
        CloseJob::DISCRIMINATOR => (CloseJob::ACCOUNTS.len(), usize::MAX),
        _ => (usize::MAX, usize::MAX),
    };
    Some(Step {
        kind,
        due_at: Timestamp(left_at.0.saturating_add(delay.0 as i64)),
        job: place,
        has_caller,
        pays: kind == tip::END && discriminator != CancelJob::DISCRIMINATOR,
        max_accounts,
        max_arguments,
    })
}

/// Where an instruction names the job, and whether its caller stands first.
const fn places(accounts: &[AccountSpec]) -> (usize, bool) {
    (AccountSpec::place(accounts, "job").expect("it is about a job"), accounts[0].signer)
}

/// What an instruction of this program does, and its arguments.
#[inline(always)]
fn call<'a>(sent: &Sent<'a>) -> Result<(u8, &'a [u8])> {
    require(guard::eq(sent.program, &ID), EscrowError::NoTipDue)?;
    let (&discriminator, arguments) = sent.data.split_first().ok_or(EscrowError::NoTipDue)?;
    Ok((discriminator, arguments))
}

/// Which tip is due at `now` for what the next instruction does with the job.
#[inline(always)]
pub fn due(job: &Job, address: &Address, next: &Sent, now: Timestamp) -> Result<u8> {
    let (discriminator, arguments) = call(next)?;
    let step = step(job, discriminator).ok_or(EscrowError::NoTipDue)?;
    require(next.names(step.job, address), EscrowError::NoTipDue)?;
    require(now > step.due_at && job.tips_taken & step.kind == 0, EscrowError::NoTipDue)?;
    require(next.count() <= step.max_accounts && arguments.len() <= step.max_arguments, EscrowError::NoTipDue)?;
    require(!step.pays || arguments.ends_with(&u64::MAX.to_le_bytes()), EscrowError::NoTipDue)?;
    // A party that is in time because the chain halted left nothing lying.
    let by_party = [&job.client, &job.provider, &job.terms.arbiter].into_iter().any(|party| next.names(0, party));
    require(!step.has_caller || !by_party, EscrowError::OwnTip)?;
    Ok(step.kind)
}
