//! What a keeper has read of a chain.

use {
    crate::scan::SCANS,
    joule_interface::{Account as State, Address, TOKEN_2022_PROGRAM, TOKEN_PROGRAM},
    joule_math::Timestamp,
    solana_account::Account,
    std::{
        cell::RefCell,
        collections::{BTreeMap, BTreeSet},
    },
};

/// A token account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its mint.
    pub mint: Address,
    /// Whose it is.
    pub owner: Address,
    /// Base units in it.
    pub amount: u64,
}

/// Accounts as they were read, and the time. What is asked for and not known is noted, so that it can be read and asked for again.
#[derive(Debug, Default)]
pub struct View {
    /// The chain's time.
    pub now: Timestamp,
    /// The chain's slot.
    pub slot: u64,
    /// What is known, by address: `None` is known to be absent.
    accounts: BTreeMap<Address, Option<Account>>,
    /// Addresses by their owner and first byte.
    kinds: BTreeMap<(Address, u8), BTreeSet<Address>>,
    wanted: RefCell<BTreeSet<Address>>,
}

impl View {
    /// A view of nothing, at this time.
    pub fn new(now: Timestamp, slot: u64) -> Self {
        Self { now, slot, ..Self::default() }
    }

    /// Notes what is at an address.
    pub fn put(&mut self, address: Address, account: Option<Account>) {
        if let Some(account) = &account
            && let Some(&discriminator) = account.data.first()
        {
            self.kinds.entry((account.owner, discriminator)).or_default().insert(address);
        }
        self.accounts.insert(address, account);
    }

    /// What was asked for and is not known.
    pub fn take_wanted(&mut self) -> Vec<Address> {
        let wanted = std::mem::take(self.wanted.get_mut());
        wanted.into_iter().filter(|address| !self.accounts.contains_key(address)).collect()
    }

    /// How many accounts are known.
    pub fn len(&self) -> usize {
        self.accounts.len()
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty()
    }

    /// What is at an address; `None` if nothing is known of it.
    pub fn find(&self, address: &Address) -> Option<Option<&Account>> {
        let known = self.accounts.get(address);
        if known.is_none() {
            self.wanted.borrow_mut().insert(*address);
        }
        known.map(Option::as_ref)
    }

    /// An account that is there.
    pub fn account(&self, address: &Address) -> Option<&Account> {
        self.find(address).flatten()
    }

    /// Whether it is known that nothing is there.
    pub fn is_absent(&self, address: &Address) -> bool {
        self.find(address) == Some(None)
    }

    /// One of Joule's accounts.
    pub fn read<T: State>(&self, address: &Address) -> Option<T> {
        decode(self.account(address)?)
    }

    /// All accounts of a kind that are known.
    pub fn each<T: State>(&self) -> Vec<(Address, T)> {
        let is_scanned = SCANS.iter().any(|it| it.program == T::PROGRAM && it.discriminator == T::DISCRIMINATOR);
        debug_assert!(is_scanned, "nobody looks for accounts {} of {}", T::DISCRIMINATOR, T::PROGRAM);
        let addresses = self.kinds.get(&(T::PROGRAM, T::DISCRIMINATOR)).into_iter().flatten();
        addresses.filter_map(|address| Some((*address, decode(self.accounts.get(address)?.as_ref()?)?))).collect()
    }

    /// A token account of either token program that works: initialized and not frozen.
    pub fn token(&self, address: &Address) -> Option<Token> {
        const STATE: usize = 108;
        const INITIALIZED: u8 = 1;
        let account = self.account(address)?;
        let is_token = [TOKEN_PROGRAM, TOKEN_2022_PROGRAM].contains(&account.owner);
        let data = account.data.get(..165).filter(|data| is_token && data[STATE] == INITIALIZED)?;
        let key = |at: usize| Address::try_from(&data[at..at + 32]).ok();
        let amount = u64::from_le_bytes(data[64..72].try_into().ok()?);
        Some(Token { mint: key(0)?, owner: key(32)?, amount })
    }
}

/// One of Joule's accounts, wherever its bytes lie.
fn decode<T: State>(account: &Account) -> Option<T> {
    let bytes = account.data.get(..T::SIZE)?;
    let [discriminator, version, ..] = *bytes else { return None };
    if account.owner != T::PROGRAM || discriminator != T::DISCRIMINATOR || !T::reads(version) {
        return None;
    }
    let mut state = T::zeroed();
    bytemuck::bytes_of_mut(&mut state).copy_from_slice(bytes);
    Some(state)
}
