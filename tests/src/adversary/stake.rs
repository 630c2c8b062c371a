//! A pool. Honest are H, a provider, and D, who delegates to it; B, who delegates to P; C, for whom P locks bonds; and S, a slasher that
//! reports faults at once. The coalition is P and Q, two providers, E, who delegates, and T, a slasher that may lock bonds and nothing else.

use {
    super::{Act, Balance, Gene, Scene, Stage, hash, pass_to},
    crate::{
        Network, Receipt,
        fixture::{Backer, Pool, TOKEN},
    },
    joule_interface::{Address, Instruction},
    joule_math::{Bps, LOCK_MAX, LOCK_MIN, Seconds, Tokens},
    joule_stake_interface::{
        ID,
        event::{BondSeized, Slashed},
        instruction::*,
        pda,
        state::{
            Bond, Delegation, PoolPolicy, Provider, Rewards, Slash, UnbondingTicket, WHOLE_JOB, rights, sentence,
            status,
        },
    },
    solana_keypair::Keypair,
    solana_signer::Signer,
    solana_system_interface::instruction::create_account,
    std::collections::{BTreeMap, BTreeSet},
};

const DAY: i64 = 86_400;
const H: usize = 0;
const D: usize = 1;
const B: usize = 2;
const C: usize = 3;
const P: usize = 4;
const Q: usize = 5;
const E: usize = 6;
const NAMES: [&str; 7] = ["H", "D", "B", "C", "P", "Q", "E"];
/// The providers: H's, P's, Q's.
const OWNERS: [usize; 3] = [H, P, Q];
/// Who delegates to which provider; the first five are honest, the next two the coalition's own.
const BACKERS: [(usize, usize); 12] =
    [(H, 0), (D, 0), (B, 1), (D, 1), (B, 2), (P, 1), (Q, 2), (E, 0), (E, 1), (E, 2), (P, 2), (P, 0)];
const HONEST: usize = 5;
const WALLET: u64 = 1_000 * TOKEN;
/// What rounding may take or give, in all.
const DUST: i128 = 20_000;

/// What may not be told from accounts at the end.
#[derive(Clone, Default)]
struct Memory {
    /// Proposals: which part of each the honest parties and the coalition had of what answers for it.
    proposed: BTreeMap<Address, [f64; 5]>,
    /// What each lost by slashes.
    lost: [f64; 5],
    /// What honest people have earned at least, and the coalition at most.
    earned: [f64; 5],
    /// Whether there are rewards.
    arrived: bool,
    /// Bonds for C: what is left of a token of them after proposals since they were locked; and what was proposed before, of
    /// which part.
    bonds: BTreeMap<Address, (f64, Vec<(Address, f64)>)>,
    /// What was seized: for C, as far as it is his, and of the coalition in all.
    seized: [f64; 2],
    /// When something that was refused is tried again.
    later: BTreeMap<Address, i64>,
    done: BTreeSet<Address>,
    /// Tickets of honest people on their way to another provider: what each token has earned since, and what was left of them.
    under_way: BTreeMap<Address, (usize, f64, f64)>,
    /// All tickets that were seen.
    tickets: BTreeSet<Address>,
    /// Of these, own stake that left a provider in jail, or one that was accused: it earns nothing.
    idle: BTreeSet<Address>,
    /// By provider: for which proposals was withheld what is withheld.
    withheld: BTreeMap<usize, (u32, BTreeSet<Address>)>,
    /// What was withheld for some of what it shares a pot with: of that, each may have to pay another's part.
    shared: f64,
    /// What honest people may do, and could not.
    refused: u64,
    /// All comes to its end.
    closing: bool,
}

/// See the module.
pub struct Staking {
    stage: Stage,
    network: Network,
    pool: Pool,
    keys: Vec<Keypair>,
    wallets: Vec<Address>,
    providers: [Address; 3],
    backers: Vec<Backer>,
    /// S and T, and their accounts.
    slashing: [(Keypair, Address); 2],
    /// Who funds rewards, and from where.
    funder: (Keypair, Address),
    had: [u64; 7],
    memory: Memory,
    first: Memory,
}

impl Staking {
    fn provider(&self, p: usize) -> Option<Provider> {
        self.stage.find(self.providers[p])
    }

    fn place(&self, provider: Address) -> usize {
        self.providers.iter().position(|other| *other == provider).unwrap_or_default()
    }

    /// The party of an owner: the honest ones are counted one by one.
    fn party(&self, owner: Address) -> usize {
        let place = self.keys.iter().position(|key| key.pubkey() == owner);
        place.filter(|place| *place < P).unwrap_or(P)
    }

    fn worth(&self, b: usize) -> f64 {
        let (owner, p) = BACKERS[b];
        let Some(provider) = self.provider(p) else { return 0.0 };
        if owner == OWNERS[p] {
            return provider.own_stake().map_or(0, |own| own.0) as f64;
        }
        let Some(delegation) = self.stage.find::<Delegation>(self.backers[b].delegation) else { return 0.0 };
        delegation.shares.get() as f64 * provider.delegated.price as f64 / joule_math::PRICE_ONE as f64
    }

    fn tickets(&self) -> Vec<(Address, UnbondingTicket)> {
        self.stage.all()
    }

    fn bonds(&self) -> Vec<(Address, Bond)> {
        self.stage.all()
    }

    /// What honest people do of their own will; `false`: they may do it, and cannot.
    fn follow(&mut self, gene: &Gene) -> bool {
        let Some((b, amount)) = self.choice(gene) else { return true };
        let backer = self.backers[b];
        let by = [BACKERS[b].0];
        match gene.name::<Self>() {
            "see one leave" => self.unstake(b, amount).is_none_or(|unstake| self.send(unstake, &by)),
            "see one come" => {
                if self.stage.find::<Delegation>(backer.delegation).is_none() {
                    let open = self.pool.open_delegation_instruction(&self.stage.world, &backer);
                    self.send(open, &[]);
                }
                // Who comes where something is proposed pays with those who stay; if nobody stays, nothing.
                if self.provider(BACKERS[b].1).and_then(|provider| provider.stake().ok()).is_some_and(|all| all.0 > 0) {
                    let pending = self.provider(BACKERS[b].1).map_or(0, |provider| provider.slash_pending.0);
                    self.memory.shared += pending as f64;
                }
                let stake = self.pool.stake_instruction(&backer, amount);
                // A pot that is worn out takes none, nor does a network that is paused.
                self.send(stake, &by);
                true
            }
            _ => {
                let other = (0..HONEST).find(|&other| other != b && BACKERS[other].0 == by[0]);
                let other = self.backers[other.expect("each has two places")];
                let redelegate = self.redelegate(&backer, &other, amount);
                if let Some(redelegate) = redelegate {
                    self.send(redelegate, &by);
                }
                true
            }
        }
    }

    /// Which honest delegation a gene means, and how much of it; nothing, if there is nothing.
    fn choice(&self, gene: &Gene) -> Option<(usize, u64)> {
        let b = *gene.first(&[1, 2, 3, 4])?;
        let comes = gene.name::<Self>() == "see one come";
        let has = if comes { self.stage.tokens(self.backers[b].tokens) / 2 } else { self.worth(b) as u64 };
        let all = if comes { has } else { u64::MAX };
        (has >= TOKEN).then_some((b, if gene.x < 64 { has / 2 } else { all }))
    }

    fn bonds_of(&self, slasher: usize) -> Vec<(Address, Bond)> {
        let mut bonds = self.bonds();
        bonds.retain(|(_, bond)| bond.slasher == self.slashing[slasher].1 && !bond.amount.is_zero());
        bonds
    }

    /// What everybody has behind a provider, by party; the last is the coalition's. What C may get of bonds counts in the sum alone.
    fn behind(&self, p: usize) -> ([f64; 5], f64) {
        let mut parts = [0.0; 5];
        let Some(provider) = self.provider(p) else { return (parts, 0.0) };
        for (b, (owner, of)) in BACKERS.iter().enumerate() {
            if *of == p {
                parts[(*owner).min(P)] += self.worth(b);
            }
        }
        // What is withheld answers for what was proposed before it left.
        let counts = |ticket: &UnbondingTicket| ticket.provider == self.providers[p] && ticket.part.withheld == 0;
        for (_, ticket) in self.tickets().iter().filter(|(_, ticket)| counts(ticket)) {
            parts[self.party(ticket.owner)] += provider.worth(&ticket.part).map_or(0, |worth| worth.0) as f64;
        }
        let mut of_client = 0.0;
        for (_, bond) in self.bonds().iter().filter(|(_, bond)| bond.provider == self.providers[p]) {
            if bond.seized.price != 0 && bond.seized.withheld == 0 {
                parts[self.party(bond.client)] += provider.worth(&bond.seized).map_or(0, |worth| worth.0) as f64;
            }
            if self.party(bond.client) == C {
                of_client += bond.amount.0 as f64;
            }
        }
        let sum = parts.iter().sum();
        parts[P] = (parts[P] - of_client).max(0.0);
        (parts, sum)
    }

    /// What was proposed and done since.
    fn watch(&mut self, receipt: &Receipt) {
        for (address, slash) in self.stage.all::<Slash>() {
            if self.memory.proposed.contains_key(&address) {
                continue;
            }
            let p = self.place(slash.provider);
            self.memory.shared += self.provider(p).map_or(0, |provider| provider.withheld.tokens.0) as f64;
            let (parts, sum) = self.behind(p);
            self.memory.proposed.insert(address, parts.map(|part| part / sum.max(1.0)));
            for (bond, (part, before)) in &mut self.memory.bonds {
                if self.stage.find::<Bond>(*bond).is_some_and(|bond| bond.provider == slash.provider) {
                    // What older proposals take of others is not there any more.
                    let older = before.iter().filter_map(|(older, _)| self.stage.find::<Slash>(*older));
                    let gone: f64 = older.map(|older| older.amount.0 as f64).sum();
                    *part -= (slash.amount.0 as f64 / (sum - gone).max(1.0)).min(1.0);
                }
            }
        }
        for slashed in receipt.events::<Slashed>(ID) {
            let taken = slashed.own.0 + slashed.delegated.0 + slashed.unbonding.0 + slashed.withheld.0;
            if let Some(parts) = self.memory.proposed.get(&slashed.slash)
                && self.memory.done.insert(slashed.slash)
            {
                for (lost, part) in self.memory.lost.iter_mut().zip(parts) {
                    *lost += taken as f64 * part;
                }
            }
        }
        self.watch_tickets();
        self.watch_withheld();
    }

    /// What was locked and seized for C.
    fn watch_bonds(&mut self, receipt: &Receipt) {
        for event in receipt.events::<BondSeized>(ID) {
            if self.stage.find::<Bond>(event.receiver).is_none_or(|bond| bond.slasher != self.slashing[0].1) {
                continue;
            }
            let (part, before) = self.memory.bonds.get(&event.receiver).cloned().unwrap_or((1.0, vec![]));
            // What was proposed before is a larger part once another slash has taken its own.
            let sum = self.behind(self.place(event.header.source)).1.max(1.0);
            let pending = before.iter().filter_map(|(slash, taken)| Some((self.stage.find::<Slash>(*slash)?, taken)));
            let taken: f64 = pending.map(|(slash, taken)| (slash.amount.0 as f64 / sum).min(1.0).max(*taken)).sum();
            let amount = event.amount.0 as f64;
            self.memory.seized[0] += amount * (part - taken).max(0.0);
            self.memory.seized[1] += amount * (1.0 - taken).max(0.0);
        }
        let live = self.bonds_of(0);
        self.memory.bonds.retain(|address, _| live.iter().any(|(bond, _)| bond == address));
        for (address, bond) in live {
            let sum = self.behind(self.place(bond.provider)).1.max(1.0);
            let pending = self.stage.all::<Slash>().into_iter();
            let pending = pending.filter(|(_, slash)| slash.provider == bond.provider);
            let parts = pending.map(|(slash, state)| (slash, (state.amount.0 as f64 / sum).min(1.0)));
            let parts = parts.collect();
            self.memory.bonds.entry(address).or_insert((1.0, parts));
        }
    }

    /// Who went where, and what is left of it.
    fn watch_tickets(&mut self) {
        for (address, ticket) in self.tickets() {
            let Some(provider) = self.provider(self.place(ticket.provider)) else { continue };
            let worth = provider.worth(&ticket.part).map_or(0, |worth| worth.0) as f64;
            if self.memory.tickets.insert(address) {
                let accused = provider.status == status::JAILED || provider.pending_slash_count > 0;
                if ticket.owner == provider.authority && accused {
                    self.memory.idle.insert(address);
                }
                if self.party(ticket.owner) < P && ticket.new_delegation != Address::default() {
                    self.memory.under_way.insert(address, (self.party(ticket.owner), 0.0, worth));
                }
            }
            if let Some((_, _, left)) = self.memory.under_way.get_mut(&address) {
                *left = left.min(worth);
            }
        }
    }

    /// What is withheld is one pot: whose parts are for other proposals than the first one's may pay for each other.
    fn watch_withheld(&mut self) {
        for p in 0..3 {
            let Some(provider) = self.provider(p) else { continue };
            let pending = self.stage.all::<Slash>().into_iter();
            let pending: BTreeSet<Address> =
                pending.filter(|(_, slash)| slash.provider == self.providers[p]).map(|(address, _)| address).collect();
            let count = provider.withheld.ticket_count;
            match self.memory.withheld.get_mut(&p) {
                _ if count == 0 => drop(self.memory.withheld.remove(&p)),
                None => drop(self.memory.withheld.insert(p, (count, pending))),
                Some((before, first)) => {
                    if count > *before && *first != pending {
                        self.memory.shared += provider.withheld.tokens.0 as f64;
                    }
                    *before = count;
                }
            }
        }
    }

    fn send(&mut self, instruction: Instruction, signers: &[usize]) -> bool {
        let signers: Vec<Keypair> = signers.iter().map(|&who| self.keys[who].insecure_clone()).collect();
        match self.stage.transact(&[instruction], &signers.iter().collect::<Vec<_>>()) {
            Ok(receipt) => {
                self.watch(&receipt);
                true
            }
            Err(_) => false,
        }
    }

    fn refresh(&self, p: usize) -> Instruction {
        let (pool, rewards) = (self.pool.address, self.pool.rewards);
        RefreshProvider { pool, provider: self.providers[p], rewards }.instruction(&RefreshProviderArgs {})
    }

    fn claim(&self, b: usize) -> Instruction {
        let Backer { owner, provider, delegation, tokens } = self.backers[b];
        let Pool { address, rewards, vault, mint, token_program, .. } = self.pool;
        ClaimRewards {
            owner,
            pool: address,
            provider,
            delegation,
            rewards,
            vault,
            destination: tokens,
            mint,
            token_program,
        }
        .instruction(&ClaimRewardsArgs {})
    }

    fn claim_commission(&self, p: usize) -> Instruction {
        let Pool { address, rewards, vault, mint, token_program, .. } = self.pool;
        ClaimCommission {
            authority: self.keys[OWNERS[p]].pubkey(),
            pool: address,
            provider: self.providers[p],
            rewards,
            vault,
            destination: self.wallets[OWNERS[p]],
            mint,
            token_program,
        }
        .instruction(&ClaimCommissionArgs {})
    }

    fn unstake(&self, b: usize, amount: u64) -> Option<Instruction> {
        let count = self.stage.find::<Delegation>(self.backers[b].delegation)?.ticket_count;
        let ticket = self.pool.ticket(&self.backers[b], count);
        Some(self.pool.unstake_instruction(&self.stage.world, &self.backers[b], ticket, amount))
    }

    fn redelegate(&self, from: &Backer, to: &Backer, amount: u64) -> Option<Instruction> {
        let count = self.stage.find::<Delegation>(from.delegation)?.ticket_count;
        Some(self.pool.redelegate_instruction(&self.stage.world, (from, to), count, amount))
    }

    /// Who has the ticket, as a backer.
    fn backer_of(&self, ticket: &UnbondingTicket) -> Backer {
        let is_of = |backer: &&Backer| backer.owner == ticket.owner && backer.provider == ticket.provider;
        if let Some(backer) = self.backers.iter().find(is_of) {
            return *backer;
        }
        let place = self.keys.iter().position(|key| key.pubkey() == ticket.owner).unwrap_or(E);
        let delegation = pda::delegation::find(&ticket.provider, &ticket.owner).0;
        Backer { owner: ticket.owner, provider: ticket.provider, delegation, tokens: self.wallets[place] }
    }

    fn withdraw(&self, address: Address, ticket: &UnbondingTicket) -> Instruction {
        let mut withdraw = self.pool.withdraw_instruction(&self.stage.world, &self.backer_of(ticket), address);
        withdraw.accounts[8].pubkey = ticket.payer;
        withdraw
    }

    /// Tokens that leave go to their owner, or to E.
    fn to_whom(&self, mut withdraw: Instruction, gene: &Gene) -> Instruction {
        if gene.b % 4 == 3 {
            withdraw.accounts[5].pubkey = self.wallets[E];
        }
        withdraw
    }

    fn stop(&self, address: Address, ticket: &UnbondingTicket) -> Instruction {
        let new = self.stage.find::<Delegation>(ticket.new_delegation).map_or(ID, |new| new.provider);
        self.pool.stop_redelegation_instruction(address, ticket, new)
    }

    fn release(&self, slasher: usize, address: Address, bond: &Bond) -> Instruction {
        self.pool.release_bond_instruction(self.slashing[slasher].0.pubkey(), address, bond, (0, WHOLE_JOB))
    }

    fn withdraw_seized(&self, address: Address, bond: &Bond) -> Instruction {
        let place = self.keys.iter().position(|key| key.pubkey() == bond.client).unwrap_or(E);
        let tokens = self.wallets[place];
        self.pool.withdraw_seized_instruction(bond.provider, address, bond.client, tokens, bond.payer)
    }

    /// A job of a slasher's.
    fn job(&self, slasher: usize, number: u8) -> Address {
        Address::new_from_array([0x70 + number / 4 % 8 + 8 * slasher as u8; 32])
    }

    /// A bond of a client's job: at its own address, or every other time in an account that the coalition made.
    fn lock_bond(&self, slasher: usize, p: usize, client: usize, number: u8, amount: u64) -> (Instruction, Address) {
        let (job, made) = (self.job(slasher, number), self.stage.made());
        let own = (number % 4 > 1).then(|| made[number as usize / 4 % made.len()].pubkey());
        let bond = own.unwrap_or_else(|| pda::bond::find(&self.providers[p], &job).0);
        let signers = [self.keys[OWNERS[p]].pubkey(), self.slashing[slasher].0.pubkey()];
        let client = self.keys[client].pubkey();
        (self.pool.lock_bond_instruction(&self.stage.world, signers, bond, [job, client], amount), bond)
    }

    /// Who pays for it: whoever pays for all, or one of those keys.
    fn pays(&self, mut lock: Instruction, number: u8) -> Instruction {
        let (made, which) = (self.stage.made(), number as usize / 32 % 4);
        if number & 16 != 0 {
            lock.accounts.last_mut().expect("the payer").pubkey = made[which % made.len()].pubkey();
        }
        lock
    }

    /// Who locks a bond in an account of its own may make that in the same transaction, with its rent or without.
    fn make_bond(&self, number: u8, bond: Address) -> Option<(Instruction, String)> {
        let made = self.stage.made().into_iter().any(|key| key.pubkey() == bond);
        if !made || number % 4 != 3 || self.stage.accounts.contains_key(&bond) {
            return None;
        }
        let (size, payer) = (size_of::<Bond>(), self.stage.coalition[0].pubkey());
        let lamports = if number < 128 { self.stage.world.rent(size) } else { 0 };
        let make = create_account(&payer, &bond, lamports, size as u64, &ID);
        Some((make, format!(", made there with {lamports} lamports")))
    }

    fn seize(&self, slasher: usize, address: Address, bond: &Bond, amount: u64) -> Instruction {
        self.pool.seize_bond_instruction(self.slashing[slasher].0.pubkey(), address, bond, amount)
    }

    fn propose(&self, slasher: usize, p: usize, amount: u64, sentence: u8) -> Instruction {
        let count = self.provider(p).map_or(0, |provider| provider.slash_count);
        let (slasher, provider) = (self.slashing[slasher].0.pubkey(), self.providers[p]);
        self.pool.propose_slash_instruction(&self.stage.world, slasher, (provider, count), amount, sentence)
    }

    /// What there is to do for honest people and keepers: when, what, and who signs.
    fn duties(&self) -> Vec<(i64, Address, Instruction, Option<usize>)> {
        let mut duties = vec![];
        for (address, slash) in self.stage.all::<Slash>() {
            // Who slept too long ends it.
            let decide = if self.stage.now() < slash.expires_at.0 {
                self.pool.execute_slash_instruction(address, &slash)
            } else {
                self.pool.expire_slash_instruction(address, &slash)
            };
            // Keepers come some hours later.
            duties.push((slash.executable_at.0 + 6 * 3_600, address, decide, None));
        }
        for b in 0..BACKERS.len() {
            let delegation = self.backers[b].delegation;
            if let Some(state) = self.stage.find::<Delegation>(delegation)
                && state.lock_ends_at.0 != 0
            {
                duties.push((state.lock_ends_at.0, delegation, self.pool.end_lock_instruction(&self.backers[b]), None));
            }
        }
        for (address, bond) in self.bonds() {
            if bond.client == self.keys[C].pubkey() && bond.seized.price != 0 {
                // The client is gone: anyone pays it.
                let at = bond.withdrawable_at.0.max(0);
                let mut withdraw = self.withdraw_seized(address, &bond);
                withdraw.accounts[0].is_signer = false;
                duties.push((at, address, withdraw, None));
            }
        }
        for (address, ticket) in self.tickets() {
            // Honest people come some hours later; the coalition, when all comes to its end, at once.
            let Some(owner) = self.keys.iter().position(|key| key.pubkey() == ticket.owner) else { continue };
            if owner >= P && !self.memory.closing {
                continue;
            }
            // What was withheld is paid as soon as no proposal can take any of it.
            let free = self.provider(self.place(ticket.provider)).is_some_and(|of| of.withheld_liable.is_zero());
            let at = match ticket.part.withheld != 0 && free {
                true => self.stage.now(),
                false => ticket.withdrawable_at.0 + if owner < P { 6 * 3_600 } else { 0 },
            };
            if ticket.new_delegation == Address::default() {
                let withdraw = self.withdraw(address, &ticket);
                duties.push((at, address, withdraw, Some(owner)));
            } else if let Some(new) = self.stage.find::<Delegation>(ticket.new_delegation) {
                let complete = self.pool.complete_redelegation_instruction(address, &ticket, new.provider);
                duties.push((at, address, complete, None));
            }
        }
        for (at, address, ..) in &mut duties {
            *at = self.memory.later.get(address).map_or(*at, |later| (*at).max(*later));
        }
        duties
    }

    /// Something of what comes before the beginning.
    fn arrange(&mut self, instruction: Instruction, signers: &[&Keypair]) {
        let receipt = self.stage.transact(&[instruction], signers).expect("everybody does what is his");
        self.watch(&receipt);
        self.watch_bonds(&receipt);
    }

    /// What comes before the beginning leaves something of each kind under way.
    fn begin(&mut self) {
        let keys: Vec<Keypair> = self.keys.iter().map(Keypair::insecure_clone).collect();
        let [s, t] = self.slashing.each_ref().map(|(key, _)| key.insecure_clone());
        let stake = |scene: &Self, b: usize, whole| scene.pool.stake_instruction(&scene.backers[b], whole * TOKEN);
        let unstake = |scene: &Self, b: usize, amount| scene.unstake(b, amount).expect("it is open");
        let close =
            |scene: &Self, b: usize| scene.pool.close_delegation_instruction(&scene.stage.world, &scene.backers[b]);
        let open =
            |scene: &Self, b: usize| scene.pool.open_delegation_instruction(&scene.stage.world, &scene.backers[b]);
        // Q loses all that it has, and E with it, on its way out; then Q stakes again, and B comes.
        self.arrange(stake(self, 9, 20), &[&keys[E]]);
        self.arrange(unstake(self, 9, 10 * TOKEN), &[&keys[E]]);
        let all = self.provider(2).and_then(|q| q.stake().ok()).map_or(0, |all| all.0);
        self.arrange(self.propose(0, 2, all, sentence::FINE), &[&s]);
        let now = self.stage.now();
        pass_to(self, now + DAY + 6 * 3_600 + 1);
        self.arrange(self.claim(9), &[&keys[E]]);
        self.arrange(close(self, 9), &[]);
        self.arrange(open(self, 9), &[]);
        self.arrange(stake(self, 6, 5), &[&keys[Q]]);
        self.arrange(stake(self, 4, 40), &[&keys[B]]);
        // D has been with P, left, and comes again; P works for C; B, P and E leave, or move on.
        self.arrange(stake(self, 3, 30), &[&keys[D]]);
        self.arrange(unstake(self, 3, u64::MAX), &[&keys[D]]);
        self.arrange(close(self, 3), &[]);
        self.arrange(open(self, 3), &[]);
        self.arrange(stake(self, 3, 20), &[&keys[D]]);
        let (lock, bond) = self.lock_bond(0, 1, C, 28, 10 * TOKEN);
        self.arrange(lock, &[&keys[P], &s]);
        for (b, amount) in [(2, 50 * TOKEN), (4, u64::MAX), (5, 60 * TOKEN)] {
            self.arrange(unstake(self, b, amount), &[&keys[BACKERS[b].0]]);
        }
        let now = self.stage.now();
        pass_to(self, now + DAY);
        let moves = self.redelegate(&self.backers[8], &self.backers[7], 30 * TOKEN).expect("it is open");
        self.arrange(moves, &[&keys[E]]);
        let seized = self.stage.find::<Bond>(bond).expect("it was just locked");
        self.arrange(self.seize(0, bond, &seized, 3 * TOKEN), &[&s]);
        pass_to(self, now + 5 * DAY / 2);
        // Tickets of P are about to be paid when S learns of a fault. Later bonds do not answer for it.
        self.arrange(self.propose(0, 1, 6 * TOKEN, sentence::FINE), &[&s]);
        let (lock, _) = self.lock_bond(0, 1, C, 24, 8 * TOKEN);
        self.arrange(lock, &[&keys[P], &s]);
        let (lock, _) = self.lock_bond(1, 1, E, 28, 5 * TOKEN);
        self.arrange(lock, &[&keys[P], &t]);
        let (funder, source) = (self.funder.0.insecure_clone(), self.funder.1);
        self.arrange(fund(&self.pool, funder.pubkey(), source, 20 * TOKEN), &[&funder]);
        self.stage.begin();
        self.first = self.memory.clone();
    }

    fn weight(&self, b: usize, now: i64) -> f64 {
        let multiplier = |delegation: &Delegation| {
            let period = delegation.lock_period.0.clamp(LOCK_MIN.0, LOCK_MAX.0);
            let more = 3.0 * (period - LOCK_MIN.0) as f64 / (LOCK_MAX.0 - LOCK_MIN.0) as f64;
            if now < delegation.lock_ends_at.0 { 1.0 + more } else { 1.0 }
        };
        let (owner, p) = BACKERS[b];
        let Some(provider) = self.provider(p).filter(|provider| provider.status == status::ACTIVE) else { return 0.0 };
        let Some(delegation) = self.stage.find::<Delegation>(self.backers[b].delegation) else { return 0.0 };
        let (worth, more) = (self.worth(b), multiplier(&delegation) - 1.0);
        if owner == OWNERS[p] { worth + provider.locked.0 as f64 * more } else { worth * (1.0 + more) }
    }
}

/// What funds rewards of a pool.
fn fund(pool: &Pool, funder: Address, source: Address, amount: u64) -> Instruction {
    let Pool { address, rewards, vault, mint, token_program, .. } = *pool;
    let fund = FundRewards { funder, pool: address, rewards, source, vault, mint, token_program };
    fund.instruction(&FundRewardsArgs { amount: Tokens(amount) })
}

/// What state a provider is in.
pub(super) fn seen(p: usize, provider: Option<&Provider>, stage: &Stage) -> u64 {
    let Some(provider) = provider else { return hash(&p) };
    let tickets = [&provider.unbonding, &provider.withheld].map(|pot| (pot.ticket_count.min(2), !pot.tokens.is_zero()));
    let due = stage.all::<UnbondingTicket>().into_iter().any(|(_, ticket)| ticket.withdrawable_at.0 <= stage.now());
    let held = [provider.bonded, provider.lien, provider.withheld_liable, provider.slashed].map(|held| held.is_zero());
    let stakes = [provider.own, provider.delegated.tokens].map(|stake| stake.is_zero());
    hash(&(p, provider.status, provider.pending_slash_count.min(5), tickets, due, held, stakes))
}

/// The highest commission that a provider takes up to then.
fn highest_commission(provider: &Provider, to: i64) -> u16 {
    let soon = provider.next_commission_at.0 != 0 && provider.next_commission_at.0 <= to;
    provider.commission.0.max(if soon { provider.next_commission.0 } else { 0 })
}

impl Scene for Staking {
    const NAME: &'static str = "stake";
    const HALTS: bool = true;
    const LONGEST_TEXT: usize = 400_000;
    const MOVES: &'static [&'static str] = &[
        "stake",
        "unstake",
        "redelegate",
        "cancel",
        "stop",
        "complete",
        "withdraw",
        "lock",
        "end a lock",
        "claim",
        "compound",
        "claim commission",
        "set a commission",
        "refresh",
        "unjail",
        "serve C",
        "fail C",
        "be released by C",
        "lock a bond",
        "seize",
        "release",
        "open a bond",
        "close a bond",
        "withdraw what was seized",
        "settle slashed",
        "execute",
        "expire",
        "veto",
        "propose",
        "commit a fault",
        "see rewards funded",
        "close a delegation",
        "open a delegation",
        "close a provider",
        "register",
        "see one leave",
        "see one come",
        "see one move",
    ];

    fn new() -> Self {
        let mut world = Stage::chain();
        let keys: Vec<Keypair> = NAMES.iter().map(|_| world.user()).collect();
        // T has no account at its key: it may make one.
        let slashing = [world.user(), world.key()];
        let mint = world.mint();
        let funder = world.user();
        let owners: Vec<Address> = keys.iter().chain([&funder]).map(|key| key.pubkey()).collect();
        let mut wallets = vec![];
        for owner in owners {
            // Anyone pays into these.
            let wallet = world.associated_account(mint.address, owner);
            world.mint_to(&mint, wallet, WALLET);
            wallets.push(wallet);
        }
        let funds = wallets.pop().expect("the funder's");
        let network = Network::of_mint(&mut world, mint);
        let pool = Pool::unborn(&network, network.mint, network.token_program);
        let rules = PoolPolicy {
            min_self_stake: Tokens(TOKEN),
            unbonding_period: Seconds(3 * DAY as u32),
            reward_period: Seconds(10 * DAY as u32),
            commission_delay: Seconds(3_600),
            slash_delay: Seconds(DAY as u32),
            slash_execution_window: Seconds(3 * DAY as u32),
            slash_window: Seconds(DAY as u32),
            jail_period: Seconds(3 * DAY as u32),
            slash_limit: Bps(10_000),
            ..Pool::rules()
        };
        world.ok(&[pool.create_instruction(&world, &network, rules)], &[&network.authority]);
        let providers = OWNERS.map(|owner| pool.register(&world, &keys[owner]));
        let backers: Vec<Backer> = (BACKERS.iter())
            .map(|&(owner, p)| pool.open_delegation(&world, providers[p], keys[owner].pubkey(), wallets[owner]))
            .collect();
        for (b, whole) in [(0, 300), (1, 500), (2, 400), (5, 300), (6, 5), (8, 200)] {
            let key = &keys[BACKERS[b].0];
            world.ok(&[pool.stake_instruction(&backers[b], whole * TOKEN)], &[key]);
        }
        let honest = pool.add_slasher(&world, &network, slashing[0].pubkey());
        let add = pool.grant_instruction(&world, &network, (slashing[1].pubkey(), true), (rights::BOND, 0, 0));
        world.ok(&[add], &[&network.authority]);
        world.run(2 * DAY as u64);
        // Rewards come from the beginning.
        world.ok(&[fund(&pool, funder.pubkey(), funds, 100 * TOKEN)], &[&funder]);
        let [s, t] = slashing;
        let evil = pool.slasher(t.pubkey());
        let coalition: Vec<Keypair> = [&keys[P], &keys[Q], &keys[E], &t].map(Keypair::insecure_clone).into();
        let pretenders = vec![
            wallets[E],
            keys[E].pubkey(),
            wallets[P],
            keys[P].pubkey(),
            providers[1],
            providers[2],
            backers[8].delegation,
            backers[7].delegation,
            backers[6].delegation,
            evil,
            t.pubkey(),
            ID,
        ];
        let stage = Stage::new(world, &network, coalition, pretenders);
        let had = std::array::from_fn(|who| stage.tokens(wallets[who]));
        let (slashing, funder) = ([(s, honest), (t, evil)], (funder, funds));
        let (memory, first) = Default::default();
        let mut scene =
            Self { stage, network, pool, keys, wallets, providers, backers, slashing, funder, had, memory, first };
        scene.begin();
        scene
    }

    fn stage(&mut self) -> &mut Stage {
        &mut self.stage
    }

    fn reset(&mut self) {
        self.stage.reset();
        self.memory = self.first.clone();
    }

    fn act(&mut self, gene: &Gene) -> Option<Act> {
        let kind = gene.place::<Self>();
        let name = gene.name::<Self>();
        // Of what only its owner does, the coalition's own; of what anyone may do, everybody's.
        let all: Vec<usize> = (0..BACKERS.len()).collect();
        let own = &all[HONEST..];
        let b = *gene.first(if gene.bend == 0 && kind < 13 { own } else { &all })?;
        let (owner, p) = BACKERS[b];
        let backer = self.backers[b];
        let who = format!("{} at {}'s", NAMES[owner], NAMES[OWNERS[p]]);
        let pool = self.pool;
        let worth = self.worth(b) as u64;
        let tickets = self.tickets();
        let tokens = |amount: u64| match amount {
            u64::MAX => "all".into(),
            _ => format!("{:.9} tokens", amount as f64 / TOKEN as f64),
        };
        Some(match name {
            "stake" => {
                let amount = gene.amount(400 * TOKEN, self.stage.tokens(backer.tokens));
                Act::new(format!("{who} stakes {}", tokens(amount)), pool.stake_instruction(&backer, amount))
            }
            "unstake" => {
                let amount = gene.amount(worth, worth);
                Act::new(format!("{who} unstakes {}", tokens(amount)), self.unstake(b, amount)?)
            }
            "redelegate" => {
                let to: Vec<usize> = all.iter().copied().filter(|&t| BACKERS[t].0 == owner && t != b).collect();
                let (target, amount) = (self.backers[*gene.second(&to)?], gene.amount(worth, worth));
                let to = NAMES[OWNERS[self.place(target.provider)]];
                let text = format!("{who} redelegates {} to {to}", tokens(amount));
                Act::new(text, self.redelegate(&backer, &target, amount)?)
            }
            "cancel" => {
                let (address, ticket) = *gene.first(&tickets)?;
                let backer = self.backer_of(&ticket);
                let cancel = CancelUnstake {
                    owner: backer.owner,
                    pool: pool.address,
                    provider: backer.provider,
                    delegation: backer.delegation,
                    ticket: address,
                    rent_receiver: ticket.payer,
                    rewards: pool.rewards,
                };
                Act::new(format!("ticket {address} is cancelled"), cancel.instruction(&CancelUnstakeArgs {}))
            }
            "stop" | "complete" => {
                let on_the_way = tickets.iter().filter(|(_, ticket)| ticket.new_delegation != Address::default());
                let (address, ticket) = **gene.first(&on_the_way.collect::<Vec<_>>())?;
                let new = self.stage.find::<Delegation>(ticket.new_delegation).map(|new| new.provider);
                let act = match name {
                    "stop" => self.stop(address, &ticket),
                    _ => pool.complete_redelegation_instruction(address, &ticket, new?),
                };
                Act::new(format!("{name} redelegation {address}"), act)
            }
            "withdraw" => {
                // Those that are due, if there are any.
                let now = self.stage.now();
                let due: Vec<_> =
                    tickets.iter().filter(|(_, ticket)| ticket.withdrawable_at.0 <= now).copied().collect();
                let of = if due.is_empty() || gene.x >= 192 { &tickets } else { &due };
                let (address, ticket) = *gene.first(of)?;
                Act::new(format!("ticket {address} is paid"), self.to_whom(self.withdraw(address, &ticket), gene))
            }
            "lock" => {
                let days = 14 + gene.x as u32 * 351 / 255;
                let lock = pool.lock_stake_instruction(&backer, days * DAY as u32);
                Act::new(format!("{who} locks for {days} days"), lock)
            }
            "end a lock" => {
                Act::new(format!("the lock of {who} is ended"), self.pool.end_lock_instruction(&self.backers[b]))
            }
            "claim" => Act::new(format!("{who} claims"), self.claim(b)),
            "compound" => {
                let compound = CompoundRewards {
                    owner: backer.owner,
                    pool: pool.address,
                    provider: backer.provider,
                    delegation: backer.delegation,
                    rewards: pool.rewards,
                };
                Act::new(format!("{who} compounds"), compound.instruction(&CompoundRewardsArgs {}))
            }
            "claim commission" => {
                let p = *gene.first(&[1, 2, 0])?;
                Act::new(format!("{} claims its commission", NAMES[OWNERS[p]]), self.claim_commission(p))
            }
            "set a commission" => {
                let (p, commission) = (*gene.first(&[1, 2, 0])?, (gene.x as u16) * 40);
                let set = pool.set_commission_instruction(self.keys[OWNERS[p]].pubkey(), commission);
                Act::new(format!("{} sets its commission to {commission} bps", NAMES[OWNERS[p]]), set)
            }
            "refresh" => {
                let p = *gene.first(&[1, 2, 0])?;
                Act::new(format!("{} is refreshed", NAMES[OWNERS[p]]), self.refresh(p))
            }
            "unjail" => {
                let p = *gene.first(&[1, 2])?;
                Act::new(
                    format!("{} leaves jail", NAMES[OWNERS[p]]),
                    self.pool.unjail_instruction(self.keys[OWNERS[p]].pubkey()),
                )
            }
            "serve C" | "lock a bond" => {
                let p = *gene.first(&[1, 2])?;
                let (own, free) = (self.provider(p)?.own.0, self.provider(p)?.available().ok()?.0);
                let amount = gene.amount(own, free);
                let (slasher, client) = if name == "serve C" { (0, C) } else { (1, E) };
                let (lock, bond) = self.lock_bond(slasher, p, client, gene.b, amount);
                let lock = self.pays(lock, if slasher == 0 { 0 } else { gene.b });
                let p = NAMES[OWNERS[p]];
                let text = format!("{p} locks a bond of {} for {}: {bond}", tokens(amount), NAMES[client]);
                let act = match self.make_bond(gene.b, bond) {
                    Some((make, how)) => Act { more: vec![lock], ..Act::new(text + &how, make) },
                    None => Act::new(text, lock),
                };
                if slasher == 0 { act.with(&[&self.slashing[0].0]) } else { act }
            }
            "fail C" | "seize" => {
                let slasher = (name == "seize") as usize;
                let (address, bond) = *gene.first(&self.bonds_of(slasher))?;
                let amount = gene.amount(bond.amount.0, bond.amount.0);
                let text = format!("{} of bond {address} is seized for its client", tokens(amount));
                let act = Act::new(text, self.seize(slasher, address, &bond, amount));
                if slasher == 0 { act.with(&[&self.slashing[0].0]) } else { act }
            }
            "be released by C" | "release" => {
                let slasher = (name == "release") as usize;
                let (address, bond) = *gene.first(&self.bonds_of(slasher))?;
                let act = Act::new(format!("bond {address} is released"), self.release(slasher, address, &bond));
                if slasher == 0 { act.with(&[&self.slashing[0].0]) } else { act }
            }
            "open a bond" => {
                let (p, id) = (*gene.first(&[1, 2])?, self.job(gene.second(&[0, 1]).copied()?, gene.x));
                let open = pool.open_bond_instruction(&self.stage.world, self.providers[p], id);
                Act::new(format!("{} opens a bond for job after job", NAMES[OWNERS[p]]), open)
            }
            "close a bond" => {
                let (address, bond) = *gene.first(&self.bonds())?;
                let close = CloseBond { payer: bond.payer, bond: address }.instruction(&CloseBondArgs {});
                Act::new(format!("bond {address} is closed"), close)
            }
            "withdraw what was seized" => {
                let seized: Vec<_> = self.bonds().into_iter().filter(|(_, bond)| bond.seized.price != 0).collect();
                let (address, bond) = *gene.first(&seized)?;
                let text = format!("what was seized of bond {address} is paid");
                Act::new(text, self.to_whom(self.withdraw_seized(address, &bond), gene))
            }
            "settle slashed" => {
                let p = *gene.first(&[1, 2])?;
                let settle = pool.settle_slashed_instruction(self.providers[p], ID);
                Act::new(format!("what was slashed of {} is settled", NAMES[OWNERS[p]]), settle)
            }
            "execute" | "expire" => {
                let (address, slash) = *gene.first(&self.stage.all::<Slash>())?;
                let act = if name == "execute" {
                    pool.execute_slash_instruction(address, &slash)
                } else {
                    pool.expire_slash_instruction(address, &slash)
                };
                Act::new(format!("{name} slash {address}"), act)
            }
            "veto" => {
                let (address, slash) = *gene.first(&self.stage.all::<Slash>())?;
                let veto = pool.veto_slash_instruction(self.network.guardian.pubkey(), address, &slash);
                Act::new(format!("the guardian vetoes slash {address}"), veto)
            }
            "propose" => {
                let (p, slasher) = (*gene.first(&[0, 1, 2])?, gene.b as usize % 2);
                let amount = gene.amount(100 * TOKEN, 300 * TOKEN);
                let text = format!("a slash of {} of {} is proposed", tokens(amount), NAMES[OWNERS[p]]);
                Act::new(text, self.propose(slasher, p, amount, sentence::FINE))
            }
            "commit a fault" => {
                let (p, sentence) = (*gene.first(&[1, 2])?, *gene.second(&[sentence::FINE, sentence::JAIL])?);
                let stake = self.provider(p)?.stake().ok()?.0;
                let amount = if gene.x > 200 { stake } else { gene.amount(stake, stake) };
                let p_name = NAMES[OWNERS[p]];
                let how = if sentence == sentence::JAIL { ", and jail" } else { "" };
                let text = format!("{p_name} is found at fault: S proposes {}{how}", tokens(amount));
                Act::new(text, self.propose(0, p, amount, sentence)).with(&[&self.slashing[0].0])
            }
            "see rewards funded" => {
                let amount = gene.amount(20 * TOKEN, 20 * TOKEN);
                let (funder, source) = &self.funder;
                let fund = fund(&pool, funder.pubkey(), *source, amount);
                Act::new(format!("rewards of {} are funded", tokens(amount)), fund).with(&[funder])
            }
            "close a delegation" => {
                let close = pool.close_delegation_instruction(&self.stage.world, &backer);
                Act::new(format!("the delegation of {who} is closed"), close)
            }
            "open a delegation" => {
                let open = pool.open_delegation_instruction(&self.stage.world, &backer);
                Act::new(format!("the delegation of {who} is opened"), open)
            }
            "close a provider" => {
                let owner = OWNERS[*gene.first(&[1, 2])?];
                let close = pool.close_provider_instruction(&self.stage.world, self.keys[owner].pubkey());
                Act::new(format!("{} closes", NAMES[owner]), close)
            }
            "register" => {
                let p = *gene.first(&[1, 2])?;
                let register = pool.register_instruction(&self.stage.world, self.keys[OWNERS[p]].pubkey());
                Act::new(format!("{} registers", NAMES[OWNERS[p]]), register)
            }
            "see one leave" | "see one come" | "see one move" => {
                let (b, amount) = self.choice(gene)?;
                let (owner, p) = BACKERS[b];
                let how = &name[8..];
                let who = format!("{} at {}'s", NAMES[owner], NAMES[OWNERS[p]]);
                self.stage.aside(format!("{who}: {how}, with {}", tokens(amount)))
            }
            _ => return None,
        })
    }

    fn respond(&mut self, genes: &[Gene], receipt: &Receipt) {
        self.watch(receipt);
        for gene in genes {
            let follows = ["see one leave", "see one come", "see one move"].contains(&gene.name::<Self>());
            self.memory.refused += (follows && !self.follow(gene)) as u64;
        }
        self.watch_bonds(receipt);
    }

    fn seen(&mut self) -> Vec<u64> {
        (0..3).map(|p| seen(p, self.provider(p).as_ref(), &self.stage)).collect()
    }

    fn wake(&mut self) -> Option<i64> {
        self.duties().iter().map(|(at, ..)| *at).min()
    }

    fn pass(&mut self, from: i64, to: i64) {
        let Some(rewards) = self.stage.find::<Rewards>(self.pool.rewards) else { return };
        let arrived = |at: i64| {
            let time = rewards.distribution_period.0.max(1) as i64;
            let elapsed = (at - rewards.updated_at.0).clamp(0, time);
            rewards.undistributed.0 as f64 * elapsed as f64 / time as f64
        };
        // On the difference between a weight and its tokens nobody earns: it is distributed again.
        let honest: f64 = (0..HONEST).map(|b| self.weight(b, from)).sum();
        let mut coalition: f64 = (HONEST..BACKERS.len()).map(|b| self.weight(b, from)).sum();
        let mut empty = 0.0;
        for (p, authority) in OWNERS.into_iter().enumerate() {
            // Of what was seized lately the rewards know nothing.
            let Some(provider) = self.provider(p).filter(|provider| provider.status == status::ACTIVE) else {
                continue;
            };
            let own = BACKERS.iter().position(|&(owner, of)| of == p && owner == authority).expect("each is there");
            empty += (provider.own_weight.0 as f64 * 4.0 - self.weight(own, from)).max(0.0);
        }
        let mut on_the_way = 0.0;
        for (address, ticket) in self.tickets() {
            let new = self.stage.find::<Delegation>(ticket.new_delegation).map(|new| self.place(new.provider));
            let from = self.provider(self.place(ticket.provider));
            if let (Some(to), Some(from)) = (new.and_then(|p| self.provider(p)), from)
                && to.status == status::ACTIVE
            {
                let (weight, worth) =
                    (ticket.weight.0 as f64 * 4.0, from.worth(&ticket.part).map_or(0, |worth| worth.0) as f64);
                let earns = weight.min(worth);
                empty += (weight - worth).max(0.0);
                if self.memory.under_way.contains_key(&address) {
                    on_the_way += earns;
                } else if self.memory.idle.contains(&address) {
                    empty += earns;
                } else {
                    coalition += earns;
                }
            }
        }
        let honest = honest + on_the_way;
        let all = honest + coalition + empty;
        if all < 1.0 || rewards.undistributed.is_zero() {
            return;
        }
        self.memory.arrived = true;
        let (arrived, end) = (arrived(to) - arrived(from), to);
        self.memory.earned[P] += arrived * coalition / all;
        for (address, ticket) in self.tickets() {
            let new = self.stage.find::<Delegation>(ticket.new_delegation).map(|new| self.place(new.provider));
            let Some((p, to)) = new.and_then(|p| Some((p, self.provider(p)?))) else { continue };
            let Some((_, index, left)) = self.memory.under_way.get_mut(&address) else { continue };
            if to.status == status::ACTIVE {
                let commission = arrived / all * highest_commission(&to, end) as f64 / 10_000.0;
                *index += arrived / all - commission;
                self.memory.earned[OWNERS[p].min(P)] += commission * if p == 0 { 0.0 } else { *left };
            }
        }
        for (b, (owner, p)) in BACKERS.into_iter().enumerate().take(HONEST) {
            let Some(provider) = self.provider(p) else { continue };
            let part = arrived * self.weight(b, from) / all;
            let commission = highest_commission(&provider, to);
            let commission = if owner == OWNERS[p] { 0.0 } else { part * commission as f64 / 10_000.0 };
            self.memory.earned[owner] += part - commission;
            if owner != H {
                self.memory.earned[OWNERS[p].min(P)] += commission;
            }
        }
    }

    fn work(&mut self) {
        let now = self.stage.now();
        for (at, address, instruction, signer) in self.duties() {
            if at <= now && !self.send(instruction, &signer.into_iter().collect::<Vec<_>>()) {
                self.memory.later.insert(address, now + 6 * 3_600);
            }
        }
    }

    fn wind_up(&mut self) {
        self.memory.closing = true;
        // What is proposed is decided; bonds are released; who is in jail leaves it; locks end.
        for _ in 0..8 {
            let now = self.stage.now();
            let Some(last) = self.stage.all::<Slash>().iter().map(|(_, slash)| slash.executable_at.0).max() else {
                break;
            };
            self.memory.later.clear();
            pass_to(self, (last + 6 * 3_600).max(now + 1) + 1);
        }
        for slasher in [0, 1] {
            let held = self.slashing[slasher].1;
            for (address, bond) in self.bonds().into_iter().filter(|(_, bond)| bond.slasher == held) {
                let release = self.release(slasher, address, &bond);
                let key = self.slashing[slasher].0.insecure_clone();
                let receipt = self.stage.transact(&[release], &[&key]);
                receipt.iter().for_each(|receipt| self.watch(receipt));
            }
        }
        // Stake that arrives in a lock may start it again.
        let mut least = self.stage.now() + 3 * DAY;
        for _ in 0..3 {
            let ends = (0..3).filter_map(|p| self.provider(p)).map(|provider| provider.jail_ends_at.0);
            let locks = self.stage.all::<Delegation>().into_iter().map(|(_, delegation)| delegation.lock_ends_at.0);
            let last = ends.chain(locks).max().unwrap_or_default().max(least) + 1;
            if last <= self.stage.now() {
                break;
            }
            pass_to(self, last);
            least = 0;
        }
        for p in [1, 2] {
            let unjail = self.pool.unjail_instruction(self.keys[OWNERS[p]].pubkey());
            self.send(unjail, &[OWNERS[p]]);
        }
        // The coalition is always the first.
        let order: Vec<usize> = (HONEST..BACKERS.len()).chain(0..HONEST).collect();
        let tickets = |scene: &Self| {
            let mut tickets = scene.tickets();
            tickets.sort_by_key(|(_, ticket)| scene.party(ticket.owner) < P);
            tickets
        };
        let signer = |scene: &Self, owner: Address| scene.keys.iter().position(|key| key.pubkey() == owner);
        for (address, ticket) in tickets(self) {
            if ticket.new_delegation != Address::default() {
                let stop = self.stop(address, &ticket);
                let owner = signer(self, ticket.owner);
                self.send(stop, &owner.into_iter().collect::<Vec<_>>());
            }
        }
        // What weight without tokens had accrued is distributed again.
        for p in 0..3 {
            let refresh = self.refresh(p);
            self.send(refresh, &[]);
        }
        let now = self.stage.now();
        pass_to(self, now + 3 * DAY);
        for round in 0..2 {
            for &b in &order {
                if self.memory.arrived {
                    let claim = self.claim(b);
                    self.send(claim, &[BACKERS[b].0]);
                }
            }
            for p in [1, 2, 0] {
                if self.memory.arrived {
                    let claim = self.claim_commission(p);
                    self.send(claim, &[OWNERS[p]]);
                }
            }
            for &b in &order {
                let unstake = if self.worth(b) < 1.0 { None } else { self.unstake(b, u64::MAX) };
                if let Some(unstake) = unstake {
                    self.send(unstake, &[BACKERS[b].0]);
                }
            }
            if round == 1 && self.tickets().is_empty() && self.bonds().is_empty() {
                break;
            }
            let now = self.stage.now();
            pass_to(self, now + 3 * DAY + 1);
            for (address, ticket) in tickets(self) {
                let withdraw = self.withdraw(address, &ticket);
                let owner = signer(self, ticket.owner);
                self.send(withdraw, &owner.into_iter().collect::<Vec<_>>());
            }
            for (address, bond) in self.bonds() {
                let mut withdraw = self.withdraw_seized(address, &bond);
                let client = signer(self, bond.client).filter(|client| *client != C);
                withdraw.accounts[0].is_signer = client.is_some();
                self.send(withdraw, &client.into_iter().collect::<Vec<_>>());
            }
        }
    }

    fn balances(&mut self) -> Vec<Balance> {
        let has: Vec<u64> = self.wallets.iter().map(|wallet| self.stage.tokens(*wallet)).collect();
        let staked = [300, 500, 400, 0].map(|whole| whole as f64 * TOKEN as f64);
        let Memory { lost, earned, seized, under_way, shared, refused, .. } = &self.memory;
        let slack = DUST + *shared as i128;
        let way =
            |who| under_way.values().filter(move |(party, ..)| *party == who).map(|(_, index, left)| index * left);
        let is_known = |owner: &Address| self.keys.iter().any(|key| key.pubkey() == *owner);
        let bonds = self.bonds().into_iter().filter(|(_, bond)| bond.reusable == 0 && is_known(&bond.client));
        let left = bonds.count() + self.tickets().len() + self.stage.all::<Slash>().len();
        let held = |provider: &Provider| !provider.bonded.is_zero() || !provider.lien.is_zero();
        let held = (0..3).filter_map(|p| self.provider(p)).filter(held).count();
        let staked_still = (0..BACKERS.len()).filter(|b| self.worth(*b) >= 2.0).count();
        let honest = |who: usize, promise| Balance {
            who: NAMES[who],
            promise,
            amounts: [self.had[who] + staked[who] as u64, has[who]],
            promised: (self.had[who] as f64 + staked[who] + earned[who] + way(who).sum::<f64>() - lost[who]
                + if who == C { seized[0] } else { 0.0 }) as i128,
            coalition: false,
            slack,
        };
        let all = |amounts: &[u64]| amounts[P..].iter().sum::<u64>();
        let had = all(&self.had) + 505 * TOKEN;
        let most = had as f64 + earned[P] - lost[P] - seized[1];
        vec![
            honest(H, "an honest provider keeps its stake, and earns its part"),
            honest(D, "who delegates to an honest provider keeps the stake, and earns the part of it"),
            honest(B, "who delegates to a bad provider loses the same part by slashes as all, and earns the rest"),
            honest(
                C,
                "a client has what was seized for him, less his part of what was proposed since the bond was locked",
            ),
            Balance {
                who: "the coalition",
                promise: "it pays its part of each slash and what is seized, and earns no more than its part",
                amounts: [had, all(&has)],
                promised: most as i128,
                coalition: true,
                slack,
            },
            Balance::never("delegators", "who is not locked can leave", *refused),
            Balance::never(
                "all",
                "all that is staked, leaves or is bonded comes out",
                (left + held + staked_still) as u64,
            ),
            self.stage.rent(),
        ]
    }
}
