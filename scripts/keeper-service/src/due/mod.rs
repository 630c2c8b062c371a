//! What is due: from accounts and the time to instructions. Nothing here talks to a chain.

mod bme;
mod escrow;
mod identity;
mod keys;
mod stake;
mod tips;

use {
    crate::view::View,
    joule_interface::{AccountMeta, Address, Instruction, SYSTEM_PROGRAM},
    joule_math::{Seconds, Timestamp},
    std::collections::{BTreeMap, BTreeSet},
};

/// The instructions that a keeper sends, by program.
pub const SENDS: [(&str, &[&str]); 4] =
    [("bme", &bme::SENDS), ("stake", &stake::SENDS), ("escrow", &escrow::SENDS), ("identity", &identity::SENDS)];

/// What it takes tips with, directly before what it sends.
pub use tips::TAKES;

/// What a keeper serves, and how eagerly. A length of time says how long something may lie before it is due.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Networks that it serves; `None`: all.
    pub networks: Option<BTreeSet<Address>>,
    /// Price accounts of networks whose policy names none.
    pub prices: BTreeMap<Address, Address>,
    /// Whether it opens accounts that whoever is paid lacks, in networks that are named. Their rent is not the keeper's any more.
    pub opens_accounts: bool,
    /// How old the newest price may be that a network's average follows.
    pub average_age: Seconds,
    /// For how long a running job may have earned what it is not paid.
    pub settle_after: Seconds,
    /// How long an active reward root may have opened nothing.
    pub fund_after: Seconds,
    /// How long a job that is over is left to its client, who may post the next in its account.
    pub close_jobs_after: Seconds,
    /// Fewest lamports that a tree's fees are collected for.
    pub least_fees: u64,
    /// Fewest base units, of any token, that are collected for an identity or paid to its payee.
    pub least_earnings: u64,
    /// How long what was collected or paid out rests, whatever comes in meanwhile.
    pub pay_out_every: Seconds,
    /// How long what is due, and will be worth a tip, may wait for that.
    pub wait_for_tips: Seconds,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            networks: None,
            prices: BTreeMap::new(),
            opens_accounts: false,
            average_age: Seconds(900),
            settle_after: Seconds(86_400),
            fund_after: Seconds(3_600),
            close_jobs_after: Seconds(3_600),
            least_fees: 100_000,
            least_earnings: 1_000_000,
            pay_out_every: Seconds(86_400),
            wait_for_tips: Seconds(0),
        }
    }
}

/// Something that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The program, and the instruction that does it.
    pub name: (&'static str, &'static str),
    /// What it is due for.
    pub account: Address,
    /// Which part of that: a replica of a panel.
    pub part: u8,
    /// Since when.
    pub since: Timestamp,
    /// What does it: the first of these that works, each in one transaction.
    pub ways: Vec<Vec<Instruction>>,
    /// Whether it goes on being due after it was done: no reason to wait longer each time.
    pub recurs: bool,
    /// For how long it is not due again once it was done, even if it was not due meanwhile.
    pub rests: Seconds,
}

impl Due {
    /// Tells it from everything else that is due.
    pub fn key(&self) -> Key {
        (self.name, self.account, self.part)
    }
}

/// What tells one thing that is due from all others.
pub type Key = ((&'static str, &'static str), Address, u8);

/// Opens accounts for whoever lacks one.
pub const ASSOCIATED_TOKEN_PROGRAM: Address = Address::from_str_const("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL");

/// Everything that is due, the longest first. `payer` is the keeper.
pub fn all(view: &View, settings: &Settings, payer: Address) -> Vec<Due> {
    let mut rules = Rules { view, settings, payer, found: vec![] };
    bme::find(&mut rules);
    stake::find(&mut rules);
    escrow::find(&mut rules);
    keys::find(&mut rules);
    identity::find(&mut rules);
    tips::of_chores(&mut rules);
    let mut found = rules.found;
    // Among those of the same second, in the order in which they were found.
    found.sort_by_key(|due| due.since);
    found
}

/// What rules read, and where they put what they find.
struct Rules<'a> {
    view: &'a View,
    settings: &'a Settings,
    payer: Address,
    found: Vec<Due>,
}

impl Rules<'_> {
    fn now(&self) -> Timestamp {
        self.view.now
    }

    fn serves(&self, network: &Address) -> bool {
        self.settings.networks.as_ref().is_none_or(|networks| networks.contains(network))
    }

    fn push(&mut self, name: (&'static str, &'static str), account: Address, since: Timestamp, call: Instruction) {
        self.push_ways(name, account, since, vec![vec![call]]);
    }

    fn push_ways(
        &mut self,
        name: (&'static str, &'static str),
        account: Address,
        since: Timestamp,
        ways: Vec<Vec<Instruction>>,
    ) {
        debug_assert!(SENDS.iter().any(|(program, sends)| *program == name.0 && sends.contains(&name.1)), "{name:?}");
        self.found.push(Due { name, account, part: 0, since, ways, recurs: false, rests: Seconds(0) });
    }

    /// What was found last goes on being due after it was done.
    fn recurs(&mut self) {
        self.found.last_mut().expect("it was just found").recurs = true;
    }

    /// What was found last rests for so long once it was done.
    fn rests(&mut self, length: Seconds) {
        self.found.last_mut().expect("it was just found").rests = length;
    }

    /// What was found last is of this part.
    fn part(&mut self, part: u8) {
        self.found.last_mut().expect("it was just found").part = part;
    }

    /// Whether it opens accounts that whoever is paid lacks. In a network of one's own anyone has as many opened as he likes, closes
    /// them and keeps their rent: so only in networks that were named.
    fn opens(&self) -> bool {
        self.settings.opens_accounts && self.settings.networks.is_some()
    }

    fn associated_address(owner: &Address, mint: &Address, token_program: &Address) -> Address {
        let seeds: [&[u8]; 3] = [owner.as_ref(), token_program.as_ref(), mint.as_ref()];
        Address::find_program_address(&seeds, &ASSOCIATED_TOKEN_PROGRAM).0
    }

    /// The associated token account of `owner`, and what opens it if it is missing; `None` if that is not known yet, or if it is
    /// missing and this keeper opens none.
    fn associated(&self, owner: Address, mint: Address, token_program: Address) -> Option<(Address, Vec<Instruction>)> {
        const CREATE_IDEMPOTENT: u8 = 1;
        let address = Self::associated_address(&owner, &mint, &token_program);
        let there = self.view.find(&address)?;
        // One that was never used may hold lamports that somebody sent.
        if there.is_some_and(|account| account.owner != SYSTEM_PROGRAM) {
            return Some((address, vec![]));
        }
        let accounts = vec![
            AccountMeta::new(self.payer, true),
            AccountMeta::new(address, false),
            AccountMeta::new_readonly(owner, false),
            AccountMeta::new_readonly(mint, false),
            AccountMeta::new_readonly(SYSTEM_PROGRAM, false),
            AccountMeta::new_readonly(token_program, false),
        ];
        let create = Instruction { program_id: ASSOCIATED_TOKEN_PROGRAM, accounts, data: vec![CREATE_IDEMPOTENT] };
        self.opens().then_some((address, vec![create]))
    }
}

/// So long after a time.
fn after(time: Timestamp, length: Seconds) -> Timestamp {
    Timestamp(time.0.saturating_add(length.0 as i64))
}

/// So long before a time.
fn before(time: Timestamp, length: Seconds) -> Timestamp {
    Timestamp(time.0.saturating_sub(length.0 as i64))
}

/// A time that was set.
fn set(time: Timestamp) -> Option<Timestamp> {
    (time != Timestamp::default()).then_some(time)
}
