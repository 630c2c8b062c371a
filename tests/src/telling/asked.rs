//! What is asked for by arguments, and done otherwise than by writing them down: reckoned from the arguments by the pages' sentences.

use {
    crate::books::{Accounts, read},
    joule_bme_interface::{
        ID as BME, event,
        instruction::{ConsumeCredits, ConsumeCreditsArgs, WeighLanes, WeighLanesArgs},
        state::{MAX_LANES, MAX_LATE_PERIODS, Network, ProviderWork},
    },
    joule_interface::{Address, Event, Instruction, Layout, bytemuck},
    joule_math::Bps,
    joule_stake_interface::{
        ID as STAKE,
        instruction::{SeizeBond, SeizeBondArgs},
        state::{Pool, seizure},
    },
};

fn arguments<A: Layout>(instruction: &Instruction) -> Option<A> {
    instruction.data.get(1..1 + size_of::<A>()).map(bytemuck::pod_read_unaligned)
}

/// The one event of a kind that was logged.
fn told<E: Event>(logged: &[&[u8]]) -> Option<E> {
    let mut all = logged.iter().filter(|data| data.first() == Some(&E::DISCRIMINATOR) && data.len() == size_of::<E>());
    all.next().map(|data| bytemuck::pod_read_unaligned(data)).filter(|_| all.next().is_none())
}

fn part_up(of: u64, share: Bps) -> u64 {
    (of as u128 * share.0 as u128).div_ceil(10_000) as u64
}

pub(super) fn check(
    instruction: &Instruction,
    logged: &[&[u8]],
    before: &Accounts,
    after: &Accounts,
) -> Result<(), String> {
    let Some(kind) = instruction.data.first() else { return Ok(()) };
    let hold = |holds: bool, what: &str| if holds { Ok(()) } else { Err(what.to_string()) };
    let find = |accounts: &Accounts, of: fn(&solana_account::Account) -> bool| -> Option<Address> {
        instruction.accounts.iter().map(|meta| meta.pubkey).find(|key| accounts.get(key).is_some_and(of))
    };
    if instruction.program_id == BME {
        let Some(address) = find(before, |account| read::<Network>(account).is_some()) else { return Ok(()) };
        let network = |accounts: &Accounts| accounts.get(&address).and_then(read::<Network>).copied();
        let Some((was, is)) = network(before).zip(network(after)) else { return Ok(()) };
        if *kind == WeighLanes::DISCRIMINATOR {
            let Some(args) = arguments::<WeighLanesArgs>(instruction) else { return Ok(()) };
            let (policy, of_policy, named) = (&was.policy, was.policy.weights(), { args.weights });
            for lane in 0..MAX_LANES as usize {
                // Within the band of the policy's weight, and so much of the way there.
                let whole = of_policy[lane];
                let band = (whole as u64 * policy.lane_band.0 as u64 / 10_000) as u16;
                let target = named[lane].clamp((whole - band).max(whole.min(1)), whole + band);
                let present = was.lanes[lane].weight;
                let step = part_up(target.abs_diff(present) as u64, policy.lane_speed) as u16;
                let next = if target < present { present - step } else { present + step };
                hold(is.lanes[lane].weight == next, "a lane weighs otherwise than it was moved")?;
            }
            let said = told::<event::LanesWeighed>(logged);
            let is_so =
                |said: event::LanesWeighed| { said.weights } == is.weights() && { said.epoch } == was.open_epoch;
            return hold(said.is_none_or(is_so), "LanesWeighed is not what the lanes weigh");
        }
        if *kind == ConsumeCredits::DISCRIMINATOR {
            let Some(args) = arguments::<ConsumeCreditsArgs>(instruction) else { return Ok(()) };
            // In the epoch of its time, at most six periods ahead of the open one.
            let late = { args.worked_at }.0 - was.epoch_ends_at.0;
            let periods = if late < 0 { 0 } else { late as u64 / was.policy.epoch_duration.0.max(1) as u64 + 1 };
            let epoch = was.open_epoch + periods.min(MAX_LATE_PERIODS);
            let said = told::<event::CreditsConsumed>(logged);
            hold(
                said.is_none_or(|said| { said.epoch } == epoch),
                "CreditsConsumed.epoch is not that of the work's time",
            )?;
            let Some(work) = find(before, |account| read::<ProviderWork>(account).is_some()) else { return Ok(()) };
            let entry = |accounts: &Accounts| {
                let work = accounts.get(&work).and_then(read::<ProviderWork>).copied().unwrap_or_default();
                let of_epoch = work.work.into_iter().filter(|entry| entry.epoch == epoch);
                of_epoch.map(|entry| entry.credits.0).sum::<u64>()
            };
            return hold(
                entry(after) - entry(before) == { args.amount }.0,
                "work counts in another epoch than it was done in",
            );
        }
    }
    if instruction.program_id == STAKE && *kind == SeizeBond::DISCRIMINATOR {
        let Some(args) = arguments::<SeizeBondArgs>(instruction) else { return Ok(()) };
        let Some(pool) = before.values().find_map(read::<Pool>) else { return Ok(()) };
        let Some(said) = told::<joule_stake_interface::event::BondSeized>(logged) else { return Ok(()) };
        let receiver = match args.destination {
            seizure::CLIENT => instruction.accounts.get(4).map_or(pool.mint, |meta| meta.pubkey),
            seizure::TREASURY => pool.treasury,
            _ => pool.mint,
        };
        return hold({ said.receiver } == receiver, "BondSeized.receiver is another than gets it");
    }
    Ok(())
}
