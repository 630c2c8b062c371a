//! A delivered trace, the games over it, and what a verifier is asked.

use {
    crate::state::{EVIDENCE, LEVELS_A_MOVE, NODES_A_MOVE},
    joule_interface::{Address, Header, account, constants, layout},
    joule_math::{Amount, Bps, Seconds, Timestamp},
};

account! {
    /// A delivered result with its trace: opened by [`DeliverTrace`](crate::instruction::DeliverTrace), closed once the job is
    /// decided and all games over it are settled.
    pub struct Trace: discriminator 7, size 320 {
        /// Discriminator 7.
        pub header: Header,
        /// The job.
        pub job: Address,
        /// [`Job::posting_id`](crate::state::Job::posting_id).
        pub posting_id: u64,
        /// Who delivered.
        pub provider: Address,
        /// The provider's [`Deposit`](crate::state::Deposit), which holds its dispute bond.
        pub deposit: Address,
        /// Whoever paid the rent.
        pub payer: Address,
        /// The [`Verification`](crate::state::Verification).
        pub verification: Address,
        /// Merkle root over the states from 0 to `steps`.
        pub root: [u8; 32],
        /// State `steps`, as the provider says: the job's result.
        pub result: [u8; 32],
        /// Dispute bond that the provider's deposit holds; zero once it was lost.
        pub dispute_bond: Amount,
        /// Parts of lost dispute bonds that the provider's deposit holds for those who win by play.
        pub pot: Amount,
        /// What each challenger that won by play is paid, once all games are settled.
        pub share: Amount,
        /// Counts this account's events.
        pub sequence: u64,
        /// Number of steps.
        pub steps: u32,
        /// Number of games that were opened.
        pub games_opened: u32,
        /// Games that are not settled.
        pub unsettled_games: u32,
        /// Challengers that won by play and are not paid.
        pub unpaid_winners: u32,
        /// 1 once the games decided on the job: no other game is opened.
        pub decided: u8,
        /// 1 once the provider lost a game.
        pub provider_lost: u8,
        /// 1 once the provider lost a game by silence.
        pub lost_by_silence: u8,
        /// 1 once the arbiter left a game undecided.
        pub undecided: u8,
        /// What a keeper is paid to close it, lamports; so much was advanced in this account.
        pub tip: u32,
        /// When the time to reject was over, as it was set; or when the last of its games was settled.
        pub left_at: Timestamp,
        /// [`game_tip::CLOSE`](crate::state::game_tip::CLOSE) once the tip was paid.
        pub tips_taken: u8,
        /// Zero.
        pub reserved: [u8; 15],
    }
}

account! {
    /// A game: the challenge of a delivered result. It holds all that its moves need, so moves write this account and no other.
    pub struct Game: discriminator 8, size 1_152 {
        /// Discriminator 8.
        pub header: Header,
        /// The challenged trace.
        pub trace: Address,
        /// The job.
        pub job: Address,
        /// Who delivered.
        pub provider: Address,
        /// Who challenges.
        pub challenger: Address,
        /// The challenger's [`Deposit`](crate::state::Deposit), which holds its dispute bond.
        pub deposit: Address,
        /// Whoever paid the rent.
        pub payer: Address,
        /// The program that decides on a step; zero: the arbiter decides.
        pub verifier: Address,
        /// The arbiter.
        pub arbiter: Address,
        /// The [`Verification`](crate::state::Verification).
        pub verification: Address,
        /// [`Job::pool`](crate::state::Job::pool).
        pub pool: Address,
        /// The job's definition: state 0.
        pub definition: [u8; 32],
        /// The job's result: the last state.
        pub result: [u8; 32],
        /// Root of the disputed subtree, `subtree_level` above the states.
        pub subtree: [u8; 32],
        /// Root of the subtree to its left, `left_level` above the states. Both sides agree on all states below it.
        pub left_subtree: [u8; 32],
        /// State before the disputed step, as the provider showed it.
        pub before: [u8; 32],
        /// State after the disputed step, as the provider showed it.
        pub after: [u8; 32],
        /// Roots of the subtrees below the disputed one, as the provider showed them, from the left.
        pub subtrees: [[u8; 32]; NODES_A_MOVE],
        /// What each side puts at risk.
        pub dispute_bond: Amount,
        /// When the time for the present move is over. Halts of the chain since the last move move it.
        pub deadline_at: Timestamp,
        /// When it was settled; zero until then.
        pub settled_at: Timestamp,
        /// Counts this account's events.
        pub sequence: u64,
        /// Number among the trace's games, from 0 on.
        pub number: u32,
        /// Number of steps of the trace.
        pub steps: u32,
        /// Index of the disputed subtree among those of its level; at level 0, index of the state.
        pub subtree_index: u32,
        /// Level of the disputed subtree.
        pub subtree_level: u32,
        /// Level of `left_subtree`.
        pub left_level: u32,
        /// [`Verification::move_window`](crate::state::Verification::move_window).
        pub move_window: Seconds,
        /// [`Verification::decision_window`](crate::state::Verification::decision_window).
        pub decision_window: Seconds,
        /// Number of moves so far.
        pub move_count: u32,
        /// [`Verification::bond_penalty`](crate::state::Verification::bond_penalty).
        pub bond_penalty: Bps,
        /// One of [`game_phase`].
        pub phase: u8,
        /// What is challenged: one of [`statement`].
        pub statement_kind: u8,
        /// 1: it is evidence for a slash if the provider loses. Once settled: it is, being the first that the provider lost over its
        /// trace.
        pub is_evidence: u8,
        /// 1 once a slash was proposed for it.
        pub used_as_evidence: u8,
        /// 1: a side missed a move before the last one, and lost by silence. Who lets the time to prove a step pass loses by play.
        pub ended_by_silence: u8,
        /// 1 while a challenger that won by play is not paid; its dispute bond is held until then.
        pub unpaid: u8,
        /// What keepers are paid for each thing that they end, lamports: the job's.
        /// [`TIPS_A_GAME`](crate::state::TIPS_A_GAME) times as much was advanced in this account.
        pub tip: u32,
        /// Sum of [`game_tip`](crate::state::game_tip): what keepers were paid for.
        pub tips_taken: u8,
        /// Zero.
        pub reserved: [u8; 43],
    }
}

constants! {
    /// Values of [`Game::phase`].
    pub mod game_phase {
        /// The provider is to open the disputed subtree.
        pub const OPEN: u8 = 2;
        /// The challenger is to choose a subtree.
        pub const CHOOSE: u8 = 3;
        /// The provider is to show the states around the step.
        pub const SHOW: u8 = 4;
        /// The provider is to prove the step, or the arbiter to decide on it.
        pub const PROVE: u8 = 5;
        /// The provider won.
        pub const PROVIDER_WON: u8 = 6;
        /// The challenger won.
        pub const CHALLENGER_WON: u8 = 7;
        /// The arbiter did not decide.
        pub const UNDECIDED: u8 = 8;
    }
}

impl Game {
    /// Whether the game has ended.
    #[inline]
    pub fn is_decided(&self) -> bool {
        self.phase >= game_phase::PROVIDER_WON
    }

    /// Whether it is evidence that no slash has used yet: then it stays until [`kept_until`](Self::kept_until) is over.
    #[inline]
    pub fn is_kept(&self) -> bool {
        self.is_evidence == 1 && self.used_as_evidence == 0
    }

    /// The last second in which it stays, once it is settled.
    #[inline]
    pub fn kept_until(&self) -> Timestamp {
        let kept = if self.is_kept() { EVIDENCE.0 as i64 } else { 0 };
        Timestamp(self.settled_at.0.saturating_add(kept))
    }

    /// How many levels of the tree the provider's next move opens.
    #[inline]
    pub fn levels(&self) -> u32 {
        self.subtree_level.min(LEVELS_A_MOVE)
    }
}

layout! {
    /// What a verifier is asked to confirm; see [`verifier`](crate::verifier).
    #[repr(C, packed)]
    pub struct Statement {
        /// One of [`statement`].
        pub kind: u8,
        /// The job's definition, which is state 0.
        pub definition: [u8; 32],
        /// Index of state `after`; if the statement is about an end, index of state `before`.
        pub index: u32,
        /// Hash of the state before.
        pub before: [u8; 32],
        /// Hash of the state after; zero if the statement is about an end.
        pub after: [u8; 32],
    }
}

constants! {
    /// Values of [`Statement::kind`].
    pub mod statement {
        /// The state `after` follows the state `before`.
        pub const STEP: u8 = 0;
        /// The state `before` is final.
        pub const END: u8 = 1;
    }
}
