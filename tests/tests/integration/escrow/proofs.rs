//! Jobs that end by a validity proof: Groth16 over BN254, with real proofs of a small circuit.

use {
    super::{
        prover::{Prover, bytes_of, definition_of, g1, g2, small},
        *,
    },
    ark_bn254::{Bn254, Fq, Fr},
    ark_ff::{BigInteger, PrimeField},
    ark_groth16::Proof,
    joule_escrow_interface::{proof, state::Verification},
    joule_tests::fixture::{Provable, Run, UPGRADEABLE_LOADER, Verified, sha256, usual_verification},
    solana_account::Account,
    solana_program::instruction::InstructionError,
    solana_transaction_error::TransactionError,
    verifier::Machine,
};

/// The key of the circuit, which is part of the verifier's code (tests/programs/groth16).
const KEY: &[u8] = include_bytes!("../../../programs/groth16/key.bin");

type Hash = [u8; 32];

/// The verifier's key, as its code has it.
fn key_of(prover: &Prover) -> Vec<u8> {
    let key = &prover.0.vk;
    let parts = [g1(&key.alpha_g1), g2(&key.beta_g2), g2(&key.gamma_g2), g2(&key.delta_g2)];
    parts.into_iter().chain(key.gamma_abc_g1.iter().map(g1)).flatten().collect()
}

/// A market whose results are proved.
pub(super) struct Laboratory {
    pub(super) story: Story,
    pub(super) market: Market,
    pub(super) provable: Provable,
    prover: Prover,
}

impl Laboratory {
    /// An hour at least, but for proofs; the provider stands for it with a bond.
    pub(super) fn new() -> Self {
        let mut story = Story::new();
        let usual = Terms { bond_amount: Tokens(TOKEN), reports: 1, ..usual_terms() };
        let market = story.token_market(accepted(story.payer.pubkey(), usual));
        let provable = Provable::unborn(&story.network, 3, GROTH16.1);
        provable.upgraded_by(&mut story.world, None);
        let create = provable.create_instruction(&story.world, &story.network);
        let set = provable.set_instruction(&story.network, &market);
        story.world.ok(&[create, set], &[&story.network.authority]);
        Self { story, market, provable, prover: Prover::new() }
    }

    pub(super) fn running(&self, definition: Hash) -> Job {
        let job = self.story.unposted(&self.market);
        let post = self.story.post(&self.market, &job, HOUR);
        self.story.world.ok(&[joule_tests::fixture::defined(post, definition)], &self.story.posting());
        self.story.start(&self.market, &job);
        job
    }

    fn proof(&self, job: &Job, result: Hash) -> Proof<Bn254> {
        let state = self.story.job(job);
        let binding =
            proof::binding(sha256, &job.address, state.posting_id, &state.provider, &state.definition, &result);
        self.prover.prove(binding, state.definition, result)
    }

    pub(super) fn deliver(&self, job: &Job, result: u64) -> Instruction {
        self.deliver_hash(job, small(result))
    }

    fn deliver_hash(&self, job: &Job, result: Hash) -> Instruction {
        self.provable.deliver_instruction(&self.market, job, result, &bytes_of(&self.proof(job, result)))
    }
}

#[test]
fn the_verifiers_key_is_the_provers() {
    let key = key_of(&Prover::new());
    if std::env::var_os("JOULE_UPDATE_GOLDEN").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/programs/groth16/key.bin");
        std::fs::write(path, &key).expect("it is written");
        return;
    }
    assert_eq!(KEY, key, "run with JOULE_UPDATE_GOLDEN=1, then scripts/build groth16-test-program");
}

#[test]
fn a_proof_pays_at_once() {
    let lab = Laboratory::new();
    let (story, world) = (&lab.story, &lab.story.world);
    let job = lab.running(definition_of(3));
    let before = world.tokens(job.payee);
    // Before its shortest time: a job that ends by proof is never quit.
    let receipt = world.ok(&[lab.deliver(&job, 3)], &[story.key(&job)]);
    let ended: event::JobEnded = receipt.event(ID);
    assert_eq!((ended.state, ended.paid), (job_state::FINISHED, Amount(TOKEN)));
    let state = story.job(&job);
    assert_eq!((state.result, state.outcome), (small(3), outcome::DELIVERED));
    assert_eq!((state.bond_to_seize, state.held), (Tokens(0), Amount(0)));
    assert_eq!(world.tokens(job.payee), before + TOKEN);
    story.settle_bond(&lab.market, &job);
    assert_eq!(story.staked(0).reputation.delivered, 1);
    world.fails(lab.deliver(&job, 3), &[story.key(&job)], EscrowError::WrongJobState);
    // Late by its terms, and then too late.
    let job = lab.running(definition_of(4));
    world.pass(HOUR as u64 + 600);
    world.ok(&[lab.deliver(&job, 4)], &[story.key(&job)]);
    assert_eq!(story.job(&job).outcome, outcome::LATE);
    let job = lab.running(definition_of(4));
    world.pass(HOUR as u64 + 601);
    world.fails(lab.deliver(&job, 4), &[story.key(&job)], EscrowError::TooLate);
}

#[test]
fn a_proof_is_no_proof_for_anything_else() {
    let lab = Laboratory::new();
    let (story, world) = (&lab.story, &lab.story.world);
    let job = lab.running(definition_of(3));
    let other = lab.running(definition_of(3));
    let key = story.key(&job);
    let given = lab.proof(&job, small(3));
    let refused = |job: &Job, result: Hash, proof: &[u8]| {
        let deliver = lab.provable.deliver_instruction(&lab.market, job, result, proof);
        world.fails(deliver, &[key], EscrowError::NotProven);
    };
    let bytes = bytes_of(&given);
    // Another job, another result, another definition.
    refused(&other, small(3), &bytes);
    refused(&job, small(4), &bytes);
    let elsewhere = lab.running(definition_of(9));
    refused(&elsewhere, small(3), &bytes);
    // Nothing, too little, too much, points that are none.
    refused(&job, small(3), &[]);
    refused(&job, small(3), &bytes[1..]);
    refused(&job, small(3), &[&bytes[..], &[0]].concat());
    refused(&job, small(3), &[0; 256]);
    let mut wrong = bytes.clone();
    wrong[40] ^= 1;
    refused(&job, small(3), &wrong);
    // A coordinate beyond the field is no other form of it.
    let modulus = Fq::MODULUS.to_bytes_be();
    let mut carry = 0u16;
    let mut beyond = bytes.clone();
    for place in (0..32).rev() {
        let sum = bytes[place] as u16 + modulus[place] as u16 + carry;
        (beyond[place], carry) = (sum as u8, sum >> 8);
    }
    refused(&job, small(3), &beyond);
    // Another provider's own job, with the proof of this one: the signer is not the job's.
    let stranger = &story.workers[1].key;
    let theirs = swap(lab.deliver(&job, 3), 0, stranger.pubkey());
    world.fails(theirs, &[stranger], EscrowError::Unauthorized);
    world.fails(
        lab.provable.deliver_instruction(&lab.market, &job, NO_RESULT, &bytes),
        &[key],
        EscrowError::ResultRequired,
    );
    // Another form of the same proof proves the same, once.
    let negated = bytes_of(&Proof { a: -given.a, b: -given.b, c: given.c });
    assert_ne!(negated, bytes);
    refused(&other, small(3), &negated);
    world.ok(&[lab.provable.deliver_instruction(&lab.market, &job, small(3), &negated)], &[key]);
    // A later posting at the same address.
    story.settle_bond(&lab.market, &job);
    let post = swap(lab.market.post_instruction(world, &job, HOUR), 0, story.payer.pubkey());
    world.ok(&[joule_tests::fixture::defined(post, definition_of(3))], &story.posting());
    story.start(&lab.market, &job);
    refused(&job, small(3), &bytes);
    refused(&job, small(3), &negated);
    world.ok(&[lab.deliver(&job, 3)], &[key]);
}

/// Issue: the circuit counts in its field, so the same number and the field's order was another result of the same definition.
#[test]
fn a_result_is_a_number_of_the_circuits_field() {
    let lab = Laboratory::new();
    let (story, world) = (&lab.story, &lab.story.world);
    let beyond = |number: Hash| -> Hash {
        let mut sum = Fr::MODULUS;
        let carried = sum.add_with_carry(&Fr::from_be_bytes_mod_order(&number).into_bigint());
        assert!(!carried);
        sum.to_bytes_be().try_into().expect("32 bytes")
    };
    let job = lab.running(definition_of(3));
    world.fails(lab.deliver_hash(&job, beyond(small(3))), &[story.key(&job)], EscrowError::NotProven);
    world.ok(&[lab.deliver(&job, 3)], &[story.key(&job)]);
    let job = lab.running(beyond(definition_of(3)));
    world.fails(lab.deliver(&job, 3), &[story.key(&job)], EscrowError::NotProven);
}

/// Issue: anyone has the loader extend a program that can be upgraded, which its slot tells, and every job that ran ended unpaid.
#[test]
fn a_verifier_that_can_be_changed_confirms_nothing() {
    let mut lab = Laboratory::new();
    let job = lab.running(definition_of(3));
    let another = Provable::unborn(&lab.story.network, 4, GROTH16.1);
    {
        let (story, world) = (&lab.story, &lab.story.world);
        // A program is not changed twice in a slot. The bank's own slot is later than that of its deployment already.
        if world.is_lite() {
            world.set_clock(world.now(), another.deployed_at(world) + 100);
        }
        let failure = world.send(&[another.extend_instruction(world)], &[]).unwrap_err();
        assert!(matches!(failure.error, TransactionError::InstructionError(_, InstructionError::Immutable)));
        world.ok(&[lab.deliver(&job, 3)], &[story.key(&job)]);
    }
    // As long as somebody can upgrade it, anyone changes what the loader says of it.
    let someone = lab.story.someone.pubkey();
    another.upgraded_by(&mut lab.story.world, Some(someone));
    let job = lab.running(definition_of(3));
    let (story, world) = (&lab.story, &lab.story.world);
    let create = another.create_instruction(world, &story.network);
    let authority = &story.network.authority;
    world.fails(create.clone(), &[authority], EscrowError::WrongVerifier);
    world.fails(lab.deliver(&job, 3), &[story.key(&job)], EscrowError::VerifierChanged);
    let before = another.deployed_at(world);
    world.ok(&[another.extend_instruction(world)], &[]);
    assert!(another.deployed_at(world) > before);
    world.fails(create.clone(), &[authority], EscrowError::WrongVerifier);
    another.upgraded_by(&mut lab.story.world, None);
    lab.story.world.ok(&[create], &[&lab.story.network.authority]);
}

#[test]
fn a_verifier_that_was_changed_proves_nothing_and_nobody_is_at_fault() {
    let mut lab = Laboratory::new();
    let jobs = [0; 3].map(|_| lab.running(definition_of(3)));
    let deliver = lab.deliver(&jobs[0], 3);
    let someone = lab.story.someone.pubkey();
    let finish = |lab: &Laboratory, job: &Job| lab.provable.finish_instruction(&lab.market, job, someone);
    {
        let (story, world) = (&lab.story, &lab.story.world);
        // While it is as it was, jobs end as others do; which verifier is shown, is checked.
        world.fails(finish(&lab, &jobs[0]), &[&story.someone], EscrowError::TooEarly);
        let blind = lab.market.finish_instruction(&jobs[0], someone, NO_RESULT);
        world.fails(blind, &[&story.someone], EscrowError::ProofRequired);
        let count = finish(&lab, &jobs[0]).accounts.len();
        for (index, address, error) in [
            (count - 3, story.network.address, EscrowError::WrongVerification),
            (count - 2, VERIFIER.1, EscrowError::WrongVerifier),
            (count - 1, someone, EscrowError::WrongAddress),
        ] {
            world.fails(swap(finish(&lab, &jobs[0]), index, address), &[&story.someone], error);
        }
    }
    // No loader does that to code that is final; if one ever does, the code is another.
    let data = lab.provable.verifier_data;
    let mut account: Account = lab.story.world.account(data).expect("it is there");
    let slot = lab.provable.deployed_at(&lab.story.world);
    account.data[4..12].copy_from_slice(&(slot + 1).to_le_bytes());
    lab.story.world.set_account(data, account);
    let (story, world) = (&lab.story, &lab.story.world);
    world.fails(deliver, &[story.key(&jobs[0])], EscrowError::VerifierChanged);
    // Anyone ends what runs, in its time and after it.
    for (job, passed) in [(&jobs[0], 0), (&jobs[1], 2 * HOUR as u64)] {
        world.pass(passed);
        world.ok(&[finish(&lab, job)], &[&story.someone]);
        let state = story.job(job);
        assert_eq!((state.state, state.outcome, state.bond_to_seize), (job_state::FINISHED, outcome::NONE, Tokens(0)));
        assert_eq!((state.paid, state.refunded, state.held), (Amount(0), Amount(TOKEN), Amount(0)));
        story.settle_bond(&lab.market, job);
    }
    // As is a verifier whose code is gone.
    lab.story.world.set_account(data, Account::default());
    let (story, world) = (&lab.story, &lab.story.world);
    world.ok(&[finish(&lab, &jobs[2])], &[&story.someone]);
    assert_eq!(story.job(&jobs[2]).outcome, outcome::NONE);
    let reputation = story.staked(0).reputation;
    assert_eq!((reputation.failed, reputation.delivered), (0, 0));
}

#[test]
fn no_proof_is_paid_in_credits_whose_right_was_revoked() {
    let mut lab = Laboratory::new();
    let terms = Terms { price: Amount(1_000_000), ..accepted(lab.story.payer.pubkey(), usual_terms()) };
    lab.market = lab.story.credit_market(terms);
    let set = lab.provable.set_instruction(&lab.story.network, &lab.market);
    lab.story.world.ok(&[set], &[&lab.story.network.authority]);
    let job = lab.running(definition_of(3));
    lab.story.network.revoke_soon(&mut lab.story.world, lab.market.spender, 0);
    let mut deliver = lab.deliver(&job, 3);
    // Most to pay now: nothing.
    let most = deliver.data.len() - 256 - 8;
    deliver.data[most..most + 8].fill(0);
    lab.story.world.fails(deliver, &[lab.story.key(&job)], EscrowError::SpenderClosed);
}

#[test]
fn proofs_are_checked() {
    let lab = Laboratory::new();
    let (story, world) = (&lab.story, &lab.story.world);
    let (network, authority, someone) = (&story.network, &story.network.authority, &story.someone);
    let state: Verification = world.read(lab.provable.address);
    assert_eq!((state.kind, state.verifier, state.network), (1, GROTH16.1, network.address));
    // Creating.
    let another = Provable::unborn(network, 4, GROTH16.1);
    let create = another.create_instruction(world, network);
    for (index, address, error) in [
        (3, someone.pubkey(), EscrowError::WrongAddress),
        (4, someone.pubkey(), EscrowError::WrongVerifier),
        (4, joule_interface::SYSTEM_PROGRAM, EscrowError::WrongVerifier),
        (4, LIAR.1, EscrowError::WrongAddress),
        (5, someone.pubkey(), EscrowError::WrongAddress),
        (6, someone.pubkey(), EscrowError::WrongProgram),
    ] {
        world.fails(swap(create.clone(), index, address), &[authority], error);
    }
    world.fails(swap(create.clone(), 1, someone.pubkey()), &[someone], EscrowError::Unauthorized);
    world.fails(unsigned(create.clone(), 1), &[], EscrowError::MissingSigner);
    world.ok(std::slice::from_ref(&create), &[authority]);
    world.fails(create, &[authority], EscrowError::AlreadyInitialized);
    let metered = story.token_market(usual_terms());
    world.fails(another.set_instruction(network, &metered), &[authority], EscrowError::InvalidParameter);
    // Delivering.
    let job = lab.running(definition_of(3));
    let key = story.key(&job);
    let deliver = lab.deliver(&job, 3);
    for (index, address, error) in [
        (1, lab.market.address, EscrowError::WrongAccountType),
        (2, another.address, EscrowError::WrongVerification),
        (3, VERIFIER.1, EscrowError::WrongVerifier),
        (4, someone.pubkey(), EscrowError::WrongAddress),
        (7, story.wallet, EscrowError::WrongTokenOwner),
    ] {
        world.fails(swap(deliver.clone(), index, address), &[key], error);
    }
    let mint_mismatch = spl_token_interface::error::TokenError::MintMismatch;
    world.fails(swap(deliver.clone(), 9, story.network.mint), &[key], mint_mismatch);
    world.fails(read_only(deliver.clone(), 1), &[key], EscrowError::NotWritable);
    let bytes = super::game_costs::bytes(&deliver);
    assert!(bytes <= 1_232, "{bytes}");
    // Nothing else ends such a job with a result, and no panel takes its terms.
    let plain = lab.market.deliver_instruction(&job, RESULT);
    world.fails(plain, &[key], EscrowError::TraceRequired);
    let verified = Verified {
        address: lab.provable.address,
        terms: usual_verification(),
        verifier: GROTH16.1,
        mint: story.mint.address,
        token_program: TOKEN_PROGRAM,
    };
    let trace = verified.deliver_instruction(world, &job, &Run::of(Machine::new(1, 5)), RESULT);
    world.fails(trace, &[key], EscrowError::ProofRequired);
    let panel = joule_tests::fixture::Panel::of(&lab.market, story.client.pubkey(), 77);
    let post = panel.post_instruction(world, &verified, 3);
    world.fails(post, &[&story.client], EscrowError::PanelsNotOffered);
    world.ok(&[deliver], &[key]);
    // Where nothing is proved.
    let plain = story.token_market(accepted(story.payer.pubkey(), usual_terms()));
    let job = story.running(&plain);
    let deliver = lab.provable.deliver_instruction(&plain, &job, small(3), &[0; 256]);
    world.fails(deliver, &[key], EscrowError::ProofNotOffered);
    assert_eq!(UPGRADEABLE_LOADER, world.account(GROTH16.1).expect("it is there").owner);
}
