use {
    crate::{Result, work},
    joule_bme_interface::{
        BmeError,
        event::EpochSettled,
        instruction::{CloseEpoch, CloseEpochArgs},
        pda,
        state::{Epoch, Network, WorkShard},
    },
    joule_common::{AccountView, account, event, guard, guard::require, now, token},
    joule_interface::Fault,
    joule_math::{Timestamp, Tokens},
};

/// See [`CloseEpoch`].
pub fn close_epoch(accounts: &[AccountView], args: &CloseEpochArgs) -> Result<()> {
    let (a, shards) = CloseEpoch::parse(accounts)?;
    guard::system_program(a.system_program)?;
    let index = args.epoch;
    let mut network = account::load_mut::<Network>(a.network)?;
    guard::address(a.mint, &network.mint)?;
    guard::address(a.reward_vault, &network.reward_vault)?;
    guard::address(a.stakers, &network.stakers)?;
    guard::address(a.treasury, &network.treasury)?;
    require(guard::eq(a.token_program.address(), &network.token_program), Fault::WrongTokenProgram)?;

    if index == network.open_epoch {
        open_next(&mut network, a.epoch, a.payer, a.network)?;
    }
    let mut epoch = account::load_mut::<Epoch>(a.epoch)?;
    guard::network(&epoch.network, a.network.address())?;
    require(epoch.index == index && epoch.settled == 0, BmeError::WrongEpoch)?;

    for view in shards {
        fold(&mut epoch, view)?;
    }
    if epoch.folded.count_ones() < network.shards as u32 {
        return Ok(());
    }
    settle(&a, &mut network, &mut epoch)
}

/// Ends the open epoch, if its time is up, and opens the next.
fn open_next(network: &mut Network, view: &AccountView, payer: &AccountView, address: &AccountView) -> Result<()> {
    let now = now()?;
    require(now >= network.epoch_ends, BmeError::EpochOpen)?;
    require(network.closing == 0, BmeError::EpochUnsettled)?;

    let index = network.open_epoch;
    let mut epoch = account::create::<Epoch>(payer, view, &pda::epoch::seeds(address.address(), &index.to_le_bytes()))?;
    epoch.network = *address.address();
    epoch.index = index;
    epoch.closed = now;

    network.open_epoch = index.checked_add(1).ok_or(Fault::Overflow)?;
    network.closing = 1;
    // The grid of epoch ends stays where it was: the next end is the first that is still to come.
    let duration = network.epoch_duration.0 as u64;
    let periods = now.since(network.epoch_ends) / duration + 1;
    let ahead = periods.checked_mul(duration).and_then(|s| i64::try_from(s).ok()).ok_or(Fault::Overflow)?;
    network.epoch_ends = Timestamp(network.epoch_ends.0.checked_add(ahead).ok_or(Fault::Overflow)?);
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

/// Decides the epoch's emission, once, and mints it.
fn settle(a: &CloseEpoch<&AccountView>, network: &mut Network, epoch: &mut Epoch) -> Result<()> {
    let supply = token::mint(a.mint, &network.token_program)?.supply;
    let emission = network.schedule().at(epoch.index, supply)?;
    let providers = Tokens(network.providers_share.of_floor(emission.0)?);
    let stakers = Tokens(network.stakers_share.of_floor(emission.0)?);
    let treasury = emission.minus(providers)?.minus(stakers)?;
    // Without work there is nobody to pay.
    epoch.emission = if epoch.worked.is_zero() { Tokens::ZERO } else { providers };
    // Whoever closed their token account gets nothing, and stops nobody else.
    let payable = |view, amount| if token::balance(view, &network.mint).is_ok() { amount } else { Tokens::ZERO };
    epoch.stakers_emission = payable(a.stakers, stakers);
    epoch.treasury_emission = payable(a.treasury, treasury);
    epoch.settled = 1;
    network.closing = 0;
    let minted = epoch.emission.plus(epoch.stakers_emission)?.plus(epoch.treasury_emission)?;
    network.minted = network.minted.plus(minted)?;

    event::emit(&EpochSettled {
        header: EpochSettled::header(*a.network.address(), event::next(&mut network.sequence)?),
        epoch: epoch.index,
        worked: epoch.worked,
        providers: epoch.emission,
        stakers: epoch.stakers_emission,
        treasury: epoch.treasury_emission,
    });

    let (mint, bump, decimals) = (network.mint, [network.header.bump], network.decimals);
    let seeds = pda::network::signer(&mint, &bump);
    for (destination, amount) in
        [(a.reward_vault, epoch.emission), (a.stakers, epoch.stakers_emission), (a.treasury, epoch.treasury_emission)]
    {
        if !amount.is_zero() {
            token::mint_to(a.token_program, a.mint, destination, a.network, amount, decimals, &[(&seeds).into()])?;
        }
    }
    Ok(())
}
