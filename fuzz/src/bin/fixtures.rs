//! Writes calls as instruction fixtures, for conformance tools of other runtimes; replays fixtures.

use {
    joule_fuzz::{
        calls::{self, Outcome},
        fixtures,
        tries::{choose, tries},
    },
    joule_interface::Instruction,
    protosol::protos::InstrFixture,
    std::{
        collections::BTreeSet,
        fs,
        path::{Path, PathBuf},
        process::ExitCode,
    },
};

const HELP: &str = "usage: fixtures [--refused N] [--only PROGRAM.INSTRUCTION] [FOLDER]
       fixtures --replay FOLDER

Writes a valid call of each instruction, of those that tests recorded (JOULE_EXAMPLES, or target/examples), and refused ones
as instruction fixtures (protosol's InstrFixture, which Firedancer's and Agave's conformance tools replay) to FOLDER, or
target/fixtures, as PROGRAM/INSTRUCTION/valid.fix and PROGRAM/INSTRUCTION/ERROR.fix. Each holds all that a call needs, the
programs' ELFs and the sysvars included. Each is read back and replayed, and must do what the recorded call did.

  --refused N  refused calls of each instruction, each with another error (2)
  --only X     of one instruction, such as stake.Withdraw
  --replay F   replays the fixtures in a folder, and says which do something else";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (mut refused, mut only, mut replayed, mut folder) = (2, None, false, None);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().expect("a value");
        match argument.as_str() {
            "--refused" => refused = value().parse().expect("a number"),
            "--only" => only = Some(value()),
            "--replay" => {
                replayed = true;
                folder = Some(PathBuf::from(value()));
            }
            given if !given.starts_with('-') && folder.is_none() => folder = Some(PathBuf::from(given)),
            _ => {
                println!("{HELP}");
                return ExitCode::SUCCESS;
            }
        }
    }
    let folder = folder.unwrap_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/fixtures")));
    let (done, findings) = if replayed { replay(&folder) } else { write(&folder, refused, only.as_deref()) };
    findings.iter().for_each(|finding| println!("{finding}"));
    println!("{done} fixtures, {} findings", findings.len());
    if findings.is_empty() && done > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn replay(folder: &Path) -> (usize, Vec<String>) {
    let (mut done, mut findings, mut folders) = (0, vec![], vec![folder.to_path_buf()]);
    while let Some(next) = folders.pop() {
        let entries = fs::read_dir(&next).unwrap_or_else(|error| panic!("{}: {error}", next.display()));
        for path in entries.map(|entry| entry.expect("a folder can be read").path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "fix") {
                done += 1;
                let bytes = fs::read(&path).expect("a file can be read");
                let same = fixtures::decode(&bytes).and_then(|fixture| as_said(&fixture));
                findings.extend(same.err().map(|finding| format!("{}: {finding}", path.display())));
            }
        }
    }
    (done, findings)
}

/// Whether a call does what its fixture says.
fn as_said(fixture: &InstrFixture) -> Result<(), String> {
    let (Some(input), Some(output)) = (&fixture.input, &fixture.output) else {
        return Err("without input or output".into());
    };
    let done = fixtures::run(input)?;
    if done == *output { Ok(()) } else { Err(format!("it says {output:?}, and this is done: {done:?}")) }
}

fn write(folder: &Path, refused: usize, only: Option<&str>) -> (usize, Vec<String>) {
    let (calls, missing) = calls::recorded();
    let mut findings: Vec<String> = missing.iter().map(|name| format!("{name}: no test recorded a call")).collect();
    let mut done = 0;
    for of_spec in calls {
        let (program, instruction) = (of_spec[0].program.name, of_spec[0].spec.name);
        if only.is_some_and(|only| only != format!("{program}.{instruction}")) {
            continue;
        }
        let folder = folder.join(program).join(instruction);
        fs::create_dir_all(&folder).expect("the folder can be made");
        let Some((call, mut stage, left)) = choose(of_spec, 1, &mut findings).into_iter().next() else { continue };
        let mut add = |name: &str, fixture: Result<InstrFixture, String>, expected: Option<u32>| {
            let path = folder.join(name).with_extension("fix");
            let written = fixture.and_then(|fixture| {
                let bytes = fixtures::encode(&fixture);
                fs::write(&path, &bytes).map_err(|error| error.to_string())?;
                let read = fixtures::decode(&fs::read(&path).map_err(|error| error.to_string())?)?;
                if read != fixture {
                    return Err("what was read is not what was written".into());
                }
                let output = fixture.output.clone().unwrap_or_default();
                let changed = output.modified_accounts.len();
                let alike = match expected {
                    None => output.result == 0 && changed == left.len(),
                    Some(code) => output.custom_err == code && changed == 0,
                };
                if !alike {
                    return Err(format!("the recorded call did something else than {output:?}"));
                }
                as_said(&read)
            });
            done += 1;
            findings.extend(written.err().map(|finding| format!("{}: {finding}", path.display())));
        };
        let valid: Instruction = call.example.instruction();
        add("valid", fixtures::fixture(&stage, &valid), None);
        let mut codes = BTreeSet::new();
        for tried in tries(&call, &mut stage) {
            if codes.len() == refused {
                break;
            }
            let Ok(Outcome::Refused(Some(code))) = stage.try_call(&tried.instruction) else { continue };
            if codes.insert(code) {
                add(&code.to_string(), fixtures::fixture(&stage, &tried.instruction), Some(code));
            }
        }
    }
    (done, findings)
}
