//! What is asked over HTTP, and how answers are read.

use {
    base64::{Engine, prelude::BASE64_STANDARD},
    joule_interface::Address,
    joule_keeper::{
        chain::{Chain, Fault},
        metrics::{self, Metrics},
        rpc::Rpc,
        scan::SCANS,
    },
    serde_json::{Value, json},
    solana_transaction::{Message, Transaction},
    std::{
        io::{BufRead, BufReader, Read, Write},
        net::{TcpListener, TcpStream},
        sync::{
            Arc, Mutex,
            mpsc::{Receiver, channel},
        },
        thread,
    },
};

/// A server that gives these answers, one after the other, and tells what it was asked.
fn server(answers: Vec<(u16, Value)>) -> (Rpc, Receiver<Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let (tell, asked) = channel();
    thread::spawn(move || {
        let mut answers = answers.into_iter();
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut reader = BufReader::new(stream.try_clone().expect("two ends"));
            let Some(body) = body(&mut reader) else { continue };
            let Some((status, mut answer)) = answers.next() else { return };
            answer["jsonrpc"] = json!("2.0");
            answer["id"] = body["id"].clone();
            let _ = tell.send(body);
            let text = answer.to_string();
            let head = format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nconnection: close");
            let _ = write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{text}", text.len());
        }
    });
    (Rpc::new(&url), asked)
}

fn body(reader: &mut BufReader<TcpStream>) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim().to_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line.is_empty() {
            break;
        }
    }
    let mut bytes = vec![0; length];
    reader.read_exact(&mut bytes).ok()?;
    serde_json::from_slice(&bytes).ok()
}

fn ok(result: Value) -> (u16, Value) {
    (200, json!({ "result": result }))
}

fn account(data: &[u8]) -> Value {
    let owner = Address::new_from_array([3; 32]).to_string();
    json!({
        "lamports": 5, "data": [BASE64_STANDARD.encode(data), "base64"], "owner": owner, "executable": false,
        "rentEpoch": u64::MAX, "space": data.len(),
    })
}

#[test]
fn accounts_are_asked_for_by_kind_size_and_network() {
    let scan = SCANS.iter().find(|scan| scan.name.1 == "Job").expect("jobs are looked for");
    let (address, network) = (Address::new_from_array([4; 32]), Address::new_from_array([5; 32]));
    let found = json!([{ "pubkey": address.to_string(), "account": account(&[1, 2, 3]) }]);
    let (mut rpc, asked) = server(vec![ok(found)]);
    let accounts = rpc.scan(scan, Some(&network)).expect("an answer");
    assert_eq!((accounts[0].0, accounts[0].1.lamports, &*accounts[0].1.data), (address, 5, &[1, 2, 3][..]));
    let asked = asked.recv().expect("a question");
    assert_eq!(
        (&asked["method"], &asked["params"][0]),
        (&json!("getProgramAccounts"), &json!(scan.program.to_string()))
    );
    let config = &asked["params"][1];
    let compare = |offset: usize, bytes: &[u8]| json!({ "memcmp": { "offset": offset, "bytes": BASE64_STANDARD.encode(bytes), "encoding": "base64" } });
    let filters = json!([compare(0, &[2]), { "dataSize": size_of::<joule_escrow_interface::state::Job>() }, compare(40, network.as_ref())]);
    assert_eq!(config["filters"], filters);
    let (offset, length) = scan.slice.expect("in parts");
    assert_eq!(config["dataSlice"], json!({ "offset": offset, "length": length }));
}

#[test]
fn what_is_missing_is_told_from_what_was_not_answered() {
    let context = |value: Value| ok(json!({ "context": { "slot": 1 }, "value": value }));
    let addresses = [Address::new_from_array([4; 32]), Address::new_from_array([5; 32])];
    let (mut rpc, _) = server(vec![
        context(json!([null, account(&[9])])),
        context(json!([null, { "lamports": "many" }])),
        (200, json!({ "error": { "code": -32_005, "message": "Node is behind", "data": { "numSlotsBehind": 9 } } })),
        (200, json!({ "error": { "code": -32_602, "message": "invalid parameters" } })),
        (503, json!({})),
    ]);
    let found = rpc.accounts(&addresses).expect("an answer");
    assert!(found[0].is_none());
    assert_eq!(found[1].as_ref().map(|it| it.data.clone()), Some(vec![9]));
    assert!(matches!(rpc.accounts(&addresses), Err(Fault::Lost(_))));
    assert!(matches!(rpc.accounts(&addresses), Err(Fault::Lost(_))));
    assert!(matches!(rpc.accounts(&addresses), Err(Fault::Refused(_))));
    assert!(matches!(rpc.accounts(&addresses), Err(Fault::Lost(_))));
}

#[test]
fn what_is_secret_in_a_url_is_not_logged() {
    // A port that was free a moment ago; and a server that breaks off, or says no.
    let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
    let rude = TcpListener::bind("127.0.0.1:0").expect("a port");
    let rude_port = rude.local_addr().expect("an address").port();
    thread::spawn(move || rude.incoming().for_each(drop));
    let refusing = TcpListener::bind("127.0.0.1:0").expect("a port");
    let refusing_port = refusing.local_addr().expect("an address").port();
    thread::spawn(move || {
        for stream in refusing.incoming() {
            let mut stream = stream.expect("a connection");
            let _ = body(&mut BufReader::new(stream.try_clone().expect("two ends")));
            let _ = write!(stream, "HTTP/1.1 403 X\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
        }
    });
    let cases =
        [(port, "no connection"), (rude_port, "the connection broke off"), (refusing_port, "status 403 Forbidden")];
    for (port, expected) in cases {
        let url = format!("http://me:password@127.0.0.1:{port}/v2/secret?api-key=hidden");
        let fault = Rpc::new(&url).height().expect_err("nobody answers");
        assert_eq!(fault, Fault::Lost(expected.into()));
    }
}

#[test]
fn a_simulation_says_what_failed_and_what_is_left() {
    let payer = Address::new_from_array([4; 32]);
    let transaction = Transaction::new_unsigned(Message::new(&[], Some(&payer)));
    let value = |err: Value| {
        let value = json!({ "err": err, "unitsConsumed": 777, "accounts": [account(&[])], "logs": [] });
        ok(json!({ "context": { "slot": 1 }, "value": value }))
    };
    let balances = json!({ "err": null, "unitsConsumed": 777, "preBalances": [90, 1], "postBalances": [60, 1] });
    let (mut rpc, _) = server(vec![
        ok(json!({ "context": { "slot": 1 }, "value": balances })),
        value(Value::Null),
        value(json!({ "InstructionError": [3, { "Custom": 1_009 }] })),
        value(json!("AccountNotFound")),
    ]);
    let simulation = rpc.simulate(&transaction).expect("an answer");
    assert_eq!((simulation.failure, simulation.spent, simulation.balance), (None, Some(30), None));
    let simulation = rpc.simulate(&transaction).expect("an answer");
    assert_eq!((simulation.failure, simulation.units, simulation.balance), (None, 777, Some(5)));
    assert_eq!(simulation.spent, None);
    let failure = rpc.simulate(&transaction).expect("an answer").failure.expect("it fails");
    assert_eq!(failure.0, Some(3));
    assert!(failure.1.contains("1009"), "{}", failure.1);
    assert_eq!(rpc.simulate(&transaction).expect("an answer").failure.expect("it fails").0, None);
}

#[test]
fn only_what_is_confirmed_has_become_something() {
    let status = |confirmation: &str, err: Value| json!({ "slot": 1, "confirmations": 1, "err": err, "status": {}, "confirmationStatus": confirmation });
    let all = json!([
        status("processed", Value::Null),
        status("confirmed", Value::Null),
        status("finalized", json!({ "InstructionError": [2, { "Custom": 1 }] })),
        null,
    ]);
    let (mut rpc, _) = server(vec![ok(json!({ "context": { "slot": 1 }, "value": all }))]);
    let found = rpc.statuses(&[Default::default(); 4]).expect("an answer");
    assert_eq!((&found[0], &found[1], &found[3]), (&None, &Some(Ok(())), &None));
    assert!(matches!(&found[2], Some(Err(why)) if why.contains("Custom")));
}

#[test]
fn metrics_are_served() {
    let metrics = Arc::new(Mutex::new(Metrics::default()));
    metrics.lock().unwrap().add("joule_keeper_sent_total", Some(("instruction", "escrow.CloseJob")), 2.0);
    metrics.lock().unwrap().set("joule_keeper_balance_lamports", None, 7.0);
    let address = metrics::serve("127.0.0.1:0".parse().unwrap(), metrics.clone()).expect("a port");
    let mut text = String::new();
    let mut stream = TcpStream::connect(address).expect("a server");
    stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    stream.read_to_string(&mut text).unwrap();
    assert!(text.starts_with("HTTP/1.1 200 OK\r\n"), "{text}");
    assert!(text.contains("\njoule_keeper_sent_total{instruction=\"escrow.CloseJob\"} 2\n"), "{text}");
    assert!(text.contains("# TYPE joule_keeper_balance_lamports gauge\njoule_keeper_balance_lamports 7\n"), "{text}");
}
