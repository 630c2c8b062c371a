//! The cookbook's code is code that runs: each block is a region of a source file of the tests.
//!
//! After a change: `JOULE_UPDATE_GOLDEN=1 cargo test -p joule-tests cookbook`.

use {
    joule_tests::golden,
    std::{fs, path::Path},
};

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// Lines of a region, without what they are all indented by.
fn region(path: &str, name: &str) -> String {
    let source = fs::read_to_string(root().join(path)).unwrap_or_else(|_| panic!("{path} is not there"));
    // A line of a comment, in Rust and TypeScript or in TOML.
    let says = |line: &str, what: &str| ["// ", "# "].iter().any(|sign| line.trim().strip_prefix(sign) == Some(what));
    let start = format!("#region {name}");
    let mut lines = source.lines().skip_while(|line| !says(line, &start)).skip(1).peekable();
    assert!(lines.peek().is_some(), "{path} has no region {name}");
    let lines: Vec<_> = lines.take_while(|line| !says(line, "#endregion")).collect();
    let indent =
        lines.iter().filter(|line| !line.trim().is_empty()).map(|line| line.len() - line.trim_start().len()).min();
    lines.iter().map(|line| format!("{}\n", line.get(indent.unwrap_or(0)..).unwrap_or(""))).collect()
}

/// A page with every block as its source has it now.
fn current(page: &str, at: &str) -> String {
    let mut now = String::new();
    let mut lines = page.lines();
    let mut source = None;
    while let Some(line) = lines.next() {
        now.push_str(line);
        now.push('\n');
        if let Some(said) = line.strip_prefix("<!-- from ").and_then(|line| line.strip_suffix(" -->")) {
            let (path, name) = said.split_once('#').unwrap_or_else(|| panic!("{at}: {line}"));
            source = Some(region(path, name));
        } else if line.starts_with("```") {
            let block = source.take().unwrap_or_else(|| panic!("{at}: a block that no source is named for"));
            now.push_str(&block);
            assert!(lines.by_ref().any(|line| line == "```"), "{at}: a block without an end");
            now.push_str("```\n");
        }
    }
    now
}

#[test]
fn code_in_the_cookbook_is_code_that_runs() {
    let mut pages = 0;
    for entry in fs::read_dir(root().join("idl/cookbook")).expect("idl/cookbook") {
        let path = entry.unwrap().path();
        let page = fs::read_to_string(&path).unwrap();
        let now = current(&page, &path.display().to_string());
        if golden::updating() {
            fs::write(&path, &now).unwrap();
        }
        assert!(golden::updating() || now == page, "{}: a block is not what its source says", path.display());
        pages += 1;
    }
    assert_eq!(pages, 5);
}

#[test]
fn a_block_that_differs_is_found() {
    let page = "<!-- from tests/client/src/bme.test.ts#pause -->\n```ts\nanything\n```\n";
    let now = current(page, "here");
    assert_ne!(now, page);
    assert_eq!(current(&now, "here"), now);
}

#[test]
#[should_panic(expected = "no source is named for")]
fn a_block_without_a_source_is_refused() {
    current("```rust\nlet x = 1;\n```\n", "here");
}
