//! Writes or checks the committed IDLs. See `scripts/idl --help`.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

fn main() -> ExitCode {
    match options(env::args().skip(1)).and_then(|(check, into)| write(check, into)) {
        Ok(code) => code,
        Err(wrong) => {
            eprintln!("scripts/idl: {wrong}");
            ExitCode::FAILURE
        }
    }
}

/// Whether files are only compared, and the folder, if it is not that of the committed ones.
fn options(mut arguments: impl Iterator<Item = String>) -> Result<(bool, Option<PathBuf>), String> {
    let (mut check, mut into) = (false, None);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--check" => check = true,
            "--into" => into = Some(arguments.next().ok_or("--into needs a folder; see --help")?.into()),
            _ => return Err(format!("{argument} is no option; see --help")),
        }
    }
    Ok((check, into))
}

fn write(check: bool, into: Option<PathBuf>) -> Result<ExitCode, String> {
    let directory = into.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../idl"));
    let mut outdated = false;
    for program in &joule_idl::PROGRAMS {
        let files = [
            (format!("{}.json", program.name), joule_idl::json(program)),
            (format!("anchor/{}.json", program.name), joule_idl::anchor::json(program)),
        ];
        for (name, text) in files {
            let path = directory.join(&name);
            let same = fs::read_to_string(&path).is_ok_and(|committed| committed == text);
            if check && !same {
                eprintln!("{} is not what the source says: run scripts/idl", shown(&path));
                outdated = true;
            } else if !check {
                let folder = path.parent().unwrap_or(&directory);
                let written = fs::create_dir_all(folder).and_then(|()| fs::write(&path, &text));
                written.map_err(|error| format!("{}: {error}", path.display()))?;
                println!("{}{}", shown(&path), if same { "" } else { ": changed" });
            }
        }
    }
    Ok(ExitCode::from(outdated as u8))
}

/// A committed file by its path in the repository.
fn shown(path: &Path) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::options;

    #[test]
    fn what_is_no_option_writes_nothing() {
        let read = |text: &str| options(text.split_whitespace().map(String::from));
        assert_eq!(read("--check --into there"), Ok((true, Some("there".into()))));
        for wrong in ["--into", "--chek", "there"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
