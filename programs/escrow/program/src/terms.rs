//! What terms a market may have.

use {
    crate::{Result, purse::takes_fees},
    joule_bme_interface::state::ProviderWork,
    joule_common::{AccountView, account, guard, guard::require, token},
    joule_escrow_interface::{
        EscrowError,
        instruction::CreateVerificationArgs,
        state::{MAX_REPLICAS, NONE, Terms, matching, pricing},
    },
    joule_interface::{Address, Fault},
    joule_math::{Bps, Seconds, Tokens},
};

const DAY: u32 = 86_400;
const WEEK: Seconds = Seconds(7 * DAY);
const MONTH: Seconds = Seconds(30 * DAY);

/// The ranges that the terms' documentation gives, and that what they ask for can be had in a market of `pool`.
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
    ];
    let kinds = (1..=matching::DIRECT + matching::QUEUE + matching::AUCTION).contains(&terms.matching)
        && terms.pricing <= pricing::FIXED
        && terms.reports <= 1
        && (terms.max_queue_entries != 0 || terms.matching & matching::QUEUE == 0);
    // Neither the availability nor what was missed is known without heartbeats.
    let measured =
        terms.heartbeat_interval != Seconds(0) || (terms.min_availability, terms.heartbeat_penalty) == (Bps(0), Bps(0));
    let staked = !guard::eq(pool, &NONE)
        || (terms.bond_amount, terms.min_self_stake, terms.min_reliability, terms.reports)
            == (Tokens(0), Tokens(0), Bps(0), 0);
    let fee = (terms.fee_share == Bps(0)) == guard::eq(&terms.fee_payee, &NONE);
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
            && terms.cost(terms.price, terms.max_duration).is_ok()
            && terms.reserved == [0; 6],
        Fault::InvalidParameter,
    )?)
}

/// Results of jobs on these terms can be verified, where they are to be: they come once, and are not paid at once.
pub fn check_verifiable(terms: &Terms, verification: &Address) -> Result<()> {
    let verifiable = terms.pricing == pricing::FIXED && terms.acceptance_window != Seconds(0);
    Ok(require(guard::eq(verification, &NONE) || verifiable, Fault::InvalidParameter)?)
}

/// The ranges that a verification's documentation gives.
pub fn check_verification(args: &CreateVerificationArgs, verifier: &Address) -> Result<()> {
    let minute = Seconds(60);
    let parts = [args.burned_share, args.bond_penalty, args.minority_penalty, args.no_reveal_penalty];
    let judged = !guard::eq(verifier, &NONE) || (minute..=MONTH).contains(&{ args.decision_window });
    let panels = args.min_replicas == 0
        || ((3..=args.max_replicas).contains(&args.min_replicas)
            && args.max_replicas as usize <= MAX_REPLICAS
            && (2..=args.max_replicas).contains(&args.min_quorum)
            && { args.minority_penalty } < { args.no_reveal_penalty }
            && (minute..=WEEK).contains(&{ args.reveal_window }));
    Ok(require(
        !{ args.dispute_bond }.is_zero()
            && (minute..=WEEK).contains(&{ args.move_window })
            && parts.iter().all(|part| *part <= Bps::WHOLE)
            && judged
            && panels
            && (args.games_per_slash == 0) == { args.slash_amount }.is_zero(),
        Fault::InvalidParameter,
    )?)
}

/// The account to which the fee goes, where there is one, can receive what jobs are paid in.
pub fn check_fee(terms: &Terms, network: &Address, mint: &Address, fee_to: &AccountView) -> Result<()> {
    if terms.fee_share == Bps(0) {
        return Ok(());
    }
    require(guard::eq(fee_to.address(), &terms.fee_payee), EscrowError::FeeRequired)?;
    if guard::eq(mint, &NONE) {
        return Ok(guard::network(&account::load::<ProviderWork>(fee_to)?.network, network)?);
    }
    if !guard::eq(&terms.fee_payee, mint) {
        token::balance(fee_to, mint)?;
        require(takes_fees(fee_to, mint), Fault::InvalidTokenAccount)?;
    }
    Ok(())
}
