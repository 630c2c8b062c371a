//! A chain in a test.

use {
    crate::{bench, logs::Receipt, trace::Replay},
    agave_feature_set as feature,
    joule_interface::{Address, ProgramError},
    joule_math::Timestamp,
    solana_account::{Account, AccountSharedData},
    solana_keypair::Keypair,
    solana_program::{
        clock::Clock,
        instruction::{AccountMeta, Instruction, InstructionError},
        program_pack::Pack,
    },
    solana_program_test::{ProgramTest, ProgramTestContext},
    solana_signer::Signer,
    solana_system_interface::instruction::create_account_with_seed,
    solana_transaction::Transaction,
    solana_transaction_error::TransactionError,
    spl_token_interface::state::{Account as TokenAccount, Mint},
    std::{cell::Cell, path::PathBuf},
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
pub(crate) fn programs() -> [(&'static str, Address); 7] {
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

/// An address from its usual text.
pub const fn key(text: &str) -> Address {
    Address::from_str_const(text)
}

/// `whole` tokens in base units of a mint with `decimals`.
pub const fn units(whole: u64, decimals: u8) -> u64 {
    whole * 10u64.pow(decimals as u32)
}

/// Why a transaction failed.
#[derive(Debug)]
pub struct Failure {
    /// The runtime's error.
    pub error: TransactionError,
    /// What the programs logged.
    pub logs: Vec<String>,
}

impl Failure {
    /// The custom error of the program that failed, if it is one.
    pub fn code(&self) -> Option<u32> {
        match self.error {
            TransactionError::InstructionError(_, InstructionError::Custom(code)) => Some(code),
            _ => None,
        }
    }
}

/// A chain of its own, with a payer who never runs out.
pub struct World {
    runtime: tokio::runtime::Runtime,
    context: ProgramTestContext,
    sent: Cell<u32>,
    keys: Cell<u64>,
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl World {
    /// A chain with all programs in place.
    pub fn new() -> Self {
        Self::with(&[])
    }

    /// The same, and these programs, by the name of their ELF.
    pub fn with(more: &[(&'static str, Address)]) -> Self {
        let elves = PathBuf::from(std::env::var_os("SBF_OUT_DIR").expect("cargo sets SBF_OUT_DIR"));
        let mut test = ProgramTest::default();
        test.prefer_bpf(true);
        for (name, id) in programs().iter().chain(more).copied() {
            assert!(elves.join(name).with_extension("so").exists(), "{name}.so is not built: run scripts/build");
            // As deployed: a small account that points to the code. Calls are charged for the bytes of the former.
            test.add_upgradeable_program_to_genesis(name, &id);
        }
        for id in absent_from_mainnet() {
            test.deactivate_feature(id);
        }
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let context = runtime.block_on(test.start_with_context());
        let world = Self { runtime, context, sent: Cell::new(0), keys: Cell::new(1) };
        world.set_time(Timestamp(1_790_000_000));
        world
    }

    /// Pays for everything that nobody else pays for.
    pub fn payer(&self) -> &Keypair {
        &self.context.payer
    }

    /// A new key: the same in every run, and with it every derived address and its cost.
    pub fn key(&self) -> Keypair {
        let number = self.keys.replace(self.keys.get() + 1);
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&number.to_le_bytes());
        Keypair::new_from_array(seed)
    }

    /// A new key with lamports to spend.
    pub fn user(&mut self) -> Keypair {
        let user = self.key();
        self.set_account(user.pubkey(), Account { lamports: 1_000_000_000_000, ..Account::default() });
        user
    }

    fn transaction(&self, instructions: &[Instruction], signers: &[&Keypair]) -> Transaction {
        // Alike transactions must differ, or the second is refused as a duplicate. No instruction comes near the limit.
        let sent = self.sent.replace(self.sent.get() + 1);
        let mut all = vec![compute_unit_limit(1_400_000 - sent)];
        all.extend_from_slice(instructions);
        let payer = &self.context.payer;
        let signers: Vec<&Keypair> = [payer].into_iter().chain(signers.iter().copied()).collect();
        let blockhash =
            self.runtime.block_on(self.context.banks_client.get_latest_blockhash()).expect("the bank answers");
        Transaction::new_signed_with_payer(&all, Some(&payer.pubkey()), &signers, blockhash)
    }

    /// What an instruction calls, without its effect: programs, accounts and data, whether it succeeds or not.
    pub fn inner_calls(
        &self,
        instruction: &Instruction,
        signers: &[&Keypair],
    ) -> Vec<(Address, Vec<Address>, Vec<u8>)> {
        let transaction = self.transaction(std::slice::from_ref(instruction), signers);
        let keys = transaction.message.account_keys.clone();
        let outcome = self
            .runtime
            .block_on(self.context.banks_client.simulate_transaction(transaction))
            .expect("the bank answers");
        let inner = outcome.simulation_details.and_then(|details| details.inner_instructions).unwrap_or_default();
        let calls = inner.into_iter().flatten().map(|call| call.instruction);
        calls
            .map(|call| {
                let accounts = call.accounts.iter().map(|&index| keys[index as usize]).collect();
                (keys[call.program_id_index as usize], accounts, call.data)
            })
            .collect()
    }

    /// Sends one transaction; the payer signs as well as `signers`.
    pub fn send(&self, instructions: &[Instruction], signers: &[&Keypair]) -> Result<Receipt, Failure> {
        let transaction = self.transaction(instructions, signers);
        let replay = bench::measuring().then(|| Replay::new(self, instructions));
        let metas = instructions.iter().flat_map(|instruction| &instruction.accounts);
        let mut writable: Vec<_> = metas.filter(|meta| meta.is_writable).map(|meta| meta.pubkey).collect();
        writable.sort();
        writable.dedup();
        let outcome = self
            .runtime
            .block_on(self.context.banks_client.process_transaction_with_metadata(transaction))
            .expect("the bank answers");
        let metadata = outcome.metadata;
        match outcome.result {
            Ok(()) => {
                let metadata = metadata.expect("a processed transaction has metadata");
                let return_data = metadata.return_data.map(|data| data.data).unwrap_or_default();
                let trace = replay.map(|replay| replay.run(self));
                Ok(Receipt { trace, ..Receipt::new(metadata.log_messages, return_data, writable) })
            }
            Err(error) => Err(Failure { error, logs: metadata.map(|m| m.log_messages).unwrap_or_default() }),
        }
    }

    /// Sends what must succeed.
    #[track_caller]
    pub fn ok(&self, instructions: &[Instruction], signers: &[&Keypair]) -> Receipt {
        match self.send(instructions, signers) {
            Ok(receipt) => receipt,
            Err(failure) => panic!("{:?}\n{}", failure.error, failure.logs.join("\n")),
        }
    }

    /// Sends what must fail, with exactly this error of a program.
    #[track_caller]
    pub fn fails<E>(&self, instruction: Instruction, signers: &[&Keypair], error: E)
    where
        E: Into<ProgramError> + std::fmt::Debug,
    {
        let name = format!("{error:?}");
        let ProgramError::Custom(code) = error.into() else { panic!("{name} is no error of a program") };
        match self.send(&[instruction], signers) {
            Ok(_) => panic!("succeeded, but must fail with {name}"),
            Err(failure) => assert_eq!(
                failure.code(),
                Some(code),
                "must fail with {name}, but: {:?}\n{}",
                failure.error,
                failure.logs.join("\n")
            ),
        }
    }

    /// An account, if it is there.
    pub fn account(&self, address: Address) -> Option<Account> {
        self.runtime.block_on(self.context.banks_client.get_account(address)).expect("the bank answers")
    }

    /// Lamports at an address.
    pub fn lamports(&self, address: Address) -> u64 {
        self.account(address).map_or(0, |account| account.lamports)
    }

    /// One of Joule's accounts.
    #[track_caller]
    pub fn read<T: joule_interface::Account>(&self, address: Address) -> T {
        let account = self.account(address).expect("the account is there");
        *T::read(&account.owner, &account.data).expect("the account is of the kind asked for")
    }

    /// Balance of a token account of either token program.
    #[track_caller]
    pub fn tokens(&self, address: Address) -> u64 {
        let account = self.account(address).expect("the token account is there");
        TokenAccount::unpack_from_slice(&account.data[..TokenAccount::LEN]).expect("a token account").amount
    }

    /// Supply of a mint of either token program.
    #[track_caller]
    pub fn supply(&self, mint: Address) -> u64 {
        let account = self.account(mint).expect("the mint is there");
        Mint::unpack_from_slice(&account.data[..Mint::LEN]).expect("a mint").supply
    }

    /// Puts an account at an address, whatever was there.
    pub fn set_account(&mut self, address: Address, account: Account) {
        self.context.set_account(&address, &AccountSharedData::from(account));
    }

    /// Puts one of Joule's accounts at an address, as its program would own it.
    pub fn forge<T: joule_interface::Account>(&mut self, address: Address, state: &T) {
        let data = bytemuck::bytes_of(state).to_vec();
        self.set_account(address, Account { lamports: 1_000_000_000, data, owner: T::PROGRAM, ..Account::default() });
    }

    /// Now, as programs see it.
    pub fn now(&self) -> Timestamp {
        Timestamp(self.clock().unix_timestamp)
    }

    /// Lets time pass.
    pub fn pass(&self, seconds: u64) {
        self.set_time(Timestamp(self.now().0 + seconds as i64));
    }

    /// Sets the time.
    pub fn set_time(&self, now: Timestamp) {
        self.context.set_sysvar(&Clock { unix_timestamp: now.0, ..self.clock() });
    }

    pub(crate) fn clock(&self) -> Clock {
        self.runtime.block_on(self.context.banks_client.get_sysvar()).expect("the clock is there")
    }

    /// An address of the payer's, by a number, and what makes an account of `size` zero bytes there for `owner`: an instruction
    /// of the System program, before the one that writes it.
    pub fn make_instruction(&self, number: u64, size: usize, owner: Address) -> (Address, Instruction) {
        let (payer, seed) = (self.payer().pubkey(), number.to_string());
        let address = Address::create_with_seed(&payer, &seed, &owner).expect("a short seed");
        let lamports = self.rent(size);
        let make = create_account_with_seed(&payer, &address, &payer, &seed, lamports, size as u64, &owner);
        (address, make)
    }

    /// Lamports that make an account of `size` bytes rent-exempt.
    pub fn rent(&self, size: usize) -> u64 {
        self.runtime.block_on(self.context.banks_client.get_rent()).expect("rent is there").minimum_balance(size)
    }
}

/// An instruction with account `index` replaced by `address`.
pub fn swap(mut instruction: Instruction, index: usize, address: Address) -> Instruction {
    instruction.accounts[index].pubkey = address;
    instruction
}

/// An instruction whose account `index` need not sign.
pub fn unsigned(mut instruction: Instruction, index: usize) -> Instruction {
    instruction.accounts[index].is_signer = false;
    instruction
}

/// An instruction whose account `index` is read-only.
pub fn read_only(mut instruction: Instruction, index: usize) -> Instruction {
    instruction.accounts[index].is_writable = false;
    instruction
}

fn compute_unit_limit(units: u32) -> Instruction {
    const SET_COMPUTE_UNIT_LIMIT: u8 = 2;
    let mut data = vec![SET_COMPUTE_UNIT_LIMIT];
    data.extend_from_slice(&units.to_le_bytes());
    Instruction {
        program_id: key("ComputeBudget111111111111111111111111111111"),
        accounts: Vec::<AccountMeta>::new(),
        data,
    }
}
