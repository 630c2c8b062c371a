//! Who may do what with which accounts, tried out: every valid call that tests recorded, with each signer dropped or
//! replaced, each account replaced by a look-alike, made read-only, or given twice. What must fail must fail with a named
//! error; what succeeds all the same must be listed, with the reason, in `fuzz/access.txt`.

use {
    joule_fuzz::{
        calls::{self, Call, Outcome},
        moments,
        rules::{optional, rule, rules},
        tries::{InPlace, Try, choose, in_place, tries},
    },
    joule_tests::{effects, example::PROGRAMS},
    std::{
        collections::{BTreeMap, BTreeSet},
        process::ExitCode,
    },
};

const HELP: &str = "usage: access [--each N] [--only PROGRAM.INSTRUCTION]

Tries every valid call that tests recorded (JOULE_EXAMPLES, or target/examples) with other accounts and flags. Fails if
something succeeds that must not, or that fuzz/access.txt does not allow, if something fails without a named error, or if an
instruction has no recorded call. Says which lines of fuzz/access.txt allowed nothing.

  --each N     calls of each instruction, of those that do different things; all are made as they are (6)
  --only X     of one instruction, such as stake.Withdraw; the list is then not checked for idle lines
  --program X  of one program; likewise";

/// Calls of each instruction that are made at other times.
const AT_OTHER_TIMES: usize = 2;

fn main() -> ExitCode {
    joule_fuzz::coverage::count_if_noted();
    let mut arguments = std::env::args().skip(1);
    let (mut each, mut only, mut only_program) = (6, None, None);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().expect("a value");
        match argument.as_str() {
            "--each" => each = value().parse().expect("a number"),
            "--only" => only = Some(value()),
            "--program" => only_program = Some(value()),
            _ => {
                println!("{HELP}");
                return ExitCode::SUCCESS;
            }
        }
    }
    let mut rules = rules();
    let (calls, missing) = calls::recorded();
    let mut findings: Vec<String> = vec![];
    let mut unlisted: BTreeMap<String, String> = BTreeMap::new();
    // Where an account of another program, or of another kind, was refused; and where it was not, which may be right where the call has no use for it.
    let (mut guarded, mut unguarded): (BTreeSet<String>, BTreeMap<String, String>) = Default::default();
    let (mut valid, mut tried, mut refused, mut errors) = (0u32, 0u32, 0u32, BTreeSet::new());
    let name_of_call = |call: &Call| format!("{}.{}", call.program.name, call.spec.name);
    let chosen = calls.into_iter().flat_map(|of_spec| {
        let name = name_of_call(&of_spec[0]);
        let other = only_program.as_ref().is_some_and(|only| *only != of_spec[0].program.name);
        if other || only.as_ref().is_some_and(|only| *only != name) {
            return vec![];
        }
        valid += of_spec.len() as u32;
        choose(of_spec, each, &mut findings)
    });
    let chosen: Vec<_> = chosen.collect();
    let mut made: BTreeMap<String, usize> = BTreeMap::new();
    for (call, mut stage, done) in chosen {
        let (name, valid) = (name_of_call(&call), call.example.instruction());
        let name_of = |place: usize| call.spec.accounts.get(place).map_or("remaining", |spec| spec.name);
        let made = made.entry(name.clone()).or_default();
        if *made < AT_OTHER_TIMES {
            *made += 1;
            let finding = moments::check(&call, &mut stage).err();
            findings.extend(finding.map(|finding| format!("{name} at another time ({}): {finding}", call.test)));
        }
        stage.is_changed = true;
        if effects::is_noted() {
            continue;
        }
        let optional = optional(&valid, &done, &mut stage);
        for (&place, how) in &optional {
            let words = [name.as_str(), name_of(place), how];
            if !rule(&mut rules, words) {
                unlisted.entry(words.join(" ")).or_insert_with(|| call.test.clone());
            }
        }
        for InPlace { place, what, accounts, instruction } in in_place(&call, &stage) {
            if optional.contains_key(&place) {
                continue;
            }
            tried += 1;
            let words = [name.as_str(), name_of(place), what];
            match stage.try_with(accounts, |stage| stage.try_call(&instruction)) {
                Ok(Outcome::Refused(code)) => {
                    refused += 1;
                    errors.extend(code);
                    guarded.insert(words.join(" "));
                }
                // What it leaves behind is judged where it is found.
                Ok(Outcome::Done(_)) | Err(_) if rule(&mut rules, words) => {}
                Ok(Outcome::Done(_)) | Err(_) => {
                    unguarded.entry(words.join(" ")).or_insert_with(|| call.test.clone());
                }
            }
        }
        for Try { place, second, what, must_fail, instruction } in tries(&call, &mut stage) {
            let flags = ["unsigned", "read-only"].contains(&what);
            if !flags && (optional.contains_key(&place) || second.is_some_and(|second| optional.contains_key(&second)))
            {
                continue;
            }
            tried += 1;
            let account = name_of(place);
            match stage.try_call(&instruction) {
                Err(finding) if rule(&mut rules, [&name, account, &format!("{what}!")]) => drop(finding),
                Err(finding) => findings.push(format!("{name} {account} {what}! ({}): {finding}", call.test)),
                Ok(Outcome::Refused(code)) => {
                    refused += 1;
                    errors.extend(code);
                }
                Ok(Outcome::Done(_)) if must_fail => {
                    findings.push(format!("{name} {account} {what} ({}): it succeeded", call.test));
                }
                Ok(Outcome::Done(_)) => {
                    let words = [name.as_str(), account, what];
                    if !rule(&mut rules, words) {
                        unlisted.entry(words.join(" ")).or_insert_with(|| call.test.clone());
                    }
                }
            }
        }
    }
    let mut denied = 0u32;
    for program in PROGRAMS.iter().filter(|program| only_program.as_ref().is_none_or(|only| only == program.name)) {
        for (spec, test, examples, error) in calls::refused(program) {
            let name = format!("{}.{}", program.name, spec.name);
            if only.as_ref().is_some_and(|only| *only != name) {
                continue;
            }
            denied += 1;
            match calls::refusal(&examples) {
                Ok(Some(code)) if code == error => {}
                Ok(None) => findings.push(format!("{name} ({test}): it succeeded, and a test says that it must not")),
                Ok(code) => {
                    let words = [&*name, "refused", &format!("error-{error}")];
                    if !rule(&mut rules, words) {
                        findings.push(format!("{name} ({test}): refused with {code:?}"));
                    }
                }
                Err(finding) => findings.push(format!("{name} ({test}): {finding}")),
            }
        }
        if only.is_none() {
            findings.extend(effects::idle(program.name));
        }
    }
    if only.is_none() && only_program.is_none() {
        findings.extend(missing.iter().map(|name| format!("{name}: no test recorded a call")));
        // Which calls are tried depends on which tests ran: no finding, but a line to look at.
        for rule in rules.iter().filter(|rule| !rule.used) {
            println!("fuzz/access.txt: {} allows nothing", rule.words.join(" "));
        }
    }
    findings.extend(
        unlisted
            .iter()
            .chain(unguarded.iter().filter(|(words, _)| !guarded.contains(*words)))
            .map(|(call, test)| format!("{call} ({test}): it succeeded, and is not allowed to")),
    );
    effects::save();
    for finding in &findings {
        println!("{finding}");
    }
    if findings.iter().any(|finding| finding.contains("the recorded call fails")) {
        println!("Calls that were recorded with other programs fail: record them anew with scripts/fuzz --record.");
    }
    println!(
        "{valid} valid calls, {denied} that tests refuse; {tried} others tried, {refused} refused with {} errors, {} findings",
        errors.len(),
        findings.len()
    );
    if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
