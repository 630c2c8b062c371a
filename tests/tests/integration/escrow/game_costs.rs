//! What games and panels cost: `tests/golden/compute_units_escrow_games.md` and `tests/golden/escrow_games.md`.

use {
    super::{games::Court, panels::Jury, *},
    joule_escrow_interface::{
        instruction::DeliverTraceArgs,
        state::{Game, Trace, game_phase},
        trace::{self, Hash},
        verifier::statement,
    },
    joule_tests::{
        fixture::{Challenge, Run, sha256},
        golden,
    },
    std::fmt::Write,
    verifier::Machine,
};

/// A trace of any length: two states in it are known, the others all alike.
struct Long {
    /// The step that is challenged.
    place: u64,
    around: [Hash; 2],
    /// The node over what is alike, by its height.
    alike: Vec<Hash>,
}

impl Long {
    fn new(place: u32, machine: &Machine) -> Self {
        let around = [machine.hash(), machine.step().expect("not final").hash()];
        let first = trace::leaf(sha256, &[3; 32]);
        let above = |node: &Hash| Some(trace::node(sha256, node, node));
        let alike = std::iter::successors(Some(first), above).take(33).collect();
        Self { place: place as u64, around, alike }
    }

    fn node(&self, level: u32, index: u64) -> Hash {
        let inside = |place: u64| place >> level == index;
        match (level, inside(self.place - 1), inside(self.place)) {
            (_, false, false) => self.alike[level as usize],
            (0, before, _) => trace::leaf(sha256, &self.around[!before as usize]),
            _ => trace::node(sha256, &self.node(level - 1, 2 * index), &self.node(level - 1, 2 * index + 1)),
        }
    }

    fn below(&self, game: &Game) -> Vec<Hash> {
        let first = (game.subtree_index as u64) << game.levels();
        (first..first + (1 << game.levels()))
            .map(|index| self.node(game.subtree_level - game.levels(), index))
            .collect()
    }

    fn proof(&self, game: &Game) -> Vec<Hash> {
        (0..game.left_level).map(|level| self.node(level, ((self.place - 1) >> level) - 1)).collect()
    }
}

/// What one side spent.
#[derive(Clone, Copy, Default)]
struct Spent {
    moves: u32,
    units: u64,
    largest: usize,
}

impl Spent {
    fn add(&mut self, receipt: &Receipt, bytes: usize) {
        self.moves += 1;
        self.units += receipt.units();
        self.largest = self.largest.max(bytes);
    }
}

/// Bytes of a transaction of one instruction, signed by one who also pays for it.
pub(super) fn bytes(instruction: &Instruction) -> usize {
    let mut keys: Vec<Address> = instruction.accounts.iter().map(|meta| meta.pubkey).collect();
    keys.push(instruction.program_id);
    keys.sort();
    keys.dedup();
    let payer = instruction.accounts.iter().any(|meta| meta.is_signer);
    let keys = keys.len() + !payer as usize;
    let length = |length: usize| 1 + (length > 127) as usize;
    let data = instruction.data.len();
    1 + 64 + 3 + 1 + 32 * keys + 32 + 1 + 1 + 1 + instruction.accounts.len() + length(data) + data
}

#[test]
fn bench_games() {
    let court = Court::new();
    let (world, story) = (court.world(), &court.story);
    let client = &story.client;
    let provider = &story.workers[0].key;
    let mut table = Table::new("escrow_games", ID);
    let run = Run::of(Machine::new(1, 1 << 10));
    let job = court.running(run.states[0]);
    table.row("DeliverTrace", &court.deliver(&job, &run, run.result()));
    let game = court.verified.challenge(world, &job, client.pubkey(), 0);
    table.row("ChallengeResult", &world.ok(&[game.open_instruction(statement::STEP)], &[client]));
    let waits = court.verified.challenge(world, &job, story.someone.pubkey(), 1);
    let open = waits.open_instruction(statement::END);
    table.row("ChallengeResult (whether the end is one)", &world.ok(&[open], &[&story.someone]));
    let mut step = |name: &str, instruction: Instruction, signers: &[&Keypair]| {
        table.row(name, &world.ok(&[instruction], signers));
    };
    let moved = |game: &Challenge| game.provider_moves(&game.state(world), &run).expect("its move");
    step("OpenSubtree (4 levels)", moved(&game), &[provider]);
    step("ChooseSubtree", game.choose_instruction(3), &[client]);
    step("OpenSubtree (4 levels)", moved(&game), &[provider]);
    step("ChooseSubtree", game.choose_instruction(3), &[client]);
    step("OpenSubtree (3 levels)", moved(&game), &[provider]);
    step("ChooseSubtree (a state is left)", game.choose_instruction(3), &[client]);
    step("ShowStates", moved(&game), &[provider]);
    step("ProveStep (48 bytes of witness)", moved(&game), &[]);
    step("SettleGame (the provider won)", game.settle_instruction(), &[]);
    world.pass(3_601);
    step("TimeOutGame", waits.time_out_instruction(), &[]);
    step("SettleGame (the challenger won, the last)", waits.settle_instruction(), &[]);
    step("PayChallenger", waits.pay_instruction(), &[]);
    step("CloseGame", game.close_instruction(), &[]);
    let trace = court.verified.trace(world, &job);
    step("CloseTrace", court.verified.close_trace_instruction(trace, &job), &[]);

    // Proofs.
    let lab = super::proofs::Laboratory::new();
    let job = lab.running(super::prover::definition_of(3));
    let deliver = lab.deliver(&job, 3);
    table.row("DeliverProof (Groth16, six inputs)", &lab.story.world.ok(&[deliver], &[lab.story.key(&job)]));

    // Panels.
    let jury = Jury::strict();
    let world = &jury.world;
    let panel = jury.unposted();
    let post = panel.post_instruction(world, &jury.verified, 15);
    table.row("PostPanel (tokens)", &world.ok(&[post], &[&jury.client]));
    let join = |member: usize| jury.join(&panel, member);
    table.row("JoinPanel (the first, with a bond)", &join(0));
    (1..14).for_each(|member| drop(join(member)));
    table.row("JoinPanel (the last of 15)", &join(14));
    (0..14).for_each(|member| drop(jury.acknowledge(&panel, member, member as u8)));
    table.row("AcknowledgeInput (the last of 15)", &jury.acknowledge(&panel, 14, 14));
    let key = |member: usize| &jury.members[member].key;
    for member in 0..15 {
        let receipt = world.ok(&[jury.commit(&panel, member, [5; 32])], &[key(member)]);
        if member == 14 {
            table.row("CommitResult", &receipt);
        }
    }
    for member in 0..15 {
        let result = [if member < 6 { 6 + member as u8 } else { 5 }; 32];
        if member < 6 {
            continue;
        }
        let receipt = world.ok(&[jury.reveal(&panel, member, result)], &[key(member)]);
        if member == 14 {
            table.row("RevealResult (the last of 15)", &receipt);
        }
    }
    world.pass(4_201);
    table.row("TallyPanel (15 replicas)", &world.ok(&[panel.tally_instruction()], &[]));
    let right = jury.replica(&panel, 8);
    table.row("PayReplica (tokens)", &world.ok(&[panel.pay_instruction(&right, 8)], &[]));
    let settle = panel.settle_instruction(&right, 8);
    table.row("SettleReplica (released and reported)", &world.ok(&[settle], &[]));
    let silent = jury.replica(&panel, 0);
    let settle = panel.settle_instruction(&silent, 0);
    table.row("SettleReplica (partly burned)", &world.ok(&[settle], &[]));
    let waiting = jury.joined(3);
    let first = jury.replica(&waiting, 0);
    world.pass(301);
    table.row("RemoveReplica (partly burned)", &world.ok(&[waiting.remove_instruction(&first, 0)], &[]));
    table.row("BurnPanelPenalty (tokens)", &world.ok(&[waiting.burn_instruction(u64::MAX)], &[]));
    let left = jury.posted(3);
    jury.join(&left, 3);
    let leave = left.leave_instruction(&jury.replica(&left, 3), 0);
    table.row("LeavePanel (with its bond)", &world.ok(&[leave], &[key(3)]));
    table.check();
}

#[test]
fn games_of_any_length_are_short_and_cheap() {
    let court = Court::new();
    let (world, story) = (court.world(), &court.story);
    let client = &story.client;
    let provider = &story.workers[0].key;
    let mut text = String::from(
        "# What a whole game costs\n\nThe longest game over a trace of `n` steps, from the challenge to the verdict: what each \
        side sends, the compute units of that, and the largest transaction in bytes, of the 1,232 that are allowed. A \
        transaction costs its sender 5,000 lamports. The rent comes back.\n\n\
        | n | moves: provider | challenger | units: provider | challenger | largest: provider | challenger | lamports: \
        provider | challenger | rent of the trace | of the game |\n|---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for exponent in [10u32, 20, 30, 31] {
        let steps = 1 << exponent;
        // All of the state before lies on the left of the first choice: the longest proof.
        let place = 1 << (exponent - 3);
        let machine = Machine::new(exponent as u64, 5);
        let long = Long::new(place, &machine);
        let job = court.running([8; 32]);
        let mut deliver = court.verified.deliver_instruction(world, &job, &Run::claimed(vec![[1; 32]; 2]), [9; 32]);
        let args = DeliverTraceArgs { result: [9; 32], root: long.node(trace::height(steps), 0), steps };
        deliver.data[1..].copy_from_slice(bytemuck::bytes_of(&args));
        world.ok(&[deliver], &[provider]);
        let mut spent = [Spent::default(); 2];
        let game = court.verified.challenge(world, &job, client.pubkey(), 0);
        let challenge = game.open_instruction(statement::STEP);
        spent[1].add(&world.ok(std::slice::from_ref(&challenge), &[client]), bytes(&challenge));
        loop {
            let state = game.state(world);
            let (side, instruction) = match state.phase {
                game_phase::OPEN => (0, game.nodes_instruction(&long.below(&state))),
                game_phase::CHOOSE => {
                    let level = state.subtree_level - state.levels();
                    (1, game.choose_instruction(((place >> level) - (state.subtree_index << state.levels())) as u8))
                }
                game_phase::SHOW => (0, game.show_instruction(long.around[0], long.around[1], &long.proof(&state))),
                game_phase::PROVE => (0, game.prove_instruction(&machine.bytes(), &[])),
                _ => break,
            };
            let signers: &[&Keypair] = match (side, state.phase) {
                (_, game_phase::PROVE) => &[],
                (0, _) => &[provider],
                _ => &[client],
            };
            let receipt = world.ok(std::slice::from_ref(&instruction), signers);
            spent[side].add(&receipt, bytes(&instruction));
        }
        assert_eq!(game.state(world).phase, game_phase::PROVIDER_WON);
        court.settle(&game);
        let [own, other] = spent;
        assert!(own.moves <= exponent + 2 && other.moves <= exponent + 2);
        assert!(own.largest <= 1_232 && other.largest <= 1_232);
        let rent = |size| world.rent(size);
        writeln!(
            text,
            "| 2^{exponent} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            own.moves,
            other.moves,
            own.units,
            other.units,
            own.largest,
            other.largest,
            5_000 * own.moves,
            5_000 * other.moves,
            rent(size_of::<Trace>()),
            rent(size_of::<Game>()),
        )
        .unwrap();
    }
    golden::compare("escrow_games.md", &text);
}
