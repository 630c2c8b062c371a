//! Writes or checks the committed IDLs. See `scripts/idl --help`.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

fn main() -> ExitCode {
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../idl");
    let check = env::args().any(|argument| argument == "--check");
    let directory = env::args().skip_while(|argument| argument != "--into").nth(1).map_or(committed, PathBuf::from);
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
                eprintln!("idl/{name} is not what the source says: run scripts/idl");
                outdated = true;
            } else if !check {
                fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
                fs::write(&path, &text).expect("an IDL can be written");
                println!("{}{}", shown(&path), if same { "" } else { ": changed" });
            }
        }
    }
    ExitCode::from(outdated as u8)
}

/// A committed file by its path in the repository.
fn shown(path: &Path) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}
