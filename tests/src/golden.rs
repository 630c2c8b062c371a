//! Committed texts that must not change by accident.
//!
//! After a change that is meant: `JOULE_UPDATE_GOLDEN=1 cargo test -p joule-tests`, and the diff says what changed.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// Whether committed texts are to be rewritten.
pub fn updating() -> bool {
    env::var_os("JOULE_UPDATE_GOLDEN").is_some_and(|value| !value.is_empty())
}

/// The committed text; empty where there is none.
pub fn read(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap_or_default()
}

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(name)
}

/// Compares with `tests/golden/<name>`, or rewrites it.
#[track_caller]
pub fn compare(name: &str, now: &str) {
    if updating() {
        let path = path(name);
        fs::create_dir_all(path.parent().expect("golden/")).expect("golden/ can be made");
        fs::write(&path, now).expect("a golden file can be written");
        return;
    }
    let promised = read(name);
    for (number, (was, is)) in promised.lines().zip(now.lines()).enumerate() {
        assert_eq!(is, was, "{name}:{} differs", number + 1);
    }
    assert_eq!(now.lines().count(), promised.lines().count(), "{name} has another length");
}
