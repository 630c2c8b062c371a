//! A sysroot whose standard library knows `target_os = "solana"`.
//!
//! The compiler's own library source is copied and edited: no threads, no writable statics, nothing random, and panics
//! that go to the program's `custom_panic` and the `abort` syscall. Edits only add lines at anchors, so that they hold
//! over versions of the library; a missing anchor is an error.

use {
    crate::toolchain::Toolchain,
    anyhow::{Context, Result, bail, ensure},
    std::{
        fs, io,
        os::unix::fs::{PermissionsExt, symlink},
        path::{Path, PathBuf},
    },
};

/// Lines to add to a file of the library.
struct Edit {
    file: &'static str,
    /// Text after which the lines go.
    after: &'static str,
    /// How often that text must be there.
    times: usize,
    add: &'static str,
}

const EDITS: &[Edit] = &[
    Edit {
        file: "std/src/alloc.rs",
        after: "pub fn rust_oom(layout: Layout) -> ! {",
        times: 1,
        add: "
    #[cfg(target_os = \"solana\")]
    panic!(\"memory allocation failed\");
    #[cfg(not(target_os = \"solana\"))]",
    },
    // One seed for all: every validator must compute the same.
    Edit {
        file: "std/src/hash/random.rs",
        after: "    pub fn new() -> RandomState {",
        times: 1,
        add: "
        #[cfg(target_os = \"solana\")]
        return RandomState { k0: 0x646e_6172_206c_6f73, k1: 0x7375_6f6e_696d_7265 };",
    },
    Edit {
        file: "std/src/panicking.rs",
        after: "pub fn panic_handler(info: &core::panic::PanicInfo<'_>) -> ! {",
        times: 1,
        add: "
    #[cfg(target_os = \"solana\")]
    {
        unsafe extern \"Rust\" {
            fn custom_panic(info: &core::panic::PanicInfo<'_>);
        }
        unsafe extern \"C\" {
            fn abort() -> !;
        }
        unsafe {
            custom_panic(info);
            abort()
        }
    }",
    },
    // The panics that std itself raises, such as `resume_unwind`.
    Edit {
        file: "std/src/panicking.rs",
        after: "    force_no_backtrace: bool,\n) -> ! {",
        times: 1,
        add: "
    #[cfg(target_os = \"solana\")]
    {
        unsafe extern \"C\" {
            fn abort() -> !;
        }
        unsafe { abort() }
    }",
    },
    Edit {
        file: "std/src/sys/alloc/mod.rs",
        after: "} else if cfg!(any(\n    target_arch = \"x86_64\",",
        times: 1,
        add: "\n    target_arch = \"bpf\",",
    },
    // Programs bring a global allocator; this one only has to exist.
    Edit {
        file: "std/src/sys/alloc/mod.rs",
        after: "    target_os = \"xous\" => {\n        mod xous;\n    }",
        times: 1,
        add: "
    target_os = \"solana\" => {
        mod solana {
            use crate::alloc::{GlobalAlloc, Layout, System};
            #[stable(feature = \"alloc_system_type\", since = \"1.28.0\")]
            unsafe impl GlobalAlloc for System {
                #[inline]
                unsafe fn alloc(&self, _layout: Layout) -> *mut u8 { crate::ptr::null_mut() }
                #[inline]
                unsafe fn dealloc(&self, _ptr: *mut u8, _layout: Layout) {}
            }
        }
    }",
    },
    // Another target without an operating system shows the places.
    Edit {
        file: "std/src/sys/io/error/mod.rs",
        after: "target_os = \"vexos\",",
        times: 1,
        add: "target_os = \"solana\",",
    },
    Edit {
        file: "std/src/sys/random/mod.rs",
        after: "target_os = \"vexos\",",
        times: 2,
        add: "target_os = \"solana\",",
    },
    Edit {
        file: "std/src/sys/thread_local/mod.rs",
        after: "target_os = \"vexos\",",
        times: 2,
        add: "target_os = \"solana\",",
    },
];

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
        let source = directory.join("lib/rustlib/src/rust");
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
    let library = [(source.to_owned(), "/rustc")];
    // rustc lets the last matching prefix win.
    for (prefix, shown) in remap.iter().chain(&library) {
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
