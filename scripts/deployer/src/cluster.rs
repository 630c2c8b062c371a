//! A cluster behind a URL. What it is asked is asked again when the connection breaks; what is sent is signed once and sent
//! again as it is, so that nothing happens twice.

use {
    crate::plan::{Buffer, Code},
    anyhow::{Context, Result, anyhow, bail, ensure},
    joule_interface::{Address, Instruction, SYSTEM_PROGRAM},
    solana_account::Account,
    solana_commitment_config::CommitmentConfig,
    solana_keypair::Keypair,
    solana_loader_v3_interface::{get_program_data_address, state::UpgradeableLoaderState},
    solana_rpc_client::rpc_client::RpcClient,
    solana_rpc_client_api::{
        client_error::{Error as ClientError, ErrorKind, Result as ClientResult},
        config::RpcSendTransactionConfig,
        request::{RpcError, RpcResponseErrorData},
    },
    solana_signer::Signer,
    solana_transaction::Transaction,
    std::{
        thread::{scope, sleep},
        time::{Duration, Instant},
    },
};

/// The upgradeable loader.
pub const LOADER: Address = Address::from_str_const("BPFLoaderUpgradeab1e11111111111111111111111");
const COMPUTE_BUDGET: Address = Address::from_str_const("ComputeBudget111111111111111111111111111111");
const FEATURE_PROGRAM: Address = Address::from_str_const("Feature111111111111111111111111111111111111");
/// More than any transaction of a deployment uses: a call of the loader and two of the System program.
const COMPUTE_UNITS: u32 = 20_000;
/// How many transactions are sent before the first is asked after.
const IN_FLIGHT: usize = 64;
/// How many are sent side by side.
const CONNECTIONS: usize = 8;
/// Lamports for each signature.
const SIGNATURE_FEE: u64 = 5_000;

/// A cluster behind a URL.
pub struct Cluster {
    client: RpcClient,
    /// The URL without what may be secret in it.
    pub name: String,
    secrets: Vec<String>,
    /// Micro-lamports for each compute unit; zero: none.
    pub priority_fee: u64,
    /// How long to try.
    pub patience: Duration,
    /// The hash of the first block: which cluster it is, whatever the URL.
    pub genesis: String,
    /// What the node runs.
    pub version: String,
}

impl Cluster {
    /// Connects.
    pub fn open(url: &str, priority_fee: u64, patience: Duration) -> Result<Self> {
        let (name, secrets) = without_secrets(url)?;
        // A node answers in a second. What takes longer than ten does not come any more.
        let client =
            RpcClient::new_with_timeout_and_commitment(url, Duration::from_secs(10), CommitmentConfig::confirmed());
        let (genesis, version) = Default::default();
        let mut cluster = Self { client, name, secrets, priority_fee, patience, genesis, version };
        let at = format!("{} does not answer as a Solana node: is the URL right?", cluster.name);
        cluster.genesis = cluster.ask(|client| client.get_genesis_hash()).context(at)?.to_string();
        cluster.version = cluster.ask(|client| client.get_version())?.solana_core;
        Ok(cluster)
    }

    /// An error's text, without what may be secret in the URL.
    fn readable(&self, error: &ClientError) -> String {
        let mut text = error.to_string();
        let mut cause = std::error::Error::source(error);
        while let Some(deeper) = cause {
            let more = deeper.to_string();
            if !text.contains(&more) {
                text = format!("{text}: {more}");
            }
            cause = deeper.source();
        }
        if let ErrorKind::RpcError(RpcError::RpcResponseError {
            data: RpcResponseErrorData::SendTransactionPreflightFailure(failure),
            ..
        }) = error.kind()
        {
            for line in failure.logs.iter().flatten() {
                text = format!("{text}\n    {line}");
            }
        }
        self.secrets.iter().fold(text, |text, secret| text.replace(secret, "…"))
    }

    /// Asks, and asks again while the connection is broken.
    fn ask<T>(&self, call: impl Fn(&RpcClient) -> ClientResult<T>) -> Result<T> {
        let start = Instant::now();
        let mut wait = Duration::from_millis(200);
        loop {
            match call(&self.client) {
                Ok(answer) => return Ok(answer),
                Err(error) if is_broken(&error) && start.elapsed() + wait < self.patience => {
                    sleep(wait);
                    wait = (wait * 2).min(Duration::from_secs(5));
                }
                Err(error) => return Err(anyhow!(self.readable(&error))),
            }
        }
    }

    /// An account.
    pub fn account(&self, address: &Address) -> Result<Option<Account>> {
        self.ask(|client| {
            let answer = client.get_account_with_commitment(address, CommitmentConfig::confirmed())?.value;
            Ok(answer.filter(|account| account.lamports > 0))
        })
    }

    /// Lamports at an address.
    pub fn balance(&self, address: &Address) -> Result<u64> {
        Ok(self.account(address)?.map_or(0, |account| account.lamports))
    }

    /// Lamports that make an account of this size free of rent.
    pub fn rent(&self, size: usize) -> Result<u64> {
        self.ask(|client| client.get_minimum_balance_for_rent_exemption(size))
    }

    /// Most that a transaction with so many signatures costs.
    pub fn fee(&self, signatures: usize) -> u64 {
        let priority = u128::from(self.priority_fee) * u128::from(COMPUTE_UNITS);
        SIGNATURE_FEE * signatures as u64 + priority.div_ceil(1_000_000) as u64
    }

    /// Whether a feature is on.
    pub fn has_feature(&self, feature: &Address) -> Result<bool> {
        let account = self.account(feature)?;
        // `Option<u64>`: the slot since when.
        Ok(account.is_some_and(|account| account.owner == FEATURE_PROGRAM && account.data.first() == Some(&1)))
    }

    /// The code at a program's id.
    pub fn code(&self, id: &Address) -> Result<Code> {
        let Some(program) = self.account(id)? else { return Ok(Code::Absent { lamports: 0 }) };
        if program.owner == SYSTEM_PROGRAM && program.data.is_empty() {
            return Ok(Code::Absent { lamports: program.lamports });
        }
        ensure!(program.owner == LOADER, "{id} is not a program of the upgradeable loader, but {}'s", program.owner);
        let Ok(UpgradeableLoaderState::Program { programdata_address }) = state(&program) else {
            bail!("{id} is an account of the upgradeable loader, but no program")
        };
        ensure!(programdata_address == get_program_data_address(id), "{id} has its code at another address");
        let Some(code) = self.account(&programdata_address)? else { return Ok(Code::Closed) };
        let Ok(UpgradeableLoaderState::ProgramData { slot, upgrade_authority_address }) = state(&code) else {
            return Ok(Code::Closed);
        };
        let bytes = code.data[UpgradeableLoaderState::size_of_programdata_metadata()..].to_vec();
        Ok(Code::Deployed { authority: upgrade_authority_address, slot, bytes, lamports: code.lamports })
    }

    /// What is at a buffer's address.
    pub fn buffer(&self, address: &Address) -> Result<Buffer> {
        let Some(buffer) = self.account(address)? else { return Ok(Buffer::Absent { lamports: 0 }) };
        if buffer.owner == SYSTEM_PROGRAM && buffer.data.is_empty() {
            return Ok(Buffer::Absent { lamports: buffer.lamports });
        }
        ensure!(buffer.owner == LOADER, "{address} is no buffer: move its key file away, and a new one is made");
        let Ok(UpgradeableLoaderState::Buffer { authority_address }) = state(&buffer) else {
            bail!("{address} is no buffer: move its key file away, and a new one is made")
        };
        let bytes = buffer.data[UpgradeableLoaderState::size_of_buffer_metadata()..].to_vec();
        Ok(Buffer::Open { authority: authority_address, bytes, lamports: buffer.lamports })
    }

    /// How many bytes fit beside the rest of a transaction that `make` makes of them.
    pub fn piece(&self, payer: &Keypair, signers: &[&Keypair], make: impl Fn(Vec<u8>) -> Instruction) -> Result<usize> {
        const MOST: usize = 1_232;
        let transaction = Transaction::new_signed_with_payer(
            &self.with_budget(vec![make(vec![])]),
            Some(&payer.pubkey()),
            &all(payer, signers),
            Default::default(),
        );
        let rest = bincode::serialized_size(&transaction)? as usize;
        // The length of the instruction's data takes one byte more when there is much of it.
        Ok(MOST - rest - 1)
    }

    fn with_budget(&self, mut instructions: Vec<Instruction>) -> Vec<Instruction> {
        if self.priority_fee > 0 {
            let limit = [&[2][..], &COMPUTE_UNITS.to_le_bytes()].concat();
            let price = [&[3][..], &self.priority_fee.to_le_bytes()].concat();
            for (at, data) in [limit, price].into_iter().enumerate() {
                instructions.insert(at, Instruction { program_id: COMPUTE_BUDGET, accounts: vec![], data });
            }
        }
        instructions
    }

    /// Sends a transaction and waits until it is confirmed. What the cluster refuses is an error; what is lost is one too, for the
    /// caller to look what became of it.
    pub fn send(&self, instructions: Vec<Instruction>, payer: &Keypair, signers: &[&Keypair]) -> Result<()> {
        let (blockhash, last) = self.blockhash()?;
        let transaction = Transaction::new_signed_with_payer(
            &self.with_budget(instructions),
            Some(&payer.pubkey()),
            &all(payer, signers),
            blockhash,
        );
        self.submit(&transaction, false)?;
        loop {
            if let Some(outcome) = self.outcomes(std::slice::from_ref(&transaction))?[0].take() {
                return outcome;
            }
            ensure!(self.height()? <= last, "a transaction was sent, but did not get into a block in time");
            sleep(Duration::from_millis(200));
        }
    }

    /// Sends many transactions that do not depend on each other, and waits until each got into a block, or has no more time to.
    /// Which did is for the caller to read. `done`: told how many did.
    pub fn send_many(
        &self,
        batches: Vec<Vec<Instruction>>,
        payer: &Keypair,
        signers: &[&Keypair],
        mut done: impl FnMut(usize),
    ) -> Result<()> {
        let mut finished = 0;
        for batch in batches.chunks(IN_FLIGHT) {
            let (blockhash, last) = self.blockhash()?;
            let sign = |instructions: &Vec<Instruction>| {
                let instructions = self.with_budget(instructions.clone());
                Transaction::new_signed_with_payer(
                    &instructions,
                    Some(&payer.pubkey()),
                    &all(payer, signers),
                    blockhash,
                )
            };
            let mut waiting: Vec<_> = batch.iter().map(sign).collect();
            // The first shows whether they fail; the others are not tried beforehand.
            let (first, others) = waiting.split_first().expect("a batch is not empty");
            self.submit(first, false)?;
            self.submit_all(others)?;
            let mut asked = Instant::now();
            while !waiting.is_empty() && self.height()? <= last {
                let mut left = vec![];
                for (transaction, outcome) in waiting.iter().zip(self.outcomes(&waiting)?) {
                    match outcome {
                        Some(outcome) => {
                            outcome?;
                            finished += 1;
                        }
                        None => left.push(transaction.clone()),
                    }
                }
                waiting = left;
                done(finished);
                // Nodes drop what they cannot forward.
                if asked.elapsed() > Duration::from_secs(4) {
                    asked = Instant::now();
                    self.submit_all(&waiting)?;
                }
                if !waiting.is_empty() {
                    sleep(Duration::from_millis(200));
                }
            }
        }
        Ok(())
    }

    fn blockhash(&self) -> Result<(solana_transaction::Hash, u64)> {
        self.ask(|client| client.get_latest_blockhash_with_commitment(CommitmentConfig::confirmed()))
    }

    fn height(&self) -> Result<u64> {
        self.ask(|client| client.get_block_height())
    }

    fn submit(&self, transaction: &Transaction, skip_preflight: bool) -> Result<()> {
        let preflight_commitment = Some(CommitmentConfig::confirmed().commitment);
        let config = RpcSendTransactionConfig { skip_preflight, preflight_commitment, ..Default::default() };
        self.ask(|client| match client.send_transaction_with_config(transaction, config) {
            // An earlier attempt arrived, though its answer did not.
            Err(error) if is_repeated(&error) => Ok(()),
            other => other.map(|_| ()),
        })
    }

    /// Sends transactions side by side: each answer takes its time to come from far away.
    fn submit_all(&self, transactions: &[Transaction]) -> Result<()> {
        let submit = |part: &[Transaction]| part.iter().try_for_each(|transaction| self.submit(transaction, true));
        scope(|threads| {
            let parts = transactions.chunks(transactions.len().div_ceil(CONNECTIONS).max(1));
            let sent: Vec<_> = parts.map(|part| threads.spawn(move || submit(part))).collect();
            sent.into_iter().try_for_each(|part| part.join().expect("nothing panics there"))
        })
    }

    /// What became of transactions; `None`: not known yet.
    fn outcomes(&self, transactions: &[Transaction]) -> Result<Vec<Option<Result<()>>>> {
        let signatures: Vec<_> = transactions.iter().map(|transaction| transaction.signatures[0]).collect();
        let statuses = self.ask(|client| client.get_signature_statuses(&signatures))?.value;
        ensure!(statuses.len() == signatures.len(), "the node answers for other transactions than it was asked about");
        Ok(statuses
            .into_iter()
            .map(|status| {
                let status = status.filter(|status| status.satisfies_commitment(CommitmentConfig::confirmed()))?;
                Some(status.err.map_or(Ok(()), |error| Err(anyhow!("a transaction failed: {error}"))))
            })
            .collect())
    }

    /// Waits until no transaction is in the block of what came before: the loader changes a program once in a block.
    pub fn next_slot(&self) -> Result<()> {
        let (slot, start) = (self.ask(|client| client.get_slot())?, Instant::now());
        while self.ask(|client| client.get_slot())? <= slot {
            ensure!(start.elapsed() < self.patience, "the cluster makes no blocks");
            sleep(Duration::from_millis(200));
        }
        Ok(())
    }
}

fn all<'a>(payer: &'a Keypair, signers: &[&'a Keypair]) -> Vec<&'a Keypair> {
    let mut all = vec![payer];
    for signer in signers {
        if all.iter().all(|other| other.pubkey() != signer.pubkey()) {
            all.push(signer);
        }
    }
    all
}

fn state(account: &Account) -> Result<UpgradeableLoaderState> {
    Ok(bincode::deserialize(&account.data)?)
}

/// Whether asking again may help: nothing answered, or a node that is behind or busy.
fn is_broken(error: &ClientError) -> bool {
    match error.kind() {
        ErrorKind::Io(_) | ErrorKind::Reqwest(_) | ErrorKind::Middleware(_) => true,
        ErrorKind::RpcError(RpcError::RpcResponseError { data, message, .. }) => {
            matches!(data, RpcResponseErrorData::NodeUnhealthy { .. }) || message.contains("Blockhash not found")
        }
        _ => false,
    }
}

fn is_repeated(error: &ClientError) -> bool {
    error
        .get_transaction_error()
        .is_some_and(|error| error == solana_rpc_client_api::client_error::TransactionError::AlreadyProcessed)
}

/// What of a URL is shown: host and port. Keys of providers are in the path, in the query or before the host: these are the
/// secrets.
fn without_secrets(url: &str) -> Result<(String, Vec<String>)> {
    let wrong = || anyhow!("the URL is not of the form https://HOST or http://HOST:PORT");
    let (scheme, rest) = url.split_once("://").ok_or_else(wrong)?;
    ensure!(scheme == "https" || scheme == "http", wrong());
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    ensure!(!host.is_empty() && !host.contains(char::is_whitespace), wrong());
    let path = path.trim_start_matches(['/', '?']);
    let secrets = [user, path].iter().filter(|part| !part.is_empty()).map(|part| part.to_string()).collect();
    Ok((format!("{scheme}://{host}"), secrets))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_secret_in_a_url_is_not_shown() {
        let shown = |url| without_secrets(url).unwrap();
        assert_eq!(shown("http://127.0.0.1:8899"), ("http://127.0.0.1:8899".into(), vec![]));
        assert_eq!(shown("https://rpc.example/"), ("https://rpc.example".into(), vec![]));
        assert_eq!(shown("https://rpc.example/?api-key=1"), ("https://rpc.example".into(), vec!["api-key=1".into()]));
        assert_eq!(shown("https://rpc.example?api-key=1"), ("https://rpc.example".into(), vec!["api-key=1".into()]));
        assert_eq!(
            shown("https://me:pw@rpc.example/v2/k"),
            ("https://rpc.example".into(), vec!["me:pw".into(), "v2/k".into()])
        );
    }

    #[test]
    fn what_is_no_url_is_refused() {
        for url in ["", "mainnet", "127.0.0.1:8899", "ftp://host", "http://", "https:///path", "http://a b"] {
            assert!(without_secrets(url).is_err(), "{url}");
        }
    }
}
