//! The pages: throughput, its chart, and cost.

use {
    crate::{
        chart::{self, Line, Panel},
        life::Life,
        pack::{Chain, Demand, Sustained, cost, sustain},
    },
    std::fmt::Write,
};

/// What the pages are made for.
#[derive(Clone, Debug)]
pub struct Options {
    /// A chain's limits; the pages are for it and for one of twice the block.
    pub chain: Chain,
    /// Lamports of rent a byte.
    pub rent: u64,
    /// Dollars a SOL.
    pub sol: Vec<f64>,
    /// Priority fees, micro-lamports a compute unit.
    pub fees: Vec<u64>,
}

const CLIENTS: usize = 10_000;
const PROVIDERS: usize = 5_000;
const MARKETS: usize = 100;
const SHARDS: u64 = 8;

/// The files: name and text.
pub fn files(lives: &[Life], absent: &[String], options: &Options) -> Vec<(String, String)> {
    let (mut page, mut panels) = (String::new(), vec![]);
    let text = &mut page;
    let chains = [("mainnet", options.chain), ("doubled", Chain { block: 2 * options.chain.block, ..options.chain })];
    let Chain { block, account, slot, .. } = options.chain;
    write!(
        text,
        "# Throughput, on paper\n\nMade by `scripts/throughput` from the tables of compute units in `tests/golden` and from \
         `scripts/packer/lives.txt`, which says what a life is made of. Blocks of {} million cost units every {slot} ms \
         (\"mainnet\"), and twice that (\"doubled\"); what writes one account takes {account} % of a block at most. All of a block is \
         taken to be Joule's. A rate is sustained if nothing piles up in {} slots.\n\n## Lives\n\n\
         | life | transactions | compute units | cost units | bytes |\n|---|---:|---:|---:|---:|\n",
        block / 1_000_000,
        crate::pack::SLOTS
    )
    .expect("text");
    for life in lives {
        let sum = |of: fn(&crate::life::Step) -> u64| life.steps.iter().map(|step| of(step) * step.times).sum::<u64>();
        let (count, units, cost, bytes) =
            (sum(|_| 1), sum(|step| step.row.units), sum(cost), sum(|step| step.row.bytes));
        writeln!(text, "| {}: {} | {count} | {units} | {cost} | {bytes} |", life.name, life.docs).expect("text");
    }
    for line in absent {
        writeln!(text, "\nLeft out: {line}.").expect("text");
    }

    text.push_str("\n## Who the jobs are of\n\n| demand | chain | jobs a second | blocks full, % | busiest account, % of what it may | binds |\n|---|---|---:|---:|---|---|\n");
    for (name, demand, shards) in demands(lives) {
        for (chain_name, chain) in &chains {
            let found = sustain(&Chain { shards, ..*chain }, &demand);
            row(text, &format!("{name} | {chain_name}"), &found);
        }
    }

    for life in lives {
        let even = || Demand {
            lives: vec![life.clone()],
            clients: (CLIENTS, 0.0),
            providers: (PROVIDERS, 0.0),
            markets: (MARKETS, 0.0),
        };
        type Vary = fn(&mut Demand, &mut Chain, usize);
        let kinds: [(&str, Vary); 4] = [
            ("shards", |_, chain, count| chain.shards = count as u64),
            ("providers", |demand, _, count| demand.providers.0 = count),
            ("markets", |demand, _, count| demand.markets.0 = count),
            ("clients", |demand, _, count| demand.clients.0 = count),
        ];
        for (kind, vary) in kinds {
            let counts = [1, 2, 4, 8, 16, 32];
            let runs = chains.map(|(name, chain)| {
                let found = counts.map(|count| {
                    let (mut demand, mut chain) = (even(), Chain { shards: SHARDS, ..chain });
                    vary(&mut demand, &mut chain, count);
                    sustain(&chain, &demand)
                });
                (name, found)
            });
            // What makes no difference is not shown.
            let (first, last) = (runs[1].1[0].jobs, runs[1].1[counts.len() - 1].jobs);
            if last < first * 1.05 {
                continue;
            }
            write!(text, "\n## `{}` by {kind}\n\n| {kind} | chain | jobs a second | blocks full, % | busiest account, % of what it may | binds |\n|---:|---|---:|---:|---|---|\n", life.name).expect("text");
            for (place, count) in counts.iter().enumerate() {
                for (name, found) in &runs {
                    row(text, &format!("{count} | {name}"), &found[place]);
                }
            }
            let lines = runs.map(|(name, found)| Line {
                name,
                points: counts.iter().zip(&found).map(|(count, found)| (*count as f64, found.jobs)).collect(),
            });
            panels.push(Panel { title: format!("{}: jobs a second, by {kind}", life.name), lines: lines.to_vec() });
        }
    }
    vec![
        ("throughput.md".into(), page),
        ("throughput.svg".into(), chart::draw("Jobs a second that can be sustained", &panels)),
        ("cost.md".into(), costs(lives, options)),
    ]
}

fn row(text: &mut String, head: &str, found: &Sustained) {
    let Sustained { jobs, block, account: (name, part) } = found;
    writeln!(text, "| {head} | {jobs:.0} | {block:.0} | {name}, {part:.0} | {} |", found.binds()).expect("text");
}

/// The demands that are told of, with the number of the network's shards.
fn demands(lives: &[Life]) -> Vec<(String, Demand, u64)> {
    let mut all = vec![];
    let even = |lives: Vec<Life>| Demand {
        lives,
        clients: (CLIENTS, 0.0),
        providers: (PROVIDERS, 0.0),
        markets: (MARKETS, 0.0),
    };
    for life in lives {
        let demand = even(vec![life.clone()]);
        let name = &life.name;
        all.push((format!("{name}, evenly"), demand.clone(), SHARDS));
        all.push((format!("{name}, Zipf by client"), Demand { clients: (CLIENTS, 1.0), ..demand.clone() }, SHARDS));
        all.push((
            format!("{name}, Zipf by provider"),
            Demand { providers: (PROVIDERS, 1.0), ..demand.clone() },
            SHARDS,
        ));
        if life.steps.iter().any(|step| step.writes.contains(&crate::life::Account::Queue)) {
            all.push((format!("{name}, Zipf by market"), Demand { markets: (MARKETS, 1.0), ..demand.clone() }, SHARDS));
            all.push((format!("{name}, all through one queue"), Demand { markets: (1, 0.0), ..demand }, SHARDS));
        }
    }
    if lives.len() > 1 {
        all.push(("all lives in turn, evenly".into(), even(lives.to_vec()), SHARDS));
    }
    all
}

/// Lamports of a signature.
const SIGNATURE: u64 = 5_000;
/// An account for each heartbeat would hold the job, the time and a hash.
const HEARTBEAT_ACCOUNT: u64 = 128 + 8 + 32 + 8 + 32;
/// A transaction that makes such an account: a transfer, an allocation, an assignment by the runtime's own price of a call,
/// and a derived address.
const HEARTBEAT_UNITS: u64 = 1_500 + 946 + 150 + 200;
const HEARTBEATS: u64 = 60;

fn costs(lives: &[Life], options: &Options) -> String {
    let mut text = format!(
        "# What a job costs on chain\n\nMade by `scripts/throughput` from the same tables. {SIGNATURE} lamports a signature; the priority \
         fee is for the compute units that are executed (ask for no more); rent is {} lamports a byte, accounts with the runtime's 128 \
         bytes each. What is locked comes back when accounts are closed, or serves the next job.\n\n\
         | life | transactions | signatures | compute units | rent locked, SOL | returned at the end, SOL |",
        options.rent
    );
    for sol in &options.sol {
        for fee in &options.fees {
            write!(text, " ${sol:.0} a SOL, {fee} µlamports |").expect("text");
        }
    }
    text.push_str("\n|---|---:|---:|---:|---:|---:|");
    text.push_str(&"---:|".repeat(options.sol.len() * options.fees.len()));
    text.push('\n');
    let mut line = |name: &str, count: u64, signatures: u64, units: u64, locked: u64, back: u64| {
        let lamports = |bytes: u64| (bytes * options.rent) as f64 / 1e9;
        write!(text, "| {name} | {count} | {signatures} | {units} | {:.6} | {:.6} |", lamports(locked), lamports(back))
            .expect("text");
        for sol in &options.sol {
            for fee in &options.fees {
                let paid = (signatures * SIGNATURE) as f64 + (units * fee) as f64 / 1e6;
                write!(text, " {:.5} |", paid / 1e9 * sol).expect("text");
            }
        }
        text.push('\n');
    };
    for life in lives {
        let sum =
            |of: &dyn Fn(&crate::life::Step) -> u64| life.steps.iter().map(|step| of(step) * step.times).sum::<u64>();
        let (count, signatures) = (sum(&|_| 1), sum(&|step| step.signatures));
        let units = sum(&|step| step.row.units);
        let locked = sum(&|step| step.row.rent.max(0) as u64);
        let back = sum(&|step| (-step.row.rent).max(0) as u64);
        line(&life.name, count, signatures, units, locked, back);
        // The same job with a heartbeat each minute of an hour: ours, where it has them, and an account for each.
        let beat = life.steps.iter().find(|step| step.times > 1);
        if let Some(beat) = beat {
            let more = HEARTBEATS - beat.times;
            let name = format!("{}, with {HEARTBEATS} of `{}`", life.name, beat.name);
            let (signs, row) = (beat.signatures * more, beat.row.units * more);
            line(&name, count + more, signatures + signs, units + row, locked, back);
            let name = format!("{}, with an account and a transaction for each of {HEARTBEATS} heartbeats", life.name);
            let (count, signatures) = (count - beat.times, signatures - beat.signatures * beat.times);
            let units = units - beat.row.units * beat.times + HEARTBEATS * HEARTBEAT_UNITS;
            let (made, signs) = (HEARTBEATS * HEARTBEAT_ACCOUNT, HEARTBEATS * beat.signatures);
            line(&name, count + HEARTBEATS, signatures + signs, units, locked + made, back);
        }
    }
    text.push_str(
        "\nAn account for each heartbeat takes 128 + 80 bytes, and 2,796 compute units at the least: the address, the call to \
         create it, and little else. Its rent comes back only by as many transactions again.\n",
    );
    text
}
