//! What a transaction made the virtual machine do: it is sent again to LiteSVM, which keeps a trace of the registers.

use {
    crate::{
        World,
        engine::{elf, programs, test_programs},
    },
    joule_interface::Address,
    litesvm::{InvocationInspectCallback, LiteSVM},
    solana_account::Account,
    solana_program::{entrypoint::MAX_PERMITTED_DATA_INCREASE, instruction::Instruction},
    solana_program_runtime::{
        invoke_context::{Executable, InvokeContext, RegisterTrace},
        solana_sbpf::ebpf,
    },
    solana_transaction::{Transaction, sanitized::SanitizedTransaction},
    std::{
        cell::RefCell,
        collections::{BTreeSet, HashMap},
        ops::Range,
    },
};

/// A program's run on the virtual machine.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// The program.
    pub program: Address,
    /// Place in its text of each instruction that it executed, in order; each costs one compute unit.
    pub steps: Vec<usize>,
    /// What it asked of the runtime: the index of the step, and the name.
    pub syscalls: Vec<(usize, String)>,
    /// Words of its input that it loaded, each once, by their place in it.
    pub loaded: BTreeSet<u64>,
    /// Likewise those that it stored to.
    pub stored: BTreeSet<u64>,
    /// Parts that it had hashed.
    pub hashed: u64,
    /// Addresses of the program that signed its calls.
    pub signers: u64,
    /// Seeds of these addresses.
    pub seeds: u64,
}

/// A call from one program to another.
#[derive(Clone, Copy, Debug)]
pub struct Inner {
    /// Who called.
    pub caller: Address,
    /// Compute units that the caller paid for calling.
    pub charge: u64,
    /// Accounts that it handed over.
    pub accounts: usize,
    /// Bytes of data that it passed.
    pub data: usize,
}

/// What a transaction of one instruction is and did.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// Every program's run, in order of their ends. Native programs leave none.
    pub runs: Vec<Run>,
    /// Every call from one program to another.
    pub inner: Vec<Inner>,
    /// Accounts that it locks, payer and programs included.
    pub accounts: usize,
    /// Of those, the ones that it may write.
    pub writable: usize,
    /// Bytes of it on the wire, signatures included.
    pub bytes: usize,
    /// Bytes that accounts pay rent for afterwards less those before, each with the 128 that the runtime adds.
    pub rent: i64,
    /// The parts of [`Trace::floor`] that follow from the instruction's accounts alone.
    accounts_floor: u64,
    /// Places in the input of the words that say where the next account is, and what an account may be used for.
    heads: BTreeSet<u64>,
}

impl Trace {
    /// Instructions that `program` executed.
    pub fn steps(&self, program: Address) -> u64 {
        self.runs.iter().filter(|run| run.program == program).map(|run| run.steps.len() as u64).sum()
    }

    /// Instructions that no implementation of the transaction's instruction can do without, in the program that it names;
    /// `logged` are the bytes of its events. Counted are:
    ///
    /// - entry and end, dispatch: 10;
    /// - of each account, to find the next: is it there again, how long is it, on to the next word: 6;
    /// - of each account that has to sign or to be writable: 2 for each;
    /// - of each account of the program or of another of Joule's: its size, 2, and what its owner takes more than other words:
    ///   the constants that its words are compared with, 4, and that a constant has no comparison in common with another, 2;
    /// - of each other word of the input that has to be looked at, once: to load it, and to compare it with another such
    ///   word, or to do anything else with two: 3 for two words;
    /// - of each word of it that changes: 2, the new value and the store;
    /// - of each event: 6, and a store a word;
    /// - of each other syscall: 4, three arguments and the call, and of each part to hash 2, where it is and how long; of a
    ///   sysvar 2 more, for a fourth argument, and to load what was asked for;
    /// - of each call: 16 (five words, five arguments, and the call itself), of each account 16 (3 words of the one list, 7 of
    ///   the other), and of each word of data 2; of each address of the program that signs it 4, and of each of its seeds 4: where
    ///   it is, and how long.
    ///
    /// What has to be looked at is what the trace saw looked at, however often: every check and effect has its test. Not
    /// counted is whatever takes more: products and quotients over more than a word, loops, words that lie across two.
    pub fn floor(&self, program: Address, logged: &[usize]) -> u64 {
        let words = |bytes: usize| bytes.div_ceil(8) as u64;
        let runs = || self.runs.iter().filter(|run| run.program == program);
        let loaded: u64 = runs().map(|run| run.loaded.difference(&self.heads).count() as u64).sum();
        let stored: u64 = runs().map(|run| run.stored.difference(&self.heads).count() as u64).sum();
        let events: u64 = logged.iter().map(|bytes| 6 + words(*bytes)).sum();
        let asks =
            |name: &str| !["sol_log_data", "sol_invoke_signed_c", "abort"].contains(&name) && !name.contains("mem");
        let names = || runs().flat_map(|run| &run.syscalls).map(|(_, name)| name.as_str());
        let asked = names().filter(|name| asks(name)).count() as u64;
        let sysvars = names().filter(|name| *name == "sol_get_sysvar").count() as u64;
        let hashed: u64 = runs().map(|run| run.hashed).sum();
        let calls = self.inner.iter().filter(|inner| inner.caller == program);
        let calls: u64 = calls.map(|call| 16 + 16 * call.accounts as u64 + 2 * words(call.data)).sum();
        let signed: u64 = runs().map(|run| 4 * run.signers + 4 * run.seeds).sum();
        let asked = 4 * asked + 2 * sysvars + 2 * hashed;
        self.accounts_floor + 3 * loaded / 2 + 2 * stored + events + asked + calls + signed
    }

    /// What `program` paid for calling others.
    pub fn charges(&self, program: Address) -> u64 {
        self.inner.iter().filter(|inner| inner.caller == program).map(|inner| inner.charge).sum()
    }
}

/// A transaction before it is sent.
pub(crate) struct Replay {
    /// With the instructions that a test means.
    transaction: Transaction,
    /// As it was sent, behind a limit of compute units: an instruction may name another by its index.
    sent: Transaction,
    accounts: Vec<(Address, Option<Account>)>,
}

impl Replay {
    pub fn new(world: &World, instructions: &[Instruction], sent: &[Instruction]) -> Self {
        use solana_signer::Signer;
        let payer = world.payer().pubkey();
        let transaction = Transaction::new_with_payer(instructions, Some(&payer));
        let sent = Transaction::new_with_payer(sent, Some(&payer));
        let accounts = transaction.message.account_keys.iter().map(|key| (*key, world.account(*key))).collect();
        Self { transaction, sent, accounts }
    }

    /// After it was sent: what it did.
    pub fn run(self, world: &World) -> Trace {
        let mut svm = SVM.with(LiteSVM::clone);
        svm.set_sysvar(&world.clock());
        for (key, account) in &self.accounts {
            if let Some(account) = account
                && !account.executable
            {
                svm.set_account(*key, account.clone()).expect("an account of the bank");
            }
        }
        let message = &self.transaction.message;
        let (header, locked) = (&message.header, message.account_keys.len());
        let rent = self.accounts.iter().map(|(key, before)| {
            let bytes = |account: &Option<Account>| match account {
                Some(account) if account.lamports > 0 && !account.executable => account.data.len() as i64 + 128,
                _ => 0,
            };
            bytes(&world.account(*key)) - bytes(before)
        });
        let ours = programs().map(|(_, id)| id);
        let (mut accounts_floor, mut heads, mut end) = (0, BTreeSet::new(), 8);
        for instruction in &message.instructions {
            accounts_floor += 10;
            for (place, &index) in instruction.accounts.iter().enumerate() {
                heads.insert(end);
                if instruction.accounts[..place].contains(&index) {
                    accounts_floor += 6;
                    end += 8;
                    continue;
                }
                let index = index as usize;
                let signers = header.num_required_signatures as usize;
                let signs = index < signers;
                let writes = if signs {
                    index < signers - header.num_readonly_signed_accounts as usize
                } else {
                    index < locked - header.num_readonly_unsigned_accounts as usize
                };
                let account = self.accounts[index].1.as_ref();
                let ours = account.is_some_and(|account| ours.contains(&account.owner));
                accounts_floor += 6 + 2 * u64::from(signs) + 2 * u64::from(writes) + if ours { 8 } else { 0 };
                heads.insert(end + DATA_LEN);
                let held = account.map_or(0, |account| account.data.len());
                end += (DATA + held as u64 + MAX_PERMITTED_DATA_INCREASE as u64).next_multiple_of(8) + 8;
            }
        }
        let mut trace = Trace {
            accounts_floor,
            heads,
            accounts: locked,
            writable: locked - (header.num_readonly_signed_accounts + header.num_readonly_unsigned_accounts) as usize,
            bytes: 1 + 64 * header.num_required_signatures as usize + message.serialize().len(),
            rent: rent.sum(),
            ..Trace::default()
        };
        if let Err(failed) = svm.send_transaction(self.sent) {
            panic!("what succeeded on the bank fails again: {:?}\n{}", failed.err, failed.meta.logs.join("\n"));
        }
        (trace.runs, trace.inner) = SEEN.take();
        trace
    }
}

thread_local! {
    static SVM: LiteSVM = {
        let mut svm = LiteSVM::new_debuggable(true).with_sigverify(false).with_blockhash_check(false);
        svm.set_invocation_inspect_callback(Watch);
        for (name, id) in programs().into_iter().chain(test_programs()) {
            svm.add_program_from_file(id, elf(name)).expect("the ELF is valid");
        }
        svm
    };
    static SEEN: RefCell<(Vec<Run>, Vec<Inner>)> = RefCell::default();
}

struct Watch;

impl InvocationInspectCallback for Watch {
    fn before_invocation(&self, _: &LiteSVM, _: &SanitizedTransaction, _: &[u16], _: &mut InvokeContext, _: bool) {}

    fn after_invocation(&self, _: &LiteSVM, _: &SanitizedTransaction, _: &[u16], context: &InvokeContext, _: bool) {
        let runs = RefCell::new(vec![]);
        context.iterate_vm_traces(&|instruction, executable, trace| {
            let program = *instruction.get_program_key().expect("a program ran");
            runs.borrow_mut().push(run(program, executable, trace));
        });
        let transaction = &context.transaction_context;
        let mut inner = vec![];
        for index in 0..transaction.get_instruction_trace_length() {
            let instruction = transaction.get_instruction_context_at_index_in_trace(index).expect("it is there");
            if instruction.get_stack_height() < 2 {
                continue;
            }
            let caller = transaction.get_instruction_context_at_index_in_trace(instruction.get_index_of_caller());
            let caller = *caller.and_then(|caller| caller.get_program_key().copied()).as_ref().expect("a caller");
            // As the runtime charges it: `invoke`, then 250 bytes a unit of data, of accounts named (34 bytes each) and
            // handed over (80 bytes each), and of what each of these holds.
            let accounts = instruction.get_number_of_instruction_accounts();
            let held = (0..accounts).map(|index| {
                let account = instruction.try_borrow_instruction_account(index).expect("nobody borrows it");
                account.get_data().len() as u64 / 250
            });
            let data = instruction.get_instruction_data().len() as u64;
            let charge = 946 + data / 250 + accounts as u64 * 34 / 250 + accounts as u64 * 80 / 250 + held.sum::<u64>();
            inner.push(Inner { caller, charge, accounts: accounts as usize, data: data as usize });
        }
        SEEN.set((runs.into_inner(), inner));
    }
}

/// Where in an account of the input the length of its data is, and where the data.
const DATA_LEN: u64 = 80;
const DATA: u64 = 88;

fn run(program: Address, executable: &Executable, trace: RegisterTrace) -> Run {
    const PC: usize = 11;
    /// Where the runtime maps the input.
    const INPUT: Range<u64> = ebpf::MM_INPUT_START..ebpf::MM_INPUT_START + ebpf::MM_REGION_SIZE;
    let text = executable.get_text_bytes().1;
    let registry = executable.get_loader().get_function_registry();
    let mut run = Run { program, steps: Vec::with_capacity(trace.len()), ..Run::default() };
    // Words that it wrote last, by address: the lists of signers are among them.
    let mut written = HashMap::new();
    for (step, registers) in trace.iter().enumerate() {
        let place = registers[PC] as usize;
        let instruction = ebpf::get_insn(text, place);
        run.steps.push(place);
        let touched = match instruction.opc & 7 {
            ebpf::BPF_LDX => Some((instruction.src, &mut run.loaded)),
            ebpf::BPF_ST | ebpf::BPF_STX => Some((instruction.dst, &mut run.stored)),
            _ => None,
        };
        if let Some((base, words)) = touched {
            let at = registers[base as usize].wrapping_add_signed(instruction.off.into());
            if INPUT.contains(&at) {
                words.insert((at - INPUT.start) & !7);
            }
        }
        if instruction.opc == ebpf::ST_DW_REG {
            let at = registers[instruction.dst as usize].wrapping_add_signed(instruction.off.into());
            written.insert(at, registers[instruction.src as usize]);
        }
        if instruction.opc == ebpf::CALL_IMM
            && let Some((name, _)) = registry.lookup_by_key(instruction.imm as u32)
        {
            let name = String::from_utf8_lossy(name).into_owned();
            if ["sol_sha256", "sol_keccak256", "sol_blake3"].contains(&name.as_str()) {
                run.hashed += registers[2];
            }
            if name == "sol_invoke_signed_c" {
                // Each has two words: where its seeds are, and how many.
                let (signers, count) = (registers[4], registers[5]);
                run.signers += count;
                run.seeds += (0..count).filter_map(|index| written.get(&(signers + 16 * index + 8))).sum::<u64>();
            }
            run.syscalls.push((step, name));
        }
    }
    run
}
