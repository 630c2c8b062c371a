//! The rules of a game over a delivered result.
//!
//! Both sides descend the tree over the trace's states from its root. The provider shows the subtrees below the disputed one. The
//! challenger chooses the first that differs from its own. So both agree on all states to the left of it, and the provider can only
//! show subtrees that lie below the delivered root. In the end one step is left, between a state that both have and one that only
//! the provider has; or a first or last state that differs from what the job says.
//!
//! A step that fails changes nothing. The instructions check who may take a step; the rules check phase, time and hashes.

use {
    crate::{
        Result,
        halts::{Halts, before, is_past},
    },
    joule_common::{guard::require, in_range, sha256},
    joule_escrow_interface::{
        EscrowError,
        state::{Game, NODES_A_MOVE, NONE, game_phase},
        trace::{self, Hash},
        verifier::{Statement, statement},
    },
    joule_interface::Fault,
    joule_math::{Seconds, Timestamp},
};

/// The move is due, and its time is not over.
#[inline(always)]
fn due(game: &Game, phase: u8, now: Timestamp, halts: &impl Halts) -> Result<()> {
    require(game.phase == phase, EscrowError::WrongPhase)?;
    require(!is_over(game, now, halts)?, EscrowError::TooLate)
}

/// Whether the time for the present move is over, halts since the last move not counted.
#[inline(always)]
fn is_over(game: &Game, now: Timestamp, halts: &impl Halts) -> Result<bool> {
    let window = if game.phase == game_phase::PROVE { prove_window(game) } else { game.move_window };
    is_past(halts, before(game.deadline_at, window), game.deadline_at, now)
}

/// The time for the decision on the step.
#[inline(always)]
fn prove_window(game: &Game) -> Seconds {
    if game.verifier == NONE { game.decision_window } else { game.move_window }
}

/// Goes on to the next move, with time for it.
#[inline(always)]
fn next(game: &mut Game, phase: u8, window: Seconds, now: Timestamp) -> Result<()> {
    game.deadline_at = now.after(window)?;
    game.phase = phase;
    game.move_count = game.move_count.checked_add(1).ok_or(Fault::Overflow)?;
    Ok(())
}

/// Starts a game over the tree with this root.
#[inline(always)]
pub fn start(game: &mut Game, root: &Hash, now: Timestamp) -> Result<()> {
    if game.statement_kind == statement::END {
        // Only the result counts here. A trace that does not end with it is challenged by a step.
        game.before = game.result;
        game.subtree_index = game.steps;
        return prove(game, now);
    }
    game.subtree = *root;
    game.subtree_level = trace::height(game.steps);
    next(game, game_phase::OPEN, game.move_window, now)
}

/// The provider shows subtrees.
#[inline(always)]
pub fn open(game: &mut Game, nodes: &[Hash], now: Timestamp, halts: &impl Halts) -> Result<()> {
    due(game, game_phase::OPEN, now, halts)?;
    let count = 1 << game.levels();
    require(nodes.len() == count, Fault::InvalidArguments)?;
    let mut folded = [[0; 32]; NODES_A_MOVE];
    folded[..count].copy_from_slice(nodes);
    require(trace::fold(sha256, &mut folded[..count]) == game.subtree, EscrowError::WrongSubtrees)?;
    game.subtrees[..count].copy_from_slice(nodes);
    next(game, game_phase::CHOOSE, game.move_window, now)
}

/// The challenger chooses the first subtree that differs from its own.
#[inline(always)]
pub fn choose(game: &mut Game, choice: u8, now: Timestamp, halts: &impl Halts) -> Result<()> {
    due(game, game_phase::CHOOSE, now, halts)?;
    let levels = game.levels();
    in_range!((choice as u32) < 1 << levels, "choice")?;
    let (level, index) = (game.subtree_level - levels, game.subtree_index << levels | choice as u32);
    // Subtrees beyond the last state hold nothing.
    in_range!((index as u64) << level <= game.steps as u64, "choice")?;

    (game.subtree_level, game.subtree_index) = (level, index);
    game.subtree = game.subtrees[choice as usize];
    if choice > 0 {
        game.left_subtree = game.subtrees[choice as usize - 1];
        game.left_level = level;
    }
    if level > 0 {
        return next(game, game_phase::OPEN, game.move_window, now);
    }
    let is = |state: &Hash| game.subtree == trace::leaf(sha256, state);
    if index == 0 {
        // The job says what the first state is, so no step is left.
        let winner = if is(&game.definition) { game_phase::PROVIDER_WON } else { game_phase::CHALLENGER_WON };
        return next(game, winner, Seconds(0), now);
    }
    if index == game.steps && !is(&game.result) {
        return next(game, game_phase::CHALLENGER_WON, Seconds(0), now);
    }
    next(game, game_phase::SHOW, game.move_window, now)
}

/// The provider shows the states around the step.
#[inline(always)]
pub fn show(game: &mut Game, shown: [&Hash; 2], proof: &[Hash], now: Timestamp, halts: &impl Halts) -> Result<()> {
    due(game, game_phase::SHOW, now, halts)?;
    let [before, after] = shown;
    require(trace::leaf(sha256, after) == game.subtree, EscrowError::WrongStates)?;
    require(proof.len() == game.left_level as usize, EscrowError::WrongStates)?;
    let root = trace::root_of_last(sha256, trace::leaf(sha256, before), proof);
    require(root == game.left_subtree, EscrowError::WrongStates)?;

    game.before = *before;
    game.after = *after;
    prove(game, now)
}

#[inline(always)]
fn prove(game: &mut Game, now: Timestamp) -> Result<()> {
    next(game, game_phase::PROVE, prove_window(game), now)
}

/// What the verifier is asked to confirm.
#[inline(always)]
pub fn asked(game: &Game) -> Statement {
    Statement {
        kind: game.statement_kind,
        definition: game.definition,
        index: game.subtree_index,
        before: game.before,
        after: game.after,
    }
}

/// The verifier, or else the arbiter, may decide on the step now.
#[inline(always)]
pub fn decidable(game: &Game, by_verifier: bool, now: Timestamp, halts: &impl Halts) -> Result<()> {
    due(game, game_phase::PROVE, now, halts)?;
    require(by_verifier == (game.verifier != NONE), EscrowError::WrongVerifier)
}

/// Decides on the step.
#[inline(always)]
pub fn decide(game: &mut Game, valid: bool, now: Timestamp) -> Result<()> {
    let winner = if valid { game_phase::PROVIDER_WON } else { game_phase::CHALLENGER_WON };
    next(game, winner, Seconds(0), now)
}

/// Ends the game because a move was not made in time.
#[inline(always)]
pub fn time_out(game: &mut Game, now: Timestamp, halts: &impl Halts) -> Result<()> {
    let (ended, by_silence) = match game.phase {
        game_phase::OPEN | game_phase::SHOW => (game_phase::CHALLENGER_WON, 1),
        game_phase::CHOOSE => (game_phase::PROVIDER_WON, 1),
        // An honest provider can prove its step: it played to the end, and was wrong. An arbiter is neither side.
        game_phase::PROVE if game.verifier != NONE => (game_phase::CHALLENGER_WON, 0),
        game_phase::PROVE => (game_phase::UNDECIDED, 0),
        _ => return Err(EscrowError::WrongPhase),
    };
    require(is_over(game, now, halts)?, EscrowError::TooEarly)?;
    game.phase = ended;
    game.ended_by_silence = by_silence;
    Ok(())
}

#[cfg(test)]
mod tests {
    use {super::*, crate::halts::NoHalts, joule_escrow_interface::state::LEVELS_A_MOVE, proptest::prelude::*};

    const NOW: Timestamp = Timestamp(1_790_000_000);
    const MOVE: Seconds = Seconds(100);

    fn open(game: &mut Game, nodes: &[Hash], now: Timestamp) -> Result<()> {
        super::open(game, nodes, now, &NoHalts)
    }
    fn choose(game: &mut Game, choice: u8, now: Timestamp) -> Result<()> {
        super::choose(game, choice, now, &NoHalts)
    }
    fn show(game: &mut Game, before: &Hash, after: &Hash, proof: &[Hash], now: Timestamp) -> Result<()> {
        super::show(game, [before, after], proof, now, &NoHalts)
    }
    fn decidable(game: &Game, by_verifier: bool, now: Timestamp) -> Result<()> {
        super::decidable(game, by_verifier, now, &NoHalts)
    }
    fn time_out(game: &mut Game, now: Timestamp) -> Result<()> {
        super::time_out(game, now, &NoHalts)
    }

    /// A trace with all of its nodes: level by level, from the leaves.
    struct Tree(Vec<Vec<Hash>>, Vec<Hash>);

    fn tree(states: Vec<Hash>) -> Tree {
        let height = trace::height(states.len() as u32 - 1);
        let mut row: Vec<Hash> = states.iter().map(|state| trace::leaf(sha256, state)).collect();
        row.resize(1 << height, trace::PADDING);
        let mut rows = vec![row];
        while rows.last().unwrap().len() > 1 {
            let below = rows.last().unwrap();
            rows.push(below.chunks(2).map(|pair| trace::node(sha256, &pair[0], &pair[1])).collect());
        }
        Tree(rows, states)
    }

    impl Tree {
        fn root(&self) -> Hash {
            self.0.last().unwrap()[0]
        }
        fn below(&self, game: &Game) -> Vec<Hash> {
            let (level, levels) = (game.subtree_level - game.levels(), game.levels());
            let first = (game.subtree_index as usize) << levels;
            self.0[level as usize][first..first + (1 << levels)].to_vec()
        }
        fn proof(&self, game: &Game) -> Vec<Hash> {
            let last = game.subtree_index as usize - 1;
            (0..game.left_level as usize).map(|level| self.0[level][(last >> level) - 1]).collect()
        }
    }

    fn state(number: u32) -> Hash {
        sha256(&[b"state", &number.to_le_bytes()])
    }

    fn new_game(states: &[Hash]) -> Game {
        Game {
            steps: states.len() as u32 - 1,
            definition: state(0),
            result: *states.last().unwrap(),
            verifier: joule_interface::Address::new_from_array([1; 32]),
            move_window: MOVE,
            decision_window: Seconds(200),
            ..Game::default()
        }
    }

    /// Plays until a step is left or somebody won. `wrong`: the first leaf that the challenger disagrees with.
    fn play(tree: &Tree, wrong: u32) -> Game {
        play_game(new_game(&tree.1), tree, wrong)
    }

    fn play_game(mut game: Game, tree: &Tree, wrong: u32) -> Game {
        start(&mut game, &tree.root(), NOW).unwrap();
        while game.phase == game_phase::OPEN {
            let below = tree.below(&game);
            open(&mut game, &below, NOW).unwrap();
            let level = game.subtree_level - game.levels();
            let choice = (wrong >> level) - (game.subtree_index << game.levels());
            choose(&mut game, choice as u8, NOW).unwrap();
        }
        game
    }

    #[test]
    fn every_state_of_every_short_trace_is_reached_in_few_moves() {
        for steps in 1..70u32 {
            let tree = tree((0..=steps).map(state).collect());
            for wrong in 0..=steps {
                let mut game = play(&tree, wrong);
                let rounds = (trace::height(steps)).div_ceil(LEVELS_A_MOVE);
                assert_eq!(game.move_count, 1 + 2 * rounds);
                if wrong == 0 {
                    assert_eq!(game.phase, game_phase::PROVIDER_WON);
                    continue;
                }
                assert_eq!(
                    (game.phase, game.subtree_index, game.subtree_level),
                    (game_phase::SHOW, wrong, 0),
                    "{steps}"
                );
                let proof = tree.proof(&game);
                let (before, after) = (state(wrong - 1), state(wrong));
                for (before, after) in [(after, after), (before, before), (state(wrong + 1), after)] {
                    let shown = show(&mut { game }, &before, &after, &proof, NOW);
                    assert_eq!(shown, Err(EscrowError::WrongStates));
                }
                if !proof.is_empty() {
                    let shown = show(&mut { game }, &before, &after, &proof[1..], NOW);
                    assert_eq!(shown, Err(EscrowError::WrongStates));
                }
                show(&mut game, &before, &after, &proof, NOW).unwrap();
                let asked = asked(&game);
                assert_eq!(({ asked.kind }, { asked.index }, asked.before, asked.after), (0, wrong, before, after));
                // Moves of the provider: log2(n) + 2 at most, from two steps on.
                assert!(steps == 1 || rounds + 2 <= steps.ilog2() + 2);
            }
        }
    }

    #[test]
    fn the_job_says_what_the_ends_are() {
        let mut states: Vec<Hash> = (0..=20).map(state).collect();
        states[0] = state(99);
        assert_eq!(play(&tree(states), 0).phase, game_phase::CHALLENGER_WON);
        let tree = tree((0..=20).map(state).collect());
        assert_eq!(play(&tree, 0).phase, game_phase::PROVIDER_WON);
        let game = play_game(Game { result: state(21), ..new_game(&tree.1) }, &tree, 20);
        assert_eq!((game.phase, game.subtree_index), (game_phase::CHALLENGER_WON, 20));
    }

    #[test]
    fn a_subtree_that_was_agreed_before_cannot_be_chosen() {
        let tree = tree((0..=100).map(state).collect());
        let mut game = new_game(&tree.1);
        start(&mut game, &tree.root(), NOW).unwrap();
        for choice in [16, 8] {
            let below = tree.below(&game);
            open(&mut game, &below, NOW).unwrap();
            assert_eq!(choose(&mut { game }, choice, NOW), Err(EscrowError::InvalidParameter));
            choose(&mut game, 0, NOW).unwrap();
        }
    }

    #[test]
    fn a_state_has_one_depth() {
        // In the place of state 5 lies a node, over two that could pass for it.
        let mut tree = tree((0..=20).map(state).collect());
        let pair = [trace::leaf(sha256, &state(50)), trace::leaf(sha256, &state(51))];
        tree.0[0][5] = trace::node(sha256, &pair[0], &pair[1]);
        for level in 1..tree.0.len() {
            let below = tree.0[level - 1].clone();
            tree.0[level] = below.chunks(2).map(|pair| trace::node(sha256, &pair[0], &pair[1])).collect();
        }
        let mut game = play(&tree, 6);
        let proof = [&pair[..1], &tree.proof(&game)].concat();
        let shown = show(&mut game, &state(51), &state(6), &proof, NOW);
        assert_eq!(shown, Err(EscrowError::WrongStates));
    }

    #[test]
    fn moves_are_made_in_turn_and_in_time() {
        let tree = tree((0..=5).map(state).collect());
        let nodes = |game: &Game| tree.below(game);
        let late = Timestamp(NOW.0 + 101);
        let mut game = new_game(&tree.1);
        let wrong_phase = Err(EscrowError::WrongPhase);
        assert_eq!(open(&mut game, &[], NOW), wrong_phase);
        assert_eq!(choose(&mut game, 0, NOW), wrong_phase);
        assert_eq!(time_out(&mut game, late), wrong_phase);
        start(&mut game, &tree.root(), NOW).unwrap();
        assert_eq!(time_out(&mut { game }, Timestamp(NOW.0 + 100)), Err(EscrowError::TooEarly));
        assert_eq!(open(&mut game, &tree.0[0], late), Err(EscrowError::TooLate));
        assert_eq!(open(&mut game, &tree.0[0][1..], NOW), Err(EscrowError::InvalidArguments));
        let mut swapped = nodes(&game);
        swapped.swap(0, 1);
        assert_eq!(open(&mut game, &swapped, NOW), Err(EscrowError::WrongSubtrees));
        assert_eq!(decidable(&game, true, NOW), wrong_phase);
        let mut lost = game;
        time_out(&mut lost, late).unwrap();
        assert_eq!(lost.phase, game_phase::CHALLENGER_WON);
        let below = nodes(&game);
        open(&mut game, &below, NOW).unwrap();
        assert_eq!(choose(&mut game, 8, NOW), Err(EscrowError::InvalidParameter));
        assert_eq!(choose(&mut game, 6, NOW), Err(EscrowError::InvalidParameter));
        assert_eq!(choose(&mut game, 5, late), Err(EscrowError::TooLate));
        let mut lost = game;
        time_out(&mut lost, late).unwrap();
        assert_eq!((lost.phase, lost.ended_by_silence), (game_phase::PROVIDER_WON, 1));
        choose(&mut game, 5, NOW).unwrap();
        let mut lost = game;
        time_out(&mut lost, late).unwrap();
        assert_eq!((lost.phase, lost.ended_by_silence), (game_phase::CHALLENGER_WON, 1));
        assert_eq!(show(&mut game, &state(4), &state(5), &[], late), Err(EscrowError::TooLate));
        show(&mut game, &state(4), &state(5), &[], NOW).unwrap();
        assert_eq!(decidable(&game, false, NOW), Err(EscrowError::WrongVerifier));
        assert_eq!(decidable(&game, true, late), Err(EscrowError::TooLate));
        let mut lost = game;
        time_out(&mut lost, late).unwrap();
        assert_eq!((lost.phase, lost.ended_by_silence), (game_phase::CHALLENGER_WON, 0));
        game.verifier = NONE;
        assert_eq!(decidable(&game, true, NOW), Err(EscrowError::WrongVerifier));
        let mut silent = game;
        time_out(&mut silent, late).unwrap();
        assert_eq!(silent.phase, game_phase::UNDECIDED);
        for (valid, phase) in [(true, game_phase::PROVIDER_WON), (false, game_phase::CHALLENGER_WON)] {
            let mut game = game;
            decide(&mut game, valid, NOW).unwrap();
            assert_eq!(game.phase, phase);
        }
    }

    #[test]
    fn a_challenge_of_the_end_asks_about_the_result() {
        let tree = tree((0..=5).map(state).collect());
        let mut game = Game { statement_kind: statement::END, ..new_game(&tree.1) };
        start(&mut game, &tree.root(), NOW).unwrap();
        let asked = asked(&game);
        assert_eq!(game.phase, game_phase::PROVE);
        assert_eq!(({ asked.kind }, { asked.index }, asked.before, asked.after), (1, 5, state(5), [0; 32]));
    }

    proptest! {
        /// Whatever is thrown at it, a game only goes on, and ends.
        #[test]
        fn games_end(
            steps in 1u32..300,
            moves in prop::collection::vec((0u8..6, any::<u8>(), 0i64..60), 1..200),
        ) {
            let tree = tree((0..=steps).map(state).collect());
            let mut game = new_game(&tree.1);
            let mut now = NOW;
            start(&mut game, &tree.root(), now).unwrap();
            for (kind, number, passed) in moves {
                now = Timestamp(now.0 + passed);
                let before = game;
                let result = match kind {
                    0 => open(&mut game, &tree.below(&before), now),
                    1 => choose(&mut game, number % 16, now),
                    2 if game.subtree_index > 0 && game.subtree_level == 0 => {
                        show(&mut game, &state(before.subtree_index - 1), &state(before.subtree_index), &tree.proof(&before), now)
                    }
                    3 => decidable(&before, true, now).and_then(|()| decide(&mut game, number % 2 == 0, now)),
                    4 => time_out(&mut game, now),
                    _ => continue,
                };
                match result {
                    Ok(()) => prop_assert!(!before.is_decided() && game.phase > before.phase || game.subtree_level < before.subtree_level),
                    Err(_) => game = before,
                }
                prop_assert!((game.subtree_index as u64) << game.subtree_level <= steps as u64);
            }
            if !game.is_decided() {
                time_out(&mut game, Timestamp(now.0 + 1_000)).unwrap();
            }
            prop_assert!(game.is_decided());
        }
    }
}
