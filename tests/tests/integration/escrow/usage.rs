//! Jobs that are paid by the unit: vouchers, and what redeems them.

use {
    super::*,
    joule_escrow_interface::{
        event::{SessionKeyReplaced, UsageEnded, VoucherRedeemed},
        instruction::PostUsageJob,
        state::scheme::*,
        voucher::{ED25519_PROGRAM, OFFSETS, START, SignedVoucher, Voucher, verify_instruction},
    },
    joule_tests::{
        fixture::{UNIT_PRICE, signed, tick_instruction, voucher_for},
        world::key,
    },
    openssl::{
        bn::{BigNum, BigNumContext},
        ec::{EcGroup, EcKey, EcPoint, PointConversionForm},
        ecdsa::EcdsaSig,
        nid::Nid,
        pkey::Private,
        sha::sha256,
    },
    solana_program::instruction::InstructionError,
    solana_transaction_error::TransactionError,
};

const MILLION: u64 = 1_000_000;
const WINDOW: u64 = 3_600;
/// In a transaction, behind the limit of compute units.
const FIRST: u8 = 1;

impl Story {
    fn usage_market(&self) -> Market {
        self.token_market(by_usage(usual_terms()))
    }

    fn session(&self) -> Keypair {
        self.world.key()
    }

    /// A running job of a million units, whose vouchers `key` signs.
    fn used(&self, market: &Market, key: &Keypair) -> Job {
        let job = self.unposted(market);
        self.post_usage(market, &job, key);
        self.start(market, &job);
        job
    }

    fn post_usage(&self, market: &Market, job: &Job, key: &Keypair) {
        let session = (ED25519, key.pubkey().to_bytes());
        let post = market.post_usage_instruction(&self.world, job, HOUR, MILLION, session);
        self.world.ok(&[post], &[&self.client]);
    }

    /// Sends a voucher, by someone.
    fn redeem(&self, market: &Market, job: &Job, voucher: SignedVoucher) -> Result<Receipt, Failure> {
        let redeem = market.redeem_instruction(job, self.someone.pubkey(), FIRST, 0);
        self.world.send(&[verify_instruction(&[voucher]), redeem], &[&self.someone])
    }

    /// The same; it pays.
    #[track_caller]
    fn redeemed(&self, market: &Market, job: &Job, key: &Keypair, units: u64) -> VoucherRedeemed {
        let voucher = voucher_for(key, &self.world, job, units);
        self.redeem(market, job, voucher).expect("it is paid").event(ID)
    }

    #[track_caller]
    fn refuses(&self, market: &Market, job: &Job, voucher: SignedVoucher, error: EscrowError) {
        refused(self.redeem(market, job, voucher), error);
    }
}

#[track_caller]
fn refused(sent: Result<Receipt, Failure>, error: EscrowError) {
    let failure = sent.err().unwrap_or_else(|| panic!("succeeded, but must fail with {error:?}"));
    assert_eq!(failure.code(), Some(error as u32), "{error:?}: {failure:?}");
}

/// The runtime refuses the transaction because of its first instruction: a signature is wrong.
#[track_caller]
fn refused_by_the_runtime(sent: Result<Receipt, Failure>) {
    let failure = sent.expect_err("a wrong signature");
    assert!(matches!(failure.error, TransactionError::InstructionError(1, InstructionError::Custom(_))), "{failure:?}");
}

#[test]
fn a_million_requests_are_paid_by_one_voucher() {
    let story = Story::new();
    let terms = Terms { fee_share: Bps(250), fee_payee: story.treasury, ..by_usage(usual_terms()) };
    let (market, session) = (story.token_market(terms), story.session());
    let job = story.used(&market, &session);
    assert_eq!(story.job(&job).deposited, Amount(MILLION * UNIT_PRICE));
    // The provider pays the fee of its transaction; all that is verified and paid is in it.
    let verify = verify_instruction(&[voucher_for(&session, &story.world, &job, MILLION)]);
    let redeem = market.redeem_instruction(&job, job.provider, FIRST, 0);
    let receipt = story.world.ok(&[verify.clone(), redeem.clone()], &[story.key(&job)]);
    let redeemed: VoucherRedeemed = receipt.event(ID);
    let (earned, fee) = (MILLION * UNIT_PRICE, MILLION * UNIT_PRICE / 40);
    assert_eq!((redeemed.units, redeemed.paid), (MILLION, Amount(earned - fee)));
    assert_eq!((redeemed.earned, redeemed.held), (Amount(earned), Amount(fee)));
    assert_eq!(story.world.tokens(job.payee), earned - fee);
    story.check(&[job]);

    // What a block counts: two signatures of the transaction, that of the voucher, locks, data, and compute units.
    let writable = redeem.accounts.iter().filter(|meta| meta.is_writable).count() as u64 + 1;
    let data = (verify.data.len() + redeem.data.len()) as u64;
    let cost = 2 * 720 + 2_400 + 300 * writable + data / 4 + receipt.units();
    assert!(receipt.units() < 5_000, "{}", receipt.units());
    assert!(cost < 10_000, "{cost}");

    // The fee is paid when the job ends, and nothing goes back.
    story.world.run(HOUR as u64 + WINDOW + 1);
    story.world.ok(&[market.finish_instruction(&job, story.someone.pubkey(), NO_RESULT)], &[&story.someone]);
    let state = story.job(&job);
    assert_eq!((state.state, state.outcome), (job_state::FINISHED, outcome::DELIVERED));
    assert_eq!((state.paid.0, state.fee_paid.0, state.refunded.0), (earned - fee, fee, 0));
    story.check(&[job]);
}

#[test]
fn only_the_last_voucher_matters() {
    let story = Story::new();
    let (market, session) = (story.usage_market(), story.session());
    let job = story.used(&market, &session);
    let paid = |units: u64| story.redeemed(&market, &job, &session, units).paid.0;
    let old = voucher_for(&session, &story.world, &job, 10);
    assert_eq!([paid(25), paid(26), paid(1_000)], [25 * UNIT_PRICE, UNIT_PRICE, 974 * UNIT_PRICE]);
    // Those before it, and it itself once more, pay nothing, and hold up nothing that is beside them.
    let same = voucher_for(&session, &story.world, &job, 1_000);
    for voucher in [old, same, voucher_for(&session, &story.world, &job, 0)] {
        let receipt = story.redeem(&market, &job, voucher).expect("without an effect");
        assert!(receipt.events::<VoucherRedeemed>(ID).is_empty());
    }
    let state = story.job(&job);
    assert_eq!((state.units, state.paid), (1_000, Amount(1_000 * UNIT_PRICE)));
    story.check(&[job]);
}

#[test]
fn a_voucher_is_for_one_posting_of_one_job_by_one_provider() {
    let story = Story::new();
    let (market, session) = (story.usage_market(), story.session());
    let (job, other) = (story.used(&market, &session), story.used(&market, &session));
    let good = voucher_for(&session, &story.world, &job, 5).voucher;
    let nobody = Address::new_from_array([7; 32]);
    let foreign = [
        Voucher { domain: *b"joule voucher 2\0", ..good },
        Voucher { program: nobody, ..good },
        Voucher { chain: good.chain + 1, ..good },
        Voucher { job: other.address, ..good },
        Voucher { posting_id: good.posting_id - 1, ..good },
        Voucher { provider: story.workers[1].key.pubkey(), ..good },
    ];
    for voucher in foreign {
        story.refuses(&market, &job, signed(&session, voucher), EscrowError::WrongVoucher);
    }
    // What is good for one is not for the other, though client, key, provider and market are the same.
    story.refuses(&market, &other, signed(&session, good), EscrowError::WrongVoucher);
    story.redeem(&market, &job, signed(&session, good)).expect("the one that it is for");

    // The same account, posted anew with the same key: what was signed before is worth nothing.
    story.world.ok(&[market.finish_instruction(&job, job.client, NO_RESULT)], &[&story.client]);
    story.world.ok(&[market.finish_instruction(&job, job.provider, NO_RESULT)], &[story.key(&job)]);
    story.post_usage(&market, &job, &session);
    story.start(&market, &job);
    assert_eq!((story.job(&job).units, story.job(&job).paid), (0, Amount(0)));
    story.refuses(&market, &job, signed(&session, good), EscrowError::WrongVoucher);
    // Nor is it of use where time is paid.
    let metered = story.token_market(usual_terms());
    let by_time = story.running(&metered);
    let voucher = voucher_for(&session, &story.world, &by_time, 5);
    story.refuses(&metered, &by_time, voucher, EscrowError::WrongPricing);
}

#[test]
fn a_voucher_says_no_more_than_is_held() {
    let story = Story::new();
    let (market, session) = (story.usage_market(), story.session());
    let job = story.used(&market, &session);
    let world = &story.world;
    let more = voucher_for(&session, world, &job, MILLION + 1);
    story.refuses(&market, &job, more, EscrowError::TooManyUnits);
    // Nothing is lost: the client holds more, and it is good.
    let add = market.add_units_instruction(&job, 1);
    let [first, _] = &story.workers;
    world.fails(swap(add.clone(), 0, first.key.pubkey()), &[&first.key], EscrowError::Unauthorized);
    assert_eq!(world.out_of_range(market.add_units_instruction(&job, 0), &[&story.client]), "units");
    for units in [u64::MAX, u64::MAX / UNIT_PRICE] {
        world.fails(market.add_units_instruction(&job, units), &[&story.client], EscrowError::Overflow);
    }
    let much = market.add_units_instruction(&job, FUNDS);
    world.fails(much, &[&story.client], EscrowError::InsufficientFunds);
    let added: event::JobExtended = world.ok(std::slice::from_ref(&add), &[&story.client]).event(ID);
    assert_eq!((added.additional_duration, added.added), (Seconds(0), Amount(UNIT_PRICE)));
    assert_eq!(story.job(&job).max_units, MILLION + 1);
    story.redeem(&market, &job, more).expect("it is held now");
    story.check(&[job]);
    // Not while the network is paused, nor once the time is over.
    story.set_pause(1);
    world.fails(add.clone(), &[&story.client], EscrowError::Paused);
    story.set_pause(0);
    world.pass(HOUR as u64);
    world.fails(add, &[&story.client], EscrowError::TooLate);
    let metered = story.token_market(usual_terms());
    let by_time = story.running(&metered);
    world.fails(metered.add_units_instruction(&by_time, 1), &[&story.client], EscrowError::WrongPricing);
}

/// Bytes of a verified instruction with the `of`th of the seven offsets of its first signature changed.
fn with_offset(mut verify: Instruction, of: usize, offset: u16) -> Instruction {
    verify.data[START + 2 * of..][..2].copy_from_slice(&offset.to_le_bytes());
    verify
}

/// The known attacks on who reads what another program verified. Each is a transaction that the runtime accepts: all its signatures are
/// good.
#[test]
fn what_was_not_verified_is_not_paid() {
    let story = Story::new();
    let (market, session, thief) = (story.usage_market(), story.session(), story.session());
    let job = story.used(&market, &session);
    let world = &story.world;
    let genuine = voucher_for(&session, world, &job, 5);
    let forged = voucher_for(&session, world, &job, MILLION).voucher;
    // The client's key, another's signature: what the thief wants to be believed.
    let stolen = SignedVoucher { key: genuine.key, ..signed(&thief, forged) };
    let redeem = |index: u8, number: u8| market.redeem_instruction(&job, story.someone.pubkey(), index, number);
    let send = |instructions: &[Instruction]| world.send(instructions, &[&story.someone]);
    let not_verified = |instructions: &[Instruction]| refused(send(instructions), EscrowError::NotVerifiedHere);
    const SIZE: u16 = 32 + 64 + 136;
    let block = |count: u16, number: u16| START as u16 + OFFSETS as u16 * count + SIZE * number;

    // Not verified at all: the runtime.
    refused_by_the_runtime(send(&[verify_instruction(&[stolen]), redeem(FIRST, 0)]));
    // By another key.
    refused(send(&[verify_instruction(&[signed(&thief, forged)]), redeem(FIRST, 0)]), EscrowError::WrongSessionKey);
    // No such instruction; the one that redeems; that of the limit; a signature that is not there.
    not_verified(&[redeem(9, 0)]);
    not_verified(&[redeem(FIRST, 0)]);
    not_verified(&[redeem(0, 0)]);
    not_verified(&[verify_instruction(&[genuine]), redeem(FIRST, 1)]);
    not_verified(&[verify_instruction(&[genuine]), redeem(FIRST, 255)]);
    let none = Instruction { program_id: ED25519_PROGRAM, accounts: vec![], data: vec![0, 0] };
    not_verified(&[none, redeem(FIRST, 0)]);
    // The same bytes, sent to a program that takes anything.
    let anything =
        Instruction { program_id: key("noopb9bkMVfRPU8AsbpTUg8AQkHtKwMYZiFUjNRtMmV"), ..verify_instruction(&[stolen]) };
    not_verified(&[anything, redeem(FIRST, 0)]);
    // Another sysvar.
    let verify = || verify_instruction(&[genuine]);
    let instructions_account = redeem(FIRST, 0).accounts.len() - 2;
    let elsewhere = swap(redeem(FIRST, 0), instructions_account, key("SysvarRent111111111111111111111111111111111"));
    refused(send(&[verify(), elsewhere]), EscrowError::WrongAddress);

    // Good parts of a second signature stand for a part of the first: key, message, or signature.
    let two = |first: SignedVoucher, second: SignedVoucher| verify_instruction(&[first, second]);
    let key_elsewhere = two(stolen, signed(&thief, forged));
    let wrong_key = with_offset(key_elsewhere, 2, block(2, 1));
    not_verified(&[wrong_key, redeem(FIRST, 0)]);
    let old_signature = SignedVoucher { voucher: forged, ..genuine };
    let wrong_message = with_offset(two(old_signature, genuine), 4, block(2, 1) + 96);
    not_verified(&[wrong_message, redeem(FIRST, 0)]);
    let signature_elsewhere = SignedVoucher { signature: [0; 64], ..genuine };
    let wrong_signature = with_offset(two(signature_elsewhere, genuine), 0, block(2, 1) + 32);
    not_verified(&[wrong_signature, redeem(FIRST, 0)]);
    // A shorter message: the client signed something else that begins so.
    let short = 128;
    let prefix = session.sign_message(&forged.bytes()[..short]).into();
    let shorter = verify_instruction(&[SignedVoucher { signature: prefix, ..stolen }]);
    not_verified(&[with_offset(shorter, 5, short as u16), redeem(FIRST, 0)]);

    // The same, in another instruction.
    let decoy = verify_instruction(&[signed(&thief, forged)]);
    let index = (FIRST + 1) as u16;
    not_verified(&[with_offset(verify_instruction(&[stolen]), 3, index), decoy, redeem(FIRST, 0)]);
    let forged_message = verify_instruction(&[old_signature]);
    not_verified(&[with_offset(forged_message, 6, index), verify(), redeem(FIRST, 0)]);
    let no_signature = verify_instruction(&[signature_elsewhere]);
    not_verified(&[with_offset(no_signature, 1, index), verify(), redeem(FIRST, 0)]);
    // Something behind it.
    let mut longer = verify();
    longer.data.push(0);
    not_verified(&[longer, redeem(FIRST, 0)]);

    // Nothing was paid. By its own index it is one that tells where its parts are as well.
    assert_eq!(story.job(&job).paid, Amount(0));
    let by_index = [1, 3, 6].into_iter().fold(verify(), |verify, of| with_offset(verify, of, FIRST as u16));
    send(&[by_index, redeem(FIRST, 0)]).expect("its own index");
    assert_eq!(story.job(&job).paid, Amount(5 * UNIT_PRICE));
}

#[test]
fn vouchers_of_several_jobs_go_in_one_transaction() {
    let story = Story::new();
    let (market, session) = (story.usage_market(), story.session());
    let jobs: Vec<Job> = (0..3).map(|_| story.used(&market, &session)).collect();
    let vouchers: Vec<_> = jobs.iter().map(|job| voucher_for(&session, &story.world, job, 7)).collect();
    // Somebody redeems one of them before: the others do not fail for that.
    story.redeem(&market, &jobs[1], vouchers[1]).expect("it is paid");
    let verify = verify_instruction(&vouchers);
    let redeem = |(job, number)| market.redeem_instruction(job, jobs[0].provider, FIRST, number);
    let all: Vec<_> = [verify].into_iter().chain(jobs.iter().zip(0..).map(redeem)).collect();
    story.world.ok(&all, &[story.key(&jobs[0])]);
    assert!(jobs.iter().all(|job| story.job(job).paid == Amount(7 * UNIT_PRICE)));
    story.check(&jobs);
}

/// A P-256 key as hardware keeps it, whose secret is this number.
struct Hardware(EcKey<Private>);

impl Hardware {
    fn new(secret: u32) -> Self {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        let (secret, mut context) = (BigNum::from_u32(secret).unwrap(), BigNumContext::new().unwrap());
        let mut point = EcPoint::new(&group).unwrap();
        point.mul_generator2(&group, &secret, &mut context).unwrap();
        Self(EcKey::from_private_components(&group, &secret, &point).unwrap())
    }

    fn session(&self) -> (u8, [u8; 32]) {
        let mut context = BigNumContext::new().unwrap();
        let point = self.0.public_key();
        let bytes = point.to_bytes(self.0.group(), PointConversionForm::COMPRESSED, &mut context).unwrap();
        (bytes[0], bytes[1..].try_into().unwrap())
    }

    /// Signs, with the lower of both `s` that are valid, or with the higher.
    fn sign(&self, voucher: Voucher, low: bool) -> SignedVoucher {
        let signature = EcdsaSig::sign(&sha256(voucher.bytes()), &self.0).unwrap();
        let mut order = BigNum::new().unwrap();
        self.0.group().order(&mut order, &mut BigNumContext::new().unwrap()).unwrap();
        let mut other = BigNum::new().unwrap();
        other.checked_sub(&order, signature.s()).unwrap();
        let is_low = signature.s().ucmp(&other).is_lt();
        let s = if is_low == low { signature.s() } else { &other };
        let bytes = [signature.r().to_vec_padded(32).unwrap(), s.to_vec_padded(32).unwrap()].concat();
        let (scheme, key) = self.session();
        SignedVoucher { scheme, key, signature: bytes.try_into().unwrap(), voucher }
    }
}

#[test]
fn a_key_of_hardware_signs_as_well() {
    let story = Story::new();
    let market = story.usage_market();
    let keys = [Hardware::new(1), Hardware::new(2), Hardware::new(3), Hardware::new(5)];
    let schemes: Vec<u8> = keys.iter().map(|key| key.session().0).collect();
    assert!(schemes.contains(&P256_EVEN) && schemes.contains(&P256_ODD), "{schemes:?}");
    for hardware in &keys {
        let job = story.unposted(&market);
        let post = market.post_usage_instruction(&story.world, &job, HOUR, MILLION, hardware.session());
        story.world.ok(&[post], &[&story.client]);
        story.start(&market, &job);
        let voucher = Voucher::of(&job.address, &story.job(&job), 9);
        // Of the two forms of a signature only one is taken.
        refused_by_the_runtime(story.redeem(&market, &job, hardware.sign(voucher, false)));
        // The point with the other y is another key.
        let mirrored = SignedVoucher { scheme: 5 - hardware.session().0, ..hardware.sign(voucher, true) };
        refused_by_the_runtime(story.redeem(&market, &job, mirrored));
        let receipt = story.redeem(&market, &job, hardware.sign(voucher, true)).expect("it is paid");
        assert_eq!(receipt.event::<VoucherRedeemed>(ID).paid, Amount(9 * UNIT_PRICE));
    }
    // An Ed25519 key with the same 32 bytes is not this key, nor the other way round.
    let (job, session) = (story.unposted(&market), story.session());
    let mixed = (P256_EVEN, session.pubkey().to_bytes());
    let post = market.post_usage_instruction(&story.world, &job, HOUR, MILLION, mixed);
    story.world.ok(&[post], &[&story.client]);
    story.start(&market, &job);
    let voucher = voucher_for(&session, &story.world, &job, 1);
    story.refuses(&market, &job, voucher, EscrowError::WrongSessionKey);
}

#[test]
fn every_end_leaves_time_for_the_last_voucher() {
    /// By client, provider, provider with its result, or time; what that means for the provider.
    type End = (fn(&Story, &Market, &Job), u8);
    fn finish(story: &Story, market: &Market, job: &Job, key: &Keypair, result: [u8; 32]) {
        story.world.ok(&[market.finish_instruction(job, key.pubkey(), result)], &[key]);
    }
    let ends: [End; 5] = [
        (|story, market, job| finish(story, market, job, &story.client, NO_RESULT), outcome::NONE),
        (|story, market, job| finish(story, market, job, story.key(job), NO_RESULT), outcome::FAILED),
        (
            |story, market, job| {
                story.world.pass(HOUR as u64 - 600);
                finish(story, market, job, story.key(job), RESULT);
            },
            outcome::DELIVERED,
        ),
        (
            |story, market, job| {
                story.world.pass(HOUR as u64 - 600);
                finish(story, market, job, &story.someone, NO_RESULT);
            },
            outcome::DELIVERED,
        ),
        // Nobody notices.
        (|story, _, _| story.world.pass(HOUR as u64 - 600), outcome::DELIVERED),
    ];
    for (number, (end, result)) in ends.into_iter().enumerate() {
        let story = Story::new();
        let terms = Terms { bond_amount: Tokens(BOND), reports: 1, failure_penalty: Bps(5_000), ..usual_terms() };
        let (market, session) = (story.token_market(by_usage(terms)), story.session());
        let job = story.used(&market, &session);
        let world = &story.world;
        world.pass(600);
        let last = voucher_for(&session, world, &job, MILLION / 2);
        let before = story.job(&job);
        end(&story, &market, &job);
        let ended = story.job(&job);
        let noticed = number < 4;
        assert_eq!(ended.state, if noticed { job_state::REDEEMING } else { job_state::RUNNING });
        assert_eq!(ended.held, before.held, "nothing went back");
        if noticed {
            assert_eq!(ended.deadline_at, ended.stopped_at.after(Seconds(WINDOW as u32)).unwrap());
        }
        // Until the last second of that time nobody but the provider ends it, and the bond stays.
        world.pass(WINDOW);
        let finish = market.finish_instruction(&job, story.someone.pubkey(), NO_RESULT);
        if noticed {
            world.fails(finish.clone(), &[&story.someone], EscrowError::TooEarly);
            let by_client = market.finish_instruction(&job, job.client, NO_RESULT);
            world.fails(by_client, &[&story.client], EscrowError::TooEarly);
            let settle = market.settle_bond_instruction(&job, story.network_wallet);
            world.fails(settle, &[], EscrowError::WrongJobState);
            for (instruction, key) in [
                (market.add_units_instruction(&job, 1), &story.client),
                (market.replace_key_instruction(&job, (ED25519, [1; 32])), &story.client),
                (market.extend_instruction(&job, 60), &story.client),
                (market.notice_instruction(&job), story.key(&job)),
                (market.cancel_instruction(&job, job.client), &story.client),
                (market.finish_instruction(&job, job.provider, RESULT), story.key(&job)),
            ] {
                world.fails(instruction, &[key], EscrowError::WrongJobState);
            }
        }
        story.redeem(&market, &job, last).expect("in the last second");
        // A second later it is too late for what was not redeemed; the rest goes back, by anyone.
        world.pass(1);
        let later = voucher_for(&session, world, &job, MILLION);
        story.refuses(&market, &job, later, EscrowError::TooLate);
        world.ok(&[finish], &[&story.someone]);
        let state = story.job(&job);
        assert_eq!((state.state, state.outcome), (job_state::FINISHED, result), "end {number}");
        assert_eq!(state.paid, Amount(MILLION / 2 * UNIT_PRICE));
        assert_eq!(state.refunded, state.paid);
        let (seized, reported) = story.settled(&market, &job);
        let penalty = if result == outcome::FAILED { BOND / 2 } else { 0 };
        assert_eq!((seized, reported), (Tokens(penalty), result), "end {number}");
        story.check(&[job]);
    }
}

#[test]
fn a_provider_that_has_nothing_to_redeem_gives_the_rest_back_at_once() {
    let story = Story::new();
    let (market, session) = (story.usage_market(), story.session());
    let job = story.used(&market, &session);
    let world = &story.world;
    world.pass(60);
    story.redeemed(&market, &job, &session, 1_000);
    world.ok(&[market.notice_instruction(&job)], &[story.key(&job)]);
    world.pass(60);
    let ended: UsageEnded =
        world.ok(&[market.finish_instruction(&job, job.client, NO_RESULT)], &[&story.client]).event(ID);
    assert_eq!((ended.outcome, ended.deadline_at), (outcome::DELIVERED as u64, story.job(&job).deadline_at));
    let close: event::JobEnded =
        world.ok(&[market.finish_instruction(&job, job.provider, NO_RESULT)], &[story.key(&job)]).event(ID);
    assert_eq!((close.state, close.paid), (job_state::FINISHED, Amount(1_000 * UNIT_PRICE)));
    assert_eq!(close.refunded, Amount((MILLION - 1_000) * UNIT_PRICE));
    // Then it is over.
    let again = market.finish_instruction(&job, job.provider, NO_RESULT);
    world.fails(again, &[story.key(&job)], EscrowError::WrongJobState);
    story.check(&[job]);
}

#[test]
fn a_key_is_replaced_at_once_and_what_it_signed_stays_good_for_a_while() {
    let story = Story::new();
    let (market, keys) = (story.usage_market(), [(); 4].map(|()| story.session()));
    let job = story.used(&market, &keys[0]);
    let world = &story.world;
    world.ok(&[tick_instruction(world)], &[]);
    let replace = |key: &Keypair| market.replace_key_instruction(&job, (ED25519, key.pubkey().to_bytes()));
    let voucher = |key: &Keypair, units: u64| voucher_for(key, world, &job, units);
    // Only the client does, by a key that is one.
    let [first, _] = &story.workers;
    world.fails(swap(replace(&keys[1]), 0, first.key.pubkey()), &[&first.key], EscrowError::Unauthorized);
    let none = market.replace_key_instruction(&job, (ED25519, [0; 32]));
    assert_eq!(world.out_of_range(none, &[&story.client]), "session_key");
    let unknown = market.replace_key_instruction(&job, (1, [1; 32]));
    assert_eq!(world.out_of_range(unknown, &[&story.client]), "session_scheme");
    story.refuses(&market, &job, voucher(&keys[1], 1), EscrowError::WrongSessionKey);
    let replaced: SessionKeyReplaced = world.ok(&[replace(&keys[1])], &[&story.client]).event(ID);
    assert_eq!(replaced.previous_key_ends_at, world.now().after(Seconds(WINDOW as u32)).unwrap());
    // Both count, and the new one is not replaced before the old one is gone: else two replacements would take what it signed.
    story.redeem(&market, &job, voucher(&keys[1], 10)).expect("the new key");
    story.redeem(&market, &job, voucher(&keys[0], 20)).expect("the old key");
    world.fails(replace(&keys[2]), &[&story.client], EscrowError::KeyReplacedBefore);
    world.ok(&[market.extend_instruction(&job, 7_200)], &[&story.client]);
    world.run(WINDOW);
    story.redeem(&market, &job, voucher(&keys[0], 30)).expect("in the last second");
    world.fails(replace(&keys[2]), &[&story.client], EscrowError::KeyReplacedBefore);
    world.run(1);
    story.refuses(&market, &job, voucher(&keys[0], 40), EscrowError::WrongSessionKey);
    world.ok(&[replace(&keys[2])], &[&story.client]);
    story.redeem(&market, &job, voucher(&keys[1], 40)).expect("now the old key");
    story.redeem(&market, &job, voucher(&keys[2], 50)).expect("the new key");
    story.refuses(&market, &job, voucher(&keys[0], 60), EscrowError::WrongSessionKey);
    let metered = story.token_market(usual_terms());
    let by_time = story.running(&metered);
    let replace = metered.replace_key_instruction(&by_time, (ED25519, [1; 32]));
    world.fails(replace, &[&story.client], EscrowError::WrongPricing);
    story.check(&[job, by_time]);
}

#[test]
fn a_halt_of_the_chain_takes_no_ones_time_to_redeem() {
    let story = Story::new();
    let (market, session) = (story.usage_market(), story.session());
    let job = story.used(&market, &session);
    let world = &story.world;
    world.ok(&[market.finish_instruction(&job, job.client, NO_RESULT)], &[&story.client]);
    world.ok(&[tick_instruction(world)], &[]);
    world.pass(5 * WINDOW);
    world.run(60);
    world.ok(&[tick_instruction(world)], &[]);
    let finish = market.finish_instruction(&job, job.client, NO_RESULT);
    world.fails(finish.clone(), &[&story.client], EscrowError::TooEarly);
    let mut blind = market.redeem_instruction(&job, story.someone.pubkey(), FIRST, 0);
    blind.accounts.last_mut().unwrap().pubkey = ID;
    let verify = verify_instruction(&[voucher_for(&session, world, &job, MILLION)]);
    refused(world.send(&[verify, blind], &[&story.someone]), EscrowError::HaltClockRequired);
    story.redeemed(&market, &job, &session, MILLION);
    world.run(WINDOW);
    world.ok(&[finish], &[&story.client]);
    story.check(&[job]);
}

#[test]
fn a_client_that_took_a_provider_pays_for_ten_seconds_of_all() {
    let story = Story::new();
    let (market, session) = (story.usage_market(), story.session());
    let least = (MILLION * UNIT_PRICE * 10).div_ceil(HOUR as u64);
    let world = &story.world;
    let stopped = story.used(&market, &session);
    world.ok(&[market.finish_instruction(&stopped, stopped.client, NO_RESULT)], &[&story.client]);
    assert_eq!(story.job(&stopped).earned, Amount(least));
    // It is part of what vouchers say, not beside it; and paid without one.
    story.redeemed(&market, &stopped, &session, least / UNIT_PRICE - 1);
    assert_eq!(story.job(&stopped).paid, Amount(least));
    let used = story.redeemed(&market, &stopped, &session, 10_000);
    assert_eq!(used.earned, Amount(10_000 * UNIT_PRICE));
    let unused = story.used(&market, &session);
    world.ok(&[market.finish_instruction(&unused, unused.client, NO_RESULT)], &[&story.client]);
    world.ok(&[market.settle_instruction(&unused)], &[]);
    assert_eq!(story.job(&unused).paid, Amount(least));
    // An assigned job likewise.
    let queued = story.token_market(by_usage(usual_terms())).with_queue(world, 8);
    let [first, _] = &story.workers;
    world.ok(&[queued.join_instruction(first.key.pubkey(), 0)], &[&first.key]);
    let job = Job { matching: matching::QUEUE, ..story.unposted(&queued) };
    story.post_usage(&queued, &job, &session);
    assert_eq!(story.job(&job).state, job_state::ASSIGNED);
    world.ok(&[queued.cancel_instruction(&job, job.client)], &[&story.client]);
    let state = story.job(&job);
    assert_eq!((state.state, state.earned), (job_state::OWING, Amount(least)));
    world.ok(&[queued.settle_instruction(&job)], &[]);
    story.check(&[stopped, unused, job]);
}

#[test]
fn units_are_sold_where_the_market_says_so() {
    let story = Story::new();
    let (usage, metered) = (story.usage_market(), story.token_market(usual_terms()));
    let world = &story.world;
    let post = |market: &Market, units: u64, session: (u8, [u8; 32])| {
        market.post_usage_instruction(world, &story.unposted(market), HOUR, units, session)
    };
    let by_time = usage.post_instruction(world, &story.unposted(&usage), HOUR);
    world.fails(by_time, &[&story.client], EscrowError::WrongPricing);
    world.fails(post(&metered, 1, (ED25519, [1; 32])), &[&story.client], EscrowError::WrongPricing);
    assert_eq!(world.out_of_range(post(&usage, 0, (ED25519, [1; 32])), &[&story.client]), "max_units");
    assert_eq!(world.out_of_range(post(&usage, 1, (ED25519, [0; 32])), &[&story.client]), "session_key");
    for unknown in [1, 4, 255] {
        assert_eq!(world.out_of_range(post(&usage, 1, (unknown, [1; 32])), &[&story.client]), "session_scheme");
    }
    world.fails(post(&usage, u64::MAX, (ED25519, [1; 32])), &[&story.client], EscrowError::Overflow);
    let unpaid = post(&usage, FUNDS / UNIT_PRICE + 1, (ED25519, [1; 32]));
    world.fails(unpaid, &[&story.client], EscrowError::InsufficientFunds);
    let accounts = PostUsageJob::ACCOUNTS.len();
    assert_eq!(accounts, post(&usage, 1, (ED25519, [1; 32])).accounts.len());
}

#[test]
fn an_auction_of_units_holds_what_the_best_bid_costs() {
    let story = Story::new();
    let (market, session) = (story.usage_market(), story.session());
    let world = &story.world;
    let job = Job { matching: matching::AUCTION, ..story.unposted(&market) };
    story.post_usage(&market, &job, &session);
    world.ok(&[market.bid_instruction(world, &job, 4, None)], &[story.key(&job)]);
    world.pass(HOUR as u64 + 1);
    world.ok(&[market.award_instruction(&job)], &[]);
    let state = story.job(&job);
    assert_eq!((state.held, state.refunded), (Amount(4 * MILLION), Amount(MILLION * (UNIT_PRICE - 4))));
    story.start(&market, &job);
    assert_eq!(story.redeemed(&market, &job, &session, MILLION).paid, Amount(4 * MILLION));
    story.check(&[job]);
}

#[test]
fn units_are_paid_in_credits_until_the_right_to_them_ends() {
    let mut story = Story::new();
    let treasury = story.network.open_provider_work(&story.world, story.someone.pubkey());
    let terms = Terms { fee_share: Bps(250), fee_payee: treasury, ..by_usage(usual_terms()) };
    let (market, session) = (story.credit_market(terms), story.session());
    let (job, cut_off) = (story.used(&market, &session), story.used(&market, &session));
    let redeemed = story.redeemed(&market, &job, &session, 1_000);
    assert_eq!(redeemed.paid, Amount(975 * UNIT_PRICE));
    story.redeemed(&market, &cut_off, &session, 1_000);
    let world = &story.world;
    world.ok(&[market.finish_instruction(&job, job.provider, NO_RESULT)], &[story.key(&job)]);
    world.ok(&[market.finish_instruction(&job, job.provider, NO_RESULT)], &[story.key(&job)]);
    assert_eq!(story.job(&job).state, job_state::FINISHED);
    assert_eq!(story.job(&job).fee_paid, Amount(25 * UNIT_PRICE));
    story.check(&[job, cut_off]);

    // No voucher is paid then, nobody waits, and nobody is at fault.
    for ended in [false, true] {
        let other = story.used(&market, &session);
        if ended {
            story.world.ok(&[market.finish_instruction(&other, other.client, NO_RESULT)], &[&story.client]);
        }
        let spender = story.world.account(market.spender).expect("the spender");
        story.network.revoke_soon(&mut story.world, market.spender, 0);
        let voucher = voucher_for(&session, &story.world, &other, 2_000);
        story.refuses(&market, &other, voucher, EscrowError::SpenderClosed);
        story.world.fails(market.settle_instruction(&other), &[], EscrowError::SpenderClosed);
        story.world.ok(&[market.finish_instruction(&other, story.someone.pubkey(), NO_RESULT)], &[&story.someone]);
        let state = story.job(&other);
        assert_eq!((state.state, state.outcome, state.held), (job_state::FINISHED, outcome::NONE, Amount(0)));
        assert_eq!(state.refunded, state.deposited);
        story.world.set_account(market.spender, spender);
    }
}

#[test]
fn what_cannot_be_paid_now_is_booked_in_time() {
    let story = Story::new();
    let (market, session) = (story.usage_market(), story.session());
    let job = story.used(&market, &session);
    let world = &story.world;
    let verify = verify_instruction(&[voucher_for(&session, world, &job, 1_000)]);
    let mut book = market.redeem_instruction(&job, story.someone.pubkey(), FIRST, 0);
    book.data[1..9].copy_from_slice(&0u64.to_le_bytes());
    // A pause does not keep anybody from being paid.
    story.set_pause(1);
    let redeemed: VoucherRedeemed = world.ok(&[verify, book], &[&story.someone]).event(ID);
    assert_eq!((redeemed.paid, redeemed.earned), (Amount(0), Amount(1_000 * UNIT_PRICE)));
    // The rest goes back, but not that.
    world.ok(&[market.finish_instruction(&job, job.provider, NO_RESULT)], &[story.key(&job)]);
    let mut close = market.finish_instruction(&job, job.provider, NO_RESULT);
    close.data[33..41].copy_from_slice(&0u64.to_le_bytes());
    world.ok(&[close], &[story.key(&job)]);
    assert_eq!((story.job(&job).state, story.job(&job).held), (job_state::OWING, Amount(1_000 * UNIT_PRICE)));
    world.ok(&[market.settle_instruction(&job)], &[]);
    assert_eq!((story.job(&job).state, world.tokens(job.payee)), (job_state::FINISHED, 1_000 * UNIT_PRICE));
    story.check(&[job]);
}

#[test]
fn a_stranger_pays_the_provider_where_it_knows_of_it() {
    let mut story = Story::new();
    let (market, session) = (story.usage_market(), story.session());
    let job = story.used(&market, &session);
    let other = story.world.token_account(story.mint.address, story.workers[0].key.pubkey());
    let [first, second] = &story.workers;
    let into = |payee: Address, caller: &Keypair| {
        let verify = verify_instruction(&[voucher_for(&session, &story.world, &job, 1)]);
        let redeem = swap(market.redeem_instruction(&job, caller.pubkey(), FIRST, 0), 4, payee);
        assert_eq!(redeem.accounts[10].pubkey, joule_interface::INSTRUCTIONS_SYSVAR);
        story.world.send(&[verify, redeem], &[caller])
    };
    refused(into(second.wallet, &story.someone), EscrowError::WrongTokenOwner);
    refused(into(other, &story.someone), EscrowError::WrongPayee);
    into(other, &first.key).expect("the provider says where");
    assert_eq!(story.world.tokens(other), UNIT_PRICE);
}

#[test]
fn a_job_of_units_is_not_handed_back() {
    let story = Story::new();
    let terms =
        Terms { bond_amount: Tokens(BOND), fee_share: Bps(250), fee_payee: story.treasury, ..by_usage(usual_terms()) };
    let market = story.token_market(terms).with_queue(&story.world, 20);
    let (job, session) = (Job { matching: matching::QUEUE, ..story.unposted(&market) }, story.session());
    story.post_usage(&market, &job, &session);
    assert_eq!(story.job(&job).deposited, Amount(MILLION * UNIT_PRICE));
    story.start(&market, &job);
    story.redeemed(&market, &job, &session, 5);
    let back = market.hand_back_instruction(&job);
    story.world.fails(back, &[story.key(&job)], EscrowError::HandBackNotOffered);
    // More time costs nothing, and changes nothing that units cost.
    story.world.ok(&[market.extend_instruction(&job, 60)], &[&story.client]);
    let state = story.job(&job);
    assert_eq!((state.deposited, state.duration), (Amount(MILLION * UNIT_PRICE), Seconds(HOUR)));
    story.check(&[job]);
}

/// How many units a job has is its client's word alone, and the money comes back.
#[test]
fn a_provider_that_does_not_start_a_job_of_units_fails_one_job_at_most() {
    let story = Story::new();
    let terms = Terms {
        fee_share: Bps(250),
        fee_payee: story.treasury,
        reports: 1,
        whole_job_fee: 0,
        ..by_usage(usual_terms())
    };
    let market = story.token_market(terms);
    let job = story.unposted(&market);
    let session = (ED25519, story.session().pubkey().to_bytes());
    // Its fee would be that of thousands of jobs.
    story.world.ok(&[market.post_usage_instruction(&story.world, &job, HOUR, MILLION, session)], &[&story.client]);
    story.start(&market, &job);
    // It quits.
    story.world.ok(&[market.finish_instruction(&job, job.provider, NO_RESULT)], &[story.key(&job)]);
    story.world.pass(WINDOW + 1);
    story.world.ok(&[market.finish_instruction(&job, job.provider, NO_RESULT)], &[story.key(&job)]);
    assert_eq!(story.job(&job).outcome, outcome::FAILED);
    story.world.ok(&[market.settle_bond_instruction(&job, story.network_wallet)], &[]);
    let reputation = story.staked(0).reputation;
    assert_eq!((reputation.failed, reputation.all_jobs), (1, 1 << 32));
}

/// Else one unit over a year would take the turn of everybody who waits, for nothing.
#[test]
fn a_client_that_took_a_provider_pays_for_one_unit_at_least() {
    let story = Story::new();
    let market = story.usage_market();
    let job = Job { matching: matching::DIRECT, ..story.unposted(&market) };
    let session = (ED25519, story.session().pubkey().to_bytes());
    let day = 24 * HOUR;
    story.world.ok(&[market.post_usage_instruction(&story.world, &job, day, 10, session)], &[&story.client]);
    story.start(&market, &job);
    story.world.ok(&[market.finish_instruction(&job, job.client, NO_RESULT)], &[&story.client]);
    // Ten seconds of ten units over a day are less than a unit.
    assert_eq!(story.job(&job).earned, Amount(UNIT_PRICE));
    story.check(&[job]);
}

/// The time to take it, to start it, to redeem vouchers, and for which it runs; the market's price, and what is offered.
#[test]
fn a_job_by_usage_waits_as_long_as_its_terms_say_and_costs_what_it_offers() {
    let story = Story::new();
    let usual = by_usage(usual_terms());
    let terms = Terms { wait_window: Seconds(1_000), start_window: Seconds(200), late_window: Seconds(500), ..usual };
    let (world, market, price) = (&story.world, story.token_market(terms), Amount(UNIT_PRICE - 3));
    let cheaper = Market { terms: Terms { price, ..terms }, ..market };
    for (kind, window) in [(matching::DIRECT, 200), (matching::AUCTION, 1_000)] {
        let job = Job { matching: kind, ..story.unposted(&market) };
        let session = (ED25519, story.session().pubkey().to_bytes());
        world.ok(&[cheaper.post_usage_instruction(world, &job, 300, MILLION, session)], &[&story.client]);
        let state = story.job(&job);
        assert_eq!((state.deadline_at, state.duration), (world.now().after(Seconds(window)).unwrap(), Seconds(300)));
        assert_eq!((state.price, state.deposited), (price, Amount(price.0 * MILLION)));
    }
}
