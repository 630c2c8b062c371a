//! A chain behind a JSON-RPC server.

use {
    crate::{
        chain::{Chain, Fault, HEAD, Recent, Simulation, Status},
        scan::Scan,
    },
    base64::{Engine, prelude::BASE64_STANDARD},
    joule_interface::Address,
    joule_math::Timestamp,
    serde_json::{Value, json},
    solana_account::Account,
    solana_rpc_client::{
        api::{
            client_error::{Error as ClientError, ErrorKind},
            request::{RpcError, RpcRequest},
        },
        rpc_client::RpcClient,
    },
    solana_signature::Signature,
    solana_transaction::Transaction,
    std::{str::FromStr, thread, time::Duration},
};

/// The chain's clock: slot, and time at the end.
const CLOCK: Address = Address::from_str_const("SysvarC1ock11111111111111111111111111111111");
/// How long an answer may take. All accounts of a kind are many bytes.
const TIMEOUT: Duration = Duration::from_secs(60);
/// What is confirmed is not undone but in a disaster; what is final comes later than deadlines of a minute.
const COMMITMENT: &str = "confirmed";

/// A server.
pub struct Rpc(RpcClient);

impl Rpc {
    /// The server at a URL.
    pub fn new(url: &str) -> Self {
        Self(RpcClient::new_with_timeout(url.to_owned(), TIMEOUT))
    }

    fn ask(&self, request: RpcRequest, parameters: Value) -> Result<Value, Fault> {
        self.0.send::<Value>(request, parameters).map_err(|error| fault(&error))
    }
}

fn fault(error: &ClientError) -> Fault {
    match error.kind() {
        ErrorKind::Reqwest(error) if error.status().is_some_and(|status| status.as_u16() == 429) => Fault::Busy,
        // Its own text has the URL, in which a key may stand.
        ErrorKind::Reqwest(error) => Fault::Lost(match error.status() {
            Some(status) => format!("status {status}"),
            None if error.is_timeout() => "it took too long".into(),
            None if error.is_connect() => "no connection".into(),
            None => "the connection broke off".into(),
        }),
        // The server is behind, has not seen what others have, or is broken for a while.
        ErrorKind::RpcError(RpcError::RpcResponseError { code, message, .. }) => match code {
            -32_603 | -32_016 | -32_014 | -32_007 | -32_005 | -32_004 => Fault::Lost(message.clone()),
            _ => Fault::Refused(message.clone()),
        },
        other => Fault::Lost(other.to_string()),
    }
}

fn nonsense(what: &str) -> Fault {
    Fault::Lost(format!("the answer has no {what}"))
}

fn account(value: &Value) -> Option<Account> {
    let data = BASE64_STANDARD.decode(value["data"][0].as_str()?).ok()?;
    let owner = Address::from_str(value["owner"].as_str()?).ok()?;
    Some(Account {
        lamports: value["lamports"].as_u64()?,
        data,
        owner,
        executable: value["executable"].as_bool().unwrap_or_default(),
        rent_epoch: u64::MAX,
    })
}

fn encoded(transaction: &Transaction) -> Result<String, Fault> {
    let bytes = bincode::serialize(transaction).map_err(|error| Fault::Refused(error.to_string()))?;
    Ok(BASE64_STANDARD.encode(bytes))
}

/// What failed, and at which instruction, if an error says it.
fn failure(error: &Value) -> (Option<usize>, String) {
    let at = error["InstructionError"][0].as_u64().map(|at| at as usize);
    (at, error.to_string())
}

impl Chain for Rpc {
    fn time(&mut self) -> Result<(Timestamp, u64), Fault> {
        let clock = self.accounts(&[CLOCK])?.into_iter().next().flatten().ok_or_else(|| nonsense("clock"))?;
        let number = |at: usize| clock.data.get(at..at + 8)?.try_into().ok().map(u64::from_le_bytes);
        let (slot, time) = number(0).zip(number(32)).ok_or_else(|| nonsense("clock"))?;
        Ok((Timestamp(time as i64), slot))
    }

    fn scan(&mut self, scan: &Scan, network: Option<&Address>) -> Result<Vec<(Address, Account)>, Fault> {
        let bytes = |bytes: &[u8]| BASE64_STANDARD.encode(bytes);
        let compare = |offset: usize, value: &[u8]| json!({ "memcmp": { "offset": offset, "bytes": bytes(value), "encoding": "base64" } });
        let mut filters = vec![compare(0, &[scan.discriminator])];
        filters.extend(scan.size.map(|size| json!({ "dataSize": size })));
        if let (Some(offset), Some(network)) = (scan.network, network) {
            filters.push(compare(offset, network.as_ref()));
        }
        let mut config = json!({ "commitment": COMMITMENT, "encoding": "base64", "filters": filters });
        if let Some((offset, length)) = scan.slice {
            config["dataSlice"] = json!({ "offset": offset, "length": length });
        }
        let answer = self.ask(RpcRequest::GetProgramAccounts, json!([scan.program.to_string(), config]))?;
        let found = answer.as_array().ok_or_else(|| nonsense("list of accounts"))?.iter().map(|found| {
            let address = found["pubkey"].as_str().and_then(|text| Address::from_str(text).ok());
            address.zip(account(&found["account"])).ok_or_else(|| nonsense("account"))
        });
        found.collect()
    }

    fn accounts(&mut self, addresses: &[Address]) -> Result<Vec<Option<Account>>, Fault> {
        let addresses: Vec<String> = addresses.iter().map(Address::to_string).collect();
        let slice = json!({ "offset": 0, "length": HEAD });
        let config = json!({ "commitment": COMMITMENT, "encoding": "base64", "dataSlice": slice });
        let answer = self.ask(RpcRequest::GetMultipleAccounts, json!([addresses, config]))?;
        let found = answer["value"].as_array().ok_or_else(|| nonsense("list of accounts"))?.iter().map(|found| {
            if found.is_null() { Ok(None) } else { account(found).map(Some).ok_or_else(|| nonsense("account")) }
        });
        found.collect()
    }

    fn recent(&mut self) -> Result<Recent, Fault> {
        let answer = self.ask(RpcRequest::GetLatestBlockhash, json!([{ "commitment": COMMITMENT }]))?;
        let blockhash = answer["value"]["blockhash"].as_str().and_then(|text| text.parse().ok());
        let last_height = answer["value"]["lastValidBlockHeight"].as_u64();
        let (blockhash, last_height) = blockhash.zip(last_height).ok_or_else(|| nonsense("blockhash"))?;
        Ok(Recent { blockhash, last_height })
    }

    fn height(&mut self) -> Result<u64, Fault> {
        let answer = self.ask(RpcRequest::GetBlockHeight, json!([{ "commitment": COMMITMENT }]))?;
        answer.as_u64().ok_or_else(|| nonsense("height"))
    }

    fn simulate(&mut self, transaction: &Transaction) -> Result<Simulation, Fault> {
        let payer = transaction.message.account_keys[0].to_string();
        let config = json!({
            "commitment": COMMITMENT,
            "encoding": "base64",
            "sigVerify": false,
            "replaceRecentBlockhash": true,
            "accounts": { "encoding": "base64", "addresses": [payer] },
        });
        let answer = self.ask(RpcRequest::SimulateTransaction, json!([encoded(transaction)?, config]))?;
        let value = answer.get("value").ok_or_else(|| nonsense("simulation"))?;
        let failure = value.get("err").filter(|error| !error.is_null()).map(failure);
        let units = value["unitsConsumed"].as_u64().unwrap_or(crate::batch::MOST_UNITS as u64);
        let [before, after] = ["preBalances", "postBalances"].map(|name| value[name][0].as_u64());
        let spent = before.zip(after).map(|(before, after)| before.saturating_sub(after));
        Ok(Simulation { failure, units, spent, balance: value["accounts"][0]["lamports"].as_u64() })
    }

    fn send(&mut self, transaction: &Transaction) -> Result<(), Fault> {
        // It was simulated; and it is sent again here, with eyes on what became of it.
        let config = json!({ "encoding": "base64", "skipPreflight": true, "maxRetries": 0 });
        self.ask(RpcRequest::SendTransaction, json!([encoded(transaction)?, config])).map(drop)
    }

    fn statuses(&mut self, signatures: &[Signature]) -> Result<Vec<Status>, Fault> {
        let mut found = vec![];
        for signatures in signatures.chunks(256) {
            let texts: Vec<String> = signatures.iter().map(Signature::to_string).collect();
            let answer = self.ask(RpcRequest::GetSignatureStatuses, json!([texts]))?;
            let values = answer["value"].as_array().ok_or_else(|| nonsense("list of statuses"))?;
            if values.len() != signatures.len() {
                return Err(nonsense("status of each"));
            }
            found.extend(values.iter().map(|value| {
                let is_confirmed = matches!(value["confirmationStatus"].as_str(), Some("confirmed" | "finalized"));
                let failure = value.get("err").filter(|error| !error.is_null()).map(|error| failure(error).1);
                is_confirmed.then_some(failure.map_or(Ok(()), Err))
            }));
        }
        Ok(found)
    }

    fn price(&mut self, accounts: &[Address]) -> Result<u64, Fault> {
        let accounts: Vec<String> = accounts.iter().take(128).map(Address::to_string).collect();
        let answer = self.ask(RpcRequest::GetRecentPrioritizationFees, json!([accounts]))?;
        let fees = answer.as_array().ok_or_else(|| nonsense("list of fees"))?;
        let mut fees: Vec<u64> = fees.iter().filter_map(|fee| fee["prioritizationFee"].as_u64()).collect();
        fees.sort_unstable();
        // What was enough in three of four slots.
        Ok(fees.get(fees.len() * 3 / 4).copied().unwrap_or(0))
    }

    fn wait(&mut self, time: Duration) {
        thread::sleep(time);
    }
}
