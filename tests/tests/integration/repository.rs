//! The repository itself: what is at its top level, that its files are text, and that the links of its pages lead somewhere.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

/// The top level, besides dot files.
const TOP_LEVEL: [&str; 10] =
    ["Cargo.lock", "Cargo.toml", "LICENSE", "README.md", "fuzz", "idl", "programs", "rustfmt.toml", "scripts", "tests"];

/// Files with NUL bytes that are meant. Inputs of the fuzzer are bytes of any kind.
const BINARY: [&str; 2] = ["fuzz/corpus/", "tests/programs/groth16/key.bin"];

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The repository's files by their path below its root: those that git tracks. Without git, all but what was built.
fn files() -> BTreeSet<String> {
    let tracked = Command::new("git").args(["ls-files", "-z"]).current_dir(root()).output();
    let tracked: BTreeSet<_> = tracked
        .iter()
        .filter(|output| output.status.success())
        .flat_map(|output| output.stdout.split(|&byte| byte == 0))
        .map(|path| String::from_utf8_lossy(path).into_owned())
        .filter(|path| root().join(path).is_file())
        .collect();
    if !tracked.is_empty() {
        return tracked;
    }
    let mut found = BTreeSet::new();
    find(root(), "", &mut found);
    found
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).expect("a page is text")
}

fn find(folder: &Path, prefix: &str, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder can be read") {
        let entry = entry.expect("a folder can be read");
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_file() {
            found.insert(format!("{prefix}{name}"));
        } else if ![".git", "node_modules", "target"].contains(&&*name) {
            find(&entry.path(), &format!("{prefix}{name}/"), found);
        }
    }
}

#[test]
fn the_top_level_holds_what_it_should() {
    let files = files();
    let top = files.iter().map(|path| path.split('/').next().expect("a name"));
    let visible: BTreeSet<_> = top.filter(|name| !name.starts_with('.')).collect();
    assert_eq!(visible, BTreeSet::from(TOP_LEVEL));
}

/// Two people's changes of a line, one of which was not chosen.
#[test]
fn no_file_has_marks_of_a_merge() {
    for path in files().iter().filter(|path| !BINARY.iter().any(|binary| path.starts_with(binary))) {
        let marks = |line: &str| ["<<<<<<<", ">>>>>>>"].iter().any(|mark| line.starts_with(&format!("{mark} ")));
        assert!(!read(path).lines().any(marks), "{path}");
    }
}

#[test]
fn files_are_text() {
    for path in files().iter().filter(|path| !BINARY.iter().any(|binary| path.starts_with(binary))) {
        let bytes = fs::read(root().join(path)).expect("a file can be read");
        assert!(!bytes.contains(&0), "{path} is binary: build it, or list it in this test");
    }
}

/// Targets of a page's links, without those in blocks of code.
fn links(page: &str) -> Vec<&str> {
    let mut is_code = false;
    let text = page.lines().filter(|line| {
        is_code ^= line.trim_start().starts_with("```");
        !is_code
    });
    text.flat_map(|line| line.split("](").skip(1))
        .filter_map(|rest| rest.split_once(')'))
        .map(|(link, _)| link)
        .collect()
}

/// The file or folder that a link in `page` leads to, below the root; `None` if it leads out of it.
fn target(page: &str, link: &str) -> Option<String> {
    let mut parts: Vec<_> = page.split('/').collect();
    parts.pop();
    for part in link.trim_end_matches('/').split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// The anchors of a page's headings, as GitHub makes them.
fn anchors(page: &str) -> BTreeSet<String> {
    let headings = page.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    let kept = |letter: &char| letter.is_alphanumeric() || ['-', '_', ' '].contains(letter);
    headings.map(|heading| heading.to_lowercase().chars().filter(kept).collect::<String>().replace(' ', "-")).collect()
}

/// What is wrong with a link in `page`, if anything is.
fn check_link(files: &BTreeSet<String>, page: &str, link: &str) -> Result<(), &'static str> {
    let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
    let found = if path.is_empty() { Some(page.to_owned()) } else { target(page, path) };
    let found = found.ok_or("leads out of the repository")?;
    let folder = format!("{found}/");
    let is_folder = files.range(folder.clone()..).next().is_some_and(|path| path.starts_with(&folder));
    if !is_folder && !files.contains(&found) {
        return Err("leads to nothing");
    }
    if !anchor.is_empty() && (is_folder || !anchors(&read(&found)).contains(anchor)) {
        return Err("names no heading");
    }
    Ok(())
}

#[test]
fn links_of_pages_lead_somewhere() {
    let files = files();
    let mut broken = vec![];
    for page in files.iter().filter(|path| path.ends_with(".md")) {
        // A link to somewhere else has a scheme, and with it a colon.
        for link in links(&read(page)).into_iter().filter(|link| !link.contains(':')) {
            if let Err(why) = check_link(&files, page, link) {
                broken.push(format!("{page}: {link} {why}"));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
