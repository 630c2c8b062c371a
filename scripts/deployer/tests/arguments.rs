//! What the deployer says to wrong arguments, before it sends anything.

use {
    solana_keypair::{Keypair, write_keypair_file},
    solana_signer::Signer,
    std::{
        fs,
        io::{Read, Write},
        net::TcpListener,
        path::PathBuf,
        process::Command,
        thread,
    },
};

/// A folder with the keys of a payer and of the programs, and files that pass for ELFs of their ids.
struct Setup {
    at: PathBuf,
}

impl Setup {
    fn new(name: &str) -> Self {
        let at = std::env::temp_dir().join(format!("joule-deployer-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&at);
        fs::create_dir_all(at.join("elfs")).unwrap();
        write_keypair_file(&Keypair::new(), at.join("payer.json")).unwrap();
        fs::create_dir_all(at.join("keys")).unwrap();
        for name in joule_deployer::PROGRAMS {
            let key = Keypair::new();
            write_keypair_file(&key, at.join(format!("keys/{name}.json"))).unwrap();
            let mut elf = vec![0; 64];
            elf[..4].copy_from_slice(b"\x7fELF");
            elf.extend(key.pubkey().as_array());
            fs::write(at.join(format!("elfs/joule_{name}.so")), elf).unwrap();
        }
        Self { at }
    }

    fn path(&self, name: &str) -> String {
        self.at.join(name).display().to_string()
    }

    /// Runs a deployment; returns whether it succeeded and all that it said.
    fn run(&self, url: &str, more: &[&str]) -> (bool, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_deployer"))
            .args(["deploy", "--url", url, "--patience", "1", "--keys", &self.path("keys")])
            .args(["--payer", &self.path("payer.json"), "--elfs", &self.path("elfs")])
            .args(more)
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).unwrap())
    }

    #[track_caller]
    fn refuses(&self, url: &str, more: &[&str], why: &str) -> String {
        let (succeeded, said) = self.run(url, more);
        assert!(!succeeded && said.contains(why), "{said}");
        said
    }
}

/// Answers every request with the same text.
fn server(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for mut connection in listener.incoming().flatten() {
            let _ = connection.read(&mut [0; 4_096]);
            let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", answer.len());
            let _ = connection.write_all(format!("{head}{answer}").as_bytes());
        }
    });
    url
}

#[test]
fn what_is_no_url_is_refused() {
    Setup::new("no-url").refuses("mainnet", &[], "the URL is not of the form");
}

#[test]
fn where_nobody_answers_nothing_is_lost_and_nothing_secret_is_said() {
    // A port that was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://me:password@127.0.0.1:{port}/v2/secret?api-key=hidden");
    let said = Setup::new("nobody").refuses(&url, &[], "does not answer as a Solana node: is the URL right?");
    for secret in ["password", "secret", "hidden"] {
        assert!(!said.contains(secret), "{said}");
    }
}

#[test]
fn what_is_no_node_is_refused() {
    let page = server("<html>hello</html>");
    Setup::new("page").refuses(&page, &[], "does not answer as a Solana node: is the URL right?");
}

#[test]
fn what_was_built_for_other_ids_is_refused() {
    let setup = Setup::new("other-ids");
    fs::copy(setup.at.join("elfs/joule_stake.so"), setup.at.join("elfs/joule_bme.so")).unwrap();
    setup.refuses("http://127.0.0.1:1", &[], "joule_bme.so was not built for the id");
}

#[test]
fn what_is_missing_is_named() {
    let setup = Setup::new("missing");
    setup.refuses("http://127.0.0.1:1", &["--program", "token"], "there is no program token");
    setup.refuses("http://127.0.0.1:1", &["--authority", "/nowhere/key.json"], "/nowhere/key.json");
    setup.refuses("http://127.0.0.1:1", &["--hand-to", "11111111111111111111111111111111"], "cannot be an upgrade");
    setup.refuses("http://127.0.0.1:1", &["--hand-to", "nobody"], "--hand-to");
    fs::remove_file(setup.at.join("elfs/joule_escrow.so")).unwrap();
    setup.refuses("http://127.0.0.1:1", &[], "joule_escrow.so is not built");
    fs::write(setup.at.join("payer.json"), "[1]").unwrap();
    setup.refuses("http://127.0.0.1:1", &[], "payer.json is no key pair");
}

#[test]
fn a_program_is_not_handed_to_itself() {
    let setup = Setup::new("itself");
    let id = solana_keypair::read_keypair_file(setup.at.join("keys/bme.json")).unwrap().pubkey().to_string();
    setup.refuses("http://127.0.0.1:1", &["--hand-to", &id], "cannot be an upgrade authority");
}

#[test]
fn a_dry_run_makes_no_keys() {
    let setup = Setup::new("dry");
    fs::remove_dir_all(setup.at.join("keys")).unwrap();
    let (succeeded, _) = setup.run("http://127.0.0.1:1", &["--dry-run"]);
    assert!(!succeeded && !setup.at.join("keys").exists());
}

#[test]
fn a_dry_run_goes_on_where_only_some_keys_are_there() {
    let setup = Setup::new("some-keys");
    // The ELFs are as they were built last: for no key that is there.
    fs::remove_file(setup.at.join("keys/stake.json")).unwrap();
    fs::copy(setup.at.join("elfs/joule_stake.so"), setup.at.join("elfs/joule_bme.so")).unwrap();
    let said = setup.refuses("http://127.0.0.1:1", &["--dry-run"], "does not answer as a Solana node");
    assert!(!said.contains("was not built for"), "{said}");
}

#[test]
fn what_is_wrong_is_said_before_anything_is_made() {
    let setup = Setup::new("check");
    fs::remove_dir_all(setup.at.join("keys")).unwrap();
    let check = |payer: &str, more: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_deployer"))
            .args(["check", "--url", "http://127.0.0.1:1", "--patience", "1", "--keys", &setup.path("keys")])
            .args(["--payer", &setup.path(payer)])
            .args(more)
            .output()
            .unwrap();
        assert!(!output.status.success() && !setup.at.join("keys").exists());
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let cases: [(&str, &[&str], &str); 6] = [
        ("none.json", &[], "there is no key pair at"),
        ("payer.json", &["--program", "token"], "there is no program token"),
        ("payer.json", &["--authority", "/nowhere/key.json"], "/nowhere/key.json"),
        ("payer.json", &["--hand-to", "11111111111111111111111111111111"], "cannot be an upgrade authority"),
        ("payer.json", &["--romm", "9"], "--romm"),
        ("payer.json", &[], "does not answer as a Solana node"),
    ];
    for (payer, more, why) in cases {
        let said = check(payer, more);
        assert!(said.contains(why), "{said}");
    }
}

#[test]
fn ids_are_those_of_the_keys() {
    let setup = Setup::new("ids");
    let run = |make: &[&str]| {
        let arguments = ["ids", "--keys", &setup.path("keys")];
        Command::new(env!("CARGO_BIN_EXE_deployer")).args(arguments).args(make).output().unwrap()
    };
    let text = String::from_utf8(run(&[]).stdout).unwrap();
    for name in joule_deployer::PROGRAMS {
        let id = solana_keypair::read_keypair_file(setup.at.join(format!("keys/{name}.json"))).unwrap().pubkey();
        assert!(text.contains(&format!("JOULE_{}_ID={id}\n", name.to_uppercase())), "{text}");
    }
    fs::remove_file(setup.at.join("keys/stake.json")).unwrap();
    let refused = run(&[]);
    assert!(!refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains("stake.json is missing"));
    assert!(run(&["--make"]).status.success() && setup.at.join("keys/stake.json").exists());
}
