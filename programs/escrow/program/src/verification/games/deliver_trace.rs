use {
    crate::{
        Result,
        halts::KnownHalts,
        jobs::ending,
        tips,
        verification::{games::dispute_bond, load_verification},
    },
    joule_common::{AccountView, account, event, guard, guard::require, in_range, now},
    joule_escrow_interface::{
        EscrowError,
        event::TraceDelivered,
        instruction::DeliverTrace,
        pda,
        state::{Job, NONE, Trace, verification_kind},
        trace::MAX_STEPS,
    },
};

/// See [`DeliverTrace`]. Works while the network is paused: a running job goes on.
#[inline(never)]
pub fn deliver_trace(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = DeliverTrace::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    let mut job = account::load_mut::<Job>(a.job)?;
    guard::authority(a.provider_authority, &job.provider)?;
    require(job.verification != NONE, EscrowError::NotVerified)?;
    require(job.verification_kind == verification_kind::DISPUTES, EscrowError::ProofRequired)?;
    let terms = load_verification(a.verification, &job.verification)?;
    require(args.result != [0; 32], EscrowError::ResultRequired)?;
    in_range!((1..=MAX_STEPS).contains(&{ args.steps }), "steps")?;

    let now = now()?;
    ending::deliver(&mut job, now, &KnownHalts(a.halt_clock, now))?;
    job.result = args.result;
    dispute_bond::hold(a.deposit, a.provider_authority, &terms)?;
    let posting_id = job.posting_id.to_le_bytes();
    let seeds = pda::trace::seeds(a.job.address(), &posting_id);
    let mut trace = account::create::<Trace>(a.payer, a.trace, &seeds)?;
    if job.tip != 0 {
        // An account that is borrowed cannot be paid into.
        drop(trace);
        tips::game::advance_to_trace(job.tip, a.trace, a.payer)?;
        trace = account::load_mut::<Trace>(a.trace)?;
    }
    (trace.tip, trace.left_at) = (job.tip, job.deadline_at);
    trace.job = *a.job.address();
    trace.posting_id = job.posting_id;
    trace.provider = job.provider;
    trace.deposit = *a.deposit.address();
    trace.payer = *a.payer.address();
    trace.verification = job.verification;
    trace.root = args.root;
    trace.result = args.result;
    trace.dispute_bond = terms.dispute_bond;
    trace.steps = args.steps;

    event::emit(&TraceDelivered {
        header: TraceDelivered::header(*a.trace.address(), event::next(&mut trace.sequence)?),
        job: trace.job,
        root: args.root,
        result: args.result,
        steps: args.steps as u64,
        deadline_at: job.deadline_at,
    });
    Ok(())
}
