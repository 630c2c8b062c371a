//! Who may do what with which accounts, tried out: every valid call that tests recorded, with each signer dropped or
//! replaced, each account replaced by a look-alike, made read-only, or given twice. What must fail must fail with a named
//! error; what succeeds all the same must be listed, with the reason, in `fuzz/access.txt`.

use {
    joule_fuzz::calls::{self, Call, Outcome, Stage},
    joule_interface::{Address, Instruction, SYSTEM_PROGRAM, TOKEN_2022_PROGRAM, TOKEN_PROGRAM},
    joule_tests::{books::Accounts, example::PROGRAMS},
    solana_account::Account,
    solana_program::instruction::AccountMeta,
    std::{
        collections::{BTreeMap, BTreeSet},
        process::ExitCode,
    },
};

const HELP: &str = "usage: access [--each N] [--only PROGRAM.INSTRUCTION]

Tries every valid call that tests recorded (JOULE_EXAMPLES, or target/examples) with other accounts and flags. Fails if
something succeeds that must not, or that fuzz/access.txt does not allow, if something fails without a named error, or if an
instruction has no recorded call. Says which lines of fuzz/access.txt allowed nothing.

  --each N     calls of each instruction, of those that do different things; all are made as they are (6)
  --only X     of one instruction, such as stake.Withdraw; the list is then not checked for idle lines
  --program X  of one program; likewise";

/// Reasons for what succeeds, one a line: `program.Instruction account change: reason`; `*` stands for any word.
const ALLOWED: &str = include_str!("../../access.txt");

struct Rule {
    words: [&'static str; 3],
    used: bool,
}

fn rules() -> Vec<Rule> {
    let lines = ALLOWED.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let rule = |line: &'static str| {
        let (call, reason) = line.split_once(": ").unwrap_or_else(|| panic!("no reason given: {line}"));
        assert!(!reason.trim().is_empty(), "no reason given: {line}");
        let words: Vec<_> = call.split_whitespace().collect();
        Rule { words: words.try_into().unwrap_or_else(|_| panic!("three words and a reason: {line}")), used: false }
    };
    lines.map(rule).collect()
}

/// Whether a rule allows it. All that do are used.
fn rule(rules: &mut [Rule], words: [&str; 3]) -> bool {
    let mut allowed = false;
    for rule in rules {
        if rule.words.iter().zip(words).all(|(pattern, word)| matches(pattern, word)) {
            rule.used = true;
            allowed = true;
        }
    }
    allowed
}

/// `*` at the end, or alone, stands for anything that breaks no rule of authorization and keeps the books in balance.
fn matches(pattern: &str, word: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => word.starts_with(start) && !word.ends_with('!'),
        None => pattern == word,
    }
}

/// Addresses that an account names, by the layout of its kind: with them another tenant's parents differ as well.
fn addresses(account: &Account) -> Vec<Address> {
    let at = |offset: usize| Some(Address::new_from_array(account.data.get(offset..offset + 32)?.try_into().unwrap()));
    if [TOKEN_PROGRAM, TOKEN_2022_PROGRAM].contains(&account.owner) && account.data.len() >= 165 {
        return [at(0), at(32)].into_iter().flatten().collect();
    }
    let Some(program) = PROGRAMS.iter().find(|program| program.id == account.owner) else { return vec![] };
    let Some(kind) = account.data.first() else { return vec![] };
    let Some((_, layout)) = program.accounts.iter().find(|(known, _)| known == kind) else { return vec![] };
    let mut found = vec![];
    for field in layout.fields {
        match program.types.iter().find(|inner| inner.name == field.type_name) {
            Some(inner) => {
                let within = inner.fields.iter().filter(|field| field.type_name == "Address");
                found.extend(within.filter_map(|part| at(field.offset + part.offset)));
            }
            None if field.type_name == "Address" => found.extend(at(field.offset)),
            None => {}
        }
    }
    found
}

/// Whose accounts all look alike: the same call in another tenant, as an attacker would set it up.
fn elsewhere(call: &Call) -> (Instruction, Vec<(Address, Account)>) {
    let fixed: BTreeSet<Address> = PROGRAMS.iter().map(|program| program.id).collect();
    let mut instruction = call.example.instruction();
    let accounts: Vec<_> = call.example.accounts().collect();
    let is_program = |key: &Address| fixed.contains(key) || is_known(key);
    let other = |key: &Address| {
        let mut bytes = key.to_bytes();
        // Another address, the same each time.
        bytes.iter_mut().step_by(3).for_each(|byte| *byte ^= 0x5A);
        Address::new_from_array(bytes)
    };
    let named = accounts.iter().flat_map(|(_, account)| addresses(account));
    let given = instruction.accounts.iter().map(|meta| meta.pubkey);
    let keys: BTreeSet<Address> = given.chain(named).filter(|key| !is_program(key)).collect();
    let replace = |data: &mut Vec<u8>| {
        for key in &keys {
            let (old, new) = (key.to_bytes(), other(key).to_bytes());
            let mut at = 0;
            while at + 32 <= data.len() {
                if data[at..at + 32] == old {
                    data[at..at + 32].copy_from_slice(&new);
                    at += 32;
                } else {
                    at += 1;
                }
            }
        }
    };
    replace(&mut instruction.data);
    for meta in &mut instruction.accounts {
        if keys.contains(&meta.pubkey) {
            meta.pubkey = other(&meta.pubkey);
        }
    }
    let accounts = accounts.into_iter().filter(|(key, _)| keys.contains(key)).map(|(key, mut account)| {
        replace(&mut account.data);
        (other(&key), account)
    });
    (instruction, accounts.collect())
}

fn is_known(key: &Address) -> bool {
    *key == SYSTEM_PROGRAM
        || *key == TOKEN_PROGRAM
        || *key == TOKEN_2022_PROGRAM
        || key.to_string().ends_with("11111111111111111111111111111111")
}

/// Accounts in whose place an address will do that nobody has ever seen: `unread` if the call does the same with it, `any` if it
/// does something else.
fn optional(valid: &Instruction, done: &Accounts, stage: &mut Stage) -> BTreeMap<usize, &'static str> {
    let nowhere = |place: usize| {
        let mut changed = valid.clone();
        let meta = &mut changed.accounts[place];
        *meta = AccountMeta { pubkey: Address::new_from_array([0xEE; 32]), is_writable: true, ..meta.clone() };
        let Ok(Outcome::Done(other)) = stage.try_call(&changed) else { return None };
        Some((place, if other == *done { "unread" } else { "any" }))
    };
    (0..valid.accounts.len()).filter_map(nowhere).collect()
}

/// A call, the chain that it is made in, and what it leaves there.
type Chosen = (Call, Stage, Accounts);

/// Makes every call of an instruction as it was recorded, and chooses of those that leave out or change other accounts each in
/// turn.
fn choose(of_spec: Vec<Call>, each: usize, findings: &mut Vec<String>) -> Vec<Chosen> {
    let mut kinds: BTreeMap<Vec<(bool, bool)>, Vec<Chosen>> = BTreeMap::new();
    for call in of_spec {
        let (mut stage, valid) = (Stage::new(&call.example), call.example.instruction());
        let name = format!("{}.{} ({})", call.program.name, call.spec.name, call.test);
        match stage.try_call(&valid) {
            Ok(Outcome::Done(done)) => {
                let is = |key: &Address| (*key == call.program.id, done.contains_key(key));
                let kind = valid.accounts.iter().map(|meta| is(&meta.pubkey)).collect();
                let alike = kinds.entry(kind).or_default();
                if alike.len() < each {
                    alike.push((call, stage, done));
                }
            }
            Ok(Outcome::Refused(code)) => findings.push(format!("{name}: the recorded call fails with {code:?}")),
            Err(finding) => findings.push(format!("{name}: as recorded: {finding}")),
        }
    }
    let mut chosen = vec![];
    let mut kinds: Vec<_> = kinds.into_values().map(Vec::into_iter).collect();
    while chosen.len() < each {
        let before = chosen.len();
        chosen.extend(kinds.iter_mut().filter_map(Iterator::next).take(each - before));
        if chosen.len() == before {
            break;
        }
    }
    chosen
}

/// A call that is tried.
struct Try {
    /// The account that it is about, and another one that was changed as well.
    place: usize,
    second: Option<usize>,
    what: &'static str,
    must_fail: bool,
    instruction: Instruction,
}

/// Every call that is tried.
fn tries(call: &Call, stage: &mut Stage) -> Vec<Try> {
    let valid = call.example.instruction();
    let (there, accounts) = elsewhere(call);
    for (key, account) in accounts {
        stage.put(key, account);
    }
    let mut tries = vec![];
    let attacker = Address::new_from_array([0xA7; 32]);
    stage.put(attacker, Account { lamports: 10_000_000_000, ..Account::default() });
    for (place, meta) in valid.accounts.iter().enumerate() {
        let spec = call.spec.accounts.get(place);
        let mut add = |what, must_fail, change: &dyn Fn(&mut Instruction)| {
            let mut changed = valid.clone();
            change(&mut changed);
            tries.push(Try { place, second: None, what, must_fail, instruction: changed });
        };
        if meta.is_signer {
            let must_fail = spec.is_some_and(|spec| spec.signer) && meta.pubkey != call.program.id;
            // Wherever it is given: the runtime adds the flags up.
            add("unsigned", must_fail, &|i| of(i, meta.pubkey).for_each(|meta| meta.is_signer = false));
            add("attacker", false, &|i| i.accounts[place].pubkey = attacker);
        }
        if meta.is_writable {
            let must_fail = spec.is_some_and(|spec| spec.writable) && meta.pubkey != call.program.id;
            add("read-only", must_fail, &|i| of(i, meta.pubkey).for_each(|meta| meta.is_writable = false));
        }
        for second in &valid.accounts {
            if second.pubkey != meta.pubkey {
                add("twice", false, &|i| i.accounts[place].pubkey = second.pubkey);
            }
        }
        if meta.pubkey != there.accounts[place].pubkey {
            add("tenant", false, &|i| i.accounts[place].pubkey = there.accounts[place].pubkey);
            let mut all_but = there.clone();
            all_but.accounts[place].pubkey = meta.pubkey;
            // Nobody but the attacker signs.
            if !meta.is_signer {
                tries.push(Try { place, second: None, what: "victim", must_fail: false, instruction: all_but });
            }
        } else {
            for program in [TOKEN_PROGRAM, TOKEN_2022_PROGRAM, SYSTEM_PROGRAM, joule_bme_id()] {
                if program != meta.pubkey {
                    add("program", false, &|i| i.accounts[place].pubkey = program);
                }
            }
        }
    }
    // Two of another tenant at once: what belongs together there fits together. Not if that is all of the other tenant.
    let differ = valid.accounts.iter().zip(&there.accounts).filter(|(here, there)| here.pubkey != there.pubkey).count();
    for (place, meta) in valid.accounts.iter().enumerate() {
        for other in place + 1..valid.accounts.len() {
            let both = [place, other].map(|place| there.accounts[place].pubkey);
            if differ == 2 || both[0] == meta.pubkey || both[1] == valid.accounts[other].pubkey {
                continue;
            }
            let mut changed = valid.clone();
            (changed.accounts[place].pubkey, changed.accounts[other].pubkey) = (both[0], both[1]);
            tries.push(Try { place, second: Some(other), what: "pair", must_fail: false, instruction: changed });
        }
    }
    // Look-alikes at addresses of their own.
    for (place, meta) in valid.accounts.iter().enumerate() {
        let Some(account) = stage.account(meta.pubkey).cloned() else { continue };
        let mut seed = [0xC0; 32];
        seed[0] = place as u8;
        let copies = [
            ("copy", account.owner, account.data.clone()),
            ("forged", attacker, account.data.clone()),
            ("empty", SYSTEM_PROGRAM, vec![]),
        ];
        for (number, (what, owner, data)) in (0u8..).zip(copies) {
            // A wallet's copy is another wallet.
            if account.data.is_empty() && what != "forged" {
                continue;
            }
            seed[1] = number;
            let address = Address::new_from_array(seed);
            stage.put(address, Account { owner, data, lamports: account.lamports, ..Account::default() });
            let mut changed = valid.clone();
            changed.accounts[place].pubkey = address;
            tries.push(Try { place, second: None, what, must_fail: false, instruction: changed });
        }
    }
    tries
}

/// Wherever a call gives this account.
fn of(instruction: &mut Instruction, key: Address) -> impl Iterator<Item = &mut AccountMeta> {
    instruction.accounts.iter_mut().filter(move |meta| meta.pubkey == key)
}

fn joule_bme_id() -> Address {
    PROGRAMS[0].id
}

fn main() -> ExitCode {
    joule_fuzz::coverage::count_if_noted();
    let mut arguments = std::env::args().skip(1);
    let (mut each, mut only, mut only_program) = (6, None, None);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().expect("a value");
        match argument.as_str() {
            "--each" => each = value().parse().expect("a number"),
            "--only" => only = Some(value()),
            "--program" => only_program = Some(value()),
            _ => {
                println!("{HELP}");
                return ExitCode::SUCCESS;
            }
        }
    }
    let mut rules = rules();
    let (calls, missing) = calls::recorded();
    let mut findings: Vec<String> = vec![];
    let mut unlisted: BTreeMap<String, String> = BTreeMap::new();
    let (mut valid, mut tried, mut refused, mut errors) = (0u32, 0u32, 0u32, BTreeSet::new());
    let name_of_call = |call: &Call| format!("{}.{}", call.program.name, call.spec.name);
    let chosen = calls.into_iter().flat_map(|of_spec| {
        let name = name_of_call(&of_spec[0]);
        let other = only_program.as_ref().is_some_and(|only| *only != of_spec[0].program.name);
        if other || only.as_ref().is_some_and(|only| *only != name) {
            return vec![];
        }
        valid += of_spec.len() as u32;
        choose(of_spec, each, &mut findings)
    });
    let chosen: Vec<_> = chosen.collect();
    for (call, mut stage, done) in chosen {
        let (name, valid) = (name_of_call(&call), call.example.instruction());
        let name_of = |place: usize| call.spec.accounts.get(place).map_or("remaining", |spec| spec.name);
        let optional = optional(&valid, &done, &mut stage);
        for (&place, how) in &optional {
            let words = [name.as_str(), name_of(place), how];
            if !rule(&mut rules, words) {
                unlisted.entry(words.join(" ")).or_insert_with(|| call.test.clone());
            }
        }
        for Try { place, second, what, must_fail, instruction } in tries(&call, &mut stage) {
            let flags = ["unsigned", "read-only"].contains(&what);
            if !flags && (optional.contains_key(&place) || second.is_some_and(|second| optional.contains_key(&second)))
            {
                continue;
            }
            tried += 1;
            let account = name_of(place);
            match stage.try_call(&instruction) {
                Err(finding) if rule(&mut rules, [&name, account, &format!("{what}!")]) => drop(finding),
                Err(finding) => findings.push(format!("{name} {account} {what}! ({}): {finding}", call.test)),
                Ok(Outcome::Refused(code)) => {
                    refused += 1;
                    errors.extend(code);
                }
                Ok(Outcome::Done(_)) if must_fail => {
                    findings.push(format!("{name} {account} {what} ({}): it succeeded", call.test));
                }
                Ok(Outcome::Done(_)) => {
                    let words = [name.as_str(), account, what];
                    if !rule(&mut rules, words) {
                        unlisted.entry(words.join(" ")).or_insert_with(|| call.test.clone());
                    }
                }
            }
        }
    }
    if only.is_none() && only_program.is_none() {
        findings.extend(missing.iter().map(|name| format!("{name}: no test recorded a call")));
        // Which calls are tried depends on which tests ran: no finding, but a line to look at.
        for rule in rules.iter().filter(|rule| !rule.used) {
            println!("fuzz/access.txt: {} allows nothing", rule.words.join(" "));
        }
    }
    findings
        .extend(unlisted.iter().map(|(call, test)| format!("{call} ({test}): it succeeded, and is not allowed to")));
    for finding in &findings {
        println!("{finding}");
    }
    if findings.iter().any(|finding| finding.contains("the recorded call fails")) {
        println!("Calls that were recorded with other programs fail: record them anew with scripts/fuzz --record.");
    }
    println!(
        "{valid} valid calls; {tried} others tried, {refused} refused with {} errors, {} findings",
        errors.len(),
        findings.len()
    );
    if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
