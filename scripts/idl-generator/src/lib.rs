//! The IDL of each program, in [Codama](https://github.com/codama-idl/codama)'s format, from its interface's `SPEC`.
//!
//! What is declared with the macros of `joule-interface` is in the IDL without further ado. Where an instruction's account
//! is a derived address, its default is found so: its declaration says it (`= pda::of(..)`), or an address of the program
//! has its name and all its seeds are there. A seed is what the declaration says, or the account or argument of its name;
//! what is said and is neither becomes an extra argument, which is not sent. Seeds called `authority` or `index` are never
//! guessed, for many things have one.

pub mod anchor;
mod types;

use {
    codama_nodes::*,
    joule_interface::{
        AccountSpec, Address, ConstantSpec, EventHeader, Header, INSTRUCTIONS_SYSVAR, InstructionSpec, Layout,
        LayoutSpec, PdaSpec, ProgramSpec, SYSTEM_PROGRAM, TOKEN_PROGRAM, ValuesSpec,
    },
    std::collections::BTreeMap,
    types::{Types, bytes, docs, number},
};

pub use types::UNITS;

/// The programs, in the order of their error ranges.
pub const PROGRAMS: [ProgramSpec; 4] = [
    joule_bme_interface::SPEC,
    joule_stake_interface::SPEC,
    joule_escrow_interface::SPEC,
    joule_identity_interface::SPEC,
];

/// Programs that instructions call, by the name of their account.
fn program_address(account: &str) -> Option<String> {
    let own = account.strip_suffix("_program").and_then(|name| PROGRAMS.iter().find(|program| program.name == name));
    let address = match account {
        "system_program" => SYSTEM_PROGRAM,
        "instructions_sysvar" => INSTRUCTIONS_SYSVAR,
        // Networks of Token-2022 mints pass theirs.
        "token_program" => TOKEN_PROGRAM,
        "bubblegum_program" => joule_identity_interface::BUBBLEGUM_PROGRAM,
        "compression_program" => joule_identity_interface::COMPRESSION_PROGRAM,
        "log_wrapper" => joule_identity_interface::LOG_WRAPPER,
        _ => own?.id,
    };
    Some(address.to_string())
}

/// The committed text of a program's IDL.
pub fn json(program: &ProgramSpec) -> String {
    with_empty_lists(&serde_json::to_string_pretty(&root(program)).expect("an IDL is JSON"))
}

/// Lists that renderers older than Codama's nodes 1.10 look into without asking whether they are there, by the node's kind.
fn needed_lists(kind: &str) -> &'static [&'static str] {
    match kind {
        "rootNode" => &["additionalPrograms"],
        "programNode" => &["accounts", "instructions", "definedTypes", "pdas", "events", "errors", "constants"],
        "instructionNode" => &["accounts", "arguments", "discriminators"],
        "accountNode" | "eventNode" => &["discriminators"],
        "structTypeNode" => &["fields"],
        "pdaNode" | "pdaValueNode" => &["seeds"],
        _ => &[],
    }
}

/// Adds the lists that newer nodes leave out where they are empty. Works on the lines of the pretty text, in which a node's
/// kind comes first and its fields are indented alike.
fn with_empty_lists(pretty: &str) -> String {
    let mut text = String::new();
    // Of each node that has begun: how its fields are indented, and the lists that were not seen yet.
    let mut nodes: Vec<(usize, Vec<&str>)> = vec![];
    for line in pretty.lines() {
        let field = line.trim_start();
        let indent = line.len() - field.len();
        if let Some(kind) = field.strip_prefix("\"kind\": \"") {
            nodes.push((indent, needed_lists(kind.trim_end_matches([',', '"'])).to_vec()));
        } else if let Some((_, missing)) = nodes.last_mut().filter(|node| node.0 == indent) {
            missing.retain(|list| !field.starts_with(&format!("\"{list}\":")));
        } else if field.starts_with('}')
            && let Some((within, missing)) = nodes.pop_if(|node| node.0 == indent + 2)
        {
            for list in missing {
                text.truncate(text.trim_end().len());
                text.push_str(&format!(",\n{:within$}\"{list}\": []\n", ""));
            }
        }
        text.push_str(line);
        text.push('\n');
    }
    text
}

/// A program's IDL.
pub fn root(program: &ProgramSpec) -> RootNode {
    let types = Types::new(program);
    let mut node = ProgramNode::new(format!("joule_{}", program.name), program.id.to_string());
    node.version = program.version.into();
    node.docs = docs(program.docs);
    node.accounts = program
        .accounts
        .iter()
        .zip(program.account_versions)
        .map(|((discriminator, layout), versions)| {
            let mut node = account(program, &types, layout);
            node.discriminators.insert(0, first_bytes(&account_head(*discriminator, *versions)));
            node
        })
        .collect();
    node.instructions = program.instructions.iter().map(|spec| instruction(program, &types, spec)).collect();
    node.pdas = program.pdas.iter().map(pda).collect();
    node.events = program.events.iter().map(|(tag, layout)| event(&types, *tag, layout)).collect();
    node.errors = program
        .errors
        .iter()
        .map(|error| {
            let mut node = ErrorNode::new(error.name, error.code, error.message);
            node.docs = Docs::from(vec![format!("{}: {}", error.name, error.message)]);
            node
        })
        .collect();
    let plain = |spec: &ConstantSpec| constant(&types, spec.name.to_lowercase(), spec.docs, spec);
    node.constants = program.constants.iter().map(plain).collect();
    node.constants.extend(program.values.iter().flat_map(|spec| values(&types, spec)));
    let structs = [Header::SPEC, EventHeader::SPEC].into_iter().chain(program.types.iter().copied()).map(|layout| {
        let mut node = DefinedTypeNode::new(layout.name, types.structure(&layout));
        node.docs = docs(layout.docs);
        node
    });
    node.defined_types = structs.collect();
    // Last, when all that use them are described.
    node.defined_types.extend(types.used_units());
    RootNode::new(node)
}

/// The first bytes of an account or event.
fn first_bytes(head: &[u8]) -> DiscriminatorNode {
    let hexadecimal = head.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let value = BytesValueNode::new(BytesEncoding::Base16, hexadecimal);
    ConstantDiscriminatorNode::new(ConstantValueNode::new(bytes(head.len()), value), 0).into()
}

/// All events are the first version; [`joule_interface::event!`] writes it.
const VERSION: u8 = 1;

/// How an account begins: discriminator and version; where two versions are read, the discriminator alone.
fn account_head(discriminator: u8, (written, also_read): (u8, u8)) -> Vec<u8> {
    if written == also_read { vec![discriminator, written] } else { vec![discriminator] }
}

fn account(program: &ProgramSpec, types: &Types, layout: &LayoutSpec) -> AccountNode {
    let mut node = AccountNode::new(layout.name, NestedTypeNode::Value(types.structure(layout)));
    node.docs = docs(layout.docs);
    if layout.tail.is_none() {
        node.size = Some(layout.size as u64);
        node.discriminators.push(SizeDiscriminatorNode::new(layout.size as u64).into());
    }
    let lies_at = |pda: &&PdaSpec| match pda.account {
        Some(account) => account == layout.name,
        None => CamelCaseString::new(pda.name) == CamelCaseString::new(layout.name),
    };
    node.pda = program.pdas.iter().find(lies_at).map(|pda| PdaLinkNode::new(pda.name));
    node
}

fn event(types: &Types, tag: u8, layout: &LayoutSpec) -> EventNode {
    let mut node = EventNode::new(layout.name, types.structure(layout));
    node.docs = docs(layout.docs);
    node.discriminators = vec![first_bytes(&[tag, VERSION]), SizeDiscriminatorNode::new(layout.size as u64).into()];
    node
}

/// The type of a seed: an address, or an integer's bytes.
fn seed_type(type_name: &str) -> TypeNode {
    match type_name {
        "Address" => PublicKeyTypeNode::new().into(),
        "[u8; 1]" => number("u8"),
        "[u8; 2]" => number("u16"),
        "[u8; 4]" => number("u32"),
        "[u8; 8]" => number("u64"),
        "[u8; 32]" => bytes(32),
        _ => panic!("a seed of type {type_name} is not described"),
    }
}

fn pda(spec: &PdaSpec) -> PdaNode {
    let prefix = ConstantPdaSeedNode::new(StringTypeNode::utf8(), StringValueNode::new(spec.prefix));
    let seeds = spec.seeds.iter().map(|(name, type_name)| VariablePdaSeedNode::new(*name, seed_type(type_name)).into());
    let mut node = PdaNode::new(spec.name, [prefix.into()].into_iter().chain(seeds).collect());
    node.docs = docs(spec.docs);
    node
}

/// Where a seed of an account's address comes from.
enum Seed {
    /// The address of another account.
    Account(&'static str),
    /// An argument.
    Argument(&'static str),
    /// A value that is not sent.
    Asked(&'static str),
}

/// The derived address of an account, if it follows from other accounts and arguments, and where each seed comes from.
fn seeds(program: &ProgramSpec, instruction: &InstructionSpec, account: &AccountSpec) -> Option<(PdaSpec, Vec<Seed>)> {
    let (spec, given) = match &account.derived {
        Some(derived) => (derived.pda, derived.seeds),
        // Whoever signs has a key of its own.
        None if account.signer => return None,
        None => (*program.pdas.iter().find(|pda| pda.name == account.name)?, &[][..]),
    };
    let seed = |(name, type_name): &(&'static str, &str)| {
        let said = given.iter().find(|(seed, _)| seed == name).map(|(_, source)| *source);
        let source = said.unwrap_or(name);
        let guessed = said.is_none() && matches!(*name, "authority" | "index");
        let is_account = *type_name == "Address"
            && !guessed
            && source != account.name
            && instruction.accounts.iter().any(|other| other.name == source && (said.is_some() || !other.optional));
        let is_argument = !guessed && instruction.args.fields.iter().any(|field| field.name == source);
        if is_account {
            Some(Seed::Account(source))
        } else if is_argument {
            Some(Seed::Argument(source))
        } else {
            said.map(Seed::Asked)
        }
    };
    let seeds = spec.seeds.iter().map(seed).collect::<Option<_>>()?;
    Some((spec, seeds))
}

/// The same in Codama's terms; what is not sent becomes an extra argument.
fn derived_address(
    program: &ProgramSpec,
    instruction: &InstructionSpec,
    account: &AccountSpec,
    extra: &mut BTreeMap<String, TypeNode>,
) -> Option<PdaValueNode> {
    let (spec, sources) = seeds(program, instruction, account)?;
    let mut values = vec![];
    for (source, (name, type_name)) in sources.iter().zip(spec.seeds) {
        values.push(match source {
            Seed::Account(source) => PdaSeedValueNode::new(*name, AccountValueNode::new(*source)),
            Seed::Argument(source) | Seed::Asked(source) => {
                PdaSeedValueNode::new(*name, ArgumentValueNode::new(*source))
            }
        });
        if let Seed::Asked(source) = source {
            extra.insert((*source).into(), seed_type(type_name));
        }
    }
    Some(if spec.program == program.id {
        PdaValueNode::new(PdaLinkNode::new(spec.name), values)
    } else {
        let mut foreign = pda(&spec);
        foreign.program_id = Some(spec.program.to_string());
        PdaValueNode::new(foreign, values)
    })
}

fn is_signer(account: &AccountSpec) -> IsSigner {
    match account {
        AccountSpec { signer: true, .. } => IsSigner::True,
        AccountSpec { may_sign: true, .. } => IsSigner::Either,
        _ => IsSigner::False,
    }
}

fn instruction(program: &ProgramSpec, types: &Types, spec: &InstructionSpec) -> InstructionNode {
    let mut extra = BTreeMap::new();
    let accounts = spec.accounts.iter().map(|account| {
        let mut node = InstructionAccountNode::new(account.name, account.writable, is_signer(account));
        node.docs = docs(account.docs);
        node.is_optional = account.optional.then_some(true);
        let value: Option<InstructionInputValueNode> = if account.optional {
            None
        } else if account.name == "payer" && account.signer {
            Some(PayerValueNode::new().into())
        } else if let Some(address) = program_address(account.name) {
            Some(PublicKeyValueNode::new(address).into())
        } else {
            derived_address(program, spec, account, &mut extra).map(Into::into)
        };
        *node.default_value = value;
        node
    });
    let mut discriminator = InstructionArgumentNode::new("discriminator", number("u8"));
    *discriminator.default_value = Some(NumberValueNode::new(spec.discriminator).into());
    discriminator.default_value_strategy = Some(DefaultValueStrategy::Omitted);
    discriminator.docs = docs("Which instruction it is.");
    let mut node = InstructionNode {
        name: spec.name.into(),
        docs: docs(spec.docs),
        optional_account_strategy: Some(OptionalAccountStrategy::ProgramId),
        accounts: accounts.collect(),
        arguments: vec![discriminator],
        discriminators: vec![FieldDiscriminatorNode::new("discriminator", 0).into()],
        ..InstructionNode::default()
    };
    node.arguments.extend(types.structure(&spec.args).fields.into_iter().map(InstructionArgumentNode::from));
    node.arguments.extend(spec.tail.map(|tail| InstructionArgumentNode::from(types.tail(&tail))));
    node.extra_arguments = extra
        .into_iter()
        .map(|(name, type_node)| {
            let mut node = InstructionArgumentNode::new(name, type_node);
            node.docs = docs("Is not sent: a seed of an account's address.");
            node
        })
        .collect();
    node.remaining_accounts = spec
        .remaining
        .iter()
        .map(|account| InstructionRemainingAccountsNode {
            is_optional: Some(true),
            is_signer: account.signer.then_some(IsSigner::True),
            is_writable: Some(account.writable),
            docs: docs(account.docs),
            value: Box::new(ArgumentValueNode::new(account.name).into()),
            display: None,
        })
        .collect();
    node
}

fn constant(types: &Types, name: String, text: &str, spec: &ConstantSpec) -> ConstantNode {
    let bytes = (spec.value)();
    let value: ValueNode = match spec.type_name {
        "Address" => PublicKeyValueNode::new(Address::try_from(&bytes[..]).expect("32 bytes").to_string()).into(),
        array if array.starts_with('[') => BytesValueNode::new(
            BytesEncoding::Base16,
            bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>(),
        )
        .into(),
        integer => {
            assert!(
                !integer.starts_with('i') && bytes.len() <= 8,
                "constant {name} of type {integer} is not described"
            );
            let little_endian = bytes.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte));
            NumberValueNode::new(little_endian).into()
        }
    };
    let mut node = ConstantNode::new(name, types.of(spec.type_name, bytes.len()), value);
    node.docs = docs(text);
    node
}

/// What a field may be. Not an enum: fields are plain integers, so that a value of a later version still decodes, and
/// renderers number the variants of an enum as they come.
fn values<'a>(types: &'a Types, spec: &'a ValuesSpec) -> impl Iterator<Item = ConstantNode> + 'a {
    let one = |value: &ConstantSpec| {
        let text = format!("{}\n{}", value.docs, spec.docs);
        constant(types, format!("{}_{}", spec.name, value.name.to_lowercase()), &text, value)
    };
    spec.values.iter().map(one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codama_reads_what_it_wrote() {
        for program in &PROGRAMS {
            assert_eq!(serde_json::from_str::<RootNode>(&json(program)).unwrap(), root(program));
        }
    }

    #[test]
    fn an_account_of_which_two_versions_are_read_is_told_by_its_first_byte() {
        let of = |versions: (u8, u8)| {
            let account_versions = vec![versions; PROGRAMS[0].accounts.len()].leak();
            let program = ProgramSpec { account_versions, ..PROGRAMS[0] };
            (serde_json::to_value(root(&program)).unwrap(), anchor::idl(&program))
        };
        for (versions, head, hexadecimal) in
            [((1, 1), vec![1, 1], "0101"), ((2, 2), vec![1, 2], "0102"), ((2, 1), vec![1], "01")]
        {
            let (codama, anchor) = of(versions);
            let discriminator = &codama["program"]["accounts"][0]["discriminators"][0];
            assert_eq!(discriminator["constant"]["value"]["data"], hexadecimal);
            assert_eq!(anchor.accounts[0].discriminator, head);
        }
    }
}
