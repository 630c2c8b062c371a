//! Plants one bug after the other in a copy of the checkout, and says which check finds it, and how fast.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    time::{Duration, Instant},
};

const HELP: &str = "usage: scripts/planted [--sample N | --all] [--every] [--adversary] [--seconds N] [--no-models] [--tests] [PROGRAM | PROGRAM/BUG]...
       scripts/planted --list

Plants each bug of fuzz/planted in a copy of the checkout, builds the program's ELF, and runs the fuzz suite on it until a
check fails: who may do what (access), many actors (actors, and protocol of all four programs), raw instructions (raw), who looks
for profit (adversary), and where none of these fails the references in exact arithmetic and the small worlds (models). Fails if no check finds a bug.
A bug of the builder is planted in scripts/sbf, which is compiled anew and builds `stake`: there the check is the program's Rust against its
ELF (native). It is no part of a sample.

  --sample N   only the first N bugs of each program (2)
  --all        every bug
  --every      do not stop at the first check that finds a bug
  --adversary  only what looks for profit (adversary)
  --seconds N  how long that looks in each scene of the program (120)
  --no-models  neither the references nor the small worlds, which have to be compiled with each bug
  --tests      run the program's integration tests as well, and say whether they find it
  --list       the bugs, with what they do";

/// The folder of bugs that are not in a program, but in what builds it.
const BUILDER: &str = "builder";
/// What a builder with a bug builds: its arithmetic needs all that is rewritten.
const BUILT: &str = "stake";

/// Where the adversary calls a program.
fn scenes(program: &str) -> &'static [&'static str] {
    match program {
        "bme" => &["bme", "dollars"],
        "escrow" => &["escrow", "usage", "panels", "issuer", "queues", "spending"],
        "identity" => &["identity"],
        "stake" => &["stake"],
        _ => &[],
    }
}

/// A bug that someone could have written.
struct Bug {
    program: String,
    name: String,
    what: String,
    /// File, text that occurs once in it, what stands there instead.
    edits: Vec<(String, String, String)>,
}

impl Bug {
    /// A description; then for each place `=== file`, `--- find`, the text, `--- replace`, the text.
    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).expect("a planted bug can be read");
        let mut parts = text.split("\n=== ");
        let what = parts.next().unwrap_or_default().trim().to_string();
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
            what,
            edits: parts.map(edit).collect(),
        }
    }

    /// Plants it; returns the files as they were.
    fn plant(&self, root: &Path) -> Result<Vec<(PathBuf, String)>, String> {
        let mut before = vec![];
        for (file, find, replace) in &self.edits {
            let path = root.join(file);
            let text = fs::read_to_string(&path).map_err(|error| format!("{file}: {error}"))?;
            let count = text.matches(find.as_str()).count();
            if count != 1 {
                restore(before);
                return Err(format!("the text to replace occurs {count} times in {file}: plant it anew"));
            }
            let changed = text.replacen(find.as_str(), replace, 1);
            before.push((path.clone(), text));
            fs::write(path, changed).expect("the copy can be written");
        }
        Ok(before)
    }
}

fn restore(files: Vec<(PathBuf, String)>) {
    for (path, text) in files.into_iter().rev() {
        fs::write(path, text).expect("the copy can be written");
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
    copy: PathBuf,
}

impl Places {
    fn new() -> Self {
        let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).canonicalize().expect("the checkout");
        let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        let copy = target.join("planted");
        Self { root, target, copy }
    }

    /// The checkout's files as they are, committed or not.
    fn fill(&self) {
        let listed = Command::new("git")
            .args(["ls-files", "--cached", "--others", "--exclude-standard"])
            .current_dir(&self.root)
            .output()
            .expect("git lists the files");
        let listed = String::from_utf8(listed.stdout).expect("names");
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
        let deploy = self.copy.join("target/deploy");
        fs::create_dir_all(&deploy).expect("the copy can be made");
    }

    /// All ELFs as they should be; the broken one is built over its own.
    fn elves(&self) {
        for entry in fs::read_dir(self.target.join("deploy")).expect("programs are built") {
            let entry = entry.expect("a file");
            fs::copy(entry.path(), self.copy.join("target/deploy").join(entry.file_name())).expect("a copy");
        }
    }

    fn build(&self, program: &str) -> bool {
        let (log, limit) = (self.copy.join("build.log"), Duration::from_secs(600));
        let is_builder = program == BUILDER;
        let target = if is_builder { self.target.join("planted-builder") } else { self.target.clone() };
        if is_builder {
            let mut builder = Command::new("cargo");
            builder.args(["build", "--quiet", "--locked", "--package", "joule-sbf", "--bins"]).current_dir(&self.copy);
            if passes(builder.env("CARGO_TARGET_DIR", &target), &log, limit) != Some(true) {
                return false;
            }
        }
        let mut build = Command::new(target.join("debug/sbf"));
        build.arg("build").arg("--target").arg(self.copy.join("target")).arg("--root").arg(&self.copy);
        build.arg(format!("joule-{}", if is_builder { BUILT } else { program }));
        passes(&mut build, &log, limit) == Some(true)
    }

    /// A binary of the checkout, on the copy's ELFs.
    fn check(&self, binary: &str, arguments: &[&str]) -> Command {
        let mut check = Command::new(self.target.join("debug").join(binary));
        check.args(arguments).env("SBF_OUT_DIR", self.copy.join("target/deploy")).env("JOULE_ENGINE", "lite");
        check.env_remove("JOULE_EXAMPLES").env("RUST_LOG", "off").current_dir(&self.copy);
        if let Some(examples) = env::var_os("JOULE_EXAMPLES") {
            check.env("JOULE_EXAMPLES", examples);
        }
        check
    }
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
    let (mut all, mut list, mut sample, mut names) = (false, false, 2, vec![]);
    let mut how = How { every: false, tests: false, models: true, adversary: false, seconds: 120 };
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--all" => all = true,
            "--every" => how.every = true,
            "--tests" => how.tests = true,
            "--adversary" => (how.adversary, how.models) = (true, false),
            "--seconds" => how.seconds = arguments.next().and_then(|value| value.parse().ok()).expect("a number"),
            "--no-models" => how.models = false,
            "--list" => list = true,
            "--sample" => sample = arguments.next().and_then(|value| value.parse().ok()).expect("a number"),
            name if !name.starts_with('-') => names.push(name.trim_end_matches('/').to_string()),
            _ => {
                println!("{HELP}");
                return ExitCode::SUCCESS;
            }
        }
    }
    let places = Places::new();
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
    let (mut survivors, count, start) = (0, bugs.len(), Instant::now());
    for bug in &bugs {
        places.elves();
        let found = try_bug(&places, bug, how);
        let verdict = match &found {
            Err(problem) => format!("NOT PLANTED: {problem}"),
            Ok(found) if found.is_empty() => "NOT FOUND".into(),
            Ok(found) => found.join(", "),
        };
        if found.is_err() || found.is_ok_and(|found| found.iter().all(|by| by.starts_with("tests"))) {
            survivors += 1;
        }
        println!("{}/{}: {verdict}", bug.program, bug.name);
    }
    println!("{} of {count} bugs found, in {} s", count - survivors, start.elapsed().as_secs());
    if survivors == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
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
fn try_bug(places: &Places, bug: &Bug, how: How) -> Result<Vec<String>, String> {
    let before = bug.plant(&places.copy)?;
    let built = places.build(&bug.program);
    let log = places.copy.join("check.log");
    let outcome = if built { Ok(find(places, bug, how, &log)) } else { Err("it does not compile".into()) };
    restore(before);
    outcome
}

fn find(places: &Places, bug: &Bug, how: How, log: &Path) -> Vec<String> {
    let program = bug.program.as_str();
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
    } else {
        let look = |scene: &&str| places.check("adversary", &[scene, "--seconds", &how.seconds.to_string()]);
        checks.push(("adversary", scenes(program).iter().map(look).collect()));
    }
    if how.adversary {
        checks.retain(|(name, _)| *name == "adversary");
    }
    let mut models = Command::new("cargo");
    models.args(["test", "--quiet", "--locked", "-p", "joule-models", "-p", "joule-worlds"]).current_dir(&places.copy);
    models.env("CARGO_TARGET_DIR", places.target.join("planted-models"));
    if how.models && program != BUILDER {
        checks.push(("models", vec![models]));
    }
    let mut found = vec![];
    for (name, commands) in checks {
        let start = Instant::now();
        // Of a call, not to end is a finding; the references have to be compiled first.
        let fails = |mut command| match name {
            "models" => passes(&mut command, log, Duration::from_secs(1_200)) == Some(false),
            // It plays many sequences, each of which ends.
            "adversary" => passes(&mut command, log, Duration::from_secs(900)) == Some(false),
            _ => passes(&mut command, log, Duration::from_secs(900)) != Some(true),
        };
        if commands.into_iter().any(fails) {
            found.push(format!("{name} ({:.1} s)", start.elapsed().as_secs_f32()));
            if !how.every {
                break;
            }
        }
    }
    if how.tests {
        let start = Instant::now();
        let mut command = Command::new("cargo");
        command.args(["test", "--quiet", "--locked", "-p", "joule-tests", "--test", "integration", "--"]);
        command.arg(format!("{program}::")).args(["--skip", "bench", "--skip", "random"]);
        command.env("SBF_OUT_DIR", places.copy.join("target/deploy")).env("JOULE_ENGINE", "lite");
        command.current_dir(&places.root);
        if passes(&mut command, log, Duration::from_secs(120)) != Some(true) {
            found.push(format!("tests ({:.1} s)", start.elapsed().as_secs_f32()));
        }
    }
    found
}
