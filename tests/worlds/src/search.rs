//! The search: breadth first, so that the first violation has the shortest trace.
//!
//! Why not a model checker from the registry: what is asked here is that from every state the moves of *anyone* alone lead to an end.
//! That is a question about the graph of all states and a part of its edges. `stateright` (0.31) answers questions about single
//! states and about paths, the latter by its own words on acyclic graphs only, and brings a web server and eleven other crates.

use {
    solana_program::program_stubs::{SyscallStubs, set_syscall_stubs},
    std::{
        collections::HashMap,
        fmt,
        hash::{Hash, Hasher},
        sync::Once,
        time::{Duration, Instant},
    },
};

/// What programs log is not printed.
struct Silent;

impl SyscallStubs for Silent {
    fn sol_log(&self, _: &str) {}
    fn sol_log_data(&self, _: &[&[u8]]) {}
}

/// A world of a few parties. A state is a value of the type.
pub trait World: Clone {
    /// What somebody does, or that time passes.
    type Move: Copy + fmt::Display;

    /// All moves that somebody may try in this state.
    fn moves(&self, moves: &mut Vec<Self::Move>);
    /// Whether nobody's will is needed for it: anyone may make it, or time passes.
    fn is_crank(one: &Self::Move) -> bool;
    /// Makes a move. `Ok(false)`: the rules refuse it. An error: the move itself breaks a promise.
    fn make(&mut self, one: &Self::Move) -> Result<bool, String>;
    /// Books and promises in this state.
    fn check(&self) -> Result<(), String>;
    /// Nothing is held any more, and nobody waits.
    fn is_over(&self) -> bool;
    /// All that tells this state from others.
    fn write(&self, key: &mut Key);
    /// Time and amounts, for a story.
    fn tell(&self) -> String;
}

/// Tells states apart, by 128 bits: among ten million states two are taken for one with a probability of 10^-25.
pub struct Key([u64; 2]);

impl Key {
    fn of(world: &impl World) -> u128 {
        let mut key = Self([0x243F_6A88_85A3_08D3, 0x1319_8A2E_0370_7344]);
        world.write(&mut key);
        (key.0[0] as u128) << 64 | key.0[1] as u128
    }

    /// Adds an account.
    pub fn account(&mut self, account: &impl bytemuck::NoUninit) {
        self.write(bytemuck::bytes_of(account));
    }

    /// Adds anything else.
    pub fn add(&mut self, part: &(impl Hash + ?Sized)) {
        part.hash(self);
    }

    fn word(&mut self, word: u64) {
        let mixed = |lane: u64, by: u64| {
            let product = (lane ^ word) as u128 * by as u128;
            (product ^ product >> 64) as u64
        };
        let [first, second] = self.0;
        self.0 = [mixed(first, 0x9E37_79B9_7F4A_7C15), mixed(second, 0xD6E8_FEB8_6659_FD93).rotate_left(23) ^ first];
    }
}

impl Hasher for Key {
    fn write(&mut self, bytes: &[u8]) {
        self.word(bytes.len() as u64);
        let (words, rest) = bytes.as_chunks::<8>();
        words.iter().for_each(|word| self.word(u64::from_le_bytes(*word)));
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        self.word(u64::from_le_bytes(last));
    }

    fn finish(&self) -> u64 {
        self.0[0]
    }
}

/// The next second that can matter: one before, at, or one after one of these times.
pub fn next_instant(now: i64, times: impl IntoIterator<Item = i64>) -> Option<i64> {
    let around = times.into_iter().flat_map(|time| [time - 1, time, time + 1]);
    around.filter(|time| *time > now).min()
}

/// What a search saw.
#[derive(Clone, Copy, Debug)]
pub struct Report {
    /// Different states.
    pub states: usize,
    /// Of these, beyond the depth: reached by moves of anyone alone.
    pub beyond: usize,
    /// Moves made on the longest of the shortest ways to a state, moves of anyone beyond the depth included.
    pub depth: u32,
    /// All moves led to states within the depth: this is the whole world.
    pub whole: bool,
    /// Moves that the rules accepted, and refused.
    pub moves: [u64; 2],
    /// States in which all is over.
    pub ends: usize,
    /// Time.
    pub took: Duration,
}

/// How a state was found.
#[derive(Clone, Copy)]
enum From<M> {
    Start(usize),
    Move(u32, M),
}

struct Search<'a, W: World> {
    starts: &'a [W],
    from: Vec<From<W::Move>>,
    ids: HashMap<u128, u32>,
    over: Vec<bool>,
    /// Moves of anyone, from state to state.
    cranks: Vec<(u32, u32)>,
}

/// Explores all states up to `depth` moves from the starts, and from there on by moves of anyone alone. An error is a story.
/// `tells`: how many states each layer has goes to the standard error.
pub fn explore<W: World>(starts: &[W], depth: u32, tells: bool) -> Result<Report, String> {
    static SILENT: Once = Once::new();
    SILENT.call_once(|| drop(set_syscall_stubs(Box::new(Silent))));
    let began = Instant::now();
    let mut search = Search { starts, from: vec![], ids: HashMap::new(), over: vec![], cranks: vec![] };
    let mut report =
        Report { states: 0, beyond: 0, depth: 0, whole: true, moves: [0; 2], ends: 0, took: Duration::ZERO };
    let mut layer = vec![];
    for (index, start) in starts.iter().enumerate() {
        if let Some(id) = search.found(start, From::Start(index)).1 {
            start.check().map_err(|why| search.story(id, None, &why))?;
            layer.push((id, start.clone()));
        }
    }
    let (mut level, mut moves) = (0, vec![]);
    while !layer.is_empty() {
        let within = level < depth;
        if tells {
            eprintln!("{level}: {} states, {:.1} s", layer.len(), began.elapsed().as_secs_f64());
        }
        let mut next = vec![];
        for (id, world) in layer {
            moves.clear();
            world.moves(&mut moves);
            for one in &moves {
                let crank = W::is_crank(one);
                if !within && !crank {
                    report.whole = false;
                    continue;
                }
                let mut after = world.clone();
                let made = after.make(one).map_err(|why| search.story(id, Some(one), &why))?;
                report.moves[!made as usize] += 1;
                if !made {
                    continue;
                }
                let (to, new) = search.found(&after, From::Move(id, *one));
                if crank && to != id {
                    search.cranks.push((id, to));
                }
                if new.is_some() {
                    after.check().map_err(|why| search.story(to, None, &why))?;
                    report.beyond += !within as usize;
                    next.push((to, after));
                }
            }
        }
        layer = next;
        level += !layer.is_empty() as u32;
    }
    search.nothing_is_stuck()?;
    (report.states, report.depth) = (search.from.len(), level);
    report.ends = search.over.iter().filter(|over| **over).count();
    report.took = began.elapsed();
    Ok(report)
}

impl<W: World> Search<'_, W> {
    /// The state's number, twice if it is new.
    fn found(&mut self, world: &W, from: From<W::Move>) -> (u32, Option<u32>) {
        let next = self.from.len() as u32;
        let id = *self.ids.entry(Key::of(world)).or_insert(next);
        if id != next {
            return (id, None);
        }
        self.from.push(from);
        self.over.push(world.is_over());
        (id, Some(id))
    }

    /// From every state moves of anyone alone lead to an end: backwards from the ends, to a fixpoint.
    fn nothing_is_stuck(&mut self) -> Result<(), String> {
        self.cranks.sort_unstable_by_key(|(_, to)| *to);
        let mut ends_well = self.over.clone();
        let mut open: Vec<u32> = (0..).zip(&self.over).filter(|(_, over)| **over).map(|(id, _)| id).collect();
        while let Some(id) = open.pop() {
            let first = self.cranks.partition_point(|(_, to)| *to < id);
            for (before, _) in self.cranks[first..].iter().take_while(|(_, to)| *to == id) {
                if !std::mem::replace(&mut ends_well[*before as usize], true) {
                    open.push(*before);
                }
            }
        }
        match ends_well.iter().position(|well| !well) {
            None => Ok(()),
            Some(stuck) => {
                Err(self.story(stuck as u32, None, "it is stuck: from here no moves of anyone lead to an end"))
            }
        }
    }

    /// The shortest way to a state, with the move that broke something there.
    fn story(&self, id: u32, last: Option<&W::Move>, why: &str) -> String {
        let mut path = vec![];
        path.extend(last.copied());
        let mut at = id;
        let start = loop {
            match self.from[at as usize] {
                From::Start(index) => break index,
                From::Move(before, one) => {
                    path.push(one);
                    at = before;
                }
            }
        };
        let mut world = self.starts[start].clone();
        let mut story = format!("{why}\n   0. {}\n", world.tell());
        for (number, one) in path.iter().rev().enumerate() {
            let made = world.make(one);
            let after = if made.is_ok() { world.tell() } else { why.to_string() };
            story += &format!("{:4}. {one}\n      {after}\n", number + 1);
        }
        story
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A counter that two players raise, up to ten. At three anyone may end it, and must before five: there is no way out of five.
    #[derive(Clone)]
    struct Counter(u8, u8);

    #[derive(Clone, Copy)]
    enum Step {
        Raise(u8),
        End,
    }

    impl fmt::Display for Step {
        fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
            match self {
                Self::Raise(by) => write!(f, "somebody raises it by {by}"),
                Self::End => write!(f, "anyone ends it"),
            }
        }
    }

    impl World for Counter {
        type Move = Step;

        fn moves(&self, moves: &mut Vec<Step>) {
            moves.extend([Step::Raise(1), Step::Raise(2), Step::End]);
        }
        fn is_crank(one: &Step) -> bool {
            matches!(one, Step::End)
        }
        fn make(&mut self, one: &Step) -> Result<bool, String> {
            match one {
                Step::Raise(by) if self.0 + by <= 10 => self.0 += by,
                Step::End if (3..5).contains(&self.0) => self.0 = 100,
                Step::End if self.0 < 3 => self.0 += 1,
                _ => return Ok(false),
            }
            Ok(true)
        }
        fn check(&self) -> Result<(), String> {
            if self.0 == self.1 { Err(format!("{} is not allowed", self.1)) } else { Ok(()) }
        }
        fn is_over(&self) -> bool {
            self.0 == 100
        }
        fn write(&self, key: &mut Key) {
            key.add(&self.0);
        }
        fn tell(&self) -> String {
            format!("it is {}", self.0)
        }
    }

    #[test]
    fn the_first_violation_is_told_by_the_shortest_way() {
        let story = explore(&[Counter(0, 4)], 10, false).unwrap_err();
        assert!(
            story.starts_with("4 is not allowed\n") && story.contains("   2. somebody raises it by 2\n"),
            "{story}"
        );
        assert!(!story.contains("   3."), "{story}");
    }

    #[test]
    fn a_state_without_a_way_out_is_stuck() {
        let story = explore(&[Counter(0, 99)], 10, false).unwrap_err();
        assert!(story.starts_with("it is stuck") && story.ends_with("it is 5\n"), "{story}");
        // Within two moves it is not reached, and what lies beyond is reached by moves of anyone alone.
        let report = explore(&[Counter(0, 99)], 2, false).unwrap();
        assert_eq!((report.states, report.beyond, report.ends, report.whole), (6, 1, 1, false));
    }
}
