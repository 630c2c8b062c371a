use {
    crate::{
        Result,
        halts::KnownHalts,
        jobs::ending::{self, conclude},
        money::payment::{self, Obstacle},
        verification::{load_verification, proofs::is_unchanged},
    },
    joule_common::{AccountView, account, ask, guard, guard::require, now, sha256},
    joule_escrow_interface::{
        EscrowError,
        instruction::DeliverProof,
        proof,
        state::{Job, ProofStatement, verification_kind},
    },
};

/// See [`DeliverProof`]. Works while the network is paused: a running job goes on.
#[inline(never)]
pub fn deliver_proof(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, verifier_accounts, proof) = DeliverProof::parse(accounts, data)?;
    let job = account::keep_mut::<Job>(a.job)?;
    guard::authority(a.provider_authority, &job.provider)?;
    require(job.verification_kind == verification_kind::PROOF, EscrowError::ProofNotOffered)?;
    require(args.result != [0; 32], EscrowError::ResultRequired)?;
    let now = now()?;
    // The verifier may see all accounts, and change none. What it says counts for this statement alone.
    let binding = proof::binding(sha256, a.job.address(), job.posting_id, &job.provider, &job.definition, &args.result);
    let statement = ProofStatement { binding, definition: job.definition, result: args.result };
    {
        let terms = load_verification(a.verification, &job.verification)?;
        require(is_unchanged(&terms, a.verifier, a.verifier_data)?, EscrowError::VerifierChanged)?;
    }
    let question = [&[proof::DISCRIMINATOR], bytemuck::bytes_of(&statement), proof].concat();
    let answer = proof::valid(sha256, &statement);
    let confirmed = ask::answers(a.verifier.address(), &question, verifier_accounts, &answer)?;
    require(confirmed, EscrowError::NotProven)?;
    let obstacle = payment::check(&a.payment, job, Some(a.provider_authority), args.max_amount, now)?;
    require(obstacle != Obstacle::Revoked, EscrowError::SpenderClosed)?;

    let payout = ending::prove(job, args.max_amount, now, &KnownHalts(a.halt_clock, now))?;
    job.result = args.result;
    conclude(a.job.address(), job, &a.payment, payout, obstacle, now)
}
