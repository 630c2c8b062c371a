//! What scenes of `escrow` have in common: a network with a pool, people with tokens of two kinds, deposits and stake; what they do by
//! themselves, each thing in its time; and how everything ends.

use {
    super::{Act, Balance, Gene, Scene, Stage, pass_to},
    crate::{
        Network, World,
        fixture::{Backer, Beacon, Deposit, Job, Market, NewMint, Pool, TOKEN, escrow_authority},
    },
    joule_escrow_interface::{
        ID,
        state::{Beacon as BeaconState, Deposit as DepositState, Job as JobState, NONE, job_state},
    },
    joule_interface::{Address, Instruction, TOKEN_PROGRAM},
    joule_stake_interface::state::{Bond, Delegation, UnbondingTicket},
    solana_keypair::Keypair,
    solana_signer::Signer,
    std::{collections::BTreeMap, rc::Rc},
};

/// What everybody has of each kind when he arrives.
pub(super) const WALLET: u64 = 1_000 * TOKEN;
/// What of it a client put into its deposit.
const DEPOSIT: u64 = 200 * TOKEN;
/// What of it a provider staked.
pub(super) const STAKE: u64 = 300 * TOKEN;
pub(super) const NO_RESULT: [u8; 32] = [0; 32];
pub(super) const DAY: i64 = 86_400;
const DUST: i128 = 5_000;

/// What jobs are paid in.
pub(super) const PAY: usize = 0;
/// What is staked.
pub(super) const STAKED: usize = 1;

/// A beacon is closed if it is there, and its rent goes to `receiver`; otherwise it is opened.
pub(super) fn open_or_close(stage: &Stage, beacon: &Beacon, receiver: Address, interval: u32, capacity: u16) -> Act {
    match stage.find::<BeaconState>(beacon.address) {
        Some(_) => Act::new("a beacon is closed", beacon.close_instruction(&stage.world, receiver)),
        None => Act::new("a beacon is opened", beacon.open_with_instruction(&stage.world, interval, capacity)),
    }
}

/// People of a network, each with a number.
pub(super) struct People {
    pub network: Network,
    pub pool: Pool,
    pub mint: NewMint,
    pub keys: Vec<Keypair>,
    /// Accounts of what jobs are paid in, and of what is staked.
    pub wallets: [Vec<Address>; 2],
    /// Of clients.
    pub deposits: BTreeMap<usize, Deposit>,
    /// Of providers.
    pub own: BTreeMap<usize, Backer>,
}

impl People {
    /// So many people; clients have deposits, and providers are registered with stake. The program is a slasher of the pool.
    pub fn arrive(world: &mut World, count: usize, clients: &[usize], providers: &[usize]) -> Self {
        let keys: Vec<Keypair> = (0..count).map(|_| world.user()).collect();
        let holders: Vec<Address> = keys.iter().map(Signer::pubkey).collect();
        let (network, staked) = Network::new(world, &holders);
        let pool = Pool::new(world, &network);
        let mint = world.mint_of(TOKEN_PROGRAM);
        let paid: Vec<Address> = holders.iter().map(|holder| world.associated_account(mint.address, *holder)).collect();
        paid.iter().for_each(|wallet| world.mint_to(&mint, *wallet, WALLET));
        let deposits = clients.iter().map(|&who| {
            let deposit = Deposit::of(holders[who], mint.address, mint.token_program);
            let put = deposit.deposit_instruction(holders[who], paid[who], DEPOSIT);
            world.ok(&[deposit.open_instruction(world), put], &[&keys[who]]);
            (who, deposit)
        });
        let deposits = deposits.collect();
        let own = providers.iter().map(|&who| {
            let provider = pool.register(world, &keys[who]);
            let own = pool.open_delegation(world, provider, holders[who], staked[who]);
            world.ok(&[pool.stake_instruction(&own, STAKE)], &[&keys[who]]);
            (who, own)
        });
        let own = own.collect();
        pool.add_slasher(world, &network, escrow_authority(&network));
        Self { network, pool, mint, keys, wallets: [paid, staked], deposits, own }
    }

    pub fn key(&self, who: usize) -> Address {
        self.keys[who].pubkey()
    }

    /// Who has that key.
    pub fn who(&self, key: &Address) -> Option<usize> {
        self.keys.iter().position(|own| own.pubkey() == *key)
    }

    /// The keys of some of them.
    pub fn of(&self, who: &[usize]) -> Vec<Keypair> {
        who.iter().map(|&who| self.keys[who].insecure_clone()).collect()
    }

    /// A job of a client's, as each of some providers would work on it.
    pub fn job(&self, market: &Market, client: usize, nonce: u64, providers: &[usize]) -> Vec<Job> {
        let of = |&who: &usize| market.job(self.key(client), nonce, self.key(who), self.wallets[PAY][who]);
        providers.iter().map(of).collect()
    }

    /// Sends what somebody signs, as far as it has to be signed; whether it was accepted.
    pub fn send(&self, stage: &mut Stage, act: &[Instruction], who: usize) -> bool {
        let key = &self.keys[who];
        let metas = act.iter().flat_map(|instruction| &instruction.accounts);
        let signs = metas.into_iter().any(|meta| meta.is_signer && meta.pubkey == key.pubkey());
        stage.attempt_all(act, signs.then_some(key).as_slice())
    }

    /// `deposit` or `withdraw`: somebody pays into a deposit, or its owner takes out of it, from or to somebody's account.
    pub fn deposit_or_withdraw(
        &self,
        name: &str,
        gene: &Gene,
        (owner, owner_name): (usize, &str),
        payer: usize,
        with: usize,
    ) -> Act {
        let (deposit, wallet) = (self.deposits[&owner], self.wallets[PAY][with]);
        let amount = gene.amount(DEPOSIT, DEPOSIT);
        let act = match name {
            "deposit" => deposit.deposit_instruction(self.key(payer), wallet, amount),
            _ => deposit.withdraw_instruction(wallet, amount),
        };
        Act::new(format!("{name} {amount} of {owner_name}'s deposit"), act)
    }

    /// What some of them had of a kind, and have.
    pub fn amounts(&self, stage: &Stage, kind: usize, who: &[usize]) -> [u64; 2] {
        let has = who.iter().map(|&who| stage.tokens(self.wallets[kind][who])).sum();
        [WALLET * who.len() as u64, has]
    }

    /// What some of them have of a kind, and were promised: what they had, and `change`.
    pub fn balance(
        &self,
        stage: &Stage,
        (who, promise): (&'static str, &'static str),
        (kind, all): (usize, &[usize]),
        change: f64,
        coalition: bool,
    ) -> Balance {
        let amounts = self.amounts(stage, kind, all);
        Balance { who, promise, amounts, promised: amounts[0] as i128 + change as i128, coalition, slack: DUST }
    }

    /// What settles the bond of a job, if there is one; `receiver` has what is seized.
    pub fn settle_bond(&self, stage: &Stage, market: &Market, job: &Job, receiver: Address) -> Instruction {
        let mut settle = market.settle_bond_instruction(job, receiver);
        if stage.find::<JobState>(job.address).is_none_or(|job| job.bond == NONE) {
            for meta in &mut settle.accounts[5..] {
                (meta.pubkey, meta.is_writable) = (ID, false);
            }
        }
        stage.repaid(settle, 5, 6)
    }

    /// What anyone sends to end a job, with who has what is seized; nothing while only its gang moves it.
    pub fn end(
        &self,
        stage: &Stage,
        market: &Market,
        job: &Job,
        caller: usize,
        receiver: Address,
    ) -> Option<Instruction> {
        let (state, caller) = (stage.find::<JobState>(job.address)?, self.key(caller));
        Some(match state.state {
            job_state::POSTED | job_state::ASSIGNED | job_state::OFFERED => market.cancel_instruction(job, caller),
            job_state::BIDDING => market.award_instruction(job),
            job_state::RUNNING => market.finish_instruction(job, caller, NO_RESULT),
            job_state::OWING => market.settle_instruction(job),
            job_state::GANG => return None,
            _ if state.bond_unsettled == 1 => self.settle_bond(stage, market, job, receiver),
            _ => stage.repaid(market.close_job_instruction(&stage.world, job), 0, 1),
        })
    }

    /// Clients take out what is in their deposits, and what providers staked begins to leave.
    fn begin_to_leave(&self, stage: &mut Stage) {
        for (&who, deposit) in &self.deposits {
            let Some(state) = stage.find::<DepositState>(deposit.address) else { continue };
            self.send(stage, &[deposit.withdraw_instruction(self.wallets[PAY][who], state.free.0)], who);
        }
        for (&who, own) in &self.own {
            let Some(state) = stage.find::<Delegation>(own.delegation) else { continue };
            let ticket = self.pool.ticket(own, state.ticket_count);
            let unstake = self.pool.unstake_instruction(&stage.world, own, ticket, u64::MAX);
            self.send(stage, &[unstake], who);
        }
    }

    /// They have it, and what was seized for them.
    fn leave(&self, stage: &mut Stage) {
        for (address, ticket) in stage.all::<UnbondingTicket>() {
            let Some((&who, own)) = self.own.iter().find(|(_, own)| own.provider == ticket.provider) else { continue };
            let withdraw = self.pool.withdraw_instruction(&stage.world, own, address);
            self.send(stage, &[withdraw], who);
        }
        for (address, bond) in stage.all::<Bond>() {
            let Some(client) = self.who(&bond.client) else { continue };
            let receiver = self.wallets[STAKED][client];
            let withdraw =
                self.pool.withdraw_seized_instruction(bond.provider, address, bond.client, receiver, bond.payer);
            self.send(stage, &[withdraw], client);
        }
    }
}

/// What somebody does by himself.
pub(super) struct Duty {
    /// When.
    pub at: i64,
    /// With which account.
    pub about: Address,
    /// What, in one transaction.
    pub act: Vec<Instruction>,
    /// Who signs.
    pub who: usize,
}

impl Duty {
    pub fn new(at: i64, about: Address, act: Vec<Instruction>, who: usize) -> Self {
        Self { at, about, act, who }
    }
}

/// Until when somebody who was refused waits, and how often he was.
pub(super) type Patience = BTreeMap<(Address, usize), (i64, u32)>;

/// A scene with such people.
pub(super) trait Town: Scene {
    fn people(&self) -> Rc<People>;

    fn chain(&self) -> &Stage;

    fn patience(&mut self) -> &mut Patience;

    /// What everybody does by himself.
    fn duties(&self) -> Vec<Duty>;

    /// What anyone may send to bring to its end what there is.
    fn ends(&self) -> Vec<Instruction>;

    /// How much is not at its end.
    fn left(&self) -> usize {
        self.chain().all::<JobState>().len()
    }

    /// Remembers what a transaction did.
    fn watch(&mut self);
}

/// Sends what somebody signs; whether it was accepted.
pub(super) fn send<T: Town>(town: &mut T, act: &[Instruction], who: usize) -> bool {
    let people = town.people();
    let done = people.send(town.stage(), act, who);
    town.watch();
    done
}

fn due<T: Town>(town: &mut T) -> Vec<Duty> {
    let mut duties = town.duties();
    let patience = town.patience();
    for duty in &mut duties {
        let later = patience.get(&(duty.about, duty.who));
        duty.at = later.map_or(duty.at, |(later, _)| duty.at.max(*later));
    }
    duties
}

/// When the next of them has something to do.
pub(super) fn wake<T: Town>(town: &mut T) -> Option<i64> {
    due(town).iter().map(|duty| duty.at).min()
}

/// They do what they have to do now.
pub(super) fn work<T: Town>(town: &mut T) {
    let now = town.chain().now();
    for Duty { at, about, act, who } in due(town) {
        if at > now {
            continue;
        }
        let late = town.chain().late;
        if !send(town, &act, who) {
            let (later, times) = town.patience().entry((about, who)).or_default();
            *later = now + (40 << times.saturating_sub(3).min(12));
            *times += 1;
            // Who was refused before, for another reason, may be late.
            if *times > 1 {
                town.stage().late = late;
            }
        }
    }
}

/// Everything comes to its end by `anyone`, and everybody takes out what he has.
pub(super) fn wind_up<T: Town>(town: &mut T, anyone: usize) {
    for round in 0..14 {
        let now = town.chain().now();
        // Halts have moved what is due.
        let halted: i64 = town.chain().halts.iter().map(|[.., counts]| counts).sum();
        pass_to(town, now + if round < 3 { 400 } else { 2_000 + halted });
        for end in town.ends() {
            send(town, &[end], anyone);
        }
        if town.left() == 0 {
            break;
        }
    }
    let people = town.people();
    people.begin_to_leave(town.stage());
    let now = town.chain().now();
    pass_to(town, now + 8 * DAY);
    people.leave(town.stage());
}

/// In how much of his time a provider was seen, counted from his heartbeats.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Presence {
    /// Seconds that the clock ran, and ran at the last heartbeat.
    pub ran: i64,
    beat: i64,
    down: i64,
    missed: i64,
}

impl Presence {
    /// A heartbeat comes; one is due each `interval`.
    pub fn beat(&mut self, interval: i64) {
        let silent = self.silent();
        if silent > interval {
            self.down += silent - interval;
            self.missed += (silent - 1) / interval;
        }
        self.beat = self.ran;
    }

    /// For how long none came.
    pub fn silent(&self) -> i64 {
        self.ran - self.beat
    }

    /// Seconds for which heartbeats stand, and heartbeats of which it is known that they were missed, while it goes on.
    pub fn so_far(&self, interval: i64) -> (i64, i64) {
        (self.ran - self.down - (self.silent() - interval).max(0), self.missed)
    }

    /// Seconds for which heartbeats stand, and heartbeats that were missed, if it ends now.
    pub fn seen(mut self, interval: i64) -> (i64, i64) {
        self.beat(interval);
        (self.ran - self.down, self.missed)
    }
}
