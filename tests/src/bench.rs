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
            Compiler: {}\n\n\
            Measured on the ELF of `scripts/build` in solana-program-test, by `cargo test -p joule-tests bench`. Calls are \
            what the called programs took, without the 946 and more that each call costs its caller.\n\n\
            | instruction | all | own | calls | writable accounts |\n|---|---:|---:|---:|---:|\n",
            compiler()
        );
        Self { name, program, text }
    }

    /// Adds what a transaction of one instruction took.
    pub fn row(&mut self, instruction: &str, receipt: &Receipt) {
        let (all, own) = (receipt.units(), receipt.own_units(self.program));
        let writable = receipt.writable.len();
        writeln!(self.text, "| {instruction} | {all} | {own} | {} | {writable} |", all - own).expect("text");
    }

    /// Compares with the committed table, unless another compiler made that.
    #[track_caller]
    pub fn check(&self) {
        let name = format!("compute_units_{}.md", self.name);
        let made_by = |text: &str| text.lines().find(|line| line.starts_with("Compiler: ")).map(str::to_owned);
        if !golden::updating() && made_by(&golden::read(&name)) != made_by(&self.text) {
            println!("{name} was made by another compiler; this one gives:\n{}", self.text);
            return;
        }
        golden::compare(&name, &self.text);
    }
}

/// The compiler of the ELFs, as their build says.
fn compiler() -> String {
    let directory = std::env::var_os("SBF_OUT_DIR").expect("cargo sets SBF_OUT_DIR");
    let path = std::path::Path::new(&directory).join("compiler.txt");
    std::fs::read_to_string(path).unwrap_or_else(|_| "unknown".into()).trim().into()
}
