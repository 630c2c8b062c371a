//! Finds a Rust compiler that can build programs: one with the source of its standard library and a known LLVM.

use {
    crate::llvm,
    anyhow::{Context, Result, bail, ensure},
    std::{
        env,
        path::{Path, PathBuf},
        process::Command,
    },
};

/// A compiler and what belongs to it.
#[derive(Clone, Debug)]
pub struct Toolchain {
    /// The compiler itself, not a proxy in front of it.
    pub rustc: PathBuf,
    /// Where its libraries are.
    pub sysroot: PathBuf,
    /// Source of its standard library.
    pub library: PathBuf,
    /// Its LLVM.
    pub llvm_library: PathBuf,
    /// The machine it runs on.
    pub host: String,
    /// Its whole description of itself: what a cache depends on.
    pub description: String,
}

impl Toolchain {
    /// `RUSTC` where it is set, else the first on `PATH` that will do.
    pub fn detect() -> Result<Self> {
        Self::first(Self::with_library)
    }

    /// The same, for what needs no standard library.
    pub fn detect_without_library() -> Result<Self> {
        Self::first(Self::at)
    }

    fn first(examine: impl Fn(&Path) -> Result<Self>) -> Result<Self> {
        let mut refused = vec![];
        for candidate in candidates() {
            match examine(&candidate) {
                Ok(toolchain) => return Ok(toolchain),
                Err(error) => refused.push(format!("  {}: {error:#}", candidate.display())),
            }
        }
        if refused.is_empty() {
            bail!("there is no rustc on PATH");
        }
        bail!("no Rust compiler here can build programs:\n{}", refused.join("\n"))
    }

    fn with_library(rustc: &Path) -> Result<Self> {
        let toolchain = Self::at(rustc)?;
        ensure!(
            toolchain.library.join("std/src/lib.rs").exists(),
            "the source of its standard library is missing at {}",
            toolchain.library.display()
        );
        Ok(toolchain)
    }

    /// What a compiler says of itself.
    fn at(rustc: &Path) -> Result<Self> {
        let description = output(Command::new(rustc).arg("-vV"))?;
        let sysroot = PathBuf::from(output(Command::new(rustc).args(["--print", "sysroot"]))?.trim());
        let version = field(&description, "LLVM version")?;
        let major: u32 = version.split('.').next().unwrap_or(version).parse().context("its LLVM version")?;
        let supported = llvm::SUPPORTED;
        ensure!(supported.contains(&major), "it has LLVM {version}; supported are the major versions {supported:?}");
        let own = sysroot.join("bin/rustc");
        let rustc = if own.exists() { own } else { rustc.to_owned() };
        let llvm_library = llvm::library_of(&rustc, &sysroot).context("it has no shared LLVM library")?;
        Ok(Self {
            host: field(&description, "host")?.to_owned(),
            library: sysroot.join("lib/rustlib/src/rust/library"),
            rustc,
            sysroot,
            llvm_library,
            description,
        })
    }

    /// `rustc 1.2.3 (...)`
    pub fn name(&self) -> &str {
        self.description.lines().next().unwrap_or_default()
    }
}

fn candidates() -> Vec<PathBuf> {
    if let Some(rustc) = env::var_os("RUSTC") {
        return vec![rustc.into()];
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let mut found: Vec<PathBuf> = vec![];
    for directory in env::split_paths(&path) {
        let candidate = directory.join("rustc");
        if candidate.is_file() && !found.contains(&candidate) {
            found.push(candidate);
        }
    }
    found
}

fn output(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("{command:?}"))?;
    ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(String::from_utf8(output.stdout)?)
}

fn field<'a>(description: &'a str, name: &str) -> Result<&'a str> {
    let value = |line: &'a str| line.strip_prefix(name)?.strip_prefix(": ");
    description.lines().find_map(value).with_context(|| format!("its description has no {name:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_is_read_by_its_names() {
        let description = "rustc 1.96.0\nhost: x86_64-unknown-linux-gnu\nLLVM version: 22.1.8\n";
        assert_eq!(field(description, "LLVM version").expect("it is there"), "22.1.8");
        assert_eq!(field(description, "host").expect("it is there"), "x86_64-unknown-linux-gnu");
        assert!(field(description, "version").is_err());
    }

    #[test]
    fn a_file_that_is_no_compiler_is_refused() {
        assert!(Toolchain::at(Path::new("/bin/true")).is_err());
        assert!(Toolchain::at(Path::new("/nowhere/rustc")).is_err());
    }
}
