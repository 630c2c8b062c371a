//! The programs' Rust against their ELFs: every recorded call, and what a stranger tries with it. Where no other program is
//! called, both must leave the same bytes and lamports and log the same events, or end with the same error. So a fault of the compiler pipeline is found.

use {
    joule_fuzz::{
        calls::{self, Call, Outcome, Stage},
        native,
        tries::{choose, tries},
    },
    joule_interface::Instruction,
    joule_tests::books::Accounts,
    solana_account::Account,
    std::process::ExitCode,
};

const HELP: &str = "usage: native [--each N] [--program NAME]

Runs calls that tests recorded (JOULE_EXAMPLES, or target/examples), and others made of them, as the Rust of the programs
and as the ELFs in SBF_OUT_DIR, and compares what is left. Calls that call another program are passed over.

  --each N        calls of each instruction from which others are made; all are made as they are (1)
  --program NAME  of one program";

#[derive(Default)]
struct Count {
    done: u32,
    refused: u32,
    calling: u32,
    findings: Vec<String>,
}

impl Count {
    /// `Err`: what the call did breaks a book or a rule.
    fn compare(&mut self, name: &str, call: &Call, stage: &mut Stage, instruction: &Instruction) -> Result<(), String> {
        let at = (call.example.slot(), call.example.time().0);
        let account = |key| stage.world.account(key).unwrap_or_default();
        let native = native::run(instruction, account, at);
        let outcome = stage.try_call(instruction)?;
        if stage.called {
            self.calling += 1;
            return Ok(());
        }
        match outcome {
            Outcome::Done(changed) => {
                self.done += 1;
                let Some(Ok(native::Done { left, logged })) = native else {
                    self.findings.push(format!("{name}: the ELF does it, the Rust does not: {native:?}"));
                    return Ok(());
                };
                if logged != stage.logged {
                    self.findings.push(format!("{name}: another event: {:?} and {logged:?}", stage.logged));
                    return Ok(());
                }
                let before = |key| stage.world.account(key).unwrap_or_default();
                let differs = |(key, after): &(_, Account)| {
                    let before = before(*key);
                    !before.executable && (&before.data, before.lamports) != (&after.data, after.lamports)
                };
                let [elf, rust] = [changed, left].map(|left| left.into_iter().filter(differs).collect::<Accounts>());
                let keys = |key| (elf.get(key), rust.get(key));
                for key in elf.keys().chain(rust.keys()) {
                    let same = match keys(key) {
                        // An account without lamports is gone, whatever its bytes.
                        (Some(elf), Some(rust)) if elf.lamports == 0 => rust.lamports == 0,
                        (Some(elf), Some(rust)) => (&elf.data, elf.lamports) == (&rust.data, rust.lamports),
                        _ => false,
                    };
                    if !same {
                        let (elf, rust) = keys(key);
                        let places = elf.zip(rust).map(|(elf, rust)| {
                            let differ = elf.data.iter().zip(&rust.data).enumerate().filter(|(_, (a, b))| a != b);
                            differ.map(|(at, _)| at).collect::<Vec<_>>()
                        });
                        self.findings.push(format!(
                            "{name}: {key} is left otherwise: by the ELF {:?}, by the Rust {:?} lamports, bytes {places:?}",
                            elf.map(|account| account.lamports),
                            rust.map(|account| account.lamports),
                        ));
                        return Ok(());
                    }
                }
            }
            // Without a code the runtime refused what the program did.
            Outcome::Refused(None) => {}
            Outcome::Refused(Some(code)) => {
                self.refused += 1;
                if !matches!(native, Some(Err(error)) if error == u64::from(code)) {
                    self.findings.push(format!("{name}: the ELF fails with {code}, the Rust does not: {native:?}"));
                }
            }
        }
        Ok(())
    }
}

/// From how many calls of each instruction others are made, and of which program; `None`: help is asked for.
fn options(mut arguments: impl Iterator<Item = String>) -> Result<Option<(usize, Option<String>)>, String> {
    let (mut each, mut only) = (1, None);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value"));
        match argument.as_str() {
            "--help" => return Ok(None),
            "--each" => each = value()?.parse().map_err(|_| "--each needs a number")?,
            "--program" => only = Some(value()?),
            _ => return Err(format!("{argument} is no option")),
        }
    }
    Ok(Some((each, only)))
}

fn main() -> ExitCode {
    let (each, only) = match options(std::env::args().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(wrong) => {
            eprintln!("native: {wrong}; see --help");
            return ExitCode::FAILURE;
        }
    };
    let mut count = Count::default();
    for of_spec in calls::recorded().0 {
        if only.as_ref().is_some_and(|only| *only != of_spec[0].program.name) {
            continue;
        }
        let name = format!("{}.{}", of_spec[0].program.name, of_spec[0].spec.name);
        for call in &of_spec {
            let mut stage = Stage::new(&call.example);
            let name = format!("{name} ({})", call.test);
            if let Err(wrong) = count.compare(&name, call, &mut stage, &call.example.instruction()) {
                count.findings.push(format!("{name}: {wrong}"));
            }
        }
        for (call, mut stage, _) in choose(of_spec, each, &mut vec![]) {
            for attempt in tries(&call, &mut stage) {
                let name = format!("{name} ({}) {} of account {}", call.test, attempt.what, attempt.place);
                // What a changed call breaks, `access` judges, which knows the reasons.
                let _ = count.compare(&name, &call, &mut stage, &attempt.instruction);
            }
        }
    }
    for finding in &count.findings {
        println!("{}", finding.chars().take(600).collect::<String>());
    }
    println!(
        "{} calls done and {} refused alike by ELF and Rust; {} that call another program passed over; {} findings",
        count.done,
        count.refused,
        count.calling,
        count.findings.len()
    );
    if count.done == 0 {
        let of = only.map_or_else(String::new, |only| format!(" of a program {only}"));
        eprintln!("native: no call{of} was recorded that calls no other program");
    }
    if count.findings.is_empty() && count.done > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[cfg(test)]
mod tests {
    use super::options;

    #[test]
    fn wrong_arguments_are_named() {
        let read = |text: &str| options(text.split_whitespace().map(String::from));
        assert_eq!(read("--each 3 --program bme"), Ok(Some((3, Some("bme".into())))));
        assert_eq!((read(""), read("--help")), (Ok(Some((1, None))), Ok(None)));
        for (wrong, why) in [("--each x", "a number"), ("--each", "a value"), ("--eahc 3", "--eahc is no option")] {
            assert!(read(wrong).is_err_and(|said| said.contains(why)), "{wrong}");
        }
    }
}
