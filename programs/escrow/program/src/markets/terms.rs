//! Which terms and verifications a network may set.

use {
    crate::{Result, money::cannot_refuse},
    joule_bme_interface::state::ProviderWork,
    joule_common::{AccountView, account, guard, guard::require, token},
    joule_escrow_interface::{
        EscrowError,
        instruction::CreateVerificationArgs,
        state::{MAX_GAMES_PER_SLASH, MAX_REPLICAS, NONE, Terms, matching, pricing},
    },
    joule_interface::{Address, Fault},
    joule_math::{Bps, Seconds, Tokens},
};

const DAY: u32 = 86_400;
const WEEK: Seconds = Seconds(7 * DAY);
const MONTH: Seconds = Seconds(30 * DAY);

/// The terms are in the documented ranges, and a market of `pool` can offer what they ask for.
pub fn check(terms: &Terms, pool: &Address) -> Result<()> {
    let second = Seconds(1);
    let waits = (second..=MONTH).contains(&terms.wait_window) && (second..=WEEK).contains(&terms.start_window);
    let windows = [terms.late_window, terms.acceptance_window, terms.arbitration_window, terms.bid_extension];
    let arbitrated = terms.acceptance_window == Seconds(0) || terms.arbitration_window >= second;
    let durations =
        terms.min_duration >= second.max(terms.heartbeat_interval) && terms.min_duration <= terms.max_duration;
    let parts = [
        terms.fee_share,
        terms.bid_step,
        terms.min_availability,
        terms.shortfall_penalty,
        terms.heartbeat_penalty,
        terms.late_penalty,
        terms.no_start_penalty,
        terms.failure_penalty,
        terms.default_pay,
        terms.default_bond_penalty,
        terms.min_reliability,
        terms.rejection_stake,
    ];
    let kinds = (1..=matching::DIRECT + matching::QUEUE + matching::AUCTION).contains(&terms.matching)
        && terms.pricing <= pricing::FIXED
        && terms.reports <= 1
        && (terms.max_queue_entries != 0 || terms.matching & matching::QUEUE == 0);
    // Only heartbeats show what is available and what is missed.
    let measured =
        terms.heartbeat_interval != Seconds(0) || (terms.min_availability, terms.heartbeat_penalty) == (Bps(0), Bps(0));
    let staked = !guard::eq(pool, &NONE)
        || (terms.bond_amount, terms.min_self_stake, terms.min_reliability, terms.reports)
            == (Tokens(0), Tokens(0), Bps(0), 0);
    let fee = (terms.fee_share == Bps(0)) == guard::eq(&terms.fee_payee, &NONE);
    // If the arbiter stays silent, the client loses at least what it gains.
    let gain = Bps::WHOLE.0.saturating_sub(terms.default_pay.0);
    let rejection = terms.rejection_stake == Bps(0)
        || (terms.fee_share != Bps(0) && terms.rejection_stake.0 >= gain && terms.default_bond_penalty == Bps(0));
    // A service is paid for its time, and only a service ends after a notice.
    let service = if terms.is_service == 0 { terms.notice_minutes == 0 } else { terms.pricing == pricing::METERED };
    Ok(require(
        !terms.price.is_zero()
            && waits
            && windows.iter().all(|window| *window <= MONTH)
            && arbitrated
            && durations
            && parts.iter().all(|part| *part <= Bps::WHOLE)
            && kinds
            && measured
            && staked
            && fee
            && rejection
            && terms.cost(terms.price, terms.max_duration).is_ok()
            && terms.is_service <= 1
            && service
            && terms.whole_job_fee <= 19,
        Fault::InvalidParameter,
    )?)
}

/// Results can be verified, if the market names a verification: there is one result, it is not paid at once, and somebody decides. With
/// neither a verifier nor an arbiter, anyone could turn each result into the default verdict.
pub fn check_verifiable(terms: &Terms, verification: &Address, needs_arbiter: bool) -> Result<()> {
    let verifiable = terms.pricing == pricing::FIXED && terms.acceptance_window != Seconds(0);
    require(guard::eq(verification, &NONE) || verifiable, Fault::InvalidParameter)?;
    require(!needs_arbiter || !guard::eq(&terms.arbiter, &NONE), EscrowError::ArbiterRequired)
}

/// The verification is in the documented ranges.
pub fn check_verification(args: &CreateVerificationArgs, verifier: &Address) -> Result<()> {
    let minute = Seconds(60);
    let parts = [args.bond_penalty, args.minority_penalty, args.no_reveal_penalty];
    let judged = !guard::eq(verifier, &NONE) || (minute..=MONTH).contains(&{ args.decision_window });
    let panels = args.min_replicas == 0
        || ((3..=args.max_replicas).contains(&args.min_replicas)
            && args.max_replicas as usize <= MAX_REPLICAS
            && (Bps(1)..=Bps::WHOLE).contains(&{ args.no_quorum_pay })
            && { args.minority_penalty } < { args.no_reveal_penalty }
            && (minute..=WEEK).contains(&{ args.reveal_window }));
    Ok(require(
        !{ args.dispute_bond }.is_zero()
            && (minute..=WEEK).contains(&{ args.move_window })
            && parts.iter().all(|part| *part <= Bps::WHOLE)
            && judged
            && panels
            && args.games_per_slash <= MAX_GAMES_PER_SLASH
            && (args.games_per_slash == 0) == { args.slash_amount }.is_zero(),
        Fault::InvalidParameter,
    )?)
}

/// The fee's receiver, if there is one, can receive what jobs are paid in.
pub fn check_fee(terms: &Terms, network: &Address, mint: &Address, fee_payee: &AccountView) -> Result<()> {
    if terms.fee_share == Bps(0) {
        return Ok(());
    }
    require(guard::eq(fee_payee.address(), &terms.fee_payee), EscrowError::FeeRequired)?;
    if guard::eq(mint, &NONE) {
        return Ok(guard::network(&account::load::<ProviderWork>(fee_payee)?.network, network)?);
    }
    if guard::eq(&terms.fee_payee, mint) {
        // The token programs do not burn wrapped SOL: a job with such a fee would never end.
        require(!token::is_native(mint), Fault::MintNotAllowed)?;
    } else {
        token::balance(fee_payee, mint)?;
        require(cannot_refuse(fee_payee, mint), Fault::InvalidTokenAccount)?;
    }
    Ok(())
}
