//! Removes the programs' checks one by one and says what notices.

use {
    joule_fuzz::{
        calls::{self, Call, Outcome, Stage},
        checks::{Check, MARK, NONE, schema},
        copy::{PROGRAMS, Places, folder, passes},
        rules::{optional, rule, rules},
        tries::{IN_PLACE, InPlace, choose, in_place, tries},
    },
    joule_tests::{engine, example::Example},
    std::{
        collections::{BTreeMap, BTreeSet},
        env, fs,
        panic::{AssertUnwindSafe, catch_unwind},
        path::{Path, PathBuf},
        process::{Command, ExitCode},
        sync::{Arc, Mutex},
        thread,
        time::{Duration, Instant},
    },
};

const HELP: &str = "usage: scripts/checks [--only TEXT] [--no-tests] [PROGRAM | common]...
       scripts/checks --list [PROGRAM | common]...

Removes each check of the programs alone and says what notices: calls that tests expect to be refused, made again; what `access`
tries; and, of what neither notices, the integration tests in which the check ever refused. A program is built once: in a copy of its
source each check has a number, and the ELF says which number is removed. fuzz/checks.txt says why the others may be missing. Fails if a
check that nothing notices is not there, or one that is noticed is.

  --only TEXT  of the checks whose place or text has this in it
  --no-tests   do not run integration tests
  --list       the checks
  --build      only build the ELFs (target/checks)
  --tests F    the binary of the integration tests";

/// Reasons why nothing need notice: `== file`, then for each check its text, and below it, indented, the reason. A file may
/// be `*`, a text end with it.
const EXPLAINED: &str = include_str!("../../checks.txt");

/// How many refused calls of each check are made again, and how many of what `access` tries.
const TRIALS: usize = 12;

/// A call that a check refused.
struct Trial {
    example: Example,
    expected: Expected,
}

enum Expected {
    /// A test asks for this error.
    Error { test: String, code: u32 },
    /// `access` tried it.
    Refusal { words: [String; 3], must_fail: bool },
}

/// What became of a check.
#[derive(Default)]
struct Verdict {
    tests: Option<String>,
    access: Option<String>,
    /// A unit test of the program fails.
    units: Option<String>,
    /// How many calls it refused that were made again.
    trials: usize,
    /// What came of them.
    instead: BTreeSet<String>,
    /// Whether one of them was done.
    is_done: bool,
}

impl Verdict {
    fn is_noticed(&self) -> bool {
        self.tests.is_some() || self.access.is_some() || self.units.is_some()
    }

    /// Whether each call that it refused is refused without it too.
    fn is_doubled(&self) -> bool {
        !self.is_noticed() && self.trials > 0 && !self.is_done
    }
}

/// Why nothing need notice some checks.
struct Explained {
    file: &'static str,
    text: &'static str,
    reason: String,
    used: bool,
}

impl Explained {
    fn all() -> Vec<Self> {
        let (mut file, mut all) = ("", Vec::<Self>::new());
        for line in EXPLAINED.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
            if let Some(name) = line.strip_prefix("== ") {
                file = name.trim();
            } else if line.starts_with(' ') {
                let of_last = &mut all.last_mut().expect("a check before its reason").reason;
                of_last.push_str(line.trim());
            } else {
                all.push(Self { file, text: line.trim(), reason: String::new(), used: false });
            }
        }
        let nothing = all.iter().find(|explained| explained.reason.is_empty());
        assert!(nothing.is_none(), "no reason given: {}", nothing.map_or("", |explained| explained.text));
        all
    }

    /// `*` is any file, or stands at the end for any text.
    fn covers(&self, check: &Check) -> bool {
        let is_text = match self.text.strip_suffix('*') {
            Some(start) => check.text.starts_with(start),
            None => check.text == self.text,
        };
        is_text && (self.file == "*" || self.file == check.file)
    }
}

/// The ELF with a check removed; each refusal is told if it is asked for.
fn removed(elf: &[u8], number: u32, tells: bool) -> Vec<u8> {
    let mut elf = elf.to_vec();
    let places: Vec<usize> =
        elf.windows(MARK.len()).enumerate().filter(|(_, part)| *part == MARK).map(|(at, _)| at).collect();
    let [place] = places[..] else { panic!("the mark is there {} times", places.len()) };
    let at = place + MARK.len();
    elf[at..at + 4].copy_from_slice(&number.to_le_bytes());
    elf[at + 4..at + 8].copy_from_slice(&u32::from(tells).to_le_bytes());
    elf
}

/// Does something with each of a list, in as many threads as there are cores.
fn each<T: Send, R: Send>(list: Vec<T>, act: impl Fn(T) -> R + Sync) -> Vec<R> {
    let (count, start) = (list.len(), Instant::now());
    let (list, results) = (Mutex::new(list.into_iter()), Mutex::new(vec![]));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let Some(next) = list.lock().unwrap().next() else { break };
                    let result = act(next);
                    let mut results = results.lock().unwrap();
                    results.push(result);
                    if results.len() % 100 == 0 {
                        eprintln!("{} of {count} in {} s", results.len(), start.elapsed().as_secs());
                    }
                }
            });
        }
    });
    results.into_inner().unwrap()
}

/// Calls that were refused, by the checks that did: one may have called the other.
type Refused = BTreeMap<u32, Vec<Arc<Trial>>>;

/// Calls that tests expect to be refused, and by check the tests in which it refused anything.
fn refused_in_tests(folder_of_all: &Path) -> (Refused, BTreeMap<u32, Vec<String>>) {
    let (mut tests, mut files) = (BTreeMap::<u32, Vec<String>>::new(), vec![]);
    let name = |path: &Path| path.file_name().expect("a name").to_string_lossy().into_owned();
    for of_check in folder(folder_of_all) {
        let number = name(&of_check).parse().expect("a number");
        for path in folder(&of_check) {
            let name = name(&path);
            let mut parts = name.split('.');
            let test = parts.next().unwrap_or_default().replace('-', "::");
            match parts.nth(1) {
                None => tests.entry(number).or_default().push(test),
                Some(code) => files.push((path, test, code.parse::<u32>().expect("an error's number"))),
            }
        }
    }
    // Who refuses them is seen once more: what does not end as in the test is no trial.
    let made = each(files, |(path, test, code)| {
        let example = Example::decode(&fs::read(&path).expect("a call")).expect("a call");
        let mut stage = Stage::new(&example);
        let outcome = stage.try_call(&example.instruction());
        let is_same = matches!(outcome, Ok(Outcome::Refused(Some(error))) if error == code);
        is_same.then(|| (stage.refusals, Arc::new(Trial { example, expected: Expected::Error { test, code } })))
    });
    let mut refused = Refused::new();
    for (checks, trial) in made.into_iter().flatten() {
        checks.into_iter().for_each(|check| refused.entry(check).or_default().push(trial.clone()));
    }
    (refused, tests)
}

/// What `access` tries.
fn refused_by_access(programs: &[String]) -> Refused {
    let of_specs: Vec<Vec<Call>> = calls::recorded().0;
    let of_specs = of_specs.into_iter().filter(|calls| programs.iter().any(|name| *name == calls[0].program.name));
    let found = each(of_specs.collect(), |calls| {
        let mut found: BTreeMap<u32, Vec<(&'static str, Arc<Trial>)>> = BTreeMap::new();
        let name = format!("{}.{}", calls[0].program.name, calls[0].spec.name);
        for (call, mut stage, done) in choose(calls, 6, &mut vec![]) {
            let valid = call.example.instruction();
            let optional = optional(&valid, &done, &mut stage);
            for InPlace { place, what, accounts, instruction } in in_place(&call, &stage) {
                if optional.get(&place) == Some(&"unread") {
                    continue;
                }
                let trial = stage.try_with(accounts, |stage| {
                    let Ok(Outcome::Refused(_)) = stage.try_call(&instruction) else { return None };
                    Some((stage.refusals.clone(), stage.example(&instruction)))
                });
                let Some((checks, example)) = trial else { continue };
                let account = call.spec.accounts.get(place).map_or("remaining", |spec| spec.name);
                let words = [name.clone(), account.into(), what.into()];
                let trial = Arc::new(Trial { example, expected: Expected::Refusal { words, must_fail: false } });
                for check in checks {
                    found.entry(check).or_default().push((what, trial.clone()));
                }
            }
            for attempt in tries(&call, &mut stage) {
                let flags = ["unsigned", "read-only"].contains(&attempt.what);
                let places = [Some(attempt.place), attempt.second];
                if !flags && places.iter().flatten().any(|place| optional.contains_key(place)) {
                    continue;
                }
                let Ok(Outcome::Refused(_)) = stage.try_call(&attempt.instruction) else { continue };
                let is_seldom = |check: &u32| {
                    let alike = found.get(check).into_iter().flatten().filter(|(what, _)| *what == attempt.what);
                    alike.count() < 2
                };
                let checks: Vec<u32> = stage.refusals.iter().copied().filter(is_seldom).collect();
                if checks.is_empty() {
                    continue;
                }
                let account = call.spec.accounts.get(attempt.place).map_or("remaining", |spec| spec.name);
                let words = [name.clone(), account.into(), attempt.what.into()];
                let expected = Expected::Refusal { words, must_fail: attempt.must_fail };
                let trial = Arc::new(Trial { example: stage.example(&attempt.instruction), expected });
                for check in checks {
                    found.entry(check).or_default().push((attempt.what, trial.clone()));
                }
            }
        }
        found
    });
    let mut all = Refused::new();
    for (check, trials) in found.into_iter().flatten() {
        all.entry(check).or_default().extend(trials.into_iter().map(|(_, trial)| trial));
    }
    all
}

/// Makes the calls that a check refused again, without it.
fn judge(check: &Check, trials: &[Arc<Trial>]) -> Verdict {
    let mut verdict = Verdict { trials: trials.len(), ..Verdict::default() };
    let (mut of_tests, mut of_access) = (0, 0);
    let mut rules = rules();
    for trial in trials {
        let count = match trial.expected {
            Expected::Error { .. } if verdict.tests.is_none() => &mut of_tests,
            Expected::Refusal { .. } if verdict.access.is_none() => &mut of_access,
            _ => continue,
        };
        *count += 1;
        if *count > TRIALS {
            continue;
        }
        let made = catch_unwind(AssertUnwindSafe(|| {
            let mut stage = Stage::new(&trial.example);
            let outcome = stage.try_call(&trial.example.instruction());
            (outcome, stage.refusals.last().copied())
        }));
        // Who judges what was done reads accounts of other kinds than there are, and so `access` fails as well.
        let (outcome, by) = made.unwrap_or_else(|_| (Err("what is done cannot be judged".into()), None));
        let instead = match (&outcome, by) {
            (Ok(Outcome::Done(_)), _) => "it is done".to_string(),
            (Err(finding), _) => finding.lines().next().unwrap_or_default().to_string(),
            (Ok(Outcome::Refused(Some(_))), Some(by)) if by != check.number => format!("check {by} refuses"),
            (Ok(Outcome::Refused(code)), _) => format!("refused with {code:?}"),
        };
        verdict.is_done |= !matches!(outcome, Ok(Outcome::Refused(_)));
        match &trial.expected {
            Expected::Error { test, code } => {
                if !matches!(outcome, Ok(Outcome::Refused(Some(error))) if error == *code) {
                    verdict.tests = Some(format!("{test}: {instead}"));
                }
            }
            Expected::Refusal { words: [call, account, what], must_fail } => {
                let is_finding = match &outcome {
                    Err(_) if IN_PLACE.contains(&what.as_str()) => !rule(&mut rules, [call, account, what]),
                    Err(_) => !rule(&mut rules, [call, account, &format!("{what}!")]),
                    Ok(Outcome::Done(_)) => *must_fail || !rule(&mut rules, [call, account, what]),
                    Ok(Outcome::Refused(_)) => false,
                };
                if is_finding {
                    verdict.access = Some(format!("{call} {account} {what}: {instead}"));
                }
            }
        }
        verdict.instead.insert(instead);
    }
    verdict
}

/// Where ELFs and what is found out about them are.
struct Folders {
    all: PathBuf,
}

impl Folders {
    /// The programs with checks that can be removed, none of which is.
    fn elves(&self) -> PathBuf {
        self.all.join("elves")
    }

    /// The same, and each refusal is told.
    fn telling(&self) -> PathBuf {
        self.all.join("telling")
    }

    /// The unit tests of a program, with checks that can be removed.
    fn units(&self, program: &str) -> PathBuf {
        self.all.join("units").join(format!("joule_{program}"))
    }

    fn refused(&self) -> PathBuf {
        self.all.join("refused")
    }

    fn elf(&self, program: &str) -> Vec<u8> {
        fs::read(self.elves().join(format!("joule_{program}.so"))).expect("an ELF")
    }
}

/// Builds the ELFs, where they are missing.
fn build(places: &Places, folders: &Folders, files: &BTreeMap<String, String>) -> Result<(), String> {
    places.fill();
    for to in [folders.elves(), folders.telling()] {
        fs::create_dir_all(&to).expect("a folder");
        let is_ours =
            |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("joule_"));
        for entry in folder(&places.target.join("deploy")).into_iter().filter(|path| !is_ours(path)) {
            fs::copy(&entry, to.join(entry.file_name().expect("a name"))).expect("a copy");
        }
    }
    let mut built = vec![];
    for program in PROGRAMS {
        let elf = places.elf(program, "checks", files).map_err(|problem| {
            let log = fs::read_to_string(places.running.join("build.log")).unwrap_or_default();
            format!("{program}: {problem}\n{log}")
        })?;
        built.push(elf.display().to_string());
        let elf = fs::read(elf).expect("an ELF");
        let name = format!("joule_{program}.so");
        fs::write(folders.elves().join(&name), &elf).expect("an ELF");
        fs::write(folders.telling().join(&name), removed(&elf, NONE, true)).expect("an ELF");
    }
    build_units(places, folders, files, &built.join("\n"))
}

/// Builds the programs' unit tests, unless they were built from what these ELFs are built from.
fn build_units(
    places: &Places,
    folders: &Folders,
    files: &BTreeMap<String, String>,
    elves: &str,
) -> Result<(), String> {
    let key = folders.units("key");
    if fs::read_to_string(&key).is_ok_and(|before| before == elves) {
        return Ok(());
    }
    let mut cargo = Command::new("cargo");
    cargo.args(["test", "--locked", "--no-run", "--lib"]).current_dir(&places.copy);
    for program in PROGRAMS {
        cargo.args(["-p", &format!("joule-{program}")]);
    }
    cargo.env("CARGO_TARGET_DIR", places.target.join("planted-models"));
    let output = places.with_planted(files, || cargo.output()).expect("cargo runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if !output.status.success() {
        return Err(format!("unit tests: {said}"));
    }
    fs::create_dir_all(key.parent().expect("a folder")).expect("a folder");
    for program in PROGRAMS {
        let binary = said.lines().filter_map(|line| line.split_once('(')?.1.strip_suffix(')'));
        let binary =
            binary.into_iter().find(|path| path.contains(&format!("/joule_{program}-"))).ok_or("no unit tests")?;
        fs::copy(places.copy.join(binary), folders.units(program)).expect("a copy");
        if !pass_units(folders, program, NONE) {
            return Err(format!("the unit tests of {program} fail while nothing is removed"));
        }
    }
    fs::write(key, elves).expect("a key");
    Ok(())
}

/// Whether a program's unit tests pass without a check.
fn pass_units(folders: &Folders, program: &str, number: u32) -> bool {
    let log = folders.units(&format!("{program}-{number}.log"));
    let mut units = Command::new(folders.units(program));
    units.env("JOULE_REMOVED", number.to_string()).current_dir(&folders.all);
    // What fails without a check is no regression.
    units.env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "1");
    let passed = passes(&mut units, &log, Duration::from_secs(120)) == Some(true);
    drop(fs::remove_file(log));
    passed
}

/// The integration tests that notice, of those in which the check refused something.
fn run_tests(binary: &Path, folders: &Folders, check: &Check, tests: &[String]) -> Option<String> {
    let running = folders.all.join(format!("removed-{}-{}", std::process::id(), check.number));
    fs::create_dir_all(&running).expect("a folder");
    for entry in folder(&folders.elves()) {
        std::os::unix::fs::symlink(&entry, running.join(entry.file_name().expect("a name"))).expect("a link");
    }
    for program in PROGRAMS.iter().filter(|program| check.program == **program || check.program == "common") {
        let elf = running.join(format!("joule_{program}.so"));
        fs::remove_file(&elf).expect("a link of our own");
        fs::write(elf, removed(&folders.elf(program), check.number, false)).expect("an ELF");
    }
    let log = running.join("log");
    let mut command = Command::new(binary);
    command
        .arg("--exact")
        .args(tests)
        .args(["--test-threads", "1"])
        .env("SBF_OUT_DIR", &running)
        .env("JOULE_ENGINE", "lite");
    command.env_remove("JOULE_REFUSED").current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests"));
    let passed = passes(&mut command, &log, Duration::from_secs(300));
    let said = fs::read_to_string(&log).unwrap_or_default();
    fs::remove_dir_all(&running).expect("a folder of our own");
    let failed =
        said.lines().find_map(|line| line.strip_prefix("test ")?.strip_suffix(" ... FAILED").map(String::from));
    (passed != Some(true)).then(|| failed.unwrap_or_else(|| "they do not end".into()))
}

fn main() -> ExitCode {
    let (mut names, mut only, mut list, mut is_build, mut tests) = (vec![], None, false, false, None);
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--list" => list = true,
            "--build" => is_build = true,
            "--no-tests" => tests = None,
            "--tests" => tests = arguments.next().map(PathBuf::from),
            "--only" => only = arguments.next(),
            name if PROGRAMS.contains(&name) || name == "common" => names.push(name.to_string()),
            _ => {
                println!("{HELP}");
                return ExitCode::SUCCESS;
            }
        }
    }
    let is_whole = names.is_empty() && only.is_none();
    if names.is_empty() {
        names = PROGRAMS.iter().chain(&["common"]).map(|name| name.to_string()).collect();
    }
    let places = Places::new(None);
    let folders = Folders { all: places.target.join("checks") };
    let (checks, files) = schema(&places.root);
    let is_asked = |check: &&Check| {
        let place = format!("{}:{} {}", check.file, check.line, check.text);
        names.contains(&check.program) && only.as_ref().is_none_or(|only| place.contains(only.as_str()))
    };
    let asked: Vec<Check> = checks.values().filter(is_asked).cloned().collect();
    if list {
        asked.iter().for_each(|check| println!("{} {}:{} {}", check.number, check.file, check.line, check.text));
        return ExitCode::SUCCESS;
    }
    if is_build {
        if let Err(problem) = build(&places, &folders, &files) {
            eprintln!("{problem}");
            return ExitCode::FAILURE;
        }
        return ExitCode::SUCCESS;
    }
    let start = Instant::now();
    let elves: BTreeMap<&str, Vec<u8>> = PROGRAMS.iter().map(|program| (*program, folders.elf(program))).collect();
    let (in_tests, tests_of) = refused_in_tests(&folders.refused());
    let of_programs: Vec<String> = if names.iter().any(|name| name == "common") {
        PROGRAMS.iter().map(|name| name.to_string()).collect()
    } else {
        names.clone()
    };
    let by_access = refused_by_access(&of_programs);
    eprintln!(
        "{} checks refuse something in tests, {} in what access tries ({} s)",
        in_tests.len(),
        by_access.len(),
        start.elapsed().as_secs()
    );
    std::panic::set_hook(Box::new(|_| {}));
    let mut verdicts: BTreeMap<u32, Verdict> = BTreeMap::new();
    let judged = each(asked.iter().collect(), |check: &Check| {
        let all = [&in_tests, &by_access].into_iter().filter_map(|refused| refused.get(&check.number));
        let trials: Vec<Arc<Trial>> = all.flatten().cloned().collect();
        if trials.is_empty() {
            return (check.number, Verdict::default());
        }
        for (program, elf) in &elves {
            if check.program == *program || check.program == "common" {
                engine::replace(&format!("joule_{program}"), &removed(elf, check.number, true)).expect("a valid ELF");
            }
        }
        let verdict = judge(check, &trials);
        for (program, elf) in &elves {
            if check.program == *program || check.program == "common" {
                engine::replace(&format!("joule_{program}"), &removed(elf, NONE, true)).expect("a valid ELF");
            }
        }
        (check.number, verdict)
    });
    verdicts.extend(judged);
    eprintln!("calls were made again ({} s)", start.elapsed().as_secs());
    if let Some(binary) = &tests {
        let left: Vec<&Check> = asked
            .iter()
            .filter(|check| !verdicts[&check.number].is_noticed() && !verdicts[&check.number].is_doubled())
            .filter(|check| tests_of.contains_key(&check.number))
            .collect();
        eprintln!("{} more are looked at in integration tests", left.len());
        let ran =
            each(left, |check: &Check| (check.number, run_tests(binary, &folders, check, &tests_of[&check.number])));
        for (number, noticed) in ran {
            verdicts.get_mut(&number).expect("it was judged").tests = noticed.map(|test| format!("{test} fails"));
        }
    }
    let mut explained = Explained::all();
    let left = asked.iter().filter(|check| {
        let verdict = &verdicts[&check.number];
        let is_left = !verdict.is_noticed() && !verdict.is_doubled();
        // They take seconds for each.
        let is_explained = explained.iter().any(|explained| explained.covers(check));
        tests.is_some() && is_left && !is_explained && folders.units(&check.program).exists()
    });
    for (number, passed) in
        each(left.collect(), |check| (check.number, pass_units(&folders, &check.program, check.number)))
    {
        verdicts.get_mut(&number).expect("it was judged").units = (!passed).then(|| "its unit tests fail".into());
    }
    let (mut unexplained, mut counts) = (0, BTreeMap::<(&str, &str), u32>::new());
    for check in &asked {
        let verdict = &verdicts[&check.number];
        let covers = |explained: &Explained| explained.covers(check);
        let by = match (&verdict.tests, &verdict.access) {
            (Some(_), Some(_)) => "both",
            (Some(_), None) => "tests",
            (None, Some(_)) => "access",
            (None, None) if verdict.units.is_some() => "units",
            (None, None) if verdict.is_doubled() => "doubled",
            (None, None) if explained.iter().any(covers) => "explained",
            (None, None) => "SURVIVES",
        };
        *counts.entry((check.program.as_str(), by)).or_default() += 1;
        if by == "explained" {
            explained
                .iter_mut()
                .filter(|explained| explained.covers(check))
                .for_each(|explained| explained.used = true);
        }
        unexplained += u32::from(by == "SURVIVES");
        let noted: Vec<&str> =
            [&verdict.tests, &verdict.access, &verdict.units].into_iter().flatten().map(String::as_str).collect();
        let tests = tests_of.get(&check.number).map_or(0, Vec::len);
        let instead = || {
            let instead: Vec<&str> = verdict.instead.iter().map(String::as_str).collect();
            format!("refuses in {tests} tests; {} calls made again: {}", verdict.trials, instead.join(", "))
        };
        let said = if verdict.is_noticed() { noted.join("; ") } else { instead() };
        println!("{by} {} {}:{} {} | {said}", check.number, check.file, check.line, check.text);
    }
    explained.retain(|explained| !explained.used && is_whole);
    for Explained { file, text, .. } in &explained {
        println!("fuzz/checks.txt: noticed, or not there: {file} {text}");
    }
    let of = |program: &str, by: &str| counts.get(&(program, by)).copied().unwrap_or_default();
    for program in &names {
        let kinds = ["both", "tests", "access", "units", "doubled", "explained", "SURVIVES"];
        let sum: u32 = kinds.iter().map(|by| of(program, by)).sum();
        let [both, tests, access, units, doubled, explained, left] = kinds.map(|by| of(program, by));
        println!(
            "{program}: {sum} checks; {both} noticed by tests and access, {tests} by tests alone, {access} by access alone, {units} by unit tests alone; {doubled} doubled; {explained} explained; {left} left"
        );
    }
    println!("{} s", start.elapsed().as_secs());
    let is_failed = unexplained > 0 || !explained.is_empty();
    if is_failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
