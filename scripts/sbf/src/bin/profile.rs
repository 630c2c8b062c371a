//! Where the instructions that a program executed come from: steps of a trace against the symbols of its build.

use {
    anyhow::{Context, Result},
    joule_sbf::symbols::{Frame, Program, SIZE},
    std::{collections::BTreeMap, env, fs, process::ExitCode},
};

const HELP: &str = "\
Says where the instructions that a program executed, or all that it is made of, come from.

Usage: profile SYMBOLS ELF TRACE...
       profile --parts SYMBOLS ELF TRACE...
       profile --steps SYMBOLS ELF TRACE
       profile --size SYMBOLS ELF

SYMBOLS the program's ELF in target/symbols, beside the object that it was linked from
ELF     the program as it was traced, built without symbols
TRACE   lines of an instruction's place in the text, and the system call that it makes

For each trace two tables: by function, inlined ones as well, and by line. With --parts one table, of a line for each
trace, by what its instructions are for. With --steps each instruction that one trace executed, and where it comes from. For
the size four tables: by room (a crate's folder), by function of the ELF, by function as it is written, however often it was
inlined, and by line.";

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
    if let [option, symbols, elf, traces @ ..] = &arguments[..]
        && ["--steps", "--parts"].contains(&option.as_str())
    {
        let program = Program::open(symbols.as_ref(), elf.as_ref())?;
        return if option == "--parts" {
            parts(&program, traces)
        } else {
            traces.iter().try_for_each(|it| steps(&program, it))
        };
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

/// What instructions are for.
const PARTS: [&str; 10] = [
    "entry, and which instruction",
    "flags of accounts, arguments",
    "accounts: owner, kind, borrowing",
    "addresses",
    "amounts and times",
    "calls",
    "events",
    "what was called apart, and the stack",
    "its own",
    "the clock, hashes",
];

/// Which of [`PARTS`] an instruction belongs to: by the file of ours that asked for it.
fn part(frames: &[Frame]) -> usize {
    let Some((function, file)) = frames.iter().find_map(|frame| Some((frame.function.as_str(), frame.own()?.0))) else {
        return 7;
    };
    match file.rsplit("/src/").next().unwrap_or(file) {
        "entrypoint.rs" | "program.rs" => 0,
        "account_list.rs" | "instruction.rs" => 1,
        "account.rs" | "token.rs" | "issuer.rs" if file.starts_with("common") => 2,
        _ if frames.iter().any(|frame| frame.function == "address_eq") => 3,
        "guard.rs" => 3,
        _ if file.starts_with("math") => 4,
        "call.rs" | "pda.rs" => 5,
        "event.rs" => 6,
        _ if function.starts_with("emit") => 6,
        "lib.rs" if file.starts_with("common") => 9,
        _ => 8,
    }
}

/// A line for each trace: what its instructions are for.
fn parts(program: &Program, traces: &[String]) -> Result<()> {
    println!("| instruction | own | {} |", PARTS.join(" | "));
    println!("|---|---:|{}", "---:|".repeat(PARTS.len()));
    for trace in traces {
        let (mut counts, mut all) = ([0; PARTS.len()], 0);
        for step in fs::read_to_string(trace).with_context(|| trace.to_owned())?.lines() {
            let (place, _) = step.split_once(' ').context("a place and a name")?;
            counts[part(&program.frames(place.parse()?)?)] += 1;
            all += 1;
        }
        let name = trace.rsplit('/').next().unwrap_or_default();
        let name = name.split_once(' ').map_or(name, |(_, row)| row);
        println!("| {name} | {all} | {} |", counts.map(|count: usize| count.to_string()).join(" | "));
    }
    Ok(())
}

/// Each instruction that was executed: its place, what it does, and where it comes from, the innermost function first.
fn steps(program: &Program, trace: &str) -> Result<()> {
    for step in fs::read_to_string(trace).with_context(|| trace.to_owned())?.lines() {
        let (place, syscall) = step.split_once(' ').context("a place and a name")?;
        let place = place.parse()?;
        let frames = program.frames(place)?;
        let frames: Vec<_> = frames
            .iter()
            .map(|frame| match frame.own() {
                Some((file, line)) => format!("{} ({file}:{line})", frame.function),
                None => frame.function.clone(),
            })
            .collect();
        let code = text(program.code(place).context("a place that it does not have")?, syscall);
        println!("{place:>6} {code:<34} {}", frames.join(" < "));
    }
    Ok(())
}

/// An instruction as text.
fn text(code: [u8; SIZE], syscall: &str) -> String {
    const SUMS: [&str; 14] = ["+", "-", "*", "/", "|", "&", "<<", ">>", "neg", "%", "^", "=", "s>>", "swap"];
    const CHOICES: [&str; 16] =
        ["", "==", ">", ">=", "&", "!=", "s>", "s>=", "call", "exit", "<", "<=", "s<", "s<=", "", ""];
    let (to, from) = (code[1] & 15, code[1] >> 4);
    let offset = i16::from_le_bytes([code[2], code[3]]);
    let number = i32::from_le_bytes([code[4], code[5], code[6], code[7]]);
    let (class, kind) = (code[0] & 7, (code[0] >> 4) as usize);
    let right = if code[0] & 8 == 0 { number.to_string() } else { format!("r{from}") };
    let bytes = match code[0] & 0x18 {
        0 => 4,
        8 => 2,
        16 => 1,
        _ => 8,
    };
    match class {
        0 => format!("r{to} = constant ..{number:x}"),
        1 => format!("r{to} = [r{from}{offset:+}], {bytes} bytes"),
        2 | 3 => format!(
            "[r{to}{offset:+}] = {}, {bytes} bytes",
            if class == 2 { number.to_string() } else { format!("r{from}") }
        ),
        5 if kind == 0 => format!("jump {offset:+}"),
        5 if kind == 8 => format!("call {syscall}"),
        5 if kind == 9 => "exit".into(),
        5 => format!("if r{to} {} {right}: jump {offset:+}", CHOICES[kind]),
        _ if kind == 11 => format!("r{to} = {right}"),
        _ => format!("r{to} {}= {right}", SUMS.get(kind).unwrap_or(&"?")),
    }
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
    const ROWS: usize = 30;
    let mut rows: Vec<_> = counts.into_iter().collect();
    rows.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    println!("\n| instructions | part | {what} |\n|---:|---:|---|");
    for (name, count) in rows.into_iter().take(ROWS) {
        println!("| {count} | {} % | {name} |", count * 100 / all.max(1));
    }
}
