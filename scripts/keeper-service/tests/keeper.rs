//! A keeper against a chain that does as the test says. On the programs themselves: `tests/tests/integration/protocol/year.rs`.

use {
    joule_identity_interface::state::Commitment,
    joule_interface::{Account as _, Address, Header, TOKEN_PROGRAM},
    joule_keeper::{
        batch::{self, Item},
        chain::{Chain, Fault, Recent, Simulation, Status},
        due::{self, Due, Settings},
        keeper::{Keeper, Limits, Pass},
        scan::{SCANS, Scan, may_be_due},
        view::View,
    },
    joule_math::{Seconds, Timestamp},
    solana_account::Account,
    solana_hash::Hash,
    solana_keypair::Keypair,
    solana_signature::Signature,
    solana_signer::Signer,
    solana_transaction::Transaction,
    std::{collections::BTreeMap, time::Duration},
};

const NOW: Timestamp = Timestamp(1_790_000_000);
const SOL: u64 = 1_000_000_000;

fn address(number: u8) -> Address {
    Address::new_from_array([number; 32])
}

/// Commitments that everybody may close, and what becomes of the attempts.
#[derive(Default)]
struct Script {
    now: i64,
    commitments: Vec<u8>,
    /// Other accounts, which nothing that is sent changes.
    others: BTreeMap<Address, Account>,
    /// Lamports of the keeper.
    balance: u64,
    /// Lamports that a transaction costs beside its fee.
    rent: u64,
    /// Whether a simulation says what is spent.
    knows_spent: bool,
    /// What cannot be closed.
    broken: Vec<u8>,
    /// Whether a failure says which instruction failed.
    silent: bool,
    /// Closing has an effect.
    closes: bool,
    /// Answers to sending and to asking what became of it are lost, so many times.
    lost: u32,
    /// Nothing that is sent arrives.
    drops: bool,
    height: u64,
    sent: Vec<Signature>,
    landed: BTreeMap<Signature, Vec<Address>>,
    waited: Duration,
}

impl Script {
    fn of(transaction: &Transaction) -> Vec<(usize, Address)> {
        let message = &transaction.message;
        let calls = message.instructions.iter().enumerate();
        let of = calls.filter(|(_, call)| message.account_keys[call.program_id_index as usize] == Commitment::PROGRAM);
        of.map(|(at, call)| (at, message.account_keys[call.accounts[0] as usize])).collect()
    }
}

impl Chain for Script {
    fn time(&mut self) -> Result<(Timestamp, u64), Fault> {
        Ok((Timestamp(NOW.0 + self.now), 1_000))
    }
    fn scan(&mut self, scan: &Scan, _: Option<&Address>) -> Result<Vec<(Address, Account)>, Fault> {
        if scan.name.1 != "Commitment" {
            let is_of = |account: &Account| account.owner == scan.program && account.data[0] == scan.discriminator;
            let found = self.others.iter().filter(|(_, account)| is_of(account));
            return Ok(found.map(|(address, account)| (*address, account.clone())).collect());
        }
        let header = Header { discriminator: Commitment::DISCRIMINATOR, version: 1, ..Default::default() };
        let state = Commitment { header, payer: address(99), committed_at: Timestamp(1), ..Default::default() };
        let account = Account {
            lamports: SOL,
            data: bytemuck::bytes_of(&state).to_vec(),
            owner: Commitment::PROGRAM,
            ..Account::default()
        };
        Ok(self.commitments.iter().map(|&number| (address(number), account.clone())).collect())
    }
    fn accounts(&mut self, addresses: &[Address]) -> Result<Vec<Option<Account>>, Fault> {
        let account = Account { lamports: self.balance, ..Account::default() };
        let of = |address| self.others.get(address).unwrap_or(&account).clone();
        Ok(addresses.iter().map(|address| Some(of(address))).collect())
    }
    fn recent(&mut self) -> Result<Recent, Fault> {
        Ok(Recent { blockhash: Hash::new_from_array([self.sent.len() as u8; 32]), last_height: self.height + 20 })
    }
    fn height(&mut self) -> Result<u64, Fault> {
        Ok(self.height)
    }
    fn simulate(&mut self, transaction: &Transaction) -> Result<Simulation, Fault> {
        let broken = |(_, at): &&(usize, Address)| self.broken.contains(&at.as_array()[0]);
        let of = Self::of(transaction);
        let failure = of.iter().find(broken).map(|(at, _)| ((!self.silent).then_some(*at), "broken".to_owned()));
        let spent = self.knows_spent.then_some(self.rent + batch::SIGNATURE);
        Ok(Simulation { failure, units: 1_000, spent, balance: Some(self.balance.saturating_sub(self.rent)) })
    }
    fn send(&mut self, transaction: &Transaction) -> Result<(), Fault> {
        let signature = transaction.signatures[0];
        self.sent.push(signature);
        if !self.drops && !self.landed.contains_key(&signature) {
            let closed: Vec<Address> = Self::of(transaction).into_iter().map(|(_, at)| at).collect();
            if self.closes {
                self.commitments.retain(|number| !closed.contains(&address(*number)));
            }
            self.landed.insert(signature, closed);
            self.balance = self.balance.saturating_sub(self.rent + batch::SIGNATURE);
        }
        if self.lost > 0 {
            self.lost -= 1;
            return Err(Fault::Lost("the connection broke off".into()));
        }
        Ok(())
    }
    fn statuses(&mut self, signatures: &[Signature]) -> Result<Vec<Status>, Fault> {
        if self.lost > 0 {
            self.lost -= 1;
            return Err(Fault::Busy);
        }
        Ok(signatures.iter().map(|it| self.landed.contains_key(it).then_some(Ok(()))).collect())
    }
    fn price(&mut self, _: &[Address]) -> Result<u64, Fault> {
        Ok(0)
    }
    fn wait(&mut self, time: Duration) {
        self.waited += time;
        self.height += 3;
    }
}

fn keeper(script: Script, limits: Limits) -> Keeper<Script> {
    let key = Keypair::new_from_array([7; 32]);
    // The halt clock is nobody's: a server that answers everything with a wallet has none.
    Keeper::new(Script { balance: script.balance.max(1), ..script }, key, Settings::default(), limits, |_| {})
}

fn pass(keeper: &mut Keeper<Script>) -> Pass {
    let mut pass = keeper.pass().expect("a chain that answers");
    // Every chain lacks a tick here.
    pass.done.retain(|(name, ..)| name.1 == "CloseCommitment");
    pass.due.retain(|due| due.name.1 == "CloseCommitment");
    pass
}

fn rich() -> Script {
    Script { balance: SOL, commitments: (1..=20).collect(), closes: true, ..Script::default() }
}

#[test]
fn what_is_due_is_sent_in_few_transactions() {
    let mut keeper = keeper(rich(), Limits::default());
    let first = pass(&mut keeper);
    assert_eq!((first.due.len(), first.done.len(), first.failed.len()), (20, 20, 0));
    assert!(keeper.chain.landed.len() <= 4, "{}", keeper.chain.landed.len());
    assert!(pass(&mut keeper).due.is_empty());
}

#[test]
fn what_fails_is_taken_out_and_keeps_nobody_else_waiting() {
    for silent in [false, true] {
        let mut keeper = keeper(Script { broken: vec![3, 11], silent, ..rich() }, Limits::default());
        let first = pass(&mut keeper);
        assert_eq!((first.done.len(), first.failed.len()), (18, 2));
        // It is tried again after a minute, two, four; not in each pass.
        let mut tried = vec![];
        for second in (30..=600).step_by(30) {
            keeper.chain.now = second;
            if !pass(&mut keeper).failed.is_empty() {
                tried.push(second);
            }
        }
        assert_eq!(tried, [60, 180, 420]);
        // Nothing is given up.
        keeper.chain.broken.clear();
        keeper.chain.now = 3_600;
        assert_eq!(pass(&mut keeper).done.len(), 2);
    }
}

#[test]
fn what_has_no_effect_is_not_paid_for_in_each_pass() {
    let mut keeper = keeper(Script { commitments: vec![1], closes: false, ..rich() }, Limits::default());
    let mut done = 0;
    for minute in 0..240 {
        keeper.chain.now = 60 * minute;
        done += pass(&mut keeper).done.len();
    }
    assert_eq!(done, 9);
}

#[test]
fn an_answer_that_was_lost_is_no_second_transaction() {
    let mut keeper = keeper(Script { commitments: vec![1], lost: 3, ..rich() }, Limits::default());
    assert_eq!(pass(&mut keeper).done.len(), 1);
    let of_commitments = keeper.chain.landed.values().filter(|closed| !closed.is_empty()).count();
    assert_eq!(of_commitments, 1);
}

#[test]
fn a_transaction_that_nobody_has_seen_is_sent_again_until_it_cannot_land() {
    let mut keeper = keeper(Script { commitments: vec![1], drops: true, ..rich() }, Limits::default());
    let first = pass(&mut keeper);
    assert_eq!((first.done.len(), first.failed.len()), (0, 0));
    assert!(keeper.chain.sent.len() > 4);
    assert!(keeper.chain.waited < Duration::from_secs(60));
    let metrics = keeper.metrics();
    assert!(metrics.lock().unwrap().get("joule_keeper_transactions_total", Some(("outcome", "expired"))).is_some());
    // It has not failed: the next pass has another blockhash.
    keeper.chain.drops = false;
    assert_eq!(pass(&mut keeper).done.len(), 1);
}

#[test]
fn it_spends_no_more_than_it_may() {
    // A day's budget is a budget of transactions: it lasts for two.
    let limits = Limits { lamports_a_day: 2 * batch::fee(2_200, 0), ..Limits::default() };
    let mut poor = keeper(Script { knows_spent: true, ..rich() }, limits);
    let first = pass(&mut poor);
    assert!(first.unpaid > 0 && poor.chain.landed.len() == 2, "{}", poor.chain.landed.len());
    poor.chain.now = 60;
    assert_eq!(pass(&mut poor).done.len(), 0);
    poor.chain.now = 86_400;
    assert!(!pass(&mut poor).done.is_empty());
    // What it has left holds also for one that was just started.
    let limits = Limits { reserve: SOL, ..Limits::default() };
    assert_eq!(pass(&mut keeper(rich(), limits)).done.len(), 0);
    // Nor does one transaction cost more than it may.
    let dear = Script { rent: 30_000_000, ..rich() };
    let limits = Limits { lamports_a_day: u64::MAX, ..Limits::default() };
    let first = pass(&mut keeper(dear, limits));
    assert_eq!((first.done.len(), first.failed.len()), (0, 0));
    assert!(first.unpaid >= 20);
}

/// What somebody has opened again and again is paid for until its budget is spent, and keeps nothing else waiting, rents of other kinds too.
#[test]
fn who_has_accounts_opened_leaves_it_all_else() {
    for (accounts_a_day, opened) in [(1_999_999, 0), (2_000_000, 1)] {
        let it = Earner::new(LEAST, LEAST);
        let mut keeper = it.keeper(Settings { opens_accounts: true, ..it.settings() });
        keeper.limits.accounts_a_day = accounts_a_day;
        let chain = &mut keeper.chain;
        (chain.commitments, chain.closes, chain.rent, chain.knows_spent) = ((1..=8).collect(), true, 2_000_000, true);
        chain.others.remove(&it.tokens[1]);
        let pass = keeper.pass().expect("a chain that answers");
        let done = |what: &str| pass.done.iter().filter(|(name, ..)| name.1 == what).count();
        assert_eq!((done("CloseCommitment"), done("PayOut"), pass.unpaid), (8, opened, 1 - opened));
    }
}

#[test]
fn a_fee_and_a_rent_are_counted_once() {
    for rent in [0, 2_000_000] {
        let all = (1..=160).collect();
        let mut keeper = keeper(Script { commitments: all, rent, knows_spent: true, ..rich() }, Limits::default());
        assert_eq!(pass(&mut keeper).done.len(), 160);
        let left = keeper.metrics().lock().unwrap().get("joule_keeper_budget_left_lamports", None).expect("it is told");
        let transactions = keeper.chain.landed.len() as u64;
        assert!(transactions >= 20);
        assert_eq!(Limits::default().lamports_a_day - left as u64, transactions * (batch::fee(2_200, 0) + rent));
        assert_eq!(keeper.chain.balance, SOL - transactions * (batch::SIGNATURE + rent));
    }
}

fn due(number: u8, calls: usize) -> Due {
    let call = joule_interface::Instruction {
        program_id: address(200),
        accounts: (0..10).map(|at| joule_interface::AccountMeta::new(address(100 + at), false)).collect(),
        data: vec![number; 40],
    };
    Due {
        name: ("bme", "AccrueWork"),
        account: address(number),
        part: 0,
        since: NOW,
        ways: vec![vec![call; calls]],
        recurs: false,
        rests: Seconds(0),
    }
}

#[test]
fn an_instruction_is_known_to_be_of_its_item() {
    let items: Vec<Item> = [1, 3, 2].iter().map(|&calls| Item { due: due(calls, calls as usize), way: 0 }).collect();
    let at: Vec<_> = (0..9).map(|at| batch::item_at(&items, at)).collect();
    let (a, b, c) = (Some(0), Some(1), Some(2));
    assert_eq!(at, [None, None, a, b, b, b, c, c, None]);
}

#[test]
fn what_is_packed_fits_and_nothing_is_in_it_twice() {
    let key = Keypair::new_from_array([7; 32]);
    let items: Vec<Item> = (0..60u8).map(|number| Item { due: due(number % 20, 2), way: 0 }).collect();
    let groups = batch::pack(items, &key);
    assert_eq!(groups.iter().map(Vec::len).sum::<usize>(), 60);
    for group in &groups {
        let transaction = batch::transaction(group, &key, batch::MOST_UNITS, u64::MAX, Hash::default());
        assert!(bincode::serialized_size(&transaction).unwrap() <= 1_232);
        assert_eq!(transaction.message.account_keys[0], key.pubkey());
        let mut accounts: Vec<_> = group.iter().map(|item| item.due.account).collect();
        accounts.sort();
        accounts.dedup();
        assert_eq!(accounts.len(), group.len());
    }
    assert!(groups.len() <= 20, "{}", groups.len());
}

#[test]
fn a_job_is_read_when_it_can_be_due() {
    use joule_escrow_interface::state::{Job, job_state};
    let scan = SCANS.iter().find(|scan| scan.name.1 == "Job").expect("jobs are looked for");
    let (offset, length) = scan.slice.expect("in parts");
    let soon = Timestamp(NOW.0 + 10);
    let reads = |state, at, pass| {
        let job = Job { state, deadline_at: at, ends_at: at, ..Job::default() };
        may_be_due(scan, &Address::default(), &bytemuck::bytes_of(&job)[offset..offset + length], NOW, pass, 30)
    };
    let by_deadline =
        [job_state::BIDDING, job_state::OFFERED, job_state::ASSIGNED, job_state::DELIVERED, job_state::REJECTED];
    for state in by_deadline {
        assert_eq!((reads(state, soon, 0), reads(state, NOW, 1)), (false, true));
    }
    for state in [job_state::RUNNING, job_state::POSTED] {
        assert_eq!((reads(state, soon, 1), reads(state, NOW, 1), reads(state, soon, 30)), (false, true, true));
    }
    for state in [job_state::OWING, job_state::FINISHED, job_state::CANCELLED] {
        assert!(reads(state, soon, 1));
    }
    // A verdict of a game leaves no deadline.
    assert!(reads(job_state::REJECTED, Timestamp::default(), 1));
    assert!(!reads(job_state::CHALLENGED, NOW, 0));
}

#[test]
fn a_beacon_is_read_when_it_can_be_closed() {
    use joule_escrow_interface::state::{BEACON_CLOSING_DELAY, Beacon};
    let scan = SCANS.iter().find(|scan| scan.name.1 == "Beacon").expect("beacons are looked for");
    let (offset, length) = scan.slice.expect("in parts");
    let reads = |silent: i64, jobs| {
        let beacon = Beacon { last_beat_at: Timestamp(NOW.0 - silent), jobs, ..Beacon::default() };
        may_be_due(scan, &Address::default(), &bytemuck::bytes_of(&beacon)[offset..offset + length], NOW, 0, 1)
    };
    let delay = BEACON_CLOSING_DELAY.0 as i64;
    assert_eq!((reads(delay, 0), reads(delay + 1, 0), reads(delay + 1, 256)), (false, true, false));
}

/// An identity that works for credits in a network, and what it has of the network's token.
struct Earner {
    identity: Address,
    payee: Address,
    network: Address,
    mint: Address,
    vault: Address,
    /// The identity's account of the token, and the payee's.
    tokens: [Address; 2],
    accounts: BTreeMap<Address, Account>,
}

const LEAST: u64 = 1_000;

impl Earner {
    fn new(accrued: u64, tokens: u64) -> Self {
        use joule_bme_interface::state::{Network, ProviderWork};
        use joule_escrow_interface::state::Keys;
        let [identity, payee, network, mint, vault, work] = std::array::from_fn(|index| address(10 + index as u8));
        let associated = |owner: Address| {
            let program = Address::from_str_const("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL");
            Address::find_program_address(&[owner.as_ref(), TOKEN_PROGRAM.as_ref(), mint.as_ref()], &program).0
        };
        let mut it = Self {
            identity,
            payee,
            network,
            mint,
            vault,
            tokens: [associated(identity), associated(payee)],
            accounts: BTreeMap::new(),
        };
        it.put(identity, Keys { payee, ..Keys::default() });
        // Its epoch lasts.
        let epoch_ends_at = Timestamp(i64::MAX);
        let state =
            Network { mint, token_program: TOKEN_PROGRAM, reward_vault: vault, epoch_ends_at, ..Network::default() };
        it.put(network, state);
        let accrued = joule_math::Tokens(accrued);
        it.put(work, ProviderWork { network, provider: identity, accrued, ..ProviderWork::default() });
        it.accounts.insert(mint, Account { owner: TOKEN_PROGRAM, data: vec![0; 82], ..Account::default() });
        it.hold(vault, network, 1 << 40, 1);
        it.hold(it.tokens[0], identity, tokens, 1);
        it.hold(it.tokens[1], payee, 0, 1);
        it
    }

    fn put<T: joule_interface::Account>(&mut self, address: Address, mut state: T) {
        let bytes = bytemuck::bytes_of_mut(&mut state);
        (bytes[0], bytes[1]) = (T::DISCRIMINATOR, 1);
        let data = bytes.to_vec();
        self.accounts.insert(address, Account { lamports: SOL, data, owner: T::PROGRAM, ..Account::default() });
    }

    /// A token account: 1 works, 2 is frozen.
    fn hold(&mut self, address: Address, owner: Address, amount: u64, state: u8) {
        let mut data = vec![0; 165];
        data[..32].copy_from_slice(self.mint.as_ref());
        data[32..64].copy_from_slice(owner.as_ref());
        data[64..72].copy_from_slice(&amount.to_le_bytes());
        data[108] = state;
        self.accounts.insert(address, Account { lamports: SOL, data, owner: TOKEN_PROGRAM, ..Account::default() });
    }

    fn settings(&self) -> Settings {
        Settings { networks: Some([self.network].into()), least_earnings: LEAST, ..Settings::default() }
    }

    fn keeper(&self, settings: Settings) -> Keeper<Script> {
        let mut keeper =
            keeper(Script { balance: SOL, others: self.accounts.clone(), ..Script::default() }, Limits::default());
        keeper.settings = settings;
        keeper
    }

    /// What is due for it, each with the number of its instructions.
    fn due(&self, settings: Settings) -> Vec<(&'static str, usize)> {
        let (_, due, pass) = self.keeper(settings).read().expect("a chain that answers");
        assert!(pass.unread.is_empty());
        of_keys(due.iter().map(|due| (due.name.1, due.ways[0].len())))
    }
}

fn of_keys<T>(due: impl Iterator<Item = (&'static str, T)>) -> Vec<(&'static str, T)> {
    due.filter(|(name, _)| ["Act", "PayOut"].contains(name)).collect()
}

#[test]
fn what_an_identity_earned_is_collected_and_paid_out() {
    let it = Earner::new(LEAST, LEAST);
    assert_eq!(it.due(it.settings()), [("Act", 1), ("PayOut", 1)]);
    // Little is left to lie, and nothing is nothing.
    assert_eq!(Earner::new(LEAST - 1, LEAST - 1).due(it.settings()), []);
    let all = Settings { least_earnings: 0, ..it.settings() };
    assert_eq!(Earner::new(0, 0).due(all.clone()), []);
    assert_eq!(Earner::new(1, 0).due(all.clone()), [("Act", 1)]);
    // What the breaker holds back is not there.
    let mut held = Earner::new(LEAST, 0);
    held.hold(held.vault, held.network, LEAST - 1, 1);
    assert_eq!(held.due(it.settings()), []);
    // Another keeper's network, and an identity that earns in none.
    let elsewhere = Settings { networks: Some([address(99)].into()), ..all.clone() };
    assert_eq!(it.due(elsewhere), []);
    let mut stranger = Earner::new(LEAST, LEAST);
    stranger.put(stranger.identity, joule_identity_interface::state::Commitment::default());
    assert_eq!(stranger.due(all), []);
}

#[test]
fn what_cannot_be_paid_is_not_due() {
    let (frozen, mut it) = (2, Earner::new(LEAST, LEAST));
    it.hold(it.tokens[1], it.payee, 0, frozen);
    assert_eq!(it.due(it.settings()), [("Act", 1)]);
    // The payee handed its account to another.
    it.hold(it.tokens[1], address(98), 0, 1);
    assert_eq!(it.due(it.settings()), [("Act", 1)]);
    it.hold(it.tokens[0], it.identity, LEAST, frozen);
    assert_eq!(it.due(it.settings()), []);
    // Accounts that are missing are opened by who says so, for networks that he named.
    let mut it = Earner::new(LEAST, LEAST);
    it.accounts.remove(&it.tokens[1]);
    let opens = Settings { opens_accounts: true, ..it.settings() };
    assert_eq!(it.due(it.settings()), [("Act", 1)]);
    assert_eq!(it.due(opens.clone()), [("Act", 1), ("PayOut", 2)]);
    assert_eq!(it.due(Settings { networks: None, ..opens.clone() }), []);
    it.accounts.remove(&it.tokens[0]);
    assert_eq!(it.due(it.settings()), []);
    assert_eq!(it.due(opens), [("Act", 2)]);
}

/// Whoever sends what it was paid back to its identity makes nobody pay for it again and again; nor who closes an account that was
/// opened for it, to have another opened.
#[test]
fn what_comes_back_waits_a_day_and_an_account_is_opened_once() {
    let it = Earner::new(LEAST, LEAST);
    let mut keeper = it.keeper(Settings { opens_accounts: true, ..it.settings() });
    let mut done = vec![];
    let mut pass = |keeper: &mut Keeper<Script>, second: i64| {
        keeper.chain.now = second;
        let pass = keeper.pass().expect("a chain that answers");
        done.extend(of_keys(pass.done.iter().map(|(name, _, part)| (name.1, (*part, second)))));
    };
    let (day, quarter) = (86_400, 21_600);
    for turn in 0..12 {
        // It is gone, and there again.
        keeper.chain.others.insert(it.tokens[0], Account::default());
        pass(&mut keeper, quarter * turn);
        keeper.chain.others = it.accounts.clone();
        pass(&mut keeper, quarter * turn + 30);
    }
    let paid = (0..3).flat_map(|days| [("Act", (0, day * days)), ("PayOut", (0, day * days + 30))]);
    let paid: Vec<_> = paid.collect();
    assert_eq!(done, paid);

    keeper.chain.others.remove(&it.tokens[1]);
    let mut opened = vec![];
    for days in 10..40 {
        keeper.chain.now = day * days;
        let pass = keeper.pass().expect("a chain that answers");
        opened.extend(pass.done.iter().filter(|(name, ..)| name.1 == "PayOut").map(|key| (key.2, days)));
    }
    assert_eq!(opened, [(1, 10)]);
}

#[test]
fn what_is_left_of_a_gangs_place_is_counted_from_its_settlement() {
    use joule_escrow_interface::state::{Job, job_state, matching};
    let is_closed = |job: Job| {
        let header = Header { discriminator: Job::DISCRIMINATOR, version: 1, ..Header::default() };
        let data = bytemuck::bytes_of(&Job { header, state: job_state::FINISHED, ..job }).to_vec();
        let mut view = View::new(NOW, 1_000);
        view.put(address(1), Some(Account { lamports: SOL, data, owner: Job::PROGRAM, ..Account::default() }));
        let due = due::all(&view, &Settings::default(), address(2));
        due.iter().any(|due| due.name == ("escrow", "CloseJob"))
    };
    let delay = Settings::default().close_jobs_after.0 as i64;
    // A place stopped by the gang's clock, long before it was settled.
    let stopped_at = Timestamp(NOW.0 - 10 * delay);
    let settled =
        |ago: i64| Job { matching: matching::GANG, stopped_at, deadline_at: Timestamp(NOW.0 - ago), ..Job::default() };
    assert_eq!([delay - 1, delay].map(|ago| is_closed(settled(ago))), [false, true]);
    // Any other has ended when it stopped.
    assert!(is_closed(Job { matching: matching::DIRECT, ..settled(0) }));
}
