//! Removes the programs' checks one by one and says what notices.

use {
    joule_fuzz::{
        calls::{self, Call, Outcome, Stage},
        checks::{Check, MARK, NONE, schema},
        copy::{PROGRAMS, Places, folder, passes},
        rules::{optional, rule, rules},
        tries::{choose, tries},
    },
    joule_tests::{engine, example::Example},
    std::{
        collections::{BTreeMap, BTreeSet},
        env, fs,
        panic::{AssertUnwindSafe, catch_unwind},
        path::{Path, PathBuf},
        process::{Command, ExitCode},
        sync::Mutex,
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

/// Reasons why nothing need notice: `== file`, then for each check its text, and below it, indented, the reason.
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
    /// How many calls it refused that were made again.
    trials: usize,
    /// What came of them.
    instead: BTreeSet<String>,
}

impl Verdict {
    fn is_noticed(&self) -> bool {
        self.tests.is_some() || self.access.is_some()
    }
}

/// The file and the text of each check that is explained.
fn explained() -> BTreeMap<(String, String), String> {
    let (mut file, mut text, mut found) = (String::new(), String::new(), BTreeMap::<_, String>::new());
    for line in EXPLAINED.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        if let Some(name) = line.strip_prefix("== ") {
            file = name.trim().into();
        } else if line.starts_with(' ') {
            let reason = found.entry((file.clone(), text.clone())).or_default();
            reason.push_str(line.trim());
        } else {
            text = line.trim().into();
        }
    }
    found
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

/// Calls that tests expect to be refused, by the check that did, and tests in which it refused anything.
fn refused_in_tests(folder_of_all: &Path) -> BTreeMap<u32, (Vec<Trial>, Vec<String>)> {
    let mut found = BTreeMap::<u32, (Vec<Trial>, Vec<String>)>::new();
    if !folder_of_all.exists() {
        return found;
    }
    for of_check in folder(folder_of_all) {
        let name = |path: &Path| path.file_name().expect("a name").to_string_lossy().into_owned();
        let (trials, tests) = found.entry(name(&of_check).parse().expect("a number")).or_default();
        for path in folder(&of_check) {
            let name = name(&path);
            let mut parts = name.split('.');
            let test = parts.next().unwrap_or_default().replace('-', "::");
            match parts.nth(1) {
                None => tests.push(test),
                Some(code) => {
                    let example = Example::decode(&fs::read(&path).expect("a call")).expect("a call");
                    let code = code.parse().expect("an error's number");
                    trials.push(Trial { example, expected: Expected::Error { test, code } });
                }
            }
        }
    }
    found
}

/// What `access` tries, by the check that refuses it.
fn refused_by_access(programs: &[String]) -> BTreeMap<u32, Vec<Trial>> {
    let of_specs: Vec<Vec<Call>> = calls::recorded().0;
    let of_specs = of_specs.into_iter().filter(|calls| programs.iter().any(|name| *name == calls[0].program.name));
    let found = each(of_specs.collect(), |calls| {
        let mut found: BTreeMap<u32, Vec<(&'static str, Trial)>> = BTreeMap::new();
        let name = format!("{}.{}", calls[0].program.name, calls[0].spec.name);
        for (call, mut stage, done) in choose(calls, 6, &mut vec![]) {
            let valid = call.example.instruction();
            let optional = optional(&valid, &done, &mut stage);
            for attempt in tries(&call, &mut stage) {
                let flags = ["unsigned", "read-only"].contains(&attempt.what);
                let places = [Some(attempt.place), attempt.second];
                if !flags && places.iter().flatten().any(|place| optional.contains_key(place)) {
                    continue;
                }
                let Ok(Outcome::Refused(_)) = stage.try_call(&attempt.instruction) else { continue };
                let Some(check) = stage.refusals.last() else { continue };
                let of_check = found.entry(*check).or_default();
                if of_check.iter().filter(|(what, _)| *what == attempt.what).count() >= 2 {
                    continue;
                }
                let account = call.spec.accounts.get(attempt.place).map_or("remaining", |spec| spec.name);
                let words = [name.clone(), account.into(), attempt.what.into()];
                let expected = Expected::Refusal { words, must_fail: attempt.must_fail };
                of_check.push((attempt.what, Trial { example: stage.example(&attempt.instruction), expected }));
            }
        }
        found
    });
    let mut all = BTreeMap::<u32, Vec<Trial>>::new();
    for (check, trials) in found.into_iter().flatten() {
        all.entry(check).or_default().extend(trials.into_iter().map(|(_, trial)| trial));
    }
    all
}

/// Makes the calls that a check refused again, without it.
fn judge(check: &Check, trials: &[&Trial]) -> Verdict {
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
        let Ok((outcome, by)) = made else {
            verdict.instead.insert("the call cannot be made".into());
            continue;
        };
        let instead = match (&outcome, by) {
            (Ok(Outcome::Done(_)), _) => "it is done".to_string(),
            (Err(finding), _) => finding.lines().next().unwrap_or_default().to_string(),
            (Ok(Outcome::Refused(Some(_))), Some(by)) if by != check.number => format!("check {by} refuses"),
            (Ok(Outcome::Refused(code)), _) => format!("refused with {code:?}"),
        };
        match &trial.expected {
            Expected::Error { test, code } => {
                if !matches!(outcome, Ok(Outcome::Refused(Some(error))) if error == *code) {
                    verdict.tests = Some(format!("{test}: {instead}"));
                }
            }
            Expected::Refusal { words: [call, account, what], must_fail } => {
                let is_finding = match &outcome {
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
        let is_ours = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("joule_"));
        for entry in folder(&places.target.join("deploy")).into_iter().filter(|path| !is_ours(path)) {
            fs::copy(&entry, to.join(entry.file_name().expect("a name"))).expect("a copy");
        }
    }
    for program in PROGRAMS {
        let elf = places.elf(program, "checks", files).map_err(|problem| {
            let log = fs::read_to_string(places.running.join("build.log")).unwrap_or_default();
            format!("{program}: {problem}\n{log}")
        })?;
        let elf = fs::read(elf).expect("an ELF");
        let name = format!("joule_{program}.so");
        fs::write(folders.elves().join(&name), &elf).expect("an ELF");
        fs::write(folders.telling().join(&name), removed(&elf, NONE, true)).expect("an ELF");
    }
    Ok(())
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
    let in_tests = refused_in_tests(&folders.refused());
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
        let trials: Vec<&Trial> = in_tests.get(&check.number).iter().flat_map(|(trials, _)| trials).collect();
        let trials: Vec<&Trial> =
            trials.into_iter().chain(by_access.get(&check.number).into_iter().flatten()).collect();
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
            .filter(|check| !verdicts[&check.number].is_noticed())
            .filter(|check| in_tests.contains_key(&check.number))
            .collect();
        eprintln!("{} more are looked at in integration tests", left.len());
        let ran =
            each(left, |check: &Check| (check.number, run_tests(binary, &folders, check, &in_tests[&check.number].1)));
        for (number, noticed) in ran {
            verdicts.get_mut(&number).expect("it was judged").tests = noticed.map(|test| format!("{test} fails"));
        }
    }
    let explained = explained();
    let mut unneeded: BTreeSet<&(String, String)> = explained.keys().collect();
    let (mut unexplained, mut counts) = (0, BTreeMap::<(&str, &str), u32>::new());
    for check in &asked {
        let verdict = &verdicts[&check.number];
        let key = (check.file.clone(), check.text.clone());
        let by = match (&verdict.tests, &verdict.access) {
            (Some(_), Some(_)) => "both",
            (Some(_), None) => "tests",
            (None, Some(_)) => "access",
            (None, None) if explained.contains_key(&key) => "explained",
            (None, None) => "SURVIVES",
        };
        *counts.entry((check.program.as_str(), by)).or_default() += 1;
        if !verdict.is_noticed() {
            unneeded.remove(&key);
        }
        unexplained += u32::from(by == "SURVIVES");
        let noted: Vec<&str> = [&verdict.tests, &verdict.access].into_iter().flatten().map(String::as_str).collect();
        let tests = in_tests.get(&check.number).map_or(0, |(_, tests)| tests.len());
        let instead = || {
            let instead: Vec<&str> = verdict.instead.iter().map(String::as_str).collect();
            format!("refuses in {tests} tests; {} calls made again: {}", verdict.trials, instead.join(", "))
        };
        let said = if verdict.is_noticed() { noted.join("; ") } else { instead() };
        println!("{by} {} {}:{} {} | {said}", check.number, check.file, check.line, check.text);
    }
    if is_whole {
        unneeded.iter().for_each(|(file, text)| println!("fuzz/checks.txt: noticed, or not there: {file} {text}"));
    }
    let of = |program: &str, by: &str| counts.get(&(program, by)).copied().unwrap_or_default();
    for program in &names {
        let kinds = ["both", "tests", "access", "explained", "SURVIVES"];
        let sum: u32 = kinds.iter().map(|by| of(program, by)).sum();
        let [both, tests, access, explained, left] = kinds.map(|by| of(program, by));
        println!(
            "{program}: {sum} checks; {both} noticed by tests and access, {tests} by tests alone, {access} by access alone; {explained} explained; {left} left"
        );
    }
    println!("{} s", start.elapsed().as_secs());
    let is_failed = unexplained > 0 || is_whole && !unneeded.is_empty();
    if is_failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
