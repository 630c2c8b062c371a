//! What an epoch does to a board.

use {
    crate::{
        Result, ScoresError,
        state::{Board, MAX_MINERS, MAX_VALIDATORS, Miner, Validator, phase, status},
        yuma::{self, Voter},
    },
    joule_interface::Address,
    joule_math::{Timestamp, Tokens, U128},
};

/// The first epoch, or the next. Nobody has said anything in it.
pub fn begin(board: &mut Board, now: Timestamp) {
    for validator in board.validators.iter_mut().filter(|validator| validator.status != status::FREE) {
        validator.status = status::ENROLLED;
        validator.row_sum = 0;
        validator.trust = 0;
        validator.dividend = U128::default();
    }
    board.revealed_stake = Tokens::ZERO;
    board.rank_sum = 0;
    board.dividend_sum = U128::default();
    board.next_column = 0;
    board.began_at = now;
    board.phase = phase::VOTE;
}

/// Takes a validator's weights down, behind a row of `place`: 16 bits each, those that are left out are zero.
pub fn reveal(board: &mut Board, place: usize, row: &[u8], stake: Tokens) -> Result<()> {
    let (weights, rest) = row.as_chunks::<2>();
    if !rest.is_empty() || weights.len() > MAX_MINERS {
        return Err(ScoresError::InvalidWeights);
    }
    let mut sum = 0;
    for column in 0..MAX_MINERS {
        let weight = weights.get(column).map_or(0, |bytes| u16::from_le_bytes(*bytes));
        if weight != 0 && board.miners[column].claimant == Address::default() {
            return Err(ScoresError::InvalidWeights);
        }
        board.weights[column][place] = weight;
        sum += weight as u32;
    }
    if sum == 0 {
        return Err(ScoresError::InvalidWeights);
    }
    let validator = &mut board.validators[place];
    validator.stake = validator.stake.min(stake);
    validator.row_sum = sum;
    validator.status = status::REVEALED;
    board.revealed_stake = board.revealed_stake.plus(validator.stake)?;
    Ok(())
}

/// Scores at most so many columns, in their order; the first call ends the reveals.
pub fn score(board: &mut Board, columns: u16) -> Result<()> {
    if board.phase == phase::VOTE {
        seal(board)?;
    }
    if board.phase != phase::SCORE {
        return Err(ScoresError::NothingToScore);
    }
    let mut voters = [Voter::default(); MAX_VALIDATORS];
    for (voter, validator) in voters.iter_mut().zip(&board.validators) {
        if validator.status == status::REVEALED {
            *voter = Voter { stake: validator.stake.0, row_sum: validator.row_sum };
        }
    }
    let first = board.next_column as usize;
    let end = MAX_MINERS.min(first + columns as usize);
    // Read and written once a call: 128 bits in an account are so many bytes.
    let mut dividends = [0; MAX_VALIDATORS];
    for (dividend, validator) in dividends.iter_mut().zip(&board.validators) {
        *dividend = validator.dividend.get();
    }
    for column in first..end {
        score_column(board, column, &voters, &mut dividends);
    }
    let mut sum = 0;
    for (validator, dividend) in board.validators.iter_mut().zip(dividends) {
        validator.dividend = U128::new(dividend);
        sum += dividend;
    }
    board.dividend_sum = U128::new(sum);
    board.next_column = end as u16;
    if end == MAX_MINERS {
        board.phase = phase::SCORED;
    }
    Ok(())
}

/// Ends the reveals. Without any, there is nothing to score.
fn seal(board: &mut Board) -> Result<()> {
    let all = board.revealed_stake;
    board.miners.iter_mut().for_each(|miner| (miner.rank, miner.consensus) = (0, 0));
    board.phase = phase::SCORE;
    if all.is_zero() {
        board.next_column = MAX_MINERS as u16;
    }
    board.support = Tokens(board.parameters.kappa.of_ceil(all.0)?);
    Ok(())
}

/// Not inlined, as the others below: their arrays would not fit one frame.
#[inline(never)]
fn score_column(
    board: &mut Board,
    column: usize,
    voters: &[Voter; MAX_VALIDATORS],
    dividends: &mut [u128; MAX_VALIDATORS],
) {
    let miner = &mut board.miners[column];
    if miner.claimant == Address::default() {
        return;
    }
    let mut clipped = [0; MAX_VALIDATORS];
    let bonds = &mut board.bonds[column];
    let rules = &board.parameters;
    let scored = yuma::column(
        voters,
        [board.revealed_stake.0, board.support.0],
        &board.weights[column],
        bonds,
        [rules.bond_penalty, rules.bond_speed],
        &mut clipped,
    );
    (miner.rank, miner.consensus) = (scored.rank, scored.consensus);
    if scored.rank == 0 {
        return;
    }
    board.rank_sum += scored.rank;
    for (i, cut) in clipped.into_iter().enumerate() {
        board.validators[i].trust += cut;
        dividends[i] += bonds[i] as u128 * scored.rank as u128;
    }
}

/// Ends the epoch. Who did not reveal has no stake until it commits again, and is the first to lose its place.
pub fn end(board: &mut Board, now: Timestamp) {
    for validator in board.validators.iter_mut().filter(|validator| validator.status != status::REVEALED) {
        validator.stake = Tokens::ZERO;
    }
    board.phase = phase::REST;
    board.ended_at = now;
    board.epoch += 1;
}

/// Gives a miner's place to another, or to nobody. Bonds with the one before end.
pub fn set_miner(board: &mut Board, place: usize, claimant: &Address) {
    board.miners[place] = Miner { claimant: *claimant, ..Miner::default() };
    board.bonds[place] = [0; MAX_VALIDATORS];
}

/// Gives a validator's place to a newcomer: a free one, or, where none is free, one with the least stake and less than the
/// newcomer's. Bonds of the one before end.
pub fn enroll(board: &mut Board, place: usize, newcomer: Validator) -> Result<()> {
    let held = board.validators.get(place).ok_or(ScoresError::NoPlace)?;
    if held.status != status::FREE {
        let others = |other: &Validator| other.status != status::FREE && other.stake >= held.stake;
        if !board.validators.iter().all(others) || held.stake >= newcomer.stake {
            return Err(ScoresError::PlaceTaken);
        }
    }
    board.validators[place] = newcomer;
    board.bonds.iter_mut().for_each(|column| column[place] = 0);
    Ok(())
}
