//! Someone who wants to win, in a chain with honest people: see joule_tests::adversary.

use {
    joule_tests::adversary::{
        Limit, Report, Scene, Search, Searching,
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
        spending::Spending,
        stake::Staking,
        usage::Metering,
    },
    std::{path::PathBuf, process::ExitCode, time::Duration},
};

const HELP: &str = "usage: scripts/adversary [--seconds N | --shared N | --sequences N] [--seed N] [--keep FOLDER] [--replay FILE] [SCENE]...

A coalition looks for profit, and for loss of honest people, in each SCENE (average, bme, dollars, escrow, games, gangs, identity, idle, issuer,
keys, lanes, little, panels, payout, pool, proofs, queues, reserve, reserved, rights, roots, services, spending, stake, usage) or in all. A finding is
told with amounts, in the fewest instructions, and as a test; then the program fails.

  --seconds N    search each scene for N seconds of processor time
  --shared N     search all of them in N seconds together, until something is found: first what was kept of each, then above all those scenes in
                 which something of that does something else now
  --sequences N  play N sequences in each scene, the same in every run (2000)
  --seed N       seed of the search (1)
  --keep FOLDER  write few sequences that together did all that was done, a file for each scene: a search begins with those in
                 the folder that JOULE_SEQUENCES names (fuzz/corpus/adversary)
  --replay FILE  play the moves of FILE, which a finding prints, and print what happens";

/// How long it looks at one scene before it looks at another, where they share a time.
const TURN: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let (mut seed, mut limit, mut replay, mut keep, mut names) = (1, Limit::Sequences(2_000), None, None, vec![]);
    let mut shared = None;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || arguments.next().and_then(|value| value.parse::<u64>().ok()).expect("a number");
        match argument.as_str() {
            "--seed" => seed = number(),
            "--seconds" => limit = Limit::Time(Duration::from_secs(number())),
            "--shared" => shared = Some(Duration::from_secs(number())),
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
    let scenes = || SCENES.iter().filter(|(name, ..)| names.is_empty() || names.iter().any(|n| n == name));
    if let Some(file) = &replay {
        let story = std::fs::read_to_string(file).expect("a file of moves");
        scenes().for_each(|(.., tell)| tell(&story));
        return ExitCode::SUCCESS;
    }
    let begun = scenes().map(|(name, begin, _)| (*name, begin(seed)));
    // One after the other, unless they share a time: what a search remembers is large.
    let searched: Box<dyn Iterator<Item = (&str, Box<dyn Searching>)>> = if let Some(time) = shared {
        let (names, mut searches): (Vec<_>, Vec<_>) = begun.unzip();
        share(&mut searches, time);
        Box::new(names.into_iter().zip(searches))
    } else {
        Box::new(begun.map(|(name, mut search)| {
            search.go_on(limit);
            (name, search)
        }))
    };
    let mut code = ExitCode::SUCCESS;
    for (name, mut search) in searched {
        let report = search.report();
        if let Some(folder) = &keep {
            std::fs::create_dir_all(folder).expect("a folder");
            std::fs::write(folder.join(name).with_extension("txt"), search.to_keep()).expect("a file");
        }
        tell_of(name, &report);
        if report.finding.is_some() {
            code = ExitCode::FAILURE;
        }
    }
    code
}

/// Half of the time is for what was kept, as much for each scene. In the rest, scenes have turns again and again in which something of that does
/// something else now, and each time one other has one.
fn share(searches: &mut [Box<dyn Searching>], time: Duration) {
    let count = searches.len();
    let is_over = |searches: &[Box<dyn Searching>]| {
        let worked: Duration = searches.iter().map(|search| search.worked()).sum();
        worked >= time || searches.iter().any(|search| search.has_found())
    };
    for place in 0..count {
        if is_over(searches) {
            return;
        }
        searches[place].go_on(Limit::Given(time / count as u32 / 2));
    }
    for other in (0..count).cycle() {
        for place in 0..count {
            if is_over(searches) {
                return;
            }
            if place == other || searches[place].is_strange() {
                searches[place].go_on(Limit::Time(TURN));
            }
        }
    }
}

/// Says what a search did.
fn tell_of(name: &str, report: &Report) {
    let Report { sequences, kept, strange, features, worked, .. } = report;
    println!(
        "{name}: {sequences} sequences in {:.0} s, {kept} kept, {strange} of them strange, {features} things seen",
        worked.as_secs_f32()
    );
    println!("  accepted: {:?}", report.accepted);
    for ((who, promise), excess) in &report.closest {
        println!("  {who}: {promise}: {excess}");
    }
    if let Some(finding) = &report.finding {
        println!("{name}, after {:.1} s: {finding}", finding.after.as_secs_f32());
    }
}

type Entry = (&'static str, fn(u64) -> Box<dyn Searching>, fn(&str));

const SCENES: &[Entry] = &[
    (Burning::NAME, begin::<Burning>, tell::<Burning>),
    (Selling::NAME, begin::<Selling>, tell::<Selling>),
    (Laning::NAME, begin::<Laning>, tell::<Laning>),
    (Rooting::NAME, begin::<Rooting>, tell::<Rooting>),
    (Reserving::NAME, begin::<Reserving>, tell::<Reserving>),
    (Beginning::NAME, begin::<Beginning>, tell::<Beginning>),
    (Resting::NAME, begin::<Resting>, tell::<Resting>),
    (Calculating::NAME, begin::<Calculating>, tell::<Calculating>),
    (Averaging::NAME, begin::<Averaging>, tell::<Averaging>),
    (Hiring::NAME, begin::<Hiring>, tell::<Hiring>),
    (Serving::NAME, begin::<Serving>, tell::<Serving>),
    (Disputing::NAME, begin::<Disputing>, tell::<Disputing>),
    (Proving::NAME, begin::<Proving>, tell::<Proving>),
    (Revoking::NAME, begin::<Revoking>, tell::<Revoking>),
    (Issuing::NAME, begin::<Issuing>, tell::<Issuing>),
    (Queueing::NAME, begin::<Queueing>, tell::<Queueing>),
    (Spending::NAME, begin::<Spending>, tell::<Spending>),
    (Judging::NAME, begin::<Judging>, tell::<Judging>),
    (Governing::NAME, begin::<Governing>, tell::<Governing>),
    (Vouching::NAME, begin::<Vouching>, tell::<Vouching>),
    (Staking::NAME, begin::<Staking>, tell::<Staking>),
    (Metering::NAME, begin::<Metering>, tell::<Metering>),
    (Training::NAME, begin::<Training>, tell::<Training>),
    (Promising::NAME, begin::<Promising>, tell::<Promising>),
    (Stealing::NAME, begin::<Stealing>, tell::<Stealing>),
];

fn begin<S: Scene + 'static>(seed: u64) -> Box<dyn Searching> {
    Box::new(Search::<S>::new(seed))
}

/// What became of a story.
fn tell<S: Scene>(story: &str) {
    let outcome = play(&mut S::new(), &parse::<S>(story));
    outcome.story.iter().for_each(|line| println!("{line}"));
    outcome.balances.iter().for_each(|balance| println!("{balance:?}"));
}
