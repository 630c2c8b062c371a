//! Every instruction on a game and its job, and on a panel, in every state, in time and late: `tests/golden/escrow_games_states.md`.

use {
    super::{
        games::Court,
        panels::{Act, Jury},
        *,
    },
    joule_escrow_interface::verifier::statement,
    joule_tests::{
        fixture::{Challenge, Panel, Run},
        golden,
    },
    std::fmt::Write,
    verifier::Machine,
};

const LATE: u64 = 3 * 86_400;

fn name_of(result: Result<Receipt, joule_tests::Failure>, what: &str) -> String {
    let Err(failure) = result else { return "ok".into() };
    let code = failure.code().unwrap_or_else(|| panic!("{what}: {failure:?}"));
    let error = EscrowError::ALL.iter().find(|error| error.code == code);
    error.map_or_else(|| panic!("{what}: {failure:?}"), |error| error.name.to_string())
}

type Stage = fn(&Court, &Run) -> (Job, Challenge);
type Act1 = fn(&Court, &Run, &Job, &Challenge) -> Instruction;

fn delivered(court: &Court, run: &Run) -> Job {
    let job = court.running(run.states[0]);
    court.deliver(&job, run, run.result());
    job
}

fn challenged(court: &Court, run: &Run) -> (Job, Challenge) {
    let job = delivered(court, run);
    let game = court.challenge(&job, &court.story.someone, statement::STEP);
    (job, game)
}

fn shown(court: &Court, run: &Run) -> (Job, Challenge) {
    let (job, game) = challenged(court, run);
    court.play(&game, run, &court.story.someone, 9);
    (job, game)
}

fn proved(court: &Court, run: &Run) -> (Job, Challenge) {
    let (job, game) = shown(court, run);
    court.provider_moves(&game, run);
    (job, game)
}

fn won(court: &Court, run: &Run) -> (Job, Challenge) {
    let (job, game) = proved(court, run);
    court.provider_moves(&game, run);
    (job, game)
}

fn lost(court: &Court, run: &Run) -> (Job, Challenge) {
    let (job, game) = challenged(court, run);
    court.world().pass(3_601);
    court.world().ok(&[game.time_out_instruction()], &[]);
    (job, game)
}

fn settled((job, game): (Job, Challenge), court: &Court) -> (Job, Challenge) {
    court.settle(&game);
    (job, game)
}

const STAGES: [(&str, Stage); 11] = [
    ("delivered, no game", |court, run| {
        let job = delivered(court, run);
        let game = court.verified.challenge(court.world(), &job, court.story.someone.pubkey(), 0);
        (job, game)
    }),
    ("the provider opens a node", challenged),
    ("beside another game", |court, run| {
        let (job, _) = challenged(court, run);
        let game = court.challenge(&job, &court.story.someone, statement::STEP);
        (job, game)
    }),
    ("the challenger chooses", |court, run| {
        let (job, game) = challenged(court, run);
        court.provider_moves(&game, run);
        (job, game)
    }),
    ("the provider shows the states", shown),
    ("the step is to be proved", proved),
    ("the provider won", won),
    ("the provider won, settled", |court, run| settled(won(court, run), court)),
    ("the challenger won", lost),
    ("the challenger won by play, settled", |court, run| {
        let (job, game) = proved(court, run);
        court.world().pass(3_601);
        court.world().ok(&[game.time_out_instruction()], &[]);
        settled((job, game), court)
    }),
    ("the challenger won, the job resolved", |court, run| {
        let (job, game) = settled(lost(court, run), court);
        let someone = &court.story.someone;
        let resolve = court.market.resolve_instruction(&job, someone.pubkey(), 0, 0);
        court.world().ok(&[resolve], &[someone]);
        (job, game)
    }),
];

const ACTS: [(&str, Act1); 18] = [
    ("challenge", |court, _, job, game| {
        let world = court.world();
        let trace: joule_escrow_interface::state::Trace = world.read(game.trace);
        court.verified.challenge(world, job, court.story.client.pubkey(), trace.games_opened).open_instruction(0)
    }),
    ("open the node", |court, run, _, game| {
        let nodes = court.world().account(game.address).map_or(vec![], |_| run.below(&game.state(court.world())));
        game.nodes_instruction(&nodes)
    }),
    ("choose", |_, _, _, game| game.choose_instruction(0)),
    ("show the states", |court, run, _, game| {
        let state = court.world().account(game.address).map(|_| game.state(court.world()));
        let (before, after, proof) = state
            .filter(|state| state.subtree_index > 0 && state.subtree_level == 0)
            .map_or(Default::default(), |state| run.shown(&state));
        game.show_instruction(before, after, &proof)
    }),
    ("prove the step", |court, run, _, game| {
        let witness = court.world().account(game.address).map_or(vec![], |_| run.witness(&game.state(court.world())));
        game.prove_instruction(&witness, &[])
    }),
    ("decide: arbiter", |court, _, _, game| game.decide_instruction(court.story.payer.pubkey(), 1)),
    ("time out", |_, _, _, game| game.time_out_instruction()),
    ("settle the game", |_, _, _, game| game.settle_instruction()),
    ("pay the challenger", |_, _, _, game| game.pay_instruction()),
    ("close the game", |_, _, _, game| game.close_instruction()),
    ("close the trace", |court, _, job, game| court.verified.close_trace_instruction(game.trace, job)),
    ("accept: client", |court, _, job, _| court.market.accept_instruction(job, job.client)),
    ("accept: anyone", |court, _, job, _| court.market.accept_instruction(job, court.story.someone.pubkey())),
    ("reject", |court, _, job, _| court.market.reject_instruction(job)),
    ("resolve: arbiter", |court, _, job, _| court.market.resolve_instruction(job, court.story.payer.pubkey(), 1, 1)),
    ("resolve: anyone", |court, _, job, _| court.market.resolve_instruction(job, court.story.someone.pubkey(), 1, 1)),
    ("cancel: client", |court, _, job, _| court.market.cancel_instruction(job, job.client)),
    ("close the job", |court, _, job, _| court.market.close_job_instruction(court.world(), job)),
];

type PanelStage = fn(&Jury) -> Panel;
type PanelAct = fn(&Jury, &Panel) -> Instruction;

fn committed(jury: &Jury, members: usize) -> Panel {
    let panel = jury.full(3);
    for member in 0..members {
        jury.world.ok(&[jury.commit(&panel, member, [5; 32])], &[&jury.members[member].key]);
    }
    panel
}

const PANEL_STAGES: [(&str, PanelStage); 11] = [
    ("a place is left", |jury| {
        let panel = jury.posted(3);
        (0..2).for_each(|member| drop(jury.join(&panel, member + 1)));
        panel
    }),
    ("all joined, one acknowledged", |jury| {
        let panel = jury.joined(3);
        jury.acknowledge(&panel, 1, 1);
        panel
    }),
    ("a place is refilled", |jury| {
        let panel = jury.joined(3);
        (1..3).for_each(|member| drop(jury.acknowledge(&panel, member, member as u8)));
        jury.world.pass(301);
        jury.world.ok(&[panel.remove_instruction(&jury.replica(&panel, 0), 0)], &[]);
        panel
    }),
    ("all hold the input", |jury| jury.full(3)),
    ("one committed", |jury| committed(jury, 1)),
    ("all committed", |jury| committed(jury, 3)),
    ("all but one revealed", |jury| {
        let panel = committed(jury, 3);
        for member in 1..3 {
            jury.world.ok(&[jury.reveal(&panel, member, [5; 32])], &[&jury.members[member].key]);
        }
        panel
    }),
    ("agreed", |jury| jury.decided(&[Act::Finds(5); 3])),
    ("divided", |jury| jury.decided(&[Act::Finds(5), Act::Finds(6), Act::Finds(7)])),
    ("taken back", |jury| {
        let panel = jury.posted(3);
        jury.world.ok(&[panel.cancel_instruction(jury.client.pubkey())], &[&jury.client]);
        panel
    }),
    ("dissolved", |jury| {
        let panel = jury.joined(3);
        jury.world.pass(301);
        jury.world.ok(&[panel.cancel_instruction(jury.client.pubkey())], &[&jury.client]);
        panel
    }),
];

const PANEL_ACTS: [(&str, PanelAct); 13] = [
    ("join", |jury, panel| panel.join_instruction(&jury.world, &jury.replica(panel, 0))),
    ("leave", |jury, panel| panel.leave_instruction(&jury.replica(panel, 0), 0)),
    ("acknowledge", |jury, panel| panel.acknowledge_instruction(jury.members[0].key.pubkey(), 0)),
    ("remove", |jury, panel| panel.remove_instruction(&jury.replica(panel, 0), 0)),
    ("commit", |jury, panel| jury.commit(panel, 0, [5; 32])),
    ("reveal", |jury, panel| jury.reveal(panel, 0, [5; 32])),
    ("tally", |_, panel| panel.tally_instruction()),
    ("pay", |jury, panel| panel.pay_instruction(&jury.replica(panel, 0), 0)),
    ("settle with stake", |jury, panel| panel.settle_instruction(&jury.replica(panel, 0), 0)),
    ("cancel: client", |jury, panel| panel.cancel_instruction(jury.client.pubkey())),
    ("cancel: anyone", |jury, panel| panel.cancel_instruction(jury.someone.pubkey())),
    ("burn the penalty", |_, panel| panel.burn_instruction(u64::MAX)),
    ("close", |jury, panel| panel.close_instruction(&jury.world)),
];

fn signers<'a>(instruction: &Instruction, keys: &[&'a Keypair]) -> Vec<&'a Keypair> {
    let signs = |key: &&Keypair| instruction.accounts.iter().any(|meta| meta.is_signer && meta.pubkey == key.pubkey());
    keys.iter().copied().filter(signs).collect()
}

#[test]
fn every_instruction_in_every_state_of_a_game_works_or_says_why_not() {
    let mut text = String::from(
        "# What may happen to a challenged job, and to a panel\n\nBy state and instruction, in time and three days late: `ok`, or \
        the error. Steps are decided by a verifier.\n",
    );
    let court = Court::new();
    let (world, story) = (court.world(), &court.story);
    let run = Run::of(Machine::new(2, 20));
    let keys = [&story.client, &story.someone, &story.payer, &story.workers[0].key];
    for (state, make) in STAGES {
        write!(text, "\n## {state}\n\n| instruction | in time | late |\n|---|---|---|\n").unwrap();
        for (name, act) in ACTS {
            let cell = |late: u64| {
                for owner in [story.workers[0].key.pubkey(), story.someone.pubkey(), story.client.pubkey()] {
                    if court.dispute_bonds(owner).0 < games::HOARD / 2 {
                        court.top_up(owner);
                    }
                }
                let (job, game) = make(&court, &run);
                world.pass(late);
                let instruction = act(&court, &run, &job, &game);
                let result = world.send(std::slice::from_ref(&instruction), &signers(&instruction, &keys));
                name_of(result, &format!("{state}, {name}"))
            };
            let (early, late) = (cell(0), cell(LATE));
            writeln!(text, "| {name} | {early} | {late} |").unwrap();
        }
    }
    let jury = Jury::strict();
    let mut keys: Vec<&Keypair> = jury.members.iter().map(|member| &member.key).collect();
    keys.extend([&jury.client, &jury.someone]);
    for (state, make) in PANEL_STAGES {
        write!(text, "\n## Panel: {state}\n\n| instruction | in time | late |\n|---|---|---|\n").unwrap();
        for (name, act) in PANEL_ACTS {
            let cell = |late: u64| {
                let panel = make(&jury);
                jury.world.pass(late);
                let instruction = act(&jury, &panel);
                let result = jury.world.send(std::slice::from_ref(&instruction), &signers(&instruction, &keys));
                jury.release(&panel);
                name_of(result, &format!("{state}, {name}"))
            };
            let (early, late) = (cell(0), cell(LATE));
            writeln!(text, "| {name} | {early} | {late} |").unwrap();
        }
    }
    golden::compare("escrow_games_states.md", &text);
}
