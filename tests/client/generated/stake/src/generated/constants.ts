/** Takes jobs and earns. Values of `Provider::status`. */
export const STATUS_ACTIVE = 1;

/** Takes no jobs and earns nothing until it is unjailed. Values of `Provider::status`. */
export const STATUS_JAILED = 2;

/** Never takes jobs again. Locks on its stake are void. Values of `Provider::status`. */
export const STATUS_TOMBSTONED = 3;

/** Nothing is reported. How a job went, as the slasher reports it. `escrow` uses the same numbers. */
export const OUTCOME_NONE = 0;

/** Delivered as agreed. How a job went, as the slasher reports it. `escrow` uses the same numbers. */
export const OUTCOME_DELIVERED = 1;

/** Delivered later than agreed. How a job went, as the slasher reports it. `escrow` uses the same numbers. */
export const OUTCOME_LATE = 2;

/** Not delivered. How a job went, as the slasher reports it. `escrow` uses the same numbers. */
export const OUTCOME_FAILED = 3;

/** Delivered and disputed, and the provider was wrong. How a job went, as the slasher reports it. `escrow` uses the same numbers. */
export const OUTCOME_DISPUTED = 4;

/** Locks and seizes bonds. Values of `Slasher::rights`. */
export const RIGHTS_BOND = 1;

/** Proposes slashes. Values of `Slasher::rights`. */
export const RIGHTS_SLASH = 2;

/** Reports jobs. Values of `Slasher::rights`. */
export const RIGHTS_REPORT = 4;

/** All of them. Values of `Slasher::rights`. */
export const RIGHTS_ALL = 7;

/** A token account of the client. Where a seized bond goes. */
export const SEIZURE_CLIENT = 0;

/** The pool's treasury, as it was when the bond was locked. Where a seized bond goes. */
export const SEIZURE_TREASURY = 1;

/** Nowhere: it is burned. Where a seized bond goes. */
export const SEIZURE_BURN = 2;

/** The tokens only. Values of `Slash::sentence`. */
export const SENTENCE_FINE = 0;

/** And the provider is jailed. Values of `Slash::sentence`. */
export const SENTENCE_JAIL = 1;

/** And the provider is out for good. Values of `Slash::sentence`. */
export const SENTENCE_TOMBSTONE = 2;
