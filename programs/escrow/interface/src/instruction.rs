//! Instructions. Discriminators: jobs, queues and deposits 0 to 31, set-up from 32, games from 48, panels from 64, mandates from 86,
//! tips from 95, usage from 100, keys from 110, gangs from 120,
//! beacons from 130, reservations from 140.

pub use crate::{
    beacons::instruction::*, collateral::instruction::*, gangs::instruction::*, halts::instruction::*,
    jobs::instruction::*, keys::instruction::*, mandates::instruction::*, markets::instruction::*,
    matching::instruction::*, money::instruction::*, reservations::instruction::*, tips::instruction::*,
    usage::instruction::*, verification::games::instruction::*, verification::instruction::*,
    verification::panels::instruction::*, verification::proofs::instruction::*,
};
