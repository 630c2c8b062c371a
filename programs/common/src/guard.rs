//! Checks. Each is one line in a processor, beside what it protects.

use {
    crate::AccountView,
    joule_interface::{Address, Fault, SYSTEM_PROGRAM, TOKEN_2022_PROGRAM, TOKEN_PROGRAM},
};

/// Four word comparisons; `==` on addresses costs more.
pub use joule_interface::address_eq as eq;

/// `error` unless `condition` holds.
#[inline(always)]
pub fn require<E>(condition: bool, error: E) -> Result<(), E> {
    if condition { Ok(()) } else { Err(error) }
}

/// `InvalidParameter` unless the condition holds; the log then says which field is out of range. What holds costs no more than
/// with [`require`].
///
/// `in_range!(args.closed <= 1, "closed")?`
#[macro_export]
macro_rules! in_range {
    ($condition:expr, $field:literal) => {
        if $condition { Ok(()) } else { Err($crate::guard::out_of_range(concat!("out of range: ", $field))) }
    };
}

/// Logs which field is out of range. Clients read the line: `explain` of the TypeScript package does.
#[cold]
#[inline(never)]
pub fn out_of_range(line: &str) -> Fault {
    solana_program::log::sol_log(line);
    Fault::InvalidParameter
}

/// The account is the one at `address`.
#[inline(always)]
pub fn address(account: &AccountView, address: &Address) -> Result<(), Fault> {
    require(eq(account.address(), address), Fault::WrongAddress)
}

/// `authority` is what the account that it acts on names. That it signed is checked when accounts are parsed.
#[inline(always)]
pub fn authority(signer: &AccountView, authority: &Address) -> Result<(), Fault> {
    require(eq(signer.address(), authority), Fault::Unauthorized)
}

/// The account names `network` as its network.
#[inline(always)]
pub fn network(of_account: &Address, network: &Address) -> Result<(), Fault> {
    require(eq(of_account, network), Fault::WrongNetwork)
}

/// The account is the program `id`.
#[inline(always)]
pub fn program(account: &AccountView, id: &Address) -> Result<(), Fault> {
    require(eq(account.address(), id), Fault::WrongProgram)
}

/// The account is the System program.
#[inline(always)]
pub fn system_program(account: &AccountView) -> Result<(), Fault> {
    program(account, &SYSTEM_PROGRAM)
}

/// The account is one of the two token programs.
#[inline(always)]
pub fn token_program(account: &AccountView) -> Result<(), Fault> {
    require(
        eq(account.address(), &TOKEN_PROGRAM) || eq(account.address(), &TOKEN_2022_PROGRAM),
        Fault::WrongTokenProgram,
    )
}

/// The optional account is there: the program's own id stands for an absent one.
#[inline(always)]
pub fn present(account: &AccountView, program: &Address) -> bool {
    !eq(account.address(), program)
}
