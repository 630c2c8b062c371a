//! See `scripts/deploy --help`, which calls this.

use {
    anyhow::{Context, Result, bail, ensure},
    clap::{Parser, Subcommand},
    joule_deployer::{
        Deployment, PROGRAMS, Program, check_cluster,
        cluster::Cluster,
        deploy, is_built_for, keys,
        keys::Keys,
        look,
        manifest::Manifest,
        metadata::{self, Found, Publication, Signer as SignedBy, State},
        plan::Code,
    },
    joule_interface::Address,
    serde_json::Value,
    solana_keypair::Keypair,
    solana_signer::Signer,
    std::{
        fs,
        path::{Path, PathBuf},
        process::ExitCode,
        time::Duration,
    },
};

/// Puts Joule's programs on a cluster.
#[derive(Parser)]
struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Prints the programs' ids as variables for the build
    Ids {
        /// The folder of the programs' key pairs
        #[arg(long)]
        keys: PathBuf,
        /// Make the key pairs that are missing
        #[arg(long)]
        make: bool,
    },
    /// Prints the addresses of key pairs, which are made if they are not there
    Addresses {
        /// Their folder
        #[arg(long)]
        keys: PathBuf,
        /// Their names
        names: Vec<String>,
    },
    /// Says what is wrong with the arguments of a deployment, as far as that shows without its programs. Makes nothing
    Check(Box<Arguments>),
    /// Deploys or upgrades
    Deploy(Box<Deploying>),
    /// Builds the transactions that publish IDLs by the Program Metadata program; sends nothing
    Metadata(MetadataArguments),
}

#[derive(clap::Args)]
struct Deploying {
    #[command(flatten)]
    arguments: Arguments,
    #[arg(long)]
    elfs: PathBuf,
    #[arg(long, default_value = "unknown")]
    source: String,
}

#[derive(clap::Args)]
struct MetadataArguments {
    /// The cluster, which is only read
    #[arg(long)]
    url: String,
    /// The folder with the IDLs: `idl` beside the keys that a deployment made
    #[arg(long)]
    idls: PathBuf,
    /// Only this program: bme, stake, escrow or identity. May be repeated
    #[arg(long)]
    program: Vec<String>,
    /// Who pays and writes. The upgrade authority only opens and publishes
    #[arg(long)]
    publisher: Address,
    /// Address of a new key, for a buffer: needed to change what is published
    #[arg(long)]
    buffer: Option<Address>,
    /// Where the transactions are written, as JSON
    #[arg(long)]
    into: PathBuf,
}

#[derive(clap::Args)]
struct Arguments {
    #[arg(long)]
    url: String,
    #[arg(long)]
    keys: PathBuf,
    #[arg(long)]
    payer: PathBuf,
    #[arg(long)]
    authority: Option<PathBuf>,
    #[arg(long)]
    hand_to: Option<Address>,
    #[arg(long, default_value_t = 0)]
    room: usize,
    #[arg(long, default_value_t = 0)]
    priority_fee: u64,
    #[arg(long, default_value_t = 60)]
    patience: u64,
    #[arg(long)]
    program: Vec<String>,
    #[arg(long)]
    manifest: Option<PathBuf>,
    #[arg(long)]
    dry_run: bool,
}

fn main() -> ExitCode {
    let done = match Options::parse().command {
        Command::Ids { keys, make } => ids(&keys, make),
        Command::Addresses { keys, names } => addresses(&keys, &names),
        Command::Check(arguments) => check(&arguments),
        Command::Deploy(deploying) => run(*deploying),
        Command::Metadata(arguments) => publish(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("scripts/deploy: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn checkout() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn ids(folder: &Path, make: bool) -> Result<()> {
    let keys = if make { Keys::open(folder, checkout())? } else { Keys::look(folder) };
    if make {
        for name in PROGRAMS {
            keys.get_or_make(name)?;
        }
    }
    for (name, key) in PROGRAMS.iter().zip(keys.ids()?) {
        let key = key.with_context(|| format!("{} is missing", keys.path(name).display()))?;
        println!("JOULE_{}_ID={}", name.to_uppercase(), key.pubkey());
    }
    Ok(())
}

fn addresses(folder: &Path, names: &[String]) -> Result<()> {
    let keys = Keys::open(folder, checkout())?;
    for name in names {
        println!("{}", keys.get_or_make(name)?.pubkey());
    }
    Ok(())
}

impl Arguments {
    /// Who pays, and the upgrade authority now.
    fn signers(&self) -> Result<(Keypair, Keypair)> {
        for name in &self.program {
            ensure!(PROGRAMS.contains(&name.as_str()), "there is no program {name}: there are {}", PROGRAMS.join(", "));
        }
        let payer = keys::read(&self.payer).context("--payer")?;
        let authority = match &self.authority {
            Some(path) => keys::read(path).context("--authority")?,
            None => payer.insecure_clone(),
        };
        if let Some(to) = self.hand_to {
            ensure!(to != Address::default(), "{to} cannot be an upgrade authority");
        }
        Ok((payer, authority))
    }

    fn cluster(&self) -> Result<Cluster> {
        Cluster::open(&self.url, self.priority_fee, Duration::from_secs(self.patience))
    }

    fn manifest(&self, cluster: &Cluster, source: &str) -> Result<(Manifest, PathBuf)> {
        let path = self.manifest.clone().unwrap_or_else(|| self.keys.join("manifest.json"));
        Ok((Manifest::open(&path, &cluster.name, &cluster.genesis, &cluster.version, source)?, path))
    }
}

fn check(arguments: &Arguments) -> Result<()> {
    arguments.signers()?;
    arguments.manifest(&arguments.cluster()?, "unknown")?;
    Ok(())
}

fn run(deploying: Deploying) -> Result<()> {
    let Deploying { arguments, elfs, source } = deploying;
    let (payer, authority) = arguments.signers()?;
    let keys = if arguments.dry_run { Keys::look(&arguments.keys) } else { Keys::open(&arguments.keys, checkout())? };
    // Where the keys are not all there, the ELFs are built for others.
    let examples = arguments.dry_run && keys.ids()?.iter().any(Option::is_none);
    let mut programs = vec![];
    for name in PROGRAMS {
        if !arguments.program.is_empty() && !arguments.program.iter().any(|wanted| wanted == name) {
            continue;
        }
        let path = elfs.join(format!("joule_{name}.so"));
        let elf = fs::read(&path).with_context(|| format!("{} is not built", path.display()))?;
        let (key, buffer) = if arguments.dry_run {
            // Nothing is kept: an id that has no key yet is a new one.
            let buffer = keys.get(&format!("{name}-buffer"))?;
            (keys.get(name)?, buffer.unwrap_or_else(Keypair::new))
        } else {
            (Some(keys.get_or_make(name)?), keys.get_or_make(&format!("{name}-buffer"))?)
        };
        let key = key.unwrap_or_else(Keypair::new);
        let id = key.pubkey();
        ensure!(examples || is_built_for(&elf, &id), "{} was not built for the id {id}", path.display());
        programs.push(Program { name: name.into(), id, key: Some(key), buffer, elf });
    }
    if let Some(to) = arguments.hand_to {
        let is_a_program = programs.iter().any(|program| program.id == to || program.buffer.pubkey() == to);
        ensure!(!is_a_program, "{to} cannot be an upgrade authority");
    }

    let cluster = arguments.cluster()?;
    println!("{}, a cluster of version {}, first block {}", cluster.name, cluster.version, cluster.genesis);
    check_cluster(&cluster, &programs)?;
    let (mut manifest, path) = arguments.manifest(&cluster, &source)?;
    let (hand_to, room) = (arguments.hand_to, arguments.room);
    let deployment = Deployment { payer: &payer, authority: &authority, hand_to, room };
    if let Some(to) = hand_to
        && cluster.account(&to)?.is_none()
    {
        println!(
            "there is no account at {to}, which will have the upgrade authority: make sure that it is your multisig's"
        );
    }
    let cost = look(&cluster, &deployment, &programs)?;
    let has = cluster.balance(&payer.pubkey())?;
    println!(
        "{} transactions; {} SOL, of which the payer needs {} at hand; {} has {}",
        cost.transactions,
        sol(cost.spent),
        sol(cost.peak),
        payer.pubkey(),
        sol(has as i64)
    );
    let is_enough = has as i64 >= cost.peak;
    let missing = || format!("too little SOL: send {} more to {}", sol(cost.peak - has as i64), payer.pubkey());
    if arguments.dry_run {
        if !is_enough {
            println!("{}", missing());
        }
        println!("nothing was sent: this was a dry run");
        return Ok(());
    }
    ensure!(is_enough, missing());
    deploy(&cluster, &deployment, &programs, &mut manifest)?;
    let spent = has.saturating_sub(cluster.balance(&payer.pubkey())?);
    println!(
        "{} SOL spent. What is on the cluster is what was built; {} says what is where",
        sol(spent as i64),
        path.display()
    );
    Ok(())
}

/// Writes what is left to be sent until the IDLs are on chain.
fn publish(arguments: &MetadataArguments) -> Result<()> {
    let cluster = Cluster::open(&arguments.url, 0, Duration::from_secs(20))?;
    let mut all = vec![];
    for name in
        PROGRAMS.iter().filter(|name| arguments.program.is_empty() || arguments.program.iter().any(|it| it == *name))
    {
        let path = arguments.idls.join(format!("{name}.json"));
        let idl = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let parsed: Value = serde_json::from_str(&idl).with_context(|| path.display().to_string())?;
        let id = parsed["program"]["publicKey"].as_str().context("the IDL has no address of the program")?;
        let program: Address = id.parse().with_context(|| path.display().to_string())?;
        let Code::Deployed { authority: Some(authority), .. } = cluster.code(&program)? else {
            bail!("{name} is not deployed at {program}, or nobody can upgrade it any more");
        };
        let buffer = arguments.buffer.unwrap_or_default();
        let publication = Publication { program, authority, publisher: arguments.publisher, buffer };
        let find = |address: &Address| -> Result<Found> {
            let account = cluster.account(address)?.unwrap_or_default();
            Ok(Found { lamports: account.lamports, state: State::read(&account.owner, &account.data)? })
        };
        let at = find(&publication.address())?;
        let is_new = !matches!(at.state, State::Metadata { .. });
        ensure!(is_new || arguments.buffer.is_some(), "{name}'s IDL is published: pass --buffer to change it");
        let held = if is_new { Found { lamports: 0, state: State::Absent } } else { find(&buffer)? };
        // Each size is asked for once: there are few.
        let rent = |size: usize| cluster.rent(size).unwrap_or_default();
        let left = publication.plan(&metadata::content(&idl)?, &at, &held, rent)?;
        let signed = left.iter().filter(|it| it.signer == SignedBy::Authority).map(|it| it.what).collect::<Vec<_>>();
        println!(
            "{name}: {} transactions are left, of which the upgrade authority {authority} signs: {}",
            left.len(),
            if signed.is_empty() { "none".into() } else { signed.join(", ") }
        );
        all.extend(left.iter().map(|transaction| metadata::json(name, &publication, transaction)));
    }
    fs::write(&arguments.into, serde_json::to_string_pretty(&all)? + "\n")
        .with_context(|| arguments.into.display().to_string())?;
    println!("nothing was sent: {} has the transactions", arguments.into.display());
    Ok(())
}

/// Lamports as SOL.
fn sol(lamports: i64) -> String {
    let sign = if lamports < 0 { "-" } else { "" };
    let absolute = lamports.unsigned_abs();
    format!("{sign}{}.{:09}", absolute / 1_000_000_000, absolute % 1_000_000_000)
}
