//! What was called, and in what state its accounts were, roughly: which numbers were zero, one or more, and where dates lay. Two things
//! that were so together in one account are one thing seen. This code knows no instruction.

use {
    super::hash,
    crate::{Failure, Receipt, books::Accounts, example::PROGRAMS},
    joule_interface::{Address, Instruction, LayoutSpec, ProgramSpec},
    solana_account::Account,
    solana_transaction_error::TransactionError,
};

/// An account of a call, before it.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    /// Which call, how it ended, which of its accounts, and of what kind that is.
    key: u64,
    /// What is in it.
    words: Vec<u8>,
}

impl Shape {
    /// All of it, as a number.
    pub fn whole(&self) -> u64 {
        hash(&(self.key, &self.words))
    }

    fn thing(&self, place: usize) -> u64 {
        mix(self.key ^ (place as u64) << 8 ^ self.words[place] as u64)
    }

    /// Each thing in it, as a number.
    pub fn things(&self) -> impl Iterator<Item = u64> {
        (0..self.words.len()).map(|place| self.thing(place))
    }

    /// Each two things in it, as numbers; of very many only those that are near each other.
    pub fn pairs(&self) -> impl Iterator<Item = u64> {
        const NEAR: usize = 48;
        let pair = |one: usize, other: usize| mix(self.thing(one).rotate_left(7) ^ self.thing(other));
        let count = self.words.len();
        (0..count).flat_map(move |one| (one + 1..count.min(one + NEAR)).map(move |other| pair(one, other)))
    }
}

/// A number that looks like another one.
fn mix(number: u64) -> u64 {
    let number = (number ^ number >> 31).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    number ^ number >> 29
}

/// What was called since the beginning.
#[derive(Default)]
pub(super) struct Calls {
    /// In order.
    pub shapes: Vec<Shape>,
    /// All calls, how they ended, and what they left, as a number.
    pub digest: u64,
    /// Of each call that was alone in its transaction: which, how it ended, and what it cost, which tells the way that it took.
    pub costs: Vec<[u64; 2]>,
}

impl Calls {
    /// Notes what a transaction left. What lamports are left depends on fees of what was refused.
    pub fn left(&mut self, address: Address, account: Option<&Account>) {
        self.digest = hash(&(self.digest, address, account.map(|account| &account.data)));
    }

    /// Notes a transaction. Of one that was refused, what refused it.
    pub fn note(
        &mut self,
        accounts: &Accounts,
        now: i64,
        instructions: &[Instruction],
        outcome: &Result<Receipt, Failure>,
    ) {
        let failure = outcome.as_ref().err();
        let logs = outcome.as_ref().map_or_else(|failure| &failure.logs, |receipt| &receipt.logs);
        let code = failure.map(|failure| failure.code());
        let refused = failure.map(|failure| match failure.error {
            // The first of all is the limit of compute units.
            TransactionError::InstructionError(place, _) => place as usize,
            _ => 0,
        });
        for (place, instruction) in instructions.iter().enumerate() {
            if refused.is_some_and(|refused| refused != place + 1) {
                continue;
            }
            let call = hash(&(instruction.program_id, instruction.data.first(), code));
            self.digest = hash(&(self.digest, call));
            if let ([_], Some(units)) = (instructions, logs.iter().rev().find_map(|line| units(line))) {
                self.costs.push([call, units]);
            }
            let given: Vec<Address> = instruction.accounts.iter().map(|meta| meta.pubkey).collect();
            let kinds = instruction.accounts.iter().enumerate().map(|(index, meta)| {
                let again = given[..index].contains(&meta.pubkey) as u8;
                kind(accounts.get(&meta.pubkey)) << 2 | again << 1 | meta.is_signer as u8
            });
            // Not two by two: each account by itself.
            self.shapes.extend(
                kinds.enumerate().map(|(index, kind)| Shape { key: mix(call ^ index as u64), words: vec![kind] }),
            );
            let known = given.iter().filter_map(|address| accounts.get(address));
            let known: Vec<_> =
                known.filter_map(|account| Some((*account.data.first()?, contents(account, now)?))).collect();
            for (place, (kind, one)) in known.iter().enumerate() {
                for (other_kind, other) in &known[..place] {
                    let words = compare(&one.numbers, &other.numbers);
                    self.shapes.push(Shape { key: hash(&(call, kind, other_kind)), words });
                    let words = order(&one.dates, &other.dates, now);
                    // Not two by two.
                    let single =
                        |(index, word)| Shape { key: hash(&(call, kind, other_kind, index)), words: vec![word] };
                    self.shapes.extend(words.enumerate().map(single));
                }
            }
            let of_each = known.into_iter();
            self.shapes.extend(of_each.map(|(kind, of)| Shape { key: hash(&(call, kind)), words: of.words }));
        }
    }
}

/// What a program's run cost, if a line of the log says so.
fn units(line: &str) -> Option<u64> {
    let (_, rest) = line.split_once(" consumed ")?;
    rest.split(' ').next()?.parse().ok()
}

/// What kind of account it is: none, one of ours, one of another program.
fn kind(account: Option<&Account>) -> u8 {
    let Some(account) = account else { return 0 };
    match PROGRAMS.iter().position(|program| program.id == account.owner) {
        Some(program) => 4 + (program as u8 * 12 + account.data.first().map_or(0, |kind| kind % 12)),
        None => 1 + account.data.is_empty() as u8,
    }
}

/// What is in an account of ours.
#[derive(Default)]
struct Contents {
    /// What its numbers are, roughly, and where its dates lie.
    words: Vec<u8>,
    /// Its numbers, with their names.
    numbers: Vec<(&'static str, u64)>,
    /// Its dates.
    dates: Vec<i64>,
}

/// Of each date of one account and of another, whether they are over, and which is earlier.
fn order<'a>(one: &'a [i64], other: &'a [i64], now: i64) -> impl Iterator<Item = u8> + 'a {
    let both = one.iter().flat_map(move |date| other.iter().map(move |other| (*date, *other)));
    both.map(move |(date, other)| match (date, other) {
        (0, _) | (_, 0) => 0,
        _ => 1 + (date > now) as u8 + 2 * (other > now) as u8 + 4 * (date.cmp(&other) as i8 + 1) as u8,
    })
}

/// Which of two numbers that have one name is larger.
fn compare(one: &[(&'static str, u64)], other: &[(&'static str, u64)]) -> Vec<u8> {
    let of_one_name = one.iter().flat_map(|(name, number)| {
        let alike = other.iter().filter(move |(other, _)| other == name);
        alike.map(move |(_, other)| number.cmp(other) as i8 as u8)
    });
    of_one_name.collect()
}

fn contents(account: &Account, now: i64) -> Option<Contents> {
    let program = PROGRAMS.iter().find(|program| program.id == account.owner)?;
    let kind = account.data.first()?;
    let (_, layout) = program.accounts.iter().find(|(of, _)| of == kind)?;
    let mut contents = Contents::default();
    contents.read(program, layout, &account.data, now);
    Some(contents)
}

impl Contents {
    fn read(&mut self, program: &ProgramSpec, layout: &LayoutSpec, data: &[u8], now: i64) {
        const SKIPPED: [&str; 5] = ["header", "sequence", "bump", "policy", "reputation"];
        for field in layout.fields {
            let skipped = SKIPPED.contains(&field.name) || field.name.starts_with("reserved");
            let Some(bytes) = data.get(field.offset..field.offset + field.size).filter(|_| !skipped) else { continue };
            if field.size <= 8 {
                self.numbers.push((field.name, number(bytes)));
            }
            match field.type_name {
                "Address" | "U128" | "Tokens" | "Weight" | "Bps" | "Seconds" => {
                    self.words.push(bytes.iter().any(|byte| *byte != 0) as u8);
                }
                "Timestamp" => {
                    let at = number(bytes) as i64;
                    self.dates.push(at);
                    self.words.push(match at {
                        0 => 0,
                        at if at < now => 1,
                        at if at == now => 2,
                        at if at == now + 1 => 3,
                        _ => 4,
                    });
                }
                "u8" => self.words.push(bytes[0]),
                "u16" | "u32" => self.words.push(number(bytes).min(5) as u8),
                name if name.starts_with("[u8") => self.words.extend(bytes.iter().map(|byte| byte.min(&9))),
                name => match program.types.iter().find(|of| of.name == name) {
                    Some(inner) => self.read(program, inner, bytes, now),
                    None => self.words.extend(bytes.chunks(8).map(|word| number(word).min(2) as u8)),
                },
            }
        }
    }
}

fn number(bytes: &[u8]) -> u64 {
    let mut whole = [0; 8];
    bytes.iter().zip(&mut whole).for_each(|(from, to)| *to = *from);
    u64::from_le_bytes(whole)
}
