use {
    crate::{
        Result, job,
        purse::Purse,
        queue::{Ring, tickets},
    },
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_escrow_interface::{
        EscrowError, ID,
        event::JobPosted,
        instruction::{PostJob, PostJobArgs},
        pda,
        state::{Job, Market, Queue, QueueEntry, matching, side},
    },
    joule_interface::{Address, Fault},
    joule_math::Timestamp,
};

/// See [`PostJob`].
pub fn post_job(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, more, definitions) = PostJob::parse(accounts, data)?;
    require(account::keep::<Network>(a.network)?.paused == 0, Fault::Paused)?;
    let market = account::keep::<Market>(a.market)?;
    guard::network(&market.network, a.network.address())?;
    require(market.closed == 0, EscrowError::MarketClosed)?;
    require({ args.terms_version } == market.terms_version, EscrowError::TermsChanged)?;
    require(definitions.len() == 32 * more.len(), Fault::InvalidArguments)?;
    let now = now()?;

    let terms = job::Posting::new(&market.terms, args.matching, args.price, &args.provider, args.duration, now)?;
    let cost = terms.deposit.times(1 + more.len() as u64)?;
    let purse =
        Purse { purse: a.funding_account, spender: a.spender, authority: a.escrow_authority, program: a.bme_program };
    purse.hold(&market.mint, a.network, market.authority_bump, a.client, cost, a.job.address())?;

    let batch = Batch { a: &a, args, market, terms, first: postings::first(now)?, now };
    batch.post(a.job, args.nonce, &args.definition)?;
    for (number, (job, definition)) in more.iter().zip(definitions.chunks_exact(32)).enumerate() {
        let nonce = { args.nonce }.checked_add(1 + number as u64).ok_or(Fault::Overflow)?;
        require(job.is_writable(), Fault::NotWritable)?;
        batch.post(job, nonce, definition)?;
    }
    Ok(())
}

/// Numbers of postings. No two at one address have the same, whatever pays for them and even if the account was closed in
/// between: they begin with the second, in which an account is not closed ([`CloseJob`](super::close_job)), and go on from the
/// last one's where it is posted anew.
pub mod postings {
    use {crate::Result, joule_interface::Fault, joule_math::Timestamp};

    const A_SECOND: i64 = 1 << 20;

    /// The first of a second.
    #[inline(always)]
    pub fn first(now: Timestamp) -> Result<u64> {
        Ok(now.0.checked_mul(A_SECOND).ok_or(Fault::Overflow)? as u64)
    }

    /// After `last` in the same account.
    #[inline(always)]
    pub fn next(first: u64, last: u64) -> Result<u64> {
        Ok(last.checked_add(1).ok_or(Fault::Overflow)?.max(first))
    }

    /// Whether one that is opened now in the place of `last` has another number.
    #[inline(always)]
    pub fn is_past(last: u64, now: Timestamp) -> bool {
        last < now.0.saturating_mul(A_SECOND) as u64
    }
}

/// What the jobs of one instruction share.
struct Batch<'a> {
    a: &'a PostJob<&'a AccountView>,
    args: &'a PostJobArgs,
    market: &'a Market,
    terms: job::Posting,
    first: u64,
    now: Timestamp,
}

impl Batch<'_> {
    #[inline(never)]
    fn post(&self, view: &AccountView, nonce: u64, definition: &[u8]) -> Result<()> {
        let Self { a, args, market, terms, first, .. } = *self;
        let job = if guard::eq(view.owner(), &ID) {
            let (job, new) = account::keep_or_begin::<Job>(view)?;
            if new {
                job.payer = *a.payer.address();
                job.posting_id = first;
            } else {
                require(job.is_over(), EscrowError::WrongJobState)?;
                require(guard::eq(&job.funding_account, a.funding_account.address()), EscrowError::WrongClient)?;
                let (payer, sequence, posting) = (job.payer, job.sequence, postings::next(first, job.posting_id)?);
                account::blank(job);
                (job.payer, job.sequence, job.posting_id) = (payer, sequence, posting);
            }
            job
        } else {
            guard::system_program(a.system_program)?;
            let nonce = nonce.to_le_bytes();
            let seeds = pda::job::seeds(a.funding_account.address(), &nonce);
            let job = account::kept(account::create::<Job>(a.payer, view, &seeds)?);
            job.payer = *a.payer.address();
            job.posting_id = first;
            job
        };
        terms.fill(job);
        job.terms = market.terms;
        job.matching = args.matching;
        job.price = args.price;
        job.provider = args.provider;
        job.duration = args.duration;
        job.market = *a.market.address();
        job.network = market.network;
        job.client = *a.client.address();
        job.funding_account = *a.funding_account.address();
        job.mint = market.mint;
        job.pool = market.pool;
        job.definition.copy_from_slice(definition);
        job.authority_bump = market.authority_bump;
        job.verification = market.verification;
        if args.matching == matching::QUEUE {
            self.queue(view.address(), job)?;
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

    /// The first provider that waits has the job; where none does, the job waits.
    #[inline(always)]
    fn queue(&self, address: &Address, job: &mut Job) -> Result<()> {
        require(guard::present(self.a.queue, &ID), EscrowError::QueueRequired)?;
        let mut bytes = account::load_bytes_mut::<Queue>(self.a.queue)?;
        let mut ring = Ring::of(&mut bytes)?;
        require(guard::eq(&ring.queue.market, self.a.market.address()), EscrowError::WrongMarket)?;
        if ring.queue.side == side::PROVIDERS
            && let Some(first) = ring.first_of(tickets::series(self.market), self.now)?
        {
            ring.drop_first();
            return job::assign(job, &first.occupant, self.now);
        }
        let entry = QueueEntry { occupant: *address, posting_or_wait_id: job.posting_id, expires_at: job.deadline_at };
        job.queue_slot = ring.push(side::JOBS, entry, self.now)?;
        Ok(())
    }
}
