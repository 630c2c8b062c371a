//! Jobs that are paid in a token whose issuer has turned: it may freeze accounts, stop transfers, take a fee of them, and take what is in
//! vaults. Honest are C, a client; H, a provider, which starts what it is given, ends it in time, and settles what it is owed when it can;
//! and Z, who receives the fees of one market. The coalition is the issuer; K, a client; P, a provider; and X, who passes by and receives
//! the fees of the other market. At the end the issuer undoes what it did, and gives back what it took: then everybody has his.

use {
    super::{Act, Balance, Gene, Scene, Stage, hash, pass_to, queues::closed, stage::market_of},
    crate::{
        Network, Receipt,
        example::PROGRAMS,
        fixture::{Deposit, Job, Market, NewMint, Pool, TOKEN, usual_terms},
    },
    joule_escrow_interface::state::{
        Deposit as DepositState, Job as JobState, Terms, issuer_power, job_state, pricing,
    },
    joule_interface::{Address, Instruction},
    joule_math::{Amount, Bps, Seconds},
    solana_account::Account,
    solana_keypair::Keypair,
    solana_signer::Signer,
    spl_token_2022_interface::extension::ExtensionType,
    std::collections::BTreeMap,
};

const C: usize = 0;
const H: usize = 1;
const Z: usize = 2;
const K: usize = 3;
const P: usize = 4;
const X: usize = 5;
const NAMES: [&str; 6] = ["C", "H", "Z", "K", "P", "X"];
const WALLET: u64 = 1_000 * TOKEN;
/// C's, and K's, who has little more than its jobs cost.
const DEPOSITS: [u64; 2] = [200 * TOKEN, 24 * TOKEN];
/// At a fixed price, with a fee for Z; metered, with one for X.
const FIXED: usize = 0;
const METERED: usize = 1;
const PRICES: [u64; 2] = [3 * TOKEN, TOKEN / 100];
/// Hundredths.
const FEE: u64 = 5;
const SHORTEST: i64 = 30;
const NONCES: u64 = 3;
/// Hours between two tries to settle.
const PATIENCE: i64 = 6 * 3_600;
const RIGHT: [u8; 32] = [0xaa; 32];
const NO_RESULT: [u8; 32] = [0; 32];
const DUST: i128 = 100;
const POWERS: u8 = issuer_power::FREEZE | issuer_power::FEE | issuer_power::PAUSE | issuer_power::TAKE;

struct Place {
    client: usize,
    market: usize,
    /// As H and P would work on it.
    jobs: [Job; 2],
}

/// What became of a posting.
#[derive(Clone, Copy, Debug, Default)]
struct Record {
    client: usize,
    provider: usize,
    market: usize,
    /// What its provider earned, the fee included; of a job of H's, and of one of C's.
    due: u64,
    /// What it says that it paid as a fee.
    fee: u64,
}

#[derive(Clone, Default)]
struct Memory {
    records: BTreeMap<(usize, u64), Record>,
    later: BTreeMap<usize, i64>,
    /// What the issuer took out of which vault.
    taken: [u64; 2],
    /// What was in each vault.
    there: [u64; 2],
    /// By how much less lies in a vault than jobs hold.
    missing: [u64; 2],
    /// By how much that grew without the issuer's doing.
    lost: u64,
    /// Deposits of C's that others opened, with powers that C did not name.
    opened: u64,
    /// Jobs that did not end.
    stuck: u64,
    is_idle: bool,
}

/// See the module.
pub struct Issuing {
    stage: Stage,
    keys: Vec<Keypair>,
    mint: NewMint,
    /// Of the same issuer: nobody has a deposit of it.
    other: NewMint,
    markets: Vec<Market>,
    places: Vec<Place>,
    wallets: Vec<Address>,
    /// Another token account of each.
    spare: Vec<Address>,
    /// Where X receives fees: an account at a key of its own.
    treasury: Address,
    /// What X may have there: its account, none, one of another mint, and that frozen.
    disguises: Vec<Account>,
    deposits: [Deposit; 2],
    memory: Memory,
}

impl Issuing {
    fn state(&self, place: usize) -> Option<JobState> {
        self.stage.find(self.places[place].jobs[0].address)
    }

    fn key(&self, who: usize) -> Address {
        self.keys[who].pubkey()
    }

    fn worker(&self, state: &JobState) -> usize {
        if state.provider == self.key(H) { H } else { P }
    }

    fn job(&self, place: usize) -> (Job, Market, Option<JobState>) {
        let Place { market, jobs, .. } = &self.places[place];
        let state = self.state(place);
        let worker = state.as_ref().map_or(P, |state| self.worker(state));
        (jobs[(worker == P) as usize], self.markets[market_of(&self.markets, state.as_ref(), *market)], state)
    }

    /// The vault stands where credits would have their spender.
    fn of_vault(mut instruction: Instruction, job: &Job) -> Instruction {
        let specs =
            PROGRAMS.iter().find(|program| program.id == instruction.program_id).expect("one of ours").instructions;
        let spec = specs.iter().find(|spec| spec.discriminator == instruction.data[0]).expect("one of its");
        if let Some(at) = spec.accounts.iter().position(|account| account.name.ends_with("spender")) {
            instruction.accounts[at].pubkey = job.work_shard_or_vault;
        }
        instruction
    }

    /// What happened to jobs, and to vaults.
    fn watch(&mut self, by_issuer: bool) {
        for place in 0..self.places.len() {
            let Some(state) = self.state(place) else { continue };
            if state.started_at.0 == 0 {
                continue;
            }
            let client = self.places[place].client;
            let market = market_of(&self.markets, Some(&state), self.places[place].market);
            let (provider, price) = (self.worker(&state), state.price.0);
            let record = self.memory.records.entry((place, state.posting_id)).or_default();
            (record.client, record.provider, record.market) = (client, provider, market);
            record.fee = record.fee.max(state.fee_paid.0);
            let over = [job_state::OWING, job_state::FINISHED].contains(&state.state);
            if over && (provider == H || client == C) {
                let ran = (state.stopped_at.0 - state.started_at.0).max(0) as u64;
                record.due = match market {
                    METERED => price * ran,
                    _ if state.result == RIGHT => price,
                    // K stopped it: a part of the time that was agreed. C stops nothing.
                    _ if client == K => price * ran / (state.duration.0 as u64).max(1),
                    _ => 0,
                };
            }
        }
        for (place, deposit) in self.deposits.iter().enumerate() {
            let held = self.stage.find::<DepositState>(deposit.address).map_or(0, |deposit| deposit.held.0);
            let missing = held.saturating_sub(self.stage.tokens(deposit.vault));
            if !by_issuer {
                self.memory.lost += missing.saturating_sub(self.memory.missing[place]);
            }
            self.memory.missing[place] = missing;
            self.memory.there[place] = self.stage.tokens(deposit.vault);
        }
        let of_c = self.stage.all::<DepositState>().into_iter().filter(|(address, deposit)| {
            deposit.client == self.key(C) && *address != self.deposits[0].address && deposit.issuer_powers != 0
        });
        self.memory.opened = self.memory.opened.max(of_c.count() as u64);
    }

    fn send(&mut self, instruction: Instruction, who: usize) -> bool {
        let key = self.keys[who].insecure_clone();
        let signs = instruction.accounts.iter().any(|meta| meta.is_signer && meta.pubkey == key.pubkey());
        let done = self.stage.attempt(instruction, signs.then_some(&key).as_slice());
        self.watch(false);
        done
    }

    /// What the coalition's issuer does in its own name.
    fn issue(&mut self, instruction: Instruction) {
        let key = self.mint.authority.insecure_clone();
        self.stage.attempt(instruction, &[&key]);
        self.watch(true);
    }

    /// What somebody does by himself: when, with which job, what, and who signs.
    fn duties(&self) -> Vec<(i64, usize, Instruction, usize)> {
        let mut duties = vec![];
        for place in 0..self.places.len() {
            let (job, market, state) = self.job(place);
            let Some(state) = state else { continue };
            let (worker, client) = (self.worker(&state), self.places[place].client);
            if worker == P && self.memory.is_idle && client != C {
                continue;
            }
            let duty = match state.state {
                job_state::POSTED if worker == H || !self.memory.is_idle => {
                    (0, market.start_instruction(&self.stage.world, &job), worker)
                }
                job_state::POSTED => {
                    let cancel = market.cancel_instruction(&job, self.key(C));
                    (state.deadline_at.0 + 1, Self::of_vault(cancel, &job), C)
                }
                job_state::RUNNING if market.terms.pricing == pricing::FIXED => {
                    let at = state.started_at.0 + SHORTEST;
                    (at, market.finish_instruction(&job, job.provider, RIGHT), worker)
                }
                job_state::RUNNING => {
                    (state.ends_at.0, market.finish_instruction(&job, job.provider, NO_RESULT), worker)
                }
                job_state::OWING => (0, market.settle_instruction(&job), worker),
                _ => continue,
            };
            let (at, instruction, who) = duty;
            let at = self.memory.later.get(&place).map_or(at, |later| at.max(*later));
            duties.push((at, place, instruction, who));
        }
        duties
    }
}

impl Scene for Issuing {
    const NAME: &'static str = "issuer";
    const MOVES: &'static [&'static str] = &[
        "be hired by C",
        "hire H",
        "post",
        "start",
        "finish",
        "stop",
        "cancel",
        "settle",
        "settle two",
        "close",
        "deposit",
        "withdraw",
        "open a deposit",
        "freeze",
        "thaw",
        "stop transfers, or let them go on",
        "tax transfers, or no more",
        "take from a vault",
        "put another account where fees go",
        "be idle, or diligent again",
    ];

    fn new() -> Self {
        let mut world = Stage::chain();
        let keys: Vec<Keypair> = NAMES.iter().map(|_| world.user()).collect();
        let holders: Vec<Address> = keys.iter().map(Signer::pubkey).collect();
        let (network, _) = Network::new(&mut world, &[]);
        let pool = Pool::new(&world, &network);
        use ExtensionType::*;
        let mint = world.dollar_with(&[PermanentDelegate, TransferFeeConfig, Pausable], true, "T");
        let other = world.dollar_with(&[PermanentDelegate], true, "U");
        let wallets: Vec<Address> = (holders.iter())
            .map(|holder| {
                let wallet = world.associated_account(mint.address, *holder);
                world.mint_to(&mint, wallet, WALLET);
                wallet
            })
            .collect();
        let spare: Vec<Address> = holders.iter().map(|holder| world.token_account(mint.address, *holder)).collect();
        let deposits = [(C, DEPOSITS[0]), (K, DEPOSITS[1])].map(|(who, amount)| {
            let deposit = Deposit::of(holders[who], mint.address, mint.token_program);
            world.ok(&[deposit.open_naming_instruction(&world, POWERS)], &[&keys[who]]);
            world.ok(&[deposit.deposit_instruction(holders[who], wallets[who], amount)], &[&keys[who]]);
            deposit
        });
        let treasury = world.token_account(mint.address, holders[X]);
        let strange = world.token_account(other.address, holders[X]);
        let own = world.account(treasury).expect("it is there");
        let mut disguises = vec![own, Account::default(), world.account(strange).expect("it is there")];
        world.ok(&[other.freeze_instruction(strange, true)], &[&other.authority]);
        disguises.push(world.account(strange).expect("it is there"));
        let usual = Terms { min_duration: Seconds(SHORTEST as u32), max_duration: Seconds(900), ..usual_terms() };
        let usual =
            Terms { fee_share: Bps(FEE as u16 * 100), fee_payee: treasury, price: Amount(PRICES[METERED]), ..usual };
        let fixed = Terms {
            pricing: pricing::FIXED,
            price: Amount(PRICES[FIXED]),
            late_window: Seconds(3_600),
            fee_payee: wallets[Z],
            ..usual
        };
        let markets: Vec<Market> = [(1, fixed), (2, usual)]
            .map(|(id, terms)| {
                let market = Market::unborn(&network, &pool, id, terms).without_pool().paid_in(&mint);
                world.ok(&[market.create_naming_instruction(&world, &network, POWERS)], &[&network.authority]);
                market
            })
            .into();
        let mut places = vec![];
        for client in [C, K] {
            for (market, of) in markets.iter().enumerate() {
                for number in 0..NONCES {
                    let nonce = market as u64 * NONCES + number;
                    let jobs = [H, P].map(|who| of.job(holders[client], nonce, holders[who], wallets[who]));
                    places.push(Place { client, market, jobs });
                }
            }
        }
        world.run(60);
        let mut coalition: Vec<Keypair> = [K, P, X].map(|who| keys[who].insecure_clone()).into();
        coalition.push(mint.authority.insecure_clone());
        let pretenders = vec![
            wallets[X],
            holders[X],
            wallets[P],
            spare[H],
            spare[P],
            spare[Z],
            treasury,
            deposits[1].address,
            deposits[1].vault,
            mint.address,
            other.address,
        ];
        let stage = Stage::new(world, &network, coalition, pretenders);
        let memory = Memory::default();
        Self { stage, keys, mint, other, markets, places, wallets, spare, treasury, disguises, deposits, memory }
    }

    fn stage(&mut self) -> &mut Stage {
        &mut self.stage
    }

    fn reset(&mut self) {
        self.stage.reset();
        self.memory = Memory { there: DEPOSITS, ..Memory::default() };
    }

    fn act(&mut self, gene: &Gene) -> Option<Act> {
        let name = gene.name::<Self>();
        let tokens = |amount: u64| format!("{:.9}", amount as f64 / TOKEN as f64);
        let vaults = self.deposits.map(|deposit| deposit.vault);
        match name {
            "be hired by C" | "hire H" | "post" => {
                let client = if name == "be hired by C" { C } else { K };
                let to = (name != "hire H") as usize;
                let free = |place: &usize| {
                    self.places[*place].client == client && self.state(*place).is_none_or(|state| state.is_over())
                };
                let free: Vec<usize> = (0..self.places.len()).filter(free).collect();
                let place = *gene.first(&free)?;
                let Place { market, jobs, .. } = &self.places[place];
                let (job, seconds) = (jobs[to], SHORTEST as u32 + gene.b as u32 * 3);
                let post =
                    Self::of_vault(self.markets[*market].post_instruction(&self.stage.world, &job, seconds), &job);
                let who = ["H", "P"][to];
                let text = format!("{} posts job {place} for {who}, {seconds} seconds", NAMES[client]);
                let act = Act::new(text, post);
                return Some(if client == C { act.with(&[&self.keys[C]]) } else { act });
            }
            "deposit" | "withdraw" => {
                let (who, deposit) = *gene.first(&[(K, self.deposits[1]), (C, self.deposits[0])])?;
                let free = self.stage.find::<DepositState>(deposit.address).map_or(0, |deposit| deposit.free.0);
                let amount = gene.amount(DEPOSITS[1], if name == "withdraw" { free } else { DEPOSITS[1] });
                let act = if name == "deposit" {
                    deposit.deposit_instruction(self.key(K), self.wallets[K], amount)
                } else {
                    deposit.withdraw_instruction(self.wallets[*gene.second(&[who, K, X])?], amount)
                };
                return Some(Act::new(format!("{name}, of {}'s deposit: {}", NAMES[who], tokens(amount)), act));
            }
            "open a deposit" => {
                let (who, mint) = (*gene.first(&[C, K, X])?, *gene.second(&[&self.other, &self.mint])?);
                let deposit = Deposit::of(self.key(who), mint.address, mint.token_program);
                let open = deposit.open_naming_instruction(&self.stage.world, if gene.x < 200 { POWERS } else { 0 });
                return Some(Act::new(format!("a deposit is opened for {}", NAMES[who]), open));
            }
            "freeze" | "thaw" => {
                let [of_h, of_z, of_p] = [H, Z, P].map(|who| self.wallets[who]);
                let all = [of_h, of_z, self.treasury, vaults[0], vaults[1], of_p, self.spare[H]];
                let account = *gene.first(&all)?;
                let act = self.mint.freeze_instruction(account, name == "freeze");
                return Some(Act::new(format!("the issuer: {name} {account}"), act));
            }
            "stop transfers, or let them go on" => {
                let paused = gene.a.is_multiple_of(2);
                return Some(Act::new(
                    format!("the issuer stops transfers: {paused}"),
                    self.mint.pause_instruction(paused),
                ));
            }
            "tax transfers, or no more" => {
                let fee = [1_000, 0, 1, 5_000][gene.a as usize % 4];
                self.stage.world.set_transfer_fee(&self.mint, fee);
                self.stage.note(self.mint.address);
                return Some(self.stage.aside(format!("the issuer takes {fee} bps of transfers")));
            }
            "take from a vault" => {
                let place = gene.a as usize % 2;
                let there = self.stage.tokens(vaults[place]);
                // A part, or all but what jobs hold and little more.
                let held =
                    self.stage.find::<DepositState>(self.deposits[place].address).map_or(0, |deposit| deposit.held.0);
                let left = held + gene.b as u64 % 16 * TOKEN / 4;
                let amount = if gene.x < 128 { gene.amount(there, there) } else { there.saturating_sub(left) };
                let mut take = self.mint.take_instruction(vaults[place], self.wallets[X], amount);
                // Of the mint's decimals.
                *take.data.last_mut()? = 6;
                let text = format!("the issuer takes {} from vault {place}", tokens(amount));
                return Some(Act::new(text, take).with(&[&self.mint.authority]));
            }
            "put another account where fees go" => {
                let new = gene.first(&self.disguises)?.clone();
                let there = self.stage.tokens(self.treasury);
                if self.stage.accounts.get(&self.treasury).is_some_and(|account| account.data.get(108) == Some(&2)) {
                    return None;
                }
                if there != 0 && self.stage.accounts[&self.treasury].data[..32] == *self.mint.address.as_array() {
                    let mut wallet = self.stage.accounts[&self.wallets[X]].clone();
                    let sum = self.stage.tokens(self.wallets[X]) + there;
                    wallet.data[64..72].copy_from_slice(&sum.to_le_bytes());
                    self.stage.put(self.wallets[X], wallet);
                }
                self.stage.put(self.treasury, new);
                let what = ["its own", "no", "another mint's", "another mint's frozen"][gene.a as usize % 4];
                return Some(self.stage.aside(format!("X has {what} account where its fees go")));
            }
            "be idle, or diligent again" => {
                self.memory.is_idle = !self.memory.is_idle;
                let text = if self.memory.is_idle { "P does nothing by itself" } else { "P does its work again" };
                return Some(self.stage.aside(text));
            }
            _ => {}
        }
        let fits = |place: &usize| {
            let Some(state) = self.state(*place) else { return false };
            let of_p = self.worker(&state) == P;
            match name {
                "start" => of_p && state.state == job_state::POSTED,
                "finish" => of_p && state.state == job_state::RUNNING,
                "stop" => state.state == job_state::RUNNING,
                "cancel" => state.state == job_state::POSTED,
                // A fixed price is paid at the end.
                "settle" | "settle two" => {
                    let runs = state.state == job_state::RUNNING && state.terms.pricing == pricing::METERED;
                    runs || state.state == job_state::OWING
                }
                _ => state.is_over(),
            }
        };
        let there: Vec<usize> = (0..self.places.len()).filter(|&place| self.state(place).is_some()).collect();
        let fitting: Vec<usize> = there.iter().copied().filter(fits).collect();
        let place = *gene.first(if gene.a < 200 { &fitting } else { &there })?;
        let (mut job, market, state) = self.job(place);
        let state = state?;
        let worker = self.worker(&state);
        let client = NAMES[self.places[place].client];
        let (text, act) = match name {
            "start" => ("P starts".into(), market.start_instruction(&self.stage.world, &job)),
            "finish" => {
                let most = gene.amount(TOKEN, u64::MAX);
                ("P ends it".into(), market.finish_all_instruction(&[(job, RIGHT)], job.provider, most))
            }
            "stop" => {
                let most = gene.amount(TOKEN, u64::MAX);
                let who = *gene.second(&[job.client, self.key(X)])?;
                (format!("{client} or X ends it"), market.finish_all_instruction(&[(job, NO_RESULT)], who, most))
            }
            "cancel" => {
                let who = *gene.second(&[job.client, self.key(X)])?;
                (format!("{client} or X cancels"), Self::of_vault(market.cancel_instruction(&job, who), &job))
            }
            "settle" => {
                job.payee = *gene.second(&[self.wallets[worker], self.spare[worker], self.wallets[X]])?;
                let most = gene.amount(TOKEN, u64::MAX);
                (format!("X settles at most {most}"), market.settle_many_instruction(&[job], most))
            }
            "settle two" => {
                let other = *gene.second(&fitting)?;
                let (other, ..) = self.job(other);
                ("X settles it with another".into(), market.settle_many_instruction(&[job, other], u64::MAX))
            }
            _ => ("X closes".into(), market.close_job_instruction(&self.stage.world, &job)),
        };
        Some(Act::new(format!("job {place}: {text}"), act))
    }

    fn respond(&mut self, genes: &[Gene], _: &Receipt) {
        let takes = genes.iter().any(|gene| gene.name::<Self>() == "take from a vault");
        for (place, deposit) in self.deposits.iter().enumerate().filter(|_| takes) {
            self.memory.taken[place] += self.memory.there[place].saturating_sub(self.stage.tokens(deposit.vault));
        }
        self.watch(takes);
    }

    /// Whose jobs are in which state, and what of their accounts is frozen, or gone.
    fn seen(&mut self) -> Vec<u64> {
        let is_frozen = |account: &Address| {
            self.stage.accounts.get(account).is_some_and(|account| account.data.get(108) == Some(&2)) as usize
        };
        let shape = |place: usize| {
            let state = self.state(place)?;
            let (client, worker) = (self.places[place].client, self.worker(&state));
            let deposit = (client == K) as usize;
            let parts = [
                client,
                market_of(&self.markets, Some(&state), self.places[place].market),
                worker,
                state.state as usize,
                is_frozen(&self.wallets[worker]),
                is_frozen(&{ state.terms.fee_payee }),
                is_frozen(&self.deposits[deposit].vault),
                (self.memory.missing[deposit] != 0) as usize,
            ];
            Some(hash(&parts))
        };
        (0..self.places.len()).filter_map(shape).collect()
    }

    fn wake(&mut self) -> Option<i64> {
        self.duties().iter().map(|(at, ..)| *at).min()
    }

    fn pass(&mut self, _: i64, _: i64) {}

    fn work(&mut self) {
        let now = self.stage.now();
        for (at, place, instruction, who) in self.duties() {
            if at > now || self.send(instruction.clone(), who) {
                continue;
            }
            // What cannot be paid now is owed.
            let (job, market, state) = self.job(place);
            if state.is_some_and(|state| state.state == job_state::RUNNING) {
                let fixed = market.terms.pricing == pricing::FIXED;
                let result = if fixed { RIGHT } else { NO_RESULT };
                let later = market.finish_all_instruction(&[(job, result)], job.provider, 0);
                if self.send(later, who) {
                    continue;
                }
            }
            self.memory.later.insert(place, now + PATIENCE);
        }
    }

    fn wind_up(&mut self) {
        // The issuer undoes what it did.
        self.issue(self.mint.pause_instruction(false));
        self.stage.world.set_transfer_fee(&self.mint, 0);
        self.stage.note(self.mint.address);
        let vaults = self.deposits.map(|deposit| deposit.vault);
        let frozen: Vec<Address> = (self.wallets.iter().chain(&self.spare).chain(&vaults).chain([&self.treasury]))
            .filter(|account| self.stage.accounts.get(account).is_some_and(|account| account.data.get(108) == Some(&2)))
            .copied()
            .collect();
        for account in frozen {
            self.issue(self.mint.freeze_instruction(account, false));
        }
        for (place, deposit) in self.deposits.into_iter().enumerate() {
            let gone = self.memory.taken[place];
            let now = self.stage.tokens(deposit.vault);
            let mut vault = self.stage.accounts[&deposit.vault].clone();
            vault.data[64..72].copy_from_slice(&(now + gone).to_le_bytes());
            self.stage.put(deposit.vault, vault);
            self.watch(true);
            let more = deposit.deposit_instruction(self.key(X), self.wallets[X], 1);
            self.send(more, X);
        }
        for round in 0..8 {
            let now = self.stage.now();
            pass_to(self, now + if round == 0 { PATIENCE } else { 2_000 });
            for place in 0..self.places.len() {
                let (job, market, state) = self.job(place);
                let Some(state) = state else { continue };
                let caller = self.key(X);
                let crank = match state.state {
                    job_state::POSTED => Self::of_vault(market.cancel_instruction(&job, caller), &job),
                    job_state::RUNNING => market.finish_instruction(&job, caller, NO_RESULT),
                    job_state::OWING => market.settle_instruction(&job),
                    _ => closed(&market, &self.stage.world, &job, &state),
                };
                self.send(crank, X);
            }
            if self.stage.all::<JobState>().is_empty() {
                break;
            }
        }
        self.memory.stuck = self.stage.all::<JobState>().len() as u64;
        for (who, deposit) in [(K, self.deposits[1]), (C, self.deposits[0])] {
            let Some(state) = self.stage.find::<DepositState>(deposit.address) else { continue };
            let take = deposit.withdraw_instruction(self.wallets[who], state.free.0);
            self.send(take, who);
        }
    }

    fn balances(&mut self) -> Vec<Balance> {
        let Memory { records, taken, lost, opened, stuck, .. } = &self.memory;
        let net = |record: &Record| record.due as i128 * (100 - FEE as i128) / 100;
        let sum = |fits: &dyn Fn(&Record) -> bool, of: &dyn Fn(&Record) -> i128| -> i128 {
            records.values().filter(|record| fits(record)).map(of).sum()
        };
        let earned = sum(&|record| record.provider == H, &net);
        let owed = sum(&|record| record.client == C, &|record| record.due as i128);
        let of_others = sum(&|record| record.client == C && record.provider == P, &|record| record.due as i128);
        let for_others = sum(&|record| record.client == K && record.provider == H, &net);
        let fees = sum(&|record| record.market == FIXED, &|record| record.fee as i128);
        let taken = taken.iter().sum::<u64>() as i128;
        let tokens = |all: &[usize]| -> u64 { all.iter().map(|&who| self.stage.tokens(self.wallets[who])).sum() };
        let hers = |deposit: u64, all: &[usize]| all.len() as u64 * WALLET - deposit;
        let balance = |who, promise, had: u64, has: u64, change: i128, coalition| Balance {
            who,
            promise,
            amounts: [had, has],
            promised: had as i128 + change,
            coalition,
            slack: DUST,
        };
        let count = |who, promise, count: u64| Balance { slack: 0, ..balance(who, promise, 0, count, 0, true) };
        let all = [K, P, X];
        let [of_c, of_k] = DEPOSITS.map(|deposit| deposit as i128);
        let theirs = tokens(&all)
            + [P, X, K].iter().map(|&who| self.stage.tokens(self.spare[who])).sum::<u64>()
            + if self
                .stage
                .accounts
                .get(&self.treasury)
                .is_some_and(|it| it.data[..32] == *self.mint.address.as_array())
            {
                self.stage.tokens(self.treasury)
            } else {
                0
            };
        vec![
            balance(
                "H",
                "a provider is paid for all of it, into its own account, once the issuer lets it",
                hers(0, &[H]),
                tokens(&[H]),
                earned,
                false,
            ),
            balance("C", "a client pays for what was done", hers(DEPOSITS[0], &[C]), tokens(&[C]), of_c - owed, false),
            balance("Z", "who receives fees has all that jobs paid", hers(0, &[Z]), tokens(&[Z]), fees, false),
            balance(
                "the coalition",
                "it has what it put in, pay for work, and what the issuer gave back of its own",
                hers(DEPOSITS[1], &all),
                theirs,
                of_k + of_others - for_others + taken,
                true,
            ),
            count("vaults", "nobody but the issuer makes less lie in a vault than jobs hold", *lost),
            count("deposits", "who has a deposit named what the issuer may do", *opened),
            count("jobs", "each job ends once the issuer lets it", *stuck),
            self.stage.rent(),
        ]
    }
}
