//! Committed texts that must not change by accident.
//!
//! After a change that is meant: `JOULE_UPDATE_GOLDEN=1 cargo test -p joule-tests`, and the diff says what changed.

use std::{env, fs, path::Path};

/// Compares with `tests/golden/<name>`, or rewrites it.
#[track_caller]
pub fn compare(name: &str, now: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(name);
    if env::var_os("JOULE_UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(path.parent().expect("golden/")).expect("golden/ can be made");
        fs::write(&path, now).expect("a golden file can be written");
        return;
    }
    let promised = fs::read_to_string(&path).unwrap_or_default();
    for (number, (was, is)) in promised.lines().zip(now.lines()).enumerate() {
        assert_eq!(is, was, "{name}:{} differs", number + 1);
    }
    assert_eq!(now.lines().count(), promised.lines().count(), "{name} has another length");
}
