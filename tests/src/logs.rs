//! What a transaction left behind.

use {
    crate::trace::Trace,
    base64::{Engine, engine::general_purpose::STANDARD},
    joule_interface::{Address, Event, SYSTEM_PROGRAM},
};

/// A program's run, at the top level or called by another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The program.
    pub program: Address,
    /// 1 at the top level.
    pub depth: usize,
    /// Compute units, inner calls included. Native programs report none.
    pub units: u64,
    /// What it logged as data, decoded.
    pub data: Vec<Vec<u8>>,
}

/// What a transaction did.
#[derive(Debug)]
pub struct Receipt {
    /// Every program's run, in order of their start; the compute budget's are left out.
    pub calls: Vec<Call>,
    /// Data that the last call returned.
    pub return_data: Vec<u8>,
    /// Accounts that its instructions may write.
    pub writable: Vec<Address>,
    /// Log lines.
    pub logs: Vec<String>,
    /// What the virtual machine did, while a [`Table`](crate::bench::Table) is being made.
    pub trace: Option<Trace>,
}

impl Receipt {
    pub(crate) fn new(logs: Vec<String>, return_data: Vec<u8>, writable: Vec<Address>) -> Self {
        Self { calls: calls(&logs), return_data, writable, logs, trace: None }
    }

    /// Compute units of the transaction's instructions, inner calls included.
    pub fn units(&self) -> u64 {
        /// What the System program takes, which logs nothing of it.
        const OF_SYSTEM: u64 = 150;
        let top = self.calls.iter().filter(|call| call.depth == 1);
        top.map(|call| if call.program == SYSTEM_PROGRAM { OF_SYSTEM } else { call.units }).sum()
    }

    /// Compute units that `program` spent itself, without those of the programs that it called.
    pub fn own_units(&self, program: Address) -> u64 {
        let inner = |index: usize| -> u64 {
            let depth = self.calls[index].depth;
            let below = self.calls[index + 1..].iter().take_while(|call| call.depth > depth);
            below.filter(|call| call.depth == depth + 1).map(|call| call.units).sum()
        };
        let own = self.calls.iter().enumerate().filter(|(_, call)| call.program == program);
        own.map(|(index, call)| call.units - inner(index)).sum()
    }

    /// Instructions that `program` itself executed: its own units without what the runtime charges for what is asked of
    /// it. Measured while a [`Table`](crate::bench::Table) is being made.
    #[track_caller]
    pub fn computed_units(&self, program: Address) -> u64 {
        self.trace.as_ref().expect("a table is being made").steps(program)
    }

    /// The events of type `E` that its program logged: as an indexer reads them, which believes no other program's.
    pub fn events<E: Event>(&self, program: Address) -> Vec<E> {
        let own = self.calls.iter().filter(|call| call.program == program);
        own.flat_map(|call| &call.data).filter_map(|data| E::decode(data)).collect()
    }

    /// The one event of type `E`.
    #[track_caller]
    pub fn event<E: Event + std::fmt::Debug>(&self, program: Address) -> E {
        let events = self.events(program);
        assert_eq!(events.len(), 1, "one event expected: {events:?}");
        events[0]
    }
}

/// Reads the runtime's log lines.
fn calls(logs: &[String]) -> Vec<Call> {
    let mut calls: Vec<Call> = vec![];
    let mut open: Vec<usize> = vec![];
    for line in logs {
        if let Some(data) = line.strip_prefix("Program data: ") {
            let bytes =
                data.split(' ').map(|field| STANDARD.decode(field).expect("base64")).collect::<Vec<_>>().concat();
            calls[*open.last().expect("data is logged by a running program")].data.push(bytes);
            continue;
        }
        let mut words = line.split(' ');
        let (Some("Program"), Some(program), Some(verb)) = (words.next(), words.next(), words.next()) else { continue };
        let Ok(program) = program.parse::<Address>() else { continue };
        match verb {
            "invoke" => {
                open.push(calls.len());
                calls.push(Call { program, depth: open.len(), units: 0, data: vec![] });
            }
            "consumed" => {
                let units = words.next().and_then(|word| word.parse().ok()).expect("a number of compute units");
                calls[*open.last().expect("a running program")].units = units;
            }
            "success" | "failed:" => {
                open.pop();
            }
            _ => {}
        }
    }
    calls.retain(|call| call.program != COMPUTE_BUDGET);
    calls
}

const COMPUTE_BUDGET: Address = crate::key("ComputeBudget111111111111111111111111111111");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_calls_are_told_apart() {
        let (a, b) = (Address::new_from_array([1; 32]), Address::new_from_array([2; 32]));
        let logs = [
            format!("Program {a} invoke [1]"),
            "Program log: Program data: not data".into(),
            format!("Program {b} invoke [2]"),
            "Program data: AQI= Aw==".into(),
            format!("Program {b} consumed 30 of 900 compute units"),
            format!("Program {b} success"),
            format!("Program {a} consumed 100 of 1000 compute units"),
            format!("Program {a} success"),
        ];
        let calls = calls(&logs);
        assert_eq!(calls[1], Call { program: b, depth: 2, units: 30, data: vec![vec![1, 2, 3]] });
        let receipt = Receipt { calls, return_data: vec![], writable: vec![], logs: vec![], trace: None };
        assert_eq!((receipt.units(), receipt.own_units(a), receipt.own_units(b)), (100, 70, 30));
    }
}
