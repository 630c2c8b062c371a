//! The scene of a month in which nobody but a keeper does what anyone may do, in a network of its own: it only does what pays.

use {
    super::{Amount, Demo, Line, Step, grouped},
    joule_bme_interface::state::BurnShard,
    joule_stake_interface::state::Provider,
    joule_tests::{World, fixture::Month},
};

const DAY: i64 = 86_400;
/// After how many days the keeper's work is summed up.
const PART: u64 = 10;
/// Lamports that a transaction with one signature costs.
const FEE: u64 = 5_000;

/// Plays it after `steps`. Returns all steps, and what goes into the books.
pub fn play(steps: Vec<Step>, print: bool) -> (Vec<Step>, Vec<Line>) {
    let mut world = World::new();
    let mut month = Month::new(&mut world);
    let network = &month.network;
    let began_at = month.state(&world).epoch_ends_at.0 - DAY;
    let tokens = vec![
        ("client's tokens", month.client_tokens),
        ("provider's tokens", month.worker_tokens),
        ("stake vault", month.pool.vault),
        ("burn vault", network.burn_vault(0)),
        ("empty burn vault", network.burn_vault(1)),
        ("reward vault", network.reward_vault()),
        ("stakers' account", network.stakers),
        ("upkeep's vault", month.upkeep.vault),
        ("treasury", month.upkeep.treasury),
        ("keeper's tokens", month.wallet),
    ];
    let mut demo = Demo::new(world, tokens, vec![], steps, print);
    demo.note(
        "A founder",
        "has keepers paid: a hundredth of a token of the treasury's part for each of six chores; 20,000 lamports of what \
         clients advance for each thing that a job leaves",
        0,
        0,
    );
    for first in (0..Month::DAYS).step_by(PART as usize) {
        let before = month.done.clone();
        for _ in 0..PART {
            month.begin_day(&mut demo.world);
            for _ in 0..Month::LOOKS {
                month.look(&mut demo.world);
            }
        }
        let since = |name: &&'static str| month.done[*name] - before.get(*name).copied().unwrap_or_default();
        let done = month.done.keys().filter(|name| since(name) > 0);
        let done: Vec<String> = done.map(|name| format!("{} {name}", since(name))).collect();
        let what = format!(
            "does what pays of all that anyone may do, and nobody else does any of it, day {} to {}: {}",
            first + 1,
            first + PART,
            done.join(", ")
        );
        demo.note("A keeper", &what, 0, 0);
    }

    let world = &demo.world;
    let (state, shard) = (month.state(world), world.read::<BurnShard>(month.network.burn_shard(0)));
    let provider: Provider = world.read(month.provider);
    let (lamports, tokens) = (month.lamports(world), world.tokens(month.wallet));
    let for_jobs = month.times(&Month::FOR_JOBS);
    let sent = month.done.values().sum::<u64>();
    let what = format!(
        "has earned {} lamports and {} for {sent} transactions, which cost {} lamports of fees",
        grouped(lamports),
        Amount(tokens as i128, "tokens"),
        grouped(sent * FEE),
    );
    demo.note("The keeper", &what, 0, 0);
    let world = &demo.world;
    let held = |address| world.tokens(address);
    // A tip for closing a job is due a day after its last deadline.
    let young = month.posted - 2 * Month::JOBS;
    let left = month.jobs.iter().filter(|(_, job)| job.nonce >= young).count() as u64;
    let looks = Month::DAYS * Month::LOOKS;
    let income = [month.network.reward_vault(), month.network.stakers, month.upkeep.vault, month.wallet];
    let lines = vec![
        Line {
            name: "Month: tokens",
            left: ("in all token accounts", demo.tokens.iter().map(|(_, address)| held(*address)).sum()),
            right: ("on the mint", world.supply(month.network.mint)),
        },
        Line {
            name: "Month: epochs",
            left: ("days that are over", ((world.now().0 - began_at) / DAY) as u64),
            right: ("epochs closed", state.open_epoch),
        },
        Line {
            name: "Month: burned",
            left: ("paid for credits", Month::DAYS * Month::SPENT),
            right: ("burned + in the burn vault", shard.burned.0 + held(month.network.burn_vault(0))),
        },
        Line {
            name: "Month: emission",
            left: ("minted", state.minted.get() as u64),
            right: (
                "with providers, stakers, upkeep and keeper, less the advance",
                income.map(held).iter().sum::<u64>() - Month::ADVANCE,
            ),
        },
        Line {
            name: "Month: average price",
            left: ("looks of the keeper", looks),
            right: ("updates", month.times(&["averages updated"])),
        },
        Line {
            name: "Month: halt clock",
            left: ("looks of the keeper", looks),
            right: ("ticks", month.times(&["ticks"])),
        },
        Line {
            name: "Month: jobs",
            left: ("posted", month.posted),
            right: ("closed + of the last two days", month.times(&["jobs closed"]) + left),
        },
        Line {
            name: "Month: bonds",
            left: ("locked", Month::DAYS * Month::BONDS),
            right: ("settled", month.times(&["bonds settled"])),
        },
        Line {
            name: "Month: stake",
            left: ("staked", Month::STAKE),
            right: ("the provider's own, and free", provider.own.0 - provider.bonded.0),
        },
        Line {
            name: "Month: keeper's tokens",
            left: ("in its account", tokens),
            right: ("for chores", (sent - for_jobs) * Month::CHORE),
        },
        Line {
            name: "Month: keeper's lamports",
            left: ("earned", lamports),
            right: ("for jobs", for_jobs * Month::TIP),
        },
    ];
    (demo.steps, lines)
}
