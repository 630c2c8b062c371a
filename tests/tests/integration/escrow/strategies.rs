//! Honest against every way to cheat: the honest side never loses a unit, the game always ends, and every unit is somewhere.

use {
    super::{
        games::{Court, DISPUTE_BOND, HOARD},
        *,
    },
    joule_escrow_interface::{
        state::{Game, Trace, game_phase},
        trace::Hash,
        verifier::statement,
    },
    joule_tests::fixture::{Challenge, Run},
    joule_tests::tracked_world::Random,
    verifier::Machine,
};

/// What a provider delivers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Delivery {
    /// The truth.
    Honest,
    /// Hashes that are no states, from somewhere on.
    WrongFrom,
    /// A state changed somewhere, and right steps from there on.
    Detour,
    /// The right trace, and another result.
    WrongResult,
    /// A run that stops before its end.
    Short,
    /// One that goes on behind it.
    Long,
    /// A right run of something else.
    OtherWork,
    /// A root of nothing.
    NoTrace,
    /// The right result, and a trace that is wrong on the way.
    RightResultWrongTrace,
}

const DELIVERIES: [Delivery; 9] = [
    Delivery::Honest,
    Delivery::WrongFrom,
    Delivery::Detour,
    Delivery::WrongResult,
    Delivery::Short,
    Delivery::Long,
    Delivery::OtherWork,
    Delivery::NoTrace,
    Delivery::RightResultWrongTrace,
];

/// How a challenger plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Challenger {
    /// Challenges what is wrong, and picks what it has otherwise.
    Honest,
    /// Challenges anything, and picks anything.
    Random,
    /// Says that the end is none.
    End,
    /// Challenges, and leaves.
    Silent,
}

/// When a side stops moving.
const NEVER: u64 = u64::MAX;

struct Delivered {
    run: Run,
    result: Hash,
}

fn deliver(kind: Delivery, truth: &Run, random: &mut Random) -> Delivered {
    let steps = truth.steps();
    let place = 1 + random.below(steps as u64) as usize;
    let of = |run: Run| Delivered { result: run.result(), run };
    match kind {
        Delivery::Honest => of(truth.clone()),
        Delivery::WrongFrom => of(truth.cheated(place)),
        Delivery::Detour => {
            let mut machine = truth.machines[place];
            machine.accumulator[0] ^= 1;
            let rest = Run::of(machine);
            let machines: Vec<Machine> = truth.machines[..place].iter().chain(&rest.machines).copied().collect();
            let states = machines.iter().map(Machine::hash).collect();
            of(Run::claimed(states).with(machines))
        }
        Delivery::WrongResult => Delivered { run: truth.clone(), result: [0xab; 32] },
        Delivery::Short => {
            of(if steps == 1 { truth.cheated(1) } else { truth.cut(place.min(steps as usize - 1) as u32) })
        }
        Delivery::Long => of(truth.cut(steps + 1 + random.below(30) as u32)),
        Delivery::OtherWork => of(Run::of(Machine::new(random.number() | 1 << 60, steps as u64))),
        Delivery::NoTrace => {
            let states = (0..=steps).map(|_| [random.below(256) as u8; 32]).collect();
            Delivered { run: Run::claimed(states), result: [0xcd; 32] }
        }
        Delivery::RightResultWrongTrace => {
            let mut states = truth.states.clone();
            let place = place.min(steps as usize - 1);
            states[place] = [0xef; 32];
            let run = Run::claimed(states).with(truth.machines.clone());
            Delivered { result: truth.result(), run }
        }
    }
}

struct Match<'a> {
    court: &'a Court,
    truth: Run,
    delivered: Delivered,
    challenger: &'a Keypair,
    style: Challenger,
    /// After how many moves of its own a side falls silent.
    silent: [u64; 2],
}

impl Match<'_> {
    /// The claim that an honest challenger makes; none where the result is right.
    fn honest_claim(&self, trace: &Trace) -> Option<u8> {
        if trace.result == self.truth.result() {
            return None;
        }
        let short = trace.steps < self.truth.steps() && trace.result == self.truth.states[trace.steps as usize];
        Some(if short { statement::END } else { statement::STEP })
    }

    /// What is tried out of turn, again, or with what belongs elsewhere: all of it is refused, and changes nothing.
    fn meddle(&self, game: &Challenge, before: &[Hash], random: &mut Random) {
        let world = self.court.world();
        let provider = self.court.worker(game.provider);
        let state = game.state(world);
        let other = Run::of(Machine::new(random.number(), self.delivered.run.steps() as u64));
        let attempts: [(Instruction, &[&Keypair]); 6] = [
            (game.nodes_instruction(before), &[provider]),
            (game.choose_instruction(200), &[self.challenger]),
            (game.show_instruction([1; 32], [2; 32], before), &[provider]),
            (game.prove_instruction(&other.machines[0].bytes(), &[]), &[]),
            (game.time_out_instruction(), &[]),
            (game.settle_instruction(), &[]),
        ];
        let (instruction, signers) = &attempts[random.place(attempts.len())];
        // The same nodes may be the right ones again, where nothing was shown yet.
        if state.phase != game_phase::OPEN || before != self.delivered.run.below(&state) {
            assert!(world.send(std::slice::from_ref(instruction), signers).is_err(), "{state:?}");
            assert_eq!(game.state(world), state);
        }
    }

    fn choice(&self, state: &Game, random: &mut Random) -> u8 {
        if self.style == Challenger::Honest {
            return self.truth.cut(state.steps).differs(state);
        }
        let level = state.subtree_level - state.levels();
        let last = (state.steps >> level) - (state.subtree_index << state.levels());
        random.below((last as u64 + 1).min(1 << state.levels())) as u8
    }

    /// Plays to the end. Returns the moves that were made.
    fn play(&self, game: &Challenge, random: &mut Random) -> u32 {
        let world = self.court.world();
        let mut moves = [0; 2];
        let mut shown = vec![];
        loop {
            let state = game.state(world);
            if state.is_decided() {
                return state.move_count;
            }
            if random.one_in(4) {
                self.meddle(game, &shown, random);
            }
            let side = (state.phase == game_phase::CHOOSE) as usize;
            let made = if moves[side] >= self.silent[side] {
                false
            } else if side == 1 {
                let choose = game.choose_instruction(self.choice(&state, random));
                world.send(&[choose], &[self.challenger]).is_ok()
            } else {
                let Some(instruction) = game.provider_moves(&state, &self.delivered.run) else { unreachable!() };
                if state.phase == game_phase::OPEN {
                    shown = self.delivered.run.below(&state);
                }
                let signers: &[&Keypair] =
                    if state.phase == game_phase::PROVE { &[] } else { &[self.court.worker(game.provider)] };
                world.send(&[instruction], signers).is_ok()
            };
            moves[side] += 1;
            if !made {
                world.pass(3_601);
                world.ok(&[game.time_out_instruction()], &[]);
            }
        }
    }
}

#[test]
fn honest_against_every_cheat() {
    let court = Court::new();
    let (world, story) = (court.world(), &court.story);
    let mut random = Random::new(0x9e37_79b9_7f4a_7c15);
    let mut won = [0; 2];
    let mut cases = vec![];
    for delivery in DELIVERIES {
        for style in [Challenger::Honest, Challenger::Random, Challenger::End, Challenger::Silent] {
            for silent in [[NEVER, NEVER], [0, NEVER], [1, NEVER], [2, NEVER], [3, NEVER], [NEVER, 0], [NEVER, 1]] {
                cases.push((delivery, style, silent));
            }
        }
    }
    for (number, (delivery, style, silent)) in cases.into_iter().enumerate() {
        let silent = if style == Challenger::Silent { [silent[0], 0] } else { silent };
        let truth = Run::of(Machine::new(number as u64, 2 + random.below(120)));
        let delivered = deliver(delivery, &truth, &mut random);
        let challenger = if random.one_in(2) { &story.client } else { &story.someone };
        let name = format!("{number}: {delivery:?} {style:?} {silent:?}, {} steps", truth.steps());
        let provider = story.workers[0].key.pubkey();
        let free = |owner| court.dispute_bonds(owner).0;
        let before = [free(provider), free(challenger.pubkey())];
        let supply = world.supply(court.dispute_bonds.address);

        let job = court.running(truth.states[0]);
        court.deliver(&job, &delivered.run, delivered.result);
        let game = Match { court: &court, truth, delivered, challenger, style, silent };
        let trace: Trace = world.read(court.verified.trace(world, &job));
        let claim = match style {
            Challenger::Honest => game.honest_claim(&trace),
            Challenger::End => Some(statement::END),
            _ => Some(statement::STEP),
        };
        let mut games = vec![];
        let mut phase = game_phase::PROVIDER_WON;
        let mut by_silence = false;
        if let Some(claim) = claim {
            let challenge = court.challenge(&job, challenger, claim);
            let moves = game.play(&challenge, &mut random);
            assert!(moves <= 1 + 2 * (trace.steps.ilog2() + 2), "{name}");
            phase = challenge.state(world).phase;
            by_silence = challenge.state(world).ended_by_silence == 1;
            court.settle(&challenge);
            games.push(challenge);
        }
        court.clear(&job, &games);

        let after = [free(provider), free(challenger.pubkey())];
        let plays =
            [delivery == Delivery::Honest && silent[0] == NEVER, style == Challenger::Honest && silent[1] == NEVER];
        for (side, honest) in plays.into_iter().enumerate() {
            assert!(!honest || after[side] >= before[side], "{name}: side {side}, {phase}");
        }
        // Who is right is paid, and who is wrong is not.
        let state = story.job(&job);
        let paid = if phase == game_phase::PROVIDER_WON { TOKEN } else { 0 };
        assert_eq!((state.paid.0, state.refunded.0), (paid, TOKEN - paid), "{name}");
        if plays[0] {
            assert_eq!(phase, game_phase::PROVIDER_WON, "{name}");
        }
        if plays[1] && trace.result != game.truth.result() {
            assert_eq!(phase, game_phase::CHALLENGER_WON, "{name}");
        }
        // What is lost is won, or burned.
        let burned = supply - world.supply(court.dispute_bonds.address);
        assert_eq!(before[0] + before[1], after[0] + after[1] + burned, "{name}");
        let lost = if by_silence { DISPUTE_BOND } else { DISPUTE_BOND / 2 };
        assert_eq!(burned, if games.is_empty() { 0 } else { lost }, "{name}");
        won[(phase == game_phase::CHALLENGER_WON) as usize] += 1;
        // The next has enough to lose.
        for owner in [provider, challenger.pubkey()] {
            if free(owner) < HOARD / 2 {
                court.top_up(owner);
            }
        }
    }
    // Both happen.
    assert!(won[0] > 40 && won[1] > 40, "{won:?}");
}
