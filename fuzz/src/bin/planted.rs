//! Plants one bug after the other in a copy of the checkout, and says which check finds it, and how fast.

use {
    joule_fuzz::copy::{BUILDER, BUILT, Places, folder, passes},
    std::{
        collections::BTreeMap,
        env, fs,
        path::{Path, PathBuf},
        process::{Command, ExitCode},
        time::{Duration, Instant},
    },
};

const HELP: &str = "usage: scripts/planted [--sample N | --all] [--build] [--elves FOLDER] [--every] [--adversary] [--seconds N]
                       [--no-models] [--no-tests] [--control] [PROGRAM | PROGRAM/BUG]...
       scripts/planted --list

Plants each bug of fuzz/planted in a copy of the checkout, builds the program's ELF, and runs the fuzz suite on it until a
check fails: who may do what (access), many actors (actors, and protocol of all four programs), raw instructions (raw), the program's
integration tests (tests), the references in exact arithmetic, the small worlds and the program's unit tests (models), and who looks for profit
(adversary). What the bug's file names (`found by: tests NAME`, an integration test; `found by: adversary SCENE`) is run instead. Fails if no
check finds a bug, or one of fuzz/planted cannot be planted any more. A bug of the builder is planted in scripts/sbf, which is compiled anew and builds `stake`: there the check is the program's Rust against its
ELF (native). It is no part of a sample.

  --sample N      only the first N bugs of each program (2)
  --all           every bug
  --build         only build the ELFs that are missing
  --elves FOLDER  where ELFs with bugs are kept; each is used again as long as what it is built from stays (target/planted-elves)
  --every         do not stop at the first check that finds a bug
  --adversary     only who looks for profit
  --seconds N     how long that looks for each bug, in all scenes of the program together, in processor time (50)
  --no-models     neither the references nor the small worlds, which have to be compiled with each bug
  --no-tests      no integration tests: what the rest finds
  --control       before, the same checks on the programs without a bug, which must pass; --all does that by itself
  --list          the bugs, with what they do";

/// Where the adversary calls a program.
fn scenes(program: &str) -> &'static [&'static str] {
    match program {
        "bme" => &["bme", "dollars", "lanes", "roots", "reserve", "little", "idle", "payout", "average"],
        "escrow" => &[
            "escrow", "services", "usage", "panels", "games", "proofs", "rights", "issuer", "queues", "spending",
            "gangs", "reserved", "keys",
        ],
        "identity" => &["identity"],
        "stake" => &["stake", "pool"],
        _ => &[],
    }
}

/// What a line of a bug's file begins with that says what finds it.
const FOUND_BY: &str = "found by:";

/// A bug that someone could have written.
struct Bug {
    program: String,
    name: String,
    what: String,
    /// What finds it, where its file says so: a check, and what of it.
    by: Option<(String, String)>,
    /// File, text that occurs once in it, what stands there instead.
    edits: Vec<(String, String, String)>,
}

impl Bug {
    /// A description, maybe with a line `found by: CHECK NAME`; then for each place `=== file`, `--- find`, the text, `--- replace`, the text.
    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).expect("a planted bug can be read");
        let mut parts = text.split("\n=== ");
        let (by, what): (Vec<&str>, Vec<&str>) =
            parts.next().unwrap_or_default().trim().lines().partition(|line| line.starts_with(FOUND_BY));
        let by = by.first().map(|line| line[FOUND_BY.len()..].trim().split_once(' ').expect("a check and what of it"));
        let edit = |part: &str| {
            let (file, rest) = part.split_once("\n--- find\n").expect("a text to find");
            let (find, replace) = rest.split_once("\n--- replace\n").expect("a text instead of it");
            let replace = replace.strip_suffix('\n').unwrap_or(replace);
            (file.trim().to_string(), find.to_string(), replace.to_string())
        };
        let component = |path: &Path| path.file_stem().expect("a name").to_string_lossy().into_owned();
        Self {
            program: component(path.parent().expect("a program's folder")),
            name: component(path),
            what: what.join("\n").trim().to_string(),
            by: by.map(|(check, name)| (check.to_string(), name.to_string())),
            edits: parts.map(edit).collect(),
        }
    }

    /// The files of the checkout that it changes, as they are with it.
    fn files(&self, root: &Path) -> Result<BTreeMap<String, String>, String> {
        let mut files = BTreeMap::new();
        for (file, find, replace) in &self.edits {
            let text = match files.remove(file) {
                Some(text) => text,
                None => fs::read_to_string(root.join(file)).map_err(|error| format!("{file}: {error}"))?,
            };
            let count = text.matches(find.as_str()).count();
            if count != 1 {
                return Err(format!("the text to replace occurs {count} times in {file}: plant it anew"));
            }
            files.insert(file.clone(), text.replacen(find.as_str(), replace, 1));
        }
        Ok(files)
    }
}

/// What is run.
#[derive(Clone, Copy)]
struct How {
    every: bool,
    tests: bool,
    models: bool,
    adversary: bool,
    seconds: u64,
}

fn main() -> ExitCode {
    let (mut all, mut list, mut build, mut control) = (false, false, false, false);
    let (mut sample, mut names, mut elves) = (2, vec![], None);
    let mut how = How { every: false, tests: true, models: true, adversary: false, seconds: 50 };
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--all" => all = true,
            "--build" => build = true,
            "--elves" => elves = Some(arguments.next().expect("a folder")),
            "--every" => how.every = true,
            "--adversary" => how.adversary = true,
            "--seconds" => how.seconds = arguments.next().and_then(|value| value.parse().ok()).expect("a number"),
            "--no-models" => how.models = false,
            "--no-tests" => how.tests = false,
            "--control" => control = true,
            "--list" => list = true,
            "--sample" => sample = arguments.next().and_then(|value| value.parse().ok()).expect("a number"),
            name if !name.starts_with('-') => names.push(name.trim_end_matches('/').to_string()),
            _ => {
                println!("{HELP}");
                return ExitCode::SUCCESS;
            }
        }
    }
    let places = Places::new(elves);
    let mut programs: Vec<PathBuf> = folder(&places.root.join("fuzz/planted"));
    programs.retain(|path| path.is_dir());
    let (mut bugs, mut stale) = (vec![], vec![]);
    for program in programs {
        let mut of_program: Vec<Bug> = folder(&program).iter().map(|path| Bug::read(path)).collect();
        let problems = of_program.iter().filter_map(|bug| Some((bug, bug.files(&places.root).err()?)));
        stale.extend(problems.map(|(bug, problem)| format!("{}/{}: {problem}", bug.program, bug.name)));
        if names.is_empty() && !all && !list {
            of_program.truncate(if program.ends_with(BUILDER) { 0 } else { sample });
        }
        bugs.extend(of_program);
    }
    // Each is planted in the text as it is, also if only a few are looked for.
    if !stale.is_empty() {
        println!("{} bugs cannot be planted:\n{}", stale.len(), stale.join("\n"));
        return ExitCode::FAILURE;
    }
    if !names.is_empty() {
        bugs.retain(|bug| {
            names.iter().any(|name| *name == bug.program || *name == format!("{}/{}", bug.program, bug.name))
        });
    }
    if list {
        bugs.iter().for_each(|bug| println!("{}/{}: {}", bug.program, bug.name, bug.what));
        return ExitCode::SUCCESS;
    }
    places.fill();
    if (all || control) && !build && !controls(&places, &bugs, how) {
        return ExitCode::FAILURE;
    }
    let (count, start) = (bugs.len(), Instant::now());
    let (mut by, mut failed) = (BTreeMap::<String, (u32, f32)>::new(), vec![]);
    for bug in &bugs {
        let begun = Instant::now();
        let planted = bug.files(&places.root);
        let elf = planted.and_then(|planted| Ok((places.elf(&bug.program, &bug.name, &planted)?, planted)));
        let found = match &elf {
            Err(problem) => Err(problem),
            Ok(_) if build => {
                println!("{}/{}: built in {:.1} s", bug.program, bug.name, begun.elapsed().as_secs_f32());
                continue;
            }
            Ok((elf, planted)) => {
                places.run_with(&bug.program, elf);
                Ok(find(&places, bug, planted, how))
            }
        };
        let verdict = match &found {
            Err(problem) => format!("NOT PLANTED: {problem}"),
            Ok(found) if found.is_empty() => "NOT FOUND".into(),
            Ok(found) => found.iter().map(|(by, time)| format!("{by} ({time:.1} s)")).collect::<Vec<_>>().join(", "),
        };
        match found.iter().flatten().next() {
            Some((name, time)) => {
                let sum = by.entry(name.clone()).or_default();
                *sum = (sum.0 + 1, sum.1 + time);
            }
            None => failed.push(format!("{}/{}", bug.program, bug.name)),
        }
        println!("{}/{}: {verdict}", bug.program, bug.name);
    }
    if build {
        println!("{} of {count} bugs have an ELF, in {} s", count - failed.len(), start.elapsed().as_secs());
    } else {
        by.iter().for_each(|(name, (count, seconds))| println!("{name} finds {count}, in {seconds:.0} s"));
        println!("{} of {count} bugs found, in {} s", count - failed.len(), start.elapsed().as_secs());
    }
    failed.iter().for_each(|name| println!("  not: {name}"));
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Whether all checks pass on the programs as they are: one that fails without a bug finds none. What is compiled with each bug is a test
/// of the checkout itself.
fn controls(places: &Places, bugs: &[Bug], how: How) -> bool {
    let mut programs: Vec<&str> = bugs.iter().map(|bug| bug.program.as_str()).filter(|name| *name != BUILDER).collect();
    programs.dedup();
    let mut passed = true;
    for program in programs {
        let none = Bug { program: program.into(), name: "none".into(), what: String::new(), by: None, edits: vec![] };
        places.run_with(program, &places.target.join(format!("deploy/joule_{program}.so")));
        let failed = find(places, &none, &BTreeMap::new(), How { models: false, every: true, ..how });
        let failed: Vec<&str> = failed.iter().map(|(name, _)| name.as_str()).collect();
        let verdict = if failed.is_empty() { "nothing fails".into() } else { format!("FAILS: {}", failed.join(", ")) };
        println!("{program} without a bug: {verdict}");
        passed &= failed.is_empty();
    }
    passed
}

/// Which checks find it, and after how many seconds.
fn find(places: &Places, bug: &Bug, planted: &BTreeMap<String, String>, how: How) -> Vec<(String, f32)> {
    let program = bug.program.as_str();
    let log = &places.running.join("check.log");
    let raw = places.target.join("fuzz/planted-raw/");
    fs::create_dir_all(&raw).expect("a folder");
    let prefix = format!("-artifact_prefix={}", raw.display());
    let actors = |of: &str, seed: u32| places.check("actors", &[of, "--seed", &seed.to_string()]);
    let mut checks: Vec<(&str, Vec<Command>)> = vec![
        ("access", vec![places.check("access", &["--program", program])]),
        ("actors", (1..=4).map(|seed| actors(program, seed)).collect()),
        ("protocol", (1..=2).map(|seed| actors("protocol", seed)).collect()),
        ("raw", vec![places.check("raw", &["-seed=1", "-runs=10000", "-len_control=0", "-max_len=256", &prefix])]),
    ];
    if program == BUILDER {
        checks = vec![("native", vec![places.check("native", &["--each", "1", "--program", BUILT])])];
    }
    let mut models = Command::new("cargo");
    models.args(["test", "--quiet", "--locked", "-p", "joule-models", "-p", "joule-worlds", "-p"]);
    models.arg(format!("joule-{program}")).current_dir(&places.copy);
    models.env("CARGO_TARGET_DIR", places.target.join("planted-models"));
    if program != BUILDER {
        if how.tests {
            checks
                .push(("tests", vec![places.tests(&[&format!("{program}::"), "--skip", "bench", "--skip", "random"])]));
        }
        if how.models {
            checks.push(("models", vec![models]));
        }
    }
    let scenes = scenes(program);
    let seconds = how.seconds.to_string();
    let look = |scenes: &[&str]| places.check("adversary", &[scenes, &["--shared", &seconds]].concat());
    let adversary = ("adversary", vec![look(scenes)]);
    match &bug.by {
        _ if how.adversary => checks = vec![adversary],
        Some((check, name)) => {
            let named = match check.as_str() {
                "tests" => ("tests", vec![places.tests(&[name])]),
                "adversary" => ("adversary", vec![look(&[name])]),
                _ => panic!("{program}/{}: found by: tests NAME, or: adversary SCENE", bug.name),
            };
            // The others find nothing: it would not be named.
            checks.retain(|_| how.every);
            checks.push(named);
        }
        None => checks.push(adversary),
    }
    let mut found: Vec<(String, f32)> = vec![];
    for (name, commands) in checks {
        if !found.is_empty() && !how.every {
            continue;
        }
        if name == "adversary" {
            places.build_adversary();
        }
        let start = Instant::now();
        let limit = Duration::from_secs(1_200);
        // Of a call, not to end is a finding; the references have to be compiled first, and the adversary plays many sequences.
        let fails = |mut command| match name {
            "models" => {
                let outcome = places.with_planted(planted, || passes(&mut command, log, limit));
                outcome == Some(false)
            }
            "adversary" | "tests" => passes(&mut command, log, limit) == Some(false),
            _ => passes(&mut command, log, limit) != Some(true),
        };
        if commands.into_iter().any(fails) {
            found.push((name.to_string(), start.elapsed().as_secs_f32()));
            if name == "adversary" {
                // In which scene, after how long, and which promise.
                let log = fs::read_to_string(log).unwrap_or_default();
                log.lines().filter(|line| line.contains(": BROKEN")).for_each(|line| println!("  {line}"));
            }
        }
    }
    found
}
