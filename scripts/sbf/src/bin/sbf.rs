//! The driver: builds programs with the compiler at hand.

use {
    anyhow::{Result, bail, ensure},
    joule_sbf::{
        cargo::{Program, Workshop, own_programs, third_party_programs},
        toolchain::Toolchain,
    },
    std::{env, path::PathBuf, process::ExitCode},
};

const HELP: &str = "\
Builds Solana programs with a stock Rust compiler.

Usage: sbf build [OPTIONS] [NAME...]   build programs; without a name, all of them
       sbf list  [OPTIONS]             what can be built
       sbf check                       whether the compiler at hand will do

A NAME is that of a package or of its ELF.

Options:
  --own           only programs of the workspace
  --third-party   only programs of the registry
  --root DIR      the checkout (default: the working directory)
  --symbols       build with what the debugger knows, to DIR/symbols, each ELF
                  beside an object that scripts/profile reads
  --target DIR    where builds go, and ELFs to DIR/deploy (default: ROOT/target)
  --help          this text

RUSTC names the compiler; without it the first on PATH that will do is used.";

struct Options {
    command: String,
    own: bool,
    third_party: bool,
    symbols: bool,
    root: PathBuf,
    target: Option<PathBuf>,
    names: Vec<String>,
}

fn options() -> Result<Option<Options>> {
    let mut options = Options {
        command: String::new(),
        own: true,
        third_party: true,
        symbols: false,
        root: ".".into(),
        target: None,
        names: vec![],
    };
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--help" | "-h" => return Ok(None),
            "--own" => options.third_party = false,
            "--third-party" => options.own = false,
            "--symbols" => options.symbols = true,
            "--root" | "--target" => {
                let Some(value) = arguments.next() else { bail!("{argument} needs a directory") };
                if argument == "--root" { options.root = value.into() } else { options.target = Some(value.into()) }
            }
            option if option.starts_with('-') => bail!("unknown option {option}; see --help"),
            command if options.command.is_empty() => options.command = command.into(),
            name => options.names.push(name.replace(".so", "")),
        }
    }
    ensure!(options.own || options.third_party, "--own and --third-party exclude each other");
    Ok(if options.command.is_empty() { None } else { Some(options) })
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let Some(options) = options()? else {
        println!("{HELP}");
        return Ok(());
    };
    if options.command == "check" {
        println!("{}", Toolchain::detect()?.name());
        return Ok(());
    }
    let select = |programs: Vec<Program>, wanted: bool| -> Vec<Program> {
        let named = |program: &Program| {
            options.names.is_empty()
                || options.names.iter().any(|name| *name == program.package || *name == program.library)
        };
        programs.into_iter().filter(|program| wanted && named(program)).collect()
    };
    let own = select(own_programs(&options.root)?, options.own);
    let third_party = select(third_party_programs(&options.root)?, options.third_party);
    for name in &options.names {
        let known = own.iter().chain(&third_party).any(|program| *name == program.package || *name == program.library);
        ensure!(known, "there is no program {name}; see `sbf list`");
    }
    match options.command.as_str() {
        "list" => {
            for program in own.iter().chain(&third_party) {
                println!("{}", program.package);
            }
        }
        "build" => {
            let target = options.target.unwrap_or_else(|| options.root.join("target"));
            let workshop = Workshop::open(&options.root, &target, options.symbols)?;
            // One program that does not build leaves the others to those who need them.
            let results = third_party
                .iter()
                .map(|program| workshop.build_third_party(program))
                .chain(own.iter().map(|program| workshop.build_own(program)))
                .collect::<Vec<_>>();
            let mut failed = 0;
            for result in results {
                match result {
                    Ok(report) => println!("{report}"),
                    Err(error) => {
                        eprintln!("error: {error:#}");
                        failed += 1;
                    }
                }
            }
            ensure!(failed == 0, "{failed} programs were not built");
        }
        unknown => bail!("unknown command {unknown}; see --help"),
    }
    Ok(())
}
