//! Results that are verified: deliveries with traces, true and false, the games over them, and panels.

use {
    super::{
        Random,
        escrow::{COURT, Jobs},
    },
    crate::fixture::{Challenge, Job, LIAR, Panel, Run, VERIFIER, Verified, hidden},
    joule_escrow_interface::{
        pda,
        state::{Game, Panel as PanelState, Trace, game_phase, job_state, panel_state, replica_state},
        verifier::statement,
    },
    joule_interface::Address,
    solana_keypair::Keypair,
    solana_program::instruction::AccountMeta,
    solana_signer::Signer,
    verifier::Machine,
};

const STEPS: u64 = 37;
const PANELS: u64 = 2;

/// A trace that was delivered.
struct Delivered {
    address: Address,
    job: Job,
    run: Run,
    /// It is the run of what the job asks for, with its result.
    is_true: bool,
    games: Vec<Played>,
}

/// A game over it.
struct Played {
    challenge: Challenge,
    by: usize,
    /// The challenger has a run of its own, and keeps to it.
    is_honest: bool,
}

/// All that is in dispute.
pub(super) struct Disputes {
    verified: Verified,
    pub(super) truth: Run,
    traces: Vec<Delivered>,
}

impl Disputes {
    /// Nothing yet.
    pub(super) fn new(verified: Verified) -> Self {
        Self { verified, truth: Run::of(Machine::new(5, STEPS)), traces: vec![] }
    }
}

/// What providers may say that they found.
fn findings(panel: &Address) -> [[u8; 32]; 3] {
    [1, 2, 3].map(|first| {
        let mut result = panel.to_bytes();
        result[0] = first;
        result
    })
}

/// What a provider says: mostly the same, often one of two.
fn found(panel: &Address, random: &mut Random) -> [u8; 32] {
    findings(panel)[[0, 0, 0, 0, 1, 1, 1, 2][random.place(8)]]
}

impl Jobs {
    /// Something happens to a result that is verified.
    pub(super) fn dispute(&mut self) {
        match self.random.below(10) {
            0 => self.deliver_trace(),
            1 => self.challenge(),
            2..7 => self.play(),
            _ => self.replicate(),
        }
    }

    fn deliver_trace(&mut self) {
        let verified = self.disputes.verified;
        let running: Vec<usize> = (0..self.places.len())
            .filter(|&place| self.places[place].market == COURT)
            .filter(|&place| self.job(place).2.is_some_and(|job| job.state == job_state::RUNNING))
            .collect();
        if running.is_empty() {
            return;
        }
        let place = running[self.random.place(running.len())];
        let (job, _, state) = self.job(place);
        let definition = state.expect("it is there").definition;
        let truth = self.disputes.truth.clone();
        let run = match self.random.below(4) {
            0..2 => truth.clone(),
            2 => truth.cheated(self.random.place(STEPS as usize + 1)),
            _ => truth.cut(1 + self.random.below(2 * STEPS) as u32),
        };
        let is_true = run.root() == truth.root() && definition == truth.states[0];
        let deliver = verified.deliver_instruction(&self.chain.world, &job, &run, run.result());
        let worker = self.worker_of(&job);
        if self.send("deliver a trace", deliver, &[&worker]) {
            let address = verified.trace(&self.chain.world, &job);
            self.disputes.traces.push(Delivered { address, job, run, is_true, games: vec![] });
        }
    }

    /// Clients come first, then workers.
    fn challenger(&self, who: usize) -> Keypair {
        let keys = self.clients.iter().map(|client| &client.key).chain(self.workers.iter().map(|worker| &worker.key));
        keys.cycle().nth(who).expect("somebody").insecure_clone()
    }

    fn challenge(&mut self) {
        let Some(index) = self.some_trace() else { return };
        let by = self.random.place(self.clients.len() + self.workers.len());
        let key = self.challenger(by);
        let Delivered { address, job, is_true, ref run, .. } = self.disputes.traces[index];
        let Some(trace) = self.chain.find::<Trace>(address) else { return };
        // Who has a run of its own has no reason to challenge its result.
        let truth = &self.disputes.truth;
        let differs = run.result() != truth.result() && run.states[0] == truth.states[0] && !is_true;
        let is_longer = differs && run.steps() < truth.steps() && run.states[..] == truth.states[..run.states.len()];
        let is_honest = differs && !is_longer && self.random.below(4) > 0;
        let claim = if !is_honest && self.random.below(3) == 0 { statement::END } else { statement::STEP };
        let challenge = Challenge {
            address: pda::game::find(&address, &trace.games_opened.to_le_bytes()).0,
            trace: address,
            job: job.address,
            provider: job.provider,
            challenger: key.pubkey(),
            deposits: [self.disputes.verified.deposit(job.provider), self.disputes.verified.deposit(key.pubkey())],
            verified: self.disputes.verified,
        };
        if self.send("challenge", challenge.open_instruction(claim), &[&key]) {
            self.disputes.traces[index].games.push(Played { challenge, by, is_honest });
        }
    }

    fn some_trace(&mut self) -> Option<usize> {
        let count = self.disputes.traces.len();
        (count > 0).then(|| self.random.place(count))
    }

    /// A move, or what comes after the last.
    fn play(&mut self) {
        let Some(index) = self.some_trace() else { return };
        let Delivered { address, job, ref run, is_true, ref games, .. } = self.disputes.traces[index];
        let run = run.clone();
        if games.is_empty() || self.random.below(12) == 0 {
            let close = self.disputes.verified.close_trace_instruction(address, &job);
            if self.send("close a trace", close, &[]) && games_are_gone(self, index) {
                self.disputes.traces.swap_remove(index);
            }
            return;
        }
        let number = self.random.place(games.len());
        let Played { challenge, by, is_honest } = self.disputes.traces[index].games[number];
        let Some(game) = self.chain.find::<Game>(challenge.address) else {
            self.disputes.traces[index].games.swap_remove(number);
            return;
        };
        let (worker, challenger) = (self.worker_of(&job), self.challenger(by));
        if self.random.below(10) == 0 {
            self.send("time out", challenge.time_out_instruction(), &[]);
            return;
        }
        match game.phase {
            game_phase::OPEN => {
                let mut nodes = run.below(&game);
                if self.random.below(10) == 0 {
                    nodes[0][0] ^= 1;
                }
                self.send("show nodes", challenge.nodes_instruction(&nodes), &[&worker]);
            }
            game_phase::CHOOSE => {
                let random = self.random.below(16) as u8;
                let choice = if is_honest { self.disputes.truth.differs(&game) } else { random };
                self.send("choose", challenge.choose_instruction(choice), &[&challenger]);
            }
            game_phase::SHOW => {
                let (before, after, proof) = run.shown(&game);
                self.send("show states", challenge.show_instruction(before, after, &proof), &[&worker]);
            }
            game_phase::PROVE if self.disputes.verified.verifier == LIAR.1 => self.ask_a_liar(&challenge, &run, &game),
            game_phase::PROVE => {
                let witness = run.witness(&game);
                self.send("prove", challenge.prove_instruction(&witness, &[]), &[]);
            }
            _ if game.settled_at.0 == 0 => drop(self.send("settle a game", challenge.settle_instruction(), &[])),
            _ => {
                self.send("pay a challenger", challenge.pay_instruction(), &[]);
                self.send("close a game", challenge.close_instruction(), &[]);
            }
        }
        // Nobody who tells the truth, and is there, loses.
        let moved = self.chain.find::<Game>(challenge.address);
        if let Some(now) = moved.filter(|now| !game.is_decided() && now.is_decided()) {
            assert!(!is_true || now.phase != game_phase::CHALLENGER_WON, "the truth was refuted: {game:?} {now:?}");
            assert!(!is_honest || now.phase != game_phase::PROVIDER_WON, "a lie was proved: {game:?} {now:?}");
        }
    }

    /// The verifier says what it is told to: the truth, or what is no answer of its own to this claim.
    fn ask_a_liar(&mut self, challenge: &Challenge, run: &Run, game: &Game) {
        let witness = run.witness(game);
        let other = AccountMeta::new_readonly(VERIFIER.1, false);
        let (answer, is_one) = match self.random.below(6) {
            0 => (vec![liar::SILENT], false),
            1 => (vec![liar::ANOTHER], false),
            2 => (vec![liar::LONG], false),
            3 => ([&[liar::ASK], &witness[..]].concat(), false),
            _ if is_right(run, game) => (vec![liar::AGREE], true),
            _ => (vec![liar::SILENT], false),
        };
        let prove = challenge.prove_instruction(&answer, &[other]);
        let believed = self.send("prove", prove, &[]);
        assert!(is_one || !believed, "{answer:?} was believed: {game:?}");
    }

    /// A panel, one of few: mostly one that is posted, so that it comes to something.
    fn panel(&mut self) -> (Panel, Keypair) {
        let posted: Vec<(Address, Address)> =
            self.chain.all::<PanelState>().map(|(address, state)| (address, state.client)).collect();
        let (client, nonce) = (self.random.place(self.clients.len()), self.random.below(PANELS));
        let mut key = &self.clients[client].key;
        let mut panel = Panel::of(&self.markets[COURT], key.pubkey(), nonce);
        if !posted.is_empty() && !self.random.one_in(12) {
            let (address, owner) = posted[self.random.place(posted.len())];
            key = self.clients.iter().map(|client| &client.key).find(|key| key.pubkey() == owner).expect("a client");
            let mut all = (0..PANELS).map(|nonce| Panel::of(&self.markets[COURT], owner, nonce));
            panel = all.find(|panel| panel.address == address).expect("one of the client's");
        }
        (panel, key.insecure_clone())
    }

    fn replica(&self, panel: &Panel, worker: usize) -> Job {
        let worker = &self.workers[worker];
        panel.replica(worker.key.pubkey(), worker.wallets[0])
    }

    fn replicate(&mut self) {
        let (panel, client) = self.panel();
        let anyone = self.anyone.insecure_clone();
        let Some(state) = self.chain.find::<PanelState>(panel.address).map(Box::new) else {
            let replicas = 3 + self.random.below(2) as u8;
            let post = panel.post_instruction(&self.chain.world, &self.disputes.verified, replicas);
            self.send("post a panel", post, &[&client]);
            return;
        };
        let w = self.random.place(self.workers.len());
        let key = self.workers[w].key.insecure_clone();
        let place = state.replicas.iter().position(|replica| replica.provider == key.pubkey());
        let salt = [w as u8 + 1; 32];
        match state.state {
            panel_state::JOINING if self.random.below(40) > 0 => {
                if let Some(place) = place.filter(|_| self.random.one_in(8)) {
                    let leave = panel.leave_instruction(&self.replica(&panel, w), place as u8);
                    self.send("leave a panel", leave, &[&key]);
                    return;
                }
                let replica = self.replica(&panel, w);
                let join = panel.join_instruction(&self.chain.world, &replica);
                self.send("join a panel", join, &[&key]);
            }
            panel_state::ACKNOWLEDGING if self.random.below(10) > 0 => {
                let Some(place) = place else { return };
                if self.random.one_in(4) {
                    let remove = panel.remove_instruction(&self.replica(&panel, w), place as u8);
                    self.send("remove a replica", remove, &[]);
                } else {
                    let acknowledge = panel.acknowledge_instruction(key.pubkey(), place as u8);
                    self.send("acknowledge", acknowledge, &[&key]);
                }
            }
            panel_state::JOINING | panel_state::ACKNOWLEDGING => {
                let caller = if self.random.below(2) == 0 { &client } else { &anyone };
                self.send("cancel a panel", panel.cancel_instruction(caller.pubkey()), &[caller]);
            }
            panel_state::COMMITTING | panel_state::REVEALING if self.random.below(5) > 0 => {
                let Some(place) = place else { return };
                let open = |result| hidden(&state, panel.address, key.pubkey(), result, salt);
                let own = state.replicas[place];
                if own.state == replica_state::ACKNOWLEDGED {
                    let result = found(&panel.address, &mut self.random);
                    let commit = panel.commit_instruction(key.pubkey(), place as u8, open(result));
                    self.send("commit", commit, &[&key]);
                } else {
                    let result = findings(&panel.address).into_iter().find(|result| open(*result) == own.commitment);
                    let result = result.unwrap_or_default();
                    let reveal = panel.reveal_instruction(key.pubkey(), place as u8, result, salt);
                    self.send("reveal", reveal, &[&key]);
                }
            }
            panel_state::COMMITTING | panel_state::REVEALING => {
                self.send("tally", panel.tally_instruction(), &[]);
            }
            _ => self.close_panel(&panel, &state),
        }
    }

    fn close_panel(&mut self, panel: &Panel, state: &PanelState) {
        let places: Vec<usize> = state.present().map(|(place, _)| place).collect();
        if !places.is_empty() {
            let place = places[self.random.place(places.len())];
            let provider = state.replicas[place].provider;
            let w = self.workers.iter().position(|worker| worker.key.pubkey() == provider).expect("one of the workers");
            let replica = self.replica(panel, w);
            if self.random.below(2) == 0 {
                let most = if self.random.one_in(3) { self.random.below(1_000) } else { u64::MAX };
                self.send("pay a replica", panel.pay_part_instruction(&replica, place as u8, most), &[]);
            } else {
                self.send("settle a replica", panel.settle_instruction(&replica, place as u8), &[]);
            }
        }
        if !state.penalty_owed.is_zero() {
            self.send("burn a penalty", panel.burn_instruction(u64::MAX), &[]);
        }
        self.send("close a panel", panel.close_instruction(&self.chain.world), &[]);
    }

    /// Games and panels come to their end, by what anyone may do.
    pub(super) fn end_disputes(&mut self) {
        for index in 0..self.disputes.traces.len() {
            for number in 0..self.disputes.traces[index].games.len() {
                let challenge = self.disputes.traces[index].games[number].challenge;
                for crank in
                    [challenge.time_out_instruction(), challenge.settle_instruction(), challenge.pay_instruction()]
                {
                    self.send("wind up a game", crank, &[]);
                }
            }
            let Delivered { address, job, .. } = self.disputes.traces[index];
            self.send("close a trace", self.disputes.verified.close_trace_instruction(address, &job), &[]);
        }
        for client in 0..self.clients.len() {
            for nonce in 0..PANELS {
                let panel = Panel::of(&self.markets[COURT], self.clients[client].key.pubkey(), nonce);
                let Some(state) = self.chain.find::<PanelState>(panel.address).map(Box::new) else { continue };
                let anyone = self.anyone.insecure_clone();
                match state.state {
                    panel_state::JOINING | panel_state::ACKNOWLEDGING => {
                        self.send("cancel a panel", panel.cancel_instruction(anyone.pubkey()), &[&anyone]);
                    }
                    panel_state::COMMITTING | panel_state::REVEALING => {
                        self.send("tally", panel.tally_instruction(), &[]);
                    }
                    _ => (0..4 * state.replica_count as usize + 1).for_each(|_| self.close_panel(&panel, &state)),
                }
            }
        }
    }
}

/// The step that the game is about is the machine's, or its end.
fn is_right(run: &Run, game: &Game) -> bool {
    let place =
        if game.statement_kind == statement::STEP { game.subtree_index.wrapping_sub(1) } else { game.subtree_index };
    let Some(machine) = run.machines.get(place as usize).filter(|machine| machine.hash() == game.before) else {
        return false;
    };
    match game.statement_kind {
        statement::STEP => machine.step().is_some_and(|next| next.hash() == game.after),
        _ => machine.is_final(),
    }
}

fn games_are_gone(jobs: &Jobs, index: usize) -> bool {
    let games = &jobs.disputes.traces[index].games;
    games.iter().all(|game| jobs.chain.find::<Game>(game.challenge.address).is_none())
}
