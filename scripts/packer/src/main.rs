//! Command line: see `scripts/throughput --help`.

use {
    joule_packer::{life, pack::Chain, study, table},
    std::{
        env, fs,
        path::{Path, PathBuf},
        process::ExitCode,
    },
};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("throughput: {problem}; see --help");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let mut options = study::Options {
        chain: Chain { block: 50_000_000, account: 40, slot: 200, shards: 8 },
        rent: 5_080,
        sol: vec![],
        fees: vec![],
    };
    let (mut folder, mut check) = (PathBuf::from("scripts/packer/study"), false);
    let (mut tables, mut lives) = (PathBuf::from("tests/golden"), PathBuf::from("scripts/packer/lives.txt"));
    let mut requests = PathBuf::from("scripts/packer/requests.txt");
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value after it"));
        let number =
            |text: String| text.replace('_', "").parse::<u64>().map_err(|_| format!("{text} is not a whole number"));
        match argument.as_str() {
            "--check" => check = true,
            "--tables" => tables = value()?.into(),
            "--lives" => lives = value()?.into(),
            "--requests" => requests = value()?.into(),
            "--block" => options.chain.block = number(value()?)?,
            "--account" => options.chain.account = number(value()?)?,
            "--slot" => options.chain.slot = number(value()?)?,
            "--rent" => options.rent = number(value()?)?,
            "--sol" => options.sol.push(number(value()?)? as f64),
            "--fee" => options.fees.push(number(value()?)?),
            _ if argument.starts_with('-') => return Err(format!("unknown option {argument}")),
            _ => folder = argument.into(),
        }
    }
    if options.sol.is_empty() {
        options.sol = vec![100.0, 200.0];
    }
    if options.fees.is_empty() {
        options.fees = vec![0, 10_000, 1_000_000];
    }
    let rows = table::read(&tables)?;
    let read = |path: &Path| {
        let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        life::parse(&text, &rows)
    };
    let ((lives, absent), by_request) = (read(&lives)?, read(&requests)?);
    if lives.is_empty() {
        return Err(format!("no life has all of its rows: {}", absent.join("; ")));
    }
    if !by_request.1.is_empty() {
        return Err(by_request.1.join("; "));
    }
    let mut files = study::files(&lives, &absent, &options);
    files.push(("requests.md".into(), study::requests(&by_request.0, &options)));
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for (name, text) in &files {
        let path = folder.join(name);
        if check {
            if fs::read_to_string(&path).unwrap_or_default() != *text {
                return Err(format!("{} is out of date: run scripts/throughput", path.display()));
            }
        } else {
            fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        }
    }
    if !check {
        print!("{}", files[0].1);
    }
    Ok(())
}
