//! Nothing of its own: only the lock file matters.
