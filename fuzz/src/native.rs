//! The programs' Rust, run on this machine as the virtual machine runs their ELFs: the same bytes in, and what is left of them.

use {
    joule_common::entrypoint::{MAX_ACCOUNTS, read},
    joule_interface::{Address, Instruction, ProgramError},
    solana_account::Account,
    solana_program::{
        program_stubs::{SyscallStubs, set_syscall_stubs},
        sysvar,
    },
    std::{cell::RefCell, collections::BTreeMap, mem::MaybeUninit, panic, sync::Once},
};

/// Owner of the programs that the runtime itself is.
const NATIVE_LOADER: Address = solana_program::pubkey!("NativeLoader1111111111111111111111111111111");

/// Bytes by which an account may grow in an instruction.
const ROOM: usize = 10_240;

/// Bytes of an account's head: flags, address, owner, lamports, length.
const HEAD: usize = 88;

/// What a call did.
#[derive(Debug)]
pub struct Done {
    /// The accounts as they are then.
    pub left: BTreeMap<Address, Account>,
    /// What it logged as data.
    pub logged: Vec<Vec<u8>>,
}

/// What became of a call: what it did, or the error.
pub type Outcome = Result<Done, u64>;

thread_local! {
    static LOGGED: RefCell<Vec<Vec<u8>>> = const { RefCell::new(vec![]) };
}

/// Keeps what a program logs as data, instead of printing it.
struct Log;

impl SyscallStubs for Log {
    fn sol_log(&self, _: &str) {}

    fn sol_log_data(&self, fields: &[&[u8]]) {
        LOGGED.with_borrow_mut(|logged| logged.extend(fields.iter().map(|field| field.to_vec())));
    }
}

static KEEP_LOGS: Once = Once::new();

/// Runs an instruction of one of Joule's programs at a slot and a time. Calls to other programs do nothing; `None` if it
/// panics.
pub fn run(
    instruction: &Instruction,
    account: impl Fn(Address) -> Account,
    (slot, time): (u64, i64),
) -> Option<Outcome> {
    KEEP_LOGS.call_once(|| drop(set_syscall_stubs(Box::new(Log))));
    LOGGED.take();
    joule_common::native::set_clock(slot, time);
    let mut first: BTreeMap<Address, (usize, Account)> = BTreeMap::new();
    let mut bytes = (instruction.accounts.len() as u64).to_le_bytes().to_vec();
    for meta in &instruction.accounts {
        if first.contains_key(&meta.pubkey) {
            let place = instruction.accounts.iter().position(|other| other.pubkey == meta.pubkey);
            bytes.extend((place.unwrap_or_default() as u64).to_le_bytes());
            continue;
        }
        // As the runtime does: an account has what any of its places gives it.
        let same = || instruction.accounts.iter().filter(|other| other.pubkey == meta.pubkey);
        let (signer, writable) = (same().any(|other| other.is_signer), same().any(|other| other.is_writable));
        let account = account(meta.pubkey);
        // Nobody writes to the program that a transaction names, to the runtime's own ones, or to a sysvar.
        let reserved = [NATIVE_LOADER, sysvar::ID].contains(&account.owner) || meta.pubkey == instruction.program_id;
        let writable = writable && !reserved;
        let at = bytes.len();
        bytes.extend([255, signer.into(), writable.into(), account.executable.into(), 0, 0, 0, 0]);
        bytes.extend(meta.pubkey.to_bytes());
        bytes.extend(account.owner.to_bytes());
        bytes.extend(account.lamports.to_le_bytes());
        bytes.extend((account.data.len() as u64).to_le_bytes());
        bytes.extend(&account.data);
        bytes.resize((bytes.len() + ROOM).next_multiple_of(8), 0);
        bytes.extend(u64::MAX.to_le_bytes());
        first.insert(meta.pubkey, (at, account));
    }
    bytes.extend((instruction.data.len() as u64).to_le_bytes());
    bytes.extend(&instruction.data);
    bytes.extend(instruction.program_id.to_bytes());
    // Aligned, as the runtime's input is.
    let mut words = vec![0u64; bytes.len().div_ceil(8)];
    bytemuck::cast_slice_mut(&mut words)[..bytes.len()].copy_from_slice(&bytes);
    let code = panic::catch_unwind(panic::AssertUnwindSafe(|| {
        let mut views = [const { MaybeUninit::uninit() }; MAX_ACCOUNTS];
        // SAFETY: the bytes are as the runtime writes them, and nobody else reads them.
        let (accounts, data) = unsafe { read(words.as_mut_ptr().cast(), &mut views) };
        let process = |id: Address| -> Result<(), ProgramError> {
            match id {
                joule_bme_interface::ID => Ok(joule_bme::instructions::process(accounts, data)?),
                joule_stake_interface::ID => Ok(joule_stake::instructions::process(accounts, data)?),
                joule_escrow_interface::ID => Ok(joule_escrow::instructions::process(accounts, data)?),
                joule_identity_interface::ID => Ok(joule_identity::instructions::process(accounts, data)?),
                _ => Err(ProgramError::IncorrectProgramId),
            }
        };
        process(instruction.program_id).map_err(u64::from)
    }))
    .ok()?;
    if let Err(code) = code {
        return Some(Err(code));
    }
    let bytes: &[u8] = bytemuck::cast_slice(&words);
    let left = first.into_iter().map(|(key, (at, before))| {
        let word = |from: usize| u64::from_le_bytes(bytes[at + from..at + from + 8].try_into().expect("eight bytes"));
        let data = bytes[at + HEAD..at + HEAD + word(80) as usize].to_vec();
        let owner = Address::try_from(&bytes[at + 40..at + 72]).expect("32 bytes");
        (key, Account { lamports: word(72), data, owner, ..before })
    });
    Some(Ok(Done { left: left.collect(), logged: LOGGED.take() }))
}
