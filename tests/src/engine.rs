//! What a chain in a test runs on: the bank that validators run, or LiteSVM, which has no bank around the same virtual
//! machine and is some twenty times as fast.

use {
    crate::{
        fixture::{BUBBLEGUM_2, GROTH16, LIAR, VERIFIER},
        world::{Failure, key},
    },
    agave_feature_set as feature,
    joule_identity_interface::{COMPRESSION_PROGRAM_2, LOG_WRAPPER_2},
    joule_interface::Address,
    litesvm::{InvocationInspectCallback, LiteSVM},
    solana_account::{Account, AccountSharedData},
    solana_keypair::Keypair,
    solana_program::{clock::Clock, instruction::Instruction},
    solana_program_runtime::invoke_context::InvokeContext,
    solana_program_test::{ProgramTest, ProgramTestContext},
    solana_signer::Signer,
    solana_transaction::{Message, Transaction, sanitized::SanitizedTransaction},
    std::{
        cell::RefCell,
        path::PathBuf,
        sync::{Arc, OnceLock},
    },
};

/// What program-test turns on and mainnet lacks (as of October 2026). A program that relies on one of these passes
/// tests and fails where it matters.
pub fn absent_from_mainnet() -> [Address; 16] {
    [
        feature::account_data_direct_mapping::id(),
        feature::alpenglow::id(),
        feature::blake3_syscall_enabled::id(),
        feature::direct_account_pointers_in_program_input::id(),
        feature::disable_sbpf_v0_execution::id(),
        feature::disable_sbpf_v0_v1_v2_deployment::id(),
        feature::enable_big_mod_exp_syscall::id(),
        feature::enable_loader_v4::id(),
        feature::enable_sha512_syscall::id(),
        feature::increase_tx_account_lock_limit::id(),
        feature::raise_cpi_nesting_limit_to_8::id(),
        feature::remaining_compute_units_syscall_enabled::id(),
        feature::set_lamports_per_byte_to_1322::id(),
        feature::set_lamports_per_byte_to_2575::id(),
        feature::set_lamports_per_byte_to_696::id(),
        feature::virtual_address_space_adjustments::id(),
    ]
}

/// The programs under test and those they call, by the name of their ELF.
pub fn programs() -> [(&'static str, Address); 7] {
    [
        ("joule_bme", joule_bme_interface::ID),
        ("joule_stake", joule_stake_interface::ID),
        ("joule_escrow", joule_escrow_interface::ID),
        ("joule_identity", joule_identity_interface::ID),
        ("mpl_bubblegum", mpl_bubblegum::ID),
        ("spl_account_compression", key("cmtDvXumGCrqC1Age74AVPhSRVXJMd8PJS91L8KbNCK")),
        ("spl_noop", key("noopb9bkMVfRPU8AsbpTUg8AQkHtKwMYZiFUjNRtMmV")),
    ]
}

/// Programs that some tests call besides.
pub fn test_programs() -> [(&'static str, Address); 6] {
    let second = [("mpl_account_compression", COMPRESSION_PROGRAM_2), ("mpl_noop", LOG_WRAPPER_2)];
    let [compression, log_wrapper] = second;
    [VERIFIER, LIAR, GROTH16, BUBBLEGUM_2, compression, log_wrapper]
}

fn elf_path(name: &str) -> PathBuf {
    // Cargo sets it; a fuzzer runs without cargo.
    let given = std::env::var_os("SBF_OUT_DIR").map(PathBuf::from);
    let folder = given.unwrap_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/deploy")));
    folder.join(name).with_extension("so")
}

/// Whether there is an ELF of this name.
pub(crate) fn elf_is_built(name: &str) -> bool {
    elf_path(name).exists()
}

/// Where the programs' ELFs are.
pub fn elf(name: &str) -> PathBuf {
    let path = elf_path(name);
    assert!(path.exists(), "{name}.so is not built: run scripts/build");
    path
}

/// What a transaction that went through leaves behind.
pub(crate) struct Outcome {
    pub logs: Vec<String>,
    pub return_data: Vec<u8>,
}

pub(crate) enum Engine {
    Bank(Box<Bank>),
    Lite(Box<Lite>),
}

pub(crate) struct Bank {
    runtime: tokio::runtime::Runtime,
    context: ProgramTestContext,
}

pub(crate) struct Lite {
    svm: RefCell<LiteSVM>,
    payer: Keypair,
}

/// Pays fees of transactions that nobody verifies.
const FEES: Address = Address::new_from_array(*b"pays for what nobody has verifie");

static WATCH: OnceLock<Arc<dyn InvocationInspectCallback>> = OnceLock::new();

/// Shows every transaction on LiteSVM to `watch`, with the trace of its registers: before the first chain is made.
pub fn watch(watch: impl InvocationInspectCallback + 'static) {
    assert!(WATCH.set(Arc::new(watch)).is_ok(), "only one can watch");
}

thread_local! {
    /// Verifying and translating the ELFs takes longer than most of what is done with them.
    static LOADED: RefCell<LiteSVM> = RefCell::new(loaded());
}

/// What chains on LiteSVM that this thread makes from now on have for one of the programs: another ELF.
pub fn replace(name: &str, elf: &[u8]) -> Result<(), String> {
    let (_, id) = programs().into_iter().find(|(program, _)| *program == name).expect("a program under test");
    LOADED.with_borrow_mut(|svm| svm.add_program(id, elf)).map_err(|error| format!("{error:?}"))
}

fn loaded() -> LiteSVM {
    let watch = WATCH.get();
    let mut svm = LiteSVM::new_debuggable(watch.is_some()).with_sigverify(false).with_blockhash_check(false);
    svm = svm.with_transaction_history(0).with_log_bytes_limit(Some(100_000));
    if let Some(watch) = watch {
        svm.set_invocation_inspect_callback(Watching(watch.clone()));
    }
    for (name, id) in programs().into_iter().chain(test_programs()) {
        svm.add_program_from_file(id, elf(name)).expect("the ELF is valid");
    }
    svm
}

struct Watching(Arc<dyn InvocationInspectCallback>);

impl InvocationInspectCallback for Watching {
    fn before_invocation(
        &self,
        svm: &LiteSVM,
        transaction: &SanitizedTransaction,
        programs: &[u16],
        context: &mut InvokeContext,
        traced: bool,
    ) {
        self.0.before_invocation(svm, transaction, programs, context, traced);
    }

    fn after_invocation(
        &self,
        svm: &LiteSVM,
        transaction: &SanitizedTransaction,
        programs: &[u16],
        context: &InvokeContext,
        traced: bool,
    ) {
        self.0.after_invocation(svm, transaction, programs, context, traced);
    }
}

impl Engine {
    pub fn bank(more: &[(&'static str, Address)]) -> Self {
        let mut test = ProgramTest::default();
        test.prefer_bpf(true);
        for (name, id) in programs().iter().chain(more).copied() {
            elf(name);
            // As deployed: a small account that points to the code. Calls are charged for the bytes of the former.
            test.add_upgradeable_program_to_genesis(name, &id);
        }
        for id in absent_from_mainnet() {
            test.deactivate_feature(id);
        }
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let context = runtime.block_on(test.start_with_context());
        Self::Bank(Box::new(Bank { runtime, context }))
    }

    pub fn lite(more: &[(&'static str, Address)]) -> Self {
        let payer = Keypair::new_from_array([0xFE; 32]);
        let mut svm = LOADED.with_borrow(LiteSVM::clone);
        for (name, id) in more {
            svm.add_program_from_file(*id, elf(name)).expect("the ELF is valid");
        }
        let rich = Account { lamports: 1_000_000_000_000_000, ..Account::default() };
        for key in [payer.pubkey(), FEES] {
            svm.set_account(key, rich.clone()).expect("an account without data");
        }
        Self::Lite(Box::new(Lite { svm: RefCell::new(svm), payer }))
    }

    pub fn payer(&self) -> &Keypair {
        match self {
            Self::Bank(bank) => &bank.context.payer,
            Self::Lite(lite) => &lite.payer,
        }
    }

    /// Sends a transaction that `signers` sign, the payer first.
    pub fn send(&self, instructions: &[Instruction], signers: &[&Keypair]) -> Result<Outcome, Failure> {
        let payer = self.payer().pubkey();
        match self {
            Self::Bank(bank) => {
                let Bank { runtime, context } = &**bank;
                let client = &context.banks_client;
                let blockhash = runtime.block_on(client.get_latest_blockhash()).expect("the bank answers");
                let transaction = Transaction::new_signed_with_payer(instructions, Some(&payer), signers, blockhash);
                let sent = client.process_transaction_with_metadata(transaction);
                let outcome = runtime.block_on(sent).expect("the bank answers");
                let metadata = outcome.metadata;
                match outcome.result {
                    Ok(()) => {
                        let metadata = metadata.expect("a processed transaction has metadata");
                        let return_data = metadata.return_data.map(|data| data.data).unwrap_or_default();
                        Ok(Outcome { logs: metadata.log_messages, return_data })
                    }
                    Err(error) => Err(Failure { error, logs: metadata.map(|m| m.log_messages).unwrap_or_default() }),
                }
            }
            Self::Lite(lite) => {
                let message = Message::new(instructions, Some(&payer));
                let required = &message.account_keys[..message.header.num_required_signatures as usize];
                for key in required {
                    assert!(signers.iter().any(|signer| signer.pubkey() == *key), "{key} does not sign");
                }
                lite.send(message)
            }
        }
    }

    /// Lands a transaction as it is, only where nobody verifies signatures.
    pub fn land(&self, transaction: Transaction) -> Result<(), Failure> {
        let Self::Lite(lite) = self else { panic!("the bank verifies signatures") };
        let landed = lite.svm.borrow_mut().send_transaction(transaction);
        landed.map(drop).map_err(|failed| Failure { error: failed.err, logs: failed.meta.logs })
    }

    /// What a transaction would do, likewise: compute units, and what its payer would have left.
    pub fn simulate(&self, transaction: Transaction) -> Result<(u64, Option<u64>), Failure> {
        let Self::Lite(lite) = self else { panic!("the bank verifies signatures") };
        let payer = transaction.message.account_keys[0];
        match lite.svm.borrow().simulate_transaction(transaction) {
            Ok(done) => {
                let left = done.post_accounts.iter().find(|(address, _)| *address == payer);
                let left = left.map(|(_, account)| Account::from(account.clone()).lamports);
                Ok((done.meta.compute_units_consumed, left))
            }
            Err(failed) => Err(Failure { error: failed.err, logs: failed.meta.logs }),
        }
    }

    /// Puts another build of a program in its place, only where a program is no more than its ELF.
    pub fn upgrade(&self, program: Address, name: &str) {
        let Self::Lite(lite) = self else { panic!("on the bank a program is upgraded by its authority") };
        lite.svm.borrow_mut().add_program_from_file(program, elf(name)).expect("the ELF is valid");
    }

    /// Accounts as these instructions would leave them; nothing comes of it. Nothing is known of it on the bank.
    pub fn after(&self, instructions: &[Instruction]) -> Option<Vec<(Address, Account)>> {
        let Self::Lite(lite) = self else { return None };
        let message = Message::new(instructions, Some(&lite.payer.pubkey()));
        let signatures = vec![Default::default(); message.header.num_required_signatures as usize];
        let done = lite.svm.borrow().simulate_transaction(Transaction { signatures, message }).ok()?;
        Some(done.post_accounts.into_iter().map(|(key, account)| (key, account.into())).collect())
    }

    /// Programs that a transaction calls from within, with accounts and data; nothing comes of it.
    pub fn inner_calls(
        &self,
        instructions: &[Instruction],
        signers: &[&Keypair],
    ) -> Vec<(Address, Vec<Address>, Vec<u8>)> {
        let payer = self.payer().pubkey();
        let (keys, inner) = match self {
            Self::Bank(bank) => {
                let Bank { runtime, context } = &**bank;
                let client = &context.banks_client;
                let blockhash = runtime.block_on(client.get_latest_blockhash()).expect("the bank answers");
                let transaction = Transaction::new_signed_with_payer(instructions, Some(&payer), signers, blockhash);
                let keys = transaction.message.account_keys.clone();
                let outcome = runtime.block_on(client.simulate_transaction(transaction)).expect("the bank answers");
                (keys, outcome.simulation_details.and_then(|details| details.inner_instructions).unwrap_or_default())
            }
            Self::Lite(lite) => {
                let message = Message::new(instructions, Some(&payer));
                let keys = message.account_keys.clone();
                let signatures = vec![Default::default(); message.header.num_required_signatures as usize];
                let inner = match lite.svm.borrow().simulate_transaction(Transaction { signatures, message }) {
                    Ok(done) => done.meta.inner_instructions,
                    Err(failed) => failed.meta.inner_instructions,
                };
                (keys, inner)
            }
        };
        let calls = inner.into_iter().flatten().map(|call| call.instruction);
        calls
            .map(|call| {
                let accounts = call.accounts.iter().map(|&index| keys[index as usize]).collect();
                (keys[call.program_id_index as usize], accounts, call.data)
            })
            .collect()
    }

    /// The same, and whoever has to sign does, only where nobody verifies signatures. The fee is paid by one who has no
    /// other part in it, or the payer would sign whatever an instruction says.
    pub fn send_signed_by_all(&self, instructions: &[Instruction]) -> Result<Outcome, Failure> {
        let Self::Lite(lite) = self else { panic!("the bank verifies signatures") };
        lite.send(Message::new(instructions, Some(&FEES)))
    }

    pub fn account(&self, address: Address) -> Option<Account> {
        match self {
            Self::Bank(bank) => {
                bank.runtime.block_on(bank.context.banks_client.get_account(address)).expect("the bank answers")
            }
            Self::Lite(lite) => lite.svm.borrow().get_account(&address).filter(|account| account.lamports > 0),
        }
    }

    pub fn set_account(&mut self, address: Address, account: Account) {
        match self {
            Self::Bank(bank) => bank.context.set_account(&address, &AccountSharedData::from(account)),
            Self::Lite(lite) => lite.svm.get_mut().set_account(address, account).expect("an account may be set"),
        }
    }

    pub fn clock(&self) -> Clock {
        match self {
            Self::Bank(bank) => {
                bank.runtime.block_on(bank.context.banks_client.get_sysvar()).expect("the clock is there")
            }
            Self::Lite(lite) => lite.svm.borrow().get_sysvar(),
        }
    }

    pub fn set_clock(&self, clock: &Clock) {
        match self {
            Self::Bank(bank) => bank.context.set_sysvar(clock),
            Self::Lite(lite) => lite.svm.borrow_mut().set_sysvar(clock),
        }
    }

    pub fn rent(&self, size: usize) -> u64 {
        match self {
            Self::Bank(bank) => {
                let rent = bank.runtime.block_on(bank.context.banks_client.get_rent()).expect("rent is there");
                rent.minimum_balance(size)
            }
            Self::Lite(lite) => lite.svm.borrow().minimum_balance_for_rent_exemption(size),
        }
    }
}

impl Lite {
    fn send(&self, message: Message) -> Result<Outcome, Failure> {
        let signatures = vec![Default::default(); message.header.num_required_signatures as usize];
        match self.svm.borrow_mut().send_transaction(Transaction { signatures, message }) {
            Ok(done) => Ok(Outcome { logs: done.logs, return_data: done.return_data.data }),
            Err(failed) => Err(Failure { error: failed.err, logs: failed.meta.logs }),
        }
    }
}
