//! A chain for randomized tests that keeps a copy of every account that was ever written, so that looking at all of them
//! after each action costs nothing.

pub use joule_models::Random;

use {
    crate::{
        Receipt, World,
        authorization::Transition,
        books::{self, Accounts, History},
        example::is_ours,
        tampering::timestamps,
        verdict,
    },
    joule_interface::{Address, Instruction},
    joule_math::Timestamp,
    solana_account::Account,
    solana_keypair::Keypair,
    solana_signer::Signer,
    std::{
        collections::{BTreeMap, BTreeSet},
        ops::{Deref, DerefMut},
    },
};

/// A chain, and its accounts as they were last written.
pub struct TrackedWorld {
    /// The chain.
    pub world: World,
    pub(crate) accounts: Accounts,
    known: BTreeSet<Address>,
    /// What accounts that are closed said of the past.
    gone: Vec<History>,
    accepted: BTreeMap<&'static str, u32>,
    /// A key that has no part in anything, and signs tampered actions.
    pub(crate) stranger: Address,
    /// Chooses which actions are tampered with, and how.
    pub(crate) tampering: Random,
    /// How many actions were tampered with, how many of these had an effect, and of how many it stayed.
    pub(crate) tampered: (u32, u32, u32),
    /// Whether something of it may stay: not where a model foresees whether each action is accepted.
    pub(crate) may_stay: bool,
}

impl TrackedWorld {
    /// Tracks everything that was written so far.
    pub fn new(mut world: World) -> Self {
        let stranger = world.user().pubkey();
        let touched = world.touched();
        let mut tracked = Self {
            world,
            accounts: Accounts::new(),
            known: BTreeSet::new(),
            gone: vec![],
            accepted: BTreeMap::new(),
            stranger,
            tampering: Random::new(0x6d69_7363_6869_6566),
            tampered: (0, 0, 0),
            may_stay: true,
        };
        touched.into_iter().for_each(|address| tracked.track(address));
        tracked
    }

    /// Tracks an account.
    pub fn track(&mut self, address: Address) {
        self.known.insert(address);
        match self.world.account(address) {
            Some(account) => drop(self.accounts.insert(address, account)),
            None => {
                let closed = self.accounts.remove(&address);
                self.gone.extend(closed.as_ref().and_then(books::read_history));
            }
        }
    }

    /// A tracked account, if it is there.
    #[track_caller]
    pub fn account(&self, address: Address) -> Option<&Account> {
        assert!(self.known.contains(&address), "{address} is not tracked");
        self.accounts.get(&address)
    }

    /// One of Joule's accounts, if it is there; as far as is known.
    pub fn find<T: joule_interface::Account>(&self, address: Address) -> Option<T> {
        self.accounts.get(&address).and_then(books::read::<T>).copied()
    }

    /// One of Joule's accounts.
    #[track_caller]
    pub fn read<T: joule_interface::Account>(&self, address: Address) -> T {
        let account = self.account(address).expect("the account is there");
        *T::read(&account.owner, &account.data).expect("the account is of its type")
    }

    /// All accounts of one type.
    pub fn all<T: joule_interface::Account>(&self) -> impl Iterator<Item = (Address, &T)> {
        self.accounts.iter().filter_map(|(address, account)| Some((*address, books::read::<T>(account)?)))
    }

    /// Balance of a token account.
    #[track_caller]
    pub fn tokens(&self, address: Address) -> u128 {
        let data = &self.account(address).expect("the token account is there").data;
        u64::from_le_bytes(data[64..72].try_into().unwrap()) as u128
    }

    /// Sends one action, counts it under its name if it was accepted, and tracks what it changed. On LiteSVM a tampered form of
    /// the action may be tried first; what a stranger does alone may stay.
    ///
    /// A program may refuse it with one of its errors, but not by an exhausted budget or a broken account. An accepted action
    /// must be authorized and in time.
    #[track_caller]
    pub fn attempt(&mut self, name: &'static str, instruction: Instruction, signers: &[&Keypair]) -> Option<Receipt> {
        self.attempt_behind(name, None, instruction, signers)
    }

    /// The same, behind an instruction of another program that it looks at.
    #[track_caller]
    pub fn attempt_behind(
        &mut self,
        name: &'static str,
        first: Option<Instruction>,
        instruction: Instruction,
        signers: &[&Keypair],
    ) -> Option<Receipt> {
        if self.world.is_lite() && self.tampering.below(3) == 0 {
            self.tamper(name, &instruction);
        }
        // What it reads of other programs, a price above all, changes without an action.
        let is_ours = |key: &Address| self.accounts.get(key).is_some_and(|account| is_ours(&account.owner));
        let read: Vec<Address> =
            instruction.accounts.iter().map(|meta| meta.pubkey).filter(|key| !is_ours(key)).collect();
        for key in read {
            if self.world.account(key).is_some_and(|account| !account.executable) {
                self.track(key);
            }
        }
        let before: Accounts = (instruction.accounts.iter())
            .filter_map(|meta| Some((meta.pubkey, self.accounts.get(&meta.pubkey)?.clone())))
            .collect();
        // What stands before it is another program's, and writes none of this.
        let instructions: Vec<_> = first.into_iter().chain([instruction]).collect();
        let receipt = match self.world.send(&instructions, signers) {
            Ok(receipt) => receipt,
            Err(failure) => {
                assert!(failure.code().is_some(), "{name}: {:?}\n{}", failure.error, failure.logs.join("\n"));
                return None;
            }
        };
        *self.accepted.entry(name).or_default() += 1;
        receipt.writable.iter().for_each(|address| self.track(*address));
        let signers: Vec<Address> =
            signers.iter().map(|key| key.pubkey()).chain([self.world.payer().pubkey()]).collect();
        let instruction = instructions.last().expect("it was sent");
        let keys = instruction.accounts.iter().map(|meta| meta.pubkey);
        let after: Accounts = keys.filter_map(|key| Some((key, self.accounts.get(&key)?.clone()))).collect();
        let (others, now) = (&self.accounts, self.world.now());
        let transition = Transition { before: &before, after: &after, others, signers: &signers, now };
        if let Err(broken) = verdict::done(instruction, &receipt.calls, &transition) {
            panic!("{name}: {broken}\n{instruction:?}");
        }
        Some(receipt)
    }

    /// Sets the time to the very second of one of the deadlines that come within `seconds`, the one before it or the one
    /// after it.
    pub fn pass_to_a_deadline(&mut self, random: &mut Random, seconds: u64) {
        let now = self.world.now().0;
        let mut moments: Vec<i64> = self.accounts.values().flat_map(timestamps).collect();
        moments.retain(|moment| (now + 1..now + seconds as i64).contains(moment));
        moments.sort_unstable();
        moments.dedup();
        if !moments.is_empty() {
            let moment = moments[random.place(moments.len())];
            self.world.set_time(Timestamp(now.max(moment - 1 + random.below(3) as i64)));
        }
    }

    /// All books of the chain are in balance.
    #[track_caller]
    pub fn check_books(&self) {
        if let Err(broken) = books::check_all(&self.accounts, &self.gone) {
            panic!("{broken}");
        }
    }

    /// The tracked copies of the programs' accounts equal the chain's.
    pub fn check_tracked(&self) {
        let is_held = |account: Option<&Account>| account.is_some_and(|account| is_ours(&account.owner));
        for address in &self.known {
            let (tracked, there) = (self.accounts.get(address), self.world.account(*address));
            assert!(tracked == there.as_ref() || !is_held(tracked) && !is_held(there.as_ref()), "{address}");
        }
    }

    /// How many actions were taken.
    pub fn taken(&self) -> u32 {
        self.accepted.values().sum()
    }

    /// How often each action was taken.
    pub fn accepted(&self) -> &BTreeMap<&'static str, u32> {
        &self.accepted
    }

    /// How many actions were tampered with, how many of these had an effect, and of how many it stayed.
    pub fn tampered(&self) -> (u32, u32, u32) {
        self.tampered
    }

    /// Whether this action was taken.
    pub fn has_taken(&self, action: &str) -> bool {
        self.accepted.contains_key(action)
    }

    /// A run in which nothing happens proves nothing: each of these actions was taken.
    #[track_caller]
    pub fn check_taken(&self, expected: &[&str]) {
        let missing: Vec<_> = expected.iter().filter(|name| !self.has_taken(name)).collect();
        assert!(missing.is_empty(), "never: {missing:?} in {:?}", self.accepted);
    }
}

/// A chain that several groups of actors use in turn; only one has it at a time.
pub struct Shared(Option<Box<TrackedWorld>>);

impl Shared {
    /// It is here.
    pub fn new(chain: TrackedWorld) -> Self {
        Self(Some(Box::new(chain)))
    }

    /// It is elsewhere.
    pub fn elsewhere() -> Self {
        Self(None)
    }

    /// All that it is.
    pub fn into_inner(self) -> TrackedWorld {
        *self.0.expect("the chain is here")
    }
}

impl Deref for Shared {
    type Target = TrackedWorld;

    fn deref(&self) -> &TrackedWorld {
        self.0.as_ref().expect("the chain is here")
    }
}

impl DerefMut for Shared {
    fn deref_mut(&mut self) -> &mut TrackedWorld {
        self.0.as_mut().expect("the chain is here")
    }
}
