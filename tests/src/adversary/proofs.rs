//! Results that are proved. Honest are C, a client; H, a provider, which does the work and proves it. The coalition is K, a client; P, a provider,
//! which has a proof of what it did, and whatever anybody sent; X, who passes by, and extends whatever code can be extended; T, the network's
//! authority, which may offer a verifier whose code can change.

use {
    super::{Act, Balance, Gene, Scene, Stage, pass_to, stage::market_of},
    crate::{
        Network, Receipt, World,
        fixture::{Backer, Deposit, Job, Market, Pool, Provable, TOKEN, VERIFIER, accepted, sha256, usual_terms},
        key,
    },
    joule_escrow_interface::{
        ID, proof,
        state::{Job as JobState, NONE, ProofStatement, Terms, job_state},
    },
    joule_interface::{Address, Instruction, TOKEN_PROGRAM},
    joule_math::{Amount, Bps, Seconds, Tokens},
    joule_stake_interface::state::{Bond, Delegation, UnbondingTicket},
    solana_keypair::Keypair,
    solana_signer::Signer,
    std::collections::{BTreeMap, BTreeSet},
};

const C: usize = 0;
const H: usize = 1;
const K: usize = 2;
const P: usize = 3;
const X: usize = 4;
const NAMES: [&str; 5] = ["C", "H", "K", "P", "X"];
const WALLET: u64 = 1_000 * TOKEN;
const DEPOSIT: u64 = 200 * TOKEN;
const STAKE: u64 = 300 * TOKEN;
const PRICE: u64 = 3 * TOKEN;
const BOND: u64 = TOKEN;
/// How long the work takes.
const WORK: i64 = 300;
const RESULT: [u8; 32] = [0xaa; 32];
const NO_RESULT: [u8; 32] = [0; 32];
const DUST: i128 = 5_000;
/// The same verifier, with code that its owner can change.
const CHANGING: (&str, Address) = ("verifier", key("Changing11111111111111111111111111111111111"));
/// Where results are proved by code that is final; where the authority may offer the other.
const FINAL: usize = 0;
const OFFERED: usize = 1;

type Posting = (usize, u64);

/// A number of a client's in a market.
struct Place {
    client: usize,
    market: usize,
    /// As H and P would work on it.
    jobs: [Job; 2],
}

#[derive(Clone, Default)]
struct Memory {
    /// What P did the work for.
    done: BTreeSet<Posting>,
    /// Postings of K's that H runs.
    earned: BTreeMap<Posting, (u64, usize)>,
    /// Proofs that P has: for which statement, of which posting.
    proofs: Vec<[u8; 32]>,
    later: BTreeMap<Address, i64>,
    /// The code of the final verifier was changed all the same, by who can: what it says is worth nothing.
    is_changed: bool,
}

/// See the module.
pub struct Proving {
    stage: Stage,
    network: Network,
    pool: Pool,
    keys: Vec<Keypair>,
    markets: Vec<Market>,
    provables: [Provable; 2],
    places: Vec<Place>,
    /// What pays, and what is staked.
    wallets: [Vec<Address>; 2],
    deposits: [Deposit; 2],
    own: [Backer; 2],
    memory: Memory,
}

impl Proving {
    fn key(&self, who: usize) -> Address {
        self.keys[who].pubkey()
    }

    fn state(&self, place: usize) -> Option<JobState> {
        self.stage.find(self.places[place].jobs[0].address)
    }

    fn job(&self, place: usize) -> (Job, &Market, Option<JobState>) {
        let Place { market, jobs, .. } = &self.places[place];
        let state = self.state(place);
        let is_h = state.as_ref().is_some_and(|state| state.provider == self.key(H));
        (jobs[!is_h as usize], &self.markets[market_of(&self.markets, state.as_ref(), *market)], state)
    }

    /// The proof of who did the work for a posting.
    fn proof(&self, place: usize, state: &JobState) -> [u8; 32] {
        let (job, ..) = self.job(place);
        // Number, provider, what is asked for and what is found: all that tells two works apart.
        let id = { state.posting_id };
        let binding = proof::binding(sha256, &job.address, id, &state.provider, &state.definition, &RESULT);
        verifier::token(&ProofStatement { binding, definition: state.definition, result: RESULT })
    }

    fn deliver(&self, place: usize, proof: &[u8; 32]) -> Instruction {
        let (job, market, state) = self.job(place);
        let provable = self.provables[market_of(&self.markets, state.as_ref(), self.places[place].market)];
        provable.deliver_instruction(market, &job, RESULT, proof)
    }

    /// What ends a job without a proof.
    fn finish(&self, place: usize, caller: usize) -> Instruction {
        let (job, market, state) = self.job(place);
        if state.is_some_and(|state| state.verification == NONE) {
            return market.finish_instruction(&job, self.key(caller), NO_RESULT);
        }
        let number = market_of(&self.markets, state.as_ref(), self.places[place].market);
        self.provables[number].finish_instruction(market, &job, self.key(caller))
    }

    fn settle_bond(&self, place: usize) -> Instruction {
        let (job, market, state) = self.job(place);
        let mut settle = market.settle_bond_instruction(&job, self.wallets[1][self.places[place].client]);
        if state.is_none_or(|job| job.bond == NONE) {
            for meta in &mut settle.accounts[5..] {
                (meta.pubkey, meta.is_writable) = (ID, false);
            }
        }
        self.stage.repaid(settle, 5, 6)
    }

    fn send(&mut self, instruction: Instruction, who: usize) -> bool {
        let key = self.keys[who].insecure_clone();
        let signs = instruction.accounts.iter().any(|meta| meta.is_signer && meta.pubkey == key.pubkey());
        self.stage.attempt(instruction, signs.then_some(&key).as_slice())
    }

    /// What honest people have to do: when, with which job, what, and who signs.
    fn duties(&self) -> Vec<(i64, Address, Instruction, usize)> {
        let (mut duties, now) = (vec![], self.stage.now());
        for place in 0..self.places.len() {
            let (job, market, Some(state)) = self.job(place) else { continue };
            let (client, is_h) = (self.places[place].client, state.provider == self.key(H));
            let (who, deadline) = (if is_h { H } else { C }, state.deadline_at.0);
            if !is_h && client != C {
                continue;
            }
            if !is_h && state.state == job_state::POSTED && now <= deadline {
                // P starts by itself.
                let at = self.memory.later.get(&job.bond).copied().unwrap_or_default();
                duties.push((at, job.bond, market.start_instruction(&self.stage.world, &job), P));
            }
            let duty = match state.state {
                // H works where a proof ends the job.
                job_state::POSTED if is_h && state.verification != NONE => {
                    (0, market.start_instruction(&self.stage.world, &job), H)
                }
                job_state::POSTED => (deadline + 1, market.cancel_instruction(&job, self.key(who)), who),
                job_state::RUNNING if is_h => {
                    (state.started_at.0 + WORK, self.deliver(place, &self.proof(place, &state)), H)
                }
                job_state::RUNNING => {
                    let over = state.ends_at.0 + market.terms.late_window.0 as i64 + 1;
                    (over, self.finish(place, C), C)
                }
                job_state::OWING => (0, market.settle_instruction(&job), who),
                _ if state.bond_unsettled == 1 && state.has_ended() => (0, self.settle_bond(place), who),
                _ => continue,
            };
            let (at, instruction, who) = duty;
            let at = self.memory.later.get(&job.address).map_or(at, |later| at.max(*later));
            duties.push((at, job.address, instruction, who));
        }
        duties
    }

    /// The code of a verifier is another from now on.
    fn deploy(&mut self, which: usize) {
        let data = self.provables[which].verifier_data;
        let mut account = self.stage.world.account(data).expect("it is there");
        let slot = self.stage.world.slot();
        account.data[4..12].copy_from_slice(&slot.to_le_bytes());
        self.stage.put(data, account);
    }
}

impl Scene for Proving {
    const NAME: &'static str = "proofs";
    const MOVES: &'static [&'static str] = &[
        "be hired by C",
        "hire H",
        "start",
        "work",
        "deliver",
        "end",
        "quit",
        "cancel",
        "settle the bond",
        "close",
        "change the final code",
        "extend the other code",
        "verify by the other code",
        "use that verification",
    ];

    fn new() -> Self {
        let mut world = World::lite_with(&[("wallet", wallet::ID), VERIFIER, CHANGING]);
        let keys: Vec<Keypair> = NAMES.iter().map(|_| world.user()).collect();
        let holders: Vec<Address> = keys.iter().map(|key| key.pubkey()).collect();
        let (network, staked) = Network::new(&mut world, &holders);
        let pool = Pool::new(&world, &network);
        let mint = world.mint_of(TOKEN_PROGRAM);
        let paid: Vec<Address> = (holders.iter())
            .map(|holder| {
                let wallet = world.associated_account(mint.address, *holder);
                world.mint_to(&mint, wallet, WALLET);
                wallet
            })
            .collect();
        let deposits = [C, K].map(|who| {
            let deposit = Deposit::of(holders[who], mint.address, mint.token_program);
            let put = deposit.deposit_instruction(holders[who], paid[who], DEPOSIT);
            world.ok(&[deposit.open_instruction(&world)], &[]);
            world.ok(&[put], &[&keys[who]]);
            deposit
        });
        let own = [H, P].map(|who| {
            let provider = pool.register(&world, &keys[who]);
            let own = pool.open_delegation(&world, provider, holders[who], staked[who]);
            world.ok(&[pool.stake_instruction(&own, STAKE)], &[&keys[who]]);
            own
        });
        let usual = Terms { bond_amount: Tokens(BOND), reports: 1, ..usual_terms() };
        let terms = Terms {
            price: Amount(PRICE),
            min_duration: Seconds(600),
            default_pay: Bps::WHOLE,
            default_bond_penalty: Bps(0),
            ..accepted(holders[X], usual)
        };
        let first = Market::unborn(&network, &pool, 0, terms);
        pool.add_slasher(&world, &network, first.authority);
        let markets: Vec<Market> =
            [1, 2].map(|id| Market::unborn(&network, &pool, id, terms).paid_in(&mint).create(&world, &network)).into();
        let provables = [(1, VERIFIER.1), (2, CHANGING.1)].map(|(id, code)| Provable::unborn(&network, id, code));
        provables[FINAL].upgraded_by(&mut world, None);
        provables[OFFERED].upgraded_by(&mut world, Some(holders[X]));
        let create = provables[FINAL].create_instruction(&world, &network);
        let set = provables[FINAL].set_instruction(&network, &markets[FINAL]);
        world.ok(&[create, set], &[&network.authority]);
        let mut places = vec![];
        for (client, market) in [(C, 0), (C, 0), (K, 0), (K, 1), (K, 1)] {
            let nonce = places.len() as u64;
            let jobs = [H, P].map(|who| markets[market].job(holders[client], nonce, holders[who], paid[who]));
            places.push(Place { client, market, jobs });
        }
        world.run(86_400);
        let coalition = [&keys[K], &keys[P], &keys[X], &network.authority].map(Keypair::insecure_clone).into();
        let pretenders = vec![
            paid[X],
            holders[X],
            paid[P],
            holders[P],
            staked[X],
            deposits[1].address,
            deposits[1].vault,
            own[1].provider,
            places[2].jobs[1].address,
            provables[OFFERED].address,
            provables[OFFERED].verifier,
            provables[OFFERED].verifier_data,
            ID,
        ];
        let mut stage = Stage::new(world, &network, coalition, pretenders);
        for provable in provables {
            // It is set back with the rest.
            let account = stage.world.account(provable.verifier_data).expect("it is there");
            stage.remember(provable.verifier_data, account);
        }
        let (wallets, memory) = ([paid, staked], Memory::default());
        Self { stage, network, pool, keys, markets, provables, places, wallets, deposits, own, memory }
    }

    fn stage(&mut self) -> &mut Stage {
        &mut self.stage
    }

    fn reset(&mut self) {
        self.stage.reset();
        self.memory = Memory::default();
    }

    fn act(&mut self, gene: &Gene) -> Option<Act> {
        let name = gene.name::<Self>();
        match name {
            "be hired by C" | "hire H" => {
                let client = if name == "hire H" { K } else { C };
                let free = |place: &usize| {
                    self.places[*place].client == client && self.state(*place).is_none_or(|state| state.is_over())
                };
                let place = *gene.first(&(0..self.places.len()).filter(free).collect::<Vec<_>>())?;
                let job = self.places[place].jobs[(client == C) as usize];
                let market = &self.markets[self.places[place].market];
                let post = market.post_instruction(&self.stage.world, &job, 600 + gene.x as u32);
                let act = Act::new(format!("{} posts job {place}", NAMES[client]), post);
                return Some(if client == C { act.with(&[&self.keys[C]]) } else { act });
            }
            "change the final code" => {
                self.memory.is_changed = true;
                self.deploy(FINAL);
                return Some(self.stage.aside("the code of the final verifier is changed all the same"));
            }
            "extend the other code" => {
                self.deploy(OFFERED);
                return Some(self.stage.aside("X extends the code that can change"));
            }
            "verify by the other code" => {
                let create = self.provables[OFFERED].create_instruction(&self.stage.world, &self.network);
                return Some(Act::new("the authority creates a verification by code that can change", create));
            }
            "use that verification" => {
                let set = self.provables[OFFERED].set_instruction(&self.network, &self.markets[OFFERED]);
                return Some(Act::new("the authority has a market use that verification", set));
            }
            _ => {}
        }
        let fits = |state: &JobState| {
            let of_p = state.provider == self.key(P);
            match name {
                "start" | "cancel" => state.state == job_state::POSTED,
                "work" | "deliver" | "quit" => state.state == job_state::RUNNING && of_p,
                "end" => state.state == job_state::RUNNING,
                "settle the bond" => state.has_ended() && state.bond_unsettled == 1,
                _ => state.is_over(),
            }
        };
        let there = (0..self.places.len()).filter_map(|place| Some((place, self.state(place)?)));
        let there: Vec<(usize, JobState)> = there.filter(|(_, state)| fits(state)).collect();
        let (place, state) = gene.first(&there)?;
        let (job, market, _) = self.job(*place);
        let (text, act) = match name {
            "start" => ("P starts", market.start_instruction(&self.stage.world, &job)),
            "work" => {
                let proof = self.proof(*place, state);
                self.memory.done.insert((*place, state.posting_id));
                self.memory.proofs.push(proof);
                return Some(self.stage.aside(format!("P does the work of job {place}")));
            }
            "deliver" if self.memory.is_changed => {
                ("P has the code say what it likes", { self.deliver(*place, &self.proof(*place, state)) })
            }
            "deliver" => ("P delivers a proof", self.deliver(*place, gene.second(&self.memory.proofs)?)),
            "end" => ("X ends it", self.finish(*place, X)),
            "quit" => ("P quits", self.finish(*place, P)),
            "cancel" => ("it is cancelled", market.cancel_instruction(&job, *gene.second(&[job.client, self.key(X)])?)),
            "settle the bond" => ("its bond is settled", self.settle_bond(*place)),
            _ => ("it is closed", market.close_job_instruction(&self.stage.world, &job)),
        };
        Some(Act::new(format!("job {place}: {text}"), act))
    }

    fn respond(&mut self, _: &[Gene], _: &Receipt) {}

    fn wake(&mut self) -> Option<i64> {
        self.duties().iter().map(|(at, ..)| *at).min()
    }

    fn pass(&mut self, _: i64, _: i64) {}

    fn work(&mut self) {
        let now = self.stage.now();
        for (at, address, instruction, who) in self.duties() {
            if at > now {
                continue;
            }
            if !self.send(instruction, who) {
                self.memory.later.insert(address, now + 600);
            }
            for place in 0..self.places.len() {
                // From its start on H works, where nobody but the network's chosen code says whether it did.
                let Some(state) = self.state(place).filter(|state| state.provider == self.key(H)) else { continue };
                let market = market_of(&self.markets, Some(&state), self.places[place].market);
                if state.state == job_state::RUNNING && (market == OFFERED || !self.memory.is_changed) {
                    self.memory.earned.insert((place, state.posting_id), (state.price.0, market));
                }
            }
        }
    }

    fn wind_up(&mut self) {
        for round in 0..8 {
            let now = self.stage.now();
            pass_to(self, now + if round < 4 { 1_000 } else { 5_000 });
            if self.stage.all::<JobState>().is_empty() {
                break;
            }
            for place in 0..self.places.len() {
                let (job, market, Some(state)) = self.job(place) else { continue };
                let caller = self.key(X);
                let crank = match state.state {
                    job_state::POSTED => market.cancel_instruction(&job, caller),
                    job_state::RUNNING => self.finish(place, X),
                    job_state::DELIVERED => market.accept_instruction(&job, caller),
                    job_state::REJECTED => market.resolve_instruction(&job, caller, 0, 0),
                    job_state::OWING => market.settle_instruction(&job),
                    _ if state.bond_unsettled == 1 => self.settle_bond(place),
                    _ => self.stage.repaid(market.close_job_instruction(&self.stage.world, &job), 0, 1),
                };
                self.send(crank, X);
            }
        }
        for (who, deposit) in [(K, self.deposits[1]), (C, self.deposits[0])] {
            let free = self.stage.find::<joule_escrow_interface::state::Deposit>(deposit.address);
            let Some(free) = free.map(|deposit| deposit.free.0) else { continue };
            self.send(deposit.withdraw_instruction(self.wallets[0][who], free), who);
        }
        let bonds = self.stage.all::<Bond>();
        for (own, who) in [(self.own[1], P), (self.own[0], H)] {
            let Some(count) = self.stage.find::<Delegation>(own.delegation).map(|own| own.ticket_count) else {
                continue;
            };
            let ticket = self.pool.ticket(&own, count);
            let unstake = self.pool.unstake_instruction(&self.stage.world, &own, ticket, u64::MAX);
            self.send(unstake, who);
        }
        let now = self.stage.now();
        pass_to(self, now + 8 * 86_400);
        for (address, ticket) in self.stage.all::<UnbondingTicket>() {
            let place = (ticket.provider == self.own[1].provider) as usize;
            let withdraw = self.pool.withdraw_instruction(&self.stage.world, &self.own[place], address);
            self.send(withdraw, [H, P][place]);
        }
        for (address, bond) in bonds {
            let Some(client) = [C, K].into_iter().find(|&who| self.key(who) == bond.client) else { continue };
            let tokens = self.wallets[1][client];
            let withdraw =
                self.pool.withdraw_seized_instruction(bond.provider, address, bond.client, tokens, bond.payer);
            self.send(withdraw, client);
        }
    }

    fn balances(&mut self) -> Vec<Balance> {
        // Once its code was changed, nothing is proved by the final verifier any more, and nobody is paid by it.
        let sure = |(_, market): &&(u64, usize)| *market == OFFERED || !self.memory.is_changed;
        let earned = self.memory.earned.values().filter(sure).map(|(price, _)| *price).sum::<u64>() as i128;
        let done = self.memory.done.iter().filter(|(place, _)| self.places[*place].client == C).count() as i128;
        let owed = done * PRICE as i128;
        let balance = |who, promise, kind: usize, all: &[usize], change: i128, coalition| {
            let had = all.len() as u64 * WALLET;
            let has = all.iter().map(|&who| self.stage.tokens(self.wallets[kind][who])).sum();
            Balance { who, promise, amounts: [had, has], promised: had as i128 + change, coalition, slack: DUST }
        };
        let all = [K, P, X];
        vec![
            balance("H, pay", "who does the work and proves it is paid", 0, &[H], earned, false),
            balance("H, stake", "who does the work and proves it loses no bond", 1, &[H], 0, false),
            balance("C, pay", "a client pays once for each work that is proved", 0, &[C], -owed, false),
            balance("the coalition, pay", "it is paid for work", 0, &all, owed - earned, true),
            balance("the coalition, stake", "it has what it staked", 1, &all, 0, true),
            Stage::never("everybody", "anyone brings every job to its end", self.stage.all::<JobState>().len()),
            self.stage.rent(),
        ]
    }
}
