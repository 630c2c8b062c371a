//! What the deployer says to wrong arguments and of clusters that will not do, before it sends anything.

use {
    base64::{Engine, engine::general_purpose::STANDARD},
    joule_deployer::cluster::LOADER,
    joule_identity_interface::{BUBBLEGUM_PROGRAM, COMPRESSION_PROGRAM, LOG_WRAPPER},
    joule_interface::{Address, SYSTEM_PROGRAM, TOKEN_2022_PROGRAM, TOKEN_PROGRAM},
    serde_json::{Value, json},
    solana_account::Account,
    solana_keypair::{Keypair, write_keypair_file},
    solana_loader_v3_interface::{get_program_data_address, state::UpgradeableLoaderState},
    solana_signer::Signer,
    std::{
        collections::HashMap,
        fs,
        io::{BufRead, BufReader, Read, Write},
        net::{TcpListener, TcpStream},
        path::PathBuf,
        process::Command,
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
        thread,
    },
};

const SOL: u64 = 1_000_000_000;
const FEATURE_PROGRAM: Address = Address::from_str_const("Feature111111111111111111111111111111111111");

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

    fn key(&self, name: &str) -> Keypair {
        solana_keypair::read_keypair_file(self.at.join(format!("{name}.json"))).unwrap()
    }

    /// Makes bme's ELF one of this version, with so many bytes behind.
    fn grow(&self, version: u8, bytes: usize) -> Vec<u8> {
        let path = self.at.join("elfs/joule_bme.so");
        let mut elf = fs::read(&path).unwrap();
        elf[48] = version;
        elf.extend(vec![7; bytes]);
        fs::write(path, &elf).unwrap();
        elf
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

/// A node of a cluster with these accounts. It answers what a plan asks, takes no transaction, and counts those that it is sent.
struct Node {
    url: String,
    sent: Arc<AtomicUsize>,
}

impl Node {
    fn new(accounts: HashMap<Address, Account>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let sent = Arc::new(AtomicUsize::new(0));
        let count = sent.clone();
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                answer(connection, &accounts, &count);
            }
        });
        Self { url, sent }
    }

    fn got_nothing(&self) {
        assert_eq!(self.sent.load(Ordering::SeqCst), 0);
    }
}

fn answer(connection: TcpStream, accounts: &HashMap<Address, Account>, sent: &AtomicUsize) {
    let mut reader = BufReader::new(connection);
    let (mut line, mut length) = (String::new(), 0);
    while reader.read_line(&mut line).unwrap() > 2 {
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let request: Value = serde_json::from_slice(&body).unwrap();
    let first = &request["params"][0];
    let result = match request["method"].as_str().unwrap() {
        "getGenesisHash" => json!(Address::new_from_array([9; 32]).to_string()),
        "getVersion" => json!({ "solana-core": "4.2.2", "feature-set": 1 }),
        "getMinimumBalanceForRentExemption" => json!((128 + first.as_u64().unwrap()) * 6_960),
        "getAccountInfo" => {
            let found = accounts.get(&first.as_str().unwrap().parse().unwrap()).map(|account| {
                json!({
                    "lamports": account.lamports,
                    "data": [STANDARD.encode(&account.data), "base64"],
                    "owner": account.owner.to_string(),
                    "executable": account.executable,
                    "rentEpoch": 0,
                    "space": account.data.len(),
                })
            });
            json!({ "context": { "slot": 1 }, "value": found })
        }
        _ => {
            sent.fetch_add(1, Ordering::SeqCst);
            Value::Null
        }
    };
    let text = json!({ "jsonrpc": "2.0", "id": request["id"], "result": result }).to_string();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        text.len()
    );
    reader.get_mut().write_all(format!("{head}{text}").as_bytes()).unwrap();
}

/// What a cluster has that will do, the payer's lamports included.
fn usual(setup: &Setup, lamports: u64) -> HashMap<Address, Account> {
    let program = Account { lamports: SOL, owner: LOADER, executable: true, ..Account::default() };
    let programs = [TOKEN_PROGRAM, TOKEN_2022_PROGRAM, BUBBLEGUM_PROGRAM, COMPRESSION_PROGRAM, LOG_WRAPPER];
    let payer = Account { lamports, owner: SYSTEM_PROGRAM, ..Account::default() };
    programs.into_iter().map(|id| (id, program.clone())).chain([(setup.key("payer").pubkey(), payer)]).collect()
}

fn active() -> Account {
    Account { lamports: SOL, owner: FEATURE_PROGRAM, data: vec![1; 9], ..Account::default() }
}

/// An account of the loader.
fn of_loader(state: &UpgradeableLoaderState, bytes: &[u8]) -> Account {
    let data = [bincode::serialize(state).unwrap(), bytes.to_vec()].concat();
    Account { lamports: SOL, owner: LOADER, data, ..Account::default() }
}

const ONLY_BME: [&str; 2] = ["--program", "bme"];

#[test]
fn a_cluster_without_what_the_programs_need_is_refused() {
    let setup = Setup::new("features");
    let refuses = |change: &dyn Fn(&mut HashMap<Address, Account>), why: &str| {
        let mut accounts = usual(&setup, 100 * SOL);
        change(&mut accounts);
        let node = Node::new(accounts);
        setup.refuses(&node.url, &ONLY_BME, why);
        node.got_nothing();
    };
    let closed = agave_feature_set::disable_sbpf_v0_v1_v2_deployment::id();
    refuses(&|accounts| drop(accounts.insert(closed, active())), "this cluster deploys no sBPF before version 3");
    refuses(&|accounts| drop(accounts.remove(&BUBBLEGUM_PROGRAM)), "this cluster lacks Bubblegum");
    let not_executable = |accounts: &mut HashMap<Address, Account>| {
        accounts.get_mut(&COMPRESSION_PROGRAM).unwrap().executable = false;
    };
    refuses(&not_executable, "this cluster lacks account compression");
    setup.grow(3, 0);
    refuses(&|_| {}, "this cluster does not deploy sBPF version 3");
    // A feature that is proposed, and not active.
    let open = agave_feature_set::enable_sbpf_v3_deployment_and_execution::id();
    let proposed = Account { data: vec![0; 9], ..active() };
    refuses(&|accounts| drop(accounts.insert(open, proposed.clone())), "this cluster does not deploy sBPF version 3");
    // With it, all is planned.
    let mut accounts = usual(&setup, 100 * SOL);
    accounts.insert(open, active());
    let (succeeded, said) = setup.run(&Node::new(accounts).url, &["--program", "bme", "--dry-run"]);
    assert!(succeeded && said.contains("nothing was sent: this was a dry run"), "{said}");
}

#[test]
fn too_little_sol_is_said_before_anything_is_sent() {
    let setup = Setup::new("sol");
    let node = Node::new(usual(&setup, 1_000_000));
    let payer = setup.key("payer").pubkey();
    let said = setup.refuses(&node.url, &[], "too little SOL: send ");
    assert!(said.contains(&format!("more to {payer}")), "{said}");
    node.got_nothing();
    // A dry run says the same, and is no failure.
    let (succeeded, said) = setup.run(&node.url, &["--dry-run"]);
    assert!(succeeded && said.contains("too little SOL: send "), "{said}");
    node.got_nothing();
    // A payer that is not there at all.
    let mut accounts = usual(&setup, 0);
    accounts.remove(&payer);
    setup.refuses(&Node::new(accounts).url, &[], "too little SOL: send ");
}

#[test]
fn a_program_of_somebody_else_is_refused() {
    let setup = Setup::new("foreign");
    let (id, stranger) = (setup.key("keys/bme").pubkey(), Address::new_from_array([3; 32]));
    let code = get_program_data_address(&id);
    let with = |authority: Option<Address>| {
        let mut accounts = usual(&setup, 100 * SOL);
        let program = UpgradeableLoaderState::Program { programdata_address: code };
        accounts.insert(id, Account { executable: true, ..of_loader(&program, &[]) });
        let data = UpgradeableLoaderState::ProgramData { slot: 1, upgrade_authority_address: authority };
        accounts.insert(code, of_loader(&data, &[1; 64]));
        Node::new(accounts)
    };
    let node = with(Some(stranger));
    let said = setup.refuses(&node.url, &ONLY_BME, &format!("its upgrade authority is {stranger}"));
    assert!(said.contains("pass its key with --authority, or its address with --hand-to"), "{said}");
    node.got_nothing();
    // With its address the upgrade is proposed.
    let to = stranger.to_string();
    let (succeeded, said) = setup.run(&node.url, &["--program", "bme", "--hand-to", &to, "--dry-run"]);
    assert!(succeeded && said.contains(&format!("gives the buffer to {to}, to upgrade")), "{said}");
    let given_up = with(None);
    setup.refuses(&given_up.url, &ONLY_BME, "nobody can upgrade this program any more");
    given_up.got_nothing();
}

#[test]
fn a_half_written_buffer_is_gone_on_with() {
    let setup = Setup::new("half");
    let elf = setup.grow(0, 5_000);
    let buffer = Keypair::new();
    write_keypair_file(&buffer, setup.at.join("keys/bme-buffer.json")).unwrap();
    let payer = setup.key("payer").pubkey();
    let planned = |held: Option<Account>| {
        let mut accounts = usual(&setup, 100 * SOL);
        accounts.extend(held.map(|held| (buffer.pubkey(), held)));
        let (succeeded, said) = setup.run(&Node::new(accounts).url, &["--program", "bme", "--dry-run"]);
        assert!(succeeded, "{said}");
        said
    };
    let written = |bytes: usize, authority: Address| {
        let state = UpgradeableLoaderState::Buffer { authority_address: Some(authority) };
        of_loader(&state, &[&elf[..bytes], &vec![0; elf.len() - bytes]].concat())
    };
    let all = planned(None);
    assert!(all.contains("makes a buffer") && all.contains("writes 6 pieces"), "{all}");
    let rest = planned(Some(written(3_000, payer)));
    assert!(!rest.contains("makes a buffer") && rest.contains("writes 4 pieces"), "{rest}");
    // Somebody else's buffer, at an address of ours.
    let mut accounts = usual(&setup, 100 * SOL);
    let stranger = Address::new_from_array([3; 32]);
    accounts.insert(buffer.pubkey(), written(3_000, stranger));
    let node = Node::new(accounts);
    setup.refuses(&node.url, &ONLY_BME, &format!("the buffer belongs to {stranger}"));
    node.got_nothing();
}

#[test]
fn a_manifest_of_another_cluster_is_refused() {
    let setup = Setup::new("other-cluster");
    let manifest = json!({ "cluster": { "genesisHash": "another" }, "programs": {} });
    fs::write(setup.at.join("keys/manifest.json"), manifest.to_string()).unwrap();
    let node = Node::new(usual(&setup, 100 * SOL));
    setup.refuses(&node.url, &[], "is of another cluster");
    node.got_nothing();
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
    let id = setup.key("keys/bme").pubkey().to_string();
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
        let id = setup.key(&format!("keys/{name}")).pubkey();
        assert!(text.contains(&format!("JOULE_{}_ID={id}\n", name.to_uppercase())), "{text}");
    }
    fs::remove_file(setup.at.join("keys/stake.json")).unwrap();
    let refused = run(&[]);
    assert!(!refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains("stake.json is missing"));
    assert!(run(&["--make"]).status.success() && setup.at.join("keys/stake.json").exists());
}
