//! Addresses that the program derives.

use joule_interface::pda;

pda! {
    /// What signs for the program in a network: a spender of `bme`, a slasher of `stake`. Holds no data.
    authority = ["authority", network: Address]
}
pda! {
    /// A market of a network. `id` is a little-endian `u64` that the network chooses.
    market = ["market", network: Address, id: [u8; 8]]
}
pda! {
    /// A market's queue.
    queue = ["queue", market: Address]
}
pda! {
    /// A provider's place in a market's queue. `index` is one byte, from 0 on.
    waiting_provider = ["waiting_provider", market: Address, provider: Address, index: [u8; 1]]
}
pda! {
    /// What a client has put in, in one mint.
    deposit = ["deposit", client: Address, mint: Address]
}
pda! {
    /// A deposit's vault. Owned by the deposit.
    vault = ["vault", deposit: Address]
}
pda! {
    /// A job. `funding_account` is what pays for it: a deposit, or a credit account. `nonce` is a little-endian `u64` that the client
    /// chooses.
    job = ["job", funding_account: Address, nonce: [u8; 8]]
}
pda! {
    /// How results are verified. `id` is a little-endian `u64` that the network chooses.
    verification = ["verification", network: Address, id: [u8; 8]]
}
pda! {
    /// What was delivered for a job. `posting_id` is [`Job::posting_id`](crate::state::Job::posting_id), little-endian.
    trace = ["trace", job: Address, posting_id: [u8; 8]]
}
pda! {
    /// A challenge of it. `number` is a little-endian `u32`, from 0 on.
    game = ["game", trace: Address, number: [u8; 4]]
}
pda! {
    /// A job for several providers. `funding_account` and `nonce` as in a [`job`].
    panel = ["panel", funding_account: Address, nonce: [u8; 8]]
}
