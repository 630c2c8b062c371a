//! The program's arithmetic beside a plain reference in floating point: the published algorithm on whole matrices.

use {
    bytemuck::zeroed_box,
    joule_interface::Address,
    joule_math::{Bps, Timestamp, Tokens},
    proptest::{collection::vec, prelude::*},
    scores::{
        epoch, payout,
        state::{Board, MAX_MINERS, MAX_VALIDATORS, Validator, phase, status},
        yuma::{self, ONE_BOND, ONE_WEIGHT, Voter},
    },
};

/// Largest difference between a part of one here and in the reference.
const TOLERANCE: f64 = 1e-6;

/// Rules of a board, as parts of one.
#[derive(Clone, Copy, Debug)]
struct Rules {
    kappa: u16,
    speed: u16,
    penalty: u16,
    validators_share: u16,
}

/// What a validator reveals: its stake and a weight for each miner. Of one that is silent, nothing.
type Row = Option<(u64, Vec<u16>)>;

/// An epoch's result: of each miner and each validator, parts of one.
struct Expected {
    consensus: Vec<f64>,
    incentives: Vec<f64>,
    dividends: Vec<f64>,
    trust: Vec<f64>,
}

/// Yuma consensus as `docs/consensus.md` and `epoch_dense` of Bittensor's subtensor have it, without Yuma 3 and liquid alpha:
/// row by row what they write, in their names. `weights` are as revealed; `bonds` of the epoch before become the new ones.
fn reference(stakes: &[u64], weights: &[Vec<u16>], bonds: &mut [Vec<f64>], rules: Rules) -> Expected {
    let (validators, miners) = (stakes.len(), weights[0].len());
    let whole = 10_000.0;
    let all: u128 = stakes.iter().map(|stake| *stake as u128).sum();
    let active_stake: Vec<f64> =
        stakes.iter().map(|stake| if all == 0 { 0.0 } else { *stake as f64 / all as f64 }).collect();
    let sums: Vec<f64> = weights.iter().map(|row| row.iter().map(|weight| *weight as f64).sum()).collect();
    let weight = |i: usize, j: usize| if sums[i] == 0.0 { 0.0 } else { weights[i][j] as f64 / sums[i] };

    // The largest weight that kappa of the stake supports: by whole numbers, so that ties are what they are.
    let consensus: Vec<f64> = (0..miners)
        .map(|j| {
            let supported = |level: f64| {
                let stake: u128 = (0..validators).filter(|i| weight(*i, j) >= level).map(|i| stakes[i] as u128).sum();
                stake * 10_000 >= all * rules.kappa as u128
            };
            (0..validators).map(|i| weight(i, j)).filter(|level| supported(*level)).fold(0.0, f64::max)
        })
        .collect();
    let clipped = |i: usize, j: usize| weight(i, j).min(consensus[j]);
    let trust = (0..validators).map(|i| (0..miners).map(|j| clipped(i, j)).sum()).collect();

    let ranks: Vec<f64> = (0..miners).map(|j| (0..validators).map(|i| active_stake[i] * clipped(i, j)).sum()).collect();
    let incentives = normalized(&ranks);

    let penalty = rules.penalty as f64 / whole;
    let alpha = rules.speed as f64 / whole;
    for (j, consensus) in consensus.iter().enumerate() {
        let for_bonds = |i| (1.0 - penalty) * weight(i, j) + penalty * weight(i, j).min(*consensus);
        let delta = normalized(&(0..validators).map(|i| active_stake[i] * for_bonds(i)).collect::<Vec<_>>());
        let old = normalized(&(0..validators).map(|i| bonds[i][j]).collect::<Vec<_>>());
        let ema: Vec<f64> = delta.iter().zip(&old).map(|(new, old)| alpha * new + (1.0 - alpha) * old).collect();
        normalized(&ema).iter().enumerate().for_each(|(i, bond)| bonds[i][j] = *bond);
    }
    let dividends: Vec<f64> = bonds.iter().map(|row| row.iter().zip(&incentives).map(|(b, i)| b * i).sum()).collect();
    Expected { consensus, incentives, dividends: normalized(&dividends), trust }
}

fn normalized(parts: &[f64]) -> Vec<f64> {
    let sum: f64 = parts.iter().sum();
    parts.iter().map(|part| if sum == 0.0 { 0.0 } else { part / sum }).collect()
}

fn key(kind: u8, number: usize) -> Address {
    let mut bytes = [kind; 32];
    bytes[..8].copy_from_slice(&(number as u64).to_le_bytes());
    Address::new_from_array(bytes)
}

/// A board with so many members.
fn board(validators: usize, miners: usize, rules: Rules) -> Box<Board> {
    let mut board = zeroed_box::<Board>();
    board.parameters.kappa = Bps(rules.kappa);
    board.parameters.bond_speed = Bps(rules.speed);
    board.parameters.bond_penalty = Bps(rules.penalty);
    board.parameters.validators_share = Bps(rules.validators_share);
    for place in 0..miners {
        epoch::set_miner(&mut board, place, &key(2, place));
    }
    for place in 0..validators {
        let (provider, claimant) = (key(1, place), key(3, place));
        let newcomer = Validator { provider, claimant, status: status::ENROLLED, ..Validator::default() };
        epoch::enroll(&mut board, place, newcomer).unwrap();
    }
    board
}

/// An epoch in which those with a row reveal, scored so many columns a call.
fn run(board: &mut Board, rows: &[Row], columns: u16) {
    epoch::begin(board, Timestamp(0));
    for (place, row) in rows.iter().enumerate() {
        if let Some((stake, weights)) = row {
            board.validators[place].stake = Tokens(u64::MAX);
            let bytes: Vec<u8> = weights.iter().flat_map(|weight| weight.to_le_bytes()).collect();
            epoch::reveal(board, place, &bytes, Tokens(*stake)).unwrap();
        }
    }
    while board.phase != phase::SCORED {
        epoch::score(board, columns).unwrap();
    }
}

const REWARD: u64 = 1_000_000_000_000_000;

/// Runs epochs on a board and in the reference, and compares everything after each.
fn compare(rules: Rules, miners: usize, epochs: &[Vec<Row>], columns: u16) {
    let validators = epochs[0].len();
    let mut board = board(validators, miners, rules);
    let mut bonds = vec![vec![0.0; miners]; validators];
    for rows in epochs {
        run(&mut board, rows, columns);
        let stakes: Vec<u64> = rows.iter().map(|row| row.as_ref().map_or(0, |(stake, _)| *stake)).collect();
        let weights: Vec<_> =
            rows.iter().map(|row| row.as_ref().map_or(vec![0; miners], |(_, row)| row.clone())).collect();
        let expected = reference(&stakes, &weights, &mut bonds, rules);
        payout::decide(&mut board, true).unwrap();
        let paid = payout::divide(&mut board, Tokens(REWARD)).unwrap();
        assert!(paid.0 <= REWARD);

        let near = |is: f64, should: f64, what: &str| {
            assert!((is - should).abs() <= TOLERANCE, "{what}: {is} instead of {should}");
        };
        let (xi, one) = (rules.validators_share as f64 / 10_000.0, ONE_WEIGHT as f64);
        let reward = REWARD as f64;
        for (j, miner) in board.miners[..miners].iter().enumerate() {
            near(miner.consensus as f64 / one, expected.consensus[j], "consensus");
            near(miner.pending.0 as f64 / reward, (1.0 - xi) * expected.incentives[j], "incentive");
            for (i, row) in bonds.iter().enumerate() {
                near(board.bonds[j][i] as f64 / ONE_BOND as f64, row[j], "bond");
            }
        }
        for (i, validator) in board.validators[..validators].iter().enumerate() {
            let dividend = if rows[i].is_some() { xi * expected.dividends[i] } else { 0.0 };
            near(validator.pending.0 as f64 / reward, dividend, "dividend");
            near(validator.trust as f64 / one, expected.trust[i], "trust");
        }
        epoch::end(&mut board, Timestamp(0));
    }
}

fn rules() -> impl Strategy<Value = Rules> {
    let kappa = prop_oneof![Just(5_000), 1..=10_000u16];
    let share = || prop_oneof![Just(0), Just(10_000), 0..=10_000u16];
    // At the whole, the reference forgets the bonds to a miner that nobody weighs in an epoch; the board keeps them at any speed.
    (kappa, 1..10_000u16, share(), share()).prop_map(|(kappa, speed, penalty, validators_share)| Rules {
        kappa,
        speed,
        penalty,
        validators_share,
    })
}

/// Weights that are often equal, often zero, and sometimes anything.
fn weight() -> impl Strategy<Value = u16> {
    prop_oneof![Just(0), 0..4u16, Just(u16::MAX), any::<u16>()]
}

/// Stakes that often tie, and some that are dust beside others. Any sum of 64 of them fits.
fn stake() -> impl Strategy<Value = u64> {
    prop_oneof![1..5u64, Just(1_000_000), 1..=u64::MAX / 64]
}

/// Some epochs of some validators' rows for some miners. Who has said nothing is silent.
fn epochs(validators: usize, miners: usize) -> impl Strategy<Value = (usize, Vec<Vec<Row>>)> {
    (1..=validators, 1..=miners, 1..4usize).prop_flat_map(|(validators, miners, count)| {
        let row = prop_oneof![1 => Just(None), 5 => (stake(), vec(weight(), miners)).prop_map(Some)];
        let says = |row: Row| row.filter(|(_, weights)| weights.iter().any(|weight| *weight != 0));
        (Just(miners), vec(vec(row.prop_map(says), validators), count))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn small_boards_are_scored_as_published(
        rules in rules(), (miners, epochs) in epochs(6, 6), columns in 1..=256u16,
    ) {
        compare(rules, miners, &epochs, columns);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn large_boards_are_scored_as_published(
        rules in rules(), (miners, epochs) in epochs(MAX_VALIDATORS, MAX_MINERS), columns in 1..=256u16,
    ) {
        compare(rules, miners, &epochs, columns);
    }
}

/// Numbers that Bittensor's own test `test_bonds` prints: four validators with 1, 2, 3 and 4 of stake, four servers, bonds
/// penalty 1, alpha 0.1. In the second epoch the first says nothing of the servers, in the third nor does the second; their stake
/// counts. Bittensor stores bonds in 16 bits, so they agree to four digits.
#[test]
fn the_numbers_of_bittensors_own_test_come_out() {
    let weights = [16_383, 32_767, 49_149, 65_535];
    let (stakes, sum) = ([1, 2, 3, 4], weights.iter().map(|weight| *weight as u32).sum());
    let mut bonds = [[0; MAX_VALIDATORS]; 4];
    let epochs = [
        (0, [0.0999999978, 0.1999999983, 0.3000000012, 0.4000000022]),
        (1, [0.0899967032, 0.2022211233, 0.303334432, 0.404447741]),
        (2, [0.0809936118, 0.1819995677, 0.3158592721, 0.421147548]),
    ];
    for (silent, expected) in epochs {
        let mut voters = [Voter::default(); MAX_VALIDATORS];
        for (i, voter) in voters.iter_mut().take(4).enumerate() {
            let row_sum = if i < silent { 0 } else { sum };
            *voter = Voter { stake: stakes[i], row_sum };
        }
        let (mut ranks, mut dividends) = ([0.0; 4], [0.0; 4]);
        for (j, bonds) in bonds.iter_mut().enumerate() {
            let mut column = [0; MAX_VALIDATORS];
            column[..4].fill(weights[j]);
            let rules = [Bps::WHOLE, Bps(1_000)];
            let scored = yuma::column(&voters, [10, 5], &column, bonds, rules, &mut [0; MAX_VALIDATORS]);
            ranks[j] = scored.rank as f64;
            dividends.iter_mut().zip(bonds).for_each(|(sum, bond)| *sum += *bond as f64 * scored.rank as f64);
        }
        for (is, should) in normalized(&ranks).iter().zip([0.0999975582, 0.2000012207, 0.2999926752, 0.4000085455]) {
            assert!((is - should).abs() < 1e-8, "{is} instead of {should}");
        }
        for (is, should) in normalized(&dividends).iter().zip(expected) {
            assert!((is - should).abs() < 2e-5, "{is} instead of {should}");
        }
    }
}

const USUAL: Rules = Rules { kappa: 5_000, speed: 1_000, penalty: 10_000, validators_share: 5_000 };

#[test]
fn half_of_the_stake_is_enough_at_a_tie() {
    // One and a half say a quarter; the other half says all: that half supports its word, and no more than half does.
    let say = |stake, weights: [u16; 2]| Some((stake, weights.to_vec()));
    let mut board = board(3, 2, USUAL);
    run(&mut board, &[say(1, [1, 3]), say(1, [1, 3]), say(2, [1, 0])], 256);
    assert_eq!(board.miners[0].consensus, ONE_WEIGHT);
    assert_eq!(board.miners[1].consensus, 3 * ONE_WEIGHT / 4);
    // A unit less, and it does not.
    run(&mut board, &[say(2_000_001, [1, 3]), say(0, [1, 3]), say(2_000_000, [1, 0])], 256);
    assert_eq!(board.miners[0].consensus, ONE_WEIGHT / 4);
    // Thirds of a stake are no problem: stakes are not divided.
    run(&mut board, &[say(1, [1, 0]), say(2, [1, 0]), say(3, [0, 1])], 256);
    assert_eq!((board.miners[0].consensus, board.miners[1].consensus), (ONE_WEIGHT, ONE_WEIGHT));
}

#[test]
fn a_minority_gains_nothing_by_praising_its_own() {
    let say = |stake, weights: [u16; 2]| Some((stake, weights.to_vec()));
    let mut board = board(2, 2, USUAL);
    run(&mut board, &[say(60, [9, 1]), say(40, [0, 1])], 256);
    payout::divide(&mut board, Tokens(1_000_000)).unwrap();
    // Of the second miner only a tenth is supported, so the minority's weight is cut to that.
    assert_eq!(board.miners[1].consensus, ONE_WEIGHT / 10);
    assert_eq!(board.validators[1].trust, ONE_WEIGHT / 10);
    let dividends = board.validators[..2].iter().map(|validator| validator.pending.0).collect::<Vec<_>>();
    assert!(dividends[1] < 500_000 / 10, "{dividends:?}");
}

#[test]
fn without_a_reveal_nothing_is_scored_or_paid() {
    let mut board = board(2, 2, USUAL);
    run(&mut board, &[None, None], 1);
    assert_eq!(payout::divide(&mut board, Tokens(1_000)).unwrap(), Tokens::ZERO);
    assert_eq!(payout::claims(&board).count(), 0);
}

#[test]
fn silence_is_paid_to_nobody() {
    let row = || Some((1, vec![1, 1]));
    let mut board = board(2, 2, USUAL);
    run(&mut board, &[row(), row()], 256);
    run(&mut board, &[row(), None], 256);
    let paid = payout::divide(&mut board, Tokens(1_000_000)).unwrap();
    // Nine tenths of the bonds are of the first epoch, in which both had half of them.
    assert_eq!((board.validators[0].pending, board.validators[1].pending), (Tokens(275_000), Tokens(0)));
    assert_eq!(paid, Tokens(775_000));
}

#[test]
fn a_root_that_did_not_become_active_is_forgotten() {
    let row = || Some((1, vec![1, 1]));
    let mut board = board(2, 2, USUAL);
    for (became_active, total) in [(true, 250), (false, 250), (true, 500)] {
        run(&mut board, &[row(), row()], 256);
        payout::divide(&mut board, Tokens(1_000)).unwrap();
        assert_eq!(payout::claims(&board).next().unwrap().total.0, board.miners[0].total.0 + 250);
        payout::decide(&mut board, became_active).unwrap();
        assert_eq!(board.miners[0].total, Tokens(total));
    }
}

#[test]
fn a_full_board_gives_its_least_place_to_more_stake() {
    let newcomer = |stake| Validator { stake: Tokens(stake), status: status::ENROLLED, ..Validator::default() };
    let mut board = board(0, 1, USUAL);
    for place in 0..MAX_VALIDATORS {
        epoch::enroll(&mut board, place, newcomer(100 + place as u64)).unwrap();
    }
    board.bonds[0] = [7; MAX_VALIDATORS];
    assert!(epoch::enroll(&mut board, 0, newcomer(100)).is_err(), "no more than the least");
    assert!(epoch::enroll(&mut board, 1, newcomer(1_000)).is_err(), "not the least");
    assert!(epoch::enroll(&mut board, MAX_VALIDATORS, newcomer(1_000)).is_err(), "no place");
    epoch::enroll(&mut board, 0, newcomer(1_000)).unwrap();
    assert_eq!((board.bonds[0][0], board.bonds[0][1]), (0, 7));
    // Who did not reveal is the least.
    epoch::begin(&mut board, Timestamp(0));
    epoch::end(&mut board, Timestamp(0));
    epoch::enroll(&mut board, 9, newcomer(1)).unwrap();
}

#[test]
fn a_new_miner_has_neither_bonds_nor_earnings_of_the_one_before() {
    let row = || Some((1, vec![1, 1]));
    let mut board = board(2, 2, USUAL);
    run(&mut board, &[row(), row()], 256);
    payout::divide(&mut board, Tokens(1_000)).unwrap();
    epoch::set_miner(&mut board, 0, &key(2, 9));
    assert_eq!(board.bonds[0], [0; MAX_VALIDATORS]);
    assert_ne!(board.bonds[1], [0; MAX_VALIDATORS]);
    assert!(payout::claims(&board).all(|claim| claim.claimant != key(2, 9)));
}

#[test]
fn a_row_is_for_miners_alone() {
    let mut board = board(1, 2, USUAL);
    epoch::begin(&mut board, Timestamp(0));
    let mut reveal = |row: &[u8]| epoch::reveal(&mut board, 0, row, Tokens(1));
    for row in [&[][..], &[0, 0, 0, 0], &[1], &[0, 0, 1, 0, 1, 0], &[1; 2 * MAX_MINERS + 2]] {
        assert!(reveal(row).is_err(), "{row:?}");
    }
    reveal(&[0, 1]).unwrap();
}

#[test]
fn the_largest_numbers_fit() {
    let rows: Vec<_> = (0..MAX_VALIDATORS).map(|_| Some((u64::MAX / 64, vec![u16::MAX; MAX_MINERS]))).collect();
    compare(USUAL, MAX_MINERS, &[rows.clone(), rows], 256);
    compare(USUAL, 1, &[vec![Some((u64::MAX, vec![u16::MAX]))]], 256);
    let mut board = board(2, 1, USUAL);
    epoch::begin(&mut board, Timestamp(0));
    for place in 0..2 {
        board.validators[place].stake = Tokens::MAX;
    }
    epoch::reveal(&mut board, 0, &[1, 0], Tokens::MAX).unwrap();
    assert!(epoch::reveal(&mut board, 1, &[1, 0], Tokens(1)).is_err(), "no more stake than tokens can be");
}
