//! Names in the log, for whoever debugs: with the feature `log-names`. Without it nothing is logged and nothing is compiled.
//!
//! `Program log: Instruction: PostJob`, as explorers know it of Anchor; and, of an instruction that fails,
//! `Program log: Error: WrongAccountType (3007): an account is not initialized, …`.

use joule_interface::{ErrorSpec, InstructionSpec};

/// Discriminators and names of a program's instructions: all else that is said of them stays out of the ELF.
pub const fn of<const N: usize>(specs: &[InstructionSpec]) -> [(u8, &'static str); N] {
    let mut names = [(0, ""); N];
    let mut index = 0;
    while index < N {
        names[index] = (specs[index].discriminator, specs[index].name);
        index += 1;
    }
    names
}

/// Logs which instruction it is, by the first byte of its data.
#[inline(always)]
pub fn instruction(names: &[(u8, &'static str)], data: &[u8]) {
    #[cfg(feature = "log-names")]
    log::instruction(names, data);
    #[cfg(not(feature = "log-names"))]
    let _ = (names, data);
}

/// Logs what an error of the program means, by its number.
#[inline(always)]
pub fn error(errors: &[ErrorSpec], code: u64) {
    #[cfg(feature = "log-names")]
    log::error(errors, code);
    #[cfg(not(feature = "log-names"))]
    let _ = (errors, code);
}

#[cfg(feature = "log-names")]
mod log {
    use {super::*, core::fmt::Write, solana_program::log::sol_log};

    /// A line of the log: what is longer is cut.
    struct Line {
        bytes: [u8; 512],
        length: usize,
    }

    impl Write for Line {
        fn write_str(&mut self, part: &str) -> core::fmt::Result {
            for byte in part.bytes() {
                if let Some(place) = self.bytes.get_mut(self.length) {
                    (*place, self.length) = (byte, self.length + 1);
                }
            }
            Ok(())
        }
    }

    impl Line {
        const EMPTY: Self = Self { bytes: [0; 512], length: 0 };

        /// Names and sentences are ASCII: no letter is cut in two.
        fn log(&self) {
            sol_log(core::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default());
        }
    }

    #[inline(never)]
    pub fn instruction(names: &[(u8, &'static str)], data: &[u8]) {
        let named = names.iter().find(|(discriminator, _)| data.first() == Some(discriminator));
        let mut line = Line::EMPTY;
        let _ = write!(line, "Instruction: {}", named.map_or("unknown", |(_, name)| name));
        line.log();
    }

    #[inline(never)]
    pub fn error(errors: &[ErrorSpec], code: u64) {
        let Some(error) = errors.iter().find(|error| error.code as u64 == code) else { return };
        let mut line = Line::EMPTY;
        let _ = write!(line, "Error: {} ({code}): {}", error.name, error.message);
        line.log();
    }
}
