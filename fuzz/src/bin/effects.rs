//! Makes the table of what instructions write (`tests/effects`) of what checks saw on programs that are right.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::Path,
    process::ExitCode,
};

const HELP: &str = "usage: effects FOLDER

Makes tests/effects/*.txt of what `access` noted in FOLDER (JOULE_EFFECTS=FOLDER) on programs that are right: for each field that
an instruction writes, the fewest sources that explain all that was seen. What is new there is to be read against the programs' pages.";

/// Most values of a small number that are told apart.
const VALUES: usize = 12;
/// So often a thing has to be seen before what never happened is taken for impossible.
const OFTEN: u32 = 4;

fn main() -> ExitCode {
    let Some(folder) = env::args().nth(1).filter(|folder| !folder.starts_with('-')) else {
        println!("{HELP}");
        return ExitCode::SUCCESS;
    };
    // Of each field, each set of forms that fit at once, and how often.
    let mut seen: BTreeMap<String, BTreeMap<BTreeSet<String>, u32>> = BTreeMap::new();
    for file in fs::read_dir(folder).expect("a folder") {
        let text = fs::read_to_string(file.expect("a file").path()).expect("a text");
        for line in text.lines() {
            let (count, line) = line.split_once(' ').expect("a number");
            let (field, forms) = line.split_once(": ").expect("forms");
            let forms = forms.split(' ').map(String::from).collect();
            *seen.entry(field.into()).or_default().entry(forms).or_default() += count.parse::<u32>().expect("a number");
        }
    }
    let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (field, sets) in &seen {
        let (program, rest) = field.split_once(' ').expect("a program");
        let words: Vec<&str> = rest.split(' ').collect();
        let is_idle = words[3] == "new" && sets.keys().all(|forms| forms.contains("0"));
        if words[4] == "*" || is_idle && words[1] != "event" {
            continue;
        }
        let mut forms = fewest(words[4], sets);
        // Often it stayed as it was.
        let account = format!("{program} {} *", words[..4].join(" "));
        let times: u32 = seen.get(&account).map_or(0, |sets| sets.values().sum());
        let changes: u32 = sets.values().sum();
        let is_one = !words[4].contains("[]");
        if (times > changes || !is_one || times < OFTEN) && words[3] != "new" && times != 0 && forms != ["any"] {
            forms.insert(0, "same".into());
        }
        tables.entry(program.into()).or_default().push(format!("{rest}: {}", forms.join(" | ")));
    }
    for (program, mut lines) in tables {
        lines.sort();
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../tests/effects/{program}.txt"));
        let head = format!(
            "# What instructions of {program} write, and from where: `tests/src/effects.rs` says how to read it. Made by `effects`.\n"
        );
        fs::write(path, head + &lines.join("\n") + "\n").expect("the table can be written");
        println!("{program}: {} lines", lines.len());
    }
    ExitCode::SUCCESS
}

/// How natural a source is: the lower the better.
fn rank(field: &str, form: &str) -> u32 {
    let word = |name: &str| name.rsplit('.').next().unwrap_or_default().trim_start_matches('\'').to_owned();
    let is_near =
        |period: &str| period.starts_with(['\'', '.']) || period.starts_with("arg.") || period.starts_with("const.");
    let role = |name: &str| name.trim_start_matches("after:").split('.').next().unwrap_or_default().to_owned();
    match form {
        "same" => 0,
        "now" | "+1" => 1,
        "0" | "-1" => 2,
        _ if field == "first" => match form.split_once('+') {
            None => 1,
            Some((time, period)) => {
                if is_near(period) || role(time) == role(period) {
                    2
                } else {
                    5
                }
            }
        },
        _ if form.starts_with('=') => 3,
        _ if form.contains(['*', '%']) || form.starts_with(['+', '-']) => 6,
        _ if form.contains('+') => form.split_once('+').map_or(4, |(_, period)| if is_near(period) { 3 } else { 4 }),
        _ if word(form) == word(field) => 1,
        _ => 5,
    }
}

fn is_weak(form: &str) -> bool {
    ["any", "grew", "fell"].contains(&form)
}

/// The fewest forms of which one fits each time; several that always fit together stand side by side.
fn fewest(field: &str, sets: &BTreeMap<BTreeSet<String>, u32>) -> Vec<String> {
    let mut chosen: BTreeSet<String> = BTreeSet::new();
    let mut left: Vec<&BTreeSet<String>> = sets.keys().collect();
    while !left.is_empty() {
        let mut covers: BTreeMap<&str, usize> = BTreeMap::new();
        left.iter().flat_map(|forms| forms.iter()).for_each(|form| *covers.entry(form).or_default() += 1);
        let best = covers.iter().filter(|(form, _)| !is_weak(form)).max_by_key(|(form, count)| {
            // What explains most; of those, what is most natural.
            (**count, 9 - rank(field, form))
        });
        let Some((&best, &count)) = best else {
            chosen.extend(left.iter().flat_map(|forms| forms.iter().cloned()));
            break;
        };
        let all = sets.keys().filter(|forms| forms.contains(best)).count();
        // What is far-fetched is a source only where it nearly always is.
        let is_known = match rank(field, best) {
            0..=3 => true,
            4 => 3 * all >= sets.len(),
            _ => 5 * all >= 4 * sets.len(),
        };
        if !is_known {
            let weak: BTreeSet<String> =
                left.iter().flat_map(|forms| forms.iter().filter(|form| is_weak(form)).cloned()).collect();
            let is_bare = left.iter().any(|forms| !forms.iter().any(|form| is_weak(form)));
            chosen.extend(if is_bare { ["any".to_string()].into() } else { weak });
            break;
        }
        let is_alike = |form: &str| !is_weak(form) && rank(field, form) <= rank(field, best);
        let alike = covers.iter().filter(|(form, of)| **of == count && is_alike(form));
        // Those that fit the very same times; what an account had, only where that is not what it has.
        let alike = alike.filter(|(form, _)| left.iter().all(|forms| forms.contains(**form) == forms.contains(best)));
        let mut same: BTreeMap<String, String> = BTreeMap::new();
        for (form, _) in alike {
            same.entry(form.replace('\'', ".")).or_insert_with(|| form.to_string());
        }
        let best = best.to_owned();
        let best = same.get(&best.replace('\'', ".")).cloned().unwrap_or(best);
        let best = best.as_str();
        let same: Vec<String> = same.values().take(6).cloned().collect();
        left.retain(|forms| !forms.contains(best));
        chosen.insert(best.to_owned());
        chosen.extend(same);
    }
    if chosen.iter().filter(|form| form.starts_with('=')).count() > VALUES {
        chosen = ["any".to_string()].into();
    }
    if chosen.contains("any") {
        chosen = ["any".to_string()].into();
    }
    let mut forms: Vec<String> = chosen.into_iter().collect();
    forms.sort_by_key(|form| (rank(field, form), form.clone()));
    forms
}
