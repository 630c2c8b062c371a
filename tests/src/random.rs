//! What randomized tests are made of: choices, and a chain whose accounts are noted, so that looking at all of them
//! after each action costs nothing.

pub use joule_models::Random;

use {
    crate::{Receipt, World},
    joule_interface::{Address, Instruction},
    solana_account::Account,
    solana_keypair::Keypair,
    solana_signer::Signer,
    std::collections::{BTreeMap, HashMap},
};

/// A chain, and its accounts as they were last written.
pub struct Noted {
    /// The chain.
    pub world: World,
    accounts: HashMap<Address, Option<Account>>,
    accepted: BTreeMap<&'static str, u32>,
}

impl Noted {
    /// Nothing is noted yet.
    pub fn new(world: World) -> Self {
        Self { world, accounts: HashMap::new(), accepted: BTreeMap::new() }
    }

    /// Notes an account.
    pub fn note(&mut self, address: Address) {
        self.accounts.insert(address, self.world.account(address));
    }

    /// A noted account, if it is there.
    #[track_caller]
    pub fn account(&self, address: Address) -> Option<&Account> {
        self.accounts[&address].as_ref()
    }

    /// One of Joule's accounts.
    #[track_caller]
    pub fn read<T: joule_interface::Account>(&self, address: Address) -> T {
        let account = self.account(address).expect("the account is there");
        *T::read(&account.owner, &account.data).expect("the account is of its kind")
    }

    /// Balance of a token account.
    #[track_caller]
    pub fn tokens(&self, address: Address) -> u128 {
        let data = &self.account(address).expect("the token account is there").data;
        u64::from_le_bytes(data[64..72].try_into().unwrap()) as u128
    }

    /// Sends one action, counts it under its name if it was taken, and notes what it changed.
    ///
    /// It may be refused by a program, with one of its errors; never by an exhausted budget or a broken account.
    #[track_caller]
    pub fn attempt(&mut self, name: &'static str, instruction: Instruction, signers: &[&Keypair]) -> Option<Receipt> {
        let receipt = match self.world.send(&[instruction], signers) {
            Ok(receipt) => receipt,
            Err(failure) => {
                assert!(failure.code().is_some(), "{name}: {:?}\n{}", failure.error, failure.logs.join("\n"));
                return None;
            }
        };
        *self.accepted.entry(name).or_default() += 1;
        for address in &receipt.writable {
            self.note(*address);
        }
        Some(receipt)
    }

    /// What is noted of the accounts is what is there. Fees of the payer are not.
    pub fn check_notes(&self) {
        let payer = self.world.payer().pubkey();
        for (address, noted) in self.accounts.iter().filter(|(address, _)| **address != payer) {
            assert_eq!(*noted, self.world.account(*address), "{address}");
        }
    }

    /// How many actions were taken.
    pub fn taken(&self) -> u32 {
        self.accepted.values().sum()
    }

    /// A run in which nothing happens proves nothing: each of these actions was taken.
    #[track_caller]
    pub fn check_taken(&self, expected: &[&str]) {
        let missing: Vec<_> = expected.iter().filter(|name| !self.accepted.contains_key(**name)).collect();
        assert!(missing.is_empty(), "never: {missing:?} in {:?}", self.accepted);
    }
}
