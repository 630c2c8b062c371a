//! Where the instructions of a program come from: its ELF against the symbols of its build.

use {
    crate::link::SYMBOLS,
    addr2line::{
        Context as Debug,
        gimli::{Dwarf, EndianSlice, LittleEndian, SectionId},
    },
    anyhow::{Context, Result, ensure},
    object::{Object, ObjectSection, ObjectSymbol, SymbolKind},
    std::{cmp::Reverse, fs, path::Path, rc::Rc},
};

/// The instruction that calls a function.
const CALL: u8 = 0x85;

/// Bytes of an instruction.
pub const SIZE: usize = 8;

/// A program whose instructions can be found in its source.
pub struct Program {
    places: Vec<Place>,
    code: Vec<[u8; SIZE]>,
    constants: usize,
    debug: Debug<EndianSlice<'static, LittleEndian>>,
}

/// Where an instruction of the ELF was in the object.
#[derive(Clone, Default)]
enum Place {
    /// A function that has no symbols, or whose section the debugger's places do not tell from the first.
    Of(Rc<str>),
    /// In the text.
    At(u64),
    #[default]
    Unknown,
}

/// A place in the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The function, without its path.
    pub function: String,
    /// The file and the line, where they are known.
    pub line: Option<(String, u32)>,
}

impl Frame {
    /// The file below `programs`, and the line, of what is ours.
    pub fn own(&self) -> Option<(&str, u32)> {
        let (file, line) = self.line.as_ref()?;
        Some((file.split_once("programs/")?.1, *line))
    }
}

impl Program {
    /// `twin` is the ELF in `target/symbols`, beside the object that it was linked from; `elf` the same program, built
    /// without symbols.
    pub fn open(twin: &Path, elf: &Path) -> Result<Self> {
        let read = |path: &Path| fs::read(path).with_context(|| path.display().to_string());
        // Looked into as long as a tool runs.
        let object: &'static [u8] = read(&twin.with_extension(SYMBOLS))?.leak();
        let (twin, elf) = (read(twin)?, read(elf)?);
        let (twin, elf) = (object::File::parse(&twin[..])?, object::File::parse(&elf[..])?);
        let code = text(&elf)?.as_chunks().0.to_vec();
        let text = shape(text(&elf)?);
        // Strings lie elsewhere, and functions may follow each other in another order; all else is the same, or the symbols
        // are of another program.
        let sorted = |mut shape: Vec<_>| {
            shape.sort_unstable();
            shape
        };
        let same = sorted(text.clone()) == sorted(shape(self::text(&twin)?));
        ensure!(same, "the ELF with symbols is of other code: build both again");
        let object = object::File::parse(object)?;
        let sections = |id: SectionId| -> Result<_> {
            let data = object.section_by_name(id.name()).map(|section| section.data()).transpose()?;
            Ok(EndianSlice::new(data.unwrap_or_default(), LittleEndian))
        };
        let constants = elf.section_by_name(".rodata").map_or(0, |section| section.size() as usize);
        Ok(Self { places: places(&object, &text)?, code, constants, debug: Debug::from_dwarf(Dwarf::load(sections)?)? })
    }

    /// Bytes of its constants.
    pub fn constants(&self) -> usize {
        self.constants
    }

    /// The instruction at a place.
    pub fn code(&self, place: usize) -> Option<[u8; SIZE]> {
        self.code.get(place).copied()
    }

    /// Instructions of its text.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Where an instruction comes from: the innermost of inlined functions first.
    pub fn frames(&self, place: usize) -> Result<Vec<Frame>> {
        let address = match self.places.get(place) {
            Some(Place::At(address)) => *address,
            Some(Place::Of(name)) => return Ok(vec![Frame { function: name.to_string(), line: None }]),
            _ => return Ok(vec![]),
        };
        let mut frames = self.debug.find_frames(address).skip_all_loads()?;
        let mut found = vec![];
        while let Some(frame) = frames.next()? {
            let name = frame.function.as_ref().and_then(|name| Some(tail(&name.demangle().ok()?)));
            let line = frame.location.and_then(|at| Some((at.file?.to_owned(), at.line.filter(|line| *line > 0)?)));
            found.push(Frame { function: name.unwrap_or_else(|| "?".into()), line });
        }
        Ok(found)
    }
}

fn text<'a>(file: &object::File<'a>) -> Result<&'a [u8]> {
    Ok(file.section_by_name(".text").context("it has no text")?.data()?)
}

/// Code without what the linker fills in. That is also which kind of call a call is.
fn shape(code: &[u8]) -> Vec<[u8; 4]> {
    code.chunks_exact(SIZE).map(|i| if i[0] == CALL { [CALL, 0, 0, 0] } else { [i[0], i[1], i[2], i[3]] }).collect()
}

/// The linker leaves functions out and moves others: each is found again by its code, all but what was filled in.
fn places(object: &object::File, text: &[[u8; 4]]) -> Result<Vec<Place>> {
    let mut functions = vec![];
    for symbol in object.symbols().filter(|symbol| symbol.kind() == SymbolKind::Text && symbol.size() > 0) {
        let section = object.section_by_index(symbol.section_index().context("a function without a section")?)?;
        let from = symbol.address() as usize;
        let code = &section.data()?[from..from + symbol.size() as usize];
        let name = addr2line::demangle_auto(symbol.name()?.into(), None);
        let described = section.name()? == ".text" && !name.starts_with("__");
        functions.push((shape(code), if described { None } else { Some(Rc::from(tail(&name))) }, symbol.address()));
    }
    functions.sort_by_key(|(code, ..)| Reverse(code.len()));
    let mut places = vec![Place::Unknown; text.len()];
    let mut at = 0;
    while at < text.len() {
        let Some((code, name, address)) = functions.iter().find(|(code, ..)| text[at..].starts_with(code)) else {
            at += 1;
            continue;
        };
        for (index, place) in places[at..at + code.len()].iter_mut().enumerate() {
            *place = name.clone().map_or(Place::At(address + (index * SIZE) as u64), Place::Of);
        }
        at += code.len();
    }
    Ok(places)
}

/// The last parts of a name.
fn tail(name: &str) -> String {
    let generic = name.find('<').filter(|at| *at > 0).unwrap_or(name.len());
    let plain = name[..generic].trim_end_matches("::");
    plain.rsplit("::").next().unwrap_or(plain).to_owned()
}
