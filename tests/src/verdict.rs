//! What may come of any call, whatever its accounts and data.

use {
    crate::{
        Failure,
        authorization::Transition,
        books, effects,
        example::{PROGRAMS, within},
        logs::Call,
        telling,
    },
    joule_interface::{Address, Instruction, TOKEN_2022_PROGRAM, TOKEN_PROGRAM},
    solana_account::Account,
    solana_program::instruction::InstructionError,
    solana_transaction_error::TransactionError,
};

/// A failure says why, with an error that some program names. Anything else is a finding: a panic, memory that is not the
/// program's, a budget used up, a check that was left to the runtime.
pub fn clean(failure: &Failure) -> Result<(), String> {
    let finding = |why: &str| Err(format!("{why}: {:?}\n{}", failure.error, failure.logs.join("\n")));
    let TransactionError::InstructionError(_, error) = &failure.error else {
        // Refused before any program ran: nothing of ours.
        return Ok(());
    };
    // The innermost program that failed.
    let Some(line) = failure.logs.iter().find(|line| line.starts_with("Program ") && line.contains(" failed: ")) else {
        return Ok(());
    };
    let culprit: Option<Address> = line.split(' ').nth(1).and_then(|word| word.parse().ok());
    let Some(program) = PROGRAMS.iter().find(|program| Some(program.id) == culprit) else {
        // Another program refused what ours asked of it, and ours had nothing half done: the transaction is undone.
        return Ok(());
    };
    use InstructionError::*;
    // A look-alike of an account that signs for a program: no such account can be where no address is derived.
    if line.ends_with("Provided seeds do not result in a valid address") {
        return Ok(());
    }
    match error {
        Custom(code) if program.errors.iter().any(|error| error.code == *code) => Ok(()),
        Custom(code) => finding(&format!("{} is no error of {}", code, program.name)),
        // The runtime's answer to a call for which someone did not sign, or that would write what is read-only.
        PrivilegeEscalation | MissingAccount => Ok(()),
        _ => finding("not a named error"),
    }
}

/// What a call did that succeeded: its books balance, who did it may, its amounts and dates are what they should be, and what it says is
/// so. The transition has what each account of the call was and is.
pub fn done(instruction: &Instruction, calls: &[Call], transition: &Transition) -> Result<(), String> {
    let (before, after) = (transition.before, transition.after);
    let keys = instruction.accounts.iter().map(|meta| meta.pubkey);
    let changed: Vec<Address> = keys.filter(|key| before.get(key) != after.get(key)).collect();
    books::check(before, after)?;
    transition.check(&changed)?;
    // Of what only who writes bytes can have, nobody is told how much.
    if !before.values().all(is_real) {
        return Ok(());
    }
    transition.check_amounts(&changed)?;
    telling::check(instruction, calls, before, after)
}

/// Whether a token program could have made an account, if it owns it: by its size, and by whether it was begun.
fn is_real(account: &Account) -> bool {
    const MINT: u8 = 1;
    const HOLDER: u8 = 2;
    let data = &account.data;
    let kind = match data.len() {
        82 => MINT,
        165 => HOLDER,
        _ if account.owner == TOKEN_2022_PROGRAM => data.get(165).copied().unwrap_or_default(),
        _ => 0,
    };
    let is_begun = match kind {
        MINT => data[45] == 1,
        HOLDER => [1, 2].contains(&data[108]),
        _ => false,
    };
    is_begun || ![TOKEN_PROGRAM, TOKEN_2022_PROGRAM].contains(&account.owner)
}

/// The same of a call that the table of effects was made of: it also writes what the table says.
pub fn made(instruction: &Instruction, calls: &[Call], transition: &Transition) -> Result<(), String> {
    done(instruction, calls, transition)?;
    transition.check_missing_amounts()?;
    let (before, after, now) = (transition.before, transition.after, transition.now);
    effects::check(instruction, calls, before, after, now)?;
    match within(instruction) {
        Some(inner) => effects::check(&inner, &[], before, after, now),
        None => Ok(()),
    }
}
