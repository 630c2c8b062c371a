//! Someone who wants to win, in a chain with honest people: see joule_tests::adversary.

use {
    joule_tests::adversary::{
        Limit, Report, Scene,
        bme::{Burning, Selling},
        credits::{Averaging, Beginning, Calculating, Laning, Reserving, Resting, Rooting},
        escrow::{Hiring, Serving},
        games::Disputing,
        gangs::Training,
        identity::Vouching,
        issuer::Issuing,
        keys::Stealing,
        panels::Judging,
        parse, play,
        pool::Governing,
        proofs::Proving,
        queues::Queueing,
        reserved::Promising,
        rights::Revoking,
        search,
        spending::Spending,
        stake::Staking,
        usage::Metering,
    },
    std::{path::PathBuf, process::ExitCode, time::Duration},
};

const HELP: &str = "usage: scripts/adversary [--seconds N | --sequences N] [--seed N] [--keep FOLDER] [--replay FILE] [SCENE]...

A coalition looks for profit, and for loss of honest people, in each SCENE (average, bme, dollars, escrow, games, gangs, identity, idle, issuer,
keys, lanes, little, panels, payout, pool, proofs, queues, reserve, reserved, rights, roots, services, spending, stake, usage) or in all. A finding is
told with amounts, in the fewest instructions, and as a test; then the program fails.

  --seconds N    search each scene for N seconds of processor time
  --sequences N  play N sequences in each scene, the same in every run (2000)
  --seed N       seed of the search (1)
  --keep FOLDER  write few sequences that together did all that was done, a file for each scene: a search begins with those in
                 the folder that JOULE_SEQUENCES names (fuzz/corpus/adversary)
  --replay FILE  play the moves of FILE, which a finding prints, and print what happens";

fn main() -> ExitCode {
    let (mut seed, mut limit, mut replay, mut keep, mut names) = (1, Limit::Sequences(2_000), None, None, vec![]);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || arguments.next().and_then(|value| value.parse::<u64>().ok()).expect("a number");
        match argument.as_str() {
            "--seed" => seed = number(),
            "--seconds" => {
                let seconds = arguments.next().and_then(|value| value.parse().ok()).expect("seconds");
                limit = Limit::Time(Duration::from_secs_f32(seconds));
            }
            "--sequences" => limit = Limit::Sequences(number()),
            "--keep" => keep = arguments.next().map(PathBuf::from),
            "--replay" => replay = arguments.next(),
            name if SCENES.iter().any(|(scene, ..)| *scene == name) => names.push(argument),
            _ => {
                println!("{HELP}");
                return if argument == "--help" { ExitCode::SUCCESS } else { ExitCode::FAILURE };
            }
        }
    }
    if let (Some(_), Limit::Time(time)) = (&keep, limit) {
        limit = Limit::Gathering(time);
    }
    let mut code = ExitCode::SUCCESS;
    for (name, search, tell) in SCENES.iter().filter(|(name, ..)| names.is_empty() || names.iter().any(|n| n == name)) {
        if let Some(file) = &replay {
            let story = std::fs::read_to_string(file).expect("a file of moves");
            tell(&story);
            continue;
        }
        let start = std::time::Instant::now();
        let report = search(seed, limit);
        let Report { sequences, kept, strange, features, .. } = &report;
        println!(
            "{name}: {sequences} sequences in {:.0} s, {kept} kept, {strange} of them strange, {features} things seen",
            start.elapsed().as_secs_f32()
        );
        println!("  accepted: {:?}", report.accepted);
        for ((who, promise), excess) in &report.closest {
            println!("  {who}: {promise}: {excess}");
        }
        if let Some(folder) = &keep {
            std::fs::create_dir_all(folder).expect("a folder");
            std::fs::write(folder.join(name).with_extension("txt"), report.sequences_to_keep()).expect("a file");
        }
        if let Some(finding) = report.finding {
            println!("after {:.1} s: {finding}", finding.after.as_secs_f32());
            code = ExitCode::FAILURE;
        }
    }
    code
}

type Entry = (&'static str, fn(u64, Limit) -> Report, fn(&str));

const SCENES: &[Entry] = &[
    (Burning::NAME, search::<Burning>, tell::<Burning>),
    (Selling::NAME, search::<Selling>, tell::<Selling>),
    (Laning::NAME, search::<Laning>, tell::<Laning>),
    (Rooting::NAME, search::<Rooting>, tell::<Rooting>),
    (Reserving::NAME, search::<Reserving>, tell::<Reserving>),
    (Beginning::NAME, search::<Beginning>, tell::<Beginning>),
    (Resting::NAME, search::<Resting>, tell::<Resting>),
    (Calculating::NAME, search::<Calculating>, tell::<Calculating>),
    (Averaging::NAME, search::<Averaging>, tell::<Averaging>),
    (Hiring::NAME, search::<Hiring>, tell::<Hiring>),
    (Serving::NAME, search::<Serving>, tell::<Serving>),
    (Disputing::NAME, search::<Disputing>, tell::<Disputing>),
    (Proving::NAME, search::<Proving>, tell::<Proving>),
    (Revoking::NAME, search::<Revoking>, tell::<Revoking>),
    (Issuing::NAME, search::<Issuing>, tell::<Issuing>),
    (Queueing::NAME, search::<Queueing>, tell::<Queueing>),
    (Spending::NAME, search::<Spending>, tell::<Spending>),
    (Judging::NAME, search::<Judging>, tell::<Judging>),
    (Governing::NAME, search::<Governing>, tell::<Governing>),
    (Vouching::NAME, search::<Vouching>, tell::<Vouching>),
    (Staking::NAME, search::<Staking>, tell::<Staking>),
    (Metering::NAME, search::<Metering>, tell::<Metering>),
    (Training::NAME, search::<Training>, tell::<Training>),
    (Promising::NAME, search::<Promising>, tell::<Promising>),
    (Stealing::NAME, search::<Stealing>, tell::<Stealing>),
];

/// What became of a story.
fn tell<S: Scene>(story: &str) {
    let outcome = play(&mut S::new(), &parse::<S>(story));
    outcome.story.iter().for_each(|line| println!("{line}"));
    outcome.balances.iter().for_each(|balance| println!("{balance:?}"));
}
