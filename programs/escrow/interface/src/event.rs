//! Events. `header.source` is the job, deposit, market, trace, game, panel, keys or gang whose sequence they count.

pub use crate::{
    gangs::event::*, halts::event::*, jobs::event::*, keys::event::*, markets::event::*, matching::event::*,
    money::event::*, reservations::event::*, usage::event::*, verification::games::event::*,
    verification::panels::event::*,
};
