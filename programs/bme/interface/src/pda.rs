//! Addresses that the program derives.

use joule_interface::pda;

pda! {
    /// A network: the root account. One for each mint.
    network = ["network", mint: Address]
}
pda! {
    /// A network whose tokens come from a reserve. For a mint that nobody can mint, each founder can create one.
    reserve_network: Network = ["reserve_network", mint: Address, founder: Address]
}
pda! {
    /// The vault of a network's reserve. Owned by the network.
    reserve_vault = ["reserve_vault", network: Address]
}
pda! {
    /// The vault from which providers claim what epochs minted for them. Owned by the network.
    reward_vault = ["reward_vault", network: Address]
}
pda! {
    /// A burn shard. `index` is one byte.
    burn_shard = ["burn_shard", network: Address, index: [u8; 1]]
}
pda! {
    /// A burn shard's vault. Owned by the network.
    burn_vault = ["burn_vault", burn_shard: Address]
}
pda! {
    /// A work shard. `index` is one byte.
    work_shard = ["work_shard", network: Address, index: [u8; 1]]
}
pda! {
    /// An owner's credits.
    credit_account = ["credits", network: Address, owner: Address]
}
pda! {
    /// A provider's work and rewards in a lane. `lane` is one byte.
    provider_work = ["work", network: Address, provider: Address, lane: [u8; 1]]
}
pda! {
    /// A closed epoch. `index` is a little-endian `u64`.
    epoch = ["epoch", network: Address, index: [u8; 8]]
}
pda! {
    /// A spender: who may lock and consume credits, for work in a lane. `lane` is one byte.
    spender = ["spender", network: Address, authority: Address, lane: [u8; 1]]
}
pda! {
    /// A queued change of policy. `index` is a little-endian `u64`.
    policy_change = ["change", network: Address, index: [u8; 8]]
}
pda! {
    /// A network's oracles.
    oracle_set = ["oracles", network: Address]
}
pda! {
    /// The vault from which reward roots are claimed. Owned by the network.
    root_vault = ["root_vault", network: Address]
}
pda! {
    /// A reward root. `index` is a little-endian `u64`.
    reward_root = ["root", network: Address, index: [u8; 8]]
}
pda! {
    /// What a claimant was paid by reward roots.
    root_claim = ["claim", network: Address, claimant: Address]
}
pda! {
    /// What a network pays keepers. `treasury` is the token account that gets the rest.
    upkeep = ["upkeep", network: Address, treasury: Address]
}
pda! {
    /// A network's auction: dollars for its tokens.
    auction = ["auction", network: Address]
}
pda! {
    /// The vault of an auction. Owned by the network.
    auction_vault = ["auction_vault", network: Address]
}
pda! {
    /// A dollar shard. `index` is one byte.
    dollar_shard = ["dollar_shard", network: Address, index: [u8; 1]]
}
pda! {
    /// A dollar shard's vault. Owned by the network.
    dollar_vault = ["dollar_vault", dollar_shard: Address]
}
