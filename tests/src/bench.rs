//! Compute units by instruction, as a committed table.

use {
    crate::{Receipt, golden},
    joule_interface::Address,
    std::fmt::Write,
};

/// The table of one program.
pub struct Table {
    name: &'static str,
    program: Address,
    text: String,
}

impl Table {
    /// An empty table.
    pub fn new(name: &'static str, program: Address) -> Self {
        let text = format!(
            "# Compute units of `{name}`\n\n\
            Measured on the ELF of `scripts/build` in solana-program-test, by `cargo test -p joule-tests bench`. Calls are \
            what the called programs took, without the 946 and more that each call costs its caller.\n\n\
            | instruction | all | own | calls | writable accounts |\n|---|---:|---:|---:|---:|\n"
        );
        Self { name, program, text }
    }

    /// Adds what a transaction of one instruction took.
    pub fn row(&mut self, instruction: &str, receipt: &Receipt) {
        let (all, own) = (receipt.units(), receipt.own_units(self.program));
        let writable = receipt.writable.len();
        writeln!(self.text, "| {instruction} | {all} | {own} | {} | {writable} |", all - own).expect("text");
    }

    /// Compares with the committed table.
    #[track_caller]
    pub fn check(&self) {
        golden::compare(&format!("compute_units_{}.md", self.name), &self.text);
    }
}
