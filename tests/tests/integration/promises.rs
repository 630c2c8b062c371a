//! The page of promises, the promises in code, and the tests that are named for them, belong together.

use {
    joule_tests::{
        adversary::{Scene, bme::Burning, escrow::Hiring, stake::Staking},
        golden,
        promises::PROMISES,
    },
    std::{collections::BTreeSet, fmt::Write, fs, path::Path},
};

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The rows of the page's tables of promises: what is promised, and the cell of its tests.
fn rows(page: &str) -> Vec<(String, String)> {
    let (mut rows, mut inside) = (vec![], false);
    for line in page.lines() {
        match line.strip_prefix("| ") {
            Some("promise | test |") => inside = true,
            Some(row) if inside => {
                let (says, tests) = row.trim_end_matches('|').split_once(" | ").expect("two cells");
                rows.push((without_links(says), tests.trim().to_owned()));
            }
            _ => inside &= line.starts_with("|---"),
        }
    }
    rows
}

/// `[text](link)` is its text.
fn without_links(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, link)) = rest.split_once('[') {
        let (label, after) = link.split_once("](").expect("a link");
        let (_, after) = after.split_once(')').expect("a link's end");
        plain += before;
        plain += label;
        rest = after;
    }
    plain + rest
}

/// Names of tests in a text: words between backticks with at least two underscores.
fn tests(text: &str) -> impl Iterator<Item = &str> {
    let is_name = |word: &&str| {
        let plain = word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        plain && word.matches('_').count() > 1
    };
    text.split('`').skip(1).step_by(2).filter(is_name)
}

/// Names of all functions with `#[test]` before them.
fn collect(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("a file").path();
        if path.is_dir() && !path.ends_with("target") {
            collect(&path, names);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(path).expect("a source is text");
            let mut is_test = false;
            for line in text.lines().map(str::trim) {
                if line == "#[test]" {
                    is_test = true;
                } else if let (true, Some(rest)) = (is_test, line.strip_prefix("fn ")) {
                    names.extend(rest.split_once('(').map(|(name, _)| name.to_owned()));
                    is_test = false;
                }
            }
        }
    }
}

#[test]
fn each_promise_of_the_page_is_one_in_code_and_has_its_tests() {
    let page = fs::read_to_string(root().join(".github/SECURITY.md")).expect("the page");
    let mut names = BTreeSet::new();
    ["tests", "programs"].iter().for_each(|folder| collect(&root().join(folder), &mut names));
    let rows = rows(&page);
    let said: Vec<&str> = rows.iter().map(|(says, _)| says.as_str()).collect();
    let coded: Vec<&str> = PROMISES.iter().map(|promise| promise.says).collect();
    for (place, (said, coded)) in said.iter().zip(&coded).enumerate() {
        assert_eq!(said, coded, "promise {place}: the page and tests/src/promises.rs differ");
    }
    assert_eq!(said.len(), coded.len(), "the page has other promises than tests/src/promises.rs");
    for (says, cell) in &rows {
        assert!(tests(cell).count() > 0, "no test holds: {says}");
    }
    let missing: BTreeSet<&str> = tests(&page).filter(|name| !names.contains(*name)).collect();
    assert!(missing.is_empty(), "the page names tests that are not there: {missing:?}");

    let scenes = [Burning::NAME, Hiring::NAME, Staking::NAME];
    let mut text =
        String::from("# What is promised\n\nMade by a test, of `tests/src/promises.rs` and `.github/SECURITY.md`.\n");
    for who in PROMISES.iter().map(|promise| promise.who).fold(vec![], |mut all, who| {
        if !all.contains(&who) {
            all.push(who);
        }
        all
    }) {
        let behaviour = who.behaviour();
        write!(text, "\n## To {behaviour}\n\n| promise | loses at most | tests | played by the adversary |\n").unwrap();
        text += "|---|---|---|---|\n";
        for (promise, (_, cell)) in PROMISES.iter().zip(&rows).filter(|(promise, _)| promise.who == who) {
            assert!(promise.scene.is_none_or(|scene| scenes.contains(&scene)), "no such scene: {promise:?}");
            let tests: Vec<String> = tests(cell).map(|name| format!("`{name}`")).collect();
            let played = promise.scene.map(|scene| format!("`{scene}`")).unwrap_or_default();
            let at_most = promise.loss.at_most();
            writeln!(text, "| {} | {at_most} | {} | {played} |", promise.says, tests.join(", ")).unwrap();
        }
    }
    golden::compare("promises.md", &text);
}
