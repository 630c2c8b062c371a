//! Plants one bug after the other in a copy of the checkout, and says which check finds it, and how fast.

use std::{
    collections::{BTreeMap, HashMap},
    env, fs,
    hash::{DefaultHasher, Hash, Hasher},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    sync::Once,
    time::{Duration, Instant},
};

const HELP: &str = "usage: scripts/planted [--sample N | --all] [--build] [--elves FOLDER] [--every] [--adversary] [--seconds N]
                       [--no-models] [--no-tests] [--control] [PROGRAM | PROGRAM/BUG]...
       scripts/planted --list

Plants each bug of fuzz/planted in a copy of the checkout, builds the program's ELF, and runs the fuzz suite on it until a
check fails: who may do what (access), many actors (actors, and protocol of all four programs), raw instructions (raw), the program's
integration tests (tests), the references in exact arithmetic, the small worlds and the program's unit tests (models), and who looks for profit
(adversary). What the bug's file names (`found by: tests NAME`, an integration test; `found by: adversary SCENE`) is run instead. Fails if no
check finds a bug. A bug of the builder is planted in scripts/sbf, which is compiled anew and builds `stake`: there the check is the program's Rust against its
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

/// The folder of bugs that are not in a program, but in what builds it.
const BUILDER: &str = "builder";
/// What a builder with a bug builds: its arithmetic needs all that is rewritten.
const BUILT: &str = "stake";

const PROGRAMS: [&str; 4] = ["bme", "escrow", "identity", "stake"];

/// Where the adversary calls a program.
fn scenes(program: &str) -> &'static [&'static str] {
    match program {
        "bme" => &["bme", "dollars", "lanes", "roots", "reserve", "little", "idle", "payout", "average"],
        "escrow" => {
            &["escrow", "services", "usage", "panels", "games", "proofs", "rights", "issuer", "queues", "spending"]
        }
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

/// Where everything is.
struct Places {
    root: PathBuf,
    target: PathBuf,
    /// The checkout again, in which bugs are planted.
    copy: PathBuf,
    /// Where ELFs with bugs are kept.
    elves: PathBuf,
    /// The ELFs that this process runs.
    running: PathBuf,
    /// The checkout's files, and a hash of what is in each.
    files: HashMap<String, u64>,
}

impl Places {
    fn new(elves: Option<String>) -> Self {
        let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).canonicalize().expect("the checkout");
        let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        let copy = target.join("planted");
        let elves = elves.map_or_else(|| target.join("planted-elves"), PathBuf::from);
        let running = copy.join("target").join(format!("running-{}", std::process::id()));
        fs::create_dir_all(&running).expect("a folder");
        let mut places = Self { root, target, copy, elves, running, files: HashMap::new() };
        let hashed = |file: &str| Some((file.to_string(), hash(&fs::read(places.root.join(file)).ok()?)));
        places.files = places.listed().lines().filter_map(hashed).collect();
        places
    }

    /// The names of the checkout's files, committed or not.
    fn listed(&self) -> String {
        let listed = Command::new("git")
            .args(["ls-files", "--cached", "--others", "--exclude-standard"])
            .current_dir(&self.root)
            .output()
            .expect("git lists the files");
        String::from_utf8(listed.stdout).expect("names")
    }

    /// Nobody else changes the copy as long as this is kept.
    fn lock(&self) -> fs::File {
        let file = fs::File::create(self.copy.join("target/lock")).expect("a lock");
        file.lock().expect("a lock");
        file
    }

    /// What the checkout's build has made of the standard library and of other people's crates need not be made again: cargo
    /// takes it for its own at the same place below the copy.
    fn take_over(&self) {
        let to = self.copy.join("target/sbf");
        if to.exists() {
            return;
        }
        for compiler in folder(&self.target.join("sbf")) {
            let to = to.join(compiler.file_name().expect("a name"));
            fs::create_dir_all(&to).expect("the copy can be made");
            for part in ["llvm", "own", "sysroot"] {
                let copied = Command::new("cp").arg("--archive").arg(compiler.join(part)).arg(&to).status();
                assert!(copied.is_ok_and(|status| status.success()), "{part} is there: run scripts/build");
            }
        }
        // By its real path: the description of the target is a part of what cargo knows its outputs by.
        let description = Path::new("scripts/sbf/sbf-solana-solana.json");
        fs::create_dir_all(self.copy.join("scripts/sbf")).expect("the copy can be made");
        drop(fs::remove_file(self.copy.join(description)));
        symlink(self.root.join(description), self.copy.join(description)).expect("a link");
    }

    /// The copy as the checkout is.
    fn fill(&self) {
        let _lock = self.lock();
        self.take_over();
        let listed = self.listed();
        // What the checkout has no more would be found by cargo.
        let gone = |path: &Path| {
            path.strip_prefix(&self.copy).is_ok_and(|name| !listed.lines().any(|file| Path::new(file) == name))
        };
        remove(&self.copy, &self.copy.join("target"), &gone);
        for file in listed.lines() {
            let (from, to) = (self.root.join(file), self.copy.join(file));
            let Ok(bytes) = fs::read(&from) else { continue };
            // What did not change keeps its time, or everything would be built anew.
            if fs::read(&to).is_ok_and(|old| old == bytes) {
                continue;
            }
            fs::create_dir_all(to.parent().expect("a folder")).expect("the copy can be made");
            fs::write(&to, bytes).expect("the copy can be written");
        }
    }

    /// Does something while the copy has these files instead of its own.
    fn with_planted<T>(&self, planted: &BTreeMap<String, String>, act: impl FnOnce() -> T) -> T {
        let _lock = self.lock();
        let write =
            |file: &String, text: &[u8]| fs::write(self.copy.join(file), text).expect("the copy can be written");
        planted.iter().for_each(|(file, text)| write(file, text.as_bytes()));
        let result = act();
        for file in planted.keys() {
            write(file, &fs::read(self.root.join(file)).expect("the checkout's file"));
        }
        result
    }

    /// The ELF with a bug: the one at hand, if it was built from the same files, or a new one.
    fn elf(&self, bug: &Bug, planted: &BTreeMap<String, String>) -> Result<PathBuf, String> {
        let program = built(&bug.program);
        let others: Vec<String> = (PROGRAMS.iter().filter(|other| **other != program))
            .map(|other| format!("programs/{other}/program/"))
            .collect();
        let mut parts: Vec<(&str, u64)> = vec![];
        for (file, hash) in &self.files {
            let is_source = file.ends_with(".rs") || file.ends_with(".toml") || file.ends_with(".json");
            let decides = file.starts_with("programs/") && !others.iter().any(|other| file.starts_with(other));
            let builds = ["scripts/sbf/", "scripts/third-party/solana-compiler-builtins/"];
            let decides = decides || builds.iter().any(|folder| file.starts_with(folder));
            if decides && is_source || ["Cargo.toml", "Cargo.lock"].contains(&file.as_str()) {
                parts.push((file, planted.get(file).map_or(*hash, |text| self::hash(text.as_bytes()))));
            }
        }
        parts.sort();
        let compiler = fs::read(self.target.join("deploy/compiler.txt")).unwrap_or_default();
        let folder = self.elves.join(&bug.program);
        let elf = folder.join(format!("{}-{:016x}.so", bug.name, hash(&(parts, compiler))));
        if elf.exists() {
            return Ok(elf);
        }
        if !self.with_planted(planted, || self.build(&bug.program)) {
            return Err("it does not compile".into());
        }
        fs::create_dir_all(&folder).expect("a folder");
        // Replaced as a whole: others may look for it.
        let unfinished = folder.join(format!(".{}-{}", bug.name, std::process::id()));
        fs::copy(self.copy.join(format!("target/deploy/joule_{program}.so")), &unfinished).expect("an ELF");
        fs::rename(unfinished, &elf).expect("an ELF");
        Ok(elf)
    }

    /// What runs is all ELFs as they should be, but for one.
    fn run_with(&self, program: &str, elf: &Path) {
        for entry in fs::read_dir(self.target.join("deploy")).expect("programs are built") {
            let entry = entry.expect("a file");
            fs::copy(entry.path(), self.running.join(entry.file_name())).expect("a copy");
        }
        fs::copy(elf, self.running.join(format!("joule_{}.so", built(program)))).expect("a copy");
    }

    fn build(&self, program: &str) -> bool {
        let (log, limit) = (self.running.join("build.log"), Duration::from_secs(1_800));
        let is_builder = program == BUILDER;
        let target = if is_builder { self.target.join("planted-builder") } else { self.target.clone() };
        if is_builder {
            let mut builder = Command::new("cargo");
            builder.args(["build", "--quiet", "--locked", "--package", "joule-sbf", "--bins"]).current_dir(&self.copy);
            if passes(builder.env("CARGO_TARGET_DIR", &target), &log, limit) != Some(true) {
                return false;
            }
        }
        // Whoever looks at the bugs has others at work.
        let mut build = Command::new("nice");
        build.args(["-n", "10"]).arg(target.join("debug/sbf"));
        build.arg("build").arg("--target").arg(self.copy.join("target")).arg("--root").arg(&self.copy);
        build.arg(format!("joule-{}", built(program)));
        passes(&mut build, &log, limit) == Some(true)
    }

    /// Whoever looks for profit plays by the ten thousand, so that is built for it, once.
    fn build_adversary(&self) {
        static BUILT: Once = Once::new();
        BUILT.call_once(|| {
            println!("(building the adversary, optimized: the first time takes minutes)");
            let mut build = Command::new("cargo");
            // What is selected as in scripts/adversary is compiled there already.
            build.args(["build", "--quiet", "--locked", "--workspace", "--all-features", "--example", "post_job"]);
            build.args(["--profile", "search", "--bin", "adversary"]).current_dir(&self.root);
            let built = build.status().is_ok_and(|status| status.success());
            assert!(built, "the adversary is built");
        });
    }

    /// Integration tests, on the same ELFs.
    fn tests(&self, names: &[&str]) -> Command {
        let mut tests = Command::new("cargo");
        tests.args(["test", "--quiet", "--locked", "--workspace", "--all-features", "--test", "integration", "--"]);
        tests.args(names).env("SBF_OUT_DIR", &self.running).env("JOULE_ENGINE", "lite").current_dir(&self.root);
        tests
    }

    /// A binary of the checkout, on the ELFs that run.
    fn check(&self, binary: &str, arguments: &[&str]) -> Command {
        // Who plays the most is built for it: see scripts/planted.
        let profile = if binary == "adversary" { "search" } else { "debug" };
        let mut check = Command::new(self.target.join(profile).join(binary));
        check.args(arguments).env("SBF_OUT_DIR", &self.running).env("JOULE_ENGINE", "lite");
        check.env_remove("JOULE_EXAMPLES").env("RUST_LOG", "off").current_dir(&self.copy);
        check.env("JOULE_SEQUENCES", self.root.join("fuzz/corpus/adversary"));
        if let Some(examples) = env::var_os("JOULE_EXAMPLES") {
            check.env("JOULE_EXAMPLES", examples);
        }
        check
    }
}

impl Drop for Places {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.running).expect("a folder of our own");
    }
}

/// The program that is built.
fn built(program: &str) -> &str {
    if program == BUILDER { BUILT } else { program }
}

fn hash(what: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

/// Whether it ends well; nothing if it does not end in time, which counts as a finding.
fn passes(command: &mut Command, log: &Path, limit: Duration) -> Option<bool> {
    let file = fs::File::create(log).expect("a log can be written");
    let mut child = command
        .stdin(Stdio::null())
        .stdout(file.try_clone().expect("a file"))
        .stderr(file)
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("a process") {
            return Some(status.success());
        }
        if start.elapsed() > limit {
            child.kill().expect("a process of our own");
            child.wait().expect("a process");
            return None;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
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
    let mut bugs = vec![];
    for program in programs {
        let mut of_program: Vec<Bug> = folder(&program).iter().map(|path| Bug::read(path)).collect();
        if names.is_empty() && !all && !list {
            of_program.truncate(if program.ends_with(BUILDER) { 0 } else { sample });
        }
        bugs.extend(of_program);
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
        let elf = planted.and_then(|planted| Ok((places.elf(bug, &planted)?, planted)));
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

/// Removes files below a folder, but for one folder of it.
fn remove(folder: &Path, but: &Path, gone: &impl Fn(&Path) -> bool) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("a file").path();
        if path.is_dir() && path != but {
            remove(&path, but, gone);
        } else if path.is_file() && gone(&path) {
            fs::remove_file(path).expect("the copy can be changed");
        }
    }
}

fn folder(path: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(path).expect("a folder").map(|entry| entry.expect("a file").path()).collect();
    entries.sort();
    entries
}

/// Which checks find it, and after how many seconds.
fn find(places: &Places, bug: &Bug, planted: &BTreeMap<String, String>, how: How) -> Vec<(String, f32)> {
    let program = bug.program.as_str();
    let log = &places.running.join("check.log");
    let raw = places.target.join("fuzz/planted-raw/");
    fs::create_dir_all(&raw).expect("a folder");
    let prefix = format!("-artifact_prefix={}", raw.display());
    let mut checks: Vec<(&str, Vec<Command>)> = vec![
        ("access", vec![places.check("access", &["--program", program])]),
        ("actors", (1..=4).map(|seed: u32| places.check("actors", &[program, "--seed", &seed.to_string()])).collect()),
        (
            "protocol",
            (1..=2).map(|seed: u32| places.check("actors", &["protocol", "--seed", &seed.to_string()])).collect(),
        ),
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
            checks.push(("tests", vec![places.tests(&[&format!("{program}::"), "--skip", "bench", "--skip", "random"])]));
        }
        if how.models {
            checks.push(("models", vec![models]));
        }
    }
    let scenes = scenes(program);
    // As long in one as in the others.
    let look = |scene: &str, of: usize| {
        let seconds = (how.seconds as f32 / of as f32).to_string();
        places.check("adversary", &[scene, "--seconds", &seconds])
    };
    let adversary = ("adversary", scenes.iter().map(|scene| look(scene, scenes.len())).collect());
    match &bug.by {
        _ if how.adversary => checks = vec![adversary],
        Some((check, name)) => {
            let named = match check.as_str() {
                "tests" => ("tests", vec![places.tests(&[name])]),
                "adversary" => ("adversary", vec![look(name, 1)]),
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
        }
    }
    found
}
