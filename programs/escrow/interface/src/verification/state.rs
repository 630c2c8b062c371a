//! How results are verified.

use {
    crate::state::{LEVELS_A_MOVE, NONE},
    joule_interface::{Address, Header, account},
    joule_math::{Amount, Bps, Seconds, Tokens},
};

account! {
    /// How a network has results verified: by games over one result and by panels that compare several, or by validity proofs. Nothing in it ever changes,
    /// so jobs name it instead of copying it, and it is read-only for all of them. It is never closed, because nobody knows which
    /// jobs still name it. Times are seconds; parts are basis points, zero to the whole.
    ///
    /// **Games.** The provider's delivery carries the Merkle root over its trace ([`trace`](crate::trace)). By delivering, the
    /// provider puts `dispute_bond` at risk; by challenging, a challenger puts the same amount at risk. Both lie in a
    /// [`Deposit`](crate::state::Deposit) of `dispute_bond_mint`. Who loses by silence has its whole dispute bond burned. Who loses by
    /// play has half of it burned; the other half is divided among all who won by play, once all games over the trace are over. So
    /// nobody stages a game with itself for less than half of a dispute bond.
    pub struct Verification: discriminator 6, size 192 {
        /// Discriminator 6.
        pub header: Header,
        /// Network.
        pub network: Address,
        /// Seed of its address.
        pub id: u64,
        /// The program that decides on a step ([`verifier`](crate::verifier)); zero: the arbiter of the market's terms decides. Proofs: the
        /// program that confirms them ([`proof`](crate::proof)).
        pub verifier: Address,
        /// Mint of the dispute bonds.
        pub dispute_bond_mint: Address,
        /// What each side of a game puts at risk: above zero, any amount. With one that nobody has, nobody challenges and no result is
        /// delivered, until the market names another verification.
        pub dispute_bond: Amount,
        /// Amount of a slash that follows from lost games, in the pool's mint: any amount, of which `stake`'s limits let as much pass as they do; zero: no slash.
        pub slash_amount: Tokens,
        /// Proofs: the slot in which the verifier's code, which nobody can change any more, was deployed; zero if its loader never
        /// changes any. Code of another slot proves nothing.
        pub verifier_slot: u64,
        /// Time for each move of a game. A minute to a week.
        pub move_window: Seconds,
        /// Time for the arbiter to decide on a step. A minute to 30 days if there is no verifier.
        pub decision_window: Seconds,
        /// Panels: time for the replicas to reveal. A minute to a week if there are panels.
        pub reveal_window: Seconds,
        /// Part of the job's bond in `stake` that is seized if the provider loses a game.
        pub bond_penalty: Bps,
        /// Panels: part of its bond that a replica loses if its result differs from the panel's. All penalties of panels are burned.
        pub minority_penalty: Bps,
        /// Panels: part of its bond that a replica loses if it does not reveal. Above `minority_penalty`.
        pub no_reveal_penalty: Bps,
        /// Panels: part of its price that each replica of a largest group is paid if no group has a quorum. Above zero if there are
        /// panels: nobody learns results for nothing.
        pub no_quorum_pay: Bps,
        /// Panels: fewest replicas, 3 or more; zero: no panels.
        pub min_replicas: u8,
        /// Panels: most replicas, 15 or fewer.
        pub max_replicas: u8,
        /// Number of lost games, each over another trace, for which a slash can be proposed:
        /// [`MAX_GAMES_PER_SLASH`](crate::state::MAX_GAMES_PER_SLASH) at most; zero: no slash.
        pub games_per_slash: u8,
        /// One of [`verification_kind`](crate::state::verification_kind).
        pub kind: u8,
        /// Zero.
        pub reserved: [u8; 32],
    }
}

impl Verification {
    /// The longest time from the first challenge of a trace to the end of its last game, if everybody else calls in time: games run
    /// side by side, so it does not grow with their number. The last challenge comes at the end of the acceptance window; then each
    /// side makes `⌈height / LEVELS_A_MOVE⌉` moves down the tree, the provider shows the states, and the verifier or the arbiter has its
    /// time. `steps` is the trace's length.
    #[inline]
    pub fn longest_dispute(&self, acceptance_window: Seconds, steps: u32) -> u64 {
        let rounds = crate::trace::height(steps).div_ceil(LEVELS_A_MOVE) as u64;
        let last = if self.verifier == NONE { self.decision_window } else { self.move_window };
        acceptance_window.0 as u64 + (2 * rounds + 1) * self.move_window.0 as u64 + last.0 as u64
    }
}
