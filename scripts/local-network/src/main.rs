//! A Solana network on this machine, offline and with mainnet's features: what `scripts/localnet` runs. It is Surfpool's
//! server around LiteSVM, with third-party programs in place and a price account that moves.

use {
    anyhow::{Context, Result, bail, ensure},
    base64::{Engine, engine::general_purpose::STANDARD},
    joule_bme_interface::price_update::{ACCOUNT_SIZE, DISCRIMINATOR, FULL, PriceUpdate},
    solana_clock::Clock,
    std::{collections::BTreeMap, fs, time::Duration},
    surfpool_core::{
        runloops::start_local_surfnet_runloop,
        solana_account::Account,
        surfnet::{
            locker::SurfnetSvmLocker,
            svm::{SurfnetSvm, SurfnetSvmConfig},
        },
    },
    surfpool_sdk::{BlockProductionMode, Pubkey, SimnetCommand, SimnetEvent, SvmFeatureConfig},
    surfpool_types::{AccountSnapshot, FifoMap, RpcConfig, SimnetConfig, SurfpoolConfig},
    tokio::{
        select,
        signal::unix::{SignalKind, signal},
    },
};

/// Pyth's receiver program, which owns price accounts.
const PYTH_RECEIVER: Pubkey = Pubkey::from_str_const("rec5EKMGg6MxZYaMdyBfgwp4d5rB9T1VQH5pJv5LtFJ");
const LOADER: Pubkey = Pubkey::from_str_const("BPFLoaderUpgradeab1e11111111111111111111111");
/// The feed of the price account.
const FEED: [u8; 32] = [0xfe; 32];
/// As on mainnet.
const SLOT_MILLISECONDS: u64 = 200;
/// Of a price that starts at 2.50 dollars, times 10^-8.
const PRICE: f64 = 250_000_000.0;

const HELP: &str = "usage: joule-local-network [--rpc-port N] [--ws-port N] [--state FILE] [--program ADDRESS=ELF]...
    [--fund ADDRESS=LAMPORTS]... [--price ADDRESS] [--founded UNIX-TIME]

scripts/localnet starts it.";

struct Options {
    rpc_port: u16,
    ws_port: u16,
    state: Option<String>,
    programs: Vec<(Pubkey, Vec<u8>)>,
    funds: Vec<(Pubkey, u64)>,
    price: Option<Pubkey>,
    founded: Option<i64>,
}

impl Options {
    fn parse(arguments: impl Iterator<Item = String>) -> Result<Self> {
        let (programs, funds, state, price, founded) = Default::default();
        let mut options = Self { rpc_port: 8899, ws_port: 8900, state, programs, funds, price, founded };
        let mut arguments = arguments;
        while let Some(argument) = arguments.next() {
            ensure!(argument.starts_with("--"), "{HELP}");
            let value = arguments.next().with_context(|| format!("{argument} needs a value\n\n{HELP}"))?;
            let pair = || value.split_once('=').with_context(|| format!("{argument} needs ADDRESS=VALUE"));
            match &*argument {
                "--rpc-port" => options.rpc_port = value.parse().context("--rpc-port")?,
                "--ws-port" => options.ws_port = value.parse().context("--ws-port")?,
                "--state" => options.state = Some(value),
                "--founded" => options.founded = Some(value.parse().context("--founded")?),
                "--price" => options.price = Some(value.parse().context("--price")?),
                "--program" => {
                    let (id, path) = pair()?;
                    let elf = fs::read(path).with_context(|| path.to_owned())?;
                    options.programs.push((id.parse().context("--program")?, elf));
                }
                "--fund" => {
                    let (to, lamports) = pair()?;
                    options.funds.push((to.parse().context("--fund")?, lamports.parse().context("--fund")?));
                }
                _ => bail!("unknown option {argument}\n\n{HELP}"),
            }
        }
        Ok(options)
    }
}

/// A program of the upgradeable loader that nobody can upgrade, as two accounts.
fn deployed(id: Pubkey, elf: &[u8], rent: impl Fn(usize) -> u64) -> [(Pubkey, Account); 2] {
    let (code_at, _) = Pubkey::find_program_address(&[id.as_ref()], &LOADER);
    // `UpgradeableLoaderState::ProgramData`: the slot, and no authority.
    let mut code = [&3u32.to_le_bytes()[..], &[0; 8], &[0], &[0; 32]].concat();
    code.extend(elf);
    // `UpgradeableLoaderState::Program`.
    let program = [&2u32.to_le_bytes()[..], code_at.as_ref()].concat();
    let account = |data: Vec<u8>, executable| {
        let lamports = rent(data.len());
        Account { lamports, data, owner: LOADER, executable, rent_epoch: u64::MAX }
    };
    [(code_at, account(code, false)), (id, account(program, true))]
}

/// What Pyth would write: a price that swings by two hundredths around 2.50 dollars, once in ten minutes.
fn price_update(now: i64, slot: u64) -> Vec<u8> {
    let swing = |share: f64| (PRICE * (1.0 + share * (now as f64 * std::f64::consts::TAU / 600.0).sin())) as i64;
    let update = PriceUpdate {
        discriminator: DISCRIMINATOR,
        write_authority: [0; 32],
        verification: FULL,
        feed_id: FEED,
        price: swing(0.02),
        conf: 500_000,
        exponent: -8,
        publish_time: now,
        prev_publish_time: now - 1,
        ema_price: swing(0.01),
        ema_conf: 500_000,
        posted_slot: slot,
    };
    let mut data = bytemuck::bytes_of(&update).to_vec();
    data.resize(ACCOUNT_SIZE, 0);
    data
}

#[tokio::main]
async fn main() -> Result<()> {
    if std::env::args().any(|argument| argument == "--help") {
        println!("{HELP}");
        return Ok(());
    }
    let options = Options::parse(std::env::args().skip(1))?;
    let svm_config = SurfnetSvmConfig {
        feature_config: SvmFeatureConfig::default(),
        slot_time: SLOT_MILLISECONDS,
        // Another execution of each instruction, kept for a page that nobody opens here.
        instruction_profiling_enabled: false,
        ..SurfnetSvmConfig::default()
    };
    let (mut svm, events, geyser_events) = SurfnetSvm::new_with_db(options.state.as_deref(), svm_config)
        .map_err(|error| anyhow::anyhow!("{error}"))
        .context("the state cannot be opened: is another network running on it?")?;
    // What each transaction read and wrote, for a page that nobody opens here: not in the state, where a deployment of the four
    // programs alone would make it gigabytes.
    svm.executed_transaction_profiles = Box::new(FifoMap::new(1));
    // The hash of the first block says which network it is: the same after a restart.
    if let Some(founded) = options.founded {
        svm.genesis_config.creation_time = founded;
    }
    let rent = |size: usize| svm.inner.minimum_balance_for_rent_exemption(size);
    let accounts = options.programs.iter().flat_map(|(id, elf)| deployed(*id, elf, rent));
    let snapshot: BTreeMap<String, Option<AccountSnapshot>> = accounts
        .map(|(address, account)| {
            let snapshot = AccountSnapshot {
                lamports: account.lamports,
                owner: account.owner.to_string(),
                executable: account.executable,
                rent_epoch: account.rent_epoch,
                data: STANDARD.encode(&account.data),
                parsed_data: None,
            };
            (address.to_string(), Some(snapshot))
        })
        .collect();
    let config = SurfpoolConfig {
        simnets: vec![SimnetConfig {
            offline_mode: true,
            remote_rpc_url: None,
            slot_time: SLOT_MILLISECONDS,
            block_production_mode: BlockProductionMode::Clock,
            instruction_profiling_enabled: false,
            snapshot,
            ..SimnetConfig::default()
        }],
        rpc: RpcConfig {
            bind_host: "127.0.0.1".into(),
            bind_port: options.rpc_port,
            ws_port: options.ws_port,
            ..RpcConfig::default()
        },
        ..SurfpoolConfig::default()
    };
    let locker = SurfnetSvmLocker::new(svm);
    let (commands, received) = crossbeam_channel::unbounded();
    let (of_network, sends) = (locker.clone(), commands.clone());
    let network = std::thread::Builder::new().name("network".into()).spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("threads");
        let run = start_local_surfnet_runloop(of_network, config, sends, received, geyser_events);
        runtime.block_on(run).map_err(|error| error.to_string())
    })?;

    // What it says must be taken, or it waits.
    let (ready, is_ready) = tokio::sync::oneshot::channel();
    let listener = std::thread::spawn(move || {
        let mut ready = Some(ready);
        for event in events {
            let started = match event {
                SimnetEvent::CoreStarted(_) => Ok(()),
                SimnetEvent::Aborted(why) => Err(why),
                SimnetEvent::Shutdown => Err("it stopped".into()),
                SimnetEvent::ErrorLog(_, text) => {
                    eprintln!("{text}");
                    continue;
                }
                _ => continue,
            };
            if let Some(ready) = ready.take() {
                let _ = ready.send(started);
            }
        }
    });
    let (mut interrupted, mut terminated) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    match is_ready.await {
        Ok(Ok(())) => {}
        Ok(Err(why)) => bail!("the network did not start: {why}"),
        Err(_) => bail!("the network did not start"),
    }
    for (to, lamports) in options.funds {
        locker
            .with_svm_writer(move |svm| {
                let has = svm.inner.get_account(&to).ok().flatten().unwrap_or_default();
                svm.set_account(&to, Account { lamports: lamports.max(has.lamports), ..has })
                    .map_err(|error| error.to_string())
            })
            .map_err(anyhow::Error::msg)?;
    }
    println!("ready: http://127.0.0.1:{} ws://127.0.0.1:{}", options.rpc_port, options.ws_port);

    let mut tick = tokio::time::interval(Duration::from_secs(1));
    loop {
        select! {
            _ = tick.tick() => {
                if let Some(address) = options.price {
                    locker.with_svm_writer(move |svm| {
                        let clock: Clock = svm.inner.get_sysvar();
                        let data = price_update(clock.unix_timestamp, clock.slot);
                        let account = Account { lamports: 1 << 30, data, owner: PYTH_RECEIVER, ..Account::default() };
                        svm.set_account(&address, account).map_err(|error| error.to_string())
                    })
                    .map_err(anyhow::Error::msg)?;
                }
                ensure!(!network.is_finished(), "the network stopped: {:?}", network.join());
            }
            _ = interrupted.recv() => break,
            _ = terminated.recv() => break,
        }
    }
    let _ = commands.send(SimnetCommand::Terminate(None));
    let stopped = network.join().map_err(|_| anyhow::anyhow!("the network panicked"))?;
    drop(listener);
    println!("stopped");
    stopped.map_err(anyhow::Error::msg)
}
