//! Valid calls, from what tests recorded, in a chain where they can be tried with other accounts.

use {
    joule_interface::{Address, Instruction, InstructionSpec, ProgramSpec},
    joule_tests::{
        World,
        authorization::Transition,
        books::Accounts,
        example::{self, Example, PROGRAMS},
        fixture::{GROTH16, LIAR, VERIFIER},
        verdict,
    },
    solana_account::Account,
    std::path::PathBuf,
};

/// Where tests left their calls: `JOULE_EXAMPLES`, or `target/examples`.
pub fn folder() -> PathBuf {
    let given = std::env::var_os("JOULE_EXAMPLES").map(PathBuf::from);
    given.unwrap_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/examples")))
}

/// A valid call of an instruction.
pub struct Call {
    /// The program.
    pub program: ProgramSpec,
    /// The instruction.
    pub spec: InstructionSpec,
    /// The test that made it.
    pub test: String,
    /// It.
    pub example: Example,
}

/// All that were recorded, by instruction; none of `missing`.
pub fn recorded() -> (Vec<Vec<Call>>, Vec<String>) {
    let folder = folder();
    let (mut calls, mut missing) = (vec![], vec![]);
    for program in PROGRAMS {
        for spec in program.instructions {
            let examples = example::recorded(&folder, &program, spec.name).into_iter();
            let of_spec: Vec<Call> =
                examples.map(|(test, example)| Call { program, spec: *spec, test, example }).collect();
            // One that looks at the others of its transaction does nothing by itself.
            let is_alone = !spec.accounts.iter().any(|account| account.name == "instructions_sysvar");
            match of_spec.is_empty() {
                true if !is_alone => {}
                true => missing.push(format!("{}.{}", program.name, spec.name)),
                false => calls.push(of_spec),
            }
        }
    }
    (calls, missing)
}

/// Transactions that tests recorded because a program refuses them: the instruction that it is about, the test, and the error.
pub fn refused(program: &ProgramSpec) -> Vec<(InstructionSpec, String, Vec<Example>, u32)> {
    let folder = folder();
    let of = |spec: &InstructionSpec| {
        let spec = *spec;
        let all = example::refusals(&folder, program, spec.name).into_iter();
        all.map(move |(test, examples)| {
            let error = example::error_in(&test).expect("a test and an error");
            (spec, test, examples, error)
        })
    };
    program.instructions.iter().flat_map(of).collect()
}

/// With what a program refuses these instructions of one transaction now; nothing if it does not.
pub fn refusal(examples: &[Example]) -> Result<Option<u32>, String> {
    let stage = Stage::of(examples);
    let instructions: Vec<Instruction> = examples.iter().map(Example::instruction).collect();
    match stage.world.send_signed_by_all(&instructions) {
        Ok(_) => Ok(None),
        Err(failure) => {
            verdict::clean(&failure)?;
            Ok(failure.code())
        }
    }
}

/// What came of a call.
pub enum Outcome {
    /// It was done, and left these accounts otherwise than they were.
    Done(Accounts),
    /// A program named a reason not to.
    Refused(Option<u32>),
}

/// Programs that tests load as well.
const MORE: [(&str, Address); 5] = [
    VERIFIER,
    LIAR,
    GROTH16,
    ("mpl_account_compression", joule_identity_interface::COMPRESSION_PROGRAM_2),
    ("mpl_noop", joule_identity_interface::LOG_WRAPPER_2),
];

/// A chain with an example's accounts in it.
pub struct Stage {
    /// The chain.
    pub world: World,
    /// Whether the last call called another program.
    pub called: bool,
    /// Whether what is done is judged: not at a time that is past, at which accounts say what has not happened yet.
    pub is_judged: bool,
    /// Whether calls are changed ones, which may write what no other does.
    pub is_changed: bool,
    /// What the last call logged as data, if it was done.
    pub logged: Vec<Vec<u8>>,
    /// The checks that refused something in the last call, where they can be removed.
    pub refusals: Vec<u32>,
    accounts: Accounts,
}

impl Stage {
    /// With what the example read, at its time.
    pub fn new(example: &Example) -> Self {
        Self::of(std::slice::from_ref(example))
    }

    /// With what all of these read, which were made in one transaction.
    pub fn of(examples: &[Example]) -> Self {
        // Loading them all takes longer than most calls.
        let given: Vec<_> = examples.iter().flat_map(|example| example.instruction().accounts).collect();
        let more: Vec<_> = MORE.into_iter().filter(|(_, id)| given.iter().any(|meta| meta.pubkey == *id)).collect();
        let mut world = World::lite_with(&more);
        let example = &examples[0];
        for (place, program) in examples.iter().flat_map(Example::stand_ins) {
            let account = world.account(program).expect("a program is there");
            world.set_account(place, account);
        }
        world.set_clock(example.time(), example.slot());
        let accounts: Accounts = examples.iter().flat_map(Example::accounts).collect();
        for (address, account) in &accounts {
            world.set_account(*address, account.clone());
        }
        let (logged, refusals) = (vec![], vec![]);
        Self { world, called: false, is_judged: true, is_changed: false, logged, refusals, accounts }
    }

    /// What was there at the start, and what was put there since.
    pub fn account(&self, address: Address) -> Option<&Account> {
        self.accounts.get(&address)
    }

    /// A call, with all that was there at the start and was put there since.
    pub fn example(&self, instruction: &Instruction) -> Example {
        Example::of(&self.world, instruction, self.accounts.keys().copied())
    }

    /// Puts an account there, to stay.
    pub fn put(&mut self, address: Address, account: Account) {
        self.world.set_account(address, account.clone());
        self.accounts.insert(address, account);
    }

    /// Does something while other accounts are there.
    pub fn try_with<T>(&mut self, accounts: Vec<(Address, Account)>, act: impl FnOnce(&mut Self) -> T) -> T {
        let was = |(key, _): &(Address, Account)| (*key, self.accounts.get(key).cloned().unwrap_or_default());
        let before: Vec<_> = accounts.iter().map(was).collect();
        accounts.into_iter().for_each(|(key, account)| self.put(key, account));
        let result = act(self);
        before.into_iter().for_each(|(key, account)| self.put(key, account));
        result
    }

    /// Makes a call for which everybody signs who should; says what came of it, and then undoes it. An outcome that no
    /// call may have is an error.
    pub fn try_call(&mut self, instruction: &Instruction) -> Result<Outcome, String> {
        let keys: Vec<Address> = instruction.accounts.iter().map(|meta| meta.pubkey).collect();
        let state = |world: &World| -> Accounts {
            let present = keys.iter().filter_map(|key| Some((*key, world.account(*key)?)));
            present.filter(|(_, account)| !account.executable).collect()
        };
        let before = state(&self.world);
        let sent = self.world.send_signed_by_all(std::slice::from_ref(instruction));
        let logs = sent.as_ref().map_or_else(|failure| &failure.logs, |receipt| &receipt.logs);
        self.called = logs.iter().any(|line| line.ends_with(" invoke [2]"));
        self.refusals = example::noticed_by(logs);
        let calls = sent.iter().flat_map(|receipt| &receipt.calls);
        self.logged = calls.flat_map(|call| call.data.clone()).collect();
        match sent {
            Err(failure) => {
                verdict::clean(&failure)?;
                if state(&self.world) != before {
                    return Err("it failed, and left something changed".into());
                }
                Ok(Outcome::Refused(failure.code()))
            }
            Ok(receipt) => {
                let after = state(&self.world);
                let changed: Vec<Address> =
                    keys.iter().copied().filter(|key| before.get(key) != after.get(key)).collect();
                let signs = instruction.accounts.iter().filter(|meta| meta.is_signer);
                let signers: Vec<Address> = signs.map(|meta| meta.pubkey).collect();
                let (now, others) = (self.world.now(), &self.accounts);
                let transition = Transition { before: &before, after: &after, others, signers: &signers, now };
                let verdict = match (self.is_judged, self.is_changed) {
                    (false, _) => Ok(()),
                    (_, true) => verdict::done(instruction, &receipt.calls, &transition),
                    _ => verdict::made(instruction, &receipt.calls, &transition),
                };
                for address in &changed {
                    let account = before.get(address).cloned().unwrap_or_default();
                    self.world.set_account(*address, account);
                }
                let left = |key: &Address| (*key, after.get(key).cloned().unwrap_or_default());
                verdict.map(|()| Outcome::Done(changed.iter().map(left).collect()))
            }
        }
    }
}
