//! Someone who wants to win. Some keys belong together: a coalition. What it does is a sequence of [`Gene`]s: instructions over
//! everybody's accounts, several in one transaction where it likes, accounts of them replaced by its own, at any second next to
//! a deadline. Honest people follow their documented strategy meanwhile. At the end everything is wound up by what anyone or its
//! owner may do, and what lies in wallets is counted: nobody honest has less than he was promised, and the coalition has no more
//! than is left to it. [`search`] keeps and changes the sequences by which somebody gained or lost.

pub mod bme;
mod common;
pub mod escrow;
mod genes;
pub mod identity;
pub mod issuer;
pub mod panels;
pub mod queues;
mod search;
pub mod spending;
mod stage;
pub mod stake;
pub mod usage;

pub use {
    genes::{Gene, Wait, parse, write},
    search::{Finding, Limit, Report, search, shrink},
    stage::{Act, Stage},
};

use {
    crate::Receipt,
    joule_math::Timestamp,
    std::{
        collections::{BTreeMap, BTreeSet},
        hash::{DefaultHasher, Hash, Hasher},
    },
};

/// A world in which a coalition and honest people meet.
pub trait Scene {
    /// Its name.
    const NAME: &'static str;

    /// What the coalition may send, by name. What it may send in every scene is besides, and so is waiting.
    const MOVES: &'static [&'static str];

    /// Whether the chain may halt: then what is promised holds all the same.
    const HALTS: bool = false;

    /// Everybody arrives.
    fn new() -> Self;

    /// The chain.
    fn stage(&mut self) -> &mut Stage;

    /// Everything is as when everybody had arrived.
    fn reset(&mut self);

    /// What a gene means now; nothing, if there is nothing that it could mean.
    fn act(&mut self, gene: &Gene) -> Option<Act>;

    /// What honest people do at once after a transaction that was accepted, and what has to be remembered of it.
    fn respond(&mut self, genes: &[Gene], receipt: &Receipt);

    /// When the next honest party has something to do.
    fn wake(&mut self) -> Option<i64>;

    /// Time passes from one second to another in which nobody does anything.
    fn pass(&mut self, from: i64, to: i64);

    /// What honest people do now.
    fn work(&mut self);

    /// Everything comes to its end, and goes back to whom it belongs.
    fn wind_up(&mut self);

    /// What everybody has, and what was promised.
    fn balances(&mut self) -> Vec<Balance>;
}

/// What someone has at the end, and what he was promised, in units of one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Balance {
    /// Who it is.
    pub who: &'static str,
    /// The promise.
    pub promise: &'static str,
    /// What he had, and has.
    pub amounts: [u64; 2],
    /// The least that he has then, if he is honest; the most, if he belongs to the coalition.
    pub promised: i128,
    /// Whether he belongs to the coalition.
    pub coalition: bool,
    /// By how much rounding may miss it.
    pub slack: i128,
}

impl Balance {
    /// By how much the promise is broken, or how much is missing to that, which is negative.
    pub fn excess(&self) -> i128 {
        let has = self.amounts[1] as i128;
        if self.coalition { has - self.promised } else { self.promised - has }
    }

    /// Whether it is broken.
    pub fn is_broken(&self) -> bool {
        self.excess() > self.slack
    }
}

/// What a sequence did.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Everybody's balance at the end.
    pub balances: Vec<Balance>,
    /// What is like it in other sequences, as numbers: which moves were taken one after the other, how they were refused, and
    /// who gained or lost how much, in powers of four.
    pub features: BTreeSet<u64>,
    /// How often each move was accepted.
    pub accepted: BTreeMap<&'static str, u32>,
    /// The genes that had an effect.
    pub taken: Vec<Gene>,
    /// What happened, line by line.
    pub story: Vec<String>,
}

impl Outcome {
    /// The promise that is broken by most, if one is.
    pub fn broken(&self) -> Option<&Balance> {
        self.balances.iter().filter(|balance| balance.is_broken()).max_by_key(|balance| balance.excess())
    }
}

/// Plays a sequence from the beginning.
pub fn play<S: Scene>(scene: &mut S, genes: &[Gene]) -> Outcome {
    scene.reset();
    let mut play = Play { began: scene.stage().now(), outcome: Outcome::default(), last: 0, batch: vec![] };
    for gene in genes {
        match gene.waits::<S>() {
            Some(Wait::Halt) if !S::HALTS => continue,
            Some(wait) => {
                play.flush(scene);
                let to = gene.target(wait, scene.stage());
                match wait {
                    Wait::Halt => play.halt(scene, to),
                    _ => play.wait(scene, to),
                }
                play.outcome.taken.push(*gene);
            }
            None => {
                // What a move means depends on what was done before it.
                if !gene.joined {
                    play.flush(scene);
                }
                let act = if common::MOVES.contains(&gene.name::<S>()) {
                    common::act(scene.stage(), gene.name::<S>(), gene)
                } else {
                    scene.act(gene)
                };
                let Some(act) = act else { continue };
                let act = scene.stage().bend(act, gene);
                let alone = !act.partners.is_empty();
                if alone {
                    play.flush(scene);
                }
                play.batch.push((*gene, act));
                if alone {
                    play.flush(scene);
                }
            }
        }
    }
    play.flush(scene);
    scene.stage().open_again();
    scene.wind_up();
    let mut outcome = play.outcome;
    outcome.balances = scene.balances();
    for (index, balance) in outcome.balances.iter().enumerate() {
        let excess = balance.excess();
        let size = 1 + excess.unsigned_abs().checked_ilog2().unwrap_or(0) / 2;
        let feature = ("balance", index, excess.signum(), size);
        outcome.features.insert(hash(&feature));
    }
    outcome
}

fn hash(what: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

struct Play {
    began: i64,
    outcome: Outcome,
    /// The move that was accepted last.
    last: usize,
    batch: Vec<(Gene, Act)>,
}

impl Play {
    fn tell(&mut self, now: i64, what: &str) {
        let seconds = now - self.began;
        self.outcome.story.push(format!("{:>4} d {:>5} s  {what}", seconds / 86_400, seconds % 86_400));
    }

    /// Sends what was collected, as one transaction.
    fn flush<S: Scene>(&mut self, scene: &mut S) {
        if self.batch.is_empty() {
            return;
        }
        let batch = std::mem::take(&mut self.batch);
        let genes: Vec<Gene> = batch.iter().map(|(gene, _)| *gene).collect();
        let acts: Vec<Act> = batch.into_iter().map(|(_, act)| act).collect();
        let stage = scene.stage();
        let now = stage.now();
        let texts: Vec<&str> = acts.iter().map(|act| act.text.as_str()).collect();
        let text = texts.join("; and in the same transaction: ");
        match stage.send(&acts) {
            Ok(receipt) => {
                self.tell(now, &text);
                for (place, gene) in genes.iter().enumerate() {
                    // One before it may have had none.
                    self.outcome.taken.push(Gene { joined: place > 0, ..*gene });
                    let kind = gene.place::<S>();
                    *self.outcome.accepted.entry(gene.name::<S>()).or_default() += 1;
                    self.outcome.features.insert(hash(&("pair", self.last, kind, gene.joined)));
                    self.outcome.features.insert(hash(&("bent", kind, gene.bend != 0, gene.inner)));
                    self.last = kind;
                }
                scene.respond(&genes, &receipt);
            }
            Err(failure) => {
                // What stands in a transaction that fails is told as little as what was never thought of.
                let kinds: Vec<usize> = genes.iter().map(Gene::place::<S>).collect();
                self.outcome.features.insert(hash(&("refused", kinds[kinds.len() - 1], failure.code())));
            }
        }
    }

    /// Lets time pass; honest people do what is theirs in time.
    fn wait<S: Scene>(&mut self, scene: &mut S, to: i64) {
        pass_to(scene, to);
        let now = scene.stage().now();
        self.tell(now, "(time passes)");
    }

    /// The chain makes no slots for a while: nobody can do anything. A keeper ticks the halt clock before and after.
    fn halt<S: Scene>(&mut self, scene: &mut S, to: i64) {
        let now = scene.stage().now();
        scene.stage().tick();
        scene.pass(now, to);
        scene.stage().world.pass((to - now) as u64);
        scene.stage().tick();
        scene.work();
        self.tell(to, "(the chain has halted)");
    }
}

/// Lets time pass until a second; honest people do what is theirs in time.
pub fn pass_to<S: Scene>(scene: &mut S, to: i64) {
    // One who has something to do each minute does not do it for years.
    for _ in 0..400 {
        let now = scene.stage().now();
        if now >= to {
            return;
        }
        let next = scene.wake().map_or(to, |wake| wake.clamp(now, to));
        if next > now {
            scene.pass(now, next);
            scene.stage().set_time(Timestamp(next));
        }
        scene.work();
        if next == now && scene.wake().is_some_and(|wake| wake <= now) {
            // It was refused: nobody tries for ever.
            scene.pass(now, now + 1);
            scene.stage().set_time(Timestamp(now + 1));
        }
    }
    let now = scene.stage().now();
    if now < to {
        scene.pass(now, to);
        scene.stage().set_time(Timestamp(to));
    }
}

/// Plays a story that [`search`] printed, which must break no promise.
#[track_caller]
pub fn keeps_its_promises<S: Scene>(story: &str) {
    let outcome = play(&mut S::new(), &parse::<S>(story));
    if let Some(broken) = outcome.broken() {
        panic!("{broken:?}\n{}", outcome.story.join("\n"));
    }
}
