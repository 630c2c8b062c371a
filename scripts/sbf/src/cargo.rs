//! Runs cargo with the sysroot and the linker, and gathers what it built.

use {
    crate::{
        elf::Report,
        link::{SYMBOLS, Version},
        llvm,
        sysroot::{self, Sysroot},
        toolchain::Toolchain,
    },
    anyhow::{Context, Result, ensure},
    serde_json::Value,
    sha2::{Digest, Sha256},
    std::{
        env,
        fs::{self, File},
        io::{BufRead, BufReader},
        path::{Path, PathBuf},
        process::{Command, Stdio},
    },
};

/// Description of the target, beside this crate's manifest.
const TARGET: &str = "scripts/sbf/sbf-solana-solana.json";

/// Manifests of programs whose source is in the registry; each directory has the name of its package.
const THIRD_PARTY: &str = "scripts/third-party";

/// The package of memory and arithmetic functions among them, which is no program.
const RUNTIME: &str = "solana-compiler-builtins";

/// Everything that a build needs.
pub struct Workshop {
    root: PathBuf,
    output: PathBuf,
    /// Directory of what depends on the compiler.
    work: PathBuf,
    /// Hash of what decides how the linker links.
    linker: String,
    sysroot: Sysroot,
    runtime: Option<PathBuf>,
    /// Version of sBPF that programs of this checkout are for.
    version: Version,
    /// Whether to keep symbols.
    symbols: bool,
    /// Held while this lives: of two builds at once, one would remove what the other is about to copy.
    _lock: File,
}

/// Where a package comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    Own,
    ThirdParty,
}

/// A package with a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Name of the package.
    pub package: String,
    /// Name of its library: that of the ELF.
    pub library: String,
    /// Manifest of its workspace, beside which the lock file lies.
    pub manifest: PathBuf,
}

impl Workshop {
    /// Prepares what builds share. `root` is the checkout, `target` where everything goes.
    ///
    /// With `symbols` programs are built again, in a place of their own, with what the debugger knows.
    pub fn open(root: &Path, target: &Path, version: Version, symbols: bool) -> Result<Self> {
        let root = root.canonicalize().with_context(|| root.display().to_string())?;
        fs::create_dir_all(target)?;
        let target = target.canonicalize()?;
        let toolchain = Toolchain::detect()?;
        eprintln!("compiler: {}", toolchain.name());
        let target_file = fs::read(root.join(TARGET))?;
        let key = digest([toolchain.description.as_bytes(), &target_file, sysroot::EDITED_BY]);
        let work = target.join("sbf").join(key);
        let output = target.join(if symbols { "symbols" } else { "deploy" });
        fs::create_dir_all(&work)?;
        let lock = File::create(work.join("lock"))?;
        if lock.try_lock().is_err() {
            eprintln!("waiting for another build to end");
            lock.lock()?;
        }
        fs::create_dir_all(&output)?;
        // What the compute units of these programs depend on.
        fs::write(output.join("compiler.txt"), toolchain.name())?;
        llvm::directory_of(&toolchain.llvm_library, &work.join("llvm"))?;
        let mut remap = vec![(root.clone(), "/source")];
        remap.extend(registries()?.into_iter().map(|path| (path, "/registry")));
        let library = work.join("sysroot").join(sysroot::SOURCE);
        // Cargo names files below the workspace by their path from there.
        if let Ok(relative) = library.strip_prefix(&root) {
            remap.push((relative.to_owned(), sysroot::SHOWN));
        }
        remap.push((library, sysroot::SHOWN));
        let sysroot = Sysroot::prepare(&toolchain, &work.join("sysroot"), &remap)?;
        let linker = tree(&root.join("scripts/sbf"))?;
        let mut workshop = Self { root, output, work, linker, sysroot, runtime: None, version, symbols, _lock: lock };
        let manifest = workshop.root.join(THIRD_PARTY).join(RUNTIME).join("Cargo.toml");
        let artifacts = workshop.build(&manifest, RUNTIME, Origin::ThirdParty)?;
        let archive = artifacts.into_iter().find(|path| path.extension().is_some_and(|extension| extension == "rlib"));
        workshop.runtime = Some(archive.with_context(|| format!("{RUNTIME} gave no archive"))?);
        Ok(workshop)
    }

    /// Builds a program of this checkout.
    pub fn build_own(&self, program: &Program) -> Result<Report> {
        let kind = if self.symbols { "symbols" } else { "linker" };
        let stamp = self.work.join(format!("{}.{kind}", program.library));
        let linker = format!("{} {}", self.linker, self.version.name());
        if fs::read_to_string(&stamp).ok().as_ref() != Some(&linker) {
            self.clean(&program.manifest, &program.package)?;
        }
        let artifacts = self.build(&program.manifest, &program.package, Origin::Own)?;
        fs::write(&stamp, linker)?;
        self.deploy(program, &artifacts)
    }

    /// Builds a program of the registry, unless the one at hand came from the same lock file, compiler and linker.
    pub fn build_third_party(&self, program: &Program) -> Result<Report> {
        let manifest = &program.manifest;
        let lock = manifest.with_file_name("Cargo.lock");
        let key = digest([&fs::read(manifest)?, &fs::read(lock)?, self.linker.as_bytes()]);
        let stamp = self.work.join(format!("{}.stamp", program.library));
        let built = self.output.join(format!("{}.so", program.library));
        if let Ok(report) = Report::of(&built)
            && fs::read_to_string(&stamp).is_ok_and(|text| text == format!("{key} {}", report.sha256))
        {
            return Ok(report);
        }
        self.clean(manifest, &program.package)?;
        let artifacts = self.build(manifest, &program.package, Origin::ThirdParty)?;
        let report = self.deploy(program, &artifacts)?;
        fs::write(&stamp, format!("{key} {}", report.sha256))?;
        Ok(report)
    }

    /// Makes cargo link a program again: it does not notice another linker.
    fn clean(&self, manifest: &Path, package: &str) -> Result<()> {
        let status = self.cargo("clean", manifest, package).arg("--quiet").status().context("cargo clean")?;
        ensure!(status.success(), "cargo clean failed");
        Ok(())
    }

    /// Runs cargo for one package. Alone, because packages built together share features, and a library without an
    /// entry point is one of them.
    fn build(&self, manifest: &Path, package: &str, origin: Origin) -> Result<Vec<PathBuf>> {
        let linker = env::current_exe()?;
        let mut path = linker.parent().map(Path::to_owned).unwrap_or_default().into_os_string();
        path.push(":");
        path.push(env::var_os("PATH").unwrap_or_default());
        let mut command = self.cargo("build", manifest, package);
        command
            .arg("--message-format=json-render-diagnostics")
            .args(["-Zbuild-std=core,alloc,std,panic_abort", "-Zbuild-std-features="])
            .args((!self.is_main(manifest)).then_some("--locked"))
            .env("PATH", path)
            // The standard library refuses a target that it does not know.
            .env("RUSTC_BOOTSTRAP_SYNTHETIC_TARGET", "1")
            .env("CARGO_ENCODED_RUSTFLAGS", "-Cllvm-args=-inline-max-stacksize=1024")
            .env_remove("RUSTFLAGS")
            .env_remove("RUSTC_WRAPPER")
            .env_remove("RUSTC_WORKSPACE_WRAPPER")
            .env("SBF_LLVM", self.work.join("llvm"))
            // Programs of the registry are on mainnet as v0.
            .env("SBF_VERSION", if origin == Origin::Own { self.version } else { Version::V0 }.name())
            .env("SBF_FRAMES", if origin == Origin::ThirdParty { "warn" } else { "refuse" })
            .stdout(Stdio::piped());
        if self.symbols && package != RUNTIME {
            command.env("SBF_SYMBOLS", "").env("CARGO_PROFILE_RELEASE_DEBUG", "line-tables-only");
        }
        match &self.runtime {
            Some(runtime) => command.env("SBF_RUNTIME", runtime),
            None => command.env_remove("SBF_RUNTIME"),
        };
        let mut child = command.spawn().context("cargo")?;
        let mut artifacts = vec![];
        for line in BufReader::new(child.stdout.take().context("cargo's output")?).lines() {
            let message: Value = serde_json::from_str(&line?)?;
            if message["reason"] == "compiler-artifact" && names(&message["package_id"], package) {
                artifacts.extend(strings(&message["filenames"]).map(PathBuf::from));
            }
        }
        ensure!(child.wait()?.success(), "{package} does not build");
        Ok(artifacts)
    }

    fn cargo(&self, command: &str, manifest: &Path, package: &str) -> Command {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo
            .args([command, "--release", "-Zjson-target-spec", "--package", package, "--manifest-path"])
            .arg(manifest)
            .arg("--target")
            .arg(self.root.join(TARGET))
            .arg("--target-dir")
            .arg(self.build_directory(manifest, package))
            .current_dir(manifest.parent().unwrap_or(&self.root))
            .env("RUSTC", &self.sysroot.rustc)
            // A stable compiler otherwise refuses options that are not stable.
            .env("RUSTC_BOOTSTRAP", "1");
        cargo
    }

    /// Whether a manifest is that of the checkout's main workspace. The others have one program each.
    fn is_main(&self, manifest: &Path) -> bool {
        manifest == self.root.join("Cargo.toml")
    }

    /// A directory for the main workspace, and one for all that are as deep below it: in one that others share, cargo builds
    /// the standard library again whenever the path from the workspace to it changes.
    fn build_directory(&self, manifest: &Path, package: &str) -> PathBuf {
        self.work.join(match package {
            RUNTIME => "runtime",
            _ if self.symbols => "symbols",
            _ if self.is_main(manifest) => "own",
            _ => "third-party",
        })
    }

    fn deploy(&self, program: &Program, artifacts: &[PathBuf]) -> Result<Report> {
        let name = format!("{}.so", program.library);
        let built = artifacts
            .iter()
            .find(|path| path.file_name().is_some_and(|file| *file == *format!("lib{name}") || *file == *name))
            .with_context(|| format!("{} gave no {name}", program.package))?;
        let to = self.output.join(&name);
        // Replaced as a whole: tests may be reading it.
        let unfinished = self.output.join(format!(".{name}.{}", std::process::id()));
        fs::copy(built, &unfinished).with_context(|| built.display().to_string())?;
        let report = Report::of(&unfinished);
        match &report {
            Ok(_) => {
                if self.symbols {
                    fs::copy(self.symbols_of(built)?, to.with_extension(SYMBOLS))?;
                }
                fs::rename(&unfinished, &to)?;
            }
            Err(_) => fs::remove_file(&unfinished)?,
        }
        Ok(Report { name, ..report.with_context(|| program.package.clone())? })
    }
}

impl Workshop {
    /// The object that the linker wrote beside an ELF; cargo gives the ELF a second name, but not the object.
    fn symbols_of(&self, built: &Path) -> Result<PathBuf> {
        let name = built.file_name().context("a file")?;
        let directory = built.parent().context("a directory")?;
        let first = [directory.to_owned(), directory.join("deps")].map(|at| at.join(name).with_extension(SYMBOLS));
        first.into_iter().find(|path| path.exists()).with_context(|| format!("{} has no symbols", built.display()))
    }
}

/// Programs of this checkout: packages below `programs` and `tests/programs` that make a `cdylib`. Those of the main
/// workspace, and those with a lock file of their own.
pub fn own_programs(root: &Path) -> Result<Vec<Program>> {
    let root = root.canonicalize()?;
    let places = [root.join("programs"), root.join("tests/programs")];
    let mut workspaces = vec![root.join("Cargo.toml")];
    for entry in fs::read_dir(&places[1])? {
        let directory = entry?.path();
        workspaces.extend(directory.join("Cargo.lock").exists().then(|| directory.join("Cargo.toml")));
    }
    let mut programs = vec![];
    for workspace in workspaces {
        for package in metadata(&workspace, &["--no-deps"])?["packages"].as_array().into_iter().flatten() {
            let manifest = Path::new(package["manifest_path"].as_str().unwrap_or_default());
            if places.iter().any(|place| manifest.starts_with(place)) {
                programs.extend(program(package, &workspace));
            }
        }
    }
    programs.sort_by(|a, b| a.package.cmp(&b.package));
    Ok(programs)
}

/// Programs of the registry.
pub fn third_party_programs(root: &Path) -> Result<Vec<Program>> {
    let mut programs = vec![];
    for entry in fs::read_dir(root.canonicalize()?.join(THIRD_PARTY))? {
        let directory = entry?.path();
        let name = directory.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let manifest = directory.join("Cargo.toml");
        if name != RUNTIME && manifest.exists() {
            programs.push(Program { library: name.replace('-', "_"), package: name, manifest });
        }
    }
    programs.sort_by(|a, b| a.package.cmp(&b.package));
    Ok(programs)
}

fn program(package: &Value, workspace: &Path) -> Option<Program> {
    let targets = package["targets"].as_array()?;
    let target = targets.iter().find(|target| strings(&target["kind"]).any(|kind| kind == "cdylib"))?;
    Some(Program {
        package: package["name"].as_str()?.to_owned(),
        library: target["name"].as_str()?.replace('-', "_"),
        manifest: workspace.to_owned(),
    })
}

fn metadata(manifest: &Path, options: &[&str]) -> Result<Value> {
    let output = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["metadata", "--format-version=1", "--manifest-path"])
        .arg(manifest)
        .args(options)
        .stderr(Stdio::inherit())
        .output()
        .context("cargo metadata")?;
    ensure!(output.status.success(), "cargo metadata failed");
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Whether cargo's id of a package is that of this name: `<url>#name@version`, or `<url>/name#version`.
fn names(id: &Value, package: &str) -> bool {
    let id = id.as_str().unwrap_or_default();
    let Some((url, rest)) = id.rsplit_once('#') else { return false };
    match rest.split_once('@') {
        Some((name, _)) => name == package,
        None => url.rsplit('/').next() == Some(package),
    }
}

fn strings(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// Where cargo unpacks sources: one directory for each registry.
fn registries() -> Result<Vec<PathBuf>> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(env::home_dir()?.join(".cargo")));
    let sources = home.context("neither CARGO_HOME nor HOME is set")?.join("registry/src");
    fs::create_dir_all(&sources)?;
    let mut found = fs::read_dir(&sources)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    found.sort();
    Ok(found)
}

/// A short hash of all parts.
fn digest<const N: usize>(parts: [impl AsRef<[u8]>; N]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.as_ref().len() as u64).to_le_bytes());
        hash.update(part);
    }
    format!("{:.16x}", hash.finalize())
}

/// What the files of this crate are that decide what it does.
fn tree(directory: &Path) -> Result<String> {
    let mut files = vec![directory.join("Cargo.toml")];
    let mut directories = vec![directory.join("src")];
    while let Some(next) = directories.pop() {
        for entry in fs::read_dir(&next).with_context(|| next.display().to_string())? {
            let path = entry?.path();
            if path.is_dir() { directories.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    let mut all = vec![];
    for path in files {
        all.extend(digest([path.strip_prefix(directory)?.to_string_lossy().as_bytes(), &fs::read(&path)?]).bytes());
    }
    Ok(digest([all]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_packages_have_two_forms() {
        for id in ["registry+https://example.org/index#joule-bme@0.1.0", "path+file:///a/joule-bme#0.1.0"] {
            assert!(names(&id.into(), "joule-bme"), "{id}");
            assert!(!names(&id.into(), "bme"), "{id}");
        }
        assert!(!names(&Value::Null, "joule-bme"));
    }

    #[test]
    fn a_hash_keeps_its_parts_apart() {
        assert_ne!(digest(["ab", "c"]), digest(["a", "bc"]));
        assert_eq!(digest(["ab"]).len(), 16);
    }

    #[test]
    fn programs_are_found_by_their_target() {
        let package = serde_json::json!({
            "name": "joule-bme",
            "targets": [{ "kind": ["custom-build"], "name": "b" }, { "kind": ["cdylib", "lib"], "name": "joule-bme" }],
        });
        let workspace = Path::new("/a/Cargo.toml");
        let expected =
            Program { package: "joule-bme".into(), library: "joule_bme".into(), manifest: workspace.to_owned() };
        assert_eq!(program(&package, workspace), Some(expected));
        let without = serde_json::json!({ "name": "a", "targets": [{ "kind": ["lib"], "name": "a" }] });
        assert_eq!(program(&without, workspace), None);
    }
}
