//! A chain in a test as a keeper asks it: with answers that are late, old, missing or wrong.

use {
    crate::World,
    joule_interface::Address,
    joule_keeper::{
        chain::{Chain, Fault, HEAD, Recent, Simulation, Status},
        scan::Scan,
    },
    joule_math::Timestamp,
    solana_account::Account,
    solana_hash::Hash,
    solana_signature::Signature,
    solana_transaction::Transaction,
    solana_transaction_error::TransactionError,
    std::{
        collections::{BTreeMap, BTreeSet},
        time::Duration,
    },
};

/// How often the server fails, in a thousand questions of a kind.
#[derive(Clone, Copy, Debug, Default)]
pub struct Faults {
    /// It is busy.
    pub busy: u64,
    /// Its answer is lost. What was sent is sent.
    pub lost: u64,
    /// It answers with what was true some passes ago.
    pub stale: u64,
    /// A list lacks some accounts.
    pub partial: u64,
    /// It forgets a transaction that it took.
    pub dropped: u64,
    /// It does not know yet what became of a transaction.
    pub unseen: u64,
    /// The blockhash that it gives is about to expire.
    pub expiring: u64,
}

impl Faults {
    /// All of them, much more often than any server that somebody would pay for.
    pub const MANY: Self =
        Self { busy: 50, lost: 50, stale: 50, partial: 50, dropped: 150, unseen: 300, expiring: 100 };
}

/// A world as a chain.
pub struct Local<'a> {
    /// The world.
    pub world: &'a World,
    /// How it fails.
    pub faults: Faults,
    /// How often it failed, by kind.
    pub failed: BTreeMap<&'static str, u64>,
    /// Transactions that landed, and how they ended.
    pub landed: BTreeMap<Signature, Result<(), String>>,
    random: u64,
    height: u64,
    /// What is there when a pass begins, and what was there some passes before.
    present: BTreeMap<Address, Option<Account>>,
    old: BTreeMap<Address, Option<Account>>,
    passes: u64,
}

/// How many blocks a blockhash is good for.
const LIFE: u64 = 150;
const MILLISECONDS_A_BLOCK: u64 = 400;

impl<'a> Local<'a> {
    /// A chain that fails like this, each time the same for one seed.
    pub fn new(world: &'a World, faults: Faults, seed: u64) -> Self {
        Self {
            world,
            faults,
            failed: BTreeMap::new(),
            landed: BTreeMap::new(),
            random: seed,
            height: 1_000,
            present: BTreeMap::new(),
            old: BTreeMap::new(),
            passes: 0,
        }
    }

    /// SplitMix64.
    fn random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn happens(&mut self, name: &'static str, often: u64) -> bool {
        let happens = self.random() % 1_000 < often;
        if happens {
            *self.failed.entry(name).or_default() += 1;
        }
        happens
    }

    /// Before a question is answered.
    fn asked(&mut self) -> Result<(), Fault> {
        if self.happens("busy", self.faults.busy) {
            return Err(Fault::Busy);
        }
        Ok(())
    }

    /// After it was answered.
    fn answered<T>(&mut self, answer: T) -> Result<T, Fault> {
        if self.happens("lost", self.faults.lost) {
            return Err(Fault::Lost("the connection broke off".into()));
        }
        Ok(answer)
    }

    fn account(&self, address: &Address, is_old: bool) -> Option<Account> {
        match self.old.get(address).filter(|_| is_old) {
            Some(old) => old.clone(),
            None => self.world.account(*address),
        }
    }

    /// Looks at all that is there, for the questions of a pass; and keeps what was there before, to answer with it later.
    fn look(&mut self) {
        let touched = self.world.touched().into_iter();
        let present = touched.map(|address| (address, self.world.account(address))).collect();
        let before = std::mem::replace(&mut self.present, present);
        if self.passes.is_multiple_of(3) {
            self.old = before;
        }
        self.passes += 1;
    }
}

impl Chain for Local<'_> {
    fn time(&mut self) -> Result<(Timestamp, u64), Fault> {
        self.asked()?;
        self.look();
        self.answered((self.world.now(), self.world.slot()))
    }

    fn scan(&mut self, scan: &Scan, network: Option<&Address>) -> Result<Vec<(Address, Account)>, Fault> {
        self.asked()?;
        let is_old = self.happens("stale", self.faults.stale);
        let is_partial = self.happens("partial", self.faults.partial);
        let accounts = if is_old { &self.old } else { &self.present };
        let mut found = vec![];
        for (address, account) in accounts.iter().filter_map(|(address, account)| Some((address, account.as_ref()?))) {
            let is_size = scan.size.is_none_or(|size| size == account.data.len());
            let is_kind = account.owner == scan.program && account.data.first() == Some(&scan.discriminator);
            let is_of = scan
                .network
                .zip(network)
                .is_none_or(|(offset, network)| account.data.get(offset..offset + 32) == Some(network.as_ref()));
            if is_size && is_kind && is_of {
                let mut account = account.clone();
                if let Some((offset, length)) = scan.slice {
                    account.data = account.data[offset..offset + length].to_vec();
                }
                found.push((*address, account));
            }
        }
        if is_partial {
            found.retain(|_| self.random().is_multiple_of(2));
        }
        self.answered(found)
    }

    fn accounts(&mut self, addresses: &[Address]) -> Result<Vec<Option<Account>>, Fault> {
        self.asked()?;
        let is_old = self.happens("stale", self.faults.stale);
        let found = addresses.iter().map(|address| {
            let mut account = self.account(address, is_old)?;
            account.data.truncate(HEAD);
            Some(account)
        });
        let found = found.collect();
        self.answered(found)
    }

    fn recent(&mut self) -> Result<Recent, Fault> {
        self.asked()?;
        let life = if self.happens("expiring", self.faults.expiring) { 1 } else { LIFE };
        let last_height = self.height + life;
        // No two transactions are the same, as no two are that are made a second apart.
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&last_height.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.random().to_le_bytes());
        self.answered(Recent { blockhash: Hash::new_from_array(bytes), last_height })
    }

    fn height(&mut self) -> Result<u64, Fault> {
        self.asked()?;
        self.answered(self.height)
    }

    fn simulate(&mut self, transaction: &Transaction) -> Result<Simulation, Fault> {
        self.asked()?;
        let simulation = match self.world.simulate(transaction) {
            Ok((units, balance)) => {
                let before = self.world.lamports(transaction.message.account_keys[0]);
                let spent = balance.map(|left| before.saturating_sub(left));
                Simulation { failure: None, units, spent, balance }
            }
            Err(failure) => {
                let at = match failure.error {
                    TransactionError::InstructionError(at, _) => Some(at as usize),
                    _ => None,
                };
                let why = format!("{:?} {}", failure.error, failure.logs.join("; "));
                Simulation { failure: Some((at, why)), units: 0, spent: None, balance: None }
            }
        };
        self.answered(simulation)
    }

    fn send(&mut self, transaction: &Transaction) -> Result<(), Fault> {
        self.asked()?;
        let signature = transaction.signatures[0];
        let last = transaction.message.recent_blockhash.to_bytes();
        let last_height = u64::from_le_bytes(last[..8].try_into().expect("eight bytes"));
        let is_lost = self.happens("dropped", self.faults.dropped);
        // A chain takes each transaction once.
        if !is_lost && self.height <= last_height && !self.landed.contains_key(&signature) {
            let landed = self.world.land(transaction);
            // A fee is paid for one that fails, and only for one that is taken.
            let ended = landed.map_err(|failure| format!("{:?} {}", failure.error, failure.logs.join("; ")));
            self.landed.insert(signature, ended);
        }
        self.answered(())
    }

    fn statuses(&mut self, signatures: &[Signature]) -> Result<Vec<Status>, Fault> {
        self.asked()?;
        let mut found = vec![];
        for signature in signatures {
            let is_unseen = self.happens("unseen", self.faults.unseen);
            found.push(self.landed.get(signature).filter(|_| !is_unseen).cloned());
        }
        self.answered(found)
    }

    fn price(&mut self, _: &[Address]) -> Result<u64, Fault> {
        self.asked()?;
        self.answered(0)
    }

    fn wait(&mut self, time: Duration) {
        let milliseconds = time.as_millis() as u64;
        self.height += milliseconds.div_ceil(MILLISECONDS_A_BLOCK);
        self.world.run(milliseconds / 1_000);
    }
}

/// Instructions by name that were confirmed in passes of a keeper.
pub fn names(done: &[joule_keeper::due::Key]) -> BTreeSet<(&'static str, &'static str)> {
    done.iter().map(|(name, ..)| *name).collect()
}
