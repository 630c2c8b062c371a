//! Games of `escrow` over delivered traces: a provider, a challenger, a verifier or an arbiter, and anyone.
//!
//! A trace is any mixture of true and false states. A state follows another if it is its hash; the verifier says yes to that only.

use {
    crate::{
        Scope,
        search::{Key, World, next_instant},
    },
    joule_common::sha256,
    joule_escrow::{halts::NoHalts, verification::games::game},
    joule_escrow_interface::{
        state::{Game, NONE, Verification, game_phase},
        trace::{self, Hash},
        verifier::statement,
    },
    joule_interface::Address,
    joule_math::{Seconds, Timestamp},
    std::{fmt, rc::Rc},
};

const START: i64 = 1_000;
const WINDOW: Seconds = Seconds(5);
const DECISION: Seconds = Seconds(7);

fn follows(state: &Hash) -> Hash {
    sha256(&[b"next", state])
}

fn lie(index: usize) -> Hash {
    sha256(&[b"lie", &[index as u8]])
}

/// All nodes of the tree over some states: level by level, from the leaves.
struct Tree(Vec<Vec<Hash>>);

impl Tree {
    fn new(states: &[Hash]) -> Self {
        let mut row: Vec<Hash> = states.iter().map(|state| trace::leaf(sha256, state)).collect();
        row.resize(1 << trace::height(states.len() as u32 - 1), trace::PADDING);
        let mut rows = vec![row];
        while let Some(below) = rows.last().filter(|row| row.len() > 1) {
            rows.push(below.chunks(2).map(|pair| trace::node(sha256, &pair[0], &pair[1])).collect());
        }
        Self(rows)
    }

    fn root(&self) -> Hash {
        self.0[self.0.len() - 1][0]
    }

    /// The nodes below the disputed subtree that the next move shows.
    fn below(&self, game: &Game) -> &[Hash] {
        let first = (game.subtree_index as usize) << game.levels();
        &self.0[(game.subtree_level - game.levels()) as usize][first..first + (1 << game.levels())]
    }

    /// The nodes to the left of the path to the state before the disputed one.
    fn proof(&self, game: &Game) -> Vec<Hash> {
        let last = (game.subtree_index as usize).saturating_sub(1);
        (0..game.left_level as usize).map(|level| self.0[level][(last >> level).saturating_sub(1)]).collect()
    }
}

/// A delivered trace, and what is true.
struct Trace {
    name: String,
    states: Vec<Hash>,
    tree: Tree,
    truth: Vec<Hash>,
    true_tree: Tree,
    /// All that was delivered is true, and its last state is final.
    is_true: bool,
    /// What an honest challenger challenges.
    kind: u8,
}

/// A game.
#[derive(Clone)]
pub struct Games {
    game: Game,
    trace: Rc<Trace>,
    now: i64,
    /// Provider and challenger: let time pass that was theirs.
    was_late: [bool; 2],
    /// The challenger chose otherwise than an honest one.
    strayed: bool,
}

/// A move.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Move {
    /// Time passes until then.
    Wait(i64),
    /// The provider shows subtrees: its own, or two of them swapped.
    Open(bool),
    /// The challenger chooses one.
    Choose(u8),
    /// The provider shows these states: its own, or true ones.
    Show(bool, bool),
    /// The verifier confirms, if it can.
    Prove,
    /// The arbiter decides rightly.
    Judge,
    /// Anyone ends it.
    TimeOut,
}

impl fmt::Display for Move {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Wait(until) => write!(f, "time passes until second {}", until - START),
            other => write!(f, "{other:?}"),
        }
    }
}

impl Games {
    fn new(trace: Rc<Trace>, result: Hash, kind: u8, verified: bool) -> Self {
        let steps = trace.states.len() as u32 - 1;
        let verifier = if verified { Address::new_from_array([1; 32]) } else { NONE };
        let mut game = Game {
            steps,
            definition: trace.truth[0],
            result,
            verifier,
            move_window: WINDOW,
            decision_window: DECISION,
            statement_kind: kind,
            ..Game::default()
        };
        game::start(&mut game, &trace.tree.root(), Timestamp(START)).expect("a game begins");
        Self { game, strayed: kind != trace.kind, trace, now: START, was_late: [false; 2] }
    }

    /// Whose move it is: provider or challenger.
    fn mover(&self) -> Option<usize> {
        match self.game.phase {
            game_phase::OPEN | game_phase::SHOW => Some(0),
            game_phase::CHOOSE => Some(1),
            game_phase::PROVE if self.game.verifier != NONE => Some(0),
            _ => None,
        }
    }

    /// What is asked, is it so?
    fn is_so(&self) -> bool {
        let asked = game::asked(&self.game);
        let (before, after, kind) = (asked.before, asked.after, asked.kind);
        if kind == statement::END {
            // A false state may look like a final one.
            return !self.trace.truth[..self.trace.truth.len() - 1].contains(&before);
        }
        after == follows(&before)
    }

    /// What an honest challenger chooses: the first subtree that differs from its own; if none does, the one with the last state.
    fn honest_choice(&self) -> u8 {
        let game = &self.game;
        let level = game.subtree_level - game.levels();
        let first = game.subtree_index << game.levels();
        let own = self.trace.true_tree.below(game);
        let differs = (0..own.len()).find(|index| own[*index] != game.subtrees[*index]);
        let last = (game.steps >> level).saturating_sub(first).min(own.len() as u32 - 1);
        differs.map_or(last as u8, |index| index as u8)
    }

    fn due(&self) -> Option<Move> {
        match self.game.phase {
            game_phase::OPEN => Some(Move::Open(true)),
            game_phase::CHOOSE => Some(Move::Choose(self.honest_choice())),
            game_phase::SHOW => Some(Move::Show(true, true)),
            game_phase::PROVE if self.game.verifier == NONE => Some(Move::Judge),
            game_phase::PROVE if self.is_so() => Some(Move::Prove),
            _ => None,
        }
    }

    fn would(&self, one: Move) -> bool {
        self.clone().make(&one) == Ok(true)
    }
}

impl World for Games {
    type Move = Move;

    fn moves(&self, moves: &mut Vec<Move>) {
        let game = &self.game;
        if game.is_decided() {
            moves.extend([Move::TimeOut, Move::Prove, Move::Open(true), Move::Choose(0)]);
            return;
        }
        moves.extend(next_instant(self.now, [game.deadline_at.0]).map(Move::Wait));
        moves.extend([Move::TimeOut, Move::Prove, Move::Judge, Move::Open(true), Move::Open(false)]);
        if game.phase == game_phase::CHOOSE {
            // One that lies beyond the last state as well.
            let last = (game.steps >> (game.subtree_level - game.levels()))
                - (game.subtree_index << game.levels()).min(game.steps);
            moves.extend((0..1 << game.levels()).take(last as usize + 2).map(Move::Choose));
        }
        if game.phase == game_phase::SHOW {
            moves.extend([(true, true), (true, false), (false, true), (false, false)].map(|(a, b)| Move::Show(a, b)));
        }
    }

    fn is_crank(one: &Move) -> bool {
        matches!(one, Move::Wait(_) | Move::TimeOut)
    }

    fn make(&mut self, one: &Move) -> Result<bool, String> {
        let (was_over, now) = (self.game.is_decided(), Timestamp(self.now));
        let game = &mut self.game;
        let done = match *one {
            Move::Wait(until) => {
                let passed = until > game.deadline_at.0;
                if let Some(mover) = self.mover().filter(|_| passed && self.due().is_some()) {
                    self.was_late[mover] = true;
                }
                self.now = until;
                return Ok(true);
            }
            Move::Open(own) => {
                let mut nodes = self.trace.tree.below(game).to_vec();
                if !own && nodes.len() > 1 {
                    nodes.swap(0, 1);
                }
                let different = nodes != self.trace.tree.below(game);
                let done = game::open(game, &nodes, now, &NoHalts).is_ok();
                if done && different {
                    return Err("subtrees are shown that are not the tree's".into());
                }
                done
            }
            Move::Choose(choice) => {
                let honest = self.honest_choice();
                let done = game::choose(&mut self.game, choice, now, &NoHalts).is_ok();
                self.strayed |= done && choice != honest;
                done
            }
            Move::Show(own_before, own_after) => {
                let index = (game.subtree_index as usize).max(1);
                let pick = |own: bool, at: usize| {
                    let states = if own { &self.trace.states } else { &self.trace.truth };
                    states[at.min(states.len() - 1)]
                };
                let (before, after) = (pick(own_before, index - 1), pick(own_after, index));
                let same = (before, after) == (pick(true, index - 1), pick(true, index));
                let proof = self.trace.tree.proof(game);
                let done = game::show(game, [&before, &after], &proof, now, &NoHalts).is_ok();
                if done && !same {
                    return Err("states are shown that are not the trace's".into());
                }
                done
            }
            Move::Prove => {
                let may = game::decidable(game, true, now, &NoHalts).is_ok() && self.is_so();
                may && game::decide(&mut self.game, true, now).is_ok()
            }
            Move::Judge => {
                let (may, valid) = (game::decidable(game, false, now, &NoHalts).is_ok(), self.is_so());
                may && game::decide(&mut self.game, valid, now).is_ok()
            }
            Move::TimeOut => game::time_out(game, now, &NoHalts).is_ok(),
        };
        if done && was_over {
            return Err(format!("it was decided, and {one} is accepted"));
        }
        Ok(done)
    }

    fn check(&self) -> Result<(), String> {
        let (game, trace) = (&self.game, &self.trace);
        let is_true = trace.is_true && game.result == trace.truth[trace.truth.len() - 1];
        if is_true && !self.was_late[0] && game.phase == game_phase::CHALLENGER_WON {
            return Err("a provider that is right, and in time, loses".into());
        }
        if !is_true && !self.was_late[1] && !self.strayed && game.phase == game_phase::PROVIDER_WON {
            return Err("a challenger that is right, and in time, loses".into());
        }
        if game.ended_by_silence == 1 && self.was_late == [false; 2] {
            return Err("nobody was silent, and it ended by silence".into());
        }
        let in_all = Verification {
            move_window: WINDOW,
            decision_window: DECISION,
            verifier: game.verifier,
            ..Verification::default()
        };
        let longest = in_all.longest_dispute(Seconds(0), game.steps) as i64;
        if game.deadline_at.0 > START + longest {
            return Err(format!("it can last until second {}, and not {longest}", game.deadline_at.0 - START));
        }
        // In each second either the mover may move, or anyone may go on.
        if !game.is_decided() {
            let anyone = self.would(Move::TimeOut);
            let party = self.due().is_some_and(|one| self.would(one));
            if anyone && party || !anyone && !party && self.due().is_some() {
                return Err(format!("{:?} and a time-out are {party} and {anyone} in the same second", self.due()));
            }
        }
        Ok(())
    }

    fn is_over(&self) -> bool {
        self.game.is_decided()
    }

    fn write(&self, key: &mut Key) {
        key.account(&self.game);
        key.add(&(self.trace.tree.root(), self.was_late, self.strayed));
        key.add(&if self.is_over() { 0 } else { self.now });
    }

    fn tell(&self) -> String {
        let game = &self.game;
        let phase = match game.phase {
            game_phase::OPEN => "OPEN",
            game_phase::CHOOSE => "CHOOSE",
            game_phase::SHOW => "SHOW",
            game_phase::PROVE => "PROVE",
            game_phase::PROVIDER_WON => "PROVIDER_WON",
            game_phase::CHALLENGER_WON => "CHALLENGER_WON",
            _ => "UNDECIDED",
        };
        format!(
            "second {}: {phase} over {}, deadline {}; subtree {} of level {}, provider and challenger were late: {:?}",
            self.now - START,
            self.trace.name,
            game.deadline_at.0 - START,
            game.subtree_index,
            game.subtree_level,
            self.was_late,
        )
    }
}

/// A trace of `steps`, of which those in `false_at` do not follow from the one before. The truth has `true_steps`.
fn trace(steps: usize, true_steps: usize, false_at: &[usize]) -> Rc<Trace> {
    let mut truth = vec![sha256(&[b"definition"])];
    (0..true_steps).for_each(|step| truth.push(follows(&truth[step])));
    let mut states = vec![];
    for index in 0..=steps {
        states.push(match index {
            _ if false_at.contains(&index) => lie(index),
            0 => truth[0],
            _ => follows(&states[index - 1]),
        });
    }
    let same = steps <= true_steps && states == truth[..=steps];
    let (tree, true_tree) = (Tree::new(&states), Tree::new(&truth[..=steps]));
    Rc::new(Trace {
        name: format!("{steps} of {true_steps} steps, false at {false_at:?}"),
        is_true: same && steps == true_steps,
        kind: if same && steps < true_steps { statement::END } else { statement::STEP },
        states,
        tree,
        truth,
        true_tree,
    })
}

/// Every mixture of true and false states of short traces; of longer ones, in which it takes two rounds, those with one or two.
pub fn starts(scope: Scope) -> Vec<Games> {
    let (short, long): (usize, &[usize]) = match scope {
        Scope::Small => (3, &[17]),
        Scope::Large => (7, &[15, 16, 17, 31, 33]),
    };
    let mut traces = vec![];
    for steps in 1..=short {
        for mixture in 0..1u32 << (steps + 1) {
            let false_at: Vec<usize> = (0..=steps).filter(|index| mixture & 1 << index != 0).collect();
            traces.push(trace(steps, steps, &false_at));
        }
        traces.push(trace(steps, steps + 1, &[]));
    }
    for steps in long {
        let spots: Vec<usize> = match scope {
            Scope::Small => vec![0, 1, 15, 16, 17],
            Scope::Large => (0..=*steps).collect(),
        };
        traces.extend(spots.iter().map(|spot| trace(*steps, *steps, &[*spot])));
        traces.push(trace(*steps, *steps, &[]));
    }
    let mut games = vec![];
    for trace in traces {
        let steps = trace.states.len() - 1;
        let mut results = vec![trace.states[steps], trace.truth[steps], lie(99)];
        results.dedup();
        for result in results {
            for verified in [true, false] {
                // A result that is not what the trace ends with is challenged by a step.
                let false_result = result != trace.truth[steps];
                let trace = if false_result && trace.kind == statement::END { continue } else { &trace };
                games.push(Games::new(trace.clone(), result, statement::STEP, verified));
                games.push(Games::new(trace.clone(), result, statement::END, verified));
            }
        }
    }
    games
}

/// Moves from a start.
pub fn depth(scope: Scope) -> u32 {
    match scope {
        Scope::Small => 30,
        Scope::Large => 60,
    }
}
