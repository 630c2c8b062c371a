//! Keys that are stolen. I is an identity with stake, whose hot key T has until M, its manager, replaces it by N, which then does the work that clients
//! have for I. J is one whose manager's key G has; R has the recovery key of both, and Y is paid. O, an owner, gave a delegate a mandate over its
//! tokens and one over its credits; C is a client that hires I. The coalition is T; G; D, who has the delegate's key; K, a client; P, a provider, which
//! starts what is posted for it; and X, who passes by.

use {
    super::{
        Act, Balance, Gene, Scene, Stage,
        market::{DAY, Duty, NO_RESULT, PAY, Patience, People, STAKE, STAKED, Town, WALLET, send, wake, wind_up, work},
        pass_to,
    },
    crate::{
        Receipt,
        fixture::{Backer, Identity, Job, Mandate, Market, TOKEN, usual_terms},
        world::swap,
    },
    joule_bme_interface::state::{CreditAccount, ProviderWork},
    joule_escrow_interface::{
        pda,
        state::{
            Deposit as DepositState, Job as JobState, Keys, Mandate as MandateState, NONE, Terms, hot_right, job_state,
        },
    },
    joule_interface::{Address, Instruction},
    joule_math::{Amount, Bps, Seconds, Tokens},
    joule_stake_interface::state::{Delegation, Provider, UnbondingTicket},
    std::{
        collections::{BTreeMap, BTreeSet},
        rc::Rc,
    },
};

const O: usize = 0;
const C: usize = 1;
const M: usize = 2;
const N: usize = 3;
const R: usize = 4;
const Y: usize = 5;
const T: usize = 6;
const G: usize = 7;
const D: usize = 8;
const K: usize = 9;
const P: usize = 10;
const X: usize = 11;
const NAMES: [&str; 12] = ["O", "C", "M", "N", "R", "Y", "T", "G", "D", "K", "P", "X"];
const COALITION: [usize; 6] = [T, G, D, K, P, X];
/// Identities.
const I: usize = 0;
const J: usize = 1;
/// Markets: of the mandates, in tokens and in credits; one that no mandate names; one with bonds.
const IN_TOKENS: usize = 0;
const IN_CREDITS: usize = 1;
const UNNAMED: usize = 2;
const BONDED: usize = 3;
const PRICE: u64 = TOKEN / 100;
/// The same in millionths of a dollar.
const CREDITS: u64 = 10_000;
const BOND: u64 = 10 * TOKEN;
/// What the hot key may bond in a day.
const BONDS: u64 = 2 * BOND;
/// Seconds of work that a mandate may spend at once and in each day, and in all.
const LIMIT: u64 = 1_500;
const TOTAL: u64 = 4_000;
/// What J has earned before.
const EARNED: u64 = 50 * TOKEN;
/// How long R takes to see that a change waits.
const READS: i64 = 600;
const RIGHT: [u8; 32] = [0xaa; 32];
const DUST: i128 = 5_000;

struct Place {
    client: usize,
    market: usize,
    /// Of the market with bonds, as I and J would work on it; of another, as P would.
    jobs: Vec<Job>,
}

/// What O let go by a mandate.
#[derive(Clone, Default)]
struct Spent {
    /// From when until when it was open.
    open: Vec<[i64; 2]>,
    /// What is gone of its funding account; and what it would be if each limit had filled unused.
    away: f64,
    level: f64,
    at: i64,
    /// What was gone too fast, and after it was closed.
    too_fast: f64,
    too_late: usize,
}

#[derive(Clone, Default)]
struct Memory {
    spent: [Spent; 2],
    /// O lets the mandate over its credits spend.
    is_approved: bool,
    /// When M replaced I's hot key.
    replaced_at: Option<i64>,
    /// Whether the hot key has a limit, and how often M gave it back.
    is_limited: bool,
    limits: u64,
    bonded: u64,
    /// What jobs are due that N started, by client; and what C's are.
    due: [f64; 2],
    by_c: f64,
    /// Jobs that were started since the hot key was replaced.
    by_n: BTreeSet<(usize, u64)>,
    last: BTreeMap<usize, (u64, u8)>,
    patience: Patience,
    over_limit: usize,
    unstaked: usize,
    unnamed: usize,
    changed: usize,
    stuck: usize,
    is_over: bool,
}

/// See the module.
pub struct Stealing {
    stage: Stage,
    people: Rc<People>,
    markets: Vec<Market>,
    identities: [Identity; 2],
    own: [Backer; 2],
    /// Of each identity: what it is paid in, and what it has staked.
    wallets: [[Address; 2]; 2],
    /// Where Y gets what is staked.
    staked_of_y: Address,
    mandates: [Mandate; 2],
    /// K's own, over O's money.
    forged: Mandate,
    credits: [Address; 2],
    work: Address,
    places: Vec<Place>,
    had: u64,
    began: i64,
    memory: Memory,
}

impl Stealing {
    fn state(&self, place: usize) -> Option<JobState> {
        self.stage.find(self.places[place].jobs[0].address)
    }

    fn job(&self, place: usize) -> (Job, Market) {
        let Place { market, jobs, .. } = &self.places[place];
        let worker = self.state(place).map_or(NONE, |state| state.provider);
        let job = jobs.iter().find(|job| job.provider == worker).unwrap_or(&jobs[0]);
        (*job, self.markets[*market])
    }

    fn identity_of(&self, job: &Job) -> Option<usize> {
        self.identities.iter().position(|identity| identity.address == job.provider)
    }

    /// A call for an identity, by whoever signs.
    fn by(&self, identity: usize, who: usize, call: Instruction) -> Instruction {
        self.identities[identity].by(&self.people.keys[who], call)
    }

    fn keys(&self, identity: usize) -> Option<Keys> {
        self.stage.find(self.identities[identity].address)
    }

    fn provider(&self, identity: usize) -> Option<Provider> {
        self.stage.find(self.own[identity].provider)
    }

    /// Which mandate O's job is paid under.
    fn mandate_of(&self, place: usize) -> &Mandate {
        &self.mandates[(self.places[place].market == IN_CREDITS) as usize]
    }

    /// Who has I's hot key.
    fn hot(&self) -> usize {
        if self.memory.replaced_at.is_some() { N } else { T }
    }

    /// What a mandate's unit is: the price of a second.
    fn price(which: usize) -> u64 {
        [PRICE, CREDITS][which]
    }

    fn away(&self, which: usize) -> f64 {
        if which == 1 {
            let credits = self.stage.find::<CreditAccount>(self.credits[0]);
            return self.had as f64 - credits.map_or(0, |credits| credits.balance.0) as f64;
        }
        let deposit = self.stage.find::<DepositState>(self.people.deposits[&O].address);
        let has = deposit.map_or(0, |deposit| deposit.free.0) + self.stage.tokens(self.people.wallets[PAY][O]);
        WALLET as f64 - has as f64
    }

    /// What mandates let go at most.
    fn mandated(&self, which: usize) -> f64 {
        let of = |open: &[i64; 2]| {
            let until = open[1].min(self.stage.now()).min(open[0] + 7 * DAY);
            let filled = LIMIT as f64 * (until - open[0]) as f64 / DAY as f64;
            (LIMIT as f64 + filled).min(TOTAL as f64) * Self::price(which) as f64
        };
        self.memory.spent[which].open.iter().map(of).sum()
    }

    fn watch_mandate(&mut self, which: usize) {
        let (now, away) = (self.stage.now(), self.away(which));
        let is_approved = which == 0 || self.memory.is_approved;
        let limit = (LIMIT * Self::price(which)) as f64;
        let spent = &mut self.memory.spent[which];
        let is_open = spent.open.last().is_some_and(|open| now <= open[1].min(open[0] + 7 * DAY)) && is_approved;
        spent.too_late += (!is_open && away > spent.away + 1.0) as usize;
        spent.level = (spent.level + limit * (now - spent.at) as f64 / DAY as f64).min(away);
        spent.too_fast = spent.too_fast.max(away - spent.level - limit);
        (spent.away, spent.at) = (away, now);
    }

    /// What I may have lost by its hot key.
    fn lost(&self) -> f64 {
        let until = self.memory.replaced_at.unwrap_or(self.stage.now());
        let windows = 1 + (until - self.began) / DAY + self.memory.limits as i64;
        (BONDS as i64 * windows).min(STAKE as i64) as f64
    }
}

impl Town for Stealing {
    fn people(&self) -> Rc<People> {
        self.people.clone()
    }

    fn chain(&self) -> &Stage {
        &self.stage
    }

    fn patience(&mut self) -> &mut Patience {
        &mut self.memory.patience
    }

    fn duties(&self) -> Vec<Duty> {
        let (mut duties, now) = (vec![], self.stage.now());
        if let Some(keys) = self.keys(J).filter(|keys| keys.executable_at.0 != 0) {
            let cancel = self.identities[J].cancel_instruction(self.people.key(R));
            let seen_at = keys.executable_at.0 - Identity::DELAY as i64 + READS;
            duties.push(Duty::new(seen_at, self.identities[J].address, vec![cancel], R));
        }
        for place in 0..self.places.len() {
            let Some(state) = self.state(place) else { continue };
            let ((job, market), client) = (self.job(place), self.places[place].client);
            let (is_i, waits) = (self.identity_of(&job) == Some(I), state.state == job_state::POSTED);
            let in_time = now <= state.deadline_at.0;
            if waits && in_time && (is_i && self.hot() == N || job.provider == self.people.key(P)) {
                let (start, who) = (market.start_instruction(&self.stage.world, &job), if is_i { N } else { P });
                let act = if is_i { self.by(I, N, start) } else { start };
                duties.push(Duty::new(0, job.address, vec![act], who));
            }
            if state.state == job_state::RUNNING && is_i && self.hot() == N {
                let finish = market.finish_instruction(&job, job.provider, NO_RESULT);
                duties.push(Duty::new(state.ends_at.0, job.address, vec![self.by(I, N, finish)], N));
            }
            if client != C {
                continue;
            }
            let at = match state.state {
                job_state::POSTED => state.deadline_at.0 + 1,
                job_state::RUNNING => state.ends_at.0,
                _ if state.is_over() => continue,
                _ => 0,
            };
            let receiver = self.people.wallets[STAKED][C];
            if let Some(end) = self.people.end(&self.stage, &market, &job, C, receiver) {
                duties.push(Duty::new(at, job.address, vec![end], C));
            }
        }
        duties
    }

    fn ends(&self) -> Vec<Instruction> {
        let end = |place: usize| {
            let (state, (job, market)) = (self.state(place)?, self.job(place));
            if !state.mandate_charged.is_zero() && state.has_given_back() {
                let own = [self.mandates[0], self.mandates[1], self.forged].into_iter();
                let own = own.filter(|mandate| mandate.owner == state.client);
                let index = MandateState::index_of(state.mandate_id);
                return own.filter(|mandate| mandate.index == index).map(|own| own.settle_instruction(&[job])).next();
            }
            let receiver = self.people.wallets[STAKED][self.places[place].client];
            self.people.end(&self.stage, &market, &job, X, receiver)
        };
        (0..self.places.len()).filter_map(end).collect()
    }

    fn watch(&mut self) {
        for which in 0..2 {
            self.watch_mandate(which);
        }
        for place in 0..self.places.len() {
            let Some(state) = self.state(place) else { continue };
            let before = self.memory.last.insert(place, (state.posting_id, state.state));
            let was_running = before == Some((state.posting_id, job_state::RUNNING));
            if state.state == job_state::RUNNING && !was_running && self.hot() == N {
                self.memory.by_n.insert((place, state.posting_id));
            }
        }
        let named = [IN_TOKENS, IN_CREDITS].map(|market| self.markets[market].address);
        let of_o = self.people.key(O);
        let unnamed = |job: &JobState| job.client == of_o && !named.contains(&job.market);
        let unnamed = self.stage.all::<JobState>().iter().filter(|(_, job)| unnamed(job)).count();
        self.memory.unnamed = self.memory.unnamed.max(unnamed);
        if let Some(provider) = self.provider(I) {
            let limit = if self.memory.is_limited { BONDS } else { 0 };
            let is_over = provider.bonded.0 > limit && provider.bonded.0 > self.memory.bonded;
            self.memory.over_limit += is_over as usize;
            self.memory.bonded = provider.bonded.0;
        }
        let address = self.identities[I].address;
        let leaves = self.stage.all::<UnbondingTicket>().iter().any(|(_, ticket)| ticket.owner == address);
        self.memory.unstaked += (leaves && !self.memory.is_over) as usize;
        for (identity, manager) in [(I, M), (J, G)] {
            let is_same = self.keys(identity).is_some_and(|keys| {
                let [manager, payee, recovery] = [manager, Y, R].map(|who| self.people.key(who));
                keys.manager == manager && keys.payee == payee && keys.recovery == recovery
            });
            self.memory.changed += !is_same as usize;
        }
    }
}

impl Scene for Stealing {
    const NAME: &'static str = "keys";
    const MOVES: &'static [&'static str] = &[
        "spend O's money",
        "renew",
        "extend",
        "stop",
        "cancel",
        "settle",
        "give back to the mandate",
        "end",
        "see O close a mandate, or open it again",
        "see O take its approval back, or give it",
        "forge a mandate",
        "hire an identity",
        "see C hire I",
        "start for an identity",
        "end for an identity",
        "act for an identity",
        "set its keys",
        "propose other keys",
        "execute other keys",
        "cancel other keys",
        "pay out",
        "see M replace the hot key",
        "see M take its limit away, or give it back",
        "deposit",
        "withdraw",
    ];

    fn new() -> Self {
        let mut world = Stage::chain();
        let people = People::arrive(&mut world, NAMES.len(), &[O, C, K], &[]);
        let (network, pool) = (&people.network, &people.pool);
        let usual =
            Terms { price: Amount(PRICE), max_duration: Seconds(7_200), start_window: Seconds(3_600), ..usual_terms() };
        let in_credits = Terms { price: Amount(CREDITS), ..usual };
        let bonded = Terms { bond_amount: Tokens(BOND), failure_penalty: Bps::WHOLE, ..usual };
        let market = |id: usize, terms| Market::unborn(network, pool, id as u64, terms);
        network.add_spender(&world, market(0, usual).authority);
        let markets = vec![
            market(IN_TOKENS, usual).without_pool().paid_in(&people.mint),
            market(IN_CREDITS, in_credits).without_pool(),
            market(UNNAMED, usual).without_pool().paid_in(&people.mint),
            market(BONDED, bonded).paid_in(&people.mint),
        ];
        let markets: Vec<Market> = markets.into_iter().map(|market| market.create(&world, network)).collect();
        let credits = [O, K].map(|who| network.open_credit_account(&world, people.key(who)));
        for (credits, who) in credits.into_iter().zip([O, K]) {
            let buy = network.buy_instruction(people.key(who), people.wallets[STAKED][who], credits, 100 * TOKEN);
            world.ok(&[buy], &[&people.keys[who]]);
        }
        let had = world.read::<CreditAccount>(credits[0]).balance.0;
        let work = network.open_provider_work(&world, people.key(P));

        let mut own = vec![];
        let mut wallets = vec![];
        let identities = [(M, T), (G, X)].map(|(manager, hot)| {
            let address = pda::keys::find(&people.key(manager), &0u64.to_le_bytes()).0;
            let [manager, hot, recovery, payee] = [manager, hot, R, Y].map(|who| people.keys[who].insecure_clone());
            Identity { address, manager, hot, recovery, payee }
        });
        for (which, identity) in identities.iter().enumerate() {
            let [paid, staked] =
                [people.mint.address, network.mint].map(|mint| world.associated_account(mint, identity.address));
            let backer = Backer::of(pool.provider(identity.address), identity.address, staked);
            let give = network.transfer_instruction(people.wallets[STAKED][M], staked, &people.keys[M], STAKE);
            let mut open = vec![identity.open_instruction(&world), give];
            if which == I {
                open.push(identity.set_hot_key_instruction(people.key(T), hot_right::ALL));
            }
            world.ok(&open, &[&identity.manager, &people.keys[M]]);
            world.ok(&identity.enter_instructions(&world, pool, &backer, STAKE, BONDS), &[&identity.manager]);
            own.push(backer);
            wallets.push([paid, staked]);
        }
        world.mint_to(&people.mint, wallets[J][PAY], EARNED);
        let staked_of_y = world.associated_account(network.mint, people.key(Y));

        let mandates = [0, 1].map(|index| Mandate::of(people.key(O), people.key(D), index));
        for (which, funding) in [people.deposits[&O].address, credits[0]].into_iter().enumerate() {
            let [limit, total] = [LIMIT, TOTAL].map(|seconds| seconds * Self::price(which));
            let args = mandates[which].args(&world, funding, markets[which].address, limit, total);
            world.ok(&[mandates[which].open_instruction(&world, &args)], &[&people.keys[O]]);
        }
        let spender = markets[IN_CREDITS].spender;
        world.ok(&[network.approve_spender_instruction(people.key(O), spender, true)], &[&people.keys[O]]);
        let forged = Mandate::of(people.key(K), people.key(D), 0);

        let mut places = vec![];
        for (client, market, count) in
            [(O, IN_TOKENS, 3), (O, IN_CREDITS, 3), (O, UNNAMED, 1), (C, BONDED, 2), (K, BONDED, 4)]
        {
            for number in 0..count {
                let nonce = market as u64 * 8 + number;
                let of = |(provider, payee): (Address, Address)| {
                    markets[market].job(people.key(client), nonce, provider, payee)
                };
                let jobs = match market {
                    BONDED => [I, J].map(|which| of((identities[which].address, wallets[which][PAY]))).into(),
                    IN_CREDITS => vec![of((people.key(P), work))],
                    _ => vec![of((people.key(P), people.wallets[PAY][P]))],
                };
                places.push(Place { client, market, jobs });
            }
        }
        let began = world.now().0;
        world.run(60);
        let mut pretenders: Vec<Address> = [X, K].map(|who| people.wallets[PAY][who]).into();
        pretenders.extend(COALITION.map(|who| people.key(who)));
        pretenders.extend([
            people.wallets[STAKED][X],
            people.deposits[&K].address,
            people.deposits[&K].vault,
            credits[1],
            forged.address,
            identities[J].address,
            own[J].provider,
            own[J].delegation,
            wallets[J][PAY],
            wallets[J][STAKED],
            places[places.len() - 1].jobs[1].address,
        ]);
        let stage = Stage::new(world, &people.network, people.of(&COALITION), pretenders);
        let (own, wallets) = ([own[0], own[1]], [wallets[0], wallets[1]]);
        let mut scene = Self {
            stage,
            people: Rc::new(people),
            markets,
            identities,
            own,
            wallets,
            staked_of_y,
            mandates,
            forged,
            credits,
            work,
            places,
            had,
            began,
            memory: Memory::default(),
        };
        scene.reset();
        scene
    }

    fn stage(&mut self) -> &mut Stage {
        &mut self.stage
    }

    fn reset(&mut self) {
        self.stage.reset();
        let spent = || Spent { open: vec![[self.began, i64::MAX]], at: self.began, ..Spent::default() };
        let spent = [spent(), spent()];
        self.memory = Memory { spent, is_approved: true, is_limited: true, ..Memory::default() };
    }

    fn act(&mut self, gene: &Gene) -> Option<Act> {
        let name = gene.name::<Self>();
        let people = self.people.clone();
        let world = &self.stage.world;
        let identity = if gene.a % 4 == 3 || name.contains("other keys") && !gene.a.is_multiple_of(4) { J } else { I };
        let (of, whose) = (&self.identities[identity], ["I", "J"][identity]);
        match name {
            "spend O's money" | "hire an identity" | "see C hire I" => {
                let client = if name == "spend O's money" { O } else { [K, C][(name == "see C hire I") as usize] };
                let is_free = |place: &usize| {
                    self.places[*place].client == client && self.state(*place).is_none_or(|state| state.is_over())
                };
                let free: Vec<usize> = (0..self.places.len()).filter(is_free).collect();
                let place = *gene.first(&free)?;
                let Place { market, jobs, .. } = &self.places[place];
                let job = &jobs[(client == K && gene.b % 3 == 2) as usize];
                let seconds = 10 + gene.x as u32 * 20;
                let post = self.markets[*market].post_instruction(world, job, seconds);
                let text = format!("{} posts job {place}, {seconds} seconds", NAMES[client]);
                return Some(match client {
                    C => Act::new(text, post).with(&[&people.keys[C]]),
                    O if gene.b >= 200 => Act::new(text + ", by K's mandate", {
                        let post = swap(post, 1, people.key(K));
                        self.forged.by(post)
                    }),
                    O => Act::new(text + ", by D", self.mandate_of(place).by(post)),
                    _ => Act::new(text, post),
                });
            }
            "see O close a mandate, or open it again" => {
                let which = gene.a as usize % 2;
                let mandate = &self.mandates[which];
                let act = if self.stage.find::<MandateState>(mandate.address).is_some() {
                    mandate.close_instruction(world, people.key(O))
                } else {
                    let funding = [people.deposits[&O].address, self.credits[0]][which];
                    let [limit, total] = [LIMIT, TOTAL].map(|seconds| seconds * Self::price(which));
                    mandate.open_instruction(
                        world,
                        &mandate.args(world, funding, self.markets[which].address, limit, total),
                    )
                };
                return Some(Act::new(format!("{name}, number {which}"), act).with(&[&people.keys[O]]));
            }
            "see O take its approval back, or give it" => {
                let spender = self.markets[IN_CREDITS].spender;
                let approve =
                    people.network.approve_spender_instruction(people.key(O), spender, !self.memory.is_approved);
                return Some(Act::new(name, approve).with(&[&people.keys[O]]));
            }
            "forge a mandate" => {
                let which = gene.a as usize % 2;
                if self.stage.find::<MandateState>(self.forged.address).is_some() {
                    return Some(Act::new("K closes its mandate", self.forged.close_instruction(world, people.key(K))));
                }
                let funding = [people.deposits[&O].address, self.credits[0]][which];
                let market = self.markets[*gene.second(&[which, UNNAMED])?].address;
                let args = self.forged.args(world, funding, market, gene.amount(TOKEN, u64::MAX), u64::MAX);
                let open = self.forged.open_instruction(world, &args);
                return Some(Act::new(format!("K gives D a mandate over O's money, number {which}"), open));
            }
            "act for an identity" => {
                let who = *gene.second(&[T, G, X, N])?;
                let own = &self.own[identity];
                let count = self.stage.find::<Delegation>(own.delegation)?.ticket_count;
                let amount = gene.amount(STAKE, STAKE);
                let calls = [
                    ("unstakes", people.pool.unstake_instruction(world, own, people.pool.ticket(own, count), amount)),
                    ("stakes", people.pool.stake_instruction(own, amount)),
                    ("withdraws", people.pool.withdraw_instruction(world, own, people.pool.ticket(own, 0))),
                    ("withdraws to itself", {
                        let withdraw = people.pool.withdraw_instruction(world, own, people.pool.ticket(own, 0));
                        swap(withdraw, 5, people.wallets[STAKED][X])
                    }),
                ];
                let (what, call) = &calls[gene.b as usize / 4 % calls.len()];
                let text = format!("{} {what} {amount} for {whose}", NAMES[who]);
                return Some(Act::new(text, self.by(identity, who, call.clone())));
            }
            "set its keys" => {
                let (who, key) = (*gene.first(&[T, G, G, G])?, people.key(*gene.second(&[T, X, G])?));
                let act = if gene.x.is_multiple_of(2) {
                    of.set_hot_key_instruction(key, hot_right::ALL)
                } else {
                    of.limit_instruction(self.own[identity].provider, gene.amount(STAKE, u64::MAX))
                };
                return Some(Act::new(
                    format!("{} sets the hot key of {whose}, or its limit", NAMES[who]),
                    swap(act, 0, people.key(who)),
                ));
            }
            "propose other keys" => {
                let [manager, payee, recovery] =
                    [gene.b, gene.b / 2, gene.x].map(|which| people.key([X, G, Y, R][which as usize % 4]));
                let propose = of.propose_instruction(manager, payee, recovery);
                let who = if identity == J { G } else { T };
                return Some(Act::new(
                    format!("{} proposes other keys of {whose}", NAMES[who]),
                    swap(propose, 0, people.key(who)),
                ));
            }
            "execute other keys" => {
                return Some(Act::new(format!("X executes a change of {whose}'s keys"), of.execute_instruction()));
            }
            "cancel other keys" => {
                let who = *gene.second(&[G, T])?;
                let cancel = of.cancel_instruction(people.key(who));
                return Some(Act::new(format!("{} cancels a change of {whose}'s keys", NAMES[who]), cancel));
            }
            "pay out" => {
                let kind = gene.b as usize % 2;
                let (mint, program) = [
                    (people.mint.address, people.mint.token_program),
                    (people.network.mint, people.network.token_program),
                ][kind];
                let own = [people.wallets[PAY][Y], self.staked_of_y][kind];
                let to = if gene.x < 180 { own } else { people.wallets[kind][X] };
                let pay = of.pay_out_instruction(self.wallets[identity][kind], to, mint, program);
                return Some(Act::new(format!("X has {whose} paid out"), pay));
            }
            "see M replace the hot key" => {
                let set = self.identities[I].set_hot_key_instruction(people.key(N), hot_right::ALL);
                return Some(Act::new("M replaces the hot key of I", set).with(&[&people.keys[M]]));
            }
            "see M take its limit away, or give it back" => {
                let limit = if self.memory.is_limited { 0 } else { BONDS };
                let set = self.identities[I].limit_instruction(self.own[I].provider, limit);
                return Some(Act::new(format!("M sets the limit to {limit}"), set).with(&[&people.keys[M]]));
            }
            "deposit" | "withdraw" => {
                let who = *gene.first(&[K, O, C])?;
                let with = *gene.second(&[K, D, X])?;
                return Some(people.deposit_or_withdraw(name, gene, (who, NAMES[who]), K, with));
            }
            _ => {}
        }
        let for_identity = name.ends_with("for an identity");
        let fits = |place: &usize| {
            let Some(state) = self.state(*place) else { return false };
            let running = state.state == job_state::RUNNING;
            let is_identitys = self.places[*place].market == BONDED;
            match name {
                "start for an identity" => is_identitys && state.state == job_state::POSTED,
                "end for an identity" => is_identitys && running,
                "extend" | "stop" => running,
                "cancel" => state.state == job_state::POSTED,
                "settle" => running || state.state == job_state::OWING,
                "renew" => state.has_ended(),
                "give back to the mandate" => state.has_given_back() && !state.mandate_charged.is_zero(),
                _ => true,
            }
        };
        let there: Vec<usize> = (0..self.places.len()).filter(|&place| self.state(place).is_some()).collect();
        let fitting: Vec<usize> = there.iter().copied().filter(fits).collect();
        let place = *gene.first(if gene.a < 220 { &fitting } else { &there })?;
        let (job, market) = self.job(place);
        let client = self.places[place].client;
        if for_identity {
            let identity = self.identity_of(&job)?;
            // Whoever has its key, or had it.
            let usual = if identity == I { T } else { G };
            let who = *gene.second(&[usual, usual, usual, T, G, X])?;
            let (what, call) = match name {
                "start for an identity" => ("starts", market.start_instruction(world, &job)),
                _ if gene.x < 128 => ("quits", market.finish_instruction(&job, job.provider, NO_RESULT)),
                _ => ("ends", market.finish_instruction(&job, job.provider, RIGHT)),
            };
            let text = format!("job {place}: {} {what} it for {}", NAMES[who], ["I", "J"][identity]);
            return Some(Act::new(text, self.by(identity, who, call)));
        }
        let by_client = |act: Instruction| match client {
            O if gene.b >= 220 => self.forged.by(swap(act, 0, people.key(K))),
            O => self.mandate_of(place).by(act),
            _ => act,
        };
        let caller = if gene.b % 8 == 7 { people.key(X) } else { job.client };
        let (text, act) = match name {
            "renew" => ("it is renewed".into(), by_client(market.renew_instruction(world, &job))),
            "extend" => {
                let seconds = gene.x as u32 * 20;
                (format!("it is extended by {seconds} seconds"), by_client(market.extend_instruction(&job, seconds)))
            }
            "stop" => ("it is stopped".into(), by_client(market.finish_instruction(&job, caller, NO_RESULT))),
            "cancel" => ("it is cancelled".into(), by_client(market.cancel_instruction(&job, caller))),
            "settle" => ("X settles".into(), market.settle_many_instruction(&[job], u64::MAX)),
            "give back to the mandate" => {
                let mandate = if gene.x < 200 {
                    *self.mandate_of(place)
                } else {
                    *gene.second(&[self.forged, self.mandates[0], self.mandates[1]])?
                };
                ("it gives back".into(), mandate.settle_instruction(&[job]))
            }
            _ => {
                let receiver = people.wallets[STAKED][client];
                ("X ends it".into(), people.end(&self.stage, &market, &job, X, receiver)?)
            }
        };
        Some(Act::new(format!("job {place}: {text}"), act))
    }

    fn respond(&mut self, genes: &[Gene], _: &Receipt) {
        let now = self.stage.now();
        for gene in genes {
            match gene.name::<Self>() {
                "see O close a mandate, or open it again" => {
                    let which = gene.a as usize % 2;
                    let is_open = self.stage.find::<MandateState>(self.mandates[which].address).is_some();
                    let spent = &mut self.memory.spent[which];
                    if is_open {
                        // A new one begins with a whole limit.
                        spent.open.push([now, i64::MAX]);
                        spent.level += (LIMIT * Self::price(which)) as f64;
                    } else if let Some(last) = spent.open.last_mut() {
                        last[1] = now;
                    }
                }
                "see O take its approval back, or give it" => self.memory.is_approved = !self.memory.is_approved,
                "see M replace the hot key" => drop(self.memory.replaced_at.get_or_insert(now)),
                "see M take its limit away, or give it back" => {
                    self.memory.is_limited = !self.memory.is_limited;
                    self.memory.limits += self.memory.is_limited as u64;
                }
                _ => {}
            }
        }
        self.watch();
    }

    fn seen(&mut self) -> Vec<u64> {
        let of = |place: usize| self.state(place).map_or(0, |state| state.state as u64);
        let jobs = (0..self.places.len()).map(|place| of(place) * 8 + self.places[place].market as u64);
        let bonds = self.provider(I).map_or(0, |provider| provider.bonded.0 / BOND);
        let hot = self.memory.replaced_at.is_some() as u64 * 2 + self.memory.is_limited as u64;
        jobs.chain([1_000 + bonds * 4 + hot]).collect()
    }

    fn wake(&mut self) -> Option<i64> {
        wake(self)
    }

    fn pass(&mut self, from: i64, to: i64) {
        for place in 0..self.places.len() {
            let (client, market) = (self.places[place].client, self.places[place].market);
            let Some(state) = self.state(place).filter(|state| state.state == job_state::RUNNING) else { continue };
            let seconds = (to.min(state.ends_at.0) - from.max(state.started_at.0)).max(0);
            let due = (state.price.0 as i64 * seconds) as f64;
            if market == BONDED {
                self.memory.by_c += if client == C { due } else { 0.0 };
                if self.memory.by_n.contains(&(place, state.posting_id)) && state.provider == self.identities[I].address
                {
                    self.memory.due[(client == K) as usize] += due;
                }
            }
        }
    }

    fn work(&mut self) {
        work(self);
    }

    fn wind_up(&mut self) {
        let people = self.people.clone();
        let set = self.identities[I].set_hot_key_instruction(people.key(N), hot_right::ALL);
        if send(self, &[set], M) {
            let now = self.stage.now();
            self.memory.replaced_at.get_or_insert(now);
        }
        wind_up(self, X);
        self.memory.stuck = self.left();
        self.memory.is_over = true;
        let own = self.own[I];
        let count = self.stage.find::<Delegation>(own.delegation).map_or(0, |own| own.ticket_count);
        let ticket = people.pool.ticket(&own, count);
        let unstake = people.pool.unstake_instruction(&self.stage.world, &own, ticket, u64::MAX);
        send(self, &[self.by(I, M, unstake)], M);
        let now = self.stage.now();
        pass_to(self, now + 8 * DAY);
        let withdraw = people.pool.withdraw_instruction(&self.stage.world, &own, ticket);
        send(self, &[self.by(I, M, withdraw)], M);
        let mints = [
            (people.mint.address, people.mint.token_program, people.wallets[PAY][Y]),
            (people.network.mint, people.network.token_program, self.staked_of_y),
        ];
        for identity in [I, J] {
            for (kind, (mint, program, to)) in mints.into_iter().enumerate() {
                let from = self.wallets[identity][kind];
                let pay = self.identities[identity].pay_out_instruction(from, to, mint, program);
                send(self, &[pay], X);
            }
        }
    }

    fn balances(&mut self) -> Vec<Balance> {
        let Memory { spent, due, by_c, .. } = &self.memory;
        let [mandated, credits] = [0, 1].map(|which| self.mandated(which));
        let lost = self.lost();
        let balance = |who, of, change, coalition| self.people.balance(&self.stage, who, of, change, coalition);
        let own = |who, promise, had: u64, has: u64, change: f64, coalition| Balance {
            who,
            promise,
            amounts: [had, has],
            promised: had as i128 + change as i128,
            coalition,
            slack: DUST,
        };
        let credits_of = |which: usize| {
            let account = self.stage.find::<CreditAccount>(self.credits[which]);
            account.map_or(0, |account| account.balance.0 + account.locked.iter().map(|locked| locked.0).sum::<u64>())
        };
        let worked = self.stage.find::<ProviderWork>(self.work).map_or(0, |work| work.total_work.0);
        let has = self.stage.tokens(self.staked_of_y);
        let too_fast = spent.iter().map(|spent| spent.too_fast.max(0.0) as u64).max().unwrap_or_default();
        vec![
            own(
                "I, stake",
                "who steals a hot key takes no more of its stake than its limit in each window",
                STAKE,
                has,
                -lost,
                false,
            ),
            balance(
                ("Y", "what an identity earned gets to its payee, whoever has its keys"),
                (PAY, &[Y]),
                EARNED as f64 + due[0] + due[1],
                false,
            ),
            balance(
                ("O, tokens", "a mandate spends no more than its limits, until it is closed"),
                (PAY, &[O]),
                -mandated,
                false,
            ),
            own(
                "O, credits",
                "a mandate over credits spends no more than its limits, until it is closed",
                self.had,
                credits_of(0),
                -credits,
                false,
            ),
            own("O", "in no time a mandate spends more than its limit, and what fills", 0, too_fast, 0.0, true),
            balance(("C, pay", "a client pays for time alone"), (PAY, &[C]), -by_c, false),
            balance(("C, bonds", "a client loses nothing that is staked"), (STAKED, &[C]), 0.0, false),
            balance(
                ("the coalition, pay", "it has what it put in, and what mandates let it spend"),
                (PAY, &COALITION),
                mandated - due[1],
                true,
            ),
            own(
                "the coalition, credits",
                "it has what it put in, and what mandates let it spend",
                self.had,
                credits_of(1) + worked,
                credits,
                true,
            ),
            balance(
                ("the coalition, stake", "it has what it put in, and bonds of identities whose keys it has"),
                (STAKED, &COALITION),
                lost + STAKE as f64 - 100.0 * TOKEN as f64,
                true,
            ),
            Stage::never("I, bonds", "a hot key never has more bonded than its limit", self.memory.over_limit),
            Stage::never("I, stake", "stake leaves when its manager says so", self.memory.unstaked),
            Stage::never("keys", "other keys wait for who can cancel them", self.memory.changed),
            Stage::never("O", "a mandate is for the markets that it names", self.memory.unnamed),
            Stage::never(
                "O",
                "a mandate that is closed, or whose approval is taken back, spends nothing",
                spent.iter().map(|spent| spent.too_late).sum(),
            ),
            Stage::never("everybody", "anyone brings every job to its end", self.memory.stuck),
            self.stage.rent(),
        ]
    }
}
