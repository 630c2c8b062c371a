//! Which terms and verifications a network may set.

use {
    crate::Result,
    joule_bme_interface::state::ProviderWork,
    joule_common::{AccountView, account, guard, guard::require, in_range, issuer::cannot_refuse, token},
    joule_escrow_interface::{
        EscrowError,
        instruction::CreateVerificationArgs,
        state::{MAX_GAMES_PER_SLASH, MAX_REPLICAS, MIN_REDEMPTION_WINDOW, NONE, Terms, matching, pricing, report},
    },
    joule_interface::{Address, Fault},
    joule_math::{Bps, Seconds},
};

const DAY: u32 = 86_400;
const WEEK: Seconds = Seconds(7 * DAY);
const MONTH: Seconds = Seconds(30 * DAY);
const YEAR: Seconds = Seconds(365 * DAY);

/// The terms are in the documented ranges, and a market of `pool` can offer what they ask for.
pub fn check(terms: &Terms, pool: &Address) -> Result<()> {
    let second = Seconds(1);
    let wait = |window: Seconds, most: Seconds| (second..=most).contains(&window);
    let part = |share: Bps| share <= Bps::WHOLE;
    in_range!(!terms.price.is_zero(), "price")?;
    in_range!(terms.pricing <= pricing::USAGE, "pricing")?;
    in_range!(
        (1..=matching::DIRECT + matching::QUEUE + matching::AUCTION + matching::GANG).contains(&terms.matching),
        "matching"
    )?;
    // Members of a gang are paid for their seconds, and what a failure costs is burned of a bond.
    let gangs = terms.matching & matching::GANG != 0;
    in_range!(!gangs || terms.pricing == pricing::METERED, "matching")?;
    in_range!(!gangs || !terms.bond_amount.is_zero(), "matching")?;
    // Without heartbeats nobody could show that a member is dead, and without a penalty quitting would cost nothing.
    in_range!(!gangs || terms.heartbeat_interval != Seconds(0), "heartbeat_interval")?;
    in_range!(!gangs || terms.failure_penalty != Bps(0), "failure_penalty")?;
    in_range!(terms.max_queue_entries != 0 || terms.matching & matching::QUEUE == 0, "max_queue_entries")?;
    in_range!(terms.reports <= report::OUTCOME + report::BEACON, "reports")?;
    in_range!(terms.whole_job_fee <= 19, "whole_job_fee")?;

    in_range!(terms.min_duration >= second.max(terms.heartbeat_interval), "min_duration")?;
    in_range!(terms.min_duration <= terms.max_duration, "max_duration")?;
    in_range!(terms.max_duration <= YEAR, "max_duration")?;
    let by_usage = terms.pricing == pricing::USAGE;
    in_range!(by_usage || terms.cost(terms.price, terms.max_duration).is_ok(), "max_duration")?;
    // A service is not paid for its end, and only a service ends after a notice.
    in_range!(terms.is_service == 0 || terms.is_service == 1 && terms.pricing != pricing::FIXED, "is_service")?;
    in_range!(terms.notice_minutes == 0 || terms.is_service == 1, "notice_minutes")?;
    // Where nobody pays for a provider's time, nobody holds it there.
    in_range!(!by_usage || terms.is_service == 0 || terms.notice_minutes != 0, "notice_minutes")?;

    in_range!(wait(terms.wait_window, MONTH), "wait_window")?;
    in_range!(wait(terms.start_window, WEEK), "start_window")?;
    in_range!(terms.late_window <= MONTH, "late_window")?;
    in_range!(terms.acceptance_window <= MONTH, "acceptance_window")?;
    // Who signs a voucher has accepted. What counts is what was delivered, not the time in which it was.
    in_range!(!by_usage || terms.late_window >= MIN_REDEMPTION_WINDOW, "late_window")?;
    in_range!(!by_usage || terms.acceptance_window == Seconds(0), "acceptance_window")?;
    in_range!(!by_usage || terms.heartbeat_interval == Seconds(0), "heartbeat_interval")?;
    let arbitrated = terms.acceptance_window == Seconds(0) || terms.arbitration_window >= second;
    in_range!(arbitrated && terms.arbitration_window <= MONTH, "arbitration_window")?;
    in_range!(terms.bid_extension <= MONTH, "bid_extension")?;

    in_range!(part(terms.fee_share), "fee_share")?;
    in_range!((terms.fee_share == Bps(0)) == guard::eq(&terms.fee_payee, &NONE), "fee_payee")?;
    in_range!(part(terms.bid_step), "bid_step")?;
    // Only heartbeats show what is available and what is missed.
    let measured = terms.heartbeat_interval != Seconds(0);
    in_range!(part(terms.min_availability) && (measured || terms.min_availability == Bps(0)), "min_availability")?;
    in_range!(part(terms.heartbeat_penalty) && (measured || terms.heartbeat_penalty == Bps(0)), "heartbeat_penalty")?;
    in_range!(measured || !terms.offers_beacon(), "reports")?;
    in_range!(part(terms.shortfall_penalty), "shortfall_penalty")?;
    in_range!(part(terms.late_penalty), "late_penalty")?;
    in_range!(part(terms.no_start_penalty), "no_start_penalty")?;
    in_range!(part(terms.failure_penalty), "failure_penalty")?;
    in_range!(part(terms.default_pay), "default_pay")?;
    in_range!(part(terms.default_bond_penalty), "default_bond_penalty")?;
    in_range!(part(terms.min_reliability), "min_reliability")?;
    // What a metered job earned is paid as it runs, and is not taken back: penalties would come too late, but for a bond.
    let secured = terms.pricing != pricing::METERED || !terms.bond_amount.is_zero();
    let penalized = terms.heartbeat_penalty != Bps(0) || terms.shortfall_penalty != Bps(0);
    in_range!(secured || !penalized, "bond_amount")?;
    // If the arbiter stays silent, the client loses at least what it gains.
    let gain = Bps::WHOLE.0.saturating_sub(terms.default_pay.0);
    let stakes = terms.fee_share != Bps(0) && terms.rejection_stake.0 >= gain && terms.default_bond_penalty == Bps(0);
    in_range!(terms.rejection_stake == Bps(0) || part(terms.rejection_stake) && stakes, "rejection_stake")?;

    // Without a pool there is nothing of it to ask for.
    let pooled = !guard::eq(pool, &NONE);
    in_range!(pooled || terms.bond_amount.is_zero(), "bond_amount")?;
    in_range!(pooled || terms.min_self_stake.is_zero(), "min_self_stake")?;
    in_range!(pooled || terms.min_reliability == Bps(0), "min_reliability")?;
    in_range!(pooled || !terms.reports_outcome(), "reports")?;
    Ok(())
}

/// Results can be verified, if the market names a verification: there is one result, it is not paid at once, and somebody decides. With
/// neither a verifier nor an arbiter, anyone could turn each result into the default verdict.
pub fn check_verifiable(terms: &Terms, verification: &Address, needs_arbiter: bool) -> Result<()> {
    let verifiable = terms.pricing == pricing::FIXED && terms.acceptance_window != Seconds(0);
    in_range!(guard::eq(verification, &NONE) || verifiable, "acceptance_window")?;
    require(!needs_arbiter || !guard::eq(&terms.arbiter, &NONE), EscrowError::ArbiterRequired)
}

/// The verification is in the documented ranges.
pub fn check_verification(args: &CreateVerificationArgs, verifier: &Address) -> Result<()> {
    let minute = Seconds(60);
    let part = |share: Bps| share <= Bps::WHOLE;
    in_range!(!{ args.dispute_bond }.is_zero(), "dispute_bond")?;
    in_range!((minute..=WEEK).contains(&{ args.move_window }), "move_window")?;
    let judged = !guard::eq(verifier, &NONE) || (minute..=MONTH).contains(&{ args.decision_window });
    in_range!(judged, "decision_window")?;
    in_range!(part(args.bond_penalty), "bond_penalty")?;
    in_range!(part(args.minority_penalty), "minority_penalty")?;
    in_range!(part(args.no_reveal_penalty), "no_reveal_penalty")?;
    in_range!(args.games_per_slash <= MAX_GAMES_PER_SLASH, "games_per_slash")?;
    in_range!((args.games_per_slash == 0) == { args.slash_amount }.is_zero(), "slash_amount")?;
    if args.min_replicas == 0 {
        return Ok(());
    }
    in_range!((3..=args.max_replicas).contains(&args.min_replicas), "min_replicas")?;
    in_range!(args.max_replicas as usize <= MAX_REPLICAS, "max_replicas")?;
    in_range!((Bps(1)..=Bps::WHOLE).contains(&{ args.no_quorum_pay }), "no_quorum_pay")?;
    in_range!({ args.minority_penalty } < { args.no_reveal_penalty }, "no_reveal_penalty")?;
    in_range!((minute..=WEEK).contains(&{ args.reveal_window }), "reveal_window")?;
    Ok(())
}

/// The fee's receiver, if there is one, can receive what jobs are paid in.
pub fn check_fee(terms: &Terms, network: &Address, mint: &Address, lane: u8, fee_payee: &AccountView) -> Result<()> {
    if terms.fee_share == Bps(0) {
        return Ok(());
    }
    require(guard::eq(fee_payee.address(), &terms.fee_payee), EscrowError::FeeRequired)?;
    if guard::eq(mint, &NONE) {
        let work = account::load::<ProviderWork>(fee_payee)?;
        guard::network(&work.network, network)?;
        return require(work.lane == lane, EscrowError::WrongLane);
    }
    if guard::eq(&terms.fee_payee, mint) {
        // The token programs do not burn wrapped SOL: a job with such a fee would never end.
        require(!token::is_native(mint), Fault::MintNotAllowed)?;
    } else {
        token::require_reachable(fee_payee, mint)?;
        require(cannot_refuse(fee_payee, mint), Fault::InvalidTokenAccount)?;
    }
    Ok(())
}
