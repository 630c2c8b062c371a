//! A chain that can be set back to its beginning, and what the coalition can do to an instruction.

use {
    super::{Balance, Gene, shapes::Calls},
    crate::{
        Failure, Receipt, World,
        books::{self, Accounts},
        example::is_ours,
        fixture::{self, Market, tick_instruction},
        tampering::{swap_with_relatives, timestamps},
    },
    joule_bme_interface::{
        instruction::{Pause, PauseArgs, Resume, ResumeArgs},
        state::Network,
    },
    joule_escrow_interface::{
        EscrowError,
        state::{Game, Job, Panel, Trace},
    },
    joule_interface::{AccountMeta, Address, Instruction},
    joule_math::Timestamp,
    joule_stake_interface::state::Bond,
    solana_account::Account,
    solana_keypair::Keypair,
    solana_program::clock::Clock,
    solana_signer::Signer,
    solana_system_interface::instruction::transfer,
    std::collections::BTreeSet,
};

/// In which of the markets a job is, if it is there: who repeats a posting may have chosen another than is usual for its place.
pub(super) fn market_of(markets: &[Market], job: Option<&Job>, usual: usize) -> usize {
    job.and_then(|job| markets.iter().position(|market| market.address == job.market)).unwrap_or(usual)
}

/// How many accounts the coalition may make at keys of its own.
const MADE: usize = 3;

/// What somebody sends.
pub struct Act {
    /// What it is, for the story.
    pub text: String,
    /// The instruction.
    pub instruction: Instruction,
    /// Honest people who sign it with the coalition: then it is as they know it, and alone in its transaction.
    pub partners: Vec<Keypair>,
    /// An instruction that stands before it, and where in its data stands which one of the transaction that is.
    pub behind: Option<(Instruction, usize)>,
    /// More of the same kind, in the same transaction.
    pub more: Vec<Instruction>,
}

impl Act {
    /// Of the coalition alone.
    pub fn new(text: impl Into<String>, instruction: Instruction) -> Self {
        Self { text: text.into(), instruction, partners: vec![], behind: None, more: vec![] }
    }

    /// Which honest people sign as well.
    pub fn with(self, partners: &[&Keypair]) -> Self {
        Self { partners: partners.iter().map(|key| key.insecure_clone()).collect(), ..self }
    }
}

/// A chain, a coalition, and what the chain was when everybody had arrived.
pub struct Stage {
    /// The chain.
    pub world: World,
    /// All accounts as they are.
    pub accounts: Accounts,
    /// The coalition's keys.
    pub coalition: Vec<Keypair>,
    /// What the coalition puts in the place of another account.
    pub pretenders: Vec<Address>,
    /// What everybody sent, since everybody had arrived.
    pub sent: Vec<Instruction>,
    /// When the chain made no slots: from when, until when, and how many seconds of that count. A keeper ticks before and after, and each
    /// minute of the time in which the chain's clock catches up.
    pub halts: Vec<[i64; 3]>,
    /// The chain's clock catches up: it moves by a second with each slot.
    pub catches_up: bool,
    /// How often one of the honest was told that it is too late.
    pub late: usize,
    /// What everybody called, accepted or not.
    pub(super) calls: Calls,
    /// The network, its guardian, who has turned, and its authority.
    paused: (Address, Address, Keypair),
    first: Accounts,
    clock: Clock,
    changed: BTreeSet<Address>,
}

impl Stage {
    /// The chain as it is now is its beginning.
    pub fn new(
        world: World,
        network: &fixture::Network,
        mut coalition: Vec<Keypair>,
        mut pretenders: Vec<Address>,
    ) -> Self {
        coalition.push(network.guardian.insecure_clone());
        let made: [Keypair; MADE] = std::array::from_fn(|_| world.key());
        pretenders.extend(made.iter().map(Signer::pubkey));
        coalition.extend(made);
        let accounts: Accounts =
            world.touched().into_iter().filter_map(|key| Some((key, world.account(key)?))).collect();
        let (first, clock) = (accounts.clone(), world.clock());
        let (changed, sent, halts, catches_up) = (BTreeSet::new(), vec![], vec![], false);
        let (late, calls) = (0, Calls::default());
        let (guardian, authority) = (network.guardian.pubkey(), network.authority.insecure_clone());
        let paused = (network.address, guardian, authority);
        Self {
            world,
            accounts,
            coalition,
            pretenders,
            sent,
            halts,
            catches_up,
            late,
            calls,
            paused,
            first,
            clock,
            changed,
        }
    }

    /// A chain with the program through which the coalition calls.
    pub fn chain() -> World {
        World::lite_with(&[("wallet", wallet::ID)])
    }

    /// Something that happens beside the chain: nothing but a text.
    pub fn aside(&self, text: impl Into<String>) -> Act {
        let own = self.coalition[0].pubkey();
        Act::new(text, transfer(&own, &own, 0))
    }

    /// The guardian pauses the network.
    pub fn pause(&self) -> Instruction {
        let (network, authority_or_guardian, _) = self.paused;
        Pause { authority_or_guardian, network }.instruction(&PauseArgs {})
    }

    /// Ends a pause that is over.
    pub fn resume(&self) -> Instruction {
        Resume { signer: self.coalition[0].pubkey(), network: self.paused.0 }.instruction(&ResumeArgs {})
    }

    /// The authority ends every pause.
    pub fn open_again(&mut self) {
        let authority = self.paused.2.insecure_clone();
        let resume = Resume { signer: authority.pubkey(), network: self.paused.0 }.instruction(&ResumeArgs {});
        self.attempt(resume, &[&authority]);
    }

    /// Keys of the coalition at which it may make accounts: those at which there was none, or is none any more.
    pub fn made(&self) -> Vec<&Keypair> {
        let is_free = |key: &Address| !self.first.contains_key(key) || !self.accounts.contains_key(key);
        self.coalition.iter().filter(|key| is_free(&key.pubkey())).collect()
    }

    /// The beginning is now: what happened so far has happened in every sequence.
    pub fn begin(&mut self) {
        (self.first, self.clock) = (self.accounts.clone(), self.world.clock());
        self.changed.clear();
        self.reset();
    }

    /// Back to the beginning.
    pub fn reset(&mut self) {
        self.sent.clear();
        self.halts.clear();
        self.late = 0;
        self.calls = Calls::default();
        for address in std::mem::take(&mut self.changed) {
            match self.first.get(&address) {
                Some(account) => {
                    self.world.set_account(address, account.clone());
                    self.accounts.insert(address, account.clone());
                }
                None => {
                    self.world.set_account(address, Account::default());
                    self.accounts.remove(&address);
                }
            }
        }
        self.world.set_clock(Timestamp(self.clock.unix_timestamp), self.clock.slot);
    }

    /// Now.
    pub fn now(&self) -> i64 {
        self.world.now().0
    }

    /// It is then; the chain made its slots.
    pub fn set_time(&mut self, then: Timestamp) {
        let seconds = (then.0 - self.now()).max(0) as u64;
        if self.catches_up {
            self.world.set_clock(then, self.world.slot() + seconds);
        } else {
            self.world.run(seconds);
        }
    }

    /// Until when somebody acts in time who uses all of it, of a time from `set_at` to `deadline`: not every second of a halt is noted, so he
    /// keeps some.
    pub fn in_time(&self, set_at: i64, deadline: i64) -> i64 {
        (self.moved(set_at, deadline) - 100).max(set_at)
    }

    /// A deadline that was set at `set_at`: when it is over at the latest, for halts since then.
    pub fn moved(&self, set_at: i64, deadline: i64) -> i64 {
        self.halts.iter().fold(deadline, |moved, &[from, to, counts]| {
            let began = from.max(set_at);
            if from > moved || to <= began {
                return moved;
            }
            if counts == to - from {
                return moved + to - began;
            }
            // While the clock catches up, a second of it is less of one.
            let lasted = to - from;
            let by = (counts * (to - began) / lasted).min(counts * (moved - began) / (lasted - counts));
            moved + by
        })
    }

    /// The rent of the account at a place goes back to who paid for it, who may be another than is usual: to the account at `receiver`.
    pub fn repaid(&self, mut instruction: Instruction, place: usize, receiver: usize) -> Instruction {
        let Some(address) = instruction.accounts.get(place).map(|meta| meta.pubkey) else { return instruction };
        let payer = (self.find::<Bond>(address).map(|bond| bond.payer))
            .or(self.find::<Job>(address).map(|job| job.payer))
            .or(self.find::<Panel>(address).map(|panel| panel.payer))
            .or(self.find::<Game>(address).map(|game| game.payer))
            .or(self.find::<Trace>(address).map(|trace| trace.payer));
        if let (Some(payer), Some(meta)) = (payer, instruction.accounts.get_mut(receiver)) {
            meta.pubkey = payer;
        }
        instruction
    }

    /// Whether the network is paused.
    pub fn is_paused(&self) -> bool {
        self.find::<Network>(self.paused.0).is_some_and(|network| network.paused != 0)
    }

    /// What never happens to anybody: how often it did.
    pub fn never(who: &'static str, promise: &'static str, times: usize) -> Balance {
        let amounts = [0, times as u64];
        Balance { who, promise, amounts, promised: 0, coalition: true, slack: 0 }
    }

    /// What the chain is set back to has this account as well.
    pub fn remember(&mut self, address: Address, account: Account) {
        self.first.insert(address, account);
    }

    /// Puts an account there, until the chain is set back.
    pub fn put(&mut self, address: Address, account: Account) {
        self.world.set_account(address, account);
        self.note(address);
    }

    /// An account changed.
    pub fn note(&mut self, address: Address) {
        // A program stays where it is.
        if self.world.account(address).is_some_and(|account| account.executable) {
            return;
        }
        self.changed.insert(address);
        match self.world.account(address) {
            Some(account) => drop(self.accounts.insert(address, account)),
            None => drop(self.accounts.remove(&address)),
        }
    }

    /// Deadlines within so many seconds from now, from the next.
    pub fn deadlines(&self, within: i64) -> Vec<i64> {
        let now = self.now();
        let all = self.accounts.values().flat_map(timestamps);
        let next: BTreeSet<i64> = all.filter(|moment| (now + 1..=now + within).contains(moment)).collect();
        next.into_iter().collect()
    }

    /// All accounts of a type, with their addresses.
    pub fn all<T: joule_interface::Account>(&self) -> Vec<(Address, T)> {
        let read = |(address, account): (&Address, &Account)| Some((*address, *books::read::<T>(account)?));
        self.accounts.iter().filter_map(read).collect()
    }

    /// One of Joule's accounts, if it is there.
    pub fn find<T: joule_interface::Account>(&self, address: Address) -> Option<T> {
        self.accounts.get(&address).and_then(books::read::<T>).copied()
    }

    /// Tokens in an account; none if it is not there.
    pub fn tokens(&self, address: Address) -> u64 {
        let data = self.accounts.get(&address).map(|account| account.data.as_slice()).unwrap_or_default();
        data.get(64..72).map_or(0, |bytes| u64::from_le_bytes(bytes.try_into().expect("eight bytes")))
    }

    /// The coalition's lamports: at most what they were.
    pub fn rent(&self) -> Balance {
        let amounts = [&self.first, &self.accounts].map(|accounts| {
            let of = |key: &Keypair| accounts.get(&key.pubkey()).map_or(0, |account| account.lamports);
            self.coalition.iter().map(of).sum()
        });
        Balance {
            who: "its lamports",
            promise: "rent goes back to whoever paid it",
            amounts,
            promised: amounts[0] as i128,
            coalition: true,
            slack: 0,
        }
    }

    /// What the coalition puts in the place of an account: every other time one like it, of the same owner and size; or another one of
    /// the call, which is there twice then.
    fn pretender(&self, call: &Instruction, place: usize, number: usize) -> Address {
        let of = call.accounts[place].pubkey;
        let kind = |address: &Address| self.accounts.get(address).map(|account| (account.owner, account.data.len()));
        let is_like = |other: &&Address| **other != of && kind(other) == kind(&of);
        let alike: Vec<&Address> = self.pretenders.iter().filter(is_like).collect();
        match number % 4 {
            0 | 2 if !alike.is_empty() => *alike[number / 2 % alike.len()],
            3 => call.accounts[number / 4 % call.accounts.len()].pubkey,
            _ => self.pretenders[number / 2 % self.pretenders.len()],
        }
    }

    /// What the coalition makes of an instruction: nobody signs for it but itself; and it replaces an account, if the gene says so, alone or with
    /// those that name it.
    pub fn bend(&self, mut act: Act, gene: &Gene) -> Act {
        if !act.partners.is_empty() {
            return act;
        }
        let count = act.instruction.accounts.len();
        if gene.bend != 0 && count > 0 {
            let place = (gene.bend as usize - 1) % count;
            let number = gene.bend as usize / count;
            let other = self.pretender(&act.instruction, place, number);
            let old = act.instruction.accounts[place].pubkey;
            if old != other {
                act.text += &format!(", with {other} of its own as account {place} instead of {old}");
                act.instruction.accounts[place].pubkey = other;
                if number % 4 == 2 {
                    swap_with_relatives(&self.accounts, &mut act.instruction, old, other);
                    act.text += ", and all that belongs to it";
                }
            }
        }
        let own: Vec<Address> =
            self.coalition.iter().map(Signer::pubkey).chain([self.world.payer().pubkey()]).collect();
        let more = act.more.iter_mut().flat_map(|instruction| &mut instruction.accounts);
        for meta in act.instruction.accounts.iter_mut().chain(more) {
            meta.is_signer &= own.contains(&meta.pubkey);
        }
        if gene.inner && act.instruction.program_id != wallet::ID {
            let Instruction { program_id, accounts, data } = act.instruction;
            let program = AccountMeta::new_readonly(program_id, false);
            let accounts = [program].into_iter().chain(accounts).collect();
            act.instruction = Instruction { program_id: wallet::ID, accounts, data };
            act.text += ", by a program of its own";
        }
        act
    }

    /// Sends a transaction of the coalition's.
    pub fn send(&mut self, acts: &[Act]) -> Result<Receipt, Failure> {
        let mut instructions: Vec<Instruction> = vec![];
        for act in acts {
            let mut instruction = act.instruction.clone();
            if let Some((first, place)) = &act.behind {
                instructions.push(first.clone());
                // The first of all is the limit of compute units.
                instruction.data[*place] = instructions.len() as u8;
            }
            instructions.push(instruction);
            instructions.extend(act.more.iter().cloned());
        }
        let partners = acts.iter().flat_map(|act| &act.partners);
        let signers: Vec<Keypair> = self.coalition.iter().chain(partners).map(Keypair::insecure_clone).collect();
        self.transact(&instructions, &signers.iter().collect::<Vec<_>>())
    }

    /// Sends a transaction of anybody's.
    pub fn transact(&mut self, instructions: &[Instruction], signers: &[&Keypair]) -> Result<Receipt, Failure> {
        let outcome = self.world.send(instructions, signers);
        let now = self.now();
        self.calls.note(&self.accounts, now, instructions, &outcome);
        let receipt = outcome?;
        self.sent.extend(instructions.iter().filter(|sent| is_ours(&sent.program_id)).cloned());
        for address in &receipt.writable {
            self.note(*address);
            self.calls.left(*address, self.accounts.get(address));
        }
        Ok(receipt)
    }

    /// A keeper ticks the halt clock, if it is time to.
    pub fn tick(&mut self) {
        let tick = tick_instruction(&self.world);
        self.attempt(tick, &[]);
    }

    /// Sends what an honest party does; whether it was accepted.
    pub fn attempt(&mut self, instruction: Instruction, signers: &[&Keypair]) -> bool {
        self.attempt_all(&[instruction], signers)
    }

    /// The same of several, in one transaction.
    pub fn attempt_all(&mut self, instructions: &[Instruction], signers: &[&Keypair]) -> bool {
        match self.transact(instructions, signers) {
            Ok(_) => true,
            Err(failure) => {
                let is_own = |key: &&Keypair| self.coalition.iter().any(|own| own.pubkey() == key.pubkey());
                let is_late = failure.code() == Some(EscrowError::TooLate as u32);
                self.late += (is_late && !signers.is_empty() && !signers.iter().any(is_own)) as usize;
                false
            }
        }
    }
}
