//! Addresses that the program derives.

use joule_interface::pda;

pda! {
    /// A network's pool for one mint.
    pool = ["pool", network: Address, mint: Address]
}
pda! {
    /// A pool's vault. Owned by the pool.
    vault = ["vault", pool: Address]
}
pda! {
    /// A provider in a pool.
    provider = ["provider", pool: Address, authority: Address]
}
pda! {
    /// What an owner has put behind a provider; the provider's own stake is one of these.
    delegation = ["delegation", provider: Address, owner: Address]
}
pda! {
    /// A ticket for stake that is leaving. `index` is a little-endian `u64`.
    ticket: UnbondingTicket = ["unbonding", delegation: Address, index: [u8; 8]]
}
pda! {
    /// Who may lock, release and slash a pool's stake.
    slasher = ["slasher", pool: Address, authority: Address]
}
pda! {
    /// Collateral that one job holds, or, under any other name than a job's, a place for it.
    bond = ["bond", provider: Address, job: Address]
}
pda! {
    /// A pool's rewards.
    rewards = ["rewards", pool: Address]
}
pda! {
    /// A proposed slash of a provider. `index` is a little-endian `u64`.
    slash = ["slash", provider: Address, index: [u8; 8]]
}
pda! {
    /// The rules that wait to become a pool's.
    policy_change = ["change", pool: Address]
}
