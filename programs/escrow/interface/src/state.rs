//! Account layouts. Little-endian, in place, no implicit padding; `reserved` bytes are zero.

use {
    joule_interface::{Address, Header, account, constants, layout},
    joule_math::{Amount, Bps, Overflow, Seconds, Timestamp, Tokens, mul_div_ceil, mul_div_floor},
};

constants! {
    /// In place of an address that is not there.
    pub const NONE: Address = Address::new_from_array([0; 32]);
    /// Most slots that a queue is given at once: the runtime lets an account grow by 10,240 bytes in an instruction.
    pub const MAX_GROWTH: u16 = (10_240 / size_of::<QueueEntry>()) as u16;
    /// Most slots of a queue.
    pub const MAX_SLOTS: u32 = 65_536;
    /// Levels of a trace's tree that the provider opens in one move.
    pub const LEVELS_A_MOVE: u32 = 4;
    /// Most nodes that it shows.
    pub const NODES_A_MOVE: usize = 1 << LEVELS_A_MOVE;
    /// How long a game that the provider lost is kept for who may propose a slash, unless the one who paid for it closes it.
    pub const EVIDENCE: Seconds = Seconds(30 * 86_400);
    /// Most replicas of a panel.
    pub const MAX_REPLICAS: usize = 15;
}

layout! {
    /// What a market offers and asks for; copied into each job, so that a later change never touches one that is posted.
    /// Amounts are of what the job is paid in; a time of zero turns off what it limits, unless a range is given.
    #[repr(C)]
    pub struct Terms {
        /// Price of a second ([`pricing::METERED`]) or of the whole ([`pricing::FIXED`]). Jobs that are auctioned or given
        /// to a named provider may cost less, none costs more. Above zero.
        pub price: Amount,
        /// Collateral that the provider locks for the job, in the pool's mint; none is zero.
        pub bond_amount: Tokens,
        /// Least stake of its own with which a provider may work here; the pool's own minimum holds as well.
        pub min_self_stake: Tokens,
        /// Who decides what a client rejects; none: the default verdict does, at its time.
        pub arbiter: Address,
        /// Where the fee goes: a token account of the mint, or the mint itself (it is burned); paid in credits, a
        /// `ProviderWork` of the network (it is worked off for the treasury).
        pub fee_payee: Address,
        /// Root over the providers that may work here ([`merkle`](crate::merkle)); zero: all may.
        pub allowed_root: [u8; 32],
        /// Shortest job. At least a second, and a heartbeat.
        pub min_duration: Seconds,
        /// Longest job, extensions included.
        pub max_duration: Seconds,
        /// How long a job waits for a provider, or is open for bids; how long a provider waits in the queue. 1 second to 30
        /// days.
        pub wait_window: Seconds,
        /// How long the provider of a job has to start. 1 second to a week.
        pub start_window: Seconds,
        /// How long after its time a job at a fixed price can be delivered, late.
        pub late_window: Seconds,
        /// How long the client has to reject a result; zero: what is delivered is paid at once.
        pub acceptance_window: Seconds,
        /// How long the arbiter has to decide before the default verdict counts.
        pub arbitration_window: Seconds,
        /// At most this long from one heartbeat to the next.
        pub heartbeat_interval: Seconds,
        /// A bid this close to the end of an auction moves the end to this long after it.
        pub bid_extension: Seconds,
        /// Hardware class that the provider's node must have; zero asks for no node.
        pub class: u32,
        /// Part of the pay that is the fee.
        pub fee_share: Bps,
        /// A bid is lower than the one it beats by this part of it, and by one unit at least.
        pub bid_step: Bps,
        /// Part of its time that a job must be available, as its heartbeats say.
        pub min_availability: Bps,
        /// Part of the pay lost for each hundredth of the time that is missing to `availability`.
        pub shortfall_penalty: Bps,
        /// Part of what the time from one heartbeat to the next costs, lost for each one missed.
        pub heartbeat_penalty: Bps,
        /// Part of the pay lost where it is delivered late.
        pub late_penalty: Bps,
        /// Part of the bond lost where the provider does not start.
        pub no_start_penalty: Bps,
        /// Part of the bond lost where the provider does not deliver, or quits.
        pub failure_penalty: Bps,
        /// Default verdict: part of the pay for the provider.
        pub default_pay: Bps,
        /// Default verdict: part of the bond for the client.
        pub default_bond_penalty: Bps,
        /// Least reliability that a provider must have, by its reputation in `stake`.
        pub min_reliability: Bps,
        /// One of [`pricing`].
        pub pricing: u8,
        /// Sum of [`matching`]: how jobs find their providers.
        pub matching: u8,
        /// 1: how jobs went is reported to `stake`.
        pub reports: u8,
        /// How many places in the queue one provider may have.
        pub max_queue_entries: u8,
        /// Zero.
        pub reserved: [u8; 6],
    }
}

constants! {
    /// Values of [`Terms::pricing`].
    pub mod pricing {
        /// By the second, for the seconds that it ran.
        pub const METERED: u8 = 0;
        /// One price for the result.
        pub const FIXED: u8 = 1;
    }
}

constants! {
    /// Values of [`Job::matching`]; [`Terms::matching`] is a sum of them.
    pub mod matching {
        /// A provider that the client names.
        pub const DIRECT: u8 = 1;
        /// First come, first served: jobs wait for providers or providers for jobs.
        pub const QUEUE: u8 = 2;
        /// The lowest bid.
        pub const AUCTION: u8 = 4;
    }
}

account! {
    /// A kind of work and its terms. Read-only while jobs are posted and run.
    pub struct Market: discriminator 1, size 512 {
        /// Discriminator 1.
        pub header: Header,
        /// Network.
        pub network: Address,
        /// Its number.
        pub id: u64,
        /// Stake pool in which providers must stand; zero: none, then there are neither bonds nor reports.
        pub pool: Address,
        /// What jobs are paid in; zero: credits.
        pub mint: Address,
        /// Who paid the rent.
        pub payer: Address,
        /// Counts changes of the terms.
        pub terms_version: u64,
        /// Terms of new jobs.
        pub terms: Terms,
        /// Bump of the network's [`authority`](crate::pda::authority).
        pub authority_bump: u8,
        /// 1 while no jobs are taken on.
        pub closed: u8,
        /// How results are verified: a [`Verification`]; zero: not at all.
        pub verification: Address,
        /// Zero.
        pub reserved: [u8; 134],
    }
}

account! {
    /// What one client has put in, in one mint, for all markets. Its vault holds `free + held` exactly, or more by what
    /// someone sent there, which the next deposit counts.
    pub struct Deposit: discriminator 3, size 256 {
        /// Discriminator 3.
        pub header: Header,
        /// Whose it is.
        pub client: Address,
        /// Of what.
        pub mint: Address,
        /// Token account of this account that holds it.
        pub vault: Address,
        /// The mint's token program.
        pub token_program: Address,
        /// Who paid the rent.
        pub payer: Address,
        /// What no job holds.
        pub free: Amount,
        /// What jobs hold.
        pub held: Amount,
        /// Numbers panels; see [`Panel::posting`].
        pub panels_posted: u64,
        /// Counts this account's events.
        pub sequence: u64,
        /// When it was opened.
        pub opened_at: Timestamp,
        /// Decimals of the mint.
        pub decimals: u8,
        /// Zero.
        pub reserved: [u8; 47],
    }
}

account! {
    /// Who waits in a market: jobs for providers, or providers for jobs, never both. The one account that jobs of different
    /// clients write: joining, leaving and taking wait for each other.
    ///
    /// Behind it lie `slots` entries of [`QueueEntry`], a ring of `capacity` of them. Nothing is ever moved: an entry that
    /// leaves is blanked where it is, and skipped when it comes first. Slots added while the ring is wrapped around its end
    /// count once it no longer is.
    pub struct Queue: discriminator 4, size 128 {
        /// Discriminator 4.
        pub header: Header,
        /// Market.
        pub market: Address,
        /// Who paid the rent.
        pub payer: Address,
        /// Slot of the first.
        pub head: u32,
        /// Slots in use, from `head` on, blank ones included.
        pub used: u32,
        /// Slots of the ring.
        pub capacity: u32,
        /// Slots that the account has room for.
        pub slots: u32,
        /// Entries that have not left.
        pub waiting: u32,
        /// Who waits, one of [`side`]; of no meaning while none is in use.
        pub side: u8,
        /// Zero.
        pub reserved: [u8; 35],
    }
    then {
        /// The ring.
        entries: [QueueEntry],
    }
}

layout! {
    /// One who waits.
    #[repr(C)]
    pub struct QueueEntry {
        /// A job, or the authority of a provider; zero: it left.
        pub occupant: Address,
        /// [`Job::posting`], or [`WaitingProvider::ticket`].
        pub posting_or_wait_id: u64,
        /// Until when it waits.
        pub expires_at: Timestamp,
    }
}

constants! {
    /// Values of [`Queue::side`].
    pub mod side {
        /// Jobs wait for providers.
        pub const JOBS: u8 = 1;
        /// Providers wait for jobs.
        pub const PROVIDERS: u8 = 2;
    }
}

account! {
    /// A provider's place in a market's queue: one wait at a time.
    pub struct WaitingProvider: discriminator 5, size 160 {
        /// Discriminator 5.
        pub header: Header,
        /// Market.
        pub market: Address,
        /// Authority of the provider.
        pub provider: Address,
        /// Who paid the rent.
        pub payer: Address,
        /// Which wait it is.
        pub wait_id: u64,
        /// Slot of the queue.
        pub slot: u32,
        /// Its number among the provider's.
        pub index: u8,
        /// Zero.
        pub reserved: [u8; 43],
    }
}

constants! {
    /// Values of [`Job::state`].
    pub mod job_state {
        /// Waits for its named provider, or in the queue.
        pub const POSTED: u8 = 1;
        /// Open for bids.
        pub const BIDDING: u8 = 2;
        /// Has a provider, which has yet to start.
        pub const ASSIGNED: u8 = 3;
        /// Runs.
        pub const RUNNING: u8 = 4;
        /// Has a result, which the client may reject.
        pub const DELIVERED: u8 = 5;
        /// Has a result that the client rejected: waits for the arbiter.
        pub const REJECTED: u8 = 6;
        /// Ended; what is left is the provider's and the fee, and is still to be paid.
        pub const OWING: u8 = 7;
        /// Ended; all is paid or given back.
        pub const FINISHED: u8 = 8;
        /// Never started; all is given back.
        pub const CANCELLED: u8 = 9;
        /// Has a result that is challenged: a [`Game`](super::Game) decides on it.
        pub const CHALLENGED: u8 = 10;
    }
}

constants! {
    /// Values of [`Job::outcome`]: what will be reported to `stake`, as its `outcome` and one.
    pub mod outcome {
        /// Nothing.
        pub const NONE: u8 = 0;
        /// As agreed.
        pub const DELIVERED: u8 = 1;
        /// Delivered late, or less available than agreed.
        pub const LATE: u8 = 2;
        /// Never started, never delivered, or given up.
        pub const FAILED: u8 = 3;
        /// Rejected, and the provider did not get all of its pay; or it lost a game.
        pub const DISPUTED: u8 = 4;
    }
}

account! {
    /// A job: who works for whom, on which terms, and what was paid. `deposit = paid + fee + penalty + refunded + held`,
    /// always; `held = 0` once it is finished or cancelled.
    ///
    /// 832 bytes, so that reading a job needs no other account: all terms are copied in, and what paying needs to know. The
    /// rent goes back to whoever paid it. A job that ended can be posted anew in place, which saves creating an account. It need
    /// not lie at a derived address: its address is what names it.
    pub struct Job: discriminator 2, size 832 {
        /// Discriminator 2.
        pub header: Header,
        /// Market.
        pub market: Address,
        /// Network.
        pub network: Address,
        /// Who pays.
        pub client: Address,
        /// Who works; in an auction, the best bidder so far; zero while nobody is known.
        pub provider: Address,
        /// What pays: the client's `CreditAccount` in `bme`, or its [`Deposit`].
        pub funding_account: Address,
        /// What it is paid in; zero: credits.
        pub mint: Address,
        /// Pool in which the provider must stand; zero: none.
        pub pool: Address,
        /// The bond in `stake`; zero while there is none.
        pub bond: Address,
        /// The node that it runs on; zero where the market asks for none.
        pub node: Address,
        /// Who paid the rent.
        pub payer: Address,
        /// Content hash of what is to be done.
        pub definition: [u8; 32],
        /// Content hash of what came out; zero until then.
        pub result: [u8; 32],
        /// Terms at posting.
        pub terms: Terms,
        /// Price that was agreed: as [`Terms::price`]; while bids are taken, the lowest so far.
        pub price: Amount,
        /// What the client put in.
        pub deposited: Amount,
        /// Paid to the provider.
        pub paid: Amount,
        /// Paid as the fee.
        pub fee_paid: Amount,
        /// Taken from the pay, and given back to the client.
        pub penalty: Amount,
        /// Given back for other reasons: it was not needed.
        pub refunded: Amount,
        /// What the job still holds.
        pub held: Amount,
        /// What the provider has earned, the fee included: never less than what was paid.
        pub earned: Amount,
        /// Delivered: what it will have earned where the client does not reject.
        pub amount_due: Amount,
        /// Delivered: what will be taken from the pay.
        pub pending_penalty: Amount,
        /// What will be taken of the bond for the client.
        pub bond_to_seize: Tokens,
        /// Until when the state waits: for a provider, for bids, for the start, for the client, for the arbiter.
        pub deadline_at: Timestamp,
        /// When it started.
        pub started_at: Timestamp,
        /// When its time is up.
        pub ends_at: Timestamp,
        /// When it stopped.
        pub stopped_at: Timestamp,
        /// When the last heartbeat came.
        pub last_heartbeat_at: Timestamp,
        /// Seconds without a heartbeat in time.
        pub downtime: u64,
        /// Counts this account's events.
        pub sequence: u64,
        /// Which posting it is, as an account can be posted anew: no two postings at one address have the same.
        pub posting_id: u64,
        /// Paid length.
        pub duration: Seconds,
        /// Heartbeats missed.
        pub missed_heartbeats: u32,
        /// Slot of the queue in which it waits.
        pub queue_slot: u32,
        /// One of [`job_state`].
        pub state: u8,
        /// One of [`matching`].
        pub matching: u8,
        /// One of [`outcome`].
        pub outcome: u8,
        /// Copied from the market.
        pub authority_bump: u8,
        /// 1 once it ended, while its bond or its report is still to be settled with `stake`.
        pub bond_unsettled: u8,
        /// How its result is verified: a [`Verification`]; zero: not at all.
        pub verification: Address,
        /// Zero.
        pub reserved: [u8; 47],
    }
}

impl Terms {
    /// What a job of this length costs at `price`.
    #[inline]
    pub fn cost(&self, price: Amount, duration: Seconds) -> Result<Amount, Overflow> {
        if self.pricing == pricing::FIXED { Ok(price) } else { price.times(duration.0 as u64) }
    }
}

impl Job {
    /// Whether nothing can happen to its money any more.
    #[inline]
    pub fn has_ended(&self) -> bool {
        matches!(self.state, job_state::FINISHED | job_state::CANCELLED)
    }

    /// Whether nothing can happen to it any more, but that it is closed or posted anew.
    #[inline]
    pub fn is_over(&self) -> bool {
        self.has_ended() && self.bond_unsettled == 0
    }

    /// Seconds that it ran at `now` and that a heartbeat stands for.
    #[inline]
    pub fn ran(&self, now: Timestamp) -> u64 {
        let mut until = now.min(self.ends_at);
        if self.terms.heartbeat_interval != Seconds(0) {
            // Before a heartbeat came, what lies beyond the next one's time is not known to have run.
            until =
                until.min(Timestamp(self.last_heartbeat_at.0.saturating_add(self.terms.heartbeat_interval.0 as i64)));
        }
        until.since(self.started_at).saturating_sub(self.downtime)
    }

    /// What the heartbeats missed so far cost the provider.
    #[inline]
    pub fn missed_penalty(&self) -> Amount {
        if self.missed_heartbeats == 0 {
            return Amount::ZERO;
        }
        let interval = self.terms.heartbeat_interval.0 as u64;
        let price = if self.terms.pricing == pricing::FIXED {
            mul_div_floor(self.price.0, interval, self.duration.0 as u64).unwrap_or(self.price.0)
        } else {
            self.price.0.saturating_mul(interval)
        };
        let each = self.terms.heartbeat_penalty.of_floor(price).unwrap_or(price);
        Amount(each.saturating_mul(self.missed_heartbeats as u64))
    }

    /// What the provider of a running job has earned at `now`, the fee included; of one at a fixed price, nothing yet.
    #[inline]
    pub fn earned_at(&self, now: Timestamp) -> Result<Amount, Overflow> {
        if self.terms.pricing == pricing::FIXED {
            return Ok(Amount::ZERO);
        }
        let pay = self.price.times(self.ran(now))?;
        Ok(self.earned.max(Amount(pay.0.saturating_sub(self.missed_penalty().0))))
    }

    /// Of what was `earned`, the fee.
    #[inline]
    pub fn fee_of(&self, earned: Amount) -> Result<Amount, Overflow> {
        if self.terms.fee_share == Bps(0) {
            Ok(Amount::ZERO)
        } else {
            Ok(Amount(self.terms.fee_share.of_floor(earned.0)?))
        }
    }

    /// Of what was `earned`, what the provider has yet to be paid.
    #[inline]
    pub fn payable(&self, earned: Amount) -> Result<Amount, Overflow> {
        earned.minus(self.fee_of(earned)?)?.minus(self.paid)
    }

    /// What a job at a fixed price costs a client that stops it at `now`: the part of its time that has passed.
    #[inline]
    pub fn stopped_price(&self, now: Timestamp) -> Result<Amount, Overflow> {
        let elapsed = now.min(self.ends_at).since(self.started_at).min(self.duration.0 as u64);
        Ok(Amount(mul_div_ceil(self.price.0, elapsed, self.duration.0 as u64)?))
    }
}

account! {
    /// How a network has results verified: by games over a delivered one, and by the comparison of several. Nothing in it ever
    /// changes, so that jobs name it instead of copying it, and it is read-only for all of them. It is not closed, as nobody
    /// knows who still names it.
    ///
    /// **Games.** The provider's delivery carries the root over its trace ([`trace`](crate::trace)). Who challenges it puts
    /// `wager` at risk, as the provider does by delivering, both in a [`Deposit`] of `wager_mint`. The loser's goes to the
    /// winner, but for `fee` of it, which is burned: what goes to nobody cannot come back to who stages a game with itself.
    pub struct Verification: discriminator 6, size 192 {
        /// Discriminator 6.
        pub header: Header,
        /// Network.
        pub network: Address,
        /// Its number.
        pub id: u64,
        /// The program that decides on a step ([`verifier`](crate::verifier)); zero: the arbiter of the market's terms does.
        pub verifier: Address,
        /// What wagers are put in.
        pub dispute_bond_mint: Address,
        /// What each side of a game may lose. Above zero.
        pub dispute_bond: Amount,
        /// What a slash that follows from lost games asks for, in the pool's mint; zero: none does.
        pub slash_amount: Tokens,
        /// How long each move of a game may take. A minute to a week.
        pub move_window: Seconds,
        /// How long the arbiter has for a step. A minute to 30 days where there is no verifier.
        pub decision_window: Seconds,
        /// Panels: how long replicas have to reveal. A minute to a week, where there are panels.
        pub reveal_window: Seconds,
        /// Part of a lost wager that is burned.
        pub burned_share: Bps,
        /// Part of the job's bond in `stake` that the client takes where the provider loses a game.
        pub bond_penalty: Bps,
        /// Panels: part of its bond that a replica loses whose result is not the one of the most.
        pub minority_penalty: Bps,
        /// Panels: part of its bond that a replica loses that shows none. Above `minority_penalty`.
        pub no_reveal_penalty: Bps,
        /// Panels: fewest replicas, 3 or more; zero: no panels.
        pub min_replicas: u8,
        /// Panels: most replicas, 15 or less.
        pub max_replicas: u8,
        /// Panels: fewest equal results that are believed, 2 or more.
        pub min_quorum: u8,
        /// How many lost games a slash takes; zero: none is proposed.
        pub games_per_slash: u8,
        /// Zero.
        pub reserved: [u8; 40],
    }
}

account! {
    /// What a provider delivered, with its trace: opened by [`DeliverTrace`](crate::instruction::DeliverTrace), closed once
    /// the job is decided and all games over it are settled. It holds the provider's wager.
    pub struct Trace: discriminator 7, size 320 {
        /// Discriminator 7.
        pub header: Header,
        /// The job.
        pub job: Address,
        /// [`Job::posting`].
        pub posting_id: u64,
        /// Who delivered.
        pub provider: Address,
        /// Its [`Deposit`], which holds `wager`.
        pub deposit: Address,
        /// Who paid the rent.
        pub payer: Address,
        /// The [`Verification`].
        pub verification: Address,
        /// Root over the states from 0 to `steps`.
        pub root: [u8; 32],
        /// State `steps`, as it claims: the job's result.
        pub result: [u8; 32],
        /// Held of the provider's deposit; zero once it was lost or given back.
        pub dispute_bond: Amount,
        /// Counts this account's events.
        pub sequence: u64,
        /// Steps.
        pub steps: u32,
        /// Games that were opened, numbered from 0.
        pub games_opened: u32,
        /// The game that is played, or, if it is not open, will be.
        pub current_game: u32,
        /// Games whose wagers are not settled.
        pub unsettled_games: u32,
        /// 1 once a game decided on the job: no other is played.
        pub decided: u8,
        /// Zero.
        pub reserved: [u8; 47],
    }
}

account! {
    /// A challenge of what was delivered. It knows all that its moves need: they write this account and no other.
    pub struct Game: discriminator 8, size 1_152 {
        /// Discriminator 8.
        pub header: Header,
        /// What is challenged.
        pub trace: Address,
        /// The job.
        pub job: Address,
        /// Who delivered.
        pub provider: Address,
        /// Who challenges.
        pub challenger: Address,
        /// The challenger's [`Deposit`], which holds its wager.
        pub deposit: Address,
        /// Who paid the rent.
        pub payer: Address,
        /// Who decides on a step: a program; zero: the arbiter.
        pub verifier: Address,
        /// The arbiter.
        pub arbiter: Address,
        /// The [`Verification`].
        pub verification: Address,
        /// [`Job::pool`].
        pub pool: Address,
        /// The job's definition: state 0.
        pub definition: [u8; 32],
        /// The job's result: the last state.
        pub result: [u8; 32],
        /// The node that both disagree on, `level` above the states.
        pub subtree: [u8; 32],
        /// The node beside it on the left, `left_level` above the states; both agree on what lies below it.
        pub left_subtree: [u8; 32],
        /// State before the step, as the provider showed.
        pub before: [u8; 32],
        /// State after the step, likewise.
        pub after: [u8; 32],
        /// Below `node`, as the provider showed, from the left.
        pub subtrees: [[u8; 32]; NODES_A_MOVE],
        /// What each side may lose.
        pub dispute_bond: Amount,
        /// Until when the move that is due may be made.
        pub deadline_at: Timestamp,
        /// When it was settled.
        pub settled_at: Timestamp,
        /// Counts this account's events.
        pub sequence: u64,
        /// Its number among the trace's.
        pub number: u32,
        /// Steps of the trace.
        pub steps: u32,
        /// Of the nodes `level` above the states, which one `node` is; at level 0, the state.
        pub subtree_index: u32,
        /// Height of `node`.
        pub subtree_level: u32,
        /// Height of `left`.
        pub left_level: u32,
        /// [`Verification::move_window`].
        pub move_window: Seconds,
        /// [`Verification::judge_window`].
        pub decision_window: Seconds,
        /// Moves that were made.
        pub move_count: u32,
        /// [`Verification::fee`].
        pub burned_share: Bps,
        /// [`Verification::forfeit`].
        pub bond_penalty: Bps,
        /// One of [`game_phase`].
        pub phase: u8,
        /// One of [`statement`](crate::verifier::statement): whether a step, or the end of the trace, is challenged.
        pub statement_kind: u8,
        /// 1 once a slash was proposed for it.
        pub used_as_evidence: u8,
        /// Zero.
        pub reserved: [u8; 49],
    }
}

constants! {
    /// Values of [`Game::phase`].
    pub mod game_phase {
        /// Waits for those before it.
        pub const QUEUED: u8 = 1;
        /// The provider opens the node.
        pub const OPEN: u8 = 2;
        /// The challenger chooses one of the nodes.
        pub const CHOOSE: u8 = 3;
        /// The provider shows the states around the step.
        pub const SHOW: u8 = 4;
        /// The provider proves the step, or the arbiter decides on it.
        pub const PROVE: u8 = 5;
        /// The provider won.
        pub const PROVIDER_WON: u8 = 6;
        /// The challenger won.
        pub const CHALLENGER_WON: u8 = 7;
        /// The arbiter did not decide: the default verdict of the job's terms does.
        pub const UNDECIDED: u8 = 8;
        /// Another game decided on the job before this one was played.
        pub const MOOT: u8 = 9;
    }
}

impl Game {
    /// Whether nothing can change how it ended.
    #[inline]
    pub fn is_decided(&self) -> bool {
        self.phase >= game_phase::PROVIDER_WON
    }

    /// How many levels of the tree the provider's next move opens.
    #[inline]
    pub fn levels(&self) -> u32 {
        self.subtree_level.min(LEVELS_A_MOVE)
    }
}

layout! {
    /// One of those who do the same work in a [`Panel`].
    #[repr(C)]
    pub struct Replica {
        /// Who.
        pub provider: Address,
        /// The node that it runs on; zero where the terms ask for none.
        pub node: Address,
        /// Owner of the node, likewise.
        pub owner: Address,
        /// Its bond in `stake`; zero: none, or settled.
        pub bond: Address,
        /// Hash of its result, which only it can open ([`panel::commitment`](crate::panel::commitment)).
        pub commitment: [u8; 32],
        /// Content hash of what came out.
        pub result: [u8; 32],
        /// One of [`replica_state`].
        pub state: u8,
        /// The first replica that revealed the same result.
        pub result_group: u8,
        /// How many revealed the same; counted at the first of them.
        pub votes: u8,
        /// 1 once it was paid.
        pub paid: u8,
        /// 1 while its bond or its report is to be settled with `stake`.
        pub bond_unsettled: u8,
        /// Zero.
        pub reserved: [u8; 3],
    }
}

constants! {
    /// Values of [`Replica::state`].
    pub mod replica_state {
        /// Works.
        pub const JOINED: u8 = 1;
        /// Has a result, which nobody knows.
        pub const COMMITTED: u8 = 2;
        /// Showed it.
        pub const REVEALED: u8 = 3;
    }
}

constants! {
    /// Values of [`Panel::state`].
    pub mod panel_state {
        /// Providers may join.
        pub const JOINING: u8 = 1;
        /// All are there: they work, and commit to their results.
        pub const COMMITTING: u8 = 2;
        /// They show them.
        pub const REVEALING: u8 = 3;
        /// Enough of them had the same.
        pub const AGREED: u8 = 4;
        /// Not enough.
        pub const DIVIDED: u8 = 5;
        /// Not all places were taken in time, or the client took it back before.
        pub const CANCELLED: u8 = 6;
    }
}

account! {
    /// A job that several providers do, the result of which is the one that most of them have.
    /// `deposit = paid + fee + refunded + held`, always; `held = 0` once everybody is paid.
    pub struct Panel: discriminator 9, size 3_840 {
        /// Discriminator 9.
        pub header: Header,
        /// Market.
        pub market: Address,
        /// Network.
        pub network: Address,
        /// Who pays.
        pub client: Address,
        /// What pays: the client's `CreditAccount` in `bme`, or its [`Deposit`].
        pub funding_account: Address,
        /// What it is paid in; zero: credits.
        pub mint: Address,
        /// Pool in which the providers must stand; zero: none.
        pub pool: Address,
        /// Who paid the rent.
        pub payer: Address,
        /// Content hash of what is to be done.
        pub definition: [u8; 32],
        /// The result of the most, once they agreed.
        pub result: [u8; 32],
        /// Terms at posting.
        pub terms: Terms,
        /// What each replica that is right costs.
        pub price: Amount,
        /// What the client put in.
        pub deposited: Amount,
        /// Paid to providers.
        pub paid: Amount,
        /// Paid as the fee.
        pub fee_paid: Amount,
        /// Given back.
        pub refunded: Amount,
        /// What it still holds.
        pub held: Amount,
        /// Until when the state waits.
        pub deadline_at: Timestamp,
        /// Which posting it is, as the address can be used again.
        pub posting_id: u64,
        /// Counts this account's events.
        pub sequence: u64,
        /// How long replicas have to commit once all are there.
        pub duration: Seconds,
        /// [`Verification::reveal_window`].
        pub reveal_window: Seconds,
        /// [`Verification::minority_penalty`].
        pub minority_penalty: Bps,
        /// [`Verification::silence_penalty`].
        pub no_reveal_penalty: Bps,
        /// One of [`panel_state`].
        pub state: u8,
        /// How many replicas are asked for.
        pub replica_count: u8,
        /// How many equal results are believed.
        pub quorum: u8,
        /// How many joined.
        pub joined_count: u8,
        /// How many of them committed.
        pub committed_count: u8,
        /// How many of them revealed.
        pub revealed_count: u8,
        /// Agreed: the first of those that are right.
        pub winning_group: u8,
        /// Agreed: how many of those that are right are to be paid.
        pub unpaid_count: u8,
        /// How many are to be settled with `stake`.
        pub unsettled_count: u8,
        /// Copied from the market.
        pub authority_bump: u8,
        /// Zero.
        pub reserved: [u8; 258],
        /// The replicas, in the order in which they joined.
        pub replicas: [Replica; MAX_REPLICAS],
    }
}

layout! {
    /// What a verifier is asked; see [`verifier`](crate::verifier).
    #[repr(C, packed)]
    pub struct Statement {
        /// One of [`statement`](crate::verifier::statement).
        pub kind: u8,
        /// The job's definition, which is state 0.
        pub definition: [u8; 32],
        /// Which state `after` is; of an end, which `before` is.
        pub index: u32,
        /// Hash of the state before.
        pub before: [u8; 32],
        /// Hash of the state after; zero for an end.
        pub after: [u8; 32],
    }
}

constants! {
    /// Values of [`Statement::kind`].
    pub mod statement {
        /// One state follows another.
        pub const STEP: u8 = 0;
        /// A state is final.
        pub const END: u8 = 1;
    }
}
