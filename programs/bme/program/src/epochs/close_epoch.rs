use {
    crate::{
        Result,
        epochs::{
            minting::{self, Destinations},
            work,
        },
        lanes::{self, Budget, Worth},
        price,
        source::Source,
    },
    core::ops::Range,
    joule_bme_interface::{
        BmeError,
        event::EpochSettled,
        instruction::CloseEpoch,
        pda,
        state::{Epoch, EpochTerms, IDLE_PERIOD, Network, WorkShard},
    },
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_interface::{Address, Fault},
    joule_math::{Timestamp, Tokens, U128},
};

/// See [`CloseEpoch`].
pub fn close_epoch(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, shards, ..) = CloseEpoch::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    let index = args.epoch;
    let mut network = account::load_mut::<Network>(a.network)?;
    let source = Source::new(&network, a.network, a.mint, a.reserve_vault, a.token_program)?;
    let destinations = Destinations { source, reward_vault: a.reward_vault, stakers: a.stakers, treasury: a.treasury };
    destinations.check(&network)?;
    let now = now()?;

    if index >= network.open_epoch {
        open_next(&mut network, index, shards, (a.epoch, a.payer, a.network.address()), now)?;
    }
    let mut epoch = account::load_mut::<Epoch>(a.epoch)?;
    guard::network(&epoch.network, a.network.address())?;
    require(epoch.index == index && epoch.is_settled == 0, BmeError::WrongEpoch)?;
    // Or keepers would be paid for nothing: each call folds a shard that was not folded.
    require(!shards.is_empty() || network.shard_count == 0, BmeError::EpochUnsettled)?;

    for view in shards {
        fold(&mut epoch, view)?;
    }
    if epoch.folded.count_ones() < network.shard_count as u32 {
        return Ok(());
    }
    settle(&destinations, &mut network, &mut epoch, a.price_update, now)
}

/// Ends epoch `index`, if its time is up, and opens the next. Epochs before it that are not closed must be without work.
fn open_next(
    network: &mut Network,
    index: u64,
    shards: &[AccountView],
    (view, payer, address): (&AccountView, &AccountView, &Address),
    now: Timestamp,
) -> Result<()> {
    require(network.closing == 0, BmeError::EpochUnsettled)?;
    let passed_over = index - network.open_epoch;
    // Those after the open one are of the present length.
    let duration = network.policy.epoch_duration.0 as u64;
    let late = passed_over.checked_mul(duration).ok_or(BmeError::EpochOpen)?;
    require(now >= network.epoch_ends_at && now.since(network.epoch_ends_at) >= late, BmeError::EpochOpen)?;
    if passed_over > 0 {
        // Of each one the limits would have let as much pass again.
        require(network.lanes.iter().all(|lane| lane.waiting.is_zero()), BmeError::EpochHasWork)?;
        // They share what the schedule gives for them, so it must be the same schedule.
        require(network.terms == EpochTerms::of(&network.policy, network.weights()), BmeError::EpochHasWork)?;
        require_idle(network, address, shards, network.open_epoch..index)?;
    }

    let mut epoch = account::create::<Epoch>(payer, view, &pda::epoch::seeds(address, &index.to_le_bytes()))?;
    epoch.network = *address;
    epoch.index = index;
    epoch.payer = *payer.address();
    epoch.ended_at = Timestamp(network.epoch_ends_at.0.saturating_add_unsigned(late));
    epoch.closed_at = now;
    epoch.terms = network.terms;
    let own = network.terms.own_duration.0 as u64;
    epoch.first_period = network.schedule_position / network.terms.duration.0.max(1) as u64;
    epoch.periods = passed_over + 1;

    network.open_epoch = index.checked_add(1).ok_or(Fault::Overflow)?;
    network.closing = 1;
    network.schedule_position = network.schedule_position.checked_add(own + late).ok_or(Fault::Overflow)?;
    // On the grid of epoch ends, however late it is.
    let ahead = i64::try_from(late + duration).map_err(|_| Fault::Overflow)?;
    network.epoch_ends_at = Timestamp(network.epoch_ends_at.0.checked_add(ahead).ok_or(Fault::Overflow)?);
    network.terms = EpochTerms::of(&network.policy, network.weights());
    Ok(())
}

/// None of the network's shards has work of these epochs.
fn require_idle(network: &Network, address: &Address, shards: &[AccountView], epochs: Range<u64>) -> Result<()> {
    let mut seen = 0u64;
    for view in shards {
        let shard = account::load::<WorkShard>(view)?;
        guard::network(&shard.network, address)?;
        require(!work::has_work(&shard, epochs.clone()), BmeError::EpochHasWork)?;
        seen |= 1 << (shard.index & 63);
    }
    require(seen.count_ones() == network.shard_count as u32, BmeError::EpochHasWork)
}

/// Counts a shard's work into the epoch.
fn fold(epoch: &mut Epoch, view: &AccountView) -> Result<()> {
    require(view.is_writable(), Fault::NotWritable)?;
    let mut shard = account::load_mut::<WorkShard>(view)?;
    guard::network(&shard.network, &epoch.network)?;
    let bit = 1u64 << (shard.index & 63);
    require(epoch.folded & bit == 0, BmeError::AlreadyFolded)?;
    epoch.folded |= bit;
    let work = work::take_from_shard(&mut shard, epoch.index);
    let lane = epoch.lanes.get_mut(shard.lane as usize).ok_or(BmeError::WrongLane)?;
    lane.credits = lane.credits.plus(work.credits)?;
    lane.tokens = lane.tokens.plus(work.tokens)?;
    Ok(())
}

/// Decides the epoch's emission, once, and mints what the breaker lets pass.
///
/// Without the operator's word for every job, all that is minted, to whomever, is at most what was burned for the credits
/// worked off, in each lane: whoever works for itself gets back what it burned, at best. Reward roots have their part of the
/// schedule before that, for all periods: the policy says so.
fn settle(
    d: &Destinations,
    network: &mut Network,
    epoch: &mut Epoch,
    price_update: &AccountView,
    now: Timestamp,
) -> Result<()> {
    let stock = d.source.stock(network)?;
    let terms = epoch.terms;
    let vouched = terms.vouched == 1;
    lanes::apply_limits(network, epoch)?;
    if !epoch.worked.is_zero() {
        // Nobody can take any more what was set aside for owners whose credits nobody took: it is there for who worked.
        network.last_worked_at = epoch.ended_at;
        network.refundable = Tokens::ZERO;
    }

    let emission = terms.emission();
    let last = epoch.first_period.checked_add(epoch.periods - 1).ok_or(Fault::Overflow)?;
    let end = last.checked_add(1).ok_or(Fault::Overflow)?;
    let scheduled_idle = emission.schedule.between(epoch.first_period, last)?;
    let scheduled_last = emission.schedule.between(last, end)?;
    let idle_roots = emission.roots_of(scheduled_idle)?;

    let mut room = minting::room(network, stock)?;
    let for_roots = emission.roots_of(scheduled_last)?;
    let roots = for_roots.plus(idle_roots)?.min(room);
    room = room.minus(roots)?;
    let worth = worth(network, epoch, price_update, now)?;
    let budget = Budget {
        scheduled: scheduled_last.minus(for_roots)?,
        remintable: network.remintable.min(emission.remint_cap),
        carried: network.carried,
        room,
    };
    let given = lanes::divide(network, epoch, budget, worth)?;
    // For periods without work, only those are paid who need none: a payout demands nothing of such a period.
    let pays_idle = vouched && terms.payout_share.0 == 0;
    let idle = if pays_idle { scheduled_idle.minus(idle_roots)? } else { Tokens::ZERO };
    let idle = lanes::split(&terms, idle.min(room.minus(given.split.sum()?)?))?;
    network.remintable = network.remintable.minus(given.reminted)?;
    network.reminted = U128::new(network.reminted.get() + given.reminted.0 as u128);
    network.topped_up = U128::new(network.topped_up.get() + given.topped_up.0 as u128);
    network.scheduled = U128::new(network.scheduled.get() + scheduled_last.0 as u128 + scheduled_idle.0 as u128);

    let (paid, carried) = (given.split, given.carried);
    let payable = |view, amount| if d.payable(view, network) { amount } else { Tokens::ZERO };
    let stakers = payable(d.stakers, paid.stakers.plus(idle.stakers)?);
    let treasury = payable(d.treasury, paid.treasury.plus(idle.treasury)?);
    network.carried = network.carried.minus(carried)?;
    epoch.carried = carried;
    epoch.emission = paid.providers.plus(carried)?;
    epoch.stakers_emission = stakers;
    epoch.treasury_emission = treasury;
    epoch.roots_emission = roots;
    network.roots.free = network.roots.free.plus(roots)?;
    epoch.is_settled = 1;
    network.closing = 0;
    let deferred = &mut network.deferred;
    deferred.providers = deferred.providers.plus(paid.providers)?;
    deferred.stakers = deferred.stakers.plus(stakers)?;
    deferred.treasury = deferred.treasury.plus(treasury)?;

    if let Some(late) = epoch.ended_at.since(network.last_worked_at).checked_sub(IDLE_PERIOD.0 as u64) {
        // What nobody is paid is there for owners whose credits nobody takes: of this period, and of those passed over that
        // ended as long after the last work.
        let passed_over = (late / terms.duration.0.max(1) as u64).min(epoch.periods - 1);
        let scheduled = emission.schedule.between(last - passed_over, last)?.plus(scheduled_last)?;
        let rest = scheduled.minus(emission.roots_of(scheduled)?)?;
        let unpaid = if pays_idle { Tokens(terms.providers_share.of_floor(rest.0)?) } else { rest };
        network.refundable = network.refundable.plus(unpaid.min(minting::room(network, stock)?))?;
    }

    event::emit(&EpochSettled {
        header: EpochSettled::header(*d.source.network.address(), event::next(&mut network.sequence)?),
        epoch: epoch.index,
        worked: epoch.worked,
        tokens: epoch.tokens,
        providers: epoch.emission,
        stakers,
        treasury,
        scheduled: scheduled_last,
        reminted: given.reminted,
        roots,
        waiting: epoch.waiting,
        topped_up: given.topped_up,
    });
    d.mint_deferred(network, stock, now)?;
    Ok(())
}

/// What the epoch's work is worth to its providers, where the policy holds their income to it.
fn worth(network: &mut Network, epoch: &mut Epoch, price_update: &AccountView, now: Timestamp) -> Result<Worth> {
    if epoch.terms.payout_share.0 == 0 {
        return Ok(Worth::Unbounded);
    }
    if epoch.worked.is_zero() {
        return Ok(Worth::Unknown);
    }
    let Some((price, exponent)) = price::for_demand(network, price_update, epoch.ended_at, now)? else {
        return Ok(Worth::Unknown);
    };
    (epoch.price, epoch.exponent) = (price, exponent);
    Ok(Worth::Price(price, exponent))
}
