//! Jobs that are paid by the unit, and a mandate. Honest are C, a client, who signs vouchers for the units that P delivers to it; H, a
//! provider, which delivers units only for vouchers that it can redeem, and redeems the last one in time; O, who gave D a mandate.
//! The coalition is D, the delegate; K, a client; P, a provider; and X, who passes by. It has every voucher that C signed.

use {
    super::{Act, Balance, Gene, Scene, Stage, pass_to, stage::market_of},
    crate::{
        Network, Receipt,
        fixture::{Deposit, Job, Mandate, Market, Pool, TOKEN, by_usage, signed, usual_terms},
    },
    joule_escrow_interface::{
        instruction::RedeemVoucherArgs,
        state::{Deposit as DepositState, Job as JobState, Terms, job_state, scheme},
        voucher::{SignedVoucher, Voucher, verify_instruction},
    },
    joule_interface::{Address, Instruction, TOKEN_PROGRAM},
    joule_math::{Amount, Seconds},
    solana_keypair::Keypair,
    solana_signer::Signer,
    std::{collections::BTreeMap, mem::offset_of},
};

const C: usize = 0;
const H: usize = 1;
const O: usize = 2;
const D: usize = 3;
const K: usize = 4;
const P: usize = 5;
const X: usize = 6;
const NAMES: [&str; 7] = ["C", "H", "O", "D", "K", "P", "X"];
const CLIENTS: [usize; 3] = [C, O, K];
const WALLET: u64 = 1_000 * TOKEN;
const DEPOSIT: u64 = 200 * TOKEN;
const PRICE: u64 = TOKEN / 100;
const WINDOW: u32 = 600;
/// What the mandate may spend at once and in each day, and in all.
const LIMIT: u64 = 15 * TOKEN;
const TOTAL: u64 = 40 * TOKEN;
const DAY: i64 = 86_400;
/// By the unit, and by the second.
const UNITS: usize = 0;
const NONCES: u64 = 3;
const NO_RESULT: [u8; 32] = [0; 32];
const DUST: i128 = 2_000;
/// Where a redemption says which instruction verified its voucher.
const VERIFY_INDEX: usize = 1 + offset_of!(RedeemVoucherArgs, verify_index);

/// A number of a client's in a market.
struct Place {
    client: usize,
    market: usize,
    /// As H and P would work on it.
    jobs: [Job; 2],
}

/// When, for which posting, what, and who signs it.
type Duty = (i64, (usize, u64), Vec<Instruction>, usize);

#[derive(Clone, Default)]
struct Memory {
    /// Of postings of K's that H works on: the last voucher that H has, and when it redeems that.
    held: BTreeMap<(usize, u64), (SignedVoucher, i64)>,
    /// What C signed: for which place.
    signed: Vec<(usize, SignedVoucher)>,
    /// When O closed its mandate.
    closed_at: Option<i64>,
    later: BTreeMap<(usize, u64), i64>,
}

/// See the module.
pub struct Metering {
    stage: Stage,
    keys: Vec<Keypair>,
    /// Session keys: C's, and the coalition's.
    sessions: [Keypair; 2],
    markets: Vec<Market>,
    mandate: Mandate,
    began: i64,
    places: Vec<Place>,
    wallets: Vec<Address>,
    deposits: Vec<Deposit>,
    memory: Memory,
}

impl Metering {
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

    /// What redeems a voucher, and what stands before it.
    fn redeem(&self, place: usize, caller: usize, voucher: SignedVoucher) -> (Instruction, Instruction) {
        let (job, market, _) = self.job(place);
        (verify_instruction(&[voucher]), market.redeem_instruction(&job, self.key(caller), 1, 0))
    }

    fn send(&mut self, instructions: &[Instruction], who: usize) -> bool {
        let key = self.keys[who].insecure_clone();
        let signs = instructions.iter().flat_map(|instruction| &instruction.accounts);
        let signs = signs.into_iter().any(|meta| meta.is_signer && meta.pubkey == key.pubkey());
        self.stage.transact(instructions, signs.then_some(&key).as_slice()).is_ok()
    }

    /// What honest people have to do: when, for which posting, what, and who signs.
    fn duties(&self) -> Vec<Duty> {
        let mut duties = vec![];
        for place in 0..self.places.len() {
            let (job, market, state) = self.job(place);
            let Some(state) = state else { continue };
            let (posting, client) = ((place, state.posting_id), self.places[place].client);
            let is_h = state.provider == self.key(H);
            let held = self.memory.held.get(&posting).filter(|(voucher, _)| voucher.voucher.units > state.units);
            let (at, instructions, who) = match (state.state, held) {
                (job_state::POSTED, _) if is_h => (0, vec![market.start_instruction(&self.stage.world, &job)], H),
                (job_state::POSTED, _) if client == C => {
                    (state.deadline_at.0 + 1, vec![market.cancel_instruction(&job, job.client)], C)
                }
                (job_state::RUNNING | job_state::REDEEMING, Some((voucher, at))) => {
                    let (verify, redeem) = self.redeem(place, H, *voucher);
                    (*at, vec![verify, redeem], H)
                }
                (job_state::RUNNING, _) if client == C => {
                    let over = state.ends_at.0 + WINDOW as i64 + 1;
                    (over, vec![market.finish_instruction(&job, job.client, NO_RESULT)], C)
                }
                _ => continue,
            };
            let at = self.memory.later.get(&posting).map_or(at, |later| at.max(*later));
            duties.push((at, posting, instructions, who));
        }
        duties
    }

    /// What O's mandate lets go at most.
    fn mandated(&self) -> u64 {
        let until = self.memory.closed_at.unwrap_or(self.stage.now()).min(self.began + 7 * DAY);
        let filled = LIMIT as i128 * (until - self.began) as i128 / DAY as i128;
        TOTAL.min(LIMIT + filled as u64)
    }
}

impl Scene for Metering {
    const NAME: &'static str = "usage";
    const HALTS: bool = true;
    const MOVES: &'static [&'static str] = &[
        "hire H",
        "show H a voucher",
        "be hired by C",
        "see C sign",
        "redeem",
        "replace the key",
        "add units",
        "spend O's money",
        "start",
        "extend",
        "stop",
        "quit",
        "time is up",
        "cancel",
        "give notice",
        "settle",
        "renew",
        "close",
        "give back to the mandate",
        "see O close its mandate",
        "deposit",
        "withdraw",
    ];

    fn new() -> Self {
        let mut world = Stage::chain();
        let keys: Vec<Keypair> = NAMES.iter().map(|_| world.user()).collect();
        let sessions = std::array::from_fn(|_| world.key());
        let holders: Vec<Address> = keys.iter().map(|key| key.pubkey()).collect();
        let (network, _) = Network::new(&mut world, &[]);
        let pool = Pool::new(&world, &network);
        let mint = world.mint_of(TOKEN_PROGRAM);
        let wallets: Vec<Address> = (holders.iter())
            .map(|holder| {
                let wallet = world.associated_account(mint.address, *holder);
                world.mint_to(&mint, wallet, WALLET);
                wallet
            })
            .collect();
        let deposits: Vec<Deposit> = CLIENTS
            .map(|who| {
                let deposit = Deposit::of(holders[who], mint.address, mint.token_program);
                let put = deposit.deposit_instruction(holders[who], wallets[who], DEPOSIT);
                world.ok(&[deposit.open_instruction(&world)], &[]);
                world.ok(&[put], &[&keys[who]]);
                deposit
            })
            .into();
        let usual =
            Terms { price: Amount(PRICE), min_duration: Seconds(60), max_duration: Seconds(7_200), ..usual_terms() };
        let units = Terms { price: Amount(PRICE), late_window: Seconds(WINDOW), ..by_usage(usual) };
        let markets: Vec<Market> = [(1, units), (2, usual)]
            .map(|(id, terms)| {
                let market = Market::unborn(&network, &pool, id, terms).without_pool().paid_in(&mint);
                market.create(&world, &network)
            })
            .into();
        let mandate = Mandate::of(holders[O], holders[D], 0);
        let mut args = mandate.args(&world, deposits[1].address, markets[0].address, LIMIT, TOTAL);
        args.markets[1] = markets[1].address;
        world.ok(&[mandate.open_instruction(&world, &args)], &[&keys[O]]);
        let mut places = vec![];
        for client in CLIENTS {
            for (market, of) in markets.iter().enumerate().filter(|(market, _)| *market == UNITS || client == O) {
                for number in 0..NONCES {
                    let nonce = market as u64 * NONCES + number;
                    let jobs = [H, P].map(|who| of.job(holders[client], nonce, holders[who], wallets[who]));
                    places.push(Place { client, market, jobs });
                }
            }
        }
        let began = world.now().0;
        world.run(60);
        let coalition: Vec<Keypair> = [D, K, P, X].map(|who| keys[who].insecure_clone()).into();
        let pretenders = vec![
            wallets[X],
            holders[X],
            wallets[P],
            holders[P],
            holders[D],
            holders[K],
            deposits[2].address,
            deposits[2].vault,
            mandate.address,
            places[places.len() - 1].jobs[1].address,
            network.address,
        ];
        let stage = Stage::new(world, &network, coalition, pretenders);
        let memory = Memory::default();
        Self { stage, keys, sessions, markets, mandate, began, places, wallets, deposits, memory }
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
        let tokens = |amount: u64| format!("{:.9}", amount as f64 / TOKEN as f64);
        let session = |number: usize| (scheme::ED25519, self.sessions[number].pubkey().to_bytes());
        let all: Vec<usize> = (0..self.places.len()).collect();
        match name {
            "hire H" | "be hired by C" | "spend O's money" => {
                let client = match name {
                    "hire H" => K,
                    "be hired by C" => C,
                    _ => O,
                };
                let free = |place: &usize| {
                    self.places[*place].client == client && self.state(*place).is_none_or(|state| state.is_over())
                };
                let free: Vec<usize> = all.into_iter().filter(free).collect();
                let place = *gene.first(&free)?;
                let market = self.markets[self.places[place].market];
                let job = self.places[place].jobs[(name != "hire H") as usize];
                let (seconds, units) = (60 + gene.b as u32 * 10, gene.amount(1_000, DEPOSIT / PRICE));
                let post = if self.places[place].market == UNITS {
                    let key = session((client != C) as usize);
                    market.post_usage_instruction(&self.stage.world, &job, seconds, units, key)
                } else {
                    market.post_instruction(&self.stage.world, &job, seconds)
                };
                let text = format!("{} posts job {place}, {seconds} seconds, {units} units", NAMES[client]);
                return Some(match client {
                    C => Act::new(text, post).with(&[&self.keys[C]]),
                    O => Act::new(text + ", by D", self.mandate.by(post)),
                    _ => Act::new(text, post),
                });
            }
            "deposit" | "withdraw" => {
                let deposit = *gene.first(&[2, 1, 0])?;
                let wallet = self.wallets[*gene.second(&[K, D, X])?];
                let amount = gene.amount(DEPOSIT, DEPOSIT);
                let (text, act) = if name == "deposit" {
                    ("in", self.deposits[deposit].deposit_instruction(self.key(K), wallet, amount))
                } else {
                    ("out", self.deposits[deposit].withdraw_instruction(wallet, amount))
                };
                let who = NAMES[CLIENTS[deposit]];
                return Some(Act::new(format!("{} goes {text}, of {who}'s deposit", tokens(amount)), act));
            }
            "see O close its mandate" => {
                let close = self.mandate.close_instruction(&self.stage.world, self.key(O));
                return Some(Act::new("O closes its mandate", close).with(&[&self.keys[O]]));
            }
            _ => {}
        }
        let is_live = |state: &JobState| [job_state::RUNNING, job_state::REDEEMING].contains(&state.state);
        let fits = |place: &usize| {
            let Some(state) = self.state(*place) else { return false };
            let (client, is_p) = (self.places[*place].client, self.worker(&state) == P);
            match name {
                "show H a voucher" => client == K && !is_p && state.state == job_state::RUNNING,
                "see C sign" => client == C && state.state == job_state::RUNNING,
                "redeem" => is_live(&state) && state.max_units != 0,
                "replace the key" | "add units" | "extend" | "stop" | "time is up" | "settle" => is_live(&state),
                "start" => is_p && state.state == job_state::POSTED,
                "quit" | "give notice" => is_p && state.state == job_state::RUNNING,
                "cancel" => state.state == job_state::POSTED,
                _ => state.has_ended(),
            }
        };
        let there: Vec<usize> = all.iter().copied().filter(|&place| self.state(place).is_some()).collect();
        let fitting: Vec<usize> = there.iter().copied().filter(fits).collect();
        let place = *gene.first(if gene.a < 200 { &fitting } else { &there })?;
        let (job, market, state) = self.job(place);
        let (state, client) = (state?, self.places[place].client);
        let (now, [p, x]) = (self.stage.now(), [P, X].map(|who| self.key(who)));
        let name_of_client = NAMES[client];
        // What a client does, D does for O.
        let by_client = |act: Instruction| if client == O { self.mandate.by(act) } else { act };
        let voucher = |units: u64| Voucher::of(&job.address, &state, units);
        let (text, act) = match name {
            "show H a voucher" => {
                let units = gene.amount(state.max_units, state.max_units).min(state.max_units);
                let posting = (place, state.posting_id);
                // H looks at the job before it delivers.
                let is_good = state.session_key == self.sessions[1].pubkey().to_bytes() && now < state.ends_at.0;
                let last = self.memory.held.get(&posting).map_or(0, |(last, _)| last.voucher.units);
                if !is_good
                    || self.worker(&state) != H
                    || client != K
                    || state.state != job_state::RUNNING
                    || units <= last
                {
                    return None;
                }
                let due = self.memory.held.get(&posting).filter(|(_, at)| *at > now).map_or(now + 240, |(_, at)| *at);
                self.memory.held.insert(posting, (signed(&self.sessions[1], voucher(units)), due));
                let text = format!("job {place}: H delivers, and has a voucher for {units} units");
                return Some(self.stage.aside(text));
            }
            "see C sign" => {
                let last = self.memory.signed.iter().filter(|(of, _)| *of == place);
                let last =
                    last.map(|(_, signed)| signed.voucher).filter(|last| { last.posting_id } == state.posting_id);
                let last = last.map(|last| last.units).max().unwrap_or_default();
                let units = last.saturating_add(gene.amount(200, 1)).min(state.max_units);
                if client != C || state.state != job_state::RUNNING || units <= last || now >= state.ends_at.0 {
                    return None;
                }
                self.memory.signed.push((place, signed(&self.sessions[0], voucher(units))));
                return Some(self.stage.aside(format!("job {place}: C signs a voucher for {units} units")));
            }
            "redeem" => {
                let of_c: Vec<SignedVoucher> = self.memory.signed.iter().map(|(_, signed)| *signed).collect();
                let own = signed(&self.sessions[1], voucher(gene.amount(1_000, state.max_units)));
                let signed = if client == C {
                    of_c.get(of_c.len().checked_sub(1)?.checked_sub(gene.b as usize % of_c.len())?)?
                } else {
                    &own
                };
                let units = signed.voucher.units;
                let (verify, redeem) = self.redeem(place, X, *signed);
                let act = Act::new(format!("job {place}: a voucher for {units} units is redeemed"), redeem);
                return Some(Act { behind: Some((verify, VERIFY_INDEX)), ..act });
            }
            "replace the key" => {
                let key = (scheme::ED25519, [self.sessions[1].pubkey().to_bytes(), [7; 32]][gene.b as usize % 2]);
                let act = by_client(market.replace_key_instruction(&job, key));
                (format!("{name_of_client} replaces its key"), act)
            }
            "add units" => {
                let units = gene.amount(500, DEPOSIT / PRICE);
                (format!("{name_of_client} adds {units} units"), by_client(market.add_units_instruction(&job, units)))
            }
            "start" => ("P starts".into(), market.start_instruction(&self.stage.world, &job)),
            "extend" => {
                let seconds = gene.x as u32 * 8;
                let act = by_client(market.extend_instruction(&job, seconds));
                (format!("{name_of_client} extends by {seconds} seconds"), act)
            }
            "stop" => {
                let act = by_client(market.finish_instruction(&job, job.client, NO_RESULT));
                (format!("{name_of_client} stops"), act)
            }
            "quit" => ("P quits".into(), market.finish_instruction(&job, p, NO_RESULT)),
            "time is up" => ("X says that time is up".into(), market.finish_instruction(&job, x, NO_RESULT)),
            "cancel" => (format!("{name_of_client} cancels"), by_client(market.cancel_instruction(&job, job.client))),
            "give notice" => ("P gives notice".into(), market.notice_instruction(&job)),
            "settle" => ("X settles".into(), market.settle_many_instruction(&[job], gene.amount(TOKEN, u64::MAX))),
            "renew" => {
                (format!("{name_of_client} renews"), by_client(market.renew_instruction(&self.stage.world, &job)))
            }
            "close" => ("X closes".into(), market.close_job_instruction(&self.stage.world, &job)),
            _ => ("X gives back to the mandate".into(), self.mandate.settle_instruction(&[job])),
        };
        Some(Act::new(format!("job {place}: {text}"), act))
    }

    fn respond(&mut self, genes: &[Gene], _: &Receipt) {
        if genes.iter().any(|gene| gene.name::<Self>() == "see O close its mandate") {
            let now = self.stage.now();
            self.memory.closed_at.get_or_insert(now);
        }
    }

    fn wake(&mut self) -> Option<i64> {
        self.duties().iter().map(|(at, ..)| *at).min()
    }

    fn pass(&mut self, _: i64, _: i64) {}

    fn work(&mut self) {
        let now = self.stage.now();
        for (at, posting, instructions, who) in self.duties() {
            if at <= now && !self.send(&instructions, who) {
                self.memory.later.insert(posting, now + 60);
            }
        }
    }

    fn wind_up(&mut self) {
        for _ in 0..8 {
            let now = self.stage.now();
            pass_to(self, now + 4_000);
            for place in 0..self.places.len() {
                let (job, market, state) = self.job(place);
                let Some(state) = state else { continue };
                let caller = self.key(X);
                let crank = match state.state {
                    job_state::POSTED => market.cancel_instruction(&job, caller),
                    job_state::RUNNING | job_state::REDEEMING => market.finish_instruction(&job, caller, NO_RESULT),
                    job_state::OWING => market.settle_instruction(&job),
                    _ if !state.mandate_charged.is_zero() => self.mandate.settle_instruction(&[job]),
                    _ => market.close_job_instruction(&self.stage.world, &job),
                };
                self.send(&[crank], X);
            }
            if self.stage.all::<JobState>().is_empty() {
                break;
            }
        }
        for (deposit, who) in [(2, K), (1, O), (0, C)] {
            let deposit = self.deposits[deposit];
            let Some(state) = self.stage.find::<DepositState>(deposit.address) else { continue };
            let take = deposit.withdraw_instruction(self.wallets[who], state.free.0);
            self.send(&[take], who);
        }
    }

    fn balances(&mut self) -> Vec<Balance> {
        let mut last = BTreeMap::<(usize, u64), u64>::new();
        for (place, signed) in &self.memory.signed {
            let units = last.entry((*place, signed.voucher.posting_id)).or_default();
            *units = signed.voucher.units.max(*units);
        }
        let owed = (last.values().sum::<u64>() * PRICE) as i128;
        let earned: i128 =
            self.memory.held.values().map(|(voucher, _)| voucher.voucher.units as i128 * PRICE as i128).sum();
        let mandated = self.mandated() as i128;
        let balance = |who, promise, all: &[usize], change: i128, coalition| {
            let had = all.len() as u64 * WALLET;
            let has = all.iter().map(|&who| self.stage.tokens(self.wallets[who])).sum();
            Balance { who, promise, amounts: [had, has], promised: had as i128 + change, coalition, slack: DUST }
        };
        vec![
            balance("H", "a provider is paid for each unit for which it has a voucher", &[H], earned, false),
            balance("C", "a client pays for the units that it signed for, and no more", &[C], -owed, false),
            balance("O", "a mandate spends no more than its limits, until it is closed", &[O], -mandated, false),
            balance(
                "the coalition",
                "it has what it put in, pay for units that C used, and what the mandate let it spend",
                &[D, K, P, X],
                owed + mandated - earned,
                true,
            ),
            self.stage.rent(),
        ]
    }
}
