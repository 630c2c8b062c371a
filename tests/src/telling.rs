//! An event says what is so. What it calls by the name of a field of its account is in that field; what it calls by the name of an
//! account of the call is that account; and `released_amount` is the amount of what the call takes as `released_…`. Nothing here knows
//! an event, so a new one is held to it as well.

mod asked;

use {
    crate::{
        books::Accounts,
        example::{PROGRAMS, named},
        logs::Call,
    },
    joule_interface::{Address, EventHeader, FieldSpec, Instruction},
    solana_account::Account,
    std::collections::BTreeSet,
};

/// What is said otherwise, and why that is right.
const OTHERWISE: &[(&str, Rule, &str)] = &[
    ("AttestorChanged.authority", Rule::Call, "the attestor's, and the call's is the network's"),
    ("*.provider", Rule::Call, "an authority, and the call's is its record in `stake`"),
    ("NodeChallenged.owner", Rule::Account, "who has the leaf, and the machine's is who had it"),
    ("SpenderChanged.authority", Rule::Call, "the spender's, and the call's is the network's"),
    ("SpenderClosed.authority", Rule::Account, "the spender's, and the network has its own"),
    ("*.fee_paid", Rule::Call, "the job's, and the call's is where it goes, which may be a deposit of its own"),
    ("BondSeized.receiver", Rule::Call, "a client's is its bond, whatever stands there"),
];

/// What an event is compared with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// The account that it is about.
    Account,
    /// The accounts of the call.
    Call,
}

/// The fields of one of Joule's accounts, and its bytes.
fn fields(account: &Account) -> Option<(&'static [FieldSpec], &[u8])> {
    let program = PROGRAMS.iter().find(|program| program.id == account.owner)?;
    let (_, layout) = program.accounts.iter().find(|(kind, _)| Some(kind) == account.data.first())?;
    (account.data.len() >= layout.size).then_some((layout.fields, &account.data))
}

/// A field's value, padded: integers of different sizes are compared by what they are worth.
fn value(field: &FieldSpec, bytes: &[u8]) -> [u8; 32] {
    let mut value = [0; 32];
    if field.size <= 32 {
        value[..field.size].copy_from_slice(&bytes[field.offset..field.offset + field.size]);
    }
    value
}

fn of_account(account: Option<&Account>, name: &str) -> Option<[u8; 32]> {
    let (fields, bytes) = fields(account?)?;
    let field = fields.iter().find(|field| field.name == name && field.size <= 32)?;
    Some(value(field, bytes))
}

/// What the call's own program logged is true of what the call left.
pub fn check(instruction: &Instruction, calls: &[Call], before: &Accounts, after: &Accounts) -> Result<(), String> {
    let Some((program, spec)) = named(instruction) else { return Ok(()) };
    let logged = calls.iter().filter(|call| call.depth == 1 && call.program == program.id);
    let own: Vec<&[u8]> = logged.clone().flat_map(|call| call.data.iter()).map(Vec::as_slice).collect();
    asked::check(instruction, &own, before, after)?;
    let mut seen = BTreeSet::new();
    // Of several about one account, the last is of what it is now.
    for data in logged.flat_map(|call| call.data.iter()).rev() {
        let known =
            program.events.iter().find(|(kind, layout)| Some(kind) == data.first() && layout.size == data.len());
        let Some((kind, event)) = known else { continue };
        let header: EventHeader = bytemuck::pod_read_unaligned(&data[..size_of::<EventHeader>()]);
        if !seen.insert((*kind, header.source)) {
            continue;
        }
        let account = |at: usize| instruction.accounts.get(at).map(|meta| meta.pubkey).filter(|key| *key != program.id);
        for field in event.fields.iter().filter(|field| is_said(field)) {
            let is_otherwise = |rule| {
                let names = [format!("{}.{}", event.name, field.name), format!("*.{}", field.name)];
                OTHERWISE.iter().any(|(what, of, _)| *of == rule && names.iter().any(|name| name == what))
            };
            let said = value(field, data);
            let wrong = |what: &str| Err(format!("{}.{} is not {what}", event.name, field.name));
            // An amount may be what moved.
            let is_whole = ["Address", "Timestamp"].contains(&field.type_name);
            if let Some(is) = of_account(after.get(&header.source), field.name).filter(|_| is_whole)
                && is != said
                && !is_otherwise(Rule::Account)
            {
                return wrong("what its account says");
            }
            if is_otherwise(Rule::Call) {
                continue;
            }
            let end = format!("_{}", field.name);
            let places = spec.accounts.iter().enumerate();
            let alike = places.filter(|(_, account)| account.name == field.name || account.name.ends_with(&end));
            let keys: Vec<Address> = alike.filter_map(|(at, _)| account(at)).collect();
            let is_address = field.type_name == "Address";
            // The program's own id stands for nothing, and is not among the keys.
            let is_something = ![[0; 32], program.id.to_bytes()].contains(&said);
            if is_address && is_something && keys.len() == 1 && said != keys[0].to_bytes() {
                return wrong("the account of that name");
            }
            let Some((whose, what)) = field.name.split_once('_') else { continue };
            let start = format!("{whose}_");
            let theirs = spec.accounts.iter().enumerate().filter(|(_, account)| account.name.starts_with(&start));
            let values = theirs.filter_map(|(at, _)| account(at));
            let values: Vec<[u8; 32]> = values.filter_map(|key| of_account(before.get(&key), what)).collect();
            if !is_address && !values.is_empty() && !values.contains(&said) {
                return wrong("what the account of that name had");
            }
        }
    }
    Ok(())
}

fn is_said(field: &FieldSpec) -> bool {
    field.name != "header" && !field.name.starts_with("reserved") && field.size <= 32
}
