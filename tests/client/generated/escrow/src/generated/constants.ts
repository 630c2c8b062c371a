/** Stands for an address that is absent. */
export const NONE = "11111111111111111111111111111111";

/** Most slots that `GrowQueue` adds at once: the runtime lets an account grow by 10,240 bytes in an instruction. */
export const MAX_GROWTH = 213;

/** Most slots of a queue. */
export const MAX_SLOTS = 65536;

/** Levels of a trace's tree that the provider opens in one move. */
export const LEVELS_A_MOVE = 4;

/** Most subtrees that the provider shows in one move. */
export const NODES_A_MOVE = 16;

/** A game that its provider lost is kept this long as evidence for a slash. Only its challenger may close it earlier. */
export const EVIDENCE = 2592000;

/** A client that cancels an assigned job, or stops a running one, pays for this long at least, or for the market's shortest job if that is shorter: a provider that was taken out of the queue is not sent away for nothing. */
export const MIN_PAID_DURATION = 10;

/** A client that cancels an assigned job pays the provider for the time since the assignment, up to this long. */
export const REACTION_WINDOW = 60;

/** A provider may start any of so many jobs at the front of a queue. */
export const STARTABLE_JOBS = 16;

/** Most replicas of a panel. */
export const MAX_REPLICAS = 15;

/** By the second, for the seconds that the job ran. Values of `Terms::pricing`. */
export const PRICING_METERED = 0;

/** One price for the result. Values of `Terms::pricing`. */
export const PRICING_FIXED = 1;

/** The client names the provider. Values of `Job::matching`; `Terms::matching` is a sum of them. */
export const MATCHING_DIRECT = 1;

/** First come, first served: jobs wait for providers, or providers for jobs. Values of `Job::matching`; `Terms::matching` is a sum of them. */
export const MATCHING_QUEUE = 2;

/** The lowest bid gets the job. Values of `Job::matching`; `Terms::matching` is a sum of them. */
export const MATCHING_AUCTION = 4;

/** Jobs wait for providers. Values of `Queue::side`. */
export const SIDE_JOBS = 1;

/** Providers wait for jobs. Values of `Queue::side`. */
export const SIDE_PROVIDERS = 2;

/** Waits for its named provider, or in the queue. Values of `Job::state`. */
export const JOB_STATE_POSTED = 1;

/** Open for bids. Values of `Job::state`. */
export const JOB_STATE_BIDDING = 2;

/** Has a provider, which has yet to start. Values of `Job::state`. */
export const JOB_STATE_ASSIGNED = 3;

/** Runs. Values of `Job::state`. */
export const JOB_STATE_RUNNING = 4;

/** Has a result, which the client may reject. Values of `Job::state`. */
export const JOB_STATE_DELIVERED = 5;

/** Has a result that the client rejected: waits for the arbiter. Values of `Job::state`. */
export const JOB_STATE_REJECTED = 6;

/** Ended, but not all that is owed to the provider and as the fee is paid yet. Values of `Job::state`. */
export const JOB_STATE_OWING = 7;

/** Ended; everything is paid or refunded. Values of `Job::state`. */
export const JOB_STATE_FINISHED = 8;

/** Ended without a start; everything is refunded. A job that a client cancels after it was assigned is `OWING` instead. Values of `Job::state`. */
export const JOB_STATE_CANCELLED = 9;

/** Has a result that is challenged: a `Game` decides on it. Values of `Job::state`. */
export const JOB_STATE_CHALLENGED = 10;

/** Nothing to report. Values of `Job::outcome`: what is reported to `stake`. `stake` reports the same values. */
export const OUTCOME_NONE = 0;

/** As agreed. Values of `Job::outcome`: what is reported to `stake`. `stake` reports the same values. */
export const OUTCOME_DELIVERED = 1;

/** Delivered late, or less available than agreed. Values of `Job::outcome`: what is reported to `stake`. `stake` reports the same values. */
export const OUTCOME_LATE = 2;

/** Not started, not delivered, or given up. Values of `Job::outcome`: what is reported to `stake`. `stake` reports the same values. */
export const OUTCOME_FAILED = 3;

/** Rejected, and the provider did not get all of its pay; or the provider lost a game. Values of `Job::outcome`: what is reported to `stake`. `stake` reports the same values. */
export const OUTCOME_DISPUTED = 4;

/** Waits for earlier games. Values of `Game::phase`. */
export const GAME_PHASE_QUEUED = 1;

/** The provider is to open the disputed subtree. Values of `Game::phase`. */
export const GAME_PHASE_OPEN = 2;

/** The challenger is to choose a subtree. Values of `Game::phase`. */
export const GAME_PHASE_CHOOSE = 3;

/** The provider is to show the states around the step. Values of `Game::phase`. */
export const GAME_PHASE_SHOW = 4;

/** The provider is to prove the step, or the arbiter to decide on it. Values of `Game::phase`. */
export const GAME_PHASE_PROVE = 5;

/** The provider won. Values of `Game::phase`. */
export const GAME_PHASE_PROVIDER_WON = 6;

/** The challenger won. Values of `Game::phase`. */
export const GAME_PHASE_CHALLENGER_WON = 7;

/** The arbiter did not decide: the default verdict of the job's terms counts. Values of `Game::phase`. */
export const GAME_PHASE_UNDECIDED = 8;

/** Another game decided on the job before this one was played. Values of `Game::phase`. */
export const GAME_PHASE_MOOT = 9;

/** Works. Values of `Replica::state`. */
export const REPLICA_STATE_JOINED = 1;

/** Has committed to a result that is still secret. Values of `Replica::state`. */
export const REPLICA_STATE_COMMITTED = 2;

/** Has revealed its result. Values of `Replica::state`. */
export const REPLICA_STATE_REVEALED = 3;

/** Providers may join. Values of `Panel::state`. */
export const PANEL_STATE_JOINING = 1;

/** All replicas have joined; they work, and commit to their results. Values of `Panel::state`. */
export const PANEL_STATE_COMMITTING = 2;

/** Replicas reveal their results. Values of `Panel::state`. */
export const PANEL_STATE_REVEALING = 3;

/** One result had a quorum. Values of `Panel::state`. */
export const PANEL_STATE_AGREED = 4;

/** No result had a quorum. Values of `Panel::state`. */
export const PANEL_STATE_DIVIDED = 5;

/** Replicas were missing at the deadline, or the client cancelled before. Values of `Panel::state`. */
export const PANEL_STATE_CANCELLED = 6;

/** The state `after` follows the state `before`. Values of `Statement::kind`. */
export const STATEMENT_STEP = 0;

/** The state `before` is final. Values of `Statement::kind`. */
export const STATEMENT_END = 1;
