//! Explores small worlds. `scripts/fuzz --worlds` runs it.

use {
    joule_worlds::{Scope, WORLDS},
    std::process::ExitCode,
};

const HELP: &str = "usage: worlds [--small] [--depth N] [--layers] [WORLD]...

Explores every order of moves of a few parties with a few units, in these worlds or in all: jobs, panels, games, gangs, queues,
stakes, works. Prints how many states there are, how deep, and how long it took; a violation is told by its shortest trace.

  --small     as much as the tests explore
  --depth N   so many moves
  --layers    say how many states each layer has, while it runs";

fn main() -> ExitCode {
    let (mut scope, mut depth, mut tells) = (Scope::Large, None, false);
    let mut names = vec![];
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--small" => scope = Scope::Small,
            "--layers" => tells = true,
            "--depth" => depth = arguments.next().and_then(|depth| depth.parse().ok()),
            name if WORLDS.iter().any(|known| known.name == name) => names.push(argument),
            _ => {
                println!("{HELP}");
                return if argument == "--help" { ExitCode::SUCCESS } else { ExitCode::FAILURE };
            }
        }
    }
    let mut table = String::from(
        "| world | states | of these beyond the depth | depth | moves accepted | refused | ends | seconds |\n",
    );
    table += "|---|---:|---:|---:|---:|---:|---:|---:|\n";
    let mut code = ExitCode::SUCCESS;
    for world in WORLDS.iter().filter(|world| names.is_empty() || names.iter().any(|name| name == world.name)) {
        let name = world.name;
        match (world.explore)(scope, depth.unwrap_or((world.depth)(scope)), tells) {
            Ok(report) => {
                let depth = format!("{}{}", report.depth, if report.whole { ", all" } else { "" });
                let [accepted, refused] = report.moves;
                let (states, beyond, ends) = (report.states, report.beyond, report.ends);
                let seconds = report.took.as_secs_f64();
                table += &format!(
                    "| {name} | {states} | {beyond} | {depth} | {accepted} | {refused} | {ends} | {seconds:.1} |\n"
                );
            }
            Err(story) => {
                println!("{name}: {story}");
                code = ExitCode::FAILURE;
            }
        }
    }
    print!("{table}");
    code
}
