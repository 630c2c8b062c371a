//! What is tried with a valid call: each signer dropped or replaced, each account replaced by a look-alike, made read-only, or
//! given twice.

use {
    crate::calls::{Call, Outcome, Stage},
    joule_interface::{Address, Instruction, SYSTEM_PROGRAM, TOKEN_2022_PROGRAM, TOKEN_PROGRAM},
    joule_tests::{books::Accounts, example::PROGRAMS},
    solana_account::Account,
    solana_program::instruction::AccountMeta,
    std::collections::{BTreeMap, BTreeSet},
};

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

/// A call, the chain that it is made in, and what it leaves there.
pub type Chosen = (Call, Stage, Accounts);

/// Makes every call of an instruction as it was recorded, and chooses of those that leave out or change other accounts each in
/// turn; of these, before others, those whose accounts were of other kinds.
pub fn choose(of_spec: Vec<Call>, each: usize, findings: &mut Vec<String>) -> Vec<Chosen> {
    // Of each account whether it is left out, and whether it changes; and of ours the program, the length and the kind.
    type Changes = Vec<(bool, bool)>;
    type Were = Vec<Option<(Address, usize, u8)>>;
    let mut kinds: BTreeMap<Changes, Vec<(Were, Chosen)>> = BTreeMap::new();
    for call in of_spec {
        let (mut stage, valid) = (Stage::new(&call.example), call.example.instruction());
        let name = format!("{}.{} ({})", call.program.name, call.spec.name, call.test);
        match stage.try_call(&valid) {
            Ok(Outcome::Done(done)) => {
                let is = |key: &Address| (*key == call.program.id, done.contains_key(key));
                let kind = valid.accounts.iter().map(|meta| is(&meta.pubkey)).collect();
                let was = |key| {
                    let is_ours = |account: &&Account| PROGRAMS.iter().any(|program| program.id == account.owner);
                    let account = stage.account(key).filter(is_ours)?;
                    Some((account.owner, account.data.len(), *account.data.first()?))
                };
                let were: Were = valid.accounts.iter().map(|meta| was(meta.pubkey)).collect();
                let alike = kinds.entry(kind).or_default();
                let is_new = !alike.iter().any(|(others, _)| *others == were);
                if alike.len() < each || is_new && alike.len() < 2 * each {
                    alike.push((were, (call, stage, done)));
                }
            }
            Ok(Outcome::Refused(code)) => findings.push(format!("{name}: the recorded call fails with {code:?}")),
            Err(finding) => findings.push(format!("{name}: as recorded: {finding}")),
        }
    }
    // The first two, which are made at other times as well, are the first that were recorded.
    let first = 2 / kinds.len().clamp(1, 2);
    let ordered = kinds.into_values().map(|alike| {
        let (mut seen, mut sooner, mut later) = (BTreeSet::new(), vec![], vec![]);
        for (place, (were, chosen)) in alike.into_iter().enumerate() {
            let list = if seen.insert(were) || place < first { &mut sooner } else { &mut later };
            list.push(chosen);
        }
        sooner.append(&mut later);
        sooner.into_iter()
    });
    let mut ordered: Vec<_> = ordered.collect();
    let mut chosen = vec![];
    while chosen.len() < each {
        let before = chosen.len();
        chosen.extend(ordered.iter_mut().filter_map(Iterator::next).take(each - before));
        if chosen.len() == before {
            break;
        }
    }
    chosen
}

/// A call that is tried.
pub struct Try {
    /// The account that it is about, and another one that was changed as well.
    pub place: usize,
    /// See `place`.
    pub second: Option<usize>,
    /// What was changed.
    pub what: &'static str,
    /// Whether it may not succeed, whatever it does.
    pub must_fail: bool,
    /// It.
    pub instruction: Instruction,
}

/// Every call that is tried.
pub fn tries(call: &Call, stage: &mut Stage) -> Vec<Try> {
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

/// Accounts that are not what they should be, where they should be.
pub struct InPlace {
    /// The account that it is about.
    pub place: usize,
    /// What is otherwise.
    pub what: &'static str,
    /// What is there instead.
    pub accounts: Vec<(Address, Account)>,
    /// The call.
    pub instruction: Instruction,
}

/// What may be otherwise in place.
pub const IN_PLACE: [&str; 4] = ["foreign", "kind", "kind-version", "impostor"];

/// A program that does nothing, whatever it is asked for, and never fails.
const IMPOSTOR: Address = joule_identity_interface::LOG_WRAPPER;

/// Each of our accounts that the call is given, owned by another program, of another kind, and of a version that is not read. What looks at
/// the address alone does not see it, and need not: our programs make what lies at a derived address. But whoever gets an account at any
/// address must look; and who asks whether an account is there must not take one that it cannot read for none. And in a token program's
/// place one that does nothing, with mints and token accounts of its own.
pub fn in_place(call: &Call, stage: &Stage) -> Vec<InPlace> {
    let valid = call.example.instruction();
    let mut found: Vec<InPlace> = vec![];
    let mut seen = BTreeSet::new();
    for (place, meta) in valid.accounts.iter().enumerate() {
        let key = meta.pubkey;
        if !seen.insert(key) {
            continue;
        }
        if [TOKEN_PROGRAM, TOKEN_2022_PROGRAM].contains(&key) {
            let mut instruction = valid.clone();
            of(&mut instruction, key).for_each(|meta| meta.pubkey = IMPOSTOR);
            let given: BTreeSet<Address> = valid.accounts.iter().map(|meta| meta.pubkey).collect();
            let owned = |key: Address| stage.account(key).filter(|account| account.owner == meta.pubkey);
            let its_own = |key| Some((key, Account { owner: IMPOSTOR, ..owned(key)?.clone() }));
            let accounts = given.into_iter().filter_map(its_own).collect();
            found.push(InPlace { place, what: "impostor", accounts, instruction });
        }
        let Some(account) = stage.account(key).filter(|account| !account.data.is_empty()) else { continue };
        let Some(program) = PROGRAMS.iter().find(|program| program.id == account.owner) else { continue };
        let mut add = |what, change: &dyn Fn(&mut Account)| {
            let mut account = account.clone();
            change(&mut account);
            found.push(InPlace { place, what, accounts: vec![(key, account)], instruction: valid.clone() });
        };
        add("foreign", &|account| account.owner = Address::new_from_array([0xEE; 32]));
        let other = program.accounts.iter().map(|(kind, _)| *kind).find(|kind| *kind != account.data[0]);
        add("kind", &|account| account.data[0] = other.unwrap_or_default());
        add("kind-version", &|account| account.data[1] = u8::MAX);
    }
    found
}

/// Wherever a call gives this account.
fn of(instruction: &mut Instruction, key: Address) -> impl Iterator<Item = &mut AccountMeta> {
    instruction.accounts.iter_mut().filter(move |meta| meta.pubkey == key)
}

fn joule_bme_id() -> Address {
    PROGRAMS[0].id
}
