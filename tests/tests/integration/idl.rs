//! The committed IDLs: complete, without loose ends, and byte for byte what the programs read and write.
//!
//! The checks read the JSON as any client generator would; they share nothing with what writes it.

use {
    joule_idl::PROGRAMS,
    joule_interface::{FieldSpec, ProgramSpec},
    serde_json::Value,
    std::{collections::HashMap, fs, path::Path},
};

fn committed(program: &ProgramSpec) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../idl").join(program.name).with_extension("json");
    fs::read_to_string(path).expect("idl/ has a file for each program: run scripts/idl")
}

fn idl(program: &ProgramSpec) -> Value {
    serde_json::from_str::<Value>(&committed(program)).expect("JSON")["program"].take()
}

fn list<'a>(node: &'a Value, name: &str) -> &'a [Value] {
    node[name].as_array().map_or(&[], Vec::as_slice)
}

fn text<'a>(node: &'a Value, name: &str) -> &'a str {
    node[name].as_str().unwrap_or_default()
}

fn names<'a>(node: &'a Value, list_name: &str) -> Vec<&'a str> {
    list(node, list_name).iter().map(|item| text(item, "name")).collect()
}

fn camel(name: &str) -> String {
    let mut upper = false;
    let mut camel = String::new();
    for letter in name.chars() {
        match letter {
            '_' => upper = true,
            _ if camel.is_empty() => camel.extend(letter.to_lowercase()),
            _ if upper => {
                camel.extend(letter.to_uppercase());
                upper = false;
            }
            _ => camel.push(letter),
        }
    }
    camel
}

fn visit(node: &Value, look: &mut impl FnMut(&Value)) {
    look(node);
    match node {
        Value::Array(items) => items.iter().for_each(|item| visit(item, look)),
        Value::Object(fields) => fields.values().for_each(|field| visit(field, look)),
        _ => {}
    }
}

/// Links that lead nowhere.
fn loose_ends(program: &Value) -> Vec<String> {
    let mut loose = vec![];
    visit(program, &mut |node| {
        let target = match text(node, "kind") {
            "definedTypeLinkNode" => "definedTypes",
            "pdaLinkNode" => "pdas",
            "accountLinkNode" => "accounts",
            _ => return,
        };
        if !names(program, target).contains(&text(node, "name")) {
            loose.push(format!("{} of {target}", text(node, "name")));
        }
    });
    for instruction in list(program, "instructions") {
        let accounts = names(instruction, "accounts");
        let arguments = [names(instruction, "arguments"), names(instruction, "extraArguments")].concat();
        for account in list(instruction, "accounts") {
            let at = format!("{}.{}", text(instruction, "name"), text(account, "name"));
            let mut seeds = vec![];
            visit(account, &mut |node| match text(node, "kind") {
                "accountValueNode" if !accounts.contains(&text(node, "name")) => loose.push(at.clone()),
                "argumentValueNode" if !arguments.contains(&text(node, "name")) => loose.push(at.clone()),
                "pdaSeedValueNode" => seeds.push(text(node, "name").to_owned()),
                _ => {}
            });
            let value = &account["defaultValue"];
            if text(value, "kind") == "pdaValueNode" {
                let linked = list(program, "pdas").iter().find(|pda| pda["name"] == value["pda"]["name"]);
                let pda = linked.filter(|_| text(&value["pda"], "kind") == "pdaLinkNode").unwrap_or(&value["pda"]);
                let asked = list(pda, "seeds").iter().filter(|seed| text(seed, "kind") == "variablePdaSeedNode");
                if !asked.map(|seed| text(seed, "name")).eq(seeds.iter().map(String::as_str)) {
                    loose.push(format!("{at} has other seeds than its address"));
                }
            }
        }
    }
    loose
}

/// Bytes of a type.
fn width(program: &Value, node: &Value) -> u64 {
    match text(node, "kind") {
        "numberTypeNode" => match text(node, "format") {
            "u8" | "i8" => 1,
            "u16" | "i16" => 2,
            "u32" | "i32" => 4,
            "u64" | "i64" => 8,
            "u128" => 16,
            format => panic!("{format}?"),
        },
        "publicKeyTypeNode" => 32,
        "fixedSizeTypeNode" => node["size"].as_u64().unwrap(),
        "arrayTypeNode" => width(program, &node["item"]) * node["count"]["value"].as_u64().unwrap(),
        "structTypeNode" => list(node, "fields").iter().map(|field| width(program, &field["type"])).sum(),
        "definedTypeLinkNode" => {
            let target = list(program, "definedTypes").iter().find(|defined| defined["name"] == node["name"]);
            width(program, &target.unwrap_or_else(|| panic!("{node} leads nowhere"))["type"])
        }
        kind => panic!("{kind}?"),
    }
}

/// Where the described fields differ from the Rust struct's.
fn differences(program: &Value, described: &[Value], fields: &[FieldSpec]) -> Vec<String> {
    let mut wrong = vec![];
    let mut offset = 0;
    for (node, field) in described.iter().zip(fields) {
        let size = width(program, &node["type"]);
        if text(node, "name") != camel(field.name) || offset != field.offset as u64 || size != field.size as u64 {
            wrong.push(format!("{} at {offset}, {size} bytes: {field:?}", text(node, "name")));
        }
        offset += size;
    }
    if described.len() != fields.len() {
        wrong.push(format!("{} fields for {}", described.len(), fields.len()));
    }
    wrong
}

fn hex(program: &Value, node: &Value) -> String {
    let constant =
        list(node, "discriminators").iter().find(|rule| text(rule, "kind") == "constantDiscriminatorNode").unwrap();
    assert_eq!((constant["offset"].as_u64(), width(program, &constant["constant"]["type"])), (Some(0), 2));
    text(&constant["constant"]["value"], "data").to_owned()
}

#[test]
fn committed_files_are_what_the_source_says() {
    for program in &PROGRAMS {
        assert!(committed(program) == joule_idl::json(program), "idl/{}.json: run scripts/idl", program.name);
        let path = format!("{}/../idl/anchor/{}.json", env!("CARGO_MANIFEST_DIR"), program.name);
        let anchor = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(anchor == joule_idl::anchor::json(program), "idl/anchor/{}.json: run scripts/idl", program.name);
    }
}

/// Renderers that are older than Codama's nodes 1.10 look into these lists without asking whether they are there; newer nodes
/// leave out what is empty.
#[test]
fn lists_that_old_renderers_need_are_there() {
    let lists = |kind: &str| -> &[&str] {
        match kind {
            "rootNode" => &["additionalPrograms"],
            "programNode" => &["accounts", "instructions", "definedTypes", "pdas", "events", "errors", "constants"],
            "instructionNode" => &["accounts", "arguments", "discriminators"],
            "accountNode" | "eventNode" => &["discriminators"],
            "structTypeNode" => &["fields"],
            "pdaNode" | "pdaValueNode" => &["seeds"],
            _ => &[],
        }
    };
    for program in &PROGRAMS {
        let root = serde_json::from_str::<Value>(&committed(program)).expect("JSON");
        let mut missing = vec![];
        visit(&root, &mut |node| {
            let lacks = |list: &&&str| !node[**list].is_array();
            missing.extend(lists(text(node, "kind")).iter().filter(lacks).map(|list| format!("{list} of {node}")));
        });
        assert_eq!(missing, [""; 0], "{}: scripts/idl-generator leaves it out", program.name);
    }
}

#[test]
fn every_link_resolves() {
    for program in &PROGRAMS {
        assert_eq!(loose_ends(&idl(program)), [""; 0], "{}", program.name);
    }
}

#[test]
fn a_link_that_leads_nowhere_is_found() {
    let whole = idl(&PROGRAMS[0]);
    for (kind, field, node) in
        [("definedTypes", "name", 3), ("pdas", "name", 4), ("pdas", "seeds", 4), ("instructions", "extraArguments", 0)]
    {
        let mut broken = whole.clone();
        broken[kind][node][field] = Value::Null;
        assert_ne!(loose_ends(&broken), [""; 0], "{kind} {field}");
    }
}

#[test]
fn bytes_are_those_of_the_rust_structs() {
    for program in &PROGRAMS {
        let idl = idl(program);
        let find = |kind: &str, name: &str| {
            let found = list(&idl, kind).iter().find(|node| text(node, "name") == camel(name));
            found.unwrap_or_else(|| panic!("{name} is missing in {kind}"))
        };
        for (kind, layout) in program.accounts {
            let node = find("accounts", layout.name);
            let fields = list(&node["data"], "fields");
            let fixed = &fields[..fields.len() - layout.tail.iter().count()];
            assert_eq!(differences(&idl, fixed, layout.fields), [""; 0], "{}", layout.name);
            // An account that grows has no size to be told by.
            let size = layout.tail.is_none().then_some(layout.size as u64);
            assert_eq!(node["size"].as_u64(), size, "{}", layout.name);
            let width: u64 = fixed.iter().map(|field| width(&idl, &field["type"])).sum();
            assert_eq!(width, layout.size as u64);
            assert_eq!(hex(&idl, node), format!("{kind:02x}01"));
        }
        for (tag, layout) in program.events {
            let node = find("events", layout.name);
            assert_eq!(differences(&idl, list(&node["data"], "fields"), layout.fields), [""; 0], "{}", layout.name);
            assert_eq!(width(&idl, &node["data"]), layout.size as u64);
            assert_eq!(hex(&idl, node), format!("{tag:02x}01"));
        }
        for layout in program.types {
            let node = find("definedTypes", layout.name);
            assert_eq!(differences(&idl, list(&node["type"], "fields"), layout.fields), [""; 0], "{}", layout.name);
        }
        for spec in program.instructions {
            let arguments = list(find("instructions", spec.name), "arguments");
            let fixed = &arguments[1..arguments.len() - spec.tail.iter().count()];
            assert_eq!(differences(&idl, fixed, spec.args.fields), [""; 0], "{}", spec.name);
        }
        assert_eq!(list(&idl, "accounts").len(), program.accounts.len());
        assert_eq!(list(&idl, "events").len(), program.events.len());
    }
}

#[test]
fn a_field_in_another_place_is_found() {
    let program = &PROGRAMS[0];
    let whole = idl(program);
    let fields = program.accounts[0].1.fields;
    let broken = |change: fn(&mut Vec<Value>)| {
        let mut described = list(&whole["accounts"][0]["data"], "fields").to_vec();
        change(&mut described);
        differences(&whole, &described, fields)
    };
    assert_eq!(broken(|_| {}), [""; 0]);
    assert_ne!(broken(|fields| fields.swap(0, 1)), [""; 0]);
    assert_ne!(broken(|fields| drop(fields.pop())), [""; 0]);
    assert_ne!(broken(|fields| fields[1]["type"]["kind"] = "structTypeNode".into()), [""; 0]);
}

#[test]
fn instructions_and_errors_are_all_there() {
    for program in &PROGRAMS {
        let idl = idl(program);
        assert_eq!(text(&idl, "publicKey"), program.id.to_string());
        let codes: HashMap<_, _> = list(&idl, "errors")
            .iter()
            .map(|error| (error["code"].as_u64().unwrap(), (text(error, "name"), text(error, "message"))))
            .collect();
        for error in program.errors {
            assert_eq!(codes[&(error.code as u64)], (camel(error.name).as_str(), error.message));
        }
        assert_eq!(codes.len(), program.errors.len());

        let instructions = list(&idl, "instructions");
        assert_eq!(instructions.len(), program.instructions.len());
        for (node, spec) in instructions.iter().zip(program.instructions) {
            assert_eq!(text(node, "name"), camel(spec.name));
            assert_eq!(node["arguments"][0]["defaultValue"]["number"], spec.discriminator, "{}", spec.name);
            assert_eq!(list(node, "accounts").len(), spec.accounts.len());
            for (account, said) in list(node, "accounts").iter().zip(spec.accounts) {
                let signs = if said.may_sign { Value::from("either") } else { said.signer.into() };
                let flags = (&account["isSigner"], &account["isWritable"], account["isOptional"] == true);
                assert_eq!(flags, (&signs, &said.writable.into(), said.optional), "{}.{}", spec.name, said.name);
                assert_eq!(text(account, "name"), camel(said.name));
            }
            assert_eq!(list(node, "remainingAccounts").len(), spec.remaining.iter().count());
        }
        assert_eq!(list(&idl, "pdas").len(), program.pdas.len());
        let constants = program.constants.len() + program.values.iter().map(|one| one.values.len()).sum::<usize>();
        assert_eq!(list(&idl, "constants").len(), constants);
    }
}

#[test]
fn everything_is_documented() {
    for program in &PROGRAMS {
        let idl = idl(program);
        let documented = |node: &Value| list(node, "docs").iter().any(|line| line.as_str() != Some(""));
        assert!(documented(&idl), "{}", program.name);
        for kind in ["accounts", "instructions", "definedTypes", "pdas", "events", "errors", "constants"] {
            for node in list(&idl, kind) {
                assert!(documented(node), "{} {kind} {}", program.name, text(node, "name"));
            }
        }
        let mut bare = vec![];
        visit(&idl, &mut |node| {
            let field = ["structFieldTypeNode", "instructionAccountNode", "instructionArgumentNode"];
            if field.contains(&text(node, "kind")) && !documented(node) {
                bare.push(text(node, "name").to_owned());
            }
        });
        assert_eq!(bare, [""; 0], "{}", program.name);
    }
}

/// The text of all files `state.rs` below a folder.
fn states(folder: &Path) -> String {
    let entries = std::fs::read_dir(folder).expect("the folder can be read");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("the folder can be read").path()).collect();
    paths.sort();
    let text = |path: std::path::PathBuf| match path {
        _ if path.is_dir() => states(&path),
        _ if path.ends_with("state.rs") => std::fs::read_to_string(&path).expect("the file is text"),
        _ => String::new(),
    };
    paths.into_iter().map(text).collect()
}

/// Constants that clients need are declared with `constants!`, or clients would not see them.
#[test]
fn no_constant_is_left_out() {
    for program in PROGRAMS {
        let source =
            states(&Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../programs/{}/interface/src", program.name)));
        let declared = |start: &str| source.lines().filter(|line| line.starts_with(start)).count();
        assert_eq!((declared("pub const "), declared("pub mod ")), (0, 0), "{}: outside `constants!`", program.name);
        assert_eq!(declared("    pub mod "), program.values.len(), "{}: `values` lacks one", program.name);
        let plain =
            source.split("constants! {\n").skip(1).any(|block| !block.split("\n}").next().unwrap().contains(" mod "));
        assert_eq!(plain, !program.constants.is_empty(), "{}: `constants state` is missing", program.name);
    }
}

/// The client's chain is held to the same list of features as this one's.
#[test]
fn clients_run_without_the_features_that_mainnet_lacks() {
    let source = include_str!("../../client/src/main.test.ts");
    for id in joule_tests::engine::absent_from_mainnet() {
        assert!(source.contains(&format!("'{id}'")), "tests/client/src/main.test.ts lacks {id}");
    }
}
