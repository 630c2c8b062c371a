//! What integrators depend on: codes, discriminators, flags and layouts do not change by accident.
//!
//! The interfaces as text are committed in `tests/golden/`; a difference is a change of contract.

use {
    joule_interface::{InstructionSpec, LayoutSpec, ProgramSpec},
    joule_tests::{World, engine, golden},
    solana_program::instruction::Instruction,
    std::{collections::HashSet, fmt::Write, path::Path},
};

const PROGRAMS: [ProgramSpec; 4] = [
    joule_bme_interface::SPEC,
    joule_stake_interface::SPEC,
    joule_escrow_interface::SPEC,
    joule_identity_interface::SPEC,
];

fn layout(text: &mut String, title: &str, spec: &LayoutSpec) {
    writeln!(text, "\n{title} {} ({} bytes)", spec.name, spec.size).unwrap();
    for field in spec.fields {
        writeln!(text, "  {:>4} {:>4}  {}: {}", field.offset, field.size, field.name, field.type_name).unwrap();
    }
}

fn describe(program: &ProgramSpec) -> String {
    let mut text = format!("program {} {}\n", program.name, program.id);
    for spec in program.types {
        layout(&mut text, "type", spec);
    }
    for ((discriminator, spec), (written, also_read)) in program.accounts.iter().zip(program.account_versions) {
        let version = match (*written, *also_read) {
            (1, 1) => String::new(),
            (written, also_read) if written == also_read => format!(" version {written}"),
            (written, also_read) => format!(" version {written} reads {also_read}"),
        };
        layout(&mut text, &format!("account {discriminator}{version}"), spec);
    }
    text.push('\n');
    for pda in program.pdas {
        let seeds: Vec<_> = pda.seeds.iter().map(|(name, type_name)| format!("{name}: {type_name}")).collect();
        writeln!(text, "pda {} = [\"{}\", {}]", pda.name, pda.prefix, seeds.join(", ")).unwrap();
    }
    for instruction in program.instructions {
        layout(
            &mut text,
            &format!("instruction {} {}", instruction.discriminator, instruction.name),
            &instruction.args,
        );
        for account in instruction.accounts {
            let flag = |set, name| if set { name } else { "" };
            writeln!(
                text,
                "       {}{}{}{}",
                account.name,
                flag(account.signer, " signer"),
                flag(account.writable, " writable"),
                flag(account.optional, " optional")
            )
            .unwrap();
        }
    }
    for (discriminator, spec) in program.events {
        layout(&mut text, &format!("event {discriminator}"), spec);
    }
    text.push('\n');
    for error in program.errors {
        writeln!(text, "error {} {}: {}", error.code, error.name, error.message).unwrap();
    }
    text
}

#[test]
fn interfaces_are_what_was_promised() {
    for program in PROGRAMS {
        golden::compare(&format!("{}.txt", program.name), &describe(&program));
    }
}

#[test]
fn nothing_is_used_twice() {
    let mut codes = HashSet::new();
    for program in PROGRAMS {
        let (mut accounts, mut instructions, mut events, mut prefixes) = Default::default();
        fn once<T: Eq + std::hash::Hash + std::fmt::Debug + Copy>(seen: &mut HashSet<T>, value: T) {
            assert!(seen.insert(value), "{value:?} is used twice");
        }
        program.errors.iter().for_each(|error| once(&mut codes, error.code));
        program.accounts.iter().for_each(|(discriminator, _)| once(&mut accounts, *discriminator));
        program.instructions.iter().for_each(|instruction| once(&mut instructions, instruction.discriminator));
        program.events.iter().for_each(|(discriminator, _)| once(&mut events, *discriminator));
        program.pdas.iter().for_each(|pda| once(&mut prefixes, pda.prefix));
    }
}

/// All Rust files below a folder.
fn sources(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("the folder can be read");
    let paths = entries.map(|entry| entry.expect("the folder can be read").path());
    paths
        .flat_map(|path| match path.extension() {
            _ if path.is_dir() => sources(&path),
            Some(extension) if extension == "rs" => vec![std::fs::read_to_string(&path).expect("the file is text")],
            _ => vec![],
        })
        .collect()
}

#[test]
fn every_declaration_is_in_its_programs_description() {
    for program in PROGRAMS {
        let folder = format!("{}/../programs/{}/interface/src", env!("CARGO_MANIFEST_DIR"), program.name);
        let sources = sources(Path::new(&folder));
        let declared = |macro_name: &str| {
            let opening = format!("{macro_name}! {{");
            sources.iter().flat_map(|source| source.lines()).filter(|line| *line == opening).count()
        };
        assert_eq!(declared("instruction"), program.instructions.len(), "{}", program.name);
        assert_eq!(declared("account"), program.accounts.len(), "{}", program.name);
        assert_eq!(declared("layout"), program.types.len(), "{}", program.name);
        assert_eq!(declared("event"), program.events.len(), "{}", program.name);
        assert_eq!(declared("pda"), program.pdas.len(), "{}", program.name);
    }
}

#[test]
fn names_of_timestamps_end_in_at_and_those_of_lengths_of_time_say_so() {
    const LENGTHS: [&str; 7] = ["window", "period", "delay", "duration", "interval", "age", "extension"];
    for program in PROGRAMS {
        let accounts = program.accounts.iter().map(|(_, layout)| layout);
        let events = program.events.iter().map(|(_, layout)| layout);
        let args = program.instructions.iter().map(|instruction| &instruction.args);
        for layout in program.types.iter().chain(accounts).chain(events).chain(args) {
            for field in layout.fields {
                let named = match field.type_name {
                    "Timestamp" => field.name.ends_with("_at"),
                    "Seconds" => LENGTHS.iter().any(|length| field.name.ends_with(length)),
                    _ => true,
                };
                assert!(named, "{}: {}.{} is of type {}", program.name, layout.name, field.name, field.type_name);
            }
        }
    }
}

/// Instructions that write the account that they call so.
fn writers(program: ProgramSpec, account: &str) -> Vec<&'static str> {
    let writes = |spec: &&InstructionSpec| spec.accounts.iter().any(|own| own.name == account && own.writable);
    program.instructions.iter().filter(writes).map(|spec| spec.name).collect()
}

#[test]
fn a_verification_is_written_by_what_creates_it_alone() {
    let writers = writers(joule_escrow_interface::SPEC, "verification");
    assert_eq!(writers, ["CreateVerification", "CreateProofVerification"]);
}

/// What is named after them would be the first manager's again.
#[test]
fn no_instruction_closes_keys() {
    let writers = writers(joule_escrow_interface::SPEC, "keys");
    let all = ["OpenKeys", "SetHotKey", "SetBondLimit", "ProposeKeys", "CancelKeys", "ExecuteKeys", "Act", "PayOut"];
    assert_eq!(writers, all);
}

#[test]
fn no_instruction_moves_credits_from_one_owner_to_another() {
    for spec in joule_bme_interface::SPEC.instructions {
        let credits =
            spec.accounts.iter().filter(|account| account.writable && account.name == "credit_account").count();
        assert!(credits < 2 && spec.remaining.is_none_or(|account| account.name != "credit_account"), "{}", spec.name);
    }
}

#[test]
fn every_instruction_is_dispatched_and_no_other_byte() {
    let world = World::new();
    for program in PROGRAMS {
        let unknown = program.errors[0].code;
        for discriminator in 0..=u8::MAX {
            let data = [&[discriminator][..], &[0; 600]].concat();
            let instruction = Instruction { program_id: program.id, accounts: vec![], data };
            let failure = world.send(&[instruction], &[]).expect_err("no instruction works without accounts");
            let declared = program.instructions.iter().any(|instruction| instruction.discriminator == discriminator);
            assert_eq!(failure.code() != Some(unknown), declared, "{} {discriminator}: {failure:?}", program.name);
        }
    }
}

/// Whoever finds something has to know whom to tell, with nothing but the ELF at hand.
#[test]
fn every_elf_names_a_contact() {
    for program in PROGRAMS {
        let elf = std::fs::read(engine::elf(&format!("joule_{}", program.name))).expect("the ELF is there");
        let said = solana_security_txt::find_and_parse(&elf).expect("a security.txt");
        assert_eq!(said.name, format!("joule-{}", program.name));
        assert!(!said.contacts.is_empty() && !said.policy.is_empty());
    }
}
