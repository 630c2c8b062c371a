//! Looks for sequences by which somebody gains: greed decides which are kept, and what is changed next.

use {
    super::{
        Balance, Gene, Outcome, Scene,
        genes::{count, names, read, write},
        hash, play,
        shapes::Shape,
    },
    joule_models::Random,
    std::{
        collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet},
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
    /// After all that was given, and no more than so much time.
    Given(Duration),
    /// After all that was given and so much time; it keeps whatever brings two things together in an account for the first time, so that it reaches more, and more slowly.
    Gathering(Duration),
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
    /// After how long.
    pub after: Duration,
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
    /// Of these, those that did something else than when they were written, or that came from such.
    pub strange: usize,
    /// Things that were seen.
    pub features: usize,
    /// How long it took, as [`Limit::Time`] counts.
    pub worked: Duration,
    /// How often each move was accepted.
    pub accepted: BTreeMap<&'static str, u32>,
    /// How close each promise came to be broken: the largest excess.
    pub closest: BTreeMap<(&'static str, &'static str), i128>,
    /// What was found, if anything was.
    pub finding: Option<Finding>,
}

/// A folder with sequences to begin with, a file for each scene. Without it a search begins with nothing.
const SEQUENCES: &str = "JOULE_SEQUENCES";

/// The longest sequence.
const LONGEST: usize = 28;

/// How many ways are told apart that a call takes to the same end.
const COSTS: usize = 24;

#[derive(Clone, Debug)]
struct Kept {
    genes: Vec<Gene>,
    /// What is like it in other sequences.
    features: Vec<u64>,
    /// How many things it was the first to bring together.
    brought: usize,
    /// How often it was changed without a new one.
    tired: u32,
}

/// What was kept, and how often each thing was seen.
#[derive(Clone, Debug, Default)]
struct Memory {
    kept: Vec<Kept>,
    seen: HashMap<u64, u32>,
    shapes: HashSet<u64>,
    things: HashSet<u64>,
    /// What each call cost that ended in the same way.
    costs: HashMap<u64, BTreeSet<u64>>,
    /// Which of the kept did something else than when they were written, or came from these.
    strange: Vec<usize>,
    /// Whether that tells anything: most do what they did.
    is_telling: bool,
    /// Whether it looks at two things at a time.
    gathers: bool,
}

impl Memory {
    /// Notes what a sequence did; keeps it if anything of that was never seen, or if it was given with what it did then.
    fn note(&mut self, outcome: Outcome, given: Option<(Vec<Gene>, u64)>) -> bool {
        let (known, digest) = (self.seen.len() + self.things.len(), digest(&outcome));
        outcome.features.iter().for_each(|feature| *self.seen.entry(*feature).or_default() += 1);
        let things = self.things.len();
        outcome.shapes.iter().for_each(|shape| self.look(shape));
        let mut features: Vec<u64> = outcome.features.into_iter().collect();
        features.extend(outcome.costs.iter().filter_map(|cost| self.pay(*cost)));
        // What had no effect is not worth to be changed; what was refused is, if nothing was refused like that before.
        let mut genes = outcome.taken;
        for refused in outcome.refused {
            let known = self.seen.len() + self.things.len();
            *self.seen.entry(refused.feature).or_default() += 1;
            refused.shapes.iter().for_each(|shape| self.look(shape));
            let costs: Vec<u64> = refused.costs.iter().filter_map(|cost| self.pay(*cost)).collect();
            if self.seen.len() + self.things.len() > known || given.is_some() {
                genes.extend(refused.genes);
                features.push(refused.feature);
                features.extend(costs);
            }
        }
        let is_new = self.seen.len() + self.things.len() > known;
        genes.sort_by_key(|(place, _)| *place);
        let mut genes: Vec<Gene> = genes.into_iter().map(|(_, gene)| gene).collect();
        let is_given = given.is_some();
        if let Some((written, then)) = given {
            genes = written;
            if digest != then {
                self.strange.push(self.kept.len());
            }
            self.is_telling = !self.strange.is_empty() && self.strange.len() * 2 <= self.kept.len() + 1;
        }
        if is_new || is_given {
            let brought = self.things.len() - things;
            self.kept.push(Kept { genes, features, brought, tired: 0 });
        }
        is_new
    }

    /// Remembers what a call cost, as a number, unless it is one of very many.
    fn pay(&mut self, [call, units]: [u64; 2]) -> Option<u64> {
        let costs = self.costs.entry(call).or_default();
        if !costs.contains(&units) && costs.len() >= COSTS {
            return None;
        }
        costs.insert(units);
        let feature = hash(&("cost", call, units));
        *self.seen.entry(feature).or_default() += 1;
        Some(feature)
    }

    /// Remembers a shape, and each thing in it, or each two.
    fn look(&mut self, shape: &Shape) {
        if self.shapes.insert(shape.whole()) {
            self.things.extend(shape.things());
            if self.gathers {
                self.things.extend(shape.pairs());
            }
        }
    }

    /// How often the rarest thing was seen that a sequence does.
    fn rarity(&self, place: usize) -> u32 {
        let features = self.kept[place].features.iter();
        features.filter_map(|feature| self.seen.get(feature)).min().copied().unwrap_or(u32::MAX)
    }

    /// Every other time one that does something else than it did, unless most do. Otherwise one of the newest as often as not, and rather
    /// one that led to something lately, or that does something rare.
    fn choose(&self, random: &mut Random) -> usize {
        if self.is_telling && random.one_in(2) {
            let [one, other] = std::array::from_fn(|_| self.strange[random.place(self.strange.len())]);
            return if self.kept[one].tired > self.kept[other].tired { other } else { one };
        }
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
                8 if at < genes.len() => match random.one_in(2) {
                    // The same again, and maybe again.
                    true => (0..1 + random.below(5)).for_each(|_| genes.insert(at, genes[at])),
                    // Later it may be another matter.
                    false => genes.extend([Gene::waiting::<S>(random), genes[at]]),
                },
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

    /// All, in the order in which they are worth to be kept: few that together saw everything, those that add most of what is rare to the
    /// length of the text first; then those that brought most together.
    fn cover(&self) -> Vec<usize> {
        let mut covered: HashSet<u64> = HashSet::new();
        // In millionths: what one sequence saw counts as one, what many saw as a part.
        let worth = |place: usize, covered: &HashSet<u64>| {
            let Kept { features, genes, .. } = &self.kept[place];
            let new: BTreeSet<&u64> = features.iter().filter(|feature| !covered.contains(feature)).collect();
            let parts = new.into_iter().map(|feature| 1_000_000 / self.seen.get(feature).copied().unwrap_or(1).max(1));
            parts.map(u64::from).sum::<u64>() / genes.len().max(1) as u64
        };
        let mut queue: BinaryHeap<(u64, usize)> =
            (0..self.kept.len()).map(|place| (worth(place, &covered), place)).collect();
        let (mut chosen, mut others) = (vec![], vec![]);
        while let Some((then, place)) = queue.pop() {
            match worth(place, &covered) {
                0 => others.push(place),
                now if now < then => queue.push((now, place)),
                _ => {
                    covered.extend(&self.kept[place].features);
                    chosen.push(place);
                }
            }
        }
        others.sort_by_key(|place| std::cmp::Reverse(self.kept[*place].brought / self.kept[*place].genes.len().max(1)));
        chosen.extend(others);
        chosen
    }
}

/// What a sequence did, as a number.
fn digest(outcome: &Outcome) -> u64 {
    outcome.refused.iter().fold(outcome.digest, |digest, refused| hash(&(digest, refused.feature)))
}

/// The genes of a sequence that was written, and what it did then.
fn given<S: Scene>(text: &str) -> (Vec<Gene>, u64) {
    let digest = text.lines().find_map(|line| line.strip_prefix("# "));
    (read::<S>(text), digest.and_then(|digest| u64::from_str_radix(digest, 16).ok()).unwrap_or_default())
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
    let mut search = Search::<S>::new(seed);
    search.go_on(limit);
    search.report()
}

/// A search of any scene, which can be left and gone on with.
pub trait Searching {
    /// Looks on, unless it has found something.
    fn go_on(&mut self, limit: Limit);

    /// How long it has looked, as [`Limit::Time`] counts.
    fn worked(&self) -> Duration;

    /// Whether something that was given does something else now.
    fn is_strange(&self) -> bool;

    /// Whether it has found something.
    fn has_found(&self) -> bool;

    /// Few sequences that together saw what was seen, as a text that the next search begins with, each with what it does.
    fn to_keep(&mut self) -> String;

    /// What it did.
    fn report(&self) -> Report;
}

/// A search of a scene.
pub struct Search<S: Scene> {
    scene: S,
    random: Random,
    /// What was given and what it did then, the best last.
    given: Vec<(Vec<Gene>, u64)>,
    memory: Memory,
    report: Report,
    /// How often each move was accepted.
    accepted: Vec<u32>,
    worked: Duration,
}

impl<S: Scene> Search<S> {
    /// From a seed, and from what is given.
    pub fn new(seed: u64) -> Self {
        let folder = std::env::var_os(SEQUENCES).map(PathBuf::from);
        let given = folder.and_then(|folder| fs::read_to_string(folder.join(S::NAME).with_extension("txt")).ok());
        let given: Vec<_> = given.iter().flat_map(|text| text.split("\n\n")).map(self::given::<S>).collect();
        Self {
            scene: S::new(),
            random: Random::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)),
            given: given.into_iter().rev().collect(),
            memory: Memory::default(),
            report: Report::default(),
            accepted: vec![0; count::<S>()],
            worked: Duration::default(),
        }
    }

    /// Plays a sequence.
    fn step(&mut self, watch: &Watch) {
        let Self { scene, random, given, memory, report, accepted, .. } = self;
        // As soon as something is strange, it does not wait for the rest.
        let goes_on = given.is_empty() || memory.is_telling && random.one_in(2);
        let is_first = memory.kept.is_empty() || random.one_in(8);
        let parent = (goes_on && !is_first).then(|| memory.choose(random));
        let known = if goes_on { None } else { given.pop() };
        let genes = match (parent, &known) {
            (_, Some((genes, _))) => genes.clone(),
            (Some(place), _) => memory.change::<S>(place, accepted, random),
            _ => (0..1 + random.place(2 * LONGEST)).map(|_| Gene::any::<S>(random, accepted)).collect(),
        };
        let outcome = play(scene, &genes);
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
            let after = self.worked + watch.elapsed();
            let finding = shrink(scene, genes, (who, promise), report.sequences);
            report.finding = Some(Finding { after, ..finding });
            return;
        }
        let is_new = memory.note(outcome, known);
        if let Some(place) = parent {
            memory.kept[place].tired = if is_new { 0 } else { memory.kept[place].tired + 1 };
            if is_new && memory.strange.contains(&place) {
                memory.strange.push(memory.kept.len() - 1);
            }
        }
    }
}

impl<S: Scene> Searching for Search<S> {
    fn go_on(&mut self, limit: Limit) {
        self.memory.gathers = matches!(limit, Limit::Gathering(_));
        let watch = Watch::start();
        while self.report.finding.is_none() {
            let is_over = match limit {
                Limit::Sequences(most) => self.report.sequences >= most,
                Limit::Time(most) => watch.elapsed() >= most,
                Limit::Given(most) => self.given.is_empty() || watch.elapsed() >= most,
                // Nothing that was kept is lost for want of time.
                Limit::Gathering(most) => self.given.is_empty() && watch.elapsed() >= most,
            };
            if is_over {
                break;
            }
            self.step(&watch);
        }
        self.worked += watch.elapsed();
    }

    fn worked(&self) -> Duration {
        self.worked
    }

    fn is_strange(&self) -> bool {
        !self.memory.strange.is_empty()
    }

    fn has_found(&self) -> bool {
        self.report.finding.is_some()
    }

    fn to_keep(&mut self) -> String {
        let (mut texts, mut length) = (vec![], 0);
        for place in self.memory.cover() {
            let genes = &self.memory.kept[place].genes;
            // It may do something else without what was left out of it because it had no effect.
            let text = format!("# {:016x}\n{}", digest(&play(&mut self.scene, genes)), write::<S>(genes));
            length += text.len() + 1;
            if length > S::LONGEST_TEXT {
                break;
            }
            texts.push(text);
        }
        texts.join("\n")
    }

    fn report(&self) -> Report {
        let (kept, strange) = (self.memory.kept.len(), self.memory.strange.len());
        let features = self.memory.seen.len() + self.memory.things.len();
        Report { kept, strange, features, worked: self.worked, ..self.report.clone() }
    }
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
    let after = Duration::default();
    Finding { broken, balances: outcome.balances, story: outcome.story, genes, sequence, after, scene }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Balance { who, promise, .. } = &self.broken;
        let (sequence, excess) = (self.sequence, self.broken.excess());
        writeln!(f, "BROKEN in sequence {sequence}: {promise} ({who}), by {excess}\n")?;
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
