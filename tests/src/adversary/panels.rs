//! Panels of three or four replicas. Honest are C, a client, who gives everybody the input; H and I, two providers, which join together
//! while two places are free, acknowledge an input that they hold, find what is right, and reveal it in time: in every other panel late in
//! its time. The coalition is K, a client; P and Q, two providers, which do their work like honest ones while they are not idle; and X, who
//! passes by. K may keep its input back. A third market asks for no bond.

use {
    super::{Act, Balance, Gene, Scene, Stage, pass_to},
    crate::{
        Network, Receipt,
        fixture::{
            Backer, Deposit, Job, Market, Panel, Pool, TOKEN, Verified, accepted, hidden, usual_terms,
            usual_verification,
        },
    },
    joule_escrow_interface::{
        ID,
        state::{Deposit as DepositState, Panel as PanelState, Terms, panel_state, replica_state},
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
const I: usize = 2;
const K: usize = 3;
const P: usize = 4;
const Q: usize = 5;
const X: usize = 6;
const NAMES: [&str; 7] = ["C", "H", "I", "K", "P", "Q", "X"];
const PROVIDERS: [usize; 4] = [H, I, P, Q];
const WALLET: u64 = 1_000 * TOKEN;
const DEPOSIT: u64 = 200 * TOKEN;
const STAKE: u64 = 300 * TOKEN;
const PRICE: u64 = 3 * TOKEN;
const BOND: u64 = 5 * TOKEN;
/// What is burned of bond and price for an input that was not acknowledged, in hundredths.
const NO_START: u64 = 20;
/// What is paid where no result has a quorum, in hundredths.
const NO_QUORUM: u64 = 20;
const START_WINDOW: i64 = 300;
const DURATION: i64 = 3_600;
const REVEAL_WINDOW: i64 = 600;
const WAIT_WINDOW: i64 = 3_600;
const RIGHT: [u8; 32] = [0xaa; 32];
const WRONG: [u8; 32] = [0xbb; 32];
const DUST: i128 = 5_000;

type Posting = (usize, u64);
/// When, what for whom, and who signs it.
type Duty = (i64, (Posting, usize), Vec<Instruction>, Vec<usize>);

#[derive(Clone, Default)]
struct Memory {
    /// Postings whose input K keeps back.
    withheld: BTreeSet<Posting>,
    /// Who committed to what is right, in which posting, among how many.
    committed: BTreeMap<(Posting, usize), u64>,
    /// Which of P and Q committed to something.
    others: BTreeSet<(Posting, usize)>,
    /// Who had not acknowledged the input when it was removed, or the panel was dissolved; how often.
    silent: BTreeMap<(Posting, usize), u64>,
    /// The panels as they were.
    last: BTreeMap<usize, PanelState>,
    later: BTreeMap<(Posting, usize), i64>,
    /// P and Q leave undone what an honest provider would do.
    is_idle: bool,
    /// What they find is wrong.
    lies: bool,
}

/// See the module.
pub struct Judging {
    stage: Stage,
    pool: Pool,
    keys: Vec<Keypair>,
    verified: Verified,
    /// Whose they are.
    panels: Vec<(usize, Panel)>,
    /// As each would work on them.
    replicas: Vec<Vec<Job>>,
    /// Those for whose replicas no bond is asked.
    free: BTreeSet<usize>,
    /// What pays, and what is staked.
    wallets: [Vec<Address>; 2],
    deposits: [Deposit; 2],
    own: Vec<Backer>,
    memory: Memory,
}

impl Judging {
    fn state(&self, place: usize) -> Option<PanelState> {
        self.stage.find(self.panels[place].1.address)
    }

    fn key(&self, who: usize) -> Address {
        self.keys[who].pubkey()
    }

    fn replica(&self, place: usize, who: usize) -> Job {
        self.replicas[place][who]
    }

    fn who(&self, provider: Address) -> Option<usize> {
        PROVIDERS.into_iter().find(|&who| self.key(who) == provider)
    }

    /// Where a provider is in a panel.
    fn number(&self, state: &PanelState, who: usize) -> Option<u8> {
        let provider = self.key(who);
        state.present().find(|(_, replica)| replica.provider == provider).map(|(number, _)| number as u8)
    }

    /// What P and Q find by themselves.
    fn finding(&self) -> [u8; 32] {
        if self.memory.lies { WRONG } else { RIGHT }
    }

    fn salt(who: usize) -> [u8; 32] {
        [who as u8 + 1; 32]
    }

    /// What a provider commits to.
    fn commit(&self, place: usize, state: &PanelState, who: usize, result: [u8; 32]) -> Option<Instruction> {
        let panel = &self.panels[place].1;
        let hash = hidden(state, panel.address, self.key(who), result, Self::salt(who));
        Some(panel.commit_instruction(self.key(who), self.number(state, who)?, hash))
    }

    /// What a provider committed to.
    fn committed(&self, place: usize, state: &PanelState, who: usize) -> [u8; 32] {
        let commitment = self.number(state, who).map(|number| state.replicas[number as usize].commitment);
        let panel = &self.panels[place].1;
        let wrong = hidden(state, panel.address, self.key(who), WRONG, Self::salt(who));
        if commitment == Some(wrong) { WRONG } else { RIGHT }
    }

    /// What became of panels.
    fn watch(&mut self) {
        for place in 0..self.panels.len() {
            let state = self.state(place);
            if let Some(state) = &state {
                let has = |state: u8| [replica_state::COMMITTED, replica_state::REVEALED].contains(&state);
                for (_, replica) in state.present().filter(|(_, replica)| has(replica.state)) {
                    let who = self.who(replica.provider).filter(|who| [P, Q].contains(who));
                    self.memory.others.extend(who.map(|who| ((place, state.posting_id), who)));
                }
            }
            let last = match state {
                Some(state) => self.memory.last.insert(place, state),
                None => self.memory.last.remove(&place),
            };
            let Some(last) = last.filter(|last| last.state == panel_state::ACKNOWLEDGING) else { continue };
            let (posting, state) =
                ((place, last.posting_id), state.filter(|state| state.posting_id == last.posting_id));
            for (_, replica) in last.present().filter(|(_, replica)| replica.state == replica_state::JOINED) {
                let Some(who) = self.who(replica.provider) else { continue };
                let is_there =
                    |state: PanelState| self.number(&state, who).is_some() && state.state != panel_state::DISSOLVED;
                if !state.is_some_and(is_there) {
                    *self.memory.silent.entry((posting, who)).or_default() += 1;
                }
            }
        }
    }

    fn send(&mut self, instructions: &[Instruction], who: &[usize]) -> bool {
        let keys: Vec<Keypair> = who.iter().map(|&who| self.keys[who].insecure_clone()).collect();
        let signs = |key: &&Keypair| {
            let mut metas = instructions.iter().flat_map(|instruction| &instruction.accounts);
            metas.any(|meta| meta.is_signer && meta.pubkey == key.pubkey())
        };
        let keys: Vec<&Keypair> = keys.iter().filter(signs).collect();
        let done = match instructions {
            [one] => self.stage.attempt(one.clone(), &keys),
            _ => self.stage.transact(instructions, &keys).is_ok(),
        };
        self.watch();
        done
    }

    /// When it is done: at once, or, in every other panel, late.
    fn in_time(&self, place: usize, state: &PanelState, window: i64) -> i64 {
        let deadline = state.deadline_at.0;
        if place % 2 == 1 { self.stage.in_time(deadline - window, deadline) } else { 0 }
    }

    /// What honest people have to do: when, where, what, and who signs.
    fn duties(&self) -> Vec<Duty> {
        let mut duties = vec![];
        for place in 0..self.panels.len() {
            let panel = &self.panels[place].1;
            let Some(state) = self.state(place) else { continue };
            let posting = (place, state.posting_id);
            let mut add = |at: i64, who: usize, instructions: Vec<Instruction>, signers: Vec<usize>| {
                let at = self.memory.later.get(&(posting, who)).map_or(at, |later| at.max(*later));
                duties.push((at, (posting, who), instructions, signers));
            };
            let over = state.deadline_at.0 + 1;
            let able: &[usize] = if self.memory.is_idle { &[H, I] } else { &PROVIDERS };
            match state.state {
                panel_state::JOINING => {
                    let alone = [H, I].iter().all(|&who| self.number(&state, who).is_none());
                    let is_late = place % 2 == 1;
                    if alone && state.joined_count + 2 <= state.replica_count && state.refilled == 0 {
                        let join =
                            [H, I].map(|who| panel.join_instruction(&self.stage.world, &self.replica(place, who)));
                        let at = if is_late { state.deadline_at.0 - WAIT_WINDOW + 60 } else { 0 };
                        add(at, X, join.into(), vec![H, I]);
                    }
                    let full = if state.replica_count == 4 { 2 } else { 1 };
                    for who in [P, Q].into_iter().take(if self.memory.is_idle { 0 } else { full }) {
                        if self.number(&state, who).is_none() {
                            let join = panel.join_instruction(&self.stage.world, &self.replica(place, who));
                            add(0, who, vec![join], vec![who]);
                        }
                    }
                    add(over, C, vec![panel.cancel_instruction(self.key(C))], vec![C]);
                }
                panel_state::ACKNOWLEDGING => {
                    for &who in able {
                        let Some(number) = self.number(&state, who) else { continue };
                        let is_new = state.replicas[number as usize].state == replica_state::JOINED;
                        let at = if who >= P { 0 } else { self.in_time(place, &state, START_WINDOW) };
                        if is_new && (who >= P || !self.memory.withheld.contains(&posting)) {
                            add(at, who, vec![panel.acknowledge_instruction(self.key(who), number)], vec![who]);
                        }
                    }
                    // A keeper removes who did not acknowledge.
                    for who in PROVIDERS.into_iter().filter(|_| state.refilled == 0) {
                        let Some(number) = self.number(&state, who) else { continue };
                        if state.replicas[number as usize].state == replica_state::JOINED {
                            let over = self.stage.moved(over - 1 - START_WINDOW, over - 1) + 1;
                            let remove = panel.remove_instruction(&self.replica(place, who), number);
                            add(over, who, vec![self.stage.repaid(remove, 5, 6)], vec![]);
                        }
                    }
                }
                panel_state::COMMITTING | panel_state::REVEALING => {
                    let commit_at = self.in_time(place, &state, DURATION);
                    let reveal_at = self.in_time(place, &state, DURATION + REVEAL_WINDOW);
                    for &who in able {
                        let Some(number) = self.number(&state, who) else { continue };
                        let [commit_at, reveal_at] = if who >= P { [0, 0] } else { [commit_at, reveal_at] };
                        match (state.state, state.replicas[number as usize].state) {
                            (panel_state::COMMITTING, replica_state::ACKNOWLEDGED) => {
                                let finds = if who >= P { self.finding() } else { RIGHT };
                                let commit = self.commit(place, &state, who, finds);
                                add(commit_at, who, commit.into_iter().collect(), vec![who]);
                            }
                            (panel_state::REVEALING, replica_state::COMMITTED) => {
                                let (key, salt) = (self.key(who), Self::salt(who));
                                let found = self.committed(place, &state, who);
                                add(
                                    reveal_at,
                                    who,
                                    vec![panel.reveal_instruction(key, number, found, salt)],
                                    vec![who],
                                );
                            }
                            (panel_state::COMMITTING, replica_state::COMMITTED) => {
                                let (key, salt) = (self.key(who), Self::salt(who));
                                let found = self.committed(place, &state, who);
                                let over = self.stage.moved(over - 1 - DURATION, over - 1) + 1;
                                add(over, who, vec![panel.reveal_instruction(key, number, found, salt)], vec![who]);
                            }
                            _ => {}
                        }
                    }
                    let reveal = if state.state == panel_state::COMMITTING { state.reveal_window.0 as i64 } else { 0 };
                    add(over + reveal, C, vec![panel.tally_instruction()], vec![]);
                }
                _ => {
                    for who in [H, I] {
                        let Some(number) = self.number(&state, who) else { continue };
                        let replica = self.replica(place, who);
                        if !state.replicas[number as usize].owed.is_zero() {
                            add(0, who, vec![panel.pay_instruction(&replica, number)], vec![who]);
                        } else if state.replicas[number as usize].bond_unsettled == 1 {
                            add(0, who, vec![panel.settle_instruction(&replica, number)], vec![who]);
                        }
                    }
                }
            }
        }
        duties
    }
}

impl Scene for Judging {
    const NAME: &'static str = "panels";
    const HALTS: bool = true;
    const MOVES: &'static [&'static str] = &[
        "be hired by C",
        "post",
        "withhold the input",
        "join",
        "leave",
        "acknowledge",
        "commit",
        "reveal",
        "remove",
        "tally",
        "cancel",
        "pay",
        "settle",
        "burn",
        "close",
        "deposit",
        "withdraw",
        "unstake",
        "be idle, or diligent again",
        "find what is wrong, or right again",
    ];

    fn new() -> Self {
        let mut world = Stage::chain();
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
        let own: Vec<Backer> = PROVIDERS
            .map(|who| {
                let provider = pool.register(&world, &keys[who]);
                let own = pool.open_delegation(&world, provider, holders[who], staked[who]);
                world.ok(&[pool.stake_instruction(&own, STAKE)], &[&keys[who]]);
                own
            })
            .into();
        let terms = Terms {
            bond_amount: Tokens(BOND),
            price: Amount(PRICE),
            reports: 1,
            no_start_penalty: Bps(NO_START as u16 * 100),
            start_window: Seconds(START_WINDOW as u32),
            ..usual_terms()
        };
        let terms = Terms { price: Amount(PRICE), ..accepted(holders[X], terms) };
        let market = Market::unborn(&network, &pool, 1, terms).paid_in(&mint);
        pool.add_slasher(&world, &network, market.authority);
        let market = market.create(&world, &network);
        let terms = Terms { bond_amount: Tokens(0), failure_penalty: Bps(0), default_bond_penalty: Bps(0), ..terms };
        let unbonded = Market::unborn(&network, &pool, 2, terms).paid_in(&mint).create(&world, &network);
        let staked_mint = (network.mint, network.token_program);
        let verified = Verified::create(&world, &network, ID, staked_mint, usual_verification());
        for market in [&market, &unbonded] {
            world.ok(&[verified.set_instruction(&network, market)], &[&network.authority]);
        }
        let panels: Vec<(usize, Panel)> = [(C, 0), (C, 1), (K, 0), (K, 1), (C, 2)]
            .map(|(who, nonce)| (who, Panel::of(if nonce == 2 { &unbonded } else { &market }, holders[who], nonce)))
            .into();
        let free = BTreeSet::from([4]);
        let replicas = |(_, panel): &(usize, Panel)| {
            holders.iter().zip(&paid).map(|(holder, paid)| panel.replica(*holder, *paid)).collect()
        };
        let replicas: Vec<Vec<Job>> = panels.iter().map(replicas).collect();
        world.run(86_400);
        // Three of them wait for replicas already.
        for (place, count) in [(0, 3), (3, 4), (4, 3)] {
            let (client, panel) = &panels[place];
            world.ok(&[panel.post_instruction(&world, &verified, count)], &[&keys[*client]]);
        }
        let coalition: Vec<Keypair> = [K, P, Q, X].map(|who| keys[who].insecure_clone()).into();
        let pretenders = vec![
            paid[X],
            holders[X],
            paid[P],
            holders[P],
            staked[X],
            paid[K],
            deposits[1].address,
            deposits[1].vault,
            own[2].provider,
            own[3].provider,
            panels[2].1.address,
            ID,
        ];
        let stage = Stage::new(world, &network, coalition, pretenders);
        let (wallets, memory) = ([paid, staked], Memory::default());
        Self { stage, pool, keys, verified, panels, replicas, free, wallets, deposits, own, memory }
    }

    fn stage(&mut self) -> &mut Stage {
        &mut self.stage
    }

    fn reset(&mut self) {
        self.stage.reset();
        self.memory = Memory::default();
        self.watch();
    }

    fn act(&mut self, gene: &Gene) -> Option<Act> {
        let name = gene.name::<Self>();
        let tokens = |amount: u64| format!("{:.9}", amount as f64 / TOKEN as f64);
        match name {
            "be hired by C" | "post" => {
                let client = if name == "post" { K } else { C };
                let free = |place: &usize| self.panels[*place].0 == client && self.state(*place).is_none();
                let place = *gene.first(&(0..self.panels.len()).filter(free).collect::<Vec<_>>())?;
                let replicas = 3 + gene.b % 2;
                let post = self.panels[place].1.post_instruction(&self.stage.world, &self.verified, replicas);
                let act = Act::new(format!("{} posts panel {place}, of {replicas}", NAMES[client]), post);
                return Some(if client == C { act.with(&[&self.keys[C]]) } else { act });
            }
            "deposit" | "withdraw" => {
                let (who, deposit) = *gene.first(&[(K, self.deposits[1]), (C, self.deposits[0])])?;
                let wallet = self.wallets[0][*gene.second(&[K, X])?];
                let amount = gene.amount(DEPOSIT, DEPOSIT);
                let act = if name == "deposit" {
                    deposit.deposit_instruction(self.key(K), wallet, amount)
                } else {
                    deposit.withdraw_instruction(wallet, amount)
                };
                return Some(Act::new(format!("{name}, of {}'s: {}", NAMES[who], tokens(amount)), act));
            }
            "find what is wrong, or right again" => {
                self.memory.lies = !self.memory.lies;
                let text = if self.memory.lies { "P and Q find what is wrong" } else { "P and Q find what is right" };
                return Some(self.stage.aside(text));
            }
            "be idle, or diligent again" => {
                self.memory.is_idle = !self.memory.is_idle;
                let text = if self.memory.is_idle {
                    "P and Q do nothing by themselves"
                } else {
                    "P and Q do their work again"
                };
                return Some(self.stage.aside(text));
            }
            "unstake" => {
                let own = self.own[2 + gene.a as usize % 2];
                let count = self.stage.find::<Delegation>(own.delegation)?.ticket_count;
                let amount = gene.amount(STAKE, STAKE);
                let ticket = self.pool.ticket(&own, count);
                let act = self.pool.unstake_instruction(&self.stage.world, &own, ticket, amount);
                return Some(Act::new(format!("{} of the coalition's own stake leaves", tokens(amount)), act));
            }
            _ => {}
        }
        let fits = |state: &PanelState| match name {
            "join" | "leave" => state.state == panel_state::JOINING,
            "withhold the input" => state.state <= panel_state::ACKNOWLEDGING,
            "acknowledge" | "remove" => state.state == panel_state::ACKNOWLEDGING,
            "cancel" => state.state <= panel_state::ACKNOWLEDGING,
            "commit" => state.state == panel_state::COMMITTING,
            "reveal" | "tally" => [panel_state::COMMITTING, panel_state::REVEALING].contains(&state.state),
            _ => state.state >= panel_state::AGREED,
        };
        let there = (0..self.panels.len()).filter_map(|place| Some((place, self.state(place)?)));
        let there: Vec<usize> =
            there.filter(|(_, state)| gene.a >= 200 || fits(state)).map(|(place, _)| place).collect();
        let is_one = |place: &usize| name != "withhold the input" || self.panels[*place].0 == K;
        let there: Vec<usize> = there.into_iter().filter(is_one).collect();
        let place = *gene.first(&there)?;
        let (client, panel) = self.panels[place];
        let state = self.state(place)?;
        let w = [P, Q][gene.b as usize % 2];
        let number = self.number(&state, w);
        // Of what anyone may do, for anyone.
        let others: Vec<(usize, u8)> = (state.present())
            .filter_map(|(number, replica)| Some((self.who(replica.provider)?, number as u8)))
            .collect();
        let any = gene.second(&others).copied();
        let result = if gene.x.is_multiple_of(2) { RIGHT } else { WRONG };
        let (text, act) = match name {
            "withhold the input" => {
                // Not from who has it.
                let has_it = |number: u8| state.replicas[number as usize].state != replica_state::JOINED;
                if client != K || [H, I].iter().any(|&who| self.number(&state, who).is_some_and(has_it)) {
                    return None;
                }
                self.memory.withheld.insert((place, state.posting_id));
                return Some(self.stage.aside(format!("panel {place}: K keeps the input back")));
            }
            "join" => {
                let join = panel.join_instruction(&self.stage.world, &self.replica(place, w));
                (format!("{} joins", NAMES[w]), join)
            }
            "leave" => (format!("{} leaves", NAMES[w]), panel.leave_instruction(&self.replica(place, w), number?)),
            "acknowledge" => {
                (format!("{} acknowledges", NAMES[w]), panel.acknowledge_instruction(self.key(w), number?))
            }
            "commit" if gene.x >= 200 => {
                // What another committed to.
                let (_, other) = any?;
                let copied = state.replicas[other as usize].commitment;
                (format!("{} copies what replica {other} committed to", NAMES[w]), {
                    panel.commit_instruction(self.key(w), number?, copied)
                })
            }
            "commit" => {
                let what = if result == RIGHT { "right" } else { "wrong" };
                (format!("{} commits to what is {what}", NAMES[w]), self.commit(place, &state, w, result)?)
            }
            "reveal" => {
                let reveal = panel.reveal_instruction(self.key(w), number?, result, Self::salt(w));
                (format!("{} reveals", NAMES[w]), reveal)
            }
            "tally" => ("it is tallied".into(), panel.tally_instruction()),
            "cancel" => ("it is cancelled".into(), panel.cancel_instruction(self.key([X, K][gene.b as usize % 2]))),
            "burn" => ("its penalty is burned".into(), panel.burn_instruction(gene.amount(TOKEN, u64::MAX))),
            "close" => ("it is closed".into(), panel.close_instruction(&self.stage.world)),
            _ => {
                let (who, number) = any?;
                let replica = self.replica(place, who);
                let act = match name {
                    "remove" => panel.remove_instruction(&replica, number),
                    "pay" => panel.pay_part_instruction(&replica, number, gene.amount(TOKEN, u64::MAX)),
                    _ => panel.settle_instruction(&replica, number),
                };
                (format!("{name} {}", NAMES[who]), act)
            }
        };
        Some(Act::new(format!("panel {place}, {}'s: {text}", NAMES[client]), act))
    }

    fn respond(&mut self, _: &[Gene], _: &Receipt) {
        self.watch();
        // Who may join does so at once, before anybody else can.
        self.work();
    }

    fn wake(&mut self) -> Option<i64> {
        self.duties().iter().map(|(at, ..)| *at).min()
    }

    fn pass(&mut self, _: i64, _: i64) {}

    fn work(&mut self) {
        let now = self.stage.now();
        for (at, key, instructions, signers) in self.duties() {
            if at > now {
                continue;
            }
            let ((place, _), who) = key;
            let commits = |state: &PanelState| state.state == panel_state::COMMITTING;
            let of = self.state(place).filter(commits).map(|state| state.replica_count as u64);
            let (is_tried, late) = (self.memory.later.contains_key(&key), self.stage.late);
            if !self.send(&instructions, &signers) {
                // Who was refused before, for another reason, may be late.
                self.stage.late = if is_tried { late } else { self.stage.late };
                self.memory.later.insert(key, now + if who >= P { 3_600 } else { 60 });
            } else if let Some(of) = of.filter(|_| [H, I].contains(&who)) {
                self.memory.committed.insert((key.0, who), of);
            }
        }
    }

    fn wind_up(&mut self) {
        for _ in 0..6 {
            let now = self.stage.now();
            pass_to(self, now + 5_000);
            for place in 0..self.panels.len() {
                let Some(state) = self.state(place) else { continue };
                let panel = self.panels[place].1;
                let mut cranks = match state.state {
                    panel_state::JOINING | panel_state::ACKNOWLEDGING => vec![panel.cancel_instruction(self.key(X))],
                    panel_state::COMMITTING | panel_state::REVEALING => vec![panel.tally_instruction()],
                    _ => vec![],
                };
                if cranks.is_empty() {
                    for (number, replica) in state.present() {
                        let Some(who) = self.who(replica.provider) else { continue };
                        let replica = self.replica(place, who);
                        cranks.push(panel.pay_instruction(&replica, number as u8));
                        cranks.push(self.stage.repaid(panel.settle_instruction(&replica, number as u8), 5, 6));
                    }
                    cranks.push(panel.burn_instruction(u64::MAX));
                    cranks.push(self.stage.repaid(panel.close_instruction(&self.stage.world), 0, 1));
                }
                for crank in cranks {
                    self.send(&[crank], &[X]);
                }
            }
            if self.stage.all::<PanelState>().is_empty() {
                break;
            }
        }
        for (who, deposit) in [(K, self.deposits[1]), (C, self.deposits[0])] {
            let Some(state) = self.stage.find::<DepositState>(deposit.address) else { continue };
            self.send(&[deposit.withdraw_instruction(self.wallets[0][who], state.free.0)], &[who]);
        }
        for place in [2, 3, 0, 1] {
            let own = self.own[place];
            let Some(count) = self.stage.find::<Delegation>(own.delegation).map(|own| own.ticket_count) else {
                continue;
            };
            let ticket = self.pool.ticket(&own, count);
            let unstake = self.pool.unstake_instruction(&self.stage.world, &own, ticket, u64::MAX);
            self.send(&[unstake], &[PROVIDERS[place]]);
        }
        let bonds = self.stage.all::<Bond>();
        let now = self.stage.now();
        pass_to(self, now + 8 * 86_400);
        for (address, bond) in bonds {
            // What is seized for a client: nothing of a replica's.
            let Some(client) = [C, K].into_iter().find(|&who| self.key(who) == bond.client) else { continue };
            let tokens = self.wallets[1][client];
            let pool = self.pool;
            let withdraw = pool.withdraw_seized_instruction(bond.provider, address, bond.client, tokens, bond.payer);
            self.send(&[withdraw], &[client]);
        }
        for (address, ticket) in self.stage.all::<UnbondingTicket>() {
            let Some(place) = self.own.iter().position(|own| own.provider == ticket.provider) else { continue };
            let withdraw = self.pool.withdraw_instruction(&self.stage.world, &self.own[place], address);
            self.send(&[withdraw], &[PROVIDERS[place]]);
        }
    }

    fn balances(&mut self) -> Vec<Balance> {
        let Memory { committed, others, silent, withheld, .. } = &self.memory;
        let client = |posting: &Posting| self.panels[posting.0].0;
        // Two of four are no quorum: then they are paid a part.
        let least = |of: u64| if of == 3 { PRICE } else { PRICE * NO_QUORUM / 100 };
        let earned = |who: usize| {
            let of = committed.iter().filter(|((_, by), _)| *by == who);
            of.map(|(_, of)| least(*of)).sum::<u64>() as i128
        };
        // Of K's panels, the honest replicas; of C's, all at most.
        let of = |who: usize| committed.iter().filter(move |((posting, _), _)| client(posting) == who);
        let of_k = of(K).map(|(_, of)| least(*of)).sum::<u64>() as i128;
        let of_c = of(C).count() as i128 * PRICE as i128;
        let by_others = others.iter().filter(|(posting, _)| client(posting) == C).count() as i128 * PRICE as i128;
        let parts = |amount: u64, is_one: &dyn Fn(&Posting, usize) -> bool| {
            let of = silent.iter().filter(|((posting, by), _)| !self.free.contains(&posting.0) && is_one(posting, *by));
            of.map(|(_, times)| times * amount * NO_START / 100).sum::<u64>() as i128
        };
        let kept_back = |who: usize| parts(BOND, &|posting, by| by == who && withheld.contains(posting));
        let silence = parts(PRICE, &|posting, by| client(posting) == C && [P, Q].contains(&by));
        // Of its own money, for whom it was that did not acknowledge.
        let own_silence = parts(PRICE, &|posting, _| client(posting) == K);
        let own_bonds = parts(BOND, &|_, by| [P, Q].contains(&by));
        let balance = |who, promise, kind: usize, all: &[usize], change: i128, coalition| {
            let had = if kind == 0 { WALLET } else { 1_000 * TOKEN };
            let had = all.len() as u64 * had;
            let has = all.iter().map(|&who| self.stage.tokens(self.wallets[kind][who])).sum();
            Balance { who, promise, amounts: [had, has], promised: had as i128 + change, coalition, slack: DUST }
        };
        let paid = "an honest replica that holds the input is paid its price";
        let kept =
            "an honest replica that holds the input loses nothing; one whose client keeps it back, a part of its bond";
        let all = [K, P, Q, X];
        vec![
            balance("H, pay", paid, 0, &[H], earned(H), false),
            balance("I, pay", paid, 0, &[I], earned(I), false),
            balance("H, stake", kept, 1, &[H], -kept_back(H), false),
            balance("I, stake", kept, 1, &[I], -kept_back(I), false),
            balance(
                "C, pay",
                "a client pays for right results, and a part of the price for who never acknowledged",
                0,
                &[C],
                -(of_c + by_others + silence),
                false,
            ),
            balance(
                "the coalition, pay",
                "it pays the others' work, and earns what is right alone",
                0,
                &all,
                by_others - of_k - own_silence,
                true,
            ),
            balance(
                "the coalition, stake",
                "what others lose is nobody's gain, and who does not acknowledge loses a part of its bond",
                1,
                &all,
                -own_bonds,
                true,
            ),
            Stage::never("everybody", "who acts in time is not late", self.stage.late),
            Stage::never("everybody", "anyone brings every panel to its end", self.stage.all::<PanelState>().len()),
            self.stage.rent(),
        ]
    }
}
