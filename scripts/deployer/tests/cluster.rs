//! Deployments over a real RPC: that of a local cluster whose faucet gives lamports, by hand.
//!
//!     JOULE_URL=http://127.0.0.1:8899 cargo test -p joule-deployer --test cluster -- --ignored

use {
    base64::{Engine, engine::general_purpose::STANDARD},
    joule_deployer::{
        Deployment, Program,
        cluster::Cluster,
        deploy, look,
        manifest::Manifest,
        plan::{self, Buffer, Code},
    },
    joule_interface::{AccountMeta, Address, Instruction},
    serde_json::Value,
    solana_keypair::Keypair,
    solana_loader_v3_interface::instruction as loader,
    solana_rpc_client::rpc_client::RpcClient,
    solana_signer::Signer,
    solana_system_interface::instruction::transfer,
    std::{
        fs,
        io::{Read, Write},
        net::{TcpListener, TcpStream},
        path::PathBuf,
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
        thread,
        time::Duration,
    },
};

const SOL: u64 = 1_000_000_000;

fn url() -> String {
    std::env::var("JOULE_URL").expect("JOULE_URL names a local cluster")
}

fn cluster() -> Cluster {
    Cluster::open(&url(), 0, Duration::from_secs(20)).unwrap()
}

/// A key with lamports.
fn rich(lamports: u64) -> Keypair {
    let (key, cluster) = (Keypair::new(), cluster());
    RpcClient::new(url()).request_airdrop(&key.pubkey(), lamports).unwrap();
    for _ in 0..100 {
        if cluster.balance(&key.pubkey()).unwrap() >= lamports {
            return key;
        }
        thread::sleep(Duration::from_millis(100));
    }
    panic!("the faucet is dry");
}

/// A small program that was built for any id.
fn elf(name: &str) -> Vec<u8> {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/deploy")).join(format!("{name}.so"));
    fs::read(&path).unwrap_or_else(|_| panic!("{} is missing: run scripts/build", path.display()))
}

fn program(elf: Vec<u8>) -> Program {
    let key = Keypair::new();
    Program { name: "test".into(), id: key.pubkey(), key: Some(key), buffer: Keypair::new(), elf }
}

fn manifest(cluster: &Cluster) -> (Manifest, PathBuf) {
    let path = std::env::temp_dir().join(format!("joule-{}-{}.json", std::process::id(), Keypair::new().pubkey()));
    let _ = fs::remove_file(&path);
    (Manifest::open(&path, &cluster.name, &cluster.genesis, &cluster.version, "test").unwrap(), path)
}

fn alone(payer: &Keypair) -> Deployment<'_> {
    Deployment { payer, authority: payer, hand_to: None, room: 0 }
}

fn run(cluster: &Cluster, deployment: &Deployment, programs: &[Program]) -> anyhow::Result<Value> {
    let (mut manifest, path) = manifest(cluster);
    deploy(cluster, deployment, programs, &mut manifest)?;
    Ok(serde_json::from_slice(&fs::read(path)?)?)
}

fn code(cluster: &Cluster, id: &Address) -> (Option<Address>, Vec<u8>) {
    match cluster.code(id).unwrap() {
        Code::Deployed { authority, bytes, .. } => (authority, bytes),
        other => panic!("{other:?}"),
    }
}

#[test]
#[ignore = "needs a cluster"]
fn a_program_is_deployed_upgraded_and_handed_over() {
    let (cluster, payer, multisig) = (cluster(), rich(10 * SOL), rich(SOL));
    let mut programs = [program(elf("verifier"))];
    let before = cluster.balance(&payer.pubkey()).unwrap();
    let cost = look(&cluster, &alone(&payer), &programs).unwrap();
    let manifest = run(&cluster, &alone(&payer), &programs).unwrap();
    // What the plan said is what it cost.
    let spent = before - cluster.balance(&payer.pubkey()).unwrap();
    assert!(
        spent as i64 <= cost.spent && cost.spent - spent as i64 <= 5_000 * cost.transactions as i64,
        "{spent} {cost:?}"
    );
    assert_eq!(manifest["programs"]["test"]["upgradeAuthority"], payer.pubkey().to_string());
    assert_eq!(code(&cluster, &programs[0].id), (Some(payer.pubkey()), programs[0].elf.clone()));

    // Again: nothing to do, and nothing is paid.
    let before = cluster.balance(&payer.pubkey()).unwrap();
    run(&cluster, &alone(&payer), &programs).unwrap();
    assert_eq!(cluster.balance(&payer.pubkey()).unwrap(), before);

    // A longer one, handed over. The buffer's rent is back but for the room.
    programs[0].elf = elf("spl_noop");
    let to = Deployment { hand_to: Some(multisig.pubkey()), ..alone(&payer) };
    let manifest = run(&cluster, &to, &programs).unwrap();
    let (authority, bytes) = code(&cluster, &programs[0].id);
    assert!(plan::is(&bytes, &programs[0].elf) && authority == Some(multisig.pubkey()));
    assert_eq!(manifest["programs"]["test"]["upgradeAuthority"], multisig.pubkey().to_string());
    assert!(cluster.account(&programs[0].buffer.pubkey()).unwrap().is_none());

    // Now the multisig decides: the upgrade is proposed, and it signs what the manifest says.
    let old = programs[0].elf.clone();
    programs[0].elf = elf("liar");
    assert!(
        run(&cluster, &alone(&payer), &programs)
            .unwrap_err()
            .chain()
            .any(|cause| { cause.to_string().contains("its upgrade authority is") })
    );
    let manifest = run(&cluster, &to, &programs).unwrap();
    assert!(plan::is(&code(&cluster, &programs[0].id).1, &old));
    let proposed = &manifest["programs"]["test"]["proposedUpgrade"]["instruction"];
    let address = |value: &Value| value.as_str().unwrap().parse::<Address>().unwrap();
    let accounts = proposed["accounts"].as_array().unwrap().iter().map(|account| AccountMeta {
        pubkey: address(&account["address"]),
        is_signer: account["signer"].as_bool().unwrap(),
        is_writable: account["writable"].as_bool().unwrap(),
    });
    let upgrade = Instruction {
        program_id: address(&proposed["program"]),
        accounts: accounts.collect(),
        data: STANDARD.decode(proposed["data"].as_str().unwrap()).unwrap(),
    };
    cluster.next_slot().unwrap();
    cluster.send(vec![upgrade], &multisig, &[]).unwrap();
    assert!(plan::is(&code(&cluster, &programs[0].id).1, &programs[0].elf));
    let manifest = run(&cluster, &to, &programs).unwrap();
    assert!(manifest["programs"]["test"]["proposedUpgrade"].is_null());
}

/// Passes what it hears on, and cuts a connection when it heard so many bytes; after `connections` it hears nothing more.
fn breaking(bytes: usize, connections: usize) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = format!("http://{}", listener.local_addr().unwrap());
    let target = url().strip_prefix("http://").unwrap().to_owned();
    let seen = Arc::new(AtomicUsize::new(0));
    let counter = seen.clone();
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            if counter.fetch_add(1, Ordering::SeqCst) >= connections {
                continue;
            }
            let Ok(node) = TcpStream::connect(&target) else { continue };
            let (mut from, mut to) = (client.try_clone().unwrap(), node.try_clone().unwrap());
            thread::spawn(move || {
                let (mut left, mut buffer) = (bytes, [0; 1_024]);
                while let Ok(read) = from.read(&mut buffer) {
                    let passed = read.min(left);
                    left -= passed;
                    if passed == 0 || to.write_all(&buffer[..passed]).is_err() {
                        break;
                    }
                }
                let _ = from.shutdown(std::net::Shutdown::Both);
                let _ = to.shutdown(std::net::Shutdown::Both);
            });
            let (mut from, mut to) = (node, client);
            thread::spawn(move || std::io::copy(&mut from, &mut to));
        }
    });
    (proxy, seen)
}

#[test]
#[ignore = "needs a cluster"]
fn a_connection_that_breaks_often_is_used_again() {
    let (payer, programs) = (rich(10 * SOL), [program(elf("spl_noop"))]);
    let (proxy, connections) = breaking(5_000, usize::MAX);
    let through = Cluster::open(&proxy, 0, Duration::from_secs(30)).unwrap();
    run(&through, &alone(&payer), &programs).unwrap();
    assert_eq!(code(&cluster(), &programs[0].id).1, programs[0].elf);
    assert!(connections.load(Ordering::SeqCst) > 10);
}

#[test]
#[ignore = "needs a cluster"]
fn what_stops_for_good_goes_on_where_it_stopped() {
    // Long enough to break in the middle: behind an ELF may be anything.
    let long = || [elf("spl_noop"), vec![1; 60_000]].concat();
    let (payer, programs, direct) = (rich(10 * SOL), [program(long())], cluster());
    // How much arrives before the last connection breaks depends on how often it is asked what became of it.
    for connections in 9..60 {
        let (proxy, _) = breaking(4_000, connections);
        let through = Cluster::open(&proxy, 0, Duration::from_secs(2)).unwrap();
        let stopped = run(&through, &alone(&payer), &programs).unwrap_err();
        assert!(stopped.to_string().contains("goes on where it stopped"), "{stopped:#}");
        thread::sleep(Duration::from_secs(2));
        let Buffer::Open { bytes, .. } = direct.buffer(&programs[0].buffer.pubkey()).unwrap() else { continue };
        assert!(bytes != programs[0].elf, "all of it arrived");
        if bytes.iter().any(|byte| *byte != 0) {
            break;
        }
    }
    // A part is written, and is not written again.
    let all = look(&direct, &alone(&payer), &[program(long())]).unwrap().transactions;
    let left = look(&direct, &alone(&payer), &programs).unwrap().transactions;
    assert!(left < all, "{left} of {all}");
    run(&direct, &alone(&payer), &programs).unwrap();
    assert_eq!(code(&direct, &programs[0].id).1, programs[0].elf);
}

#[test]
#[ignore = "needs a cluster"]
fn a_buffer_of_another_build_gives_its_rent_back() {
    let (payer, cluster) = (rich(10 * SOL), cluster());
    let mut programs = [program(elf("spl_noop"))];
    let (proxy, _) = breaking(4_000, 9);
    let through = Cluster::open(&proxy, 0, Duration::from_secs(2)).unwrap();
    run(&through, &alone(&payer), &programs).unwrap_err();
    thread::sleep(Duration::from_secs(2));
    programs[0].elf = elf("verifier");
    run(&cluster, &alone(&payer), &programs).unwrap();
    assert_eq!(code(&cluster, &programs[0].id).1, programs[0].elf);
    let rent = cluster.rent(45 + programs[0].elf.len()).unwrap() + cluster.rent(36).unwrap();
    assert!(10 * SOL - cluster.balance(&payer.pubkey()).unwrap() < rent + 1_000_000);
}

#[test]
#[ignore = "needs a cluster"]
fn lamports_that_a_stranger_sends_first_prevent_nothing() {
    let (payer, stranger, cluster) = (rich(10 * SOL), rich(10 * SOL), cluster());
    let programs = [program(elf("verifier"))];
    let gift = cluster.rent(0).unwrap();
    // More than the program's own account needs, and less than the buffer does.
    let first = transfer(&stranger.pubkey(), &programs[0].id, 10 * gift);
    let second = transfer(&stranger.pubkey(), &programs[0].buffer.pubkey(), gift);
    cluster.send(vec![first, second], &stranger, &[]).unwrap();
    run(&cluster, &alone(&payer), &programs).unwrap();
    assert_eq!(code(&cluster, &programs[0].id).1, programs[0].elf);
}

#[test]
#[ignore = "needs a cluster"]
fn a_strangers_program_and_a_closed_one_are_refused() {
    let (payer, stranger, cluster) = (rich(10 * SOL), rich(10 * SOL), cluster());
    let mut programs = [program(elf("verifier"))];
    run(&cluster, &alone(&payer), &programs).unwrap();
    programs[0].elf = elf("liar");
    let refused = format!("{:#}", run(&cluster, &alone(&stranger), &programs).unwrap_err());
    assert!(refused.contains(&payer.pubkey().to_string()), "{refused}");
    assert_eq!(cluster.balance(&stranger.pubkey()).unwrap(), 10 * SOL);

    let (id, signs) = (programs[0].id, payer.pubkey());
    let at = solana_loader_v3_interface::get_program_data_address(&id);
    cluster.next_slot().unwrap();
    cluster.send(vec![loader::close_any(&at, &signs, Some(&signs), Some(&id))], &payer, &[]).unwrap();
    let refused = format!("{:#}", run(&cluster, &alone(&payer), &programs).unwrap_err());
    assert!(refused.contains("was closed"), "{refused}");
}

#[test]
#[ignore = "needs a cluster"]
fn a_full_disk_is_found_before_anything_is_sent() {
    let (payer, cluster, programs) = (rich(10 * SOL), cluster(), [program(elf("verifier"))]);
    let (mut manifest, path) = manifest(&cluster);
    std::os::unix::fs::symlink("/dev/full", path.with_extension("unfinished")).unwrap();
    deploy(&cluster, &alone(&payer), &programs, &mut manifest).unwrap_err();
    assert_eq!(cluster.balance(&payer.pubkey()).unwrap(), 10 * SOL);
}

#[test]
#[ignore = "needs a cluster"]
fn what_the_loader_refuses_is_an_error_with_its_reason() {
    let (payer, cluster) = (rich(10 * SOL), cluster());
    let mut broken = elf("verifier");
    // An instruction that there is not.
    broken[64..].iter_mut().for_each(|byte| *byte = 0xff);
    let failed = format!("{:#}", run(&cluster, &alone(&payer), &[program(broken)]).unwrap_err());
    assert!(failed.contains("BPFLoaderUpgradeab1e11111111111111111111111") || failed.contains("Invalid"), "{failed}");
}
