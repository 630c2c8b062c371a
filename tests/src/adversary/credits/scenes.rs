//! The scenes: which moves there are.

use {
    super::*,
    crate::adversary::{Balance, Scene},
};

macro_rules! scene {
    ($(#[doc = $doc:literal])* $name:ident, $text:literal, $kind:ident, $moves:expr) => {
        $(#[doc = $doc])*
        pub struct $name(Town);

        impl Scene for $name {
            const NAME: &'static str = $text;
            const MOVES: &'static [&'static str] = $moves;

            fn new() -> Self {
                Self(Town::new(Kind::$kind))
            }

            fn stage(&mut self) -> &mut Stage {
                // Whoever looks finds a new price.
                self.0.publish();
                &mut self.0.stage
            }

            fn reset(&mut self) {
                self.0.reset();
            }

            fn act(&mut self, gene: &Gene) -> Option<Act> {
                self.0.act(gene.name::<Self>(), gene)
            }

            fn respond(&mut self, genes: &[Gene], receipt: &Receipt) {
                let names: Vec<&str> = genes.iter().map(|gene| gene.name::<Self>()).collect();
                self.0.respond(genes, &names, receipt);
            }

            fn wake(&mut self) -> Option<i64> {
                self.0.wake()
            }

            fn pass(&mut self, _: i64, _: i64) {}

            fn work(&mut self) {
                self.0.publish();
                self.0.work();
            }

            fn wind_up(&mut self) {
                self.0.publish();
                self.0.wind_up();
            }

            fn balances(&mut self) -> Vec<Balance> {
                self.0.balances()
            }
        }
    };
}

scene!(
    /// Two lanes, of which one has a limit. The authority adds and revokes spenders, adds and closes shards, and changes the policy.
    Laning,
    "lanes",
    Lanes,
    &[
        "buy",
        "lock",
        "lock for Z",
        "work",
        "work for Z",
        "see B hire",
        "see K hire H",
        "see H leave",
        "burn",
        "close an epoch",
        "tend with another account",
        "accrue",
        "claim",
        "sweep",
        "reclaim credits",
        "close credits",
        "close work",
        "send tokens to a vault",
        "weigh the lanes",
        "see a spender revoked",
        "see a spender restored",
        "close a spender",
        "see a spender added",
        "see a shard closed",
        "see a shard added",
        "see a policy proposed",
        "execute a policy",
        "see a founder launch",
    ]
);

scene!(
    /// Roots whose oracles change, a breaker, and policies that change.
    Rooting,
    "roots",
    Roots,
    &[
        "see oracles state earnings",
        "publish roots",
        "approve a root",
        "activate a root",
        "fund a root",
        "veto a root",
        "close a root",
        "claim of a root",
        "close its claim",
        "open its claim",
        "see other oracles proposed",
        "execute oracles",
        "buy",
        "lock",
        "work",
        "see B hire",
        "see K hire H",
        "burn",
        "close an epoch",
        "tend with another account",
        "accrue",
        "claim",
        "sweep",
        "mint what was deferred",
        "see a policy proposed",
        "execute a policy",
    ]
);

scene!(
    /// A reserve, into which payments go, of a token that can refuse; with oracles.
    Reserving,
    "reserve",
    Reserve,
    &[
        "buy",
        "lock",
        "work",
        "see B hire",
        "see K hire H",
        "burn",
        "close an epoch",
        "tend with another account",
        "accrue",
        "claim",
        "sweep",
        "mint what was deferred",
        "see a policy proposed",
        "execute a policy",
        "send tokens to a vault",
        "ask for memos",
    ]
);

scene!(
    /// A network that has just begun, with next to nothing in its reserve.
    Beginning,
    "little",
    Little,
    &[
        "buy",
        "lock",
        "work",
        "see B hire",
        "see K hire H",
        "burn",
        "close an epoch",
        "tend with another account",
        "accrue",
        "claim",
        "sweep",
        "mint what was deferred",
    ]
);

scene!(
    /// Credits for which nobody has worked for half a year.
    Resting,
    "idle",
    Idle,
    &[
        "buy",
        "lock",
        "work",
        "burn",
        "close an epoch",
        "tend with another account",
        "give up credits",
        "close credits",
        "sweep",
        "accrue",
        "claim",
    ]
);

scene!(
    /// Income in dollars, for which the operator vouches, while the oracle may fall silent.
    Calculating,
    "payout",
    Payout,
    &[
        "buy",
        "lock",
        "work",
        "see B hire",
        "see K hire H",
        "burn",
        "close an epoch",
        "tend with another account",
        "accrue",
        "claim",
        "sweep",
        "update the average",
        "see the oracle fall silent",
    ]
);

scene!(
    /// A cheap token whose price moves, and an average that somebody updates all the time.
    Averaging,
    "average",
    Average,
    &[
        "buy",
        "see the price move",
        "follow the price",
        "update the average",
        "close an epoch",
        "tend with another account",
    ]
);
