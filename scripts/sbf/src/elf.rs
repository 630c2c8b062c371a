//! What a finished program's ELF holds.

use {
    anyhow::{Context, Result, ensure},
    object::{
        Endianness, Object, ObjectSymbol,
        elf::FileHeader64,
        read::elf::{ElfFile, FileHeader},
    },
    sha2::{Digest, Sha256},
    std::{fmt, fs, path::Path},
};

/// Name, size and hash of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// File name.
    pub name: String,
    /// Bytes of the file: what a deployment pays rent for.
    pub size: usize,
    /// Hash of the file.
    pub sha256: String,
}

impl Report {
    /// Reads a program, and refuses a file that the virtual machine could not run.
    pub fn of(path: &Path) -> Result<Self> {
        let bytes = fs::read(path).with_context(|| path.display().to_string())?;
        check(&bytes)?;
        Ok(Self {
            name: path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
            size: bytes.len(),
            sha256: format!("{:x}", Sha256::digest(&bytes)),
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<32} {:>8} bytes  sha256 {}", self.name, self.size, self.sha256)
    }
}

/// An ELF for BPF with an entry point of its own. A library that was built without one links as well, to nothing.
pub fn check(bytes: &[u8]) -> Result<()> {
    let file = ElfFile::<FileHeader64<Endianness>>::parse(bytes)?;
    let machine = file.elf_header().e_machine(file.endian());
    ensure!(machine == object::elf::EM_BPF, "not an ELF for BPF");
    let entry = file.dynamic_symbols().any(|symbol| symbol.name() == Ok("entrypoint"));
    ensure!(entry, "it has no entry point: was it built with the feature `no-entrypoint`?");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_that_is_no_program_is_refused() {
        assert!(check(b"").is_err());
        assert!(check(b"\x7fELF").is_err());
        let own = fs::read(std::env::current_exe().expect("a path")).expect("readable");
        assert_eq!(check(&own).expect_err("it is for this machine").to_string(), "not an ELF for BPF");
    }
}
