//! Command line: see `scripts/simulate --help`.

use {
    joule_simulator::{path, preset, study},
    std::{env, fs, path::PathBuf, process::ExitCode},
};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("simulate: {problem}; see --help");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let (mut folder, mut paths, mut weekly) = (None, vec![], false);
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--weekly" => weekly = true,
            "--path" => {
                let file = PathBuf::from(arguments.next().ok_or("--path needs a file after it")?);
                let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
                let name = file.file_stem().map_or("path".into(), |name| name.to_string_lossy());
                paths.push(path::parse(&name, &text).map_err(|problem| format!("{}: {problem}", file.display()))?);
            }
            _ if argument.starts_with('-') || folder.is_some() => {
                return Err(format!("unexpected argument {argument}"));
            }
            _ => folder = Some(PathBuf::from(argument)),
        }
    }
    if paths.is_empty() {
        paths.extend(path::all());
    }
    let presets = preset::all();
    presets.iter().try_for_each(preset::Preset::check)?;
    let files = study::files(&presets, &paths, weekly);
    if let Some(folder) = folder {
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        for (name, text) in &files {
            fs::write(folder.join(name), text).map_err(|error| format!("{name}: {error}"))?;
        }
    }
    print!("{}", files.last().map_or("", |(_, summary)| summary));
    Ok(())
}
