//! What a transaction made the virtual machine do: it is sent again to LiteSVM, which keeps a trace of the registers.

use {
    crate::{
        World,
        engine::{elf, programs},
        fixture::{LIAR, VERIFIER},
    },
    joule_interface::Address,
    litesvm::{InvocationInspectCallback, LiteSVM},
    solana_account::Account,
    solana_program::instruction::Instruction,
    solana_program_runtime::{
        invoke_context::{Executable, InvokeContext, RegisterTrace},
        solana_sbpf::ebpf,
    },
    solana_transaction::{Transaction, sanitized::SanitizedTransaction},
    std::cell::RefCell,
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
    /// One pass over the input: see [`Trace::floor`].
    input: u64,
}

impl Trace {
    /// Instructions that `program` executed.
    pub fn steps(&self, program: Address) -> u64 {
        self.runs.iter().filter(|run| run.program == program).map(|run| run.steps.len() as u64).sum()
    }

    /// Instructions that no implementation of the transaction's instruction can do without, in the program that it names
    /// and in those that it calls; `logged` are the bytes of its events. Counted are, and no arithmetic, no branch of the
    /// program's own and no other check:
    ///
    /// - entry and end, dispatch: 10;
    /// - of each account to find the next: is it there again, how long is it, on to the next word: 6;
    /// - of each account that has to sign or to be writable: 2 for each;
    /// - of each account of the program or of another of Joule's: owner (4 words, each loaded, with a constant, compared:
    ///   12), size and kind (4), and that it belongs to another account (4 words, both loaded, compared: 12);
    /// - of each word of data: 2;
    /// - of each event: 2 a word, and 6;
    /// - of each call: 12, of each account 16 (3 words of the one list, 7 of the other), and of each word of data 2.
    pub fn floor(&self, program: Address, logged: &[usize]) -> u64 {
        let words = |bytes: usize| bytes.div_ceil(8) as u64;
        let events: u64 = logged.iter().map(|bytes| 6 + 2 * words(*bytes)).sum();
        let calls = self.inner.iter().filter(|inner| inner.caller == program);
        self.input + events + calls.map(|call| 12 + 16 * call.accounts as u64 + 2 * words(call.data)).sum::<u64>()
    }

    /// What `program` paid for calling others.
    pub fn charges(&self, program: Address) -> u64 {
        self.inner.iter().filter(|inner| inner.caller == program).map(|inner| inner.charge).sum()
    }
}

/// A transaction before it is sent.
pub(crate) struct Replay {
    transaction: Transaction,
    accounts: Vec<(Address, Option<Account>)>,
}

impl Replay {
    pub fn new(world: &World, instructions: &[Instruction]) -> Self {
        use solana_signer::Signer;
        let transaction = Transaction::new_with_payer(instructions, Some(&world.payer().pubkey()));
        let accounts = transaction.message.account_keys.iter().map(|key| (*key, world.account(*key))).collect();
        Self { transaction, accounts }
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
        let mut input = 0;
        for instruction in &message.instructions {
            input += 10 + 2 * instruction.data.len().div_ceil(8) as u64;
            for &index in &instruction.accounts {
                let index = index as usize;
                let signers = header.num_required_signatures as usize;
                let signs = index < signers;
                let writes = if signs {
                    index < signers - header.num_readonly_signed_accounts as usize
                } else {
                    index < locked - header.num_readonly_unsigned_accounts as usize
                };
                let owner = self.accounts[index].1.as_ref().map(|account| account.owner);
                let read = owner.is_some_and(|owner| ours.contains(&owner));
                input += 6 + 2 * u64::from(signs) + 2 * u64::from(writes) + if read { 28 } else { 0 };
            }
        }
        let mut trace = Trace {
            input,
            accounts: locked,
            writable: locked - (header.num_readonly_signed_accounts + header.num_readonly_unsigned_accounts) as usize,
            bytes: 1 + 64 * header.num_required_signatures as usize + message.serialize().len(),
            rent: rent.sum(),
            ..Trace::default()
        };
        if let Err(failed) = svm.send_transaction(self.transaction) {
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
        for (name, id) in programs().into_iter().chain([VERIFIER, LIAR]) {
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

fn run(program: Address, executable: &Executable, trace: RegisterTrace) -> Run {
    const PC: usize = 11;
    let text = executable.get_text_bytes().1;
    let registry = executable.get_loader().get_function_registry();
    let mut run = Run { program, steps: Vec::with_capacity(trace.len()), syscalls: vec![] };
    for (step, registers) in trace.iter().enumerate() {
        let place = registers[PC] as usize;
        let instruction = ebpf::get_insn(text, place);
        run.steps.push(place);
        if instruction.opc == ebpf::CALL_IMM
            && let Some((name, _)) = registry.lookup_by_key(instruction.imm as u32)
        {
            run.syscalls.push((step, String::from_utf8_lossy(name).into_owned()));
        }
    }
    run
}
