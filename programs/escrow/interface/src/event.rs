//! Events. `header.source` is the job, deposit, market, trace, game or panel whose sequence they count.

pub use crate::{
    halts::event::*, jobs::event::*, markets::event::*, matching::event::*, money::event::*, usage::event::*,
    verification::games::event::*, verification::panels::event::*,
};
