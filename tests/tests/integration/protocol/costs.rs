//! What a network costs its operator a month, for the page about operating one; and that this page names every metric.

use {
    super::PROGRAMS,
    joule_keeper::metrics::METRICS,
    joule_tests::golden,
    std::{collections::BTreeMap, fmt::Write, fs, path::Path},
};

const PAGE: &str = "../idl/cookbook/operate-a-network.md";
const TRANSACTIONS: &str = include_str!("../../../golden/transactions.md");
const MARKS: [&str; 2] = ["<!-- costs -->\n", "<!-- end of costs -->"];

const LAMPORTS_A_BYTE: u64 = 5_080;
const OVERHEAD: u64 = 128;
const TOKEN_ACCOUNT: u64 = 165;
const SIGNATURE: u64 = 5_000;
/// The highest that a keeper pays by default, micro-lamports for a compute unit.
const PRICE: u64 = 100_000;
/// Things that a keeper sends in one transaction, and work shards that fit into one.
const ITEMS: u64 = 8;
const SHARDS: u64 = 16;
const DAYS: u64 = 30;
const DAY: u64 = 86_400;

/// A network.
struct Size {
    name: &'static str,
    providers: u64,
    jobs_a_day: u64,
    /// At a time.
    running: u64,
    shards: u64,
}

const SIZES: [Size; 3] = [
    Size { name: "small", providers: 10, jobs_a_day: 100, running: 10, shards: 1 },
    Size { name: "medium", providers: 300, jobs_a_day: 20_000, running: 300, shards: 4 },
    Size { name: "large", providers: 5_000, jobs_a_day: 500_000, running: 5_000, shards: 32 },
];

/// Lamports that accounts of a kind hold as rent.
fn rent(program: &str, account: &str) -> u64 {
    let program = PROGRAMS.iter().find(|it| it.name == program).expect("one of the programs");
    let (_, spec) = program.accounts.iter().find(|(_, spec)| spec.name == account).expect("an account of it");
    (OVERHEAD + spec.size as u64) * LAMPORTS_A_BYTE
}

/// Compute units of an instruction alone in a transaction.
fn units() -> BTreeMap<&'static str, u64> {
    let rows = TRANSACTIONS.lines().filter_map(|line| {
        let cells: Vec<&str> = line.strip_prefix("| ")?.split('|').map(str::trim).collect();
        Some((cells[0], cells.get(5)?.parse().ok()?))
    });
    rows.collect()
}

/// What a keeper sends in a month: transactions, and their compute units.
fn sent(size: &Size, units: &BTreeMap<&str, u64>) -> (u64, u64) {
    let of = |name: &str| units.get(name).copied().unwrap_or_else(|| panic!("{name} is in the table"));
    let jobs = size.jobs_a_day * DAYS;
    // One tick a minute, one price in a quarter of an hour.
    let (ticks, prices) = (DAYS * DAY / 60, DAYS * DAY / 900);
    // A day is an epoch. One of ten jobs is paid with credits that were bought for it, and a shard is burned once in a pass at most.
    let (epochs, accruals) = (DAYS * size.shards.div_ceil(SHARDS), DAYS * size.providers);
    let burns = (jobs / 10).min(DAYS * DAY / 30 * size.shards);
    let items = [
        ("escrow.settleBond", jobs),
        ("escrow.closeJob", jobs),
        ("bme.accrueWork", accruals),
        ("bme.sweepEpoch", DAYS),
        ("bme.burnTokens", burns),
        // A long job is paid once a day.
        ("escrow.settleJob", size.running * DAYS),
    ];
    let alone = [("escrow.tickClock", ticks), ("bme.updateAverage", prices), ("bme.closeEpoch", epochs)];
    let packed: u64 = items.iter().map(|(_, count)| count.div_ceil(ITEMS)).sum();
    let transactions = packed + alone.iter().map(|(_, count)| count).sum::<u64>();
    let all = items.iter().chain(&alone).map(|(name, count)| of(name) * count).sum();
    (transactions, all)
}

fn sol(lamports: u64) -> String {
    format!("{:.3}", lamports as f64 / 1e9)
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let parts: Vec<&str> = digits.as_bytes().rchunks(3).rev().map(|part| std::str::from_utf8(part).unwrap()).collect();
    parts.join(",")
}

fn table() -> String {
    let (units, vault) = (units(), (OVERHEAD + TOKEN_ACCOUNT) * LAMPORTS_A_BYTE);
    let operator = |size: &Size| {
        let once =
            [("bme", "Network"), ("bme", "OracleSet"), ("bme", "Spender"), ("stake", "Pool"), ("stake", "Rewards")];
        let more = [("stake", "Slasher"), ("escrow", "Market"), ("escrow", "Queue"), ("escrow", "Verification")];
        let more = more.into_iter().chain([("identity", "Registry"), ("identity", "Class"), ("identity", "Tree")]);
        let accounts: u64 = once.into_iter().chain(more).map(|(program, account)| rent(program, account)).sum();
        let a_shard = rent("bme", "BurnShard") + rent("bme", "WorkShard") + vault;
        // The vaults of rewards, of roots and of the pool; the accounts of stakers and treasury.
        accounts + 5 * vault + size.shards * a_shard
    };
    let others = |size: &Size| {
        let a_job = rent("escrow", "Job") + rent("stake", "Bond");
        let a_provider = rent("stake", "Provider") + rent("stake", "Delegation") + rent("bme", "ProviderWork");
        size.running * a_job + size.providers * a_provider
    };
    let paid = |size: &Size, price: u64| {
        let (transactions, units) = sent(size, &units);
        transactions * SIGNATURE + (units as u128 * price as u128 / 1_000_000) as u64
    };
    let mut text = format!("| |{}\n|---|{}\n", SIZES.map(|it| format!(" {} |", it.name)).concat(), "---:|".repeat(3));
    let mut row = |name: &str, cell: &dyn Fn(&Size) -> String| {
        let cells: String = SIZES.iter().map(|size| format!(" {} |", cell(size))).collect();
        writeln!(text, "| {name} |{cells}").unwrap();
    };
    row("providers", &|it| grouped(it.providers));
    row("jobs a day", &|it| grouped(it.jobs_a_day));
    row("jobs at a time", &|it| grouped(it.running));
    row("shards", &|it| grouped(it.shards));
    row("rents of the operator, once", &|it| sol(operator(it)));
    row("rents of clients and providers, while they use them", &|it| sol(others(it)));
    row("the keeper's transactions a month", &|it| grouped(sent(it, &units).0));
    row("the keeper, without priority fees", &|it| sol(paid(it, 0)));
    row("the keeper, at its highest price all month", &|it| sol(paid(it, PRICE)));
    row("`--lamports-a-day` for that", &|it| grouped(paid(it, PRICE).div_ceil(DAYS).next_multiple_of(1_000_000)));
    text
}

fn page() -> (String, std::path::PathBuf) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    (fs::read_to_string(&path).expect("the page is there"), path)
}

/// After a change: `JOULE_UPDATE_GOLDEN=1 cargo test -p joule-tests a_month_costs`.
#[test]
fn a_month_costs_what_the_page_says() {
    let (page, path) = page();
    let (before, rest) = page.split_once(MARKS[0]).expect("where the table begins");
    let (_, after) = rest.split_once(MARKS[1]).expect("where it ends");
    let now = format!("{before}{}{}{}{after}", MARKS[0], table(), MARKS[1]);
    if golden::updating() {
        fs::write(path, &now).unwrap();
    }
    assert!(golden::updating() || now == page, "the costs are others:\n{}", table());
}

#[test]
fn the_page_names_every_metric_of_the_keeper() {
    let (page, _) = page();
    let (_, watch) = page.split_once("\n## Watch it\n").expect("the section");
    let (watch, _) = watch.split_once("\n## ").expect("another one after it");
    let named = watch.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`').map(|(name, _)| name));
    let named: std::collections::BTreeSet<_> = named.collect();
    assert_eq!(named, METRICS.iter().map(|(name, ..)| *name).collect());
}
