//! A copy of the checkout in which the programs' source is changed and built.

use std::{
    collections::{BTreeMap, HashMap},
    env, fs,
    hash::{DefaultHasher, Hash, Hasher},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Once,
    time::{Duration, Instant},
};

/// The programs.
pub const PROGRAMS: [&str; 4] = ["bme", "escrow", "identity", "stake"];

/// In place of a program: what builds them all.
pub const BUILDER: &str = "builder";
/// What a builder with a bug builds: its arithmetic needs all that is rewritten.
pub const BUILT: &str = "stake";

/// Where everything is.
pub struct Places {
    /// The checkout.
    pub root: PathBuf,
    /// Where it is built.
    pub target: PathBuf,
    /// The checkout again, in which bugs are planted.
    pub copy: PathBuf,
    /// Where ELFs with bugs are kept.
    pub elves: PathBuf,
    /// The ELFs that this process runs.
    pub running: PathBuf,
    /// The checkout's files, and a hash of what is in each.
    files: HashMap<String, u64>,
}

impl Places {
    /// Of this checkout; what is built is kept in a folder, or where it is by default.
    pub fn new(elves: Option<String>) -> Self {
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
    pub fn fill(&self) {
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
    pub fn with_planted<T>(&self, planted: &BTreeMap<String, String>, act: impl FnOnce() -> T) -> T {
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

    /// The ELF of a program, or of what the builder builds, with these files instead of its own: the one at hand, if it was built from
    /// the same, or a new one.
    pub fn elf(&self, of: &str, name: &str, planted: &BTreeMap<String, String>) -> Result<PathBuf, String> {
        let program = built(of);
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
        let folder = self.elves.join(of);
        let elf = folder.join(format!("{}-{:016x}.so", name, hash(&(parts, compiler))));
        if elf.exists() {
            return Ok(elf);
        }
        if !self.with_planted(planted, || self.build(of)) {
            return Err("it does not compile".into());
        }
        fs::create_dir_all(&folder).expect("a folder");
        // Replaced as a whole: others may look for it.
        let unfinished = folder.join(format!(".{}-{}", name, std::process::id()));
        fs::copy(self.copy.join(format!("target/deploy/joule_{program}.so")), &unfinished).expect("an ELF");
        fs::rename(unfinished, &elf).expect("an ELF");
        Ok(elf)
    }

    /// What runs is all ELFs as they should be, but for one.
    pub fn run_with(&self, program: &str, elf: &Path) {
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
    pub fn build_adversary(&self) {
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
    pub fn tests(&self, names: &[&str]) -> Command {
        let mut tests = Command::new("cargo");
        tests.args(["test", "--quiet", "--locked", "--workspace", "--all-features", "--test", "integration", "--"]);
        tests.args(names).env("SBF_OUT_DIR", &self.running).env("JOULE_ENGINE", "lite").current_dir(&self.root);
        tests
    }

    /// A binary of the checkout, on the ELFs that run.
    pub fn check(&self, binary: &str, arguments: &[&str]) -> Command {
        // Who plays the most is built for it.
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
pub fn passes(command: &mut Command, log: &Path, limit: Duration) -> Option<bool> {
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

/// What is in a folder, in its order.
pub fn folder(path: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(path).expect("a folder").map(|entry| entry.expect("a file").path()).collect();
    entries.sort();
    entries
}
