/** How many spenders a network can have. */
export const MAX_SPENDERS = 16;

/** How many shards of each kind a network can have: as many as there are bits in `Epoch::folded`. */
export const MAX_SHARDS = 64;

/** How many oracles a network can have. */
export const MAX_ORACLES = 16;

/** Longest Merkle proof of a reward root. */
export const MAX_PROOF = 32;

/** How long an executable change stays so, in seconds. */
export const CHANGE_WINDOW = 1209600;

/** Longest time that a revoked spender can be given, in seconds. */
export const MAX_GRACE = 2592000;

/** Oldest average that an epoch's demand is reckoned with, in seconds. */
export const MAX_AVERAGE_AGE = 3600;

/** How many epochs' unaccrued work a provider can hold. */
export const WORK_RING = 8;
