//! The transactions that publish an IDL: by the published IDL of the Program Metadata program
//! (`program_metadata.json`, of github.com/solana-program/program-metadata at 75ea1f1), and by what its program does.

use {
    joule_deployer::metadata::{
        Found, GROWTH, HEADER, PROGRAM, Publication, SEED, Signer, State, Transaction, content, read,
    },
    joule_interface::{Address, Instruction, SYSTEM_PROGRAM},
    serde_json::Value,
    std::{collections::HashMap, fs},
};

const PROGRAM_ID: Address = Address::new_from_array([1; 32]);
const AUTHORITY: Address = Address::new_from_array([2; 32]);
const PUBLISHER: Address = Address::new_from_array([3; 32]);
const BUFFER: Address = Address::new_from_array([4; 32]);
const OURS: Publication =
    Publication { program: PROGRAM_ID, authority: AUTHORITY, publisher: PUBLISHER, buffer: BUFFER };

fn rent(size: usize) -> u64 {
    (128 + size as u64) * 6_960
}

/// An IDL of ours.
fn idl(name: &str) -> String {
    fs::read_to_string(format!("{}/../../idl/{name}.json", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// Bytes that do not repeat.
fn bytes(length: usize, seed: u8) -> Vec<u8> {
    (0..length).map(|at| (at * 7 + at / 256) as u8 ^ seed).collect()
}

/// What the program does to the accounts, as far as its documentation and its source say, rent included.
#[derive(Default)]
struct Chain {
    accounts: HashMap<Address, (u64, Vec<u8>)>,
}

impl Chain {
    fn found(&self, address: &Address) -> Found {
        let (lamports, data) = self.accounts.get(address).cloned().unwrap_or_default();
        Found { lamports, state: State::read(&PROGRAM, &data).unwrap() }
    }

    fn state(&self, address: &Address) -> State {
        self.found(address).state
    }

    fn plan(&self, content: &[u8]) -> Vec<Transaction> {
        OURS.plan(content, &self.found(&OURS.address()), &self.found(&BUFFER), rent).unwrap()
    }

    fn run(&mut self, transactions: &[Transaction]) {
        for transaction in transactions {
            for instruction in &transaction.instructions {
                let signer = match transaction.signer {
                    Signer::Publisher => PUBLISHER,
                    Signer::Authority => AUTHORITY,
                    Signer::Buffer => BUFFER,
                };
                self.call(instruction, signer);
            }
            for (address, (lamports, data)) in &self.accounts {
                assert!(data.is_empty() || *lamports >= rent(data.len()), "{address} is not rent-exempt");
            }
        }
    }

    fn call(&mut self, instruction: &Instruction, signer: Address) {
        let (accounts, data) = (&instruction.accounts, &instruction.data[..]);
        if instruction.program_id == SYSTEM_PROGRAM {
            // A transfer from the publisher.
            assert_eq!((&data[..4], accounts[0].pubkey), (&[2, 0, 0, 0][..], PUBLISHER));
            let lamports = u64::from_le_bytes(data[4..].try_into().unwrap());
            self.accounts.entry(accounts[1].pubkey).or_default().0 += lamports;
            return;
        }
        assert_eq!((instruction.program_id, accounts[1].pubkey, accounts[1].is_signer), (PROGRAM, signer, true));
        let target = accounts[0].pubkey;
        let source = accounts.get(2).and_then(|meta| self.accounts.get(&meta.pubkey)).map(|(_, data)| data.clone());
        let (lamports, account) = self.accounts.get_mut(&target).expect("paid for");
        let before = account.len();
        let by_its_authority = |account: &[u8]| assert!(account[33..65] == *signer.as_ref() || signer == AUTHORITY);
        match data[0] {
            7 => {
                assert!(account.is_empty());
                account.resize(HEADER, 0);
                account[0] = 1;
                account[33..65].copy_from_slice(signer.as_ref());
            }
            2 => account[33..65].copy_from_slice(&data[2..]),
            8 => {
                by_its_authority(account);
                account.resize(before + u16::from_le_bytes(data[1..].try_into().unwrap()) as usize, 0);
            }
            0 => {
                assert_eq!((account[0], &account[33..65]), (1, signer.as_ref()));
                let at = HEADER + u32::from_le_bytes(data[1..5].try_into().unwrap()) as usize;
                assert!(at + data[5..].len() <= account.len(), "no room was made");
                account[at..at + data[5..].len()].copy_from_slice(&data[5..]);
            }
            1 => {
                assert_eq!((account[0], signer, &data[1..17]), (1, AUTHORITY, &SEED[..]));
                account[0] = 2;
                account[33..65].fill(0);
                account[65] = 1;
                account[83..87].copy_from_slice(&data[17..21]);
                let length = (before - HEADER) as u32;
                account[87..91].copy_from_slice(&length.to_le_bytes());
            }
            3 => {
                assert_eq!((account[0], signer), (2, AUTHORITY));
                let content = &source.expect("a buffer")[HEADER..];
                account[83..87].copy_from_slice(&data[1..5]);
                account[87..91].copy_from_slice(&(content.len() as u32).to_le_bytes());
                account.truncate(HEADER);
                account.extend(content);
            }
            5 => *lamports = rent(account.len()),
            6 => {
                by_its_authority(account);
                self.accounts.remove(&target);
                return;
            }
            other => panic!("instruction {other}"),
        }
        assert!(self.accounts[&target].1.len() <= before.max(HEADER) + GROWTH, "it grows too fast");
    }
}

fn poor(state: State) -> Found {
    Found { lamports: 0, state }
}

fn metadata(content: &[u8]) -> State {
    State::Metadata { is_mutable: true, kinds: [1, 2, 1], content: content.to_vec(), room: content.len() }
}

#[test]
fn the_idls_are_published_and_read_back() {
    for name in joule_deployer::PROGRAMS {
        let text = idl(name);
        let published = content(&text).unwrap();
        assert_eq!(read(&published).unwrap(), serde_json::from_str::<Value>(&text).unwrap());
        let mut chain = Chain::default();
        chain.run(&chain.plan(&published));
        assert_eq!(chain.state(&OURS.address()), metadata(&published));
        assert_eq!(chain.plan(&published), []);
    }
}

#[test]
fn what_broke_off_goes_on_and_what_is_published_is_replaced() {
    let sizes = [1, 899, 900, 901, 10_240, 10_241, 33_000];
    let mut chain = Chain::default();
    for (number, size) in sizes.into_iter().chain(sizes.into_iter().rev()).enumerate() {
        let new = bytes(size, number as u8);
        // Each run sends one transaction more, and is broken off.
        for sent in 1..200 {
            let left = chain.plan(&new);
            if left.is_empty() {
                break;
            }
            chain.run(&left[..sent.min(left.len())]);
        }
        assert_eq!(chain.state(&OURS.address()), metadata(&new));
        // Nothing is left behind.
        assert_eq!(chain.state(&BUFFER), State::Absent);
    }
}

#[test]
fn a_shorter_one_replaces_what_was_not_published_yet() {
    let mut chain = Chain::default();
    let left = chain.plan(&bytes(5_000, 0));
    chain.run(&left[..left.len() - 1]);
    let shorter = bytes(3_000, 1);
    chain.run(&chain.plan(&shorter));
    assert_eq!(chain.state(&OURS.address()), metadata(&shorter));
}

#[test]
fn what_is_not_the_publishers_is_refused() {
    let refused =
        |at: State, buffer: State| OURS.plan(&bytes(100, 0), &poor(at), &poor(buffer), rent).unwrap_err().to_string();
    let theirs = State::Buffer { authority: AUTHORITY, content: vec![] };
    assert!(refused(theirs, State::Absent).contains(&AUTHORITY.to_string()));
    let fixed = State::Metadata { is_mutable: false, kinds: [1, 2, 1], content: vec![], room: 0 };
    assert!(refused(fixed, State::Absent).contains("immutable"));
    let longer = State::Buffer { authority: BUFFER, content: vec![0; 101] };
    assert!(refused(metadata(&[1]), longer).contains("another key"));
    State::read(&SYSTEM_PROGRAM, &[0; 200]).unwrap_err();
    State::read(&PROGRAM, &[3; 200]).unwrap_err();
    State::read(&PROGRAM, &[1; 50]).unwrap_err();
}

/// Bytes of an argument of a type of the IDL; the rest if it is the last.
fn size(types: &[Value], kind: &Value, left: usize) -> usize {
    match kind["kind"].as_str().unwrap() {
        "numberTypeNode" => kind["format"].as_str().unwrap()[1..].parse::<usize>().unwrap() / 8,
        "enumTypeNode" => size(types, &kind["size"], left),
        "fixedSizeTypeNode" => kind["size"].as_u64().unwrap() as usize,
        "definedTypeLinkNode" => {
            let linked = types.iter().find(|it| it["name"] == kind["name"]).unwrap();
            size(types, &linked["type"], left)
        }
        "remainderOptionTypeNode" if left == 0 => 0,
        "remainderOptionTypeNode" if kind["item"]["kind"] == "bytesTypeNode" => left,
        "remainderOptionTypeNode" => size(types, &kind["item"], left),
        "optionTypeNode" => 33,
        other => panic!("{other}"),
    }
}

#[test]
fn instructions_are_those_of_the_published_idl() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/program_metadata.json");
    let idl: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let program = &idl["program"];
    assert_eq!(program["publicKey"], PROGRAM.to_string());
    let types = program["definedTypes"].as_array().unwrap();
    let variant = |name: &str, number: u8| {
        let kind = types.iter().find(|it| it["name"] == name).unwrap();
        kind["type"]["variants"][number as usize]["name"].as_str().unwrap()
    };
    assert_eq!(
        [variant("encoding", 1), variant("compression", 2), variant("format", 1), variant("dataSource", 0)],
        ["utf8", "zlib", "json", "direct"]
    );
    let mut seen = std::collections::BTreeSet::new();
    let plan = |content: &[u8], at: State, buffer: State| OURS.plan(content, &poor(at), &poor(buffer), rent).unwrap();
    let all = [
        plan(&bytes(12_000, 0), State::Absent, State::Absent),
        plan(&bytes(12_000, 0), metadata(&[1]), State::Absent),
        plan(&bytes(10, 0), metadata(&[1; 20]), State::Absent),
    ];
    let instructions = all.iter().flatten().flat_map(|it| &it.instructions).filter(|it| it.program_id == PROGRAM);
    for built in instructions {
        let spec = program["instructions"]
            .as_array()
            .unwrap()
            .iter()
            .find(|it| it["arguments"][0]["defaultValue"]["number"] == built.data[0]);
        let spec = spec.expect("an instruction of the IDL");
        let name = spec["name"].as_str().unwrap();
        seen.insert(name);
        let accounts = spec["accounts"].as_array().unwrap();
        assert_eq!(
            (built.accounts.len(), &spec["optionalAccountStrategy"]),
            (accounts.len(), &Value::from("programId")),
            "{name}"
        );
        for (meta, account) in built.accounts.iter().zip(accounts) {
            let is_absent = meta.pubkey == PROGRAM;
            assert!(!is_absent || account["isOptional"] == true, "{name}: {} is not optional", account["name"]);
            assert_eq!(meta.is_signer, account["isSigner"] == true, "{name}: {}", account["name"]);
            assert!(is_absent || meta.is_writable == (account["isWritable"] == true), "{name}: {}", account["name"]);
        }
        let arguments = spec["arguments"].as_array().unwrap();
        let end = arguments.iter().fold(0, |at, it| at + size(types, &it["type"], built.data.len() - at));
        assert_eq!(end, built.data.len(), "{name}");
    }
    let expected = ["allocate", "close", "extend", "initialize", "setAuthority", "setData", "trim", "write"];
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), expected);
    // The address is the canonical one of the IDL: the program, and what the metadata is.
    let seeds = program["pdas"].as_array().unwrap().iter().find(|it| it["name"] == "canonical").unwrap();
    let names: Vec<_> = seeds["seeds"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["program", "seed"]);
    assert_eq!(
        OURS.address(),
        Address::find_program_address(&[PROGRAM_ID.as_ref(), b"idl\0\0\0\0\0\0\0\0\0\0\0\0\0"], &PROGRAM).0
    );
}
