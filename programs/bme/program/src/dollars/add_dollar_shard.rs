use {
    crate::{Result, dollars},
    joule_bme_interface::{
        BmeError, ID,
        instruction::AddDollarShard,
        pda,
        state::{Auction, DollarShard, MAX_SHARDS, Network},
    },
    joule_common::{AccountView, account, guard, guard::require, issuer, token},
    joule_interface::Fault,
};

/// See [`AddDollarShard`].
pub fn add_dollar_shard(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = AddDollarShard::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    let address = a.network.address();
    let network = account::keep_mut::<Network>(a.network)?;
    guard::authority(a.authority, &network.authority)?;
    let auction = account::keep_mut::<Auction>(a.auction)?;
    guard::network(&auction.network, address)?;
    guard::address(a.dollar_mint, &auction.mint)?;
    require(guard::eq(a.token_program.address(), &auction.token_program), Fault::WrongTokenProgram)?;
    require(auction.shard_count < MAX_SHARDS, BmeError::TooManyShards)?;
    let index = auction.shard_count;
    auction.shard_count += 1;
    dollars::limit_shards(network, auction);

    let (length, seeds) = (issuer::vault_len(a.dollar_mint)?, pda::dollar_vault::seeds(a.dollar_shard.address()));
    let (mint, program) = (a.dollar_mint, a.token_program);
    token::create_vault_of(length, a.payer, a.dollar_vault, &seeds, &ID, mint, address, program)?;
    let seeds = &pda::dollar_shard::seeds(address, core::array::from_ref(&index));
    let mut shard = account::create::<DollarShard>(a.payer, a.dollar_shard, seeds)?;
    shard.network = *address;
    shard.vault = *a.dollar_vault.address();
    shard.token_program = auction.token_program;
    shard.payer = *a.payer.address();
    shard.index = index;
    Ok(())
}
