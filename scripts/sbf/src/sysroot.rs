//! A sysroot whose standard library knows `target_os = "solana"`.
//!
//! The compiler's own library source is copied and edited: no threads, no writable statics, nothing random, and panics
//! that go to the program's `custom_panic` and the `abort` syscall. Edits only add lines at anchors, so that they hold
//! over versions of the library; a missing anchor is an error.

mod edits;

use {
    self::edits::{EDITS, Edit},
    crate::toolchain::Toolchain,
    anyhow::{Context, Result, bail, ensure},
    std::{
        fs, io,
        os::unix::fs::{PermissionsExt, symlink},
        path::{Path, PathBuf},
    },
};

/// What decides how the library is edited, for a cache's key.
pub const EDITED_BY: &[u8] = include_bytes!("sysroot/edits.rs");

/// Where a sysroot has the source.
pub const SOURCE: &str = "lib/rustlib/src/rust";
/// What stands for that in a program.
pub const SHOWN: &str = "/rustc";

/// A sysroot, ready.
#[derive(Debug)]
pub struct Sysroot {
    /// A compiler that uses it.
    pub rustc: PathBuf,
}

impl Sysroot {
    /// Makes the sysroot in a directory, unless it is there. `remap` are path prefixes that must not show in a program,
    /// with what stands for them.
    pub fn prepare(toolchain: &Toolchain, directory: &Path, remap: &[(PathBuf, &str)]) -> Result<Self> {
        let source = directory.join(SOURCE);
        if !source.exists() {
            // Made under another name first: an interrupted copy is never taken for a whole one.
            let unfinished = directory.with_extension(format!("unfinished-{}", std::process::id()));
            make(toolchain, &unfinished)?;
            if let Err(error) = fs::rename(&unfinished, directory) {
                let _ = fs::remove_dir_all(&unfinished);
                ensure!(source.exists(), "{}: {error}", directory.display());
            }
        }
        let rustc = directory.join("rustc");
        write_compiler(toolchain, directory, &source, remap, &rustc)?;
        Ok(Self { rustc })
    }
}

fn make(toolchain: &Toolchain, directory: &Path) -> Result<()> {
    let rustlib = directory.join("lib/rustlib");
    let library = rustlib.join("src/rust/library");
    copy(&toolchain.library, &library)?;
    for edit in EDITS {
        apply(edit, &library).with_context(|| format!("the standard library of {}", toolchain.name()))?;
    }
    symlink(toolchain.sysroot.join("lib/rustlib").join(&toolchain.host), rustlib.join(&toolchain.host))?;
    Ok(())
}

fn apply(edit: &Edit, library: &Path) -> Result<()> {
    let path = library.join(edit.file);
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    fs::write(&path, edited(edit, &text)?)?;
    Ok(())
}

fn edited(edit: &Edit, text: &str) -> Result<String> {
    let found = text.matches(edit.after).count();
    if found != edit.times {
        bail!("{} has {:?} {found} times, not {}", edit.file, edit.after, edit.times);
    }
    Ok(text.replace(edit.after, &format!("{}{}", edit.after, edit.add)))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| to.display().to_string())?;
    for entry in fs::read_dir(from).with_context(|| from.display().to_string())? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if fs::metadata(entry.path())?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target).with_context(|| target.display().to_string())?;
        }
    }
    Ok(())
}

/// A script in front of the compiler. What depends on this machine is here and not in flags that cargo sees, because
/// those go into the hashes of symbols.
fn write_compiler(
    toolchain: &Toolchain,
    sysroot: &Path,
    source: &Path,
    remap: &[(PathBuf, &str)],
    script: &Path,
) -> Result<()> {
    let mut command = format!("exec {} --sysroot {}", quoted(&toolchain.rustc)?, quoted(sysroot)?);
    // rustc lets the last matching prefix win.
    for (prefix, shown) in remap {
        let mut value = prefix.clone().into_os_string();
        value.push(format!("={shown}"));
        command += &format!(" --remap-path-prefix {}", quoted(Path::new(&value))?);
    }
    // The standard library is not the program: as everywhere else it is built without overflow checks.
    let text = format!(
        "#!/bin/sh\ncase \"$CARGO_MANIFEST_DIR\" in\n{}/*) set -- \"$@\" -C overflow-checks=off ;;\nesac\n{command} \"$@\"\n",
        quoted(source)?
    );
    if fs::read_to_string(script).is_ok_and(|present| present == text) {
        return Ok(());
    }
    fs::write(script, text)?;
    fs::set_permissions(script, fs::Permissions::from_mode(0o755))?;
    Ok(())
}

/// A path as one word of a shell script.
fn quoted(path: &Path) -> Result<String> {
    let text = path.to_str().ok_or_else(|| io::Error::other(format!("{} is not UTF-8", path.display())))?;
    Ok(format!("'{}'", text.replace('\'', "'\\''")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EDIT: Edit = Edit { file: "a.rs", after: "fn a() {", times: 1, add: "\n    b();" };

    #[test]
    fn an_edit_adds_after_its_anchor() {
        assert_eq!(edited(&EDIT, "fn a() {\n}").expect("the anchor is there"), "fn a() {\n    b();\n}");
    }

    #[test]
    fn a_library_that_has_changed_is_refused() {
        for text in ["fn c() {\n}", "fn a() {\n}\nfn a() {\n}"] {
            let error = edited(&EDIT, text).expect_err("the anchor is not there once").to_string();
            assert!(error.contains("a.rs"), "{error}");
        }
    }

    #[test]
    fn paths_are_one_word() {
        assert_eq!(quoted(Path::new("/a b/it's")).expect("UTF-8"), r"'/a b/it'\''s'");
    }
}
