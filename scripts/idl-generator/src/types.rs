//! Rust types, as the interfaces write them, in Codama's terms.

use {
    codama_nodes::*,
    joule_interface::{EventHeader, Header, Layout, LayoutSpec, ProgramSpec, TailSpec},
    std::{cell::RefCell, collections::BTreeSet},
};

/// Units of `joule-math`: their name, the integer that they are, and what it counts.
pub const UNITS: [(&str, &str, &str); 7] = [
    ("Tokens", "u64", "Base units of a token."),
    ("Credits", "u64", "Credits: micro-dollars (1,000,000 are one US dollar)."),
    ("Amount", "u64", "What a job is paid in: credits, or base units of a token."),
    (
        "Weight",
        "u64",
        "A part in rewards: tokens times the multiplier of their lock, over the highest multiplier, four.",
    ),
    ("Seconds", "u32", "A length of time."),
    ("Bps", "u16", "A ratio in basis points: 10,000 are the whole."),
    ("Timestamp", "i64", "A moment: Unix seconds, as the Clock sysvar gives them."),
];

/// A little-endian integer.
pub fn number(format: &str) -> TypeNode {
    NumberTypeNode::le(NumberFormat::try_from(format).expect("an integer type")).into()
}

/// So many bytes.
pub fn bytes(size: usize) -> TypeNode {
    FixedSizeTypeNode::<TypeNode>::new(BytesTypeNode::new(), size).into()
}

/// Lines of documentation. Links of rustdoc lose their targets: there is nothing that they could lead to.
pub fn docs(text: &str) -> Docs {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, link)) = rest.split_once("[`") {
        plain.push_str(before);
        let Some((name, after)) = link.split_once("`]") else {
            plain.push_str("[`");
            rest = link;
            continue;
        };
        // Modules are Rust's own matter.
        let from = name.rfind("::").map_or(0, |last| {
            let modules = name.split_inclusive("::").take_while(|part| part.starts_with(|c: char| c.is_lowercase()));
            modules.map(str::len).sum::<usize>().min(last + 2)
        });
        plain.push_str(&format!("`{}`", &name[from..]));
        rest = match after.strip_prefix('(').and_then(|target| target.split_once(')')) {
            Some((_, after)) => after,
            None => after,
        };
    }
    plain.push_str(rest);
    let lines = plain.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("`Node`:"));
    Docs::from(lines.map(str::to_owned).collect::<Vec<_>>())
}

/// A program's types.
pub struct Types<'a> {
    program: &'a ProgramSpec,
    units: RefCell<BTreeSet<usize>>,
}

impl<'a> Types<'a> {
    pub fn new(program: &'a ProgramSpec) -> Self {
        Self { program, units: RefCell::default() }
    }

    /// The units that were asked for.
    pub fn used_units(&self) -> Vec<DefinedTypeNode> {
        let used = self.units.borrow();
        let nodes = used.iter().map(|&unit| {
            let (name, integer, text) = UNITS[unit];
            let mut node = DefinedTypeNode::new(name, number(integer));
            node.docs = docs(text);
            node
        });
        nodes.collect()
    }

    fn layouts(&self) -> impl Iterator<Item = LayoutSpec> {
        [Header::SPEC, EventHeader::SPEC].into_iter().chain(self.program.types.iter().copied())
    }

    /// Bytes of a type.
    pub fn width(&self, type_name: &str) -> usize {
        // Such as a hash. Where the length is a constant, the size of the field says it.
        if let Some((item, length)) =
            type_name.strip_prefix('[').and_then(|array| array.strip_suffix(']')?.rsplit_once("; "))
        {
            return length.parse::<usize>().expect("a length in figures") * self.width(item);
        }
        match type_name {
            "u8" | "i8" => 1,
            "u16" | "i16" => 2,
            "u32" | "i32" => 4,
            "u64" | "i64" => 8,
            "u128" | "U128" => 16,
            "Address" => 32,
            _ => match UNITS.iter().find(|(name, ..)| *name == type_name) {
                Some((_, integer, _)) => self.width(integer),
                None => self.layouts().find(|layout| layout.name == type_name).expect(type_name).size,
            },
        }
    }

    /// A type, as Rust writes it, of so many bytes.
    pub fn of(&self, type_name: &str, size: usize) -> TypeNode {
        if let Some(array) = type_name.strip_prefix('[') {
            // The length may be a constant: it follows from the size.
            let (item, _) = array.rsplit_once(';').expect("an array");
            if item == "u8" {
                return bytes(size);
            }
            let count = size / self.width(item);
            return ArrayTypeNode::new(self.of(item, self.width(item)), FixedCountNode::new(count as u64)).into();
        }
        // The macros' own types come with a path.
        let type_name = type_name.rsplit(':').next().expect("a name").trim();
        match type_name {
            "Address" => PublicKeyTypeNode::new().into(),
            "usize" => number("u32"),
            // An integer to clients: only in memory is it aligned otherwise. A type of that name would hide their own.
            "U128" => number("u128"),
            "u8" | "i8" | "u16" | "i16" | "u32" | "i32" | "u64" | "i64" => number(type_name),
            _ => {
                match UNITS.iter().position(|(name, ..)| *name == type_name) {
                    Some(unit) => drop(self.units.borrow_mut().insert(unit)),
                    None => assert!(
                        self.layouts().any(|layout| layout.name == type_name),
                        "type {type_name} is declared neither in `types` of program {} nor here",
                        self.program.name
                    ),
                }
                DefinedTypeLinkNode::new(type_name).into()
            }
        }
    }

    /// What follows a struct or arguments.
    pub fn tail(&self, spec: &TailSpec) -> StructFieldTypeNode {
        let item = spec.type_name.strip_prefix('[').and_then(|item| item.strip_suffix(']')).expect("a slice");
        let type_node = match item {
            "u8" => BytesTypeNode::new().into(),
            _ => ArrayTypeNode::new(self.of(item, self.width(item)), RemainderCountNode::new()).into(),
        };
        let mut node = StructFieldTypeNode::new::<_, TypeNode>(spec.name, type_node);
        node.docs = docs(spec.docs);
        node
    }

    /// A struct. Reserved bytes are zero, and nobody has to say so.
    pub fn structure(&self, layout: &LayoutSpec) -> StructTypeNode {
        let fields = layout.fields.iter().map(|field| {
            let mut node = StructFieldTypeNode::new(field.name, self.of(field.type_name, field.size));
            node.docs = docs(field.docs);
            if field.name.starts_with("reserved") {
                let zero: ValueNode = match field.type_name {
                    array if array.starts_with('[') => {
                        BytesValueNode::new(BytesEncoding::Base16, "00".repeat(field.size)).into()
                    }
                    _ => NumberValueNode::new(0u64).into(),
                };
                *node.default_value = Some(zero);
                node.default_value_strategy = Some(DefaultValueStrategy::Omitted);
            }
            node
        });
        StructTypeNode::new(fields.chain(layout.tail.iter().map(|tail| self.tail(tail))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_as_wide_as_in_rust() {
        let types = Types::new(&crate::PROGRAMS[0]);
        let widths = [
            size_of::<joule_math::Tokens>(),
            size_of::<joule_math::Credits>(),
            size_of::<joule_math::Amount>(),
            size_of::<joule_math::Weight>(),
            size_of::<joule_math::Seconds>(),
            size_of::<joule_math::Bps>(),
            size_of::<joule_math::Timestamp>(),
        ];
        assert_eq!(UNITS.map(|(name, ..)| types.width(name)), widths);
    }

    #[test]
    fn links_of_rustdoc_become_plain() {
        let plain = docs("See [`Node`](crate::Node), [`a::b::X::y`], [`crate::m`], [0] and `y`.\n\n second\n");
        assert_eq!(**plain, ["See `Node`, `X::y`, `m`, [0] and `y`.", "second"]);
    }

    #[test]
    fn trailing_items_are_counted_by_the_length() {
        let types = Types::new(&crate::PROGRAMS[0]);
        let json = |type_name| {
            let spec = TailSpec { name: "rest", docs: "", type_name };
            serde_json::to_value(types.tail(&spec)).unwrap()["type"].take()
        };
        assert_eq!(json("[u8]")["kind"], "bytesTypeNode");
        assert_eq!(json("[[u8; 32]]")["item"]["size"], 32);
        assert_eq!(json("[EpochWork]")["item"]["name"], "epochWork");
        assert_eq!(json("[u64]")["count"]["kind"], "remainderCountNode");
    }
}
