//! The page about who is gone, `programs/NOTHING-STUCK.md`, knows every account and state, and what anyone can call.

use {
    super::PROGRAMS,
    joule_interface::ProgramSpec,
    joule_keeper::due::{SENDS, TAKES},
    std::collections::{BTreeMap, BTreeSet},
};

const PAGE: &str = include_str!("../../../../programs/NOTHING-STUCK.md");

/// The values that are states, of which account or part of one.
const STATES: [(&str, &str, &str); 7] = [
    ("stake", "status", "Provider"),
    ("escrow", "job_state", "Job"),
    ("escrow", "game_phase", "Game"),
    ("escrow", "gang_state", "Gang"),
    ("escrow", "panel_state", "Panel"),
    ("escrow", "replica_state", "Replica"),
    ("identity", "status", "Node"),
];
/// The values that are something else.
const OTHERS: [(&str, &str); 20] = [
    ("bme", "source"),
    ("stake", "outcome"),
    ("stake", "rights"),
    ("stake", "seizure"),
    ("stake", "sentence"),
    ("escrow", "pricing"),
    ("escrow", "matching"),
    ("escrow", "side"),
    ("escrow", "issuer_power"),
    ("escrow", "outcome"),
    ("escrow", "scheme"),
    ("escrow", "statement"),
    ("escrow", "stopped_by"),
    ("escrow", "verification_kind"),
    ("escrow", "tip"),
    ("escrow", "hot_right"),
    ("escrow", "panel_tip"),
    ("escrow", "game_tip"),
    ("escrow", "report"),
    ("identity", "control"),
];
/// Who may sign for anyone's call; the program, if that is so in one only once its time has come.
const ANYONE: [&str; 3] = ["payer", "caller", "signer"];
const IN_TIME: [(&str, &str); 3] = [("stake", "CancelPolicy"), ("stake", "ReleaseBond"), ("identity", "ReinstateNode")];

/// What anyone may call, and the keeper does not: it needs to know more than accounts say.
const NOT_KEPT: [(&str, &str, &str); 4] = [
    ("escrow", "RedeemVoucher", "the client's last voucher"),
    ("escrow", "ProveStep", "what the verifier needs is whoever's who ran the job"),
    ("identity", "ChallengeNode", "a proof of the leaf"),
    ("identity", "SyncNode", "a proof of the leaf"),
];

/// Bytes of a token account, and what an account costs for each byte and for 128 more.
const TOKEN_ACCOUNT: usize = 165;
const LAMPORTS_A_BYTE: usize = 6_960;

/// A line of a program's table.
struct Row {
    kind: &'static str,
    states: Vec<&'static str>,
    /// What anyone can do.
    calls: &'static str,
    /// Whether something of the account stays.
    stays: bool,
}

fn section(program: &ProgramSpec) -> &'static str {
    let (_, rest) = PAGE.split_once(&format!("\n## {}\n", program.name)).expect("each program has a section");
    rest.split_once("\n## ").map_or(rest, |(section, _)| section)
}

fn rows(program: &ProgramSpec) -> Vec<Row> {
    let lines = section(program).lines().filter(|line| line.starts_with("| `"));
    lines
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let [account, _, _, calls, left] = cells[..] else { panic!("five columns: {line}") };
            let (kind, states) = account[1..].split_once('`').expect("a name in backticks");
            let states = states.split(", ").map(str::trim).filter(|state| state.chars().any(char::is_uppercase));
            Row { kind, states: states.collect(), calls, stays: !left.starts_with('–') }
        })
        .collect()
}

/// Accounts of which something stays, and that nobody opens in the year.
const NOT_IN_THE_YEAR: [&str; 3] = ["bme.Auction", "bme.DollarShard", "escrow.Keys"];

/// The others of which something stays, by program and name.
pub(super) fn what_stays() -> BTreeSet<String> {
    let names = |program: &ProgramSpec| {
        let rows = rows(program).into_iter().filter(|row| row.stays);
        rows.map(|row| format!("{}.{}", program.name, row.kind)).collect::<Vec<_>>()
    };
    PROGRAMS.iter().flat_map(names).filter(|name| !NOT_IN_THE_YEAR.contains(&name.as_str())).collect()
}

#[test]
fn the_page_has_every_account_in_every_state() {
    for program in &PROGRAMS {
        let mut expected: BTreeMap<&str, BTreeSet<&str>> =
            program.accounts.iter().map(|(_, account)| (account.name, BTreeSet::new())).collect();
        for values in program.values {
            if let Some((.., kind)) = STATES.iter().find(|(name, of, _)| (*name, *of) == (program.name, values.name)) {
                expected.insert(kind, values.values.iter().map(|value| value.name).collect());
            } else {
                let is_known = OTHERS.contains(&(program.name, values.name));
                assert!(is_known, "is {} of {} a state? then the page has it", values.name, program.name);
            }
        }
        let mut found = BTreeMap::<&str, BTreeSet<&str>>::new();
        for row in rows(program) {
            let states = found.entry(row.kind).or_default();
            for state in row.states {
                assert!(states.insert(state), "{} {state} stands twice", row.kind);
            }
        }
        assert_eq!(found, expected, "of {}", program.name);
    }
}

/// Rents that never return are named, with what they cost.
#[test]
fn what_lives_for_ever_costs_what_the_page_says() {
    let (_, rest) = PAGE.split_once("\n## What lives for ever\n").expect("the section");
    let rows: Vec<_> = rest.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| account")).collect();
    for row in &rows {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [account, bytes, lamports, _] = cells[..] else { panic!("four columns: {row}") };
        let name = account.split('`').nth(1);
        let kind = name.and_then(|name| PROGRAMS[0].accounts.iter().find(|(_, account)| account.name == name));
        let size = kind.map_or(TOKEN_ACCOUNT, |(_, account)| account.size);
        assert_eq!(bytes.parse(), Ok(size), "{account}");
        assert_eq!(lamports.parse(), Ok((128 + size) * LAMPORTS_A_BYTE), "{account}");
    }
    assert_eq!(rows.len(), 14);
}

#[test]
fn what_the_page_lets_anyone_call_needs_nobody_s_signature() {
    let named =
        |text: &'static str| text.split('`').skip(1).step_by(2).filter(|word| word.starts_with(char::is_uppercase));
    for program in &PROGRAMS {
        for (row, name) in rows(program).iter().flat_map(|row| named(row.calls).map(move |name| (row, name))) {
            // Its own program's first.
            let programs = [program].into_iter().chain(&PROGRAMS);
            let mut all =
                programs.flat_map(|one| one.instructions.iter().map(move |instruction| (one.name, instruction)));
            let found = all.find(|(_, instruction)| instruction.name == name);
            let (owner, instruction) = found.unwrap_or_else(|| panic!("{}: {name} is no instruction", row.kind));
            let signers = instruction.accounts.iter().filter(|account| account.signer && !account.optional);
            let others: Vec<_> = signers.map(|account| account.name).filter(|name| !ANYONE.contains(name)).collect();
            assert!(others.is_empty() || IN_TIME.contains(&(owner, name)), "{name} asks for {others:?}");
        }
        // And the other way round.
        for instruction in program.instructions {
            let is_anyone_s = !instruction.accounts.iter().any(|account| account.signer);
            let is_named = section(program).contains(&format!("`{}`", instruction.name));
            assert!(is_named || !is_anyone_s, "anyone can call {}, and the page does not say it", instruction.name);
        }
    }
}

/// The keeper sends all that the page lets anyone call, and nothing that is somebody's.
#[test]
fn the_keeper_sends_what_the_page_lets_anyone_call() {
    let named =
        |text: &'static str| text.split('`').skip(1).step_by(2).filter(|word| word.starts_with(char::is_uppercase));
    let sends = |program: &str, name: &str| {
        TAKES.contains(&(program, name)) || SENDS.iter().any(|(of, names)| *of == program && names.contains(&name))
    };
    let mut excused = BTreeSet::new();
    for program in &PROGRAMS {
        for name in rows(program).iter().flat_map(|row| named(row.calls)) {
            // Another program's, whose own section has it.
            let is_own = program.instructions.iter().any(|instruction| instruction.name == name);
            let is_excused = NOT_KEPT.iter().any(|(of, not_kept, _)| (*of, *not_kept) == (program.name, name));
            if is_excused {
                excused.insert(name);
            }
            let is_kept = is_excused || sends(program.name, name);
            assert!(!is_own || is_kept, "nobody sends {} {name}", program.name);
            assert!(!(is_excused && sends(program.name, name)), "{name} is excused, and sent");
        }
        let (_, names) = SENDS.iter().find(|(of, _)| *of == program.name).expect("every program has something");
        for name in *names {
            let is_named = section(program).contains(&format!("`{name}`"));
            let is_there = program.instructions.iter().any(|instruction| instruction.name == *name);
            assert!(is_there, "{name} is no instruction of {}", program.name);
            // A slash for lost games is proposed, not waited for.
            assert!(is_named || *name == "ProposeGameSlash", "{name} of {} is not on the page", program.name);
        }
    }
    assert_eq!(excused.len(), NOT_KEPT.len());
}
