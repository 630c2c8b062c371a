//! Posts a job from a machine of your own and waits for its end, over a cluster's RPC:
//!
//!     cargo run -p joule-escrow-interface --example over_rpc -- URL KEYPAIR MARKET PROVIDER
//!
//! The market is paid in credits, and the key has a credit account in its network. Nothing is sent if the simulation fails.
use {
    base64::{Engine, prelude::BASE64_STANDARD},
    joule_bme_interface::pda as bme,
    joule_escrow_interface::{
        ID, SPEC,
        event::JobPosted,
        instruction::{CreditAccounts, PostJob, PostJobArgs},
        pda,
        state::{Job, Market, NONE, matching},
    },
    joule_interface::{Account, Address, Event, Instruction, SYSTEM_PROGRAM},
    joule_math::Seconds,
    solana_commitment_config::CommitmentConfig,
    solana_keypair::{Keypair, read_keypair_file},
    solana_rpc_client::rpc_client::RpcClient,
    solana_signer::Signer,
    solana_transaction::{Message, Transaction},
    std::{error::Error, thread::sleep, time::Duration},
};

/// Micro-lamports that you bid for a compute unit. A service asks `getRecentPrioritizationFees` for the job's accounts.
const PRICE_OF_A_UNIT: u64 = 10_000;
/// Most that a transaction may use.
const MOST_UNITS: u32 = 1_400_000;
const COMPUTE_BUDGET: Address = Address::from_str_const("ComputeBudget111111111111111111111111111111");

/// One of Joule's accounts. `None` of `read`: it is another program's, of another kind, or of a layout version that this
/// crate does not know.
fn read<T: Account>(rpc: &RpcClient, address: &Address) -> Result<T, Box<dyn Error>> {
    let account = rpc.get_account(address)?;
    T::read(&account.owner, &account.data).copied().ok_or_else(|| format!("{address} is another account").into())
}

/// An hour of one provider, at the market's price. `nonce`: a number of which this client has no other job.
fn post(client: Address, address: Address, market: &Market, provider: Address, nonce: u64) -> (Address, Instruction) {
    let network = market.network;
    let escrow_authority = pda::authority::find(&network).0;
    let funding_account = bme::credit_account::find(&network, &client).0;
    let job = pda::job::find(&funding_account, &nonce.to_le_bytes()).0;
    let accounts = PostJob {
        payer: client,
        client,
        market: address,
        job,
        network,
        funding_account,
        queue: ID,
        credits: CreditAccounts {
            spender: bme::spender::find(&network, &escrow_authority, &[market.lane]).0,
            escrow_authority,
            bme_program: joule_bme_interface::ID,
        },
        system_program: SYSTEM_PROGRAM,
    };
    let instruction = accounts.instruction(&PostJobArgs {
        nonce,
        terms_version: market.terms_version,
        price: market.terms.price,
        provider,
        definition: [9; 32], // the hash of what is to be computed
        duration: Seconds(3_600),
        matching: matching::DIRECT,
    });
    (job, instruction)
}

/// The instruction with a limit of compute units, and a bid for each.
fn transaction(
    rpc: &RpcClient,
    key: &Keypair,
    instruction: &Instruction,
    units: u32,
) -> Result<Transaction, Box<dyn Error>> {
    let budget = |kind: u8, value: &[u8]| Instruction {
        program_id: COMPUTE_BUDGET,
        accounts: vec![],
        data: [&[kind], value].concat(),
    };
    let limit = budget(2, &units.to_le_bytes());
    let price = budget(3, &PRICE_OF_A_UNIT.to_le_bytes());
    let message = Message::new(&[limit, price, instruction.clone()], Some(&key.pubkey()));
    Ok(Transaction::new(&[key], message, rpc.get_latest_blockhash()?))
}

/// Events of this program in a log. Lines of other programs may look alike: only what stands while `escrow` is the innermost
/// call is its own.
fn events<T: Event>(logs: &[String]) -> Vec<T> {
    let (mut calls, mut found) = (vec![], vec![]);
    for line in logs {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["Program", "data:", data, ..] if calls.last() == Some(&ID.to_string().as_str()) => {
                found.extend(BASE64_STANDARD.decode(data).ok().and_then(|data| T::decode(&data)));
            }
            // `Program log: success` is a program's word.
            ["Program", kind, ..] if kind.ends_with(':') => {}
            ["Program", program, "invoke", ..] => calls.push(program),
            ["Program", _, "success"] | ["Program", _, "failed:", ..] => drop(calls.pop()),
            _ => {}
        }
    }
    found
}

/// What an error's number means, if it is one of `escrow`: the log has it as `custom program error: 0xbbc`.
fn meaning(logs: &[String]) -> String {
    let code = logs.iter().find_map(|line| line.split_once("custom program error: 0x"));
    let code = code.and_then(|(_, code)| u32::from_str_radix(code, 16).ok());
    let known = SPEC.errors.iter().find(|error| Some(error.code) == code);
    known.map_or(format!("{logs:#?}"), |error| format!("{}: {}", error.name, error.message))
}

fn run(url: &str, key: &Keypair, market: Address, provider: Address, nonce: u64) -> Result<Job, Box<dyn Error>> {
    let rpc = RpcClient::new_with_commitment(url, CommitmentConfig::confirmed());
    let terms: Market = read(&rpc, &market)?;
    if terms.mint != NONE || terms.closed == 1 {
        return Err("the market is closed, or paid in tokens".into());
    }
    let (address, instruction) = post(key.pubkey(), market, &terms, provider, nonce);

    let simulated = rpc.simulate_transaction(&transaction(&rpc, key, &instruction, MOST_UNITS)?)?.value;
    let logs = simulated.logs.unwrap_or_default();
    if simulated.err.is_some() {
        return Err(meaning(&logs).into());
    }
    let posted = events::<JobPosted>(&logs);
    println!("holds {} micro-dollars in {address}", posted.first().ok_or("posted nothing")?.deposited.0);
    // A tenth more than it used: what it finds may have changed meanwhile.
    let units = (simulated.units_consumed.unwrap_or(0) * 11 / 10).clamp(1, MOST_UNITS as u64) as u32;
    // Sent again until it is confirmed, or its blockhash is too old.
    let signature = rpc.send_and_confirm_transaction(&transaction(&rpc, key, &instruction, units)?)?;
    println!("posted by {signature}");

    loop {
        let job: Job = read(&rpc, &address)?;
        if job.has_ended() {
            println!("paid {} micro-dollars, got back {}", job.paid.0, job.refunded.0);
            return Ok(job);
        }
        sleep(Duration::from_secs(5));
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, keypair, market, provider] = &arguments[..] else {
        println!("usage: over_rpc URL KEYPAIR MARKET PROVIDER");
        return Ok(());
    };
    let nonce = std::time::UNIX_EPOCH.elapsed()?.as_nanos() as u64;
    run(url, &read_keypair_file(keypair)?, market.parse()?, provider.parse()?, nonce).map(drop)
}
