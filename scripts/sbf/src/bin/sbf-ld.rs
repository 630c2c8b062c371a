//! The linker that rustc calls: bitcode in, a program's ELF out.

use {
    joule_sbf::{
        link::{Frames, Request, Version, link},
        llvm,
    },
    std::{env, path::Path, process::ExitCode},
};

const HELP: &str = "\
The linker of `sbf build`; rustc calls it.

SBF_LLVM     directory of the LLVM library
SBF_RUNTIME  archive of memory and arithmetic functions
SBF_FRAMES   `warn`: build functions that need more stack than a call has
SBF_VERSION  version of sBPF, `v0` or `v3` [default: v3]
SBF_SYMBOLS  if set, keep what the debugger knows, in an object beside the ELF";

fn main() -> ExitCode {
    let arguments = env::args().skip(1).collect::<Vec<_>>();
    if arguments.iter().any(|argument| argument == "--help") {
        println!("{HELP}");
        return ExitCode::SUCCESS;
    }
    if let Some(directory) = env::var_os("SBF_LLVM") {
        llvm::load(Path::new(&directory));
    }
    let runtime = env::var_os("SBF_RUNTIME").map(Into::into);
    let frames =
        if env::var_os("SBF_FRAMES").is_some_and(|value| value == "warn") { Frames::Warn } else { Frames::Refuse };
    let symbols = env::var_os("SBF_SYMBOLS").is_some();
    let version = env::var("SBF_VERSION").map_or(Ok(Version::default()), |name| Version::parse(&name));
    match version.and_then(|version| link(&Request::parse(arguments)?, runtime, frames, version, symbols)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
