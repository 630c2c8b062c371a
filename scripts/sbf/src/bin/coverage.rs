//! Which lines of the programs' source ran: places that fuzz targets noted against the symbols of the programs' builds.

use {
    anyhow::{Context, Result, ensure},
    joule_sbf::symbols::Program,
    std::{collections::BTreeMap, env, fs, path::Path, process::ExitCode},
};

const HELP: &str = "\
Says which lines of the programs' source ran.

Usage: coverage ELVES SEEN PROGRAM...

ELVES   a folder of ELFs that ran, each beside its symbols
SEEN    a folder of files <program>.<run>: a byte for each instruction of the program's text, 1 where it ran
PROGRAM names of ELFs, without .so

A line counts if an instruction of the ELF comes from it, inlined or not; it ran if one of these did. Prints a table by
file, in Markdown, and the lines that did not run.";

/// A line's instructions ran.
type Lines = BTreeMap<u32, bool>;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [elves, seen, programs @ ..] = &arguments[..] else {
        println!("{HELP}");
        return ExitCode::SUCCESS;
    };
    match run(elves.as_ref(), seen.as_ref(), programs) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(elves: &Path, seen: &Path, programs: &[String]) -> Result<()> {
    let mut files: BTreeMap<String, Lines> = BTreeMap::new();
    for name in programs {
        let elf = elves.join(format!("{name}.so"));
        let program = Program::open(&elf, &elf)?;
        let ran = ran(seen, name, program.len())?;
        for (place, ran) in ran.into_iter().enumerate() {
            for (file, line) in program.frames(place)?.iter().filter_map(|frame| frame.own()) {
                *files.entry(file.into()).or_default().entry(line).or_default() |= ran;
            }
        }
    }
    print(&files);
    Ok(())
}

/// Which instructions ran in any of the runs.
fn ran(seen: &Path, name: &str, length: usize) -> Result<Vec<bool>> {
    let mut all = vec![false; length];
    let mut runs = 0;
    for entry in fs::read_dir(seen).with_context(|| seen.display().to_string())? {
        let path = entry?.path();
        if path.file_stem().is_none_or(|stem| stem != name) {
            continue;
        }
        runs += 1;
        let bytes = fs::read(&path)?;
        ensure!(bytes.len() <= length, "{} is of another build", path.display());
        for (all, ran) in all.iter_mut().zip(bytes) {
            *all |= ran != 0;
        }
    }
    ensure!(runs > 0, "nothing of {name} ran");
    Ok(all)
}

fn print(files: &BTreeMap<String, Lines>) {
    let counts = |lines: &Lines| (lines.values().filter(|ran| **ran).count(), lines.len());
    let mut parts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut total = (0, 0);
    for (file, lines) in files {
        let (ran, all) = counts(lines);
        for sum in [parts.entry(file.split('/').next().unwrap_or_default()).or_default(), &mut total] {
            *sum = (sum.0 + ran, sum.1 + all);
        }
    }
    println!("| part | lines | ran | |\n|---|---:|---:|---:|");
    for (part, (ran, all)) in parts.iter().chain([(&"all", &total)]) {
        println!("| {part} | {all} | {ran} | {} |", percent(*ran, *all));
    }
    println!("\n| file | lines | ran | | not |\n|---|---:|---:|---:|---|");
    for (file, lines) in files {
        let (ran, all) = counts(lines);
        println!("| {file} | {all} | {ran} | {} | {} |", percent(ran, all), missing(lines));
    }
}

fn percent(part: usize, whole: usize) -> String {
    let tenths = part * 1_000 / whole.max(1);
    format!("{}.{} %", tenths / 10, tenths % 10)
}

/// Lines that did not run; those between which no other has code are one span.
fn missing(lines: &Lines) -> String {
    let mut spans: Vec<(u32, u32)> = vec![];
    let mut open = false;
    for (line, ran) in lines {
        match spans.last_mut() {
            _ if *ran => {}
            Some(span) if open => span.1 = *line,
            _ => spans.push((*line, *line)),
        }
        open = !ran;
    }
    let span = |(from, to): &(u32, u32)| if from == to { from.to_string() } else { format!("{from}–{to}") };
    spans.iter().map(span).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unexecuted_lines_are_reported_as_spans() {
        let lines = [(3, false), (7, false), (8, true), (9, false), (12, true)].into();
        assert_eq!(missing(&lines), "3–7, 9");
        assert_eq!(missing(&[(1, true)].into()), "");
        assert_eq!((percent(1, 3), percent(0, 0)), ("33.3 %".into(), "0.0 %".into()));
    }
}
