//! Where the instructions that a program executed come from: steps of a trace against the symbols of its build.

use {
    anyhow::{Context, Result},
    joule_sbf::symbols::{Frame, Program, SIZE},
    std::{collections::BTreeMap, env, fs, process::ExitCode},
};

const HELP: &str = "\
Says where the instructions that a program executed, or all that it is made of, come from.

Usage: profile SYMBOLS ELF TRACE...
       profile --size SYMBOLS ELF

SYMBOLS the program's ELF in target/symbols, beside the object that it was linked from
ELF     the program as it was traced, built without symbols
TRACE   lines of an instruction's place in the text, and the system call that it makes

For each trace two tables: by function, inlined ones as well, and by line. For the size four: by
room (a crate's folder), by function of the ELF, by function as it is written, however often it was inlined, and by line.";

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
    if let [option, symbols, elf, trace] = &arguments[..]
        && option == "--steps"
    {
        return steps(&Program::open(symbols.as_ref(), elf.as_ref())?, trace);
    }
    if let [option, symbols, elf] = &arguments[..]
        && option == "--size"
    {
        return size(&Program::open(symbols.as_ref(), elf.as_ref())?, elf);
    }
    let [symbols, elf, traces @ ..] = &arguments[..] else {
        println!("{HELP}");
        return Ok(());
    };
    let program = Program::open(symbols.as_ref(), elf.as_ref())?;
    traces.iter().try_for_each(|trace| report(&program, trace))
}

/// The function and the line of an instruction. What belongs to a library is counted where it was asked for.
fn find(program: &Program, place: usize) -> Result<(String, String)> {
    let frames = program.frames(place)?;
    let Some(frame) = frames.iter().find(|frame| frame.own().is_some()).or(frames.last()) else {
        return Ok(("?".into(), "?".into()));
    };
    Ok(match (frame.own(), &frame.line) {
        (Some((file, line)), _) => (format!("{} ({file})", frame.function), format!("{file}:{line}")),
        (None, Some((file, line))) => (format!("{} ({file})", frame.function), format!("{file}:{line}")),
        (None, None) => (frame.function.clone(), frame.function.clone()),
    })
}

fn steps(program: &Program, trace: &str) -> Result<()> {
    for step in fs::read_to_string(trace).with_context(|| trace.to_owned())?.lines() {
        let (place, syscall) = step.split_once(' ').context("a place and a name")?;
        let place = place.parse()?;
        let code = program.code(place).context("not a place of it")?;
        let (dst, src) = (code[1] & 15, code[1] >> 4);
        let offset = i16::from_le_bytes([code[2], code[3]]);
        let number = i32::from_le_bytes([code[4], code[5], code[6], code[7]]);
        let frames = program.frames(place)?;
        let all: Vec<_> = frames
            .iter()
            .map(|f| match f.own() {
                Some((file, line)) => format!("{}@{}:{line}", f.function, file.rsplit('/').next().unwrap_or_default()),
                None => f.function.clone(),
            })
            .collect();
        let op = match code[0] {
            0x79 => format!("r{dst} = [r{src}{offset:+}]"),
            0x61 => format!("r{dst} = w[r{src}{offset:+}]"),
            0x69 => format!("r{dst} = h[r{src}{offset:+}]"),
            0x71 => format!("r{dst} = b[r{src}{offset:+}]"),
            0x7b => format!("[r{dst}{offset:+}] = r{src}"),
            0x63 => format!("w[r{dst}{offset:+}] = r{src}"),
            0x6b => format!("h[r{dst}{offset:+}] = r{src}"),
            0x73 => format!("b[r{dst}{offset:+}] = r{src}"),
            0x7a | 0x62 | 0x6a | 0x72 => format!("st[r{dst}{offset:+}] = {number}"),
            0x18 => format!("r{dst} = const {number:x}"),
            0xb7 => format!("r{dst} = {number}"),
            0xbf => format!("r{dst} = r{src}"),
            0x07 => format!("r{dst} += {number}"),
            0x0f => format!("r{dst} += r{src}"),
            0x85 => format!("call {syscall}"),
            0x95 => "exit".into(),
            op if op & 7 == 5 => {
                let right = if op & 8 == 8 { format!("r{src}") } else { number.to_string() };
                format!("if {:x} r{dst} {right} -> {offset:+}", op & 0xf0)
            }
            op => format!("op {op:x} r{dst} r{src} {number}"),
        };
        println!("{place:>6} {op:<34} {}", all.join(" < "));
    }
    Ok(())
}

fn report(program: &Program, trace: &str) -> Result<()> {
    let name = trace.rsplit('/').next().unwrap_or_default();
    let (mut functions, mut lines, mut asked) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let mut all = 0;
    for step in fs::read_to_string(trace).with_context(|| trace.to_owned())?.lines() {
        let (place, syscall) = step.split_once(' ').context("a place and a name")?;
        all += 1;
        if !syscall.is_empty() {
            *asked.entry(syscall.to_owned()).or_insert(0) += 1;
        }
        let (function, line) = find(program, place.parse()?)?;
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

/// What a program is made of.
fn size(program: &Program, elf: &str) -> Result<()> {
    let (mut rooms, mut emitted, mut written, mut lines) =
        (BTreeMap::<_, [usize; 2]>::new(), BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for place in 0..program.len() {
        let (function, line) = find(program, place)?;
        let frames = program.frames(place)?;
        let places = [frames.last().and_then(Frame::own), frames.iter().find_map(Frame::own)];
        for (column, place) in places.into_iter().enumerate() {
            let room = place.map_or_else(|| "libraries".to_owned(), |(file, _)| room(file));
            rooms.entry(room).or_default()[column] += 1;
        }
        *emitted.entry(frames.last().map_or_else(|| "?".into(), |frame| frame.function.clone())).or_insert(0) += 1;
        *written.entry(function).or_insert(0) += 1;
        *lines.entry(line).or_insert(0) += 1;
    }
    let all = program.len();
    let file = fs::metadata(elf)?.len() as usize;
    let constants = program.constants();
    println!(
        "{file} bytes: {} of code ({all} instructions), {constants} of constants, {} of headers",
        all * SIZE,
        file - all * SIZE - constants
    );
    let mut rooms: Vec<_> = rooms.into_iter().collect();
    rooms.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    println!("\n| room | instructions of its functions | part | instructions that are written there | part |");
    println!("|---|---:|---:|---:|---:|");
    for (room, [emitted, written]) in rooms {
        let part = |count: usize| count * 100 / all.max(1);
        println!("| {room} | {emitted} | {} % | {written} | {} % |", part(emitted), part(written));
    }
    table("function of the ELF", emitted, all);
    table("function as it is written", written, all);
    table("line", lines, all);
    Ok(())
}

/// The room of a file below `programs`: its crate, and the folder there, or the file.
fn room(file: &str) -> String {
    let (name, path) = file.split_once("/src/").unwrap_or((file, ""));
    let inner = path.rsplit_once('/').map_or(path.trim_end_matches(".rs"), |(folder, _)| folder);
    format!("{} {inner}", name.trim_end_matches("/program"))
}

fn table(what: &str, counts: BTreeMap<String, usize>, all: usize) {
    const ROWS: usize = 400;
    let mut rows: Vec<_> = counts.into_iter().collect();
    rows.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    println!("\n| instructions | part | {what} |\n|---:|---:|---|");
    for (name, count) in rows.into_iter().take(ROWS) {
        println!("| {count} | {} % | {name} |", count * 100 / all.max(1));
    }
}
