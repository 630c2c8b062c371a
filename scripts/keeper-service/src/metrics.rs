//! What a keeper tells of itself, in the text format of Prometheus.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{self, Read, Write as _},
    net::{SocketAddr, TcpListener},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

/// Every metric: name, type, meaning. The runbook names them.
pub const METRICS: [(&str, &str, &str); 18] = [
    ("joule_keeper_balance_lamports", "gauge", "lamports that the keeper has"),
    ("joule_keeper_budget_left_lamports", "gauge", "lamports that it may still spend today"),
    ("joule_keeper_due", "gauge", "things that are due, by instruction"),
    ("joule_keeper_epoch_late_seconds", "gauge", "since when a network's epoch should be closed"),
    ("joule_keeper_failures_total", "counter", "simulations and transactions that failed, by instruction"),
    ("joule_keeper_halt_clock_age_seconds", "gauge", "since when the halt clock was not ticked"),
    ("joule_keeper_last_pass_timestamp_seconds", "gauge", "when the last pass ended, by the chain's clock"),
    ("joule_keeper_oldest_due_seconds", "gauge", "for how long the oldest has been due, by instruction"),
    ("joule_keeper_passes_total", "counter", "passes over all accounts"),
    ("joule_keeper_paused", "gauge", "1 while a network is paused"),
    ("joule_keeper_price_age_seconds", "gauge", "age of the price that a network's average followed last"),
    ("joule_keeper_rpc_faults_total", "counter", "questions that were not answered, by kind"),
    ("joule_keeper_scan_incomplete", "gauge", "kinds of accounts that the last pass could not read"),
    ("joule_keeper_sent_total", "counter", "instructions that were confirmed, by instruction"),
    ("joule_keeper_slashes_pending", "gauge", "slashes that are proposed"),
    ("joule_keeper_spent_lamports_total", "counter", "lamports spent"),
    ("joule_keeper_transactions_total", "counter", "transactions by what became of them"),
    ("joule_keeper_waiting", "gauge", "things that are due and failed, and are tried again later, by instruction"),
];

/// Values by metric and label.
#[derive(Clone, Debug, Default)]
pub struct Metrics {
    values: BTreeMap<(&'static str, String), f64>,
}

impl Metrics {
    /// Sets a gauge. `label` is a name and a value, or nothing.
    pub fn set(&mut self, metric: &'static str, label: Option<(&str, &str)>, value: f64) {
        self.values.insert((known(metric), text_of(label)), value);
    }

    /// Adds to a counter.
    pub fn add(&mut self, metric: &'static str, label: Option<(&str, &str)>, value: f64) {
        *self.values.entry((known(metric), text_of(label))).or_default() += value;
    }

    /// Forgets a gauge, of all labels.
    pub fn clear(&mut self, metric: &'static str) {
        self.values.retain(|(name, _), _| *name != metric);
    }

    /// A value.
    pub fn get(&self, metric: &'static str, label: Option<(&str, &str)>) -> Option<f64> {
        self.values.get(&(known(metric), text_of(label))).copied()
    }

    /// The text that Prometheus reads.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (name, kind, meaning) in METRICS {
            let _ = writeln!(text, "# HELP {name} {meaning}\n# TYPE {name} {kind}");
            for ((_, label), value) in self.values.range((name, String::new())..).take_while(|((of, _), _)| *of == name)
            {
                let _ = writeln!(text, "{name}{label} {value}");
            }
        }
        text
    }
}

fn known(metric: &'static str) -> &'static str {
    debug_assert!(METRICS.iter().any(|(name, ..)| *name == metric), "{metric}");
    metric
}

fn text_of(label: Option<(&str, &str)>) -> String {
    label.map_or_else(String::new, |(name, value)| format!("{{{name}=\"{value}\"}}"))
}

/// Serves the metrics over HTTP, at any path, from a thread of its own.
pub fn serve(address: SocketAddr, metrics: Arc<Mutex<Metrics>>) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind(address)?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for stream in listener.incoming() {
            // Whoever breaks off the connection is no reason to stop.
            let answer = || -> io::Result<()> {
                let mut stream = stream?;
                stream.set_read_timeout(Some(Duration::from_secs(2)))?;
                stream.set_write_timeout(Some(Duration::from_secs(2)))?;
                let _ = stream.read(&mut [0; 1_024])?;
                let text = metrics.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).text();
                let head = "HTTP/1.1 200 OK\r\ncontent-type: text/plain; version=0.0.4\r\nconnection: close";
                write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{text}", text.len())
            };
            let _ = answer();
        }
    });
    Ok(address)
}
