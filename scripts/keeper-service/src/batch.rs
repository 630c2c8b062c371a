//! From instructions to transactions.

use {
    crate::due::{ASSOCIATED_TOKEN_PROGRAM, Due},
    joule_interface::{Address, Instruction},
    solana_hash::Hash,
    solana_keypair::Keypair,
    solana_signer::Signer,
    solana_transaction::{Message, Transaction},
    std::collections::BTreeSet,
};

/// Bytes of a transaction.
const MOST_BYTES: usize = 1_232;
/// Things that are due in one transaction.
const MOST_ITEMS: usize = 8;
/// Accounts of a transaction.
const MOST_ACCOUNTS: usize = 64;
/// Compute units of a transaction.
pub const MOST_UNITS: u32 = 1_400_000;
/// What a signature costs, lamports.
pub const SIGNATURE: u64 = 5_000;
/// Instructions before the first that is due: the limit of compute units and their price.
pub const LEADING: usize = 2;

const COMPUTE_BUDGET: Address = Address::from_str_const("ComputeBudget111111111111111111111111111111");

/// One thing that is due, done in one of its ways.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What.
    pub due: Due,
    /// Which way.
    pub way: usize,
}

impl Item {
    /// Its instructions.
    pub fn calls(&self) -> &[Instruction] {
        &self.due.ways[self.way]
    }

    /// Whether it opens an account for somebody else, who may close it and keep its rent.
    pub fn opens_account(&self) -> bool {
        self.calls().iter().any(|call| call.program_id == ASSOCIATED_TOKEN_PROGRAM)
    }

    /// The same in its next way, if there is one.
    pub fn next(mut self) -> Option<Self> {
        self.way += 1;
        (self.way < self.due.ways.len()).then_some(self)
    }
}

/// A signed transaction that does all of this, in order. Its budget comes first.
pub fn transaction(items: &[Item], key: &Keypair, units: u32, price: u64, blockhash: Hash) -> Transaction {
    const SET_LIMIT: u8 = 2;
    const SET_PRICE: u8 = 3;
    let budget = |data: Vec<u8>| Instruction { program_id: COMPUTE_BUDGET, accounts: vec![], data };
    let limit = budget([&[SET_LIMIT], &units.to_le_bytes()[..]].concat());
    let price = budget([&[SET_PRICE], &price.to_le_bytes()[..]].concat());
    let calls = items.iter().flat_map(Item::calls).cloned();
    let instructions: Vec<_> = [limit, price].into_iter().chain(calls).collect();
    let message = Message::new_with_blockhash(&instructions, Some(&key.pubkey()), &blockhash);
    Transaction::new(&[key], message, blockhash)
}

/// Which of the items an instruction of their transaction belongs to; `None`: it is the budget's.
pub fn item_at(items: &[Item], instruction: usize) -> Option<usize> {
    let mut left = instruction.checked_sub(LEADING)?;
    items.iter().position(|item| match left.checked_sub(item.calls().len()) {
        Some(rest) => {
            left = rest;
            false
        }
        None => true,
    })
}

/// Whether all of this fits into one transaction.
fn fits(items: &[Item], key: &Keypair) -> bool {
    if items.len() == 1 {
        return true;
    }
    let transaction = transaction(items, key, MOST_UNITS, u64::MAX, Hash::default());
    let bytes = bincode::serialized_size(&transaction).unwrap_or(u64::MAX);
    items.len() <= MOST_ITEMS && bytes <= MOST_BYTES as u64 && transaction.message.account_keys.len() <= MOST_ACCOUNTS
}

/// As few groups as an easy way of packing makes, each of which fits into a transaction. What changes one thing twice stands apart:
/// the second is simulated after the first.
pub fn pack(items: Vec<Item>, key: &Keypair) -> Vec<Vec<Item>> {
    let mut groups: Vec<Vec<Item>> = vec![];
    let mut accounts: Vec<BTreeSet<Address>> = vec![];
    for item in items {
        let account = item.due.account;
        let place = (0..groups.len()).rev().take(4).find(|&place| {
            let group = &mut groups[place];
            if accounts[place].contains(&account) {
                return false;
            }
            group.push(item.clone());
            let fits = fits(group, key);
            group.pop();
            fits
        });
        match place {
            Some(place) => {
                groups[place].push(item);
                accounts[place].insert(account);
            }
            None => {
                groups.push(vec![item]);
                accounts.push(BTreeSet::from([account]));
            }
        }
    }
    groups
}

/// What a transaction costs, lamports, beside what it leaves in accounts.
pub fn fee(units: u32, price: u64) -> u64 {
    SIGNATURE.saturating_add((units as u128 * price as u128).div_ceil(1_000_000).min(u64::MAX as u128) as u64)
}
