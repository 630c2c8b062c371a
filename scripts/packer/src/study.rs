//! Writes the pages: throughput, its chart, and cost.

use {
    crate::{
        life::Life,
        pack::{Chain, Demand, Sustained, cost, sustain},
    },
    joule_chart::{Line, Panel, Scale},
    std::fmt::Write,
};

/// What the pages assume.
#[derive(Clone, Debug)]
pub struct Options {
    /// Limits of the chain. The pages also show a chain with blocks of twice the size.
    pub chain: Chain,
    /// Rent, lamports a byte.
    pub rent: u64,
    /// Prices of a SOL, dollars.
    pub sol: Vec<f64>,
    /// Priority fees, micro-lamports a compute unit.
    pub fees: Vec<u64>,
}

const CLIENTS: usize = 10_000;
const PROVIDERS: usize = 5_000;
const MARKETS: usize = 100;
const SHARDS: u64 = 8;

/// The files, by name.
pub fn files(lives: &[Life], absent: &[String], options: &Options) -> Vec<(String, String)> {
    let (mut page, mut panels) = (String::new(), vec![]);
    let text = &mut page;
    let chains = [("mainnet", options.chain), ("doubled", Chain { block: 2 * options.chain.block, ..options.chain })];
    let Chain { block, account, slot, .. } = options.chain;
    write!(
        text,
        "# Throughput on paper\n\nMade by `scripts/throughput` from the tables of compute units in `tests/golden` and \
         from `scripts/packer/lives.txt`. A model packs blocks as Solana's scheduler does:\n\n\
         - \"mainnet\" has blocks of {} million cost units every {slot} ms, \"doubled\" has blocks of twice as many.\n\
         - The transactions that write one account may use {account} % of a block together.\n\
         - Blocks hold only Joule's transactions.\n\
         - A rate is sustained if the queue of waiting transactions does not grow in {} slots.\n\n\
         ![Jobs a second that can be sustained](throughput.svg)\n\n\
         ## Lives\n\nA life is all transactions of one job. Of a life in bulk, several jobs share them, and \
         the table has the part of each.\n\n\
         | life | transactions | compute units | cost units | bytes |\n|---|---:|---:|---:|---:|\n",
        block / 1_000_000,
        crate::pack::SLOTS
    )
    .expect("text");
    for life in lives {
        let sum = |of: fn(&crate::life::Step) -> u64| life.steps.iter().map(|step| of(step) * step.times).sum::<u64>();
        let (count, units, cost, bytes) =
            (sum(|_| 1), sum(|step| step.row.units), sum(cost), sum(|step| step.row.bytes));
        let [count, units, cost, bytes] = [count, units, cost, bytes].map(|sum| life.each(sum));
        writeln!(text, "| {}: {} | {count} | {units} | {cost} | {bytes} |", life.name, life.docs).expect("text");
    }
    for line in absent {
        writeln!(text, "\nLeft out: {line}.").expect("text");
    }

    write!(
        text,
        "\n## Jobs a second by demand\n\nJobs spread over {CLIENTS} clients, {PROVIDERS} providers and {MARKETS} \
         markets, in a network of {SHARDS} shards. They spread evenly, or by Zipf's law: then the n-th client, provider \
         or market has 1/n of the jobs of the first.\n\n| demand | chain | {COLUMNS} |\n|---|---|---:|---:|---|---|\n"
    )
    .expect("text");
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
            // A kind that makes no difference is left out.
            let (first, last) = (runs[1].1[0].jobs, runs[1].1[counts.len() - 1].jobs);
            if last < first * 1.05 {
                continue;
            }
            write!(
                text,
                "\n## `{}` by {kind}\n\n| {kind} | chain | {COLUMNS} |\n|---:|---|---:|---:|---|---|\n",
                life.name
            )
            .expect("text");
            for (place, count) in counts.iter().enumerate() {
                for (name, found) in &runs {
                    row(text, &format!("{count} | {name}"), &found[place]);
                }
            }
            let lines = runs.map(|(name, found)| Line {
                name: name.into(),
                points: counts.iter().zip(&found).map(|(count, found)| (*count as f64, found.jobs)).collect(),
            });
            panels.push(Panel {
                title: format!("Life {}, by the number of {kind}", life.name),
                scale: Scale::Log2,
                x: kind.into(),
                y: "jobs a second".into(),
                lines: lines.to_vec(),
            });
        }
    }
    let subtitle = format!(
        "Mainnet has blocks of {} million cost units every {slot} ms. Doubled has blocks of twice as many.",
        block / 1_000_000
    );
    vec![
        ("throughput.md".into(), page),
        ("throughput.svg".into(), joule_chart::draw("Jobs a second that can be sustained", &subtitle, &panels)),
        ("cost.md".into(), costs(lives, options)),
    ]
}

const COLUMNS: &str = "jobs a second | block used, % | busiest account, % of its limit | limited by";

fn row(text: &mut String, head: &str, found: &Sustained) {
    let Sustained { jobs, block, account: (name, part) } = found;
    writeln!(text, "| {head} | {jobs:.0} | {block:.0} | {name}, {part:.0} | {} |", found.limited_by()).expect("text");
}

/// The demands on the page, with the number of shards.
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
    let single: Vec<Life> = lives.iter().filter(|life| life.jobs == 1).cloned().collect();
    if single.len() > 1 {
        all.push(("all lives of one job in turn, evenly".into(), even(single), SHARDS));
    }
    all
}

/// Fee of a signature, lamports.
const SIGNATURE: u64 = 5_000;
/// Bytes of an account for one heartbeat: the runtime's, a header, the job, the time and a hash.
const HEARTBEAT_ACCOUNT: u64 = 128 + 8 + 32 + 8 + 32;
/// Compute units to create it, at least: a derived address, a call, the System program, and the rest.
const HEARTBEAT_UNITS: u64 = 1_500 + 946 + 150 + 200;
const HEARTBEATS: u64 = 60;

/// What is asked for, and by how many.
const REQUESTS: u64 = 1_000_000;
const BUYERS: [u64; 4] = [1, 10, 100, 1_000];
/// Cost units of a signature that the Ed25519 program verifies.
const VERIFIED: u64 = 2_400;

/// The page of a million requests.
pub fn requests(lives: &[Life], options: &Options) -> String {
    let mut text = format!(
        "# Cost of a million requests\n\nMade by `scripts/throughput` from the tables of compute units in `tests/golden` and from \
         `scripts/packer/requests.txt`. Clients ask for {REQUESTS} requests in all, each client by a job of its own, and sign a \
         [voucher](../../../idl/cookbook/sell-by-the-request.md) for each. On chain only the last voucher of each job is redeemed: what that \
         costs depends on how many clients there are, and not on how many requests.\n\n\
         - \"settled\" counts the transaction that redeems each job's last voucher; \"in all\" also those that post, start, end and \
         close the job. To leave less unpaid at a time, redeem more often: \"settled\" rises in proportion.\n\
         - Signatures are those of transactions and of vouchers: each costs {SIGNATURE} lamports.\n\
         - Cost units are what a block counts, {VERIFIED} of them for each voucher.\n\
         - The last columns are the fees in dollars, at a price of SOL and a priority fee in micro-lamports a compute unit.\n\n\
         | paid in | clients | requests of each | | transactions | signatures | compute units | cost units | lamports |"
    );
    for sol in &options.sol {
        for fee in &options.fees {
            write!(text, " SOL at ${sol:.0}, priority fee {fee} |").expect("text");
        }
    }
    text.push_str("\n|---|---:|---:|---|---:|---:|---:|---:|---:|");
    text.push_str(&"---:|".repeat(options.sol.len() * options.fees.len()));
    text.push('\n');
    for life in lives {
        for buyers in BUYERS {
            for (name, all) in [("settled", false), ("in all", true)] {
                let steps = || life.steps.iter().filter(|step| all || redeems(step));
                let sum = |of: &dyn Fn(&crate::life::Step) -> u64| {
                    steps().map(|step| of(step) * step.times).sum::<u64>() * buyers
                };
                let vouchers = sum(&|step| redeems(step) as u64);
                let (count, signatures) = (sum(&|_| 1), sum(&|step| step.signatures) + vouchers);
                let (units, costs) = (sum(&|step| step.row.units), sum(&cost) + VERIFIED * vouchers);
                let lamports = signatures * SIGNATURE;
                let each = REQUESTS / buyers;
                write!(
                    text,
                    "| {} | {buyers} | {each} | {name} | {count} | {signatures} | {units} | {costs} | {lamports} |",
                    life.name
                )
                .expect("text");
                for sol in &options.sol {
                    for fee in &options.fees {
                        write!(text, " {:.4} |", (lamports as f64 + (units * fee) as f64 / 1e6) / 1e9 * sol)
                            .expect("text");
                    }
                }
                text.push('\n');
            }
        }
    }
    let (lamports, sol) = (REQUESTS * SIGNATURE, options.sol.first().copied().unwrap_or_default());
    write!(
        text,
        "\nIf each request were a transaction of its own with one signature, all of them would cost {lamports} lamports, {:.0} dollars at \
         ${sol:.0} a SOL, without a priority fee.\n",
        lamports as f64 / 1e9 * sol
    )
    .expect("text");
    text
}

fn redeems(step: &crate::life::Step) -> bool {
    step.name.starts_with("RedeemVoucher")
}

fn costs(lives: &[Life], options: &Options) -> String {
    let mut text = format!(
        "# Cost of a job on chain\n\nMade by `scripts/throughput` from the same tables as \
         [throughput.md](throughput.md).\n\n\
         - Fees: {SIGNATURE} lamports for each signature, and a priority fee for each compute unit that a transaction \
         requests. Here it requests exactly what it uses.\n\
         - Rent: {} lamports a byte; the runtime adds 128 bytes to each account. Rent returns when the account closes, \
         or the account serves the next job.\n\
         - The last columns are the fees of a job in dollars, at a price of SOL and a priority fee in micro-lamports a \
         compute unit.\n\n\
         | life | transactions | signatures | compute units | rent locked, SOL | rent returned, SOL |",
        options.rent
    );
    for sol in &options.sol {
        for fee in &options.fees {
            write!(text, " SOL at ${sol:.0}, priority fee {fee} |").expect("text");
        }
    }
    text.push_str("\n|---|---:|---:|---:|---:|---:|");
    text.push_str(&"---:|".repeat(options.sol.len() * options.fees.len()));
    text.push('\n');
    let mut line = |life: &Life, name: &str, count: u64, signatures: u64, units: u64, locked: u64, back: u64| {
        let lamports = |bytes: u64| (bytes * options.rent) as f64 / 1e9 / life.jobs as f64;
        let (locked, back) = (lamports(locked), lamports(back));
        let [count, signs, used] = [count, signatures, units].map(|sum| life.each(sum));
        write!(text, "| {name} | {count} | {signs} | {used} | {locked:.6} | {back:.6} |").expect("text");
        for sol in &options.sol {
            for fee in &options.fees {
                let paid = (signatures * SIGNATURE) as f64 + (units * fee) as f64 / 1e6;
                write!(text, " {:.5} |", paid / life.jobs as f64 / 1e9 * sol).expect("text");
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
        line(life, &life.name, count, signatures, units, locked, back);
        // The same job with its repeated transaction each minute of an hour, and with an account for each instead.
        let beat = life.steps.iter().find(|step| step.times > 1 && life.jobs == 1);
        if let Some(beat) = beat {
            let more = HEARTBEATS - beat.times;
            let name = format!("{}, with {HEARTBEATS} times `{}`", life.name, beat.name);
            let (signs, row) = (beat.signatures * more, beat.row.units * more);
            line(life, &name, count + more, signatures + signs, units + row, locked, back);
            let name = format!("{}, with a new account for each of {HEARTBEATS} heartbeats", life.name);
            let (count, signatures) = (count - beat.times, signatures - beat.signatures * beat.times);
            let units = units - beat.row.units * beat.times + HEARTBEATS * HEARTBEAT_UNITS;
            let (made, signs) = (HEARTBEATS * HEARTBEAT_ACCOUNT, HEARTBEATS * beat.signatures);
            line(life, &name, count + HEARTBEATS, signatures + signs, units, locked + made, back);
        }
    }
    write!(
        text,
        "\nAn account for a heartbeat has {HEARTBEAT_ACCOUNT} bytes and takes at least {HEARTBEAT_UNITS} compute units \
         to create. Its rent returns only if one more transaction closes it; the table does not count that one.\n",
    )
    .expect("text");
    text
}
