use {
    crate::{
        Result,
        gangs::{self, emit_gang_moved},
        jobs::post_job::{Batch, Posting},
    },
    joule_common::{AccountView, account, guard, guard::require},
    joule_escrow_interface::{
        EscrowError,
        instruction::{PostJob, PostJobArgs, PostPlaces},
        state::{Gang, NONE, gang_state, matching},
    },
    joule_interface::Fault,
    joule_math::Seconds,
};

/// See [`PostPlaces`].
#[inline(never)]
pub fn post_places(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, rest, definitions) = PostPlaces::parse(accounts, data)?;
    let mut gang = account::load_mut::<Gang>(a.gang)?;
    require(guard::eq(a.client.address(), &gang.client), EscrowError::WrongClient)?;
    require(guard::eq(a.market.address(), &gang.market), EscrowError::WrongMarket)?;
    // A mandate does not reach here.
    require(definitions.len() == 32 * rest.len(), Fault::InvalidArguments)?;
    let passed = if gang.state == gang_state::BROKEN { gang.clock(gang.stopped_at).since(gang.started_at) } else { 0 };
    let order = PostJobArgs {
        nonce: args.nonce,
        terms_version: gang.terms_version,
        price: gang.price,
        provider: NONE,
        definition: args.definition,
        duration: Seconds((gang.duration.0 as u64).saturating_sub(passed) as u32),
        matching: matching::GANG,
    };
    let PostPlaces { payer, client, market, job, network, funding_account, credits, system_program, .. } = a;
    // No queue: the account is not read.
    let queue = a.gang;
    let a_post = PostJob { payer, client, market, job, network, funding_account, queue, credits, system_program };
    let (mut batch, more) = Batch::hold_for(&a_post, &order, None, (rest, definitions), |terms, now| {
        gangs::require_open(&gang, now)?;
        // Less than this is not worth a start; and a member that is stopped at once is paid out of it.
        require({ order.duration } >= terms.min_duration, EscrowError::DurationOutOfRange)?;
        Posting::place(terms, order.price, order.duration, gang.deadline_at)
    })?;

    let definitions = core::iter::once(&args.definition[..]).chain(definitions.chunks_exact(32));
    for (number, (view, definition)) in core::iter::once(job).chain(more).zip(definitions).enumerate() {
        let nonce = { args.nonce }.checked_add(number as u64).ok_or(Fault::Overflow)?;
        require(view.is_writable(), Fault::NotWritable)?;
        gangs::add(&mut gang, view.address())?;
        batch.post(view, nonce, definition)?;
    }
    emit_gang_moved(a.gang, &mut gang, job.address(), &NONE)
}
