//! Small worlds, whole. A few parties, amounts of a few units, times at and around every deadline: every order of their moves is
//! explored, up to a depth, on the functions that the programs' instructions call. In each state the books are checked, what each
//! party was promised, and that moves of anyone alone lead to the end. `fuzz/README.md` says what was explored, and how to explore more.

pub mod games;
pub mod gangs;
pub mod jobs;
pub mod panels;
pub mod queues;
pub mod search;
pub mod stakes;
pub mod works;

use search::{Report, explore};

/// How much of a world is explored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// In some seconds, without optimization.
    Small,
    /// In minutes.
    Large,
}

/// A world's name, how deep each scope goes, and its search.
pub struct Named {
    /// Name.
    pub name: &'static str,
    /// Depth of a scope.
    pub depth: fn(Scope) -> u32,
    /// Explores a scope to a depth; whether it tells of each layer.
    pub explore: fn(Scope, u32, bool) -> Result<Report, String>,
}

macro_rules! worlds {
    ($($name:ident),*) => {
        /// All worlds.
        pub const WORLDS: &[Named] = &[$(Named {
            name: stringify!($name),
            depth: $name::depth,
            explore: |scope, depth, tells| explore(&$name::starts(scope), depth, tells),
        }),*];
    };
}

worlds!(jobs, panels, games, gangs, queues, stakes, works);
