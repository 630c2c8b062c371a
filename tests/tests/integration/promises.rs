//! The page of promises, the promises in code, and the tests that are named for them, belong together; so do the sentences of
//! the programs' pages that promise something, `tests/promises.txt`, and the tests that it names.

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

fn names_of_tests() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    ["tests", "programs"].iter().for_each(|folder| collect(&root().join(folder), &mut names));
    names
}

/// Words that promise something.
const WORDS: [&str; 5] = ["cannot", "never", "at most", "nobody can", "no more than"];

/// Whether a text has one of the words.
fn promises(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let is_letter = |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
    let is_word = |(at, word): (usize, &str)| {
        !is_letter(text[..at].chars().next_back()) && !is_letter(text[at + word.len()..].chars().next())
    };
    WORDS.iter().any(|word| text.match_indices(word).any(is_word))
}

/// The paragraphs of a page: of prose, of lists, of tables; not of code. A cell that promises something, or is in a column that
/// does, begins with the names of row and column; an item of a list below a heading that does, with that heading.
fn paragraphs(page: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    let (mut is_fenced, mut title, mut columns) = (false, None, None::<Vec<&str>>);
    for line in page.lines() {
        let text = line.trim();
        let numbered = text.trim_start_matches(|letter: char| letter.is_ascii_digit());
        let is_fence = text.starts_with("```");
        is_fenced ^= is_fence;
        if is_fenced || is_fence || text.starts_with("<!--") || text.starts_with("|--") || line.starts_with("    ") {
            all.push(String::new());
        } else if let Some(row) = text.strip_prefix('|') {
            let cells: Vec<&str> = row.trim_end_matches('|').split('|').map(str::trim).collect();
            let Some(columns) = &columns else {
                columns = Some(cells);
                continue;
            };
            for (place, (cell, column)) in cells.iter().zip(columns).enumerate() {
                let is_named = place > 0 && !cell.is_empty() && (promises(cell) || promises(column));
                all.push(if is_named { format!("{}, {column}: {cell}", cells[0]) } else { (*cell).to_owned() });
            }
            continue;
        } else if let Some(heading) = text.strip_prefix('#') {
            title = Some(heading.trim_start_matches(['#', ' '])).filter(|title| promises(title));
            all.push(String::new());
        } else if let Some(item) = text.strip_prefix("- ").or_else(|| numbered.strip_prefix(". ")) {
            all.push(title.map(|title| format!("{title}: ")).unwrap_or_default() + item);
        } else if text.is_empty() {
            all.push(String::new());
        } else {
            let last = all.last_mut().expect("one at least");
            *last += if last.is_empty() { "" } else { " " };
            *last += text;
        }
        if !text.starts_with("|--") {
            columns = None;
        }
    }
    all
}

/// The sentences of a paragraph.
fn sentences(paragraph: &str) -> Vec<&str> {
    let (mut all, mut rest) = (vec![], paragraph);
    while let Some((at, _)) = rest.match_indices(['.', '?', '!']).find(|(at, _)| {
        let after = rest[at + 1..].trim_start_matches([')', '"']);
        after.starts_with(' ') && !after.trim_start().starts_with(|letter: char| letter.is_ascii_lowercase())
    }) {
        let end = at + rest[at..].find(' ').expect("a space");
        all.push(&rest[..end]);
        rest = rest[end..].trim_start();
    }
    all.push(rest);
    all
}

/// The sentences of a page that promise something, each once.
fn said(page: &str) -> Vec<String> {
    let mut all: Vec<String> = vec![];
    for paragraph in paragraphs(page) {
        let plain = without_links(&paragraph).replace("**", "");
        for sentence in sentences(&plain).into_iter().filter(|sentence| promises(sentence)).map(str::to_owned) {
            if !all.contains(&sentence) {
                all.push(sentence);
            }
        }
    }
    all
}

/// The programs' pages: all but what tells of changes.
fn pages(folder: &str, all: &mut Vec<String>) {
    let mut inside: Vec<_> = fs::read_dir(root().join(folder)).expect("a folder").map(Result::unwrap).collect();
    inside.sort_by_key(|entry| entry.path());
    for entry in inside {
        let name = entry.file_name().into_string().expect("a plain name");
        if entry.path().is_dir() {
            pages(&format!("{folder}/{name}"), all);
        } else if name.ends_with(".md") && name != "CHANGELOG.md" {
            all.push(format!("{folder}/{name}"));
        }
    }
}

/// An entry of the register: how a sentence of a page begins, and what holds it.
struct Entry {
    page: &'static str,
    begins: &'static str,
    held_by: Vec<&'static str>,
}

/// `tests/promises.txt`.
fn register() -> Vec<Entry> {
    let (mut entries, mut page): (Vec<Entry>, _) = (vec![], "");
    for line in include_str!("../../promises.txt").lines().filter(|line| !line.is_empty() && !line.starts_with("# ")) {
        if let Some(name) = line.strip_prefix("## ") {
            page = name;
        } else if let Some(test) = line.strip_prefix("    ") {
            entries.last_mut().expect("a sentence before its tests").held_by.push(test);
        } else {
            entries.push(Entry { page, begins: line, held_by: vec![] });
        }
    }
    entries
}

/// What `tests/golden/promises.md` says of the programs' pages.
fn by_page() -> String {
    let mut text = String::from(
        "\n# What the programs' pages say\n\nMade of these pages and `tests/promises.txt`: each sentence with *cannot*, *never*, \
         *at most*, *nobody can* or *no more than*.\n",
    );
    let (mut files, entries) = (vec![], register());
    pages("programs", &mut files);
    for file in files.iter().filter(|file| entries.iter().any(|entry| entry.page == *file)) {
        write!(text, "\n## {file}\n\n| sentence | tests |\n|---|---|\n").unwrap();
        for sentence in said(&fs::read_to_string(root().join(file)).expect("a page")) {
            let entry = entries.iter().find(|entry| entry.page == file && sentence.starts_with(entry.begins));
            let held_by = entry.map(|entry| entry.held_by.as_slice()).unwrap_or_default();
            let shown = held_by.iter().map(|test| match test.strip_prefix("fact: ") {
                Some(why) => why.to_owned(),
                None => format!("`{test}`"),
            });
            writeln!(text, "| {sentence} | {} |", shown.collect::<Vec<_>>().join(", ")).unwrap();
        }
    }
    text
}

#[test]
fn each_sentence_of_the_programs_pages_that_promises_something_has_its_tests() {
    let (names, entries) = (names_of_tests(), register());
    let mut files = vec![];
    pages("programs", &mut files);
    let mut wrong = vec![];
    for file in &files {
        let said = said(&fs::read_to_string(root().join(file)).expect("a page"));
        let own = || entries.iter().filter(|entry| entry.page == file);
        for sentence in &said {
            match own().filter(|entry| sentence.starts_with(entry.begins)).count() {
                0 => wrong.push(format!("{file}: not in tests/promises.txt: {sentence}")),
                1 => {}
                _ => wrong.push(format!("{file}: more than one entry begins so: {sentence}")),
            }
        }
        for Entry { begins, .. } in own() {
            match said.iter().filter(|sentence| sentence.starts_with(begins)).count() {
                0 => wrong.push(format!("{file}: no sentence any more: {begins}")),
                1 => {}
                _ => wrong.push(format!("{file}: more than one sentence begins so: {begins}")),
            }
        }
    }
    for Entry { page, begins, held_by } in &entries {
        if !files.iter().any(|file| file == page) {
            wrong.push(format!("{page}: no such page"));
        }
        if held_by.is_empty() {
            wrong.push(format!("{page}: no test holds: {begins}"));
        }
        for test in held_by.iter().filter(|test| !test.starts_with("fact: ") && !names.contains(**test)) {
            wrong.push(format!("{page}: no such test: {test}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn each_promise_of_the_page_is_one_in_code_and_has_its_tests() {
    let page = fs::read_to_string(root().join(".github/SECURITY.md")).expect("the page");
    let names = names_of_tests();
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
    text += &by_page();
    golden::compare("promises.md", &text);
}
