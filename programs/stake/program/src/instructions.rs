//! The dispatch to the instructions, whose files are in the folders of their concerns.

use crate::{bonds::*, governance::*, rewards::*, slashing::*, staking::*};

// No instruction is inlined: together their frames would exceed the stack.
joule_interface::dispatch!(joule_stake_interface);
