//! From bitcode to a program's ELF.

use {
    crate::{elf, ir, legalize, tune},
    anyhow::{Context, Result, bail, ensure},
    object::read::archive::ArchiveFile,
    sbpf_linker::{OptimizationConfig, ProgramOptions, SbpfArch, SbpfLinkerError, link_program},
    std::{
        fs,
        path::{Path, PathBuf},
    },
};

/// Bytes of stack that the virtual machine gives each call.
const FRAME: i32 = 4096;

/// Version of sBPF that a program is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Version {
    /// What programs on mainnet mostly are. SIMD-0500 closes it to new deployments.
    V0,
    /// The last one.
    #[default]
    V3,
}

impl Version {
    /// Its name: `v0`, `v3`.
    pub fn name(self) -> &'static str {
        match self {
            Self::V0 => "v0",
            Self::V3 => "v3",
        }
    }

    /// The version of a name.
    pub fn parse(name: &str) -> Result<Self> {
        let known = [Self::V0, Self::V3].into_iter().find(|version| version.name() == name);
        known.with_context(|| format!("there is no sBPF {name}: v0 and v3 can be built"))
    }
}

/// Ends the name of an object with symbols.
pub const SYMBOLS: &str = "symbols";

/// What rustc asks of its linker, as far as a program needs it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// Objects and archives of bitcode.
    pub inputs: Vec<PathBuf>,
    /// Where the ELF goes.
    pub output: PathBuf,
    /// Symbols that stay visible.
    pub exports: Vec<String>,
}

impl Request {
    /// From the arguments of rustc's `bpf` linker flavor.
    pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self> {
        let mut request = Self::default();
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().with_context(|| format!("{argument} needs a value"));
            match argument.as_str() {
                "-o" => request.output = value()?.into(),
                "--export-symbols" => {
                    let path = value()?;
                    let list = fs::read_to_string(&path).with_context(|| path)?;
                    request.exports = list.lines().map(str::to_owned).collect();
                }
                // What this linker decides by itself.
                "-L" | "--cpu" | "--cpu-features" => drop(value()?),
                option if option.starts_with('-') => {}
                input => request.inputs.push(input.into()),
            }
        }
        ensure!(!request.output.as_os_str().is_empty(), "no output: -o is missing");
        Ok(request)
    }
}

/// Functions of the runtime that round wrongly, as the test program shows: quotients about the smallest normal number.
const INEXACT: &[&str] = &["__divdf3"];

/// What happens where a function needs more stack than a call has. Such a call ends the transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frames {
    /// The program is not built.
    Refuse,
    /// It is: for programs that are on chain as they are, and have instructions that nobody can call.
    Warn,
}

/// Links, optimizes and writes the ELF. `runtime` has the memory and arithmetic functions; it comes first, so that its
/// definitions win over the compiler's own.
///
/// With `symbols` the object, from before it becomes a program, is written beside the ELF with what the debugger knows:
/// `scripts/profile` reads it.
pub fn link(
    request: &Request,
    runtime: Option<PathBuf>,
    frames: Frames,
    version: Version,
    symbols: bool,
) -> Result<()> {
    let module = ir::Module::parse(b"target triple = \"bpfel\"\n")?;
    if let Some(runtime) = runtime {
        add(&module, &runtime, symbols)?;
        for name in INEXACT {
            if let Some(function) = module.function(name) {
                // Out of the way of the compiler's own.
                function.rename(&format!("inexact{name}"));
            }
        }
    }
    for path in &request.inputs {
        add(&module, path, symbols)?;
    }
    let exports: Vec<&str> = request.exports.iter().map(String::as_str).collect();
    let kept = exports.iter().chain(legalize::RUNTIME).copied().collect();
    module.internalize(&kept);
    module.run("default<O3>,dce")?;
    legalize::program(&module, &exports)?;
    tune::program(&module)?;
    let (object, oversized) = module.emit()?;
    let list = oversized.join("\n  ");
    match frames {
        _ if oversized.is_empty() => {}
        Frames::Refuse => bail!("frames of more than {FRAME} bytes:\n  {list}"),
        Frames::Warn => eprintln!("warning: frames of more than {FRAME} bytes:\n  {list}"),
    }
    if symbols {
        fs::write(request.output.with_extension(SYMBOLS), &object)?;
    }
    fs::write(&request.output, program(&object, version)?).with_context(|| request.output.display().to_string())
}

/// Links what a file holds.
fn add(module: &ir::Module, path: &Path, symbols: bool) -> Result<()> {
    let bytes = fs::read(path).with_context(|| path.display().to_string())?;
    for (name, code) in bitcode(&bytes).with_context(|| path.display().to_string())? {
        module.link(code, symbols).with_context(|| format!("{name} of {}", path.display()))?;
    }
    Ok(())
}

/// The pieces of bitcode in a file, by name.
fn bitcode(bytes: &[u8]) -> Result<Vec<(String, &[u8])>> {
    if bytes.starts_with(ir::BITCODE) {
        return Ok(vec![("object".to_owned(), bytes)]);
    }
    // rustc's list of symbols to keep, which `--export-symbols` has as well.
    if bytes.starts_with(b"\x7fELF") {
        return Ok(vec![]);
    }
    let Ok(archive) = ArchiveFile::parse(bytes) else { bail!("neither bitcode nor an archive of it") };
    let mut found = vec![];
    for member in archive.members() {
        let member = member?;
        let code = member.data(bytes)?;
        if code.starts_with(ir::BITCODE) {
            found.push((String::from_utf8_lossy(member.name()).into_owned(), code));
        }
    }
    Ok(found)
}

/// A BPF object as an sBPF program.
fn program(object: &[u8], version: Version) -> Result<Vec<u8>> {
    let arch = match version {
        Version::V0 => SbpfArch::V0,
        Version::V3 => SbpfArch::V3,
    };
    let options = ProgramOptions::new(OptimizationConfig::enabled(), arch, FRAME);
    let program =
        link_program(object, options).map_err(|errors| anyhow::anyhow!(SbpfLinkerError::format_errors(&errors)))?;
    if version == Version::V3 { elf::name_sections(program) } else { Ok(program) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Request> {
        Request::parse(arguments.iter().map(|argument| (*argument).to_owned()))
    }

    #[test]
    fn inputs_and_output_are_told_from_options() {
        let request = parse(&["a.o", "-L", "dir", "b.rlib", "--cpu", "generic", "-o", "c.so", "-O3"]).expect("valid");
        assert_eq!(request.inputs, [PathBuf::from("a.o"), PathBuf::from("b.rlib")]);
        assert_eq!(request.output, PathBuf::from("c.so"));
    }

    #[test]
    fn incomplete_input_is_refused() {
        assert!(parse(&["a.o"]).is_err());
        assert!(parse(&["a.o", "-o"]).is_err());
    }

    #[test]
    fn only_bitcode_is_linked() {
        assert_eq!(bitcode(b"BC\xC0\xDE..").expect("bitcode").len(), 1);
        assert!(bitcode(b"\x7fELF...").expect("a list of symbols").is_empty());
        assert!(bitcode(b"int main() {}").is_err());
    }
}
