//! The module for Python reads what the programs write: `idl/clients/python/joule_idl.py`. Skipped where there is no Python.

use {
    base64::{Engine, engine::general_purpose::STANDARD},
    joule_bme_interface::{ID, event::CreditsBought},
    joule_idl::PROGRAMS,
    joule_interface::{Address, FieldSpec, LayoutSpec},
    joule_tests::{Network, World, fixture::TOKEN},
    serde_json::{Value, json},
    solana_signer::Signer,
    std::{
        io::Write,
        process::{Command, Stdio},
    },
};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../idl/clients/python");

/// What Python prints, and whether it ended well; `None`: there is no Python.
fn python(arguments: &[&str], input: &str) -> Option<(String, bool)> {
    let mut command = Command::new("python3");
    // No cache beside the source.
    command.args(arguments).env("PYTHONDONTWRITEBYTECODE", "1").env("PYTHONPATH", FOLDER);
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let Ok(mut child) = child else {
        eprintln!("skipped: there is no python3");
        return None;
    };
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("Python reads");
    let output = child.wait_with_output().expect("Python ends");
    let said = if output.status.success() { output.stdout } else { output.stderr };
    Some((String::from_utf8(said).expect("text"), output.status.success()))
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// Runs the module as a script.
fn events(input: &Value) -> Option<(String, bool)> {
    python(&[&format!("{FOLDER}/joule_idl.py")], &input.to_string())
}

#[test]
fn python_reads_the_events_of_a_transaction() {
    let mut world = World::lite();
    let client = world.user();
    let (network, tokens) = Network::new(&mut world, &[client.pubkey()]);
    let credits = network.open_credit_account(&world, client.pubkey());
    let receipt = world.ok(&[network.buy_instruction(client.pubkey(), tokens[0], credits, TOKEN)], &[&client]);
    let bought: CreditsBought = receipt.event(ID);

    let answer = |err: Value| json!({ "jsonrpc": "2.0", "id": 1, "result": { "meta": { "err": err, "logMessages": receipt.logs } } });
    let Some((printed, true)) = events(&answer(Value::Null)) else { return };
    let [event] = &lines(&printed)[..] else { panic!("{printed}") };
    assert_eq!((&event["program"], &event["event"]), (&json!("jouleBme"), &json!("creditsBought")));
    assert_eq!(event["source"], bought.header.source.to_string());
    assert_eq!(event["sequence"], bought.header.sequence);
    assert_eq!(event["fields"]["tokens"], bought.tokens.0);
    assert_eq!(event["fields"]["credits"], bought.credits.0);
    assert_eq!(events(&json!(receipt.logs)), Some((printed, true)));

    // What a failed transaction logged did not happen.
    assert_eq!(events(&answer(json!({ "InstructionError": [0, { "Custom": 1 }] }))), Some((String::new(), true)));
    let cut = [&receipt.logs[..1], &["Log truncated".to_owned()]].concat();
    let (said, ended_well) = events(&json!(cut)).expect("Python");
    assert!(!ended_well && said.contains("LogTruncated"), "{said}");
}

#[test]
fn python_believes_a_program_only_in_its_own_lines() {
    let data = bytemuck::bytes_of(&CreditsBought {
        header: CreditsBought::header(Address::new_from_array([1; 32]), 1),
        ..CreditsBought::default()
    })
    .to_vec();
    let (line, other) = (format!("Program data: {}", STANDARD.encode(data)), Address::new_from_array([7; 32]));
    let [ours, theirs] = [format!("Program {ID}"), format!("Program {other}")];
    let in_theirs = |said: &str| {
        json!([
            format!("{ours} invoke [1]"),
            format!("{theirs} invoke [2]"),
            said,
            line,
            format!("{theirs} success"),
            format!("{ours} success"),
        ])
    };
    for said in [
        "",
        "Program log: success",
        "Program data: failedAA",
        "Program log: x\nProgram x success",
        &format!("Program log: {ours} invoke [3]"),
    ] {
        let Some(printed) = events(&in_theirs(said)) else { return };
        assert_eq!(printed, (String::new(), true), "{said:?}");
    }
    let own = json!([format!("{ours} invoke [1]"), line, format!("{ours} success")]);
    assert_eq!(events(&own).map(|(printed, _)| printed.lines().count()), Some(1));
    // Left out, it would be a gap that nobody notices.
    let unknown = json!([format!("{ours} invoke [1]"), "Program data: /wEAAA=="]);
    assert!(events(&unknown).is_some_and(|(said, ended_well)| !ended_well && said.contains("does not know")));
}

fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |all, word| all + &word[..1].to_uppercase() + &word[1..])
}

/// What a field of a known type is in Python; nothing of structs within.
fn expected(field: &FieldSpec, data: &[u8]) -> Option<Value> {
    let bytes = &data[field.offset..field.offset + field.size];
    Some(match field.type_name {
        "Address" => json!(Address::try_from(bytes).expect("32 bytes").to_string()),
        "Timestamp" | "i64" => json!(i64::from_le_bytes(bytes.try_into().expect("8 bytes"))),
        "u8" | "u16" | "u32" | "u64" | "Amount" | "Tokens" | "Credits" | "Seconds" | "Bps" => {
            json!(bytes.iter().rev().fold(0u64, |value, byte| value << 8 | *byte as u64))
        }
        name if name.starts_with("[u8; ") => json!(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()),
        _ => return None,
    })
}

#[test]
fn python_reads_every_event_and_account() {
    const READ: &str = "import sys, json, joule_idl
known = joule_idl.programs()
for line in sys.stdin:
    id, kind, data = line.split()
    print(json.dumps(getattr(known[id], kind)(bytes.fromhex(data))))";
    let all = PROGRAMS.iter().flat_map(|program| {
        let kinds = [("event", program.events), ("account", program.accounts)];
        kinds.into_iter().flat_map(move |(kind, layouts)| layouts.iter().map(move |it| (program.id, kind, it)))
    });
    let all: Vec<(Address, &str, &(u8, LayoutSpec))> = all.collect();
    // Each byte another, so that none is read in the place of another.
    let data = |(first, layout): &(u8, LayoutSpec)| {
        let mut data: Vec<u8> = (0..layout.size).map(|at| (at * 7 + at / 256) as u8).collect();
        data[..2].copy_from_slice(&[*first, 1]);
        data
    };
    let hexadecimal = |data: &[u8]| data.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let input: String = all.iter().map(|(id, kind, it)| format!("{id} {kind} {}\n", hexadecimal(&data(it)))).collect();
    let Some((printed, true)) = python(&["-c", READ], &input) else { return };
    let read = lines(&printed);
    assert_eq!(read.len(), all.len());
    let mut compared = 0;
    for ((_, _, it), read) in all.iter().zip(&read) {
        let (data, layout) = (data(it), &it.1);
        assert_eq!(read[0], layout.name[..1].to_lowercase() + &layout.name[1..]);
        for field in layout.fields.iter() {
            let found = &read[1][camel(field.name)];
            assert!(!found.is_null(), "{}.{}", layout.name, field.name);
            if let Some(expected) = expected(field, &data) {
                assert_eq!(*found, expected, "{}.{}", layout.name, field.name);
                compared += 1;
            }
        }
    }
    assert!(compared > 1_000, "{compared}");
}
