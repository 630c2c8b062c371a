//! Compute units by instruction, as a committed table.

use {
    crate::{Receipt, engine, golden, profile, trace::Trace},
    joule_interface::Address,
    std::{cell::Cell, fmt::Write},
};

thread_local! {
    static MEASURING: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is making a table: then each transaction is traced as well.
pub(crate) fn measuring() -> bool {
    MEASURING.get()
}

/// The table of one program. Transactions that are sent while it is made are traced.
pub struct Table {
    name: &'static str,
    program: Address,
    text: String,
}

impl Drop for Table {
    fn drop(&mut self) {
        MEASURING.set(false);
    }
}

impl Table {
    /// An empty table.
    pub fn new(name: &'static str, program: Address) -> Self {
        MEASURING.set(true);
        let text = format!(
            "# Compute units of `{name}`\n\n\
            Compiler: {}\n\n\
            The ELF: {} bytes\n\n\
            Made by `scripts/bench`, which explains the columns.\n\n\
            | instruction | all | all / least | own | floor | own / floor | syscalls | calling | called | accounts | writable \
            | bytes | rent |\n\
            |---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
            compiler(),
            size(program)
        );
        Self { name, program, text }
    }

    /// Adds what a transaction of one instruction took.
    #[track_caller]
    pub fn row(&mut self, instruction: &str, receipt: &Receipt) {
        let trace = receipt.trace.as_ref().expect("it was sent after the table was begun");
        let (all, spent) = (receipt.units(), receipt.own_units(self.program));
        let (own, calling) = (trace.steps(self.program), trace.charges(self.program));
        let (syscalls, called) = (spent - own - calling, all - spent);
        let mine = receipt.calls.iter().filter(|call| call.program == self.program);
        let logged: Vec<usize> = mine.flat_map(|call| &call.data).map(Vec::len).collect();
        let floor = trace.floor(self.program, &logged);
        let ratio = own as f64 / floor as f64;
        let over = all as f64 / (floor + syscalls + calling + called) as f64;
        let Trace { accounts, writable, bytes, rent, .. } = trace;
        writeln!(
            self.text,
            "| {instruction} | {all} | {over:.2} | {own} | {floor} | {ratio:.2} | {syscalls} | {calling} | {called} | {accounts} \
             | {writable} | {bytes} | {rent} |"
        )
        .expect("text");
        profile::keep(self.name, instruction, trace.runs.iter().filter(|run| run.program == self.program));
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

/// How large a program's ELF is, bytes: who deploys it pays rent for that.
fn size(program: Address) -> u64 {
    let name = engine::programs().into_iter().find_map(|(name, id)| (id == program).then_some(name));
    let path = engine::elf(name.expect("one of ours"));
    path.metadata().expect("an ELF").len()
}

/// The compiler of the ELFs, as their build says.
fn compiler() -> String {
    let directory = std::env::var_os("SBF_OUT_DIR").expect("cargo sets SBF_OUT_DIR");
    let path = std::path::Path::new(&directory).join("compiler.txt");
    std::fs::read_to_string(path).unwrap_or_else(|_| "unknown".into()).trim().into()
}
