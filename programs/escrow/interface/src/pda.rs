//! Addresses that the program derives.

use joule_interface::pda;

pda! {
    /// The program's authority in a network: it signs as a spender of `bme` and as a slasher of `stake`. It has no account.
    authority = ["authority", network: Address]
}
pda! {
    /// The halt clock of the deployment.
    halt_clock: HaltClock = ["halt_clock"]
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
    /// A provider that waits in a market's queue. `index` is one byte, from 0 on.
    waiting_provider = ["waiting_provider", market: Address, provider: Address, index: [u8; 1]]
}
pda! {
    /// A client's deposit in one mint.
    deposit = ["deposit", client: Address, mint: Address]
}
pda! {
    /// A deposit's vault, a token account that the deposit owns.
    vault = ["vault", deposit: Address]
}
pda! {
    /// A mandate of an owner. `index` is a little-endian `u16` that the owner chooses.
    mandate = ["mandate", owner: Address, index: [u8; 2]]
}
pda! {
    /// A job that is created by `PostJob`. `funding_account` pays for it: a deposit, or a credit account. `nonce` is a little-endian
    /// `u64` that the client chooses.
    job = ["job", funding_account: Address, nonce: [u8; 8]]
}
pda! {
    /// A way to verify results. `id` is a little-endian `u64` that the network chooses.
    verification = ["verification", network: Address, id: [u8; 8]]
}
pda! {
    /// The trace delivered for a job. `posting_id` is [`Job::posting_id`](crate::state::Job::posting_id), little-endian.
    trace = ["trace", job: Address, posting_id: [u8; 8]]
}
pda! {
    /// A game over a trace. `number` is a little-endian `u32`, from 0 on.
    game = ["game", trace: Address, number: [u8; 4]]
}
pda! {
    /// Keys of an identity, whose address this is. `id` is a little-endian `u64` that the first manager chooses.
    keys = ["keys", opened_by: Address, id: [u8; 8]]
}
pda! {
    /// A gang. `number` is a little-endian `u64` that the client chooses.
    gang = ["gang", client: Address, number: [u8; 8]]
}
pda! {
    /// A beacon of a provider: of a node that it operates, or, with zero, of all that it runs without one.
    beacon = ["beacon", provider: Address, node: Address]
}
pda! {
    /// A panel. `funding_account` and `nonce` as in a [`job`].
    panel = ["panel", funding_account: Address, nonce: [u8; 8]]
}
