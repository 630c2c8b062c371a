//! Where the instructions that a program executed come from: steps of a trace against the symbols of its build.

use {
    addr2line::{
        Context as Symbols,
        gimli::{Dwarf, EndianSlice, LittleEndian, SectionId},
    },
    anyhow::{Context, Result, ensure},
    joule_sbf::link::SYMBOLS,
    object::{Object, ObjectSection, ObjectSymbol, SymbolKind},
    std::{cmp::Reverse, collections::BTreeMap, env, fs, path::Path, process::ExitCode, rc::Rc},
};

const HELP: &str = "\
Says where the instructions that a program executed come from.

Usage: profile SYMBOLS ELF TRACE...

SYMBOLS the program's ELF in target/symbols, beside the object that it was linked from
ELF     the program as it was traced, built without symbols
TRACE   lines of an instruction's place in the text, and the system call that it makes

For each trace two tables: by function, inlined ones as well, and by line.";

/// Bytes of an instruction.
const SIZE: usize = 8;

fn main() -> ExitCode {
    match run(env::args().skip(1).collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Vec<String>) -> Result<()> {
    let [symbols, elf, traces @ ..] = &arguments[..] else {
        println!("{HELP}");
        return Ok(());
    };
    let read = |path: &Path| fs::read(path).with_context(|| path.display().to_string());
    let (twin, elf) = (read(symbols.as_ref())?, read(elf.as_ref())?);
    let (twin, elf) = (object::File::parse(&twin[..])?, object::File::parse(&elf[..])?);
    let text = text(&elf)?;
    // Strings lie elsewhere, and functions may follow each other in another order; all else is the same, or the symbols are
    // of another program.
    let sorted = |code| {
        let mut shape = shape(code);
        shape.sort_unstable();
        shape
    };
    ensure!(sorted(text) == sorted(self::text(&twin)?), "the ELF with symbols is of other code: build both again");
    let object = read(&Path::new(symbols).with_extension(SYMBOLS))?;
    let object = object::File::parse(&object[..])?;
    let sections = |id: SectionId| -> Result<_> {
        let data = object.section_by_name(id.name()).map(|section| section.data()).transpose()?;
        Ok(EndianSlice::new(data.unwrap_or_default(), LittleEndian))
    };
    let program = Program { places: places(&object, text)?, symbols: Symbols::from_dwarf(Dwarf::load(sections)?)? };
    for trace in traces {
        program.report(trace)?;
    }
    Ok(())
}

fn text<'a>(file: &object::File<'a>) -> Result<&'a [u8]> {
    Ok(file.section_by_name(".text").context("it has no text")?.data()?)
}

/// Code without what the linker fills in.
fn shape(code: &[u8]) -> Vec<[u8; 4]> {
    code.chunks_exact(SIZE).map(|i| [i[0], i[1], i[2], i[3]]).collect()
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

struct Program<'a> {
    places: Vec<Place>,
    symbols: Symbols<EndianSlice<'a, LittleEndian>>,
}

/// The linker leaves functions out and moves others: each is found again by its code, all but what was filled in.
fn places(object: &object::File, text: &[u8]) -> Result<Vec<Place>> {
    let text = shape(text);
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

impl Program<'_> {
    /// The function and the line of an instruction. What belongs to a library is counted where it was asked for.
    fn find(&self, place: usize) -> Result<(String, String)> {
        let address = match self.places.get(place) {
            Some(Place::At(address)) => *address,
            Some(Place::Of(name)) => return Ok((name.to_string(), name.to_string())),
            _ => return Ok(("?".into(), "?".into())),
        };
        let mut frames = self.symbols.find_frames(address).skip_all_loads()?;
        let mut found = None;
        while let Some(frame) = frames.next()? {
            let location = frame.location.as_ref();
            let file = location.and_then(|location| location.file).unwrap_or("?");
            let own = file.contains("programs/");
            if found.is_none() || own {
                let line = location.and_then(|location| location.line).unwrap_or(0);
                let name = frame.function.as_ref().and_then(|name| Some(tail(&name.demangle().ok()?)));
                let file = file.rsplit("programs/").next().unwrap_or(file);
                found = Some((format!("{} ({file})", name.unwrap_or_else(|| "?".into())), format!("{file}:{line}")));
            }
            if own {
                break;
            }
        }
        Ok(found.unwrap_or_else(|| ("?".into(), "?".into())))
    }

    fn report(&self, trace: &str) -> Result<()> {
        let name = trace.rsplit('/').next().unwrap_or_default();
        let (mut functions, mut lines, mut asked) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let mut all = 0;
        for step in fs::read_to_string(trace).with_context(|| trace.to_owned())?.lines() {
            let (place, syscall) = step.split_once(' ').context("a place and a name")?;
            all += 1;
            if !syscall.is_empty() {
                *asked.entry(syscall.to_owned()).or_insert(0) += 1;
            }
            let (function, line) = self.find(place.parse()?)?;
            *functions.entry(function).or_insert(0) += 1;
            *lines.entry(line).or_insert(0) += 1;
        }
        println!("\n## {name}: {all} instructions\n");
        for (syscall, times) in asked {
            println!("- {syscall}, {times} times");
        }
        table("function", functions, all);
        table("line", lines, all);
        Ok(())
    }
}

/// The last parts of a name.
fn tail(name: &str) -> String {
    let generic = name.find('<').filter(|at| *at > 0).unwrap_or(name.len());
    let plain = name[..generic].trim_end_matches("::");
    plain.rsplit("::").next().unwrap_or(plain).to_owned()
}

fn table(what: &str, counts: BTreeMap<String, usize>, all: usize) {
    const ROWS: usize = 30;
    let mut rows: Vec<_> = counts.into_iter().collect();
    rows.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    println!("\n| instructions | part | {what} |\n|---:|---:|---|");
    for (name, count) in rows.into_iter().take(ROWS) {
        println!("| {count} | {} % | {name} |", count * 100 / all.max(1));
    }
}
