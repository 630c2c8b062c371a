//! Which LLVM this crate runs on: the one inside the Rust compiler.

use {
    crate::toolchain::Toolchain,
    anyhow::{Context, Result},
    std::{
        fs,
        os::unix::fs::symlink,
        path::{Path, PathBuf},
        process::Command,
        sync::{
            OnceLock,
            atomic::{AtomicUsize, Ordering},
        },
    },
};

/// LLVM versions whose C API and back end this crate is written for.
pub const SUPPORTED: &[u32] = &[22];

/// Where a compiler keeps LLVM: beside its driver, or where the system's loader finds it.
pub fn library_of(rustc: &Path, sysroot: &Path) -> Option<PathBuf> {
    let is_llvm = |name: &str| name.starts_with("libLLVM") && name.contains(".so");
    let beside = fs::read_dir(sysroot.join("lib")).ok()?.filter_map(|entry| entry.ok()?.path().canonicalize().ok());
    // A linker script may stand beside the library under a similar name: it is a few bytes long.
    let large = |path: &PathBuf| path.metadata().is_ok_and(|metadata| metadata.len() > 1 << 20);
    let mut beside: Vec<_> = beside
        .filter(|path| path.file_name().and_then(|name| name.to_str()).is_some_and(is_llvm) && large(path))
        .collect();
    beside.sort();
    if let Some(path) = beside.pop() {
        return Some(path);
    }
    let output = Command::new("ldd").arg(rustc).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().filter_map(|line| line.trim().split_once(" => ")).find(|(name, _)| is_llvm(name)).and_then(
        |(_, path)| {
            let path = path.split(" (").next()?;
            Path::new(path).canonicalize().ok()
        },
    )
}

/// Makes a directory in which the binding finds this library and no other.
pub fn directory_of(library: &Path, directory: &Path) -> Result<()> {
    let link = directory.join("libLLVM.so");
    fs::create_dir_all(directory)?;
    if fs::read_link(&link).is_ok_and(|target| target == library) {
        return Ok(());
    }
    // Tests come here together: each makes a link under a name of its own, and renaming replaces what is there.
    static MADE: AtomicUsize = AtomicUsize::new(0);
    let own = directory.join(format!("{}.{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed)));
    symlink(library, &own).with_context(|| own.display().to_string())?;
    fs::rename(&own, &link).with_context(|| link.display().to_string())
}

/// Tells the binding where LLVM is; before any use of [`crate::ir`].
pub fn load(directory: &Path) {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        // SAFETY: the standard library orders this against its own readers, and nothing that reads the environment
        // from C is loaded before LLVM is.
        unsafe { std::env::set_var("LD_LIBRARY_PATH", directory) };
    });
}

/// Finds a compiler and loads its LLVM, for tests of single passes.
pub fn load_detected(directory: &Path) -> Result<()> {
    let toolchain = Toolchain::detect_without_library()?;
    directory_of(&toolchain.llvm_library, directory)?;
    load(directory);
    Ok(())
}
