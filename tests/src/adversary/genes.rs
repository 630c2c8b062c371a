//! What the coalition does, in few bytes: small changes are other moves, other people, other amounts, other seconds.

use {
    super::{Scene, Stage, common},
    joule_models::Random,
    std::fmt::Write,
};

/// One thing that the coalition does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gene {
    /// Which move, or how to wait.
    pub kind: u8,
    /// Whose, of which.
    pub a: u8,
    /// Whom with, for how long.
    pub b: u8,
    /// How much: see [`Gene::amount`].
    pub x: u8,
    /// Which account is replaced, and by which: see [`Stage::bend`]. Zero: none.
    pub bend: u8,
    /// Whether it is in the transaction of the one before it.
    pub joined: bool,
    /// Whether a program of the coalition's makes the call.
    pub inner: bool,
}

/// How time passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// To one of the next deadlines, the second before it, or the second after it.
    Deadline,
    /// For a while.
    While,
    /// For a while in which the chain makes no slots.
    Halt,
    /// For a while in which the chain's clock catches up with a halt: it moves by a second with each slot.
    CatchUp,
}

const WAITS: [(&str, Wait); 4] = [
    ("wait-for-a-deadline", Wait::Deadline),
    ("wait", Wait::While),
    ("see-the-chain-halt", Wait::Halt),
    ("see-the-clock-catch-up", Wait::CatchUp),
];

/// What it may send in a scene: the scene's own moves, and those of every scene.
pub(super) fn names<S: Scene>() -> impl Iterator<Item = &'static str> {
    S::MOVES.iter().chain(common::MOVES).copied()
}

/// How many these are.
pub(super) fn count<S: Scene>() -> usize {
    S::MOVES.len() + common::MOVES.len()
}
const WHILES: [i64; 10] = [1, 10, 60, 600, 3_600, 6 * 3_600, 86_400, 3 * 86_400, 10 * 86_400, 30 * 86_400];

impl Gene {
    /// A gene of any kind, rather one that was seldom accepted so far. One of three waits.
    pub fn any<S: Scene>(random: &mut Random, accepted: &[u32]) -> Self {
        let moves = count::<S>();
        let [one, other] = [random.place(moves), random.place(moves)];
        let rare = if random.one_in(2) && accepted[other] < accepted[one] { other } else { one };
        let kind = if random.one_in(3) { moves + random.place(WAITS.len()) } else { rare } as u8;
        let [a, b, x] = std::array::from_fn(|_| random.below(256) as u8);
        // Small numbers mean the same as large ones, and are easier to meet again.
        let [a, b] = [a, b].map(|number| if random.one_in(2) { number % 4 } else { number });
        let x = if random.one_in(4) { [0, 1, 254, 255][random.place(4)] } else { x };
        let bend = if random.one_in(6) { random.below(256) as u8 } else { 0 };
        Self { kind, a, b, x, bend, joined: random.one_in(4), inner: random.one_in(16) }
    }

    /// One that waits for one of the next deadlines.
    pub fn waiting<S: Scene>(random: &mut Random) -> Self {
        let [a, b] = [random.below(4) as u8, random.below(3) as u8];
        Self { kind: count::<S>() as u8, a, b, ..Self::default() }
    }

    /// The same, but for one thing.
    pub fn changed<S: Scene>(self, random: &mut Random, accepted: &[u32]) -> Self {
        let other = Self::any::<S>(random, accepted);
        match random.below(8) {
            0 => Self { kind: other.kind, ..self },
            1 => Self { a: other.a, ..self },
            2 => Self { b: other.b, ..self },
            3 => Self { x: other.x, ..self },
            4 => Self { bend: if random.one_in(2) { 0 } else { random.below(256) as u8 }, ..self },
            5 => Self { joined: !self.joined, ..self },
            6 => Self { inner: !self.inner, ..self },
            _ => other,
        }
    }

    /// Simpler ones, the simplest first.
    pub fn simpler(self) -> impl Iterator<Item = Self> {
        let all = [
            Self { bend: 0, ..self },
            Self { inner: false, ..self },
            Self { joined: false, ..self },
            Self { a: 0, ..self },
            Self { b: 0, ..self },
            Self { x: 0, ..self },
            Self { x: 128, ..self },
        ];
        all.into_iter().filter(move |gene| *gene != self && !(gene.x == 128 && self.x == 0))
    }

    /// How it waits, if it does.
    pub fn waits<S: Scene>(&self) -> Option<Wait> {
        self.place::<S>().checked_sub(count::<S>()).map(|wait| WAITS[wait].1)
    }

    /// Which move it is.
    pub fn place<S: Scene>(&self) -> usize {
        self.kind as usize % (count::<S>() + WAITS.len())
    }

    /// The move's name.
    pub fn name<S: Scene>(&self) -> &'static str {
        let place = self.place::<S>();
        names::<S>().chain(WAITS.iter().map(|(name, _)| *name)).nth(place).expect("one of these")
    }

    /// An amount: nothing, one unit, the most that fits, all that there is, or a part of what is usual.
    pub fn amount(&self, usual: u64, all: u64) -> u64 {
        match self.x {
            0 => 0,
            1 => 1,
            2 => all.saturating_add(1),
            3 => all.saturating_sub(1),
            254 => all,
            255 => u64::MAX,
            part => (usual as u128 * part as u128 / 253) as u64,
        }
    }

    /// One of several.
    pub fn first<'a, T>(&self, of: &'a [T]) -> Option<&'a T> {
        (!of.is_empty()).then(|| &of[self.a as usize % of.len()])
    }

    /// Another of several.
    pub fn second<'a, T>(&self, of: &'a [T]) -> Option<&'a T> {
        (!of.is_empty()).then(|| &of[self.b as usize % of.len()])
    }

    /// Until when it waits.
    pub fn target(&self, wait: Wait, stage: &Stage) -> i64 {
        let now = stage.now();
        let deadlines = stage.deadlines(60 * 86_400);
        match (wait, self.first(&deadlines[..deadlines.len().min(16)])) {
            (Wait::Deadline, Some(deadline)) => now.max(deadline - 1 + self.b as i64 % 3),
            _ => now + WHILES[self.a as usize % WHILES.len()],
        }
    }
}

/// Genes as a text, one a line: the move; then who, with whom, how much and what is replaced, but for zeros at the end; a plus if it is
/// in the transaction of the one before, a tilde if a program calls.
pub fn write<S: Scene>(genes: &[Gene]) -> String {
    let mut text = String::new();
    for gene in genes {
        let (joined, inner) = (if gene.joined { " +" } else { "" }, if gene.inner { " ~" } else { "" });
        let numbers = [gene.a, gene.b, gene.x, gene.bend];
        let count = numbers.iter().rposition(|number| *number != 0).map_or(0, |last| last + 1);
        let numbers: String = numbers[..count].iter().map(|number| format!(" {number}")).collect();
        writeln!(text, "{}{numbers}{joined}{inner}", gene.name::<S>().replace(' ', "-")).expect("a text grows");
    }
    text
}

/// Genes of such a text.
#[track_caller]
pub fn parse<S: Scene>(text: &str) -> Vec<Gene> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| gene::<S>(line).unwrap_or_else(|| panic!("no such move: {line}"))).collect()
}

/// The same, of a text that may be older than a scene: moves that there are no more are left out.
pub(super) fn read<S: Scene>(text: &str) -> Vec<Gene> {
    text.lines().filter_map(gene::<S>).collect()
}

fn gene<S: Scene>(line: &str) -> Option<Gene> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let mut names = names::<S>().chain(WAITS.iter().map(|(name, _)| *name)).map(|name| name.replace(' ', "-"));
    let kind = names.position(|name| words.first() == Some(&name.as_str()))?;
    let number = |place: usize| match words.get(place) {
        None | Some(&"+" | &"~") => 0,
        Some(word) => word.parse::<u8>().expect("a number below 256"),
    };
    Some(Gene {
        kind: kind as u8,
        a: number(1),
        b: number(2),
        x: number(3),
        bend: number(4),
        joined: words.contains(&"+"),
        inner: words.contains(&"~"),
    })
}
