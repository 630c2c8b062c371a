//! Looks for sequences by which somebody gains: greed decides which are kept, and what is changed next.

use {
    super::{
        Balance, Gene, Outcome, Scene,
        genes::{count, names, write},
        play,
    },
    joule_models::Random,
    std::{
        collections::{BTreeMap, BTreeSet},
        fmt,
        time::{Duration, Instant},
    },
};

/// When it stops looking.
#[derive(Clone, Copy, Debug)]
pub enum Limit {
    /// After so many sequences: the same in every run.
    Sequences(u64),
    /// After a time.
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
}

/// The longest sequence.
const LONGEST: usize = 28;

struct Kept {
    genes: Vec<Gene>,
    /// How often it was changed without a new one.
    tired: u32,
}

/// Looks for a broken promise, from a seed.
pub fn search<S: Scene>(seed: u64, limit: Limit) -> Report {
    let (mut scene, mut random) = (S::new(), Random::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
    let (mut kept, mut seen): (Vec<Kept>, BTreeSet<u64>) = (vec![], BTreeSet::new());
    let (mut report, start) = (Report::default(), Instant::now());
    let mut accepted = vec![0; count::<S>()];
    loop {
        let over = match limit {
            Limit::Sequences(most) => report.sequences >= most,
            Limit::Time(most) => start.elapsed() >= most,
        };
        if over {
            break;
        }
        let parent = (!kept.is_empty() && !random.one_in(8)).then(|| choose::<S>(&kept, &accepted, &mut random));
        let genes = match parent {
            Some(place) => change::<S>(&kept, place, &accepted, &mut random),
            None => (0..1 + random.place(2 * LONGEST)).map(|_| Gene::any::<S>(&mut random, &accepted)).collect(),
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
        let known = seen.len();
        seen.extend(&outcome.features);
        if seen.len() > known {
            // What had no effect is not worth to be changed.
            kept.push(Kept { genes: outcome.taken, tired: 0 });
            parent.into_iter().for_each(|place| kept[place].tired = 0);
        } else {
            parent.into_iter().for_each(|place| kept[place].tired += 1);
        }
    }
    (report.kept, report.features) = (kept.len(), seen.len());
    report
}

/// One of the newest more often than not, and rather one that led to something lately, or in which something seldom is done.
fn choose<S: Scene>(kept: &[Kept], accepted: &[u32], random: &mut Random) -> usize {
    let any = |random: &mut Random| match random.below(2) {
        0 => kept.len() - 1 - random.place(kept.len().min(30)),
        _ => random.place(kept.len()),
    };
    let [one, other] = [any(random), any(random)];
    if random.one_in(2) {
        let rarest = |place: usize| {
            let moves = kept[place].genes.iter().filter(|gene| gene.waits::<S>().is_none());
            moves.map(|gene| accepted[gene.place::<S>()]).min().unwrap_or(u32::MAX)
        };
        return if rarest(one) <= rarest(other) { one } else { other };
    }
    if kept[one].tired <= kept[other].tired { one } else { other }
}

fn change<S: Scene>(kept: &[Kept], place: usize, accepted: &[u32], random: &mut Random) -> Vec<Gene> {
    let mut genes = kept[place].genes.clone();
    for _ in 0..1 + random.below(8) {
        let at = random.place(genes.len() + 1);
        match random.below(10) {
            0..4 => genes.insert(at, Gene::any::<S>(random, accepted)),
            4..7 if at < genes.len() => genes[at] = genes[at].changed::<S>(random, accepted),
            7 if at < genes.len() => drop(genes.remove(at)),
            8 if at < genes.len() => genes.insert(at, genes[at]),
            _ => {
                // The end of another, or a piece of it.
                let other = &kept[random.place(kept.len())].genes;
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
