use {
    crate::{Result, epochs::work, source},
    joule_bme_interface::{
        BmeError,
        instruction::CloseShard,
        state::{BurnShard, Network, WorkShard},
    },
    joule_common::{AccountView, account, guard, guard::require, token},
    joule_interface::Fault,
};

/// See [`CloseShard`]. Works while the network is paused: nothing comes in.
pub fn close_shard(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = CloseShard::parse(accounts, data)?;
    let network = account::keep_mut::<Network>(a.network)?;
    guard::authority(a.authority, &network.authority)?;
    guard::address(a.mint, &network.mint)?;
    let token_program = token::Stored::new(a.token_program, &network.token_program)?;
    let (burn, work) = (account::load::<BurnShard>(a.burn_shard)?, account::load::<WorkShard>(a.work_shard)?);
    let to_burn = account::keep_mut::<BurnShard>(a.to_burn_shard)?;
    let to_work = account::keep_mut::<WorkShard>(a.to_work_shard)?;
    for of in [&burn.network, &work.network, &to_burn.network, &to_work.network] {
        guard::network(of, a.network.address())?;
    }
    guard::address(a.burn_vault, &burn.vault)?;
    guard::address(a.to_burn_vault, &to_burn.vault)?;
    guard::address(a.rent_receiver, &burn.payer)?;
    // The epoch that is being closed counts on the shards that it began with. Callers count on shards without gaps.
    let newest = network.shard_count.checked_sub(1);
    let is_newest = Some(burn.index) == newest && Some(work.index) == newest;
    require(network.closing == 0 && is_newest && to_work.lane == work.lane, BmeError::ShardInUse)?;

    let lane = network.lanes.get_mut(work.lane as usize).ok_or(BmeError::WrongLane)?;
    lane.shard_count = lane.shard_count.checked_sub(1).ok_or(Fault::Overflow)?;
    network.shard_count -= 1;
    work::merge(to_work, &work)?;
    merge(to_burn, &burn)?;
    // What was sent to the vault and bought no credits as well: it stays there, and nothing returns for it.
    let left = token::vault_balance(a.burn_vault)?;
    let bump = [network.header.bump];
    let seeds = source::signer(network, &bump);
    let signers = &[(&seeds).into()];
    if !left.is_zero() {
        let (source, destination, authority) = (a.burn_vault, a.to_burn_vault, a.network);
        let transfer = token::Transfer { source, mint: a.mint, destination, authority, token_program: &token_program };
        transfer.invoke_signed(left, network.decimals, signers)?;
    }
    token::close(a.token_program, a.burn_vault, a.rent_receiver, a.network, signers)?;
    drop((burn, work));
    account::close(a.work_shard, a.rent_receiver)?;
    Ok(account::close(a.burn_shard, a.rent_receiver)?)
}

/// Counts in `shard` what another counted. Of the prices, the newer is the one that the next must not fall behind.
fn merge(shard: &mut BurnShard, other: &BurnShard) -> Result<()> {
    shard.issued = shard.issued.plus(other.issued)?;
    shard.received = shard.received.plus(other.received)?;
    shard.burned = shard.burned.plus(other.burned)?;
    shard.returned = shard.returned.plus(other.returned)?;
    if other.published_at > shard.published_at {
        (shard.published_at, shard.bid, shard.exponent) = (other.published_at, other.bid, other.exponent);
    }
    Ok(())
}
