//! The linker that rustc calls: bitcode in, a program's ELF out.

use {
    joule_sbf::{
        link::{Request, link},
        llvm,
    },
    std::{env, path::Path},
};

fn main() -> anyhow::Result<()> {
    let arguments = env::args().skip(1).collect::<Vec<_>>();
    if arguments.iter().any(|argument| argument == "--help") {
        println!(
            "The linker of `sbf build`; rustc calls it.\n\nSBF_LLVM     directory of the LLVM library\nSBF_RUNTIME  archive of memory and arithmetic functions"
        );
        return Ok(());
    }
    if let Some(directory) = env::var_os("SBF_LLVM") {
        llvm::load(Path::new(&directory));
    }
    link(&Request::parse(arguments)?, env::var_os("SBF_RUNTIME").map(Into::into))
}
