//! Posting jobs: the rules and the instruction.

use {
    crate::{
        Result, mandates,
        markets::require_offer,
        matching::queue::{Ring, wait_id},
        money::funding::Funding,
        tips, usage,
    },
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_escrow_interface::{
        EscrowError, ID,
        event::JobPosted,
        instruction::{PostJob, PostJobArgs, PostUsageJobArgs},
        pda, posting_id,
        state::{Job, Mandate, Market, NONE, Queue, QueueEntry, Terms, job_state, matching, pricing, side},
    },
    joule_interface::{Address, Fault},
    joule_math::{Amount, Seconds, Timestamp},
};

/// See [`PostJob`].
#[inline(never)]
pub fn post_job(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, more, definitions) = PostJob::parse(accounts, data)?;
    post(&a, args, more, definitions)
}

/// Posts a job, and more on the same terms.
#[inline(always)]
pub fn post(a: &PostJob<&AccountView>, args: &PostJobArgs, more: &[AccountView], definitions: &[u8]) -> Result<()> {
    let (mut batch, more) = Batch::hold(a, args, None, (more, definitions))?;
    batch.post(a.job, args.nonce, &args.definition)?;
    for (number, (job, definition)) in more.iter().zip(definitions.chunks_exact(32)).enumerate() {
        let nonce = { args.nonce }.checked_add(1 + number as u64).ok_or(Fault::Overflow)?;
        require(job.is_writable(), Fault::NotWritable)?;
        batch.post(job, nonce, definition)?;
    }
    Ok(())
}

/// What the market's terms make of an order: the same for all jobs that are posted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posting {
    /// What each job can cost at most.
    pub deposited: Amount,
    deadline_at: Timestamp,
    state: u8,
}

impl Posting {
    /// Checks an order against the terms. `max_units`: zero if it is not paid by the unit.
    #[inline(always)]
    pub fn new(
        terms: &Terms,
        kind: u8,
        price: Amount,
        provider: &Address,
        (duration, max_units): (Seconds, u64),
        now: Timestamp,
    ) -> Result<Self> {
        require((terms.pricing == pricing::USAGE) == (max_units != 0), EscrowError::WrongPricing)?;
        require((terms.min_duration..=terms.max_duration).contains(&duration), EscrowError::DurationOutOfRange)?;
        let is_one = matches!(kind, matching::DIRECT | matching::QUEUE | matching::AUCTION);
        require(is_one && terms.matching & kind != 0, EscrowError::MatchingNotOffered)?;
        let lowest = if kind == matching::QUEUE { terms.price } else { Amount(1) };
        require((lowest..=terms.price).contains(&price), EscrowError::PriceOutOfRange)?;
        // A client names a provider if, and only if, the job is direct.
        require((kind == matching::DIRECT) != guard::eq(provider, &NONE), EscrowError::WrongProvider)?;
        let mut deposited = if max_units == 0 { terms.cost(price, duration)? } else { price.times(max_units)? };
        if kind == matching::QUEUE && terms.offers_hand_back() {
            deposited = deposited.plus(hand_back_reserve(terms, price, duration)?)?;
        }
        let window = if kind == matching::DIRECT { terms.start_window } else { terms.wait_window };
        let deadline_at = now.after(window)?;
        let state = if kind == matching::AUCTION { job_state::BIDDING } else { job_state::POSTED };
        Ok(Self { deposited, deadline_at, state })
    }

    /// A place of a gang, which costs as much as a metered job.
    #[inline(always)]
    pub fn place(terms: &Terms, price: Amount, duration: Seconds, deadline_at: Timestamp) -> Result<Self> {
        Ok(Self { deposited: terms.cost(price, duration)?, deadline_at, state: job_state::GANG })
    }

    /// Fills in a job's money, deadline and state.
    #[inline(always)]
    pub fn fill(&self, job: &mut Job) {
        job.deposited = self.deposited;
        job.held = self.deposited;
        job.deadline_at = self.deadline_at;
        job.state = self.state;
    }
}

/// What a job holds beside its cost, for hand-backs.
#[inline(never)]
fn hand_back_reserve(terms: &Terms, price: Amount, duration: Seconds) -> Result<Amount> {
    let job = Job { terms: *terms, price, duration, matching: matching::QUEUE, ..Job::default() };
    Ok(job.hand_back_reserve()?)
}

/// Assigns the job to a provider that waited in the queue.
#[inline(always)]
pub fn assign(job: &mut Job, provider: &Address, now: Timestamp) -> Result<()> {
    job.deadline_at = now.after(job.terms.start_window)?;
    job.provider = *provider;
    job.state = job_state::ASSIGNED;
    Ok(())
}

/// What the jobs of one instruction share.
pub struct Batch<'a> {
    a: &'a PostJob<&'a AccountView>,
    /// The client, or its delegate.
    signer: &'a Address,
    /// The client's mandate, if its delegate signed.
    mandate: Option<&'a mut Mandate>,
    args: &'a PostJobArgs,
    market: &'a Market,
    posting: Posting,
    first_id: u64,
    earlier_pauses_duration: Seconds,
    spender_number: u16,
    units: Option<&'a PostUsageJobArgs>,
    now: Timestamp,
}

impl<'a> Batch<'a> {
    /// Checks an order of one job and of one for each of `more`, and holds their money. One account more than definitions: the
    /// mandate of the delegate that signs for the client. `units`: if they are paid by the unit. Gives the accounts of jobs too.
    #[inline(always)]
    pub fn hold(
        a: &'a PostJob<&'a AccountView>,
        args: &'a PostJobArgs,
        units: Option<&'a PostUsageJobArgs>,
        rest: (&'a [AccountView], &[u8]),
    ) -> Result<(Self, &'a [AccountView])> {
        Self::hold_for(a, args, units, rest, |terms, now| {
            let length = (args.duration, units.map_or(0, |units| units.max_units));
            Posting::new(terms, args.matching, args.price, &args.provider, length, now)
        })
    }

    /// The same for an order that `posting` checks.
    #[inline(always)]
    pub fn hold_for(
        a: &'a PostJob<&'a AccountView>,
        args: &'a PostJobArgs,
        units: Option<&'a PostUsageJobArgs>,
        (mut more, definitions): (&'a [AccountView], &[u8]),
        posting: impl FnOnce(&Terms, Timestamp) -> Result<Posting>,
    ) -> Result<(Self, &'a [AccountView])> {
        let network = account::keep::<Network>(a.network)?;
        network.require_unpaused()?;
        let market = account::keep::<Market>(a.market)?;
        require_offer(market, a.network, args.terms_version)?;
        let now = now()?;
        let mut mandate = None;
        if definitions.len() != 32 * more.len() {
            let (view, jobs) = more.split_last().ok_or(Fault::InvalidArguments)?;
            require(definitions.len() == 32 * jobs.len(), Fault::InvalidArguments)?;
            more = jobs;
            mandate = Some(mandates::for_posting(a, view, now)?);
        }
        let posting = posting(&market.terms, now)?;
        let cost = posting.deposited.times(1 + more.len() as u64)?;

        // The money of all jobs is held at once, and first: holding it also checks its owner. Then each job checks its own account.
        let funding = Funding::new(a.funding_account, &a.credits);
        let spender_number = match &mandate {
            None => funding.hold(market, a.network, a.client, cost, a.job.address())?,
            Some(mandate) => funding.hold_for(market, a.network, &mandate.owner, cost, a.job.address())?,
        };
        let (first_id, earlier_pauses_duration) = (posting_id::first(now)?, network.paused_duration);
        let batch = Self {
            a,
            signer: a.client.address(),
            mandate,
            args,
            market,
            posting,
            first_id,
            earlier_pauses_duration,
            spender_number,
            units,
            now,
        };
        Ok((batch, more))
    }

    /// Posts one of them.
    #[inline(never)]
    pub fn post(&mut self, view: &AccountView, nonce: u64, definition: &[u8]) -> Result<()> {
        let Self { a, args, market, posting, first_id, .. } = *self;
        let job = if guard::eq(view.owner(), &ID) {
            if market.tip != 0 {
                tips::advance(market.tip, view, a.payer, a.system_program)?;
            }
            let (job, new) = account::keep_or_begin::<Job>(view)?;
            if new {
                self.check_new(a.funding_account)?;
                // A party that is a job as well could never be paid, or paid back.
                let is = |party: &Address| guard::eq(party, view.address());
                let client = self.mandate.as_ref().map_or(self.signer, |mandate| &mandate.owner);
                let is_party = is(a.payer.address()) || is(client) || is(&args.provider);
                require(!is_party, Fault::DuplicateAccount)?;
                job.payer = *a.payer.address();
                job.posting_id = first_id;
            } else {
                require(guard::eq(&job.funding_account, a.funding_account.address()), EscrowError::WrongClient)?;
                if let Some(mandate) = &mut self.mandate {
                    mandates::give_back_replaced(mandate, job, self.now)?;
                }
                require(job.is_over(), EscrowError::WrongJobState)?;
                let (payer, sequence) = (job.payer, job.sequence);
                let id = posting_id::next(first_id, job.posting_id)?;
                account::blank(job);
                (job.payer, job.sequence, job.posting_id) = (payer, sequence, id);
            }
            job
        } else {
            self.check_new(a.funding_account)?;
            guard::system_program(a.system_program)?;
            let nonce = nonce.to_le_bytes();
            let seeds = pda::job::seeds(a.funding_account.address(), &nonce);
            let created = account::create::<Job>(a.payer, view, &seeds)?;
            let job = if market.tip == 0 {
                account::kept(created)
            } else {
                // An account that is borrowed cannot be paid into.
                drop(created);
                tips::advance(market.tip, view, a.payer, a.system_program)?;
                account::keep_mut::<Job>(view)?
            };
            job.payer = *a.payer.address();
            job.posting_id = first_id;
            job
        };
        posting.fill(job);
        job.terms = market.terms;
        job.matching = args.matching;
        job.price = args.price;
        job.provider = args.provider;
        job.duration = args.duration;
        job.market = *a.market.address();
        job.network = market.network;
        job.funding_account = *a.funding_account.address();
        job.mint = market.mint;
        job.pool = market.pool;
        job.definition.copy_from_slice(definition);
        job.authority_bump = market.authority_bump;
        job.verification = market.verification;
        job.verification_kind = market.verification_kind;
        job.earlier_pauses_duration = self.earlier_pauses_duration;
        job.spender_number = self.spender_number;
        job.lane = market.lane;
        match &mut self.mandate {
            None => job.client = *self.signer,
            Some(mandate) => require(mandates::charge_posting(mandate, job, self.now), EscrowError::MandateExceeded)?,
        }
        job.tip = market.tip;
        if let Some(units) = self.units {
            usage::fill(job, units);
        }
        if args.matching == matching::QUEUE {
            self.assign_or_wait(view.address(), job)?;
        }

        event::emit(&JobPosted {
            header: JobPosted::header(*view.address(), event::next(&mut job.sequence)?),
            provider: job.provider,
            deposited: job.deposited,
            deadline_at: job.deadline_at,
            posting_id: job.posting_id,
            state: job.state as u64,
        });
        Ok(())
    }

    /// A job that replaces none may be posted with this money.
    #[inline(always)]
    fn check_new(&self, funding_account: &AccountView) -> Result<()> {
        match &self.mandate {
            None => Ok(()),
            Some(mandate) => mandates::require_funding_account(mandate, funding_account),
        }
    }

    /// Assigns the job to the first provider that waits. If none does, the job waits.
    #[inline(always)]
    fn assign_or_wait(&self, address: &Address, job: &mut Job) -> Result<()> {
        require(guard::present(self.a.queue, &ID), EscrowError::QueueRequired)?;
        let mut bytes = account::load_bytes_mut::<Queue>(self.a.queue)?;
        let mut ring = Ring::of(&mut bytes)?;
        require(guard::eq(&ring.queue.market, self.a.market.address()), EscrowError::WrongMarket)?;
        if ring.queue.side == side::PROVIDERS
            && let Some(first) = ring.first_on_terms(wait_id::series(self.market), self.now)?
        {
            assign(job, &first.occupant, self.now)?;
            ring.drop_first();
            return Ok(());
        }
        let entry = QueueEntry { occupant: *address, posting_or_wait_id: job.posting_id, expires_at: job.deadline_at };
        job.queue_slot = ring.push(side::JOBS, entry, self.now)?;
        Ok(())
    }
}
