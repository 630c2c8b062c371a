//! Where an instruction's own compute units went: `scripts/profile`.

use {
    crate::trace::Run,
    std::{fs, path::PathBuf},
};

/// Keeps the steps of an instruction of a table for `scripts/profile`, in the folder that `JOULE_PROFILE` names.
pub(crate) fn keep<'a>(program: &str, instruction: &str, runs: impl Iterator<Item = &'a Run>) {
    let Some(folder) = std::env::var_os("JOULE_PROFILE").map(PathBuf::from) else { return };
    let mut text = String::new();
    for run in runs {
        let mut syscalls = run.syscalls.iter().peekable();
        for (step, place) in run.steps.iter().enumerate() {
            let name = syscalls.next_if(|(at, _)| *at == step).map_or("", |(_, name)| name);
            text += &format!("{place} {name}\n");
        }
    }
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join(format!("{program} {}", instruction.replace('/', "_"))), text).expect("a file");
}
