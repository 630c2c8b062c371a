use {
    crate::{
        Result,
        epochs::{
            minting::{self, Destinations},
            work,
        },
        price,
    },
    joule_bme_interface::{
        BmeError,
        event::EpochSettled,
        instruction::CloseEpoch,
        pda,
        state::{Epoch, Network, WorkShard},
    },
    joule_common::{AccountView, account, event, guard, guard::require, now, token},
    joule_interface::Fault,
    joule_math::{Bps, Timestamp, Tokens, U128, demand},
};

/// See [`CloseEpoch`].
pub fn close_epoch(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, shards, ..) = CloseEpoch::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    let index = args.epoch;
    let mut network = account::load_mut::<Network>(a.network)?;
    let destinations = Destinations {
        network: a.network,
        mint: a.mint,
        reward_vault: a.reward_vault,
        stakers: a.stakers,
        treasury: a.treasury,
        token_program: a.token_program,
    };
    destinations.check(&network)?;
    let now = now()?;

    if index == network.open_epoch {
        open_next(&mut network, a.epoch, a.payer, a.network, now)?;
    }
    let mut epoch = account::load_mut::<Epoch>(a.epoch)?;
    guard::network(&epoch.network, a.network.address())?;
    require(epoch.index == index && epoch.is_settled == 0, BmeError::WrongEpoch)?;

    for view in shards {
        fold(&mut epoch, view)?;
    }
    if epoch.folded.count_ones() < network.shard_count as u32 {
        return Ok(());
    }
    settle(&destinations, &mut network, &mut epoch, a.price_update, now)
}

/// Ends the open epoch, if its time is up, and opens the next.
fn open_next(
    network: &mut Network,
    view: &AccountView,
    payer: &AccountView,
    address: &AccountView,
    now: Timestamp,
) -> Result<()> {
    require(now >= network.epoch_ends_at, BmeError::EpochOpen)?;
    require(network.closing == 0, BmeError::EpochUnsettled)?;

    let index = network.open_epoch;
    let mut epoch = account::create::<Epoch>(payer, view, &pda::epoch::seeds(address.address(), &index.to_le_bytes()))?;
    epoch.network = *address.address();
    epoch.index = index;
    epoch.payer = *payer.address();
    epoch.ended_at = network.epoch_ends_at;
    epoch.closed_at = now;

    network.open_epoch = index.checked_add(1).ok_or(Fault::Overflow)?;
    network.closing = 1;
    // The grid of epoch ends stays where it was: the next end is the first that is still to come.
    let duration = network.policy.epoch_duration.0 as u64;
    let periods = now.since(network.epoch_ends_at) / duration + 1;
    epoch.first_period = network.period;
    epoch.periods = periods;
    network.period = network.period.checked_add(periods).ok_or(Fault::Overflow)?;
    let ahead = periods.checked_mul(duration).and_then(|s| i64::try_from(s).ok()).ok_or(Fault::Overflow)?;
    network.epoch_ends_at = Timestamp(network.epoch_ends_at.0.checked_add(ahead).ok_or(Fault::Overflow)?);
    Ok(())
}

/// Counts a shard's work into the epoch.
fn fold(epoch: &mut Epoch, view: &AccountView) -> Result<()> {
    require(view.is_writable(), Fault::NotWritable)?;
    let mut shard = account::load_mut::<WorkShard>(view)?;
    guard::network(&shard.network, &epoch.network)?;
    let bit = 1u64 << (shard.index & 63);
    require(epoch.folded & bit == 0, BmeError::AlreadyFolded)?;
    epoch.folded |= bit;
    epoch.worked = epoch.worked.plus(work::take_from_shard(&mut shard, epoch.index))?;
    Ok(())
}

/// Decides the epoch's emission, once, and mints what the breaker lets pass.
fn settle(
    d: &Destinations,
    network: &mut Network,
    epoch: &mut Epoch,
    price_update: &AccountView,
    now: Timestamp,
) -> Result<()> {
    let supply = token::mint(d.mint, &network.token_program)?.supply;
    // Only this program mints, so whatever is missing was burned.
    let existed = network.minted.get() + network.initial_supply.0 as u128;
    let burned = existed.checked_sub(supply.0 as u128).ok_or(Fault::Overflow)?;
    let unseen = Tokens(u64::try_from(burned.saturating_sub(network.burned_seen.get())).unwrap_or(u64::MAX));
    network.burned_seen = U128::new(burned);

    let wanted = demanded(network, epoch, price_update, now)?;
    let room = minting::room(network, supply)?;
    let to = epoch.first_period.checked_add(epoch.periods).ok_or(Fault::Overflow)?;
    let minting = network.emission().decide(epoch.first_period, to, unseen, room, wanted)?;
    network.scheduled = U128::new(network.scheduled.get() + minting.scheduled.0 as u128);
    network.reminted = U128::new(network.reminted.get() + minting.reminted.0 as u128);

    let part = |share: Bps| share.of_floor(minting.total.0).map(Tokens);
    let (providers, stakers) = (part(network.policy.providers_share)?, part(network.policy.stakers_share)?);
    let treasury = minting.total.minus(providers)?.minus(stakers)?;
    // Without work there is nobody to pay, and what was carried on is carried further.
    let (providers, carried) =
        if epoch.worked.is_zero() { (Tokens::ZERO, Tokens::ZERO) } else { (providers, network.carried) };
    let payable = |view, amount| if d.payable(view, network) { amount } else { Tokens::ZERO };
    let (stakers, treasury) = (payable(d.stakers, stakers), payable(d.treasury, treasury));
    network.carried = network.carried.minus(carried)?;
    epoch.carried = carried;
    epoch.emission = providers.plus(carried)?;
    epoch.stakers_emission = stakers;
    epoch.treasury_emission = treasury;
    epoch.roots_emission = minting.roots;
    network.roots.free = network.roots.free.plus(minting.roots)?;
    epoch.is_settled = 1;
    network.closing = 0;
    let deferred = &mut network.deferred;
    deferred.providers = deferred.providers.plus(providers)?;
    deferred.stakers = deferred.stakers.plus(stakers)?;
    deferred.treasury = deferred.treasury.plus(treasury)?;

    event::emit(&EpochSettled {
        header: EpochSettled::header(*d.network.address(), event::next(&mut network.sequence)?),
        epoch: epoch.index,
        worked: epoch.worked,
        providers: epoch.emission,
        stakers,
        treasury,
        scheduled: minting.scheduled,
        reminted: minting.reminted,
        roots: minting.roots,
    });
    d.mint_deferred(network, supply, now)?;
    Ok(())
}

/// Tokens that the epoch's work is worth to its providers, where the policy holds their income to it.
fn demanded(
    network: &Network,
    epoch: &mut Epoch,
    price_update: &AccountView,
    now: Timestamp,
) -> Result<Option<Tokens>> {
    let payout = network.policy.payout_share;
    if payout.0 == 0 {
        return Ok(None);
    }
    let Some((price, exponent)) = price::for_demand(network, price_update, epoch.ended_at, now)? else {
        return Ok(Some(Tokens::ZERO));
    };
    (epoch.price, epoch.exponent) = (price, exponent);
    Ok(Some(demand(epoch.worked, payout, price, exponent, network.decimals)?))
}
