//! What randomized tests are made of: choices, and a chain whose accounts are noted, so that looking at all of them
//! after each action costs nothing.

pub use joule_models::Random;

use {
    crate::{
        Receipt, World,
        books::{self, Accounts},
        example::PROGRAMS,
        laws::Deed,
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
pub struct Noted {
    /// The chain.
    pub world: World,
    accounts: Accounts,
    known: BTreeSet<Address>,
    accepted: BTreeMap<&'static str, u32>,
    /// One who has no part in anything, and what it tries.
    stranger: Address,
    mischief: Random,
    tried: (u32, u32),
}

impl Noted {
    /// Everything that was ever written is noted.
    pub fn new(mut world: World) -> Self {
        let stranger = world.user().pubkey();
        let touched = world.touched();
        let mut noted = Self {
            world,
            accounts: Accounts::new(),
            known: BTreeSet::new(),
            accepted: BTreeMap::new(),
            stranger,
            mischief: Random::new(0x6d69_7363_6869_6566),
            tried: (0, 0),
        };
        touched.into_iter().for_each(|address| noted.note(address));
        noted
    }

    /// Notes an account.
    pub fn note(&mut self, address: Address) {
        self.known.insert(address);
        match self.world.account(address) {
            Some(account) => drop(self.accounts.insert(address, account)),
            None => drop(self.accounts.remove(&address)),
        }
    }

    /// A noted account, if it is there.
    #[track_caller]
    pub fn account(&self, address: Address) -> Option<&Account> {
        assert!(self.known.contains(&address), "{address} is not noted");
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
        *T::read(&account.owner, &account.data).expect("the account is of its kind")
    }

    /// All accounts of a kind.
    pub fn all<T: joule_interface::Account>(&self) -> impl Iterator<Item = (Address, &T)> {
        self.accounts.iter().filter_map(|(address, account)| Some((*address, books::read::<T>(account)?)))
    }

    /// Balance of a token account.
    #[track_caller]
    pub fn tokens(&self, address: Address) -> u128 {
        let data = &self.account(address).expect("the token account is there").data;
        u64::from_le_bytes(data[64..72].try_into().unwrap()) as u128
    }

    /// Sends one action, counts it under its name if it was taken, and notes what it changed. Before it someone may try
    /// something like it, of which nothing remains.
    ///
    /// It may be refused by a program, with one of its errors; never by an exhausted budget or a broken account. If it was
    /// taken, then by those who may, and in its time.
    #[track_caller]
    pub fn attempt(&mut self, name: &'static str, instruction: Instruction, signers: &[&Keypair]) -> Option<Receipt> {
        if self.world.is_lite() && self.mischief.below(3) == 0 {
            self.tamper(name, &instruction);
        }
        let receipt = match self.world.send(&[instruction], signers) {
            Ok(receipt) => receipt,
            Err(failure) => {
                assert!(failure.code().is_some(), "{name}: {:?}\n{}", failure.error, failure.logs.join("\n"));
                return None;
            }
        };
        *self.accepted.entry(name).or_default() += 1;
        let mut before = Accounts::new();
        for address in &receipt.writable {
            before.extend(self.accounts.get(address).map(|account| (*address, account.clone())));
            self.note(*address);
        }
        let signers: Vec<Address> =
            signers.iter().map(|key| key.pubkey()).chain([self.world.payer().pubkey()]).collect();
        let (after, now) = (&self.accounts, self.world.now());
        let deed = Deed { before: &before, after, others: after, signers: &signers, now };
        if let Err(broken) = deed.check(&receipt.writable) {
            panic!("{name}: {broken}");
        }
        Some(receipt)
    }

    /// An action that is not what it was meant to be: another signs, or nobody; an account is one like it, of another job,
    /// client or tenant, alone or with those that belong to it; or it comes at the very second of a deadline, just before or
    /// just after. It may be refused, or whatever it does is right. Then it is undone.
    #[track_caller]
    fn tamper(&mut self, name: &'static str, honest: &Instruction) {
        let mut instruction = honest.clone();
        let count = instruction.accounts.len();
        let now = self.world.now();
        if count == 0 {
            return;
        }
        for _ in 0..1 + self.mischief.below(2) {
            let place = self.mischief.place(count);
            match self.mischief.below(5) {
                0 => {
                    let signs: Vec<usize> = (0..count).filter(|&i| instruction.accounts[i].is_signer).collect();
                    if !signs.is_empty() {
                        let place = signs[self.mischief.place(signs.len())];
                        match self.mischief.below(3) {
                            0 => instruction.accounts[place].is_signer = false,
                            _ => instruction.accounts[place].pubkey = self.stranger,
                        }
                    }
                }
                1 => self.set_close(&instruction, now),
                2 => self.swap_with_relatives(&mut instruction, place),
                _ => {
                    if let Some(other) = self.like(instruction.accounts[place].pubkey) {
                        instruction.accounts[place].pubkey = other;
                    }
                }
            }
        }
        let then = self.world.now();
        let given = |world: &World| -> Accounts {
            let keys = instruction.accounts.iter().map(|meta| meta.pubkey);
            keys.filter_map(|key| Some((key, world.account(key)?))).collect()
        };
        let before = given(&self.world);
        let outcome = self.world.send_signed_by_all(std::slice::from_ref(&instruction));
        self.world.set_time(now);
        self.tried.0 += 1;
        let Ok(receipt) = outcome else {
            if let Err(failure) = outcome {
                verdict::clean(&failure).unwrap_or_else(|finding| panic!("{name}, tampered with: {finding}"));
            }
            return;
        };
        self.tried.1 += 1;
        let signs = instruction.accounts.iter().filter(|meta| meta.is_signer);
        let signers: Vec<Address> = signs.map(|meta| meta.pubkey).collect();
        let after = given(&self.world);
        let deed = Deed { before: &before, after: &after, others: &self.accounts, signers: &signers, now: then };
        let verdict = books::check(&before, &after).and_then(|()| deed.check(&receipt.writable));
        for address in receipt.writable {
            self.world.set_account(address, before.get(&address).cloned().unwrap_or_default());
        }
        if let Err(broken) = verdict {
            panic!("{name}, tampered with: {broken}\n{instruction:?}\ninstead of {honest:?}");
        }
    }

    /// A noted account like this one.
    fn like(&mut self, address: Address) -> Option<Address> {
        let account = self.accounts.get(&address)?;
        let alike: Vec<Address> = (self.accounts.iter())
            .filter(|(other, like)| **other != address && like.owner == account.owner)
            .filter(|(_, like)| like.data.len() == account.data.len())
            .map(|(other, _)| *other)
            .collect();
        (!alike.is_empty()).then(|| alike[self.mischief.place(alike.len())])
    }

    /// Swaps an account for one like it, and those of the action that name it for their like that name the new one.
    fn swap_with_relatives(&mut self, instruction: &mut Instruction, place: usize) {
        let old = instruction.accounts[place].pubkey;
        let Some(new) = self.like(old) else { return };
        let names = |account: &Account, who: &Address| account.data.windows(32).any(|bytes| bytes == who.as_array());
        let same = |a: &Account, b: &Account| a.data.iter().zip(&b.data).filter(|(a, b)| a == b).count();
        for meta in &mut instruction.accounts {
            if meta.pubkey == old {
                meta.pubkey = new;
            }
            let Some(child) = self.accounts.get(&meta.pubkey).filter(|child| names(child, &old)) else { continue };
            let alike = (self.accounts.iter())
                .filter(|(_, like)| like.owner == child.owner && like.data.len() == child.data.len())
                .filter(|(_, like)| like.data.first() == child.data.first() && names(like, &new));
            if let Some((other, _)) = alike.max_by_key(|(_, like)| same(like, child)) {
                meta.pubkey = *other;
            }
        }
    }

    /// Sets the time to a moment of one of the accounts, or next to it.
    fn set_close(&mut self, instruction: &Instruction, now: Timestamp) {
        let accounts = instruction.accounts.iter().filter_map(|meta| self.accounts.get(&meta.pubkey));
        let moments: Vec<i64> =
            accounts.flat_map(moments).filter(|moment| (now.0 + 1..now.0 + 100 * 86_400).contains(moment)).collect();
        if !moments.is_empty() {
            let moment = moments[self.mischief.place(moments.len())];
            self.world.set_time(Timestamp(now.0.max(moment - 1 + self.mischief.below(3) as i64)));
        }
    }

    /// Sets the time to the very second of one of the deadlines that come within `seconds`, the one before it or the one
    /// after it.
    pub fn pass_to_a_deadline(&mut self, random: &mut Random, seconds: u64) {
        let now = self.world.now().0;
        let mut moments: Vec<i64> = self.accounts.values().flat_map(moments).collect();
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
        if let Err(broken) = books::check_all(&self.accounts) {
            panic!("{broken}");
        }
    }

    /// What is noted of the programs' accounts is what is there.
    pub fn check_notes(&self) {
        let is_held = |account: Option<&Account>| {
            account.is_some_and(|account| PROGRAMS.iter().any(|program| program.id == account.owner))
        };
        for address in &self.known {
            let (noted, there) = (self.accounts.get(address), self.world.account(*address));
            assert!(noted == there.as_ref() || !is_held(noted) && !is_held(there.as_ref()), "{address}");
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

    /// How many actions were tampered with, and how many of these had an effect.
    pub fn tampered(&self) -> (u32, u32) {
        self.tried
    }

    /// A run in which nothing happens proves nothing: each of these actions was taken.
    #[track_caller]
    pub fn check_taken(&self, expected: &[&str]) {
        let missing: Vec<_> = expected.iter().filter(|name| !self.accepted.contains_key(**name)).collect();
        assert!(missing.is_empty(), "never: {missing:?} in {:?}", self.accepted);
    }
}

/// Seconds that an account of ours names.
fn moments(account: &Account) -> Vec<i64> {
    let Some(program) = PROGRAMS.iter().find(|program| program.id == account.owner) else { return vec![] };
    let kind = account.data.first().copied().unwrap_or_default();
    let layout = program.accounts.iter().find(|(of, _)| *of == kind).map(|(_, layout)| layout);
    let fields = layout.into_iter().flat_map(|layout| layout.fields).filter(|field| field.type_name == "Timestamp");
    fields
        .filter_map(|field| {
            Some(i64::from_le_bytes(account.data.get(field.offset..field.offset + 8)?.try_into().ok()?))
        })
        .collect()
}

/// A chain that several crowds use in turn; only one has it at a time.
pub struct Shared(Option<Box<Noted>>);

impl Shared {
    /// It is here.
    pub fn new(chain: Noted) -> Self {
        Self(Some(Box::new(chain)))
    }

    /// It is elsewhere.
    pub fn elsewhere() -> Self {
        Self(None)
    }

    /// All that it is.
    pub fn into_inner(self) -> Noted {
        *self.0.expect("the chain is here")
    }
}

impl Deref for Shared {
    type Target = Noted;

    fn deref(&self) -> &Noted {
        self.0.as_ref().expect("the chain is here")
    }
}

impl DerefMut for Shared {
    fn deref_mut(&mut self) -> &mut Noted {
        self.0.as_mut().expect("the chain is here")
    }
}
