//! The arithmetic test program in the virtual machine, against the same code run natively.

use {
    arithmetic::{OPERATIONS, OUTPUT, Output, run},
    solana_program::{instruction::Instruction, pubkey::Pubkey},
    solana_program_test::{ProgramTest, ProgramTestContext},
    solana_signer::Signer,
    solana_transaction::Transaction,
};

/// Bytes of one case.
const CASE: usize = 32;

/// Random cases of each operation.
const RANDOM: usize = 600;

/// Integers at which results change: limits of widths and signs, powers of ten, and floating-point numbers of every kind.
fn edges() -> Vec<u64> {
    let mut values =
        vec![0, 1, 2, 3, 7, 10, 63, 64, 65, 127, 128, 255, 256, 1000, 1_000_000, 1_000_000_007, 10_u64.pow(19)];
    for shift in [7, 15, 31, 32, 33, 52, 53, 62, 63] {
        values.extend([(1_u64 << shift) - 1, 1 << shift, (1 << shift) + 1]);
    }
    values.extend([u64::MAX, u64::MAX - 1, u64::MAX / 3, u64::MAX << 32, 0_u64.wrapping_sub(10)]);
    let doubles = [
        0.5,
        1.0,
        -1.0,
        1.5,
        -2.75,
        127.9,
        -128.9,
        255.5,
        2147483647.5,
        -2147483648.9,
        4294967295.5,
        9007199254740993.0,
        9.3e18,
        -9.3e18,
        1.85e19,
        3.5e38,
        -1.8e38,
        1e300,
        1e-300,
        5e-324,
        f64::MAX,
        f64::MIN,
        f64::EPSILON,
        -0.0,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NAN,
        f64::MIN_POSITIVE,
        0.1,
        1.0 / 3.0,
    ];
    values.extend(doubles.map(f64::to_bits));
    values
}

/// A small generator: the same cases in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Of any magnitude, not only large ones.
    fn spread(&mut self) -> u64 {
        let shift = self.next() % 64;
        self.next() >> shift
    }
}

fn case(words: [u64; 4]) -> [u8; CASE] {
    let mut bytes = [0; CASE];
    for (chunk, word) in bytes.chunks_exact_mut(8).zip(words) {
        chunk.copy_from_slice(&word.to_le_bytes());
    }
    bytes
}

fn cases() -> Vec<[u8; CASE]> {
    let edges = edges();
    let mut random = Random(1);
    let pick = |random: &mut Random| edges[random.next() as usize % edges.len()];
    let mut cases = vec![];
    // Every pair of edges as the two 64-bit operands; as the low halves of wide ones, under high halves of every kind.
    for &a in &edges {
        for &b in &edges {
            let high = [0, 0, u64::MAX, pick(&mut random)][random.next() as usize % 4];
            cases.push(case([a, b, pick(&mut random), high]));
        }
    }
    for _ in 0..RANDOM {
        cases.push(case([random.spread(), random.spread(), random.spread(), random.spread()]));
        cases.push(case([random.spread(), 0, random.spread(), 0]));
        cases.push(case([random.next(), random.next(), random.next(), random.next()]));
    }
    cases
}

fn native(operation: u8, cases: &[[u8; CASE]]) -> Vec<u8> {
    let mut output = Output::default();
    let input = [&[operation], cases.concat().as_slice()].concat();
    run(&input, &mut output).expect("the operation exists");
    output.bytes().to_vec()
}

async fn on_chain(
    context: &ProgramTestContext,
    program: Pubkey,
    operation: u8,
    cases: &[[u8; CASE]],
) -> Result<Vec<u8>, String> {
    let input = [&[operation], cases.concat().as_slice()].concat();
    let instruction = Instruction { program_id: program, accounts: vec![], data: input };
    let payer = &context.payer;
    // The last one may have expired since.
    let blockhash = context.banks_client.get_latest_blockhash().await.map_err(|error| error.to_string())?;
    let transaction = Transaction::new_signed_with_payer(&[instruction], Some(&payer.pubkey()), &[payer], blockhash);
    let simulated = context.banks_client.simulate_transaction(transaction).await.map_err(|error| error.to_string())?;
    let details = simulated.simulation_details.ok_or("no details")?;
    match simulated.result {
        Some(Ok(())) => {
            let mut data = details.return_data.map(|data| data.data).unwrap_or_default();
            // The runtime drops zeros from the end of what a program returns.
            data.resize(native(operation, cases).len().max(data.len()), 0);
            Ok(data)
        }
        result => Err(format!("{result:?}: {:?}", details.logs)),
    }
}

#[tokio::test]
async fn the_virtual_machine_computes_what_the_host_does() {
    let program = Pubkey::new_from_array([7; 32]);
    let mut test = ProgramTest::default();
    test.prefer_bpf(true);
    test.set_compute_max_units(100_000_000);
    test.add_program("arithmetic", program, None);
    let context = test.start_with_context().await;
    let cases = cases();
    let mut compared = 0;
    for operation in 0..OPERATIONS.len() as u8 {
        // As many cases at once as their results, and the transaction, have room for.
        let size = native(operation, &cases[..1]).len().max(128 * usize::from(operation == 8));
        let step = (OUTPUT / size.max(1)).clamp(1, 25);
        // The slow operations need fewer: their own number of cases is small.
        let wanted = if operation >= 16 { 300 } else { cases.len() };
        let stride = cases.len() / wanted;
        let chosen: Vec<_> = cases.iter().step_by(stride).copied().collect();
        for batch in chosen.chunks(step) {
            let expected = native(operation, batch);
            let got = on_chain(&context, program, operation, batch).await;
            if got.as_ref() != Ok(&expected) {
                for one in batch {
                    let expected = native(operation, &[*one]);
                    let got = on_chain(&context, program, operation, &[*one]).await;
                    assert_eq!(got, Ok(expected), "operation {operation} on {one:?}");
                }
                panic!("operation {operation}: together, not alone");
            }
            compared += batch.len();
        }
    }
    println!("{compared} cases");
    assert!(compared > 50_000);
}
