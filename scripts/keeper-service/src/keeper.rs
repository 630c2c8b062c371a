//! Reads, finds what is due, and sends it. Again and again.

use {
    crate::{
        batch::{self, Item},
        chain::{Chain, Fault, MOST, Recent, Simulation},
        due::{self, Due, Key, Settings},
        metrics::Metrics,
        scan::{SCANS, may_be_due},
        view::View,
    },
    joule_bme_interface::state::Network,
    joule_escrow_interface::state::{HALT_CLOCK, HaltClock},
    joule_interface::Address,
    joule_math::{Seconds, Timestamp},
    joule_stake_interface::state::Slash,
    solana_hash::Hash,
    solana_keypair::Keypair,
    solana_signature::Signature,
    solana_signer::Signer,
    solana_transaction::Transaction,
    std::{
        collections::{BTreeMap, BTreeSet, HashSet, VecDeque},
        sync::{Arc, Mutex},
        time::Duration,
    },
};

/// What a keeper may spend, and how it asks.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Most lamports a day of the chain's clock (UTC), fees and rents. It counts from the keeper's start: one that was started again
    /// does not know what it spent before.
    pub lamports_a_day: u64,
    /// Most of them for accounts that it opens for others: whoever has them opened again and again leaves it the rest.
    pub accounts_a_day: u64,
    /// What the keeper never goes below, lamports: this holds across restarts.
    pub reserve: u64,
    /// Most lamports of one transaction.
    pub lamports_a_transaction: u64,
    /// Lowest and highest price of a compute unit, micro-lamports. Between them, what others paid lately.
    pub price: (u64, u64),
    /// How often a question is asked.
    pub attempts: u32,
    /// In one of how many passes a job is read whose time is not over.
    pub reread_every: u64,
    /// Longest time until what failed is tried again, seconds.
    pub longest_wait: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            lamports_a_day: 200_000_000,
            accounts_a_day: 100_000_000,
            reserve: 50_000_000,
            lamports_a_transaction: 30_000_000,
            price: (0, 100_000),
            attempts: 5,
            reread_every: 30,
            longest_wait: 3_600,
        }
    }
}

/// What one pass did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pass {
    /// Everything that was due when it began.
    pub due: Vec<Due>,
    /// What was confirmed.
    pub done: Vec<Key>,
    /// What failed, and why.
    pub failed: Vec<(Key, String)>,
    /// Kinds of accounts that could not be read.
    pub unread: Vec<(&'static str, &'static str)>,
    /// What was not sent because the budget is spent.
    pub unpaid: usize,
}

/// When something that failed, or that was done without an effect, is tried again.
#[derive(Clone, Copy, Debug)]
struct Delay {
    tries: u32,
    until: Timestamp,
}

/// A transaction on its way.
struct Sent {
    signature: Signature,
    transaction: Transaction,
    last_height: u64,
    items: Vec<Item>,
    cost: u64,
}

/// A keeper. All that it knows, another one that starts now finds on the chain.
pub struct Keeper<C> {
    /// The chain that it asks.
    pub chain: C,
    /// What is due.
    pub settings: Settings,
    /// What it may spend.
    pub limits: Limits,
    metrics: Arc<Mutex<Metrics>>,
    key: Keypair,
    delays: BTreeMap<Key, Delay>,
    /// Until when what was done is not due again.
    rests: BTreeMap<Key, Timestamp>,
    day: i64,
    /// What was spent in the day, and how much of it for accounts of others.
    spent: u64,
    opened: u64,
    balance: u64,
    /// When the pass began.
    balance_before: u64,
    passes: u64,
    log: fn(&str),
}

/// Seconds of a day.
const DAY: i64 = 86_400;
/// Seconds until what failed once is tried again.
const FIRST_DELAY: u64 = 60;
/// How often what is asked for on the way leads to something else to ask for.
const ROUNDS: usize = 8;
/// How often a transaction is asked for and sent again: a minute and a half, in which its blockhash expires.
const POLLS: usize = 60;
const POLL: Duration = Duration::from_millis(1_500);

impl<C: Chain> Keeper<C> {
    /// A keeper with this key. `log` gets a line for whatever is worth one.
    pub fn new(chain: C, key: Keypair, settings: Settings, limits: Limits, log: fn(&str)) -> Self {
        let metrics = Arc::default();
        let (delays, rests) = (BTreeMap::new(), BTreeMap::new());
        Self {
            chain,
            settings,
            limits,
            metrics,
            key,
            delays,
            rests,
            day: 0,
            spent: 0,
            opened: 0,
            balance: 0,
            balance_before: 0,
            passes: 0,
            log,
        }
    }

    /// What it tells of itself.
    pub fn metrics(&self) -> Arc<Mutex<Metrics>> {
        self.metrics.clone()
    }

    /// The keeper's address.
    pub fn address(&self) -> Address {
        self.key.pubkey()
    }

    fn tell(&self, tell: impl FnOnce(&mut Metrics)) {
        tell(&mut self.metrics.lock().unwrap_or_else(|poisoned| poisoned.into_inner()));
    }

    /// Asks, and asks again if there is no answer: after one second, two, four.
    fn ask<T>(&mut self, mut question: impl FnMut(&mut C) -> Result<T, Fault>) -> Result<T, Fault> {
        let mut pause = Duration::from_secs(1);
        for attempt in 1.. {
            let fault = match question(&mut self.chain) {
                Ok(answer) => return Ok(answer),
                Err(fault) => fault,
            };
            self.tell(|it| it.add("joule_keeper_rpc_faults_total", Some(("kind", fault.name())), 1.0));
            if attempt >= self.limits.attempts || matches!(fault, Fault::Refused(_)) {
                return Err(fault);
            }
            self.chain.wait(pause);
            pause *= 2;
        }
        unreachable!("a last attempt returns")
    }

    /// Reads everything, and what it leads to.
    pub fn read(&mut self) -> Result<(View, Vec<Due>, Pass), Fault> {
        let (now, slot) = self.ask(C::time)?;
        let (mut view, mut pass) = (View::new(now, slot), Pass::default());
        let networks: Vec<Option<Address>> = match &self.settings.networks {
            Some(networks) => networks.iter().copied().map(Some).collect(),
            None => vec![None],
        };
        for scan in &SCANS {
            // Accounts that do not say their network are asked for once.
            let of: &[Option<Address>] = if scan.network.is_some() { &networks } else { &[None] };
            for network in of {
                let Ok(found) = self.ask(|chain| chain.scan(scan, network.as_ref())) else {
                    pass.unread.push(scan.name);
                    break;
                };
                if scan.slice.is_none() {
                    found.into_iter().for_each(|(address, account)| view.put(address, Some(account)));
                    continue;
                }
                let (passes, reread_every) = (self.passes, self.limits.reread_every);
                let candidates = found
                    .into_iter()
                    .filter(|(address, slice)| may_be_due(scan, address, &slice.data, now, passes, reread_every));
                let candidates: Vec<Address> = candidates.map(|(address, _)| address).collect();
                if self.read_into(&mut view, &candidates).is_err() {
                    pass.unread.push(scan.name);
                }
            }
        }
        let mut found = vec![];
        // The keeper's own account, for its balance.
        let mut wanted = vec![self.address()];
        for _ in 0..ROUNDS {
            // What cannot be read is not known: nothing is due for it in this pass.
            if self.read_into(&mut view, &wanted).is_err() {
                pass.unread.push(("", "accounts"));
            }
            found = due::all(&view, &self.settings, self.address());
            wanted = view.take_wanted();
            if wanted.is_empty() {
                break;
            }
        }
        self.balance = view.account(&self.address()).map_or(0, |account| account.lamports);
        self.balance_before = self.balance;
        view.take_wanted();
        Ok((view, found, pass))
    }

    fn read_into(&mut self, view: &mut View, addresses: &[Address]) -> Result<(), Fault> {
        for addresses in addresses.chunks(MOST) {
            let accounts = self.ask(|chain| chain.accounts(addresses))?;
            // A server that answers with fewer has not answered.
            if accounts.len() != addresses.len() {
                return Err(Fault::Lost("fewer accounts than were asked for".into()));
            }
            addresses.iter().zip(accounts).for_each(|(address, account)| view.put(*address, account));
        }
        Ok(())
    }

    /// One pass: reads everything, sends what is due, and waits for what becomes of it.
    pub fn pass(&mut self) -> Result<Pass, Fault> {
        let (view, mut due, mut pass) = self.read()?;
        self.passes += 1;
        if self.day != view.now.0 / DAY {
            (self.day, self.spent, self.opened) = (view.now.0 / DAY, 0, 0);
        }
        self.rests.retain(|_, until| view.now < *until);
        due.retain(|due| !self.rests.contains_key(&due.key()));
        let keys: BTreeSet<Key> = due.iter().map(Due::key).collect();
        self.delays.retain(|key, _| keys.contains(key));
        self.describe(&view, &due);
        pass.due = due.clone();

        let is_ready = |due: &Due| self.delays.get(&due.key()).is_none_or(|delay| view.now >= delay.until);
        let items = due.into_iter().filter(is_ready).map(|due| Item { due, way: 0 }).collect();
        let mut left = VecDeque::from(batch::pack(items, &self.key));
        let mut sent = vec![];
        while let Some(group) = left.pop_front() {
            // Without a server nothing else can be sent either.
            match self.try_group(group, &mut left, &mut pass, view.now) {
                Ok(Some(transaction)) => sent.push(transaction),
                Ok(None) => {}
                Err(fault) => {
                    (self.log)(&format!("stopped sending: {fault}"));
                    break;
                }
            }
        }
        self.confirm(sent, &mut pass, view.now);
        self.finish(&view, &pass);
        Ok(pass)
    }

    /// Simulates a group and sends it. What of it cannot be done is taken out; the rest goes back to what is left.
    fn try_group(
        &mut self,
        mut group: Vec<Item>,
        left: &mut VecDeque<Vec<Item>>,
        pass: &mut Pass,
        now: Timestamp,
    ) -> Result<Option<Sent>, Fault> {
        let trial = batch::transaction(&group, &self.key, batch::MOST_UNITS, self.limits.price.0, Hash::default());
        let simulation = match self.ask(|chain| chain.simulate(&trial)) {
            Ok(simulation) => simulation,
            // The server does not take it, as it is: too large, for example.
            Err(Fault::Refused(why)) => Simulation { failure: Some((None, why)), units: 0, spent: None, balance: None },
            Err(fault) => return Err(fault),
        };
        if let Some((at, why)) = simulation.failure {
            self.tell(|it| it.add("joule_keeper_transactions_total", Some(("outcome", "refused")), 1.0));
            match at.and_then(|at| batch::item_at(&group, at)) {
                Some(at) => {
                    let item = group.remove(at);
                    if !group.is_empty() {
                        left.push_front(group);
                    }
                    self.try_next_way(item, why, left, pass, now);
                }
                // Nobody says which: each half for itself.
                None if group.len() > 1 => {
                    let rest = group.split_off(group.len() / 2);
                    left.push_front(rest);
                    left.push_front(group);
                }
                None => {
                    let item = group.remove(0);
                    self.try_next_way(item, why, left, pass, now);
                }
            }
            return Ok(None);
        }
        let units = (simulation.units.saturating_mul(6) / 5).saturating_add(1_000).min(batch::MOST_UNITS as u64) as u32;
        let writable: Vec<Address> = writable(&trial).collect();
        let (lowest, highest) = self.limits.price;
        let price = self.chain.price(&writable).unwrap_or(lowest).clamp(lowest, highest.max(lowest));
        let fee = batch::fee(units, price);
        let rent = match simulation.spent {
            Some(spent) => spent.saturating_sub(batch::fee(batch::MOST_UNITS, lowest)),
            // What a simulation leaves the payer has the fee taken off or not, and what was sent before or not: too much is counted,
            // never too little.
            None => simulation.balance.map_or(0, |left| self.balance_before.saturating_sub(left)),
        };
        let cost = rent.saturating_add(fee);
        let opened = if group.iter().any(Item::opens_account) { rent } else { 0 };
        let opens_too_much = opened != 0 && self.opened.saturating_add(opened) > self.limits.accounts_a_day;
        let is_too_much = cost > self.limits.lamports_a_transaction || opens_too_much;
        // What of it costs little, or opens nothing, is sent all the same.
        if is_too_much && group.len() > 1 {
            let rest = group.split_off(group.len() / 2);
            left.push_front(rest);
            left.push_front(group);
            return Ok(None);
        }
        let is_over_budget = self.spent.saturating_add(cost) > self.limits.lamports_a_day
            || self.balance.saturating_sub(cost) < self.limits.reserve;
        if is_too_much || is_over_budget {
            pass.unpaid += group.len();
            return Ok(None);
        }
        let Recent { blockhash, last_height } = self.ask(C::recent)?;
        let transaction = batch::transaction(&group, &self.key, units, price, blockhash);
        let signature = transaction.signatures[0];
        // Whether it was sent is seen when it is confirmed: an answer that was lost says nothing.
        let _ = self.ask(|chain| chain.send(&transaction));
        self.spent += cost;
        self.opened += opened;
        self.balance = self.balance.saturating_sub(cost);
        Ok(Some(Sent { signature, transaction, last_height, items: group, cost }))
    }

    fn try_next_way(
        &mut self,
        item: Item,
        why: String,
        left: &mut VecDeque<Vec<Item>>,
        pass: &mut Pass,
        now: Timestamp,
    ) {
        let key = item.due.key();
        match item.next() {
            Some(next) => left.push_front(vec![next]),
            None => self.failed(key, why, pass, now),
        }
    }

    /// Later, and each time twice as much later.
    fn delay(&mut self, key: Key, now: Timestamp) {
        let tries = self.delays.get(&key).map_or(0, |delay| delay.tries);
        let wait = FIRST_DELAY.saturating_mul(1 << tries.min(16)).min(self.limits.longest_wait);
        // A pass may begin a little less than so long after this one.
        let until = Timestamp(now.0.saturating_add(wait as i64 - 5));
        self.delays.insert(key, Delay { tries: tries + 1, until });
    }

    fn failed(&mut self, key: Key, why: String, pass: &mut Pass, now: Timestamp) {
        let name = format!("{}.{}", key.0.0, key.0.1);
        self.tell(|it| it.add("joule_keeper_failures_total", Some(("instruction", &name)), 1.0));
        (self.log)(&format!("{name} of {} failed: {why}", key.1));
        self.delay(key, now);
        pass.failed.push((key, why));
    }

    /// Waits for what becomes of transactions; sends those again that nobody has seen, as long as they can land.
    fn confirm(&mut self, mut sent: Vec<Sent>, pass: &mut Pass, now: Timestamp) {
        for _ in 0..POLLS {
            if sent.is_empty() {
                return;
            }
            let mut open = vec![];
            // Before the statuses: what is not seen by then, and could not land since, never lands.
            let height = self.chain.height().ok();
            let signatures: Vec<Signature> = sent.iter().map(|it| it.signature).collect();
            let statuses = self.chain.statuses(&signatures).unwrap_or_default();
            for (index, it) in sent.into_iter().enumerate() {
                match statuses.get(index) {
                    Some(Some(Ok(()))) => self.done(it, pass, now),
                    Some(Some(Err(why))) => {
                        self.tell(|m| m.add("joule_keeper_transactions_total", Some(("outcome", "failed")), 1.0));
                        self.tell(|m| m.add("joule_keeper_spent_lamports_total", None, batch::SIGNATURE as f64));
                        for item in it.items {
                            self.failed(item.due.key(), why.clone(), pass, now);
                        }
                    }
                    Some(None) if height.is_some_and(|height| height > it.last_height) => {
                        // The next pass finds what it was to do. The budget counts it: the answer may be old.
                        self.tell(|m| m.add("joule_keeper_transactions_total", Some(("outcome", "expired")), 1.0));
                    }
                    Some(None) => {
                        let _ = self.chain.send(&it.transaction);
                        open.push(it);
                    }
                    None => open.push(it),
                }
            }
            sent = open;
            if !sent.is_empty() {
                self.chain.wait(POLL);
            }
        }
        for _ in sent {
            self.tell(|m| m.add("joule_keeper_transactions_total", Some(("outcome", "unknown")), 1.0));
        }
    }

    fn done(&mut self, sent: Sent, pass: &mut Pass, now: Timestamp) {
        self.tell(|it| {
            it.add("joule_keeper_transactions_total", Some(("outcome", "confirmed")), 1.0);
            it.add("joule_keeper_spent_lamports_total", None, sent.cost as f64);
        });
        for item in sent.items {
            let (program, instruction) = item.due.name;
            let name = format!("{program}.{instruction}");
            self.tell(|it| it.add("joule_keeper_sent_total", Some(("instruction", &name)), 1.0));
            (self.log)(&format!("{name} of {} by {}", item.due.account, sent.signature));
            // If it is due again at once, it had no effect, or the next read is old: not every minute then.
            if !item.due.recurs {
                self.delay(item.due.key(), now);
            }
            if item.due.rests != Seconds(0) {
                let until = Timestamp(now.0.saturating_add(item.due.rests.0 as i64));
                self.rests.insert(item.due.key(), until);
            }
            pass.done.push(item.due.key());
        }
    }

    /// Gauges of what is due.
    fn describe(&self, view: &View, due: &[Due]) {
        let mut counts = BTreeMap::<String, [f64; 3]>::new();
        for it in due {
            let [count, oldest, waiting] = counts.entry(format!("{}.{}", it.name.0, it.name.1)).or_default();
            *count += 1.0;
            *oldest = oldest.max(view.now.since(it.since) as f64);
            *waiting += self.delays.get(&it.key()).is_some_and(|delay| view.now < delay.until) as u8 as f64;
        }
        self.tell(|it| {
            const GAUGES: [&str; 3] = ["joule_keeper_due", "joule_keeper_oldest_due_seconds", "joule_keeper_waiting"];
            for gauge in GAUGES {
                it.clear(gauge);
            }
            for (name, values) in &counts {
                for (gauge, value) in GAUGES.into_iter().zip(values) {
                    it.set(gauge, Some(("instruction", name)), *value);
                }
            }
            for gauge in ["joule_keeper_paused", "joule_keeper_price_age_seconds", "joule_keeper_epoch_late_seconds"] {
                it.clear(gauge);
            }
            for (address, network) in view.each::<Network>() {
                let address = address.to_string();
                let label = Some(("network", &*address));
                it.set("joule_keeper_paused", label, network.paused as f64);
                let published = network.average.published_at;
                if published != Timestamp::default() {
                    it.set("joule_keeper_price_age_seconds", label, view.now.since(published) as f64);
                }
                it.set("joule_keeper_epoch_late_seconds", label, view.now.since(network.epoch_ends_at) as f64);
            }
            if let Some(clock) = view.read::<HaltClock>(&HALT_CLOCK) {
                it.set("joule_keeper_halt_clock_age_seconds", None, view.now.since(clock.ticked_at) as f64);
            }
            it.set("joule_keeper_slashes_pending", None, view.each::<Slash>().len() as f64);
        });
    }

    fn finish(&self, view: &View, pass: &Pass) {
        let left = self.limits.lamports_a_day.saturating_sub(self.spent);
        self.tell(|it| {
            it.add("joule_keeper_passes_total", None, 1.0);
            it.set("joule_keeper_scan_incomplete", None, pass.unread.len() as f64);
            it.set("joule_keeper_last_pass_timestamp_seconds", None, view.now.0 as f64);
            it.set("joule_keeper_balance_lamports", None, self.balance as f64);
            it.set("joule_keeper_budget_left_lamports", None, left as f64);
        });
    }
}

fn writable(transaction: &Transaction) -> impl Iterator<Item = Address> + '_ {
    let message = &transaction.message;
    let keys = message.account_keys.iter().enumerate();
    keys.filter(|(index, _)| message.is_maybe_writable_with_reserved_addresses(*index, None::<&HashSet<Address>>))
        .map(|(_, key)| *key)
}
