//! A coalition looks for profit, for so many sequences: the same in every run. `scripts/adversary` looks for longer.

use {
    joule_tests::{
        Receipt,
        adversary::{
            Act, Balance, Gene, Limit, Scene, Stage,
            bme::{Burning, Selling},
            credits::{Averaging, Beginning, Calculating, Laning, Reserving, Resting, Rooting},
            escrow::{Hiring, Serving},
            games::Disputing,
            gangs::Training,
            identity::Vouching,
            issuer::Issuing,
            keeps_its_promises,
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
    },
    std::{fs, path::Path},
};

#[track_caller]
fn finds_nothing<S: Scene>(seed: u64, sequences: u64, moves: usize) {
    let report = search::<S>(seed, Limit::Sequences(sequences));
    if let Some(finding) = report.finding {
        panic!("{finding}");
    }
    assert!(report.accepted.len() >= moves, "a run in which nothing happens proves nothing: {:?}", report.accepted);
}

#[test]
fn a_coalition_gains_nothing_by_staking() {
    finds_nothing::<Staking>(1, 150, 12);
}

#[test]
fn an_authority_that_turned_takes_nothing_of_who_reads_the_news() {
    finds_nothing::<Governing>(1, 100, 16);
}

#[test]
fn a_coalition_gains_nothing_by_jobs() {
    finds_nothing::<Hiring>(1, 100, 12);
}

#[test]
fn a_coalition_gains_nothing_by_services() {
    finds_nothing::<Serving>(1, 60, 12);
}

#[test]
fn a_coalition_gains_nothing_by_games() {
    finds_nothing::<Disputing>(1, 50, 12);
}

#[test]
fn a_coalition_gains_nothing_by_proofs() {
    finds_nothing::<Proving>(1, 50, 10);
}

#[test]
fn a_coalition_gains_nothing_by_taking_a_right() {
    finds_nothing::<Revoking>(1, 60, 12);
}

#[test]
fn a_coalition_gains_nothing_by_burning() {
    finds_nothing::<Burning>(1, 80, 8);
}

#[test]
fn a_coalition_gains_nothing_by_dollars() {
    finds_nothing::<Selling>(1, 60, 12);
}

#[test]
fn a_coalition_gains_nothing_by_lanes() {
    finds_nothing::<Laning>(1, 30, 8);
}

#[test]
fn a_coalition_gains_nothing_by_roots() {
    finds_nothing::<Rooting>(1, 20, 6);
}

#[test]
fn a_coalition_gains_nothing_by_reserves() {
    finds_nothing::<Reserving>(1, 20, 6);
    finds_nothing::<Beginning>(1, 20, 4);
}

#[test]
fn a_coalition_gains_nothing_while_nobody_works() {
    finds_nothing::<Resting>(1, 30, 6);
}

#[test]
fn a_coalition_gains_nothing_by_the_silence_of_an_oracle() {
    finds_nothing::<Calculating>(1, 30, 5);
}

#[test]
fn a_coalition_keeps_nobody_from_buying_by_the_average() {
    finds_nothing::<Averaging>(1, 20, 3);
}

#[test]
fn a_coalition_gains_nothing_by_vouchers_and_mandates() {
    finds_nothing::<Metering>(1, 120, 12);
}

#[test]
fn a_coalition_gains_nothing_by_panels() {
    finds_nothing::<Judging>(1, 60, 10);
}

#[test]
fn a_coalition_breaks_no_promise_about_machines() {
    finds_nothing::<Vouching>(1, 60, 16);
}

#[test]
fn an_issuer_that_turned_only_makes_others_wait() {
    finds_nothing::<Issuing>(1, 80, 14);
}

#[test]
fn a_coalition_keeps_nobody_out_of_a_queue() {
    finds_nothing::<Queueing>(1, 80, 12);
}

#[test]
fn rights_to_credits_that_end_take_nothing_that_was_earned() {
    finds_nothing::<Spending>(1, 80, 10);
}

/// Plays the stories of a scene, each of which breaks a promise of a program with a bug planted: here they break none. How many there are, and
/// in how many something is accepted.
#[track_caller]
fn breaks_nothing<S: Scene>(folder: &str) -> [usize; 2] {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/stories").join(folder);
    let files = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("a file").path());
    let name = format!(".{}.txt", S::NAME);
    let mut stories: Vec<_> = files.filter(|path| path.to_string_lossy().ends_with(&name)).collect();
    stories.sort();
    let (mut scene, mut accepted) = (S::new(), 0);
    for path in &stories {
        let outcome = play(&mut scene, &parse::<S>(&fs::read_to_string(path).expect("a story")));
        assert_eq!(outcome.broken(), None, "{}\n{}", path.display(), outcome.story.join("\n"));
        accepted += usize::from(!outcome.taken.is_empty());
    }
    [stories.len(), accepted]
}

#[test]
fn stories_of_planted_bugs_break_nothing_without_them() {
    let ([stakes, some], [pools, others]) = (breaks_nothing::<Staking>("stake"), breaks_nothing::<Governing>("stake"));
    assert_eq!(stakes + pools, 30);
    // All but three: what is refused whole has no effect.
    assert_eq!(some + others, 27);
}

#[test]
fn a_coalition_gains_nothing_by_gangs() {
    finds_nothing::<Training>(1, 30, 10);
}

#[test]
fn a_coalition_gains_nothing_by_reservations() {
    finds_nothing::<Promising>(1, 40, 12);
}

#[test]
fn stolen_keys_take_no_more_than_their_limits() {
    finds_nothing::<Stealing>(1, 40, 12);
}

#[test]
fn a_slash_that_hits_stake_on_its_way_takes_no_rewards_of_others() {
    keeps_its_promises::<Staking>(
        "
        see-rewards-funded 0 0 128 0
        redelegate 0 0 128 0
        commit-a-fault 0 0 128 0
        wait 7 0 0 0
        ",
    );
}

#[test]
fn a_client_pays_his_part_of_what_an_older_slash_left() {
    keeps_its_promises::<Staking>(
        "
        wait 5
        wait 5
        commit-a-fault 0 0 128
        wait-for-a-deadline 91 158
        fail-C 0 0 128
        wait-for-a-deadline
        ",
    );
}

#[test]
fn an_epoch_that_is_closed_and_swept_at_once_pays_its_work() {
    keeps_its_promises::<Reserving>(
        "
        see-B-hire 245 0 255 0
        wait-for-a-deadline 0 154 0 0
        close-an-epoch 0 0 0 0
        accrue 0 0 0 0 +
        sweep 0 0 0 0 +
        ",
    );
}

#[test]
fn who_pays_for_work_closes_an_epoch_that_is_over() {
    keeps_its_promises::<Reserving>(
        "
        pause 0 0 0 0
        wait-for-a-deadline 0 200 0 0
        see-K-hire-H 0 0 0 0
        wait-for-a-deadline 0 0 0 0
        see-a-policy-proposed 0 0 0 0
        see-B-hire 0 0 0 0
        execute-a-policy 0 0 0 0
        see-B-hire 0 59 0 0
        ",
    );
}

#[test]
fn a_mint_that_its_authority_signs_stands_alone_and_counts_once() {
    keeps_its_promises::<Vouching>("collect 0 0 0 0\nbe-minted-a-machine 0 0 0 0 +");
}

#[test]
fn a_job_that_is_posted_again_at_another_price_is_paid_at_that() {
    keeps_its_promises::<Stealing>("hire-an-identity 0 0 0 0\ncancel 0 0 0 0\ndo-what-others-did 0 42 90 0 +");
}

#[test]
fn who_is_silent_in_a_halt_loses_what_the_terms_say() {
    keeps_its_promises::<Hiring>("wait-for-a-deadline\nwait 1\nbeat\nbe-idle,-or-diligent-again\nsee-the-chain-halt 2");
}

#[test]
fn who_waited_in_a_queue_and_does_not_start_has_no_bond_to_lose() {
    keeps_its_promises::<Hiring>("quit\njoin\nwait 1\nbe-hired-by-C 0 1\nwait-for-a-deadline");
}

#[test]
fn an_epoch_that_is_closed_in_the_last_second_of_a_price_waits_for_none() {
    keeps_its_promises::<Calculating>(
        "see-B-hire\nwait-for-a-deadline\nwait 2\nsee-K-hire-H\nsee-the-oracle-fall-silent\nupdate-the-average
        wait 3\nwait 3\nwait 3\nwait 3\nwait 3\nwait 3\nclose-an-epoch",
    );
}

#[test]
fn a_lost_machine_that_its_owner_paid_for_is_closed() {
    keeps_its_promises::<Vouching>("start 0 0 0 253\nburn 22");
}

#[test]
fn who_delivers_once_a_job_is_extended_past_the_end_of_a_right_is_paid() {
    keeps_its_promises::<Revoking>(
        "wait\nwait-for-a-deadline 203 2\npost 31 1 36\nhire-H\nannounce-the-end-of-the-right\nwait-for-a-deadline 193
        extend 0 0 128\nwait 67\nextend 0 0 128",
    );
}

#[test]
fn a_place_in_another_gang_of_its_client_comes_to_its_end() {
    keeps_its_promises::<Training>("post-a-gang 0 248\npost-a-gang\npost-places 147 0 0 180");
}

#[test]
fn the_shortest_job_at_a_fixed_price_is_paid_whole() {
    keeps_its_promises::<Hiring>("hire-H 46 0 0 0");
}

/// Jobs, where one who takes something out of a deposit gets a token more.
struct Generous(Hiring);

impl Scene for Generous {
    const NAME: &'static str = "generous";
    const MOVES: &'static [&'static str] = Hiring::MOVES;

    fn new() -> Self {
        Self(Hiring::new())
    }

    fn stage(&mut self) -> &mut Stage {
        self.0.stage()
    }

    fn reset(&mut self) {
        self.0.reset();
    }

    fn act(&mut self, gene: &Gene) -> Option<Act> {
        self.0.act(gene)
    }

    fn respond(&mut self, genes: &[Gene], receipt: &Receipt) {
        self.0.respond(genes, receipt);
        for _ in genes.iter().filter(|gene| gene.name::<Self>() == "withdraw") {
            let wallet = self.0.wallet_of_k();
            let mut account = self.0.stage().accounts[&wallet].clone();
            let amount = u64::from_le_bytes(account.data[64..72].try_into().unwrap()) + 1_000_000_000;
            account.data[64..72].copy_from_slice(&amount.to_le_bytes());
            self.0.stage().put(wallet, account);
        }
    }

    fn wake(&mut self) -> Option<i64> {
        self.0.wake()
    }

    fn pass(&mut self, from: i64, to: i64) {
        self.0.pass(from, to);
    }

    fn work(&mut self) {
        self.0.work();
    }

    fn wind_up(&mut self) {
        self.0.wind_up();
    }

    fn balances(&mut self) -> Vec<Balance> {
        self.0.balances()
    }
}

#[test]
fn what_pays_is_found_and_told_in_one_move() {
    let found = search::<Generous>(1, Limit::Sequences(500)).finding.expect("it pays");
    assert_eq!(found.broken.who, "the coalition, pay");
    assert_eq!(found.broken.excess(), 1_000_000_000);
    let text = found.to_string();
    assert_eq!(found.genes.lines().count(), 1, "{text}");
    assert!(found.genes.starts_with("withdraw ") && text.contains("K takes out"), "{text}");
    // The same again, in every run.
    let again = search::<Generous>(1, Limit::Sequences(500)).finding.expect("it pays");
    assert_eq!(again.to_string(), text);
}
