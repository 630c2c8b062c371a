//! Raw instructions with hostile accounts: a valid call of some instruction, then whatever a stranger could do to its
//! bytes, its accounts and their flags. Anything but a named error, or an effect in balance, is a finding.
//!
//! A stranger cannot write the accounts of Joule's programs. So what is done to those is only what leaves them another
//! program's: a look-alike, cut short or of another kind. Mints, token accounts and price updates take any bytes.

use {
    crate::calls::{self, Call, Outcome, Stage},
    joule_interface::{Address, Instruction, SYSTEM_PROGRAM, TOKEN_2022_PROGRAM, TOKEN_PROGRAM},
    joule_tests::{example::PROGRAMS, tracked_world::Random},
    solana_account::Account,
    solana_program::instruction::AccountMeta,
    std::collections::HashMap,
};

/// Everything that was recorded, and a chain for each call that has been tried.
pub struct Raw {
    calls: Vec<Call>,
    /// Of each program's each instruction, where its calls are.
    places: Vec<Vec<Vec<usize>>>,
    /// Every account of every call: also those of other kinds, tenants and times.
    strangers: Vec<(Address, Account)>,
    stages: HashMap<usize, Stage>,
    /// Calls that were done, and refused.
    pub done: u64,
    /// See `done`.
    pub refused: u64,
}

impl Raw {
    /// With what tests recorded.
    pub fn new() -> Self {
        let calls: Vec<Call> = calls::recorded().0.into_iter().flatten().collect();
        assert!(!calls.is_empty(), "no calls in {}: see fuzz/README.md", calls::folder().display());
        let of = |program: &joule_interface::ProgramSpec, discriminator: u8| {
            let ours =
                |(_, call): &(usize, &Call)| call.program.id == program.id && call.spec.discriminator == discriminator;
            calls.iter().enumerate().filter(ours).map(|(place, _)| place).collect::<Vec<_>>()
        };
        let places = PROGRAMS
            .iter()
            .map(|program| {
                let all = program.instructions.iter().map(|spec| of(program, spec.discriminator));
                all.filter(|places| !places.is_empty()).collect()
            })
            .filter(|of_program: &Vec<Vec<usize>>| !of_program.is_empty())
            .collect();
        let strangers = calls.iter().flat_map(|call| call.example.accounts()).collect();
        Self { calls, places, strangers, stages: HashMap::new(), done: 0, refused: 0 }
    }

    /// One call.
    pub fn run(&mut self, random: &mut Random) {
        let of_program = &self.places[random.place(self.places.len())];
        let of_instruction = &of_program[random.place(of_program.len())];
        let place = of_instruction[random.place(of_instruction.len())];
        let call = &self.calls[place];
        let stage = self.stages.entry(place).or_insert_with(|| Stage::new(&call.example));
        stage.is_changed = true;
        let mut instruction = call.example.instruction();
        let mut changed = HashMap::new();
        let now = stage.world.now();
        for _ in 0..1 + random.below(4) {
            change(stage, &self.strangers, &mut instruction, &mut changed, random);
        }
        let outcome = stage.try_call(&instruction);
        stage.world.set_time(now);
        for (address, account) in changed {
            stage.world.set_account(address, account);
        }
        match outcome {
            Ok(Outcome::Done(_)) => self.done += 1,
            Ok(Outcome::Refused(_)) => self.refused += 1,
            Err(finding) => {
                panic!("{}.{} ({}): {finding}\n{instruction:?}", call.program.name, call.spec.name, call.test)
            }
        }
    }
}

impl Default for Raw {
    fn default() -> Self {
        Self::new()
    }
}

/// Puts an account for this call alone.
fn lend(stage: &mut Stage, changed: &mut HashMap<Address, Account>, address: Address, account: Account) {
    let before = stage.world.account(address).unwrap_or_default();
    if before.executable {
        return;
    }
    changed.entry(address).or_insert(before);
    stage.world.set_account(address, account);
}

fn change(
    stage: &mut Stage,
    strangers: &[(Address, Account)],
    instruction: &mut Instruction,
    changed: &mut HashMap<Address, Account>,
    random: &mut Random,
) {
    let count = instruction.accounts.len();
    let kind = random.below(16);
    if kind < 5 || count == 0 {
        return change_data(&mut instruction.data, random);
    }
    let (place, other) = (random.place(count), random.place(count));
    let address = instruction.accounts[place].pubkey;
    match kind {
        5 => instruction.accounts[place].pubkey = instruction.accounts[other].pubkey,
        6 => instruction.accounts.swap(place, other),
        7 => {
            let meta = &mut instruction.accounts[place];
            match random.below(2) {
                0 => meta.is_signer = !meta.is_signer,
                _ => meta.is_writable = !meta.is_writable,
            }
        }
        8 => instruction.accounts.truncate(place),
        9 => {
            let (is_signer, is_writable) = (random.below(2) == 1, random.below(2) == 1);
            let pubkey = strangers[random.place(strangers.len())].0;
            instruction.accounts.push(AccountMeta { pubkey, is_signer, is_writable });
        }
        // Of another call: as likely as not of the same kind.
        10 | 11 => {
            let (key, account) = &strangers[random.place(strangers.len())];
            instruction.accounts[place].pubkey = *key;
            if !changed.contains_key(key) && stage.account(*key).is_none() {
                lend(stage, changed, *key, account.clone());
            }
        }
        12 => {
            let programs = [SYSTEM_PROGRAM, TOKEN_PROGRAM, TOKEN_2022_PROGRAM, PROGRAMS[random.place(4)].id];
            instruction.accounts[place].pubkey = programs[random.place(4)];
        }
        13 => {
            let by = [1, 60, 3_600, 86_400, 7 * 86_400, 400 * 86_400][random.place(6)];
            stage.world.pass(by);
        }
        // A look-alike of another program, of any length and kind.
        14 => {
            let Some(mut account) = stage.world.account(address).filter(|account| !account.executable) else { return };
            let attacker = Address::new_from_array([0xA7; 32]);
            account.owner = [SYSTEM_PROGRAM, attacker][random.place(2)];
            change_bytes(&mut account.data, random);
            let key = Address::new_from_array([0xC0 + place as u8; 32]);
            instruction.accounts[place].pubkey = key;
            lend(stage, changed, key, account);
        }
        // What others own may hold anything.
        _ => {
            let Some(mut account) = stage.world.account(address).filter(|account| !account.executable) else { return };
            if PROGRAMS.iter().any(|program| program.id == account.owner) || account.owner == SYSTEM_PROGRAM {
                return;
            }
            change_bytes(&mut account.data, random);
            // But for this: all of a mint fit into 64 bits, and token programs add without looking.
            if account.data.len() >= 165 {
                account.data[71] &= 0x3f;
            }
            lend(stage, changed, address, account);
        }
    }
}

fn change_data(data: &mut Vec<u8>, random: &mut Random) {
    match random.below(8) {
        0 => data.truncate(random.place(data.len() + 1)),
        1 => data.extend((0..random.below(40)).map(|byte| byte as u8)),
        2 if !data.is_empty() => data[0] = random.below(256) as u8,
        // An argument of eight bytes, or fewer.
        3..7 if data.len() > 1 => {
            let at = 1 + random.place(data.len() - 1);
            let number = random.edge().to_le_bytes();
            let length = (data.len() - at).min([1, 2, 4, 8][random.place(4)]);
            data[at..at + length].copy_from_slice(&number[..length]);
        }
        _ => change_bytes(data, random),
    }
}

fn change_bytes(data: &mut Vec<u8>, random: &mut Random) {
    match random.below(4) {
        0 => data.truncate(random.place(data.len() + 1)),
        1 => data.resize(data.len() + random.place(200), 0),
        _ if data.is_empty() => {}
        2 => {
            let at = random.place(data.len());
            data[at] = random.below(256) as u8;
        }
        _ => {
            let at = random.place(data.len());
            let number = random.edge().to_le_bytes();
            let length = (data.len() - at).min(8);
            data[at..at + length].copy_from_slice(&number[..length]);
        }
    }
}
