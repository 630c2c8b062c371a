use {
    crate::Result,
    joule_bme_interface::{
        BmeError, ID,
        instruction::AddShard,
        pda,
        state::{BurnShard, MAX_SHARDS, Network, WorkShard},
    },
    joule_common::{AccountView, account, guard, guard::require, token},
    joule_interface::Fault,
};

/// See [`AddShard`].
pub fn add_shard(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = AddShard::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    let mut network = account::load_mut::<Network>(a.network)?;
    guard::authority(a.authority, &network.authority)?;
    guard::address(a.mint, &network.mint)?;
    require(guard::eq(a.token_program.address(), &network.token_program), Fault::WrongTokenProgram)?;
    require(network.shard_count < MAX_SHARDS, BmeError::TooManyShards)?;
    // The epoch that is being closed counts on the shards that it began with.
    require(network.closing == 0, BmeError::EpochUnsettled)?;

    let lane = network.lanes.get_mut(args.lane as usize).ok_or(BmeError::LaneNotOpen)?;
    require(lane.weight > 0, BmeError::LaneNotOpen)?;
    lane.shard_count += 1;
    let index = network.shard_count;
    network.shard_count += 1;
    drop(network);

    let address = a.network.address();
    let seeds = pda::burn_vault::seeds(a.burn_shard.address());
    token::create_vault(a.payer, a.burn_vault, &seeds, &ID, a.mint, address, a.token_program)?;

    let mut burn_shard =
        account::create::<BurnShard>(a.payer, a.burn_shard, &pda::burn_shard::seeds(address, &[index]))?;
    burn_shard.network = *address;
    burn_shard.vault = *a.burn_vault.address();
    burn_shard.index = index;
    burn_shard.payer = *a.payer.address();

    let mut work_shard =
        account::create::<WorkShard>(a.payer, a.work_shard, &pda::work_shard::seeds(address, &[index]))?;
    work_shard.network = *address;
    work_shard.index = index;
    work_shard.lane = args.lane;
    Ok(())
}
