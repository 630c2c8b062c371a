//! The code of the pages for integrators is code that runs: each block is a source file, or a region of one.
//!
//! After a change: `JOULE_UPDATE_GOLDEN=1 cargo test -p joule-tests cookbook`.

use {
    joule_interface::Layout,
    joule_tests::golden,
    std::{
        collections::BTreeSet,
        ffi::OsStr,
        fs,
        path::{Path, PathBuf},
    },
};

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn source(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|_| panic!("{path} is not there"))
}

/// Lines of a region, without what they are all indented by.
fn region(path: &str, name: &str) -> String {
    let source = source(path);
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
    let mut block = None;
    while let Some(line) = lines.next() {
        now.push_str(line);
        now.push('\n');
        if let Some(said) = line.strip_prefix("<!-- from ").and_then(|line| line.strip_suffix(" -->")) {
            block = Some(said.split_once('#').map_or_else(|| source(said), |(path, name)| region(path, name)));
        } else if line.starts_with("```") {
            let block = block.take().unwrap_or_else(|| panic!("{at}: a block that no source is named for"));
            now.push_str(&block);
            assert!(lines.by_ref().any(|line| line == "```"), "{at}: a block without an end");
            now.push_str("```\n");
        }
    }
    now
}

/// The cookbook, what leads to it, and what a crate or package says of itself.
fn pages() -> Vec<PathBuf> {
    let cookbook = fs::read_dir(root().join("idl/cookbook")).expect("idl/cookbook");
    let crates = ["math", "interface", "bme/interface", "stake/interface", "escrow/interface", "identity/interface"];
    let mut pages: Vec<_> = cookbook.map(|entry| entry.expect("a page").path()).collect();
    pages.extend(crates.map(|name| root().join("programs").join(name).join("README.md")));
    pages.extend(["idl/README.md", "idl/clients/typescript/README.md"].map(|page| root().join(page)));
    pages
}

#[test]
fn code_in_the_cookbook_is_code_that_runs() {
    for path in pages() {
        let page = fs::read_to_string(&path).unwrap_or_else(|_| panic!("{} is not there", path.display()));
        let now = current(&page, &path.display().to_string());
        if golden::updating() {
            fs::write(&path, &now).unwrap();
        }
        assert!(golden::updating() || now == page, "{}: a block is not what its source says", path.display());
    }
}

/// `max_price_age` as an IDL has it.
fn camel(name: &str) -> String {
    let mut words = name.split('_').filter(|word| !word.is_empty());
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| format!("{name}{}{}", word[..1].to_uppercase(), &word[1..]))
}

fn of_a_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// What a page writes as code outside its blocks, one word long: `maxPriceAge`, `WithdrawSeized`.
fn words(page: &str) -> BTreeSet<String> {
    let text = page.split("```").step_by(2).collect::<String>();
    let code = text.split('`').skip(1).step_by(2);
    code.filter(|code| !code.is_empty() && code.chars().all(of_a_word)).map(str::to_owned).collect()
}

/// All words of the files at and below these places.
fn known(places: &[&str]) -> BTreeSet<String> {
    let mut known = BTreeSet::new();
    let mut places: Vec<_> = places.iter().map(|place| root().join(place)).collect();
    while let Some(place) = places.pop() {
        if place.is_dir() {
            places.extend(fs::read_dir(&place).expect("a folder").map(|entry| entry.expect("an entry").path()));
        } else if ["rs", "ts", "mjs", "json", "toml"].map(OsStr::new).contains(&place.extension().unwrap_or_default()) {
            let text = fs::read_to_string(&place).expect("text");
            known.extend(text.split(|letter| !of_a_word(letter)).map(str::to_owned));
        }
    }
    known
}

/// A field, an instruction or a state that a page names exists: a rename leaves no page behind.
#[test]
fn words_in_code_style_are_words_of_the_code() {
    let code = known(&[
        "idl/bme.json",
        "idl/stake.json",
        "idl/escrow.json",
        "idl/identity.json",
        "idl/clients/typescript/src/errors.ts",
        "idl/clients/typescript/src/index.ts",
        "idl/clients/typescript/src/programs.ts",
        "idl/clients/typescript/generate.mjs",
        "idl/clients/typescript/package.json",
        "programs",
        "scripts/keeper-service/src",
        "tests/client/src",
        "tests/client/user",
        "tests/programs",
        "tests/tests/integration/on_litesvm.rs",
    ]);
    // Of Clippy and of npm.
    let others = ["commander", "incompatible_msrv"];
    let mut unknown = vec![];
    for path in pages() {
        let page = fs::read_to_string(&path).expect("a page");
        // A constant of a client is `issuerPowerTake` in the IDL.
        let is_known = |word: &str| code.contains(word) || code.contains(&camel(&word.to_lowercase()));
        let of_page = words(&page).into_iter().filter(|word| !is_known(word) && !others.contains(&&**word));
        unknown.extend(of_page.map(|word| format!("{}: {word}", path.display())));
    }
    assert!(unknown.is_empty(), "no code has {unknown:#?}");
}

#[test]
fn a_word_that_no_code_has_is_found() {
    assert_eq!(
        words("`oldName` and `PostJob` of\n```ts\n`x`\n```\n, `two words`"),
        ["PostJob", "oldName"].map(String::from).into()
    );
    assert!(known(&["idl/escrow.json"]).contains("postJob"));
}

/// The crates that a test on LiteSVM needs, as the page says, are those of these tests.
#[test]
fn the_versions_for_a_test_are_those_of_the_tests() {
    let workspace = source("Cargo.toml");
    let page = source("tests/tests/integration/on_litesvm.toml");
    for line in page.lines().skip(1) {
        let (name, version) = line.split_once(" = ").expect("a name and a version");
        let version = version.trim_matches('"');
        let ours =
            workspace.lines().find(|line| line.starts_with(&format!("{name} = "))).expect("a crate of the tests");
        let exact = ours.split('"').nth(1).expect("a version").trim_start_matches('=');
        assert!(
            exact == version || exact.starts_with(&format!("{version}.")),
            "{name}: {version} on the page, {exact} here"
        );
    }
}

/// Whoever runs a network finds each parameter on one page.
#[test]
fn every_parameter_has_a_line_on_how_to_choose_it() {
    let page = source("idl/cookbook/choose-parameters.md");
    let parameters = [
        joule_bme_interface::state::Policy::SPEC,
        joule_stake_interface::state::PoolPolicy::SPEC,
        joule_escrow_interface::state::Terms::SPEC,
        joule_escrow_interface::instruction::CreateVerificationArgs::SPEC,
        joule_identity_interface::state::Policy::SPEC,
    ];
    let fields = parameters.iter().flat_map(|spec| spec.fields.iter().map(|field| (spec.name, field.name)));
    let missing: Vec<_> = fields
        .filter(|(_, name)| !name.starts_with("reserved") && *name != "id")
        .filter(|(_, name)| !page.contains(&format!("`{}`", camel(name))))
        .collect();
    assert!(missing.is_empty(), "idl/cookbook/choose-parameters.md lacks {missing:?}");
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
