//! The halt clock, jobs, beacons, queues, games, panels and gangs.

use {
    super::{Due, Rules, after, before, set, tips},
    joule_bme_interface::{
        instruction::{OpenProviderWork, OpenProviderWorkArgs},
        state::{Network, Spender, WorkShard},
    },
    joule_escrow_interface::{ID, instruction::*, pda, state::*},
    joule_interface::{AccountMeta, Address, Instruction, SYSTEM_PROGRAM},
    joule_math::{Amount, Bps, Seconds, Timestamp, Tokens},
    joule_stake_interface::{
        pda as stake_pda,
        state::{Bond, Pool, Provider, ProviderStub, Slasher, rights, status as provider_status},
    },
    std::collections::BTreeMap,
};

pub const SENDS: [&str; 34] = [
    "AcceptJob",
    "Act",
    "AwardJob",
    "BurnPanelPenalty",
    "CancelJob",
    "CancelPanel",
    "CloseBeacon",
    "CloseGame",
    "CloseGang",
    "CloseJob",
    "CloseMandate",
    "ClosePanel",
    "CloseTrace",
    "ExecuteKeys",
    "FinishJob",
    "LeaveBeacon",
    "PayChallenger",
    "PayOut",
    "PayReplica",
    "ProposeGameSlash",
    "ReadBeacon",
    "RemoveReplica",
    "ResolveJob",
    "SettleBond",
    "SettleGame",
    "SettleJob",
    "SettleMandate",
    "SettleMember",
    "SettleReplica",
    "StopGang",
    "SweepQueue",
    "TallyPanel",
    "TickClock",
    "TimeOutGame",
];

/// Entries that a sweep removes at once.
const SWEEP: u16 = 256;
/// The loader whose programs can be upgraded; and where it says, of a program, where the code is, and of the code, since which slot.
const UPGRADEABLE_LOADER: Address = Address::from_str_const("BPFLoaderUpgradeab1e11111111111111111111111");

pub fn find(rules: &mut Rules) {
    tick(rules);
    for (address, job) in rules.view.each::<Job>() {
        if rules.serves(&job.network) {
            let from = rules.found.len();
            of_job(rules, address, &job);
            tips::of_job(rules, address, &job, from);
        }
    }
    mandates(rules);
    beacons(rules);
    queues(rules);
    traces(rules);
    slashes(rules);
    for (address, panel) in rules.view.each::<Panel>() {
        if rules.serves(&panel.network) {
            let from = rules.found.len();
            of_panel(rules, address, &panel);
            tips::of_panel(rules, address, &panel, from);
        }
    }
    for (address, gang) in rules.view.each::<Gang>() {
        if rules.serves(&gang.network) {
            of_gang(rules, address, &gang);
        }
    }
}

fn tick(rules: &mut Rules) {
    let Some(found) = rules.view.find(&HALT_CLOCK) else { return };
    let mut since = rules.now();
    if found.is_some_and(|account| account.owner == ID) {
        let Some(mut clock) = rules.view.read::<HaltClock>(&HALT_CLOCK) else { return };
        since = after(clock.ticked_at, TICK_INTERVAL);
        let before = clock.ticked_at;
        clock.tick(rules.now(), rules.view.slot);
        // A tick that would leave the clock as it is is none.
        if rules.now() < since || clock.ticked_at == before {
            return;
        }
    }
    let call = TickClock { payer: rules.payer, halt_clock: HALT_CLOCK, system_program: SYSTEM_PROGRAM };
    rules.found.push(Due {
        name: ("escrow", "TickClock"),
        account: HALT_CLOCK,
        part: 0,
        since,
        ways: vec![vec![call.instruction(&TickClockArgs {})]],
        recurs: true,
        rests: Seconds(0),
    });
}

/// When a deadline that was set at `set_at` passes, halts of the chain not counted; `None` if the clock is not known yet.
fn moved(rules: &Rules, set_at: Timestamp, deadline_at: Timestamp) -> Option<Timestamp> {
    rules.view.find(&HALT_CLOCK)?;
    let Some(clock) = rules.view.read::<HaltClock>(&HALT_CLOCK) else { return Some(deadline_at) };
    clock.moved(set_at, deadline_at, rules.now(), rules.view.slot).ok()
}

/// Since when a deadline that was set a `window` before is over.
fn over(rules: &Rules, window: Seconds, deadline_at: Timestamp) -> Option<Timestamp> {
    over_since(rules, before(deadline_at, window), deadline_at)
}

fn over_since(rules: &Rules, set_at: Timestamp, deadline_at: Timestamp) -> Option<Timestamp> {
    if rules.now() <= deadline_at {
        return None;
    }
    moved(rules, set_at, deadline_at).filter(|at| rules.now() > *at)
}

/// What a job and a panel have in common: who pays, in what, and by which right.
struct Order {
    network: Address,
    funding_account: Address,
    mint: Address,
    pool: Address,
    terms: Terms,
    lane: u8,
    spender_number: u16,
}

impl From<&Job> for Order {
    fn from(job: &Job) -> Self {
        let Job { network, funding_account, mint, pool, terms, lane, spender_number, .. } = *job;
        Self { network, funding_account, mint, pool, terms, lane, spender_number }
    }
}

impl From<&Panel> for Order {
    fn from(panel: &Panel) -> Self {
        let Panel { network, funding_account, mint, pool, terms, lane, spender_number, .. } = *panel;
        Self { network, funding_account, mint, pool, terms, lane, spender_number }
    }
}

impl Order {
    fn in_credits(&self) -> bool {
        self.mint == NONE
    }

    fn for_credits(&self, address: Address) -> Address {
        if self.in_credits() { address } else { ID }
    }

    fn authority(&self) -> Address {
        pda::authority::find(&self.network).0
    }

    fn spender(&self) -> Address {
        joule_bme_interface::pda::spender::find(&self.network, &self.authority(), &[self.lane]).0
    }

    /// Since when the network's right to the order's credits has ended; `None` if it lasts, or is not known yet.
    fn revoked(&self, rules: &Rules) -> Option<Timestamp> {
        if !self.in_credits() {
            return None;
        }
        let spender = self.spender();
        rules.view.find(&spender)?;
        let Some(state) = rules.view.read::<Spender>(&spender) else { return Some(rules.now()) };
        if state.number != self.spender_number {
            return Some(rules.now());
        }
        set(state.closes_at).filter(|at| rules.now() >= *at)
    }

    fn credits(&self) -> CreditAccounts {
        CreditAccounts {
            spender: self.for_credits(self.spender()),
            escrow_authority: self.for_credits(self.authority()),
            bme_program: self.for_credits(joule_bme_interface::ID),
        }
    }

    /// A work shard of the order's lane, or the deposit's vault with its token program.
    fn source(&self, rules: &Rules) -> Option<(Address, Address)> {
        if self.in_credits() {
            let mut shards = rules.view.each::<WorkShard>().into_iter();
            let shard = shards.find(|(_, shard)| shard.network == self.network && shard.lane == self.lane)?;
            return Some((shard.0, joule_bme_interface::ID));
        }
        let deposit = rules.view.read::<Deposit>(&self.funding_account)?;
        Some((deposit.vault, deposit.token_program))
    }

    /// What pays a provider, and what opens the account that is paid if it is missing; `None` if that is not known yet, or if this
    /// keeper opens none. First without the account that is paid: then all is booked as owed.
    fn payment(&self, rules: &Rules, provider: Address) -> Option<(PaymentAccounts, Option<Payee>)> {
        let (work_shard_or_vault, payment_program) = self.source(rules)?;
        let accounts = PaymentAccounts {
            network: self.for_credits(self.network),
            funding_account: self.funding_account,
            payee: self.funding_account,
            work_shard_or_vault,
            spender_or_mint: if self.in_credits() { self.spender() } else { self.mint },
            escrow_authority: self.for_credits(self.authority()),
            payment_program,
            fee_payee: if self.terms.fee_share == Bps(0) { ID } else { self.terms.fee_payee },
        };
        let payee = if self.in_credits() {
            self.work(rules, provider)
        } else {
            rules.associated(provider, self.mint, payment_program)
        };
        Some((accounts, payee))
    }

    fn work(&self, rules: &Rules, provider: Address) -> Option<Payee> {
        let lane = [self.lane];
        let provider_work = joule_bme_interface::pda::provider_work::find(&self.network, &provider, &lane).0;
        let there = rules.view.find(&provider_work)?;
        if there.is_some_and(|account| account.owner == joule_bme_interface::ID) {
            return Some((provider_work, vec![]));
        }
        let open = OpenProviderWork {
            payer: rules.payer,
            network: self.network,
            provider,
            provider_work,
            system_program: SYSTEM_PROGRAM,
        };
        let open = open.instruction(&OpenProviderWorkArgs { lane: self.lane });
        rules.opens().then_some((provider_work, vec![open]))
    }

    /// The ways to send what pays a provider: into its account, and, if `books`, without paying.
    fn ways(
        &self,
        rules: &Rules,
        provider: Address,
        books: bool,
        call: impl Fn(PaymentAccounts, Amount) -> Instruction,
    ) -> Vec<Vec<Instruction>> {
        let Some((accounts, payee)) = self.payment(rules, provider) else { return vec![] };
        let mut ways = vec![];
        // Where the right to credits has ended, nobody is paid; the account may be missing as well.
        if let Some((payee, mut calls)) = payee {
            calls.push(call(PaymentAccounts { payee, ..accounts }, Amount::MAX));
            ways.push(calls);
        }
        if books {
            ways.push(vec![call(accounts, Amount::ZERO)]);
        }
        ways
    }

    /// Whether `stake` settles a bond of which something is to be seized: not for an unbonding period after `escrow` lost the right to it.
    fn may_seize(&self, rules: &Rules, seizes: bool) -> bool {
        let slasher = stake_pda::slasher::find(&self.pool, &self.authority()).0;
        if !seizes || rules.view.find(&slasher).is_none() {
            return !seizes;
        }
        let has_right = |state: Slasher| state.rights & rights::BOND != 0 || rules.now() >= state.bonds_free_at;
        rules.view.read::<Slasher>(&slasher).is_none_or(has_right)
    }

    /// What settles a bond and a report with `stake`. `receiver` gets what is seized.
    fn settlement(&self, rules: &Rules, provider: Address, bond: Address, burns: bool) -> Option<SettlementAccounts> {
        let pool = rules.view.read::<Pool>(&self.pool)?;
        let authority = self.authority();
        let slasher = stake_pda::slasher::find(&self.pool, &authority).0;
        let is_bonded = bond != NONE;
        let bond_payer = if is_bonded {
            rules.view.find(&bond)?;
            // The provider may have taken its bond back: then any account stands for who paid.
            rules.view.read::<Bond>(&bond).map_or(provider, |bond| bond.payer)
        } else {
            ID
        };
        let bonded = |address| if is_bonded { address } else { ID };
        Some(SettlementAccounts {
            provider: stake_pda::provider::find(&self.pool, &provider).0,
            slasher,
            escrow_authority: authority,
            stake_program: joule_stake_interface::ID,
            bond: bonded(bond),
            bond_payer,
            pool: bonded(self.pool),
            vault: bonded(pool.vault),
            receiver: if burns { bonded(pool.mint) } else { ID },
            mint: bonded(pool.mint),
            token_program: bonded(pool.token_program),
        })
    }
}

/// The account that is paid, and what opens it.
type Payee = (Address, Vec<Instruction>);

fn of_job(rules: &mut Rules, address: Address, job: &Job) {
    let now = rules.now();
    let order = Order::from(job);
    // What is owed in credits may never be paid: then the job counts nothing.
    let is_known = job.has_ended() || job.state == job_state::OWING && !order.in_credits();
    if is_known
        && job.bond_unsettled != 0
        && order.may_seize(rules, !job.bond_to_seize.is_zero())
        && let Some(settlement) = order.settlement(rules, job.provider, job.bond, job.burns_bond())
    {
        let settle = SettleBond { job: address, settlement }.instruction(&SettleBondArgs {});
        rules.push(("escrow", "SettleBond"), address, ended_at(job).min(now), settle);
    }
    if job.has_given_back() && !job.mandate_charged.is_zero() {
        let index = Mandate::index_of(job.mandate_id).to_le_bytes();
        let settle = SettleMandate { job: address, mandate: pda::mandate::find(&job.client, &index).0 };
        let settle = settle.instruction(&SettleMandateArgs {});
        rules.push(("escrow", "SettleMandate"), address, ended_at(job).min(now), settle);
    }
    if job.on_beacon != 0 && !matches!(job.state, job_state::RUNNING | job_state::GANG) {
        let leave = LeaveBeacon { beacon: beacon_of(job), job: address }.instruction(&LeaveBeaconArgs {});
        rules.push(("escrow", "LeaveBeacon"), address, ended_at(job).min(now), leave);
    }
    match job.state {
        job_state::BIDDING if now > job.deadline_at => {
            let award = AwardJob {
                job: address,
                network: job.network,
                funding_account: job.funding_account,
                credits: order.credits(),
            };
            rules.push(("escrow", "AwardJob"), address, job.deadline_at, award.instruction(&AwardJobArgs {}));
        }
        job_state::POSTED | job_state::ASSIGNED | job_state::OFFERED => {
            if let Some(since) = cancellable(rules, address, job) {
                cancel(rules, address, job, &order, since);
            }
        }
        job_state::RUNNING | job_state::REDEEMING => running(rules, address, job, &order),
        job_state::DELIVERED => {
            if let Some(since) = over(rules, job.terms.acceptance_window, job.deadline_at) {
                let ways = order.ways(rules, job.provider, true, |payment, max_amount| {
                    AcceptJob { caller: rules.payer, job: address, payment, halt_clock: HALT_CLOCK }
                        .instruction(&AcceptJobArgs { max_amount })
                });
                push_if_any(rules, "AcceptJob", address, since, ways);
            }
        }
        job_state::REJECTED => {
            // The verdict of a game leaves no deadline.
            let since = match set(job.deadline_at) {
                None => Some(job.stopped_at.min(now)),
                Some(at) => over(rules, job.terms.arbitration_window, at),
            };
            if let Some(since) = since {
                let ways = order.ways(rules, job.provider, true, |payment, max_amount| {
                    let args = ResolveJobArgs { pay_share: Bps(0), bond_penalty: Bps(0), max_amount };
                    ResolveJob { caller: rules.payer, job: address, payment, halt_clock: HALT_CLOCK }.instruction(&args)
                });
                push_if_any(rules, "ResolveJob", address, since, ways);
            }
        }
        job_state::OWING => {
            let ways = settle_ways(rules, address, job, &order);
            push_if_any(rules, "SettleJob", address, ended_at(job).min(now), ways);
        }
        _ if job.is_over() => {
            let since = after(ended_at(job), rules.settings.close_jobs_after);
            if now >= since {
                let close = CloseJob { job: address, rent_receiver: job.payer }.instruction(&CloseJobArgs {});
                rules.push(("escrow", "CloseJob"), address, since, close);
            }
        }
        _ => {}
    }
}

/// Where the beacon of a job on one is.
fn beacon_of(job: &Job) -> Address {
    pda::beacon::find(&job.provider, &job.node).0
}

/// The same; the program's id if the job is on none.
fn beacon_if_any(job: &Job) -> Address {
    if job.on_beacon == 0 { ID } else { beacon_of(job) }
}

/// When a job ended, as far as it says: one that never ran, when it had to be started; a gang's place, whose time is of the gang's clock,
/// when it was settled.
fn ended_at(job: &Job) -> Timestamp {
    let is_place = job.matching == matching::GANG;
    set(job.stopped_at).filter(|_| !is_place).unwrap_or(job.deadline_at)
}

fn push_if_any(rules: &mut Rules, name: &'static str, account: Address, since: Timestamp, ways: Vec<Vec<Instruction>>) {
    if !ways.is_empty() {
        rules.push_ways(("escrow", name), account, since, ways);
    }
}

/// Since when anyone may cancel a job that has not started.
fn cancellable(rules: &Rules, address: Address, job: &Job) -> Option<Timestamp> {
    let (now, in_queue) = (rules.now(), job.matching == matching::QUEUE && job.state == job_state::POSTED);
    if in_queue {
        if now > job.deadline_at {
            return Some(job.deadline_at);
        }
        return (!waits(rules, address, job)?).then_some(now);
    }
    if now <= job.deadline_at {
        return None;
    }
    if job.state == job_state::OFFERED {
        return Some(job.deadline_at);
    }
    // The provider's time to start moves by pauses of the network, unless the job is reserved.
    let network = rules.view.read::<Network>(&job.network)?;
    let until = if network.paused == 0 { now } else { network.paused_at };
    let pauses = network.paused_up_to(until).0.saturating_sub(job.earlier_pauses_duration.0);
    let pauses = if job.is_reserved() { 0 } else { pauses };
    over_since(rules, before(job.deadline_at, job.terms.start_window), after(job.deadline_at, Seconds(pauses)))
}

/// Whether a job waits in its queue; `None` if that is not known yet.
fn waits(rules: &Rules, address: Address, job: &Job) -> Option<bool> {
    let queue = pda::queue::find(&job.market).0;
    let Some(account) = rules.view.find(&queue)? else { return Some(false) };
    if account.owner != ID {
        return Some(false);
    }
    // Of a queue that another account named, only the beginning was read.
    let entry = entry(&account.data, job.queue_slot)?;
    Some(entry.occupant == address && entry.posting_or_wait_id == job.posting_id)
}

fn entry(queue: &[u8], slot: u32) -> Option<QueueEntry> {
    let from = size_of::<Queue>() + slot as usize * size_of::<QueueEntry>();
    Some(bytemuck::pod_read_unaligned(queue.get(from..from + size_of::<QueueEntry>())?))
}

fn cancel(rules: &mut Rules, address: Address, job: &Job, order: &Order, since: Timestamp) {
    let is_queued = job.matching == matching::QUEUE;
    let mut credits = order.credits();
    // Whoever was assigned one has an excuse if the issuer froze what pays. The program asks for it only where the issuer can.
    if !order.in_credits() && job.state == job_state::ASSIGNED {
        let Some(deposit) = rules.view.read::<Deposit>(&order.funding_account) else { return };
        credits.spender = deposit.vault;
    }
    let cancel = CancelJob {
        caller: rules.payer,
        job: address,
        network: job.network,
        funding_account: job.funding_account,
        credits,
        queue: if is_queued { pda::queue::find(&job.market).0 } else { ID },
        halt_clock: HALT_CLOCK,
    };
    rules.push(("escrow", "CancelJob"), address, since, cancel.instruction(&CancelJobArgs {}));
}

fn settle_ways(rules: &Rules, address: Address, job: &Job, order: &Order) -> Vec<Vec<Instruction>> {
    let is_revoked = order.revoked(rules).is_some();
    order.ways(rules, job.provider, is_revoked, |payment, max_amount| {
        SettleJob { job: address, payment }.instruction(&SettleJobArgs { max_amount })
    })
}

fn running(rules: &mut Rules, address: Address, job: &Job, order: &Order) {
    let now = rules.now();
    let is_proved = job.verification_kind == verification_kind::PROOF;
    let last = after(job.ends_at, job.terms.late_window);
    let mut since = match (job.state, job.terms.pricing) {
        (job_state::REDEEMING, _) => over_since(rules, job.stopped_at, job.deadline_at),
        (_, pricing::FIXED) => over_since(rules, job.started_at, last),
        // Before that a call would only begin its provider's time to redeem vouchers, which has begun by itself.
        (_, pricing::USAGE) => over_since(rules, job.ends_at, last),
        _ => (now >= job.ends_at).then_some(job.ends_at),
    };
    since = since.or_else(|| order.revoked(rules));
    let mut more = vec![];
    if is_proved {
        let Some((accounts, is_changed)) = proof_accounts(rules, job) else { return };
        more = accounts.map(|address| AccountMeta::new_readonly(address, false)).to_vec();
        since = since.or(is_changed.then_some(now));
    }
    if let Some(since) = since {
        let ways = order.ways(rules, job.provider, true, |payment, max_amount| {
            let args = FinishJobArgs { result: [0; 32], max_amount };
            let finish = FinishJob { caller: rules.payer, job: address, payment, halt_clock: HALT_CLOCK };
            let mut finish = finish.instruction(&args);
            finish.accounts.extend(more.iter().cloned());
            finish
        });
        let ways = if job.on_beacon == 0 { ways } else { after_reading(address, job, ways) };
        push_if_any(rules, "FinishJob", address, since, ways);
        return;
    }
    // What a long job has earned is paid now and then.
    let owed = job.earned_at(now).and_then(|earned| job.payable(earned)).unwrap_or_default();
    let least = job.price.times(rules.settings.settle_after.0.max(1) as u64).unwrap_or(Amount::MAX);
    if job.terms.pricing == pricing::METERED && owed >= least {
        let ways = settle_ways(rules, address, job, order);
        push_if_any(rules, "SettleJob", address, now, ways);
    }
}

/// The same ways, each after its beacon was read.
fn after_reading(address: Address, job: &Job, mut ways: Vec<Vec<Instruction>>) -> Vec<Vec<Instruction>> {
    let read = ReadBeacon { beacon: beacon_of(job), job: address }.instruction(&ReadBeaconArgs {});
    ways.iter_mut().for_each(|calls| calls.insert(0, read.clone()));
    ways
}

/// What tells whether a job's verifier is what it was, and whether it is another.
fn proof_accounts(rules: &Rules, job: &Job) -> Option<([Address; 3], bool)> {
    let verification = rules.view.read::<Verification>(&job.verification)?;
    let verifier = verification.verifier;
    let program = rules.view.account(&verifier)?;
    if program.owner != UPGRADEABLE_LOADER {
        return Some(([job.verification, verifier, ID], verification.verifier_slot != 0));
    }
    let data = Address::try_from(program.data.get(4..36)?).ok()?;
    let Some(code) = rules.view.find(&data)? else { return Some(([job.verification, verifier, data], true)) };
    let slot = code.data.get(4..12).and_then(|bytes| bytes.try_into().ok()).map(u64::from_le_bytes);
    Some(([job.verification, verifier, data], slot != Some(verification.verifier_slot)))
}

/// Mandates that have expired. Of which network one is, its markets say.
fn mandates(rules: &mut Rules) {
    for (mandate, state) in rules.view.each::<Mandate>() {
        let is_served = |market: &Address| {
            let state = rules.view.read::<Market>(market).filter(|_| *market != NONE);
            state.is_some_and(|state| rules.serves(&state.network))
        };
        let is_expired = rules.now() > state.expires_at;
        if is_expired && (rules.settings.networks.is_none() || state.markets.iter().any(is_served)) {
            let close = CloseMandate { caller: rules.payer, mandate, rent_receiver: state.payer };
            let close = close.instruction(&CloseMandateArgs {});
            rules.push(("escrow", "CloseMandate"), mandate, state.expires_at, close);
        }
    }
}

/// Beacons that their machines left. They are of no network: every keeper's.
fn beacons(rules: &mut Rules) {
    for (beacon, state) in rules.view.each::<Beacon>() {
        let since = after(state.last_beat_at, BEACON_CLOSING_DELAY);
        if rules.now() > since && state.jobs == 0 {
            let close = CloseBeacon { caller: rules.payer, beacon, rent_receiver: state.payer };
            rules.push(("escrow", "CloseBeacon"), beacon, since, close.instruction(&CloseBeaconArgs {}));
        }
    }
}

fn queues(rules: &mut Rules) {
    let markets: BTreeMap<Address, Market> = rules.view.each::<Market>().into_iter().collect();
    for (queue, state) in rules.view.each::<Queue>() {
        let Some(market) = markets.get(&state.market).filter(|market| rules.serves(&market.network)) else { continue };
        let Some(account) = rules.view.account(&queue) else { continue };
        let Some(head) = entry(&account.data, state.head).filter(|_| state.used != 0) else { continue };
        let Some((since, evidence)) = removable(rules, &state, &head, market) else { continue };
        let pool = if market.pool == NONE { ID } else { market.pool };
        let sweep = SweepQueue { market: state.market, queue, pool };
        let mut sweep = sweep.instruction(&SweepQueueArgs { max_entries: SWEEP });
        sweep.accounts.extend(evidence.map(|address| AccountMeta::new_readonly(address, false)));
        rules.push(("escrow", "SweepQueue"), queue, since, sweep);
    }
}

/// Since when the first entry of a queue can be removed, and what shows it.
fn removable(rules: &Rules, queue: &Queue, head: &QueueEntry, market: &Market) -> Option<(Timestamp, Option<Address>)> {
    const SERIES: u64 = 0xff_ffff;
    let now = rules.now();
    if head.occupant == NONE {
        return Some((now, None));
    }
    if now > head.expires_at {
        return Some((head.expires_at, None));
    }
    if queue.side != side::PROVIDERS {
        let job = rules.view.read::<Job>(&head.occupant)?;
        let is_outdated = job.posting_id != head.posting_or_wait_id || job.terms != market.terms;
        return is_outdated.then_some((now, Some(head.occupant)));
    }
    if head.posting_or_wait_id >> 32 & SERIES != market.terms_version & SERIES {
        return Some((now, None));
    }
    if market.pool == NONE {
        return None;
    }
    let provider = stake_pda::provider::find(&market.pool, &head.occupant).0;
    let is_eligible = match rules.view.read::<Provider>(&provider) {
        Some(state) => {
            let pool = rules.view.read::<Pool>(&market.pool)?;
            let least = pool.policy.min_self_stake.max(market.terms.min_self_stake);
            let is_reliable =
                market.terms.min_reliability == Bps(0) || state.reliability(now) >= market.terms.min_reliability;
            state.status == provider_status::ACTIVE && state.has_own(least, now) && is_reliable
        }
        None => rules.view.read::<ProviderStub>(&provider).is_none(),
    };
    (!is_eligible).then_some((now, Some(provider)))
}

/// Both sides' deposits, their vaults, and the mint with its program.
struct Sides {
    provider_deposit: Address,
    challenger_deposit: Address,
    provider_vault: Address,
    challenger_vault: Address,
    mint: Address,
    token_program: Address,
}

fn sides(rules: &Rules, trace: &Trace, game: &Game) -> Option<Sides> {
    let provider = rules.view.read::<Deposit>(&trace.deposit);
    let challenger = rules.view.read::<Deposit>(&game.deposit);
    let (provider, challenger) = (provider?, challenger?);
    Some(Sides {
        provider_deposit: trace.deposit,
        challenger_deposit: game.deposit,
        provider_vault: provider.vault,
        challenger_vault: challenger.vault,
        mint: challenger.mint,
        token_program: challenger.token_program,
    })
}

/// Traces and the games over them. Neither says its network, but its verification does.
fn traces(rules: &mut Rules) {
    let serves = |rules: &Rules, verification: &Address| {
        rules.settings.networks.is_none()
            || rules.view.read::<Verification>(verification).is_some_and(|it| rules.serves(&it.network))
    };
    let traces: BTreeMap<Address, Trace> = rules.view.each::<Trace>().into_iter().collect();
    for (address, trace) in traces.iter().filter(|(_, trace)| trace.unsettled_games == 0 && trace.unpaid_winners == 0) {
        if !serves(rules, &trace.verification) {
            continue;
        }
        let Some(found) = rules.view.find(&trace.job) else { continue };
        let job = found.and_then(|_| rules.view.read::<Job>(&trace.job));
        let waits = |job: &Job| {
            let is_open = matches!(job.state, job_state::DELIVERED | job_state::CHALLENGED);
            job.posting_id == trace.posting_id && is_open
        };
        if job.as_ref().is_some_and(waits) {
            continue;
        }
        let close = CloseTrace { trace: *address, job: trace.job, deposit: trace.deposit, rent_receiver: trace.payer };
        let from = rules.found.len();
        rules.push(("escrow", "CloseTrace"), *address, rules.now(), close.instruction(&CloseTraceArgs {}));
        tips::of_trace(rules, *address, trace, from);
    }
    for (address, game) in rules.view.each::<Game>() {
        if serves(rules, &game.verification) {
            let from = rules.found.len();
            of_game(rules, address, &game, traces.get(&game.trace));
            tips::of_game(rules, address, &game, from);
        }
    }
}

fn of_game(rules: &mut Rules, address: Address, game: &Game, trace: Option<&Trace>) {
    if !game.is_decided() {
        let is_decision = game.phase == game_phase::PROVE && game.verifier == NONE;
        let window = if is_decision { game.decision_window } else { game.move_window };
        if let Some(since) = over(rules, window, game.deadline_at) {
            let time_out = TimeOutGame { game: address, halt_clock: HALT_CLOCK }.instruction(&TimeOutGameArgs {});
            rules.push(("escrow", "TimeOutGame"), address, since, time_out);
        }
        return;
    }
    let Some(settled_at) = set(game.settled_at) else {
        let Some(trace) = trace else { return };
        let Some(sides) = sides(rules, trace, game) else { return };
        let settle = SettleGame {
            game: address,
            trace: game.trace,
            job: game.job,
            provider_deposit: sides.provider_deposit,
            challenger_deposit: sides.challenger_deposit,
            provider_vault: sides.provider_vault,
            challenger_vault: sides.challenger_vault,
            mint: sides.mint,
            token_program: sides.token_program,
        };
        let since = game.deadline_at.min(rules.now());
        rules.push(("escrow", "SettleGame"), address, since, settle.instruction(&SettleGameArgs {}));
        return;
    };
    if game.unpaid == 1 {
        let Some(trace) = trace.filter(|trace| trace.unsettled_games == 0) else { return };
        let Some(sides) = sides(rules, trace, game) else { return };
        let pay = PayChallenger {
            game: address,
            trace: game.trace,
            provider_deposit: sides.provider_deposit,
            challenger_deposit: sides.challenger_deposit,
            provider_vault: sides.provider_vault,
            challenger_vault: sides.challenger_vault,
            mint: sides.mint,
            token_program: sides.token_program,
        };
        rules.push(("escrow", "PayChallenger"), address, settled_at, pay.instruction(&PayChallengerArgs {}));
        return;
    }
    let since = game.kept_until();
    if !game.is_kept() || rules.now() > since {
        let close = CloseGame { game: address, rent_receiver: game.payer }.instruction(&CloseGameArgs {});
        rules.push(("escrow", "CloseGame"), address, since, close);
    }
}

/// Providers that lost as many games as a slash needs.
fn slashes(rules: &mut Rules) {
    let mut lost = BTreeMap::<[Address; 3], Vec<(Timestamp, Address)>>::new();
    for (address, game) in rules.view.each::<Game>() {
        let is_lost = game.phase == game_phase::CHALLENGER_WON && game.is_kept();
        if let Some(settled_at) = set(game.settled_at).filter(|_| is_lost && game.pool != NONE) {
            lost.entry([game.verification, game.pool, game.provider]).or_default().push((settled_at, address));
        }
    }
    for ([verification, pool, authority], mut games) in lost {
        let Some(terms) = rules.view.read::<Verification>(&verification) else { continue };
        let needed = terms.games_per_slash as usize;
        if needed == 0 || games.len() < needed || !rules.serves(&terms.network) || terms.slash_amount == Tokens(0) {
            continue;
        }
        games.sort();
        games.truncate(needed);
        let provider = stake_pda::provider::find(&pool, &authority).0;
        let Some(state) = rules.view.read::<Provider>(&provider) else { continue };
        let escrow_authority = pda::authority::find(&terms.network).0;
        let propose = ProposeGameSlash {
            payer: rules.payer,
            verification,
            pool,
            provider,
            slasher: stake_pda::slasher::find(&pool, &escrow_authority).0,
            escrow_authority,
            slash: stake_pda::slash::find(&provider, &state.slash_count.to_le_bytes()).0,
            stake_program: joule_stake_interface::ID,
            system_program: SYSTEM_PROGRAM,
        };
        let mut propose = propose.instruction(&ProposeGameSlashArgs {});
        propose.accounts.extend(games.iter().map(|(_, game)| AccountMeta::new(*game, false)));
        let since = games.last().map_or(rules.now(), |(settled_at, _)| *settled_at);
        rules.push(("escrow", "ProposeGameSlash"), provider, since, propose);
    }
}

/// Since when the time of a panel's state is over, and `more` after it.
fn panel_over(rules: &Rules, panel: &Panel, state: u8, more: Seconds) -> Option<Timestamp> {
    let deadline_at = after(panel.deadline_at, more);
    let set_at = match state {
        panel_state::ACKNOWLEDGING => before(panel.deadline_at, panel.terms.start_window),
        panel_state::COMMITTING => before(panel.deadline_at, panel.duration),
        panel_state::REVEALING => before(before(panel.deadline_at, panel.reveal_window), panel.duration),
        _ => return (rules.now() > deadline_at).then_some(deadline_at),
    };
    over_since(rules, set_at, deadline_at)
}

fn of_panel(rules: &mut Rules, address: Address, panel: &Panel) {
    let order = Order::from(panel);
    let more = Seconds(0);
    let late = panel_over(rules, panel, panel.state, more);
    match panel.state {
        panel_state::JOINING => {
            if let Some(since) = late {
                cancel_panel(rules, address, panel, &order, since);
            }
        }
        panel_state::ACKNOWLEDGING => {
            let Some(since) = late else { return };
            let waited = panel_over(rules, panel, panel.state, panel.terms.wait_window);
            if panel.refilled == 1 || waited.is_some() {
                return cancel_panel(rules, address, panel, &order, since);
            }
            // One in a pass: each changes the panel.
            let silent = panel.present().find(|(_, replica)| replica.state == replica_state::JOINED);
            let Some((index, replica)) = silent else { return };
            let Some(settlement) = order.settlement(rules, replica.provider, replica.bond, true) else { return };
            let remove = RemoveReplica { panel: address, settlement, halt_clock: HALT_CLOCK };
            let remove = remove.instruction(&RemoveReplicaArgs { replica: index as u8 });
            rules.push(("escrow", "RemoveReplica"), address, since, remove);
            rules.part(index as u8);
        }
        panel_state::COMMITTING => {
            // Nobody committed: there is nothing to wait for. Otherwise those who did have their time to reveal.
            let since = if panel.committed_count == 0 {
                late
            } else {
                let until = after(panel.deadline_at, panel.reveal_window);
                over_since(rules, before(panel.deadline_at, panel.duration), until)
            };
            tally(rules, address, panel, &order, since);
        }
        panel_state::REVEALING => {
            let all = (panel.revealed_count == panel.committed_count).then_some(rules.now());
            tally(rules, address, panel, &order, late.or(all));
        }
        _ => decided(rules, address, panel, &order),
    }
}

fn cancel_panel(rules: &mut Rules, address: Address, panel: &Panel, order: &Order, since: Timestamp) {
    let cancel = CancelPanel {
        caller: rules.payer,
        panel: address,
        funding_account: panel.funding_account,
        credits: order.credits(),
        halt_clock: HALT_CLOCK,
    };
    rules.push(("escrow", "CancelPanel"), address, since, cancel.instruction(&CancelPanelArgs {}));
}

fn tally(rules: &mut Rules, address: Address, panel: &Panel, order: &Order, since: Option<Timestamp>) {
    let Some(since) = since else { return };
    let tally = TallyPanel {
        panel: address,
        funding_account: panel.funding_account,
        credits: order.credits(),
        halt_clock: HALT_CLOCK,
    };
    rules.push(("escrow", "TallyPanel"), address, since, tally.instruction(&TallyPanelArgs {}));
}

/// A panel on which is decided: what is owed, settled and burned, one replica after the other, and its end.
fn decided(rules: &mut Rules, address: Address, panel: &Panel, order: &Order) {
    let since = panel.deadline_at.min(rules.now());
    let found = rules.found.len();
    for (index, replica) in panel.replicas.iter().enumerate() {
        let number = index as u8;
        if replica.owed != Amount::ZERO {
            let books = order.revoked(rules).is_some();
            let ways = order.ways(rules, replica.provider, books, |payment, max_amount| {
                PayReplica { panel: address, payment }.instruction(&PayReplicaArgs { max_amount, replica: number })
            });
            if !ways.is_empty() {
                rules.push_ways(("escrow", "PayReplica"), address, since, ways);
                rules.part(number);
            }
        }
        if replica.bond_unsettled == 1
            && let Some(settlement) = order.settlement(rules, replica.provider, replica.bond, true)
        {
            let settle = SettleReplica { panel: address, settlement };
            let settle = settle.instruction(&SettleReplicaArgs { replica: number });
            rules.push(("escrow", "SettleReplica"), address, since, settle);
            rules.part(number);
        }
    }
    if panel.penalty_owed != Amount::ZERO
        && let Some((work_shard_or_vault, payment_program)) = order.source(rules)
    {
        let burning = BurnAccounts {
            network: order.for_credits(panel.network),
            funding_account: panel.funding_account,
            work_shard_or_vault,
            fee_payee_or_mint: if order.in_credits() { panel.terms.fee_payee } else { panel.mint },
            spender: order.for_credits(order.spender()),
            escrow_authority: order.for_credits(order.authority()),
            payment_program,
        };
        let burn = BurnPanelPenalty { panel: address, burning };
        let burn = burn.instruction(&BurnPanelPenaltyArgs { max_amount: Amount::MAX });
        rules.push(("escrow", "BurnPanelPenalty"), address, since, burn);
    }
    if rules.found.len() == found && panel.held == Amount::ZERO && panel.unsettled_count == 0 {
        let close = ClosePanel { panel: address, rent_receiver: panel.payer }.instruction(&ClosePanelArgs {});
        rules.push(("escrow", "ClosePanel"), address, since, close);
    }
}

/// A gang: one that is not full in time, members that are silent, places to settle, and its end.
fn of_gang(rules: &mut Rules, address: Address, gang: &Gang) {
    let now = rules.now();
    let is_open = matches!(gang.state, gang_state::FILLING | gang_state::BROKEN);
    if is_open && now > gang.deadline_at {
        return stop_gang(rules, (address, ID), (ID, ID), gang.deadline_at);
    }
    let is_over = gang.state == gang_state::RUNNING && gang.is_time_over(now);
    let ended = gang.has_ended() || is_over;
    let since = if is_over { after(gang.ends_at(), Seconds(gang.stood as u32)) } else { gang.deadline_at };
    for place in gang.places.iter().filter(|place| place.job != NONE) {
        let Some(job) = rules.view.read::<Job>(&place.job) else { continue };
        let silence = MAX_SILENT_INTERVALS * job.terms.heartbeat_interval.0 as u64;
        let is_member = job.provider != NONE && job.stopped_at == Timestamp::default();
        let order = Order::from(&job);
        let has_worked = is_member && gang.started_at != Timestamp::default();
        if ended || job.stopped_at != Timestamp::default() {
            settle_member(rules, (address, place.job), &job, since.min(now));
        } else if let Some(at) = has_worked.then(|| order.revoked(rules)).flatten() {
            // Who stops working because nothing is paid any more has not failed.
            settle_member(rules, (address, place.job), &job, at);
        } else if gang.state == gang_state::RUNNING && is_member {
            let last = last_heartbeat_of(rules, gang, &job);
            let clock = gang.clock(now);
            let silent_at = after(last, Seconds(silence as u32));
            // Halts are of the chain's clock.
            let due_at = after(silent_at, Seconds(gang.stood as u32));
            if clock > silent_at && over_since(rules, last, due_at).is_some() {
                // A gang breaks once.
                let with = (order.credits().spender, beacon_if_any(&job));
                return stop_gang(rules, (address, place.job), with, now);
            }
        }
    }
    if gang.has_ended() && gang.posted == 0 {
        let close = CloseGang { gang: address, rent_receiver: gang.payer }.instruction(&CloseGangArgs {});
        rules.push(("escrow", "CloseGang"), address, since.min(now), close);
    }
}

/// When a member was alive for the last time, by its gang's clock.
fn last_heartbeat_of(rules: &Rules, gang: &Gang, job: &Job) -> Timestamp {
    let known = job.last_heartbeat_at.max(gang.started_at);
    let beacon = (job.on_beacon != 0).then(|| rules.view.read::<Beacon>(&beacon_of(job))).flatten();
    beacon.map_or(known, |beacon| known.max(gang.clock_at(beacon.last_beat_at)))
}

fn stop_gang(
    rules: &mut Rules,
    (gang, job): (Address, Address),
    (spender, beacon): (Address, Address),
    since: Timestamp,
) {
    let stop = StopGang { caller: rules.payer, gang, job, halt_clock: HALT_CLOCK, spender, beacon };
    rules.push(("escrow", "StopGang"), gang, since, stop.instruction(&StopGangArgs {}));
}

fn settle_member(rules: &mut Rules, (gang, address): (Address, Address), job: &Job, since: Timestamp) {
    let order = Order::from(job);
    let caller = rules.payer;
    let ways = order.ways(rules, job.provider, true, |payment, max_amount| {
        let beacon = beacon_if_any(job);
        SettleMember { caller, gang, job: address, payment, halt_clock: HALT_CLOCK, beacon }
            .instruction(&SettleMemberArgs { max_amount })
    });
    push_if_any(rules, "SettleMember", address, since, ways);
}
