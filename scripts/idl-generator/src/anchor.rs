//! The IDL of each program in Anchor's format, which explorers and most wallets read. From the same `SPEC` as Codama's.
//!
//! Layouts have no implicit padding, so that Borsh reads them as they are. What Anchor's format cannot say is in the text:
//! what follows a struct without a count, accounts that may sign, and remaining accounts. Units are plain integers here.

use {
    crate::{
        Seed, VERSION, account_head, program_address, seeds,
        types::{self, UNITS},
    },
    anchor_lang_idl_spec::*,
    joule_interface::{
        AccountSpec, Address, ConstantSpec, EventHeader, FieldSpec, Header, InstructionSpec, Layout, LayoutSpec,
        PdaSpec, ProgramSpec, TailSpec,
    },
};

/// The committed text of a program's IDL.
pub fn json(program: &ProgramSpec) -> String {
    serde_json::to_string_pretty(&idl(program)).expect("an IDL is JSON") + "\n"
}

/// A program's IDL.
pub fn idl(program: &ProgramSpec) -> Idl {
    let headed = |header: &LayoutSpec, layout: &LayoutSpec| {
        // The discriminator is the first two bytes of the header, which is the first field.
        let header = header.fields[2..].iter().map(|field| self::field(program, field));
        let fields = header.chain(layout.fields[1..].iter().map(|field| self::field(program, field))).collect();
        definition(layout.name, text(layout.docs, layout.tail.as_slice()), fields)
    };
    let mut types: Vec<_> = program.accounts.iter().map(|(_, layout)| headed(&Header::SPEC, layout)).collect();
    types.extend(program.events.iter().map(|(_, layout)| headed(&EventHeader::SPEC, layout)));
    types.extend(program.types.iter().map(|layout| {
        let fields = layout.fields.iter().map(|field| self::field(program, field)).collect();
        definition(layout.name, text(layout.docs, layout.tail.as_slice()), fields)
    }));
    Idl {
        address: program.id.to_string(),
        metadata: IdlMetadata {
            name: format!("joule_{}", program.name),
            version: program.version.into(),
            spec: IDL_SPEC.into(),
            description: types::docs(program.docs).first().cloned(),
            repository: None,
            dependencies: vec![],
            contact: None,
            deployments: None,
        },
        docs: types::docs(program.docs).to_vec(),
        instructions: program.instructions.iter().map(|spec| instruction(program, spec)).collect(),
        accounts: program
            .accounts
            .iter()
            .zip(program.account_versions)
            .map(|((first, layout), versions)| IdlAccount {
                name: layout.name.into(),
                discriminator: account_head(*first, *versions),
            })
            .collect(),
        events: program
            .events
            .iter()
            .map(|(first, layout)| IdlEvent { name: layout.name.into(), discriminator: vec![*first, VERSION] })
            .collect(),
        errors: program
            .errors
            .iter()
            .map(|error| IdlErrorCode { code: error.code, name: error.name.into(), msg: Some(error.message.into()) })
            .collect(),
        types,
        constants: constants(program),
    }
}

fn definition(name: &str, docs: Vec<String>, fields: Vec<IdlField>) -> IdlTypeDef {
    IdlTypeDef {
        name: name.into(),
        docs,
        serialization: IdlSerialization::Borsh,
        repr: None,
        generics: vec![],
        ty: IdlTypeDefTy::Struct { fields: Some(IdlDefinedFields::Named(fields)) },
    }
}

/// The documentation, and what follows without a count.
fn text(docs: &str, tail: &[TailSpec]) -> Vec<String> {
    let mut lines = types::docs(docs).to_vec();
    for tail in tail {
        lines.push(format!("Then, to the end, `{}` of type `{}`:", tail.name, tail.type_name));
        lines.extend(types::docs(tail.docs).iter().cloned());
    }
    lines
}

fn field(program: &ProgramSpec, spec: &FieldSpec) -> IdlField {
    IdlField {
        name: spec.name.into(),
        docs: types::docs(spec.docs).to_vec(),
        ty: kind(program, spec.type_name, spec.size),
    }
}

/// A type, as Rust writes it, of so many bytes.
fn kind(program: &ProgramSpec, type_name: &str, size: usize) -> IdlType {
    if let Some(array) = type_name.strip_prefix('[') {
        // The length may be a constant: it follows from the size.
        let (item, _) = array.rsplit_once(';').expect("an array");
        let width = types::Types::new(program).width(item);
        return IdlType::Array(Box::new(kind(program, item, width)), IdlArrayLen::Value(size / width));
    }
    let name = type_name.rsplit(':').next().expect("a name").trim();
    match name {
        "Address" => IdlType::Pubkey,
        "usize" => IdlType::U32,
        "U128" => IdlType::U128,
        _ => UNITS
            .iter()
            .find(|(unit, ..)| *unit == name)
            .map_or(name, |(_, integer, _)| integer)
            .parse()
            .expect("a type"),
    }
}

fn instruction(program: &ProgramSpec, spec: &InstructionSpec) -> IdlInstruction {
    let mut docs = text(spec.docs, spec.tail.as_slice());
    if let Some(account) = spec.remaining {
        docs.push(format!("Then accounts `{}`{}:", account.name, if account.writable { ", writable" } else { "" }));
        docs.extend(types::docs(account.docs).iter().cloned());
    }
    IdlInstruction {
        name: snake(spec.name),
        docs,
        discriminator: vec![spec.discriminator],
        accounts: spec
            .accounts
            .iter()
            .map(|account| IdlInstructionAccountItem::Single(self::account(program, spec, account)))
            .collect(),
        args: spec.args.fields.iter().map(|field| self::field(program, field)).collect(),
        returns: None,
    }
}

fn account(program: &ProgramSpec, instruction: &InstructionSpec, spec: &AccountSpec) -> IdlInstructionAccount {
    let mut docs = types::docs(spec.docs).to_vec();
    if spec.may_sign {
        docs.push("It signs in some of the uses.".into());
    }
    let address = if spec.optional { None } else { program_address(spec.name) };
    let derived = if spec.optional || address.is_some() { None } else { derived(program, instruction, spec) };
    IdlInstructionAccount {
        name: spec.name.into(),
        docs,
        writable: spec.writable,
        signer: spec.signer,
        optional: spec.optional,
        address,
        pda: derived,
        relations: vec![],
    }
}

/// The seeds of an account's address, if all of them are sent.
fn derived(program: &ProgramSpec, instruction: &InstructionSpec, account: &AccountSpec) -> Option<IdlPda> {
    let (PdaSpec { prefix, program: owner, .. }, sources) = seeds(program, instruction, account)?;
    let constant = |value: &[u8]| IdlSeed::Const(IdlSeedConst { value: value.to_vec() });
    let sent = sources.iter().map(|source| match source {
        Seed::Account(name) => Some(IdlSeed::Account(IdlSeedAccount { path: (*name).into(), account: None })),
        Seed::Argument(name) => Some(IdlSeed::Arg(IdlSeedArg { path: (*name).into() })),
        Seed::Asked(_) => None,
    });
    let mut seeds = vec![constant(prefix.as_bytes())];
    seeds.extend(sent.collect::<Option<Vec<_>>>()?);
    Some(IdlPda { seeds, program: (owner != program.id).then(|| constant(&owner.to_bytes())) })
}

fn constants(program: &ProgramSpec) -> Vec<IdlConst> {
    let constant = |name: String, docs: Vec<String>, spec: &ConstantSpec| {
        let bytes = (spec.value)();
        let value = match spec.type_name {
            "Address" => Address::try_from(&bytes[..]).expect("32 bytes").to_string(),
            array if array.starts_with('[') => format!("{bytes:?}"),
            _ => bytes.iter().rev().fold(0u64, |value, byte| value << 8 | u64::from(*byte)).to_string(),
        };
        IdlConst { name, docs, ty: kind(program, spec.type_name, bytes.len()), value }
    };
    let plain = program.constants.iter().map(|spec| constant(spec.name.into(), types::docs(spec.docs).to_vec(), spec));
    let values = program.values.iter().flat_map(|values| {
        values.values.iter().map(move |spec| {
            let docs = [types::docs(spec.docs).to_vec(), types::docs(values.docs).to_vec()].concat();
            constant(format!("{}_{}", values.name, spec.name).to_uppercase(), docs, spec)
        })
    });
    plain.chain(values).collect()
}

/// `PostJob` as `post_job`.
fn snake(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.extend(letter.to_lowercase());
    }
    text
}

#[cfg(test)]
mod tests {
    use {super::*, crate::PROGRAMS, std::collections::BTreeSet};

    #[test]
    fn anchors_own_types_read_what_is_written() {
        for program in &PROGRAMS {
            assert_eq!(serde_json::from_str::<Idl>(&json(program)).expect("an IDL"), idl(program));
        }
    }

    /// Bytes that Borsh reads for a type.
    fn width(idl: &Idl, kind: &IdlType) -> usize {
        match kind {
            IdlType::U8 | IdlType::I8 => 1,
            IdlType::U16 | IdlType::I16 => 2,
            IdlType::U32 | IdlType::I32 => 4,
            IdlType::U64 | IdlType::I64 => 8,
            IdlType::U128 => 16,
            IdlType::Pubkey => 32,
            IdlType::Array(item, IdlArrayLen::Value(count)) => width(idl, item) * count,
            IdlType::Defined { name, .. } => size(idl, name),
            other => panic!("{other:?} is nowhere in an interface"),
        }
    }

    fn size(idl: &Idl, name: &str) -> usize {
        let definition = idl.types.iter().find(|definition| definition.name == name).expect(name);
        let IdlTypeDefTy::Struct { fields: Some(IdlDefinedFields::Named(fields)) } = &definition.ty else {
            panic!("{name} is a struct")
        };
        fields.iter().map(|field| width(idl, &field.ty)).sum()
    }

    #[test]
    fn borsh_reads_every_byte_of_an_account_and_of_an_event() {
        for program in &PROGRAMS {
            let idl = idl(program);
            for (_, layout) in program.accounts.iter().chain(program.events) {
                assert_eq!(2 + size(&idl, layout.name), layout.size, "{}", layout.name);
            }
            let names: BTreeSet<_> = idl.types.iter().map(|definition| &definition.name).collect();
            assert_eq!(names.len(), idl.types.len(), "each type has a name of its own");
        }
    }

    #[test]
    fn names_are_as_anchor_writes_them() {
        assert_eq!(snake("PostJob"), "post_job");
        assert_eq!(snake("BuyCredits"), "buy_credits");
    }
}
