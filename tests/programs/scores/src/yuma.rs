//! Yuma consensus, a column at a time, in integers.
//!
//! Stakes are whole. A weight is fixed point with 47 fractional bits, a rank with 62, a bond with 31. Divisions round down.

use {crate::state::MAX_VALIDATORS, joule_math::Bps};

/// One, as a weight.
pub const ONE_WEIGHT: u64 = 1 << WEIGHT_BITS;
/// One, as a bond.
pub const ONE_BOND: u64 = 1 << 31;

const WEIGHT_BITS: u32 = 47;
const RANK_BITS: u32 = 62;

/// A validator, as a column sees it. All zero: it did not reveal.
#[derive(Clone, Copy, Debug, Default)]
pub struct Voter {
    /// Its stake.
    pub stake: u64,
    /// Sum of its weights.
    pub row_sum: u32,
}

/// What a column says of a miner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Column {
    /// The largest weight that enough stake supports.
    pub consensus: u64,
    /// Stake-weighted mean of the weights cut at consensus, as a rank.
    pub rank: u64,
}

/// The column of one miner: consensus and rank; `bonds` becomes the new moving average, `clipped` the weights cut at consensus.
///
/// The stakes add up to `all`; neither `all` nor `support` is zero.
#[inline(never)]
pub fn column(
    voters: &[Voter; MAX_VALIDATORS],
    [all, support]: [u64; 2],
    weights: &[u16; MAX_VALIDATORS],
    bonds: &mut [u32; MAX_VALIDATORS],
    [penalty, speed]: [Bps; 2],
    clipped: &mut [u64; MAX_VALIDATORS],
) -> Column {
    let mut normal = [0; MAX_VALIDATORS];
    for ((normal, voter), weight) in normal.iter_mut().zip(voters).zip(weights) {
        // What stands here of one that did not reveal is of an earlier epoch.
        if *weight != 0 && voter.row_sum != 0 {
            *normal = ((*weight as u64) << WEIGHT_BITS) / voter.row_sum as u64;
        }
    }
    let consensus = median(voters, support, &normal);

    let kept = (Bps::WHOLE.0 - penalty.0) as u64;
    let mut instant = [0; MAX_VALIDATORS];
    // Of 64 bits and 47, and of no more than one weight in sum: 111.
    let (mut rank, mut instant_sum) = (0, 0);
    for i in 0..MAX_VALIDATORS {
        if normal[i] == 0 {
            continue;
        }
        let (stake, cut) = (voters[i].stake as u128, normal[i].min(consensus));
        let weighted = stake * cut as u128;
        // Of 47 bits and 14.
        let above = (normal[i] - cut) * kept / Bps::WHOLE.0 as u64;
        clipped[i] = cut;
        rank += weighted;
        instant[i] = if above == 0 { weighted } else { weighted + stake * above as u128 };
        instant_sum += instant[i];
    }
    // Where nobody with stake says anything, the average fades evenly, and is the same once its sum is one again.
    if instant_sum != 0 {
        average(bonds, &instant, instant_sum, speed);
    }
    Column { consensus, rank: ((rank << (RANK_BITS - WEIGHT_BITS)) / all as u128) as u64 }
}

/// The largest weight `w` such that those who give `w` or more have at least `support` of the stake; zero supports all.
#[inline(never)]
fn median(voters: &[Voter; MAX_VALIDATORS], support: u64, normal: &[u64; MAX_VALIDATORS]) -> u64 {
    let mut ballots = [0; MAX_VALIDATORS];
    let mut count = 0;
    for (place, weight) in normal.iter().enumerate().filter(|(_, weight)| **weight != 0) {
        ballots[count] = *weight << 8 | place as u64;
        count += 1;
    }
    let ballots = &mut ballots[..count];
    // The order among equal weights is of no effect: they are all supported, or none is.
    ballots.sort_unstable();
    let mut stake = 0;
    for ballot in ballots.iter().rev() {
        stake += voters[(ballot & 0xff) as usize].stake;
        if stake >= support {
            return ballot >> 8;
        }
    }
    0
}

/// Moves a column's bonds by `speed` towards the instant ones; both, and the result, as parts of one.
#[inline(never)]
fn average(bonds: &mut [u32; MAX_VALIDATORS], instant: &[u128; MAX_VALIDATORS], instant_sum: u128, speed: Bps) {
    let old_sum = bonds.iter().map(|bond| *bond as u128).sum();
    let (fresh, stale) = (speed.0 as u64, (Bps::WHOLE.0 - speed.0) as u64);
    let (of_instant, of_old) = (Parts::of(instant_sum), Parts::of(old_sum));
    let mut moved = [0; MAX_VALIDATORS];
    let mut sum = 0;
    for ((moved, instant), bond) in moved.iter_mut().zip(instant).zip(&*bonds) {
        *moved = fresh * of_instant.part(*instant) + stale * of_old.part(*bond as u128);
        sum += *moved as u128;
    }
    let of_all = Parts::of(sum);
    for (bond, moved) in bonds.iter_mut().zip(moved) {
        *bond = of_all.part(moved as u128) as u32;
    }
}

/// Parts of a sum, as bonds: of its 33 highest bits, so that a division of words will do.
struct Parts {
    shift: u32,
    sum: u64,
}

impl Parts {
    #[inline(always)]
    fn of(sum: u128) -> Self {
        let shift = 95u32.saturating_sub(sum.leading_zeros());
        // Of nothing, every part is nothing.
        Self { shift, sum: ((sum >> shift) as u64).max(1) }
    }

    #[inline(always)]
    fn part(&self, part: u128) -> u64 {
        (((part >> self.shift) as u64) << 31) / self.sum
    }
}
