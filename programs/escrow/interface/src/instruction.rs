//! Instructions. Discriminators: jobs, queues and deposits 0 to 31, set-up from 32, games from 48, panels from 64, usage from 100.

pub use crate::{
    collateral::instruction::*, halts::instruction::*, jobs::instruction::*, markets::instruction::*,
    matching::instruction::*, money::instruction::*, usage::instruction::*, verification::games::instruction::*,
    verification::instruction::*, verification::panels::instruction::*, verification::proofs::instruction::*,
};
