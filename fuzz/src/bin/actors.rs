//! Many actions of many actors, by seed, without a fuzzer: on a stable compiler, and the same in every run.

use {
    joule_tests::actors::{bme::Market, escrow::Jobs, identity::Machines, protocol::Protocol, run, stake::Stakers},
    std::process::ExitCode,
};

const HELP: &str = "usage: JOULE_ENGINE=lite actors PROGRAM [--seed N] [--actions N]

Actors of PROGRAM (bme, stake, escrow, identity, or of all: protocol) take so many actions (5000), which the seed decides (1); every invariant is checked after
each. A failure says which action it was; the same seed fails there again.";

fn main() -> ExitCode {
    joule_fuzz::coverage::count_if_noted();
    let mut arguments = std::env::args().skip(1);
    let (mut program, mut seed, mut actions) = (String::new(), 1, 5_000);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().and_then(|value| value.parse::<u64>().ok()).expect("a number");
        match argument.as_str() {
            "--seed" => seed = value(),
            "--actions" => actions = value() as u32,
            name => program = name.into(),
        }
    }
    let taken = match program.as_str() {
        "bme" => run::<Market>(seed, actions),
        "escrow" => run::<Jobs>(seed, actions),
        "identity" => run::<Machines>(seed, actions),
        "protocol" => run::<Protocol>(seed, actions),
        "stake" => run::<Stakers>(seed, actions),
        _ => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
    };
    let (tried, done, stayed) = taken.tampered();
    println!(
        "{program}: {} of {actions} actions were taken; {done} of {tried} that were tampered with, rightly; {stayed} stayed",
        taken.taken()
    );
    println!("{:?}", taken.accepted());
    ExitCode::SUCCESS
}
