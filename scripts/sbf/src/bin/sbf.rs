//! The driver: builds programs with the compiler at hand.

use {
    anyhow::{Result, ensure},
    clap::{Parser, ValueEnum},
    joule_sbf::{
        cargo::{Program, Workshop, own_programs, third_party_programs},
        link::Version,
        toolchain::Toolchain,
    },
    std::{path::PathBuf, process::ExitCode},
};

/// Builds Solana programs with a stock Rust compiler.
#[derive(Parser)]
#[command(after_help = "RUSTC names the compiler. Without it, the first one on PATH that can build programs is used.")]
struct Options {
    /// What to do
    command: Command,
    /// Names of packages or of their ELFs [default: all]
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Only programs of the workspace
    #[arg(long, conflicts_with = "third_party")]
    own: bool,
    /// Only programs of the registry
    #[arg(long)]
    third_party: bool,
    /// The checkout
    #[arg(long, value_name = "DIR", default_value = ".")]
    root: PathBuf,
    /// Version of sBPF that programs of the workspace are for: v0 or v3; those of the registry are v0, as on mainnet
    #[arg(long, default_value = "v3", value_parser = Version::parse)]
    arch: Version,
    /// Build with symbols, to DIR/symbols; beside each ELF is an object that scripts/profile reads
    #[arg(long)]
    symbols: bool,
    /// Where builds go; ELFs go to DIR/deploy [default: target in the checkout]
    #[arg(long, value_name = "DIR")]
    target: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Command {
    /// Build programs
    Build,
    /// List the programs
    List,
    /// Check that there is a compiler that can build them
    Check,
}

fn main() -> ExitCode {
    match run(Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: Options) -> Result<()> {
    if let Command::Check = options.command {
        println!("{}", Toolchain::detect()?.name());
        return Ok(());
    }
    let names: Vec<_> = options.names.iter().map(|name| name.trim_end_matches(".so")).collect();
    let select = |programs: Vec<Program>, wanted: bool| -> Vec<Program> {
        let named = |program: &Program| {
            names.is_empty() || names.iter().any(|name| *name == program.package || *name == program.library)
        };
        programs.into_iter().filter(|program| wanted && named(program)).collect()
    };
    let own = select(own_programs(&options.root)?, !options.third_party);
    let third_party = select(third_party_programs(&options.root)?, !options.own);
    for name in &names {
        let known = own.iter().chain(&third_party).any(|program| *name == program.package || *name == program.library);
        ensure!(known, "there is no program {name}; see `sbf list`");
    }
    if let Command::List = options.command {
        for program in own.iter().chain(&third_party) {
            println!("{}", program.package);
        }
        return Ok(());
    }
    let target = options.target.unwrap_or_else(|| options.root.join("target"));
    let workshop = Workshop::open(&options.root, &target, options.arch, options.symbols)?;
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
    Ok(())
}
