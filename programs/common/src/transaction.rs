//! The transaction that an instruction is part of, by the instructions sysvar.

use {
    crate::{AccountView, account::Ref, guard},
    joule_interface::{Address, Fault},
    pinocchio::sysvars::instructions::{INSTRUCTIONS_ID, Instructions, IntrospectedInstruction},
};

/// The instructions of the transaction itself: those that programs call are not among them.
pub struct Transaction<'a>(Instructions<Ref<'a, [u8]>>);

/// One of them.
pub struct Sent<'a>(IntrospectedInstruction<'a>);

impl<'a> Transaction<'a> {
    /// From the instructions sysvar.
    #[inline(always)]
    pub fn of(instructions_sysvar: &'a AccountView) -> Result<Self, Fault> {
        guard::address(instructions_sysvar, &INSTRUCTIONS_ID)?;
        Instructions::try_from(instructions_sysvar).map(Self).map_err(|_| Fault::DuplicateAccount)
    }

    /// The instruction behind the one that runs, if there is one.
    #[inline(always)]
    pub fn next(&self) -> Option<Sent<'_>> {
        self.0.get_instruction_relative(1).ok().map(Sent)
    }
}

impl Sent<'_> {
    /// Its program.
    #[inline(always)]
    pub fn program(&self) -> &Address {
        self.0.get_program_id()
    }

    /// Its data.
    #[inline(always)]
    pub fn data(&self) -> &[u8] {
        self.0.get_instruction_data()
    }

    /// It names this account at a place.
    #[inline(always)]
    pub fn names(&self, place: usize, address: &Address) -> bool {
        self.0.get_instruction_account_at(place).is_ok_and(|account| guard::eq(&account.key, address))
    }
}
