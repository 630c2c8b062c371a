//! Gangs: posted, joined with and without beacons, broken, made full again, stopped and settled.

use {
    super::escrow::{Jobs, WORKERS, settle_bond},
    crate::fixture::{Gang, Job, Market, of_beacon},
    joule_escrow_interface::state::{Gang as GangState, Job as JobState, NONE, gang_state, job_state},
    joule_interface::{Address, Instruction},
    joule_math::Timestamp,
    solana_keypair::Keypair,
    solana_signer::Signer,
};

/// Numbers of jobs from here on are those of places.
const FIRST: u64 = 1_000;
/// Jobs of a gang that take places one after another.
const PLACES: u64 = 4;

/// A gang of a client, and the jobs that have its places.
pub(super) struct Crew {
    client: usize,
    gang: Gang,
    market: usize,
    /// For nobody yet, as long as nobody took the place.
    jobs: Vec<Job>,
}

impl Crew {
    /// The client's gang in a market.
    pub(super) fn of(client: usize, owner: Address, market: usize, markets: &[Market]) -> Self {
        let gang = Gang::of(owner, market as u64);
        let first = FIRST + market as u64 * PLACES;
        let jobs = (first..first + PLACES).map(|nonce| gang.place(&markets[market], nonce, owner, owner)).collect();
        Self { client, gang, market, jobs }
    }
}

impl Jobs {
    /// Something happens to a gang: mostly what its state allows.
    pub(super) fn work_together(&mut self) {
        let at = self.random.place(self.crews.len());
        let Crew { client, gang, market, .. } = self.crews[at];
        let market = self.markets[market];
        let client = self.clients[client].key.insecure_clone();
        let Some(state) = self.chain.find::<GangState>(gang.address) else {
            let (size, seconds) = (2 + self.random.below(2) as u8, 20 + self.random.below(600) as u32);
            let post = gang.post_instruction(&self.chain.world, &market, size, seconds);
            self.send("post a gang", post, &[&client]);
            return;
        };
        // Whatever is left of its places before is settled, step by step.
        for place in 0..PLACES as usize {
            let (job, there) = self.member(at, place);
            if there.is_some_and(|job| job.state != job_state::GANG) && !self.random.one_in(4) {
                self.clear_place(&job, &market, &there);
            }
        }
        let place = self.some_place(at);
        let (job, there) = self.member(at, place);
        let usual: &[u8] = match state.state {
            gang_state::FILLING if state.posted < state.size => &[0, 0, 0, 0, 0, 6],
            gang_state::FILLING => &[1, 1, 1, 1, 2, 6],
            gang_state::RUNNING => &[3, 3, 3, 3, 4, 5, 5, 6],
            gang_state::BROKEN => &[0, 1, 1, 3, 4, 5, 5, 5, 6],
            _ => &[5, 5, 5, 7],
        };
        let action =
            if self.random.one_in(10) { self.random.below(8) as u8 } else { usual[self.random.place(usual.len())] };
        match action {
            0 if self.random.one_in(3) => {
                let jobs: Vec<Job> = self.crews[at].jobs[place..].iter().take(2).copied().collect();
                self.send("post places", gang.places_instruction(&self.chain.world, &market, &jobs), &[&client]);
            }
            0 => {
                for place in 0..PLACES as usize {
                    let job = self.crews[at].jobs[place];
                    if self.chain.find::<JobState>(job.address).is_none_or(|job| job.is_over()) {
                        self.send(
                            "post places",
                            gang.places_instruction(&self.chain.world, &market, &[job]),
                            &[&client],
                        );
                    }
                }
            }
            1 => (0..PLACES as usize).for_each(|place| {
                if !self.random.one_in(6) {
                    self.join_gang(at, place);
                }
            }),
            2 => {
                let leave = self.measured(gang.leave_instruction(&market, &job), &there);
                let worker = self.worker_of(&job);
                self.send("leave a gang", leave, &[&worker]);
            }
            3 => (0..PLACES as usize).for_each(|place| {
                let (job, there) = self.member(at, place);
                if there.is_some_and(|job| job.state == job_state::GANG && job.provider != NONE) {
                    self.say_alive(&gang, &job, &there);
                }
            }),
            4 => {
                let (name, caller) = match self.random.below(4) {
                    0 => ("quit a gang", self.worker_of(&job)),
                    1 => ("dismiss a member", client),
                    _ => ("show a silent member", self.anyone.insecure_clone()),
                };
                let stop = self.measured(gang.take_out_instruction(&market, caller.pubkey(), &job), &there);
                self.send(name, stop, &[&caller]);
            }
            5 => self.settle_place(&gang, &market, &job, &there),
            6 if self.random.one_in(8) => {
                let by_time = self.random.one_in(2);
                let caller = if by_time { self.anyone.insecure_clone() } else { client };
                let name = if by_time { "stop a gang by time" } else { "stop a gang" };
                self.send(name, gang.stop_instruction(caller.pubkey()), &[&caller]);
            }
            6 => {}
            _ => drop(self.send("close a gang", gang.close_instruction(&self.chain.world), &[])),
        }
    }

    /// One of its places: mostly one that somebody has.
    fn some_place(&mut self, at: usize) -> usize {
        let has_member = |place: &usize| {
            self.member(at, *place).1.is_some_and(|job| job.state == job_state::GANG && job.provider != NONE)
        };
        let taken: Vec<usize> = (0..PLACES as usize).filter(has_member).collect();
        if taken.is_empty() || self.random.one_in(4) {
            self.random.place(PLACES as usize)
        } else {
            taken[self.random.place(taken.len())]
        }
    }

    /// The job of a place as its own account says.
    fn member(&self, at: usize, place: usize) -> (Job, Option<JobState>) {
        let (job, market) = (self.crews[at].jobs[place], self.markets[self.crews[at].market]);
        let state: Option<JobState> = self.chain.find(job.address);
        let provider = state.map_or(NONE, |state| state.provider);
        let worker = self.workers.iter().position(|worker| worker.key.pubkey() == provider);
        // Where nobody is, the first one tries.
        (self.worked(job, &market, worker.unwrap_or(0)), state)
    }

    fn join_gang(&mut self, at: usize, place: usize) {
        let (gang, market) = (self.crews[at].gang, self.markets[self.crews[at].market]);
        let worker = self.random.place(WORKERS);
        let job = self.worked(self.crews[at].jobs[place], &market, worker);
        if self.chain.find::<JobState>(job.address).is_none() {
            return;
        }
        let mut join = gang.join_instruction(&self.chain.world, &market, &job);
        let by_beacon = self.random.one_in(2);
        if by_beacon {
            join = of_beacon(join, &self.workers[worker].beacon);
        }
        let key = self.workers[worker].key.insecure_clone();
        self.send(if by_beacon { "join a gang on a beacon" } else { "join a gang" }, join, &[&key]);
    }

    /// The instruction for a member that may be on its beacon: mostly with that.
    fn measured(&mut self, instruction: Instruction, there: &Option<JobState>) -> Instruction {
        let Some(state) = there.filter(|job| job.on_beacon == 1) else { return instruction };
        let own = self.workers.iter().find(|worker| worker.key.pubkey() == state.provider);
        match own.map(|worker| worker.beacon) {
            Some(beacon) if !self.random.one_in(8) => of_beacon(instruction, &beacon),
            _ => instruction,
        }
    }

    fn say_alive(&mut self, gang: &Gang, job: &Job, there: &Option<JobState>) {
        let worker = self.worker_of(job);
        if there.is_some_and(|job| job.on_beacon == 1) && !self.random.one_in(8) {
            let beat = self.beacon_of(job).beat_instruction();
            self.send("beat", beat, &[&worker]);
        } else {
            self.send("say that a member is alive", gang.heartbeat_instruction(job), &[&worker]);
        }
    }

    fn settle_place(&mut self, gang: &Gang, market: &Market, job: &Job, there: &Option<JobState>) {
        let anyone = self.anyone.insecure_clone();
        let mut settle = gang.settle_instruction(market, job, anyone.pubkey());
        let most = if self.random.one_in(3) { self.random.below(2_000_000) } else { u64::MAX };
        settle.data[1..9].copy_from_slice(&most.to_le_bytes());
        let settle = self.measured(settle, there);
        self.send("settle a member", settle, &[&anyone]);
    }

    /// What is left of a place whose gang settled it.
    fn clear_place(&mut self, job: &Job, market: &Market, there: &Option<JobState>) {
        let Some((name, call)) = self.next_of_place(job, market, there) else { return };
        self.send(name, call, &[]);
    }

    fn next_of_place(
        &self,
        job: &Job,
        market: &Market,
        there: &Option<JobState>,
    ) -> Option<(&'static str, Instruction)> {
        let state = there.as_ref()?;
        Some(match state.state {
            job_state::GANG => return None,
            _ if state.on_beacon == 1 => ("leave a beacon", self.beacon_of(job).leave_instruction(&[*job])),
            job_state::OWING => ("settle", market.settle_instruction(job)),
            // What is seized is burned.
            _ if state.bond_unsettled == 1 => ("settle the bond", settle_bond(market, job, there, market.staked.0)),
            _ => ("close", market.close_job_instruction(&self.chain.world, job)),
        })
    }

    /// Anyone brings every gang to its end.
    pub(super) fn end_gangs(&mut self) {
        let anyone = self.anyone.insecure_clone();
        for at in 0..self.crews.len() {
            let Crew { gang, market, .. } = self.crews[at];
            let market = self.markets[market];
            let state: Option<GangState> = self.chain.find(gang.address);
            let is_open = |gang: &GangState| matches!(gang.state, gang_state::FILLING | gang_state::BROKEN);
            if state.as_ref().is_some_and(is_open) {
                let stop = gang.stop_instruction(anyone.pubkey());
                assert!(self.send("stop a gang by time", stop, &[&anyone]), "its deadline has passed");
            }
            for place in 0..PLACES as usize {
                let (job, there) = self.member(at, place);
                self.end_place(&gang, &market, &job, &there, &anyone);
                self.check_gangs();
            }
            if self.chain.find::<GangState>(gang.address).is_some_and(|gang| gang.posted == 0) {
                let close = gang.close_instruction(&self.chain.world);
                assert!(self.send("close a gang", close, &[]), "nothing is left of it");
            }
        }
    }

    fn end_place(&mut self, gang: &Gang, market: &Market, job: &Job, there: &Option<JobState>, anyone: &Keypair) {
        if there.is_some_and(|job| job.state == job_state::GANG) {
            let settle = gang.settle_instruction(market, job, anyone.pubkey());
            let is_measured = there.is_some_and(|job| job.on_beacon == 1);
            let settle = if is_measured { of_beacon(settle, &self.beacon_of(job)) } else { settle };
            assert!(self.send("settle a member", settle, &[anyone]), "{there:?}");
        } else if let Some((name, call)) = self.next_of_place(job, market, there) {
            assert!(self.send(name, call, &[]), "{name}: {there:?}");
        }
    }

    /// A gang counts its places and members as they are.
    pub(super) fn check_gangs(&self) {
        for (_, gang) in self.chain.all::<GangState>() {
            let places = || gang.places.iter().filter(|place| place.job != NONE);
            assert_eq!(places().count(), gang.posted as usize, "{gang:?}");
            assert_eq!(places().filter(|place| place.machine != 0).count(), gang.joined as usize, "{gang:?}");
            let members = places().filter_map(|place| self.chain.find::<JobState>(place.job));
            let never = Timestamp::default();
            let is_in = |job: &JobState| job.provider != NONE && job.stopped_at == never;
            assert_eq!(members.filter(is_in).count(), gang.joined as usize, "{gang:?}");
        }
    }
}
