//! Packs blocks as Solana's scheduler does.
//!
//! A leader takes transactions by priority until the block is full. It skips a transaction if the block has no room
//! left for an account that the transaction writes; the transaction then waits for the next block. Here jobs arrive at
//! an even rate and have the same priority, so the leader takes them in order of arrival. The sustained rate is the
//! highest one at which the queue of waiting transactions does not grow.

use {
    crate::life::{Account, Life, Step},
    rand_xoshiro::{
        SplitMix64,
        rand_core::{RngCore, SeedableRng},
    },
};

/// Limits of a chain.
#[derive(Clone, Copy, Debug)]
pub struct Chain {
    /// Most cost units of a block.
    pub block: u64,
    /// The part of a block, in percent, that the transactions which write one account may use together.
    pub account: u64,
    /// Milliseconds from one block to the next.
    pub slot: u64,
    /// Number of the network's work shards.
    pub shards: u64,
}

/// How jobs spread over lives, clients, providers and markets.
#[derive(Clone, Debug)]
pub struct Demand {
    /// Lives. Jobs take them in turn.
    pub lives: Vec<Life>,
    /// Number of clients, and the exponent of Zipf's law for the jobs of each. 0 gives all the same.
    pub clients: (usize, f64),
    /// The same for providers.
    pub providers: (usize, f64),
    /// The same for markets.
    pub markets: (usize, f64),
}

/// The sustained rate, and what limits it.
#[derive(Clone, Debug, PartialEq)]
pub struct Sustained {
    /// Jobs a second.
    pub jobs: f64,
    /// How full blocks are, percent.
    pub block: f64,
    /// The busiest account, and the part of its limit that it uses, percent.
    pub account: (&'static str, f64),
}

impl Sustained {
    /// What limits the rate: the block or an account.
    pub fn limited_by(&self) -> &'static str {
        if self.block >= self.account.1 { "block" } else { self.account.0 }
    }
}

/// Cost of a transaction by the runtime's cost model: 720 for each signature, 300 for each written account, 1 for every
/// four bytes of instruction data, the compute units, 150 for each of three compute budget instructions, and 8 for
/// every 32 KiB of loaded accounts and programs (1 MiB). All bytes of the transaction count as instruction data, so it
/// is a little high.
pub fn cost(step: &Step) -> u64 {
    720 * step.signatures + 300 * step.writes.len() as u64 + step.row.bytes / 4 + step.row.units + 3 * 150 + 8 * 32
}

/// Finds the sustained rate.
pub fn sustain(chain: &Chain, demand: &Demand) -> Sustained {
    let a_job = demand.lives.iter().flat_map(|life| &life.steps).map(|step| cost(step) * step.times).sum::<u64>();
    let most = chain.block as f64 * demand.lives.len() as f64 / a_job as f64;
    // A search between zero and full blocks, to 0.5 % of full blocks or 1 % of the rate.
    let (mut low, mut high) = (0.0, most);
    if run(chain, demand, most * 0.995).is_some() {
        low = most * 0.995;
    } else {
        while high - low > most / 200.0 && high - low > high / 100.0 {
            let middle = (low + high) / 2.0;
            if run(chain, demand, middle).is_some() { low = middle } else { high = middle }
        }
    }
    let (block, account) = run(chain, demand, low).unwrap_or((0.0, ("nothing", 0.0)));
    let jobs = demand.lives.iter().map(|life| life.jobs).sum::<u64>() as f64 / demand.lives.len() as f64;
    Sustained { jobs: low * jobs * 1_000.0 / chain.slot as f64, block, account }
}

/// How many slots are packed.
pub const SLOTS: usize = 40;

/// Packs blocks while `rate` jobs arrive in each slot. Says how full they were, and which account was nearest to its
/// limit, both in percent. `None` if the queue grew.
fn run(chain: &Chain, demand: &Demand, rate: f64) -> Option<(f64, (&'static str, f64))> {
    let limit = chain.block * chain.account / 100;
    // The same numbers in every run.
    let mut draw = SplitMix64::seed_from_u64(0x9e37_79b9_7f4a_7c15);
    let who = [demand.clients, demand.providers, demand.markets].map(|(count, exponent)| Zipf::new(count, exponent));
    let steps: Vec<(&Step, u64, usize)> = demand
        .lives
        .iter()
        .enumerate()
        .flat_map(|(life, steps)| steps.steps.iter().map(move |step| (life, step)))
        .flat_map(|(life, step)| (0..step.times).map(move |_| (step, cost(step), life)))
        .collect();
    let mut waiting: Vec<(u32, [u32; 4])> = vec![];
    let a_slot = rate * steps.len() as f64 / demand.lives.len() as f64;
    let (mut arrived, mut used, mut before) = (0.0, 0, 0);
    // Each account has an index; the accounts of one kind are neighbours.
    let mut kinds: Vec<Account> = steps.iter().flat_map(|(step, ..)| &step.writes).copied().collect();
    kinds.sort();
    kinds.dedup();
    kinds.retain(|kind| *kind != Account::Job);
    let many = kinds.iter().map(|kind| match kind {
        Account::Client(_) => demand.clients.0,
        Account::Provider(_) => demand.providers.0,
        Account::Queue => demand.markets.0,
        Account::Shard => chain.shards as usize,
        Account::Crank => CRANKS,
        Account::Job => 0,
    });
    let mut first = vec![];
    let all = many.fold(0, |sum, count| {
        first.push(sum);
        sum + count
    });
    let locks: Vec<Vec<(Account, usize)>> = steps
        .iter()
        .map(|(step, ..)| {
            let known = |account: &Account| Some((*account, first[kinds.iter().position(|kind| kind == account)?]));
            step.writes.iter().filter_map(known).collect()
        })
        .collect();
    let (mut taken, mut taken_in_all) = (vec![0; all], vec![0; all]);
    for slot in 0..SLOTS {
        let from = arrived as u64;
        arrived += rate;
        for job in from..arrived as u64 {
            let who = [0, 1, 2].map(|kind: usize| who[kind].pick(&mut draw));
            let life = (job % demand.lives.len() as u64) as usize;
            for (index, (_, _, of)) in steps.iter().enumerate() {
                if *of == life {
                    let any = (draw.next_u64() >> 32) as u32;
                    waiting.push((index as u32, [who[0], who[1], who[2], any]));
                }
            }
        }
        // The first half of the slots fills the queue as a long run would; only the second half counts.
        if slot == SLOTS / 2 {
            before = waiting.len();
            used = 0;
            taken_in_all.fill(0);
        }
        let mut block = 0;
        taken.fill(0);
        waiting.retain(|(index, who)| {
            let (cost, locks) = (steps[*index as usize].1, &locks[*index as usize]);
            let place = |(account, first): &(Account, usize)| {
                first
                    + match account {
                        Account::Client(_) => who[0] as usize,
                        Account::Provider(_) => who[1] as usize,
                        Account::Queue => who[2] as usize,
                        Account::Shard => who[3] as usize % chain.shards as usize,
                        Account::Crank => who[3] as usize % CRANKS,
                        Account::Job => 0,
                    }
            };
            if block + cost > chain.block || locks.iter().any(|lock| taken[place(lock)] + cost > limit) {
                return true;
            }
            block += cost;
            for lock in locks {
                taken[place(lock)] += cost;
            }
            false
        });
        used += block;
        for (sum, cost) in taken_in_all.iter_mut().zip(&taken) {
            *sum += cost;
        }
        // So long a queue does not shrink again.
        if waiting.len() as f64 > 5.0 * a_slot {
            return None;
        }
    }
    // The queue may vary by 5 % of a slot's transactions.
    if waiting.len() as f64 > before as f64 + a_slot / 20.0 {
        return None;
    }
    let slots = (SLOTS - SLOTS / 2) as f64;
    let percent = |cost: u64, of: u64| 100.0 * cost as f64 / slots / of as f64;
    let hottest = (0..all).max_by_key(|place| (taken_in_all[*place], all - place));
    let hottest = hottest.map_or(("nothing", 0.0), |place| {
        let kind = kinds[first.partition_point(|from| *from <= place) - 1];
        (kind.name(), percent(taken_in_all[place], limit))
    });
    Some((percent(used, chain.block), hottest))
}

/// Number of keepers' wallets.
const CRANKS: usize = 64;

/// Picks a number below `count`: the n-th has `1 / n^exponent` of the chance of the first.
struct Zipf(Vec<f64>);

impl Zipf {
    fn new(count: usize, exponent: f64) -> Self {
        let mut sum = 0.0;
        Self(
            (1..=count)
                .map(|place| {
                    sum += (place as f64).powf(-exponent);
                    sum
                })
                .collect(),
        )
    }

    fn pick(&self, draw: &mut SplitMix64) -> u32 {
        let all = self.0.last().copied().unwrap_or(1.0);
        let at = (draw.next_u64() >> 11) as f64 / (1u64 << 53) as f64 * all;
        self.0.partition_point(|sum| *sum <= at) as u32
    }
}

#[cfg(test)]
mod tests {
    use {super::*, crate::table::Row};

    fn demand(writes: Vec<Account>, clients: usize) -> Demand {
        let row = Row { units: 8_000, bytes: 400, rent: 0 };
        let step = Step { name: String::new(), row, times: 1, signatures: 1, writes };
        let life = Life { name: String::new(), docs: String::new(), jobs: 1, steps: vec![step] };
        Demand { lives: vec![life], clients: (clients, 0.0), providers: (1, 0.0), markets: (1, 0.0) }
    }

    const CHAIN: Chain = Chain { block: 10_000_000, account: 40, slot: 200, shards: 1 };

    #[test]
    fn only_the_block_binds_what_shares_nothing() {
        let demand = demand(vec![Account::Job], 1);
        let a_block = CHAIN.block / cost(&demand.lives[0].steps[0]);
        let found = sustain(&CHAIN, &demand);
        assert_eq!(found.limited_by(), "block");
        assert!((found.jobs / 5.0 - a_block as f64).abs() < a_block as f64 / 50.0, "{found:?}");
    }

    #[test]
    fn an_account_that_all_write_takes_its_part_of_the_block() {
        let alone = sustain(&CHAIN, &demand(vec![Account::Job], 1)).jobs;
        for (clients, part) in [(1, 0.4), (2, 0.8), (50, 1.0)] {
            let found = sustain(&CHAIN, &demand(vec![Account::Client("deposit")], clients));
            assert!((found.jobs / alone - part).abs() < 0.06, "{clients}: {found:?} of {alone}");
            assert_eq!(found.limited_by() == "block", part == 1.0, "{found:?}");
        }
    }

    #[test]
    fn the_first_is_picked_most_often() {
        let (zipf, mut draw) = (Zipf::new(100, 1.0), SplitMix64::seed_from_u64(1));
        let mut counts = [0; 100];
        (0..100_000).for_each(|_| counts[zipf.pick(&mut draw) as usize] += 1);
        // One part of the sum of 1 / n up to 100, 5.19.
        assert!((18_500..20_000).contains(&counts[0]), "{}", counts[0]);
        assert!(counts[99] > 100 && counts[99] < 300, "{}", counts[99]);
    }
}
