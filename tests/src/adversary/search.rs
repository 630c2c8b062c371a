//! Looks for sequences by which somebody gains: greed decides which are kept, and what is changed next.

use {
    super::{
        Balance, Gene, Outcome, Scene,
        genes::{count, names, read, write},
        play,
    },
    joule_models::Random,
    std::{
        collections::{BTreeMap, BTreeSet, HashMap},
        fmt, fs,
        path::PathBuf,
        time::{Duration, Instant},
    },
};

/// When it stops looking.
#[derive(Clone, Copy, Debug)]
pub enum Limit {
    /// After so many sequences: the same in every run.
    Sequences(u64),
    /// After so much of a processor's time, where the system tells; else after so much time.
    Time(Duration),
}

/// A broken promise, and the shortest way there that was found.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Which.
    pub broken: Balance,
    /// Everybody's balances.
    pub balances: Vec<Balance>,
    /// What happened.
    pub story: Vec<String>,
    /// The genes, as a text that a test can play.
    pub genes: String,
    /// In the how manieth sequence.
    pub sequence: u64,
    /// The type of the scene.
    scene: &'static str,
}

/// What a search did.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Sequences that were played.
    pub sequences: u64,
    /// Of these, those that were kept.
    pub kept: usize,
    /// Things that were seen.
    pub features: usize,
    /// How often each move was accepted.
    pub accepted: BTreeMap<&'static str, u32>,
    /// How close each promise came to be broken: the largest excess.
    pub closest: BTreeMap<(&'static str, &'static str), i128>,
    /// What was found, if anything was.
    pub finding: Option<Finding>,
    /// Few sequences that together saw all that was seen, as a text that the next search begins with: see [`search`].
    pub sequences_to_keep: String,
}

/// A folder with sequences to begin with, a file for each scene. Without it a search begins with nothing.
const SEQUENCES: &str = "JOULE_SEQUENCES";

/// How many sequences a search begins with.
const MOST_TO_KEEP: usize = 200;

/// The longest sequence.
const LONGEST: usize = 28;

struct Kept {
    genes: Vec<Gene>,
    /// What is like it in other sequences.
    features: Vec<u64>,
    /// How often it was changed without a new one.
    tired: u32,
}

/// What was kept, and how often each thing was seen.
#[derive(Default)]
struct Memory {
    kept: Vec<Kept>,
    seen: HashMap<u64, u32>,
}

impl Memory {
    /// Notes what a sequence did; whether anything of it was never seen.
    fn note(&mut self, outcome: Outcome) -> bool {
        let known = self.seen.len();
        outcome.features.iter().for_each(|feature| *self.seen.entry(*feature).or_default() += 1);
        let is_new = self.seen.len() > known;
        if is_new {
            // What had no effect is not worth to be changed.
            let features = outcome.features.into_iter().collect();
            self.kept.push(Kept { genes: outcome.taken, features, tired: 0 });
        }
        is_new
    }

    /// How often the rarest thing was seen that a sequence does.
    fn rarity(&self, place: usize) -> u32 {
        let features = self.kept[place].features.iter();
        features.filter_map(|feature| self.seen.get(feature)).min().copied().unwrap_or(u32::MAX)
    }

    /// One of the newest as often as not, and rather one that led to something lately, or that does something rare.
    fn choose(&self, random: &mut Random) -> usize {
        let any = |random: &mut Random| match random.below(2) {
            0 => self.kept.len() - 1 - random.place(self.kept.len().min(30)),
            _ => random.place(self.kept.len()),
        };
        let [one, other] = [any(random), any(random)];
        let worse = match random.one_in(2) {
            true => self.rarity(one) > self.rarity(other),
            false => self.kept[one].tired > self.kept[other].tired,
        };
        if worse { other } else { one }
    }

    fn change<S: Scene>(&self, place: usize, accepted: &[u32], random: &mut Random) -> Vec<Gene> {
        let mut genes = self.kept[place].genes.clone();
        for _ in 0..1 + random.below(8) {
            let at = random.place(genes.len() + 1);
            match random.below(10) {
                0..4 => genes.insert(at, Gene::any::<S>(random, accepted)),
                4..7 if at < genes.len() => genes[at] = genes[at].changed::<S>(random, accepted),
                7 if at < genes.len() => drop(genes.remove(at)),
                8 if at < genes.len() => genes.insert(at, genes[at]),
                _ => {
                    // The end of another, or a piece of it.
                    let other = &self.kept[random.place(self.kept.len())].genes;
                    let from = random.place(other.len().max(1));
                    if random.one_in(2) {
                        genes.truncate(at);
                    }
                    genes.extend_from_slice(other.get(from..).unwrap_or_default());
                }
            }
        }
        genes.truncate(LONGEST);
        genes
    }

    /// Few that together saw as much as so many can: always that with the most that none before it saw.
    fn cover<S: Scene>(&self) -> String {
        let mut missing: BTreeSet<u64> = self.seen.keys().copied().collect();
        let mut order: Vec<usize> = vec![];
        while order.len() < MOST_TO_KEEP {
            let adds = |kept: &Kept| kept.features.iter().filter(|feature| missing.contains(feature)).count();
            // Of equals the shorter one.
            let rank = |place: &usize| (adds(&self.kept[*place]), LONGEST - self.kept[*place].genes.len().min(LONGEST));
            let Some(next) = (0..self.kept.len()).max_by_key(rank).filter(|next| adds(&self.kept[*next]) > 0) else {
                break;
            };
            let seen: BTreeSet<u64> = self.kept[next].features.iter().copied().collect();
            missing = &missing - &seen;
            order.push(next);
        }
        order.iter().map(|place| write::<S>(&self.kept[*place].genes)).collect::<Vec<_>>().join("\n")
    }
}

/// Counts this thread's time on a processor: others may be at work.
struct Watch(Option<Duration>, Instant);

impl Watch {
    fn start() -> Self {
        Self(Self::worked(), Instant::now())
    }

    /// Linux tells it, in nanoseconds.
    fn worked() -> Option<Duration> {
        let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
    }

    fn elapsed(&self) -> Duration {
        let worked = self.0.and_then(|start| Self::worked()?.checked_sub(start));
        worked.unwrap_or_else(|| self.1.elapsed())
    }
}

/// Looks for a broken promise, from a seed, and from sequences in the folder that `JOULE_SEQUENCES` names, if it does.
pub fn search<S: Scene>(seed: u64, limit: Limit) -> Report {
    let (mut scene, mut random) = (S::new(), Random::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
    let (mut memory, mut report, start) = (Memory::default(), Report::default(), Watch::start());
    let mut accepted = vec![0; count::<S>()];
    let folder = std::env::var_os(SEQUENCES).map(PathBuf::from);
    let given = folder.and_then(|folder| fs::read_to_string(folder.join(S::NAME).with_extension("txt")).ok());
    let mut given: Vec<Vec<Gene>> = given.iter().flat_map(|text| text.split("\n\n")).map(read::<S>).collect();
    given.reverse();
    loop {
        let over = match limit {
            Limit::Sequences(most) => report.sequences >= most,
            Limit::Time(most) => start.elapsed() >= most,
        };
        if over {
            break;
        }
        let is_first = given.is_empty() && (memory.kept.is_empty() || random.one_in(8));
        let parent = (given.is_empty() && !is_first).then(|| memory.choose(&mut random));
        let genes = match (parent, given.pop()) {
            (_, Some(genes)) => genes,
            (Some(place), _) => memory.change::<S>(place, &accepted, &mut random),
            _ => (0..1 + random.place(2 * LONGEST)).map(|_| Gene::any::<S>(&mut random, &accepted)).collect(),
        };
        let outcome = play(&mut scene, &genes);
        report.sequences += 1;
        for (place, name) in names::<S>().enumerate() {
            accepted[place] += outcome.accepted.get(name).copied().unwrap_or_default();
        }
        outcome.accepted.iter().for_each(|(name, count)| *report.accepted.entry(name).or_default() += count);
        for balance in &outcome.balances {
            let closest = report.closest.entry((balance.who, balance.promise)).or_insert(i128::MIN);
            *closest = balance.excess().max(*closest);
        }
        if let Some(broken) = outcome.broken() {
            let (who, promise) = (broken.who, broken.promise);
            report.finding = Some(shrink(&mut scene, genes, (who, promise), report.sequences));
            break;
        }
        let is_new = memory.note(outcome);
        if let Some(place) = parent {
            memory.kept[place].tired = if is_new { 0 } else { memory.kept[place].tired + 1 };
        }
    }
    (report.kept, report.features) = (memory.kept.len(), memory.seen.len());
    report.sequences_to_keep = memory.cover::<S>();
    report
}

/// The same broken promise with as few genes as can be, and simple ones.
pub fn shrink<S: Scene>(
    scene: &mut S,
    mut genes: Vec<Gene>,
    (who, promise): (&'static str, &'static str),
    sequence: u64,
) -> Finding {
    let mut broken = |genes: &[Gene]| -> Option<Outcome> {
        let outcome = play(scene, genes);
        let same = |balance: &Balance| balance.who == who && balance.promise == promise && balance.is_broken();
        outcome.balances.iter().any(same).then_some(outcome)
    };
    loop {
        let before = genes.clone();
        for length in [8, 4, 2, 1] {
            let mut at = 0;
            while at + length <= genes.len() {
                let mut fewer = genes.clone();
                fewer.drain(at..at + length);
                if broken(&fewer).is_some() {
                    genes = fewer;
                } else {
                    at += 1;
                }
            }
        }
        for at in 0..genes.len() {
            for gene in genes[at].simpler().collect::<Vec<_>>() {
                let mut simpler = genes.clone();
                simpler[at] = gene;
                if broken(&simpler).is_some() {
                    genes = simpler;
                    break;
                }
            }
        }
        if genes == before {
            break;
        }
    }
    let outcome = broken(&genes).unwrap_or_default();
    let is_it = |balance: &&Balance| balance.who == who && balance.promise == promise;
    let broken = outcome.balances.iter().find(is_it).expect("it is broken again").clone();
    let genes = write::<S>(&genes);
    let scene = std::any::type_name::<S>().rsplit("::").next().unwrap_or_default();
    Finding { broken, balances: outcome.balances, story: outcome.story, genes, sequence, scene }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Balance { who, promise, .. } = &self.broken;
        writeln!(f, "BROKEN in sequence {}: {promise} ({who}), by {}\n", self.sequence, self.broken.excess())?;
        self.story.iter().try_for_each(|line| writeln!(f, "    {line}"))?;
        writeln!(f, "\n    {:<14} {:>20} {:>20} {:>20}", "who", "had", "has", "was promised")?;
        for balance in &self.balances {
            let ([had, has], mark) = (balance.amounts, if balance.is_broken() { " <-" } else { "" });
            writeln!(f, "    {:<14} {had:>20} {has:>20} {:>20}{mark}", balance.who, balance.promised)?;
        }
        writeln!(f, "\n    #[test]\n    fn found_by_the_adversary() {{")?;
        writeln!(f, "        keeps_its_promises::<{}>(\n            \"", self.scene)?;
        self.genes.lines().try_for_each(|gene| writeln!(f, "            {gene}"))?;
        writeln!(f, "            \",\n        );\n    }}")
    }
}
