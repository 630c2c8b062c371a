//! The crates for integrators: what they bring along, and that they can be published.

use {
    joule_tests::golden,
    std::{
        collections::BTreeSet,
        fmt::Write,
        path::Path,
        process::{Command, Output},
    },
};

/// In the order in which they are published.
const PUBLISHED: [&str; 6] = [
    "joule-math",
    "joule-interface",
    "joule-bme-interface",
    "joule-stake-interface",
    "joule-escrow-interface",
    "joule-identity-interface",
];

/// Offline where the machine has all that it takes, which after a build it has.
fn cargo(arguments: &[&str]) -> Output {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let run = |network: &[&str]| {
        let mut command = Command::new(env!("CARGO"));
        command.current_dir(&root).args(arguments).args(network).output().expect("cargo runs")
    };
    let offline = run(&["--offline"]);
    let output = if offline.status.success() { offline } else { run(&[]) };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

/// A crate in the tree of another.
struct Needed {
    name: String,
    version: String,
    is_macro: bool,
}

/// All that is compiled for a program with an interface.
fn tree(package: &str, features: &str) -> Vec<Needed> {
    // A target that the machine need not have: what a crate brings along on the other does not matter to programs.
    let output = cargo(&[
        "tree",
        "--package",
        package,
        "--features",
        features,
        "--edges=normal",
        "--prefix=none",
        "--target=x86_64-unknown-linux-gnu",
        "--locked",
    ]);
    let text = String::from_utf8(output.stdout).expect("text");
    let needed = text.lines().filter(|line| !line.is_empty()).map(|line| {
        let mut words = line.split(' ');
        let name = words.next().expect("a name").to_owned();
        let version = words.next().expect("a version").trim_start_matches('v').to_owned();
        Needed { name, version, is_macro: line.contains("(proc-macro)") }
    });
    needed.collect()
}

/// Crates that are compiled into a program with an interface; macros, which run in the compiler, apart.
fn names(package: &str, features: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut compiled, mut macros) = (BTreeSet::new(), BTreeSet::new());
    for needed in tree(package, features) {
        if needed.is_macro {
            macros.insert(needed.name)
        } else {
            compiled.insert(needed.name)
        };
    }
    // What only macros need.
    for helper in ["proc-macro2", "quote", "syn", "unicode-ident"] {
        compiled.remove(helper);
    }
    (compiled, macros)
}

#[test]
fn interfaces_bring_little_along() {
    let mut text = String::from(
        "What an interface crate brings along, without macros: by `cargo tree --edges normal`. Feature cpi is for programs.\n",
    );
    for (package, features) in PUBLISHED.into_iter().flat_map(|package| [(package, ""), (package, "cpi")]) {
        if package == "joule-math" && features == "cpi" {
            continue;
        }
        let (compiled, macros) = names(package, features);
        for heavy in ["solana-program", "solana-sdk", "anchor-lang", "serde", "borsh", "tokio", "mpl-bubblegum"] {
            assert!(!compiled.contains(heavy), "{package} brings {heavy}");
        }
        let features = if features.is_empty() { String::new() } else { format!(", {features}") };
        let others = compiled.iter().filter(|name| *name != package).map(String::as_str).collect::<Vec<_>>();
        writeln!(text, "\n{package}{features}: {} crates, {} macros", others.len(), macros.len()).unwrap();
        writeln!(text, "  {}", others.join(" ")).unwrap();
    }
    golden::compare("interface_dependencies.txt", &text);
}

/// A dry run of publishing, without the registry: each crate is packed with what it depends on by version. `cargo publish
/// --dry-run` would ask the registry whether the versions are free.
#[test]
fn interfaces_can_be_published() {
    let mut arguments = vec!["package", "--locked", "--allow-dirty", "--no-verify"];
    arguments.extend(PUBLISHED.iter().flat_map(|package| ["--package", package]));
    let output = cargo(&arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    for package in PUBLISHED {
        assert!(said.contains(&format!("Packaging {package} ")), "{said}");
    }
}

/// What `cargo metadata` says of the published crates and of all that they depend on.
fn metadata() -> serde_json::Value {
    let output = cargo(&["metadata", "--format-version=1", "--locked", "--filter-platform=x86_64-unknown-linux-gnu"]);
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Users of Anchor compile with the Rust of their platform-tools, which is older than ours: no crate that an interface
/// brings along needs a newer one, macros included. Of the interfaces' own code Clippy says so (`incompatible_msrv`), and
/// `scripts/test` compiles them with that Rust where it is installed.
#[test]
fn interfaces_need_an_older_rust() {
    const OLDEST: (u64, u64) = (1, 89);
    let metadata = metadata();
    let packages = metadata["packages"].as_array().expect("a list");
    let rust = |name: &str, version: &str| {
        let package = packages.iter().find(|package| package["name"] == name && package["version"] == version);
        let package = package.unwrap_or_else(|| panic!("{name} {version} is in the tree and not in the metadata"));
        // A crate that names none is for any.
        let mut parts = package["rust_version"].as_str().unwrap_or("1.0").split('.');
        let mut part = || parts.next().expect("two numbers").parse::<u64>().expect("a number");
        (part(), part())
    };
    for package in PUBLISHED {
        for Needed { name, version, .. } in tree(package, if package == "joule-math" { "" } else { "cpi" }) {
            let needs = rust(&name, &version);
            if PUBLISHED.contains(&&*name) {
                assert_eq!(needs, OLDEST, "{name}");
            } else {
                assert!(needs <= OLDEST, "{package}: {name} {version} needs Rust {needs:?}");
            }
        }
        let of_package = packages.iter().find(|found| found["name"] == package).expect("a package");
        let manifest = std::fs::read_to_string(of_package["manifest_path"].as_str().expect("a path")).unwrap();
        assert!(manifest.contains("\n[lints]\nworkspace = true\n"), "{package}: Clippy lets newer functions pass");
    }
}

/// What crates.io and docs.rs show.
#[test]
fn interfaces_say_what_they_are() {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().expect("a list");
    for name in PUBLISHED {
        let package = packages.iter().find(|package| package["name"] == name).expect("a package");
        for field in ["description", "license", "repository", "homepage", "readme"] {
            assert!(package[field].is_string(), "{name} has no {field}");
        }
        assert_eq!(package["documentation"], format!("https://docs.rs/{name}"));
        assert_eq!(package["metadata"]["docs"]["rs"]["all-features"], true, "{name}: docs.rs shows no calls");
        let targets = package["targets"].as_array().expect("a list");
        assert!(targets.iter().any(|target| target["kind"][0] == "example"), "{name} has no example");
    }
}

#[test]
fn interfaces_need_no_standard_library() {
    for name in ["math", "interface", "bme/interface", "stake/interface", "escrow/interface", "identity/interface"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../programs").join(name).join("src/lib.rs");
        let source = std::fs::read_to_string(path).unwrap();
        assert!(source.contains("\n#![no_std]\n"), "{name}");
        // The calls between programs, in one module of one crate, are the exception.
        let unsafe_code = if name == "interface" { "deny" } else { "forbid" };
        assert!(source.contains(&format!("\n#![{unsafe_code}(unsafe_code)]\n")), "{name}");
    }
}
