//! Someone who wants to win. Some keys belong together: a coalition. What it does is a sequence of [`Gene`]s: instructions over
//! everybody's accounts, several in one transaction where it likes, accounts of them replaced by its own, at any second next to
//! a deadline. Honest people follow their documented strategy meanwhile. At the end everything is wound up by what anyone or its
//! owner may do, and what lies in wallets is counted: nobody honest has less than he was promised, and the coalition has no more
//! than is left to it. [`search`] keeps and changes the sequences by which somebody gained or lost.

pub mod bme;
mod common;
pub mod credits;
pub mod escrow;
pub mod games;
pub mod gangs;
mod genes;
pub mod identity;
pub mod issuer;
pub mod keys;
mod market;
pub mod panels;
pub mod pool;
pub mod proofs;
pub mod queues;
pub mod reserved;
pub mod rights;
mod search;
mod shapes;
pub mod spending;
mod stage;
pub mod stake;
pub mod usage;

pub use {
    genes::{Gene, Wait, parse, write},
    search::{Finding, Limit, Report, Search, Searching, search, shrink},
    stage::{Act, Stage},
};

use {
    self::shapes::Shape,
    crate::{Receipt, example::PROGRAMS},
    joule_interface::Address,
    joule_math::Timestamp,
    solana_account::Account,
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

    /// The longest text of sequences that are kept.
    const LONGEST_TEXT: usize = 190_000;

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

    /// What state it is in, in a few numbers. A sequence that reaches another one is kept.
    fn seen(&mut self) -> Vec<u64> {
        vec![]
    }

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
    /// What was promised never to happen, and how often it did.
    pub fn never(who: &'static str, promise: &'static str, count: u64) -> Self {
        Self { who, promise, amounts: [0, count], promised: 0, coalition: true, slack: 0 }
    }

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
    /// The genes that had an effect, and where each stood.
    pub taken: Vec<(usize, Gene)>,
    /// What was refused.
    refused: Vec<Refused>,
    /// In what state accounts were that were called for.
    shapes: Vec<Shape>,
    /// What calls cost: see [`shapes::Calls`].
    costs: Vec<[u64; 2]>,
    /// All that was called and accepted, and what became of it, as a number.
    digest: u64,
    /// What happened, line by line.
    pub story: Vec<String>,
}

/// A transaction of the coalition's that was refused.
#[derive(Clone, Debug)]
struct Refused {
    /// The genes of it, and where each stood.
    genes: Vec<(usize, Gene)>,
    /// Which move, and by which error, as a number.
    feature: u64,
    /// In what state the accounts of the call were.
    shapes: Vec<Shape>,
    /// What it cost.
    costs: Vec<[u64; 2]>,
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
    let mut play = Play { began: scene.stage().now(), ..Play::default() };
    for (index, gene) in genes.iter().enumerate() {
        match gene.waits::<S>() {
            Some(Wait::Halt | Wait::CatchUp) if !S::HALTS => continue,
            Some(wait) => {
                play.flush(scene);
                let to = gene.target(wait, scene.stage());
                match wait {
                    Wait::Halt => play.halt(scene, to),
                    Wait::CatchUp => play.catch_up(scene, to),
                    _ => play.wait(scene, to),
                }
                play.taken.push((index, *gene));
            }
            None => {
                // What a move means depends on what was done before it.
                if !gene.joined {
                    play.flush(scene);
                }
                let (mut gene, mut act) = (*gene, meaning(scene, gene));
                let alone = act.as_ref().is_some_and(|act| !act.partners.is_empty());
                if alone && !play.batch.is_empty() {
                    play.flush(scene);
                    // It means what it means in a transaction of its own.
                    gene.joined = false;
                    act = meaning(scene, &gene);
                }
                let Some(act) = act else {
                    play.put_off(index, gene);
                    continue;
                };
                play.batch.push((index, gene, act));
                if alone {
                    play.flush(scene);
                }
            }
        }
    }
    play.flush(scene);
    scene.stage().open_again();
    scene.wind_up();
    let Play { mut outcome, taken, .. } = play;
    outcome.taken = taken;
    outcome.balances = scene.balances();
    let calls = std::mem::take(&mut scene.stage().calls);
    let amounts: Vec<_> = outcome.balances.iter().map(|balance| (balance.amounts, balance.promised)).collect();
    (outcome.shapes, outcome.costs, outcome.digest) = (calls.shapes, calls.costs, hash(&(calls.digest, amounts)));
    for (index, balance) in outcome.balances.iter().enumerate() {
        let excess = balance.excess();
        let size = 1 + excess.unsigned_abs().checked_ilog2().unwrap_or(0) / 2;
        let feature = ("balance", index, excess.signum(), size);
        outcome.features.insert(hash(&feature));
    }
    outcome
}

/// What a move means now, and what the coalition makes of it.
fn meaning<S: Scene>(scene: &mut S, gene: &Gene) -> Option<Act> {
    let name = gene.name::<S>();
    let act = if common::MOVES.contains(&name) { common::act(scene.stage(), name, gene) } else { scene.act(gene) };
    act.map(|act| scene.stage().bend(act, gene))
}

/// How many moves the coalition has in mind for when they mean something.
const PUT_OFF: usize = 12;

fn hash(what: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

/// What kind of account it is, and the state that it is in, as a number; nothing of accounts that are not Joule's.
fn state(account: &Account) -> Option<u64> {
    const STATES: [&str; 4] = ["state", "phase", "status", "outcome"];
    let program = PROGRAMS.iter().position(|program| program.id == account.owner)?;
    let kind = account.data.first()?;
    let (_, layout) = PROGRAMS[program].accounts.iter().find(|(of, _)| of == kind)?;
    let fields = layout.fields.iter().filter(|field| STATES.contains(&field.name));
    let values: Vec<&[u8]> =
        fields.filter_map(|field| account.data.get(field.offset..field.offset + field.size)).collect();
    Some(hash(&(program, kind, values)))
}

#[derive(Default)]
struct Play {
    began: i64,
    outcome: Outcome,
    /// The move that was accepted last.
    last: usize,
    batch: Vec<(usize, Gene, Act)>,
    /// What meant nothing yet: it is done as soon as it means something.
    put_off: Vec<(usize, Gene)>,
    /// The genes that had an effect, and where they stand.
    taken: Vec<(usize, Gene)>,
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
        let genes: Vec<Gene> = batch.iter().map(|(_, gene, _)| *gene).collect();
        let places: Vec<usize> = batch.iter().map(|(index, ..)| *index).collect();
        let acts: Vec<Act> = batch.into_iter().map(|(.., act)| act).collect();
        let stage = scene.stage();
        let now = stage.now();
        let texts: Vec<&str> = acts.iter().map(|act| act.text.as_str()).collect();
        let text = texts.join("; and in the same transaction: ");
        let metas = acts.iter().flat_map(|act| &act.instruction.accounts).filter(|meta| meta.is_writable);
        let before: BTreeMap<Address, Option<u64>> =
            metas.map(|meta| (meta.pubkey, stage.accounts.get(&meta.pubkey).and_then(state))).collect();
        let (digest, known, paid) = (stage.calls.digest, stage.calls.shapes.len(), stage.calls.costs.len());
        match stage.send(&acts) {
            Ok(receipt) => {
                self.tell(now, &text);
                let kind = genes[genes.len() - 1].place::<S>();
                let states =
                    before.into_iter().map(|(address, was)| (was, stage.accounts.get(&address).and_then(state)));
                self.outcome.features.extend(states.map(|(was, is)| hash(&("moved", kind, was, is))));
                for (place, gene) in genes.iter().enumerate() {
                    // One before it may have had none.
                    self.taken.push((places[place], Gene { joined: place > 0, ..*gene }));
                    let kind = gene.place::<S>();
                    *self.outcome.accepted.entry(gene.name::<S>()).or_default() += 1;
                    self.outcome.features.insert(hash(&("pair", self.last, kind, gene.joined)));
                    self.outcome.features.insert(hash(&("bent", kind, gene.bend != 0, gene.inner)));
                    self.last = kind;
                }
                scene.respond(&genes, &receipt);
                let seen = scene.seen();
                self.outcome.features.extend(seen.into_iter().map(|state| hash(&("state", state))));
            }
            Err(failure) => {
                // What stands in a transaction that fails is told as little as what was never thought of.
                let kinds: Vec<usize> = genes.iter().map(Gene::place::<S>).collect();
                let feature = hash(&("refused", kinds[kinds.len() - 1], failure.code()));
                let genes = genes.into_iter().enumerate().map(|(place, gene)| Gene { joined: place > 0, ..gene });
                let genes = places.into_iter().zip(genes).collect();
                // A sequence may be kept without it.
                stage.calls.digest = digest;
                let shapes = stage.calls.shapes.split_off(known);
                let costs = stage.calls.costs.split_off(paid);
                self.outcome.refused.push(Refused { genes, feature, shapes, costs });
            }
        }
    }

    /// Has a move in mind.
    fn put_off(&mut self, index: usize, gene: Gene) {
        self.put_off.push((index, gene));
        if self.put_off.len() > PUT_OFF {
            self.put_off.remove(0);
        }
    }

    /// Does what it had in mind, if it means something now.
    fn seize<S: Scene>(&mut self, scene: &mut S) {
        for (index, gene) in std::mem::take(&mut self.put_off) {
            match meaning(scene, &gene) {
                Some(act) => {
                    self.batch.push((index, gene, act));
                    self.flush(scene);
                }
                None => self.put_off(index, gene),
            }
        }
    }

    /// Lets time pass; honest people do what is theirs in time.
    fn wait<S: Scene>(&mut self, scene: &mut S, to: i64) {
        pass_with(scene, to, &mut |scene| self.seize(scene));
        let now = scene.stage().now();
        self.tell(now, "(time passes)");
    }

    /// The chain makes no slots for a while: nobody can do anything. A keeper ticks the halt clock before and after.
    fn halt<S: Scene>(&mut self, scene: &mut S, to: i64) {
        let now = scene.stage().now();
        scene.stage().tick();
        scene.pass(now, to);
        scene.stage().world.pass((to - now) as u64);
        scene.stage().halts.push([now, to, to - now]);
        scene.stage().tick();
        scene.work();
        self.seize(scene);
        self.tell(to, "(the chain has halted)");
    }

    /// The chain's clock catches up with a halt: less than half of a second passes in each second of it, for an hour at most. A keeper
    /// ticks each minute.
    fn catch_up<S: Scene>(&mut self, scene: &mut S, to: i64) {
        let from = scene.stage().now();
        let to = to.min(from + 3_600);
        scene.stage().tick();
        scene.stage().catches_up = true;
        loop {
            let now = scene.stage().now();
            if now >= to {
                break;
            }
            pass_with(scene, to.min(now + 60), &mut |scene| self.seize(scene));
            scene.stage().tick();
            // What exceeds six tenths of each second is noted once it is more than half a minute: every other minute.
            let seconds = (scene.stage().now() - from) / 120 * 120;
            scene.stage().halts.retain(|halt| halt[0] != from);
            scene.stage().halts.push([from, from + seconds, seconds * 2 / 5]);
        }
        scene.stage().catches_up = false;
        self.tell(to, "(the chain's clock has caught up)");
    }
}

/// Lets time pass until a second; honest people do what is theirs in time.
pub fn pass_to<S: Scene>(scene: &mut S, to: i64) {
    pass_with(scene, to, &mut |_| {});
}

/// The same; after what honest people do comes `then`.
fn pass_with<S: Scene>(scene: &mut S, to: i64, then: &mut dyn FnMut(&mut S)) {
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
        then(scene);
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
