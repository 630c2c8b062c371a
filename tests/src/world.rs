//! A chain in a test.

use {
    crate::{
        authorization::Transition,
        bench,
        books::Accounts,
        engine::{Engine, elf_is_built, programs},
        example,
        logs::Receipt,
        trace::Replay,
        verdict,
    },
    joule_interface::{Address, ProgramError},
    joule_math::Timestamp,
    solana_account::Account,
    solana_keypair::Keypair,
    solana_program::{
        clock::Clock,
        instruction::{AccountMeta, Instruction, InstructionError},
        program_pack::Pack,
    },
    solana_signer::Signer,
    solana_system_interface::instruction::create_account_with_seed,
    solana_transaction::Transaction,
    solana_transaction_error::TransactionError,
    spl_token_interface::state::{Account as TokenAccount, Mint},
    std::{
        cell::{Cell, RefCell},
        collections::BTreeSet,
    },
};

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
    engine: Engine,
    sent: Cell<u32>,
    keys: Cell<u64>,
    addresses: Cell<u64>,
    touched: RefCell<BTreeSet<Address>>,
    /// A program may be another build: its calls are no examples.
    upgraded: Cell<bool>,
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl World {
    /// A chain with all programs in place, on the bank that validators run; on LiteSVM if `JOULE_ENGINE` is `lite`.
    pub fn new() -> Self {
        Self::with(&[])
    }

    /// The same, and these programs, by the name of their ELF.
    pub fn with(more: &[(&'static str, Address)]) -> Self {
        match std::env::var("JOULE_ENGINE") {
            Ok(engine) if engine == "lite" => Self::on(Engine::lite(more)),
            _ => Self::on(Engine::bank(more)),
        }
    }

    /// The same on LiteSVM, where signatures are counted but not verified.
    pub fn lite() -> Self {
        Self::lite_with(&[])
    }

    /// The same, and these programs.
    pub fn lite_with(more: &[(&'static str, Address)]) -> Self {
        Self::on(Engine::lite(more))
    }

    fn on(engine: Engine) -> Self {
        let (sent, touched, upgraded) = (Cell::new(0), RefCell::default(), Cell::new(false));
        let world = Self { engine, sent, keys: Cell::new(1), addresses: Cell::new(1), touched, upgraded };
        world.set_time(Timestamp(1_790_000_000));
        world
    }

    /// Pays for everything that nobody else pays for.
    pub fn payer(&self) -> &Keypair {
        self.engine.payer()
    }

    /// A new key: the same in every run, and with it every derived address and its cost.
    pub fn key(&self) -> Keypair {
        let number = self.keys.replace(self.keys.get() + 1);
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&number.to_le_bytes());
        Keypair::new_from_array(seed)
    }

    /// A new address of nobody: the same in every run.
    pub fn address(&self) -> Address {
        let number = self.addresses.replace(self.addresses.get() + 1);
        let mut bytes = [0xAD; 32];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        Address::new_from_array(bytes)
    }

    /// A new key with lamports to spend.
    pub fn user(&mut self) -> Keypair {
        let user = self.key();
        self.set_account(user.pubkey(), Account { lamports: 1_000_000_000_000, ..Account::default() });
        user
    }

    /// Sends one transaction; the payer signs as well as `signers`.
    pub fn send(&self, instructions: &[Instruction], signers: &[&Keypair]) -> Result<Receipt, Failure> {
        let after = |before: &[Instruction]| self.engine.after(before);
        let before = if self.upgraded.get() { vec![] } else { example::before(self, instructions, after) };
        let judged = if self.upgraded.get() { vec![] } else { self.judged(instructions) };
        let sent = self.budgeted(instructions);
        let replay = bench::measuring().then(|| Replay::new(self, instructions, &sent));
        let signers: Vec<&Keypair> = [self.payer()].into_iter().chain(signers.iter().copied()).collect();
        let outcome = self.engine.send(&sent, &signers);
        let logs = outcome.as_ref().map_or_else(|failure| &failure.logs, |outcome| &outcome.logs);
        example::noticed(self, None, logs);
        let outcome = outcome.inspect_err(|failure| {
            if !self.upgraded.get() {
                example::refused(self, instructions, failure.code());
            }
        })?;
        before.into_iter().for_each(|pending| example::succeeded(self, pending));
        let trace = replay.map(|replay| replay.run(self));
        self.touched.borrow_mut().extend(writable(instructions));
        let receipt = Receipt { trace, ..Receipt::new(outcome.logs, outcome.return_data, writable(instructions)) };
        if !judged.is_empty() {
            self.judge(instructions, judged, &receipt);
        }
        Ok(receipt)
    }

    /// With `JOULE_JUDGE` set, on LiteSVM: what each instruction of a transaction is about to read, to judge what it does.
    fn judged(&self, instructions: &[Instruction]) -> Vec<Accounts> {
        if !self.is_lite() || std::env::var_os("JOULE_JUDGE").is_none() {
            return vec![];
        }
        let keys: BTreeSet<Address> =
            instructions.iter().flat_map(|one| &one.accounts).map(|meta| meta.pubkey).collect();
        let now: Accounts = keys.iter().filter_map(|key| Some((*key, self.account(*key)?))).collect();
        let mut all = vec![now.clone()];
        for place in 1..instructions.len() {
            // What fails as a whole is not judged.
            let Some(left) = self.engine.after(&instructions[..place]) else { return vec![] };
            let mut then = now.clone();
            for (key, account) in left {
                match account.lamports {
                    0 => drop(then.remove(&key)),
                    _ => drop(then.insert(key, account)),
                }
            }
            all.push(then);
        }
        all
    }

    /// Each instruction did what it may, and no more.
    fn judge(&self, instructions: &[Instruction], mut before: Vec<Accounts>, receipt: &Receipt) {
        let now: Accounts = before[0]
            .keys()
            .chain(before.iter().flat_map(|then| then.keys()))
            .copied()
            .collect::<BTreeSet<_>>()
            .into_iter()
            .chain(instructions.iter().flat_map(|one| one.accounts.iter().map(|meta| meta.pubkey)))
            .filter_map(|key| Some((key, self.account(key)?)))
            .collect();
        before.push(now);
        let signers = instructions.iter().flat_map(|one| &one.accounts).filter(|meta| meta.is_signer);
        let signers: Vec<Address> = signers.map(|meta| meta.pubkey).chain([self.payer().pubkey()]).collect();
        let mut calls = receipt.calls.chunk_by(|_, next| next.depth > 1);
        for (place, instruction) in instructions.iter().enumerate() {
            if example::named(instruction).is_none() {
                continue;
            }
            let own = calls.by_ref().find(|calls| calls[0].program == instruction.program_id).unwrap_or_default();
            let given = |accounts: &Accounts| -> Accounts {
                let keys = instruction.accounts.iter().map(|meta| meta.pubkey);
                let present = keys.filter_map(|key| Some((key, accounts.get(&key)?.clone())));
                present.filter(|(_, account)| !account.executable).collect()
            };
            let (was, is) = (given(&before[place]), given(&before[place + 1]));
            let transition =
                Transition { before: &was, after: &is, others: &before[0], signers: &signers, now: self.now() };
            if let Err(broken) = verdict::done(instruction, own, &transition) {
                panic!("{broken}\n{instruction:?}");
            }
        }
    }

    /// The same, and whoever has to sign does. Only on LiteSVM.
    pub fn send_signed_by_all(&self, instructions: &[Instruction]) -> Result<Receipt, Failure> {
        let outcome = self.engine.send_signed_by_all(&self.budgeted(instructions))?;
        Ok(Receipt::new(outcome.logs, outcome.return_data, writable(instructions)))
    }

    /// Lands a transaction as it is, with its own payer and budget. Only on LiteSVM.
    pub fn land(&self, transaction: &Transaction) -> Result<(), Failure> {
        self.engine.land(transaction.clone())?;
        self.touched.borrow_mut().extend(&transaction.message.account_keys);
        Ok(())
    }

    /// What a transaction would do: compute units, and what its payer would have left. Only on LiteSVM.
    pub fn simulate(&self, transaction: &Transaction) -> Result<(u64, Option<u64>), Failure> {
        self.engine.simulate(transaction.clone())
    }

    /// What an instruction calls, without its effect: programs, accounts and data, whether it succeeds or not.
    pub fn inner_calls(
        &self,
        instruction: &Instruction,
        signers: &[&Keypair],
    ) -> Vec<(Address, Vec<Address>, Vec<u8>)> {
        let signers: Vec<&Keypair> = [self.payer()].into_iter().chain(signers.iter().copied()).collect();
        self.engine.inner_calls(&self.budgeted(std::slice::from_ref(instruction)), &signers)
    }

    /// Alike transactions must differ, or the second is refused as a duplicate. No instruction comes near the limit.
    fn budgeted(&self, instructions: &[Instruction]) -> Vec<Instruction> {
        let sent = self.sent.replace(self.sent.get() + 1);
        [compute_unit_limit(1_400_000 - sent % 400_000)].into_iter().chain(instructions.iter().cloned()).collect()
    }

    /// Sends what must succeed.
    #[track_caller]
    pub fn ok(&self, instructions: &[Instruction], signers: &[&Keypair]) -> Receipt {
        match self.send(instructions, signers) {
            Ok(receipt) => receipt,
            Err(failure) => panic!("{:?}\n{}", failure.error, failure.logs.join("\n")),
        }
    }

    /// Sends what must close an account, and give all of its lamports to `receiver`.
    #[track_caller]
    pub fn closes(&self, close: Instruction, signers: &[&Keypair], closed: Address, receiver: Address) -> Receipt {
        let (rent, before) = (self.lamports(closed), self.lamports(receiver));
        let receipt = self.ok(&[close], signers);
        assert_eq!(self.account(closed), None, "the account is closed");
        assert_eq!(self.lamports(receiver), before + rent, "its rent went to somebody else");
        receipt
    }

    /// Sends what must fail, with exactly this error of a program.
    #[track_caller]
    pub fn fails<E>(&self, instruction: Instruction, signers: &[&Keypair], error: E)
    where
        E: Into<ProgramError> + std::fmt::Debug,
    {
        let name = format!("{error:?}");
        let ProgramError::Custom(code) = error.into() else { panic!("{name} is no error of a program") };
        match self.send(std::slice::from_ref(&instruction), signers) {
            Ok(_) => panic!("succeeded, but must fail with {name}"),
            Err(failure) => {
                assert_eq!(
                    failure.code(),
                    Some(code),
                    "must fail with {name}, but: {:?}\n{}",
                    failure.error,
                    failure.logs.join("\n")
                );
                example::noticed(self, Some((&instruction, code)), &failure.logs);
            }
        }
    }

    /// Sends what must fail because a parameter is out of its range. Returns its name, which the log has.
    #[track_caller]
    pub fn out_of_range(&self, instruction: Instruction, signers: &[&Keypair]) -> String {
        let Err(failure) = self.send(std::slice::from_ref(&instruction), signers) else {
            panic!("succeeded, but a parameter is out of range")
        };
        // Of each program's range, fault 18 is `InvalidParameter`.
        let code = failure.code().expect("an error of a program");
        assert_eq!(code % 1_000, 18, "{}", failure.logs.join("\n"));
        example::noticed(self, Some((&instruction, code)), &failure.logs);
        let field = failure.logs.iter().find_map(|line| line.strip_prefix("Program log: out of range: "));
        field.unwrap_or_else(|| panic!("the log names no field:\n{}", failure.logs.join("\n"))).to_owned()
    }

    /// An account, if it is there.
    pub fn account(&self, address: Address) -> Option<Account> {
        self.engine.account(address)
    }

    /// Lamports at an address.
    pub fn lamports(&self, address: Address) -> u64 {
        self.account(address).map_or(0, |account| account.lamports)
    }

    /// One of Joule's accounts.
    #[track_caller]
    pub fn read<T: joule_interface::Account>(&self, address: Address) -> T {
        assert!(self.account(address).is_some(), "the account is there");
        self.find(address).expect("the account is of the kind asked for")
    }

    /// One of Joule's accounts, if it is there. After an upgrade that of the second layout as well, which only fills what the
    /// first reserves.
    pub fn find<T: joule_interface::Account>(&self, address: Address) -> Option<T> {
        let mut account = self.account(address)?;
        if let Some(version @ 2) = account.data.get_mut(1)
            && self.upgraded.get()
        {
            *version = 1;
        }
        T::read(&account.owner, &account.data).copied()
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

    /// Every account that may have been written since the chain began, but for what was only tried.
    pub fn touched(&self) -> Vec<Address> {
        self.touched.borrow().iter().copied().collect()
    }

    /// Whether nobody verifies signatures.
    pub fn is_lite(&self) -> bool {
        matches!(self.engine, Engine::Lite(_))
    }

    /// Puts an account at an address, whatever was there.
    pub fn set_account(&mut self, address: Address, account: Account) {
        self.touched.get_mut().insert(address);
        self.engine.set_account(address, account);
    }

    /// Puts one of Joule's accounts at an address, as its program would own it.
    pub fn forge<T: joule_interface::Account>(&mut self, address: Address, state: &T) {
        let data = bytemuck::bytes_of(state).to_vec();
        self.set_account(address, Account { lamports: 1_000_000_000, data, owner: T::PROGRAM, ..Account::default() });
    }

    /// Whether [`World::upgrade`] works for these: on LiteSVM, if the builds are there. Says if it does not.
    pub fn can_upgrade(&self, names: &[&str]) -> bool {
        let is_built = names.iter().all(|name| elf_is_built(&format!("../second-layout/deploy/{name}")));
        if !is_built {
            eprintln!("skipped: scripts/build --second-layout makes what this needs");
        }
        is_built && self.is_lite()
    }

    /// Upgrades a program, by the name of its ELF, to its build with a second layout of one account (`tests/second-layout`). Only
    /// on LiteSVM.
    pub fn upgrade(&self, name: &str) {
        self.upgraded.set(true);
        self.engine.upgrade(program_id(name), &format!("../second-layout/deploy/{name}"));
    }

    /// Puts the program as it is in its place again.
    pub fn roll_back(&self, name: &str) {
        self.engine.upgrade(program_id(name), name);
    }

    /// An account's layout version, and the counter that its second layout has in what the first reserves, at this offset.
    #[track_caller]
    pub fn layout(&self, address: Address, counter: usize) -> (u8, u32) {
        let data = self.account(address).expect("the account is there").data;
        // Four bytes, or as many as there are.
        let mut bytes = [0; 4];
        data[counter..].iter().zip(&mut bytes).for_each(|(from, to)| *to = *from);
        (data[1], u32::from_le_bytes(bytes))
    }

    /// Now, as programs see it.
    pub fn now(&self) -> Timestamp {
        Timestamp(self.clock().unix_timestamp)
    }

    /// Lets time pass in which the chain makes slots of 400 milliseconds.
    pub fn run(&self, seconds: u64) {
        let clock = self.clock();
        let (slot, unix_timestamp) = (clock.slot + seconds * 5 / 2, clock.unix_timestamp + seconds as i64);
        self.engine.set_clock(&Clock { slot, unix_timestamp, ..clock });
    }

    /// Lets time pass without slots: what counts slots takes it for a halt of the chain.
    pub fn pass(&self, seconds: u64) {
        self.set_time(Timestamp(self.now().0 + seconds as i64));
    }

    /// The present slot.
    pub fn slot(&self) -> u64 {
        self.clock().slot
    }

    /// Sets time and slot.
    pub fn set_clock(&self, now: Timestamp, slot: u64) {
        self.engine.set_clock(&Clock { slot, unix_timestamp: now.0, ..self.clock() });
    }

    /// Sets the time.
    pub fn set_time(&self, now: Timestamp) {
        self.engine.set_clock(&Clock { unix_timestamp: now.0, ..self.clock() });
    }

    pub(crate) fn clock(&self) -> Clock {
        self.engine.clock()
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
        self.engine.rent(size)
    }
}

fn program_id(name: &str) -> Address {
    let programs = programs();
    programs.iter().find(|(elf, _)| *elf == name).expect("a program under test").1
}

fn writable(instructions: &[Instruction]) -> Vec<Address> {
    let metas = instructions.iter().flat_map(|instruction| &instruction.accounts);
    let mut writable: Vec<_> = metas.filter(|meta| meta.is_writable).map(|meta| meta.pubkey).collect();
    writable.sort();
    writable.dedup();
    writable
}

/// An instruction with account `index` replaced by `address`.
pub fn swap(mut instruction: Instruction, index: usize, address: Address) -> Instruction {
    instruction.accounts[index].pubkey = address;
    instruction
}

/// Where an instruction of ours has the account of that name.
#[track_caller]
pub fn place(instruction: &Instruction, name: &str) -> usize {
    let (_, spec) = example::named(instruction).expect("an instruction of ours");
    spec.accounts.iter().position(|account| account.name == name).expect("an account of that name")
}

/// An instruction with `address` in the place of that name.
#[track_caller]
pub fn swap_named(instruction: Instruction, name: &str, address: Address) -> Instruction {
    let place = place(&instruction, name);
    swap(instruction, place, address)
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
