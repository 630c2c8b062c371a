//! Calls that succeeded, with all that they read: recorded while tests run, for checks that need a valid call of every
//! instruction.
//!
//! With `JOULE_RECORD` set to a folder, every test leaves there the first calls of each instruction that it made, so a
//! new instruction has examples as soon as it has a test.

use {
    crate::{World, effects, engine},
    borsh::{BorshDeserialize, BorshSerialize},
    joule_interface::{Address, INSTRUCTIONS_SYSVAR, Instruction, ProgramSpec},
    joule_math::Timestamp,
    solana_account::Account,
    solana_program::instruction::AccountMeta,
    std::{
        collections::{BTreeMap, HashMap},
        fs,
        path::{Path, PathBuf},
        sync::Mutex,
    },
};

/// Everything that the four programs promise.
pub const PROGRAMS: [ProgramSpec; 4] = [
    joule_bme_interface::SPEC,
    joule_stake_interface::SPEC,
    joule_escrow_interface::SPEC,
    joule_identity_interface::SPEC,
];

/// Examples of an instruction that one test leaves: so many of each story ([`effects::story`]), or of each error.
const EACH: u32 = 2;

/// Whether it is one of them.
pub fn is_ours(program: &Address) -> bool {
    PROGRAMS.iter().any(|ours| ours.id == *program)
}

type Bytes = [u8; 32];

/// A call that succeeds.
#[derive(Clone, Debug, BorshSerialize, BorshDeserialize)]
pub struct Example {
    time: i64,
    slot: u64,
    program: Bytes,
    metas: Vec<(Bytes, bool, bool)>,
    data: Vec<u8>,
    accounts: Vec<(Bytes, Stored)>,
    /// Programs in the place of others.
    stand_ins: Vec<(Bytes, Bytes)>,
}

#[derive(Clone, Debug, BorshSerialize, BorshDeserialize)]
struct Stored {
    lamports: u64,
    owner: Bytes,
    data: Vec<u8>,
}

impl Example {
    /// The call.
    pub fn instruction(&self) -> Instruction {
        let address = Address::new_from_array;
        let meta = |&(key, is_signer, is_writable): &_| AccountMeta { pubkey: address(key), is_signer, is_writable };
        Instruction {
            program_id: address(self.program),
            accounts: self.metas.iter().map(meta).collect(),
            data: self.data.clone(),
        }
    }

    /// When it was made.
    pub fn time(&self) -> Timestamp {
        Timestamp(self.time)
    }

    /// In which slot.
    pub fn slot(&self) -> u64 {
        self.slot
    }

    /// What was there: programs are not listed, nor what did not exist.
    pub fn accounts(&self) -> impl Iterator<Item = (Address, Account)> + '_ {
        self.accounts.iter().map(|(key, stored)| {
            let owner = Address::new_from_array(stored.owner);
            // As the runtime leaves whatever it wrote.
            let rent_epoch = u64::MAX;
            let (lamports, data) = (stored.lamports, stored.data.clone());
            let account = Account { lamports, data, owner, executable: false, rent_epoch };
            (Address::new_from_array(*key), account)
        })
    }

    /// Programs for which the test had others stand in, and which.
    pub fn stand_ins(&self) -> impl Iterator<Item = (Address, Address)> + '_ {
        let address = Address::new_from_array;
        self.stand_ins.iter().map(move |&(place, program)| (address(place), address(program)))
    }

    /// A call that is about to be made, with all that it reads and these accounts.
    pub fn of(world: &World, instruction: &Instruction, more: impl IntoIterator<Item = Address>) -> Self {
        let given = instruction.accounts.iter().map(|meta| meta.pubkey);
        let keys = given.chain(more).collect();
        example(world, instruction, keys, &[])
    }

    /// From the bytes of a file.
    pub fn decode(bytes: &[u8]) -> std::io::Result<Self> {
        borsh::from_slice(bytes)
    }
}

/// The program and the instruction that a call is of.
pub fn named(instruction: &Instruction) -> Option<(ProgramSpec, joule_interface::InstructionSpec)> {
    let program = PROGRAMS.into_iter().find(|program| program.id == instruction.program_id)?;
    let discriminator = instruction.data.first()?;
    let spec = program.instructions.iter().find(|spec| spec.discriminator == *discriminator)?;
    Some((program, *spec))
}

/// The call that an identity makes by one of these.
pub fn within(act: &Instruction) -> Option<Instruction> {
    use joule_escrow_interface::instruction::Act;
    let is_act = act.program_id == joule_escrow_interface::ID && act.data.first() == Some(&Act::DISCRIMINATOR);
    let (before, accounts) = is_act.then_some(&act.accounts)?.split_at_checked(3)?;
    Some(Instruction { program_id: before[2].pubkey, accounts: accounts.to_vec(), data: act.data[1..].to_vec() })
}

/// How many were made, by file and story.
static RECORDED: Mutex<Option<HashMap<(PathBuf, String), u32>>> = Mutex::new(None);
/// How many were written, by file.
static NUMBERS: Mutex<Option<HashMap<PathBuf, u32>>> = Mutex::new(None);

/// Where calls are recorded, if they are: not those of a search, which does something else after each change of its own.
fn recorded_in() -> Option<PathBuf> {
    let is_search = std::thread::current().name().is_some_and(|name| name.starts_with("adversary"));
    std::env::var_os("JOULE_RECORD").filter(|_| !is_search).map(PathBuf::from)
}

/// The folder of calls that are refused, beside those that are not.
pub const REFUSED: &str = "refused";

/// The error that a recorded call is refused with: a part of its file's name.
pub fn error_in(name: &str) -> Option<u32> {
    name.rsplit('.').find_map(|part| part.strip_prefix("error-")?.parse().ok())
}

/// Records a transaction that a program refused with this error, if enough of its kind are not recorded yet.
pub(crate) fn refused(world: &World, instructions: &[Instruction], error: Option<u32>) {
    let (Some(folder), Some(error)) = (recorded_in(), error) else { return };
    // A program that only one test has is not recorded with what it is called for.
    let known: Vec<Address> = engine::programs().iter().chain(&engine::test_programs()).map(|(_, id)| *id).collect();
    let is_foreign =
        |key: &Address| !known.contains(key) && world.account(*key).is_some_and(|account| account.executable);
    let keys =
        || instructions.iter().flat_map(|one| one.accounts.iter().map(|meta| meta.pubkey).chain([one.program_id]));
    if keys().any(|key| is_foreign(&key)) {
        return;
    }
    // It stands under the last of ours: those before it are there for it, as a rule.
    let Some(last) = instructions.iter().rfind(|instruction| named(instruction).is_some()) else { return };
    let path = file(&folder.join(REFUSED), last, &format!(".error-{error}"));
    if let Some(path) = path.filter(|path| is_wanted(path, "")) {
        let examples: Vec<Example> = instructions.iter().map(|one| Example::of(world, one, [])).collect();
        if examples.iter().all(|example| example.stand_ins.is_empty()) {
            write(path, &borsh::to_vec(&examples).expect("bytes"));
        }
    }
}

/// The transactions that are recorded because they are refused, by the name of their file.
pub fn refusals(folder: &Path, program: &ProgramSpec, instruction: &str) -> Vec<(String, Vec<Example>)> {
    files(&folder.join(REFUSED), program, instruction, borsh::from_slice)
}

/// Where an example goes, and the example.
type Pending = (PathBuf, Example);

/// What a transaction's instructions are about to read, those that are to be recorded. `after` says what others before
/// one leave, if that can be told.
pub(crate) fn before(
    world: &World,
    instructions: &[Instruction],
    after: impl Fn(&[Instruction]) -> Option<Vec<(Address, Account)>>,
) -> Vec<Pending> {
    let Some(folder) = recorded_in() else { return vec![] };
    let one = |place: usize| {
        // One that looks at the others of its transaction does nothing by itself.
        let alone = instructions[place].accounts.iter().all(|meta| meta.pubkey != INSTRUCTIONS_SYSVAR);
        let path = file(&folder, &instructions[place], "").filter(|_| alone)?;
        let before = if place == 0 { vec![] } else { after(&instructions[..place])? };
        let keys = instructions[place].accounts.iter().map(|meta| meta.pubkey).collect();
        Some((path, example(world, &instructions[place], keys, &before)))
    };
    (0..instructions.len()).filter_map(one).collect()
}

/// The file for an instruction of ours.
fn file(folder: &Path, instruction: &Instruction, ending: &str) -> Option<PathBuf> {
    let (program, spec) = named(instruction)?;
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("main").replace("::", "-");
    Some(folder.join(program.name).join(spec.name).join(test + ending))
}

/// Counts one, unless enough are recorded that tell the same.
fn is_wanted(path: &Path, story: &str) -> bool {
    let mut recorded = RECORDED.lock().unwrap();
    let count = recorded.get_or_insert_default().entry((path.to_owned(), story.to_owned())).or_default();
    *count += 1;
    *count <= EACH
}

/// Writes under the file's next number.
fn write(path: PathBuf, bytes: &[u8]) {
    let mut numbers = NUMBERS.lock().unwrap();
    let number = numbers.get_or_insert_default().entry(path.clone()).or_default();
    *number += 1;
    let file = path.with_added_extension(number.to_string());
    fs::create_dir_all(file.parent().expect("a folder")).expect("the folder can be made");
    fs::write(file, bytes).expect("an example can be written");
}

fn example(world: &World, instruction: &Instruction, mut keys: Vec<Address>, before: &[(Address, Account)]) -> Example {
    let programs = engine::programs();
    keys.sort();
    keys.dedup();
    let now = |key: Address| match before.iter().find(|(changed, _)| *changed == key) {
        Some((_, account)) => Some(account.clone()).filter(|account| account.lamports > 0),
        None => world.account(key),
    };
    let stand_in = |place: &Address| {
        let there = world.account(*place)?;
        let same = |id: &Address| id != place && world.account(*id).is_some_and(|other| other == there);
        let program = programs.iter().chain(&engine::test_programs()).map(|(_, id)| *id).find(same)?;
        Some((place.to_bytes(), program.to_bytes()))
    };
    let replaced = keys.iter().filter(|key| programs.iter().any(|(_, id)| id == *key)).filter_map(stand_in).collect();
    let accounts = keys.into_iter().filter(|key| programs.iter().all(|(_, id)| id != key)).filter_map(|key| {
        let account = now(key).filter(|account| !account.executable)?;
        let stored = Stored { lamports: account.lamports, owner: account.owner.to_bytes(), data: account.data };
        Some((key.to_bytes(), stored))
    });
    Example {
        time: world.now().0,
        slot: world.clock().slot,
        program: instruction.program_id.to_bytes(),
        metas: instruction.accounts.iter().map(|m| (m.pubkey.to_bytes(), m.is_signer, m.is_writable)).collect(),
        data: instruction.data.clone(),
        accounts: accounts.collect(),
        stand_ins: replaced,
    }
}

/// It succeeded, and left what is there now.
pub(crate) fn succeeded(world: &World, (path, example): Pending) {
    let before = example.accounts().collect();
    let keys = example.metas.iter().map(|(key, ..)| Address::new_from_array(*key));
    let after = keys.filter_map(|key| Some((key, world.account(key)?))).collect();
    if is_wanted(&path, &effects::story(&before, &after)) {
        write(path, &borsh::to_vec(&example).expect("bytes"));
    }
}

/// Which checks refused, in their order: programs whose checks can be removed (`scripts/checks`) say it.
pub fn noticed_by(logs: &[String]) -> Vec<u32> {
    let number = |line: &String| line.strip_prefix("Program log: check ").and_then(|number| number.parse().ok());
    logs.iter().filter_map(number).collect()
}

/// Calls that one test leaves of those that one check refused, and those of all tests.
const NOTICED_EACH: (usize, usize) = (2, 12);

static NOTICED: Mutex<BTreeMap<u32, BTreeMap<String, usize>>> = Mutex::new(BTreeMap::new());

/// With `JOULE_REFUSED` set to a folder, tests note there which checks refused something, and leave calls that they expect to be
/// refused.
pub(crate) fn noticed(world: &World, expected: Option<(&Instruction, u32)>, logs: &[String]) {
    let Some(folder) = std::env::var_os("JOULE_REFUSED").map(PathBuf::from) else { return };
    let (checks, thread) = (noticed_by(logs), std::thread::current());
    let test = thread.name().unwrap_or("main").replace("::", "-");
    let mut refused = NOTICED.lock().unwrap();
    let write = |check: u32, name: &str, bytes: &[u8]| {
        let folder = folder.join(check.to_string());
        fs::create_dir_all(&folder).expect("the folder can be made");
        fs::write(folder.join(name), bytes).expect("a file can be written");
    };
    for check in &checks {
        refused.entry(*check).or_default().entry(test.clone()).or_insert_with(|| {
            write(*check, &test, &[]);
            0
        });
    }
    let (Some((instruction, code)), Some(check)) = (expected, checks.last()) else { return };
    let of_check = refused.get_mut(check).expect("it was just noted");
    let all: usize = of_check.values().sum();
    let count = of_check.get_mut(&test).expect("it was just noted");
    if *count < NOTICED_EACH.0 && all < NOTICED_EACH.1 {
        *count += 1;
        let example = Example::of(world, instruction, []);
        write(*check, &format!("{test}.{count}.{code}"), &borsh::to_vec(&example).expect("bytes"));
    }
}

/// The recorded examples of an instruction, by the name of their file, in its order.
pub fn recorded(folder: &Path, program: &ProgramSpec, instruction: &str) -> Vec<(String, Example)> {
    files(folder, program, instruction, Example::decode)
}

fn files<T>(
    folder: &Path,
    program: &ProgramSpec,
    instruction: &str,
    decode: impl Fn(&[u8]) -> std::io::Result<T>,
) -> Vec<(String, T)> {
    let folder = folder.join(program.name).join(instruction);
    let Ok(files) = fs::read_dir(folder) else { return vec![] };
    let mut files: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
    files.sort();
    let read = |path: PathBuf| {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let example = decode(&fs::read(&path).expect("an example can be read"));
        (name, example.unwrap_or_else(|error| panic!("{}: {error}", path.display())))
    };
    files.into_iter().map(read).collect()
}
